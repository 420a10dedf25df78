"""What the last run knows of one venue, team, segment or period: counted anew, and no more than counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from goodwill.verdicts.small_cells import hide_small
from goodwill.verdicts.verdict import Verdict
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import DuckDBTables

#: Sizes of companies, by employees from and below; after the European Union's definition of small and medium ones.
SIZES = (("1 to 9", 1, 10), ("10 to 49", 10, 50), ("50 to 249", 50, 250), ("250 and more", 250, 10**12))
#: Companies of a segment, by the kind of segment; each names what was chosen as a parameter.
_PICKED = {
    "industry": "SELECT account FROM account_facts WHERE industry = $segment",
    "country": "SELECT account FROM account_facts WHERE country = $segment",
    "size": "SELECT account FROM account_facts WHERE employees >= $least AND employees < $below",
    "deals": "SELECT account FROM deals WHERE segment = $segment",
}
#: Every touch on social venues: few enough to be kept at hand until somebody runs anew.
_SOCIAL = """SELECT "at", venue, account,
    CASE WHEN coalesce(person, actor) IS NOT NULL THEN hash(coalesce(person, actor)) END AS who,
    touch_kind IS NOT NULL AS is_in, coalesce(direction = 'outbound', FALSE) AS is_out,
    lower(trim(team)) AS team
FROM timeline WHERE is_social AND NOT is_bot"""
_VENUES = """SELECT venue AS name FROM social_touches WHERE is_in AND venue IS NOT NULL
    GROUP BY venue HAVING count(DISTINCT who) >= $smallest ORDER BY count(*) DESC, venue"""
_TEAMS = """SELECT name FROM (
        SELECT lower(trim(team)) AS name FROM effort UNION ALL SELECT team FROM social_touches WHERE team IS NOT NULL
    ) WHERE name <> '' GROUP BY name HAVING count(*) >= $smallest ORDER BY name"""
_SEGMENTS = """SELECT 'industry' AS kind, industry AS name, count(*) AS n FROM account_facts GROUP BY industry
    UNION ALL SELECT 'country', country, count(*) FROM account_facts GROUP BY country
    UNION ALL SELECT 'deals', d.segment, count(DISTINCT d.account) FROM deals AS d
        WHERE d.segment NOT IN (SELECT DISTINCT industry FROM account_facts WHERE industry IS NOT NULL)
        GROUP BY d.segment
    ORDER BY kind DESC, n DESC, name"""
_TOUCHES = """WITH touches AS (
    SELECT "at", venue, who, account, is_in, is_out {by_team} AS is_out
    FROM social_touches
    WHERE "at" >= $start AND "at" < $end {at_venue} {of_segment}
)
SELECT {group} AS name, count(*) FILTER (is_in) AS touches_in, count(*) FILTER (is_out) AS touches_out,
    count(DISTINCT who) FILTER (is_in) AS people, count(DISTINCT account) FILTER (is_in) AS companies
FROM touches GROUP BY ALL ORDER BY name"""
_DEALS = """WITH opened AS (
    SELECT id, account, opened_at, outcome = 'won' AND decided_at < $end AS is_won,
        least(coalesce(decided_at, $end), $end) AS until_at
    FROM deals
    WHERE opened_at >= $start AND opened_at < $end AND NOT is_impossible
        AND (outcome = 'open' OR decided_at IS NOT NULL) {of_segment}
),
touched AS (
    SELECT DISTINCT o.id FROM opened AS o
    JOIN social_touches AS t ON t.account = o.account AND t."at" >= o.opened_at AND t."at" < o.until_at
    WHERE t.is_in {at_venue}
)
SELECT id IN (SELECT id FROM touched) AS is_touched, count(*) AS deals, count(*) FILTER (is_won) AS wins
FROM opened GROUP BY ALL ORDER BY is_touched DESC"""
_TICKETS = """SELECT count(DISTINCT k.id) AS ticket_cases, count(DISTINCT coalesce(r.person, k.requester)) AS people,
    count(DISTINCT k.id) FILTER (first_reply_at < $end) AS answered_cases,
    median(epoch(first_reply_at - created_at) / 3600) FILTER (first_reply_at < $end) AS hours
FROM tickets AS k
LEFT JOIN resolved AS r ON r.node = k.requester
LEFT JOIN person_accounts AS p ON p.person = r.person
LEFT JOIN resolved_accounts AS a ON a.node = k.account
WHERE created_at >= $start AND created_at < $end {at_venue} {of_segment}"""
_COST = """SELECT venue AS name, kind, sum(hours) AS hours, sum(amount) AS amount,
    coalesce(sum(hours) FILTER (amount IS NULL), 0) AS unpriced
FROM cost_lines
WHERE month >= date_trunc('month', $start) AND month < $end AND coalesce(currency, $currency) = $currency {at_venue}
GROUP BY ALL ORDER BY name, kind"""
_LABOUR = """WITH rated AS (
    SELECT coalesce(lower(trim(e.venue)), 'shared') AS venue, e.hours,
        e.hours * coalesce(e.hourly_cost, t.hourly_cost, m.hourly_cost) AS amount
    FROM effort AS e
    LEFT JOIN (SELECT team, max(hourly_cost) AS hourly_cost FROM setting_teams GROUP BY team) AS t
        ON t.team = lower(trim(e.team))
    LEFT JOIN (SELECT member, max(hourly_cost) AS hourly_cost FROM setting_teams GROUP BY member) AS m
        ON m.member <> '' AND m.member = lower(trim(e.person))
    WHERE lower(trim(e.team)) = $team AND e.on_date >= $start AND e.on_date < $end
        AND coalesce(e.currency, $currency) = $currency
)
SELECT venue AS name, 'labour' AS kind, sum(hours) AS hours, sum(amount) AS amount,
    coalesce(sum(hours) FILTER (amount IS NULL), 0) AS unpriced
FROM rated WHERE TRUE {at_venue} GROUP BY ALL ORDER BY name"""


@dataclass(frozen=True)
class Choices:
    """What may be chosen: only what exists, of as many as may be shown; segments as (value, kind, name)."""

    venues: tuple[str, ...]
    teams: tuple[str, ...]
    segments: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Chosen:
    """What was chosen; empty where everything counts. Days are whole, the first and the last included."""

    since: dt.date
    as_of: dt.date
    venue: str = ""
    team: str = ""
    segment: str = ""


@dataclass(frozen=True)
class Look:
    """Counts of what was chosen, small ones hidden; ``is_few`` where all is hidden because so few people are in it."""

    chosen: Chosen
    weeks: list[dict[str, Any]]
    venues: list[dict[str, Any]]
    whole: Mapping[str, Any]
    deals: list[dict[str, Any]]
    tickets: Mapping[str, Any]
    cost: list[dict[str, Any]]
    is_few: bool = False


def social_touches(tables: DuckDBTables) -> pa.Table:
    """Every touch on social venues, to be kept at hand: counting in all tables takes several times as long."""
    return tables.arrow(_SOCIAL)


def choices(tables: Tables, touches: pa.Table, smallest: int) -> Choices:
    """What may be chosen of these tables; ``smallest`` is the least number of people or companies that may be shown."""
    least = max(smallest, 1)
    with _at_hand(tables, touches):
        venues = tables.rows(_VENUES, smallest=least)
        teams = tables.rows(_TEAMS, smallest=least)
    found = [(r["kind"], r["name"]) for r in tables.rows(_SEGMENTS) if r["name"] and r["n"] >= least]
    sizes = [("size", name) for name, low, high in SIZES if _are_enough(tables, low, high, least)]
    segments = tuple((f"{kind}:{name}", kind, name) for kind, name in (*found, *sizes))
    return Choices(tuple(r["name"] for r in venues), tuple(r["name"] for r in teams), segments)


def look(tables: Tables, touches: pa.Table, chosen: Chosen, *, smallest: int, currency: str) -> Look:
    """Everything that is counted of what was chosen.

    Parameters
    ----------
    tables : Tables
        Of the last run.
    touches : pyarrow.Table
        Its ``social_touches``.
    chosen : Chosen
        Its segment is one of ``choices``.
    smallest : int
        Counts of people or companies below this are hidden, as verdicts hide them.
    currency : str
        Amounts in others are left out.
    """
    with _at_hand(tables, touches):
        found = _counted(tables, chosen, currency)
    cost = found.pop("cost")
    people = found["whole"][0]["people"] if found["whole"] else 0
    if is_few := 0 < people < smallest:
        found = {name: [] for name in found}
    shown = hide_small(Verdict("closer", "", unit="touch", facts=found), smallest).facts  # as every answer hides them
    return Look(chosen, shown["weeks"], shown["venues"], _first(shown["whole"]), shown["deals"],
                _first(shown["tickets"]), cost, is_few)  # fmt: skip


def _counted(tables: Tables, chosen: Chosen, currency: str) -> dict[str, list[dict[str, Any]]]:
    given, of = _parameters(chosen) | {"currency": currency}, _fragments(chosen)

    def touches_by(group: str) -> list[dict[str, Any]]:
        return tables.rows(_TOUCHES.format(group=group, **of["touches"]), **given)

    return {
        "weeks": touches_by("CAST(date_trunc('week', \"at\") AS DATE)"),
        "venues": touches_by("venue"),
        "whole": touches_by("'all'"),
        "deals": tables.rows(_DEALS.format(**of["deals"]), **given),
        "tickets": tables.rows(_TICKETS.format(**of["tickets"]), **given),
        "cost": tables.rows((_LABOUR if chosen.team else _COST).format(at_venue=of["cost"]), **given),
    }


@contextmanager
def _at_hand(tables: Tables, touches: pa.Table) -> Iterator[None]:
    tables.register("social_touches", touches)
    try:
        yield
    finally:
        tables.forget("social_touches")


def _first(rows: list[dict[str, Any]]) -> Mapping[str, Any]:
    return rows[0] if rows else {}


def _are_enough(tables: Tables, low: int, high: int, least: int) -> bool:
    query = "SELECT count(*) AS n FROM account_facts WHERE employees >= $low AND employees < $high"
    return bool(tables.rows(query, low=low, high=high)[0]["n"] >= least)


def _parameters(chosen: Chosen) -> dict[str, Any]:
    kind, _, name = chosen.segment.partition(":")
    low, high = next(((low, high) for size, low, high in SIZES if kind == "size" and size == name), (0, 0))
    midnight = dt.time()
    return {
        "start": dt.datetime.combine(chosen.since, midnight),
        "end": dt.datetime.combine(chosen.as_of + dt.timedelta(days=1), midnight),
        "venue": chosen.venue,
        "team": chosen.team,
        "segment": name,
        "least": low,
        "below": high,
    }


def _fragments(chosen: Chosen) -> dict[str, Any]:
    """The conditions of each query; what was chosen itself goes in as parameters."""
    picked = _PICKED.get(chosen.segment.partition(":")[0], "")
    venue = "AND {} = $venue" if chosen.venue else ""
    via = "AND CASE lower(trim(k.via)) WHEN 'twitter' THEN 'x' ELSE lower(trim(k.via)) END = $venue"
    return {
        "touches": {
            "at_venue": venue.format("venue"),
            "by_team": "AND coalesce(team = $team, FALSE)" if chosen.team else "",
            "of_segment": f"AND (is_out OR account IN ({picked}))" if picked else "",
        },
        "deals": {
            "at_venue": venue.format("t.venue"),
            "of_segment": _deals_of(chosen, picked),
        },
        "tickets": {
            "at_venue": via if chosen.venue else "",
            "of_segment": f"AND coalesce(a.account, p.account) IN ({picked})" if picked else "",
        },
        "cost": venue.format("venue"),
    }


def _deals_of(chosen: Chosen, picked: str) -> str:
    """A deal's own segment speaks for the deal; else the company's does."""
    if chosen.segment.startswith("deals:"):
        return "AND segment = $segment"
    return f"AND account IN ({picked})" if picked else ""
