"""Deals followed week by week: a social touch counts from the week after it happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from goodwill.designs.compared import Compared, Measure, arms_of, left_out, listed, naive_of, sensitivity_of
from goodwill.errors import CannotTell
from goodwill.estimators import hazards
from goodwill.journeys import deal_sample
from goodwill.journeys.deal_sample import Deals
from goodwill.registry import Terms
from goodwill.samples import Spells
from goodwill.verdicts import Check, falsify

#: Below four weeks a horizon says nothing about deals.
SHORTEST_WEEKS = 4


def followed(found: Deals, terms: Terms, measure: Measure) -> Compared:
    """Week by week from opening; a touch counts from the week after it happened."""
    sample = deal_sample.spells(found)
    level, horizon = terms.workspace.level, min(terms.workspace.horizon_weeks, hazards.longest_horizon(sample))
    if horizon < SHORTEST_WEEKS:
        raise CannotTell(
            f"deals were followed for {horizon} weeks only", settles="a longer period of deals", n=len(sample)
        )
    fitted = hazards.fit(sample, seed=terms.seed, may_lose=bool((sample.event == 2).any()), level=level)
    shown = hazards.contrast(fitted, horizon_weeks=horizon)
    exposed = sample.exposed_week < sample.weeks - 1
    difference = shown.risk_difference if measure == "chance" else shown.days_difference

    def again(placebo: Spells) -> float:
        return hazards.differences(placebo, horizon_weeks=horizon)[0 if measure == "chance" else 1]

    return Compared(
        difference=difference,
        naive=naive_of(found, found.touched, measure, level),
        exposed=shown.share_won_exposed,
        unexposed=shown.share_won_unexposed,
        horizon_weeks=horizon,
        n=len(sample),
        n_exposed=int(exposed.sum()),
        which=deal_sample.FOLLOWED_BY_WEEK,
        method="weekly chances of a win and of a loss, adjusted for " + listed(sample.covariates.factors),
        treatment="a first social touch by anyone at the company in the week of opening",
        comparison="no social touch while open",
        checks=_checks(sample, again, difference.value, found, terms.seed),
        figures=arms_of(shown.share_won_exposed, shown.share_won_unexposed, horizon, level),
        sensitivity=sensitivity_of(shown.share_won_exposed, shown.share_won_unexposed, shown.risk_difference),
        facts=_facts(shown, sample),
        notes=left_out(found, len(sample)),
    )


def _facts(shown: hazards.Contrast, sample: Spells) -> dict[str, list[dict[str, Any]]]:
    curves = [
        {"week": c.week + 1, "arm": c.arm, "share": c.share_won, "low": c.low, "high": c.high} for c in shown.curves
    ]
    return {"curves": curves, "adjusted_for": [{"factor": f} for f in dict.fromkeys(sample.covariates.factors)]}


def _checks(
    sample: Spells, again: Callable[[Spells], float], observed: float, found: Deals, seed: int
) -> tuple[Check, ...]:
    to_next = found.rows["weeks_to_next_social"]
    weeks = np.floor(to_next[np.isfinite(to_next)]).astype(np.int64)
    return (
        falsify.shuffled_treatment(sample, again, observed=observed, seed=seed),
        falsify.fake_dates(sample, again, touch_weeks=weeks, seed=seed),
        falsify.future_exposure(deal_sample.after_decision(found)),
    )
