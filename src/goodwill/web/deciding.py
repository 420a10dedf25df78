"""The queue of uncertain pairs as the app keeps it: put in order behind the readers, what is decided gone at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from goodwill.doors.kept_warehouse import prepared
from goodwill.doors.matching import MATCHED, venues
from goodwill.identity import decisions
from goodwill.identity.decision_lines import FILE
from goodwill.identity.merge_paths import there
from goodwill.identity.merges import Explanation, explained
from goodwill.identity.review import Stake, queue
from goodwill.web.directory import stamp
from goodwill.web.site import Site

#: Pairs that are put in order at once; when they are decided, the next are.
LIMIT = 300
#: Pairs whose reasons are looked up before anybody asks, so that the next one is there at once.
AHEAD = 5

Digest = tuple[int, ...]


def key(stake: Stake) -> str:
    """The name of a pair in an address, which tells nobody who it is.

    Examples
    --------
    >>> key(Stake("person", "a:1", "b:1", 0.5, False, 0, 0, 0, 0, 0, 0, 0.0, 0, None, None, None, 0.1))
    '31e89accecef661d'
    """
    return sha256(f"{stake.node_a}\0{stake.node_b}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Order:
    """The uncertain pairs in their order, and the state of the decisions of which it is."""

    stakes: tuple[Stake, ...]
    digest: Digest

    def left(self, ledger: decisions.Ledger) -> list[Stake]:
        """The pairs on which nobody has decided since."""
        decided = {(d.node_a, d.node_b) for d in ledger.standing}
        return [stake for stake in self.stakes if (stake.node_a, stake.node_b) not in decided]

    def find(self, name: str) -> Stake | None:
        """The pair of this name, decided or not."""
        return next((stake for stake in self.stakes if key(stake) == name), None)


@dataclass
class Queue:
    """The order of one run; a newer one is worked out behind the readers whenever decisions were made."""

    site: Site
    order: Order | None = None
    summary: list[dict[str, Any]] | None = None
    _failure: Exception | None = None
    _worker: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, digest: Digest) -> Order | None:
        """The order that there is, perhaps of before the last decisions; None while the first is worked out.

        Raises
        ------
        GoodwillError
            It could not be worked out; the next look tries again.
        """
        with self._lock:
            failure, self._failure = self._failure, None
            if failure is not None:
                raise failure
            is_old = self.order is None or self.order.digest != digest
            if is_old and (self._worker is None or not self._worker.is_alive()):
                self._worker = self.site.behind(lambda: self._work(digest))
            return self.order

    def wait(self, seconds: float) -> None:
        """Wait until what is being worked out is there, for so long at most."""
        worker = self._worker
        if worker is not None:
            worker.join(seconds)

    def _work(self, digest: Digest) -> None:
        try:
            if self.summary is None:
                self.summary = _summary(self.site)
            self.order = _ordered(self.site, digest)
            for stake in self.order.stakes[:AHEAD]:
                why(self.site, stake)
        except Exception as error:  # whoever looks next is told, in their own thread
            self._failure = error


def queue_of(site: Site) -> Queue:
    """The queue of the last run."""
    found: Queue = site.made(("review queue", *stamp(site)), lambda: Queue(site))
    return found


def digest_of(site: Site) -> Digest:
    """Changes whenever a decision is written down."""
    try:
        found = (site.workspace.root / FILE).stat()
    except OSError:
        return (0,)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def ledger_of(site: Site) -> decisions.Ledger:
    """Every decision up to now, read anew only when there are others."""
    found: decisions.Ledger = site.made(("decisions", *digest_of(site)), lambda: decisions.read(site.workspace))
    return found


def _ordered(site: Site, digest: Digest) -> Order:
    with site.tables() as tables:
        kept = prepared(tables, site.workspace, site.answers().manifest, ledger_of(site))
        return Order(queue(kept.tables, kept.terms, limit=LIMIT), digest)


def _summary(site: Site) -> list[dict[str, Any]]:
    """How many people and companies, of how many records, and how well they are recognised, by system."""
    with site.tables() as tables:
        return venues(tables) if all(there(tables, name) for name in MATCHED) else []


def why(site: Site, stake: Stake) -> Explanation:
    """Why both are one, or are not, as of the last run."""

    def make() -> Explanation:
        with site.tables() as tables:
            return explained(tables, stake.node_a, stake.node_b)

    return site.made(("pair", *stamp(site), stake.node_a, stake.node_b), make)


def waiting(site: Site) -> int:
    """How many decisions the last run did not know yet, or knew and are gone since."""

    def known() -> set[tuple[str, str, str]]:
        with site.tables() as tables:
            rows = tables.rows("SELECT node_a, node_b, verdict FROM match_decisions")
        return {(row["node_a"], row["node_b"], row["verdict"]) for row in rows}

    former = site.made(("decisions of the run", *stamp(site)), known)
    now = {(d.node_a, d.node_b, d.verdict) for d in ledger_of(site).standing}
    return len({pair[:2] for pair in former ^ now})
