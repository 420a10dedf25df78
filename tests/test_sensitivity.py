"""Sensitivity, logistic regression and resampling: published numbers, invariants, second implementations."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.logistic import adjusted_log_odds, fit_logistic
from goodwill.estimators.resample import account_groups, generator, jackknife, permutation_rank
from goodwill.estimators.sensitivity import e_value, e_value_of_interval, robustness_value, units_to_settle
from goodwill.samples import Covariates, Units


def test_e_values_as_published():
    assert e_value(3.9) == pytest.approx(7.263, abs=5e-4)
    assert e_value_of_interval(1.8, 8.7) == pytest.approx(3.0)
    assert e_value_of_interval(0.2, 0.5) == pytest.approx(e_value(2.0))


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 100), st.floats(1.0, 3.0))
def test_e_value_is_symmetric_and_exceeds_the_ratio(ratio, wider):
    assert e_value(ratio) == pytest.approx(e_value(1 / ratio))
    assert e_value(ratio) >= max(ratio, 1 / ratio)
    assert e_value_of_interval(ratio / wider, ratio * wider) <= e_value(ratio) * (1 + 1e-12)


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("inf"), float("nan")])
def test_e_value_refuses_what_is_no_ratio(ratio):
    with pytest.raises(ValueError, match="positive and finite"):
        e_value(ratio)


def test_robustness_values_as_published_for_darfur():
    t = 0.09732 / 0.02326
    assert robustness_value(t, 783) == pytest.approx(0.1388, abs=2e-4)
    assert robustness_value(t, 783, alpha=0.05) == pytest.approx(0.0763, abs=2e-4)
    assert robustness_value(1.0, 783, alpha=0.05) == 0.0


def test_units_to_settle_agrees_with_detectable():
    assert units_to_settle(0.02, 500, Estimate(0.0, 0.02).detectable()) == pytest.approx(500, abs=1)
    with pytest.raises(ValueError, match="zero"):
        units_to_settle(0.1, 100, 0.0)


def test_logistic_equals_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(1)
    X = np.column_stack([np.ones(400), draw.normal(size=(400, 3))])
    y = (draw.random(400) < 1 / (1 + np.exp(-X @ [-1, 0.5, -0.3, 0]))).astype(float)
    ours = fit_logistic(X, y, np.ones(400), ridge=2.0)
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(X[:, 1:], y)
    assert ours.converged
    assert ours.coefficients == pytest.approx([theirs.intercept_[0], *theirs.coef_[0]], abs=1e-5)


def test_logistic_on_counts_equals_logistic_on_rows():
    X = np.array([[1.0, 0], [1, 1], [1, 2]])
    won, trials = np.array([3, 8, 9]), np.array([20, 20, 15])
    rows = np.repeat(X, trials, axis=0)
    y = np.concatenate([np.arange(t) < w for w, t in zip(won, trials, strict=True)]).astype(float)
    counts, each = fit_logistic(X, won, trials), fit_logistic(rows, y, np.ones(len(y)))
    assert counts.coefficients == pytest.approx(each.coefficients)
    assert counts.covariance == pytest.approx(each.covariance)
    assert counts.log_likelihood == pytest.approx(each.log_likelihood)
    warm = fit_logistic(X, won, trials, start=counts.coefficients)
    assert warm.coefficients == pytest.approx(counts.coefficients)


@pytest.mark.parametrize("won", [[0, 0], [0, 50], [50, 0], [50, 50]])
def test_logistic_stays_finite_under_separation(won):
    fit = fit_logistic(np.array([[1.0, 0], [1, 1]]), np.array(won, float), np.array([50.0, 50.0]))
    assert fit.converged
    assert np.isfinite(fit.coefficients).all()
    assert (np.diag(fit.covariance) > 0).all()


def test_logistic_is_fast_enough():
    draw = np.random.default_rng(2)
    X = np.column_stack([np.ones(300_000), draw.normal(size=(300_000, 9))])
    won = draw.binomial(5, 0.1, size=300_000).astype(float)
    start = time.perf_counter()
    fit_logistic(X, won, np.full(300_000, 5.0))
    assert time.perf_counter() - start < 3  # about 0.3 s alone on a laptop; loose, as tests run side by side


def test_clustered_log_odds_do_not_profit_from_copies():
    draw = np.random.default_rng(4)
    n = 300
    treated, outcome = draw.integers(0, 2, n), draw.integers(0, 2, n).astype(float)
    none = lambda k: Covariates(np.zeros((k, 0)), (), ())  # noqa: E731
    once = adjusted_log_odds(Units(np.arange(n), np.arange(n), treated, outcome, none(n)))
    twice = np.repeat(np.arange(n), 2)
    copied = adjusted_log_odds(Units(np.arange(2 * n), twice, treated[twice], outcome[twice], none(2 * n)))
    assert copied.value == pytest.approx(once.value, abs=1e-3)
    assert copied.se == pytest.approx(once.se, rel=1e-3)
    with pytest.raises(CannotTell):
        adjusted_log_odds(Units(np.arange(n), np.zeros(n, dtype=int), treated, outcome, none(n)))


def test_jackknife_of_a_mean_is_its_standard_error():
    x = np.random.default_rng(5).normal(size=30)
    found = jackknife(x.mean(), (x.sum() - x) / 29)
    assert found.se == pytest.approx(x.std(ddof=1) / np.sqrt(30))
    assert found.df == 29


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=200), st.integers(1, 40))
def test_account_groups_keep_accounts_whole(accounts, wanted):
    account = np.array(accounts)
    group = account_groups(account, wanted=wanted)
    distinct = len(set(accounts))
    assert set(group.tolist()) == set(range(min(wanted, distinct)))
    assert all(len(set(group[account == a].tolist())) == 1 for a in set(accounts))
    assert (group == account_groups(account, wanted=wanted)).all()


def test_named_streams_are_the_same_on_every_machine_and_day():
    assert generator(3, "x").integers(10**9) == 428418023
    assert generator(3, "y").integers(10**9) != 428418023


@settings(max_examples=50, deadline=None)
@given(st.floats(-5, 5), st.lists(st.floats(-5, 5), min_size=1, max_size=50))
def test_rank_lies_between_first_and_last(observed, placebos):
    rank = permutation_rank(observed, np.array(placebos))
    assert 1 <= rank.place <= rank.of == len(placebos) + 1
    assert 0 < rank.p <= 1
