"""Whether a sheet writes its figures with a decimal comma: decided once for the sheet."""

from __future__ import annotations

import re

from goodwill.exports import Sheet

#: 2,5 and 1.234,56 cannot be American; 1,234 could be either and says nothing.
_COMMA = re.compile(r"^\D*(\d+|\d{1,3}(\.\d{3})+),\d{1,2}\D*$")
_COMMA_AFTER_ZERO = re.compile(r"^\D*0,\d+\D*$")


def decimal_of(sheet: Sheet, *columns: str) -> str:
    """The decimal mark of these columns: ``","`` if any figure of the sample can only be read so, else ``"."``.

    Examples
    --------
    >>> decimal_of(Sheet("a.csv", "", ("Hours",), 2, (("2",), ("1,5",))), "Hours")
    ','
    >>> decimal_of(Sheet("a.csv", "", ("Amount",), 2, (("12,000.50",), ("1,500",))), "Amount")
    '.'
    """
    spelt = {sheet.column(name) for name in columns}
    places = [i for i, name in enumerate(sheet.header) if name in spelt]
    figures = [(row[i] or "").strip() for row in sheet.sample for i in places if i < len(row)]
    return "," if any(_COMMA.match(f) or _COMMA_AFTER_ZERO.match(f) for f in figures) else "."
