"""Average linkage inside many components at once: the two closest groups merge while their mean weight is not negative.

A weight says in whole 1/``UNIT`` nats how much a pair speaks for one person (log-odds above the bar); pairs that nobody
scored weigh ``missing``. Sums of whole numbers are exact, so that no order of rows can change a mean, and ties are
broken by the smallest members. Average linkage: Sokal and Michener (1958); that pairs between groups which were never
scored count against a merge is what keeps chains of strangers apart.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Parts of a nat that weights are counted in: a thousandth of log-odds is finer than any calibration.
UNIT = 1024
#: The weight of a pair that must never be together: no sum of other weights outweighs it.
NEVER = -(1 << 40)
#: In place of the likeliest pair of two groups between which no pair was scored: later than any.
NOBODY = 1 << 62
#: Components up to this size are held as square matrices, all of one size side by side; larger ones as lists of
#: neighbours, one by one. A matrix of 24 x 24 is still cheaper than Python's heap.
DENSE = 24
#: Cells of all matrices held at a time, 8 bytes each.
CELLS = 2_000_000


@dataclass(frozen=True)
class Apart:
    """What pairs cost whose members stand in the same place (bits of ``places``), above all in one of ``single``."""

    places: Ints
    single: int
    in_single: int
    elsewhere: int

    def cost(self, one: Ints, other: Ints) -> Ints:
        """The cost of each pair of place bits."""
        shared = one & other
        elsewhere = np.where(shared != 0, self.elsewhere, 0)
        return np.where(shared & self.single != 0, self.in_single, elsewhere)


@dataclass(frozen=True)
class Pairs:
    """Pairs of members with ``a < b``, each once, the likeliest first, with their weights.

    ``group`` is the component of each member. ``bar`` is what the mean of two groups has to reach whose likeliest pair
    this is, 0 unless told; groups that do not reach it never come together.
    """

    a: Ints
    b: Ints
    weight: Ints
    group: Ints
    missing: int
    apart: Apart | None = None
    bar: Ints | None = None

    @property
    def lowest(self) -> int:
        """No two groups with a lower mean merge."""
        return 0 if self.bar is None else int(self.bar.min(initial=0))

    def refuses(self, pair: Ints, mean: Floats) -> NDArray[np.bool_]:
        """May groups with this likeliest pair and this mean not merge?"""
        return mean < (0 if self.bar is None else self.bar[pair])


@dataclass(frozen=True)
class _Components:
    """Members sorted by component: where each component begins and how large it is; and each member's place in it."""

    order: Ints
    begins: Ints
    sizes: Ints
    number: Ints
    place: Ints


def linked(pairs: Pairs) -> Ints:
    """The smallest member of each member's cluster.

    Parameters
    ----------
    pairs : Pairs
        Both ends of every pair carry the same ``group``.

    Returns
    -------
    array of int
        One label a member.

    Examples
    --------
    A chain of three whose ends were never scored as a pair: the weaker link does not outweigh that.

    >>> a, b, weight = np.array([0, 1]), np.array([1, 2]), np.array([4000, 900])
    >>> linked(Pairs(a, b, weight, np.zeros(3, dtype=np.int64), missing=-1600)).tolist()
    [0, 0, 2]
    """
    labels = np.arange(len(pairs.group))
    parts = _components(pairs.group)
    by_component = np.argsort(parts.number[pairs.a], kind="stable")
    component = parts.number[pairs.a[by_component]]
    size_of_edge = parts.sizes[component]
    for size in np.unique(parts.sizes[parts.sizes > 1]).tolist():
        chosen = np.flatnonzero(parts.sizes == size)
        edges = size_of_edge == size
        step = max(1, CELLS // size**2) if size <= DENSE else 1
        mine, of_edge = by_component[edges], component[edges]
        for first in range(0, len(chosen), step):
            batch = chosen[first : first + step]
            low, high = np.searchsorted(of_edge, [batch[0], batch[-1] + 1])
            members = parts.order[parts.begins[batch][:, None] + np.arange(size)]
            row = np.searchsorted(batch, of_edge[low:high])
            places = _square if size <= DENSE else _sparse
            found = places(pairs, members, (row, mine[low:high], parts.place))
            labels[members] = np.take_along_axis(members, found, axis=1)
    return labels


def _components(group: Ints) -> _Components:
    order = np.argsort(group, kind="stable")
    begins = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.diff(begins, append=len(order))
    number, place = np.empty_like(order), np.empty_like(order)
    number[order] = np.repeat(np.arange(len(begins)), sizes)
    place[order] = np.arange(len(order)) - np.repeat(begins, sizes)
    return _Components(order, begins, sizes, number, place)


def _square(pairs: Pairs, members: Ints, edges: tuple[Ints, Ints, Ints]) -> Ints:
    """The label of each member as a place in its component, for components of one size."""
    row, edge, place = edges
    count, size = members.shape
    weights = np.full((count, size, size), pairs.missing, dtype=np.int64)
    a, b = place[pairs.a[edge]], place[pairs.b[edge]]
    weights[row, a, b] = weights[row, b, a] = pairs.weight[edge]
    likeliest = np.full((count, size, size), NOBODY)
    likeliest[row, a, b] = likeliest[row, b, a] = edge
    if pairs.apart is not None:
        places = pairs.apart.places[members]
        weights -= pairs.apart.cost(places[:, :, None], places[:, None, :])
    return _merged(pairs, weights, likeliest)


def _merged(pairs: Pairs, weights: Ints, likeliest: Ints) -> Ints:
    """Merge the closest two groups of every component at once, until no two are close enough."""
    count, size, _ = weights.shape
    labels = np.tile(np.arange(size), (count, 1))
    sizes = np.ones((count, size), dtype=np.int64)
    later = np.triu(np.ones((size, size), dtype=bool), 1)
    at_work = np.arange(count)
    while len(at_work):
        means = np.where(later & (likeliest < NOBODY), weights / (sizes[:, :, None] * sizes[:, None, :]), -np.inf)
        best = means.reshape(len(at_work), -1).argmax(axis=1)
        mean = means.reshape(len(at_work), -1)[np.arange(len(at_work)), best]
        rows = np.flatnonzero(mean >= pairs.lowest)
        at_work, weights, sizes, likeliest = at_work[rows], weights[rows], sizes[rows], likeliest[rows]
        one, other = np.divmod(best[rows], size)
        here = np.arange(len(at_work))
        no = pairs.refuses(likeliest[here, one, other], mean[rows])
        _part(weights, likeliest, (here[no], one[no], other[no]))
        here, one, other = here[~no], one[~no], other[~no]
        _join(weights, likeliest, (here, one, other))
        sizes[here, one] += sizes[here, other]
        mine = labels[at_work[here]]
        labels[at_work[here]] = np.where(mine == other[:, None], one[:, None], mine)
    return labels


def _part(weights: Ints, likeliest: Ints, where: tuple[Ints, Ints, Ints]) -> None:
    """Never again ask for these two groups, nor for any that holds both."""
    here, one, other = where
    weights[here, one, other] = weights[here, other, one] = NEVER
    likeliest[here, one, other] = likeliest[here, other, one] = NOBODY


def _join(weights: Ints, likeliest: Ints, where: tuple[Ints, Ints, Ints]) -> None:
    """Let the other group be part of the one."""
    here, one, other = where
    weights[here, one] += weights[here, other]
    weights[here, :, one] += weights[here, :, other]
    likeliest[here, one] = np.minimum(likeliest[here, one], likeliest[here, other])
    likeliest[here, :, one] = np.minimum(likeliest[here, :, one], likeliest[here, :, other])
    likeliest[here, other] = likeliest[here, :, other] = NOBODY


@dataclass
class _Heaped:
    """One large component while it merges.

    To each group its neighbours with the sum and the number of the pairs that were scored, and the likeliest of them.
    """

    pairs: Pairs
    near: list[dict[int, tuple[int, int, int]]]
    places: list[Counter[int]]
    heap: list[tuple[float, int, int]] = field(default_factory=list)

    def mean(self, one: int, other: int) -> float:
        """The mean weight of all pairs between two groups, unscored ones included."""
        total, scored, _ = self.near[one][other]
        every = self.places[one].total() * self.places[other].total()
        total += (every - scored) * self.pairs.missing
        if self.pairs.apart is not None:
            mine, theirs = (
                np.array([[*c.keys()], [*c.values()]], np.int64) for c in (self.places[one], self.places[other])
            )
            costs = self.pairs.apart.cost(mine[0][:, None], theirs[0])
            total -= int((costs * mine[1][:, None] * theirs[1]).sum())
        return total / every

    def offer(self, one: int, other: int) -> None:
        """Remember two groups if they may merge."""
        mean = self.mean(one, other)
        if mean >= self.pairs.lowest:
            heapq.heappush(self.heap, (-mean, min(one, other), max(one, other)))

    def next(self) -> tuple[int, int] | None:
        """Merge the closest two groups that may; ``None`` where no two are left."""
        while self.heap:
            closeness, one, other = heapq.heappop(self.heap)
            if other not in self.near[one] or -closeness != self.mean(one, other):
                continue
            total, scored, pair = self.near[one][other]
            if not self.pairs.refuses(np.array([pair]), np.array([-closeness]))[0]:
                self._merge(one, other)
                return one, other
            self.near[one][other] = self.near[other][one] = (total + NEVER, scored, pair)
        return None

    def _merge(self, one: int, other: int) -> None:
        self.places[one] += self.places[other]
        for third, (total, scored, pair) in self.near[other].items():
            del self.near[third][other]
            if third != one:
                before, count, likeliest = self.near[one].get(third, (0, 0, NOBODY))
                both = (before + total, count + scored, min(likeliest, pair))
                self.near[one][third] = self.near[third][one] = both
        self.near[other] = {}
        for third in self.near[one]:
            self.offer(one, third)


def _sparse(pairs: Pairs, members: Ints, edges: tuple[Ints, Ints, Ints]) -> Ints:
    """The same as ``_square`` for one large component, which may be of any size."""
    _, edge, place = edges
    size = members.shape[1]
    stand = [0] * size if pairs.apart is None else pairs.apart.places[members[0]].tolist()
    state = _Heaped(pairs, [{} for _ in range(size)], [Counter({p: 1}) for p in stand])
    ends = place[pairs.a[edge]].tolist(), place[pairs.b[edge]].tolist()
    for a, b, weight, pair in zip(*ends, pairs.weight[edge].tolist(), edge.tolist(), strict=True):
        state.near[a][b] = state.near[b][a] = (weight, 1, pair)
    for a, b in zip(*ends, strict=True):
        state.offer(a, b)
    labels = np.arange(size)
    while merged := state.next():
        labels[merged[1]] = merged[0]
    while (labels != labels[labels]).any():
        labels = labels[labels]
    return labels[None, :]
