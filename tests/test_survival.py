"""Survival, cumulative incidence, restricted mean: by hand, against naive loops, invariants, known truth."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.follow_up import at_risk, followed
from goodwill.estimators.resample import generator
from goodwill.estimators.survival import aalen_johansen, kaplan_meier, restricted_mean, share_ended, time_until

unit = st.tuples(st.integers(1, 8), st.integers(0, 3), st.integers(0, 2), st.integers(1, 3))


def arrays(units):
    """Exit, entry, event, count; one unit is there from the start to the end, so that follow-up never breaks."""
    exits, before, event, count = np.array([*units, (9, 9, 0, 1)]).T
    return exits, exits - 1 - before, event, count


def naive(sample):
    """One time after another, one unit after another: time, Y, shares a by kind, S, F by kind."""
    rows, S, F = [], 1.0, np.zeros(2)
    for t in sorted({x for x, e in zip(sample.exit, sample.event, strict=True) if e}):
        Y, d = 0.0, np.zeros(2)
        for entry, end, event, mass in zip(
            sample.entry, sample.exit, sample.event, sample.count * sample.weight, strict=True
        ):
            Y += mass * (entry < t <= end)
            d += [mass * (end == t and event == kind) for kind in (1, 2)]
        F = F + S * d / Y
        S *= 1 - d.sum() / Y
        rows.append((t, Y, d / Y, S, F))
    return rows


def delta_se(rows, of):
    """Standard error of ``of(shares a)``, slopes by small steps, shares multinomial at each time."""
    a = np.array([row[2] for row in rows])
    variance, step = 0.0, 1e-6
    for i, row in enumerate(rows):
        slope = np.zeros(2)
        for kind in (0, 1):
            up, down = a.copy(), a.copy()
            up[i, kind] += step
            down[i, kind] -= step
            slope[kind] = (of(up) - of(down)) / (2 * step)
        variance += slope @ ((np.diag(a[i]) - np.outer(a[i], a[i])) / row[1]) @ slope
    return math.sqrt(max(variance, 0.0))


def incidence(a, kind):
    before = np.concatenate([[1.0], np.cumprod(1 - a.sum(axis=1))[:-1]])
    return np.cumsum(before * a[:, kind])


@given(st.lists(unit, min_size=1, max_size=12))
def test_curves_equal_naive_loops(units):
    exits, entry, event, count = arrays(units)
    sample = followed(exits, event, entry=entry, count=count)
    curves, rows = aalen_johansen(sample), naive(sample)
    assert curves.time.tolist() == [row[0] for row in rows]
    assert curves.at_risk == pytest.approx([row[1] for row in rows])
    assert curves.still_open == pytest.approx([row[3] for row in rows])
    for kind in range(curves.incidence.shape[1]):
        assert curves.incidence[:, kind] == pytest.approx([row[4][kind] for row in rows])


@pytest.mark.slow
@given(st.lists(unit, min_size=1, max_size=8))
def test_standard_errors_equal_the_delta_method_by_small_steps(units):
    exits, entry, event, count = arrays(units)
    assume((event == 1).any())
    sample = followed(exits, event, entry=entry, count=count)
    curves, rows = aalen_johansen(sample), naive(sample)
    assert curves.incidence_se[-1, 0] == pytest.approx(delta_se(rows, lambda a: incidence(a, 0)[-1]), abs=1e-6)
    assert curves.still_open_se[-1] == pytest.approx(delta_se(rows, lambda a: np.prod(1 - a.sum(axis=1))), abs=1e-6)
    gaps = np.diff(np.append(curves.time, 9.0))
    mean = restricted_mean(curves, 9.0, event=1)
    assert mean.value == pytest.approx(9 - gaps @ curves.incidence[:, 0])
    assert mean.se == pytest.approx(delta_se(rows, lambda a: gaps @ incidence(a, 0)), abs=1e-5)


@given(st.lists(unit, min_size=1, max_size=30))
def test_invariants(units):
    exits, entry, event, count = arrays(units)
    sample = followed(exits, event, entry=entry, count=count)
    curves, any_kind = aalen_johansen(sample), kaplan_meier(sample)
    assert curves.still_open + curves.incidence.sum(axis=1) == pytest.approx(1)
    assert any_kind.still_open == pytest.approx(curves.still_open)
    assert any_kind.incidence_se[:, 0] == pytest.approx(any_kind.still_open_se)  # one kind: Greenwood
    assert (np.diff(curves.still_open) <= 0).all()
    assert (np.diff(curves.incidence, axis=0) >= 0).all()
    for kind in (None, 1, 2):
        (share, _), (low, high) = curves.share(kind), curves.bounds(kind)
        assert ((low >= 0) & (low <= share + 1e-12) & (share <= high + 1e-12) & (high <= 1)).all()


@pytest.mark.slow
@given(st.lists(unit, min_size=1, max_size=15))
def test_counts_stand_for_units_and_weights_do_not(units):
    exits, entry, event, count = arrays(units)
    counted = aalen_johansen(followed(exits, event, entry=entry, count=count))
    repeated = aalen_johansen(followed(*(np.repeat(a, count) for a in (exits, event)), entry=np.repeat(entry, count)))
    weighed = aalen_johansen(followed(exits, event, entry=entry, count=count, weight=np.full(len(exits), 7.0)))
    for other in (repeated, weighed):
        assert other.incidence == pytest.approx(counted.incidence)
        assert other.incidence_se == pytest.approx(counted.incidence_se)
        assert other.still_open_se == pytest.approx(counted.still_open_se)


def test_weighted_units_are_worth_fewer():
    """Xie and Liu (2005): at each time the variance of a share is a (1 - a) over (sum w)^2 / sum w^2."""
    curves = kaplan_meier(followed(np.array([1, 2, 2]), np.array([1, 1, 0]), weight=np.array([2.0, 1.0, 1.0])))
    assert curves.still_open.tolist() == [0.5, 0.25]
    assert curves.effective.tolist() == pytest.approx([16 / 6, 2])
    assert curves.still_open_se[0] == pytest.approx(math.sqrt(0.5 * 0.5 * 6 / 16))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 2)), min_size=1, max_size=30))
def test_without_censoring_shares_are_what_is_counted(units):
    exits, event = np.array(units).T
    n, curves = len(exits), aalen_johansen(followed(exits, event))
    for t, left, se, F in zip(curves.time, curves.still_open, curves.still_open_se, curves.incidence, strict=True):
        assert left == pytest.approx((exits > t).mean())
        assert se == pytest.approx(math.sqrt(left * (1 - left) / n), abs=1e-9)
        assert F[0] == pytest.approx(((exits <= t) & (event == 1)).mean())
    if (exits <= 5).any():
        mean, spent = restricted_mean(curves, 5.0), np.minimum(exits, 5)
        assert mean.value == pytest.approx(spent.mean())
        assert mean.se == pytest.approx(spent.std() / math.sqrt(n), abs=1e-9)


def test_intervals_by_hand():
    """10 of 20 ended at once: log(-log 0.5) = -0.3665 with error 0.1118 / (0.5 * 0.6931), 0.3226."""
    curves = kaplan_meier(followed(np.repeat([1, 2], 10), np.repeat([1, 0], 10)), level=0.95)
    low, high = curves.bounds()
    reach = math.exp(1.959964 * 0.3226)
    assert low[0] == pytest.approx(1 - 0.5 ** (1 / reach), abs=1e-4)
    assert high[0] == pytest.approx(1 - 0.5**reach, abs=1e-4)


def test_nothing_and_everything_have_bounds_too():
    curves = aalen_johansen(followed(np.arange(1, 21), np.repeat([1, 2], 10)))
    low, high = curves.bounds(2)
    assert (low[0], high[0]) == pytest.approx((0, 1 - 0.05 ** (1 / 20)))  # none of the second kind of 20 at risk
    low, high = curves.bounds()
    assert high[-1] == 1
    assert 0.7 < low[-1] == max(low[:-1]) < 1
    assert curves.bounds(5)[0].tolist() == [0.0] * 20  # a kind that never came


def test_time_until_a_share_has_ended():
    curves = kaplan_meier(followed(np.arange(1, 101), np.repeat([1, 0], [60, 40])))
    reached = time_until(curves)
    assert reached.value == 50.5
    assert reached.low < 50 < reached.high <= 60
    assert time_until(curves, 0.8).value is None
    assert time_until(curves, 0.58).high is None
    assert time_until(curves, 0.25).value == 25.5


def test_share_ended_and_restricted_mean_by_hand():
    curves = aalen_johansen(followed(np.array([2, 4, 6, 8]), np.array([1, 2, 1, 0])))
    assert [share_ended(curves, t, event=1).value for t in (1, 2, 5, 6, 8)] == [0, 0.25, 0.25, 0.5, 0.5]
    assert share_ended(curves, 4).value == 0.5
    assert restricted_mean(curves, 8, event=1).value == 2 + 4 * 0.75 + 2 * 0.5
    assert restricted_mean(curves, 8).value == 2 + 2 * 0.75 + 2 * 0.5 + 2 * 0.25


def test_who_enters_late_is_not_counted_before():
    """Without entry times the ten who came at 5 would have survived five periods before anybody watched them."""
    exits, event = (
        np.append(np.arange(1, 11), np.full(10, 10)),
        np.append(np.ones(10, dtype=int), np.zeros(10, dtype=int)),
    )
    entry = np.repeat([0, 5], 10)
    late, immortal = (kaplan_meier(followed(exits, event, entry=e)) for e in (entry, None))
    assert share_ended(late, 5).value == pytest.approx(0.5)
    assert share_ended(immortal, 5).value == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda: followed(np.array([]), np.array([])), "nobody was followed"),
        (lambda: followed(np.array([1]), np.array([1]), count=np.array([0])), "nobody was followed"),
        (lambda: kaplan_meier(followed(np.array([2, 9]), np.array([1, 1]), entry=np.array([0, 2]))), "by 2"),
        (lambda: kaplan_meier(followed(np.array([2, 9]), np.array([0, 1]), entry=np.array([0, 3]))), "by 2"),
        (lambda: share_ended(kaplan_meier(followed(np.array([2, 3]), np.array([1, 0]))), 4), "followed for 4"),
        (lambda: restricted_mean(kaplan_meier(followed(np.array([2, 3]), np.array([1, 0]))), 4), "followed for 4"),
        (lambda: restricted_mean(kaplan_meier(followed(np.array([2, 3]), np.array([0, 0]))), 3), "nothing of the kind"),
    ],
)
def test_what_cannot_be_told_is_said(broken, words):
    with pytest.raises(CannotTell, match=words) as told:
        broken()
    assert told.value.settles


@pytest.mark.parametrize(
    "wrong",
    [
        {"entry": np.array([3.0, 0.0])},
        {"count": np.array([-1.0, 1.0])},
        {"weight": np.array([np.nan, 1.0])},
        {"weight": np.array([np.inf, 1.0])},
    ],
)
def test_impossible_numbers_are_refused(wrong):
    with pytest.raises(ValueError, match="every unit comes before it leaves"):
        followed(np.array([3, 4]), np.array([1, 0]), **wrong)


def test_kinds_and_shares_have_limits():
    curves = kaplan_meier(followed(np.array([3, 4]), np.array([1, 0])))
    with pytest.raises(ValueError, match="numbered from 1"):
        curves.share(0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        time_until(curves, 1.0)


def test_nothing_ended_leaves_no_rows_but_what_is_known():
    curves = aalen_johansen(followed(np.array([3, 4]), np.array([0, 0])))
    assert len(curves.time) == 0
    assert share_ended(curves, 4).value == 0
    assert time_until(curves).value is None


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(1e-12, 1e6)), min_size=1, max_size=20))
def test_any_weights_end_at_zero(units):
    exits, weight = np.array([u[0] for u in units]), np.array([u[1] for u in units])
    curves = kaplan_meier(followed(exits, np.ones(len(exits), dtype=int), weight=weight))
    assert curves.still_open[-1] == 0
    assert np.isfinite(curves.still_open_se).all()


def test_what_is_left_of_rounded_weights_is_nothing():
    """Summed in one order and in the other these weights differ in the last digit: -2e-16 would be left."""
    weight = np.array([1.0, 0.1, 0.1 + 0.2, 0.1 + 0.2, 0.7 + 0.1])
    curves = kaplan_meier(followed(np.array([4, 4, 4, 1, 2]), np.ones(5, dtype=int), weight=weight))
    assert curves.still_open[-1] == 0


def test_at_risk_counts_from_after_entry_to_exit():
    sample = followed(np.array([3, 5]), np.array([1, 0]), entry=np.array([1, 3]), weight=np.array([2.0, 4.0]))
    rows, weight, _ = at_risk(sample, np.array([1.0, 2.0, 3.0, 4.0, 6.0]))
    assert rows.tolist() == [0, 1, 1, 1, 0]
    assert weight.tolist() == [0, 2, 2, 4, 0]


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Two kinds of end at rates 0.10 and 0.05, censoring at 0.05: F_1(6) and the mean time without kind 1 to 6."""
    draw, held = generator(5, "incidence"), np.zeros(3)
    share = 2 / 3 * (1 - math.exp(-0.9))
    mean = 6 - 2 / 3 * (6 - (1 - math.exp(-0.9)) / 0.15)
    for _ in range(300):
        ends = draw.exponential([[10.0], [20.0], [20.0]], (3, 120))
        curves = aalen_johansen(followed(ends.min(axis=0), np.array([1, 2, 0])[ends.argmin(axis=0)]))
        estimates = share_ended(curves, 6, event=1), restricted_mean(curves, 6, event=1)
        held[:2] += [e.low <= t <= e.high for e, t in zip(estimates, (share, mean), strict=True)]
        reached = time_until(curves, share, event=1)
        held[2] += reached.low <= 6 <= (reached.high or math.inf)
    assert (abs(held / 300 - 0.9) < 0.05).all()
