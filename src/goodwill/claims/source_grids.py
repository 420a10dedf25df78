"""Rows of exports that are no text: workbooks and Parquet, sheet by sheet, as the loader reads them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from goodwill.exports import Sheet
from goodwill.sources.headers import REFUSED
from goodwill.sources.opening import open_export

#: Workbooks are held whole; two are enough to go to and fro.
WORKBOOKS = 2

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Some rows of one sheet: its name, its header, and the cells of each row by its number in the file."""

    sheet: str
    header: Cells
    rows: dict[int, Cells]


def grid_of(path: Path, first: int, last: int, *, name: str, sheet: str = "") -> Grid | None:
    """The rows ``first`` to ``last`` (counted as the workbook shows them) of a sheet.

    Parameters
    ----------
    path : Path
    first, last : int
        Rows above the table (titles, header) and below it are left out.
    name : str
        The export's name, for messages.
    sheet : str, optional
        Which sheet; else the only or the first one.

    Returns
    -------
    Grid or None
        None where there is no such sheet.

    Raises
    ------
    ExportError
        The file cannot be read.
    """
    about = path.stat()
    found = _sheets(path, name, about.st_size, about.st_mtime_ns)
    chosen = next((s for s in found if s.name == sheet), None if sheet else next(iter(found), None))
    if chosen is None:
        return None
    begin = max(first - chosen.first_row, 0)
    table = _part(path, chosen, begin, max(last - chosen.first_row + 1 - begin, 0))
    cells = [table.column(i).to_pylist() for i in range(len(chosen.header))]
    rows = {
        chosen.first_row + begin + i: tuple("" if cell is None else str(cell) for cell in row)
        for i, row in enumerate(zip(*cells, strict=True))
    }
    return Grid(chosen.name, chosen.header, rows)


@lru_cache(maxsize=WORKBOOKS)
def _sheets(path: Path, name: str, _size: int, _modified_ns: int) -> tuple[Sheet, ...]:
    with tempfile.TemporaryDirectory(prefix="goodwill-") as folder:
        return open_export(path, name=name, scratch=Path(folder)).sheets


def _part(path: Path, sheet: Sheet, begin: int, rows: int) -> pa.Table:
    """Some rows of a sheet that is held in memory, or that the engine reads in place."""
    if sheet.rows is not None:
        return sheet.rows.slice(begin, rows).drop_columns([REFUSED])
    with tempfile.TemporaryDirectory(prefix="goodwill-") as folder, duckdb.connect() as engine:
        # opened again: the place it is read from may have been a link in a folder that has gone
        found = open_export(path, name=sheet.file, scratch=Path(folder)).sheets
        relation = next(s.relation for s in found if s.name == sheet.name)
        return engine.sql(f"SELECT * FROM {relation} LIMIT {rows} OFFSET {begin}").to_arrow_table()
