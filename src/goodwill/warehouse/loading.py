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
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import goodwill
from goodwill.errors import EngineError
from goodwill.exports import Export, Relation, Sheet, literal, quoted
from goodwill.vocabulary import SQL_TYPES, TABLES, Table
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import ROOT, plain
from goodwill.warehouse.projection import BLANK, first_said, keeps_every_row, names_of, projection, readable

#: Rises when the way of loading changes what is stored, so that old folders are not taken for new ones.
FORM = 3
#: What a folder of ``loaded/`` says about itself; written last.
RECORD = "read.json"
#: How a text is read by several threads, and by one.
SHARED, ALONE = "null_padding=true, parallel=true", "null_padding=true, parallel=false"

T = TypeVar("T")


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
class Extent:
    """One sheet of a file: the records in it, and how many of them at least one table refused."""

    sheet: str
    rows: int
    refused: int


@dataclass(frozen=True)
class Loaded:
    """One file as it was loaded: its folder, its sheets, and its parts."""

    name: str
    key: str
    folder: Path
    sheets: tuple[Extent, ...]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """Records in the sheets that were read, each counted once however many tables it fills."""
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def refused(self) -> int:
        """Records of which at least one table got nothing."""
        return sum(sheet.refused for sheet in self.sheets)


def key_of(export: Export, relations: Sequence[tuple[Sheet, Relation]]) -> str:
    """A name for the content of a file together with the way it is read."""
    read = [[s.name, projection(s, r, "sheet", export.name)] for s, r in relations]
    parts = [FORM, goodwill.__version__, export.name, export.sha256, read]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


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

    Raises
    ------
    EngineError
        The file cannot be read to its end, or it changed in the meantime.
    NoRoom
        The disk is full.
    """
    key = key_of(export, relations)
    return kept(folder / key) or _loaded_anew(tables, export, relations, folder / key)


def kept(folder: Path) -> Loaded | None:
    """What was loaded of a file earlier; None if it is not there, or not as it was left (a disk may have failed)."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if any(_digest(folder / file) != digest for file, digest in record["digests"].items()):
            return None
        sheets = tuple(Extent(**sheet) for sheet in record["sheets"])
        return Loaded(record["name"], folder.name, folder, sheets, tuple(Part(**part) for part in record["parts"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _loaded_anew(tables: Tables, export: Export, relations: Sequence[tuple[Sheet, Relation]], folder: Path) -> Loaded:
    building = folder.with_name(f".building-{folder.name}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        parts = [_load_part(tables, building, relations, i, export.name) for i in range(len(relations))]
        sheets = list({id(sheet): sheet for sheet, _ in relations}.values())
        owners = [next(i for i, s in enumerate(sheets) if s is sheet) for sheet, _ in relations]
        extents = [
            _extent(tables, sheet, [p for p, o in zip(parts, owners, strict=True) if o == i], building)
            for i, sheet in enumerate(sheets)
        ]
        _check_unchanged(export)
        digests = {part.file: _digest(building / part.file) for part in parts}
        record = {"name": export.name, "sheets": [asdict(e) for e in extents], "parts": [asdict(p) for p in parts]}
        (building / RECORD).write_text(json.dumps(record | {"digests": digests}, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Loaded(export.name, folder.name, folder, tuple(extents), tuple(parts))


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
        same = untouched or _digest(export.path) == export.sha256
    except OSError:
        same = False
    if not same:
        raise EngineError("the file changed or went while it was read", remedy="Run again when it is at rest.")


def _load_part(
    tables: Tables, folder: Path, relations: Sequence[tuple[Sheet, Relation]], number: int, name: str
) -> Part:
    sheet, relation = relations[number]
    is_first = all(earlier is not sheet for earlier, _ in relations[:number])
    file = f"{relation.table}.{number}.parquet"
    target = literal(str(folder / file))

    def copy(read: str) -> None:
        query = projection(sheet, relation, read, name, is_first=is_first)
        tables.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION snappy)")

    _read(tables, sheet, copy)
    by_place = keeps_every_row(sheet, relation, is_first=is_first)
    number_of = "file_row_number" if by_place else "source_row"
    counts = tables.rows(
        f"SELECT count(*) FILTER (WHERE refused_column IS NULL) AS kept, "
        f"count(DISTINCT {number_of}) FILTER (WHERE refused_column <> {literal(BLANK)}) AS refused "
        f"FROM read_parquet({literal(plain(folder / file))}, file_row_number = true)"
    )[0]
    first = sheet.first_row if by_place else None
    return Part(relation.table, sheet.name, file, counts["kept"], counts["refused"], first)


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
    counted = next((part.kept + part.refused for part in parts if part.first_row is not None), None)
    rows = _read(tables, sheet, count) if counted is None else counted
    refused = " UNION ALL ".join(
        f"SELECT coalesce(source_row, file_row_number + {sheet.first_row}) AS place, refused_column "
        f"FROM read_parquet({literal(plain(folder / part.file))}, file_row_number = true)"
        for part in parts
    )
    count_refused = f"SELECT count(DISTINCT place) AS n FROM ({refused}) WHERE refused_column <> {literal(BLANK)}"
    return Extent(sheet.name, rows, int(tables.rows(count_refused)[0]["n"]))


def forget_others(folder: Path, keep: Collection[str]) -> None:
    """Remove what was loaded of files that are gone or are read differently now, and left-overs of a crash."""
    for entry in sorted(folder.iterdir()) if folder.exists() else []:
        if entry.name not in keep:
            shutil.rmtree(entry, ignore_errors=True)


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
        f"FROM {_reading(f, p, root)} WHERE refused_column <> {literal(BLANK)}"
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
