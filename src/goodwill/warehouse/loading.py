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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from goodwill.exports import Export, Relation, Sheet, literal, quoted
from goodwill.vocabulary import SQL_TYPES, TABLES, Table
from goodwill.warehouse import Tables
from goodwill.warehouse.projection import keeps_every_row, names_of, projection, readable

#: Rises when the way of loading changes what is stored, so that old folders are not taken for new ones.
FORM = 2


@dataclass(frozen=True)
class Part:
    """One relation of one file as it was loaded.

    ``first_row`` is the number of its first row where rows are numbered by their place; None where each row
    has its number.
    """

    table: str
    sheet: str
    file: str
    kept: int
    refused: int
    first_row: int | None = None


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
        query = projection(sheet, relation, read, name, is_first=is_first)
        tables.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION snappy)")
    first = sheet.first_row if keeps_every_row(sheet, relation, is_first=is_first) else None
    counts = tables.rows(f"SELECT count(*) AS n, count(refused_column) AS refused FROM read_parquet({target})")[0]
    return Part(relation.table, sheet.name, file, counts["n"] - counts["refused"], counts["refused"], first)


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
        reads = [_reading(f, p, root) for f in files for p in f.parts if p.table == table.name]
        good = [
            f"SELECT {names_of(table)}, source_file, source_row FROM {r} WHERE refused_column IS NULL" for r in reads
        ]
        tables.execute(f"CREATE OR REPLACE VIEW {table.name} AS {' UNION ALL '.join(good) or _nothing(_types(table))}")
    refused = [
        f"SELECT {literal(p.table)}, source_file, source_row, refused_column, refused_value, refused_reason "
        f"FROM {_reading(f, p, root)} WHERE refused_column IS NOT NULL"
        for f in files
        for p in f.parts
        if p.refused
    ]
    tables.execute("CREATE OR REPLACE VIEW refused AS " + " UNION ALL ".join([_nothing(REFUSED), *refused]))


#: Columns of the view of refused rows.
REFUSED = {"table_name": "VARCHAR", "source_file": "VARCHAR", "source_row": "BIGINT", "column_name": "VARCHAR",
           "value": "VARCHAR", "reason": "VARCHAR"}  # fmt: skip


def _reading(loaded: Loaded, part: Part, root: Path) -> str:
    """What to write after FROM to read a part with its row numbers."""
    file = literal((loaded.folder / part.file).relative_to(root).as_posix())
    if part.first_row is None:
        return f"read_parquet({file})"
    numbered = f"read_parquet({file}, file_row_number = true)"
    return f"(SELECT * REPLACE (file_row_number + {part.first_row} AS source_row) FROM {numbered})"


def _types(table: Table) -> dict[str, str]:
    types = {c.name: SQL_TYPES[c.type] for c in table.columns}
    return types | {"source_file": "VARCHAR", "source_row": "BIGINT"}


def _nothing(types: Mapping[str, str]) -> str:
    """A query with these columns and no rows."""
    return "SELECT " + ", ".join(f"CAST(NULL AS {t}) AS {quoted(n)}" for n, t in types.items()) + " WHERE FALSE"
