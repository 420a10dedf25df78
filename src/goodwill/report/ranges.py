"""A drawing of ranges in rows: what overlap leaves open as a bar, its interval as a line, and a cost as a diamond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from goodwill.report.drawing import (
    FOOT,
    LINE,
    PLAIN,
    Ends,
    Write,
    cut,
    data,
    labels_below,
    padded,
    round_numbers,
    spaced,
    svg,
    texts,
    x_of,
    y_of,
)
from goodwill.report.theme import SENTINEL

#: Room left and right of the plot, so that marks at its edges and half a number below are whole.
EDGE = 24
#: Height of a row's bar, and of the gap to the next row.
BAR, GAP = 12, 14


@dataclass(frozen=True)
class Range:
    """One row: a name, lines of words below it, a diamond at ``cost``, a bar with its interval.

    ``is_hollow`` for what is not established: the bar is open and its interval dashed.
    """

    name: str
    words: tuple[str, ...]
    cost: float
    least: float
    most: float
    low: float
    high: float
    is_hollow: bool = False


def ranges(rows: Sequence[Range], *, write: Write, width: int) -> str:
    """Rows below each other on one axis, each with its words above its bar, and a line at zero."""
    inner = width - 2 * EDGE
    ends = padded([end for row in rows for end in (row.cost, row.low, row.high)], 0.0)
    ticks = spaced(round_numbers(*ends), ends, write=write, width=inner, kept=0.0)
    placed, height = _placed(rows)
    down = y_of("y", (height, 0))
    spans = [(row["y"] - LINE / 2, row["y"] + LINE / 2) for row in placed]
    layers: list[Any] = [_upright(ticks, ends, spans, down), _upright([0.0], ends, spans, down, role="ink")]
    layers += labels_below([(tick, write(tick)) for tick in ticks], ends, height)
    for is_hollow in (False, True):
        some = [row for row in placed if row["range"].is_hollow is is_hollow]
        layers += _bars(some, ends, down, is_hollow=is_hollow) if some else []
    layers.append(_diamonds(placed, ends, down))
    names = [{"y": row["top"] + LINE / 2, "text": cut(row["range"].name, width)} for row in placed]
    lines = [
        {"y": row["top"] + LINE * (at + 1.5), "text": cut(text, width, PLAIN)}
        for row in placed
        for at, text in enumerate(row["range"].words)
    ]
    layers += [texts(names, down, at=-EDGE, bold=True), texts(lines, down, at=-EDGE)]
    return svg(layers, inner, height, {"left": EDGE, "right": EDGE, "top": 0, "bottom": FOOT})


def _placed(rows: Sequence[Range]) -> tuple[list[dict[str, Any]], int]:
    """Where each row begins and where its bar lies, in pixels down, and the height of all."""
    placed, top = [], 0
    for row in rows:
        bar = top + LINE * (1 + len(row.words))
        placed.append({"top": top, "y": bar + LINE / 2, "range": row})
        top = bar + LINE + GAP
    return placed, top - GAP


def _upright(ticks: Sequence[float], ends: Ends, spans: Sequence[Ends], y: Any, *, role: str = "grid") -> Any:
    """Upright lines behind the bars only: they leave the words free."""
    rows = [{"x": tick, "y": start, "y2": end} for start, end in spans for tick in ticks]
    rule = alt.Chart(data(rows)).mark_rule(color=SENTINEL[role], strokeWidth=1)
    return rule.encode(x=x_of("x", ends), y=y, y2=alt.Y2("y2:Q"))


def _bars(placed: Sequence[dict[str, Any]], ends: Ends, y: Any, *, is_hollow: bool) -> list[Any]:
    x, x2 = x_of("x", ends), alt.X2("x2:Q")
    lines = [{"y": row["y"], "x": row["range"].low, "x2": row["range"].high} for row in placed]
    dash = [4, 3] if is_hollow else [1, 0]
    rule = alt.Chart(data(lines)).mark_rule(color=SENTINEL["first"], strokeWidth=2, strokeDash=dash)
    bars = [
        {"y": row["y"] - BAR / 2, "y2": row["y"] + BAR / 2, "x": row["range"].least, "x2": row["range"].most}
        for row in placed
    ]
    fill = SENTINEL["paper" if is_hollow else "first"]
    rect = alt.Chart(data(bars)).mark_rect(color=fill, stroke=SENTINEL["first"], strokeWidth=1.5)
    return [rule.encode(x=x, x2=x2, y=y), rect.encode(x=x, x2=x2, y=y, y2=alt.Y2("y2:Q"))]


def _diamonds(placed: Sequence[dict[str, Any]], ends: Ends, y: Any) -> Any:
    rows = [{"y": row["y"], "x": row["range"].cost} for row in placed]
    mark = alt.Chart(data(rows)).mark_point(
        shape="diamond", filled=True, opacity=1, size=150, color=SENTINEL["second"], stroke=SENTINEL["paper"],
        strokeWidth=1.5,
    )  # fmt: skip
    return mark.encode(x=x_of("x", ends), y=y)
