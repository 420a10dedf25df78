"""From scored pairs to the patterns in which fields agree, and from these to the share of true pairs that was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.identity.completeness import (
    AGREES,
    DIFFERS,
    Bools,
    Completeness,
    Floats,
    Found,
    absent_in_pairs,
    estimate,
    patterns,
)  # fmt: skip
from goodwill.identity.fields import KINDS
from goodwill.warehouse import Tables

if TYPE_CHECKING:
    from goodwill.identity.match import Model

#: Fields whose patterns are told apart, at most: 3 to the power of 7 patterns of 2 to the power of 7 cells.
MOST_FIELDS = 7
#: Patterns in which a pair is at least so likely true count as found for certain; below, chance agreements rule.
RECOGNISED = 0.5
#: A field that is absent in more pairs than this cannot be learned from.
TOO_ABSENT = 0.98


def of_pairs(tables: Tables, model: Model, records: str, pairs: str = "scored_pairs") -> Completeness:
    """Which share of the true pairs is among those that ``score`` found.

    Parameters
    ----------
    tables : Tables
    model : Model
        What found and scored them.
    records, pairs : str
        The tables that ``score`` read and filled.

    Raises
    ------
    CannotTell
        As ``estimate``.
    """
    columns = ", ".join(f"{KINDS[f.kind].clean.format(x=_quoted(f.name))} AS f{i}" for i, f in enumerate(model.fields))
    tables.execute(f"CREATE OR REPLACE TEMP TABLE completeness_records AS SELECT record, {columns} FROM {records}")
    chosen = _telling(tables, model)
    absent, expected = _absent(tables, chosen), _expected(tables, chosen, pairs)
    tables.execute("DROP TABLE completeness_records")
    return estimate(Found(expected, _sure(model, chosen), absent_in_pairs(absent)))


def _absent(tables: Tables, chosen: list[int]) -> Floats:
    """The share of records that lack each set of fields; the first field is the highest bit."""
    lacks = " + ".join(
        f"CAST(f{field} IS NULL AS INT) * {1 << (len(chosen) - 1 - place)}" for place, field in enumerate(chosen)
    )
    counted = tables.columns(
        f"SELECT {lacks} AS lacks, count(*) AS n FROM completeness_records GROUP BY lacks ORDER BY lacks"
    )
    shares = np.zeros(2 ** len(chosen))
    shares[counted["lacks"].astype(np.int64)] = counted["n"] / max(counted["n"].sum(), 1)
    return shares


def _expected(tables: Tables, chosen: list[int], pairs: str) -> Floats:
    """How many true pairs are expected among those found with each pattern; the first field is the highest digit."""
    code = " + ".join(
        f"(CASE WHEN a.f{field} IS NULL OR b.f{field} IS NULL THEN 0 WHEN a.f{field} = b.f{field} THEN 2 ELSE 1 END)"
        f" * {3 ** (len(chosen) - 1 - place)}"
        for place, field in enumerate(chosen)
    )
    counted = tables.columns(
        f"SELECT {code} AS code, sum(p.probability) AS expected FROM {pairs} AS p "
        "JOIN completeness_records AS a ON a.record = p.record_a "
        "JOIN completeness_records AS b ON b.record = p.record_b GROUP BY code ORDER BY code"
    )
    expected = np.zeros(3 ** len(chosen))
    expected[counted["code"].astype(np.int64)] = counted["expected"]
    return expected


def _telling(tables: Tables, model: Model) -> list[int]:
    """The fields to tell apart: those that rules look for most often, among those that are there."""
    parts = ", ".join(f"count(f{i}) / greatest(count(*), 1) AS f{i}" for i in range(len(model.fields)))
    there = tables.rows(f"SELECT {parts} FROM completeness_records")[0]
    asked = [
        sum(any(field == i for field, _ in rule.parts) for rule in model.blocks.rules) for i in range(len(model.fields))
    ]
    order = sorted(range(len(model.fields)), key=lambda i: (-asked[i] * there[f"f{i}"] ** 2, i))
    return sorted(i for i in order[:MOST_FIELDS] if 1 - there[f"f{i}"] ** 2 < TOO_ABSENT)


def _sure(model: Model, chosen: list[int]) -> Bools:
    """Patterns that some rule must find and that score as true: equal values share all their parts.

    A rule that had to refine frequent keys finds all pairs only if the further fields agree, too.
    """
    seen = patterns(len(chosen))
    place = {field: number for number, field in enumerate(chosen)}
    is_found = np.zeros(len(seen), dtype=bool)
    for rule, refined in zip(model.blocks.rules, model.blocks.refined, strict=True):
        wanted = {field for field, _ in (*rule.parts, *(rule.finer if refined else ()))}
        if wanted <= set(chosen):
            is_found |= (seen[:, [place[field] for field in sorted(wanted)]] == AGREES).all(axis=1)
    weight = np.full(len(seen), model.weights.log_odds)
    for number, field in enumerate(chosen):
        worth = np.log2(model.weights.m[field] / model.weights.u[field])
        weight += np.select([seen[:, number] == AGREES, seen[:, number] == DIFFERS], [worth[-1], worth[0]], 0.0)
    return np.asarray(is_found & (weight >= np.log2(RECOGNISED / (1 - RECOGNISED))))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
