"""Companies: a list that can be searched, and one company on one line of time with its people, deals and contracts."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from goodwill.errors import GoodwillError
from goodwill.web import audit
from goodwill.web.directory import PAGE, Wanted, directory, people_of, search, stamp
from goodwill.web.joined import joined
from goodwill.web.pages.people import KINDS, Day, Page, Text, called, customer, person_row
from goodwill.web.rendering import show
from goodwill.web.security import Current, Ours, Reader
from goodwill.web.site import Site
from goodwill.web.timelines import Wanted as Part
from goodwill.web.timelines import Whole

ROUTER = APIRouter()
CompanyKind = Literal["", "customer", "former customer", "prospect"]


@ROUTER.get("/companies", response_class=HTMLResponse)
def companies(
    request: Request, *, site: Ours, company: Text = "", kind: CompanyKind = "", page: Page = 1
) -> HTMLResponse:
    """Every company, or those searched for."""
    found = search(site, "account", Wanted(company=company, kind=kind, page=page))
    asked = {"company": company, "kind": kind}
    return show(request, "companies.html.j2", found=found, asked=asked, kinds=KINDS)


@ROUTER.get("/companies/{account}", response_class=HTMLResponse)
def company(
    request: Request,
    *,
    site: Ours,
    visitor: Reader,
    session: Current,
    account: str,
    venue: Text = "",
    since: Day = None,
    until: Day = None,
    page: Page = 1,
) -> HTMLResponse:
    """One company on one line of time, its people, what it was offered and what it bought."""
    row = directory(site).company(account)
    if row is None:
        remedy = "Names of companies change when records are joined in another way. Search again."
        raise GoodwillError("no company in the last run is called so", where=account[:40], remedy=remedy)
    is_masked = not site.sessions.shows_names(session)
    audit.write(
        site.workspace, visitor.name, f"saw people of company, {'masked' if is_masked else 'with names'}", account
    )
    whole = Whole.of(row, account)
    people = _people(site, account)
    nodes = tuple(node for one in people for node in one["nodes"])
    told = customer(site, whole, Part(venue, since, until, page), nodes)
    return show(
        request, "company.html.j2", row=row | {"kind": KINDS[row["kind"]]}, here_is=f"/companies/{account}",
        people=[person_row(one, site, is_masked) for one in people[:PAGE]], people_in_all=len(people),
        records=[record.told(is_masked=False) for record in joined(site, whole)],
        who=_names(site, told["events"].rows, is_masked), **told,
    )  # fmt: skip


def _people(site: Site, account: str) -> list[dict[str, Any]]:
    """The people of a company, those with most touches first."""

    return site.made(("people of", *stamp(site), account), lambda: people_of(directory(site), account))


def _names(site: Site, events: tuple[dict[str, Any], ...], is_masked: bool) -> dict[str, str]:
    """What those are called who did something."""
    there = directory(site)
    wanted = {event["person"] for event in events if event["person"]}
    found = {person: there.person(person) for person in sorted(wanted)}
    return {person: called(row, is_masked) for person, row in found.items() if row}
