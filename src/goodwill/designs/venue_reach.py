"""Which deals each venue touched, which it touched alone, and what was spent and touched month by month.

A deal counts from its first social touch while it was open, and only if that touch fell into the months of which the
cost is known: cost and deals are then of one period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.exports import literal
from goodwill.registry import Terms
from goodwill.verdicts import Evidence, Figure
from goodwill.warehouse import Tables

Rows = list[dict[str, Any]]
#: Moments between which the cost is known, as SQL: from the first month with a line to the end of the last.
SPAN = """
SELECT CAST(min(month) AS VARCHAR) AS first, CAST(max(month) + INTERVAL 1 MONTH AS VARCHAR) AS last,
    CAST((SELECT CAST(min(opened_at) AS DATE) FROM deal_history) AS VARCHAR) AS deals_since
FROM cost_lines
"""
#: What every row behind a count shows.
SHOWN = "id, venue, first_social_at, first_at, venues, outcome, source_file, source_row"
BY_VENUE = """
SELECT venue, count(*) AS all_deals, count(*) FILTER (WHERE venues = 1) AS alone_deals,
    count(*) FILTER (WHERE outcome = 'won') AS all_wins,
    count(*) FILTER (WHERE outcome = 'won' AND venues = 1) AS alone_wins
FROM deal_venues
WHERE {within}
GROUP BY venue
ORDER BY venue
"""
BY_MONTH = """
WITH months AS (
    SELECT DISTINCT month FROM cost_lines
),
subscribed AS (
    SELECT coalesce(sum(CAST(monthly_tools AS DECIMAL(18, 2))), 0) AS tools FROM setting_venues
),
paid AS (
    SELECT month, sum(CAST(amount AS DECIMAL(18, 2))) AS cost
    FROM cost_lines
    WHERE (currency IS NULL OR currency = $currency) AND venue IN ({venues})
    GROUP BY month
),
deals_once AS (
    SELECT DISTINCT id, first_social_at FROM deal_venues WHERE {within}
),
firsts AS (
    SELECT date_trunc('month', first_social_at) AS month, count(*) AS deals FROM deals_once GROUP BY 1
),
dues AS (
    SELECT date_trunc('month', first_social_at + to_days(CAST($horizon_days AS INTEGER))) AS month, count(*) AS deals
    FROM deals_once
    WHERE first_social_at + to_days(CAST($horizon_days AS INTEGER)) < $end
    GROUP BY 1
),
every AS (
    SELECT month FROM months UNION SELECT month FROM firsts
    UNION SELECT month FROM dues WHERE month <= (SELECT max(month) FROM months)
)
SELECT strftime(e.month, '%Y-%m') AS month,
    coalesce(p.cost, 0) + CASE WHEN m.month IS NULL THEN 0 ELSE s.tools END AS cost,
    coalesce(f.deals, 0) AS first_deals, coalesce(d.deals, 0) AS due_deals
FROM every AS e
CROSS JOIN subscribed AS s
LEFT JOIN months AS m ON m.month = e.month
LEFT JOIN paid AS p ON p.month = e.month
LEFT JOIN firsts AS f ON f.month = e.month
LEFT JOIN dues AS d ON d.month = e.month
ORDER BY e.month
"""
BY_STAGE = """
WITH deals_once AS (
    SELECT DISTINCT id, outcome FROM deal_venues WHERE {within}
)
SELECT 'touched while open' AS stage, 0 AS place, count(*) AS deals FROM deals_once
UNION ALL
SELECT s.stage, s.place, count(*) AS deals FROM deals_once AS d JOIN deal_stages AS s ON s.id = d.id
GROUP BY s.stage, s.place
UNION ALL
SELECT 'won' AS stage, NULL AS place, count(*) FILTER (WHERE outcome = 'won') AS deals FROM deals_once
ORDER BY place NULLS LAST, stage
"""


@dataclass(frozen=True)
class Reach:
    """Named tables and figures of the deals that venues touched; empty where none was touched."""

    facts: dict[str, Rows]
    figures: tuple[Figure, ...]


def reach(tables: Tables, terms: Terms, venues: Sequence[str]) -> Reach:
    """What social reached in the months of which the cost is known.

    Parameters
    ----------
    venues : sequence of str
        The venues whose cost is that of social, ``shared`` among them.

    Returns
    -------
    Reach
        ``venue_deals``: per venue the deals (and wins) touched there, and those that no other venue touched.
        ``cost_by_month``: what social cost, the deals first touched, and those whose horizon ended, month by month;
        months are joined until no count of theirs is too small to be shown. ``cost_by_stage``: touched deals by the
        stages that they reached. ``valued``: since when cost and
        deals are known, the unit, the horizon in weeks, and the gross margin if it is set.
    """
    span = tables.rows(SPAN)[0]
    if span["first"] is None:
        return Reach({}, ())
    within = f"first_social_at >= TIMESTAMP '{span['first']}' AND first_social_at < TIMESTAMP '{span['last']}'"
    by_venue = tables.rows(BY_VENUE.format(within=within))
    if not by_venue:
        return Reach({}, ())
    stages = tables.rows(BY_STAGE.format(within=within))
    valued = _valued(tables, terms, span)
    facts = {
        "venue_deals": [row for row in by_venue if row["venue"] in venues],
        "cost_by_month": _months(tables, terms, venues, within),
        "cost_by_stage": stages if len(stages) > 2 else [],
        "valued": [valued],
    }
    unit = str(valued["unit"])
    figures = [f for row in facts["venue_deals"] for f in _figures(row, unit, within)]
    return Reach(facts, (_total(stages[0]["deals"], unit, within), *figures))


def joined(months: Rows, smallest: int) -> Rows:
    """Months joined to the next ones until no count of deals lies between 0 and ``smallest``; the sums stay.

    Examples
    --------
    >>> rows = [{"month": "2024-01", "cost": 5.0, "first_deals": 2, "due_deals": 0},
    ...         {"month": "2024-02", "cost": 6.0, "first_deals": 7, "due_deals": 0}]
    >>> joined(rows, 5)
    [{'month': '2024-02', 'cost': 11.0, 'first_deals': 9, 'due_deals': 0}]
    """
    found: Rows = []
    is_open = False
    for row in months:
        found.append(_added(found.pop(), row) if is_open else row)
        is_open = _is_small(found[-1], smallest)
    while len(found) > 1 and _is_small(found[-1], smallest):
        last = found.pop()
        found.append(_added(found.pop(), last))
    return found


def _is_small(row: dict[str, Any], smallest: int) -> bool:
    return any(0 < row[name] < smallest for name in ("first_deals", "due_deals"))


def _added(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: other[name] if name == "month" else one[name] + other[name] for name in one}


def _months(tables: Tables, terms: Terms, venues: Sequence[str], within: str) -> Rows:
    rows = tables.rows(
        BY_MONTH.format(within=within, venues=", ".join(literal(venue) for venue in venues) or "NULL"),
        currency=terms.workspace.currency,
        horizon_days=7 * terms.workspace.horizon_weeks,
        **terms.parameters,
    )
    exact = joined(rows, terms.workspace.smallest_cell)
    return [{**row, "cost": float(row["cost"])} for row in exact]


def _valued(tables: Tables, terms: Terms, span: dict[str, Any]) -> dict[str, Any]:
    margin = terms.workspace.gross_margin
    unit = str(tables.rows("SELECT min(unit) AS unit FROM deals")[0]["unit"])
    told = {
        "first": span["first"][:7], "deals_since": span["deals_since"][:7], "unit": unit,
        "horizon_weeks": terms.workspace.horizon_weeks,
    }  # fmt: skip
    return told if margin is None else {**told, "gross_margin": margin}


def _figures(row: dict[str, Any], unit: str, within: str) -> list[Figure]:
    """The two counts between which a venue's part lies, each with its rows."""
    venue = str(row["venue"])
    here = f"SELECT {SHOWN} FROM deal_venues WHERE venue = {literal(venue)} AND {within}"
    return [
        Figure(f"{venue}_{name}", f"{venue}: {_many(unit)} {said}", float(row[name]), "count",
               evidence=Evidence("deal_venues", f"{here}{only} ORDER BY id"))
        for name, said, only in (
            ("all_deals", "it touched while open, in the months of the cost", ""),
            ("alone_deals", "that no other venue touched while open", " AND venues = 1"),
        )
    ]  # fmt: skip


def _total(deals: int, unit: str, within: str) -> Figure:
    rows = f"SELECT DISTINCT id, first_social_at, outcome, source_file, source_row FROM deal_venues WHERE {within}"
    evidence = Evidence("deal_venues", f"{rows} ORDER BY id")
    label = f"{_many(unit)} first touched on social while open, in the months of the cost"
    return Figure("first_touched_deals", label, float(deals), "count", evidence=evidence)


def _many(unit: str) -> str:
    return "opportunities" if unit == "opportunity" else f"{unit}s"
