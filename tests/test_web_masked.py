"""Readers see nobody by name, address, handle or number; they change nothing; each look at somebody is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import hostile_workspace
from goodwill.web import access, audit
from goodwill.web.deciding import queue_of
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from hostile_exports import PEOPLE, phone
from hostile_workspace import secrets
from test_web_fuzz import client_of, token
from web_crawl import Forms, Page, crawl, every_row, everybody
from web_site import PASSWORD

pytestmark = pytest.mark.slow

#: Telephones, however they are written.
NUMBERS = {
    number: re.compile(r"[\s()/.-]*".join(c for c in number if c.isdigit()))
    for number in map(phone, range(len(PEOPLE)))
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_workspace.ran(tmp_path_factory.mktemp("masked") / "acme")


@pytest.fixture
def owner(folder: Path) -> Iterator[TestClient]:
    """Somebody at the machine itself, who has not asked for names."""
    with client_of(ready(Site(folder))) as made:
        yield made


@pytest.fixture
def reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(access, "COST", 2**4)
    access.add(open_workspace(folder), "rea", "reader", PASSWORD)
    with client_of(ready(Site(folder, is_local=False))) as made:
        made.post("/login", data={"csrf": token(made), "name": "rea", "password": PASSWORD})
        yield made
    (folder / access.FILE).unlink()


def ready(site: Site) -> Site:
    """The site with its queue of pairs in order, and nothing at work behind it."""
    queue_of(site).look((0,))
    queue_of(site).wait(60)
    return site


def site_of(client: TestClient) -> Site:
    found: Site = client.app.state.site  # type: ignore[attr-defined]
    return found


def told(page: Page) -> list[str]:
    """Who is named on a page."""
    text = page.text.lower()
    return [secret for secret in secrets() if secret in text] + [n for n in NUMBERS if NUMBERS[n].search(text)]


def opened(client: TestClient, folder: Path) -> Iterator[Page]:
    """What links lead to; and everybody, every company, and rows of every export, which a reader can ask for."""
    yield from crawl(client)
    ways = [*everybody(site_of(client)), *every_row(folder)]
    ways += [
        "/doctor",
        "/jobs",
        "/jobs.json",
        "/history/compare?a=1&b=2",
        "/review/decided",
        "/people?name=vornha",
        "/audit",
    ]
    for way in ways:
        yield Page(way, client.get(way))


def test_names_would_be_seen_where_they_are_shown(owner: TestClient) -> None:
    owner.post("/names", data={"wanted": "show", "csrf": token(owner)})
    seen = {name for page in crawl(owner) for name in told(page)}
    assert len(seen) > len(secrets()) / 3


@pytest.mark.parametrize("who", ["reader", "owner"])
def test_nobody_is_named_where_people_are_masked(who: str, folder: Path, request: pytest.FixtureRequest) -> None:
    client: TestClient = request.getfixturevalue(who)
    failed = [(page.address, names) for page in opened(client, folder) if (names := told(page))]
    assert not failed, "\n".join(map(str, failed[:30]))


def test_every_look_at_a_person_is_written_down(reader: TestClient, folder: Path) -> None:
    before = len(list(audit.read(open_workspace(folder))))
    seen = [page.address for page in crawl(reader) if page.answer.status_code == 200]
    lines = [(line.who, line.what, line.of) for line in audit.read(open_workspace(folder))][before:]
    people = [way.partition("?")[0].removeprefix("/people/") for way in seen if way.startswith("/people/")]
    companies = [way.partition("?")[0].removeprefix("/companies/") for way in seen if way.startswith("/companies/")]
    assert people
    assert companies
    written = [of for who, what, of in lines if what == "saw person, masked" and who == "rea"]
    assert sorted(written) == sorted(people)
    written = [of for who, what, of in lines if what == "saw people of company, masked" and who == "rea"]
    assert sorted(written) == sorted(companies)
    assert sum(what == "saw pair, masked" for _, what, _ in lines) == sum(
        way.startswith("/review") and "decided" not in way for way in seen
    )


def test_a_look_at_names_is_written_down(owner: TestClient, folder: Path) -> None:
    owner.post("/names", data={"wanted": "show", "csrf": token(owner)})
    for way in [way for way in everybody(site_of(owner)) if way.startswith("/people/")][:5]:
        before = len(list(audit.read(open_workspace(folder))))
        owner.get(way)
        lines = list(audit.read(open_workspace(folder)))[before:]
        assert [(line.what, line.of) for line in lines] == [("saw person, with name", way.removeprefix("/people/"))]


def test_readers_change_nothing(reader: TestClient, folder: Path) -> None:
    """Every address that takes a form refuses a reader, with the right token and with what the form holds."""
    csrf = {"x-csrf-token": token(reader)}
    kept = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != audit.FILE}
    for path, methods in reader.app.openapi()["paths"].items():  # type: ignore[attr-defined]
        for method in set(methods) - {"get"} if path not in ("/login", "/logout") else ():
            assert reader.request(method, path, headers=csrf).status_code in (403, 422), path
    for form in {one.key: one for one in Forms.on_every_page(reader)}.values():
        if form.action not in ("/login", "/logout"):
            assert reader.post(form.action, data=form.fields, headers=csrf).status_code == 403, form.action
    after = {
        path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != audit.FILE
    }
    assert after == kept
