"""The app over a small workspace that was run once, and a visitor who fills in its forms."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx2 as httpx
from fastapi.testclient import TestClient

from goodwill.doors import answer
from goodwill.intake import quiet
from goodwill.web import access
from goodwill.web.app import create_app
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from small_workspaces import handmade

PASSWORD = "four words will do"


@cache
def _run_once() -> Path:
    folder = handmade(Path(mkdtemp(prefix="goodwill-web-")) / "acme")
    answer.answered(open_workspace(folder), None, None, ("cost",), quiet)
    return folder


def workspace(folder: Path, *, is_run: bool = True) -> Path:
    """A workspace of its own, with answers or without."""
    if is_run:
        shutil.copytree(_run_once(), folder)
        return folder
    return handmade(folder)


class Visit:
    """A browser without scripts that knows the token of its forms."""

    def __init__(self, site: Site, *, name: str = "") -> None:
        self.client = TestClient(create_app(site), base_url="http://localhost", follow_redirects=False)
        if name:
            self.post("/login", {"name": name, "password": PASSWORD}, at="/login")

    def get(self, address: str) -> httpx.Response:
        """A page."""
        return self.client.get(address)

    def csrf(self, at: str) -> str:
        """The token that stands in the forms of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(at).text)
        return found[1] if found else ""

    def post(
        self, address: str, fields: dict[str, Any] | None = None, *, at: str = "/data", **more: Any
    ) -> httpx.Response:
        """A form of the page ``at``, sent."""
        return self.client.post(address, data={"csrf": self.csrf(at), **(fields or {})}, **more)

    def add(self, *files: tuple[str, bytes]) -> httpx.Response:
        """Exports, sent by the form of the page Data."""
        return self.post("/data/exports", files=[("files", file) for file in files])

    def told(self, at: str = "/data") -> str:
        """What the next page says was done."""
        return " ".join(re.findall(r'<p class="told">([^<]*)</p>', self.get(at).text))


def with_people(folder: Path, *people: tuple[str, access.Role]) -> Site:
    """A site that asks for passwords."""
    for name, role in people or (("ann", "owner"), ("bob", "reader")):
        access.add(open_workspace(folder), name, role, PASSWORD)
    return Site(folder)


def ended(site: Site, *, states: Sequence[str] = ("done", "failed", "stopped"), seconds: float = 60) -> Any:
    """The job at work, once it has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = site.jobs.current
        if job is not None and job.state in states:
            return job
        time.sleep(0.02)
    raise AssertionError(f"still at work: {site.jobs.current}")
