"""Whom social brought: each once, at their first touch, with how they were recognised and how well that works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs.shares import wilson
from goodwill.estimators.misclassification import FEWEST_PAIRS, Interval, Match, People
from goodwill.samples import Floats, Ints
from goodwill.warehouse import Tables

#: Classes of people who were known, in the order of the estimator's numbers; anybody else of those told is new.
KNOWN = ("customer", "ex_customer", "open_opportunity", "known_lead", "partner_or_rival")
NEW = ("new_person_known_account", "new_person_new_account")
#: A partner or rival is told by the company, not by recognising the person: corrected for companies nobody told us.
BY_COMPANY = KNOWN.index("partner_or_rival")

#: Everybody from outside, at their first social touch. What they acted under decides how well they can be recognised.
FIRST = """
SELECT t.person, coalesce(t.account, t.person) AS cluster, t."at", t.venue, coalesce(t.campaign, '') AS campaign,
    t.actor, split_part(split_part(t.actor, ':', 1), '/', 1) AS kind, t.class, t.known_at, t.is_undated,
    t.is_recognisable, t.account IS NOT NULL AS has_company, coalesce(t.known_at < t."at", FALSE) AS has_record
FROM touch_classes AS t
WHERE t.is_first AND t.class <> 'employee'
ORDER BY t.person
"""
FLAGS = ("is_undated", "is_recognisable", "has_company", "has_record")
#: Who has a dated record, and whether an exact key, a probability or a decision ties it to what they acted under.
RECOGNISED = """
WITH labels AS (
    SELECT node, min(exact) AS exact FROM person_records GROUP BY node
),
acted AS (
    SELECT t.person, coalesce(l.exact, t.actor) AS exact, max(t.is_first) AS is_first
    FROM touch_classes AS t
    LEFT JOIN labels AS l ON l.node = t.actor
    WHERE t.person IS NOT NULL
    GROUP BY t.person, coalesce(l.exact, t.actor)
),
met AS (
    SELECT person, exact FROM acted WHERE is_first
),
ours AS (
    SELECT DISTINCT k.person, coalesce(l.exact, k.node) AS exact
    FROM person_known_since AS k
    LEFT JOIN labels AS l ON l.node = k.node
    WHERE k.known_at IS NOT NULL
),
pairs AS (
    SELECT a.person, coalesce(la.exact, p.node_a) AS one, coalesce(lb.exact, p.node_b) AS other, p.probability
    FROM person_pairs AS p
    JOIN resolved AS a ON a.node = p.node_a
    JOIN resolved AS b ON b.node = p.node_b AND b.person = a.person
    LEFT JOIN labels AS la ON la.node = p.node_a
    LEFT JOIN labels AS lb ON lb.node = p.node_b
),
both_ways AS (
    SELECT person, one, other, probability FROM pairs
    UNION ALL
    SELECT person, other, one, probability FROM pairs
),
-- the pair that ties them to a record of ours; where only a chain does, its first link
linked AS (
    SELECT m.person,
        coalesce(max(b.probability) FILTER (WHERE o.person IS NOT NULL), max(b.probability)) AS probability
    FROM met AS m
    JOIN both_ways AS b ON b.person = m.person AND b.one = m.exact
    LEFT JOIN ours AS o ON o.person = b.person AND o.exact = b.other
    GROUP BY m.person
),
-- what else they acted under: how surely each is theirs, and whether a record of ours says so itself
tied AS (
    SELECT a.person, a.exact, max(b.probability) AS probability, count(o.exact) > 0 AS is_direct
    FROM acted AS a
    JOIN both_ways AS b ON b.person = a.person AND b.one = a.exact
    LEFT JOIN ours AS o ON o.person = b.person AND o.exact = b.other
    GROUP BY a.person, a.exact
),
-- profiles that no key ties to a record of ours
others AS (
    SELECT a.person, count(*) FILTER (WHERE o.exact IS NULL) AS profiles,
        count(*) FILTER (WHERE o.exact IS NULL AND coalesce(t.is_direct, TRUE)) AS direct,
        count(o.exact) AS keyed,
        coalesce(sum(coalesce(t.probability, 1.0)) FILTER (WHERE o.exact IS NULL AND NOT a.is_first), 0.0) AS links
    FROM acted AS a
    LEFT JOIN ours AS o ON o.person = a.person AND o.exact = a.exact
    LEFT JOIN tied AS t ON t.person = a.person AND t.exact = a.exact
    GROUP BY a.person
)
-- tied by neither a key nor a pair: somebody has decided it
SELECT m.person, n.keyed > 0 OR l.person IS NULL AS is_exact, coalesce(l.probability, 1.0) AS probability,
    n.profiles - CAST(n.keyed = 0 AS INT) AS further,
    n.profiles - greatest(n.direct, CAST(n.keyed = 0 AS INT)) AS indirect,
    least(n.links, n.profiles - CAST(n.keyed = 0 AS INT)) AS links
FROM met AS m
JOIN others AS n ON n.person = m.person
LEFT JOIN linked AS l ON l.person = m.person
ORDER BY m.person
"""
#: The level of the intervals in ``match_quality``.
LEVEL = 0.90
#: Which system or network a node belongs to, as matching counts its successes.
VENUES_OF_NODES = """
SELECT p.node, min(lower(trim(p.venue))) AS venue
FROM person_records AS p
JOIN touch_classes AS t ON t.actor = p.node AND t.is_first
GROUP BY p.node
ORDER BY p.node
"""
QUALITY = """
SELECT kind, lower(trim(venue)) AS venue, known_pairs, found, recall, recall_low, recall_high, precision, precision_low,
    precision_high
FROM match_quality
WHERE known_pairs > 0
ORDER BY kind, venue
"""


@dataclass(frozen=True)
class Met:
    """Everybody from outside who was met on social, an element each.

    Attributes
    ----------
    columns : mapping of str to (n,) array
        As ``FIRST`` names them.
    known_as : (n,) int
        The class of each, -1 for those whom nothing had recognised before the touch.
    cluster : (n,) int
        The company, or the person where none is known.
    stratum : (n,) int
        Place in ``strata`` of the system or network of what they acted under.
    strata : tuple of str
    matches : mapping of int to Match
        How well each stratum recognises people, where that was measured.
    accounts : Match or None
        How well companies are recognised, over all venues.
    probability, is_exact : (n,) arrays
        Of the match that ties them to a record of ours; 1 and True where a key or a decision does.
    further, indirect : (n,) int
        Further profiles under which they acted, tied to the first by probability; those of them tied to no record.
    links : (n,) float
        How many of the further ones are theirs, as their probabilities say.
    """

    columns: dict[str, NDArray[Any]]
    known_as: Ints
    cluster: Ints
    stratum: Ints
    strata: tuple[str, ...]
    matches: dict[int, Match]
    accounts: Match | None
    probability: Floats
    is_exact: NDArray[np.bool_]
    further: Ints
    indirect: Ints
    links: Floats

    def __len__(self) -> int:
        return len(self.stratum)

    @property
    def has_recall(self) -> NDArray[np.bool_]:
        """Was it measured how many known people are recognised where this one was met?"""
        measured = [s for s, match in self.matches.items() if match.recall is not None]
        return np.isin(self.stratum, measured)

    @property
    def can_be_told(self) -> NDArray[np.bool_]:
        """Did they act under a name or address, and does no undated record leave open when we met?"""
        unresolved = self.columns["class"] == "unresolved"
        return np.asarray(self.columns["is_recognisable"] & ~self.columns["is_undated"] & ~unresolved)

    def people(self, known_as: Ints | None = None) -> People:
        """All of them as the estimator takes them, with other classes if any are given."""
        classes = self.known_as if known_as is None else known_as
        by_company = classes == BY_COMPANY
        # who nobody recognised was found by nothing, whatever record of theirs came later
        is_exact = (self.is_exact & (classes >= 0)) | by_company
        probability = np.where(by_company, self._worth(classes), np.where(is_exact, 1.0, self.probability))
        recognised = (self.cluster, self.stratum, classes, probability, is_exact)
        return People(*recognised, self.further, by_company, self.indirect, self.links)

    def _worth(self, classes: Ints) -> Floats:
        """How many people each stands for whom their company tells: those beside them of whom no company is known.

        Whoever has a record has its company. Of the others, as many partners are among those without a company as
        among those with one, where they were met and under one profile or several, each of which may state it: the
        inverse of the chance to know it (Horvitz and Thompson 1952).
        """
        unknown = self.can_be_told & ((classes < 0) | ((classes == BY_COMPANY) & ~self.columns["has_record"]))
        alike = 2 * self.stratum + (self.further > 0)
        everybody, told = (
            np.bincount(alike[some], minlength=2 * len(self.strata)).astype(np.float64)
            for some in (unknown, unknown & self.columns["has_company"])
        )
        worth = everybody / np.maximum(told, 1.0)
        return np.asarray(np.where(unknown & (classes == BY_COMPANY), worth[alike], 1.0), dtype=np.float64)


def met(tables: Tables) -> Met:
    """Everybody from outside, at their first social touch up to the last day that counts."""
    columns = {name: np.asarray(found) for name, found in tables.columns(FIRST).items()}
    columns |= {name: columns[name].astype(bool) for name in FLAGS}
    venue = _venues_of(tables, columns["actor"].astype(str), columns["kind"].astype(str))
    quality = tables.rows(QUALITY) if has(tables, "match_quality") else []
    measured = _between({str(row["venue"]): _match(row) for row in quality if row["kind"] == "person"}, quality)
    # what they acted under tells where matching is as good; else the venue on which they were met
    label = np.where(np.isin(venue, list(measured)), venue, columns["venue"].astype(str))
    strata, stratum = np.unique(label, return_inverse=True)
    matches = {number: measured[name] for number, name in enumerate(strata.tolist()) if name in measured}
    ties = _recognised(tables, columns["person"].astype(str))
    accounts = [_match(row) for row in quality if row["kind"] == "account"]
    pooled = Match(sum(m.known for m in accounts), sum(m.found for m in accounts)) if accounts else None
    return Met(
        columns=columns,
        known_as=_known_as(columns["class"].astype(str)),
        cluster=np.unique(columns["cluster"].astype(str), return_inverse=True)[1].astype(np.int64),
        stratum=stratum.astype(np.int64),
        strata=tuple(strata.tolist()),
        matches=matches,
        accounts=pooled,
        probability=ties["probability"].astype(np.float64),
        is_exact=ties["is_exact"].astype(bool),
        further=ties["further"].astype(np.int64),
        indirect=ties["indirect"].astype(np.int64),
        links=ties["links"].astype(np.float64),
    )


def has(tables: Tables, name: str) -> bool:
    """Is there such a table?"""
    found = tables.rows("SELECT count(*) AS n FROM information_schema.tables WHERE table_name = $name", name=name)
    return bool(found[0]["n"])


def _known_as(classes: NDArray[Any]) -> Ints:
    names, place = np.unique(classes, return_inverse=True)
    number = [KNOWN.index(name) if name in KNOWN else -1 for name in names.tolist()]
    return np.array(number, dtype=np.int64)[place]


def _venues_of(tables: Tables, actor: NDArray[Any], kinds: NDArray[Any]) -> NDArray[Any]:
    """The system or network of each node: as its record says, else what stands before its colon."""
    known = tables.columns(VENUES_OF_NODES) if has(tables, "person_records") else {"node": np.array([])}
    nodes = np.asarray(known["node"]).astype(str)
    if not len(nodes):
        return kinds
    order = np.argsort(nodes)
    place = np.minimum(np.searchsorted(nodes[order], actor), len(nodes) - 1)
    is_there = nodes[order][place] == actor
    return np.where(is_there, np.asarray(known["venue"]).astype(str)[order][place], kinds)


def _recognised(tables: Tables, person: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Of each person, in order: how they were recognised, and further profiles, as ``RECOGNISED`` names it."""
    if not (has(tables, "person_pairs") and has(tables, "person_records")):
        none = np.zeros(len(person))
        return {"probability": none + 1, "is_exact": none == 0, "further": none, "indirect": none, "links": none}
    found = tables.columns(RECOGNISED)
    place = np.searchsorted(np.asarray(found["person"]).astype(str), person)  # every person has a first touch there
    return {name: np.asarray(column)[place] for name, column in found.items()}


def _between(measured: dict[str, Match], quality: list[dict[str, Any]]) -> dict[str, Match]:
    """The same with the chance that a profile there is tied to another of its person; pooled where few are."""
    profiles = {str(row["venue"]): _match(row) for row in quality if row["kind"] == "profile"}
    known, found = (sum(getattr(match, name) for match in profiles.values()) for name in ("known", "found"))
    # both profiles of a pair are counted: half as many pairs are independent of each other
    pooled = wilson(found // 2, known // 2, LEVEL) if known // 2 >= FEWEST_PAIRS and found > 1 else None
    there = {name: _to_divide_by(match) or pooled for name, match in profiles.items()}
    return {name: replace(match, between=there.get(name, pooled)) for name, match in measured.items()}


def _to_divide_by(match: Match) -> Interval | None:
    """A share f / k as (f + 1) / (k + 1), by which to divide without bias (Chapman 1951: it matters where few are)."""
    if match.weighted is None:
        return None
    value, low, high = match.weighted
    near = (value * match.known + 1) / (match.known + 1)
    return near, low + near - value, high + near - value


def _match(row: dict[str, Any]) -> Match:
    known = int(row["known_pairs"])
    found = min(int(row["found"] or 0), known)
    return Match(known, found, weighted=_interval(row, "recall"), precision=_interval(row, "precision"))


def _interval(row: dict[str, Any], name: str) -> Interval | None:
    value, low, high = (row[name + end] for end in ("", "_low", "_high"))
    return None if value is None or low is None or high is None else (float(value), float(low), float(high))
