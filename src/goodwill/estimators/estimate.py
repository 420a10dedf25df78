"""A number with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special


@dataclass(frozen=True)
class Estimate:
    """A value, its standard error, and the interval and p-value that follow from a t distribution.

    Attributes
    ----------
    value : float
        In the unit of the estimand.
    se : float
        Standard error in the same unit; never negative.
    df : float
        Degrees of freedom of the reference t distribution; infinite for a normal one.
    level : float
        Coverage that the interval claims, 0.90 unless told.
    """

    value: float
    se: float
    df: float = math.inf
    level: float = 0.90

    @property
    def _reach(self) -> float:
        return float(special.stdtrit(self.df, 0.5 + self.level / 2)) * self.se

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.value - self._reach

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.value + self._reach

    @property
    def p(self) -> float:
        """Two-sided p-value against zero; 1 where there is no variation to judge by."""
        if self.se <= 0:
            return 1.0
        return float(2 * special.stdtr(self.df, -abs(self.value) / self.se))

    def detectable(self, *, power: float = 0.8, alpha: float = 0.05) -> float:
        """Smallest effect that a study of this precision would have found with the given power.

        Cohen (1988): (t at 1 - alpha/2 + t at power) standard errors.
        """
        return (float(special.stdtrit(self.df, 1 - alpha / 2)) + float(special.stdtrit(self.df, power))) * self.se
