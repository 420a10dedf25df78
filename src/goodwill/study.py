"""THE SPINE: read exports, load tables, resolve who is who, trace journeys; ask each question; judge all; keep.

This is the file to read first. Every verb is a folder or a file of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from threadpoolctl import threadpool_limits

from goodwill import history, keeping, provided
from goodwill.errors import CannotTell, GoodwillError, nearest
from goodwill.identity import forgotten_lines, key_tables, pairs, person_records, quality, resolving
from goodwill.identity.keys import region_of_zone
from goodwill.identity.untracked import keep_out
from goodwill.intake import Progress, load, quiet, read, warehouse
from goodwill.journeys.last_day import last_day
from goodwill.lock import owned
from goodwill.registry import Question, Terms, questions
from goodwill.sources.recognise import Reading
from goodwill.verdicts import Verdict
from goodwill.verdicts.judge import judge
from goodwill.verdicts.resolutions import over_resolutions
from goodwill.verdicts.small_cells import hide_small
from goodwill.warehouse import Tables, lineage
from goodwill.workspace import Workspace


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
        history.repair(workspace)
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
        history.keep(workspace, verdicts, manifest)
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


def resolve(tables: Tables, workspace: Workspace) -> None:
    """Find out which nodes are the same person and the same company."""
    provided.provide(tables, workspace)
    key_tables.fill(tables)
    for model in _before_people():
        lineage.build(tables, model, {})
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
    lineage.build(tables, lineage.models()["event_days"], {})
    end = dt.datetime.combine((as_of or last_day(tables)) + dt.timedelta(days=1), dt.time())
    built = {"event_days", *(m.name for m in _before_people())}
    todo = [m for m in lineage.models().values() if m.name not in built]
    for done, model in enumerate(todo, start=1):
        lineage.build(tables, model, Terms(workspace, end, 0).parameters)
        progress("trace", done, len(todo))
    return end


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
