"""Trials counted: periods at risk and endings by pattern, treatment and age; models with and without each group.

Rows that are alike are one row with a weight, so that what follows costs the same for a million periods as
for a thousand, as long as their patterns are few.

Legend: m starts; c cells; P patterns (group of accounts and covariates at the start); B spans of age; G groups;
X (c, k) design = intercept, spans 1..B-1, exposed, exposed and late, covariates; b (1+G, k) coefficients, row 0 from
all groups and row g+1 without group g.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from goodwill.estimators.logistic import LogisticFit, fit_logistic
from goodwill.estimators.trial_starts import Starts, log_staying, staying
from goodwill.estimators.trial_targets import Target, alike, targets
from goodwill.samples import Floats, Ints, Panel

#: Spans of age with their own baseline, as far as each can hold SPAN_ENDS endings of units.
SPANS, SPAN_ENDS = 8, 10


@dataclass(frozen=True)
class Cells:
    """Weighted periods at risk and endings; ``worth`` is what the wins were worth.

    ``X`` (c, k) the design, ``group`` (c,) the group of accounts, ``spans`` the first age of each span,
    ``target`` for whom risks are stated.
    """

    X: Floats
    at_risk: Floats
    won: Floats
    lost: Floats
    worth: Floats
    group: Ints
    spans: Ints
    target: Target
    late_from: int

    def joined(self) -> Cells:
        """The same cells as one group, for whoever needs no errors."""
        return replace(self, group=np.zeros(len(self.group), dtype=np.int64))


@dataclass(frozen=True)
class _Patterns:
    """Which pattern each start has, and each pattern's covariates and group."""

    of: Ints
    values: Floats
    group: Ints


def count(panel: Panel, found: Starts, group: Ints, *, late_from: int) -> Cells:
    """Count trials into cells.

    Parameters
    ----------
    group : (n,) int
        Group of accounts of each row of the panel, for the jackknife.
    late_from : int
        Period of follow-up from which an exposure may act differently.
    """
    values = scaled_among(panel.covariates.values, found.row)
    patterns = _patterns(values[found.row], group[found.row])
    spans = span_starts(panel)
    columns = _counted(panel, found, patterns, spans, late_from)
    key, at_risk, won, lost, worth = columns
    of, rest = np.divmod(key, len(spans) * 3)
    span, arm = np.divmod(rest, 3)
    X = np.column_stack(
        [np.ones(len(key)), span[:, None] == np.arange(1, len(spans)), arm > 0, arm > 1, patterns.values[of]]
    ).astype(float)
    stated_for = targets(
        values[found.row], panel.period[found.row], group[found.row],
        last_span=int(spans[-1]), among=np.ones(len(found), dtype=bool),
    )  # fmt: skip
    return Cells(X, at_risk, won, lost, worth, patterns.group[of], spans, stated_for, late_from)


def scaled_among(values: Floats, row: Ints) -> Floats:
    """Covariates centred and scaled by what they are at the starts."""
    if not values.shape[1]:
        return values
    some = values[row]
    spread = some.std(axis=0)
    return np.asarray((values - some.mean(axis=0)) / np.where(spread > 1e-9, spread, np.inf), dtype=np.float64)


def span_starts(panel: Panel) -> Ints:
    """First ages of the spans: equal shares of the endings."""
    ends = panel.period[panel.event > 0]
    spans = min(SPANS, len(ends) // SPAN_ENDS)
    cuts = np.quantile(ends, np.arange(1, spans) / spans, method="lower") + 1 if spans > 1 else np.zeros(0)
    return np.unique(np.concatenate([[0], cuts])).astype(np.int64)


def without_each(X: Floats, ended: Floats, at_risk: Floats, group: Ints) -> Floats:
    """Coefficients of a logistic model of all cells, and without each group: (1+G, k).

    The models without a group are one Newton step from the full one, with that group's own gradient and
    information taken out: exact but for terms that vanish with the square of a group's share (Pregibon 1981).
    """
    full = fit_logistic(X, ended, at_risk)
    if not group.any():  # one group: nothing is left without it
        return full.coefficients[None]
    p = full.probability(X)
    return _stepped(X, full, (ended - at_risk * p, at_risk * p * (1 - p)), group)


def _stepped(X: Floats, full: LogisticFit, of_rows: tuple[Floats, Floats], group: Ints) -> Floats:
    residual, weight = of_rows
    information = np.linalg.inv(full.covariance)
    order = np.argsort(group, kind="stable")
    found = [full.coefficients]
    for here in np.split(order, np.searchsorted(group[order], np.arange(1, int(group.max()) + 1))):
        x = X[here]
        less = information - x.T @ (x * weight[here, None])
        found.append(full.coefficients - np.linalg.solve(less, x.T @ residual[here]))
    return np.array(found)


def _patterns(values: Floats, group: Ints) -> _Patterns:
    first, kind = alike(values, group)
    return _Patterns(kind, values[first], group[first])


def _counted(
    panel: Panel, found: Starts, patterns: _Patterns, spans: Ints, late_from: int
) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """Cells with anything in them: their key (pattern, span, arm) and weighted sums.

    A start passes through few cells, one after another: periods at risk are added up start by start, in ``slots``
    for each span since its first and, in it, before and after ``late_from``.
    """
    order = np.argsort(-found.followed, kind="stable")  # so that those still followed stand first
    found, pattern = found.take(order), patterns.of[order]
    followed, age = found.followed, panel.period[found.row] + 1
    span_of = np.searchsorted(spans, np.arange(int(age.max() + followed[0]) + 1), side="right") - 1
    first = span_of[age]
    slots = 2 * int((span_of[age + followed - 1] - first).max() + 1)
    at_risk, weight = _slotted(found, age, span_of, slots, late_from)
    used = np.flatnonzero(at_risk)
    start, slot = np.divmod(used, slots)
    spanned, late = np.divmod(slot, 2)
    key = ((pattern * len(spans) + first)[start] + spanned) * 3 + found.treated[start] + late
    cells, place = np.unique(key, return_inverse=True)
    over, event = np.flatnonzero(found.event), found.event[found.event > 0]
    last = followed[over] - 1
    key = (pattern[over] * len(spans) + span_of[age[over] + last]) * 3
    at = np.searchsorted(cells, key + found.treated[over] * (1 + (last >= late_from)))
    parts = (event == 1, event == 2, (event == 1) * panel.value[found.stop[over]])
    ends = [np.bincount(at, weights=weight[over] * part, minlength=len(cells)) for part in parts]
    risks = np.bincount(place, weights=at_risk[used], minlength=len(cells))
    return cells, *(sums.astype(np.float64) for sums in (risks, *ends))


def _slotted(found: Starts, age: Ints, span_of: Ints, slots: int, late_from: int) -> tuple[Floats, Floats]:
    """Weighted periods at risk by start and slot, flat; and the weight of each start in its last period."""
    place, log_stay = np.arange(len(found)) * slots - 2 * span_of[age], log_staying(found)
    at_risk, weight = np.zeros(len(found) * slots), np.ones(len(found))
    for k in range(int(found.followed[0])):
        still = slice(0, int(np.searchsorted(-found.followed, -k)))
        weight[still] = found.weight[still] * staying(found, k, still, log_stay)
        late = found.treated[still] * (k >= late_from)
        at_risk[place[still] + 2 * span_of[age[still] + k] + late] += weight[still]
    return at_risk, weight
