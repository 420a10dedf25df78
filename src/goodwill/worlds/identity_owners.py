"""Whose each node of the exports is in a world of known identity: people's nodes over time, and companies'."""

from __future__ import annotations

import hashlib

import numpy as np

from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.exports_contacts import COMPANIES, CONTACTS
from goodwill.worlds.exports_crm import CONTACT_ROLES, OPPORTUNITIES
from goodwill.worlds.exports_desk import TICKETS
from goodwill.worlds.exports_email import MEMBERS
from goodwill.worlds.identity_addresses import SERVER, Addresses
from goodwill.worlds.identity_desk_sheets import CONTRACTS, FORMS
from goodwill.worlds.identity_people import NEVER_SECONDS, SOCIAL
from goodwill.worlds.identity_sheets import LEADS, Business, Sheet

#: Which columns of which file hold the nodes of the person whom a row is about, and their kinds.
PERSON_COLUMNS = {
    CONTACTS: {"Record ID": "hubspot/contact", "Email": "email"},
    LEADS: {"Lead ID": "salesforce/lead", "Email": "email"},
    CONTACT_ROLES: {"Contact ID": "salesforce/contact", "Email": "email"},
    MEMBERS: {"Email Address": "email"},
    TICKETS: {"Requester id": "zendesk/user", "Requester email": "email"},
    FORMS: {"Email": "email"},
    CONTRACTS: {"Billing contact": "email"},
}
ACCOUNT_COLUMNS = {
    CONTACTS: {"Company name": "company"},
    LEADS: {"Company / Account": "company"},
    COMPANIES: {"Record ID": "hubspot/company", "Company name": "company", "Company Domain Name": "domain",
                "Salesforce Account ID": "salesforce/account"},
    OPPORTUNITIES: {"Account ID": "salesforce/account", "Account Name": "company"},
    CONTACT_ROLES: {"Account ID": "salesforce/account", "Account Name": "company"},
    CONTRACTS: {"Customer ID": "salesforce/account"},
}  # fmt: skip
#: Before anything.
EVER = -NEVER_SECONDS


def profile_node(addresses: Addresses, venue: int, person: int) -> str:
    """The node of somebody's profile on a venue."""
    name = SOCIAL[venue]
    return f"{name}:{addresses.handle[name][person]}" + (f"@{SERVER}" if name == "mastodon" else "")


def owned_nodes(business: Business, sheets: tuple[Sheet, ...]) -> tuple[tuple[str, ...], Ints, Ints, Ints]:
    """Every node that stands for a person, with the person (-1: nobody's) and from when until when it is theirs."""
    owner: dict[str, int] = {}
    for sheet in sheets:
        for header, kind in PERSON_COLUMNS.get(sheet.file, {}).items():
            for value, person in zip(sheet.columns[header], sheet.person.tolist(), strict=True):
                if value is not None and person >= -1:
                    _owned_by(owner, f"{kind}:{value.lower() if kind == 'email' else value}", person)
        if sheet.file == MEMBERS:
            for value, person in zip(sheet.columns["Email Address"], sheet.person.tolist(), strict=True):
                digest = hashlib.md5(str(value).lower().encode(), usedforsecurity=False).hexdigest()
                _owned_by(owner, f"mailchimp/member:{digest}", person)
    for person, venue in zip(*np.nonzero(business.society.people.present), strict=True):
        owner.setdefault(profile_node(business.addresses, int(venue), int(person)), int(person))
    return _with_passed_on(business.addresses, owner)


def _owned_by(owner: dict[str, int], node: str, person: int) -> None:
    """Note the owner; a company's shared inbox is nobody's."""
    whose = -1 if node.startswith("email:info@") else person
    assert owner.setdefault(node, whose) == whose, f"{node} would have two owners"


def _with_passed_on(addresses: Addresses, owner: dict[str, int]) -> tuple[tuple[str, ...], Ints, Ints, Ints]:
    """Nodes in order; handles that changed hands stand twice."""
    rows = [(node, person, EVER, NEVER_SECONDS) for node, person in owner.items()]
    x = SOCIAL.index("x")
    for a, b, at in zip(addresses.from_person.tolist(), addresses.to_person.tolist(), addresses.passed_at.tolist(),
                        strict=True):  # fmt: skip
        node = profile_node(addresses, x, a)
        rows = [row for row in rows if row[0] != node] + [(node, a, EVER, at), (node, b, at, NEVER_SECONDS)]
    rows.sort()
    nodes, *numbers = zip(*rows, strict=True)
    person, since, until = (np.array(column, dtype=np.int64) for column in numbers)
    return tuple(nodes), person, since, until


def owned_accounts(business: Business, sheets: tuple[Sheet, ...]) -> tuple[tuple[str, ...], Ints]:
    """Every node that stands for a company in our own systems' exports, with the company's number."""
    owner: dict[str, int] = {}
    book = business.society.companies
    for sheet in sheets:
        for header, kind in ACCOUNT_COLUMNS.get(sheet.file, {}).items():
            for value, company in zip(sheet.columns[header], sheet.company.tolist(), strict=True):
                if value is not None and company >= 0:
                    owner.setdefault(f"{kind}:{value.lower() if kind == 'company' else value}", company)
    for company, domain in enumerate(book.domain):
        owner.setdefault(f"domain:{domain}", company)
    rows = sorted(owner.items())
    return tuple(node for node, _ in rows), np.array([company for _, company in rows], dtype=np.int64)
