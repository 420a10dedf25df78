"""Logistic regression on grouped counts: one row per covariate pattern, however many observations it holds.

Legend: X (r, k) design, first column 1; s successes, t trials (r,); b coefficients (k,); p probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.samples import Floats, Ints, Units

#: Precision of a normal prior on every coefficient but the intercept. 0.01 is a standard deviation of 10
#: log-odds per unit: invisible where there is information, finite where a covariate separates the outcomes.
RIDGE = 0.01
#: The intercept is left free but for this, which keeps a sample without one success finite (near -20).
FREE = 1e-6
#: Newton's method doubles its correct digits each step; 60 steps are only used under separation.
STEPS = 60
#: A Newton decrement this small changes no printed digit.
TOLERANCE = 1e-10


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients, their model-based covariance, the log-likelihood without penalty, and whether it converged."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    converged: bool

    def probability(self, X: Floats) -> Floats:
        """Chance of success for each row of a design."""
        return np.asarray(expit(X @ self.coefficients), dtype=np.float64)


def fit_logistic(
    X: Floats, successes: Floats, trials: Floats, *, start: Floats | None = None, ridge: float = RIDGE
) -> LogisticFit:
    """Maximum of the penalised binomial likelihood by Newton's method with step halving.

    Parameters
    ----------
    X : (r, k) array
        Design; its first column is the intercept. Other columns should be scaled to about unit spread,
        since the ridge treats them alike.
    successes, trials : (r,) arrays
        Counts (or weights) per row, 0 <= successes <= trials.
    start : (k,) array, optional
        Where to begin: the solution of a similar problem saves most steps.
    ridge : float
        Prior precision of all coefficients but the intercept.

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> fit = fit_logistic(X, np.array([20.0, 40.0]), np.array([100.0, 100.0]), ridge=0.0)
    >>> round(float(fit.coefficients[1]), 6), round(float(np.log((40 / 60) / (20 / 80))), 6)
    (0.980829, 0.980829)
    """
    problem = _Problem(X, successes, trials, np.append(FREE, np.full(X.shape[1] - 1, ridge)))
    b = problem.beginning() if start is None else np.array(start, dtype=np.float64)
    reached, converged = problem.objective(b), False
    for _ in range(STEPS):
        gradient, information = problem.derivatives(b)
        step = np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
        if float(gradient @ step) < TOLERANCE:
            converged = True
            break
        b, reached = problem.uphill(b, step, reached)
    if not converged:
        information = problem.derivatives(b)[1]
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return LogisticFit(b, covariance, reached + 0.5 * float(problem.penalty @ b**2), converged)


@dataclass(frozen=True)
class _Problem:
    """The penalised likelihood to climb; ``penalty`` (k,) is the prior precision of each coefficient."""

    X: Floats
    s: Floats
    t: Floats
    penalty: Floats

    def beginning(self) -> Floats:
        share = (self.s.sum() + 0.5) / (self.t.sum() + 1.0)
        b = np.zeros(self.X.shape[1])
        b[0] = np.log(share / (1 - share))
        return b

    def objective(self, b: Floats) -> float:
        eta = self.X @ b
        return float(self.s @ eta - self.t @ np.logaddexp(0.0, eta) - 0.5 * self.penalty @ b**2)

    def derivatives(self, b: Floats) -> tuple[Floats, Floats]:
        """Gradient, and information (minus the second derivatives), which FREE keeps invertible."""
        p = expit(self.X @ b)
        information = self.X.T @ (self.X * (self.t * p * (1 - p))[:, None])
        information[np.diag_indices_from(information)] += np.maximum(self.penalty, FREE)
        return self.X.T @ (self.s - self.t * p) - self.penalty * b, information

    def uphill(self, b: Floats, step: Floats, reached: float) -> tuple[Floats, float]:
        """The first of step, step/2, step/4, ... that does not lower the objective, and where it leads."""
        for halvings in range(30):
            tried = b + step * 0.5**halvings
            objective = self.objective(tried)
            if objective >= reached - 1e-12 * abs(reached):
                return tried, objective
        return b, reached


def scaled(values: Floats) -> Floats:
    """Columns centred and divided by their standard deviation; constant columns become 0."""
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0), dtype=np.float64)


def adjusted_log_odds(units: Units, *, level: float = 0.90) -> Estimate:
    """Log-odds of a 0/1 outcome for treated against untreated, covariates held fixed, errors clustered by account.

    Sandwich covariance of the scores summed per account, times G/(G-1); t with G-1 degrees of freedom
    (Liang and Zeger 1986; Cameron and Miller 2015).

    Raises
    ------
    CannotTell
        If the outcome does not vary, or there are fewer than two accounts.
    """
    n, won = len(units), float(units.outcome.sum())
    accounts = len(np.unique(units.group))
    if accounts < 2 or not 0 < won < n or not 0 < units.treated.sum() < n:
        raise CannotTell("exposure or outcome does not vary over accounts", settles="more decided units", n=n)
    X = np.column_stack([np.ones(n), units.treated, scaled(units.covariates.values)])
    fit = fit_logistic(X, units.outcome, np.ones(n))
    scores = X * (units.outcome - fit.probability(X))[:, None]
    summed = summed_by(units.group, scores)
    meat = summed.T @ summed * accounts / (accounts - 1)
    variance = (fit.covariance @ meat @ fit.covariance)[1, 1]
    return Estimate(float(fit.coefficients[1]), float(np.sqrt(variance)), df=accounts - 1, level=level)


def summed_by(group: Ints, values: Floats) -> Floats:
    """Rows added up per group: (G, k) from (n, k), or (G,) from (n,)."""
    place = np.unique(group, return_inverse=True)[1]
    total = np.zeros((int(place.max()) + 1, *values.shape[1:]))
    np.add.at(total, place, values)
    return total
