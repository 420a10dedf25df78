"""Who is at risk at which time: sums over those at risk, and sums over the times at which somebody is at risk.

Legend: n rows; T times, numbered from 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.samples import Floats, Ints


@dataclass(frozen=True)
class RiskSets:
    """Rows hung on the nodes of a binary tree over the times; a row that spans many times hangs on few nodes.

    A running sum, with rows added as they enter and taken away as they leave, would be shorter, and lose all
    digits of a small risk set after a large one.

    Attributes
    ----------
    row, node : int arrays
        Which row hangs on which node; the root is node 1, the children of node i are 2i and 2i + 1.
    rows, times, leaves : int
        Their numbers; leaves are the next power of two from the number of times.
    """

    row: Ints
    node: Ints
    rows: int
    times: int
    leaves: int

    def sums(self, values: Floats) -> Floats:
        """At each time the sum over the rows at risk: (T,) from (n,)."""
        hung = summed_at(self.node, values[self.row], 2 * self.leaves)
        level = hung[1:2]
        while len(level) < self.leaves:
            level = np.repeat(level, 2) + hung[2 * len(level) : 4 * len(level)]
        return np.asarray(level[: self.times], dtype=np.float64)

    def gathered(self, values: Floats) -> Floats:
        """For each row the sum over the times at which it is at risk: (n,) from (T,)."""
        level = np.append(values, np.zeros(self.leaves - self.times))
        levels = [level]
        while len(level) > 1:
            level = level[0::2] + level[1::2]
            levels.append(level)
        nodes = np.concatenate([np.zeros(1), *levels[::-1]])
        return summed_at(self.row, nodes[self.node], self.rows)


def risk_sets(first: Ints, past: Ints, times: int) -> RiskSets:
    """Rows at risk from time number ``first`` up to, but without, ``past``; (n,) each, 0 <= first <= past <= times.

    Each stretch is cut into the fewest nodes that make it up, at most two on each floor of the tree.

    Examples
    --------
    >>> sets = risk_sets(np.array([0, 1]), np.array([3, 2]), 3)
    >>> sets.sums(np.array([10.0, 1.0])).tolist(), sets.gathered(np.array([1.0, 2.0, 4.0])).tolist()
    ([10.0, 11.0, 10.0], [7.0, 2.0])
    """
    leaves = 1 << (times - 1).bit_length()
    low, high = first + leaves, past + leaves
    hung = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
    while (low < high).any():
        left = np.flatnonzero((low < high) & (low % 2 == 1))
        hung.append((left, low[left]))
        low[left] += 1
        right = np.flatnonzero((low < high) & (high % 2 == 1))
        high[right] -= 1
        hung.append((right, high[right]))
        low, high = low // 2, high // 2
    row, node = (np.concatenate(parts) for parts in zip(*hung, strict=True))
    return RiskSets(row, node, len(first), times, leaves)


def summed_at(place: Ints, values: Floats, size: int) -> Floats:
    """Values added up by place 0..size-1."""
    return np.asarray(np.bincount(place, values, size), dtype=np.float64)
