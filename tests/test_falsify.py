"""Checks must let honest pipelines pass, condemn wrong ones, and say so when they cannot run."""

from dataclasses import replace

import numpy as np
import pytest

from goodwill.errors import CannotTell
from goodwill.estimators.doubly_robust import adjusted_difference, naive_difference
from goodwill.estimators.learners import QUICK
from goodwill.estimators.placebo_samples import borrowed, shuffled
from goodwill.estimators.resample import generator
from goodwill.estimators.trial import Protocol, effects, first_exposure, with_first_exposure
from goodwill.samples import NEVER, Covariates, Panel, Units
from goodwill.verdicts.falsify import (
    balance,
    balanced,
    fake_histories,
    future_exposure,
    overlap,
    overlapping,
    shuffled_treatment,
)
from goodwill.verdicts.placebos import ERRORS, FEWEST, HARMLESS, REPEATS, drawn
from invented import customers
from simulated_panels import Causes, simulate

#: Immortal time delays the event: it shows in the time without it, and most where the horizon is short.
PROTOCOL = Protocol(8)


def periods_gap(panel):
    """What the trials say of the periods without the event."""
    return effects(panel, PROTOCOL)[1]


def ever_exposed(panel):
    """The wrong pipeline: whoever is ever exposed counts as exposed from the start."""
    return periods_gap(with_first_exposure(panel, np.where(first_exposure(panel) < NEVER, 0, NEVER)))


@pytest.fixture(scope="module")
def sample():
    return simulate(11, 700, Causes(effect=1.5)).panel


def test_made_up_exposures_spare_the_right_pipeline_and_condemn_immortal_time(sample):
    assert fake_histories(sample, periods_gap).check().survived is True
    condemned = fake_histories(sample, ever_exposed).check()
    assert condemned.survived is False
    assert condemned.figures["mean"] > 0.1  # those who lived to see their exposure won later


def test_false_alarms_are_rare():
    alarms = 0
    for seed in range(6):
        panel = simulate(seed, 300, Causes(effect=0.0)).panel
        alarms += fake_histories(panel, periods_gap, repeats=FEWEST, seed=seed).check().survived is False
    assert alarms == 0


def test_shuffles_are_centred_and_rank_a_real_effect_first(sample):
    check = shuffled_treatment(sample, periods_gap, observed=periods_gap(sample)).check()
    assert check.survived is True
    assert check.figures["rank"] == 1
    assert check.figures["p"] == pytest.approx(1 / 41)


def test_a_pipeline_that_makes_effects_from_nothing_is_condemned(sample):
    check = shuffled_treatment(sample, lambda s: periods_gap(s) + 0.5, observed=0.0).check()
    assert check.survived is False


def test_shuffling_swaps_exposures_of_whole_companies_and_repeats_itself():
    units, _ = customers(200, effect=1.0, seed=1)
    seen = []
    run = [
        shuffled_treatment(units, lambda s: seen.append(s) or naive_difference(s).value, observed=1.0, seed=5).check()
        for _ in range(2)
    ]
    assert run[0] == run[1]
    shares = {round(float(units.treated[units.group == g].mean()), 6) for g in np.unique(units.group)}
    for sample in seen[:5]:
        assert (sample.outcome == units.outcome).all()
        assert (sample.treated != units.treated).any()
        whole = [sample.treated[sample.group == g] for g in np.unique(units.group)]
        assert {round(float(t.mean()), 6) for t in whole if len(t) == 3} <= shares | {1 / 3, 2 / 3, 0.333333, 0.666667}


@pytest.mark.parametrize("off", [0.0, HARMLESS])
def test_the_allowance_condemns_centred_pipelines_as_rarely_as_it_says(off):
    draw = np.random.default_rng(1)
    found = off + draw.normal(size=(20_000, REPEATS))
    mean, spread = found.mean(axis=1), found.std(axis=1, ddof=1)
    alarms = np.mean(np.abs(mean) > spread * (HARMLESS + ERRORS / np.sqrt(REPEATS)))
    assert alarms <= (1 / 1000 if off == 0 else 1 / 80)


def test_the_allowance_catches_a_centre_that_costs_coverage():
    caught = [
        drawn("p", tried="t", draw=lambda rng: 0.8 + rng.normal(), seed=seed).check().survived is False
        for seed in range(100)
    ]
    assert np.mean(caught) >= 0.8


def test_draws_have_streams_of_their_own_and_thin_ones_are_counted_out():
    every, some = [], []

    def thin(rng):
        value = rng.normal()
        if len(some) % 3 == 0:
            some.append(None)
            raise CannotTell("too thin")
        some.append(value)
        return value

    check = drawn("p", tried="t", draw=lambda rng: every.append(rng.normal()) or every[-1], observed=0.5).check()
    thinned = drawn("p", tried="t", draw=thin).check()
    assert check.figures["repeats"] == REPEATS
    assert thinned.figures["repeats"] == sum(v is not None for v in some) < REPEATS
    assert all(v is None or v == every[i] for i, v in enumerate(some))  # one left out moves no other
    assert check.figures["rank"] == 1 + sum(abs(v) >= 0.5 for v in every)
    assert "rank" not in thinned.figures
    assert drawn("p", tried="t", draw=lambda _: float("nan")).check().survived is None


def test_checks_that_cannot_run_are_no_pass(sample):
    def mute(_):
        raise CannotTell("nothing")

    assert shuffled_treatment(sample, mute, observed=0.0).check().survived is None
    assert fake_histories(sample, mute).check().survived is None
    for first in (0, NEVER):  # all are exposed at once, or nobody ever
        same = with_first_exposure(sample, np.full(len(sample.id), first))
        assert fake_histories(same, periods_gap).check().survived is None
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


def test_overlap_and_balance_from_plain_numbers():
    assert overlapping(0.05, effective_n=10, n=20).survived is True
    assert overlapping(0.051, effective_n=10, n=20).survived is False
    check = balanced({"owner=Ann Onym": 0.9, "size": 0.1}, {"owner=Ann Onym": -0.2, "size": 0.1})
    assert check.survived is False
    assert check.figures == {"largest_before": 0.9, "largest_after": 0.2}
    assert "Ann" not in check.result
    assert balanced({}, {"size": 0.05}).survived is True


def test_few_units_are_not_condemned_for_what_a_coin_does():
    draw = np.random.default_rng(4)
    by_chance = np.sqrt(2 / 60)
    gaps = draw.normal(0, by_chance, size=(1000, 20))
    allowed = [balanced({}, {str(i): g for i, g in enumerate(row)}, by_chance=by_chance).survived for row in gaps]
    strict = [balanced({}, {str(i): g for i, g in enumerate(row)}).survived for row in gaps[:50]]
    assert np.mean(allowed) == pytest.approx(0.99, abs=0.008)
    assert np.mean(strict) < 0.05
    assert balanced({}, {"size": 0.11}, by_chance=0.001).survived is False


def weeks_of(n, *, effect, seed, horizon=30):
    """A panel of accounts with several units each: exposure comes and goes, chances differ between accounts."""
    draw = np.random.default_rng(seed)
    account = np.repeat(np.arange(n), draw.integers(1, 4, size=n))[:n]
    keen = draw.normal(size=n)[account]
    rows = []
    for unit in range(n):
        exposed_before = False
        for week in range(horizon):
            exposed = draw.random() < 0.05 * np.exp(0.5 * keen[unit])
            won = draw.random() < 0.03 * np.exp(0.5 * keen[unit] + effect * exposed_before)
            lost = not won and draw.random() < 0.03
            rows.append((unit, week, not exposed_before, exposed, 1 if won else 2 * lost))
            exposed_before |= exposed
            if won or lost:
                break
    unit, period, eligible, exposed, event = (np.array(column) for column in zip(*rows, strict=True))
    known = Covariates(keen[unit][:, None], ("keen",), ("keen",))
    return Panel(
        unit.astype(np.int64), account[unit], period, eligible.astype(bool), exposed.astype(bool), event,
        (event == 1).astype(float), known, np.arange(n),
    )  # fmt: skip


def exposed_earlier(panel):
    """Was the unit exposed in an earlier period of its own?"""
    before = np.cumsum(panel.exposed) - panel.exposed
    first = np.unique(panel.unit, return_index=True)[1]
    return before - before[first][panel.unit] > 0


def rate_gap(panel):
    """Share of weeks that end in a win, after exposure less before or without, in equal strata of time."""
    after, gaps, weights = exposed_earlier(panel), [], []
    for weeks in np.array_split(np.arange(30), 5):
        here = np.isin(panel.period, weeks)
        if (here & after).any() and (here & ~after).any():
            gaps.append((panel.event[here & after] == 1).mean() - (panel.event[here & ~after] == 1).mean())
            weights.append((here & after).sum())
    return float(np.average(gaps, weights=weights))


def ever_gap(panel):
    """The wrong estimator: units ever exposed against the others, as if they had been from the start."""
    ever = np.bincount(panel.unit, weights=panel.exposed) > 0
    won = np.bincount(panel.unit, weights=panel.event == 1) / np.bincount(panel.unit)
    return float(won[ever].mean() - won[~ever].mean())


@pytest.fixture(scope="module")
def panel():
    return weeks_of(500, effect=0.8, seed=3)


def test_shuffled_histories_spare_the_right_estimator_and_condemn_the_wrong_one(panel):
    right = shuffled_treatment(panel, rate_gap, observed=rate_gap(panel)).check()
    assert right.survived is True
    assert right.figures["rank"] <= 4  # the true effect stands out
    assert shuffled_treatment(panel, ever_gap, observed=ever_gap(panel)).check().survived is False


def test_made_up_histories_spare_the_right_estimator_and_condemn_the_wrong_one(panel):
    assert fake_histories(panel, rate_gap).check().survived is True
    wrong = fake_histories(panel, ever_gap).check()
    assert wrong.survived is False
    assert wrong.figures["mean"] < 0
    idle = replace(panel, exposed=np.zeros(len(panel), dtype=bool))
    assert fake_histories(idle, rate_gap).check().survived is None
    assert fake_histories(replace(panel, exposed=~idle.exposed), rate_gap).check().survived is None


def test_a_shuffled_panel_keeps_outcomes_and_moves_histories_whole(panel):
    moved = shuffled(panel, generator(1, "x"))
    for name in ("unit", "group", "period", "event", "value"):
        assert (getattr(moved, name) == getattr(panel, name)).all()
    histories = {u: panel.exposed[panel.unit == u] for u in range(len(panel.id))}
    for u in range(0, len(panel.id), 17):
        mine = moved.exposed[moved.unit == u]
        assert any((mine[: len(h)] == h[: len(mine)]).all() and not mine[len(h) :].any() for h in histories.values())


def test_borrowed_histories_leave_out_the_exposed(panel):
    fake = borrowed(panel, generator(1, "x"))
    ever = np.bincount(panel.unit, weights=panel.exposed) > 0
    assert fake.id.tolist() == panel.id[~ever].tolist()
    assert 0 < (np.bincount(fake.unit, weights=fake.exposed) > 0).mean() < 0.5
