"""Opens any export file: recognises by content what it is, and gives its sheets, read in place where possible."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from goodwill.errors import NO_ROOM, ExportError, NoRoom, Place
from goodwill.exports import Export, Sheet, literal, quoted
from goodwill.sources.characters import is_text, transcode
from goodwill.sources.compressed import compression_of, members, unpacked, zip_kind
from goodwill.sources.delimited import EXPORT_AGAIN, delimited_sheet, plain_path, read_head
from goodwill.sources.headers import REFUSED, SAMPLE_ROWS, sampled, unique_names
from goodwill.sources.json_documents import document_sheet, is_document, is_lines, lines_sheet
from goodwill.sources.lines import line_of
from goodwill.sources.scratch import fresh
from goodwill.sources.spreadsheetml import NAMESPACE, spreadsheetml_sheets
from goodwill.sources.workbooks import workbook_sheets

__all__ = ["content_hash", "line_of", "open_export"]

#: First bytes of things that are often put among exports and hold no table.
_OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"SQLite format 3": "an SQLite database",
}


@dataclass(frozen=True)
class _Content:
    """What was found in one file: its kind, its sheets and what to say about them."""

    kind: str
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()


def open_export(path: Path, *, name: str, scratch: Path) -> Export:
    """What a file is and which tables it holds.

    The file is recognised by its content, whatever its name says. Every sheet's relation or rows have the header's
    columns, all text, and then ``__refused`` (see ``delimited.py``).

    Parameters
    ----------
    path : Path
        The file; it is only read.
    name : str
        Its path relative to exports/, as people know it.
    scratch : Path
        A folder for decompressed and transcoded copies, on which the relations depend; the caller deletes it.

    Returns
    -------
    Export
        With at least one sheet. ``notes`` says what was done to read the file.

    Raises
    ------
    ExportError
        If the file is empty, cut off, damaged, protected, holds no table or may not be read.
    NoRoom
        If there is no room for a copy in scratch.
    """
    try:
        before = path.stat()
        if path.is_dir():
            raise ExportError("This is a folder.", where=Place(name), remedy="Name the files in it one by one.")
        if not path.is_file():  # reading a pipe or a device would never end
            raise ExportError("This is no ordinary file.", where=Place(name), remedy="Take it out of exports/.")
        scratch.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(1) as beside:  # hashing needs no interpreter lock: it costs nothing beside the scan
            hashed = beside.submit(content_hash, path)
            content = _content(path, name=name, scratch=scratch)
            sha256 = hashed.result()
    except (OSError, duckdb.IOException) as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:  # our disk, not their file
            raise NoRoom(error.strerror) from None
        problem = f"The file cannot be read: {getattr(error, 'strerror', None) or 'it has gone or cannot be opened'}."
        raise ExportError(problem, where=Place(name), remedy="Allow it to be read, or take it out.") from None
    if not content.sheets:
        raise ExportError("The file holds no table.", where=Place(name), remedy=EXPORT_AGAIN)
    about = (before.st_size, content.kind, content.sheets, content.notes, before.st_mtime_ns)
    return Export(path, name, sha256, *about)


def content_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal; about 0.6 s per gigabyte."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _content(path: Path, *, name: str, scratch: Path, within: str = "") -> _Content:
    """Recognise and open; ``within`` is the archive kind around the file, which may not hold another."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if not head:
        raise ExportError("The file is empty.", where=Place(name), remedy="Export it again.")
    for magic, thing in _OTHERS.items():
        if head.startswith(magic):
            raise ExportError(f"This is {thing}, not a table.", where=Place(name), remedy=EXPORT_AGAIN)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _Content("xls", workbook_sheets(path, name=name))
    if head.startswith(b"PAR1"):
        return _Content("parquet", (_parquet_sheet(path, name=name, scratch=scratch),))
    packing = compression_of(head) or ("zip" if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else None)
    if packing is None:
        return _text_content(path, head, name=name, scratch=scratch)
    kind = zip_kind(path, name=name) if packing == "zip" else packing
    if kind in ("xlsx", "xlsb", "ods"):
        return _Content(kind, workbook_sheets(path, name=name))
    if within:
        remedy = "Unpack the outer archive and put its files into exports/."
        raise ExportError(f"This is an archive within an archive ({within}).", where=Place(name), remedy=remedy)
    if kind == "zip":
        return _archive(path, name=name, scratch=scratch)
    inner = _content(unpacked(path, kind=kind, name=name, scratch=scratch), name=name, scratch=scratch, within=kind)
    return replace(inner, kind=f"{inner.kind}.{kind}")


def _archive(path: Path, *, name: str, scratch: Path) -> _Content:
    sheets: list[Sheet] = []
    notes: list[str] = []
    for member, copy in members(path, name=name, scratch=scratch):
        try:
            if isinstance(copy, ExportError):
                raise copy
            inner = _content(copy, name=name, scratch=scratch, within="zip")
        except ExportError as error:
            notes.append(f"{member} was left out: {error.problem}")
            continue
        titles = [f"{member}: {sheet.name}" if sheet.name else member for sheet in inner.sheets]
        sheets += [replace(sheet, name=title) for sheet, title in zip(inner.sheets, titles, strict=True)]
        notes += [f"{member}: {note}" for note in inner.notes]
    if not sheets:
        found = " ".join(notes) or "It is empty."
        raise ExportError(f"The archive holds no table. {found}", where=Place(name), remedy=EXPORT_AGAIN)
    return _Content("zip", tuple(sheets), tuple(notes))


def _text_content(path: Path, head: bytes, *, name: str, scratch: Path) -> _Content:
    text, encoding, _ = read_head(path)
    notes: tuple[str, ...] = ()
    begin = text[: 1 << 14].lstrip()
    if re.match(r"<\?xml|<(\w+:)?Workbook\b", begin) and NAMESPACE in begin:
        return _Content("spreadsheetml", spreadsheetml_sheets(path, name=name))
    if re.match(r"<\?xml|<!doctype|<html|<table", begin, re.IGNORECASE):
        thing = "an HTML page" if re.search(r"<(html|table)|doctype html", begin, re.IGNORECASE) else "XML of some kind"
        remedy = "Export it as CSV or xlsx; or open it in a spreadsheet program and save it as xlsx."
        raise ExportError(f"This is {thing}, not a table.", where=Place(name), remedy=remedy)
    if encoding.startswith("utf-16") or encoding.startswith("utf-32"):
        into = fresh(scratch, "utf8")
        path = transcode(path, encoding=encoding, into=into, name=name)
        notes = (f"The text is {encoding.upper()}; a copy in UTF-8 was read.",)
    elif not is_text(head):
        raise ExportError("This is no text and no known kind of file.", where=Place(name), remedy=EXPORT_AGAIN)
    if not begin:
        raise ExportError("There is nothing but blanks in the file.", where=Place(name), remedy="Export it again.")
    if not is_document(begin):
        kind, (sheet, more) = "csv", delimited_sheet(path, name=name, scratch=scratch)
    elif is_lines(text):
        kind, (sheet, more) = "jsonl", lines_sheet(path, name=name, scratch=scratch)
    else:
        kind, (sheet, more) = "json", document_sheet(path, name=name)
    return _Content(kind, (sheet,), notes + more)


def _parquet_sheet(path: Path, *, name: str, scratch: Path) -> Sheet:
    try:
        with pq.ParquetFile(path) as file:
            first = next(file.iter_batches(SAMPLE_ROWS), None)
            columns = file.schema_arrow.names
    except (pa.ArrowException, OSError) as error:
        problem = f"The Parquet file cannot be read ({error}); it seems cut off or damaged."
        raise ExportError(problem, where=Place(name), remedy="Write it again.") from None
    names = unique_names(columns)
    casts = ", ".join(f"CAST(c{i} AS VARCHAR) AS {quoted(n)}" for i, n in enumerate(names))
    places = ", ".join(f"c{i}" for i in range(len(names)))  # names in a Parquet file may differ in case only
    read = f"read_parquet({literal(str(plain_path(path, scratch)))}) AS cells({places})"
    relation = f"(SELECT {casts}, CAST(NULL AS VARCHAR) AS {REFUSED} FROM {read})"
    cells = [] if first is None else [[None if v is None else str(v) for v in c.to_pylist()] for c in first.columns]
    rows = list(zip(*cells, strict=True))
    return Sheet(name, "", names, 1, sampled(rows, len(names)), relation)
