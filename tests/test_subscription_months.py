"""Subscriptions month by month: rows by hand, no leak from the future, a plain second count, and from when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from goodwill.journeys.last_day import covered
from panel_rows import (
    ANCHOR,
    COMPANIES,
    DAYS,
    END,
    FIRST,
    HISTORY,
    MONTH,
    SHORT,
    TICKETS,
    TOUCHES,
    WASHOUT,
    Row,
    Rows,
    built,
    count,
    day,
    days_of,
    on,
    subscription,
    ticket,
    touch,
    traced,
)

PAIR = ("company:a", "company:b")
KNOWN_BEFORE = ("is_untouched", "is_never_touched", "tenure", "engagement_history", "engagement_recent",
                "social_history", "service_history", "service_recent")  # fmt: skip


def months(*subs: Row, interactions: tuple[Row, ...] = (), **more: Any) -> list[Row]:
    return built({"subscriptions": subs, "interactions": [ANCHOR, *interactions], **more}, "subscription_months")


# --- rows by hand ---------------------------------------------------------------------------------


def test_a_subscription_is_followed_from_when_it_is_watched_to_the_month_of_its_end() -> None:
    found = months(subscription("s", 40, 200))
    # months begin on days 40, 68, 96, ...; interactions are known for 91 days from day 91 on
    assert [(r["month"], r["began_on"], r["event"]) for r in found] == [
        (2, on(96), 0), (3, on(124), 0), (4, on(152), 0), (5, on(180), 1),
    ]  # fmt: skip
    assert {(r["mrr"], r["tenure"] - r["month"]) for r in found} == {(100.0, 0)}


@pytest.mark.slow
def test_one_that_runs_has_full_months_only_and_so_has_one_that_left_in_the_last() -> None:
    began = [r["began_on"] for r in months(subscription("s", 100))]
    assert (began[0], began[-1]) == (on(100), on(100 + 8 * MONTH))  # day 324; the next would end on day 380 of 364
    left = months(subscription("s", 100, 353))
    assert [(r["began_on"], r["event"]) for r in left] == [(b, 0) for b in began]
    assert months(subscription("s", 100, 400)) == months(subscription("s", 100)), "an end after the last day is none"


def test_at_most_sixty_months_are_followed() -> None:
    rows = {"subscriptions": [subscription("s", -2000)], "interactions": [touch(-2900, "email")]}
    found = built(rows, "subscription_months")
    assert [r["month"] for r in found] == list(range(60))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "exposed", "untouched"),
    [(96, True, True), (123, True, True), (124, False, True), (95, False, False), (5, False, False), (4, False, True)],
)
def test_the_windows_of_a_social_touch(when: int, exposed: bool, untouched: bool) -> None:
    row = months(subscription("s", 40, 200), interactions=(touch(when),))[0]
    assert (row["began_on"], row["is_exposed"], row["is_untouched"]) == (on(96), exposed, untouched)


@pytest.mark.slow
def test_a_touch_on_the_day_of_the_end_is_too_late() -> None:
    seen = [months(subscription("s", 40, 200), interactions=(touch(d),))[-1]["is_exposed"] for d in (199, 200, 201)]
    assert seen == [True, False, False]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "history", "recent"), [(95, 1, 1), (68, 1, 1), (67, 1, 0), (26, 1, 0), (25, 0, 0), (96, 0, 0)]
)
def test_engagement_counts_from_its_window_up_to_the_day_before_the_month(when: int, history: int, recent: int) -> None:
    row = months(subscription("s", 40, 200), interactions=(touch(when, "email"), touch(when, "email", verb="Send")))[0]
    assert (row["engagement_history"], row["engagement_recent"]) == (history, recent)


def test_a_request_counts_once_whether_exported_as_ticket_or_touch_or_both() -> None:
    asked = touch(90, "service", id="t1", verb="gw:TicketOpened")
    tickets = [ticket("t1", 90), ticket("t1", 90), ticket("t2", 90), ticket("t3", 10), ticket("t4", 3)]
    row = months(subscription("s", 40, 200), interactions=(asked, touch(91, "service", id="t5")), tickets=tickets)[0]
    assert (row["service_history"], row["service_recent"]) == (3, 4)  # t3 lies 86 days back, t4 93


def test_a_ticket_finds_its_company_by_who_asked_or_by_its_links() -> None:
    rows: Rows = {
        "tickets": [{"id": "1", "created_at": day(90), "requester": "s/contact:1"}, {"id": "2", "created_at": day(91)},
                    {"id": "3", "created_at": day(92), "requester": "s/contact:2"}],
        "people": [{"id": "s/contact:1", "account": "company:a"},
                   {"id": "s/contact:2", "account": "company:a", "is_employee": True}],
        "opportunity_contacts": [{"opportunity": "hubspot/ticket:2", "person": "s/contact:1"}],
        "subscriptions": [subscription("s", 40, 200)], "interactions": [ANCHOR],
    }  # fmt: skip
    assert built(rows, "subscription_months")[0]["service_history"] == 2  # what our own people ask is no request


def test_requests_after_the_month_count_while_the_subscription_runs_and_days_seen_are_told() -> None:
    tickets = [ticket(str(d), d) for d in (123, 124, 199, 200)]
    first, *_, last = months(subscription("s", 40, 200), tickets=tickets)
    assert (first["service_during"], first["service_days"]) == (2, 200 - 124)
    assert (last["service_during"], last["service_days"]) == (0, 0)
    assert months(subscription("s", 40))[0]["service_days"] == WASHOUT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("product", "start", "event"), [("A", 228, 2), ("A", 229, 1), ("B", 202, 1), ("A", 172, 2), ("A", 171, 1)]
)
def test_one_followed_by_another_of_the_same_product_is_renewed_not_lost(product: str, start: int, event: int) -> None:
    both = subscription("1", 40, 200, product="A"), subscription("2", start, product=product)
    assert [r["event"] for r in months(*both) if r["id"] == "1"] == [0, 0, 0, event]


def test_a_short_one_does_not_renew_itself() -> None:
    assert [r["event"] for r in months(subscription("1", 100, 110))] == [1]


# --- a second count, and no leak ------------------------------------------------------------------

SUBSCRIPTIONS = st.lists(
    st.tuples(st.integers(-400, 363), st.none() | st.integers(1, 400), COMPANIES, st.sampled_from("PQ")),
    min_size=1, max_size=5,
).map(lambda drawn: [
    subscription(f"s{n}", start, length and start + length, company, product=product)
    for n, (start, length, company, product) in enumerate(drawn)
])  # fmt: skip


@pytest.mark.slow
@given(SUBSCRIPTIONS, TOUCHES, TICKETS)
@settings(max_examples=6)
def test_the_months_are_what_a_plain_count_says(subs: list[Row], acts: list[Row], tickets: list[Row]) -> None:
    rows = {"subscriptions": subs, "interactions": [ANCHOR, *acts], "tickets": tickets}
    found = [{k: v for k, v in row.items() if k != "account"} for row in built(rows, "subscription_months")]
    assert found == [row for sub in subs for row in plain(sub, subs, acts, tickets)]


def plain(sub: Row, subs: list[Row], acts: list[Row], tickets: list[Row]) -> list[Row]:
    """The months of one subscription, each counted day by day."""
    start, company = sub["started_at"].date(), sub["account"]
    end = sub["ended_at"].date() if sub["ended_at"] and sub["ended_at"].date() < END else None
    social, engaged, asked = days_of(company, acts, tickets)
    since = min(s["started_at"].date() for s in subs if s["account"] == company)
    found = []
    for month in range(60):
        began = start + dt.timedelta(days=MONTH * month)
        after = began + dt.timedelta(days=MONTH)
        if (began - FIRST).days < WASHOUT or after > END or (end and began > end):
            continue
        until = min(after + dt.timedelta(days=WASHOUT), max(after, end or END))
        is_over = end is not None and end < after
        found.append({
            "id": sub["id"], "month": month, "began_on": began,
            "is_exposed": any(began <= d < after and not (end and d >= end) for d in social),
            "is_untouched": not count(social, began, WASHOUT), "is_never_touched": not any(d < began for d in social),
            "event": (2 if renewed(sub, subs) else 1) if is_over else 0,
            "mrr": 100.0, "currency": None, "product": sub["product"], "tenure": (began - since).days // MONTH,
            "engagement_history": count(engaged, began, HISTORY), "engagement_recent": count(engaged, began, MONTH),
            "social_history": count(social, began, HISTORY),
            "service_history": count(asked, began, HISTORY), "service_recent": count(asked, began, WASHOUT),
            "service_during": sum(after <= d < until for d in asked), "service_days": (until - after).days,
        })  # fmt: skip
    return found


def renewed(sub: Row, subs: list[Row]) -> bool:
    same = [s["started_at"].date() for s in subs if (s["account"], s["product"]) == (sub["account"], sub["product"])]
    start, end = sub["started_at"].date(), sub["ended_at"].date()
    return any(other > start and abs((other - end).days) <= MONTH for other in same)


@pytest.mark.slow
@given(TOUCHES, TOUCHES, TICKETS, st.integers(0, 5))
@settings(max_examples=5)
def test_nothing_from_the_first_day_of_a_month_on_moves_what_was_known_before(
    acts: list[Row], later: list[Row], tickets: list[Row], month: int
) -> None:
    """Two companies are alike before the month; only to the second does anything happen from then on."""
    border = day(96 + MONTH * month, hour=0)
    before = [act | {"account": c, "id": f"{act['id']} {c}"} for act in acts if act["at"] < border for c in PAIR]
    since = [act | {"account": PAIR[1], "id": f"{act['id']} later"} for act in later if act["at"] >= border]
    asked = [one | {"account": PAIR[1]} for one in tickets if one["created_at"] >= border]
    assume(since or asked)
    twins = [subscription(c, 40, 300, c) for c in PAIR]
    rows = [r for r in months(*twins, interactions=(*before, *since), tickets=asked) if r["began_on"] == border.date()]
    assert [r["id"] for r in rows] == list(PAIR)
    assert len({tuple(r[c] for c in KNOWN_BEFORE) for r in rows}) == 1


@pytest.mark.slow
@given(st.lists(DAYS, min_size=1, max_size=60), st.booleans())
@settings(max_examples=10)
def test_interactions_are_known_from_the_day_that_the_days_covered_say(days: list[int], has_stray: bool) -> None:
    strays = [touch(-9000, "email")] if has_stray else []
    acts = [touch(d, "email", id=str(n)) for n, d in enumerate(days)]
    tables = traced({"interactions": [*strays, *acts]}, models=("watched_from",))
    assert tables.rows("SELECT first_day FROM watched_from") == [{"first_day": covered(tables)[0]}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("others", "early", "first"), [(1200, 92, -92), (1200, 93, 0), (30, 1095, -1095), (30, 1096, 0), (15, 1096, -1096)]
)
def test_a_date_long_before_the_others_may_be_a_typing_error(others: int, early: int, first: int) -> None:
    acts = [touch(n % 300, "email", id=str(n)) for n in range(others)]
    tables = traced({"interactions": [touch(-early, "email"), *acts]}, models=("watched_from",))
    assert tables.rows("SELECT first_day FROM watched_from") == [{"first_day": on(first)}]


@pytest.mark.parametrize(("ended", "first"), [(12, 180), (9, 96)])
def test_where_only_those_are_listed_who_stayed_time_counts_from_the_first_ending_on(ended: int, first: int) -> None:
    """Thirty ran for months without an ending, then many left: earlier leavers are not in the export."""
    subs = [
        subscription(f"s{i:02}", 12 - 28 * i, 170 + 5 * i if i < ended else None, f"company:{i}") for i in range(30)
    ]
    assert min(row["began_on"] for row in months(*subs)) == on(first)


def test_a_long_history_is_asked_for_before_the_first_month() -> None:
    rows = {"subscriptions": [subscription("s", 40)], "interactions": [ANCHOR]}
    (first, *_) = built(rows, "subscription_months", replace(SHORT, history_weeks=20))
    assert first["began_on"] == on(152)  # the first of its months that begins 140 days or more after the first day
