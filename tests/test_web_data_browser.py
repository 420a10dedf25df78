"""Data and jobs in a browser: exports dropped, bars that move, the way to the result; and the same without scripts."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goodwill.web.app import create_app
from goodwill.web.site import Site
from web_site import workspace

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: install Debian's chromium as {CHROMIUM}"),
]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    import uvicorn

    site = Site(workspace(tmp_path / "acme", is_run=False))
    server = uvicorn.Server(uvicorn.Config(create_app(site), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", site.root
    server.should_exit = True
    thread.join()


@pytest.fixture
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


def files(*named: tuple[str, bytes]) -> list[dict[str, Any]]:
    return [{"name": name, "mimeType": "text/csv", "buffer": content} for name, content in named]


def test_with_scripts(browser: Any, address: tuple[str, Path]) -> None:
    page, (there, root) = browser.new_page(), address
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    page.goto(f"{there}/data")
    page.set_input_files("#files", files(("a.csv", b"id,x\n1,2\n"), ("bad.csv", b"")))
    page.click("form.drop button")
    page.wait_for_selector("#again")
    assert "Added" in page.inner_text("#uploads-list")
    assert "The file is empty." in page.inner_text("#uploads-list")
    assert page.inner_text("#uploads-said") == "1 added or there already, 1 refused, 0 to go."
    assert (root / "exports" / "a.csv").exists()
    assert not (root / "exports" / "bad.csv").exists()
    page.click("#again")
    page.click("button:text-is('See what they are')")
    page.wait_for_url("**/data#scan", timeout=60_000)
    assert "Proposals" in page.inner_text("main")
    assert complaints == []


def test_without_scripts(browser: Any, address: tuple[str, Path]) -> None:
    page, (there, root) = browser.new_page(java_script_enabled=False), address
    page.goto(f"{there}/data")
    page.set_input_files("#files", files(("a.csv", b"id,x\n1,2\n"), ("bad.csv", b"")))
    page.click("form.drop button")
    assert "1 file was added. 1 was refused." in page.inner_text("body")
    assert (root / "exports" / "a.csv").exists()
    page.click("button:text-is('See what they are')")
    page.wait_for_selector("text=is done", timeout=60_000)  # the page loads itself anew
    page.click("text=To what they are")
    assert "Proposals" in page.inner_text("main")
