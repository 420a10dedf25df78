"""Do we converse, or broadcast? First form: what we published and what came back, per venue and week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from goodwill.designs.marked_days import events, targets
from goodwill.designs.refused_rows import refused_remark
from goodwill.designs.shares import wilson
from goodwill.errors import CannotTell
from goodwill.exports import literal
from goodwill.registry import Question, Terms
from goodwill.verdicts import Evidence, Figure, Verdict
from goodwill.warehouse import Tables

NAME = "conversation"
ASKS = "Do we converse, or broadcast: what did we publish, and what came back?"

BY_WEEK = """
SELECT CAST(week AS VARCHAR) AS week, venue, posts, replies, comments_in AS comments, reactions_in AS reactions,
    shares_in AS shares, people_in AS people, impressions, actions
FROM venue_weeks
ORDER BY week, venue
"""
BY_VENUE = """
SELECT venue, CAST(sum(posts) AS BIGINT) AS posts, CAST(sum(replies) AS BIGINT) AS replies,
    CAST(sum(comments_in) AS BIGINT) AS comments, CAST(sum(reactions_in) AS BIGINT) AS reactions,
    CAST(sum(shares_in) AS BIGINT) AS shares, sum(impressions) AS impressions, sum(actions) AS actions
FROM venue_weeks
GROUP BY venue
ORDER BY venue
"""


def ask(tables: Tables, terms: Terms) -> Verdict:
    """What was published and what came back; counts of the exports, nothing inferred."""
    weeks = tables.rows(BY_WEEK)
    venues = tables.rows(BY_VENUE)
    if not weeks:
        raise CannotTell(
            f"no posts of ours and no social touches are in the exports{refused_remark(tables, 'interactions')}",
            settles="the posts or page export of each network we are on",
        )
    level = terms.workspace.level
    figures = [*_whole(venues, level), *(f for row in venues for f in _figures(row, level))]
    return Verdict(
        NAME,
        ASKS,
        population="our own posts and replies, and every reaction to them that the exports hold",
        unit="venue week",
        method="counts per venue and week",
        period=(weeks[0]["week"], weeks[-1]["week"]),
        figures=tuple(figures),
        n=len(weeks),
        standing="described",
        facts={"by_week": weeks, "totals": venues, **_beside(tables, terms)},
        notes=(
            "Impressions and actions are the networks' own aggregates; comments, reactions and shares count people's "
            "dated touches where an export names them. The two are never added.",
            "Where an export holds no reply of ours, whether we answer there cannot be told.",
            "Daily figures are used where a network gives them, else lifetime figures by week of publication.",
        ),
        decision="where to answer more and post less",
    )


def _beside(tables: Tables, terms: Terms) -> dict[str, list[dict[str, Any]]]:
    """What stands beside the weeks: days on which something began, goals, and the last day that counts."""
    found = {"events": events(tables, terms.end), "target": targets(terms.workspace.goals)}
    until = [{"day": (terms.end - dt.timedelta(days=1)).date().isoformat()}]
    return {"until": until, **{name: rows for name, rows in found.items() if rows}}


def _whole(venues: list[dict[str, Any]], level: float) -> list[Figure]:
    """Over all venues: the share that answers somebody, where exports hold replies; and all that we wrote."""
    written = sum(row["posts"] + row["replies"] for row in venues)
    found = []
    answering = [row for row in venues if row["replies"]]
    if answering:
        names = ", ".join(literal(str(row["venue"])) for row in answering)
        rows = Evidence(
            "items", f'SELECT * FROM items WHERE lower(trim(venue)) IN ({names}) AND is_own ORDER BY "at", id'
        )
        replies, posts = (sum(row[name] for row in answering) for name in ("replies", "posts"))
        published = replies + posts
        share, low, high = wilson(replies, published, level)
        label = "share of what we wrote that answers somebody, where exports hold replies of ours"
        found.append(Figure("reply_share", label, share, "share", published, low, high, level, evidence=rows))
    if written:
        own = Evidence("items", 'SELECT * FROM items WHERE is_own ORDER BY "at", id')
        found.append(Figure("items", "posts and replies of ours", float(written), "count", evidence=own))
    return found


def _figures(row: dict[str, Any], level: float) -> list[Figure]:
    venue = str(row["venue"])
    here = f"WHERE lower(trim(venue)) = {literal(venue)}"
    own = Evidence("items", f'SELECT * FROM items {here} AND is_own ORDER BY "at", id')
    back = Evidence(
        "timeline",
        f"SELECT * FROM timeline {here} AND is_social AND direction = 'inbound' "
        'ORDER BY "at", source_file, source_row',
    )
    seen = Evidence("exposures", f"SELECT * FROM exposures {here} ORDER BY source_file, source_row, native_metric")
    counted = [
        *((k, f"{venue}: {k}", own) for k in ("posts", "replies")),
        *((k, f"{venue}: {k} by people", back) for k in ("comments", "reactions", "shares")),
        *((k, f"{venue}: {k}, as the network counts them", seen) for k in ("impressions", "actions")),
    ]
    found = [
        Figure(f"{venue}_{name}", label, float(row[name]), "count", evidence=rows)
        for name, label, rows in counted
        if row[name]
    ]
    published = row["posts"] + row["replies"]
    if row["replies"]:  # an export without any reply of ours says nothing on whether we answer
        share, low, high = wilson(row["replies"], published, level)
        label = f"{venue}: share of what we wrote that answers somebody"
        found.append(
            Figure(
                f"{venue}_reply_share",
                label,
                share,
                "share",
                n=published,
                low=low,
                high=high,
                level=level,
                evidence=own,
            )
        )
    return found


QUESTION = Question(
    number=9,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("items", "exposures", "interactions"),
    estimand="Counts of own posts and replies and of what came back, per venue and week.",
    assumptions=("The exports hold every post of the period.",),
    falsified_by=("Totals that differ from what the network itself shows for the same days.",),
    references=("Conclave on Social Media Measurement Standards (2013): items, mentions, engagement, conversation.",),
    definitions=("item", "engagement", "conversation"),
)
