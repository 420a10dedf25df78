"""Tables as CSV for people: RFC 4180, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

#: What a spreadsheet takes for a formula: one of these signs, also in full width, behind any space; or a cell that
#: begins with a tab or a line break, behind which some programs look (OWASP, CSV Injection).
_FORMULA = re.compile("[\\s\\ufeff\\u200b-\\u200f\\u2060\\x00-\\x1f]*[=+\\-@＝＋－＠]|[\\t\\r\\n]")
#: A negative number is one in every spreadsheet, and a number with one word behind it can call nothing. With a plus in
#: front and no word behind, it may be the number of a telephone, which a spreadsheet would reckon with.
_SIZE = r"(\d+|\d{1,3}(,\d{3})+)(\.\d+)?"
_NUMBER = re.compile(rf"-{_SIZE}([eE][+-]?\d{{1,3}})?|[+-]{_SIZE}(%| [A-Za-z]+)", re.ASCII)


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: a quotation mark stands before one that could be.

    Parameters
    ----------
    cell : object
        Only text is looked at: a number that is a number stays one.

    Examples
    --------
    >>> harmless("=SUM(A1)"), harmless("  ＠home"), harmless("+49 30 1234")
    ("'=SUM(A1)", "'  ＠home", "'+49 30 1234")
    >>> harmless(-5.2), harmless("-5.2"), harmless("+6.1 points"), harmless("a-b"), harmless(None)
    (-5.2, '-5.2', '+6.1 points', 'a-b', None)
    """
    if not isinstance(cell, str) or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return "'" + cell


def as_csv(header: Iterable[str], rows: Iterable[Iterable[Any]], *, line_end: str = "\r\n") -> str:
    """A table as CSV that is safe to open in a spreadsheet; what is absent is an empty cell.

    Examples
    --------
    >>> as_csv(("venue", "share"), [("x, y", -0.5), ("@home", None)])
    'venue,share\\r\\n"x, y",-0.5\\r\\n\\'@home,\\r\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerows([harmless(cell) for cell in row] for row in (tuple(header), *rows))
    return text.getvalue()
