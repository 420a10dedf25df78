"""The links that make nodes one person or company, and the most probable chain of them between two nodes."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from goodwill.errors import GoodwillError, nearest
from goodwill.identity.decisions import is_company
from goodwill.warehouse import Tables

#: Fields of a record that are compared, in the order in which people read them.
PERSON_FIELDS = ("name", "given", "family", "email", "phone", "handle", "company", "title", "country")
ACCOUNT_FIELDS = ("name", "domain", "country")
#: A link that is as good as impossible still has a length.
LEAST = 1e-12


@dataclass(frozen=True)
class Kind:
    """The tables of one kind: who is who, exact links, scored pairs and records."""

    name: str
    whole: str
    resolved: str
    links: str
    pairs: str
    records: str
    fields: tuple[str, ...]


PERSON = Kind("person", "person", "resolved", "person_links", "person_pairs", "person_records", PERSON_FIELDS)
ACCOUNT = Kind(
    "account", "account", "resolved_accounts", "account_links", "account_pairs", "account_records", ACCOUNT_FIELDS
)
#: Canonical tables that say why an exact link is there: the file and row of the first that does.
_SAID_IN = {
    "person": "SELECT record AS one, value AS other, source_file, source_row FROM identifiers",
    "account": "SELECT record AS one, value AS other, source_file, source_row FROM identifiers "
    "UNION ALL SELECT id, NULL, source_file, source_row FROM accounts",
}


@dataclass(frozen=True)
class Link:
    """One step between two nodes: an exact key, a decision, or a likeness with its probability."""

    node_a: str
    node_b: str
    by: str
    rule: str
    probability: float
    where: tuple[str, ...]


def kind_of(tables: Tables, *names: str) -> Kind:
    """The kind of thing that all these nodes are.

    Raises
    ------
    GoodwillError
        They are of two kinds.
    """
    kinds = {is_company(known_node(tables, name)) for name in names}
    if len(kinds) > 1:
        raise GoodwillError(f"{' and '.join(names)} are a person and a company", remedy="Name two of one kind.")
    return ACCOUNT if kinds.pop() else PERSON


def known_node(tables: Tables, name: str) -> str:
    """The node of that name; for the name of a person or company (``p_...``, ``a_...``) its smallest node.

    Raises
    ------
    GoodwillError
        Nothing is called so; with the nearest.
    """
    found = tables.rows(
        """SELECT node FROM resolved WHERE node = $name UNION ALL SELECT node FROM resolved_accounts WHERE node = $name
        UNION ALL SELECT min(node) FROM resolved WHERE person = $name GROUP BY person
        UNION ALL SELECT min(node) FROM resolved_accounts WHERE account = $name GROUP BY account
        UNION ALL SELECT node FROM resolved WHERE node = 'email:' || lower($name)""",
        name=name,
    )
    if found:
        return str(found[0]["node"])
    every = tables.rows("SELECT node FROM resolved UNION ALL SELECT node FROM resolved_accounts ORDER BY node")
    close = nearest(name, (row["node"] for row in every))
    raise GoodwillError(
        f'no export names "{name}"',
        remedy=f"Did you mean {close}?" if close else "Name a node as it stands in the tables, as email:jane@acme.com.",
    )


def there(tables: Tables, name: str) -> bool:
    """Does the warehouse have this table?"""
    return bool(tables.rows("SELECT 1 AS n FROM information_schema.tables WHERE table_name = $name", name=name))


@contextmanager
def inside(tables: Tables, kind: Kind, *wholes: str) -> Iterator[None]:
    """Look at the nodes of these persons or companies only, in the table ``merge_members``."""
    chosen = f"SELECT node FROM {kind.resolved} WHERE {kind.whole} IN ($a, $b)"
    tables.execute(f"CREATE OR REPLACE TEMP TABLE merge_members AS {chosen}", a=wholes[0], b=wholes[-1])
    yield
    tables.execute("DROP TABLE merge_members")


def links(tables: Tables, kind: Kind) -> list[Link]:
    """Every link inside the person or company, the certain ones first."""
    within = "SEMI JOIN merge_members AS a ON a.node = l.node_a SEMI JOIN merge_members AS b ON b.node = l.node_b"
    links = tables.rows(
        f"""WITH said AS (
            SELECT s.* FROM ({_SAID_IN[kind.name]}) AS s SEMI JOIN merge_members AS m ON m.node = s.one
        )
        SELECT l.node_a, l.node_b, 'key' AS by, l.rule, 1.0 AS probability,
            min_by(s.source_file || ', row ' || s.source_row, (s.source_file, s.source_row)) AS "where"
        FROM {kind.links} AS l
        {within}
        LEFT JOIN said AS s ON (s.one = l.node_a AND coalesce(s.other, l.node_b) = l.node_b)
            OR (s.one = l.node_b AND s.other = l.node_a)
        GROUP BY l.node_a, l.node_b, l.rule ORDER BY ALL"""
    )
    if there(tables, "match_decisions"):
        links += tables.rows(
            f"""SELECT l.node_a, l.node_b, 'decision' AS by, {_DECIDED} AS rule, 1.0 AS probability, NULL AS "where"
            FROM match_decisions AS l {within} WHERE l.verdict = 'same' ORDER BY ALL"""
        )
    if there(tables, kind.pairs):
        links += tables.rows(
            f"""SELECT l.node_a, l.node_b, 'likeness' AS by, l.rule, l.probability,
                concat_ws('; ', ra.source_file || ', row ' || ra.source_row,
                    rb.source_file || ', row ' || rb.source_row) AS "where"
            FROM {kind.pairs} AS l {within}
            LEFT JOIN {kind.records} AS ra ON ra.node = l.node_a LEFT JOIN {kind.records} AS rb ON rb.node = l.node_b
            ORDER BY ALL"""
        )
    return [Link(**{**row, "where": tuple(filter(None, (row["where"] or "").split("; ")))}) for row in links]


#: A decision in words, for a row of ``match_decisions``.
_DECIDED = (
    "l.verdict || ', decided by ' || l.decided_by || ' on ' || strftime(l.decided_at, '%Y-%m-%d') || ': ' || l.reason"
)


def decided(tables: Tables) -> tuple[str, ...]:
    if not there(tables, "match_decisions"):
        return ()
    rows = tables.rows(
        f"""SELECT l.node_a || ' and ' || l.node_b || ': ' || {_DECIDED} AS said FROM match_decisions AS l
        SEMI JOIN merge_members AS a ON a.node = l.node_a SEMI JOIN merge_members AS b ON b.node = l.node_b
        ORDER BY l.node_a, l.node_b"""
    )
    return tuple(row["said"] for row in rows)


def chains(found: Sequence[Link], start: str) -> dict[str, tuple[Link, ...]]:
    """For every node that can be reached, the chain to it whose probabilities have the largest product.

    Of several such chains the shortest (Dijkstra 1959, on the logarithms).
    """
    around: dict[str, list[tuple[str, int]]] = {}
    for place, link in enumerate(found):
        around.setdefault(link.node_a, []).append((link.node_b, place))
        around.setdefault(link.node_b, []).append((link.node_a, place))
    waiting: list[tuple[float, int, tuple[int, ...], str]] = [(0.0, 0, (), start)]
    reached: dict[str, tuple[Link, ...]] = {}
    while waiting:
        length, steps, places, here = heapq.heappop(waiting)
        if here in reached:
            continue
        reached[here] = tuple(found[place] for place in places)
        for node, place in around.get(here, ()):
            if node not in reached:
                further = length - math.log2(max(found[place].probability, LEAST))
                heapq.heappush(waiting, (further, steps + 1, (*places, place), node))
    return reached
