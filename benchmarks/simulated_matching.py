"""A matcher that knows the truth and finds as much of it as it is told to: tests what is made of matches, not matching.

Every profile whose person is ours and whom no exact key ties to a record is found with a chance that depends on the
venue; so many others are tied to a stranger's record that the precision is as asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from goodwill.identity import resolving
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.worlds.identities import IdentityTruth
from goodwill.worlds.identity_people import SOCIAL

#: How much easier people are found on one venue than on another.
EASE = {"linkedin": 1.08, "x": 0.95, "facebook": 0.85, "mastodon": 0.85}


@dataclass(frozen=True)
class Matcher:
    """The share of people found, and the share of the found who are right."""

    recall: float
    precision: float = 0.95

    def recall_on(self, venue: str) -> float:
        return min(1.0, self.recall * EASE[venue])


def resolve(tables: DuckDBTables, truth: IdentityTruth, matcher: Matcher, seed: int) -> None:
    """Fill ``resolved``, ``person_records``, ``person_pairs`` and ``match_quality`` as this matcher would."""
    rng = np.random.default_rng([seed, 901])
    for name in ("person_pairs", "person_records", "match_quality"):
        tables.execute(f"DROP TABLE IF EXISTS {name}")
    resolving.resolve(tables)  # without pairs: by exact keys
    label = {str(r["node"]): str(r["person"]) for r in tables.rows("FROM resolved ORDER BY node")}
    owner = dict(zip(truth.owner_node, truth.owner_person.tolist(), strict=True))
    home = _homes(label, owner)
    tied = {found for found in label.values() if found in set(home.values())}
    profiles = [node for node in sorted(label) if node.split(":", 1)[0] in SOCIAL]
    open_ones = [node for node in profiles if label[node] not in tied]
    pairs = _found(open_ones, (label, owner, home), matcher, rng)
    _write(tables, label, home, owner, pairs, matcher)
    _write_quality(tables, [n for n in profiles if label[n] in tied], matcher, rng)


def _homes(label: dict[str, str], owner: dict[str, int]) -> dict[int, str]:
    """The component of each person's own records; several are brought together under the first."""
    home: dict[int, str] = {}
    for node in sorted(label):
        person = owner.get(node, -1)
        if person >= 0 and node.split(":", 1)[0] not in SOCIAL:
            home.setdefault(person, label[node])
    return home


def _found(
    profiles: list[str],
    known: tuple[dict[str, str], dict[str, int], dict[int, str]],
    matcher: Matcher,
    rng: np.random.Generator,
) -> list[tuple[str, str]]:
    """Profile and the component it is tied to."""
    label, owner, home = known
    ours = [n for n in profiles if owner.get(n, -1) in home]
    luck = rng.random(len(ours))
    right = [n for n, u in zip(ours, luck, strict=True) if u < matcher.recall_on(n.split(":", 1)[0])]
    rest = sorted(set(profiles) - set(right))
    wrong = min(len(rest), round(len(right) * (1 - matcher.precision) / matcher.precision))
    strangers = sorted(set(home.values()))
    mistaken = [rest[i] for i in rng.permutation(len(rest))[:wrong]]
    wrong_ones = zip(mistaken, rng.integers(0, len(strangers), wrong).tolist(), strict=True)
    tied = [(n, home[owner[n]]) for n in right] + [(n, strangers[i]) for n, i in wrong_ones]
    return tied + _among_profiles(sorted(set(rest) - set(mistaken)), (label, owner), matcher, rng)


def _among_profiles(
    profiles: list[str], known: tuple[dict[str, str], dict[str, int]], matcher: Matcher, rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Profiles of one person on several venues, tied to the first of them."""
    label, owner = known
    first: dict[int, str] = {}
    found = []
    for node, luck in zip(profiles, rng.random(len(profiles)).tolist(), strict=True):
        person = owner.get(node, -1)
        if person >= 0 and first.setdefault(person, node) != node and luck < matcher.recall_on(node.split(":", 1)[0]):
            found.append((node, label[first[person]]))
    return found


def _write(  # noqa: PLR0917
    tables: DuckDBTables,
    label: dict[str, str],
    home: dict[int, str],
    owner: dict[str, int],
    pairs: list[tuple[str, str]],
    matcher: Matcher,
) -> None:
    own = {label[n]: home[p] for n, p in owner.items() if n in label and p in home and n.split(":", 1)[0] not in SOCIAL}
    pairs = [(node, own.get(component, component)) for node, component in pairs]
    tied = {label[node]: component for node, component in pairs}
    nodes = sorted(label)
    final = [tied.get(own.get(label[n], label[n]), own.get(label[n], label[n])) for n in nodes]
    _create(tables, "resolved", {"node": nodes, "person": final})
    venue = [n.split(":", 1)[0].split("/", 1)[0] for n in nodes]
    exact_label = [own.get(label[n], label[n]) for n in nodes]
    _create(tables, "person_records", {"node": nodes, "exact": exact_label, "venue": venue})
    one_of: dict[str, str] = {}
    for node, component in zip(nodes, exact_label, strict=True):
        one_of.setdefault(component, node)
    both = [sorted((node, one_of[component])) for node, component in pairs]
    _create(
        tables,
        "person_pairs",
        {
            "node_a": [a for a, _ in both],
            "node_b": [b for _, b in both],
            "probability": [matcher.precision] * len(both),
        },
    )


def _write_quality(tables: DuckDBTables, tied: list[str], matcher: Matcher, rng: np.random.Generator) -> None:
    """Of the profiles that a key ties, so many would have been found without it."""
    names = "kind venue known_pairs found recall recall_low recall_high precision precision_low precision_high"
    rows: dict[str, list[object]] = {name: [] for name in names.split()}
    for venue in SOCIAL:
        known = sum(node.startswith(f"{venue}:") for node in tied)
        found = int(rng.binomial(known, matcher.recall_on(venue)))
        share = found / known if known else None
        low, high = max(0.0, matcher.precision - 0.03), min(1.0, matcher.precision + 0.03)
        for name, value in zip(rows, ("person", venue, known, found, share, share, share, matcher.precision, low, high),
                               strict=True):  # fmt: skip
            rows[name].append(value)
    _create(tables, "match_quality", rows)


def _create(tables: DuckDBTables, name: str, columns: Mapping[str, Sequence[object]]) -> None:
    tables.register("given", pa.table(dict(columns)))
    tables.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
    tables.forget("given")
