"""Why two nodes are one: the fields of both records, and the chain of keys, likenesses and decisions between them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical import resolved
from goodwill.errors import GoodwillError
from goodwill.identity.merge_paths import Link, chains
from goodwill.identity.merges import Compared, explained, members
from goodwill.warehouse.duckdb_engine import DuckDBTables

#: A CRM contact and a newsletter address share a verified key; a LinkedIn profile is only like the contact.
ROWS: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": "crm/contact:1", "name": "Jane Doe"}, {"id": "mail/member:7"}, {"id": "linkedin:jane"}],
    "identifiers": [
        {"record": "crm/contact:1", "kind": "email", "value": "email:jane@acme.com", "is_verified": True},
        {"record": "mail/member:7", "kind": "email", "value": "email:jane@acme.com", "is_verified": True},
    ],
    "accounts": [{"id": "crm/account:A", "name": "Acme", "domain": "acme.com"}],
}
RECORDS = """CREATE OR REPLACE TABLE person_records AS SELECT * FROM (VALUES
    ('crm/contact:1', 'jane', 'doe', 'jane@acme.com', 'acme', 'crm.csv', 2),
    ('linkedin:jane', 'janet', 'doe', NULL, 'umbrella', 'links.csv', 9)
) AS t(node, given, family, email, company, source_file, source_row)"""
PAIRS = """CREATE OR REPLACE TABLE person_pairs AS SELECT 'crm/contact:1' AS node_a, 'linkedin:jane' AS node_b,
    CAST(0.97 AS DOUBLE) AS probability, CAST(5 AS DOUBLE) AS weight, 'family + start of given' AS rule"""
DECIDED = """CREATE OR REPLACE TABLE match_decisions AS SELECT 'linkedin:jane' AS node_a, 'mail/member:7' AS node_b,
    'same' AS verdict, TIMESTAMP '2026-01-05' AS decided_at, 'kim' AS decided_by, 'met her' AS reason"""


def warehouse(*more: str, joined: bool = True) -> DuckDBTables:
    tables = resolved(ROWS)
    for statement in (RECORDS, PAIRS, *more):
        tables.execute(statement)
    if joined:
        tables.execute("UPDATE resolved SET person = 'p_one'")
    return tables


def steps(path: tuple[Link, ...]) -> list[tuple[str, str, str]]:
    return [(link.by, link.node_a, link.node_b) for link in path]


def test_the_chain_goes_by_keys_and_by_what_is_alike_with_file_and_row() -> None:
    found = explained(warehouse(), "linkedin:jane", "mail/member:7")
    assert found.is_same
    assert steps(found.path) == [
        ("likeness", "crm/contact:1", "linkedin:jane"),
        ("key", "crm/contact:1", "email:jane@acme.com"),
        ("key", "mail/member:7", "email:jane@acme.com"),
    ]
    assert [link.where for link in found.path] == [
        ("crm.csv, row 2", "links.csv, row 9"), ("identifiers.csv, row 2",), ("identifiers.csv, row 3",)
    ]  # fmt: skip
    assert (found.path[0].rule, found.path[0].probability) == ("family + start of given", 0.97)


def test_a_decision_is_a_shorter_way_and_says_who_and_why() -> None:
    found = explained(warehouse(DECIDED), "linkedin:jane", "mail/member:7")
    assert steps(found.path) == [("decision", "linkedin:jane", "mail/member:7")]
    assert found.path[0].rule == "same, decided by kim on 2026-01-05: met her"
    assert found.decisions == ("linkedin:jane and mail/member:7: same, decided by kim on 2026-01-05: met her",)


def test_fields_are_shown_with_their_grade() -> None:
    tables = warehouse()
    found = explained(tables, "crm/contact:1", "linkedin:jane")
    assert (found.probability, found.weight, found.rule) == (0.97, 5.0, "family + start of given")
    assert found.fields == (
        Compared("given", "jane", "janet", "alike", None),
        Compared("family", "doe", "doe", "equal", None),
        Compared("email", "jane@acme.com", None, "absent", None),
        Compared("company", "acme", "umbrella", "different", None),
    )


def test_two_people_have_no_chain_but_what_was_decided_of_them() -> None:
    tables = warehouse(DECIDED.replace("'same'", "'different'"), joined=False)
    found = explained(tables, "linkedin:jane", "mail/member:7")
    assert (found.is_same, found.path) == (False, ())
    assert found.decisions[0].startswith("linkedin:jane and mail/member:7: different")
    assert found.probability is None


def test_the_nodes_of_a_person_from_the_one_asked_for_outwards() -> None:
    found = members(warehouse(), "linkedin:jane")
    assert [m.node for m in found] == ["linkedin:jane", "crm/contact:1", "email:jane@acme.com", "mail/member:7"]
    assert [m.link.by if m.link else None for m in found] == [None, "likeness", "key", "key"]
    assert found[0].record["family"] == "doe"


def test_companies_too() -> None:
    tables = resolved(ROWS)
    found = explained(tables, "company:acme", "domain:acme.com")
    assert found.kind == "account"
    assert [(link.rule, link.where) for link in found.path] == [
        ("name", ("accounts.csv, row 2",)), ("domain", ("accounts.csv, row 2",))
    ]  # fmt: skip


def test_a_person_may_be_named_by_its_number_or_a_bare_address() -> None:
    tables = warehouse(joined=False)
    person = tables.rows("SELECT person FROM resolved WHERE node = 'mail/member:7'")[0]["person"]
    assert explained(tables, person, "JANE@acme.com").is_same


@pytest.mark.parametrize(
    ("name", "said"), [("crm/contact:2", "Did you mean crm/contact:1"), ("###", "Name a node as it stands")]
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, said: str) -> None:
    with pytest.raises(GoodwillError) as refused:
        explained(warehouse(), name, "linkedin:jane")
    assert said in refused.value.remedy


def test_a_person_is_not_compared_with_a_company() -> None:
    with pytest.raises(GoodwillError, match="a person and a company"):
        explained(warehouse(), "domain:acme.com", "linkedin:jane")


NODES = st.sampled_from("abcde")
EDGES = st.lists(st.tuples(NODES, NODES, st.sampled_from([0.25, 0.5, 1.0])), max_size=9)


@given(EDGES)
def test_no_other_chain_is_more_probable_or_as_probable_and_shorter(edges: list[tuple[str, str, float]]) -> None:
    """Against every chain without a node twice."""
    found = [Link(a, b, "likeness", "", p, ()) for a, b, p in edges if a != b]
    best: dict[str, tuple[float, int]] = {}
    for n in range(1, 5):
        for nodes in itertools.permutations("bcde", n):
            way = ("a", *nodes)
            odds = [
                max((link.probability for link in found if {link.node_a, link.node_b} == {x, y}), default=0.0)
                for x, y in itertools.pairwise(way)
            ]
            if min(odds) > 0:
                best[way[-1]] = min(best.get(way[-1], (0.0, 9)), (-math.prod(odds), n))
    reached = {node: (-math.prod(s.probability for s in path), len(path)) for node, path in chains(found, "a").items()}
    assert reached == {"a": (-1.0, 0), **best}
