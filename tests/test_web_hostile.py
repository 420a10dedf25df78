"""What exports hold is text: no page lets it through as markup, as a template, as script in a link or as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

import hostile_workspace
from goodwill.spreadsheets import harmless
from goodwill.web.site import Site
from hostile_exports import FILE, SHEET, WORKED_OUT
from test_web_fuzz import client_of, token, wrong
from web_crawl import crawl, every_row, everybody, got_through, kind_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_workspace.ran(tmp_path_factory.mktemp("hostile") / "acme")


@pytest.fixture(scope="module")
def site(folder: Path) -> Site:
    return Site(folder)


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[TestClient]:
    """An owner who sees names: most of what exports say is shown to them."""
    with client_of(site) as made:
        made.post("/names", data={"wanted": "show", "csrf": token(made)})
        wait_for_the_queue(site, made)
        yield made


def wait_for_the_queue(site: Site, client: TestClient) -> None:
    """Pairs to decide on are put in order behind the readers."""
    from goodwill.web.deciding import queue_of

    client.get("/review")
    queue_of(site).wait(60)


def test_a_text_that_gets_through_would_be_seen() -> None:
    for bad in (
        "<script>evil()</script>", '<img src=x onerror="evil()">', "<evil-tag>", '<a href="javascript:evil()">',
        '<p style="x">', '<a href=" java\tscript:evil()">', '<p title=""><script>evil()</script>', "<iframe>",
        '<form action="https://evil.example">',
    ):  # fmt: skip
        assert got_through(bad), bad
    assert not got_through(
        '<a href="/x?y=javascript:z" title="&lt;b&gt;">&#34;&gt;</a><script src="/static/a.js"></script>'
    )


def test_no_page_lets_a_hostile_text_through(client: TestClient) -> None:
    kinds, failed, hostile = set(), [], 0
    for page in crawl(client):
        kinds.add(kind_of(page.address))
        hostile += "evil-tag" in page.text
        problems = wrong(page.answer) + [WORKED_OUT] * (WORKED_OUT in page.text)
        if problems:
            failed.append((page.address, problems))
    assert not failed, "\n".join(map(str, failed))
    assert {
        "/",
        "/people/*",
        "/companies/*",
        "/claims/*",
        "/questions/*",
        "/review/*",
        "/data",
        "/settings",
        "/history/*",
    } <= kinds
    assert hostile > 10  # the texts are there, as texts


def test_everybody_and_every_row_is_text(client: TestClient, site: Site, folder: Path) -> None:
    ways = [*everybody(site), *every_row(folder)]
    ways += [
        "/files?" + urlencode({"file": "book.xlsx", "row": 2, "sheet": SHEET}),
        "/files?" + urlencode({"file": FILE, "row": 2}),
    ]
    failed = []
    for way in ways:
        answer = client.get(way)
        if problems := wrong(answer) + [WORKED_OUT] * (WORKED_OUT in answer.text):
            failed.append((way, answer.status_code, problems))
    assert not failed, "\n".join(map(str, failed))
    assert client.get(ways[-1]).status_code == 200


def test_no_table_holds_a_formula(client: TestClient, folder: Path) -> None:
    tables = [path.read_text(encoding="utf-8") for path in sorted((folder / "tables").glob("*.csv"))]
    paths = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    tables += [client.get(path).text for path in paths if path.endswith(".csv")]
    cells = [cell for text in tables for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if harmless(cell) != cell]
    assert any("HYPERLINK" in cell for cell in cells)  # a file was called so


def test_the_report_lets_nothing_through(folder: Path) -> None:
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert [problem for problem in got_through(report) if problem != "<style>"] == []
    assert WORKED_OUT not in report
