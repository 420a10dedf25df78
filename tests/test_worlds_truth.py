"""The truth of simulated companies: against many lives drawn, and sums made, a week at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import GoodwillError
from goodwill.worlds import WORLDS, Truth, imagine
from goodwill.worlds.accounts_truth import account_difference, cancel_difference, cancelled_by, first_by, without_open
from goodwill.worlds.causes import SECONDS
from goodwill.worlds.sales import History, baselines, happen
from goodwill.worlds.truth import days_without_win, expit, won_by

MONDAY = 19359  # 2023-01-02


@lru_cache(maxsize=8)
def true(name: str) -> Truth:
    return imagine(name, seed=11)[1]


@lru_cache(maxsize=2)
def busy(lag_weeks: int) -> History:
    """A few accounts with many opportunities, and every effect at once."""
    causes = replace(
        WORLDS["openings"].causes, beta=0.5, lag_weeks=lag_weeks, dud_share=0.3, opportunities_per_account=6.0,
        cancel_beta=-0.7, cancel_base=-3.0, win_base=-5.5, hidden_to_win=0.5, customer_to_win=0.4, account_sd=0.3,
    )  # fmt: skip
    return happen(causes, accounts=40, first_day=MONDAY, weeks=104, seed=8)


def chance(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds))


# --- opportunities --------------------------------------------------------------------------------


def wins_drawn(truth: Truth, row: int, acts: np.ndarray, *, from_week: int, draws: int) -> np.ndarray:
    """Week of the win in each of many lives of one opportunity; the horizon if there is none."""
    rng = np.random.default_rng([row, int(acts.sum()), from_week])
    won, alive = np.full(draws, len(acts)), np.ones(draws, dtype=bool)
    for week, is_acting in enumerate(acts.tolist()):
        win = chance(truth.win_baseline[from_week + week] + truth.win_offset[row] + truth.beta * is_acting)
        loss = chance(truth.loss_baseline[from_week + week] + truth.loss_offset[row])
        u = rng.random(draws)
        won[alive & (u < win)] = week
        alive &= u >= win + loss
    return won


@pytest.mark.parametrize(
    ("name", "from_week", "at_once", "first_acting"),
    [("effect", 0, False, 1), ("value", 3, True, 0), ("long_lags", 0, False, 9), ("long_lags", 2, True, 8)],
)
def test_truth_agrees_with_many_lives_of_an_opportunity(
    name: str, from_week: int, at_once: bool, first_acting: int
) -> None:
    truth, weeks, draws = true(name), 26, 100_000
    acts = np.arange(weeks) >= first_acting
    grows = exp(truth.causes.value_beta)
    for row in (3, 250, 700):
        touched = wins_drawn(truth, row, acts, from_week=from_week, draws=draws)
        never = wins_drawn(truth, row, np.zeros(weeks), from_week=from_week, draws=draws)
        asked = {"from_week": from_week, "at_once": at_once}
        worth = [
            truth.amount[row] * (touched < weeks) * np.where(touched >= first_acting, grows, 1.0),
            truth.amount[row] * (never < weeks),
        ]
        days = [7.0 * np.minimum(w + 1, weeks) for w in (touched, never)]  # a win counts at its week's end
        for drawn, told in (
            ([touched < weeks, never < weeks], truth.risk_difference(weeks, [truth.ids[row]], **asked)),
            (days, truth.restricted_mean_difference(weeks, [truth.ids[row]], **asked)),
            (worth, truth.value_difference(weeks, [truth.ids[row]], **asked)),
        ):
            se = np.sqrt(sum(np.var(d) / draws for d in drawn))
            assert abs(np.mean(drawn[0]) - np.mean(drawn[1]) - told) < 4 * se + 1e-9


def test_following_from_a_later_week_uses_that_weeks_hazards() -> None:
    truth = true("effect")
    later = truth.incidence(1, exposed=True, from_week=9, ids=[truth.ids[5]])
    assert later[0, 0] == pytest.approx(float(expit(truth.win_baseline[9] + truth.win_offset[5])), rel=1e-12)
    each = truth.incidence(4, exposed=True, from_week=np.array([9, 0]), ids=[truth.ids[5], truth.ids[6]])
    assert np.array_equal(each[1], truth.incidence(4, exposed=True, ids=[truth.ids[6]])[0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=30))
def test_wins_and_losses_never_exceed_what_was_open(hazards: list[tuple[float, float]]) -> None:
    h_w, h_l = np.array(hazards).T[:, None, :]
    won, lost = won_by(h_w, h_l), won_by(h_l, h_w)
    assert np.all(np.diff(won) >= 0)
    assert won[0, -1] + lost[0, -1] == pytest.approx(1 - np.prod(1 - h_w - h_l), abs=1e-12)
    assert 0 <= days_without_win(won)[0] <= 7 * len(hazards)


# --- accounts -------------------------------------------------------------------------------------


def acts_before(history: History, account: int, day: int, days: int) -> int:
    """Activity outside social of an account in so many days before this one, counted act by act."""
    of = history.accounts.person[history.events.person] == account
    on = history.events.moment[of] // SECONDS
    return int(((on >= day - days) & (on < day)).sum())


def won_in_time(history: History, account: int, day: int, end: int, *, exposed: bool) -> float:
    """Chance that what this account opens on this day is won before the other, week by week and day by day."""
    causes, who, (a, c) = history.causes, history.accounts, baselines(history.causes)
    engaged = log(1 + acts_before(history, account, day, 182))
    win = causes.engagement_to_win * engaged + causes.segment_to_win[who.segment[account]]
    win += causes.hidden_to_win * who.hidden[account] + causes.customer_to_win * who.is_customer[account]
    win += who.own_effect[account]
    still_open, won = 1.0, 0.0
    for since in range((end - day) // 7 + 1):
        acting = causes.beta * (exposed and since > causes.lag_weeks)
        h_w, h_l = chance(a[since] + win + acting), chance(c[since] + causes.engagement_to_loss * engaged)
        won += still_open * h_w * sum(day + 7 * since + d < end for d in range(7)) / 7
        still_open *= 1 - h_w - h_l
    return won


@pytest.mark.parametrize("lag_weeks", [0, 3])
@pytest.mark.parametrize("exposed", [True, False])
def test_first_openings_and_wins_agree_with_a_sum_over_every_day(lag_weeks: int, exposed: bool) -> None:
    history, weeks = busy(lag_weeks), 10
    causes, p = history.causes, history.causes.opportunities_per_account / 78
    for account, start in ((2, 30), (17, 70)):
        none_opened, none_won, monday = 1.0, 1.0, history.span.first_day + 7 * start
        end = monday + 7 * weeks
        for day in range(monday, end, 7):
            active = log(1 + acts_before(history, account, day, 182)) - log(1 + causes.interest_median)
            usual = log(p / (1 - p)) + causes.engagement_to_open * active
            opens = chance(usual + causes.open_beta * exposed)
            worthy = opens - causes.dud_share * (opens - chance(usual))
            won = sum(won_in_time(history, account, day + d, end, exposed=exposed) for d in range(5)) / 5
            none_opened *= 1 - opens
            none_won *= 1 - worthy * won
        told = first_by(history, (np.array([account]), np.array([start])), horizon_weeks=weeks, exposed=exposed)
        assert told[0][0] == pytest.approx(1 - none_opened, rel=1e-9)
        assert told[1][0] == pytest.approx(1 - none_won, rel=1e-9)


def test_differences_of_accounts_are_means_over_those_without_an_open_opportunity() -> None:
    history = busy(0)
    free = without_open(history, 50)
    sales, monday = history.sales, history.span.first_day + 350
    for account in range(len(history.accounts)):
        mine = sales.account == account
        assert (account in free) == (not np.any(mine & (sales.opened < monday) & (sales.decided >= monday)))
    told = account_difference(history, horizon_weeks=12, from_week=50)
    each = [account_difference(history, horizon_weeks=12, from_week=50, accounts=np.array([a])) for a in free]
    assert told.opened == pytest.approx(np.mean([d.opened for d in each]), rel=1e-12)
    assert told.won == pytest.approx(np.mean([d.won for d in each]), rel=1e-12)
    assert told.opened > told.won > 0


# --- contracts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("exposed", [True, False])
def test_cancelling_agrees_with_many_lives_of_a_contract(exposed: bool) -> None:
    history, draws, weeks = busy(0), 50_000, 12
    causes, contracts = history.causes, history.contracts
    asked, asked_on = history.accounts.person[history.requested.person], history.requested.moment // SECONDS
    for contract, start in ((0, 40), (7, 60), (len(contracts) - 1, 92)):
        account, started = int(contracts.account[contract]), int(contracts.started[contract])
        rng, runs = np.random.default_rng([contract, exposed]), np.ones(draws, dtype=bool)
        for week in range(start, start + weeks):
            monday = history.span.first_day + 7 * week
            recent = (asked == account) & (asked_on >= max(started, monday - 91)) & (asked_on < monday)
            log_odds = causes.cancel_base + causes.ticket_to_cancel * log(1 + int(recent.sum()))
            log_odds += causes.engagement_to_cancel * log(1 + acts_before(history, account, monday, 182))
            log_odds += history.accounts.cancel_effect[account] + causes.cancel_beta * exposed
            runs &= rng.random(draws) >= chance(log_odds)
        told = cancelled_by(history, (np.array([contract]), np.array([start])), horizon_weeks=weeks, exposed=exposed)
        assert abs(1 - runs.mean() - told[0, -1]) < 4 * np.sqrt(told[0, -1] * (1 - told[0, -1]) / draws)


def test_cancelling_may_be_asked_of_contracts_each_from_a_week_of_its_own() -> None:
    history = busy(0)
    both = cancel_difference(history, horizon_weeks=8, from_week=np.array([40, 60]), contracts=np.array([0, 7]))
    each = [
        cancel_difference(history, horizon_weeks=8, from_week=w, contracts=np.array([c])) for c, w in ((0, 40), (7, 60))
    ]
    assert both == pytest.approx(np.mean(each), rel=1e-12)
    assert both < 0


# --- what cannot be asked -------------------------------------------------------------------------


def test_what_lies_outside_the_observation_is_refused() -> None:
    history = busy(0)
    late = int(np.argmax(history.contracts.started))
    for ask, words in (
        (lambda: account_difference(history, horizon_weeks=26, from_week=90), "week 104"),
        (lambda: cancel_difference(history, horizon_weeks=4, from_week=-1), "week 0"),
        (lambda: cancel_difference(history, horizon_weeks=4, from_week=26, contracts=np.array([late])), "not begun"),
        (lambda: account_difference(history, horizon_weeks=4, from_week=np.array([30, 40])), "nobody"),
        (lambda: true("null").risk_difference(26, ["0069g0000000000"]), "0069g"),
        (lambda: true("null").account_difference(26, ["nobody"], from_week=30), "company 'nobody'"),
    ):
        with pytest.raises(GoodwillError, match=words):
            ask()


def test_where_social_does_nothing_every_truth_is_nothing() -> None:
    for name in ("null", "immortal_time", "prior_engagement", "hidden_confounder", "regression_to_the_mean"):
        truth = true(name)
        assert truth.risk_difference(26) == truth.restricted_mean_difference(26) == truth.value_difference(26) == 0.0
        assert truth.cancel_difference(26, from_week=40) == 0.0
        found = truth.account_difference(26, truth.account_ids[:50], from_week=40)
        assert found.opened == found.won == 0.0


def test_what_social_brings_is_as_large_as_it_should_be_to_be_found() -> None:
    for name in ("effect", "interference", "silent_exposure", "long_lags", "value", "demo"):
        assert true(name).risk_difference(26) > 0.05
        assert true(name).restricted_mean_difference(26) < -5
    assert true("value").value_difference(26) > 1.5 * replace(true("value"), parameters={}).value_difference(26) > 0
    assert true("retention").cancel_difference(26, from_week=40) < -0.05
    openings, collider = (true(n).account_difference(26, from_week=40) for n in ("openings", "collider"))
    assert openings.opened > 0.15
    assert openings.won > 0.03
    assert collider.opened > 0.15
    assert collider.won == 0.0
