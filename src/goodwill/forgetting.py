"""Forgetting one person: what would go, where the exports still name them, and the proof that nothing else does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from goodwill import history, intake, tombstones
from goodwill.exports import literal
from goodwill.lock import SWAPPED, owned
from goodwill.persons import Person, named_in, patterns, python_pattern, text_columns
from goodwill.sources.recognise import Reading
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import open_file, plain
from goodwill.warehouse.masking import MASK
from goodwill.warehouse.projection import readable
from goodwill.workspace import Workspace

#: How much of a file is searched at a time, and how much of it again with the next part: longer than any name.
CHUNK, OVERLAP = 1 << 24, 1 << 12
#: Rows of one export that are named one by one.
MOST_ROWS = 1_000


@dataclass(frozen=True)
class Place:
    """One row of an export, or one file of the workspace, that names the person."""

    file: str
    sheet: str = ""
    row: int | None = None


@dataclass(frozen=True)
class Proof:
    """How many files and tables were searched, and every place in which the person is still named."""

    files: int
    tables: int
    left: tuple[Place, ...]


def write_down(workspace: Workspace, person: Person, *, at: str, reason: str) -> None:
    """Write the tombstone, without a word in it that names the person: from now on every load leaves them out."""
    with owned(workspace) as building:
        told = without(reason, person)
        tombstones.add(workspace, person.identifiers, at=at, reason=told, building=building)


def without(text: str, person: Person) -> str:
    """A text in which the person is named no more."""
    for pattern in patterns(person):
        text = re.sub(python_pattern(pattern), rf"\1{MASK}\3", text)
    return text


def in_exports(workspace: Workspace, person: Person, readings: Sequence[Reading]) -> tuple[Place, ...]:
    """Every row of every export that names the person; of a file that cannot be read, the file if its bytes do."""
    tables = open_file(None)
    try:
        found = [place for reading in readings for place in _in_export(tables, workspace, person, reading)]
    finally:
        tables.close()
    return tuple(found)


def _in_export(tables: Tables, workspace: Workspace, person: Person, reading: Reading) -> Iterator[Place]:
    if reading.export is None or not reading.export.sheets:
        path = workspace.exports / reading.name
        if path.is_file() and _names(path, person):
            yield Place(reading.name)
        return
    for sheet in reading.export.sheets:
        with readable(tables, sheet) as read:
            numbered = f"SELECT row_number() OVER () + {sheet.first_row - 1} AS __row, * FROM {read}"
            rows = tables.rows(
                f"SELECT __row AS row FROM ({numbered}) WHERE {_cells_name(sheet.header, person)} "
                f"ORDER BY __row LIMIT {MOST_ROWS}"
            )
        yield from (Place(reading.name, sheet.name, row["row"]) for row in rows)


def _cells_name(header: Sequence[str], person: Person) -> str:
    """SQL: does a row of an export name the person? Numbers of their records stand there without their system."""
    numbers = sorted({node.partition(":")[2] for node in person.nodes if "/" in node.partition(":")[0]})
    said = ", ".join(literal(n) for n in numbers)
    quoted_header = ['"' + h.replace('"', '""') + '"' for h in header]
    # fewer digits than six are a count or an amount as often as they are a record
    is_number = " OR ".join(f"(strlen({h}) > 5 AND {h} IN ({said}))" for h in quoted_header) if numbers else "FALSE"
    return f"({named_in(header, person)} OR {is_number})"


def prove(workspace: Workspace, person: Person) -> Proof:
    """Search every file of the workspace but the exports and the tombstones: bytes, Parquet and tables unpacked."""
    kept = workspace.root / tombstones.FILE
    files = [p for p in sorted(workspace.root.rglob("*")) if p.is_file() and p != kept]
    files = [p for p in files if not p.is_relative_to(workspace.exports)]
    left = [Place(p.relative_to(workspace.root).as_posix()) for p in files if _names(p, person)]
    tables, searched = open_file(None), 0
    try:
        for path in (p for p in files if p.suffix == ".parquet"):
            searched += 1
            if _parquet_names(tables, path, person):
                left.append(Place(path.relative_to(workspace.root).as_posix()))
    finally:
        tables.close()
    in_tables, n_tables = _in_warehouse(workspace, person)
    return Proof(len(files), searched + n_tables, tuple(dict.fromkeys((*left, *in_tables))))


def _parquet_names(tables: Tables, path: Path, person: Person) -> bool:
    read = f"read_parquet({literal(plain(path))})"
    described = tables.rows(f"SELECT column_name FROM (DESCRIBE SELECT * FROM {read}) WHERE column_type = 'VARCHAR'")
    columns = [row["column_name"] for row in described]
    return bool(columns and tables.rows(f"SELECT 1 AS one FROM {read} WHERE {named_in(columns, person)} LIMIT 1"))


def _in_warehouse(workspace: Workspace, person: Person) -> tuple[list[Place], int]:
    if not workspace.warehouse.exists():
        return [], 0
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    try:
        columns = text_columns(tables)
        named = [
            Place(workspace.warehouse.name, name)
            for name, texts in columns.items()
            if tables.rows(f'SELECT 1 AS one FROM "{name}" WHERE {named_in(texts, person)} LIMIT 1')
        ]
    finally:
        tables.close()
    return named, len(columns)


def _names(path: Path, person: Person) -> bool:
    """Do the bytes of a file name the person? A quick search for each text, and a look at what stands around it."""
    looked_for = [re.compile(python_pattern(p)) for p in patterns(person)]
    needles = sorted({said.lower().encode() for said in (*person.nodes, *person.whole, *person.words)})
    with path.open("rb") as file:
        before = b""
        while chunk := file.read(CHUNK):
            text = before + chunk
            small = text.lower()
            for needle in needles:
                at = small.find(needle)
                while at >= 0:
                    around = text[max(0, at - 8) : at + len(needle) + 8].decode(errors="replace")
                    if any(p.search(around) for p in looked_for):
                        return True
                    at = small.find(needle, at + 1)
            before = text[-OVERLAP:]
    return False


def clean_plans(workspace: Workspace, person: Person) -> int:
    """Take the person out of the lots of experiments, which no run makes again; give how many files changed."""
    changed = 0
    with owned(workspace) as building:
        for path in sorted((workspace.root / "plans").glob("*")):
            text = path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else ""
            if (masked := without(text, person)) != text:
                unfinished = building / path.name
                unfinished.write_text(masked, encoding="utf-8", errors="surrogateescape", newline="")
                unfinished.replace(path)
                changed += 1
    return changed


def clean_history(workspace: Workspace, person: Person) -> int:
    """Take the person out of the answers of former runs, which no run makes again; give how many runs changed."""
    with owned(workspace):
        return history.redact(workspace, lambda text: without(text, person))


def remove_derived(workspace: Workspace) -> None:
    """Remove all that was worked out, where it cannot be worked out anew: a run makes it again."""
    with owned(workspace):
        for folder in (workspace.loaded, *(workspace.root / name for name in SWAPPED)):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (workspace.warehouse, workspace.report):
            file.unlink(missing_ok=True)


def read_exports(workspace: Workspace, person: Person) -> tuple[Place, ...]:
    """Where the exports name the person."""
    with owned(workspace) as building:
        return in_exports(workspace, person, intake.read(workspace, building / "scratch"))
