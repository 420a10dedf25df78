"""People and companies in the app: what is masked, what is found, one line of time, and who saw whom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from goodwill.report.timeline_pictures import Lane, Span, Story, draw, picture
from goodwill.web import access, audit
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from people_site import ANN, ask_not_to_be_tracked, person_of, workspace
from web_site import PASSWORD, Visit, with_people

#: What tells who Ann is.
NAMES = ("Ann", "Quast", "ann.quast")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path / "acme")


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    made = Site(folder)
    yield made
    made.close()


@pytest.fixture
def visit(site: Site) -> Visit:
    return Visit(site)


def shown(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def seen(folder: Path) -> list[tuple[str, str]]:
    return [(line.what, line.of) for line in audit.read(open_workspace(folder))]


@pytest.mark.slow
def test_people_are_masked_until_an_owner_asks_for_names(visit: Visit, folder: Path) -> None:
    person = person_of(folder, ANN)
    for address in ("/people", f"/people/{person}", "/companies", "/audit"):
        assert not [name for name in NAMES if name in visit.get(address).text], address
    assert visit.post("/names", {"wanted": "show", "then": f"/people/{person}"}, at="/people").status_code == 303
    page = visit.get(f"/people/{person}").text
    assert all(name in page for name in NAMES)
    assert ("saw person, masked", person) in seen(folder)
    assert ("saw person, with name", person) in seen(folder)


@pytest.mark.slow
def test_a_reader_sees_nobody_by_name_and_no_audit(folder: Path) -> None:
    site = with_people(folder)
    reader = Visit(site, name="bob")
    assert reader.post("/names", {"wanted": "show"}, at="/people").status_code == 403
    assert reader.get("/audit").status_code == 403
    page = reader.get(f"/people/{person_of(folder, ANN)}").text
    assert not [name for name in NAMES if name in page]
    assert "an owner of this workspace can see them" in page
    site.close()


def test_names_are_searched_only_by_whoever_sees_them(visit: Visit) -> None:
    masked = shown(visit.get("/people?name=quastl").text)
    assert "The name was left out of the search" in masked
    assert "5 people, those" in masked  # a hidden name must not be guessed from who is left
    visit.post("/names", {"wanted": "show"}, at="/people")
    named = shown(visit.get("/people?name=QUASTL").text)
    assert "3 people of 5" in named
    assert "Eve" not in named


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "n"),
    [("company=mill", 2), ("company=ELSE", 1), ("kind=customer", 2), ("touches=10", 3), ("touches=11", 0),
     ("venue=linkedin", 3), ("venue=linkedin&company=else", 1), ("company=%00", 0), ("page=9", 5)],
)  # fmt: skip
def test_a_list_is_narrowed(visit: Visit, query: str, n: int) -> None:
    assert f" {n} {'person' if n == 1 else 'people'}" in shown(visit.get(f"/people?{query}").text)


def test_companies_are_listed_with_their_deals(visit: Visit) -> None:
    page = shown(visit.get("/companies?company=mill").text)
    assert "mill customer – 2 10 2 1" in page


@pytest.mark.slow
def test_one_line_of_time_has_touches_deals_and_where_they_are_from(visit: Visit, folder: Path) -> None:
    page = visit.get(f"/people/{person_of(folder, ANN)}").text
    told = shown(page)
    assert "2025-04-02 Deals Deal won, 40,000 EUR" in told
    assert "2025-01-05 CRM Became a lead" in told
    assert 'href="/files?file=deals.csv&amp;row=2"' in page
    assert told.index("2025-07-10") < told.index("2025-04-02 Deals")  # the newest first
    assert "the same key, email, with" in told
    assert page.count('role="img"') == 2


def test_a_part_of_the_time_is_chosen(visit: Visit, folder: Path) -> None:
    address = f"/people/{person_of(folder, ANN)}"
    assert "3 lines" in visit.get(f"{address}?venue=linkedin&since=2025-04-01&until=2025-04-10").text
    assert "4 lines" in visit.get(f"{address}?venue=deals&since=&until=").text
    assert "Nothing in this part" in visit.get(f"{address}?venue=nowhere").text
    assert visit.get(f"{address}?since=0001-01-01&until=9999-12-31").status_code == 200


def test_a_company_shows_its_people_masked_and_says_who_did_what(visit: Visit, folder: Path) -> None:
    account = re.findall(r"/companies/(a_\w+)", visit.get("/companies?company=mill").text)[0]
    page = visit.get(f"/companies/{account}").text
    assert f'<a href="/people/{person_of(folder, ANN)}">A*** Q***</a>' in page
    assert not [name for name in NAMES if name in page]
    assert "Lost" in page
    assert ("saw people of company, masked", account) in seen(folder)


def test_whoever_asked_not_to_be_tracked_has_no_timeline(folder: Path) -> None:
    person = ask_not_to_be_tracked(folder, ANN)
    site = Site(folder)
    visit = Visit(site)
    answer = visit.get(f"/people/{person}")
    assert answer.status_code == 404
    assert "asked not to be tracked" in answer.text
    listed = visit.get("/people").text
    assert person not in listed
    assert "1 person asked not to be tracked and is not listed" in shown(listed)
    site.close()


@pytest.mark.parametrize("person", ["p_0000000000000000", "%00", "%ff", "x" * 3000, "p_1'; DROP TABLE x; --"])
def test_an_unknown_person_is_told_to_search_again(visit: Visit, person: str) -> None:
    answer = visit.get(f"/people/{person}")
    assert answer.status_code == 404
    assert "Search again" in answer.text
    assert visit.get(f"/companies/{person}").status_code == 404


@pytest.mark.parametrize("query", ["page=0", "page=x", "touches=-1", "kind=friend", "name=" + "x" * 201])
def test_what_cannot_be_asked_is_refused(visit: Visit, query: str) -> None:
    assert visit.get(f"/people?{query}").status_code == 422


def test_the_audit_links_whom_it_names_and_is_paged(visit: Visit, folder: Path) -> None:
    for n in range(55):
        audit.write(open_workspace(folder), "ann", f"looked {n}", "p_1 a_2")
    first, second = visit.get("/audit").text, visit.get("/audit?page=2").text
    assert "looked 54" in first
    assert "looked 4<" in second
    assert '<a href="/companies/a_2">a_2</a>' in first


def test_a_log_in_of_an_owner_with_a_password_may_see_names(folder: Path) -> None:
    access.add(open_workspace(folder), "olga", "owner", PASSWORD)
    site = Site(folder)
    owner = Visit(site, name="olga")
    owner.post("/names", {"wanted": "show"}, at="/people")
    assert "Ann" in owner.get("/people").text
    assert {line.who for line in audit.read(open_workspace(folder))} == {"olga"}
    site.close()


DAY = dt.date(2025, 1, 6)


def story(*, name: str = "LinkedIn") -> Story:
    lanes = (
        Lane(name, True, ((DAY, 2), (dt.date(2025, 6, 1), 40))),
        Lane("E-mail", False, ((dt.date(2025, 2, 1), 1),)),
    )
    spans = tuple(
        Span(f"Deal {n}", DAY + dt.timedelta(days=n), dt.date(2025, 5, 1), ending)
        for n, ending in enumerate(("won", "lost", "open", "over", "won"))  # type: ignore[misc]
    )
    return Story(lanes, (("Deals", spans),), DAY, dt.date(2025, 12, 31))


def test_the_picture_says_what_it_shows_and_keeps_inside_its_edges() -> None:
    made = picture(story())
    assert made.sees.startswith(
        "The first touch was on LinkedIn, 6 January 2025 (dashed line); most touches were on Li"
    )
    assert "Touches by venue: LinkedIn: 42 and E-mail: 1." in made.panels[0].told
    assert "the 4 latest of 5" in made.panels[0].wide
    for width, drawn in ((680, made.panels[0].wide), (330, made.panels[0].narrow)):
        places = [float(x) for x in re.findall(r'(?:cx|x1|x2)="([\d.]+)"', drawn)]
        assert min(places) >= 0
        assert max(places) <= width


def test_names_in_the_picture_are_text() -> None:
    drawn = draw(story(name="<script>&\x1b[31m"), 680)
    assert "<script>" not in drawn
    assert "\x1b" not in drawn
    assert "style=" not in drawn
