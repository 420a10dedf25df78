"""Lifetimes under contract: the likelihood as Fader and Hardie write it, limits, sums, and how often intervals hold."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from goodwill.errors import CannotTell
from goodwill.estimators.resample import generator
from goodwill.estimators.shifted_beta_geometric import ShiftedBetaGeometric, fit_renewals, fit_survivors


def naive_likelihood(a, b, survivors):
    """Fader and Hardie (2007), (5)-(7): P(T = t) = B(a + 1, b + t - 1) / B(a, b), S(t) = B(a, b + t) / B(a, b)."""
    last, total = len(survivors) - 1, 0.0
    for t in range(1, last + 1):
        total += (survivors[t - 1] - survivors[t]) * (betaln(a + 1, b + t - 1) - betaln(a, b))
    return total + survivors[last] * (betaln(a, b + last) - betaln(a, b))


def of(mean, spread):
    return ShiftedBetaGeometric(mean, spread, np.zeros((2, 2)), 0.0)


def test_the_answer_is_the_maximum_of_the_published_likelihood():
    survivors = [1000, 631, 468, 382, 326, 289, 262, 241]
    fit = fit_survivors(np.array(survivors))
    best = naive_likelihood(fit.alpha, fit.beta, survivors)
    assert fit.log_likelihood == pytest.approx(best)
    for a, b in ((1.001, 1), (0.999, 1), (1, 1.001), (1, 0.999), (1.001, 1.001), (0.999, 0.999)):
        assert naive_likelihood(fit.alpha * a, fit.beta * b, survivors) < best


def test_errors_are_from_the_curvature_of_the_likelihood():
    survivors, step = [1000, 631, 468, 382, 326, 289, 262, 241], 1e-4
    fit = fit_survivors(np.array(survivors))

    def at(i, j):
        mean, spread = fit.mean + i * step, fit.spread + j * step
        return naive_likelihood(mean * (1 - spread) / spread, (1 - mean) * (1 - spread) / spread, survivors)

    curvature = [
        [at(1, 0) - 2 * at(0, 0) + at(-1, 0), (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4],
        [(at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4, at(0, 1) - 2 * at(0, 0) + at(0, -1)],
    ]
    assert fit.covariance == pytest.approx(np.linalg.inv(-np.array(curvature) / step**2), rel=1e-3)


@given(st.integers(5, 300), st.lists(st.floats(0, 0.7), min_size=2, max_size=7))
@settings(max_examples=60)
def test_no_spread_on_a_grid_fits_better(first, shares):
    survivors = [first]
    for share in shares:
        survivors.append(survivors[-1] - int(survivors[-1] * share))
    try:
        fit = fit_survivors(np.array(survivors))
    except CannotTell:
        assume(False)
    assert 0 < fit.mean <= 1
    assert 0 <= fit.spread < 1
    for spread in (0.001, 0.01, *np.linspace(0.05, 0.95, 10)):
        for mean in np.clip(fit.mean + np.linspace(-0.1, 0.1, 9), 0.001, 0.999):
            size = (1 - spread) / spread
            assert naive_likelihood(mean * size, (1 - mean) * size, survivors) <= fit.log_likelihood + 1e-6


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999), st.integers(0, 20))
def test_survival_is_the_ratio_of_beta_functions(mean, spread, renewals):
    fit = of(mean, spread)
    expected = np.exp(betaln(fit.alpha, fit.beta + np.arange(renewals + 1)) - betaln(fit.alpha, fit.beta))
    assert fit.survival(renewals) == pytest.approx(expected, rel=1e-6)
    assert (np.diff(fit.retention(renewals + 1)) >= -1e-12).all()  # retention never falls with age


def test_customers_all_alike_are_geometric():
    fit = fit_survivors(np.array([1000, 800, 640, 512, 405]))
    assert fit.spread == 0
    assert fit.alpha == fit.beta == math.inf
    assert fit.mean == pytest.approx(595 / (1000 + 800 + 640 + 512))
    assert fit.survival(3) == pytest.approx((1 - fit.mean) ** np.arange(4))
    assert fit.still_there(3).se > 0


def test_cohorts_add_up_by_age():
    one, other = np.array([500, 400, 340, 300]), np.array([300, 230, 200])
    at_risk = np.array([800, 630, 340])
    fit = fit_renewals(at_risk, np.array([170, 90, 40]))
    total = naive_likelihood(fit.alpha, fit.beta, one) + naive_likelihood(fit.alpha, fit.beta, other)
    assert fit.log_likelihood == pytest.approx(total)


@pytest.mark.parametrize(("mean", "spread"), [(0.2, 0.0), (0.2, 0.05), (0.37, 0.35), (0.02, 0.001), (0.9, 0.9)])
@pytest.mark.parametrize("after", [0, 5])
def test_renewals_to_come_are_a_sum(mean, spread, after):
    fit = of(mean, spread)
    S = fit.survival(4000)
    by_hand = sum(S[after + t] / S[after] / 1.1 ** (t - 1) for t in range(1, 400))
    assert fit.renewals_to_come(discount=0.1, after=after) == pytest.approx(by_hand)
    if fit.alpha > 3:
        assert fit.renewals_to_come(discount=0.0, after=after) == pytest.approx(
            S[after + 1 :].sum() / S[after], rel=1e-3
        )
        assert fit.renewals_to_come(discount=1e-4, after=after) < fit.renewals_to_come(discount=0.0, after=after)


def test_some_who_all_but_never_leave_make_the_sum_endless():
    assert of(0.3, 0.3).renewals_to_come(discount=0.0) == math.inf
    assert of(0.3, 0.3).renewals_to_come(discount=0.1) < 11


def test_a_constant_rate_sells_survivors_short():
    fit = of(0.3, 0.3)
    assert fit.survival(10)[-1] > 3 * 0.7**10


@pytest.mark.slow
def test_intervals_of_forecasts_hold_the_truth_as_often_as_they_say():
    """Seven renewals of 500 customers with chances from a beta (0.9, 2.7); what is left after twelve."""
    draw, truth, held, runs = generator(4, "renewals"), of(0.25, 1 / 4.6), 0, 60
    for _ in range(runs):
        lifetime = draw.geometric(draw.beta(truth.alpha, truth.beta, 500))
        survivors = np.array([(lifetime > t).sum() for t in range(8)])
        found = fit_survivors(survivors).still_there(12)
        held += found.low <= truth.survival(12)[-1] <= found.high
    assert abs(held / runs - 0.9) < 0.09


@pytest.mark.parametrize("lost", [[50, 50], [100, 50], [100, 49], [99, 50], [1, 50]])
def test_all_leaving_sooner_or_later_is_an_answer(lost):
    fit = fit_renewals(np.array([100, 50]), np.array(lost))
    assert 0 <= fit.still_there(2).value < 1
    assert 0 <= fit.renewals_to_come(discount=0.1) < 11
    assert np.isfinite([*fit.covariance.ravel(), fit.log_likelihood, fit.still_there(2).se]).all()


@pytest.mark.parametrize(
    ("survivors", "words"),
    [
        ([100], "fewer than two"),
        ([100, 90], "fewer than two"),
        ([100, 0, 0], "fewer than two"),
        ([100, 100, 100], "no customer has left"),
        ([100, 60, 60], "after the first renewal"),
    ],
)
def test_too_little_is_said_in_words(survivors, words):
    with pytest.raises(CannotTell, match=words) as told:
        fit_survivors(np.array(survivors))
    assert told.value.settles


def test_impossible_numbers_are_refused():
    with pytest.raises(ValueError, match="from 0 to all"):
        fit_survivors(np.array([100, 120, 90]))
    with pytest.raises(ValueError, match="discount"):
        of(0.2, 0.1).renewals_to_come(discount=1e-9)
