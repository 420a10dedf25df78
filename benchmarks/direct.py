"""A simulated company straight in an engine, without its files; and how long that takes.

    python benchmarks/direct.py              # the bar: 0.7 s from the company to its journeys, 900 accounts

For whoever lives through hundreds of companies: ``open_world`` gives the tables, ``journeys`` what questions need.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pyarrow as pa
from peers import median

from goodwill import study
from goodwill.registry import Terms
from goodwill.settings import FILE
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.workspace import Workspace, open_workspace
from goodwill.worlds import WORLDS, Truth, direct, imagine
from goodwill.worlds.company import Company
from goodwill.worlds.settings import settings

MOST_SECONDS = 0.7


def open_world(name: str, seed: int, accounts: int | None = None) -> tuple[DuckDBTables, Workspace, Company, Truth]:
    """The canonical tables of a simulated company in an engine in memory, as reading its files would fill them.

    Parameters
    ----------
    name : str
        One of ``WORLDS`` whose exports are not noisy.
    seed : int
    accounts : int, optional
        How many companies to sell to, instead of the world's own number.

    Returns
    -------
    tables, workspace, company, truth
        ``tables`` is the caller's to close; ``workspace`` holds the settings and lies nowhere.
    """
    company, truth = imagine(name, seed=seed, accounts=accounts)
    return loaded(direct.canonical(company)), workspace_of(company), company, truth


def loaded(canonical: Mapping[str, pa.Table]) -> DuckDBTables:
    """An engine in memory with these tables, and nothing refused."""
    tables = open_file(None)
    for name, rows in canonical.items():
        tables.register("given", rows)
        tables.execute(f"CREATE TABLE {name} AS FROM given")
        tables.forget("given")
    columns = ", ".join(f"{name} {kind}" for name, kind in lineage.PROVIDED["refused"].items())
    tables.execute(f"CREATE TABLE refused ({columns})")
    return tables


def workspace_of(company: Company) -> Workspace:
    """The settings that ``simulate`` writes beside the exports, read as a user's are."""
    venues = len(WORLDS[company.name].causes.venue_starts)
    with tempfile.TemporaryDirectory(prefix="direct-") as folder:
        (Path(folder) / FILE).write_text(settings(company, venues), encoding="utf-8")
        return replace(open_workspace(folder), root=Path())


def journeys(tables: DuckDBTables, workspace: Workspace, *, seed: int | None = None) -> Terms:
    """Find out who is who and build the journeys; give the terms on which questions are asked."""
    study.resolve(tables, workspace)
    end: dt.datetime = study.trace(tables, workspace, None)
    return Terms(workspace, end, workspace.seed if seed is None else seed)


def timed(name: str, seed: int, accounts: int | None) -> dict[str, float]:
    """Seconds of every step from nothing to journeys."""
    marks = [perf_counter()]
    company = direct.company(name, seed, accounts)
    marks.append(perf_counter())
    canonical = direct.canonical(company)
    marks.append(perf_counter())
    tables, workspace = loaded(canonical), workspace_of(company)
    marks.append(perf_counter())
    study.resolve(tables, workspace)
    marks.append(perf_counter())
    study.trace(tables, workspace, None)
    marks.append(perf_counter())
    tables.close()
    steps = ("company", "canonical", "load", "resolve", "trace")
    return {step: after - before for step, before, after in zip(steps, marks, marks[1:], strict=False)}


def main() -> None:
    """Measure five companies after one to warm up, print medians, and fail if the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--world", default="null")
    parser.add_argument("--accounts", type=int, default=900)
    told = parser.parse_args()
    found = [timed(told.world, seed, told.accounts) for seed in range(1, 7)][1:]
    steps = {step: median([one[step] for one in found]) for step in found[0]}
    total = median([sum(one.values()) - one["company"] for one in found])
    print(", ".join(f"{step} {seconds:.3f} s" for step, seconds in steps.items()))
    print(f"from company to journeys: {total:.2f} s")
    if total > MOST_SECONDS:
        raise SystemExit(f"the bar is {MOST_SECONDS} s")


if __name__ == "__main__":
    main()
