"""Ratios of means: how many times as often, how many times as much.

A ratio is estimated on the log scale, where its error is nearly symmetric and its interval never goes below zero;
its standard error is by the delta method, se(log(a / b)) from deviations of a over a less deviations of b over b.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.logistic import summed_by
from goodwill.samples import Units


@dataclass(frozen=True)
class Ratio:
    """A ratio with the interval and p-value of its logarithm.

    Attributes
    ----------
    log : Estimate
        Natural logarithm of the ratio.
    """

    log: Estimate

    @property
    def value(self) -> float:
        """The ratio; 1 is no difference."""
        return math.exp(self.log.value)

    @property
    def low(self) -> float:
        """Lower end of the interval, never below 0."""
        return math.exp(self.log.low)

    @property
    def high(self) -> float:
        """Upper end of the interval; infinite where the logarithm's is past what a number can hold."""
        return math.exp(self.log.high) if self.log.high < 700 else math.inf

    @property
    def p(self) -> float:
        """Two-sided p-value against 1."""
        return self.log.p


def naive_ratio(units: Units, *, level: float = 0.90) -> Ratio:
    """Mean outcome of the treated over that of the untreated, nothing adjusted, errors clustered by account.

    For a 0/1 outcome the risk ratio, with Katz's standard error (Katz et al. 1978) if each unit is its own account.

    Raises
    ------
    CannotTell
        If a mean is not positive, or fewer than two accounts are on a side.

    Examples
    --------
    >>> from goodwill.samples import Covariates
    >>> outcome, unit = np.repeat([1.0, 0, 1, 0], [30, 70, 20, 80]), np.arange(200)
    >>> sample = Units(unit, unit, np.repeat([1, 0], 100), outcome, Covariates(np.zeros((200, 0)), (), ()))
    >>> found = naive_ratio(sample)
    >>> round(found.value, 6), round(found.log.se, 3), round((1 / 30 - 1 / 100 + 1 / 20 - 1 / 100) ** 0.5, 3)
    (1.5, 0.253, 0.252)
    """
    means, deviations = [], np.zeros(len(units))
    for arm in (0, 1):
        here = units.treated == arm
        accounts, mean = len(np.unique(units.group[here])), float(units.outcome[here].sum()) / max(int(here.sum()), 1)
        if accounts < 2 or mean <= 0:
            raise CannotTell("a ratio needs two accounts and a positive mean on either side", n=len(units))
        stretch = math.sqrt(accounts / (accounts - 1)) / int(here.sum())
        deviations[here] = (2 * arm - 1) * stretch * (units.outcome[here] / mean - 1)
        means.append(mean)
    summed = summed_by(units.group, deviations)
    se = float(np.sqrt((summed**2).sum()))
    return Ratio(Estimate(math.log(means[1] / means[0]), se, df=len(summed) - 1, level=level))
