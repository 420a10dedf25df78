"""Long work of the app: one job at a time, in a process of its own so that reading never waits, told of live."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from goodwill.errors import GoodwillError, WorkspaceBusy
from goodwill.lock import owned
from goodwill.workspace import open_workspace

#: Where results of the app's own work lie until the next of their kind; a cache, free to delete.
FOLDER = ".app"
#: How long a process may take to end after it was asked to, in seconds.
PATIENCE = 5.0
#: How long putting the workspace back may take then.
TIDYING = 60.0
UNTOUCHED = "nothing that was there before has changed."
Kind = Literal["run", "scan", "doctor"]
State = Literal["running", "done", "failed", "stopped"]


@dataclass(frozen=True)
class Job:
    """One piece of work: ``steps`` are (name, done, of) in the order in which they began."""

    number: int
    kind: Kind
    state: State
    began_at: str
    steps: tuple[tuple[str, int, int], ...] = ()
    ended_at: str = ""
    problem: str = ""
    where: str = ""
    remedy: str = ""

    @property
    def seconds(self) -> int:
        """How long it has been at work, or was."""
        ended = dt.datetime.fromisoformat(self.ended_at) if self.ended_at else dt.datetime.now(dt.UTC)
        return max(0, int((ended - dt.datetime.fromisoformat(self.began_at)).total_seconds()))

    def stepped(self, name: str, done: int, of: int) -> Job:
        """The job after one more step."""
        names = [step[0] for step in self.steps]
        if name not in names:
            return replace(self, steps=(*self.steps, (name, done, of)))
        place = names.index(name)
        return replace(self, steps=(*self.steps[:place], (name, done, of), *self.steps[place + 1 :]))

    def ended(self, state: State, *, problem: str = "", where: str = "", remedy: str = "") -> Job:
        """The job at its end, with what went wrong."""
        return replace(self, state=state, ended_at=_now(), problem=problem, where=where, remedy=remedy)


@dataclass
class Jobs:
    """The jobs of one workspace; ``after`` is told of each that was done. What they do: ``goodwill.web.work``."""

    root: Path
    after: list[Callable[[Job], None]] = field(default_factory=list)
    _job: Job | None = None
    _process: Any = None
    _listener: threading.Thread | None = None
    _count: int = 0
    _stopped: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def current(self) -> Job | None:
        """The job that runs, or the last one that did."""
        return self._job

    @property
    def is_running(self) -> bool:
        """Is a job at work now?"""
        return self._job is not None and self._job.state == "running"

    def start(self, kind: Kind, **options: Any) -> Job:
        """Begin a job.

        Raises
        ------
        WorkspaceBusy
            Another is at work.
        """
        from goodwill.web.work import work

        with self._lock:
            if self.is_running:
                raise WorkspaceBusy(
                    "another job is at work", where="this workspace", remedy="Wait until it has ended, or stop it."
                )
            ours, theirs = multiprocessing.Pipe(duplex=False)
            started = multiprocessing.get_context("spawn").Process(
                target=work, args=(kind, str(self.root), options, theirs), daemon=True
            )
            started.start()
            theirs.close()
            self._count += 1
            self._job, self._process = Job(self._count, kind, "running", _now()), started
            self._listener = threading.Thread(target=self._listen, args=(ours, started, self._job), daemon=True)
            self._listener.start()
            return self._job

    def stop(self) -> None:
        """End the job at work and wait until it has ended; the workspace is as it was before."""
        with self._lock:
            if self._job is None or not self.is_running or self._listener is None:
                return
            self._stopped, process, listener = self._job.number, self._process, self._listener
        process.terminate()
        listener.join(PATIENCE)  # it alone waits for the process: two who do so hide from each other how it ended
        process.kill()
        listener.join(TIDYING)

    def result(self, kind: Kind) -> dict[str, Any] | None:
        """What the last job of this kind found, with ``ended_at``; None if there was none."""
        return kept_result(self.root, kind)

    def close(self) -> None:
        """Stop what is at work, because the app ends."""
        self.stop()

    def _listen(self, ours: Connection, process: Any, job: Job) -> None:
        """Take what the process tells, until it ends."""
        outcome: tuple[str, dict[str, str]] | None = None
        with ours, suppress(EOFError, OSError):
            while True:
                what, told = ours.recv()
                if what == "step":
                    job = self._job = job.stepped(*told)
                else:
                    outcome = (what, told)
        process.join()
        code = 1 if process.exitcode is None else process.exitcode
        if code:
            self._tidy(process.pid)
        job = self._at_its_end(job, outcome, code)
        with self._lock:
            self._job = job
        if job.state == "done":
            for told_of in self.after:
                told_of(job)

    def _at_its_end(self, job: Job, outcome: tuple[str, dict[str, str]] | None, code: int) -> Job:
        if outcome is not None:
            what, why = outcome
            return job.ended("done") if what == "done" else job.ended("failed", **why)
        if self._stopped == job.number:
            return job.ended("stopped")
        problem = "the job was ended from outside" if code < 0 else "the job ended without a word"
        remedy = f"If memory ran out, close other programs and begin again; {UNTOUCHED}"
        return job.ended("failed", problem=problem, where="its process", remedy=remedy)

    def _tidy(self, process: int) -> None:
        """Remove what a job that was cut off left behind."""
        shutil.rmtree(scratch_of(self.root, process), ignore_errors=True)
        with suppress(GoodwillError, OSError), owned(open_workspace(self.root)):
            pass  # owning puts back what a job had half replaced, and removes what it was building


def scratch_of(root: Path, process: int) -> Path:
    """Where a job may put copies that it needs while it lasts."""
    return root / FOLDER / f"scratch-{process}"


def kept_result(root: Path, kind: str) -> dict[str, Any] | None:
    """What the last job of a kind found; None where there was none, or it cannot be read."""
    try:
        found = json.loads((root / FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def refused(error: GoodwillError) -> dict[str, str]:
    """What a job that could not be done says."""
    return {"problem": error.problem, "where": str(error.where or ""), "remedy": error.remedy or ""}


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
