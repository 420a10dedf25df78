"""What is true of accounts and contracts: the effect of being exposed all through a follow-up, against never.

Given the engagement, the requests and the activity that came about. Weeks are those of the observation, from 0.

Legend: t first week followed; H weeks followed; p_w chance of an opening in week w; F(d) chance that an opportunity
which opens on a working day of week w is won within the d days left; h_w chance of cancelling in week w.

    opened by H:     1 - prod over w of (1 - p_w)
    won by H:        1 - prod over w of (1 - p_w mean over working days of F)
    cancelled by H:  1 - prod over w of (1 - h_w)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.errors import GoodwillError
from goodwill.worlds.arithmetic import Floats, Ints, expit, won_by
from goodwill.worlds.customers import cancelling_of
from goodwill.worlds.openings import WORKING_DAYS, chances
from goodwill.worlds.sales import History, baselines, engagement_before, offsets


@dataclass(frozen=True)
class AccountDifference:
    """Mean differences in the chance of a first opportunity opened, and of a first win, within the horizon."""

    opened: float
    won: float


def account_difference(
    history: History, *, horizon_weeks: int, from_week: int | Ints, accounts: Ints | None = None
) -> AccountDifference:
    """Exposed all through the follow-up against never: first openings and first wins of accounts.

    Exposed all through means touched in every week from ``from_week`` - 1 - lag on. Openings in the follow-up count,
    whatever was open before. Exact where ``transient_to_win`` is zero.

    Parameters
    ----------
    history : History
    horizon_weeks : int
    from_week : int or array (n,)
        Week of the observation in which following starts, one for all or one for each account.
    accounts : array (n,), optional
        Numbers of accounts; by default those without an open opportunity at the start of ``from_week``.

    Returns
    -------
    AccountDifference
        Fractions, not per cent.

    Examples
    --------
    >>> from goodwill.worlds import imagine
    >>> company, truth = imagine("collider", seed=1, accounts=50)
    >>> found = account_difference(company.history, horizon_weeks=26, from_week=40)
    >>> found.opened > 0, found.won
    (True, 0.0)
    """
    rows = without_open(history, _one(from_week)) if accounts is None else np.asarray(accounts)
    start = np.broadcast_to(np.asarray(from_week), rows.shape)
    _must_be_observed(history, start, horizon_weeks)
    (opened, won), (opened_never, won_never) = (
        first_by(history, (rows, start), horizon_weeks=horizon_weeks, exposed=e) for e in (True, False)
    )
    return AccountDifference(_mean(opened - opened_never), _mean(won - won_never))


def first_by(
    history: History, followed: tuple[Ints, Ints], *, horizon_weeks: int, exposed: bool
) -> tuple[Floats, Floats]:
    """Chance of a first opening and of a first win by the horizon, for accounts each followed from a week."""
    account, start = followed
    week = start[:, None] + np.arange(horizon_weeks)
    base, extra = chances(history.market, account[:, None], week)
    more = (1 - base) * extra * exposed
    worthy = base + more * (1 - history.causes.dud_share)
    done, no_win = history.market.keys(history.events), np.ones(len(account))
    for ahead in range(horizon_weeks):
        opened = account, start + ahead
        share = _won_in_time(history, done, opened=opened, weeks_left=horizon_weeks - ahead, exposed=exposed)
        no_win *= 1 - worthy[:, ahead] * share
    return 1 - np.prod(1 - base - more, axis=1), 1 - no_win


def cancelled_by(history: History, followed: tuple[Ints, Ints], *, horizon_weeks: int, exposed: bool) -> Floats:
    """Chance that contracts, each followed from a week in which it runs, are cancelled by the end of each week.

    ``exposed`` is from the first followed week on. Returns an array (n, horizon_weeks).
    """
    contract, start = followed
    week = start[:, None] + np.arange(horizon_weeks)
    cancelling = cancelling_of(history.market, history.requested)
    account, started = history.contracts.account[contract], history.contracts.started[contract]
    log_odds = cancelling.log_odds(account[:, None], started[:, None], week) + history.causes.cancel_beta * exposed
    return np.asarray(1 - np.cumprod(1 - expit(log_odds), axis=1), dtype=np.float64)


def cancel_difference(
    history: History, *, horizon_weeks: int, from_week: int | Ints, contracts: Ints | None = None
) -> float:
    """Mean difference in the chance of being cancelled by the horizon: exposed from the first week on, against never.

    Given service requests and activity as they came about; where touches change requests it is the direct effect.

    Parameters
    ----------
    history : History
    horizon_weeks : int
    from_week : int or array (n,)
        Week of the observation in which following starts; each contract must have begun before its Monday.
    contracts : array (n,), optional
        Their numbers in ``history.contracts``; by default all that run at the start of ``from_week``.

    Examples
    --------
    >>> from goodwill.worlds import imagine
    >>> company, truth = imagine("retention", seed=1, accounts=50)
    >>> cancel_difference(company.history, horizon_weeks=26, from_week=40) < 0
    True
    """
    rows = running(history, _one(from_week)) if contracts is None else np.asarray(contracts)
    start = np.broadcast_to(np.asarray(from_week), rows.shape)
    _must_be_observed(history, start, horizon_weeks)
    if np.any(history.contracts.started[rows] >= history.span.first_day + 7 * start):
        raise GoodwillError(
            "A contract is followed from a week in which it had not begun.",
            remedy="Ask from the first week whose Monday is after the day on which it started.",
        )
    with_, without = (
        cancelled_by(history, (rows, start), horizon_weeks=horizon_weeks, exposed=e)[:, -1] for e in (True, False)
    )
    return _mean(with_ - without)


def without_open(history: History, week: int) -> Ints:
    """Accounts without an open opportunity on the Monday of this week."""
    monday, sales = history.span.first_day + 7 * week, history.sales
    is_open = (sales.opened < monday) & (sales.decided >= monday)
    return np.setdiff1d(np.arange(len(history.accounts)), sales.account[is_open])


def running(history: History, week: int) -> Ints:
    """Contracts that began before the Monday of this week and ran on it."""
    monday, contracts = history.span.first_day + 7 * week, history.contracts
    return np.flatnonzero((contracts.started < monday) & (contracts.ended >= monday))


def _won_in_time(history: History, done: Ints, *, opened: tuple[Ints, Ints], weeks_left: int, exposed: bool) -> Floats:
    """Chance of a win before the horizon for an opportunity that opens in a week, by account.

    The mean over working days of opening. A decision falls on each day of its week since opening with equal chance,
    so that of the last week followed only the days before the horizon count.
    """
    account, week = opened
    causes, market = history.causes, history.market
    weekday = np.arange(WORKING_DAYS)
    day = history.span.first_day + 7 * week[:, None] + weekday
    who = np.broadcast_to(account[:, None], day.shape)
    win, loss = offsets(market, who.ravel(), engagement_before(done, who, day).ravel())
    a, c = (log_odds[:weeks_left] for log_odds in baselines(causes))
    acting = causes.beta * exposed * (np.arange(weeks_left) >= 1 + causes.lag_weeks)
    won = won_by(expit(a + acting + win[:, None]), expit(c + loss[:, None])).reshape(*day.shape, weeks_left)
    last = won[:, :, -1]
    before = won[:, :, -2] if weeks_left > 1 else np.zeros_like(last)
    return np.asarray((before + (last - before) * (7 - weekday) / 7).mean(axis=1), dtype=np.float64)


def _must_be_observed(history: History, start: Ints, horizon_weeks: int) -> None:
    if len(start) and (start.min() < 0 or start.max() + horizon_weeks > history.span.weeks):
        raise GoodwillError(
            f"The truth is known from week 0 to week {history.span.weeks} of the observation only.",
            remedy="Follow from an earlier week, or for fewer weeks.",
        )


def _one(week: int | Ints) -> int:
    """A single week: only for one can it be said who is followed."""
    if np.ndim(week) > 0:
        raise GoodwillError(
            "Weeks were given, and nobody to be followed from each of them.",
            remedy="Name the accounts or contracts, one for each week.",
        )
    return int(week)


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0
