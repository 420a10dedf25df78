"""Who is who: what exact keys join, what they must never join, and that the joining is that of connected components."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import Rows, at, groups, resolved
from goodwill.identity.resolving import resolve
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Venue, Workspace

Row = dict[str, Any]


def person(node: str, **more: Any) -> Row:
    return {"id": node} | more


def carries(record: str, value: str, kind: str = "email", *, verified: bool = True) -> Row:
    return {"record": record, "kind": kind, "value": value, "is_verified": verified}


def company(node: str, name: str | None = None, domain: str | None = None, **more: Any) -> Row:
    return {"id": node, "name": name, "domain": domain} | more


def belonging(rows: Rows, workspace: Workspace | None = None) -> dict[str, tuple[str, str]]:
    """For each person's node, the smallest node of its company and the rule."""
    tables = resolved(rows, workspace)
    tables.execute(f"CREATE TABLE person_accounts AS {lineage.models()['person_accounts'].sql}")
    found = tables.rows(
        """SELECT r.node, pa.rule,
            (SELECT min(a.node) FROM resolved_accounts AS a WHERE a.account = pa.account) AS company
        FROM person_accounts AS pa JOIN resolved AS r ON r.person = pa.person"""
    )
    return {row["node"]: (row["company"], row["rule"]) for row in found}


def staff(rows: Rows, workspace: Workspace) -> set[str]:
    tables = resolved(rows, workspace)
    tables.execute(f"CREATE TABLE staff AS {lineage.models()['staff'].sql}")
    return {row["node"] for row in tables.rows("SELECT node FROM resolved JOIN staff USING (person)")}


def test_an_address_joins_the_records_of_two_systems() -> None:
    rows = {
        "people": [person("hubspot/contact:1"), person("salesforce/contact:A"), person("salesforce/contact:B")],
        "identifiers": [
            carries("hubspot/contact:1", "email:jane@acme.com"),
            carries("salesforce/contact:A", "email:jane@acme.com"),
            carries("salesforce/contact:B", "email:joe@acme.com"),
        ],
    }
    assert groups(rows) == {
        "email:jane@acme.com hubspot/contact:1 salesforce/contact:A",
        "email:joe@acme.com salesforce/contact:B",
    }


@pytest.mark.slow
@pytest.mark.parametrize("address", ["info@acme.com", "sales@acme.com", "no-reply@acme.com", "noreply@acme.com"])
@pytest.mark.parametrize("is_record", [True, False])
def test_a_role_address_joins_nobody_on_either_side(address: str, is_record: bool) -> None:
    records = [person("hubspot/contact:1"), person("salesforce/contact:A")]
    pairs = [(r["id"], f"email:{address}") for r in records]
    keys = [carries(*(pair[::-1] if is_record else pair), kind="crm_id") for pair in pairs]
    found = groups({"people": records, "identifiers": keys})
    assert {"hubspot/contact:1", "salesforce/contact:A"} <= found


def test_an_address_that_only_begins_like_a_role_is_a_persons() -> None:
    rows = {
        "people": [person("a/contact:1"), person("b/contact:1")],
        "identifiers": [carries(f"{s}/contact:1", "email:salesman@acme.com") for s in "ab"],
    }
    assert groups(rows) == {"a/contact:1 b/contact:1 email:salesman@acme.com"}


@pytest.mark.parametrize(("records", "joined"), [(5, True), (6, False)])
def test_what_more_than_five_records_of_one_system_carry_is_shared(records: int, joined: bool) -> None:
    nodes = [f"hubspot/contact:{i}" for i in range(records)]
    found = groups(
        {"people": list(map(person, nodes)), "identifiers": [carries(n, "cookie:1", "cookie") for n in nodes]}
    )
    assert (len(found) == 1) is joined


def test_five_records_of_each_of_two_systems_are_not_shared() -> None:
    nodes = [f"{system}/contact:{i}" for i in range(5) for system in ("hubspot", "salesforce")]
    found = groups({"people": list(map(person, nodes)), "identifiers": [carries(n, "email:j@acme.com") for n in nodes]})
    assert len(found) == 1


@pytest.mark.parametrize(("kind", "verified"), [("email", False), ("phone", True), ("domain", True)])
def test_neither_what_is_unverified_nor_a_telephone_nor_a_domain_joins_people(kind: str, verified: bool) -> None:
    nodes = ["hubspot/contact:1", "salesforce/contact:A"]
    keys = [carries(n, f"{kind}:same", kind, verified=verified) for n in nodes]
    assert groups({"people": list(map(person, nodes)), "identifiers": keys}) == set(nodes)


def test_a_contact_that_carries_an_account_number_is_tied_to_it_and_not_merged() -> None:
    rows = {
        "people": [person("hubspot/contact:1"), person("hubspot/contact:2")],
        "accounts": [company("salesforce/account:X")],
        "identifiers": [carries(f"hubspot/contact:{i}", "salesforce/account:X", "crm_id") for i in (1, 2)],
    }
    assert groups(rows) == {"hubspot/contact:1", "hubspot/contact:2"}
    assert belonging(rows)["hubspot/contact:1"] == ("salesforce/account:X", "crm_id")


def test_an_unverified_account_number_ties_nobody() -> None:
    rows = {
        "people": [person("hubspot/contact:1")],
        "accounts": [company("salesforce/account:X")],
        "identifiers": [carries("hubspot/contact:1", "salesforce/account:X", "crm_id", verified=False)],
    }
    assert belonging(rows) == {}


def test_a_domain_ties_people_to_their_company_and_free_mail_does_not() -> None:
    rows = {
        "accounts": [company("crm/account:1", "Acme", "https://www.Acme.com/about"),
                     company("crm/account:2", "Gm", "gmail.com"), company("crm/account:3", "Other", "gmail.com")],
        "interactions": [interaction("email:jane@acme.com"), interaction("email:joe@gmail.com")],
    }  # fmt: skip
    assert belonging(rows) == {"email:jane@acme.com": ("company:acme", "domain")}
    assert groups(rows, "resolved_accounts", "account") == {
        "company:acme crm/account:1 domain:acme.com", "company:gm crm/account:2", "company:other crm/account:3",
    }  # fmt: skip


def interaction(actor: str | None, **more: Any) -> Row:
    base = {"at": at("2024-03-01"), "verb": "Like", "venue": "linkedin", "channel_group": "organic_social"}
    return base | {"actor": actor, "direction": "inbound"} | more


def test_a_name_joins_companies_only_while_no_two_domains_contest_it() -> None:
    same = {"accounts": [company("a/account:1", "Acme", "acme.com"), company("b/account:1", " ACME ")]}
    assert groups(same, "resolved_accounts", "account") == {"a/account:1 b/account:1 company:acme domain:acme.com"}
    apart = {"accounts": [company("a/account:1", "Acme", "acme.com"), company("b/account:1", "Acme", "acme.de")]}
    found = groups(apart, "resolved_accounts", "account")
    assert found == {"a/account:1 domain:acme.com", "b/account:1 domain:acme.de"}


def test_one_domain_written_in_two_ways_contests_no_name() -> None:
    rows = {
        "accounts": [
            company("a/account:1", "Acme", "acme.com"),
            company("b/account:1", "Acme", "http://www.acme.com/"),
        ],
        "people": [person("a/contact:1", company="Acme")],
    }
    assert belonging(rows)["a/contact:1"] == ("a/account:1", "company name")


def test_merged_numbers_of_one_system_are_one_person() -> None:
    rows = {
        "people": [person("hubspot/contact:9")],
        "identifiers": [carries("hubspot/contact:9", f"hubspot/contact:{i}", "crm_id") for i in range(8)],
        "leads": [{"id": "l", "created_at": at("2024-01-01"), "person": "hubspot/contact:3"}],
    }
    assert len(groups(rows)) == 1


def test_a_chain_of_fifty_links_is_one_person_in_any_order() -> None:
    links = [carries(f"s/contact:{i:02}", f"s/contact:{i + 1:02}", "crm_id") for i in range(50)]
    random.Random(4).shuffle(links)
    assert len(groups({"identifiers": links})) == 1


def test_the_record_outranks_the_key_the_domain_and_the_name() -> None:
    rows = {
        "people": [person("s/contact:1", account="s/account:1", company="Named")],
        "accounts": [company(f"s/account:{i}", n, d) for i, n, d in
                     ((1, "One", "one.com"), (2, "Two", "two.com"), (3, "Named", "named.com"))],
        "identifiers": [carries("s/contact:1", "email:j@two.com"), carries("s/contact:1", "s/account:3", "crm_id")],
    }  # fmt: skip
    assert belonging(rows)["s/contact:1"] == ("company:one", "record")
    rows["people"][0].pop("account")
    assert belonging(rows)["s/contact:1"] == ("company:named", "crm_id")
    rows["identifiers"].pop()
    assert belonging(rows)["s/contact:1"] == ("company:two", "domain")


def test_a_past_employment_ties_nobody() -> None:
    stay = {"person": "email:j@gmail.com", "account": "s/account:1"}
    rows = {"employments": [stay], "interactions": [interaction("email:j@gmail.com")]}
    assert belonging(rows)["email:j@gmail.com"] == ("s/account:1", "employment")
    assert belonging({**rows, "employments": [stay | {"date_end": at("2020-01-01").date()}]}) == {}


def test_names_of_people_do_not_change_when_others_arrive() -> None:
    rows = {
        "people": [person("hubspot/contact:5"), person("salesforce/contact:A")],
        "identifiers": [carries("hubspot/contact:5", "email:jane@acme.com")],
    }
    more = {
        "people": [person("aaa/contact:0"), *rows["people"], person("zzz/contact:0")],
        "identifiers": [carries("aaa/contact:0", "email:a@other.com"), *rows["identifiers"]],
    }
    before, after = ({r["node"]: r["person"] for r in resolved(x).rows("FROM resolved")} for x in (rows, more))
    assert before.items() <= after.items()
    assert len(after) == len(before) + 3


def test_staff_are_known_by_domain_by_handle_and_by_record() -> None:
    ours = Workspace(Path(), domains=("Ours.com",), venues={"linkedin": Venue(handles=("linkedin:Ours",))})
    rows = {
        "people": [
            person("s/contact:1"),
            person("s/contact:2", is_employee=True),
            person("s/contact:3", is_employee=False),
        ],
        "identifiers": [carries("s/contact:1", "email:ann@ours.com")],
        "interactions": [interaction("linkedin:ours"), interaction("email:jane@notours.com")],
    }
    assert staff(rows, ours) == {"s/contact:1", "email:ann@ours.com", "s/contact:2", "linkedin:ours"}


@pytest.mark.slow
def test_the_order_of_rows_changes_nothing() -> None:
    draw = random.Random(1)
    people = [person(f"s/contact:{i}", company=f"C{i % 4}", account=f"s/account:{i % 3}") for i in range(20)]
    keys = [carries(f"s/contact:{i}", f"email:p{i % 7}@c{i % 5}.com") for i in range(20)]
    accounts = [company(f"s/account:{i}", f"C{i}", f"c{i % 2}.com") for i in range(4)]
    rows = {"people": people, "identifiers": keys, "accounts": accounts}
    shuffled = {name: draw.sample(found, len(found)) for name, found in rows.items()}
    for table in ("person_links", "account_links", "resolved", "resolved_accounts"):
        assert resolved(rows).rows(f"FROM {table}") == resolved(shuffled).rows(f"FROM {table}")


def scored(tables: DuckDBTables, pairs: list[tuple[str, str, float]], kind: str = "person") -> DuckDBTables:
    """The same engine with scored pairs, resolved again."""
    table("node_a VARCHAR, node_b VARCHAR, probability DOUBLE", f"{kind}_pairs", pairs, tables)
    resolve(tables)
    return tables


def table(columns: str, name: str, rows: list[Any], tables: DuckDBTables) -> None:
    tables.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
    for row in rows:
        values = {f"v{i}": value for i, value in enumerate(row)}
        tables.execute(f"INSERT INTO {name} VALUES ({', '.join('$' + v for v in values)})", **values)


def decided(tables: DuckDBTables, *decisions: tuple[str, str, str]) -> None:
    table("node_a VARCHAR, node_b VARCHAR, verdict VARCHAR", "match_decisions", list(decisions), tables)
    resolve(tables)


def found(tables: DuckDBTables, name: str = "person", into: str = "resolved") -> set[str]:
    rows = tables.rows(f"SELECT string_agg(node, ' ' ORDER BY node) AS nodes FROM {into} GROUP BY {name}")
    return {row["nodes"] for row in rows}


THREE: dict[str, list[Row]] = {
    "people": [person("a/contact:1"), person("b/contact:1"), person("c/contact:1")],
    "identifiers": [carries("a/contact:1", "email:jane@acme.com")],
}


def test_scored_pairs_join_what_keys_do_not() -> None:
    tables = scored(resolved(THREE), [("b/contact:1", "c/contact:1", 0.6), ("a/contact:1", "b/contact:1", 0.2)])
    assert found(tables) == {"a/contact:1 email:jane@acme.com", "b/contact:1 c/contact:1"}
    resolve(tables, threshold=0.7)
    assert len(found(tables)) == 3


def test_companies_are_joined_by_their_own_pairs() -> None:
    rows = {"accounts": [company("a/account:1", "Acme"), company("b/account:1", "Acme Inc")]}
    tables = scored(resolved(rows), [("a/account:1", "b/account:1", 0.9)], "account")
    assert found(tables, "account", "resolved_accounts") == {
        "a/account:1 b/account:1 company:acme company:acme inc",
    }  # fmt: skip


def test_what_somebody_decided_stands_above_scores_and_keys() -> None:
    tables = scored(resolved(THREE), [("b/contact:1", "c/contact:1", 0.99)])
    decided(tables, ("b/contact:1", "c/contact:1", "different"), ("a/contact:1", "c/contact:1", "same"))
    assert found(tables) == {"a/contact:1 c/contact:1 email:jane@acme.com", "b/contact:1"}
    decided(tables, ("b/contact:1", "c/contact:1", "unsure"))
    assert found(tables) == {"a/contact:1 email:jane@acme.com", "b/contact:1 c/contact:1"}
    assert tables.rows("FROM match_conflicts") == []


def test_a_decision_against_a_key_is_obeyed_and_the_contradiction_told() -> None:
    tables = resolved(THREE)
    decided(tables, ("a/contact:1", "email:jane@acme.com", "different"), ("gone/contact:1", "c/contact:1", "different"))
    assert len(found(tables)) == 4
    assert tables.rows("FROM match_conflicts") == [
        {"kind": "person", "node_a": "a/contact:1", "node_b": "email:jane@acme.com"}
    ]
    decided(tables)
    assert len(found(tables)) == 3
    assert tables.rows("FROM match_conflicts") == []


@pytest.mark.parametrize(("venues", "joined"), [(("linkedin", "X"), True), (("X", "x"), False), (("crm", "crm"), True)])
def test_two_accounts_on_one_network_need_more_than_two_records(venues: tuple[str, str], joined: bool) -> None:
    tables = resolved(THREE)
    nodes = ("b/contact:1", "c/contact:1", "a/contact:1")
    table("node VARCHAR, venue VARCHAR", "person_records", list(zip(nodes, (*venues, "zendesk"), strict=True)), tables)
    scored(tables, [("b/contact:1", "c/contact:1", 0.8)])
    assert ("b/contact:1 c/contact:1" in found(tables)) is joined


def test_of_records_of_one_venue_alone_none_is_held_against_another() -> None:
    tables = resolved(THREE)
    table("node VARCHAR, venue VARCHAR", "person_records", [("b/contact:1", "x"), ("c/contact:1", "x")], tables)
    assert "b/contact:1 c/contact:1" in found(scored(tables, [("b/contact:1", "c/contact:1", 0.6)]))


def test_a_plausible_resolution_is_drawn_again_with_the_same_number() -> None:
    tables = scored(resolved(THREE), [("b/contact:1", "c/contact:1", 0.5)])
    sizes = []
    for draw in range(30):
        resolve(tables, draw=draw, seed=3)
        sizes.append(len(found(tables)))
    assert 5 < sizes.count(2) < 25
    before = tables.rows("FROM resolved")
    resolve(tables, draw=29, seed=3)
    assert tables.rows("FROM resolved") == before
    resolve(tables)
    assert len(found(tables)) == 2


def test_a_draw_does_not_depend_on_who_else_is_there() -> None:
    more = {**THREE, "people": [person("0/contact:1"), *THREE["people"]]}
    one, other = (scored(resolved(rows), [("b/contact:1", "c/contact:1", 0.5)]) for rows in (THREE, more))
    for draw in range(10):
        for tables in (one, other):
            resolve(tables, draw=draw)
        assert ("b/contact:1 c/contact:1" in found(one)) is ("b/contact:1 c/contact:1" in found(other))


def test_nobody_at_all_is_resolved_to_nobody() -> None:
    assert resolved({}).rows("SELECT count(*) AS n FROM resolved")[0]["n"] == 0


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=25))
@settings(max_examples=25, deadline=None)
def test_people_are_the_connected_components_of_the_links(edges: list[tuple[int, int]]) -> None:
    links = [carries(f"a/contact:{a:02}", f"b/contact:{b:02}", "crm_id") for a, b in edges]
    carried: dict[str, set[str]] = {}
    for link in links:
        carried.setdefault(link["value"], set()).add(link["record"])
    usable = [k for k in links if len(carried[k["value"]]) <= 5]
    assert groups({"identifiers": links}) == components([(k["record"], k["value"]) for k in usable])


def components(edges: list[tuple[str, str]]) -> set[str]:
    """Connected components, the plain way: every edge paints one side's group in the other's colour."""
    colour = {node: node for edge in edges for node in edge}
    for a, b in edges:
        old, new = colour[a], colour[b]
        colour = {node: new if c == old else c for node, c in colour.items()}
    return {" ".join(sorted(n for n, c in colour.items() if c == one)) for one in set(colour.values())}
