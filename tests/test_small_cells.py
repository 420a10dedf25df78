"""Counts of so few that somebody could be recognised are hidden once, for every door, and do not follow from others."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from goodwill.report.meta import Meta
from goodwill.report.numbers import bare_count, show, show_count
from goodwill.report.tables import table
from goodwill.report.terminal import as_json, plain_scorecard
from goodwill.verdicts import Check, Figure, Verdict
from goodwill.verdicts.small_cells import NOT_SHOWN, hide_small


def rows(*counts: int) -> dict[str, list[dict[str, object]]]:
    return {"by_class": [{"class": str(i), "people": n, "posts": 2} for i, n in enumerate(counts)]}


def people(verdict: Verdict) -> list[object]:
    return [row["people"] for row in verdict.facts["by_class"]]


def test_a_small_count_is_told_as_fewer_than_five_wherever_it_stands() -> None:
    figures = (
        Figure("linkedin_people", "people", 3, "count"),
        Figure("x_people", "people", 2, "count"),
        Figure("x_posts", "posts", 3, "count"),
        Figure("x_per_people", "cost each", 40.0, "money", n=2),
    )
    checks = (Check("placebo", "tried on 3 companies", "2 of 40 deals changed", True, figures={"cases": 2.0}),)
    verdict = Verdict("cost", "?", unit="customer", n=4, n_exposed=1, figures=figures, facts=rows(7, 3, 2))
    hidden = hide_small(replace(verdict, checks=checks, standing="described"), 5)
    assert [show(f) for f in hidden.figures] == ["< 5", "< 5", "3", "not known"]
    assert show_count(hidden.n) == "< 5"
    assert people(hidden) == [7, "< 5", "< 5"]
    assert table(hidden, "by_class", "EUR").rows[1][1] == "< 5"
    assert hidden.checks[0].tried == "tried on fewer than 5 companies"
    assert hidden.checks[0].result == "fewer than 5 of 40 deals changed"
    assert show_count(hidden.checks[0].figures["cases"]) == "< 5"
    assert json.loads(as_json([hidden]))[0]["n"] == "< 5"
    assert "4" not in plain_scorecard([hidden], Meta("Acme", as_of="2025-12-31")).replace("2025", "")
    assert Verdict.from_json(hidden.to_json()) == hidden


def test_what_would_settle_a_question_is_no_count() -> None:
    verdict = Verdict("churn", "?", missing="there are only 3 accounts", settles="at least 4 accounts")
    hidden = hide_small(verdict, 5)
    assert (hidden.missing, hidden.settles) == ("there are fewer than 5 accounts", "at least 4 accounts")


def test_one_hidden_count_takes_the_next_smallest_with_it() -> None:
    assert people(hide_small(Verdict("q", "?", facts=rows(90, 3, 12, 0)), 5)) == [90, "< 5", NOT_SHOWN, 0]
    # two ones, or two fours: their sum tells each of them
    assert people(hide_small(Verdict("q", "?", facts=rows(90, 1, 1)), 5)) == [NOT_SHOWN, "< 5", "< 5"]
    assert people(hide_small(Verdict("q", "?", facts=rows(90, 1, 3)), 5)) == [90, "< 5", "< 5"]


def test_units_that_were_not_exposed_do_not_follow_from_those_that_were() -> None:
    hidden = hide_small(Verdict("q", "?", unit="opportunity", n=20, n_exposed=18), 5)
    assert (show_count(hidden.n), show_count(hidden.n_exposed)) == ("20", "< 20")


def test_things_are_no_people() -> None:
    verdict = Verdict("conversation", "?", unit="venue week", n=3, figures=(Figure("x_shares", "shares", 2, "count"),))
    assert hide_small(verdict, 5) == verdict


def test_nothing_is_hidden_where_the_setting_says_so() -> None:
    verdict = Verdict("q", "?", n=2, facts=rows(1, 2))
    assert hide_small(verdict, 0) == verdict


@given(st.lists(st.integers(0, 30), max_size=8), st.integers(2, 7))
def test_no_small_count_is_left_and_none_follows_from_the_total(counts: list[int], smallest: int) -> None:
    shown = people(hide_small(Verdict("q", "?", facts=rows(*counts)), smallest)) if counts else []
    assert all(not (isinstance(s, int) and 0 < s < smallest) for s in shown)
    # whoever knows the total and every count shown still has two values for each hidden one, or nothing else is left
    left = sum(counts) - sum(s for s in shown if isinstance(s, int))
    few, others = shown.count(f"< {smallest}"), shown.count(NOT_SHOWN)
    if few and not others and [c for c in counts if c >= smallest]:
        assert few < left < few * (smallest - 1)


def test_programs_get_a_number_or_words() -> None:
    assert (bare_count(12), bare_count(-5)) == (12, "< 5")
