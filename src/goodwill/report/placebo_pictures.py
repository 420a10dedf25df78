"""The picture of placebos: answers to questions whose truth is nothing, with the real answer among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodwill.report.dots import Strip, strips
from goodwill.report.finite import with_numbers
from goodwill.report.numbers import axis_number, show_change, show_count
from goodwill.report.panels import Picture, axis_name, drawn_twice, no_effect
from goodwill.report.phrases import label, plural
from goodwill.verdicts.verdict import Verdict

#: What the real answer is called, in the picture and in its table.
REAL, MADE_UP = "the real answer", "made up"


def placebos(verdict: Verdict, currency: str) -> Picture | None:
    """Each check's placebos as dots, stacked where they agree, and a line at the real answer where it ranks."""
    by_check = _by_check(verdict)
    if not by_check or verdict.headline is None:
        return None
    unit = verdict.headline.unit
    rows = [_strip(name, some, unit, currency) for name, some in by_check.items()]
    told = "; ".join(_told(row, unit, currency) for row in rows)
    panel = drawn_twice(
        f"Effect in {axis_name(unit, currency)}, a dot for each made-up sample", told + ".",
        lambda width: strips(rows, write=axis_number(unit), zero=no_effect(unit), width=width),
    )  # fmt: skip
    return Picture(seen(verdict, rows, currency), (panel,), facts="placebos", place="checks")


def seen(verdict: Verdict, rows: list[Strip], currency: str) -> str:
    """What to see: dots around no effect, and where the real answer stands among them."""
    assert verdict.headline is not None
    told = "Each dot is the answer of a sample in which social can do nothing; dots should lie around no effect."
    marked = next((row for row in rows if row.real is not None), None)
    if marked is None:
        return told
    place = _ranks(verdict, marked.heading)
    change = show_change(marked.real, verdict.headline.unit, currency)
    return f"{told} {label(REAL)}, {change}, is the line{place}."


def table_rows(verdict: Verdict) -> list[dict[str, Any]]:
    """The same for the table: each says whether it is made up."""
    return [{**row, "sample": REAL if row.get("sample") else MADE_UP} for row in verdict.facts["placebos"]]


def _ranks(verdict: Verdict, name: str) -> str:
    """Where the real answer ranks, as the check has it; nothing where the check says nothing of it."""
    figures: Mapping[str, float] = next((c.figures for c in verdict.checks if label(c.name) == name), {})
    if not with_numbers([figures], "rank", "of"):
        return ""
    return f": number {show_count(figures['rank'])} of {show_count(figures['of'])} in size"


def _by_check(verdict: Verdict) -> dict[str, list[dict[str, Any]]]:
    rows = with_numbers(verdict.facts["placebos"], "value")
    some = {name: [row for row in rows if str(row["check"]) == name] for name in dict.fromkeys(_names(rows))}
    return {name: mine for name, mine in some.items() if any(not row.get("sample") for row in mine)}


def _names(rows: list[dict[str, Any]]) -> list[str]:
    return [str(row["check"]) for row in rows]


def _strip(name: str, rows: list[dict[str, Any]], unit: str, currency: str) -> Strip:
    real = next((float(row["value"]) for row in rows if row.get("sample")), None)
    values = tuple(float(row["value"]) for row in rows if not row.get("sample"))
    return Strip(label(name), values, real, "" if real is None else f"{REAL} {show_change(real, unit, currency)}")


def _told(row: Strip, unit: str, currency: str) -> str:
    low, high, mean = min(row.values), max(row.values), sum(row.values) / len(row.values)
    ends, centre = ([show_change(value, unit, currency) for value in some] for some in ((low, high), (mean,)))
    many = f"{show_count(len(row.values))} {plural('placebo', len(row.values))}"
    real = f", {row.label}" if row.label else ""
    return f"{row.heading}: {many} from {ends[0]} to {ends[1]}, on average {centre[0]}{real}"
