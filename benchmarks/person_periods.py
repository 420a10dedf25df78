"""Weekly chances of winning and losing from counts: 300,000 account-weeks in memory, 20 million in Parquet, and trials.

    python benchmarks/person_periods.py                    # all, with the bars below
    python benchmarks/person_periods.py --parts parquet --millions 1 5

- ``arrays``: 20,000 accounts, 300,000 weeks, ten covariates on a grid, both models and a jackknife over 40 groups, from
  arrays, on one thread: at most 0.5 s.
- ``parquet``: account-weeks in Parquet become counts inside DuckDB, by group of accounts, span of weeks, exposure and
  covariate pattern; then both models and the jackknife. Twice: with 729 patterns and with more than a million. At
  most 90 s and 4 GiB for 20 million, in a process of its own, and the same time for a row whether one million or 20.
- ``trials``: the sequence of trials on a million rows in memory, with its interval and without (as placebos are).

The simulated effect of exposure is 0.3 on the log odds of a win in a week and 0 on those of a loss: both must lie
within three standard errors of what is found.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from peer_environments import ask_here
from scipy.special import expit, logit

from goodwill.estimators.estimate import Estimate
from goodwill.estimators.logistic import FREE, RIDGE, STEPS, TOLERANCE, scaled
from goodwill.estimators.resample import account_groups, jackknife
from goodwill.estimators.trial import Protocol, effects, emulate
from goodwill.estimators.trial_cells import alike, without_each
from goodwill.journeys.deal_panel import span_starts
from goodwill.samples import Covariates, Floats, Ints, Panel
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file

GROUPS = 40
ARRAY_SECONDS, SECONDS, MEBIBYTES = 0.5, 90.0, 4 * 1024
#: Time per row may grow so much from the smallest to the largest file: a sort costs a little more for many rows.
FLAT = 1.5
#: True log odds of exposure, for a win and for a loss, and how many standard errors from them are a fault.
TRUTHS, FAR = (0.3, 0.0), 3.0
#: Accounts of one Parquet file, which then holds about a million weeks.
ACCOUNTS_PER_FILE = 14_300
#: Steps of the grid on which covariates between -1.7 and 1.7 lie: 3 levels each, or 11.
GRIDS = {"few patterns": 1.7, "many patterns": 0.34}


def weeks_sql(accounts: tuple[int, int], weeks: int, step: float, *, covariates: int = 6, base: float = -6.0) -> str:
    """Simulated account-weeks up to the first ending; all but two covariates are fixed, two change every four weeks.

    Parameters
    ----------
    accounts : (first, last)
    weeks : int
        Followed at most.
    base : float
        Log odds of a win in a week, where all else is zero.
    """

    def uniform(number: str, stream: int) -> str:
        return f"hash(({number}) * 1000 + {stream}) / 18446744073709551616.0"

    def level(number: str, stream: int) -> str:
        return f"round(({uniform(number, stream)} - 0.5) * 3.4 / {step}) * {step} AS x{stream}"

    fixed, last = covariates - 2, f"x{covariates - 1}"
    four_weeks, one_week = "account * 128 + week // 4 + 1000000000", "account * 128 + week + 2000000000"
    before = "OVER (PARTITION BY account ORDER BY week ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    return f"""
    WITH accounts AS (
        SELECT account, {", ".join(level("account", j) for j in range(fixed))}
        FROM range({accounts[0]}, {accounts[1]}) AS t(account)
    ),
    weeks AS (
        SELECT accounts.*, week, {", ".join(level(four_weeks, j) for j in range(fixed, covariates))}
        FROM accounts, range({weeks}) AS w(week)
    ),
    touched AS (
        SELECT *, {uniform(one_week, 101)} < 1 / (1 + exp(4.0 - 0.4 * x0 - 0.4 * {last})) AS touched FROM weeks
    ),
    exposed AS (SELECT *, coalesce(bool_or(touched) {before}, FALSE) AS exposed FROM touched),
    ended AS (
        SELECT *,
            CASE WHEN {uniform(one_week, 102)} < 1 / (1 + exp(-({base} + 0.5 * x0 + 0.5 * {last}
                + {TRUTHS[0]} * CAST(exposed AS INTEGER)))) THEN 1
            WHEN {uniform(one_week, 103)} < 1 / (1 + exp(-({base} + 0.5 - 0.3 * x1))) THEN 2
            ELSE 0 END AS event
        FROM exposed
    )
    SELECT account, week, touched, exposed, {", ".join(f"x{j}" for j in range(covariates))}, event
    FROM ended QUALIFY coalesce(max(event) {before}, 0) = 0 ORDER BY account, week
    """


def from_arrays(rows: dict[str, Any]) -> tuple[Estimate, Estimate]:
    """Both models from one array per column: weeks alike are counted, counts are fitted."""
    account, week, exposed, event = (rows[name].astype(np.int64) for name in ("account", "week", "exposed", "event"))
    values = scaled(np.column_stack([rows[name] for name in rows if name.startswith("x")]))
    group = account_groups(account, wanted=GROUPS)
    ended = np.bincount(week, weights=event > 0)
    starts = span_starts(np.arange(len(ended)), ended)
    span = np.searchsorted(starts, week, side="right") - 1
    first, kind = alike(values, group, span, exposed)
    parts = (np.ones(len(kind)), event == 1, event == 2)
    weeks, won, lost = (np.bincount(kind, weights=part, minlength=len(first)) for part in parts)
    X = design(span[first], len(starts), exposed[first], values[first])
    models = ((won, weeks), (lost, weeks - won))
    found = [without_each(X, ends, at_risk, group[first])[:, len(starts)] for ends, at_risk in models]
    return jackknife(found[0][0], found[0][1:]), jackknife(found[1][0], found[1][1:])


def design(span: Ints, spans: int, exposed: Ints, values: Floats) -> Floats:
    """Intercept, spans but the first, exposed, covariates."""
    return np.column_stack([np.ones(len(span)), span[:, None] == np.arange(1, spans), exposed, values]).astype(float)


def cells(tables: DuckDBTables, paths: Sequence[str]) -> tuple[Ints, list[str]]:
    """Leave a table ``cells`` of counts in the engine, ordered, groups first; the spans' first weeks and covariates."""
    rows = f"read_parquet({list(paths)!r})"
    ends = tables.columns(f"SELECT week, count(*) FILTER (event > 0) AS ends FROM {rows} GROUP BY week ORDER BY week")
    starts = span_starts(ends["week"], ends["ends"])
    spans = "".join(f" WHEN week < {week} THEN {number}" for number, week in enumerate(starts[1:]))
    names = [name for name in tables.columns(f"SELECT * FROM {rows} LIMIT 0") if name.startswith("x")]
    tables.execute(f"""
        CREATE TEMP TABLE cells AS
        SELECT account % {GROUPS} AS account_group, CASE{spans} ELSE {len(starts) - 1} END AS span,
            CAST(exposed AS INTEGER) AS is_exposed, {", ".join(names)}, count(*) AS weeks,
            count(*) FILTER (event = 1) AS won, count(*) FILTER (event = 2) AS lost
        FROM {rows} GROUP BY ALL ORDER BY ALL
    """)
    return starts, names


def by_group(tables: DuckDBTables, paths: Sequence[str]) -> tuple[Estimate, Estimate]:
    """Counts of one group of accounts at a time: memory of a fortieth of the counts, whatever the patterns.

    The likelihood is a sum over groups, and so are its derivatives: Newton's method needs nothing else, and the
    jackknife needs them group by group (Pregibon 1981).
    """
    starts, names = cells(tables, paths)
    sums = ", ".join(f"avg({name}) AS mean_{name}, stddev_pop({name}) AS spread_{name}" for name in names)
    scales = tables.rows(f"SELECT {sums} FROM cells")[0]
    at, penalty = len(starts), np.append(FREE, np.full(len(starts) + len(names), RIDGE))

    def group(number: int) -> tuple[Floats, tuple[tuple[Floats, Floats], ...]]:
        rows = tables.columns(f"SELECT * FROM cells WHERE account_group = {number}")  # in order
        values = np.column_stack([(rows[n] - scales[f"mean_{n}"]) / scales[f"spread_{n}"] for n in names])
        weeks, won, lost = (rows[name].astype(float) for name in ("weeks", "won", "lost"))
        return design(rows["span"], at, rows["is_exposed"], values), ((won, weeks), (lost, weeks - won))

    share = tables.rows("SELECT sum(won) / sum(weeks) AS won, sum(lost) / sum(weeks - won) AS lost FROM cells")[0]
    b, step = np.zeros((2, len(penalty))), np.zeros((2, len(penalty)))
    b[:, 0] = [logit(share["won"]), logit(share["lost"])]
    for _ in range(STEPS):
        b = b + step
        each = [derivatives(*group(number), b) for number in range(GROUPS)]
        score, information = np.stack([s for s, _ in each]), np.stack([i for _, i in each])
        slope, whole = score.sum(axis=0) - penalty * b, information.sum(axis=0) + np.diag(penalty)
        step = np.linalg.solve(whole, slope[..., None])[..., 0]
        if (slope * step).sum(axis=1).max() < TOLERANCE:
            break
    without = b - np.linalg.solve(whole - information, score[..., None])[..., 0]
    won, lost = (jackknife(b[end, at], without[:, end, at]) for end in (0, 1))
    return won, lost


def derivatives(X: Floats, counts: tuple[tuple[Floats, Floats], ...], b: Floats) -> tuple[Floats, Floats]:
    """Gradient (2, k) and information (2, k, k) of both models over some of the counts."""
    chances = [expit(X @ each) for each in b]
    score = [X.T @ (ended - at_risk * p) for (ended, at_risk), p in zip(counts, chances, strict=True)]
    weights = [at_risk * p * (1 - p) for (_, at_risk), p in zip(counts, chances, strict=True)]
    return np.array(score), np.array([X.T @ (X * w[:, None]) for w in weights])


def parquet(*paths: str) -> dict[str, Any]:
    """What a process of its own does: count, fit, and say how long it took."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="person-periods-") as folder:
        tables = open_file(Path(folder) / "cells.duckdb", scratch=Path(folder))
        found = by_group(tables, paths)
        seconds = time.perf_counter() - start
        told = tables.rows("SELECT count(*) AS counts, CAST(sum(weeks) AS BIGINT) AS rows FROM cells")[0]
        tables.close()
    return told | {"seconds": seconds, "found": [[one.value, one.se] for one in found]}


def arrays(path: str) -> dict[str, Any]:
    """Seconds of the fastest of five, from arrays to estimates."""
    rows = duckdb.execute(f"SELECT * FROM '{path}' ORDER BY account, week").fetchnumpy()
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        found = from_arrays(rows)
        seconds.append(time.perf_counter() - start)
    return {"seconds": min(seconds), "rows": len(rows["week"]), "found": [[one.value, one.se] for one in found]}


def trials(path: str) -> dict[str, Any]:
    """The sequence of trials over half a year, with and without its interval."""
    rows = duckdb.execute(f"SELECT * FROM '{path}' ORDER BY account, week").fetchnumpy()
    account, week, event = (rows[name].astype(np.int64) for name in ("account", "week", "event"))
    touched, exposed = (rows[name].astype(bool) for name in ("touched", "exposed"))
    unit = np.unique(account, return_inverse=True)[1].astype(np.int64)
    names = tuple(name for name in rows if name.startswith("x"))
    known = Covariates(np.column_stack([rows[name] for name in names]), names, names)
    worth = np.where(event == 1, 1000.0, 0.0)
    panel = Panel(unit, unit, week, ~exposed, touched, event, worth, known, np.unique(account))
    start = time.perf_counter()
    found = emulate(panel, Protocol(26))
    middle = time.perf_counter()
    effects(panel, Protocol(26))
    seconds, quick = middle - start, time.perf_counter() - middle
    return {"rows": len(panel), "starts": found.starts, "seconds": seconds, "quick": quick}


def write(path: Path, sql: str) -> str:
    """Write a query's rows as Parquet."""
    with duckdb.connect(config={"memory_limit": "2GB"}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"COPY ({sql}) TO '{path}'")
    return str(path)


def strayed(found: list[list[float]]) -> list[str]:
    """Estimates too far from the truth."""
    ends = zip(found, TRUTHS, ("won", "lost"), strict=True)
    return [f"{name}: {b:.3f} ({se:.3f})" for (b, se), truth, name in ends if abs(b - truth) > FAR * se]


def array_part(folder: Path) -> list[str]:
    """From arrays; what is missed."""
    sql = weeks_sql((0, 20_000), 38, GRIDS["few patterns"], covariates=10, base=-3.9)
    path = write(folder / "arrays.parquet", sql)
    said = ask_here(__file__, "arrays", path).said
    print(f"from arrays: {said['rows']:,} account-weeks, {said['seconds']:.2f} s, {_told(said['found'])}", flush=True)
    slow = [f"{said['seconds']:.2f} s from arrays"] if said["seconds"] > ARRAY_SECONDS else []
    return slow + strayed(said["found"])


def parquet_part(folder: Path, millions: list[int]) -> list[str]:
    """From Parquet, with few and with many patterns; what is missed."""
    missed, n = [], ACCOUNTS_PER_FILE
    print("\n| patterns | million rows | counts | s | s per million | MiB | exposure: won, lost |\n" + "|---" * 7 + "|")
    for name, step in GRIDS.items():
        queries = [weeks_sql((i * n, (i + 1) * n), 104, step) for i in range(max(millions))]
        paths = [write(folder / f"{step}-{i}.parquet", sql) for i, sql in enumerate(queries)]
        rates = []
        for files in sorted(millions):
            answer = ask_here(__file__, "parquet", *paths[:files])
            said, rows, seconds = answer.said, answer.said["rows"] / 1e6, answer.said["seconds"]
            measured = f"{seconds:.1f} | {seconds / rows:.2f} | {answer.mebibytes:,.0f}"
            print(f"| {name} | {rows:.1f} | {said['counts']:,} | {measured} | {_told(said['found'])} |", flush=True)
            rates.append(seconds / rows)
            missed += strayed(said["found"])
            if seconds > SECONDS or answer.mebibytes > MEBIBYTES:
                missed.append(f"{seconds:.0f} s and {answer.mebibytes:,.0f} MiB for {rows:.1f} million rows")
        if max(rates) > FLAT * rates[0]:
            missed.append(f"{name}: a row takes {max(rates) / rates[0]:.1f} times as long in a large file")
    return missed


def trial_part(folder: Path) -> None:
    """The sequence of trials on a million rows."""
    for name, step in GRIDS.items():
        path = write(folder / f"trials-{step}.parquet", weeks_sql((0, ACCOUNTS_PER_FILE), 104, step))
        answer = ask_here(__file__, "trials", path)
        said = answer.said
        times = f"{said['seconds']:.1f} s with the interval, {said['quick']:.1f} s without"
        size = f"{said['rows']:,} rows, {said['starts']:,} starts"
        print(f"trials, {name}: {size}, {times}, {answer.mebibytes:,.0f} MiB", flush=True)


def _told(found: list[list[float]]) -> str:
    return ", ".join(f"{value:.3f} ({se:.3f})" for value, se in found)


def main() -> None:
    """Measure, print, and fail if a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="*", default=["arrays", "parquet", "trials"])
    parser.add_argument("--millions", nargs="*", type=int, default=[1, 5, 20])
    told = parser.parse_args()
    missed = []
    with tempfile.TemporaryDirectory(prefix="person-periods-") as name:
        folder = Path(name)
        missed += array_part(folder) if "arrays" in told.parts else []
        missed += parquet_part(folder, told.millions) if "parquet" in told.parts else []
        if "trials" in told.parts:
            trial_part(folder)
    if missed:
        raise SystemExit("not as it should be: " + "; ".join(missed))


if __name__ == "__main__":
    main()
