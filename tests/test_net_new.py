"""Whom social brought: the share of new people on rows made by hand, what is set aside, and when it cannot be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canonical import END, Rows, at
from goodwill import study
from goodwill.designs.known_people import met
from goodwill.registry import Terms, questions
from goodwill.verdicts import Figure, Verdict
from goodwill.verdicts.judge import judge
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Workspace
from net_new_rows import (
    QUALITY,
    carries,
    classed,
    contact,
    joined,
    met_people,
    quality,
    touch,
    with_pairs,
    with_quality,
)

OURS = Workspace(Path(), domains=("ours.com",), partners=("reseller.com",))
ACCOUNTS = quality("hubspot", 100, 80, "account")


def asked(tables: DuckDBTables, workspace: Workspace = OURS, placebos: int = 40) -> Verdict:
    (verdict,) = judge([study.ask(questions()["net_new"], tables, Terms(workspace, END, 1, placebos))])
    assert Verdict.from_json(verdict.to_json()).to_json() == verdict.to_json()
    for figure in verdict.every_figure():
        assert figure.value is not None
        if figure.low is not None and figure.high is not None:
            assert 0 <= figure.low <= figure.value <= figure.high <= 1, figure.name
    return verdict


def by_probability(tables: DuckDBTables, known: int = 36, p: float = 1.0, venue: str = "linkedin") -> DuckDBTables:
    """The same people, tied to their records by a probability and not by a key."""
    pairs = [(f"hubspot/contact:{venue}{i}", f"{venue}:p{i}", p) for i in range(known)]
    return with_pairs(tables, pairs, {node: node for pair in pairs for node in pair[:2]})


def figure(verdict: Verdict, name: str) -> Figure:
    return next(f for f in verdict.every_figure() if f.name == name)


# --- the share ------------------------------------------------------------------------------------


def test_a_plain_match_says_64_of_100_are_new_and_corrected_it_is_40() -> None:
    verdict = asked(by_probability(with_quality(met_people())))
    assert verdict.headline is not None
    assert verdict.naive is not None
    assert (verdict.naive.value, verdict.headline.value) == pytest.approx((0.64, 0.40))
    assert verdict.headline.low < 0.40 < verdict.headline.high < 0.64  # type: ignore[operator]
    assert (verdict.standing, verdict.grade, verdict.n) == ("described", "C", 100)
    assert figure(verdict, "share_known_lead").value == pytest.approx(0.60)


def test_who_is_tied_by_a_key_needs_no_correction() -> None:
    verdict = asked(with_quality(met_people()))
    assert figure(verdict, "net_new").value == figure(verdict, "naive").value == pytest.approx(0.64)


def test_a_match_counts_by_its_probability() -> None:
    verdict = asked(by_probability(with_quality(met_people()), p=0.8))
    assert figure(verdict, "net_new").value == pytest.approx(1 - 36 * 0.8 / 0.6 / 100)


def test_how_people_were_recognised_a_key_a_probability_or_a_decision() -> None:
    tables = by_probability(with_quality(met_people(known=4, missed=0, new=1)), known=3, p=0.7)
    exact = {f"{kind}{i}": f"{kind}{i}" for kind in ("hubspot/contact:linkedin", "linkedin:p") for i in range(4)}
    exact["linkedin:p0"] = exact["hubspot/contact:linkedin0"]
    tables = with_pairs(tables, [("hubspot/contact:linkedin1", "linkedin:p1", 0.7)], exact)
    found = met(tables)
    handle = dict(zip(found.columns["actor"], zip(found.probability, found.is_exact, strict=True), strict=True))
    assert handle["linkedin:p0"] == (1.0, True)
    assert handle["linkedin:p1"] == (0.7, False)
    assert handle["linkedin:p2"] == handle["linkedin:p3"] == (1.0, True), "tied by neither: somebody decided it"


def test_the_smallest_exact_chain_counts_by_its_first_link() -> None:
    tables = with_quality(met_people(known=1, missed=0, new=0))
    tables.execute("INSERT INTO resolved SELECT 'mailchimp/member:9', person FROM resolved WHERE node = 'linkedin:p0'")
    nodes = ("hubspot/contact:linkedin0", "linkedin:p0", "mailchimp/member:9")
    pairs = [("linkedin:p0", "mailchimp/member:9", 0.9), ("hubspot/contact:linkedin0", "mailchimp/member:9", 0.6)]
    found = met(with_pairs(tables, pairs, {node: node for node in nodes}))
    assert (found.probability.tolist(), found.is_exact.tolist(), found.further.tolist()) == ([0.9], [False], [0])


def test_further_profiles_are_those_that_no_key_ties() -> None:
    """One person acts under three profiles, one of them in the CRM's record."""
    rows = joined(met_people(known=1, missed=0, new=0), {"interactions": [
        touch("2024-06-01 10:00", "x:p0", venue="x"), touch("2024-06-02 10:00", "facebook:p0", venue="facebook"),
    ]})  # fmt: skip
    tables = with_quality(rows)
    tables.execute("UPDATE resolved SET person = (SELECT person FROM resolved WHERE node = 'linkedin:p0')")
    tables.execute(f"CREATE OR REPLACE TABLE touch_classes AS {lineage.models()['touch_classes'].sql}")
    tables.execute(
        "UPDATE touch_classes SET person = (SELECT person FROM resolved LIMIT 1), is_first = actor = 'linkedin:p0'"
    )
    pairs = [("linkedin:p0", "x:p0", 0.9), ("facebook:p0", "linkedin:p0", 0.9)]
    nodes = {"hubspot/contact:linkedin0": "e", "linkedin:p0": "e", "x:p0": "x", "facebook:p0": "f"}
    found = met(with_pairs(tables, pairs, nodes))
    assert (found.is_exact.tolist(), found.further.tolist()) == ([True], [2])


def test_staff_is_left_out_partners_are_not_new_and_each_person_counts_once() -> None:
    extra = {"interactions": [
        touch("2024-05-01 10:00", "email:ann@ours.com"), touch("2024-05-01 10:00", "email:bob@reseller.com"),
        touch("2024-12-01 10:00", "linkedin:p99"), touch("2024-12-02 10:00", "linkedin:p99"),
    ]}  # fmt: skip
    mail = quality("email", 50, 50)
    verdict = asked(by_probability(with_quality(joined(met_people(), extra), (QUALITY, mail), OURS)))
    assert verdict.n == 101
    assert figure(verdict, "net_new").value == pytest.approx(40 / 101)
    assert figure(verdict, "share_partner_or_rival").value == pytest.approx(1 / 101)
    steps = {row["step"]: row["people"] for row in verdict.facts["waterfall"]}
    assert steps == {
        "people met on social": 102, "our own staff": 1, "partners, rivals and vendors": 1, "other people we knew": 36,
        "look new": 64, "known and not recognised, or counted twice": 24, "new people": 40,
    }  # fmt: skip


def test_venues_are_corrected_each_by_its_own_recall_and_one_without_is_set_aside() -> None:
    rows = joined(met_people(), met_people(30, 70, 100, venue="x"), met_people(5, 5, 20, venue="facebook"))
    tables = with_quality(rows, (QUALITY, quality("x", 400, 120)))
    pairs = [(f"hubspot/contact:{v}{i}", f"{v}:p{i}", 1.0) for v, n in (("linkedin", 36), ("x", 30), ("facebook", 5))
             for i in range(n)]  # fmt: skip
    verdict = asked(with_pairs(tables, pairs, {node: node for pair in pairs for node in pair[:2]}))
    assert verdict.n == 300
    assert figure(verdict, "net_new").value == pytest.approx(140 / 300)
    shares = {row["venue"]: row["share"] for row in verdict.facts["new_by_venue"]}
    assert shares == {"facebook": None, "linkedin": pytest.approx(0.40), "x": pytest.approx(0.50)}
    assert "facebook" in verdict.notes[-1]
    assert "30 pairs" in verdict.notes[-1]
    least, most = (figure(verdict, f"{end}_new").value for end in ("least", "most"))
    assert verdict.headline is not None
    assert least == pytest.approx(verdict.headline.low * 300 / 330)  # type: ignore[operator]
    assert most == pytest.approx((verdict.headline.high * 300 + 25) / 330)  # type: ignore[operator]
    assert next(c for c in verdict.checks if c.name == "venues agree").survived


def test_partners_of_whom_no_company_is_known_are_made_up_for() -> None:
    """Of 16 people met by e-mail 12 tell their company, 8 of them a partner's: so are two thirds of the other 4."""
    senders = [f"b{i}@reseller.com" for i in range(8)] + [f"n{i}@acme.com" for i in range(4)]
    senders += [f"p{i}@gmail.com" for i in range(4)]
    met = {"interactions": [touch("2024-05-01 10:00", f"email:{sender}") for sender in senders]}
    verdict = asked(by_probability(with_quality(joined(met_people(), met), (QUALITY, quality("email", 50, 50)), OURS)))
    assert figure(verdict, "share_partner_or_rival").value == pytest.approx(8 * 16 / 12 / 116)
    assert figure(verdict, "net_new").value == pytest.approx((40 + 4 * 16 / 12) / 116)


def test_new_people_are_split_by_company_where_companies_were_measured_too() -> None:
    """Companies are seen in 8 of 10 cases, so that of 10 new people at companies we know 8 show as that."""
    rows = met_people()
    for i in (60, 61, 62, 63):
        rows["people"][2 * 60 + i - 60]["account"] = "hubspot/company:1"  # type: ignore[index]
    known = {"accounts": [{"id": "hubspot/company:1", "name": "Acme", "created_at": at("2022-01-01 09:00")}]}
    verdict = asked(by_probability(with_quality(joined(rows, known), (QUALITY, ACCOUNTS))))
    parts = [figure(verdict, f"share_{name}").value for name in ("new_person_known_account", "new_person_new_account")]
    assert sum(parts) == pytest.approx(0.40)  # type: ignore[arg-type]
    assert parts[0] == pytest.approx(0.0)  # those 4 are fewer than the 24 x 0.8 whom matching missed at such companies


# --- what is beside it ----------------------------------------------------------------------------


def test_existing_customers_are_told_as_a_share_of_reach_engagement_and_leads() -> None:
    node = "email:j@acme.com"
    rows: Rows = {
        "interactions": [touch("2024-03-01 10:00", node), touch("2024-03-02 10:00", node),
                         touch("2024-03-01 10:00", "email:k@beta.com")],
        "subscriptions": [{"id": "s", "account": "hubspot/company:1", "started_at": at("2023-01-01"), "mrr": 1.0}],
        "accounts": [{"id": "hubspot/company:1", "domain": "acme.com"}],
        "people": [contact(1, "2023-01-01")],
        "identifiers": [carries("hubspot/contact:1", node, "email")],
        "leads": [{"id": "1", "person": node, "created_at": at("2024-04-01 10:00")},
                  {"id": "2", "person": "email:k@beta.com", "created_at": at("2024-02-01 10:00")}],
    }  # fmt: skip
    tables = classed(rows, OURS)
    verdict = asked(tables)
    told = {name: (figure(verdict, f"customers_{name}").value, figure(verdict, f"customers_{name}").n)
            for name in ("reach", "engagement", "leads")}  # fmt: skip
    assert told == {"reach": (0.5, 2), "engagement": (pytest.approx(2 / 3), 3), "leads": (1.0, 1)}
    for name in told:
        evidence = figure(verdict, f"customers_{name}").evidence
        assert evidence is not None
        assert len(tables.rows(evidence.rows)) == told[name][1]


def test_people_of_whom_only_an_undated_record_is_known_are_a_figure_of_their_own() -> None:
    rows = met_people()
    for i in range(6):
        rows["people"][2 * i + 1]["created_at"] = None  # type: ignore[index]
    verdict = asked(by_probability(with_quality(rows)))
    assert (verdict.n, figure(verdict, "undated").value) == (94, 6.0)
    check = next(c for c in verdict.checks if c.name == "undated records")
    assert check.survived is not None
    assert "all new" in check.result


def test_months_and_campaigns_are_corrected_where_enough_people_were_met() -> None:
    verdict = asked(by_probability(with_quality(met_people())))
    assert {row["campaign"]: row["n"] for row in verdict.facts["new_by_campaign"]} == {"c0": 50, "c1": 50}
    months = verdict.facts["new_by_month"]
    assert sum(row["n"] for row in months) == 100
    assert [(row["n"], row["share"] is None) for row in months] == [(27, False), (29, False), (31, False), (13, True)]


def test_a_brief_answer_is_the_same_without_attempts_to_break_it() -> None:
    tables = by_probability(with_quality(met_people()))
    brief, whole = asked(tables, placebos=0), asked(tables)
    assert (brief.headline, brief.checks, dict(brief.facts)) == (whole.headline, (), {})
    assert {c.name for c in whole.checks} == {
        "recall varied", "record dates moved", "undated records", "people with an exact key", "venues agree",
        "records made one by one",
    }  # fmt: skip


def test_an_import_shows_and_so_do_dates_that_decide_the_answer() -> None:
    rows = met_people()
    for i in range(60):
        rows["people"][2 * i + 1]["created_at"] = at("2024-01-02 10:00")  # type: ignore[index]
    survived = {c.name: c.survived for c in asked(by_probability(with_quality(rows))).checks}
    assert survived["records made one by one"] is False
    for i, row in enumerate(rows["interactions"]):
        row["at"] = at("2024-01-05 10:00") if i < 60 else row["at"]  # type: ignore[index]
    survived = {c.name: c.survived for c in asked(by_probability(with_quality(rows))).checks}
    assert survived["record dates moved"] is False


# --- cannot tell ----------------------------------------------------------------------------------


def test_without_a_measured_recall_what_looks_new_is_shown_and_nothing_claimed() -> None:
    verdict = asked(classed(met_people(), OURS))
    assert (verdict.standing, verdict.headline) == ("cannot tell", None)
    assert "linkedin" in verdict.missing
    assert "30 pairs" in verdict.settles
    assert verdict.naive is not None
    assert verdict.naive.value == pytest.approx(0.64)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        ({}, "no social touch"),
        ({"interactions": [touch("2024-05-01", "linkedin:a")]}, "since when"),
        ({"interactions": [touch("2024-05-01", "linkedin:a")], "people": [contact(1, None)]}, "since when"),
        ({"interactions": [touch("2024-05-01", f"linkedin:{i}") for i in range(30)],
          "people": [contact(1, "2023-01-01")]}, "only 0 people"),
        ({"interactions": [touch("2024-05-01", None)], "people": [contact(1, "2023-01-01")]}, "no social touch"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(rows: dict[str, Any], missing: str) -> None:
    verdict = asked(with_quality(rows))
    assert verdict.standing == "cannot tell"
    assert missing in verdict.missing
    assert verdict.settles


# --- a known world --------------------------------------------------------------------------------


@pytest.mark.slow
def test_over_recalls_the_corrected_share_stays_where_the_plain_one_moves() -> None:
    shares, plain = [], []
    for recall in (0.5, 0.8, 0.95):
        found = round(60 * recall)
        measured = quality(found=round(200 * recall))
        verdict = asked(
            by_probability(with_quality(met_people(found, 60 - found, 40), (measured,)), known=found), placebos=0
        )
        shares.append(figure(verdict, "net_new").value)
        plain.append(figure(verdict, "naive").value)
    assert shares == pytest.approx([0.4, 0.4, 0.4], abs=0.01)
    assert np.ptp(np.array(plain, dtype=float)) > 0.25
