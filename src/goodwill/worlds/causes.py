"""The causal model: who is interested, who touches us on social networks, and what that does to a sale.

Everything is an array. Interest of the account drives its e-mail and site activity and its social touches; activity
before the opening (counted, so that it can be seen) and segment drive wins; exposure adds ``beta`` and nothing else.

    interest -> prior engagement E -> win          touch in week w -> exposed from week w + 1 -> win (beta)
    interest -> touch                              segment -> touch, segment -> win
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodwill.worlds.truth import NEVER, UNDECIDED, Floats, Ints, expit

#: Length of the engagement history that drives wins: 26 weeks.
HISTORY_DAYS = 182
#: People act between 08:30 and 22:00 UTC. Opportunities open at 08:00, so that weeks counted from the opening's
#: day and from its moment are the same weeks.
DAY_STARTS, DAY_LENGTH = 30_600, 48_600
SECONDS = 86_400
#: Kinds of activity outside social, and how common each is: opens are more frequent than clicks.
OPEN, CLICK, PAGE = 0, 1, 2
KIND_SHARES = (0.42, 0.13, 0.45)
#: Larger than any day number: makes one sortable key of account and day.
SPAN = 100_000
#: Weeks for which the baselines are tabled: ten years, longer than any world.
TABLED_WEEKS = 520


@dataclass(frozen=True)
class Causes:
    """Every constant of the model; log-odds are per week.

    The values were set by hand so that about 30% are won, half are touched while open, the median cycle is about ten
    weeks, and the table of touched against untouched is badly wrong where the effect is zero.
    """

    beta: float = 0.0
    engagement_to_win: float = 0.85
    engagement_to_loss: float = -0.25
    engagement_to_touch: float = 1.0
    segment_to_win: tuple[float, ...] = (0.35, 0.0, -0.35, 0.15, -0.15)
    segment_to_touch: tuple[float, ...] = (0.4, 0.0, -0.4, 0.2, -0.2)
    win_base: float = -5.35
    loss_base: float = -2.75
    touch_base: float = -4.75
    account_sd: float = 0.0
    #: Median and spread (log) of an account's interactions in 26 weeks.
    interest_median: float = 8.0
    interest_sd: float = 1.0
    people_per_account: float = 3.4
    opportunities_per_account: float = 1.12
    #: Summer and year's end are quieter by up to this fraction; it moves activity and touches, never hazards.
    season: float = 0.0
    #: Week in which each venue starts; its length is the number of venues.
    venue_starts: tuple[int, ...] = (0, 0)
    #: Share of social touches that are visits to the site through a tagged link.
    site_share: float = 0.25


@dataclass(frozen=True)
class History:
    """What happened. Days are since 1970-01-01, moments in seconds since then; events and touches in order of time.

    ``venue`` of a touch is the number of the venue it came from; ``by_site`` says that it was a visit through a
    tagged link; ``action`` numbers what was done otherwise. ``touch_week`` is the first one while open.
    """

    first_day: int
    last_day: int
    segment: Ints
    employees: Ints
    win_baseline: Floats
    loss_baseline: Floats
    person_account: Ints
    event_person: Ints
    event_moment: Ints
    event_kind: Ints
    touch_person: Ints
    touch_moment: Ints
    touch_venue: Ints
    touch_by_site: NDArray[np.bool_]
    touch_action: Ints
    account: Ints
    opened: Ints
    decided: Ints
    won: NDArray[np.bool_]
    engagement: Ints
    win_offset: Floats
    loss_offset: Floats
    touch_week: Ints

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.segment)


def stream(seed: int, part: int) -> np.random.Generator:
    """Random numbers for one part of the world, so that a change in one part leaves the others alone."""
    return np.random.default_rng([seed, part])


def happen(causes: Causes, *, accounts: int, first_day: int, weeks: int, seed: int) -> History:
    """Let a company's years happen.

    Parameters
    ----------
    causes : Causes
    accounts : int
    first_day : int
        A Monday, in days since 1970-01-01.
    weeks : int
        Length of the observation; opportunities open from week 26 on, so that their history is seen in full.
    seed : int
    """
    rng = stream(seed, 1)
    segment = rng.integers(0, len(causes.segment_to_win), accounts)
    interest = causes.interest_median * np.exp(causes.interest_sd * rng.standard_normal(accounts))
    employees = np.ceil(np.exp(4.2 + 1.3 * rng.standard_normal(accounts))).astype(np.int64)
    own_effect = causes.account_sd * rng.standard_normal(accounts)
    heads = _heads(causes.people_per_account, accounts, rng)
    people = np.repeat(np.arange(accounts), heads)
    pick = _Picker(people, accounts, rng)
    days = _calendar(causes.season, first_day, weeks)
    events = _events(interest, (days, first_day), pick, stream(seed, 2))
    touches = _touches(causes, np.log1p(interest), segment, (days, first_day, pick), stream(seed, 3))
    rng = stream(seed, 4)
    account, opened = _openings(causes.opportunities_per_account, accounts, first_day, weeks, rng)
    engagement = _before(people[events[0]], events[1] // SECONDS, account, opened)
    win_offset = causes.engagement_to_win * np.log1p(engagement) + own_effect[account]
    win_offset = win_offset + np.asarray(causes.segment_to_win)[segment[account]]
    loss_offset = causes.engagement_to_loss * np.log1p(engagement)
    first = _first_week(people[touches[0]], touches[1] // SECONDS, account, opened)
    week = np.arange(TABLED_WEEKS)
    # few are decided at once, and what has gone on for long is decided more slowly
    a = causes.win_base - 1.6 * np.exp(-week / 3.0) - 0.012 * np.minimum(week, 60)
    c = causes.loss_base - 1.0 * np.exp(-week / 3.0) - 0.008 * np.minimum(week, 60)
    last_day = first_day + 7 * weeks - 1
    exposed = week[None, :weeks] > first[:, None]
    h_w = expit(a[None, :weeks] + win_offset[:, None] + causes.beta * exposed)
    h_l = expit(c[None, :weeks] + loss_offset[:, None])
    decided, won = _ends(h_w, h_l, opened, last_day, rng)
    still_open = opened + 7 * first <= np.minimum(decided, last_day)
    seen = _while_open(people[touches[0]], touches[1] // SECONDS, account, (opened, np.minimum(decided, last_day)))
    return History(
        first_day, last_day, segment, employees, a, c, people, *events, *touches, account, opened, decided, won,
        engagement, win_offset, loss_offset, np.where(seen & still_open, first, NEVER),
    )  # fmt: skip


class _Picker:
    """Chooses a person of an account, the active ones more often."""

    def __init__(self, people: Ints, accounts: int, rng: np.random.Generator) -> None:
        self._upto = np.cumsum(rng.gamma(1.5, size=len(people)) + 0.05)
        last = np.cumsum(np.bincount(people, minlength=accounts)) - 1
        self._end = self._upto[last]
        self._start = np.concatenate([[0.0], self._end[:-1]])
        self._last = last

    def __call__(self, account: Ints, rng: np.random.Generator) -> Ints:
        at = self._start[account] + rng.random(len(account)) * (self._end - self._start)[account]
        return np.minimum(np.searchsorted(self._upto, at, side="right"), self._last[account]).astype(np.int64)


def _heads(mean: float, accounts: int, rng: np.random.Generator) -> Ints:
    """People per account: at least two, lognormal, capped at about twice the mean."""
    drawn = np.rint(mean * np.exp(0.4 * rng.standard_normal(accounts) - 0.08))
    return np.clip(drawn, 2, max(6, int(2 * mean))).astype(np.int64)


def _calendar(season: float, first_day: int, weeks: int) -> Floats:
    """Relative activity of each day: weekends are quiet, summer and the turn of the year a little."""
    day = first_day + np.arange(7 * weeks)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    of_year = (day % 365.25) / 365.25
    dips = np.exp(-(((of_year - 0.59) / 0.06) ** 2)) + np.exp(-((np.minimum(of_year, 1 - of_year) / 0.03) ** 2))
    return np.asarray(np.where(weekday >= 5, 0.2, 1.0) * (1.0 - season * np.minimum(dips, 1.0)), dtype=np.float64)


def _moments(day: Ints, rng: np.random.Generator) -> Ints:
    return np.asarray(day * SECONDS + DAY_STARTS + (rng.random(len(day)) * DAY_LENGTH).astype(np.int64), dtype=np.int64)


def _events(
    interest: Floats, when: tuple[Floats, int], pick: _Picker, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Person, moment and kind of every interaction outside social: a Poisson process at the account's interest."""
    days, first_day = when
    total = rng.poisson(interest * len(days) / HISTORY_DAYS)
    account = np.repeat(np.arange(len(interest)), total)
    person = pick(account, rng)
    upto = np.cumsum(days)
    day = first_day + np.searchsorted(upto, rng.random(len(account)) * upto[-1], side="right").astype(np.int64)
    kind = rng.choice(3, size=len(account), p=KIND_SHARES)
    # the same thing twice in a second is one thing; unique also puts all in a total order
    key = np.unique((_moments(day, rng) * SPAN + person) * 3 + kind)
    return key // 3 % SPAN, key // 3 // SPAN, key % 3


def _touches(
    causes: Causes, engagement: Floats, segment: Ints, when: tuple[Floats, int, _Picker], rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, NDArray[np.bool_], Ints]:
    """Person, moment, venue, whether by a tagged link, and action: one chance per account and week, whatever ends."""
    days, first_day, pick = when
    by_week = days.reshape(-1, 7)
    busy = np.log(by_week.sum(axis=1) / by_week.sum(axis=1).max())
    log_odds = causes.touch_base + causes.engagement_to_touch * engagement
    log_odds = log_odds + np.asarray(causes.segment_to_touch)[segment]
    hit = rng.random((len(segment), len(by_week))) < expit(log_odds[:, None] + busy[None, :])
    account, week = np.nonzero(hit)
    times = 1 + rng.poisson(0.4, len(account))
    account, week = np.repeat(account, times), np.repeat(week, times)
    share = np.cumsum(by_week.mean(axis=0))
    weekday = np.searchsorted(share, rng.random(len(account)) * share[-1], side="right")
    moment = _moments(first_day + 7 * week + weekday, rng) // 60 * 60  # community tools note the minute
    person = pick(account, rng)
    key, kept = np.unique(moment * SPAN + person, return_index=True)
    running = np.searchsorted(np.asarray(causes.venue_starts), week[kept], side="right")
    venue = (rng.random(len(key)) ** 1.5 * running).astype(np.int64)  # the first venues are the main ones
    by_site = rng.random(len(key)) < causes.site_share
    return key % SPAN, key // SPAN, venue, by_site, rng.integers(0, 10, len(key))


def _openings(mean: float, accounts: int, first_day: int, weeks: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Account and day of opening, in order of day; on working days, once the history is full."""
    account = np.repeat(np.arange(accounts), rng.poisson(mean, accounts))
    week = rng.integers(HISTORY_DAYS // 7, weeks, len(account))
    opened = first_day + 7 * week + rng.integers(0, 5, len(account))
    order = np.lexsort((account, opened))
    return account[order], opened[order]


def _before(event_account: Ints, event_day: Ints, account: Ints, opened: Ints) -> Ints:
    """Events of each opportunity's account in the history before its opening."""
    key = np.sort(event_account * SPAN + event_day)
    end = np.searchsorted(key, account * SPAN + opened)
    return np.asarray(end - np.searchsorted(key, account * SPAN + opened - HISTORY_DAYS), dtype=np.int64)


def _first_week(touch_account: Ints, touch_day: Ints, account: Ints, opened: Ints) -> Ints:
    """Week, counted from opening, of the account's first touch since then, whether or not still open."""
    key = np.append(np.sort(touch_account * SPAN + touch_day), np.int64(2**62))
    found = key[np.searchsorted(key, account * SPAN + opened)]
    return np.where(found // SPAN == account, (found % SPAN - opened) // 7, NEVER)


def _while_open(touch_account: Ints, touch_day: Ints, account: Ints, span: tuple[Ints, Ints]) -> NDArray[np.bool_]:
    """Was the account touched from the opening up to the end of the day of the decision?"""
    key = np.sort(touch_account * SPAN + touch_day)
    until = np.searchsorted(key, account * SPAN + span[1], side="right")
    return np.asarray(until > np.searchsorted(key, account * SPAN + span[0]))


def _ends(
    h_w: Floats, h_l: Floats, opened: Ints, last_day: int, rng: np.random.Generator
) -> tuple[Ints, NDArray[np.bool_]]:
    """Day of the decision and whether it was a win: one draw per week, won below h_w, lost below h_w + h_l."""
    u = rng.random(h_w.shape)
    over = u < h_w + h_l
    week = np.where(over.any(axis=1), over.argmax(axis=1), NEVER)
    decided = opened + 7 * week + rng.integers(0, 7, len(opened))
    ended = decided <= last_day
    row = np.arange(len(opened))
    won = ended & (u < h_w)[row, np.minimum(week, h_w.shape[1] - 1)]
    return np.where(ended, decided, UNDECIDED), won
