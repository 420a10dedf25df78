"""THE SPINE: read exports, load tables, resolve who is who, trace journeys; ask each question; judge all; keep.

This is the file to read first. Every verb is a folder or a file of its own.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from goodwill import keeping, provided, tombstones
from goodwill.errors import CannotTell, EngineError, ExportError, GoodwillError, Place, nearest
from goodwill.identity import forgotten_lines, key_tables, pairs, person_records, quality, resolving
from goodwill.identity.keys import region_of_zone
from goodwill.identity.untracked import keep_out
from goodwill.journeys.last_day import last_day
from goodwill.lock import owned
from goodwill.registry import Question, Terms, engines, questions
from goodwill.sources.mapped import NAME as MAPPED
from goodwill.sources.opening import open_export
from goodwill.sources.recognise import Reading, recognise
from goodwill.verdicts import Verdict
from goodwill.verdicts.judge import judge
from goodwill.verdicts.resolutions import over_resolutions
from goodwill.verdicts.small_cells import hide_small
from goodwill.warehouse import Tables, lineage, loading, retention
from goodwill.workspace import Workspace, opened_for_reading

#: Told after every step: what is done, how many steps of it are behind us, and of how many.
Progress = Callable[[str, int, int], None]


def quiet(step: str, done: int, of: int) -> None:
    """No progress shown."""


@dataclass(frozen=True)
class Study:
    """What a run found: verdicts, what was read, and what could not be."""

    verdicts: tuple[Verdict, ...]
    manifest: dict[str, object]
    errors: tuple[GoodwillError, ...]
    is_new: bool


def run(
    workspace: Workspace,
    *,
    as_of: dt.date | None = None,
    seed: int | None = None,
    only: Sequence[str] = (),
    progress: Progress = quiet,
) -> Study:
    """Answer the questions of a workspace and keep the answers in its verdicts/.

    Parameters
    ----------
    workspace : Workspace
    as_of : date, optional
        Last day that counts; else the setting, else the last day in the data.
    seed : int, optional
        Seed of everything random; else the setting.
    only : sequence of str, optional
        Names of questions; all where empty.
    progress : callable, optional
        Told after every step.

    Returns
    -------
    Study
        ``errors`` holds the files that could not be read; the others were.

    Raises
    ------
    GoodwillError
        Another run is at work, nothing can be read, or a question has no such name.
    """
    asked = chosen(only)
    seed = workspace.seed if seed is None else seed
    forgotten_lines.blank(workspace)  # a crash may have fallen between forgetting somebody and this
    with owned(workspace) as building:
        readings = read(workspace, building / "scratch", progress)
        fingerprint = keeping.fingerprint(workspace, readings, as_of, seed, asked)
        kept = keeping.unchanged(workspace, fingerprint)
        if kept:
            keeping.tidy(workspace, kept[1])
            return Study(*kept, _errors(readings), is_new=False)
        with warehouse(building, workspace) as tables:
            files, failed = load(tables, readings, workspace, progress, as_of=as_of)
            readings = tuple(replace(r, error=failed.get(r.name, r.error)) for r in readings)
            resolve(tables, workspace)
            with threadpool_limits(limits=1):  # samples are small: more threads cost more than they bring
                drawn = answers_if_drawn(tables, workspace, asked, (as_of or workspace.as_of, seed), progress)
                terms = Terms(workspace, trace(tables, workspace, as_of or workspace.as_of, progress), seed)
                found = [ask(question, tables, terms, progress) for question in asked]
            judged = judge([over_resolutions(v, [d[v.question] for d in drawn if v.question in d]) for v in found])
            verdicts = tuple(hide_small(verdict, workspace.smallest_cell) for verdict in judged)
            manifest = keeping.manifest(tables, terms, readings, files, fingerprint)
        keeping.keep(workspace, building, verdicts, manifest)
    return Study(verdicts, manifest, _errors(readings), is_new=True)


def _errors(readings: Sequence[Reading]) -> tuple[GoodwillError, ...]:
    return tuple(r.error for r in readings if r.error)


def chosen(only: Sequence[str]) -> tuple[Question, ...]:
    """The questions named, or all; a name that is none is refused with the nearest."""
    known = questions()
    for name in only:
        if name not in known:
            close = nearest(name, known)
            raise GoodwillError(
                f'there is no question "{name}"',
                remedy=f"Did you mean {close}?" if close else f"Questions: {', '.join(known)}.",
            )
    return tuple(q for q in known.values() if not only or q.name in only)


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
    build(tables, lineage.models()["event_days"], {})
    last = as_of or workspace.as_of or last_day(tables)
    kept = retention.trimmed(tables, files, workspace.retention, last, workspace.loaded)
    loading.publish(tables, kept, workspace.root)
    return kept


def resolve(tables: Tables, workspace: Workspace) -> None:
    """Find out which nodes are the same person and the same company."""
    provided.provide(tables, workspace)
    key_tables.fill(tables)
    for model in _before_people():
        build(tables, model, {})
    resolving.resolve(tables)
    person_records.fill(tables, region=region_of_zone(workspace.time_zone))
    models = pairs.fill(tables)
    settle(tables, workspace)
    quality.fill(tables, models)


def settle(tables: Tables, workspace: Workspace, *, draw: int | None = None, seed: int = 0) -> None:
    """Take the most likely resolution of who is who, or one that is drawn; people who asked for it are kept out."""
    resolving.resolve(tables, draw=draw, seed=seed)
    keep_out(tables, is_respected=workspace.respect_do_not_track)


def answers_if_drawn(
    tables: Tables,
    workspace: Workspace,
    asked: Sequence[Question],
    terms: tuple[dt.date | None, int],
    progress: Progress = quiet,
) -> list[dict[str, Verdict]]:
    """What the questions find under other plausible resolutions of who is who; nothing where all of it is certain.

    ``terms`` are the last day that counts and the seed. The most likely resolution stands again afterwards.
    """
    as_of, seed = terms
    found: list[dict[str, Verdict]] = []
    pooled = [question for question in asked if question.is_pooled]
    for draw in range(workspace.draws if pooled and resolving.is_uncertain(tables) else 0):
        settle(tables, workspace, draw=draw, seed=seed)
        brief = Terms(workspace, trace(tables, workspace, as_of), seed, placebos=0)
        found.append({question.name: ask(question, tables, brief) for question in pooled})
        progress("resolutions", draw + 1, workspace.draws)
    if found:
        settle(tables, workspace)
    return found


def _before_people() -> list[lineage.Model]:
    """The models on which it depends who is who, each once."""
    return list({m.name: m for name in ("account_nodes", "person_nodes") for m in lineage.upstream(name)}.values())


def trace(tables: Tables, workspace: Workspace, as_of: dt.date | None, progress: Progress = quiet) -> dt.datetime:
    """Build the journeys up to the last day that counts; give the first moment that no longer does."""
    build(tables, lineage.models()["event_days"], {})
    end = dt.datetime.combine((as_of or last_day(tables)) + dt.timedelta(days=1), dt.time())
    built = {"event_days", *(m.name for m in _before_people())}
    todo = [m for m in lineage.models().values() if m.name not in built]
    for done, model in enumerate(todo, start=1):
        build(tables, model, Terms(workspace, end, 0).parameters)
        progress("trace", done, len(todo))
    return end


def build(tables: Tables, model: lineage.Model, parameters: dict[str, object]) -> None:
    """Make one derived table."""
    tables.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}", **parameters)


def ask(question: Question, tables: Tables, terms: Terms, progress: Progress = quiet) -> Verdict:
    """Put one question; where the data cannot answer it, that is the verdict."""
    progress(question.name, 0, 1)
    try:
        verdict: Verdict = question.ask(tables, terms)
    except CannotTell as cannot:
        verdict = Verdict(
            question.name, question.asks, figures=cannot.figures, n=cannot.n,
            missing=cannot.missing, settles=cannot.settles,
        )  # fmt: skip
    progress(question.name, 1, 1)
    return replace(verdict, estimand=verdict.estimand or question.estimand)
