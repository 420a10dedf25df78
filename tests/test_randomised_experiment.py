"""An experiment from its plan to its answer: lots drawn, put among the exports, read back, and judged as grade A."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from canonical import traced
from commands import goodwill, rows_in
from crm_sheets import loaded, sheet, taken_for
from experiment_rows import FIRST, QUICK, START, Row, business, lots, node, takes_what_is_dealt, written
from goodwill.designs import assigning, eligible, own_rates, planned, randomised
from goodwill.designs.compared import Compared, Headline
from goodwill.designs.experiments import ASKED
from goodwill.designs.planned import Wishes
from goodwill.glossary import TERMS
from goodwill.registry import Terms
from goodwill.report import pages, words
from goodwill.report.meta import Meta
from goodwill.sources import assignments
from goodwill.verdicts import Verdict
from goodwill.verdicts.judge import judge

COMPANIES, MORE = 240, 0.6
HEADLINE = Headline("points", "difference within {weeks} weeks", "in a plain table", "")
HEADER = "experiment,question,design,unit_kind,unit,arm,stratum,planned_share,seed,assigned_at,started_at,ends_at"
ENDS = dt.datetime(2024, 4, 1)


def drawn(question: str = "win_rate", design: str = "invitation", *, seed: int = 7) -> list[Row]:
    """The lots of a plan made before the start, running for half a year."""
    terms = Terms(QUICK, START, seed)
    tables = traced(business(COMPANIES, until=START) | {"subscriptions": contracts()}, QUICK, START)
    rates = own_rates.rates_of(tables, terms, question)
    wishes = Wishes(ASKED[question].hoped * 0.5 * rates.outcome.mean, MORE)
    plan = next(p for p in planned.plans(question, rates=rates, wishes=wishes) if p.design == design)
    when = replace(assigning.dates(plan, rates, terms, starts=START.date()), ends=ENDS.date(), period_days=36)
    found = assigning.lots(plan, eligible.companies(tables, terms, question), terms, question=question, when=when)
    tables.close()
    return lots(found)


def contracts(lost: frozenset[int] = frozenset()) -> list[Row]:
    """A subscription a company: some ended before the experiment, those of ``lost`` end in its time."""
    base = {"started_at": FIRST, "mrr": 10.0, "product": "base"}
    ended = {i: FIRST + dt.timedelta(days=200) for i in range(0, COMPANIES, 9)}
    ended |= dict.fromkeys(lost, START + dt.timedelta(days=60))
    return [base | {"id": f"s{i}", "account": node(i), "ended_at": ended.get(i)} for i in range(COMPANIES)]


def after(dealt: list[Row], *, effect: float, seed: int = 1, **more: list[Row]) -> dict[str, list[Row]]:
    """The company as the lots made it: who is treated touches us more, and a touch wins more."""
    arms = {row["unit"]: row["arm"] for row in dealt}
    rows = business(COMPANIES, until=ENDS, effect=effect, takes_up=takes_what_is_dealt(arms, more=MORE), seed=seed)
    return rows | {"assignments": dealt} | more


def answer(
    rows: Mapping[str, list[Row]], question: str = "win_rate", end: dt.datetime = ENDS
) -> tuple[Compared | None, tuple[str, ...]]:
    tables, terms = traced(rows, QUICK, end), Terms(QUICK, end, 7)
    found = randomised.experiment_of(tables, terms, question)
    if found is not None:
        assert len(tables.rows(found.rows.rows)) == found.n, "the rows behind the headline are those it counts"
    tables.close()
    return found, randomised.remarks(tables, terms, question)


def judged(compared: Compared, question: str = "win_rate") -> Verdict:
    base = Verdict(question, "Does it?", hoped=ASKED[question].hoped, matters=0.3)
    return judge([randomised.verdict(compared, base=base, headline=HEADLINE)])[0]


def value(compared: Compared, name: str) -> float:
    return next(f.value for f in compared.figures if f.name == name)  # type: ignore[return-value]


@pytest.fixture(scope="module", name="invited")
def lots_of_an_invitation() -> list[Row]:
    return drawn()


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_where_a_touch_wins_the_experiment_supports_it_as_grade_a(invited: list[Row]) -> None:
    found, notes = answer(after(invited, effect=0.35))
    assert found is not None
    assert not notes
    truth = 0.35 * value(found, "contrast")
    assert found.difference.low < truth < found.difference.high
    of_touch = next(f for f in found.figures if f.name == "effect_of_touch")
    assert of_touch.low < 0.35 < of_touch.high  # type: ignore[operator]
    verdict = judged(found)
    assert (verdict.standing, verdict.grade) == ("supported", "A")
    assert verdict.matters == pytest.approx(0.3 * value(found, "contrast"))
    assert "An invitation to follow or join us on social raised the chance" in words.sentence(verdict)
    assert found.naive is not None
    assert "Randomised or encouragement design" in pages.render([verdict], Meta("Acme", "2024-03-31"), TERMS)
    assert Verdict.from_json(verdict.to_json()) == Verdict.from_json(Verdict.from_json(verdict.to_json()).to_json())


@pytest.mark.slow
def test_where_a_touch_does_nothing_nothing_is_claimed(invited: list[Row]) -> None:
    found, _ = answer(after(invited, effect=0.0, seed=2))
    assert found is not None
    assert value(found, "contrast") > 0.3, "the invitation was taken up"
    assert judged(found).standing in ("cannot tell", "no effect found")


@pytest.mark.slow
def test_the_outcome_is_that_of_a_plain_count(invited: list[Row]) -> None:
    """A second implementation: deals opened from the start on, or open at it, followed for eight weeks."""
    rows = after(invited, effect=0.35)
    found, _ = answer(rows)
    assert found is not None
    arms, horizon = {row["unit"]: row["arm"] for row in invited}, dt.timedelta(weeks=8)
    counts: dict[str, list[bool]] = {"treated": [], "control": []}
    for deal in rows["opportunities"]:
        began = max(deal["created_at"], START)
        if (deal["closed_at"] is None or deal["closed_at"] >= START) and began + horizon <= ENDS:
            won = deal["outcome"] == "won" and deal["closed_at"] < began + horizon
            counts[arms[deal["account"]]].append(won)
    assert found.n == sum(map(len, counts.values()))
    assert value(found, "share_exposed") == pytest.approx(np.mean(counts["treated"]))
    assert value(found, "share_unexposed") == pytest.approx(np.mean(counts["control"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "design"), [("funnel", "invitation"), ("sales", "holdout"), ("sales_cycle", "holdout")]
)
def test_other_questions_are_answered_alike(question: str, design: str) -> None:
    found, _ = answer(after(drawn(question, design), effect=0.5), question)
    assert found is not None
    assert found.difference.value * ASKED[question].hoped > 0
    verdict = judged(found, question)
    assert verdict.grade == "A"
    assert verdict.headline is not None
    assert verdict.headline.unit == ASKED[question].result_unit
    assert verdict.period[0] <= "2023-10-09"


@pytest.mark.slow
def test_customers_are_counted_by_their_subscriptions() -> None:
    dealt = drawn("churn")
    treated = {row["unit"] for row in dealt if row["arm"] == "treated"}
    running = [i for i in range(COMPANIES) if i % 9]
    gone = frozenset(i for i in running if i % 7 == 0 or (node(i) not in treated and i % 4 == 1))
    found, _ = answer(after(dealt, effect=0.0, subscriptions=contracts(lost=gone)), "churn")
    assert found is not None
    assert found.n == len(running)
    lost = [np.mean([i in gone for i in running if (node(i) in treated) == arm]) for arm in (True, False)]
    assert (value(found, "share_exposed"), value(found, "share_unexposed")) == pytest.approx(tuple(lost))
    assert judged(found, "churn").standing == "supported"


@pytest.mark.slow
def test_groups_that_start_one_after_the_other_are_compared_period_by_period() -> None:
    dealt = drawn(design="staggered")
    starts = {row["unit"]: row["started_at"] for row in dealt}
    rows = business(
        COMPANIES, until=ENDS, effect=0.5, takes_up=lambda i, at: 0.2 + MORE * (at >= starts[node(i)]), seed=3
    )
    found, notes = answer(rows | {"assignments": dealt})
    assert found is not None, notes
    assert found.difference.low < 0.5 * MORE < found.difference.high
    assert value(found, "contrast") == pytest.approx(MORE, abs=0.12)
    verdict = judged(found)
    assert (verdict.standing, verdict.grade) == ("supported", "A")


# --- what speaks against an experiment --------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_under_way_does_not_answer_yet_and_says_when(invited: list[Row]) -> None:
    found, notes = answer(after(invited, effect=0.35), end=dt.datetime(2024, 2, 1))
    assert found is None
    assert "runs until 2024-04-01" in notes[0]
    assert answer(after(invited, effect=0.35), "funnel") == (None, ())


def test_lots_that_are_not_random_are_not_grade_a(invited: list[Row]) -> None:
    """Somebody put those who had won before into the treated arm."""
    rows = after(invited, effect=0.0)
    won = {d["account"] for d in rows["opportunities"] if d["outcome"] == "won" and (d["closed_at"] or ENDS) < START}
    rows["assignments"] = [row | {"arm": "treated" if row["unit"] in won else "control"} for row in invited]
    found, _ = answer(rows)
    assert found is not None
    verdict = judged(found)
    assert verdict.standing == "cannot tell"
    assert any(check.name == "random balance" and check.survived is False for check in verdict.checks)


def test_companies_that_are_gone_from_one_arm_speak_against_it(invited: list[Row]) -> None:
    gone = {row["unit"] for row in invited if row["arm"] == "control"}
    gone = set(sorted(gone)[: len(gone) // 2])
    rows = {
        name: [r for r in found if r.get("account", r.get("id")) not in gone] if name != "assignments" else found
        for name, found in after(invited, effect=0.35).items()
    }
    found, _ = answer(rows)
    assert found is not None
    assert judged(found).standing == "cannot tell"
    assert any("in no export any more" in note for note in found.notes)


@pytest.mark.slow
def test_a_company_in_both_arms_is_left_out_and_too_few_say_nothing(invited: list[Row]) -> None:
    torn = [*invited, {**invited[0], "arm": "treated" if invited[0]["arm"] == "control" else "control"}]
    found, _ = answer(after(invited, effect=0.35) | {"assignments": torn})
    assert found is not None
    assert any("stand in both arms" in note for note in found.notes)
    few, notes = answer(after(invited, effect=0.35) | {"assignments": invited[:12]})
    assert few is None
    assert "does not answer" in notes[0]
    named = [row | {"ends_at": None, "experiment": "o'hara {0}; --"} for row in invited]
    open_end, _ = answer(after(invited, effect=0.35) | {"assignments": named})
    assert open_end is not None
    assert any("ends_at" in note for note in open_end.notes)


# --- the file of lots -------------------------------------------------------------------------------------------------

LOT = ("e1", "win_rate", "invitation", "company", "crm/account:1", "treated", "retail / prospect", "0.5", "7",
       "2023-10-02", "2023-10-09", "2024-02-06")  # fmt: skip


def lot(**more: str) -> tuple[str, ...]:
    return tuple((dict(zip(HEADER.split(","), LOT, strict=True)) | more).values())


@pytest.mark.slow
def test_lots_are_known_by_their_header_and_read_as_they_were_written() -> None:
    found = sheet(HEADER, LOT)
    assert taken_for(found) == ("assignments", "lots")
    (row,) = loaded(assignments.SOURCE, "lots", found)["assignments"]
    assert (row["unit"], row["arm"], row["planned_share"], row["seed"]) == ("crm/account:1", "treated", 0.5, 7)
    assert row["started_at"] == dt.datetime(2023, 10, 8, 22), "midnight in Berlin"


@pytest.mark.slow
def test_an_edited_file_is_refused_where_nobody_knows_what_it_means() -> None:
    found = sheet(
        HEADER,
        lot(unit="crm/account:1"), lot(unit="crm/account:1", arm="control"), lot(unit="crm/account:2", arm="perhaps"),
        lot(unit="crm/account:3", arm="Control"), lot(unit="crm/account:4", design="lottery"), lot(unit=""),
        lot(unit="crm/account:5", started_at="soon"), lot(unit="crm/account:6"), lot(unit="crm/account:6"),
        ("# a remark",),
    )  # fmt: skip
    rows = loaded(assignments.SOURCE, "lots", found)["assignments"]
    told = sorted((row.get("unit", ""), row.get("refused_column", "")) for row in rows)
    assert told == [
        ("", "unit"), ("crm/account:1", "arm"), ("crm/account:1", "arm"), ("crm/account:2", "arm"),
        ("crm/account:3", ""), ("crm/account:4", "design"), ("crm/account:5", "started_at"), ("crm/account:6", ""),
        ("crm/account:6", ""),
    ]  # fmt: skip
    assert {row["refused_value"] for row in rows if row.get("unit") == "crm/account:1"} == {
        "treated" + assignments.TWICE, "control" + assignments.TWICE,
    }  # fmt: skip


@pytest.mark.slow
def test_from_the_command_to_the_warehouse_and_back(tmp_path: Path) -> None:
    """Lots are drawn by the command, put into exports/ with two lines spoilt by hand, and read by a run."""
    folder = written(tmp_path / "acme", business(COMPANIES, until=START))
    words_of = ("--design", "invitation", "--effect", "0.4", "--compliance", "0.6", "--write", "--as-of", "2023-10-01")
    assert goodwill("plan", "win_rate", folder, *words_of).code == 0
    (path,) = (folder / "plans").glob("*.csv")
    with path.open(encoding="utf-8") as file:
        header, *dealt = csv.reader(file)
    dealt[0][header.index("arm")] = "maybe"
    dealt.append([*dealt[1]])
    dealt[-1][header.index("arm")] = "control" if dealt[1][header.index("arm")] == "treated" else "treated"
    with (folder / "exports" / path.name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *dealt])
    assert goodwill("run", folder, "--question", "cost").code == 0
    (counted,) = rows_in(folder, "SELECT count(*) AS n, count(DISTINCT unit) AS units FROM assignments")
    assert (counted["n"], counted["units"]) == (COMPANIES - 2, COMPANIES - 2)
    refused = rows_in(folder, "SELECT * FROM refused WHERE table_name = 'assignments' ORDER BY source_row")
    assert [row["column_name"] for row in refused] == ["arm", "arm", "arm"]
    assert refused[0]["value"] == "maybe"
    assert "another arm" in refused[2]["value"]


# --- known worlds -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_without_an_effect_nothing_is_supported_and_the_interval_holds_the_truth(invited: list[Row]) -> None:
    """Forty companies' half years without an effect, and forty with one."""
    nothing, held = [], []
    for seed in range(40):
        null, _ = answer(after(invited, effect=0.0, seed=100 + seed))
        found, _ = answer(after(invited, effect=0.35, seed=200 + seed))
        assert null is not None
        assert found is not None
        nothing.append(judged(null).standing not in ("supported", "contradicted"))
        held.append(found.difference.low < 0.35 * value(found, "contrast") < found.difference.high)
    assert np.mean(nothing) >= 0.95
    assert np.mean(held) >= 0.8  # 90% of forty, less two standard errors
