"""Sensitivity and logistic regression: published numbers, invariants, second implementations."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.logistic import adjusted_log_odds, fit_logistic
from goodwill.estimators.regression_sensitivity import LinearModel, linear_effect, twin_bias
from goodwill.estimators.sensitivity import (
    e_value,
    e_value_of_interval,
    hidden_bounds,
    robustness_value,
    tipping_point,
)
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


def worst_t(t, df, r2):
    """The smallest t left by a confounder that explains at most r2 of treatment and of outcome, tried one by one."""
    r2d, r2y = np.meshgrid(np.linspace(0, r2, 200), np.linspace(0, r2, 400))
    se = np.sqrt((1 - r2y) / (1 - r2d) * df / (df - 1))
    return ((t - np.sqrt(df * r2y * r2d / (1 - r2d))) / se).min()


@pytest.mark.parametrize(("t", "df"), [(4.184, 783), (3.0, 20), (12.0, 6), (40.0, 3), (2.5, 100)])
def test_robustness_values_are_where_the_worst_confounder_tips_significance(t, df):
    from scipy import special

    edge = special.stdtrit(df - 1, 0.975)
    value = robustness_value(t, df, alpha=0.05)
    assert worst_t(t, df, value * 0.99) > edge
    assert worst_t(t, df, min(0.9999, value * 1.01)) < edge
    with pytest.raises(CannotTell):
        robustness_value(t, 1)


def test_tipping_point_by_hand():
    found = tipping_point(Estimate(-6.0, 1.0), bias={"owner": 2.0, "engagement": -4.0, "size": 0.5}, matters=5.0)
    assert (found.strongest, found.bias, found.to_zero, found.to_matters) == ("engagement", -4.0, 1.5, 0.25)
    assert found.limit_to_zero == pytest.approx((6 - 1.645) / 4, abs=1e-3)
    assert found.limit_to_matters == 0.0  # the interval holds -5 already
    assert set(found.figures()) == {
        "tipping",
        "tipping_of_limit",
        "tipping_to_what_matters",
        "tipping_of_limit_to_what_matters",
    }


@pytest.mark.parametrize("bias", [{}, {"a": 0.0}, {"a": float("nan")}])
def test_without_a_yardstick_there_is_no_tipping_point(bias):
    found = tipping_point(Estimate(0.1, 0.02), bias=bias, matters=0.05)
    assert found.to_zero is None
    assert found.figures() == {}


@given(st.floats(-1, 1), st.floats(0.001, 1), st.dictionaries(st.sampled_from("abcd"), st.floats(-1, 1), min_size=1))
def test_a_hidden_cause_at_its_tipping_point_just_reaches_zero(value, se, bias):
    estimate = Estimate(value, se)
    found = tipping_point(estimate, bias=bias, matters=abs(value) / 2)
    if found.to_zero is None:
        assert not any(bias.values())
        return
    assert found.limit_to_zero <= found.to_zero
    assert found.to_matters == pytest.approx(found.to_zero / 2)
    low, high = hidden_bounds(estimate, bias=bias, times=found.limit_to_zero)
    assert low <= 1e-9
    assert high >= -1e-9
    if found.limit_to_zero > 0:
        low, high = hidden_bounds(estimate, bias=bias, times=0.99 * found.limit_to_zero)
        assert low * high > 0
    mirrored = tipping_point(Estimate(-value, se), bias={k: -v for k, v in bias.items()}, matters=abs(value) / 2)
    assert mirrored.to_zero == pytest.approx(found.to_zero)


def test_a_hidden_twin_of_a_measured_cause_tips_at_one_and_leaving_out_is_lenient():
    draw = np.random.default_rng(8)
    seen, hidden = draw.normal(size=(2, 30_000))
    treated = seen + hidden + draw.normal(size=30_000)
    outcome = seen + hidden + draw.normal(size=30_000)  # treatment does nothing

    def model(*known):
        names = tuple("ab"[: len(known)])
        return LinearModel(outcome, treated, Covariates(np.array(known).T.reshape(len(treated), -1), names, names))

    estimate = linear_effect(model(seen)).effect
    assert estimate.value == pytest.approx(0.5, abs=0.02)
    assert linear_effect(model(seen, hidden)).effect.value == pytest.approx(0, abs=0.02)
    assert tipping_point(estimate, bias=twin_bias(model(seen))).to_zero == pytest.approx(1.0, abs=0.15)
    left_out = linear_effect(model()).effect.value - estimate.value
    assert tipping_point(estimate, bias={"a": left_out}).to_zero == pytest.approx(3.0, abs=0.3)


def test_hidden_bounds_refuse_what_is_no_strength():
    assert hidden_bounds(Estimate(0.1, 0.02), bias={}, times=2.0) == (Estimate(0.1, 0.02).low, Estimate(0.1, 0.02).high)
    with pytest.raises(ValueError, match="finite"):
        hidden_bounds(Estimate(0.1, 0.02), bias={"a": 1.0}, times=-1.0)


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
