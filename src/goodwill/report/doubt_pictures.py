"""Pictures of what speaks against an answer: unlike sides, what was measured, and touches that leave no trace."""

from __future__ import annotations

from goodwill.report import effect_captions as captions
from goodwill.report.confounders import balances, moves
from goodwill.report.forests import Mark, Pair, intervals, pairs
from goodwill.report.numbers import axis_number, show_bare, show_bare_change, show_change, show_ends
from goodwill.report.panels import Picture, axis_name, drawn_twice, no_effect, percent
from goodwill.report.phrases import label
from goodwill.verdicts.verdict import Verdict

#: The custom of Austin (2009) for standardised differences.
BALANCED = 0.1
#: Rows of a picture that a reader compares at one sight; the table has the others.
MOST_ROWS = 18


def balance(verdict: Verdict, _currency: str) -> Picture | None:
    """A love plot: standardised differences before and after weighting, with a line at what passes for alike."""
    rows = balances(verdict)
    shown = [Pair(label(row.name), show_bare(row.after, "ratio"), row.before, row.after) for row in rows[:MOST_ROWS]]
    if not shown:
        return None
    told = "; ".join(f"{pair.name} {show_bare(pair.before, 'ratio')} before, {pair.label} after" for pair in shown)
    panel = drawn_twice(
        "Difference between the sides in standard deviations, without its sign", told + ".",
        lambda width: pairs(shown, write=axis_number("ratio"), limit=BALANCED, width=width),
    )  # fmt: skip
    return Picture(captions.balance(rows, BALANCED), (panel,), facts="balance", place="checks")


def sensitivity(verdict: Verdict, currency: str) -> Picture | None:
    """How far the answer moves without each measured confounder."""
    rows = moves(verdict)
    if not rows or verdict.headline is None:
        return None
    unit = verdict.headline.unit
    marks = [
        Mark(show_bare_change(move, unit) if unit != "ratio" else show_bare(without, unit),
             move if unit != "ratio" else without, None, None, name=label(name))
        for name, without, move in rows[:MOST_ROWS]
    ]  # fmt: skip
    told = "; ".join(f"{mark.name} {mark.label}" for mark in marks)
    panel = drawn_twice(
        f"What leaving it out changes, in {axis_name(unit, currency)}", told + ".",
        lambda width: intervals([("", marks)], write=axis_number(unit), zero=no_effect(unit), width=width),
    )  # fmt: skip
    return Picture(captions.sensitivity(rows, unit, currency), (panel,), facts="sensitivity", place="hidden")


def silent(verdict: Verdict, currency: str) -> Picture | None:
    """The corrected effect by the share of touches that was recorded."""
    known = [r for r in verdict.facts["silent"] if r.get("value") is not None or r.get("low") is not None]
    if not known or verdict.headline is None:
        return None
    unit, rows = verdict.headline.unit, sorted(known, key=lambda row: -row["sensitivity"])
    marks = []
    for row in rows:
        value, low, high = row.get("value"), row.get("low"), row.get("high")
        said = show_bare_change(value, unit) if value is not None else show_ends(low, high, unit)
        marks.append(Mark(said, value, low, high, name=f"{percent(row['sensitivity'])} recorded"))
    told = "; ".join(
        f"{mark.name}: {show_change(mark.value, unit, currency) if mark.value is not None else mark.label}"
        for mark in marks
    )
    panel = drawn_twice(
        f"Effect in {axis_name(unit, currency)}, by the share of touches recorded", told + ".",
        lambda width: intervals([("", marks)], write=axis_number(unit), zero=no_effect(unit), width=width),
    )  # fmt: skip
    return Picture(captions.silent(rows, unit, currency), (panel,), facts="silent", place="hidden")
