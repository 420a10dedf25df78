"""``plan``: which experiment would settle a question, and the lots of the one that is chosen."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill import intake, study
from goodwill.designs import assigning, eligible, own_rates, planned
from goodwill.designs.experiments import ASKED, DESIGNS, MONTH_DAYS, Design
from goodwill.designs.own_rates import Rates
from goodwill.designs.planned import MONTHS, Plan, Wishes
from goodwill.doors import planning_words as words
from goodwill.doors.showing import progress, say, show
from goodwill.errors import CannotTell, GoodwillError, nearest
from goodwill.lock import owned
from goodwill.registry import Terms, questions
from goodwill.spreadsheets import as_csv
from goodwill.warehouse import Tables
from goodwill.workspace import Workspace, open_workspace

#: Weeks of each span after which effects are told, where all units are there at once.
WEEKS = {months: round(months * MONTH_DAYS / 7) for months in MONTHS}


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line; None where it was left to the custom or to the settings."""

    design: str | None = None
    effect: float | None = None
    compliance: float | None = None
    share: float | None = None
    starts: dt.date | None = None
    as_of: dt.date | None = None
    seed: int | None = None
    is_written: bool = False


@dataclass(frozen=True)
class Found:
    """Every design for a question, and what they were worked out from."""

    question: str
    plans: tuple[Plan, ...]
    rates: Rates

    @property
    def recommended(self) -> Plan | None:
        """The one to choose, if any settles the question."""
        return planned.recommended(self.plans)


def plan(question: str, folder: Path, wanted: Wanted, form: str) -> int:
    """Show what each experiment would take, and write the lots of one where that is wanted; give 0.

    Raises
    ------
    GoodwillError
        There is no such question or design, the data is too little to plan with, or other lots are there already.
    """
    _check(question, wanted)
    workspace = open_workspace(folder)
    with _traced(workspace, wanted) as (tables, terms, building), _as_errors():
        found = worked_out(tables, terms, question, wanted)
        written = _write(tables, terms, found, wanted, building) if wanted.is_written else ()
    rows = words.rows(found, workspace.currency) if form == "table" else words.records(found)
    show(rows, form, title=f"Experiments on {question}")
    for line in (*words.basis(found, workspace.currency), *words.advice(found, workspace.currency)):
        say(line)
    for line in words.written(written, workspace):
        say(line)
    return 0


def worked_out(tables: Tables, terms: Terms, question: str, wanted: Wanted) -> Found:
    """Every design for a question, from the company's own rates.

    Raises
    ------
    CannotTell
        Too few companies or units are known.
    """
    rates = own_rates.rates_of(tables, terms, question)
    wishes = Wishes(_effect(question, wanted, rates), wanted.compliance, wanted.share)
    later = None if rates.per_month else {m: _rates_after(tables, terms, question, w) for m, w in WEEKS.items()}
    return Found(question, planned.plans(question, rates=rates, wishes=wishes, later=later), rates)


def _rates_after(tables: Tables, terms: Terms, question: str, weeks: int) -> Rates | None:
    try:
        return own_rates.rates_of(tables, terms, question, weeks=weeks)
    except CannotTell:
        return None


def _check(question: str, wanted: Wanted) -> None:
    if question not in ASKED:
        close = nearest(question, ASKED)
        known = question in questions()
        raise GoodwillError(
            f'"{question}" is not settled by an experiment on companies' if known else f'no question is "{question}"',
            remedy=f"Did you mean {close}?" if close else f"Questions with an experiment: {', '.join(ASKED)}.",
        )
    if wanted.design is not None and wanted.design not in DESIGNS:
        close = nearest(wanted.design, DESIGNS)
        raise GoodwillError(
            f'there is no design "{wanted.design}"',
            where="--design",
            remedy=f"Did you mean {close}?" if close else f"Designs: {', '.join(DESIGNS)}.",
        )
    for name, share in (("--compliance", wanted.compliance), ("--share", wanted.share)):
        if share is not None and not 0 < share < 1:
            raise GoodwillError(f"{share:g} is no share", where=name, remedy="Write a number between 0 and 1: 0.3")


def _effect(question: str, wanted: Wanted, rates: Rates) -> float:
    """The smallest effect that matters, with the sign that is hoped for: as asked, else as the question says."""
    asked = ASKED[question]
    size = wanted.effect
    if size is None and asked.matters_share is not None:
        size = asked.matters_share * rates.outcome.mean
    if size is None:
        size = float(importlib.import_module(f"goodwill.questions.{question}").MATTERS)
    if not size or abs(size) > (1 if asked.measure == "chance" else float("inf")):
        example = "0.05 for five points" if asked.measure == "chance" else "7"
        raise GoodwillError(f"{size:g} is no effect to look for", where="--effect", remedy=f"Write it as {example}.")
    return asked.hoped * abs(size)


@contextmanager
def _traced(workspace: Workspace, wanted: Wanted) -> Iterator[tuple[Tables, Terms, Path]]:
    """The tables as the exports are now, built anew and thrown away."""
    with owned(workspace) as building, intake.warehouse(building, workspace) as tables:
        with progress() as told:
            readings = intake.read(workspace, building / "scratch", told)
            intake.load(tables, readings, workspace, told)
            study.resolve(tables, workspace)
            end = study.trace(tables, workspace, wanted.as_of or workspace.as_of, told)
        yield tables, Terms(workspace, end, workspace.seed if wanted.seed is None else wanted.seed), building


@contextmanager
def _as_errors() -> Iterator[None]:
    """Where the data cannot tell, that is the answer to give: what is missing, and what to do."""
    try:
        yield
    except CannotTell as cannot:
        raise GoodwillError(
            f"nothing can be planned: {cannot.missing}", remedy=f"What would help: {cannot.settles}."
        ) from None


def _write(tables: Tables, terms: Terms, found: Found, wanted: Wanted, building: Path) -> tuple[Path, ...]:
    """The lots and the record of the design that was chosen, else of the one recommended."""
    chosen = _chosen(found, wanted)
    when = assigning.dates(chosen, found.rates, terms, starts=wanted.starts)
    if when.starts.isoformat() <= (terms.end - dt.timedelta(days=1)).date().isoformat():
        raise GoodwillError(
            "an experiment cannot start before its lots are drawn", where="--start", remedy="Choose a later day."
        )
    companies = eligible.companies(tables, terms, found.question)
    rows = assigning.lots(chosen, companies, terms, question=found.question, when=when)
    record = assigning.record(chosen, found.rates, rows, terms, question=found.question)
    folder, name = terms.workspace.root / "plans", rows[0]["experiment"]
    texts = {folder / f"{name}.csv": _as_csv(rows), folder / f"{name}.json": json.dumps(record, indent=1) + "\n"}
    for path, text in texts.items():
        _keep(path, text, building)
    return tuple(texts)


def _chosen(found: Found, wanted: Wanted) -> Plan:
    by_name: Mapping[Design, Plan] = {plan.design: plan for plan in found.plans}
    chosen = next((plan for name, plan in by_name.items() if name == wanted.design), None) or found.recommended
    if chosen is None:
        raise GoodwillError(
            "none of the experiments would settle the question in three years",
            remedy="Choose one all the same with --design, or look for a larger effect with --effect.",
        )
    if chosen.design == "staggered" and chosen.part is None:
        raise GoodwillError(f"a staggered start cannot be drawn: {chosen.why}", remedy="Choose another --design.")
    if not chosen.contrast > 0:
        raise GoodwillError(f"{DESIGNS[chosen.design].title}: {chosen.why}", remedy="Choose another --design.")
    return chosen


def _keep(path: Path, text: str, building: Path) -> None:
    """Put a file in place, whole or not at all; lots that were drawn already are never drawn over."""
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise GoodwillError(
            "other lots of this name have been drawn already, and may be in use",
            where=str(path),
            remedy="Use them; or, if nobody was told of them yet, remove both files and run again.",
        )
    path.parent.mkdir(exist_ok=True)
    unfinished = building / path.name
    unfinished.write_text(text, encoding="utf-8", newline="")
    os.replace(unfinished, path)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    cells = ([_cell(row[column]) for column in assigning.COLUMNS] for row in rows)
    return as_csv(assigning.COLUMNS, cells, line_end="\n")


def _cell(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) else value
