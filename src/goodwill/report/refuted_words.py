"""Earlier statements that proved wrong, or that no longer stand: what was said, by which run, and what is known now."""

from __future__ import annotations

from goodwill.report import words
from goodwill.report.effect_words import EFFECTS, size, told
from goodwill.report.numbers import show_interval, show_level
from goodwill.report.phrases import lower_first
from goodwill.verdicts.changes import Refuted
from goodwill.verdicts.verdict import Figure, Verdict


def refuted_words(found: Refuted, currency: str = "EUR") -> str:
    """What an earlier run said, and what is known now.

    Examples
    --------
    >>> effect = Figure("effect", "Difference in sales", 1240.0, "money", low=200.0, high=2280.0)
    >>> said = Verdict("sales", "?", unit="customer", headline=effect, standing="supported")
    >>> now = Verdict("sales", "?", unit="customer", missing="too few customers bought twice")
    >>> found = Refuted("run 1, as of 2025-06-30", said, now, "withdrawn")
    >>> print(refuted_words(found))  # doctest: +NORMALIZE_WHITESPACE
    Run 1, as of 2025-06-30, said: social touches raised what a customer buys by 1,240 EUR (90% interval 200 to 2,280
    EUR). It cannot be told now: too few customers bought twice.
    """
    who = f"{found.label[:1].upper()}{found.label[1:]}" + ("," if "," in found.label else "")
    before, now = found.earlier, found.now
    if found.reason == "missed":
        figure, least = before.headline, before.detectable
        smallest = size(before, least, figure.unit, currency) if figure is not None else ""
        was = f"no effect was found ({words.title(before).lower()}), and one of {smallest} could have been"
    else:
        was = _claim(before, currency)
    return f"{who} said: {was}. {_known_now(found, now, currency)}"


def _known_now(found: Refuted, now: Verdict, currency: str) -> str:
    if found.reason == "withdrawn":
        return f"It cannot be told now: {words.brief(now, currency)}."
    if found.reason == "opposite":
        return f"Now the opposite is found: {_claim(now, currency)}."
    if found.reason == "excluded" and now.headline is not None:
        reach = show_interval(now.headline, currency)
        return f"No effect is found now, and the interval, {reach}, leaves that out."
    apart = " The two intervals have no value in common." if found.reason == "apart" else ""
    return f"Now: {_claim(now, currency)}.{apart}"


def _claim(verdict: Verdict, currency: str) -> str:
    """What a verdict claims, as a clause with its interval."""
    assert verdict.headline is not None, "only what has a headline claims anything"
    claim = told(verdict, verdict.headline, currency)
    claim = lower_first(claim) if verdict.question in EFFECTS else claim
    return claim + _reach(verdict.headline, currency)


def _reach(figure: Figure, currency: str) -> str:
    reach = show_interval(figure, currency)
    return f" ({show_level(figure)} interval {reach})" if reach else ""
