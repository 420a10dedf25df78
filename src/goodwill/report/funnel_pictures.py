"""Pictures of a funnel: who reaches which stage, on which step social acts, and where people stay."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from goodwill.report import effect_captions as captions
from goodwill.report.forests import Mark, intervals
from goodwill.report.numbers import axis_number, show_bare, show_count, show_value
from goodwill.report.panels import Picture, drawn_twice, percent
from goodwill.report.phrases import label
from goodwill.verdicts.verdict import Verdict

#: Colours of the arms, in the order of ``captions.arms``; each has a shape of its own too.
ARMS = ("first", "second")
#: Ratios are drawn no further than this from 1; the label says how far they are.
FURTHEST = 20.0
#: Places on an axis of ratios, finest first: a ratio and its inverse are equally far from 1.
RATIOS = (
    (0.8, 0.9, 1.0, 1.1, 1.25),
    (0.5, 0.75, 1.0, 1.5, 2.0),
    (0.25, 0.5, 1.0, 2.0, 4.0),
    (0.1, 0.3, 1.0, 3.0, 10.0),
)
#: How the row that joins all steps may be called.
TOTAL = ("total", "in all", "all steps")


def stages(verdict: Verdict, _currency: str) -> Picture | None:
    """The share of all eligible that reaches each stage, an arm a mark."""
    known = [row for row in verdict.facts["stages"] if row.get("share") is not None]
    rows = sorted(known, key=lambda row: row["place"])
    if not rows:
        return None
    order = captions.arms(rows)
    roles = {arm: ARMS[min(at, len(ARMS) - 1)] for at, arm in enumerate(order)}
    groups = []
    for stage in dict.fromkeys(str(row["stage"]) for row in rows):
        by_arm = {str(row["arm"]): row for row in rows if str(row["stage"]) == stage}
        marks = [_reaching(by_arm[arm], arm, roles[arm]) for arm in order if arm in by_arm]
        groups.append((label(stage), marks))
    told = "; ".join(f"{stage}: {', '.join(mark.label for mark in marks)}" for stage, marks in groups)
    panel = drawn_twice(
        "Share that reaches each stage", told + ".",
        lambda width: intervals(groups, write=percent, zero=0.0, width=width),
    )  # fmt: skip
    return Picture(captions.stages(rows, verdict.unit), (panel,), facts="stages")


def transitions(verdict: Verdict, _currency: str) -> Picture | None:
    """The effect on each step as a ratio, on an axis where products are sums."""
    rows = [row for row in verdict.facts["transitions"] if row.get("ratio") is not None]
    if not rows:
        return None
    total = next((row for row in rows if str(row["step"]).lower() in TOTAL), None)
    groups = [(label(str(row["step"])), [_step(row, is_total=row is total)]) for row in rows]
    reached = [end for _, (mark,) in groups for end in (mark.value, mark.low, mark.high) if end is not None]
    ticks = [math.log(tick) for tick in ratio_ticks(min([0.0, *reached]), max([0.0, *reached]))]
    told = "; ".join(f"{heading}: {mark.label}" for heading, (mark,) in groups)
    panel = drawn_twice(
        "Touched against not, as a ratio", told + ".",
        lambda width: intervals(groups, write=_as_ratio, zero=0.0, width=width, ticks=ticks),
    )  # fmt: skip
    return Picture(captions.transitions(rows, total), (panel,), facts="transitions")


def stuck(verdict: Verdict, _currency: str) -> Picture | None:
    """The median time in each stage."""
    rows = sorted(verdict.facts["stuck"], key=lambda row: row["place"])
    groups = [(f"{label(str(row['stage']))} (n {show_count(row['n'])})", [_waiting(row)]) for row in rows]
    told = "; ".join(f"{heading}: {mark.label}" for heading, (mark,) in groups)
    panel = drawn_twice(
        "Days until half have left the stage", told + ".",
        lambda width: intervals(groups, write=axis_number("days"), zero=0.0, width=width),
    )  # fmt: skip
    return Picture(captions.stuck(rows), (panel,), facts="stuck")


def ratio_ticks(low: float, high: float) -> tuple[float, ...]:
    """Ratios for an axis between two logarithms: the finest set whose labels do not crowd.

    Examples
    --------
    >>> ratio_ticks(math.log(0.7), math.log(1.9))
    (0.75, 1.0, 1.5)
    """
    for ratios in RATIOS:
        within = tuple(ratio for ratio in ratios if low - 0.05 <= math.log(ratio) <= high + 0.05)
        if math.log(ratios[-1]) >= 0.6 * high and math.log(ratios[0]) <= 0.6 * low:
            return within
    return within


def _reaching(row: Mapping[str, Any], arm: str, role: str) -> Mark:
    return Mark(f"{show_value(row['share'], 'share')} {arm}", row["share"], row.get("low"), row.get("high"), role=role)


def _step(row: Mapping[str, Any], *, is_total: bool) -> Mark:
    low, high = row.get("low"), row.get("high")
    if low is None or high is None:
        return Mark(captions.times(row["ratio"]), _log(row["ratio"]), None, None, is_minor=not is_total)
    return Mark(captions.times(row["ratio"]), _log(row["ratio"]), _log(low), _log(high), is_minor=not is_total)


def _log(ratio: float) -> float:
    return math.log(min(max(ratio, 1 / FURTHEST), FURTHEST))


def _as_ratio(value: float) -> str:
    return f"{math.exp(value):.3g}"


def _waiting(row: Mapping[str, Any]) -> Mark:
    median, low, high = row.get("median_days"), row.get("low_days"), row.get("high_days")
    if median is None:
        return Mark("more than half are still there", None, None, None)
    return Mark(f"{show_bare(median, 'days')} days", median, low, high, is_open=low is not None and high is None)
