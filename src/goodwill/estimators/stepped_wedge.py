"""Groups of companies that start one after the other, in an order drawn at random: what that finds, and what it found.

The model is that of Hussey and Hughes (2007, Contemporary Clinical Trials 28): the mean of a group in a period is a
level of the period, common to all, plus what is the group's own, plus the effect once it has started.

Legend: I groups, T periods, X (I, T) 1 where the group has started; y (I, T) means and n (I, T) units behind them;
sigma² the variance of one unit within a group, tau² that between groups; theta the effect.
"""

from __future__ import annotations

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.resample import generator
from goodwill.samples import Floats, Ints

#: Fewer groups than this leave too few orders of starting to tell chance from an effect (six: 720, or 90 in pairs).
FEWEST = 6
#: Orders of starting drawn again for the standard error: its own error is then one in the root of 2 times 999, 2%.
DRAWS = 999


def schedule(groups: int, *, steps: int) -> Ints:
    """Who has started when: (groups, steps + 1) of 0/1, nobody in the first period and all in the last.

    Examples
    --------
    >>> schedule(3, steps=2).tolist()
    [[0, 1, 1], [0, 1, 1], [0, 0, 1]]
    """
    first = 1 + np.arange(groups) * steps // groups
    return (np.arange(steps + 1)[None, :] >= first[:, None]).astype(np.int64)


def variance(X: Ints, *, within: float, between: float) -> float:
    """Variance of the estimated effect, with equal numbers of units (equation 8 of Hussey and Hughes 2007).

    With U, V and W the sums of X, of its squared row sums and of its squared column sums, s = within and t = between:
    I s (s + T t) / ((I U - W) s + (U² + I T U - T W - I V) t).

    Parameters
    ----------
    within : float
        Variance of the mean of one group in one period: sigma² / n.
    between : float
        tau².

    Examples
    --------
    Two groups, one of them started in the second of two periods, nothing shared: s (1 + 1/1) over the second period.

    >>> variance(np.array([[0, 1], [0, 0]]), within=3.0, between=0.0)
    6.0
    """
    (groups, T), U = X.shape, float(X.sum())
    V, W = float((X.sum(axis=1) ** 2).sum()), float((X.sum(axis=0) ** 2).sum())
    information = (groups * U - W) * within + (U**2 + groups * T * U - T * W - groups * V) * between
    if not information > 0:
        raise _one_sided()
    return float(groups * within * (within + T * between) / information)


def effect(y: Floats, *, units: Floats, X: Ints, seed: int = 0, level: float = 0.90) -> Estimate:
    """The effect of having started, by generalised least squares; its error from the orders there could have been.

    The weights are those of the model with variances estimated by analysis of variance; that the answer is unbiased
    does not rest on them, only on the order having been drawn at random. The standard error is the standard deviation
    of the estimate, less the effect itself, over orders of starting drawn again (Ji, Fink, Robyn and Small 2017, Annals
    of Applied Statistics 11), so that it holds for few groups and whatever the units of a group share.

    Parameters
    ----------
    y, units : (I, T) arrays
        Means, and how many units each is of; a cell without units does not count.

    Raises
    ------
    CannotTell
        Fewer than six groups with units, or no period with groups on both sides.
    """
    kept = (units > 0).any(axis=1)
    y, units, X = np.where(units > 0, y, 0.0)[kept], units[kept], X[kept]
    if len(y) < FEWEST:
        raise CannotTell(f"only {len(y)} groups have outcomes", settles=f"at least {FEWEST} groups", n=len(y))
    weights = _precisions(y, units)
    value = float(_slopes(y, X[None], weights)[0])
    if not np.isfinite(value):
        raise _one_sided()
    rng = generator(seed, "orders of starting")
    orders = np.array([rng.permutation(len(y)) for _ in range(DRAWS)])
    drawn = _slopes(y - value * X, X[orders], weights)
    told = drawn[np.isfinite(drawn)]
    if len(told) < DRAWS / 2:
        raise CannotTell("too few groups have outcomes in the same period", settles="more outcomes", n=len(y))
    return Estimate(value, float(told.std()), df=len(y) - 2, level=level)


def _precisions(y: Floats, units: Floats) -> Floats:
    """Inverse covariances (I, T, T) of each group's means, from variances within and between as the data show them.

    Within: squared residuals after group and period are taken out, per unit. Between: what group means vary beyond.
    A cell without units is given a variance so large that it counts for nothing.
    """
    seen, share = units > 0, units.astype(np.float64)
    period = (share * y).sum(axis=0) / np.maximum(share.sum(axis=0), 1.0)
    centred = np.where(seen, y - period, 0.0)
    mine = (share * centred).sum(axis=1) / share.sum(axis=1)
    residual = np.where(seen, centred - mine[:, None], 0.0)
    free = max(1.0, float(seen.sum()) - len(y) - y.shape[1] + 1)
    within = max(float((share * residual**2).sum()) / free, 1e-12)
    between = max(0.0, float(mine.var(ddof=1)) - within * float((1 / share.sum(axis=1)).mean()))
    each = within / np.maximum(share, 1e-9)
    return np.asarray(np.linalg.inv(each[:, :, None] * np.eye(y.shape[1]) + between), dtype=np.float64)


def _slopes(y: Floats, X: Ints, weights: Floats) -> Floats:
    """Theta of weighted least squares on levels of the periods and X (B, I, T); not a number where X says nothing.

    The levels are taken out first (Frisch and Waugh 1933): theta = (x'Wy - b'A y~) / (x'Wx - b'A b), with A the inverse
    of the summed weights, b and y~ the weighted sums of X and of y.
    """
    A = np.linalg.inv(weights.sum(axis=0))
    weighted = np.einsum("gst,bgt->bgs", weights, X)
    b, sums = weighted.sum(axis=1), np.einsum("gst,gt->s", weights, y)
    explained = (weighted * X).sum(axis=(1, 2)) - np.einsum("bs,st,bt->b", b, A, b)
    along = np.einsum("bgs,gs->b", weighted, y) - b @ A @ sums
    enough = explained > 1e-9 * np.abs((weighted * X).sum(axis=(1, 2)))
    return np.where(enough, along / np.where(enough, explained, 1.0), np.nan)


def _one_sided() -> CannotTell:
    return CannotTell("no period has groups on both sides", settles="groups that start at different times")
