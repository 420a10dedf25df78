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


@app.command(epilog="Example: goodwill match acme; goodwill match acme --pair hubspot/contact:17 linkedin:jane-doe")
def match(
    folder: Folder = HERE,
    *,
    person: Annotated[str | None, typer.Option(metavar="NODE", help="Show every record of this one.")] = None,
    pair: Annotated[tuple[str, str] | None, typer.Option(metavar="A B", help="Say why these two are one.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many uncertain pairs are shown.")] = 10,
    masked: Annotated[bool, typer.Option("--masked", help="Hide names and addresses.")] = False,
    form: AsFormat = Format.table,
) -> None:
    """Say how many people and companies were found of how many records, how well, and why any two are one."""
    from goodwill.doors import matching

    raise typer.Exit(matching.match(folder, matching.Wanted(person, pair, limit, is_masked=masked), form))


@app.command(
    epilog="Example: goodwill review acme; goodwill review acme --queue --format csv; "
    'goodwill review acme --same hubspot/contact:17 linkedin:jane-doe --reason "same photo"; '
    "goodwill review acme --undo 3"
)
def review(
    folder: Folder = HERE,
    *,
    same: Annotated[tuple[str, str] | None, typer.Option(metavar="A B", help="These two are one.")] = None,
    different: Annotated[tuple[str, str] | None, typer.Option(metavar="A B", help="These two are two.")] = None,
    not_sure: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Nobody can tell; ask no more.")
    ] = None,
    undo: Annotated[int | None, typer.Option(metavar="N", help="Take line N back, as if it had not been said.")] = None,
    decided: Annotated[bool, typer.Option("--list", help="Show what was decided.")] = False,
    queue: Annotated[bool, typer.Option("--queue", help="Show the pairs worth a look, and ask nothing.")] = False,
    file: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Read decisions from a table: the queue, filled in.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; every decision needs one.")] = None,
    by: Annotated[str | None, typer.Option(help="Who decides; else the name you are logged in with.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many pairs.")] = 20,
    masked: Annotated[bool, typer.Option("--masked", help="Hide names and addresses.")] = False,
    form: AsFormat = Format.table,
) -> None:
    """Decide who is who where the matching is unsure, what matters most first; every decision can be taken back."""
    from goodwill.doors import reviewing

    wanted = reviewing.Wanted(
        same, different, not_sure, undo, decided, queue, file, reason or "", by or "", limit, is_masked=masked
    )
    raise typer.Exit(reviewing.review(folder, wanted, form))


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


person_app = typer.Typer(
    help="What the workspace holds about one person: hand it out, or forget it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(person_app, name="person")
Whom = Annotated[str, typer.Argument(help="An e-mail address, or a node such as hubspot/contact:17 or x:jane.")]


@person_app.command("export", epilog="Example: goodwill person export jane@example.com acme --into jane")
def person_export(
    person: Whom,
    folder: Folder = HERE,
    into: Annotated[
        Path | None, typer.Option(help="A new folder for the files; person-<id> where it is left out.")
    ] = None,
    form: AsFormat = Format.table,
) -> None:
    """Write down everything the workspace holds about one person: JSON, CSV and a page to read."""
    from goodwill.doors import persons

    raise typer.Exit(persons.export(person, folder, into, form))


@person_app.command(
    "forget", epilog="Example: goodwill person forget jane@example.com acme --reason 'asked on 3 May' --yes"
)
def person_forget(
    person: Whom,
    folder: Folder = HERE,
    reason: Annotated[str, typer.Option(help="Why, without the person's name; needed with --yes.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this, only say what would be removed.")] = False,
) -> None:
    """Forget one person for good: say what would go and where the exports name them; do it with --yes."""
    from goodwill.doors import persons

    raise typer.Exit(persons.forget(person, folder, reason, is_meant=yes))


@app.command(epilog="Example: goodwill report acme")
def report(folder: Folder = HERE) -> None:
    """Write report.html again from the answers that are kept."""
    from goodwill.doors import answer

    answer.report(folder)


@app.command(epilog="Example: goodwill simulate demo acme --seed 7")
def simulate(
    world: Annotated[
        str, typer.Argument(help="null (social does nothing), effect, demo, large, identities or another.")
    ],
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
