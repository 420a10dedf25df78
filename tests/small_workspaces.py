"""Small workspaces for the tests of faults: a simulated company, its bytes, and runs in processes of their own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from goodwill.worlds import simulate

#: The command line in a process of its own, without the wrapper script that an environment may lack.
COMMAND = (sys.executable, "-m", "goodwill.cli")
#: Companies in the simulated world: enough for every step of a run, few enough for seconds.
ACCOUNTS = 60


@cache
def _simulated() -> Path:
    folder = Path(mkdtemp(prefix="goodwill-world-")) / "world"
    simulate("null", folder, seed=3, accounts=ACCOUNTS)
    return folder


def company(folder: Path) -> Path:
    """A workspace with a simulated company's exports and nothing derived."""
    shutil.copytree(_simulated(), folder)
    return folder


def handmade(folder: Path, *, opportunities: str = "", mapping: str = "") -> Path:
    """A workspace of two files that a mapping and a source read: fast to run, easy to change."""
    (folder / "exports").mkdir(parents=True)
    (folder / "goodwill.toml").write_text('[company]\nname = "Acme"\n' + (mapping or MAPPING), encoding="utf-8")
    rows = "".join(
        f"o{i},2024-01-{1 + i:02d},2024-03-{1 + i:02d},{'won' if i % 2 else 'lost'},{100 + i}\n" for i in range(20)
    )
    (folder / "exports" / "deals.csv").write_text("id,opened,closed,end,money\n" + (opportunities or rows))
    acts = "".join(f"i{i},2024-02-{1 + i:02d},p{i % 5}@a.com\n" for i in range(25))
    (folder / "exports" / "acts.csv").write_text("id,day,who\n" + acts)
    return folder


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

[[mapping]]
file = "acts*"
table = "interactions"
[mapping.columns]
id = "id"
at = "day"
actor = "who"
[mapping.constants]
verb = "as:Like"
venue = "linkedin"
channel_group = "organic_social"
direction = "inbound"
[mapping.nodes]
actor = "email"
"""


def run(
    folder: Path, *more: str, before: Sequence[str] = (), timeout_seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """``goodwill run`` in a process of its own."""
    return command("run", str(folder), *more, before=before, timeout_seconds=timeout_seconds)


def command(*words: str, before: Sequence[str] = (), timeout_seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """Any verb in a process of its own; ``before`` is what starts the process (another user, a limit)."""
    return subprocess.run(
        [*before, *COMMAND, *words],
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
        env=environment(),
    )


def environment() -> dict[str, str]:
    """The environment without what a terminal may add to it."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}


def answers(folder: Path) -> dict[str, str]:
    """The digest of every verdict, of the report and of the files beside it."""
    files = [*(p for name in ("verdicts", "figures", "tables") for p in sorted((folder / name).glob("*")))]
    return {file.name: digest(file) for file in [*files, folder / "report.html"]}


def digests(folder: Path) -> dict[str, str]:
    """The digest of every file below a folder."""
    return {p.relative_to(folder).as_posix(): digest(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def unfinished(folder: Path) -> list[str]:
    """What a crash left behind."""
    return [p.name for p in folder.rglob("*") if p.name.startswith((".building", ".report"))]
