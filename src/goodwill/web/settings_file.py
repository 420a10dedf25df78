"""goodwill.toml as the app writes it: checked as a run does, whole or not at all, never over somebody's change."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from goodwill.errors import NO_ROOM, GoodwillError, NoRoom, Place, SettingsError
from goodwill.settings import FILE
from goodwill.workspace import Workspace, workspace_of

#: The text before the last change made here: one step back, since no run makes goodwill.toml again.
BEFORE = f"{FILE}.before"
#: No setting's name has more parts; names of thousands of parts take a reader of TOML minutes.
MOST_PARTS = 64
#: What is said of a value before it is cut.
SHOWN = 80
_WRITING = threading.Lock()


def read(workspace: Workspace) -> tuple[str, str]:
    """The text of goodwill.toml with plain line ends, and a digest of its bytes; nothing is said of what it means.

    Raises
    ------
    GoodwillError
        It cannot be read, or is not UTF-8.
    """
    content = _bytes(workspace)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{FILE} is not UTF-8 text", where=FILE, remedy="Save it as UTF-8 text.") from None
    return _plain(text), _digest(content)


def checked(workspace: Workspace, text: str) -> Workspace:
    """The workspace that a text would make, checked as opening it does.

    Raises
    ------
    SettingsError
        Something in it cannot be; with the line.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text[: error.start].count("\n") + 1
        remedy = "Type the line anew: it holds half a character, which no file can."
        raise SettingsError(f"{FILE} cannot be written", where=Place(FILE, line), remedy=remedy) from None
    for number, line_of_text in enumerate(text.splitlines(), start=1):
        if _has_long_name(line_of_text):
            raise SettingsError(
                f"a name has more than {MOST_PARTS} parts",
                where=Place(FILE, number),
                remedy="The longest name of a setting has three parts.",
            )
    try:
        return workspace_of(workspace.root, text)
    except SettingsError as error:
        where = Place(FILE, error.where.line, error.where.column) if isinstance(error.where, Place) else FILE
        raise SettingsError(error.problem, where=where, remedy=error.remedy) from None


def write(workspace: Workspace, text: str, former_digest: str) -> str:
    """Put a text in the place of goodwill.toml, and give its digest.

    It is checked first. The file keeps its line ends, its mark at the beginning and its mode; a link stays a link. The
    former text is kept as goodwill.toml.before. A crash leaves the former file or the new one, never a part.

    Parameters
    ----------
    workspace : Workspace
    text : str
        With any line ends.
    former_digest : str
        What ``read`` gave for the text that was changed.

    Raises
    ------
    SettingsError
        The text says something that cannot be, or the file has changed meanwhile.
    GoodwillError
        The folder cannot be written.
    """
    plain = _plain(text)
    checked(workspace, plain)
    with _WRITING:
        former = _bytes(workspace)
        if _digest(former) != former_digest:
            raise SettingsError(
                f"{FILE} has changed since this page was loaded",
                where=FILE,
                remedy="Load the page again in another window, and repeat your change there; nothing was written.",
            )
        content = _as_before(plain, former)
        if content != former:
            try:
                place = (workspace.root / FILE).resolve()
                _put(workspace.root / BEFORE, former, like=place)
                _put(place, content, like=place)
            except OSError as error:
                raise _unwritable(error) from None
    return _digest(content)


def changed(former: str, text: str) -> tuple[str, ...]:
    """What differs between two valid texts, setting by setting, in words; a heading with nothing under it sets nothing.

    Examples
    --------
    >>> changed('[analysis]\\nlevel = 0.9\\n', '[analysis]\\nlevel = 0.8\\nseed = 2')
    ('analysis.level was 0.9 and is 0.8 now', 'analysis.seed is 2 now; it was not set')
    """
    was, now = (dict(_leaves(tomllib.loads(_plain(t)))) for t in (former, text))
    told = []
    for name in dict.fromkeys((*was, *now)):
        if name not in now:
            told.append(f"{name} is no longer set; it was {_shown(was[name])}")
        elif name not in was:
            told.append(f"{name} is {_shown(now[name])} now; it was not set")
        elif was[name] != now[name]:
            told.append(f"{name} was {_shown(was[name])} and is {_shown(now[name])} now")
    return tuple(told)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting with its name; a mapping is named by its place."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _leaves(inside, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for number, inside in enumerate(value, start=1):
            yield from _leaves(inside, f"{name} {number}")
    else:
        yield name, value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return text if text and text.isprintable() else "empty" if not text else repr(text)


def _has_long_name(line: str) -> bool:
    *names, value = line.split("=")
    if value.lstrip().startswith("["):
        names.append(value)
    return any(name.count(".") > MOST_PARTS for name in names if not name.lstrip().startswith("#"))


def _bytes(workspace: Workspace) -> bytes:
    try:
        return (workspace.root / FILE).read_bytes()
    except OSError as error:
        remedy = "Make one with: goodwill init, or allow yourself to read it."
        raise SettingsError(f"{FILE} cannot be read: {error.strerror}", where=FILE, remedy=remedy) from None


def _plain(text: str) -> str:
    """A browser sends every line end as two characters."""
    return text.replace("\r\n", "\n")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _as_before(plain: str, former: bytes) -> bytes:
    """The text with the line ends and the mark of the former file."""
    first = former.partition(b"\n")[0]
    text = plain.replace("\n", "\r\n") if first.endswith(b"\r") else plain
    return (b"\xef\xbb\xbf" if former.startswith(b"\xef\xbb\xbf") else b"") + text.encode()


def _put(path: Path, content: bytes, *, like: Path) -> None:
    """A file whole or not at all, as its neighbour may be read."""
    there = like.stat()
    handle, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), there.st_mode & 0o777)
            with suppress(PermissionError):
                os.fchown(file.fileno(), there.st_uid, there.st_gid)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _unwritable(error: OSError) -> GoodwillError:
    if error.errno in NO_ROOM:
        return NoRoom(error.strerror)
    remedy = "Allow yourself to write in this folder; nothing was changed."
    return SettingsError(f"{FILE} cannot be written: {error.strerror}", where=FILE, remedy=remedy)
