"""Whatever an address or a form field says, the app answers in words, never with an error of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

import hostile_workspace
from goodwill.web import access
from goodwill.web.app import create_app
from goodwill.web.jobs import Job, Jobs
from goodwill.web.site import Site
from web_crawl import Forms, crawl, got_through, leaks_inside

pytestmark = pytest.mark.slow

#: Sent as they are, percent-encoded already; an odd thing a line.
ODD = (
    "", "%20", "%00", "a%00b", "%ED%A0%80", "%FF%FE", "%C3", "%", "%zz", "%0d%0aset-cookie:%20a=b", "%E2%80%AE",
    "%F0%9F%92%A9", "'", "%22", "%27%20OR%201=1--", "%27;DROP%20TABLE%20timeline;--", "%25", "%25s%25n%25x", "%7B0%7D",
    "%7B%7B7*7%7D%7D", "%24%7B7*7%7D", "%7B%25%20raw%20%25%7D", "..%2f..%2fetc%2fpasswd", "%2e%2e", "%2e%2e%5c",
    "%2Fetc%2Fpasswd", "C:%5Ccon", "~", "*", "[", "(%3F:a%2B)%2B%24", "-1", "0", "1", "01", "1e9", "1_000", "1.5",
    "nan", "inf", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 400, "%D9%A1%D9%A2",
    "%EF%BC%91", "%C2%B2", "true", "null", "None", "[]", "%7B%7D", "0001-01-01", "9999-12-31", "10000-01-01",
    "2025-02-30", "2025-W01-1", "20250101", "2025-01-01T00:00:00Z", "-0001-01-01",
    "%D9%A2%D9%A0%D9%A2%D9%A5-%D9%A0%D9%A1-%D9%A0%D9%A1", "x" * 60_000, "%C3%A9" * 9_000, "people", "p_", "run",
    "file:///etc/passwd", "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "%3Cevil-tag%20onfocus=evil()%3E",
    "javascript:evil()", "industry:", "industry:%00",
)  # fmt: skip
#: Of the longest and strangest, which go into every field of a form.
TYPED = (
    "", "\0", "a\0b", "\ud800", "\u202e", "'; DROP TABLE timeline; --", "%s%n", "{{7*7}}", "{0.__class__}",
    "../../etc/passwd", "-1", "9" * 400, "9223372036854775808", "1e400", "nan", "١٢", "²", "0001-01-01", "9999-12-31",
    "2025-02-30", "x" * 100_000, '"><script>alert(1)</script>', "=1+1", "\r\nset-cookie: a=b", '"""', "a = 1\n[",
    "[" * 10_000, "\t\x1b[2J",
)  # fmt: skip
#: What is there in the workspace, for the parameters that are not being tried.
KNOWN = {
    "question": "cost", "claim": "cost", "number": "1", "name": "app.css", "file": "contacts.csv", "row": "2",
    "a": "1", "b": "2",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_workspace.ran(tmp_path_factory.mktemp("fuzz") / "acme")


@pytest.fixture
def client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """An owner; what is not foreseen comes as an answer 500, as it would from a server; no job is really begun."""
    monkeypatch.setattr(Jobs, "start", lambda *_, **__: Job(1, "scan", "running", "2026-01-01T00:00:00+00:00"))
    monkeypatch.setattr(access, "COST", 2**4)
    with client_of(Site(folder)) as made:
        yield made


def client_of(site: Site) -> TestClient:
    return TestClient(
        create_app(site), base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False
    )


def token(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
    assert found
    return found[1]


def wrong(answer: httpx.Response) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    found = leaks_inside(answer.text)
    if answer.status_code >= 500:
        found.append(str(answer.status_code))
    if answer.headers.get("content-type", "").startswith("text/html"):
        is_report = answer.request.url.path == "/report"  # a page of its own, with its style within it
        found += [problem for problem in got_through(answer.text) if not (is_report and problem == "<style>")]
    for name in ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"):
        if name not in answer.headers:
            found.append(f"without {name}")
    if "a" in answer.cookies:
        found.append("a cookie of somebody else")
    return found


def operations(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Every method and path that the app has, found in its own description."""
    paths = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    return [(method, path, said) for path, methods in paths.items() for method, said in methods.items()]


def places(client: TestClient) -> dict[str, str]:
    """Somebody and something that exist, by the name of the parameter that takes them."""
    found = dict(KNOWN)
    for kind, name in (("people", "person"), ("companies", "account")):
        link = re.search(rf'href="/{kind}/([^"?/]+)"', client.get(f"/{kind}").text)
        assert link, kind
        found[name] = link[1]
    return found


def address(path: str, query: dict[str, str]) -> str:
    said = "&".join(f"{name}={value}" for name, value in query.items())
    return path + (f"?{said}" if said else "")


def filled(path: str, names: list[str], given: dict[str, str]) -> str:
    for name in names:
        path = path.replace(f"{{{name}}}", given.get(name, "x"))
    return path


def test_no_address_leads_to_an_error(client: TestClient) -> None:
    there, failed = places(client), []
    for method, path, said in operations(client):
        if method != "get":
            continue
        known = said.get("parameters", [])
        inside = [p["name"] for p in known if p["in"] == "path"]
        asked = {p["name"]: there[p["name"]] for p in known if p["in"] == "query" and p.get("required")}
        for one in known:
            for odd in ODD:
                way = filled(path, inside, {**there, one["name"]: odd} if one["in"] == "path" else there)
                query = {**asked, one["name"]: odd} if one["in"] == "query" else asked
                if problems := wrong(client.get(address(way, query))):
                    failed.append((path, one["name"], odd[:40], problems))
    assert not failed, "\n".join(map(str, failed[:40]))


def test_a_parameter_that_nobody_asked_for_or_that_comes_twice_is_no_error(client: TestClient) -> None:
    there, failed = places(client), []
    for method, path, said in operations(client):
        names = [p["name"] for p in said.get("parameters", [])]
        way = filled(path, names, there)
        for query in (
            "x=1",
            "x",
            "&&&=&=",
            "%ED%A0%80=%00",
            *(f"{n}=1&{n}=2" for n in names),
            *(f"{n}[]=1" for n in names),
        ):
            answer = client.request(method, f"{way}?{query}", headers={"x-csrf-token": token(client)})
            if problems := wrong(answer):
                failed.append((method, path, query, problems))
    assert not failed, "\n".join(map(str, failed[:40]))


def test_every_method_is_answered_everywhere(client: TestClient) -> None:
    failed = []
    for _, path, _ in operations(client):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X"):
            answer = client.request(method, re.sub(r"{.*?}", "1", path), headers={"x-csrf-token": token(client)})
            if problems := wrong(answer):
                failed.append((method, path, problems))
    assert not failed, "\n".join(map(str, failed[:40]))


def test_no_form_field_leads_to_an_error(tmp_path: Path, client: TestClient) -> None:
    """Every field of every form that stands on a page, each with everything, beside what the page had in it."""
    forms = {form.key: form for form in Forms.on_every_page(client)}
    assert {"/settings", "/settings/file", "/jobs", "/names", "/login"} <= {form.action for form in forms.values()}
    failed = []
    for n, form in enumerate(forms.values()):
        if form.action == "/logout":
            continue
        with client_of(Site(hostile_workspace.ran(tmp_path / str(n)))) as own:
            csrf = {"x-csrf-token": token(own)}
            for place, field in enumerate(form.fields):
                # the settings have a hundred fields that are read alike
                for odd in TYPED if len(form.fields) < 10 else TYPED[place % 4 :: 4]:
                    body = urlencode({**form.fields, field: odd}, errors="surrogatepass", doseq=True)
                    headers = {**csrf, "content-type": "application/x-www-form-urlencoded"}
                    if problems := wrong(own.post(form.action, content=body, headers=headers)):
                        failed.append((form.action, field, odd[:40], problems))
                    own.app.state.site.sessions.succeeded("address testclient", f"name {odd}")  # type: ignore[attr-defined]
            if problems := wrong(own.get("/")):
                failed.append((form.action, "the page afterwards", "", problems))
    assert not failed, "\n".join(map(str, failed[:40]))


BODIES = (
    b"", b"\0", b"&", b"=", b"csrf", b"%", b"%ED%A0%80=%ED%A0%80", b"a=1;b=2", b"{}", b"[" * 100_000, b"<a/>",
    b"\xff\xfe\x00", b"&".join(b"f%d=1" % n for n in range(5000)), b"x" * 100_000 + b"=1",
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7", "application/json",
    "text/plain", "", "/", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
    "multipart/mixed; boundary=x", "multipart/form-data; boundary=" + "x" * 5000, 'multipart/form-data; boundary="',
    "x" * 5000, "multipart/form-data; charset=x; boundary=x",
)  # fmt: skip


def test_no_body_leads_to_an_error(client: TestClient) -> None:
    failed = []
    for method, path, _ in operations(client):
        if method != "post" or path == "/logout":
            continue
        for kind in TYPES:
            for body in BODIES:
                for more in ({"x-csrf-token": token(client)}, {}) if body == BODIES[0] else ({},):
                    answer = client.post(path, content=body, headers={"content-type": kind, **more})
                    if problems := wrong(answer):
                        failed.append((path, kind[:40], body[:40], bool(more), problems))
    assert not failed, "\n".join(map(str, failed[:40]))


def test_no_header_leads_to_an_error(client: TestClient) -> None:
    failed = []
    odd = (
        b"",
        b"\xff\xfe",
        b"x" * 50_000,
        b'"',
        b"a=b; c",
        b"goodwill_session=\xff; goodwill_session=%00",
        b"[",
        b"http://[",
        b"null,null",
    )
    names = (
        "cookie", "origin", "host", "sec-fetch-site", "accept", "accept-language", "x-csrf-token", "referer", "range",
        "content-length", "transfer-encoding", "if-none-match", "x-forwarded-for", "x-http-method-override",
    )  # fmt: skip
    for name in names:
        for value in odd:
            for method, path in (("GET", "/"), ("GET", "/static/app.css"), ("POST", "/names"), ("POST", "/jobs")):
                answer = client.request(method, path, headers=[(name.encode(), value)])
                if problems := wrong(answer):
                    failed.append((method, path, name, value[:40], problems))
    assert not failed, "\n".join(map(str, failed[:40]))


def test_many_readers_at_once_lead_to_no_error(client: TestClient) -> None:
    """Pages share one workspace; what one reader is shown, another may be opening at the same moment."""
    pages = [page.address for page in crawl(client, most=60)]

    def read(way: str) -> tuple[str, list[str]]:
        return way, wrong(client.get(way))

    with ThreadPoolExecutor(12) as readers:
        failed = [found for found in readers.map(read, [*pages, *pages[::-1]]) if found[1]]
    assert not failed, "\n".join(map(str, failed[:40]))


def test_what_is_asked_is_never_said_back_as_markup(client: TestClient) -> None:
    """The problem pages say what was asked; they say it as text."""
    script = quote('"><script>alert(1)</script>', safe="")
    there, said_back = places(client), 0
    for method, path, said in operations(client):
        for one in said.get("parameters", []) if method == "get" else []:
            names = [p["name"] for p in said["parameters"]]
            asked = {
                p["name"]: there[p["name"]] for p in said["parameters"] if p["in"] == "query" and p.get("required")
            }
            way = filled(path, names, {**there, one["name"]: script} if one["in"] == "path" else there)
            page = client.get(address(way, {**asked, one["name"]: script} if one["in"] == "query" else asked)).text
            assert "<script>alert" not in page, (path, one["name"])
            said_back += "&lt;script&gt;" in page
    assert said_back  # some pages do say it
