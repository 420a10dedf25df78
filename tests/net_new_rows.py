"""A small business that met people on social, with how they were matched: for the tests of who was new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from canonical import END, Rows, at, resolved
from goodwill.registry import Terms
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Workspace

Row = dict[str, Any]
TOUCH = {"verb": "Like", "channel_group": "organic_social", "direction": "inbound"}
TYPES = {"kind": pa.string(), "venue": pa.string(), "known_pairs": pa.int64(), "found": pa.int64(),
         **dict.fromkeys(("recall", "recall_low", "recall_high", "precision", "precision_low", "precision_high"),
                         pa.float64())}  # fmt: skip


def quality(venue: str = "linkedin", known: int = 200, found: int = 120, kind: str = "person") -> Row:
    """How many of the known pairs of one venue are found again."""
    recall = found / known
    reach = 1.645 * (recall * (1 - recall) / known) ** 0.5
    ends = {"recall_low": recall - reach, "recall_high": recall + reach}
    nothing = dict.fromkeys(("precision", "precision_low", "precision_high"))
    return {"kind": kind, "venue": venue, "known_pairs": known, "found": found, "recall": recall} | ends | nothing


QUALITY = quality()


def touch(moment: str, actor: str | None, **more: Any) -> Row:
    """One like on LinkedIn unless told."""
    return TOUCH | {"at": at(moment), "actor": actor, "venue": "linkedin"} | more


def profile(handle: str, name: str | None = "Jane Roe") -> Row:
    """What the network shows of somebody."""
    return {"id": f"linkedin:{handle}", "name": name}


def contact(number: int | str, created: str | None, **more: Any) -> Row:
    """A contact of the CRM."""
    return {"id": f"hubspot/contact:{number}", "name": "Jane Roe", "created_at": created and at(created)} | more


def carries(record: str, value: str, kind: str = "handle") -> Row:
    """A record's identifier that joins it with another."""
    return {"record": record, "kind": kind, "value": value, "is_verified": True}


def met_people(known: int = 36, missed: int = 24, new: int = 40, venue: str = "linkedin") -> Rows:
    """People who liked once in 2024; of those whom the CRM has known since 2023, some are not recognised."""
    people, touches, identifiers = [], [], []
    for i in range(known + missed + new):
        node = f"{venue}:p{i}"
        people.append({"id": node, "name": f"Person {i}"})
        touches.append(touch("2024-03-05 10:00", node, venue=venue, campaign=f"c{i % 2}") | {
            "at": at("2024-01-05 10:00") + dt.timedelta(days=i)})  # fmt: skip
        if i < known + missed:
            people.append(
                contact(f"{venue}{i}", "2023-01-01") | {"created_at": at("2023-01-01") + dt.timedelta(days=i)}
            )
        if i < known:
            identifiers.append(carries(f"hubspot/contact:{venue}{i}", node))
    return {"people": people, "interactions": touches, "identifiers": identifiers}


def joined(*parts: Rows) -> Rows:
    """Rows of several parts together."""
    return {name: [row for part in parts for row in part.get(name, ())] for name in {n for part in parts for n in part}}


def classed(rows: Rows, workspace: Workspace | None = None) -> DuckDBTables:
    """The engine with the classes of touches and all that they rest on."""
    tables = resolved(rows, workspace)
    terms = Terms(workspace or Workspace(Path()), END, 0)
    for model in lineage.upstream("touch_classes"):
        tables.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}", **terms.parameters)
    return tables


def with_quality(rows: Rows, measured: Sequence[Row] = (QUALITY,), workspace: Workspace | None = None) -> DuckDBTables:
    """The engine with every model, and how well people are matched."""
    tables = classed(rows, workspace)
    arrays = [pa.array([row[name] for row in measured], kind) for name, kind in TYPES.items()]
    tables.register("given", pa.table(arrays, names=list(TYPES)))
    tables.execute("CREATE OR REPLACE TABLE match_quality AS SELECT * FROM given")
    tables.forget("given")
    return tables


def with_pairs(tables: DuckDBTables, pairs: Sequence[tuple[str, str, float]], exact: dict[str, str]) -> DuckDBTables:
    """The same where probabilities, not keys, joined some nodes; ``exact`` labels each node's exact component."""
    nodes = pa.table({"node": list(exact), "exact": list(exact.values()), "venue": [n.split(":")[0] for n in exact]})
    found = pa.table({
        "node_a": [p[0] for p in pairs], "node_b": [p[1] for p in pairs],
        "probability": pa.array([p[2] for p in pairs], pa.float64()),
    })  # fmt: skip
    for name, table in (("person_records", nodes), ("person_pairs", found)):
        tables.register("given", table)
        tables.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")
        tables.forget("given")
    return tables
