"""Takes the manual's pictures of the report and the app: ``python docs/pictures.py demo`` writes docs/images/.

Page one of the report, the scorecard of the app and the page of every question, as they look on a laptop in light mode
and on a phone in dark mode.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from goodwill import keeping
from goodwill.workspace import open_workspace

BROWSER = "/usr/bin/chromium"
INTO = Path(__file__).parent / "images"
#: How each picture is taken: name, width, height, mode.
LOOKS = (("laptop", 1440, 1350, "light"), ("phone", 390, 1100, "dark"))


def take(folder: Path) -> list[Path]:
    """Write every picture of a workspace that was run; give their files."""
    workspace = open_workspace(folder)
    verdicts, _ = keeping.kept(workspace)
    INTO.mkdir(exist_ok=True)
    with sync_playwright() as playwright, served(folder) as base:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        pages = {"report": workspace.report.resolve().as_uri(), "scorecard": f"{base}/"}
        pages |= {v.question: f"{base}/questions/{v.question}" for v in verdicts}
        written = [_shot(browser, name, address, look) for name, address in pages.items() for look in LOOKS]
        browser.close()
    return written


def _shot(browser: Browser, name: str, address: str, look: tuple[str, int, int, str]) -> Path:
    called, width, height, mode = look
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=mode)  # type: ignore[arg-type]
    page.goto(address)
    path = INTO / f"{name}-{called}.png"
    page.screenshot(path=path)
    page.close()
    return path


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    goodwill = str(Path(sys.executable).with_name("goodwill"))
    server = subprocess.Popen([goodwill, "serve", str(folder), "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    for written in take(Path(sys.argv[1])):
        print(written)
