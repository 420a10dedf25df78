"""What companies buy and ask for in a world of known identity: opportunities, contracts, requests and forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.arithmetic import Flags, Ints
from goodwill.worlds.causes import SECONDS, stream
from goodwill.worlds.identity_people import END, NEVER_SECONDS, OUTSIDER, PLAIN, START, Society
from goodwill.worlds.identity_records import Records

#: Companies that never bought and were offered something; customers that were offered more.
OFFERED, OFFERED_MORE = 0.25, 0.3
#: Days from opening to decision.
OPEN_DAYS = (20, 150)
#: The people of a company that take part in an opportunity, at most.
MOST_CONTACTS = 2
#: Customers' people who write to the service desk; companies whose desk writes from the shared inbox.
ASKED_DESK, INBOXES = 0.5, 0.3
#: Of the contacts made within the two years, those who came by a form on the site.
BY_FORM = 0.5


@dataclass(frozen=True, eq=False)
class Deals:
    """Opportunities in order of opening, and the one or two people in each. Moments are whole days, in seconds.

    ``is_won`` and ``is_lost`` as on the last day; ``closed`` of those still open lies after it.
    """

    company: Ints
    opened: Ints
    closed: Ints
    is_won: Flags
    is_lost: Flags
    role_deal: Ints
    role_person: Ints


@dataclass(frozen=True, eq=False)
class Requests:
    """Requests to the service desk in order of time; ``contact`` is the row of the asker's record in HubSpot.

    Requests from a company's shared inbox have ``person`` -1 and the company in ``inbox``, which is -1 for others.
    """

    person: Ints
    contact: Ints
    inbox: Ints
    moment: Ints


def draw_deals(society: Society, records: Records) -> Deals:
    """Every customer was won; some others, and some customers once more, are open or lost."""
    companies, rng = society.companies, stream(society.seed, 341)
    number = len(companies)
    days = rng.integers(*OPEN_DAYS, (number, 2)) * SECONDS
    is_customer = companies.customer_from < NEVER_SECONDS
    won = np.flatnonzero(is_customer)
    more = rng.random(number) < np.where(is_customer, OFFERED_MORE, OFFERED * (companies.kind == PLAIN))
    tried = np.flatnonzero(more)
    start = np.maximum(np.where(is_customer, companies.customer_from, 0), START - 60 * SECONDS)
    opened_more = start + (rng.random(number) * np.maximum(END - start, SECONDS)).astype(np.int64) // SECONDS * SECONDS
    company = np.concatenate([won, tried])
    opened = np.concatenate([companies.customer_from[won] - days[won, 0], opened_more[tried]])
    closed = np.concatenate([companies.customer_from[won], opened_more[tried] + days[tried, 1]])
    is_won = np.arange(len(company)) < len(won)
    order = np.lexsort((company, opened))
    company, opened, closed, is_won = company[order], opened[order], closed[order], is_won[order]
    roles = _roles(society, records, company, opened)
    return Deals(company, opened, closed, is_won, ~is_won & (closed < END), *roles)


def _roles(society: Society, records: Records, company: Ints, opened: Ints) -> tuple[Ints, Ints]:
    """Who takes part: people of the company whom a record of ours names at the opening."""
    who = np.unique(np.concatenate([records.contacts.person, records.leads.person]))
    people = society.people
    who = who[people.kind[who] == OUTSIDER]
    deal, person = [], []
    by_company: dict[int, list[int]] = {}
    for p in who.tolist():
        for c in {int(people.company[p]), int(people.next_company[p])}:
            by_company.setdefault(c, []).append(p)
    for d, (c, at) in enumerate(zip(company.tolist(), opened.tolist(), strict=True)):
        able = [p for p in by_company.get(c, ()) if people.known_since[p] <= at
                and (people.next_company[p] if people.moved_at[p] <= at else people.company[p]) == c]  # fmt: skip
        deal += [d] * len(able[:MOST_CONTACTS])
        person += able[:MOST_CONTACTS]
    return np.array(deal, dtype=np.int64), np.array(person, dtype=np.int64)


def draw_requests(society: Society, records: Records) -> Requests:
    """Requests of customers' people from when they are ours and their company is a customer on, and of inboxes."""
    companies, cards, rng = society.companies, records.contacts, stream(society.seed, 342)
    row = np.unique(cards.person, return_index=True)[1]  # the first record of everybody
    row = row[society.people.kind[cards.person[row]] == OUTSIDER]
    company = cards.company[row]
    luck = rng.random((len(society.people), 2))[cards.person[row]]
    since = np.maximum(cards.moment[row], companies.customer_from[company])
    asks = (company >= 0) & (luck[:, 0] < ASKED_DESK) & (since < END - SECONDS)
    row, since, times = row[asks], since[asks], 1 + (luck[asks, 1] * 3).astype(np.int64)
    row, since = np.repeat(row, times), np.repeat(since, times)
    later = (rng.random(len(row)) * (END - since)).astype(np.int64) // 60 * 60
    inbox, start = _inboxes(society, rng)
    moment = np.concatenate([(since + later) // 60 * 60, start])
    nobody = np.full(len(inbox), -1)
    person, contact = np.concatenate([cards.person[row], nobody]), np.concatenate([row, nobody])
    order = np.lexsort((person, moment))
    inbox = np.concatenate([np.full(len(row), -1), inbox])
    return Requests(person[order], contact[order], inbox[order], moment[order])


def _inboxes(society: Society, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Two requests each from the shared inboxes of some customers."""
    companies = society.companies
    writes = (rng.random(len(companies)) < INBOXES) & (companies.customer_from < END)
    company = np.repeat(np.flatnonzero(writes), 2)
    since = np.maximum(companies.customer_from[company], START)
    return company, (since + (rng.random(len(company)) * (END - since)).astype(np.int64)) // 60 * 60


def by_form(society: Society, records: Records) -> Ints:
    """The rows of contacts who came by a form on the site, at the moment at which their record was made."""
    cards = records.contacts
    luck = stream(society.seed, 343).random(len(society.people))[cards.person]
    first = cards.moment == society.people.known_since[cards.person]
    has_own = np.array([email is not None for email in cards.email]) & ~cards.is_shared
    came = (luck < BY_FORM) & first & has_own & (cards.moment >= START)
    came &= society.people.kind[cards.person] == OUTSIDER
    row = np.flatnonzero(came)
    return row[np.lexsort((cards.person[row], cards.moment[row]))]
