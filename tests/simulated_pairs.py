"""Scored pairs of people who do not exist, calibrated by construction, for tests of clustering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: Shares of people with one, two, three and four records.
RECORDS = (0.45, 0.30, 0.17, 0.08)


@dataclass(frozen=True)
class World:
    """Records by number with the person behind each, and the pairs that were scored."""

    person: Ints
    a: Ints
    b: Ints
    probability: NDArray[np.float64]
    true_pairs: int

    @property
    def scored(self) -> tuple[Any, ...]:
        """What ``clusters`` takes."""
        return self.a, self.b, self.probability, len(self.person)

    def quality(self, labels: Ints) -> tuple[float, float]:
        """Share of pairs inside clusters that are true, and share of true pairs that are inside clusters."""
        together = _pairs(labels)
        right = _pairs(labels * len(self.person) + self.person)
        return right / together, right / self.true_pairs


def _pairs(groups: Ints) -> int:
    sizes = np.unique(groups, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def world(people: int, *, seed: int = 1, clarity: float = 4.0, missed: float = 0.15, alike: float = 0.7) -> World:
    """Log-odds are normal with means half the square of ``clarity`` apart from the prior: then they are calibrated.

    ``alike`` is how much the pairs of records of two people have in common (the correlation of their log-odds):
    strangers with one name are alike in all their records. A share of true pairs was never scored, nor was what came
    out below 1%.
    """
    rng = np.random.default_rng(seed)
    records = rng.choice([1, 2, 3, 4], people, p=RECORDS)
    first = np.concatenate([[0], np.cumsum(records)])
    true = _records(records, first, np.tile(np.arange(people), (2, 1)))
    false = _records(records, first, _strangers(people, rng))
    kept = rng.random(len(true[0])) > missed
    prior = np.log(kept.sum() / len(false[0]))
    ends, odds = [], []
    for (a, b, couple), sign, some in ((true, 1, kept), (false, -1, slice(None))):
        shared = rng.normal(0, 1, couple.max() + 1)[couple]
        own = rng.normal(0, 1, len(a))
        noise = clarity * (np.sqrt(alike) * shared + np.sqrt(1 - alike) * own)
        ends.append(np.stack([a, b])[:, some])
        odds.append((prior + sign * clarity**2 / 2 + noise)[some])
    p = 1 / (1 + np.exp(-np.concatenate(odds)))
    a, b = np.concatenate(ends, axis=1)[:, p >= 0.01]
    # numbers say nothing about who is who
    order = rng.permutation(first[-1])
    person = np.repeat(np.arange(people), records)
    shuffled = np.empty_like(person)
    shuffled[order] = person
    return World(shuffled, order[a], order[b], p[p >= 0.01], len(true[0]))


def _strangers(people: int, rng: np.random.Generator) -> Ints:
    """Pairs of different people that a key brings together: eight a person, among the next forty."""
    one = np.arange(people).repeat(8)
    other = (one + rng.integers(1, 40, len(one))) % people
    return np.unique(np.sort(np.stack([one, other]), axis=0), axis=1)


def _records(records: Ints, first: Ints, couples: Ints) -> tuple[Ints, Ints, Ints]:
    """Every pair of records of every couple of people, once, with the number of the couple."""
    one, other = couples
    found = []
    for i in range(4):
        for j in range(4):
            there = (records[one] > i) & (records[other] > j) & ((one != other) | (i < j))
            couple = np.flatnonzero(there)
            found.append(np.stack([first[one[couple]] + i, first[other[couple]] + j, couple]))
    a, b, couple = np.concatenate(found, axis=1)
    return a, b, couple
