"""Which picture shows which verdict: curves, bars, weeks, or else the forest of its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from goodwill.report import captions
from goodwill.report.charts import NARROW, WIDE, Bar, Line, Mark, bars, intervals, lines
from goodwill.report.numbers import UNITS, axis_number, is_difference, show_bare, show_count, show_value
from goodwill.report.phrases import label, venue_name
from goodwill.report.theme import PARTS
from goodwill.report.words import standing_words, title
from goodwill.verdicts.verdict import Figure, Verdict

#: More venues than this make a wall of small panels; the table has the others.
MOST_PANELS = 6
#: What the weekly panels show if the rows have it, in this order; two lines are readable in a small panel.
WEEKLY = ("comments", "posts", "reactions", "replies", "shares", "actions")
#: How an axis names each unit.
AXES = {"points": "percentage points", "share": "%", "log_odds": "log-odds", "ratio": "ratio"}
#: Where "no effect" lies on an axis of ratios.
NO_CHANGE = 1.0


@dataclass(frozen=True)
class Panel:
    """One drawing, for wide pages and for phones, with its heading and its text alternative."""

    heading: str
    wide: str
    narrow: str
    told: str


@dataclass(frozen=True)
class Picture:
    """Panels that belong together; ``sees`` says what to see, ``key`` names colours (role, words)."""

    sees: str
    panels: tuple[Panel, ...]
    key: tuple[tuple[str, str], ...] = ()
    facts: str = ""

    @property
    def is_grid(self) -> bool:
        """Small panels side by side."""
        return self.facts == "by_week"


def effects(verdicts: Sequence[Verdict], currency: str) -> Picture | None:
    """All effects with the naive figure beside each; one panel per unit, since units share no axis."""
    shown = [v for v in verdicts if v.standing != "described" and v.headline and v.headline.value is not None]
    groups: dict[str, list[tuple[str, list[tuple[Figure, bool]]]]] = {}
    for verdict in shown:
        assert verdict.headline is not None
        pair = [(verdict.headline, True)]
        if verdict.naive and verdict.naive.value is not None and verdict.naive.unit == verdict.headline.unit:
            pair.append((verdict.naive, False))
        heading = f"{title(verdict)}: {standing_words(verdict).words.lower()}"
        groups.setdefault(verdict.headline.unit, []).append((heading, pair))
    if not groups:
        return None
    panels = tuple(_forest(members, unit, currency) for unit, members in sorted(groups.items(), key=_unit_order))
    return Picture(captions.HOW_TO_READ_FOREST, panels)


def picture(verdict: Verdict, currency: str) -> Picture | None:
    """The picture of one question; None where there is nothing to draw."""
    draws: dict[str, Callable[[Verdict, str], Picture | None]] = {
        "curves": _curves,
        "by_venue": _by_venue,
        "by_week": _by_week,
    }
    for facts, draw in draws.items():
        if verdict.facts.get(facts) and (drawn := draw(verdict, currency)) is not None:
            return drawn
    return _figures(verdict, currency)


def _forest(members: list[tuple[str, list[tuple[Figure, bool]]]], unit: str, currency: str) -> Panel:
    zero = NO_CHANGE if unit == "ratio" else 0.0
    groups = [
        (name, [_mark(f, "adjusted" if filled else "naive", filled) for f, filled in pair]) for name, pair in members
    ]
    told = "; ".join(
        f"{name}: "
        + ", ".join(f"{'adjusted' if filled else 'naive'} {show_value(f.value, unit, currency)}" for f, filled in pair)
        for name, pair in members
    )
    write = axis_number(unit)
    drawn = [intervals(groups, write=write, zero=zero, width=width) for width in (WIDE, NARROW)]
    return Panel(f"Effect in {_axis(unit, currency)}", drawn[0], drawn[1], told + ".")


def _mark(figure: Figure, kind: str, is_filled: bool) -> Mark:
    assert figure.value is not None
    told = f"{show_bare(figure.value, figure.unit)} {kind}".strip()
    return Mark(told, figure.value, figure.low, figure.high, is_filled)


def _figures(verdict: Verdict, currency: str) -> Picture | None:
    """The verdict's figures that have an interval, a panel per unit."""
    shown = [f for f in verdict.every_figure() if f.value is not None and f.low is not None and f.high is not None]
    units = sorted({f.unit for f in shown})
    panels = []
    for unit in units:
        groups = [(label(f.label), [_mark(f, "", f is not verdict.naive)]) for f in shown if f.unit == unit]
        zero = NO_CHANGE if unit == "ratio" else 0.0 if is_difference(unit) else None
        drawn = [intervals(groups, write=axis_number(unit), zero=zero, width=width) for width in (WIDE, NARROW)]
        told = "; ".join(f"{label(f.label)}: {show_value(f.value, unit, currency)}" for f in shown if f.unit == unit)
        panels.append(Panel(f"In {_axis(unit, currency)}", drawn[0], drawn[1], told + "."))
    if not panels:
        return None
    return Picture("Each mark is a figure of the table below; its bar is the interval.", tuple(panels))


def _curves(verdict: Verdict, _currency: str) -> Picture | None:
    rows = sorted(verdict.facts["curves"], key=lambda row: (row["week"], str(row["arm"])))
    arms = list(dict.fromkeys(str(row["arm"]) for row in rows))
    series = []
    for arm in arms:
        points = tuple(
            (row["week"], row["share"], row.get("low"), row.get("high")) for row in rows if str(row["arm"]) == arm
        )
        series.append(Line(f"{show_value(points[-1][1], 'share')}\n{fill(arm, 15)}", points, is_stepped=True))
    if any(len(line.points) < 2 for line in series):
        return None
    ends = (f"week {rows[0]['week']}", f"week {rows[-1]['week']}")
    drawn = [lines(series, write=_percent, ends=ends, width=width) for width in (WIDE, NARROW)]
    sees = captions.curves(verdict)
    return Picture(sees, (Panel("Share won since the first week", drawn[0], drawn[1], sees),), facts="curves")


def _percent(value: float) -> str:
    return axis_number("share")(value) + "%"


def _by_venue(verdict: Verdict, currency: str) -> Picture | None:
    rows = sorted(verdict.facts["by_venue"], key=lambda row: (-captions.total(row), str(row["venue"])))
    kinds = [kind for kind in captions.COSTS if any(row.get(kind) for row in rows)]
    if not kinds:
        return None
    # the last colour takes everything that has none of its own
    roles = {kind: PARTS[min(place, len(PARTS) - 1)] for place, kind in enumerate(kinds)}
    drawn_bars = [
        Bar(
            venue_name(str(row["venue"])),
            show_value(captions.total(row), "money", currency),
            tuple((roles[kind], float(row.get(kind) or 0)) for kind in kinds if row.get(kind)),
        )
        for row in rows
    ]
    told = "; ".join(f"{bar.label}: {bar.total}" for bar in drawn_bars) + "."
    drawn = [bars(drawn_bars, width=width) for width in (WIDE, NARROW)]
    names = {role: [captions.COSTS[kind] for kind in kinds if roles[kind] == role] for role in roles.values()}
    key = tuple((role, " and ".join(kinds_of)) for role, kinds_of in names.items())
    sees = captions.by_venue(rows, currency)
    return Picture(sees, (Panel("Full cost by venue", drawn[0], drawn[1], told),), key, "by_venue")


def _by_week(verdict: Verdict, _currency: str) -> Picture | None:
    rows = sorted(verdict.facts["by_week"], key=lambda row: (str(row["week"]), str(row["venue"])))
    measures = [name for name in WEEKLY if any(row.get(name) for row in rows)][:2]
    weeks = sorted({row["week"] for row in rows})
    if not measures or len(weeks) < 2:
        return None
    top = max(float(row.get(measure) or 0) for row in rows for measure in measures)
    volume = {
        v: sum(row.get(measures[0]) or 0 for row in rows if str(row["venue"]) == v) for v in captions.venues(rows)
    }
    chosen = sorted(volume, key=lambda v: (-volume[v], v))[:MOST_PANELS]
    panels = tuple(_weeks_of(venue, rows, (weeks, measures), top) for venue in chosen)
    return Picture(captions.by_week(rows, measures), panels, facts="by_week")


def _weeks_of(venue: str, rows: captions.Rows, shown: tuple[list[Any], list[str]], top: float) -> Panel:
    """One venue's panel; a week without a row is a week without activity, not a gap."""
    weeks, measures = shown
    found = {row["week"]: row for row in rows if str(row["venue"]) == venue}
    values = {name: [float(found.get(week, {}).get(name) or 0) for week in weeks] for name in measures}
    series = [
        Line(name, tuple((float(at), value, None, None) for at, value in enumerate(values[name]))) for name in measures
    ]
    drawn = lines(series, write=show_count, ends=(str(weeks[0]), str(weeks[-1])), top=top, width=NARROW)
    told = ", ".join(f"{show_count(sum(values[name]))} {name}" for name in measures)
    return Panel(venue_name(venue), drawn, drawn, f"{venue_name(venue)}: {told} in {len(weeks)} weeks.")


def _unit_order(item: tuple[str, object]) -> int:
    return list(UNITS).index(item[0])


def _axis(unit: str, currency: str) -> str:
    return currency if unit == "money" else AXES.get(unit, unit)
