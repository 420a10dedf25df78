"""Pairs of records that are probably one person or one company: the linkage of this product's own tables.

What is compared is named here; how it is compared stands in ``match``. Records that exact keys already
join are compared as one.
"""

from __future__ import annotations

import pyarrow as pa

from goodwill.errors import CannotTell
from goodwill.exports import literal
from goodwill.identity.fields import Field
from goodwill.identity.found_patterns import of_pairs
from goodwill.identity.match import Model, learn, score
from goodwill.identity.resolving import NETWORKS
from goodwill.warehouse import Tables

#: What says who somebody is. An address that two records share joins them for certain; what is left to compare of
#: addresses and handles is the alias in them.
PERSON = (
    Field("given", "given"),
    Field("family", "family"),
    Field("phone", "phone"),
    Field("alias", "handle"),
    Field("company", "company"),
    Field("title", "text"),
    Field("country", "place"),
)
#: What says which company a record means.
ACCOUNT = (Field("name", "company"), Field("brand", "handle"), Field("country", "place"))
#: Fewer records than this cannot show what chance agreement is; nothing is guessed from them.
FEWEST = 20
#: Pairs less probable than this are strangers for every purpose; more probable ones are kept, drawn and reviewed.
LEAST = 0.01
#: What is left of a handle, or of the part of an address before the @, once the name is taken out: with less than
#: this it says nothing that the name has not said. The name itself stays out: it would count twice.
RESIDUE = 2

#: The columns of ``match_models``; completeness is of blocking, with its 90% interval.
MODELS = (
    "kind VARCHAR, model VARCHAR, records BIGINT, "
    "completeness DOUBLE, completeness_low DOUBLE, completeness_high DOUBLE"
)
MODEL_COLUMNS = tuple(column.split()[0] for column in MODELS.split(", "))
EMPTY = "node_a VARCHAR, node_b VARCHAR, probability DOUBLE, weight DOUBLE, rule VARCHAR"


def people(records: str = "person_records", *, by: str = "exact", called: str = "min(node)") -> str:
    """SQL: one row to compare for each value of ``by``, with what the earliest record says that says anything.

    People are compared as far as exact keys join their records: pairs within one are known, and with them in the table
    chances would be learnt of pairs that nobody asks about. One word alone is a given name on a network, and a family
    name in a CRM, which demands one.
    """
    first = ", ".join(
        f"first({name} ORDER BY created_at NULLS LAST, node) FILTER ({name} IS NOT NULL) AS {name}"
        for name in ("given", "family", "phone", "handle", "mail_local", "company", "title", "country")
    )
    alone = f"given IS NULL AND name = family AND venue IN ({', '.join(literal(name) for name in NETWORKS)})"
    bare = "coalesce(handle, mail_local)"
    rest = f"replace(replace({bare}, coalesce(family, '~'), ''), coalesce(given, '~'), '')"
    return f"""
        WITH whole AS (
            SELECT * REPLACE (CASE WHEN {alone} THEN family ELSE given END AS given,
                CASE WHEN {alone} THEN NULL ELSE family END AS family)
            FROM {records}
        ),
        one AS (SELECT {by}, {called} AS record, {first} FROM whole GROUP BY {by}),
        named AS (SELECT *, regexp_replace({rest}, '[^a-z0-9]', '', 'g') AS rest FROM one)
        SELECT record, given, family, phone, company, title, country,
            CASE WHEN length(rest) >= {RESIDUE} THEN rest END AS alias
        FROM named
        WHERE coalesce(family, given, phone, {bare}) IS NOT NULL
        ORDER BY record
    """


def companies(records: str = "account_records", *, by: str = "exact", called: str = "min(node)") -> str:
    """SQL: one row to compare for each value of ``by``; companies without a name cannot be compared."""
    first = ", ".join(
        f"first({name} ORDER BY node) FILTER ({name} IS NOT NULL) AS {name}" for name in ("name", "brand", "country")
    )
    return f"SELECT {called} AS record, {first} FROM {records} GROUP BY {by} HAVING count(name) > 0 ORDER BY record"


def fill(tables: Tables, *, seed: int = 0) -> dict[str, Model | None]:
    """Fill ``person_pairs``, ``account_pairs`` and the models behind them, ``match_models``, which are given back too.

    ``match_models`` says beside each model how many records it compared, and which share of the pairs that are one the
    blocking brought together, as far as that can be estimated. Decisions of people teach the models.
    """
    tables.execute(
        "CREATE OR REPLACE TEMP TABLE decided_pairs AS "
        "SELECT node_a AS record_a, node_b AS record_b, verdict FROM match_decisions ORDER BY ALL"
    )
    tables.execute(f"CREATE OR REPLACE TABLE match_models ({MODELS})")
    models = {
        "person": _filled(tables, "person", people(), PERSON, seed),
        "account": _filled(tables, "account", companies(), ACCOUNT, seed),
    }
    tables.execute("DROP TABLE decided_pairs")
    return models


def _filled(tables: Tables, kind: str, rows: str, fields: tuple[Field, ...], seed: int) -> Model | None:
    """The pairs of one kind of record, and the model; None where there was nothing to learn from."""
    tables.execute(f"CREATE OR REPLACE TEMP TABLE to_match AS {rows}")
    told = _compared(tables, fields)
    if len(told) < 1 or int(tables.rows("SELECT count(*) AS n FROM to_match")[0]["n"]) < FEWEST:
        tables.execute(f"CREATE OR REPLACE TABLE {kind}_pairs ({EMPTY})")
        return None
    is_taught = bool(tables.rows("SELECT count(*) AS n FROM decided_pairs")[0]["n"])
    model = learn(tables, "to_match", told, labels="decided_pairs" if is_taught else None, seed=seed)
    score(tables, model, "to_match", into="scored")
    tables.execute(
        f"CREATE OR REPLACE TABLE {kind}_pairs AS "
        "SELECT least(record_a, record_b) AS node_a, greatest(record_a, record_b) AS node_b, probability, weight, rule "
        "FROM scored WHERE probability >= $least ORDER BY node_a, node_b",
        least=LEAST,
    )
    _keep(tables, kind, model)
    for name in ("to_match", "scored", "scored_found"):
        tables.execute(f"DROP TABLE IF EXISTS {name}")
    return model


def _keep(tables: Tables, kind: str, model: Model) -> None:
    """Write down the model, and what blocking may have missed."""
    try:
        found = of_pairs(tables, model, "to_match", "scored")
        share: tuple[float | None, ...] = (found.share, found.low, found.high)
    except CannotTell:
        share = (None, None, None)
    row = dict(zip(MODEL_COLUMNS, (kind, model.to_json(), model.n, *share), strict=True))
    tables.register("given_model", pa.Table.from_pylist([row]))
    tables.execute("INSERT INTO match_models BY NAME SELECT * FROM given_model")
    tables.forget("given_model")


def _compared(tables: Tables, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Those fields that any record carries."""
    counts = tables.rows("SELECT " + ", ".join(f"count({f.name}) AS {f.name}" for f in fields) + " FROM to_match")[0]
    return tuple(field for field in fields if counts[field.name])
