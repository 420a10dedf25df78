"""Companies month by month: who was touched, and in which month an opportunity was opened or won."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.journeys import month_panels as shared
from goodwill.registry import Terms
from goodwill.samples import Covariates, Fetches, Ints, Panel, collect

#: What may happen to a company in a month: an opportunity is opened, or one is won.
Outcome = Literal["opened", "won"]
#: What may be adjusted for, strongest suspects first: as many as the events can carry.
SUSPECTS = ("engagement_history", "engagement_recent", "is_customer", "touched_before", "segment", "employees",
            "wins_before", "social_history", "deals_before", "service_recent", "tenure", "year", "quarter")  # fmt: skip
COUNTS = ("engagement_history", "engagement_recent", "employees", "wins_before", "social_history", "deals_before",
          "service_recent", "tenure")  # fmt: skip

ROWS = """
WITH worth AS (
    SELECT m.account, m.month, sum(p.value) AS value
    FROM account_months AS m
    JOIN purchases AS p ON p.account = m.account AND p.day >= m.began_on AND p.day < m.began_on + 28
    WHERE p.kind = 'win' AND (p.currency IS NULL OR upper(trim(p.currency)) = $currency)
    GROUP BY m.account, m.month
)
SELECT m.account, m.month, m.began_on, m.is_exposed, m.is_untouched, m.is_never_touched,
    NOT m.is_never_touched AS touched_before, m.open_deals, m.is_customer, m.opened, m.won,
    m.engagement_history, m.engagement_recent, m.service_recent, m.social_history, m.deals_before, m.wins_before,
    date_diff('day', m.known_on, m.began_on) // 28 AS tenure, coalesce(w.value, 0) AS value_won,
    f.industry AS segment, f.employees
FROM account_months AS m
LEFT JOIN worth AS w ON w.account = m.account AND w.month = m.month
LEFT JOIN account_facts AS f ON f.account = m.account
ORDER BY m.account, m.month
"""
LEFT_OUT = """
SELECT count(*) AS known, count(*) FILTER (WHERE k.known_on IS NULL) AS undated,
    count(*) FILTER (WHERE k.known_on IS NOT NULL AND m.account IS NULL) AS late
FROM known_accounts AS k
LEFT JOIN (SELECT DISTINCT account FROM account_months) AS m ON m.account = k.account
ORDER BY known
"""
UNPRICED = """
SELECT count(*) AS n
FROM purchases
WHERE kind = 'win' AND (value IS NULL OR upper(trim(currency)) <> $currency)
ORDER BY n
"""
DEALS_LEFT_OUT = """
SELECT count(*) FILTER (WHERE NOT has_account) AS without_company,
    count(*) FILTER (
        WHERE has_account AND (opened_at IS NULL OR is_impossible OR (outcome <> 'open' AND decided_at IS NULL))
    ) AS without_dates
FROM deals
ORDER BY without_company
"""


@dataclass(frozen=True)
class AccountPanel:
    """Companies month by month, cut into episodes; every array has one entry per row of the panel.

    An episode begins in the first month at whose start no deal is open, ends with the first month in which what is
    asked about happened, and another begins once no deal is open again.

    Attributes
    ----------
    panel : Panel
        Unit is the episode, period its 28-day month, group the company. A trial may start only while no deal is open.
        A win is worth what was won in its month; an opening has no worth yet.
    began_on : (n,) datetime64[D]
        First day of the month.
    never_touched : (n,) bool
        No social touch before the month at all, as far back as interactions are known; ``panel.eligible`` asks for the
        13 weeks before it only.
    is_customer, has_open_deal : (n,) bool
        At the start of the month.
    left_out, deals_left_out : dict of str to int
        Companies that are not in the panel, and deals that are nobody's or have no usable dates, by the reason.
    unpriced : int
        Wins without a known worth in the company's currency, which count as worth nothing.
    """

    panel: Panel
    began_on: NDArray[Any]
    never_touched: NDArray[np.bool_]
    is_customer: NDArray[np.bool_]
    has_open_deal: NDArray[np.bool_]
    left_out: Mapping[str, int]
    deals_left_out: Mapping[str, int]
    unpriced: int

    def __len__(self) -> int:
        return len(self.panel)


def accounts(tables: Fetches, terms: Terms, outcome: Outcome) -> AccountPanel:
    """Every company that our records know, in every month in which it was watched as a whole.

    Raises
    ------
    CannotTell
        No company is known, there is nothing to watch it by, or the outcome never happened.
    """
    rows, left_out = company_months(tables, terms)
    number = shared.numbered(shared.beginnings(rows["account"]))
    kept, unit = episodes(number, rows["open_deals"] == 0, rows[outcome] > 0)
    some = {name: values[kept] for name, values in rows.items()}
    panel = _panel(some, unit, number[kept], outcome)
    companies, followed = len(np.unique(number)), len(np.unique(number[kept]))
    if not panel.event.any():
        raise CannotTell(
            f"no opportunity was {outcome} by a company while it was watched",
            settles="opportunities of these companies with the dates on which they were opened and decided",
            n=companies,
        )
    return AccountPanel(
        panel=panel,
        began_on=some["began_on"].astype("datetime64[D]"),
        never_touched=shared.truths(some, "is_never_touched"),
        is_customer=shared.truths(some, "is_customer"),
        has_open_deal=some["open_deals"] > 0,
        left_out=left_out | {"never without an open deal": companies - followed},
        deals_left_out=_deals_left_out(tables),
        unpriced=int(collect(tables, UNPRICED, currency=terms.workspace.currency)["n"][0]),
    )


def _deals_left_out(tables: Fetches) -> dict[str, int]:
    counted = {name: int(n[0]) for name, n in collect(tables, DEALS_LEFT_OUT).items()}
    return {"no company known": counted["without_company"], "no usable dates": counted["without_dates"]}


def _panel(rows: Mapping[str, NDArray[Any]], unit: Ints, number: Ints, outcome: Outcome) -> Panel:
    first = shared.beginnings(unit)
    begins = np.flatnonzero(first)
    event = (rows[outcome] > 0).astype(np.int64)
    eligible = shared.truths(rows, "is_untouched") & (rows["open_deals"] == 0)
    days = rows["began_on"][first].astype("datetime64[D]").astype(str)
    names = [f"{account} {day}" for account, day in zip(rows["account"][first], days, strict=True)]
    return Panel(
        unit=unit,
        group=shared.numbered(shared.beginnings(number)),
        period=np.arange(len(unit)) - begins[unit] if len(unit) else unit,
        eligible=eligible,
        exposed=shared.truths(rows, "is_exposed"),
        event=event,
        # an opening has no worth yet: what it wins comes later, or never
        value=np.where((event == 1) & (outcome == "won"), rows["value_won"], 0.0),
        covariates=adjustment(rows, SUSPECTS, events=int(event.sum()), among=eligible),
        id=np.array(names, dtype=object),
    )


def episodes(
    company: Ints, may_begin: NDArray[np.bool_], happened: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], Ints]:
    """Which rows belong to an episode, and the episode's number for each of those.

    Rows stand in the order of company and month.

    Examples
    --------
    Two companies; the first has a deal open at first, opens one in its third month, and is free again after the fourth.

    >>> company = np.array([0, 0, 0, 0, 0, 1, 1])
    >>> may_begin = np.array([False, True, True, False, True, True, True])
    >>> happened = np.array([False, False, True, False, False, False, True])
    >>> kept, unit = episodes(company, may_begin, happened)
    >>> kept.tolist(), unit.tolist()
    ([False, True, True, False, True, True, True], [0, 0, 1, 2, 2])
    """
    anew = shared.beginnings(company)
    anew[1:] |= happened[:-1]
    stretch = shared.numbered(anew)
    chances = np.cumsum(may_begin)  # to begin, so far
    before = (chances - may_begin)[anew][stretch] if len(stretch) else chances
    kept = np.asarray(chances > before, dtype=bool)
    begins = may_begin & (chances - before == 1)
    return kept, shared.numbered(begins)[kept]


def company_months(tables: Fetches, terms: Terms) -> tuple[dict[str, NDArray[Any]], dict[str, int]]:
    """The months of all companies, and how many companies have none and why.

    Raises
    ------
    CannotTell
        No company is known, or there is nothing to watch it by.
    """
    counted = {name: int(n[0]) for name, n in collect(tables, LEFT_OUT).items()}
    if not counted["known"]:
        raise CannotTell("no company is known", settles="an export of companies or contacts from the CRM")
    shared.require_interactions(tables)
    rows = collect(tables, ROWS, currency=terms.workspace.currency)
    if not len(rows["account"]):
        raise CannotTell(
            f"no company was known for a whole month after {shared.weeks_before(terms)} weeks of interactions",
            settles="interactions from further back, or the dates on which companies came to be known",
            n=counted["known"],
        )
    return rows, {"no date known": counted["undated"], "known too late": counted["late"]}


def adjustment(
    rows: Mapping[str, NDArray[Any]], names: tuple[str, ...], *, events: int, among: NDArray[np.bool_]
) -> Covariates:
    """What is adjusted for, of companies in months: as many of the suspects, in order, as the events can carry."""
    first = shared.beginnings(rows["account"])
    number = shared.numbered(first)
    return shared.admitted([_block(name, rows, first, number) for name in names], events=events, among=among)


def _block(name: str, rows: Mapping[str, NDArray[Any]], first: NDArray[np.bool_], number: Ints) -> Covariates:
    if name == "segment":
        return shared.category(name, rows[name][first], number)
    if name == "year":
        return shared.year(rows["began_on"])
    if name == "quarter":
        return shared.quarter(rows["began_on"])
    return shared.numeric(name, shared.stepped(rows[name]) if name in COUNTS else rows[name])
