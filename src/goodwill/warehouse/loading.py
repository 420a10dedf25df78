"""Loads exports: each file once by content, all or nothing, with every refused row kept and its reason.

What was read of a file lies in ``loaded/<key>/`` as one Parquet file per relation. The folder
appears by an atomic rename when everything in it is complete, so a crash leaves either the whole file
or nothing; the key is the content together with how it was read, so that the same file twice
changes nothing and a changed mapping is read again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import goodwill
from goodwill.errors import EngineError
from goodwill.exports import Export, Relation, Sheet, literal, quoted
from goodwill.tombstones import Tombstones
from goodwill.vocabulary import SQL_TYPES, TABLES, Table
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import ROOT, plain
from goodwill.warehouse.loaded import Extent, Loaded, Part, digest, forget_others, kept, settle
from goodwill.warehouse.masking import FORGOTTEN, masked
from goodwill.warehouse.projection import BLANK, first_said, keeps_every_row, names_of, projection, readable

#: What lies in the folder is part of loading.
__all__ = ("Extent", "Loaded", "Part", "forget_others", "kept", "key_of", "load", "publish")

#: Rises when the way of loading changes what is stored, so that old folders are not taken for new ones.
FORM = 3
#: How a text is read by several threads, and by one.
SHARED, ALONE = "null_padding=true, parallel=true", "null_padding=true, parallel=false"
#: Stands for the refused column of a row that the settings say not to keep any longer; it keeps its place in the file.
TOO_OLD = "(too old)"
#: Rows that keep their place only: nothing is known of them, and nobody is told of them as refused.
EMPTY = f"({', '.join(map(literal, (BLANK, FORGOTTEN, TOO_OLD)))})"

#: Where nobody was forgotten.
NOBODY = Tombstones()

T = TypeVar("T")


def key_of(export: Export, relations: Sequence[tuple[Sheet, Relation]], tombstones: Tombstones = NOBODY) -> str:
    """A name for the content of a file together with the way it is read, and with who was forgotten by then."""
    read = [[s.name, projection(s, r, "sheet", export.name)] for s, r in relations]
    parts = [FORM, goodwill.__version__, export.name, export.sha256, read]
    parts += [tombstones.fingerprint] if tombstones else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def load(
    tables: Tables,
    export: Export,
    relations: Sequence[tuple[Sheet, Relation]],
    folder: Path,
    tombstones: Tombstones = NOBODY,
) -> Loaded:
    """Load one file, or find that it is loaded already.

    Parameters
    ----------
    tables : engine
    export : Export
    relations : sequence of (sheet, relation)
        How each sheet fills canonical tables.
    folder : Path
        The workspace's ``loaded/``.
    tombstones : Tombstones
        Who is to stay out of what is written.

    Raises
    ------
    EngineError
        The file cannot be read to its end, or it changed in the meantime.
    NoRoom
        The disk is full.
    """
    key = key_of(export, relations, tombstones)
    return kept(folder / key) or _loaded_anew(tables, export, relations, folder / key, tombstones)


def _loaded_anew(
    tables: Tables,
    export: Export,
    relations: Sequence[tuple[Sheet, Relation]],
    folder: Path,
    tombstones: Tombstones,
) -> Loaded:
    building = folder.with_name(f".building-{folder.name}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        parts = [_load_part(tables, building, relations, i, tombstones) for i in range(len(relations))]
        sheets = list({id(sheet): sheet for sheet, _ in relations}.values())
        owners = [next(i for i, s in enumerate(sheets) if s is sheet) for sheet, _ in relations]
        extents = [
            _extent(tables, sheet, [p for p, o in zip(parts, owners, strict=True) if o == i], building)
            for i, sheet in enumerate(sheets)
        ]
        _check_unchanged(export)
        return settle(building, Loaded(export.name, folder.name, folder, tuple(extents), tuple(parts)))
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _check_unchanged(export: Export) -> None:
    """Refuse a file that was written or removed while it was read: what was loaded is not what its hash says.

    A file whose size and time of writing are as they were before it was hashed need not be hashed again.

    Raises
    ------
    EngineError
    """
    try:
        now = export.path.stat()
        untouched = (now.st_size, now.st_mtime_ns) == (export.bytes, export.modified_ns)
        same = untouched or digest(export.path) == export.sha256
    except OSError:
        same = False
    if not same:
        raise EngineError("the file changed or went while it was read", remedy="Run again when it is at rest.")


def _load_part(
    tables: Tables, folder: Path, relations: Sequence[tuple[Sheet, Relation]], number: int, tombstones: Tombstones
) -> Part:
    sheet, relation = relations[number]
    is_first = all(earlier is not sheet for earlier, _ in relations[:number])
    file = f"{relation.table}.{number}.parquet"

    def copy(read: str) -> int:
        query = projection(sheet, relation, read, sheet.file, is_first=is_first)
        nameless = masked(tables, query, TABLES[relation.table], tombstones)
        write(tables, nameless.sql, folder / file)
        return nameless.detached

    detached = _read(tables, sheet, copy)
    first = sheet.first_row if keeps_every_row(sheet, relation, is_first=is_first) else None
    return counted(tables, folder, Part(relation.table, sheet.name, file, 0, 0, first, detached=detached))


def write(tables: Tables, query: str, path: Path) -> None:
    """Write the rows of a query as Parquet."""
    tables.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION snappy)")


def counted(tables: Tables, folder: Path, part: Part) -> Part:
    """A part with the numbers of its rows."""
    number_of = "source_row" if part.first_row is None else "file_row_number"
    counts = tables.rows(
        f"SELECT count(*) FILTER (WHERE refused_column IS NULL) AS kept, "
        f"count(DISTINCT {number_of}) FILTER (WHERE refused_column NOT IN {EMPTY}) AS refused, "
        f"count(*) FILTER (WHERE refused_column = {literal(FORGOTTEN)}) AS forgotten, "
        f"count(*) FILTER (WHERE refused_column = {literal(TOO_OLD)}) AS too_old "
        f"FROM read_parquet({literal(plain(folder / part.file))}, file_row_number = true)"
    )[0]
    return replace(part, **counts)


def _read(tables: Tables, sheet: Sheet, query: Callable[[str], T]) -> T:
    """Read a sheet, in the rare case that several threads cannot share it once more with one."""
    with readable(tables, sheet) as read:
        try:
            return query(read)
        except EngineError:
            if SHARED not in read:
                raise
            return query(read.replace(SHARED, ALONE))


def _extent(tables: Tables, sheet: Sheet, parts: Sequence[Part], folder: Path) -> Extent:
    """Count the records of a sheet, and those that any of its parts refused."""

    def count(read: str) -> int:
        return int(tables.rows(f"SELECT count({first_said(sheet)}) AS n FROM {read}")[0]["n"])

    # a part that keeps every row has counted them already: a large file is not read twice
    whole = next((p.kept + p.refused + p.forgotten for p in parts if p.first_row is not None), None)
    rows = _read(tables, sheet, count) if whole is None else whole
    refused = " UNION ALL ".join(
        f"SELECT coalesce(source_row, file_row_number + {sheet.first_row}) AS place, refused_column "
        f"FROM read_parquet({literal(plain(folder / part.file))}, file_row_number = true)"
        for part in parts
    )
    count_refused = f"SELECT count(DISTINCT place) AS n FROM ({refused}) WHERE refused_column NOT IN {EMPTY}"
    return Extent(sheet.name, rows, int(tables.rows(count_refused)[0]["n"]))


def publish(tables: Tables, files: Sequence[Loaded], root: Path) -> None:
    """Make every canonical table readable: good rows under its name, the others in ``refused``.

    Paths are relative to ``root``, so that the workspace may be moved.
    """
    for table in TABLES.values():
        reads = [_reading(f, p, root) for f in files for p in f.parts if p.table == table.name]
        good = [
            f"SELECT {names_of(table)}, source_file, source_row FROM {r} WHERE refused_column IS NULL" for r in reads
        ]
        tables.execute(f"CREATE OR REPLACE VIEW {table.name} AS {' UNION ALL '.join(good) or _nothing(_types(table))}")
    refused = [
        f"SELECT DISTINCT {literal(p.table)}, source_file, source_row, refused_column, refused_value, refused_reason "
        f"FROM {_reading(f, p, root)} WHERE refused_column NOT IN {EMPTY}"
        for f in files
        for p in f.parts
        if p.refused
    ]
    tables.execute("CREATE OR REPLACE VIEW refused AS " + " UNION ALL ".join([_nothing(REFUSED), *refused]))


#: Columns of the view of refused rows.
REFUSED = {"table_name": "VARCHAR", "source_file": "VARCHAR", "source_row": "BIGINT", "column_name": "VARCHAR",
           "value": "VARCHAR", "reason": "VARCHAR"}  # fmt: skip


def _reading(loaded: Loaded, part: Part, root: Path) -> str:
    """What to write after FROM to read a part with its row numbers, wherever the workspace lies by then."""
    file = f"getvariable({literal(ROOT)}) || {literal((loaded.folder / part.file).relative_to(root).as_posix())}"
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
