"""What our CRMs export in a world of known identity: contacts, companies, leads, opportunities and who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.causes import stream
from goodwill.worlds.company import OWNERS, record_id
from goodwill.worlds.exports_contacts import COMPANIES, CONTACTS, FIRST_COMPANY, FIRST_CONTACT, SOURCES
from goodwill.worlds.exports_crm import CONTACT_ROLES, LOST, OPPORTUNITIES, ROLES, WON
from goodwill.worlds.identity_addresses import SERVER, Addresses
from goodwill.worlds.identity_dealings import Deals, Requests
from goodwill.worlds.identity_errors import TYPED, Range, share, write
from goodwill.worlds.identity_people import COUNTRIES, END, NEVER_SECONDS, PARTNER, RIVAL, SOCIAL, TITLES, Society
from goodwill.worlds.identity_records import Cards, Records
from goodwill.worlds.tables import moments, us_dates

#: The file of Salesforce's leads; the others are called as in the other worlds.
LEADS = "salesforce_leads_report.csv"
#: Companies whose record lacks the domain, and those that both systems know by each other's number.
NO_DOMAIN: Range = (0.02, 0.20)
COMPANIES_IN_STEP: Range = (0.90, 0.50)
MINUTE = "%Y-%m-%d %H:%M"
DAY_SECONDS = 86_400

Texts = list[str | None]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One export: its columns by header, and who and which company each row is about (-1: nobody, none)."""

    file: str
    columns: dict[str, Texts]
    person: Ints
    company: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, eq=False)
class Business:
    """All that the exports of our own systems are written from."""

    society: Society
    addresses: Addresses
    records: Records
    deals: Deals
    requests: Requests
    company_since: Ints


def account_id(company: Ints) -> Texts:
    """Salesforce's number of each company; None for none."""
    return [None if c < 0 else record_id("0015g", c) for c in company.tolist()]


def contacts(business: Business) -> Sheet:
    """All contacts of HubSpot, with the profiles that some of them name."""
    cards, records, society = business.records.contacts, business.records, business.society
    person = cards.person
    at_opportunity = np.isin(person, business.deals.role_person)
    is_lead = np.isin(person, records.leads.person)
    in_step = records.in_step[person] & (cards.number < len(society.people))  # only first records are in step
    status = np.where(_is_customer(society)[cards.company] & (cards.company >= 0), "Customer", "Lead").tolist()
    luck = stream(society.seed, 351).integers(0, len(SOURCES) - 1, len(society.people))[person]
    created: Texts = moments(cards.moment, MINUTE).to_pylist()
    columns: dict[str, Texts] = {
        "Record ID": [str(FIRST_CONTACT + n) for n in cards.number.tolist()],
        "First Name": cards.given,
        "Last Name": cards.family,
        "Email": cards.email,
        "Phone Number": cards.phone,
        "Job Title": cards.title,
        "Company name": cards.company_name,
        "Primary Associated Company ID": _associated(cards, business.company_since),
        "Contact owner": [OWNERS[p % len(OWNERS)] for p in person.tolist()],
        "Lifecycle Stage": status,
        "Original Source": [SOURCES[i] for i in luck.tolist()],
        "Country/Region": cards.country,
        "Create Date": created,
        "Became a Lead Date": created,
        **profiles(business, person),
        "Salesforce Contact ID": _numbers("0035g", person, in_step & at_opportunity),
        "Salesforce Lead ID": _numbers("00Q5g", person, in_step & is_lead),
    }
    return Sheet(CONTACTS, columns, person, cards.company)


def profiles(business: Business, person: Ints, named_elsewhere: Sequence[Cards] = ()) -> dict[str, Texts]:
    """The profiles that records of these people name, unless those of another system do, as CRMs' columns hold them."""
    present, handles = business.society.people.present, business.addresses.handle
    forms = {"LinkedIn URL": ("linkedin", "https://www.linkedin.com/in/{}"), "Twitter Username": ("x", "{}"),
             "Mastodon": ("mastodon", f"@{{}}@{SERVER}")}  # fmt: skip
    here = business.records.is_linked[person]
    for cards in named_elsewhere:
        here = here & ~np.isin(person, cards.person)
    named = here[:, None] & present[person]
    return {
        column: [
            form.format(handles[venue][p]) if n else None
            for p, n in zip(person.tolist(), named[:, SOCIAL.index(venue)].tolist(), strict=True)
        ]
        for column, (venue, form) in forms.items()
    }


def _associated(cards: Cards, since: Ints) -> Texts:
    """The company's record, which HubSpot finds by the address or by the name given."""
    known = cards.says_company & (since[cards.company] < NEVER_SECONDS)
    return [str(FIRST_COMPANY + c) if k else None for c, k in zip(cards.company.tolist(), known.tolist(), strict=True)]


def _numbers(prefix: str, person: Ints, known: np.ndarray) -> Texts:
    return [record_id(prefix, p) if k else None for p, k in zip(person.tolist(), known.tolist(), strict=True)]


def _is_customer(society: Society) -> np.ndarray:
    """Is each company a customer on the last day?"""
    book = society.companies
    return (book.customer_from < END) & (book.customer_until >= END)


def companies(business: Business) -> Sheet:
    """All companies on record in HubSpot, with what they are to us on the last day."""
    book, society = business.society.companies, business.society
    on_record = np.flatnonzero(business.company_since < NEVER_SECONDS)
    luck = stream(society.seed, 352).random((len(book), 2))[on_record]
    no_domain = (luck[:, 0] < share(NO_DOMAIN, society.difficulty)).tolist()
    in_step = luck[:, 1] < share(COMPANIES_IN_STEP, society.difficulty)
    left = book.customer_until < END
    status = np.select(
        [book.kind == PARTNER, book.kind == RIVAL, _is_customer(society), left],
        ["Partner", "Competitor", "Customer", "Former customer"],
        "Lead",
    )
    columns: dict[str, Texts] = {
        "Record ID": [str(FIRST_COMPANY + c) for c in on_record.tolist()],
        "Company name": [f"{book.name[c]} {book.form[c]}" for c in on_record.tolist()],
        "Company Domain Name": [
            None if no else book.domain[c] for c, no in zip(on_record.tolist(), no_domain, strict=True)
        ],
        "Company owner": [OWNERS[c % len(OWNERS)] for c in on_record.tolist()],
        "Lifecycle Stage": status[on_record].tolist(),
        "Country/Region": [COUNTRIES[book.country[c]] for c in on_record.tolist()],
        "Create Date": moments(business.company_since[on_record], MINUTE).to_pylist(),
        "Salesforce Account ID": account_id(np.where(in_step, on_record, -1)),
    }
    return Sheet(COMPANIES, columns, np.full(len(on_record), -1), on_record)


def leads(business: Business) -> Sheet:
    """Salesforce's leads."""
    cards = business.records.leads
    columns: dict[str, Texts] = {
        "Lead ID": _numbers("00Q5g", cards.person, np.ones(len(cards), dtype=bool)),
        "Lead Owner": [OWNERS[p % len(OWNERS)] for p in cards.person.tolist()],
        "First Name": cards.given,
        "Last Name": cards.family,
        "Title": cards.title,
        "Company / Account": cards.company_name,
        "Email": cards.email,
        "Phone": cards.phone,
        "Country": cards.country,
        "Lead Source": ["Web"] * len(cards),
        "Lead Status": ["Working"] * len(cards),
        "Created Date": moments(cards.moment, MINUTE).to_pylist(),
        **profiles(business, cards.person, [business.records.contacts]),
    }
    return Sheet(LEADS, columns, cards.person, cards.company)


def opportunities(business: Business) -> Sheet:
    """Salesforce's opportunities, won, lost and open."""
    deals, book = business.deals, business.society.companies
    rows, number = np.arange(len(deals.company)), deals.company.tolist()
    names: Texts = [f"{book.name[c]} {book.form[c]}" for c in number]
    columns: dict[str, Texts] = {
        "Opportunity ID": [record_id("0065g", d) for d in rows.tolist()],
        "Opportunity Owner": [OWNERS[c % len(OWNERS)] for c in number],
        "Account ID": account_id(deals.company),
        "Account Name": names,
        "Website": [f"https://www.{book.domain[c]}" for c in number],
        "Opportunity Name": [f"{n} - {d + 1:05d}" for n, d in zip(names, rows.tolist(), strict=True)],
        "Stage": np.select([deals.is_won, deals.is_lost], [WON, LOST], "Proposal").tolist(),
        "Amount": [f"{5_000 + 500 * (c % 37)}.00" for c in number],
        "Close Date": list(us_dates(deals.closed // DAY_SECONDS)),
        "Created Date": list(us_dates(deals.opened // DAY_SECONDS)),
        "Lead Source": ["Web"] * len(rows),
        "Type": ["New Business"] * len(rows),
    }
    return Sheet(OPPORTUNITIES, columns, np.full(len(rows), -1), deals.company)


def contact_roles(business: Business) -> Sheet:
    """Who takes part in which opportunity; a contact is written once, as at their first opportunity."""
    deals, society, person = business.deals, business.society, business.deals.role_person
    opened, company = deals.opened[deals.role_deal], deals.company[deals.role_deal]
    written = write(society, np.full(len(society.people), END), TYPED, stream(society.seed, 353))
    whole, who = opportunities(business), deals.role_deal.tolist()
    stays = society.people.moved_at[person] > opened
    mail = [(business.addresses.work if s else business.addresses.next_work)[p]
            for p, s in zip(person.tolist(), stays.tolist(), strict=True)]  # fmt: skip
    title = society.people.title_at(person, opened)
    columns: dict[str, Texts] = {
        "Opportunity ID": [whole.columns["Opportunity ID"][d] for d in who],
        "Opportunity Name": [whole.columns["Opportunity Name"][d] for d in who],
        "Account ID": account_id(company),
        "Account Name": [whole.columns["Account Name"][d] for d in who],
        "Contact ID": _numbers("0035g", person, np.ones(len(person), dtype=bool)),
        "First Name": [written.given[p] for p in person.tolist()],
        "Last Name": [written.family[p] for p in person.tolist()],
        "Title": [TITLES[t] for t in title.tolist()],
        "Email": list(mail),
        "Contact Role": [ROLES[p % len(ROLES)] for p in person.tolist()],
    }
    return Sheet(CONTACT_ROLES, columns, person, company)
