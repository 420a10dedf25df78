"""Who is logged in: sessions kept by the server, known by a random token in a cookie that no script can read."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from goodwill.web.access import Visitor

#: The cookie that holds the token.
COOKIE = "goodwill_session"
#: A session ends when nobody has used it for so long, in seconds.
IDLE = 12 * 3600
#: Names of people are shown for so long after an owner asked to see them, in seconds.
NAMES_SHOWN = 30 * 60
#: Sessions held at once; the one unused for longest goes first, so that nobody can fill the memory.
MOST = 10_000
#: Tries of a password by one address, or for one name, within ``WINDOW`` seconds.
TRIES, WINDOW = 5, 15 * 60


@dataclass(frozen=True)
class Session:
    """One browser: its visitor (None before log-in), the token its forms carry, and what it is told next."""

    token: str
    csrf: str
    visitor: Visitor | None = None
    used_at: float = 0.0
    names_until: float = 0.0
    told: tuple[str, ...] = ()


@dataclass
class Sessions:
    """All sessions of a server; ``clock`` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _by_token: OrderedDict[str, Session] = field(default_factory=OrderedDict)
    _tries: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, visitor: Visitor | None = None) -> Session:
        """A new session with new tokens; after log-in too, so that nobody can prepare one for somebody else."""
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), visitor, self.clock())
        with self._lock:
            self._by_token[session.token] = session
            while len(self._by_token) > MOST:
                self._by_token.popitem(last=False)
        return session

    def find(self, token: str | None) -> Session | None:
        """The session of a token, unless it was left alone for too long."""
        with self._lock:
            session = self._by_token.get(token or "")
            if session is None:
                return None
            now = self.clock()
            if now - session.used_at > IDLE:
                del self._by_token[session.token]
                return None
            return self._put(replace(session, used_at=now))

    def end(self, token: str) -> None:
        """Forget a session."""
        with self._lock:
            self._by_token.pop(token, None)

    def end_of(self, name: str) -> None:
        """Forget every session of somebody who may no longer come in."""
        with self._lock:
            for token in [t for t, s in self._by_token.items() if s.visitor and s.visitor.name == name]:
                del self._by_token[token]

    def tell(self, session: Session, text: str) -> None:
        """Say something on the next page."""
        with self._lock:
            if there := self._by_token.get(session.token):
                self._put(replace(there, told=(*there.told, text)))

    def told(self, session: Session) -> tuple[str, ...]:
        """What is to be said now; it is said once."""
        with self._lock:
            there = self._by_token.get(session.token)
            if there is None or not there.told:
                return ()
            self._put(replace(there, told=()))
            return there.told

    def show_names(self, session: Session, *, is_wanted: bool) -> None:
        """Show names of people for a while, or no longer."""
        until = self.clock() + NAMES_SHOWN if is_wanted else 0.0
        with self._lock:
            if there := self._by_token.get(session.token):
                self._put(replace(there, names_until=until))

    def shows_names(self, session: Session) -> bool:
        """May this session see names now? Only an owner's, and only for a while after it was asked for."""
        return bool(session.visitor and session.visitor.is_owner and session.names_until > self.clock())

    def may_try(self, *whose: str) -> bool:
        """May another password be tried for all of these (an address, a name)? A try is counted."""
        now = self.clock()
        with self._lock:
            recent = {who: [t for t in self._tries.get(who, []) if now - t < WINDOW] for who in whose}
            if any(len(times) >= TRIES for times in recent.values()):
                return False
            for who, times in recent.items():
                self._tries[who] = [*times, now]
                self._tries.move_to_end(who)
            while len(self._tries) > MOST:
                self._tries.popitem(last=False)
            return True

    def succeeded(self, *whose: str) -> None:
        """Forget the tries before a password that was right."""
        with self._lock:
            for who in whose:
                self._tries.pop(who, None)

    def _put(self, session: Session) -> Session:
        self._by_token[session.token] = session
        self._by_token.move_to_end(session.token)
        return session
