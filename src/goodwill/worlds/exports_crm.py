"""What Salesforce exports of this company: the opportunity report, its stage history and the contact roles.

Report layouts: headers of the standard report types, dates M/D/YYYY in the reader's locale (en_US), and the lines
that a report puts below its rows. ``entries``, ``moves`` and ``parts`` say what the files say, as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.worlds.arithmetic import NEVER, UNDECIDED, Floats, Ints
from goodwill.worlds.causes import SECONDS, stream
from goodwill.worlds.company import INDUSTRIES, OWN_NAME, OWNERS, Company, amounts, contact_roles, record_id
from goodwill.worlds.exports_billing import PRODUCTS
from goodwill.worlds.tables import day_of, pick, us_dates, write_csv

OPEN_STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review")
WON, LOST = "Closed Won", "Closed Lost"
#: The stages by number, as ``moves`` and ``entries`` count them; then "none".
STAGES = (*OPEN_STAGES, WON, LOST)
IS_WON, IS_LOST, NO_STAGE = 4, 5, 6
#: Salesforce's standard probabilities of these stages, in per cent.
PROBABILITIES = (10, 10, 75, 90, 100, 0)
#: What sellers choose as the source of an opportunity; the last is social.
SOURCES = ("Web", "Email Campaign", "Trade Show", "Partner Referral", "Phone Inquiry", "Social Media")
TYPES = ("New Business", "Existing Business")
ROLES = ("Decision Maker", "Business User", "Evaluator", "Economic Buyer")
#: Why the lost ones were lost; then "no reason".
LOSS_REASONS = ("Price", "No decision", "Competitor", "Missing feature")
NO_REASON = 4
#: A touch this recent lets the seller write "Social Media" as the source.
SOURCE_DAYS = 60
#: Mean days in a stage.
STAGE_DAYS = 24
#: Opportunities open at 08:00; stages are moved between 09:00 and 17:00.
OPENS, MOVES_FROM, MOVING_MINUTES = 28_800, 32_400, 480
OPPORTUNITIES, HISTORY, CONTACT_ROLES = "Opportunities.csv", "Opportunity History.csv", "Opportunity Contact Roles.csv"


@dataclass(frozen=True, eq=False)
class Moves:
    """Every move of every opportunity, opportunity by opportunity; stages by number, ``before`` is the one left."""

    opportunity: Ints
    moment: Ints
    before: Ints
    stage: Ints


@dataclass(frozen=True, eq=False)
class Entries:
    """What the sellers entered for each opportunity; all but ``closed`` (a day) and ``amount`` (EUR) number words."""

    stage: Ints
    closed: Ints
    amount: Floats
    source: Ints
    type: Ints
    reason: Ints


@dataclass(frozen=True, eq=False)
class Parts:
    """Who takes part in which opportunity; the first of each is the primary contact (``nth`` 0)."""

    opportunity: Ints
    person: Ints
    role: Ints
    nth: Ints


def moves(company: Company) -> Moves:
    """The stages that each opportunity went through, for as long as it was open.

    A stage takes its time whatever comes of the opportunity: it must not tell what is still to happen.
    """
    sales, last, rng = company.history.sales, company.history.span.last_day, stream(company.seed, 12)
    clock = MOVES_FROM + rng.integers(0, MOVING_MINUTES, (len(sales), 5)) * 60
    end, is_decided = np.minimum(sales.decided, last), sales.decided < UNDECIDED
    day = sales.opened[:, None] + np.cumsum(rng.geometric(1 / STAGE_DAYS, (len(sales), 3)), axis=1)
    moved = day < end[:, None]
    at = np.column_stack([sales.opened * SECONDS + OPENS, day * SECONDS + clock[:, 1:4], end * SECONDS + clock[:, 0]])
    stage = np.tile(np.arange(5), (len(sales), 1))
    stage[:, -1] = np.where(sales.won, IS_WON, IS_LOST)
    kept = np.column_stack([np.ones(len(sales), dtype=bool), moved, is_decided])
    which = np.nonzero(kept)[0]
    entered = stage[kept]
    is_first = np.diff(which, prepend=-1) > 0
    before = np.where(is_first, NO_STAGE, np.roll(entered, 1))
    return Moves(which, at[kept], before, entered)


def entries(company: Company, moved: Moves) -> Entries:
    """What the report says of each opportunity; the close date of an open one is hoped for, after the last day."""
    sales, last, rng = company.history.sales, company.history.span.last_day, stream(company.seed, 11)
    stage = np.zeros(len(sales), dtype=np.int64)
    stage[moved.opportunity] = moved.stage  # in order of time: the last one stays
    hoped = last + rng.integers(7, 120, len(sales))
    source = _sources(company, rng)
    reason = rng.integers(0, len(LOSS_REASONS), len(sales))
    return Entries(
        stage=stage,
        closed=np.where(sales.decided < UNDECIDED, sales.decided, hoped),
        amount=amounts(company),
        source=source,
        type=_is_existing(company).astype(np.int64),
        reason=np.where(stage == IS_LOST, reason, NO_REASON),
    )


def _is_existing(company: Company) -> NDArray[np.bool_]:
    """Had the account won before this opening?"""
    sales = company.history.sales
    first_win = np.full(len(company.history.accounts), UNDECIDED)
    np.minimum.at(first_win, sales.account[sales.won], sales.decided[sales.won])
    return np.asarray(first_win[sales.account] < sales.opened)


def _sources(company: Company, rng: np.random.Generator) -> Ints:
    """What the seller noted: social media in four of ten cases in which the account had lately been touched there."""
    history = company.history
    sales = history.sales
    key = np.sort(history.accounts.person[history.touches.person] * NEVER + history.touches.moment // SECONDS)
    until = np.searchsorted(key, sales.account * NEVER + sales.opened)
    lately = until > np.searchsorted(key, sales.account * NEVER + sales.opened - SOURCE_DAYS)
    social = lately & (rng.random(len(sales)) < 0.4)
    return np.where(social, len(SOURCES) - 1, rng.integers(0, len(SOURCES) - 1, len(sales)))


def parts(company: Company) -> Parts:
    """One or two people of the account for each opportunity."""
    which, person = contact_roles(company)
    is_second = np.diff(which, prepend=-1) == 0
    role = stream(company.seed, 14).integers(0, len(ROLES), len(which))
    return Parts(which, person, role, is_second.astype(np.int64))


def opportunity_names(company: Company) -> list[str]:
    """The account's name and a running number."""
    sales, book = company.history.sales, company.directory
    return [f"{book.account_name[a]} - {n + 1:05d}" for n, a in enumerate(sales.account.tolist())]


def write_crm(company: Company, folder: Path) -> None:
    """Write the three Salesforce reports."""
    moved = moves(company)
    _write_opportunities(company, folder, entries(company, moved))
    _write_history(company, folder, moved)
    _write_roles(company, folder, parts(company))


def _footer(title: str, company: Company) -> str:
    day = day_of(company.history.span.last_day + 1)
    return (
        f'\n\n"{title}"\n"Copyright (c) 2000-{day.year} salesforce.com, inc. All rights reserved."\n'
        f'"Confidential Information - Do Not Distribute"\n'
        f'"Generated By:  {OWNERS[0]}  {day.month}/{day.day}/{day.year} 7:02 AM"\n"{OWN_NAME}"\n'
    )


def _write_opportunities(company: Company, folder: Path, entered: Entries) -> None:
    sales, book = company.history.sales, company.directory
    columns: dict[str, object] = {
        "Opportunity ID": book.opportunity_id,
        "Opportunity Owner": pick(OWNERS, sales.account % len(OWNERS)),
        "Account ID": pick(book.account_id, sales.account),
        "Account Name": pick(book.account_name, sales.account),
        "Website": pick([f"https://www.{d}" for d in book.domain], sales.account),
        "Opportunity Name": opportunity_names(company),
        "Stage": pick(STAGES, entered.stage),
        **_figures(company, entered),
        "Next Step": None,
        "Lead Source": pick(SOURCES, entered.source),
        "Type": pick(TYPES, entered.type),
        "Industry": pick(INDUSTRIES, company.history.accounts.segment[sales.account]),
        "Product Name": pick(PRODUCTS, sales.product),
        "Loss Reason": pick((*LOSS_REASONS, None), entered.reason),
    }
    if company.is_noisy:
        columns = _with_impossible_dates(columns)
    write_csv(folder / OPPORTUNITIES, columns, footer=_footer("Opportunities", company))


def _figures(company: Company, entered: Entries) -> dict[str, object]:
    """Money and dates."""
    sales, last = company.history.sales, company.history.span.last_day
    age = np.where(sales.decided < UNDECIDED, sales.decided, last) - sales.opened
    probability = np.asarray(PROBABILITIES)[entered.stage].tolist()
    amount = entered.amount.tolist()
    return {
        "Fiscal Period": [f"Q{(d.month + 2) // 3}-{d.year}" for d in map(day_of, entered.closed.tolist())],
        "Amount": [f"{a:.2f}" for a in amount],
        "Expected Revenue": [f"{a * p / 100:.2f}" for a, p in zip(amount, probability, strict=True)],
        "Probability (%)": [str(p) for p in probability],
        "Age": [str(a) for a in age.tolist()],
        "Close Date": us_dates(entered.closed),
        "Created Date": us_dates(sales.opened),
    }


def _with_impossible_dates(columns: dict[str, object]) -> dict[str, object]:
    """Four more rows, decided before they were opened or opened on no day that exists; no truth speaks of them."""
    instead = {
        "Opportunity ID": [record_id("0069g", i) for i in range(4)],
        "Stage": [WON] * 4,
        "Created Date": ["5/6/2024", "3/4/2024", "2/30/2024", "8/12/2024"],
        "Close Date": ["2/1/2024", "3/1/2023", "6/3/2024", "8/1/2024"],
    }
    extended: dict[str, object] = {}
    for name, column in columns.items():
        values = column.to_pylist() if isinstance(column, pa.Array) else column
        if isinstance(values, list) and values:
            extended[name] = values + instead.get(name, [values[i % len(values)] for i in range(4)])
        else:
            extended[name] = column
    return extended


def _write_history(company: Company, folder: Path, moved: Moves) -> None:
    book, which = company.directory, moved.opportunity
    columns = {
        "Opportunity ID": pick(book.opportunity_id, which),
        "Opportunity Name": pick(opportunity_names(company), which),
        "From Stage": pick((*STAGES, None), moved.before),
        "To Stage": pick(STAGES, moved.stage),
        "Amount": pick([f"{a:.2f}" for a in amounts(company).tolist()], which),
        "Last Modified": [_us_moment(at) for at in moved.moment.tolist()],
        "Last Modified By": pick(OWNERS, company.history.sales.account[which] % len(OWNERS)),
    }
    write_csv(folder / HISTORY, columns, footer=_footer("Opportunity History", company))


def _us_moment(seconds: int) -> str:
    """A moment as M/D/YYYY h:mm AM."""
    day, clock = divmod(seconds, SECONDS)
    on, hour, minute = day_of(day), clock // 3600, clock % 3600 // 60
    return f"{on.month}/{on.day}/{on.year} {(hour + 11) % 12 + 1}:{minute:02d} {'AM' if hour < 12 else 'PM'}"


def _write_roles(company: Company, folder: Path, taken: Parts) -> None:
    book, person = company.directory, taken.person
    account = company.history.sales.account[taken.opportunity]
    columns = {
        "Opportunity ID": pick(book.opportunity_id, taken.opportunity),
        "Opportunity Name": pick(opportunity_names(company), taken.opportunity),
        "Account Name": pick(book.account_name, account),
        "Contact ID": pick(book.contact_id, person),
        "First Name": pick(book.first, person),
        "Last Name": pick(book.last, person),
        "Email": pick(book.email, person),
        "Title": pick(book.title, person),
        "Role": pick(ROLES, taken.role),
        "Primary": pick(("1", "0"), taken.nth),
    }
    write_csv(folder / CONTACT_ROLES, columns, footer=_footer("Opportunities with Contact Roles", company))
