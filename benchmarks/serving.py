"""How fast the app's pages come with many readers, while nothing runs and while a run is at work.

    python benchmarks/serving.py [--workspace FOLDER] [--readers 20] [--seconds 60] [--pause 0]

A business of more than a million interactions is simulated and run (once: ``--workspace`` keeps it). Every page that a
reader can reach by links is found by following them; locust, in an environment of its own, then lets so many readers
open pages without a pause. The bar: each kind of page within 300 ms at the 95th percentile. The ratio is to a static
file of the same server in the same run, which is what the server itself costs.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import peer_environments

LOCUST = "locust==2.47.0"
#: The bar, in milliseconds, at the 95th percentile.
BAR = 300.0
#: So many addresses of one kind of page are opened: a reader does not open the same one again and again.
OF_A_KIND = 20
#: What the server costs without any page of ours.
FLOOR = "/static/icon.svg"
#: Addresses that are no pages to read.
LEFT_OUT = re.compile(r"^/(static|logout|downloads/)|\.(json|csv|svg|png)$")
#: Names in an address that stand for one of many.
ONE_OF_MANY = re.compile(r"(?<=^/questions/)[^/?]+|(?<=^/claims/)[^/?]+|(?<=^/people/)[^/?]+|(?<=^/companies/)[^/?]+")


class Browser:
    """One reader that keeps its cookie."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """A page's text."""
        with self._opener.open(self.base + path, timeout=120) as answer:
            text: str = answer.read().decode(errors="replace")
            return text

    def post(self, path: str, **fields: str) -> None:
        """Send a form with the token of the page Data."""
        token = re.search(r'name="csrf" value="([^"]+)"', self.get("/data"))
        assert token, "no form on the page Data"
        body = urlencode({"csrf": token[1], **fields}).encode()
        with self._opener.open(self.base + path, body, timeout=120) as answer:
            answer.read()


def kind_of(path: str) -> str:
    """An address without what tells one page of a kind from another.

    >>> kind_of("/questions/win_rate?x=1"), kind_of("/people/p_1"), kind_of("/history")
    ('/questions/*?', '/people/*', '/history')
    """
    bare, _, query = path.partition("?")
    kind = ONE_OF_MANY.sub("*", bare)
    kind = re.sub(r"/\d+(?=/|$)", "/*", kind)
    return kind + ("?" if query else "")


def reachable(browser: Browser, most: int = 1_500) -> dict[str, list[str]]:
    """Every page that links lead to, by kind."""
    found: dict[str, list[str]] = {}
    waiting, seen = deque(["/"]), {"/"}
    while waiting and most:
        path = waiting.popleft()
        kind = kind_of(path)
        if len(found.get(kind, ())) >= OF_A_KIND:
            continue
        most -= 1
        try:
            text = browser.get(path)
        except urllib.error.HTTPError as error:
            print(f"left out: {path} answers {error.code}", file=sys.stderr)
            continue
        found.setdefault(kind, []).append(path)
        for raw in re.findall(r'<a [^>]*href="(/[^"#]*)', text):
            link = unescape(raw)
            if link not in seen and not LEFT_OUT.search(urlsplit(link).path):
                seen.add(link)
                waiting.append(link)
    found[FLOOR] = [FLOOR]
    return found


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """The app on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    goodwill = str(Path(sys.executable).with_name("goodwill"))
    server = subprocess.Popen([goodwill, "serve", str(workspace), "--port", str(port)])
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                Browser(base).get("/login")
                break
            except OSError:
                time.sleep(0.1)
        yield base
    finally:
        server.terminate()
        server.wait(30)


def load(base: str, pages: dict[str, list[str]], given: argparse.Namespace) -> list[dict[str, str]]:
    """What locust measured of every kind of page."""
    locust = peer_environments.python_of(LOCUST, given.peers).with_name("locust")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pages.json"
        listed.write_text(json.dumps(pages), encoding="utf-8")
        told = {"GOODWILL_PAGES": str(listed), "GOODWILL_PAUSE": str(given.pause), "GOODWILL_SEED": "1"}
        subprocess.run(
            [
                str(locust), "-f", str(Path(__file__).with_name("serving_load.py")), "--headless", "--host", base,
                "-u", str(given.readers), "-r", str(given.readers), "-t", f"{given.seconds}s", "--only-summary",
                "--csv", str(Path(folder) / "found"), "--exit-code-on-error", "0",
            ],
            env=os.environ | told, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with (Path(folder) / "found_stats.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))


def told(title: str, rows: list[dict[str, str]]) -> bool:
    """Print one measurement; is every kind of page within the bar?"""
    floor = next(float(row["95%"]) for row in rows if row["Name"] == FLOOR)
    print(f"\n{title}\n{'page':44} {'opened':>7} {'failed':>6} {'median':>8} {'p95 ms':>8} {'x floor':>8}")
    for row in sorted(rows, key=lambda row: -float(row["95%"] or 0)):
        ratio = float(row["95%"]) / max(floor, 1.0)
        print(f"{row['Name']:44} {row['Request Count']:>7} {row['Failure Count']:>6} {row['50%']:>8} {row['95%']:>8} "
              f"{ratio:8.1f}")  # fmt: skip
    pages = [row for row in rows if row["Name"] not in (FLOOR, "Aggregated")]
    return all(float(row["95%"]) <= BAR and row["Failure Count"] == "0" for row in pages)


def main() -> int:
    """Measure; 1 where a page is beyond the bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--workspace", type=Path, help="a workspace that was run; made in a temporary folder if left out"
    )
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds a reader reads before the next page")
    peer_environments.add_option(parser)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "large"
        if given.workspace:
            shutil.copytree(given.workspace, workspace)
        else:
            goodwill = str(Path(sys.executable).with_name("goodwill"))
            subprocess.run([goodwill, "simulate", "large", str(workspace)], check=True)
            subprocess.run([goodwill, "run", str(workspace)], check=True, stdout=subprocess.DEVNULL)
        with served(workspace) as base:
            browser = Browser(base)
            began = time.perf_counter()
            pages = reachable(browser)
            print(f"{sum(map(len, pages.values()))} pages of {len(pages)} kinds, each opened once in "
                  f"{time.perf_counter() - began:.1f} s")  # fmt: skip
            is_well = told(f"{given.readers} readers, nothing runs", load(base, pages, given))
            browser.post("/jobs", kind="run", seed="7")
            is_well = told(f"{given.readers} readers, a run at work", load(base, pages, given)) and is_well
            print(
                "the run is still at work" if "running" in browser.get("/jobs.json") else "the run has ended meanwhile"
            )
    return 0 if is_well else 1


if __name__ == "__main__":
    raise SystemExit(main())
