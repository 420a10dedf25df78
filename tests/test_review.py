"""Which uncertain pairs come first, and what a decision on each would move."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from canonical import END, Rows, at, traced
from goodwill.errors import GoodwillError
from goodwill.identity import review
from goodwill.identity.review import Stake
from goodwill.registry import Terms
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Workspace

TERMS = Terms(Workspace(Path(), currency="EUR"), END, 0)
Pair = tuple[str, str, float]


def touch(actor: str, day: str = "2024-02-01", **more: Any) -> dict[str, Any]:
    base = {"id": f"{actor} {day}", "at": at(day), "verb": "Like", "venue": "linkedin"}
    return base | {"channel_group": "organic_social", "direction": "inbound", "actor": actor} | more


def deal(id: str, account: str, outcome: str, amount: float | None = None, **more: Any) -> dict[str, Any]:
    closed = at("2024-06-01") if outcome != "open" else None
    return {"id": id, "account": account, "created_at": at("2024-01-01"), "closed_at": closed, "outcome": outcome,
            "amount": amount, "currency": "EUR"} | more  # fmt: skip


#: Jane writes on LinkedIn without an address; the CRM knows a Jane at Acme, who bought, and Joe at Bold, who did not.
ROWS: Rows = {
    "people": [
        {"id": "crm/contact:1", "email": "jane@acme.com", "company": "Acme", "account": "crm/account:A"},
        {"id": "crm/contact:2", "email": "joe@bold.com", "company": "Bold", "account": "crm/account:B"},
    ],
    "accounts": [
        {"id": "crm/account:A", "name": "Acme", "domain": "acme.com"},
        {"id": "crm/account:B", "name": "Bold", "domain": "bold.com"},
    ],
    "opportunities": [
        deal("won", "crm/account:A", "won", 40_000), deal("lost", "crm/account:A", "lost", 9_000),
        deal("open", "crm/account:B", "open", 5_000),
    ],
    "subscriptions": [{"id": "s", "account": "crm/account:A", "started_at": at("2024-06-02"), "mrr": 10.0}],
    "interactions": [
        *(touch("linkedin:jane", f"2024-02-{1 + i:02d}") for i in range(14)), touch("linkedin:joe", "2024-03-01"),
        touch("linkedin:nobody", "2024-03-01"), touch("linkedin:else", "2024-03-01"),
    ],
}  # fmt: skip


def warehouse(pairs: Sequence[Pair], rows: Rows = ROWS, *, companies: Sequence[Pair] = ()) -> DuckDBTables:
    """A traced warehouse with scored pairs; every record is its own exact component."""
    tables = traced(rows, TERMS.workspace)
    names = ("node_a", "node_b", "probability")
    for name, given in (("person_pairs", pairs), ("account_pairs", companies)):
        kinds = (pa.string(), pa.string(), pa.float64())
        columns = [pa.array([p[i] for p in given], kind) for i, kind in enumerate(kinds)]
        tables.register("given", pa.table(columns, names=list(names)))
        tables.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")
        tables.forget("given")
    tables.execute("CREATE OR REPLACE TABLE person_records AS SELECT node, person AS exact FROM resolved")
    tables.execute("CREATE OR REPLACE TABLE account_records AS SELECT node, account AS exact FROM resolved_accounts")
    return tables


def join(tables: DuckDBTables, a: str, b: str, table: str = "resolved", name: str = "person") -> None:
    """Make one of two, as the resolver would."""
    tables.execute(
        f"UPDATE {table} SET {name} = (SELECT {name} FROM {table} WHERE node = $b) "
        f"WHERE {name} = (SELECT {name} FROM {table} WHERE node = $a)", a=a, b=b,
    )  # fmt: skip


def retrace(tables: DuckDBTables) -> None:
    """Build again what follows from who is who."""
    from goodwill.warehouse import lineage

    for model in lineage.models().values():
        if model.name not in ("account_nodes", "person_nodes", "account_links", "person_links"):
            tables.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}", **TERMS.parameters)


def pairs(found: Sequence[Stake]) -> list[tuple[str, str]]:
    return [(stake.node_a, stake.node_b) for stake in found]


JANE = ("crm/contact:1", "linkedin:jane", 0.5)


def test_what_joining_would_move_worked_by_hand() -> None:
    (stake,) = review.queue(warehouse([JANE]), TERMS, limit=5)
    assert not stake.is_joined
    assert (stake.touches, stake.class_from, stake.class_to) == (14, 0, 2)
    assert (stake.deals, stake.deals_won, stake.deals_open, stake.money, stake.customers) == (2, 1, 0, 40_000, 1)
    assert (stake.largest_outcome, stake.largest_amount, stake.largest_currency) == ("won", 40_000, "EUR")
    # of 17 touches, of 3 deals, of 40,000 won and of 1 customer; a coin toss has doubt 1
    assert stake.score == pytest.approx((14 / 17 + 2 / 3 + 1 + 1) / 4)


def test_doubt_weighs_what_is_at_stake() -> None:
    (stake,) = review.queue(warehouse([(*JANE[:2], 0.9)]), TERMS, limit=5)
    assert stake.score == pytest.approx(4 * 0.9 * 0.1 * (14 / 17 + 2 / 3 + 1 + 1) / 4)


@pytest.mark.slow
def test_the_pair_that_moves_most_comes_first_and_one_that_moves_nothing_last() -> None:
    given = [JANE, ("crm/contact:2", "linkedin:joe", 0.5), ("linkedin:else", "linkedin:nobody", 0.5),
             ("crm/contact:1", "linkedin:nobody", 0.9999)]  # fmt: skip
    found = review.queue(warehouse(given), TERMS, limit=5)
    assert pairs(found) == [(p[0], p[1]) for p in given[:3]]
    assert found[2].score == 0
    assert pairs(review.queue(warehouse(given), TERMS, limit=1)) == [JANE[:2]]


def test_parting_takes_away_what_joining_brings() -> None:
    tables = warehouse([JANE])
    (apart,) = review.queue(tables, TERMS, limit=5)
    join(tables, *JANE[:2])
    retrace(tables)
    (joined,) = review.queue(tables, TERMS, limit=5)
    assert joined.is_joined
    assert [getattr(joined, n) for n in ("touches", "deals", "money", "customers", "score")] == [
        getattr(apart, n) for n in ("touches", "deals", "money", "customers", "score")
    ]


@pytest.mark.slow
def test_a_deal_that_others_have_touched_before_it_was_decided_does_not_move() -> None:
    early = [*ROWS["interactions"], touch("email:kim@acme.com", "2024-05-31")]
    (stake,) = review.queue(warehouse([JANE], {**ROWS, "interactions": early}), TERMS, limit=5)
    assert (stake.deals, stake.money, stake.touches) == (0, 0, 14)
    late = [*ROWS["interactions"], touch("email:kim@acme.com", "2024-06-02")]
    (stake,) = review.queue(warehouse([JANE], {**ROWS, "interactions": late}), TERMS, limit=5)
    assert (stake.deals, stake.money) == (2, 40_000)


def test_touches_after_the_decision_move_no_deal() -> None:
    rows = {**ROWS, "interactions": [touch("linkedin:jane", "2024-07-01")]}
    (stake,) = review.queue(warehouse([JANE], rows), TERMS, limit=5)
    assert (stake.deals, stake.money, stake.customers, stake.touches) == (0, 0, 1, 1)


def test_other_currencies_are_not_added_up() -> None:
    rows = {**ROWS, "opportunities": [deal("won", "crm/account:A", "won", 7_000, currency="USD")]}
    (stake,) = review.queue(warehouse([JANE], rows), TERMS, limit=5)
    assert (stake.money, stake.deals_won, stake.largest_currency) == (0, 1, "USD")


def test_companies_too() -> None:
    rows = {**ROWS, "interactions": [touch("email:kim@acme.de"), touch("email:kim@acme.de", "2024-02-02")]}
    pair = ("crm/account:A", "domain:acme.de", 0.5)
    tables = warehouse([], rows, companies=[pair])
    (apart,) = review.queue(tables, TERMS, limit=5)
    assert (apart.kind, apart.touches, apart.deals, apart.money, apart.customers) == ("account", 2, 2, 40_000, 1)
    join(tables, *pair[:2], "resolved_accounts", "account")
    retrace(tables)
    (joined,) = review.queue(tables, TERMS, limit=5)
    assert joined.is_joined
    assert (joined.touches, joined.deals, joined.money, joined.customers) == (2, 2, 40_000, 1)


@pytest.mark.slow
@pytest.mark.parametrize("verdict", ["same", "different", "unsure"])
def test_what_was_decided_of_any_node_of_both_is_asked_no_more(verdict: str) -> None:
    rows = {**ROWS, "identifiers": [
        {"record": "crm/contact:1", "kind": "email", "value": "email:jane@acme.com", "is_verified": True}
    ]}  # fmt: skip
    tables = warehouse([JANE, ("crm/contact:2", "linkedin:joe", 0.5)], rows)
    tables.execute(
        "CREATE OR REPLACE TABLE match_decisions AS "
        "SELECT 'email:jane@acme.com' AS node_a, 'linkedin:jane' AS node_b, "
        f"'{verdict}' AS verdict"
    )
    assert pairs(review.queue(tables, TERMS, limit=5)) == [("crm/contact:2", "linkedin:joe")]


@pytest.mark.slow
def test_of_several_pairs_between_two_people_the_best_speaks() -> None:
    rows = {**ROWS, "identifiers": [
        {"record": "crm/contact:1", "kind": "email", "value": "email:jane@acme.com", "is_verified": True}
    ]}  # fmt: skip
    weak = ("email:jane@acme.com", "linkedin:jane", 0.3)
    assert pairs(review.queue(warehouse([JANE, weak], rows), TERMS, limit=5)) == [JANE[:2]]
    assert review.queue(warehouse([(*JANE[:2], 0.9999), weak], rows), TERMS, limit=5) == ()


def test_nothing_is_left_behind_and_what_is_absent_is_no_fault() -> None:
    tables = traced({}, TERMS.workspace)
    tables.execute("CREATE OR REPLACE TABLE person_pairs (node_a VARCHAR, node_b VARCHAR, probability DOUBLE)")
    tables.execute("DROP TABLE contracts")
    before = tables.rows("SELECT table_name FROM information_schema.tables ORDER BY 1")
    assert review.queue(tables, TERMS, limit=5) == ()
    assert tables.rows("SELECT table_name FROM information_schema.tables ORDER BY 1") == before


def test_without_scored_pairs_there_is_no_queue() -> None:
    with pytest.raises(GoodwillError, match="no pairs have been compared"):
        review.queue(traced({}, TERMS.workspace), TERMS, limit=5)
