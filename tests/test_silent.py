"""Silent exposure: worked numbers, simulated worlds whose truth the bounds must hold, and naive searches."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.silent import (
    Recorded,
    Recording,
    bounds,
    bounds_by_composition,
    bounds_of,
    corrected,
    dilution,
    true_share,
)
from goodwill.estimators.silent_worst_case import worst_case

SHARES = st.floats(0.05, 0.95)


def observed(exposed, s, c, m1, m0):
    """What is recorded of a world, from its four cells."""
    cells = np.array([[s * exposed, (1 - c) * (1 - exposed)], [(1 - s) * exposed, c * (1 - exposed)]])
    share = cells[0].sum()
    return Recorded(share, *(cells @ [m1, m0] / cells.sum(axis=1)))


def simulated(seed, *, n=20_000, exposed=0.4, s=0.2, effect=0.08, fares=0.0):
    """What is recorded, where the silently exposed fare better than others exposed by ``fares``."""
    draw = np.random.default_rng(seed)
    truly = draw.random(n) < exposed
    recorded = truly & (draw.random(n) < s)
    won = draw.random(n) < 0.2 + effect * truly + fares * (truly & ~recorded)
    return Recorded(recorded.mean(), won[recorded].mean(), won[~recorded].mean()), recorded, won


def test_by_hand():
    # 40% exposed, a fifth of them recorded: 0.32 of the 0.92 left were exposed in truth
    assert true_share(0.08, sensitivity=0.2) == pytest.approx(0.4)
    assert dilution(0.08, sensitivity=0.2) == pytest.approx(1 - 0.32 / 0.92)
    # 1,000 people, 300 exposed of whom 210 recorded, 70 of 700 recorded wrongly: 210/280 less 90/720
    assert dilution(0.28, sensitivity=0.7, specificity=0.9) == pytest.approx(0.75 - 0.125)
    assert dilution(np.array([0.1, 0.3]), sensitivity=0.5) == pytest.approx((0.4 / 0.45 + 0.2 / 0.35) / 2)


@pytest.mark.slow
@given(SHARES, SHARES, st.floats(0.5, 1), st.floats(0, 1), st.floats(0, 1))
def test_correcting_undoes_recording(exposed, s, c, m1, m0):
    assume(s + c > 1.05)
    world = observed(exposed, s, c, m1, m0)
    left = dilution(world.share, sensitivity=s, specificity=c)
    assert 0 <= left <= 1
    assert true_share(world.share, sensitivity=s, specificity=c) == pytest.approx(exposed)
    assert world.difference == pytest.approx(left * (m1 - m0), abs=1e-9)


@given(SHARES, SHARES, st.floats(0.9, 1), st.floats(0, 1), st.floats(0, 1))
def test_bounds_hold_the_truth_wherever_it_lies_in_the_ranges(exposed, s, c, m1, m0):
    assume(s + c > 1.05)
    world = observed(exposed, s, c, m1, m0)
    ranges = Recording((max(0.01, s - 0.2), min(1.0, s + 0.1)), (max(0.5, c - 0.05), 1.0))
    found, widest = bounds(world, ranges), worst_case(world, ranges)
    assert found.low - 1e-9 <= m1 - m0 <= found.high + 1e-9
    assert widest.low - 1e-3 <= m1 - m0 <= widest.high + 1e-3
    assert abs(found.low) <= 1 + 1e-9
    assert abs(found.high) <= 1 + 1e-9


@given(SHARES, st.floats(0.1, 1), st.floats(0.01, 1), st.floats(0.01, 1))
def test_bounds_are_sharp_where_nothing_false_is_recorded(share, low, y1, y0):
    """The largest effect by trying shares of silently exposed, as far as sensitivity and both true means allow."""
    world = Recorded(share, y1, y0)
    most = (1 - low) * share / low / (1 - share)  # of those recorded as unexposed
    shares = 1 - 1 / np.linspace(1, 1 / max(abs(y1 - y0), 1e-3) + 1, 20_000)
    m0 = (y0 - shares * y1) / (1 - shares)
    tried = (y1 - m0)[(shares <= most) & (m0 >= -1e-9) & (m0 <= 1 + 1e-9)]
    found = bounds(world, Recording((low, 1.0)))
    assert found.low == pytest.approx(tried.min(), abs=1e-3)
    assert found.high == pytest.approx(tried.max(), abs=1e-3)
    assert found.low - 1e-9 <= world.difference <= found.high + 1e-9


def test_a_known_effect_recorded_one_time_in_five_is_held_by_the_bounds():
    held, means = [], []
    for seed in range(60):
        world, recorded, won = simulated(seed)
        gap = Estimate(world.difference, float(np.sqrt(sum(won[r].var() / r.sum() for r in (recorded, ~recorded)))))
        held.append((bounds_of(gap, share=world.share).holds(0.08), gap.low <= 0.08 <= gap.high))
        means.append(corrected(gap, share=world.share, sensitivity=0.2).value)
    assert np.mean(held, axis=0)[0] >= 0.88  # the truth lies at the very end of the range of sensitivity
    assert np.mean(held, axis=0)[1] <= 0.4
    assert np.mean(means) == pytest.approx(0.08, abs=0.008)


def test_where_the_silent_fare_otherwise_only_the_worst_case_holds():
    exposed, s, effect, fares = 0.4, 0.2, 0.05, 0.5
    world, *_ = simulated(1, n=200_000, s=s, effect=effect, fares=fares)
    truth = effect + (1 - s) * fares
    assert not bounds(world).holds(truth)
    assert worst_case(world).holds(truth)
    assert worst_case(world, Recording((s, s))).holds(truth)
    assert true_share(world.share, sensitivity=s) == pytest.approx(exposed, abs=0.01)


@pytest.mark.slow
@given(SHARES, st.floats(0.05, 1), st.floats(0.8, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_worst_case_equals_a_search(share, s, c, y1, y0):
    """Every mean of the truly exposed on either recorded side, tried on a grid."""
    assume(share < s - 0.01)
    assume(share > 1 - c + 0.01)
    world = Recorded(share, y1, y0)
    exposed = true_share(share, sensitivity=s, specificity=c)
    recorded, others = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 1, 101))  # means of the truly exposed
    if c == 1:
        recorded, m01 = np.full_like(recorded, y1), np.zeros_like(recorded)
    else:
        m01 = (y1 * share - s * exposed * recorded) / ((1 - c) * (1 - exposed))
    m00 = (y0 * (1 - share) - (1 - s) * exposed * others) / (c * (1 - exposed))
    can_be = (m01 >= -1e-9) & (m01 <= 1 + 1e-9) & (m00 >= -1e-9) & (m00 <= 1 + 1e-9)
    effects = (s * recorded + (1 - s) * others - (1 - c) * m01 - c * m00)[can_be]
    found = worst_case(world, Recording((s, s), (c, c)))
    if len(effects):
        assert found.low <= effects.min() + 1e-6
        assert found.high >= effects.max() - 1e-6
        step = 0.01 / (1 - exposed)  # one step of either mean moves the effect by so much
        assert found.low >= effects.min() - 2 * step
        assert found.high <= effects.max() + 2 * step
    assert -1 <= found.low <= found.high <= 1


@pytest.mark.slow
@given(SHARES, st.floats(0, 1), st.floats(0, 1), st.floats(0.02, 0.9), st.floats(0.02, 0.9))
def test_wider_ranges_never_give_narrower_bounds(share, y1, y0, one, other):
    low, high = sorted((one, other))
    world = Recorded(share, y1, y0)
    for how in (bounds, worst_case):
        wide, narrow = (how(world, Recording((s, 1.0))) for s in (low, high))
        assert wide.low <= narrow.low + 0.02
        assert wide.high >= narrow.high - 0.02
    assert bounds(world, Recording((1.0, 1.0))).high == pytest.approx(world.difference)
    assert worst_case(world, Recording((1.0, 1.0))).high == pytest.approx(world.difference)


@pytest.mark.slow
@given(SHARES, st.floats(0, 1), st.floats(0, 1), st.floats(1, 50), st.floats(-20, 20))
def test_another_unit_of_the_outcome_changes_nothing_else(share, y1, y0, scale, floor):
    world = Recorded(share, y1, y0)
    ends = (floor, floor + scale)
    money = Recorded(share, *(min(max(floor + scale * y, ends[0]), ends[1]) for y in (y1, y0)), possible=ends)
    for how in (bounds, worst_case):
        one, two = how(world), how(money)
        assert (two.low, two.high) == pytest.approx((scale * one.low, scale * one.high), abs=1e-6 * scale)


def test_composition_of_the_untouched():
    world = Recorded(0.08, 0.30, 0.22)
    silent = (1 - 0.2) * 0.4 / 0.92
    same = bounds_by_composition(world, exposed_among_untouched=(0.0, silent))
    assert (same.low, same.high) == pytest.approx((bounds(world).low, bounds(world).high))
    everybody = bounds_by_composition(world, exposed_among_untouched=(0.2, 1.0))
    assert everybody.high == pytest.approx(0.30)  # nobody unexposed could fare below 0
    turned = bounds_by_composition(Recorded(0.08, 0.22, 0.30), exposed_among_untouched=(0.0, 0.5))
    assert (turned.low, turned.high) == pytest.approx((-0.16, -0.08))


def test_no_difference_stays_none_without_other_assumptions():
    assert bounds(Recorded(0.3, 0.2, 0.2)).high == 0.0
    assert worst_case(Recorded(0.3, 0.2, 0.2)).low < 0 < worst_case(Recorded(0.3, 0.2, 0.2)).high


def test_what_cannot_be_is_refused():
    with pytest.raises(CannotTell, match="recorded as exposed does not go"):
        true_share(0.3, sensitivity=0.2)
    with pytest.raises(CannotTell, match="all units or none"):
        Recorded(0.0, 0.1, 0.2)
    with pytest.raises(CannotTell, match="all units or none"):
        dilution(1.0, sensitivity=1.0)
    for how in (bounds, worst_case):
        with pytest.raises(CannotTell):
            how(Recorded(0.5, 0.1, 0.2), Recording((0.1, 0.3)))
    with pytest.raises(CannotTell, match="just as often"):
        corrected(Estimate(0.1, 0.01), share=0.2, sensitivity=0.2)
    with pytest.raises(ValueError, match="outside"):
        Recorded(0.5, 1.1, 0.2)
    with pytest.raises(ValueError, match="range of shares"):
        Recording((0.0, 1.0))
    with pytest.raises(ValueError, match="range of shares"):
        bounds_by_composition(Recorded(0.5, 0.1, 0.2), exposed_among_untouched=(0.5, 0.2))
