"""What trials found, as the named tables behind a verdict's pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, silent
from goodwill.estimators.regression_sensitivity import Benchmark
from goodwill.estimators.trial import Emulated

Rows = list[dict[str, Any]]
#: The arms as readers meet them.
NEVER, TOUCHED = "never touched", "touched"
#: Horizons shown beside the chosen one: a sixth, and half.
SHORTER = (6, 2)
#: What the answer would be if only this share of touches had been recorded.
RECORDED = (1.0, 0.8, 0.6, 0.4, 0.2)


def curves(found: Emulated, weeks: int) -> Rows:
    """Share with the event by the end of each period in both arms, with its band; ``weeks`` to a period."""
    rows: Rows = []
    for name, arm in zip((NEVER, TOUCHED), found.arms, strict=True):
        for k, (share, reach) in enumerate(zip(arm.happened.tolist(), arm.reach.tolist(), strict=True), 1):
            band = {"low": max(0.0, share - reach), "high": min(1.0, share + reach)}
            rows.append({"week": k * weeks, "arm": name, "share": share, **band})
    return rows


def ends(found: Emulated, weeks: int) -> Rows:
    """How all stand by the end of each period in both arms: won, lost or open."""
    return [
        {"week": (k + 1) * weeks, "arm": name, "won": won, "lost": lost, "open": max(0.0, 1 - won - lost)}
        for name, arm in zip((NEVER, TOUCHED), found.arms, strict=True)
        for k, (won, lost) in enumerate(zip(arm.happened.tolist(), arm.otherwise.tolist(), strict=True))
    ]


def horizons(
    groups: Mapping[str, Emulated], measure: Callable[[Emulated, int], Estimate | None], weeks: int, unit: str
) -> Rows:
    """The effect at shorter horizons for all (the first group), and at the chosen one for every group."""
    rows = []
    for place, (name, found) in enumerate(groups.items()):
        last = len(found.by_period)
        wanted = sorted({max(1, last // part) for part in SHORTER} | {last}) if place == 0 else [last]
        for periods in wanted:
            estimate = measure(found, periods)
            if estimate is not None:
                rows.append({"group": name, "horizon_weeks": periods * weeks, **_interval(estimate), "unit": unit})
    return rows


def subgroups(groups: Mapping[str, Emulated], measure: Callable[[Emulated, int], Estimate | None], unit: str) -> Rows:
    """The effect within each group."""
    found = {name: (measure(e, len(e.by_period)), e.units) for name, e in groups.items()}
    return [
        {"group": name, **_interval(estimate), "unit": unit, "n": units}
        for name, (estimate, units) in found.items()
        if estimate is not None
    ]


def balance(found: Emulated) -> Rows:
    """Standardised differences of covariates before and after weighting; the names of owners are not told."""
    after = found.after
    named = [name for name in found.before if not name.startswith("owner=")]
    rows: Rows = [{"covariate": name, "before": found.before[name], "after": after[name]} for name in named]
    owners = [name for name in found.before if name.startswith("owner=")]
    if owners:
        most = max(owners, key=lambda name: abs(found.before[name]))
        rows.append({"covariate": "owner", "before": found.before[most], "after": after[most]})
    return rows


def without_factors(values: Mapping[str, float]) -> Rows:
    """What the estimate becomes when one measured factor is left out of the adjustment."""
    return [{"factor": factor, "value_without": value} for factor, value in values.items()]


def if_recorded(observed: Estimate, share: float) -> Rows:
    """The effect, corrected for touches that nobody recorded, as far as the share exposed allows."""
    rows = []
    for sensitivity in RECORDED:
        if not 0 < share < sensitivity:
            continue
        try:
            told = silent.corrected(observed, share=share, sensitivity=sensitivity)
        except CannotTell:
            continue
        rows.append({"sensitivity": sensitivity, **_interval(told)})
    return rows


def twins(found: Sequence[Benchmark]) -> Rows:
    """A hidden twin of each measured factor: what it explains of touch and of outcome, and how far it moves the answer.

    Shares are of what is left once everything measured is known (partial R2).
    """
    rows: Rows = [
        {"factor": t.factor, "of_touch": t.r2_treatment, "of_outcome": t.r2_outcome, "bias": abs(t.bias)} for t in found
    ]
    return sorted(rows, key=lambda row: -float(row["bias"]))


def _interval(estimate: Estimate) -> dict[str, float]:
    finite = np.isfinite([estimate.value, estimate.low, estimate.high]).all()
    assert finite, "an estimate without a number"
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
