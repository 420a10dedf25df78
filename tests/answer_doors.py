"""Every door through which answers are seen, and each figure as it is written there, word for word."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

from fastapi.testclient import TestClient

import goodwill
from goodwill import keeping
from goodwill.report import terminal
from goodwill.report.meta import Meta
from goodwill.report.numbers import show_range, show_value
from goodwill.verdicts import Verdict
from goodwill.web.app import create_app
from goodwill.web.site import Site
from goodwill.workspace import open_workspace

#: A figure, as (question, name), and how it is written: value and interval; None where a door does not show one.
Written = dict[tuple[str, str], tuple[str | None, str | None]]
#: What is said of a question in words.
SAID = "sentence"


class Page(HTMLParser):
    """The tables of a page and its answers in words: ``rows`` are (id of the section, caption, cells)."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[str, str, list[str]]] = []
        self.answers: list[str] = []
        self.text = ""
        self._section, self._caption, self._cells = "", "", list[str]()
        self._into = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "section":
            self._section = said.get("id") or ""
        if tag in ("th", "td"):
            self._cells.append("")
            self._into = "cell"
        if tag == "caption":
            self._caption, self._into = "", "caption"
        if tag == "p" and said.get("class") == "answer":
            self.answers.append("")
            self._into = "answer"
        if tag == "br" and self._into == "cell":
            self._cells[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "caption", "p"):
            self._into = ""
        if tag == "tr":
            self.rows.append((self._section, self._caption, [cell.strip() for cell in self._cells]))
            self._cells = []

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._into == "cell":
            self._cells[-1] += data
        elif self._into == "caption":
            self._caption += data
        elif self._into == "answer":
            self.answers[-1] += data


def _kept(folder: Path) -> tuple[tuple[Verdict, ...], Meta]:
    verdicts, manifest = keeping.kept(open_workspace(folder))
    return tuple(verdicts), Meta.of(manifest)


def _figures(page: Page, verdicts: tuple[Verdict, ...], section: Callable[[int], str]) -> Written:
    """The tables of figures of a page; each must have a line for every figure."""
    found: Written = {}
    for number, verdict in enumerate(verdicts, 1):
        lines = [c for at, caption, c in page.rows if at == section(number) and "every figure, with its" in caption]
        figures = list(verdict.every_figure())
        assert len(lines[1:]) == len(figures), verdict.question
        for figure, (_, value, interval, _) in zip(figures, lines[1:], strict=True):
            found[verdict.question, figure.name] = (value, interval.replace("–", ""))
    return found


def report_html(folder: Path) -> Written:
    """The report: every figure, and the sentences."""
    verdicts, _ = _kept(folder)
    page = Page(open_workspace(folder).report.read_text(encoding="utf-8"))
    said = {(v.question, SAID): (told, None) for v, told in zip(verdicts, page.answers, strict=True)}
    return _figures(page, verdicts, lambda number: f"question-{number}") | said


def app_questions(folder: Path) -> Written:
    """The pages of the questions."""
    found: Written = {}
    for verdict, text in _asked(folder, lambda verdict: [f"/questions/{verdict.question}"]):
        page = Page(text)
        found |= _figures(page, (verdict,), lambda number: f"question-{number}")
        found[verdict.question, SAID] = (page.answers[0], None)
    return found


def app_scorecard(folder: Path) -> Written:
    """The first page of the app: a line for every question."""
    (_, text), *_ = _asked(folder, lambda _: ["/"])
    lines = [cells for _, caption, cells in Page(text).rows if caption.startswith("One line a question")][1:]
    return _lines(_kept(folder)[0], [(cells[2], cells[3], cells[4]) for cells in lines])


def app_claims(folder: Path) -> Written:
    """The page that says where a figure comes from."""
    found: Written = {}
    verdicts, _ = _kept(folder)
    every = [(verdict.question, figure.name) for verdict in verdicts for figure in verdict.every_figure()]
    with TestClient(create_app(Site(folder)), base_url="http://localhost") as client:
        for question, name in every:
            text = " ".join(client.get(f"/claims/{question}.{name}").text.split())
            value = re.search(r'is-figure"> ?<p><b>.*?: ([^:]*?)</b>', text)
            reach = re.search(r"<p>[\d.]+% interval: (.*?)</p>", text)
            assert value, (question, name)
            found[question, name] = (value[1], reach[1] if reach else "")
    return found


def _asked(folder: Path, addresses: Callable[[Verdict], list[str]]) -> Iterator[tuple[Verdict, str]]:
    verdicts, _ = _kept(folder)
    with TestClient(create_app(Site(folder)), base_url="http://localhost") as client:
        for verdict in verdicts:
            for address in addresses(verdict):
                answer = client.get(address)
                assert answer.status_code == 200, address
                yield verdict, answer.text


def notebook(folder: Path) -> Written:
    """The tables of figures of a notebook, as they are shown and as objects, and the sentences."""
    found: Written = {}
    for question, answer in goodwill.open(folder).items():
        shown = _figures(Page(answer._repr_html_()), (answer.verdict,), lambda _: "")
        for row in answer.figures().to_pylist():
            found[question, row["figure"]] = (row["written"], row["interval"] or "")
        assert found.items() >= shown.items(), question
        found[question, SAID] = (answer.sentence, None)
    return found


def notebook_scorecard(folder: Path) -> Written:
    """All answers in a notebook."""
    lines = [cells for _, _, cells in Page(goodwill.open(folder).scorecard()._repr_html_()).rows][1:]
    return _lines(_kept(folder)[0], [(*(cells[2] + "\n").split("\n")[:2], cells[3]) for cells in lines])


def csv_files(folder: Path) -> Written:
    """The tables beside the report."""
    found: Written = {}
    for path in sorted((folder / "tables").glob("*-figures.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                question = path.name.removesuffix("-figures.csv")
                found[question, row["figure"]] = (row["written"].lstrip("'"), row["interval"].lstrip("'"))
    return found


def terminal_rows(folder: Path) -> Written:
    """Rows for programs, whose numbers are written here as every door writes them."""
    verdicts, meta = _kept(folder)
    found: list[tuple[str, str, str]] = []
    for verdict, row in zip(verdicts, terminal.as_rows(verdicts, meta.currency), strict=True):
        unit, naive = row["unit"] or "", verdict.naive
        found.append((
            show_value(row["value"], unit, meta.currency) if unit else "–",
            show_range(row["low"], row["high"], unit, meta.currency) if unit else "",
            show_value(row["naive"], naive.unit, meta.currency) if naive else "",
        ))  # fmt: skip
    return _lines(verdicts, found)


def terminal_table(folder: Path) -> Written:
    """The table of a wide terminal."""
    verdicts, meta = _kept(folder)
    table = terminal.scorecard(verdicts, meta).renderables[0]
    shown, naive = ([str(cell) for cell in column.cells] for column in table.columns[2:4])
    parts = [(*(cell + "\n").split("\n")[:2], other) for cell, other in zip(shown, naive, strict=True)]
    return _lines(verdicts, [(a, re.sub(r" \([\d.]+%\)$", "", b), c) for a, b, c in parts])


def terminal_text(folder: Path) -> Written:
    """Plain lines, as pipes and logs have them."""
    return said_in(terminal.plain_scorecard(*_kept(folder)), _kept(folder)[0])


def said_in(text: str, verdicts: tuple[Verdict, ...]) -> Written:
    """The sentences of a scorecard in plain lines: the line below each question."""
    lines = [line.strip() for line in text.splitlines()]
    return {(v.question, SAID): (lines[lines.index(v.asks) + 1], None) for v in verdicts}


def _lines(verdicts: tuple[Verdict, ...], lines: list[tuple[str, str, str]]) -> Written:
    """Adjusted, its interval and naive, one line a question."""
    found: Written = {}
    for verdict, (value, interval, naive) in zip(verdicts, lines, strict=True):
        if verdict.headline:
            found[verdict.question, verdict.headline.name] = (value, interval)
        else:
            assert value in ("", "–"), verdict.question
        if verdict.naive:
            found[verdict.question, verdict.naive.name] = (naive, None)
    return found


#: Those that show every figure, and those that show one line a question.
WHOLE: Mapping[str, Callable[[Path], Written]] = {
    "report.html": report_html, "app, questions": app_questions, "app, claims": app_claims, "notebook": notebook,
    "tables/*.csv": csv_files,
}  # fmt: skip
SHORT: Mapping[str, Callable[[Path], Written]] = {
    "app, scorecard": app_scorecard, "notebook, scorecard": notebook_scorecard, "terminal, table": terminal_table,
    "terminal, rows": terminal_rows, "terminal, text": terminal_text,
}  # fmt: skip
