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
from goodwill.estimators.resample import generator
from goodwill.estimators.trial_starts import Starts, log_staying, staying
from goodwill.samples import Floats, Ints, Panel

#: Spans of age with their own baseline, as far as each can hold SPAN_ENDS endings of units.
SPANS, SPAN_ENDS = 8, 10


@dataclass(frozen=True)
class Cells:
    """Weighted periods at risk and endings; ``worth`` is what the wins were worth.

    ``X`` (c, k) the design, ``group`` (c,) the group of accounts, ``spans`` the first age of each span,
    ``target`` the patterns from which risks are standardised.
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
class Target:
    """For whom risks are stated: covariates (scaled), age at the start, group, and how many starts are alike."""

    values: Floats
    age: Ints
    group: Ints
    count: Floats


@dataclass(frozen=True)
class _Patterns:
    """Which pattern each start has, and each pattern's covariates and group."""

    of: Ints
    values: Floats
    group: Ints


def count(panel: Panel, found: Starts, group: Ints, *, late_from: int, target: Ints | None = None) -> Cells:
    """Count trials into cells.

    Parameters
    ----------
    group : (n,) int
        Group of accounts of each row of the panel, for the jackknife.
    late_from : int
        Period of follow-up from which an exposure may act differently.
    target : (m,) int, optional
        1 for the starts for whom risks are to be stated; all by default.
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
    wanted = np.ones(len(found)) if target is None else (target == 1).astype(float)
    return Cells(
        X, at_risk, won, lost, worth, patterns.group[of], spans,
        _target(patterns, panel.period[found.row], wanted), late_from,
    )  # fmt: skip


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


def alike(values: Floats, *labels: Ints) -> tuple[Ints, Ints]:
    """Which rows are the same in all columns: the first row of each kind, and the kind of each row."""
    draw = generator(0, "patterns")
    key = np.zeros(len(labels[0]))
    for column in (*labels, *values.T):
        key = key + draw.normal() * column  # column by column: equal rows get the same bits, wherever they stand
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    return first, kind.reshape(-1)


def without_each(X: Floats, ended: Floats, at_risk: Floats, group: Ints) -> Floats:
    """Coefficients of a logistic model of all cells, and without each group: (1+G, k).

    The models without a group are one Newton step from the full one, with that group's own gradient and
    information taken out: exact but for terms that vanish with the square of a group's share (Pregibon 1981).
    """
    full = fit_logistic(X, ended, at_risk)
    p = full.probability(X)
    return _stepped(X, full, (ended - at_risk * p, at_risk * p * (1 - p)), group)


def _stepped(X: Floats, full: LogisticFit, of_rows: tuple[Floats, Floats], group: Ints) -> Floats:
    residual, weight = of_rows
    information = np.linalg.inv(full.covariance)
    found = [full.coefficients]
    for g in range(int(group.max()) + 1):
        here = group == g
        score = X[here].T @ residual[here]
        less = information - X[here].T @ (X[here] * weight[here, None])
        found.append(full.coefficients - np.linalg.solve(less, score))
    return np.array(found)


def _patterns(values: Floats, group: Ints) -> _Patterns:
    first, kind = alike(values, group)
    return _Patterns(kind, values[first], group[first])


def _target(patterns: _Patterns, age: Ints, wanted: Floats) -> Target:
    first, kind = alike(np.zeros((len(age), 0)), patterns.of, age)
    counted = np.bincount(kind, weights=wanted, minlength=len(first)).astype(np.float64)
    kept = counted > 0
    of = patterns.of[first][kept]
    return Target(patterns.values[of], age[first][kept], patterns.group[of], counted[kept])


def _counted(
    panel: Panel, found: Starts, patterns: _Patterns, spans: Ints, late_from: int
) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """Cells with anything in them: their key (pattern, span, arm) and weighted sums."""
    log_stay = log_staying(found)
    size = (int(patterns.of.max()) + 1) * len(spans) * 3
    sums = np.zeros((4, size))
    for k in range(int(found.followed.max())):
        still = found.followed > k
        row = found.row[still] + 1 + k
        weight = found.weight[still] * staying(found, k, still, log_stay)
        span = np.searchsorted(spans, panel.period[row], side="right") - 1
        arm = found.treated[still] * (1 + (k >= late_from))
        key = (patterns.of[still] * len(spans) + span) * 3 + arm
        event = np.where(found.stop[still] == row, found.event[still], 0)
        for n, part in enumerate((1.0, event == 1, event == 2, (event == 1) * panel.value[row])):
            sums[n] += np.bincount(key, weights=weight * part, minlength=size)
    kept = np.flatnonzero(sums[0] > 0)
    return (kept, *(sums[n, kept] for n in range(4)))
