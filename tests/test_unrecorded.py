"""What a comparison could not adjust for: kinds of records of which the workspace holds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from canonical import at, traced
from goodwill.designs.compared import About, Compared
from goodwill.designs.unrecorded import with_unrecorded
from goodwill.estimators import Estimate
from goodwill.verdicts import Evidence
from goodwill.workspace import Workspace

END, OPENED = at("2024-12-30"), at("2024-03-04 10:00")
HOUSE = Workspace(Path(), currency="EUR")
BARE = Compared(
    about=About("deals", "opportunity", ("", ""), 1.0),
    difference=Estimate(0.1, 0.01),
    naive=None,
    horizon_weeks=26,
    n=1,
    n_exposed=1,
    rows=Evidence("deals", "SELECT 1"),
    method="",
    treatment="",
    comparison="",
    checks=(),
    notes=("first",),
)


def act(channel: str, venue: str) -> dict[str, Any]:
    moment = at("2024-01-08 09:00")
    return {"id": f"{channel} {venue}", "at": moment, "verb": "Like", "account": "company:a", "venue": venue,
            "channel_group": channel, "direction": "inbound"}  # fmt: skip


SOCIAL_ONLY = {
    "interactions": [act("organic_social", "x")],
    "opportunities": [{"id": "1", "account": "company:a", "created_at": OPENED, "outcome": "open"}],
    "accounts": [{"id": "company:a", "name": "A"}],
}
ALL = {
    "interactions": [
        *(act(*of) for of in (("organic_social", "x"), ("email", "e"), ("direct", "site"), ("service", "zendesk")))
    ],
    "opportunities": [SOCIAL_ONLY["opportunities"][0] | {"segment": "smb"}],
    "accounts": [{"id": "company:a", "name": "A", "industry": "Retail", "employees": 10.0}],
    "stage_changes": [{"object_kind": "opportunity", "object_id": "1", "at": at("2024-03-05 10:00"), "stage": "talks"}],
}


def asked(rows: dict[str, Any], *, is_of_deals: bool) -> Compared:
    tables = traced(rows, HOUSE, END)
    try:
        return with_unrecorded(BARE, tables, is_of_deals=is_of_deals)
    finally:
        tables.close()


def test_what_is_not_in_the_exports_is_named() -> None:
    told = asked(SOCIAL_ONLY, is_of_deals=True)
    names = [row["factor"] for row in told.facts["not_recorded"]]
    assert names == [
        "earlier e-mail", "site visits", "service requests", "industries of companies", "sizes of companies",
        "changes of stage",
    ]  # fmt: skip
    assert told.notes == ("first", f"Not adjusted for, because nothing of it is in the exports: {', '.join(names)}.")


def test_companies_and_customers_pass_through_no_stages() -> None:
    told = asked(SOCIAL_ONLY, is_of_deals=False)
    assert "changes of stage" not in [row["factor"] for row in told.facts["not_recorded"]]


def test_where_everything_is_recorded_nothing_is_said() -> None:
    assert asked(ALL, is_of_deals=True) == BARE
    assert asked(ALL, is_of_deals=False) == BARE


def test_one_kind_alone_is_named_alone() -> None:
    without_service = ALL | {"interactions": ALL["interactions"][:3]}
    assert asked(without_service, is_of_deals=True).facts["not_recorded"] == [{"factor": "service requests"}]
