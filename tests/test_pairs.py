"""People of a made-up business whose identities are known: compared, matched, explained, and drawn."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from goodwill import study
from goodwill.identity import pairs, resolving
from goodwill.identity.merges import explained
from goodwill.registry import questions
from goodwill.settings import FILE
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.workspace import Workspace, open_workspace
from goodwill.worlds.identities import IdentityTruth, canonical, imagine
from goodwill.worlds.identity_settings import settings

FIELDS = ("given", "family", "phone", "alias", "company", "title", "country")


@dataclass(frozen=True)
class Known:
    """A resolved business and the truth about it."""

    tables: DuckDBTables
    workspace: Workspace
    truth: IdentityTruth


@pytest.fixture(scope="module")
def known() -> Iterator[Known]:
    business = imagine(5, difficulty=0.5, people=500)
    tables = open_file(None)
    for name, rows in canonical(business).items():
        tables.register("given", rows)
        tables.execute(f"CREATE TABLE {name} AS FROM given")
        tables.forget("given")
    assert TABLES.keys() <= {r["t"] for r in tables.rows("SELECT table_name AS t FROM information_schema.tables")}
    columns = ", ".join(f"{name} {kind}" for name, kind in lineage.PROVIDED["refused"].items())
    tables.execute(f"CREATE TABLE refused ({columns})")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text(settings(), encoding="utf-8")
        workspace = replace(open_workspace(folder), root=Path(), draws=2)
    study.resolve(tables, workspace)
    yield Known(tables, workspace, business.truth)
    tables.close()


def test_pairs_are_mostly_one_person_as_their_probabilities_say(known: Known) -> None:
    rows = known.tables.rows("SELECT * FROM person_pairs WHERE probability >= 0.5 ORDER BY node_a, node_b")
    owners: dict[str, set[int]] = {}
    for node, person in zip(known.truth.owner_node, known.truth.owner_person, strict=True):
        owners.setdefault(node, set()).add(int(person))
    right = [bool(owners[r["node_a"]] & owners[r["node_b"]]) for r in rows]
    assert len(rows) > 50
    assert sum(right) / len(rows) > 0.85
    assert sum(right) / len(rows) == pytest.approx(sum(r["probability"] for r in rows) / len(rows), abs=0.08)


def test_only_pairs_that_exact_keys_do_not_join_are_told(known: Known) -> None:
    joined = known.tables.rows(
        "SELECT count(*) AS n FROM person_pairs AS p JOIN person_records AS a ON a.node = p.node_a "
        "JOIN person_records AS b ON b.node = p.node_b WHERE a.exact = b.exact OR p.node_a >= p.node_b"
    )
    assert joined[0]["n"] == 0


def test_every_pair_can_be_explained_field_by_field(known: Known) -> None:
    row = known.tables.rows("SELECT * FROM person_pairs ORDER BY probability DESC, node_a, node_b LIMIT 1")[0]
    told = explained(known.tables, row["node_a"], row["node_b"])
    weights = {f.field: f.weight for f in told.fields if f.weight is not None}
    assert set(weights) <= set(FIELDS)
    assert sum(weights.values()) == pytest.approx(row["weight"], abs=1e-6)
    assert told.probability == row["probability"]
    other = known.tables.rows(
        "SELECT n.node FROM person_records AS n JOIN person_records AS s ON s.exact = n.exact "
        "WHERE s.node = $node AND n.node <> $node ORDER BY n.node", node=row["node_a"],
    )  # fmt: skip
    if other:  # what exact keys join is compared as one
        assert explained(known.tables, other[0]["node"], row["node_b"]).probability == row["probability"]


def test_the_model_says_what_blocking_may_have_missed(known: Known) -> None:
    rows = known.tables.rows("SELECT * FROM match_models ORDER BY kind")
    person = next(r for r in rows if r["kind"] == "person")
    assert person["records"] > 500
    assert person["completeness"] is None or 0.5 < person["completeness"] <= 1


def test_the_alias_is_what_the_name_has_not_said_and_one_word_is_a_given_name_on_a_network() -> None:
    tables = open_file(None)
    tables.execute(
        "CREATE TABLE records AS SELECT * FROM (VALUES "
        "('x:@jane_doe_84', 'e1', 'x', 'jane doe', 'jane', 'doe', NULL, NULL, 'jane_doe_84', NULL, NULL, NULL, NULL), "
        "('x:@jdoe', 'e2', 'x', 'jane doe', 'jane', 'doe', NULL, NULL, 'jdoe', NULL, NULL, NULL, NULL), "
        "('x:@margaret', 'e3', 'x', 'margaret', NULL, 'margaret', NULL, NULL, 'sunny', NULL, NULL, NULL, NULL), "
        "('crm/contact:1', 'e4', 'crm', 'margaret', NULL, 'margaret', NULL, 'mm99', NULL, NULL, NULL, NULL, NULL)"
        ") AS t(node, exact, venue, name, given, family, phone, mail_local, handle, company, title, country, "
        "created_at)"
    )
    rows = {row["record"]: row for row in tables.rows(pairs.people("records"))}
    assert [rows[n]["alias"] for n in ("x:@jane_doe_84", "x:@jdoe", "x:@margaret")] == ["84", None, "sunny"]
    assert (rows["x:@margaret"]["given"], rows["x:@margaret"]["family"]) == ("margaret", None)
    assert (rows["crm/contact:1"]["given"], rows["crm/contact:1"]["family"]) == (None, "margaret")


@pytest.mark.slow
def test_draws_differ_and_the_most_likely_resolution_stands_afterwards(known: Known) -> None:
    before = known.tables.rows("FROM resolved ORDER BY node")
    found = study.answers_if_drawn(known.tables, known.workspace, [questions()["conversation"]], (None, 1))
    assert len(found) == 2
    assert known.tables.rows("FROM resolved ORDER BY node") == before
    drawn = []
    for draw in range(2):
        resolving.resolve(known.tables, draw=draw, seed=1)
        drawn.append(known.tables.rows("FROM resolved ORDER BY node"))
    study.settle(known.tables, known.workspace)
    assert drawn[0] != drawn[1] != before
    assert known.tables.rows("FROM resolved ORDER BY node") == before


def test_where_nothing_is_uncertain_nothing_is_drawn(known: Known) -> None:
    certain = open_file(None)
    certain.execute(f"CREATE TABLE person_pairs ({pairs.EMPTY})")
    assert not resolving.is_uncertain(certain)
    certain.execute("INSERT INTO person_pairs VALUES ('a', 'b', 0.999, 20, 'x')")
    assert not resolving.is_uncertain(certain)
    certain.execute("INSERT INTO person_pairs VALUES ('a', 'c', 0.6, 5, 'x')")
    assert resolving.is_uncertain(certain)
    certain.execute("CREATE TABLE match_decisions AS SELECT 'a' AS node_a, 'c' AS node_b, 'same' AS verdict")
    assert not resolving.is_uncertain(certain)
    assert resolving.is_uncertain(known.tables)
