"""Zendesk tickets: the classic ticket export and a ticket table from Explore."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources import records
from goodwill.sources.cells import constant, moment, number, shown, sql, text
from goodwill.sources.dates import order_of

ID = ("Id", "Ticket ID")
CREATED = ("Created at", "Ticket created - Timestamp", "Ticket created - Date")
SOLVED = ("Solved at", "Ticket solved - Timestamp", "Ticket solved - Date")
MAIL = ("Requester email",)
REQUESTER_ID = ("Requester id", "Requester ID")
FIRST_REPLY = ("First reply time in minutes", "First reply time (min)")
VIA = ("Via", "Ticket channel")
COMPANY = ("Organization", "Ticket organization name", "Organization name")

#: A reply later than ten years after the question is a broken figure.
MOST_MINUTES = 10 * 366 * 24 * 60

#: Domains of private mail in most exports; identity matching knows more of them.
MAIL_PROVIDERS = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com",
    "gmx.de", "gmx.net", "web.de", "t-online.de", "proton.me", "protonmail.com",
)  # fmt: skip

#: Venues that Zendesk answers on, by the words that begin the channel's name.
VENUES = {
    "x": "twitter|x dm|x corp",
    "facebook": "facebook|messenger",
    "instagram": "instagram",
    "linkedin": "linkedin",
    "youtube": "youtube",
    "mastodon": "mastodon",
}


def tickets(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Tickets, the moment each was opened as an interaction, and who asked."""
    requester, created = _requester(sheet), _moment(sheet, locale, *CREATED)
    ticket = {
        "id": text(sheet, *ID),
        "created_at": created,
        "requester": requester,
        "account": records.company(sheet, *COMPANY),
        "via": text(sheet, *VIA),
        "status": text(sheet, "Status", "Ticket status"),
        "subject": text(sheet, "Subject", "Ticket subject"),
        "priority": text(sheet, "Priority", "Ticket priority"),
        "first_reply_at": _first_reply(sheet, created),
        "solved_at": _moment(sheet, locale, *SOLVED),
        "reopens": _count(sheet, "Reopens"),
        "replies": _count(sheet, "Replies", "Agent replies"),
        "satisfaction": text(sheet, "Satisfaction Score", "Ticket satisfaction rating"),
        "assignee": text(sheet, "Assignee", "Assignee name"),
    }
    return (
        Relation("tickets", ticket, where=_is_ticket(sheet)),
        Relation("interactions", _opened(sheet, requester, created), where=_is_ticket(sheet)),
        *_people(sheet, requester),
    )


def _opened(sheet: Sheet, requester: Cell, created: Cell) -> dict[str, Cell]:
    via = f"lower({shown(sheet, *VIA)})"
    venues = " ".join(f"WHEN regexp_matches({via}, '^(any channel )?({w})') THEN '{v}'" for v, w in VENUES.items())
    return {
        "id": text(sheet, *ID),
        "at": created,
        "verb": constant("gw:TicketOpened"),
        "actor": requester,
        "account": records.company(sheet, *COMPANY),
        "object": text(sheet, *ID),
        "conversation": text(sheet, *ID),
        "venue": sql(f"CASE {venues} ELSE 'service' END"),
        "channel_group": constant("service"),
        "direction": constant("inbound"),
    }


def _people(sheet: Sheet, requester: Cell) -> tuple[Relation, ...]:
    person = {
        "id": requester,
        "name": text(sheet, "Requester", "Requester name"),
        "email": text(sheet, *MAIL),
        "account": records.company(sheet, *COMPANY),
        "company": text(sheet, *COMPANY),
    }
    known = f"{_is_ticket(sheet)} AND ({requester.value}) IS NOT NULL"
    carried = records.emails(sheet, requester, *MAIL)
    company = records.domains(sheet, records.company(sheet, *COMPANY), "Requester domain")
    named = tuple(Relation(r.table, r.columns, f"{known} AND {r.where}") for r in carried)
    return (Relation("people", person, where=known), *named, *(_not_private(sheet, r) for r in company))


def _not_private(sheet: Sheet, relation: Relation) -> Relation:
    """Someone who writes from a mail provider does not make its domain the company's."""
    private = ", ".join(f"'{provider}'" for provider in MAIL_PROVIDERS)
    domain = f"lower({shown(sheet, 'Requester domain')})"
    return Relation(relation.table, relation.columns, f"{relation.where} AND {domain} NOT IN ({private})")


def _requester(sheet: Sheet) -> Cell:
    by_id = sql(f"'zendesk/user:' || {shown(sheet, *REQUESTER_ID)}", column=sheet.column(*REQUESTER_ID))
    return records.first_known(by_id, records.email(sheet, *MAIL))


def _is_ticket(sheet: Sheet) -> str:
    """SQL: not the total with which the export and Explore end."""
    return rf"NOT COALESCE(regexp_matches(lower({shown(sheet, *ID)}), '^(sum|total|grand total)\b'), FALSE)"


def _first_reply(sheet: Sheet, created: Cell) -> Cell:
    minutes = number(sheet, *FIRST_REPLY)
    later = "to_microseconds(TRY_CAST(round(passed * 60000000) AS BIGINT))"
    held = f"CASE WHEN passed BETWEEN 0 AND {MOST_MINUTES} THEN ({created.value}) + {later} END"
    # a list of one gives the figure a name, so that it is written out only once
    return Cell(f"[{held} FOR passed IN [{minutes.value}]][1]", minutes.raw, minutes.column)


def _count(sheet: Sheet, *columns: str) -> Cell:
    figure = number(sheet, *columns)
    return Cell(f"TRY_CAST(round({figure.value}) AS BIGINT)", figure.raw, figure.column)


def _moment(sheet: Sheet, locale: Locale, *columns: str) -> Cell:
    return moment(sheet, *columns, formats=order_of(sheet, *CREATED, *SOLVED), zone=locale.time_zone)


_KNOWN = (
    *CREATED, *SOLVED, *MAIL, *REQUESTER_ID, *FIRST_REPLY, *VIA, *COMPANY, "Summation column", "Requester*",
    "Submitter*",
    "Assignee*", "Group*", "Subject", "Tags", "Status*", "Priority", "Ticket *", "Updated at",
    "Assigned at", "Due date", "Initially assigned at", "Resolution time", "Satisfaction Score", "Reopens",
    "Replies", "Agent replies", "First *",
    "Full *", "Agent wait *", "On hold *",
)  # fmt: skip

SOURCE = Source(
    name="zendesk_tickets",
    title="Zendesk tickets",
    layouts=(
        Layout("tickets", ("Id", "Requester", "Subject", "Via", "Created at"), tickets, knows=_KNOWN),
        Layout("tickets of Explore", ("Ticket ID", "Ticket created - Timestamp"), tickets, knows=_KNOWN),
        Layout("tickets of Explore, by day", ("Ticket ID", "Ticket created - Date", "Ticket status"), tickets,
               knows=_KNOWN),
    ),
    answers="how fast and how well customers are helped, on which venue they ask, and whether those helped stay",
    how_to_get=(
        "Admin Center > Account > Tools > Reports > Export > Full CSV export; or in Explore a query over tickets "
        "with one row a ticket, exported as CSV."
    ),
    caveats=(
        "First reply time may be an automatic answer. Only the last solving is known, not the ones before a "
        "reopening. Archived tickets may be absent. Times are in the time zone of the account, taken to be the "
        "workspace's."
    ),
    evidence="Zendesk help, \"Exporting data to a JSON, CSV, or XML file\"; public readers of the export",
)  # fmt: skip
