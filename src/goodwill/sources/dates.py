"""In which order a sheet writes day, month and year: decided once for the sheet, never cell by cell."""

from __future__ import annotations

import re

from goodwill.exports import Sheet

#: 3/5/2024, 03.05.24, 3-5-2024, alone or followed by a time.
_NUMERIC = re.compile(r"\s*(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?=$|[ ,T])")

#: The clocks that spreadsheets and CRMs write behind a date, and "" for a date alone.
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %I:%M %p")


def order_of(sheet: Sheet, *columns: str) -> tuple[str, ...]:
    """The strptime formats in which a sheet writes its dates.

    One export is written in one locale, so the sample decides for all rows: where any first number
    exceeds 12 the day comes first; where a second number does, the month. Undecided, slashes mean the American
    order, which is the vendors' default, and dots and dashes the European one. A row that then does not fit is
    refused and counted, never read the other way round.

    Parameters
    ----------
    sheet : Sheet
    *columns : str
        The date columns, as far as the sheet has them; without any, all columns are looked at.

    Returns
    -------
    tuple of str
        For ``cells.moment(..., formats=...)``; empty where the sample holds no such date: ISO dates need no format.

    Examples
    --------
    >>> sheet = Sheet("a.csv", "", ("Close Date",), 2, (("3/5/2024",), ("25/5/2024",)))
    >>> order_of(sheet, "Close Date")[:2]
    ('%d/%m/%Y', '%d/%m/%Y %H:%M')
    """
    found = [match for text in _texts(sheet, columns) if (match := _NUMERIC.match(text))]
    formats = []
    for mark in sorted({m[2] for m in found}):
        dates = [m for m in found if m[2] == mark]
        year = "%y" if any(len(m[4]) == 2 for m in dates) else "%Y"
        day_first = any(int(m[1]) > 12 for m in dates)
        month_first = any(int(m[3]) > 12 for m in dates) or mark == "/"
        order = ("%m", "%d", year) if month_first and not day_first else ("%d", "%m", year)
        formats += [mark.join(order) + clock for clock in CLOCKS]
    return tuple(formats)


def _texts(sheet: Sheet, columns: tuple[str, ...]) -> list[str]:
    spelt = {sheet.column(name) for name in columns} if columns else set(sheet.header)
    places = [i for i, name in enumerate(sheet.header) if name in spelt]
    return [row[i] or "" for row in sheet.sample for i in places if i < len(row)]
