"""The companies sold to, with their people and what nobody records of them, and the days of the observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.arithmetic import Flags, Floats, Ints
from goodwill.worlds.causes import DAY_LENGTH, DAY_STARTS, SECONDS, Causes, stream


@dataclass(frozen=True, eq=False)
class Accounts:
    """The companies; ``interest`` is expected interactions in 26 weeks, ``person`` the account of each person.

    ``own_effect`` and ``cancel_effect`` are log-odds of winning and of cancelling, ``hidden`` and ``trouble`` standard
    normal traits, ``is_customer`` says who has a contract when the observation begins.
    """

    segment: Ints
    interest: Floats
    employees: Ints
    own_effect: Floats
    person: Ints
    hidden: Floats
    trouble: Floats
    cancel_effect: Floats
    is_customer: Flags

    def __len__(self) -> int:
        return len(self.segment)


@dataclass(frozen=True)
class Span:
    """The observation: its first day (a Monday, days since 1970), and how busy each day is, seven times the weeks."""

    first_day: int
    busy: Floats

    @property
    def weeks(self) -> int:
        """Whole weeks observed."""
        return len(self.busy) // 7

    @property
    def last_day(self) -> int:
        """The last day observed."""
        return self.first_day + len(self.busy) - 1

    @property
    def busy_weeks(self) -> Floats:
        """How busy each week is."""
        return np.asarray(self.busy.reshape(-1, 7).sum(axis=1), dtype=np.float64)

    def week_of(self, day: Ints) -> Ints:
        """The week of each day; before the first day it is negative."""
        return np.asarray((day - self.first_day) // 7, dtype=np.int64)

    def moments(self, week: Ints, rng: np.random.Generator) -> Ints:
        """A moment within each of these weeks, in seconds since 1970: on a working day, more likely than not."""
        share = np.cumsum(self.busy.reshape(-1, 7).mean(axis=0))
        weekday = np.searchsorted(share, rng.random(len(week)) * share[-1], side="right")
        clock = DAY_STARTS + (rng.random(len(week)) * DAY_LENGTH).astype(np.int64)
        return np.asarray((self.first_day + 7 * week + weekday) * SECONDS + clock, dtype=np.int64)


def span_of(first_day: int, weeks: int, season: float) -> Span:
    """Days and their relative activity: weekends are quiet, summer and the turn of the year by ``season``."""
    day = first_day + np.arange(7 * weeks)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    of_year = (day % 365.25) / 365.25
    summer = np.exp(-(((of_year - 0.59) / 0.06) ** 2))  # centred on the first days of August
    turn = np.exp(-((np.minimum(of_year, 1 - of_year) / 0.03) ** 2))
    busy = np.where(weekday >= 5, 0.2, 1.0) * (1.0 - season * np.minimum(summer + turn, 1.0))
    return Span(first_day, np.asarray(busy, dtype=np.float64))


def draw_accounts(causes: Causes, accounts: int, seed: int) -> Accounts:
    """Companies with a segment, a size, an interest, traits of their own, and two or more people each."""
    rng, unseen = stream(seed, 1), stream(seed, 201)
    segment = rng.integers(0, len(causes.segment_to_win), accounts)
    interest = causes.interest_median * np.exp(causes.interest_sd * rng.standard_normal(accounts))
    employees = np.ceil(np.exp(4.2 + 1.3 * rng.standard_normal(accounts))).astype(np.int64)
    own_effect = causes.account_sd * rng.standard_normal(accounts)
    mean = causes.people_per_account
    heads = np.rint(mean * np.exp(0.4 * rng.standard_normal(accounts) - 0.08))
    heads = np.clip(heads, 2, max(6, int(2 * mean))).astype(np.int64)
    hidden, trouble, leaving = unseen.standard_normal((3, accounts))
    is_customer = unseen.random(accounts) < causes.customers_share
    return Accounts(
        segment,
        interest * np.exp(causes.customer_to_interest * is_customer),
        employees,
        own_effect,
        np.repeat(np.arange(accounts), heads),
        hidden,
        trouble,
        causes.cancel_sd * leaving,
        is_customer,
    )


class Picker:
    """Chooses a person of an account, the active ones more often."""

    def __init__(self, accounts: Accounts, rng: np.random.Generator) -> None:
        self._upto = np.cumsum(rng.gamma(1.5, size=len(accounts.person)) + 0.05)
        self._last = np.cumsum(np.bincount(accounts.person, minlength=len(accounts))) - 1
        self._end = self._upto[self._last]
        self._start = np.concatenate([[0.0], self._end[:-1]])

    def __call__(self, account: Ints, rng: np.random.Generator) -> Ints:
        at = self._start[account] + rng.random(len(account)) * (self._end - self._start)[account]
        person = np.searchsorted(self._upto, at, side="right")
        return np.asarray(np.minimum(person, self._last[account]), dtype=np.int64)


def worth(accounts: Accounts, account: Ints, rng: np.random.Generator) -> Floats:
    """What each of these accounts pays in a year, in EUR: lognormal, and more at larger companies."""
    size = np.log(accounts.employees[account])
    return np.asarray(np.round(np.exp(8.6 + 0.35 * size + 0.6 * rng.standard_normal(len(account))), -2), dtype=float)
