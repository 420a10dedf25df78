"""Findings of the check-up that somebody set aside, with the reason: decisions/doctor.jsonl, only ever added to."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from goodwill.errors import NO_ROOM, GoodwillError, NoRoom
from goodwill.workspace import Workspace

#: Where it lies in a workspace.
FILE = Path("decisions") / "doctor.jsonl"


@dataclass(frozen=True)
class SetAside:
    """One line: a finding with its number at that time, and whether it was set aside or taken up again."""

    finding: str
    n: int
    is_aside: bool
    reason: str
    by: str
    at: str


def write(workspace: Workspace, finding: str, n: int, reason: str, by: str) -> SetAside:
    """Set a finding aside.

    Raises
    ------
    GoodwillError
        There is no reason, or it cannot be written down.
    """
    said = " ".join(reason.split())
    if not said:
        raise GoodwillError("there is no reason", remedy="Say in a few words why this may stay as it is.")
    return _append(workspace, SetAside(finding, n, True, said, by, _now()))


def take_up(workspace: Workspace, finding: str, n: int, by: str) -> SetAside:
    """Put a finding back on the list."""
    return _append(workspace, SetAside(finding, n, False, "", by, _now()))


def read(workspace: Workspace) -> dict[str, SetAside]:
    """What is set aside now, by finding; a line that a crash cut off is passed over."""
    try:
        lines = (workspace.root / FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        problem, remedy = f"what was set aside cannot be read: {error.strerror}", "Allow yourself to read the file."
        raise GoodwillError(problem, where=str(FILE), remedy=remedy) from None
    found: dict[str, SetAside] = {}
    for line in lines:
        try:
            said = SetAside(**json.loads(line))
        except (ValueError, TypeError):
            continue
        found[said.finding] = said
    return {name: said for name, said in found.items() if said.is_aside}


def _append(workspace: Workspace, said: SetAside) -> SetAside:
    """Add a line, on disk before anybody is told; after a line that a crash cut off, on a line of its own."""
    path = workspace.root / FILE
    try:
        path.parent.mkdir(exist_ok=True)
        is_torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        text = ("\n" if is_torn else "") + json.dumps(asdict(said), ensure_ascii=True) + "\n"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(handle, text.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoRoom(error.strerror) from None
        remedy = "Allow yourself to write in the folder decisions/."
        raise GoodwillError(f"it cannot be written down: {error.strerror}", where=str(FILE), remedy=remedy) from None
    return said


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
