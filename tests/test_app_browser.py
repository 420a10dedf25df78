"""The whole path through the app in a browser; and every page on a phone, by night, by keyboard, without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app_server import (
    LOOKS,
    NEEDS_BROWSER,
    Watched,
    already_run,
    chromium,
    goodwill,
    kinds_of_pages,
    served,
    simulated,
    watched,
)

pytestmark = NEEDS_BROWSER

#: Pages that no link of a quiet workspace leads to.
BESIDES = ("/jobs", "/history/compare?a=1&b=2", "/login", "/people/p_nobody", "/nowhere")
#: Of these, the ones that answer with an error page.
ERRORS = ("/people/p_nobody", "/nowhere")
#: What only those see who run scripts: helps, never content.
WITH_SCRIPT = {"Choose files, or drop them here", "Turn keys off", "Keys do nothing while you write. Turn keys off"}
#: Every control that is shown and can be used; of a group of radio buttons the one that the keyboard stops at.
CONTROLS = """() => {
    const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0;
    const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
    const found = [...document.querySelectorAll(all)];
    const group = e => found.filter(o => o.type === 'radio' && o.name === e.name && o.form === e.form);
    const stops = e => e.type !== 'radio' || e.checked || (!group(e).some(o => o.checked) && group(e)[0] === e);
    window.controls = found.filter(e => shown(e) && stops(e));
    return window.controls.length;
}"""
#: What has the focus: its place among the controls, whether that can be seen, and whether anything lies over it.
FOCUSED = """() => {
    const e = document.activeElement, style = getComputedStyle(e), box = e.getClientRects()[0];
    const x = Math.max(box.left, 0) + Math.min(box.width, 8) / 2;
    const y = Math.max(box.top, 0) + Math.min(box.height, 20) / 2;  // of a box taller than the screen, what is on it
    const at = document.elementFromPoint(x, y);
    return {
        place: window.controls.indexOf(e),
        isBody: e === document.body,
        isSeen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        isCovered: !(at && (e.contains(at) || at.contains(e) || (e.labels && [...e.labels].some(l => l.contains(at))))),
        html: e.outerHTML.slice(0, 160),
    };
}"""
#: What stands beyond the right edge, other than in boxes that scroll by themselves.
STICKS_OUT = """width => document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !e.closest('.scroll, pre'))
    .map(e => e.outerHTML.slice(0, 160)).concat([`the page is ${document.documentElement.scrollWidth} wide`])"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(already_run(tmp_path_factory.mktemp("read") / "quillmark")) as address:
        yield address


@pytest.fixture(scope="module")
def pages(base: str) -> list[str]:
    return [*(address for of_a_kind in kinds_of_pages(base).values() for address in of_a_kind), *BESIDES]


def test_from_exports_to_a_second_run(browser: Any, tmp_path: Path) -> None:
    made, folder = simulated(tmp_path / "made"), tmp_path / "quillmark"
    goodwill("init", folder)
    with served(folder) as base, watched(browser, base) as seen:
        page = seen.open("/")
        page.click("text='Add exports'")
        _upload(page, sorted((made / "exports").iterdir()))
        _set_up(seen, (made / "goodwill.toml").read_text(encoding="utf-8"))
        _scan(seen)
        _run(seen)
        _read_each_question(page)
        _drill(page, folder / "exports")
        _review(page)
        _change_a_setting(seen)
        _run(seen)
        _compare(page)
        seen.assert_quiet()


def _upload(page: Any, exports: list[Path]) -> None:
    assert "There are no exports yet." in page.inner_text("main")
    page.set_input_files("#files", exports)
    page.click("form.drop button")
    page.wait_for_selector(f"text={len(exports)} exports in")
    assert {path.name for path in exports} == set(page.locator("table.exports th[scope=row]").all_inner_texts())


def _set_up(seen: Watched, settings: str) -> None:
    """The settings as text: an error is told with its line and nothing is lost, then they are saved."""
    page, wrong = seen.open("/settings/file"), settings + "\n[analysis]\nlevel = 7\n"
    line = wrong.splitlines().index("level = 7") + 1
    seen.expected = ("/settings/file",)
    page.fill("#text", wrong)
    page.click("text='Save'")
    assert f"Line {line}: level = 7" in page.inner_text("#wrong")
    assert page.input_value("#text") == wrong
    seen.expected = ()
    page.fill("#text", settings)
    page.click("text='Save'")
    page.wait_for_selector("[role=status] .told")
    assert page.input_value("#text").strip() == settings.strip()


def _scan(seen: Watched) -> None:
    page = seen.open("/data")
    page.click("text='See what they are'")
    _progress(page, "**/data#scan")
    assert "Looked at" in page.inner_text("section[aria-labelledby=scan]")


def _run(seen: Watched) -> None:
    """Begin a run, see it move, and be led to the answers."""
    page = seen.open("/data")
    page.click("form.run button")
    told = _progress(page, seen.base + "/")
    assert len(told) > 3
    assert page.inner_text("h1") == "What social media is worth to Quillmark Systems"


def _progress(page: Any, until: str) -> set[str]:
    """Wait for a job as its page shows it; everything that its steps said meanwhile."""
    from playwright.sync_api import Error

    said: set[str] = set()
    page.wait_for_url("**/jobs")
    page.wait_for_selector("#steps progress", timeout=60_000)
    while page.url.endswith("/jobs"):
        try:
            said.update(page.locator("#steps li").all_inner_texts())
            page.wait_for_timeout(150)
        except Error:  # the job is done, and the page has gone on to its result
            break
    page.wait_for_url(until)
    assert all(re.search(r"\d+ of \d+", step) for step in said)
    return said


def _read_each_question(page: Any) -> None:
    asked = page.locator("section[aria-labelledby=all] tbody th a").all_inner_texts()
    assert len(asked) > 5
    for question in asked:
        page.click(f"section[aria-labelledby=all] tbody th a:text-is({question!r})")
        assert page.inner_text("h1") == question
        assert page.inner_text("p.answer")
        page.click(".crumbs a")


def _drill(page: Any, exports: Path) -> None:
    """From a figure to its rows, and on to the line of the file: that line, and no other."""
    page.click("section[aria-labelledby=all] tr:has-text('new, or already ours') td.num a")
    link = page.locator(".scroll[aria-label=Rows] td:last-child a").nth(2)
    named = link.inner_text()
    link.click()
    assert page.locator("pre").count() == 0  # names are hidden until they are asked for
    page.click("button[value=show]")
    number, text = re.match(r"\s*(\d+)  (.*)", page.locator("pre mark").inner_text()).groups()
    file = page.inner_text("h1")
    assert (exports / file).read_text(encoding="utf-8-sig").splitlines()[int(number) - 1] == text
    assert named in (f"{file}, line {number}", f"{file}, row {number}")
    for cell in page.locator("main dl").first.locator("dd").all_inner_texts():
        assert cell == "–" or cell in text


def _review(page: Any) -> None:
    """Decide on a pair without a mouse, and take it back."""
    page.click("nav >> text='Review'")
    page.wait_for_selector("button[value=different]", timeout=60_000)  # the queue is put in order first
    before = int(re.search(r"(\d+) uncertain", page.inner_text("main")).group(1))
    with page.expect_navigation():
        page.keyboard.press("d")
    assert "They are different: written down." in page.inner_text("[role=status]")
    assert f"{before - 1} uncertain pair" in page.inner_text("main")
    with page.expect_navigation():
        page.keyboard.press("z")
    assert "Line 1 is taken back." in page.inner_text("[role=status]")
    assert f"{before} uncertain pair" in page.inner_text("main")


def _change_a_setting(seen: Watched) -> None:
    """The form: what cannot be is refused beside its field and nothing typed is lost; then it is saved."""
    page, level = seen.open("/settings"), "[id='analysis.level']"
    seen.expected = ("/settings",)
    page.fill(level, "7")
    page.click("text='Save'")
    assert "Nothing was written." in page.inner_text("[role=alert]")
    assert page.input_value(level) == "7"
    assert page.get_attribute(level, "aria-invalid") == "true"
    seen.expected = ()
    page.fill(level, "0.8")
    page.click("text='Save'")
    page.wait_for_selector("text='Not in the answers yet'")
    assert page.input_value(level) == "0.8"


def _compare(page: Any) -> None:
    page.click("nav >> text='History'")
    assert "90" in page.inner_text("main") or "0.9" in page.inner_text("main")
    page.click("text='Compare'")
    assert "compare" in page.title().lower()
    assert page.locator("table.changes tbody tr").count() > 5
    assert "80%" in page.inner_text("section[aria-labelledby=rests]")


@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_every_page_fits_and_is_quiet(browser: Any, base: str, pages: list[str], width: int, mode: str) -> None:
    with watched(browser, base, width=width, mode=mode) as seen:
        seen.expected = ERRORS
        for address in pages:
            page = seen.open(address)
            assert page.evaluate(STICKS_OUT, width) == [], address
            assert page.locator("h1").count() == 1, address
        seen.assert_quiet()


def test_every_page_says_the_same_without_scripts(browser: Any, base: str, pages: list[str]) -> None:
    with watched(browser, base) as seen, watched(browser, base, java_script_enabled=False) as bare:
        seen.expected = bare.expected = ERRORS
        for address in pages:
            with_scripts, without = _lines(seen.open(address)), _lines(bare.open(address))
            assert with_scripts - without <= WITH_SCRIPT, address
            assert without
        bare.assert_quiet()


def _lines(page: Any) -> set[str]:
    """All lines that a page shows, but for the ones with a time of day in them."""
    if page.locator("[data-wait]").count():
        page.wait_for_selector("[data-wait]", state="detached")
    return {line.strip() for line in page.locator("body").inner_text().splitlines() if line.strip()}


def test_every_control_is_reached_by_keyboard(browser: Any, base: str, pages: list[str]) -> None:
    with watched(browser, base, reduced_motion="reduce") as seen:  # else the page still moves when it is looked at
        for address in pages:
            page = seen.open(address)
            if address == "/report":
                continue  # a file of its own: see test_report_browser.py
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip", address
            page.keyboard.press("Enter")
            assert page.evaluate("location.hash + document.activeElement.id") == "#mainmain", address
            page.evaluate("document.activeElement.blur()")
            _walk(page, address)


def _walk(page: Any, address: str) -> None:
    """Press Tab until it has gone round; every control was stopped at, each stop could be seen."""
    n, reached, rounds = page.evaluate(CONTROLS), set[int](), 0
    for _ in range(6 * n + 60):  # a field for a day has a stop for each of its parts
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        rounds += at["isBody"]
        if rounds == 2 or len(reached) == n:
            break
        if at["isBody"]:  # past the last one, on to the first
            continue
        assert at["isSeen"], f"{address}: no sign of the focus on {at['html']}"
        assert not at["isCovered"], f"{address}: something lies over {at['html']}"
        reached |= {at["place"]} - {-1}
    missed = [
        page.evaluate("n => window.controls[n].outerHTML.slice(0, 160)", n) for n in sorted({*range(n)} - reached)
    ]
    assert missed == [], address


def test_a_page_that_talks_or_sticks_out_is_noticed(browser: Any, tmp_path: Path) -> None:
    """The tests above can fail: a page that does all that is forbidden is told of everything."""
    folder = simulated(tmp_path / "quillmark")
    with served(folder) as base, watched(browser, base, width=390, bypass_csp=True, reduced_motion="reduce") as seen:
        page = seen.open("/terms")
        page.evaluate("""() => {
            const planted = '<p style="width:900px">wide</p><a href="/x" style="outline:0">x</a>';
            document.body.insertAdjacentHTML('beforeend', planted);
            console.log('said'); fetch('http://127.0.0.1:9/elsewhere').catch(() => null); }""")
        page.wait_for_timeout(300)
        assert page.evaluate(STICKS_OUT, 390) != []
        assert any("said" in told for told in seen.complaints)
        assert seen.elsewhere == ["http://127.0.0.1:9/elsewhere"]
        with pytest.raises(AssertionError, match="no sign of the focus"):
            _walk(page, "/terms")
