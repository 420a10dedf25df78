"""The command line: verbs in the order in which a newcomer needs them. Data goes to stdout, messages to stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from goodwill.cli_options import HERE, AsFormat, AsOf, Folder, Format, day_of
from goodwill.cli_people import access_app, person_app
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

    raise typer.Exit(inspect.doctor(folder, form, day_of(as_of)))


@app.command(epilog="Example: goodwill run acme --as-of 2025-06-30 --question win_rate --question cost")
def run(
    folder: Folder = HERE,
    as_of: AsOf = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random.")] = None,
    question: Annotated[list[str] | None, typer.Option("--question", help="Ask only this; may be repeated.")] = None,
    form: AsFormat = Format.table,
) -> None:
    """Answer the questions: keep verdicts/, write report.html, figures/ and tables/, print the scorecard."""
    from goodwill.doors import answer

    raise typer.Exit(answer.run(folder, day_of(as_of), seed, tuple(question or ()), form))


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
        design, effect, compliance, share, day_of(start, "--start"), day_of(as_of), seed, is_written=write
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
    rows: Annotated[int, typer.Option(min=1, max=1000, help="How many of the rows behind a figure are shown.")] = 10,
    names: Annotated[bool, typer.Option("--names", help="Show names, addresses and texts, hidden else.")] = False,
) -> None:
    """Say where a number comes from: definition, checks, settings, models, rows, file and line; as a tree."""
    from goodwill.doors import explaining

    raise typer.Exit(explaining.explain(claim, folder, form, rows, is_masked=not names))


app.add_typer(person_app, name="person")


@app.command(epilog="Example: goodwill serve acme; goodwill serve acme --host 0.0.0.0 --name goodwill.acme.com")
def serve(
    folder: Folder = HERE,
    *,
    host: Annotated[str, typer.Option(help="The address to be reached at; beyond this machine, log-in is needed.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    name: Annotated[list[str] | None, typer.Option("--name", help="A further name of this machine.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="File of a certificate, for HTTPS.")] = None,
    key: Annotated[Path | None, typer.Option(help="File of its key.")] = None,
    upload_limit: Annotated[int, typer.Option(min=1, metavar="MB", help="Largest upload.")] = 512,
) -> None:
    """Open the app in a browser: answers, where they come from, exports, runs, people, review and settings."""
    from goodwill.web import serving

    wanted = serving.Wanted(host, port, tuple(name or ()), certificate, key, upload_limit)
    raise typer.Exit(serving.serve(folder, wanted))


app.add_typer(access_app, name="access")


@app.command(epilog="Example: goodwill report acme --png")
def report(
    folder: Folder = HERE,
    png: Annotated[bool, typer.Option("--png", help="Write the pictures as PNG too, for slides.")] = False,
) -> None:
    """Write report.html, figures/ and tables/ again from the answers that are kept."""
    from goodwill.doors import answer

    answer.report(folder, has_png=png)


@app.command(epilog="Example: goodwill history acme; goodwill history acme --compare 1 3")
def history(
    folder: Folder = HERE,
    compare: Annotated[tuple[int, int] | None, typer.Option(metavar="A B", help="What changed from A to B.")] = None,
    form: AsFormat = Format.table,
) -> None:
    """List the runs that are kept; say what changed from one to another, and what proved wrong."""
    from goodwill.doors import histories

    raise typer.Exit(histories.compared(folder, compare, form) if compare else histories.listed(folder, form))


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
