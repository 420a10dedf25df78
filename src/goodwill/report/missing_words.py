"""Why an answer cannot be told, in the words of the rules by which it was judged."""

from __future__ import annotations

from goodwill.report.check_words import in_words
from goodwill.report.numbers import show_change, show_count, show_size
from goodwill.report.phrases import listed, plural
from goodwill.verdicts.changes import no_effect
from goodwill.verdicts.judge import ALPHA, COULD_BE_MISSED, STILL_HELD
from goodwill.verdicts.verdict import Verdict


def missing(verdict: Verdict, currency: str = "EUR") -> str:
    """What is missing, or why an estimate that is there carries no claim.

    Examples
    --------
    >>> from goodwill.verdicts.verdict import Figure
    >>> effect = Figure("effect", "Difference", 0.058, "points", low=0.01, high=0.106, p=0.047)
    >>> print(missing(Verdict("win_rate", "?", unit="opportunity", headline=effect, q=0.071, matters=0.05, n=1191,
    ...                       missing="an effect that matters could have been missed with 1,191 units")))
    ... # doctest: +NORMALIZE_WHITESPACE
    it points to +5.8 points, but several questions were asked at once, and counting that it is not sure enough
    (q = 0.071, where 0.05 or less is asked for); an effect that matters (5.0 points or more) could have been missed
    with 1,191 opportunities
    """
    told = in_words(verdict.missing, verdict, currency) or "the interval is too wide to tell an effect from none"
    if not told.startswith((COULD_BE_MISSED, STILL_HELD)):
        return told
    if told.startswith(COULD_BE_MISSED):
        missed = COULD_BE_MISSED.replace("that matters", _that_matters(verdict, currency))
        told = f"{missed} with {show_count(verdict.n)} {plural(verdict.unit or 'unit', verdict.n)}"
    else:
        told = STILL_HELD.replace("that matters", _that_matters(verdict, currency))
    return "; ".join(part for part in (_points_to(verdict, currency), told) if part)


def unadjusted(verdict: Verdict) -> str:
    """What a claim is not adjusted for, as nothing was recorded of it: a sentence, empty if there is nothing to say.

    Examples
    --------
    >>> rows = [{"factor": "site visits"}, {"factor": "service requests"}]
    >>> unadjusted(Verdict("win_rate", "?", facts={"not_recorded": rows}))
    'Nothing was recorded of site visits and service requests, so that it is not adjusted for them.'
    """
    names = [str(row["factor"]) for row in verdict.facts.get("not_recorded", ())]
    return f"Nothing was recorded of {listed(names)}, so that it is not adjusted for them." if names else ""


def _that_matters(verdict: Verdict, currency: str) -> str:
    if not verdict.matters or verdict.headline is None:
        return "that matters"
    return f"that matters ({show_size(verdict.matters, verdict.headline.unit, currency)} or more)"


def _points_to(verdict: Verdict, currency: str) -> str:
    """Why an interval that leaves out no effect is no claim yet; empty where it holds no effect."""
    figure, q = verdict.headline, verdict.q
    if figure is None or q is None or q <= ALPHA or None in (figure.value, figure.low, figure.high):
        return ""
    if figure.low <= no_effect(figure) <= figure.high:  # type: ignore[operator]
        return ""
    by = f"it points to {show_change(figure.value, figure.unit, currency)}"
    if figure.p is not None and figure.p > ALPHA:
        return f"{by}, but chance alone shows as much more often than once in twenty times ({_to('p', figure.p)})"
    return (
        f"{by}, but several questions were asked at once, and counting that it is not sure enough "
        f"({_to('q', q)}, where {ALPHA:g} or less is asked for)"
    )


def _to(name: str, value: float) -> str:
    """A probability above the bar, so that it is not written as the bar itself."""
    return f"{name} = {value:.3f}" if value < 2 * ALPHA else f"{name} = {value:.2f}"
