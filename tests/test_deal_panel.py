"""Deals as a panel: worked by hand, what is adjusted for, other wash-outs, and the same hazards from counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canonical import at, traced
from goodwill.errors import CannotTell
from goodwill.estimators.logistic import fit_logistic
from goodwill.journeys.deal_panel import GRID, GROUPS, SUSPECTS, WORDS, DealPanel, grouped_rows, panel, span_starts
from goodwill.registry import Terms
from goodwill.samples import Floats, Ints
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Workspace

Row = dict[str, Any]
DAY = dt.timedelta(days=1)
START, END = at("2023-01-02"), at("2024-12-30")
HOUSE = Workspace(Path(), currency="EUR")
TERMS = Terms(HOUSE, END, 0)


def touch(moment: dt.datetime, company: str, channel: str = "organic_social", venue: str = "x") -> Row:
    base = {"at": moment, "verb": "Like", "account": f"company:{company}", "venue": venue, "channel_group": channel}
    return base | {"direction": "inbound", "id": f"{moment} {channel} {company} {venue}"}


def deal(name: str, company: str | None, opened: dt.datetime, **more: Any) -> Row:
    account = company and f"company:{company}"
    return {"id": name, "account": account, "created_at": opened, "outcome": "open"} | more


def won(on: dt.datetime, amount: float | None = 100.0, **more: Any) -> Row:
    return {"closed_at": on, "outcome": "won", "amount": amount} | more


# --- by hand -----------------------------------------------------------------------------------------

OPENED = at("2024-03-04 10:00")
FEW = {
    "interactions": [
        touch(START, "z"),  # from then on there is a record
        touch(OPENED + DAY, "a", venue="x"), touch(OPENED + DAY, "a", venue="linkedin"), touch(OPENED - 10 * DAY, "b"),
        touch(OPENED + DAY, "a", "email", "e"), touch(OPENED - 40 * DAY - DAY / 4, "c"), touch(OPENED - 40 * DAY, "c"),
        touch(OPENED + 8 * DAY, "c"), touch(OPENED - 40 * DAY, "z", "email"),
    ],
    "subscriptions": [{"id": "s", "account": "company:c", "started_at": OPENED - DAY},
                      {"id": "t", "account": "company:b", "started_at": OPENED}],
    "opportunities": [
        deal("1", "a", OPENED, segment="smb", owner="Ann", **won(OPENED + 9 * DAY, currency="EUR")),
        deal("2", "a", OPENED + 9 * DAY, **won(OPENED + 10 * DAY, 50.0, currency="USD")),
        deal("3", "b", OPENED, type="new", **won(OPENED + DAY, None)),
        deal("4", "c", OPENED, **won(OPENED + 15 * DAY, outcome="lost")),
        deal("5", None, OPENED, type="renewal", **won(OPENED + DAY, 7.0)),
        deal("6", "a", END - 3 * DAY), deal("7", "a", OPENED, **won(OPENED - DAY, outcome="lost")),
        deal("8", "a", START, **won(START, outcome="lost")), deal("9", "y", START + 28 * DAY, **won(START + 28 * DAY)),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def few() -> Iterator[DealPanel]:
    tables = traced(FEW, HOUSE, END)
    yield panel(tables, TERMS)
    tables.close()


def test_a_row_is_a_deal_in_a_week(few: DealPanel) -> None:
    weeks = few.panel
    assert list(weeks.id) == ["1", "2", "3", "4", "5", "8", "9"]
    assert list(zip(weeks.unit, weeks.period, weeks.event, weeks.value, strict=True)) == [
        (0, 0, 0, 0.0), (0, 1, 1, 100.0), (1, 0, 1, 0.0), (2, 0, 1, 0.0),
        (3, 0, 0, 0.0), (3, 1, 0, 0.0), (3, 2, 2, 0.0), (4, 0, 1, 7.0), (5, 0, 2, 0.0), (6, 0, 1, 100.0),
    ]  # fmt: skip
    assert weeks.exposed.tolist() == [True, False, False, False, False, True, *[False] * 4]
    assert weeks.group[weeks.unit == 0] == pytest.approx(weeks.group[weeks.unit == 1][0])
    assert len(set(weeks.group.tolist())) == 5
    assert (few.kind, few.unusable, few.too_young, few.unpriced) == ("opportunity", 1, 1, 2)


def test_trials_start_where_the_washout_is_on_record_and_empty(few: DealPanel) -> None:
    eligible = {name: few.panel.eligible[few.panel.unit == u].tolist() for u, name in enumerate(few.panel.id)}
    assert eligible == {
        "1": [True, False],  # touched in its first week
        "2": [False], "3": [False],  # touched eight and ten days before
        "4": [True, True, False],  # the touch of 40 days before is older than the wash-out
        "5": [False],  # of a deal without a company nobody knows
        "8": [False], "9": [True],  # opened on the first day on record, and when it was a wash-out long
    }  # fmt: skip
    assert few.with_washout(28).eligible.tolist() == few.panel.eligible.tolist()
    assert few.with_washout(0).eligible.tolist() == [True, False, True, True, True, True, False, False, True, True]
    assert few.with_washout(40).eligible.tolist() == [True, *[False] * 9]


def test_what_tells_parts_of_the_business_apart(few: DealPanel) -> None:
    facts = few.facts
    assert facts["is_customer"].tolist() == [False, True, False, True, True, False, False]
    assert facts["has_company"].tolist() == [True, True, True, True, False, True, True]
    assert facts["first_venue"].tolist() == ["linkedin", None, None, "x", None, None, None]
    assert (facts["segment"][0], facts["owner"][0], facts["owner"][1]) == ("smb", "Ann", None)
    assert facts["quiet_days"].tolist() == [np.inf, 8, 10, 40, np.inf, np.inf, np.inf]
    assert facts["watched_days"].tolist() == [427, 436, 427, 427, 427, 0, 28]
    some = few.take(np.array([False, False, False, True, False, True, False]))
    assert (list(some.panel.id), some.panel.unit.tolist()) == (["4", "8"], [0, 0, 0, 1])
    assert some.facts["quiet_days"].tolist() == [40, np.inf]


def test_without_social_touches_on_record_no_trial_starts() -> None:
    found = panel(traced({"opportunities": FEW["opportunities"]}, HOUSE, END), TERMS)
    assert not found.panel.eligible.any()
    assert set(found.facts["watched_days"]) == {-np.inf}
    assert len(grouped_rows(traced({"opportunities": FEW["opportunities"]}, HOUSE, END), TERMS).weeks) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("opportunities", "missing"),
    [
        ([], "no opportunities"),
        ([deal("1", "a", END - 3 * DAY), deal("2", "a", OPENED, **won(OPENED - DAY))], "won or lost"),
        ([deal("1", "a", END, **won(END))], "no opportunities"),
    ],
)
@pytest.mark.parametrize("ask", [panel, grouped_rows])
def test_without_usable_deals_it_cannot_be_told(ask: Any, opportunities: list[Row], missing: str) -> None:
    with pytest.raises(CannotTell, match=missing):
        ask(traced({"opportunities": opportunities}, HOUSE, END), TERMS)


# --- a company with two hundred deals ----------------------------------------------------------------


def many() -> dict[str, Any]:
    """Deals of 90 companies, some of them touched, with stages, segments and sellers of which some are rare."""
    draw = np.random.default_rng(7)
    days = draw.integers(60, 640, 240).tolist()
    length = np.ceil(draw.exponential(60, 240)).tolist()
    said = draw.choice(["won", "lost", "open"], 240, p=[0.5, 0.4, 0.1])
    deals, moves = [], []
    for i in range(240):
        opened, decided = START + days[i] * DAY + 9 * DAY / 24, START + (days[i] + length[i]) * DAY + DAY / 2
        more = {"segment": ["smb", "mid", "ent"][i % 3], "type": ["new", "expansion"][i % 2]}
        more |= {"owner": ["Ann", "Bob", "O'Hara", "rare"][int(draw.choice(4, p=[0.5, 0.26, 0.2, 0.04]))]}
        outcome = {} if said[i] == "open" else won(decided, float(i), outcome=str(said[i]))
        deals.append(deal(f"{i:03}", f"{i % 90}", opened, **more, **outcome))
        for n, stage in enumerate(["new", "talks", "offer"]):
            at_ = opened + length[i] * n / 3 * DAY
            moves.append({"object_kind": "opportunity", "object_id": f"{i:03}", "at": at_, "stage": stage})
    channels = draw.choice(["organic_social", "email", "service"], 4000, p=[0.12, 0.78, 0.1])
    when = zip(draw.integers(0, 728 * 24, 4000).tolist(), draw.integers(0, 90, 4000), channels, strict=True)
    acts = [touch(START + h * DAY / 24, str(c), str(channel)) for h, c, channel in when]
    companies = [{"id": f"company:{c}", "name": str(c), "employees": float(10 ** (c % 4))} for c in range(90)]
    return {"opportunities": deals, "interactions": acts, "stage_changes": moves, "accounts": companies}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBTables]:
    tables = traced(many(), HOUSE, END)
    yield tables
    tables.close()


def test_what_is_adjusted_for_lies_on_the_grid_and_within_what_the_wins_can_carry(engine: DuckDBTables) -> None:
    weeks = panel(engine, TERMS).panel
    wins = int(((weeks.event == 1) & np.isin(weeks.unit, weeks.unit[weeks.eligible])).sum())
    names, factors = weeks.covariates.names, weeks.covariates.factors
    assert len(names) <= wins // 10
    assert list(dict.fromkeys(factors)) == [s for s in SUSPECTS if s in factors]
    assert factors[:6] == ("engagement_history", "engagement_recent", "age", "segment", "segment", "engagement")
    assert {"employees", "stage"} <= set(factors)
    assert np.array_equal(weeks.covariates.values, np.round(weeks.covariates.values / GRID) * GRID)
    rows = engine.columns("SELECT engagement_history, week, stage FROM deal_weeks ORDER BY id, week")
    logs = {"engagement_history": np.log1p(rows["engagement_history"]), "age": np.log1p(rows["week"])}
    for name, exact in logs.items():
        assert np.abs(weeks.covariates.values[:, names.index(name)] - exact).max() <= GRID / 2
    stages = [n for n in names if n.startswith("stage=")]
    for column in stages:
        here = rows["stage"] == column.removeprefix("stage=")
        assert np.array_equal(weeks.covariates.values[:, names.index(column)], here)
    assert len(stages) == 2  # of three, the commonest is what the others are compared with


def test_rare_levels_are_one_and_a_quote_is_no_end(engine: DuckDBTables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodwill.journeys.deal_panel.WINS_PER_COLUMN", 1)
    weeks = panel(engine, TERMS).panel
    sellers = [n for n in weeks.covariates.names if n.startswith("owner=")]
    assert sellers == ["owner=Bob", "owner=O'Hara", "owner=other"]
    said = engine.columns("SELECT d.owner FROM deal_weeks AS w JOIN deals AS d ON d.id = w.id ORDER BY w.id, w.week")[
        "owner"
    ]
    for seller, recorded in zip(sellers, ("Bob", "O'Hara", "rare"), strict=True):
        assert np.array_equal(weeks.covariates.values[:, weeks.covariates.names.index(seller)], said == recorded)
    assert {f for f in weeks.covariates.factors if f in WORDS} == {"segment", "stage", "type", "quarter", "owner"}


@pytest.mark.slow
@pytest.mark.parametrize("weeks", [0, 2, 8, 16])
def test_another_washout_is_what_the_models_would_say(engine: DuckDBTables, weeks: int) -> None:
    other = Workspace(Path(), currency="EUR", washout_weeks=weeks)
    rebuilt = panel(traced(many(), other, END), Terms(other, END, 0)).panel
    assert panel(engine, TERMS).with_washout(7 * weeks).eligible.tolist() == rebuilt.eligible.tolist()
    assert 0 < rebuilt.eligible.mean() < 1


def design(starts: Ints, span: Ints, exposed: Ints, values: Floats) -> Floats:
    spans = span[:, None] == np.arange(1, len(starts))
    return np.column_stack([np.ones(len(span)), spans, exposed, values]).astype(float)


def test_hazards_fitted_to_counts_are_those_fitted_to_single_weeks(engine: DuckDBTables) -> None:
    found, counts = panel(engine, TERMS), grouped_rows(engine, TERMS)
    clean = np.zeros(len(found.panel.id), dtype=bool)
    clean[found.panel.unit[found.panel.eligible & (found.panel.period == 0)]] = True
    weeks = found.panel.take(clean)
    aged = np.array([f != "age" for f in weeks.covariates.factors])
    assert counts.covariates.names == tuple(n for n, kept in zip(weeks.covariates.names, aged, strict=True) if kept)
    span = np.searchsorted(counts.starts, weeks.period, side="right") - 1
    X = design(counts.starts, span, ~weeks.eligible, weeks.covariates.values[:, aged])
    Z = design(counts.starts, counts.span, counts.exposed, counts.covariates.values)
    assert (counts.weeks.sum(), counts.won.sum(), counts.lost.sum()) == (len(weeks), *np.bincount(weeks.event)[1:])
    assert len(counts.weeks) < len(weeks)
    ones = np.ones(len(weeks))
    for single, trials, counted, at_risk in (
        (weeks.event == 1, ones, counts.won, counts.weeks),
        (weeks.event == 2, ones - (weeks.event == 1), counts.lost, counts.weeks - counts.won),
    ):
        one_by_one = fit_logistic(X, single.astype(float), trials)
        together = fit_logistic(Z, counted, at_risk)
        np.testing.assert_allclose(together.coefficients, one_by_one.coefficients, atol=1e-9)
        np.testing.assert_allclose(together.covariance, one_by_one.covariance, atol=1e-9)


def test_companies_are_dealt_to_groups_whole_and_evenly(engine: DuckDBTables) -> None:
    weeks, counts = panel(engine, TERMS).panel, grouped_rows(engine, TERMS)
    clean = np.isin(weeks.unit, weeks.unit[weeks.eligible & (weeks.period == 0)])
    expected = np.bincount(weeks.group[clean] % GROUPS, minlength=GROUPS)
    assert np.bincount(counts.group, weights=counts.weeks, minlength=GROUPS).tolist() == expected.tolist()
    companies = np.bincount(np.unique(weeks.group) % GROUPS, minlength=GROUPS)
    assert companies.max() - companies.min() <= 1


def test_spans_hold_equal_shares_of_the_endings() -> None:
    rng = np.random.default_rng(3)
    ends = np.bincount(rng.geometric(0.08, 500) - 1)
    starts = span_starts(np.arange(len(ends)), ends)
    each = np.repeat(np.arange(len(ends)), ends)
    later = each[each > 0]
    assert starts.tolist() == [0, 1, *np.quantile(later, np.arange(1, 8) / 8, method="lower") + 1]
    assert span_starts(np.array([0]), np.array([5])).tolist() == [0, 1]
    assert span_starts(np.zeros(0, dtype=int), np.zeros(0, dtype=int)).tolist() == [0, 1]


@pytest.mark.parametrize("spread", [1.0, 1.5])
def test_rounding_to_the_grid_leaves_half_a_percent_of_the_variance(spread: float) -> None:
    """Counts as skewed as companies' engagement: what varies within a cell is what is not adjusted for."""
    draw = np.random.default_rng(5)
    exact = np.log1p(draw.poisson(np.exp(draw.normal(2.0, spread, 20_000))))
    cell = np.round(exact / GRID).astype(int)
    middle = np.bincount(cell, exact) / np.maximum(np.bincount(cell), 1)
    assert 0.001 < np.mean((exact - middle[cell]) ** 2) / exact.var() < 0.006
