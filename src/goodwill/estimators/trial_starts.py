"""Where trials may start in a panel, who is treated, how long each is followed, and what keeps the comparison fair.

A trial starts in every period in which a unit may enter it. Treated is who was exposed in that period; follow-up
begins with the next one, for which everybody must have lasted: nobody is counted as exposed before the exposure,
and nobody gains from having lived to see it. Per protocol, the untreated are followed until they are exposed
themselves; whoever resembles those who left counts for more (inverse-probability weights).
(Hernan et al. 2008, Epidemiology 19; Danaei et al. 2013, Stat Methods Med Res 22.)

Legend: n rows of the panel; m starts; e chance of being exposed in a period among those who may start;
k periods of follow-up, from 0; H horizon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.estimators.logistic import fit_logistic, scaled
from goodwill.samples import Floats, Ints, Panel

#: No start counts for more than this many of its kind: one unit must not carry an answer.
HEAVIEST = 10.0
#: Ages (log periods) enter the chance of exposure with a bend, since most exposures come early.
RIDGE = 0.1


@dataclass(frozen=True)
class Starts:
    """One row per start of a trial.

    Attributes
    ----------
    row : (m,) int
        The row of the panel in which the trial starts.
    treated : (m,) int
    stop : (m,) int
        Last row of follow-up, at most the horizon's.
    event : (m,) int
        What happened in that row: 0 for nothing (still open, exposed after all, or end of the horizon), 1, 2.
    chance : (n,) float
        Chance of being exposed in each row of the panel, given what was known before it.
    weight : (m,) float
        Stabilised inverse chance of the treatment that was had, mean about 1; ones where not asked for.
    is_per_protocol : bool
        Are the untreated followed only until they are exposed?
    """

    row: Ints
    treated: Ints
    stop: Ints
    event: Ints
    chance: Floats
    weight: Floats
    is_per_protocol: bool

    def __len__(self) -> int:
        return len(self.row)

    @property
    def followed(self) -> Ints:
        """Periods of follow-up, at least 1."""
        return self.stop - self.row

    def take(self, chosen: NDArray[Any]) -> Starts:
        """Some of the starts."""
        some = {name: getattr(self, name)[chosen] for name in ("row", "treated", "stop", "event", "weight")}
        return replace(self, **some)


def starts(panel: Panel, *, horizon: int, is_per_protocol: bool = True, is_weighted: bool = True) -> Starts:
    """Every start of a trial that the panel allows.

    Parameters
    ----------
    horizon : int
        Periods followed at most.
    is_per_protocol : bool
        Follow the untreated until they are exposed; else whatever happens later (intention to treat).
    is_weighted : bool
        Weight by the inverse chance of the treatment that was had, besides adjusting for covariates.
    """
    n = len(panel)
    at = np.arange(n)
    last = np.searchsorted(panel.unit, panel.unit, side="right") - 1
    row = at[panel.eligible & (at < last)]
    stop = np.minimum(last[row], row + horizon)
    treated = panel.exposed[row].astype(np.int64)
    if is_per_protocol:
        stop = np.where(treated == 1, stop, np.minimum(stop, _next_exposed(panel)[row + 1]))
    event = panel.event[stop]
    chance = _chance(panel, row)
    weight = _treatment_weights(chance[row], treated) if is_weighted else np.ones(len(row))
    return Starts(row, treated, stop, event, chance, weight, is_per_protocol)


def staying(found: Starts, k: int, still: slice, log_stay: Floats) -> Floats:
    """Weight of the untreated in their k-th period: inverse chance of not having been exposed until then, stabilised.

    The chance in each period between, given what was known then, against the chance at the start. Where nothing
    changed after the start the weight is 1.
    """
    row = found.row[still]
    if not found.is_per_protocol or k == 0:
        return np.ones(len(row))
    before = log_stay[row + k] - log_stay[row]
    expected = k * np.log1p(-found.chance[row])
    weight = np.exp(np.clip(expected - before, -np.log(HEAVIEST), np.log(HEAVIEST)))
    return np.where(found.treated[still] == 1, 1.0, weight)


def log_staying(found: Starts) -> Floats:
    """Running sum, over the rows of the panel, of the log chance of not being exposed."""
    return np.cumsum(np.log1p(-found.chance))


def _next_exposed(panel: Panel) -> Ints:
    """For each row the next row of its unit, itself included, in which it was exposed; past the end if none."""
    n = len(panel)
    at = np.where(panel.exposed, np.arange(n), n + 1)
    return np.minimum.accumulate(at[::-1])[::-1]


def _chance(panel: Panel, row: Ints) -> Floats:
    """Chance of being exposed in each row, from those that could have been, by logistic regression."""
    treated = panel.exposed[row].astype(float)
    if not len(row) or not 0 < treated.sum() < len(row):
        return np.full(len(panel), min(max(float(treated.mean()) if len(row) else 0.0, 1e-6), 1 - 1e-6))
    age = np.log1p(panel.period.astype(float))
    X = np.column_stack([np.ones(len(panel)), scaled(np.column_stack([age, age**2, panel.covariates.values]))])
    fit = fit_logistic(X[row], treated, np.ones(len(row)), ridge=RIDGE)
    return np.clip(fit.probability(X), 1e-6, 1 - 1e-6)


def _treatment_weights(e: Floats, treated: Ints) -> Floats:
    if not len(e):
        return np.ones(0)
    share = treated.mean()
    weight = np.where(treated == 1, share / e, (1 - share) / (1 - e))
    return np.asarray(np.clip(weight, 1 / HEAVIEST, HEAVIEST), dtype=np.float64)
