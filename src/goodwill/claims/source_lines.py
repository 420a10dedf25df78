"""The place in a file that a row was read from: its line, the lines around it, and its cells under their header."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from goodwill.claims.inputs import export_path, input_of
from goodwill.claims.line_index import Place
from goodwill.claims.source_grids import grid_of
from goodwill.claims.source_texts import WINDOW_BYTES, Text, records_of, text_of
from goodwill.errors import GoodwillError
from goodwill.sources.mending import records
from goodwill.sources.opening import content_hash
from goodwill.workspace import Workspace

#: A line or a cell is cut after so many characters; a screen shows fewer.
SHOWN_CHARACTERS = 2_000
#: Lines of one record that are shown, and most lines around it that may be asked for.
SHOWN_LINES, MOST_AROUND = 100, 50
#: Stands for a character that would steer a terminal or turn the direction of a text.
REPLACED = "\ufffd"
#: Characters that turn the direction of what follows, so that a line seems to say something else.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

CUT = f"A line is longer than {SHOWN_CHARACTERS:,} characters and was cut."
MORE = f"The record has more than {SHOWN_LINES} lines; the others are not shown."
CHANGED = "The file has changed since the answers were made: the row may stand elsewhere."


@dataclass(frozen=True)
class Excerpt:
    """Where one row stands in an export.

    ``lines`` are pairs of a number and the text on it; the record starts on line ``wanted``. In a workbook a line is a
    row, in a JSON document the record is shown on lines of its own. ``header`` and ``cells`` go together; ``cells`` is
    empty where the row cannot be split. All text is raw: whoever shows it in a page must escape it.
    """

    file: str
    sheet: str
    header: tuple[str, ...]
    cells: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]
    wanted: int
    row: int
    remarks: tuple[str, ...] = ()


def excerpt(workspace: Workspace, file: str, row: int, *, sheet: str = "", around: int = 3) -> Excerpt:
    """The record number ``row`` of an export with the lines around it, names and addresses included.

    Parameters
    ----------
    workspace : Workspace
    file : str
        An export as the manifest names it, never a path.
    row : int
        The record's number, as ``source_row`` gives it.
    sheet : str, optional
        The sheet of a workbook or the member of an archive.
    around : int, optional
        How many lines before and after.

    Raises
    ------
    GoodwillError
        No such export or row; with what to do.
    """
    path = export_path(workspace, file)
    around = min(max(around, 0), MOST_AROUND)
    text = text_of(path, sheet)
    found = _of_text(text, file, sheet, row, around) if text else _of_document(path, file, sheet, row)
    found = found or _of_grid(path, file, sheet, row, around)
    if found is None:
        raise GoodwillError(
            f"there is no row {row:,} in this file", where=file, remedy="Run again: the file may have changed."
        )
    said = {
        CUT: any(len(line) > SHOWN_CHARACTERS for _, line in found.lines),
        CHANGED: _has_changed(path, input_of(workspace, file).get("sha256")),
    }
    return replace(found, remarks=(*found.remarks, *(remark for remark, is_so in said.items() if is_so)))


def line(path: Path, row: int, sheet: str = "") -> int:
    """The line on which record ``row`` starts, as ``opening.line_of`` counts, but without reading up to it.

    Raises
    ------
    ExportError
        The file cannot be unpacked or read.
    """
    text = text_of(path, sheet)
    place = text.index.place(row) if text else None
    return place.line if place else row


def clean(text: str) -> str:
    """A text without characters that would steer a terminal, cut where it is very long.

    Examples
    --------
    >>> clean("a\\x1b[31m\\tb\\u202ec")
    'a\ufffd[31m\\tb\ufffdc'
    """
    shown = text[:SHOWN_CHARACTERS]
    kept = "".join(REPLACED if _steers(c) else c for c in shown)
    return kept + "…" if len(text) > SHOWN_CHARACTERS else kept


def _steers(character: str) -> bool:
    return character != "\t" and (character in _TURNING or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"))


def _cells(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean(" ".join(cell.splitlines()) if "\n" in cell or "\r" in cell else cell) for cell in cells)


def _of_text(text: Text, file: str, sheet: str, row: int, around: int) -> Excerpt | None:
    place = text.index.place(row)
    if place is None:
        return None
    header, cells = _split(text, place)
    lines = (*_before(text, place, around), *_from(text, place, around))
    remarks = (MORE,) if len(text.read(place.start, place.end).splitlines()) > SHOWN_LINES else ()
    return Excerpt(file, sheet, _cells(header), _cells(cells), lines, place.line, row, remarks)


def _split(text: Text, place: Place) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Header and cells of one record; of a line of JSON its keys and values."""
    whole = text.record(place)
    if text.index.delimiter is None:
        try:
            record = json.loads(whole)
        except (ValueError, RecursionError):
            return (), ()
        return _told(record) if isinstance(record, dict) else ((), ())
    found = next((r for r in records(io.StringIO(whole, newline=""), text.index.delimiter) if not r.is_blank), None)
    return text.header, found.cells if found else ()


def _told(record: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    values = (
        v if isinstance(v, str) else "" if v is None else json.dumps(v, ensure_ascii=False) for v in record.values()
    )
    return tuple(record), tuple(values)


def _before(text: Text, place: Place, around: int) -> list[tuple[int, str]]:
    """The lines above a record, as far as they are not too long to be looked at."""
    begin = int(text.index.offsets[0]) if len(text.index.offsets) else 0
    start = max(begin, place.start - WINDOW_BYTES)
    lines = text.read(start, place.start).splitlines(keepends=True) if place.start > start else []
    whole = lines if start == begin else lines[1:]  # the first may have begun before the window
    shown = whole[len(whole) - min(around, len(whole)) :]
    return [(place.line - len(shown) + i, _shown(text, line)) for i, line in enumerate(shown)]


def _from(text: Text, place: Place, around: int) -> list[tuple[int, str]]:
    """The lines of a record and those below it."""
    lines = text.read(place.start, text.index.size).splitlines(keepends=True)
    length = len(text.read(place.start, place.end).splitlines())
    shown = lines[:SHOWN_LINES] if length > SHOWN_LINES else lines[: length + around]
    return [(place.line + i, _shown(text, line)) for i, line in enumerate(shown)]


def _shown(text: Text, line: bytes) -> str:
    return clean(text.decoded(line[: 4 * SHOWN_CHARACTERS + 8]).rstrip("\r\n"))


def _of_document(path: Path, file: str, sheet: str, row: int) -> Excerpt | None:
    """One record of a JSON document, written out on lines of its own."""
    found = records_of(path, sheet)
    if found is None or not 1 <= row <= len(found):
        return None
    header, cells = _told(found[row - 1])
    pretty = json.dumps(found[row - 1], indent=2, ensure_ascii=False).splitlines()
    lines = tuple((n, clean(text)) for n, text in enumerate(pretty[:SHOWN_LINES], start=1))
    remarks = (MORE,) if len(pretty) > SHOWN_LINES else ()
    return Excerpt(file, sheet, _cells(header), _cells(cells), lines, 1, row, remarks)


def _of_grid(path: Path, file: str, sheet: str, row: int, around: int) -> Excerpt | None:
    """One row of a workbook, and those around it as lines of cells with bars between."""
    found = grid_of(path, max(row - around, 1), row + around, name=file, sheet=sheet)
    if found is None or row not in found.rows:
        return None
    lines = tuple((number, clean(" | ".join(_cells(cells)))) for number, cells in found.rows.items())
    return Excerpt(file, found.sheet, _cells(found.header), _cells(found.rows[row]), lines, row, row)


def _has_changed(path: Path, sha256: str | None) -> bool:
    about = path.stat()
    return sha256 is not None and _hash(path, about.st_size, about.st_mtime_ns) != sha256


@lru_cache(maxsize=64)
def _hash(path: Path, _size: int, _modified_ns: int) -> str:
    return content_hash(path)
