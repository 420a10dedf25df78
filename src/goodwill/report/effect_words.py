"""How an effect is told: which question changes what, in which direction, by how much, within how many weeks."""

from __future__ import annotations

from dataclasses import dataclass

from goodwill.report.numbers import (
    show,
    show_bare,
    show_bare_change,
    show_change,
    show_ends,
    show_interval,
    show_size,
    show_value,
)
from goodwill.report.phrases import clause, indefinite, label
from goodwill.verdicts.horizon import horizon_weeks
from goodwill.verdicts.verdict import Figure, Verdict


@dataclass(frozen=True)
class Effect:
    """How an effect is told: "Social touches raised the chance that an opportunity is won".

    ``{one}`` in the outcome stands for one unit and what it does, ``{deal}`` for what can be won. ``is_per_hundred``
    where the outcome says already that points are so many of a hundred.
    """

    cause: str
    up: str
    down: str
    outcome: str
    is_per_hundred: bool = False


#: The questions whose answer is a change of something. The others are told by their headline's label.
EFFECTS: dict[str, Effect] = {
    "win_rate": Effect("Social touches", "raised", "lowered", "the chance that {deal} is won"),
    "sales_cycle": Effect("Social touches", "lengthened", "shortened", "the time to a win"),
    "sales": Effect("Social touches", "raised", "lowered", "what {one}"),
    "churn": Effect("Social touches", "raised", "lowered", "the chance that a customer cancels"),
    "funnel": Effect("Social touches", "raised", "lowered", "the wins per 100 eligible accounts", is_per_hundred=True),
    "lift": Effect("The start of social", "raised", "lowered", "customer interactions"),
    "leadership": Effect("Leaders who take part", "raised", "lowered", "the outcome of the accounts they touch"),
    "referral": Effect("Social engagement", "raised", "lowered", "the chance that a customer comes back"),
    "relationships": Effect("Social touches", "lengthened", "shortened", "the time until a relationship pays"),
}
#: Units that do not buy, but bring something in.
BRINGING = ("opportunity", "lead", "deal")
#: Words of a treatment by which social is met as touches, not as the channel through which somebody came.
TOUCHING = ("touch", "engage", "interact")


def told(verdict: Verdict, figure: Figure, currency: str) -> str:
    """The effect as a sentence without its full stop."""
    effect = EFFECTS.get(verdict.question)
    if effect is None:
        return f"{label(figure.label)} came to {show(figure, currency)}"
    cause = effect.cause if is_touch(verdict) else label(clause(verdict.treatment))
    return f"{cause} {changed(verdict, figure, currency, within=within(verdict))}"


def changed(verdict: Verdict, figure: Figure, currency: str, *, within: str = "") -> str:
    """What happened to what, and by how much, for a question that has an effect.

    Examples
    --------
    >>> effect = Figure("effect", "Difference in sales", 1240.0, "money")
    >>> changed(Verdict("sales", "?", unit="customer"), effect, "EUR")
    'raised what a customer buys by 1,240 EUR'
    """
    effect = EFFECTS[verdict.question]
    no_change = 1.0 if figure.unit == "ratio" else 0.0
    verb = effect.up if (figure.value or 0.0) > no_change else effect.down
    if figure.unit == "ratio":
        by = f"to {show_value(figure.value, 'ratio')} times what it would have been"
    else:
        by = f"by {size(verdict, figure.value, figure.unit, currency)}"
    return f"{verb} {outcome(verdict)}{within} {by}"


def differed(verdict: Verdict, figure: Figure, currency: str) -> str:
    """The same where no direction is claimed."""
    effect = EFFECTS.get(verdict.question)
    if effect is None:
        return f"{label(figure.label)} came to {show(figure, currency)}"
    is_bare = effect.is_per_hundred and figure.unit == "points"
    change = (
        show_bare_change(figure.value, figure.unit) if is_bare else show_change(figure.value, figure.unit, currency)
    )
    return f"{outcome(verdict)}{within(verdict)} differed by {change}"


def outcome(verdict: Verdict) -> str:
    """What a question's answer changes.

    Examples
    --------
    >>> outcome(Verdict("sales", "?", unit="opportunity"))
    'what an opportunity brings in'
    >>> outcome(Verdict("win_rate", "?", unit="lead"))
    'the chance that a lead is won'
    """
    unit = verdict.unit or "customer"
    does = "brings in" if unit in BRINGING else "buys"
    deal = indefinite(unit if unit in BRINGING else BRINGING[0])
    return EFFECTS[verdict.question].outcome.format(one=f"{indefinite(unit)} {does}", deal=deal)


def size(verdict: Verdict, value: float | None, unit: str, currency: str) -> str:
    """The size of a difference without its sign, and without its unit where the outcome holds it."""
    if value is not None and _says_its_unit(verdict, unit):
        return show_bare(abs(value), unit).lstrip("+")
    return show_size(value, unit, currency)


def interval(verdict: Verdict, figure: Figure, currency: str) -> str:
    """The interval in the same way."""
    if _says_its_unit(verdict, figure.unit):
        return show_ends(figure.low, figure.high, figure.unit)
    return show_interval(figure, currency)


def is_touch(verdict: Verdict) -> bool:
    """Is social met as touches, or as the channel through which somebody came?"""
    return not verdict.treatment or any(word in verdict.treatment.lower() for word in TOUCHING)


def within(verdict: Verdict) -> str:
    """By when the outcome is counted; empty if nothing says so."""
    weeks = horizon_weeks(verdict)
    if weeks is None:
        return ""
    is_time = verdict.headline is not None and verdict.headline.unit == "days"
    return f", counted up to week {weeks}," if is_time else f" within {weeks} weeks"


def _says_its_unit(verdict: Verdict, unit: str) -> bool:
    effect = EFFECTS.get(verdict.question)
    return effect is not None and effect.is_per_hundred and unit == "points"
