"""Units followed from entry to exit, and how many of them are at risk at a time.

Legend: n rows; T times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.samples import Floats, Ints


@dataclass(frozen=True)
class Followed:
    """Units at risk over (entry, exit]; build it with ``followed``, which checks it.

    Attributes
    ----------
    entry, exit : (n,) float
        Time since the unit's time zero, in any unit; entry is -inf for who was there from the start.
    event : (n,) int
        0 still open at ``exit``, else the kind of end, from 1.
    count : (n,) float
        How many alike units the row stands for.
    weight : (n,) float
        What each of them weighs, where weights make one sample look like another.
    """

    entry: Floats
    exit: Floats
    event: Ints
    count: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.exit)


def followed(
    until: NDArray[Any],
    event: NDArray[Any],
    *,
    entry: NDArray[Any] | None = None,
    count: NDArray[Any] | None = None,
    weight: NDArray[Any] | None = None,
) -> Followed:
    """Arrays as a sample of units followed; rows whose count or weight is 0 are left out.

    Parameters
    ----------
    until : (n,)
        Time since the unit's time zero at which it ended or was last seen, 0 or later.
    event : (n,) int
        0 still open, else the kind of end: 1, 2, ...
    entry : (n,), optional
        When the unit came under observation, before ``until``; it is at risk only after. Absent: from the start.
    count, weight : (n,), optional
        0 or more; 1 if absent.

    Raises
    ------
    CannotTell
        If there is nobody.
    ValueError
        If somebody leaves before coming, or a number is negative or not finite.

    Examples
    --------
    >>> len(followed(np.array([3, 5, 5]), np.array([1, 0, 0]), count=np.array([1, 40, 0])))
    2
    """
    n = len(until)
    arrays = (
        np.full(n, -np.inf) if entry is None else entry,
        until,
        np.ones(n) if count is None else count,
        np.ones(n) if weight is None else weight,
    )
    came, left, counts, weights = (np.asarray(a, dtype=np.float64) for a in arrays)
    kinds = np.asarray(event, dtype=np.int64)
    sound = (came < left) & (left >= 0) & (kinds >= 0) & (counts >= 0) & (weights >= 0)
    if not (sound & np.isfinite(left + counts + weights)).all():
        raise ValueError("every unit comes before it leaves, at 0 or later; kinds, counts and weights are 0 or more")
    kept = (counts > 0) & (weights > 0)
    if not kept.any():
        raise CannotTell("nobody was followed", settles="units with a beginning", n=0)
    return Followed(came[kept], left[kept], kinds[kept], counts[kept], weights[kept])


def at_risk(sample: Followed, time: Floats) -> tuple[Ints, Floats, Floats]:
    """Rows with entry < time <= exit, their weight, and the number of units of equal weight it is worth; (T,) each.

    A sum of weights w is worth (sum w)^2 / sum w^2 units (Kish 1965); counts are worth what they count.
    """
    mass = sample.count * sample.weight
    values = np.column_stack([np.ones(len(sample)), mass, mass * sample.weight])
    rows, weight, squares = (_from(sample.exit, values, time) - _from(sample.entry, values, time)).T
    return np.rint(rows).astype(np.int64), weight, weight**2 / np.where(rows > 0, squares, 1.0)


def _from(moment: Floats, values: Floats, time: Floats) -> Floats:
    """Sums of the values whose moment is at a time or later, summed from the end, where risk sets are small."""
    order = np.argsort(moment, kind="stable")
    tail = np.vstack([np.cumsum(values[order][::-1], axis=0)[::-1], np.zeros((1, values.shape[1]))])
    return np.asarray(tail[np.searchsorted(moment[order], time, side="left")], dtype=np.float64)


def require_unbroken(sample: Followed, all_ended: Floats) -> None:
    """Refuse a sample in which nobody links early times with late ones.

    That is so where nobody is under observation for a while, or where all who were there ended (at the
    times ``all_ended``) before others came: a product over times would stay at 0 for good.

    Raises
    ------
    CannotTell
    """
    last = sample.exit.max()
    exits = np.unique(sample.exit[sample.exit < last])
    came = np.searchsorted(np.sort(sample.entry), exits, side="right")
    left = np.searchsorted(np.sort(sample.exit), exits, side="right")
    broken = np.concatenate([exits[came == left], all_ended[all_ended < last]])
    if len(broken):
        raise CannotTell(
            f"nobody who was there by {broken.min():g} was followed beyond, though others came later",
            settles="units under observation from earlier on, or time counted from a later start",
            n=len(sample),
        )
