"""Shares corrected for missed and false matches: worked by hand, invariants, a slow second way, and known worlds."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.misclassification import (
    FEWEST_PAIRS,
    Corrected,
    Match,
    People,
    Share,
    corrected,
    overall,
    true_shares,
)
from goodwill.estimators.misclassified_totals import counts_of, totals_of


def people(*parts: tuple[int, int, float, bool], stratum: int = 0) -> People:
    """Some of each: how many, known as what (-1 nothing), the probability of the match, and was it a key?"""
    known_as = np.concatenate([np.full(n, what) for n, what, _, _ in parts]).astype(np.int64)
    probability = np.concatenate([np.full(n, p) for n, _, p, _ in parts])
    is_exact = np.concatenate([np.full(n, key) for n, _, _, key in parts]).astype(bool)
    n = len(known_as)
    return People(np.arange(n), np.full(n, stratum), known_as, probability, is_exact, np.zeros(n, dtype=np.int64))


def together(*some: People) -> People:
    names = People.__dataclass_fields__
    there = [name for name in names if getattr(some[0], name) is not None]
    arrays = {name: np.concatenate([getattr(one, name) for one in some]) for name in there}
    return People(**arrays | {"group": np.arange(len(arrays["group"]))})


# --- by hand --------------------------------------------------------------------------------------


def test_of_40_new_people_in_100_a_report_says_64_where_six_of_ten_known_ones_are_recognised() -> None:
    found = corrected(people((36, 0, 1.0, False), (64, -1, 0.0, False)), {0: Match(1000, 600)})
    assert (found.naive_new, found.new.value) == pytest.approx((0.64, 0.40))
    assert found.classes[0].value == pytest.approx(0.60)
    assert (found.missed, found.mistaken) == pytest.approx((0.24, 0.0))
    assert found.new.low < 0.40 < found.new.high < 0.64


def test_who_is_recognised_by_a_key_needs_no_correction_and_who_by_chance_is_counted_by_it() -> None:
    # 20 by key; 30 by probability 0.8 are 24, and 24 / 0.6 = 40: 60 of 100 known
    some = people((20, 0, 1.0, True), (30, 0, 0.8, False), (50, -1, 0.0, False))
    found = corrected(some, {0: Match(500, 300)})
    assert found.new.value == pytest.approx(0.40)
    assert (found.missed, found.mistaken) == pytest.approx((0.16, 0.06))
    by_key = people((60, 0, 1.0, True), (40, -1, 0.0, False))
    assert corrected(by_key, {0: Match(500, 300)}).new.value == pytest.approx(0.40)


def test_venues_are_corrected_apart_and_summed() -> None:
    linkedin = people((36, 0, 1.0, False), (64, -1, 0.0, False))  # 40 new at recall 0.6
    x = people((30, 0, 1.0, False), (170, -1, 0.0, False), stratum=1)  # 100 new at recall 0.3
    found = corrected(together(linkedin, x), {0: Match(1000, 600), 1: Match(1000, 300)})
    assert found.new.value == pytest.approx(140 / 300)
    pooled = corrected(together(linkedin, replace(x, stratum=np.zeros(200, dtype=int))), {0: Match(2000, 900)})
    assert pooled.new.value != pytest.approx(140 / 300, abs=0.02)


def test_classes_are_each_divided_by_the_same_recall_and_with_the_new_make_one() -> None:
    some = people((18, 0, 1.0, False), (6, 1, 1.0, False), (6, 2, 1.0, True), (70, -1, 0.0, False))
    found = corrected(some, {0: Match(100, 60)}, classes=3)
    assert [share.value for share in found.classes] == pytest.approx([0.30, 0.10, 0.06])
    assert found.new.value + sum(share.value for share in found.classes) == pytest.approx(1.0)
    assert found.naive_classes == pytest.approx((0.18, 0.06, 0.06))


def test_it_is_the_estimator_of_rogan_and_gladen() -> None:
    """Se 0.7, Sp 0.9, 40% known: 34% look known, of which 28/34 are right."""
    se, sp, known = 0.7, 0.9, 0.4
    looks = known * se + (1 - known) * (1 - sp)
    some = people((340, 0, known * se / looks, False), (660, -1, 0.0, False))
    found = corrected(some, {0: Match(100, 70)})
    assert found.new.value == pytest.approx(1 - (looks + sp - 1) / (se + sp - 1))
    by_matrix = true_shares(np.array([looks, 1 - looks]), np.array([[se, 1 - se], [1 - sp, sp]]))
    assert by_matrix[1] == pytest.approx(found.new.value, abs=1e-6)


def test_a_recall_too_low_for_the_sample_is_held_to_what_is_possible() -> None:
    found = corrected(people((80, 0, 1.0, False), (20, -1, 0.0, False)), {0: Match(100, 50)})
    assert found.new == Share(0.0, 0.0, found.new.high)
    assert found.classes[0].value == 1.0


def test_somebody_met_under_two_profiles_is_one_person_whether_both_were_found_or_not() -> None:
    """Of 100 known people and 100 new ones, all met twice, at recall 0.5: what is expected, to the person.

    Known: 25 found under both, 50 under one (and once as a stranger), 25 twice as strangers, of whom half are one.
    New: 50 told to be one, 50 twice.
    """
    parts = [
        (people((25, 0, 1.0, False)), 1), (people((50, 0, 1.0, False), (50, -1, 0.0, False)), 0),
        (people((12, -1, 0.0, False)), 1), (people((26, -1, 0.0, False)), 0),
        (people((50, -1, 0.0, False)), 1), (people((100, -1, 0.0, False)), 0),
    ]  # fmt: skip
    some = together(*(replace(one, further=np.full(len(one), further)) for one, further in parts))
    found = corrected(some, {0: Match(1000, 500)})
    assert found.naive_new == pytest.approx(238 / 313)
    assert found.people == pytest.approx(201)  # a half person was rounded up above, twice
    assert found.classes[0].value == pytest.approx(100 / 201)
    # counted as if each were met under one profile: 150 known people of 313
    plain = corrected(replace(some, further=0 * some.further), {0: Match(1000, 500)})
    assert plain.new.value == pytest.approx(1 - 150 / 313)


@given(st.floats(0.5, 0.99), st.integers(1, 3))
def test_one_person_is_expected_to_count_for_one_under_however_many_profiles(recall: float, profiles: int) -> None:
    expected = 0.0
    for found in range(1, profiles + 1):
        chance = math.comb(profiles, found) * recall**found * (1 - recall) ** (profiles - found)
        totals = totals_of(replace(people((1, 0, 1.0, False)), further=np.array([found - 1])), [0], 1)
        expected += chance * counts_of(totals.sum(axis=0), np.array([recall]), np.ones(1))[1]
    held = profiles < 3 or recall > 0.62  # below, three profiles found are held to what one is worth
    assert expected == pytest.approx(1.0) if held else expected < 1.1


def test_where_recall_is_not_known_nobody_guesses() -> None:
    some = people((36, 0, 1.0, False), (64, -1, 0.0, False))
    for matches in ({}, {1: Match(100, 60)}, {0: Match(FEWEST_PAIRS - 1, 5)}, {0: Match(100, 0)}):
        with pytest.raises(CannotTell, match="nobody measured"):
            corrected(some, matches)
    with pytest.raises(CannotTell, match="nobody whose class"):
        corrected(some.take(np.zeros(100, dtype=bool)), {0: Match(100, 60)})
    assert corrected(people((30, 0, 1.0, True)), {}).new.value == 0.0  # all by key: nobody could be missed


def test_bounds_leave_open_what_nobody_can_tell() -> None:
    assert overall(Share(0.4, 0.3, 0.5), told=100, untold=0) == (0.3, 0.5)
    assert overall(Share(0.4, 0.3, 0.5), told=50, untold=50) == (0.15, 0.75)


def test_three_classes_are_found_again_behind_their_confusion() -> None:
    truth = np.array([0.5, 0.2, 0.3])
    confusion = np.array([[0.6, 0.28, 0.12], [0.0, 0.7, 0.3], [0.0, 0.0, 1.0]])
    assert true_shares(truth @ confusion, confusion) == pytest.approx(truth)
    impossible = true_shares(np.array([0.0, 0.9, 0.1]), confusion)
    assert impossible.min() >= 0
    assert impossible.sum() == pytest.approx(1.0)


# --- invariants -----------------------------------------------------------------------------------

counts = st.integers(0, 60)


@given(counts, counts, st.integers(1, 60), st.floats(0.05, 1.0), st.tuples(st.integers(10, 200), st.floats(0.05, 1.0)))
def test_shares_lie_within_0_and_1_and_within_their_intervals(
    keyed: int, probable: int, new: int, p: float, pairs: tuple[int, float]
) -> None:
    known, recall = pairs
    some = people((keyed, 0, 1.0, True), (probable, 1, p, False), (new, -1, 0.0, False))
    found = corrected(some, {0: Match(known, max(1, round(recall * known)))}, classes=2)
    for share in (found.new, *found.classes):
        assert 0 <= share.low <= share.value <= share.high <= 1
    assert found.new.value + sum(s.value for s in found.classes) == pytest.approx(1.0)
    if p == 1.0:
        assert found.new.value <= found.naive_new + 1e-12


@given(st.integers(5, 50), st.integers(1, 50))
def test_the_lower_the_recall_the_fewer_are_new(probable: int, new: int) -> None:
    some = people((probable, 0, 1.0, False), (new, -1, 0.0, False))
    shares = [corrected(some, {0: Match(100, found)}).new.value for found in (100, 80, 60, 40)]
    assert all(after <= before + 1e-12 for before, after in pairwise(shares))
    assert shares[0] == pytest.approx(new / (probable + new))


def test_the_order_of_people_changes_nothing_but_rounding_and_the_same_seed_gives_the_same() -> None:
    some = people((36, 0, 0.9, False), (14, 0, 1.0, True), (50, -1, 0.0, False))
    found = corrected(some, {0: Match(100, 60)}, seed=3)
    assert corrected(some, {0: Match(100, 60)}, seed=3) == found
    arrays = [getattr(some, name) for name in People.__dataclass_fields__]
    turned = People(*(None if array is None else array[::-1] for array in arrays))
    again = corrected(turned, {0: Match(100, 60)}, seed=3)
    assert again.new.value == pytest.approx(found.new.value)
    assert again.new.low == pytest.approx(found.new.low, abs=0.02)


def test_fewer_pairs_larger_companies_and_a_doubtful_precision_widen_the_interval() -> None:
    some = people((120, 0, 0.9, False), (180, -1, 0.0, False))

    def width(these: People, match: Match) -> float:
        share = corrected(these, {0: match}).new
        return share.high - share.low

    base = width(some, Match(400, 240))
    assert width(some, Match(20, 12)) > 1.5 * base
    # all of a company are known, or none
    assert width(replace(some, group=np.arange(300) // 20), Match(400, 240)) > 1.5 * base
    assert width(some, Match(400, 240, precision=(0.9, 0.6, 1.0))) > 1.2 * base
    assert width(some, Match(400, 240, precision=(0.9, 0.9, 0.9))) == base
    assert width(some, Match(400, 240, weighted=(0.6, 0.4, 0.8))) > 1.5 * base
    # an interval as wide as that of the pairs gives what the pairs give
    assert width(some, Match(400, 10, weighted=(0.6, 0.5595, 0.6395))) == pytest.approx(base, rel=0.05)


def test_nobody_known_among_twenty_is_no_certainty() -> None:
    found = corrected(people((20, -1, 0.0, False)), {0: Match(100, 90)})
    assert found.new.value == 1.0
    assert 0.7 < found.new.low < 0.97


# --- a second way ---------------------------------------------------------------------------------


def by_delta_method(some: People, match: Match) -> float:
    """Standard error: variance of the mean of e + m p / r over clusters, and that of r by its derivative."""
    r = match.found / match.known
    counted = [(1.0 if key else p / r) if what >= 0 else 0.0
               for what, p, key in zip(some.known_as, some.probability, some.is_exact, strict=True)]  # fmt: skip
    probable = sum(p for what, p, key in zip(some.known_as, some.probability, some.is_exact, strict=True)
                   if what >= 0 and not key) / len(some)  # fmt: skip
    off: dict[int, float] = {}
    for group, value in zip(some.group.tolist(), counted, strict=True):
        off[group] = off.get(group, 0.0) + value - sum(counted) / len(counted)
    sampling = len(off) / (len(off) - 1) * sum(v**2 for v in off.values()) / len(some) ** 2
    return math.sqrt(sampling + (probable / r**2) ** 2 * r * (1 - r) / match.known)


@pytest.mark.parametrize("size", [1, 5])
def test_the_interval_is_that_of_the_delta_method_where_there_is_much_data(size: int) -> None:
    some = people((300, 0, 1.0, True), (700, 0, 0.9, False), (2000, -1, 0.0, False))
    draw = np.random.default_rng(1)
    some = replace(some, group=draw.integers(0, 3000 // size, 3000))
    match = Match(500, 350)
    share = corrected(some, {0: match}).new
    assert (share.high - share.low) / (2 * 1.6449) == pytest.approx(by_delta_method(some, match), rel=0.08)


def test_the_interval_is_that_of_a_plain_bootstrap() -> None:
    some = people((60, 0, 1.0, True), (150, 0, 0.85, False), (290, -1, 0.0, False))
    some = replace(some, group=np.arange(500) % 120)
    match, draw = Match(80, 56), np.random.default_rng(5)
    members = [np.flatnonzero(some.group == g) for g in range(120)]
    shares = []
    for _ in range(1500):
        chosen = np.concatenate([members[g] for g in draw.integers(0, 120, 120)])
        recall = draw.binomial(match.known, match.found / match.known) / match.known
        seen, key = some.known_as[chosen] >= 0, some.is_exact[chosen]
        known = (seen & key).sum() + (some.probability[chosen] * (seen & ~key)).sum() / recall
        shares.append(1 - known / len(chosen))
    share = corrected(some, {0: match}).new
    assert (share.low, share.high) == pytest.approx(tuple(np.quantile(shares, [0.05, 0.95])), abs=0.02)


# --- known worlds ---------------------------------------------------------------------------------

#: Probabilities of matches, all of them as often met among the right ones.
CHANCES = np.array([0.9, 0.95, 0.99])


def world(seed: int, recall: float) -> tuple[Corrected, float]:
    """Three venues of unlike recall, companies whose people are known together, a few false matches; and the truth."""
    draw = np.random.default_rng(seed)
    n, companies, pairs = 360, 120, 60
    group, stratum = draw.integers(0, companies, n), draw.integers(0, 3, n)
    is_known = draw.random(n) < draw.beta(2.2, 1.8, companies)[group]
    recalls = np.clip(recall + np.array([-0.1, 0.0, 0.1]), 0.3, 0.98)
    key = is_known & (draw.random(n) < 0.25)
    found = is_known & ~key & (draw.random(n) < recalls[stratum])
    # calibrated: for every right match of probability p there are (1 - p) / p wrong ones, and those people are new
    odds = (1 - CHANCES) / CHANCES
    wrong = ~is_known & (draw.random(n) < found.sum() * odds.mean() / max(1, (~is_known).sum()))
    probability = np.where(wrong, draw.choice(CHANCES, n, p=odds / odds.sum()), draw.choice(CHANCES, n))
    some = People(group, stratum, np.where(key | found | wrong, 0, -1), probability, key, np.zeros(n, dtype=np.int64))
    matches = {s: Match(pairs, int(draw.binomial(pairs, recalls[s]))) for s in range(3)}
    return corrected(some, matches, seed=seed), 1 - float(is_known.mean())


@pytest.mark.slow
@pytest.mark.parametrize("recall", [0.5, 0.65, 0.8, 0.95])
def test_the_interval_holds_the_truth_and_the_naive_share_is_off_where_recall_is(recall: float) -> None:
    seeds = 200
    found = [world(seed, recall) for seed in range(seeds)]
    held = sum(one.new.low <= truth <= one.new.high for one, truth in found)
    assert held >= 0.85 * seeds
    assert np.mean([one.new.value - truth for one, truth in found]) == pytest.approx(0, abs=0.02)
    off = np.mean([one.naive_new - truth for one, truth in found])
    if recall <= 0.8:  # a miss of a fifth and more; beyond, wrong matches make up for it
        assert off > 0.02
    if recall == 0.5:
        assert sum(one.new.high < one.naive_new for one, _ in found) > 0.9 * seeds
