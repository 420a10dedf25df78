"""A small company whose people were met on several venues, run once; pairs of records that nobody is sure of."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import forgettable
from goodwill.doors import answer
from goodwill.intake import quiet
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import open_workspace

ANN, EVE, JORG = (f"hubspot/contact:520077{n}" for n in (6, 8, 7))
#: Whom Eve, Ann and Jörg may be, and how probably.
PAIRS = ((ANN, EVE, 0.5), (ANN, JORG, 0.4), (JORG, EVE, 0.3))
DEALS = """id,opened,closed,end,money,of
o1,2025-01-20,2025-04-02,won,40000,Mill AG
o2,2025-05-01,2025-06-02,lost,9000,Mill AG
o3,2025-07-01,,open,5000,Else Ltd
"""
MAPPING = """
[[mapping]]
file = "deals*"
table = "opportunities"
[mapping.columns]
id = "id"
created_at = "opened"
closed_at = "closed"
outcome = "end"
amount = "money"
account = "of"
[mapping.nodes]
account = "company"
"""


@cache
def _run_once() -> Path:
    folder = forgettable.workspace(Path(mkdtemp(prefix="goodwill-people-")) / "acme")
    settings = folder / "goodwill.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + MAPPING, encoding="utf-8")
    (folder / "exports" / "deals.csv").write_text(DEALS, encoding="utf-8")
    answer.answered(open_workspace(folder), None, None, ("cost",), quiet)
    tables = open_file(folder / "warehouse.duckdb", root=folder)
    for node_a, node_b, probability in PAIRS:
        pair = sorted((node_a, node_b))
        tables.execute(
            "INSERT INTO person_pairs (node_a, node_b, probability, weight, rule) VALUES ($a, $b, $p, 0.0, 'name')",
            a=pair[0], b=pair[1], p=probability,
        )  # fmt: skip
    tables.close()
    return folder


def workspace(folder: Path) -> Path:
    """A workspace of its own."""
    shutil.copytree(_run_once(), folder)
    return folder


def person_of(folder: Path, node: str) -> str:
    """What the person of a node is called in the tables."""
    tables = open_file(folder / "warehouse.duckdb", read_only=True, root=folder)
    try:
        return str(tables.rows("SELECT person FROM resolved WHERE node = $node", node=node)[0]["person"])
    finally:
        tables.close()


def ask_not_to_be_tracked(folder: Path, node: str) -> str:
    """Let the person of a node ask for it, as a run would find; give what they are called."""
    person = person_of(folder, node)
    tables = open_file(folder / "warehouse.duckdb", root=folder)
    tables.execute("INSERT INTO untracked SELECT node, person FROM resolved WHERE person = $person", person=person)
    tables.execute("DELETE FROM resolved WHERE person = $person", person=person)
    tables.close()
    return person
