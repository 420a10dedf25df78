"""Exports on their way in: the one address that takes large files, and only an owner's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData, UploadFile

from goodwill.errors import NO_ROOM, GoodwillError, NoRoom
from goodwill.web import audit
from goodwill.web.jobs import refused
from goodwill.web.rendering import go, show
from goodwill.web.security import Ours, Owner
from goodwill.web.site import Site
from goodwill.web.uploads import Taken, take

ROUTER = APIRouter()
#: Requests here may be as large as the site's limit.
TAKES_FILES = True
#: Refusals told one by one on the next page.
MOST_TOLD = 20


async def sent(request: Request, _: Owner) -> AsyncIterator[FormData]:
    """The files that came; they go again with the answer.

    Raises
    ------
    NoRoom
        There is no place to put them down.
    """
    try:
        form = await request.form()
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoRoom(error.strerror, where="the place for temporary files") from None
        raise
    try:
        yield form
    finally:
        await form.close()


@ROUTER.post("/data/exports")
def add(request: Request, site: Ours, owner: Owner, form: Annotated[FormData, Depends(sent)]) -> Response:
    """Take what can be read, refuse the rest by name; nothing that is there is ever replaced."""
    taken: list[Taken] = []
    problems: list[dict[str, str]] = []
    for given in _files(form):
        try:
            taken.append(_take(site, given, owner.name))
        except GoodwillError as error:
            problems.append(refused(error))
    if not taken and not problems:
        remedy = "Choose one or more files, then press Add."
        problems.append(refused(GoodwillError("no file was chosen", where="the form", remedy=remedy)))
    if "application/json" in request.headers.get("accept", ""):
        status = 200 if taken else 422
        return JSONResponse({"taken": [vars(t) for t in taken], "refused": problems}, status)
    if not taken:
        return show(request, "exports_refused.html.j2", 422, problems=problems)
    return _told(request, taken, problems)


def _files(form: FormData) -> Iterator[UploadFile]:
    """Every file that was chosen; a browser sends one without a name where none was."""
    for _, value in form.multi_items():
        if isinstance(value, UploadFile) and (value.filename or value.size):
            yield value


def _take(site: Site, given: UploadFile, who: str) -> Taken:
    taken = take(site.workspace, given.filename or "", given.file)
    if taken.is_new:
        audit.write(site.workspace, who, "export added", taken.name)
    return taken


def _told(request: Request, taken: list[Taken], problems: list[dict[str, Any]]) -> Response:
    """Back to the list, with a word on each that was refused."""
    site: Site = request.app.state.site
    session = request.state.session
    for problem in problems[:MOST_TOLD]:
        site.sessions.tell(session, f"Refused: {problem['where']}: {problem['problem']} {problem['remedy']}")
    new = sum(file.is_new for file in taken)
    there = len(taken) - new
    words = [f"{new} {'file was' if new == 1 else 'files were'} added."] if new else []
    words += [f"{there} {'was' if there == 1 else 'were'} there already."] if there else []
    words += [f"{len(problems)} {'was' if len(problems) == 1 else 'were'} refused."] if problems else []
    return go(request, "/data", " ".join(words))
