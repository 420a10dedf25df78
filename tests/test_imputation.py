"""Pooling over plausible versions of the data: published numbers, invariants, and that intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.estimators.imputation import pooled


def versions(value: float, within: float, between: float, m: int) -> tuple[list[float], list[float]]:
    """Estimates with exactly this mean and variance, and standard errors with exactly this mean square."""
    z = np.linspace(-1, 1, m)
    z /= z.std(ddof=1)
    return (value + math.sqrt(between) * z).tolist(), [math.sqrt(within)] * m


def test_the_regression_weight_of_the_amos_manual() -> None:
    """IBM SPSS Amos 21 User's Guide, example 31: ten data sets, weight 1.172, variances 0.0233 and 0.0085."""
    found = pooled(*versions(1.172, 0.0233, 0.0085, 10))
    assert found.value == pytest.approx(1.172)
    assert found.se == pytest.approx(0.1807, abs=1e-4)
    assert found.value / found.se == pytest.approx(6.49, abs=0.01)
    assert found.df == pytest.approx(109, abs=1)


def test_the_degrees_of_freedom_of_the_sas_manual() -> None:
    """SAS/STAT User's Guide, procedure MI: five data sets and a relative increase of 10% give 484."""
    assert pooled(*versions(0, 1, 0.1 / 1.2, 5)).df == pytest.approx(484)


def test_the_share_of_missing_information_of_heymans_and_eekhout() -> None:
    """Applied Missing Data Analysis, chapter 10.1: between 0.040027, total 0.849084, three data sets, 0.06283485."""
    found = pooled(*versions(0, 0.849084 - 0.040027 * 4 / 3, 0.040027, 3))
    assert found.se**2 == pytest.approx(0.849084)
    assert math.sqrt(2 / found.df) == pytest.approx(0.06283485, abs=3e-5)  # from rounded variances


def test_few_observations_worked_by_hand() -> None:
    """Two versions, 1 and 3, standard errors 1: U = 1, B = 2, T = 1 + 1.5 x 2 = 4, lambda = 3/4, and of 12 degrees
    of freedom 13/15 x 12 x 1/4 = 2.6 are observed, 16/9 between: together 1 / (9/16 + 1/2.6)."""
    found = pooled([1, 3], [1, 1], df=12)
    assert (found.value, found.se) == (2, 2)
    assert found.df == pytest.approx(1 / (9 / 16 + 1 / 2.6))


def test_versions_that_agree_say_what_one_of_them_says() -> None:
    found = pooled([0.3] * 5, [0.1] * 5, df=17, level=0.8)
    assert (found.value, found.df, found.level) == (0.3, 17, 0.8)
    assert found.se == pytest.approx(0.1)
    assert pooled([0.3], [0.1]).df == math.inf


def test_without_errors_within_only_the_versions_count() -> None:
    for df in (math.inf, 10):
        found = pooled([1, 2, 3], [0, 0, 0], df=df)
        assert (found.se**2, found.df) == pytest.approx((4 / 3, 2))


@pytest.mark.parametrize(("values", "ses"), [([], []), ([1.0, 2.0], [1.0])])
def test_what_cannot_be_pooled_is_refused(values: list[float], ses: list[float]) -> None:
    with pytest.raises(ValueError, match="cannot be pooled"):
        pooled(values, ses)


numbers = st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 10)), min_size=2, max_size=12)


@given(numbers, st.floats(2, 500), st.randoms())
def test_pooling_never_claims_more_than_the_data_and_knows_no_order(found, df, random) -> None:  # type: ignore[no-untyped-def]
    values, ses = zip(*found, strict=True)
    one = pooled(values, ses, df=df)
    assert one.se**2 >= np.mean(np.square(ses)) * (1 - 1e-12)
    assert one.df <= df * (1 + 1e-12)
    random.shuffle(found)
    other = pooled(*zip(*found, strict=True), df=df)
    assert (other.value, other.se, other.df) == pytest.approx((one.value, one.se, one.df), rel=1e-9, abs=1e-12)


def test_intervals_hold_the_truth_as_often_as_they_claim() -> None:
    """A mean of which 40% of the values are missing, imputed five times from the posterior of a normal model."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(600):
        seen = rng.normal(3, 2, 30)
        estimates, ses = [], []
        for _ in range(5):
            variance = seen.var(ddof=1) * 29 / rng.chisquare(29)
            middle = rng.normal(seen.mean(), math.sqrt(variance / 30))
            whole = np.concatenate([seen, rng.normal(middle, math.sqrt(variance), 20)])
            estimates.append(whole.mean())
            ses.append(whole.std(ddof=1) / math.sqrt(50))
        found = pooled(estimates, ses, df=49)
        held += found.low <= 3 <= found.high
    assert held / 600 == pytest.approx(0.90, abs=0.03)
