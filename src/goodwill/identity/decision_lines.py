"""The lines of decisions/identity.jsonl: what one may say, and how they are read from the disk and added to it."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.errors import GoodwillError, Place

#: Where decisions lie in a workspace.
FILE = Path("decisions") / "identity.jsonl"
#: What may be decided of two nodes.
VERDICTS = {
    "same": "they are one person, or one company",
    "different": "they are two",
    "unsure": "somebody looked and could not tell",
}
#: Why a line holds no decision: a crash cut it off; it notes that the line before it was cut off; it was forgotten.
_SILENT = ("unfinished", "note", "forgotten")
_DECISION = ("number", "verdict", "node_a", "node_b", "decided_at", "decided_by", "reason")
_UNDO = ("number", "undoes", "decided_at", "decided_by", "reason")
_MARK = b"\xef\xbb\xbf"  # editors on Windows put it before the first letter


@dataclass(frozen=True)
class Decision:
    """What somebody decided of two nodes; the number is that of its line, and ``node_a < node_b``."""

    number: int
    node_a: str
    node_b: str
    verdict: str
    decided_at: dt.datetime
    decided_by: str
    reason: str


@dataclass(frozen=True)
class Undo:
    """Somebody took an earlier line back."""

    number: int
    undoes: int
    decided_at: dt.datetime
    decided_by: str
    reason: str


@dataclass(frozen=True)
class Silent:
    """A line that decides nothing, and why: one of ``unfinished``, ``note``, ``forgotten``."""

    number: int
    why: str


Line = Decision | Undo | Silent


def is_node(text: str) -> bool:
    """Is it written as nodes are, as kind:value?

    Examples
    --------
    >>> is_node("x:@jdoe"), is_node("jdoe"), is_node("x:")
    (True, False, False)
    """
    return all(text.partition(":")[::2])


def as_text(line: Line) -> str:
    """A line as it stands in the file.

    Examples
    --------
    >>> as_text(Undo(2, 1, dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC), "ann", "wrong Jane"))
    '{"number": 2, "undoes": 1, "decided_at": "2026-01-05T09:00:00Z", "decided_by": "ann", "reason": "wrong Jane"}'
    """
    if isinstance(line, Silent):
        said: dict[str, Any] = {"number": line.number}
        said |= {"unfinished": line.number - 1} if line.why == "note" else {"forgotten": True}
    else:
        names = _DECISION if isinstance(line, Decision) else _UNDO
        said = {name: getattr(line, name) for name in names}
        said["decided_at"] = line.decided_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(said, ensure_ascii=False)


def read_lines(path: Path) -> tuple[Line, ...]:
    """Every line of the file, none where there is no file.

    A last line without a line break that is no whole object was cut off by a crash. It is given as ``unfinished``.

    Raises
    ------
    GoodwillError
        The file cannot be read, or a line was altered by hand so that it says nothing; with its number.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        problem, remedy = f"the decisions cannot be read: {error.strerror}", "Allow yourself to read the file."
        raise GoodwillError(problem, where=str(FILE), remedy=remedy) from None
    *texts, tail = text.removeprefix(_MARK).split(b"\n")
    texts += [tail] if tail else []
    lines: list[Line] = []
    for number, said in enumerate(texts, start=1):
        found, behind = _object(said), texts[number] if number < len(texts) else b""
        is_open = number == len(texts) and bool(tail)
        if found is None and (is_open or _is_cut_off(said, number, behind)):
            lines.append(Silent(number, "unfinished"))
        else:
            lines.append(_line(found, number, lines))
    return tuple(lines)


def _is_cut_off(said: bytes, number: int, behind: bytes) -> bool:
    """Did a crash end this line? The next line notes it, or was about to when another crash came."""
    note = as_text(Silent(number + 1, "note")).encode()
    return behind == note or (said.startswith(b"{") and b"}" not in said and note.startswith(behind))


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text.decode())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _line(found: dict[str, Any] | None, number: int, before: Sequence[Line]) -> Line:
    """One line as what it says.

    Raises
    ------
    GoodwillError
        It says nothing that can be understood.
    """
    if found is None:
        raise _wrong("this line is no JSON object", number, "Put the line back as it was, from a copy of the file.")
    if found.get("number") != number:
        raise _wrong(
            f"this line says that it is number {found.get('number')}, and it is the {number}th",
            number,
            "Put back the lines that were taken out; to take a decision back use: goodwill review --undo",
        )
    if found == {"number": number, "forgotten": True}:
        return Silent(number, "forgotten")
    if found == {"number": number, "unfinished": number - 1}:
        return Silent(number, "note")
    names = _UNDO if "undoes" in found else _DECISION
    if set(found) != set(names):
        odd = ", ".join(sorted(set(found) ^ set(names)))
        raise _wrong(f"this line lacks or should not have: {odd}", number, f"A line has: {', '.join(names)}.")
    return _undo(found, before) if "undoes" in found else _decision(found)


def _decision(found: Mapping[str, Any]) -> Decision:
    number, at = found["number"], _moment(found)
    if found["verdict"] not in VERDICTS:
        raise _wrong(f'"{found["verdict"]}" is no verdict', number, f"Write one of: {', '.join(VERDICTS)}.")
    for name in ("node_a", "node_b", "decided_by", "reason"):
        if not isinstance(found[name], str):
            raise _wrong(f'"{name}" is no text', number, "Put it in quotes.")
    node_a, node_b = sorted((found["node_a"], found["node_b"]))
    for node in (node_a, node_b):
        if not is_node(node):
            raise _wrong(f'"{node}" is no node', number, "Write it as kind:value, such as email:jane@acme.com.")
    if node_a == node_b:
        raise _wrong(f"{node_a} is compared with itself", number, "Name two nodes.")
    return Decision(number, node_a, node_b, found["verdict"], at, found["decided_by"], found["reason"])


def _undo(found: Mapping[str, Any], before: Sequence[Line]) -> Undo:
    number, at, undoes = found["number"], _moment(found), found["undoes"]
    is_earlier = type(undoes) is int and 1 <= undoes < number
    if not is_earlier or isinstance(before[undoes - 1], Silent):
        raise _wrong(f"this line takes back line {undoes}, which decides nothing", number, "Name an earlier decision.")
    return Undo(number, undoes, at, str(found["decided_by"]), str(found["reason"]))


def _moment(found: Mapping[str, Any]) -> dt.datetime:
    try:
        return dt.datetime.strptime(found["decided_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    except (TypeError, ValueError):
        problem = f'"{found["decided_at"]}" is no moment'
        raise _wrong(problem, found["number"], "Write it as 2026-01-05T09:00:00Z, in UTC.") from None


def _wrong(problem: str, number: int, remedy: str) -> GoodwillError:
    return GoodwillError(problem, where=Place(str(FILE), number), remedy=remedy)


def append(path: Path, lines: Sequence[Line]) -> None:
    """Add lines in one piece and wait until the disk has them; where that fails the file is as it was."""
    path.parent.mkdir(exist_ok=True)
    is_new = not path.exists()
    added = "".join(as_text(line) + "\n" for line in lines).encode()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)  # who is who concerns nobody else
    try:
        size = os.fstat(handle).st_size
        is_open = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        try:
            _write(handle, b"\n" + added if is_open else added)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
    if is_new:
        _keep_names(path.parent)
        _keep_names(path.parent.parent)


def _write(handle: int, text: bytes) -> None:
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.fsync(handle)


def rewrite(path: Path, lines: Sequence[Line], unfinished: Path) -> None:
    """Put other lines in place of all, whole or not at all: only for what must be forgotten."""
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write(handle, "".join(as_text(line) + "\n" for line in lines).encode())
    finally:
        os.close(handle)
    os.replace(unfinished, path)
    _keep_names(path.parent)


def _keep_names(folder: Path) -> None:
    """Wait until the disk knows what is in a folder: else a crash may take a new file's name away."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
