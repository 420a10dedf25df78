"""What lies in exports/: how large, what the last run took it for, and what is new, changed or gone since."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from goodwill import keeping
from goodwill.errors import GoodwillError
from goodwill.registry import sources
from goodwill.report.meta import is_refused_whole
from goodwill.sources.mapped import NAME as MAPPED
from goodwill.sources.opening import content_hash
from goodwill.web.site import Site
from goodwill.workspace import Workspace, opened_for_reading

#: What the last run did with a file: a sign, a word, and what it means.
STATES = {
    "read": ("●", "read"),
    "partly": ("◐", "read in part"),
    "twice": ("○", "a copy"),
    "unknown": ("?", "of no known kind"),
    "unread": ("✕", "nothing could be read"),
    "changed": ("↻", "changed since the last run"),
    "new": ("+", "new since the last run"),
    "gone": ("−", "gone since the last run"),
}


@dataclass(frozen=True)
class There:
    """One file of exports/; ``stamp`` changes whenever its content may have."""

    name: str
    path: Path
    size: int
    stamp: tuple[int, int, int, int]


@dataclass(frozen=True)
class Line:
    """One file as the page shows it; rows are those of the last run, ``note`` says what was not read and why."""

    name: str
    size: str
    state: str
    kinds: tuple[str, ...] = ()
    rows: int = 0
    refused: int = 0
    note: str = ""

    @property
    def sign_and_word(self) -> tuple[str, str]:
        """How the state is shown."""
        return STATES[self.state]


def there(workspace: Workspace) -> tuple[There, ...]:
    """Every file in exports/, by name; none where the folder cannot be read."""
    try:
        paths = opened_for_reading(workspace)
    except GoodwillError:
        return ()
    found = []
    for path in paths:
        name = path.relative_to(workspace.exports).as_posix().encode(errors="replace").decode()
        size, stamp = 0, (0, 0, 0, 0)
        with suppress(OSError):
            stat = path.stat()
            size, stamp = stat.st_size, (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        found.append(There(name, path, size, stamp))
    return tuple(found)


def mark(workspace: Workspace) -> str:
    """A text that changes whenever an export is added, altered or taken away."""
    seen = [(file.name, *file.stamp[1:3]) for file in there(workspace)]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def lines(site: Site) -> tuple[Line, ...]:
    """Every export with what the last run found in it, and those that have gone since."""
    inputs: Mapping[str, Any] = {}
    if site.has_answers():
        inputs = {given["file"]: given for given in site.answers().manifest["inputs"]}
    files, last = there(site.workspace), _ended(site.workspace)
    hashes = _hashes(site)
    shown = [_line(file, inputs.get(file.name), hashes, last) for file in files]
    gone = sorted(set(inputs) - {file.name for file in files})
    return (*shown, *(Line(name, "", "gone") for name in gone))


def ended(workspace: Workspace) -> str:
    """When the last run put its answers in place (UTC); empty where there was none."""
    found = _ended(workspace)
    return dt.datetime.fromtimestamp(found // 10**9, dt.UTC).isoformat() if found else ""


def _ended(workspace: Workspace) -> int:
    """The same in nanoseconds; 0 where there was none."""
    try:
        return (workspace.verdicts / keeping.MANIFEST).stat().st_mtime_ns
    except OSError:
        return 0


def _line(file: There, given: Mapping[str, Any] | None, hashes: dict[Any, str], last: int) -> Line:
    size = size_words(file.size)
    if given is None:
        return Line(file.name, size, "new")
    kinds = tuple(dict.fromkeys(map(kind_words, given["source"])))
    known = (kinds, given["rows"], given["refused"], _note(given))
    # of what could not be opened no digest was kept
    is_changed = _hash(file, hashes) != given["sha256"] if given["sha256"] else file.stamp[2] > last
    if is_changed:
        return Line(file.name, size, "changed", *known)
    return Line(file.name, size, _state(given), *known)


def _state(given: Mapping[str, Any]) -> str:
    if given["error"]:
        return "unread"
    if given["same_as"]:
        return "twice"
    if is_refused_whole(given):
        return "unread"
    if not any(given["source"]):
        return "unknown"
    return "partly" if given["unknown_sheets"] or given["refused"] else "read"


def _note(given: Mapping[str, Any]) -> str:
    """What was not read of a file, and why."""
    told = [given["error"] or "", *given["notes"]]
    if given["same_as"]:
        told.append(f"The same content as {given['same_as']}: counted once.")
    if is_refused_whole(given):
        told.append("All its rows were refused: the check-up says why.")
    if sheets := [name for name in given["unknown_sheets"] if name]:
        told.append(f"Nobody knows these sheets: {', '.join(sheets)}.")
    if _state(given) == "unknown":
        told.append("Not used. See what it is: there may be a proposal to take.")
    return " ".join(filter(None, told))


def _hashes(site: Site) -> dict[Any, str]:
    """Digests by file and stamp: a file is read once, not with every page."""
    empty: dict[Any, str] = {}
    return site.made(("digests of exports",), lambda: empty)


def _hash(file: There, hashes: dict[Any, str]) -> str:
    key = (file.name, file.stamp)
    if key not in hashes:
        try:
            hashes[key] = content_hash(file.path) if file.path.is_file() else ""
        except OSError:
            return ""
    return hashes[key]


@cache
def _titles() -> dict[str, str]:
    return {name: source.title for name, source in sources().items()}


def kind_words(source: str) -> str:
    """What a source is called."""
    return "Your own mapping" if source == MAPPED else _titles().get(source, source)


def size_words(size: int) -> str:
    """A size in words.

    Examples
    --------
    >>> size_words(0), size_words(2_048), size_words(5_600_000)
    ('0 kB', '2 kB', '5.6 MB')
    """
    if size >= 10**9:
        return f"{size / 10**9:.1f} GB"
    return f"{size / 10**6:.1f} MB" if size >= 10**6 else f"{-(-size // 1024)} kB"
