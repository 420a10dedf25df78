"""The causal model: who is interested, what they do, who touches us on social networks; every constant stands here.

Interest of the account drives its e-mail and site activity and its social touches; activity before the opening
(counted, so that it can be seen) and segment drive wins; exposure adds ``beta`` and nothing else (see ``sales``).

    interest -> prior engagement E -> win          touch in week w -> exposed from week w + 1 -> win (beta)
    interest -> touch                              segment -> touch, segment -> win
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodwill.worlds.truth import Floats, Ints, expit

#: Length of the engagement history that drives wins: 26 weeks.
HISTORY_DAYS = 182
#: People act between 08:30 and 22:00 UTC. Opportunities open at 08:00, so that weeks counted from the opening's
#: day and from its moment are the same weeks.
DAY_STARTS, DAY_LENGTH = 30_600, 48_600
SECONDS = 86_400
#: Kinds of activity outside social, and how common each is: opens are more frequent than clicks.
OPEN, CLICK, PAGE = 0, 1, 2
#: A page view that followed a touch on a venue through a link without tags: nothing in it says where it came from.
UNTAGGED = 3
KIND_SHARES = (0.42, 0.13, 0.45)
#: More people than any world has: makes one sortable key of moment and person.
CROWD = 10_000_000
#: Actions on a venue are drawn from ten equally likely numbers; who words them decides what they mean.
ACTIONS = 10


@dataclass(frozen=True)
class Causes:
    """Every constant of the model; log-odds are per week.

    The values were set by hand so that about 30% are won, half are touched while open, the median cycle is about ten
    weeks, and the table of touched against untouched is wrong by more than 20 points where the effect is zero.
    """

    beta: float = 0.0
    engagement_to_win: float = 1.2
    engagement_to_loss: float = -0.4
    engagement_to_touch: float = 1.2
    segment_to_win: tuple[float, ...] = (0.5, 0.0, -0.5, 0.25, -0.25)
    segment_to_touch: tuple[float, ...] = (0.5, 0.0, -0.5, 0.25, -0.25)
    win_base: float = -6.5
    loss_base: float = -2.4
    touch_base: float = -5.3
    #: Spread of what else makes an account buy; it moves wins and nothing else.
    account_sd: float = 0.0
    #: Median and spread (log) of an account's expected interactions in 26 weeks.
    interest_median: float = 8.0
    interest_sd: float = 1.1
    people_per_account: float = 3.4
    opportunities_per_account: float = 1.12
    #: Summer and the turn of the year are quieter by up to this fraction; it moves activity, never hazards.
    season: float = 0.0
    #: Week in which each venue starts, in order; the first must be 0.
    venue_starts: tuple[int, ...] = (0, 0)
    #: Share of social touches that are visits to the site through a tagged link.
    site_share: float = 0.25
    #: Share of the other touches after which the person also comes to the site through an untagged link.
    untagged_share: float = 0.0


@dataclass(frozen=True, eq=False)
class Accounts:
    """The companies; ``interest`` is expected interactions in 26 weeks, ``person`` the account of each person."""

    segment: Ints
    interest: Floats
    employees: Ints
    own_effect: Floats
    person: Ints

    def __len__(self) -> int:
        return len(self.segment)


@dataclass(frozen=True, eq=False)
class Events:
    """Inbound interactions outside social, in order of time; ``moment`` in seconds since 1970."""

    person: Ints
    moment: Ints
    kind: Ints


@dataclass(frozen=True, eq=False)
class Touches:
    """Inbound social touches, in order of time.

    ``venue`` is the number of the venue they came from; ``by_site`` marks visits through a tagged link, ``action``
    numbers what was done otherwise.
    """

    person: Ints
    moment: Ints
    venue: Ints
    by_site: NDArray[np.bool_]
    action: Ints


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


def stream(seed: int, part: int) -> np.random.Generator:
    """Random numbers for one part of the world, so that a change in one part leaves the others alone."""
    return np.random.default_rng([seed, part])


def span_of(first_day: int, weeks: int, season: float) -> Span:
    """Days and their relative activity: weekends are quiet, summer and the turn of the year by ``season``."""
    day = first_day + np.arange(7 * weeks)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    of_year = (day % 365.25) / 365.25
    summer = np.exp(-(((of_year - 0.59) / 0.06) ** 2))  # centred on the first days of August
    turn = np.exp(-((np.minimum(of_year, 1 - of_year) / 0.03) ** 2))
    busy = np.where(weekday >= 5, 0.2, 1.0) * (1.0 - season * np.minimum(summer + turn, 1.0))
    return Span(first_day, np.asarray(busy, dtype=np.float64))


def draw_accounts(causes: Causes, accounts: int, rng: np.random.Generator) -> Accounts:
    """Companies with a segment, a size, an interest, an effect of their own, and two or more people each."""
    segment = rng.integers(0, len(causes.segment_to_win), accounts)
    interest = causes.interest_median * np.exp(causes.interest_sd * rng.standard_normal(accounts))
    employees = np.ceil(np.exp(4.2 + 1.3 * rng.standard_normal(accounts))).astype(np.int64)
    own_effect = causes.account_sd * rng.standard_normal(accounts)
    mean = causes.people_per_account
    heads = np.rint(mean * np.exp(0.4 * rng.standard_normal(accounts) - 0.08))
    heads = np.clip(heads, 2, max(6, int(2 * mean))).astype(np.int64)
    return Accounts(segment, interest, employees, own_effect, np.repeat(np.arange(accounts), heads))


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


def draw_events(accounts: Accounts, span: Span, pick: Picker, rng: np.random.Generator) -> Events:
    """E-mail opens and clicks and page views: a Poisson process at each account's interest."""
    total = rng.poisson(accounts.interest * len(span.busy) / HISTORY_DAYS)
    account = np.repeat(np.arange(len(accounts)), total)
    person = pick(account, rng)
    upto = np.cumsum(span.busy)
    day = span.first_day + np.searchsorted(upto, rng.random(len(account)) * upto[-1], side="right")
    kind = rng.choice(3, size=len(account), p=KIND_SHARES)
    return _in_order(person, _moments(day, rng), kind)


def with_untagged(events: Events, touches: Touches, share: float, rng: np.random.Generator) -> Events:
    """The events, and visits within ten minutes after some of the touches, through links that nobody tagged."""
    came = ~touches.by_site & (rng.random(len(touches.person)) < share)
    moment = touches.moment[came] + rng.integers(60, 600, int(came.sum()))
    return _in_order(
        np.concatenate([events.person, touches.person[came]]),
        np.concatenate([events.moment, moment]),
        np.concatenate([events.kind, np.full(len(moment), UNTAGGED)]),
    )


def _in_order(person: Ints, moment: Ints, kind: Ints) -> Events:
    """Events in a total order; the same thing twice in a second is one thing."""
    key = np.unique((moment * CROWD + person) * 4 + kind)
    return Events(key // 4 % CROWD, key // 4 // CROWD, key % 4)


def draw_touches(causes: Causes, accounts: Accounts, span: Span, pick: Picker, rng: np.random.Generator) -> Touches:
    """One chance per account and week, the same before, during and after a sale and whatever its end."""
    busy = span.busy.reshape(-1, 7)
    relative = busy.sum(axis=1) / busy.sum(axis=1).max()
    log_odds = causes.touch_base + causes.engagement_to_touch * np.log1p(accounts.interest)
    log_odds = log_odds + np.asarray(causes.segment_to_touch)[accounts.segment]
    hit = rng.random((len(accounts), span.weeks)) < expit(log_odds[:, None] + np.log(relative)[None, :])
    account, week = np.nonzero(hit)
    times = 1 + rng.poisson(0.4, len(account))
    account, week = np.repeat(account, times), np.repeat(week, times)
    share = np.cumsum(busy.mean(axis=0))
    weekday = np.searchsorted(share, rng.random(len(account)) * share[-1], side="right")
    moment = _moments(span.first_day + 7 * week + weekday, rng) // 60 * 60  # community tools note the minute
    key, kept = np.unique(moment * CROWD + pick(account, rng), return_index=True)
    running = np.searchsorted(np.asarray(causes.venue_starts), week[kept], side="right")
    venue = (rng.random(len(key)) ** 1.5 * running).astype(np.int64)  # the first venues are the main ones
    by_site = rng.random(len(key)) < causes.site_share
    return Touches(key % CROWD, key // CROWD, venue, by_site, rng.integers(0, ACTIONS, len(key)))


def _moments(day: Ints, rng: np.random.Generator) -> Ints:
    return np.asarray(day * SECONDS + DAY_STARTS + (rng.random(len(day)) * DAY_LENGTH).astype(np.int64), dtype=np.int64)
