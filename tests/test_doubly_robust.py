"""Doubly robust answers: exact stratification, known truth, invariants, intervals, and samples that break things."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators import balancing
from goodwill.estimators.doubly_robust import adjusted, adjusted_difference, arm_scores, naive_difference
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.learners import QUICK, bends, linear
from goodwill.estimators.nuisances import CrossFitted, Nuisances, cross_fitted
from goodwill.estimators.ratios import Ratio, naive_ratio
from goodwill.samples import Covariates, Units
from invented import customers


def units_of(treated, outcome, values, group=None):
    ids, names = np.arange(len(treated)), tuple(f"x{i}" for i in range(values.shape[1]))
    group = ids if group is None else group
    return Units(ids, group, treated.astype(int), outcome.astype(float), Covariates(values, names, names))


def stratified(t, y, s, target):
    """Differences within strata, weighted by whose effect is asked: what any right adjustment for s must give."""
    gaps = [y[(s == k) & (t == 1)].mean() - y[(s == k) & (t == 0)].mean() for k in np.unique(s)]
    e = np.array([t[s == k].mean() for k in np.unique(s)])
    asked = {"all": np.ones_like(e), "overlap": e * (1 - e), "treated": e}[target]
    return np.average(gaps, weights=asked * np.bincount(s))


def drawn_strata(seed, n=600):
    draw = np.random.default_rng(seed)
    s = draw.integers(0, 4, n)
    t = (draw.random(n) < 0.2 + 0.15 * s).astype(int)
    return t, 2.0 * s + 0.5 * t * s + draw.normal(size=n), s


@pytest.mark.parametrize("target", ["all", "overlap", "treated"])
@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_saturated_scores_equal_exact_stratification(target, seed):
    t, y, s = drawn_strata(seed)
    cell = lambda values, rows: np.array([values[(s == k) & rows].mean() for k in range(4)])[s]  # noqa: E731
    everybody = np.ones(len(t), dtype=bool)
    saturated = Nuisances(cell(t, everybody), cell(y, t == 0), cell(y, t == 1))
    exact = [saturated, replace(saturated, m0=np.zeros(len(t)), m1=np.zeros(len(t)))]
    if target == "all":  # there either model alone is enough; else e also says whose effect is asked
        exact.append(replace(saturated, e=np.full(len(t), 0.3)))
    for guessed in exact:
        weights = balancing.weights(t, guessed.e, target=target)
        means = arm_scores(y, guessed, weights).sum(axis=0) / weights.target.sum()
        assert means[1] - means[0] == pytest.approx(stratified(t, y, s, target))


@pytest.mark.parametrize("target", ["all", "overlap", "treated"])
def test_cross_fitting_comes_near_exact_stratification(target):
    t, y, s = drawn_strata(7)
    dummies = (s[:, None] == np.arange(1, 4)).astype(float)
    found = adjusted_difference(units_of(t, y, dummies), learners=QUICK, target=target)
    assert found.difference.value == pytest.approx(stratified(t, y, s, target), abs=0.02)
    assert found.target == target


@pytest.mark.parametrize("binary", [False, True])
def test_naive_is_wrong_and_adjusted_is_right(binary):
    units, truth = customers(1500, effect=0.8, seed=2, binary=binary)
    found, naive = adjusted_difference(units), naive_difference(units)
    assert not naive.low <= truth <= naive.high
    assert abs(found.difference.value - truth) < 2 * found.difference.se
    assert abs(found.difference.value - truth) < abs(naive.value - truth) / 2
    assert found.difference.value == pytest.approx(found.treated_mean.value - found.untreated_mean.value)
    if binary:
        assert found.ratio.value == pytest.approx(found.treated_mean.value / found.untreated_mean.value)


def deal_values(seed, n=1500):
    """Values, seven in ten 0, with engagement behind exposure, chance and size; the true means without and with."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 3))
    t = (draw.random(n) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
    mean = lambda a: np.exp(5 + 0.4 * x[:, 0] + 0.3 * a + 0.5) / (1 + np.exp(1 - 0.6 * x[:, 0] - 0.3 * a))  # noqa: E731
    some = draw.random(n) < 1 / (1 + np.exp(1 - 0.6 * x[:, 0] - 0.3 * t))
    value = some * np.exp(5 + 0.4 * x[:, 0] + 0.3 * t + draw.normal(size=n))
    return units_of(t, value, x), mean(0.0).mean(), mean(1.0).mean()


def test_many_zeros_and_a_few_huge_values():
    held, ratios, missed, naive = 0, 0, [], []
    for seed in range(8):
        units, without, with_ = deal_values(seed)
        found = adjusted_difference(units, repeats=1)
        held += found.difference.low <= with_ - without <= found.difference.high
        ratios += found.ratio.low <= with_ / without <= found.ratio.high
        missed.append(found.difference.value - (with_ - without))
        naive.append(naive_difference(units).value - (with_ - without))
    assert held >= 6
    assert ratios >= 6
    assert np.abs(missed).mean() < 0.4 * np.abs(naive).mean()


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(150):
        draw = np.random.default_rng(seed)
        x = draw.normal(size=(300, 2))
        t = (draw.random(300) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
        y = x[:, 0] + 0.5 * x[:, 1] + 0.4 * t + draw.normal(size=300)
        found = adjusted_difference(units_of(t, y, x), learners=(linear, bends), repeats=1).difference
        held += found.low <= 0.4 <= found.high
    assert 0.84 <= held / 150 <= 0.97


def test_same_seed_same_answer_and_scale_moves_nothing():
    units, _ = customers(300, effect=0.5, seed=3)
    once, again = adjusted_difference(units, seed=4), adjusted_difference(units, seed=4)
    assert once == again
    assert adjusted_difference(units, seed=5) != once
    larger = adjusted_difference(replace(units, outcome=units.outcome * 10 + 7), seed=4, learners=QUICK).difference
    plain = adjusted_difference(units, seed=4, learners=QUICK).difference
    assert (larger.value, larger.se) == pytest.approx((plain.value * 10, plain.se * 10))


def test_other_way_round_is_the_same_effect_backwards():
    units, _ = customers(400, effect=0.5, seed=5)
    guessed = cross_fitted(units, learners=QUICK, repeats=1)
    swap = lambda one: Nuisances(1 - one.e, one.m1, one.m0)  # noqa: E731
    mirrored = CrossFitted(swap(guessed.stacked), tuple(map(swap, guessed.alone)), guessed.weights, guessed.columns)
    for target in ("all", "overlap"):
        forth = adjusted(units, guessed, target=target).difference
        back = adjusted(replace(units, treated=1 - units.treated), mirrored, target=target).difference
        assert (back.value, back.se, back.df) == pytest.approx((-forth.value, forth.se, forth.df), rel=1e-5)


def test_variance_is_that_of_leaving_out_one_account_at_a_time():
    units, _ = customers(120, effect=0.5, seed=6, binary=True)
    guessed = cross_fitted(units, learners=QUICK, repeats=1)
    found = adjusted(units, guessed)
    w = balancing.weights(units.treated, guessed.stacked.e, target="all")
    w = balancing.tilted(w, columns=guessed.columns, guesses=guessed.outcomes)
    scores = arm_scores(units.outcome, guessed.stacked, w)
    accounts = np.unique(units.group)
    without = np.array([scores[units.group != g].mean(axis=0) for g in accounts])
    G = len(accounts)
    apart = without[:, 1] - without[:, 0] - found.difference.value
    assert found.difference.se == pytest.approx(np.sqrt((G - 1) / G * (apart**2).sum()))
    ratios = (without - scores.mean(axis=0)) / scores.mean(axis=0)  # to first order
    assert found.ratio.log.se == pytest.approx(np.sqrt((G - 1) / G * ((ratios[:, 1] - ratios[:, 0]) ** 2).sum()))


def test_few_large_accounts_cost_degrees_of_freedom():
    t, y, _ = drawn_strata(1, n=400)
    even = adjusted_difference(units_of(t, y, np.zeros((400, 0)), np.arange(400) // 10), learners=QUICK).difference
    group = np.where(np.arange(400) < 360, 0, np.arange(400) - 350)
    uneven = adjusted_difference(units_of(t, y, np.zeros((400, 0)), group), learners=QUICK).difference
    assert 20 < even.df <= 39
    assert uneven.df < 4
    assert uneven.high - uneven.low > 2 * (even.high - even.low)  # nine in ten units say what one account does
    assert np.isfinite([uneven.low, uneven.high]).all()


def test_colleagues_do_not_count_twice():
    units, _ = customers(300, effect=0.5, seed=3)
    units = replace(units, group=np.arange(300))
    rows = np.repeat(np.arange(300), 2)
    copied = Units(rows, units.group[rows], units.treated[rows], units.outcome[rows], units.covariates.take(rows))
    assert naive_difference(copied).se == pytest.approx(naive_difference(units).se, rel=1e-6)
    a, b = (adjusted_difference(u, learners=QUICK).difference.se for u in (units, copied))
    assert b == pytest.approx(a, rel=0.1)


def test_poor_overlap_is_reported_and_does_not_hurt_those_who_could_go_either_way():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(800, 1))
    t = (draw.random(800) < 1 / (1 + np.exp(-6 * x[:, 0]))).astype(int)
    units = units_of(t, x[:, 0] + 0.3 * t + draw.normal(size=800), x)
    guessed = cross_fitted(units, repeats=1)
    found, either = adjusted(units, guessed), adjusted(units, guessed, target="overlap")
    assert found.share_clipped > 0.2 > either.share_clipped
    assert found.effective_n < 600
    assert either.difference.se < found.difference.se
    assert either.difference.low < 0.3 < either.difference.high
    assert abs(either.imbalance_after["x0"]) < 0.05
    assert either.imbalance_before["x0"] > 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        lambda u: replace(u, covariates=Covariates(np.ones((300, 2)), ("a", "b"), ("a", "b"))),
        lambda u: replace(u, covariates=Covariates(np.repeat(u.covariates.values, 2, axis=1), ("a",) * 8, ("a",) * 8)),
        lambda u: replace(u, covariates=Covariates(u.treated[:, None] * 1.0, ("a",), ("a",))),
        lambda u: replace(u, covariates=Covariates(u.outcome[:, None] * 1.0, ("a",), ("a",))),
        lambda u: replace(u, covariates=Covariates(1e12 * u.covariates.values, tuple("abcd"), tuple("abcd"))),
        lambda u: replace(u, outcome=(np.arange(300) == 0) * 1.0),
        lambda u: replace(u, outcome=(np.arange(300) == 0) * 1e9),
        lambda u: replace(u, outcome=u.treated * 1.0),
        lambda u: replace(u, group=np.where(np.arange(300) < 270, 0, np.arange(300))),
    ],
    ids=["constant", "twice", "separates", "is_outcome", "huge", "one_won", "one_value", "exact", "one_account"],
)
@pytest.mark.parametrize("target", ["all", "overlap", "treated"])
def test_nothing_breaks(spoil, target):
    units, _ = customers(300, effect=0.5, seed=1, binary=True)
    found = adjusted_difference(spoil(units), repeats=1, target=target)
    numbers = [found.effective_n, found.share_clipped, *found.imbalance_after.values()]
    for e in (found.difference, found.treated_mean, found.untreated_mean):
        numbers += [e.value, e.se, e.low, e.high, e.p]
    assert np.isfinite(numbers).all()


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


def test_ratios_need_positive_means_and_are_symmetric_on_the_log_scale():
    units, _ = customers(300, effect=0.5, seed=1)
    assert adjusted_difference(units, learners=QUICK).ratio is None  # some are negative
    ratio = Ratio(Estimate(np.log(2.0), 0.1, level=0.9))
    assert ratio.value == pytest.approx(2)
    assert ratio.low * ratio.high == pytest.approx(4)
    assert ratio.p == Estimate(np.log(2.0), 0.1).p < 1e-6
    assert Ratio(Estimate(0.0, 1e6)).high == np.inf
    with pytest.raises(CannotTell, match="positive mean"):
        naive_ratio(replace(units, outcome=np.zeros(300)))
