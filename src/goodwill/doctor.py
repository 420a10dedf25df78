"""Looks at the data before any result: what is missing or suspicious, which question that hurts, what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill import intake, study
from goodwill.errors import GoodwillError, Place
from goodwill.examinations import EXAMINATIONS, Examination, counted
from goodwill.lock import owned
from goodwill.registry import Terms, questions
from goodwill.settings import FILE
from goodwill.sources import mapped
from goodwill.sources.recognise import Reading
from goodwill.warehouse import Tables
from goodwill.workspace import Workspace

#: Places named with a finding: enough to look at, few enough to read.
PLACES = 3
#: A recall at which as many people are missed as found.
LOW_RECALL = 0.5
#: Where fewer of a venue's records have to do without an exact key, missing some of them moves little.
ALONE = 0.1


#: Findings about whole files; those without a place are about whole tables.
WHOLE = frozenset({"unreadable file", "unknown files", "mapping without a file", "no dates"})


@dataclass(frozen=True)
class Recognised:
    """How well the people or companies of one venue are recognised; None where too few are known to tell.

    ``alone`` is the share of its records that no exact key ties to another venue.
    """

    kind: str
    venue: str
    records: int
    alone: float
    known: int
    recall: tuple[float, float, float] | None
    precision: tuple[float, float, float] | None


@dataclass(frozen=True)
class Examined:
    """What needs a look, how well each venue's people are recognised, and what share of pairs was compared at all."""

    findings: tuple[Finding, ...]
    recognised: tuple[Recognised, ...]
    compared: Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Finding:
    """One thing that needs a look: how often, where (file and row), which questions it hurts, and the remedy."""

    name: str
    problem: str
    n: int
    where: tuple[str, ...]
    hurts: str
    remedy: str


def examine(
    workspace: Workspace, *, as_of: dt.date | None = None, progress: intake.Progress = intake.quiet
) -> Examined:
    """Load everything, ask nothing, and say what needs a look."""
    with owned(workspace) as building:
        readings = intake.read(workspace, building / "scratch", progress)
        with intake.warehouse(building, workspace) as tables:
            _, failed = intake.load(tables, readings, workspace, progress)
            study.resolve(tables, workspace)
            traced = _traced(tables, workspace, as_of, progress)
            recognised, compared = _recognised(tables), _compared(tables)
            found = [_files(readings), _mappings(readings, workspace), *traced]
    unread = [Finding("unreadable file", e.problem, 1, (str(e.where),), "all", e.remedy) for e in failed.values()]
    findings = (*unread, *(f for group in found for f in group), *_badly(recognised))
    return Examined(tuple(sorted(findings, key=_weight)), recognised, compared)


def _weight(finding: Finding) -> tuple[int, int, int]:
    """Where a finding stands: what a whole table or file lacks, then what touches most answers and rows, then the rest.

    Of each the one that hurts more questions, or more rows of them, comes first.
    """
    if finding.hurts.startswith("none") or finding.remedy.startswith("nothing to do"):
        return 2, 0, -finding.n
    answers = len(questions()) if finding.hurts == "all" else sum(name in finding.hurts for name in questions())
    is_whole = not finding.where or finding.name in WHOLE
    return 0 if is_whole else 1, -max(answers, 1) * finding.n, -finding.n


_RECOGNISED = """
WITH joined AS (SELECT exact, count(DISTINCT venue) AS venues FROM {kind}_records GROUP BY exact),
counted AS (
    SELECT r.venue, count(*) AS records, avg(CAST(j.venues = 1 AS INT)) AS alone
    FROM {kind}_records AS r JOIN joined AS j ON j.exact = r.exact
    GROUP BY r.venue
)
SELECT q.*, c.records, c.alone
FROM match_quality AS q JOIN counted AS c ON c.venue = q.venue
WHERE q.kind = '{kind}'
ORDER BY q.venue
"""


def _recognised(tables: Tables) -> tuple[Recognised, ...]:
    rows = [row for kind in ("person", "account") for row in tables.rows(_RECOGNISED.format(kind=kind))]
    return tuple(
        Recognised(
            row["kind"],
            row["venue"],
            row["records"],
            row["alone"],
            row["known_pairs"],
            _share(row, "recall"),
            _share(row, "precision"),
        )
        for row in rows
    )


def _share(row: Mapping[str, Any], name: str) -> tuple[float, float, float] | None:
    """A share with its interval, or None."""
    return None if row[name] is None else (row[name], row[f"{name}_low"], row[f"{name}_high"])


def _compared(tables: Tables) -> dict[str, tuple[float, float, float]]:
    """Of all pairs that are one, the share that was compared, by kind, where it can be estimated."""
    rows = tables.rows("SELECT * FROM match_models ORDER BY kind")
    return {row["kind"]: share for row in rows if (share := _share(row, "completeness")) is not None}


def _badly(recognised: Sequence[Recognised]) -> list[Finding]:
    """Venues whose people are recognised so badly that answers about people rest on the correction."""
    low = [r for r in recognised if r.kind == "person" and r.alone > ALONE and r.recall and r.recall[0] < LOW_RECALL]
    if not low:
        return []
    where = tuple(f"{r.venue}: {r.recall[0]:.0%} of known people found again" for r in low if r.recall)
    return [
        Finding(
            "people missed",
            counted("on {n} (venue|venues) fewer than ", len(low))
            + f"{LOW_RECALL:.0%} of people are recognised where no exact key helps",
            len(low),
            where,
            "net_new; and every answer about touches, since some are nobody's",
            "add profile links or e-mail addresses to the CRM's contacts; decide on pairs with: goodwill review",
        )
    ]


def _traced(
    tables: Tables, workspace: Workspace, as_of: dt.date | None, progress: intake.Progress
) -> list[list[Finding]]:
    """What the tables and journeys show; where nothing carries a date there is none, and that is the finding."""
    try:
        end = study.trace(tables, workspace, as_of or workspace.as_of, progress)
    except GoodwillError as nothing:
        return [[Finding("no dates", nothing.problem, 1, (str(nothing.where),), "all", nothing.remedy)]]
    terms = Terms(workspace, end, 0)
    return [_examined(examination, tables, terms) for examination in EXAMINATIONS]


def _files(readings: Sequence[Reading]) -> list[Finding]:
    """What recognising the files already showed."""
    found = [
        Finding("unreadable file", r.error.problem, 1, (str(r.error.where or r.name),), "all", r.error.remedy)
        for r in readings
        if r.error
    ]
    unknown = [r.name for r in readings if r.export and not any(s.relations for s in r.recognised)]
    if unknown:
        problem = counted("{n} (file is|files are) of no known kind and (was|were) not used", len(unknown))
        remedy = "goodwill scan proposes a [[mapping]] for each"
        found.append(_of_files("unknown files", problem, unknown, "whatever they could answer", remedy))
    twice = [f"{r.name} (same as {r.same_as})" for r in readings if r.same_as]
    if twice:
        problem = counted("{n} (file is a copy|files are copies) of another", len(twice))
        remedy = "nothing to do: each content is counted once"
        found.append(_of_files("same file twice", problem, twice, "none", remedy))
    return found


def _mappings(readings: Sequence[Reading], workspace: Workspace) -> list[Finding]:
    """Mappings that name no file: most likely a slip of the pen in the name."""
    idle = [m for m in workspace.mappings if not any(mapped.names(m, r.name) for r in readings)]
    return [
        Finding(
            "mapping without a file",
            f'a [[mapping]] names "{m.file}", and no export is called so',
            1,
            (str(Place(FILE, m.line)),),
            "whatever that file could answer",
            "correct the name, or remove the mapping",
        )
        for m in idle
    ]


def _of_files(name: str, problem: str, files: list[str], hurts: str, remedy: str) -> Finding:
    return Finding(name, problem, len(files), tuple(files[:PLACES]), hurts, remedy)


def _examined(examination: Examination, tables: Tables, terms: Terms) -> list[Finding]:
    parameters = terms.parameters | {"currency": terms.workspace.currency}
    n = int(tables.rows(f"SELECT count(*) AS n FROM ({examination.rows})", **parameters)[0]["n"])
    if not n:
        return []
    shown = tables.rows(
        f"SELECT * FROM ({examination.rows}) WHERE source_file IS NOT NULL "
        f"ORDER BY source_file, source_row LIMIT {PLACES}",
        **parameters,
    )
    places = tuple(
        f"{row['source_file']}, row {row['source_row']}" + (f": {row['detail']}" if row.get("detail") else "")
        for row in shown
    )
    problem = counted(examination.problem, n)
    return [Finding(examination.name, problem, n, places, examination.hurts, examination.remedy)]
