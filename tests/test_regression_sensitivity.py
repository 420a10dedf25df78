"""Hidden confounders of linear models: published results, a second implementation, and what a real confounder does."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.regression_sensitivity import LinearModel, benchmark, linear_effect, twin_bias
from goodwill.samples import Covariates

NONE = Covariates(np.zeros((200, 0)), (), ())


def darfur(path):
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    names = ("age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "female")

    def column(name):
        return np.array([float(row[name]) for row in rows])

    covariates = Covariates(np.column_stack([column(name) for name in names]), names, names)
    villages = np.array([row["village"] for row in rows])
    return LinearModel(column("peacefactor"), column("directlyharmed"), covariates, villages)


def test_darfur_as_published(real_data):
    found = linear_effect(darfur(real_data("oracles", "darfur.csv")))
    assert found.effect.value == pytest.approx(0.09732, abs=5e-6)
    assert found.effect.se == pytest.approx(0.02326, abs=5e-6)
    assert found.t == pytest.approx(4.184, abs=5e-4)
    assert found.effect.df == 783
    assert found.partial_r2 == pytest.approx(0.0219, abs=5e-5)
    assert found.robustness == pytest.approx(0.1388, abs=5e-5)
    assert found.robustness_at_alpha == pytest.approx(0.0763, abs=5e-5)


@pytest.mark.parametrize(
    ("times", "r2", "adjusted", "t", "interval"),
    [
        (1, (0.0092, 0.1246), (0.0752, 0.0219), 3.439, (0.0323, 0.1182)),
        (2, (0.0183, 0.2493), (0.0529, 0.0204), 2.600, (0.0130, 0.0929)),
        (3, (0.0275, 0.3741), (0.0304, 0.0187), 1.628, (-0.0063, 0.0670)),
    ],
)
def test_darfur_benchmarks_as_published(real_data, *, times, r2, adjusted, t, interval):
    model = darfur(real_data("oracles", "darfur.csv"))
    found = benchmark(model, factor="female", times=times, level=0.95)
    assert (found.r2_treatment, found.r2_outcome) == pytest.approx(r2, abs=5e-5)
    assert (found.adjusted.value, found.adjusted.se) == pytest.approx(adjusted, abs=5e-5)
    assert found.adjusted.value / found.adjusted.se == pytest.approx(t, abs=5e-4)
    assert (found.adjusted.low, found.adjusted.high) == pytest.approx(interval, abs=5e-5)


def made_up(seed, n=200):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(n, 4))
    category = draw.integers(0, 5, n)
    treated = (X @ [0.6, 0.4, 0.0, -0.3] + 0.2 * category + draw.normal(size=n) > 0).astype(float)
    outcome = 0.3 * treated + X @ [0.5, -0.4, 0.2, 0.0] + 0.1 * category + draw.normal(size=n)
    return LinearModel(outcome, treated, Covariates(X, tuple("abcd"), ("a", "pair", "pair", "d")), category)


def by_normal_equations(model, kept):
    """Coefficient of the treatment, its standard error, and sums of squares left of outcome and treatment."""
    dummies = (model.absorbed[:, None] == np.unique(model.absorbed)).astype(float)
    X = np.column_stack([model.treatment, dummies, model.covariates.values[:, kept]])
    inverse = np.linalg.inv(X.T @ X)
    b = inverse @ X.T @ model.outcome
    rss = ((model.outcome - X @ b) ** 2).sum()
    rest = model.treatment - X[:, 1:] @ np.linalg.solve(X[:, 1:].T @ X[:, 1:], X[:, 1:].T @ model.treatment)
    return b[0], np.sqrt(rss / (len(X) - X.shape[1]) * inverse[0, 0]), rss, (rest**2).sum()


@pytest.mark.parametrize("seed", range(5))
def test_it_equals_the_normal_equations_with_a_column_for_each_level(seed):
    model = made_up(seed)
    found = linear_effect(model)
    b, se, rss, left = by_normal_equations(model, [0, 1, 2, 3])
    assert (found.effect.value, found.effect.se) == pytest.approx((b, se))
    assert found.effect.df == 200 - 1 - 5 - 4
    *_, rss_without, left_without = by_normal_equations(model, [0, 3])
    of_pair = benchmark(model, factor="pair", times=1)
    own_d, own_y = 1 - left / left_without, 1 - rss / rss_without
    assert of_pair.r2_treatment == pytest.approx(own_d / (1 - own_d))
    g = own_d**2 / (1 - own_d) ** 2
    assert of_pair.r2_outcome == pytest.approx((1 + np.sqrt(g)) ** 2 / (1 - g) * own_y / (1 - own_y))


def test_copied_columns_and_constant_columns_change_nothing():
    model = made_up(1)
    copied = np.column_stack([model.covariates.values, model.covariates.values, np.ones(200)])
    names = tuple(f"{i}" for i in range(9))
    other = LinearModel(model.outcome, model.treatment, Covariates(copied, names, names), model.absorbed)
    assert linear_effect(other).effect.value == pytest.approx(linear_effect(model).effect.value)
    assert linear_effect(other).effect.df == linear_effect(model).effect.df


@given(st.integers(0, 500), st.floats(-3, 3).filter(lambda v: abs(v) > 0.01), st.floats(-5, 5))
def test_units_do_not_matter_to_robustness(seed, scale, shift):
    model = made_up(seed, n=60)
    other = LinearModel(scale * model.outcome + shift, model.treatment, model.covariates, model.absorbed)
    one, two = linear_effect(model), linear_effect(other)
    assert two.effect.value == pytest.approx(scale * one.effect.value)
    assert two.robustness == pytest.approx(one.robustness)
    assert two.robustness_at_alpha <= two.robustness


@given(st.integers(0, 500))
def test_stronger_confounders_take_more(seed):
    model = made_up(seed, n=80)
    values = [abs(linear_effect(model).effect.value)]
    sign = np.sign(linear_effect(model).effect.value)
    for times in (0.5, 1, 2):
        try:
            values.append(sign * benchmark(model, factor="a", times=times).adjusted.value)
        except CannotTell:
            break
    assert values == sorted(values, reverse=True)


def test_a_confounder_at_the_robustness_value_brings_the_estimate_to_zero():
    """Built by hand: a hidden column with partial R2 of exactly RV with treatment and outcome."""
    found = linear_effect(made_up(3))
    r2 = found.robustness
    bias = found.effect.se * np.sqrt(found.effect.df * r2 * r2 / (1 - r2))
    assert bias == pytest.approx(abs(found.effect.value))


def test_twins_that_cannot_be_are_left_out():
    model = made_up(2)
    strong = np.column_stack([model.treatment + 0.05 * model.covariates.values[:, 0], model.covariates.values[:, 1]])
    twins = twin_bias(LinearModel(model.outcome, model.treatment, Covariates(strong, ("x", "y"), ("x", "y"))))
    assert set(twins) == {"y"}


@pytest.mark.parametrize(
    ("outcome", "treatment", "covariates"),
    [
        (np.arange(200.0), np.ones(200), NONE),
        (np.ones(200), np.arange(200.0), NONE),
        (np.arange(200.0), np.arange(200.0), NONE),
        (np.arange(200.0) ** 2, np.arange(200.0), Covariates(np.arange(200.0)[:, None], ("x",), ("x",))),
        (np.array([1.0, 2, 4]), np.array([0.0, 1, 1]), Covariates(np.zeros((3, 0)), (), ())),
    ],
)
def test_nothing_left_to_compare_cannot_be_told(outcome, treatment, covariates):
    with pytest.raises(CannotTell):
        linear_effect(LinearModel(outcome, treatment, covariates))


def test_large_numbers_are_no_lack_of_variation():
    model = made_up(4)
    far = LinearModel(model.outcome + 1e7, model.treatment, model.covariates, model.absorbed)
    assert linear_effect(far).effect.value == pytest.approx(linear_effect(model).effect.value, rel=1e-5)


def test_impossible_strengths_and_unknown_factors_are_refused():
    with pytest.raises(CannotTell, match="more than all"):
        benchmark(made_up(1), factor="a", times=50)
    with pytest.raises(ValueError, match="a, pair, d"):
        benchmark(made_up(1), factor="b")
