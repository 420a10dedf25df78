"""People: a list that can be searched, one customer on one line of time, and who looked at whom."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BeforeValidator, Field

from goodwill.claims import masking
from goodwill.errors import GoodwillError
from goodwill.web import audit
from goodwill.web.directory import PAGE, Found, Wanted, directory, search
from goodwill.web.joined import joined, tickets
from goodwill.web.rendering import show
from goodwill.web.security import Current, Ours, Owner, Reader
from goodwill.web.site import Site
from goodwill.web.timelines import Wanted as Part
from goodwill.web.timelines import Whole, drawn, page_of, place_name, timeline

ROUTER = APIRouter()
#: What somebody is to the company, as readers know it.
KINDS = {
    "customer": "customer", "former customer": "former customer", "prospect": "prospect", "staff": "staff",
    "program": "program", "unknown": "not in our records",
}  # fmt: skip
PersonKind = Literal["", "customer", "former customer", "prospect", "staff", "program", "unknown"]
AGAIN = (
    "Names of people change when records are joined in another way, and whoever was forgotten has none. Search again."
)


def _absent(given: object) -> object:
    """A field that was left empty is not asked."""
    return None if given == "" else given


Day = Annotated[dt.date | None, BeforeValidator(_absent), Query()]
Touches = Annotated[Annotated[int, Field(ge=0, le=10**9)] | None, BeforeValidator(_absent), Query()]
Text = Annotated[str, Query(max_length=200)]
Page = Annotated[int, Query(ge=1, le=10**6)]


def warm(site: Site) -> None:
    """List everybody before anybody asks."""
    directory(site)


@ROUTER.get("/people", response_class=HTMLResponse)
def people(
    request: Request,
    *,
    site: Ours,
    visitor: Reader,
    session: Current,
    name: Text = "",
    company: Text = "",
    venue: Text = "",
    kind: PersonKind = "",
    touches: Touches = None,
    page: Page = 1,
) -> HTMLResponse:
    """Everybody, or those searched for; by name and address only for whoever sees names."""
    is_masked = not site.sessions.shows_names(session)
    named = "" if is_masked else name
    found = search(site, "person", Wanted(named, company, venue, kind, touches or 0, page))
    if not is_masked:
        audit.write(site.workspace, visitor.name, "saw a list of people, with names", "")
    return show(
        request, "people.html.j2", found=found, rows=[person_row(row, site, is_masked) for row in found.rows],
        asked={"name": named, "company": company, "venue": venue, "kind": kind, "touches": touches},
        is_left_out=bool(name and is_masked), there=directory(site), kinds=KINDS, place_name=place_name,
    )  # fmt: skip


def person_row(row: dict[str, Any], site: Site, is_masked: bool) -> dict[str, Any]:
    """A person as a list shows them."""
    companies = [(account, company_name(site, account)) for account in row["accounts"]]
    return row | {"called": called(row, is_masked), "companies": companies, "kind": KINDS[row["kind"]]}


def company_name(site: Site, account: str) -> str:
    """What a company is called."""
    found = directory(site).company(account)
    return str(found["name"]) if found else "a company"


def called(row: dict[str, Any], is_masked: bool) -> str:
    """What a person is called: by name, else by address, else by handle."""
    name = row["name"] or row["email"]
    if name:
        return str(masking.text(name) if is_masked else name)
    handle = next((node for node in row["nodes"] if "/" not in node), row["nodes"][0])
    return masking.node(handle) if is_masked else handle


@ROUTER.get("/people/{person}", response_class=HTMLResponse)
def person(
    request: Request,
    *,
    site: Ours,
    visitor: Reader,
    session: Current,
    person: str,
    venue: Text = "",
    since: Day = None,
    until: Day = None,
    page: Page = 1,
) -> HTMLResponse:
    """One person on one line of time, and which records they are made of."""
    row = _known(site, person)
    is_masked = not site.sessions.shows_names(session)
    audit.write(site.workspace, visitor.name, f"saw person, {'masked' if is_masked else 'with name'}", person)
    whole = Whole.of(row, person)
    part = Part(venue, since, until, page)
    return show(
        request, "person.html.j2", row=person_row(row, site, is_masked), email=_shown(row["email"], is_masked),
        records=[record.told(is_masked=is_masked) for record in joined(site, whole)], here_is=f"/people/{person}",
        **customer(site, whole, part, ()),
    )  # fmt: skip


def _shown(text: str | None, is_masked: bool) -> str:
    return str(masking.text(text) if is_masked else text) if text else ""


def customer(site: Site, whole: Whole, part: Part, people: tuple[str, ...]) -> dict[str, Any]:
    """What the pages of people and of companies both show; ``people`` are the nodes of a company's people."""
    found = timeline(site, whole)
    asked, n = tickets(site, whole, people)
    return {
        "picture": drawn(site, whole), "found": found, "events": page_of(found, part), "part": part,
        "tickets": asked, "tickets_in_all": n, "place_name": place_name,
    }  # fmt: skip


def _known(site: Site, person: str) -> dict[str, Any]:
    """What is known of one person.

    Raises
    ------
    GoodwillError
        Nobody is called so, or the person asked not to be tracked.
    """
    found = directory(site).person(person)
    if found:
        return found
    with site.tables() as tables:
        if tables.rows("SELECT 1 AS n FROM untracked WHERE person = $person LIMIT 1", person=person):
            raise GoodwillError(
                "this person asked not to be tracked, so no timeline is shown",
                remedy="Their touches count in totals, as nobody's. What is held about them can be handed out: "
                "goodwill person export",
            )
    raise GoodwillError("nobody in the last run is called so", where=person[:40], remedy=AGAIN)


@ROUTER.get("/audit", response_class=HTMLResponse)
def seen(request: Request, *, site: Ours, owner: Owner, page: Page = 1) -> HTMLResponse:  # noqa: ARG001
    """Who saw whom, and who changed what, the newest first."""
    lines = list(audit.read(site.workspace))
    chosen = lines[::-1][(page - 1) * PAGE : page * PAGE]
    rows = [vars(line) | {"links": [(of, _way(of)) for of in line.of.split()]} for line in chosen]
    return show(request, "audit.html.j2", found=Found(tuple(rows), len(lines), page))


def _way(of: str) -> str:
    """Where somebody or something that was seen can be looked at; empty where nowhere."""
    return f"/people/{of}" if of.startswith("p_") else f"/companies/{of}" if of.startswith("a_") else ""
