"""A workspace that keeps the stored verdicts as a run would have kept them, with a small warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from goodwill import keeping
from goodwill.verdicts import Verdict
from stored_verdicts import verdicts

#: As the manifest of the stored answers says.
FINGERPRINT = "0" * 32


def keep(folder: Path, answers: tuple[Verdict, ...] = (), *, fingerprint: str = FINGERPRINT) -> Path:
    """Write the answers of a study into a folder; gives the folder."""
    kept = answers or tuple(verdicts())
    (folder / "verdicts").mkdir(parents=True, exist_ok=True)
    if not (folder / "goodwill.toml").exists():
        (folder / "goodwill.toml").write_text('[company]\nname = "Acme"\n', encoding="utf-8")
    keeping.write_answers(folder / "verdicts", kept, _manifest(fingerprint))
    return folder


def warehouse(folder: Path) -> Path:
    """A warehouse with one table of three rows."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("CREATE TABLE timeline AS FROM (VALUES ('x', 1), ('x', 2), ('site', 3)) AS t(venue, touch)")
    return folder


def _manifest(fingerprint: str) -> dict[str, Any]:
    part = {"table": "people", "sheet": "", "kept": 8, "refused": 2}
    read = {"file": "=cmd.csv", "tables": [part], "rows": 10, "refused": 2, "loaded": None}
    return {
        "fingerprint": fingerprint, "version": "0", "company": "Acme <Hydraulics>", "currency": "EUR", "seed": 1,
        "as_of": "2025-12-31", "period": ["2024-01-01", "2025-12-31"], "level": 0.9, "inputs": [read], "coverage": {},
    }  # fmt: skip
