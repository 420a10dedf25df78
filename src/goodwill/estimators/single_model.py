"""Answers that lean on one model alone: regression, weighting by the chance of treatment, standardisation.

Second opinions in few lines, each right only if its one model is; ``doubly_robust`` is right if either of two is.
Ordinary least squares with classical errors is ``regression_sensitivity.linear_effect``.

Legend: t treated 0/1; y outcome; X (n, k) design, first column 1; b (k,) coefficients; e chance of treatment;
g (k,) what the answer takes of b; G accounts.
"""

from __future__ import annotations

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators import balancing
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.logistic import fit_logistic, scaled, summed_by
from goodwill.samples import Floats, Units

#: A design whose smallest singular value is so small a share of its largest holds a column twice.
SINGULAR = 1e-10


def regression_difference(units: Units, *, level: float = 0.90) -> Estimate:
    """The coefficient of treatment by ordinary least squares on all covariates, errors clustered by account.

    Examples
    --------
    >>> from goodwill.samples import Covariates
    >>> unit, t, y = np.arange(6), np.array([0, 0, 0, 1, 1, 1]), np.array([1.0, 2, 3, 4, 5, 6])
    >>> found = regression_difference(Units(unit, unit, t, y, Covariates(np.zeros((6, 0)), (), ())))
    >>> round(found.value, 6), found.df
    (3.0, 5)
    """
    return standardised_difference(units, level=level)


def standardised_difference(units: Units, *, effect_differs_by: tuple[str, ...] = (), level: float = 0.90) -> Estimate:
    """Mean over all units of what a linear model says each would gain (the g-formula; What If, ch. 13).

    The variance is the sandwich by account times G / (G - 1) (Liang and Zeger 1986), for the covariates as they are.

    Parameters
    ----------
    effect_differs_by : names of covariates
        With which the effect may change in a straight line.

    Raises
    ------
    CannotTell
        If the covariates determine the treatment, or each other.
    """
    x, t = units.covariates.values, units.treated.astype(np.float64)
    differs = x[:, [units.covariates.names.index(name) for name in effect_differs_by]]
    X = np.column_stack([np.ones(len(units)), t, x, t[:, None] * differs])
    g = np.concatenate([[0.0, 1.0], np.zeros(x.shape[1]), differs.mean(axis=0)])
    size = np.maximum(np.abs(X).max(axis=0), 1e-300)
    singular = np.linalg.svd(X / size, compute_uv=False)
    if len(X) <= X.shape[1] or singular[-1] < SINGULAR * singular[0]:
        raise CannotTell("covariates determine the exposure or each other", settles="fewer covariates", n=len(units))
    bread = np.linalg.inv((X / size).T @ (X / size)) / np.outer(size, size)
    b = bread @ X.T @ units.outcome
    influence = X @ (bread @ g) * (units.outcome - X @ b)
    return _clustered(float(g @ b), influence, units, level)


def weighted_difference(units: Units, *, level: float = 0.90) -> Estimate:
    """Difference of means weighted by 1 / e and 1 / (1 - e), e from a logistic regression (What If, ch. 12).

    The variance takes the weights as given, which errs on the side of caution (Lunceford and Davidian 2004),
    and is clustered by account.
    """
    n, t = len(units), units.treated.astype(np.float64)
    X = np.column_stack([np.ones(n), scaled(units.covariates.values)])
    e = fit_logistic(X, t, np.ones(n), ridge=0.0).probability(X)
    w = balancing.weights(units.treated, e, target="all")
    means = [float(np.average(units.outcome, weights=arm)) for arm in (w.untreated, w.treated)]
    influence = (w.treated * (units.outcome - means[1]) - w.untreated * (units.outcome - means[0])) / n
    return _clustered(means[1] - means[0], influence, units, level)


def _clustered(value: float, influence: Floats, units: Units, level: float) -> Estimate:
    summed = summed_by(units.group, influence)
    accounts = len(summed)
    if accounts < 2:
        raise CannotTell("there is one account only", settles="more accounts", n=len(units))
    se = float(np.sqrt((summed**2).sum() * accounts / (accounts - 1)))
    return Estimate(value, se, df=accounts - 1, level=level)
