"""Reads the exports and loads what they hold: every file opened and recognised, every row kept or refused."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from goodwill import provided, tombstones
from goodwill.errors import EngineError, ExportError, Place
from goodwill.journeys.last_day import last_day
from goodwill.registry import engines
from goodwill.sources.mapped import NAME as MAPPED
from goodwill.sources.opening import open_export
from goodwill.sources.recognise import Reading, recognise
from goodwill.warehouse import Tables, lineage, loading, retention
from goodwill.workspace import Workspace, opened_for_reading

#: Told after every step: what is done, how many steps of it are behind us, and of how many.
Progress = Callable[[str, int, int], None]


def quiet(step: str, done: int, of: int) -> None:
    """No progress shown."""


def read(workspace: Workspace, scratch: Path, progress: Progress = quiet) -> tuple[Reading, ...]:
    """Open every export and recognise its sheets; a file that cannot be opened does not stop the others."""
    scratch.mkdir(parents=True, exist_ok=True)
    paths = opened_for_reading(workspace)
    readings: list[Reading] = []
    first: dict[str, str] = {}
    for done, path in enumerate(paths, start=1):
        reading = _read(path, workspace, scratch)
        if reading.export is not None:
            twin = first.setdefault(_told_apart_by(reading, reading.export.sha256), reading.name)
            reading = replace(reading, same_as=twin if twin != reading.name else None)
        readings.append(reading)
        progress("read", done, len(paths))
    return tuple(readings)


def _read(path: Path, workspace: Workspace, scratch: Path) -> Reading:
    name = path.relative_to(workspace.exports).as_posix()
    shown = name.encode(errors="replace").decode()
    try:
        if shown != name:
            raise ExportError("The file's name is no text.", where=Place(shown), remedy="Rename the file.")
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            remedy = "Allow yourself to read it, or take it out of exports/."
            raise ExportError("This folder cannot be looked into.", where=Place(name), remedy=remedy)
        export = open_export(path, name=name, scratch=scratch)
    except ExportError as error:
        return Reading(shown, error=_without(workspace.root, error))
    return Reading(name, export, recognise(export, workspace.mappings, workspace.locale))


def _without(root: Path, error: ExportError) -> ExportError:
    """The error without the workspace's own place: the same files give the same bytes wherever they lie."""
    return ExportError(error.problem.replace(f"{root}/", ""), where=error.where, remedy=error.remedy)


def _told_apart_by(reading: Reading, sha256: str) -> str:
    """Two files of the same content are one, unless the user's own mappings read them in two ways."""
    own = [r.relations for r in reading.recognised if r.source == MAPPED]
    return f"{sha256} {own}"


@contextmanager
def warehouse(building: Path, workspace: Workspace) -> Iterator[Tables]:
    """A new, empty warehouse; it is closed whatever happens."""
    tables: Tables = engines()["duckdb"].open(
        building / workspace.warehouse.name, scratch=building / "spill", root=workspace.root
    )
    try:
        yield tables
        tables.execute("CHECKPOINT")  # closing writes too, but is silent where the disk is full
    finally:
        tables.close()


def load(
    tables: Tables,
    readings: Sequence[Reading],
    workspace: Workspace,
    progress: Progress = quiet,
    *,
    as_of: dt.date | None = None,
) -> tuple[tuple[loading.Loaded, ...], dict[str, ExportError]]:
    """Load every recognised sheet once; give what was loaded, and by name the error of each file that failed.

    People who were forgotten stay out, and so do rows about people that the settings say not to keep.
    """
    files, failed = [], {}
    forgotten = tombstones.read(workspace)
    # what is not to be kept is put aside for the length of the run only: how old a row is, all rows together tell
    folder = workspace.root / ".building" / "loaded" if workspace.retention else workspace.loaded
    for done, reading in enumerate(readings, start=1):
        pairs = [(r.sheet, relation) for r in reading.recognised for relation in r.relations]
        if reading.export is not None and pairs and not reading.same_as:
            try:
                files.append(loading.load(tables, reading.export, pairs, folder, forgotten))
            except EngineError as error:
                failed[reading.name] = _without(workspace.root, error.about(reading.name))
        progress("load", done, len(readings))
    loading.publish(tables, files, workspace.root)
    return (_retained(tables, files, workspace, as_of) if workspace.retention else tuple(files)), failed


def _retained(
    tables: Tables, files: Sequence[loading.Loaded], workspace: Workspace, as_of: dt.date | None
) -> tuple[loading.Loaded, ...]:
    """The files without the rows that the settings say not to keep, published anew."""
    provided.provide(tables, workspace)
    lineage.build(tables, lineage.models()["event_days"], {})
    last = as_of or workspace.as_of or last_day(tables)
    kept = retention.trimmed(tables, files, workspace.retention, last, workspace.loaded)
    loading.publish(tables, kept, workspace.root)
    return kept
