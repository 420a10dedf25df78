"""What the SQL behind a figure reads: models, the exports' own tables and the settings written as tables."""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from goodwill.verdicts import Evidence
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage
from goodwill.warehouse.lineage import Model


@cache
def read_by(evidence: Evidence) -> tuple[str, ...]:
    """The tables and models that a figure's own query names, its model first; by name where there are several.

    Examples
    --------
    >>> read_by(Evidence("deals", "SELECT d.id FROM deals AS d JOIN deal_history AS h ON h.id = d.id"))
    ('deals', 'deal_history')
    """
    try:
        parsed = sqlglot.parse_one(evidence.rows, read=lineage.DIALECT)
    except SqlglotError:
        return (evidence.model,)
    steps = {step.alias for step in parsed.find_all(exp.CTE)}
    named = {table.name for table in parsed.find_all(exp.Table)} - steps
    known = named & (lineage.models().keys() | TABLES.keys() | lineage.PROVIDED.keys())
    return tuple(sorted(known, key=lambda name: (name != evidence.model, name)))


@cache
def models_behind(evidence: Evidence) -> tuple[Model, ...]:
    """Every model on the way from the exports' tables to a figure, in the order in which they are built."""
    wanted = {m.name for name in (evidence.model, *read_by(evidence)) for m in lineage.upstream(name)}
    return tuple(m for name, m in lineage.models().items() if name in wanted)


@cache
def tables_behind(evidence: Evidence) -> frozenset[str]:
    """Every table that a figure or a model behind it reads and that is no model."""
    read = {evidence.model, *read_by(evidence)}.union(*(m.reads for m in models_behind(evidence)))
    return frozenset(read - lineage.models().keys())


@cache
def canonical_tables(evidence: Evidence) -> frozenset[str]:
    """The canonical tables whose rows a figure's rows may be: those that its columns of places come from.

    Examples
    --------
    >>> sorted(canonical_tables(Evidence("cost_lines", "SELECT * FROM cost_lines")))
    ['effort', 'spend']
    """
    from goodwill.claims.columns import columns

    places = [c for c in columns(evidence) if c.name in ("source_file", "source_row")]
    found = {origin.partition(".")[0] for c in places for origin in c.made_from}
    return frozenset(found) or tables_behind(evidence) & TABLES.keys()
