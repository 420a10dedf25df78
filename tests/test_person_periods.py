"""Follow-up in whole periods: against a naive expansion and Kaplan-Meier."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.estimators.follow_up import followed
from goodwill.estimators.logistic import fit_logistic
from goodwill.estimators.person_periods import person_periods, standardised_survival
from goodwill.estimators.resample import generator
from goodwill.estimators.survival import kaplan_meier


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(0, 2), st.integers(1, 4)), min_size=1))
def test_person_periods_equal_a_naive_expansion(units):
    periods, ended, pattern, weight = np.array(units).T
    expected = {}
    for last, end, kind, mass in units:
        for now in range(min(last, 4)):
            expected[kind, now] = expected.get((kind, now), 0) + np.array([mass, mass * end * (now == last - 1)])
    rows = person_periods(periods, ended, pattern=pattern, weight=weight.astype(float), longest=4)
    keys = list(zip(rows.pattern.tolist(), rows.period.tolist(), strict=True))
    assert keys == sorted(expected)
    for key, here, over in zip(keys, rows.at_risk, rows.ended, strict=True):
        assert [here, over] == expected[key].tolist()


def test_a_hazard_of_its_own_for_every_period_gives_kaplan_meier():
    draw = generator(1, "person periods")
    periods, ended = draw.integers(1, 6, 80), draw.integers(0, 2, 80)
    rows = person_periods(periods, ended, pattern=np.zeros(80, dtype=int))
    fit = fit_logistic(np.eye(5)[rows.period], rows.ended, rows.at_risk, ridge=0.0)
    curve = standardised_survival(fit.probability(np.eye(5))[None])
    assert curve == pytest.approx(kaplan_meier(followed(periods, ended)).still_open, abs=1e-5)


def test_standardised_survival_weighs_patterns():
    hazard = np.array([[0.5, 0.0], [0.1, 0.1]])
    assert standardised_survival(hazard, weight=np.array([3.0, 1.0])) == pytest.approx([0.6, 0.5775])


@pytest.mark.parametrize(("periods", "ended", "pattern"), [(-1, 0, 0), (1, 2, 0), (1, 0, -1)])
def test_impossible_periods_are_refused(periods, ended, pattern):
    with pytest.raises(ValueError, match="counted from 0"):
        person_periods(np.array([periods]), np.array([ended]), pattern=np.array([pattern]))
