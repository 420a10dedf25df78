"""Every page that links lead to, as one visitor sees it; and what no page may hold, whatever exports say."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2 as httpx
from fastapi.testclient import TestClient

from goodwill.web.site import Site

#: Pages of one kind that are opened: the first and a few more say all.
OF_A_KIND = 6
#: Addresses that change with what they are about.
_ONE_OF_MANY = re.compile(r"(?<=^/)(questions|claims|people|companies|review|history)/[^/?]+")
#: What a link may lead to.
_ALLOWED_SCHEMES = ("", "http", "https", "mailto")
#: What a page may say to the browser beside its headers.
POLICY = "Content-Security-Policy"


@dataclass(frozen=True)
class Page:
    """A page that was opened."""

    address: str
    answer: httpx.Response

    @property
    def text(self) -> str:
        """All that it says, with what stands in attributes, without marks."""
        return unescape(self.answer.text)


def kind_of(address: str) -> str:
    """An address without what tells one page of a kind from another.

    >>> kind_of("/questions/win_rate?x=1&y=2"), kind_of("/people/p_1"), kind_of("/review/decided?page=2")
    ('/questions/*?x&y', '/people/*', '/review/decided?page')
    """
    bare, _, query = address.partition("?")
    kind = bare if bare == "/review/decided" else _ONE_OF_MANY.sub(r"\1/*", bare)
    names = "&".join(part.partition("=")[0] for part in query.split("&"))
    return re.sub(r"/\d+(?=/|$)", "/*", kind) + (f"?{names}" if query else "")


def crawl(client: TestClient, *, most: int = 250) -> Iterator[Page]:
    """Every page that links lead to from the first, a few of each kind; what is not found here is linked wrongly."""
    waiting, seen, opened = deque(["/"]), {"/"}, dict[str, int]()
    while waiting and most:
        address = waiting.popleft()
        kind = kind_of(address)
        if opened.get(kind, 0) >= OF_A_KIND:
            continue
        opened[kind] = opened.get(kind, 0) + 1
        most -= 1
        answer = client.get(address)
        assert answer.status_code < 500, address
        yield Page(address, answer)
        for link in links(answer.text):
            whole = urljoin(f"http://localhost{address}", link)
            inside = urlsplit(whole)
            path = inside.path + (f"?{inside.query}" if inside.query else "")
            if (
                inside.netloc == "localhost"
                and path not in seen
                and not path.startswith(("/static/", "/logout", "/downloads/"))
            ):
                seen.add(path)
                waiting.append(path)


def links(html: str) -> list[str]:
    """Where a page leads to."""
    return [unescape(raw) for raw in re.findall(r'<a\b[^>]*?\shref="([^"]*)"', html)]


def everybody(site: Site) -> list[str]:
    """The page of each person and of each company that the last run knows."""
    with site.tables() as tables:
        people = tables.rows("SELECT DISTINCT person AS name FROM resolved WHERE person IS NOT NULL ORDER BY name")
        companies = tables.rows("SELECT DISTINCT account AS name FROM resolved_accounts ORDER BY name")
    return [f"/people/{row['name']}" for row in people] + [f"/companies/{row['name']}" for row in companies]


def every_row(folder: Path) -> list[str]:
    """The pages of the first rows of every export."""
    files = [path.name for path in sorted((folder / "exports").iterdir())]
    return ["/files?" + urlencode({"file": name, "row": row}) for name in files for row in range(1, 12)]


@dataclass
class _Seen(HTMLParser):
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9]*", tag):  # nothing of ours has a name of our own
            self.found.append(f"<{tag}>")
        if tag == "script" and not (said.get("src") or "").startswith("/static/"):
            self.found.append("a script within the page")
        if tag in ("iframe", "object", "embed", "base", "style") or (
            tag == "meta" and said.get("http-equiv", POLICY) != POLICY
        ):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "style" or not re.fullmatch(r"[\w:-]+", name):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction", "xlink:href"):
                self._leads(tag, name, (value or "").strip())

    def _leads(self, tag: str, name: str, to: str) -> None:
        whole = urlsplit(re.sub(r"[\s\x00-\x1f]", "", to))
        if whole.scheme not in _ALLOWED_SCHEMES or (tag != "a" and (whole.scheme or whole.netloc)):
            self.found.append(f"{tag} {name}={to[:60]}")


def got_through(html: str) -> list[str]:
    """What a page holds that only a text which was taken for markup can bring.

    >>> got_through('<p title="&lt;b&gt;">&lt;script&gt;</p>'), got_through('<p><img onerror="x"></p>')
    ([], ['img onerror'])
    """
    seen = _Seen()
    seen.feed(html)
    seen.close()
    return seen.found


def leaks_inside(text: str) -> list[str]:
    """What tells of the inside of the server."""
    signs = ("Traceback (most recent", "site-packages", 'File "/', "/src/goodwill", "duckdb.", "jinja2.", "sqlite3.")
    return [sign for sign in signs if sign in text]


@dataclass
class Form:
    """A form of a page: where it is sent, and what stands in it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """Forms of one key ask for the same."""
        return (self.action, *sorted(self.fields))


class Forms(HTMLParser):
    """The forms of a page that change something."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Form] = []
        self._form: Form | None = None
        self._text = ""
        self.feed(html)

    @staticmethod
    def on_every_page(client: TestClient) -> Iterator[Form]:
        """Every form that a visitor comes upon, without its token."""
        for page in crawl(client):
            yield from Forms(page.answer.text).found
        yield from Forms(client.get("/login").text).found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(said.get("action", "")) if said.get("method", "").lower() == "post" else None
            self.found += [self._form] if self._form else []
        name = said.get("name", "")
        if self._form and name and name != "csrf" and tag in ("input", "button", "select", "textarea"):
            self._form.fields.setdefault(name, said.get("value", ""))
            self._text = name if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._form and self._text:
            self._form.fields[self._text] = data
            self._text = ""
