"""``history``: the runs that are kept, and what changed from one of them to another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from goodwill import history
from goodwill.doors.showing import say, show
from goodwill.history import Run
from goodwill.verdicts.changes import Change, Refuted, proved_wrong
from goodwill.verdicts.verdict import Verdict
from goodwill.workspace import open_workspace

RUNS = ("run", "as_of", "kept_at", "questions", "state")
#: The same of the two runs of a comparison: standing, grade and headline.
OF_EACH = ("standing", "grade", "value", "low", "high")
COMPARED = (
    "question", "change", *(f"{n}_before" for n in OF_EACH), *(f"{n}_now" for n in OF_EACH), "unit", "moved_by",
    "is_inside_former_interval", "earlier_statement", "means",
)  # fmt: skip


def listed(folder: Path, form: str) -> int:
    """Every run that is kept, oldest first; give 1 if one of them is damaged."""
    workspace = open_workspace(folder)
    found = history.summaries(workspace)
    rows: list[dict[str, Any]] = [
        {
            "run": summary.number,
            "as_of": summary.as_of,
            "kept_at": summary.kept_at,
            "questions": len(summary.manifest.get("questions", ())),
            "state": "whole" if summary.manifest else "damaged",
        }
        for summary in found
    ]
    show(rows, form, columns=RUNS, title="Runs that are kept")
    if not found:
        say(f"No run is kept yet. The first comes with: goodwill run {folder}")
    elif form == "table" and len(found) > 1:
        first, last = found[-2].number, found[-1].number
        say(f"What changed between two of them: goodwill history {folder} --compare {first} {last}")
    return 0 if all(summary.manifest for summary in found) else 1


def compared(folder: Path, numbers: tuple[int, int], form: str) -> int:
    """What changed from one run to another; the earlier statements that proved wrong; give 0."""
    workspace = open_workspace(folder)
    before, now = (history.run(workspace, number) for number in numbers)
    from goodwill.report import change_words
    from goodwill.report.own_money import in_own_money
    from goodwill.report.run_differences import differences

    currency = str(now.manifest.get("currency", "EUR"))
    before = replace(before, verdicts=in_own_money(before.verdicts, before.manifest, currency))
    if form != "table":
        show(_rows(before, now, currency), form, columns=COMPARED)
        return 0
    say(f"What had changed beforehand: {' '.join(differences(before.manifest, now.manifest))}")
    page = change_words.compared(before.verdicts, now.verdicts, currency, labels=(before.label, now.label))
    rows = [{"question": r.title, "before": r.before, "now": r.after, "what it means": r.means} for r in page.rows]
    show(rows, form, title=page.heading)
    say(page.intro)
    for text in (*page.wrong, *page.withdrawn, page.none_wrong):
        if text:
            say(text)
    return 0


def _rows(before: Run, now: Run, currency: str) -> list[dict[str, Any]]:
    """Numbers unrounded in their stored unit, a row for each question."""
    from goodwill.report.as_written import found
    from goodwill.report.change_words import meaning

    refuted = {said.now.question: said for said in proved_wrong([(before.label, before.verdicts)], now.verdicts)}
    both = found(before.verdicts, now.verdicts)
    return [_row(change, refuted.get(change.question)) | {"means": meaning(change, currency)} for change in both]


def _row(change: Change, refuted: Refuted | None) -> dict[str, Any]:
    figure = change.figures[0] if change.figures and change.now and change.now.headline else None
    told = [v.headline for v in (change.now, change.before) if v is not None and v.headline is not None]
    return {
        "question": change.question,
        "change": change.kind,
        **_one(change.before, "before"),
        **_one(change.now, "now"),
        "unit": told[0].unit if told else None,
        "moved_by": figure.by if figure else None,
        "is_inside_former_interval": figure.is_inside if figure else None,
        "earlier_statement": _statement(refuted),
    }


def _one(verdict: Verdict | None, when: str) -> dict[str, Any]:
    figure = verdict.headline if verdict else None
    told = (
        verdict.standing if verdict else None,
        verdict.grade if verdict else None,
        figure.value if figure else None,
        figure.low if figure else None,
        figure.high if figure else None,
    )
    return {f"{name}_{when}": value for name, value in zip(OF_EACH, told, strict=True)}


def _statement(refuted: Refuted | None) -> str:
    if refuted is None:
        return ""
    return f"proved wrong: {refuted.reason}" if refuted.is_wrong else "withdrawn"
