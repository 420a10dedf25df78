"""Pairs of records as patterns of grades, counted: what the statistics see of the data.

Three views are taken: pairs that the rules bring up around a sample of records (here are the matches), pairs at random
(what strangers look like), and counts of whole values (how often strangers agree, exactly).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.identity.blocking import Blocks, keyed
from goodwill.identity.fields import EQUAL, Field, level_names, level_sql, partner
from goodwill.identity.prepared import ROWS
from goodwill.warehouse import Tables

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Pairs around sampled records, and pairs at random: enough that a grade held by one match in a thousand, or by one
#: pair of strangers in 10,000, is counted in dozens.
AROUND, AT_RANDOM = 600_000, 400_000
#: Pairs drawn among those that agree on a field, for each field.
SHARING = 60_000


@dataclass(frozen=True)
class Patterns:
    """Distinct patterns and how many pairs have each.

    ``levels`` (patterns, fields): 0 absent, 1 different ... the highest equal; ``classes`` of the same shape: the
    frequency class of the value where it is equal, else 0.
    """

    levels: Ints
    classes: Ints
    counts: Floats

    def __len__(self) -> int:
        return len(self.counts)


@dataclass(frozen=True)
class Agreements:
    """Share of pairs of records that agree on the whole value of each field, and in how many both hold it."""

    share: Floats
    pairs: Floats


def around_sample(tables: Tables, fields: Sequence[Field], blocks: Blocks, *, step: int, seed: int) -> Patterns:
    """Patterns of all pairs that the rules bring up between one record in ``step`` and all records."""
    some = f"hash(r.record, {seed}, 1) % {step} = 0"
    different = "a.id <> b.id" + (" AND a.source <> b.source" if _is_linked(tables) else "")
    for number in range(len(blocks.rules)):
        one, other = (keyed(blocks, number, "x.id, x.source", where) for where in (some, "true"))
        tables.execute(
            f"CREATE OR REPLACE TEMP TABLE linkage_around_{number} AS SELECT a.id AS a, b.id AS b "
            f"FROM {one} AS a JOIN {other} AS b ON a.key = b.key WHERE {different}"
        )
    parts = [f"linkage_around_{number}" for number in range(len(blocks.rules))]
    patterns = of_pairs(tables, fields, " UNION ".join(f"SELECT a, b FROM {part}" for part in parts))
    for part in parts:
        tables.execute(f"DROP TABLE {part}")
    return patterns


def at_random(tables: Tables, fields: Sequence[Field], *, n: int, seed: int) -> Patterns:
    """Patterns of pairs of records drawn without regard to what they hold (all pairs of a small table)."""
    size = min(n, AT_RANDOM // 2)
    shifts = int(min(max(AT_RANDOM // max(size, 1), 1), max((n - 1) // 2, 1)))
    tables.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_drawn AS SELECT id, source, "
        f"row_number() OVER (ORDER BY hash(record, {seed}, 2), id) - 1 AS place FROM {ROWS} QUALIFY place < {size}"
    )
    across = "AND x.source <> y.source" if _is_linked(tables) else ""
    pairs = (
        f"SELECT x.id AS a, y.id AS b FROM (SELECT id, source, (place + shift) % {size} AS place FROM linkage_drawn "
        f"CROSS JOIN range(1, {shifts + 1}) AS s(shift)) AS x JOIN linkage_drawn AS y USING (place) "
        f"WHERE x.id <> y.id {across}"
    )
    patterns = of_pairs(tables, fields, pairs)
    tables.execute("DROP TABLE linkage_drawn")
    return patterns


def level_columns(fields: Sequence[Field]) -> str:
    """SQL of the grades of rows ``a`` and ``b``, one column ``l<i>`` per field."""
    return ", ".join(f"CAST({level_sql(fields, number)} AS TINYINT) AS l{number}" for number in range(len(fields)))


def of_pairs(tables: Tables, fields: Sequence[Field], pairs: str, *, counting: str = "count(*)") -> Patterns:
    """Patterns of the pairs that a query gives as ``a`` and ``b`` (ids)."""
    found = tables.columns(
        f"SELECT {level_columns(fields)}, CAST({counting} AS DOUBLE) AS n FROM ({pairs}) AS p "
        f"JOIN {ROWS} AS a ON a.id = p.a JOIN {ROWS} AS b ON b.id = p.b GROUP BY ALL ORDER BY ALL"
    )
    raw = np.stack([found[f"l{number}"].astype(np.int64) for number in range(len(fields))], axis=1)
    return patterns_of(fields, raw, found["n"].astype(np.float64))


def patterns_of(fields: Sequence[Field], raw: Ints, counts: Floats) -> Patterns:
    """Grades as SQL gives them, with equality taken apart into the grade and the class of frequency."""
    tops = np.array([top_level(fields, number) for number in range(len(fields))])
    is_equal = raw >= EQUAL
    return Patterns(np.where(is_equal, tops, raw), np.where(is_equal, raw - EQUAL, 0), counts)


def top_level(fields: Sequence[Field], number: int) -> int:
    """The grade that means equal."""
    return len(level_names(fields[number], crossed=is_crossed(fields, number)))


def is_crossed(fields: Sequence[Field], number: int) -> bool:
    """Whether another field may hold this one's value by mistake."""
    return partner(fields, number) is not None


def agreements(tables: Tables, fields: Sequence[Field]) -> Agreements:
    """How often two records agree on the whole value of each field, counted exactly."""
    found = [_agreeing(tables, number) for number in range(len(fields))]
    pairs = np.array([each["pairs"] for each in found])
    return Agreements(np.array([each["agree"] for each in found]) / np.maximum(pairs, 1.0), pairs)


def sharing(tables: Tables, fields: Sequence[Field], number: int, *, seed: int) -> Patterns:
    """Patterns of pairs drawn among those that agree on one field: what else do strangers share who share this?

    Each record meets the next holder of its value in an order of chance; a pair stands for as many as there are others.
    """
    order = f"(PARTITION BY c{number} ORDER BY hash(record, {seed}, 4), id)"
    across = "AND x.source <> y.source" if _is_linked(tables) else ""
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE linkage_sharing AS SELECT id, source, c{number} AS code, "
        f"row_number() OVER {order} AS place, "
        f"count(*) OVER (PARTITION BY c{number}) AS size FROM {ROWS} WHERE c{number} IS NOT NULL QUALIFY size > 1"
    )
    n = int(tables.rows("SELECT count(*) AS n FROM linkage_sharing")[0]["n"])
    pairs = (
        "SELECT x.id AS a, y.id AS b, x.size - 1 AS n FROM linkage_sharing AS x JOIN linkage_sharing AS y "
        "ON x.code = y.code AND y.place = x.place % x.size + 1 "
        f"WHERE hash(x.id, {seed}, 5) % {max(n // SHARING, 1)} = 0 {across}"
    )
    patterns = of_pairs(tables, fields, pairs, counting="sum(p.n)")
    tables.execute("DROP TABLE linkage_sharing")
    return patterns


def _agreeing(tables: Tables, number: int) -> dict[str, float]:
    """Pairs (across sources, if there are several) that agree, and pairs in which both sides hold the field."""
    counts = f"SELECT c{number} AS code, source, count(*) AS n FROM {ROWS} WHERE c{number} IS NOT NULL GROUP BY ALL"
    squares = "sum(n) * sum(n) - sum(n * n)" if _is_linked(tables) else "sum(n) * (sum(n) - 1)"
    found: dict[str, Any] = tables.rows(
        f"WITH counts AS ({counts}), alike AS (SELECT CAST({squares} AS DOUBLE) AS agree FROM counts GROUP BY code), "
        f"sizes AS (SELECT source, sum(n) AS n FROM counts GROUP BY source) "
        f"SELECT (SELECT sum(agree) FROM alike) AS agree, (SELECT CAST({squares} AS DOUBLE) FROM sizes) AS pairs"
    )[0]
    return {name: float(value or 0) / 2 for name, value in found.items()}


def _is_linked(tables: Tables) -> bool:
    return bool(tables.rows(f"SELECT count(DISTINCT source) AS n FROM {ROWS}")[0]["n"] > 1)
