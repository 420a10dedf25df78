"""Companies as a panel of episodes and as periods of value: by hand, by a plain second count, what cannot be told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.journeys.account_panel import Outcome, accounts, episodes
from goodwill.journeys.value_periods import value_periods
from panel_rows import ANCHOR, Row, Rows, account, check, day, deal, on, subscription, terms, touch, traced

#: Months begin on days 112, 140, 168, 196, 224, 252, 280, 308 and 336, and the last ends on day 363.
BEGAN = np.arange(112, 364, 28)
TWO = {"accounts": [account("a"), account("b", 150)], "interactions": [ANCHOR, touch(150), touch(320)]}


def days(began_on: Any) -> list[int]:
    """Days after the first of the data."""
    return (began_on - np.datetime64(on(0))).astype(int).tolist()


# --- episodes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        # opened on day 145 and 290, won on day 200 and 300: open at the starts of 168 and 196 only
        ("opened", [(112, 0, 0), (140, 0, 1), (224, 1, 0), (252, 1, 0), (280, 1, 1), (308, 2, 0), (336, 2, 0)]),
        ("won", [(112, 0, 0), (140, 0, 0), (168, 0, 0), (196, 0, 1), (224, 1, 0), (252, 1, 0), (280, 1, 1), (308, 2, 0),
                 (336, 2, 0)]),
    ],
)  # fmt: skip
def test_an_episode_ends_with_what_is_asked_about(outcome: Outcome, expected: list[tuple[int, int, int]]) -> None:
    deals = [deal("1", 145, 200, "won", amount=3.0), deal("2", 290, 300, "won", amount=4.0, currency="eur "),
             deal("3", 230, 235, "lost", account=None), deal("4", 291, 301, "won", currency="USD")]  # fmt: skip
    found = accounts(traced(TWO | {"accounts": [account("a")], "opportunities": deals}), terms(), outcome)
    check(found.panel)
    rows = zip(days(found.began_on), found.panel.unit.tolist(), found.panel.event.tolist(), strict=True)
    assert list(rows) == expected
    assert found.panel.value[found.panel.event == 1].tolist() == ([0.0, 0.0] if outcome == "opened" else [3.0, 4.0])
    assert found.unpriced == 1
    assert found.is_customer.tolist() == [d > 200 for d in days(found.began_on)]


def test_trials_start_untouched_and_with_no_deal_open() -> None:
    deals = [deal("1", 230, 290, "won"), deal("2", 230, 240, "lost", account="company:b")]
    found = accounts(traced(TWO | {"opportunities": deals}), terms(), "won")
    one = found.panel.group == found.panel.group[found.panel.event == 1][0]
    began = np.array(days(found.began_on))
    assert sorted(began[one & found.panel.eligible]) == [112, 140, 308]  # touched on days 150 and 320
    assert sorted(began[one & found.panel.exposed]) == [140, 308]
    assert sorted(began[found.has_open_deal]) == [252, 280]
    assert found.left_out == {"no date known": 0, "known too late": 0, "never without an open deal": 0}


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=60))
def test_episodes_are_cut_as_one_would_by_hand(drawn: list[tuple[int, bool, bool]]) -> None:
    drawn.sort(key=lambda row: row[0])
    company = np.array([of for of, _, _ in drawn], dtype=int)
    may_begin, happened = (np.array([row[i] for row in drawn], dtype=bool) for i in (1, 2))
    kept, unit = episodes(company, may_begin, happened)
    numbers, number, is_in, last = [], -1, False, None
    for of, may, ends in drawn:
        is_in = is_in and of == last
        if not is_in and may:
            is_in, number = True, number + 1
        numbers.append(number if is_in else None)
        is_in, last = is_in and not ends, of
    assert kept.tolist() == [n is not None for n in numbers]
    assert unit.tolist() == [n for n in numbers if n is not None]


def test_companies_and_deals_that_are_left_out_are_counted() -> None:
    rows = {
        "accounts": [account("a"), account("b"), account("late", 350), account("undated", None)],
        "interactions": [ANCHOR],
        "opportunities": [
            deal("1", 145, 200, "won"), deal("2", 20, None, account="company:b"), deal("3", 30, 20, "won"),
            deal("4", 30, 40, "won", account=None), deal("5", 30, None, "lost"), deal("6", None, 40, "won"),
        ],
    }  # fmt: skip
    found = accounts(traced(rows), terms(), "won")
    assert found.left_out == {"no date known": 1, "known too late": 1, "never without an open deal": 1}
    assert found.deals_left_out == {"no company known": 1, "no usable dates": 3}


def test_the_covariates_lie_on_a_grid_and_belong_to_their_rows() -> None:
    names = [f"c{i:02}" for i in range(45)]
    rows = {
        "accounts": [account(n, industry="tin" if i < 25 else "oak", employees=10.0 * i) for i, n in enumerate(names)],
        "interactions": [
            ANCHOR,
            *(touch(3 * k, "email", f"company:{n}") for i, n in enumerate(names) for k in range(i)),
        ],
        "opportunities": [deal(n, 130 + 5 * i, account=f"company:{n}") for i, n in enumerate(names)],
    }
    tables = traced(rows)
    panel = accounts(tables, terms(), "opened").panel
    assert panel.event.sum() == 43  # openings are known from day 130 on, so that the first month begins on day 140
    assert panel.covariates.names == ("engagement_history", "engagement_recent", "segment=oak", "employees")
    facts = tables.rows(
        "SELECT m.*, f.industry, f.employees FROM account_months AS m JOIN account_facts AS f ON f.account = m.account"
    )
    known = {f"{r['account']} {r['began_on']}": r for r in facts}
    for unit, name in enumerate(panel.id):
        row, values = known[name], panel.covariates.values[panel.unit == unit][0]
        exact = [np.log1p(row["engagement_history"]), np.log1p(row["engagement_recent"]), np.log1p(row["employees"])]
        assert np.allclose(values[[0, 1, 3]], np.round(np.array(exact) * 4) / 4)
        assert values[2] == (row["industry"] == "oak")


# --- periods of value -----------------------------------------------------------------------------


def bought() -> Rows:
    deals: list[Row] = [
        deal("1", 10, 113, "won", amount=5.0, product="P"),  # in the month of the start: before its follow-up
        deal("2", 10, 140, "won", amount=7.0, product="P"), deal("3", 10, 195, "won", amount=9.0, product=" p"),
        deal("4", 10, 196, "won", amount=11.0, product="Q"), deal("5", 10, 150, "won", amount=99.0, currency="USD"),
    ]  # fmt: skip
    return TWO | {"opportunities": deals, "subscriptions": [subscription("s", 150)]}


def test_value_is_what_is_bought_in_the_months_after_the_start() -> None:
    # two months after the start are seen for starts up to day 280: every third back from there is 280, 196, 112
    found = value_periods(traced(bought()), terms(), 2)
    keys = zip(found.units.group.tolist(), days(found.began_on), strict=True)
    values = zip(found.units.outcome.tolist(), found.products.tolist(), strict=True)
    by_company = dict(zip(keys, values, strict=True))
    buyer = found.units.group[found.units.outcome.argmax()]
    # touched on day 150: in the wash-out of the start on day 196
    assert {k[1]: v for k, v in by_company.items() if k[0] == buyer} == {112: (16.0, 2.0), 280: (0.0, 0.0)}
    assert {k[1]: v for k, v in by_company.items() if k[0] != buyer} == {196: (0.0, 0.0), 280: (0.0, 0.0)}
    assert (found.sold_as, found.unpriced, found.follow_months) == ("win", 1, 2)
    assert found.units.treated.tolist() == [0] * 4
    assert len(set(found.units.id.tolist())) == len(found) == 4


def test_a_touch_in_the_month_of_the_start_is_the_treatment() -> None:
    rows = bought() | {"interactions": [ANCHOR, touch(115)]}
    found = value_periods(traced(rows), terms(), 2)
    assert found.units.treated.sum() == 1
    assert found.units.outcome[found.units.treated == 1].tolist() == [16.0]
    assert not found.is_customer[found.units.treated == 1].any()
    assert found.has_open_deal[found.units.treated == 1].all()


def test_where_no_win_has_a_price_orders_have_the_value() -> None:
    orders = [{"id": str(d), "at": day(d), "account": "company:a", "value": 2.0, "product": str(d)} for d in (141, 142)]
    both = value_periods(traced(bought() | {"orders": orders}), terms(), 2)
    assert (both.sold_as, both.units.outcome.sum(), both.products.max()) == ("win", 16.0, 4.0)
    unpriced = [d | {"amount": None} for d in bought()["opportunities"]]
    found = value_periods(traced(bought() | {"orders": orders, "opportunities": unpriced}), terms(), 2)
    assert (found.sold_as, found.units.outcome.sum(), found.unpriced) == ("order", 4.0, 0)


# --- what cannot be told --------------------------------------------------------------------------

KNOWN = {"accounts": [account("a")]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({}, "no company is known"),
        ({"interactions": [ANCHOR]}, "no company is known"),
        (KNOWN, "no dated interaction"),
        (KNOWN | {"interactions": [touch(300)]}, "known for a whole month after 13 weeks"),
        (KNOWN | {"interactions": [ANCHOR]}, "no opportunity was won"),
        (KNOWN | {"interactions": [ANCHOR], "opportunities": [deal("1", 10)]}, "no opportunity was won"),
    ],
)
def test_what_cannot_be_told_of_episodes(rows: Rows, told: str) -> None:
    with pytest.raises(CannotTell, match=told) as raised:
        accounts(traced(rows), terms(), "won")
    assert raised.value.settles


@pytest.mark.parametrize(
    ("rows", "follow_months", "told"),
    [
        (KNOWN, 2, "no dated interaction"),
        (bought(), 9, "no untouched company was followed for 9 months"),
        (KNOWN | {"interactions": [ANCHOR]}, 2, "nobody who was followed bought anything that has a price in EUR"),
    ],
)
def test_what_cannot_be_told_of_value(rows: Rows, follow_months: int, told: str) -> None:
    with pytest.raises(CannotTell, match=told):
        value_periods(traced(rows), terms(), follow_months)
