"""The only place with sentences about results: what was found, how sure, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from goodwill.report import captions
from goodwill.report.confounders import strongest
from goodwill.report.effect_words import EFFECTS, changed, differed, interval, is_touch, size, told
from goodwill.report.missing_words import missing, unadjusted
from goodwill.report.numbers import about, show, show_change, show_count, show_level, show_size, show_value
from goodwill.report.phrases import as_sentence, clause, label, lower_first, plural
from goodwill.verdicts.judge import ALPHA
from goodwill.verdicts.verdict import GRADES, Figure, Verdict


@dataclass(frozen=True)
class Standing:
    """A standing as a badge: a sign and words, never colour alone; ``means`` is for those who ask."""

    sign: str
    words: str
    means: str
    css: str


#: Whether an effect stands out is decided over all questions at once, as ``verdicts.judge`` has it.
_OUT = f"stands out among all questions asked at once (its q-value is {ALPHA:.0%} or less)"
_NONE_OUT = f"No effect stands out among all questions asked at once (q-values above {ALPHA:.0%})"
_SUPPORTED = f"The effect {_OUT}, survived the decisive checks, and goes the way that was hoped for."
_CONTRADICTED = f"An effect {_OUT} and survived the decisive checks, but it goes against what was hoped for."
_NO_EFFECT = f"{_NONE_OUT}; an effect that matters would have been found, where it is known what matters."
_UNTOLD = (
    "Something needed is missing, a decisive check was not survived, or no effect stands out among all questions asked "
    "at once while one that matters is not ruled out."
)
STANDINGS: dict[str, Standing] = {
    "supported": Standing("✓", "Supported", _SUPPORTED, "yes"),
    "no effect found": Standing("=", "No effect found", _NO_EFFECT, "none"),
    "cannot tell": Standing("?", "Cannot tell", _UNTOLD, "open"),
    "contradicted": Standing("✕", "Contradicted", _CONTRADICTED, "no"),
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
        why = clause(missing(verdict, currency))
        return f"Cannot tell: {why}; to settle it: {clause(settled_by(verdict))}."
    if figure is None or figure.value is None:
        return (captions.described(verdict, currency) or f"{STANDINGS[verdict.standing].words}: {verdict.asks}") + grade
    behind = _behind(verdict, figure, currency)
    if verdict.standing == "described":
        return f"{label(figure.label)} came to {show(figure, currency)}{behind}." + grade
    if verdict.standing == "no effect found":
        found = lower_first(differed(verdict, figure, currency))
        return f"No effect found: {found}{behind}.{_smallest(verdict, currency)}" + grade
    found, lacking = told(verdict, figure, currency), unadjusted(verdict)
    grade += f" {lacking}" if lacking else ""
    if verdict.standing == "contradicted":
        return f"The opposite of what was hoped for: {lower_first(found)}{behind}." + grade
    return f"{found}{behind}." + grade


def brief(verdict: Verdict, currency: str = "EUR") -> str:
    """The answer in a few words, for a table.

    Examples
    --------
    >>> brief(Verdict("churn", "Does social keep customers?", missing="no subscription has ended"))
    'no subscription has ended'
    """
    figure = verdict.headline
    if verdict.standing == "cannot tell":
        return clause(missing(verdict, currency))
    if figure is None or figure.value is None:
        return clause(captions.described(verdict, currency)) or STANDINGS[verdict.standing].means
    if verdict.standing == "described" or verdict.question not in EFFECTS:
        return f"{label(figure.label)}: {show(figure, currency)}"
    if verdict.standing == "no effect found":
        found = _smallest(verdict, currency).strip()
        return found.rstrip(".") if found else f"{show(figure, currency)}, not told apart from none"
    return changed(verdict, figure, currency)


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
        ("What is missing", as_sentence(missing(verdict, currency))),
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
        left = needed - verdict.n
        more = f"about {about(left)} more {noun}, {about(needed)} in all" if left > 0 else f"{about(needed)} {noun}"
        if months := verdict.needed.get("months"):
            more += f" (about {about(months)} {plural('month', round(months))} at your pace)"
    return "; ".join(part for part in (clause(verdict.settles), more) if part) or "the data named as missing"


def adjusting(verdict: Verdict, currency: str = "EUR") -> str:
    """What adjusting did to the naive figure; empty where there is nothing to compare."""
    naive, figure = verdict.naive, verdict.headline
    if naive is None or figure is None or naive.value is None or figure.value is None or naive.unit != figure.unit:
        return ""
    if figure.unit == "share":
        return _recounted(naive.value, figure.value)
    beside = (
        f"The naive comparison, with social against without, says {show_change(naive.value, naive.unit, currency)}; "
        f"the adjusted one says {show_change(figure.value, figure.unit, currency)}."
    )
    why = _naive_is(verdict)
    none = 1.0 if figure.unit == "ratio" else 0.0
    if (naive.value - none) * (figure.value - none) < 0:
        return beside + f" They point in opposite directions: {why}."
    gone = abs(naive.value - none) - abs(figure.value - none)
    larger = "larger" if gone > 0 else "smaller"
    return beside + f" The naive one is {larger} by {show_size(gone, figure.unit, currency)}: {why}."


def _recounted(naive: float, corrected: float) -> str:
    """What correcting did to a share that was counted, not compared."""
    beside = (
        f"A plain count says {show_value(naive, 'share')}; the corrected share is {show_value(corrected, 'share')}."
    )
    if naive == corrected:
        return beside
    why = "it takes for new whom matching missed" if naive > corrected else "it counts matches that are wrong"
    return f"{beside} The plain count is {'larger' if naive > corrected else 'smaller'}: {why}."


def hidden_cause(verdict: Verdict, currency: str = "EUR") -> tuple[str, ...]:
    """How strong something unmeasured would have to be to explain the answer away, the plainest measure first."""
    known = {name: value for name, value in verdict.sensitivity.items() if value is not None}
    found = [_hidden(name, known[name], verdict) for name in HIDDEN if name in known]
    found += [_declared(kind, verdict, currency) for kind in DECLARED if f"declared_{kind}_low" in known]
    if "hidden_low" in known and "hidden_high" in known:
        found.append(_if_hidden(verdict, currency))
    others = [n for n in sorted(known) if n not in HIDDEN and not n.startswith(("declared_", "hidden_"))]
    return (*found, *(f"{name.replace('_', ' ').capitalize()}: {known[name]:.3g}." for name in others))


#: What is known of hidden causes, and how it is told; ``{value}`` is a ratio, ``{share}`` a percentage.
HIDDEN: dict[str, str] = {
    "tipping": "Something unmeasured {value:.1f} times as strong as the strongest thing we measured{strongest} would "
    "be enough to bring the answer to zero.",
    "tipping_of_limit": "To let the interval reach zero, {value:.1f} times as strong would be enough.",
    "tipping_to_what_matters": "To bring the answer down to the least that matters, {value:.1f} times as strong would "
    "be enough.",
    "tipping_of_limit_to_what_matters": "To let the interval reach the least that matters, {value:.1f} times as strong "
    "would be enough.",
    "e_value": "Something unmeasured would have to be tied to both {exposure} and the outcome by a risk ratio of "
    "{value:.2f} each (the E-value) to explain the whole effect away.",
    "e_value_of_limit": "To move the interval to zero, a risk ratio of {value:.2f} each would be enough.",
    "robustness_value": "Something unmeasured that explains {share} of what is left of both the touch and the outcome "
    "would bring the answer to zero (the robustness value).",
    "robustness_value_of_limit": "To let the interval reach zero, {share} of both would be enough.",
    "risk_ratio": "The E-value belongs to a ratio of {value:.2f} between the two sides.",
}
#: At these values nothing hidden is needed.
NOTHING_NEEDED: dict[str, tuple[float, str]] = {
    "tipping_of_limit": (0.0, "The interval holds no effect as it is: nothing hidden is needed for that."),
    "tipping_to_what_matters": (0.0, "The answer is below the least that matters as it is."),
    "tipping_of_limit_to_what_matters": (0.0, "The interval holds effects below the least that matters as it is."),
    "e_value_of_limit": (1.0, "The interval holds no effect as it is: the E-value of its limit is 1."),
    "robustness_value_of_limit": (0.0, "The interval holds no effect as it is: its robustness value is 0."),
}
#: What the settings can declare of things that no data shows.
DECLARED = {"silent": "silent exposure", "hidden": "a hidden cause as strong"}


def _hidden(name: str, value: float, verdict: Verdict) -> str:
    enough, told = NOTHING_NEEDED.get(name, (None, ""))
    if value == enough:
        return told
    named = strongest(verdict)
    exposure = "the touch" if is_touch(verdict) else "the way in"
    strong = f" ({named})" if named else ""
    return HIDDEN[name].format(value=value, share=show_value(value, "share"), strongest=strong, exposure=exposure)


def _if_hidden(verdict: Verdict, currency: str) -> str:
    unit = verdict.headline.unit if verdict.headline else "ratio"
    low, high, times = (verdict.sensitivity.get(f"hidden_{part}", 1.0) for part in ("low", "high", "times"))
    return (
        f"If something hidden were up to {times:g} times as strong as the strongest thing we measured, the answer "
        f"would lie between {show_change(low, unit, currency)} and {show_change(high, unit, currency)}."
    )


def _declared(kind: str, verdict: Verdict, currency: str) -> str:
    unit = verdict.headline.unit if verdict.headline else "ratio"
    low, high = (verdict.sensitivity.get(f"declared_{kind}_{end}") for end in ("low", "high"))
    return (
        f"With {DECLARED[kind]} as declared in the settings, the answer lies between "
        f"{show_change(low, unit, currency)} and {show_change(high, unit, currency)}."
    )


def _behind(verdict: Verdict, figure: Figure, currency: str) -> str:
    reach = interval(verdict, figure, currency)
    parts = [f"{show_level(figure)} interval {reach}" if reach else "no interval: nothing was sampled"]
    if verdict.n:
        exposed = "touched" if is_touch(verdict) else "with social"
        counted = f"{show_count(verdict.n)} {plural(verdict.unit or 'unit', verdict.n)}"
        parts.append(counted + (f", {show_count(verdict.n_exposed)} {exposed}" if verdict.n_exposed else ""))
    return f" ({'; '.join(parts)})"


def _smallest(verdict: Verdict, currency: str) -> str:
    if verdict.detectable is None or verdict.headline is None:
        return ""
    smallest = size(verdict, verdict.detectable, verdict.headline.unit, currency)
    return f" The smallest effect we could have found: {smallest}."


def _naive_is(verdict: Verdict) -> str:
    """Why a naive figure is another figure, in the words of the traps it falls into."""
    before = "it mixes in differences that were there before"
    if not is_touch(verdict):
        return before
    return f"{before}, and {plural(verdict.unit or 'unit', 2)} that were followed longer had more time to be touched"
