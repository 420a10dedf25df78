"""Sequences of emulated trials against pySEQTarget and TrialEmulation for Python: same people, same estimand.

    python benchmarks/trials.py                        # the bar: ten times as fast as the faster peer, same answer
    python benchmarks/trials.py --sizes 500x20 --draws 0
    python benchmarks/trials.py --unrounded            # covariates without two alike: the hard case for us

Simulated people have one lasting trait v and one state l that changes from period to period; both drive a treatment
that is begun once and kept, and an event that ends follow-up; treatment raises l, too. Asked is the difference in risk
over 12 periods between beginning now and not, over all (person, period) that could begin: had nobody begun later (per
protocol), and whatever happened later (intention to treat). Every package adjusts for v and l at the start; per
protocol, those who begin later leave, and who is left is weighted by the inverse chance of staying, given v and l
then. Goodwill also weights starts unless told not to; both are shown, the bar is on the like-for-like row.

Seconds count from rows in memory to the answer, without imports and reading, each package in a process of its own on
one thread (with two, and other work on the machine, each of them takes several times as long).
Intervals: Goodwill by its jackknife over 40 groups; pySEQTarget by its bootstrap; TrialEmulation has no risks, so they
are computed here from its model, and 100 draws from its robust covariance give the interval.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from peer_environments import Answer, PeerFailedError, add_option, ask, ask_here, python_of
from scipy.special import expit

from goodwill.estimators.trial import Protocol, effects, emulate
from goodwill.samples import Covariates, Floats, Panel

SEQ, TRIAL_EMULATION = "pyseqtarget==0.14.3", "trial-emulation==0.0.4.0"
HORIZON, LEAST_TIMES = 12, 10.0
SIZES = ("500x20", "2000x30", "10000x60")
#: Step to which v and l are rounded, as Goodwill's panels round theirs.
GRID = 0.25
#: People from whom the truth is computed: their mean risk is known to a quarter of a point of a thousand.
POPULATION = 40_000
KINDS = ("per protocol", "intention to treat")
COLUMNS = ("id", "time", "eligible", "treatment", "outcome", "v", "l")

#: pySEQTarget with the faster of its two fitting packages, and otherwise as it comes.
SEQ_CODE = """
import sys, time
import polars as pl
from pySEQTarget import SEQopts, SEQuential
path, kind, horizon, draws = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
data = pl.read_parquet(path + ".parquet")
start = time.perf_counter()
options = SEQopts(km_curves=True, followup_max=horizon - 1, glm_package="glum", weighted=kind == "censoring",
    weight_preexpansion=False, bootstrap_nboot=draws, bootstrap_sample=1.0, seed=1)
model = SEQuential(data, id_col="id", time_col="time", eligible_col="eligible", treatment_col="treatment",
    outcome_col="outcome", time_varying_cols=["l"], fixed_cols=["v"], method=kind, parameters=options)
model.expand()
if draws:
    model.bootstrap()
model.fit()
model.survival()
found = [row for row in model.risk_estimates["risk_difference"].rows(named=True) if row["A_x"] == 1][-1]
answer = {"seconds": time.perf_counter() - start, "value": found["Risk Difference"], "se": found.get("RD SE")}
"""
TRIAL_EMULATION_CODE = """
import sys, time
import numpy as np, pandas as pd, trial_emulation
path, kind, horizon, draws = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
data = pd.read_csv(path + ".csv")
start = time.perf_counter()
models = {"switch_d_cov": ["v", "l"], "switch_n_cov": ["v"]} if kind == "PP" else {}
prepared = trial_emulation.data_preparation(
    data, period="time", outcome_cov=["v", "l"], estimand_type=kind, quiet=True, **models)
fitted = trial_emulation.trial_msm(
    prepared, outcome_cov=["v", "l"], estimand_type=kind, last_followup=horizon - 1, quiet=True)
first = prepared.data[prepared.data["followup_time"] == 0]
t = first["trial_period"].to_numpy(float)
def difference(b):
    b = dict(zip(fitted.model.params.index, b))
    eta = b["Intercept"] + b["trial_period"] * t + b["I(trial_period ** 2)"] * t**2
    eta = eta + (b["v"] * first["v"] + b["l"] * first["l"]).to_numpy()
    risks = []
    for arm in (0, 1):
        still = 1.0
        for k in range(horizon):
            at = b["assigned_treatment"] * arm + b["followup_time"] * k + b["I(followup_time ** 2)"] * k * k
            still = still / (1 + np.exp(eta + at))
        risks.append(1 - still.mean())
    return risks[1] - risks[0]
value, se = difference(fitted.model.params), None
if draws:
    drawn = np.random.default_rng(1).multivariate_normal(fitted.model.params, fitted.robust["matrix"], size=100)
    se = float(np.std([difference(b) for b in drawn], ddof=1))
seconds = time.perf_counter() - start
told = data.rename(columns={"time": "trial_period", "eligible": "might"})[["id", "trial_period", "might"]]
wrong = int((prepared.data.merge(told, on=["id", "trial_period"])["might"] == 0).sum())
answer = {"seconds": seconds, "value": float(value), "se": se, "rows": len(prepared.data), "wrong": wrong}
"""


def chance_of_event(v: Floats, state: Floats, treated: Floats) -> Floats:
    """Of the event in a period."""
    return np.asarray(expit(-4.2 + 0.5 * v + 0.7 * state + 0.6 * treated))


@dataclass(frozen=True)
class People:
    """How people come about: how many, for how many periods, and with traits rounded or not."""

    n: int
    periods: int
    is_rounded: bool = True

    def simulate(self, seed: int) -> pa.Table:
        """Rows of people and periods; the event of a row follows its treatment, as both peers read it."""
        draw = np.random.default_rng([seed, self.n, self.periods])
        rows = []
        v, state, treated, alive = self._first(draw, self.n)
        for period in range(self.periods):
            before, treated = treated, self._begun(draw, v, state, treated)
            event = draw.random(self.n) < chance_of_event(v, state, treated)
            i = np.flatnonzero(alive)
            columns = (np.full(self.n, period), before == 0, treated, event, v, state)
            rows.append(np.column_stack([i, *(column[i] for column in columns)]))
            alive, state = alive & ~event, self._next(draw, v, state, treated)
        found = np.concatenate(rows)
        found = found[np.lexsort((found[:, 1], found[:, 0]))]
        columns = zip(COLUMNS, found.T, strict=True)
        return pa.table({name: c if name in "vl" else c.astype(np.int64) for name, c in columns})

    def truths(self) -> dict[str, float]:
        """Both risk differences, over all who might begin, by following each of many people in either way."""
        draw = np.random.default_rng([0, self.periods])
        v, state, treated, alive = self._first(draw, POPULATION)
        sums, starts = np.zeros((2, 2)), 0
        for _ in range(self.periods):
            i = np.flatnonzero(alive & (treated == 0))
            starts += len(i)
            sums += [[self._risk(draw, v[i], state[i], arm, later) for arm in (0.0, 1.0)] for later in (False, True)]
            treated = self._begun(draw, v, state, treated)
            alive &= draw.random(len(v)) >= chance_of_event(v, state, treated)
            state = self._next(draw, v, state, treated)
        gap = (sums[:, 1] - sums[:, 0]) / starts
        return dict(zip(KINDS, gap.tolist(), strict=True))

    def _risk(self, draw: np.random.Generator, v: Floats, state: Floats, arm: float, may_begin: bool) -> float:
        treated, still = np.full(len(v), arm), np.ones(len(v))
        for k in range(HORIZON):
            if may_begin and k:
                treated = self._begun(draw, v, state, treated)
            still = still * (1 - chance_of_event(v, state, treated))
            state = self._next(draw, v, state, treated)
        return float((1 - still).sum())

    def _first(self, draw: np.random.Generator, n: int) -> tuple[Floats, Floats, Floats, np.ndarray]:
        v = draw.normal(size=n)
        return self._rounded(v), self._rounded(0.5 * v + 0.7 * draw.normal(size=n)), np.zeros(n), np.ones(n, dtype=bool)

    def _begun(self, draw: np.random.Generator, v: Floats, state: Floats, treated: Floats) -> Floats:
        return np.where(draw.random(len(v)) < expit(-3.2 + 0.5 * v + 0.7 * state), 1.0, treated)

    def _next(self, draw: np.random.Generator, v: Floats, state: Floats, treated: Floats) -> Floats:
        return self._rounded(0.6 * state + 0.2 * v + 0.15 * treated + 0.6 * draw.normal(size=len(v)))

    def _rounded(self, x: Floats) -> Floats:
        return np.round(x / GRID) * GRID if self.is_rounded else x


def panel_of(rows: pa.Table) -> Panel:
    """The same people as a panel, in which an exposure acts from the next period on: events stand one row later."""
    person, period, eligible, treated, event, v, state = (rows[name].to_numpy() for name in COLUMNS)
    is_last = np.append(person[1:] != person[:-1], True)
    at = np.arange(len(person)) + np.cumsum(is_last) - is_last
    n, end = len(person) + int(is_last.sum()), at[is_last] + 1

    def placed(values: np.ndarray, at_end: np.ndarray | int) -> np.ndarray:
        whole = np.zeros(n, dtype=values.dtype)
        whole[at], whole[end] = values, at_end
        return whole

    unit = np.unique(placed(person, person[is_last]), return_inverse=True)[1].astype(np.int64)
    ended = np.zeros(n, dtype=np.int64)
    ended[at + 1] = event
    x = np.column_stack([placed(v, v[is_last]), placed(state, state[is_last])])
    may, begins = placed(eligible == 1, 0), placed((eligible == 1) & (treated == 1), 0)
    return Panel(
        unit, unit, placed(period, period[is_last] + 1), may, begins, ended, np.zeros(n),
        Covariates(x, ("v", "l"), ("v", "l")), np.unique(person),
    )  # fmt: skip


def ours(path: str, kind: str, weights: str, draws: str) -> dict[str, float | None]:
    """Goodwill's answer, with its interval unless ``draws`` is 0."""
    panel = panel_of(pa.parquet.read_table(path + ".parquet"))
    protocol = Protocol(HORIZON, is_per_protocol=kind == KINDS[0], is_weighted=weights == "weighted starts")
    start = time.perf_counter()
    if draws == "0":
        return {"value": effects(panel, protocol)[0], "se": None, "seconds": time.perf_counter() - start}
    found = emulate(panel, protocol).difference
    return {"value": found.value, "se": found.se, "seconds": time.perf_counter() - start}


#: What is compared: name, code, requirement, and its words for the two estimands; Goodwill's own code is a function.
PACKAGES = (
    ("goodwill", None, "plain starts", ()),
    ("goodwill, starts weighted too", None, "weighted starts", ()),
    ("pySEQTarget 0.14.3", SEQ_CODE, SEQ, ("censoring", "ITT")),
    ("TrialEmulation 0.0.4.0", TRIAL_EMULATION_CODE, TRIAL_EMULATION, ("PP", "ITT")),
)
#: Per package its name and what it answered without and with its interval, or what it said when it failed.
Found = list[tuple[str, list[Answer | str]]]


def compared(kind: str, path: str, told: argparse.Namespace) -> Found:
    """Every package without and with its interval."""

    def answered(code: str | None, of: str, words: tuple[str, ...], draws: str) -> Answer | str:
        if code is None:
            return ask_here(__file__, "ours", path, kind, of, draws)
        try:
            python = python_of(of, told.peers)
            return ask(python, code, path, words[KINDS.index(kind)], str(HORIZON), draws, within=told.within)
        except PeerFailedError as error:
            return str(error)

    return [(name, [answered(*package, draws) for draws in ("0", str(told.draws))]) for name, *package in PACKAGES]


def lines(people: People, kind: str, truth: float, found: Found) -> list[str]:
    """The rows of the table for one sample and estimand."""
    rows, own = [], found[0][1]
    for name, (quick, full) in found:
        start = f"| {people.n:,} x {people.periods} | {kind} | {truth:.4f} | {name} |"
        if isinstance(quick, str) or isinstance(full, str):
            seconds = "" if isinstance(quick, str) else f"{quick.said['seconds']:.2f}"
            rows.append(f"{start} failed: {quick if isinstance(quick, str) else full} | | {seconds} | | |")
            continue
        times = [a.said["seconds"] / o.said["seconds"] for a, o in zip((quick, full), own, strict=True)]
        wrong = f"; {full.said['wrong']:,} of {full.said['rows']:,} rows not eligible" if full.said.get("wrong") else ""
        se = "" if full.said["se"] is None else f"{full.said['se']:.4f}"
        rows.append(
            f"{start} {full.said['value']:.4f}{wrong} | {se} | {quick.said['seconds']:.2f} ({times[0]:.1f}x) | "
            f"{full.said['seconds']:.2f} ({times[1]:.1f}x) | {full.mebibytes:,.0f} |"
        )
    return rows


def misses(found: Found) -> list[str]:
    """Where the bar is not met against a peer that follows the right trials."""
    (_, (_, own)), *rest = found
    assert isinstance(own, Answer), own
    said = []
    for name, (_, full) in rest[1:]:
        if isinstance(full, str) or full.said.get("wrong") or full.said["se"] is None:
            continue
        times, apart = full.said["seconds"] / own.said["seconds"], abs(full.said["value"] - own.said["value"])
        if times < LEAST_TIMES:
            said.append(f"only {times:.1f} times as fast as {name}")
        if apart > own.said["se"]:
            said.append(f"{apart:.4f} from {name}, with a standard error of {own.said['se']:.4f}")
    return said


def main() -> None:
    """Compare, print a table, and fail if the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="*", default=SIZES, help="people x periods")
    parser.add_argument("--draws", type=int, default=20, help="bootstrap draws of pySEQTarget, 20 in its own example")
    parser.add_argument("--within", type=float, default=1800, help="seconds after which a peer is ended")
    parser.add_argument("--unrounded", action="store_true")
    add_option(parser)
    told = parser.parse_args()
    print("| people x periods | estimand | truth | package | risk difference | se | s, no interval | s with | MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    missed = []
    for size in told.sizes:
        n, periods = (int(part) for part in size.split("x"))
        people = People(n, periods, is_rounded=not told.unrounded)
        rows, truths = people.simulate(seed=1), people.truths()
        with tempfile.TemporaryDirectory(prefix="trials-") as folder:
            pa.parquet.write_table(rows, Path(folder) / "people.parquet")
            pa.csv.write_csv(rows, Path(folder) / "people.csv")
            for kind, truth in truths.items():
                found = compared(kind, str(Path(folder) / "people"), told)
                print("\n".join(lines(people, kind, truth, found)), flush=True)
                missed += [f"{size}, {kind}: {miss}" for miss in misses(found)] if told.draws else []
    if missed:
        raise SystemExit("the bar is not met:\n" + "\n".join(missed))


if __name__ == "__main__":
    main()
