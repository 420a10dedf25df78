"""Orders the SQL models by what they read, checks their columns, and says where a column comes from.

A model is one ``.sql`` file in DuckDB's dialect that defines one table of the file's name; its first line is a
comment that says what a row is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from goodwill.vocabulary import SQL_TYPES, TABLES
from goodwill.warehouse import Tables

DIALECT = "duckdb"
#: Folders that hold models, in no particular order: what they read decides the order.
FOLDERS = ("goodwill.identity", "goodwill.journeys")
#: Tables that the study itself provides beside the canonical ones.
PROVIDED: Mapping[str, Mapping[str, str]] = {
    "setting_stages": {"stage": "VARCHAR", "outcome": "VARCHAR"},
    "setting_own": {"node": "VARCHAR", "kind": "VARCHAR"},
    "setting_teams": {"team": "VARCHAR", "member": "VARCHAR", "hourly_cost": "DOUBLE"},
    "setting_venues": {"venue": "VARCHAR", "monthly_tools": "DOUBLE"},
    "mail_keys": {
        "raw": "VARCHAR", "email": "VARCHAR", "local": "VARCHAR", "domain": "VARCHAR", "is_role": "BOOLEAN",
        "is_free": "BOOLEAN", "is_node": "BOOLEAN",
    },
    "domain_keys": {"raw": "VARCHAR", "domain": "VARCHAR", "brand": "VARCHAR"},
    "company_keys": {"raw": "VARCHAR", "name": "VARCHAR", "family": "VARCHAR"},
    "country_keys": {"raw": "VARCHAR", "country": "VARCHAR"},
    "handle_keys": {"raw": "VARCHAR", "node": "VARCHAR"},
    "resolved": {"node": "VARCHAR", "person": "VARCHAR"},
    "resolved_accounts": {"node": "VARCHAR", "account": "VARCHAR"},
    "refused": {
        "table_name": "VARCHAR", "source_file": "VARCHAR", "source_row": "BIGINT",
        "column_name": "VARCHAR", "value": "VARCHAR", "reason": "VARCHAR",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Model:
    """One SQL model: its name, what a row is, its text and the tables it reads."""

    name: str
    row: str
    sql: str
    reads: frozenset[str]


@cache
def models() -> dict[str, Model]:
    """Every model by name, in an order in which they can be built."""
    found = {model.name: model for folder in FOLDERS for model in _in_folder(folder)}
    order = TopologicalSorter({name: model.reads & found.keys() for name, model in sorted(found.items())})
    return {name: found[name] for name in order.static_order()}


def _in_folder(folder: str) -> Iterable[Model]:
    for entry in sorted(resources.files(folder).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".sql"):
            sql = entry.read_text(encoding="utf-8")
            first = sql.splitlines()[0]
            yield Model(entry.name.removesuffix(".sql"), first.removeprefix("--").strip(), sql, _reads(sql))


def _reads(sql: str) -> frozenset[str]:
    tree = sqlglot.parse_one(sql, read=DIALECT)
    steps = {cte.alias for cte in tree.find_all(exp.CTE)}
    return frozenset(table.name for table in tree.find_all(exp.Table)) - steps


def upstream(name: str) -> tuple[Model, ...]:
    """A model and every model it rests on, in building order."""
    wanted, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current in models() and current not in wanted:
            wanted.add(current)
            waiting.extend(models()[current].reads)
    return tuple(m for n, m in models().items() if n in wanted)


def build(tables: Tables, model: Model, parameters: dict[str, object]) -> None:
    """Make one derived table."""
    tables.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}", **parameters)


@cache
def schema() -> dict[str, dict[str, str]]:
    """Every table and column that models may read, models included."""
    known = {
        t.name: {c.name: SQL_TYPES[c.type] for c in t.columns} | {"source_file": "VARCHAR", "source_row": "BIGINT"}
        for t in TABLES.values()
    }
    known |= {name: dict(columns) for name, columns in PROVIDED.items()}
    for model in models().values():
        found = _qualified(model, known)
        known[model.name] = dict.fromkeys(found.named_selects, "VARCHAR")
    return known


@cache
def tree(model: str) -> exp.Query:
    """A model's SQL with every column traced to the table or step it is read from; not to be changed."""
    return qualified(models()[model].sql)


@cache
def _mapping() -> MappingSchema:
    """The schema as the parser wants it; to make it takes longer than to read a query."""
    return MappingSchema(dict[str, object](schema()), dialect=DIALECT)


def _qualified(model: Model, known: dict[str, dict[str, str]]) -> exp.Query:
    """The model with every column traced to its table.

    Raises
    ------
    sqlglot.errors.OptimizeError
        A column or table that does not exist; the message names the model.
    """
    missing = model.reads - known.keys()
    if missing:
        raise sqlglot.errors.OptimizeError(f"{model.name}.sql reads {sorted(missing)}, which nothing provides")
    try:
        return _traced(model.sql, MappingSchema(dict[str, object](known), dialect=DIALECT))
    except sqlglot.errors.OptimizeError as error:
        raise sqlglot.errors.OptimizeError(f"{model.name}.sql: {error}") from None


def qualified(sql: str) -> exp.Query:
    """A query with every column traced to the table or step it is read from, and every ``*`` written out.

    Raises
    ------
    sqlglot.errors.OptimizeError
        A column or table that does not exist.
    """
    return _traced(sql, _mapping())


def _traced(sql: str, known: MappingSchema) -> exp.Query:
    found = qualify(sqlglot.parse_one(sql, read=DIALECT), schema=known, dialect=DIALECT, quote_identifiers=False)
    assert isinstance(found, exp.Query)
    return found


def translated(sql: str, dialect: str) -> str:
    """A model's SQL in another engine's dialect."""
    return sqlglot.transpile(sql, read=DIALECT, write=dialect, comments=False)[0]
