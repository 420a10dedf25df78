"""Takes forgotten people out of what was decided of them, also where a crash fell between the two."""

from __future__ import annotations

import json

import pyarrow as pa

from goodwill import tombstones
from goodwill.identity import decisions
from goodwill.identity.decision_lines import FILE
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.warehouse.masking import search
from goodwill.workspace import Workspace


def blank(workspace: Workspace) -> int:
    """Blank the decisions on nodes of forgotten people, and their names in the reasons of others; give how many lines.

    Nothing is opened where nobody was forgotten or nothing was decided.
    """
    path = workspace.root / FILE
    forgotten = tombstones.read(workspace)
    if not forgotten or not path.exists():
        return 0
    said = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    texts = [str(value) for line in said for value in _values(line)]
    tables = open_file(None)
    try:
        tables.register("lines", pa.table({"said": pa.array(texts, pa.string())}))
        found = search(tables, "SELECT * FROM lines", ["said"], forgotten)
        tables.forget("lines")
    finally:
        tables.close()
    if not found.by_kind:
        return 0
    mails = [f"email:{mail}" for mail in found["mail"]]
    named = [said for kind in ("mail", "name", "phone", "word", "at") for said in found[kind]]
    return decisions.forget(workspace, [*found["node"], *mails], named)


def _values(line: str) -> list[object]:
    """What a line says; of one that a crash cut off, its text as it is."""
    try:
        return list(json.loads(line).values())
    except ValueError:
        return [line]
