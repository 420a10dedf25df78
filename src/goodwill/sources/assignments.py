"""Lots of an experiment, as ``goodwill plan --write`` wrote them: which company was dealt which arm."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import moment, number, shown, sql, text

#: What is said behind the arm of a company that stands in the file with two different ones.
TWICE = ", and the same company stands in another arm too"


def _assignments(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    lot = {
        "experiment": text(sheet, "experiment"),
        "question": sql(f"lower({shown(sheet, 'question')})"),
        "design": _known(sheet, "design", "invitation|staggered|holdout"),
        "unit_kind": text(sheet, "unit_kind"),
        "unit": text(sheet, "unit"),
        "arm": _arm(sheet),
        "stratum": text(sheet, "stratum"),
        "planned_share": number(sheet, "planned_share"),
        "seed": _whole(sheet, "seed"),
        "assigned_at": moment(sheet, "assigned_at", zone=locale.time_zone),
        "started_at": moment(sheet, "started_at", zone=locale.time_zone),
        "ends_at": moment(sheet, "ends_at", zone=locale.time_zone),
    }
    # a line that begins with # is a remark of whoever keeps the file
    said = f"coalesce({shown(sheet, 'experiment')}, '')"
    return (Relation("assignments", lot, where=f"NOT starts_with({said}, '#')"),)


def _known(sheet: Sheet, column: str, pattern: str) -> Cell:
    """A word of a fixed list; any other refuses the row."""
    raw = shown(sheet, column)
    return Cell(f"CASE WHEN regexp_full_match(lower({raw}), '{pattern}') THEN lower({raw}) END", raw, column)


def _arm(sheet: Sheet) -> Cell:
    """The arm; rows of a company that stands in two are refused, since nobody knows which it was."""
    arm, unit = shown(sheet, "arm"), shown(sheet, "unit")
    alike = f"PARTITION BY {shown(sheet, 'experiment')}, {unit}"
    other = f"min(lower({arm})) OVER ({alike}) <> max(lower({arm})) OVER ({alike})"
    raw = f"CASE WHEN {unit} IS NOT NULL AND {other} THEN {arm} || '{TWICE}' ELSE {arm} END"
    known = f"regexp_full_match(lower({raw}), 'treated|control|step [0-9]+')"
    return Cell(f"CASE WHEN {known} THEN lower({raw}) END", raw, "arm")


def _whole(sheet: Sheet, column: str) -> Cell:
    raw = shown(sheet, column)
    return Cell(f"TRY_CAST({raw} AS BIGINT)", raw, column)


SOURCE = Source(
    name="assignments",
    title="Lots of an experiment (written by goodwill plan)",
    layouts=(
        Layout(
            "lots",
            ("experiment", "question", "design", "unit", "arm", "assigned_at", "started_at"),
            _assignments,
            knows=("unit_kind", "stratum", "planned_share", "seed", "ends_at"),
        ),
    ),
    answers="which companies chance put into which arm, so that a question is answered by the experiment",
    how_to_get=(
        "goodwill plan QUESTION --design DESIGN --write writes it to plans/ of the workspace. Copy it to exports/ when "
        "the experiment starts, and leave it there."
    ),
    caveats=(
        "Do not edit the lots: a company that stands in two arms and an arm that nobody knows are refused and counted. "
        "An experiment answers once it has ended; looking early and stopping when it pleases makes chance look like "
        "an effect."
    ),
    evidence="The file is our own.",
)
