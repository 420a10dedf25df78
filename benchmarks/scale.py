"""The whole study on a million interactions, 50,000 people and 5,000 opportunities; and how fast help appears.

python benchmarks/scale.py              # the bars: 60 s for run, 0.3 s for --help
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from peers import measure, median

from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import open_workspace
from goodwill.worlds import simulate

MOST_SECONDS, MOST_HELP_SECONDS = 60.0, 0.3
RUN = "import sys; sys.argv[1:] = ['run', sys.argv[1]]; from goodwill.cli import main; main()"
HELP = """
import sys
sys.argv[1:] = ["--help"]
sys.stdout = open("/dev/null", "w")
from goodwill.cli import main
main()
"""
COUNTS = """
SELECT (SELECT count(*) FROM interactions) AS interactions, (SELECT count(DISTINCT person) FROM resolved) AS people,
    (SELECT count(*) FROM deals) AS opportunities
"""


def main() -> None:
    """Measure, print, and fail if a bar is not met."""
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        simulate("large", Path(folder), seed=1)
        run = measure(RUN, folder)
        workspace = open_workspace(folder)
        tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
        counts = tables.rows(COUNTS)[0]
        tables.close()
    helped = median([measure(HELP).seconds for _ in range(5)])
    print(", ".join(f"{n:,} {name}" for name, n in counts.items()))
    print(f"goodwill run: {run.seconds:.1f} s, {run.mebibytes:,.0f} MiB; goodwill --help: {helped:.2f} s")
    if run.seconds > MOST_SECONDS or helped > MOST_HELP_SECONDS:
        raise SystemExit(f"the bars are {MOST_SECONDS} s and {MOST_HELP_SECONDS} s")


if __name__ == "__main__":
    main()
