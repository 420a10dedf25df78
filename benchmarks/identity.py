"""Goodwill's linkage and Splink's on records whose persons are known: how right, how fast, how much memory.

    python benchmarks/identity.py --data FOLDER                # FEBRL 1 to 4 and fake_1000, if you have them
    python benchmarks/identity.py --simulated 100000 1000000   # people who do not exist
    python benchmarks/identity.py --simulated 1000000 --add 10000 --page docs/identity.md

Neither sees who is who; thresholds are 0.5 for Goodwill and 0.95 for Splink, where its examples cluster. Each runs in a
process of its own. Seconds count from records in memory to clusters, learning included.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import identity_splink
import numpy as np
import pyarrow.parquet as pq
from identity_measures import (
    THRESHOLDS,
    Bools,
    Floats,
    Ints,
    Known,
    Rates,
    calibration_error,
    components,
    of_clusters,
    of_pairs,
)  # fmt: skip
from identity_sets import REAL, Records, simulated, write
from peer_environments import Answer, PeerFailedError, add_option, ask, ask_here, python_of

from goodwill.errors import CannotTell
from goodwill.identity.cluster import clusters, extended
from goodwill.identity.fields import Field
from goodwill.identity.found_patterns import of_pairs as completeness_of
from goodwill.identity.match import learn, score
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file

BEGIN, END = "<!-- identity:begin -->", "<!-- identity:end -->"
DEFAULT = 0.5
HEADINGS = (
    "records", "by", "pair F1", "cluster F1", "precision", "recall", "best cluster F1 (at)", "least precision",
    "calibration error, pairs", "of kept pairs", "found true pairs", "estimated", "seconds", "GiB",
)  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """What one of them found."""

    a: Ints
    b: Ints
    p: Floats
    labels: dict[float, Ints]


def run(file: str, fields: str, linked: str, target: str) -> dict[str, Any]:
    """Goodwill from records in memory to clusters; then, not counted, other thresholds and the completeness."""
    tables = open_file(None)
    tables.execute(f"CREATE TABLE people AS FROM '{file}'")
    kinds = [Field(name, kind) for name, kind in json.loads(fields).items()]
    n = int(tables.rows("SELECT count(*) AS n FROM people")[0]["n"])
    start = perf_counter()
    model = learn(tables, "people", kinds, sources="source" if linked == "True" else None)
    learned = perf_counter()
    score(tables, model, "people")
    a, b, p = _pairs(tables)
    scored = perf_counter()
    labels = {DEFAULT: clusters(a, b, p, n, threshold=DEFAULT)}
    seconds = perf_counter() - start
    said: dict[str, Any] = {"seconds": seconds, "learn": learned - start, "score": scored - learned}
    with open("/proc/self/status") as status:
        said["peak"] = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    labels |= {bar: clusters(a, b, p, n, threshold=bar) for bar in THRESHOLDS if bar != DEFAULT}
    np.savez(target, a=a, b=b, p=p, **{f"at{bar}": found for bar, found in labels.items()})
    try:
        whole = completeness_of(tables, model, "people")
        said["completeness"] = (whole.share, whole.low, whole.high)
    except CannotTell as reason:
        said["cannot"] = reason.missing
    return said


def add(file: str, fields: str, more: str) -> dict[str, Any]:
    """How long records that come later take, and whether the clusters are those of a rebuild with the same model."""
    tables = open_file(None)
    kinds = [Field(name, kind) for name, kind in json.loads(fields).items()]
    tables.execute(f"CREATE TABLE people AS FROM '{file}'")
    whole = int(tables.rows("SELECT count(*) AS n FROM people")[0]["n"])
    first = whole - int(more)
    tables.execute(f"CREATE TABLE before AS FROM people WHERE record < {first}")
    tables.execute(f"CREATE TABLE later AS FROM people WHERE record >= {first}")
    model = learn(tables, "before", kinds)
    score(tables, model, "before")
    old = _pairs(tables)
    labels = clusters(*old, first)
    start = perf_counter()
    score(tables, model, "people", new="later")
    fresh = _pairs(tables)
    together = [np.concatenate(parts) for parts in zip(old, fresh, strict=True)]
    grown = extended(labels, *together, whole, touched=np.zeros(0, dtype=np.int64))
    seconds = perf_counter() - start
    start = perf_counter()
    score(tables, model, "people")
    rebuilt = clusters(*_pairs(tables), whole)
    return {"seconds": seconds, "rebuild": perf_counter() - start, "same": bool((grown == rebuilt).all())}


def _pairs(tables: DuckDBTables) -> tuple[Ints, Ints, Floats]:
    found = tables.columns("SELECT record_a, record_b, probability FROM scored_pairs")
    return found["record_a"].astype(np.int64), found["record_b"].astype(np.int64), found["probability"]


def ours(records: Records, file: Path) -> tuple[Scored, Answer]:
    """Goodwill in a process of its own."""
    target = file.with_suffix(".npz")
    answer = ask_here(__file__, "run", str(file), json.dumps(records.fields), str(records.linked), str(target))
    held = np.load(target)
    labels = {bar: held[f"at{bar}"] for bar in THRESHOLDS}
    return Scored(held["a"], held["b"], held["p"], labels), answer


def theirs(settings: str, file: Path, n: int, python: Path) -> tuple[Scored, Answer]:
    """Splink in a process of its own; clusters are the components of the pairs that reach each threshold."""
    target = file.with_suffix(".pairs")
    answer = ask(python, identity_splink.CODE, settings, str(file), str(target))
    found = pq.read_table(target)
    a, b = (found[name].to_numpy().astype(np.int64) for name in ("record_a", "record_b"))
    p = found["probability"].to_numpy()
    return Scored(a, b, p, {bar: components(a[p >= bar], b[p >= bar], n) for bar in THRESHOLDS}), answer


def row(name: tuple[str, str], scored: Scored, known: Known, bar: float, answer: Answer) -> list[str]:
    """One line of the table."""
    true = known.same(scored.a, scored.b)
    at: dict[float, Rates] = {b: of_clusters(labels, known) for b, labels in scored.labels.items()}
    best = max(at, key=lambda b: at[b].f1)
    kept: Bools = scored.labels[bar][scored.a] == scored.labels[bar][scored.b]
    said = answer.said
    share = said.get("completeness")
    return [
        *name,
        f"{of_pairs(scored.p, true, known, bar).f1:.4f}",
        f"{at[bar].f1:.4f}",
        f"{at[bar].precision:.3f}",
        f"{at[bar].recall:.3f}",
        f"{at[best].f1:.4f} ({best:g})",
        f"{min(rates.precision for rates in at.values()):.3f}",
        f"{calibration_error(scored.p, true):.3f}",
        f"{calibration_error(scored.p[kept], true[kept]):.3f}",
        f"{100 * true.sum() / known.pairs:.1f}%",
        f"{100 * share[0]:.1f}% [{100 * share[1]:.1f}, {100 * share[2]:.1f}]" if share else said.get("cannot", "–"),
        f"{said['seconds']:.1f}",
        f"{said.get('peak', answer.mebibytes) / 1024:.2f}",
    ]


def compare(records: Records, told: argparse.Namespace) -> list[list[str]]:
    """The lines of one set of records."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="identity-") as folder:
        file = Path(folder) / "people.parquet"
        known = write(records, told.data, file)
        scored, answer = ours(records, file)
        lines.append(row((records.name, "Goodwill"), scored, known, DEFAULT, answer))
        print(markdown(lines[-1:]), flush=True)
        for settings in () if told.alone else records.splink:
            name = (records.name, f"Splink 5, {settings.replace('_', ' ')}")
            try:
                scored, answer = theirs(
                    settings, file, len(known.person), python_of(identity_splink.REQUIREMENT, told.peers)
                )
                lines.append(row(name, scored, known, identity_splink.BAR, answer))
            except PeerFailedError as reason:
                lines.append([*name, str(reason), *[""] * (len(HEADINGS) - 3)])
            print(markdown(lines[-1:]), flush=True)
    return lines


def grow(count: int, more: int) -> str:
    """A sentence on records that come later."""
    records = simulated(count + more)
    with tempfile.TemporaryDirectory(prefix="identity-") as folder:
        file = Path(folder) / "people.parquet"
        write(records, None, file)
        said = ask_here(__file__, "add", str(file), json.dumps(records.fields), str(more)).said
    same = "the same clusters as" if said["same"] else "**other** clusters than"
    return (
        f"{more:,} records added to {count:,}: {said['seconds']:.1f} s, {same} a rebuild with the same model, "
        f"which takes {said['rebuild']:.1f} s."
    )


def markdown(lines: list[list[str]]) -> str:
    """Lines of a table."""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure what was asked for, print it, and write it into a page where one is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of FEBRL and fake_1000")
    parser.add_argument("--simulated", type=int, nargs="*", default=[], help="sizes of simulated sets")
    parser.add_argument("--difficulties", type=float, nargs="*", default=[1.0])
    parser.add_argument("--add", type=int, default=0, help="records that come later, to the largest simulated set")
    parser.add_argument("--alone", action="store_true", help="without Splink")
    parser.add_argument("--page", type=Path, help="page whose table is replaced")
    add_option(parser)
    told = parser.parse_args()
    sets = [*(REAL if told.data else ()), *(simulated(n, hard) for n in told.simulated for hard in told.difficulties)]
    print(markdown([list(HEADINGS), ["---"] * len(HEADINGS)]), flush=True)
    lines = [line for records in sets for line in compare(records, told)]
    said = "\n\n" + grow(max(told.simulated), told.add) if told.add and told.simulated else ""
    print(said)
    if told.page:
        page = told.page.read_text(encoding="utf-8")
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        table = markdown([list(HEADINGS), ["---"] * len(HEADINGS), *lines]) + said
        told.page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
