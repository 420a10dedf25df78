"""DuckDB inside the workspace: the default engine, one file, nothing to install or to run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.errors import EngineError, GoodwillError, WorkspaceBusy
from goodwill.exports import literal
from goodwill.registry import Engine

#: Leaves room for Python and the statistics on a laptop; DuckDB spills to disk beyond it.
MEMORY = "2GB"


class DuckDBTables:
    """One connection to one database file; satisfies ``warehouse.Tables``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def columns(self, sql: str, /, **parameters: Any) -> dict[str, NDArray[Any]]:
        """All rows as one array per column; absent text is None, absent numbers are NaN, times are datetime64."""
        table = self._arrow(sql, parameters)
        return {name: _array(table.column(name)) for name in table.column_names}

    def rows(self, sql: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """All rows as one mapping per row."""
        found: list[dict[str, Any]] = self._arrow(sql, parameters).to_pylist()
        return found

    def register(self, name: str, table: Any) -> None:
        """Make an Arrow table readable under a name."""
        self._connection.register(name, table)

    def forget(self, name: str) -> None:
        """Undo ``register``."""
        self._connection.unregister(name)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _arrow(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        # a partly read result blocks a DuckDB connection: always fetch all of it
        used = _used(sql, parameters)
        try:
            return self._connection.sql(sql, params=used or None).to_arrow_table()
        except _READING as error:
            raise _told(error) from error

    def execute(self, sql: str, /, **parameters: Any) -> None:
        """Run a statement that returns nothing."""
        try:
            self._connection.execute(sql, _used(sql, parameters) or None)
        except _READING as error:
            raise _told(error) from error


#: What DuckDB raises when a file or the disk is at fault; all else is a fault of ours and goes up as it is.
_READING = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InvalidInputException, duckdb.ConversionException)


def _used(sql: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that this statement names; DuckDB refuses any other."""
    return {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", sql)}


def _told(error: duckdb.Error) -> GoodwillError:
    """An engine's error as a person can act on it."""
    first = str(error).splitlines()[0]
    if re.search(r"no space|disk|could not write|out of memory|quota", first, re.IGNORECASE):
        return GoodwillError(
            f"the disk or memory is full: {first}",
            where="the workspace",
            remedy="Free some space and run again; nothing that was there before has been changed.",
        )
    return EngineError(
        f"the engine could not read this: {first}",
        remedy="Open the file, look at the place named, and export it again if it is damaged.",
    )


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    kind = column.type
    if pa.types.is_temporal(kind):
        return column.cast(pa.timestamp("us")).to_numpy()
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64()).to_numpy()
    if pa.types.is_boolean(kind) and column.null_count == 0:
        return column.to_numpy().astype(np.int64)
    return column.to_numpy()


def open_file(
    path: Path | None, *, read_only: bool = False, scratch: Path | None = None, root: Path | None = None
) -> DuckDBTables:
    """Open a database file, or one in memory where ``path`` is None; views read files relative to ``root``.

    Raises
    ------
    WorkspaceBusy
        Another process holds the file.
    GoodwillError
        The file is not a database (half written, or of another version).
    """
    settings = {"memory_limit": MEMORY, "preserve_insertion_order": "true"}
    try:
        connection = duckdb.connect(str(path) if path else ":memory:", read_only=read_only, config=settings)
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise WorkspaceBusy(
                "another program has the warehouse open",
                where=str(path),
                remedy="Wait until the other run has ended, then try again.",
            ) from None
        raise GoodwillError(
            "the warehouse cannot be opened: " + str(error).splitlines()[0],
            where=str(path),
            remedy="It is only a cache: delete it and run again; exports and settings are not touched.",
        ) from None
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # DuckDB's own bar goes to stdout, which is for data
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    for setting, folder in (("temp_directory", scratch), ("file_search_path", root)):
        if folder is not None:
            connection.execute(f"SET {setting} = {literal(str(folder))}")
    return DuckDBTables(connection)


ENGINE = Engine(name="duckdb", title="DuckDB, one file inside the workspace", open=open_file)
