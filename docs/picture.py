"""Takes the README's picture of a report with a headless browser: ``python docs/picture.py demo/report.html``."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSER = "/usr/bin/chromium"
INTO = Path(__file__).parent / "images" / "report.png"


def take(report: Path) -> None:
    """Write page one, from its title to the forest plot, as it looks on a laptop in light mode."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1000, "height": 2130}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        INTO.parent.mkdir(exist_ok=True)
        page.screenshot(path=INTO)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
