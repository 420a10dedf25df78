"""The report on disk: report.html with its figures/ and tables/, each whole or not at all; knows whether they stand."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from goodwill.lock import replace_folder
from goodwill.registry import questions
from goodwill.workspace import Workspace

if TYPE_CHECKING:  # drawing is imported where something is drawn
    from goodwill.report.meta import Meta
    from goodwill.report.pages import Drawn

#: Ties a report to the answers that it shows, and to the bytes of the page and of the files beside it.
MARK = '\n<meta name="goodwill-run" content="{fingerprint} {digest}">'
#: The folders beside the page, and how the names of their files end.
FOLDERS = {"figures": (".svg", ".png"), "tables": (".csv",)}
#: What the names of files that belong to no question begin with.
OF_ALL = ("all", "files")

Files = Mapping[str, Mapping[str, bytes]]


def beside(drawn: Drawn, meta: Meta, *, has_png: bool) -> Files:
    """The files beside the page: its pictures, also as PNG if wanted, and its tables."""
    from goodwill.report.figure_files import as_png, figure_files
    from goodwill.report.table_files import table_files

    svg = figure_files(drawn, meta)
    figures = {name: text.encode() for name, text in svg.items()}
    if has_png:
        figures |= {f"{name.removesuffix('.svg')}.png": as_png(text) for name, text in svg.items()}
    return {"figures": figures, "tables": {name: text.encode() for name, text in table_files(drawn, meta).items()}}


def put(workspace: Workspace, building: Path, html: str, files: Files, *, fingerprint: object) -> None:
    """Put page and files in place, the page last: its mark says that all of them are there.

    Files in the folders that no report wrote stay; those of former reports vanish.

    Parameters
    ----------
    workspace : Workspace
        Owned by the caller.
    building : Path
        The folder for unfinished work.
    html : str
        The page.
    files : mapping of str to files
        The files of each folder, by name.
    fingerprint : object
        What the answers rest on.
    """
    known = _known(workspace)
    for folder in FOLDERS:
        unfinished, place = building / folder, workspace.root / folder
        unfinished.mkdir()
        for path in sorted(place.iterdir()) if place.exists() else ():
            if path.name not in files[folder] and not _is_ours(path, known):
                _copy(path, unfinished)
        for name, content in files[folder].items():
            (unfinished / name).write_bytes(content)
        replace_folder(place, building)
    page = building / workspace.report.name
    mark = MARK.format(fingerprint=fingerprint, digest=_digest(html, _as_pairs(files)))
    page.write_text(html.replace("<head>", f"<head>{mark}", 1), encoding="utf-8")
    os.replace(page, workspace.report)


def stand(workspace: Workspace, fingerprint: object) -> bool:
    """Are the page and the files beside it those of these answers, and as they were written?"""
    try:
        head, _, tail = workspace.report.read_bytes().decode().partition("<head>")
        beyond = len(MARK.format(fingerprint=fingerprint, digest=hashlib.sha256().hexdigest()))
        digest = _digest(f"{head}<head>{tail[beyond:]}", _written(workspace))
        return tail[:beyond] == MARK.format(fingerprint=fingerprint, digest=digest) and _has_all_or_no_png(workspace)
    except (OSError, UnicodeDecodeError):
        return False


def _as_pairs(files: Files) -> Iterator[tuple[str, bytes]]:
    for folder, contents in files.items():
        yield from ((f"{folder}/{name}", content) for name, content in contents.items())


def _written(workspace: Workspace) -> Iterator[tuple[str, bytes]]:
    known = _known(workspace)
    for folder in FOLDERS:
        for path in (workspace.root / folder).iterdir():
            if _is_ours(path, known):
                yield f"{folder}/{path.name}", path.read_bytes()


def _has_all_or_no_png(workspace: Workspace) -> bool:
    """Were the same pictures written as PNG, if any were?"""
    known = _known(workspace)
    ours = [path for path in (workspace.root / "figures").iterdir() if _is_ours(path, known)]
    drawn, as_png = ({path.stem for path in ours if path.suffix == suffix} for suffix in FOLDERS["figures"])
    return not as_png or as_png == drawn


def _known(workspace: Workspace) -> frozenset[str]:
    """What the names of a report's files begin with: questions, whether they are asked now or not."""
    return frozenset({*OF_ALL, *questions(), *(path.stem for path in workspace.verdicts.glob("*.json"))})


def _is_ours(path: Path, known: Collection[str]) -> bool:
    """Does a report write files of this name? Anything else in these folders is somebody's own."""
    about, dash, _ = path.stem.partition("-")
    return bool(dash) and about in known and path.suffix in FOLDERS[path.parent.name] and path.is_file()


def _copy(path: Path, into: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, into / path.name, symlinks=True)
    else:
        shutil.copy2(path, into / path.name, follow_symlinks=False)


def _digest(html: str, files: Iterator[tuple[str, bytes]]) -> str:
    """One digest of page and files; PNG is left out, since fonts of the machine may shape it."""
    digest = hashlib.sha256(html.encode())
    for name, content in sorted(files):
        if not name.endswith(".png"):
            digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
