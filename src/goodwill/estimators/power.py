"""How large an experiment must be, and how small an effect one of a given size finds.

What refusals cost (not everybody does what was dealt), what companies cost (units of one company are alike) and what
a long tail costs are counted in.

Legend: n units in all, a share of them treated; p a share; v a variance; rho intra-class correlation; m units of a
company, cv their coefficient of variation; k the sum of two normal quantiles; theta an effect, SE its standard error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from goodwill.errors import CannotTell
from goodwill.samples import Floats

#: The custom of the field: one false alarm in twenty, four of five true effects found (Cohen 1988).
ALPHA, POWER = 0.05, 0.8
#: Skewness of a difference of means up to which its normal interval holds (Cochran 1977, p. 42: n > 25 G1² for a mean).
SKEWED = 0.2


@dataclass(frozen=True)
class Outcome:
    """What is measured on each unit: its mean, standard deviation and skewness, and whether it is a share of units."""

    mean: float
    spread: float
    skewness: float = 0.0
    is_share: bool = False

    @classmethod
    def of(cls, values: Floats, *, is_share: bool = False) -> Outcome:
        """As seen on units.

        Raises
        ------
        CannotTell
            Fewer than two units, or all alike: there is no spread to plan with.

        Examples
        --------
        >>> Outcome.of(np.array([0.0, 0, 0, 1]), is_share=True).mean
        0.25
        """
        values = np.asarray(values, dtype=np.float64)
        if len(values) < 2 or not np.ptp(values) > 0:
            raise CannotTell("the outcome never varies", settles="more units, or a longer time", n=len(values))
        mean, spread = float(values.mean()), float(values.std())
        return cls(mean, spread, float(((values - mean) ** 3).mean()) / spread**3, is_share)

    def after(self, effect: float) -> float:
        """Its variance where the mean has moved by ``effect``: a share's follows from the share.

        Raises
        ------
        CannotTell
            A share cannot move so far.
        """
        if not self.is_share:
            return self.spread**2
        p = self.mean + effect
        if not 0 <= p <= 1:
            settles = "a smaller effect, with --effect"
            raise CannotTell(f"a share of {self.mean:.1%} cannot change by {effect:+.1%}", settles=settles)
        return p * (1 - p)


@dataclass(frozen=True)
class Companies:
    """How units fall into what is dealt: units of a company, how uneven their numbers are, and how alike they are."""

    size: float = 1.0
    cv: float = 0.0
    icc: float = 0.0

    @property
    def design_effect(self) -> float:
        """By how much the variance grows because whole companies are dealt.

        1 + ((cv² + 1) m - 1) rho (Eldridge, Ashby and Kerry 2006, Int J Epidemiol 35); never below 1.

        Examples
        --------
        >>> round(Companies(size=10, cv=0.65, icc=0.05).design_effect, 4)
        1.6613
        """
        return max(1.0, 1 + ((self.cv**2 + 1) * self.size - 1) * self.icc)


@dataclass(frozen=True)
class Arms:
    """Two arms: the share treated, how many more of them are touched, and the design effect of what is dealt.

    ``contrast`` is the share touched among the treated minus that among the others. With 25 of 100 refusing, n grows by
    1 / 0.75² = 1.78 (Friedman, Furberg and DeMets, Fundamentals of Clinical Trials, ch. 8).
    """

    share: float = 0.5
    contrast: float = 1.0
    design_effect: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.share < 1 or not self.contrast > 0:
            raise CannotTell("one arm would be empty, or both alike", settles="another share, or more who take part")


def power_of(effect: float, *, se: float, alpha: float = ALPHA) -> float:
    """Chance that a two-sided test at ``alpha`` finds an effect estimated with this standard error.

    Phi(|theta|/SE - z) + Phi(-|theta|/SE - z).

    Examples
    --------
    >>> round(power_of(2.801585, se=1.0), 4), round(power_of(0.0, se=1.0), 4)
    (0.8, 0.05)
    """
    z, ratio = float(special.ndtri(1 - alpha / 2)), abs(effect) / se
    return float(special.ndtr(ratio - z) + special.ndtr(-ratio - z))


def standard_error(outcome: Outcome, *, units: float, arms: Arms, effect: float = 0.0) -> float:
    """Of the difference of means between the arms, where treatment moves the mean by ``effect`` in all."""
    treated, others = units * arms.share, units * (1 - arms.share)
    return math.sqrt(arms.design_effect * (outcome.after(effect) / treated + outcome.after(0.0) / others))


def units_needed(outcome: Outcome, *, effect: float, arms: Arms, power: float = POWER, alpha: float = ALPHA) -> int:
    """Units in all, so that an effect of a touch is found with the given power.

    n = k² DE (v1 / share + v0 / (1 - share)) / (contrast · effect)², k = z(1 - alpha/2) + z(power) (Chow, Shao and Wang
    2008, sections 3.2 and 4.2); at least so many that a long tail does no harm.

    Parameters
    ----------
    effect : float
        Of a touch on a unit touched, in the outcome's unit; its sign counts for shares.

    Raises
    ------
    CannotTell
        The effect is nothing, or more than a share can change.

    Examples
    --------
    Chow, Shao and Wang (2008), p. 89: 65% against 85%, 70 in each arm.

    >>> units_needed(Outcome(0.65, 0.477, is_share=True), effect=0.2, arms=Arms())
    140
    """
    intended = arms.contrast * effect
    if not intended:
        raise CannotTell("an effect of nothing cannot be found", settles="the smallest effect that matters: --effect")
    outcome.after(effect)  # those touched must be able to change so far
    each = outcome.after(intended) / arms.share + outcome.after(0.0) / (1 - arms.share)
    n = quantiles(power, alpha) ** 2 * arms.design_effect * each / intended**2
    return math.ceil(round(max(n, _for_a_tail(outcome, arms.share)), 6))


def detectable(outcome: Outcome, *, units: float, arms: Arms, sign: int = 1, power: float = POWER) -> float:
    """The smallest effect of a touch that so many units find, without its sign.

    The inverse of ``units_needed``; for shares the root of
    theta² = k² DE ((p + theta)(1 - p - theta) / n1 + p (1 - p) / n0), theta = contrast · effect.

    Raises
    ------
    CannotTell
        Not even the largest possible one.

    Examples
    --------
    >>> round(detectable(Outcome(0.65, 0.477, is_share=True), units=140, arms=Arms()), 4)
    0.1996
    """
    k2 = quantiles(power, ALPHA) ** 2 * arms.design_effect
    if units <= 0 or units < _for_a_tail(outcome, arms.share):
        raise CannotTell("there are too few units", settles="a longer time", n=int(units))
    treated, others = units * arms.share, units * (1 - arms.share)
    if not outcome.is_share:
        return math.sqrt(k2 * outcome.spread**2 * (1 / treated + 1 / others)) / arms.contrast
    p, c = outcome.mean, k2 / treated
    half = sign * c * (1 - 2 * p) / 2
    theta = (half + math.sqrt(half**2 + (1 + c) * k2 * p * (1 - p) * (1 / treated + 1 / others))) / (1 + c)
    if theta / arms.contrast > (1 - p if sign > 0 else p):
        raise CannotTell("even the largest possible effect could be missed", settles="a longer time", n=int(units))
    return theta / arms.contrast


def intraclass_correlation(values: Floats, *, group: NDArray[Any]) -> float:
    """How alike units of one group are, from 0 (no more than any two units) to 1; below 0 counts as 0.

    One-way analysis of variance: (MSB - MSW) / (MSB + (n0 - 1) MSW), n0 = (N - sum n² / N) / (groups - 1) (Donner 1986,
    International Statistical Review 54).

    Examples
    --------
    >>> round(intraclass_correlation(np.array([1.0, 2, 5, 6]), group=np.array([0, 0, 1, 1])), 4)
    0.9394
    """
    values = np.asarray(values, dtype=np.float64)
    place, sizes = np.unique(np.asarray(group).astype(str), return_inverse=True, return_counts=True)[1:]
    groups, n = len(sizes), len(values)
    if groups < 2 or groups == n or not np.ptp(values) > 0:
        return 0.0
    means = np.bincount(place, weights=values) / sizes
    between = float((sizes * (means - values.mean()) ** 2).sum()) / (groups - 1)
    within = float(((values - means[place]) ** 2).sum()) / (n - groups)
    n0 = (n - float((sizes**2).sum()) / n) / (groups - 1)
    return float(np.clip((between - within) / (between + (n0 - 1) * within), 0.0, 1.0))


def quantiles(power: float, alpha: float) -> float:
    """Effect in standard errors that a two-sided test at alpha finds with this power: z(1 - alpha/2) + z(power)."""
    return float(special.ndtri(1 - alpha / 2) + special.ndtri(power))


def _for_a_tail(outcome: Outcome, share: float) -> float:
    """Units so that the skewness of the difference of means is at most ``SKEWED``; none where the arms are equal.

    With equal arms the tails of both sides cancel out; a share needs no such rule, since both its ends are counted.
    """
    if outcome.is_share:
        return 0.0
    a, b = 1 / share, 1 / (1 - share)
    of_difference = outcome.skewness * (a * a - b * b) / (a + b) ** 1.5
    return float((of_difference / SKEWED) ** 2)
