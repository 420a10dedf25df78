"""What panels of months share: something to watch, units numbered in order, and covariates on a coarse grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.registry import Terms
from goodwill.samples import Covariates, Fetches, Floats, Ints, collect, covariates

#: Events behind each adjusted-for column; fewer and the adjustment is noise (Peduzzi et al. 1996).
EVENTS_PER_COLUMN = 10
#: A category's level needs so many units, and this share of all, to be told apart; rarer ones are joined.
UNITS_PER_LEVEL, SHARE_PER_LEVEL = 20, 0.01
#: Steps of ln(1 + n): a change by a quarter is one of 28%, finer ones say nothing of a company, and rows become alike.
STEP = 0.25
#: The wash-out of the models, which also has to be watched before the first month.
WASHOUT_DAYS = 91


def stepped(counts: NDArray[Any]) -> Floats:
    """ln(1 + n) to the nearest quarter; what is absent or below zero counts as 0.

    Examples
    --------
    >>> stepped(np.array([0.0, 1.0, 2.0, 1000.0, np.nan])).tolist()
    [0.0, 0.75, 1.0, 7.0, 0.0]
    """
    known = np.nan_to_num(np.asarray(counts, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(np.round(np.log1p(np.maximum(known, 0.0)) / STEP) * STEP, dtype=np.float64)


def numeric(name: str, values: NDArray[Any]) -> Covariates:
    """One column of numbers; none where it never varies."""
    return covariates({name: values}, (name,), ())


def category(name: str, labels: NDArray[Any], of: Ints) -> Covariates:
    """A category that units keep: its levels are told apart over units, then given to rows by their unit's number."""
    at_least = max(UNITS_PER_LEVEL, int(SHARE_PER_LEVEL * len(labels)))
    return covariates({name: labels}, (), (name,), at_least=at_least).take(of)


def quarter(began_on: NDArray[Any]) -> Covariates:
    """The quarter of the year in which each row's month begins, as columns."""
    months = began_on.astype("datetime64[M]").astype(np.int64) % 12
    present, place = np.unique(months // 3, return_inverse=True)
    labels = np.array([f"q{q + 1}" for q in present], dtype=object)
    return covariates({"quarter": labels}, (), ("quarter",), at_least=1).take(place)


def year(began_on: NDArray[Any]) -> Covariates:
    """The year in which each row's month begins: what grew over the years must not be laid at the door of social."""
    return numeric("year", 1970.0 + began_on.astype("datetime64[Y]").astype(np.int64))


def admitted(blocks: Sequence[Covariates], *, events: int, among: NDArray[np.bool_]) -> Covariates:
    """As many blocks of columns, in order, as the events can carry; one that is too wide is passed over for the next.

    Parameters
    ----------
    among : (n,) bool
        Rows in which trials may start: a column that never varies there is left out, since nothing is learned from it.

    Examples
    --------
    >>> two = [numeric(n, np.array([0.0, 1.0, 0.0])) for n in "ab"]
    >>> admitted(two, events=19, among=np.ones(3, dtype=bool)).names
    ('a',)
    """
    room = max(1, events // EVENTS_PER_COLUMN)
    chosen: list[Covariates] = []
    for block in blocks:
        varying = _varying(block, among)
        width = varying.values.shape[1]
        if 0 < width <= room:
            chosen.append(varying)
            room -= width
    return Covariates(
        np.hstack([np.zeros((len(among), 0)), *(c.values for c in chosen)]),
        tuple(name for c in chosen for name in c.names),
        tuple(factor for c in chosen for factor in c.factors),
    )


def _varying(block: Covariates, among: NDArray[np.bool_]) -> Covariates:
    values = block.values[among] if among.any() else block.values
    kept = np.ptp(values, axis=0) > 0 if len(values) else np.zeros(values.shape[1], dtype=bool)
    return Covariates(
        block.values[:, kept],
        tuple(n for n, k in zip(block.names, kept, strict=True) if k),
        tuple(f for f, k in zip(block.factors, kept, strict=True) if k),
    )


def beginnings(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows are the first of their label, where rows of one label stand together.

    Examples
    --------
    >>> beginnings(np.array(["a", "a", "b"])).tolist()
    [True, False, True]
    """
    first = np.ones(len(labels), dtype=bool)
    first[1:] = labels[1:] != labels[:-1]
    return first


def numbered(first: NDArray[np.bool_]) -> Ints:
    """The number, from 0, of the unit that each row belongs to."""
    return np.asarray(np.cumsum(first) - 1, dtype=np.int64)


def truths(rows: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.bool_]:
    """A column of truth values as such."""
    return np.asarray(rows[name], dtype=bool)


def require_interactions(tables: Fetches) -> None:
    """Refuse to go on where nobody could have been seen to be touched.

    Raises
    ------
    CannotTell
    """
    if not len(collect(tables, "SELECT first_day FROM watched_from ORDER BY first_day")["first_day"]):
        raise CannotTell(
            "no dated interaction of anybody with us is known",
            settles="exports of what people do: comments and reactions, e-mail activity, visits, requests",
        )


def weeks_before(terms: Terms) -> int:
    """Weeks of interactions that have to be known before the first month."""
    return max(int(terms.parameters["history_days"]), WASHOUT_DAYS) // 7
