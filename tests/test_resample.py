"""Resampling whole accounts: named streams, jackknife, bootstrap and permutation, each against a naive loop."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.account_sums import GROUPS, bootstrap, permutation, sums_by_account
from goodwill.estimators.resample import (
    account_groups,
    dealt_among_accounts,
    generator,
    jackknife,
    permutation_rank,
)


def test_jackknife_of_a_mean_is_its_standard_error():
    x = np.random.default_rng(5).normal(size=30)
    found = jackknife(x.mean(), (x.sum() - x) / 29)
    assert found.se == pytest.approx(x.std(ddof=1) / np.sqrt(30))
    assert found.df == 29


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=200), st.integers(1, 40))
def test_account_groups_keep_accounts_whole(accounts, wanted):
    account = np.array(accounts)
    group = account_groups(account, wanted=wanted)
    distinct = len(set(accounts))
    assert set(group.tolist()) == set(range(min(wanted, distinct)))
    assert all(len(set(group[account == a].tolist())) == 1 for a in set(accounts))
    assert (group == account_groups(account, wanted=wanted)).all()


def test_named_streams_are_the_same_on_every_machine_and_day():
    assert generator(3, "x").integers(10**9) == 428418023
    assert generator(3, "y").integers(10**9) != 428418023


@settings(max_examples=50, deadline=None)
@given(st.floats(-5, 5), st.lists(st.floats(-5, 5), min_size=1, max_size=50))
def test_rank_lies_between_first_and_last(observed, placebos):
    rank = permutation_rank(observed, np.array(placebos))
    assert 1 <= rank.place <= rank.of == len(placebos) + 1
    assert 0 < rank.p <= 1


def share(sums):
    return sums[..., 1] / sums[..., 0]


def gap(exposed, others):
    return share(exposed) - share(others)


def deals(accounts, seed):
    """Deals and wins by account; accounts differ in their chances."""
    draw = np.random.default_rng(seed)
    n = draw.geometric(0.3, accounts)
    return np.column_stack([n, draw.binomial(n, draw.beta(2, 3, accounts))]).astype(float)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 99))
def test_accounts_swap_their_exposures_whole(accounts, seed):
    account = np.array(accounts)
    donor = dealt_among_accounts(account, generator(seed, "swap"))
    givers = {a: set(account[donor[account == a]]) for a in set(accounts)}
    assert all(len(g) == 1 for g in givers.values())
    assert sorted(g.pop() for g in givers.values()) == sorted(set(accounts))  # each gives once
    for a in set(accounts):
        gets = donor[account == a]
        has = int((account == account[gets[0]]).sum())
        assert len(set(gets.tolist())) == min(len(gets), has)


def test_accounts_of_one_unit_swap_like_a_permutation():
    donor = dealt_among_accounts(np.arange(30), generator(1, "swap"))
    assert sorted(donor.tolist()) == list(range(30))


def test_ranks_among_swapped_accounts_are_honest_where_units_swapped_one_by_one_are_not():
    def rejects(whole, seed):
        draw = np.random.default_rng(seed)
        account = np.repeat(np.arange(60), draw.geometric(0.2, 60))
        own = draw.normal(size=(2, 60))[:, account]
        exposed = own[0] + 0.5 * draw.normal(size=len(account)) > 0.7
        outcome = own[1] + draw.normal(size=len(account))
        apart = account if whole else np.arange(len(account))

        def difference(who):
            return outcome[who].mean() - outcome[~who].mean()

        placebos = [difference(exposed[dealt_among_accounts(apart, draw)]) for _ in range(39)]
        return permutation_rank(difference(exposed), np.array(placebos)).p <= 0.1

    assert np.mean([rejects(True, seed) for seed in range(120)]) <= 0.14
    assert np.mean([rejects(False, seed) for seed in range(120)]) >= 0.2


def test_bootstrap_equals_a_loop_over_accounts():
    sums = deals(80, seed=3)
    found = bootstrap(sums, share, draws=4000)
    draw = np.random.default_rng(0)
    loop = [share(sums[draw.integers(80, size=80)].sum(axis=0)) for _ in range(4000)]
    assert found.value == share(sums.sum(axis=0))
    assert found.estimate().se == pytest.approx(np.std(loop, ddof=1), rel=0.05)
    assert found.percentile() == pytest.approx(np.quantile(loop, [0.05, 0.95]), abs=0.006)


def test_its_delta_method_error_is_the_linearised_one():
    sums = deals(80, seed=3)
    n, won = sums.T
    p = won.sum() / n.sum()
    by_hand = np.sqrt(((won - p * n) ** 2).sum() * 80 / 79) / n.sum()
    assert bootstrap(sums, share).se == pytest.approx(by_hand, rel=1e-6)


def test_studentised_intervals_equal_a_loop():
    sums = deals(40, seed=4)
    found = bootstrap(sums, share, draws=4000)

    def with_error(some):
        n, won = some.T
        p = won.sum() / n.sum()
        return p, np.sqrt(((won - p * n) ** 2).sum() * 40 / 39) / n.sum()

    draw = np.random.default_rng(1)
    value, se = with_error(sums)
    loop = [with_error(sums[draw.integers(40, size=40)]) for _ in range(4000)]
    low, high = np.quantile([(p - value) / e for p, e in loop], [0.05, 0.95])
    assert found.studentised() == pytest.approx((value - high * se, value - low * se), abs=0.01)


def test_alike_accounts_cost_nothing_and_change_nothing():
    sums = deals(50, seed=5)
    once = bootstrap(np.repeat(sums, 4, axis=0), share, draws=3000)
    assert once.accounts == 200
    assert once.estimate().se == pytest.approx(bootstrap(sums, share, draws=3000).estimate().se / 2, rel=0.08)


def test_the_order_of_accounts_is_irrelevant_and_the_seed_is_not():
    sums = deals(50, seed=6)
    found = bootstrap(sums, share, seed=1)
    assert (bootstrap(sums[::-1], share, seed=1).draws == found.draws).all()
    assert (bootstrap(sums, share, seed=2).draws != found.draws).any()


def test_very_many_accounts_are_drawn_in_groups():
    draw = np.random.default_rng(7)
    sums = np.column_stack([np.ones(20_000), draw.lognormal(size=20_000)])
    found = bootstrap(sums, share, draws=499)
    assert found.accounts == 20_000 > GROUPS
    assert found.value == pytest.approx(sums[:, 1].mean())
    assert found.se == pytest.approx(sums[:, 1].std() / np.sqrt(20_000), rel=0.06)
    assert (bootstrap(sums[::-1], share, draws=499).draws == found.draws).all()


def test_bootstrap_intervals_hold_the_truth_and_follow_a_long_tail():
    holds = np.zeros(3)
    for seed in range(200):
        draw = np.random.default_rng(seed)
        spent = np.where(draw.random(80) < 0.5, draw.lognormal(0, 1.0, 80), 0.0)
        found = bootstrap(np.column_stack([np.ones(80), spent]), share, seed=seed, draws=399)
        truth, t = 0.5 * np.exp(0.5), found.estimate()
        intervals = ((t.low, t.high), found.percentile(), found.studentised())
        holds += [low <= truth <= high for low, high in intervals]
    assert (holds / 200 >= 0.80).all()
    assert holds[2] >= holds[0]  # bootstrap-t follows the tail
    assert holds[2] / 200 >= 0.86


def test_bootstrap_says_what_it_cannot_tell():
    with pytest.raises(CannotTell, match="only 3 accounts"):
        bootstrap(deals(3, seed=1), share)
    with pytest.raises(CannotTell, match="divide"):
        bootstrap(np.zeros((20, 2)), share)
    one_in_twenty = np.zeros((20, 2))
    one_in_twenty[0] = [3, 1]
    assert len(bootstrap(one_in_twenty, share).draws) < 999  # draws without it are left out
    constant = bootstrap(np.ones((20, 2)), share)
    assert constant.percentile() == constant.studentised() == (1.0, 1.0)
    assert constant.estimate().p == 1.0


@settings(max_examples=30)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_sums_by_account_equal_a_loop(accounts):
    account, values = np.array(accounts), np.arange(2.0 * len(accounts)).reshape(-1, 2)
    loop = [values[account == a].sum(axis=0) for a in sorted(set(accounts))]
    assert sums_by_account(account, values) == pytest.approx(np.array(loop))


def test_permutation_p_equals_all_ways_to_choose():
    sums = deals(12, seed=9)
    exposed = np.array([1] * 5 + [0] * 7)
    observed = gap(sums[:5].sum(axis=0), sums[5:].sum(axis=0))
    ways = [np.isin(np.arange(12), chosen) for chosen in itertools.combinations(range(12), 5)]
    extreme = [abs(gap(sums[w].sum(axis=0), sums[~w].sum(axis=0))) >= abs(observed) - 1e-12 for w in ways]
    assert permutation(sums, gap, exposed=exposed, draws=9999).p == pytest.approx(np.mean(extreme), abs=0.015)


def test_permutation_is_exact_without_an_effect():
    p = []
    for seed in range(200):
        exposed = np.random.default_rng(seed).permutation([1] * 6 + [0] * 6)
        p.append(permutation(deals(12, seed=1000 + seed), gap, exposed=exposed, draws=99, seed=seed).p)
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.05)


def test_permutation_needs_two_sides():
    with pytest.raises(CannotTell, match="one side"):
        permutation(deals(12, seed=1), gap, exposed=np.ones(12, dtype=int))
    with pytest.raises(CannotTell, match="divide"):
        permutation(np.zeros((12, 2)), gap, exposed=np.arange(12) % 2)
