"""What the business declared of things that no data shows, and what that leaves of a claim.

Bounds are kept among a verdict's ``sensitivity`` as ``declared_silent_low`` and so on. Only what somebody declared
in the settings stands there: bounds under assumptions of our own are shown, and decide nothing.
"""

from __future__ import annotations

from typing import Literal

from goodwill.verdicts.verdict import Verdict

Kind = Literal["silent", "hidden"]

#: What is said of a claim that the declared assumptions undo, and what would settle it.
UNDONE: dict[Kind, str] = {
    "silent": "with silent exposure as declared in the settings, there may be no effect",
    "hidden": "with a hidden cause as strong as declared in the settings, there may be no effect",
}
#: What is said where the declared assumptions could hide an effect that matters.
HIDDEN: dict[Kind, str] = {
    "silent": "with silent exposure as declared in the settings, an effect that matters could have been missed",
    "hidden": "a hidden cause as strong as declared in the settings could cover an effect that matters",
}
#: More of the same data settles neither.
SETTLES: dict[Kind, str] = {
    "silent": "a second source that says who saw you, such as asking new customers how they heard of you",
    "hidden": "an experiment, or an export that holds what is suspected",
}
#: As strong as the strongest recorded cause: a company that records its deals has missed something of that kind before.
AS_STRONG = 1.0

EXPLAINED_AWAY = (
    "A hidden cause as strong as the strongest recorded one would explain this away: take it as a hint until an "
    "experiment has shown it."
)
LESS_CERTAIN = (
    "A hidden cause as strong as the strongest recorded one would leave it uncertain whether there is any effect."
)


def declared(kind: Kind, *, low: float, high: float) -> dict[str, float]:
    """Entries for a verdict's ``sensitivity``: bounds on the headline under what the settings declare.

    Parameters
    ----------
    low, high : float
        In the headline's unit, sampling error included.

    Examples
    --------
    >>> declared("silent", low=0.01, high=0.12)
    {'declared_silent_low': 0.01, 'declared_silent_high': 0.12}
    """
    return {f"declared_{kind}_low": low, f"declared_{kind}_high": high}


def bounds_of(verdict: Verdict, kind: Kind) -> tuple[float, float] | None:
    """The declared bounds of a verdict, if there are any."""
    low, high = (verdict.sensitivity.get(f"declared_{kind}_{end}") for end in ("low", "high"))
    return None if low is None or high is None else (low, high)


def undoes(verdict: Verdict) -> Kind | None:
    """Which declared assumption allows that there is no effect at all."""
    for kind in UNDONE:
        bounds = bounds_of(verdict, kind)
        if bounds is not None and bounds[0] <= 0 <= bounds[1]:
            return kind
    return None


def hides(verdict: Verdict, *, detectable: float, matters: float) -> Kind | None:
    """Which declared assumption allows that an effect that matters was missed.

    The bounds are wider than the interval; by as much the effect that could have been found is larger.
    """
    headline = verdict.headline
    if headline is None or headline.low is None or headline.high is None or headline.high <= headline.low:
        return None
    for kind in HIDDEN:
        bounds = bounds_of(verdict, kind)
        if bounds is not None and detectable * (bounds[1] - bounds[0]) / (headline.high - headline.low) > matters:
            return kind
    return None


def caution(verdict: Verdict) -> str:
    """What a claim that rests on adjustment must say of hidden causes, from its tipping point; empty if nothing."""
    if verdict.grade != "C":
        return ""
    if verdict.sensitivity.get("tipping", float("inf")) <= AS_STRONG:
        return EXPLAINED_AWAY
    return LESS_CERTAIN if verdict.sensitivity.get("tipping_of_limit", float("inf")) <= AS_STRONG else ""
