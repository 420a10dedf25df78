"""Loading ten million interactions through a source, against bare DuckDB reading the same file in the same run.

    python benchmarks/loading.py            # the bar: at most 2.0 times as long, under 3 GiB
    python benchmarks/loading.py --rows 1000000

Both are run three times in turn, each in a process of its own; medians are compared.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb
from peers import Measured, measure, median

MOST_TIMES, MOST_MEBIBYTES = 2.0, 3 * 1024

WRITE = """
COPY (
    SELECT 'i' || i AS interaction_id, TIMESTAMP '2022-01-01' + to_seconds(i * 9) AS occurred_at,
        ['Like', 'Create', 'Announce', 'View', 'gw:Click'][1 + CAST(hash(i) % 5 AS INTEGER)] AS activity,
        'user' || (hash(i * 7) % 500000) || '@example' || (hash(i * 7) % 30000) || '.com' AS person,
        ['linkedin', 'x', 'facebook', 'youtube'][1 + CAST(hash(i * 3) % 4 AS INTEGER)] AS network,
        'c' || hash(i * 11) % 40 AS campaign, 'https://example.com/p/' || hash(i * 13) % 9000 AS link,
        CASE WHEN hash(i * 5) % 9 = 0 THEN 'A, "quoted" remark number ' || i END AS note
    FROM range({rows}) AS t(i)
) TO '{path}' (HEADER)
"""
SETTINGS = """
[company]
name = "Benchmark"
[[mapping]]
file = "interactions.csv"
table = "interactions"
[mapping.columns]
id = "interaction_id"
at = "occurred_at"
verb = "activity"
actor = "person"
venue = "network"
campaign = "campaign"
url = "link"
[mapping.nodes]
actor = "email"
[mapping.constants]
channel_group = "organic_social"
direction = "inbound"
"""
BARE = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1] + "/bare.duckdb")
connection.execute(f"CREATE OR REPLACE TABLE bare AS SELECT * FROM read_csv('{sys.argv[1]}/exports/interactions.csv')")
connection.close()
"""
OURS = """
import shutil, sys
from pathlib import Path
from goodwill import intake
from goodwill.workspace import open_workspace
workspace = open_workspace(sys.argv[1])
shutil.rmtree(workspace.loaded, ignore_errors=True)
building = Path(sys.argv[1]) / "building"
building.mkdir(exist_ok=True)
readings = intake.read(workspace, building / "scratch")
with intake.warehouse(building, workspace) as tables:
    (loaded,), failed = intake.load(tables, readings, workspace)
    assert not failed and loaded.parts[0].kept == int(sys.argv[2]), loaded
shutil.rmtree(building)
"""


def main() -> None:
    """Measure, print, and fail if the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="loading-") as folder:
        (Path(folder) / "exports").mkdir()
        (Path(folder) / "goodwill.toml").write_text(SETTINGS)
        duckdb.execute(WRITE.format(rows=rows, path=Path(folder) / "exports" / "interactions.csv"))
        turns: list[tuple[Measured, Measured]] = [
            (measure(BARE, folder), measure(OURS, folder, str(rows))) for _ in range(3)
        ]
    bare, ours = (median([turn[side].seconds for turn in turns]) for side in (0, 1))
    memory = max(turn[1].mebibytes for turn in turns)
    print(f"bare DuckDB: {bare:.2f} s; goodwill: {ours:.2f} s, {ours / bare:.2f} times as long; {memory:,.0f} MiB")
    if ours / bare > MOST_TIMES or memory > MOST_MEBIBYTES:
        raise SystemExit(f"the bar is {MOST_TIMES} times and {MOST_MEBIBYTES} MiB")


if __name__ == "__main__":
    main()
