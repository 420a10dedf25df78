"""Three drawings of amounts: lines over time, parts of a whole over time, bars of parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from goodwill.report.drawing import (
    CHARACTER,
    FOOT,
    LINE,
    WIDE,
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
    texts,
    x_of,
    y_of,
)
from goodwill.report.theme import LINES, SENTINEL

#: Room left of a plot for the labels of its grid lines.
LEFT = 48


@dataclass(frozen=True)
class Line:
    """One series: points (x, y, low, high) in the order of x; ``low`` and ``high`` may be None.

    A stepped line holds a value until the next point, as a share that has been reached.
    """

    label: str
    points: tuple[tuple[float, float, float | None, float | None], ...]
    is_stepped: bool = False


@dataclass(frozen=True)
class Layer:
    """One part of a whole over time: points (x, size) in the order of x, in a colour by its role."""

    label: str
    role: str
    points: tuple[tuple[float, float], ...]
    is_stepped: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar of parts (role, size); ``total`` says its size in words."""

    label: str
    total: str
    parts: tuple[tuple[str, float], ...]


def lines(
    series: Sequence[Line],
    *,
    write: Write,
    below: Sequence[tuple[float, str]],
    width: int,
    top: float | None = None,
) -> str:
    """Lines over a common x, with bands where points have them; ``below`` are places of x and their words.

    ``top`` fixes the upper end of y so that panels can be compared.
    """
    right = _right_room([line.label for line in series])
    height, inner = (260 if width == WIDE else 190), width - right - LEFT
    xs = [p[0] for line in series for p in line.points]
    ends = (min(xs), max(*xs, min(xs) + 1))
    highest = top if top is not None else max(p[3] or p[1] for line in series for p in line.points)
    ticks = round_numbers(0, highest or 1)
    highest = max(highest or 1, ticks[-1])
    x, up = x_of("x", ends), y_of("y", (0, highest))
    layers = [grid_across(ticks, up, inner), labels_left(ticks, up, write)]
    layers += labels_within(below, ends, width=inner, height=height)
    for line, (role, dash) in zip(series, LINES, strict=False):
        layers += _line(line, (x, up), role, dash)
    wanted = [
        (height * (1 - line.points[-1][1] / highest), line.label, role)
        for line, (role, _) in zip(series, LINES, strict=False)
    ]
    layers += end_labels(apart(wanted, height), inner + 8)
    return svg(layers, inner, height, {"left": LEFT, "right": right, "top": 10, "bottom": FOOT})


def stacks(layers: Sequence[Layer], *, write: Write, below: Sequence[tuple[float, str]], width: int) -> str:
    """Parts of a whole of 1 over time, the first at the bottom, each named at its right end."""
    right = _right_room([layer.label for layer in layers])
    height, inner = (240 if width == WIDE else 190), width - right - LEFT
    xs = [x for layer in layers for x, _ in layer.points]
    ends, ticks = (min(xs), max(*xs, min(xs) + 1)), [0.0, 0.25, 0.5, 0.75, 1.0]
    x, up = x_of("x", ends), y_of("y", (0, 1))
    floor = [0.0] * len(layers[0].points)
    drawn: list[Any] = [labels_left(ticks, up, write), *labels_within(below, ends, width=inner, height=height)]
    wanted = []
    for layer in layers:
        roof = [under + size for under, (_, size) in zip(floor, layer.points, strict=True)]
        rows = [
            {"x": at, "y": under, "y2": over} for (at, _), under, over in zip(layer.points, floor, roof, strict=True)
        ]
        # a stroke of paper keeps neighbours apart where print has no colour
        area = alt.Chart(data(rows)).mark_area(
            color=SENTINEL[layer.role], interpolate=_bend(layer), stroke=SENTINEL["paper"], strokeWidth=1.5
        )
        drawn.append(area.encode(x=x, y=up, y2=alt.Y2("y2:Q")))
        wanted.append((height * (1 - (floor[-1] + roof[-1]) / 2), layer.label, "ink"))
        floor = roof
    drawn += end_labels(apart(wanted, height), inner + 8, bold=False)
    return svg(drawn, inner, height, {"left": LEFT, "right": right, "top": 10, "bottom": FOOT})


def bars(rows: Sequence[Bar], *, width: int) -> str:
    """Horizontal bars made of parts, each bar's total written at its end and its name above it."""
    gutter = 118
    longest = max(sum(size for _, size in row.parts) for row in rows) or 1.0
    names: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    pieces: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        y, start = number * 52, 0.0
        names.append({"y": y + LINE / 2, "text": cut(row.label, width)})
        for role, size in row.parts:
            pieces.append({"y": y + LINE, "y2": y + 2 * LINE - 4, "x": start, "x2": start + size, "role": role})
            start += size
        totals.append({"y": y + LINE * 1.5 - 1, "x": start, "text": row.total})
    height = 52 * len(rows)
    x, down = x_of("x", (0, longest)), y_of("y", (height, 0))
    layers: list[Any] = []
    for role in dict.fromkeys(piece["role"] for piece in pieces):
        chart = alt.Chart(data([p for p in pieces if p["role"] == role]))
        # a stroke of paper keeps neighbours apart where print has no colour
        mark = chart.mark_rect(color=SENTINEL[role], stroke=SENTINEL["paper"], strokeWidth=1.5)
        layers.append(mark.encode(x=x, x2=alt.X2("x2:Q"), y=down, y2=alt.Y2("y2:Q")))
    written = alt.Chart(data(totals)).mark_text(align="left", dx=8, **lettering())
    layers += [texts(names, down, at=0, bold=True), written.encode(x=x, y=down, text=alt.Text("text:N"))]
    return svg(layers, width - gutter, height, {"left": 2, "right": gutter - 2, "top": 0, "bottom": 2})


def _right_room(labels: Sequence[str]) -> int:
    return 12 + CHARACTER * max(len(part) for label in labels for part in label.split("\n"))


def _bend(drawn: Line | Layer) -> Literal["step-after", "linear"]:
    return "step-after" if drawn.is_stepped else "linear"


def _line(line: Line, axes: tuple[Any, Any], role: str, dash: tuple[int, ...]) -> list[Any]:
    x, y = axes
    bend = _bend(line)
    colour = SENTINEL[role]
    rows = [{"x": p[0], "y": p[1]} for p in line.points]
    stroke = alt.Chart(data(rows)).mark_line(color=colour, strokeWidth=2.5, strokeDash=list(dash), interpolate=bend)
    drawn = [stroke.encode(x=x, y=y)]
    band = [{"x": p[0], "y": p[2], "y2": p[3]} for p in line.points if p[2] is not None and p[3] is not None]
    if band:
        area = alt.Chart(data(band)).mark_area(color=colour, opacity=0.16, interpolate=bend)
        drawn.insert(0, area.encode(x=x, y=y, y2=alt.Y2("y2:Q")))
    return drawn
