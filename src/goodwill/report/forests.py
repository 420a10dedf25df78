"""Two drawings of estimates in rows: intervals beside a line of no effect, and pairs of before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from goodwill.report.drawing import (
    FOOT,
    LINE,
    PLAIN,
    WIDE,
    Ends,
    Write,
    cut,
    data,
    labels_below,
    padded,
    room_for,
    round_numbers,
    spaced,
    svg,
    texts,
    x_of,
    y_of,
)
from goodwill.report.theme import SENTINEL

#: Names left of a plot take no more than this share of the width; the table has them in full.
NAMED = 0.44
#: Labels right of a plot take no more than this, beside names and without; a plot is left in any case.
LABELLED, LABELLED_ALONE = 0.4, 0.6
#: Colour is never the only difference between two arms.
SHAPES = {"first": "circle", "second": "diamond"}
#: Gap between a plot and the words right of it.
GAP = 12
#: Room left of a plot, so that a mark at its edge is whole.
EDGE = 6


@dataclass(frozen=True)
class Mark:
    """One estimate with its interval.

    ``is_filled`` for the adjusted one, hollow for the naive one; ``is_minor`` for one that is part of another;
    ``is_open`` for an interval without an upper end. ``name`` stands left of the plot, ``label`` right of it.
    Without a value and without ends there is only the label, across the plot.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    is_filled: bool = True
    name: str = ""
    role: str = "first"
    is_minor: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Pair:
    """One quantity before and after, with its name at the left and words at the right."""

    name: str
    label: str
    before: float
    after: float


def intervals(
    groups: Sequence[tuple[str, Sequence[Mark]]],
    *,
    write: Write,
    zero: float | None,
    width: int,
    ticks: Sequence[float] | None = None,
) -> str:
    """A forest: per group a heading and its estimates with intervals, a line at ``zero`` if there is one."""
    marks = [mark for _, members in groups for mark in members]
    left = _left_room([m.name for m in marks], width)
    right = _right_room(marks, width, bool(left))
    inner = width - left - right
    ends = padded(_reached(marks), zero)
    ticks = spaced(ticks or round_numbers(*ends), ends, write=write, width=inner, kept=zero or 0.0)
    headings, rows, spans, height = _placed(groups, width)
    down = y_of("y", (height, 0))
    layers: list[Any] = []
    if spans:
        layers += [_upright(ticks, ends, spans, down), *labels_below([(t, write(t)) for t in ticks], ends, height)]
    if spans and zero is not None:
        layers.append(_upright([zero], ends, spans, down, role="ink"))
    for kind in sorted({_kind(row["mark"]) for row in rows}):  # hollow ones first, so that filled ones lie above
        layers += _estimates([row for row in rows if _kind(row["mark"]) == kind], ends, down)
    layers += _words(rows, down, at=(-left - EDGE, inner + GAP), rooms=(left, right))
    layers.append(texts(headings, down, at=-left - EDGE, bold=True))
    return svg(layers, inner, height, {"left": left + EDGE, "right": right - EDGE, "top": 2, "bottom": FOOT})


def pairs(rows: Sequence[Pair], *, write: Write, limit: float, width: int) -> str:
    """Before (hollow) and after (filled) in one row each, from zero on, with a line at ``limit``."""
    left = _left_room([row.name for row in rows], width)
    right = room_for([row.label for row in rows]) + GAP + EDGE
    inner, height = width - left - right, LINE * len(rows)
    ends = (0.0, 1.06 * max([limit, *(max(row.before, row.after) for row in rows)]))
    ticks = spaced(sorted({*round_numbers(*ends), limit}), ends, write=write, width=inner, kept=limit)
    down = y_of("y", (height, 0))
    placed = [{"y": LINE * (at + 0.5), "x": row.before, "x2": row.after} for at, row in enumerate(rows)]
    layers = [
        _upright(ticks, ends, [(0, height)], down),
        *labels_below([(tick, write(tick)) for tick in ticks], ends, height),
        _upright([limit], ends, [(0, height)], down, role="ink"),
        _rule(placed, ends, down, role="soft", thick=1.5),
        _dots(placed, x_of("x", ends), down, role="soft", is_filled=False),
        _dots([{**row, "x": row["x2"]} for row in placed], x_of("x", ends), down, role="first", is_filled=True),
        texts([{"y": p["y"], "text": cut(row.name, left - GAP, PLAIN)} for p, row in zip(placed, rows, strict=True)],
              down, at=-left - EDGE),
        texts([{"y": p["y"], "text": row.label} for p, row in zip(placed, rows, strict=True)], down, at=inner + GAP),
    ]  # fmt: skip
    return svg(layers, inner, height, {"left": left + EDGE, "right": right - EDGE, "top": 2, "bottom": FOOT})


def _left_room(names: Sequence[str], width: int) -> int:
    needed = room_for(names)
    return min(needed + GAP, int(NAMED * width)) if needed else 0


def _right_room(marks: Sequence[Mark], width: int, has_names: bool) -> int:
    least = 48 if has_names else 150 if width == WIDE else 118  # plots of one page should be equally wide
    needed = max(least, room_for([m.label for m in marks if not _is_words_only(m)]) + GAP + EDGE)
    return min(needed, int((LABELLED if has_names else LABELLED_ALONE) * width))


def _reached(marks: Sequence[Mark]) -> list[float]:
    return [end for mark in marks for end in (mark.value, mark.low, mark.high) if end is not None]


def _is_words_only(mark: Mark) -> bool:
    return mark.value is None and mark.low is None


def _kind(mark: Mark) -> tuple[bool, str, bool]:
    return mark.is_filled, mark.role, mark.is_minor


Row = dict[str, Any]


def _placed(
    groups: Sequence[tuple[str, Sequence[Mark]]], width: int
) -> tuple[list[Row], list[Row], list[tuple[float, float]], int]:
    """Where headings and marks stand, the spans of the marks (lines leave headings free), and the height."""
    headings, rows, spans, y = [], [], [], 0
    for heading, members in groups:
        if heading:
            headings.append({"y": y + LINE / 2, "text": cut(heading, width)})
            y += LINE
        if not all(_is_words_only(mark) for mark in members):  # words need no grid behind them
            spans.append((float(y), float(y + LINE * len(members))))
        for mark in members:
            rows.append({"y": y + LINE / 2, "mark": mark})
            y += LINE
        y += LINE // 2
    return headings, rows, spans, y - LINE // 2


def _estimates(rows: Sequence[Row], ends: Ends, y: Any) -> list[Any]:
    """Bars of intervals and their points: filled and strong, or hollow and thin."""
    first: Mark = rows[0]["mark"]
    role = first.role if first.is_filled else "soft"
    bars, dots, arrows = [], [], []
    for row in rows:
        mark: Mark = row["mark"]
        high = ends[1] if mark.is_open else mark.high
        if mark.low is not None and high is not None:
            bars.append({"y": row["y"], "x": mark.low, "x2": high})
        if mark.is_open:
            arrows.append({"y": row["y"], "x": ends[1]})
        if mark.value is not None:
            dots.append({"y": row["y"], "x": mark.value})
    thick = 2 if first.is_minor or not first.is_filled else 4
    x = x_of("x", ends)
    drawn = [_rule(bars, ends, y, role=role, thick=thick)] if bars else []
    if arrows:
        head = alt.Chart(data(arrows)).mark_point(
            shape="triangle-right", filled=True, opacity=1, size=70, color=SENTINEL[role]
        )
        drawn.append(head.encode(x=x, y=y))
    if dots:
        drawn.append(_dots(dots, x, y, role=role, is_filled=first.is_filled))
    return drawn


def _words(rows: Sequence[Row], y: Any, *, at: Ends, rooms: Ends) -> list[Any]:
    """Names left of the plot, labels right of it, or across it where there is nothing else to show."""
    names, alone, beside = [], [], []
    for row in rows:
        mark: Mark = row["mark"]
        if mark.name:
            names.append({"y": row["y"], "text": cut(mark.name, rooms[0] - GAP, PLAIN)})
        if _is_words_only(mark):
            alone.append({"y": row["y"], "text": mark.label})
        else:
            beside.append({"y": row["y"], "text": cut(mark.label, rooms[1] - GAP, PLAIN)})
    drawn = ((names, at[0], "ink"), (alone, at[0], "soft"), (beside, at[1], "ink"))
    return [texts(some, y, at=x, role=role) for some, x, role in drawn if some]


def _rule(rows: Sequence[Row], ends: Ends, y: Any, *, role: str, thick: float) -> Any:
    rule = alt.Chart(data(rows)).mark_rule(color=SENTINEL[role], strokeWidth=thick)
    return rule.encode(x=x_of("x", ends), x2=alt.X2("x2:Q"), y=y)


def _dots(rows: Sequence[Row], x: Any, y: Any, *, role: str, is_filled: bool) -> Any:
    colour = SENTINEL[role]
    dot = alt.Chart(data(rows)).mark_point(
        shape=SHAPES.get(role, "circle"), filled=False, opacity=1, size=90, strokeWidth=2, stroke=colour,
        fill=colour if is_filled else SENTINEL["paper"],
    )  # fmt: skip
    return dot.encode(x=x, y=y)


def _upright(at: Sequence[float], ends: Ends, spans: Sequence[tuple[float, float]], y: Any, role: str = "grid") -> Any:
    rows = [{"x": x, "y": top, "y2": bottom} for x in at for top, bottom in spans]
    rule = alt.Chart(data(rows)).mark_rule(color=SENTINEL[role], strokeWidth=1 if role == "grid" else 1.5)
    return rule.encode(x=x_of("x", ends), y=y, y2=alt.Y2("y2:Q"))
