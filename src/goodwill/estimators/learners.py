"""Guesses of an outcome or of exposure from covariates, made for units the learner has not seen.

Several learners guess, each on folds of whole accounts; their guesses are averaged with the weights
(none negative, sum 1) that fit the held-out truth best: "short-stacking" (Ahrens, Hansen, Schaffer and
Wiemann 2025). Averaging is used rather than choosing one, as the best learner on one fold is often not
the best on the next, and a jump between learners widens nothing that the standard error would see.

Legend: n units, p covariates, X (n, p) covariates, y (n,) what is guessed, K folds, m learners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from goodwill.estimators.logistic import fit_logistic, scaled
from goodwill.estimators.resample import generator
from goodwill.samples import Floats, Ints

#: A learner: (X to learn from, y, X to guess for, is y 0/1) -> guesses.
Learner = Callable[[Floats, Floats, Floats, bool], Floats]

#: Penalties tried for means, as multiples of the number of rows: from hardly any to almost flat.
PENALTIES = (1e-4, 1e-3, 1e-2, 0.1, 1.0)
#: More pairs of covariates than this cost time and bring noise; then there are bends but no products.
MOST_PAIRS = 150
#: Where bends and jumps may lie: quintiles, as in Cochran's five strata, which remove 90% of a covariate's bias.
QUINTILES = (0.2, 0.4, 0.6, 0.8)
#: Prior precision of logistic coefficients on scaled columns: standard deviations of 3 and of 0.6 log-odds.
LOGISTIC_PENALTY, BENDS_PENALTY = 0.1, 3.0


def linear(X: Floats, y: Floats, new: Floats, binary: bool) -> Floats:
    """Straight lines: logistic for 0/1, otherwise ridge with the penalty chosen by leave-one-out error."""
    return _penalised(X, y, new, LOGISTIC_PENALTY if binary else None)


def bends(X: Floats, y: Floats, new: Floats, binary: bool) -> Floats:
    """Lines that may bend and jump at quintiles of a covariate, with products of pairs, more strongly penalised."""
    both = _with_bends(scaled(np.vstack([X, new])))
    return _penalised(both[: len(X)], y, both[len(X) :], BENDS_PENALTY if binary else None)


def boosting(X: Floats, y: Floats, new: Floats, binary: bool) -> Floats:
    """Small gradient-boosted trees, which see steps and thresholds."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    # shallow, slow and few: samples hold hundreds to thousands of units, and depth 3 has three-way effects already
    shape = {
        "max_iter": 60,
        "learning_rate": 0.08,
        "max_leaf_nodes": 8,
        "min_samples_leaf": 15,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": 0,
    }
    # set here, since limits bind only libraries that are loaded already; on a busy machine two threads that wait for
    # each other took ten times as long as one
    with threadpool_limits(limits=1):
        if binary:
            fitted = HistGradientBoostingClassifier(**shape).fit(X, y)
            return np.asarray(fitted.predict_proba(new)[:, 1], dtype=np.float64)
        return np.asarray(HistGradientBoostingRegressor(**shape).fit(X, y).predict(new), dtype=np.float64)


LEARNERS: tuple[Learner, ...] = (linear, bends, boosting)
#: Enough for placebos, which are repeated a hundred times.
QUICK: tuple[Learner, ...] = (linear,)


def folds(account: Ints, treated: Ints, *, count: int, seed: int) -> Ints:
    """Whole accounts in ``count`` folds, treated and untreated accounts spread evenly: one fold per unit."""
    accounts, place = np.unique(account, return_inverse=True)
    share = np.bincount(place, weights=treated) / np.bincount(place)
    order = np.lexsort([generator(seed, "folds").random(len(accounts)), share])
    fold = np.empty(len(accounts), dtype=np.int64)
    fold[order] = np.arange(len(accounts)) % count
    return np.asarray(fold[place], dtype=np.int64)


@dataclass(frozen=True)
class Guesses:
    """Held-out guesses: ``each`` (n, m) by learner, and the ``weights`` (m,) of their average."""

    each: Floats
    weights: Floats

    @property
    def averaged(self) -> Floats:
        """The stacked guess per unit."""
        return np.asarray(self.each @ self.weights, dtype=np.float64)


def guesses(X: Floats, y: Floats, used: NDArray[np.bool_], fold: Ints, learners: tuple[Learner, ...]) -> Guesses:
    """A guess of y for every unit by learners that saw none of its fold, learning only where ``used``.

    Parameters
    ----------
    used : (n,) array of bool
        Units to learn from: one arm for its outcome, everybody for exposure.
    """
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    each = np.zeros((len(y), len(learners)))
    for k in np.unique(fold):
        learn, hold = used & (fold != k), fold == k
        for m, learner in enumerate(learners):
            each[hold, m] = _guess(learner, X[learn], y[learn], X[hold], binary)
    return Guesses(each, stacking_weights(each[used], y[used]))


def stacking_weights(made: Floats, y: Floats) -> Floats:
    """Non-negative weights with sum 1 whose average of the guesses is nearest to y in squared error.

    Examples
    --------
    >>> import numpy as np
    >>> stacking_weights(np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0]]), np.array([0.0, 1.0, 2.0])).round(6).tolist()
    [1.0, 0.0]
    """
    from scipy.optimize import nnls  # needed by few runs, and dear to import

    if made.shape[1] == 1:
        return np.ones(1)
    # a heavy extra row asks for sum 1; least squares without it could shrink all guesses
    heavy = 1e3 * np.sqrt(len(y)) * max(float(np.abs(made).max()), 1e-12)
    weights, _ = nnls(np.vstack([made, np.full(made.shape[1], heavy)]), np.append(y, heavy))
    total = weights.sum()
    return np.asarray(weights / total if total > 0 else np.full(len(weights), 1 / len(weights)), dtype=np.float64)


def _guess(learner: Learner, X: Floats, y: Floats, new: Floats, binary: bool) -> Floats:
    if X.shape[1] == 0 or np.ptp(y) == 0:
        return np.full(len(new), y.mean())
    return learner(X, y, new, binary)


def _penalised(X: Floats, y: Floats, new: Floats, penalty: float | None) -> Floats:
    centre, spread = X.mean(axis=0), X.std(axis=0)
    spread = np.where(spread > 1e-12, spread, np.inf)  # what does not vary here says nothing
    X, new = (X - centre) / spread, (new - centre) / spread
    if penalty is None:
        return _ridge(X, y, new)
    fit = fit_logistic(np.column_stack([np.ones(len(X)), X]), y, np.ones(len(y)), ridge=penalty)
    return np.asarray(expit(fit.coefficients[0] + new @ fit.coefficients[1:]), dtype=np.float64)


def _ridge(X: Floats, y: Floats, new: Floats) -> Floats:
    """Ridge on centred columns with the penalty of least leave-one-out error, from one decomposition."""
    n, mean = len(y), y.mean()
    squared, V = np.linalg.eigh(X.T @ X)
    squared = np.maximum(squared, 0.0)
    turned, best = X @ V, (np.inf, PENALTIES[0])
    along = turned.T @ (y - mean)
    for penalty in PENALTIES:
        shrink = 1 / (squared + penalty * n)
        leverage = 1 / n + turned**2 @ shrink
        left = y - mean - turned @ (shrink * along)
        best = min(best, (float(np.mean((left / np.maximum(1 - leverage, 1e-3)) ** 2)), penalty))
    return np.asarray(mean + new @ (V @ (along / (squared + best[1] * n))), dtype=np.float64)


def _with_bends(X: Floats) -> Floats:
    columns = [X]
    for x in X.T:
        if len(np.unique(x)) > len(QUINTILES) + 1:
            cuts = np.unique(np.quantile(x, QUINTILES))
            columns += [np.maximum(x[:, None] - cuts, 0), (x[:, None] > cuts).astype(float)]
    first, second = np.triu_indices(X.shape[1], 1)
    if len(first) <= MOST_PAIRS:
        columns.append(X[:, first] * X[:, second])
    return np.column_stack(columns)
