"""What lies in ``loaded/``: of each file a folder with its parts as Parquet, and a record of itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

#: What a folder of ``loaded/`` says about itself; written last.
RECORD = "read.json"


@dataclass(frozen=True)
class Part:
    """One relation of one file as it was loaded.

    ``first_row`` is the number of its first row where rows are numbered by their place; None where each row
    has its number. ``forgotten`` rows were about people who are forgotten, from ``detached`` ones such a person was
    taken out, and ``too_old`` ones are beyond what the settings keep.
    """

    table: str
    sheet: str
    file: str
    kept: int
    refused: int
    first_row: int | None = None
    forgotten: int = 0
    detached: int = 0
    too_old: int = 0


@dataclass(frozen=True)
class Extent:
    """One sheet of a file: the records in it, and how many of them at least one table refused."""

    sheet: str
    rows: int
    refused: int


@dataclass(frozen=True)
class Loaded:
    """One file as it was loaded: its folder, its sheets, and its parts."""

    name: str
    key: str
    folder: Path
    sheets: tuple[Extent, ...]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """Records in the sheets that were read, each counted once however many tables it fills."""
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def refused(self) -> int:
        """Records of which at least one table got nothing."""
        return sum(sheet.refused for sheet in self.sheets)


def kept(folder: Path) -> Loaded | None:
    """What was loaded of a file earlier; None if it is not there, or not as it was left (a disk may have failed)."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if any(digest(folder / file) != said for file, said in record["digests"].items()):
            return None
        sheets = tuple(Extent(**sheet) for sheet in record["sheets"])
        return Loaded(record["name"], folder.name, folder, sheets, tuple(Part(**part) for part in record["parts"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def settle(building: Path, loaded: Loaded) -> Loaded:
    """Put a folder in place whose parts are complete, with what it says about itself."""
    digests = {part.file: digest(building / part.file) for part in loaded.parts}
    record = {
        "name": loaded.name,
        "sheets": [asdict(extent) for extent in loaded.sheets],
        "parts": [asdict(part) for part in loaded.parts],
    }
    (building / RECORD).write_text(json.dumps(record | {"digests": digests}, indent=1), encoding="utf-8")
    shutil.rmtree(loaded.folder, ignore_errors=True)
    loaded.folder.parent.mkdir(parents=True, exist_ok=True)
    os.rename(building, loaded.folder)
    return loaded


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        found: str = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def forget_others(folder: Path, keep: Collection[str]) -> None:
    """Remove what was loaded of files that are gone or are read differently now, and left-overs of a crash."""
    for entry in sorted(folder.iterdir()) if folder.exists() else []:
        if entry.name not in keep:
            shutil.rmtree(entry, ignore_errors=True)
