"""Deals by channel of entry: those that came in through social against the others, doubly robust."""

from __future__ import annotations

from typing import Any

import numpy as np

from goodwill.designs.compared import Compared, Measure, arms_of, left_out, listed, naive_of, sensitivity_of
from goodwill.designs.shares import wilson
from goodwill.errors import CannotTell
from goodwill.estimators import doubly_robust
from goodwill.estimators.learners import QUICK
from goodwill.journeys import deal_sample
from goodwill.journeys.deal_sample import Deals
from goodwill.registry import Terms
from goodwill.samples import Units
from goodwill.verdicts import Check, falsify

#: Deals are compared over the longest horizon to which so large a share was followed.
FOLLOWED = 0.8
#: Cross-fitted placebos cost half a second each for ten thousand deals; forty place their centre well enough.
ENTRY_PLACEBOS = 40
#: Below four weeks a horizon says nothing about deals.
SHORTEST_WEEKS = 4


def by_entry(found: Deals, terms: Terms, measure: Measure) -> Compared:
    """Deals that came in through a social channel against those that came in otherwise, doubly robust."""
    level, horizon = terms.workspace.level, _common_horizon(found, terms.workspace.horizon_weeks)
    units = _units(found, horizon, measure)
    adjusted = doubly_robust.adjusted_difference(units, seed=terms.seed, level=level)
    arms = adjusted
    if measure == "days":
        arms = doubly_robust.adjusted_difference(_units(found, horizon, "chance"), seed=terms.seed, level=level)
    return Compared(
        difference=adjusted.difference,
        naive=naive_of(found, found.entered_by_social, measure, level),
        exposed=arms.treated_mean,
        unexposed=arms.untreated_mean,
        horizon_weeks=horizon,
        n=len(units),
        n_exposed=int(units.treated.sum()),
        which=f"date_diff('second', d.opened_at, TIMESTAMP '{terms.end}') >= {horizon} * 604800",
        method=f"doubly robust mean with cross-fitting, adjusted for {listed(units.covariates.factors)}",
        treatment="coming in through a social channel",
        comparison="coming in through any other channel",
        checks=_checks(units, adjusted, terms.seed),
        figures=arms_of(arms.treated_mean, arms.untreated_mean, horizon, level),
        sensitivity=sensitivity_of(arms.treated_mean, arms.untreated_mean, arms.difference),
        facts={
            "curves": _entry_curves(found, horizon, level),
            "adjusted_for": [{"factor": f} for f in dict.fromkeys(units.covariates.factors)],
        },
        notes=(ENTRY_ONLY, *left_out(found, len(units))),
    )


#: What this design cannot see.
ENTRY_ONLY = "Touches after entry are not in the data: this compares where deals came from, not what social did later."


def _units(found: Deals, horizon: int, measure: Measure) -> Units:
    """Deals followed to the horizon, with whether (or after how many days) each was won by then."""
    days = np.where(found.won, 7 * found.rows["weeks_open"], np.inf)
    outcome = (days <= 7 * horizon).astype(float) if measure == "chance" else np.minimum(days, 7.0 * horizon)
    return deal_sample.by_entry(found, outcome, found.rows["weeks_seen"] >= horizon)


def _checks(units: Units, adjusted: doubly_robust.Adjusted, seed: int) -> tuple[Check, ...]:
    def again(placebo: Units) -> float:
        return doubly_robust.adjusted_difference(placebo, seed=seed, learners=QUICK, repeats=1).difference.value

    observed = adjusted.difference.value
    return (
        falsify.shuffled_treatment(units, again, observed=observed, repeats=ENTRY_PLACEBOS, seed=seed),
        falsify.overlap(adjusted),
        falsify.balance(adjusted),
    )


def _common_horizon(found: Deals, wanted: int) -> int:
    seen = np.sort(found.rows["weeks_seen"])
    horizon = min(wanted, int(np.floor(seen[int((1 - FOLLOWED) * len(seen))])))
    if horizon < SHORTEST_WEEKS:
        raise CannotTell(
            f"most deals have been watched for {horizon} weeks only", settles="waiting, or older deals", n=len(found)
        )
    return horizon


def _entry_curves(found: Deals, horizon: int, level: float) -> list[dict[str, Any]]:
    """Share won by week after entry, unadjusted, for deals followed to the horizon."""
    rows = []
    for arm, members in (
        ("unadjusted other", ~found.entered_by_social),
        ("unadjusted social", found.entered_by_social),
    ):
        some = found.take(members & (found.rows["weeks_seen"] >= horizon))
        for week in range(1, horizon + 1):
            won = int((some.won & (some.rows["weeks_open"] <= week)).sum())
            share, low, high = wilson(won, len(some), level)
            rows.append({"week": week, "arm": arm, "share": share, "low": low, "high": high})
    return rows
