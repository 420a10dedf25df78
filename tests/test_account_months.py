"""Companies month by month: rows by hand, who is known and since when, no leak, and a plain second count."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from panel_rows import (
    ANCHOR,
    END,
    HISTORY,
    MONTH,
    SHORT,
    TICKETS,
    TOUCHES,
    WASHOUT,
    Row,
    Rows,
    account,
    built,
    count,
    day,
    days_of,
    deal,
    on,
    subscription,
    ticket,
    touch,
)

KNOWN_BEFORE = ("is_untouched", "is_never_touched", "open_deals", "is_customer", "engagement_history",
                "engagement_recent", "service_recent", "social_history", "deals_before", "wins_before")  # fmt: skip
#: Months end with the last day, day 363, and begin once interactions have been known for 91 days.
BEGAN = tuple(range(112, 364, MONTH))


def months(*acts: Row, known: int | None = 0, **more: Any) -> dict[int, Row]:
    """The months of company a, by the number of the day on which each begins."""
    rows = {"accounts": [account("a", known)], "interactions": [ANCHOR, *acts], **more}
    return {(row["began_on"] - on(0)).days: row for row in built(rows, "account_months")}


def since(rows: Rows) -> list[tuple[int, int]]:
    """Of each company, in order: the day on which its first month begins, and how many it has."""
    began: dict[str, list[int]] = {}
    for row in built({"interactions": [ANCHOR], **rows}, "account_months"):
        began.setdefault(row["account"], []).append((row["began_on"] - on(0)).days)
    return sorted((days[0], len(days)) for days in began.values())


# --- rows by hand ---------------------------------------------------------------------------------


def test_months_are_counted_back_from_the_last_day_and_begin_once_enough_is_known() -> None:
    found = months()
    assert tuple(found) == BEGAN
    assert [row["month"] for row in found.values()] == list(range(9))
    rows = {"accounts": [account("a")], "interactions": [ANCHOR]}
    longer = built(rows, "account_months", replace(SHORT, history_weeks=21))  # 147 days
    assert [row["began_on"] for row in longer] == [on(d) for d in BEGAN if d >= 147]
    old: Rows = {"accounts": [account("a", -3000)], "interactions": [touch(-3000, "email")]}
    assert len(built(old, "account_months")) == 60


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "exposed", "untouched", "history"),
    [(140, True, True, 0), (167, True, True, 0), (168, False, True, 0), (139, False, False, 1), (49, False, False, 0),
     (48, False, True, 0), (70, False, False, 1), (69, False, False, 0)],
)  # fmt: skip
def test_the_windows_of_a_social_touch(when: int, exposed: bool, untouched: bool, history: int) -> None:
    row = months(touch(when))[140]
    assert (row["is_exposed"], row["is_untouched"], row["social_history"]) == (exposed, untouched, history)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "history", "recent", "service"),
    [(139, 1, 1, 1), (112, 1, 1, 1), (111, 1, 0, 1), (70, 1, 0, 1), (69, 0, 0, 1), (49, 0, 0, 1), (48, 0, 0, 0),
     (140, 0, 0, 0)],
)  # fmt: skip
def test_the_windows_of_engagement_and_service(when: int, history: int, recent: int, service: int) -> None:
    row = months(touch(when, "email"), tickets=[ticket("t", when)])[140]
    assert (row["engagement_history"], row["engagement_recent"], row["service_recent"]) == (history, recent, service)


def test_deals_of_a_company_in_each_month() -> None:
    deals = [deal("1", 145, 200, "won"), deal("2", 150, 210, "lost"), deal("3", 300), deal("4", None, 230, "won"),
             deal("5", 250, 249, "won"), deal("6", 260, None, "lost"), deal("7", 146, 500, "won")]  # fmt: skip
    columns = ("opened", "open_deals", "won", "deals_before", "wins_before", "is_customer")
    found = {began: tuple(row[c] for c in columns) for began, row in months(opportunities=deals).items()}
    assert found == {
        112: (0, 0, 0, 0, 0, False), 140: (3, 0, 0, 0, 0, False), 168: (0, 3, 0, 0, 0, False),
        196: (0, 3, 1, 0, 0, False), 224: (0, 1, 1, 2, 1, True), 252: (0, 1, 0, 2, 2, True),
        280: (1, 1, 0, 2, 2, True), 308: (0, 2, 0, 2, 2, True), 336: (0, 2, 0, 2, 2, True),
    }  # fmt: skip


def test_what_is_decided_on_the_first_day_of_a_month_happens_in_it() -> None:
    columns = ("open_deals", "won", "deals_before", "wins_before", "is_customer")
    found = months(opportunities=[deal("1", 139, 168, "won")])
    assert tuple(found[168][c] for c in columns) == (1, 1, 0, 0, False)
    assert tuple(found[196][c] for c in columns) == (0, 0, 1, 1, True)
    assert (found[112]["opened"], found[140]["opened"], found[140]["open_deals"]) == (1, 0, 1)


def test_a_subscription_makes_a_customer_while_it_runs_and_an_order_for_good() -> None:
    runs = months(subscriptions=[subscription("s", 150, 224)])
    assert [began for began, row in runs.items() if row["is_customer"]] == [168, 196, 224]
    bought = months(orders=[{"id": "o", "at": day(200), "account": "company:a", "value": 5.0}])
    assert [began for began, row in bought.items() if row["is_customer"]] == [b for b in BEGAN if b > 200]


# --- who is known ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"accounts": [account("a", 139)]}, [(140, 8)]),
        ({"accounts": [account("a", 140)]}, [(168, 7)]),  # known only on the first day of a month
        ({"accounts": [account("a", 200) | {"domain": "a.com"}, account("b", 20) | {"domain": "a.com"}]}, [(112, 9)]),
        ({"people": [{"id": "s/contact:1", "account": "company:a", "created_at": day(150)}]}, [(168, 7)]),
        ({"accounts": [account("a", 300)], "opportunities": [deal("1", 150)]}, [(168, 7)]),
        ({"leads": [{"id": "1", "created_at": day(150), "account": "company:a"}]}, [(168, 7)]),
        ({"subscriptions": [subscription("s", 150)]}, [(168, 7)]),
        ({"accounts": [account("a", None)]}, []),  # at no time is it certain that it was known
        ({"accounts": [account("a", None)], "interactions": [ANCHOR, touch(150)]}, [(168, 7)]),
        ({"accounts": [account("a", None)], "tickets": [ticket("t", 150)]}, [(168, 7)]),
        ({"accounts": [account("a", 150)], "interactions": [ANCHOR, touch(10)]}, [(168, 7)]),
        ({"interactions": [ANCHOR, touch(10), touch(10, company="domain:b.com")]}, []),  # seen, and in no record
        ({"accounts": [account("a", 400)]}, []),
    ],
)
def test_a_company_has_months_after_our_records_first_knew_it(rows: Rows, expected: list[tuple[int, int]]) -> None:
    assert since(rows) == expected


def test_our_own_company_is_none() -> None:
    ours = account("us") | {"domain": "ours.com"}
    rows = {"accounts": [ours, account("a")], "interactions": [ANCHOR]}
    assert len({r["account"] for r in built(rows, "account_months", replace(SHORT, domains=("ours.com",)))}) == 1
    staff = [{"id": f"s/contact:{i}", "account": "s/account:us", "is_employee": True} for i in range(2)]
    assert since({"accounts": [ours, account("a")], "people": staff}) == [(112, 9)]
    mixed = [*staff, {"id": "s/contact:9", "account": "s/account:us"}]
    assert since({"accounts": [ours, account("a")], "people": mixed}) == [(112, 9), (112, 9)]


# --- a second count, and no leak ------------------------------------------------------------------

DEALS = st.lists(
    st.tuples(
        st.none() | st.integers(-100, 400), st.none() | st.integers(-20, 200), st.sampled_from(["won", "lost", "open"]),
        st.sampled_from(["company:a", "company:b", None]),
    ),
    max_size=8,
).map(lambda drawn: [
    deal(f"d{n}", opened, None if length is None else (opened or 150) + length, outcome, account=company)
    for n, (opened, length, outcome, company) in enumerate(drawn)
])  # fmt: skip
CONTRACTS = st.lists(st.tuples(st.integers(-200, 400), st.none() | st.integers(-3, 300)), max_size=3).map(
    lambda drawn: [
        subscription(f"s{n}", start, None if length is None else start + length)
        for n, (start, length) in enumerate(drawn)
    ]
)


@pytest.mark.slow
@given(st.none() | st.integers(-50, 300), DEALS, CONTRACTS, TOUCHES, TICKETS)
@settings(max_examples=6)
def test_the_months_are_what_a_plain_count_says(
    known: int | None, deals: list[Row], subs: list[Row], acts: list[Row], tickets: list[Row]
) -> None:
    rows = {
        "accounts": [account("a", known)],
        "interactions": [ANCHOR, *acts],
        "tickets": tickets,
        "opportunities": [d for d in deals if d["account"] != "company:b"],
        "subscriptions": subs,
    }
    found = [{k: v for k, v in row.items() if k != "account"} for row in built(rows, "account_months")]
    mine = [d for d in deals if d["account"] == "company:a"]
    assert found == plain(rows["accounts"][0]["created_at"], mine, subs, days_of("company:a", acts, tickets))


def plain(created: dt.datetime | None, deals: list[Row], subs: list[Row], days: tuple[list[dt.date], ...]) -> list[Row]:
    """The months of one company, each counted day by day."""
    social, engaged, asked = days
    spans = [(s["started_at"].date(), s["ended_at"].date() if s["ended_at"] else dt.date.max) for s in subs]
    spans = [s for s in spans if s[0] < END and s[0] <= s[1]]
    dates = [d["created_at"].date() for d in deals if d["created_at"]] + [s[0] for s in spans]
    dates = [d for d in [*dates, *([created.date()] if created else [])] if d < END]
    known = min(dates or [*social, *engaged, *asked], default=None) if created is None or dates else created.date()
    lives = [life for d in deals if (life := lived(d))]
    wins = [end for _, end, outcome in lives if outcome == "won"]
    usable = [(start, end) for start, end, outcome in lives if start and (end < dt.date.max or outcome == "open")]
    found = []
    for month, began in enumerate(on(d) for d in BEGAN):
        after = began + dt.timedelta(days=MONTH)
        if known is None or began <= known:
            continue
        found.append({
            "month": month, "began_on": began, "known_on": known,
            "is_exposed": any(began <= d < after for d in social), "is_untouched": not count(social, began, WASHOUT),
            "is_never_touched": not any(d < began for d in social),
            "open_deals": sum(start < began <= end for start, end in usable),
            "is_customer": any(w < began for w in wins) or any(start < began <= end for start, end in spans),
            "opened": sum(began <= start < after for start, _ in usable), "won": sum(began <= w < after for w in wins),
            "engagement_history": count(engaged, began, HISTORY), "engagement_recent": count(engaged, began, MONTH),
            "service_recent": count(asked, began, WASHOUT), "social_history": count(social, began, HISTORY),
            "deals_before": sum(end < began for _, end in usable), "wins_before": sum(w < began for w in wins),
        })  # fmt: skip
    return found


def lived(row: Row) -> tuple[dt.date | None, dt.date, str] | None:
    """First day, last day (or never) and outcome as seen on the last day that counts; None for what cannot be."""
    start = row["created_at"] and row["created_at"].date()
    end = row["closed_at"] and row["closed_at"].date()
    if start and start >= END:
        return None
    outcome = row["outcome"]
    if outcome == "open" or (end and end >= END):
        return start, dt.date.max, "open"
    if start and end and end < start:
        return None
    return start, end or dt.date.max, outcome if end else "decided at no known time"


@pytest.mark.slow
@given(TOUCHES, TOUCHES, TICKETS, DEALS, st.integers(0, 8))
@settings(max_examples=5)
def test_nothing_from_the_first_day_of_a_month_on_moves_what_was_known_before(
    acts: list[Row], later: list[Row], tickets: list[Row], deals: list[Row], month: int
) -> None:
    """Two companies are alike before the month; only to the second does anything happen from then on."""
    border = day(BEGAN[month], hour=0)
    before = [
        a | {"account": c, "id": f"{a['id']} {c}"} for a in acts if a["at"] < border for c in ("company:a", "company:b")
    ]
    after = [a | {"account": "company:b", "id": f"{a['id']} later"} for a in later if a["at"] >= border]
    new = [d | {"account": "company:b"} for d in deals if d["created_at"] and d["created_at"] >= border]
    asked = [t | {"account": "company:b"} for t in tickets if t["created_at"] >= border]
    assume(after or new or asked)
    rows = {"accounts": [account("a"), account("b")], "interactions": [ANCHOR, *before, *after], "tickets": asked,
            "opportunities": [deal("open", 50), deal("open too", 50, account="company:b"), *new]}  # fmt: skip
    found = [row for row in built(rows, "account_months") if row["month"] == month]
    assert len(found) == 2
    assert len({tuple(row[c] for c in KNOWN_BEFORE) for row in found}) == 1
