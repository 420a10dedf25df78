"""Companies that can be dealt: every one that our records know, by the record under which people find it there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs.experiments import ASKED, MONTH_DAYS
from goodwill.errors import CannotTell
from goodwill.registry import Terms
from goodwill.samples import Fetches, collect

#: Fewer than eight companies in an arm leave no degrees of freedom to speak of.
FEWEST_COMPANIES = 16
#: Contacts are counted over a quarter: recent, and long enough to be steady.
QUARTER_DAYS = 91

#: A company's node is its record in the CRM, else its domain, else its name.
COMPANIES = f"""
WITH nodes AS (
    SELECT account, node
    FROM resolved_accounts
    QUALIFY row_number() OVER (PARTITION BY account ORDER BY
        CASE WHEN regexp_matches(node, '^[^:]*/(account|company):') THEN 0 WHEN node LIKE 'domain:%' THEN 1 ELSE 2 END,
        node) = 1
),
owners AS (
    SELECT r.account, min(a.owner) AS owner
    FROM accounts AS a
    JOIN resolved_accounts AS r ON r.node = a.id
    GROUP BY r.account
),
contracted AS (
    SELECT account, count(*) AS running
    FROM contracts
    WHERE has_account AND NOT is_impossible AND ended_on IS NULL
    GROUP BY account
),
bought AS (
    SELECT account, count(*) AS purchases FROM purchases WHERE kind <> 'subscription' GROUP BY account
),
touched AS (
    SELECT account, sum(social) AS contacts
    FROM account_touch_days
    WHERE day >= CAST($end AS DATE) - {QUARTER_DAYS}
    GROUP BY account
)
SELECT k.account, n.node, f.industry AS segment, f.country AS region, o.owner, coalesce(c.running, 0) AS running,
    coalesce(b.purchases, 0) + coalesce(c.running, 0) > 0 AS is_customer, coalesce(t.contacts, 0) AS contacts
FROM known_accounts AS k
JOIN nodes AS n ON n.account = k.account
LEFT JOIN account_facts AS f ON f.account = k.account
LEFT JOIN owners AS o ON o.account = k.account
LEFT JOIN contracted AS c ON c.account = k.account
LEFT JOIN bought AS b ON b.account = k.account
LEFT JOIN touched AS t ON t.account = k.account
WHERE coalesce(k.known_on < CAST($end AS DATE), TRUE)
ORDER BY n.node
"""


def companies(tables: Fetches, terms: Terms, question: str) -> dict[str, NDArray[Any]]:
    """Every company that can be dealt for a question, in the order of their nodes; for churn those with a contract.

    Returns
    -------
    dict of str to array
        ``account``, ``node``, ``segment``, ``region``, ``owner``, ``running`` subscriptions, ``is_customer``, and
        ``contacts`` on social in the last quarter.

    Raises
    ------
    CannotTell
        Fewer than sixteen.
    """
    found = collect(tables, COMPANIES, end=terms.end)
    has_contracts = ASKED[question].unit == "subscription"
    if has_contracts:
        found = {name: values[found["running"] > 0] for name, values in found.items()}
    if len(found["node"]) < FEWEST_COMPANIES:
        raise CannotTell(
            f"only {len(found['node'])} companies {'have a running subscription' if has_contracts else 'are known'}, "
            "and lots drawn among so few decide nothing",
            settles=f"an export of at least {FEWEST_COMPANIES} companies"
            + (" with their subscriptions" if has_contracts else " from the CRM"),
            n=len(found["node"]),
        )
    return found


def contacts_per_month(found: dict[str, NDArray[Any]]) -> float:
    """Social touches a month by all of them, as recorded in the last quarter."""
    return float(np.sum(found["contacts"])) * MONTH_DAYS / QUARTER_DAYS
