"""The picture of one customer's time: a lane for each venue, what was bought and sold below, all on one line of time.

It is written as SVG by hand, in the sizes and colours of the other drawings: every customer has one, and it is drawn
while somebody waits.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from goodwill.report.drawing import CHARACTER, FOOT, LINE, PLAIN, TEXT, cut
from goodwill.report.numbers import show_count
from goodwill.report.panels import Picture, drawn_twice
from goodwill.report.phrases import listed, printable

#: Room left and right of the line of time, so that marks at its ends are whole.
EDGE = 12
#: Height of the strip that holds a lane's marks, and of the room below it.
STRIP, GAP = 26, 6
#: Marks nearer than this many pixels become one, larger.
NEAR = 13
#: Radius of a mark of one touch, and of the largest.
LEAST, MOST = 2.8, 6.5
#: Spans of one kind that are drawn; the table has all.
SPANS = 4
#: Steps between ticks, in months, from fine to coarse.
STEPS = (1, 3, 6, 12, 24, 60, 120)

Point = tuple[float, float]
Ending = Literal["won", "lost", "open", "over"]


@dataclass(frozen=True)
class Lane:
    """One venue: ``days`` are (day, touches) in their order; social ones are filled, so that grey print tells them."""

    name: str
    is_social: bool
    days: tuple[tuple[dt.date, int], ...]

    @property
    def role(self) -> str:
        """Its colour."""
        return "first" if self.is_social else "third"

    @property
    def touches(self) -> int:
        """How many in all."""
        return sum(n for _, n in self.days)


@dataclass(frozen=True)
class Span:
    """What lasts from a day to a day; ``name`` says in words what it is and how it ended."""

    name: str
    start: dt.date
    end: dt.date
    ending: Ending


@dataclass(frozen=True)
class Story:
    """One customer: lanes in their order, spans by heading, and the days at the ends of the line of time."""

    lanes: tuple[Lane, ...]
    spans: tuple[tuple[str, tuple[Span, ...]], ...]
    first: dt.date
    last: dt.date


def picture(story: Story) -> Picture:
    """One customer on one line of time, for wide pages and for phones, with words for those who cannot see."""
    panel = drawn_twice(f"{_day(story.first)} to {_day(story.last)}", _told(story), lambda width: draw(story, width))
    key = (("first", "social, filled"), ("third", "everything else, rings"))
    return Picture(_sees(story), (panel,), key if story.lanes else ())


def draw(story: Story, width: int) -> str:
    """The picture as SVG, so many pixels wide."""
    scale = _Scale(story.first, story.last, width)
    drawn: list[Markup] = []
    top = 0
    for lane in story.lanes:
        drawn += _lane(lane, top, scale)
        top += LINE + STRIP + GAP
    for heading, spans in story.spans:
        drawn += _heading(heading, len(spans), top, width)
        top += LINE
        for span in _chosen(spans):
            drawn += _span(span, top, scale)
            top += LINE + STRIP // 2
        top += GAP
    behind = [*_ticks(scale, top), *_first_touch(story, scale, top)]
    size = Markup('<svg viewBox="0 0 {} {}" font-size="{}">').format(width, top + FOOT, TEXT)
    return str(size + Markup("").join([*behind, *drawn]) + Markup("</svg>"))


@dataclass(frozen=True)
class _Scale:
    """From days to pixels."""

    first: dt.date
    last: dt.date
    width: int

    def at(self, day: dt.date) -> float:
        days = max(1, (self.last - self.first).days)
        share = min(1.0, max(0.0, (day - self.first).days / days))
        return round(EDGE + share * (self.width - 2 * EDGE), 1)


def _text(at: Point, text: str, *, role: str = "ink", weight: int = 400, anchor: str = "start") -> Markup:
    # a rim of paper keeps the lines behind a text out of its letters
    pattern = (
        '<text x="{}" y="{}" dy=".35em" fill="var(--{})" font-weight="{}" text-anchor="{}" '
        'stroke="var(--paper)" stroke-width="4" stroke-linejoin="round" paint-order="stroke">{}</text>'
    )
    return Markup(pattern).format(*at, role, weight, anchor, printable(text))


def _rule(start: Point, end: Point, role: str, *, thick: float = 1, dash: str = "none") -> Markup:
    pattern = '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="var(--{})" stroke-width="{}" stroke-dasharray="{}"/>'
    return Markup(pattern).format(*start, *end, role, thick, dash)


def _lane(lane: Lane, top: int, scale: _Scale) -> list[Markup]:
    """A venue's name with its number of touches, and its marks on a line below."""
    middle, touches = top + LINE + STRIP / 2, lane.touches
    count = f"{show_count(touches)} {'touch' if touches == 1 else 'touches'}"
    name = cut(lane.name, scale.width - PLAIN * len(count) - 2 * PLAIN)
    drawn = [
        _text((0, top + LINE / 2), name, weight=600),
        _text((CHARACTER * len(name) + PLAIN, top + LINE / 2), count, role="soft"),
        _rule((EDGE, middle), (scale.width - EDGE, middle), "grid"),
    ]
    for x, n in near([(scale.at(day), n) for day, n in lane.days]):
        fill, stroke = (lane.role, "paper") if lane.is_social else ("paper", lane.role)
        pattern = '<circle cx="{}" cy="{}" r="{}" fill="var(--{})" stroke="var(--{})" stroke-width="1.8"/>'
        drawn.append(Markup(pattern).format(x, middle, radius(n), fill, stroke))
    return drawn


def near(marks: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Marks as they are drawn: those that would cover each other become one, in the middle of its touches.

    Examples
    --------
    >>> near([(1.0, 1), (3.0, 1), (40.0, 2)])
    [(2.0, 2), (40.0, 2)]
    """
    cells: dict[int, list[tuple[float, int]]] = {}
    for x, n in marks:
        cells.setdefault(int(x // NEAR), []).append((x, n))
    together = []
    for cell in cells.values():
        n = sum(n for _, n in cell)
        together.append((round(sum(x * m for x, m in cell) / n, 1), n))
    return together


def radius(touches: int) -> float:
    """Of the mark of so many touches: it grows with their order of magnitude, until its neighbours are near.

    Examples
    --------
    >>> radius(1), radius(4), radius(1000)
    (2.8, 4.0, 6.5)
    """
    return round(min(MOST, LEAST + 0.9 * math.log(touches)), 1)


def _heading(heading: str, many: int, top: int, width: int) -> list[Markup]:
    more = f"the {SPANS} latest of {show_count(many)}" if many > SPANS else ""
    drawn = [_text((0, top + LINE / 2), cut(heading, width), weight=600)]
    return [*drawn, _text((CHARACTER * len(heading) + PLAIN, top + LINE / 2), more, role="soft")] if more else drawn


def _chosen(spans: Sequence[Span]) -> list[Span]:
    """The latest of them, in the order of time."""
    return sorted(sorted(spans, key=lambda s: (s.start, s.end, s.name))[-SPANS:], key=lambda s: (s.start, s.end))


def _span(span: Span, top: int, scale: _Scale) -> list[Markup]:
    """Its words, and below them a bar with a mark of how it ended."""
    start, end = scale.at(span.start), scale.at(span.end)
    role = {"won": "third", "lost": "second", "open": "first", "over": "soft"}[span.ending]
    name = cut(span.name, scale.width, PLAIN)
    x = min(max(0.0, start - EDGE / 2), max(0.0, scale.width - PLAIN * len(name)))
    middle = top + LINE + 4
    end = max(end, start + 1)
    bar = _rule((start, middle), (end, middle), role, thick=4, dash="6 3" if span.ending == "open" else "none")
    return [_text((x, top + LINE / 2), name), bar, _ending(span.ending, (end, middle), role)]


def _ending(ending: Ending, at: Point, role: str) -> Markup:
    """A diamond for won, a cross for lost, an arrow for what goes on, an upright for what is over."""
    shapes = {
        "won": "M0,-7L7,0L0,7L-7,0Z", "lost": "M-5,-5L5,5M-5,5L5,-5", "open": "M-5,-6L5,0L-5,6Z", "over": "M0,-7L0,7",
    }  # fmt: skip
    is_filled = ending in ("won", "open")
    pattern = '<path transform="translate({},{})" d="{}" fill="{}" stroke="var(--{})" stroke-width="2.5"/>'
    return Markup(pattern).format(*at, shapes[ending], Markup("var(--{})").format(role) if is_filled else "none", role)


def ticks(first: dt.date, last: dt.date, room: int) -> list[tuple[dt.date, str]]:
    """First days of months or years between two days with their names, at most as many as have room.

    Examples
    --------
    >>> ticks(dt.date(2023, 11, 20), dt.date(2024, 4, 2), 3)
    [(datetime.date(2024, 1, 1), 'Jan 2024'), (datetime.date(2024, 4, 1), 'Apr 2024')]
    """
    for step in STEPS:
        found = [
            dt.date(month // 12, month % 12 + 1, 1)
            for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
            if month % step == 0
        ]
        found = [day for day in found if first <= day <= last]
        if len(found) <= room:
            break
    return [(day, str(day.year) if step >= 12 else f"{day:%b %Y}") for day in found]


def _ticks(scale: _Scale, height: int) -> list[Markup]:
    chosen = ticks(scale.first, scale.last, scale.width // (11 * PLAIN))
    drawn = []
    for day, name in chosen:
        x, half = scale.at(day), PLAIN * len(name) / 2
        drawn.append(_rule((x, 0), (x, height), "grid"))
        drawn.append(_text((min(max(x, half), scale.width - half), height + 14), name, role="soft", anchor="middle"))
    return drawn


def _first_touch(story: Story, scale: _Scale, height: int) -> list[Markup]:
    """An upright, dashed line at the first touch."""
    days = [lane.days[0][0] for lane in story.lanes if lane.days]
    if not days:
        return []
    x = scale.at(min(days))
    return [_rule((x, 0), (x, height), "soft", thick=1.5, dash="4 3")]


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _sees(story: Story) -> str:
    """What to see: when and where it began, where most of it happened."""
    met = [lane for lane in story.lanes if lane.days]
    if not met:
        return "Nothing that is known of them happened on any venue."
    begins, most = min(met, key=lambda lane: (lane.days[0][0], lane.name)), max(met, key=lambda lane: lane.touches)
    said = f"The first touch was on {begins.name}, {_day(begins.days[0][0])} (dashed line)"
    said += f"; most touches were on {most.name}, {show_count(most.touches)}." if len(met) > 1 else "."
    return said + " Each mark is a touch; a larger one stands for more touches."


def _told(story: Story) -> str:
    """The picture in words."""
    parts = [f"{lane.name}: {show_count(lane.touches)}" for lane in story.lanes]
    said = f"Touches by venue: {listed(parts)}." if parts else "No touches."
    for heading, spans in story.spans:
        said += f" {heading}: " + "; ".join(span.name for span in _chosen(spans)) + "."
    return said
