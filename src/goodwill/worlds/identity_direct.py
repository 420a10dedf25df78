"""What reading the exports of a world of known identity would give, as parts of canonical tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pyarrow as pa

from goodwill.worlds import identity_direct_crm
from goodwill.worlds.direct_parts import Part, carried, part
from goodwill.worlds.exports_contacts import COMPANIES, CONTACTS
from goodwill.worlds.exports_crm import CONTACT_ROLES, OPPORTUNITIES
from goodwill.worlds.exports_desk import TICKETS
from goodwill.worlds.exports_email import MEMBERS
from goodwill.worlds.identity_cells import every_row, known, named, profiles, said, when, whole_name
from goodwill.worlds.identity_desk_sheets import CONTRACTS, FORMS, SECOND
from goodwill.worlds.identity_sheets import LEADS, Sheet
from goodwill.worlds.identity_venues import FILES, MESSENGER, VERBS

ISO_DAY = "%Y-%m-%d"


def parts(sheet: Sheet) -> Iterator[Part]:
    """What this sheet says, table by table."""
    yield from _READERS[sheet.file](sheet)


def _members(sheet: Sheet) -> Iterator[Part]:
    # Mailchimp knows a member by the MD5 of the address
    digests = [hashlib.md5((a or "").lower().encode(), usedforsecurity=False).hexdigest()
               for a in sheet.columns["Email Address"]]  # fmt: skip
    record = pa.array([f"mailchimp/member:{d}" for d in digests], pa.string())
    address, joined = named(sheet, "Email Address", "email", is_lower=True), when(sheet, "CONFIRM_TIME", SECOND)
    member = {
        "id": record,
        "name": whole_name(sheet),
        "email": said(sheet, "Email Address"),
        "company": said(sheet, "Company"),
        "created_at": joined,
        "lifecycle": "subscriber",
        "consent": "given",  # whoever has confirmed
    }
    yield part("people", sheet.file, member, rows=every_row(sheet))
    yield known(sheet, record, "email", address)
    yield from profiles(sheet, record)
    join = {"at": joined, "verb": "Join", "actor": address, "direction": "inbound"}
    yield part(
        "interactions", sheet.file, join | dict.fromkeys(("venue", "channel_group"), "email"), rows=every_row(sheet)
    )


def _tickets(sheet: Sheet) -> Iterator[Part]:
    requester, number = named(sheet, "Requester id", "zendesk/user"), said(sheet, "Id")
    created, rows = when(sheet, "Created at"), every_row(sheet)
    columns = {"via": "Via", "status": "Status", "subject": "Subject", "priority": "Priority"}
    asked = {"id": number, "created_at": created, "requester": requester} | {
        n: said(sheet, h) for n, h in columns.items()
    }
    yield part("tickets", sheet.file, asked, rows=rows)
    opened = {
        **dict.fromkeys(("id", "object", "conversation"), number),
        "at": created,
        "verb": "gw:TicketOpened",
        "actor": requester,
        **dict.fromkeys(("venue", "channel_group"), "service"),
        "direction": "inbound",
    }
    yield part("interactions", sheet.file, opened, rows=rows)
    person = {"id": requester, "name": said(sheet, "Requester"), "email": said(sheet, "Requester email")}
    yield part("people", sheet.file, person, rows=rows)
    yield known(sheet, requester, "email", named(sheet, "Requester email", "email", is_lower=True))


def _forms(sheet: Sheet) -> Iterator[Part]:
    address, at = named(sheet, "Email", "email", is_lower=True), when(sheet, "Submitted at")
    act = {"at": at, "verb": "gw:FormSubmit", "actor": address, "object": said(sheet, "Page"), "direction": "inbound"}
    yield part(
        "interactions", sheet.file, act | dict.fromkeys(("venue", "channel_group"), "site"), rows=every_row(sheet)
    )
    columns = {"name": "Name", "email": "Email", "company": "Company", "title": "Job title"}
    person = {"id": address, "created_at": at} | {name: said(sheet, header) for name, header in columns.items()}
    yield part("people", sheet.file, person, rows=every_row(sheet))


def _contracts(sheet: Sheet) -> Iterator[Part]:
    contract = {
        "id": said(sheet, "Subscription ID"),
        "account": named(sheet, "Customer ID", "salesforce/account"),
        "person": named(sheet, "Billing contact", "email", is_lower=True),
        "started_at": when(sheet, "Started", ISO_DAY),
        "ended_at": when(sheet, "Ended", ISO_DAY),
        "mrr": [float(m or 0) for m in sheet.columns["MRR"]],
        "currency": said(sheet, "Currency"),
        "product": said(sheet, "Plan"),
    }
    yield part("subscriptions", sheet.file, contract, rows=every_row(sheet))


def _venue(sheet: Sheet) -> Iterator[Part]:
    venue = next(name for name, file in FILES.items() if file == sheet.file)
    profile = named(sheet, "Profile", venue, is_lower=True)
    act = {
        "at": when(sheet, "Date"),
        "verb": [VERBS[a or ""] for a in sheet.columns["Action"]],
        "actor": profile,
        "object": said(sheet, "Post ID"),
        "venue": venue,
        "channel_group": "organic_social",
        "direction": "inbound",
    }
    yield part("interactions", sheet.file, act, rows=every_row(sheet))
    columns = {"name": "Name", "title": "Headline", "company": "Company", "country": "Location"}
    person = {"id": profile} | {name: said(sheet, header) for name, header in columns.items()}
    yield part("people", sheet.file, person, rows=every_row(sheet))


def _messenger(sheet: Sheet) -> Iterator[Part]:
    record, address = named(sheet, "User ID", "facebook"), named(sheet, "Email", "email", is_lower=True)
    yield carried(sheet.file, record, "email", address)


_READERS: dict[str, Callable[[Sheet], Iterator[Part]]] = {
    CONTACTS: identity_direct_crm.contacts,
    COMPANIES: identity_direct_crm.companies,
    LEADS: identity_direct_crm.leads,
    OPPORTUNITIES: identity_direct_crm.opportunities,
    CONTACT_ROLES: identity_direct_crm.roles,
    MEMBERS: _members,
    TICKETS: _tickets,
    FORMS: _forms,
    CONTRACTS: _contracts,
    MESSENGER: _messenger,
    **dict.fromkeys(FILES.values(), _venue),
}
