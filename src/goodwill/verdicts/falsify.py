"""Attempts to break an answer: the pipeline where the truth is known to be nothing, and tests of its comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from goodwill.errors import CannotTell
from goodwill.estimators.logistic import adjusted_log_odds
from goodwill.estimators.placebo_samples import Sample, borrowed, shuffled
from goodwill.samples import Panel, Units
from goodwill.verdicts.could_not_run import CONDEMNS, could_not_run
from goodwill.verdicts.placebos import REPEATS, Placebos, drawn
from goodwill.verdicts.verdict import Check

if TYPE_CHECKING:
    from goodwill.estimators.doubly_robust import Adjusted

#: The custom of Austin (2009) for standardised differences.
BALANCED = 0.1
#: More than one unit in twenty at the limits of the weights means the answer rests on a model's guess.
MOST_CLIPPED = 0.05
#: Future exposure needs this many exposed units, and this many of either outcome, before a test has power.
EXPOSED, OUTCOMES = 20, 10


def shuffled_treatment(
    sample: Sample, estimator: Callable[[Sample], float], *, observed: float, repeats: int = REPEATS, seed: int = 0
) -> Placebos:
    """Does the pipeline find an effect when accounts swap their exposures at random?

    The whole pipeline is repeated on each shuffle. Its answers must be centred on zero; if not, it makes effects from
    nothing. Accounts swap whole (see ``resample.dealt_among_accounts``), in a panel with their whole histories.

    Parameters
    ----------
    sample : Units or Panel
    estimator : callable
        From a sample to the effect, a point estimate without its standard error.
    observed : float
        What the estimator says of the real sample.
    """
    return drawn(
        "shuffled exposure",
        tried=f"companies swapped their exposures at random {repeats} times and everything was redone",
        draw=lambda rng: estimator(shuffled(sample, rng)),
        observed=observed,
        repeats=repeats,
        seed=seed,
    )


def fake_histories(
    panel: Panel, estimator: Callable[[Panel], float], *, repeats: int = REPEATS, seed: int = 0
) -> Placebos:
    """Does the pipeline find an effect of exposures that were made up?

    Half of the units never exposed are dealt the history of a unit drawn from all, before their follow-up is looked
    at; what comes after their end is not seen. Such exposures can do nothing, so that an effect betrays immortal
    time: long-lived units counted as exposed from the start because they lived to see their date.

    Parameters
    ----------
    panel : Panel
    estimator : callable
        From a panel to the effect, a point estimate without its standard error.
    """
    name, exposed = "fake dates", len(np.unique(panel.unit[panel.exposed]))
    tried = f"half of {len(panel.id) - exposed:,} never exposed units were given another's exposures, {repeats} times"
    if not 0 < exposed < len(panel.id):
        why = "every unit was exposed" if exposed else "no unit was exposed"
        return Placebos(name, tried, np.zeros(0), repeats, refused=why)
    return drawn(name, tried=tried, draw=lambda rng: estimator(borrowed(panel, rng)), repeats=repeats, seed=seed)


def future_exposure(units: Units) -> Check:
    """Does exposure that came after the decision go with the decision?

    It cannot have caused it. If units that were exposed later had won more often already, given the
    covariates, then whoever gets exposed was different before, and the answer may be selection.

    Parameters
    ----------
    units : Units
        Decided units that were not exposed while open; ``treated`` is 1 if exposed afterwards,
        ``outcome`` 1 if won.
    """
    name, tried = "future exposure", f"exposure after the decision was tested on {len(units):,} decisions already taken"
    won, exposed = int((units.outcome == 1).sum()), int(units.treated.sum())
    if min(exposed, len(units) - exposed) < EXPOSED or min(won, len(units) - won) < OUTCOMES:
        return could_not_run(name, tried, f"{exposed} were exposed later and {won} of {len(units)} were won: too few")
    try:
        effect = adjusted_log_odds(units)
    except CannotTell as reason:
        return could_not_run(name, tried, reason.missing)
    result = f"log-odds of a win {effect.value:+.2f} (standard error {effect.se:.2f}, p = {effect.p:.3f})"
    figures = {"log_odds": effect.value, "se": effect.se, "p": effect.p, "n": float(len(units))}
    return Check(name, tried, result, effect.p >= CONDEMNS, True, figures)


def overlap(adjusted: Adjusted) -> Check:
    """Are there comparable units on both sides, as the doubly robust estimate weighted them?"""
    return overlapping(adjusted.share_clipped, effective_n=adjusted.effective_n, n=adjusted.n)


def overlapping(share_without_counterpart: float, *, effective_n: float, n: int) -> Check:
    """Are there comparable units on both sides? Where many have no counterpart, models guess what nobody saw.

    Parameters
    ----------
    share_without_counterpart : float
        Share of units whose chance of exposure was at its limits, or that found no match.
    effective_n : float
        Units that would say as much if all weighed the same.

    Examples
    --------
    >>> overlapping(0.02, effective_n=410.0, n=800).survived, overlapping(0.2, effective_n=90.0, n=800).survived
    (True, False)
    """
    result = (
        f"{share_without_counterpart:.1%} of units had hardly any chance of the other side; "
        f"the weighted sample is worth {effective_n:,.0f} of {n:,} units"
    )
    figures = {"share_clipped": share_without_counterpart, "effective_n": effective_n}
    tried = "the chance of exposure was compared between the sides"
    return Check("overlap", tried, result, share_without_counterpart <= MOST_CLIPPED, True, figures)


def balance(adjusted: Adjusted) -> Check:
    """Are both sides alike in what is known of them, as the doubly robust estimate weighted them?"""
    return balanced(adjusted.imbalance_before, adjusted.imbalance_after)


def balanced(before: Mapping[str, float], after: Mapping[str, float], *, by_chance: float = 0.0) -> Check:
    """Are both sides alike in what is known of them, once weighted?

    Survives if the largest difference is below 0.1, or no larger than the largest of as many would be by chance in
    99 of 100 random draws (normal, Bonferroni): few units differ more than that even where a coin was thrown.

    Parameters
    ----------
    before, after : mapping of covariate to float
        Differences of means in standard deviations, as found and after weighting or matching.
    by_chance : float
        Standard error of such a difference, had exposure been dealt at random.

    Examples
    --------
    >>> balanced({"engagement": 0.62, "segment=smb": -0.2}, {"engagement": 0.04, "segment=smb": -0.06}).result
    'largest difference 0.06 standard deviations (segment); before weighting 0.62 (engagement)'
    >>> balanced({}, {"engagement": 0.2}).survived, balanced({}, {"engagement": 0.2}, by_chance=0.1).survived
    (False, True)
    """
    tried = "every covariate was compared between the sides after weighting"
    if not after:
        return could_not_run("balance", tried, "there are no covariates", decisive=False)
    most = worst(after)
    allowed = max(BALANCED, by_chance * float(special.ndtri(1 - CONDEMNS / 2 / len(after))))
    result, figures = f"largest difference {most[1]:.2f} standard deviations ({most[0]})", {"largest_after": most[1]}
    if allowed > BALANCED:
        result += f", where {allowed:.2f} could be chance"
    if before:
        first = worst(before)
        result += f"; before weighting {first[1]:.2f} ({first[0]})"
        figures = {"largest_before": first[1], **figures}
    return Check("balance", tried, result, most[1] < allowed, True, figures)


def worst(imbalance: Mapping[str, float]) -> tuple[str, float]:
    """The covariate furthest out of balance; a category without its level, which may be somebody's name."""
    name = max(imbalance, key=lambda k: abs(imbalance[k]))
    return name.split("=", 1)[0], abs(imbalance[name])
