"""The report in a browser: no request leaves it, it fits a phone, and its pictures follow light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goodwill.report import theme
from goodwill.report.pages import render
from stored_verdicts import GLOSSARY, META, verdicts

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: install Debian's chromium as {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(verdicts(), META, GLOSSARY), encoding="utf-8")
    return path.as_uri()


def opened(browser: Any, address: str, **settings: Any) -> Any:
    page = browser.new_page(**settings)
    page.goto(address)
    return page


def test_no_request_no_script_no_complaint(browser: Any, address: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert asked == [address]
    assert said == []
    assert page.get_by_role("heading", name="What we found").is_visible()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out(browser: Any, address: str, width: int) -> None:
    page = opened(browser, address, viewport={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for svg in page.locator("svg:visible").all():
        box = svg.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_text_in_pictures_is_large_enough_and_covers_nothing(browser: Any, address: str, width: int) -> None:
    page = opened(browser, address, viewport={"width": width, "height": 844})
    overlaps = page.evaluate("""() => [...document.querySelectorAll('svg')].filter(s => s.getClientRects().length)
        .flatMap(svg => {
            const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
            const frame = svg.getBoundingClientRect(), bad = [];
            texts.forEach(([a, p], i) => {
                if (p.height < 11) bad.push('small: ' + a);
                if (p.left < frame.left - 1 || p.right > frame.right + 1) bad.push('outside: ' + a);
                texts.slice(i + 1).forEach(([b, q]) => {
                    if (p.left < q.right && q.left < p.right && p.top + 3 < q.bottom && q.top + 3 < p.bottom)
                        bad.push(a + ' over ' + b);
                });
            });
            return bad;
        })""")
    assert overlaps == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_pictures_follow_the_mode(browser: Any, address: str, mode: str) -> None:
    page = opened(browser, address, color_scheme=mode)
    filled = page.evaluate("getComputedStyle(document.querySelector('svg [fill=\"var(--ink)\"]')).fill")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    colours = {colour.role: getattr(colour, mode) for colour in theme.COLOURS}
    assert filled == rgb(colours["ink"])
    assert ground == rgb(colours["paper"])


def test_prints_in_light_whatever_the_screen(browser: Any, address: str) -> None:
    page = opened(browser, address, color_scheme="dark")
    page.emulate_media(media="print")
    light = {colour.role: colour.light for colour in theme.COLOURS}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == rgb(light["paper"])
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_keyboard_reaches_the_answers_first(browser: Any, address: str) -> None:
    page = opened(browser, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answers"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def rgb(colour: str) -> str:
    """A colour as browsers report it."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"
