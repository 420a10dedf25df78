"""What does each venue cost in full, and what does one outcome cost there?"""

from __future__ import annotations

from typing import Any

from goodwill.designs.other_currencies import is_ours, only_others
from goodwill.designs.venue_reach import reach
from goodwill.errors import CannotTell
from goodwill.exports import literal
from goodwill.registry import Question, Terms
from goodwill.sources.channels import SOCIAL_NETWORKS
from goodwill.verdicts import Evidence, Figure, Verdict
from goodwill.warehouse import Tables

NAME = "cost"
ASKS = "What does each venue cost in full, and what does one outcome cost?"

#: Hours times loaded rate, plus what was paid, per venue; money of other currencies is counted apart, never added.
BY_VENUE = """
WITH months AS (
    SELECT count(DISTINCT month) AS n FROM cost_lines
),
lines AS (
    SELECT venue, sum(CAST(hours AS DECIMAL(18, 4))) AS hours,
        sum(CAST(amount AS DECIMAL(18, 2))) FILTER (WHERE kind = 'labour') AS labour,
        sum(CAST(amount AS DECIMAL(18, 2))) FILTER (WHERE kind = 'media') AS media,
        sum(CAST(amount AS DECIMAL(18, 2))) FILTER (WHERE kind = 'tools') AS tools,
        sum(CAST(amount AS DECIMAL(18, 2))) FILTER (WHERE kind = 'agency') AS agency,
        sum(CAST(amount AS DECIMAL(18, 2))) FILTER (WHERE kind NOT IN ('labour', 'media', 'tools', 'agency')) AS other
    FROM cost_lines
    WHERE currency IS NULL OR currency = $currency
    GROUP BY venue
),
subscribed AS (
    SELECT venue, CAST(monthly_tools AS DECIMAL(18, 2)) * (SELECT n FROM months) AS tools
    FROM setting_venues WHERE monthly_tools > 0
),
venues AS (
    SELECT venue FROM lines UNION SELECT venue FROM subscribed
),
touched AS (
    SELECT venue, count(*) AS touches, count(DISTINCT person) AS people
    FROM timeline WHERE touch_kind IS NOT NULL GROUP BY venue
),
on_deals AS (
    SELECT t.venue, count(DISTINCT d.id) AS deals, count(DISTINCT d.id) FILTER (WHERE d.outcome = 'won') AS wins
    FROM timeline AS t
    JOIN deal_history AS h ON h.account = t.account AND t."at" >= h.opened_at AND t."at" < h.until_at
    JOIN deals AS d ON d.id = h.id
    WHERE t.touch_kind IS NOT NULL
    GROUP BY t.venue
)
SELECT v.venue, coalesce(l.hours, 0) AS hours, coalesce(l.labour, 0) AS labour, coalesce(l.media, 0) AS media,
    coalesce(l.tools, 0) + coalesce(s.tools, 0) AS tools,
    coalesce(l.agency, 0) AS agency, coalesce(l.other, 0) AS other,
    coalesce(t.touches, 0) AS touches, coalesce(t.people, 0) AS people,
    coalesce(o.deals, 0) AS deals_touched, coalesce(o.wins, 0) AS wins_touched,
    v.venue IN (SELECT venue FROM timeline WHERE is_social)
        OR v.venue IN (SELECT lower(trim(venue)) FROM items WHERE is_own)
        OR v.venue IN (SELECT venue FROM setting_venues) AS is_social
FROM venues AS v
LEFT JOIN lines AS l ON l.venue = v.venue
LEFT JOIN subscribed AS s ON s.venue = v.venue
LEFT JOIN touched AS t ON t.venue = v.venue
LEFT JOIN on_deals AS o ON o.venue = v.venue
ORDER BY v.venue
"""
#: What the sums leave out, and the months they cover.
GAPS = """
SELECT count(*) AS lines, coalesce(sum(hours) FILTER (WHERE has_no_rate), 0) AS hours_without_rate,
    coalesce(sum(hours), 0) AS hours, count(*) FILTER (WHERE currency <> $currency) AS foreign_lines,
    CAST(min(month) AS VARCHAR) AS first, CAST(max(month) AS VARCHAR) AS last
FROM cost_lines
"""
KINDS = ("labour", "media", "tools", "agency", "other")


def ask(tables: Tables, terms: Terms) -> Verdict:
    """Full cost per venue, and per touch, person and deal touched there."""
    currency = terms.workspace.currency
    rows = tables.rows(BY_VENUE, currency=currency, **terms.parameters)
    venues = [_row(row) for row in rows]
    if not venues:
        raise only_others(tables, "cost_lines", currency) or CannotTell(
            "no hours and no spending are in the exports",
            settles="a time sheet, and the bills for tools, media and agencies (or monthly_tools under [venues])",
        )
    social = [v for v in venues if v.pop("is_social") or v["venue"] in ("shared", *SOCIAL_NETWORKS)]
    others = [dict(row) for row in venues if row not in social]
    gaps = tables.rows(GAPS, currency=currency)[0]
    reached = reach(tables, terms, [str(v["venue"]) for v in social])
    return Verdict(
        NAME,
        ASKS,
        population="all hours and payments in the exports",
        unit="venue",
        method="hours times loaded hourly cost, plus tools, media, agency and other payments",
        period=(gaps["first"] or "", gaps["last"] or ""),
        figures=(
            _whole(tables, social, currency),
            *(f for v in [*social, *others] for f in _figures(v, currency)),
            *reached.figures,
        ),
        n=int(gaps["lines"]),
        coverage={"hours_with_a_rate": 1 - gaps["hours_without_rate"] / gaps["hours"]} if gaps["hours"] else {},
        standing="described",
        facts={"by_venue": social, "other_venues": others, **reached.facts},
        notes=_notes(gaps, currency),
        decision="which venues are worth their hours",
    )


def _whole(tables: Tables, social: list[dict[str, Any]], currency: str) -> Figure:
    """The full cost of social as one figure, with the lines of all its venues."""
    venues = ", ".join(literal(str(row["venue"])) for row in social) or "NULL"
    lines = f"FROM cost_lines WHERE venue IN ({venues}) AND {is_ours(currency)}"
    return Figure(
        "total",
        "full cost of social",
        sum(float(row["total"]) for row in social),
        "money",
        n=int(tables.rows(f"SELECT count(*) AS n {lines}")[0]["n"]),
        definition="full cost per venue",
        evidence=Evidence("cost_lines", f"SELECT * {lines} ORDER BY ALL"),
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """A venue's row with its total; decimals become floats only after they were added exactly."""
    total = float(sum(row[kind] for kind in KINDS))
    return {k: float(v) if k in (*KINDS, "hours") else v for k, v in row.items()} | {"total": total}


def _figures(row: dict[str, Any], currency: str) -> list[Figure]:
    venue, total = str(row["venue"]), float(row["total"])
    lines = f"SELECT * FROM cost_lines WHERE venue = {literal(venue)} AND {is_ours(currency)} ORDER BY ALL"
    paid = Evidence("cost_lines", lines)
    found = [
        Figure(venue, f"{venue}: full cost", total, "money", n=None, definition="full cost per venue", evidence=paid),
        Figure(
            f"{venue}_hours",
            f"{venue}: hours",
            float(row["hours"]),
            "hours",
            definition="full cost per venue",
            evidence=paid,
        ),
    ]
    for outcome, name in (
        ("touches", "inbound touch"),
        ("people", "person who touched us"),
        ("deals_touched", "deal touched"),
    ):
        if row[outcome]:
            found.append(
                Figure(
                    f"{venue}_per_{outcome}",
                    f"{venue}: cost of one {name}",
                    total / row[outcome],
                    "money",
                    n=row[outcome],
                    evidence=paid,
                )
            )
    return found


def _notes(gaps: dict[str, Any], currency: str) -> tuple[str, ...]:
    notes = [
        "A cost per deal touched says what contact cost, not what social caused; "
        "venues overlap, so they must not be added up."
    ]
    if gaps["hours_without_rate"]:
        notes.append(
            f"{gaps['hours_without_rate']:,.1f} hours have no hourly cost and are counted as free; "
            "set hourly_cost under [teams] in goodwill.toml."
        )
    if gaps["foreign_lines"]:
        notes.append(f"{gaps['foreign_lines']:,} lines are not in {currency} and are left out of the sums.")
    return tuple(notes)


QUESTION = Question(
    number=7,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("effort or spend",),
    estimand="Hours times loaded hourly cost, plus tools, media, agency and other payments, for each venue over the "
    "period; and that sum divided by what came back there. Beside it, where the answer on sales gives an effect: what "
    "would be lost if the venue were dropped, between the deals that it alone touched and all that it touched.",
    assumptions=(
        "Time sheets are complete: paid labour is on no invoice.",
        "What names no venue is shared and shown apart, not spread by a hidden rule.",
        "For what would be lost without a venue: all venues have the one effect that the answer on sales found, and a "
        "deal touched by several would have been lost either with all or with none of them.",
    ),
    falsified_by=("Hours in the time sheet that add up to far less than the team's contracts.",),
    references=("Barcelona Principles 3.0 (AMEC 2020): no advertising-value equivalents.",),
    definitions=("full cost per venue",),
)
