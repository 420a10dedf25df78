"""What becomes of the opportunities: when they open, how engaged the account was, and how each ends.

Legend: h_w, h_l chance of a win and of a loss in a week among those still open; a, c their log-odds by week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodwill.worlds.causes import (
    HISTORY_DAYS,
    SECONDS,
    Accounts,
    Causes,
    Events,
    Picker,
    Span,
    Touches,
    draw_accounts,
    draw_events,
    draw_touches,
    span_of,
    stream,
    with_untagged,
)
from goodwill.worlds.truth import NEVER, UNDECIDED, Floats, Ints, expit

#: Larger than any day number: makes one sortable key of account and day.
DAYS = 100_000
#: Weeks for which the baselines are tabled: ten years, longer than any world.
TABLED_WEEKS = 520


@dataclass(frozen=True, eq=False)
class Sales:
    """The opportunities in order of opening; days are since 1970-01-01, ``decided`` is UNDECIDED if still open.

    ``touch_week`` is the week of the first social touch while open, NEVER if none.
    """

    account: Ints
    opened: Ints
    decided: Ints
    won: NDArray[np.bool_]
    engagement: Ints
    win_offset: Floats
    loss_offset: Floats
    touch_week: Ints

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True, eq=False)
class History:
    """Everything that happened in a company's years."""

    span: Span
    accounts: Accounts
    events: Events
    touches: Touches
    sales: Sales


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
        The same seed gives the same history.
    """
    rng = stream(seed, 1)
    span = span_of(first_day, weeks, causes.season)
    companies = draw_accounts(causes, accounts, rng)
    pick = Picker(companies, rng)
    events = draw_events(companies, span, pick, stream(seed, 2))
    touches = draw_touches(causes, companies, span, pick, stream(seed, 3))
    events = with_untagged(events, touches, causes.untagged_share, stream(seed, 7))
    return History(span, companies, events, touches, _sell(causes, companies, (span, events, touches), stream(seed, 4)))


def baselines(causes: Causes) -> tuple[Floats, Floats]:
    """Log-odds a of a win and c of a loss by week since opening, before anything is added.

    Few are decided at once, and what has gone on for long is decided more slowly.
    """
    week = np.arange(TABLED_WEEKS)
    a = causes.win_base - 1.6 * np.exp(-week / 3.0) - 0.012 * np.minimum(week, 60)
    c = causes.loss_base - 1.0 * np.exp(-week / 3.0) - 0.008 * np.minimum(week, 60)
    return a, c


def _sell(causes: Causes, accounts: Accounts, seen: tuple[Span, Events, Touches], rng: np.random.Generator) -> Sales:
    span, events, touches = seen
    account, opened = _openings(causes.opportunities_per_account, len(accounts), span, rng)
    engagement = _before(_keys(accounts, events.person, events.moment), account, opened)
    win_offset = causes.engagement_to_win * np.log1p(engagement) + accounts.own_effect[account]
    win_offset = win_offset + np.asarray(causes.segment_to_win)[accounts.segment[account]]
    loss_offset = causes.engagement_to_loss * np.log1p(engagement)
    touched = _keys(accounts, touches.person, touches.moment)
    first_week = _first_week(touched, account, opened)
    a, c = (log_odds[None, : span.weeks] for log_odds in baselines(causes))
    exposed = np.arange(span.weeks)[None, :] > first_week[:, None]
    h_w = expit(a + win_offset[:, None] + causes.beta * exposed)
    h_l = expit(c + loss_offset[:, None])
    decided, won = _ends((h_w, h_l), opened, span.last_day, rng)
    ends = np.minimum(decided, span.last_day)
    while_open = np.searchsorted(touched, account * DAYS + ends, side="right") > np.searchsorted(
        touched, account * DAYS + opened
    )
    touch_week = np.where(while_open, first_week, NEVER)
    return Sales(account, opened, decided, won, engagement, win_offset, loss_offset, touch_week)


def _openings(mean: float, accounts: int, span: Span, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Account and day of opening, in order of day; on working days, once the history is full."""
    account = np.repeat(np.arange(accounts), rng.poisson(mean, accounts))
    week = rng.integers(HISTORY_DAYS // 7, span.weeks, len(account))
    opened = span.first_day + 7 * week + rng.integers(0, 5, len(account))
    order = np.lexsort((account, opened))
    return account[order], opened[order]


def _keys(accounts: Accounts, person: Ints, moment: Ints) -> Ints:
    """Account and day of what people did, as one number, in order."""
    return np.sort(accounts.person[person] * DAYS + moment // SECONDS)


def _before(done: Ints, account: Ints, opened: Ints) -> Ints:
    """How much each opportunity's account did in the history before the day of the opening."""
    until = np.searchsorted(done, account * DAYS + opened)
    return np.asarray(until - np.searchsorted(done, account * DAYS + opened - HISTORY_DAYS), dtype=np.int64)


def _first_week(touched: Ints, account: Ints, opened: Ints) -> Ints:
    """Week, counted from opening, of the account's first touch since then, whether or not it is still open."""
    beyond = np.append(touched, np.int64(2**62))
    found = beyond[np.searchsorted(beyond, account * DAYS + opened)]
    return np.where(found // DAYS == account, (found % DAYS - opened) // 7, NEVER)


def _ends(
    hazards: tuple[Floats, Floats], opened: Ints, last_day: int, rng: np.random.Generator
) -> tuple[Ints, NDArray[np.bool_]]:
    """Day of the decision and whether it was a win: one draw u a week, won if u < h_w, lost if u < h_w + h_l."""
    h_w, h_l = hazards
    u = rng.random(h_w.shape)
    over = u < h_w + h_l
    week = np.where(over.any(axis=1), over.argmax(axis=1), NEVER)
    decided = opened + 7 * week + rng.integers(0, 7, len(opened))
    ended = decided <= last_day
    won = ended & (u < h_w)[np.arange(len(opened)), np.minimum(week, h_w.shape[1] - 1)]
    return np.where(ended, decided, UNDECIDED), won
