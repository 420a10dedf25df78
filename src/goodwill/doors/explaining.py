"""``explain``: a claim from its sentence down to the rows, with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from goodwill import keeping
from goodwill.doors.showing import say, show
from goodwill.errors import GoodwillError, nearest
from goodwill.glossary import term
from goodwill.registry import questions
from goodwill.report import words
from goodwill.report.check_words import came_out
from goodwill.report.numbers import show as shown
from goodwill.report.numbers import show_count, show_interval
from goodwill.sources.opening import line_of
from goodwill.verdicts import Check, Figure, Verdict
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace, open_workspace


def explain(claim: str, folder: Path, form: str, rows: int) -> int:
    """Show one claim whole; give 0."""
    workspace = open_workspace(folder)
    verdicts, manifest = keeping.kept(workspace)
    verdict, figure = _found(claim, verdicts)
    told = _told(verdict, figure, str(manifest["currency"]))
    behind, total = _rows(workspace, figure, rows)
    if form == "json":
        print(json.dumps(told | {"rows": behind, "rows_in_all": total}, indent=1, ensure_ascii=False, default=str))
        return 0
    if form == "csv":
        show(behind, form, columns=("source_file", "source_row", "source_line"))
        return 0
    for heading, text in told.items():
        lines = text if isinstance(text, list) else [text]
        print(heading.replace("_", " ").capitalize())
        print("".join(f"  {line}\n" for line in lines if line) or "  –\n")
    if behind:
        show(behind, "table", title=f"The first {len(behind)} of {total:,} rows behind it")
    say("Other figures of this question: " + ", ".join(f"{verdict.question}.{f.name}" for f in verdict.every_figure()))
    return 0


def _found(claim: str, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, Figure | None]:
    """The verdict and the figure that a claim names.

    Raises
    ------
    GoodwillError
        No question or figure has that name; with the nearest.
    """
    question, _, name = claim.partition(".")
    by_name = {v.question: v for v in verdicts}
    if question not in by_name:
        raise _unknown(claim, list(by_name))
    figures = {f.name: f for f in by_name[question].every_figure()}
    if name and name not in figures:
        raise _unknown(claim, [f"{question}.{n}" for n in figures])
    verdict = by_name[question]
    return verdict, figures[name] if name else verdict.headline or next(iter(figures.values()), None)


def _unknown(claim: str, known: list[str]) -> GoodwillError:
    close = nearest(claim, known)
    return GoodwillError(
        f'there is no claim "{claim}"', remedy=f"Did you mean {close}?" if close else f"Claims: {', '.join(known)}."
    )


def _told(verdict: Verdict, figure: Figure | None, currency: str) -> dict[str, Any]:
    question = questions().get(verdict.question)
    model = figure.evidence.model if figure and figure.evidence else ""
    told: dict[str, Any] = {
        "claim": words.sentence(verdict, currency),
        "figure": _figure_line(figure, currency) if figure else "there is no figure",
        "definition": _definition(figure),
        "asked": [verdict.asks, verdict.estimand],
        "how": [verdict.method, _counted(verdict)],
        "against_the_naive_figure": words.adjusting(verdict, currency),
        "assumptions": list(question.assumptions) if question else [],
        "tried_against_it": [_tried(check, verdict, currency) for check in verdict.checks],
        "what_would_change_it": [*(question.falsified_by if question else ()), *words.hidden_cause(verdict, currency)],
        "limits": list(verdict.notes),
        "made_from": [f"{m.name}: {m.row}" for m in lineage.upstream(model)] if model else [],
    }
    return told


def _counted(verdict: Verdict) -> str:
    if not verdict.n:
        return ""
    return f"{show_count(verdict.n)} units, {show_count(verdict.n_exposed)} of them exposed"


def _tried(check: Check, verdict: Verdict, currency: str) -> str:
    unit = verdict.headline.unit if verdict.headline else ""
    return f"{check.name}: {check.tried}; {came_out(check, unit, currency)} ({_survived(check.survived)})"


def _survived(survived: bool | None) -> str:
    return {True: "survived", False: "did not survive", None: "could not run"}[survived]


def _figure_line(figure: Figure, currency: str) -> str:
    interval = show_interval(figure, currency)
    n = f", n = {show_count(figure.n)}" if figure.n is not None else ""
    return f"{figure.label}: {shown(figure, currency)}" + (f" ({interval})" if interval else "") + n


def _definition(figure: Figure | None) -> str:
    found = term(figure.definition) if figure and figure.definition else None
    return f"{found.title}: {found.definition}" if found else ""


def _rows(workspace: Workspace, figure: Figure | None, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The first rows behind a figure with the line of the file they stand on, and how many there are."""
    if figure is None or figure.evidence is None:
        return [], 0
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    total = int(tables.rows(f"SELECT count(*) AS n FROM ({figure.evidence.rows})")[0]["n"])
    found = tables.rows(f"SELECT * FROM ({figure.evidence.rows}) LIMIT {limit}")
    tables.close()
    filled = [name for name in (found[0] if found else ()) if any(row[name] is not None for row in found)]
    return [_with_line(workspace, {name: row[name] for name in filled}) for row in found], total


def _with_line(workspace: Workspace, row: dict[str, Any]) -> dict[str, Any]:
    """The row with ``source_line``: the physical line, which differs from the row where cells hold line breaks."""
    path = workspace.exports / str(row.get("source_file"))
    line = line_of(path, int(row["source_row"])) if row.get("source_row") is not None and path.exists() else None
    return row | {"source_line": line}
