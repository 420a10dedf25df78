"""Learners: what they may see, brute force beside the fast search, amounts, folds, and how guesses are averaged."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.estimators.boosted import Questions, _Growth, boosted, shares_of_gain
from goodwill.estimators.learners import (
    LEARNERS,
    Asked,
    bends,
    boosting,
    folds,
    kind_of,
    linear,
    what_matters,
)
from goodwill.estimators.nuisances import guesses, stacking_weights
from goodwill.estimators.resample import generator
from invented import customers


def asked(X, y, *, arm=None, repeats=1):
    fold = np.array([np.random.default_rng(r).permutation(len(y)) % 5 for r in range(repeats)])
    return Asked(X, y, fold, arm, kind_of(y), np.arange(X.shape[1]))


def drawn(seed, n=300, p=3):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(n, p))
    return X, (draw.random(n) < 0.5).astype(np.int64), draw


@pytest.mark.parametrize("learner", [linear, bends])
@pytest.mark.parametrize("chance", [False, True])
def test_no_unit_is_guessed_from_its_own_fold(learner, chance):
    X, arm, draw = drawn(1)
    y = X[:, 0] + draw.normal(size=300)
    y = (y > 0).astype(float) if chance else y
    told = asked(X, y, arm=arm)
    before = learner(told)
    held = told.fold[0] == 2
    other = np.where(held, 1 - y if chance else y * 3 + 1, y)
    after = learner(replace(told, y=other))
    assert after[:, :, held] == pytest.approx(before[:, :, held])
    assert after[:, :, ~held] != pytest.approx(before[:, :, ~held])


def test_trees_learn_only_from_whom_they_may():
    X, _, draw = drawn(2)
    y = X[:, 0] + draw.normal(size=300)
    learn = (np.arange(300) % 2 == 0)[:, None]
    nobody = np.zeros_like(learn)
    before = boosted(X, y, learn=learn, judge=nobody, link="identity")
    changed = np.where(learn[:, 0], y, 0.0)
    assert boosted(X, changed, learn=learn, judge=nobody, link="identity") == pytest.approx(before)


def greedy(rows, g, h, order):
    """The leaf of each unit by brute force: at each depth the question that gains most over all leaves."""
    leaf = np.zeros(len(g), dtype=int)
    for some in order:
        gains = []
        for question in some:
            gain = 0.0
            for k in np.unique(leaf):
                for side in (0, 1):
                    here = (leaf == k) & (rows[question] == side)
                    gain += g[here].sum() ** 2 / (h[here].sum() + 5.0)
            gains.append(gain)
        leaf = 2 * leaf + rows[some[int(np.argmax(gains))]]
    return leaf


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_trees_are_those_of_a_brute_search(seed):
    X, _, draw = drawn(seed, n=60)
    y = np.sign(X[:, 0]) + X[:, 1] + draw.normal(size=60)
    learn = draw.random((2, 60)) < 0.7
    growth = _Growth(Questions.about(X, None), y, learn, "identity")
    g, h = growth.slopes(growth.beginning())
    found, _ = growth._leaves(g, h, generator(seed, "trees"))
    again = generator(seed, "trees")
    order = [growth.questions.some(again) for _ in range(3)]
    for job in (0, 1):
        expected = greedy(growth.questions.rows, g[job], h[job], order)
        assert np.array_equal(found[0, job, learn[job]], expected[learn[job]])  # others may lie between equal cuts


def test_order_of_units_does_not_matter_to_trees():
    X, arm, draw = drawn(3)
    y = X[:, 0] * arm + draw.normal(size=300)
    learn, shuffled = draw.random((300, 2)) < 0.6, draw.permutation(300)
    one = boosted(X, y, learn=learn, judge=~learn, link="identity", arm=arm)
    two = boosted(X[shuffled], y[shuffled], learn=learn[shuffled], judge=~learn[shuffled], link="identity",
                  arm=arm[shuffled])  # fmt: skip
    assert two == pytest.approx(one[:, :, shuffled])


def test_trees_without_a_signal_say_the_mean():
    X, _, draw = drawn(4)
    y = draw.normal(size=300)
    learn = (np.arange(300) % 2 == 0)[:, None]
    found = boosted(X, y, learn=learn, judge=~learn, link="identity")[0]
    assert np.ptp(found) < 0.5 * y.std()
    bare = boosted(np.ones((300, 2)), y, learn=learn, judge=~learn, link="identity")[0]
    assert bare == pytest.approx(np.full(300, y[learn[:, 0]].mean()))


def test_both_arms_are_guessed_for_everybody():
    X, arm, draw = drawn(5, n=600)
    y = X[:, 0] + 2.0 * arm * (X[:, 1] > 0) + 0.3 * draw.normal(size=600)
    for learner in LEARNERS:
        made = learner(asked(X, y, arm=arm, repeats=2))
        assert made.shape == (2, 2, 600)
        gap = made[1] - made[0]
        assert gap[:, X[:, 1] > 0.5].mean() > 1.5
        assert gap[:, X[:, 1] < -0.5].mean() < 0.7


@settings(max_examples=5)
@given(st.integers(0, 10**6))
def test_amounts_are_never_negative_nor_beyond_what_was_seen(seed):
    X, arm, draw = drawn(seed, n=200)
    y = np.where(draw.random(200) < 0.4, np.exp(X[:, 0] + 2 * draw.normal(size=200)), 0.0)
    X[0] *= 100  # far from all others
    for learner in (linear, bends):
        made = learner(asked(X, y, arm=arm))
        assert (made >= 0).all()
        assert made.max() <= y.max()
    assert (boosting(asked(X, y, arm=arm)) >= 0).all()


def test_two_parts_guess_skewed_amounts_better_than_one():
    draw, errors = np.random.default_rng(0), []
    for _ in range(5):
        X = draw.normal(size=(1500, 2))
        chance = 1 / (1 + np.exp(1 - X[:, 0]))
        mean = chance * np.exp(X[:, 0] + 0.5)
        y = (draw.random(1500) < chance) * np.exp(X[:, 0] + draw.normal(size=1500))
        told = asked(X, y)
        assert told.kind == "amount"
        errors.append([np.mean((linear(replace(told, kind=k))[0, 0] - mean) ** 2) for k in ("amount", "number")])
    amount, number = np.mean(errors, axis=0)
    assert amount < number / 2


def test_what_matters_is_found_and_few_are_all_kept():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(800, 30))
    arm = (draw.random(800) < 0.5).astype(np.int64)
    y = 2 * (X[:, 7] > 0) + X[:, 11] + draw.normal(size=800)
    found = what_matters(X, y, arm)
    assert set(found[:2]) == {7, 11}
    assert 8 <= len(found) < 20
    assert set(what_matters(X, np.exp(3 * y), arm)[:2]) == {7, 11}
    assert list(what_matters(X[:, :5], y, arm)) == [0, 1, 2, 3, 4]
    assert shares_of_gain(np.ones((50, 2)), np.arange(50.0), link="identity").tolist() == [0, 0]


def test_kinds_of_outcome():
    draw = np.random.default_rng(0)
    assert kind_of(np.array([0.0, 1, 1])) == "chance"
    assert kind_of(draw.normal(size=100)) == "number"
    assert kind_of(np.exp(1.5 * draw.normal(size=500))) == "amount"
    assert kind_of(np.minimum(7.0 * draw.integers(1, 60, size=300), 182.0)) == "number"  # days to a horizon
    assert kind_of(np.append(np.zeros(300), np.arange(1.0, 6.0))) == "number"  # five sales say nothing of sizes


def test_folds_keep_accounts_whole_and_spread_treatment():
    units, _ = customers(400, effect=0.0, seed=1)
    fold = folds(units.group, units.treated, count=5, seed=0)
    assert all(len(set(fold[units.group == g])) == 1 for g in np.unique(units.group))
    shares = [units.treated[fold == k].mean() for k in range(5)]
    assert max(shares) - min(shares) < 0.12


def test_stacking_finds_the_learner_that_is_right():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(600, 3))
    told = asked(X, X[:, 0] * X[:, 1] + 0.1 * draw.normal(size=600))
    error = lambda *learners: np.mean((guesses(told, learners).averaged[0] - told.y) ** 2)  # noqa: E731
    assert error(bends) < 0.05 < error(boosting) < 0.1 < error(linear)
    assert error(linear, bends, boosting) < error(bends) * 1.1


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_stacking_weights_are_the_best_average(seed, learners):
    draw = np.random.default_rng(seed)
    y = draw.normal(size=50)
    made = y[:, None] * draw.random(learners) + draw.normal(size=(50, learners))
    weights = stacking_weights(made, y)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    best = np.mean((made @ weights - y) ** 2)
    for other in draw.dirichlet(np.ones(learners), size=100):  # no other average is nearer
        assert best <= np.mean((made @ other - y) ** 2) * (1 + 1e-6)


def test_learners_that_say_the_same_share_their_weight():
    y = np.arange(20.0)
    same = np.column_stack([y + 1, y + 1])
    assert stacking_weights(same, y).sum() == pytest.approx(1)
    assert stacking_weights(np.column_stack([y, y]), y).sum() == pytest.approx(1)
