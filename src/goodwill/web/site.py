"""What all pages share: the workspace, its kept answers, its tables opened for reading, and pages already made."""

from __future__ import annotations

import getpass
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from goodwill import keeping
from goodwill.errors import GoodwillError
from goodwill.report.meta import Meta
from goodwill.settings import FILE
from goodwill.verdicts import Verdict
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.web import access
from goodwill.web.access import Visitor
from goodwill.web.jobs import Jobs
from goodwill.web.once import Once
from goodwill.web.sessions import Session, Sessions
from goodwill.workspace import Workspace, open_workspace

#: Things made once for all readers: rendered pages, queues, lists. The one unused for longest goes first.
MOST_MADE = 512
#: How long work behind the readers is waited for when the app ends, in seconds.
PATIENCE = 20.0
Made = TypeVar("Made")


@dataclass(frozen=True)
class Answers:
    """The answers of the last run and what they rest on; ``stamp`` changes whenever they do."""

    verdicts: tuple[Verdict, ...]
    manifest: Mapping[str, Any]
    meta: Meta
    stamp: str

    @property
    def currency(self) -> str:
        """What money is counted in."""
        return self.meta.currency

    def find(self, question: str) -> Verdict:
        """The verdict on one question.

        Raises
        ------
        GoodwillError
            It was not asked.
        """
        found = next((v for v in self.verdicts if v.question == question), None)
        if found is None:
            asked = ", ".join(v.question for v in self.verdicts)
            raise GoodwillError(f'there is no answer to "{question}"', remedy=f"Answers: {asked}.")
        return found


@dataclass
class Site:
    """One workspace as the app serves it. Reading never waits for a run: a run builds elsewhere and swaps at its end.

    ``is_local`` says that this machine alone can reach the app.
    """

    root: Path
    is_local: bool = True
    upload_limit: int = 512 * 1024 * 1024
    sessions: Sessions = field(default_factory=Sessions)
    _answers: Answers | None = None
    _tables: tuple[tuple[int, int], DuckDBTables] | None = None
    _made: OrderedDict[tuple[Any, ...], Any] = field(default_factory=OrderedDict)
    _readers: set[DuckDBTables] = field(default_factory=set)
    _workers: list[threading.Thread] = field(default_factory=list)
    _is_closed: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.root)

    def begin_session(self) -> Session:
        """A session for somebody new: the owner's where this machine alone can reach us, else a stranger's."""
        return self.sessions.begin(Visitor(_own_name(), "owner") if self.is_open else None)

    @property
    def is_open(self) -> bool:
        """Is whoever reaches us the owner? Only where this machine alone can, and nobody was given a password."""
        return self.is_local and self._users() == ()

    def lets_in(self, visitor: Visitor) -> bool:
        """May this visitor still come in, in the role and with the password of their log-in?"""
        return self.is_open or visitor in {user.visitor for user in self._users() or ()}

    def _users(self) -> tuple[access.User, ...] | None:
        """Everybody who has a password; None, so that nobody comes in, where the list is damaged."""
        stamp = _stamp(self.root / access.FILE)
        # of the folder alone: a broken goodwill.toml must not keep its owner from mending it
        try:
            return self.made(("users", *stamp), lambda: access.users(Workspace(self.root)))
        except GoodwillError:
            return None

    @property
    def workspace(self) -> Workspace:
        """The workspace as goodwill.toml says it now."""
        stamp = _stamp(self.root / FILE)
        return self.made(("workspace", *stamp), lambda: open_workspace(self.root))

    def answers(self) -> Answers:
        """The kept answers, read anew only when there are others.

        Raises
        ------
        GoodwillError
            There are none yet, or they are damaged.
        """
        workspace = self.workspace
        stamp = "-".join(map(str, _stamp(workspace.verdicts / keeping.MANIFEST)))
        with self._lock:
            if self._answers is None or self._answers.stamp != stamp:
                verdicts, manifest = keeping.kept(workspace)
                self._answers = Answers(verdicts, manifest, Meta.of(manifest), stamp)
            return self._answers

    def has_answers(self) -> bool:
        """Was there a run whose answers can be read?"""
        try:
            self.answers()
        except GoodwillError:
            return False
        return True

    @contextmanager
    def tables(self) -> Iterator[DuckDBTables]:
        """The tables of the last run, for one reader; a run that ends meanwhile takes nothing away from them.

        Raises
        ------
        GoodwillError
            There was no run yet.
        """
        with self._lock:  # a connection refuses a second call while it is in one
            if self._is_closed:
                raise GoodwillError("the app is ending", remedy="Start it again with: goodwill serve")
            cursor = self._opened().another()
            self._readers.add(cursor)
        try:
            yield cursor
        finally:
            with self._lock:
                self._readers.discard(cursor)
            cursor.close()

    def behind(self, work: Callable[[], None]) -> threading.Thread:
        """Work behind the readers, in a thread that ends with the site: one left inside the engine would abort."""
        thread = threading.Thread(target=work, daemon=True)
        self._workers = [*(worker for worker in self._workers if worker.is_alive()), thread]
        thread.start()
        return thread

    def made(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """What was made for this key, made now if nobody has; the key holds all that it depends on.

        Whoever else wants it meanwhile waits: ten readers of one page draw its pictures once.
        """
        with self._lock:
            once: Once[Made] = self._made.setdefault(key, Once(make))
            self._made.move_to_end(key)
            while len(self._made) > MOST_MADE:
                self._made.popitem(last=False)
        try:
            return once.get()
        except BaseException:
            with self._lock:
                if self._made.get(key) is once:
                    del self._made[key]
            raise

    def close(self) -> None:
        """Let go of everything: what is being read is broken off, and waited for."""
        self.jobs.close()
        with self._lock:
            self._is_closed = True
            self._tables = None  # closing it would close its readers too, and a busy one refuses: it goes with the last
            for cursor in self._readers:
                cursor.interrupt()
        for worker in self._workers:
            worker.join(PATIENCE)

    def _opened(self) -> DuckDBTables:
        workspace = self.workspace
        path = workspace.warehouse
        if not path.exists():
            remedy = f"Make them with: goodwill run {self.root}, or on the page Data."
            raise GoodwillError("there are no tables yet", where=path.name, remedy=remedy)
        stamp = _stamp(path)
        with self._lock:
            if self._tables is None or self._tables[0] != stamp:
                # readers of the former file hold cursors of their own: it goes when the last of them ends
                self._tables = (stamp, _linked(workspace, stamp))
            return self._tables[1]


def _own_name() -> str:
    """The name under which one is logged in at this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "owner"


def _linked(workspace: Workspace, stamp: tuple[int, int]) -> DuckDBTables:
    """The warehouse under a name of its own: DuckDB takes a file that replaced another of its name for that other."""
    link = workspace.root / f".serving-{os.getpid()}-{stamp[0]}-{stamp[1]}.duckdb"
    with suppress(FileExistsError):
        os.link(workspace.warehouse, link)
    try:
        return open_file(link, read_only=True, root=workspace.root)
    finally:
        link.unlink(missing_ok=True)


def _stamp(path: Path) -> tuple[int, int]:
    """Changes whenever a file does."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)
