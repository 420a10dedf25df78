"""Delimited text (CSV, TSV and relatives): delimiter, header row and the DuckDB text that reads the rows.

For whoever loads a sheet
-------------------------
* The relation has the columns of ``Sheet.header`` and after them one more, ``__refused``. It is NULL for a good
  row; otherwise it is the reason why the row must be refused (more cells than the header, a quote that never
  closes). Such a row keeps its place, so that numbers stay right; never load it as data.
* Record number ``nr + first_row - 1``, with ``nr`` from ``row_number() OVER ()``, counts the records of the file from
  1: titles and header included, empty lines not (DuckDB passes over them). ``opening.line_of`` turns it
  into a physical line, which differs where empty lines or line breaks inside cells come before.
* Too few cells: the missing ones are NULL. An empty cell is the empty text. One empty cell too many (a delimiter at the
  end of the row) is no fault.

Why two overflow columns: DuckDB drops surplus cells in silence unless columns are declared for them. With two,
nothing can hide: a first surplus cell that is not empty, or the existence of a second one, refuses the row.

Why ``strict_mode=false``: strict reading with padding was seen to drop the end of a file behind an open quote. Lenient
reading is right for orderly quotes; disorderly files are mended first (``mending.py``).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from pathlib import Path

from goodwill.errors import ExportError, Place
from goodwill.exports import Sheet, literal, quoted
from goodwill.sources.characters import decoded_head, marked_encoding, utf8_copy
from goodwill.sources.headers import REFUSED, SAMPLE_ROWS, TITLE_ROWS, header_at, sampled, unique_names, usual_length
from goodwill.sources.mending import NEVER_CLOSED, RECORD_BYTES, Record, mend, records
from goodwill.sources.scanning import Scan, scan
from goodwill.sources.scratch import fresh

DELIMITERS = (",", ";", "\t", "|")

#: Enough to see the titles, the header and the sampled rows of any export known.
HEAD_BYTES = 1 << 20

#: Records looked at for a delimiter and a header, unreadable ones included.
EXAMINED = 4 * (TITLE_ROWS + SAMPLE_ROWS)

#: DuckDB's buffer: a smaller file is read by one thread anyway.
BUFFER_BYTES = 32_000_000

#: DuckDB's own limit for a line; files with longer records get larger buffers.
LINE_BYTES = 2_000_000

#: Longest line that is read into memory to be mended.
MENDABLE_BYTES = 1 << 30

#: Stands for "no text means NULL": an empty cell stays the empty text, only missing cells are NULL.
_NO_NULL = "\x02\x03\x02"

EXPORT_AGAIN = "Export it again as CSV (UTF-8) or xlsx, or take the file out of exports/."

#: Statistics programs (R's write.table) put one space between cells, and names in quotes.
_SPACED = re.compile(r'"[^"\n]*"(?: "[^"\n]*")+\r?\n')

_TOO_MANY = "the row has more cells than the header"


@dataclass(frozen=True)
class Shape:
    """How a delimited text is laid out: ``skip`` counts the records, blank lines included, before the data."""

    delimiter: str
    header: tuple[str, ...]
    skip: int
    first_row: int
    sample: tuple[tuple[str | None, ...], ...]


def delimiter_of(text: str) -> str:
    """The delimiter under which most rows have the same number of cells.

    Examples
    --------
    >>> delimiter_of("name;price\\nA, Inc;1,5\\nB;2,5\\n")
    ';'
    """
    if text[:4].lower() == "sep=" and text[4:5] in DELIMITERS:
        return text[4]
    if _SPACED.match(text):
        return " "
    scores = {}
    for delimiter in DELIMITERS:
        found = [r for r in islice(records(io.StringIO(text, newline=""), delimiter), EXAMINED) if not r.is_blank]
        usual, rows_alike = usual_length([r.cells for r in found if r.problem is None])
        alike = rows_alike / max(len(found), 1)  # what is unreadable under a delimiter speaks against it
        scores[delimiter] = alike**2 * sqrt(usual - 1)
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def shape_of(text: str, *, whole: bool) -> Shape:
    """Find delimiter and header in the first part of a text; ``whole`` says that nothing follows."""
    delimiter = delimiter_of(text)
    found = _first_records(text, delimiter, whole=whole)
    if not found:
        return Shape(delimiter, (), 0, 1, ())
    at = header_at([r.cells for r in found])
    header = unique_names(found[at].cells)
    lines_before = io.StringIO(text, newline="")
    skip = next(i for i, r in enumerate(records(lines_before, delimiter), start=1) if r.line == found[at].line)
    data = [r.cells for r in found[at + 1 :] if r.problem is None]
    return Shape(delimiter, header, skip, _number(text, delimiter, found[at]) + 1, sampled(data, len(header)))


def _number(text: str, delimiter: str, header: Record) -> int:
    every = records(io.StringIO(text, newline=""), delimiter)
    return next(i for i, r in enumerate((r for r in every if not r.is_blank), start=1) if r.line == header.line)


def _first_records(text: str, delimiter: str, *, whole: bool) -> list[Record]:
    """The first readable records that are not blank; in a cut text all up to the last that is surely complete."""
    complete = text if whole else text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    found: list[Record] = []
    # under a wrong delimiter most records are unreadable: do not look for good ones to the end of the text
    for record in islice(records(io.StringIO(complete, newline=""), delimiter), EXAMINED):
        if len(found) >= TITLE_ROWS + SAMPLE_ROWS or (record.problem == NEVER_CLOSED and not whole and found):
            break
        if not record.is_blank and record.problem is None:
            found.append(record)
    return found


def read_head(path: Path) -> tuple[str, str, bool]:
    """The first part of a file as text, its encoding as far as the head tells, and whether that is the whole file."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        whole = not file.read(1)
    encoding = marked_encoding(head) or "utf-8"
    return decoded_head(head, encoding), encoding, whole


def delimited_sheet(path: Path, *, name: str, scratch: Path) -> tuple[Sheet, tuple[str, ...]]:
    """A UTF-8 file as a sheet, read in place unless its quotes need mending; and the notes about it.

    Raises
    ------
    ExportError
        If there is no table in the file, or a line is too long to be read.
    """
    shape = _shape_of_file(path, name)
    look = scan(path, shape.delimiter)
    notes: tuple[str, ...] = ()
    if look.utf8_error is not None:
        path, note = in_utf8(path, look, name=name, scratch=scratch)
        notes = (note,)
        shape = _shape_of_file(path, name)
        look = scan(path, shape.delimiter)
    if look.longest_bytes > MENDABLE_BYTES:
        raise ExportError("A line is longer than 1 GB.", where=Place(name), remedy=EXPORT_AGAIN)
    if look.orderly and look.longest_bytes <= RECORD_BYTES:
        relation = _in_place(plain_path(path, scratch), shape, look)
    else:
        mended = fresh(scratch, "mended")
        refused = mend(path, mended, delimiter=shape.delimiter, skip=shape.skip)
        relation = _mended(mended, shape, scan(mended, ","))
        notes += (f"Quotes or line ends are out of order; {refused} rows cannot be split into cells and are refused.",)
    sheet = Sheet(name, "", shape.header, shape.first_row, shape.sample, relation)
    return sheet, notes


def in_utf8(path: Path, look: Scan, *, name: str, scratch: Path) -> tuple[Path, str]:
    """A UTF-8 copy of a file that the scan found to be something else, and the note about it.

    Raises
    ------
    ExportError
        If the file is UTF-8 but ends inside a character.
    """
    assert look.utf8_error is not None
    if look.cut:
        problem = "The file ends in the middle of a character: it seems cut off."
        raise ExportError(problem, where=Place(name), remedy="Download or export it again.")
    return utf8_copy(path, offset=look.utf8_error, name=name, scratch=scratch)


def _shape_of_file(path: Path, name: str) -> Shape:
    text, _, whole = read_head(path)
    shape = shape_of(text, whole=whole)
    if not shape.header:
        raise ExportError("The file holds no table.", where=Place(name), remedy=EXPORT_AGAIN)
    return shape


def plain_path(path: Path, scratch: Path) -> Path:
    """A path without the characters that DuckDB takes for a pattern: the file itself or a link to it."""
    if not any(c in str(path) for c in "*?[]{}"):
        return path
    link = fresh(scratch, "link")
    link.symlink_to(path.resolve())
    return link


def _in_place(path: Path, shape: Shape, look: Scan) -> str:
    width = len(shape.header)
    read = read_text(path, columns=width + 2, delimiter=shape.delimiter, skip=shape.skip, look=look)
    surplus = f"WHEN c{width + 1} <> '' OR c{width + 2} IS NOT NULL THEN {literal(_TOO_MANY)}"
    return _named(shape.header, 1, f"CASE {surplus} END", read)


def _mended(path: Path, shape: Shape, look: Scan) -> str:
    width = len(shape.header)
    read = read_text(path, columns=width + 3, delimiter=",", skip=0, look=look)
    surplus = f"WHEN c{width + 2} <> '' OR c{width + 3} IS NOT NULL THEN {literal(_TOO_MANY)}"
    return _named(shape.header, 2, f"CASE WHEN c1 <> '' THEN c1 {surplus} END", read)


def _named(header: tuple[str, ...], first: int, refused: str, read: str) -> str:
    columns = ", ".join(f"c{i} AS {quoted(column)}" for i, column in enumerate(header, start=first))
    return f"(SELECT {columns}, {refused} AS {REFUSED} FROM {read})"


def read_text(path: Path, *, columns: int, delimiter: str, skip: int, look: Scan) -> str:
    """DuckDB's ``read_csv`` with columns c1, c2, ... of text and nothing left to its guesses.

    Quotes count unless the delimiter is a control character, which only stands for "no cells at all".
    """
    quote = "'\"'" if delimiter.isprintable() or delimiter == "\t" else "''"
    kinds = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(1, columns + 1))
    long = look.longest_bytes >= LINE_BYTES
    parallel = path.stat().st_size > BUFFER_BYTES and not (look.quoted_newlines or look.ambiguous or long)
    # twice the longest, since the limit is meant for one line and a record must fit a buffer whole
    room = f", max_line_size={2 * look.longest_bytes}, buffer_size={4 * look.longest_bytes}" if long else ""
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, columns={{{kinds}}}, header=false, skip={skip}, "
        f"delim={literal(delimiter)}, quote={quote}, escape={quote}, nullstr={literal(_NO_NULL)}, compression='none', "
        f"strict_mode=false, null_padding=true, parallel={str(parallel).lower()}{room})"
    )
