"""Every run whose answers were new, as it was kept: what this workspace said before, a folder a run, oldest first.

A run is history/0001/ with its manifest.json, a file for each verdict, all of them as they stood in verdicts/, and
kept_at.txt with the moment at which it was kept: the answers themselves know no clock, so that the same input gives the
same bytes. History is a record of the user's like decisions/, not a cache: no run can make it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from goodwill import keeping
from goodwill.errors import GoodwillError
from goodwill.verdicts import Verdict
from goodwill.workspace import Workspace

#: The moment of keeping, beside the answers and not among them.
KEPT_AT = "kept_at.txt"
#: Ends the name of a run that is being replaced, until the new one stands.
FORMER = ".former"


@dataclass(frozen=True)
class Summary:
    """One run without its verdicts; ``manifest`` is empty where it cannot be read."""

    number: int
    kept_at: str
    manifest: Mapping[str, Any]

    @property
    def as_of(self) -> str:
        """The last day that counted, as an ISO date."""
        return str(self.manifest.get("as_of", ""))

    @property
    def fingerprint(self) -> str:
        """What the answers rest on, as one text."""
        return str(self.manifest.get("fingerprint", ""))

    @property
    def label(self) -> str:
        """How readers name the run.

        Examples
        --------
        >>> Summary(3, "2026-01-07T09:00:00Z", {"as_of": "2025-12-31"}).label
        'run 3, as of 2025-12-31'
        """
        return f"run {self.number}" + (f", as of {self.as_of}" if self.as_of else "")


@dataclass(frozen=True)
class Run(Summary):
    """One run as it was kept; ``kept_at`` is a moment in UTC, as ISO 8601 has it, and empty where nobody knows."""

    verdicts: tuple[Verdict, ...]


def summaries(workspace: Workspace) -> tuple[Summary, ...]:
    """Every run that is kept, oldest first, without a look at its verdicts; damaged ones are among them."""
    return tuple(_summary(folder) for folder in _folders(workspace))


def runs(workspace: Workspace) -> tuple[Run, ...]:
    """Every run that is kept, oldest first.

    Raises
    ------
    GoodwillError
        One of them is damaged.
    """
    return tuple(_run(folder) for folder in _folders(workspace))


def run(workspace: Workspace, number: int) -> Run:
    """One run by its number.

    Raises
    ------
    GoodwillError
        There is none of this number, or it is damaged.
    """
    folders = {int(folder.name): folder for folder in _folders(workspace)}
    if number not in folders:
        known = ", ".join(map(str, folders)) or "none yet"
        raise GoodwillError(f"there is no run {number}", where=str(workspace.history), remedy=f"Runs: {known}.")
    return _run(folders[number])


def before(workspace: Workspace, fingerprint: str) -> tuple[Run, ...]:
    """All runs before the latest one that has this fingerprint, and all there are where none has it; as ``runs``."""
    return tuple(_run(folder) for folder in _before(workspace, fingerprint))


def readable_before(workspace: Workspace, fingerprint: str) -> tuple[tuple[Run, ...], tuple[GoodwillError, ...]]:
    """The same as far as they can be read, and what is wrong with the others: nothing old stops a new report."""
    found: list[Run] = []
    damaged: list[GoodwillError] = []
    for folder in _before(workspace, fingerprint):
        try:
            found.append(_run(folder))
        except GoodwillError as error:
            damaged.append(error)
    return tuple(found), tuple(damaged)


def mark(workspace: Workspace, fingerprint: str) -> str:
    """Which runs stand before the one of this fingerprint, as a short text; empty where there are none."""
    earlier = [(s.number, s.manifest.get("digest")) for s in map(_summary, _before(workspace, fingerprint))]
    return hashlib.sha256(json.dumps(earlier).encode()).hexdigest()[:8] if earlier else ""


def keep(workspace: Workspace, verdicts: Sequence[Verdict], manifest: Mapping[str, Any]) -> None:
    """Add a run, whole or not at all, unless the latest one rests on the same; a damaged latest one is made good.

    Whoever calls this owns the workspace.
    """
    _mend(workspace)
    folders = _folders(workspace)
    if not folders or not _rests_on(folders[-1], manifest):
        number = int(folders[-1].name) + 1 if folders else 1
        _put(workspace, workspace.history / f"{number:04d}", verdicts, manifest)
        return
    try:
        _run(folders[-1])
    except GoodwillError:
        _put(workspace, folders[-1], verdicts, manifest)


def repair(workspace: Workspace) -> None:
    """Add the answers that stand in verdicts/ if a crash fell between keeping them and noting them here."""
    try:
        verdicts, manifest = keeping.kept(workspace)
    except GoodwillError:
        _mend(workspace)
        return
    keep(workspace, verdicts, manifest)


def redact(workspace: Workspace, without: Callable[[str], str]) -> int:
    """Pass every text of every run through ``without``; give how many runs changed, each of which stays whole.

    Whoever calls this owns the workspace.
    """
    _mend(workspace)
    return sum(_redacted(workspace, folder, without) for folder in _folders(workspace))


def _folders(workspace: Workspace) -> list[Path]:
    try:
        found = [p for p in workspace.history.iterdir() if p.name.isascii() and p.name.isdecimal() and p.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GoodwillError(
            f"the former answers cannot be read: {error.strerror}",
            where=str(workspace.history),
            remedy="Allow yourself to read this folder, or move what is in its place.",
        ) from None
    return sorted(found, key=lambda folder: int(folder.name))


def _before(workspace: Workspace, fingerprint: str) -> list[Path]:
    folders = _folders(workspace)
    having = [n for n, folder in enumerate(folders) if _summary(folder).fingerprint == fingerprint]
    return folders[: having[-1]] if having else folders


def _summary(folder: Path) -> Summary:
    try:
        manifest = json.loads((folder / keeping.MANIFEST).read_text(encoding="utf-8"))
        is_readable = manifest == keeping.sealed(manifest)
    except keeping.UNREADABLE:
        is_readable = False
    return Summary(int(folder.name), _kept_at(folder), manifest if is_readable else {})


def _run(folder: Path) -> Run:
    try:
        files = tuple((p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(folder.iterdir()))
        verdicts, manifest = _answers(folder, files)
    except keeping.UNREADABLE as error:
        raise GoodwillError(
            f"run {int(folder.name)} of the history is damaged: {error}",
            where=str(folder),
            remedy="Put it back from a copy, or remove this folder; other runs need nothing of it.",
        ) from None
    return Run(int(folder.name), _kept_at(folder), manifest, verdicts)


@lru_cache(maxsize=64)
def _answers(folder: Path, files: object) -> tuple[tuple[Verdict, ...], Mapping[str, Any]]:  # noqa: ARG001
    """The answers in a folder, read once for as long as its ``files`` stay as they are."""
    return keeping.answers_in(folder)


def _kept_at(folder: Path) -> str:
    try:
        said = (folder / KEPT_AT).read_text(encoding="utf-8").strip()
        dt.datetime.fromisoformat(said)
    except (OSError, ValueError):
        return ""
    return said


def _rests_on(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Is this the run of these answers? Of incomplete ones the answers may differ, whatever they rest on."""
    kept = _summary(folder)
    if kept.fingerprint != manifest["fingerprint"]:
        return False
    return not kept.fingerprint.endswith(keeping.INCOMPLETE) or kept.manifest["questions"] == manifest["questions"]


def _put(workspace: Workspace, place: Path, verdicts: Sequence[Verdict], manifest: Mapping[str, Any]) -> None:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    new = _unfinished(workspace)
    keeping.write_answers(new, verdicts, dict(manifest))
    (new / KEPT_AT).write_text((_kept_at(place) or now) + "\n", encoding="utf-8")
    _swap(place, new)


def _unfinished(workspace: Workspace) -> Path:
    """An empty folder on the same disk, which the owner of the workspace removes at the end."""
    folder = workspace.root / ".building" / "history"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _swap(place: Path, new: Path) -> None:
    """Put a run in its place; whatever the moment of a crash, the former or the new one can be found whole."""
    place.parent.mkdir(exist_ok=True)
    former = place.with_name(place.name + FORMER)
    if place.exists():
        place.rename(former)
    new.rename(place)
    shutil.rmtree(former, ignore_errors=True)


def _mend(workspace: Workspace) -> None:
    """Finish what a crash left of replacing a run."""
    for former in sorted(workspace.history.glob(f"[0-9]*{FORMER}")):
        place = former.with_name(former.name.removesuffix(FORMER))
        if place.exists():
            shutil.rmtree(former)
        else:
            former.rename(place)


def _redacted(workspace: Workspace, folder: Path, without: Callable[[str], str]) -> bool:
    """Take something out of one run; the texts of a damaged one are changed as they stand."""
    raw = {p.name: p.read_bytes().decode(errors="surrogateescape") for p in sorted(folder.iterdir()) if p.is_file()}
    said = "\n".join(text for file in raw.values() for text in _texts(file))
    if without(said) == said:  # as good as always: no verdict is there to name a person
        return False
    new = _unfinished(workspace)
    try:
        verdicts, manifest = keeping.answers_in(folder)
        changed = [Verdict.from_json(json.dumps(_each(json.loads(v.to_json()), without))) for v in verdicts]
        keeping.write_answers(new, changed, _each(manifest, without))
    except keeping.UNREADABLE:
        for name, text in raw.items():
            (new / name).write_bytes(without(text).encode(errors="surrogateescape"))
    (new / KEPT_AT).write_text(raw.get(KEPT_AT, ""), encoding="utf-8", errors="surrogateescape")
    _swap(folder, new)
    return True


def _texts(raw: str) -> list[str]:
    """What a file says: every text in it as it reads, and the whole where it is no JSON."""
    try:
        return list(_within(json.loads(raw)))
    except ValueError:
        return [raw]


def _within(value: Any) -> Iterator[str]:
    """Every text within, names included."""
    if isinstance(value, str):
        yield value
    for inside in (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _within(inside)


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """Every text within changed, names included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(name): _each(inside, change) for name, inside in value.items()}
    return [_each(inside, change) for inside in value] if isinstance(value, list) else value
