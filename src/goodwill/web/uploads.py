"""Takes exports that a browser sends: a safe name, content that can be read, whole or not at all, nothing replaced."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from goodwill.errors import NO_ROOM, ExportError, GoodwillError, NoRoom, Place
from goodwill.exports import Export
from goodwill.sources.opening import content_hash, open_export
from goodwill.sources.recognise import recognise
from goodwill.web.exports_there import kind_words
from goodwill.workspace import Workspace

#: Unfinished uploads lie here, on the disk of the exports; what is older than a day is of a crash.
FOLDER = ".uploads"
A_DAY = 24 * 3600
#: What most file systems take as a name.
LONGEST_BYTES = 200
PIECE = 1 << 20
TEXT = frozenset({"csv", "json", "jsonl"})
BOOKS = frozenset({"xlsx", "xlsb", "xls", "ods"})
#: Endings that are taken, and what the content may be: vendors call several things .xls.
ENDINGS = {
    "csv": TEXT, "tsv": TEXT, "tab": TEXT, "txt": TEXT,
    "json": TEXT - {"csv"}, "jsonl": TEXT - {"csv"}, "ndjson": TEXT - {"csv"}, "js": TEXT - {"csv"},
    "xlsx": BOOKS, "xlsm": BOOKS, "xlsb": BOOKS, "ods": BOOKS, "xls": BOOKS | {"spreadsheetml", "csv"},
    "xml": frozenset({"spreadsheetml"}), "parquet": frozenset({"parquet"}), "zip": frozenset({"zip"}),
    "gz": frozenset({"gz"}), "bz2": frozenset({"bz2"}), "xz": frozenset({"xz"}), "zst": frozenset({"zst"}),
}  # fmt: skip
#: Names that mean a device to Windows, where a shared folder may be opened.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Taken:
    """A file that lies in exports/ now, as what it was recognised, and whether it had been there before."""

    name: str
    kinds: tuple[str, ...]
    is_new: bool


def take(workspace: Workspace, name: str, content: IO[bytes]) -> Taken:
    """Put one file into exports/.

    It is written beside, opened as a run would open it, and only then linked to its place. Nothing is ever replaced.

    Raises
    ------
    GoodwillError
        The name is not safe, the content cannot be read or is another than the name says, another file of this name
        is there, or it cannot be written.
    """
    safe = safe_name(name)
    try:
        with _beside(workspace) as folder:
            unfinished = folder / "content"
            sha256 = _written(content, unfinished)
            kinds = _recognised(workspace, unfinished, safe, folder / "scratch")
            return Taken(safe, kinds, _put(workspace, unfinished, safe, sha256))
    except OSError as error:
        raise _unwritable(error, safe) from None


def safe_name(given: str) -> str:
    """The name under which a file is kept: the last part of what a browser says, if that is one.

    Raises
    ------
    ExportError
        It is none.

    Examples
    --------
    >>> safe_name("Verkäufe 2025 (1).csv"), safe_name("C:\\\\Users\\\\ann\\\\deals.csv")
    ('Verkäufe 2025 (1).csv', 'deals.csv')
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    shown = "".join(c if c.isprintable() else "�" for c in name)[:80] or "a file without a name"
    problem = _wrong_with(name)
    if problem:
        raise ExportError(f"{problem}.", where=Place(shown), remedy="Rename the file, then add it again.")
    ending = name.rpartition(".")[2].lower()
    if "." not in name or ending not in ENDINGS:
        remedy = f"Export it as one of these: {', '.join(ENDINGS)}."
        raise ExportError("Files with this ending are not read.", where=Place(shown), remedy=remedy)
    return name


def _wrong_with(name: str) -> str:
    """Why a name is not taken; empty where it is."""
    folded = unicodedata.normalize("NFKC", name)
    if not name:
        return "The file has no name"
    if any(unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") for c in name):
        return "The name holds characters that cannot be seen"
    if name.startswith((".", "~$")) or folded.startswith("."):
        return "The name begins as hidden files and leftovers of editors do"
    if {"/", "\\"} & set(folded) or any(c in name for c in "∕⁄⧸⧵∖"):
        return "The name holds what looks like a path"
    if _DEVICE.match(folded):
        return "The name means a device on some machines"
    if name != name.strip() or name.endswith("."):
        return "The name begins or ends with a blank or a dot"
    if len(name.encode()) > LONGEST_BYTES:
        return f"The name is longer than {LONGEST_BYTES} bytes"
    return ""


@contextmanager
def _beside(workspace: Workspace) -> Iterator[Path]:
    """A folder for one unfinished upload on the workspace's own disk, which nobody else may look into."""
    above = workspace.root / FOLDER
    above.mkdir(mode=0o700, exist_ok=True)
    for old in above.iterdir():
        with suppress(OSError):
            if time.time() - old.lstat().st_mtime > A_DAY:
                shutil.rmtree(old)
    folder = above / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(content: IO[bytes], into: Path) -> str:
    """Write a file to the disk itself; give its digest."""
    digest = hashlib.sha256()
    with into.open("xb") as file:
        while piece := content.read(PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _recognised(workspace: Workspace, path: Path, name: str, scratch: Path) -> tuple[str, ...]:
    """What the file is, opened as a run would; nothing where nobody knows it, which a mapping can mend.

    Raises
    ------
    ExportError
        It cannot be opened, or is another thing than its name says.
    """
    export = open_export(path, name=name, scratch=scratch)
    _check_kind(export, name)
    found = recognise(export, workspace.mappings, workspace.locale)
    return tuple(dict.fromkeys(kind_words(sheet.source) for sheet in found if sheet.source))


def _check_kind(export: Export, name: str) -> None:
    ending, kind = name.rpartition(".")[2].lower(), export.kind.rpartition(".")[2]
    if kind not in ENDINGS[ending]:
        close = next((e for e, kinds in ENDINGS.items() if e == kind or kind in kinds), kind)
        raise ExportError(
            f"The name says {ending}, and the content is {kind}.",
            where=Place(name),
            remedy=f"Give it the ending .{close}, then add it again.",
        )


def _put(workspace: Workspace, unfinished: Path, name: str, sha256: str) -> bool:
    """Link the file to its place, and say if it is new there. A link never replaces, and follows no link.

    Raises
    ------
    ExportError
        Another file of this name is there.
    """
    workspace.exports.mkdir(exist_ok=True)
    place = workspace.exports / name
    try:
        os.link(unfinished, place, follow_symlinks=False)
    except FileExistsError:
        if not place.is_symlink() and place.is_file() and content_hash(place) == sha256:
            return False
        remedy = "Rename yours, or take the other out of exports/ yourself: exports are never altered here."
        raise ExportError("Another file of this name is there.", where=Place(name), remedy=remedy) from None
    with suppress(OSError):  # not every file system can
        handle = os.open(workspace.exports, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return True


def _unwritable(error: OSError, name: str) -> GoodwillError:
    if error.errno in NO_ROOM:
        return NoRoom(error.strerror, where=name)
    if error.errno in (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK):
        remedy = "Copy the file into exports/ yourself."
        return ExportError("exports/ lies where files cannot be put whole.", where=Place(name), remedy=remedy)
    remedy = "Allow the server to write in the workspace and its folder exports/."
    return ExportError(f"The file cannot be written: {error.strerror}.", where=Place(name), remedy=remedy)
