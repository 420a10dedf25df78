"""How often do doubly robust intervals hold a known truth, and how fast are they, beside DoubleML's on the same draws?

    python benchmarks/doubly_robust.py coverage --draws 200      # ours beside a plain interval, process by process
    python benchmarks/doubly_robust.py acic --peers FOLDER       # ten sets of the ACIC 2016 challenge, from a package
    python benchmarks/doubly_robust.py peer --peers FOLDER       # DoubleML in an environment of its own, made there

Seeds are 2000, 2001, …; nothing in the code was chosen by looking at them. Processes are in ``comparable_units``.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import peer_environments
from comparable_units import HARD, PROCESSES, Process

from goodwill.estimators import balancing, doubly_robust
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.learners import QUICK
from goodwill.estimators.nuisances import cross_fitted
from goodwill.samples import Floats, Units, covariates

FIRST_SEED = 2000
PEER = "doubleml==0.11.4"
#: A package that ships the ten public sets of Dorie et al. (2019): 4,802 units, 58 covariates, known means.
SHIPS_ACIC = "causallib==0.10.0"
ACIC_CATEGORIES = ("x_2", "x_21", "x_24")
#: The peer's learners, and where they are from: gradient boosting as ours, and the forests of its own manual.
PEER_LEARNERS = {
    "boosting": "HistGradientBoosting, 60 trees of 8 leaves, step 0.08",
    "forests": "RandomForest, 100 trees of depth 5, as in the manual's example of this model",
}

PEER_CODE = """
import sys, time, warnings
import numpy as np, doubleml
from sklearn.base import clone
from sklearn.ensemble import (HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
warnings.filterwarnings("ignore")
trees = dict(max_iter=60, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=15, l2_regularization=1.0,
             early_stopping=False, random_state=0)
forest = dict(n_estimators=100, max_depth=5, min_samples_leaf=2, random_state=0)
pairs = {"boosting": (HistGradientBoostingRegressor(**trees), HistGradientBoostingClassifier(**trees)),
         "forests": (RandomForestRegressor(**forest), RandomForestClassifier(**forest))}
g, m = pairs[sys.argv[2]]
draws = np.load(sys.argv[1])
answer = {"values": [], "low": [], "high": [], "seconds": []}
for i in range(len(draws["y"])):
    np.random.seed(i)
    data = doubleml.DoubleMLData.from_arrays(draws["X"][i], draws["y"][i], draws["t"][i])
    start = time.perf_counter()
    model = doubleml.DoubleMLIRM(data, clone(g), clone(m), n_folds=5, n_rep=1).fit()
    answer["seconds"].append(time.perf_counter() - start)
    low, high = model.confint(level=0.9).to_numpy()[0]
    answer["values"].append(float(model.coef[0])); answer["low"].append(float(low)); answer["high"].append(float(high))
"""


@dataclass(frozen=True)
class Told:
    """One answer to one draw."""

    process: str
    method: str
    value: float
    low: float
    high: float
    truth: float

    @property
    def held(self) -> bool:
        """Was the truth inside?"""
        return self.low <= self.truth <= self.high


def plain(units: Units, seed: int) -> Estimate:
    """What a textbook does: linear learners, one split, the influence function's standard error and a normal table."""
    found = cross_fitted(units, seed=seed, learners=QUICK, repeats=1)
    weights = balancing.weights(units.treated, found.stacked.e, target="all")
    scores = doubly_robust.arm_scores(units.outcome, found.stacked, weights) @ np.array([-1.0, 1.0])
    return Estimate(float(scores.mean()), float(scores.std(ddof=1) / np.sqrt(len(scores))))


def answers(process: Process, seed: int, truths: dict[str, float]) -> list[Told]:
    """Every method's answer to one draw."""
    units = process.sample(seed)
    guessed = cross_fitted(units, seed=seed)
    of_all = doubly_robust.adjusted(units, guessed)
    told = {
        "plain": (plain(units, seed), "all"),
        "all": (of_all.difference, "all"),
        "overlap": (doubly_robust.adjusted(units, guessed, target="overlap").difference, "overlap"),
    }
    if of_all.ratio is not None:
        told["log ratio"] = (of_all.ratio.log, "log ratio")
    return [Told(process.name, name, e.value, e.low, e.high, truths[of]) for name, (e, of) in told.items()]


def coverage(draws: int, jobs: int) -> None:
    """Print how often 90% intervals held the truth, their half width, and the error of the estimate."""
    print("| process | n | method | draws | holds the truth | mean half width | root mean squared error | bias |")
    print("|---|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor(jobs) as pool:
        for process in (*PROCESSES, *HARD):
            truths = process.truths()
            waiting = [pool.submit(answers, process, FIRST_SEED + i, truths) for i in range(draws)]
            told = [one for future in waiting for one in future.result()]
            for method in ("plain", "all", "overlap", "log ratio"):
                _row(process, method, [one for one in told if one.method == method])


def _row(process: Process, method: str, told: list[Told]) -> None:
    if not told:
        return
    held = np.mean([one.held for one in told])
    half = np.mean([(one.high - one.low) / 2 for one in told])
    missed = np.array([one.value - one.truth for one in told])
    print(
        f"| {process.name} | {process.n} | {method} | {len(told)} | {held:.1%} | {half:.3g} | "
        f"{np.sqrt((missed**2).mean()):.3g} | {missed.mean():+.2g} |",
        flush=True,
    )


def acic(folder: Path) -> None:
    """Print the answers to the ACIC 2016 sets beside the truth, which is the mean effect in these very units.

    The sets were at hand when the method was made, so that they are a check, and no proof as the seeds above are.
    """
    python = peer_environments.python_of(SHIPS_ACIC, folder)
    code = "import causallib, os; answer = {'at': os.path.dirname(causallib.__file__)}"
    place = Path(peer_environments.ask(python, code).said["at"]) / "datasets" / "data" / "acic_challenge_2016"
    rows = list(csv.DictReader((place / "x.csv").read_text().splitlines()))
    columns: dict[str, Any] = {name: np.array([row[name] for row in rows], dtype=object) for name in rows[0]}
    numeric = tuple(name for name in columns if name not in ACIC_CATEGORIES)
    known = covariates(columns | {name: columns[name].astype(float) for name in numeric}, numeric, ACIC_CATEGORIES)
    told = []
    for number in range(1, 11):
        t, y0, y1, m0, m1 = np.loadtxt(place / f"zymu_{number}.csv", delimiter=",", skiprows=1).T
        units = Units(np.arange(len(t)), np.arange(len(t)), t.astype(np.int64), np.where(t == 1, y1, y0), known)
        start = time.perf_counter()
        of_all = doubly_robust.adjusted_difference(units, seed=number).difference
        seconds = time.perf_counter() - start
        for method, e in (("plain", plain(units, number)), ("ours", of_all)):
            told.append(Told(f"acic {number}", method, e.value, e.low, e.high, float((m1 - m0).mean())))
            took = f"{seconds:.1f} s" if method == "ours" else ""
            print(f"{number:2} {method:5} {e.value:.3f} [{e.low:.3f}, {e.high:.3f}] truth {told[-1].truth:.3f} {took}")
    for method in ("plain", "ours"):
        some = [one for one in told if one.method == method]
        error = np.mean([abs(one.value - one.truth) for one in some])
        print(f"{method}: holds the truth in {sum(one.held for one in some)} of 10, mean absolute error {error:.3f}")


def peer(folder: Path, draws: int) -> None:
    """Print time and error of DoubleML and of ours on the same draws, one thread each."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    python = peer_environments.python_of(PEER, folder)
    print(f"{PEER}, five folds, one split; ours with the same folds and all three learners")
    slower: dict[str, list[float]] = {name: [] for name in PEER_LEARNERS}
    further: dict[str, list[float]] = {name: [] for name in PEER_LEARNERS}
    for process in PROCESSES:
        samples, truth = [process.sample(FIRST_SEED + i) for i in range(draws)], process.truths()["all"]
        mine = _ours(samples)
        _print(process, "ours", mine, truth)
        for name in PEER_LEARNERS:
            found = _asked(python, samples, name)
            _print(process, name, found, truth)
            slower[name].append(float(np.median(found["seconds"]) / np.median(mine["seconds"])))
            further[name].append(float(_error(found, truth) / _error(mine, truth)))
    for name in PEER_LEARNERS:
        time_ratio, error_ratio = (np.exp(np.log(ratios[name]).mean()) for ratios in (slower, further))
        print(f"{name}: {time_ratio:.1f} times our time, {error_ratio:.2f} times our error (geometric means)")


def _error(found: dict[str, Floats], truth: float) -> float:
    return float(np.abs(found["values"] - truth).mean())


def _print(process: Process, name: str, found: dict[str, Floats], truth: float) -> None:
    held = ((found["low"] <= truth) & (truth <= found["high"])).mean()
    seconds, error = np.median(found["seconds"]), _error(found, truth)
    print(f"{process.name:14} {name:9} {seconds:.3f} s  error {error:.3g}  holds the truth {held:.0%}", flush=True)


def _asked(python: Path, samples: list[Units], learners: str) -> dict[str, Floats]:
    with tempfile.TemporaryDirectory(prefix="draws-") as place:
        file = Path(place) / "draws.npz"
        np.savez(
            file,
            X=np.array([u.covariates.values for u in samples]),
            y=np.array([u.outcome for u in samples]),
            t=np.array([u.treated for u in samples]),
        )
        answer = peer_environments.ask(python, PEER_CODE, str(file), learners)
    return {name: np.array(values) for name, values in answer.said.items()}


def _ours(samples: list[Units]) -> dict[str, Floats]:
    doubly_robust.adjusted_difference(samples[0], repeats=1)  # what is loaded once is not counted, as for the peer
    found: dict[str, list[float]] = {"values": [], "low": [], "high": [], "seconds": []}
    for i, units in enumerate(samples):
        start = time.perf_counter()
        told = doubly_robust.adjusted_difference(units, seed=i, repeats=1).difference
        found["seconds"].append(time.perf_counter() - start)
        found["values"].append(told.value)
        found["low"].append(told.low)
        found["high"].append(told.high)
    return {name: np.array(values) for name, values in found.items()}


def main() -> None:
    """Run the part that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("coverage", "acic", "peer"))
    parser.add_argument("--draws", type=int, help="200 for coverage, 10 for the peer unless told")
    parser.add_argument("--jobs", type=int, default=2)
    peer_environments.add_option(parser)
    told = parser.parse_args()
    if told.part == "coverage":
        coverage(told.draws or 200, told.jobs)
    elif told.part == "acic":
        acic(told.peers)
    else:
        peer(told.peers, told.draws or 10)


if __name__ == "__main__":
    main()
