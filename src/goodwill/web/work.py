"""What a job does, in a process of its own and behind all readers: run, scan or doctor, step by step."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import shutil
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from goodwill.errors import NO_ROOM, GoodwillError, NoRoom
from goodwill.intake import Progress
from goodwill.web.check_up import findings_done, without_values
from goodwill.web.exports_there import mark
from goodwill.web.jobs import FOLDER, UNTOUCHED, kept_result, refused, scratch_of
from goodwill.workspace import open_workspace

#: How far readers go before a job when both want the processor.
NICE = 10


def work(kind: str, root: str, options: dict[str, Any], told: Connection) -> None:
    """Do one job and tell of every step: ("step", (name, done, of)), then ("done", {}) or ("failed", why)."""
    _live_with_the_server()

    def progress(step: str, done: int, of: int) -> None:
        told.send(("step", (step, done, of)))

    with suppress(BrokenPipeError), told:  # nobody listens where the server has gone
        try:
            keep(Path(root), kind, WORK[kind](Path(root), options, progress))
        except BrokenPipeError:
            raise
        except Exception as error:
            told.send(("failed", refused(_foreseen(error))))
        else:
            told.send(("done", {}))


def keep(root: Path, kind: str, found: Mapping[str, Any]) -> None:
    """Keep what a job found, whole or not at all, until the next of its kind."""
    path = root / FOLDER / f"{kind}.json"
    path.parent.mkdir(exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(f".{os.getpid()}.new")
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    try:
        unfinished.write_text(json.dumps({"ended_at": at, **found}, default=str), encoding="utf-8")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _live_with_the_server() -> None:
    """Let readers go first; leave Ctrl+C to the server; end when the server has ended, however it did."""
    with suppress(OSError):
        os.nice(NICE)
    parent = multiprocessing.parent_process()
    if parent is None:  # called as a function, not as a process
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _foreseen(error: Exception) -> GoodwillError:
    """The error as something to say; what nobody foresaw is shown in the server's terminal as well."""
    if isinstance(error, GoodwillError):
        return error
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in NO_ROOM):
        return NoRoom(str(error.args[-1]) if error.args else "no memory is left")
    traceback.print_exception(error)
    return GoodwillError(
        f"the job met something that was not foreseen ({type(error).__name__})",
        remedy=f"The terminal where goodwill serve runs says more; {UNTOUCHED}",
    )


def _run(root: Path, options: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Answer the questions and write the report."""
    from goodwill.doors import answer

    workspace = open_workspace(root)
    as_of = dt.date.fromisoformat(options["as_of"]) if options.get("as_of") else None
    found = answer.answered(workspace, as_of, options.get("seed"), tuple(options.get("only", ())), progress)
    return {"is_new": found.is_new, "errors": [refused(error) for error in found.errors]}


def _scan(root: Path, _: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Say what every export is."""
    from goodwill.doors import inspect

    workspace, scratch = open_workspace(root), scratch_of(root, os.getpid())
    seen = mark(workspace)
    try:  # in the workspace, not in a place for everybody's leftovers: exports hold personal data
        scratch.mkdir(parents=True, mode=0o700)
        rows, proposals = inspect.scanned(workspace, scratch, progress)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return {"rows": rows, "proposals": proposals, "exports": seen}


def _doctor(root: Path, _: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Say what needs a look."""
    from goodwill.doors import inspect

    workspace = open_workspace(root)
    seen = mark(workspace)
    found = without_values(inspect.examined(workspace, None, progress))
    return {**found, "done": findings_done(kept_result(root, "doctor"), found), "exports": seen}


WORK: dict[str, Callable[[Path, dict[str, Any], Progress], dict[str, Any]]] = {
    "run": _run,
    "scan": _scan,
    "doctor": _doctor,
}
