"""The verdicts on a terminal, as a table for people, as plain lines, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from goodwill import spreadsheets
from goodwill.report import comparisons, words
from goodwill.report.check_words import resisted
from goodwill.report.meta import Meta
from goodwill.report.numbers import bare_count, show, show_count, show_interval, show_level
from goodwill.report.phrases import printable
from goodwill.verdicts.verdict import Verdict

#: Colours of the standings; the words beside them say the same.
COLOURS = {"yes": "green", "no": "red", "open": "magenta", "none": "bold", "is": "dim"}
#: Columns of a terminal below which the table would cut its numbers.
TABLE_NEEDS = 120
#: Files that gave nothing are named one by one up to so many; beyond that the list hides the answers.
MOST_SILENT = 5
#: What plain lines say of an answer, in order; what has nothing to say is left out.
TOLD = (words.sentence, words.adjusting, comparisons.readings, comparisons.groups)


def scorecard(verdicts: Sequence[Verdict], meta: Meta) -> RenderableType:
    """All answers as one table, a line per question.

    Parameters
    ----------
    verdicts : sequence of Verdict
        In the order of their questions.
    meta : Meta
        Whose they are, and what was refused.

    Returns
    -------
    rich renderable
    """
    table = Table(title=_title(meta), title_justify="left", expand=True, show_lines=True)
    table.add_column("Question", no_wrap=True)
    table.add_column("Answer", ratio=1, min_width=24)
    for name in ("Adjusted", "Naive", "n"):
        table.add_column(name, justify="right", no_wrap=True)  # a number cut short is a wrong number
    table.add_column("Grade", justify="center")
    table.add_column("Checks", justify="center")
    for verdict in verdicts:
        table.add_row(*_cells(verdict, meta.currency))
    return Group(table, Text(_read(meta)))


def plain_scorecard(verdicts: Sequence[Verdict], meta: Meta) -> str:
    """The same as lines of text, for logs, pipes and terminals without colour.

    Examples
    --------
    >>> meta = Meta("Acme", as_of="2025-12-31")
    >>> print(plain_scorecard([Verdict("churn", "Does social keep customers?", missing="no ends")], meta))
    Goodwill: Acme, as of 2025-12-31
    <BLANKLINE>
    Churn: cannot tell
      Does social keep customers?
      Cannot tell: no ends; to settle it: the data named as missing.
      checks: no attempt to break it was made
    <BLANKLINE>
    No row was refused.
    """
    lines = [_title(meta), ""]
    for verdict in verdicts:
        lines.append(f"{_line(words.title(verdict))}: {words.standing_words(verdict).words.lower()}")
        told = [verdict.asks, *(tell(verdict, meta.currency) for tell in TOLD)]
        lines += [f"  {_line(text)}" for text in told if text]
        lines += [f"  checks: {resisted(verdict)}", ""]
    return "\n".join([*lines, _read(meta)])


def print_scorecard(verdicts: Sequence[Verdict], meta: Meta, console: Console) -> None:
    """Print the table on a wide terminal with colour, and plain lines anywhere else."""
    if console.is_terminal and not console.no_color and console.width >= TABLE_NEEDS:
        console.print(scorecard(verdicts, meta))
    else:
        # no wrapping: a line that a program reads must not depend on a width that nobody set
        console.print(plain_scorecard(verdicts, meta), markup=False, highlight=False, soft_wrap=True)


def as_rows(verdicts: Sequence[Verdict], currency: str = "EUR") -> list[dict[str, Any]]:
    """One flat row per verdict, with numbers unrounded in their stored unit; ``currency`` is for the words.

    Examples
    --------
    >>> as_rows([Verdict("churn", "Does social keep customers?", missing="no ends")])[0]["standing"]
    'cannot tell'
    """
    return [_row(verdict, currency) for verdict in verdicts]


def as_json(verdicts: Sequence[Verdict], currency: str = "EUR") -> str:
    """The rows as JSON."""
    return json.dumps(as_rows(verdicts, currency), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(verdicts: Sequence[Verdict], currency: str = "EUR") -> str:
    """The rows as CSV (RFC 4180), safe to open in a spreadsheet."""
    rows = as_rows(verdicts, currency)
    return spreadsheets.as_csv(rows[0] if rows else _row(Verdict("", ""), currency), (row.values() for row in rows))


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _title(meta: Meta) -> str:
    return _line(f"Goodwill: {meta.company}, as of {meta.as_of}")


def _read(meta: Meta) -> str:
    told = "No row was refused."
    if meta.refused:
        told = f"{show_count(meta.rows_read)} rows were read; {show_count(meta.rows_refused)} of them were refused."
    silent = [_line(f"{file} was not read, or not all of it: {why}") for file, why in meta.unread]
    if len(silent) > MOST_SILENT:
        silent = [f"{len(silent)} files were not read, or not all of them; see: goodwill scan"]
    return "\n".join([told, *silent])


def _cells(verdict: Verdict, currency: str) -> list[Text]:
    figure, naive = verdict.headline, verdict.naive
    standing = words.standing_words(verdict)
    interval = show_interval(figure, currency) if figure else ""
    level = f"\n{interval} ({show_level(figure)})" if figure and interval else ""
    survived = sum(check.survived is True for check in verdict.checks)
    idle = sum(check.survived is None for check in verdict.checks)
    # Text, not markup: square brackets in a verdict are square brackets
    question = Text(_line(words.title(verdict)) + "\n")
    question.append(f"{standing.sign} {standing.words}", style=COLOURS[standing.css])
    told = [
        _line(words.brief(verdict, currency)),
        (show(figure, currency) if figure else "") + level,
        show(naive, currency) if naive else "",
        show_count(verdict.n) if verdict.n else "",
        verdict.grade,
        (f"{survived} of {len(verdict.checks)}" if verdict.checks else "–") + (f"\n{idle} not run" if idle else ""),
    ]
    return [question, *(Text(cell) for cell in told)]


def _row(verdict: Verdict, currency: str) -> dict[str, Any]:
    figure, naive, checks = verdict.headline, verdict.naive, verdict.checks
    return {
        "question": verdict.question,
        "standing": verdict.standing,
        "answer": words.brief(verdict, currency),
        "unit": figure.unit if figure else None,
        "value": figure.value if figure else None,
        "low": figure.low if figure else None,
        "high": figure.high if figure else None,
        "level": figure.level if figure else None,
        "naive": naive.value if naive else None,
        "n": bare_count(verdict.n),
        "n_exposed": bare_count(verdict.n_exposed),
        "grade": verdict.grade,
        "q": verdict.q,
        "checks": len(checks),
        "checks_survived": sum(check.survived is True for check in checks),
        "checks_not_run": sum(check.survived is None for check in checks),
        "detectable": verdict.detectable,
        "missing": verdict.missing,
        "settles": words.settled_by(verdict) if verdict.standing == "cannot tell" else "",
    }
