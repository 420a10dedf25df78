"""What the tests of the social sources share: sheets as opening a file makes them, and a plain way to run a source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow as pa
from python_calamine import CalamineWorkbook

from goodwill.exports import Locale, Sheet
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
from goodwill.sources.headers import REFUSED
from goodwill.sources.opening import open_export
from goodwill.terms import CHANNELS, METRICS, VERBS
from goodwill.vocabulary import TABLES
from goodwill.warehouse.projection import projection

MODULES = (
    facebook_insights, ga4_events, ga4_report, linkedin_page, mastodon_outbox, meta_business_suite, x_analytics,
    x_archive, youtube_studio,
)  # fmt: skip
SOURCES: tuple[Source, ...] = tuple(module.SOURCE for module in MODULES)
Row = dict[str, Any]


# --- sheets, made by hand as opening a file makes them ----------------------------------------------------------


def sheet_of(header: Sequence[str], rows: Sequence[Sequence[str | None]], name: str = "", first_row: int = 2) -> Sheet:
    """A sheet by hand: its columns, and the one in which opening says what is wrong with a row."""
    columns = {h: pa.array([row[i] for row in rows], pa.string()) for i, h in enumerate(header)}
    table = pa.table({**columns, REFUSED: pa.nulls(len(rows), pa.string())})
    return Sheet("a file", name, tuple(header), first_row, tuple(tuple(row) for row in rows[:50]), rows=table)


def opened(path: Path, scratch: Path) -> list[Sheet]:
    return list(open_export(path, name=path.name, scratch=scratch).sheets)


def opened_by_name(path: Path, scratch: Path) -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in opened(path, scratch)}


def workbook(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def spreadsheet_ml(path: Path) -> dict[str, list[list[str | None]]]:
    ss = "{urn:schemas-microsoft-com:office:spreadsheet}"
    sheets = {}
    for found in ElementTree.parse(path).getroot().iter(f"{ss}Worksheet"):
        rows = [[d.text for d in row.iter(f"{ss}Data")] for row in found.iter(f"{ss}Row")]
        sheets[found.attrib[f"{ss}Name"]] = rows
    return sheets


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
        if sheet.rows is not None:
            connection.register("sheet", sheet.rows)
        for relation in layout.relations(sheet, locale or Locale()):
            unknown = set(relation.columns) - {column.name for column in TABLES[relation.table].columns}
            assert not unknown, f"{relation.table} has no {unknown}"
            read = "sheet" if sheet.rows is not None else sheet.relation
            query = f"SELECT * FROM ({projection(sheet, relation, read, sheet.file)}) ORDER BY source_row"
            tables.setdefault(relation.table, []).extend(connection.sql(query).to_arrow_table().to_pylist())
    return tables


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
