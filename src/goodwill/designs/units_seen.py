"""Units whose outcome has been seen, as an experiment would measure it: deals, companies or subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs.experiments import MONTH_DAYS, Asked
from goodwill.journeys import deal_sample
from goodwill.registry import Terms
from goodwill.samples import Fetches, Floats, collect

#: Pace is that of the last year: a whole number of weeks, and of seasons.
YEAR_DAYS = 364

_TOUCHED = """touched AS (
    SELECT account, sum(social) AS contacts
    FROM account_touch_days
    WHERE day >= CAST($end AS DATE) - CAST($days AS INTEGER)
    GROUP BY account
)"""
#: Companies known when the time began, with what they bought in it.
BY_COMPANY = f"""
WITH {_TOUCHED},
priced AS (
    SELECT account, kind, CASE WHEN kind = $sold_as AND coalesce(upper(trim(currency)), $currency) = $currency
        THEN value END AS value
    FROM purchases
    WHERE day >= CAST($end AS DATE) - CAST($days AS INTEGER) AND day < CAST($end AS DATE)
),
bought AS (
    SELECT account, count(*) FILTER (WHERE kind = 'win') AS wins, coalesce(sum(value), 0) AS value
    FROM priced
    GROUP BY account
)
SELECT k.account, coalesce(b.wins, 0) AS wins, coalesce(b.value, 0) AS value, coalesce(t.contacts, 0) > 0 AS is_touched
FROM known_accounts AS k
LEFT JOIN bought AS b ON b.account = k.account
LEFT JOIN touched AS t ON t.account = k.account
WHERE k.known_on < CAST($end AS DATE) - CAST($days AS INTEGER)
ORDER BY k.account
"""
#: Won opportunities have the value where any of them is priced, else orders: both together would count sales twice.
SOLD_AS = """
SELECT count(*) FILTER (WHERE kind = 'win' AND value IS NOT NULL) AS wins,
    count(*) FILTER (WHERE kind = 'order') AS orders
FROM purchases
ORDER BY wins
"""
#: Subscriptions that ran when the time began, and which of them were lost in it.
BY_CONTRACT = f"""
WITH {_TOUCHED}
SELECT c.id, c.account, c.ended_on IS NOT NULL AND NOT c.is_renewed AS is_lost,
    coalesce(t.contacts, 0) > 0 AS is_touched
FROM contracts AS c
LEFT JOIN touched AS t ON t.account = c.account
WHERE c.has_account AND NOT c.is_impossible AND c.started_on < CAST($end AS DATE) - CAST($days AS INTEGER)
    AND (c.ended_on IS NULL OR c.ended_on >= CAST($end AS DATE) - CAST($days AS INTEGER))
ORDER BY c.id
"""
#: Deals opened lately by companies that were known before, as companies dealt today will open them; and those open now.
PACE = """
SELECT d.outcome = 'open' AS is_open, d.opened_at >= CAST($end AS TIMESTAMP) - to_days(CAST($days AS INTEGER))
        AND coalesce(k.known_on < CAST($end AS DATE) - CAST($days AS INTEGER), FALSE) AS is_recent
FROM deals AS d
JOIN known_accounts AS k ON k.account = d.account
WHERE d.opened_at IS NOT NULL
ORDER BY d.id
"""


@dataclass(frozen=True)
class Seen:
    """Units with their outcome, company and whether touched; how many there are at once, and how many come a month."""

    values: Floats
    account: NDArray[Any]
    touched: NDArray[np.bool_]
    at_once: float
    per_month: float = 0.0


def seen(tables: Fetches, terms: Terms, asked: Asked, weeks: int, known: Mapping[str, NDArray[Any]]) -> Seen:
    """Units followed for so many weeks, of companies ``known`` (see ``eligible.companies``).

    Raises
    ------
    CannotTell
        There are no deals, or none is decided.
    """
    if asked.unit == "deal":
        return _deals(tables, terms, asked, weeks, known)
    if asked.unit == "company":
        return _companies(tables, terms, asked, weeks, known)
    found = collect(tables, BY_CONTRACT, end=terms.end, days=7 * weeks)
    running = float(known["running"].sum())
    return Seen(found["is_lost"].astype(np.float64), found["account"], found["is_touched"].astype(bool), running)


def _deals(tables: Fetches, terms: Terms, asked: Asked, weeks: int, known: Mapping[str, NDArray[Any]]) -> Seen:
    found = deal_sample.deals(tables, terms)
    ours = np.isin(found.rows["account"].astype(str), known["account"].astype(str))
    some = found.take(np.asarray(found.rows["weeks_seen"] >= weeks) & ours)
    won = some.won & np.asarray(some.rows["weeks_open"] <= weeks)
    days = np.where(won, 7.0 * some.rows["weeks_open"], 7.0 * weeks)
    touched = some.touched & np.asarray(np.nan_to_num(some.rows["weeks_to_social"], nan=np.inf) <= weeks)
    opened = found.rows["opened_at"].astype("datetime64[D]")
    covered = int((np.datetime64(terms.end, "D") - opened.min()).astype(int))
    lately = max(1, min(YEAR_DAYS, covered // 2))  # of a short record, half must be left to know companies by
    pace = collect(tables, PACE, end=terms.end, days=lately)
    return Seen(
        values=days if asked.measure == "days" else won.astype(np.float64),
        account=some.rows["account"],
        touched=touched,
        at_once=float(pace["is_open"].astype(bool).sum()),
        per_month=float(pace["is_recent"].astype(bool).sum()) * MONTH_DAYS / lately,
    )


def _companies(tables: Fetches, terms: Terms, asked: Asked, weeks: int, known: Mapping[str, NDArray[Any]]) -> Seen:
    kinds = collect(tables, SOLD_AS)
    sold_as = "win" if kinds["wins"][0] or not kinds["orders"][0] else "order"
    parameters = {"days": 7 * weeks, "sold_as": sold_as, "currency": terms.workspace.currency}
    found = collect(tables, BY_COMPANY, end=terms.end, **parameters)
    values = found["value"] if asked.measure == "worth" else found["wins"] > 0
    at_once = float(len(known["node"]))
    return Seen(values.astype(np.float64), found["account"], found["is_touched"].astype(bool), at_once)
