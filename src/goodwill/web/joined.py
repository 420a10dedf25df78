"""Which records were joined into one person or company, what ties each to the others, and what they asked for help on.

It answers as ``goodwill match`` does, and asks less: a page has no second to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.claims import masking
from goodwill.doors import matching_words as words
from goodwill.doors.matching import called
from goodwill.identity.merge_paths import ACCOUNT, PERSON, Kind, Link, chains
from goodwill.warehouse import Tables
from goodwill.web.directory import directory, stamp, tickets_of
from goodwill.web.site import Site
from goodwill.web.timelines import Whole

#: What a page tells of a record.
TOLD = ("node", "venue", "name", "email", "company", "title", "source_file", "source_row")
#: Tickets on one page; the timeline has all.
TICKETS = 20
_INSIDE = "node_a IN (SELECT unnest($nodes)) AND node_b IN (SELECT unnest($nodes))"
_HERE = "rowid IN (SELECT unnest($places))"


@dataclass(frozen=True)
class Record:
    """One node of a person or company, and the link that ties it to a node before it; None for the first."""

    row: dict[str, Any]
    link: Link | None

    def told(self, *, is_masked: bool) -> dict[str, Any]:
        """The record as a page shows it."""
        link = masking.link(self.link) if self.link and is_masked else self.link
        row = masking.record(self.row) if is_masked else self.row
        return row | {"joined_by": words.by(link), "to": self._other(link)}

    def _other(self, link: Link | None) -> str:
        """The node at the other end of the link."""
        if link is None or self.link is None:
            return ""
        return link.node_b if self.link.node_a == self.row["node"] else link.node_a


def joined(site: Site, whole: Whole) -> tuple[Record, ...]:
    """Every record of one person or company, those first that the others hang on; kept until the next run."""
    kind = ACCOUNT if whole.whole.startswith("a_") else PERSON
    return site.made(("joined", *stamp(site), whole.whole), lambda: _joined(site, whole, kind))


def _joined(site: Site, whole: Whole, kind: Kind) -> tuple[Record, ...]:
    asked = {"nodes": list(whole.nodes)}
    with site.tables() as tables:
        found = chains(_links(tables, kind, asked | {"places": list(whole.links)}), whole.nodes[0])
        records = tables.rows(f"FROM {kind.records} WHERE {_HERE}", places=list(whole.records))
    by_node = {row["node"]: row for row in records}
    order = sorted(whole.nodes, key=lambda node: (len(found.get(node, ())), node))
    made = []
    for node in order:
        row = by_node.get(node, {})
        told = {name: row.get(name) for name in TOLD} | {"node": node, "name": called(row)}
        made.append(Record(told, found[node][-1] if found.get(node) else None))
    return tuple(made)


def _links(tables: Tables, kind: Kind, asked: dict[str, Any]) -> list[Link]:
    rows = tables.rows(
        f"""SELECT node_a, node_b, 'key' AS by, rule, 1.0 AS probability FROM {kind.links} WHERE {_HERE} AND {_INSIDE}
        UNION ALL SELECT node_a, node_b, 'decision',
            verdict || ' by ' || decided_by || ' on ' || strftime(decided_at, '%Y-%m-%d') || ': ' || reason, 1.0
        FROM match_decisions WHERE verdict = 'same' AND {_INSIDE}
        UNION ALL SELECT node_a, node_b, 'likeness', rule, probability FROM {kind.pairs} WHERE {_INSIDE}
        ORDER BY ALL""",
        **asked,
    )
    return [Link(**row, where=()) for row in rows]


def tickets(site: Site, whole: Whole, people: Sequence[str]) -> tuple[list[dict[str, Any]], int]:
    """The latest requests for help of these nodes and of the customer's own, and how many there are in all."""
    found = tickets_of(directory(site), [*whole.nodes, *people])
    return found.slice(0, TICKETS).to_pylist(), found.num_rows
