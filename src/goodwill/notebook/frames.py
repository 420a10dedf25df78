"""Rows as tables of any kind: Arrow, NumPy, pandas, polars; the last two only where they are installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.errors import GoodwillError

if TYPE_CHECKING:
    import pandas
    import polars


def as_table(rows: Iterable[Mapping[str, Any]], names: Sequence[str] = ()) -> pa.Table:
    """Rows as an Arrow table, a column for every name that occurs.

    A column that holds numbers is one of numbers: a count that small cells hide ("< 5") is null there.

    Examples
    --------
    >>> as_table([{"venue": "x", "people": 12}, {"venue": "y", "people": "< 5"}]).to_pydict()
    {'venue': ['x', 'y'], 'people': [12, None]}
    """
    kept = list(rows)
    columns = dict.fromkeys([*names, *(name for row in kept for name in row)])
    return pa.table({name: _column([row.get(name) for row in kept]) for name in columns})


def as_arrays(table: pa.Table) -> dict[str, NDArray[Any]]:
    """A table as one array per column: absent numbers are NaN, absent texts None.

    Examples
    --------
    >>> as_arrays(as_table([{"week": 1, "low": 0.5}, {"week": 2, "low": None}]))
    {'week': array([1, 2]), 'low': array([0.5, nan])}
    """
    return {name: np.asarray(table.column(name).to_numpy()) for name in table.column_names}


def to_pandas(table: pa.Table) -> pandas.DataFrame:
    """A table as a pandas frame; a GoodwillError says what to install where pandas is missing."""
    _import("pandas")
    frame: pandas.DataFrame = table.to_pandas()
    return frame


def to_polars(table: pa.Table) -> polars.DataFrame:
    """A table as a polars frame; a GoodwillError says what to install where polars is missing."""
    frame: polars.DataFrame = _import("polars").from_arrow(table)
    return frame


def _column(cells: list[Any]) -> pa.Array:
    has_numbers = any(isinstance(cell, int | float) for cell in cells)
    return pa.array([None if has_numbers and isinstance(cell, str) else cell for cell in cells])


def _import(package: str) -> Any:
    try:
        return import_module(package)
    except ImportError:
        raise GoodwillError(
            f"{package} is not installed",
            remedy=f"Install it with: pip install {package}; or use the Arrow table, which needs nothing more.",
        ) from None
