"""The verdicts on a terminal, as a table for people, as plain lines, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from goodwill.report import words
from goodwill.report.meta import Meta
from goodwill.report.numbers import show, show_count, show_interval, show_level
from goodwill.verdicts.verdict import Verdict

#: Colours of the standings; the words beside them say the same.
COLOURS = {"yes": "green", "no": "red", "open": "magenta", "none": "bold", "is": "dim"}
#: A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    table.add_column("Question", ratio=3, min_width=10)
    table.add_column("Standing", ratio=3, min_width=10)
    table.add_column("Answer", ratio=8, min_width=20)
    for name in ("Adjusted", "Interval", "Naive", "n"):
        table.add_column(name, justify="right", ratio=3, min_width=7)
    table.add_column("Grade", justify="center", min_width=5)
    table.add_column("Checks", justify="center", min_width=6)
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
        lines.append(f"{words.title(verdict)}: {words.standing_words(verdict).words.lower()}")
        told = [verdict.asks, words.sentence(verdict, meta.currency), words.adjusting(verdict, meta.currency)]
        lines += [f"  {printable(text)}" for text in told if text]
        lines += [f"  checks: {words.resisted(verdict)}", ""]
    return "\n".join([*lines, _read(meta)])


def print_scorecard(verdicts: Sequence[Verdict], meta: Meta, console: Console) -> None:
    """Print the table where there is a terminal with colour, and plain lines where there is none."""
    if console.is_terminal and not console.no_color:
        console.print(scorecard(verdicts, meta))
    else:
        # no wrapping: a line that a program reads must not depend on a width that nobody set
        console.print(plain_scorecard(verdicts, meta), markup=False, highlight=False, soft_wrap=True)


def as_rows(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """One flat row per verdict, with numbers unrounded in their stored unit.

    Examples
    --------
    >>> as_rows([Verdict("churn", "Does social keep customers?", missing="no ends")])[0]["standing"]
    'cannot tell'
    """
    return [_row(verdict) for verdict in verdicts]


def as_json(verdicts: Sequence[Verdict]) -> str:
    """The rows as JSON."""
    return json.dumps(as_rows(verdicts), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(verdicts: Sequence[Verdict]) -> str:
    """The rows as CSV (RFC 4180), safe to open in a spreadsheet."""
    rows = as_rows(verdicts)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0] if rows else _row(Verdict("", "")))
    writer.writerows([_harmless(value) for value in row.values()] for row in rows)
    return text.getvalue()


def printable(text: str) -> str:
    """Text without control characters, which could make a terminal do things.

    Examples
    --------
    >>> printable("a\\x1b[31mb")
    'a [31mb'
    """
    return "".join(character if character.isprintable() else " " for character in text)


def _title(meta: Meta) -> str:
    return printable(f"Goodwill: {meta.company}, as of {meta.as_of}")


def _read(meta: Meta) -> str:
    if not meta.refused:
        return "No row was refused."
    return f"{show_count(meta.rows_read)} rows were read; {show_count(meta.rows_refused)} of them were refused."


def _cells(verdict: Verdict, currency: str) -> list[Text]:
    figure, naive = verdict.headline, verdict.naive
    standing = words.standing_words(verdict)
    interval = show_interval(figure, currency) if figure else ""
    level = f" ({show_level(figure)})" if figure and interval else ""
    survived = sum(check.survived is True for check in verdict.checks)
    told = [
        words.title(verdict),
        f"{standing.sign} {standing.words}",
        words.brief(verdict, currency),
        show(figure, currency) if figure else "",
        interval + level,
        show(naive, currency) if naive else "",
        show_count(verdict.n) if verdict.n else "",
        verdict.grade,
        f"{survived}/{len(verdict.checks)}" if verdict.checks else "–",
    ]
    # Text, not markup: square brackets in a verdict are square brackets
    return [Text(printable(cell), style=COLOURS[standing.css] if n == 1 else "") for n, cell in enumerate(told)]


def _row(verdict: Verdict) -> dict[str, Any]:
    figure, naive, checks = verdict.headline, verdict.naive, verdict.checks
    return {
        "question": verdict.question,
        "standing": verdict.standing,
        "answer": words.brief(verdict),
        "unit": figure.unit if figure else None,
        "value": figure.value if figure else None,
        "low": figure.low if figure else None,
        "high": figure.high if figure else None,
        "level": figure.level if figure else None,
        "naive": naive.value if naive else None,
        "n": verdict.n,
        "n_exposed": verdict.n_exposed,
        "grade": verdict.grade,
        "q": verdict.q,
        "checks": len(checks),
        "checks_survived": sum(check.survived is True for check in checks),
        "checks_not_run": sum(check.survived is None for check in checks),
        "detectable": verdict.detectable,
        "missing": verdict.missing,
        "settles": words.settled_by(verdict) if verdict.standing == "cannot tell" else "",
    }


def _harmless(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value
