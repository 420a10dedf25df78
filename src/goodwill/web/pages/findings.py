"""The last check-up as a list to work through: what is wrong, what to do, what it hurts; done, or set aside."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from goodwill.errors import GoodwillError
from goodwill.registry import questions
from goodwill.web import set_aside
from goodwill.web.check_up import Item, items
from goodwill.web.exports_there import ended, mark, there
from goodwill.web.rendering import go, show
from goodwill.web.security import Ours, Owner
from goodwill.web.site import Site

ROUTER = APIRouter()
#: Where in the app one does what a remedy names.
PLACES = (
    ("goodwill review", "/review", "Review pairs"),
    ("goodwill scan", "/data#scan", "See the proposals"),
    ("goodwill.toml", "/settings", "Open the settings"),
    ("mapping", "/settings", "Open the settings"),
    ("export", "/data", "Add an export"),
)


@ROUTER.get("/doctor", response_class=HTMLResponse)
def doctor(request: Request, site: Ours) -> HTMLResponse:
    """What needs a look, what was done and what was set aside."""
    found = site.jobs.result("doctor")
    if found is None:
        return show(request, "doctor.html.j2", found=None)
    listed = _items(site, found)
    return show(
        request,
        "doctor.html.j2",
        found=found,
        items=[(item, _place(item)) for item in listed],
        settled=sum(item.state != "open" for item in listed),
        why_old=_why_old(site, found),
    )


@ROUTER.post("/doctor/aside")
def aside(
    request: Request,
    *,
    site: Ours,
    owner: Owner,
    finding: Annotated[str, Form(max_length=4_000)],
    n: Annotated[int, Form(ge=0, le=10**15)],
    wanted: Annotated[Literal["aside", "open"], Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> RedirectResponse:
    """Set a finding aside with a reason, or take it up again."""
    found = site.jobs.result("doctor")
    there_now = {(item.key, item.n) for item in _items(site, found) if item.state != "done"} if found else set()
    if (finding, n) not in there_now:
        remedy = "Go back to the page Check-up and load it again."
        raise GoodwillError("this finding is not in the last check-up", where="/doctor", remedy=remedy)
    if wanted == "aside":
        set_aside.write(site.workspace, finding, n, reason, owner.name)
        return go(request, "/doctor", "Set aside, with your reason. It comes back when its number changes.")
    set_aside.take_up(site.workspace, finding, n, owner.name)
    return go(request, "/doctor", "It is on the list again.")


def _items(site: Site, found: dict[str, Any]) -> tuple[Item, ...]:
    answered = {v.question for v in site.answers().verdicts} if site.has_answers() else set()
    asked = {name: q.asks for name, q in questions().items() if name in answered}
    files = {file.name for file in there(site.workspace)}
    return items(found, set_aside.read(site.workspace), files, asked)


def _place(item: Item) -> tuple[str, str] | None:
    """The page on which one does what the remedy says, and what to call it."""
    return next(((address, name) for word, address, name in PLACES if word in item.remedy), None)


def _why_old(site: Site, found: dict[str, Any]) -> str:
    """Why the check-up may no longer hold; empty where it does."""
    if found["exports"] != mark(site.workspace):
        return "The exports have changed since this check-up."
    if found["ended_at"] < ended(site.workspace):
        return "There was a run since this check-up."
    return ""
