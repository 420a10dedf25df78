"""Deals with social against deals without: followed week by week where touches are dated, else by channel of entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy import special

from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, doubly_robust, hazards, sensitivity
from goodwill.estimators.learners import QUICK
from goodwill.journeys import deal_sample
from goodwill.journeys.deal_sample import Deals
from goodwill.registry import Terms
from goodwill.samples import Spells, Units, covariates, grouped
from goodwill.verdicts import Check, Evidence, Figure, Verdict, falsify
from goodwill.warehouse import Tables

#: What is compared: the share won by the horizon, or the days to a win (restricted mean time).
Measure = Literal["chance", "days"]
#: Dated touches decide the design if at least so many deals had one; a handful says nothing.
TOUCHED_DEALS = 20
#: Deals by channel of entry are compared over the longest horizon to which so large a share was followed.
FOLLOWED = 0.8
#: Cross-fitted placebos cost half a second each for ten thousand deals; forty place their centre well enough.
ENTRY_PLACEBOS = 40
#: Below four weeks a horizon says nothing about deals.
SHORTEST_WEEKS = 4

#: The deals that a comparison looks at, with what each was exposed to.
_ROWS = (
    "SELECT d.id, d.account, d.outcome, h.first_social_at, d.source_file, d.source_row "
    "FROM deals AS d JOIN deal_history AS h ON h.id = d.id WHERE NOT h.in_washout ORDER BY d.id"
)


@dataclass(frozen=True)
class Compared:
    """What a comparison found, before a question puts it into a verdict."""

    difference: Estimate
    naive: Estimate
    exposed: Estimate
    unexposed: Estimate
    horizon_weeks: int
    n: int
    n_exposed: int
    method: str
    treatment: str
    comparison: str
    checks: tuple[Check, ...]
    figures: tuple[Figure, ...]
    sensitivity: dict[str, float]
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@contextmanager
def carrying(figures: tuple[Figure, ...]) -> Iterator[None]:
    """Let whoever cannot tell still show these figures."""
    try:
        yield
    except CannotTell as cannot:
        cannot.figures = figures
        raise


def compare(tables: Tables, terms: Terms, measure: Measure) -> tuple[Compared, Deals]:
    """The comparison that the data allows.

    Raises
    ------
    CannotTell
        Neither dated touches nor channels of entry tie social to deals, or too few do.
    """
    found = deal_sample.deals(tables, terms)
    touched, entered = int(found.touched.sum()), int(found.entered_by_social.sum())
    if touched >= TOUCHED_DEALS or touched > entered:
        return followed(found, terms, measure), found
    if entered:
        return by_entry(found, terms, measure), found
    raise CannotTell(
        f"no social touch is tied to any of {len(found):,} {found.unit} records",
        settles="an export that says which people or companies touched us on social and when, "
        "or the channel through which each lead or opportunity came",
        n=len(found),
    )


def followed(found: Deals, terms: Terms, measure: Measure) -> Compared:
    """Week by week from opening; a touch counts from the week after it happened."""
    sample = deal_sample.spells(found)
    level, horizon = terms.workspace.level, min(terms.workspace.horizon_weeks, hazards.longest_horizon(sample))
    if horizon < SHORTEST_WEEKS:
        raise CannotTell(
            f"deals were followed for {horizon} weeks only", settles="a longer period of deals", n=len(sample)
        )
    may_lose = bool((sample.event == 2).any())
    fitted = hazards.fit(sample, seed=terms.seed, may_lose=may_lose, level=level)
    shown = hazards.contrast(fitted, horizon_weeks=horizon)
    exposed = sample.exposed_week < sample.weeks - 1
    difference = shown.risk_difference if measure == "chance" else shown.days_difference

    def again(placebo: Spells) -> float:
        return hazards.differences(placebo, horizon_weeks=horizon)[0 if measure == "chance" else 1]

    return Compared(
        difference=difference,
        naive=_naive(found, found.touched, measure, level),
        exposed=shown.share_won_exposed,
        unexposed=shown.share_won_unexposed,
        horizon_weeks=horizon,
        n=len(sample),
        n_exposed=int(exposed.sum()),
        method="weekly chances of a win and of a loss, adjusted for " + _listed(sample.covariates.factors),
        treatment="a first social touch by anyone at the company in the week of opening",
        comparison="no social touch while open",
        checks=_checks(sample, again, difference.value, found, terms.seed),
        figures=_arms(shown.share_won_exposed, shown.share_won_unexposed, horizon, level),
        sensitivity=_sensitivity(shown.share_won_exposed, shown.share_won_unexposed, shown.risk_difference),
        facts={
            "curves": [
                {"week": c.week + 1, "arm": c.arm, "share": c.share_won, "low": c.low, "high": c.high}
                for c in shown.curves
            ],
            "adjusted_for": [{"factor": f} for f in dict.fromkeys(sample.covariates.factors)],
        },
        notes=_left_out(found, len(sample)),
    )


def by_entry(found: Deals, terms: Terms, measure: Measure) -> Compared:
    """Deals that came in through a social channel against those that came in otherwise, doubly robust."""
    level, horizon = terms.workspace.level, _common_horizon(found, terms.workspace.horizon_weeks)
    days = np.where(found.won, 7 * found.rows["weeks_open"], np.inf)
    is_followed = found.rows["weeks_seen"] >= horizon
    outcome = (days <= 7 * horizon).astype(float) if measure == "chance" else np.minimum(days, 7.0 * horizon)
    units = deal_sample.by_entry(found, outcome, is_followed)
    adjusted = doubly_robust.adjusted_difference(units, seed=terms.seed, level=level)
    chance = deal_sample.by_entry(found, (days <= 7 * horizon).astype(float), is_followed)
    arms = adjusted if measure == "chance" else doubly_robust.adjusted_difference(chance, seed=terms.seed, level=level)

    def again(placebo: Units) -> float:
        light = doubly_robust.adjusted_difference(placebo, seed=terms.seed, learners=QUICK, repeats=1)
        return light.difference.value

    factors = _listed(units.covariates.factors)
    return Compared(
        difference=adjusted.difference,
        naive=_naive(found, found.entered_by_social, measure, level),
        exposed=arms.treated_mean,
        unexposed=arms.untreated_mean,
        horizon_weeks=horizon,
        n=len(units),
        n_exposed=int(units.treated.sum()),
        method=f"doubly robust mean with cross-fitting, adjusted for {factors}",
        treatment="coming in through a social channel",
        comparison="coming in through any other channel",
        checks=(
            falsify.shuffled_treatment(
                units, again, observed=adjusted.difference.value, repeats=ENTRY_PLACEBOS, seed=terms.seed
            ),
            falsify.overlap(adjusted),
            falsify.balance(adjusted),
        ),
        figures=_arms(arms.treated_mean, arms.untreated_mean, horizon, level),
        sensitivity=_sensitivity(arms.treated_mean, arms.untreated_mean, arms.difference),
        facts={
            "curves": _entry_curves(found, horizon, level),
            "adjusted_for": [{"factor": f} for f in dict.fromkeys(units.covariates.factors)],
        },
        notes=(
            "Touches after entry are not in the data: this compares where deals came from, not what social did later.",
            *_left_out(found, len(units)),
        ),
    )


def verdict_of(compared: Compared, found: Deals, base: Verdict, headline: dict[str, Any]) -> dict[str, Any]:
    """The fields of a verdict that both questions about deals fill alike."""
    evidence = Evidence("deal_history", _ROWS)
    months = max(1.0, (np.datetime64(found.period[1]) - np.datetime64(found.period[0])).astype(int) / 30.44)

    def figure(estimate: Estimate, name: str, label: str) -> Figure:
        return Figure(
            name, label, estimate.value, headline["unit"], n=compared.n, low=estimate.low, high=estimate.high,
            level=estimate.level, p=estimate.p, definition=headline["definition"], evidence=evidence,
        )  # fmt: skip

    return {
        "question": base.question,
        "asks": base.asks,
        "population": f"{found.unit} records opened between {found.period[0]} and {found.period[1]}",
        "unit": found.unit,
        "treatment": compared.treatment,
        "comparison": compared.comparison,
        "method": compared.method,
        "period": found.period,
        "headline": figure(compared.difference, "effect", headline["label"].format(weeks=compared.horizon_weeks)),
        "naive": figure(compared.naive, "naive", headline["naive"]),
        "n": compared.n,
        "n_exposed": compared.n_exposed,
        "grade": "C",
        "checks": compared.checks,
        "sensitivity": compared.sensitivity,
        "detectable": compared.difference.detectable(),
        "pace_per_month": len(found) / months,
        "facts": compared.facts,
        "notes": compared.notes,
    }


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


def _naive(found: Deals, exposed: np.ndarray[Any, Any], measure: Measure, level: float) -> Estimate:
    """What a table would say: decided deals for the chance, won deals for the days, nothing adjusted."""
    chosen = found.decided if measure == "chance" and (found.rows["outcome"] == "lost").any() else found.won
    if measure == "chance" and not (found.rows["outcome"] == "lost").any():
        chosen = np.ones(len(found), dtype=bool)
    outcome = found.won.astype(float) if measure == "chance" else 7.0 * found.rows["weeks_open"]
    some = found.take(chosen)
    units = Units(
        id=some.rows["id"],
        group=grouped(some.rows["account"]),
        treated=exposed[chosen].astype(np.int64),
        outcome=outcome[chosen],
        covariates=covariates(some.rows, (), ()),
    )
    return doubly_robust.naive_difference(units, level=level)


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


def wilson(successes: int, n: int, level: float) -> tuple[float, float, float]:
    """A share with its interval (Wilson 1927), which stays within 0 and 1.

    Examples
    --------
    >>> tuple(round(v, 3) for v in wilson(5, 10, 0.90))
    (0.5, 0.269, 0.731)
    """
    if not n:
        return 0.0, 0.0, 1.0
    z, share = float(special.ndtri(0.5 + level / 2)), successes / n
    middle, reach = share + z * z / (2 * n), z * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return share, (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)


def _arms(exposed: Estimate, unexposed: Estimate, horizon: int, level: float) -> tuple[Figure, ...]:
    pairs = (("won_exposed", f"won within {horizon} weeks, with social", exposed),
             ("won_unexposed", f"won within {horizon} weeks, without", unexposed))  # fmt: skip
    return tuple(
        Figure(
            name,
            label,
            e.value,
            "share",
            low=max(0.0, e.low),
            high=min(1.0, e.high),
            level=level,
            definition="win rate B",
        )
        for name, label, e in pairs
    )


def _sensitivity(exposed: Estimate, unexposed: Estimate, difference: Estimate) -> dict[str, float]:
    """E-values of the ratio of shares, and of the limit nearer to no effect."""
    base = max(unexposed.value, 1e-6)
    ratio = max(exposed.value, 1e-6) / base
    low, high = (max(1e-6, (base + limit) / base) for limit in (difference.low, difference.high))
    return {
        "risk_ratio": ratio,
        "e_value": sensitivity.e_value(ratio),
        "e_value_of_limit": sensitivity.e_value_of_interval(low, high),
    }


def _left_out(found: Deals, used: int) -> tuple[str, ...]:
    notes = []
    if len(found) > used:
        notes.append(
            f"{len(found) - used:,} of {len(found):,} deals are left out: a social touch shortly before opening, "
            "or not followed long enough."
        )
    if found.unusable:
        notes.append(f"{found.unusable:,} deals have no usable dates and are left out; see goodwill doctor.")
    return tuple(notes)


def _listed(factors: tuple[str, ...]) -> str:
    words = [f.replace("_", " ") for f in dict.fromkeys(factors)]
    return ", ".join(words) if words else "nothing (too few wins)"
