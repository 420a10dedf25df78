"""What stands before every page: who asks, by which name, from where; and what browsers may do.

After the OWASP cheat sheets on session management, cross-site request forgery, content security policy and headers.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodwill.web.access import Visitor
from goodwill.web.sessions import COOKIE, Session
from goodwill.web.site import Site

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Nothing but our own files; no inline script or style, no frames, no plug-ins, no other place to send a form to.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with none at all browsers hide from which page a form comes, from us too
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
#: Where anybody may look before log-in.
PUBLIC = ("/login", "/static/")


class NotLoggedIn(Exception):
    """A page was asked for that is not for strangers."""


class Forbidden(Exception):
    """Something was asked for that this visitor, or this form, may not do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


class Guard:
    """The first thing that a request meets: the name it asks for and its origin; and the headers of every answer."""

    def __init__(self, app: ASGIApp, *, names: Sequence[str]) -> None:
        self._app, self._names = app, frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is refused before anything of it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = self._problem(scope["method"], Headers(scope=scope))
        told = _with_headers(send)
        if problem:
            status, text = problem
            await PlainTextResponse(text + "\n", status)(scope, receive, told)
            return
        await self._app(scope, receive, told)

    def _problem(self, method: str, headers: Headers) -> tuple[int, str] | None:
        if not is_known_host(headers.get("host", ""), self._names):
            # a page elsewhere may give this machine another name to read from it (DNS rebinding)
            return 421, "Goodwill is not known by this name here. Start it with --name to add one."
        if method not in SAFE and not _is_from_here(headers):
            return 403, "This request came from another site and was refused."
        return None


def is_known_host(host: str, names: frozenset[str]) -> bool:
    """Is this one of our names? Bare addresses are: no other site can hold one.

    Examples
    --------
    >>> is_known_host("127.0.0.1:8000", frozenset()), is_known_host("[::1]:80", frozenset())
    (True, True)
    >>> is_known_host("localhost", frozenset()), is_known_host("evil.example", frozenset({"goodwill.acme.com"}))
    (True, False)
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return False
    if name == "localhost" or name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_from_here(headers: Headers) -> bool:
    """Did a page of ours send this? Browsers say so in headers that no page can set."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False


def _with_headers(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return told


def site_of(request: Request) -> Site:
    """The site that this request asks."""
    site: Site = request.app.state.site
    return site


def session_of(request: Request) -> Session:
    """The session of this request; a new one, whose cookie goes with the answer, where there is none."""
    if not hasattr(request.state, "session"):
        site = site_of(request)
        request.state.session = site.sessions.find(request.cookies.get(COOKIE)) or site.begin_session()
    found: Session = request.state.session
    return found


def visitor_of(request: Request) -> Visitor:
    """Who asks.

    Raises
    ------
    NotLoggedIn
        Nobody we know.
    """
    visitor = session_of(request).visitor
    if visitor is None or not site_of(request).lets_in(visitor):
        raise NotLoggedIn
    return visitor


def owner_of(request: Request) -> Visitor:
    """Who asks, if it is an owner.

    Raises
    ------
    Forbidden
        A reader asks.
    """
    visitor = visitor_of(request)
    if not visitor.is_owner:
        raise Forbidden("Readers may look, not change.", "Ask an owner of this workspace to do it.")
    return visitor


async def genuine(request: Request) -> None:
    """Refuse a form that no page of ours made for this session.

    Raises
    ------
    Forbidden
    """
    if request.method in SAFE:
        return
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        owner_of(request)  # before anything is written down of files that a reader may not send
    given = request.headers.get("x-csrf-token")
    if given is None:
        given = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest(given.encode(errors="replace"), session_of(request).csrf.encode()):
        await request.close()  # files that came with it go at once
        raise Forbidden("This form is too old, or was not made here.", "Go back, load the page again and repeat it.")


def known(request: Request) -> None:
    """Let nobody in who has not logged in, but for the pages before log-in."""
    if not request.url.path.startswith(PUBLIC):
        visitor_of(request)


Ours = Annotated[Site, Depends(site_of)]
Reader = Annotated[Visitor, Depends(visitor_of)]
Owner = Annotated[Visitor, Depends(owner_of)]
Current = Annotated[Session, Depends(session_of)]
