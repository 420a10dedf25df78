"""Why two nodes are one person or company, or are not: field by field, and by the chain of links between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goodwill.identity.grades import Both, of_nodes
from goodwill.identity.merge_paths import Kind, Link, chains, decided, inside, kind_of, known_node, links, there
from goodwill.warehouse import Tables

#: Spellings at least this alike (Jaro-Winkler, 0 to 1) are called alike where no model grades them.
ALIKE = 0.9


@dataclass(frozen=True)
class Compared:
    """One field of both records: how far the values agree, and what that says for one person.

    ``weight`` is the log2 Bayes factor: +1 makes it twice as likely that both are one, -1 half as likely; None where
    no model has graded it.
    """

    field: str
    value_a: str | None
    value_b: str | None
    level: str
    weight: float | None


@dataclass(frozen=True)
class Explanation:
    """Why two nodes are one, or are not.

    Attributes
    ----------
    kind : str
        ``person`` or ``account``.
    whole_a, whole_b : str
        The person or company of each node.
    is_same : bool
    probability, weight, rule
        Of the two nodes as a scored pair; None where they were not compared, or exact keys join them.
    fields : tuple of Compared
    path : tuple of Link
        The most probable chain between the nodes, the shortest of several; empty if they are not one.
    decisions : tuple of str
        What was decided of any two nodes of both.
    """

    kind: str
    node_a: str
    node_b: str
    whole_a: str
    whole_b: str
    is_same: bool
    probability: float | None
    weight: float | None
    rule: str | None
    fields: tuple[Compared, ...]
    path: tuple[Link, ...]
    decisions: tuple[str, ...]


def explained(tables: Tables, node_a: str, node_b: str) -> Explanation:
    """Why two nodes are one person or company, or are not.

    Values are graded by the model that matched them; where there is none they are called equal, alike or different,
    without a weight.

    Parameters
    ----------
    tables : Tables
        A resolved warehouse.
    node_a, node_b : str
        Nodes, or the names of persons or companies (``p_...``, ``a_...``).
    Raises
    ------
    GoodwillError
        Nothing is called so, or one is a person and the other a company.
    """
    kind = kind_of(tables, node_a, node_b)
    node_a, node_b = known_node(tables, node_a), known_node(tables, node_b)
    wholes = {
        row["node"]: row["whole"]
        for row in tables.rows(
            f"SELECT node, {kind.whole} AS whole FROM {kind.resolved} WHERE node IN ($a, $b)", a=node_a, b=node_b
        )
    }
    both = of_nodes(tables, kind.name, node_a, node_b)
    pair = _pair(tables, kind, *sorted(both.records if both else (node_a, node_b)))
    is_same = wholes[node_a] == wholes[node_b]
    with inside(tables, kind, wholes[node_a], wholes[node_b]):
        path = chains(links(tables, kind), node_a).get(node_b, ()) if is_same else ()
        decisions = decided(tables)
    return Explanation(
        kind.name, node_a, node_b, wholes[node_a], wholes[node_b], is_same, *pair,
        _compared(tables, kind, (node_a, node_b), both), path, decisions,
    )  # fmt: skip


def _pair(tables: Tables, kind: Kind, a: str, b: str) -> tuple[float | None, float | None, str | None]:
    if not there(tables, kind.pairs):
        return None, None, None
    found = tables.rows(
        f"SELECT probability, weight, rule FROM {kind.pairs} WHERE node_a = $a AND node_b = $b", a=a, b=b
    )
    return (found[0]["probability"], found[0]["weight"], found[0]["rule"]) if found else (None, None, None)


def _compared(tables: Tables, kind: Kind, nodes: tuple[str, str], both: Both | None) -> tuple[Compared, ...]:
    """The fields of both: as compared, and what else the records say."""
    if not there(tables, kind.records):
        return ()
    rows = {
        row["node"]: row
        for row in tables.rows(f"SELECT * FROM {kind.records} WHERE node IN ($a, $b)", a=nodes[0], b=nodes[1])
    }
    a, b = (rows.get(node, {}) for node in nodes)
    graded = both.grades if both else {}
    if both:
        a, b = (
            {**record, **{n: v for n, v in of.items() if v}} for record, of in zip((a, b), both.values, strict=True)
        )
    names = dict.fromkeys((*(f for f in kind.fields if a.get(f) or b.get(f)), *graded))
    return tuple(_field(name, a.get(name), b.get(name), graded.get(name)) for name in names)


def _field(name: str, a: Any, b: Any, graded: tuple[str, float] | None) -> Compared:
    level, weight = graded or (_level(a, b), None)
    return Compared(name, None if a is None else str(a), None if b is None else str(b), level, weight)


def _level(a: Any, b: Any) -> str:
    if a is None or b is None:
        return "absent"
    if a == b:
        return "equal"
    from rapidfuzz.distance import JaroWinkler  # lazy: only for a pair that somebody looks at

    return "alike" if JaroWinkler.similarity(str(a), str(b)) >= ALIKE else "different"


@dataclass(frozen=True)
class Member:
    """One node of a person or company: its record, and the last link of the chain that ties it to the others."""

    node: str
    record: Mapping[str, Any]
    link: Link | None


def members(tables: Tables, node: str) -> tuple[Member, ...]:
    """Every node of the person or company of a node, from that node outwards.

    Raises
    ------
    GoodwillError
        Nothing is called so.
    """
    kind, start = kind_of(tables, node), known_node(tables, node)
    whole = tables.rows(f"SELECT {kind.whole} AS whole FROM {kind.resolved} WHERE node = $start", start=start)[0][
        "whole"
    ]
    with inside(tables, kind, whole, whole):
        found = chains(links(tables, kind), start)
        nodes = [row["node"] for row in tables.rows("SELECT node FROM merge_members ORDER BY node")]
        records: dict[str, Mapping[str, Any]] = {}
        if there(tables, kind.records):
            kept = tables.rows(f"SELECT r.* FROM {kind.records} AS r SEMI JOIN merge_members AS m ON m.node = r.node")
            records = {row["node"]: row for row in kept}
    order = sorted(nodes, key=lambda n: (n != start, len(found.get(n, ())), n))
    return tuple(Member(n, records.get(n, {}), found[n][-1] if found.get(n) else None) for n in order)
