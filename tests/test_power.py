"""Sizes of experiments: published examples, laws that must hold, a second computation, and experiments run."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

from goodwill.errors import CannotTell
from goodwill.estimators import stepped_wedge
from goodwill.estimators.power import (
    Arms,
    Companies,
    Outcome,
    detectable,
    intraclass_correlation,
    power_of,
    quantiles,
    standard_error,
    units_needed,
)


def share(p: float) -> Outcome:
    return Outcome(p, math.sqrt(p * (1 - p)), is_share=True)


# --- published --------------------------------------------------------------------------------------------------------


def test_two_proportions_of_chow_shao_and_wang() -> None:
    """Sample Size Calculations in Clinical Research (2008), p. 89: 65% against 85% takes 70 in each group."""
    assert units_needed(share(0.65), effect=0.2, arms=Arms()) == 140
    assert units_needed(share(0.85), effect=-0.2, arms=Arms()) == 140


def test_two_means_of_chow_shao_and_wang() -> None:
    """The same, section 3.2: a difference of 5 with a standard deviation of 10 takes 63 in each group."""
    assert math.ceil(units_needed(Outcome(5.0, 10.0), effect=5.0, arms=Arms()) / 2) == 63


@pytest.mark.parametrize(("ratio", "published"), [(1, 127.2343), (3, 83.1527)])
def test_two_proportions_are_close_to_those_of_fleiss(ratio: int, published: float) -> None:
    """Zar, Biostatistical Analysis (1999), p. 561: 45% against 25%, power 90%, with the correction for continuity.

    Fleiss, Tytun and Ury (1980) pool the variance under no effect. Without their correction, which an interval of means
    does not need, theirs and ours are within 7 of 100.
    """
    p, q = 0.45, 0.25
    mean = (p + ratio * q) / (1 + ratio)
    z, z_power = special.ndtri(0.975), special.ndtri(0.9)
    pooled = z * math.sqrt((ratio + 1) * mean * (1 - mean)) + z_power * math.sqrt(ratio * p * (1 - p) + q * (1 - q))
    first = pooled**2 / ratio / (p - q) ** 2
    corrected = first / 4 * (1 + math.sqrt(1 + 2 * (ratio + 1) / (first * ratio * abs(p - q)))) ** 2
    assert corrected == pytest.approx(published, abs=1e-3)
    ours = units_needed(share(q), effect=p - q, arms=Arms(share=1 / (1 + ratio)), power=0.9)
    assert ours == pytest.approx((1 + ratio) * first, rel=0.07)


def test_who_does_not_do_what_was_dealt_costs_as_in_the_textbook() -> None:
    """Friedman, Furberg and DeMets, ch. 8: 20% drop out and 5% drop in multiply the sample by 1.78."""
    all_do, some = (units_needed(Outcome(0.0, 30.0), effect=1.0, arms=Arms(contrast=c)) for c in (1.0, 1 - 0.2 - 0.05))
    assert some / all_do == pytest.approx(1.78, abs=0.005)


def test_companies_cost_as_kish_and_eldridge_say() -> None:
    assert Companies(size=20, icc=0.05).design_effect == pytest.approx(1 + 19 * 0.05)
    assert Companies(size=20, cv=0.65, icc=0.05).design_effect == pytest.approx(1 + ((0.65**2 + 1) * 20 - 1) * 0.05)
    assert Companies(size=1.0, icc=0.3).design_effect == 1


def expedited_treatment(tau: float, more: float = 0.0) -> float:
    """Power of the stepped wedge of Hussey and Hughes (2007): 24 counties, 4 steps, 100 a county, 5% down to 3.2%."""
    X = stepped_wedge.schedule(24, steps=4)
    variance = stepped_wedge.variance(X, within=0.041 * 0.959 / 100 + more, between=tau**2)
    return power_of(0.05 - 0.032, se=math.sqrt(variance))


def test_the_stepped_wedge_of_hussey_and_hughes() -> None:
    """They plan for a power of 80%; SteppedPower (R) prints 0.6451082 where counties vary from time to time."""
    assert expedited_treatment(tau=0.025) == pytest.approx(0.80, abs=0.01)
    assert expedited_treatment(tau=0.025, more=0.01**2 + 0.1**2 / 100) == pytest.approx(0.6451082, abs=1e-7)


# --- laws -------------------------------------------------------------------------------------------------------------

SHARES = st.floats(0.02, 0.98)
ARMS = st.builds(Arms, st.floats(0.1, 0.9), st.floats(0.05, 1.0), st.floats(1.0, 3.0))


@given(SHARES, ARMS, st.floats(50, 1e6), st.sampled_from([-1, 1]))
def test_what_so_many_units_find_needs_so_many_units(p: float, arms: Arms, units: float, sign: int) -> None:
    try:
        effect = sign * detectable(share(p), units=units, arms=arms, sign=sign)
        needed = units_needed(share(p), effect=effect, arms=arms)
    except CannotTell:
        assume(False)
    assert needed == pytest.approx(units, rel=1e-6, abs=1)
    se = standard_error(share(p), units=units, arms=arms, effect=arms.contrast * effect)
    assert power_of(arms.contrast * effect, se=se) == pytest.approx(0.8, abs=1e-6)


@given(st.floats(0.1, 1e5), st.floats(-3, 30), ARMS, st.floats(60, 1e6))
def test_the_same_holds_for_amounts(spread: float, skewness: float, arms: Arms, units: float) -> None:
    amounts = Outcome(10.0, spread, skewness)
    try:
        effect = detectable(amounts, units=units, arms=arms)
    except CannotTell:
        assume(False)
    assert units_needed(amounts, effect=effect, arms=arms) == pytest.approx(units, rel=1e-6, abs=1)
    assert units_needed(amounts, effect=effect / 2, arms=arms) == pytest.approx(4 * units, rel=1e-6, abs=1)


@given(SHARES, ARMS, st.floats(0.001, 0.2))
def test_less_to_differ_by_and_more_alike_need_more(p: float, arms: Arms, effect: float) -> None:
    assume(p + effect < 1)
    n = units_needed(share(p), effect=effect, arms=arms)
    fewer_touched = Arms(arms.share, arms.contrast / 2, arms.design_effect)
    more_alike = Arms(arms.share, arms.contrast, arms.design_effect * 1.5)
    assert units_needed(share(p), effect=effect, arms=more_alike) >= n
    assert units_needed(share(p), effect=effect, arms=fewer_touched) > n


@given(st.integers(2, 30), st.integers(1, 6), st.floats(0.01, 5), st.floats(0, 5))
def test_the_closed_form_is_that_of_weighted_least_squares(
    groups: int, steps: int, within: float, between: float
) -> None:
    """A second computation: the covariance of generalised least squares with period levels and the start."""
    X = stepped_wedge.schedule(groups, steps=steps)
    try:
        closed = stepped_wedge.variance(X, within=within, between=between)
    except CannotTell:
        assume(False)
    T = steps + 1
    weight = np.linalg.inv(within * np.eye(T) + between)
    designs = [np.column_stack([np.eye(T), row]) for row in X]
    information = sum(d.T @ weight @ d for d in designs)
    assume(np.linalg.matrix_rank(information) == T + 1)
    assert closed == pytest.approx(np.linalg.inv(information)[-1, -1], rel=1e-6)


def test_likeness_is_that_of_analysis_of_variance_by_hand() -> None:
    draw = np.random.default_rng(5)
    group = np.repeat(np.arange(40), draw.integers(1, 9, 40))
    values = draw.normal(size=40)[group] + 2 * draw.normal(size=len(group))
    k, n = 40, len(group)
    sizes = [int((group == g).sum()) for g in range(k)]
    means = [values[group == g].mean() for g in range(k)]
    msb = sum(m * (a - values.mean()) ** 2 for m, a in zip(sizes, means, strict=True)) / (k - 1)
    msw = sum(((values[group == g] - means[g]) ** 2).sum() for g in range(k)) / (n - k)
    n0 = (n - sum(m * m for m in sizes) / n) / (k - 1)
    assert intraclass_correlation(values, group=group) == pytest.approx((msb - msw) / (msb + (n0 - 1) * msw))


def test_likeness_is_found_where_it_is_known() -> None:
    draw = np.random.default_rng(6)
    group = np.repeat(np.arange(3000), 5)
    chance = draw.beta(2.0, 6.0, 3000)[group]  # a beta-binomial of 2 and 6 has a correlation of 1 / (2 + 6 + 1)
    assert intraclass_correlation((draw.random(15000) < chance) * 1.0, group=group) == pytest.approx(1 / 9, abs=0.015)
    assert intraclass_correlation(draw.normal(size=15000), group=group) < 0.02
    assert intraclass_correlation(np.arange(5.0), group=np.arange(5)) == 0
    assert intraclass_correlation(np.ones(6), group=np.array([0, 0, 0, 1, 1, 1])) == 0


@pytest.mark.parametrize(
    ("outcome", "effect", "arms"),
    [
        (share(0.9), 0.2, Arms()),
        (share(0.1), -0.2, Arms()),
        (share(0.3), 0.0, Arms()),
        (Outcome(1.0, 1.0), 0.0, Arms()),
    ],
)
def test_what_cannot_be_is_not_planned(outcome: Outcome, effect: float, arms: Arms) -> None:
    with pytest.raises(CannotTell) as cannot:
        units_needed(outcome, effect=effect, arms=arms)
    assert cannot.value.settles


def test_nothing_is_found_with_nothing() -> None:
    for units in (0.0, 3.0):
        with pytest.raises(CannotTell):
            detectable(share(0.2), units=units, arms=Arms(contrast=0.1))
    with pytest.raises(CannotTell):
        Arms(share=1.0)
    with pytest.raises(CannotTell):
        Arms(contrast=0.0)
    with pytest.raises(CannotTell):
        Outcome.of(np.ones(9))


# --- experiments drawn and run ----------------------------------------------------------------------------------------


def test_an_invitation_test_of_the_planned_size_finds_what_it_was_planned_for() -> None:
    """Uneven numbers of deals, alike within companies; a third takes the invitation up, a tenth is touched anyway.

    The effect is small: a large one makes companies more unlike each other than they were.
    """
    draw = np.random.default_rng(7)
    p, effect, contrast, icc = 0.25, 0.1, 0.9 / 3, 0.1
    sizes = 1 + draw.poisson(2.0, 4000)
    alike = Companies(float(sizes.mean()), float(sizes.std() / sizes.mean()), icc)
    n = units_needed(share(p), effect=effect, arms=Arms(contrast=contrast, design_effect=alike.design_effect))
    companies = round(n / alike.size)
    found = [_invited(draw, draw.choice(sizes, companies), p, effect) for _ in range(600)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.045)  # 2.7 errors of 600 draws


def _invited(draw: np.random.Generator, sizes: np.ndarray, p: float, effect: float) -> bool:
    invited = draw.permutation(len(sizes)) % 2
    touched = draw.random(len(sizes)) < np.where(invited, 0.1 + 0.9 / 3, 0.1)
    base = draw.beta(p * 9, (1 - p) * 9, len(sizes))  # a correlation of 1 / (9 + 1)
    chance = np.where(touched, base + effect * (1 - base) / (1 - p), base)  # raises the mean by the effect
    wins = draw.binomial(sizes, chance)
    means, errors = [], []
    for arm in (0, 1):
        n, won = sizes[invited == arm], wins[invited == arm]
        mean = won.sum() / n.sum()
        means.append(mean)
        errors.append(((won - mean * n) ** 2).sum() * len(n) / (len(n) - 1) / n.sum() ** 2)
    return abs(means[1] - means[0]) > special.ndtri(0.975) * math.sqrt(sum(errors))


def test_a_holdout_of_amounts_with_a_long_tail_raises_few_false_alarms() -> None:
    """As many units as the rule for tails asks for, and nothing to be found."""
    draw = np.random.default_rng(8)
    tail = math.exp(1.0)  # of a lognormal with a variance of 1 on the log scale
    skewness = (tail + 2) * math.sqrt(tail - 1)
    n = units_needed(Outcome(math.exp(0.5), 2.16, skewness), effect=50.0, arms=Arms(share=0.8))
    assert n > 300, "the tail alone asks for so many"
    z = []
    for _ in range(4000):
        y = np.exp(draw.normal(size=n))
        few, many = y[: n // 5], y[n // 5 :]
        z.append((many.mean() - few.mean()) / math.sqrt(few.var(ddof=1) / len(few) + many.var(ddof=1) / len(many)))
    assert np.mean(np.abs(z) > special.ndtri(0.975)) < 0.075


def test_a_staggered_start_finds_what_it_was_planned_for() -> None:
    """Its own errors, from orders drawn again, must find the effect of the closed form as often as planned."""
    draw = np.random.default_rng(9)
    X, cell, tau = stepped_wedge.schedule(24, steps=4), 30, 0.3
    effect = quantiles(0.8, 0.05) * math.sqrt(stepped_wedge.variance(X, within=1 / cell, between=tau**2))
    found, covered, runs = 0, 0, 100
    for run in range(runs):
        order = X[draw.permutation(24)]
        y = tau * draw.normal(size=(24, 1)) + np.linspace(0, 1, 5) + draw.normal(size=X.shape) / math.sqrt(cell)
        told = stepped_wedge.effect(y + effect * order, units=np.full(X.shape, float(cell)), X=order, seed=run)
        found += told.p < 0.05
        covered += told.low <= effect <= told.high
    assert found / runs == pytest.approx(0.8, abs=0.12)
    assert covered / runs == pytest.approx(0.9, abs=0.09)


@given(st.integers(0, 10_000))
def test_what_changed_for_all_groups_changes_nothing_and_an_effect_adds_up(seed: int) -> None:
    draw = np.random.default_rng(seed)
    X = stepped_wedge.schedule(8, steps=3)[draw.permutation(8)]
    y, units = draw.normal(size=X.shape), draw.integers(0, 9, X.shape).astype(float)
    try:
        told = stepped_wedge.effect(y, units=units, X=X)
        shifted = stepped_wedge.effect(y + 7 * draw.normal(size=X.shape[1]), units=units, X=X)
    except CannotTell:
        assume(False)
    assert shifted.value == pytest.approx(told.value, abs=1e-6)
    assert told.se > 0


def test_too_few_groups_and_starts_at_once_cannot_be_told() -> None:
    y, one = np.random.default_rng(1).normal(size=(8, 3)), np.ones((8, 3))
    with pytest.raises(CannotTell, match="groups"):
        stepped_wedge.effect(y[:5], units=one[:5], X=stepped_wedge.schedule(5, steps=2))
    with pytest.raises(CannotTell, match="both sides"):
        stepped_wedge.effect(y, units=one, X=np.tile([0, 1, 1], (8, 1)))
    with pytest.raises(CannotTell, match="both sides"):
        stepped_wedge.variance(np.ones((4, 3), dtype=np.int64), within=1.0, between=0.0)
