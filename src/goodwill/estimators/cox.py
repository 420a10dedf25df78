"""Cox regression for covariates that change over time: the ratio of hazards, without a word about the hazard itself.

A unit gives one row per stretch of time over which its covariates hold, at risk in (start, stop]. At each
event time the chance that it was *this* row, of all at risk, is compared (Cox 1972; 1975). Tied events are
weighed as by Efron (1977), the default of R's survival, or as by Breslow (1974).

A hazard ratio changes with the length of follow-up even where nothing else does, so it never heads an
answer (Hernan 2010); it is here to be compared with what others report.

Columns are centred and scaled, and every coefficient has a normal prior with standard deviation 100 per
standard deviation of its column. No printed digit shows it, except where the data say nothing: a constant column
gets 0, columns that move together share their effect, and a column that separates the events gets a large number, all
with a very large standard error. None is left out in silence.

Legend: n rows; p columns; T event times (within strata); E events; X (n, p) scaled covariates; b (p,)
coefficients; r = exp(X b) risk of a row; S0, S1 sums of r and r X over those at risk at a time, D0, D1 over
those whose event it is; f = k/d for the k-th of d tied events (Efron) or 0 (Breslow); m = (S1 - f D1) /
(S0 - f D0), the expected covariates; A0, A1 sums of 1/(S0 - f D0) and m/(S0 - f D0) over the times of a row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.logistic import summed_by
from goodwill.estimators.risk_sets import RiskSets, risk_sets, summed_at
from goodwill.samples import Covariates, Floats, Ints

#: Prior precision per scaled column: with twenty events its share of the information is below 1 in 10,000.
RIDGE = 1e-4
#: Newton's method doubles its correct digits each step; more than ten are only used under separation.
STEPS = 50
#: A step is halved at most so often; 2^-30 of it is none.
HALVINGS = 30
#: A Newton decrement this small changes no printed digit.
TOLERANCE = 1e-12
#: The mean of equal numbers may differ from them in the last digits: less spread than this, of the largest, is none.
ROUNDING = 1e-12
#: exp(650) is a number, also times a covariate and summed over rows, and so is its inverse. Risks of one sample may lie
#: twice as far apart on the log scale; no hazard ratio that means anything comes near.
REACH = 650.0
#: exp(700) is near the largest number there is; it stands for "no limit".
NO_LIMIT = 700.0


@dataclass(frozen=True)
class Intervals:
    """One row per unit and stretch of time, at risk in (start, stop].

    Attributes
    ----------
    start, stop : (n,) float
        Time since the unit's time zero, start < stop; a start of -inf is from the beginning, whenever that was.
    event : (n,) int
        1 if the row ended, at ``stop``, with the event; 0 if not.
    covariates : Covariates
        (n, p), as they were over the stretch.
    group : (n,) int, optional
        Rows of one unit, or of one account: errors are then clustered by it.
    stratum : (n,) int, optional
        Rows are only ever compared within a stratum, each with a hazard of its own.
    """

    start: Floats
    stop: Floats
    event: Ints
    covariates: Covariates
    group: Ints | None = None
    stratum: Ints | None = None

    def __len__(self) -> int:
        return len(self.stop)


@dataclass(frozen=True)
class HazardRatio:
    """Hazard with one more unit of a covariate, over the hazard without; its interval and two-sided p."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class CoxFit:
    """Log hazard ratios (p,) by ``names`` with covariances; ``covariance`` is clustered wherever groups were given.

    ``log_likelihood`` is partial and without prior; ``null_log_likelihood`` is that of no effect at all.
    ``df`` is the number of groups less one, infinite where there are no groups.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    log_likelihood: float
    null_log_likelihood: float
    events: int
    df: float
    level: float

    def effect(self, name: str) -> Estimate:
        """The log hazard ratio of one column."""
        j = self.names.index(name)
        return Estimate(float(self.coefficients[j]), math.sqrt(self.covariance[j, j]), df=self.df, level=self.level)

    def hazard_ratio(self, name: str) -> HazardRatio:
        """The hazard ratio of one column; the interval is that of its logarithm."""
        log = self.effect(name)
        value, low, high = (math.exp(min(v, NO_LIMIT)) for v in (log.value, log.low, log.high))
        return HazardRatio(value, low, high, log.p)


def fit_cox(intervals: Intervals, *, ties: Literal["efron", "breslow"] = "efron", level: float = 0.90) -> CoxFit:
    """Maximum of the partial likelihood by Newton's method with step halving.

    Standard errors are from the information, or, with groups, from the score residuals summed by group:
    V (sum u u') V G/(G-1), t with G-1 degrees of freedom (Lin and Wei 1989).

    Raises
    ------
    CannotTell
        Without an event, with groups but fewer than two, or where a few values of a covariate lie so far out, and
        order the events so well, that no maximum is in reach.
    ValueError
        If a row does not begin before it ends, or a number is not finite.

    Examples
    --------
    Four units; the two with x = 1 end first and third. One coefficient, from L(b) by hand:

    >>> x = Covariates(np.array([[1.0], [0.0], [1.0], [0.0]]), ("x",), ("x",))
    >>> fit = fit_cox(Intervals(np.zeros(4), np.arange(1.0, 5.0), np.ones(4, dtype=int), x))
    >>> b = fit.effect("x").value
    >>> bool(np.isclose(fit.log_likelihood, 2 * b - np.log((2 + 2 * np.exp(b)) * (2 + np.exp(b)) * (1 + np.exp(b)))))
    True
    """
    _require_sound(intervals)
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties are weighed as by efron or breslow, not {ties}")
    X, spread = _scaled(intervals.covariates.values)
    problem = _problem(intervals, X, ties)
    b, at = _climb(problem)
    V = np.asarray(np.linalg.inv(at.information), dtype=np.float64)
    clusters = 0 if intervals.group is None else len(np.unique(intervals.group))
    robust = V if intervals.group is None else _sandwich(V, problem.score_residuals(b), intervals.group)
    return CoxFit(
        names=intervals.covariates.names,
        coefficients=b / spread,
        covariance=robust / np.outer(spread, spread),
        model_covariance=V / np.outer(spread, spread),
        log_likelihood=at.log_likelihood,
        null_log_likelihood=problem.evaluate(np.zeros_like(b)).log_likelihood,
        events=len(problem.of),
        df=clusters - 1 if clusters else math.inf,
        level=level,
    )


def _require_sound(intervals: Intervals) -> None:
    in_order = (intervals.start < intervals.stop) & np.isfinite(intervals.stop)
    if not in_order.all() or not np.isfinite(intervals.covariates.values).all():
        raise ValueError("every row must begin before it ends, and every number must be finite")
    if not np.isin(intervals.event, (0, 1)).all():
        raise ValueError("event is 0 or 1; end the row without event where it ended otherwise")
    if not intervals.event.any():
        raise CannotTell("nothing happened while anybody was followed", settles="a longer follow-up", n=len(intervals))
    if intervals.group is not None and len(np.unique(intervals.group)) < 2:
        raise CannotTell("all rows are of one account", settles="rows of several accounts", n=len(intervals))


def _scaled(values: Floats) -> tuple[Floats, Floats]:
    """Columns centred and divided by their spread, and the spread; a constant column becomes 0."""
    spread = values.std(axis=0)
    varies = spread > ROUNDING * np.abs(values).max(axis=0, initial=0.0)
    spread = np.where(varies, spread, 1.0)
    return np.where(varies, (values - values.mean(axis=0)) / spread, 0.0), spread


def _sandwich(V: Floats, residuals: Floats, group: Ints) -> Floats:
    """Clustered covariance; the prior counts as one more source of score, or what only it holds would look certain."""
    summed = summed_by(group, residuals)
    groups = len(summed)
    meat = summed.T @ summed * groups / (groups - 1) + RIDGE * np.eye(len(V))
    return np.asarray(V @ meat @ V, dtype=np.float64)


@dataclass(frozen=True)
class _At:
    """What the likelihood is at some coefficients; ``objective`` and derivatives include the prior."""

    log_likelihood: float
    objective: float
    gradient: Floats
    information: Floats


def _climb(problem: _Problem) -> tuple[Floats, _At]:
    b = np.zeros(problem.X.shape[1])
    at = problem.evaluate(b)
    for _ in range(STEPS):
        step = np.linalg.solve(at.information, at.gradient)
        if float(at.gradient @ step) < TOLERANCE:
            return b, at
        for halvings in range(HALVINGS):
            tried = b + step * 0.5**halvings
            reached = problem.evaluate(tried)
            if reached.objective >= at.objective - 1e-12 * abs(at.objective):
                b, at = tried, reached
                break
        else:
            break
    raise CannotTell(
        "a few values of a covariate lie too far out for hazards to be compared",
        settles="the covariate on a scale such as the logarithm, or without these rows",
        n=len(problem.X),
    )


@dataclass(frozen=True)
class _Problem:
    """The partial likelihood: rows, who is at risk when, and for each event its row, its time and its f."""

    X: Floats
    at_risk: RiskSets
    dead: Ints
    of: Ints
    f: Floats

    def evaluate(self, b: Floats) -> _At:
        if np.ptp(self.X @ b) > 2 * REACH:
            return _At(-math.inf, -math.inf, np.zeros_like(b), np.eye(len(b)))
        eta, r, m, g = self._expected(b)
        log_likelihood = float(eta[self.dead].sum() + np.log(g).sum())
        w = r * self._hazard_met(g)
        information = self.X.T @ (self.X * w[:, None]) - m.T @ m + RIDGE * np.eye(len(b))
        gradient = self.X[self.dead].sum(axis=0) - m.sum(axis=0) - RIDGE * b
        return _At(log_likelihood, log_likelihood - 0.5 * RIDGE * float(b @ b), gradient, information)

    def score_residuals(self, b: Floats) -> Floats:
        """Each row's part of the score, (n, p): what it met, less what was expected of it (Therneau et al. 1990)."""
        _, r, m, g = self._expected(b)
        mean_met = np.column_stack([self._hazard_met(g * column) for column in m.T] or [np.zeros((len(r), 0))])
        residuals = -r[:, None] * (self.X * self._hazard_met(g)[:, None] - mean_met)
        d = np.bincount(self.of, minlength=self.at_risk.times)
        mean = _columns(self.of, m, self.at_risk.times) / d[:, None]  # tied events share their expectation
        residuals[self.dead] += self.X[self.dead] - mean[self.of]
        return residuals

    def _expected(self, b: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Linear predictor and risk (n,); expected covariates (E, p) and 1/(S0 - f D0) (E,) of each event."""
        eta = self.X @ b
        eta = eta - (eta.max() + eta.min()) / 2  # a shift changes no ratio, and nothing overflows
        r = np.exp(eta)
        weighed = np.column_stack([r, r[:, None] * self.X])
        S = np.column_stack([self.at_risk.sums(column) for column in weighed.T])
        D = _columns(self.of, weighed[self.dead], self.at_risk.times)
        left = S[self.of] - self.f[:, None] * D[self.of]
        g = 1 / left[:, 0]
        return eta, r, left[:, 1:] * g[:, None], g

    def _hazard_met(self, g: Floats) -> Floats:
        """Sum of g over the times a row was at risk, without the share f at its own event (n,)."""
        met = self.at_risk.gathered(summed_at(self.of, g, self.at_risk.times))
        met[self.dead] -= summed_at(self.of, self.f * g, self.at_risk.times)[self.of]
        return met


def _columns(place: Ints, values: Floats, size: int) -> Floats:
    """Rows added up by place: (size, p)."""
    return np.column_stack([summed_at(place, column, size) for column in values.T] or [np.zeros((size, 0))])


def _problem(intervals: Intervals, X: Floats, ties: str) -> _Problem:
    """Event times are numbered within strata, so that a row's times lie next to each other: first <= j < past."""
    stratum = np.zeros(len(intervals)) if intervals.stratum is None else intervals.stratum
    moments, rank = np.unique(np.concatenate([intervals.start, intervals.stop]), return_inverse=True)
    start, stop = np.unique(stratum, return_inverse=True)[1] * len(moments) + rank.reshape(2, -1)
    dead = np.flatnonzero(intervals.event)
    times, of = np.unique(stop[dead], return_inverse=True)
    order = np.argsort(of, kind="stable")
    dead, of = dead[order], of[order]
    d = np.bincount(of)
    k = np.arange(len(of)) - np.repeat(np.cumsum(d) - d, d)
    f = k / d[of] if ties == "efron" else np.zeros(len(of))
    first, past = (np.searchsorted(times, moment, side="right") for moment in (start, stop))
    return _Problem(X, risk_sets(first, past, len(times)), dead, of, f)
