"""Says a command as a person would type it, and keeps what it wrote and how it ended."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from goodwill import cli
from goodwill.warehouse.duckdb_engine import open_file

#: A table that no source knows, and what must be said of it to be read.
ORDERS = 'Order ID;Order date;Customer [EU];Total\nA-1;2025-03-01;Fern & Co;12,50\nA-2;2025-03-02;Oak "AG";7,25\n'


@dataclass(frozen=True)
class Said:
    """What a command wrote and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def csv(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


def goodwill(*words: str | Path) -> Said:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["goodwill", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
    return Said(code, out.getvalue(), err.getvalue())


def workspace(folder: Path, settings: str = '[company]\nname = "Acme"\n', **exports: str | bytes) -> Path:
    """A workspace with these settings and exports; ``__`` in a name stands for the dot."""
    (folder / "exports").mkdir(parents=True)
    (folder / "goodwill.toml").write_text(settings, encoding="utf-8")
    for name, content in exports.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / "exports" / name.replace("__", ".")).write_bytes(data)
    return folder


def rows_in(folder: Path, query: str) -> list[dict[str, Any]]:
    """Rows of a workspace's warehouse after a run."""
    tables = open_file(folder / "warehouse.duckdb", read_only=True, root=folder)
    try:
        return tables.rows(query)
    finally:
        tables.close()
