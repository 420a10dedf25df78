"""What all drawings are made of: sizes, axes, text, ticks, and the way from a specification to SVG.

Each chart is an Altair specification with its own scales and direct labels; nothing is left to automatic
layout, because that measures text with the fonts of the machine and the bytes would differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import altair as alt
import vl_convert

from goodwill.report.phrases import printable
from goodwill.report.theme import CONFIG, SENTINEL, paint

#: Drawn widths in pixels: as wide as the page's column, and as wide as a phone allows.
WIDE, NARROW = 680, 330
#: Size of every text in a chart, and the height of a line of it.
TEXT, LINE = 13, 22
#: Widths of a bold and of a plain character in the widest common font (DejaVu), since text is not measured.
CHARACTER, PLAIN = 9, 8
#: Room for the ticks' labels below a plot.
FOOT = 26

#: Places in pixels; written as such, because Altair takes long to find out what a bare value is.
_X_AT: Any = alt.XValue
_X2_AT: Any = alt.X2Value
_Y_AT: Any = alt.YValue

Ends = tuple[float, float]
Write = Callable[[float], str]


def svg(layers: Iterable[Any], width: float, height: float, padding: dict[str, float]) -> str:
    """Layers as a picture of a plot of this size, with this much room around it.

    They are joined by hand and left unchecked: Altair would copy every row several times and compare every mark with
    its schema, which takes longer than all the drawing. The tests check them.
    """
    joined = [layer.to_dict(validate=False) for layer in layers]
    specification = {
        "datasets": {name: rows for layer in joined for name, rows in layer["datasets"].items()},
        "layer": [{part: layer[part] for part in ("data", "mark", "encoding")} for layer in joined],
        "width": width,
        "height": height,
        "padding": padding,
        "autosize": {"type": "none"},
        "config": CONFIG,
    }
    return paint(vl_convert.vegalite_to_svg(specification))


def data(rows: Sequence[dict[str, Any]]) -> Any:
    """Rows as a chart takes them, without control characters."""
    clean = [{key: printable(cell) if isinstance(cell, str) else cell for key, cell in row.items()} for row in rows]
    return alt.InlineData(values=clean)


def lettering(role: str = "ink", *, bold: bool = False) -> dict[str, Any]:
    """How text is set; the baseline is written out because fonts differ in theirs."""
    weight = 600 if bold else 400
    return {"color": SENTINEL[role], "fontSize": TEXT, "baseline": "middle", "fontWeight": weight}


def x_of(field: str, ends: Ends) -> Any:
    """A field along the horizontal between two ends."""
    return alt.X(f"{field}:Q", scale=_scale(ends), axis=None, title=None)


def y_of(field: str, ends: Ends) -> Any:
    """A field along the vertical, from the bottom to the top."""
    return alt.Y(f"{field}:Q", scale=_scale(ends), axis=None, title=None)


def texts(rows: Sequence[dict[str, Any]], y: Any, *, at: float, role: str = "ink", bold: bool = False) -> Any:
    """Lines of text (``text``) that begin at one x."""
    mark = alt.Chart(data(rows)).mark_text(align="left", **lettering(role, bold=bold))
    return mark.encode(x=_X_AT(at), y=y, text=alt.Text("text:N"))


def grid_across(ticks: Sequence[float], y: Any, width: float) -> Any:
    """Horizontal grid lines."""
    rule = alt.Chart(data([{"y": tick} for tick in ticks])).mark_rule(color=SENTINEL["grid"], strokeWidth=1)
    return rule.encode(y=y, x=_X_AT(0), x2=_X2_AT(width))


def labels_left(ticks: Sequence[float], y: Any, write: Write) -> Any:
    """What the horizontal grid lines stand for, left of them."""
    rows = [{"y": tick, "text": write(tick)} for tick in ticks]
    text = alt.Chart(data(rows)).mark_text(align="right", **lettering("soft"))
    return text.encode(x=_X_AT(-8), y=y, text=alt.Text("text:N"))


def labels_below(marks: Sequence[tuple[float, str]], ends: Ends, height: float) -> list[Any]:
    """Numbers below a plot, centred at places of x; one at the left edge begins there."""
    layers = []
    for at_edge in (True, False):
        rows = [{"x": x, "text": text} for x, text in marks if (x == ends[0]) == at_edge]
        align: Literal["left", "center"] = "left" if at_edge else "center"
        mark = alt.Chart(data(rows)).mark_text(align=align, dx=-4 if at_edge else 0, **lettering("soft"))
        encoded = mark.encode(x=x_of("x", ends), y=_Y_AT(height + 14), text=alt.Text("text:N"))
        layers += [encoded] if rows else []
    return layers


def labels_within(marks: Sequence[tuple[float, str]], ends: Ends, *, width: float, height: float) -> list[Any]:
    """Words below a plot, the first and the last within its ends; between them those that have room."""
    y, (first, last) = _Y_AT(height + 14), (marks[0][1], marks[-1][1])
    left = alt.Chart(data([{"text": first}])).mark_text(align="left", **lettering("soft"))
    right = alt.Chart(data([{"text": last}])).mark_text(align="right", **lettering("soft"))
    layers = [m.encode(x=_X_AT(at), y=y, text=alt.Text("text:N")) for m, at in ((left, 0.0), (right, width))]
    free, until = float(PLAIN * (len(first) + 1)), width - PLAIN * (len(last) + 1)
    between = []
    for x, text in marks[1:-1]:
        centre, half = width * (x - ends[0]) / (ends[1] - ends[0]), PLAIN * len(text) / 2
        if free <= centre - half and centre + half <= until:
            between.append((x, text))
            free = centre + half + PLAIN
    return [*layers, *labels_below(between, ends, height)]


def apart(wanted: Sequence[tuple[float, str, str]], height: float) -> list[tuple[float, str, str]]:
    """Labels (at, text, role) pushed apart where they would cover each other, and back up into the plot."""
    room = 1.15 * TEXT
    placed: list[tuple[float, str, str]] = []
    floor = 0.0
    for at, label, role in sorted(wanted):
        tall = room * (1 + label.count("\n"))
        centre = max(at, floor + tall / 2)
        placed.append((centre, label, role))
        floor = centre + tall / 2 + 4
    over = max(0.0, floor - height - 10)
    return [(centre - over, label, role) for centre, label, role in placed]


def end_labels(placed: Sequence[tuple[float, str, str]], at: float, *, bold: bool = True) -> list[Any]:
    """Names at the right ends of what they name."""
    room = 1.15 * TEXT
    return [
        alt.Chart(data([{"text": label}]))
        .mark_text(
            align="left",
            lineBreak="\n",
            lineHeight=room,
            dy=-room / 2 * label.count("\n"),
            **lettering(role, bold=bold),
        )
        .encode(x=_X_AT(at), y=_Y_AT(centre), text=alt.Text("text:N"))
        for centre, label, role in placed
    ]


def room_for(labels: Iterable[str]) -> int:
    """Pixels that the longest of these plain texts needs."""
    return PLAIN * max((len(part) for text in labels for part in text.split("\n")), default=0)


def cut(text: str, room: float, character: int = CHARACTER) -> str:
    """As much of a text as fits into so many pixels; the whole of it stands in the table.

    Examples
    --------
    >>> cut("engagement before", 90), cut("owner", 90)
    ('engagemen…', 'owner')
    """
    most = int(room // character)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def padded(ends: Sequence[float], zero: float | None) -> Ends:
    """The ends of an axis that shows all these with some air; an axis whose values all lie above zero begins there.

    Examples
    --------
    >>> padded([0.0, 100.0], 0.0), padded([1.0, 2.0], None)
    ((0.0, 106.0), (0.94, 2.06))
    """
    every = [*ends, *([] if zero is None else [zero])] or [0.0]
    low, high = min(every), max(every)
    room = 0.06 * (high - low) or abs(high) or 1.0
    return (low if low == zero else low - room), high + room


def round_numbers(low: float, high: float) -> list[float]:
    """Round numbers between two ends, at least three: steps of 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> round_numbers(-0.031, 0.12), round_numbers(-3440, 4780)
    ([0.0, 0.05, 0.1], [-2000.0, 0.0, 2000.0, 4000.0])
    """
    few = _steps_between(low, high, 4)
    return few if len(few) >= 3 else _steps_between(low, high, 6)


def spaced(ticks: Sequence[float], ends: Ends, *, write: Write, width: float, kept: float) -> list[float]:
    """Those of the ticks whose labels do not crowd in a plot so wide: ``kept``, and outward from it what has room.

    Examples
    --------
    >>> spaced([-2000, 0, 2000, 4000], (-3440, 4780), write=str, width=90, kept=0.0)
    [0, 4000]
    """
    pixels = width / (ends[1] - ends[0])
    chosen: list[float] = []
    for side in (sorted(t for t in ticks if t >= kept), sorted((t for t in ticks if t < kept), reverse=True)):
        last = kept if kept in ticks else None
        for tick in side:
            room = PLAIN * (1 + (len(write(tick)) + len(write(tick if last is None else last))) / 2)
            if last is None or tick == kept or abs(tick - last) * pixels >= room:
                chosen.append(tick)
                last = tick
    return sorted(chosen)


def _steps_between(low: float, high: float, wanted: int) -> list[float]:
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _scale(ends: Ends) -> Any:
    return alt.Scale(domain=list(ends), nice=False, zero=False)
