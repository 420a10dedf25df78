"""Customers under contract, who may leave at each renewal: the shifted-beta-geometric distribution of their lifetimes.

Each customer leaves at every renewal with a chance of their own; the chances are spread over customers as a
beta distribution (Fader and Hardie 2007). Retention rises with age not because anybody grows more loyal but
because those who leave easily have left: a constant rate, taken from the first renewals, sells the survivors short.

The beta is written by its mean m = a / (a + b) and by how far chances lie apart, p = 1 / (1 + a + b), from 0 (all
alike: the geometric distribution) to 1 (everybody stays for good, or leaves at once). Of those who are there before
renewal t = 1, 2, ... the share that leaves is

    m (1 - p) / (1 + p (t - 2)),

so that customers who joined at different times, or were last seen at different ages, add up by age: numbers at risk
and lost at each renewal are all that the likelihood needs.

Legend: t renewal, from 1; N customers at risk before it, d lost, n = N - d kept; m, p as above; a, b of the beta;
base = 1 + p (t - 2); stay = base - m (1 - p), so that stay / base is retention.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.samples import Floats

#: Each halving gives one more binary digit of a number between 0 and 1.
HALVINGS = 53
#: What is worth less than exp(-40) of today's is left out of a sum.
FAR_OFF = 40.0
#: A smaller discount per period (0.06% a year if periods are weeks) would need millions of terms; 0 needs none.
SMALLEST_DISCOUNT = 1e-5


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Chances to leave at a renewal, spread over customers.

    Attributes
    ----------
    mean : float
        Share that leaves at the first renewal, in (0, 1].
    spread : float
        0 where all customers have the same chance, towards 1 where each is sure to stay or to leave.
    covariance : (2, 2) array
        Of mean and spread, from the information.
    log_likelihood : float
        Of the lifetimes observed.
    """

    mean: float
    spread: float
    covariance: Floats
    log_likelihood: float

    @property
    def alpha(self) -> float:
        """First parameter of the beta; infinite where all are alike."""
        return self.mean * (1 - self.spread) / self.spread if self.spread else math.inf

    @property
    def beta(self) -> float:
        """Second parameter of the beta; infinite where all are alike."""
        return (1 - self.mean) * (1 - self.spread) / self.spread if self.spread else math.inf

    def retention(self, renewals: int) -> Floats:
        """Share of those still there that stays at renewal 1, 2, ..., (renewals,)."""
        base, stay = _terms(self.mean, self.spread, renewals)
        return stay / base

    def survival(self, renewals: int) -> Floats:
        """Share of all customers still there after 0, 1, 2, ... renewals, (renewals + 1,)."""
        return np.append(1.0, np.cumprod(self.retention(renewals)))

    def still_there(self, after: int, *, level: float = 0.90) -> Estimate:
        """Share of customers still there after so many renewals, also beyond those seen; error by the delta method.

        The error is that of the two parameters. It knows nothing of a change in what customers are offered.
        """
        base, stay = _terms(self.mean, self.spread, after)
        t = np.arange(1, after + 1)
        share = float(self.survival(after)[-1])
        if share == 0:
            return Estimate(0.0, 0.0, level=level)
        slope = np.array([-((1 - self.spread) / stay).sum(), ((t - 2 + self.mean) / stay - (t - 2) / base).sum()])
        return Estimate(share, share * math.sqrt(slope @ self.covariance @ slope), level=level)

    def renewals_to_come(self, *, discount: float, after: int = 0) -> float:
        """Renewals still to be expected of a customer who has made ``after``, later ones worth less.

        The next one is due now: sum over t >= 1 of S(after + t) / S(after) / (1 + discount)^(t - 1), which Fader and
        Hardie (2010) call the discounted expected residual lifetime. Times margin per period, the value of a customer.

        Parameters
        ----------
        discount : float
            Per period, 0 or at least 0.00001. With 0 the sum is infinite where alpha <= 1: some all but never leave.

        Examples
        --------
        >>> alike = ShiftedBetaGeometric(mean=0.2, spread=0.0, covariance=np.zeros((2, 2)), log_likelihood=0.0)
        >>> alike.renewals_to_come(discount=0.0)
        4.0
        """
        if after < 0 or not (discount == 0 or discount >= SMALLEST_DISCOUNT):
            raise ValueError("renewals are 0 or more, and a discount is 0 or at least 0.00001 per period")
        if discount > 0:
            terms = int(FAR_OFF / math.log1p(discount)) + 1
            worth = (1 + discount) ** -np.arange(terms, dtype=np.float64)
            return float(np.cumprod(self.retention(after + terms)[after:]) @ worth)
        if self.mean * (1 - self.spread) <= self.spread:  # alpha <= 1
            return math.inf
        stay = _terms(self.mean, self.spread, after + 1)[1]
        return float(stay[-1] / (self.mean * (1 - self.spread) - self.spread))  # (b + after) / (a - 1)


def fit_renewals(at_risk: Floats, lost: Floats) -> ShiftedBetaGeometric:
    """Maximum of the likelihood of how many were there before renewal 1, 2, ... and how many left at it.

    The mean is solved for each spread, and the spread by halving its score. Where retention does not rise with age the
    best spread is 0, and all customers count as alike.

    Parameters
    ----------
    at_risk, lost : (T,) arrays
        Customers due for renewal t = 1..T, and those of them who left; of any cohort, 0 <= lost <= at_risk.

    Raises
    ------
    CannotTell
        With fewer than two renewals, if nobody left, or if all who left did so at the first renewal.

    Examples
    --------
    >>> fit = fit_renewals(np.array([1000.0, 631.0, 468.0, 382.0]), np.array([369.0, 163.0, 86.0, 56.0]))
    >>> round(fit.alpha, 3), round(fit.beta, 3)
    (0.764, 1.296)
    """
    N, d = np.asarray(at_risk, dtype=np.float64), np.asarray(lost, dtype=np.float64)
    if not ((d >= 0) & (d <= N) & np.isfinite(N)).all():
        raise ValueError("at every renewal, from 0 to all of those at risk are lost")
    _require_enough(N, d)

    def slope(spread: float) -> float:
        return _slope_in_spread(_best_mean(spread, N, d), spread, N, d)

    p = _root(slope) if slope(0.0) > 0 else 0.0
    m = _best_mean(p, N, d)
    return ShiftedBetaGeometric(m, p, _covariance(m, p, N, d), _log_likelihood(m, p, N, d))


def fit_survivors(survivors: Floats) -> ShiftedBetaGeometric:
    """The same from one cohort: how many were there at the start, after the first renewal, after the second, ...

    Examples
    --------
    >>> fit = fit_survivors(np.array([1000, 869, 743, 653, 593, 551, 517, 491]))
    >>> round(fit.alpha, 3), round(fit.beta, 3)
    (0.668, 3.806)
    """
    counts = np.asarray(survivors, dtype=np.float64)
    return fit_renewals(counts[:-1], -np.diff(counts))


def _require_enough(N: Floats, d: Floats) -> None:
    n = int(N[0]) if len(N) else 0
    if (N > 0).sum() < 2:
        raise CannotTell("customers were seen at fewer than two renewals", settles="one more renewal", n=n)
    if not d.any():
        raise CannotTell("no customer has left yet", settles="a longer follow-up", n=n)
    if not d[1:].any():
        raise CannotTell("no customer left after the first renewal", settles="a longer follow-up", n=n)


def _terms(m: float, p: float, renewals: int) -> tuple[Floats, Floats]:
    """``base`` and ``stay`` at renewals 1, 2, ..."""
    base = 1.0 + p * (np.arange(1, renewals + 1, dtype=np.float64) - 2.0)
    return base, base - m * (1 - p)


def _log_likelihood(m: float, p: float, N: Floats, d: Floats) -> float:
    base, stay = _terms(m, p, len(N))
    kept = d < N  # nobody kept adds nothing, whatever the chance
    return float(d.sum() * math.log(m * (1 - p)) + (N - d)[kept] @ np.log(stay[kept]) - N @ np.log(base))


def _best_mean(p: float, N: Floats, d: Floats) -> float:
    """The best mean for a spread: where sum d / m - sum n (1 - p) / stay, which falls in m, is 0."""
    kept = d < N
    base = _terms(0.0, p, len(N))[0][kept]
    n, total = (N - d)[kept] * (1 - p), d.sum()
    return _root(lambda m: total / m - float((n / (base - m * (1 - p))).sum()))


def _slope_in_spread(m: float, p: float, N: Floats, d: Floats) -> float:
    """Slope of the log-likelihood in the spread."""
    base, stay = _terms(m, p, len(N))
    t = np.arange(1, len(N) + 1)
    return float(_per(N - d, stay) @ (t - 2 + m) - d.sum() / (1 - p) - (N * (t - 2) / base).sum())


def _covariance(m: float, p: float, N: Floats, d: Floats) -> Floats:
    """Inverse of minus the second derivatives; of the mean alone where they do not bend down in the spread.

    It is kept at a spread of 0 too: the data do not say that it is 0, only that more fits no better.
    """
    base, stay = _terms(m, p, len(N))
    t = np.arange(1, len(N) + 1)
    once = _per(N - d, stay)
    twice = _per(once, stay)
    mean = d.sum() / m**2 + twice.sum() * (1 - p) ** 2
    both = -once.sum() - (1 - p) * twice @ (t - 2 + m)
    spread = twice @ (t - 2 + m) ** 2 + d.sum() / (1 - p) ** 2 - (N * (t - 2) ** 2 / base**2).sum()
    information = np.array([[mean, both], [both, spread]])
    if np.linalg.eigvalsh(information)[0] > 0:
        return np.asarray(np.linalg.inv(information), dtype=np.float64)
    return np.array([[1 / mean, 0.0], [0.0, 0.0]])


def _per(kept: Floats, stay: Floats) -> Floats:
    """``kept / stay``; 0 where nobody was kept, even if nobody could be."""
    return np.where(kept > 0, kept, 0.0) / np.where(kept > 0, stay, 1.0)


def _root(falling: Callable[[float], float]) -> float:
    """Where a function falls through zero between 0 and 1; never quite at either."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
