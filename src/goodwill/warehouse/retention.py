"""Leaves out what the settings say not to keep: rows about people that lie too long before the last day that counts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from goodwill.exports import literal, quoted
from goodwill.settings import RETAINED
from goodwill.vocabulary import SQL_TYPES, TABLES
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import plain
from goodwill.warehouse.loaded import Loaded, Part, kept, settle
from goodwill.warehouse.loading import TOO_OLD, counted, write

#: When a row happened, and SQL for: is it about a person who is none of ours by the row's own words?
DATED: Mapping[str, tuple[str, str]] = {
    "interactions": ("at", "coalesce(actor, target_actor) IS NOT NULL"),
    "items": ("at", "author IS NOT NULL AND NOT is_own"),
    "leads": ("created_at", "TRUE"),
    "tickets": ("created_at", "TRUE"),
    "surveys": ("at", "TRUE"),
    "orders": ("at", "person IS NOT NULL"),
    "subscriptions": ("ended_at", "person IS NOT NULL"),
}
#: Rows that go with the record of a person, and the column that names it.
RECORDS: Mapping[str, str] = {
    "people": "id", "identifiers": "record", "employments": "person", "opportunity_contacts": "person",
}  # fmt: skip
#: Columns of dated rows that name people: who is named after the cut is still with us.
_NAMED = (("interactions", "actor"), ("interactions", "target_actor"), ("leads", "person"), ("tickets", "requester"),
          ("surveys", "person"), ("orders", "person"), ("items", "author"))  # fmt: skip


def trimmed(
    tables: Tables, files: Sequence[Loaded], months: Mapping[str, int], last_day: dt.date, folder: Path
) -> tuple[Loaded, ...]:
    """The files without rows about people that are older than ``months`` say, each in a folder of its own.

    Parameters
    ----------
    tables : engine
        With every file published.
    files : sequence of Loaded
        As they were loaded, anywhere.
    months : mapping
        How long the rows of each table are kept; a table that is not named is kept for ever.
    last_day : date
        The last day that counts: what is kept does not depend on today.
    folder : Path
        The workspace's ``loaded/``.
    """
    cuts = {table: _before(last_day, months[table]) for table in RETAINED if table in months}
    if "people" in cuts:
        _list_gone(tables, cuts["people"])
    found = tuple(_trimmed(tables, file, cuts, folder) for file in files)
    if "people" in cuts:
        tables.execute("DROP TABLE people_gone")
    return found


def _before(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months earlier, or the last one that month has.

    Examples
    --------
    >>> _before(dt.date(2025, 3, 31), 1), _before(dt.date(2025, 1, 15), 24)
    (datetime.date(2025, 2, 28), datetime.date(2023, 1, 15))
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    length = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, length))


def _list_gone(tables: Tables, cut: dt.date) -> None:
    """Records made before the cut, of people whom nothing later names: neither them nor what carries the same key."""
    later = " UNION ".join(
        f"SELECT {column} AS node FROM {table} WHERE {quoted(DATED[table][0])} >= $cut" for table, column in _NAMED
    )
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE people_gone AS
        WITH RECURSIVE both_ways AS (
            SELECT record AS a, value AS b FROM identifiers WHERE is_verified
            UNION SELECT value, record FROM identifiers WHERE is_verified
            UNION SELECT id, 'email:' || lower(email) FROM people WHERE email IS NOT NULL
            UNION SELECT 'email:' || lower(email), id FROM people WHERE email IS NOT NULL),
        alive AS (
            SELECT node FROM ({later}
                UNION SELECT id FROM people WHERE created_at IS NULL OR created_at >= $cut
                UNION SELECT person FROM subscriptions WHERE ended_at IS NULL OR ended_at >= $cut)
            WHERE node IS NOT NULL
            UNION SELECT e.b FROM alive AS l JOIN both_ways AS e ON e.a = l.node)
        SELECT DISTINCT id AS node FROM people WHERE id NOT IN (SELECT node FROM alive) ORDER BY node""",
        cut=cut,
    )


def _trimmed(tables: Tables, loaded: Loaded, cuts: Mapping[str, dt.date], folder: Path) -> Loaded:
    said = json.dumps([loaded.key, {table: str(day) for table, day in cuts.items()}, _gone(tables, cuts)])
    target = folder / hashlib.sha256(said.encode()).hexdigest()[:24]
    if there := kept(target):
        return there
    building = target.with_name(f".building-{target.name}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        parts = tuple(_trimmed_part(tables, loaded, part, cuts, building) for part in loaded.parts)
        return settle(building, replace(loaded, key=target.name, folder=target, parts=parts, sheets=loaded.sheets))
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _gone(tables: Tables, cuts: Mapping[str, dt.date]) -> str:
    """What tells one list of people who are gone from another."""
    if "people" not in cuts:
        return ""
    return str(tables.rows("SELECT md5(string_agg(node, ' ' ORDER BY node)) AS digest FROM people_gone")[0]["digest"])


def _trimmed_part(tables: Tables, loaded: Loaded, part: Part, cuts: Mapping[str, dt.date], building: Path) -> Part:
    source = f"read_parquet({literal(plain(loaded.folder / part.file))})"
    old = _old(part.table, cuts)
    if old is None:
        shutil.copy2(loaded.folder / part.file, building / part.file)
        return part
    # a row that was refused is judged like any other: its words are a person's all the same
    columns = ", ".join(
        f"CASE WHEN NOT __old THEN {quoted(c.name)} END::{SQL_TYPES[c.type]} AS {quoted(c.name)}"
        for c in TABLES[part.table].columns
    )
    write(
        tables,
        f"SELECT {columns}, source_file, source_row, "
        f"CASE WHEN __old THEN {literal(TOO_OLD)} ELSE refused_column END AS refused_column, "
        "CASE WHEN NOT __old THEN refused_value END AS refused_value, "
        "CASE WHEN NOT __old THEN refused_reason END AS refused_reason "
        f"FROM (SELECT *, coalesce({old}, FALSE) AS __old FROM {source})",
        building / part.file,
    )
    return counted(tables, building, part)


def _old(table: str, cuts: Mapping[str, dt.date]) -> str | None:
    """SQL: is a row of this table too old? None where none can be."""
    if table in RECORDS and "people" in cuts:
        return f"{RECORDS[table]} IN (SELECT node FROM people_gone)"
    if table not in cuts or table not in DATED:
        return None
    time, is_personal = DATED[table]
    return f"{quoted(time)} < DATE '{cuts[table]}' AND {is_personal}"


def rows_left_out(files: Sequence[Loaded]) -> dict[str, int]:
    """How many rows of each table are no longer kept."""
    found: dict[str, int] = {}
    for part in (part for file in files for part in file.parts if part.too_old):
        found[part.table] = found.get(part.table, 0) + part.too_old
    return dict(sorted(found.items()))
