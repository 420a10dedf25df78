"""The rows behind a figure, page by page, each with the file, the row and the line it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.claims.hiding import hidden
from goodwill.claims.inputs import inputs_of, sheets_of
from goodwill.claims.source_lines import line
from goodwill.claims.tables_read import canonical_tables
from goodwill.errors import ExportError
from goodwill.verdicts import Evidence
from goodwill.warehouse import Tables
from goodwill.workspace import Workspace

#: Most rows of one page: a browser shows no more at once.
MOST_ROWS = 1_000


@dataclass(frozen=True)
class RowPage:
    """Some of the rows behind a figure.

    ``total`` is how many there are; these begin after ``offset``. Columns that are empty in all of these rows are left
    out. Where rows name a file they end with ``source_line`` (None if it cannot be told), and with ``source_sheet``
    where the file has sheets and it is clear which.
    """

    rows: tuple[dict[str, Any], ...]
    columns: tuple[str, ...]
    total: int
    offset: int


def rows_behind(
    tables: Tables,
    workspace: Workspace,
    evidence: Evidence,
    *,
    offset: int = 0,
    limit: int = 50,
    is_masked: bool = True,
) -> RowPage:
    """A page of the rows behind a figure, in the order the figure's own query gives them.

    Parameters
    ----------
    tables : engine
        The workspace's warehouse, opened for reading.
    workspace : Workspace
    evidence : Evidence
    offset, limit : int, optional
        Which rows; at most a thousand at once.
    is_masked : bool, optional
        Names, addresses, handles and free texts are made unreadable.

    Raises
    ------
    EngineError
        The tables cannot be read.
    """
    offset, limit = max(offset, 0), min(max(limit, 0), MOST_ROWS)
    total = int(tables.rows(f"SELECT count(*) AS n FROM ({evidence.rows})")[0]["n"])
    found = tables.rows(f"SELECT * FROM ({evidence.rows}) LIMIT {limit} OFFSET {offset}")
    filled = [name for name in (found[0] if found else ()) if any(row[name] is not None for row in found)]
    rows = [{name: row[name] for name in filled} for row in found]
    shown = hidden(rows, evidence) if is_masked else rows
    placed = tuple(row | place for row, place in zip(shown, _places(workspace, evidence, rows), strict=True))
    return RowPage(placed, tuple(placed[0]) if placed else (), total, offset)


def _places(workspace: Workspace, evidence: Evidence, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sheet and line of each row; nothing where the rows name no file."""
    if not rows or "source_row" not in rows[0] or "source_file" not in rows[0]:
        return [{} for _ in rows]
    read = canonical_tables(evidence)
    given = inputs_of(workspace)
    sheets = {file: sheets_of(given[file], read) if file in given else ("",) for file in _files(rows)}
    has_sheets = any(found != ("",) for found in sheets.values())
    places = []
    for row in rows:
        named = sheets[row["source_file"]]
        sheet = named[0] if len(named) == 1 else None
        about: dict[str, Any] = {"source_sheet": sheet or None} if has_sheets else {}
        places.append(about | {"source_line": _line(workspace, row["source_file"], row["source_row"], sheet)})
    return places


def _files(rows: list[dict[str, Any]]) -> set[str]:
    return {row["source_file"] for row in rows}


def _line(workspace: Workspace, file: str | None, row: int | None, sheet: str | None) -> int | None:
    """The line of a row; None where the file has gone, cannot be read, or may be meant in several of its sheets."""
    if file is None or row is None:
        return None
    path: Path = workspace.exports / file
    try:
        return line(path, int(row), sheet or "")
    except (OSError, ExportError):
        return None
