"""What the service desk, the time sheets and the books export: Zendesk, Harvest, and a table of tools and media."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goodwill.worlds.causes import DAY_LENGTH, DAY_STARTS, SECONDS, stream
from goodwill.worlds.company import VENUES, Company
from goodwill.worlds.tables import day_of, listed, moments, pick, write_csv
from goodwill.worlds.truth import Floats, Ints

#: The columns of Zendesk's export of a view, in order; most stay empty here.
TICKET_COLUMNS = listed(
    "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,Submitter,"
    "Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,Organization,"
    "Due date,Initially assigned at,Solved at,Resolution time,Satisfaction Score,Group stations,Assignee stations,"
    "Reopens,Replies,First reply time in minutes,First reply time in minutes within business hours,First resolution "
    "time in minutes,First resolution time in minutes within business hours,Full resolution time in minutes,Full "
    "resolution time in minutes within business hours,Agent wait time in minutes,Agent wait time in minutes within "
    "business hours,Requester wait time in minutes,Requester wait time in minutes within business hours,On hold time "
    "in minutes,On hold time in minutes within business hours"
)
SUBJECTS = ("Import stops half way", "Invoice address", "How do I add a user?", "Slow dashboard", "Export to Excel")
AGENTS = ("Ines Barros", "Omar Weber", "Greta Lund")
#: Tickets of a customer in a year, and tickets of people nobody knows, who write in public, for each of these.
TICKETS_A_YEAR, STRANGERS = 2.5, 0.15
#: Median minutes to the first reply and to the solution; one request in twelve is never answered.
REPLY_MINUTES, SOLVE_MINUTES, UNANSWERED = 95.0, 1500.0, 1 / 12
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


def write_desk(company: Company, folder: Path, venue_starts: tuple[int, ...]) -> None:
    """Write tickets, time sheets and bills; nothing is paid or worked for a venue before it starts."""
    _write_tickets(company, folder)
    _write_hours(company, folder, venue_starts)
    _write_bills(company, folder, venue_starts)


def _requests(company: Company, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Requester and moment: people of customers after their first win; numbers beyond the people are strangers."""
    sales, people, last = company.history.sales, company.history.accounts.person, company.history.span.last_day
    since = np.full(len(company.history.accounts), last + 1)
    np.minimum.at(since, sales.account[sales.won], sales.decided[sales.won])
    left = (last + 1 - since)[people] / np.bincount(people)[people]
    times = rng.poisson(left / 365.25 * TICKETS_A_YEAR)
    person = np.repeat(np.arange(len(people)), times)
    day = since[people[person]] + (rng.random(len(person)) * (last + 1 - since[people[person]])).astype(np.int64)
    extra = int(len(person) * STRANGERS)
    person = np.concatenate([person, len(people) + np.arange(extra)])
    day = np.concatenate([day, rng.integers(company.history.span.first_day, last + 1, extra)])
    moment = (day * SECONDS + DAY_STARTS + rng.integers(0, DAY_LENGTH, len(day))) // 60 * 60
    order = np.lexsort((person, moment))
    return person[order], moment[order]


def _write_tickets(company: Company, folder: Path) -> None:
    rng, book = stream(company.seed, 71), company.directory
    person, moment = _requests(company, rng)
    known, rows = person < len(book.email), len(person)
    who = np.where(known, person, 0)
    names = [f"{a} {b}" for a, b in zip(book.first, book.last, strict=True)]
    domains = [book.domain[a] for a in company.history.accounts.person.tolist()]
    filled = {
        "Id": [str(10_001 + i) for i in range(rows)],
        "Requester": pc.if_else(known, pick(names, who), "Unknown"),
        "Requester id": pick([str(360_000_000_000 + i) for i in range(int(person.max(initial=0)) + 1)], person),
        "Requester email": pc.if_else(known, pick(book.email, who), None),
        "Requester domain": pc.if_else(known, pick(domains, who), None),
        "Assignee": pick(AGENTS, person % len(AGENTS)),
        "Group": "Support",
        "Subject": pick(SUBJECTS, rng.integers(0, len(SUBJECTS), rows)),
        "Priority": pick(("Normal", "High", "Low"), rng.integers(0, 3, rows)),
        "Via": pick(("Mail", "Web Form", "Twitter"), np.where(known, person % 2, 2)),
        "Ticket type": "Question",
        "Created at": moments(moment, "%Y-%m-%d %H:%M"),
        **_answers(moment, (company.history.span.last_day + 1) * SECONDS, rng),
    }
    write_csv(folder / "zendesk_tickets.csv", {c: filled.get(c) for c in TICKET_COLUMNS})


def _answers(moment: Ints, end: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    """How each request was served, as far as it was by the end."""
    rows = len(moment)
    reply = np.ceil(REPLY_MINUTES * np.exp(1.3 * rng.standard_normal(rows)))
    solve = reply + np.ceil(SOLVE_MINUTES * np.exp(1.1 * rng.standard_normal(rows)))
    answered = (rng.random(rows) >= UNANSWERED) & (moment + reply * 60 < end)
    solved = answered & (moment + solve * 60 < end)
    updated = moments((moment + np.where(solved, solve, 0) * 60).astype(np.int64), "%Y-%m-%d %H:%M")
    rated = solved & (rng.random(rows) < 0.3)
    return {
        "Status": pc.if_else(solved, "Solved", "Open"),
        "Updated at": updated,
        "Solved at": pc.if_else(solved, updated, None),
        "Satisfaction Score": pick(("Not Offered", "Good", "Bad"), np.where(rated, 1 + (rng.random(rows) < 0.15), 0)),
        "Reopens": pa.array([str(n) for n in rng.poisson(0.08, rows).tolist()], pa.string()),
        "Replies": pa.array([str(n) for n in np.where(answered, 1 + rng.poisson(0.7, rows), 0).tolist()], pa.string()),
        "First reply time in minutes": _minutes(reply, answered),
        "Full resolution time in minutes": _minutes(solve, solved),
    }


def _minutes(minutes: Floats, known: NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(known, pa.array([str(int(m)) for m in minutes.tolist()], pa.string()), None)


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
