"""Attempts to break an answer: the pipeline where the truth is known to be nothing, and tests of its comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.estimators.doubly_robust import Adjusted
from goodwill.estimators.logistic import adjusted_log_odds
from goodwill.estimators.resample import generator, permutation_rank
from goodwill.samples import NEVER, Floats, Ints, Spells, Units
from goodwill.verdicts.verdict import Check

Sample = TypeVar("Sample", Spells, Units)

#: A hundred placebos place an estimate to the nearest percent and take about a second for a thousand units.
REPEATS = 100
#: A placebo centre this many spreads off zero is let pass: it costs a 90% interval less than a point of coverage.
HARMLESS = 0.2
#: Beyond that, the centre may be off by three of its own Monte Carlo errors: one false alarm in 370.
ERRORS = 3.0
#: Fewer placebos than this that worked say nothing about their centre.
FEWEST = 20
#: A test for selection condemns at 1%, as it is applied to many questions.
CONDEMNS = 0.01
#: The custom of Austin (2009) for standardised differences.
BALANCED = 0.1
#: More than one unit in twenty at the limits of the weights means the answer rests on a model's guess.
MOST_CLIPPED = 0.05
#: Future exposure needs this many exposed units, and this many of either outcome, before a test has power.
EXPOSED, OUTCOMES = 20, 10


def shuffled_treatment(
    sample: Sample, estimator: Callable[[Sample], float], *, observed: float, repeats: int = REPEATS, seed: int = 0
) -> Check:
    """Does the pipeline find an effect when exposure is dealt to units at random?

    Exposures are permuted among all units and the whole pipeline is repeated. Its answers must be centred
    on zero; if not, it makes effects from nothing. Where the real estimate ranks among them is reported, and
    decides nothing: an honest "no effect" ranks in the middle.

    Parameters
    ----------
    estimator : callable
        From a sample to the effect, a point estimate without its standard error.
    observed : float
        What the estimator says of the real sample.
    """
    name, tried = "shuffled exposure", f"exposure was dealt to units at random {repeats} times and everything redone"
    draw = generator(seed, name)
    samples = (_shuffled(sample, draw) for _ in range(repeats))
    placebos = _placebos(samples, estimator)
    if len(placebos) < FEWEST:
        return _could_not_run(name, tried, f"only {len(placebos)} of {repeats} shuffles could be estimated")
    rank = permutation_rank(observed, placebos)
    result, survived, figures = _centre(placebos)
    figures |= {"rank": rank.place, "of": rank.of, "p": rank.p}
    return Check(
        name, tried, f"{result}; the real estimate ranks {rank.place} of {rank.of} in size", survived, True, figures
    )


def fake_dates(
    spells: Spells,
    estimator: Callable[[Spells], float],
    *,
    touch_weeks: Ints,
    repeats: int = REPEATS,
    seed: int = 0,
) -> Check:
    """Does the pipeline find an effect of dates that were made up?

    Of the units never exposed while open, half are dealt a first exposure in a week drawn from
    ``touch_weeks``, before their follow-up is looked at; a date after the decision leaves them unexposed.
    Such dates can do nothing, so that an effect betrays immortal time: long-lived units counted as
    exposed from the start because they lived to see their date.

    Parameters
    ----------
    touch_weeks : array of int
        Weeks from time zero to first touches, whether the unit was still open then or not.
    """
    name = "fake dates"
    idle = spells.exposed_week >= spells.weeks
    tried = f"half of {int(idle.sum()):,} never exposed units were given a made-up first exposure, {repeats} times"
    if not len(touch_weeks):
        return _could_not_run(name, tried, "no touch weeks are known to draw from")
    draw = generator(seed, name)
    unexposed = _some(spells, idle)
    samples = (_faked(unexposed, touch_weeks, draw) for _ in range(repeats))
    placebos = _placebos(samples, estimator)
    if len(placebos) < FEWEST:
        return _could_not_run(name, tried, f"only {len(placebos)} of {repeats} draws could be estimated")
    result, survived, figures = _centre(placebos)
    return Check(name, tried, result, survived, True, figures)


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
        return _could_not_run(name, tried, f"{exposed} were exposed later and {won} of {len(units)} were won: too few")
    try:
        effect = adjusted_log_odds(units)
    except CannotTell as reason:
        return _could_not_run(name, tried, reason.missing)
    result = f"log-odds of a win {effect.value:+.2f} (standard error {effect.se:.2f}, p = {effect.p:.3f})"
    figures = {"log_odds": effect.value, "se": effect.se, "p": effect.p, "n": float(len(units))}
    return Check(name, tried, result, effect.p >= CONDEMNS, True, figures)


def overlap(adjusted: Adjusted) -> Check:
    """Are there comparable units on both sides? Where many have no counterpart, models guess what nobody saw."""
    result = (
        f"{adjusted.share_clipped:.1%} of units had hardly any chance of the other side; "
        f"the weighted sample is worth {adjusted.effective_n:,.0f} of {adjusted.n:,} units"
    )
    figures = {"share_clipped": adjusted.share_clipped, "effective_n": adjusted.effective_n}
    tried = "the chance of exposure was compared between the sides"
    return Check("overlap", tried, result, adjusted.share_clipped <= MOST_CLIPPED, True, figures)


def balance(adjusted: Adjusted) -> Check:
    """Are both sides alike in what is known of them, once weighted?"""
    tried = "every covariate was compared between the sides after weighting"
    if not adjusted.imbalance_after:
        return _could_not_run("balance", tried, "there are no covariates", decisive=False)
    before, after = _worst(adjusted.imbalance_before), _worst(adjusted.imbalance_after)
    result = f"largest difference {after[1]:.2f} standard deviations ({after[0]})"
    result += f"; before weighting {before[1]:.2f} ({before[0]})"
    figures = {"largest_before": before[1], "largest_after": after[1]}
    return Check("balance", tried, result, after[1] < BALANCED, True, figures)


def _shuffled(sample: Sample, draw: np.random.Generator) -> Sample:
    exposure = "exposed_week" if isinstance(sample, Spells) else "treated"
    dealt = getattr(sample, exposure)[draw.permutation(len(sample))]
    return replace(sample, **{exposure: dealt})


def _faked(unexposed: Spells, touch_weeks: Ints, draw: np.random.Generator) -> Spells:
    """Dates are drawn for everyone first, so that no unit's follow-up can steer its draw."""
    week = draw.choice(np.sort(touch_weeks), size=len(unexposed))
    week = np.where(draw.random(len(unexposed)) < 0.5, week, NEVER)
    return unexposed.with_exposure(np.where(week < unexposed.weeks, week, NEVER).astype(np.int64))


def _some(spells: Spells, rows: NDArray[np.bool_]) -> Spells:
    return Spells(
        spells.id[rows], spells.group[rows], spells.weeks[rows], spells.event[rows], spells.exposed_week[rows],
        spells.covariates.take(rows),
    )  # fmt: skip


def _placebos(samples: Iterable[Sample], estimator: Callable[[Sample], float]) -> Floats:
    found = []
    for sample in samples:
        try:
            found.append(estimator(sample))
        except CannotTell:  # a draw too thin to estimate; the caller counts what is left
            continue
    return np.array(found)


def _centre(placebos: Floats) -> tuple[str, bool, dict[str, float]]:
    """Whether placebo estimates are centred on zero, in words and figures."""
    mean, spread = float(placebos.mean()), float(placebos.std(ddof=1))
    allowed = spread * (HARMLESS + ERRORS / np.sqrt(len(placebos)))
    result = f"they average {mean:+.3g}, where up to {allowed:.2g} either way is chance"
    return result, bool(abs(mean) <= allowed), {"mean": mean, "spread": spread, "repeats": float(len(placebos))}


def _worst(imbalance: Mapping[str, float]) -> tuple[str, float]:
    """The covariate furthest out of balance; a category without its level, which may be somebody's name."""
    name = max(imbalance, key=lambda k: abs(imbalance[k]))
    return name.split("=", 1)[0], abs(imbalance[name])


def _could_not_run(name: str, tried: str, why: str, *, decisive: bool = True) -> Check:
    return Check(name, tried, f"could not run: {why}", None, decisive)
