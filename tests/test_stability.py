"""Negative controls, other windows and parts left out: what each lets pass, condemns, and cannot say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.estimators.estimate import Estimate
from goodwill.verdicts.negative_controls import negative_exposure, negative_outcome
from goodwill.verdicts.stability import leaving_out, other_windows

HEADLINE = Estimate(0.08, 0.02)
SIZES = st.floats(-1, 1)
ERRORS = st.floats(0.001, 0.5)


@pytest.mark.parametrize("control", [negative_outcome, negative_exposure])
@pytest.mark.parametrize(
    ("value", "se", "survived"),
    [
        (0.00, 0.02, True),
        (0.04, 0.02, True),  # p = 0.046: not at 1%
        (0.06, 0.02, False),  # p = 0.003
        (-0.06, 0.02, False),
        (0.00, 0.023, True),  # could have found 3.42 x 0.023 = 0.0786, less than the 0.08 in question
        (0.00, 0.024, None),  # 0.082: could not
        (0.09, 0.03, False),  # what is found counts, however coarse the check
        (0.00, 0.0, None),
    ],
)
def test_negative_controls(control, value, se, survived):
    check = control("what came before", Estimate(value, se), headline=HEADLINE)
    assert check.survived is survived
    assert check.decisive
    assert ("could not run" in check.result) == (survived is None)


def test_a_precise_null_may_have_negative_controls_as_precise():
    assert negative_outcome("x", Estimate(0.0, 0.02), headline=Estimate(0.001, 0.02)).survived is True
    assert negative_outcome("x", Estimate(0.0, 0.021), headline=Estimate(0.001, 0.02)).survived is None


def test_negative_controls_condemn_one_honest_answer_in_a_hundred():
    found = np.random.default_rng(1).normal(0, 0.02, 5000)
    condemned = [negative_outcome("x", Estimate(v, 0.02), headline=HEADLINE).survived is False for v in found]
    assert np.mean(condemned) == pytest.approx(0.01, abs=0.005)


@pytest.mark.parametrize(
    ("halved", "doubled", "survived", "decisive"),
    [
        (Estimate(0.06, 0.02), Estimate(0.10, 0.02), True, False),
        (Estimate(0.06, 0.02), None, True, False),
        (None, None, None, False),
        (Estimate(0.03, 0.02), Estimate(0.08, 0.02), False, False),  # 2.5 errors smaller
        (Estimate(0.03, 0.03), Estimate(0.08, 0.02), True, False),
        (Estimate(-0.001, 0.05), Estimate(0.08, 0.02), False, False),  # the sign turns, within error
        (Estimate(-0.05, 0.02), Estimate(0.08, 0.02), False, True),  # beyond error
        (Estimate(0.08, 0.02), Estimate(-0.05, 0.02), False, True),
    ],
)
def test_other_windows(halved, doubled, survived, decisive):
    check = other_windows(HEADLINE, halved=halved, doubled=doubled)
    assert (check.survived, check.decisive) == (survived, decisive)


def test_the_sign_of_nothing_is_not_asked():
    nothing = Estimate(0.001, 0.02)
    assert other_windows(nothing, halved=Estimate(-0.01, 0.02), doubled=None).survived is True
    assert leaving_out(nothing, without={"segment=smb": -0.01}).survived is True


@given(SIZES, ERRORS, SIZES, ERRORS)
def test_the_mirrored_answer_is_judged_alike(value, se, other, other_se):
    one = other_windows(Estimate(value, se), halved=Estimate(other, other_se), doubled=None)
    two = other_windows(Estimate(-value, se), halved=None, doubled=Estimate(-other, other_se))
    assert (one.survived, one.decisive) == (two.survived, two.decisive)
    assert not (one.survived and one.decisive)  # a window never carries an answer
    same = other_windows(Estimate(value, se), halved=Estimate(value, se), doubled=Estimate(value, se))
    assert same.survived is True


def test_windows_that_share_data_agree_nineteen_times_in_twenty():
    draw = np.random.default_rng(2)
    for shared in (0.0, 0.5, 0.9):
        common, own, others = draw.normal(size=(3, 3000))
        one, two = (np.sqrt(shared) * common + np.sqrt(1 - shared) * apart for apart in (own, others))
        agrees = [
            other_windows(Estimate(0.5 + a, 1.0), halved=Estimate(0.5 + b, 1.0), doubled=None).figures
            for a, b in zip(one, two, strict=True)
        ]
        assert np.mean([f["largest_move_in_errors"] <= 2 for f in agrees]) >= (0.83 if not shared else 0.94)


def test_leaving_out_names_segments_and_venues_and_nobody():
    parts = {"segment=smb": 0.07, "owner=Ann Onym": 0.09, "venue=linkedin": 0.02, "owner=Bo Gus": -0.01}
    check = leaving_out(HEADLINE, without=parts)
    assert check.survived is False
    assert "without owner number 2 among 2" in check.result
    assert "Bo" not in str(check)
    assert "Ann" not in str(check)
    assert "without venue linkedin" in leaving_out(HEADLINE, without={"venue=linkedin": 0.02}).result
    assert "Onym" not in str(leaving_out(HEADLINE, without={"Ann Onym": 0.01}))
    assert "part number 1 among 1" in leaving_out(HEADLINE, without={"Ann Onym": 0.01}).result


@pytest.mark.parametrize(
    ("without", "survived"),
    [
        ({"segment=a": 0.05, "segment=b": 0.11}, True),
        ({"segment=a": 0.03}, False),  # 2.5 errors
        ({"segment=a": -0.001, "segment=b": 0.1}, False),
        ({}, None),
    ],
)
def test_leaving_out(without, survived):
    check = leaving_out(HEADLINE, without=without)
    assert check.survived is survived
    assert not check.decisive


def test_the_one_that_turns_the_sign_is_named_even_where_another_moves_more():
    check = leaving_out(Estimate(0.04, 0.02), without={"segment=a": 0.2, "segment=b": -0.01})
    assert "the largest of 2 moves is to +0.2, without segment a" in check.result
    assert "the sign turns without segment b" in check.result


def test_without_an_error_nothing_can_be_judged():
    exact = Estimate(0.08, 0.0)
    assert leaving_out(exact, without={"segment=a": 0.08}).survived is None
    assert other_windows(exact, halved=HEADLINE, doubled=None).survived is None
