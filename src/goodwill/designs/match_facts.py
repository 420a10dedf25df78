"""How well people are matched, as the workspace can measure it: against keys that were hidden, against reviews."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from goodwill.designs.known_people import Met, has
from goodwill.designs.shares import wilson
from goodwill.warehouse import Tables

Rows = list[dict[str, Any]]
#: Classes of stated probability: fine where decisions change, at a half, and at both ends, where most pairs are.
CLASSES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
#: Reviewed pairs of a class below which their share spans half of all possible answers.
FEWEST = 10
#: Pairs of people that somebody decided, with the probability that matching states of them; the unsure say nothing.
REVIEWED = """
SELECT p.probability, d.verdict = 'same' AS is_same
FROM person_pairs AS p
JOIN match_decisions AS d ON least(d.node_a, d.node_b) = least(p.node_a, p.node_b)
    AND greatest(d.node_a, d.node_b) = greatest(p.node_a, p.node_b)
WHERE d.verdict IN ('same', 'different')
ORDER BY p.node_a, p.node_b
"""


def recall(met: Met, level: float) -> Rows:
    """Of known people whose key was hidden, the share that matching finds again: a row for each system or network.

    ``n`` is the number of known people, ``precision`` the mean probability that the pairs kept there state, if known.
    """
    rows: Rows = []
    for stratum, match in met.matches.items():
        if match.recall is None:
            continue
        share, low, high = match.weighted or wilson(match.found, match.known, level)
        ends = {"share": share, "low": max(0.0, low), "high": min(1.0, high)}
        stated = {"precision": match.precision[0]} if match.precision is not None else {}
        rows.append({"venue": met.strata[stratum], "n": match.known, **ends, **stated})
    return sorted(rows, key=lambda row: (-float(row["share"]), str(row["venue"])))


def calibration(tables: Tables, level: float) -> Rows:
    """Of pairs that somebody reviewed, the share that is one person's, by the probability that matching states.

    Reviewers are shown doubtful pairs first; within a class of probabilities that does no harm. Pairs whose keys were
    hidden would not do: every person among them has a record to be found, so that doubtful pairs would be right more
    often than among all.

    Returns
    -------
    list of rows
        ``predicted`` (the mean probability stated), ``share`` (truly one), ``low``, ``high``, ``n`` pairs; classes of
        fewer than ``FEWEST`` are left out.
    """
    if not (has(tables, "person_pairs") and has(tables, "match_decisions")):
        return []
    found = tables.rows(REVIEWED)
    rows: Rows = []
    for start, end in pairwise(CLASSES):
        some = [row for row in found if start <= row["probability"] < end or end == row["probability"] == 1.0]
        if len(some) < FEWEST:
            continue
        share, low, high = wilson(sum(bool(row["is_same"]) for row in some), len(some), level)
        predicted = sum(float(row["probability"]) for row in some) / len(some)
        rows.append({"predicted": predicted, "share": share, "low": low, "high": high, "n": len(some)})
    return rows
