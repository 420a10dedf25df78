"""The app: every page found in ``pages/``, the guard before them, and what is said when something is refused."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

import goodwill
from goodwill.errors import GoodwillError, WorkspaceBusy
from goodwill.web import pages
from goodwill.web.rendering import show
from goodwill.web.security import Forbidden, Guard, NotLoggedIn, genuine, known, site_of
from goodwill.web.site import Site

#: Pages made at once: more threads would only wait for each other, and all pages with them.
AT_ONCE = 6
#: Forms without files are small.
FORM_LIMIT = 2 * 1024 * 1024
#: What is said of a status that no page of ours explains.
SAID = {
    404: ("There is no such page.", "Go back, or begin with the answers."),
    405: ("This page cannot be asked in this way.", "Go back, or begin with the answers."),
}


class App(FastAPI):
    """The app with its guard before everything, so that refusals of the framework's own are guarded too."""

    def build_middleware_stack(self) -> ASGIApp:
        """The guard, then all else."""
        return Guard(super().build_middleware_stack(), names=self.state.names)


def create_app(site: Site, *, names: Sequence[str] = ()) -> FastAPI:
    """The app of one workspace.

    Parameters
    ----------
    site : Site
    names : sequence of str
        Names beside localhost and bare addresses under which this server may be asked.
    """

    @asynccontextmanager
    async def alive(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = AT_ONCE
        yield
        site.close()

    app = App(
        title="Goodwill",
        version=goodwill.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=alive,
        dependencies=[Depends(known), Depends(genuine)],
        openapi_url=None,
        max_body_size=FORM_LIMIT,
    )
    app.state.site = site
    app.state.names = [name.lower() for name in names]
    for found in sorted(pkgutil.iter_modules(pages.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{pages.__name__}.{found.name}")
        limit = site.upload_limit if getattr(module, "TAKES_FILES", False) else None
        app.include_router(module.ROUTER, max_body_size=limit)
    _answer_refusals(app)
    return app


def _answer_refusals(app: FastAPI) -> None:
    @app.exception_handler(GoodwillError)
    def refused(request: Request, error: GoodwillError) -> HTMLResponse:
        status = 409 if isinstance(error, WorkspaceBusy) else 404 if request.method == "GET" else 422
        return _problem(request, status, error.problem, str(error.where or ""), error.remedy or "")

    @app.exception_handler(NotLoggedIn)
    def stranger(request: Request, _: NotLoggedIn) -> Response:
        return RedirectResponse("/login", status_code=303) if request.method == "GET" else _forbidden()

    @app.exception_handler(Forbidden)
    def forbidden(request: Request, error: Forbidden) -> HTMLResponse:
        return _problem(request, 403, error.problem, "", error.remedy)

    @app.exception_handler(RequestValidationError)
    def unclear(request: Request, error: RequestValidationError) -> HTMLResponse:
        fields = ", ".join(dict.fromkeys(str(e["loc"][-1]) for e in error.errors()))
        return _problem(request, 422, f"This was not understood: {fields}.", "", "Go back and look at these fields.")

    @app.exception_handler(Exception)
    def fault(request: Request, _: Exception) -> HTMLResponse:
        remedy = "The terminal where goodwill serve runs says more. Go back, look whether it was done, and try again."
        return _problem(request, 500, "Something went wrong here, and it is our fault.", "", remedy)

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> HTMLResponse:
        problem, remedy = SAID.get(error.status_code, (str(error.detail), "Go back, or begin with the answers."))
        return _problem(request, error.status_code, problem, "", remedy)


def _problem(request: Request, status: int, problem: str, where: str, remedy: str) -> HTMLResponse:
    """What is wrong, where, and what to do."""
    said = problem[:1].upper() + problem[1:]
    told = [text.replace(f"{site_of(request).root}/", "") for text in (where, remedy)]  # not where the folder lies
    return show(request, "problem.html.j2", status, problem=said, where=told[0], remedy=told[1])


def _forbidden() -> JSONResponse:
    return JSONResponse({"problem": "not logged in"}, 401)
