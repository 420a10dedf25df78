"""Canonical rows put straight into an engine in memory: identity, journeys and questions without any file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from goodwill import provided
from goodwill.identity import key_tables, resolving
from goodwill.registry import Terms
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.workspace import Workspace

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
TYPES = {
    "text": pa.string(), "person": pa.string(), "company": pa.string(), "integer": pa.int64(),
    "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(), "moment": pa.timestamp("us"),
}  # fmt: skip
#: The models that identity builds before it resolves.
NODES = ("account_nodes", "person_nodes")
END = dt.datetime(2025, 1, 1)


def at(text: str) -> dt.datetime:
    """A moment as ISO 8601 writes it."""
    return dt.datetime.fromisoformat(text)


def engine(rows: Rows, workspace: Workspace | None = None) -> DuckDBTables:
    """An engine with every canonical table, empty but for the rows given; settings are provided."""
    tables = open_file(None)
    for name, table in TABLES.items():
        given = rows.get(name, ())
        unknown = {k for row in given for k in row} - {c.name for c in table.columns} - {"source_file", "source_row"}
        assert not unknown, f"{name} has no {unknown}"
        said = [{"source_file": f"{name}.csv", "source_row": 2 + i} | dict(row) for i, row in enumerate(given)]
        types = {c.name: TYPES[c.type] for c in table.columns} | {"source_file": pa.string(), "source_row": pa.int64()}
        arrays = [pa.array([row.get(column) for row in said], kind) for column, kind in types.items()]
        tables.register("given", pa.table(arrays, names=list(types)))
        tables.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        tables.forget("given")
    types = ", ".join(f"{n} {t}" for n, t in lineage.PROVIDED["refused"].items())
    tables.execute(f"CREATE TABLE refused ({types})")
    provided.provide(tables, workspace or Workspace(Path()))
    key_tables.fill(tables)
    return tables


def resolved(rows: Rows, workspace: Workspace | None = None) -> DuckDBTables:
    """The engine with nodes joined into people and companies, and what follows from that alone."""
    tables = engine(rows, workspace)
    for name in NODES:
        for model in lineage.upstream(name):
            tables.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}")
    resolving.resolve(tables)
    return tables


def traced(rows: Rows, workspace: Workspace | None = None, end: dt.datetime = END) -> DuckDBTables:
    """The engine with every model built up to ``end``."""
    tables = resolved(rows, workspace)
    terms = Terms(workspace or Workspace(Path()), end, 0)
    for model in lineage.models().values():
        if model.name not in NODES:
            tables.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}", **terms.parameters)
    return tables


def built(rows: Rows, model: str, workspace: Workspace | None = None, end: dt.datetime = END) -> list[dict[str, Any]]:
    """The rows of one model, in its own order."""
    return traced(rows, workspace, end).rows(f"SELECT * FROM {model}")


def groups(rows: Rows, table: str = "resolved", name: str = "person", workspace: Workspace | None = None) -> set[str]:
    """Who was joined with whom: the nodes of each person (or company), sorted and parted by blanks."""
    query = f"SELECT string_agg(node, ' ' ORDER BY node) AS nodes FROM {table} GROUP BY {name}"
    return {row["nodes"] for row in resolved(rows, workspace).rows(query)}
