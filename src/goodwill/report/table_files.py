"""The tables of a report as CSV files: the answers, every figure and check, the numbers behind each picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from goodwill.report import numbers, tables, terminal
from goodwill.report.meta import Meta
from goodwill.report.pages import Drawn, Section
from goodwill.spreadsheets import as_csv
from goodwill.verdicts.small_cells import FEW
from goodwill.verdicts.verdict import Figure, Verdict

#: The files that belong to no single question.
ANSWERS, FILES_READ = "all-answers.csv", "files-read.csv"
#: Columns of a table of figures; ``value``, ``low`` and ``high`` are unrounded, ``written`` is as the report has it.
FIGURE = ("figure", "label", "role", "value", "low", "high", "level", "unit", "n", "written", "interval", "definition")
#: Columns of a table of checks.
CHECK = ("check", "is_decisive", "answer", "tried", "came_out")
#: Columns of the table of what was read.
READ = ("file", "became", "rows", "refused", "not_read_because")
#: Units of columns that are those of the row or of the headline.
NOT_FIXED = ("row", "answer")


def table_files(drawn: Drawn, meta: Meta) -> dict[str, str]:
    """Every table of a report as CSV, by the name of its file.

    Parameters
    ----------
    drawn : Drawn
        What the page shows.
    meta : Meta
        What was read, and the currency.

    Returns
    -------
    dict of str to str
        Numbers are unrounded and in their stored unit: shares and points are fractions.
    """
    files = {
        ANSWERS: terminal.as_csv([section.verdict for section in drawn.sections], meta.currency),
        FILES_READ: as_csv(READ, _read(meta)),
    }
    for name, rows in drawn.values.rows.items():
        files[f"all-{name}.csv"] = as_csv(tuple(rows[0]), [[_kept(cell) for cell in row.values()] for row in rows])
    for section in drawn.sections:
        question = section.verdict.question
        if section.figures:
            files[f"{question}-figures.csv"] = as_csv(FIGURE, figure_rows(section.verdict, meta.currency))
        if section.checks:
            files[f"{question}-checks.csv"] = as_csv(CHECK, _checks(section))
        for facts in _pictured(section):
            files[f"{question}-{facts}.csv"] = as_csv(*facts_table(section.verdict, facts))
    return files


def facts_table(verdict: Verdict, facts: str) -> tuple[tuple[str, ...], list[list[Any]]]:
    """The header and the rows behind one picture, with numbers as they are kept.

    Examples
    --------
    >>> rows = [{"group": "prospects", "value": 0.041, "low": -0.01, "high": 0.092, "unit": "points", "n": 684}]
    >>> facts_table(Verdict("win_rate", "?", facts={"subgroups": rows}), "subgroups")
    (('group', 'value', 'low', 'high', 'n', 'unit'), [['prospects', 0.041, -0.01, 0.092, 684, 'points']])
    """
    _, columns, rows = tables.behind(verdict, facts)
    names = tuple(name for name, _, _ in columns)
    if "unit" in names or not any(unit in NOT_FIXED for _, _, unit in columns):
        return names, [[_kept(row.get(name)) for name in names] for row in rows]
    unit = verdict.headline.unit if verdict.headline else ""
    return (*names, "unit"), [[*(_kept(row.get(name)) for name in names), row.get("unit", unit)] for row in rows]


def _kept(cell: Any) -> Any:
    """A number with as many digits as verdicts keep; what is worked out from them has no more."""
    return float(f"{cell:.10g}") if isinstance(cell, float) else cell


def _pictured(section: Section) -> Sequence[str]:
    found = (shown.picture.facts for place in section.shown.values() for shown in place)
    return tuple(dict.fromkeys(facts for facts in found if facts))


def figure_rows(verdict: Verdict, currency: str) -> Iterator[tuple[Any, ...]]:
    """Every figure of a verdict as a row of the columns ``FIGURE``."""
    for figure in verdict.every_figure():
        role = "headline" if figure is verdict.headline else "naive" if figure is verdict.naive else ""
        unit = "count" if figure.unit == FEW else figure.unit
        ends = (figure.low, figure.high, figure.level if numbers.show_interval(figure) else None)
        n = None if figure.n is None else numbers.bare_count(figure.n)
        written = (numbers.show(figure, currency), numbers.show_interval(figure, currency))
        yield figure.name, figure.label, role, _value(figure), *ends, unit, n, *written, figure.definition


def _value(figure: Figure) -> float | str | None:
    """The value, or the words that stand for one that small cells hide."""
    return numbers.show_bare(figure.value, FEW) if figure.unit == FEW else figure.value


def _checks(section: Section) -> Iterator[tuple[Any, ...]]:
    for check in section.checks:
        yield check.name, "yes" if check.is_decisive else "no", check.outcome[1], check.tried, check.came_out


def _read(meta: Meta) -> Iterator[tuple[Any, ...]]:
    for part in meta.refused:
        yield part.file, part.became, part.rows, part.refused, None
    for file, why in meta.unread:
        yield file, None, None, None, why
