"""What reading the exports of the community tool, GA4, Mailchimp and the service desk would give."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goodwill.worlds.company import OWN_DOMAIN, VENUES, Company
from goodwill.worlds.direct_crm import full_names
from goodwill.worlds.direct_parts import Part, carried, nodes, part, stamps
from goodwill.worlds.exports_desk import (
    AGENTS,
    FIRST_TICKET,
    FIRST_USER,
    PRIORITIES,
    RATINGS,
    STATUSES,
    SUBJECTS,
    TICKETS,
    VIA,
    Tickets,
    tickets,
)
from goodwill.worlds.exports_email import ACTIVITY, MEMBERS, mailing, members
from goodwill.worlds.exports_site import CAMPAIGNS, PAGES, SITE, cookies, visits
from goodwill.worlds.exports_social import CAMPAIGN, COMMUNITY, WORDS, engagements, post_ids
from goodwill.worlds.settings import VERBS
from goodwill.worlds.tables import pick

#: Channel groups of visits, in the order of ``exports_site.SOURCES``.
VISIT_CHANNELS = ("organic_search", "direct", "referral", *("organic_social" for _ in VENUES))
#: Venue of a request by how it came in, in the order of ``exports_desk.VIA``.
TICKET_VENUES = ("service", "service", "x")
OPENED_OR_NOT = ("gw:Click", "Read")


def community(company: Company) -> Iterator[Part]:
    """What people did with us on venues."""
    done = engagements(company)
    act = {
        "at": stamps(done.moment),
        "verb": pick([VERBS[word] for word in WORDS], done.word),
        "actor": nodes("email", company.directory.email, done.person),
        "object": post_ids(None, done),
        "venue": pick([venue.lower() for venue in VENUES], done.venue),
        "channel_group": "organic_social",
        "direction": "inbound",
        "campaign": CAMPAIGN,
    }
    yield part("interactions", COMMUNITY, act, rows=np.arange(len(done.person)))


def site(company: Company) -> Iterator[Part]:
    """Page views, and who of the signed-in uses which browser."""
    seen, email = visits(company), company.directory.email
    browser = [f"ga4/pseudo:{cookie}" for cookie in cookies(seen)]
    rows, at = np.arange(len(seen.visitor)), stamps(seen.moment)
    visit = {
        "id": pc.cast(pa.array(rows), pa.string()),
        "at": at,
        "verb": "View",
        # whoever is signed in is known by the address
        "actor": pick([*(f"email:{address}" for address in email), *browser[len(email) :]], seen.visitor),
        "object": pick([f"/{page}" for page in PAGES], seen.page),
        "venue": "site",
        "channel_group": pick(VISIT_CHANNELS, seen.source),
        "direction": "inbound",
        "campaign": pick(CAMPAIGNS, seen.source),
        "url": pick([f"https://www.{OWN_DOMAIN}/{page}" for page in PAGES], seen.page),
    }
    yield part("interactions", SITE, visit, rows=rows)
    known = np.flatnonzero(seen.visitor < len(email))
    who, first_seen = seen.visitor[known], at.take(pa.array(known))
    record = nodes("ga4/user", email, who)
    yield carried(SITE, record, "cookie", pick(browser, who), venue="site", first_seen=first_seen, rows=known)
    yield carried(SITE, record, "email", nodes("email", email, who), first_seen=first_seen, rows=known)


def activity(company: Company) -> Iterator[Part]:
    """Opens and clicks of newsletters."""
    sent = mailing(company)
    campaign = pick(sent.campaigns, sent.issue)
    act = {
        "at": stamps(sent.moment),
        "verb": pick(OPENED_OR_NOT, sent.opened.astype(np.int64)),
        "actor": nodes("email", company.directory.email, sent.person),
        "object": campaign,
        "venue": "email",
        "channel_group": "email",
        "direction": "inbound",
        "campaign": campaign,
        "url": pick([*sent.links, None], np.where(sent.opened, len(sent.days), sent.issue)),
    }
    yield part("interactions", ACTIVITY, act, rows=np.arange(len(sent.person)))


def audience(company: Company) -> Iterator[Part]:
    """Who is on the list, and when each joined it."""
    who, book = members(company)[0], company.directory
    rows, joined = np.arange(len(who)), stamps(book.known_since[who])
    # Mailchimp knows a member by the MD5 of the address
    digests = [hashlib.md5(address.encode(), usedforsecurity=False).hexdigest() for address in book.email]
    record, address = nodes("mailchimp/member", digests, who), nodes("email", book.email, who)
    member = {
        "id": record,
        "name": pick(full_names(company), who),
        "email": pick(book.email, who),
        "created_at": joined,
        "lifecycle": "subscriber",
        "consent": "given",
    }
    yield part("people", MEMBERS, member, rows=rows)
    yield carried(MEMBERS, record, "email", address)
    join = {"at": joined, "verb": "Join", "actor": address, "direction": "inbound"}
    yield part("interactions", MEMBERS, join | dict.fromkeys(("venue", "channel_group"), "email"), rows=rows)


def desk(company: Company) -> Iterator[Part]:
    """Tickets, the moment each was opened as an interaction, and who asked."""
    asked, book = tickets(company), company.directory
    rows = np.arange(len(asked.person))
    requester = nodes("zendesk/user", [str(FIRST_USER + i) for i in range(len(book.email))], asked.person)
    number = pc.cast(pa.array(rows + FIRST_TICKET), pa.string())
    yield part("tickets", TICKETS, {"id": number, "requester": requester, **_served(asked)}, rows=rows)
    opened = {
        **dict.fromkeys(("id", "object", "conversation"), number),
        "at": stamps(asked.moment),
        "verb": "gw:TicketOpened",
        "actor": requester,
        "venue": pick(TICKET_VENUES, asked.via),
        "channel_group": "service",
        "direction": "inbound",
    }
    yield part("interactions", TICKETS, opened, rows=rows)
    name, email = pick(full_names(company), asked.person), pick(book.email, asked.person)
    yield part("people", TICKETS, {"id": requester, "name": name, "email": email}, rows=rows)
    yield carried(TICKETS, requester, "email", nodes("email", book.email, asked.person))


def _served(asked: Tickets) -> dict[str, object]:
    """What was asked, and what the desk did."""
    reply, solve = (minutes.astype(np.int64) * 60 for minutes in (asked.reply, asked.solve))
    return {
        "created_at": stamps(asked.moment),
        "via": pick(VIA, asked.via),
        "status": pick(STATUSES, asked.is_solved.astype(np.int64)),
        "subject": pick(SUBJECTS, asked.subject),
        "priority": pick(PRIORITIES, asked.priority),
        "first_reply_at": stamps(asked.moment + reply, asked.is_answered),
        "solved_at": stamps(asked.moment + solve, asked.is_solved),
        "reopens": asked.reopens,
        "replies": asked.replies,
        "satisfaction": pick(RATINGS, asked.rating),
        "assignee": pick(AGENTS, asked.person % len(AGENTS)),
    }
