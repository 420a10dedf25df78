"""Decisions made in a spreadsheet: a table with node_a, node_b, verdict and reason, as ``review --queue`` writes it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.errors import GoodwillError, Place, nearest
from goodwill.exports import Sheet, folded
from goodwill.identity.decision_lines import VERDICTS
from goodwill.identity.decisions import Said
from goodwill.identity.merge_paths import known_node
from goodwill.sources.opening import line_of, open_export
from goodwill.warehouse import Tables
from goodwill.warehouse.projection import ROW_REFUSED, readable

#: What a sheet of decisions must have.
COLUMNS = ("node_a", "node_b", "verdict", "reason")
#: Other ways to write a verdict, as the keys and the options have it.
SPELT = {"s": "same", "d": "different", "n": "unsure", "not sure": "unsure", "not-sure": "unsure", "not_sure": "unsure"}
#: So many wrong lines are named; more would scroll the first away.
MOST_NAMED = 20


@dataclass(frozen=True)
class Row:
    """One row of the sheet: its line in the file, and its cells by the names in ``COLUMNS``."""

    line: int
    cells: dict[str, str]


def decisions_in(path: Path, tables: Tables) -> tuple[list[Said], int]:
    """The decisions of a file, and how many rows hold none because their verdict is empty.

    Raises
    ------
    GoodwillError
        The file cannot be read, lacks a column, or has wrong rows; all of them are named, by line.
    """
    rows = _rows(path)
    faults: list[str] = []
    said: list[Said] = []
    for row in rows:
        if not row.cells["verdict"]:
            continue
        try:
            said.append(_said(row, tables))
        except GoodwillError as error:
            remedy = f" {error.remedy}" if error.remedy else ""
            faults.append(f"line {row.line}: {error.problem}.{remedy}")
    if faults:
        raise _wrong(path, faults)
    return said, len(rows) - len(said)


def _wrong(path: Path, faults: Sequence[str]) -> GoodwillError:
    more = [f"and {len(faults) - MOST_NAMED:,} more"] if len(faults) > MOST_NAMED else []
    told = "\n    ".join([*faults[:MOST_NAMED], *more])
    n = "a line is" if len(faults) == 1 else f"{len(faults):,} lines are"
    remedy = "Correct the file and read it again; nothing was written."
    return GoodwillError(f"{n} wrong:\n    {told}", where=str(path), remedy=remedy)


def _said(row: Row, tables: Tables) -> Said:
    verdict = folded(row.cells["verdict"])
    verdict = SPELT.get(verdict, verdict)
    if verdict not in VERDICTS:
        close = nearest(verdict, VERDICTS)
        remedy = f"Did you mean {close}?" if close else f"Write one of: {', '.join(VERDICTS)}."
        raise GoodwillError(f'"{row.cells["verdict"]}" is no verdict', remedy=remedy)
    if not row.cells["reason"]:
        raise GoodwillError("there is no reason", remedy="Say why, in a few words.")
    nodes = [known_node(tables, row.cells[name].removeprefix("'")) for name in ("node_a", "node_b")]
    return Said(nodes[0], nodes[1], verdict, row.cells["reason"])


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        raise GoodwillError("there is no such file", where=str(path), remedy="Name a CSV file or a workbook.")
    with tempfile.TemporaryDirectory(prefix="goodwill-") as scratch:
        export = open_export(path, name=path.name, scratch=Path(scratch))
        sheet = next((s for s in export.sheets if s.has(*COLUMNS)), None)
        if sheet is None:
            lacking = [name for name in COLUMNS if not export.sheets[0].has(name)]
            raise GoodwillError(
                f"the column {' and the column '.join(lacking)} is missing" if len(lacking) == 1
                else f"columns are missing: {', '.join(lacking)}",
                where=Place(path.name, 1),
                remedy="Begin with the file that goodwill review --queue --format csv writes.",
            )  # fmt: skip
        return [_row(path, sheet, number, cells) for number, cells in enumerate(_cells(sheet)) if any(cells.values())]


def _cells(sheet: Sheet) -> list[dict[str, Any]]:
    from goodwill.warehouse.duckdb_engine import open_file

    tables = open_file(None)
    try:
        with readable(tables, sheet) as read:
            return tables.rows(f"SELECT * FROM {read}")
    finally:
        tables.close()


def _row(path: Path, sheet: Sheet, number: int, cells: dict[str, Any]) -> Row:
    line = line_of(path, number + sheet.first_row, sheet=sheet.name)
    if cells.get(ROW_REFUSED):
        raise GoodwillError(str(cells[ROW_REFUSED]), where=Place(path.name, line), remedy="Correct the row.")
    spelt = {name: sheet.column(name) or "" for name in COLUMNS}
    return Row(line, {name: str(cells[column] or "").strip() for name, column in spelt.items()})
