"""Lots and what they say: drawn as promised, compared as drawn, by hand and where the truth is known."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.intention import Dealt, difference, effect_of_touch, mean_of, touched_more
from goodwill.estimators.lots import dealt, starting_steps

# --- lots -------------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=60), st.floats(0.05, 0.95), st.integers(0, 99))
def test_every_stratum_gets_its_share_to_within_one(strata: list[str], share: float, seed: int) -> None:
    labels = np.array(strata, dtype=object)
    treated = dealt(labels, share=share, seed=seed, name="x")
    for label in set(strata):
        here = labels == label
        assert abs(treated[here].sum() - share * here.sum()) < 1
    assert abs(treated.sum() - share * len(labels)) < 1


def test_each_unit_is_drawn_as_often_as_any_other() -> None:
    strata = np.array(["a"] * 7 + ["b"] * 3 + ["c"], dtype=object)
    drawn = np.mean([dealt(strata, share=0.3, seed=seed, name="x") for seed in range(4000)], axis=0)
    assert drawn == pytest.approx(np.full(11, 0.3), abs=0.03)  # four errors of 4,000 draws


def test_the_same_seed_and_name_draw_the_same_again_and_others_draw_others() -> None:
    strata = np.array(["a"] * 100, dtype=object)
    first = dealt(strata, share=0.5, seed=3, name="x")
    assert (dealt(strata, share=0.5, seed=3, name="x") == first).all()
    assert (dealt(strata, share=0.5, seed=4, name="x") != first).any()
    assert (dealt(strata, share=0.5, seed=3, name="y") != first).any()


@given(st.integers(4, 40), st.integers(1, 4), st.integers(0, 99))
def test_steps_are_as_even_as_can_be(groups: int, steps: int, seed: int) -> None:
    found = Counter(starting_steps(groups, steps=steps, seed=seed, name="x").tolist())
    assert set(found) == set(range(1, steps + 1))
    assert max(found.values()) - min(found.values()) <= 1


# --- differences ------------------------------------------------------------------------------------------------------


def experiment(seed: int, *, companies: int = 60, effect: float = 0.0, uptake: float = 0.5, strata: int = 3) -> Dealt:
    """Companies of uneven numbers of units, dealt within strata that differ; a touch adds ``effect``."""
    draw = np.random.default_rng(seed)
    stratum = np.arange(companies) % strata
    treated = dealt(stratum, share=0.5, seed=seed, name="x").astype(np.int64)
    touched = (draw.random(companies) < np.where(treated, 0.2 + uptake, 0.2)).astype(np.int64)
    level = stratum + draw.normal(size=companies)
    group = np.repeat(np.arange(companies), 1 + draw.poisson(2, companies))
    y = (level + effect * touched)[group] + draw.normal(size=len(group))
    return Dealt(y, treated[group], touched[group], group, stratum[group])


def naive_difference(data: Dealt) -> tuple[float, float]:
    """A second implementation, one company at a time."""
    total, variance = 0.0, 0.0
    for s in sorted(set(data.stratum.tolist())):
        here = [i for i in range(len(data)) if data.stratum[i] == s]
        for arm in (1, 0):
            rows = [i for i in here if data.treated[i] == arm]
            mean = sum(data.outcome[i] for i in rows) / len(rows)
            total += (1 if arm else -1) * len(here) / len(data) * mean
            sums: dict[int, float] = {}
            for i in rows:
                sums[data.company[i]] = sums.get(data.company[i], 0.0) + data.outcome[i] - mean
            each = sum(v * v for v in sums.values()) * len(sums) / (len(sums) - 1) / len(rows) ** 2
            variance += (len(here) / len(data)) ** 2 * each
    return total, math.sqrt(variance)


@pytest.mark.parametrize("seed", range(5))
def test_the_difference_is_that_of_a_second_implementation(seed: int) -> None:
    data = experiment(seed)
    found = difference(data)
    assert (found.value, found.se) == pytest.approx(naive_difference(data))


def test_one_unit_a_company_and_one_stratum_is_welch_by_hand() -> None:
    draw = np.random.default_rng(1)
    y, arm = draw.normal(size=40), np.repeat([0, 1], [15, 25])
    found = difference(Dealt(y, arm, arm, np.arange(40), np.zeros(40)))
    a, b = y[15:], y[:15]
    v = a.var(ddof=1) / 25, b.var(ddof=1) / 15
    assert found.value == pytest.approx(a.mean() - b.mean())
    assert found.se == pytest.approx(math.sqrt(sum(v)))
    assert found.df == pytest.approx(sum(v) ** 2 / (v[0] ** 2 / 24 + v[1] ** 2 / 14))


def test_strata_that_are_too_thin_are_joined() -> None:
    data = experiment(2)
    lonely = np.where(data.company == 0, 99, np.where(data.company == 1, 98, data.stratum))
    found = difference(Dealt(data.outcome, data.treated, data.touched, data.company, lonely))
    assert math.isfinite(found.value)
    assert found.se > 0
    own = np.array([f"only {c}" for c in data.company], dtype=object)
    alone = difference(Dealt(data.outcome, data.treated, data.touched, data.company, own))
    assert math.isfinite(alone.value)


def test_the_interval_holds_the_truth_as_often_as_it_says_and_nothing_is_found_where_there_is_nothing() -> None:
    runs = 400
    found = [difference(experiment(seed, effect=1.0)) for seed in range(runs)]
    assert np.mean([e.low <= 0.5 <= e.high for e in found]) == pytest.approx(0.9, abs=0.045)
    assert np.mean([e.value for e in found]) == pytest.approx(0.5, abs=0.05)
    nothing = [difference(experiment(seed)).p for seed in range(runs)]
    assert np.mean(np.array(nothing) < 0.05) <= 0.075


def test_the_effect_of_a_touch_is_found_behind_what_was_dealt() -> None:
    found = [effect_of_touch(experiment(seed, effect=1.0, companies=120, uptake=0.7)) for seed in range(200)]
    assert np.median([e.value for e in found]) == pytest.approx(1.0, abs=0.08)
    assert np.mean([e.low <= 1.0 <= e.high for e in found]) == pytest.approx(0.9, abs=0.06)


def test_where_all_do_what_they_are_dealt_both_effects_are_one() -> None:
    data = experiment(3, effect=1.0)
    obeyed = Dealt(data.outcome, data.treated, data.treated, data.company, data.stratum)
    as_dealt, of_touch = difference(obeyed), effect_of_touch(obeyed)
    assert of_touch.value == pytest.approx(as_dealt.value)
    assert of_touch.se == pytest.approx(as_dealt.se)
    assert touched_more(obeyed).value == 1


def test_arm_means_are_by_company() -> None:
    data = experiment(4)
    found = mean_of(data, data.outcome, treated=True)
    assert found.value == pytest.approx(data.outcome[data.treated == 1].mean())
    twice = Dealt(*(np.repeat(getattr(data, n), 2) for n in ("outcome", "treated", "touched", "company", "stratum")))
    assert mean_of(twice, twice.outcome, treated=True) == Estimate(
        pytest.approx(found.value), pytest.approx(found.se), df=found.df, level=0.9
    )


def test_too_little_cannot_be_told() -> None:
    data = experiment(5)
    with pytest.raises(CannotTell, match="too few to say what a touch did"):
        effect_of_touch(experiment(6, uptake=0.0))
    with pytest.raises(CannotTell, match="nothing has happened"):
        difference(Dealt(np.zeros(len(data)), data.treated, data.touched, data.company, data.stratum))
    with pytest.raises(CannotTell, match="companies with an outcome were treated"):
        difference(Dealt(data.outcome, np.zeros(len(data), dtype=np.int64), data.touched, data.company, data.stratum))
    with pytest.raises(CannotTell):
        difference(experiment(7, companies=12))
    with pytest.raises(CannotTell, match="no outcome"):
        difference(Dealt(*(np.zeros(0) for _ in range(5))))  # type: ignore[arg-type]
