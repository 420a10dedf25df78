"""The causal model: every constant of it, and what each moves.

Interest of the account drives its e-mail and site activity; that of the 26 weeks before (counted, so that it can
be seen) drives social touches and wins, as the segment does; exposure adds ``beta`` alone (see ``sales``).

    interest -> prior engagement E -> win          touch in week w -> exposed from week w + 1 -> win (beta)
    prior engagement E -> touch                    segment -> touch, segment -> win

What is off in the plain worlds, and is switched on by the others:

    hidden trait -> touch, hidden trait -> win     trough of recorded activity -> touch
    state of the week -> activity, -> win          exposed account -> opening (open_beta), some of them duds
    exposed when decided -> amount (value_beta)    exposed contract -> cancelling (cancel_beta)
    trouble -> service requests -> cancelling      trouble -> touch; touch -> service requests
    recent activity -> opening, -> cancelling      customer from the start -> interest, touch, win
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Length of the engagement history that drives wins: 26 weeks.
HISTORY_DAYS = 182
HISTORY_WEEKS = HISTORY_DAYS // 7
#: Service requests count for cancelling for a quarter of a year.
REQUEST_DAYS = 91
#: Social outreach looks at the activity recorded over four weeks, and calls less than half the usual a trough.
TROUGH_WEEKS, TROUGH = 4, 0.5
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
#: What is sold, from the product everybody takes to the one for a few.
PRODUCT_SHARES = (0.4, 0.3, 0.2, 0.1)


@dataclass(frozen=True)
class Causes:
    """Every constant of the model; log-odds are per week. Zero switches an effect off.

    The values were set by hand so that about 30% are won, half are touched while open, the median cycle is about ten
    weeks, and the table of touched against untouched is wrong by more than 20 points where the effect is zero.
    """

    #: What exposure adds to the log-odds of a win.
    beta: float = 0.0
    #: What ln(1 + activity in the 26 weeks before) adds to wins and losses, at opening, and to touches, in every week.
    engagement_to_win: float = 1.2
    engagement_to_loss: float = -0.4
    engagement_to_touch: float = 1.2
    #: What each segment adds: the segments that buy more are also touched more.
    segment_to_win: tuple[float, ...] = (0.5, 0.0, -0.5, 0.25, -0.25)
    segment_to_touch: tuple[float, ...] = (0.5, 0.0, -0.5, 0.25, -0.25)
    #: Log-odds before anything is added; wins and losses also depend on the week (see ``sales.baselines``).
    win_base: float = -6.5
    loss_base: float = -2.4
    touch_base: float = -5.3
    #: What each week since opening adds, up to the sixtieth: what has gone on for long is decided more slowly.
    win_slope: float = -0.012
    loss_slope: float = -0.008
    #: Spread of what else makes an account buy; it moves wins and nothing else.
    account_sd: float = 0.0
    #: Median and spread (log) of an account's expected interactions in 26 weeks.
    interest_median: float = 8.0
    interest_sd: float = 1.1
    people_per_account: float = 3.4
    #: Openings that an account is expected to have over the observation where no exposure adds any.
    opportunities_per_account: float = 1.12
    #: Summer and the turn of the year are quieter by up to this fraction; it moves activity, never hazards.
    season: float = 0.0
    #: Week in which each venue starts, in order; the first must be 0.
    venue_starts: tuple[int, ...] = (0, 0)
    #: Share of social touches that are visits to the site through a tagged link.
    site_share: float = 0.25
    #: Share of the other touches after which the person also comes to the site through an untagged link.
    untagged_share: float = 0.0

    #: A trait of the account that nothing records, standard normal: what it adds to touches and to wins.
    hidden_to_touch: float = 0.0
    hidden_to_win: float = 0.0
    #: Share of touches that any export records; the others act all the same.
    recorded_share: float = 1.0
    #: Weeks for which a touch does nothing yet: it acts from this many weeks and one on.
    lag_weeks: int = 0
    #: A state of the account that comes and goes: its spread, how much of it stays from week to week (0.85: half is
    #: gone in a month), and what it adds to wins. Activity outside social is multiplied by its exponential.
    transient_sd: float = 0.0
    transient_memory: float = 0.85
    transient_to_win: float = 0.0
    #: What a trough of the recorded activity adds to touches: outreach to those who have gone quiet.
    trough_to_touch: float = 0.0

    #: What ln(1 + activity in 26 weeks) beyond that of a median account adds to openings, and what exposure adds.
    engagement_to_open: float = 0.0
    open_beta: float = 0.0
    #: An account is exposed for so many weeks after the one with a touch, as long as its history counts.
    open_weeks: int = HISTORY_WEEKS
    #: Share of the openings that there would not have been without exposure that can never be won.
    dud_share: float = 0.0
    #: An amount is multiplied by the exponential of this if the opportunity was exposed when decided.
    value_beta: float = 0.0

    #: Share of accounts with a contract when the observation begins, and what being one of them adds to log interest,
    #: to touches and to wins.
    customers_share: float = 0.35
    customer_to_interest: float = 0.0
    customer_to_touch: float = 0.0
    customer_to_win: float = 0.0
    #: Log-odds of cancelling in a week: set so that about 2% of the contracts are cancelled in four weeks.
    cancel_base: float = -5.1
    #: What ln(1 + service requests in 13 weeks) and ln(1 + activity in 26 weeks) add; unhappy customers ask more and
    #: those who leave have often gone quiet before.
    ticket_to_cancel: float = 0.6
    engagement_to_cancel: float = -0.25
    #: Spread of what else makes an account stay or go.
    cancel_sd: float = 0.3
    #: What exposure adds to the log-odds of cancelling.
    cancel_beta: float = 0.0
    #: Service requests of a customer in a week (2.5 a year), and their spread (log) from customer to customer.
    requests_a_week: float = 0.048
    trouble_sd: float = 0.9
    #: What a standard deviation of trouble adds to touches: troubled customers come to social, too.
    trouble_to_touch: float = 0.0
    #: What a touch in the 13 weeks before adds to the log of the rate of requests.
    touch_to_tickets: float = 0.0


def stream(seed: int, part: int) -> np.random.Generator:
    """Random numbers for one part of the world, so that a change in one part leaves the others alone."""
    return np.random.default_rng([seed, part])
