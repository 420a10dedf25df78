"""An export as text whose records can be found at once: unpacked and in UTF-8 where it must be, indexed, remembered."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from goodwill.claims.line_index import LineIndex, Place, index_lines
from goodwill.sources.characters import code_page, is_damaged_utf8, transcode
from goodwill.sources.delimited import delimiter_of, read_head, shape_of
from goodwill.sources.json_documents import document_records, is_document, is_lines
from goodwill.sources.lines import plain_text
from goodwill.sources.scratch import fresh

#: So many files are remembered: an index takes a thousandth of its file, a document about eight times it.
TEXTS, DOCUMENTS = 16, 2
#: Most bytes that are read around one record.
WINDOW_BYTES = 1 << 18


@dataclass(frozen=True)
class Text:
    """A text of records: where it (or its copy) lies, its index, its header and the characters it is written in."""

    index: LineIndex
    header: tuple[str, ...]
    encoding: str

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` to ``end``, and no more than a window of them."""
        with self.index.path.open("rb") as file:
            file.seek(start)
            return file.read(min(end - start, WINDOW_BYTES))

    def decoded(self, line: bytes) -> str:
        """Bytes of this text as characters."""
        return line.decode(self.encoding, "replace")

    def record(self, place: Place) -> str:
        """The text of one record, without its end."""
        return self.decoded(self.read(place.start, place.end)).rstrip("\r\n")


def text_of(path: Path, sheet: str = "") -> Text | None:
    """The text of an export, None where rows are no lines (workbooks, JSON documents).

    Reading a file for the first time takes about a second per 500 MB; after that the same file is known by its size
    and its time of writing.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        The member of a zip archive.

    Raises
    ------
    ExportError
        The file cannot be unpacked or read.
    """
    about = path.stat()
    return _text_of(path, sheet, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=TEXTS)
def _text_of(path: Path, sheet: str, _size: int, _modified_ns: int) -> Text | None:
    folder = Path(tempfile.mkdtemp(prefix="goodwill-"))
    try:
        plain = _plain(path, sheet, folder)
        found = None if plain is None else _indexed(plain, path.name, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if found is None or found.index.path == path:
        shutil.rmtree(folder, ignore_errors=True)
    else:  # the copy lives as long as what points into it, and not beyond this process
        weakref.finalize(found, shutil.rmtree, folder, ignore_errors=True)
    return found


def _plain(path: Path, sheet: str, folder: Path) -> Path | None:
    """The file without its packing; the sheet of a document in an archive is named after its member and its list."""
    names = dict.fromkeys((sheet, sheet.rpartition(": ")[0] or sheet))
    return next((found for name in names if (found := plain_text(path, sheet=name, scratch=folder))), None)


def _indexed(path: Path, name: str, folder: Path) -> Text | None:
    text, encoding, whole = read_head(path)
    if text.lstrip().startswith(("<?xml", "<Workbook")) or _is_document(text):
        return None
    if encoding.startswith(("utf-16", "utf-32")):
        path = transcode(path, encoding=encoding, into=fresh(folder, "utf8"), name=name)
        text, encoding, whole = read_head(path)
    lines = is_document(text)
    index = index_lines(path, delimiter=None if lines else delimiter_of(text))
    header = () if lines else shape_of(text, whole=whole).header
    return Text(index, header, _encoding(path, index.utf8_error))


def _is_document(text: str) -> bool:
    return is_document(text) and not is_lines(text)


def _encoding(path: Path, utf8_error: int | None) -> str:
    """As the loader reads it: UTF-8, if need be with replaced characters, or a code page."""
    return "utf-8" if utf8_error is None or is_damaged_utf8(path, utf8_error) else code_page(path)


def records_of(path: Path, sheet: str = "") -> list[dict[str, Any]] | None:
    """The records of a JSON document in their order; None where an export is none.

    Raises
    ------
    ExportError
        The document cannot be read.
    """
    about = path.stat()
    return _records_of(path, sheet, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=DOCUMENTS)
def _records_of(path: Path, sheet: str, _size: int, _modified_ns: int) -> list[dict[str, Any]] | None:
    with tempfile.TemporaryDirectory(prefix="goodwill-") as folder:
        plain = _plain(path, sheet, Path(folder))
        if plain is None:
            return None
        text, encoding, _ = read_head(plain)
        if not _is_document(text):
            return None
        if encoding.startswith(("utf-16", "utf-32")):
            plain = transcode(plain, encoding=encoding, into=fresh(Path(folder), "utf8"), name=path.name)
        return document_records(plain, name=path.name)[1]
