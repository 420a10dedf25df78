"""goodwill plan: what an experiment would take from the company's own rates, and the lots that it draws."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from canonical import traced
from commands import Said, goodwill
from experiment_rows import FIRST, QUICK, SEGMENTS, START, business, node, written
from goodwill.designs import assigning, eligible, own_rates, planned
from goodwill.designs.experiments import ASKED, DESIGNS
from goodwill.designs.own_rates import Rates
from goodwill.designs.planned import Plan, Wishes
from goodwill.errors import CannotTell
from goodwill.estimators import power
from goodwill.registry import Terms
from goodwill.warehouse import Tables

COMPANIES = 150
TERMS = Terms(QUICK, START, 7)


@pytest.fixture(scope="module", name="rows")
def before_any_experiment() -> dict[str, list[dict[str, object]]]:
    found = business(COMPANIES, until=START)
    found["subscriptions"] = [
        {"id": f"s{i}", "account": node(i), "started_at": FIRST, "mrr": 10.0, "product": "base",
         "ended_at": FIRST + dt.timedelta(days=150 + i) if i % 5 == 0 else None}
        for i in range(COMPANIES)
    ]  # fmt: skip
    return found


@pytest.fixture(scope="module", name="tables")
def traced_once(rows: dict[str, list[dict[str, object]]]) -> Iterator[Tables]:
    tables = traced(rows, QUICK, START)
    yield tables
    tables.close()


@pytest.fixture(scope="module", name="acme")
def on_disk(rows: dict[str, list[dict[str, object]]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("plans") / "acme", rows)


def ask(acme: Path, *words: str | Path) -> Said:
    return goodwill("plan", words[0], acme, *words[1:])


# --- rates ------------------------------------------------------------------------------------------------------------


def test_rates_are_those_of_a_plain_count(tables: Tables, rows: dict[str, list[dict[str, object]]]) -> None:
    """A second implementation, deal by deal."""
    found = own_rates.rates_of(tables, TERMS, "win_rate")
    horizon = dt.timedelta(weeks=8)
    old = [d for d in rows["opportunities"] if d["created_at"] + horizon <= START]  # type: ignore[operator]
    won = [d for d in old if d["outcome"] == "won" and d["closed_at"] - d["created_at"] <= horizon]  # type: ignore[operator]
    touched = {t["id"][1:] for t in rows["interactions"]}  # type: ignore[index]
    assert found.observed == len(old)
    assert found.outcome.mean == pytest.approx(len(won) / len(old))
    assert found.touched >= np.mean([d["id"] in touched for d in old])  # a deal is touched by others' touches too
    assert found.at_once == sum(d["outcome"] == "open" for d in rows["opportunities"])
    assert found.eligible == COMPANIES
    assert found.companies.size == pytest.approx(len(old) / len({d["account"] for d in old}))


def test_the_pace_is_that_of_companies_known_before() -> None:
    """Only companies known today can be dealt: deals of companies that will come to be known do not count."""
    found, arrived = business(COMPANIES, until=START), START - dt.timedelta(days=60)
    late = {node(i) for i in range(0, COMPANIES, 2)}
    for company in found["accounts"]:
        company["created_at"] = arrived if company["id"] in late else FIRST
    found["opportunities"] = [
        d for d in found["opportunities"] if d["account"] not in late or d["created_at"] >= arrived
    ]
    tables = traced(found, QUICK, START)
    told = own_rates.rates_of(tables, TERMS, "win_rate")
    tables.close()
    days = (START.date() - min(d["created_at"] for d in found["opportunities"]).date()).days // 2
    since = START - dt.timedelta(days=days)
    old = [d for d in found["opportunities"] if d["account"] not in late and d["created_at"] >= since]
    assert told.per_month == pytest.approx(len(old) / days * 365.25 / 12)


@pytest.mark.parametrize("question", ASKED)
def test_every_question_has_rates_and_plans(tables: Tables, question: str) -> None:
    rates = own_rates.rates_of(tables, TERMS, question)
    effect = ASKED[question].hoped * 0.4 * rates.outcome.mean
    found = planned.plans(question, rates=rates, wishes=Wishes(effect, compliance=0.6))
    assert {plan.design for plan in found} == set(DESIGNS)
    for plan in found:
        assert plan.settles != bool(plan.why), plan
        assert plan.units is None or plan.units > 0
        assert all(v is None or v > 0 for v in plan.detectable.values())


def test_companies_are_named_by_their_record_and_never_by_their_name(tables: Tables) -> None:
    found = eligible.companies(tables, TERMS, "win_rate")
    assert found["node"].tolist() == [node(i) for i in range(COMPANIES)]
    running = eligible.companies(tables, TERMS, "churn")
    assert len(running["node"]) == sum(
        i % 5 != 0 or FIRST + dt.timedelta(days=150 + i) >= START for i in range(COMPANIES)
    )


# --- plans ------------------------------------------------------------------------------------------------------------


KNOWN = Rates(
    unit="deal",
    weeks=8,
    outcome=power.Outcome(0.25, 0.433, is_share=True),
    observed=500,
    touched=0.4,
    companies=power.Companies(2.0, 0.5, 0.1),
    parts=(own_rates.Part("owner", 12, 0.08, 0.01),),
    eligible=400,
    at_once=100.0,
    per_month=100.0,
    contacts_per_month=80.0,
)


def by_design(found: tuple[Plan, ...]) -> dict[str, Plan]:
    return {plan.design: plan for plan in found}


def test_an_invitation_test_worked_by_hand() -> None:
    plan = by_design(planned.plans("win_rate", rates=KNOWN, wishes=Wishes(0.4, 0.5)))["invitation"]
    assert plan.contrast == pytest.approx(0.5 * 0.6)
    intended, inflation = 0.12, 1 + (1.25 * 2 - 1) * 0.1
    n = 2.8015852**2 * inflation * 2 * (0.37 * 0.63 + 0.25 * 0.75) / intended**2
    assert plan.units == int(np.ceil(n))
    assert plan.months == pytest.approx((plan.units - 100) / 100)
    assert plan.months_in_all == pytest.approx(plan.months + 56 * 12 / 365.25)
    assert (plan.treated, plan.lost_contacts) == (200, 0)


def test_a_holdout_costs_the_contacts_of_those_left_alone() -> None:
    plan = by_design(planned.plans("win_rate", rates=KNOWN, wishes=Wishes(0.4, 0.5, share=0.9)))["holdout"]
    assert plan.contrast == pytest.approx(0.5 * 0.4)
    assert plan.lost_contacts == pytest.approx(0.1 * 80 * 0.5)
    assert plan.companies - plan.treated == 40


def test_a_staggered_start_needs_groups_and_periods_as_long_as_deals_are_followed() -> None:
    found = by_design(planned.plans("win_rate", rates=KNOWN, wishes=Wishes(0.6, 0.9)))["staggered"]
    assert found.settles
    assert found.months is not None
    assert found.months >= 5 * 56 * 12 / 365.25 - 1e-9
    without = by_design(planned.plans("win_rate", rates=replace(KNOWN, parts=()), wishes=Wishes(0.6, 0.9)))["staggered"]
    assert "segments, regions or owners" in without.why


def test_the_recommended_one_settles_it_soonest() -> None:
    found = planned.plans("win_rate", rates=KNOWN, wishes=Wishes(0.4, 0.5))
    best = planned.recommended(found)
    assert best is found[0]
    assert all(p.months_in_all is None or p.months_in_all >= best.months_in_all for p in found)  # type: ignore[operator]
    never = planned.plans("win_rate", rates=KNOWN, wishes=Wishes(0.001))
    assert planned.recommended(never) is None
    assert all("years" in plan.why for plan in never)


def test_where_nobody_or_everybody_is_touched_there_is_nothing_to_differ_by() -> None:
    nobody = by_design(planned.plans("win_rate", rates=replace(KNOWN, touched=0.0), wishes=Wishes(0.3)))
    assert nobody["invitation"].contrast > 0
    assert "left alone" in nobody["holdout"].why
    assert "left alone" in nobody["staggered"].why
    assert (
        "already"
        in by_design(planned.plans("win_rate", rates=replace(KNOWN, touched=1.0), wishes=Wishes(0.3)))["invitation"].why
    )


def test_too_few_companies_or_deals_cannot_be_planned_with() -> None:
    for many, missing in ((10, "only 10 companies"), (20, "followed")):
        found = business(many, until=START)
        found["opportunities"] = found["opportunities"][: 5 if many == 20 else None]
        tables = traced(found, QUICK, START)
        with pytest.raises(CannotTell, match=missing) as cannot:
            own_rates.rates_of(tables, TERMS, "win_rate")
        assert cannot.value.settles
        tables.close()


# --- lots -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS)
def test_lots_are_within_strata_and_the_same_again(tables: Tables, design: str) -> None:
    found = own_rates.rates_of(tables, TERMS, "win_rate")
    plan = by_design(planned.plans("win_rate", rates=found, wishes=Wishes(0.4, 0.6)))[design]
    when = assigning.dates(plan, found, TERMS)
    companies = eligible.companies(tables, TERMS, "win_rate")
    lots = assigning.lots(plan, companies, TERMS, question="win_rate", when=when)
    assert lots == assigning.lots(plan, companies, TERMS, question="win_rate", when=when)
    assert [row["unit"] for row in lots] == [node(i) for i in range(COMPANIES)]
    assert not any("Company" in str(value) for row in lots for value in row.values())
    assert when.starts.weekday() == 0
    assert when.starts > START.date()
    arms = Counter((row["stratum"], row["arm"]) for row in lots)
    if design == "staggered":
        assert {stratum for stratum, _ in arms} == {f"owner: owner {i}" for i in range(12)}
        assert max(Counter(stratum for stratum, _ in arms).values()) == 1, "a group starts at once"
        assert len({row["started_at"] for row in lots}) == 4
    else:
        for stratum in {stratum for stratum, _ in arms}:
            size = arms[stratum, "treated"] + arms[stratum, "control"]
            assert abs(arms[stratum, "treated"] - plan.share * size) < 1
        assert {s.split(" / ")[0] for s, _ in arms} == set(SEGMENTS)
    record = assigning.record(plan, found, lots, TERMS, question="win_rate")
    assert json.loads(json.dumps(record))["planned_effect"] == 0.4
    assert sum(record["companies"].values()) == COMPANIES


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_table_says_what_each_design_takes_and_which_to_choose(acme: Path) -> None:
    said = ask(acme, "win_rate", "--effect", "0.6", "--compliance", "0.7")
    assert said.code == 0
    for word in ("invitation test", "holdout", "staggered start", "recommended", "months"):
        assert word in said.out
    assert "Recommended: " in said.err
    assert "From your records" in said.err
    never = ask(acme, "win_rate", "--effect", "0.01")
    assert "None of these would settle" in never.err


@pytest.mark.slow
@pytest.mark.parametrize("question", ASKED)
def test_each_question_is_planned_with_the_effect_that_matters_to_it(acme: Path, question: str) -> None:
    said = ask(acme, question, "--format", "json")
    assert said.code == 0
    assert {row["design"] for row in said.json} == set(DESIGNS)
    assert all(row["effect"] * ASKED[question].hoped > 0 for row in said.json)


@pytest.mark.slow
def test_writing_draws_lots_once_and_leaves_the_exports_alone(acme: Path) -> None:
    before = {path.name: path.read_bytes() for path in (acme / "exports").iterdir()}
    words = ("win_rate", "--effect", "0.4", "--compliance", "0.6", "--design", "invitation", "--write")
    words = (*words, "--as-of", "2023-10-01", "--start", "2023-10-16")
    said = ask(acme, *words)
    assert said.code == 0, said.err
    assert "copy win_rate-invitation-2023-10-01.csv" in said.err
    lots = acme / "plans" / "win_rate-invitation-2023-10-01.csv"
    with lots.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["started_at"] for row in rows} == {"2023-10-16"}
    assert {row["seed"] for row in rows} == {"1"}
    assert Counter(row["arm"] for row in rows)["treated"] == COMPANIES // 2
    plan = json.loads(lots.with_suffix(".json").read_text())
    assert (plan["question"], plan["design"], plan["starts"]) == ("win_rate", "invitation", "2023-10-16")
    assert {path.name: path.read_bytes() for path in (acme / "exports").iterdir()} == before
    drawn = lots.read_bytes()
    assert ask(acme, *words).code == 0
    again = ask(acme, *words, "--seed", "2")
    assert again.code == 2
    assert "already" in again.err
    assert lots.read_bytes() == drawn


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("win_rat",), "Did you mean win_rate?"),
        (("cost",), "not settled by an experiment"),
        (("zzzz",), "win_rate, sales_cycle"),
        (("win_rate", "--design", "invite"), "Did you mean invitation?"),
        (("win_rate", "--effect", "0"), "no effect"),
        (("win_rate", "--effect", "5"), "0.05 for five points"),
        (("win_rate", "--effect", "0.9"), "a share of"),
        (("win_rate", "--compliance", "1.5"), "between 0 and 1"),
        (("win_rate", "--start", "soon"), "--start"),
        (("win_rate", "--start", "2023-09-01", "--write", "--design", "holdout"), "before its lots"),
        (("win_rate", "--effect", "0.001", "--write"), "--design"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(acme: Path, words: tuple[str, ...], told: str) -> None:
    said = ask(acme, *words)
    assert told in said.err + said.out
    assert said.code == (0 if told == "a share of" else 2)


def test_without_data_it_says_what_is_missing(tmp_path: Path) -> None:
    folder = written(tmp_path / "w", {"interactions": business(3, until=START)["interactions"]})
    said = ask(folder, "win_rate")
    assert (said.code, said.out) == (2, "")
    assert "nothing can be planned" in said.err
    assert "What would help" in said.err
