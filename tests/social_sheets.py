"""What the tests of the social sources share: sheets made as opening a file makes them, and a plain way to run a source."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow as pa
from python_calamine import CalamineWorkbook

from goodwill.exports import Locale, Relation, Sheet, literal, quoted
from goodwill.registry import Layout, Source
from goodwill.sources import (
    facebook_insights,
    ga4_events,
    ga4_report,
    linkedin_page,
    mastodon_outbox,
    meta_business_suite,
    x_analytics,
    x_archive,
    youtube_studio,
)
from goodwill.sources.cells import ABSENT, NOTHING
from goodwill.terms import CHANNELS, METRICS, VERBS
from goodwill.vocabulary import SQL_TYPES, TABLES

MODULES = (
    facebook_insights, ga4_events, ga4_report, linkedin_page, mastodon_outbox, meta_business_suite, x_analytics,
    x_archive, youtube_studio,
)  # fmt: skip
SOURCES: tuple[Source, ...] = tuple(module.SOURCE for module in MODULES)
Row = dict[str, Any]


# --- sheets, made by hand as opening a file makes them ----------------------------------------------------------


def sheet_of(header: Sequence[str], rows: Sequence[Sequence[str | None]], name: str = "", first_row: int = 2) -> Sheet:
    columns = [[row[i] if i < len(row) else None for row in rows] for i in range(len(header))]
    table = pa.table({h: pa.array(c, pa.string()) for h, c in zip(header, columns, strict=True)})
    return Sheet("a file", name, tuple(header), first_row, tuple(tuple(row) for row in rows[:50]), rows=table)


def unique(header: Sequence[str]) -> list[str]:
    names: list[str] = []
    for name in header:
        names.append(name if name not in names else f"{name} (2)")
    return names


def cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def workbook(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def excel_sheets(path: Path) -> list[Sheet]:
    sheets = []
    for name, rows in workbook(path).items():
        start = 1 if sum(1 for c in rows[0] if c != "") == 1 else 0  # a sentence stands above the header
        sheets.append(sheet_of(rows[start], [[cell(c) for c in r] for r in rows[start + 1 :]], name, start + 2))
    return sheets


def spreadsheet_ml(path: Path) -> dict[str, list[list[str | None]]]:
    ss = "{urn:schemas-microsoft-com:office:spreadsheet}"
    sheets = {}
    for found in ElementTree.parse(path).getroot().iter(f"{ss}Worksheet"):
        rows = [[d.text for d in row.iter(f"{ss}Data")] for row in found.iter(f"{ss}Row")]
        sheets[found.attrib[f"{ss}Name"]] = rows
    return sheets


def facebook_sheets(path: Path) -> list[Sheet]:
    return [sheet_of(unique([h or "" for h in rows[0]]), rows[1:], n) for n, rows in spreadsheet_ml(path).items()]


def csv_sheet(path: Path) -> Sheet:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    return sheet_of(rows[0], rows[1:])


def json_sheet(documents: Sequence[dict[str, Any]], name: str) -> Sheet:
    keys = list(dict.fromkeys(key for document in documents for key in document))

    def told(value: object) -> str | None:
        return value if isinstance(value, str) or value is None else json.dumps(value)

    return sheet_of(keys, [[told(d.get(k)) for k in keys] for d in documents], name, 1)


def tweets(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    return [entry["tweet"] for entry in json.loads(text[text.index("=") + 1 :])]


def outbox(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["orderedItems"]
    return found


# --- running what a source says ----------------------------------------------------------------------------------


def matching(sheet: Sheet, sources: Sequence[Source] = SOURCES) -> list[tuple[str, Layout]]:
    return [(s.name, layout) for s in sources for layout in s.layouts if sheet.has(*layout.requires)]


def loaded(sheet: Sheet, source: Source, locale: Locale | None = None) -> dict[str, list[Row]]:
    """Every canonical row, good and refused, by table."""
    (_, layout), *others = matching(sheet, [source])
    assert not others
    tables: dict[str, list[Row]] = {}
    with duckdb.connect() as connection:
        connection.register("sheet", sheet.rows)
        for relation in layout.relations(sheet, locale or Locale()):
            unknown = set(relation.columns) - {column.name for column in TABLES[relation.table].columns}
            assert not unknown, f"{relation.table} has no {unknown}"
            found = connection.execute(_query(sheet, relation)).to_arrow_table().to_pylist()
            tables.setdefault(relation.table, []).extend(_judged(row, relation) for row in found)
    return tables


def _query(sheet: Sheet, relation: Relation) -> str:
    table = TABLES[relation.table]
    cells = {c.name: relation.columns.get(c.name, NOTHING) for c in table.columns}
    values = [f'CAST({cells[c.name].value} AS {SQL_TYPES[c.type]}) AS "{c.name}"' for c in table.columns]
    raws = [f'{c.raw} AS "raw {name}"' for name, c in cells.items() if c.raw]
    structs = [
        f"{{'native': {literal(m.column)}, 'name': '{m.metric}', 'audience': '{m.audience}', 'unit': '{m.unit}',"
        f" 'value': {quoted(m.column)}}}"
        for m in relation.each
    ]
    metric = f", unnest([{', '.join(structs)}]) AS metric" if structs else ""
    says = f"WHERE lower(trim(metric.value)) NOT IN ({', '.join(map(literal, ABSENT))})" if structs else ""
    read = f"SELECT row_number() OVER () + {sheet.first_row - 1} AS source_row, * FROM sheet"
    chosen = f"SELECT *{metric} FROM ({read}) WHERE {relation.where}"
    return f"SELECT source_row, {', '.join(values + raws)} FROM ({chosen}) {says} ORDER BY source_row"


def _judged(row: Row, relation: Relation) -> Row:
    columns = TABLES[relation.table].columns
    wrong = [c.name for c in columns if row[c.name] is None and (c.required or row.get(f"raw {c.name}") is not None)]
    return {**row, "refused_column": wrong[0] if wrong else None}


def good(tables: dict[str, list[Row]], table: str) -> list[Row]:
    return [row for row in tables.get(table, []) if row["refused_column"] is None]


def refused(tables: dict[str, list[Row]]) -> list[Row]:
    return [row for rows in tables.values() for row in rows if row["refused_column"] is not None]


def total(rows: Sequence[Row], native: str, **parts: object) -> float:
    return sum(r["value"] for r in rows if r["native_metric"] == native and all(r[k] == v for k, v in parts.items()))


def only(rows: Sequence[Row], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[c] for c in columns) for row in rows]


def in_terms(tables: dict[str, list[Row]]) -> None:
    """Does every row use the field's words?"""
    for row in good(tables, "exposures"):
        assert row["metric"] in METRICS
        assert row["audience"] in ("organic", "paid", "total")
        assert row["unit"] in ("count", "fraction", "hours", "persons")
        assert row["period_type"] in ("day", "reporting_period", "lifetime")
    for row in good(tables, "interactions"):
        assert row["verb"] in VERBS
        assert row["channel_group"] in CHANNELS
        assert row["direction"] in ("inbound", "outbound", "among")
