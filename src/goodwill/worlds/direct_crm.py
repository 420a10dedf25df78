"""What reading the exports of Salesforce, HubSpot and billing would give, as parts of canonical tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from goodwill.worlds.arithmetic import UNDECIDED, Ints
from goodwill.worlds.causes import SECONDS
from goodwill.worlds.company import INDUSTRIES, OWNERS, Company
from goodwill.worlds.direct_parts import Part, carried, nodes, part, stamps
from goodwill.worlds.exports_billing import CURRENCY, PRODUCTS, SUBSCRIPTIONS, contract_ids
from goodwill.worlds.exports_contacts import (
    COMPANIES,
    CONTACTS,
    FIRST_COMPANY,
    FIRST_CONTACT,
    LIFECYCLES,
    SOURCES,
    companies_since,
    lifecycles,
    origins,
    phones,
)
from goodwill.worlds.exports_crm import (
    CONTACT_ROLES,
    HISTORY,
    LOSS_REASONS,
    OPEN_STAGES,
    OPPORTUNITIES,
    ROLES,
    STAGES,
    entries,
    moves,
    opportunity_names,
    parts,
)
from goodwill.worlds.exports_crm import SOURCES as LEAD_SOURCES
from goodwill.worlds.tables import pick

#: The channel group of what sellers choose as the source, and of HubSpot's words for where a contact came from.
LEAD_CHANNELS = ("site", "email", "event", "partner", "sales", "organic_social")
CONTACT_CHANNELS = ("email", "organic_search", "direct", "other", "organic_social")
#: Canonical words for the type of an opportunity, for a decided stage, and for how an opportunity ended.
DEAL_TYPES = ("new", "expansion")
CANONICAL_STAGES = (*OPEN_STAGES, "won", "lost", None)
OUTCOMES = (*("open" for _ in OPEN_STAGES), "won", "lost")
#: X allows no longer names; a longer one is nobody's.
LONGEST_X_HANDLE = 15
SALESFORCE_ACCOUNT, SALESFORCE_CONTACT = "salesforce/account", "salesforce/contact"


def opportunity_report(company: Company) -> Iterator[Part]:
    """Opportunities, and the accounts they are with."""
    sales, book, entered = company.history.sales, company.directory, entries(company, moves(company))
    rows, account = np.arange(len(sales)), nodes(SALESFORCE_ACCOUNT, book.account_id, sales.account)
    opportunity = {
        "id": book.opportunity_id,
        "name": opportunity_names(company),
        "account": account,
        "owner": pick(OWNERS, sales.account % len(OWNERS)),
        "created_at": stamps(sales.opened * SECONDS),
        "closed_at": stamps(entered.closed * SECONDS),
        "stage": pick(STAGES, entered.stage),
        "outcome": pick(OUTCOMES, entered.stage),
        "amount": entered.amount,
        "currency": CURRENCY,
        "type": pick(DEAL_TYPES, entered.type),
        "source": pick(LEAD_SOURCES, entered.source),
        "channel_group": pick(LEAD_CHANNELS, entered.source),
        "product": pick(PRODUCTS, sales.product),
        "loss_reason": pick((*LOSS_REASONS, None), entered.reason),
    }
    yield part("opportunities", OPPORTUNITIES, opportunity, rows=rows)
    known = {
        "id": account,
        "name": pick(book.account_name, sales.account),
        "domain": pick(book.domain, sales.account),
        "industry": pick(INDUSTRIES, company.history.accounts.segment[sales.account]),
    }
    yield part("accounts", OPPORTUNITIES, known, rows=rows)
    yield carried(OPPORTUNITIES, account, "domain", nodes("domain", book.domain, sales.account))


def contact_roles(company: Company) -> Iterator[Part]:
    """Who takes part in which opportunity."""
    taken, book = parts(company), company.directory
    rows, person = np.arange(len(taken.person)), taken.person
    record, account = nodes(SALESFORCE_CONTACT, book.contact_id, person), company.history.accounts.person[person]
    role = {
        "opportunity": pick(book.opportunity_id, taken.opportunity),
        "person": record,
        "role": pick(ROLES, taken.role),
    }
    yield part("opportunity_contacts", CONTACT_ROLES, role, rows=rows)
    yield part("people", CONTACT_ROLES, {"id": record, **_person(company, person, account)}, rows=rows)
    yield carried(CONTACT_ROLES, record, "email", nodes("email", book.email, person))


def _person(company: Company, person: Ints, account: Ints) -> dict[str, object]:
    """What every CRM says of a person."""
    book = company.directory
    return {
        "name": pick(full_names(company), person),
        "email": pick(book.email, person),
        "title": pick(book.title, person),
        "account": nodes("company", [name.lower() for name in book.account_name], account),
        "company": pick(book.account_name, account),
    }


def full_names(company: Company) -> list[str]:
    """First and last name of every person."""
    return [f"{a} {b}" for a, b in zip(company.directory.first, company.directory.last, strict=True)]


def opportunity_history(company: Company) -> Iterator[Part]:
    """Moves from stage to stage."""
    moved, book = moves(company), company.directory
    move = {
        "object_kind": "opportunity",
        "object_id": pick(book.opportunity_id, moved.opportunity),
        "at": stamps(moved.moment),
        "stage": pick(CANONICAL_STAGES, moved.stage),
        "from_stage": pick(CANONICAL_STAGES, moved.before),
        "by": pick(OWNERS, company.history.sales.account[moved.opportunity] % len(OWNERS)),
    }
    yield part("stage_changes", HISTORY, move, rows=np.arange(len(moved.moment)))


def hubspot_companies(company: Company) -> Iterator[Part]:
    """All accounts, whether or not anything was offered to them."""
    book, accounts = company.directory, company.history.accounts
    every = np.arange(len(accounts))
    record = nodes("hubspot/company", [str(FIRST_COMPANY + i) for i in every.tolist()], every)
    account = {
        "id": record,
        "name": book.account_name,
        "domain": book.domain,
        "industry": pick(INDUSTRIES, accounts.segment),
        "employees": accounts.employees.astype(np.float64),
        "created_at": stamps(companies_since(company) // 60 * 60),
        "owner": pick(OWNERS, every % len(OWNERS)),
    }
    yield part("accounts", COMPANIES, account, rows=every)
    yield carried(COMPANIES, record, "domain", nodes("domain", book.domain, every))
    yield carried(COMPANIES, record, "crm_id", nodes(SALESFORCE_ACCOUNT, book.account_id, every))


def hubspot_contacts(company: Company) -> Iterator[Part]:
    """All people, and as every one of them became a lead, all leads."""
    book, account = company.directory, company.history.accounts.person
    every, number = np.arange(len(account)), [str(FIRST_CONTACT + i) for i in range(len(account))]
    record, origin = nodes("hubspot/contact", number, every), origins(company)[0]
    status = pick(LIFECYCLES, lifecycles(company)[account])
    common = {
        "created_at": stamps(book.known_since // 60 * 60),
        "owner": pick(OWNERS, account % len(OWNERS)),
        "source": pick(SOURCES, origin),
        "channel_group": pick(CONTACT_CHANNELS, origin),
    }
    said = _person(company, every, account) | common
    called = [f"+49 30 {phone}" for phone in phones(company)]
    yield part("people", CONTACTS, {"id": record, "phone": called, "lifecycle": status, **said}, rows=every)
    lead = {"id": number, "person": record, "account": said["account"], "status": status, **common}
    yield part("leads", CONTACTS, lead, rows=every)
    yield carried(CONTACTS, record, "email", nodes("email", book.email, every))
    yield carried(CONTACTS, record, "phone", nodes("phone", [f"+4930{phone}" for phone in phones(company)], every))
    yield from _profiles(company, record)
    yield carried(CONTACTS, record, "crm_id", nodes(SALESFORCE_CONTACT, book.contact_id, every))


def _profiles(company: Company, record: pa.Array) -> Iterator[Part]:
    """The handles on LinkedIn, X and Mastodon that each contact's record names."""
    handle = company.directory.handle
    every = np.arange(len(handle))
    short = np.flatnonzero([len(h) <= LONGEST_X_HANDLE for h in handle])
    kept = record.take(pa.array(short))
    yield carried(CONTACTS, record, "handle", nodes("linkedin", handle, every), venue="linkedin")
    yield carried(CONTACTS, kept, "handle", nodes("x", handle, short), venue="x", rows=short)
    far = [f"{h}@social.example" for h in handle]
    yield carried(CONTACTS, record, "handle", nodes("mastodon", far, every), venue="mastodon")


def subscriptions(company: Company) -> Iterator[Part]:
    """All contracts."""
    contracts, book = company.history.contracts, company.directory
    has_ended = contracts.ended < UNDECIDED
    contract = {
        "id": contract_ids(company),
        "account": nodes(SALESFORCE_ACCOUNT, book.account_id, contracts.account),
        "started_at": stamps(contracts.started * SECONDS),
        "ended_at": stamps(contracts.ended * SECONDS, has_ended),
        "mrr": contracts.mrr,
        "currency": CURRENCY,
        "product": pick(PRODUCTS, contracts.product),
    }
    yield part("subscriptions", SUBSCRIPTIONS, contract, rows=np.arange(len(contracts.started)))
