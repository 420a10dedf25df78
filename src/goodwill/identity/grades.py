"""What each field of two records says for one person: its grade, and its share of the pair's weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from goodwill.identity import fellegi_sunter
from goodwill.identity.fields import level_names
from goodwill.identity.match import Model
from goodwill.identity.pairs import companies, people
from goodwill.identity.patterns import Patterns, is_crossed, level_columns, patterns_of
from goodwill.identity.prepared import ROWS, classify, prepare
from goodwill.warehouse import Tables

#: The two records while they are graded.
_PAIR = "graded_pair"


def grades(tables: Tables, model: Model, records: str, record_a: str, record_b: str) -> dict[str, tuple[str, float]]:
    """For each field that both records carry, the grade of agreement and its log2 weight.

    Fields are not independent, so that no field has a weight of its own: one counts for what it adds to those before
    it, in the order of the model. The weights add up to the weight of the pair.

    Parameters
    ----------
    tables : Tables
    model : Model
        As it was learned.
    records : str
        A table with the column ``record`` and the fields of the model.
    record_a, record_b : str

    Returns
    -------
    dict of str to (str, float)
        Empty where one of the records is not there.
    """
    more = f", {model.sources}" if model.sources else ""
    names = ", ".join(f'"{field.name}"' for field in model.fields)
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {_PAIR} AS SELECT record, {names}{more} FROM {records} WHERE record IN ($a, $b)",
        a=record_a,
        b=record_b,
    )
    prepare(tables, _PAIR, model.fields, sources=model.sources)
    classify(tables, model.frequencies)
    found = tables.columns(
        f"SELECT {level_columns(model.fields)} FROM {ROWS} AS a JOIN {ROWS} AS b ON a.record = $a AND b.record = $b",
        a=record_a,
        b=record_b,
    )
    for name in (ROWS, _PAIR):
        tables.execute(f"DROP TABLE {name}")
    raw = np.stack([found[f"l{number}"].astype(np.int64) for number in range(len(model.fields))], axis=1)
    return _told(model, patterns_of(model.fields, raw, np.ones(len(raw)))) if len(raw) else {}


@dataclass(frozen=True)
class Both:
    """What was compared of two nodes: the records that stand for them, their fields, and the grades; or nothing."""

    records: tuple[str, str]
    values: tuple[Mapping[str, Any], Mapping[str, Any]]
    grades: Mapping[str, tuple[str, float]]


def of_nodes(tables: Tables, kind: str, node_a: str, node_b: str) -> Both | None:
    """What was compared of two nodes; None where no model was learnt or one of them carries nothing to compare.

    Exact keys join records before any are compared: what stands for a node may be another of the same person.
    """
    if not _is_there(tables, "match_models"):
        return None
    models = tables.rows("SELECT model FROM match_models WHERE kind = $kind AND model IS NOT NULL", kind=kind)
    if not models:
        return None
    some = f"(SELECT * FROM {kind}_records WHERE exact IN (SELECT exact FROM {kind}_records WHERE node IN ($a, $b)))"
    rows = {"person": people, "account": companies}[kind](some)
    tables.execute(f"CREATE OR REPLACE TEMP TABLE both_nodes AS {rows}", a=node_a, b=node_b)
    found = {
        row["node"]: row
        for row in tables.rows(
            f"SELECT n.node, c.* FROM {kind}_records AS n JOIN {kind}_records AS s ON s.exact = n.exact "
            "JOIN both_nodes AS c ON c.record = s.node WHERE n.node IN ($a, $b)", a=node_a, b=node_b,
        )
    }  # fmt: skip
    if len(found) < 2:
        return None
    a, b = found[node_a], found[node_b]
    graded = grades(tables, Model.from_json(models[0]["model"]), "both_nodes", a["record"], b["record"])
    tables.execute("DROP TABLE both_nodes")
    return Both((a["record"], b["record"]), (a, b), graded)


def _is_there(tables: Tables, name: str) -> bool:
    return bool(tables.rows("SELECT 1 AS yes FROM information_schema.tables WHERE table_name = $name", name=name))


def _told(model: Model, pattern: Patterns) -> dict[str, tuple[str, float]]:
    """Grades by their names, and what each field adds to those before it."""
    fields, levels = model.fields, pattern.levels[0]
    known = np.tri(len(fields) + 1, len(fields), -1, dtype=np.int64)  # row i: only the first i fields are there
    steps = Patterns(known * pattern.levels, known * pattern.classes, np.ones(len(known)))
    added = np.diff(fellegi_sunter.weight(model.weights, steps))
    named = [level_names(field, crossed=is_crossed(fields, number)) for number, field in enumerate(fields)]
    return {
        field.name: (named[number][levels[number] - 1], float(added[number]))
        for number, field in enumerate(fields)
        if levels[number] > 0
    }
