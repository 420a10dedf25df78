"""``explain``: a claim from its sentence down to the rows, with file and line, as a tree."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from goodwill import keeping
from goodwill.claims.finding import found
from goodwill.claims.rows import RowPage, rows_behind
from goodwill.claims.source_lines import clean
from goodwill.claims.tree import Branch, tree
from goodwill.doors.showing import console, say, show
from goodwill.verdicts import Figure
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace, open_workspace

#: A table without rows still says where they would stand.
PLACES = ("source_file", "source_row", "source_line")
NO_ROWS = RowPage((), (), 0, 0)


def explain(claim: str, folder: Path, form: str, rows: int, *, is_masked: bool = True) -> int:
    """Show one claim whole; give 0."""
    workspace = open_workspace(folder)
    verdicts, manifest = keeping.kept(workspace)
    verdict, figure = found(claim, verdicts)
    page = _rows(workspace, figure, rows, is_masked=is_masked)
    if form == "csv":
        show(page.rows, form, columns=PLACES)
        return 0
    whole = tree(verdict, figure, workspace, manifest, str(manifest["currency"]))
    if form == "json":
        told = {"claim": whole.title, "tree": asdict(whole), "rows": page.rows, "rows_in_all": page.total}
        print(json.dumps(told, indent=1, ensure_ascii=False, default=str))
        return 0
    _print(whole, console())
    if page.rows:
        show(page.rows, "table", title=f"The first {len(page.rows):,} of {page.total:,} rows behind it")
        say("Names and texts are hidden; --names shows them." if is_masked else "Names and texts are shown.")
    say("Other figures of this question: " + ", ".join(f"{verdict.question}.{f.name}" for f in verdict.every_figure()))
    return 0


def _rows(workspace: Workspace, figure: Figure | None, limit: int, *, is_masked: bool) -> RowPage:
    """The first rows behind a figure."""
    if figure is None or figure.evidence is None:
        return NO_ROWS
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    try:
        return rows_behind(tables, workspace, figure.evidence, limit=limit, is_masked=is_masked)
    finally:
        tables.close()


def _print(branch: Branch, paper: Console) -> None:
    """A tree where somebody watches; elsewhere lines that are indented and not cut."""
    if paper.is_terminal:
        paper.print(_drawn(branch, None))
    else:
        print("\n".join(_indented(branch, 0)))


def _drawn(branch: Branch, onto: Tree | None) -> Tree:
    title = Text(clean(branch.title), style="bold" if branch.branches else "")
    here = Tree(title) if onto is None else onto.add(title)
    for line in branch.lines:
        here.add(Text(clean(line), style="dim"))
    for below in branch.branches:
        _drawn(below, here)
    return here


def _indented(branch: Branch, depth: int) -> list[str]:
    lines = [f"{'  ' * depth}{clean(branch.title)}", *(f"{'  ' * (depth + 1)}{clean(line)}" for line in branch.lines)]
    return [*lines, *(line for below in branch.branches for line in _indented(below, depth + 1))]
