"""For whom the risks of trials are stated: kinds of start, how many of each in each group, and alike ones as one.

Legend: m starts; T kinds of start (covariates and age); E kinds in groups; G groups of accounts; p covariates; b
coefficients of covariates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.estimators.resample import generator
from goodwill.samples import Floats, Ints

#: More kinds of start than this are joined where their chances are alike; with fewer, risks are exact.
ENOUGH = 10_000
#: Width, in log odds and in log worth, within which starts count as alike. They are given their mean covariates, so
#: that only the bend of the risk is lost: width^2/24 of it at most, or 0.04%.
ALIKE = 0.1


@dataclass(frozen=True)
class Target:
    """Kinds of start, ``values`` (T, p) and ``age`` (T,), and how many starts of a kind there are in a group, (E,)."""

    values: Floats
    age: Ints
    kind: Ints
    group: Ints
    count: Floats

    def joined(self, b: Sequence[Floats]) -> Target:
        """Kinds of the same age for which all these coefficients say nearly the same, as one kind each."""
        if len(self.age) <= ENOUGH:
            return self
        said = [np.round(self.values @ each / ALIKE).astype(np.int64) for each in b]
        first, kind = alike(np.zeros((len(self.age), 0)), self.age, *said)
        starts = np.bincount(self.kind, weights=self.count, minlength=len(self.age))
        size = np.bincount(kind, weights=starts)
        values = [np.bincount(kind, weights=starts * column) / size for column in self.values.T]
        return replace(self, values=np.column_stack(values), age=self.age[first], kind=kind[self.kind])

    def shares(self, *, is_resampled: bool) -> Floats:
        """Share of each kind among the starts of all groups and, if resampled, without each: (1+G, T)."""
        T, G = len(self.age), int(self.group.max()) + 1
        starts = np.bincount(self.group * T + self.kind, weights=self.count, minlength=G * T).reshape(G, T)
        every = starts.sum(axis=0)
        left = np.vstack([every, every - starts]) if is_resampled else every[None]
        return np.asarray(left / left.sum(axis=1, keepdims=True), dtype=np.float64)


def targets(values: Floats, age: Ints, group: Ints, *, last_span: int, among: NDArray[np.bool_]) -> Target:
    """Kinds of start and how many there are in each group.

    Parameters
    ----------
    values : (m, p), age : (m,), group : (m,)
        Of each start.
    last_span : int
        First age of the last span: whoever is older has the same chances for good, and is of the same kind.
    among : (m,) bool
        The starts for whom risks are stated.
    """
    values, age, group = values[among], np.minimum(age[among], max(0, last_span - 1)), group[among]
    first, kind = alike(values, age)
    entry, count = np.unique(kind * (int(group.max()) + 1) + group, return_counts=True)
    of, at = np.divmod(entry, int(group.max()) + 1)
    return Target(values[first], age[first], of, at, count.astype(np.float64))


def alike(values: Floats, *labels: Ints) -> tuple[Ints, Ints]:
    """Which rows are the same in all columns: the first row of each kind, and the kind of each row."""
    draw = generator(0, "patterns")
    key = np.zeros(len(labels[0]))
    for column in (*labels, *values.T):
        key = key + draw.normal() * column  # column by column: equal rows get the same bits, wherever they stand
    found: tuple[NDArray[Any], ...] = np.unique(key, return_index=True, return_inverse=True)
    return found[1], found[2].reshape(-1)
