"""How often is Goodwill right where the truth is known? Simulates worlds, runs the whole study on each, counts.

    python benchmarks/calibration.py --seeds 200            # writes the table into docs/calibration.md
    python benchmarks/calibration.py --seeds 10 --no-write  # a quick look

Every seed goes the whole way: export files are written, read, resolved, traced and judged. Seeds are 1000, 1001, …;
nothing in the code was chosen by looking at them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from goodwill import study
from goodwill.journeys import deal_sample
from goodwill.registry import Terms
from goodwill.verdicts import Verdict
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace, open_workspace
from goodwill.worlds import simulate

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
BEGIN, END = "<!-- calibration:begin -->", "<!-- calibration:end -->"
FIRST_SEED = 1000
QUESTIONS = ("win_rate", "sales_cycle")


@dataclass(frozen=True)
class Outcome:
    """One question in one simulated business."""

    world: str
    question: str
    truth: float
    value: float
    covered: bool
    naive_covered: bool
    naive_claims: bool
    supported: bool
    told: bool


def trial(world: str, seed: int) -> list[Outcome]:
    """Simulate, run, compare with the truth."""
    with tempfile.TemporaryDirectory(prefix="calibration-") as folder:
        truth = simulate(world, Path(folder), seed=seed)
        workspace = open_workspace(folder)
        found = study.run(workspace, only=QUESTIONS)
        ids, horizon = _sampled(workspace, found)
        of = {
            "win_rate": truth.risk_difference(horizon, ids=ids),
            "sales_cycle": truth.restricted_mean_difference(horizon, ids=ids),
        }
        return [_outcome(world, verdict, of[verdict.question]) for verdict in found.verdicts]


def _sampled(workspace: Workspace, found: study.Study) -> tuple[list[str], int]:
    """The deals that the answer is about, and its horizon in weeks."""
    end = dt.datetime.fromisoformat(str(found.manifest["as_of"])) + dt.timedelta(days=1)
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    sample = deal_sample.spells(deal_sample.deals(tables, Terms(workspace, end, 0)))
    tables.close()
    curves = next((v.facts["curves"] for v in found.verdicts if "curves" in v.facts), [])
    return [str(i) for i in sample.id], max((int(row["week"]) for row in curves), default=workspace.horizon_weeks)


def _outcome(world: str, verdict: Verdict, truth: float) -> Outcome:
    headline, naive = verdict.headline, verdict.naive
    if headline is None or naive is None or headline.value is None:
        return Outcome(world, verdict.question, truth, float("nan"), False, False, False, False, told=False)
    return Outcome(
        world,
        verdict.question,
        truth,
        headline.value,
        covered=_holds(headline.low, headline.high, truth),
        naive_covered=_holds(naive.low, naive.high, truth),
        naive_claims=not _holds(naive.low, naive.high, 0.0),
        supported=verdict.standing in ("supported", "contradicted"),
        told=True,
    )


def _holds(low: float | None, high: float | None, value: float) -> bool:
    return low is not None and high is not None and low <= value <= high


def table(outcomes: list[Outcome]) -> str:
    """The counts as a Markdown table."""
    lines = [
        "| world | question | seeds | mean truth | mean estimate | 90% interval holds the truth | "
        "naive interval holds the truth | naive table claims an effect | Goodwill claims an effect |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for world, question in sorted({(o.world, o.question) for o in outcomes}):
        some = [o for o in outcomes if (o.world, o.question) == (world, question)]
        told = [o for o in some if o.told]
        unit, scale = ("points", 100) if question == "win_rate" else ("days", 1)

        def share(name: str, told: list[Outcome] = told) -> str:
            return f"{sum(getattr(o, name) for o in told) / max(1, len(told)):.1%}"

        truth, value = (sum(getattr(o, n) for o in told) / max(1, len(told)) * scale for n in ("truth", "value"))
        lines.append(
            f"| {world} | {question} | {len(some)} | {truth:+.1f} {unit} | {value:+.1f} {unit} | {share('covered')} | "
            f"{share('naive_covered')} | {share('naive_claims')} | {share('supported')} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run and print; write the page unless told not to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--worlds", nargs="*", default=["null", "effect"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-write", action="store_true")
    told = parser.parse_args()
    with ProcessPoolExecutor(told.jobs) as pool:
        waiting = [pool.submit(trial, w, FIRST_SEED + s) for s in range(told.seeds) for w in told.worlds]
        done = track(as_completed(waiting), total=len(waiting), description="Simulating")
        outcomes = [outcome for future in done for outcome in future.result()]
    text = table(outcomes)
    print(text)
    if not told.no_write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        after = rest.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
