"""Cross-fitted guesses of exposure and of both outcomes: several learners, several splits into folds, one average.

In every split no unit helps to guess for its own account. Learners are averaged with the weights (none negative,
sum 1) that fit held-out truth best: "short-stacking" (Ahrens, Hansen, Schaffer and Wiemann 2025). Guesses of several
splits are averaged too, so that the answer hangs less on the draw of the folds.

Legend: n units, R repeats, m learners; e chance of treatment; m0, m1 outcomes without and with treatment.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from threadpoolctl import threadpool_limits

from goodwill.estimators.learners import (
    LEARNERS,
    MOST_BENT,
    Asked,
    Learner,
    bent_columns,
    folds,
    kind_of,
    what_matters,
)
from goodwill.estimators.logistic import scaled
from goodwill.samples import Floats, Units

#: Five folds leave four fifths to learn from; three splits calm the draw of folds, which many units do by themselves.
FOLDS, REPEATS, MANY_UNITS = 5, 3, 5000


@dataclass(frozen=True)
class Nuisances:
    """Guesses, (n,) each: chance of treatment (as guessed, however near to 0 or 1) and outcomes without and with it."""

    e: Floats
    m0: Floats
    m1: Floats


@dataclass(frozen=True)
class CrossFitted:
    """Guesses by the average of learners, by each alone, and how much each counts in the average (m,).

    ``columns`` (n, k) are the covariates, and the bends and products of those that matter, for weights to balance.
    """

    stacked: Nuisances
    alone: tuple[Nuisances, ...]
    weights: Floats
    columns: Floats

    @property
    def outcomes(self) -> Floats:
        """Every learner's guesses of the outcome in either arm: (n, 2m)."""
        return np.column_stack([m for one in self.alone for m in (one.m0, one.m1)])


def cross_fitted(
    units: Units, *, seed: int = 0, learners: tuple[Learner, ...] = LEARNERS, repeats: int | None = None
) -> CrossFitted:
    """Guesses for every unit by learners that saw no unit of its account.

    Several answers can be read off the same guesses: see ``doubly_robust.adjusted``.

    Parameters
    ----------
    repeats : int, optional
        Splits into folds; three unless told, or one from 5,000 units on.
    """
    if repeats is None:
        repeats = REPEATS if len(units) < MANY_UNITS else 1
    X, t, y = units.covariates.values, units.treated, units.outcome
    fold = np.array([folds(units.group, t, count=FOLDS, seed=seed * REPEATS + r) for r in range(repeats)])
    # set here, since limits bind only libraries that are loaded already; on a busy machine two threads that wait for
    # each other took ten times as long as one
    with threadpool_limits(limits=1):
        matters, columns = np.arange(X.shape[1]), X
        if len(learners) > 1:
            matters = what_matters(X, y, t)
            columns = np.column_stack([X, bent_columns(scaled(X[:, matters[:MOST_BENT]]))])
        exposure = guesses(Asked(X, t.astype(np.float64), fold, None, "chance", matters), learners)
        outcome = guesses(Asked(X, y, fold, t, kind_of(y), matters), learners)
    alone = zip(exposure.each[0], *outcome.each, strict=True)
    weights = np.concatenate([exposure.weights, outcome.weights]).mean(axis=0)
    stacked = Nuisances(exposure.averaged[0], *outcome.averaged)
    return CrossFitted(stacked, tuple(Nuisances(*one) for one in alone), weights, columns)


@dataclass(frozen=True)
class Guesses:
    """Held-out guesses, mean over repeats: ``averaged`` (A, n), ``each`` (A, m, n) by learner, ``weights`` (A, m)."""

    averaged: Floats
    each: Floats
    weights: Floats


def guesses(asked: Asked, learners: tuple[Learner, ...]) -> Guesses:
    """What each learner guesses, and their average, weighted in each repeat and arm by what fits there."""
    made = np.array([learner(asked) for learner in learners])  # (m, A, R, n)
    weights = np.zeros((len(asked.arms), len(asked.fold), len(learners)))
    for a in asked.arms:
        used = np.ones(len(asked.y), dtype=bool) if asked.arm is None else asked.arm == a
        for r in range(len(asked.fold)):
            weights[a, r] = stacking_weights(made[:, a, r, used].T, asked.y[used])
    averaged = np.einsum("arm,marn->an", weights, made) / len(asked.fold)
    return Guesses(averaged, made.mean(axis=2).transpose(1, 0, 2), weights.mean(axis=1))


def stacking_weights(made: Floats, y: Floats) -> Floats:
    """Non-negative weights with sum 1 whose average of the guesses is nearest to y in squared error.

    With m learners the answer is ordinary least squares among one of 2^m - 1 sets of them; all are tried.

    Examples
    --------
    >>> stacking_weights(np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0]]), np.array([0.0, 1.0, 2.0])).round(6).tolist()
    [1.0, 0.0]
    """
    m = made.shape[1]
    miss = made - y[:, None]
    product = miss.T @ miss / len(y)
    best, least = np.full(m, 1 / m), np.inf
    for size in range(1, m + 1):
        for chosen in combinations(range(m), size):
            weights = _least(product, chosen)
            loss = float(weights @ product @ weights)
            if (weights >= 0).all() and loss < least * (1 - 1e-9):
                best, least = weights, loss
    return best


def _least(product: Floats, chosen: tuple[int, ...]) -> Floats:
    """Weights with sum 1 of least squared error among the chosen: proportional to the inverse of products of misses."""
    some = np.ix_(chosen, chosen)
    ridge = 1e-9 * float(np.trace(product[some])) + 1e-300  # learners that say the same share their weight
    inverse = np.linalg.solve(product[some] + ridge * np.eye(len(chosen)), np.ones(len(chosen)))
    weights = np.zeros(len(product))
    weights[list(chosen)] = inverse / inverse.sum()
    return weights
