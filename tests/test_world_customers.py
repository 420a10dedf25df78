"""Contracts and service requests of simulated companies: who is a customer when, and what the desk hears of them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from goodwill.worlds import WORLDS, imagine
from goodwill.worlds.causes import SECONDS
from goodwill.worlds.sales import History, happen
from goodwill.worlds.truth import UNDECIDED


@lru_cache(maxsize=2)
def history(name: str) -> History:
    return imagine(name, seed=11)[0].history


@pytest.mark.parametrize("name", ["retention", "demo"])
def test_contracts_are_in_order_and_an_account_has_one_at_a_time(name: str) -> None:
    past, contracts = history(name), history(name).contracts
    keys = list(zip(contracts.started.tolist(), contracts.account.tolist(), strict=True))
    assert keys == sorted(keys)
    assert np.array_equal(past.accounts.person[contracts.person], contracts.account)
    assert set(np.unique(contracts.product)) == {0, 1, 2, 3}
    assert np.all(contracts.mrr > 0)
    assert np.all(contracts.ended > contracts.started)
    assert np.all((contracts.ended <= past.span.last_day) | (contracts.ended == UNDECIDED))
    ends: dict[int, int] = {}
    for account, started, ended in zip(contracts.account, contracts.started, contracts.ended, strict=True):
        assert ends.get(account, -1) < started
        ends[account] = ended


def test_the_earlier_customers_have_contracts_of_at_most_two_years() -> None:
    past = history("retention")
    contracts, first = past.contracts, past.span.first_day
    earlier = contracts.started < first
    assert np.array_equal(np.sort(contracts.account[earlier]), np.flatnonzero(past.accounts.is_customer))
    assert contracts.started[earlier].min() >= first - 730
    assert abs(past.accounts.is_customer.mean() - 0.7) < 0.05


def test_a_win_starts_a_contract_where_none_runs() -> None:
    past = history("demo")
    contracts, sales = past.contracts, past.sales
    begun = set(zip(contracts.account.tolist(), contracts.started.tolist(), strict=True))
    months = dict(zip(begun, [0] * len(begun), strict=True))
    for account, day in zip(sales.account[sales.won].tolist(), sales.decided[sales.won].tolist(), strict=True):
        of = contracts.account == account
        assert np.any(of & (contracts.started <= day) & (contracts.ended >= day))
        months.pop((account, day), None)
    # what no win began, ran before
    assert all(day < past.span.first_day for _, day in months)


def test_a_contract_pays_in_a_month_a_twelfth_of_what_was_won() -> None:
    past = history("effect")
    contracts, sales = past.contracts, past.sales
    won = {
        (a, d): (v, p)
        for a, d, v, p in zip(
            sales.account[sales.won], sales.decided[sales.won], sales.amount[sales.won], sales.product[sales.won],
            strict=True,
        )
    }  # fmt: skip
    seen = 0
    for account, started, mrr, product in zip(
        contracts.account, contracts.started, contracts.mrr, contracts.product, strict=True
    ):
        if (account, started) in won:
            amount, kind = won[account, started]
            assert mrr == pytest.approx(amount / 12, abs=0.005)
            assert product == kind
            seen += 1
    assert seen > 100


def test_the_desk_hears_of_customers_only_and_of_all_they_asked() -> None:
    past = history("retention")
    contracts, asked = past.contracts, past.requested
    recorded = set(zip(past.requests.person.tolist(), past.requests.moment.tolist(), strict=True))
    assert np.all(np.diff(past.requests.moment) >= 0)
    for person, moment in zip(asked.person[::7].tolist(), asked.moment[::7].tolist(), strict=True):
        day = moment // SECONDS
        mine = contracts.account == past.accounts.person[person]
        runs = np.any(mine & (contracts.started <= day) & (contracts.ended >= day))
        assert ((person, moment) in recorded) == bool(runs and day >= past.span.first_day)


def requests_after(touch_to_tickets: float) -> tuple[History, float]:
    """Requests per account and week after a touch in the quarter before, over those without one, trouble apart."""
    causes = replace(WORLDS["null"].causes, touch_to_tickets=touch_to_tickets)
    past = happen(causes, accounts=400, first_day=19359, weeks=104, seed=3)
    week = past.span.week_of(past.requested.moment // SECONDS)
    seen = week >= 0
    number = np.zeros((400, 104))
    np.add.at(number, (past.accounts.person[past.requested.person[seen]], week[seen]), 1)
    touched = past.market.exposed(13)
    return past, float(number[touched].mean() / number[~touched].mean())


def test_touches_change_requests_only_where_the_world_says_so() -> None:
    assert requests_after(0.0)[1] == pytest.approx(1, abs=0.15)
    assert requests_after(0.8)[1] == pytest.approx(np.exp(0.8), abs=0.35)


def test_troubled_customers_are_touched_and_ask_and_leave_more() -> None:
    past = history("retention")
    troubled = past.accounts.trouble > 0
    touched = np.bincount(past.accounts.person[past.touches.person], minlength=len(troubled))
    asked = np.bincount(past.accounts.person[past.requests.person], minlength=len(troubled))
    assert touched[troubled].mean() > 1.3 * touched[~troubled].mean()
    assert asked[troubled].mean() > 2 * asked[~troubled].mean()
    left = past.contracts.ended < UNDECIDED
    unexposed = (
        np.bincount(past.accounts.person[past.touches.person], minlength=len(troubled))[past.contracts.account] == 0
    )
    of = troubled[past.contracts.account]
    assert left[unexposed & of].mean() > left[unexposed & ~of].mean()
