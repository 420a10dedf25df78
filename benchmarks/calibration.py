"""How often is Goodwill right where the truth is known? Lives through simulated companies, asks, and counts.

    python benchmarks/calibration.py --seeds 500            # writes the tables into docs/calibration.md (a night)
    python benchmarks/calibration.py --seeds 20 --no-write  # a quick look
    python benchmarks/calibration.py --worlds null effect --seeds 100 --no-write

Companies go straight into the engine (see direct.py; that reading their files gives the same is a test). Seeds are
10034, 10035, ...; nothing in the code was chosen by looking at them. A claim needs q <= 0.05 over
all questions: where no q is that small nothing is supported, and the checks need not be run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from direct import journeys, open_world
from rich.progress import track
from threadpoolctl import threadpool_limits

from goodwill import study
from goodwill.designs import account_trials, customer_trials, deal_trials
from goodwill.designs.trial_comparison import HIDDEN_TIMES, share_exposed
from goodwill.designs.trials import Asked, Measure
from goodwill.errors import CannotTell
from goodwill.estimators import silent
from goodwill.estimators.trial_starts import starts
from goodwill.journeys import account_panel, customer_panel
from goodwill.registry import Terms, questions
from goodwill.verdicts.judge import ALPHA, judge, q_values
from goodwill.warehouse import Tables
from goodwill.worlds import Truth
from goodwill.worlds.company import Company
from goodwill.worlds.exports_billing import contract_ids

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
BEGIN, END = "<!-- calibration:begin -->", "<!-- calibration:end -->"
#: Those from 10000 to 10033 were looked at while wash-outs, the least number of events and the bounds were settled.
FIRST_SEED = 10_034
#: Worlds in which social does nothing (a claim is false), and worlds in which it does.
NOTHING = ("null", "immortal_time", "prior_engagement", "regression_to_the_mean", "collider", "hidden_confounder")
EFFECTS = ("effect", "interference", "long_lags", "value", "openings", "retention", "silent_exposure")
#: Which questions a world's own effect is about; in the others its truth is left out.
ABOUT = {"openings": ("funnel",), "retention": ("churn",)}
DEALS: dict[str, Measure] = {"win_rate": "chance", "sales_cycle": "days", "sales": "worth"}
#: Questions with an effect of social, in the order of their numbers.
ASKED = ("win_rate", "sales_cycle", "sales", "churn", "funnel")


@dataclass(frozen=True)
class Outcome:
    """One question in one simulated company; ``value`` None where it could not be told."""

    world: str
    seed: int
    question: str
    truth: float | None = None
    value: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    naive: float | None = None
    bounded: bool | None = None
    standing: str = "cannot tell"
    judged: bool = True


def trial(world: str, seed: int, in_full: bool) -> list[Outcome]:
    """One company: what each question estimates, the truth, and what would be claimed."""
    with threadpool_limits(limits=1):
        tables, workspace, company, truth = open_world(world, seed)
        terms = replace(journeys(tables, workspace), placebos=0)
        found = [
            o for look in (_deals, _customers, _accounts) for o in look(tables, terms, company, truth, (world, seed))
        ]
        if in_full and _may_claim(found):
            asked = replace(terms, placebos=40, _shared={})
            standing = {
                v.question: v.standing for v in judge([study.ask(questions()[q], tables, asked) for q in ASKED])
            }
            found = [replace(o, standing=standing[o.question]) for o in found]
        tables.close()
    return [replace(o, judged=in_full) for o in found]


def _may_claim(found: list[Outcome]) -> bool:
    """Could anything be claimed? Only if a q-value over all questions is small enough; then checks decide."""
    p = [o.p for o in found if o.p is not None]
    return bool(p) and min(q_values(p)) <= ALPHA


def _deals(tables: Tables, terms: Terms, _: Company, truth: Truth, key: tuple[str, int]) -> list[Outcome]:
    try:
        weeks, asked = deal_trials.asked_of(tables, terms)
        horizon = asked.protocol.horizon
    except CannotTell:
        return [Outcome(*key, question) for question in DEALS]
    row = starts(weeks.panel, horizon=horizon, is_weighted=False).row
    ids, age = [str(i) for i in weeks.panel.id[weeks.panel.unit[row]]], weeks.panel.period[row] + 1
    of: dict[str, Callable[..., float]] = {
        "win_rate": truth.risk_difference,
        "sales_cycle": truth.restricted_mean_difference,
        "sales": truth.value_difference,
    }
    naive = {"win_rate": "risk_difference", "sales_cycle": "days_difference", "sales": "value_difference"}
    return [
        _outcome(key, question, asked, measure, of[question](horizon, ids, from_week=age, at_once=True),
                 truth.naive.get(naive[question]))
        for question, measure in DEALS.items()
    ]  # fmt: skip


def _customers(tables: Tables, terms: Terms, company: Company, truth: Truth, key: tuple[str, int]) -> list[Outcome]:
    try:
        found = customer_panel.subscriptions(tables, terms)
        asked = customer_trials.asked_of(found, terms)
        horizon = asked.protocol.horizon * 4
        row = starts(found.panel, horizon=asked.protocol.horizon, is_weighted=False).row
    except CannotTell:
        return [Outcome(*key, "churn")]
    week, seen = _weeks_after(found.began_on[row], company, horizon)
    number = {name: n for n, name in enumerate(contract_ids(company))}
    contract = np.array([number[str(i)] for i in found.panel.id[found.panel.unit[row]]])
    told = truth.cancel_difference(horizon, contract[seen], from_week=week[seen])
    return [_outcome(key, "churn", asked, "chance", told, truth.naive.get("cancel_difference"))]


def _accounts(tables: Tables, terms: Terms, company: Company, truth: Truth, key: tuple[str, int]) -> list[Outcome]:
    try:
        found = account_panel.accounts(tables, terms, "won")
        asked = account_trials.asked_of(found, terms)
        horizon = asked.protocol.horizon * 4
        row = starts(found.panel, horizon=asked.protocol.horizon, is_weighted=False).row
    except CannotTell:
        return [Outcome(*key, "funnel")]
    week, seen = _weeks_after(found.began_on[row], company, horizon)
    number = _account_numbers(tables)
    name = [number.get(str(i).rsplit(" ", 1)[0], "") for i in found.panel.id[found.panel.unit[row]]]
    seen &= np.array([n != "" for n in name])
    ids = [n for n, was in zip(name, seen, strict=True) if was]
    told = truth.account_difference(horizon, ids, from_week=week[seen]).won
    return [_outcome(key, "funnel", asked, "chance", told, truth.naive.get("wins_difference"))]


def _account_numbers(tables: Tables) -> dict[str, str]:
    """Salesforce's id of each account that identity resolved."""
    salesforce = "SELECT account, min(node) AS node FROM resolved_accounts WHERE node LIKE 'salesforce/account:%'"
    rows = tables.rows(f"{salesforce} GROUP BY account ORDER BY account")
    return {str(row["account"]): str(row["node"]).split(":", 1)[1] for row in rows}


def _weeks_after(began_on: np.ndarray, company: Company, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Week of the observation in which following starts (the month after), and whether all of it was observed."""
    span = company.history.span
    day = began_on.astype("datetime64[D]").astype(np.int64) + 28 - span.first_day
    week = -(-day // 7)
    return week, week + horizon < span.weeks


def _outcome(  # noqa: PLR0917
    key: tuple[str, int], question: str, asked: Asked, measure: Measure, truth: float, naive: float | None
) -> Outcome:
    try:
        estimate = asked.estimate(asked.whole, measure)
    except CannotTell:
        return Outcome(*key, question, truth)
    assert estimate is not None
    return Outcome(
        *key, question, truth, estimate.value, estimate.se, estimate.low, estimate.high, estimate.p, naive,
        _bounded(asked, measure, truth),
    )  # fmt: skip


def _bounded(asked: Asked, measure: Measure, truth: float) -> bool | None:
    """Do the bounds hold the truth if a fifth of touches may be all that is recorded, and a cause hidden?"""
    observed, share = asked.estimate(asked.whole, measure), share_exposed(asked)
    assert observed is not None
    low, high = asked.hidden(measure, HIDDEN_TIMES)
    try:
        bounds = silent.bounds_of(observed, share=share, recording=silent.Recording((max(0.2, share + 0.01), 1.0)))
        low, high = min(low, bounds.low), max(high, bounds.high)
    except CannotTell:
        pass
    return bool(low <= truth <= high)


def table(outcomes: list[Outcome]) -> str:
    """The counts as a Markdown table, one line for each question that a world is about."""
    lines = [
        "| world | question | companies | mean truth | mean estimate | naive table says | 90% interval holds the truth "
        "| bounds hold the truth | claimed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    worlds = [w for w in (*NOTHING, *EFFECTS) if any(o.world == w for o in outcomes)]
    for world in worlds:
        for question in ASKED:
            some = [o for o in outcomes if (o.world, o.question) == (world, question)]
            if world in ABOUT and question not in ABOUT[world]:
                continue
            if world in EFFECTS and world not in ABOUT and question in ("churn", "funnel"):
                continue
            lines.append(_line(world, question, some))
    return "\n".join(lines)


def _line(world: str, question: str, some: list[Outcome]) -> str:
    told = [o for o in some if o.value is not None and o.truth is not None]
    unit, scale, digits = {"sales_cycle": ("days", 1, 1), "sales": ("EUR", 1, 0)}.get(question, ("points", 100, 1))

    def mean(name: str) -> str:
        values = [getattr(o, name) for o in told if getattr(o, name) is not None]
        return f"{scale * np.mean(values):+,.{digits}f} {unit}" if values else ""

    def share(marks: list[bool]) -> str:
        return f"{np.mean(marks):.1%}" if marks else ""

    held = [o.low <= o.truth <= o.high for o in told]
    claimed = [o.standing in ("supported", "contradicted") for o in some if o.judged]
    return (
        f"| {world} | {question} | {len(told)} of {len(some)} | {mean('truth')} | {mean('value')} | {mean('naive')} | "
        f"{share(held)} | {share([bool(o.bounded) for o in told])} | {share(claimed)} |"
    )


def main() -> None:
    """Live through the companies, print the table, write the page unless told not to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--worlds", nargs="*", default=[*NOTHING, *EFFECTS])
    parser.add_argument("--in-full", type=int, default=None, help="companies of worlds with an effect judged in full")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=None, help="a file of outcomes to add to, and to go on from")
    parser.add_argument("--no-write", action="store_true")
    told = parser.parse_args()
    outcomes = _kept(told.keep)
    done = {(o.world, o.seed) for o in outcomes}
    in_full = told.seeds if told.in_full is None else told.in_full
    todo = [(w, FIRST_SEED + n, w in NOTHING or n < in_full) for n in range(told.seeds) for w in told.worlds]
    todo = [each for each in todo if each[:2] not in done]
    with ProcessPoolExecutor(told.jobs) as pool:
        waiting = [pool.submit(trial, *each) for each in todo]
        for future in track(as_completed(waiting), total=len(waiting), description="Living through companies"):
            outcomes += future.result()
            _keep(told.keep, future.result())
    text = table(sorted(outcomes, key=lambda o: (o.world, o.seed)))
    print(text)
    if not told.no_write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        after = rest.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _kept(path: Path | None) -> list[Outcome]:
    if path is None or not path.exists():
        return []
    return [Outcome(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _keep(path: Path | None, outcomes: list[Outcome]) -> None:
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(o)) + "\n" for o in outcomes)


if __name__ == "__main__":
    main()
