"""How rows and progress reach people: a table, JSON or CSV on stdout; bars and messages on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from goodwill.spreadsheets import as_csv

if TYPE_CHECKING:  # the study brings the statistics along, and most verbs can do without
    from goodwill.intake import Progress as Told

#: What a step of the study is called while it runs.
STEPS = {
    "read": "Reading exports",
    "load": "Loading tables",
    "resolutions": "Trying other matches",
    "trace": "Tracing journeys",
    "report": "Writing the report",
}


def called(step: str) -> str:
    """What a step is called: one of ``STEPS``, or the question that is asked.

    Examples
    --------
    >>> called("read"), called("win_rate")
    ('Reading exports', 'Asking: win rate')
    """
    return STEPS.get(step, f"Asking: {step.replace('_', ' ')}")


def console(*, stderr: bool = False) -> Console:
    """Where people read; NO_COLOR takes bold and dim away too, so that not one escape code is left in the text."""
    return Console(stderr=stderr, highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")


def messages() -> Console:
    """Where messages go."""
    return console(stderr=True)


def say(text: str) -> None:
    """One message to the person, not to the program that reads our output."""
    print(text, file=sys.stderr)


def show(rows: Sequence[dict[str, Any]], form: str, *, columns: Sequence[str] = (), title: str = "") -> None:
    """Rows on stdout, as asked for; ``columns`` head a CSV without rows."""
    if form == "json":
        print(json.dumps(list(rows), indent=1, ensure_ascii=False, default=str))
    elif form == "csv":
        print(as_csv(rows[0] if rows else columns, (map(_flat, row.values()) for row in rows)), end="")
    else:
        _table(rows, title)


def _table(rows: Sequence[dict[str, Any]], title: str) -> None:
    paper = console()
    table = Table(title=title or None, title_justify="left", show_lines=False)
    for name in rows[0] if rows else ():
        table.add_column(str(name).replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_plain(_flat(value)) for value in row.values()))
    if not paper.is_terminal:
        paper.width = 200  # a pipe has no width: do not cut what a program or a file will read
    paper.print(table)


def _flat(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(str(v) for v in value)
    if isinstance(value, dict):
        return "; ".join(f"{k}: {v}" for k, v in value.items())
    return "" if value is None else value


def _plain(value: Any) -> str:
    """Text without markup or control characters, whatever an export holds."""
    text = f"{value:,.2f}" if isinstance(value, float) else str(value)
    return "".join(c if c.isprintable() else " " for c in text).replace("[", r"\[")


@contextmanager
def progress() -> Iterator[Told]:
    """A bar per step of the study on stderr; nothing where nobody watches."""
    watched = messages()
    columns = (TextColumn("{task.description:<28}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=watched, disable=not watched.is_terminal) as bars:
        running: dict[str, Any] = {}

        def told(step: str, done: int, of: int) -> None:
            if step not in running:
                running[step] = bars.add_task(called(step), total=of)
            bars.update(running[step], completed=done, total=of)

        yield told
