"""Every kind of page of the app, and the report, under axe-core: nobody is kept out by how a page is built."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app_server import LOOKS, NEEDS_BROWSER, already_run, chromium, goodwill, kinds_of_pages, served, simulated, watched
from goodwill.report.pages import render
from kept_answers import keep
from stored_verdicts import GLOSSARY, META, verdicts

AXE = Path(__file__).parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    *NEEDS_BROWSER,
    pytest.mark.skipif(not AXE.exists(), reason="no axe-core: npm ci --prefix tests/browser"),
]
#: Pages that no link of a quiet workspace leads to.
BESIDES = ("/jobs", "/history/compare?a=1&b=2", "/login", "/people/p_nobody", "/nowhere", "/people?company=nobody")
#: Before there is anything, these are still there.
EMPTY = ("/", "/data", "/people", "/review", "/doctor", "/history", "/settings", "/settings/file", "/jobs", "/audit")
#: What is folded in is unfolded first: axe passes over what is not shown.
RUN = """() => {
    document.querySelectorAll('details').forEach(folded => { folded.open = true; });
    return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A company that was run; answers of every standing with every picture; and nothing at all."""
    folder = tmp_path_factory.mktemp("axe")
    goodwill("init", folder / "empty")
    with ExitStack() as stack:
        yield {
            "run": stack.enter_context(served(already_run(folder / "run"))),
            "answers": stack.enter_context(served(keep(folder / "answers"))),
            "empty": stack.enter_context(served(folder / "empty")),
        }


def violations(page: Any, where: str = "") -> list[str]:
    """What axe finds on a page: where, which rule, how grave, which element."""
    page.add_script_tag(path=str(AXE))
    return [
        f"{where or page.url}: {found['id']} ({found['impact']}): {' '.join(map(str, node['target']))}\n"
        f"    {node['html'][:200]}\n    {node['failureSummary'].splitlines()[-1].strip()}"
        for found in page.evaluate(RUN)
        for node in found["nodes"][:3]
    ]


def assert_none(found: Sequence[str]) -> None:
    """No violation, of whatever impact."""
    assert not found, "\n" + "\n".join(dict.fromkeys(found))


@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_pages_that_are_read(browser: Any, bases: dict[str, str], width: int, mode: str) -> None:
    pages = [
        *(("run", address) for kind in kinds_of_pages(bases["run"]).values() for address in kind),
        *(("run", address) for address in BESIDES),
        *(("answers", f"/questions/{verdict.question}") for verdict in verdicts()),
        ("answers", "/"),
        *(("empty", address) for address in EMPTY),
    ]
    found: list[str] = []
    with watched(browser, "", width=width, mode=mode, bypass_csp=True) as seen:
        for which, address in pages:
            page = seen.open(bases[which] + address)
            found += violations(page, f"{which} {address} at {width} {mode}")
    assert_none(found)


@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_pages_that_are_filled_in(browser: Any, bases: dict[str, str], width: int, mode: str) -> None:
    """With names shown, so that a pair can be decided; and forms that were refused."""
    found: list[str] = []
    with watched(browser, bases["run"], width=width, mode=mode, bypass_csp=True) as seen:
        page = seen.open("/people")
        page.click("button[value=show]")
        page.click("tbody th a")
        found += violations(page, "a person with name")
        page.click("table.happened td:last-child a")
        found += violations(page, "lines of a file")
        page = seen.open("/review")
        page.wait_for_selector("button[value=same]", timeout=60_000)
        found += violations(page, "a pair to decide on")
        page = seen.open("/settings")
        page.fill("[id='analysis.level']", "7")
        page.click("text='Save'")
        found += violations(page, "settings refused")
        page = seen.open("/settings/file")
        page.fill("#text", "[company]\nname = 3")
        page.click("text='Save'")
        found += violations(page, "settings refused as text")
        page = seen.open("/login")
        page.fill("[name=name]", "ann")
        page.fill("[name=password]", f"no such word {width} {mode}")
        page.click("text='Log in'")
        found += violations(page, "log-in refused")
    assert_none([f"{told} at {width} {mode}" for told in found])


def test_a_run_at_work(browser: Any, tmp_path: Path) -> None:
    found: list[str] = []
    with served(simulated(tmp_path / "quillmark")) as base:
        with watched(browser, base, bypass_csp=True) as seen:
            page = seen.open("/data")
            page.click("form.run button")
            page.wait_for_selector("#steps progress", timeout=60_000)
            found += violations(page, "/jobs with scripts")
        for width, mode in LOOKS:
            with watched(browser, base, width=width, mode=mode, bypass_csp=True) as seen:
                for address in ("/jobs", "/data", "/"):
                    page = seen.open(address)
                    assert page.locator("text='Stop'").count() or address != "/jobs"
                    found += violations(page, f"{address} at {width} {mode}")
        with watched(browser, base) as seen:
            seen.open("/jobs").click("text='Stop'")
            assert "was stopped" in seen.page.inner_text("h1")
    assert_none(found)


@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_the_report(browser: Any, tmp_path: Path, width: int, mode: str) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(verdicts(), META, GLOSSARY), encoding="utf-8")
    with watched(browser, "", width=width, mode=mode, bypass_csp=True) as seen:
        assert_none(violations(seen.open(path.as_uri()), f"report.html at {width} {mode}"))


def test_what_is_wrong_is_found(browser: Any, bases: dict[str, str]) -> None:
    """The tests above can fail."""
    with watched(browser, bases["empty"], bypass_csp=True) as seen:
        page = seen.open("/data")
        page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input name=x><img src=/x>')")
        found = "\n".join(violations(page))
    assert "label (critical)" in found
    assert "image-alt (critical)" in found
