"""The shapes that statistics are given: Units and Panel, arrays with names and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Fetches(Protocol):
    """What ``collect`` needs of an engine."""

    def columns(self, sql: str, /, **parameters: Any) -> dict[str, NDArray[Any]]: ...


@dataclass(frozen=True)
class Covariates:
    """What is known of each unit before its time zero.

    ``values`` is (n, p) float; ``names`` the p column names. Categories are one column per level but
    the commonest, named ``column=level``. ``factor`` gives the column each came from.
    """

    values: Floats
    names: tuple[str, ...]
    factors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[Any]) -> Covariates:
        """The same covariates of some of the units."""
        return replace(self, values=self.values[rows])


@dataclass(frozen=True)
class Units:
    """One row per unit, treated or not at its time zero.

    ``treated`` is 0/1, ``outcome`` float, ``group`` the cluster's number (the account), all (n,).
    """

    id: NDArray[Any]
    group: Ints
    treated: Ints
    outcome: Floats
    covariates: Covariates

    def __len__(self) -> int:
        return len(self.treated)


@dataclass(frozen=True)
class Panel:
    """One row per unit and period at risk, in order; the periods of a unit follow each other without a gap.

    Attributes
    ----------
    unit : (n,) int
        The unit's number, 0..U-1, ascending: a deal, an account, a subscription.
    group : (n,) int
        The cluster's number (the account).
    period : (n,) int
        Weeks (or months) since the unit's time zero, from 0 or later.
    eligible : (n,) bool
        May a trial start here: at risk at the start of the period, and not exposed in the wash-out before it.
    exposed : (n,) bool
        Was there an exposure in this period? What happened before the panel began is in ``eligible``.
    event : (n,) int
        How the unit's time ended within the period: 0 it did not, 1 as asked about, 2 otherwise. Only in a
        unit's last row; a unit whose last row has 0 was still open when last seen.
    value : (n,) float
        What the event was worth; 0 without event 1.
    covariates : Covariates
        (n, p), each known before the period begins.
    id : (U,) array
        The units' own names, by number.
    """

    unit: Ints
    group: Ints
    period: Ints
    eligible: NDArray[np.bool_]
    exposed: NDArray[np.bool_]
    event: Ints
    value: Floats
    covariates: Covariates
    id: NDArray[Any]

    def __len__(self) -> int:
        return len(self.unit)

    def take(self, units: NDArray[np.bool_]) -> Panel:
        """The panel of some of its units, chosen by number, which are numbered anew."""
        rows = units[self.unit]
        number = np.cumsum(units) - 1
        some = {
            name: getattr(self, name)[rows] for name in ("group", "period", "eligible", "exposed", "event", "value")
        }
        return Panel(
            unit=number[self.unit[rows]].astype(np.int64),
            covariates=self.covariates.take(rows),
            id=self.id[units],
            **some,
        )


#: A period of first exposure later than any follow-up: never exposed.
NEVER = 10**6


def collect(tables: Fetches, sql: str, **parameters: Any) -> dict[str, NDArray[Any]]:
    """Fetch a query's rows as arrays; the only way rows leave the engine.

    Parameters
    ----------
    tables : engine
    sql : str
        A query that ends in a total ORDER BY, so that the same rows come in the same order from every
        engine.

    Returns
    -------
    dict of str to array
    """
    assert "order by" in sql.lower(), "a sample without an order is not reproducible"
    return tables.columns(sql, **parameters)


def covariates(
    rows: Mapping[str, NDArray[Any]], numeric: tuple[str, ...], categories: tuple[str, ...], *, at_least: int = 20
) -> Covariates:
    """Numeric columns and one-hot categories as one matrix.

    Rare levels (fewer than ``at_least`` units) are joined as ``other``; the commonest level is the reference. Constant
    columns are dropped: they carry nothing and break every fit.

    Examples
    --------
    >>> import numpy as np
    >>> rows = {"size": np.array([1.0, 2, 3]), "kind": np.array(["a", "a", "b"], dtype=object)}
    >>> covariates(rows, ("size",), ("kind",), at_least=1).names
    ('size', 'kind=b')
    """
    n = len(next(iter(rows.values()))) if rows else 0
    named = [*_numeric(rows, numeric), *_levels(rows, categories, at_least)]
    kept = [(name, factor, values) for name, factor, values in named if n and np.ptp(values) > 0]
    matrix = np.column_stack([v for _, _, v in kept]) if kept else np.zeros((n, 0))
    return Covariates(matrix, tuple(k[0] for k in kept), tuple(k[1] for k in kept))


def _numeric(rows: Mapping[str, NDArray[Any]], names: tuple[str, ...]) -> Iterator[tuple[str, str, Floats]]:
    for name in names:
        values = np.asarray(rows[name], dtype=float)
        yield name, name, np.where(np.isfinite(values), values, 0.0)


def _levels(
    rows: Mapping[str, NDArray[Any]], names: tuple[str, ...], at_least: int
) -> Iterator[tuple[str, str, Floats]]:
    for name in names:
        text = np.array(["unknown" if v is None else str(v) for v in rows[name]], dtype=object)
        levels, counts = np.unique(text, return_counts=True)
        common = [str(v) for v in levels[counts >= at_least]]
        text = np.where(np.isin(text, common), text, "other")
        levels, counts = np.unique(text.astype(str), return_counts=True)
        reference = levels[np.argmax(counts)] if len(levels) else None
        for level in levels:
            if level != reference:
                yield f"{name}={level}", name, (text == level).astype(float)


def grouped(labels: NDArray[Any]) -> Ints:
    """Cluster labels as numbers 0..G-1 in the order of the labels."""
    return np.unique(np.asarray(labels).astype(str), return_inverse=True)[1].astype(np.int64)
