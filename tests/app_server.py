"""The app in a process of its own, as people start it, and browsers without a past that write down all that happens."""

from __future__ import annotations

import atexit
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

CHROMIUM = Path("/usr/bin/chromium")
#: Marks of every test that needs a browser.
NEEDS_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: install Debian's chromium as {CHROMIUM}"),
]
#: How pages are looked at: a phone and a laptop, by day and by night.
LOOKS = [(width, mode) for width in (390, 1440) for mode in ("light", "dark")]
#: The smallest company of this world whose records cannot all be told apart, so that something is left to review.
WORLD = ("identities", "20")
GOODWILL = str(Path(sys.executable).with_name("goodwill"))


def goodwill(*words: str | Path) -> None:
    """A verb of the command line that must go well."""
    done = subprocess.run([GOODWILL, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app of a workspace on a free port, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([GOODWILL, "serve", str(folder), "--port", str(port)], stderr=subprocess.PIPE, text=True)
    base = f"http://127.0.0.1:{port}"
    try:
        _until(lambda: _answers(base) or server.poll() is not None, "the server to begin")
        yield base
    finally:
        server.terminate()
        try:
            _, said = server.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            raise
    assert "Traceback" not in said, said


def _answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/login", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _until(holds: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)


def finish_job(base: str, kind: str) -> None:
    """Begin a job and wait until it is done."""
    with httpx.Client(base_url=base, timeout=60) as client:
        token = re.search(r'name="csrf" value="([^"]+)"', client.get("/data").text)
        assert token
        client.post("/jobs", data={"csrf": token[1], "kind": kind}, headers={"origin": base})
        _until(lambda: client.get("/jobs.json").json()["state"] != "running", kind)
        assert client.get("/jobs.json").json()["state"] == "done"


def _made_once() -> Path:
    """A folder that goes when the tests end."""
    folder = Path(mkdtemp(prefix="goodwill-app-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "quillmark"


@cache
def _simulated_once() -> Path:
    folder = _made_once()
    goodwill("simulate", WORLD[0], folder, "--accounts", WORLD[1])
    return folder


@cache
def _run_once() -> Path:
    folder = _made_once()
    shutil.copytree(_simulated_once(), folder)
    goodwill("run", folder, "--question", "conversation")
    goodwill("run", folder)  # a second run, to compare with the first
    with served(folder) as base:
        finish_job(base, "scan")
        finish_job(base, "doctor")
    return folder


def simulated(folder: Path) -> Path:
    """A small company as its exports came, and the settings that read them; nothing was run."""
    return Path(shutil.copytree(_simulated_once(), folder))


def already_run(folder: Path) -> Path:
    """The same company, run twice, looked at and checked."""
    return Path(shutil.copytree(_run_once(), folder))


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; every context of it is a browser without cookies."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@dataclass
class Watched:
    """A page and what happened on it: every request, every one that failed, every complaint of the browser."""

    page: Any
    base: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    #: Addresses whose answer may be an error, because the test asks for it.
    expected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda said: self._complain(f"{said.text} ({said.location.get('url', '')})"))
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def open(self, address: str) -> Any:
        """Go to a page of the app and give it, once it is loaded."""
        self.page.goto(self.base + address)
        return self.page

    @property
    def elsewhere(self) -> list[str]:
        """Requests to anything but this server."""
        return [url for url in self.requests if not url.startswith((self.base + "/", "data:"))]

    def assert_quiet(self) -> None:
        """Nothing went wrong, and nothing was asked of anybody else."""
        assert self.complaints == []
        assert self.elsewhere == []
        assert self.requests

    def _complain(self, text: str) -> None:
        if not any(address in text for address in self.expected):
            self.complaints.append(text)

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page left while it asked how far a job is
            self._complain(f"{request.url}: {request.failure}")

    def _answered(self, answer: Any) -> None:
        if answer.status >= 400:
            self._complain(f"{answer.url}: {answer.status}")


@contextmanager
def watched(browser: Any, base: str, *, width: int = 1440, mode: str = "light", **settings: Any) -> Iterator[Watched]:
    """A page in a browser without a past."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=mode, **settings)
    yield Watched(context.new_page(), base)
    context.close()


#: What tells one page of a kind from another.
_ONE_OF_MANY = re.compile(r"(?<=^/)(questions|claims|people|companies|review|history)/[^/?]+")


def kind_of(address: str) -> str:
    """The kind of a page.

    >>> kind_of("/people/p_1"), kind_of("/history/2/questions/cost"), kind_of("/files?file=a&row=1")
    ('/people/*', '/history/*/questions/*', '/files')
    """
    bare = address.partition("?")[0]
    if bare in ("/review/decided", "/history/compare"):
        return bare
    return re.sub(r"(?<=/questions/)[^/]+", "*", _ONE_OF_MANY.sub(r"\1/*", bare))


def kinds_of_pages(base: str, *, of_a_kind: int = 1) -> dict[str, list[str]]:
    """Every kind of page that links lead to from the first, each with its first addresses."""
    found: dict[str, list[str]] = {}
    with httpx.Client(base_url=base, timeout=60) as client:
        waiting, seen = ["/"], {"/"}
        while waiting:
            address = waiting.pop(0)
            there = found.setdefault(kind_of(address), [])
            if len(there) >= of_a_kind:
                continue
            there.append(address)
            for raw in re.findall(r'<a\b[^>]*?\shref="(/[^"#]*)', client.get(address).text):
                link = unescape(raw)
                if link not in seen and not urlsplit(link).path.startswith(("/static/", "/logout", "/downloads/")):
                    seen.add(link)
                    waiting.append(link)
    return found
