"""Records made ready for comparison: cleaned values, and small integers that stand for them.

Columns of the table: ``id`` (a number for joins alone), ``record``, ``source``; for field i ``v<i>`` the value,
``c<i>`` its code, ``n<i>`` the code of the name that a nickname
stands for, ``p<i>_<k>`` the code of its part k, ``b<i>`` its class of frequency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.errors import GoodwillError, nearest
from goodwill.identity.fields import KINDS, Field, numbered
from goodwill.warehouse import Tables

Ints = NDArray[np.int64]

#: The prepared table and the one that it is made from.
ROWS, CLEAN = "linkage_rows", "linkage_clean"
#: Codes are 31 bits wide: two different values of a pair share one in 1 of 2 billion comparisons, at half the memory.
CODE = "CAST(hash({x}) % 2147483647 AS INTEGER)"
#: Values of a field that keep a frequency of their own; all rarer ones share a class.
FREQUENT = 20_000
#: Classes of frequency per doubling of the count: half a bit of weight is finer than any frequency is known.
PER_DOUBLING = 2
#: A value has to occur this often to have a class of its own: below, counts are mostly chance and duplicates.
SEEN = 4


@dataclass(frozen=True)
class Frequencies:
    """How often the values of one field occur.

    ``codes`` and ``classes`` say which class each frequent value belongs to; class 0 holds all others. ``size`` is
    the number of values that are there, ``mean[class]`` how many records hold a value, averaged over records.
    """

    codes: Ints
    classes: Ints
    size: int
    mean: NDArray[np.float64]


def prepare(tables: Tables, records: str, fields: Sequence[Field], *, sources: str | None = None) -> int:
    """Fill the prepared table without frequencies; return the number of records."""
    _known(tables, records, [field.name for field in fields] + ["record"] + ([sources] if sources else []))
    cleaned = ", ".join(
        f"{KINDS[field.kind].clean.format(x=_quoted(field.name))} AS v{number}" for number, field in enumerate(fields)
    )
    source = f"CAST(hash({_quoted(sources)}) % 2147483647 AS INTEGER)" if sources else "0"
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {CLEAN} AS SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS id, "
        f"record, {source} AS source, {cleaned} FROM {records}"
    )
    names = [number for number, field in enumerate(fields) if field.kind == "given"]
    tables.register(
        "linkage_nicknames",
        _formal_names()
        if names
        else pa.table({"name": pa.array([], pa.string()), "formal": pa.array([], pa.string())}),
    )
    joins = " ".join(f"LEFT JOIN linkage_nicknames AS f{i} ON f{i}.name = r.v{i}" for i in names)
    columns = [column for number, field in enumerate(fields) for column in _columns(number, field)]
    formal = [f"{CODE.format(x=f'coalesce(f{i}.formal, r.v{i})')} AS h{i}" for i in names]
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {ROWS} AS "
        f"WITH r AS (SELECT {', '.join(['r.*', *formal])} FROM {CLEAN} AS r {joins}) "
        f"SELECT id, record, source, {', '.join(columns)} FROM r"
    )
    tables.forget("linkage_nicknames")
    tables.execute(f"DROP TABLE {CLEAN}")
    return int(tables.rows(f"SELECT count(*) AS n FROM {ROWS}")[0]["n"])


def part_column(number: int, part: int) -> str:
    """The column that holds part ``part`` of field ``number``."""
    return f"p{number}_{part}"


def frequencies(tables: Tables, number: int) -> Frequencies:
    """How often the values of one field occur, and which of them are frequent."""
    counts = f"SELECT c{number} AS code, count(*) AS n FROM {ROWS} WHERE c{number} IS NOT NULL GROUP BY code"
    frequent = tables.columns(f"{counts} HAVING n >= {SEEN} ORDER BY n DESC, code LIMIT {FREQUENT}")
    whole = tables.rows(f"SELECT sum(n) AS size, sum(n * n) AS squares FROM ({counts})")[0]
    n = frequent["n"].astype(np.float64)
    classes = 1 + np.round(PER_DOUBLING * np.log2(np.maximum(n, 1) / SEEN)).astype(np.int64)
    size, squares = float(whole["size"] or 0), float(whole["squares"] or 0)
    held = np.bincount(classes, weights=n, minlength=1)
    squared = np.bincount(classes, weights=n * n, minlength=1)
    held[0], squared[0] = size - n.sum(), squares - (n * n).sum()
    return Frequencies(frequent["code"].astype(np.int64), classes, int(size), squared / np.maximum(held, 1))


def classify(tables: Tables, known: Sequence[Frequencies], worth: Sequence[NDArray[np.float64]] = ()) -> None:
    """Fill the classes of frequency into the prepared table; with ``worth`` also what equality weighs, ``e<i>``."""
    for number, found in enumerate(known):
        held = {"code": pa.array(found.codes, pa.int32()), "class": pa.array(found.classes, pa.int8())}
        if worth:
            held["worth"] = pa.array(worth[number][found.classes], pa.float32())
        tables.register(f"linkage_f{number}", pa.table(held))
    columns = [f"coalesce(f{i}.class, CAST(0 AS TINYINT)) AS b{i}" for i in range(len(known))]
    columns += [f"coalesce(f{i}.worth, CAST({float(found[0])!r} AS FLOAT)) AS e{i}" for i, found in enumerate(worth)]
    joins = " ".join(f"LEFT JOIN linkage_f{i} AS f{i} ON f{i}.code = r.c{i}" for i in range(len(known)))
    tables.execute(f"CREATE OR REPLACE TEMP TABLE {ROWS} AS SELECT r.*, {', '.join(columns)} FROM {ROWS} AS r {joins}")
    for number in range(len(known)):
        tables.forget(f"linkage_f{number}")


def _columns(number: int, field: Field) -> list[str]:
    kind, value = KINDS[field.kind], f"v{number}"
    columns = [value, f"{_coded(value)} AS c{number}"]
    if field.kind == "given":
        columns.append(f"CASE WHEN {value} IS NOT NULL THEN h{number} END AS n{number}")
    for place, (name, template) in enumerate(kind.parts):
        text = f"h{number}" if name == "nickname" else numbered(template, number)
        columns.append(
            f"CASE WHEN {value} IS NOT NULL AND ({text}) IS NOT NULL THEN {CODE.format(x=text)} END "
            f"AS {part_column(number, place)}"
        )
    return columns


def _coded(value: str) -> str:
    return f"CASE WHEN {value} IS NOT NULL THEN {CODE.format(x=value)} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _known(tables: Tables, records: str, wanted: Sequence[str]) -> None:
    there: Mapping[str, Any] = tables.columns(f"SELECT * FROM {records} LIMIT 0")
    for name in wanted:
        if name not in there:
            near = nearest(name, there)
            raise GoodwillError(
                f'there is no column "{name}"',
                where=records,
                remedy=f"Did you mean {near}?" if near else "Name one of its columns.",
            )


@cache
def _formal_names() -> pa.Table:
    """Nicknames and the one formal name that each stands for: of several, the one with most nicknames."""
    from nicknames import NickNamer  # lazy: reads a list of names

    known = NickNamer()
    formal = {}
    for nickname in sorted(known.canonical_lookup):
        options = [
            name
            for name in known.canonicals_of(nickname)
            if not known.canonicals_of(name) or len(known.nicknames_of(name)) > 3
        ]
        if options:
            best = min(options, key=lambda name: (-len(known.nicknames_of(name)), name))
            if len(known.nicknames_of(best)) > len(known.nicknames_of(nickname)):
                formal[nickname] = best
    return pa.table(
        {"name": pa.array(list(formal), pa.string()), "formal": pa.array(list(formal.values()), pa.string())}
    )
