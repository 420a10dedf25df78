"""Who comes in, by which name, with which form; what browsers may do; one case a line of what is promised."""

from __future__ import annotations

import html
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from goodwill.errors import GoodwillError
from goodwill.web import access, audit, serving, sessions
from goodwill.web.app import create_app
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from kept_answers import keep, warehouse
from stored_verdicts import verdicts

PASSWORD = "four words will do"
#: What an export or a company's name may hold.
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\" ' {{ 7*7 }}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return warehouse(keep(tmp_path))


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are as slow to try as they must be, but not in tests."""
    monkeypatch.setattr(access, "COST", 2**4)


def client(site: Site, **settings: object) -> TestClient:
    return TestClient(create_app(site, names=("goodwill.acme.com",)), base_url="http://localhost", **settings)  # type: ignore[arg-type]


@pytest.fixture
def at_home(folder: Path) -> Iterator[TestClient]:
    """Somebody at the machine itself, where nobody was given a password."""
    with client(Site(folder)) as made:
        yield made


@pytest.fixture
def guarded(folder: Path) -> Iterator[TestClient]:
    """A server that others can reach, with an owner and a reader."""
    access.add(open_workspace(folder), "olga", "owner", PASSWORD)
    access.add(open_workspace(folder), "rea", "reader", PASSWORD)
    with client(Site(folder, is_local=False)) as made:
        yield made


def token(answer: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', answer)
    assert found
    return html.unescape(found[1])


def status_with(made: TestClient, cookie: str) -> int:
    """What somebody with this cookie alone gets."""
    with TestClient(made.app, base_url="http://localhost", headers={"cookie": f"{sessions.COOKIE}={cookie}"}) as other:
        return other.get("/", follow_redirects=False).status_code


def log_in(made: TestClient, name: str, password: str = PASSWORD) -> int:
    form = {"csrf": token(made.get("/login").text), "name": name, "password": password}
    return made.post("/login", data=form).status_code


def test_beyond_this_machine_nobody_comes_in_without_a_password(folder: Path) -> None:
    with pytest.raises(GoodwillError, match="nobody needs a password"):
        serving.site_for(folder, serving.Wanted(host="0.0.0.0"))
    assert serving.site_for(folder, serving.Wanted()).is_open
    access.add(open_workspace(folder), "olga", "owner", PASSWORD)
    assert not serving.site_for(folder, serving.Wanted()).is_open
    assert not serving.site_for(folder, serving.Wanted(host="0.0.0.0")).is_open


@pytest.mark.parametrize("path", ["/", "/questions/win_rate", "/report", "/claims/win_rate", "/people", "/data"])
def test_strangers_see_the_log_in_and_nothing_else(guarded: TestClient, path: str) -> None:
    answer = guarded.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Acme" not in answer.text
    assert "Acme" not in guarded.get("/nothing").text


def test_strangers_post_nothing(guarded: TestClient) -> None:
    form = {"csrf": token(guarded.get("/login").text), "wanted": "show"}
    assert guarded.post("/names", data=form).status_code == 401


def test_no_page_is_forgotten_by_the_guards(guarded: TestClient) -> None:
    """Every path that the app has, found in its own description, sends strangers away."""
    for path, methods in guarded.app.openapi()["paths"].items():  # type: ignore[attr-defined]
        if path in ("/login", "/static/{name}"):
            continue
        for method in methods:
            answer = guarded.request(method, re.sub(r"{.*?}", "1", path), follow_redirects=False)
            assert answer.status_code in (303, 401), (method, path, answer.status_code)


def test_a_password_opens_and_a_wrong_one_does_not(guarded: TestClient, folder: Path) -> None:
    assert log_in(guarded, "olga", "not this one, surely") == 403
    assert log_in(guarded, "nobody", PASSWORD) == 403
    assert guarded.get("/", follow_redirects=False).status_code == 303
    assert log_in(guarded, "olga") == 200
    assert guarded.get("/").status_code == 200
    told = [(e.who, e.what) for e in audit.read(open_workspace(folder))]
    assert told == [("olga", "log-in refused"), ("somebody", "log-in refused")]


def test_tries_are_counted_by_address(guarded: TestClient) -> None:
    assert [log_in(guarded, f"name{n}", "wrong wrong wrong") for n in range(7)] == [403] * 5 + [429] * 2
    assert log_in(guarded, "olga") == 429  # the right one too: it could have been guessed


def test_tries_are_counted_by_name_and_forgotten_in_time() -> None:
    now = [0.0]
    kept = sessions.Sessions(clock=lambda: now[0])
    assert [kept.may_try(f"address {n}", "name olga") for n in range(6)] == [True] * 5 + [False]
    now[0] = sessions.WINDOW
    assert kept.may_try("address 9", "name olga")


def test_logging_in_begins_another_session(guarded: TestClient) -> None:
    guarded.get("/login")
    before = guarded.cookies[sessions.COOKIE]
    log_in(guarded, "olga")
    after = guarded.cookies[sessions.COOKIE]
    assert before != after
    assert status_with(guarded, before) == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(guarded: TestClient) -> None:
    said = guarded.get("/login").headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "secure" not in said  # plain http on this machine
    with TestClient(guarded.app, base_url="https://localhost") as https:
        assert "secure" in https.get("/login").headers["set-cookie"].lower()


def test_logging_out_ends_the_session(guarded: TestClient) -> None:
    log_in(guarded, "olga")
    inside = guarded.cookies[sessions.COOKIE]
    guarded.post("/logout", data={"csrf": token(guarded.get("/").text)})
    assert status_with(guarded, inside) == 303


def test_a_session_ends_by_itself() -> None:
    now = [0.0]
    kept = sessions.Sessions(clock=lambda: now[0])
    session = kept.begin(access.Visitor("olga", "owner"))
    now[0] = sessions.IDLE - 1.0
    assert kept.find(session.token)
    now[0] = 2 * sessions.IDLE
    assert kept.find(session.token) is None


def test_sessions_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    kept = sessions.Sessions()
    begun = [kept.begin() for _ in range(5)]
    assert [bool(kept.find(s.token)) for s in begun] == [False, False, True, True, True]


@pytest.mark.parametrize("change", ["removed", "new password", "new role"])
def test_a_right_that_is_taken_ends_at_once(guarded: TestClient, folder: Path, change: str) -> None:
    log_in(guarded, "rea")
    assert guarded.get("/").status_code == 200
    if change == "removed":
        access.remove(open_workspace(folder), "rea")
    else:
        password, role = (PASSWORD, "owner") if change == "new role" else ("another four words here", "reader")
        access.add(open_workspace(folder), "rea", role, password)  # type: ignore[arg-type]
    assert guarded.get("/", follow_redirects=False).status_code == 303


def test_a_password_given_while_serving_closes_the_door(at_home: TestClient, folder: Path) -> None:
    assert at_home.get("/").status_code == 200
    access.add(open_workspace(folder), "olga", "owner", PASSWORD)
    assert at_home.get("/", follow_redirects=False).status_code == 303


def test_readers_change_nothing_and_see_no_names(guarded: TestClient) -> None:
    log_in(guarded, "rea")
    form = {"csrf": token(guarded.get("/").text), "wanted": "show"}
    assert guarded.post("/names", data=form).status_code == 403


def test_names_are_shown_for_half_an_hour_to_owners() -> None:
    now = [0.0]
    kept = sessions.Sessions(clock=lambda: now[0])
    owner, reader = (kept.begin(access.Visitor("x", role)) for role in ("owner", "reader"))
    for session in (owner, reader):
        kept.show_names(session, is_wanted=True)
    found = [kept.find(session.token) for session in (owner, reader)]
    assert [bool(s and kept.shows_names(s)) for s in found] == [True, False]
    now[0] = sessions.NAMES_SHOWN
    assert not any(kept.shows_names(s) for s in found if s)


@pytest.mark.parametrize("how", ["no token", "a wrong token", "another session's token", "not ascii"])
def test_forms_need_the_token_of_their_session(at_home: TestClient, how: str) -> None:
    mine = token(at_home.get("/login").text)
    with TestClient(at_home.app, base_url="http://localhost") as other:
        theirs = token(other.get("/login").text)
    given = {
        "no token": {},
        "a wrong token": {"csrf": mine[:-1]},
        "not ascii": {"csrf": "ü\udcff".encode("utf-8", "replace")},
    }
    form = given.get(how, {"csrf": theirs})
    assert at_home.post("/names", data={"wanted": "show", **form}).status_code == 403
    assert at_home.post("/names", data={"wanted": "show", "csrf": mine}, follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost.evil.example"},
    ],
)
def test_forms_of_other_sites_are_refused_unread(at_home: TestClient, headers: dict[str, str]) -> None:
    form = {"csrf": token(at_home.get("/login").text), "wanted": "show"}
    assert at_home.post("/names", data=form, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("GOODWILL.acme.com", 200), ("", 421),
        ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example", 421), ("[", 421),
    ],
)  # fmt: skip
def test_other_names_of_this_machine_are_not_answered(at_home: TestClient, host: str, status: int) -> None:
    assert at_home.get("/login", headers={"host": host}).status_code == status


def test_every_answer_tells_browsers_what_they_may_do(at_home: TestClient, folder: Path) -> None:
    (folder / "report.html").write_text("<!doctype html><title>The report</title>")
    for path in ("/", "/nothing", "/questions/win_rate", "/questions/nothing", "/static/app.js"):
        headers = at_home.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        if not path.startswith("/static"):
            assert headers["cache-control"] == "no-store"
    assert "script-src" not in at_home.get("/report").headers["content-security-policy"]


def test_pages_ask_for_nothing_elsewhere_and_style_nothing_inline(at_home: TestClient) -> None:
    for path in ("/", "/questions/win_rate", "/questions/cost", "/terms", "/login"):
        page = at_home.get(path).text
        assert not re.findall(r'(?:src|href|action)="(?![/#])', page)
        assert not re.findall(r"<style|\sstyle=|<script(?! src)|\son\w+=", page)


@pytest.mark.slow
def test_what_exports_hold_is_text(tmp_path: Path) -> None:
    folder = keep(tmp_path)
    told = [replace(v, notes=(HOSTILE,), missing=v.missing and HOSTILE, population=HOSTILE) for v in verdicts()]
    warehouse(keep(folder, tuple(told)))
    (folder / "goodwill.toml").write_text(f"[company]\nname = {json.dumps(HOSTILE)}\n", encoding="utf-8")
    with client(Site(folder)) as made:
        for path in ("/", *(f"/questions/{v.question}" for v in told), "/questions/" + "%3Cscript%3E"):
            page = made.get(path).text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert html.escape("<script>alert(1)</script>") in page  # it is there, as text
            assert "{{ 7*7 }}" in page


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2fapp.py", "/static/app.css%00"]
)
def test_only_what_is_listed_is_a_static_file(at_home: TestClient, path: str) -> None:
    assert at_home.get(path).status_code == 404


def test_errors_tell_nothing_of_the_inside(at_home: TestClient) -> None:
    for path in ("/questions/nothing", "/claims/nothing", "/nothing"):
        answer = at_home.get(path)
        assert answer.status_code == 404
        assert "Traceback" not in answer.text
        assert "/src/" not in answer.text


def test_large_bodies_are_refused_whatever_they_say(at_home: TestClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert at_home.post("/login", content=b"x" * (3 * 2**20), headers=form).status_code == 413
    assert at_home.post("/login", content=(b"x" * 2**20 for _ in range(3)), headers=form).status_code == 413


def test_passwords_are_kept_as_slow_digests_for_the_owner_of_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    workspace = open_workspace(folder)
    access.add(workspace, "olga", "owner", PASSWORD)
    access.add(workspace, "rea", "reader", PASSWORD)
    text = (folder / access.FILE).read_text()
    assert PASSWORD not in text
    first, second = access.users(workspace)
    assert first.digest != second.digest  # the same password, another salt
    assert stat.S_IMODE((folder / access.FILE).stat().st_mode) == 0o600
    assert access.known(workspace, "olga", PASSWORD) == first.visitor
    assert access.known(workspace, "olga", PASSWORD + "x") is None


@pytest.mark.parametrize(
    ("name", "password"), [("a b", PASSWORD), ("", PASSWORD), ("x" * 65, PASSWORD), ("olga", "short")]
)
def test_names_and_passwords_that_are_not_taken(folder: Path, name: str, password: str) -> None:
    with pytest.raises(GoodwillError):
        access.add(open_workspace(folder), name, "owner", password)


def test_a_damaged_list_lets_nobody_in(folder: Path) -> None:
    (folder / access.FILE).write_text('{"users": [{"name": "olga"}]}')
    with client(Site(folder)) as made:
        assert made.get("/", follow_redirects=False).status_code == 303
        form = {"csrf": token(made.get("/login").text), "name": "olga", "password": PASSWORD}
        answer = made.post("/login", data=form)
        assert answer.status_code == 422
        assert "damaged" in answer.text


def test_forms_lead_to_pages_of_ours_alone(at_home: TestClient) -> None:
    for to in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/x\r\nset-cookie: a=b",
    ):
        form = {"csrf": token(at_home.get("/login").text), "wanted": "show", "then": to}
        assert at_home.post("/names", data=form, follow_redirects=False).headers["location"] == "/people"
