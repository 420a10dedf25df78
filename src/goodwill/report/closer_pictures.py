"""Pictures and tables of a closer look: plain description of touches, deals, requests and cost, with words for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.report.captions import COSTS
from goodwill.report.charts import Bar, Line, bars, lines
from goodwill.report.numbers import axis_number, show_count, show_value
from goodwill.report.panels import Picture, drawn_twice
from goodwill.report.phrases import listed, venue_name
from goodwill.report.tables import MOST_ROWS, Grid
from goodwill.report.theme import PARTS

Rows = Sequence[Mapping[str, Any]]
#: What every closer look is, whatever it shows.
DESCRIPTIVE = "Raw description. It says nothing about what social caused; the answer above was not recomputed."
TOUCHED = {
    True: "Touched while open",
    False: "Not touched while open",
}
#: Why the two rows of deals are no answer.
NO_EFFECT = (
    "The two groups differ in more than the touches: a deal that is open for longer has more time to be touched. "
    "What the difference is worth, the answer above tells."
)


def weekly(rows: Rows) -> tuple[Picture, Grid] | None:
    """Touches by week, in and out; a week without a row is one without a touch."""
    weeks = _every_week([row["name"] for row in rows])
    if len(weeks) < 2:
        return None
    found = {row["name"]: row for row in rows}
    series = [
        Line(name, tuple((float(at), float(found.get(week, {}).get(field) or 0), None, None)
                         for at, week in enumerate(weeks)))
        for name, field in (("in", "touches_in"), ("out", "touches_out"))
    ]  # fmt: skip
    below = ((0.0, str(weeks[0])), (float(len(weeks) - 1), str(weeks[-1])))
    sums = [show_count(sum(row[field] for row in rows)) for field in ("touches_in", "touches_out")]
    sees = f"Touches on social venues, a point a week: {sums[0]} came in, {sums[1]} went out."
    panel = drawn_twice(
        "Touches a week", sees, lambda width: lines(series, write=axis_number("count"), below=below, width=width)
    )
    table = Grid("Touches, people and companies by week", ("week", "in", "out", "people", "companies"),
                 tuple(_cells(row) for row in rows[-MOST_ROWS:]), max(0, len(rows) - MOST_ROWS))  # fmt: skip
    return Picture(sees, (panel,), (("first", "touches in"), ("second", "touches out"))), table


def by_venue(rows: Rows) -> Grid:
    """Touches, people and companies of each venue."""
    ordered = sorted(rows, key=lambda row: (-int(row["touches_in"]), str(row["name"])))
    cells = tuple((venue_name(str(row["name"] or "not known")), *_cells(row)[1:]) for row in ordered)
    header = ("venue", "touches in", "touches out", "people", "companies")
    return Grid("Touches, people and companies by venue", header, cells)


def deals(rows: Rows) -> tuple[Picture | None, Grid]:
    """Deals by whether anybody at the company was touched while they were open, and how many were won so far."""
    cells = tuple(
        (TOUCHED[row["is_touched"]], _count(row["deals"]), _count(row["wins"]), _share(row["wins"], row["deals"]))
        for row in rows
    )
    table = Grid("Deals opened, and won so far", ("deals", "opened", "won", "share won"), cells)
    drawn = [row for row in rows if isinstance(row["deals"], int) and isinstance(row["wins"], int)]
    if not drawn:
        return None, table
    shown = [
        Bar(TOUCHED[row["is_touched"]], f"{_share(row['wins'], row['deals'])} of {_count(row['deals'])}",
            (("first", float(row["wins"])), ("part5", float(row["deals"] - row["wins"]))))
        for row in drawn
    ]  # fmt: skip
    told = "; ".join(f"{bar.label}: {bar.total} won" for bar in shown) + "."
    panel = drawn_twice("Deals opened, and won so far", told, lambda width: bars(shown, width=width))
    return Picture(told, (panel,), (("first", "won"), ("part5", "lost or still open"))), table


def requests(row: Mapping[str, Any]) -> str:
    """What came to the service desk, in a sentence or two; empty where nothing did."""
    if not row or row["ticket_cases"] == 0:
        return ""
    counts = f"{_count(row['ticket_cases'])} requests of {_count(row['people'])} people came to the service desk"
    are_few = isinstance(row["answered_cases"], str) or isinstance(row["ticket_cases"], str)
    if are_few or row["hours"] is None:
        return f"{counts}."
    waited = show_value(row["hours"], "hours")
    return (
        f"{counts}; {_count(row['answered_cases'])} of them were answered so far. Of those, half had waited "
        f"{waited} or less for the first reply; those still without one are not in this figure."
    )


def cost(rows: Rows, currency: str) -> tuple[Picture, Grid] | None:
    """What was recorded as spent on each venue, by kind."""
    priced = [row for row in rows if row["amount"]]
    kinds = [kind for kind in COSTS if any(row["kind"] == kind for row in priced)]
    kinds += sorted({str(row["kind"]) for row in priced} - set(kinds))
    totals: dict[str, float] = {}
    for row in priced:
        totals[row["name"]] = totals.get(row["name"], 0.0) + row["amount"]
    if not totals:
        return None
    roles = {kind: PARTS[min(place, len(PARTS) - 1)] for place, kind in enumerate(kinds)}
    venues = sorted(totals, key=lambda venue: (-totals[venue], venue))
    parts = {v: tuple((roles[r["kind"]], float(r["amount"])) for r in priced if r["name"] == v) for v in venues}
    drawn = [Bar(venue_name(v), show_value(totals[v], "money", currency), parts[v]) for v in venues]
    told = "; ".join(f"{bar.label}: {bar.total}" for bar in drawn) + "."
    names = {role: [COSTS.get(k, str(k)) for k in kinds if roles[k] == role] for role in dict.fromkeys(roles.values())}
    panel = drawn_twice("Recorded cost by venue", told, lambda width: bars(drawn, width=width))
    key = tuple((role, " and ".join(named)) for role, named in names.items())
    return Picture(_cost_sees(rows, totals, currency), (panel,), key), _cost_table(rows, currency)


def narrowed(*, venue: str, team: str, segment: str) -> tuple[str, ...]:
    """What a filter does not reach, one sentence each: nothing is left out in silence."""
    told = []
    if venue:
        told.append("Requests are those that came in through this venue; cost that no venue is named for is left out.")
    if team:
        told.append(
            "A team is known of what went out and of hours: touches that came in, deals and requests are everybody's, "
            "and cost is the hours of this team alone."
        )
    if segment:
        told.append(
            "What went out and what it cost was meant for everybody: both are not divided by segment. Touches and "
            "requests of companies that nobody recognised are in no segment."
        )
    return tuple(told)


def _cost_sees(rows: Rows, totals: Mapping[str, float], currency: str) -> str:
    sees = f"Recorded: {show_value(sum(totals.values()), 'money', currency)} in all, months counted whole."
    unpriced = sum(row["unpriced"] for row in rows)
    return sees + (f" {show_value(unpriced, 'hours')} have no price and are not in it." if unpriced else "")


def _cost_table(rows: Rows, currency: str) -> Grid:
    cells = tuple(
        (venue_name(str(row["name"])), COSTS.get(row["kind"], str(row["kind"])),
         show_value(row["hours"], "hours") if row["hours"] else "–", show_value(row["amount"], "money", currency))
        for row in rows
    )  # fmt: skip
    return Grid("Recorded cost by venue and kind", ("venue", "kind", "hours", "amount"), cells)


def _every_week(found: Sequence[dt.date]) -> list[dt.date]:
    if not found:
        return []
    count = (max(found) - min(found)).days // 7 + 1
    return [min(found) + dt.timedelta(weeks=n) for n in range(count)]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (row["touches_in"], row["touches_out"], row["people"], row["companies"])
    return (str(row["name"]), *(_count(count) for count in counts))


def _count(value: object) -> str:
    """A count, or the words where it is hidden."""
    return value if isinstance(value, str) else show_count(value) if isinstance(value, int) else "–"


def _share(part: object, whole: object) -> str:
    if not isinstance(part, int) or not isinstance(whole, int) or not whole:
        return "not shown"
    return show_value(part / whole, "share")


def said(*, venue: str, team: str, segment: str) -> str:
    """What was chosen, in words."""
    parts = [venue_name(venue) if venue else "", f"team {team}" if team else "", segment]
    return listed([part for part in parts if part]) or "Everything"
