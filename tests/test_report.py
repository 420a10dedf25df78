"""The report: what it says, what it may never say, and that its bytes are a function of its verdicts."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from goodwill.report import numbers, terminal, theme, words
from goodwill.report.drawing import WIDE
from goodwill.report.forests import Mark, intervals
from goodwill.report.meta import Meta
from goodwill.report.pages import render
from goodwill.report.pictures import effects, pictures
from goodwill.verdicts.verdict import Figure, Verdict
from stored_facts import curves
from stored_verdicts import GLOSSARY, META, conversation, cost, funnel, referral, sales_cycle, verdicts, win_rate

HOSTILE = '<script>alert(1)</script>"><img src=https://evil.example/x onerror=alert(2)> & \x1b[31m {{ 7*7 }}'


class Reader(HTMLParser):
    """What a browser would see: tags with their attributes, and the text of headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def having(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def html() -> str:
    return render(verdicts(), META, GLOSSARY)


@pytest.fixture(scope="module")
def page(html: str) -> Reader:
    return Reader(html)


def test_golden_page_one(html: str) -> None:
    for said in (
        "Social touches raised the chance that an opportunity is won within 26 weeks by 6.1 points (90% interval "
        "1.2 to 11.0 points; 812 opportunities, 401 touched). Grade C: adjusted comparison.",
        "The smallest effect we could have found: 7.9 days.",
        "Cannot tell: only 23 subscriptions ended in the period; to settle it: about 910 more subscriptions, 1,100 in "
        "all (about 14 months at your pace).",
        "The naive one is larger by 8.1 points",
        "Social cost 39,666 EUR in full over 2 venues: 29,478 EUR for paid work (453.5 hours)",
        "20,137 rows were read; 43 of them were refused",
        "survived 1 of 3 checks; 1 could not run, which is no pass",
        "goodwill explain win_rate",
    ):
        assert said in html
    assert "prove" not in html.lower()


@pytest.mark.slow
def test_at_most_five_claims_the_actionable_first() -> None:
    some = (referral(), sales_cycle(), cost(), win_rate())
    many = tuple(replace(v, question=f"{v.question}_{i}") for i in range(2) for v in some)
    claims = render(many, META, {}).split('<ol class="claims">')[1].split("</ol>")[0]
    assert claims.count("<li>") == 5
    assert claims.index("Supported") < claims.index("No effect found")


def test_asks_nothing_of_any_network(html: str, page: Reader) -> None:
    for attributes in (attributes for _, attributes in page.tags):
        for name in ("src", "href", "action", "data", "xlink:href", "srcset", "poster"):
            assert (attributes.get(name) or "#").startswith("#")
    assert not page.having("script", "link", "iframe", "object", "embed", "form", "img")
    assert "url(" not in html
    assert "@import" not in html
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert len(html.encode()) < 3_000_000


def test_can_be_walked_by_keyboard_and_read_aloud(page: Reader) -> None:
    order = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert order[0] == 1
    assert order.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(order))
    assert {"header", "main", "nav", "footer"} <= {tag for tag, _ in page.tags}
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.having("svg"))
    assert len(page.having("caption")) == len(page.having("table"))
    assert all("scope" in th for th in page.having("th"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {str(a["href"]).removeprefix("#") for a in page.having("a")}
    assert links <= set(ids)
    assert page.having("a")[0]["class"] == "skip"


def test_only_terms_that_are_linked_are_printed(html: str) -> None:
    assert "Risk difference" in html
    assert "Unused term" not in html


@pytest.mark.slow
def test_hostile_text_stays_text() -> None:
    verdict = replace(
        win_rate(), asks=HOSTILE, notes=(HOSTILE,), decision=HOSTILE, question=HOSTILE,
        headline=replace(win_rate().headline, label=HOSTILE, definition=HOSTILE),
        facts={"curves": [{**row, "arm": f"{row['arm']} {HOSTILE}"} for row in curves()]},
    )  # fmt: skip
    venue = replace(cost(), facts={"by_venue": [{"venue": HOSTILE, "labour": 5.0, HOSTILE: 1}]})
    stages = {name: [{**row, key: HOSTILE} for row in funnel().facts[name]]
              for name, key in (("stages", "stage"), ("transitions", "step"), ("stuck", "stage"))}  # fmt: skip
    by_arm = {name: [{**row, "arm": f"{row['arm']} {HOSTILE}"} for row in win_rate().facts[name]] for name in ("ends",)}
    known = {"balance": [{"covariate": HOSTILE, "before": 0.2, "after": 0.1}],
             "sensitivity": [{"factor": HOSTILE, "value_without": 0.1}]}  # fmt: skip
    groups = {name: [{**row, "group": HOSTILE} for row in win_rate().facts[name]] for name in ("horizons", "subgroups")}
    told = replace(funnel(), facts={"curves_of": [{"outcome": HOSTILE}], **stages, **by_arm, **known, **groups})
    week = replace(conversation(), facts={"by_week": [{"week": w, "venue": HOSTILE, "posts": w} for w in (1, 2)]})
    meta = replace(META, company=HOSTILE)
    unknown = replace(referral(), missing=HOSTILE)
    html = render((verdict, venue, week, told, unknown), meta, {HOSTILE: GLOSSARY["full_cost"]})
    reader = Reader(html)
    assert not reader.having("script", "img")
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert "{{ 7*7 }}" in html
    assert "\x1b" not in terminal.plain_scorecard((verdict,), meta)


@pytest.mark.slow
def test_same_verdicts_same_bytes_in_another_process(html: str) -> None:
    script = (
        "import hashlib; from stored_verdicts import *; from goodwill.report.pages import render;"
        "print(hashlib.sha256(render(verdicts(), META, GLOSSARY).encode()).hexdigest())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == hashlib.sha256(html.encode()).hexdigest()


def test_nothing_asked_and_nothing_answered_still_make_a_page() -> None:
    assert "Every question that was asked could be answered" in render((), META, {})
    bare = Verdict("silent", "What about those who never react?")
    assert "Cannot tell" in render((bare,), replace(META, refused=()), {})


def test_files_that_gave_nothing_are_named() -> None:
    inputs = [
        {"file": "torn.xlsx", "tables": [], "same_as": None, "error": "it is torn"},
        {"file": "copy.csv", "tables": [], "same_as": "a.csv", "error": None},
        {"file": "odd.csv", "tables": [], "same_as": None, "error": None},
    ]
    meta = Meta.of({"company": "", "as_of": "2025-12-31", "inputs": inputs})
    html, plain = render((), meta, {}), terminal.plain_scorecard((), meta)
    for name, why in (("torn.xlsx", "it is torn"), ("copy.csv", "the same as a.csv"), ("odd.csv", "no source knows")):
        assert f"{name}: {why}" in html
        assert f"{name} was not read, or not all of it: {why}" in plain


def test_units_do_not_share_an_axis() -> None:
    drawn = effects(verdicts(), "EUR")
    assert drawn is not None
    assert [panel.heading for panel in drawn.panels] == [
        "Effect in percentage points", "Effect in days", "Effect in EUR"
    ]  # fmt: skip
    groups = "prospects +7.5 points, customers +1.2 points"
    assert f"adjusted +6.1 points, naive +14.2 points, {groups}" in drawn.panels[0].told


def test_naive_is_hollow_and_adjusted_is_filled() -> None:
    svg = intervals([("g", [Mark("a", 1, 0, 2, True), Mark("b", 3, 2, 4, False)])], write=str, zero=0.0, width=WIDE)
    assert 'fill="var(--first)" stroke="var(--first)"' in svg
    assert 'fill="var(--paper)" stroke="var(--soft)"' in svg


@pytest.mark.slow
def test_pictures_follow_the_facts() -> None:
    found = {v.question: [p.facts for p in pictures(v, "EUR")] for v in verdicts()}
    assert found == {
        "win_rate": ["curves", "ends", "horizons", "balance", "sensitivity", "silent"],
        "sales_cycle": [""],
        "sales": ["horizons", "subgroups", "sensitivity", "silent"],
        "churn": ["curves", "ends", "balance"],
        "funnel": ["curves", "stages", "transitions", "stuck"],
        "cost": ["by_venue"],
        "conversation": ["by_week"],
        "referral": [""],
    }
    assert pictures(Verdict("x", "?"), "EUR") == ()
    (drawn,) = pictures(cost(), "EUR")
    assert [name for _, name in drawn.key] == ["paid work", "media", "tools"]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "tint"])
def test_contrast_of_every_colour_that_text_has(mode: str, ground: str) -> None:
    colours = {c.role: luminance(getattr(c, mode)) for c in theme.COLOURS}
    for role in ("ink", "soft", "first", "second", "third", "fourth"):
        high, low = sorted((colours[role], colours[ground]), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (role, ground, mode)


def test_a_colour_that_follows_no_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="of its own"):
        theme.paint('<svg><path d="M0" fill="#ff0000"/></svg>')


@pytest.mark.slow
@pytest.mark.parametrize("verdict", verdicts(), ids=lambda v: v.question)
def test_report_terminal_and_rows_agree_to_the_digit(verdict: Verdict) -> None:
    assert verdict.headline is not None
    written = numbers.show(verdict.headline, "EUR")
    console = Console(width=160, file=io.StringIO(), force_terminal=True, color_system=None)
    console.print(terminal.scorecard((verdict,), META))
    assert written in console.file.getvalue()  # type: ignore[attr-defined]
    assert written in render((verdict,), META, {})
    assert terminal.as_rows((verdict,))[0]["value"] == verdict.headline.value


def test_plain_text_without_colour_or_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for force in (True, False):
        console = Console(width=200, file=io.StringIO(), force_terminal=force)
        terminal.print_scorecard(verdicts(), META, console)
        told = console.file.getvalue()  # type: ignore[attr-defined]
        assert "\x1b" not in told
        assert told == terminal.plain_scorecard(verdicts(), META) + "\n"


def test_rows_as_json_and_csv() -> None:
    bad = replace(referral(), missing="=HYPERLINK(1)")
    assert json.loads(terminal.as_json(verdicts())) == terminal.as_rows(verdicts())
    rows = list(csv.DictReader(io.StringIO(terminal.as_csv((*verdicts(), bad)))))
    assert rows[0]["value"] == "0.0611"
    assert rows[-1]["missing"] == "'=HYPERLINK(1)"
    assert terminal.as_csv(()).startswith("question,standing")


def test_words_for_each_standing() -> None:
    opposite = replace(sales_cycle(), standing="contradicted")
    assert words.sentence(opposite).startswith("The opposite of what was hoped for: social touches lengthened")
    assert words.sentence(replace(sales_cycle(), detectable=None)).startswith("No effect found: the time to a win")
    unfamiliar = replace(win_rate(), question="fit", facts={})
    assert words.sentence(unfamiliar).startswith("Difference in the chance of winning came to +6.1 points (90%")
    assert words.sentence(Verdict("fit", "Does it fit?", standing="described")) == (
        "Described: Does it fit? Grade E: raw description or self-report."
    )
    against, small = (replace(win_rate(), naive=Figure("n", "n", value, "points")) for value in (-0.02, 0.01))
    assert "They point in opposite directions" in words.adjusting(against)
    assert "The naive one is smaller by 5.1 points" in words.adjusting(small)
    assert words.adjusting(replace(win_rate(), naive=Figure("n", "n", 3.0, "days"))) == ""


def test_a_description_without_headline_is_told_by_its_facts() -> None:
    bare = replace(cost(), headline=None)
    assert words.sentence(bare).startswith("Social cost 39,666 EUR in full over 2 venues")
    assert '<p class="big">39,666 EUR' in render((bare,), META, {})
    spoken = words.sentence(replace(conversation(), headline=None))
    assert spoken.startswith("We wrote 72 posts and 102 replies in 12 weeks; where the exports hold replies of")
    figures = replace(cost(), headline=None, facts={}, figures=win_rate().figures[:1])
    assert words.sentence(figures).startswith("Won, had all been touched: 41.0%.")


def test_social_as_a_channel_of_entry_is_not_called_a_touch() -> None:
    entered = words.sentence(replace(win_rate(), treatment="coming in through a social channel"))
    assert entered.startswith("Coming in through a social channel raised the chance")
    assert "401 with social" in entered


def test_what_settles_a_question_joins_its_own_words_and_the_number() -> None:
    assert words.settled_by(replace(referral(), settles="older invoices.")).startswith("older invoices; about 910 more")


@given(st.floats(-1e9, 1e9), st.sampled_from(sorted(numbers.UNITS)))
def test_numbers_keep_their_sign_and_their_size(value: float, unit: str) -> None:
    text = numbers.show_bare(value, unit)
    back = float(text.replace(",", "").replace("−", "-")) / numbers.UNITS[unit].scale
    assert back == pytest.approx(value, abs=0.51)
    assert not text.startswith(("-", "−0.0 ", "+0.0 "))
    assert numbers.show_value(-value, unit).lstrip("+−") == numbers.show_value(value, unit).lstrip("+−")


def test_a_unit_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="furlongs"):
        numbers.show_value(1.0, "furlongs")
