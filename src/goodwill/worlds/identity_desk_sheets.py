"""What the mailing list, the service desk, the site and billing export in a world of known identity."""

from __future__ import annotations

import numpy as np

from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.causes import stream
from goodwill.worlds.exports_billing import CURRENCY, PRODUCTS
from goodwill.worlds.exports_desk import FIRST_TICKET, FIRST_USER, SUBJECTS, TICKETS
from goodwill.worlds.exports_email import MEMBERS
from goodwill.worlds.identity_errors import TYPED, share, write
from goodwill.worlds.identity_people import END, NEVER_SECONDS
from goodwill.worlds.identity_records import PRIVATE
from goodwill.worlds.identity_sheets import DAY_SECONDS, MINUTE, Business, Sheet, Texts, account_id, profiles
from goodwill.worlds.tables import iso_dates, moments

#: The files that no vendor names; the others are called as in the other worlds.
FORMS, CONTRACTS = "website_forms.csv", "subscriptions.csv"
SECOND = "%Y-%m-%d %H:%M:%S"


def members(business: Business) -> Sheet:
    """Mailchimp's audience."""
    cards = business.records.members
    joined: Texts = moments(cards.moment, SECOND).to_pylist()
    columns: dict[str, Texts] = {
        "Email Address": cards.email,
        "First Name": cards.given,
        "Last Name": cards.family,
        "Company": cards.company_name,
        **profiles(business, cards.person, [business.records.contacts, business.records.leads]),
        "MEMBER_RATING": ["2"] * len(cards),
        "OPTIN_TIME": joined,
        "CONFIRM_TIME": joined,
        "LEID": [str(40_000_000 + p) for p in cards.person.tolist()],
    }
    return Sheet(MEMBERS, columns, cards.person, cards.company)


def tickets(business: Business) -> Sheet:
    """Zendesk's requests, those of shared inboxes among them."""
    asked, society, cards = business.requests, business.society, business.records.contacts
    written = write(society, np.full(len(society.people), END), TYPED, stream(society.seed, 354)).name
    private = stream(society.seed, 355).random(len(society.people)) < share(PRIVATE, society.difficulty)
    user, name, mail = [], [], []
    for p, row, c in zip(asked.person.tolist(), asked.contact.tolist(), asked.inbox.tolist(), strict=True):
        user.append(str(FIRST_USER + (p if p >= 0 else len(private) + c)))
        name.append(written[p] if p >= 0 else f"Info {society.companies.name[c]}")
        own = (None if private[p] else cards.email[row]) or business.addresses.private[p]
        mail.append(own if p >= 0 else f"info@{society.companies.domain[c]}")
    rows = len(user)
    columns: dict[str, Texts] = {
        "Id": [str(FIRST_TICKET + i) for i in range(rows)],
        "Requester": name,
        "Requester id": list(user),
        "Requester email": list(mail),
        "Subject": [SUBJECTS[i % len(SUBJECTS)] for i in range(rows)],
        "Status": ["Open"] * rows,
        "Priority": ["Normal"] * rows,
        "Via": ["Mail"] * rows,
        "Created at": moments(asked.moment, MINUTE).to_pylist(),
    }
    return Sheet(TICKETS, columns, asked.person, asked.inbox)


def site_forms(business: Business, rows: Ints) -> Sheet:
    """What people wrote into forms on the site, by the rows of the contacts that were made of them."""
    cards, society = business.records.contacts, business.society
    person, who = cards.person[rows], rows.tolist()
    written = write(society, np.minimum(society.people.known_since, END), TYPED, stream(society.seed, 356))
    columns: dict[str, Texts] = {
        "Submitted at": moments(cards.moment[rows], MINUTE).to_pylist(),
        "Name": [written.name[p] for p in person.tolist()],
        "Email": [cards.email[r] for r in who],
        "Company": [cards.company_name[r] for r in who],
        "Job title": [cards.title[r] for r in who],
        "Page": ["/contact"] * len(who),
    }
    return Sheet(FORMS, columns, person, cards.company[rows])


def contracts(business: Business) -> Sheet:
    """Billing's contracts, with the address of somebody at the customer where one is known."""
    book, deals = business.society.companies, business.deals
    company = np.flatnonzero(book.customer_from < NEVER_SECONDS)
    first = dict(zip(deals.company[deals.role_deal][::-1].tolist(), deals.role_person[::-1].tolist(), strict=True))
    person = np.array([first.get(c, -1) for c in company.tolist()], dtype=np.int64)
    moved = business.society.people.moved_at[person] <= book.customer_from[company]
    mail = [None if p < 0 else (business.addresses.next_work if m else business.addresses.work)[p]
            for p, m in zip(person.tolist(), moved.tolist(), strict=True)]  # fmt: skip
    started, ended = iso_dates(book.customer_from[company] // DAY_SECONDS), book.customer_until[company]
    until = iso_dates(np.where(ended < NEVER_SECONDS, ended, 0) // DAY_SECONDS).to_pylist()
    columns: dict[str, Texts] = {
        "Subscription ID": [f"SUB-{n:06d}" for n in range(1, len(company) + 1)],
        "Customer ID": account_id(company),
        "Billing contact": list(mail),
        "Started": started.to_pylist(),
        "Ended": [u if e < NEVER_SECONDS else None for u, e in zip(until, ended.tolist(), strict=True)],
        "Plan": [PRODUCTS[0]] * len(company),
        "MRR": [f"{100 + c % 41 * 10}.00" for c in company.tolist()],
        "Currency": [CURRENCY] * len(company),
    }
    return Sheet(CONTRACTS, columns, person, company)
