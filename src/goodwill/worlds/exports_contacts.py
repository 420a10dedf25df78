"""What HubSpot exports of this company: all contacts and all companies, as its index pages write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from goodwill.worlds.causes import SECONDS, stream
from goodwill.worlds.company import INDUSTRIES, OWNERS, VENUES, Company, is_private
from goodwill.worlds.tables import moments, pick, write_csv
from goodwill.worlds.truth import UNDECIDED, Ints

#: HubSpot's words for where a contact first came from; the last is social.
SOURCES = ("Email Marketing", "Organic Search", "Direct Traffic", "Offline Sources", "Organic Social")
#: Columns with the person's profiles, and what stands before and after the handle.
PROFILES = {
    "LinkedIn URL": ("https://www.linkedin.com/in/", ""),
    "Twitter Username": ("", ""),
    "Mastodon": ("@", "@social.example"),
}
#: Record ids start here, so that none looks like a small number.
FIRST_CONTACT, FIRST_COMPANY = 5_200_001, 8_800_001


def write_contacts(company: Company, folder: Path) -> None:
    """Write the contacts and the companies."""
    _write_contacts(company, folder)
    _write_companies(company, folder)


def _write_contacts(company: Company, folder: Path) -> None:
    book, account, rng = company.directory, company.history.accounts.person, stream(company.seed, 21)
    person, email = _recorded(company, rng)
    origin, venue = _origin(company)
    created = _created(company, person)
    phone = 30_000_000 + (np.arange(len(account)) * 7919) % 9_999_999
    columns = {
        "Record ID": [str(FIRST_CONTACT + i) for i in range(len(person))],
        "First Name": pick(book.first, person),
        "Last Name": pick(book.last, person),
        "Email": email,
        "Phone Number": pick([f"+49 30 {p}" for p in phone.tolist()], person),
        "Job Title": pick(book.title, person),
        "Company name": pick(book.account_name, account[person]),
        "Contact owner": pick(OWNERS, account[person] % len(OWNERS)),
        "Salesforce Account ID": pick(book.account_id, account[person]),
        "Salesforce Contact ID": pick(book.contact_id, person),
        "Lifecycle Stage": pick(("Lead", "Opportunity", "Customer"), _lifecycle(company)[account[person]]),
        "Original Source": pick(SOURCES, origin[person]),
        "Original Source Drill-Down 1": pick((*VENUES, None), venue[person]),
        "Create Date": created,
        "Became a Lead Date": created,
        **{name: pick([f"{a}{h}{b}" for h in book.handle], person) for name, (a, b) in PROFILES.items()},
    }
    write_csv(folder / "hubspot-crm-exports-all-contacts.csv", columns)


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


def _origin(company: Company) -> tuple[Ints, Ints]:
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


def _lifecycle(company: Company) -> Ints:
    """0 lead, 1 opportunity, 2 customer: of each account, on the last day."""
    sales = company.history.sales
    stage = np.zeros(len(company.history.accounts), dtype=np.int64)
    stage[sales.account[sales.decided == UNDECIDED]] = 1
    stage[sales.account[sales.won]] = 2
    return stage


def _write_companies(company: Company, folder: Path) -> None:
    book, accounts = company.directory, company.history.accounts
    earliest = np.full(len(accounts), np.int64(2**62))
    np.minimum.at(earliest, accounts.person, book.known_since)
    opened = company.history.sales
    np.minimum.at(earliest, opened.account, opened.opened * SECONDS + 28_800)
    columns = {
        "Record ID": [str(FIRST_COMPANY + i) for i in range(len(accounts))],
        "Company name": book.account_name,
        "Company Domain Name": book.domain,
        "Company owner": pick(OWNERS, np.arange(len(accounts)) % len(OWNERS)),
        "Industry": pick(INDUSTRIES, accounts.segment),
        "Number of Employees": [str(n) for n in accounts.employees.tolist()],
        "Create Date": moments(earliest, "%Y-%m-%d %H:%M"),
        "Salesforce Account ID": book.account_id,
    }
    write_csv(folder / "hubspot-crm-exports-all-companies.csv", columns)
