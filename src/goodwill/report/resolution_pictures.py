"""The picture of an answer under several plausible resolutions of who is who."""

from __future__ import annotations

from typing import Any

from goodwill.report.forests import Mark, intervals
from goodwill.report.numbers import axis_number, is_difference, show_bare, show_bare_change, show_change, show_value
from goodwill.report.panels import Picture, axis_name, drawn_twice, no_effect
from goodwill.verdicts.verdict import Verdict


def resolutions(verdict: Verdict, currency: str) -> Picture | None:
    """The answer as pooled, under the most likely resolution, and under each that was drawn."""
    rows, best = verdict.facts["resolutions"], verdict.headline
    if best is None or best.value is None:
        return None
    unit = best.unit
    pooled = Mark(_bare(best.value, unit), best.value, best.low, best.high, name="all together")
    marks = [pooled, *(_mark(row, unit) for row in rows)]
    told = "; ".join(f"{mark.name} {_told(mark.value, unit, currency)}" for mark in marks)
    zero = no_effect(unit) if is_difference(unit) or unit == "ratio" else None
    panel = drawn_twice(
        f"In {axis_name(unit, currency)}", told + ".",
        lambda width: intervals([("", marks)], write=axis_number(unit), zero=zero, width=width),
    )  # fmt: skip
    return Picture(seen(verdict, currency), (panel,), facts="resolutions", place="hidden")


def seen(verdict: Verdict, currency: str) -> str:
    """What to see: how far the answer moves with who is taken for whom."""
    values = [float(row["value"]) for row in verdict.facts["resolutions"]]
    assert verdict.headline is not None
    low, high = (_told(end, verdict.headline.unit, currency) for end in (min(values), max(values)))
    return (
        f"Who is who is not certain: under {len(values) - 1} other plausible ways to match people and companies the "
        f"answer lies between {low} and {high}. The interval of the answer holds this spread."
    )


def _mark(row: dict[str, Any], unit: str) -> Mark:
    return Mark(_bare(row["value"], unit), row["value"], row["low"], row["high"], is_filled=False, is_minor=True,
                name=str(row["resolution"]))  # fmt: skip


def _bare(value: float, unit: str) -> str:
    return show_bare_change(value, unit) if is_difference(unit) else show_bare(value, unit)


def _told(value: float | None, unit: str, currency: str) -> str:
    return show_change(value, unit, currency) if is_difference(unit) else show_value(value, unit, currency)
