"""The warehouse of the last run, opened to look at who is who; with the decisions made since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from goodwill import keeping
from goodwill.doors.showing import say
from goodwill.identity import decisions
from goodwill.identity.decision_lines import FILE
from goodwill.registry import Terms
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace


@dataclass(frozen=True)
class Kept:
    """The warehouse, the terms of its run, and every decision up to now."""

    tables: Tables
    terms: Terms
    ledger: decisions.Ledger


@contextmanager
def opened(workspace: Workspace) -> Iterator[Kept]:
    """Open the warehouse of the last run for reading; it is closed whatever happens.

    ``match_decisions`` holds the decisions that stand now, not those of the run.

    Raises
    ------
    GoodwillError
        There was no run yet.
    """
    _, manifest = keeping.kept(workspace)
    ledger = read_decisions(workspace)
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    try:
        yield prepared(tables, workspace, manifest, ledger)
    finally:
        tables.close()


def prepared(tables: Tables, workspace: Workspace, manifest: Mapping[str, Any], ledger: decisions.Ledger) -> Kept:
    """Open tables as they are looked at to decide: ``match_decisions`` holds the decisions that stand now."""
    tables.register("match_decisions", decisions.as_table(ledger))
    end = dt.datetime.fromisoformat(manifest["as_of"]) + dt.timedelta(days=1)
    return Kept(tables, Terms(workspace, end, int(manifest["seed"])), ledger)


def read_decisions(workspace: Workspace) -> decisions.Ledger:
    """Every decision up to now; tells of a line that a crash cut off."""
    ledger = decisions.read(workspace)
    if ledger.torn:
        say(
            f"The last line of {FILE}, line {ledger.torn}, was cut off by a crash and does not count; all others do. "
            "If you were deciding then, decide it again."
        )
    return ledger
