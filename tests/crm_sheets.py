"""Sheets written by hand and a naive loader, for the tests of CRM, e-mail, service and time sources."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import duckdb

from goodwill.exports import Export, Locale, Relation, Sheet, literal, quoted
from goodwill.registry import Layout, Source
from goodwill.sources import (
    hubspot_api,
    hubspot_api_email,
    hubspot_export,
    mailchimp_activity,
    salesforce_report,
    timesheets,
    zendesk_tickets,
)
from goodwill.sources.cells import NOTHING
from goodwill.sources.recognise import recognise
from goodwill.vocabulary import SQL_TYPES, TABLES

SOURCES: tuple[Source, ...] = (
    hubspot_api.SOURCE,
    hubspot_api_email.SOURCE,
    hubspot_export.SOURCE,
    salesforce_report.SOURCE,
    mailchimp_activity.SOURCE,
    zendesk_tickets.SOURCE,
    timesheets.SOURCE,
)
ENGINE = duckdb.connect()
BERLIN = Locale(time_zone="Europe/Berlin", currency="EUR")


def sheet(header: str, *rows: tuple[str | None, ...], file: str = "export.csv") -> Sheet:
    """A sheet of text cells; the header's columns are parted by commas."""
    columns = tuple(header.split(","))
    padded = [(*row, *[None] * (len(columns) - len(row))) for row in rows] or [(None,) * len(columns)]
    cells = ", ".join(
        "(" + ", ".join("NULL::VARCHAR" if c is None else literal(c) for c in row) + ")" for row in padded
    )
    relation = f"(VALUES {cells}) AS t({', '.join(map(quoted, columns))})"
    return Sheet(file, "", columns, 2, tuple(padded), relation)


def file_sheet(path: Path) -> Sheet:
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    relation = f"read_csv({literal(str(path))}, header = true, all_varchar = true, delim = ',', quote = '\"')"
    return Sheet(path.name, "", tuple(header), 2, tuple(tuple(r) for r in rows[:100]), relation)


def taken_for(found: Sheet) -> tuple[str, str]:
    export = Export(Path(found.file), found.file, "0" * 64, 1, "csv", (found,))
    (recognition,) = recognise(export, (), BERLIN)
    return recognition.source, recognition.layout


def layout_of(source: Source, name: str) -> Layout:
    return next(layout for layout in source.layouts if layout.name == name)


def rows_of(found: Sheet, relation: Relation) -> list[dict[str, Any]]:
    """A naive loader: the canonical row, its number in the file, and the column for which it is refused."""
    table = TABLES[relation.table]
    cells = {c.name: relation.columns.get(c.name, NOTHING) for c in table.columns}
    values = [f"CAST({cells[c.name].value} AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns]
    raws = [f"{cell.raw or 'NULL'} AS {quoted('raw ' + name)}" for name, cell in cells.items()]
    query = ENGINE.sql(
        f"SELECT nr AS source_row, {', '.join([*values, *raws])} "
        f"FROM (SELECT row_number() OVER () AS nr, * FROM {found.relation}) WHERE {relation.where}"
    )
    rows = [dict(zip(query.columns, row, strict=True)) for row in query.fetchall()]
    for row in rows:
        said = {name: row.pop("raw " + name) for name in cells}
        unread = [name for name, raw in said.items() if raw is not None and row[name] is None]
        absent = [c.name for c in table.columns if c.required and row[c.name] is None]
        row["refused_column"] = next(iter([*unread, *absent]), None)
        row["refused_value"] = said.get(row["refused_column"])
    return rows


def loaded(source: Source, layout: str, found: Sheet, locale: Locale = BERLIN) -> dict[str, list[dict[str, Any]]]:
    """Every canonical row, refused ones too, by table; absent values left out for readable comparisons."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for relation in layout_of(source, layout).relations(found, locale):
        tables.setdefault(relation.table, []).extend(rows_of(found, relation))
    hidden = ("source_row",)
    return {
        t: [{k: v for k, v in r.items() if v is not None and k not in hidden} for r in rows]
        for t, rows in tables.items()
    }


def carried(tables: dict[str, list[dict[str, Any]]]) -> set[tuple[str, str]]:
    assert all(row["is_verified"] for row in tables["identifiers"])
    return {(row["record"], row["value"]) for row in tables["identifiers"]}


def at(*when: int) -> dt.datetime:
    return dt.datetime(*when)
