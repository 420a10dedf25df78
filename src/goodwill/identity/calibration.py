"""Log-odds made to agree with what people decided about pairs, as far as they decided enough.

Legend: x = log2 odds of the model, y = 1 for pairs that are one person's; probability = 1 / (1 + 2^-(shift + slope x)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Before any decision the model is believed: shift 0 give or take 1 bit, slope 1 give or take a quarter. Reviewers
#: choose doubtful pairs, so that a handful of decisions must not turn the whole scale.
SHIFT_SPREAD, SLOPE_SPREAD = 1.0, 0.25
#: Newton's method; it converges in five steps or so, because the penalised likelihood has one maximum.
STEPS = 25
#: Odds beyond 2^30 say no more than certainty.
FAR = 30.0


@dataclass(frozen=True)
class Calibration:
    """What is added to and multiplied with log2 odds."""

    shift: float = 0.0
    slope: float = 1.0

    def probability(self, log_odds: Floats) -> Floats:
        """The calibrated probability of log2 odds.

        Examples
        --------
        >>> Calibration().probability(np.array([0.0, 1.0])).round(3)
        array([0.5  , 0.667])
        """
        odds = np.clip(self.shift + self.slope * np.asarray(log_odds, dtype=np.float64), -500, 500)
        return np.asarray(1 / (1 + np.exp2(-odds)))


def calibrate(log_odds: Floats, is_same: Floats) -> Calibration:
    """Shift and slope from decided pairs, shrunk towards the model as it is (Platt 1999, with a prior).

    Parameters
    ----------
    log_odds : (n,) float
        Log2 odds that the model gives to the decided pairs.
    is_same : (n,) float
        1 where the decision was "same", 0 where it was "different".

    Examples
    --------
    >>> calibrate(np.zeros(0), np.zeros(0))
    Calibration(shift=0.0, slope=1.0)
    """
    x = np.clip(np.asarray(log_odds, dtype=np.float64), -FAR, FAR)
    y = np.asarray(is_same, dtype=np.float64)
    if not len(y):
        return Calibration()
    design = np.column_stack([np.ones(len(x)), x]) * np.log(2)
    centre, precision = np.array([0.0, 1.0]), np.array([SHIFT_SPREAD, SLOPE_SPREAD]) ** -2.0
    beta = centre.copy()
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        gradient = design.T @ (y - p) - precision * (beta - centre)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(precision)
        beta = beta + np.linalg.solve(curvature, gradient)
    return Calibration(float(beta[0]), float(max(beta[1], 0.05)))
