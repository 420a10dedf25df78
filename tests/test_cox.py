"""Cox regression: the likelihood by loops, what cannot change the answer, clusters, degenerate data, known truth."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators import cox
from goodwill.estimators.cox import Intervals, fit_cox
from goodwill.estimators.resample import generator
from goodwill.estimators.risk_sets import risk_sets
from goodwill.samples import Covariates


def intervals(start, stop, event, x, **more):
    values = np.asarray(x, dtype=float).reshape(len(stop), -1)
    names = tuple(f"x{i}" for i in range(values.shape[1]))
    arrays = (np.asarray(start, dtype=float), np.asarray(stop, dtype=float), np.asarray(event, dtype=int))
    return Intervals(*arrays, Covariates(values, names, names), **more)


def some(seed, n=60, columns=2, moments=12):
    """Late entry, many ties, five accounts in three strata."""
    draw = generator(seed, "cox")
    start = draw.integers(0, moments // 2, n)
    stop = start + draw.integers(1, moments // 2, n)
    x = draw.normal(size=(n, columns))
    event = draw.random(n) < 1 / (1 + np.exp(-x[:, 0]))
    return intervals(start, stop, event, x, group=draw.integers(0, 15, n), stratum=draw.integers(0, 3, n))


def naive(sample, b, ties):
    """Log-likelihood, score of each row and expected information, one tied event after another."""
    X = sample.covariates.values
    likelihood, scores, information = 0.0, np.zeros_like(X), np.zeros((len(b), len(b)))
    for stratum in np.unique(sample.stratum):
        for t in np.unique(sample.stop[(sample.event == 1) & (sample.stratum == stratum)]):
            here = (sample.stratum == stratum) & (sample.start < t) & (t <= sample.stop)
            dead = here & (sample.stop == t) & (sample.event == 1)
            d = dead.sum()
            for k in range(d):
                share = np.where(dead & (ties == "efron"), 1 - k / d, 1.0) * here
                risk = share * np.exp(X @ b)
                mean = risk @ X / risk.sum()
                likelihood += (X[dead] @ b).mean() - math.log(risk.sum())
                information += (X * (risk / risk.sum())[:, None]).T @ X - np.outer(mean, mean)
                scores += (dead / d - risk / risk.sum())[:, None] * (X - mean)
    return likelihood, scores, information


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("seed", range(4))
def test_the_answer_is_the_maximum_of_the_likelihood_by_loops(seed, ties):
    sample = some(seed)
    fit = fit_cox(sample, ties=ties)
    likelihood, scores, information = naive(sample, fit.coefficients, ties)
    assert fit.log_likelihood == pytest.approx(likelihood)
    assert fit.null_log_likelihood == pytest.approx(naive(sample, np.zeros(2), ties)[0])
    assert np.abs(scores.sum(axis=0)).max() < 0.002  # but for the prior
    assert fit.model_covariance == pytest.approx(np.linalg.inv(information), rel=1e-4)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_clustered_errors_equal_scores_summed_by_loops(ties):
    sample = some(5)
    fit = fit_cox(sample, ties=ties)
    scores = naive(sample, fit.coefficients, ties)[1]
    summed = np.array([scores[sample.group == g].sum(axis=0) for g in np.unique(sample.group)])
    groups, V = len(summed), fit.model_covariance
    assert fit.covariance == pytest.approx(V @ summed.T @ summed @ V * groups / (groups - 1), rel=1e-3, abs=1e-6)
    assert fit.effect("x0").df == groups - 1


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_what_cannot_change_the_answer(seed):
    sample = some(seed, n=40)
    X = sample.covariates.values
    fit = fit_cox(sample)
    # rows in another order, columns in other units, from another origin
    turned = np.argsort(generator(seed, "turned").random(40))
    other = fit_cox(
        intervals(
            sample.start[turned] * 3 + 7,
            sample.stop[turned] * 3 + 7,
            sample.event[turned],
            (X * [10, -0.1] + 5)[turned],
            group=sample.group[turned],
            stratum=sample.stratum[turned],
        )
    )
    assert other.coefficients * [10, -0.1] == pytest.approx(fit.coefficients, rel=1e-6, abs=1e-8)
    assert other.log_likelihood == pytest.approx(fit.log_likelihood)
    assert other.covariance[0, 0] * 100 == pytest.approx(fit.covariance[0, 0], rel=1e-6)
    # every row cut in two at its middle, as one row per week would be
    middle = (sample.start + sample.stop) / 2
    cut = intervals(
        np.append(sample.start, middle),
        np.append(middle, sample.stop),
        np.append(np.zeros(40), sample.event),
        np.vstack([X, X]),
        group=np.tile(sample.group, 2),
        stratum=np.tile(sample.stratum, 2),
    )
    again = fit_cox(cut)
    assert again.coefficients == pytest.approx(fit.coefficients, rel=1e-6, abs=1e-8)
    assert again.covariance == pytest.approx(fit.covariance, rel=1e-5, abs=1e-8)


def test_strata_add_up():
    sample = some(2)
    fit = fit_cox(sample)
    parts = [naive(intervals(*(a[sample.stratum == s] for a in (sample.start, sample.stop, sample.event)),
                             sample.covariates.values[sample.stratum == s],
                             stratum=np.zeros((sample.stratum == s).sum())), fit.coefficients, "efron")[0]
             for s in range(3)]  # fmt: skip
    assert fit.log_likelihood == pytest.approx(sum(parts))


def test_without_ties_efron_is_breslow():
    n = 50
    draw = generator(3, "no ties")
    sample = intervals(np.zeros(n), draw.permutation(n) + 1, draw.integers(0, 2, n), draw.normal(size=(n, 2)))
    efron, breslow = (fit_cox(sample, ties=ties) for ties in ("efron", "breslow"))
    assert efron.coefficients.tolist() == breslow.coefficients.tolist()


def test_copies_of_an_account_add_nothing_to_what_is_known():
    sample = some(7)
    twice = intervals(
        *(np.tile(a, 2) for a in (sample.start, sample.stop, sample.event)),
        np.tile(sample.covariates.values, (2, 1)),
        group=np.tile(sample.group, 2),
        stratum=np.tile(sample.stratum, 2),
    )
    one, two = (fit_cox(s, ties="breslow") for s in (sample, twice))
    assert two.coefficients == pytest.approx(one.coefficients, abs=1e-5)
    assert two.effect("x0").se == pytest.approx(one.effect("x0").se, rel=1e-4)
    assert two.model_covariance == pytest.approx(one.model_covariance / 2, rel=1e-4)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=15), st.integers(1, 20))
def test_risk_sets_are_sums_over_stretches(stretches, times):
    first, past = np.sort(np.minimum(np.array(stretches), times), axis=1).T
    sets = risk_sets(first, past, times)
    here = (first[:, None] <= np.arange(times)) & (np.arange(times) < past[:, None])
    rows, moments = 10.0 ** np.arange(len(first)), 2.0 ** np.arange(times)
    assert sets.sums(rows) == pytest.approx(rows @ here)
    assert sets.gathered(moments) == pytest.approx(here @ moments)
    assert len(sets.row) <= len(first) * 2 * (times.bit_length() + 1)


def test_a_small_risk_set_keeps_its_digits_after_a_large_one():
    """Risks of 1e20 come and go before two rows of risk 1 and 2: a running sum would have nothing left of them."""
    sets = risk_sets(np.array([0, 1, 2]), np.array([2, 3, 3]), 3)
    assert sets.sums(np.array([1e20, 1.0, 2.0])).tolist()[2] == 3.0


# --- data that say little or nothing ---


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("useless", ["constant", "a rounded constant", "a copy", "separating"])
def test_a_column_that_says_nothing_gets_a_number_and_a_large_error(useless, grouped):
    sample = some(11, columns=1)
    x = sample.covariates.values[:, 0]
    column = {
        "constant": np.full(60, 3.0),
        "a rounded constant": np.full(60, 0.1),
        "a copy": 2 * x - 1,
        "separating": sample.event,
    }[useless]
    group = sample.group if grouped else None
    fit = fit_cox(intervals(sample.start, sample.stop, sample.event, np.column_stack([x, column]), group=group))
    alone = fit_cox(intervals(sample.start, sample.stop, sample.event, x, group=group))
    ratio = fit.hazard_ratio("x1")
    assert np.isfinite([*fit.coefficients, *fit.covariance.ravel(), *fit.model_covariance.ravel()]).all()
    assert 0 <= ratio.low <= ratio.value <= ratio.high < math.inf
    assert ratio.p > (0.3 if useless == "separating" else 0.8)
    if useless == "a copy":
        assert fit.effect("x0").p > 0.8
        assert fit.coefficients[0] + 2 * fit.coefficients[1] == pytest.approx(alone.coefficients[0], rel=1e-4)
    elif useless != "separating":
        assert fit.effect("x1").value == 0
        assert fit.effect("x0").value == pytest.approx(alone.effect("x0").value, rel=1e-4)
        assert fit.effect("x0").se == pytest.approx(alone.effect("x0").se, rel=1e-4)


def far_out(seed, n=40):
    """A covariate with a few values far from the rest, and hazards that go with a power of it."""
    draw = np.random.default_rng(seed)
    x = np.exp(draw.normal(size=n) * 2.5)
    stop = draw.exponential(size=n) * np.exp(-np.clip(draw.choice([0.5, 2]) * np.log(x), -20, 20))
    return intervals(np.zeros(n), stop, np.ones(n), x, stratum=np.zeros(n))


def test_steps_too_far_are_halved():
    sample = far_out(115)
    fit = fit_cox(sample)
    scores = naive(sample, fit.coefficients, "efron")[1]
    scale = sample.covariates.values.std()
    assert scores.sum() / scale == pytest.approx(1e-4 * fit.coefficients[0] * scale, rel=1e-2)  # the pull of the prior


def test_values_out_of_all_reach_are_named():
    with pytest.raises(CannotTell, match="too far out") as told:
        fit_cox(far_out(194))
    assert "logarithm" in told.value.settles


def test_risks_far_apart_neither_overflow_nor_vanish():
    sample = intervals(np.zeros(3), [1, 2, 3], [1, 1, 1], [300.0, 0.0, -300.0])
    at = cox._problem(sample, sample.covariates.values, "efron").evaluate(np.array([2.0]))
    assert at.log_likelihood == pytest.approx(0, abs=1e-9)
    sample = some(12, columns=1)
    wild = np.where(np.arange(60) == 3, 1e12, sample.covariates.values[:, 0])
    assert np.isfinite(fit_cox(intervals(sample.start, sample.stop, sample.event, wild)).coefficients).all()


def test_no_column_at_all():
    sample = some(13)
    fit = fit_cox(intervals(sample.start, sample.stop, sample.event, np.zeros((60, 0)), group=sample.group))
    assert fit.log_likelihood == fit.null_log_likelihood < 0


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"event": np.zeros(60)}, CannotTell, "nothing happened"),
        ({"group": np.zeros(60)}, CannotTell, "one account"),
        ({"stop": np.zeros(60)}, ValueError, "begin before it ends"),
        ({"event": np.full(60, 2)}, ValueError, "0 or 1"),
        ({"x": np.full(60, np.nan)}, ValueError, "finite"),
    ],
)
def test_what_cannot_be_fitted_is_said(changed, error, words):
    sample = some(1)
    usual = {"start": sample.start, "stop": sample.stop, "event": sample.event, "x": sample.covariates.values}
    with pytest.raises(error, match=words):
        fit_cox(intervals(**(usual | changed)))


def test_unknown_ties_are_refused():
    with pytest.raises(ValueError, match="efron or breslow, not exact"):
        fit_cox(some(1), ties="exact")


# --- known truth ---


def touched_deals(draw, *, effect, n=300):
    """Rows before and after a touch that comes at random, for pairs of deals of one account that share a frailty."""
    frailty = np.repeat(draw.gamma(4, 0.25, n // 2), 2)
    touch, clock = draw.exponential(1.0, n), draw.exponential(1.0, n) / frailty
    end = np.where(clock < touch, clock, touch + (clock - touch) * np.exp(-effect))
    seen = np.minimum(end, 2.0)
    later = touch < seen
    split = np.minimum(touch, seen)
    start, stop = np.append(np.zeros(n), split[later]), np.append(split, seen[later])
    event = np.append((end <= 2) & ~later, (end <= 2)[later])
    account = np.arange(n) // 2
    exposed = np.append(np.zeros(n), np.ones(later.sum()))
    split_rows = intervals(start, stop, event, exposed, group=np.append(account, account[later]))
    return split_rows, intervals(np.zeros(n), seen, end <= 2, later.astype(float), group=account)


def test_immortal_time_fools_ever_touched_and_not_the_split():
    split, ever = touched_deals(generator(1, "touched"), effect=0.0, n=2000)
    honest, fooled = (fit_cox(sample).effect("x0") for sample in (split, ever))
    assert fooled.value < -0.5
    assert fooled.p < 1e-6
    assert abs(honest.value) < 0.2


def test_the_interval_holds_the_truth_as_often_as_it_says():
    draw, held, runs = generator(2, "coverage of cox"), 0, 120
    for _ in range(runs):
        n = 200
        x, account = draw.normal(size=n), np.arange(n) // 4
        shared = np.repeat(
            draw.normal(size=n // 4), 4
        )  # accounts are alike in the covariate and unlike in nothing else
        end = draw.exponential(1.0, n) * np.exp(-0.4 * (x + shared))
        cut = draw.uniform(0.5, 3.0, n)
        fit = fit_cox(intervals(np.zeros(n), np.minimum(end, cut), end < cut, x + shared, group=account))
        effect = fit.effect("x0")
        held += effect.low <= 0.4 <= effect.high
    assert abs(held / runs - 0.9) < 0.07
