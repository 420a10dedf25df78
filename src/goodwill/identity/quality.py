"""Fills ``match_quality``: of one venue's people who are known elsewhere too, how many are recognised; and how surely.

Recall is measured on pairs whose truth is known: records of two venues that an exact key (e-mail address, telephone,
handle, web domain) joins. The key is taken away from the record of the venue, the record is matched again among all
others, and either it finds a record of the same person or it does not. Left with what they say besides, such records
count for as much as there are records like them among those that no key joins (which attributes they carry): weights
by raking (Deming and Stephan 1940). It is the recall of matching where no key helps.

Profiles of one person on two networks are tied to each other less often than a profile and a record: that is measured
alike, on people two of whose profiles exact keys join, and stands under the kind ``profile``.

Precision is the mean probability of the pairs that were kept: 1 or 0 where somebody has decided, and a tenth where one
network would have given one person two accounts.

Intervals are Jeffreys' at 90% (Brown, Cai and DasGupta 2001, Statistical Science 16, 101); weighted shares count for
(sum of weights)^2 / sum of squared weights people (Kish 1965), each person once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodwill.identity.known_pairs import KINDS, Kind, found_again
from goodwill.warehouse import Tables

if TYPE_CHECKING:
    from goodwill.identity.match import Model

Floats = NDArray[np.float64]

#: Known people of a venue below which no share is told: with fewer, an interval spans half of all possible answers.
FEWEST = 10
#: Probability at which two records count as matched, the bar of the resolver.
THRESHOLD = 0.5
#: What is left of the probability where one network has two accounts of the person: about one account in ten is
#: somebody's second (Facebook, annual report for 2018, 11%).
SECOND_ACCOUNT = 0.1
#: Rounds of raking: attributes agree to within a thousandth long before.
ROUNDS = 20
#: Half of what a 90% interval leaves out.
TAIL = 0.05

COLUMNS = (
    "kind VARCHAR, venue VARCHAR, known_pairs BIGINT, found BIGINT, recall DOUBLE, recall_low DOUBLE, "
    "recall_high DOUBLE, precision DOUBLE, precision_low DOUBLE, precision_high DOUBLE"
)


@dataclass(frozen=True)
class Share:
    """A share with its interval; None where too few are known."""

    value: float | None
    low: float | None
    high: float | None


NOBODY = Share(None, None, None)


def fill(tables: Tables, models: Mapping[str, Model | None]) -> None:
    """Fill ``match_quality``: one row for each kind (person, account; profile for networks) and venue.

    Parameters
    ----------
    tables : Tables
        ``person_records``, ``person_pairs``, ``resolved`` and the same of accounts; ``match_decisions`` if there.
    models : mapping
        The model of each kind, as ``match.learn`` gave it; without one, recall stays unknown.
    """
    lines: list[dict[str, Any]] = []
    for kind in KINDS:
        model = models.get(kind.name)
        found = _found_again(tables, kind, model) if model else {}
        kept = _kept(tables, kind)
        for row in tables.rows(
            f"SELECT DISTINCT venue FROM {kind.name}_records WHERE venue IS NOT NULL ORDER BY venue"
        ):
            venue = str(row["venue"])
            known, again, recall = found.get(venue, (0, 0, NOBODY))
            sure = kept.get(venue, NOBODY)
            lines.append(_line(kind.name, venue, (known, again), recall, sure))
        if model and kind.name == "person":
            between = _found_again(tables, kind, model, beside="profiles")
            lines += [_line("profile", venue, found[:2], found[2], NOBODY) for venue, found in between.items()]
    tables.execute(f"CREATE OR REPLACE TABLE match_quality ({COLUMNS})")
    if lines:
        tables.register("quality_lines", pa.Table.from_pylist(lines))
        tables.execute("INSERT INTO match_quality BY NAME SELECT * FROM quality_lines ORDER BY kind, venue")
        tables.forget("quality_lines")


def _line(kind: str, venue: str, counts: tuple[int, int], recall: Share, sure: Share) -> dict[str, Any]:
    shares = {"recall": recall, "precision": sure}
    ends = {f"{name}{end}": getattr(share, part) for name, share in shares.items() for end, part in _ENDS}
    return {"kind": kind, "venue": venue, "known_pairs": counts[0], "found": counts[1], **ends}


_ENDS = (("", "value"), ("_low", "low"), ("_high", "high"))


def jeffreys(right: float, n: float) -> Share:
    """A share of ``right`` in ``n`` with Jeffreys' 90% interval, whose ends are 0 and 1 where all or none are right.

    Examples
    --------
    >>> share = jeffreys(8, 10)
    >>> round(share.value, 2), round(share.low, 2), round(share.high, 2)
    (0.8, 0.55, 0.94)
    """
    from scipy.special import betaincinv  # lazy: slow to import

    low, high = (float(betaincinv(right + 0.5, n - right + 0.5, q)) for q in (TAIL, 1 - TAIL))
    return Share(right / n, 0.0 if right <= 0 else low, 1.0 if right >= n else high)


def weighted(is_found: Floats, alike: NDArray[np.int64], wanted: Mapping[int, float]) -> Share:
    """The share found among people whose attributes are distributed as wanted.

    Parameters
    ----------
    is_found : array
        1 for each known person who was found again, otherwise 0.
    alike : array of int
        Which attributes each of them carries.
    wanted : mapping
        How many people with these attributes the share is about.

    Examples
    --------
    Those with a name are found, those without are not; among the known half have a name, among the others one in five.

    >>> found, alike = np.array([1.0] * 10 + [0.0] * 10), np.array([1] * 10 + [0] * 10)
    >>> round(weighted(found, alike, {1: 20.0, 0: 80.0}).value, 2)
    0.2
    """
    if len(is_found) < FEWEST:
        return NOBODY
    weights = _raked(alike, wanted)
    if not weights.sum():
        return NOBODY
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    # groups nobody asks for carry no weight: they must not make a figure out of very few
    if effective < FEWEST - 1e-6:  # weights that are all alike may add up to a hair less
        return NOBODY
    return jeffreys(float(np.average(is_found, weights=weights)) * effective, effective)


def _raked(alike: NDArray[np.int64], wanted: Mapping[int, float]) -> Floats:
    """A weight for each known person, so that each attribute is as frequent among them as is wanted.

    One attribute after the other, until all agree (Deming and Stephan 1940, Annals of Mathematical Statistics 11). To
    weight by combinations would leave out the rare ones that no known person shows, mostly those hardest to find.
    """
    combinations, asked = (np.array(list(part)) for part in (wanted.keys(), wanted.values()))
    weights = np.ones(len(alike))
    if not len(asked) or not asked.sum():
        return weights
    bits = int(max(combinations.max(), alike.max())).bit_length()
    for bit in [*range(bits)] * ROUNDS:
        for side in (0, 1):
            mine = (alike >> bit & 1) == side
            share = asked[(combinations >> bit & 1) == side].sum() / asked.sum()
            if (there := weights[mine].sum()) > 0:
                weights[mine] *= share / there
    return weights


def _found_again(
    tables: Tables, kind: Kind, model: Model, *, beside: str = "records"
) -> dict[str, tuple[int, int, Share]]:
    """Of each venue: known people, those found again, the recall."""
    rows, others = found_again(tables, kind, model, beside=beside, threshold=THRESHOLD)
    answer = {}
    for venue in np.unique(rows["venue"].astype(str)):
        mine = rows["venue"].astype(str) == venue
        if kind.name == "account":  # companies of one name are joined by it: known ones that are left have two
            mine &= rows["alike"].astype(np.int64) > 0
        theirs = others["venue"].astype(str) == venue
        wanted = dict(zip(others["alike"][theirs].tolist(), others["n"][theirs].astype(float).tolist(), strict=True))
        is_found = rows["is_found"][mine].astype(np.float64)
        share = weighted(is_found, rows["alike"][mine].astype(np.int64), wanted)
        answer[str(venue)] = (len(is_found), int(is_found.sum()), share)
    return answer


def _kept(tables: Tables, kind: Kind) -> dict[str, Share]:
    """The precision of each venue's kept pairs."""
    there = {row["table_name"] for row in tables.rows("SELECT table_name FROM information_schema.tables")}
    if f"{kind.name}_pairs" not in there or kind.resolved not in there:
        return {}
    decided = "match_decisions" if "match_decisions" in there else _NO_DECISIONS
    second = f"CASE WHEN a.venue = b.venue AND a.handle <> b.handle THEN {SECOND_ACCOUNT} ELSE 1.0 END"
    found = tables.columns(
        f"""
        WITH kept AS (
            SELECT a.venue AS venue_a, b.venue AS venue_b, CASE d.verdict WHEN 'same' THEN 1.0 WHEN 'different' THEN 0.0
                ELSE p.probability * {second if "handle" in kind.keys else "1.0"} END AS probability
            FROM {kind.name}_pairs AS p
            JOIN {kind.resolved} AS x ON x.node = p.node_a JOIN {kind.resolved} AS y ON y.node = p.node_b
            JOIN {kind.name}_records AS a ON a.node = p.node_a JOIN {kind.name}_records AS b ON b.node = p.node_b
            LEFT JOIN {decided} AS d ON d.node_a = p.node_a AND d.node_b = p.node_b
            WHERE x.{kind.column} = y.{kind.column} AND p.probability >= $threshold
        )
        SELECT venue, sum(probability) AS right, count(*) AS n FROM (
            SELECT venue_a AS venue, probability FROM kept
            UNION ALL SELECT venue_b, probability FROM kept WHERE venue_b <> venue_a
        ) GROUP BY venue ORDER BY venue
        """,
        threshold=THRESHOLD,
    )
    lines = zip(found["venue"].astype(str).tolist(), found["right"].tolist(), found["n"].tolist(), strict=True)
    return {venue: jeffreys(float(right), float(n)) if n >= FEWEST else NOBODY for venue, right, n in lines}


_NO_DECISIONS = "(SELECT NULL::VARCHAR AS node_a, NULL::VARCHAR AS node_b, NULL::VARCHAR AS verdict WHERE false)"
