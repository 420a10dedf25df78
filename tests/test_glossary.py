"""The glossary: every term is whole, is found in any case, and says where it is from."""

import pytest

from goodwill.glossary import TERMS, resembling, term
from goodwill.registry import questions
from goodwill.report import pages
from goodwill.report.meta import Meta
from goodwill.verdicts import Figure, Verdict

#: Words for worth that has not been shown: no term may offer them as a measure of value.
REFUSED = ("advertising value", "ave", "earned media value", "emv")


@pytest.mark.parametrize("name", TERMS)
def test_a_term_is_whole(name: str) -> None:
    found = TERMS[name]
    assert all((found.title, found.definition, found.unit, found.caution, found.source))
    assert found.definition.endswith(".")
    assert found.caution.endswith(".")
    assert not found.source.endswith(".")


def test_the_agreed_definitions_are_there() -> None:
    assert len(TERMS) >= 48
    for name in ("item", "mention", "impressions", "reach", "conversation", "net-new class", "evidence grade"):
        assert name in TERMS


def test_every_term_is_found_by_its_own_name() -> None:
    assert all(term(name.upper()) is found for name, found in TERMS.items())


@pytest.mark.parametrize("spelling", ["win rate a", "WIN RATE A", "  Win rate  A"])
def test_look_up_ignores_case_and_spaces(spelling: str) -> None:
    found = term(spelling)
    assert found is not None
    assert found.name == "win rate A"


def test_an_unknown_term_is_none_and_the_nearest_is_named() -> None:
    assert term("sales cicle") is None
    assert resembling("sales cicle") == "sales cycle"
    assert resembling("qqqqqqqqqqq") is None


def test_what_is_from_memory_says_so() -> None:
    assert "stated from memory; check before quoting" in TERMS["sentiment"].caution


def test_worth_that_was_not_shown_is_no_term() -> None:
    assert [name for name in REFUSED if term(name)] == []


def test_a_report_prints_the_terms_that_its_figures_name() -> None:
    headline = Figure("effect", "share won", 0.2, "share", definition="win rate B")
    page = pages.render([Verdict("win_rate", "?", headline=headline)], Meta("Acme", "2025-12-31"), TERMS)
    assert TERMS["win rate B"].title in page
    assert TERMS["NPS"].title not in page


@pytest.mark.parametrize("question", questions())
def test_every_question_defines_its_words(question: str) -> None:
    asked = questions()[question]
    assert asked.definitions
    assert [name for name in asked.definitions if name not in TERMS] == []
