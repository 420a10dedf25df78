"""The exports behind the answers: the file that a name of the manifest stands for, and never any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from goodwill import keeping
from goodwill.errors import GoodwillError, nearest
from goodwill.workspace import Workspace

#: How much of a name that somebody made up is shown again.
SHOWN = 80


def input_of(workspace: Workspace, file: str) -> Mapping[str, Any]:
    """What the manifest says of one export.

    Raises
    ------
    GoodwillError
        There are no answers, or no export of this name is behind them; with the nearest name.
    """
    known = inputs_of(workspace)
    if file not in known:
        said = "".join(c if c.isprintable() else "\ufffd" for c in file)[:SHOWN]
        close = nearest(said, known)
        raise GoodwillError(
            f'no export called "{said}" is behind the answers',
            where=str(workspace.exports),
            remedy=f'Did you mean "{close}"?' if close else "Name a file as the list of exports names it.",
        )
    found: Mapping[str, Any] = known[file]
    return found


def inputs_of(workspace: Workspace) -> Mapping[str, Mapping[str, Any]]:
    """What the manifest says of every export, by name; read anew only when there is another manifest.

    Raises
    ------
    GoodwillError
        There are no answers, or they are damaged.
    """
    try:
        about = (workspace.verdicts / keeping.MANIFEST).stat()
    except OSError:
        keeping.kept(workspace)  # says why
        raise
    return _inputs(workspace.root, about.st_ino, about.st_mtime_ns)


@lru_cache(maxsize=8)
def _inputs(root: Path, _file: int, _changed_ns: int) -> Mapping[str, Mapping[str, Any]]:
    return {str(given["file"]): given for given in keeping.kept(Workspace(root))[1]["inputs"]}


def export_path(workspace: Workspace, file: str) -> Path:
    """Where an export lies that the manifest names.

    Raises
    ------
    GoodwillError
        No export behind the answers has this name, it has gone, or it leads out of exports/.
    """
    input_of(workspace, file)
    name = PurePosixPath(file)
    path = workspace.exports / file
    inside = not name.is_absolute() and ".." not in name.parts and "\0" not in file
    if not inside or not _is_below(path, workspace.exports):
        raise GoodwillError(
            f'the export "{file}" does not lie in exports/',
            where=str(workspace.exports),
            remedy="Copy the file itself into exports/ in place of the link, and run again.",
        )
    if not path.is_file():
        raise GoodwillError(
            f'the export "{file}" has gone',
            where=str(workspace.exports),
            remedy="Put it back, or run again without it.",
        )
    return path


def _is_below(path: Path, folder: Path) -> bool:
    """Does a file lie in a folder, once every link on the way is followed?"""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # a circle of links
        return False


def sheets_of(given: Mapping[str, Any], tables: Collection[str]) -> tuple[str, ...]:
    """The sheets of an export that filled any of these canonical tables; all of them if none did.

    Examples
    --------
    >>> given = {"tables": [{"table": "items", "sheet": "Posts"}, {"table": "exposures", "sheet": "Days"}]}
    >>> sheets_of(given, {"items", "people"})
    ('Posts',)
    """
    filled = [part for part in given["tables"] if part["table"] in tables] or given["tables"]
    return tuple(dict.fromkeys(str(part["sheet"]) for part in filled)) or ("",)
