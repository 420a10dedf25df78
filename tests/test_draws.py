"""Plausible resolutions: as often together as likely, the same every time, and whatever other pairs there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.identity import linkage
from goodwill.identity.draws import drawn, keys_of, uniforms
from simulated_pairs import world

KEYS = keys_of(f"hubspot/contact:{i}" for i in range(20_000))


def together(draws: int, p: float = 0.7, **more: object) -> float:
    """How often two records are together of so many draws."""
    return float(np.mean([drawn([0], [1], [p], 2, draw=i, **more)[1] == 0 for i in range(draws)]))  # type: ignore[arg-type]


def test_a_lone_pair_is_together_as_often_as_it_is_likely() -> None:
    assert together(300) == pytest.approx(0.7, abs=0.08)


@pytest.mark.parametrize("p", [0.05, 0.7, 0.95])
def test_ten_thousand_lone_pairs_are_together_as_often_as_they_are_likely(p: float) -> None:
    a, b = np.arange(0, 20_000, 2), np.arange(1, 20_000, 2)
    for draw in range(3):
        found = drawn(a, b, np.full(10_000, p), 20_000, draw=draw, keys=KEYS)
        assert (found[a] == found[b]).mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 10_000))


def test_what_is_decided_is_not_drawn() -> None:
    assert together(40, 1.0) == 1
    assert together(40, 0.0) == 0
    assert together(40, never=[(0, 1)]) == 0
    assert together(40, certain=[(1, 0)]) == 1


def test_the_likeliest_of_several_pairs_of_two_people_is_drawn_once() -> None:
    """Five records of one person and one of another: five pairs of 0.5 are not five chances."""
    certain = [(i, i + 1) for i in range(4)]
    found = [drawn(range(5), [5] * 5, [0.5] * 5, 6, draw=i, certain=certain)[5] == 0 for i in range(300)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)


def test_a_number_belongs_to_the_names_the_seed_and_the_draw() -> None:
    one, other = keys_of(["email:jane@acme.com"]), keys_of(["x:@jane"])
    assert uniforms(one, other, seed=1, draw=2) == uniforms(other, one, seed=1, draw=2)
    numbers = [uniforms(one, other, seed=s, draw=d)[0] for s in range(3) for d in range(3)]
    assert len(set(numbers)) == 9


def test_numbers_are_uniform_and_independent_over_pairs_and_draws() -> None:
    u = np.array([uniforms(KEYS[::2], KEYS[1::2], seed=1, draw=d) for d in range(4)])
    assert u.min() > 0
    assert u.max() < 1
    shares = np.histogram(u, bins=20, range=(0, 1))[0] / u.size
    assert shares == pytest.approx(np.full(20, 0.05), abs=0.005)
    assert np.corrcoef(u) == pytest.approx(np.eye(4), abs=0.04)
    assert np.corrcoef(u[0, 1:], u[0, :-1])[0, 1] == pytest.approx(0, abs=0.04)


def test_other_records_and_pairs_change_no_draw() -> None:
    """Two records among others, in other places: the same names give the same lot."""
    for i in range(50):
        alone = drawn([0], [1], [0.5], 2, draw=i, keys=KEYS[[7, 8]])
        among = drawn([0, 3], [1, 2], [0.8, 0.5], 4, draw=i, keys=KEYS[[1, 2, 7, 8]])
        assert (alone[0] == alone[1]) == (among[2] == among[3])


@given(st.integers(0, 50))
@settings(max_examples=20)
def test_the_order_of_pairs_changes_nothing(draw: int) -> None:
    simulated = world(40, clarity=2.5)
    order = np.random.default_rng(draw).permutation(len(simulated.a))
    a, b, p, n = simulated.scored
    found = drawn(a, b, p, n, draw=draw, seed=5)
    assert drawn(b[order], a[order], p[order], n, draw=draw, seed=5).tolist() == found.tolist()


@pytest.mark.parametrize(("clarity", "within"), [(4.0, 0.05), (5.0, 0.01)])
def test_draws_differ_and_stay_around_the_number_of_people(clarity: float, within: float) -> None:
    """No true pair is missed here, so that the number of people can be found; each draw is another."""
    simulated = world(2_000, missed=0.0, clarity=clarity)
    a, b, p, _ = simulated.scored
    found = [drawn(*simulated.scored, draw=i) for i in range(10)]
    counts = [len(np.unique(labels)) for labels in found]
    assert len(set(counts)) > 5
    assert np.mean(counts) == pytest.approx(2_000, rel=within)
    assert np.std(counts) < 40
    assert np.mean([(labels[a] == labels[b]).sum() for labels in found]) == pytest.approx(p.sum(), rel=0.03)


@given(st.integers(0, 30))
@settings(max_examples=20)
def test_squares_and_lists_of_neighbours_draw_the_same(draw: int) -> None:
    simulated = world(60, clarity=1.5, seed=draw)
    known = {"venue": simulated.person % 3, "one_per_person": [1], "never": [(0, 1), (5, 9)]}
    expected = drawn(*simulated.scored, draw=draw, **known).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linkage, "DENSE", 1)
        assert drawn(*simulated.scored, draw=draw, **known).tolist() == expected


def test_who_lost_never_comes_together_by_way_of_others() -> None:
    """Three alike records: each surer pair is apart in as many draws as it is unlikely, and nobody is chained."""
    found = np.array([drawn([0, 1, 0], [1, 2, 2], [0.9, 0.8, 0.05], 3, draw=i) for i in range(300)])
    both = (found[:, 1] == 0).mean(), (found[:, 2] == found[:, 1]).mean(), (found[:, 2] == 0).mean()
    assert both[0] == pytest.approx(0.9, abs=0.06)
    assert 0.3 < both[1] < 0.8
    assert both[2] < 0.5


def test_draws_join_as_many_pairs_of_two_as_there_are() -> None:
    """Where people have at most two records each pair stands alone, and draws are right without any bias."""
    rng = np.random.default_rng(2)
    p = rng.beta(0.4, 0.6, 10_000)
    is_one = rng.random(10_000) < p
    a, b = np.arange(0, 20_000, 2), np.arange(1, 20_000, 2)
    counts = [len(np.unique(drawn(a, b, p, 20_000, draw=i, keys=KEYS))) for i in range(10)]
    assert np.mean(counts) == pytest.approx(20_000 - is_one.sum(), rel=0.01)


def test_a_draw_is_right_as_often_as_its_probabilities_say() -> None:
    """A pair of probability p is joined with probability p, and then true with probability p: sum p^2 / sum p."""
    simulated = world(4_000)
    a, b, p, _ = simulated.scored
    labels = drawn(*simulated.scored, draw=1)
    joined = labels[a] == labels[b]
    is_true = simulated.person[a] == simulated.person[b]
    assert is_true[joined].mean() == pytest.approx((p**2).sum() / p.sum(), abs=0.03)
    precision, recall = simulated.quality(labels)
    assert recall / precision == pytest.approx(1, abs=0.1)  # in all, about as many pairs as there are
