"""Loads exports: each file once by content, all or nothing, with every refused row kept and its reason.

What was read of a file lies in ``loaded/<key>/`` as one Parquet file per relation. The folder
appears by an atomic rename when everything in it is complete, so a crash leaves either the whole file
or nothing; the key is the content together with how it was read, so that the same file twice
changes nothing and a changed mapping is read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from goodwill.exports import ABSENT, Cell, Export, Relation, Sheet, literal, quoted
from goodwill.vocabulary import SQL_TYPES, TABLES, Table
from goodwill.warehouse import Tables

#: Rises when the way of loading changes what is stored, so that old folders are not taken for new ones.
FORM = 1
#: The column that opening adds after the header: why a whole row cannot be read, NULL for a good one.
ROW_REFUSED = "__refused"
#: Refused text is shown to people: enough to recognise it, not a ten-megabyte cell.
SHOWN = 200


@dataclass(frozen=True)
class Part:
    """One relation of one file as it was loaded."""

    table: str
    sheet: str
    file: str
    kept: int
    refused: int


@dataclass(frozen=True)
class Loaded:
    """One file as it was loaded: its folder and its parts."""

    name: str
    key: str
    folder: Path
    parts: tuple[Part, ...]


def key_of(export: Export, relations: Sequence[tuple[Sheet, Relation]]) -> str:
    """A name for the content of a file together with the way it is read."""
    read = [[s.name, s.first_row, list(s.header), asdict(r)] for s, r in relations]
    return hashlib.sha256(json.dumps([FORM, export.name, export.sha256, read]).encode()).hexdigest()[:24]


def load(tables: Tables, export: Export, relations: Sequence[tuple[Sheet, Relation]], folder: Path) -> Loaded:
    """Load one file, or find that it is loaded already.

    Parameters
    ----------
    tables : engine
    export : Export
    relations : sequence of (sheet, relation)
        How each sheet fills canonical tables.
    folder : Path
        The workspace's ``loaded/``.
    """
    key = key_of(export, relations)
    done = folder / key
    if not (done / "read.json").exists():
        building = folder / f".building-{key}"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        parts = [_load_part(tables, building, relations, i, export.name) for i in range(len(relations))]
        record = {"name": export.name, "parts": [asdict(p) for p in parts]}
        (building / "read.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
        shutil.rmtree(done, ignore_errors=True)
        os.rename(building, done)
    record = json.loads((done / "read.json").read_text(encoding="utf-8"))
    return Loaded(export.name, key, done, tuple(Part(**p) for p in record["parts"]))


def _load_part(
    tables: Tables, folder: Path, relations: Sequence[tuple[Sheet, Relation]], number: int, name: str
) -> Part:
    sheet, relation = relations[number]
    is_first = all(earlier is not sheet for earlier, _ in relations[:number])
    file = f"{relation.table}.{number}.parquet"
    target = literal(str(folder / file))
    with readable(tables, sheet) as read:
        query = projection(sheet, relation, read, name, keeps_unreadable=is_first)
        tables.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION snappy)")
    counts = tables.rows(f"SELECT count(*) AS n, count(refused_column) AS refused FROM read_parquet({target})")[0]
    return Part(relation.table, sheet.name, file, counts["n"] - counts["refused"], counts["refused"])


@contextmanager
def readable(tables: Tables, sheet: Sheet) -> Iterator[str]:
    """What to write after FROM to read a sheet, wherever its rows are; rows without any cell are passed over."""
    if sheet.rows is None:
        yield sheet.relation
        return
    tables.register("sheet_in_memory", sheet.rows)
    try:
        yield "sheet_in_memory"
    finally:
        tables.forget("sheet_in_memory")


def projection(sheet: Sheet, relation: Relation, read: str, name: str, *, keeps_unreadable: bool = True) -> str:
    """The one query that maps a sheet to a canonical table and marks what it refuses.

    A row is refused if a required column is empty, if a cell says something that could not be
    understood, or if opening found the whole row unreadable. ``refused_column``, ``refused_value`` and
    ``refused_reason`` are NULL for good rows. Rows that opening could not read are kept by the first relation of a
    sheet only (``keeps_unreadable``), so that each is counted once, whatever ``where`` says of it.
    """
    unreadable = f"OR {ROW_REFUSED} IS NOT NULL" if keeps_unreadable else f"AND {ROW_REFUSED} IS NULL"
    says_anything = f"coalesce({', '.join(quoted(h) for h in sheet.header)}, {ROW_REFUSED}) IS NOT NULL"
    table = TABLES[relation.table]
    cells = {c.name: relation.columns.get(c.name, Cell("NULL")) for c in table.columns}
    values = [f"CAST({cells[c.name].value} AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns]
    values += [f"{cell.raw} AS raw_{column}" for column, cell in cells.items() if cell.raw]
    present = f" WHERE {ROW_REFUSED} IS NOT NULL OR {_says_something('metric.value')}" if relation.each else ""
    return f"""
        WITH read AS (SELECT row_number() OVER () + {sheet.first_row - 1} AS source_row, * FROM {read}),
        chosen AS (SELECT *{_metrics(relation)} FROM read WHERE {says_anything} AND (({relation.where}) {unreadable})),
        typed AS (SELECT source_row, {ROW_REFUSED} AS row_refused, {", ".join(values)} FROM chosen{present}),
        judged AS (SELECT *, {_refused_column(table, cells)} AS refused_column FROM typed)
        SELECT {_names(table)}, {literal(name)} AS source_file, source_row,
            refused_column, left({_refused_value(cells)}, {SHOWN}) AS refused_value,
            {_refused_reason(table)} AS refused_reason
        FROM judged"""


def _names(table: Table) -> str:
    return ", ".join(quoted(c.name) for c in table.columns)


def _metrics(relation: Relation) -> str:
    """One row per metric column, as ``metric``."""
    if not relation.each:
        return ""
    structs = ", ".join(
        f"{{'native': {literal(m.column)}, 'name': {literal(m.metric)}, 'audience': {literal(m.audience)}, "
        f"'unit': {literal(m.unit)}, 'value': {quoted(m.column)}}}"
        for m in relation.each
    )
    return f", unnest([{structs}]) AS metric"


def _says_something(value: str) -> str:
    return f"lower(trim({value})) NOT IN ({', '.join(literal(word) for word in ABSENT)})"


def _refused_column(table: Table, cells: dict[str, Cell]) -> str:
    cases = ["WHEN row_refused IS NOT NULL THEN '(row)'"]
    cases += [
        f"WHEN raw_{n} IS NOT NULL AND {quoted(n)} IS NULL THEN {literal(n)}" for n, cell in cells.items() if cell.raw
    ]
    cases += [f"WHEN {quoted(c.name)} IS NULL THEN {literal(c.name)}" for c in table.columns if c.required]
    return f"CASE {' '.join(cases)} END"


def _refused_value(cells: dict[str, Cell]) -> str:
    raws = " ".join(f"WHEN {literal(n)} THEN raw_{n}" for n, cell in cells.items() if cell.raw)
    return f"CASE refused_column {raws} END" if raws else "CAST(NULL AS VARCHAR)"


#: What a refused cell is told, by the type that was wanted.
REASONS = {
    "moment": "this is not a date and time",
    "date": "this is not a date",
    "number": "this is not a number",
    "integer": "this is not a whole number",
    "boolean": "this is neither yes nor no",
    "text": "this word is not known",
}


def _refused_reason(table: Table) -> str:
    said = " ".join(f"WHEN {literal(c.name)} THEN {literal(REASONS[c.type])}" for c in table.columns)
    return (
        "CASE WHEN refused_column IS NULL THEN NULL "
        "WHEN refused_column = '(row)' THEN row_refused "
        "WHEN refused_value IS NULL THEN 'this value is needed and absent' "
        f"ELSE CASE refused_column {said} END END"
    )


def forget_others(folder: Path, keep: Sequence[Loaded]) -> None:
    """Remove what was loaded of files that are gone or are read differently now, and left-overs of a crash."""
    names = {loaded.key for loaded in keep}
    for entry in sorted(folder.iterdir()) if folder.exists() else []:
        if entry.name not in names:
            shutil.rmtree(entry, ignore_errors=True)


def publish(tables: Tables, files: Sequence[Loaded], root: Path) -> None:
    """Make every canonical table readable: good rows under its name, the others in ``refused``.

    Paths are written relative to ``root``, so that the workspace may be moved.
    """
    for table in TABLES.values():
        found = [literal(_relative(f, p, root)) for f in files for p in f.parts if p.table == table.name]
        tables.execute(f"CREATE OR REPLACE VIEW {table.name} AS {_good_rows(table, found)}")
    tables.execute("CREATE OR REPLACE VIEW refused AS " + " UNION ALL ".join(_refused_rows(files, root)))


def _good_rows(table: Table, found: list[str]) -> str:
    if found:
        listed = ", ".join(found)
        return f"SELECT {_names(table)}, source_file, source_row FROM read_parquet([{listed}]) WHERE refused_column IS NULL"
    typed = ", ".join(f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns)
    return f"SELECT {typed}, CAST(NULL AS VARCHAR) AS source_file, CAST(NULL AS BIGINT) AS source_row WHERE FALSE"


def _relative(loaded: Loaded, part: Part, root: Path) -> str:
    return (loaded.folder / part.file).relative_to(root).as_posix()


def _refused_rows(files: Sequence[Loaded], root: Path) -> list[str]:
    nothing = (
        "SELECT CAST(NULL AS VARCHAR) AS table_name, CAST(NULL AS VARCHAR) AS source_file, CAST(NULL AS BIGINT) AS source_row, "
        "CAST(NULL AS VARCHAR) AS column_name, CAST(NULL AS VARCHAR) AS value, CAST(NULL AS VARCHAR) AS reason WHERE FALSE"
    )
    some = [
        f"SELECT {literal(p.table)}, source_file, source_row, refused_column, refused_value, refused_reason "
        f"FROM read_parquet({literal(_relative(f, p, root))}) WHERE refused_column IS NOT NULL"
        for f in files
        for p in f.parts
        if p.refused
    ]
    return [nothing, *some]
