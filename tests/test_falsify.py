"""Checks must let honest pipelines pass, condemn wrong ones, and say so when they cannot run."""

from dataclasses import replace

import numpy as np
import pytest

from goodwill.errors import CannotTell
from goodwill.estimators.doubly_robust import adjusted_difference, naive_difference
from goodwill.estimators.hazards import differences
from goodwill.estimators.learners import QUICK
from goodwill.samples import NEVER, Covariates, Units
from goodwill.verdicts.falsify import balance, fake_dates, future_exposure, overlap, shuffled_treatment
from invented import customers, opportunities


def share_gap(spells):
    return differences(spells, horizon_weeks=26)[0]


def ever_exposed(spells):
    """The wrong estimator: whoever is ever exposed counts as exposed from the start."""
    return share_gap(spells.with_exposure(np.where(spells.exposed_week < NEVER, -1, NEVER)))


TOUCHES = np.arange(40)


@pytest.fixture(scope="module")
def sample():
    return opportunities(1500, effect=0.5, seed=11)[0]


def test_made_up_dates_spare_the_right_estimator_and_condemn_the_wrong_one(sample):
    assert fake_dates(sample, share_gap, touch_weeks=TOUCHES, repeats=40).survived is True
    condemned = fake_dates(sample, ever_exposed, touch_weeks=TOUCHES, repeats=40)
    assert condemned.survived is False
    assert condemned.figures["mean"] < -0.03  # those who lived to see their date won later


def test_false_alarms_are_rare():
    alarms = 0
    for seed in range(12):
        spells = opportunities(500, effect=0.0, seed=seed)[0]
        check = fake_dates(spells, share_gap, touch_weeks=TOUCHES, repeats=30, seed=seed)
        alarms += check.survived is False
    assert alarms == 0


def test_shuffles_are_centred_and_rank_a_real_effect_first(sample):
    check = shuffled_treatment(sample, share_gap, observed=share_gap(sample), repeats=40)
    assert check.survived is True
    assert check.figures["rank"] == 1
    assert check.figures["p"] == pytest.approx(1 / 41)


def test_a_pipeline_that_makes_effects_from_nothing_is_condemned(sample):
    check = shuffled_treatment(sample, lambda s: share_gap(s) + 0.05, observed=0.0, repeats=40)
    assert check.survived is False


def test_shuffling_keeps_the_sample_and_repeats_itself():
    units, _ = customers(200, effect=1.0, seed=1)
    seen = []
    run = [
        shuffled_treatment(units, lambda s: seen.append(s) or naive_difference(s).value, observed=1.0, seed=5)
        for _ in range(2)
    ]
    assert run[0] == run[1]
    assert all(s.treated.sum() == units.treated.sum() for s in seen)
    assert any((s.treated != units.treated).any() for s in seen)


def test_checks_that_cannot_run_are_no_pass(sample):
    def mute(_):
        raise CannotTell("nothing")

    assert shuffled_treatment(sample, mute, observed=0.0).survived is None
    assert fake_dates(sample, mute, touch_weeks=TOUCHES).survived is None
    assert fake_dates(sample, share_gap, touch_weeks=np.array([], dtype=int)).survived is None
    few, _ = customers(30, effect=0.0, seed=1, binary=True)
    check = future_exposure(few)
    assert check.survived is None
    assert "could not run" in check.result


def decisions(seed, selected):
    """Decided units; later exposure goes with the covariate, and if ``selected`` with the win itself."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=1000)
    won = (draw.random(1000) < 1 / (1 + np.exp(-x))).astype(float)
    later = (draw.random(1000) < 1 / (1 + np.exp(1 - x - selected * won))).astype(int)
    return Units(np.arange(1000), np.arange(1000) // 2, later, won, Covariates(x[:, None], ("x",), ("x",)))


def test_future_exposure_forgives_what_covariates_explain_and_nothing_more():
    assert [future_exposure(decisions(seed, 0.0)).survived for seed in range(60)].count(False) <= 3  # at 1%
    assert all(future_exposure(decisions(seed, 0.8)).survived is False for seed in range(5))
    bare = replace(decisions(1, 0.0), covariates=Covariates(np.zeros((1000, 0)), (), ()))
    assert future_exposure(bare).survived is False


def test_overlap_and_balance_decide_where_they_can_be_judged():
    units, _ = customers(600, effect=1.0, seed=3)
    adjusted = adjusted_difference(units, learners=QUICK, repeats=1)
    good = (overlap(adjusted), balance(adjusted))
    assert all(c.decisive for c in good)
    assert good[0].survived is True
    assert overlap(replace(adjusted, share_clipped=0.2)).survived is False
    assert balance(replace(adjusted, imbalance_after={"a": -0.3, "b": 0.01})).survived is False
    without_covariates = balance(replace(adjusted, imbalance_after={}))
    assert (without_covariates.survived, without_covariates.decisive) == (None, False)
