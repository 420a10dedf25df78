"""What came out of each attempt to break an answer, in words and in the unit of the answer."""

from __future__ import annotations

import math
import re

from goodwill.report.numbers import show_bare_change, show_change, show_count, show_size, show_value
from goodwill.report.phrases import clause, plural
from goodwill.verdicts.verdict import Check, Verdict

#: Three digits of a p-value are all that anybody decides by.
LEAST_P = 0.001
#: A log-odds beyond this is a model that separated the sides, and its ratio a number without end.
FURTHEST = 10.0


def outcome(check: Check) -> tuple[str, str, str]:
    """A check's outcome as sign, words and style."""
    if check.survived is None:
        return "–", "could not run", "open"
    return ("✓", "survived", "yes") if check.survived else ("✕", "did not survive", "no")


def resisted(verdict: Verdict) -> str:
    """How the answer stood up to the attempts to break it.

    Examples
    --------
    >>> resisted(Verdict("win_rate", "Does it?", checks=(Check("placebo", "", "", True), Check("lag", "", "", None))))
    'survived 1 of 2 checks; 1 could not run, which is no pass'
    """
    if not verdict.checks:
        return "no attempt to break it was made"
    survived = sum(check.survived is True for check in verdict.checks)
    idle = sum(check.survived is None for check in verdict.checks)
    told = f"survived {survived} of {len(verdict.checks)} {plural('check', len(verdict.checks))}"
    return told + (f"; {idle} could not run, which is no pass" if idle else "")


def came_out(check: Check, unit: str, currency: str = "EUR") -> str:
    """What came out of a check, as a clause.

    Parameters
    ----------
    check : Check
        ``figures`` are told where they are of a known kind: placebos (``mean`` and ``spread``, perhaps ``allowed``,
        ``repeats``, ``rank``, ``of``), another estimate (``value`` and ``se``, perhaps ``p`` and ``detectable``), a
        ratio of odds (``log_odds``, perhaps ``p``). Any other result is told as it was written, but for its numbers
        with a sign: those are changes in the unit of the answer.
    unit : str
        The unit of the answer, in which the figures are; empty if there is no answer.
    currency : str

    Examples
    --------
    >>> figures = {"mean": 0.0023, "spread": 0.031, "repeats": 100.0, "allowed": 0.0155, "rank": 3, "of": 101}
    >>> came_out(Check("shuffled exposure", "", "they average +0.0023", True, True, figures), "points")
    'the 100 placebos average +0.2 points, where up to 1.6 points either way is chance; the real answer ranks 3 of 101'
    >>> came_out(Check("other windows", "", "halved +0.06 (+0.02 to +0.1); as chosen -0.08", True), "points")
    'halved +6.0 points (+2.0 to +10.0 points); as chosen −8.0 points'
    """
    if check.survived is None:
        return clause(check.result)
    if unit and {"mean", "spread"} <= set(check.figures):
        return _placebos(check, unit, currency)
    if unit and {"value", "se"} <= set(check.figures):
        return _another(check, unit, currency)
    if check.figures.get("log_odds") is not None:
        return _odds(check)
    told = clause(check.result).replace("_", " ")
    return _with_unit(told, unit, currency) if unit else told


def in_words(text: str, verdict: Verdict, currency: str) -> str:
    """A text that quotes the results of checks, with each in the unit of the answer."""
    unit = verdict.headline.unit if verdict.headline else ""
    for check in verdict.checks:
        if check.result and check.result in text:
            text = text.replace(check.result, came_out(check, unit, currency))
    return text


def _placebos(check: Check, unit: str, currency: str) -> str:
    figures = check.figures
    repeats = f"{show_count(figures['repeats'])} placebos" if figures.get("repeats") else "placebos"
    told = f"the {repeats} average {show_change(figures['mean'], unit, currency)}"
    if figures.get("allowed") is not None:
        told += f", where up to {show_size(figures['allowed'], unit, currency)} either way is chance"
    else:
        told += f" and spread by {show_size(figures['spread'], unit, currency)}"
    if figures.get("rank") and figures.get("of"):
        told += f"; the real answer ranks {show_count(figures['rank'])} of {show_count(figures['of'])}"
    return told


def _another(check: Check, unit: str, currency: str) -> str:
    figures = check.figures
    told = f"it comes to {show_change(figures['value'], unit, currency)}"
    told += f" (standard error {show_size(figures['se'], unit, currency)}{_p(', ', figures.get('p'))})"
    if figures.get("detectable") is None:
        return told
    return f"{told}, where {show_size(figures['detectable'], unit, currency)} could have been found"


def _odds(check: Check) -> str:
    log_odds = min(max(check.figures["log_odds"], -FURTHEST), FURTHEST)
    ratio = show_value(math.exp(log_odds), "ratio")
    told = f"the ratio of odds is {ratio}, where 1.00 would be no difference"
    p = _p("", check.figures.get("p"))
    return f"{told} ({p})" if p else told


def _p(before: str, p: float | None) -> str:
    return "" if p is None else f"{before}p {'below 0.001' if p < LEAST_P else f'= {p:.3f}'}"


def _with_unit(text: str, unit: str, currency: str) -> str:
    """Numbers with a sign as changes in a unit; the first of two ends without it."""

    def shown(found: re.Match[str]) -> str:
        value = float(found["number"])
        return show_bare_change(value, unit) if found["to"] is not None else show_change(value, unit, currency)

    return re.sub(r"(?<![\w.])(?P<number>[+-]\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?P<to>(?= to [+-]\d))?", shown, text)
