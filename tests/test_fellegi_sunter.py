"""Weights of patterns, worked by hand and by a second implementation; calibration by decisions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.identity.calibration import calibrate
from goodwill.identity.fellegi_sunter import Shared, Tree, Weights, bounds, posterior, weight
from goodwill.identity.patterns import Patterns

M = (np.array([0.1, 0.1, 0.8]), np.array([0.2, 0.8]))
U = (np.array([0.94, 0.05, 0.01]), np.array([0.75, 0.25]))
NO_TREE = Tree(np.array([-1, -1]), np.array([0.9, 0.8]), np.array([0.9, 0.8]))
#: The first field has common values (class 0, one record in a hundred) and rare ones (class 1, one in 10,000).
PLAIN = Weights(M, U, (np.array([0.01, 0.0001]), np.array([0.25])), NO_TREE, (), 0.001)


def seen(*levels: tuple[int, int], classes: int = 0) -> Patterns:
    pattern = np.array(levels, dtype=np.int64)
    frequent = np.zeros_like(pattern)
    frequent[:, 0] = np.where(pattern[:, 0] == 3, classes, 0)
    return Patterns(pattern, frequent, np.ones(len(pattern)))


def test_weight_by_hand() -> None:
    found = weight(PLAIN, seen((3, 2), (1, 1), (2, 0), (0, 0)))
    by_hand = [np.log2(80) + np.log2(3.2), np.log2(0.1 / 0.94) + np.log2(0.2 / 0.75), 1.0, 0.0]
    np.testing.assert_allclose(found, by_hand, atol=1e-12)


def test_rare_value_counts_more() -> None:
    rare, common = weight(PLAIN, seen((3, 0), classes=1)), weight(PLAIN, seen((3, 0)))
    assert rare - common == pytest.approx(np.log2(100))


def test_posterior_is_bayes_theorem() -> None:
    found = posterior(PLAIN, seen((3, 2)))[0]
    odds = 0.001 / 0.999 * 80 * 3.2
    assert found == pytest.approx(odds / (1 + odds))


def test_what_strangers_share_counts_less() -> None:
    """Of strangers equal in the first field, 60% are equal in the second: worked by hand."""
    together = replace(PLAIN, sharing=(Shared(1, 0, np.array([0.4, 0.6])),))
    alone, both = weight(together, seen((0, 2)))[0], weight(together, seen((3, 2)))[0]
    assert alone == pytest.approx(np.log2(0.8 / 0.25))
    # a share of the strangers have the same second value; it shows always, as the field has no slips
    share = (0.6 - 0.25) / (1 - 0.25)
    assert both == pytest.approx(np.log2(80) + np.log2(0.8 / (share + (1 - share) * 0.25)))
    # who shares the first field and differs in the second is the more a stranger's likeness
    assert weight(together, seen((3, 1)))[0] == pytest.approx(np.log2(80) + np.log2(0.2 / 0.4))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=8), st.integers(0, 1))
def test_bounds_hold(levels: list[tuple[int, int]], classes: int) -> None:
    together = replace(PLAIN, sharing=(Shared(1, 0, np.array([0.4, 0.6])),))
    equal, graded = bounds(together)
    patterns = seen(*levels, classes=classes)
    most = np.zeros(len(levels))
    for field, top in enumerate((3, 2)):
        level = patterns.levels[:, field]
        most += np.where(level == top, equal[field][patterns.classes[:, field]], graded[field][level])
    assert (weight(together, patterns) <= most + 1e-9).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=8))
def test_second_implementation(levels: list[tuple[int, int]]) -> None:
    def one(pattern: tuple[int, int]) -> float:
        total = 0.0
        for field, level in enumerate(pattern):
            if level:
                total += float(np.log2(M[field][level - 1] / U[field][level - 1]))
        return total

    np.testing.assert_allclose(weight(PLAIN, seen(*levels)), [one(pattern) for pattern in levels], atol=1e-9)


def test_decisions_move_the_scale_as_far_as_they_weigh() -> None:
    few = calibrate(np.array([3.0, 3.0]), np.array([0.0, 0.0]))
    many = calibrate(np.full(400, 3.0), np.zeros(400))
    before, after, late = 1 / (1 + 2**-3.0), few.probability(np.array([3.0]))[0], many.probability(np.array([3.0]))[0]
    assert before > after > 0.2
    assert late < 0.05


def test_calibration_finds_what_was_planted() -> None:
    draw = np.random.default_rng(1)
    x = draw.uniform(-8, 8, size=20_000)
    is_same = (draw.random(len(x)) < 1 / (1 + np.exp2(-(-1.5 + 0.7 * x)))).astype(float)
    found = calibrate(x, is_same)
    assert found.shift == pytest.approx(-1.5, abs=0.1)
    assert found.slope == pytest.approx(0.7, abs=0.03)
