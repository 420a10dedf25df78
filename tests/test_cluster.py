"""People from scored pairs: strangers are not chained, what is known wins, and a plain second way agrees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.identity import linkage
from goodwill.identity.certain import contradictions
from goodwill.identity.cluster import MISSED, SAME_NETWORK, SAME_SYSTEM, clusters, extended
from goodwill.identity.linkage import UNIT
from simulated_pairs import world

Edges = list[tuple[int, int, float]]
Couples = list[tuple[int, int]]
N = 9


def labels(edges: Edges, n: int = N, **more: Any) -> list[int]:
    """Labels from edges as triples."""
    a, b, p = zip(*edges, strict=True) if edges else ((), (), ())
    return clusters(a, b, p, n, **more).tolist()  # type: ignore[no-any-return]


def test_a_chain_of_strangers_is_not_one_person() -> None:
    chain = [(i, i + 1, 0.8) for i in range(8)]
    assert max(np.bincount(labels(chain))) == 2
    everybody = [(a, b, 0.8) for a, b in combinations(range(9), 2)]
    assert set(labels(everybody)) == {0}


def test_of_three_in_a_row_the_surer_pair_stays() -> None:
    """The mean of ln(0.7/0.3) = 0.85 and of an unscored pair, ln 0.1 = -2.30, is below 0; with 0.95, 2.94, above."""
    assert labels([(0, 1, 0.95), (1, 2, 0.7)], 3) == [0, 0, 2]
    assert labels([(0, 1, 0.95), (1, 2, 0.95)], 3) == [0, 0, 0]
    assert labels([(0, 1, 0.95), (1, 2, 0.95)], 3, missed=0.02) == [0, 0, 2]
    assert labels([(0, 1, 0.97), (1, 2, 0.95), (0, 2, 0.04)], 3) == [0, 0, 2]


def test_a_bridge_between_two_people_is_cut() -> None:
    two = [(a, b, 0.95) for side in ((0, 1, 2), (3, 4, 5)) for a, b in combinations(side, 2)]
    assert labels([*two, (2, 3, 0.9), (1, 4, 0.9)], 6) == [0, 0, 0, 3, 3, 3]


def test_the_threshold_itself_still_counts_and_one_means_certain_alone() -> None:
    assert labels([(0, 1, 0.9)], 2, threshold=0.9) == [0, 0]
    assert labels([(0, 1, 0.9)], 2, threshold=0.91) == [0, 1]
    assert labels([(0, 1, 0.3)], 2, threshold=0.3) == [0, 0]
    assert labels([(0, 1, 1.0)], 3, threshold=1.0, certain=[(1, 2)]) == [0, 1, 1]


def test_nothing_and_pairs_with_oneself_are_nobody_else() -> None:
    assert labels([], 0) == []
    assert labels([(1, 1, 0.99)], 2, never=[(0, 0)], certain=[(1, 1)]) == [0, 1]


def test_what_is_certain_counts_once_in_the_mean() -> None:
    """One person known by three records of which one was scored: the others do not count as unscored pairs."""
    assert labels([(2, 3, 0.6)], 4, certain=[(0, 1), (1, 2)]) == [0, 0, 0, 0]


def test_never_cuts_the_weakest_scored_pair_between_what_is_certain() -> None:
    edges = [(1, 2, 0.7), (3, 4, 0.9)]
    certain = [(0, 1), (2, 3), (4, 5)]
    assert labels(edges, 6, certain=certain, missed=1.0) == [0, 0, 0, 0, 0, 0]
    assert labels(edges, 6, certain=certain, never=[(0, 5)], missed=1.0) == [0, 0, 2, 2, 2, 2]


def test_a_contradiction_of_what_is_certain_is_cut_and_told() -> None:
    certain, never = [(0, 1), (1, 2), (3, 4)], [(2, 0), (3, 0)]
    assert labels([], 5, certain=certain, never=never) == [0, 0, 2, 3, 3]
    assert contradictions(5, certain=certain, never=never).tolist() == [[0, 2]]
    assert contradictions(5, certain=certain, never=[(0, 3)]).tolist() == []


def test_a_decision_is_believed_before_a_key() -> None:
    keys, never = [(0, 1)], [(0, 2)]
    assert labels([], 3, certain=[*keys, (1, 2)], never=never) == [0, 0, 2]
    assert labels([], 3, certain=keys, decided=[(1, 2)], never=never) == [0, 1, 1]


def test_a_key_that_three_hundred_rows_repeat_is_one_key() -> None:
    assert labels([], 2, certain=[(0, 1)] * 256) == [0, 0]


def test_two_accounts_on_one_network_are_seldom_one_person() -> None:
    """ln(0.8/0.2) = 1.4 is less than the 2.3 that a network costs and more than the 0.7 of a system's duplicates."""
    edges = [(0, 1, 0.8)]
    assert labels(edges, 2, venue=[0, 0], one_per_person=[0]) == [0, 1]
    assert labels(edges, 2, venue=[0, 0]) == [0, 0]
    assert labels(edges, 2, venue=[0, 1], one_per_person=[0, 1]) == [0, 0]
    assert labels(edges, 2, venue=[-1, -1], one_per_person=[0]) == [0, 0]
    assert labels([(0, 1, 0.6)], 2, venue=[0, 0]) == [0, 1]
    # the account stands in a group that is certain
    assert labels([(0, 2, 0.8)], 4, certain=[(0, 1), (2, 3)], venue=[1, 0, 2, 0], one_per_person=[0]) == [0, 0, 2, 2]


couple = st.tuples(st.integers(0, N - 1), st.integers(0, N - 1))
scored = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1), st.sampled_from([0, 0.2, 0.6, 0.9, 0.99, 1])))
couples = st.lists(couple, max_size=4)
venues = st.none() | st.lists(st.integers(-1, 2), min_size=N, max_size=N)
bars = st.sampled_from([0.3, 0.5, 0.9])


@given(scored, couples, couples, venues, bars)
@settings(max_examples=50)
def test_a_plain_second_way_agrees(
    edges: Edges, certain: Couples, never: Couples, venue: Sequence[int] | None, threshold: float
) -> None:
    known = {"certain": certain, "never": never, "venue": venue, "one_per_person": [1]}
    if not contradictions(N, certain=certain, never=[c for c in never if c[0] != c[1]]).size:
        assert labels(edges, threshold=threshold, **known) == plain(edges, threshold, certain, never, venue)


@given(scored, couples, couples, venues)
@settings(max_examples=50)
def test_small_squares_and_lists_of_neighbours_agree(
    edges: Edges, certain: Couples, never: Couples, venue: Sequence[int] | None
) -> None:
    known: dict[str, Any] = {"certain": certain, "never": never, "venue": venue, "one_per_person": [1]}
    expected = labels(edges, **known)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linkage, "DENSE", 1)
        assert labels(edges, **known) == expected
        patch.setattr(linkage, "DENSE", 24)
        patch.setattr(linkage, "CELLS", 8)
        assert labels(edges, **known) == expected


@given(scored, couples, couples, st.randoms())
@settings(max_examples=50)
def test_what_is_known_holds_and_the_order_of_rows_does_not(
    edges: Edges, certain: Couples, never: Couples, random: Any
) -> None:
    found = labels(edges, certain=certain, never=never)
    assert all(found[a] != found[b] for a, b in never if a != b)
    assert all(found[found[i]] == found[i] <= i for i in range(N))
    free = labels(edges, certain=certain)
    assert all(free[a] == free[b] for a, b in certain)
    turned = [(b, a, p) if random.random() < 0.5 else (a, b, p) for a, b, p in random.sample(edges, len(edges))]
    backward = [(b, a) for a, b in random.sample(certain, len(certain))]
    assert labels(turned, certain=backward, never=random.sample(never, len(never))) == found


@given(scored, couples)
def test_a_threshold_of_one_leaves_what_is_certain(edges: Edges, certain: Couples) -> None:
    assert labels(edges, threshold=1.0, certain=certain) == labels([], certain=certain)


@given(scored, scored, couples, couples, couples)
@settings(max_examples=50)
def test_adding_rows_gives_what_a_rebuild_gives(
    before: Edges, added: Edges, certain: Couples, more: Couples, gone: Couples
) -> None:
    old = [e for e in before if max(e[:2]) < N - 2]
    keys = [c for c in certain if max(c) < N - 2]
    bars = [c for c in gone if max(c) < N - 2]
    a, b, p = zip(*old, strict=True) if old else ((), (), ())
    then = clusters(a, b, p, N - 2, certain=keys, never=bars)
    now = old + added
    a, b, p = zip(*now, strict=True) if now else ((), (), ())
    touched = [e[0] for e in added] + [c[0] for c in more] + [r for c in bars for r in c]
    found = extended(then, a, b, p, N, touched=touched, certain=keys + more)
    assert found.tolist() == labels(now, certain=keys + more)


def test_untouched_components_are_not_worked_out_again() -> None:
    kept = np.array([0, 0, 2, 2])
    assert extended(kept, [0, 2], [1, 3], [0.1, 0.9], 4, touched=[]).tolist() == [0, 1, 2, 2]
    wrong = np.array([0, 1, 2, 3])  # a memory that only holds where nothing is asked again
    assert extended(wrong, [0, 2], [1, 3], [0.9, 0.9], 4, touched=[2]).tolist() == [0, 1, 2, 2]


def test_a_star_of_thousands_is_worked_out_in_no_time() -> None:
    n = 3_000
    found = clusters(np.zeros(n - 1, int), np.arange(1, n), np.linspace(0.6, 0.99, n - 1), n)
    assert np.bincount(found).max() <= 4
    assert found[n - 1] == 0


@pytest.mark.parametrize("clarity", [3.5, 4.0, 5.0])
def test_nine_of_ten_pairs_inside_clusters_are_true_at_every_threshold(clarity: float) -> None:
    """Also where one in twelve pairs above one half is false, and strangers are alike in all their records."""
    simulated = world(12_000, clarity=clarity, alike=0.9)
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9, 0.99):
        precision, _ = simulated.quality(clusters(*simulated.scored, threshold=threshold))
        assert precision >= 0.93, threshold


def test_clusters_find_more_than_the_pairs_alone_and_chain_less_than_components() -> None:
    simulated = world(12_000)
    above = simulated.probability >= 0.5
    chained = clusters([], [], [], len(simulated.person), certain=np.stack([simulated.a, simulated.b])[:, above].T)
    precision, recall = simulated.quality(clusters(*simulated.scored))
    is_true = simulated.person[simulated.a] == simulated.person[simulated.b]
    assert recall > (above & is_true).sum() / simulated.true_pairs + 0.03
    assert precision > simulated.quality(chained)[0] + 0.05


@pytest.mark.slow
def test_a_million_records_take_seconds_and_stay_precise() -> None:
    simulated = world(520_000)
    for threshold in (0.5, 0.75, 0.99):
        precision, _ = simulated.quality(clusters(*simulated.scored, threshold=threshold))
        assert precision >= 0.93


def plain(edges: Edges, threshold: float, certain: Couples, never: Couples, venue: Sequence[int] | None) -> list[int]:
    """Average linkage as one would write it down: sets, and every mean worked out afresh."""
    groups = merged([{i} for i in range(N)], certain)
    of = {r: g for g, members in enumerate(groups) for r in members}
    best: dict[tuple[int, int], float] = {}
    for a, b, p in edges:
        pair = min(of[a], of[b]), max(of[a], of[b])
        best[pair] = max(p, best.get(pair, 0.0))
    bar = math.log(threshold / (1 - threshold))
    scores = {pair: odds(p) for pair, p in best.items() if pair[0] != pair[1]}
    parts = merged([{g} for g in range(len(groups))], [pair for pair, x in scores.items() if x >= bar])
    people = []
    for part in parts:
        sets = [{g} for g in sorted(part)]
        while True:
            ranked = [
                (
                    -mean(one, other, scores, groups, never=never, venue=venue, even=min(bar, 0.0)),
                    min(one),
                    min(other),
                    one,
                    other,
                )
                for one, other in combinations(sets, 2)
            ]
            if not ranked or min(r[:3] for r in ranked)[0] > 0:
                break
            _, _, _, one, other = min(ranked, key=lambda r: r[:3])
            sets = sorted([s for s in sets if s not in (one, other)] + [one | other], key=min)
        people += [{r for g in s for r in groups[g]} for s in sets]
    return [min(next(p for p in people if r in p)) for r in range(N)]


def odds(p: float) -> float:
    kept = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def mean(
    one: set[int], other: set[int], scores: dict[tuple[int, int], float], groups: list[set[int]],
    *, never: Couples, venue: Sequence[int] | None, even: float,
) -> Fraction:  # fmt: skip
    """In whole parts of a nat, as the scores are kept."""
    total = 0
    for g in one:
        for h in other:
            if any({a, b} <= groups[g] | groups[h] and (a in groups[g]) != (b in groups[g]) for a, b in never):
                return Fraction(-(10**9))
            pair = min(g, h), max(g, h)
            total += round((scores[pair] - even) * UNIT) if pair in scores else round(math.log(MISSED) * UNIT)
            if venue is not None:
                shared = {venue[r] for r in groups[g]} & {venue[r] for r in groups[h]} - {-1}
                total -= round((SAME_NETWORK if 1 in shared else SAME_SYSTEM if shared else 0) * UNIT)
    return Fraction(total, len(one) * len(other))


def merged(sets: list[set[int]], pairs: Couples) -> list[set[int]]:
    for a, b in pairs:
        one, other = next(s for s in sets if a in s), next(s for s in sets if b in s)
        if one is not other:
            sets = [s for s in sets if s is not one and s is not other] + [one | other]
    return sorted(sets, key=min)
