"""What becomes of a company over its years: which opportunities open, and how each of them ends.

Legend: h_w, h_l chance of a win and of a loss in a week among those still open; a, c their log-odds by week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.accounts import Accounts, Span, draw_accounts, span_of, worth
from goodwill.worlds.activity import Events, Market, Touches, draw_market
from goodwill.worlds.arithmetic import NEVER, UNDECIDED, Flags, Floats, Ints, expit
from goodwill.worlds.causes import HISTORY_DAYS, PRODUCT_SHARES, Causes, stream
from goodwill.worlds.customers import (
    Contracts,
    Requests,
    Wins,
    draw_contracts,
    draw_requests,
    recorded_requests,
)
from goodwill.worlds.openings import draw_openings
from goodwill.worlds.timeline import NO_DAY, count_between, first_since

#: Weeks for which the baselines are tabled: ten years, longer than any world.
TABLED_WEEKS = 520
#: Log-odds of a win added to a dud: no draw of 53 bits is ever below that chance.
HOPELESS = -40.0


@dataclass(frozen=True, eq=False)
class Sales:
    """The opportunities in order of opening; days are since 1970-01-01, ``decided`` is UNDECIDED if still open.

    ``touch_week`` is the week of the first recorded social touch while open, ``acting_week`` that of the first touch
    at all, NEVER if none. ``win_offset`` leaves out the state of the week. ``product`` is numbered 0 to 3; ``amount``
    is in EUR, and ``plain_amount`` what it would be unexposed. ``is_dud`` marks what can never be won.
    """

    account: Ints
    opened: Ints
    decided: Ints
    won: Flags
    engagement: Ints
    win_offset: Floats
    loss_offset: Floats
    touch_week: Ints
    acting_week: Ints
    product: Ints
    amount: Floats
    plain_amount: Floats
    is_dud: Flags

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True, eq=False)
class History:
    """Everything that happened in a company's years.

    ``requests`` are recorded; ``requested`` is all that would have been asked (see ``customers.draw_requests``).
    """

    market: Market
    sales: Sales
    contracts: Contracts
    requests: Requests
    requested: Requests

    @property
    def causes(self) -> Causes:
        """The constants behind it."""
        return self.market.causes

    @property
    def span(self) -> Span:
        """The days observed."""
        return self.market.span

    @property
    def accounts(self) -> Accounts:
        """The companies sold to."""
        return self.market.accounts

    @property
    def events(self) -> Events:
        """What people did outside social."""
        return self.market.events

    @property
    def touches(self) -> Touches:
        """The social touches that are recorded."""
        return self.market.touches


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
    span = span_of(first_day, weeks, causes.season)
    market = draw_market(causes, draw_accounts(causes, accounts, seed), span, seed)
    sales = _sell(market, seed)
    requested = draw_requests(market, seed)
    contracts = draw_contracts(market, _wins(sales), requested, seed)
    return History(market, sales, contracts, recorded_requests(market, requested, contracts), requested)


def baselines(causes: Causes) -> tuple[Floats, Floats]:
    """Log-odds a of a win and c of a loss by week since opening, before anything is added.

    Few are decided at once.
    """
    week = np.arange(TABLED_WEEKS)
    a = causes.win_base - 1.6 * np.exp(-week / 3.0) + causes.win_slope * np.minimum(week, 60)
    c = causes.loss_base - 1.0 * np.exp(-week / 3.0) + causes.loss_slope * np.minimum(week, 60)
    return a, c


def engagement_before(done: Ints, account: Ints, day: Ints) -> Ints:
    """How much each account did outside social in the history before the day; ``done`` are keys (see ``timeline``)."""
    return count_between(done, account, day - HISTORY_DAYS, day)


def offsets(market: Market, account: Ints, engagement: Ints) -> tuple[Floats, Floats]:
    """What engagement, segment and the account's traits add to the log-odds of a win and of a loss."""
    causes, accounts = market.causes, market.accounts
    win = causes.engagement_to_win * np.log1p(engagement) + accounts.own_effect[account]
    win = win + np.asarray(causes.segment_to_win)[accounts.segment[account]]
    win = win + causes.hidden_to_win * accounts.hidden[account]
    win = win + causes.customer_to_win * accounts.is_customer[account]
    return win, np.asarray(causes.engagement_to_loss * np.log1p(engagement), dtype=np.float64)


def _sell(market: Market, seed: int) -> Sales:
    causes, span, rng = market.causes, market.span, stream(seed, 209)
    openings = draw_openings(market, seed)
    account, opened = openings.account, openings.day
    engagement = engagement_before(market.keys(market.events), account, opened)
    win_offset, loss_offset = offsets(market, account, engagement)
    win_offset = win_offset + HOPELESS * openings.is_dud
    touched = first_since(market.keys(market.acting), account, opened)
    acts_from = np.where(touched == NO_DAY, NEVER, (touched - opened) // 7 + causes.lag_weeks + 1)
    a, c = (log_odds[None, : span.weeks] for log_odds in baselines(causes))
    h_w = expit(
        a
        + win_offset[:, None]
        + causes.beta * (np.arange(span.weeks) >= acts_from[:, None])
        + causes.transient_to_win * _states(market, account, opened)
    )
    decided, won = _ends((h_w, expit(c + loss_offset[:, None])), opened, span.last_day, rng)
    is_exposed = (decided < UNDECIDED) & ((decided - opened) // 7 >= acts_from)
    plain = worth(market.accounts, account, stream(seed, 6))
    return Sales(
        account, opened, decided, won, engagement, win_offset, loss_offset,
        touch_week=_while_open(market, market.touches, (account, opened, decided)),
        acting_week=_while_open(market, market.acting, (account, opened, decided)),
        product=stream(seed, 210).choice(len(PRODUCT_SHARES), size=len(account), p=PRODUCT_SHARES),
        amount=np.where(is_exposed, np.round(plain * np.exp(causes.value_beta), 2), plain),
        plain_amount=plain,
        is_dud=openings.is_dud,
    )  # fmt: skip


def _states(market: Market, account: Ints, opened: Ints) -> Floats:
    """The account's state in each week since opening; the last one observed holds on."""
    weeks = market.span.weeks
    week = market.span.week_of(opened)[:, None] + np.arange(weeks)
    return np.asarray(market.state[account[:, None], np.minimum(week, weeks - 1)], dtype=np.float64)


def _while_open(market: Market, touches: Touches, deals: tuple[Ints, Ints, Ints]) -> Ints:
    """Week since opening of the first of these touches up to the day of the decision, NEVER if none."""
    account, opened, decided = deals
    day = first_since(market.keys(touches), account, opened)
    return np.where(day <= np.minimum(decided, market.span.last_day), (day - opened) // 7, NEVER)


def _ends(hazards: tuple[Floats, Floats], opened: Ints, last_day: int, rng: np.random.Generator) -> tuple[Ints, Flags]:
    """Day of the decision and whether it was a win: one draw u a week, won if u < h_w, lost if u < h_w + h_l."""
    h_w, h_l = hazards
    u = rng.random(h_w.shape)
    over = u < h_w + h_l
    week = np.where(over.any(axis=1), over.argmax(axis=1), NEVER)
    decided = opened + 7 * week + rng.integers(0, 7, len(opened))
    ended = decided <= last_day
    won = ended & (u < h_w)[np.arange(len(opened)), np.minimum(week, h_w.shape[1] - 1)]
    return np.where(ended, decided, UNDECIDED), won


def _wins(sales: Sales) -> Wins:
    """What was won, in order of the day."""
    won = np.flatnonzero(sales.won)
    won = won[np.lexsort((sales.account[won], sales.decided[won]))]
    return Wins(sales.account[won], sales.decided[won], sales.product[won], sales.amount[won])
