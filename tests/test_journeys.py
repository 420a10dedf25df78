"""Journeys: golden rows of the timeline, deals, costs and venue weeks, and the days that the data covers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from canonical import at, built, traced
from goodwill.errors import GoodwillError
from goodwill.journeys.last_day import covered, last_day
from goodwill.workspace import Team, Workspace

Row = dict[str, Any]
ACME = {"id": "s/account:1", "name": "Acme", "domain": "acme.com"}
OURS = Workspace(Path(), domains=("ours.com",), won=("Closed Won",), lost=("Closed Lost",))


def touch(moment: str, actor: str | None = "email:j@acme.com", **more: Any) -> Row:
    base = {"at": at(moment), "verb": "Like", "venue": "linkedin", "channel_group": "organic_social"}
    return base | {"actor": actor, "direction": "inbound"} | more


def deal(name: str, opened: str | None, closed: str | None = None, outcome: str | None = "open", **more: Any) -> Row:
    when = {"created_at": opened and at(opened), "closed_at": closed and at(closed)}
    return {"id": name, "account": "s/account:1", "outcome": outcome} | when | more


def move(name: str, moment: str, stage: str, kind: str = "opportunity") -> Row:
    return {"object_kind": kind, "object_id": name, "at": at(moment), "stage": stage}


def deals(*rows: Row, **more: Any) -> dict[str, Row]:
    end = more.pop("end", dt.datetime(2025, 1, 1))
    tables = {"opportunities": rows, "accounts": [ACME]} | more
    return {row["id"]: row for row in built(tables, "deals", OURS, end)}


def said(row: Row) -> tuple[str, str | None]:
    return row["outcome"], row["decided_at"] and row["decided_at"].isoformat()


# --- timeline and days ----------------------------------------------------------------------------


def test_a_touch_counts_once_with_its_company_and_not_from_the_end_on() -> None:
    rows = [touch("2024-05-01 10:00"), touch("2024-05-01 10:00"), touch("2024-05-01 10:00", venue=" LinkedIn"),
            touch("2024-05-01 10:00", verb="Announce"), touch("2024-12-31 23:59:59"), touch("2025-01-01")]  # fmt: skip
    found = built({"interactions": rows, "accounts": [ACME]}, "timeline")
    assert [(r["at"].isoformat(), r["verb"], r["source_row"]) for r in found] == [
        ("2024-05-01T10:00:00", "Like", 2), ("2024-05-01T10:00:00", "Announce", 5), ("2024-12-31T23:59:59", "Like", 6),
    ]  # fmt: skip
    assert len({r["account"] for r in found}) == 1
    assert found[0]["account"] is not None


def test_what_staff_do_is_outbound_and_touches_nobody() -> None:
    rows = {"interactions": [touch("2024-05-01", "email:ann@ours.com"), touch("2024-05-02", "email:j@acme.com")]}
    ours, theirs = built(rows, "timeline", OURS)
    assert (ours["direction"], ours["is_staff"], ours["touch_kind"]) == ("outbound", True, None)
    assert (theirs["direction"], theirs["is_staff"], theirs["touch_kind"]) == ("inbound", False, "social")


def test_the_company_named_with_a_touch_outranks_the_persons() -> None:
    rows = {"interactions": [touch("2024-05-01", account="company:beta")], "accounts": [ACME]}
    tables = traced(rows)
    (row,) = tables.rows("SELECT account FROM timeline")
    assert [row] == tables.rows("SELECT account FROM resolved_accounts WHERE node = 'company:beta'")


def test_days_tell_social_service_and_other_touches_apart_and_leave_out_what_was_merely_sent() -> None:
    rows = [
        touch("2024-05-01 09:00"), touch("2024-05-01 21:00"), touch("2024-05-01", channel_group="service"),
        touch("2024-05-01", channel_group="email", verb="Read"),
        touch("2024-05-01", channel_group="email", verb="Send"),
        touch("2024-05-01", "email:ann@ours.com"), touch("2024-05-01", "email:nobody@gmail.com"),
        touch("2024-05-01", direction="outbound", channel_group="sales"),
    ]  # fmt: skip
    found = built({"interactions": rows, "accounts": [ACME]}, "account_days", OURS)
    assert [(r["kind"], r["touches"]) for r in found] == [("engagement", 1), ("service", 1), ("social", 2)]
    assert (found[2]["first_at"].hour, found[2]["last_at"].hour) == (9, 21)


# --- deals ----------------------------------------------------------------------------------------


def test_the_stage_speaks_before_the_outcome_whatever_its_case() -> None:
    found = deals(
        deal("1", "2024-01-01", "2024-02-01", "open", stage=" closed WON "),
        deal("2", "2024-01-01", "2024-02-01", "won", stage="Closed lost"),
        deal("3", "2024-01-01", "2024-02-01", "Lost", stage="Negotiation"),
        deal("4", "2024-01-01", "2024-02-01", "pending"),
    )
    assert [found[i]["outcome"] for i in "1234"] == ["won", "lost", "lost", "open"]
    assert found["4"]["decided_at"] is None


def test_the_stage_history_wins_over_the_closing_date() -> None:
    found = deals(
        deal("1", "2024-01-01", "2024-02-01", "won"),
        deal("2", "2024-01-01", "2024-02-01", None),
        stage_changes=[
            move("1", "2024-01-20 08:00", "Closed Won"), move("1", "2024-01-25 09:00", "closed won"),
            move("1", "2024-01-22", "Closed Lost"), move("2", "2024-03-03", "Closed Won"),
            move("2", "2024-04-04", "Closed Lost"), move("2", "2024-01-03", "Demo"),
        ],
    )  # fmt: skip
    assert said(found["1"]) == ("won", "2024-01-25T09:00:00")
    assert said(found["2"]) == ("lost", "2024-04-04T00:00:00")


def test_what_was_decided_after_the_last_day_was_open_on_it() -> None:
    found = deals(
        deal("1", "2024-01-01", "2024-02-01", "won"),
        deal("2", "2024-01-01", "2024-02-01", "won"),  # the history knows better: won in May
        deal("3", "2024-01-01", "2024-03-31 23:00", "lost"),
        deal("4", "2024-04-01", "2024-04-02", "won"),
        stage_changes=[move("2", "2024-05-01", "Closed Won")],
        end=dt.datetime(2024, 4, 1),
    )
    assert {i: said(row) for i, row in found.items()} == {
        "1": ("won", "2024-02-01T00:00:00"), "2": ("open", None), "3": ("lost", "2024-03-31T23:00:00"),
    }  # fmt: skip


def test_impossible_and_missing_dates_and_decisions_on_the_first_day() -> None:
    found = deals(
        deal("1", "2024-02-02 10:00", "2024-02-01", "won"),
        deal("2", "2024-02-02 10:00", "2024-02-02", "won"),
        deal("3", None, "2024-02-01", "won"),
        deal("4", "2024-02-02", None, "lost"),
        deal("5", "2024-02-02", "2024-01-01", "open"),
    )
    assert [i for i, row in found.items() if row["is_impossible"]] == ["1"]
    assert said(found["2"]) == ("won", "2024-02-02T10:00:00")
    assert [r["id"] for r in built({"opportunities": list(map(_plain, found.values()))}, "deal_history", OURS)] == [
        "2", "5",
    ]  # fmt: skip


def _plain(row: Row) -> Row:
    return {"id": row["id"], "created_at": row["opened_at"], "closed_at": row["decided_at"], "outcome": row["outcome"]}


def test_of_an_opportunity_exported_twice_the_last_counts_in_everything() -> None:
    old = deal("1", "2024-01-01", None, "open", amount=1.0, source_file="2024-01.csv")
    new = deal("1", "2024-01-01", "2024-02-01", "lost", amount=2.0, source_file="2024-02.csv")
    for rows in ((old, new), (new, old)):
        (row,) = deals(*rows).values()
        assert (row["outcome"], row["amount"], row["source_file"]) == ("lost", 2.0, "2024-02.csv")


def test_a_deal_without_a_company_takes_its_contacts_or_stands_alone() -> None:
    rows = {
        "opportunities": [deal("1", "2024-01-01", account=None), deal("2", "2024-01-01", account=None),
                          deal("3", "2024-01-01")],
        "opportunity_contacts": [{"opportunity": "1", "person": "s/contact:1"}],
        "people": [{"id": "s/contact:1", "account": "s/account:1"}],
        "accounts": [ACME | {"industry": "tin", "employees": 5.0}],
    }  # fmt: skip
    one, two, three = built(rows, "deals")
    assert one["account"] == three["account"] != two["account"]
    assert (two["account"], two["has_account"]) == ("opportunity:2", False)
    assert [(r["segment"], r["employees"]) for r in (one, two)] == [("tin", 5.0), (None, None)]


def test_leads_are_deals_only_where_there_are_no_opportunities() -> None:
    leads = [{"id": "l1", "created_at": at("2024-01-01"), "person": "s/contact:1"},
             {"id": "l1", "created_at": at("2023-01-01")}, {"id": "l2", "created_at": at("2024-01-01")}]  # fmt: skip
    moves = [move("l2", "2024-03-01", "won", "lead"), move("l2", "2024-02-01", "lost", "lead"),
             move("l2", "2024-01-15", "won"), move("l2", "2024-11-01", "lost", "lead")]  # fmt: skip
    found = built({"leads": leads, "stage_changes": moves}, "deals", OURS, dt.datetime(2024, 6, 1))
    assert [(r["unit"], r["id"], r["opened_at"].year, r["outcome"]) for r in found] == [
        ("lead", "l1", 2023, "open"), ("lead", "l2", 2024, "won"),
    ]  # fmt: skip
    assert set(deals(deal("o", "2024-01-01"), leads=leads)) == {"o"}


def lead(name: str, created: str, **more: Any) -> Row:
    return {"id": name, "created_at": at(created), "account": "s/account:1"} | more


def order(name: str, day: str, value: float, **more: Any) -> Row:
    return {"id": name, "at": at(day), "account": "s/account:1", "value": value, "currency": "EUR"} | more


def worth(leads: list[Row], orders: list[Row], won: tuple[str, ...]) -> dict[str, tuple[float | None, str | None]]:
    """What each lead is worth on 1 January 2025, those named won in July."""
    moves = [move(name, "2024-07-01", "won", "lead") for name in won]
    tables = {"leads": leads, "stage_changes": moves, "orders": orders, "accounts": [ACME]}
    return {r["id"]: (r["amount"], r["currency"]) for r in built(tables, "deals", OURS, dt.datetime(2025, 1, 1))}


def test_a_lead_won_is_worth_the_orders_of_its_company_since_it_became_one() -> None:
    orders = [
        order("before", "2024-04-30", 1.0), order("that day", "2024-05-01", 2.0),
        order("later", "2024-12-31 23:59", 4.0), order("too late", "2025-01-01", 8.0),
        order("twice", "2024-08-01", 16.0), order("twice", "2024-08-01", 16.0),
        order("other", "2024-08-01", 32.0, account="s/account:2"),
        order("by a person", "2024-08-01", 64.0, account=None, person="email:j@acme.com"),
    ]  # fmt: skip
    assert worth([lead("l", "2024-05-01 10:00")], orders, ("l",)) == {"l": (86.0, "EUR")}


def test_what_is_not_won_is_worth_nothing_yet_and_what_nobody_knows_is_not_zero() -> None:
    leads = [lead("open", "2024-05-01"), lead("bought nothing", "2024-05-01", account="company:c"),
             lead("nobody's", "2024-05-01", account=None)]  # fmt: skip
    won = ("bought nothing", "nobody's")
    assert worth(leads, [order("o", "2024-06-01", 5.0)], won) == {
        "open": (None, None), "bought nothing": (0.0, None), "nobody's": (None, None),
    }  # fmt: skip
    assert worth(leads, [], won)["bought nothing"] == (None, None)
    anonymous = [order("o", "2024-06-01", 5.0, account=None)]
    assert worth(leads, anonymous, won)["bought nothing"] == (None, None), "no order names its buyer"


def test_an_order_pays_for_one_lead_only_and_currencies_are_not_added_up() -> None:
    leads = [lead("first", "2024-01-01"), lead("second", "2024-06-01"), lead("third, open", "2024-07-01")]
    orders = [order("a", "2024-02-01", 1.0), order("b", "2024-06-01", 2.0), order("c", "2024-08-01", 4.0),
              order("d", "2024-09-01", 8.0, currency="usd")]  # fmt: skip
    assert worth(leads, orders, ("first", "second")) == {
        "first": (1.0, "EUR"), "second": (6.0, "EUR"), "third, open": (None, None),
    }  # fmt: skip


def test_a_lead_without_a_company_is_worth_the_orders_of_its_person() -> None:
    leads = [lead("l", "2024-05-01", account=None, person="email:ann@gmail.com")]
    assert worth(leads, [order("o", "2024-06-01", 3.0, account=None, person="email:ann@gmail.com")], ("l",)) == {
        "l": (3.0, "EUR")
    }


def test_orders_are_bought_on_their_day_and_not_again_with_the_lead_they_pay_for() -> None:
    tables = {"leads": [lead("l", "2024-05-01")], "stage_changes": [move("l", "2024-07-01", "won", "lead")],
              "orders": [order("o", "2024-06-01", 3.0)], "accounts": [ACME]}  # fmt: skip
    found = [(r["kind"], r["value"]) for r in built(tables, "purchases", OURS)]
    assert found == [("order", 3.0), ("win", None)]


def test_the_facts_of_a_company_come_from_its_earliest_record() -> None:
    rows = [
        {
            "id": "a/account:1",
            "domain": "acme.com",
            "industry": "new",
            "employees": 10.0,
            "created_at": at("2024-01-01"),
        },
        {
            "id": "b/account:1",
            "domain": "acme.com",
            "industry": "old",
            "employees": 7.0,
            "created_at": at("2020-01-01"),
        },
        {"id": "c/account:1", "domain": "acme.com", "created_at": at("2010-01-01"), "country": "DE"},
    ]
    (found,) = built({"accounts": rows}, "account_facts")
    assert (found["industry"], found["employees"], found["country"], found["known_since"]) == (
        "old", 10.0, "DE", at("2010-01-01"),
    )  # fmt: skip


# --- cost and venues ------------------------------------------------------------------------------


def test_hours_cost_what_the_row_the_team_or_the_member_says() -> None:
    teams = {"Social": Team(members=("Ann",), hourly_cost=50.0), "PR": Team(members=("Bob",), hourly_cost=70.0)}
    day = dt.date(2024, 5, 3)
    effort = [
        {"on_date": day, "hours": 2.0, "hourly_cost": 10.0, "team": "social"},
        {"on_date": day, "hours": 2.0, "team": " SOCIAL ", "person": "Bob", "venue": " X "},
        {"on_date": day, "hours": 2.0, "person": "bob"},
        {"on_date": day, "hours": 2.0, "person": "Eve"},
        {"on_date": dt.date(2025, 1, 1), "hours": 2.0, "hourly_cost": 10.0},
    ]
    spend = [{"period_start": day, "venue": "X", "kind": "media", "amount": 9.0, "currency": "USD"}]
    found = built({"effort": effort, "spend": spend}, "cost_lines", Workspace(Path(), teams=teams))
    assert [(r["venue"], r["kind"], r["amount"], r["has_no_rate"], r["source_row"]) for r in found] == [
        ("shared", "labour", 20.0, False, 2), ("shared", "labour", 140.0, False, 4),
        ("shared", "labour", None, True, 5), ("x", "labour", 100.0, False, 3), ("x", "media", 9.0, False, 2),
    ]  # fmt: skip
    assert {str(r["month"])[:10] for r in found} == {"2024-05-01"}


def figure(value: float, day: str = "2024-05-07", **more: Any) -> Row:
    base = {"venue": "x", "metric": "impressions", "native_metric": "Impressions", "audience": "total", "unit": "count"}
    return base | {"value": value, "period_type": "day", "period_start": dt.date.fromisoformat(day)} | more


@pytest.mark.slow
@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        ([figure(5), figure(7, "2024-05-08")], 12),
        ([figure(5), figure(700, period_type="lifetime", item="p")], 5),  # the same views told twice
        ([figure(700, period_type="lifetime", item="p")], 700),
        ([figure(5), figure(6)], 6),  # a later export has counted longer
        ([figure(5, item="p"), figure(6, item="q")], 11),
        ([figure(20), figure(5, item="p"), figure(6, item="q")], 20),  # the page holds its posts
        ([figure(3, audience="organic"), figure(4, audience="paid")], 7),
        ([figure(3, audience="organic"), figure(4, audience="paid"), figure(8)], 8),
        ([figure(5), figure(9, segment="DE")], 5),
        ([figure(5), figure(6, venue="X ")], 6),
    ],
)
def test_impressions_are_never_added_to_themselves(figures: list[Row], shown: float) -> None:
    (found,) = built({"exposures": figures}, "venue_weeks")
    assert (found["venue"], str(found["week"])[:10], found["impressions"]) == ("x", "2024-05-06", shown)


def test_a_venue_week_counts_each_post_once_and_who_came_back() -> None:
    post = {"id": "p", "at": at("2024-05-07"), "venue": "linkedin", "is_own": True}
    items = [
        post,
        post | {"venue": "LinkedIn"},
        post | {"id": "r", "in_reply_to": "z"},
        post | {"id": "t", "is_own": False},
    ]
    came = [touch("2024-05-08"), touch("2024-05-09", verb="Create"), touch("2024-05-09", "email:k@acme.com"),
            touch("2024-05-09", direction="outbound"), touch("2024-05-13")]  # fmt: skip
    first, second = built({"items": items, "interactions": came}, "venue_weeks")
    counted = ("posts", "replies", "comments_in", "reactions_in", "shares_in", "touches_in", "people_in")
    assert [first[c] for c in counted] == [1, 1, 1, 2, 0, 3, 2]
    assert [second[c] for c in counted] == [0, 0, 0, 1, 0, 1, 1]


# --- the days covered -----------------------------------------------------------------------------


def test_an_expected_closing_date_is_no_event_and_a_decision_is() -> None:
    rows = [deal("1", "2024-01-01", "2030-01-01", "open"), deal("2", "2024-01-01", "2024-03-01", stage="Closed Won")]
    days = built({"opportunities": rows}, "event_days", OURS)
    assert [(str(r["day"]), r["events"]) for r in days] == [("2024-01-01", 2), ("2024-03-01", 1)]


@pytest.mark.parametrize("events", [25, 100, 3_000])
def test_a_stray_date_moves_neither_end(events: int) -> None:
    usual = [touch(str(dt.datetime(2023, 1, 1) + dt.timedelta(hours=5 * i))) for i in range(events)]
    last = (dt.datetime(2023, 1, 1) + dt.timedelta(hours=5 * (events - 1))).date()
    strays = [touch("2107-01-01"), touch("1970-01-01")]
    assert covered(traced({"interactions": [*usual, *strays]})) == (dt.date(2023, 1, 1), last)


def test_few_events_all_count_and_a_quiet_end_is_kept() -> None:
    assert last_day(traced({"interactions": [touch("2015-01-01"), touch("2024-01-01")]})) == dt.date(2024, 1, 1)
    usual = [touch(f"2023-01-{1 + i % 28:02} 0{i // 28}:00") for i in range(84)]
    assert last_day(traced({"interactions": [*usual, touch("2024-06-01")]})) == dt.date(2024, 6, 1)


def test_without_a_date_there_is_no_last_day() -> None:
    with pytest.raises(GoodwillError, match="carries a date"):
        last_day(traced({}))
