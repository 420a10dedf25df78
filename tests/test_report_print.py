"""The report on paper: every question begins a page, and nothing that belongs together is cut by the edge of one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from goodwill.glossary import TERMS
from goodwill.report.pages import render
from goodwill.verdicts import Verdict
from stored_verdicts import META, verdicts

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: install Debian's chromium as {CHROMIUM}"),
]

#: Puts marks too small to see, that take no room, where things begin ({12a}) and end ({12z}): the text of a page of the
#: PDF then says what lies on it. Gives what was marked, in order: its kind and its first words.
MARK = r"""() => {
    const told = [], places = [];
    const shown = css => [...document.querySelectorAll(css)].filter(e => e.getClientRects().length);
    const words = e => e.textContent.trim().replace(/\s+/g, ' ').slice(0, 60);
    const note = (kind, e, from, to) => { places.push([from, to]); told.push([kind, words(e)]); };
    const first = e => e.matches('p, dt, dd, figcaption, th') || !e.firstElementChild ? e : first(e.firstElementChild);
    shown('.panel, .claims > li, .unknown, dd, ul.plain > li, ul.key').forEach(e => note('whole', e, e, [e]));
    shown('tbody tr').forEach(e => note('row', e, e.cells[0], [...e.cells]));
    shown('figure').forEach(e => note('caption', e, first(e), [e.querySelector('.panel > p')]));
    shown('h2, h3').map(e => [e, e.nextElementSibling]).filter(([, next]) => next)
        .forEach(([e, next]) => note('heading', e, e, [first(next)]));
    shown('dt').forEach(e => note('term', e, e, [e.nextElementSibling]));
    shown('section.question').forEach(e => note('question', e, e.querySelector('h2'), [e.lastElementChild]));
    const mark = (place, where, text) => {
        const span = document.createElement('span');
        span.textContent = `{${text}}`;
        span.style.cssText = 'position:absolute;font:1px/1 monospace;color:#fff;white-space:nowrap';
        place.insertAdjacentElement(where, span);
    };
    places.forEach(([from, to], n) => {
        mark(from, 'afterbegin', n + 'a');
        const where = ['heading', 'caption', 'term'].includes(told[n][0]) ? 'afterbegin' : 'beforeend';
        to.forEach(e => mark(e, where, n + 'z'));
    });
    return told;
}"""


@dataclass(frozen=True)
class Marked:
    """Something on paper: its kind, its first words, and the pages on which it begins and ends."""

    kind: str
    words: str
    begins: frozenset[int]
    ends: frozenset[int]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Marked]]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = tmp_path_factory.mktemp("print") / "report.html"
    path.write_text(render([lengthened(v, n) for n, v in enumerate(verdicts(), 3)], META, TERMS), encoding="utf-8")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield on_paper(browser, path)
        browser.close()


def lengthened(verdict: Verdict, times: int) -> Verdict:
    """A verdict with tables that reach over pages, each question's of another length."""
    return replace(
        verdict,
        figures=tuple(
            replace(f, name=f"{f.name}_{n}", definition=term)
            for n, term in zip(range(4 * times), cycle(TERMS), strict=False)
            for f in verdict.figures
        ),
        checks=tuple(replace(c, name=f"{c.name} {n}") for n in range(times) for c in verdict.checks),
        notes=tuple(f"{note} {n}" for n in range(times) for note in (*verdict.notes, verdict.asks * 3)),
    )


def on_paper(browser: Any, path: Path) -> list[Marked]:
    """What a report looks like on A4."""
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    told = page.evaluate(MARK)
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    found: dict[str, set[int]] = {}
    for number, sheet in enumerate(sheets, start=1):
        for mark in re.findall(r"\{(\d+[az])\}", sheet.extract_text().replace("\n", "")):
            found.setdefault(mark, set()).add(number)
    return [
        Marked(kind, words, frozenset(found.get(f"{n}a", ())), frozenset(found.get(f"{n}z", ())))
        for n, (kind, words) in enumerate(told)
    ]


def of(printed: list[Marked], *kinds: str) -> list[Marked]:
    return [marked for marked in printed if marked.kind in kinds]


def test_every_mark_is_found(printed: list[Marked]) -> None:
    assert len(of(printed, "row")) > 100
    assert len(of(printed, "whole")) > 50
    assert len(of(printed, "heading")) > 20
    assert [marked for marked in printed if len(marked.begins) != 1 or not marked.ends] == []


def test_no_picture_row_or_claim_is_cut(printed: list[Marked]) -> None:
    assert [marked for marked in of(printed, "whole", "row") if marked.begins != marked.ends] == []


def test_nothing_is_headed_on_another_page(printed: list[Marked]) -> None:
    assert [marked for marked in of(printed, "heading", "caption", "term") if marked.begins != marked.ends] == []


def test_each_question_begins_a_page(printed: list[Marked]) -> None:
    questions = of(printed, "question")
    before = max(page for marked in printed if marked.kind == "heading" for page in marked.begins
                 if page < min(questions[0].begins))  # fmt: skip
    ends = [before, *(max(marked.ends) for marked in questions)]
    begins = [min(marked.begins) for marked in questions]
    assert len(begins) > len(verdicts())
    assert all(begin > end for begin, end in zip(begins, ends, strict=False)), (begins, ends)
