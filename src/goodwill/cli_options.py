"""What several verbs of the command line take: the workspace, the form of results, a day."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from goodwill.errors import GoodwillError


class Format(StrEnum):
    """How results are written to stdout."""

    table = "table"
    json = "json"
    csv = "csv"


Folder = Annotated[Path, typer.Argument(help="The workspace: a folder with goodwill.toml and exports/.")]
AsFormat = Annotated[Format, typer.Option("--format", help="How results are written.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DAY", help="Last day that counts, as 2025-12-31.")]
HERE = Path()


def day_of(text: str | None, option: str = "--as-of") -> dt.date | None:
    """The day that an option says.

    Raises
    ------
    GoodwillError
        It is no day.
    """
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise GoodwillError(f'"{text}" is not a day', where=option, remedy="Write it as 2025-12-31.") from None
