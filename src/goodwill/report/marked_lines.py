"""A drawing of lines over time that may fall below zero, with marks at moments and a level that is aimed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from goodwill.report.charts import LEFT, Line
from goodwill.report.drawing import (
    CHARACTER,
    FOOT,
    PLAIN,
    WIDE,
    Ends,
    Write,
    apart,
    cut,
    data,
    end_labels,
    grid_across,
    labels_left,
    labels_within,
    lettering,
    round_numbers,
    svg,
    x_of,
    y_of,
)
from goodwill.report.theme import LINES, SENTINEL

#: Height of a mark's line of words above the plot, where each mark has a line of its own.
ROW = 19
#: Axes so far from zero need room for their numbers.
WIDEST_NUMBER = 6
#: Room above the highest value where there is a goal: the band must be seen even if nothing reaches it.
HEADROOM = 1.1
#: Places in pixels; written as such, because Altair takes long to find out what a bare value is.
_X_AT: Any = alt.XValue
_X2_AT: Any = alt.X2Value
_Y_AT: Any = alt.YValue
_Y2_AT: Any = alt.Y2Value


@dataclass(frozen=True)
class Mark:
    """Something that happened at a place of x, in words."""

    at: float
    label: str


@dataclass(frozen=True)
class Goal:
    """A level that is aimed at, in words; all above it reaches the goal."""

    level: float
    label: str


@dataclass(frozen=True)
class Plot:
    """What is drawn: lines (the first in front), the words below, and what is marked."""

    series: tuple[Line, ...]
    below: tuple[tuple[float, str], ...]
    marks: tuple[Mark, ...] = ()
    goal: Goal | None = None


def marked_lines(plot: Plot, *, write: Write, width: int) -> str:
    """Lines with bands on one axis; every mark is a thin upright line with its words above the plot."""
    reached = [end for line in plot.series for p in line.points for end in p[1:] if end is not None]
    reached += [plot.goal.level] if plot.goal else []
    low, high = min(0.0, *reached), max(0.0, *reached)
    ticks = round_numbers(low, high if high > low else low + 1)
    low, high = min(low, ticks[0]), max(high, ticks[-1]) * (HEADROOM if plot.goal else 1)
    xs = [p[0] for line in plot.series for p in line.points]
    ends = (min(xs), max(*xs, min(xs) + 1))
    labels = [line.label for line in plot.series] + ([plot.goal.label] if plot.goal else [])
    right = 12 + CHARACTER * max(len(part) for label in labels for part in label.split("\n"))
    left = LEFT + PLAIN * max(0, max(len(write(tick)) for tick in ticks) - WIDEST_NUMBER)
    top, height, inner = ROW * len(plot.marks) + 10, (260 if width == WIDE else 190), width - right - left
    x, up = x_of("x", ends), y_of("y", (low, high))
    layers = [grid_across(ticks, up, inner), labels_left(ticks, up, write)]
    layers += labels_within(plot.below, ends, width=inner, height=height)
    layers += _goal(plot.goal, (low, high), inner) if plot.goal else []
    layers += [] if low == 0 else [_across(0.0, up, inner)]
    layers += _marks(plot.marks, ends, size=(inner, height, right))
    for line, (role, dash) in reversed(list(zip(plot.series, LINES, strict=False))):
        layers += _line(line, (x, up), role, dash)
    wanted = [
        (height * (high - line.points[-1][1]) / (high - low), line.label, role)
        for line, (role, _) in zip(plot.series, LINES, strict=False)
    ]
    if plot.goal:
        wanted.append((height * (high - plot.goal.level) / (high - low), plot.goal.label, "third"))
    layers += end_labels(apart(wanted, height), inner + 8)
    return svg(layers, inner, height, {"left": left, "right": right, "top": top, "bottom": FOOT})


def _across(level: float, y: Any, width: float) -> Any:
    rule = alt.Chart(data([{"y": level}])).mark_rule(color=SENTINEL["ink"], strokeWidth=1)
    return rule.encode(y=y, x=_X_AT(0), x2=_X2_AT(width))


def _goal(goal: Goal, reach: Ends, width: float) -> list[Any]:
    """The room above the level lightly filled, its edge dashed."""
    up = y_of("y", reach)
    band = alt.Chart(data([{"y": goal.level, "y2": reach[1]}])).mark_rect(color=SENTINEL["third"], opacity=0.12)
    edge = alt.Chart(data([{"y": goal.level}])).mark_rule(color=SENTINEL["third"], strokeWidth=1.5, strokeDash=[5, 3])
    return [
        band.encode(y=up, y2=alt.Y2("y2:Q"), x=_X_AT(0), x2=_X2_AT(width)),
        edge.encode(y=up, x=_X_AT(0), x2=_X2_AT(width)),
    ]


def _marks(marks: Sequence[Mark], ends: Ends, *, size: tuple[float, float, float]) -> list[Any]:
    """Upright lines; the words of each stand on a line of their own, on the side that has more room.

    Words have a rim of paper, so that a line that passes behind them does not strike them through.
    """
    inner, height, right = size
    rules: list[Any] = []
    words: list[Any] = []
    for row, mark in enumerate(sorted(marks, key=lambda mark: mark.at)):
        y = -ROW * (len(marks) - row) + ROW / 2 - 4
        at = inner * (mark.at - ends[0]) / (ends[1] - ends[0])
        on_right = inner + right - at >= at
        room = (inner + right - at if on_right else at) - 6
        line = alt.Chart(data([{"text": cut(mark.label, room, PLAIN)}]))
        rule = alt.Chart(data([{}])).mark_rule(color=SENTINEL["soft"], strokeWidth=1, strokeDash=[3, 3])
        rules.append(rule.encode(x=_X_AT(at), y=_Y_AT(y), y2=_Y2_AT(height)))
        for rim in ({"stroke": SENTINEL["paper"], "strokeWidth": 5}, {}):
            text = line.mark_text(align="left" if on_right else "right", dx=5 if on_right else -5,
                                  **{**lettering("soft"), **rim})  # fmt: skip
            words.append(text.encode(x=_X_AT(at), y=_Y_AT(y), text=alt.Text("text:N")))
    return [*rules, *words]


def _line(line: Line, axes: tuple[Any, Any], role: str, dash: tuple[int, ...]) -> list[Any]:
    x, y = axes
    rows = [{"x": p[0], "y": p[1]} for p in line.points]
    stroke = alt.Chart(data(rows)).mark_line(color=SENTINEL[role], strokeWidth=2.5, strokeDash=list(dash))
    band = [{"x": p[0], "y": p[2], "y2": p[3]} for p in line.points if p[2] is not None and p[3] is not None]
    drawn = [stroke.encode(x=x, y=y)]
    if band:
        area = alt.Chart(data(band)).mark_area(color=SENTINEL[role], opacity=0.16)
        drawn.insert(0, area.encode(x=x, y=y, y2=alt.Y2("y2:Q")))
    return drawn
