"""A closer look: counted by hand, small counts hidden, never more than was asked, and marked as description."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from canonical import at, traced
from goodwill import history
from goodwill.report import closer_pictures
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.web import closer_look
from goodwill.web.closer_look import Chosen, Look
from goodwill.web.site import Site
from goodwill.workspace import Team, Workspace, open_workspace
from web_site import Visit, with_people, workspace

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
INDUSTRIES = {"Retail": range(1, 9), "Mining": range(9, 12)}


def _rows() -> dict[str, list[dict[str, object]]]:
    """Eight retailers and three miners; a person each. Retailers 1 to 6 wrote on linkedin, miner 9 on x."""
    accounts = [
        {"id": f"crm/account:{n}", "name": f"Firm {n}", "domain": f"firm{n}.example", "industry": industry,
         "employees": 5.0 if n < 7 else 300.0, "created_at": at("2023-01-01")}
        for industry, numbers in INDUSTRIES.items() for n in numbers
    ]  # fmt: skip
    people = [
        {"id": f"crm/contact:{n}", "name": f"P{n} Name{n}", "email": f"p{n}@firm{n}.example",
         "account": f"crm/account:{n}", "created_at": at("2023-01-01")}
        for n in range(1, 12)
    ]  # fmt: skip

    def touch(n: int, day: str, venue: str = "linkedin") -> dict[str, object]:
        return {"id": f"i{n}-{day}", "at": at(day), "verb": "Create", "actor": f"crm/contact:{n}", "venue": venue,
                "channel_group": "organic_social", "direction": "inbound"}  # fmt: skip

    out = {"id": "o1", "at": at("2024-02-06"), "verb": "Create", "actor": "linkedin:acme", "venue": "linkedin",
           "channel_group": "organic_social", "direction": "outbound", "team": "Sales"}  # fmt: skip
    touches = [touch(n, "2024-02-05") for n in range(1, 7)] + [touch(1, "2024-02-06"), touch(9, "2024-05-02", "x")]
    deals = [
        {"id": f"d{n}", "account": f"crm/account:{n}", "created_at": at("2024-02-01"), "closed_at": at("2024-06-03"),
         "outcome": "won" if n in (1, 2, 3, 4, 5, 8, 9) else "lost", "amount": 10.0, "currency": "EUR"}
        for n in range(1, 12)
    ]  # fmt: skip
    effort = [{"on_date": dt.date(2024, 3, 1 + n), "person": "Ann", "team": "Sales", "venue": "linkedin",
               "kind": "create", "hours": 2.0} for n in range(6)]  # fmt: skip
    spend = [
        {"period_start": dt.date(2024, 4, 1), "venue": "x", "kind": "media", "amount": 70.0, "currency": "EUR"},
        {"period_start": dt.date(2024, 4, 1), "venue": "x", "kind": "media", "amount": 9.0, "currency": "USD"},
    ]
    tickets = [{"id": f"t{n}", "created_at": at("2024-07-01"), "requester": f"crm/contact:{n}", "via": "Twitter",
                "first_reply_at": at("2024-07-01 03:00:00")} for n in range(1, 8)]  # fmt: skip
    return {"accounts": accounts, "people": people, "interactions": [*touches, out], "opportunities": deals,
            "effort": effort, "spend": spend, "tickets": tickets}  # fmt: skip


@cache
def _traced() -> DuckDBTables:
    return traced(_rows(), Workspace(Path(), teams={"sales": Team(("Ann",), 50.0)}))


def _look(smallest: int = 0, **chosen: object) -> Look:
    tables = _traced()
    given = {"since": FIRST, "as_of": LAST} | chosen
    return closer_look.look(
        tables, closer_look.social_touches(tables), Chosen(**given), smallest=smallest, currency="EUR"
    )  # type: ignore[arg-type]


def test_everything_is_counted_once() -> None:
    look = _look()
    assert look.whole == {"name": "all", "touches_in": 8, "touches_out": 1, "people": 7, "companies": 7}
    assert [(r["name"], r["touches_in"], r["people"]) for r in look.venues] == [("linkedin", 7, 6), ("x", 1, 1)]
    assert [r["name"] for r in look.weeks] == [dt.date(2024, 2, 5), dt.date(2024, 4, 29)]
    assert [(r["is_touched"], r["deals"], r["wins"]) for r in look.deals] == [(True, 7, 6), (False, 4, 1)]
    assert (look.tickets["ticket_cases"], look.tickets["people"], look.tickets["hours"]) == (7, 7, 3.0)
    assert [(r["name"], r["kind"], r["amount"]) for r in look.cost] == [
        ("linkedin", "labour", 600.0), ("x", "media", 70.0),
    ]  # fmt: skip


def test_a_venue_narrows_touches_deals_requests_and_cost() -> None:
    look = _look(venue="x")
    assert (look.whole["touches_in"], look.whole["touches_out"]) == (1, 0)
    assert [(r["is_touched"], r["deals"], r["wins"]) for r in look.deals] == [(True, 1, 1), (False, 10, 6)]
    assert look.tickets["ticket_cases"] == 7  # the service desk calls it Twitter
    assert [r["name"] for r in look.cost] == ["x"]


def test_a_segment_narrows_what_companies_did() -> None:
    look = _look(segment="industry:Mining")
    assert (look.whole["touches_in"], look.whole["touches_out"]) == (1, 1)
    assert sum(r["deals"] for r in look.deals) == 3
    assert look.tickets["ticket_cases"] == 0
    assert _look(segment="size:250 and more").whole["touches_in"] == 1


def test_a_team_is_what_it_said_and_its_hours() -> None:
    assert _look(team="sales").whole["touches_out"] == 1
    assert _look(team="nobody").whole["touches_out"] == 0
    (line,) = _look(team="sales").cost
    assert (line["name"], line["hours"], line["amount"]) == ("linkedin", 12.0, 600.0)


def test_as_of_a_day_nothing_later_is_known() -> None:
    look = _look(as_of=dt.date(2024, 3, 2))
    assert look.whole["touches_in"] == 7
    assert all(r["wins"] == 0 for r in look.deals)
    assert [(r["is_touched"], r["deals"]) for r in look.deals] == [(True, 6), (False, 5)]
    assert look.tickets["ticket_cases"] == 0
    assert sum(r["hours"] for r in look.cost) == 12.0  # months are counted whole, up to the last day known
    assert _look(since=dt.date(2024, 3, 1)).whole["touches_in"] == 1


def test_small_counts_are_hidden_and_few_people_show_nothing() -> None:
    look = _look(smallest=5)
    assert look.whole["people"] == 7
    assert look.venues[1]["people"] == "< 5"
    assert look.deals[1]["deals"] == "< 5"
    picture, table = closer_pictures.deals(look.deals)
    assert "not shown" in table.rows[1]
    assert "4" not in table.rows[1]
    assert picture is None or "Not touched" not in picture.panels[0].told
    few = _look(smallest=5, venue="x")
    assert few.is_few
    assert (few.weeks, few.venues, few.deals, dict(few.whole), dict(few.tickets)) == ([], [], [], {}, {})


def test_only_what_exists_of_enough_companies_can_be_chosen() -> None:
    tables = _traced()
    found = closer_look.choices(tables, closer_look.social_touches(tables), 5)
    assert found.venues == ("linkedin",)
    assert found.teams == ("sales",)
    assert [value for value, *_ in found.segments] == ["industry:Retail", "size:1 to 9", "size:250 and more"]
    assert "x" in closer_look.choices(tables, closer_look.social_touches(tables), 0).venues


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return workspace(tmp_path_factory.mktemp("closer") / "acme")


def test_the_page_says_what_it_is_and_keeps_the_answer(folder: Path) -> None:
    visit = Visit(Site(folder))
    assert '/questions/cost/closer"' in visit.get("/questions/cost").text
    page = html.unescape(visit.get("/questions/cost/closer").text)
    assert "Grade E." in page
    assert closer_pictures.DESCRIPTIVE in page
    assert page.index('class="answer"') < page.index("Grade E.")
    assert "25 touches in" in page
    assert "style=" not in page.split("<main")[1].split("<svg")[0]


def test_a_former_day_leads_to_its_run_or_offers_one(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "acme")
    site = Site(folder)
    visit, last = Visit(site), site.answers().meta.as_of
    assert "Run as of" not in visit.get(f"/questions/cost/closer?as_of={last}").text
    page = visit.get("/questions/cost/closer?as_of=2024-02-15").text
    assert 'name="as_of" value="2024-02-15">Run as of 2024-02-15' in page
    answers = site.answers()
    history.keep(
        open_workspace(folder), answers.verdicts, {**answers.manifest, "fingerprint": "x", "as_of": "2024-02-15"}
    )
    number = history.summaries(open_workspace(folder))[-1].number
    page = visit.get("/questions/cost/closer?as_of=2024-02-15").text
    assert f"/history/{number}/questions/cost" in page
    assert "Run as of" not in page


@pytest.mark.slow
def test_readers_look_and_are_offered_no_run(tmp_path: Path) -> None:
    visit = Visit(with_people(workspace(tmp_path / "acme")), name="bob")
    page = visit.get("/questions/cost/closer?as_of=2024-02-15")
    assert page.status_code == 200
    assert "/jobs" not in page.text.split("<main")[1]


@pytest.mark.parametrize(
    "query",
    [
        "venue=nowhere", "venue=%00", "venue='; DROP TABLE timeline; --", "segment=industry:nothing", "segment=size:",
        "team=%ED%A0%80", "as_of=2024-13-01", "as_of=9999-12-31", "since=0001-01-01", "as_of=x",
        "since=2024-02-20&as_of=2024-02-10", f"venue={'v' * 300}",
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_refused(folder: Path, query: str) -> None:
    assert Visit(Site(folder)).get(f"/questions/cost/closer?{query}").status_code in (404, 422)


def test_an_unknown_question_has_no_closer_look(folder: Path) -> None:
    assert Visit(Site(folder)).get("/questions/nothing/closer").status_code == 404
