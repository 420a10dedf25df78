"""What every question promises: honest about too little, unbroken by odd data, right where the truth is known."""

from __future__ import annotations

import datetime as dt
import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canonical import END, traced
from goodwill import study
from goodwill.designs.deal_figures import deal_figures
from goodwill.glossary import term
from goodwill.registry import Terms, questions
from goodwill.verdicts import Figure, Verdict
from goodwill.verdicts.judge import judge
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace, open_workspace
from goodwill.worlds import Truth, simulate

Row = dict[str, Any]
Rows = dict[str, list[Row]]
NAMES = sorted(questions())
ABOUT_DEALS = ("sales_cycle", "win_rate")
WEEK = dt.timedelta(weeks=1)


def drawn(what: str, i: int) -> float:
    """A number from 0 to 1 that is always the same for the same thing."""
    return random.Random(f"{what} {i}").random()


def business(
    n: int = 160,
    *,
    touched: Callable[[int], bool] = lambda i: drawn("touch", i) < 0.5,
    outcome: Callable[[int], str] = lambda i: ("won", "lost", "lost", "open")[int(4 * drawn("outcome", i))],
    account: Callable[[int], str] = lambda i: f"company:{i % 80}",
    lasts: Callable[[int], int] = lambda i: 3 + int(20 * drawn("weeks", i)),
) -> Rows:
    """Deals opened over a year, some with a social touch in their second week, all else constant unless told."""
    start = END - 80 * WEEK
    opened = [start + i % 50 * WEEK + dt.timedelta(hours=9) for i in range(n)]
    closed = [o + lasts(i) * WEEK if outcome(i) != "open" else None for i, o in enumerate(opened)]
    deals = [
        {
            "id": f"d{i:04}",
            "account": account(i),
            "created_at": opened[i],
            "closed_at": closed[i],
            "outcome": outcome(i),
        }
        for i in range(n)
    ]
    touch = {"verb": "Like", "venue": "linkedin", "channel_group": "organic_social", "direction": "inbound"}
    touches = [
        touch | {"id": f"t{i}", "at": opened[i] + 1.5 * WEEK, "account": account(i)} for i in range(n) if touched(i)
    ]
    return {"opportunities": deals, "interactions": touches}


def asked(rows: Rows, workspace: Workspace | None = None, only: tuple[str, ...] = ()) -> dict[str, Verdict]:
    workspace = workspace or Workspace(Path())
    tables = traced(rows, workspace)
    terms = Terms(workspace, END, workspace.seed)
    found = judge([study.ask(q, tables, terms) for q in study.chosen(only)])
    return {verdict.question: verdict for verdict in found}


def sound(verdict: Verdict) -> None:
    """Finite figures, shares within 0 and 1, an interval around its value, and JSON that says it all again."""
    assert Verdict.from_json(verdict.to_json()).to_json() == verdict.to_json()
    assert "NaN" not in verdict.to_json()
    for figure in verdict.every_figure():
        assert figure.value is not None, figure.name
        assert all(math.isfinite(x) for x in (figure.value, figure.low, figure.high) if x is not None), figure.name
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high, figure.name
        if figure.unit == "share":
            assert 0 <= figure.value <= 1, figure.name
    if verdict.standing == "cannot tell":
        assert verdict.missing
        assert verdict.settles or verdict.needed
    else:
        assert not verdict.missing


# --- the contract ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_question_says_what_it_asks_assumes_and_can_be_broken_by(name: str) -> None:
    question = questions()[name]
    assert question.asks.endswith("?")
    assert question.estimand.endswith(".")
    assert question.needs
    assert question.assumptions
    assert question.falsified_by
    assert question.references
    assert question.definitions
    assert [d for d in question.definitions if term(d) is None] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_without_any_data_a_question_cannot_tell_and_says_what_would_settle_it(name: str) -> None:
    verdict = asked({})[name]
    assert verdict.standing == "cannot tell"
    assert verdict.missing
    assert verdict.settles
    assert verdict.estimand == questions()[name].estimand
    sound(verdict)


@pytest.mark.parametrize("name", ABOUT_DEALS)
def test_of_five_deals_nothing_is_concluded_but_what_there_is_is_shown(name: str) -> None:
    verdict = asked(business(5), only=(name,))[name]
    assert (verdict.standing, verdict.headline) == ("cannot tell", None)
    assert verdict.missing
    assert verdict.settles
    assert next(f.value for f in verdict.figures if f.name == "deals") == 5
    sound(verdict)


#: Data that break a careless method: what is odd about them.
ODD: dict[str, Rows] = {
    "everybody touched": business(touched=lambda _: True),
    "nobody touched": business(touched=lambda _: False),
    "one account has nearly all": business(account=lambda i: "company:big" if i % 10 else f"company:{i}"),
    "nothing is lost": business(outcome=lambda i: "won" if i % 2 else "open"),
    "nothing is won": business(outcome=lambda i: "lost" if i % 2 else "open"),
    "one deal": business(1),
    "all are open": business(outcome=lambda _: "open"),
    "touched and won are one": business(outcome=lambda i: "lost" if i % 2 else "won"),
    "touched and lost are one": business(outcome=lambda i: "won" if i % 2 else "lost"),
    "all last as long": business(lasts=lambda _: 6),
    "all end on the first day": business(lasts=lambda _: 0),
    "no dates at all": {"opportunities": [{"id": str(i), "outcome": "won"} for i in range(30)]},
    "decided without a date": {
        "opportunities": [r | {"closed_at": None} for r in business()["opportunities"]],
        "interactions": business()["interactions"],
    },
    "leads by channel": {
        "leads": [
            {
                "id": str(i), "created_at": END - (20 + i % 60) * WEEK, "account": f"company:{i}",
                "channel_group": "organic_social" if i % 3 else "email",
            }
            for i in range(200)
        ],
        "stage_changes": [
            {"object_kind": "lead", "object_id": str(i), "at": END - (18 + i % 60) * WEEK, "stage": "won"}
            for i in range(0, 200, 5)
        ],
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("oddity", ODD)
def test_odd_data_break_nothing(oddity: str) -> None:
    for verdict in asked(ODD[oddity], only=ABOUT_DEALS).values():
        sound(verdict)
        assert verdict.standing in ("cannot tell", "no effect found", "supported", "contradicted")
        if oddity not in ("touched and won are one", "touched and lost are one", "all last as long"):
            assert verdict.standing != "supported", oddity


@pytest.mark.slow
def test_opportunities_of_which_none_is_lost_are_not_compared_and_leads_are() -> None:
    for verdict in asked(ODD["nothing is lost"], only=ABOUT_DEALS).values():
        assert "lost" in verdict.missing
        assert "[stages]" in verdict.settles
    assert all(v.headline for v in asked(ODD["leads by channel"], only=ABOUT_DEALS).values())


def test_the_naive_figure_is_that_of_a_plain_table_of_as_many_deals() -> None:
    rows = business(200)
    (verdict,) = asked(rows, only=("win_rate",)).values()
    decided = [d for d in rows["opportunities"] if d["outcome"] != "open"]
    sides: dict[bool, list[bool]] = {True: [], False: []}
    for deal in decided:
        acts = [t["at"] for t in rows["interactions"] if t["account"] == deal["account"]]
        sides[any(deal["created_at"] <= a < deal["closed_at"] for a in acts)].append(deal["outcome"] == "won")
    assert verdict.naive is not None
    assert verdict.naive.n == len(decided)
    assert verdict.naive.value == pytest.approx(np.mean(sides[True]) - np.mean(sides[False]))


# --- figures --------------------------------------------------------------------------------------


def figures(rows: Rows) -> dict[str, Figure]:
    return {f.name: f for f in deal_figures(traced(rows), "EUR")}


def test_figures_of_deals_leave_out_what_nobody_knows() -> None:
    deals = [
        _deal("1", "2024-01-01", "2024-01-11", "won"), _deal("2", "2024-01-01", "2024-02-01", "lost"),
        _deal("3", "2024-03-01", "2024-01-01", "won"),  # -60 days, as usually counted; touched or not, nobody knows
        _deal("4", "2024-01-01", None, "won"), _deal("5", None, "2024-01-31", "won"),
        _deal("6", "2024-01-01", None, None),
        _deal("7", "2024-01-01", "2024-01-31", "won", account="company:b", amount=None, channel_group="paid_social"),
    ]  # fmt: skip
    touch = {"at": dt.datetime(2024, 1, 5), "verb": "Like", "venue": "x", "channel_group": "organic_social"}
    found = figures(
        {"opportunities": deals, "interactions": [touch | {"direction": "inbound", "account": "company:a"}]}
    )
    expected: dict[str, tuple[float, int]] = {
        "deals": (7, 7), "decided": (6, 6), "won": (5, 5), "win_rate_decided": (5 / 6, 6),
        "win_rate_created": (5 / 7, 7),
        "value_won": (40.0, 4), "entered_social": (1, 1), "won_social": (1, 1), "win_rate_social": (1, 1),
        "touched": (3, 3), "win_rate_touched": (0.5, 2), "win_rate_untouched": (1, 1), "median_days_to_win": (10, 3),
        "mean_days_to_win": (-20 / 3, 3), "median_days_to_win_social": (30, 1), "median_days_to_win_touched": (10, 1),
    }  # fmt: skip
    assert {name: f.n for name, f in found.items()} == {name: n for name, (_, n) in expected.items()}
    assert {name: f.value for name, f in found.items()} == pytest.approx({name: v for name, (v, _) in expected.items()})


def _deal(name: str, opened: str | None, closed: str | None, outcome: str | None, **more: Any) -> Row:
    when = {
        "created_at": opened and dt.datetime.fromisoformat(opened),
        "closed_at": closed and dt.datetime.fromisoformat(closed),
    }
    return {"id": name, "account": "company:a", "outcome": outcome, "amount": 10.0} | when | more


def test_of_no_deals_there_are_no_figures() -> None:
    assert figures({}) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", ABOUT_DEALS)
def test_the_rows_behind_a_figure_are_as_many_as_it_counts(name: str) -> None:
    tables = traced(business())
    (verdict,) = asked(business(), only=(name,)).values()
    for figure in verdict.figures:
        if figure.evidence and figure.n is not None:
            assert len(tables.rows(figure.evidence.rows)) == figure.n, figure.name
    assert verdict.headline is not None
    assert verdict.headline.evidence is not None
    assert len(tables.rows(verdict.headline.evidence.rows)) >= verdict.headline.n


# --- known worlds ---------------------------------------------------------------------------------


def world(name: str, folder: Path, *, seed: int, accounts: int | None = None) -> tuple[Truth, dict[str, Verdict]]:
    truth = simulate(name, folder, seed=seed, accounts=accounts)
    found = study.run(open_workspace(folder), only=ABOUT_DEALS)
    assert found.errors == ()
    return truth, {v.question: v for v in found.verdicts}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 11])
def test_where_social_does_nothing_a_table_is_fooled_and_we_are_not(tmp_path: Path, seed: int) -> None:
    _, found = world("null", tmp_path / "world", seed=seed)
    assert found["win_rate"].naive is not None
    assert found["win_rate"].naive.low is not None
    assert found["win_rate"].naive.low > 0
    for verdict in found.values():
        assert verdict.standing in ("cannot tell", "no effect found")
        sound(verdict)


@pytest.mark.slow
def test_where_social_helps_the_interval_holds_the_truth_and_the_claim_is_supported(tmp_path: Path) -> None:
    truth, found = world("effect", tmp_path / "world", seed=3)
    win_rate, cycle = found["win_rate"].headline, found["sales_cycle"].headline
    assert win_rate is not None
    assert cycle is not None
    assert win_rate.low < truth.risk_difference(26) < win_rate.high  # type: ignore[operator]
    assert cycle.low < truth.restricted_mean_difference(26) < cycle.high  # type: ignore[operator]
    naive = found["win_rate"].naive
    assert naive is not None
    assert naive.low > truth.risk_difference(26)  # type: ignore[operator]
    assert found["win_rate"].standing == "supported"


@pytest.mark.slow
def test_the_order_of_the_rows_in_the_exports_changes_no_answer(tmp_path: Path) -> None:
    _, before = world("effect", tmp_path / "one", seed=5, accounts=420)
    simulate("effect", tmp_path / "two", seed=5, accounts=420)
    draw = random.Random(5)
    for file in sorted((tmp_path / "two" / "exports").glob("*.csv")):
        head, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text(head + "".join(draw.sample(rows, len(rows))), encoding="utf-8")
    after = {v.question: v for v in study.run(open_workspace(tmp_path / "two"), only=ABOUT_DEALS).verdicts}
    for name, verdict in before.items():
        assert verdict.headline is not None
        assert without_inputs(after[name]) == without_inputs(verdict)


def without_inputs(verdict: Verdict) -> dict[str, Any]:
    """The verdict but for what names the files themselves."""
    return {k: v for k, v in json.loads(verdict.to_json()).items() if k != "manifest"}


@pytest.mark.slow
@pytest.mark.parametrize("question", ["win_rate", "sales_cycle"])
def test_the_rows_behind_a_headline_are_as_many_as_it_says(question: str, tmp_path: Path) -> None:
    simulate("effect", tmp_path, seed=3)
    workspace = open_workspace(tmp_path)
    (verdict,) = study.run(workspace, only=[question]).verdicts
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    for figure in (verdict.headline, verdict.naive):
        assert figure is not None
        assert figure.evidence is not None
        assert tables.rows(f"SELECT count(*) AS n FROM ({figure.evidence.rows})")[0]["n"] == figure.n
    tables.close()
