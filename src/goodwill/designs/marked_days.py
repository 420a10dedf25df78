"""What happened on which day, to stand beside a trend: campaigns begin, venues open; and the goals set for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from goodwill.warehouse import Tables

Rows = list[dict[str, Any]]
#: Marks beyond this hide the trend that they are to explain; the latest are kept.
MOST_EVENTS = 8
#: Characters of a campaign's name.
LONGEST = 40
#: A venue whose first post lies so near the first of all was there before the exports begin, for all we know.
SURELY_NEW = 28
#: What a goal may name here: numbers a week over all venues, or the share of what we write that answers somebody.
MEASURES = ("posts", "replies", "comments", "reactions", "shares", "impressions", "actions", "reply_share")
#: A goal about the whole question is one about the number that it answers with.
OF_THE_QUESTION = {"conversation": "reply_share"}
FIRST_POSTS = """
SELECT lower(trim(venue)) AS label, CAST(min("at") AS DATE) AS day
FROM items
WHERE is_own AND "at" < $end AND venue IS NOT NULL
GROUP BY 1
ORDER BY 2, 1
"""
#: A campaign that no list of campaigns knows began with the first thing we published for it.
CAMPAIGNS = """
WITH listed AS (
    SELECT id, coalesce(name, id) AS label, CAST(min(started_at) AS DATE) AS day
    FROM campaigns WHERE started_at < $end GROUP BY 1, 2
),
published AS (
    SELECT trim(campaign) AS label, CAST(min("at") AS DATE) AS day
    FROM items WHERE is_own AND "at" < $end AND trim(campaign) <> '' GROUP BY 1
),
together AS (
    SELECT label, day FROM listed
    UNION ALL
    SELECT p.label, p.day
    FROM published AS p
    WHERE NOT EXISTS (SELECT 1 FROM campaigns AS c WHERE c.id = p.label OR c.name = p.label)
)
SELECT label, min(day) AS day FROM together GROUP BY label ORDER BY day DESC, label LIMIT {most}
"""


def events(tables: Tables, end: dt.datetime) -> Rows:
    """The days on which venues opened and campaigns began: ``day`` (ISO), ``label`` and ``kind``, at most eight.

    A venue counts as opened with its first post if that came well after the first of all venues. A name in which an
    address stands could be that of a person, and is not told.
    """
    posts = tables.rows(FIRST_POSTS, end=end)
    opened = [row for row in posts if (row["day"] - posts[0]["day"]).days > SURELY_NEW]
    begun = tables.rows(CAMPAIGNS.format(most=MOST_EVENTS), end=end)
    found = [(row["day"], row["label"], "venue") for row in opened]
    found += [(row["day"], named(row["label"]), "campaign") for row in begun]
    return [{"day": day.isoformat(), "label": label, "kind": kind} for day, label, kind in sorted(found)[-MOST_EVENTS:]]


def targets(goals: Mapping[str, Mapping[str, Any]]) -> Rows:
    """The goals that can be shown beside the weeks: ``measure``, ``goal``, ``target``, and ``by`` if a day is set.

    Examples
    --------
    >>> targets({"talk": {"metric": "comments", "target": 40}, "sell": {"metric": "win_rate", "target": 0.3}})
    [{'measure': 'comments', 'goal': 'talk', 'target': 40.0}]
    """
    found = []
    for goal, said in sorted(goals.items()):
        measure = OF_THE_QUESTION.get(str(said.get("metric", "")), said.get("metric"))
        if measure in MEASURES and said.get("target") is not None:
            row = {"measure": measure, "goal": named(goal), "target": float(said["target"])}
            found.append(row | ({"by": str(said["by"])} if said.get("by") else {}))
    return found


def named(text: str) -> str:
    """A name that a user gave, on one line and no longer than a label may be.

    Examples
    --------
    >>> named("Spring  \\n fair"), named("for jane@acme.com")
    ('Spring fair', 'a campaign')
    """
    if "@" in text:
        return "a campaign"
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
