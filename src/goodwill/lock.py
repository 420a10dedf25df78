"""One process owns a workspace at a time; a crash lets go of it."""

from __future__ import annotations

import errno
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goodwill.errors import NO_ROOM, GoodwillError, NoRoom, WorkspaceBusy
from goodwill.workspace import Workspace

#: What the system says where we may not write or the disk fails; any other refusal is a fault of ours.
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOTDIR, errno.EEXIST})

#: Folders of a workspace that are replaced as a whole: the answers, and the pictures and tables of their report.
SWAPPED = ("verdicts", "figures", "tables")


@contextmanager
def owned(workspace: Workspace) -> Iterator[Path]:
    """Own the workspace; gives a folder for unfinished work that is empty now and removed at the end.

    Raises
    ------
    WorkspaceBusy
        Another run owns it.
    GoodwillError
        The folder cannot be written, or the disk is full.
    """
    building = workspace.root / ".building"
    try:
        handle = (workspace.root / ".goodwill.lock").open("w")
    except OSError as error:
        raise _unwritable(workspace, error) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WorkspaceBusy(
                "another run is at work in this workspace",
                where=str(workspace.root),
                remedy="Wait until it has ended, then try again; nothing was changed.",
            ) from None
        try:
            restore(workspace)
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir()
            yield building
        except OSError as error:
            if error.errno in NO_ROOM | FORBIDDEN:
                raise _unwritable(workspace, error) from None
            raise
        finally:
            restore(workspace)
            shutil.rmtree(building, ignore_errors=True)


def restore(workspace: Workspace) -> None:
    """Put a former folder back if a crash fell between taking it away and putting the new one."""
    for name in SWAPPED:
        former, place = workspace.root / ".building" / f"former-{name}", workspace.root / name
        if former.exists() and not place.exists():
            former.rename(place)


def replace_folder(place: Path, building: Path) -> None:
    """Swap a folder for the one of its name among unfinished work; whatever the moment of a crash, one is whole."""
    if place.exists():
        place.rename(building / f"former-{place.name}")
    (building / place.name).rename(place)


def _unwritable(workspace: Workspace, error: OSError) -> GoodwillError:
    if error.errno in NO_ROOM:
        return NoRoom(error.strerror, where=str(workspace.root))
    return GoodwillError(
        f"the workspace cannot be written: {error.strerror}",
        where=str(workspace.root),
        remedy="Allow yourself to write there; nothing was changed.",
    )
