"""Fills ``resolved`` and ``resolved_accounts``: nodes are numbered, clustered and named again.

Read are the nodes and exact links, and where they are there the scored pairs, the decisions that people made and the
venues of the records. What people decided is certain: ``same`` joins, ``different`` parts, ``unsure`` leaves the
score as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from goodwill.identity.certain import contradictions, rows
from goodwill.identity.cluster import VENUES, Known, clusters
from goodwill.identity.draws import drawn
from goodwill.identity.linkage import Ints
from goodwill.warehouse import Tables

#: Networks on which a person or a company seldom has two accounts.
NETWORKS = (
    "bluesky", "facebook", "instagram", "linkedin", "mastodon", "pinterest", "reddit", "threads", "tiktok", "twitter",
    "x", "xing", "youtube",
)  # fmt: skip
#: Where the pairs stand that somebody decided to be different although exact keys join them.
CONFLICTS = "match_conflicts"
#: Nodes with their numbers, while they are resolved: in the order of their names, so that the smallest number of a
#: cluster is its smallest name.
_CODED = "coded_nodes"


@dataclass(frozen=True)
class _Kind:
    """The tables of people or of companies, and how one of them is called."""

    name: str
    nodes: str
    links: str
    pairs: str
    records: str
    into: str
    prefix: str


_KINDS = (
    _Kind("person", "person_nodes", "person_links", "person_pairs", "person_records", "resolved", "p_"),
    _Kind("account", "account_nodes", "account_links", "account_pairs", "account_records", "resolved_accounts", "a_"),
)


def resolve(tables: Tables, *, threshold: float = 0.5, draw: int | None = None, seed: int = 0) -> None:
    """Give every node a person or an account, if only its own.

    Parameters
    ----------
    tables : Tables
        ``person_nodes``, ``person_links``, ``account_nodes`` and ``account_links`` must be there.
    threshold : float
        Only pairs at least so probable bring nodes together (``cluster.clusters``).
    draw : int, optional
        Fill in one plausible resolution, of this number, instead of the best one (``draws.drawn``).
    seed : int
        Of the draw.

    Examples
    --------
    >>> from goodwill.warehouse.duckdb_engine import open_file
    >>> tables = open_file(None)
    >>> for kind in ("person", "account"):
    ...     tables.execute(f"CREATE TABLE {kind}_nodes AS SELECT unnest(['x:@jane', 'y:1', 'z:1']) AS node")
    ...     tables.execute(f"CREATE TABLE {kind}_links AS SELECT 'x:@jane' AS node_a, 'z:1' AS node_b")
    >>> resolve(tables)
    >>> [row["person"] for row in tables.rows("FROM resolved ORDER BY node")]
    ['p_6d83ca600fc526e7', 'p_856b5a49ba2450bd', 'p_6d83ca600fc526e7']
    """
    there = _tables(tables)
    tables.execute(f"CREATE OR REPLACE TABLE {CONFLICTS} (kind VARCHAR, node_a VARCHAR, node_b VARCHAR)")
    for kind in _KINDS:
        tables.execute(
            f"CREATE OR REPLACE TEMP TABLE {_CODED} AS "
            f"SELECT node, row_number() OVER (ORDER BY node) - 1 AS code FROM {kind.nodes}"
        )
        n = int(tables.rows(f"SELECT count(*) AS n FROM {_CODED}")[0]["n"])
        known = _known(tables, kind, n, there)
        pairs = _numbered(tables, kind.pairs, "probability", where="TRUE") if kind.pairs in there else _NONE
        scored = pairs["a"], pairs["b"], pairs["probability"], n
        if draw is None:
            labels = clusters(*scored, threshold=threshold, **known)
        else:
            keys = tables.columns(f"SELECT md5_number_upper(node) AS key FROM {_CODED} ORDER BY code")["key"]
            labels = drawn(*scored, draw=draw, seed=seed, keys=keys.astype(np.uint64), **known)
        _report(tables, kind, _contradictions(n, known))
        _name(tables, kind, labels)
        tables.execute(f"DROP TABLE {_CODED}")


#: Pairs this near to 0 or 1 come out alike in nearly every draw.
CERTAIN = 0.01


def is_uncertain(tables: Tables) -> bool:
    """Would other plausible resolutions differ from the best one? Only if some pair is neither certain nor decided."""
    there = _tables(tables)
    decided = "SELECT node_a, node_b FROM match_decisions WHERE verdict <> 'unsure'"
    return any(
        tables.rows(
            f"SELECT count(*) AS n FROM {kind.pairs} WHERE probability > $least AND probability < 1 - $least"
            + (f" AND (node_a, node_b) NOT IN ({decided})" if "match_decisions" in there else ""),
            least=CERTAIN,
        )[0]["n"]
        for kind in _KINDS
        if kind.pairs in there
    )


_NONE: dict[str, Any] = {"a": np.zeros(0, np.int64), "b": np.zeros(0, np.int64), "probability": np.zeros(0)}


def _tables(tables: Tables) -> set[str]:
    return {row["table_name"] for row in tables.rows("SELECT table_name FROM information_schema.tables")}


def _known(tables: Tables, kind: _Kind, n: int, there: set[str]) -> Known:
    """Exact links, decisions and venues in numbers."""
    known = Known(certain=_rows(_numbered(tables, kind.links, where="TRUE")))
    if "match_decisions" in there:
        known["decided"] = _rows(_numbered(tables, "match_decisions", where="verdict = 'same'"))
        known["never"] = _rows(_numbered(tables, "match_decisions", where="verdict = 'different'"))
    if kind.pairs in there and kind.records in there:
        _add_venues(tables, known, kind, n)
    return known


def _numbered(tables: Tables, pairs: str, *columns: str, where: str) -> dict[str, Any]:
    """Pairs of nodes by their numbers."""
    more = "".join(f", p.{column}" for column in columns)
    return tables.columns(
        f"SELECT a.code AS a, b.code AS b{more} FROM {pairs} AS p "
        f"JOIN {_CODED} AS a ON a.node = p.node_a JOIN {_CODED} AS b ON b.node = p.node_b WHERE {where}"
    )


def _rows(found: dict[str, Any]) -> Ints:
    return np.column_stack([found["a"], found["b"]]).astype(np.int64)


def _add_venues(tables: Tables, known: Known, kind: _Kind, n: int) -> None:
    """The venue of each record; where there is but one, scores were calibrated on it and nothing is to be added."""
    counted = tables.rows(
        f"SELECT lower(venue) AS venue FROM {kind.records} WHERE venue IS NOT NULL "
        f"GROUP BY lower(venue) ORDER BY count(*) DESC, venue LIMIT {VENUES}"
    )
    names = [row["venue"] for row in counted]
    if len(names) < 2:
        return
    tables.register("venue_codes", pa.table({"venue": names, "number": range(len(names))}))
    found = tables.columns(
        f"SELECT c.code, v.number FROM {kind.records} AS r "
        f"JOIN {_CODED} AS c ON c.node = r.node JOIN venue_codes AS v ON v.venue = lower(r.venue)"
    )
    tables.forget("venue_codes")
    venue = np.full(n, -1)
    venue[found["code"]] = found["number"]
    known["venue"] = venue
    known["one_per_person"] = [number for number, name in enumerate(names) if name in NETWORKS]


def _contradictions(n: int, known: Known) -> Ints:
    certain = np.concatenate([rows(known.get("certain")), rows(known.get("decided"))])
    return contradictions(n, certain=certain, never=known.get("never"))


def _report(tables: Tables, kind: _Kind, pairs: Ints) -> None:
    """Write down what was decided to be different although exact keys join it."""
    if len(pairs):
        tables.register("parted", pa.table({"a": pairs[:, 0], "b": pairs[:, 1]}))
        tables.execute(
            f"INSERT INTO {CONFLICTS} SELECT '{kind.name}', a.node, b.node FROM parted AS p "
            f"JOIN {_CODED} AS a ON a.code = p.a JOIN {_CODED} AS b ON b.code = p.b ORDER BY a.node, b.node"
        )
        tables.forget("parted")


def _name(tables: Tables, kind: _Kind, labels: Ints) -> None:
    """Name each cluster after its smallest node: the name survives a rebuild and other people's arrival."""
    tables.register("labelled", pa.table({"code": np.arange(len(labels)), "label": labels}))
    tables.execute(
        f"CREATE OR REPLACE TABLE {kind.into} AS "
        f"SELECT c.node, '{kind.prefix}' || left(md5(s.node), 16) AS {kind.name} FROM labelled AS l "
        f"JOIN {_CODED} AS c ON c.code = l.code JOIN {_CODED} AS s ON s.code = l.label ORDER BY c.code"
    )
    tables.forget("labelled")
