"""Deals week by week, and their stages: worked by hand, nothing from the future, and a plain second count."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canonical import at, resolved
from goodwill.registry import Terms
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Workspace

Row = dict[str, Any]
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)
#: Weeks of the deal below begin on 4, 11, 18 and 25 March; it is won in week 3.
OPENED, WON, END = at("2024-03-04 10:00"), at("2024-03-27 15:00"), at("2024-04-06")
SHORT = Workspace(Path(), history_weeks=10, washout_weeks=2, won=("Signed",))
COVARIATES = ("engagement_history", "engagement_recent", "service_recent", "social_history", "stage", "weeks_in_stage")


def touch(moment: dt.datetime | str, channel: str = "organic_social", company: str = "a", **more: Any) -> Row:
    moment = at(moment) if isinstance(moment, str) else moment
    base = {"at": moment, "verb": "Like", "account": f"company:{company}", "venue": "x", "channel_group": channel}
    return base | {"direction": "inbound", "id": f"{moment} {channel} {company}"} | more


def deal(name: str, opened: dt.datetime, decided: dt.datetime | None = None, outcome: str = "open", **more: Any) -> Row:
    base = {"id": name, "account": "company:a", "created_at": opened, "closed_at": decided, "outcome": outcome}
    return base | {"amount": 500.0} | more


def move(name: str, moment: dt.datetime | str, stage: str) -> Row:
    when = at(moment) if isinstance(moment, str) else moment
    return {"object_kind": "opportunity", "object_id": name, "at": when, "stage": stage}


def traced(rows: dict[str, Any], workspace: Workspace = SHORT, end: dt.datetime = END) -> DuckDBTables:
    tables = resolved(rows, workspace)
    for model in lineage.upstream("deal_weeks"):
        tables.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}", **Terms(workspace, end, 0).parameters)
    return tables


def weeks(*touches: Row, moves: tuple[Row, ...] = (), deals: tuple[Row, ...] = (), end: dt.datetime = END) -> list[Row]:
    """The weeks of deal d, which alone is there unless others are named."""
    named = deals or (deal("d", OPENED, WON, "won"),)
    rows = {"opportunities": named, "interactions": touches, "stage_changes": moves}
    return [w for w in traced(rows, end=end).rows("SELECT * FROM deal_weeks") if w["id"] == "d"]


def where(found: list[Row], column: str) -> list[int]:
    return [w["week"] for w in found if w[column]]


# --- weeks, by hand ----------------------------------------------------------------------------------


def test_weeks_begin_on_the_day_of_opening_and_end_with_the_decision() -> None:
    found = weeks()
    assert [(w["week"], w["begins_on"].day, w["event"], w["amount"]) for w in found] == [
        (0, 4, 0, 0.0), (1, 11, 0, 0.0), (2, 18, 0, 0.0), (3, 25, 1, 500.0),
    ]  # fmt: skip
    (lost,) = weeks(deals=(deal("d", OPENED, OPENED + SECOND, "lost"),))
    assert (lost["event"], lost["amount"]) == (2, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "exposed", "untouched"),
    [
        (OPENED - 14 * DAY - SECOND, [], [0, 1, 2, 3]),
        (OPENED - 14 * DAY, [], []),
        (at("2024-03-04"), [], []),  # on the day of opening, but before it
        (OPENED - SECOND, [], []),
        (OPENED, [0], [0]),
        (at("2024-03-11") - SECOND, [0], [0]),
        (at("2024-03-11"), [1], [0, 1]),
        (at("2024-03-25"), [3], [0, 1, 2, 3]),
        (WON - SECOND, [3], [0, 1, 2, 3]),
        (WON, [], [0, 1, 2, 3]),  # on the day of the decision, but no longer before it
        (WON + SECOND, [], [0, 1, 2, 3]),
    ],
)
def test_a_touch_exposes_its_own_week_and_ends_being_untouched(
    moment: dt.datetime, exposed: list[int], untouched: list[int]
) -> None:
    found = weeks(touch(moment))
    assert (where(found, "is_exposed"), where(found, "is_untouched")) == (exposed, untouched)


def test_every_week_with_a_touch_is_exposed() -> None:
    found = weeks(*(touch(m) for m in (OPENED - SECOND, OPENED, "2024-03-19", "2024-03-23", WON - SECOND, WON)))
    assert (where(found, "is_exposed"), where(found, "is_untouched")) == ([0, 2, 3], [])
    midnight = (deal("d", OPENED, at("2024-03-25"), "won"),)  # a closing date without an hour
    assert where(weeks(touch("2024-03-25 09:00"), touch("2024-03-24 23:00"), deals=midnight), "is_exposed") == [2]


def test_of_a_day_that_is_a_whole_deal_only_its_hours_count() -> None:
    hours = {"a": -1, "b": 0, "c": 4, "d": 5, "e": 6}
    rows = {
        "opportunities": [deal(c, OPENED, OPENED + 5 * HOUR, "won", account=f"company:{c}") for c in hours],
        "interactions": [touch(OPENED + n * HOUR, company=c) for c, h in hours.items() for n in (-24, h, 48)],
    }
    found = traced(rows).rows("SELECT id, week, event FROM deal_weeks WHERE is_exposed ORDER BY id")
    assert found == [{"id": c, "week": 0, "event": 1} for c in "bc"]


@pytest.mark.parametrize(("end", "seen"), [("2024-03-10", 0), ("2024-03-11", 1), ("2024-03-31", 3), ("2024-04-01", 4)])
def test_of_an_open_deal_only_whole_weeks_count(end: str, seen: int) -> None:
    found = weeks(touch(at(end) - SECOND), deals=(deal("d", OPENED),), end=at(end))
    assert [(w["week"], w["event"], w["amount"]) for w in found] == [(i, 0, 0.0) for i in range(seen)]
    assert where(found, "is_exposed") == ([seen - 1] if end in ("2024-03-11", "2024-04-01") else [])


def test_a_deal_is_followed_for_two_years() -> None:
    opened = at("2020-01-06 10:00")
    decided = [deal(str(days), opened, opened + days * DAY, "lost") for days in (727, 728, 2000)]
    tables = traced({"opportunities": [*decided, deal("open", opened)]}, end=at("2026-01-01"))
    found = tables.rows("SELECT id, count(*) AS n, max(week + event) AS last FROM deal_weeks GROUP BY id ORDER BY id")
    lasts = {w["id"]: w["last"] for w in found if w["n"] == 104}
    assert lasts == {"727": 103 + 2, "728": 103, "2000": 103, "open": 103}


def test_what_is_known_before_a_week() -> None:
    """Week 2 begins on 18 March: four weeks before is 19 February, thirteen 18 December, ten (history) 8 January."""
    read = ("2024-01-07 23:59", "2024-01-08", "2024-02-18", "2024-02-19", "2024-03-17 23:59", "2024-03-18")
    mail = [touch(moment, "email") for moment in read]
    service = [touch(day, "service") for day in ("2023-12-17", "2023-12-18", "2024-03-17", "2024-03-18")]
    social = [touch(day) for day in ("2024-01-07", "2024-01-08", "2024-03-17", "2024-03-18")]
    sent = touch("2024-03-01", "email", verb="Send")
    found = weeks(*mail, *service, *social, sent, touch("2024-03-01", "email", "b"))
    assert [found[2][name] for name in COVARIATES[:4]] == [4, 2, 2, 2]
    assert [found[3][name] for name in COVARIATES[:4]] == [4, 2, 2, 2]  # 26 February, 25 December and 15 January


def test_two_deals_of_a_company_share_its_touches_each_in_its_own_weeks() -> None:
    rows = {"opportunities": [deal("d", OPENED), deal("e", OPENED + 10 * DAY), deal("f", OPENED, account="company:b")],
            "interactions": [touch("2024-03-19"), touch("2024-03-12", "email")]}  # fmt: skip
    found = traced(rows).rows("SELECT * FROM deal_weeks")
    by_deal = {name: [w for w in found if w["id"] == name] for name in "def"}
    assert {name: where(w, "is_exposed") for name, w in by_deal.items()} == {"d": [2], "e": [0], "f": []}
    assert {name: where(w, "engagement_recent") for name, w in by_deal.items()} == {
        "d": [2, 3],
        "e": [0, 1, 2],
        "f": [],
    }


def test_a_deal_is_watched_from_the_first_touch_of_anybody_on_record() -> None:
    assert {w["watched_days"] for w in weeks(touch(OPENED - 30 * DAY, company="b"), touch(OPENED))} == {30}
    assert {w["watched_days"] for w in weeks(touch(OPENED + 3 * DAY))} == {-3}
    assert {w["watched_days"] for w in weeks(touch(OPENED - DAY, "email"))} == {None}
    stray = [touch(OPENED - 4000 * DAY), *(touch(OPENED - (n % 40) * DAY, id=str(n)) for n in range(120))]
    assert {w["watched_days"] for w in weeks(*stray)} == {39}


# --- stages ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_stage_of_a_week_is_the_last_one_entered_before_it() -> None:
    moves = (
        move("d", OPENED, "New"), move("d", "2024-03-13", "Proposal"), move("d", "2024-03-19", " proposal "),
        move("d", "2024-03-24 23:59", "New"), move("d", "2024-03-25", "Offer"),
    )  # fmt: skip
    found = weeks(moves=moves)
    assert [(w["stage"], w["weeks_in_stage"]) for w in found] == [("new", 0), ("new", 1), ("proposal", 0), ("new", 0)]
    late = weeks(moves=(move("d", OPENED + SECOND, "New"),))
    assert [(w["stage"], w["weeks_in_stage"]) for w in late] == [(None, None), ("new", 1), ("new", 2), ("new", 3)]
    early = weeks(moves=(move("d", OPENED - 9 * DAY, "New"), move("e", OPENED, "Else")))
    assert [w["weeks_in_stage"] for w in early] == [1, 2, 3, 4]
    at_once = (move("d", OPENED, "New"), move("d", OPENED, "Bid"), move("e", OPENED, "New"), move("e", WON, "Bid"))
    assert weeks(moves=at_once, deals=(deal("d", OPENED), deal("e", OPENED)))[0]["stage"] == "bid"  # further than new
    (decided,) = weeks(moves=(move("d", OPENED, "Signed"),), deals=(deal("d", OPENED, OPENED, "won"),))
    assert decided["stage"] is None  # an ending is not known before it


def test_stages_have_a_place_by_what_most_deals_saw_first_and_a_time_spent_in_them() -> None:
    rows = {
        "opportunities": [
            deal("d", OPENED, WON, "won"), deal("e", OPENED), deal("f", OPENED, WON, "lost"), deal("g", OPENED),
        ],
        "stage_changes": [
            move("d", OPENED, "New"), move("d", "2024-03-10", "Qualified"), move("d", "2024-03-12", "New"),
            move("d", "2024-03-20", "Bid"), move("d", WON, "Signed"), move("d", WON + 9 * DAY, "Onboarding"),
            move("e", OPENED, "Bid"), move("e", OPENED, "Qualified"), move("e", OPENED, "New"),  # all at once
            move("f", OPENED, "New"), move("f", "2024-03-09", "Bid"), move("f", "2024-03-27 18:00", "Qualified"),
            move("g", OPENED, "Qualified"), move("g", "2024-03-05", "Bid"),
        ],
    }  # fmt: skip
    found = traced(rows).rows("SELECT * FROM deal_stages ORDER BY id, place")
    spent = [[r[edge] and r[edge].isoformat()[5:16] for edge in ("entered_at", "left_at")] for r in found]
    said = [(r["id"], r["place"], r["stage"], *edges) for r, edges in zip(found, spent, strict=True)]
    first, won = "03-04T10:00", "03-27T15:00"
    assert said == [
        ("d", 1, "new", first, "03-10T00:00"), ("d", 2, "qualified", "03-10T00:00", "03-12T00:00"),
        ("d", 3, "bid", "03-20T00:00", won),
        ("e", 1, "new", first, first), ("e", 2, "qualified", first, first), ("e", 3, "bid", first, None),
        ("f", 1, "new", first, "03-09T00:00"), ("f", 2, "qualified", "03-27T18:00", "03-27T18:00"),
        ("f", 3, "bid", "03-09T00:00", won),
        ("g", 2, "qualified", first, "03-05T00:00"), ("g", 3, "bid", "03-05T00:00", None),
    ]  # fmt: skip


# --- nothing from the future; a plain second count ---------------------------------------------------


def company(seed: int) -> dict[str, Any]:
    """Eight companies with deals, touches and moves on half days around few dates, so that edges meet often."""
    draw = np.random.default_rng(seed)

    def moments(n: int) -> list[dt.datetime]:
        return [at("2024-01-01") + halves * DAY / 2 for halves in draw.integers(0, 180, n).tolist()]

    def picked(words: str, n: int) -> list[str]:
        return [str(word) for word in draw.choice(words.split(), n)]

    opened, decided, said = moments(40), moments(40), picked("won lost open", 40)
    channels = picked("organic_social paid_social email service", 300)
    moved = zip(draw.integers(0, 40, 100), moments(100), picked("u v w", 100), strict=True)
    moves = {(f"d{d:02}", m): stage for d, m, stage in moved}
    acts = zip(moments(300), channels, picked("0 1 2 3 4 5 6 7", 300), strict=True)
    return {
        "opportunities": [
            deal(f"d{i:02}", opened[i], decided[i], said[i], account=f"company:{i % 8}") for i in range(40)
        ],
        "interactions": [touch(*act) for act in acts],
        "stage_changes": [move(name, moment, stage) for (name, moment), stage in moves.items()],
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_touch_changes_what_was_known_before_its_day(seed: int) -> None:
    rows = company(seed)
    first = at("2024-02-01") + 11 * seed * DAY
    later = [act | {"id": f"later {act['id']}"} for act in company(seed + 100)["interactions"] if act["at"] >= first]
    earlier = [act for act in rows["interactions"] if act["at"] < first]
    known = [
        traced(rows | {"interactions": acts}).rows(
            f"SELECT id, week, {', '.join(COVARIATES)}, is_untouched OR (week = 0 AND begins_on = $day) AS is_known "
            "FROM deal_weeks WHERE begins_on <= $day ORDER BY id, week", day=first.date(),
        )
        for acts in (earlier, [*earlier, *later])
    ]  # fmt: skip
    assert len(known[0]) > 30
    assert known[0] == known[1]


@pytest.mark.parametrize(("seed", "washout", "history"), [(0, 2, 10), (1, 0, 0), (2, 4, 26), (3, 1, 4)])
def test_the_weeks_are_what_a_plain_count_says(seed: int, washout: int, history: int) -> None:
    workspace = Workspace(Path(), washout_weeks=washout, history_weeks=history)
    rows = company(seed)
    found = traced(rows, workspace, at("2024-03-20")).rows("SELECT * FROM deal_weeks")
    plain = [w for row in rows["opportunities"] for w in plain_weeks(row, rows, workspace)]
    assert len(plain) > 80
    assert [{k: v for k, v in w.items() if k not in ("account", "watched_days")} for w in found] == plain


def plain_weeks(row: Row, rows: dict[str, Any], workspace: Workspace) -> list[Row]:
    opened, end = row["created_at"], at("2024-03-20")
    decided = row["closed_at"] if row["outcome"] != "open" and row["closed_at"] < end else None
    if decided and decided.date() == opened.date():
        decided = max(decided, opened)
    if opened >= end or (decided and decided < opened):
        return []
    until, monday, washed = decided or end, at(str(opened.date())), opened - 7 * workspace.washout_weeks * DAY
    kinds: dict[str, list[dt.datetime]] = {"social": [], "service": [], "email": []}
    for act in {act["id"]: act for act in rows["interactions"] if act["at"] < end}.values():
        if act["account"] == row["account"]:
            kinds["social" if act["channel_group"].endswith("social") else act["channel_group"]].append(act["at"])
    path = sorted((m["at"], m["stage"]) for m in rows["stage_changes"] if m["object_id"] == row["id"])
    path = [m for i, m in enumerate(path) if m[0] < until and (not i or path[i - 1][1] != m[1])]
    found, begins = [], monday
    while begins <= until if decided else begins + 7 * DAY <= end:
        ends, week = begins + 7 * DAY, (begins - monday).days // 7
        is_last = decided is not None and decided < ends
        event = is_last * (1 if row["outcome"] == "won" else 2)
        entered = [m for m in path if m[0] < begins or m[0] <= opened]
        counts = {
            name: sum(begins - days * DAY <= moment < begins for moment in kinds[kind])
            for name, kind, days in (
                ("engagement_history", "email", 7 * workspace.history_weeks), ("engagement_recent", "email", 28),
                ("service_recent", "service", 91), ("social_history", "social", 7 * workspace.history_weeks),
            )
        }  # fmt: skip
        found.append({
            "id": row["id"], "week": week, "begins_on": begins.date(),
            "is_exposed": any(max(opened, begins) <= m < min(ends, until) for m in kinds["social"]),
            "is_untouched": not any(washed <= m < max(opened, begins) for m in kinds["social"]),
            "event": event, "amount": 500.0 if event == 1 else 0.0, **counts,
            "stage": entered[-1][1] if entered else None,
            "weeks_in_stage": (begins.date() - entered[-1][0].date()).days // 7 if entered else None,
        })  # fmt: skip
        if is_last:
            break
        begins = ends
    return found
