"""Records of a delimited text whose quotes may be out of order, and a mended copy of such a file.

Slow (a Python step per line): only for files that the fast pass found disorderly, for the first
rows of any file, and to find the physical line of one record.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path

#: A quoted cell may span so many lines; one that is longer was most likely never closed, and searching on
#: would swallow the rest of the file.
SPAN_LINES = 10_000

#: The longest record that is loaded; larger than any e-mail body or pasted picture seen in exports, small enough
#: that DuckDB's buffers (a multiple of it) fit a laptop.
RECORD_BYTES = 1 << 26

#: What is kept of the text of a refused row, so that a person can find it again.
KEPT_CHARACTERS = 1000

NEVER_CLOSED = "a quote opens in this row and is never closed"
NOT_DOUBLED = "a quote inside a quoted cell is not doubled"
TOO_LONG = f"the row is longer than {RECORD_BYTES >> 20} MB"


@dataclass(frozen=True)
class Record:
    """One record: the physical line it starts on (from 1), its cells, or why it cannot be split into cells."""

    line: int
    text: str
    cells: tuple[str, ...]
    problem: str | None = None

    @property
    def is_blank(self) -> bool:
        """An empty line is no record: DuckDB passes over it, and so do record numbers."""
        return not self.text.strip("\r\n")


class _End(Enum):
    WHOLE = 0
    OPEN = 1
    BROKEN = 2


class _Splitter:
    """Splits one record, line after line; ``partial`` is the text of the quoted cell that is still open."""

    def __init__(self, delimiter: str) -> None:
        d = re.escape(delimiter)
        self.opening = re.compile(' *"')
        self.inside = re.compile('[^"]*(?:""[^"]*)*')
        self.closing = re.compile(rf'" *(?=[{d}\r\n]|$)')
        self.plain = re.compile(rf"[^{d}\r\n]*")
        self.cells: list[str] = []
        self.partial: list[str] | None = None

    def take(self, line: str) -> _End:
        """Split the next line of the record."""
        at = 0
        while True:
            opened = self.opening.match(line, at) if self.partial is None else None
            if opened:
                self.partial, at = [], opened.end()
            if self.partial is None:
                plain = self.plain.match(line, at)
                assert plain is not None
                self.cells.append(plain.group())
                at = plain.end()
            else:
                end = self._quoted(line, at)
                if isinstance(end, _End):
                    return end
                at = end
            if at >= len(line) or line[at] in "\r\n":
                return _End.WHOLE
            at += 1

    def _quoted(self, line: str, at: int) -> int | _End:
        assert self.partial is not None
        inside = self.inside.match(line, at)
        assert inside is not None
        self.partial.append(inside.group())
        if inside.end() == len(line):
            return _End.OPEN
        closed = self.closing.match(line, inside.end())
        if closed is None:
            return _End.BROKEN
        self.cells.append("".join(self.partial).replace('""', '"'))
        self.partial = None
        return closed.end()


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Split lines (with their ends) into records, blank lines included.

    A record whose quotes are out of order is given with its problem and takes one physical line; the next line starts
    afresh, so that one bad quote costs one row and never merges rows.

    Examples
    --------
    >>> found = list(records(['1,"a\\n', 'b"\\n', '2,"c\\n', '3,"d"\\n'], ","))
    >>> [(r.line, r.cells, r.problem) for r in found][:2]
    [(1, ('1', 'a\\nb'), None), (3, (), 'a quote inside a quoted cell is not doubled')]
    """
    source, pending, number = iter(lines), deque[str](), 1
    while (line := _next(pending, source)) is not None:
        if '"' not in line:
            yield Record(number, line, tuple(line.rstrip("\r\n").split(delimiter)))
            number += 1
            continue
        splitter, ahead = _Splitter(delimiter), list[str]()
        end = splitter.take(line)
        while end is _End.OPEN and len(ahead) < SPAN_LINES and (more := _next(pending, source)) is not None:
            ahead.append(more)
            end = splitter.take(more)
        if end is _End.WHOLE:
            yield Record(number, "".join((line, *ahead)), tuple(splitter.cells))
            number += 1 + len(ahead)
        else:
            pending.extendleft(reversed(ahead))
            yield Record(number, line, (), NOT_DOUBLED if end is _End.BROKEN else NEVER_CLOSED)
            number += 1


def _next(pending: deque[str], source: Iterator[str]) -> str | None:
    return pending.popleft() if pending else next(source, None)


def mend(path: Path, into: Path, *, delimiter: str, skip: int) -> int:
    """Write a copy in which every quote is in order, and count the records that had to be refused.

    Parameters
    ----------
    path : Path
        A delimited text in UTF-8.
    into : Path
        The copy: comma-delimited, no header; its first cell is the reason for refusing the row, empty for a good row;
        a refused row holds the beginning of its text as its only other cell.
    delimiter : str
        What separates the cells of ``path``.
    skip : int
        Records (blank lines included) up to and with the header; they are left out.

    Returns
    -------
    int
        Rows that carry a reason.
    """
    refused = 0
    with path.open(encoding="utf-8-sig", newline="") as lines, into.open("w", encoding="utf-8", newline="") as copy:
        write = csv.writer(copy, lineterminator="\n").writerow
        for record in islice(records(lines, delimiter), skip, None):
            if record.is_blank:
                continue
            problem = TOO_LONG if len(record.text) > RECORD_BYTES else record.problem
            refused += problem is not None
            write(("", *record.cells) if problem is None else (problem, record.text[:KEPT_CHARACTERS].rstrip()))
    return refused


def line_of_record(lines: Iterable[str], delimiter: str, row: int) -> int:
    """The physical line on which record number ``row`` (from 1, blank lines not counted) starts."""
    filled = (record.line for record in records(lines, delimiter) if not record.is_blank)
    return next(islice(filled, row - 1, None), row)
