"""What the service desk exports of this company: a Zendesk view with all tickets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goodwill.worlds.arithmetic import Floats, Ints
from goodwill.worlds.causes import DAY_LENGTH, DAY_STARTS, SECONDS, stream
from goodwill.worlds.company import Company
from goodwill.worlds.tables import listed, moments, pick, write_csv

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
TICKETS = "zendesk_tickets.csv"
SUBJECTS = ("Import stops half way", "Invoice address", "How do I add a user?", "Slow dashboard", "Export to Excel")
AGENTS = ("Ines Barros", "Omar Weber", "Greta Lund")
PRIORITIES, RATINGS = ("Normal", "High", "Low"), ("Not Offered", "Good", "Bad")
STATUSES = ("Open", "Solved")
#: How a request comes in; the last is how strangers write, in public.
VIA = ("Mail", "Web Form", "Twitter")
#: Tickets and users are numbered from here, so that none looks like a small number.
FIRST_TICKET, FIRST_USER = 10_001, 360_000_000_000
#: In a noisy company, tickets of people nobody knows for each of somebody known.
STRANGERS = 0.15
#: Median minutes to the first reply and to the solution; one request in twelve is never answered.
REPLY_MINUTES, SOLVE_MINUTES, UNANSWERED = 95.0, 1500.0, 1 / 12


@dataclass(frozen=True, eq=False)
class Tickets:
    """Requests in order of time, to the minute, and how each was served, as far as it was by the last day.

    Persons beyond the people are strangers; ``reply`` and ``solve`` are minutes from the request on, of use where it
    ``is_answered`` and ``is_solved``; subject, priority, via and rating number the words.
    """

    person: Ints
    moment: Ints
    subject: Ints
    priority: Ints
    via: Ints
    reply: Floats
    solve: Floats
    is_answered: NDArray[np.bool_]
    is_solved: NDArray[np.bool_]
    rating: Ints
    reopens: Ints
    replies: Ints


def tickets(company: Company) -> Tickets:
    """The requests of the company's history with what the desk made of them."""
    rng, people = stream(company.seed, 71), len(company.directory.email)
    person, moment = _requests(company, rng)
    rows, end = len(person), (company.history.span.last_day + 1) * SECONDS
    subject, priority = rng.integers(0, len(SUBJECTS), rows), rng.integers(0, len(PRIORITIES), rows)
    reply = np.ceil(REPLY_MINUTES * np.exp(1.3 * rng.standard_normal(rows)))
    solve = reply + np.ceil(SOLVE_MINUTES * np.exp(1.1 * rng.standard_normal(rows)))
    is_answered = (rng.random(rows) >= UNANSWERED) & (moment + reply * 60 < end)
    is_solved = is_answered & (moment + solve * 60 < end)
    is_rated = is_solved & (rng.random(rows) < 0.3)
    return Tickets(
        person,
        moment,
        subject,
        priority,
        np.where(person < people, person % 2, 2),
        reply,
        solve,
        is_answered,
        is_solved,
        rating=np.where(is_rated, 1 + (rng.random(rows) < 0.15), 0),
        reopens=rng.poisson(0.08, rows),
        replies=np.where(is_answered, 1 + rng.poisson(0.7, rows), 0),
    )


def _requests(company: Company, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Requester and minute; a noisy company also has requests of strangers."""
    person, moment = company.history.requests.person, company.history.requests.moment
    if company.is_noisy:
        extra, span = int(len(person) * STRANGERS), company.history.span
        day = rng.integers(span.first_day, span.last_day + 1, extra)
        person = np.concatenate([person, len(company.directory.email) + np.arange(extra)])
        moment = np.concatenate([moment, day * SECONDS + DAY_STARTS + rng.integers(0, DAY_LENGTH, extra)])
    moment = moment // 60 * 60
    order = np.lexsort((person, moment))
    return person[order], moment[order]


def write_tickets(company: Company, folder: Path) -> None:
    """Write all tickets in order of time."""
    asked, book = tickets(company), company.directory
    rows, known = len(asked.person), asked.person < len(book.email)
    who = np.where(known, asked.person, 0)
    names = [f"{a} {b}" for a, b in zip(book.first, book.last, strict=True)]
    domains = [book.domain[a] for a in company.history.accounts.person.tolist()]
    filled = {
        "Id": [str(FIRST_TICKET + i) for i in range(rows)],
        "Requester": pc.if_else(known, pick(names, who), "Unknown"),
        "Requester id": [str(FIRST_USER + p) for p in asked.person.tolist()],
        "Requester email": pc.if_else(known, pick(book.email, who), None),
        "Requester domain": pc.if_else(known, pick(domains, who), None),
        "Assignee": pick(AGENTS, asked.person % len(AGENTS)),
        "Group": "Support",
        "Subject": pick(SUBJECTS, asked.subject),
        "Priority": pick(PRIORITIES, asked.priority),
        "Via": pick(VIA, asked.via),
        "Ticket type": "Question",
        "Created at": moments(asked.moment, "%Y-%m-%d %H:%M"),
        **_served(asked),
    }
    write_csv(folder / TICKETS, {c: filled.get(c) for c in TICKET_COLUMNS})


def _served(asked: Tickets) -> dict[str, pa.Array]:
    """The columns about what the desk did."""
    passed = np.where(asked.is_solved, asked.solve, 0).astype(np.int64)
    updated = moments(asked.moment + passed * 60, "%Y-%m-%d %H:%M")
    return {
        "Status": pick(STATUSES, asked.is_solved.astype(np.int64)),
        "Updated at": updated,
        "Solved at": pc.if_else(asked.is_solved, updated, None),
        "Satisfaction Score": pick(RATINGS, asked.rating),
        "Reopens": pa.array([str(n) for n in asked.reopens.tolist()], pa.string()),
        "Replies": pa.array([str(n) for n in asked.replies.tolist()], pa.string()),
        "First reply time in minutes": _minutes(asked.reply, asked.is_answered),
        "Full resolution time in minutes": _minutes(asked.solve, asked.is_solved),
    }


def _minutes(minutes: Floats, known: NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(known, pa.array([str(int(m)) for m in minutes.tolist()], pa.string()), None)
