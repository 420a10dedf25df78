"""A drawing of steps: a whole, what is taken away from it piece by piece, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from goodwill.report.drawing import LINE, cut, data, lettering, svg, texts, x_of, y_of
from goodwill.report.theme import SENTINEL

#: Room right of the bars for the number of the longest.
GUTTER = 118
#: Each step has a line for its name and one for its bar.
STEP = 2 * LINE + 4


@dataclass(frozen=True)
class Step:
    """One bar from ``start`` to ``end`` in a colour by its role; ``total`` says its size in words."""

    label: str
    total: str
    start: float
    end: float
    role: str


def waterfall(steps: Sequence[Step], *, width: int) -> str:
    """Bars below each other, each beginning where the one before has left off, joined by thin lines."""
    longest = max(max(step.start, step.end) for step in steps) or 1.0
    height = STEP * len(steps)
    x, down = x_of("x", (0, longest)), y_of("y", (height, 0))
    rows = [_placed(step, number) for number, step in enumerate(steps)]
    layers: list[Any] = []
    joints = [{"x": row["left"], "y": row["y2"], "y2": after["y"]} for row, after in pairwise(rows)]
    if joints:
        rule = alt.Chart(data(joints)).mark_rule(color=SENTINEL["soft"], strokeWidth=1, strokeDash=[2, 3])
        layers.append(rule.encode(x=x, y=down, y2=alt.Y2("y2:Q")))
    for role in dict.fromkeys(step.role for step in steps):
        chart = alt.Chart(data([row for row in rows if row["role"] == role]))
        mark = chart.mark_rect(color=SENTINEL[role], stroke=SENTINEL["paper"], strokeWidth=1.5)
        layers.append(mark.encode(x=x, x2=alt.X2("x2:Q"), y=down, y2=alt.Y2("y2:Q")))
    names = [{"y": row["y"] - LINE / 2, "text": cut(row["label"], width)} for row in rows]
    totals = [{"y": row["middle"], "x": row["x2"], "text": row["total"]} for row in rows]
    written = alt.Chart(data(totals)).mark_text(align="left", dx=8, **lettering())
    layers += [texts(names, down, at=0, bold=True), written.encode(x=x, y=down, text=alt.Text("text:N"))]
    return svg(layers, width - GUTTER, height, {"left": 2, "right": GUTTER - 2, "top": 0, "bottom": 2})


def _placed(step: Step, number: int) -> dict[str, Any]:
    """A step's bar in pixels down and numbers across; ``left`` is where the next one begins."""
    top = number * STEP + LINE
    return {
        "label": step.label, "total": step.total, "role": step.role, "x": min(step.start, step.end),
        "x2": max(step.start, step.end), "y": top, "y2": top + LINE - 4, "middle": top + LINE / 2 - 2, "left": step.end,
    }  # fmt: skip
