"""A part of a canonical table, as reading one export would give it, made from arrays instead of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.vocabulary import TABLES
from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.tables import pick

#: What a type of the vocabulary is called in Arrow.
ARROW_TYPES = {
    "text": pa.string(), "person": pa.string(), "company": pa.string(), "integer": pa.int64(),
    "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(), "moment": pa.timestamp("us"),
}  # fmt: skip
#: Row number of the first row of data in a file that begins with its header.
FIRST_ROW = 2
MICROSECONDS = 1_000_000

#: A table's name and some of its rows.
Part = tuple[str, pa.Table]


def schema(name: str) -> pa.Schema:
    """The columns of a canonical table with where each row came from.

    Examples
    --------
    >>> schema("employments").names
    ['person', 'account', 'title', 'date_start', 'date_end', 'source_file', 'source_row']
    """
    columns = [(c.name, ARROW_TYPES[c.type]) for c in TABLES[name].columns]
    return pa.schema([*columns, ("source_file", pa.string()), ("source_row", pa.int64())])


def part(name: str, file: str, columns: Mapping[str, Any], *, rows: Ints) -> Part:
    """Rows of one canonical table from one file.

    Parameters
    ----------
    name : str
        The table.
    file : str
        The export that says so.
    columns : mapping
        By canonical column: an array, or what stands in every row; absent columns are null.
    rows : array of int
        Which rows of the file these are, from 0.

    Examples
    --------
    >>> name, table = part("opportunity_contacts", "a.csv", {"opportunity": ["1", "2"], "role": "x"}, rows=np.arange(2))
    >>> table.to_pylist()[1]
    {'opportunity': '2', 'person': None, 'role': 'x', 'source_file': 'a.csv', 'source_row': 3}
    """
    said = {**columns, "source_file": file, "source_row": rows + FIRST_ROW}
    kinds = schema(name)
    unknown = said.keys() - set(kinds.names)
    assert not unknown, f"{name} has no {unknown}"
    return name, pa.table([_column(said.get(field.name), field.type, len(rows)) for field in kinds], schema=kinds)


def _column(said: Any, kind: pa.DataType, rows: int) -> pa.Array:
    if said is None:
        return pa.nulls(rows, kind)
    if isinstance(said, str | bool):
        return pa.repeat(pa.scalar(said, kind), rows)
    return said if isinstance(said, pa.Array) and said.type == kind else pa.array(said, kind)


def nodes(kind: str, values: Sequence[str], index: Ints) -> pa.Array:
    """The node of each number.

    Examples
    --------
    >>> nodes("email", ["a@x.example", "b@x.example"], np.array([1, 0])).to_pylist()
    ['email:b@x.example', 'email:a@x.example']
    """
    return pick([f"{kind}:{value}" for value in values], index)


def stamps(seconds: Ints, known: NDArray[np.bool_] | None = None) -> pa.Array:
    """Moments, in seconds since 1970, as an engine holds them; null where not known.

    Examples
    --------
    >>> stamps(np.array([0, 90]), np.array([False, True])).to_pylist()
    [None, datetime.datetime(1970, 1, 1, 0, 1, 30)]
    """
    mask = None if known is None else ~known
    return pa.array(seconds * MICROSECONDS, pa.timestamp("us"), mask=mask)


def carried(file: str, record: pa.Array, kind: str, value: pa.Array, **more: Any) -> Part:
    """The identifiers of one kind that the records of a file carry; ``more`` are further columns, and ``rows``."""
    rows = more.pop("rows", None)
    columns = {"record": record, "kind": kind, "value": value, "is_verified": True} | more
    return part("identifiers", file, columns, rows=np.arange(len(record)) if rows is None else rows)
