"""Who saw which person, and who changed what: one line each in audit.jsonl, only ever added to."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

from goodwill.workspace import Workspace

FILE = "audit.jsonl"


@dataclass(frozen=True)
class Entry:
    """One line: ``of`` is a person's or company's number in the tables, never a name."""

    at: str
    who: str
    what: str
    of: str


def write(workspace: Workspace, who: str, what: str, of: str) -> None:
    """Add a line, on disk before the page is shown: what cannot be written down is not shown."""
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": at, "who": who, "what": what, "of": of}, ensure_ascii=False) + "\n"
    handle = os.open(workspace.root / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read(workspace: Workspace) -> Iterator[Entry]:
    """Every line, the newest last; one that a crash cut off is passed over."""
    try:
        lines = (workspace.root / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue
