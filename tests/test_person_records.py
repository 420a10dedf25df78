"""What is compared to find out who is who: one row a node, everything normalised, the first known record speaks."""

from __future__ import annotations

from typing import Any

import pytest

from canonical import Rows, at, groups, resolved
from goodwill.identity import person_records
from goodwill.warehouse.duckdb_engine import DuckDBTables

Row = dict[str, Any]


def filled(rows: Rows, region: str | None = "DE") -> DuckDBTables:
    tables = resolved(rows)
    person_records.fill(tables, region=region)
    return tables


def people(rows: Rows, region: str | None = "DE") -> dict[str, Row]:
    return {row["node"]: row for row in filled(rows, region).rows("FROM person_records")}


def carries(record: str, value: str, kind: str, *, verified: bool = True) -> Row:
    return {"record": record, "kind": kind, "value": value, "is_verified": verified}


def act(actor: str) -> Row:
    told = {"at": at("2024-03-01"), "verb": "Like", "venue": "x", "channel_group": "organic_social"}
    return told | {"actor": actor, "direction": "inbound"}


JANE = {
    "id": "hubspot/contact:1", "name": "Doe, Dr. Jane | CMO", "email": "J.Doe+crm@GoogleMail.com",
    "phone": "030 123456",
    "title": "VP Mktg", "company": "Acme GmbH & Co. KG", "country": "Deutschland", "created_at": at("2024-01-01"),
}  # fmt: skip


def test_a_record_is_told_in_normal_form_with_its_place() -> None:
    row = people({"people": [JANE]})["hubspot/contact:1"]
    assert row.pop("exact").startswith("p_")
    assert row == {
        "node": "hubspot/contact:1", "venue": "hubspot", "name": "jane doe", "given": "jane", "family": "doe",
        "email": "jdoe@gmail.com",
        "mail_local": "jdoe", "mail_domain": "gmail.com", "phone": "+4930123456", "handle": None, "company": "acme",
        "title": "vice president marketing", "country": "DE", "created_at": at("2024-01-01"),
        "source_file": "people.csv", "source_row": 2,
    }  # fmt: skip


def test_the_node_itself_carries_an_address_or_a_handle() -> None:
    nodes = [
        "email:jane@mail.acme.co.uk",
        "linkedin:Jane-Doe",
        "twitter:@JDoe",
        "mastodon:jane@a.example",
        "phone:+4930123456",
    ]
    found = people({"interactions": [act(node) for node in nodes]})
    told = {
        node: (row["venue"], row["email"], row["mail_domain"], row["handle"], row["phone"])
        for node, row in found.items()
    }
    assert told["email:jane@mail.acme.co.uk"] == ("email", "jane@mail.acme.co.uk", "acme.co.uk", None, None)
    assert told["linkedin:Jane-Doe"] == ("linkedin", None, None, "jane-doe", None)
    assert told["twitter:@JDoe"] == ("x", None, None, "jdoe", None)
    assert told["mastodon:jane@a.example"] == ("mastodon", None, None, "jane", None)
    assert told["phone:+4930123456"] == ("phone", None, None, None, "+4930123456")
    assert found["linkedin:Jane-Doe"]["source_file"] == "interactions.csv"


def test_identifiers_fill_what_the_record_does_not_say_and_what_is_vouched_for_comes_first() -> None:
    keys = [
        carries("s/contact:1", "email:a@unsure.com", "email", verified=False), carries("s/contact:1",
        "email:z@sure.com", "email"),
        carries("s/contact:1", "x:jdoe", "handle"), carries("s/contact:1", "linkedin:jane-doe", "handle"),
        carries("s/contact:2", "email:a@unsure.com", "email", verified=False),
    ]  # fmt: skip
    found = people({"people": [{"id": "s/contact:1"}, {"id": "s/contact:2"}], "identifiers": keys})
    assert (found["s/contact:1"]["email"], found["s/contact:1"]["handle"]) == ("z@sure.com", "jane-doe")
    assert found["s/contact:2"]["email"] == "a@unsure.com"


def test_of_several_rows_of_one_record_the_earliest_speaks_and_the_others_fill_the_gaps() -> None:
    early = {
        "id": "s/contact:1",
        "name": "Jane Doe",
        "email": "",
        "created_at": at("2023-01-01"),
        "source_file": "z.csv",
    }
    late = {
        "id": "s/contact:1",
        "name": "Janet Roe",
        "email": "jane@acme.com",
        "created_at": at("2024-01-01"),
        "source_file": "a.csv",
    }
    row = people({"people": [late, early]})["s/contact:1"]
    assert (row["name"], row["email"], row["created_at"], row["source_file"]) == (
        "jane doe",
        "jane@acme.com",
        at("2023-01-01"),
        "z.csv",
    )


def test_a_desks_address_is_nobodys() -> None:
    row = people({"people": [{"id": "s/contact:1", "name": "Front Office", "email": "info@acme.com"}]})["s/contact:1"]
    assert (row["email"], row["mail_local"], row["mail_domain"]) == (None, None, "acme.com")


def test_who_carries_nothing_has_no_row() -> None:
    rows = {"people": [{"id": "s/contact:1", "country": "Germany"}, {"id": "s/contact:2", "name": "n/a"}]}
    assert people(rows) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("country", "region", "phone"), [("Austria", "DE", "+4330123456"), (None, "DE", "+4930123456"), (None, None, None)]
)
def test_a_number_without_country_code_is_of_the_records_country_else_of_the_workspaces(
    country: str | None, region: str | None, phone: str | None
) -> None:
    row = {"id": "s/contact:1", "name": "Jane Doe", "phone": "030 123456", "country": country}
    assert people({"people": [row]}, region)["s/contact:1"]["phone"] == phone


def test_a_company_comes_from_the_record_its_account_or_its_employment() -> None:
    rows = {
        "people": [
            {"id": "s/contact:1", "account": "s/account:1"},
            {"id": "s/contact:2", "account": "company:beta ltd"},
        ],
        "accounts": [{"id": "s/account:1", "name": "Acme Inc.", "domain": "www.acme.com", "country": "USA"}],
        "employments": [{"person": "x:jane", "account": "s/account:1", "title": "CTO"}],
        "leads": [{"id": "1", "created_at": at("2024-01-01"), "person": "email:j@b.com", "account": "company:gamma"}],
    }
    found = people(rows)
    assert {n: r["company"] for n, r in found.items()} == {
        "s/contact:1": "acme", "s/contact:2": "beta", "x:jane": "acme", "email:j@b.com": "gamma",
    }  # fmt: skip
    assert found["x:jane"]["title"] == "chief technology officer"
    assert found["email:j@b.com"]["created_at"] == at("2024-01-01")


def test_companies_are_told_by_name_domain_and_country() -> None:
    rows = {
        "accounts": [
            {"id": "s/account:1", "name": "The Acme Co. Ltd", "domain": "http://mail.acme.co.uk/x", "country": "UK"}
        ],
        "interactions": [act("email:joe@other.de")],
        "people": [{"id": "s/contact:1", "company": "freelance"}],
    }
    found = {row.pop("node"): row for row in filled(rows).rows("FROM account_records")}
    assert found.keys() == {
        "s/account:1",
        "company:acme",
        "company:the acme co. ltd",
        "domain:acme.co.uk",
        "domain:other.de",
    }
    row = found["s/account:1"]
    assert (row["venue"], row["name"], row["domain"], row["country"]) == ("s", "acme", "acme.co.uk", "GB")
    assert len({r["exact"] for n, r in found.items() if n != "domain:other.de"}) == 1


def test_the_label_of_the_exact_component_is_taken_where_there_is_one() -> None:
    tables = resolved({"people": [JANE]})
    tables.execute("CREATE TABLE exact_components AS SELECT 'hubspot/contact:1' AS node, 'c7' AS exact")
    person_records.fill(tables)
    assert tables.rows("SELECT exact FROM person_records") == [{"exact": "c7"}]


def test_nothing_is_left_behind_and_a_second_time_gives_the_same() -> None:
    tables = filled({"people": [JANE], "interactions": [act("linkedin:jane-doe")]})
    first = tables.rows("FROM person_records")
    named = {
        row["name"]
        for row in tables.rows(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_type LIKE '%TEMP%'"
        )
    }
    assert named == set()
    person_records.fill(tables, region="DE")
    assert tables.rows("FROM person_records") == first


def test_a_contact_that_names_a_profile_is_joined_to_who_acts_under_it() -> None:
    rows = {
        "people": [{"id": "s/contact:1"}, {"id": "s/contact:2"}],
        "identifiers": [
            carries("s/contact:1", "linkedin:https://www.linkedin.com/in/Jane-Doe/", "handle"),
            carries("s/contact:2", "email:j.doe+x@gmail.com", "email"),
        ],
        "interactions": [act("linkedin:jane-doe"), act("email:jdoe@googlemail.com")],
    }
    together = {frozenset(g.split()) for g in groups(rows)}
    assert any({"s/contact:1", "linkedin:jane-doe"} <= g for g in together)
    assert any({"s/contact:2", "email:jdoe@googlemail.com"} <= g for g in together)
    assert len(together) == 2


def test_a_household_is_not_one_person() -> None:
    both = [
        {"id": f"s/contact:{i}", "name": f"{n} Doe", "phone": "030 123456", "email": f"{n}.doe@gmx.de"}
        for i, n in enumerate(("Jane", "John"))
    ]
    keys = [carries(r["id"], "phone:+4930123456", "phone") for r in both] + [
        carries(r["id"], f"email:{r['email'].lower()}", "email") for r in both
    ]
    assert len([g for g in groups({"people": both, "identifiers": keys}) if "s/contact" in g]) == 2


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (("Acme GmbH", None, None), ("ACME", None, None), True),
        (("Acme GmbH", "acme.de", None), ("Acme", "mail.acme.de", None), True),
        (("Delta Ltd", "delta.co.uk", None), ("Delta GmbH", "delta.de", None), False),
        (("Delta Ltd", None, "UK"), ("Delta GmbH", None, "Germany"), False),
        (("Delta Ltd", None, "UK"), ("Delta", None, "United Kingdom"), True),
        (("One", "a.wordpress.com", None), ("Two", "a.wordpress.com", None), False),
        (("Self-employed", None, None), ("self-employed", None, None), False),
    ],
)  # fmt: skip
def test_companies_are_joined_by_name_and_domain_while_nothing_speaks_against_it(
    one: tuple[str | None, ...], other: tuple[str | None, ...], joined: bool
) -> None:
    names = ("name", "domain", "country")
    accounts = [
        {"id": f"{s}/account:1"} | dict(zip(names, said, strict=True)) for s, said in (("a", one), ("b", other))
    ]
    found = groups({"accounts": accounts}, "resolved_accounts", "account")
    assert any({"a/account:1", "b/account:1"} <= set(g.split(" ")) for g in found) is joined


def test_companies_that_name_one_page_are_one() -> None:
    keys = [
        carries("a/company:1", "linkedin:acme", "handle"),
        carries("b/account:1", "linkedin:https://linkedin.com/company/Acme", "handle"),
    ]
    rows = {
        "accounts": [{"id": "a/company:1", "name": "Acme"}, {"id": "b/account:1", "name": "Acme Intl"}],
        "identifiers": keys,
    }
    assert any({"a/company:1", "b/account:1"} <= set(g.split()) for g in groups(rows, "resolved_accounts", "account"))
