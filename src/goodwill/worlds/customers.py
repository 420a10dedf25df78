"""Customers: their contracts, what they ask the service desk, and when they cancel.

A contract that runs on a Monday is cancelled within the week with a chance whose log-odds are

    cancel_base + ticket_to_cancel ln(1 + requests in 13 weeks) + engagement_to_cancel ln(1 + activity in 26 weeks)
    + the account's own effect + cancel_beta if exposed

and it is exposed from the week after the first touch that acts, since it began or the observation did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.accounts import worth
from goodwill.worlds.activity import Market
from goodwill.worlds.arithmetic import NEVER, UNDECIDED, Flags, Floats, Ints, expit
from goodwill.worlds.causes import PRODUCT_SHARES, REQUEST_DAYS, SECONDS, stream
from goodwill.worlds.timeline import DAYS, NO_DAY, count_between, first_since, keyed

#: Contracts that run when the observation begins are at most two years old.
OLDEST_DAYS = 730
#: Requests count for cancelling for so many weeks, so they are drawn from as many weeks before the observation on.
REQUEST_WEEKS = REQUEST_DAYS // 7


@dataclass(frozen=True, eq=False)
class Contracts:
    """Contracts in order of their start, then of the account; days are since 1970.

    ``ended`` is the last day, UNDECIDED while the contract runs; ``product`` is numbered 0 to 3, ``mrr`` is what is
    paid in a month, in EUR. An account has one at a time.
    """

    account: Ints
    person: Ints
    started: Ints
    ended: Ints
    product: Ints
    mrr: Floats

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True, eq=False)
class Requests:
    """Service requests in order of time; ``moment`` in seconds since 1970."""

    person: Ints
    moment: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, eq=False)
class Wins:
    """What was won, in order of the day: a win starts a contract where none runs. ``amount`` is paid in a year."""

    account: Ints
    day: Ints
    product: Ints
    amount: Floats


@dataclass(frozen=True, eq=False)
class Cancelling:
    """What moves cancelling but exposure: requests as sorted keys, activity by account and week."""

    market: Market
    asked: Ints
    engaged: Floats

    def log_odds(self, account: Ints, started: Ints, week: Ints) -> Floats:
        """Log-odds of cancelling in each week, unexposed, of contracts that started on these days."""
        causes, monday = self.market.causes, self.market.span.first_day + 7 * week
        recent = count_between(self.asked, account, np.maximum(started, monday - REQUEST_DAYS), monday)
        log_odds = causes.cancel_base + causes.ticket_to_cancel * np.log1p(recent)
        log_odds = log_odds + causes.engagement_to_cancel * np.log1p(self.engaged[account, week])
        return np.asarray(log_odds + self.market.accounts.cancel_effect[account], dtype=np.float64)


def cancelling_of(market: Market, requested: Requests) -> Cancelling:
    """Count once what moves cancelling."""
    asked = keyed(market.accounts.person[requested.person], requested.moment // SECONDS)
    return Cancelling(market, asked, market.engaged)


def draw_requests(market: Market, seed: int) -> Requests:
    """All that would be asked if everybody were a customer all the time, from before the observation on."""
    causes, trouble, rng = market.causes, market.accounts.trouble, stream(seed, 204)
    rate = np.log(causes.requests_a_week) + causes.trouble_sd * trouble - causes.trouble_sd**2 / 2
    touched = np.column_stack([np.zeros((len(trouble), REQUEST_WEEKS)), market.exposed(REQUEST_WEEKS)])
    number = rng.poisson(np.exp(rate[:, None] + causes.touch_to_tickets * touched))
    account, week = np.nonzero(number)
    times = number[account, week]
    account, week = np.repeat(account, times), np.repeat(week - REQUEST_WEEKS, times)
    person, moment = market.pick(account, rng), market.span.moments(week, rng) // 60 * 60
    order = np.lexsort((person, moment))
    return Requests(person[order], moment[order])


def recorded_requests(market: Market, requested: Requests, contracts: Contracts) -> Requests:
    """The requests that were made: by somebody whose contract ran, within the observation."""
    order = np.lexsort((contracts.started, contracts.account))
    begun = contracts.account[order] * DAYS + np.maximum(contracts.started[order], 0)
    account, day = market.accounts.person[requested.person], requested.moment // SECONDS
    latest = np.searchsorted(begun, account * DAYS + day, side="right") - 1
    found = order[np.maximum(latest, 0)] if len(order) else np.zeros(len(day), dtype=np.int64)
    made: Flags = (latest >= 0) & (day >= market.span.first_day)
    if len(order):
        made &= (contracts.account[found] == account) & (day <= contracts.ended[found])
    return Requests(requested.person[made], requested.moment[made])


def exposed_from(market: Market, touched: Ints, account: Ints, started: Ints) -> Ints:
    """The week from which each contract is exposed, NEVER if it is not; ``touched`` are keys of the acting touches."""
    day = first_since(touched, account, np.maximum(started, market.span.first_day))
    return np.where(day == NO_DAY, NEVER, market.span.week_of(day) + market.causes.lag_weeks + 1)


class _Book:
    """The contracts as they come and go; filled week by week."""

    def __init__(self, market: Market, most: int) -> None:
        self._market, self._touched = market, market.keys(market.acting)
        self.account, self.started, self.product, self.exposed = np.zeros((4, most), dtype=np.int64)
        self.ended, self.mrr = np.full(most, UNDECIDED), np.zeros(most)
        self._latest = np.full(len(market.accounts), -1)
        self.number = 0

    def add(self, wins: Wins) -> None:
        """Start a contract for each of these, none of whose accounts has one."""
        new = np.arange(self.number, self.number + len(wins.account))
        self.account[new], self.started[new], self.product[new] = wins.account, wins.day, wins.product
        self.mrr[new] = np.round(wins.amount / 12, 2)
        self.exposed[new] = exposed_from(self._market, self._touched, wins.account, wins.day)
        self._latest[wins.account] = new
        self.number += len(new)

    def win(self, wins: Wins) -> None:
        """Start a contract for those whose account has none on that day, one after the other."""
        for i, (account, day) in enumerate(zip(wins.account.tolist(), wins.day.tolist(), strict=True)):
            latest = self._latest[account]
            if latest < 0 or self.ended[latest] < day:
                one = slice(i, i + 1)
                self.add(Wins(wins.account[one], wins.day[one], wins.product[one], wins.amount[one]))

    def running(self, monday: int) -> Ints:
        """Those that run on this day and began before it."""
        n = self.number
        return np.flatnonzero((self.ended[:n] == UNDECIDED) & (self.started[:n] < monday))

    def contracts(self, rng: np.random.Generator) -> Contracts:
        """All of them, in order; somebody of the account signed."""
        order = np.lexsort((self.account[: self.number], self.started[: self.number]))
        account = self.account[order]
        person = self._market.pick(account, rng)
        return Contracts(account, person, self.started[order], self.ended[order], self.product[order], self.mrr[order])


def draw_contracts(market: Market, wins: Wins, requested: Requests, seed: int) -> Contracts:
    """Contracts that ran when the observation began and those that wins started, until cancelled."""
    rng, causes, first_day = stream(seed, 206), market.causes, market.span.first_day
    earlier = _earlier(market, stream(seed, 205))
    book = _Book(market, len(earlier.account) + len(wins.account))
    book.add(earlier)
    cancelling = cancelling_of(market, requested)
    upto = np.searchsorted(wins.day, first_day + 7 * np.arange(market.span.weeks + 1))
    for week in range(market.span.weeks):
        monday = first_day + 7 * week
        at_risk = book.running(monday)
        log_odds = cancelling.log_odds(book.account[at_risk], book.started[at_risk], np.full(len(at_risk), week))
        chance = expit(log_odds + causes.cancel_beta * (book.exposed[at_risk] <= week))
        u = rng.random(len(at_risk))
        gone = u < chance
        book.ended[at_risk[gone]] = monday + (7 * u[gone] / chance[gone]).astype(np.int64)  # evenly over the week
        some = slice(upto[week], upto[week + 1])
        book.win(Wins(wins.account[some], wins.day[some], wins.product[some], wins.amount[some]))
    return book.contracts(stream(seed, 207))


def _earlier(market: Market, rng: np.random.Generator) -> Wins:
    """The contracts that already run when the observation begins."""
    account = np.flatnonzero(market.accounts.is_customer)
    day = market.span.first_day - rng.integers(1, OLDEST_DAYS + 1, len(account))
    product = rng.choice(len(PRODUCT_SHARES), size=len(account), p=PRODUCT_SHARES)
    return Wins(account, day, product, worth(market.accounts, account, rng))
