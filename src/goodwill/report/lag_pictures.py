"""The picture of lags: how long after a first social touch wins come, which is a description and no effect."""

from __future__ import annotations

from goodwill.report.charts import Line, lines
from goodwill.report.effect_captions import outcome_of
from goodwill.report.effect_pictures import weeks_below
from goodwill.report.finite import ends_of, with_numbers
from goodwill.report.numbers import show_count, show_value
from goodwill.report.panels import Picture, drawn_twice, percent
from goodwill.report.phrases import plural
from goodwill.verdicts.verdict import GRADES, Verdict

#: One point is no curve.
FEWEST = 2


def lags(verdict: Verdict, _currency: str) -> Picture | None:
    """The share won by each week after the first touch, among those touched, with its band."""
    rows = sorted(with_numbers(verdict.facts["lags"], "week", "share"), key=lambda row: row["week"])
    if len(rows) < FEWEST:
        return None
    start = (0.0, 0.0, None, None)
    points = (start, *((row["week"], row["share"], *ends_of(row)) for row in rows))
    line = Line(f"{show_value(rows[-1]['share'], 'share')}\n{outcome_of(verdict)}", points, is_stepped=True)
    panel = drawn_twice(
        f"Share {outcome_of(verdict)} since the first social touch, of those touched", seen(verdict),
        lambda width: lines([line], write=percent, below=weeks_below(rows), width=width),
    )  # fmt: skip
    return Picture(seen(verdict), (panel,), facts="lags")


def seen(verdict: Verdict) -> str:
    """What to see: how many had been won half way and at the end; and what this is not."""
    rows = sorted(with_numbers(verdict.facts["lags"], "week", "share"), key=lambda row: row["week"])
    last = rows[-1]
    half = next(row for row in rows if row["share"] >= last["share"] / 2)
    many, outcome = plural(verdict.unit or "unit", 2), outcome_of(verdict)
    told = f"Of the {many} touched, {show_value(last['share'], 'share')} had been {outcome} {_weeks(last)} after"
    early = f", half of these within {_weeks(half)}" if 0 < half["week"] < last["week"] and last["share"] > 0 else ""
    return (
        f"{told} their first social touch{early}; those still open count for as long as they were seen. This tells how "
        f"long to wait, and no effect of the touch (grade E: {GRADES['E']})."
    )


def _weeks(row: dict[str, float]) -> str:
    week = round(row["week"])
    return f"{show_count(week)} {plural('week', week)}"
