"""Companies from a month on: touched in it or not, and what they bought in the months that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.journeys import month_panels as shared
from goodwill.journeys.account_panel import adjustment, company_months
from goodwill.registry import Terms
from goodwill.samples import Fetches, Floats, Units, collect

#: A company enters with every third of its months: more would repeat nearly the same follow-up.
EVERY = 3
#: What was bought in the year before (13 months of 28 days) says most about what will be.
SUSPECTS = ("value_before", "engagement_history", "engagement_recent", "has_open_deal", "is_customer", "touched_before",
            "segment", "employees", "wins_before", "social_history", "deals_before", "service_recent", "tenure", "year",
            "quarter")  # fmt: skip

#: Won opportunities have the value where any of them is priced, else orders: both together would count sales twice.
SOLD_AS = """
SELECT kind, count(*) AS n, count(*) FILTER (WHERE value IS NULL OR upper(trim(currency)) <> $currency) AS unpriced
FROM purchases
WHERE kind IN ('win', 'order')
GROUP BY kind
ORDER BY kind DESC
"""
BOUGHT = """
WITH near AS (
    SELECT m.account, m.month, p.day >= m.began_on + 28 AS is_after, p.day < m.began_on AS is_before, p.product,
        CASE WHEN p.kind = $sold_as AND (p.currency IS NULL OR upper(trim(p.currency)) = $currency) THEN p.value END
            AS value
    FROM account_months AS m
    JOIN purchases AS p ON p.account = m.account AND p.day >= m.began_on - 364
        AND p.day < m.began_on + CAST(28 * (1 + $follow_months) AS INTEGER)
),
bought AS (
    SELECT account, month, sum(value) FILTER (WHERE is_after) AS value,
        count(DISTINCT product) FILTER (WHERE is_after) AS products, sum(value) FILTER (WHERE is_before) AS value_before
    FROM near
    GROUP BY account, month
)
SELECT m.account, m.month, coalesce(b.value, 0) AS value, coalesce(b.products, 0) AS products,
    coalesce(b.value_before, 0) AS value_before
FROM account_months AS m
LEFT JOIN bought AS b ON b.account = m.account AND b.month = m.month
ORDER BY m.account, m.month
"""


@dataclass(frozen=True)
class ValuePeriods:
    """Companies in months from which they were followed to the end; every array has one entry per unit.

    Attributes
    ----------
    units : Units
        One company in one month at whose start it was untouched; treated if touched in it; the outcome is the value
        of what it bought in the ``follow_months`` after it, nothing of the month itself; the group is the company.
    products : (n,) float
        Different products bought in the same time: won, ordered or subscribed to.
    never_touched : (n,) bool
        No social touch before the month at all, as far back as interactions are known.
    is_customer, has_open_deal : (n,) bool
        At the start of the month.
    began_on : (n,) datetime64[D]
        First day of the month.
    sold_as : str
        What the value is of: ``win`` for opportunities won, ``order`` for orders.
    left_out : dict of str to int
        Companies that no month is known of, by the reason.
    unpriced : int
        Wins (or orders) without a known worth in the company's currency, which count as worth nothing.
    """

    units: Units
    products: Floats
    never_touched: NDArray[np.bool_]
    is_customer: NDArray[np.bool_]
    has_open_deal: NDArray[np.bool_]
    began_on: NDArray[Any]
    follow_months: int
    sold_as: str
    left_out: Mapping[str, int]
    unpriced: int

    def __len__(self) -> int:
        return len(self.units)


def value_periods(tables: Fetches, terms: Terms, follow_months: int) -> ValuePeriods:
    """Untouched companies, every third month, with what they bought in the ``follow_months`` after it.

    Raises
    ------
    CannotTell
        No company was followed for so long, or none bought anything that has a price.
    """
    assert follow_months >= 1, "value follows the month of the touch"
    months, left_out = company_months(tables, terms)
    sold_as, unpriced = _sold_as(tables, terms)
    bought = collect(tables, BOUGHT, follow_months=follow_months, sold_as=sold_as, currency=terms.workspace.currency)
    rows = _starts(months | bought, follow_months)
    _require(rows, terms, follow_months)
    return ValuePeriods(
        units=_units(rows),
        products=rows["products"].astype(np.float64),
        never_touched=shared.truths(rows, "is_never_touched"),
        is_customer=shared.truths(rows, "is_customer"),
        has_open_deal=shared.truths(rows, "has_open_deal"),
        began_on=rows["began_on"].astype("datetime64[D]"),
        follow_months=follow_months,
        sold_as=sold_as,
        left_out=left_out,
        unpriced=unpriced,
    )


def _require(rows: Mapping[str, NDArray[Any]], terms: Terms, follow_months: int) -> None:
    """Refuse to go on where nobody was followed, or nobody bought."""
    followed = int(shared.beginnings(rows["account"]).sum())
    missing = f"no untouched company was followed for {follow_months} months"
    if followed:
        missing = f"nobody who was followed bought anything that has a price in {terms.workspace.currency}"
    if not rows["value"].any():
        settles = "amounts of won opportunities or orders, and interactions over more months"
        raise CannotTell(missing, settles=settles, n=followed)


def _sold_as(tables: Fetches, terms: Terms) -> tuple[str, int]:
    """What the value is of, and how many of these have none."""
    found = collect(tables, SOLD_AS, currency=terms.workspace.currency)
    kinds = {str(k): (int(n), int(u)) for k, n, u in zip(found["kind"], found["n"], found["unpriced"], strict=True)}
    priced = [kind for kind, (n, unpriced) in kinds.items() if n > unpriced]
    sold_as = priced[0] if priced else "win"
    return sold_as, kinds.get(sold_as, (0, 0))[1]


def _starts(rows: Mapping[str, NDArray[Any]], follow_months: int) -> dict[str, NDArray[Any]]:
    """Untouched months after which so many are seen, every third, counted back from the last of them."""
    to_last = rows["month"].max() - follow_months - rows["month"]
    chosen = shared.truths(rows, "is_untouched") & (to_last >= 0) & (to_last % EVERY == 0)
    some = {name: values[chosen] for name, values in rows.items()}
    return some | {
        "value": some["value"].astype(np.float64),
        "value_before": shared.stepped(some["value_before"]),
        "has_open_deal": (some["open_deals"] > 0).astype(np.float64),
    }


def _units(rows: Mapping[str, NDArray[Any]]) -> Units:
    days = rows["began_on"].astype("datetime64[D]").astype(str)
    names = [f"{account} {day}" for account, day in zip(rows["account"], days, strict=True)]
    buyers = int((rows["value"] > 0).sum())
    return Units(
        id=np.array(names, dtype=object),
        group=shared.numbered(shared.beginnings(rows["account"])),
        treated=shared.truths(rows, "is_exposed").astype(np.int64),
        outcome=rows["value"],
        covariates=adjustment(rows, SUSPECTS, events=buyers, among=np.ones(len(rows["value"]), dtype=bool)),
    )
