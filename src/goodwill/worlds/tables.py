"""Files that come out the same to the byte: CSV from columns, and Excel workbooks without the clock."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from openpyxl import Workbook

from goodwill.worlds.arithmetic import Ints

#: The date that every workbook and every entry of its archive bears; archives know none before 1980.
STILL = (1980, 1, 1, 0, 0, 0)


def write_csv(path: Path, columns: Mapping[str, Any], *, footer: str = "") -> None:
    """Write columns of equal length as CSV: a header, one row per line, nothing where a value is null.

    A column may be an Arrow array, a list, or a text or None that stands in every row. ``footer`` is written as it is
    after the last row.
    """
    rows = next(len(c) for c in columns.values() if c is not None and not isinstance(c, str))
    arrays = [
        pa.repeat(pa.scalar(c, pa.string()), rows) if c is None or isinstance(c, str) else c for c in columns.values()
    ]
    table = pa.table(arrays, names=[str(i) for i in range(len(arrays))])
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(columns)
    with path.open("wb") as file:
        file.write(header.getvalue().encode())
        pa_csv.write_csv(table, file, pa_csv.WriteOptions(include_header=False))
        file.write(footer.encode())


def pick(words: Sequence[str | None], index: Ints) -> pa.Array:
    """The word of each number, as one Arrow column."""
    return pa.array(words, pa.string()).take(pa.array(index))


def moments(seconds: Ints, form: str) -> pa.Array:
    """Moments (seconds since 1970) as text in the strftime form given."""
    return pc.strftime(pa.array(seconds, pa.timestamp("s")), format=form)


def listed(text: str, mark: str = ",") -> list[str]:
    """Headers and names, written in one text because a list of short words is hard to read.

    Examples
    --------
    >>> listed("Date,Client")
    ['Date', 'Client']
    """
    return text.split(mark)


def us_dates(days: Ints) -> list[str]:
    """Days since 1970 as M/D/YYYY.

    Examples
    --------
    >>> us_dates(np.array([0, 19723]))
    ['1/1/1970', '1/1/2024']
    """
    as_date = [day_of(d) for d in np.asarray(days).tolist()]
    return [f"{d.month}/{d.day}/{d.year}" for d in as_date]


def iso_dates(days: Ints) -> pa.Array:
    """Days since 1970 as YYYY-MM-DD.

    Examples
    --------
    >>> iso_dates(np.array([0, 19723])).to_pylist()
    ['1970-01-01', '2024-01-01']
    """
    return pc.strftime(pa.array(days, pa.int32()).cast(pa.date32()), format="%Y-%m-%d")


def day_of(day: int) -> date:
    """The calendar day of a day number."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


def number_of(day: str) -> int:
    """The day number of an ISO date.

    Examples
    --------
    >>> number_of("2024-01-01")
    19723
    """
    return date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()


def write_workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    """Write rows as an Excel workbook, without the time of writing."""
    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.properties.created = datetime(*STILL)
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, date_time=STILL)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, _undated(old.read(name)) if name == "docProps/core.xml" else old.read(name))


def _undated(properties: bytes) -> bytes:
    """The workbook's properties with the time of saving, which openpyxl always sets, replaced."""
    stamp = datetime(*STILL).isoformat().encode() + b"Z"
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, properties)
