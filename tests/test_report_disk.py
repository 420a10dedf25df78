"""The report of a simulated company as it lies on disk: opened without a network it is whole, and asks for nothing."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app_server import LOOKS, NEEDS_BROWSER, Watched, chromium, goodwill, watched

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Carried elsewhere, alone with the folders beside it: nothing of the workspace is needed to read it."""
    made, carried = (tmp_path_factory.mktemp(name) for name in ("made", "carried"))
    goodwill("simulate", "effect", made / "quillmark", "--accounts", "150")
    goodwill("run", made / "quillmark")
    for name in ("report.html", "figures", "tables"):
        (made / "quillmark" / name).rename(carried / name)
    return carried / "report.html"


def opened(seen: Watched, path: Path) -> Any:
    """A file in a browser that may fetch this file and no other."""
    here = path.as_uri()
    seen.page.context.set_offline(True)
    seen.page.route(
        re.compile(".*"),
        lambda route: route.continue_() if route.request.url == here else route.abort("blockedbyclient"),
    )
    seen.page.goto(here)
    return seen.page


@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_it_asks_for_nothing_and_shows_everything(browser: Any, report: Path, width: int, mode: str) -> None:
    with watched(browser, "", width=width, mode=mode) as seen:
        page = opened(seen, report)
        assert seen.requests == [report.as_uri()]
        assert seen.complaints == []
        assert page.locator("script, iframe, object, embed, link[href], img, [style*='url(']").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        pictures = page.locator("svg:visible")
        assert pictures.count() > 5
        for picture in pictures.all():
            box = picture.bounding_box()
            assert box["width"] > 200
            assert box["height"] > 20
            assert picture.locator("path, rect, circle, line").count() > 0
        asked = page.locator("section.question .asks").all_inner_texts()
        assert len(asked) > 5


def test_without_scripts_it_is_the_same(browser: Any, report: Path) -> None:
    with watched(browser, "") as seen, watched(browser, "", java_script_enabled=False) as bare:
        assert opened(seen, report).inner_text("body") == opened(bare, report).inner_text("body")


def test_what_lies_beside_it_stands_alone(browser: Any, report: Path) -> None:
    """Each picture opens by itself, and asks for nothing; each table has a header and rows."""
    figures, tables = sorted((report.parent / "figures").iterdir()), sorted((report.parent / "tables").iterdir())
    assert len(figures) > 5
    assert len(tables) > 10
    for path in [path for path in figures if path.suffix == ".svg"]:
        with watched(browser, "") as seen:
            box = opened(seen, path).locator("svg").first.bounding_box()
            assert seen.requests == [path.as_uri()], path.name
            assert seen.complaints == [], path.name
            assert min(box["width"], box["height"]) > 50, path.name
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert rows or path.name == "files-read.csv", path.name
        assert all(len(row) == len(header) for row in rows), path.name


def test_a_request_would_be_seen(browser: Any, report: Path, tmp_path: Path) -> None:
    """The tests above can fail: a page that fetches something is told of."""
    planted = tmp_path / "report.html"
    text = report.read_text(encoding="utf-8").replace(
        "</main>", '<img src="http://127.0.0.1:9/pixel.png" alt=""></main>'
    )
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text, flags=re.IGNORECASE)
    planted.write_text(text, encoding="utf-8")
    with watched(browser, "") as seen:
        opened(seen, planted)
        assert seen.requests == [planted.as_uri(), "http://127.0.0.1:9/pixel.png"]
        assert seen.complaints != []
