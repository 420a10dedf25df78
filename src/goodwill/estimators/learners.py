"""Guesses of an outcome or of exposure from covariates, made for units the learner has not seen.

Each learner is told everything at once, all folds and both arms, so that it can share work between them: see ``Asked``.
Trees are in ``boosted``; how guesses of several learners are averaged is in ``nuisances``.

Legend: n units, p covariates, X (n, p) covariates, y (n,) what is guessed, K folds, R repeats of the folds, F = K R
jobs, A arms (2 for an outcome, 1 for exposure), D (n, k) columns made from X, w weights, z working response.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from goodwill.estimators.boosted import boosted, shares_of_gain
from goodwill.estimators.logistic import fit_logistic, scaled
from goodwill.estimators.resample import generator
from goodwill.samples import Floats, Ints

#: A chance (0/1), an amount (never negative, often zero or skewed: deal values), or any other number.
Kind = Literal["chance", "amount", "number"]

#: Penalties tried for means, as multiples of the number of rows: from hardly any to almost flat.
PENALTIES = (1e-4, 1e-3, 1e-2, 0.1, 1.0)
#: Prior precision of logistic coefficients on scaled columns: a standard deviation of 3 log-odds.
LOGISTIC_PENALTY = 0.1
#: Where bends and jumps may lie: quintiles, as in Cochran's five strata, which remove 90% of a covariate's bias.
QUINTILES = (0.2, 0.4, 0.6, 0.8)
#: So many covariates, those that matter most to the outcome, may bend, jump and be multiplied with each other.
MOST_BENT = 8
#: A covariate that told less than this share of the average one is left out of the trees for exposure.
HARDLY = 0.5
#: Working responses of chances nearer to 0 or 1 than this would be ruled by single units.
NEAREST = 0.02
#: Zeros are a part of their own from this share on; an outcome as skewed as this is guessed on the log scale.
ZEROS, SKEWED = 0.05, 2.0
#: Fewer positive amounts than this say nothing of their size by covariates.
FEWEST_POSITIVE = 20


@dataclass(frozen=True)
class Asked:
    """What learners are to guess.

    Attributes
    ----------
    X : (n, p) array
    y : (n,) array
    fold : (R, n) array of int
        The fold of each unit in each repeat; a guess for a unit is learned outside its fold.
    arm : (n,) array of 0/1, or None
        With it, both arms are guessed for everybody.
    kind : Kind
    matters : array of int
        Covariates that seem to matter to the outcome, most first: see ``what_matters``.
    """

    X: Floats
    y: Floats
    fold: Ints
    arm: Ints | None
    kind: Kind
    matters: Ints

    @property
    def arms(self) -> tuple[int, ...]:
        """The arms to guess for; one, without a name, for exposure itself."""
        return (0,) if self.arm is None else (0, 1)

    def jobs(self) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Every fold of every repeat: the repeat, and who is held out."""
        for repeat, fold in enumerate(self.fold):
            for k in np.unique(fold):
                yield repeat, fold == k

    def empty(self) -> Floats:
        """Room for the guesses: (A, R, n)."""
        return np.zeros((len(self.arms), *self.fold.shape))


#: From what is asked to held-out guesses (A, R, n).
Learner = Callable[[Asked], Floats]
#: From columns and outcomes to learn from, and columns to guess for, to guesses.
Fit = Callable[[Floats, Floats, Floats], Floats]


def linear(asked: Asked) -> Floats:
    """Straight lines, each arm for itself: logistic for chances, otherwise ridge; amounts as chance times size."""
    if asked.kind == "chance":
        return _by_arm(asked, logistic_lines)
    return _by_arm(asked, chance_times_size if asked.kind == "amount" else ridge_lines)


def bends(asked: Asked) -> Floats:
    """Lines, and bends, jumps and products of what matters most; the arms share all but level and slopes."""
    lines = scaled(asked.X)
    bent = bent_columns(lines[:, asked.matters[:MOST_BENT]])
    if asked.arm is None:
        designs = [np.column_stack([lines, bent])]
        own = designs[0]
    else:
        designs = [np.column_stack([lines, np.full(len(lines), a), bent, lines * a]) for a in (0.0, 1.0)]
        own = np.where((asked.arm == 1)[:, None], designs[1], designs[0])
    straight = lines.shape[1] + (asked.arm is not None)
    fit = bent_chances(straight) if asked.kind == "chance" else ridge_lines
    made = asked.empty()
    for repeat, held in asked.jobs():
        new = np.vstack([design[held] for design in designs])
        made[:, repeat, held] = guessed(fit, own[~held], asked.y[~held], new).reshape(len(designs), -1)
    return np.maximum(made, 0.0) if asked.kind == "amount" else made


def boosting(asked: Asked) -> Floats:
    """Small boosted trees, which see steps and thresholds; amounts as chance times size, the size on the log scale.

    Exposure is learned from what matters to the outcome: what does not is no confounder, and only adds noise to
    the weights (Shortreed and Ertefaie 2017).
    """
    everybody = np.ones(len(asked.y), dtype=bool)
    if asked.arm is None:
        asked = replace(asked, X=asked.X[:, asked.matters])
    if asked.kind == "number":
        return _trees(asked, "identity", everybody)
    if asked.kind == "chance":
        return _trees(asked, "logit", everybody)
    some = asked.y > 0
    size = _trees(asked, "log", some)
    return size if some.all() else _trees(replace(asked, y=some.astype(float)), "logit", everybody) * size


LEARNERS: tuple[Learner, ...] = (linear, bends, boosting)
#: Enough for placebos, which are repeated a hundred times.
QUICK: tuple[Learner, ...] = (linear,)


def kind_of(y: Floats) -> Kind:
    """What kind of outcome this is, by its values.

    Examples
    --------
    >>> kind_of(np.array([0.0, 1.0, 1.0])), kind_of(np.array([-1.0, 0.5, 2.0]))
    ('chance', 'number')
    >>> kind_of(np.concatenate([np.zeros(60), np.arange(1.0, 41.0)]))
    'amount'
    """
    if np.isin(y, (0.0, 1.0)).all():
        return "chance"
    positive = y[y > 0]
    if y.min() < 0 or len(positive) < FEWEST_POSITIVE or len(np.unique(positive)) < 3:
        return "number"
    skewness = float(((y - y.mean()) ** 3).mean() / y.std() ** 3)
    return "amount" if (y == 0).mean() >= ZEROS or skewness >= SKEWED else "number"


def what_matters(X: Floats, y: Floats, arm: Ints) -> Ints:
    """Covariates by how much they tell about the outcome, most first, without those that tell hardly anything.

    Where there are few, all are kept as they stand. Amounts are looked at on the log scale, where a few huge ones do
    not rule.
    """
    if X.shape[1] <= MOST_BENT:
        return np.arange(X.shape[1])
    kind = kind_of(y)
    if kind == "amount":
        y = np.log1p(y / np.median(y[y > 0]))
    told = shares_of_gain(X, y, link="logit" if kind == "chance" else "identity", arm=arm)
    order = np.argsort(-told, kind="stable")
    kept = max(MOST_BENT, int((told * len(told) > HARDLY).sum()))
    return np.asarray(order[:kept], dtype=np.int64)


def folds(account: Ints, treated: Ints, *, count: int, seed: int) -> Ints:
    """Whole accounts in ``count`` folds, treated and untreated accounts spread evenly: one fold per unit."""
    accounts, place = np.unique(account, return_inverse=True)
    share = np.bincount(place, weights=treated) / np.bincount(place)
    order = np.lexsort([generator(seed, "folds").random(len(accounts)), share])
    fold = np.empty(len(accounts), dtype=np.int64)
    fold[order] = np.arange(len(accounts)) % count
    return np.asarray(fold[place], dtype=np.int64)


def guessed(fit: Fit, X: Floats, y: Floats, new: Floats) -> Floats:
    """What a fit guesses, inside the range it learned from, or the mean where there is nothing to fit."""
    if not len(y):
        return np.zeros(len(new))
    if X.shape[1] == 0 or np.ptp(y) == 0:
        return np.full(len(new), y.mean())
    return np.clip(fit(X, y, new), y.min(), y.max())


def _by_arm(asked: Asked, fit: Fit) -> Floats:
    made = asked.empty()
    for repeat, held in asked.jobs():
        for a in asked.arms:
            learn = ~held if asked.arm is None else ~held & (asked.arm == a)
            made[a, repeat, held] = guessed(fit, asked.X[learn], asked.y[learn], asked.X[held])
    return made


def _trees(asked: Asked, link: Literal["identity", "logit", "log"], some: NDArray[np.bool_]) -> Floats:
    held = np.array([h for _, h in asked.jobs()]).T
    each = boosted(asked.X, asked.y, learn=~held & some[:, None], judge=held & some[:, None], link=link, arm=asked.arm)
    each = each.reshape(len(asked.arms), held.shape[1], -1)
    made = asked.empty()
    for job, (repeat, h) in enumerate(asked.jobs()):
        made[:, repeat, h] = each[:, job, h]
    return made


def logistic_lines(X: Floats, y: Floats, new: Floats) -> Floats:
    """Chances from a weakly penalised logistic regression."""
    X, new = _alike(X, new)
    fit = fit_logistic(np.column_stack([np.ones(len(X)), X]), y, np.ones(len(y)), ridge=LOGISTIC_PENALTY)
    return np.asarray(expit(fit.coefficients[0] + new @ fit.coefficients[1:]), dtype=np.float64)


def ridge_lines(X: Floats, y: Floats, new: Floats) -> Floats:
    """Means from ridge regression, its penalty that of least leave-one-out error."""
    X, new = _alike(X, new)
    return _ridge(X, y, np.ones(len(y)), new)


def chance_times_size(X: Floats, y: Floats, new: Floats) -> Floats:
    """Amounts in two parts: the chance of any, and their size if any, on the log scale (Duan et al. 1983).

    Sizes are brought back to the scale of money by one factor that makes their mean right (smearing,
    Duan 1983); no guess is larger than the largest amount learned from.
    """
    some = y > 0
    if some.sum() < FEWEST_POSITIVE or np.ptp(y[some]) == 0:
        return ridge_lines(X, y, new)
    both = np.vstack([X[some], new])
    size = np.exp(np.minimum(ridge_lines(X[some], np.log(y[some]), both), np.log(y.max())))
    known, size = size[: some.sum()], size[some.sum() :]
    size = np.minimum(size * y[some].mean() / known.mean(), y.max())
    chance = np.ones(len(new)) if some.all() else logistic_lines(X, some.astype(float), new)
    return np.asarray(size * chance, dtype=np.float64)


def bent_chances(straight: int) -> Fit:
    """Chances from many columns: one penalised step of Fisher scoring from the straight lines in the first columns.

    The penalty is that of least leave-one-out error of the working response (McCullagh and Nelder 1989, 2.5), which
    costs one decomposition where a logistic fit for every penalty would cost fifty.
    """

    def fit(X: Floats, y: Floats, new: Floats) -> Floats:
        chance = np.clip(logistic_lines(X[:, :straight], y, X[:, :straight]), NEAREST, 1 - NEAREST)
        w = chance * (1 - chance)
        z = np.log(chance / (1 - chance)) + (y - chance) / w
        X, new = _alike(X, new)
        return np.asarray(expit(_ridge(X, z, w, new)), dtype=np.float64)

    return fit


def _alike(X: Floats, new: Floats) -> tuple[Floats, Floats]:
    """Columns centred and scaled alike; what does not vary among those learned from says nothing."""
    centre, spread = X.mean(axis=0), X.std(axis=0)
    spread = np.where(spread > 1e-12, spread, np.inf)
    return (X - centre) / spread, (new - centre) / spread


def _ridge(X: Floats, y: Floats, w: Floats, new: Floats) -> Floats:
    """Weighted ridge with the penalty of least leave-one-out error, from one decomposition."""
    w = w / w.mean()
    n, mean, centre = len(y), float(np.average(y, weights=w)), np.average(X, axis=0, weights=w)
    rooted, left = (X - centre) * np.sqrt(w)[:, None], (y - mean) * np.sqrt(w)
    squared, V = np.linalg.eigh(rooted.T @ rooted)
    squared = np.maximum(squared, 0.0)
    turned = rooted @ V
    along, best = turned.T @ left, (np.inf, PENALTIES[0])
    for penalty in PENALTIES:
        shrink = 1 / (squared + penalty * n)
        leverage = w / n + turned**2 @ shrink
        error = (left - turned @ (shrink * along)) / np.maximum(1 - leverage, 1e-3)
        best = min(best, (float(np.mean(error**2)), penalty))
    return np.asarray(mean + (new - centre) @ (V @ (along / (squared + best[1] * n))), dtype=np.float64)


def bent_columns(X: Floats) -> Floats:
    """Bends and jumps of each column at its quintiles, and products of pairs."""
    columns = [np.zeros((len(X), 0))]
    for x, cuts in zip(X.T, np.quantile(X, QUINTILES, axis=0).T, strict=True):
        if len(np.unique(x)) > len(QUINTILES) + 1:
            at = np.unique(cuts)
            columns += [np.maximum(x[:, None] - at, 0), (x[:, None] > at).astype(float)]
    first, second = np.triu_indices(X.shape[1], 1)
    return np.column_stack([*columns, X[:, first] * X[:, second]])
