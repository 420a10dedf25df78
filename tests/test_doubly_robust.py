"""Doubly robust differences: exact stratification, published studies, known truth, invariants."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.doubly_robust import Nuisances, adjusted_difference, arm_scores, naive_difference
from goodwill.estimators.learners import QUICK, bends, boosting, folds, guesses, linear, stacking_weights
from goodwill.samples import Covariates, Units, covariates
from invented import customers


def units_of(treated, outcome, values, names=None):
    n = len(treated)
    names = names or tuple(f"x{i}" for i in range(values.shape[1]))
    ids = np.arange(n)
    return Units(ids, ids, treated.astype(int), outcome.astype(float), Covariates(values, names, names))


def stratified(t, y, s):
    """Differences within strata, weighted by their size: what any right adjustment for s must give."""
    gaps = [y[(s == k) & (t == 1)].mean() - y[(s == k) & (t == 0)].mean() for k in np.unique(s)]
    return np.average(gaps, weights=[(s == k).mean() for k in np.unique(s)])


def drawn_strata(seed, n=600):
    draw = np.random.default_rng(seed)
    s = draw.integers(0, 4, n)
    t = (draw.random(n) < 0.2 + 0.15 * s).astype(int)
    return t, 2.0 * s + 0.5 * t * s + draw.normal(size=n), s


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_saturated_scores_equal_exact_stratification(seed):
    t, y, s = drawn_strata(seed)
    cell = lambda values, rows: np.array([values[(s == k) & rows].mean() for k in range(4)])[s]  # noqa: E731
    everybody = np.ones(len(t), dtype=bool)
    saturated = Nuisances(cell(t, everybody), cell(y, t == 0), cell(y, t == 1))
    only_e = replace(saturated, m0=np.zeros(len(t)), m1=np.zeros(len(t)))
    only_m = replace(saturated, e=np.full(len(t), 0.3))
    for guessed in (saturated, only_e, only_m):  # either model alone is enough
        psi = arm_scores(t, y, guessed).mean(axis=0)
        assert psi[1] - psi[0] == pytest.approx(stratified(t, y, s))


def test_cross_fitting_comes_near_exact_stratification():
    t, y, s = drawn_strata(7)
    dummies = (s[:, None] == np.arange(1, 4)).astype(float)
    found = adjusted_difference(units_of(t, y, dummies), learners=QUICK).difference
    assert found.value == pytest.approx(stratified(t, y, s), abs=0.02)


def test_lalonde_experiment(real_data):
    """Difference in means 1,794.34 with Neyman's standard error 671.0."""
    rows = list(csv.DictReader(real_data("causal", "nsw_mixtape.csv").read_text().splitlines()))
    column = lambda name: np.array([float(r[name]) for r in rows])  # noqa: E731
    names = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
    units = units_of(column("treat"), column("re78"), np.column_stack([column(c) for c in names]), names)
    naive = naive_difference(units)
    assert naive.value == pytest.approx(1794.34, abs=0.01)
    assert naive.se == pytest.approx(671.0, abs=0.1)
    adjusted = adjusted_difference(units).difference
    assert abs(adjusted.value - naive.value) < naive.se  # an experiment needs little adjusting
    assert adjusted.se == pytest.approx(naive.se, rel=0.1)


def test_nhefs_weight_gain(real_data):
    """Crude 2.541; weighting, standardisation and regression give 3.44 to 3.52 (What If, chapters 12 to 15)."""
    rows = list(csv.DictReader(real_data("causal", "NHEFS.csv").read_text().splitlines()))
    rows = [r for r in rows if r["wt82_71"]]
    assert len(rows) == 1566
    column = lambda name: np.array([float(r[name]) for r in rows])  # noqa: E731
    numeric = ("age", "smokeintensity", "smokeyrs", "wt71", "sex", "race")
    categories = ("education", "exercise", "active")
    table = {c: column(c) for c in numeric} | {c: np.array([r[c] for r in rows], dtype=object) for c in categories}
    known = covariates(table, numeric, categories)
    units = replace(units_of(column("qsmk"), column("wt82_71"), known.values), covariates=known)
    assert naive_difference(units).value == pytest.approx(2.541, abs=0.001)
    adjusted = adjusted_difference(units)
    assert 3.1 < adjusted.difference.value < 3.8
    assert adjusted.difference.low > 2.0
    assert max(map(abs, adjusted.imbalance_after.values())) < max(map(abs, adjusted.imbalance_before.values()))


@pytest.mark.parametrize("binary", [False, True])
def test_naive_is_wrong_and_adjusted_is_right(binary):
    units, truth = customers(1500, effect=0.8, seed=2, binary=binary)
    adjusted, naive = adjusted_difference(units), naive_difference(units)
    assert not naive.low <= truth <= naive.high
    assert abs(adjusted.difference.value - truth) < 3 * adjusted.difference.se
    assert abs(adjusted.difference.value - truth) < abs(naive.value - truth) / 2
    assert adjusted.difference.value == pytest.approx(
        adjusted.treated_mean.value - adjusted.untreated_mean.value, abs=adjusted.difference.se / 2
    )


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        x = draw.normal(size=(300, 2))
        t = (draw.random(300) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
        y = x[:, 0] + 0.5 * x[:, 1] + 0.4 * t + draw.normal(size=300)
        found = adjusted_difference(units_of(t, y, x), learners=(linear, bends), repeats=1).difference
        held += found.low <= 0.4 <= found.high
    assert 82 <= held <= 98


def test_same_seed_same_answer_and_shift_moves_nothing():
    units, _ = customers(300, effect=0.5, seed=3)
    once, again = adjusted_difference(units, seed=4), adjusted_difference(units, seed=4)
    assert once == again
    shifted = adjusted_difference(replace(units, outcome=units.outcome * 10 + 7), seed=4, learners=QUICK).difference
    plain = adjusted_difference(units, seed=4, learners=QUICK).difference
    assert (shifted.value, shifted.se) == pytest.approx((plain.value * 10, plain.se * 10))


def test_colleagues_do_not_count_twice():
    units, _ = customers(300, effect=0.5, seed=3)
    units = replace(units, group=np.arange(300))
    rows = np.repeat(np.arange(300), 2)
    copied = Units(rows, units.group[rows], units.treated[rows], units.outcome[rows], units.covariates.take(rows))
    assert naive_difference(copied).se == pytest.approx(naive_difference(units).se, rel=1e-6)
    a, b = (adjusted_difference(u, learners=QUICK).difference.se for u in (units, copied))
    assert b == pytest.approx(a, rel=0.1)


def test_poor_overlap_is_reported():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(800, 1))
    t = (draw.random(800) < 1 / (1 + np.exp(-6 * x[:, 0]))).astype(int)
    found = adjusted_difference(units_of(t, x[:, 0] + draw.normal(size=800), x))
    assert found.share_clipped > 0.2
    assert found.effective_n < 600


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda u: replace(u, treated=np.zeros(300, dtype=int)), "only 0 of 300 were exposed"),
        (lambda u: replace(u, treated=np.ones(300, dtype=int)), "only 0 of 300 were unexposed"),
        (lambda u: replace(u, group=np.zeros(300, dtype=int)), "at 1 accounts"),
        (lambda u: replace(u, outcome=np.ones(300)), "the same for all"),
    ],
)
def test_too_little_is_said_in_words(change, words):
    units, _ = customers(300, effect=0.0, seed=1)
    with pytest.raises(CannotTell, match=words):
        adjusted_difference(change(units))


def test_no_covariates_gives_the_naive_difference():
    units, _ = customers(300, effect=0.5, seed=1)
    bare = replace(units, covariates=Covariates(np.zeros((300, 0)), (), ()))
    assert adjusted_difference(bare).difference.value == pytest.approx(naive_difference(bare).value, abs=0.03)


def test_folds_keep_accounts_whole_and_spread_treatment():
    units, _ = customers(400, effect=0.0, seed=1)
    fold = folds(units.group, units.treated, count=5, seed=0)
    assert all(len(set(fold[units.group == g])) == 1 for g in np.unique(units.group))
    shares = [units.treated[fold == k].mean() for k in range(5)]
    assert max(shares) - min(shares) < 0.12


def test_stacking_finds_the_learner_that_is_right():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(600, 3))
    y = X[:, 0] * X[:, 1] + 0.1 * draw.normal(size=600)
    fold = np.arange(600) % 5
    everybody = np.ones(600, dtype=bool)
    error = lambda *learners: np.mean((guesses(X, y, everybody, fold, learners).averaged - y) ** 2)  # noqa: E731
    assert error(bends) < 0.1 < error(boosting) < error(linear)
    assert error(linear, bends, boosting) < error(bends) * 1.1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_stacking_weights_are_an_average(seed, learners):
    draw = np.random.default_rng(seed)
    weights = stacking_weights(draw.normal(size=(50, learners)), draw.normal(size=50))
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
