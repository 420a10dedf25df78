"""DuckDB inside the workspace: the default engine, one file, nothing to install or to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.errors import EngineError, GoodwillError, NoRoom, WorkspaceBusy
from goodwill.exports import literal
from goodwill.registry import Engine

#: Leaves room for Python and the statistics on a laptop; DuckDB spills to disk beyond it.
MEMORY = "2GB"
#: The variable that holds the workspace's place, with a slash at its end. DuckDB's own ``file_search_path`` is a list
#: with commas between, and folders may have commas in their names.
ROOT = "root"


class DuckDBTables:
    """One connection to one database file; satisfies ``warehouse.Tables``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def columns(self, sql: str, /, **parameters: Any) -> dict[str, NDArray[Any]]:
        """All rows as one array per column; absent text is None, absent numbers are NaN, times are datetime64."""
        table = self.arrow(sql, **parameters)
        return {name: _array(table.column(name)) for name in table.column_names}

    def rows(self, sql: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """All rows as one mapping per row."""
        found: list[dict[str, Any]] = self.arrow(sql, **parameters).to_pylist()
        return found

    def register(self, name: str, table: Any) -> None:
        """Make an Arrow table readable under a name."""
        self._connection.register(name, table)

    def forget(self, name: str) -> None:
        """Undo ``register``."""
        self._connection.unregister(name)

    def another(self) -> DuckDBTables:
        """A second connection to the same file, for another thread; it is closed by itself."""
        second = self._connection.cursor()
        root = self._connection.execute(f"SELECT getvariable('{ROOT}')").fetchall()[0][0]
        _settle(second, root)
        return DuckDBTables(second)

    def interrupt(self) -> None:
        """Break off what another thread is asking; it raises there."""
        self._connection.interrupt()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def arrow(self, sql: str, /, **parameters: Any) -> pa.Table:
        """All rows as an Arrow table."""
        # a partly read result blocks a DuckDB connection: always fetch all of it
        used = _used(sql, parameters)
        with _told():
            return self._connection.sql(sql, params=used or None).to_arrow_table()

    def execute(self, sql: str, /, **parameters: Any) -> None:
        """Run a statement that returns nothing."""
        with _told():
            self._connection.execute(sql, _used(sql, parameters) or None)


#: What DuckDB raises when a file, a value or the disk is at fault, also late, while it copies; all else is a fault of
#: ours and goes up as it is. Damaged blocks, and texts that several threads cannot share, come as the bare ``Error``.
_READING = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
)
#: How DuckDB tells that nothing more can be written.
_FULL = re.compile(r"No space left on device|File too large|Disk quota exceeded|failed to offload", re.IGNORECASE)


def _used(sql: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that this statement names; DuckDB refuses any other."""
    return {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", sql)}


@contextmanager
def _told() -> Iterator[None]:
    """An engine's error as a person can act on it."""
    try:
        yield
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        full = _FULL.search(str(error))
        if full or isinstance(error, duckdb.OutOfMemoryException):
            raise NoRoom(full.group().lower() if full else first) from error
        if not isinstance(error, _READING) and type(error) is not duckdb.Error:
            raise
        remedy = "Open the file, look at the place named, and export it again if it is damaged."
        raise EngineError(f"the engine could not read this: {first}", remedy=remedy) from error


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    kind = column.type
    if pa.types.is_temporal(kind):
        column = column.cast(pa.timestamp("us"))
    elif pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    found: NDArray[Any] = column.to_numpy()
    is_truth = pa.types.is_boolean(kind) and column.null_count == 0
    return found.astype(np.int64) if is_truth else found


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
    place = str(path) if path else ":memory:"
    try:
        connection = duckdb.connect(place, read_only=read_only, config={"memory_limit": MEMORY})
    except duckdb.Error as error:
        if full := _FULL.search(str(error)):
            raise NoRoom(full.group().lower()) from None
        if "set lock on file" in str(error):
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
    if scratch is not None:
        connection.execute(f"SET temp_directory = {literal(str(scratch))}")
    _settle(connection, plain(root) + "/" if root is not None else None)
    return DuckDBTables(connection)


def _settle(connection: duckdb.DuckDBPyConnection, root: str | None) -> None:
    """What every connection is told, a second one to the same file too."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = true")  # a row's place is its number
    connection.execute("SET enable_progress_bar = false")  # DuckDB's own bar goes to stdout, which is for data
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    if root is not None:
        connection.execute(f"SET VARIABLE {ROOT} = {literal(root)}")


def plain(path: Path) -> str:
    """A path in which DuckDB sees no pattern.

    Examples
    --------
    >>> plain(Path("what [1]?/x.parquet"))
    'what [[]1][?]/x.parquet'
    """
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))


ENGINE = Engine(name="duckdb", title="DuckDB, one file inside the workspace", open=open_file)
