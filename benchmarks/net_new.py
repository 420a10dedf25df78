"""Is the corrected share of new people right where it is known who is who? And how well are people matched there?

    python benchmarks/net_new.py --seeds 200                  # writes the tables into docs/identity.md
    python benchmarks/net_new.py --seeds 10 --first 1 --no-write             # a look, at seeds that do not judge
    python benchmarks/net_new.py --recalls 0.5 0.7 0.95 --first 1 --no-write # the correction alone, matching simulated

Businesses go straight into the engine (that reading their files gives the same is a test). Seeds are 20000, 20001, ...;
nothing in the code was chosen by looking at them; those below 20000 are for trials.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import process_time

import numpy as np
import simulated_matching
from direct import loaded
from rich.progress import track
from threadpoolctl import threadpool_limits

from goodwill import study
from goodwill.registry import Terms, questions
from goodwill.settings import FILE
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Workspace, open_workspace
from goodwill.worlds.identities import Identities, IdentityTruth, Linking, canonical, imagine
from goodwill.worlds.identity_people import SOCIAL
from goodwill.worlds.identity_settings import settings
from goodwill.worlds.identity_truth import By

PAGE = Path(__file__).parents[1] / "docs" / "identity.md"
BEGIN, END = "<!-- net_new:begin -->", "<!-- net_new:end -->"
HEADING = "# Identity\n\n## Whom social brought, where it is known who is who\n\n"
ABOUT = """In made-up businesses it is known who is behind every profile. Their people go by nicknames, initials and
other spellings, change jobs, write from private addresses, and have records twice; some bear the same name, and some
handles pass to other people. A dial from 0 to 1 says how much of that there is. Each line lives through as many
businesses as it says: who of the people met on social was in no record of ours before, what a plain match says, and
what the corrected share says. "Simulated" is a matcher that knows the truth and finds as much of it as the line says:
it tests the correction alone.

"""
FIRST_SEED = 20_000
DIFFICULTIES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Venue:
    """Matching on one venue: of ``known`` profiles whose people are ours and have no exact key, ``found`` were."""

    known: int
    found: int
    tied: int
    right: int
    recall: float | None = None
    precision: float | None = None


@dataclass(frozen=True)
class Outcome:
    """One business; ``value`` None where the question could not be told."""

    setting: str
    seed: int
    truth: float
    naive: float | None = None
    naive_low: float | None = None
    naive_high: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float = 0.0
    venues: dict[str, Venue] = field(default_factory=dict)


def open_identities(business: Identities) -> tuple[DuckDBTables, Workspace]:
    """The tables of a business in an engine in memory, and its settings; the tables are the caller's to close."""
    with tempfile.TemporaryDirectory(prefix="net-new-") as folder:
        (Path(folder) / FILE).write_text(settings(), encoding="utf-8")
        return loaded(canonical(business)), replace(open_workspace(folder), root=Path())


def trial(setting: str, seed: int, told: tuple[float, float | None, float, By]) -> Outcome:
    """One business of a difficulty: the truth, what the question says, and how well people were matched."""
    difficulty, recall, chosen, by = told
    with threadpool_limits(limits=1):
        business = imagine(seed, difficulty=difficulty, linking=Linking(chosen=chosen))
        tables, workspace = open_identities(business)
        began = process_time()
        study.resolve(tables, workspace)
        if recall is not None:
            simulated_matching.resolve(tables, business.truth, simulated_matching.Matcher(recall), seed)
        venues = matching(tables, business.truth)
        terms = Terms(workspace, study.trace(tables, workspace, None), workspace.seed, placebos=0)
        verdict = study.ask(questions()["net_new"], tables, terms)
        tables.close()
    head, plain = verdict.headline, verdict.naive
    return Outcome(
        setting,
        seed,
        business.truth.new_share(by),
        *((None, None, None) if plain is None else (plain.value, plain.low, plain.high)),
        *((None, None, None) if head is None else (head.value, head.low, head.high)),
        seconds=process_time() - began,
        venues=venues,
    )


def matching(tables: DuckDBTables, truth: IdentityTruth) -> dict[str, Venue]:
    """Recall and precision of matching on each venue, as they are and as they are estimated.

    A profile is found if it is together with a record of its person; it is tied if it is together with any record of
    ours, and rightly so if most of these are its person's. Profiles that an exact key ties are left out, and those that
    changed hands.
    """
    label = {str(r["node"]): str(r["person"]) for r in tables.rows("FROM resolved ORDER BY node")}
    keyed = {str(n) for r in tables.rows("SELECT node_a, node_b FROM person_links") for n in (r["node_a"], r["node_b"])}
    owner: dict[str, int] = {}
    for node, person in zip(truth.owner_node, truth.owner_person.tolist(), strict=True):
        owner[node] = -1 if node in owner else person
    ours: dict[str, list[int]] = {}
    for node, found in label.items():
        if node.split(":", 1)[0] not in SOCIAL and owner.get(node, -1) >= 0:
            ours.setdefault(found, []).append(owner[node])
    known = {p for people in ours.values() for p in people}
    there = tables.rows("SELECT count(*) AS n FROM information_schema.tables WHERE table_name = 'match_quality'")[0][
        "n"
    ]
    rows = tables.rows("SELECT * FROM match_quality WHERE kind = 'person'") if there else []
    estimated = {str(row["venue"]): row for row in rows}
    result = {}
    for venue in SOCIAL:
        nodes = [n for n in label if n.startswith(f"{venue}:") and owner.get(n, -1) >= 0 and n not in keyed]
        beside = [ours.get(label[n], []) for n in nodes]
        people = [owner[n] for n in nodes]
        result[venue] = Venue(
            known=sum(p in known for p in people),
            found=sum(p in around for p, around in zip(people, beside, strict=True)),
            tied=sum(bool(around) for around in beside),
            right=sum(bool(a) and 2 * a.count(p) > len(a) for p, a in zip(people, beside, strict=True)),
            recall=estimated.get(venue, {}).get("recall"),
            precision=estimated.get(venue, {}).get("precision"),
        )
    return result


def table(outcomes: Sequence[Outcome]) -> str:
    """Shares and coverage, a line for each setting."""
    seeds = [o.seed for o in outcomes]
    lines = [
        f"Seeds {min(seeds):,} to {max(seeds):,}.",
        "",
        "| matching | businesses | true share new | naive share | its 90% interval holds the truth | corrected share "
        "| its 90% interval holds the truth | mean width | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    settings = dict.fromkeys(o.setting for o in outcomes)
    return "\n".join(lines + [_line(setting, [o for o in outcomes if o.setting == setting]) for setting in settings])


def _line(setting: str, some: Sequence[Outcome]) -> str:
    asked = [o for o in some if o.value is not None]
    held = [_within(o.truth, o.low, o.high) for o in asked]
    plain = [_within(o.truth, o.naive_low, o.naive_high) for o in asked]
    width = [(o.high or 0.0) - (o.low or 0.0) for o in asked]
    cells = (
        setting,
        f"{len(asked)} of {len(some)}",
        _mean([o.truth for o in asked]),
        _mean([o.naive for o in asked]),
        _mean(plain),
        _mean([o.value for o in asked]),
        _mean(held),
        _mean(width),
        f"{np.mean([o.seconds for o in some]):.1f}",
    )
    return f"| {' | '.join(cells)} |"


def _within(truth: float, low: float | None, high: float | None) -> float | None:
    """1 where the interval holds the truth, 0 where it does not, None where there is none."""
    return None if low is None or high is None else float(low <= truth <= high)


def venue_table(outcomes: Sequence[Outcome]) -> str:
    """Recall and precision by venue, true and estimated, over all businesses of a setting."""
    lines = [
        "| matching | venue | profiles of ours | recall | estimated recall | precision | estimated precision |",
        "|---|---|---|---|---|---|---|",
    ]
    for setting in dict.fromkeys(o.setting for o in outcomes):
        for venue in SOCIAL:
            some = [o.venues[venue] for o in outcomes if o.setting == setting]
            known, found, tied, right = (sum(getattr(v, n) for v in some) for n in ("known", "found", "tied", "right"))
            recall = _mean([v.recall for v in some])
            precision = _mean([v.precision for v in some])
            lines.append(
                f"| {setting} | {venue} | {known / len(some):.0f} | {_ratio(found, known)} | {recall} "
                f"| {_ratio(right, tied)} | {precision} |"
            )
    return "\n".join(lines)


def _mean(values: Sequence[float | None]) -> str:
    there = [v for v in values if v is not None]
    return f"{np.mean(there):.1%}" if there else ""


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def settings_of(told: argparse.Namespace) -> dict[str, tuple[float, float | None, float, By]]:
    """What is tried: difficulties with the real matcher, or recalls of a simulated one at a middling difficulty."""
    if told.recalls:
        return {f"recall {r:.0%}, simulated": (0.5, r, told.chosen, told.by) for r in told.recalls}
    return {f"difficulty {d:g}": (d, None, told.chosen, told.by) for d in told.difficulties}


def main() -> None:
    """Live through the businesses, print the tables, write the page unless told not to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--difficulties", type=float, nargs="*", default=DIFFICULTIES)
    parser.add_argument("--recalls", type=float, nargs="*", default=(), help="simulate a matcher of these recalls")
    parser.add_argument("--chosen", type=float, default=0.0, help="how far links to profiles are no chance, 0 to 1")
    parser.add_argument(
        "--by", choices=("person", "profile"), default="person", help="whose first touch the truth counts"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=None, help="a file of outcomes to add to, and to go on from")
    parser.add_argument("--no-write", action="store_true")
    told = parser.parse_args()
    todo = [(name, told.first + n, how) for n in range(told.seeds) for name, how in settings_of(told).items()]
    outcomes = kept(told.keep)
    done = {(o.setting, o.seed) for o in outcomes}
    todo = [each for each in todo if each[:2] not in done]
    with ProcessPoolExecutor(told.jobs) as pool:
        waiting = [pool.submit(trial, *each) for each in todo]
        for future in track(as_completed(waiting), total=len(waiting), description="Living through businesses"):
            outcomes.append(future.result())
            if told.keep is not None:
                with told.keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(outcomes[-1])) + "\n")
    order = list(settings_of(told))
    outcomes.sort(key=lambda o: (order.index(o.setting), o.seed))
    text = f"{table(outcomes)}\n\n{venue_table(outcomes)}"
    print(text)
    if not told.no_write:
        write(text)


def kept(path: Path | None) -> list[Outcome]:
    """The outcomes of an earlier call."""
    if path is None or not path.exists():
        return []
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Outcome(**{**one, "venues": {n: Venue(**v) for n, v in one["venues"].items()}}) for one in found]


def write(text: str) -> None:
    """Put the tables between the marks of the page, which is made where there is none."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"{HEADING}{ABOUT}{BEGIN}\n{END}\n"
    if BEGIN not in page:
        page = f"{page.rstrip()}\n\n{HEADING.split(chr(10), 2)[2]}{ABOUT}{BEGIN}\n{END}\n"
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
