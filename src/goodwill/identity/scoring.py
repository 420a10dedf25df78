"""Finding and weighing pairs with a learnt model: joins on keys, a glance at codes, then the full comparison.

A glance bounds from above what a pair can reach by what its codes share; only pairs that can matter are compared in
full. Pairs that several rules find are compared once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.errors import GoodwillError
from goodwill.identity import fellegi_sunter
from goodwill.identity.blocking import CAPPED, keyed, using
from goodwill.identity.fields import KINDS, Field, level_names, numbered, partner
from goodwill.identity.patterns import level_columns, patterns_of
from goodwill.identity.prepared import ROWS, classify, part_column, prepare
from goodwill.warehouse import Tables

if TYPE_CHECKING:
    from goodwill.identity.match import Model

Floats = NDArray[np.float64]

#: Pairs less probable than this are not told: a hundred of them hold one match.
LEAST = 0.01
#: Bits taken off a likeness that parts alone suggest: three in four such turn out to be none, and a pair that is lost
#: by it would have come out barely above ``LEAST``.
DOUBT = 2.0
#: Pairs that are compared in full at a time: about 150 megabytes.
AT_ONCE = 5_000_000
#: What the engine may hold meanwhile.
MEMORY = "900MB"
#: Temporary tables: pairs with a rule each, pairs once each, pairs that may matter, their grades, their probabilities.
FOUND, ONCE, GLANCED, COMPARED, WEIGHED = (
    f"linkage_{name}" for name in ("found", "once", "glanced", "compared", "weighed")
)
MASKS, NEW = "linkage_masks", "linkage_new"


@contextmanager
def sparing(tables: Tables) -> Iterator[None]:
    """Let the engine hold less while pairs are looked for: they pass in streams, and what is held is hardly used.

    A million records take 1.1 GiB instead of 2.1, in the same time.
    """
    before = tables.rows("SELECT current_setting('memory_limit') AS size")[0]["size"]
    try:
        tables.execute(f"SET memory_limit = '{MEMORY}'")
    except GoodwillError:  # more than that is held already, as by large tables in memory
        yield
        return
    try:
        yield
    finally:
        tables.execute(f"SET memory_limit = '{before}'")


def engine(tables: Tables) -> int:
    """A number that changes if the engine computes codes in another way."""
    return int(tables.rows("SELECT hash('goodwill', 1) >> 1 AS code")[0]["code"])


def find(tables: Tables, model: Model, records: str, new: str | None) -> None:
    """Fill the table of pairs that may matter: ``a`` and ``b`` (ids), ``rule`` (its number)."""
    prepare(tables, records, model.fields, sources=model.sources)
    equal, graded = fellegi_sunter.bounds(model.weights)
    classify(tables, model.frequencies, equal)
    if new is not None:
        tables.execute(f"CREATE OR REPLACE TEMP TABLE {NEW} AS SELECT id FROM {ROWS} SEMI JOIN {new} USING (record)")
    using(tables, model.blocks)
    for number in range(len(model.blocks.rules)):
        _join(tables, model, number, is_update=new is not None)
    tables.forget(CAPPED)
    _glance_at(tables, model, _glance(model, graded))
    if new is not None:
        tables.execute(f"DROP TABLE {NEW}")


def weigh(tables: Tables, model: Model, into: str) -> None:
    """Give every pair found its weight and probability; tell which rules found them."""
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {WEIGHED} "
        "(a INTEGER, b INTEGER, rules BIGINT, probability DOUBLE, weight DOUBLE)"
    )
    chunks = 1 + int(tables.rows(f"SELECT count(*) AS n FROM {GLANCED}")[0]["n"]) // AT_ONCE
    for chunk in range(chunks):
        _weigh_some(tables, model, f"a % {chunks} = {chunk}")
    masks = tables.columns(f"SELECT DISTINCT rules FROM {WEIGHED} ORDER BY rules")["rules"].astype(np.int64)
    tables.register(MASKS, pa.table({"rules": masks, "rule": pa.array(_names(model, masks), pa.string())}))
    tables.execute(
        f"CREATE OR REPLACE TABLE {into} AS SELECT least(a.record, b.record) AS record_a, "
        f"greatest(a.record, b.record) AS record_b, w.probability, w.weight, m.rule, m.rules FROM {WEIGHED} AS w "
        f"JOIN {MASKS} AS m USING (rules) JOIN {ROWS} AS a ON a.id = w.a JOIN {ROWS} AS b ON b.id = w.b "
        "ORDER BY record_a, record_b"
    )
    _tell_rules(tables, model, into)
    tables.forget(MASKS)
    for name in (ROWS, GLANCED, WEIGHED):
        tables.execute(f"DROP TABLE {name}")


def _weigh_some(tables: Tables, model: Model, which: str) -> None:
    """Compare some of the pairs in full, and keep those that are probable enough."""
    grades = [f"l{number}" for number in range(len(model.fields))]
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {COMPARED} AS WITH p AS (SELECT * FROM {GLANCED} WHERE {which}), "
        f"g AS (SELECT p.a, p.b, p.rules, {level_columns(model.fields)} FROM p JOIN {ROWS} AS a ON a.id = p.a "
        f"JOIN {ROWS} AS b ON b.id = p.b) SELECT *, hash({', '.join(grades)}) AS pattern FROM g"
    )
    kept = ", ".join(f"any_value({grade}) AS {grade}" for grade in grades)
    found = tables.columns(f"SELECT pattern, {kept} FROM {COMPARED} GROUP BY pattern ORDER BY pattern")
    raw = np.stack([found[grade].astype(np.int64) for grade in grades], axis=1)
    weight = fellegi_sunter.weight(model.weights, patterns_of(model.fields, raw, np.ones(len(raw))))
    probability = model.calibration.probability(model.weights.log_odds + weight)
    keep = probability >= LEAST
    columns = {"pattern": found["pattern"][keep], "probability": probability[keep], "weight": weight[keep]}
    tables.register("linkage_patterns", pa.table(columns))
    tables.execute(
        f"INSERT INTO {WEIGHED} SELECT c.a, c.b, c.rules, w.probability, w.weight FROM {COMPARED} AS c "
        "JOIN linkage_patterns AS w USING (pattern)"
    )
    tables.forget("linkage_patterns")
    tables.execute(f"DROP TABLE {COMPARED}")


def _glance_at(tables: Tables, model: Model, glance: str) -> None:
    """Keep the pairs that can matter, once each, with the mask of the rules that found them."""
    parts = [f"{FOUND}_{number}" for number in range(len(model.blocks.rules))]
    # in two statements: the engine joins in the better order once it knows how many pairs there are
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {ONCE} AS SELECT a, b, bit_or(CAST(1 AS BIGINT) << rule) AS rules "
        f"FROM ({' UNION ALL '.join(f'SELECT a, b, {rule} AS rule FROM {part}' for rule, part in enumerate(parts))}) "
        "GROUP BY a, b"
    )
    for part in parts:
        tables.execute(f"DROP TABLE {part}")
    codes = f"(SELECT {_columns(model.fields)} FROM {ROWS} AS x)"
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {GLANCED} AS SELECT p.a, p.b, p.rules FROM {ONCE} AS p "
        f"JOIN {codes} AS a ON a.id = p.a JOIN {codes} AS b ON b.id = p.b WHERE {glance}"
    )
    tables.execute(f"DROP TABLE {ONCE}")


def _join(tables: Tables, model: Model, number: int, *, is_update: bool) -> None:
    """Add the pairs that one rule finds; of an update, those with a new record on the first side."""
    old = f"(SELECT id FROM {NEW})"
    some = f"r.id IN {old}" if is_update else "true"
    order = f"a.id <> b.id AND (a.id < b.id OR b.id NOT IN {old})" if is_update else "a.id < b.id"
    across = "AND a.source <> b.source" if model.sources else ""
    one, other = (keyed(model.blocks, number, "x.id, x.source", where) for where in (some, "true"))
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {FOUND}_{number} AS SELECT least(a.id, b.id) AS a, greatest(a.id, b.id) AS b "
        f"FROM {one} AS a JOIN {other} AS b ON a.key = b.key WHERE {order} {across}"
    )


def _glance(model: Model, graded: Sequence[Floats]) -> str:
    """SQL: whether codes alone let a pair matter."""
    least = float(np.log2(LEAST / (1 - LEAST))) - model.weights.log_odds
    least = min(least, least - model.calibration.shift)
    parts = [_at_most(model.fields, i, graded[i]) for i in range(len(model.fields))]
    return f"{' + '.join(parts)} >= {least}"


def _at_most(fields: Sequence[Field], number: int, graded: Floats) -> str:
    """SQL of what one field can weigh at most: its value by code, a grade that is a part by that part's code."""
    other = partner(fields, number)
    parts = [name for name, _ in KINDS[fields[number].kind].parts]
    cases, rest = [], []
    for level, name in enumerate(level_names(fields[number], crossed=other is not None), start=1):
        worth = float(graded[level])
        if name == "swapped":
            cases.append((worth, f"a.c{number} = b.c{other} OR b.c{number} = a.c{other}"))
        elif name in parts:
            column = part_column(number, parts.index(name))
            cases.append((worth, f"a.{column} = b.{column}"))
        elif name not in ("different", "equal"):
            rest.append(worth)
    looser = [part_column(number, part) for part in range(1, len(parts))]
    if rest:
        cases.append(
            (max(rest) - DOUBT, " OR ".join(f"a.{column} = b.{column}" for column in looser) if looser else "true")
        )
    tried = " ".join(f"WHEN {holds} THEN {worth}" for worth, holds in sorted(cases, reverse=True))
    return numbered(
        f"(CASE WHEN a.c_ = b.c_ THEN a.e_ WHEN a.c_ <> b.c_ "
        f"THEN (CASE {tried} ELSE {float(graded[1])} END) ELSE 0 END)",
        number,
    )


def _columns(fields: Sequence[Field]) -> str:
    columns = ["x.id", "x.source"]
    for number, field in enumerate(fields):
        columns += [f"x.c{number}", f"x.e{number}"]
        columns += [f"x.{part_column(number, part)}" for part in range(1, len(KINDS[field.kind].parts))]
    return ", ".join(columns)


def _names(model: Model, masks: NDArray[np.int64]) -> list[str]:
    rules = model.blocks.rules
    return [" · ".join(rule.name for number, rule in enumerate(rules) if int(mask) >> number & 1) for mask in masks]


def _tell_rules(tables: Tables, model: Model, into: str) -> None:
    """How many pairs, and how many expected matches, each two rules found both."""
    found = tables.columns(
        # in billionths: sums of whole numbers do not depend on the order in which threads add
        "SELECT rules, CAST(count(*) AS DOUBLE) AS pairs, "
        f"CAST(sum(CAST(round(probability * 1e9) AS BIGINT)) AS DOUBLE) / 1e9 "
        f"AS matches FROM {into} GROUP BY rules ORDER BY rules"
    )
    count = len(model.blocks.rules)
    bits = (found["rules"].astype(np.int64)[:, None] >> np.arange(count) & 1).astype(np.float64)
    pairs, matches = ((bits * found[name].astype(np.float64)[:, None]).T @ bits for name in ("pairs", "matches"))
    names = np.array([rule.name for rule in model.blocks.rules], dtype=object)
    one, other = np.triu_indices(count)
    columns = {"rule_a": names[one], "rule_b": names[other], "pairs": pairs[one, other], "matches": matches[one, other]}
    tables.register("linkage_told", pa.table(columns))
    tables.execute(f"CREATE OR REPLACE TABLE {into}_found AS SELECT * FROM linkage_told ORDER BY rule_a, rule_b")
    tables.forget("linkage_told")
