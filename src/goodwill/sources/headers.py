"""Where a table starts: title rows before the header, and names for its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from goodwill.exports import folded

Cells = Sequence[str | None]

#: The column after the header's columns in every relation and every table of rows: NULL for a good row, otherwise
#: the reason why the row must be refused.
REFUSED = "__refused"

#: Rows kept in ``Sheet.sample``: enough to tell date formats apart.
SAMPLE_ROWS = 50

#: A header is looked for among so many rows; the longest title block known (Campaign Manager) has 6.
TITLE_ROWS = 40

_COMMENT = re.compile(r"^#([\s#=-]|$)")
_FIGURE = re.compile(r"^[\s(]*[-+]?[$€£]?\d[\d.,:/\s%-]*\)?$")


def header_at(rows: Sequence[Cells]) -> int:
    """The index of the header among the first rows of a sheet; 0 if nothing speaks for another.

    The header is the first row that is as long as most rows and has at least half as many filled cells as
    the fullest one; comment rows (``# ...``) are passed over. A row one cell short counts as
    long enough, since many exports end every row but the header with a delimiter.

    Examples
    --------
    >>> header_at([["All times are in UTC.", "", ""], ["Date", "Clicks", "Likes"], ["04/01/2020", "1", "2"]])
    1
    """
    if not any(any(row) for row in rows):
        return 0
    usual, _ = usual_length(rows)
    filled = [_filled(row) if not _is_comment(row) else 0 for row in rows]
    fullest = max((n for n, row in zip(filled, rows, strict=True) if len(row) <= usual + 1), default=1)
    needed = max(fullest / 2, 2 if fullest > 1 else 1)
    fitting = [i for i in range(min(len(rows), TITLE_ROWS)) if filled[i] >= needed and len(rows[i]) >= usual - 1]
    if not fitting:
        return max(range(min(len(rows), TITLE_ROWS)), key=lambda i: (filled[i], -i))
    first = fitting[0]
    rival = fitting[1] if len(fitting) > 1 else first
    if len(rows[first]) < len(rows[rival]) == usual and rows[rival][-1] and _are_names(rows[rival]):
        return rival  # a title of two cells above a header of three
    return first


def usual_length(rows: Sequence[Cells]) -> tuple[int, int]:
    """How many cells most rows have, and how many rows have that many.

    Rows with one filled cell are titles and footers, which can outnumber the data of a short report, unless nearly all
    rows are like that.

    Examples
    --------
    >>> usual_length([["Report"], ["By", "Won"], ["Ann", "3"], ["Copyright"], ["Confidential"]])
    (2, 2)
    """
    several = [row for row in rows if _filled(row) > 1]
    counted = several if len(several) >= max(2, len(rows) / 4) else rows
    lengths = Counter(len(row) for row in counted if any(row))
    return max(lengths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))


def _filled(row: Cells) -> int:
    return sum(1 for cell in row if cell and cell.strip())


def _is_comment(row: Cells) -> bool:
    return bool(row and row[0] and _COMMENT.match(row[0])) and (_filled(row) == 1 or row[0] != "#")


def _are_names(row: Cells) -> bool:
    words = [folded(cell) for cell in row if cell and cell.strip()]
    return len(set(words)) == len(words) and not any(_FIGURE.match(word) for word in words)


def unique_names(cells: Cells) -> tuple[str, ...]:
    """Column names: trimmed, a number for the nameless, and a number behind what is there twice.

    Names that differ only in case count as the same, as they do in SQL.

    Examples
    --------
    >>> unique_names(["Name", "", "name", None])
    ('Name', 'column_2', 'name (2)', 'column_4')
    """
    taken = {REFUSED}
    names = []
    for number, cell in enumerate(cells, start=1):
        name = base = " ".join((cell or "").replace("\ufeff", "").replace("\0", "").split()) or f"column_{number}"
        copies = 1
        while name.casefold() in taken:
            copies += 1
            name = f"{base} ({copies})"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def sampled(rows: Sequence[Cells], width: int) -> tuple[tuple[str | None, ...], ...]:
    """The first rows of data, each as wide as the header."""
    return tuple((*row[:width], *[None] * (width - len(row))) for row in rows[:SAMPLE_ROWS])
