"""By which keys records are brought together: chosen from the data so that all of them cost about the same.

A rule is one part of a field, or parts of two fields, that two records must share. Every pair of fields gets the
loosest rule that the table can afford, so that a fault in any other field does no harm. Where a key is shared by too
many records, they must share a further part too; keys so treated are frozen in the model, so that records that come
later find the same partners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.identity.fields import KINDS, Field, partner
from goodwill.identity.prepared import ROWS, part_column
from goodwill.warehouse import Tables

Ints = NDArray[np.int64]

#: Pairs that all rules together may bring up: this many per record (a comparison of codes costs 0.1 microseconds), and
#: in small tables as many as take a second.
PER_RECORD, AT_LEAST = 30, 2_000_000
#: Rules at most; each costs a join. A bit mask of rules must fit into 62 bits.
MANY_RULES, FEW_RULES, LARGE = 32, 24, 300_000
#: A key shared by fewer records than this is never refined, by more always: 1,000 records are half a million pairs.
SMALL_BLOCK, LARGE_BLOCK = 8, 1_000
#: Records from which the cost of a rule is foretold.
TRIED = 50_000
#: Frozen keys, while rules are in use.
CAPPED = "linkage_capped"

Part = tuple[int, int]
Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Rule:
    """Parts of fields (field, part) that a pair must share, and further ones for keys that are too frequent."""

    name: str
    parts: Parts
    finer: Parts = ()
    is_crossed: bool = False

    def key(self, depth: int = 0, *, number: int) -> str:
        """SQL of the key with ``depth`` further parts; null where one of them is."""
        columns = [f"r.{part_column(*part)}" for part in (*self.parts, *self.finer[:depth])]
        there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        if self.is_crossed:
            columns[:2] = [f"least({columns[0]}, {columns[1]})", f"greatest({columns[0]}, {columns[1]})"]
        return f"CASE WHEN {there} THEN CAST(hash({number}, {depth}, {', '.join(columns)}) >> 1 AS BIGINT) END"


@dataclass(frozen=True)
class Blocks:
    """The rules of a model, its frozen frequent keys, and how many blocks each rule had to refine or give up."""

    rules: tuple[Rule, ...]
    capped: Ints
    refined: tuple[int, ...]
    dropped: tuple[int, ...]


def choose_rules(tables: Tables, fields: Sequence[Field], n: int) -> tuple[Rule, ...]:
    """The loosest affordable rule for each field alone and for each two, then the next, until there are enough."""
    most = FEW_RULES if n > LARGE else MANY_RULES
    allowed = max(AT_LEAST, PER_RECORD * n) / most
    _try_on(tables, n)
    scale = (n / max(min(n, TRIED), 1)) ** 2
    singles: list[Parts] = [
        ((number, part),) for number in range(len(fields)) for part in range(_parts(fields, number))
    ]
    cost = {parts: scale * _shared(tables, parts) for parts in singles}
    chosen = _loosest(
        [[parts for parts in singles if parts[0][0] == number] for number in _by_strength(fields)], cost, allowed
    )
    groups: list[list[Parts]] = []
    for one, other in combinations(_by_strength(fields), 2):
        group = [
            parts
            for parts in product(*([(i, part) for part in range(_parts(fields, i))] for i in (one, other)))
            if not any(_implies(parts, have) for have in chosen)
        ]
        if len(groups) < 2 * most:
            cost |= {parts: scale * _shared(tables, parts) for parts in group}
            groups.append(group)
    chosen += _rounds(groups, chosen, cost=cost, allowed=allowed, most=most - 1)
    tables.execute("DROP TABLE linkage_tried")
    rules = [_rule(fields, parts) for parts in chosen[: most - 1]]
    return tuple(rules + _crossed(fields))


def _rounds(
    groups: list[list[Parts]],
    have: list[Parts],
    *,
    cost: dict[Parts, float],
    allowed: float,
    most: int,
) -> list[Parts]:
    """One rule of every group, round after round; a group that cannot afford any gets its tightest, to be refined."""
    chosen: list[Parts] = []
    for turn in range(3):
        for group in groups:
            left = [parts for parts in group if not any(_implies(parts, other) for other in have + chosen)]
            found = _loosest([left], cost, allowed)
            if not found and turn == 0 and left:
                found = [min(left, key=lambda parts: (cost[parts], parts))]
            if len(have) + len(chosen) < most:
                chosen += found
    return chosen


def freeze(tables: Tables, rules: Sequence[Rule], n: int) -> Blocks:
    """Find the keys of each rule that too many records share."""
    allowed = max(AT_LEAST, PER_RECORD * n) / max(len(rules), 1)
    capped, refined, dropped = [], [], []
    for number, rule in enumerate(rules):
        frequent = _frequent(tables, rule.key(number=number), allowed, "")
        found = [frequent]
        for depth in range(1, len(rule.finer) + 1):
            if len(found[-1]):
                _register(tables, found[-1])
                inside = f"JOIN {CAPPED} AS k ON k.frequent = {rule.key(depth - 1, number=number)}"
                found.append(_frequent(tables, rule.key(depth, number=number), allowed, inside))
                tables.forget(CAPPED)
        capped += found
        refined.append(len(frequent))
        dropped.append(len(found[-1]) if len(found) == len(rule.finer) + 1 else 0)
    whole = np.unique(np.concatenate(capped)) if capped else np.zeros(0, np.int64)
    return Blocks(tuple(rules), whole, tuple(refined), tuple(dropped))


def keyed(blocks: Blocks, number: int, columns: str, where: str = "true") -> str:
    """SQL of the records that have a key under a rule: ``key`` and the columns asked for.

    The frozen keys must be registered (``using``) while it runs.
    """
    rule = blocks.rules[number]
    depths = range(len(rule.finer) + 1)
    keys = ", ".join(f"{rule.key(depth, number=number)} AS k{depth}" for depth in depths)
    joins = " ".join(f"LEFT JOIN {CAPPED} AS f{depth} ON f{depth}.frequent = x.k{depth}" for depth in depths)
    cases = " ".join(f"WHEN f{depth}.frequent IS NULL THEN x.k{depth}" for depth in depths)
    inner = f"SELECT {keys}, r.* FROM {ROWS} AS r WHERE {where}"
    return f"(SELECT CASE {cases} END AS key, {columns} FROM ({inner}) AS x {joins})"


def using(tables: Tables, blocks: Blocks) -> None:
    """Make the frozen keys readable."""
    _register(tables, blocks.capped)


def _register(tables: Tables, keys: Ints) -> None:
    tables.register(CAPPED, pa.table({"frequent": pa.array(keys, pa.int64())}))


def _frequent(tables: Tables, key: str, allowed: float, inside: str) -> Ints:
    """Keys of more records than the cap, which is the largest that keeps the rule's pairs within what is allowed."""
    counts = (
        f"(SELECT {key} AS key, count(*) AS n FROM {ROWS} AS r {inside} GROUP BY ALL HAVING key IS NOT NULL AND n > 1)"
    )
    sizes = tables.columns(f"SELECT n, count(*) AS blocks FROM {counts} GROUP BY n ORDER BY n")
    size, blocks = sizes["n"].astype(np.float64), sizes["blocks"].astype(np.float64)
    within = size[np.cumsum(blocks * size * (size - 1) / 2) <= allowed]
    cap = int(np.clip(within.max(initial=0), SMALL_BLOCK, LARGE_BLOCK))
    return tables.columns(f"SELECT key FROM {counts} WHERE n > {cap} ORDER BY key")["key"].astype(np.int64)


def _try_on(tables: Tables, n: int) -> None:
    some = f"WHERE hash(record, 0) % {max(n // TRIED, 1)} = 0"
    tables.execute(f"CREATE OR REPLACE TEMP TABLE linkage_tried AS SELECT * FROM {ROWS} {some}")


def _shared(tables: Tables, parts: Sequence[Part]) -> float:
    """Pairs of the sample that share all these parts."""
    columns = [part_column(*part) for part in parts]
    there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    found = tables.rows(
        "SELECT sum(n * (n - 1) / 2) AS pairs FROM "
        f"(SELECT count(*) AS n FROM linkage_tried WHERE {there} GROUP BY {', '.join(columns)})"
    )
    return float(found[0]["pairs"] or 0)


def _loosest(groups: list[list[Parts]], cost: dict[Parts, float], allowed: float) -> list[Parts]:
    """Of each group the rule that brings up most pairs without costing too much; ties go to the looser parts."""
    found = []
    for group in groups:
        affordable = [parts for parts in group if cost[parts] <= allowed]
        if affordable:
            found.append(max(affordable, key=lambda parts: (cost[parts], [part for _, part in parts])))
    return found


def _implies(parts: Sequence[Part], other: Sequence[Part]) -> bool:
    """Whether every pair that shares ``parts`` shares ``other`` too: a whole value implies all parts of it."""
    return all(any(field == have[0] and part in (0, have[1]) for field, part in parts) for have in other)


def _rule(fields: Sequence[Field], parts: Parts) -> Rule:
    inside = {field for field, _ in parts}
    outside = [number for number in _by_strength(fields) if number not in inside]
    return Rule(
        _name(fields, parts), parts, tuple((number, min(1, _parts(fields, number) - 1)) for number in outside[:2])
    )


def _crossed(fields: Sequence[Field]) -> list[Rule]:
    """Given and family name in each other's place."""
    for number in range(len(fields)):
        other = partner(fields, number)
        if other is not None and fields[number].kind == "given":
            rule = _rule(fields, ((number, 0), (other, 0)))
            return [Rule("names in any order", rule.parts, rule.finer, is_crossed=True)]
    return []


def _name(fields: Sequence[Field], parts: Sequence[Part]) -> str:
    return " + ".join(_part_name(fields[number], part) for number, part in parts)


def _part_name(field: Field, part: int) -> str:
    name = KINDS[field.kind].parts[part][0]
    return field.name if name == "whole" else f"{field.name} ({name.replace('_', ' ')})"


def _parts(fields: Sequence[Field], number: int) -> int:
    return len(KINDS[fields[number].kind].parts)


def _by_strength(fields: Sequence[Field]) -> list[int]:
    return sorted(range(len(fields)), key=lambda number: (-KINDS[fields[number].kind].strength, number))
