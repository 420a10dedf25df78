"""Weights: what they add up to, what they balance, how little they are changed, and plain estimators by one model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators import balancing
from goodwill.estimators.doubly_robust import adjusted, arm_scores
from goodwill.estimators.logistic import fit_logistic
from goodwill.estimators.nuisances import cross_fitted
from goodwill.estimators.single_model import regression_difference, standardised_difference, weighted_difference
from goodwill.samples import Covariates, Units
from invented import customers


def drawn(seed, n=300):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(n, 3))
    e = 1 / (1 + np.exp(-X[:, 0] + 0.5 * X[:, 1]))
    return X, (draw.random(n) < e).astype(np.int64), e, draw


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from(["all", "overlap", "treated"]))
def test_weights_of_target_and_arms_add_up_alike(seed, target):
    _, t, e, _ = drawn(seed)
    w = balancing.weights(t, e, target=target)
    assert w.untreated.sum() == pytest.approx(w.target.sum())
    assert w.treated.sum() == pytest.approx(w.target.sum())
    assert (w.treated[t == 0] == 0).all()
    assert (w.untreated[t == 1] == 0).all()
    assert 1 <= w.effective_n <= len(t)
    if target == "treated":
        assert np.ptp(w.treated[t == 1]) == pytest.approx(0)


def test_overlap_weights_of_a_logistic_model_balance_exactly():
    """Li, Morgan and Zaslavsky (2018), theorem 3."""
    X, t, _, _ = drawn(3)
    design = np.column_stack([np.ones(len(t)), X])
    e = fit_logistic(design, t.astype(float), np.ones(len(t)), ridge=0.0).probability(design)
    w = balancing.weights(t, e, target="overlap")
    names = ("a", "b", "c")
    units = Units(np.arange(300), np.arange(300), t, X[:, 0], Covariates(X, names, names))
    assert max(map(abs, balancing.imbalance(units, w.both).values())) < 1e-6
    assert max(map(abs, balancing.imbalance(units, np.ones(300)).values())) > 0.3


def test_limits_hold_where_weights_would_explode_and_only_there():
    t, e = np.array([0, 1, 0, 1]), np.array([0.001, 0.001, 0.999, 0.999])
    clipped = {target: balancing.weights(t, e, target=target).clipped.tolist() for target in balancing.LIMITS}
    assert clipped == {"all": [True] * 4, "overlap": [False] * 4, "treated": [False, False, True, True]}


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from(["all", "overlap", "treated"]))
def test_tilted_weights_agree_in_what_is_guessed(seed, target):
    X, t, _, draw = drawn(seed)
    before = balancing.weights(t, np.full(300, 0.5), target=target)
    guesses = np.column_stack([X[:, 0] + 0.1 * draw.normal(size=300), np.exp(0.5 * X[:, 1])])
    after = balancing.tilted(before, columns=X, guesses=guesses)
    assert (after.both >= 0).all()
    for arm in (after.untreated, after.treated):
        assert arm.sum() == pytest.approx(after.target.sum())
        left = arm @ guesses / arm.sum() - after.target @ guesses / after.target.sum()
        was = before.treated @ guesses / before.treated.sum() - before.target @ guesses / before.target.sum()
        assert (np.abs(left) < 0.01 * guesses.std(axis=0) + 0.05 * np.abs(was)).all()


def test_nothing_to_tilt_changes_nothing():
    _, t, e, _ = drawn(1)
    before = balancing.weights(t, e, target="all")
    after = balancing.tilted(before, columns=np.ones((300, 2)), guesses=np.zeros((300, 2)))
    assert after.both == pytest.approx(before.both)


def test_the_answer_is_the_same_whichever_learner_is_believed():
    units, _ = customers(800, effect=0.8, seed=4)
    guessed = cross_fitted(units, repeats=1)
    w = balancing.weights(units.treated, guessed.stacked.e, target="all")
    tilted = balancing.tilted(w, columns=guessed.columns, guesses=guessed.outcomes)
    means = lambda one, w: arm_scores(units.outcome, one, w).mean(axis=0)  # noqa: E731
    apart = [np.ptp([np.diff(means(one, which))[0] for one in guessed.alone]) for which in (w, tilted)]
    assert apart[1] < 0.1 * apart[0]
    value = adjusted(units, guessed).difference.value
    assert value == pytest.approx(np.diff(means(guessed.stacked, tilted))[0])


def test_regression_by_normal_equations_and_its_error_by_account():
    X, t, _, draw = drawn(5)
    y, group = X @ [1.0, 0.5, 0.0] + 0.4 * t + draw.normal(size=300), np.arange(300) // 3
    names = ("a", "b", "c")
    units = Units(np.arange(300), group, t, y, Covariates(X, names, names))
    design = np.column_stack([np.ones(300), t, X])
    b, *_ = np.linalg.lstsq(design, y, rcond=None)
    meat = np.zeros((5, 5))
    for g in range(100):
        score = design[group == g].T @ (y - design @ b)[group == g]
        meat += np.outer(score, score)
    bread = np.linalg.inv(design.T @ design)
    found = regression_difference(units)
    assert found.value == pytest.approx(b[1])
    assert found.se == pytest.approx(np.sqrt((bread @ meat @ bread)[1, 1] * 100 / 99))
    assert found.df == 99


def test_standardisation_averages_what_each_would_gain():
    X, t, _, draw = drawn(6)
    y = X[:, 0] + t * (0.4 + 0.3 * X[:, 1]) + 0.01 * draw.normal(size=300)
    names = ("a", "b", "c")
    units = Units(np.arange(300), np.arange(300), t, y, Covariates(X, names, names))
    found = standardised_difference(units, effect_differs_by=("b",))
    assert found.value == pytest.approx(0.4 + 0.3 * X[:, 1].mean(), abs=0.01)
    assert abs(weighted_difference(units).value - found.value) < 0.3
    doubled = Covariates(np.column_stack([X, X[:, 0]]), (*names, "again"), (*names, "again"))
    with pytest.raises(CannotTell, match="each other"):
        regression_difference(Units(units.id, units.group, t, y, doubled))
