"""``match``: how many people and companies were found, of how many records, how well, and why any two are one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from goodwill.claims import masking
from goodwill.doors import matching_words as words
from goodwill.doors.kept_warehouse import opened
from goodwill.doors.showing import say, show
from goodwill.errors import GoodwillError
from goodwill.identity.decisions import is_company
from goodwill.identity.merge_paths import there
from goodwill.identity.merges import Explanation, explained, members
from goodwill.warehouse import Tables
from goodwill.workspace import open_workspace

#: The tables without which nothing can be said of the whole.
MATCHED = ("person_records", "account_records", "person_pairs", "account_pairs")
#: What is told of a venue; quality stands there only where it was estimated.
VENUE = ("kind", "venue", "records", "found", "matched", "match_rate")
QUALITY = ("known_pairs", "recall", "recall_low", "recall_high", "precision", "precision_low", "precision_high")
#: What is told of a pair.
PAIR = ("kind", "node_a", "name_a", "node_b", "name_b", "probability", "joined", "rule")
#: What is told of a node of a person.
MEMBER = ("node", "venue", "name", "email", "company", "title", "source_file", "source_row", "joined_by")
#: What is told of a field of a pair.
COMPARED = ("field", "a", "b", "agreement", "weight", "makes_it")
#: A person or company is matched if it has records of two venues.
_FOUND = """WITH records AS (
    SELECT 'person' AS kind, r.venue, p.person AS whole
    FROM person_records AS r JOIN resolved AS p ON p.node = r.node
    UNION ALL
    SELECT 'account', r.venue, a.account FROM account_records AS r JOIN resolved_accounts AS a ON a.node = r.node
),
spread AS (SELECT kind, whole, count(DISTINCT venue) > 1 AS is_matched FROM records GROUP BY kind, whole)
SELECT r.kind, CASE WHEN grouping(r.venue) = 1 THEN 'all' ELSE coalesce(r.venue, 'unknown') END AS venue,
    count(*) AS records, count(DISTINCT r.whole) AS found,
    count(DISTINCT r.whole) FILTER (WHERE s.is_matched) AS matched
FROM records AS r JOIN spread AS s ON s.kind = r.kind AND s.whole = r.whole
GROUP BY GROUPING SETS ((r.kind, r.venue), (r.kind))
ORDER BY r.kind DESC, grouping(r.venue) DESC, records DESC, venue"""
_UNCERTAIN = """WITH pairs AS (
    SELECT 'person' AS kind, p.node_a, p.node_b, p.probability, p.rule, a.person = b.person AS joined
    FROM person_pairs AS p JOIN resolved AS a ON a.node = p.node_a JOIN resolved AS b ON b.node = p.node_b
    UNION ALL
    SELECT 'account', p.node_a, p.node_b, p.probability, p.rule, a.account = b.account
    FROM account_pairs AS p
    JOIN resolved_accounts AS a ON a.node = p.node_a JOIN resolved_accounts AS b ON b.node = p.node_b
)
SELECT p.* FROM pairs AS p ANTI JOIN match_decisions AS d ON d.node_a = p.node_a AND d.node_b = p.node_b
ORDER BY abs(p.probability - 0.5), p.kind, p.node_a, p.node_b LIMIT $limit"""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a person or company by any of its nodes, a pair, or the whole with so many uncertain pairs."""

    person: str | None = None
    pair: tuple[str, str] | None = None
    limit: int = 10
    is_masked: bool = False


def match(folder: Path, wanted: Wanted, form: str) -> int:
    """Show who was matched; give 0.

    Raises
    ------
    GoodwillError
        There was no run yet, or a node has no such name.
    """
    with opened(open_workspace(folder)) as kept:
        if wanted.pair:
            found = explained(kept.tables, *wanted.pair)
            _show_pair(masking.explanation(found) if wanted.is_masked else found, form)
        elif wanted.person:
            show(_members(kept.tables, wanted), form, columns=MEMBER, title="The records of this one")
        else:
            _show_all(kept.tables, wanted, form, str(folder))
    return 0


def _show_all(tables: Tables, wanted: Wanted, form: str, folder: str) -> None:
    if not all(there(tables, name) for name in MATCHED):
        raise GoodwillError("nobody has been compared yet", where=folder, remedy=f"Do it with: goodwill run {folder}")
    found, pairs = venues(tables), uncertain(tables, wanted.limit, is_masked=wanted.is_masked)
    if form == "json":
        print(json.dumps({"venues": found, "most_uncertain": pairs}, indent=1, ensure_ascii=False, default=str))
        return
    if form == "csv":
        show(found, form, columns=(*VENUE, *QUALITY))
        return
    show([_shown(row) for row in found], form, title="Who was found, of how many records")
    if pairs:
        show(pairs, form, title="The most uncertain pairs")
        say(f"To decide on those that matter most: goodwill review {folder}")
    if there(tables, "match_conflicts"):
        for row in tables.rows("FROM match_conflicts ORDER BY ALL"):
            nodes = [masking.node(row[n]) if wanted.is_masked else row[n] for n in ("node_a", "node_b")]
            say(f"Decided to be different although exact keys join them: {nodes[0]} and {nodes[1]}")


def venues(tables: Tables) -> list[dict[str, Any]]:
    """A row for each kind and venue, the whole first; with what is known of the quality of the matching."""
    quality: dict[tuple[str, str], dict[str, Any]] = {}
    if there(tables, "match_quality"):
        quality = {(row["kind"], row["venue"]): row for row in tables.rows("FROM match_quality")}
    rows = tables.rows(_FOUND)
    return [
        row
        | {"match_rate": round(row["matched"] / row["found"], 4)}
        | {name: quality.get((row["kind"], row["venue"]), {}).get(name) for name in QUALITY}
        for row in rows
    ]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A venue as people read it."""
    told = {name: row[name] for name in VENUE} | {"match_rate": f"{row['match_rate']:.1%}"}
    return told | {name: words.share(row, name) for name in ("recall", "precision")}


def uncertain(tables: Tables, limit: int, *, is_masked: bool) -> list[dict[str, Any]]:
    """The pairs nearest to a coin toss on which nobody has decided."""
    rows = tables.rows(_UNCERTAIN, limit=limit)
    names = names_of(tables, [row[side] for row in rows for side in ("node_a", "node_b")], is_masked=is_masked)
    told = [row | {"name_a": names.get(row["node_a"], ""), "name_b": names.get(row["node_b"], "")} for row in rows]
    for row in told:
        row |= {"probability": round(row["probability"], 4)}
        row |= {side: masking.node(row[side]) for side in ("node_a", "node_b") if is_masked}
    return [{name: row[name] for name in PAIR} for row in told]


def names_of(tables: Tables, nodes: Sequence[str], *, is_masked: bool) -> dict[str, str]:
    """What the records of these nodes are called."""
    rows = tables.rows(
        """SELECT node, coalesce(name, concat_ws(' ', given, family)) AS name FROM person_records
        WHERE list_contains($nodes, node)
        UNION ALL SELECT node, name FROM account_records WHERE list_contains($nodes, node) ORDER BY node, name""",
        nodes=list(nodes),
    )
    hidden = {row["node"] for row in rows if is_masked and not is_company(row["node"])}
    return {row["node"]: masking.text(row["name"]) if row["node"] in hidden else row["name"] or "" for row in rows}


def _members(tables: Tables, wanted: Wanted) -> list[dict[str, Any]]:
    rows = []
    for member in members(tables, wanted.person or ""):
        link = masking.link(member.link) if member.link and wanted.is_masked else member.link
        row = {name: member.record.get(name) for name in MEMBER}
        row |= {"node": member.node, "name": called(member.record), "joined_by": words.by(link)}
        hides = wanted.is_masked and not is_company(member.node)
        rows.append(masking.record(row) if hides else row)
    return rows


def called(record: Mapping[str, Any]) -> str:
    """The name on a record, whole or from its parts."""
    parts = (record.get("given"), record.get("family"))
    return record.get("name") or " ".join(part for part in parts if part)


def _show_pair(found: Explanation, form: str) -> None:
    """One merge, or why there is none: the sentence, the fields, the chain and the decisions."""
    if form == "json":
        print(json.dumps(asdict(found), indent=1, ensure_ascii=False, default=str))
        return
    if form == "csv":
        show(compared(found), form, columns=COMPARED)
        return
    print(words.printable(words.verdict(found)))
    show(compared(found), "table", title=f"Field by field: a is {found.node_a}, b is {found.node_b}")
    for heading, lines in (("Why they are one", map(words.step, found.path)), ("Decided", found.decisions)):
        if told := "".join(f"  {line}\n" for line in lines):
            print(words.printable(f"{heading}\n{told}"))


def compared(found: Explanation) -> list[dict[str, Any]]:
    """The fields of both records side by side."""
    return [
        dict(zip(COMPARED, (f.field, f.value_a, f.value_b, f.level, f.weight, words.times(f.weight)), strict=True))
        for f in found.fields
    ]
