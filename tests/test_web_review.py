"""The review queue in the app: side by side, decided by owners who see names, taken back, contradicted."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from goodwill.identity import decisions
from goodwill.lock import owned
from goodwill.web import audit
from goodwill.web.app import create_app
from goodwill.web.deciding import queue_of
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from people_site import ANN, EVE, JORG, workspace
from web_site import Visit, with_people

CHROMIUM = Path("/usr/bin/chromium")
NAMES = ("ann", "quast", "eve", "5550199")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path / "acme")


@pytest.fixture
def visit(folder: Path) -> Iterator[Visit]:
    site = Site(folder)
    yield Visit(site)
    close(site)


def close(site: Site) -> None:
    """Let what works behind the readers end first."""
    queue_of(site).wait(60)
    site.close()


def review(visit: Visit, address: str = "/review") -> str:
    """The page of a pair, once the queue is in order."""
    for _ in range(200):
        page = visit.get(address).text
        if "data-wait" not in page:
            return page
        time.sleep(0.02)
    raise AssertionError("the queue never came")


def show_names(visit: Visit) -> None:
    visit.post("/names", {"wanted": "show", "then": "/review"}, at="/people")


def pair(page: str) -> str:
    found = re.search(r'name="pair" value="(\w+)"', page)
    assert found
    return found[1]


def decide(visit: Visit, verdict: str, **more: str) -> str:
    """Decide on the pair that comes first; give the next address."""
    fields = {"pair": pair(review(visit)), "verdict": verdict, **more}
    answer = visit.post("/review/decide", fields, at="/review")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def standing(folder: Path) -> list[tuple[str, str, str, str]]:
    found = decisions.read(open_workspace(folder)).standing
    return [(d.node_a, d.node_b, d.verdict, d.reason) for d in found]


def test_the_pair_that_matters_most_stands_side_by_side_and_masked(visit: Visit) -> None:
    page = review(visit)
    assert "3 uncertain pairs left" in page
    assert "The probability that they are one person is 0.50" in page
    assert "joins 10 social touches of somebody known to a customer" in page
    table = page[page.index('<table class="sides">') : page.index("</table>")].lower()
    assert not [name for name in NAMES if re.search(rf">[^<]*\b{name}", table)]
    assert 'href="/files?file=contacts.csv&amp;row=2"' in page
    assert 'name="verdict"' not in page  # who sees no names does not decide


def test_nobody_decides_on_hidden_names(visit: Visit, folder: Path) -> None:
    show_names(visit)
    name = pair(review(visit))
    visit.post("/names", {"wanted": "hide"}, at="/people")
    answer = visit.post("/review/decide", {"pair": name, "verdict": "same"}, at="/people")
    assert answer.status_code == 422
    assert "names are hidden" in answer.text
    assert not standing(folder)


def test_a_decision_is_written_with_its_reason_and_the_next_pair_comes_at_once(visit: Visit, folder: Path) -> None:
    show_names(visit)
    following = decide(visit, "same", reason="same address", own="  She told us\nherself ")
    assert following.startswith("/review/")
    assert standing(folder) == [(ANN, EVE, "same", "She told us herself")]
    page = review(visit)
    assert "2 uncertain pairs left" in page
    assert "1 decision counts from the next run" in page
    assert 'action="/jobs"' in page
    assert any(line.what == "decided: same, line 1" for line in audit.read(open_workspace(folder)))


def test_a_reason_is_there_even_where_none_was_chosen(visit: Visit, folder: Path) -> None:
    show_names(visit)
    decide(visit, "unsure")
    assert standing(folder)[0][2:] == ("unsure", "as both records say")


def test_the_last_decision_and_any_other_can_be_taken_back(visit: Visit, folder: Path) -> None:
    show_names(visit)
    decide(visit, "different")
    decide(visit, "different")
    page = review(visit)
    assert 'name="number" value="2"' in page
    assert visit.post("/review/undo", {"number": "2"}, at="/review").headers["location"] == "/review"
    answer = visit.post("/review/undo", {"number": "1", "then": "/review/decided"}, at="/review/decided")
    assert answer.headers["location"] == "/review/decided"
    assert not standing(folder)
    listed = visit.get("/review/decided").text
    assert "taken back by line 3" in listed
    assert "takes back line 1" in listed
    assert "counts from the next run" not in listed


def test_a_contradiction_is_a_page_with_the_ways_out(visit: Visit, folder: Path) -> None:
    show_names(visit)
    decide(visit, "same")
    decide(visit, "same")
    answer = visit.post("/review/decide", {"pair": pair(review(visit)), "verdict": "different"}, at="/review")
    assert answer.status_code == 422
    assert "This was not written down" in answer.text
    assert answer.text.count("Take back line") == 2
    assert len(standing(folder)) == 2


def test_a_contradiction_is_masked_for_whoever_sees_no_names(visit: Visit, folder: Path) -> None:
    said = [decisions.Said(ANN, "email:eve.other@else.example", "different", "two women"),
            decisions.Said(ANN, "email:ann.quast@mill.example", "same", "one card")]  # fmt: skip
    now = decisions.dt.datetime.now(decisions.dt.UTC)
    decisions.decide(open_workspace(folder), said, by="ann", at=now)
    line = decisions.undo(open_workspace(folder), 1, by="ann", at=now)
    more = decisions.Said("email:ann.quast@mill.example", "email:eve.other@else.example", "same", "so it seems")
    decisions.decide(open_workspace(folder), [more], by="ann", at=now)
    answer = visit.post("/review/undo", {"number": str(line.number)}, at="/people")
    assert answer.status_code == 422
    assert "contradict" in answer.text
    assert "ann.quast" not in answer.text
    assert "eve.other" not in answer.text


def test_a_run_at_work_keeps_decisions_out(visit: Visit, folder: Path) -> None:
    show_names(visit)
    name = pair(review(visit))
    with owned(open_workspace(folder)):
        answer = visit.post("/review/decide", {"pair": name, "verdict": "same"}, at="/review")
    assert answer.status_code == 409
    assert not standing(folder)


@pytest.mark.slow
def test_a_reader_looks_and_does_not_decide(folder: Path) -> None:
    site = with_people(folder)
    owner, reader = Visit(site, name="ann"), Visit(site, name="bob")
    show_names(owner)
    name = pair(review(owner))
    page = review(reader)
    assert "Owners of this workspace decide" in page
    assert reader.post("/review/decide", {"pair": name, "verdict": "same"}, at="/people").status_code == 403
    assert reader.post("/review/undo", {"number": "1"}, at="/people").status_code == 403
    decide(owner, "same")
    assert standing(folder)
    assert decisions.read(open_workspace(folder)).standing[0].decided_by == "ann"
    close(site)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "fields", "status"),
    [
        ("/review/decide", {"pair": "0" * 16, "verdict": "same"}, 422),
        ("/review/decide", {"pair": "x", "verdict": "perhaps"}, 422),
        ("/review/decide", {"pair": "\x00" * 70, "verdict": "same"}, 422),
        ("/review/undo", {"number": "99"}, 422),
        ("/review/undo", {"number": "0"}, 422),
        ("/review/undo", {"number": "1", "then": "https://evil.example"}, 422),
    ],
)
def test_nonsense_is_refused(visit: Visit, address: str, fields: dict[str, str], status: int) -> None:
    review(visit)
    assert visit.post(address, fields, at="/people").status_code == status


def test_a_pair_that_is_gone_says_so(visit: Visit) -> None:
    review(visit)
    answer = visit.get("/review/0123456789abcdef")
    assert answer.status_code == 404
    assert "not in the queue" in answer.text


def test_both_nodes_of_a_pair_stay_out_of_addresses(visit: Visit) -> None:
    page = review(visit)
    ways = re.findall(r'href="(/review/[^"]+)"', page)
    assert ways
    assert not [way for way in ways for node in (ANN, EVE, JORG) if node.split(":")[1] in way]


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: install Debian's chromium as {CHROMIUM}")
def test_keys_decide_and_stay_quiet_while_one_writes(folder: Path) -> None:
    """In a browser: d decides, j and k go on and back, z takes back, ? helps; a letter in a field is a letter."""
    api = pytest.importorskip("playwright.sync_api")
    site = Site(folder)
    server = uvicorn.Server(uvicorn.Config(create_app(site), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        with api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
            _press(browser.new_page(), f"http://127.0.0.1:{port}")
            browser.close()
    finally:
        server.should_exit = True
        thread.join()
        close(site)
    assert [d.verdict for d in decisions.read(open_workspace(folder)).standing] == []


def _press(page: Any, base: str) -> None:
    page.goto(f"{base}/people")
    page.click("button[value=show]")
    page.goto(f"{base}/review")
    page.wait_for_selector("button[value=same]")  # the queue may have to be put in order first

    def press(key: str) -> None:
        with page.expect_navigation():
            page.keyboard.press(key)

    first = page.text_content("#pair small")
    press("j")
    assert page.text_content("#pair small") != first
    press("k")
    assert page.text_content("#pair small") == first
    press("d")
    assert "They are different: written down." in page.text_content("[role=status]")
    page.focus("input[name=own]")
    page.keyboard.type("suds?")
    assert page.input_value("input[name=own]") == "suds?"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.evaluate("document.getElementById('keys').open")
    press("z")
    assert "Line 1 is taken back." in page.text_content("[role=status]")
