"""The lower half of a claim's tree: its rows and their columns, the models on the way, the tables, the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from goodwill.claims.branch import Branch
from goodwill.claims.columns import Column, columns
from goodwill.claims.tables_read import read_by
from goodwill.report.numbers import show_count
from goodwill.verdicts import Evidence
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage

#: Tables beside the exports' own, and where they come from.
MADE = {
    "resolved": "which record is which person, found by matching",
    "resolved_accounts": "which record is which company, found by matching",
    "refused": "rows of exports that could not be read",
}
KEYS, SETTING = "what the exports write, spelt in one way", "from goodwill.toml"
#: What a part of a file counts beside the rows it keeps.
COUNTED = {
    "refused": "refused",
    "forgotten": "about people who are forgotten",
    "detached": "from which such a person was taken out",
    "too_old": "older than what is kept",
}


def rows_branch(evidence: Evidence) -> Branch:
    """The rows behind a figure: the query that gives them, and where each of their columns comes from."""
    found = tuple(_column_branch(column) for column in columns(evidence))
    lines = (f"read from {', '.join(read_by(evidence))}", " ".join(evidence.rows.split()))
    return Branch("rows", "The rows behind it", lines, found, evidence.model)


def _column_branch(column: Column) -> Branch:
    made = f"made from {', '.join(column.made_from)}" if column.made_from else ""
    through = f"through {', '.join(column.through)}" if column.through else ""
    return Branch("column", column.name, tuple(filter(None, (made, through))), (), column.name)


def source_branches(evidence: Evidence, manifest: Mapping[str, Any]) -> tuple[Branch, ...]:
    """The models and tables that a figure reads, down to the files; each stands where it first comes up."""
    return _below(read_by(evidence), manifest, set())


def _below(names: Iterable[str], manifest: Mapping[str, Any], seen: set[str]) -> tuple[Branch, ...]:
    return tuple(_source_branch(name, manifest, seen) for name in names if name not in seen)


def _source_branch(name: str, manifest: Mapping[str, Any], seen: set[str]) -> Branch:
    seen.add(name)
    model = lineage.models().get(name)
    if model is None:
        return Branch("table", f"{name}: {_row(name)}", (), _file_branches(name, manifest), name)
    reads = sorted(model.reads)
    return Branch("model", f"{name}: {model.row}", (f"reads {', '.join(reads)}",), _below(reads, manifest, seen), name)


def _row(table: str) -> str:
    """What a row of a table is that is no model."""
    if table in TABLES:
        return TABLES[table].row
    return MADE.get(table) or (SETTING if table.startswith("setting_") else KEYS)


def _file_branches(table: str, manifest: Mapping[str, Any]) -> tuple[Branch, ...]:
    """The exports that filled a table, with the rows that were kept and those that were not."""
    found = []
    for given in manifest["inputs"]:
        sheets: dict[str, Counter[str]] = {}
        for part in given["tables"]:
            if part["table"] == table:
                counts = {name: part.get(name, 0) for name in ("kept", *COUNTED)}
                sheets.setdefault(part["sheet"], Counter()).update(counts)
        lines = tuple(_sheet_line(sheet, counts) for sheet, counts in sheets.items() if any(counts.values()))
        if lines:
            found.append(Branch("file", str(given["file"]), lines, (), str(given["file"])))
    return tuple(found)


def _sheet_line(sheet: str, counts: Mapping[str, int]) -> str:
    others = [f"{words}: {show_count(counts[name])}" for name, words in COUNTED.items() if counts[name]]
    told = [f"rows kept: {show_count(counts['kept'])}", *(others or ["refused: 0"])]
    return f"{f'sheet {sheet}: ' if sheet else ''}{'; '.join(told)}"
