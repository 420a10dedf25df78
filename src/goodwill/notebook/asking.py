"""Queries on the warehouse of the last run: read, never written."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from goodwill.errors import GoodwillError, nearest
from goodwill.exports import quoted
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace


def asked(workspace: Workspace, query: str, **parameters: Any) -> pa.Table:
    """What a SELECT finds in the warehouse of the last run; ``$name`` in it stands for a parameter.

    Raises
    ------
    GoodwillError
        It is no single SELECT, it names something that is not there, or there was no run yet.
    """
    _check(query)
    if not workspace.warehouse.exists():
        raise GoodwillError(
            "there are no tables yet",
            where=str(workspace.warehouse),
            remedy=f"Make them with: goodwill run {workspace.root}",
        )
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    try:
        return tables.arrow(query, **parameters)
    except duckdb.Error as error:
        raise _refused(query, error) from None
    finally:
        tables.close()


def whole(workspace: Workspace, name: str) -> pa.Table:
    """All rows of a table.

    Raises
    ------
    GoodwillError
        There is no such table; with the nearest.
    """
    known = asked(workspace, "SELECT table_name AS name FROM information_schema.tables ORDER BY name")
    names = known.column("name").to_pylist()
    if name not in names:
        close = nearest(name, names)
        remedy = f"Did you mean {close}?" if close else f"Tables: {', '.join(names)}."
        raise GoodwillError(f'there is no table "{name}"', remedy=remedy)
    return asked(workspace, f"SELECT * FROM {quoted(name)}")


def _check(query: str) -> None:
    """Is it one question, and no order?"""
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise _refused(query, error) from None
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise GoodwillError(
            "only one SELECT can be asked at a time: the warehouse is read, never written",
            where=query,
            remedy="To keep what you find, write the table that you get to a file of your own.",
        )


def _refused(query: str, error: duckdb.Error) -> GoodwillError:
    said = str(error).splitlines()[0]
    return GoodwillError(
        f"the query cannot be answered: {said}",
        where=query,
        remedy="The tables and their columns are explained by: goodwill glossary TABLE.",
    )
