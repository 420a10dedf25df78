"""``access``: say who may log in to the app, and give or take that right."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import cast

from goodwill.doors.showing import say, show
from goodwill.errors import GoodwillError
from goodwill.web import access, audit
from goodwill.workspace import open_workspace


def add(name: str, folder: Path, role: str) -> int:
    """Let somebody in; give 0."""
    workspace = open_workspace(folder)
    access.add(workspace, name, cast(access.Role, role), _password())
    audit.write(workspace, "command line", f"access given: {role}", name)
    say(f"{name} may log in as {role}. A server that is running knows it from the next page on.")
    return 0


def remove(name: str, folder: Path) -> int:
    """Let somebody in no more; give 0."""
    workspace = open_workspace(folder)
    access.remove(workspace, name)
    audit.write(workspace, "command line", "access taken", name)
    say(f"{name} may no longer log in.")
    return 0


def listed(folder: Path, form: str) -> int:
    """Show who may log in; give 0."""
    rows = [{"name": user.name, "role": user.role} for user in access.users(open_workspace(folder))]
    if rows or form != "table":
        show(rows, form, columns=("name", "role"), title="Who may log in")
    else:
        say("Nobody needs to log in: only this machine can reach the app.")
    return 0


def _password() -> str:
    """Asked for twice where somebody types, else the first line of stdin.

    Raises
    ------
    GoodwillError
        The two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(f"Password ({access.SHORTEST} characters or more): ")
    if getpass.getpass("The same again: ") != first:
        raise GoodwillError("the two passwords differ", remedy="Try again.")
    return first
