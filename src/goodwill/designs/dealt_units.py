"""What became of the companies that were dealt: their deals, their purchases or their subscriptions, as one query each.

The query that is computed from is the evidence: its rows are those that a figure counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs.drawn import Experiment
from goodwill.designs.experiments import ASKED, TREATED
from goodwill.designs.units_seen import SOLD_AS
from goodwill.estimators.intention import Dealt
from goodwill.exports import literal
from goodwill.registry import Terms
from goodwill.samples import Fetches, Floats, Units, collect, covariates, grouped

#: Deals opened after the start or open at it, each followed for so many days; later touches do not count.
DEALS = """
WITH {assigned},
dealt AS (
    SELECT d.id, d.account, s.arm, s.stratum, s.started_at, greatest(d.opened_at, s.started_at) AS began_at,
        greatest(d.opened_at, s.started_at) + to_days({days}) AS ended_at,
        d.opened_at, d.decided_at, d.outcome, d.source_file, d.source_row
    FROM deals AS d
    JOIN deal_history AS h ON h.id = d.id
    JOIN assigned AS s ON s.account = d.account
    WHERE d.decided_at IS NULL OR d.decided_at >= s.started_at
),
touched AS (
    SELECT d.id, count(*) AS days
    FROM dealt AS d
    JOIN account_touch_days AS t ON t.account = d.account AND t.social > 0 AND t.day >= CAST(d.began_at AS DATE)
        AND t.day <= CAST(least(coalesce(d.decided_at, d.ended_at), d.ended_at) AS DATE)
    GROUP BY d.id
)
SELECT d.id, d.account, d.arm, d.stratum, d.started_at, d.opened_at, d.began_at, d.decided_at, d.outcome,
    d.outcome = 'won' AND d.decided_at < d.ended_at AS is_won,
    date_diff('second', d.began_at, d.decided_at) / 86400.0 AS days, coalesce(t.days, 0) > 0 AS is_touched,
    d.source_file, d.source_row
FROM dealt AS d
LEFT JOIN touched AS t ON t.id = d.id
WHERE d.ended_at <= TIMESTAMP '{until}'
ORDER BY d.id
"""
_WITHIN = "{table}.day >= CAST(s.started_at AS DATE) AND {table}.day < CAST(TIMESTAMP '{{until}}' AS DATE)"
#: Every company dealt, with what it bought from the start to the end.
COMPANIES = f"""
WITH {{assigned}},
bought AS (
    SELECT s.account, count(*) FILTER (WHERE p.kind = 'win') AS wins,
        sum(p.value) FILTER (
            WHERE p.kind = {{sold_as}} AND coalesce(upper(trim(p.currency)), {{currency}}) = {{currency}}
        ) AS value
    FROM assigned AS s
    JOIN purchases AS p ON p.account = s.account AND {_WITHIN.format(table="p")}
    GROUP BY s.account
),
touched AS (
    SELECT s.account, sum(t.social) AS contacts
    FROM assigned AS s
    JOIN account_touch_days AS t ON t.account = s.account AND {_WITHIN.format(table="t")}
    GROUP BY s.account
)
SELECT s.account AS id, s.account, s.arm, s.stratum, s.started_at, s.started_at AS began_at,
    coalesce(b.wins, 0) AS wins, coalesce(b.value, 0) AS value, coalesce(t.contacts, 0) > 0 AS is_touched,
    s.source_file, s.source_row
FROM assigned AS s
LEFT JOIN bought AS b ON b.account = s.account
LEFT JOIN touched AS t ON t.account = s.account
ORDER BY s.account
"""
#: Subscriptions that ran at the start, and which of them were lost by the end.
CONTRACTS = f"""
WITH {{assigned}},
touched AS (
    SELECT s.account, sum(t.social) AS contacts
    FROM assigned AS s
    JOIN account_touch_days AS t ON t.account = s.account AND {_WITHIN.format(table="t")}
    GROUP BY s.account
)
SELECT c.id, c.account, s.arm, s.stratum, s.started_at, s.started_at AS began_at, c.started_on, c.ended_on,
    coalesce(c.ended_on < CAST(TIMESTAMP '{{until}}' AS DATE), FALSE) AND NOT c.is_renewed AS is_lost,
    coalesce(t.contacts, 0) > 0 AS is_touched, c.source_file, c.source_row
FROM contracts AS c
JOIN assigned AS s ON s.account = c.account
LEFT JOIN touched AS t ON t.account = c.account
WHERE NOT c.is_impossible AND c.started_on < CAST(s.started_at AS DATE)
    AND (c.ended_on IS NULL OR c.ended_on >= CAST(s.started_at AS DATE))
ORDER BY c.id
"""
#: Deals of the companies dealt whose dates say nothing, though they may belong to the time.
UNDATED = """
WITH {assigned}
SELECT s.arm, count(DISTINCT s.account) AS companies
FROM deals AS d
JOIN assigned AS s ON s.account = d.account
LEFT JOIN deal_history AS h ON h.id = d.id
WHERE h.id IS NULL AND coalesce(d.opened_at >= s.started_at, TRUE)
GROUP BY s.arm
ORDER BY s.arm
"""
#: What was known of the companies before the start.
BEFORE = """
WITH {assigned},
touched AS (
    SELECT s.account, sum(t.engagement) AS engagement, sum(t.social) AS social, sum(t.service) AS service
    FROM assigned AS s
    JOIN account_touch_days AS t ON t.account = s.account AND t.day < CAST(s.started_at AS DATE)
        AND t.day >= CAST(s.started_at AS DATE) - {history_days}
    GROUP BY s.account
),
decided AS (
    SELECT s.account, count(*) AS deals, count(*) FILTER (WHERE d.outcome = 'won') AS wins
    FROM assigned AS s
    JOIN deals AS d ON d.account = s.account AND d.decided_at < s.started_at
    GROUP BY s.account
)
SELECT s.account, s.arm, s.stratum, ln(1 + coalesce(t.engagement, 0)) AS engagement,
    ln(1 + coalesce(t.social, 0)) AS social, ln(1 + coalesce(t.service, 0)) AS service,
    ln(1 + coalesce(d.deals, 0)) AS deals_before, ln(1 + coalesce(d.wins, 0)) AS wins_before,
    ln(1 + greatest(coalesce(f.employees, 0), 0)) AS employees,
    coalesce(date_diff('day', k.known_on, CAST(s.started_at AS DATE)), 0) AS days_known
FROM assigned AS s
LEFT JOIN known_accounts AS k ON k.account = s.account
LEFT JOIN account_facts AS f ON f.account = s.account
LEFT JOIN touched AS t ON t.account = s.account
LEFT JOIN decided AS d ON d.account = s.account
ORDER BY s.account
"""
NUMBERS = ("engagement", "social", "service", "deals_before", "wins_before", "employees", "days_known")


@dataclass(frozen=True)
class Followed:
    """Units of the companies dealt: what is estimated from, when each began, and the query of their rows.

    ``rows`` are as the query gives them, ``weeks`` how long each unit was followed.
    """

    dealt: Dealt
    rows: Mapping[str, NDArray[Any]]
    weeks: int
    model: str
    query: str


def followed(tables: Fetches, terms: Terms, experiment: Experiment) -> Followed:
    """The units of an experiment's question, each with its outcome: as many as the time allows."""
    asked = ASKED[experiment.question]
    weeks = asked.longer * terms.workspace.horizon_weeks
    model, query = _query(tables, terms, experiment, weeks)
    rows = collect(tables, query)
    if asked.unit != "deal":
        weeks = max(1, round((experiment.until - experiment.starts) / dt.timedelta(weeks=1)))
    dealt = Dealt(
        outcome=_outcome(rows, experiment.question, weeks),
        treated=(rows["arm"] == TREATED).astype(np.int64),
        touched=rows["is_touched"].astype(np.int64),
        company=rows["account"],
        stratum=np.array(["" if s is None else str(s) for s in rows["stratum"]], dtype=object),
    )
    return Followed(dealt, rows, weeks, model, query)


def _query(tables: Fetches, terms: Terms, experiment: Experiment, weeks: int) -> tuple[str, str]:
    given = {"assigned": experiment.assigned(), "until": experiment.until.isoformat(sep=" "), "days": 7 * weeks}
    match ASKED[experiment.question].unit:
        case "deal":
            return "deal_history", DEALS.format(**given)
        case "subscription":
            return "contracts", CONTRACTS.format(**given)
    kinds = collect(tables, SOLD_AS)
    sold_as = "win" if kinds["wins"][0] or not kinds["orders"][0] else "order"
    more = {"sold_as": literal(sold_as), "currency": literal(terms.workspace.currency)}
    return "purchases", COMPANIES.format(**given, **more)


def _outcome(rows: Mapping[str, NDArray[Any]], question: str, weeks: int) -> Floats:
    asked = ASKED[question]
    if asked.unit == "subscription":
        return rows["is_lost"].astype(np.float64)
    if asked.unit == "company":
        return np.asarray(rows["value"] if asked.measure == "worth" else rows["wins"] > 0, dtype=np.float64)
    won = rows["is_won"].astype(bool)
    if asked.measure == "days":
        return np.where(won, np.minimum(rows["days"], 7.0 * weeks), 7.0 * weeks)
    return won.astype(np.float64)


def undated(tables: Fetches, experiment: Experiment) -> dict[str, int]:
    """Companies in each arm with a deal whose dates say nothing; none where the question is not about deals."""
    if ASKED[experiment.question].unit != "deal":
        return {}
    rows = collect(tables, UNDATED.format(assigned=experiment.assigned()))
    return {str(arm): int(n) for arm, n in zip(rows["arm"], rows["companies"], strict=True)}


def before(tables: Fetches, terms: Terms, experiment: Experiment) -> dict[str, NDArray[Any]]:
    """The companies dealt, with what was known of them before the start: ``NUMBERS``, ``arm`` and ``stratum``."""
    days = terms.parameters["history_days"]
    return collect(tables, BEFORE.format(assigned=experiment.assigned(), history_days=days))


def companies_before(tables: Fetches, terms: Terms, experiment: Experiment) -> Units:
    """The same as units that are treated or not; their outcome is nothing yet."""
    rows = before(tables, terms, experiment)
    return Units(
        id=rows["account"],
        group=grouped(rows["account"]),
        treated=(rows["arm"] == TREATED).astype(np.int64),
        outcome=np.zeros(len(rows["account"])),
        covariates=covariates(rows, NUMBERS, ("stratum",)),
    )
