"""Excel and OpenDocument workbooks (xls, xlsx, xlsb, ods), read by calamine; every cell becomes text."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import python_calamine as calamine

from goodwill.errors import ExportError, Place
from goodwill.exports import Sheet
from goodwill.sources.grids import check_extent, grid_sheet

#: An xlsx may unpack to this much in all: Excel's largest sheets stay well below, and calamine holds a sheet in memory.
MAX_UNPACKED_BYTES = 2 << 30

#: How an encrypted workbook names its content inside the OLE container.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

#: Cells beyond column Z, and rows, by their address in a worksheet's XML.
_FAR_CELL = re.compile(rb'<c [^>]{0,200}?r="([A-Z]{2,3})[0-9]+"')
_ROW = re.compile(rb'<row [^>]{0,200}?r="([0-9]+)"')


def workbook_sheets(path: Path, *, name: str) -> tuple[Sheet, ...]:
    """Every sheet with a table of a workbook.

    Figures are written without a trailing ``.0``, moments as ``YYYY-MM-DD HH:MM:SS``, truth as ``true`` and
    ``false``, empty cells and errors of formulas (``#N/A``) as calamine shows them.

    Raises
    ------
    ExportError
        If the workbook is protected by a password, damaged, cut off or would not fit in memory.
    """
    _check_password(path, name)
    if zipfile.is_zipfile(path):
        _check_extents(path, name)
    sheets = []
    try:
        with calamine.load_workbook(path) as book:
            for about in book.sheets_metadata:
                if about.typ == calamine.SheetTypeEnum.WorkSheet:
                    grid = book.get_sheet_by_name(about.name)
                    check_extent(grid.total_height, grid.total_width, file=name, sheet=about.name)
                    rows = [[_shown(cell) for cell in row] for row in grid.to_python(skip_empty_area=False)]
                    sheets.append(grid_sheet(rows, file=name, name=about.name))
    except calamine.PasswordError:
        raise _protected(name) from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise ExportError(
            f"The workbook cannot be read ({error}); it seems cut off or damaged.",
            where=Place(name),
            remedy="Export it again; or open it in a spreadsheet program and save it as xlsx.",
        ) from None
    return tuple(sheet for sheet in sheets if sheet is not None)


def _check_password(path: Path, name: str) -> None:
    with path.open("rb") as file:
        # the directory that names the streams may stand anywhere in the container
        if file.read(4) == b"\xd0\xcf\x11\xe0" and _ENCRYPTED in file.read():
            raise _protected(name)


def _protected(name: str) -> ExportError:
    return ExportError(
        "The workbook is protected by a password.",
        where=Place(name),
        remedy="Open it in a spreadsheet program, save it without a password and put that file into exports/.",
    )


def _check_extents(path: Path, name: str) -> None:
    """Refuse sheets that would unpack or spread beyond memory: calamine would not fail but end the process."""
    try:
        with zipfile.ZipFile(path) as book:
            if sum(member.file_size for member in book.infolist()) > MAX_UNPACKED_BYTES:
                raise ExportError(
                    f"The workbook unpacks to more than {MAX_UNPACKED_BYTES >> 30} GB.",
                    where=Place(name),
                    remedy="Export it as CSV.",
                )
            for member in book.namelist():
                if member.startswith("xl/worksheets/") and member.endswith(".xml"):
                    rows, columns = _extent(book, member)
                    check_extent(rows, columns, file=name, sheet=member)
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise ExportError(
            f"The workbook cannot be unpacked ({error}); it seems cut off or damaged.",
            where=Place(name),
            remedy="Export it again.",
        ) from None


def _extent(book: zipfile.ZipFile, member: str) -> tuple[int, int]:
    rows, columns, kept = 0, 26, b""
    with book.open(member) as xml:
        while chunk := xml.read(1 << 20):
            part = kept + chunk
            rows = max([rows, *(int(n) for n in _ROW.findall(part))])
            columns = max([columns, *(_column_number(letters) for letters in set(_FAR_CELL.findall(part)))])
            kept = part[-256:]  # an address may be cut in two by the end of a chunk
    return rows, columns


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _shown(cell: Any) -> str | None:
    """A cell as text, None if it is empty."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # whole numbers beyond 2^53 are no longer exact; their digits are shown all the same
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.date):
        return f"{cell.isoformat()} 00:00:00"
    return str(cell)
