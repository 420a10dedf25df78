"""What an account did and when, as one sorted number of account and day: what came first, and how much in between."""

from __future__ import annotations

import numpy as np

from goodwill.worlds.arithmetic import Floats, Ints

#: Larger than any day number: makes one sortable key of account and day.
DAYS = 100_000
#: Before the first day of any world, for what happened on no account's day.
NO_DAY = 10**6


def keyed(account: Ints, day: Ints) -> Ints:
    """Account and day of what was done, as one number, in order."""
    return np.sort(account * DAYS + day)


def count_between(keys: Ints, account: Ints, start: Ints, end: Ints) -> Ints:
    """How much each account did from the day ``start`` until before the day ``end``.

    Examples
    --------
    >>> done = keyed(np.array([0, 0, 1]), np.array([5, 9, 7]))
    >>> count_between(done, np.array([0, 1]), np.array([5, 8]), np.array([9, 20])).tolist()
    [1, 0]
    """
    found = np.searchsorted(keys, account * DAYS + end) - np.searchsorted(keys, account * DAYS + start)
    return np.asarray(np.maximum(found, 0), dtype=np.int64)


def first_since(keys: Ints, account: Ints, day: Ints) -> Ints:
    """The first day, from ``day`` on, on which each account did something; NO_DAY if there is none.

    Examples
    --------
    >>> first_since(keyed(np.array([0, 0]), np.array([5, 9])), np.array([0, 1]), np.array([6, 6])).tolist()
    [9, 1000000]
    """
    beyond = np.append(keys, np.int64(2**62))
    found = beyond[np.searchsorted(beyond, account * DAYS + day)]
    return np.where(found // DAYS == account, found % DAYS, NO_DAY)


def by_week(account: Ints, week: Ints, shape: tuple[int, int]) -> Ints:
    """How much each account did in each week: (accounts, weeks)."""
    size = shape[0] * shape[1]
    return np.bincount(account * shape[1] + week, minlength=size).reshape(shape).astype(np.int64)


def sums_before(weekly: Ints | Floats, weeks: int, *, known: int) -> Floats:
    """Sum over the ``weeks`` before each week, for a table whose first ``known`` columns precede week 0.

    Examples
    --------
    >>> sums_before(np.array([[1, 2, 3, 4]]), 2, known=2).tolist()
    [[3.0, 5.0]]
    """
    upto = np.column_stack([np.zeros(len(weekly)), np.cumsum(weekly, axis=1, dtype=np.float64)])
    end = weekly.shape[1]
    return np.asarray(upto[:, known:end] - upto[:, known - weeks : end - weeks], dtype=np.float64)
