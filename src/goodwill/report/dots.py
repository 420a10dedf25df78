"""A drawing of repeats: each a dot, stacked where they agree, with a line at the one that is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import altair as alt

from goodwill.report.drawing import (
    CHARACTER,
    FOOT,
    LINE,
    Ends,
    Write,
    cut,
    data,
    labels_below,
    lettering,
    padded,
    round_numbers,
    spaced,
    svg,
    texts,
    x_of,
    y_of,
)
from goodwill.report.theme import SENTINEL

#: From the centre of one dot to the next, along the axis and upward, and the size of a dot (an area, as Vega has it).
STEP, SIZE = 9, 44
#: A stack is no higher than this: dots that all agree overlap.
TALLEST, LEAST = 126, 36
#: Room at both sides, so that dots and numbers at the edges are whole.
SIDE = 22
#: A place in pixels.
_X_AT: Any = alt.XValue


@dataclass(frozen=True)
class Strip:
    """Repeats under a heading; ``real`` is marked with ``label`` where it is known."""

    heading: str
    values: tuple[float, ...]
    real: float | None = None
    label: str = ""


def strips(rows: Sequence[Strip], *, write: Write, zero: float, width: int) -> str:
    """One strip of stacked dots a row on a common axis, with a line at ``zero``."""
    inner = width - 2 * SIDE
    shown = [value for row in rows for value in (*row.values, *([] if row.real is None else [row.real]))]
    ends = padded(shown, zero)
    ends = (min(ends[0], zero), ends[1])
    placed = [_stacked(row.values, ends, inner) for row in rows]
    tops, height = _tops(rows, placed)
    ticks = spaced(round_numbers(*ends), ends, write=write, width=inner, kept=zero)
    down, across = y_of("y", (height, 0)), x_of("x", ends)
    spans = [(top, top + tall) for top, (tall, _) in zip(tops, placed, strict=True)]
    layers: list[Any] = [_upright(ticks, across, spans, down, role="grid", thick=1.0)]
    layers += labels_below([(tick, write(tick)) for tick in ticks], ends, height)
    layers.append(_upright([zero], across, spans, down, role="ink", thick=1.5))
    for row, (top, bottom), (_, dots) in zip(rows, spans, placed, strict=True):
        at = [{"x": dot["x"], "y": bottom - dot["up"]} for dot in dots]
        mark = alt.Chart(data(at)).mark_point(
            shape="circle", filled=True, opacity=1, size=SIZE, color=SENTINEL["first"], stroke=SENTINEL["paper"],
            strokeWidth=1,
        )  # fmt: skip
        layers.append(mark.encode(x=across, y=down))
        layers += _real(row, (top, bottom), (across, down), ends=ends, inner=inner)
    headings = [{"y": top - LINE * (1.5 if row.real is not None else 0.5), "text": cut(row.heading, width)}
                for row, top in zip(rows, tops, strict=True)]  # fmt: skip
    layers.append(texts(headings, down, at=-SIDE, bold=True))
    return svg(layers, inner, height, {"left": SIDE, "right": SIDE, "top": 2, "bottom": FOOT})


def _stacked(values: Sequence[float], ends: Ends, inner: int) -> tuple[float, list[dict[str, float]]]:
    """How tall the strip is, and where its dots stand: at the middle of their step, one above the other."""
    steps = max(1, inner // STEP)
    wide = (ends[1] - ends[0]) / steps
    places = sorted(min(steps - 1, int((value - ends[0]) / wide)) for value in values)
    stacks = [(place, len(list(same))) for place, same in groupby(places)]
    most = max(count for _, count in stacks)
    up = min(STEP, (TALLEST - STEP) / max(1, most - 1))
    dots = [
        {"x": ends[0] + (place + 0.5) * wide, "up": STEP / 2 + number * up}
        for place, count in stacks
        for number in range(count)
    ]
    return max(LEAST, STEP + (most - 1) * up), dots


def _tops(rows: Sequence[Strip], placed: Sequence[tuple[float, Any]]) -> tuple[list[float], float]:
    """Where each strip begins, below its heading and the words of its mark, and where the last one ends."""
    tops, y = [], 0.0
    for row, (tall, _) in zip(rows, placed, strict=True):
        y += LINE if row.real is None else 2 * LINE
        tops.append(y)
        y += tall + LINE / 2
    return tops, y - LINE / 2


def _real(row: Strip, span: Ends, axes: tuple[Any, Any], *, ends: Ends, inner: int) -> list[Any]:
    """The line at the real one, and its words above it, further left where they would not fit."""
    if row.real is None:
        return []
    x, y = axes
    rule = _upright([row.real], x, [(span[0] - 4, span[1])], y, role="second", thick=3.0)
    long = CHARACTER * len(row.label)
    place = inner * (row.real - ends[0]) / (ends[1] - ends[0])
    begins = max(-SIDE, min(place, inner + SIDE - long))
    mark = alt.Chart(data([{"y": span[0] - LINE / 2, "text": cut(row.label, inner + 2 * SIDE)}])).mark_text(
        align="left", **lettering("second", bold=True)
    )
    return [rule, mark.encode(x=_X_AT(begins), y=y, text=alt.Text("text:N"))]


def _upright(at: Sequence[float], x: Any, spans: Sequence[Ends], y: Any, *, role: str, thick: float) -> Any:
    rows = [{"x": value, "y": top, "y2": bottom} for value in at for top, bottom in spans]
    rule = alt.Chart(data(rows)).mark_rule(color=SENTINEL[role], strokeWidth=thick)
    return rule.encode(x=x, y=y, y2=alt.Y2("y2:Q"))
