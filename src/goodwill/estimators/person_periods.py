"""Follow-up in whole periods, counted by pattern: what a pooled logistic regression needs, and the curves it gives.

A unit adds one row for every period it is at risk; rows alike in pattern and period are one row with
counts, or with sums of weights. A logistic regression of the end on period and pattern is then a model of
the hazard, which may change with time as it likes (D'Agostino et al. 1990), and the product of what the
hazards leave, averaged over the patterns of a population, is its survival under whatever was put into the
patterns: the g-formula (Hernan and Robins 2020, ch. 17).

Legend: n units; P patterns; r rows of counts; T periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.samples import Floats, Ints


@dataclass(frozen=True)
class PersonPeriods:
    """Rows by pattern and period (r,), ordered so: weight at risk in the period, and weight that ended in it."""

    pattern: Ints
    period: Ints
    at_risk: Floats
    ended: Floats

    def __len__(self) -> int:
        return len(self.period)


def person_periods(
    periods: Ints, ended: Ints, *, pattern: Ints, weight: Floats | None = None, longest: int | None = None
) -> PersonPeriods:
    """Count units at risk, and those that ended, by pattern and period; costs the same for a long follow-up as a short.

    Parameters
    ----------
    periods : (n,) int
        Number of periods at risk; a unit with 0 adds nothing.
    ended : (n,)
        1 if the unit ended in its last period; 0 if it was last seen then.
    pattern : (n,) int
        What the unit shares with others in all the model knows, numbered from 0.
    weight : (n,) float, optional
        What the unit weighs, or how many alike ones it stands for.
    longest : int, optional
        Look no further than so many periods.

    Examples
    --------
    >>> rows = person_periods(np.array([1, 3]), np.array([1, 0]), pattern=np.array([0, 0]))
    >>> rows.period.tolist(), rows.at_risk.tolist(), rows.ended.tolist()
    ([0, 1, 2], [2.0, 1.0, 1.0], [1.0, 0.0, 0.0])
    """
    if (periods < 0).any() or (pattern < 0).any() or not np.isin(ended, (0, 1)).all():
        raise ValueError("periods and patterns are counted from 0, and a unit has ended (1) or not (0)")
    mass = np.ones(len(periods)) if weight is None else weight
    T, P = int(periods.max(initial=0)), int(pattern.max(initial=-1)) + 1
    last = pattern * (T + 1) + periods  # a unit is at risk in periods 0 .. periods - 1
    here, over, rows = (_by_last_period(last, m, (P, T)) for m in (mass, mass * ended, np.ones(len(last))))
    at_risk, anybody = (np.cumsum(counts[:, ::-1], axis=1)[:, ::-1] for counts in (here, rows))
    of, period = np.nonzero(anybody[:, :longest])
    return PersonPeriods(of.astype(np.int64), period.astype(np.int64), at_risk[of, period], over[of, period])


def _by_last_period(last: Ints, mass: Floats, shape: tuple[int, int]) -> Floats:
    """Mass by pattern and last period (P, T), where ``last`` numbers both, periods from 0 to T."""
    P, T = shape
    return np.asarray(np.bincount(last, mass, P * (T + 1)).reshape(P, T + 1)[:, 1:], dtype=np.float64)


def standardised_survival(hazard: Floats, *, weight: Floats | None = None) -> Floats:
    """Share of a population still open after each period, (T,), from the hazard of each pattern in each period (P, T).

    The mean over patterns of prod (1 - hazard); hazards averaged first would be of no population, since those at
    high risk leave it early.

    Examples
    --------
    >>> standardised_survival(np.array([[0.5, 0.5], [0.0, 0.0]])).tolist()
    [0.75, 0.625]
    """
    return np.asarray(np.average(np.cumprod(1 - hazard, axis=1), axis=0, weights=weight), dtype=np.float64)
