"""Pages of the app: the templates of the report in a frame with the way around, and what was just done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from markupsafe import Markup

from goodwill.errors import GoodwillError
from goodwill.report import pages
from goodwill.web.security import session_of, site_of
from goodwill.web.sessions import COOKIE, Session
from goodwill.web.site import Site

HERE = Path(__file__).parent
#: The pages that every page leads to: address and name.
WAYS = (
    ("/", "Answers"),
    ("/people", "People"),
    ("/review", "Review"),
    ("/data", "Data"),
    ("/history", "History"),
    ("/settings", "Settings"),
)
#: Those of them that readers may not open.
OWNERS = ("/settings",)


@dataclass(frozen=True)
class Links:
    """Where a figure, an answer and a term open in the app."""

    terms: str = "/terms"

    def question(self, question: str) -> str:
        """The page of a question."""
        return f"/questions/{quote(question, safe='')}"

    def claim(self, claim: str) -> str:
        """Where a claim comes from: ``win_rate`` or ``win_rate.naive``."""
        return f"/claims/{quote(claim, safe='')}"

    def figure(self, question: str, name: str) -> str:
        """Where a figure comes from."""
        return self.claim(f"{question}.{name}")

    def with_query(self, path: str, **query: Any) -> str:
        """A path with a query; what is empty is left out."""
        said = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{path}?{urlencode(said)}" if said else path


def show(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page made for this request."""
    return _answer(request, environment().get_template(template).render(_frame(request) | context), status)


def show_made(
    request: Request,
    key: tuple[Any, ...],
    template: str,
    make: Callable[[], Mapping[str, Any]],
    *,
    asks_names: bool = False,
) -> HTMLResponse:
    """A page whose middle is made once for all readers; ``key`` holds all that it depends on, and no visitor.

    ``asks_names`` offers owners to show the names that the page hides.
    """
    main = make_middle(site_of(request), key, template, make)
    title, _, middle = main.partition("\n")
    return show(request, "made.html.j2", main=Markup(middle), title=Markup(title), asks_names=asks_names)


def make_middle(site: Site, key: tuple[Any, ...], template: str, make: Callable[[], Mapping[str, Any]]) -> str:
    """The title of a page and its middle, made if nobody has yet; for a page that is made before anybody asks."""
    return site.made(("page", template, *key), lambda: Markup(environment().get_template(template).render(**make())))


def go(request: Request, to: str, told: str = "") -> RedirectResponse:
    """On to another page after a form, with a word on what was done; the cookie of a new session goes with it."""
    session = session_of(request)
    if told:
        site_of(request).sessions.tell(session, told)
    answer = RedirectResponse(to, status_code=303)
    _remember(request, answer, session)
    return answer


def _answer(request: Request, html: str, status: int) -> HTMLResponse:
    answer = HTMLResponse(html, status_code=status)
    _remember(request, answer, session_of(request))
    return answer


def _remember(request: Request, answer: HTMLResponse | RedirectResponse, session: Session) -> None:
    if request.cookies.get(COOKIE) != session.token:
        is_secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, session.token, httponly=True, samesite="strict", secure=is_secure, path="/")


def _frame(request: Request) -> dict[str, Any]:
    """What every page shows around its middle."""
    site, session = site_of(request), session_of(request)
    visitor = session.visitor if session.visitor and site.lets_in(session.visitor) else None
    return {
        "company": _company(site) if visitor else "",
        "visitor": visitor,
        "is_open": site.is_open,
        "shows_names": site.sessions.shows_names(session),
        "told": site.sessions.told(session),
        "csrf": session.csrf,
        "job": site.jobs.current if visitor else None,
        "here": request.url.path,
        "here_in_full": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "ways": [way for way in WAYS if (visitor and visitor.is_owner) or way[0] not in OWNERS],
    }


def _company(site: Site) -> str:
    """Whose pages these are; the name of the folder where goodwill.toml says none, or cannot be read."""
    with suppress(GoodwillError):
        if name := site.workspace.name:
            return name
    return site.root.resolve().name


@cache
def environment() -> Environment:
    """The app's templates, and the report's for what both show."""
    made = pages.environment(HERE / "templates").overlay()
    made.globals.update(links=Links(), asset=asset, rank=1)
    return made


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    return f"/static/{name}?{sha256(content(name)).hexdigest()[:12]}"


@cache
def content(name: str) -> bytes:
    """A static file; the style is the report's with the app's own after it."""
    if name == "app.css":
        report = environment().get_template("style.html.j2").render()
        return (report + (HERE / "static" / "app.css").read_text(encoding="utf-8")).encode()
    return (HERE / "static" / name).read_bytes()
