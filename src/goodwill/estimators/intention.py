"""What dealing changed, whoever did what was dealt; and what doing it changed for those who did because of it.

Legend: strata s with a share w of all units; arms a; d the difference of means within a stratum; D whether touched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.samples import Floats, Ints

#: A mean of fewer companies has no spread to judge by.
COMPANIES_PER_ARM = 2
#: As in the other comparisons: fewer companies in an arm leave no degrees of freedom to speak of.
FEWEST = 8
#: Below ten the first stage is weak, and a ratio of estimates may lie anywhere (Staiger and Stock 1997).
STRONG_F = 10.0


@dataclass(frozen=True)
class Dealt:
    """Units of companies that were dealt to one of two arms.

    Attributes
    ----------
    outcome : (n,) float
    treated, touched : (n,) int
        Dealt to be treated; touched in fact.
    company, stratum : (n,) labels
        What was dealt, and within what.
    """

    outcome: Floats
    treated: Ints
    touched: Ints
    company: NDArray[Any]
    stratum: NDArray[Any]

    def __len__(self) -> int:
        return len(self.outcome)


def difference(dealt: Dealt, *, level: float = 0.90) -> Estimate:
    """The difference of means between the arms, as dealt: within strata, weighted by their units.

    sum w d, its variance the sum of w² (V1 + V0), V the variance of a mean of whole companies,
    G / (G - 1) sum over companies of (sum of y - mean)² / n². Degrees of freedom after Satterthwaite (1946). Strata
    with fewer than two companies in an arm are joined.

    Raises
    ------
    CannotTell
        Fewer than eight companies in an arm, or the outcome never varies.

    Examples
    --------
    Ten companies of one unit each in an arm; nothing to stratify by.

    >>> y = np.array([1.0, 0] * 5 + [1.0, 1] * 5)
    >>> arm, one = np.repeat([0, 1], 10), np.zeros(20)
    >>> found = difference(Dealt(y, arm, arm, np.arange(20), one))
    >>> round(found.value, 3), round(found.se, 4)
    (0.5, 0.1667)
    """
    require_varying(dealt.outcome)
    return _difference(_joined(dealt), dealt.outcome, level)


def require_varying(outcome: Floats) -> None:
    """Refuse to compare what never varies: a difference of nothing, with no error, would pass for an exact answer.

    Raises
    ------
    CannotTell
    """
    if not len(outcome) or not np.ptp(outcome) > 0:
        missing = "nothing has happened yet that could differ" if len(outcome) else "no outcome is known yet"
        raise CannotTell(missing, settles="a longer time, or more companies", n=len(outcome))


def mean_of(dealt: Dealt, values: Floats, *, treated: bool, level: float = 0.90) -> Estimate:
    """The mean of one arm, its error by company."""
    chosen = dealt.treated == int(treated)
    mean, variance, G = _mean(np.asarray(values, dtype=np.float64)[chosen], dealt.company[chosen].astype(str))
    return Estimate(mean, math.sqrt(variance), df=G - 1, level=level)


def touched_more(dealt: Dealt, *, level: float = 0.90) -> Estimate:
    """How many more were touched among the treated: what the experiment was able to change."""
    return _difference(_joined(dealt), dealt.touched.astype(np.float64), level)


def effect_of_touch(dealt: Dealt, *, level: float = 0.90) -> Estimate:
    """The effect of a touch on those who were touched because they were treated (complier average causal effect).

    The ratio of the two differences (Wald 1940; Angrist, Imbens and Rubin 1996, JASA 91), its error that of the
    difference of outcome - ratio · D, divided by the difference of D. It takes for granted that being treated changed
    the outcome in no other way, and kept nobody from being touched.

    Raises
    ------
    CannotTell
        Being treated changed too little: F below 10.
    """
    joined = _joined(dealt)
    more = _difference(joined, dealt.touched.astype(np.float64), level)
    if more.value <= 0 or (more.se > 0 and (more.value / more.se) ** 2 < STRONG_F):
        raise CannotTell(
            f"{more.value:+.1%} more were touched: too few to say what a touch did",
            settles="more companies that do what they are dealt",
            n=len(dealt),
        )
    ratio = _difference(joined, dealt.outcome, level).value / more.value
    rest = _difference(joined, dealt.outcome - ratio * dealt.touched, level)
    return Estimate(ratio, rest.se / more.value, df=rest.df, level=level)


def _joined(dealt: Dealt) -> Dealt:
    """The same with strata joined that have too few companies in an arm, the thinnest first.

    Raises
    ------
    CannotTell
    """
    for arm in (1, 0):
        companies = len(np.unique(dealt.company[dealt.treated == arm].astype(str)))
        if companies < FEWEST:
            side = "treated" if arm else "not treated"
            missing = f"only {companies} companies with an outcome were {side}"
            raise CannotTell(missing, settles=f"at least {FEWEST} companies in each arm", n=len(dealt))
    stratum = np.unique(dealt.stratum.astype(str), return_inverse=True)[1].astype(np.int64)
    company = np.unique(dealt.company.astype(str), return_inverse=True)[1].astype(np.int64)
    while True:
        counts = _companies(stratum, dealt.treated, company)
        fewest = counts.min(axis=1)
        present = np.flatnonzero(counts.sum(axis=1) > 0)
        thin = present[fewest[present] < COMPANIES_PER_ARM]
        if not len(thin):
            return replace(dealt, stratum=stratum, company=company)
        first = thin[np.argmin(fewest[thin])]
        others = present[present != first]
        into = others[np.argmin(fewest[others])]
        stratum = np.where(stratum == first, into, stratum)


def _companies(stratum: Ints, treated: Ints, company: Ints) -> Ints:
    """Companies in each stratum and arm, (S, 2)."""
    cells = np.unique(np.column_stack([stratum, treated, company]), axis=0)
    counts = np.zeros((int(stratum.max()) + 1, 2), dtype=np.int64)
    np.add.at(counts, (cells[:, 0], cells[:, 1]), 1)
    return counts


def _difference(dealt: Dealt, values: Floats, level: float) -> Estimate:
    """Of values given for each unit; strata are numbers, with enough companies in each arm."""
    total, parts = 0.0, []
    for s in np.unique(dealt.stratum):
        here = dealt.stratum == s
        w = float(here.mean())
        for arm, sign in ((1, 1.0), (0, -1.0)):
            chosen = here & (dealt.treated == arm)
            mean, variance, G = _mean(values[chosen], dealt.company[chosen])
            total += sign * w * mean
            parts.append((w * w * variance, G - 1))
    variance = sum(v for v, _ in parts)
    df = variance**2 / sum(v * v / free for v, free in parts) if variance > 0 else float(sum(f for _, f in parts))
    return Estimate(total, math.sqrt(variance), df=df, level=level)


def _mean(values: Floats, company: NDArray[Any]) -> tuple[float, float, int]:
    """A mean, its variance where whole companies vary, and how many companies there are."""
    place = np.unique(company, return_inverse=True)[1]
    mean = float(values.mean())
    sums = np.bincount(place, weights=values - mean)
    G = len(sums)
    return mean, float((sums**2).sum()) * G / (G - 1) / len(values) ** 2, G
