"""What recorded exposure says of true exposure, where many who saw us left no trace and a few traces are wrong.

Recording is taken to be non-differential: whether an exposure was recorded has nothing to do with the outcome but
through the exposure (Bross 1954; Rogan and Gladen 1978). Then the observed difference is the true one, diluted, and
can be undone. What is known without that assumption stands in ``silent_worst_case``.

Legend: q share recorded as exposed; s sensitivity, the share of the truly exposed that is recorded; c specificity, the
share of the truly unexposed that is recorded as such; e = (q + c - 1) / (s + c - 1) the true share exposed;
y1, y0 observed means of those recorded as exposed and as not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.samples import Floats

#: Rounding error of a share.
ROUNDING = 1e-12

Range = tuple[float, float]


@dataclass(frozen=True)
class Recorded:
    """What the data show: the share recorded as exposed, the means of both sides, and the outcome's possible range.

    ``possible`` is (0, 1) for a chance. A side's mean lies within it.
    """

    share: float
    exposed_mean: float
    unexposed_mean: float
    possible: Range = (0.0, 1.0)

    def __post_init__(self) -> None:
        low, high = self.possible
        if not 0 < self.share < 1:
            raise CannotTell("all units or none are recorded as exposed", settles="units on both sides")
        if not all(low <= mean <= high for mean in (self.exposed_mean, self.unexposed_mean)):
            raise ValueError("a mean lies outside the outcome's possible range")

    @property
    def difference(self) -> float:
        """The observed effect."""
        return self.exposed_mean - self.unexposed_mean


@dataclass(frozen=True)
class Recording:
    """How well exposure may be recorded: ranges of sensitivity and specificity, lowest and highest."""

    sensitivity: Range
    specificity: Range = (1.0, 1.0)

    def __post_init__(self) -> None:
        for low, high in (self.sensitivity, self.specificity):
            if not 0 < low <= high <= 1:
                raise ValueError(f"a range of shares goes from above 0 up to at most 1, not from {low} to {high}")


#: Between a fifth and all of what happened is recorded, and nothing that did not.
USUAL = Recording((0.2, 1.0))


@dataclass(frozen=True)
class Bounds:
    """The smallest and largest effect that the data and the assumptions allow."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Does it allow this value?"""
        return self.low <= value <= self.high


def true_share(share: float, *, sensitivity: float, specificity: float = 1.0) -> float:
    """Share truly exposed, where ``share`` is recorded: (q + c - 1) / (s + c - 1) (Rogan and Gladen 1978).

    Raises
    ------
    CannotTell
        If so many (or so few) could not have been recorded.

    Examples
    --------
    >>> round(true_share(0.08, sensitivity=0.2), 3), round(true_share(0.13, sensitivity=0.7, specificity=0.9), 3)
    (0.4, 0.05)
    """
    if not 1 - specificity <= share <= sensitivity or sensitivity + specificity <= 1:
        raise CannotTell(
            f"{share:.1%} recorded as exposed does not go with {sensitivity:.0%} of exposures being recorded "
            f"and {1 - specificity:.0%} of what is recorded as exposure being none",
            settles="other assumptions about what is recorded",
        )
    return (share + specificity - 1) / (sensitivity + specificity - 1)


def dilution(share: float | Floats, *, sensitivity: float, specificity: float = 1.0) -> float:
    """What is left of an effect when exposure is recorded so badly: 1 all of it, 0.8 a fifth is lost.

    The share truly exposed among those recorded as exposed, minus that among the others:
    D = (q + c - 1)(s - q) / ((s + c - 1) q (1 - q)). It falls with either error.

    Parameters
    ----------
    share : float or (n,) array
        Share recorded as exposed. For an adjusted effect, each unit's share in its stratum: then the mean of D over
        the units, which is right where the effect does not go with that share.

    Examples
    --------
    >>> round(dilution(0.08, sensitivity=0.2), 4)  # of those recorded as unexposed, 0.32 / 0.92 were exposed
    0.6522
    >>> dilution(0.3, sensitivity=1.0)
    1.0
    """
    q = np.asarray(share, dtype=float)
    if not ((q > 0) & (q < 1)).all():
        raise CannotTell("all units or none are recorded as exposed", settles="units on both sides")
    for edge in (float(q.min()), float(q.max())):
        true_share(edge, sensitivity=sensitivity, specificity=specificity)
    left = (q + specificity - 1) * (sensitivity - q) / ((sensitivity + specificity - 1) * q * (1 - q))
    return min(1.0, float(left.mean()))


def corrected(observed: Estimate, *, share: float | Floats, sensitivity: float, specificity: float = 1.0) -> Estimate:
    """The effect of true exposure, recording being non-differential: observed / D, and its standard error likewise.

    The share recorded is taken as known: its own error is of a smaller order than the effect's.

    Examples
    --------
    >>> found = corrected(Estimate(0.05, 0.01), share=0.08, sensitivity=0.2)
    >>> round(found.value, 4), round(found.se, 4)
    (0.0767, 0.0153)
    """
    left = dilution(share, sensitivity=sensitivity, specificity=specificity)
    if left <= ROUNDING:
        raise CannotTell(
            "with so few exposures recorded, those recorded as unexposed are exposed just as often",
            settles="a second source that says who saw us, such as asking",
        )
    return Estimate(observed.value / left, observed.se / left, observed.df, observed.level)


def bounds(recorded: Recorded, recording: Recording = USUAL) -> Bounds:
    """Smallest and largest true effect over the ranges, recording being non-differential.

    The dilution D falls with both errors, so that the extremes lie at the corners of the ranges. The largest effect is
    also held to what the outcome's range allows: no mean beyond it. At specificity 1 this bound is sharp.
    The sign is never in doubt: errors that ignore the outcome dilute, they do not turn.

    Raises
    ------
    CannotTell
        If not even the best recording in the ranges could have recorded so many.

    Examples
    --------
    >>> found = bounds(Recorded(0.08, 0.30, 0.22))
    >>> round(found.low, 4), round(found.high, 4)
    (0.08, 0.1227)
    """
    least = _corner(recorded, recording.sensitivity[1], recording.specificity[1])
    if least is None:
        true_share(recorded.share, sensitivity=recording.sensitivity[1], specificity=recording.specificity[1])
        raise CannotTell("all units were exposed, recorded or not", settles="units that were not exposed")
    most = _corner(recorded, recording.sensitivity[0], recording.specificity[0])
    limit = _largest(recorded, recording) if recorded.difference else 0.0
    return _signed(recorded.difference, min(least, limit), min(limit, math.inf if most is None else most))


def bounds_of(observed: Estimate, *, share: float | Floats, recording: Recording = USUAL) -> Bounds:
    """The same for an adjusted effect, sampling error included: all intervals over the ranges together.

    Without means of the sides there is no limit to what low sensitivity could hide, so that the lowest sensitivity
    must lie above the share recorded.

    Raises
    ------
    CannotTell
        If the ranges do not go with the share recorded.

    Examples
    --------
    >>> found = bounds_of(Estimate(0.05, 0.01), share=0.08)
    >>> round(found.low, 4), round(found.high, 4)
    (0.0336, 0.1019)
    """
    ends = [
        corrected(observed, share=share, sensitivity=s, specificity=c)
        for s, c in zip(recording.sensitivity, recording.specificity, strict=True)
    ]
    return Bounds(min(e.low for e in ends), max(e.high for e in ends))


def bounds_by_composition(recorded: Recorded, *, exposed_among_untouched: Range) -> Bounds:
    """Smallest and largest true effect, if such a share of those recorded as unexposed was in truth exposed.

    For where a survey says who among the untouched saw us, and sensitivity is not known. What is recorded as exposure
    is taken to be one: effect = (y1 - y0) / (1 - f), f the share, held to what the outcome's range allows.

    Examples
    --------
    >>> found = bounds_by_composition(Recorded(0.08, 0.30, 0.22), exposed_among_untouched=(0.0, 0.4))
    >>> round(found.low, 4), round(found.high, 4)
    (0.08, 0.1333)
    """
    low, high = exposed_among_untouched
    if not 0 <= low <= high <= 1:
        raise ValueError(f"a range of shares lies between 0 and 1, not from {low} to {high}")
    size, limit = abs(recorded.difference), _largest(recorded, Recording((recorded.share, 1.0)))
    most = [limit if f >= 1 else min(limit, size / (1 - f)) for f in (low, high)]
    return _signed(recorded.difference, most[0], most[1])


def _corner(recorded: Recorded, sensitivity: float, specificity: float) -> float | None:
    """Size of the corrected effect, or None where these do not go with the share recorded."""
    try:
        left = dilution(recorded.share, sensitivity=sensitivity, specificity=specificity)
    except CannotTell:
        return None
    return abs(recorded.difference) / left if left > ROUNDING else None


def _largest(recorded: Recorded, recording: Recording) -> float:
    """The largest effect that leaves both true means within the outcome's range.

    With p the least share of true exposures among those recorded, y1 = p m1 + (1 - p) m0 holds m1 below y1 / p (with
    the outcome counted from the end of its range on the unexposed side).
    """
    low, high = recorded.possible
    side = recorded.exposed_mean - low if recorded.difference >= 0 else high - recorded.exposed_mean
    specificity = max(recording.specificity[0], 1 - recorded.share)
    sensitivity = max(recording.sensitivity[1], recorded.share)
    wrong = (1 - specificity) / recorded.share
    exposed = (recorded.share + specificity - 1) / max(ROUNDING, sensitivity + specificity - 1)
    purity = 1 - wrong * (1 - min(1.0, exposed))
    return min(high - low, side / purity) if purity > 0 else high - low


def _signed(difference: float, least: float, most: float) -> Bounds:
    return Bounds(-most, -least) if difference < 0 else Bounds(least, most)
