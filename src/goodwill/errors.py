"""One kind of error for people: what is wrong, where, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: What the system says when nothing more can be written.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True)
class Place:
    """Where a problem sits: a file, and if known a line and a column.

    Examples
    --------
    >>> str(Place("goodwill.toml", line=4, column="curency"))
    'goodwill.toml, line 4, column "curency"'
    """

    file: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f'column "{self.column}"')
        return ", ".join(parts)


class GoodwillError(Exception):
    """A problem that the reader can put right.

    Parameters
    ----------
    problem : str
        One sentence: what is wrong.
    where : Place or str, optional
        File, line and column; or the name of the thing concerned.
    remedy : str
        One sentence: what to do.
    """

    def __init__(self, problem: str, *, where: Place | str | None = None, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [self.problem]
        if self.where is not None:
            lines.append(f"  where:  {self.where}")
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)


class SettingsError(GoodwillError):
    """goodwill.toml says something that cannot be."""


class ExportError(GoodwillError):
    """A file in exports/ cannot be read as what it claims to be."""


class EngineError(GoodwillError):
    """The engine could not read what a file or a table holds."""

    def about(self, file: str) -> ExportError:
        """The same problem, told of the file in which it lies."""
        return ExportError(self.problem, where=Place(file), remedy=self.remedy)


class NoRoom(GoodwillError):
    """Disk or memory is full: never the fault of the file that was being read."""

    def __init__(self, said: str | None, *, where: str = "the workspace") -> None:
        super().__init__(
            f"the disk or memory is full: {said}",
            where=where,
            remedy="Free some space and run again; nothing that was there before has been changed.",
        )


class WorkspaceBusy(GoodwillError):
    """Another run owns the workspace."""


class CannotTell(Exception):
    """The data cannot answer a question; caught once, in ``study.ask``.

    Parameters
    ----------
    missing : str
        What is missing, as a clause: ``"no opportunity has a close date"``.
    settles : str
        What would settle the question, as a clause.
    """

    def __init__(self, missing: str, *, settles: str = "", n: int = 0) -> None:
        super().__init__(missing)
        self.missing = missing
        self.settles = settles
        self.n = n
        self.figures: tuple[Any, ...] = ()  # what can be shown all the same


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like ``name``, or None if none is close.

    Examples
    --------
    >>> nearest("curency", ["currency", "time_zone"])
    'currency'
    """
    from rapidfuzz import fuzz, process  # lazy: only ever needed when something is wrong

    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=60)
    return found[0] if found else None
