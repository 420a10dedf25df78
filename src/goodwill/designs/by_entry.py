"""Deals by channel of entry: those that came in through social against the others, doubly robust."""

from __future__ import annotations

from typing import Any

import numpy as np

from goodwill.designs.compared import About, Compared, amount_figure, e_values, listed, share_figure
from goodwill.designs.deal_figures import plural
from goodwill.designs.deal_naive import naive_of
from goodwill.designs.deal_trials import ROWS
from goodwill.designs.shares import wilson
from goodwill.designs.trials import Measure
from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, doubly_robust
from goodwill.estimators.doubly_robust import Adjusted, Target
from goodwill.estimators.learners import QUICK
from goodwill.estimators.nuisances import cross_fitted
from goodwill.journeys import deal_sample
from goodwill.journeys.deal_sample import Deals
from goodwill.registry import Terms
from goodwill.samples import Units
from goodwill.verdicts import Evidence, Figure, falsify
from goodwill.verdicts.placebos import Placebos

Facts = dict[str, list[dict[str, Any]]]
#: Deals are compared over the longest horizon to which so large a share was followed.
FOLLOWED = 0.8
#: Below four weeks a horizon says nothing about deals.
SHORTEST_WEEKS = 4
#: What this design cannot see.
ENTRY_ONLY = (
    "Touches after entry are not in the data: this compares where {units} came from, not what social did later."
)
#: Said where only some deals have a counterpart on the other side.
OVERLAP = (
    "Some {units} have no counterpart on the other side. The answer is about those that could have come in either way, "
    "the more so the more evenly (overlap weights)."
)
#: How the answer was found, by whose effect it is.
METHODS: dict[Target, str] = {
    "all": "doubly robust mean with cross-fitting, adjusted for {factors}",
    "overlap": "doubly robust mean with cross-fitting and overlap weights, adjusted for {factors}",
}


def by_entry(found: Deals, terms: Terms, measure: Measure) -> Compared:
    """Deals that came in through a social channel against those that came in otherwise."""
    horizon = _common_horizon(found, terms.workspace.horizon_weeks)
    units = _units(found, horizon, measure)
    chance, target = terms.once("deals by entry", lambda: _adjusted(_units(found, horizon, "chance"), terms))
    adjusted = chance
    if measure != "chance":
        adjusted = doubly_robust.adjusted_difference(units, seed=terms.seed, level=terms.workspace.level, target=target)
    placebos = _placebos(units, adjusted, terms, target)
    which = f"date_diff('second', d.opened_at, TIMESTAMP '{terms.end}') >= {horizon} * 604800"
    return Compared(
        about=About.units(f"{_many(found)} opened between {{first}} and {{last}}", found.unit, found.rows["opened_at"]),
        difference=adjusted.difference,
        naive=naive_of(found, found.entered_by_social, measure, terms.workspace.level, ROWS),
        horizon_weeks=horizon,
        n=len(units),
        n_exposed=int(units.treated.sum()),
        rows=Evidence("deal_history", ROWS.format(which=which)),
        method=METHODS[target].format(factors=listed(units.covariates.factors)),
        treatment="coming in through a social channel",
        comparison="coming in through any other channel",
        checks=(*(drawn.check() for drawn in placebos), falsify.overlap(adjusted), falsify.balance(adjusted)),
        figures=_figures(found.unit, chance, adjusted, measure, within=f"within {horizon} weeks"),
        sensitivity=_sensitivity(chance, adjusted, measure),
        facts={
            **_facts(found, adjusted, placebos, terms.workspace.level, horizon),
            "adjusted_for": [{"factor": f} for f in dict.fromkeys(units.covariates.factors)],
        },
        notes=_notes(found, target, len(units), horizon),
    )


def _adjusted(units: Units, terms: Terms) -> tuple[Adjusted, doubly_robust.Target]:
    """For all deals where both sides have counterparts, else for those that could have come in either way."""
    doubly_robust.require_enough(units)
    guessed, level = cross_fitted(units, seed=terms.seed), terms.workspace.level
    of_all = doubly_robust.adjusted(units, guessed, level=level)
    if falsify.overlap(of_all).survived and falsify.balance(of_all).survived:
        return of_all, "all"
    return doubly_robust.adjusted(units, guessed, level=level, target="overlap"), "overlap"


def _units(found: Deals, horizon: int, measure: Measure) -> Units:
    """Deals followed to the horizon, and whether, after how many days or for how much each was won by then."""
    days = np.where(found.won, 7 * found.rows["weeks_open"], np.inf)
    won = (days <= 7 * horizon).astype(float)
    outcome = {"chance": won, "days": np.minimum(days, 7.0 * horizon), "worth": won * found.rows["amount"]}[measure]
    return deal_sample.by_entry(found, outcome, found.rows["weeks_seen"] >= horizon)


def _many(found: Deals) -> str:
    return plural(found.unit + "s")


def _figures(unit: str, chance: Adjusted, adjusted: Adjusted, measure: Measure, *, within: str) -> tuple[Figure, ...]:
    if measure == "worth":
        value = f"value won per {unit} {within}"
        return (amount_figure("worth_exposed", f"{value}, with social", adjusted.treated_mean, "money"),
                amount_figure("worth_unexposed", f"{value}, without", adjusted.untreated_mean, "money"))  # fmt: skip
    return (share_figure("share_exposed", f"won {within}, with social", chance.treated_mean, "win rate B"),
            share_figure("share_unexposed", f"won {within}, without", chance.untreated_mean, "win rate B"))  # fmt: skip


def _sensitivity(chance: Adjusted, adjusted: Adjusted, measure: Measure) -> dict[str, float]:
    """The E-value of the ratio of shares won, for worth of the ratio of means, if both are positive."""
    if measure != "worth":
        return e_values(_log_ratio(chance))
    return e_values(adjusted.ratio.log) if adjusted.ratio else {}


def _log_ratio(chance: Adjusted) -> Estimate:
    """Log of the ratio of shares, its error from that of the difference with the share without social held fixed."""
    base, share = (max(1e-6, e.value) for e in (chance.untreated_mean, chance.treated_mean))
    return Estimate(
        float(np.log(share / base)), chance.difference.se / share, chance.difference.df, chance.difference.level
    )


def _balance(adjusted: Adjusted) -> list[dict[str, Any]]:
    after = adjusted.imbalance_after
    return [
        {"covariate": name, "before": before, "after": after[name]}
        for name, before in adjusted.imbalance_before.items()
        if not name.startswith("owner=")
    ]


def _placebos(units: Units, adjusted: Adjusted, terms: Terms, target: doubly_robust.Target) -> tuple[Placebos, ...]:
    """The answers of made-up samples; none where only the answer is wanted."""

    def again(placebo: Units) -> float:
        told = doubly_robust.adjusted_difference(placebo, seed=terms.seed, learners=QUICK, repeats=1, target=target)
        return told.difference.value

    if not terms.placebos:
        return ()
    observed = adjusted.difference.value
    return (falsify.shuffled_treatment(units, again, observed=observed, repeats=terms.placebos, seed=terms.seed),)


def _facts(found: Deals, adjusted: Adjusted, placebos: tuple[Placebos, ...], level: float, horizon: int) -> Facts:
    named = {
        "curves": _entry_curves(found, horizon, level),
        "balance": _balance(adjusted),
        "placebos": [row for drawn in placebos for row in drawn.rows()],
    }
    return {name: rows for name, rows in named.items() if rows}


def _common_horizon(found: Deals, wanted: int) -> int:
    seen = np.sort(found.rows["weeks_seen"])
    horizon = min(wanted, int(np.floor(seen[int((1 - FOLLOWED) * len(seen))])))
    if horizon < SHORTEST_WEEKS:
        raise CannotTell(
            f"most deals have been watched for {horizon} weeks only", settles="waiting, or older deals", n=len(found)
        )
    return horizon


def _notes(found: Deals, target: Target, used: int, horizon: int) -> tuple[str, ...]:
    many = _many(found)
    notes = [note.format(units=many) for note in ((ENTRY_ONLY, OVERLAP) if target == "overlap" else (ENTRY_ONLY,))]
    if len(found) > used:
        left = len(found) - used
        notes.append(f"Left out, as not followed for {horizon} weeks: {left:,} of {len(found):,} {many}.")
    if found.unusable:
        total = len(found) + found.unusable
        notes.append(
            f"Left out, for want of usable dates: {found.unusable:,} of {total:,} {many}; see goodwill doctor."
        )
    return tuple(notes)


def _entry_curves(found: Deals, horizon: int, level: float) -> list[dict[str, Any]]:
    """Share won by week after entry, unadjusted, for deals followed to the horizon."""
    rows = []
    for arm, members in (
        ("other (unadjusted)", ~found.entered_by_social),
        ("social (unadjusted)", found.entered_by_social),
    ):
        some = found.take(members & (found.rows["weeks_seen"] >= horizon))
        for week in range(1, horizon + 1):
            won = int((some.won & (some.rows["weeks_open"] <= week)).sum())
            share, low, high = wilson(won, len(some), level)
            rows.append({"week": week, "arm": arm, "share": share, "low": low, "high": high})
    return rows
