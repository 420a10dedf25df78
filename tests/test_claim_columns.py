"""Where a column of the rows behind a figure comes from: worked by hand, and as a second reader of the SQL says."""

from __future__ import annotations

import time

import pytest
from sqlglot import exp
from sqlglot.lineage import lineage as walked

from goodwill.claims.columns import Column, columns, model_columns
from goodwill.claims.tables_read import canonical_tables, models_behind, read_by, tables_behind
from goodwill.verdicts import Evidence
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage

#: Models that sqlglot's own walk, which goes through all the SQL below a column, reads within a second or so.
QUICK = ("cost_lines", "account_facts", "staff", "bots", "profile_links")


def made_from(sql: str, model: str = "deals") -> dict[str, tuple[str, ...]]:
    return {column.name: column.made_from for column in columns(Evidence(model, sql))}


BY_HAND = {
    "SELECT id, name AS who FROM people": {"id": ("people.id",), "who": ("people.name",)},
    "SELECT value * 2 AS twice, 1 AS one FROM orders": {"twice": ("orders.value",), "one": ()},
    "SELECT coalesce(p.email, i.value) AS m FROM people AS p JOIN identifiers AS i ON i.record = p.id": {
        "m": ("identifiers.value", "people.email")
    },
    "WITH a AS (SELECT id, value AS v FROM orders), b AS (SELECT v + 1 AS v, id FROM a) SELECT v FROM b": {
        "v": ("orders.value",)
    },
    "SELECT id, \"at\" FROM orders UNION ALL SELECT record, first_seen FROM identifiers": {
        "id": ("identifiers.record", "orders.id"),
        "at": ("identifiers.first_seen", "orders.at"),
    },
    "SELECT (SELECT max(o.value) FROM orders AS o WHERE o.person = p.id) AS most FROM people AS p": {
        "most": ("orders.person", "orders.value", "people.id")
    },
    "SELECT * FROM (SELECT id, amount FROM opportunities)": {
        "id": ("opportunities.id",),
        "amount": ("opportunities.amount",),
    },
    "SELECT row_number() OVER (PARTITION BY account ORDER BY created_at) AS n FROM opportunities": {
        "n": ("opportunities.account", "opportunities.created_at")
    },
    "WITH RECURSIVE r AS (SELECT id, 1 AS n FROM orders UNION ALL SELECT id, n + 1 FROM r) SELECT id FROM r": {
        "id": ("orders.id",)
    },
    "SELECT id FROM orders WHERE value > 3 QUALIFY row_number() OVER (ORDER BY \"at\") = 1": {"id": ("orders.id",)},
}  # fmt: skip


@pytest.mark.parametrize("sql", BY_HAND)
def test_columns_worked_by_hand(sql: str) -> None:
    assert made_from(sql) == BY_HAND[sql]


def test_a_column_of_models_goes_through_them_the_nearest_first() -> None:
    found = {
        c.name: c for c in columns(Evidence("cost_lines", "SELECT * FROM cost_lines WHERE venue = 'x' ORDER BY ALL"))
    }
    assert found["month"] == Column("month", ("effort.on_date", "spend.period_start"), ("cost_lines.month",))
    assert found["amount"].made_from == ("effort.hourly_cost", "effort.hours", "spend.amount")
    assert found["amount"].through == ("cost_lines.amount", "setting_teams.hourly_cost")
    assert list(found) == list(lineage.schema()["cost_lines"])


def test_engagement_rests_on_dated_interactions_and_on_the_opening() -> None:
    found = made_from("SELECT engagement FROM deal_history", "deal_history")["engagement"]
    assert {"interactions.at", "interactions.verb", "opportunities.created_at"} <= set(found)
    assert not [column for column in found if column.startswith(("spend.", "effort."))]


def test_sql_that_cannot_be_read_has_no_columns() -> None:
    assert columns(Evidence("deals", "SELECT FROM WHERE")) == ()
    assert columns(Evidence("deals", "SELECT nothing FROM nowhere")) == ()


def as_sqlglot_walks(model: str, column: str) -> tuple[str, ...]:
    """The canonical columns behind one, found by sqlglot's own walk through all the SQL below it."""
    sources = {name: m.sql for name, m in lineage.models().items() if name != model}
    sql = lineage.models()[model].sql
    tree = walked(column, sql, schema=lineage.schema(), sources=sources, dialect=lineage.DIALECT)
    leaves = [node for node in tree.walk() if isinstance(node.expression, exp.Table) and node.expression.name in TABLES]
    return tuple(sorted({f"{node.expression.name}.{node.name.split('.')[-1].strip(chr(34))}" for node in leaves}))


@pytest.mark.slow
@pytest.mark.parametrize("model", QUICK)
def test_a_second_reader_says_the_same(model: str) -> None:
    for name in model_columns(model):
        ours = made_from(f'SELECT "{name}" FROM {model}', model)[name]
        assert ours == as_sqlglot_walks(model, name), name


def test_every_column_of_every_model_is_resolved_to_tables_that_exist() -> None:
    known = lineage.schema()
    for model in lineage.models():
        found = model_columns(model)
        assert list(found) == list(known[model])
        for sources in found.values():
            assert all(column in known[table] for table, column in sources)


def test_rows_with_a_place_come_from_a_place() -> None:
    for name, table in known_places():
        places = made_from(f"SELECT source_file, source_row FROM {name}", name)
        assert {origin.split(".")[0] for origin in places["source_file"]} == table
        assert {origin.split(".")[1] for origin in places["source_row"]} == {"source_row"}


def known_places() -> list[tuple[str, set[str]]]:
    return [("timeline", {"interactions"}), ("cost_lines", {"effort", "spend"}), ("items", {"items"})]


def test_all_columns_of_all_models_take_well_under_a_second_once_the_models_are_read() -> None:
    lineage.schema()
    model_columns.cache_clear()
    columns.cache_clear()
    began = time.perf_counter()
    for name in lineage.models():
        columns(Evidence(name, f"SELECT * FROM {name}"))
    assert time.perf_counter() - began < 5  # 0.3 s on a quiet machine


def test_what_a_figure_reads() -> None:
    sql = "WITH deals_won AS (SELECT * FROM deals) SELECT id FROM deals_won JOIN deal_history USING (id)"
    evidence = Evidence("deal_history", sql)
    assert read_by(evidence) == ("deal_history", "deals")
    names = [m.name for m in models_behind(evidence)]
    assert names[-1] == "deal_history"
    assert {"timeline", "account_days", "deals"} <= set(names)
    assert "cost_lines" not in names
    assert {"interactions", "opportunities", "setting_stages"} <= tables_behind(evidence)
    assert "effort" not in tables_behind(evidence)
    assert not tables_behind(evidence) & lineage.models().keys()


def test_the_tables_of_rows_without_a_place_are_all_that_are_read() -> None:
    found = canonical_tables(Evidence("cost_lines", "SELECT venue FROM cost_lines"))
    assert found == {"effort", "spend"}
    assert found <= TABLES.keys()
    assert canonical_tables(Evidence("items", "SELECT * FROM items")) == {"items"}
