"""JSON in the shapes platforms export: a list of records, an object around one, a script that assigns one, JSON lines.

Rows are one column of text per key (the union over all records): texts as they are, figures and truth as JSON writes
them, nested values as compact JSON. Columns and ``__refused`` are as ``delimited.py`` describes them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb

from goodwill.errors import ExportError, Place
from goodwill.exports import Sheet, literal, quoted
from goodwill.sources.delimited import EXPORT_AGAIN, in_utf8, plain_path, read_text
from goodwill.sources.grids import check_extent, text_table
from goodwill.sources.headers import REFUSED, SAMPLE_ROWS, sampled, unique_names
from goodwill.sources.scanning import Scan, scan

#: Python needs about eight times a document's size to hold it; JSON lines have no such limit.
MAX_DOCUMENT_BYTES = 1 << 30

#: Lists are looked for so many objects deep: Reddit's listings have the deepest known, ``data.children``.
LIST_DEPTH = 3

_ASSIGNMENT = re.compile(r"\s*[A-Za-z_$][\w$.]*(?:\[[^\]]{0,80}\])?(?:\.[\w$]+)*\s*=\s*(?=[\[{])")

#: Cannot occur unescaped in JSON: as the delimiter it leaves every line in one cell.
_NO_DELIMITER = "\x01"

#: Escapes in JSON. Half a character is no text: programs that cut texts to a length leave it where an emoji stood.
_ESCAPE = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(?P<half>\\u[dD][89a-fA-F]\w\w)|\\.")

Json = dict[str, Any]


def is_document(text: str) -> bool:
    """Does a text begin as JSON or as a script that assigns JSON?

    Examples
    --------
    >>> is_document('window.YTD.tweets.part0 = [ {'), is_document('[id],[name]')
    (True, False)
    """
    assigned = _ASSIGNMENT.match(text)
    begin = text[assigned.end() if assigned else 0 :].lstrip()
    return bool(re.match(r'\{\s*("|\}|$)|\[\s*([\[{"\]]|$)', begin))


def is_lines(text: str) -> bool:
    """Are the first two lines that are not empty a JSON object each (the second perhaps cut by the end of the text)?"""
    lines = [line for line in text.splitlines() if line.strip()][:2]
    if not lines or not isinstance(_parsed(lines[0]), dict):
        return False
    return len(lines) == 2 and lines[1].lstrip().startswith("{")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def document_sheet(path: Path, *, name: str) -> tuple[Sheet, tuple[str, ...]]:
    """The largest list of records in a JSON document, as a sheet named after its key; and the notes about it.

    A list's records that are all wrapped alike (``{"tweet": {...}}``) are unwrapped. ``first_row`` is 1: rows count
    records, not lines.

    Raises
    ------
    ExportError
        If the document is cut off, is no JSON, or has no list of records.
    """
    key, records, notes = document_records(path, name=name)
    return _sheet(records, file=name, key=key), notes


def document_records(path: Path, *, name: str) -> tuple[str, list[Json], tuple[str, ...]]:
    """The records of ``document_sheet`` as the document holds them, the key of their list, and the notes."""
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        problem = f"A JSON document of more than {MAX_DOCUMENT_BYTES >> 30} GB cannot be held in memory."
        raise ExportError(problem, where=Place(name), remedy="Turn it into JSON lines (one record per line).")
    document, key = _read(path, name)
    lists = sorted(_lists(document, key, LIST_DEPTH), key=lambda found: -len(found[1]))
    if not lists:
        if not isinstance(document, dict) or not document:
            raise ExportError("The JSON holds no list of records.", where=Place(name), remedy=EXPORT_AGAIN)
        lists = [(key, [document])]
    chosen, entries = lists[0]
    notes = [f'Read the list "{chosen}"; the list "{k}" ({len(e)} records) was left out.' for k, e in lists[1:]]
    chosen, entries = _unwrapped(chosen, entries)
    records = [entry for entry in entries if isinstance(entry, dict)]
    if len(records) < len(entries):
        notes.append(f"{len(entries) - len(records)} entries of the list are no records and were left out.")
    return chosen, records, tuple(notes)


def _read(path: Path, name: str) -> tuple[Any, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        assigned = _ASSIGNMENT.match(text)
        start = assigned.end() if assigned else 0
        body = text[start:].rstrip().removesuffix(";")
        key = next((part for part in text[:start].split(".")[2:3]), "").strip(" =")
        return json.loads(_whole(body)), key
    except json.JSONDecodeError as error:
        cut = " It seems cut off." if error.pos >= len(body.rstrip()) - 1 or "Unterminated" in error.msg else ""
        where = Place(name, line=text[: start + error.pos].count("\n") + 1)
        problem = f"The JSON cannot be read: {error.msg}.{cut}"
        raise ExportError(problem, where=where, remedy="Export or download it again.") from None
    except UnicodeDecodeError as error:
        problem = f"The JSON is not UTF-8 at byte {error.start}."
        raise ExportError(problem, where=Place(name), remedy="Export or download it again.") from None
    except (RecursionError, ValueError) as error:
        problem = f"The JSON is no table of records: {error}."
        raise ExportError(problem, where=Place(name), remedy=EXPORT_AGAIN) from None


def _whole(text: str) -> str:
    """JSON in which a sign stands for each half of a character.

    Examples
    --------
    >>> _whole(r'["cut \\ud83d", "\\ud83d\\ude00", "\\\\ud83d"]')
    '["cut \\\\ufffd", "\\\\ud83d\\\\ude00", "\\\\\\\\ud83d"]'
    """
    if not re.search(r"\\u[dD][89a-fA-F]", text):
        return text
    return _ESCAPE.sub(lambda found: r"\ufffd" if found["half"] else found[0], text)


def _lists(value: Any, key: str, depth: int) -> list[tuple[str, list[Any]]]:
    if isinstance(value, list):
        return [(key, value)] if any(isinstance(entry, dict) for entry in value) else []
    if not isinstance(value, dict) or depth == 0:
        return []
    return [found for k, inner in value.items() for found in _lists(inner, k, depth - 1)]


def _unwrapped(key: str, entries: list[Any]) -> tuple[str, list[Any]]:
    wrappers = {next(iter(e)) if isinstance(e, dict) and len(e) == 1 else None for e in entries}
    wrapper = wrappers.pop()
    if wrappers or wrapper is None or not all(isinstance(entry[wrapper], dict) for entry in entries):
        return key, entries
    return key or wrapper, [entry[wrapper] for entry in entries]


def _sheet(records: list[Json], *, file: str, key: str) -> Sheet:
    keys = list(dict.fromkeys(k for record in records for k in record))
    check_extent(len(records), len(keys), file=file, sheet=key)
    names = unique_names(keys)
    columns = [[_shown(record.get(k)) for record in records] for k in keys]
    rows = list(zip(*(column[:SAMPLE_ROWS] for column in columns), strict=True))
    table = text_table(list(names), list(columns), len(records))
    return Sheet(file, key, names, 1, sampled(rows, len(names)), rows=table)


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def lines_sheet(path: Path, *, name: str, scratch: Path) -> tuple[Sheet, tuple[str, ...]]:
    """A file of one JSON object per line as a sheet that DuckDB reads in place; and the notes about it.

    A line that is no JSON object keeps its place and is refused. Records count from 1; empty lines are passed over.
    """
    look = scan(path, None)
    notes: tuple[str, ...] = ()
    if look.utf8_error is not None:
        path, note = in_utf8(path, look, name=name, scratch=scratch)
        look, notes = scan(path, None), (note,)
    keys, first = _keys_and_first(_line_text(plain_path(path, scratch), look))
    names = unique_names(keys)
    # JSON pointers take any key; one list of them reads a line once for all columns
    pointers = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in keys)
    columns = ", ".join(f"cells[{i}] AS {quoted(column)}" for i, column in enumerate(names, start=1))
    lines = _line_text(plain_path(path, scratch), look)
    relation = (
        f"(SELECT {columns}, CASE WHEN NOT good THEN 'the line is no JSON object' END AS {REFUSED} FROM "
        f"(SELECT good, CASE WHEN good THEN json_extract_string(c1, [{pointers}]) END AS cells FROM {lines}))"
    )
    rows = [[_shown(record.get(key)) for key in keys] for record in first]
    return Sheet(name, "", names, 1, sampled(rows, len(names)), relation), notes


def _line_text(path: Path, look: Scan) -> str:
    """SQL for the lines that are not empty, each with whether it is a JSON object."""
    read = read_text(path, columns=1, delimiter=_NO_DELIMITER, skip=0, look=look)
    good = "CASE WHEN json_valid(c1) THEN json_type(c1) = 'OBJECT' ELSE FALSE END"
    return f"(SELECT c1, {good} AS good FROM {read} WHERE c1 <> '')"


def _keys_and_first(lines: str) -> tuple[list[str], list[Json]]:
    """Every key, those of the first records first, the others by name; and the first records."""
    with duckdb.connect() as engine:
        first = [
            json.loads(line)
            for (line,) in engine.execute(f"FROM {lines} SELECT c1 WHERE good LIMIT {SAMPLE_ROWS}").fetchall()
        ]
        every = engine.execute(f"SELECT DISTINCT unnest(json_keys(c1)) FROM {lines} WHERE good").fetchall()
    keys = dict.fromkeys(key for record in first for key in record)
    return [*keys, *sorted(key for (key,) in every if key not in keys)], first
