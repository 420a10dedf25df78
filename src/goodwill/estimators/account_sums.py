"""Bootstrap and permutation over whole accounts, for what is a smooth function of sums: one matrix product each.

A mean, a share, a ratio, a difference of such or a regression on few columns depends on the data only through sums
over accounts. Drawing accounts again then only changes how often each account's sums count. Accounts with the
same sums are drawn together, so that a million accounts with few distinct sums cost no more than those few.

Legend: G accounts; U distinct rows of sums; k sums per account; B draws; W (B, U) how often each row was drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.resample import Rank, generator, permutation_rank
from goodwill.samples import Floats, Ints

#: 999 draws: with the estimate itself 1,000, so that every usual level falls on a draw (Davison and Hinkley 1997).
DRAWS = 999
#: Draws are made in blocks of about so many weights (32 MB), whatever the number of accounts.
BLOCK = 4_000_000
#: Fewer accounts than this leave no degrees of freedom to speak of; the same as for the weekly models.
ACCOUNTS = 8
#: More distinct sums than this are first dealt into so many groups: the draws keep their variance and skew, to within
#: 1.6% (one in the root of 2 times 2,000), and a hundred thousand accounts take half a second.
GROUPS = 2000
#: Relative step of a numerical derivative: the cube root of the precision of a float, the usual compromise.
STEP = 6e-6

#: From sums (..., k) to one number for each (...,).
Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Bootstrap:
    """An estimate and its draws.

    Attributes
    ----------
    value, se : float
        The estimate, and its standard error from the spread of account sums (delta method).
    draws, draws_se : (B,) arrays
        The same from accounts drawn again.
    accounts : int
        How many there were to draw from.
    """

    value: float
    se: float
    draws: Floats
    draws_se: Floats
    accounts: int

    def estimate(self, *, level: float = 0.90) -> Estimate:
        """With the standard deviation of the draws as standard error, and G - 1 degrees of freedom."""
        return Estimate(self.value, float(self.draws.std(ddof=1)), df=self.accounts - 1, level=level)

    def percentile(self, *, level: float = 0.90) -> tuple[float, float]:
        """Interval between quantiles of the draws (Efron 1979): never beyond what the statistic can be."""
        return _between(self.draws, level)

    def studentised(self, *, level: float = 0.90) -> tuple[float, float]:
        """Bootstrap-t: the draws' own t values in place of a table's (Hall 1988), which follows skew.

        For amounts with a long tail, where the others are too short on that side.
        """
        if self.se <= 0:
            return self.value, self.value
        told = self.draws_se > 0
        t_low, t_high = _between((self.draws[told] - self.value) / self.draws_se[told], level)
        return self.value - t_high * self.se, self.value - t_low * self.se


def sums_by_account(account: Ints, values: Floats) -> Floats:
    """Values (n, k) added up per account: (G, k), in the order of the accounts.

    Examples
    --------
    >>> sums_by_account(np.array([7, 7, 3]), np.array([[1.0, 10], [2, 20], [3, 30]])).tolist()
    [[3.0, 30.0], [3.0, 30.0]]
    """
    place = np.unique(account, return_inverse=True)[1]
    columns = [np.bincount(place, weights=column) for column in np.asarray(values, dtype=float).T]
    return np.column_stack(columns)


def bootstrap(sums: Floats, statistic: Statistic, *, draws: int = DRAWS, seed: int = 0) -> Bootstrap:
    """The statistic of accounts drawn again with replacement, ``draws`` times (Efron 1979).

    Parameters
    ----------
    sums : (G, k) array
        One row per account, in any order: for a share of deals won, deals and wins.
    statistic : callable
        From sums (..., k) to numbers (...,): ``lambda s: s[..., 1] / s[..., 0]``. Smooth, and the same when
        all sums are doubled. A draw in which it is not a number (an empty denominator) is left out.

    Raises
    ------
    CannotTell
        Fewer than eight accounts; or the statistic cannot be had, for all accounts or for half of the draws.

    Examples
    --------
    >>> deals_and_wins = np.array([[4.0, 1], [2, 1], [3, 0], [1, 1], [5, 2], [2, 2], [3, 1], [2, 0], [4, 2], [1, 0]])
    >>> found = bootstrap(deals_and_wins, lambda s: s[..., 1] / s[..., 0])
    >>> round(found.value, 3), [round(v, 2) for v in found.percentile()]
    (0.37, [0.24, 0.52])
    """
    if len(sums) < ACCOUNTS:
        raise CannotTell(f"there are only {len(sums)} accounts", settles=f"at least {ACCOUNTS} accounts", n=len(sums))
    rng = generator(seed, "accounts drawn again")
    rows, counts = _distinct(np.asarray(sums, dtype=float), rng)
    value, se = _with_error(rows, statistic, counts[None, :].astype(float))
    if not np.isfinite(value[0] + se[0]):
        raise CannotTell("there is nothing to divide by", settles="more units", n=len(sums))
    block = max(1, BLOCK // len(rows))
    blocks = [rng.multinomial(counts.sum(), counts / counts.sum(), size=b).astype(float) for b in _sizes(draws, block)]
    each = [_with_error(rows, statistic, W) for W in blocks]
    drawn, drawn_se = (np.concatenate([pair[i] for pair in each]) for i in (0, 1))
    told = np.isfinite(drawn)
    if told.sum() < draws / 2:
        raise CannotTell("most draws of accounts have nothing to divide by", settles="more accounts", n=len(sums))
    return Bootstrap(float(value[0]), float(se[0]), drawn[told], drawn_se[told], len(sums))


def permutation(
    sums: Floats, statistic: Callable[[Floats, Floats], Floats], *, exposed: Ints, draws: int = DRAWS, seed: int = 0
) -> Rank:
    """Rank and p-value of a difference among those with exposure dealt at random to as many accounts.

    Exact where accounts were in fact exposed at random (Fisher 1935; Phipson and Smyth 2010 for the one that counts
    the observed). Says whether there is any effect, for few accounts too; gives no interval.

    Parameters
    ----------
    sums : (G, k) array
    statistic : callable
        From the sums of exposed (..., k) and unexposed (..., k) accounts to numbers (...,).
    exposed : (G,) array of 0/1

    Raises
    ------
    CannotTell
        If all accounts are on one side.

    Examples
    --------
    >>> deals_and_wins = np.array([[1.0, 1], [1, 1], [1, 1], [1, 1], [1, 0], [1, 0], [1, 0], [1, 0]])
    >>> gap = lambda a, b: a[..., 1] / a[..., 0] - b[..., 1] / b[..., 0]
    >>> found = permutation(deals_and_wins, gap, exposed=np.array([1, 1, 1, 1, 0, 0, 0, 0]))
    >>> abs(found.p - 2 / 70) < 0.015  # all four wins on one side: 2 of the 70 ways to choose four of eight
    True
    """
    exposed = np.asarray(exposed, dtype=bool)
    if not 0 < exposed.sum() < len(exposed):
        raise CannotTell("all accounts are on one side", settles="accounts on both sides", n=len(exposed))
    values = np.asarray(sums, dtype=float)
    total, rng = values.sum(axis=0), generator(seed, "exposure dealt to accounts")
    drawn = []
    for size in _sizes(draws, max(1, BLOCK // len(values))):
        chosen = rng.permuted(np.tile(exposed, (size, 1)), axis=1).astype(float) @ values
        drawn.append(_quietly(lambda s: statistic(s, total - s), chosen))
    placebos = np.concatenate(drawn)
    here = values[exposed].sum(axis=0)[None, :]
    observed = float(_quietly(lambda s: statistic(s, total - s), here)[0])
    if not np.isfinite(observed):
        raise CannotTell("there is nothing to divide by", settles="more units", n=len(exposed))
    # sums in another order differ in the last digit, which must not decide what is as extreme as the observed
    alike = np.isclose(np.abs(placebos), abs(observed), rtol=1e-9, atol=1e-12)
    return permutation_rank(observed, np.where(alike, observed, placebos)[np.isfinite(placebos)])


def _distinct(sums: Floats, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Distinct rows and how often each occurs; of groups of rows dealt at random, where too many are distinct."""
    rows, place, counts = np.unique(sums, axis=0, return_inverse=True, return_counts=True)
    if len(rows) <= GROUPS:
        return rows, counts
    in_order = np.sort(place.ravel())  # the same whatever the order of the accounts
    group = rng.permutation(len(in_order)) % GROUPS
    return sums_by_account(group, rows[in_order]), np.ones(GROUPS, dtype=np.int64)


def _with_error(rows: Floats, statistic: Statistic, W: Floats) -> tuple[Floats, Floats]:
    """The statistic of each draw, and its standard error by the delta method from the draw's own spread of sums.

    With S the sums and g its gradient there, the variance is sum over accounts of (g (s - S/G))^2, times G/(G-1).
    """
    G = W.sum(axis=1)
    S = W @ rows
    value = _quietly(statistic, S)
    gradient = _gradient(S, statistic)
    told = np.asarray(np.isfinite(gradient).all(axis=1))
    gradient = np.where(told[:, None], gradient, 0.0)
    influence = gradient @ rows.T - (gradient * S / G[:, None]).sum(axis=1)[:, None]
    variance = (W * influence**2).sum(axis=1) * G / (G - 1)
    return value, np.where(told, np.sqrt(variance), np.nan)


def _gradient(S: Floats, statistic: Statistic) -> Floats:
    """Central differences, (B, k); not a number where there is nothing to divide by."""
    columns = []
    for j in range(S.shape[1]):
        step = np.zeros_like(S)
        step[:, j] = STEP * np.maximum(np.abs(S[:, j]), 1.0)
        columns.append((_quietly(statistic, S + step) - _quietly(statistic, S - step)) / (2 * step[:, j]))
    return np.column_stack(columns)


def _quietly(statistic: Statistic, S: Floats) -> Floats:
    """The statistic, where nothing to divide by is not a number instead of a warning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(statistic(S), dtype=np.float64)


def _between(draws: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _sizes(draws: int, block: int) -> list[int]:
    """Blocks that add up to the draws."""
    return [block] * (draws // block) + [draws % block] * (draws % block > 0)
