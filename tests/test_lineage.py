"""The SQL models as a whole: what they read exists, their order builds, rows have an order, other engines read them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlglot
from sqlglot import exp

from canonical import at, traced
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage

MODELS = lineage.models()
each_model = pytest.mark.parametrize("name", sorted(MODELS))


def test_every_column_that_a_model_reads_exists() -> None:
    known = lineage.schema()
    assert known.keys() >= MODELS.keys() | TABLES.keys() | lineage.PROVIDED.keys()
    assert {"engagement", "in_washout", "first_social_at"} <= known["deal_history"].keys()


@each_model
def test_the_first_line_says_what_a_row_is(name: str) -> None:
    assert MODELS[name].sql.startswith("-- one "), f"{name}.sql"
    assert len(MODELS[name].row) > 20


def test_the_order_is_one_in_which_the_models_can_be_built() -> None:
    there = set(TABLES) | set(lineage.PROVIDED)
    for name, model in MODELS.items():
        assert model.reads <= there, name
        there.add(name)


def test_upstream_holds_all_that_a_model_rests_on_and_nothing_else() -> None:
    found = [m.name for m in lineage.upstream("account_nodes")]
    assert found[-1] == "account_nodes"
    assert set(found) == {"account_nodes", "account_links"}


@each_model
def test_a_model_ends_in_an_order(name: str) -> None:
    tree = sqlglot.parse_one(MODELS[name].sql, read="duckdb")
    assert isinstance(tree.args.get("order"), exp.Order), f"{name}.sql has no outermost ORDER BY"


@pytest.mark.slow
@each_model
def test_the_order_of_a_model_is_total(name: str) -> None:
    """Of two rows that differ none may come first by chance: no two of a busy engine share what is ordered by."""
    order = sqlglot.parse_one(MODELS[name].sql, read="duckdb").args["order"]
    keys = [e.this.sql("duckdb") for e in order.expressions]
    columns = [k.split(".")[-1] for k in keys]
    names = list(lineage.schema()[name])
    by = ", ".join(f'"{names[int(c) - 1]}"' if c.isdigit() else c for c in columns)
    tables = traced(busy())
    assert tables.rows(f"SELECT {by} FROM (SELECT DISTINCT * FROM {name}) GROUP BY ALL HAVING count(*) > 1") == []


def busy() -> dict[str, list[dict[str, object]]]:
    """A few rows everywhere, some of them alike, so that ties can show."""
    touch = {
        "at": at("2024-03-01"),
        "verb": "Like",
        "venue": "x",
        "channel_group": "organic_social",
        "direction": "inbound",
    }
    return {
        "interactions": [touch | {"actor": f"email:p{i}@a.com", "id": str(i)} for i in range(3)],
        "accounts": [{"id": f"s/account:{i}", "name": "A", "domain": "a.com"} for i in range(2)],
        "people": [{"id": f"s/contact:{i}", "account": "s/account:0", "is_employee": i == 1} for i in range(3)],
        "identifiers": [
            {"record": f"s/contact:{i}", "kind": "email", "value": f"email:p{i}@a.com", "is_verified": True}
            for i in range(3)
        ],
        "opportunities": [
            {"id": str(i), "account": "s/account:0", "created_at": at("2024-02-01"), "outcome": "open"}
            for i in range(3)
        ],
        "effort": [{"on_date": at("2024-02-01").date(), "hours": 1.0, "venue": v} for v in ("x", "x", None)],
        "spend": [{"period_start": at("2024-02-01").date(), "kind": "media", "amount": 1.0, "venue": "x"}],
        "items": [{"id": str(i), "at": at("2024-02-01"), "venue": v, "is_own": True} for i, v in enumerate("xxy")],
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("-- one x\nSELECT o.colour FROM opportunities AS o", "colour"),
        ("-- one x\nSELECT s.id FROM sightings AS s", "sightings"),
    ],
)
def test_a_column_or_table_that_does_not_exist_is_refused_with_the_model(
    monkeypatch: pytest.MonkeyPatch, sql: str, told: str
) -> None:
    planted = replace(MODELS["staff"], name="planted", sql=sql, reads=lineage._reads(sql))
    monkeypatch.setattr(lineage, "models", lambda: MODELS | {"planted": planted})
    lineage.schema.cache_clear()
    with pytest.raises(sqlglot.errors.OptimizeError, match=rf"planted\.sql.*{told}"):
        lineage.schema()
    monkeypatch.undo()
    lineage.schema.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["spark", "clickhouse"])
@each_model
def test_every_model_can_be_said_in_the_dialects_of_other_engines(name: str, dialect: str) -> None:
    said = lineage.translated(MODELS[name].sql, dialect)
    assert "SELECT" in said
    assert "--" not in said
    if dialect == "spark":  # ClickHouse types its parameters, so that only the engine itself can say them to the end
        there = sqlglot.parse_one(said, read="spark").named_selects
        assert there == sqlglot.parse_one(MODELS[name].sql, read="duckdb").named_selects
