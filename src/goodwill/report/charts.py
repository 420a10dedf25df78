"""Three drawings, from numbers to SVG: intervals beside zero, lines over weeks, bars of parts.

Each is an Altair specification with its own scales and direct labels; nothing is left to automatic
layout, because that measures text with the fonts of the machine and the bytes would differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import vl_convert

from goodwill.report.phrases import printable
from goodwill.report.theme import CONFIG, LINES, SENTINEL, paint

#: Drawn widths in pixels: as wide as the page's column, and as wide as a phone allows.
WIDE, NARROW = 680, 330
#: Size of every text in a chart, and the height of a line of it.
TEXT, LINE = 13, 22
#: Width of a bold character in the widest common font (DejaVu), since text is not measured.
CHARACTER = 9
#: Room for the ticks' labels below a plot.
FOOT = 26


@dataclass(frozen=True)
class Mark:
    """One estimate: ``is_filled`` for the adjusted one, hollow for the naive one."""

    label: str
    value: float
    low: float | None
    high: float | None
    is_filled: bool = True


@dataclass(frozen=True)
class Line:
    """One series: points (x, y, low, high) in the order of x; ``low`` and ``high`` may be None.

    A stepped line holds a value until the next point, as a share that has been reached.
    """

    label: str
    points: tuple[tuple[float, float, float | None, float | None], ...]
    is_stepped: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar of parts (role, size); ``total`` says its size in words."""

    label: str
    total: str
    parts: tuple[tuple[str, float], ...]


def intervals(
    groups: Sequence[tuple[str, Sequence[Mark]]], *, write: Callable[[float], str], zero: float | None, width: int
) -> str:
    """A forest: per group a heading and its estimates with intervals, a line at ``zero`` if there is one."""
    gutter = 150 if width == WIDE else 118
    ends = [e for _, marks in groups for m in marks for e in (m.value, m.low, m.high) if e is not None]
    low, high = _padded([*ends, zero] if zero is not None else ends)
    headings, marks, spans, y = [], [], [], 0
    for heading, members in groups:
        headings.append({"y": y + LINE / 2, "text": _cut(heading, width)})
        for member in members:
            y += LINE
            marks.append({"y": y + LINE / 2, **_as_row(member)})
        y += LINE
        spans.append((y - LINE * len(members), y))  # lines leave the headings free
        y += LINE // 2
    y -= LINE // 2
    down = _y("y", y, 0)
    layers = [*_upright(_ticks(low, high), (low, high), spans, down), _below(_ticks(low, high), (low, high), y, write)]
    if zero is not None:
        layers.append(_upright([zero], (low, high), spans, down, role="ink")[0])
    for is_filled in (False, True):
        layers += _estimates([m for m in marks if m["is_filled"] == is_filled], (low, high), down, is_filled)
    layers.append(_texts(headings, down, at=0, bold=True))
    layers.append(_texts(marks, down, at=width - gutter + 12))
    return _svg(layers, width - gutter, y, {"left": 6, "right": gutter - 6, "top": 2, "bottom": FOOT})


def lines(
    series: Sequence[Line],
    *,
    write: Callable[[float], str],
    ends: tuple[str, str],
    width: int,
    top: float | None = None,
) -> str:
    """Lines over a common x, with bands where points have them; ``ends`` label the first and the last x.

    ``top`` fixes the upper end of y so that panels can be compared.
    """
    longest = max(len(part) for line in series for part in line.label.split("\n"))
    gutter, left, height = 12 + CHARACTER * longest, 44, (260 if width == WIDE else 190)
    inner = width - gutter - left
    xs = [p[0] for line in series for p in line.points]
    low, high = min(xs), max(*xs, min(xs) + 1)
    highest = top if top is not None else max(p[3] or p[1] for line in series for p in line.points)
    ticks = _ticks(0, highest or 1)
    highest = max(highest or 1, ticks[-1])
    x, up = _x("x", low, high), _y("y", 0, highest)
    layers = [_across(ticks, up, inner), *_left(ticks, up, write), _ends(ends, inner, height)]
    for line, (role, dash) in zip(series, LINES, strict=False):
        layers += _line(line, (x, up), role, dash)
    layers += _end_labels(series, highest, inner=inner, height=height)
    return _svg(layers, inner, height, {"left": left, "right": gutter, "top": 10, "bottom": FOOT})


def bars(rows: Sequence[Bar], *, width: int) -> str:
    """Horizontal bars made of parts, each bar's total written at its end and its name above it."""
    gutter = 118
    longest = max(sum(size for _, size in row.parts) for row in rows) or 1.0
    names: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    pieces: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        y, start = number * 52, 0.0
        names.append({"y": y + LINE / 2, "text": _cut(row.label, width)})
        for role, size in row.parts:
            pieces.append({"y": y + LINE, "y2": y + 2 * LINE - 4, "x": start, "x2": start + size, "role": role})
            start += size
        totals.append({"y": y + LINE * 1.5 - 1, "x": start, "text": row.total})
    height = 52 * len(rows)
    x, down = _x("x", 0, longest), _y("y", height, 0)
    layers: list[Any] = []
    for role in dict.fromkeys(piece["role"] for piece in pieces):
        chart = alt.Chart(_data([p for p in pieces if p["role"] == role]))
        # a stroke of paper keeps neighbours apart where print has no colour
        mark = chart.mark_rect(color=SENTINEL[role], stroke=SENTINEL["paper"], strokeWidth=1.5)
        layers.append(mark.encode(x=x, x2="x2:Q", y=down, y2="y2:Q"))
    written = alt.Chart(_data(totals)).mark_text(align="left", dx=8, **_type())
    layers += [_texts(names, down, at=0, bold=True), written.encode(x=x, y=down, text="text:N")]
    return _svg(layers, width - gutter, height, {"left": 2, "right": gutter - 2, "top": 0, "bottom": 2})


def _svg(layers: Iterable[Any], width: float, height: float, padding: dict[str, int]) -> str:
    chart = alt.layer(*layers).properties(width=width, height=height, padding=padding, autosize={"type": "none"})
    return paint(vl_convert.vegalite_to_svg({**chart.to_dict(), "config": CONFIG}))


def _data(rows: Sequence[dict[str, Any]]) -> Any:
    clean = [{key: printable(cell) if isinstance(cell, str) else cell for key, cell in row.items()} for row in rows]
    return alt.InlineData(values=clean)


def _type(role: str = "ink", *, bold: bool = False) -> dict[str, Any]:
    """How text is set; the baseline is written out because fonts differ in theirs."""
    weight = 600 if bold else 400
    return {"color": SENTINEL[role], "fontSize": TEXT, "baseline": "middle", "fontWeight": weight}


def _scale(low: float, high: float) -> Any:
    return alt.Scale(domain=[low, high], nice=False, zero=False)


def _x(field: str, low: float, high: float) -> Any:
    return alt.X(f"{field}:Q", scale=_scale(low, high), axis=None, title=None)


def _y(field: str, bottom: float, top: float) -> Any:
    return alt.Y(f"{field}:Q", scale=_scale(bottom, top), axis=None, title=None)


def _texts(rows: Sequence[dict[str, Any]], y: Any, *, at: float, bold: bool = False) -> Any:
    mark = alt.Chart(_data(rows)).mark_text(align="left", **_type(bold=bold))
    return mark.encode(x=alt.value(at), y=y, text="text:N")


def _as_row(mark: Mark) -> dict[str, Any]:
    row = {"x": mark.value, "text": mark.label, "is_filled": mark.is_filled}
    return row if mark.low is None or mark.high is None else {**row, "low": mark.low, "high": mark.high}


def _estimates(marks: list[dict[str, Any]], domain: tuple[float, float], y: Any, is_filled: bool) -> list[Any]:
    """Bars of intervals and their points: filled and strong, or hollow and thin."""
    colour = SENTINEL["first" if is_filled else "soft"]
    reach = alt.Chart(_data([m for m in marks if "low" in m])).mark_rule(
        color=colour, strokeWidth=4 if is_filled else 2
    )
    dot = alt.Chart(_data(marks)).mark_point(
        shape="circle", filled=False, opacity=1, size=90, strokeWidth=2, stroke=colour,
        fill=colour if is_filled else SENTINEL["paper"],
    )  # fmt: skip
    return [reach.encode(x=_x("low", *domain), x2="high:Q", y=y), dot.encode(x=_x("x", *domain), y=y)]


def _upright(
    at: list[float], domain: tuple[float, float], spans: list[tuple[int, int]], y: Any, role: str = "grid"
) -> list[Any]:
    rows = [{"x": x, "y": top, "y2": bottom} for x in at for top, bottom in spans]
    rule = alt.Chart(_data(rows)).mark_rule(color=SENTINEL[role], strokeWidth=1 if role == "grid" else 1.5)
    return [rule.encode(x=_x("x", *domain), y=y, y2="y2:Q")]


def _below(ticks: list[float], domain: tuple[float, float], height: float, write: Callable[[float], str]) -> Any:
    text = alt.Chart(_data([{"x": tick, "text": write(tick)} for tick in ticks])).mark_text(**_type("soft"))
    return text.encode(x=_x("x", *domain), y=alt.value(height + 14), text="text:N")


def _across(ticks: list[float], y: Any, width: float) -> Any:
    rule = alt.Chart(_data([{"y": tick} for tick in ticks])).mark_rule(color=SENTINEL["grid"], strokeWidth=1)
    return rule.encode(y=y, x=alt.value(0), x2=alt.value(width))


def _left(ticks: list[float], y: Any, write: Callable[[float], str]) -> list[Any]:
    rows = [{"y": tick, "text": write(tick)} for tick in ticks]
    text = alt.Chart(_data(rows)).mark_text(align="right", **_type("soft"))
    return [text.encode(x=alt.value(-8), y=y, text="text:N")]


def _ends(ends: tuple[str, str], width: float, height: float) -> Any:
    first = alt.Chart(_data([{"text": ends[0]}])).mark_text(align="left", **_type("soft"))
    last = alt.Chart(_data([{"text": ends[1]}])).mark_text(align="right", **_type("soft"))
    y = alt.value(height + 14)
    return alt.layer(*(m.encode(x=alt.value(at), y=y, text="text:N") for m, at in ((first, 0), (last, width))))


def _line(line: Line, axes: tuple[Any, Any], role: str, dash: tuple[int, ...]) -> list[Any]:
    x, y = axes
    bend: Literal["step-after", "linear"] = "step-after" if line.is_stepped else "linear"
    colour = SENTINEL[role]
    rows = [{"x": p[0], "y": p[1]} for p in line.points]
    stroke = alt.Chart(_data(rows)).mark_line(color=colour, strokeWidth=2.5, strokeDash=list(dash), interpolate=bend)
    drawn = [stroke.encode(x=x, y=y)]
    band = [{"x": p[0], "y": p[2], "y2": p[3]} for p in line.points if p[2] is not None and p[3] is not None]
    if band:
        area = alt.Chart(_data(band)).mark_area(color=colour, opacity=0.16, interpolate=bend)
        drawn.insert(0, area.encode(x=x, y=y, y2="y2:Q"))
    return drawn


def _end_labels(series: Sequence[Line], highest: float, *, inner: float, height: float) -> list[Any]:
    """The lines' names at their right ends, pushed apart where they would cover each other."""
    room = 1.15 * TEXT
    wanted = sorted(
        (height * (1 - line.points[-1][1] / highest), line.label, role)
        for line, (role, _) in zip(series, LINES, strict=False)
    )
    placed: list[tuple[float, str, str]] = []
    floor = 0.0
    for at, label, role in wanted:
        tall = room * (1 + label.count("\n"))
        centre = max(at, floor + tall / 2)
        placed.append((centre, label, role))
        floor = centre + tall / 2 + 4
    over = max(0.0, floor - height - 10)
    return [
        alt.Chart(_data([{"text": label}]))
        .mark_text(
            align="left", lineBreak="\n", lineHeight=room, dy=-room / 2 * label.count("\n"), **_type(role, bold=True)
        )
        .encode(x=alt.value(inner + 8), y=alt.value(centre - over), text="text:N")
        for centre, label, role in placed
    ]


def _cut(text: str, width: int) -> str:
    """As much of a text as fits; the whole of it stands in the table."""
    room = width // CHARACTER
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _padded(ends: Sequence[float]) -> tuple[float, float]:
    low, high = min(ends), max(ends)
    room = 0.06 * (high - low) or abs(high) or 1.0
    return low - room, high + room


def _ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers between two ends: steps of 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> _ticks(-0.031, 0.12)
    [0.0, 0.05, 0.1]
    """
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]
