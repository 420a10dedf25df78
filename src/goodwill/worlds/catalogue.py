"""The worlds: one for every way in which the records mislead, and one for every effect that is to be found."""

from __future__ import annotations

from dataclasses import dataclass, replace

from goodwill.errors import GoodwillError, nearest
from goodwill.worlds.causes import Causes


@dataclass(frozen=True)
class World:
    """One kind of company: its causes, its size and what it exports.

    ``misleads`` names the tables of ``worlds.naive`` that are far off the truth here. ``is_noisy`` adds what real
    exports suffer from, and the exports that say nothing about the truth (posts, time sheets, bills).
    """

    name: str
    says: str
    causes: Causes
    accounts: int
    first_day: str
    weeks: int
    misleads: tuple[str, ...] = ()
    is_noisy: bool = False


#: First day (a Monday) and weeks: two years that end with 2024, three that end with 2025.
_TWO, _THREE = ("2023-01-02", 104), ("2023-01-02", 156)
_NULL = Causes()
_EFFECT = Causes(beta=0.6)
#: Modest effects everywhere, which a careful analysis of this many opportunities can see.
_DEMO = Causes(
    beta=0.4, value_beta=0.15, cancel_beta=-0.4, open_beta=0.2, trouble_to_touch=0.2, opportunities_per_account=1.0,
    win_base=-6.9, touch_base=-5.4, account_sd=0.3, season=0.5, venue_starts=(0, 0, 44, 61), untagged_share=0.3,
    cancel_base=-4.8,
)  # fmt: skip
#: More people of an account do more; the baselines move so that the shares stay as they are.
_LARGE = replace(
    _DEMO, interest_median=20.5, people_per_account=11.3, win_base=-7.95, loss_base=-2.05, touch_base=-6.5,
    cancel_base=-4.6,
)  # fmt: skip
#: Touched at random, one week in sixteen: as often as the median company of the plain world.
_RANDOM = replace(_NULL, engagement_to_touch=0.0, segment_to_touch=(0.0,) * 5, touch_base=-2.7)
#: Most are lost early and won late, so that those who live to be touched are mostly those who win.
_IMMORTAL = replace(_RANDOM, loss_base=-1.6, loss_slope=-0.1, win_slope=0.02, win_base=-6.8)
#: Customers from the start do half as much again, are touched more and win more; interest drives all of it harder.
_ENGAGED = replace(
    _NULL, engagement_to_win=1.5, engagement_to_touch=1.5, engagement_to_open=0.3, customer_to_interest=0.4,
    customer_to_touch=0.3, customer_to_win=0.6, win_base=-8.3, touch_base=-6.7,
)  # fmt: skip
#: What nobody recorded moves touches and wins as strongly as the strongest thing that is recorded.
_HIDDEN = replace(_NULL, hidden_to_touch=1.2, hidden_to_win=1.2, win_base=-6.8, touch_base=-5.5)
#: Larger companies, so that the one or two contacts of an opportunity are few among those who are touched.
_COLLEAGUES = replace(_EFFECT, people_per_account=9.0)
#: One touch in five is recorded; more are touched, so that the records still know some.
_SILENT = replace(_EFFECT, beta=0.9, recorded_share=0.2, touch_base=-4.6, win_base=-6.9)
#: A touch does nothing for eight weeks.
_LATE = replace(_EFFECT, beta=0.8, lag_weeks=8)
#: Only those who have gone quiet are sought out; quiet times pass by themselves and win less while they last.
_TROUGHS = replace(
    _RANDOM, trough_to_touch=2.2, transient_sd=0.8, transient_to_win=1.2, touch_base=-4.1, interest_median=16.0,
    win_base=-8.0, cancel_base=-4.9,
)  # fmt: skip
#: Exposure brings opportunities that come to nothing. Who is touched more is so for no reason that matters.
_DUDS = replace(_RANDOM, open_beta=1.0, dud_share=1.0, hidden_to_touch=1.5, touch_base=-4.0)
#: Fewer touches, so that many accounts and contracts are unexposed for long.
_OPENINGS = replace(
    _NULL, open_beta=0.7, engagement_to_open=0.3, opportunities_per_account=0.9, touch_base=-6.2, win_base=-7.1
)
_RETENTION = replace(
    _NULL, cancel_beta=-0.7, trouble_to_touch=0.5, customers_share=0.7, cancel_base=-4.6, touch_base=-6.4
)

WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World("null", "Social does nothing; interest drives both touches and wins.", _NULL, 900, *_TWO,
              ("risk_difference", "days_difference", "value_difference")),
        World("effect", "The same, but a touch raises the weekly odds of a win.", _EFFECT, 900, *_TWO,
              ("risk_difference", "days_difference")),
        World("immortal_time", "Touches come at random and do nothing; who stays open long is touched.", _IMMORTAL,
              900, *_TWO, ("days_difference", "risk_difference")),
        World("prior_engagement", "Social does nothing; customers and the interested are touched, open and win more.",
              _ENGAGED, 900, *_TWO, ("risk_difference", "value_difference", "openings_difference")),
        World("hidden_confounder", "Social does nothing; what nobody recorded drives touches and wins.", _HIDDEN,
              900, *_TWO, ("risk_difference", "value_difference")),
        World("interference", "A touch of any colleague raises the odds of a win.", _COLLEAGUES, 900, *_TWO,
              ("contact_risk_difference",)),
        World("silent_exposure", "A touch raises the odds of a win, and four in five leave no record.", _SILENT,
              900, *_TWO, ("risk_difference",)),
        World("long_lags", "A touch raises the odds of a win, but only after eight weeks.", _LATE, 900, *_TWO,
              ("risk_difference",)),
        World("regression_to_the_mean", "Social does nothing; those who have gone quiet are sought out.", _TROUGHS,
              900, *_TWO, ("activity_change",)),
        World("collider", "Social wins nothing; it brings opportunities that come to nothing.", _DUDS, 900, *_TWO,
              ("before_risk_difference",)),
        World("openings", "Social brings opportunities, and wins through them alone.", _OPENINGS, 900, *_TWO,
              ("risk_difference",)),
        World("value", "A touch raises the odds of a win and what is won.",
              replace(_EFFECT, beta=0.4, value_beta=0.4), 900, *_TWO, ("value_difference",)),
        World("retention", "A touch keeps customers; troubled ones come to social more often.", _RETENTION,
              900, *_TWO, ("cancel_difference",)),
        World("demo", "Three years of one company on four venues, as messy as real.", _DEMO, 1_500, *_THREE,
              is_noisy=True),
        World("large", "The same with a million interactions and 50,000 people.", _LARGE, 4_460, *_THREE,
              is_noisy=True),
    )
}  # fmt: skip


def known_world(name: str) -> World:
    """The world of this name.

    Raises
    ------
    GoodwillError
        If there is no such world.
    """
    if name not in WORLDS:
        close = nearest(name, WORLDS)
        remedy = f"Did you mean {close}?" if close else f"There are {', '.join(WORLDS)}."
        raise GoodwillError(f"There is no simulated world {name!r}.", remedy=remedy)
    return WORLDS[name]
