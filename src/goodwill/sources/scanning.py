"""One fast pass over a text file: is it UTF-8, are its quotes in order, how long is its longest record?

No Python loop per row: a gigabyte takes about half a second, so that large files can be read in place.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: Bytes read at a time: large enough that numpy dominates, small enough to stay in the cache.
CHUNK_BYTES = 1 << 20

_QUOTE, _LF, _CR = 34, 10, 13


@dataclass(frozen=True)
class Scan:
    """What one pass over a text file found.

    ``utf8_error`` is the byte offset of the first byte that is not UTF-8, None if there is none;
    ``cut`` tells that the file ends inside a character. ``orderly`` means that every quote opens or
    closes a whole cell or is doubled, and that rows end in one way. ``quoted_newlines`` and
    ``ambiguous`` (a quoted cell starts or ends with the delimiter) are what DuckDB's parallel reader
    does not take. ``longest_bytes`` bounds the longest record.
    """

    utf8_error: int | None = None
    cut: bool = False
    orderly: bool = True
    quoted_newlines: bool = False
    ambiguous: bool = False
    longest_bytes: int = 0


@dataclass
class _Quotes:
    """The state carried from chunk to chunk."""

    delimiter: int
    inside: bool = False
    before: int = _LF
    offset: int = 0
    record_start: int = 0
    longest: int = 0
    orderly: bool = True
    quoted_newlines: bool = False
    ambiguous: bool = False
    lone_returns: bool = False
    line_feeds: bool = False
    may_open: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(256, dtype=bool))

    def __post_init__(self) -> None:
        self.may_open[[self.delimiter, _LF, _CR, _QUOTE]] = True

    def feed(self, body: bytes, after: int) -> None:
        """Look at ``body``; ``after`` is the byte that follows it."""
        bytes_ = np.frombuffer(bytes((self.before,)) + body + bytes((after,)), dtype=np.uint8)
        inner = bytes_[1:-1]
        returns = b"\r" in body
        newlines = np.flatnonzero((inner == _LF) | (inner == _CR) if returns else inner == _LF)
        quotes = np.flatnonzero(inner == _QUOTE) if self.orderly else np.empty(0, dtype=np.int64)
        if self.orderly and (len(quotes) or self.inside):
            newlines = self._judge(bytes_, quotes + 1, newlines)
        if returns:
            lone = (inner[newlines] == _CR) & (bytes_[newlines + 2] != _LF)
            self.lone_returns |= bool(lone.any())
        if len(newlines):
            self.line_feeds |= not returns or bool((inner[newlines] == _LF).any())
            ends = np.concatenate(([self.record_start], newlines + self.offset))
            self.longest = max(self.longest, int(np.diff(ends).max()))
            self.record_start = int(ends[-1])
        self.before = body[-1]
        self.offset += len(body)

    def _judge(
        self, bytes_: NDArray[np.uint8], quotes: NDArray[np.int64], newlines: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        opens, closes = quotes[int(self.inside) :: 2], quotes[1 - int(self.inside) :: 2]
        self.orderly = bool(self.may_open[bytes_[opens - 1]].all() and self.may_open[bytes_[closes + 1]].all())
        self.ambiguous |= bool(
            (bytes_[opens + 1] == self.delimiter).any() or (bytes_[closes - 1] == self.delimiter).any()
        )
        within = (np.searchsorted(quotes, newlines + 1) + int(self.inside)) % 2 == 1
        self.quoted_newlines |= bool(within.any())
        self.inside ^= bool(len(quotes) % 2)
        outside: NDArray[np.int64] = newlines[~within]
        return outside


def scan(path: Path, delimiter: str | None) -> Scan:
    """Look once at every byte of a text file.

    Parameters
    ----------
    path : Path
        A file in UTF-8 or any encoding of single bytes.
    delimiter : str or None
        The one ASCII character between cells; None for a text without cells, whose quotes do not matter.

    Returns
    -------
    Scan
        If the file is not UTF-8 the pass ends there and only ``utf8_error`` and ``cut`` mean anything.
    """
    quotes = _Quotes(ord(delimiter)) if delimiter else _Quotes(_LF, orderly=False)
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    with path.open("rb") as file:
        body = file.read(CHUNK_BYTES).removeprefix(codecs.BOM_UTF8)
        while body:
            following = file.read(CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(body, final=not following)
            except UnicodeDecodeError as error:
                at_end = not following and error.end == pending + len(body)
                return Scan(read + error.start - pending, cut=at_end and "unexpected end" in error.reason)
            quotes.feed(body, following[0] if following else _LF)
            read += len(body)
            body = following
    return Scan(
        # a lone carriage return among line feeds makes DuckDB swallow the character after it
        orderly=delimiter is None
        or (quotes.orderly and not quotes.inside and not (quotes.lone_returns and quotes.line_feeds)),
        quoted_newlines=quotes.quoted_newlines,
        ambiguous=quotes.ambiguous,
        longest_bytes=max(quotes.longest, quotes.offset - quotes.record_start),
    )
