"""Pictures of what is: the cost of venues as bars, their weeks as lines."""

from __future__ import annotations

from typing import Any

from goodwill.report import captions
from goodwill.report.charts import Bar, Line, bars, lines
from goodwill.report.drawing import NARROW
from goodwill.report.numbers import show_count, show_value
from goodwill.report.panels import Panel, Picture, drawn_twice
from goodwill.report.phrases import venue_name
from goodwill.report.theme import PARTS
from goodwill.verdicts.verdict import Verdict

#: More venues than this make a wall of small panels; the table has the others.
MOST_PANELS = 6
#: What the weekly panels show if the rows have it, in this order; two lines are readable in a small panel.
WEEKLY = ("comments", "posts", "reactions", "replies", "shares", "actions")


def by_venue(verdict: Verdict, currency: str) -> Picture | None:
    """The full cost of each venue, made of its kinds."""
    rows = sorted(verdict.facts["by_venue"], key=lambda row: (-captions.total(row), str(row["venue"])))
    kinds = [kind for kind in captions.COSTS if any(row.get(kind) for row in rows)]
    if not kinds:
        return None
    # the last colour takes everything that has none of its own
    roles = {kind: PARTS[min(place, len(PARTS) - 1)] for place, kind in enumerate(kinds)}
    drawn = [
        Bar(
            venue_name(str(row["venue"])),
            show_value(captions.total(row), "money", currency),
            tuple((roles[kind], float(row.get(kind) or 0)) for kind in kinds if row.get(kind)),
        )
        for row in rows
    ]
    told = "; ".join(f"{bar.label}: {bar.total}" for bar in drawn) + "."
    names = {role: [captions.COSTS[kind] for kind in kinds if roles[kind] == role] for role in roles.values()}
    key = tuple((role, " and ".join(kinds_of)) for role, kinds_of in names.items())
    panel = drawn_twice("Full cost by venue", told, lambda width: bars(drawn, width=width))
    return Picture(captions.by_venue(rows, currency), (panel,), key, "by_venue")


def by_week(verdict: Verdict, _currency: str) -> Picture | None:
    """What each venue saw week by week, small panels on one scale."""
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
    return Picture(captions.by_week(rows, measures), panels, facts="by_week", is_grid=True)


def _weeks_of(venue: str, rows: captions.Rows, shown: tuple[list[Any], list[str]], top: float) -> Panel:
    """One venue's panel; a week without a row is a week without activity, not a gap."""
    weeks, measures = shown
    found = {row["week"]: row for row in rows if str(row["venue"]) == venue}
    values = {name: [float(found.get(week, {}).get(name) or 0) for week in weeks] for name in measures}
    series = [
        Line(name, tuple((float(at), value, None, None) for at, value in enumerate(values[name]))) for name in measures
    ]
    below = ((0.0, str(weeks[0])), (float(len(weeks) - 1), str(weeks[-1])))
    drawn = lines(series, write=show_count, below=below, top=top, width=NARROW)
    told = ", ".join(f"{show_count(sum(values[name]))} {name}" for name in measures)
    return Panel(venue_name(venue), drawn, drawn, f"{venue_name(venue)}: {told} in {len(weeks)} weeks.")
