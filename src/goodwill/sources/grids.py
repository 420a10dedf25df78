"""A grid of cells held in memory, as workbooks give it, becomes a sheet."""

from __future__ import annotations

import pyarrow as pa

from goodwill.errors import ExportError, Place
from goodwill.exports import Sheet
from goodwill.sources.headers import REFUSED, SAMPLE_ROWS, TITLE_ROWS, Cells, header_at, sampled, unique_names

#: Most cells of one sheet that are held in memory: about 3 GB of Python text, a laptop's share. Excel's own limit
#: (1,048,576 rows of 16,384 columns) is 300 times that, so that two far cells could otherwise ask for a terabyte.
MAX_CELLS = 50_000_000


def check_extent(rows: int, columns: int, *, file: str, sheet: str) -> None:
    """Refuse a sheet whose grid would not fit in memory.

    Raises
    ------
    ExportError
    """
    if rows * columns > MAX_CELLS:
        raise ExportError(
            f'The sheet "{sheet}" spans {rows:,} rows and {columns:,} columns, more than can be held in memory.',
            where=Place(file),
            remedy="Save the sheet as CSV; or delete the empty rows and columns around the table and save it again.",
        )


def grid_sheet(rows: list[list[str | None]], *, file: str, name: str) -> Sheet | None:
    """The sheet of a grid whose first row is row 1 of the file; None if there is no cell in it.

    Empty rows inside the table stay (all NULL), so that row numbers are those the workbook shows.
    """
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        return None
    width = max(len(row) for row in rows)
    for row in rows:
        row.extend([None] * (width - len(row)))
    at = header_at(rows[: TITLE_ROWS + SAMPLE_ROWS])
    header, data = rows[at], rows[at + 1 :]
    columns = list(zip(*data, strict=True)) or [()] * width
    kept = [i for i in range(width) if header[i] or any(columns[i])]
    # named by the column's place in the workbook, so that "column_7" is column G
    names = unique_names(header)
    return Sheet(
        file,
        name,
        tuple(names[i] for i in kept),
        at + 2,
        sampled([[row[i] for i in kept] for row in data[:SAMPLE_ROWS]], len(kept)),
        rows=text_table([names[i] for i in kept], [columns[i] for i in kept], len(data)),
    )


def text_table(names: list[str], columns: list[Cells], rows: int) -> pa.Table:
    """Columns of text, and the empty column of reasons that every relation ends with."""
    arrays = [_texts(column) for column in columns]
    return pa.table([*arrays, pa.nulls(rows, pa.string())], names=[*names, REFUSED])


def _texts(column: Cells) -> pa.Array:
    try:
        return pa.array(column, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, from an escape in JSON that was cut in two
        whole = [None if c is None else c.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for c in column]
        return pa.array(whole, pa.string())
