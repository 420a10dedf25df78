"""What people did, in e-mail, on the site and on social networks; and which touches any export records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.accounts import Accounts, Picker, Span
from goodwill.worlds.arithmetic import Flags, Floats, Ints, expit
from goodwill.worlds.causes import (
    ACTIONS,
    CROWD,
    HISTORY_WEEKS,
    KIND_SHARES,
    SECONDS,
    TROUGH,
    TROUGH_WEEKS,
    UNTAGGED,
    Causes,
    stream,
)
from goodwill.worlds.timeline import by_week, keyed, sums_before


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
    by_site: Flags
    action: Ints

    def some(self, kept: Flags) -> Touches:
        """Those of them that are marked."""
        return Touches(self.person[kept], self.moment[kept], self.venue[kept], self.by_site[kept], self.action[kept])


@dataclass(frozen=True, eq=False)
class Market:
    """The companies and what their people did.

    ``touches`` are recorded, ``acting`` all that took place. ``weekly`` counts activity outside social for each account
    and week, from 26 weeks before the observation on, without what followed a touch; ``state`` is what comes and
    goes, for each account and week observed.
    """

    causes: Causes
    span: Span
    accounts: Accounts
    pick: Picker
    events: Events
    touches: Touches
    acting: Touches
    weekly: Ints
    state: Floats

    @property
    def engaged(self) -> Floats:
        """Activity outside social in the 26 weeks before each week observed, by account."""
        return sums_before(self.weekly, HISTORY_WEEKS, known=HISTORY_WEEKS)

    def keys(self, done: Events | Touches) -> Ints:
        """Account and day of what people did, as one number, in order (see ``timeline``)."""
        return keyed(self.accounts.person[done.person], done.moment // SECONDS)

    def exposed(self, weeks: int) -> Flags:
        """Was each account touched within so many weeks before each week, once the lag is over?"""
        shape = len(self.accounts), self.span.weeks
        week = self.span.week_of(self.acting.moment // SECONDS)
        touched = by_week(self.accounts.person[self.acting.person], week, shape)
        nothing = np.zeros((shape[0], weeks + self.causes.lag_weeks))
        acts = np.column_stack([nothing, touched])[:, : weeks + shape[1]]
        return np.asarray(sums_before(acts, weeks, known=weeks) > 0, dtype=np.bool_)


def draw_market(causes: Causes, accounts: Accounts, span: Span, seed: int) -> Market:
    """Let people act over the observation; the same seed gives the same acts."""
    pick = Picker(accounts, stream(seed, 8))
    state = _draw_state(causes, (len(accounts), HISTORY_WEEKS + span.weeks), stream(seed, 202))
    weekly = _draw_weekly(accounts, span, state, stream(seed, 9))
    events = _draw_events(span, weekly[:, HISTORY_WEEKS:], pick, stream(seed, 2))
    # the same thing twice in a second was one thing
    week = span.week_of(events.moment // SECONDS)
    weekly[:, HISTORY_WEEKS:] = by_week(accounts.person[events.person], week, (len(accounts), span.weeks))
    rates = _touch_rates(causes, accounts, span, weekly) + causes.trough_to_touch * _troughs(weekly)
    acting = _draw_touches(causes, span, rates, pick, stream(seed, 3))
    touches = acting.some(stream(seed, 203).random(len(acting.person)) < causes.recorded_share)
    events = _with_untagged(events, touches, causes.untagged_share, stream(seed, 7))
    return Market(causes, span, accounts, pick, events, touches, acting, weekly, state[:, HISTORY_WEEKS:])


def _draw_state(causes: Causes, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """A first-order autoregression for each account, from its stationary distribution on."""
    state = np.zeros(shape)
    if causes.transient_sd == 0:
        return state
    step = causes.transient_sd * np.sqrt(1 - causes.transient_memory**2)
    state[:, 0] = causes.transient_sd * rng.standard_normal(shape[0])
    for week in range(1, shape[1]):
        state[:, week] = causes.transient_memory * state[:, week - 1] + step * rng.standard_normal(shape[0])
    return state


def _draw_weekly(accounts: Accounts, span: Span, state: Floats, rng: np.random.Generator) -> Ints:
    """Opens, clicks and page views by account and week: Poisson at each account's interest."""
    busy = span.busy_weeks / span.busy_weeks.mean()
    relative = np.concatenate([np.ones(HISTORY_WEEKS), busy])  # how busy the weeks before were, nobody knows
    mean = accounts.interest[:, None] / HISTORY_WEEKS * relative[None, :] * np.exp(state)
    return np.asarray(rng.poisson(mean), dtype=np.int64)


def _draw_events(span: Span, weekly: Ints, pick: Picker, rng: np.random.Generator) -> Events:
    """The single acts behind the weekly numbers."""
    account, week = np.nonzero(weekly)
    times = weekly[account, week]
    account, week = np.repeat(account, times), np.repeat(week, times)
    person, moment = pick(account, rng), span.moments(week, rng)
    return _in_order(person, moment, rng.choice(3, size=len(account), p=KIND_SHARES))


def _with_untagged(events: Events, touches: Touches, share: float, rng: np.random.Generator) -> Events:
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
    key = _different((moment * CROWD + person) * 4 + kind)
    return Events(key // 4 % CROWD, key // 4 // CROWD, key % 4)


def _different(keys: Ints) -> Ints:
    """The keys in order, each once; several times faster than numpy's own on a million of them."""
    keys = np.sort(keys)
    return np.asarray(keys[np.concatenate([[True], np.diff(keys) > 0])[: len(keys)]], dtype=np.int64)


def _troughs(weekly: Ints) -> Flags:
    """Is the activity recorded over the last weeks under half the usual, once that is known?"""
    lately = sums_before(weekly, TROUGH_WEEKS, known=HISTORY_WEEKS) / TROUGH_WEEKS
    usual = sums_before(weekly, HISTORY_WEEKS, known=HISTORY_WEEKS) / HISTORY_WEEKS
    is_known = np.arange(lately.shape[1]) >= HISTORY_WEEKS
    return np.asarray((lately < TROUGH * usual) & is_known, dtype=np.bool_)


def _touch_rates(causes: Causes, accounts: Accounts, span: Span, weekly: Ints) -> Floats:
    """Log-odds of a touch by account and week, before any trough.

    Interest works through the activity that is on record: what is left of it beyond that moves no touch.
    """
    busy = span.busy_weeks
    active = sums_before(weekly, HISTORY_WEEKS, known=HISTORY_WEEKS)
    log_odds = causes.touch_base + np.asarray(causes.segment_to_touch)[accounts.segment]
    log_odds = log_odds + causes.hidden_to_touch * accounts.hidden + causes.trouble_to_touch * accounts.trouble
    log_odds = log_odds + causes.customer_to_touch * accounts.is_customer
    rates = log_odds[:, None] + causes.engagement_to_touch * np.log1p(active) + np.log(busy / busy.max())[None, :]
    return np.asarray(rates, dtype=np.float64)


def _draw_touches(causes: Causes, span: Span, rates: Floats, pick: Picker, rng: np.random.Generator) -> Touches:
    """One chance per account and week, the same before, during and after a sale and whatever its end."""
    account, week = np.nonzero(rng.random(rates.shape) < expit(rates))
    times = 1 + rng.poisson(0.4, len(account))
    account, week = np.repeat(account, times), np.repeat(week, times)
    moment = span.moments(week, rng) // 60 * 60  # community tools note the minute
    key = _different(moment * CROWD + pick(account, rng))
    running = np.searchsorted(np.asarray(causes.venue_starts), span.week_of(key // CROWD // SECONDS), side="right")
    venue = (rng.random(len(key)) ** 1.5 * running).astype(np.int64)  # the first venues are the main ones
    by_site = rng.random(len(key)) < causes.site_share
    return Touches(key % CROWD, key // CROWD, venue, by_site, rng.integers(0, ACTIONS, len(key)))
