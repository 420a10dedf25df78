"""What a file is before anybody knows its vendor: an export, its sheets, and how a sheet becomes a table.

Sources speak in these nouns and the warehouse executes them; neither sees the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Sheet:
    """One rectangular table inside a file; every cell is text until a source says otherwise.

    ``relation`` is the DuckDB text that reads it (``read_csv(...)``); it is empty when the rows
    were decoded in memory and stand in ``rows``. ``first_row`` is the number, counted in the
    file from 1, of the first row of data.
    """

    file: str
    name: str
    header: tuple[str, ...]
    first_row: int
    sample: tuple[tuple[str | None, ...], ...]
    relation: str = ""
    rows: pyarrow.Table | None = field(default=None, compare=False, repr=False)

    def has(self, *columns: str) -> bool:
        """Are all these columns in the header (case and outer spaces ignored)?"""
        return all(self.column(name) is not None for name in columns)

    def column(self, *names: str) -> str | None:
        """The first of ``names`` that this sheet has, spelt as the file spells it."""
        spelt = {folded(h): h for h in reversed(self.header)}
        return next((spelt[folded(n)] for n in names if folded(n) in spelt), None)


@dataclass(frozen=True)
class Export:
    """A file that could be opened: what it is, its content hash, when it was last written, and its sheets."""

    path: Path
    name: str
    sha256: str
    bytes: int
    kind: str
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    modified_ns: int | None = None


@dataclass(frozen=True)
class Cell:
    """One canonical value as SQL: ``value`` is typed; ``raw`` is the text it was read from.

    A row whose ``raw`` says something that ``value`` could not understand is refused with the
    reason; ``raw`` is None for constants and for values that cannot fail.
    """

    value: str
    raw: str | None = None
    column: str | None = None


@dataclass(frozen=True)
class Metric:
    """One metric column of a wide sheet, to become rows of ``exposures``."""

    column: str
    metric: str
    audience: str = "total"
    unit: str = "count"


@dataclass(frozen=True)
class Relation:
    """How a sheet fills one canonical table: a cell per column, and which rows count.

    ``where`` is SQL over the sheet's own columns; rows it leaves out are not data (titles,
    totals, rows of another kind). ``each`` turns one row into one per metric; inside it the cells may
    use ``metric.native``, ``metric.name``, ``metric.audience``, ``metric.unit`` and ``metric.value``
    (text).
    """

    table: str
    columns: Mapping[str, Cell]
    where: str = "TRUE"
    each: tuple[Metric, ...] = ()


@dataclass(frozen=True)
class Locale:
    """What a file does not say about itself: the workspace's time zone, currency and decimal mark."""

    time_zone: str = "UTC"
    currency: str = "EUR"


#: What exports write where they know nothing, in lower case.
ABSENT = ("", "-", "--", "n/a", "na", "nan", "null", "none", "(not set)", "(none)", "#n/a")


def folded(name: str) -> str:
    """A header as it is compared: lower case, single spaces, no byte-order mark."""
    return " ".join(name.replace("\ufeff", "").strip().casefold().split())


def quoted(name: str) -> str:
    """A column name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as SQL."""
    return "'" + value.replace("'", "''") + "'"
