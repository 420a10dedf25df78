"""How right a resolution is, where who is who is known: pairs, clusters, calibration.

Legend: a, b numbers of records; p probability; true whether both are one person's; n records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
BINS = 10


@dataclass(frozen=True)
class Rates:
    """Of what was joined, how much is right; of what belongs together, how much was joined."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Known:
    """Whose each record is; where two sources are linked, pairs within one of them do not count."""

    person: Ints
    source: Ints | None = None

    @property
    def pairs(self) -> int:
        """True pairs."""
        return joined(self.person, self.source)

    def same(self, a: Ints, b: Ints) -> Bools:
        """Whether pairs are true."""
        return np.asarray(self.person[a] == self.person[b])


def joined(labels: Ints, source: Ints | None) -> int:
    """How many pairs share a label, across sources where there are several."""
    inside = _sizes(labels)
    return inside if source is None else inside - _sizes(labels * 2 + source)


def _sizes(labels: Ints) -> int:
    sizes = np.unique(labels, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def of_pairs(p: Floats, true: Bools, known: Known, threshold: float) -> Rates:
    """Of pairs at or above a threshold."""
    kept = p >= threshold
    right = int((true & kept).sum())
    return Rates(right / max(int(kept.sum()), 1), right / max(known.pairs, 1))


def of_clusters(labels: Ints, known: Known) -> Rates:
    """Of all pairs that clusters imply."""
    codes = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    both = codes * (int(known.person.max()) + 1) + known.person
    right = joined(both, known.source)
    return Rates(right / max(joined(codes, known.source), 1), right / max(known.pairs, 1))


def components(a: Ints, b: Ints, n: int) -> Ints:
    """Connected components: how Splink clusters the pairs above a threshold."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def calibration_error(p: Floats, true: Bools) -> float:
    """Expected calibration error: distance of claimed from true share in ten bins, weighted by pairs.

    Source: Naeini, Cooper and Hauskrecht 2015, AAAI, 2901.
    """
    if not len(p):
        return float("nan")
    bins = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    claimed, right = (np.bincount(bins, weights=values, minlength=BINS) for values in (p, true.astype(np.float64)))
    return float(np.abs(claimed - right).sum() / len(p))
