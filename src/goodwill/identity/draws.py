"""Plausible resolutions: who is who, drawn as often as wanted from the probabilities that pairs are one person.

Each uncertain pair gets one uniform number, its lot, from a hash of its two names, the seed and the number of the draw:
it does not depend on which other pairs exist, and the same draw is the same everywhere. Groups merge as in ``cluster``,
the closest first, but by lot: with the probability that belongs to the mean log-odds between them, where the lot is
that of their likeliest pair. Who has lost never comes together by way of others. So a lone pair is together exactly
as often as it is likely, and every draw is coherent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.identity.cluster import Known, contracted, joined
from goodwill.identity.linkage import NEVER, UNIT, Floats, Ints

Keys = NDArray[np.uint64]


def drawn(
    a: ArrayLike,
    b: ArrayLike,
    probability: ArrayLike,
    n: int,
    *,
    draw: int,
    seed: int = 0,
    keys: Keys | None = None,
    **known: Unpack[Known],
) -> Ints:
    """One plausible resolution: the cluster of each record, named by its smallest member.

    Parameters
    ----------
    a, b, probability, n, **known
        As for ``clusters``; pairs with probability 0 or 1 are decided and not drawn.
    draw : int
        Number of the draw; each number gives another one.
    seed : int
    keys : array of uint64, optional
        One number a record that follows from its name (``keys_of``); else its place.

    Returns
    -------
    array of int

    Examples
    --------
    >>> sum(drawn([0], [1], [0.7], 2, draw=i).tolist() == [0, 0] for i in range(1000))
    728
    """
    scored = contracted(a, b, probability, n, **known)
    names = np.arange(n, dtype=np.uint64) if keys is None else keys
    u = uniforms(names[scored.record_a], names[scored.record_b], seed=seed, draw=draw)
    p = scored.probability
    # what is decided stays: no lot moves it
    lots = np.where(p <= 0, -NEVER, np.where(p >= 1, NEVER, np.rint((np.log(u) - np.log1p(-u)) * UNIT)))
    return joined(scored, bars=lots.astype(np.int64))


def keys_of(names: Iterable[str]) -> Keys:
    """A number for each name: the first 8 bytes of its MD5, as DuckDB's ``md5_number_upper`` gives them.

    Examples
    --------
    >>> [hex(k) for k in keys_of(["email:jane@acme.com"])]
    ['0xf5ff33f1dc4a0fa7']
    """
    return np.array(
        [int.from_bytes(hashlib.md5(n.encode(), usedforsecurity=False).digest()[:8], "little") for n in names],
        np.uint64,
    )


def uniforms(one: Keys, other: Keys, *, seed: int, draw: int) -> Floats:
    """A number in (0, 1) for each pair of keys; which of the two comes first makes no difference."""
    start = _mixed(_mixed(np.array([seed % 2**64], np.uint64)) ^ np.array([draw % 2**64], np.uint64))
    low, high = np.minimum(one, other), np.maximum(one, other)
    found = _mixed(_mixed(_mixed(low ^ start) ^ high))
    # 53 bits are what a float holds; the half keeps the number off 0 and 1
    return (np.right_shift(found, np.uint64(11)).astype(np.float64) + 0.5) / 2**53


def _mixed(x: Keys) -> Keys:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): each bit of the input moves all of the output."""
    z = x + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
