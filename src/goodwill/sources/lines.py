"""The physical line on which a record stands, to show a person where a row comes from."""

from __future__ import annotations

import tempfile
from pathlib import Path

from goodwill.sources.compressed import compression_of, members, unpacked, zip_kind
from goodwill.sources.delimited import delimiter_of, read_head
from goodwill.sources.json_documents import is_document, is_lines
from goodwill.sources.mending import line_of_record


def line_of(path: Path, row: int, *, sheet: str = "") -> int:
    """The line on which record number ``row`` of a file starts.

    It reads the file up to that record, line by line: meant for explaining one row, not for loading.

    Parameters
    ----------
    path : Path
        A file that ``open_export`` opens.
    row : int
        The record's number in the file, from 1: ``nr + first_row - 1``.
    sheet : str, optional
        The sheet's name, for a member of a zip archive.

    Returns
    -------
    int
        From 1. In workbooks and JSON documents it is the row itself: there is nothing else to count.
    """
    with tempfile.TemporaryDirectory() as folder:
        text = plain_text(path, sheet=sheet, scratch=Path(folder))
        return row if text is None else _line(text, row)


def plain_text(path: Path, *, sheet: str, scratch: Path) -> Path | None:
    """The file without its packing; None for a workbook, and for a member that is not there."""
    with path.open("rb") as file:
        head = file.read(8)
    packing = compression_of(head)
    if packing:
        return unpacked(path, kind=packing, name=path.name, scratch=scratch)
    if not head.startswith(b"PK\x03\x04"):
        return None if head.startswith((b"\xd0\xcf\x11\xe0", b"PAR1")) else path
    if zip_kind(path, name=path.name) != "zip":
        return None
    copies = dict(members(path, name=path.name, scratch=scratch))
    found = copies.get(sheet)
    return plain_text(found, sheet="", scratch=scratch) if isinstance(found, Path) else None


def _line(path: Path, row: int) -> int:
    text, encoding, _ = read_head(path)
    if text.lstrip().startswith(("<?xml", "<Workbook")):
        return row
    if is_document(text) and not is_lines(text):
        return row
    # In Latin-1 every byte is a character and ASCII is itself: enough to see delimiters, quotes and line ends
    with path.open(encoding="latin-1" if encoding.startswith("utf-8") else encoding, newline="") as lines:
        if is_document(text):
            filled = (number for number, line in enumerate(lines, start=1) if line.strip("\r\n"))
            return next((number for i, number in enumerate(filled, start=1) if i == row), row)
        lines.read(3 if encoding == "utf-8-sig" else 0)
        return line_of_record(lines, delimiter_of(text), row)
