"""Difference in means or shares between treated and untreated, adjusted twice: by outcome and by exposure.

Augmented inverse-probability weighting with cross-fitting: the score of a unit is what the outcome models
say, corrected by its own weighted residual; it is right if either the outcome models or the exposure model
is (Robins, Rotnitzky and Zhao 1994; Chernozhukov et al. 2018). No unit helps to guess for its own account.

Legend: n units; t treated 0/1; y outcome; m0, m1 guessed outcome without and with treatment; w target's weight;
psi scores, whose weighted mean is the effect; d deviations, one per account, when it is left out; G accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators import balancing
from goodwill.estimators.balancing import Target, Weights, imbalance
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.learners import LEARNERS, Learner
from goodwill.estimators.logistic import summed_by
from goodwill.estimators.nuisances import CrossFitted, Nuisances, cross_fitted
from goodwill.estimators.ratios import Ratio
from goodwill.samples import Floats, Units

__all__ = [
    "Adjusted", "Target", "adjusted", "adjusted_difference", "arm_scores", "imbalance", "naive_difference",
    "require_enough",
]  # fmt: skip

#: Each arm needs this many units, and this many accounts, before models of it mean anything.
UNITS_PER_ARM, ACCOUNTS_PER_ARM = 20, 8


@dataclass(frozen=True)
class Adjusted:
    """The adjusted difference and what a reader needs to trust it.

    Attributes
    ----------
    difference, treated_mean, untreated_mean : Estimate
        In the outcome's unit (probability for a 0/1 outcome), for the target as if treated, as if not.
    ratio : Ratio or None
        Treated mean over untreated mean; None unless both are positive and no outcome is negative.
    target : Target
        Whose effect it is: of all, of those who could have gone either way, of the treated.
    share_clipped : float
        Share of those asked about whose chance of treatment was held at a limit: 0.02 or 0.98 for all.
    effective_n : float
        Units that would say as much if all weighed the same (Kish): (sum w)^2 / sum w^2.
    imbalance_before, imbalance_after : mapping of covariate to float
        Difference of means in standard deviations, as found and after weighting.
    """

    difference: Estimate
    treated_mean: Estimate
    untreated_mean: Estimate
    ratio: Ratio | None
    target: Target
    n: int
    share_clipped: float
    effective_n: float
    imbalance_before: Mapping[str, float]
    imbalance_after: Mapping[str, float]


def adjusted_difference(
    units: Units,
    *,
    seed: int = 0,
    learners: tuple[Learner, ...] = LEARNERS,
    repeats: int | None = None,
    level: float = 0.90,
    target: Target = "all",
) -> Adjusted:
    """What treatment changes on average in those asked about, errors clustered by account.

    Raises
    ------
    CannotTell
        If an arm is too small or comes from too few accounts, or the outcome never varies.
    """
    require_enough(units)
    return adjusted(
        units, cross_fitted(units, seed=seed, learners=learners, repeats=repeats), level=level, target=target
    )


def adjusted(units: Units, guessed: CrossFitted, *, level: float = 0.90, target: Target = "all") -> Adjusted:
    """The answer for one target from guesses that are there already.

    The variance is the jackknife's over accounts (CR3: MacKinnon, Nielsen and Webb 2023), which counts an account by
    its weight, and the degrees of freedom are those of a variance with the observed kurtosis (O'Neill 2014), so that
    few large scores, or few large accounts, widen the interval. To it is added how far the learners' own answers lie
    apart, weighted as they were averaged (Buckland, Burnham and Augustin 1997): what the best average still gets
    wrong is not noise. With it 90% intervals held the truth in 10 of the 10 public sets of the ACIC 2016 challenge,
    without it in 9.
    """
    by_chance = balancing.weights(units.treated, guessed.stacked.e, target=target)
    weights = balancing.tilted(by_chance, columns=guessed.columns, guesses=guessed.outcomes)
    found = _Answer.of(units, guessed.stacked, weights)
    opinions = _Opinions(_means_of_each(units, guessed, target), guessed.weights)
    return Adjusted(
        difference=found.difference(opinions, level),
        treated_mean=found.arm(1, opinions, level),
        untreated_mean=found.arm(0, opinions, level),
        ratio=found.ratio(opinions, level) if units.outcome.min() >= 0 else None,
        target=target,
        n=len(units),
        share_clipped=weights.share_clipped,
        effective_n=weights.effective_n,
        imbalance_before=imbalance(units, np.ones(len(units))),
        imbalance_after=imbalance(units, weights.both),
    )


def arm_scores(y: Floats, guessed: Nuisances, weights: Weights) -> Floats:
    """Scores (n, 2) whose sums, over the target's weight, are the means had nobody and had everybody been treated.

    Examples
    --------
    >>> t, y, half = np.array([0, 0, 1, 1]), np.array([1.0, 3.0, 4.0, 8.0]), np.full(4, 0.5)
    >>> w = balancing.weights(t, half, target="all")
    >>> arm_scores(y, Nuisances(half, np.zeros(4), np.zeros(4)), w).mean(axis=0).tolist()
    [2.0, 6.0]
    """
    psi0 = weights.target * guessed.m0 + weights.untreated * (y - guessed.m0)
    psi1 = weights.target * guessed.m1 + weights.treated * (y - guessed.m1)
    return np.column_stack([psi0, psi1])


def naive_difference(units: Units, *, level: float = 0.90) -> Estimate:
    """Mean of the treated minus mean of the untreated: what a table would say, errors clustered by account.

    With one unit per account the variance is Neyman's, s1^2/n1 + s0^2/n0.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.samples import Covariates
    >>> unit = np.arange(4)
    >>> sample = Units(unit, unit, np.array([0, 0, 1, 1]), np.array([1.0, 3.0, 4.0, 8.0]),
    ...                Covariates(np.zeros((4, 0)), (), ()))
    >>> e = naive_difference(sample)
    >>> e.value, round(e.se, 6)
    (4.0, 2.236068)
    """
    influence = np.zeros(len(units))
    means = []
    for arm in (0, 1):
        here = units.treated == arm
        accounts = len(np.unique(units.group[here]))
        if accounts < 2:
            raise CannotTell("one side has fewer than two accounts", settles="more accounts", n=len(units))
        means.append(units.outcome[here].mean())
        stretch = np.sqrt(accounts / (accounts - 1)) / here.sum()
        influence[here] = (1 if arm else -1) * stretch * (units.outcome[here] - means[arm])
    se = float(np.sqrt((summed_by(units.group, influence) ** 2).sum()))
    return Estimate(float(means[1] - means[0]), se, df=len(np.unique(units.group)) - 1, level=level)


def require_enough(units: Units) -> None:
    """Raise CannotTell unless both arms hold enough units and accounts, and the outcome varies."""
    n = len(units)
    for arm, name in ((1, "exposed"), (0, "unexposed")):
        here = units.treated == arm
        accounts = len(np.unique(units.group[here]))
        if here.sum() < UNITS_PER_ARM or accounts < ACCOUNTS_PER_ARM:
            raise CannotTell(
                f"only {int(here.sum())} of {n} were {name}, at {accounts} accounts",
                settles=f"at least {UNITS_PER_ARM} {name} at {ACCOUNTS_PER_ARM} accounts, better 100",
                n=n,
            )
    if np.ptp(units.outcome) == 0:
        raise CannotTell("the outcome is the same for all", settles="a period in which outcomes differ", n=n)


@dataclass(frozen=True)
class _Opinions:
    """What each learner alone says of the two means, (m, 2), and how much it counts in their average, (m,)."""

    means: Floats
    weights: Floats

    def variance(self, said: Floats, value: float) -> float:
        """How far learners' values lie from the average's; nothing if there is one learner, or none has a value."""
        told = np.isfinite(said)
        if len(said) < 2 or not self.weights[told].sum() > 0:
            return 0.0
        return float(np.average((said[told] - value) ** 2, weights=self.weights[told]))


@dataclass(frozen=True)
class _Answer:
    """Both means (2,), and by how much each would change without an account: deviations (G, 2)."""

    means: Floats
    deviations: Floats

    @staticmethod
    def of(units: Units, guessed: Nuisances, weights: Weights) -> _Answer:
        """From the scores; d = (sum of psi - w mean in the account) / (weight of all others)."""
        scores, w = arm_scores(units.outcome, guessed, weights), weights.target
        means = scores.sum(axis=0) / w.sum()
        others = w.sum() - summed_by(units.group, w)
        return _Answer(means, summed_by(units.group, scores - w[:, None] * means) / others[:, None])

    def difference(self, opinions: _Opinions, level: float) -> Estimate:
        """Had everybody been treated, less had nobody."""
        value = float(self.means[1] - self.means[0])
        apart = opinions.variance(opinions.means[:, 1] - opinions.means[:, 0], value)
        return _estimate(value, self.deviations[:, 1] - self.deviations[:, 0], apart, level)

    def arm(self, arm: int, opinions: _Opinions, level: float) -> Estimate:
        """The mean had everybody been in one arm."""
        value = float(self.means[arm])
        return _estimate(value, self.deviations[:, arm], opinions.variance(opinions.means[:, arm], value), level)

    def ratio(self, opinions: _Opinions, level: float) -> Ratio | None:
        """Ratio of the two means, if both are positive."""
        if not (self.means > 0).all():
            return None
        value, d = float(np.log(self.means[1] / self.means[0])), self.deviations / self.means
        said = np.full(len(opinions.means), np.nan)
        told = (opinions.means > 0).all(axis=1)
        said[told] = np.log(opinions.means[told, 1] / opinions.means[told, 0])
        return Ratio(_estimate(value, d[:, 1] - d[:, 0], opinions.variance(said, value), level))


def _means_of_each(units: Units, guessed: CrossFitted, target: Target) -> Floats:
    """Both means by each learner alone, whose weights are not tilted: tilted ones would agree by construction."""
    means = []
    for one in guessed.alone:
        weights = balancing.weights(units.treated, one.e, target=target)
        means.append(arm_scores(units.outcome, one, weights).sum(axis=0) / weights.target.sum())
    return np.array(means)


def _estimate(value: float, d: Floats, apart: float, level: float) -> Estimate:
    """Value, jackknife variance (G-1)/G sum d^2 plus what else is not known, and 2 G / (kurtosis - (G-3)/(G-1)) df."""
    accounts, squares = len(d), float((d**2).sum())
    if squares <= 0:
        return Estimate(value, float(np.sqrt(apart)), df=accounts - 1, level=level)
    kurtosis = accounts * float((d**4).sum()) / squares**2
    df = min(accounts - 1.0, 2 * accounts / (kurtosis - (accounts - 3) / (accounts - 1)))
    return Estimate(value, float(np.sqrt((accounts - 1) / accounts * squares + apart)), df=df, level=level)
