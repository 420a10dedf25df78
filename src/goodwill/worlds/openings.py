"""When opportunities open: one chance for each account and week, and one more where the account is exposed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.activity import Market
from goodwill.worlds.arithmetic import Flags, Floats, Ints, expit
from goodwill.worlds.causes import HISTORY_WEEKS, stream

#: Opportunities open on one of the first days of a week.
WORKING_DAYS = 5


@dataclass(frozen=True, eq=False)
class Openings:
    """Openings in order of the day, then of the account; a dud can never be won."""

    account: Ints
    day: Ints
    is_dud: Flags


def chances(market: Market, account: Ints, week: Ints) -> tuple[Floats, Floats]:
    """Chance of an opening in a week: unexposed, and what exposure adds where there was none otherwise.

    The two together have the log-odds of the first plus ``open_beta``: p' = p + (1 - p) extra.
    """
    causes = market.causes
    p = causes.opportunities_per_account / (market.span.weeks - HISTORY_WEEKS)
    active = np.log1p(market.engaged[account, week]) - np.log1p(causes.interest_median)
    log_odds = np.log(p / (1 - p)) + causes.engagement_to_open * active
    without, exposed = expit(log_odds), expit(log_odds + causes.open_beta)
    return without, np.asarray((exposed - without) / (1 - without), dtype=np.float64)


def draw_openings(market: Market, seed: int) -> Openings:
    """At most one for each account and week, once the history before it is full (see ``HISTORY_WEEKS``)."""
    rng, more = stream(seed, 4), stream(seed, 208)
    weeks = market.span.weeks
    account, week = np.indices((len(market.accounts), weeks))
    without, extra = chances(market, account, week)
    base = rng.random(without.shape) < without
    added = ~base & market.exposed(market.causes.open_weeks) & (more.random(without.shape) < extra)
    dud = added & (more.random(without.shape) < market.causes.dud_share)
    at = np.nonzero((base | added) & (week >= HISTORY_WEEKS))
    day = market.span.first_day + 7 * at[1] + rng.integers(0, WORKING_DAYS, len(at[0]))
    order = np.lexsort((at[0], day))
    return Openings(at[0][order], day[order], dud[at][order])
