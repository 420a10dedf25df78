"""The deals that venues touched alone and in all, what was spent by month, and what stands beside a trend."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import at, traced
from goodwill.designs.marked_days import MOST_EVENTS, events, targets
from goodwill.designs.venue_reach import joined
from goodwill.questions import conversation, cost
from goodwill.registry import Terms
from goodwill.report.event_pictures import with_events
from goodwill.report.pictures import pictures
from goodwill.verdicts.small_cells import hide_small
from goodwill.verdicts.verdict import Verdict
from goodwill.workspace import Venue, Workspace

Row = dict[str, Any]
END = dt.datetime(2024, 7, 1)
VENUES = ("linkedin", "x", "mastodon")
HERE = Workspace(Path(), gross_margin=0.6, horizon_weeks=8, smallest_cell=0, venues={"x": Venue(monthly_tools=10.0)})


def deal(company: str, opened: str, closed: str | None, outcome: str) -> Row:
    when = {"created_at": at(opened), "closed_at": closed and at(closed)}
    return {"id": f"d-{company}", "account": f"company:{company}", "outcome": outcome} | when


def touch(company: str, moment: str, venue: str, channel: str = "organic_social") -> Row:
    base = {"id": f"{company}{moment}{venue}", "at": at(moment), "verb": "Like", "account": f"company:{company}"}
    return base | {"venue": venue, "channel_group": channel, "direction": "inbound"}


def paid(venue: str | None, *months: int, amount: float = 100.0) -> list[Row]:
    return [
        {"period_start": dt.date(2024, m, 1), "venue": venue, "kind": "media", "amount": amount, "currency": "EUR"}
        for m in months
    ]


def world() -> dict[str, list[Row]]:
    """Six deals: on both venues, on one alone, twice on one, washed out, after the decision, before the cost."""
    return {
        "opportunities": [
            deal("a", "2024-02-01", "2024-05-01", "won"),
            deal("b", "2024-02-01", "2024-05-01", "lost"),
            deal("c", "2024-02-01", None, "open"),
            deal("d", "2024-02-01", "2024-05-01", "won"),
            deal("e", "2024-02-01", "2024-03-01", "won"),
            deal("f", "2023-10-01", "2024-05-01", "won"),
        ],
        "interactions": [
            touch("a", "2024-02-10", "linkedin"), touch("a", "2024-03-10", " X "), touch("b", "2024-02-12", "linkedin"),
            touch("c", "2024-03-15", "x"), touch("c", "2024-03-16", "x"), touch("c", "2024-03-17", "mail", "email"),
            touch("d", "2024-01-25", "x"), touch("d", "2024-02-10", "x"), touch("e", "2024-03-02", "x"),
            touch("f", "2023-11-01", "x"),
        ],
        "spend": [*paid("linkedin", 1, 2, 3, 4, 5, 6), *paid("X", 2, 4), *paid(None, 1, amount=7.0)],
    }  # fmt: skip


def answer(rows: dict[str, list[Row]], workspace: Workspace = HERE) -> Verdict:
    verdict: Verdict = cost.ask(traced(rows, workspace, END), Terms(workspace, END, 0))
    return verdict


def test_a_deal_counts_for_every_venue_that_touched_it_while_open_and_alone_for_none_of_several() -> None:
    rows = answer(world()).facts["venue_deals"]
    assert rows == [
        {"venue": "linkedin", "all_deals": 2, "alone_deals": 1, "all_wins": 1, "alone_wins": 0},
        {"venue": "x", "all_deals": 2, "alone_deals": 1, "all_wins": 1, "alone_wins": 0},
    ]


def test_every_month_of_the_cost_is_there_and_the_months_add_up_to_the_venues() -> None:
    verdict = answer(world())
    months = verdict.facts["cost_by_month"]
    assert [row["month"] for row in months] == [f"2024-0{m}" for m in range(1, 7)]
    assert [row["cost"] for row in months] == [117.0, 210.0, 110.0, 210.0, 110.0, 110.0]
    assert [row["first_deals"] for row in months] == [0, 2, 1, 0, 0, 0]
    assert [row["due_deals"] for row in months] == [0, 0, 0, 2, 1, 0]  # eight weeks later
    assert sum(row["cost"] for row in months) == sum(row["total"] for row in verdict.facts["by_venue"])


def test_the_margin_and_the_horizon_reach_the_facts() -> None:
    told = {"first": "2024-01", "deals_since": "2023-10", "unit": "opportunity", "horizon_weeks": 8}
    assert answer(world()).facts["valued"] == [{**told, "gross_margin": 0.6}]
    assert answer(world(), replace(HERE, gross_margin=None)).facts["valued"] == [told]


def test_every_new_figure_opens_as_many_rows_as_it_counts_with_file_and_line() -> None:
    tables = traced(world(), HERE, END)
    verdict = cost.ask(tables, Terms(HERE, END, 0))
    new = [f for f in verdict.figures if f.name.endswith("_deals") and f.unit == "count"]
    assert {f.name: f.value for f in new} == {
        "first_touched_deals": 3, "linkedin_all_deals": 2, "linkedin_alone_deals": 1, "x_all_deals": 2,
        "x_alone_deals": 1,
    }  # fmt: skip
    for figure in new:
        assert figure.evidence is not None
        rows = tables.rows(figure.evidence.rows)
        assert len(rows) == figure.value, figure.name
        assert all(row["source_file"] == "opportunities.csv" and row["source_row"] for row in rows)


def test_small_counts_are_hidden_and_months_are_joined_until_none_is_small() -> None:
    workspace = replace(HERE, smallest_cell=3)
    hidden = hide_small(answer(world(), workspace), 3)
    months = [
        (row["month"], row["cost"], row["first_deals"], row["due_deals"]) for row in hidden.facts["cost_by_month"]
    ]
    assert months == [("2024-01", 117, 0, 0), ("2024-03", 320, 3, 0), ("2024-05", 320, 0, 3), ("2024-06", 110, 0, 0)]
    assert all(not isinstance(row["alone_deals"], int) for row in hidden.facts["venue_deals"])
    assert {f.unit for f in hidden.figures if f.name.endswith(("all_deals", "alone_deals"))} == {"few"}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 99)), min_size=1), st.integers(0, 6))
def test_joining_months_keeps_all_sums_and_leaves_no_small_count_but_where_all_is_small(
    counts: list[tuple[int, int, int]], smallest: int
) -> None:
    names = ("first_deals", "due_deals", "cost")
    rows = [{"month": f"{n:03d}", **dict(zip(names, row, strict=True))} for n, row in enumerate(counts)]
    found = joined(rows, smallest)
    assert all(sum(row[name] for row in found) == sum(row[name] for row in rows) for name in names)
    assert [row["month"] for row in found] == sorted({row["month"] for row in found})
    assert found[-1]["month"] == rows[-1]["month"]
    small = [row for row in found if any(0 < row[name] < smallest for name in ("first_deals", "due_deals"))]
    assert len(found) == 1 or not small


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(VENUES), st.integers(-40, 70)), max_size=25))
def test_a_plain_second_reckoning_agrees(touches: list[tuple[int, str, int]]) -> None:
    opened, decided = at("2024-02-01"), at("2024-03-15")
    rows = {
        "opportunities": [deal(str(n), "2024-02-01", "2024-03-15", "won") for n in range(5)],
        "interactions": [touch(str(n), str(opened + dt.timedelta(days=day)), venue) for n, venue, day in touches],
        "spend": [row for venue in VENUES for row in paid(venue, 1, 2, 3)],
    }
    seen: dict[int, set[str]] = defaultdict(set)
    washed = {n for n, _, day in touches if -28 <= day < 0}
    for n, venue, day in touches:
        if n not in washed and opened <= opened + dt.timedelta(days=day) < decided:
            seen[n].add(venue)
    facts = answer(rows).facts
    found = {row["venue"]: (row["all_deals"], row["alone_deals"]) for row in facts.get("venue_deals", ())}
    wanted = {v: (sum(v in s for s in seen.values()), sum(s == {v} for s in seen.values())) for v in VENUES}
    assert found == {venue: counts for venue, counts in wanted.items() if counts[0]}
    assert all(alone <= every for every, alone in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("without", ["opportunities", "interactions"])
def test_without_deals_or_touches_the_cost_is_told_alone(without: str) -> None:
    verdict = answer({name: rows for name, rows in world().items() if name != without})
    assert set(verdict.facts) == {"by_venue", "other_venues"}


# --- what stands beside a trend -------------------------------------------------------------------


def post(day: str, venue: str, **more: Any) -> Row:
    return {"id": f"{day}{venue}", "at": at(day), "venue": venue, "is_own": True} | more


def weeks_of(*posts: Row, goals: dict[str, Any] | None = None, **tables: list[Row]) -> Verdict:
    workspace = Workspace(Path(), goals=goals or {})
    rows = {"items": list(posts), **tables}
    verdict: Verdict = conversation.ask(traced(rows, workspace, END), Terms(workspace, END, 0))
    return verdict


def test_a_venue_begins_with_its_first_post_unless_the_exports_do() -> None:
    found = weeks_of(post("2024-01-01", "x"), post("2024-01-20", "linkedin"), post("2024-03-05", "YouTube"))
    assert found.facts["events"] == [{"day": "2024-03-05", "label": "youtube", "kind": "venue"}]


def test_campaigns_begin_when_their_list_says_or_with_the_first_thing_published() -> None:
    listed = [{"id": "c1", "name": "Spring\nfair", "started_at": at("2024-02-01")},
              {"id": "c2", "name": "later", "started_at": at("2024-08-01")}]  # fmt: skip
    posts = (post("2024-01-01", "x"), post("2024-02-09", "x", campaign="c1"), post("2024-03-01", "x", campaign="Depot"),
             post("2024-04-01", "x", campaign="for jane@acme.com " + 50 * "x"))  # fmt: skip
    assert weeks_of(*posts, campaigns=listed).facts["events"] == [
        {"day": "2024-02-01", "label": "Spring fair", "kind": "campaign"},
        {"day": "2024-03-01", "label": "Depot", "kind": "campaign"},
        {"day": "2024-04-01", "label": "a campaign", "kind": "campaign"},
    ]


def test_at_most_eight_events_the_latest() -> None:
    posts = [post(f"2024-{1 + n // 20:02d}-{1 + n % 20:02d}", "x", campaign=f"number {n:02d}") for n in range(40)]
    found = events(traced({"items": posts}, None, END), END)
    assert [row["label"] for row in found] == [f"number {n}" for n in range(40 - MOST_EVENTS, 40)]


def test_only_goals_that_name_what_is_shown_and_have_a_target_become_bands() -> None:
    goals = {
        "talk": {"metric": "conversation", "target": 0.4, "by": "2024-12-31"},
        "write": {"metric": "posts", "target": 3},
        "vague": {"metric": "posts"},
        "sell": {"metric": "win_rate", "target": 0.3},
        "empty": {},
    }
    assert targets(goals) == [
        {"measure": "reply_share", "goal": "talk", "target": 0.4, "by": "2024-12-31"},
        {"measure": "posts", "goal": "write", "target": 3.0},
    ]


def test_the_trend_has_its_events_and_its_goal_in_the_picture_its_alternative_and_its_table() -> None:
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=2 * n) for n in range(91)]
    posts = [post(str(day), "x", campaign="Fair" if n == 45 else None) for n, day in enumerate(days)]
    verdict = weeks_of(*posts, goals={"write": {"metric": "posts", "target": 4, "by": "2024-12-31"}})
    drawn = next(picture for picture in pictures(verdict, "EUR") if picture.facts == "events")
    (panel,) = drawn.panels
    assert "2024-03: Fair; goal 4 by 2024-12-31" in panel.told
    assert "2024-03: Fair" in panel.wide
    assert "goal 4" in panel.wide
    assert "the beginning of 1 campaign" in drawn.sees
    assert "3.5 at the end" in panel.told  # every other day: 14 in four weeks


def test_without_events_and_goals_no_trend_of_all_venues_is_drawn() -> None:
    verdict = weeks_of(*(post(f"2024-01-{day:02d}", "x") for day in range(1, 29)))
    assert {"events", "target"} & {picture.facts for picture in pictures(verdict, "EUR")} == set()


def test_a_share_that_is_aimed_at_is_drawn_as_a_share() -> None:
    posts = [post(str(dt.date(2024, 1, 1) + dt.timedelta(days=n)), "x") for n in range(120)]
    answers = [{**row, "id": f"r{row['id']}", "in_reply_to": "1"} for row in posts[::2]]
    verdict = weeks_of(*posts, *answers, goals={"talk": {"metric": "conversation", "target": 0.5}})
    drawn = with_events(verdict, "EUR")
    assert drawn is not None
    assert (
        "Share of what we write that answers somebody over all venues: 33.3% at the end; goal 50.0%"
        in drawn.panels[0].told
    )
