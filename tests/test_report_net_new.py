"""Pictures of whom social brought: the steps add up, hidden counts stay hidden, words and tables say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from goodwill.report.meta import Meta
from goodwill.report.net_new_pictures import _steps
from goodwill.report.pages import render
from goodwill.report.panels import Picture
from goodwill.report.pictures import pictures
from goodwill.report.tables import table
from goodwill.report.words import adjusting, sentence
from goodwill.verdicts.small_cells import hide_small
from goodwill.verdicts.verdict import Figure, Verdict

Row = dict[str, Any]


def share(name: str, label: str, n: int, naive: float, corrected: float | None = None) -> Row:
    low, high = (corrected - 0.1, corrected + 0.1) if corrected is not None else (None, None)
    return {name: label, "n": n, "naive": naive, "share": corrected, "low": low, "high": high}


def steps(*sizes: int, kind: str = "missed") -> list[Row]:
    """Everybody, staff, customers, who looks new, the correction, who is new."""
    kinds = ("all", "minus", "minus", "seen", kind, "total")
    names = ("people met on social", "our own staff", "customers", "look new", "the correction", "new people")
    return [{"step": s, "kind": k, "people": n} for s, k, n in zip(names, kinds, sizes, strict=True)]


def net_new(waterfall: Sequence[Row] = ()) -> Verdict:
    return Verdict(
        "net_new",
        "Are the people social brings new, or already ours?",
        unit="person",
        headline=Figure("net_new", "share of the people met on social who are new to us", 0.4, "share", 100, 0.3, 0.5),
        naive=Figure("naive", "share not recognised as known", 0.64, "share", 100, 0.56, 0.71),
        n=100,
        grade="C",
        standing="described",
        facts={
            "waterfall": list(waterfall) or steps(120, 20, 36, 64, 24, 40),
            "new_by_class": [
                share("class", "customers", 36, 0.36, 0.6),
                share("class", "new people in all", 64, 0.64, 0.4),
            ],
            "new_by_venue": [share("venue", "linkedin", 80, 0.7, 0.5) | {"recall": 0.6}, share("venue", "x", 20, 0.4)],
            "new_by_month": [share("month", "2024-01", 50, 0.7, 0.5), share("month", "2024-02", 50, 0.6, 0.3)],
            "new_by_campaign": [share("campaign", "always-on", 100, 0.64, 0.4)],
        },
    )


def drawn(verdict: Verdict, facts: str) -> Picture:
    return next(p for p in pictures(verdict, "EUR") if p.facts == facts)


def test_the_steps_lead_from_everybody_to_the_new_ones_with_the_correction_as_its_own() -> None:
    found = _steps(net_new().facts["waterfall"])
    assert [(step.start, step.end) for step in found] == [
        (0, 120), (120, 100), (100, 64), (0, 64), (64, 40), (0, 40),
    ]  # fmt: skip
    assert [step.total for step in found] == ["120", "−20", "−36", "64", "−24", "40"]
    picture = drawn(net_new(), "waterfall")
    assert picture.sees == (
        "Of 120 people met on social, 64 look new; 24 of them are known and were not recognised, which leaves 40."
    )
    assert picture.panels[0].told.endswith("Look new: 64; The correction: −24; New people: 40.")
    assert "−24" in picture.panels[0].wide
    assert "−24" in picture.panels[0].narrow


@pytest.mark.slow
def test_where_more_were_mistaken_than_missed_the_correction_adds() -> None:
    found = net_new(steps(120, 20, 60, 40, 5, 45, kind="mistaken"))
    assert _steps(found.facts["waterfall"])[4].total == "+5"
    assert "5 more were taken for somebody known, which makes 45" in drawn(found, "waterfall").sees
    none = drawn(net_new(steps(100, 0, 60, 40, 0, 40)), "waterfall")
    assert none.sees.endswith("matching missed none of those we knew.")


@pytest.mark.slow
def test_few_people_stay_hidden_in_picture_words_and_table() -> None:
    hidden = hide_small(net_new(steps(120, 3, 53, 64, 24, 40)), 5)
    picture = drawn(hidden, "waterfall")
    assert "Our own staff: < 5" in picture.panels[0].told
    assert "−3" not in picture.panels[0].told + picture.panels[0].wide
    assert ("our own staff", "< 5") in table(hidden, "waterfall", "EUR").rows
    render((hidden,), Meta("Acme", "2025-12-31"), {})


@pytest.mark.slow
def test_shares_by_class_venue_and_month_stand_beside_what_a_plain_match_says() -> None:
    venues = drawn(net_new(), "new_by_venue")
    assert venues.panels[0].told == (
        "LinkedIn: 70.0% as recognised, 50.0% corrected (40.0 to 60.0%); X: 40.0% as recognised."
    )
    assert "LinkedIn brings the largest share of new people, 50.0%" in venues.sees
    assert "customers" in drawn(net_new(), "new_by_class").sees
    assert "from 50.0% in 2024-01 to 30.0% in 2024-02" in drawn(net_new(), "new_by_month").sees
    assert "always-on" in drawn(net_new(), "new_by_campaign").panels[0].told
    assert table(net_new(), "new_by_venue", "EUR").header == (
        "venue", "people", "as recognised", "corrected", "from", "to", "known people recognised there",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({"waterfall": steps(0, 0, 0, 0, 0, 0)}, 0),
        ({"new_by_month": [share("month", "2024-01", 9, 0.5)]}, 0),
        ({"new_by_month": [share("month", f"2024-0{i}", 9, 0.0) for i in (1, 2, 3)]}, 1),
        ({"new_by_month": [share("month", "2024-01", 9, 0.1), share("month", "2024-02", 90, 0.2, 0.1)]}, 1),
        ({"new_by_venue": [share("venue", "x", 9, 1.0)]}, 1),
        ({"new_by_class": [share("class", "customers", 0, 0.0)]}, 0),
    ],
)
def test_scant_facts_are_drawn_as_far_as_they_go(facts: dict[str, list[Row]], count: int) -> None:
    scant = replace(net_new(), facts=facts)
    shown = [picture for picture in pictures(scant, "EUR") if picture.facts]
    assert len(shown) == count
    assert "NaN" not in "".join(panel.wide + panel.narrow for picture in shown for panel in picture.panels)
    render((scant,), Meta("Acme", "2025-12-31"), {})


def test_the_answer_in_words_and_what_correcting_did() -> None:
    assert sentence(net_new()) == (
        "Share of the people met on social who are new to us came to 40.0% (90% interval 30.0 to 50.0%; 100 people). "
        "Grade C: adjusted comparison."
    )
    assert adjusting(net_new()) == (
        "A plain count says 64.0%; the corrected share is 40.0%. The plain count is larger: it takes for new whom "
        "matching missed."
    )
    assert "with social against without" not in render((net_new(),), Meta("Acme", "2025-12-31"), {})
