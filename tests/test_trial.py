"""Sequences of emulated trials: worked by hand, against a naive implementation, by invariants, and on known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators import trial
from goodwill.estimators.logistic import fit_logistic
from goodwill.estimators.resample import account_groups
from goodwill.estimators.trial import Protocol, effects, emulate, first_exposure, with_first_exposure
from goodwill.estimators.trial_cells import count, without_each
from goodwill.estimators.trial_starts import HEAVIEST, starts
from goodwill.samples import NEVER, Covariates, Panel
from simulated_panels import Causes, simulate


def panel_of(lives: list[tuple[str, str]]) -> Panel:
    """Units as (what happened each period, how it ended): "..x." with x an exposure; ended by w, l or open -."""
    unit = np.repeat(np.arange(len(lives)), [len(life) for life, _ in lives])
    period = np.concatenate([np.arange(len(life)) for life, _ in lives])
    exposed = np.array([c == "x" for life, _ in lives for c in life])
    before = np.concatenate([np.cumsum([c == "x" for c in life]) - [c == "x" for c in life] for life, _ in lives])
    event = np.concatenate(
        [np.append(np.zeros(len(life) - 1), {"w": 1, "l": 2, "-": 0}[end]) for life, end in lives]
    ).astype(np.int64)
    none = Covariates(np.zeros((len(unit), 0)), (), ())
    return Panel(unit, unit.copy(), period, before == 0, exposed, event, event == 1.0, none, np.arange(len(lives)))


def test_starts_by_hand() -> None:
    # exposed in period 1, won in period 3; never exposed, lost in period 2; exposed only in its last period
    panel = panel_of([(".x..", "w"), ("...", "l"), (".x", "w")])
    found = starts(panel, horizon=26, is_weighted=False)
    rows = zip(found.row.tolist(), found.treated.tolist(), found.stop.tolist(), found.event.tolist(), strict=True)
    assert list(rows) == [
        (0, 0, 1, 0),  # unit 0 as untreated: followed to the week of its exposure, then out
        (1, 1, 3, 1),  # unit 0 as treated: followed to its win
        (4, 0, 6, 2),
        (5, 0, 6, 2),
        (7, 0, 8, 1),  # exposed in the very week of the win: it was decided unexposed
    ]  # fmt: skip
    intention = starts(panel, horizon=26, is_per_protocol=False, is_weighted=False)
    assert intention.stop.tolist() == [3, 3, 6, 6, 8]
    assert starts(panel, horizon=1, is_weighted=False).stop.tolist() == [1, 2, 5, 6, 8]


def test_an_exposure_in_the_period_of_the_decision_starts_no_trial() -> None:
    panel = panel_of([("x", "w"), ("..x", "l")])
    assert starts(panel, horizon=5).treated.sum() == 0


@pytest.mark.parametrize("is_per_protocol", [True, False])
def test_starts_and_cells_against_loops(is_per_protocol: bool) -> None:
    panel = simulate(3, 60, Causes(drift=1.0, effect=0.5)).panel
    found = starts(panel, horizon=9, is_per_protocol=is_per_protocol)
    group = account_groups(panel.group, wanted=4)
    cells = count(panel, found, group, late_from=3)
    at_risk = won = 0.0
    n = 0
    for row in range(len(panel)):
        same = np.flatnonzero(panel.unit == panel.unit[row])
        if not panel.eligible[row] or row == same[-1]:
            continue
        assert found.row[n] == row
        stay = 1.0
        for k, later in enumerate(range(row + 1, min(same[-1], row + 9) + 1)):
            bounded = np.clip(stay, 1 / HEAVIEST, HEAVIEST) if is_per_protocol and not panel.exposed[row] else 1.0
            at_risk += found.weight[n] * bounded
            won += found.weight[n] * bounded * (panel.event[later] == 1)
            if is_per_protocol and not panel.exposed[row] and panel.exposed[later]:
                break
            stay *= (1 - found.chance[row]) / (1 - found.chance[later])
            assert k < 9
        n += 1
    assert n == len(found)
    assert cells.at_risk.sum() == pytest.approx(at_risk)
    assert cells.won.sum() == pytest.approx(won)


def test_randomised_at_the_start_gives_the_difference_of_shares() -> None:
    draw = np.random.default_rng(1)
    lives = []
    for n in range(600):
        treated, won = n % 2 == 0, draw.random() < (0.5 if n % 2 == 0 else 0.3)
        lives.append((("x" if treated else ".") + ".", "w" if won else "l"))
    panel = panel_of(lives)
    panel = replace(panel, eligible=panel.period == 0)
    found = emulate(panel, Protocol(1))
    event = panel.event[panel.period == 1] == 1
    raw = event[::2].mean() - event[1::2].mean()
    assert found.difference.value == pytest.approx(raw, abs=5e-4)
    se = np.sqrt(event[::2].var() / 300 + event[1::2].var() / 300)
    assert found.difference.se == pytest.approx(se, rel=0.25)
    assert found.starts == 600
    assert found.treated == 300


def test_one_step_without_a_group_is_the_refit_but_for_a_trifle() -> None:
    panel = simulate(5, 500, Causes(effect=0.5)).panel
    found = starts(panel, horizon=20)
    cells = count(panel, found, account_groups(panel.group), late_from=6)
    quick = without_each(cells.X, cells.won, cells.at_risk, cells.group)
    for g in (0, 7, 39):
        kept = (cells.group != g).astype(float)
        refitted = fit_logistic(cells.X, cells.won * kept, cells.at_risk * kept).coefficients
        moved = np.abs(refitted - quick[0]).max()
        assert np.abs(quick[g + 1] - refitted).max() < max(0.15 * moved, 1e-6)


@settings(max_examples=15)
@given(scale=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_units_of_a_covariate_do_not_matter(scale: float, shift: float) -> None:
    panel = simulate(8, 150, Causes(effect=0.5)).panel
    other = replace(panel.covariates, values=panel.covariates.values * scale + shift)
    first, second = (effects(p, Protocol(10)) for p in (panel, replace(panel, covariates=other)))
    assert first == pytest.approx(second, abs=1e-6)


def test_shares_are_shares() -> None:
    found = emulate(simulate(4, 300, Causes(effect=1.0)).panel, Protocol(20))
    for arm in found.arms:
        still = 1 - arm.happened - arm.otherwise
        assert (np.diff(arm.happened) >= 0).all()
        assert (np.diff(arm.otherwise) >= 0).all()
        assert ((still >= 0) & (still <= 1)).all()
    assert found.difference.value == pytest.approx(found.arms[1].happened[-1] - found.arms[0].happened[-1])
    assert found.worth.value == pytest.approx(100 * found.difference.value, rel=0.05)  # every event is worth 100
    assert found.by_period[-1] == found.difference
    assert found.periods.value == pytest.approx(-sum(e.value for e in found.by_period[:-1]))


def test_the_same_twice_and_whatever_the_names() -> None:
    panel = simulate(4, 200, Causes(effect=1.0)).panel
    one, two = (emulate(panel, Protocol(12), seed=3) for _ in range(2))
    assert one.difference == two.difference
    assert effects(panel, Protocol(12))[0] == pytest.approx(one.difference.value, rel=1e-9)


def test_placebo_exposure_is_what_it_says() -> None:
    panel = simulate(4, 200).panel
    first = first_exposure(panel)
    again = with_first_exposure(panel, first)
    assert (again.exposed == (panel.exposed & panel.eligible)).all()
    assert (again.eligible == panel.eligible).all()
    assert with_first_exposure(panel, np.full(200, NEVER)).exposed.sum() == 0


def mean_effect(causes: Causes, seeds: int, units: int = 500) -> tuple[float, float, float]:
    told = []
    for seed in range(seeds):
        made = simulate(seed, units, causes)
        rows = starts(made.panel, horizon=20).row
        told.append((effects(made.panel, Protocol(20))[0], made.truth(rows, 20)[0], made.naive))
    mean = np.mean(told, axis=0)
    return float(mean[0]), float(mean[1]), float(mean[2])


def test_nothing_is_found_where_there_is_nothing() -> None:
    estimate, truth, naive = mean_effect(Causes(drift=0.8), 10, 1000)
    assert truth == 0
    assert naive > 0.08  # the table is fooled
    assert abs(estimate) < 0.03


def test_an_effect_is_found_with_its_size() -> None:
    estimate, truth, _ = mean_effect(Causes(effect=0.8), 12)
    assert truth > 0.1
    assert estimate == pytest.approx(truth, abs=0.025)


def test_an_effect_that_takes_its_time() -> None:
    estimate, truth, _ = mean_effect(Causes(effect=1.0, lag=7), 12)
    assert truth > 0.05
    assert estimate == pytest.approx(truth, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, 0.7])
def test_intervals_hold_the_truth_as_often_as_they_say(effect: float) -> None:
    held = []
    for seed in range(2000, 2200):
        made = simulate(seed, 900, Causes(effect=effect, drift=0.4))
        found = emulate(made.panel, Protocol(20))
        truth = made.truth(starts(made.panel, horizon=20).row, 20)[0]
        held.append(found.difference.low <= truth <= found.difference.high)
    assert 0.84 <= np.mean(held) <= 0.97  # 200 draws of 90% stray by 4 points


def everyone(n: int, end: str, exposed: bool) -> list[tuple[str, str]]:
    return [(("x" if exposed else ".") + "..", end) for _ in range(n)]


@pytest.mark.parametrize(
    "lives",
    [
        [("..", "w")],
        everyone(100, "w", True),
        everyone(100, "w", False),
        everyone(50, "-", True) + everyone(50, "-", False),
        everyone(4, "w", True) + everyone(200, "w", False),
        everyone(60, "l", True) + everyone(60, "w", False),
        everyone(60, "w", True) + everyone(60, "l", False),
    ],
    ids=["one unit", "all exposed", "none exposed", "nothing happened", "few", "none of the exposed", "only they"],
)
def test_degenerate_panels_are_refused_with_a_reason(lives: list[tuple[str, str]]) -> None:
    with pytest.raises(CannotTell) as told:
        emulate(panel_of(lives), Protocol(2))
    assert told.value.missing


def test_one_account_cannot_carry_an_answer() -> None:
    panel = simulate(1, 300).panel
    with pytest.raises(CannotTell, match="accounts"):
        emulate(replace(panel, group=np.zeros(len(panel), dtype=np.int64)), Protocol(10))


@pytest.mark.parametrize("kind", ["constant", "separating", "many", "one large account"])
def test_hostile_covariates_give_a_bounded_answer(kind: str) -> None:
    panel = simulate(1, 400, Causes(effect=0.3)).panel
    ends = np.zeros(len(panel.id))
    ends[panel.unit[panel.event == 1]] = 1.0
    values = {
        "constant": np.ones((len(panel), 2)),
        "separating": ends[panel.unit][:, None],
        "many": np.random.default_rng(0).normal(size=(len(panel), 3)),
        "one large account": panel.covariates.values,
    }[kind]
    names = tuple(f"c{n}" for n in range(values.shape[1]))
    group = np.where(panel.unit < 360, 0, panel.unit) if kind == "one large account" else panel.group
    found = emulate(replace(panel, group=group, covariates=Covariates(values, names, names)), Protocol(10))
    for estimate in (found.difference, found.periods, found.worth, found.log_ratio):
        assert np.isfinite([estimate.value, estimate.se]).all()
    assert abs(found.difference.value) < 1


def test_the_horizon_is_as_long_as_both_arms_were_followed() -> None:
    panel = simulate(1, 300).panel
    horizon = trial.longest_horizon(panel, 40)
    found = starts(panel, horizon=40, is_weighted=False)
    for arm in (0, 1):
        assert (found.followed[found.treated == arm] >= horizon).sum() >= trial.FOLLOWED
    assert trial.longest_horizon(panel_of([("..", "w")]), 10) == 0
