"""Excel 2003's XML workbooks (SpreadsheetML), which Meta and others write under names such as .xls and .xml."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

from goodwill.errors import ExportError, Place
from goodwill.exports import Sheet
from goodwill.sources.grids import check_extent, grid_sheet

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"

#: Cells of one row and rows of one sheet that Excel itself allows; an index beyond them is no index.
MAX_COLUMNS, MAX_ROWS = 16_384, 1_048_576


class _Reader:
    """Collects the cells of each worksheet while the parser walks through the file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.sheets: list[tuple[str, list[list[str | None]]]] = []
        self.kind = ""
        self.text: list[str] | None = None
        self.skip_cells = 0
        self.width = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        rows = self.sheets[-1][1] if self.sheets else []
        match tag.removeprefix(NAMESPACE + " "):
            case "Worksheet":
                self.sheets.append((attributes.get(f"{NAMESPACE} Name", ""), []))
                self.width = 0
            case "Row" if self.sheets:
                rows.extend([] for _ in range(self._index(attributes, MAX_ROWS, len(rows) + 1) - len(rows)))
                self.skip_cells = 0
            case "Cell" if rows:
                place = self._index(attributes, MAX_COLUMNS, len(rows[-1]) + self.skip_cells + 1)
                rows[-1].extend([None] * (place - len(rows[-1])))
                self.skip_cells = int(attributes.get(f"{NAMESPACE} MergeAcross", 0))
                self.width = max(self.width, place)
                check_extent(len(rows), self.width, file=self.file, sheet=self.sheets[-1][0])
            case "Data" if rows and rows[-1]:
                self.kind, self.text = attributes.get(f"{NAMESPACE} Type", "String"), []

    def _index(self, attributes: dict[str, str], most: int, expected: int) -> int:
        given = attributes.get(f"{NAMESPACE} Index", "")
        index = int(given) if given.isascii() and given.isdigit() else expected
        if not expected <= index <= most:
            raise ExportError(
                f"A row or cell has the index {index}, which cannot be.",
                where=Place(self.file),
                remedy="The file seems damaged; export it again or save it as xlsx.",
            )
        return index

    def characters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, tag: str) -> None:
        if tag == f"{NAMESPACE} Data" and self.text is not None:
            self.sheets[-1][1][-1][-1] = _shown("".join(self.text), self.kind)
            self.text = None


def _shown(text: str, kind: str) -> str | None:
    if kind == "DateTime":
        return text.replace("T", " ").removesuffix(".000")
    if kind == "Boolean":
        return "true" if text.strip() in ("1", "true") else "false"
    return text or None


def spreadsheetml_sheets(path: Path, *, name: str) -> tuple[Sheet, ...]:
    """Every sheet with a table of a SpreadsheetML workbook.

    Raises
    ------
    ExportError
        If the file is cut off or no XML, or has a document type: no spreadsheet program writes one, and entities
        declared there can grow a small file without bound.
    """
    reader = _Reader(name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters

    def refuse(*_: object) -> None:
        raise ExportError(
            "The XML declares a document type, which can hide expanding entities.",
            where=Place(name, line=parser.CurrentLineNumber),
            remedy="Open the file in a spreadsheet program and save it as xlsx.",
        )

    parser.StartDoctypeDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError) as error:
        raise ExportError(
            f"The XML workbook cannot be read to its end ({error}); it seems cut off or damaged.",
            where=Place(name, line=parser.CurrentLineNumber),
            remedy="Export it again, or open it in a spreadsheet program and save it as xlsx.",
        ) from None
    found = (grid_sheet(rows, file=name, name=title) for title, rows in reader.sheets)
    return tuple(sheet for sheet in found if sheet is not None)
