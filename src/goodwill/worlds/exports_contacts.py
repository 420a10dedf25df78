"""What HubSpot exports of this company: all contacts and all companies, as its index pages write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from goodwill.worlds.arithmetic import UNDECIDED, Ints
from goodwill.worlds.causes import SECONDS, stream
from goodwill.worlds.company import INDUSTRIES, OWNERS, VENUES, Company, is_private
from goodwill.worlds.exports_crm import OPENS
from goodwill.worlds.tables import moments, pick, write_csv

#: HubSpot's words for where a contact first came from; the last is social.
SOURCES = ("Email Marketing", "Organic Search", "Direct Traffic", "Offline Sources", "Organic Social")
#: Columns with the person's profiles, and what stands before and after the handle.
PROFILES = {
    "LinkedIn URL": ("https://www.linkedin.com/in/", ""),
    "Twitter Username": ("", ""),
    "Mastodon": ("@", "@social.example"),
}
LIFECYCLES = ("Lead", "Opportunity", "Customer")
CONTACTS, COMPANIES = "hubspot-crm-exports-all-contacts.csv", "hubspot-crm-exports-all-companies.csv"
#: Record ids start here, so that none looks like a small number.
FIRST_CONTACT, FIRST_COMPANY = 5_200_001, 8_800_001


def write_contacts(company: Company, folder: Path) -> None:
    """Write the contacts and the companies."""
    _write_contacts(company, folder)
    _write_companies(company, folder)


def _write_contacts(company: Company, folder: Path) -> None:
    book, account, rng = company.directory, company.history.accounts.person, stream(company.seed, 21)
    person, email = _recorded(company, rng)
    origin, venue = origins(company)
    created = _created(company, person)
    columns = {
        "Record ID": [str(FIRST_CONTACT + i) for i in range(len(person))],
        "First Name": pick(book.first, person),
        "Last Name": pick(book.last, person),
        "Email": email,
        "Phone Number": pick([f"+49 30 {number}" for number in phones(company)], person),
        "Job Title": pick(book.title, person),
        "Company name": pick(book.account_name, account[person]),
        "Contact owner": pick(OWNERS, account[person] % len(OWNERS)),
        "Salesforce Account ID": pick(book.account_id, account[person]),
        "Salesforce Contact ID": pick(book.contact_id, person),
        "Lifecycle Stage": pick(LIFECYCLES, lifecycles(company)[account[person]]),
        "Original Source": pick(SOURCES, origin[person]),
        "Original Source Drill-Down 1": pick((*VENUES, None), venue[person]),
        "Create Date": created,
        "Became a Lead Date": created,
        **{name: pick([f"{a}{h}{b}" for h in book.handle], person) for name, (a, b) in PROFILES.items()},
    }
    write_csv(folder / CONTACTS, columns)


def phones(company: Company) -> list[int]:
    """Each person's number in Berlin."""
    people = np.arange(len(company.directory.email))
    numbers: list[int] = (30_000_000 + (people * 7919) % 9_999_999).tolist()
    return numbers


def _recorded(company: Company, rng: np.random.Generator) -> tuple[Ints, pa.Array]:
    """Who has a record, and the e-mail address in it.

    In a noisy company one in ten has none (but every user of a private mailbox has: nothing else ties them to their
    company), one in fifty has two, and some addresses are in mixed case.
    """
    email = company.directory.email
    person = np.arange(len(email))
    if not company.is_noisy:
        return person, pa.array(email)
    kept = is_private(company) | (rng.random(len(email)) < 0.9)
    twice = kept & (rng.random(len(email)) < 0.02)
    person = np.concatenate([person[kept], person[twice]])
    mixed = rng.random(len(person)) < 0.06
    return person, pa.array(
        [email[p].title() if m else email[p] for p, m in zip(person.tolist(), mixed.tolist(), strict=True)]
    )


def _created(company: Company, person: Ints) -> list[str]:
    """When each record was made; in a noisy company three bear a mistyped year."""
    since = moments(company.directory.known_since, "%Y-%m-%d %H:%M").to_pylist()
    created = [since[p] for p in person.tolist()]
    if company.is_noisy:
        for tenth, impossible in ((2, "2091-03-04 10:00"), (5, "1970-01-01 00:00"), (8, "2042-11-11 11:11")):
            created[len(created) * tenth // 10] = impossible
    return created


def origins(company: Company) -> tuple[Ints, Ints]:
    """Original source of each person as a number, and the venue if it was social (else the last number: none)."""
    history, people = company.history, len(company.directory.email)
    origin = np.arange(people) % 4
    venue = np.full(people, len(VENUES))
    never = np.int64(2**62)
    first = {}
    for name, done in (("event", history.events), ("touch", history.touches)):
        who, at = np.unique(done.person, return_index=True)  # in order of time, so the first index is the first act
        first[name] = np.full(people, never)
        first[name][who] = done.moment[at]
        if name == "touch":
            venue[who] = history.touches.venue[at]
    met_there = (first["touch"] < first["event"]) & (company.directory.known_since >= first["touch"])
    return np.where(met_there, 4, origin), np.where(met_there, venue, len(VENUES))


def lifecycles(company: Company) -> Ints:
    """0 lead, 1 opportunity, 2 customer: of each account, on the last day."""
    sales = company.history.sales
    stage = np.zeros(len(company.history.accounts), dtype=np.int64)
    stage[sales.account[sales.decided == UNDECIDED]] = 1
    stage[sales.account[sales.won]] = 2
    return stage


def _write_companies(company: Company, folder: Path) -> None:
    book, accounts = company.directory, company.history.accounts
    columns = {
        "Record ID": [str(FIRST_COMPANY + i) for i in range(len(accounts))],
        "Company name": book.account_name,
        "Company Domain Name": book.domain,
        "Company owner": pick(OWNERS, np.arange(len(accounts)) % len(OWNERS)),
        "Industry": pick(INDUSTRIES, accounts.segment),
        "Number of Employees": [str(n) for n in accounts.employees.tolist()],
        "Create Date": moments(companies_since(company), "%Y-%m-%d %H:%M"),
        "Salesforce Account ID": book.account_id,
    }
    write_csv(folder / COMPANIES, columns)


def companies_since(company: Company) -> Ints:
    """The moment at which each company's record was made: with its first person or its first opportunity."""
    history = company.history
    earliest = np.full(len(history.accounts), np.int64(2**62))
    np.minimum.at(earliest, history.accounts.person, company.directory.known_since)
    np.minimum.at(earliest, history.sales.account, history.sales.opened * SECONDS + OPENS)
    return earliest
