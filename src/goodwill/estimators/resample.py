"""Resampling that gives the same answer twice: named random streams, the jackknife over accounts, permutation ranks.

Legend: G number of groups, R number of placebo repeats, theta an estimate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.estimators.estimate import Estimate
from goodwill.samples import Floats, Ints


def generator(seed: int, name: str) -> np.random.Generator:
    """A random stream of its own for every name, so that results do not depend on the order of calls.

    Examples
    --------
    >>> float(generator(7, "folds").random()) == float(generator(7, "folds").random())
    True
    >>> float(generator(7, "folds").random()) == float(generator(7, "placebo").random())
    False
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()  # hash() differs between processes
    return np.random.default_rng([seed, int.from_bytes(digest, "little")])


def account_groups(account: Ints, *, wanted: int = 40, seed: int = 0) -> Ints:
    """Whole accounts dealt into at most ``wanted`` groups of nearly equal numbers of units.

    Accounts are shuffled, then dealt largest first and back and forth. Nothing but size is balanced:
    groups made alike in outcome or exposure would understate the variance.

    Returns
    -------
    array of int, one group 0..G-1 per unit

    Examples
    --------
    >>> np.bincount(account_groups(np.array([0, 0, 0, 1, 2, 2, 3]), wanted=2)).tolist()
    [4, 3]
    """
    accounts, place, size = np.unique(account, return_inverse=True, return_counts=True)
    shuffled = generator(seed, "account groups").permutation(len(accounts))
    order = shuffled[np.argsort(-size[shuffled], kind="stable")]
    groups = min(wanted, len(accounts))
    turn, seat = np.divmod(np.arange(len(accounts)), groups)
    dealt = np.empty(len(accounts), dtype=np.int64)
    dealt[order] = np.where(turn % 2 == 0, seat, groups - 1 - seat)
    return np.asarray(dealt[place], dtype=np.int64)


def dealt_among_accounts(account: Ints, draw: np.random.Generator) -> Ints:
    """For each unit the unit whose exposure it gets, when accounts swap their exposures at random.

    Whole accounts swap, since units of one account are exposed together and fare alike: dealt one by one,
    exposures would spread more evenly than real ones, and placebos would lie too close together (a rank among them
    then calls 23 of 100 null effects the most extreme tenth). The i-th unit of an account gets the exposure of the
    i-th unit of another, beginning again where that has fewer.

    Returns
    -------
    (n,) array of int, positions of units

    Examples
    --------
    >>> account = np.array([0, 0, 0, 1, 2, 2])
    >>> donor = dealt_among_accounts(account, generator(1, "example"))
    >>> donor.tolist()
    [4, 5, 4, 3, 0, 1]
    """
    place = np.unique(account, return_inverse=True)[1]
    in_order = np.argsort(place, kind="stable")
    size = np.bincount(place)
    first = np.cumsum(size) - size
    seat = np.empty(len(account), dtype=np.int64)
    seat[in_order] = np.arange(len(account)) - first[place[in_order]]
    other = draw.permutation(len(size))[place]
    return np.asarray(in_order[first[other] + seat % size[other]], dtype=np.int64)


def jackknife_se(theta: Any, replicates: NDArray[Any]) -> Floats:
    """Standard error from estimates that each leave out one of G groups (first axis).

    Variance (G-1)/G times the sum of squared distances from the full estimate, which is never smaller
    than around the replicates' mean (Kott 2001, "The delete-a-group jackknife").

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 2.0, 4.0, 9.0])
    >>> leave_one_out = (x.sum() - x) / 3
    >>> bool(np.isclose(jackknife_se(x.mean(), leave_one_out), x.std(ddof=1) / 2))
    True
    """
    groups = len(replicates)
    return np.asarray(np.sqrt((groups - 1) / groups * ((replicates - theta) ** 2).sum(axis=0)), dtype=np.float64)


def jackknife(theta: float, replicates: Floats, *, level: float = 0.90) -> Estimate:
    """The estimate with its jackknife standard error and G-1 degrees of freedom."""
    return Estimate(float(theta), float(jackknife_se(theta, replicates)), df=len(replicates) - 1, level=level)


@dataclass(frozen=True)
class Rank:
    """Where an estimate stands among placebos: ``place`` 1 is the largest in absolute size, of ``of``."""

    place: int
    of: int
    p: float


def permutation_rank(observed: float, placebos: Floats) -> Rank:
    """Rank of the observed estimate among itself and its placebos, by absolute size, and the p-value.

    The observed one counts as one of R+1, so p is never 0 (Phipson and Smyth 2010).

    Examples
    --------
    >>> permutation_rank(-3.0, np.array([1.0, 2.0, -4.0]))
    Rank(place=2, of=4, p=0.5)
    """
    place = 1 + int((np.abs(placebos) >= abs(observed)).sum())
    return Rank(place, len(placebos) + 1, place / (len(placebos) + 1))
