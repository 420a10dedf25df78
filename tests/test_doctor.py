"""The doctor: every examination finds its own case, names the place, and keeps silent where all is well."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from canonical import END, at, traced
from commands import goodwill as command
from goodwill import doctor
from goodwill.doctor import Finding, examine
from goodwill.examinations import EXAMINATIONS
from goodwill.registry import Terms
from goodwill.workspace import Workspace, open_workspace
from goodwill.worlds.identities import simulate as simulate_identities
from small_workspaces import handmade

Rows = dict[str, list[dict[str, Any]]]


def touch(**more: Any) -> dict[str, Any]:
    base = {"id": "t", "at": at("2024-03-01"), "verb": "Like", "venue": "linkedin", "channel_group": "organic_social"}
    return base | {"direction": "inbound", "actor": "email:j@acme.com"} | more


def deal(name: str, outcome: str, **more: Any) -> dict[str, Any]:
    base = {"id": name, "account": "s/account:1", "created_at": at("2024-01-01"), "outcome": outcome, "currency": "EUR"}
    return base | {"closed_at": at("2024-02-01") if outcome != "open" else None, "amount": 5.0} | more


def figure(**more: Any) -> dict[str, Any]:
    base = {"venue": "x", "metric": "impressions", "native_metric": "Impressions", "audience": "total", "unit": "count"}
    return base | {"value": 5.0, "period_type": "day", "period_start": dt.date(2024, 5, 1)} | more


def lead(name: str = "l", **more: Any) -> dict[str, Any]:
    return {"id": name, "created_at": at("2024-01-01")} | more


def clean() -> Rows:
    """A company about which the doctor has nothing to say."""
    return {
        "accounts": [{"id": "s/account:1", "name": "Acme", "domain": "acme.com"}],
        "opportunities": [deal("1", "won"), deal("2", "lost")],
        "opportunity_contacts": [{"opportunity": i, "person": "email:j@acme.com"} for i in "12"],
        "stage_changes": [
            {"object_kind": "opportunity", "object_id": "1", "at": at("2024-02-01"), "stage": "won"},
        ],
        "interactions": [touch()],
        "leads": [lead()],
        "tickets": [{"id": "k", "created_at": at("2024-01-01"), "solved_at": at("2024-01-02")}],
        "exposures": [figure()],
        "effort": [{"on_date": dt.date(2024, 1, 1), "hours": 1.0, "hourly_cost": 50.0, "currency": "EUR"}],
        "spend": [{"period_start": dt.date(2024, 1, 1), "kind": "media", "amount": 9.0, "currency": "EUR"}],
    }


def findings(rows: Rows, *, refused: int = 0) -> dict[str, Finding]:
    workspace = Workspace(Path())
    tables = traced(rows, workspace, END)
    for row in range(refused):
        for table in ("leads", "people"):  # a row that two tables refuse is one row
            tables.execute(
                f"INSERT INTO refused VALUES ('{table}', 'leads.csv', {7 + row}, 'created_at', 'x', 'no date')"
            )
    terms = Terms(workspace, END, 0)
    return {f.name: f for e in EXAMINATIONS for f in doctor._examined(e, tables, terms)}


def added(table: str, *rows: dict[str, Any]) -> Rows:
    return clean() | {table: [*clean()[table], *rows]}


def instead(table: str, *rows: dict[str, Any]) -> Rows:
    return clean() | {table: list(rows)}


VISIT = touch(id="v", venue="site", channel_group="direct", verb="View", actor="ga4/user:1", object="/blog/a-post")
#: For each examination a case that it must find: (rows, how many, the place that it names first).
CASES: dict[str, tuple[Rows, int, str]] = {
    "impossible dates": (instead("opportunities", deal("1", "won"), deal("2", "lost", closed_at=at("2023-01-01"))), 1,
                         "opportunities.csv, row 3"),
    "decided without a date": (instead("opportunities", deal("1", "won"), deal("2", "lost", closed_at=None)), 1,
                               "opportunities.csv, row 3"),
    "opened without a date": (instead("opportunities", deal("1", "won"), deal("2", "lost", created_at=None)), 1,
                              "opportunities.csv, row 3"),
    "unknown outcomes": (instead("opportunities", deal("1", "Gewonnen"), deal("1", "won"), deal("2", "lost")), 1,
                         "opportunities.csv, row 2"),
    "unknown words": (added("interactions", touch(id="a", verb="as:Like"), touch(id="b", direction="in")), 2,
                      "interactions.csv, row 3"),
    "dates in the future": (added("leads", lead("m", created_at=END)), 1, "leads.csv, row 3"),
    "dates before the business": (added("interactions", touch(at=at("1970-01-01"))), 1, "interactions.csv, row 3"),
    "tickets solved before asked": (added("tickets", {"id": "m", "created_at": at("2024-01-02"),
                                                      "first_reply_at": at("2024-01-01")}), 1, "tickets.csv, row 3"),
    "no losses": (instead("opportunities", deal("1", "won"), deal("2", "open")), 1, ""),
    "no wins": (instead("opportunities", deal("1", "open"), deal("2", "lost")), 1, ""),
    "stage history": (clean() | {"stage_changes": []}, 1, ""),
    "contact roles": (instead("opportunity_contacts", clean()["opportunity_contacts"][0]), 1,
                      "opportunities.csv, row 3"),
    "deals without a company": (
        clean() | {"opportunities": [deal("1", "won"), deal("2", "lost", account=None)],
                   "opportunity_contacts": [{"opportunity": i, "person": "s/contact:9"} for i in "12"]},
        1, "opportunities.csv, row 3"),
    "unknown social touches": (added("interactions", touch(id="u", actor="x:stranger")), 1, "interactions.csv, row 3"),
    "no dated social touches": (instead("interactions", touch(channel_group="email")), 1, ""),
    "duplicate touches": (added("interactions", touch()), 1, "interactions.csv, row 3"),
    "duplicate opportunities": (added("opportunities", deal("2", "lost")), 1, "opportunities.csv, row 3"),
    "duplicate leads": (added("leads", lead()), 1, "leads.csv, row 3"),
    "mixed currencies": (added("spend", clean()["spend"][0] | {"currency": "USD"}), 1, "spend.csv, row 3"),
    "daily and lifetime figures": (added("exposures", figure(item="p", period_type="lifetime")), 1,
                                   "exposures.csv, row 2"),
    "figures given twice": (added("exposures", figure(value=6.0)), 1, "exposures.csv, row 3"),
    "untagged visits": (added("interactions", VISIT), 1, "interactions.csv, row 3"),
    "not to be tracked": (clean() | {"people": [{"id": "s/contact:8", "do_not_track": True}]}, 1, "people.csv, row 2"),
    "hours without a rate": (added("effort", {"on_date": dt.date(2024, 1, 1), "hours": 2.0}), 1, "effort.csv, row 3"),
}  # fmt: skip
#: What a case cannot help showing beside what it is about.
BESIDE = {"unknown outcomes": {"duplicate opportunities"}}


def test_about_a_clean_company_there_is_nothing_to_say() -> None:
    assert findings(clean()) == {}


def test_every_examination_has_its_case() -> None:
    assert {e.name for e in EXAMINATIONS} == CASES.keys() | {"refused rows"}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_an_examination_finds_its_case_and_no_other(name: str) -> None:
    rows, n, place = CASES[name]
    found = findings(rows)
    assert found.keys() == {name} | BESIDE.get(name, set())
    assert found[name].n == n
    assert found[name].where[:1] == ((place,) if place else ())
    assert "{" not in found[name].problem
    assert found[name].hurts
    assert found[name].remedy


def test_refused_rows_are_found_and_few_places_are_named() -> None:
    found = findings(clean(), refused=5)
    assert found.keys() == {"refused rows"}
    assert (found["refused rows"].n, len(found["refused rows"].where)) == (5, doctor.PLACES)
    assert found["refused rows"].where[0] == 'leads.csv, row 7: created_at "x" no date'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "is_deep"),
    [
        ("/blog/a", True),
        ("https://acme.com/blog/a", True),
        ("/", False),
        ("/blog", False),
        ("https://acme.com/", False),
    ],
)
def test_only_deep_pages_are_never_typed(page: str, is_deep: bool) -> None:
    assert ("untagged visits" in findings(added("interactions", VISIT | {"object": page}))) is is_deep


def test_files_that_are_unknown_unreadable_or_twice_there_are_found(tmp_path: Path) -> None:
    acme = handmade(tmp_path / "acme")
    (acme / "exports" / "copy of deals.csv").write_bytes((acme / "exports" / "deals.csv").read_bytes())
    (acme / "exports" / "deals again.csv").write_bytes((acme / "exports" / "deals.csv").read_bytes())
    (acme / "exports" / "riddle.csv").write_text("aa,bb\n1,2\n")
    (acme / "exports" / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    workspace = open_workspace(acme)
    idle = replace(workspace.mappings[0], file="daels.csv", line=3)
    found = {f.name: f for f in examine(replace(workspace, mappings=(*workspace.mappings, idle))).findings}
    assert found["unknown files"].where == ("copy of deals.csv", "riddle.csv")
    assert found["unreadable file"].where == ("broken.xlsx",)
    assert found["same file twice"].where == ("deals.csv (same as deals again.csv)",)
    assert found["mapping without a file"].where == ("goodwill.toml, line 3",)


def test_where_nothing_carries_a_date_that_is_the_finding(tmp_path: Path) -> None:
    acme = handmade(tmp_path / "acme")
    for file in (acme / "exports").iterdir():
        file.unlink()
    (acme / "exports" / "riddle.csv").write_text("aa,bb\n1,2\n")
    assert "no dates" in {f.name for f in examine(open_workspace(acme)).findings}


@pytest.mark.slow
def test_how_well_people_are_recognised_is_told_by_venue(tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    simulate_identities("identities", acme, seed=3, people=300)
    found = examine(open_workspace(acme))
    told = {r.venue: r for r in found.recognised if r.kind == "person"}
    assert {"hubspot", "linkedin", "x"} <= told.keys()
    value, low, high = told["linkedin"].recall or (0.0, 0.0, 0.0)
    assert 0.5 < low <= value <= high <= 1
    assert told["linkedin"].precision is not None
    assert 0 < told["linkedin"].alone < 1
    done = command("doctor", acme)
    assert re.search(r"linkedin +│ +\d+ +│ +\d+% +│ +\d+ +│ +\d+% \[", done.out)
