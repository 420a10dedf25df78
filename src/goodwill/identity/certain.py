"""What is certain: records that exact keys or a decision join, unless they must never be together.

Who says "never" always wins. Where exact keys say the opposite, a key is left out and the contradiction is reported.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]


def certain_groups(n: int, decided: Ints, exact: Ints, never: Ints) -> tuple[Ints, Ints]:
    """The group of each record by what is certain, and the smallest record of each group.

    A pair that would bring together what must never be is left out: of the pairs of such a group, decisions first and
    then exact keys, each in ascending order, the one that closes the path.
    """
    certain = np.concatenate([decided, exact])
    group = connected(n, certain[:, 0], certain[:, 1])
    torn = np.unique(group[never[:, 0]][group[never[:, 0]] == group[never[:, 1]]])
    if len(torn):
        suspect = np.isin(group[certain[:, 0]], torn)
        stronger = np.arange(len(certain)) < len(decided)
        in_order = [*_ascending(certain[suspect & stronger]), *_ascending(certain[suspect & ~stronger])]
        certain = np.concatenate([certain[~suspect], _without_conflict(in_order, never)])
        group = connected(n, certain[:, 0], certain[:, 1])
    smallest = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    smallest[group[::-1]] = np.arange(n)[::-1]
    order = np.argsort(smallest)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[group], smallest[order]


def contradictions(n: int, *, certain: ArrayLike | None, never: ArrayLike | None) -> Ints:
    """The pairs that must never be together and yet are joined by what is certain, in rows; somebody should look.

    Examples
    --------
    >>> contradictions(4, certain=[(0, 1), (1, 2)], never=[(2, 0), (0, 3)]).tolist()
    [[0, 2]]
    """
    barred = np.array(_ascending(rows(never)), dtype=np.int64).reshape(-1, 2)
    joined = rows(certain)
    group = connected(n, joined[:, 0], joined[:, 1])
    found: Ints = barred[group[barred[:, 0]] == group[barred[:, 1]]]
    return found


def _ascending(pairs: Ints) -> list[list[int]]:
    """The pairs, each once with the smaller record first, in ascending order."""
    found: list[list[int]] = np.unique(np.sort(pairs, axis=1), axis=0).tolist()
    return [pair for pair in found if pair[0] != pair[1]]


def _without_conflict(certain: list[list[int]], never: Ints) -> Ints:
    """The certain pairs that join no two records which must never be together; earlier ones come first."""
    group = {r: r for pair in certain for r in pair}
    members = {r: {r} for r in group}
    barred: dict[int, set[int]] = {r: set() for r in group}
    for one, other in _ascending(never):
        if one in group and other in group:
            barred[one].add(other)
            barred[other].add(one)
    kept = []
    for one, other in certain:
        into, out = sorted((group[one], group[other]))
        if barred[into] & members[out]:
            continue
        kept.append((one, other))
        if into != out:
            for r in members[out]:
                group[r] = into
            members[into] |= members.pop(out)
            barred[into] |= barred.pop(out)
    return rows(kept)


def rows(pairs: Any) -> Ints:
    """Pairs as an array with two columns, empty where there are none."""
    return np.asarray([] if pairs is None else pairs, dtype=np.int64).reshape(-1, 2)


def connected(n: int, a: Ints, b: Ints) -> Ints:
    """The connected component of each of ``n`` nodes, components numbered from 0."""
    from scipy import sparse  # slow to import, and most commands resolve nobody
    from scipy.sparse import csgraph

    ones = np.ones(len(a), dtype=np.int32)  # repeated pairs add up: never to 0
    graph = sparse.coo_array((ones, (a, b)), shape=(n, n)).tocsr()
    found: Ints = csgraph.connected_components(graph, directed=False)[1].astype(np.int64)
    return found
