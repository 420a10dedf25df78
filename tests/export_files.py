"""Small export files for the tests of opening: written, opened, and read as the warehouse reads them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pytest

from goodwill.exports import Export, Sheet
from goodwill.sources.opening import open_export

Opened = Callable[..., Export]

SPREADSHEETML = """<?xml version="1.0"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Posts"><Table>
<Row><Cell><Data ss:Type="String">Id</Data></Cell><Cell><Data ss:Type="String">At</Data></Cell>
<Cell><Data ss:Type="String">Likes</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">a &amp; b</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="Number">4</Data></Cell></Row>
<Row><Cell/><Cell><Data ss:Type="DateTime">2020-04-01T12:30:00.000</Data></Cell>
<Cell><Data ss:Type="Boolean">1</Data></Cell></Row>
</Table></Worksheet><Worksheet ss:Name="Empty"><Table/></Worksheet></Workbook>"""


def rows_of(sheet: Sheet) -> list[tuple[str | None, ...]]:
    """The rows as the warehouse will read them: the number in the file, the cells, the reason for refusing."""
    with duckdb.connect() as engine:
        if sheet.rows is not None:
            engine.register("held", sheet.rows)
        found = engine.execute(f"SELECT row_number() OVER () AS nr, * FROM {sheet.relation or 'held'}").fetchall()
    return [(nr + sheet.first_row - 1, *cells) for nr, *cells in found]


@pytest.fixture(name="opened")
def open_written(tmp_path: Path) -> Opened:
    """Write bytes or text under a name and open the file."""

    def write_and_open(content: bytes | str, name: str = "export.csv") -> Export:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_export(path, name=name, scratch=tmp_path / "scratch")

    return write_and_open


def workbook(rows: list[list[object]], **more: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for title, grid in {"First": rows, **more}.items():
        sheet = book.active if title == "First" else book.create_sheet()
        sheet.title = title
        for row in grid:
            sheet.append(row)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return into.getvalue()
