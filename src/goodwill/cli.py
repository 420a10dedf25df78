"""The command line: verbs in the order in which a newcomer needs them. Data goes to stdout, messages to stderr."""

from __future__ import annotations

import datetime as dt
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from goodwill.errors import GoodwillError

app = typer.Typer(
    name="goodwill",
    help="Finds out what social media is really worth to a business, from the exports it already has.",
    epilog="Start with: goodwill init acme; copy your exports to acme/exports; goodwill scan acme; goodwill run acme. "
    "Exit code 0: well; 1: something was found that needs a look; 2: something was asked that cannot be.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How results are written to stdout."""

    table = "table"
    json = "json"
    csv = "csv"


Folder = Annotated[Path, typer.Argument(help="The workspace: a folder with goodwill.toml and exports/.")]
AsFormat = Annotated[Format, typer.Option("--format", help="How results are written.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DAY", help="Last day that counts, as 2025-12-31.")]
HERE = Path()


@app.command(epilog="Example: goodwill init acme")
def init(folder: Folder = HERE) -> None:
    """Make a workspace: a commented goodwill.toml and an empty exports/."""
    from goodwill.doors import begin

    begin.init(folder)


@app.command(epilog="Example: goodwill scan acme --format json")
def scan(folder: Folder = HERE, form: AsFormat = Format.table) -> None:
    """Say what every export is; propose a mapping for tables that nobody knows."""
    from goodwill.doors import inspect

    raise typer.Exit(inspect.scan(folder, form))


@app.command(epilog="Example: goodwill doctor acme")
def doctor(folder: Folder = HERE, form: AsFormat = Format.table, as_of: AsOf = None) -> None:
    """Say what is missing or suspicious in the data, and which question that hurts, before any result."""
    from goodwill.doors import inspect

    raise typer.Exit(inspect.doctor(folder, form, _day(as_of)))


@app.command(epilog="Example: goodwill run acme --as-of 2025-06-30 --question win_rate --question cost")
def run(
    folder: Folder = HERE,
    as_of: AsOf = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random.")] = None,
    question: Annotated[list[str] | None, typer.Option("--question", help="Ask only this; may be repeated.")] = None,
    form: AsFormat = Format.table,
) -> None:
    """Answer the questions: keep verdicts/, write report.html, print the scorecard."""
    from goodwill.doors import answer

    raise typer.Exit(answer.run(folder, _day(as_of), seed, tuple(question or ()), form))


@app.command(epilog="Example: goodwill plan win_rate acme; goodwill plan win_rate acme --design invitation --write")
def plan(
    question: Annotated[str, typer.Argument(help="win_rate, sales_cycle, sales, churn or funnel.")],
    folder: Folder = HERE,
    *,
    design: Annotated[str | None, typer.Option(help="invitation, holdout or staggered; else the best one.")] = None,
    effect: Annotated[float | None, typer.Option(help="Smallest effect that matters: 0.05 (points), 7 (days).")] = None,
    compliance: Annotated[float | None, typer.Option(help="Share of companies that do what they are dealt.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of companies that is treated.")] = None,
    start: Annotated[str | None, typer.Option(metavar="DAY", help="First day, as 2026-01-12.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the lots.")] = None,
    as_of: AsOf = None,
    write: Annotated[bool, typer.Option("--write", help="Draw the lots and write them to plans/.")] = False,
    form: AsFormat = Format.table,
) -> None:
    """Say which experiment would settle a question, how long it takes and what it costs; draw its lots."""
    from goodwill.doors import planning

    wanted = planning.Wanted(
        design, effect, compliance, share, _day(start, "--start"), _day(as_of), seed, is_written=write
    )
    raise typer.Exit(planning.plan(question, folder, wanted, form))


@app.command(epilog="Example: goodwill explain win_rate.naive acme")
def explain(
    claim: Annotated[str, typer.Argument(help="A question (win_rate) or one of its figures (win_rate.naive).")],
    folder: Folder = HERE,
    form: AsFormat = Format.table,
    rows: Annotated[int, typer.Option(min=1, help="How many of the rows behind a figure are shown.")] = 10,
) -> None:
    """Say where a number comes from: definition, rows, file and line, assumptions, what would change it."""
    from goodwill.doors import explaining

    raise typer.Exit(explaining.explain(claim, folder, form, rows))


@app.command(epilog="Example: goodwill report acme")
def report(folder: Folder = HERE) -> None:
    """Write report.html again from the answers that are kept."""
    from goodwill.doors import answer

    answer.report(folder)


@app.command(epilog="Example: goodwill simulate demo acme --seed 7")
def simulate(
    world: Annotated[str, typer.Argument(help="null (social does nothing), effect, demo or large.")],
    folder: Annotated[Path, typer.Argument(help="An empty folder for the workspace.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the world.")] = 1,
    accounts: Annotated[int | None, typer.Option(min=20, help="How many companies; the world's own number.")] = None,
) -> None:
    """Write a simulated business, whose truth is known, as real-looking export files."""
    from goodwill.doors import begin

    begin.simulate(world, folder, seed, accounts)


@app.command(epilog="Example: goodwill glossary 'win rate A'; goodwill glossary interactions")
def glossary(
    term: Annotated[str | None, typer.Argument(help="A term, a table or a setting; all terms if left out.")] = None,
    form: AsFormat = Format.table,
) -> None:
    """Explain a term, a canonical table and its columns, or a setting."""
    from goodwill.doors import words_and_tables

    raise typer.Exit(words_and_tables.glossary(term, form))


def _day(text: str | None, option: str = "--as-of") -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise GoodwillError(f'"{text}" is not a day', where=option, remedy="Write it as 2025-12-31.") from None


def main() -> None:
    """Run the command line; a problem that the user can put right ends with code 2 and says how."""
    try:
        app()
    except GoodwillError as error:
        print(f"goodwill: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except BrokenPipeError:  # the reader of our output has gone, as in "| head"
        sys.stderr.close()
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
