"""A sequence of emulated target trials: what follows a first exposure, compared with none, as a trial would find it.

In every period whoever may be exposed for the first time enters a trial; both arms are followed from the next period
on, adjusted for what was known before it (Hernan et al. 2008; Danaei et al. 2013; Hernan and Robins 2020, ch. 21-22).
Two logistic models, of the event in a period and of the competing end in a period without the event, are fitted to
weighted counts; their chances, standardised over all starts with and without exposure, give shares and mean times.
Weights and models both adjust, so that one of them may be wrong.

Legend: arm 0 not exposed, 1 exposed; H horizon in periods; G groups of accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.resample import account_groups, jackknife, jackknife_se
from goodwill.estimators.standardise import Standardised, standardised
from goodwill.estimators.trial_cells import count
from goodwill.estimators.trial_starts import HEAVIEST, Starts, starts
from goodwill.samples import NEVER, Floats, Ints, Panel

#: Fewer events than this and an interval would describe the few units, not the business.
EVENTS = 20
#: Each arm needs so many units with the event, or its chance rests on the prior.
EVENTS_PER_ARM = 10
#: Fewer accounts than this leave no degrees of freedom to speak of.
ACCOUNTS = 8
#: Both arms need so many starts still followed at the horizon, or its shares are guesses.
FOLLOWED = 20
#: After this part of the horizon an exposure may act differently than at first: effects fade, or take their time.
LATE = 3


@dataclass(frozen=True)
class Protocol:
    """What is emulated.

    Attributes
    ----------
    horizon : int
        Periods followed at most.
    is_per_protocol : bool
        True: had those not exposed stayed unexposed. False: whatever happened later (intention to treat).
    is_weighted : bool
        Weight by the inverse chance of the treatment that was had, besides adjusting for covariates.
    groups : int
        Groups of accounts of the jackknife.
    """

    horizon: int
    is_per_protocol: bool = True
    is_weighted: bool = True
    groups: int = 40

    @property
    def late_from(self) -> int:
        """First period of follow-up in which an exposure counts as longer ago."""
        return max(1, self.horizon // LATE)


@dataclass(frozen=True)
class Arm:
    """One arm by the end of each period: shares with the event and ended otherwise, (H,) each.

    ``reach`` is half the width of the interval of the share with the event.
    """

    happened: Floats
    otherwise: Floats
    reach: Floats


@dataclass(frozen=True)
class Emulated:
    """What the trials found, exposed against not exposed.

    Attributes
    ----------
    difference : Estimate
        Of the share with the event by the horizon (0.04 is four points).
    log_ratio : Estimate
        Log of the ratio of the shares.
    periods : Estimate
        Difference of the restricted mean times without the event, 1 + sum over k < H-1 of (1 - F(k)), in periods:
        negative is sooner. What ended otherwise stays without the event up to the horizon.
    worth : Estimate
        Difference of the mean worth of events by the horizon, per unit that entered.
    shares, worths : tuple of Estimate
        Not exposed and exposed.
    by_period, periods_by_period : tuple of Estimate
        ``difference`` and ``periods`` at every horizon from one period on.
    replicates : (1+G, 2) array
        The shares of both arms, from all groups and without each: for ratios of ratios over several events.
    arms : tuple of Arm
        Not exposed and exposed.
    starts, treated, units, accounts : int
        Starts of trials, exposed ones among them, and the units and accounts they belong to.
    before, after : dict of str to float
        Standardised differences of covariates between the arms at the start, as found and as weighted.
    by_chance : float
        Standard error of such a difference where treatment was dealt at random.
    share_at_limits, effective_n : float
        Starts whose weight was held at its limits; starts that would say as much if all weighed the same (Kish).
    """

    difference: Estimate
    log_ratio: Estimate
    periods: Estimate
    worth: Estimate
    shares: tuple[Estimate, Estimate]
    worths: tuple[Estimate, Estimate]
    by_period: tuple[Estimate, ...]
    periods_by_period: tuple[Estimate, ...]
    replicates: Floats
    arms: tuple[Arm, Arm]
    starts: int
    treated: int
    units: int
    accounts: int
    before: dict[str, float]
    after: dict[str, float]
    by_chance: float
    share_at_limits: float
    effective_n: float


def emulate(
    panel: Panel, protocol: Protocol, *, seed: int = 0, level: float = 0.90, group: Ints | None = None
) -> Emulated:
    """The effect of a first exposure on an event, by a sequence of trials.

    Parameters
    ----------
    panel : Panel
        Ends coded 1 for the event asked about and 2 for what prevents it.
    protocol : Protocol
    seed : int
        Deals accounts into the groups of the jackknife.
    level : float
        Coverage of the intervals.
    group : (n,) int, optional
        Group of accounts of each row, where several panels are to share them; else dealt by ``seed``.

    Raises
    ------
    CannotTell
        Too few events in all or in an arm, too few accounts, or nobody followed for so long.
    """
    found = starts(
        panel, horizon=protocol.horizon, is_per_protocol=protocol.is_per_protocol, is_weighted=protocol.is_weighted
    )
    _require_enough(panel, found)
    if group is None:
        group = account_groups(panel.group, wanted=protocol.groups, seed=seed)
    cells = count(panel, found, group, late_from=protocol.late_from)
    means = standardised(cells, horizon=protocol.horizon)
    return _emulated(panel, found, means, level)


def effects(panel: Panel, protocol: Protocol) -> tuple[float, float, float]:
    """Differences in share, periods and worth without their errors: what placebos repeat.

    Raises
    ------
    CannotTell
        With fewer than 20 events, or nobody exposed.
    """
    found = starts(
        panel, horizon=protocol.horizon, is_per_protocol=protocol.is_per_protocol, is_weighted=protocol.is_weighted
    )
    _require_events(panel, found)
    cells = count(panel, found, np.zeros(len(panel), dtype=np.int64), late_from=protocol.late_from)
    means = standardised(cells, horizon=protocol.horizon, is_resampled=False)
    gap = means.happened[0, 1] - means.happened[0, 0]
    return float(gap[-1]), float(-gap[:-1].sum()), float(means.worth[0, 1] - means.worth[0, 0])


def longest_horizon(panel: Panel, wanted: int, *, at_least: int = FOLLOWED) -> int:
    """The longest horizon, at most ``wanted``, to which both arms still have so many starts followed; 0 if none."""
    found = starts(panel, horizon=wanted, is_weighted=False)
    reached = [np.sort(found.followed[found.treated == arm])[::-1] for arm in (0, 1)]
    return int(min((r[at_least - 1] if len(r) >= at_least else 0) for r in reached))


def with_first_exposure(panel: Panel, first: Ints) -> Panel:
    """The same units with other first exposures (placebo): the period of each unit's, NEVER for none, (U,)."""
    mine = first[panel.unit]
    entered = np.zeros(len(panel.id), dtype=bool)
    np.logical_or.at(entered, panel.unit, panel.eligible)
    return Panel(
        panel.unit, panel.group, panel.period, entered[panel.unit] & (panel.period <= mine), panel.period == mine,
        panel.event, panel.value, panel.covariates, panel.id,
    )  # fmt: skip


def first_exposure(panel: Panel) -> Ints:
    """The period of each unit's first exposure while it could enter a trial, NEVER for none: (U,)."""
    first = np.full(len(panel.id), NEVER, dtype=np.int64)
    counted = panel.exposed & panel.eligible
    np.minimum.at(first, panel.unit[counted], panel.period[counted])
    return first


def _emulated(panel: Panel, found: Starts, means: Standardised, level: float) -> Emulated:
    def estimate(values: Floats) -> Estimate:
        return jackknife(float(values[0]), values[1:], level=level)

    happened, worth = means.happened, means.worth
    gap, at_end = happened[:, 1] - happened[:, 0], np.clip(happened[:, :, -1], 1e-12, None)
    t = float(special.stdtrit(len(gap) - 2, 0.5 + level / 2))
    reach = t * jackknife_se(happened[0], happened[1:])
    weight = found.weight
    return Emulated(
        difference=estimate(gap[:, -1]),
        log_ratio=estimate(np.log(at_end[:, 1] / at_end[:, 0])),
        periods=estimate(-gap[:, :-1].sum(axis=1)),
        worth=estimate(worth[:, 1] - worth[:, 0]),
        shares=(estimate(at_end[:, 0]), estimate(at_end[:, 1])),
        worths=(estimate(worth[:, 0]), estimate(worth[:, 1])),
        by_period=tuple(estimate(gap[:, k]) for k in range(gap.shape[1])),
        periods_by_period=tuple(estimate(-gap[:, :k].sum(axis=1)) for k in range(gap.shape[1])),
        replicates=at_end,
        arms=(_arm(means, reach, 0), _arm(means, reach, 1)),
        starts=len(found),
        treated=int(found.treated.sum()),
        units=len(np.unique(panel.unit[found.row])),
        accounts=len(np.unique(panel.group[found.row])),
        before=_imbalance(panel, found, np.ones(len(found))),
        after=_imbalance(panel, found, weight),
        by_chance=_by_chance(panel, found),
        share_at_limits=float(np.mean((weight >= HEAVIEST) | (weight <= 1 / HEAVIEST))),
        effective_n=float(weight.sum() ** 2 / (weight**2).sum()),
    )


def _arm(means: Standardised, reach: Floats, arm: int) -> Arm:
    return Arm(means.happened[0, arm], means.otherwise[0, arm], reach[arm])


def _imbalance(panel: Panel, found: Starts, weight: Floats) -> dict[str, float]:
    """Difference of weighted means between the arms in pooled standard deviations as found (Austin 2009)."""
    x, treated = panel.covariates.values[found.row], found.treated == 1
    if not x.shape[1]:
        return {}
    spread = np.sqrt((x[treated].var(axis=0) + x[~treated].var(axis=0)) / 2)
    mean = [np.average(x[arm], axis=0, weights=weight[arm]) for arm in (treated, ~treated)]
    gap = (mean[0] - mean[1]) / np.where(spread > 1e-9, spread, np.inf)
    return {name: float(v) for name, v in zip(panel.covariates.names, gap, strict=True)}


def _by_chance(panel: Panel, found: Starts) -> float:
    """Standard error of a standardised difference: 1/sqrt of the units of both arms, as a unit starts many times."""
    units = [len(np.unique(panel.unit[found.row[found.treated == arm]])) for arm in (0, 1)]
    return float(np.sqrt(sum(1 / max(1, n) for n in units)))


def _units_with_event(panel: Panel, found: Starts, arm: int) -> int:
    return len(np.unique(panel.unit[found.row[(found.event == 1) & (found.treated == arm)]]))


def _require_events(panel: Panel, found: Starts) -> None:
    events = sum(_units_with_event(panel, found, arm) for arm in (0, 1))
    if events < EVENTS or not 0 < found.treated.sum() < len(found):
        raise CannotTell(
            f"only {events} of {len(panel.id):,} had the outcome after they could have been exposed",
            settles=f"at least {EVENTS} with the outcome, better 50",
            n=len(panel.id),
        )


def _require_enough(panel: Panel, found: Starts) -> None:
    n, accounts = len(panel.id), len(np.unique(panel.group[found.row]))
    for arm, name in ((1, "after exposure"), (0, "without exposure")):
        events = _units_with_event(panel, found, arm)
        if events < EVENTS_PER_ARM:
            raise CannotTell(
                f"only {events} of {n:,} had the outcome {name}",
                settles=f"at least {EVENTS_PER_ARM} with the outcome {name}, better 25",
                n=n,
            )
    _require_events(panel, found)
    if accounts < ACCOUNTS:
        raise CannotTell(f"there are only {accounts} accounts", settles=f"at least {ACCOUNTS} accounts", n=n)
