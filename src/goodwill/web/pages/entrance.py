"""The way in and out: log-in, log-out, showing names for a while, and the files that pages are made with."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from goodwill.web import access, audit
from goodwill.web.rendering import content, go, show
from goodwill.web.security import Current, Ours, Owner

ROUTER = APIRouter()
#: Files that pages are made with, and what they are.
ASSETS = {
    "app.css": "text/css",
    "app.js": "text/javascript",
    "review.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "live.js": "text/javascript",
    "upload.js": "text/javascript",
}
WAIT = "Too many tries. Wait a quarter of an hour, then try again."
WRONG = "This name and password do not belong together."


@ROUTER.get("/static/{name}")
def static(name: str) -> Response:
    """A style, a script or the icon; kept by browsers, since its address changes with its content."""
    if name not in ASSETS:
        raise HTTPException(404)
    return Response(content(name), media_type=ASSETS[name], headers={"cache-control": "public, max-age=31536000"})


@ROUTER.get("/login", response_class=HTMLResponse)
def ask(request: Request) -> HTMLResponse:
    """Ask who is there."""
    return show(request, "login.html.j2", problem="")


@ROUTER.post("/login", response_class=HTMLResponse)
def login(
    request: Request,
    *,
    site: Ours,
    session: Current,
    name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=access.LONGEST)],
) -> Response:
    """Let somebody in, by name and password."""
    whose = (f"address {request.client.host if request.client else ''}", f"name {name}")
    if not site.sessions.may_try(*whose):
        return show(request, "login.html.j2", 429, problem=WAIT)
    visitor = access.known(site.workspace, name, password)
    if visitor is None:
        is_user = name in {user.name for user in access.users(site.workspace)}  # else it may be a password, mistyped
        audit.write(site.workspace, name if is_user else "somebody", "log-in refused", "")
        return show(request, "login.html.j2", 403, problem=WRONG)
    site.sessions.succeeded(*whose)
    site.sessions.end(session.token)
    request.state.session = site.sessions.begin(visitor)
    return go(request, "/", f"Welcome, {visitor.name}.")


@ROUTER.post("/logout")
def logout(request: Request, site: Ours, session: Current) -> RedirectResponse:
    """End the session."""
    site.sessions.end(session.token)
    request.state.session = site.begin_session()
    return go(request, "/login")


@ROUTER.post("/names")
def names(
    request: Request,
    *,
    site: Ours,
    session: Current,
    owner: Owner,
    wanted: Annotated[Literal["show", "hide"], Form()],
    then: Annotated[str, Form(max_length=4000)] = "/people",
) -> RedirectResponse:
    """Show names of people for half an hour, or hide them."""
    site.sessions.show_names(session, is_wanted=wanted == "show")
    audit.write(site.workspace, owner.name, f"names: {wanted}", "")
    told = (
        "Names are shown for half an hour; who sees whom is written down." if wanted == "show" else "Names are hidden."
    )
    return go(request, then if _is_ours(then) else "/people", told)


def _is_ours(address: str) -> bool:
    """Is this a page of ours? Anything else would lead away from here.

    Examples
    --------
    >>> _is_ours("/people?offset=50"), _is_ours("//evil.example/"), _is_ours("/\\\\evil.example"), _is_ours("https://evil.example")
    (True, False, False, False)
    """
    return bool(re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", address)) and "\\" not in address
