"""What time sheets and books export of this company: Harvest's time report, and a table of tools and media."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from goodwill.worlds.causes import stream
from goodwill.worlds.company import VENUES, Company
from goodwill.worlds.tables import day_of, write_csv

#: Who works on what: name, team, hourly cost, hours a week on each venue, in the order of ``company.VENUES``.
STAFF = (
    ("Wanda Stein", "marketing", 62.0, (6.0, 3.0, 2.0, 1.0)),
    ("Silas Arnold", "marketing", 55.0, (4.0, 5.0, 3.0, 0.0)),
    ("Nadia Kovac", "communications", 66.0, (2.0, 2.0, 0.0, 1.5)),
    ("Ines Barros", "service", 48.0, (0.5, 3.0, 1.0, 0.0)),
    ("Paula Steiner", "sales", 72.0, (2.0, 0.0, 0.0, 0.0)),
    ("Theo Adler", "leadership", 140.0, (1.0, 0.5, 0.0, 0.0)),
)
TASKS = ("Create", "Converse", "Listen", "Moderate", "Report", "Coordinate")
TASK_SHARES = (0.4, 0.25, 0.1, 0.1, 0.08, 0.07)
#: Paid each month: venue (empty: shared), kind, amount, what for.
BILLS = (
    ("", "tools", 289.0, "Scheduling and listening tool"),
    ("LinkedIn", "media", 2400.0, "Sponsored content"),
    ("X", "media", 600.0, "Promoted posts"),
    ("YouTube", "agency", 850.0, "Editing"),
    ("", "content", 1200.0, "Freelance writing"),
)


def write_costs(company: Company, folder: Path, venue_starts: tuple[int, ...]) -> None:
    """Write time sheets and bills; nothing is paid or worked for a venue before it starts."""
    _write_hours(company, folder, venue_starts)
    _write_bills(company, folder, venue_starts)


def _worked(company: Company, venue_starts: tuple[int, ...]) -> list[tuple[date, str, str, float, str, str, float]]:
    """Day, venue, task, hours, name, team and hourly cost: once a week per person and venue, on a working day."""
    rng, span = stream(company.seed, 72), company.history.span
    rows = []
    for week in range(span.weeks):
        for name, team, cost, hours in STAFF:
            for venue, start, usual in zip(VENUES, venue_starts, hours, strict=True):
                if usual and week >= start:
                    worked = max(0.25, round(4 * usual * rng.lognormal(-0.03, 0.25)) / 4)
                    task = TASKS[int(rng.choice(len(TASKS), p=TASK_SHARES))]
                    day = day_of(span.first_day + 7 * week + int(rng.integers(0, 5)))
                    rows.append((day, venue, task, worked, name, team, cost))
    return rows


def _write_hours(company: Company, folder: Path, venue_starts: tuple[int, ...]) -> None:
    """Harvest's detailed time report."""
    rows = _worked(company, venue_starts)
    columns = {
        "Date": [row[0].isoformat() for row in rows],
        "Client": "Internal",
        "Project": [row[1] for row in rows],
        "Project Code": None,
        "Task": [row[2] for row in rows],
        "Notes": [f"{row[2]} on {row[1]}" for row in rows],
        "Hours": [f"{row[3]:.2f}" for row in rows],
        **dict.fromkeys(("Billable?", "Invoiced?"), "No"),
        "Approved?": "Yes",
        "First Name": [row[4].split()[0] for row in rows],
        "Last Name": [row[4].split()[1] for row in rows],
        "Employee Id": None,
        "Roles": [row[5] for row in rows],
        "Employee?": "Yes",
        **dict.fromkeys(("Billable Rate", "Billable Amount"), "0.0"),
        "Cost Rate": [f"{row[6]:.2f}" for row in rows],
        "Cost Amount": [f"{row[3] * row[6]:.2f}" for row in rows],
        "Currency": "Euro - EUR",
        "External Reference URL": None,
    }
    write_csv(folder / "harvest_time_report.csv", columns)


def _write_bills(company: Company, folder: Path, venue_starts: tuple[int, ...]) -> None:
    """A table of the bookkeeper's own making: a row per bill and month; the workspace maps it."""
    span = company.history.span
    rows = []
    for first, last in _months(day_of(span.first_day), day_of(span.last_day)):
        for venue, kind, amount, purpose in BILLS:
            start = venue_starts[VENUES.index(venue)] if venue else 0
            if first >= day_of(span.first_day + 7 * start).replace(day=1):
                rows.append((first.isoformat(), last.isoformat(), venue, kind, f"{amount:.2f}", purpose))
    names = ("From", "To", "Venue", "Kind", "Amount", "What for")
    columns = {name: pa.array([row[c] or None for row in rows], pa.string()) for c, name in enumerate(names)}
    write_csv(folder / "tools_and_media.csv", {**columns, "Currency": "EUR"})


def _months(start: date, end: date) -> list[tuple[date, date]]:
    """First and last day of every calendar month from one day to another."""
    firsts = [date(y, m, 1) for y in range(start.year, end.year + 2) for m in range(1, 13)]
    return [(a, date.fromordinal(b.toordinal() - 1)) for a, b in pairwise(firsts) if start.replace(day=1) <= a <= end]
