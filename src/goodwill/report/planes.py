"""Two drawings of one share against another: how strong a hidden cause must be, and how true stated chances are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from goodwill.report.drawing import (
    CHARACTER,
    FOOT,
    LINE,
    PLAIN,
    TEXT,
    WIDE,
    Ends,
    apart,
    cut,
    data,
    end_labels,
    grid_across,
    labels_below,
    labels_left,
    lettering,
    round_numbers,
    spaced,
    svg,
    x_of,
    y_of,
)
from goodwill.report.panels import percent
from goodwill.report.theme import SENTINEL

#: Points along a curve: enough that it looks smooth.
POINTS = 40
#: Room left of a plot for the numbers of its axis.
LEFT = 52
#: Spots with a name; the table has them all.
MOST_NAMED = 4
#: From the centre of a spot to its name, to its edge; half the height of a name.
BESIDE, RADIUS, TALL = 9, 5, 0.6 * TEXT
#: Room above a plot for what its axis is, clear of the topmost number.
ABOVE = 32
#: Nothing is drawn nearer to an axis that a curve never reaches.
LEAST = 1e-4

#: Places in pixels.
_X_AT: Any = alt.XValue
_Y_AT: Any = alt.YValue


#: Pixels: left, right, top, bottom.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Curve:
    """All pairs of shares x and y with y x / (1 - x) = ``level``; named at its right end."""

    label: str
    level: float
    role: str
    dash: tuple[int, ...]


@dataclass(frozen=True)
class Spot:
    """A pair of shares with a name, and perhaps an interval of the second."""

    name: str
    x: float
    y: float
    low: float | None = None
    high: float | None = None


def contours(curves: Sequence[Curve], spots: Sequence[Spot], *, axes: tuple[str, str], width: int) -> str:
    """Curves of equal bias with spots among them; what lies beyond the first curve is shaded.

    ``axes`` says what the shares across and upward are; the spots that come first are named where there is room.
    """
    right = 12 + CHARACTER * max(len(part) for curve in curves for part in curve.label.split("\n"))
    inner, height = width - LEFT - right, 300 if width == WIDE else 230
    size = window([curve.level for curve in curves[:1]], spots)
    x, up = x_of("x", (0, size[0])), y_of("y", (0, size[1]))
    layers = _frame(size, (inner, height), axes)
    wanted = []
    for curve in reversed(curves):  # the first one lies above the others
        rows = _points(curve.level, size)
        if not rows:
            continue
        if curve is curves[0]:
            area = alt.Chart(data([{**row, "y2": size[1]} for row in rows])).mark_area(
                color=SENTINEL["grid"], opacity=0.45
            )
            layers.append(area.encode(x=x, y=up, y2=alt.Y2("y2:Q")))
        line = alt.Chart(data(rows)).mark_line(
            color=SENTINEL[curve.role], strokeWidth=2.5 if curve is curves[0] else 2, strokeDash=list(curve.dash)
        )
        layers.append(line.encode(x=x, y=up))
        wanted.append((height * (1 - rows[-1]["y"] / size[1]), curve.label, curve.role))
    layers.append(_dots(spots, x, up))
    layers += _names(spots, size, (inner, height))
    layers += end_labels(apart(wanted, height), inner + 8)
    return svg(layers, inner, height, {"left": LEFT, "right": right, "top": ABOVE, "bottom": FOOT + LINE})


def agreement(spots: Sequence[Spot], *, axes: tuple[str, str], width: int) -> str:
    """Spots with intervals beside the line on which both shares are alike."""
    inner, height = width - LEFT - 24, 300 if width == WIDE else 230
    x, up = x_of("x", (0, 1)), y_of("y", (0, 1))
    layers = _frame((1.0, 1.0), (inner, height), axes)
    alike = alt.Chart(data([{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(color=SENTINEL["ink"], strokeWidth=1.5)
    layers.append(alike.encode(x=x, y=up))
    bars = [{"x": s.x, "y": s.low, "y2": s.high} for s in spots if s.low is not None and s.high is not None]
    if bars:
        rule = alt.Chart(data(bars)).mark_rule(color=SENTINEL["first"], strokeWidth=4)
        layers.append(rule.encode(x=x, y=up, y2=alt.Y2("y2:Q")))
    layers.append(_dots(spots, x, up))
    layers += _names(spots, (1.0, 1.0), (inner, height), most=len(spots))
    return svg(layers, inner, height, {"left": LEFT, "right": 24, "top": ABOVE, "bottom": FOOT + LINE})


def window(levels: Sequence[float], spots: Sequence[Spot]) -> Ends:
    """The ends of both axes: all spots with some air, and as much more of both as shows the curve.

    Examples
    --------
    >>> [round(end, 3) for end in window([0.001], [Spot("size", 0.02, 0.05)])]
    [0.026, 0.065]
    >>> [round(end, 2) for end in window([0.04], [Spot("size", 0.02, 0.05)])]
    [0.16, 0.4]
    """
    across, up = (min(1.0, max(1.3 * max(values), LEAST)) for values in zip(*((s.x, s.y) for s in spots), strict=True))
    while any(level * (1 - across) / across > 0.6 * up for level in levels) and (across < 1 or up < 1):
        across, up = min(1.0, 1.1 * across), min(1.0, 1.1 * up)
    return across, up


def _points(level: float, size: Ends) -> list[dict[str, float]]:
    """A curve from the top of the window to its right end; none where it lies outside."""
    last = max(level * (1 - size[0]) / size[0], LEAST * size[1])
    if not 0 < last < size[1]:
        return []
    ratio = (last / size[1]) ** (1 / (POINTS - 1))
    ups = [size[1] * ratio**number for number in range(POINTS)]
    return [{"x": min(size[0], level / (y + level)), "y": y} for y in ups]


def _frame(size: Ends, plot: tuple[int, int], axes: tuple[str, str]) -> list[Any]:
    """Grid, numbers on both axes, and what the axes are."""
    inner, height = plot
    x, up = x_of("x", (0, size[0])), y_of("y", (0, size[1]))
    ups = round_numbers(0, size[1])
    ticks = spaced(round_numbers(0, size[0]), (0, size[0]), write=percent, width=inner, kept=0.0)
    rule = alt.Chart(data([{"x": tick, "y": 0, "y2": size[1]} for tick in ticks])).mark_rule(
        color=SENTINEL["grid"], strokeWidth=1
    )
    return [
        grid_across(ups, up, inner),
        rule.encode(x=x, y=up, y2=alt.Y2("y2:Q")),
        labels_left(ups, up, percent),
        *labels_below([(tick, percent(tick)) for tick in ticks], (0, size[0]), height),
        _said("↑ " + cut(axes[1], inner, PLAIN), at=(4 - LEFT, TEXT - ABOVE), align="left"),
        _said(cut(axes[0], inner + LEFT - 24, PLAIN) + " →", at=(inner, height + FOOT + LINE / 2 - 2), align="right"),
    ]


def _said(text: str, *, at: tuple[float, float], align: Any) -> Any:
    mark = alt.Chart(data([{"text": text}])).mark_text(align=align, **lettering("soft"))
    return mark.encode(x=_X_AT(at[0]), y=_Y_AT(at[1]), text=alt.Text("text:N"))


def _dots(spots: Sequence[Spot], x: Any, y: Any) -> Any:
    dot = alt.Chart(data([{"x": s.x, "y": s.y} for s in spots])).mark_point(
        shape="circle", filled=True, opacity=1, size=80, color=SENTINEL["first"], stroke=SENTINEL["paper"],
        strokeWidth=1.5,
    )  # fmt: skip
    return dot.encode(x=x, y=y)


def _names(spots: Sequence[Spot], size: Ends, plot: tuple[int, int], most: int = MOST_NAMED) -> list[Any]:
    """Names of the first spots, where nothing else stands; on paper, so that no line crosses them."""
    taken = [_around(spot, size, plot) for spot in spots]
    placed: dict[str, list[dict[str, Any]]] = {"left": [], "right": []}
    for spot in spots[:most]:
        x, y = plot[0] * spot.x / size[0], plot[1] * (1 - spot.y / size[1])
        long = PLAIN * len(spot.name)
        for align, begins in (("left", x + BESIDE), ("right", x - BESIDE - long)):
            box = (begins, begins + long, y - TALL, y + TALL)
            if begins >= 0 and box[1] <= plot[0] and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                placed[align].append({"x": spot.x, "y": spot.y, "text": spot.name})
                break
    return [layer for align, rows in placed.items() if rows for layer in _written(rows, align, size)]


def _around(spot: Spot, size: Ends, plot: tuple[int, int]) -> Box:
    """The pixels that a spot and its interval take."""
    x = plot[0] * spot.x / size[0]
    ends = [end for end in (spot.y, spot.low, spot.high) if end is not None]
    top, bottom = (plot[1] * (1 - end / size[1]) for end in (max(ends), min(ends)))
    return x - RADIUS, x + RADIUS, top - RADIUS, bottom + RADIUS


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _written(rows: list[dict[str, Any]], align: Any, size: Ends) -> list[Any]:
    x, up = x_of("x", (0, size[0])), y_of("y", (0, size[1]))
    away = BESIDE if align == "left" else -BESIDE
    paper: dict[str, Any] = {"stroke": SENTINEL["paper"], "strokeWidth": 4, "strokeJoin": "round"}
    layers = []
    for halo in (paper, {}):
        mark = alt.Chart(data(rows)).mark_text(align=align, dx=away, **lettering("ink"), **halo)
        layers.append(mark.encode(x=x, y=up, text=alt.Text("text:N")))
    return layers
