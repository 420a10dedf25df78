"""The only place with sentences about results: what was found, how sure, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from goodwill.report import captions
from goodwill.report.numbers import about, show, show_change, show_count, show_interval, show_level, show_size
from goodwill.report.phrases import as_sentence, clause, label, lower_first, plural
from goodwill.verdicts.verdict import GRADES, Check, Figure, Verdict


@dataclass(frozen=True)
class Effect:
    """How an effect is told: "Social touches raised the chance that an opportunity is won"."""

    cause: str
    up: str
    down: str
    outcome: str


#: The questions whose answer is a change of something. The others are told by their headline's label.
EFFECTS: dict[str, Effect] = {
    "win_rate": Effect("Social touches", "raised", "lowered", "the chance that an opportunity is won"),
    "sales_cycle": Effect("Social touches", "lengthened", "shortened", "the time to a win"),
    "sales": Effect("Social touches", "raised", "lowered", "what customers buy"),
    "churn": Effect("Social engagement", "raised", "lowered", "the chance that a customer leaves"),
    "lift": Effect("The start of social", "raised", "lowered", "customer interactions"),
    "leadership": Effect("Leaders who take part", "raised", "lowered", "the outcome of the accounts they touch"),
    "referral": Effect("Social engagement", "raised", "lowered", "the chance that a customer comes back"),
    "relationships": Effect("Social touches", "lengthened", "shortened", "the time until a relationship pays"),
}


@dataclass(frozen=True)
class Standing:
    """A standing as a badge: a sign and words, never colour alone; ``means`` is for those who ask."""

    sign: str
    words: str
    means: str
    css: str


STANDINGS: dict[str, Standing] = {
    "supported": Standing("✓", "Supported", "The interval excludes zero and the checks did not break it.", "yes"),
    "no effect found": Standing(
        "=", "No effect found", "The data would have shown an effect of the size named.", "none"
    ),
    "cannot tell": Standing("?", "Cannot tell", "The data can neither show an effect nor rule one out.", "open"),
    "contradicted": Standing("✕", "Contradicted", "The data or a decisive check speak against it.", "no"),
    "described": Standing("≡", "Described", "A measurement of what is; it claims no cause.", "is"),
}


def standing_words(verdict: Verdict) -> Standing:
    """The badge of a verdict."""
    return STANDINGS[verdict.standing]


def title(verdict: Verdict) -> str:
    """A question's short name.

    Examples
    --------
    >>> title(Verdict("win_rate", "Does social raise the chance that an opportunity is won?"))
    'Win rate'
    """
    return verdict.question.replace("_", " ").capitalize()


def sentence(verdict: Verdict, currency: str = "EUR") -> str:
    """The answer in one or two sentences, with interval, number of units and grade.

    Parameters
    ----------
    verdict : Verdict
    currency : str
        ISO 4217 code for money.

    Examples
    --------
    >>> effect = Figure("effect", "Difference in chance of winning", 0.061, "points", low=0.012, high=0.11)
    >>> sentence(Verdict("win_rate", "Does it?", unit="opportunity", headline=effect, n=812, n_exposed=401,
    ...                  grade="C", standing="supported"))  # doctest: +NORMALIZE_WHITESPACE
    'Social touches raised the chance that an opportunity is won by 6.1 points (90% interval 1.2 to
    11.0 points; 812 opportunities, 401 touched). Grade C: adjusted comparison.'
    """
    grade = f" Grade {verdict.grade}: {GRADES[verdict.grade]}."
    figure = verdict.headline
    if verdict.standing == "cannot tell":
        return f"Cannot tell: {clause(_missing(verdict))}; to settle it: {clause(settled_by(verdict))}."
    if figure is None or figure.value is None:
        return (captions.described(verdict, currency) or f"{STANDINGS[verdict.standing].words}: {verdict.asks}") + grade
    behind = _behind(verdict, figure, currency)
    if verdict.standing == "described":
        return f"{label(figure.label)} came to {show(figure, currency)}{behind}." + grade
    if verdict.standing == "no effect found":
        return (
            f"No effect found: {lower_first(_difference(verdict, figure, currency))}{behind}.{_smallest(verdict)}"
            + grade
        )
    told = _told(verdict, figure, currency)
    if verdict.standing == "contradicted":
        return f"The opposite of what was hoped for: {lower_first(told)}{behind}." + grade
    return f"{told}{behind}." + grade


def brief(verdict: Verdict, currency: str = "EUR") -> str:
    """The answer in a few words, for a table.

    Examples
    --------
    >>> brief(Verdict("churn", "Does social keep customers?", missing="no subscription has ended"))
    'no subscription has ended'
    """
    figure = verdict.headline
    if verdict.standing == "cannot tell":
        return clause(_missing(verdict))
    if figure is None or figure.value is None:
        return clause(captions.described(verdict, currency)) or STANDINGS[verdict.standing].means
    effect = EFFECTS.get(verdict.question)
    if verdict.standing == "described" or effect is None:
        return f"{label(figure.label)}: {show(figure, currency)}"
    if verdict.standing == "no effect found":
        found = _smallest(verdict).strip()
        return found.rstrip(".") if found else f"{show(figure, currency)}, not told apart from none"
    return (
        f"{effect.up if figure.value > 0 else effect.down} {effect.outcome} by {show_size(figure.value, figure.unit)}"
    )


def advice(verdict: Verdict) -> str:
    """What to do with the answer."""
    bears = f" It bears on this decision: {clause(verdict.decision)}." if verdict.decision else ""
    if verdict.standing == "supported":
        if verdict.grade in "CDE":
            return "Good enough for a step that can be taken back; test it before a large one." + bears
        return "You can act on this, within the interval." + bears
    if verdict.standing == "no effect found":
        return "Do not spend more, or claim more, on the strength of this." + bears
    if verdict.standing == "contradicted":
        return "Do not use this claim; read the checks below before anything else." + bears
    if verdict.standing == "described":
        return "Use it to plan and to compare; it does not say what caused what." + bears
    return "Do not decide on the strength of this; first get what would settle it." + bears


def unknown(verdict: Verdict, currency: str = "EUR") -> tuple[tuple[str, str], ...]:
    """What is not known and what would settle it, as pairs of a heading and its words."""
    told = [
        ("What is missing", as_sentence(_missing(verdict))),
        ("What would settle it", as_sentence(settled_by(verdict))),
    ]
    figure = verdict.headline or verdict.naive
    if verdict.detectable is not None and figure is not None:
        size = show_size(verdict.detectable, figure.unit, currency)
        told.append(("Smallest effect this much data could have found", f"{size}."))
    return tuple(told)


def settled_by(verdict: Verdict) -> str:
    """What would settle a question: in words, and how many units and months it takes.

    Examples
    --------
    >>> settled_by(Verdict("win_rate", "Does it?", unit="opportunity", n=800, needed={"units": 1713, "months": 14.2}))
    'about 910 more opportunities, 1,700 in all (about 14 months at your pace)'
    """
    needed, more = verdict.needed.get("units"), ""
    if needed:
        noun = plural(verdict.unit or "unit", 2)
        missing = needed - verdict.n
        more = (
            f"about {about(missing)} more {noun}, {about(needed)} in all" if missing > 0 else f"{about(needed)} {noun}"
        )
        if months := verdict.needed.get("months"):
            more += f" (about {about(months)} {plural('month', round(months))} at your pace)"
    return "; ".join(part for part in (clause(verdict.settles), more) if part) or "the data named as missing"


#: Why a naive figure is another figure, in the words of the traps it falls into.
NAIVE_IS = "it mixes in differences that were there before, and deals that lived longer had more time to be touched"


def adjusting(verdict: Verdict, currency: str = "EUR") -> str:
    """What adjusting did to the naive figure; empty where there is nothing to compare."""
    naive, figure = verdict.naive, verdict.headline
    if naive is None or figure is None or naive.value is None or figure.value is None or naive.unit != figure.unit:
        return ""
    beside = (
        f"The naive comparison, with social against without, says {show_change(naive.value, naive.unit, currency)}; "
        f"the adjusted one says {show_change(figure.value, figure.unit, currency)}."
    )
    if naive.value * figure.value < 0:
        return beside + f" They point in opposite directions: {NAIVE_IS}."
    gone = show_size(abs(naive.value) - abs(figure.value), figure.unit, currency)
    if abs(figure.value) < abs(naive.value):
        return beside + f" The naive one is larger by {gone}: {NAIVE_IS}."
    return beside + f" The naive one is smaller by {gone}: {NAIVE_IS}."


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


def outcome(check: Check) -> tuple[str, str, str]:
    """A check's outcome as sign, words and style."""
    if check.survived is None:
        return "–", "could not run", "open"
    return ("✓", "survived", "yes") if check.survived else ("✕", "did not survive", "no")


def hidden_cause(verdict: Verdict) -> tuple[str, ...]:
    """How strong something unmeasured would have to be to explain the answer away (VanderWeele and Ding 2017)."""
    told = []
    for name, value in sorted(verdict.sensitivity.items()):
        if name == "e_value":
            told.append(
                f"Something unmeasured would have to be tied to both the touch and the outcome by a risk ratio of "
                f"{value:.2f} each (the E-value) to explain the whole effect away."
            )
        elif name.startswith("e_value"):
            told.append(f"To move the interval to zero, a risk ratio of {value:.2f} each would be enough.")
        else:
            told.append(f"{name.replace('_', ' ').capitalize()}: {value:.3g}.")
    return tuple(told)


def _told(verdict: Verdict, figure: Figure, currency: str) -> str:
    effect = EFFECTS.get(verdict.question)
    if effect is None:
        return f"{label(figure.label)} came to {show(figure, currency)}"
    verb = effect.up if (figure.value or 0) > 0 else effect.down
    cause = effect.cause if _is_touch(verdict) else label(clause(verdict.treatment))
    return f"{cause} {verb} {effect.outcome}{_within(verdict)} by {show_size(figure.value, figure.unit, currency)}"


def _difference(verdict: Verdict, figure: Figure, currency: str) -> str:
    effect = EFFECTS.get(verdict.question)
    if effect is None:
        return f"{label(figure.label)} came to {show(figure, currency)}"
    return f"{effect.outcome}{_within(verdict)} differed by {show_change(figure.value, figure.unit, currency)}"


def _is_touch(verdict: Verdict) -> bool:
    """Is social met as touches, or as the channel through which somebody came?"""
    return not verdict.treatment or "touch" in verdict.treatment


def _within(verdict: Verdict) -> str:
    weeks = [row["week"] for row in verdict.facts.get("curves", ()) if isinstance(row.get("week"), int)]
    if not weeks:
        return ""
    is_time = verdict.headline is not None and verdict.headline.unit == "days"
    return f", counted up to week {max(weeks)}," if is_time else f" within {max(weeks)} weeks"


def _behind(verdict: Verdict, figure: Figure, currency: str) -> str:
    interval = show_interval(figure, currency)
    parts = [f"{show_level(figure)} interval {interval}" if interval else "no interval: nothing was sampled"]
    if verdict.n:
        exposed = "touched" if _is_touch(verdict) else "with social"
        counted = f"{show_count(verdict.n)} {plural(verdict.unit or 'unit', verdict.n)}"
        parts.append(counted + (f", {show_count(verdict.n_exposed)} {exposed}" if verdict.n_exposed else ""))
    return f" ({'; '.join(parts)})"


def _smallest(verdict: Verdict) -> str:
    if verdict.detectable is None or verdict.headline is None:
        return ""
    return f" The smallest effect we could have found: {show_size(verdict.detectable, verdict.headline.unit)}."


def _missing(verdict: Verdict) -> str:
    return verdict.missing or "the interval is too wide to tell an effect from none"
