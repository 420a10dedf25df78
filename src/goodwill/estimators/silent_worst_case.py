"""Bounds on an effect where exposure is badly recorded, for whatever reason: what is known without assumptions.

Those silently exposed, and those recorded wrongly, may have fared in any way that the observed means allow
(Horowitz and Manski 1995, "Identification and robustness with contaminated and corrupted data").

Legend: q share recorded as exposed; s sensitivity; c specificity; e = (q + c - 1) / (s + c - 1) the true share exposed;
T1, T0 outcome summed over those recorded as exposed and as not, per unit, the outcome rescaled to 0..1.
"""

from __future__ import annotations

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.silent import ROUNDING, USUAL, Bounds, Recorded, Recording
from goodwill.samples import Floats

#: Steps over each range. Over sensitivity the kinks are added, so that at specificity 1 the bounds are exact.
STEPS = 101


def worst_case(recorded: Recorded, recording: Recording = USUAL) -> Bounds:
    """Smallest and largest true effect over the ranges of sensitivity and specificity, however the errors came about.

    For one s and c the shares of true by recorded exposure are known: s e, (1 - s) e, (1 - c)(1 - e) and
    c (1 - e). The effect, on / e - (T1 + T0 - on) / (1 - e), grows with ``on``, the part of the outcomes that falls to
    the truly exposed; on either recorded side that is at least what the others cannot hold and at most what
    the exposed can. Wide unless nearly everything is recorded.

    Raises
    ------
    CannotTell
        If no recording within the ranges gives the share recorded.

    Examples
    --------
    >>> found = worst_case(Recorded(0.08, 0.30, 0.22), Recording((0.2, 0.2)))
    >>> round(found.low, 4), round(found.high, 4)  # 0.024/0.4 - 0.2024/0.6 and 0.2264/0.4 - 0
    (-0.2773, 0.566)
    """
    pairs = [_sensitivities(recorded, recording, c) for c in np.linspace(*recording.specificity, STEPS)]
    s = np.concatenate(pairs)
    c = np.repeat(np.linspace(*recording.specificity, STEPS), [len(p) for p in pairs])
    usable = s + c - 1 > ROUNDING
    exposed = (recorded.share + c[usable] - 1) / (s[usable] + c[usable] - 1)
    inside = (exposed > ROUNDING) & (exposed < 1 - ROUNDING)
    if not inside.any():
        raise CannotTell("no recording within these ranges gives the share recorded", settles="wider ranges")
    low, high = _extremes(recorded, s[usable][inside], c[usable][inside], exposed[inside])
    span = recorded.possible[1] - recorded.possible[0]
    least = max(-span, span * float(low.min()))
    return Bounds(least, max(least, min(span, span * float(high.max()))))


def _sums(recorded: Recorded) -> tuple[float, float]:
    """T1 and T0."""
    low, high = recorded.possible
    means = ((mean - low) / (high - low) for mean in (recorded.exposed_mean, recorded.unexposed_mean))
    return next(means) * recorded.share, next(means) * (1 - recorded.share)


def _sensitivities(recorded: Recorded, recording: Recording, c: float) -> Floats:
    """Sensitivities to try at one specificity: steps over the range, and where a side is filled to the brim."""
    T1, T0 = _sums(recorded)
    true = recorded.share + c - 1  # e (s + c - 1)
    low, high = recording.sensitivity
    if true <= 0:
        return np.array([])
    kinks = [(true + T0 * (1 - c)) / (T0 + true)]  # (1 - s) e = T0
    if true != T1:
        kinks.append(T1 * (c - 1) / (true - T1))  # s e = T1
    kinks += [true / (1 - T / room) + 1 - c for T, room in ((T0, c), (T1, 1 - c)) if room > T]  # 1 - e = T / room
    return np.array([*np.linspace(low, high, STEPS), *(k for k in kinks if low < k < high)])


def _extremes(recorded: Recorded, s: Floats, c: Floats, exposed: Floats) -> tuple[Floats, Floats]:
    """Smallest and largest effect for each pair, in units of the possible range."""
    sums = _sums(recorded)
    truly = (s * exposed, (1 - s) * exposed)
    others = ((1 - c) * (1 - exposed), c * (1 - exposed))
    least = sum((np.maximum(0.0, T - rest) for T, rest in zip(sums, others, strict=True)), np.zeros(len(s)))
    most = sum((np.minimum(T, part) for T, part in zip(sums, truly, strict=True)), np.zeros(len(s)))
    low, high = (on / exposed - (sum(sums) - on) / (1 - exposed) for on in (least, most))
    return low, high
