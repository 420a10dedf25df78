"""``run`` and ``report``: the study with progress, its scorecard, and the report on disk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from goodwill import history, keeping, study
from goodwill.doors import report_files
from goodwill.doors.showing import console, progress, say
from goodwill.intake import Progress
from goodwill.lock import owned
from goodwill.workspace import Workspace, open_workspace


def run(folder: Path, as_of: dt.date | None, seed: int | None, only: tuple[str, ...], form: str) -> int:
    """Answer, write the report, print the scorecard; give 1 if a file could not be read."""
    workspace = open_workspace(folder)
    with progress() as told:
        found = answered(workspace, as_of, seed, only, told)
    _print(found, form)
    for error in found.errors:
        say(f"goodwill: {error}")
    for line in _left_out(found.manifest):
        say(line)
    if not found.is_new:
        say("Nothing has changed since the last run; these are its answers.")
    for line in _known_truth(workspace):
        say(line)
    say(f"The report: {workspace.report}")
    say(f"To open any number in it: goodwill serve {folder}")
    return 1 if found.errors else 0


def answered(
    workspace: Workspace, as_of: dt.date | None, seed: int | None, only: tuple[str, ...], told: Progress
) -> study.Study:
    """Answer, and write the report of the answers."""
    found = study.run(workspace, as_of=as_of, seed=seed, only=only, progress=told)
    verdicts, manifest = keeping.kept(workspace)  # what every door shows is what was kept, to the digit
    found = replace(found, verdicts=verdicts, manifest=manifest)
    told("report", 0, 1)
    write(workspace, found)
    told("report", 1, 1)
    return found


def _left_out(manifest: Mapping[str, Any]) -> list[str]:
    """How many rows privacy left out, or took somebody out of."""
    parts = [part for given in manifest["inputs"] for part in given["tables"]]
    gone, without, old = (sum(part.get(n, 0) for part in parts) for n in ("forgotten", "detached", "too_old"))
    told = []
    if gone or without:
        told.append(f"Forgotten people: {gone:,} rows were left out, and a person taken out of {without:,} more.")
    if old:
        told.append(f"Rows about people that are kept no longer, as [privacy] says: {old:,}.")
    return told


def _known_truth(workspace: Workspace) -> list[str]:
    """What the truth is, where the business is a simulated one."""
    if not (workspace.root / "truth.json").exists():
        return []
    from goodwill.worlds.truth import Truth

    truth, weeks = Truth.load(workspace.root), workspace.horizon_weeks
    points, days = 100 * truth.risk_difference(weeks), truth.restricted_mean_difference(weeks)
    return [
        f"This business is simulated, so the truth is known: over all its deals a touch in the first week changes the "
        f"share won within {weeks} weeks by {points:+.1f} points and the days to a win by {days:+.1f}."
    ]


def report(folder: Path, *, has_png: bool = False) -> None:
    """Write the report of the kept answers; ``has_png`` adds its pictures as PNG."""
    workspace = open_workspace(folder)
    verdicts, manifest = keeping.kept(workspace)
    with owned(workspace):
        history.repair(workspace)
    write(workspace, study.Study(verdicts, manifest, (), is_new=True), has_png=has_png)
    print(workspace.report)


def write(workspace: Workspace, found: study.Study, *, has_png: bool = False) -> None:
    """Put the report in place, whole or not at all; leave it alone where it shows these answers already.

    A crash may leave the report of the former answers beside new ones: the next run sees that by the mark.
    """
    fingerprint = str(found.manifest["fingerprint"])
    shown = f"{fingerprint}{history.mark(workspace, fingerprint)}"
    if not found.is_new and not has_png and report_files.stand(workspace, shown):
        return
    from goodwill.glossary import TERMS
    from goodwill.report.meta import Meta
    from goodwill.report.own_money import in_own_money
    from goodwill.report.pages import draw, render

    earlier, damaged = history.readable_before(workspace, fingerprint)
    for error in damaged:
        say(f"goodwill: {error}")
    meta = Meta.of(found.manifest)
    former = [(run.label, in_own_money(run.verdicts, run.manifest, meta.currency)) for run in earlier]
    drawn = draw(found.verdicts, meta.currency)
    html = render(found.verdicts, meta, TERMS, former, drawn=drawn)
    files = report_files.beside(drawn, meta, has_png=has_png)
    with owned(workspace) as building:
        report_files.put(workspace, building, html, files, fingerprint=shown)


def _print(found: study.Study, form: str) -> None:
    from goodwill.report import terminal
    from goodwill.report.meta import Meta

    if form == "table":
        terminal.print_scorecard(found.verdicts, Meta.of(found.manifest), console())
    else:
        writer: Any = terminal.as_json if form == "json" else terminal.as_csv
        print(writer(found.verdicts, str(found.manifest["currency"])), end="")
