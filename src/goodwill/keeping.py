"""Keeps the answers: verdicts as JSON with a manifest of what they rest on; knows when nothing has changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import goodwill
from goodwill import tombstones
from goodwill.errors import GoodwillError
from goodwill.exports import literal
from goodwill.identity import decisions
from goodwill.identity.untracked import share_untracked
from goodwill.journeys.last_day import covered
from goodwill.lock import replace_folder
from goodwill.registry import Question, Terms
from goodwill.settings import FILE
from goodwill.sources.recognise import Reading
from goodwill.verdicts import Verdict
from goodwill.warehouse import Tables, loading
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace

MANIFEST = "manifest.json"
#: Ends the fingerprint of answers that lack a file which failed on the way: it may be well next time.
INCOMPLETE = "-incomplete"
#: What reading answers raises where they are missing, damaged or of another shape.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


@cache
def _code() -> str:
    """A digest of the package itself: another version of the code may answer otherwise."""
    digest = hashlib.sha256()

    def add(folder: Traversable) -> None:
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            if entry.is_dir() and entry.name != "__pycache__":
                add(entry)
            elif entry.name.endswith((".py", ".sql", ".j2")):
                digest.update(entry.read_bytes())

    add(resources.files(goodwill))
    return digest.hexdigest()


def fingerprint(
    workspace: Workspace, readings: Sequence[Reading], as_of: dt.date | None, seed: int, asked: Sequence[Question]
) -> str:
    """What the answers depend on, as one text: files, settings, terms and the code; not where the folder lies."""
    settings = (workspace.root / FILE).read_bytes()
    files = [[r.name, r.export.sha256 if r.export else str(r.error)] for r in readings]
    parts = [files, str(as_of), seed, [q.name for q in asked], hashlib.sha256(settings).hexdigest(), _code()]
    parts += [decided] if (decided := decisions.counted(workspace)) else []
    parts += [forgotten] if (forgotten := tombstones.read(workspace).fingerprint) else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def unchanged(workspace: Workspace, expected: str) -> tuple[tuple[Verdict, ...], dict[str, Any]] | None:
    """The kept answers, if they rest on just this; else None."""
    try:
        verdicts, manifest = kept(workspace)
    except GoodwillError:
        return None
    if manifest.get("fingerprint") != expected or not _stands(workspace, expected):
        return None
    return (verdicts, manifest) if all(loading.kept(workspace.loaded / key) for key in _keys(manifest)) else None


def _stands(workspace: Workspace, expected: str) -> bool:
    """Is the warehouse the one of these answers? A crash may have fallen between replacing one and the other."""
    if not workspace.warehouse.exists():
        return False
    try:
        tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    except GoodwillError:
        return False
    try:
        found = tables.rows(
            "SELECT total_blocks * block_size AS bytes FROM pragma_database_size() "
            "WHERE EXISTS (FROM duckdb_views() WHERE comment = $expected)",
            expected=expected,
        )
        return bool(found) and found[0]["bytes"] <= workspace.warehouse.stat().st_size
    finally:
        tables.close()


def _keys(manifest: dict[str, Any]) -> list[str]:
    return [given["loaded"] for given in manifest["inputs"] if given["loaded"]]


def tidy(workspace: Workspace, manifest: dict[str, Any]) -> None:
    """Remove what was loaded of files that no answer rests on any more."""
    loading.forget_others(workspace.loaded, _keys(manifest))


def kept(workspace: Workspace) -> tuple[tuple[Verdict, ...], dict[str, Any]]:
    """The answers of the last run and what they rest on.

    Raises
    ------
    GoodwillError
        There are none, or a file of them was damaged.
    """
    try:
        return answers_in(workspace.verdicts)
    except UNREADABLE as error:
        raise GoodwillError(
            "there are no answers yet" if isinstance(error, FileNotFoundError) else f"the answers are damaged: {error}",
            where=str(workspace.verdicts),
            remedy=f"Make them with: goodwill run {workspace.root}",
        ) from None


def answers_in(folder: Path) -> tuple[tuple[Verdict, ...], dict[str, Any]]:
    """The answers in a folder and what they rest on; whatever is wrong with them is one of ``UNREADABLE``."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    texts = [(folder / f"{name}.json").read_text(encoding="utf-8") for name in manifest["questions"]]
    if [_digest(t) for t in texts] != list(manifest["questions"].values()) or manifest != sealed(manifest):
        raise ValueError("a file was altered")
    return tuple(Verdict.from_json(text) for text in texts), manifest


def write_answers(folder: Path, verdicts: Sequence[Verdict], manifest: dict[str, Any]) -> None:
    """Write answers and what they rest on to an empty folder; the digest of each is noted in the manifest."""
    texts = {v.question: v.to_json() for v in verdicts}
    manifest["questions"] = {name: _digest(text) for name, text in texts.items()}
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    written = json.dumps(sealed(manifest), indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(written + "\n", encoding="utf-8")


def sealed(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with a digest of itself, so that a hand or a disk that altered it is noticed."""
    rest = {name: value for name, value in manifest.items() if name != "digest"}
    return rest | {"digest": _digest(json.dumps(rest))}


def manifest(
    tables: Tables, terms: Terms, readings: Sequence[Reading], files: Sequence[loading.Loaded], print_of: str
) -> dict[str, Any]:
    """What the answers rest on: every input with its hash, what was kept and refused of it, and the terms.

    The warehouse is marked with the same fingerprint.
    """
    loaded = {f.name: f for f in files}
    inputs = [_input(reading, loaded.get(reading.name)) for reading in readings]
    if any(r.export and r.error for r in readings):
        print_of += INCOMPLETE
    tables.execute(f"COMMENT ON VIEW refused IS {literal(print_of)}")
    return {
        "fingerprint": print_of,
        "version": goodwill.__version__,
        "company": terms.workspace.name,
        "currency": terms.workspace.currency,
        "as_of": (terms.end - dt.timedelta(days=1)).date().isoformat(),
        "period": _period(tables),
        "seed": terms.seed,
        "settings": hashlib.sha256((terms.workspace.root / FILE).read_bytes()).hexdigest(),
        "level": terms.workspace.level,
        "inputs": inputs,
        "coverage": _coverage(tables),
    }


def _input(reading: Reading, loaded: loading.Loaded | None) -> dict[str, Any]:
    """One file: rows in its sheets, and how many of them at least one table refused; and each table by itself."""
    return {
        "file": reading.name,
        "sha256": reading.export.sha256 if reading.export else None,
        "source": sorted({s.source for s in reading.recognised if s.source}),
        "same_as": reading.same_as,
        "error": reading.error.problem if reading.error else None,
        "notes": list(reading.export.notes) if reading.export else [],
        "unknown_sheets": [s.sheet.name for s in reading.recognised if not s.relations and loaded],
        "loaded": loaded.key if loaded else None,
        "rows": loaded.rows if loaded else 0,
        "refused": loaded.refused if loaded else 0,
        "tables": [
            {"table": p.table, "sheet": p.sheet, "kept": p.kept, "refused": p.refused} | _left_out(p)
            for p in (loaded.parts if loaded else ())
        ],
    }


def _left_out(part: loading.Part) -> dict[str, int]:
    """Rows that privacy leaves out, or takes a person out of; nothing where there are none."""
    rows = {"forgotten": part.forgotten, "detached": part.detached, "too_old": part.too_old}
    return {name: n for name, n in rows.items() if n}


def _period(tables: Tables) -> list[str]:
    return [day.isoformat() for day in covered(tables)]


def _coverage(tables: Tables) -> dict[str, float]:
    """Which share of inbound social touches is tied to a person, and to a company we know."""
    found = tables.rows(
        """WITH known AS (SELECT r.person FROM people AS p JOIN resolved AS r ON r.node = p.id)
        SELECT count(*) AS n, count(*) FILTER (WHERE account IS NOT NULL) AS with_account,
            count(*) FILTER (WHERE person IN (SELECT person FROM known)) AS with_person
        FROM timeline WHERE is_social AND direction = 'inbound'"""
    )[0]
    untracked = share_untracked(tables)
    asked = {} if untracked is None else {"known_people_who_are_not_to_be_tracked": untracked}
    if not found["n"]:
        return asked
    return {
        "social_touches_of_known_people": found["with_person"] / found["n"],
        "social_touches_of_known_companies": found["with_account"] / found["n"],
    } | asked


def keep(workspace: Workspace, building: Path, verdicts: Sequence[Verdict], manifest: dict[str, Any]) -> None:
    """Put warehouse and verdicts in place, each whole or not at all, the manifest with them; then tidy up."""
    folder = building / "verdicts"
    folder.mkdir()
    write_answers(folder, verdicts, manifest)
    os.replace(building / workspace.warehouse.name, workspace.warehouse)
    replace_folder(workspace.verdicts, building)
    tidy(workspace, manifest)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
