"""The verbs about people: what is held of one person, and who may log in to the app."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from goodwill.cli_options import HERE, AsFormat, Folder, Format

person_app = typer.Typer(
    help="What the workspace holds about one person: hand it out, or forget it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
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


access_app = typer.Typer(
    help="Who may log in to the app; with nobody on the list, only this machine can reach it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Login = Annotated[str, typer.Argument(help="The name to log in with.")]


class Role(StrEnum):
    """What somebody may do in the app."""

    owner = "owner"
    reader = "reader"


@access_app.command("add", epilog="Example: goodwill access add jane acme --role reader")
def access_add(
    name: Login,
    folder: Folder = HERE,
    role: Annotated[
        Role, typer.Option(help="A reader sees answers, and people masked; an owner also decides, runs and uploads.")
    ] = Role.owner,
) -> None:
    """Let somebody in, or give them another role or password; the password is asked for, or read from stdin."""
    from goodwill.web import letting_in

    raise typer.Exit(letting_in.add(name, folder, role.value))


@access_app.command("remove", epilog="Example: goodwill access remove jane acme")
def access_remove(name: Login, folder: Folder = HERE) -> None:
    """Let somebody in no more."""
    from goodwill.web import letting_in

    raise typer.Exit(letting_in.remove(name, folder))


@access_app.command("list", epilog="Example: goodwill access list acme")
def access_list(folder: Folder = HERE, form: AsFormat = Format.table) -> None:
    """Say who may log in."""
    from goodwill.web import letting_in

    raise typer.Exit(letting_in.listed(folder, form))
