"""Page one on what changed since the last report, and on the earlier statements that proved wrong."""

from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from goodwill.report import change_words
from goodwill.report.change_words import ComparedPage, compared, since
from goodwill.report.pages import render
from goodwill.verdicts.verdict import Figure, Verdict
from stored_verdicts import GLOSSARY, META, cost, referral, sales_cycle, verdicts, win_rate

RUN = "run 1, as of 2025-06-30"
HOSTILE = '<script>alert(1)</script>"><b> {{ 7*7 }}'


def other(verdict: Verdict, **figure: float) -> Verdict:
    assert verdict.headline is not None
    return replace(verdict, headline=replace(verdict.headline, **figure))


def short(verdict: Verdict) -> Verdict:
    """Without the facts that tie a headline to its horizon."""
    return replace(verdict, facts={})


def section(html: str) -> str:
    return html.split('<section aria-labelledby="changes">')[1].split("</section>", maxsplit=1)[0]


def means(before: Verdict, now: Verdict) -> str:
    (row,) = compared([before], [now]).rows
    return row.means


@pytest.mark.slow
def test_the_first_report_has_nothing_to_compare_with() -> None:
    html = render(verdicts(), META, GLOSSARY)
    assert "This is the first report of this workspace, so there is nothing to compare it with." in section(html)
    assert "wrong" not in section(html)


@pytest.mark.slow
def test_it_stands_on_page_one_after_the_cost() -> None:
    html = render(verdicts(), META, GLOSSARY, [(RUN, verdicts())])
    places = [html.index(f'id="{name}"') for name in ("cost", "changes", "contents", "question-1")]
    assert places == sorted(places)


@pytest.mark.slow
def test_nothing_changed() -> None:
    told = section(render(verdicts(), META, GLOSSARY, [(RUN, verdicts())]))
    assert f"Compared with {RUN}, nothing changed: 8 answers, the same as before." in told
    assert "None of the earlier statements proved wrong." in told
    assert "<table" not in told


@pytest.mark.slow
def test_what_changed_is_a_table_with_links_and_the_rest_is_named() -> None:
    before = [other(v, value=0.07) if v.question == "win_rate" else v for v in verdicts() if v.question != "cost"]
    told = section(render(verdicts(), META, GLOSSARY, [(RUN, before)]))
    assert f"Compared with {RUN}: 2 of 8 answers changed." in told
    assert '<a href="#question-1">Win rate</a></th><td>Supported: +7.0 points (1.2 to 11.0 points)</td>' in told
    assert "It is asked for the first time." in told
    assert "Unchanged: Sales cycle, Sales, Churn, Funnel, Conversation and Referral." in told


def test_only_the_last_run_is_compared_and_all_of_them_are_held_to_what_they_said() -> None:
    wrong = short(other(win_rate(), value=0.2, low=0.15, high=0.25))
    former = [(RUN, [wrong]), ("run 2, as of 2025-09-30", [short(win_rate())])]
    page = since(former, [short(win_rate())])
    assert page.intro == "Compared with run 2, as of 2025-09-30, nothing changed: 1 answer, the same as before."
    (said,) = page.wrong
    assert said.startswith(
        f"R{RUN[1:]}, said: social touches raised the chance that an opportunity is won by 20.0 points"
    )
    assert said.endswith("The two intervals have no value in common.")
    assert page.none_wrong == ""


def test_every_way_to_be_wrong_has_its_words() -> None:
    up = short(win_rate())
    down = replace(other(up, value=-0.05, low=-0.09, high=-0.01), standing="contradicted")
    none = replace(other(up, value=0.0, low=-0.03, high=0.03), standing="no effect found", detectable=0.04)
    untold = replace(up, standing="cannot tell", missing="too few deals")
    for before, now, words in (
        (up, down, "Now the opposite is found: social touches lowered"),
        (up, none, "No effect is found now, and the interval, −3.0 to +3.0 points, leaves that out."),
        (none, up, "no effect was found (win rate), and one of 4.0 points could have been. Now: social touches raised"),
    ):
        (told,) = compared([before], [now], labels=(RUN, "run 2")).wrong
        assert words in told
    page = compared([up], [untold], labels=(RUN, "run 2"))
    assert (page.wrong, len(page.withdrawn)) == ((), 1)
    assert page.withdrawn[0].endswith("It cannot be told now: too few deals.")
    assert page.none_wrong == change_words.NONE_WRONG


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (win_rate(), other(win_rate(), value=0.08), "moved by +1.9 points and lies inside the earlier 90% interval"),
        (win_rate(), other(win_rate(), value=0.3), "outside the earlier 90% interval: use the earlier figure no more"),
        (win_rate(), other(win_rate(), low=0.02), "The estimate is the same; its interval was 1.2 to 11.0 points and"),
        (win_rate(), replace(win_rate(), grade="B"), "The evidence was of grade C and is of grade B now."),
        (win_rate(), replace(win_rate(), treatment="a visit"), "It measures something else now"),
        (win_rate(), replace(win_rate(), standing="contradicted"), "speak now against what they supported"),
        (win_rate(), replace(win_rate(), standing="cannot tell", missing="too few"), "It no longer stands: too few."),
        (win_rate(), replace(win_rate(), standing="no effect found"), "No effect is found now where one was claimed"),
        (win_rate(), replace(win_rate(), standing="described"), "It is described now"),
        (sales_cycle(), replace(sales_cycle(), standing="supported"), "An effect is found now where none was found"),
        (sales_cycle(), replace(sales_cycle(), standing="cannot tell"), "It cannot be told any more"),
        (referral(), replace(referral(), standing="supported"), "An effect can be told now."),
        (referral(), replace(referral(), standing="no effect found"), "no effect of the size that matters"),
        (referral(), other(referral(), value=-0.02), "moved by +1.0 points; it still cannot be told."),
        (replace(referral(), headline=None), referral(), "There is an estimate now."),
        (referral(), replace(referral(), headline=None), "There is no estimate any more."),
        (cost(), other(cost(), value=40000.0), "The figure moved by +334 EUR; it only describes."),
    ],
)
def test_every_change_has_its_meaning(before: Verdict, now: Verdict, words: str) -> None:
    assert words in means(before, now)


def test_figures_without_a_headline_are_named_those_that_moved_most_first() -> None:
    figures = [Figure(f"f{n}", f"x: hours {n}", 100.0, "hours") for n in range(5)]
    before = Verdict("cost", "?", standing="described", figures=tuple(figures))
    now = replace(before, figures=tuple(replace(f, value=100.0 + n) for n, f in enumerate(figures)))
    told = means(before, now)
    assert told.startswith("4 figures moved, most of all: X: hours 4 from 100.0 hours to 104.0 hours; X: hours 3 from")
    assert told.count("from") == change_words.MOST_NAMED


def test_what_is_no_longer_asked_has_no_link() -> None:
    page = since([(RUN, [win_rate(), cost()])], [cost()], anchors={"cost": "question-1", "win_rate": "question-9"})
    assert [(row.question, row.after, row.anchor) for row in page.changed] == [("win_rate", "Not asked", "")]


def test_the_same_page_for_any_two_runs() -> None:
    page = compared([win_rate()], [win_rate()], labels=(RUN, "run 4, as of 2026-01-31"))
    assert page.heading == f"What changed from {RUN}, to run 4, as of 2026-01-31"
    assert isinstance(page, ComparedPage)
    assert [row.kind for row in page.rows] == ["unchanged"]


class Reader(HTMLParser):
    """The headings and ids of a page, and how many tables have a caption."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str | None] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        if tag in ("h1", "h2", "h3", "h4"):
            self.levels.append(int(tag[1]))


def test_the_page_stays_well_formed_and_hostile_text_stays_text() -> None:
    former = [(HOSTILE, [short(other(win_rate(), value=9.0, low=8.0, high=10.0))])]
    html = render([short(win_rate()), replace(cost(), question=HOSTILE)], META, GLOSSARY, former)
    assert "<script" not in html
    assert "{{ 7*7 }}" in html
    page = Reader(html)
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("table") == page.tags.count("caption")
    assert all(after - before <= 1 for before, after in pairwise(page.levels))
    assert html == render([short(win_rate()), replace(cost(), question=HOSTILE)], META, GLOSSARY, former)
