"""Weekly hazards: worked by hand, against a naive expansion, on known truth, and on published data."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.estimators import hazards
from goodwill.estimators.logistic import fit_logistic
from goodwill.estimators.weeks_at_risk import count_weeks
from goodwill.samples import NEVER, Covariates, Spells
from invented import opportunities


def spells(weeks, event, exposed_week, covariates=None, group=None):
    n = len(weeks)
    values = np.zeros((n, 0)) if covariates is None else np.asarray(covariates, float)
    names = tuple(f"x{i}" for i in range(values.shape[1]))
    ids = np.arange(n)
    arrays = [np.asarray(a, dtype=np.int64) for a in (ids if group is None else group, weeks, event, exposed_week)]
    return Spells(ids, *arrays, Covariates(values, names, names))


def plenty(**changed):
    """Two hundred units at a hundred accounts, every kind of end in both arms."""
    i = np.arange(200)
    arrays = {"weeks": 2 + i % 9, "event": i % 3, "exposed_week": np.where(i % 2, 0, NEVER), "group": i // 2}
    return spells(**(arrays | changed))


def test_exposure_counts_from_the_week_after():
    counts, _, starts = count_weeks(spells([4, 3], [1, 2], [1, NEVER]), np.zeros(2, dtype=np.int64))
    exposed = counts.X[:, len(starts)] == 1
    assert counts.weeks[exposed].sum() == 2  # weeks 2 and 3 of the first unit
    assert counts.weeks[~exposed].sum() == 5
    assert counts.won[exposed].sum() == 1
    assert counts.lost[~exposed].sum() == 1


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_counts_equal_a_naive_expansion(data):
    n = data.draw(st.integers(1, 40))
    numbers = lambda low, high: data.draw(st.lists(st.integers(low, high), min_size=n, max_size=n))  # noqa: E731
    sample = spells(numbers(1, 30), numbers(0, 2), [x if x < 25 else NEVER for x in numbers(0, 30)])
    counts, patterns, starts = count_weeks(sample, np.zeros(n, dtype=np.int64))
    naive = {}
    for weeks, event, exposed_week in zip(sample.weeks, sample.event, sample.exposed_week, strict=True):
        for week in range(weeks):
            key = (max(b for b, s in enumerate(starts) if s <= week), int(week > exposed_week))
            row = naive.setdefault(key, np.zeros(3))
            row += [1, (week == weeks - 1) * (event == 1), (week == weeks - 1) * (event == 2)]
    spans = np.where(counts.X[:, 1 : len(starts)].any(axis=1), counts.X[:, 1 : len(starts)].argmax(axis=1) + 1, 0)
    keys = zip(spans.tolist(), counts.X[:, len(starts)].astype(int).tolist(), strict=True)
    ours = dict(zip(keys, np.column_stack([counts.weeks, counts.won, counts.lost]), strict=True))
    assert ours.keys() == naive.keys()
    assert all((ours[k] == naive[k]).all() for k in naive)
    assert patterns.units.sum() == n


def test_saturated_shares_are_the_product_of_observed_hazards():
    """One span after week 0 and no covariates: shares follow from four hazards that can be counted by hand."""
    n = 2000
    draw = np.random.default_rng(3)
    sample = spells(np.full(n, 2), draw.integers(0, 3, n), np.where(np.arange(n) % 2, 0, NEVER))
    gap, days = hazards.differences(sample, horizon_weeks=2)
    exposed = sample.exposed_week == 0
    by_hand = (sample.event[exposed] == 1).mean() - (sample.event[~exposed] == 1).mean()
    assert gap == pytest.approx(by_hand, abs=2e-3)  # the prior on log-odds moves it by less
    assert days == pytest.approx(0, abs=1e-3)  # nothing is won by the end of week 0


def test_one_jackknife_replicate_is_a_fit_without_that_group():
    sample, _, _ = opportunities(400, effect=0.3, seed=4)
    group = sample.group % 40
    fitted = hazards._fit(sample, group)
    counts, _, _ = count_weeks(sample, group)
    keep = counts.group != 7
    direct = fit_logistic(counts.X[keep], counts.won[keep], counts.weeks[keep])
    assert fitted.won[8] == pytest.approx(direct.coefficients, abs=1e-5)


def test_shares_stay_possible_and_interval_holds_value():
    sample, _, _ = opportunities(400, effect=0.3, seed=5)
    found = hazards.contrast(hazards.fit(sample), horizon_weeks=26)
    for curve in found.curves:
        assert 0 <= curve.low <= curve.share_won <= curve.high <= 1
        assert curve.share_won + curve.share_lost <= 1
    assert found.risk_difference.value == pytest.approx(found.share_won_exposed.value - found.share_won_unexposed.value)
    assert hazards.differences(sample, horizon_weeks=26) == pytest.approx(
        (found.risk_difference.value, found.days_difference.value)
    )


def test_order_of_units_is_irrelevant():
    sample, _, _ = opportunities(300, effect=0.0, seed=6)
    turned = np.random.default_rng(0).permutation(len(sample))
    other = spells(*(a[turned] for a in (sample.weeks, sample.event, sample.exposed_week)),
                   sample.covariates.values[turned], sample.group[turned])  # fmt: skip
    a, b = (hazards.contrast(hazards.fit(s), horizon_weeks=20).risk_difference for s in (sample, other))
    assert (a.value, a.se) == pytest.approx((b.value, b.se))


@pytest.mark.parametrize("effect", [0.0, 0.6])
def test_the_interval_holds_the_truth_as_often_as_it_says(effect):
    held = rejected = 0
    for seed in range(30):
        sample, share, days = opportunities(400, effect=effect, seed=seed)
        found = hazards.contrast(hazards.fit(sample, groups=20), horizon_weeks=26)
        held += found.risk_difference.low <= share <= found.risk_difference.high
        held += found.days_difference.low <= days <= found.days_difference.high
        rejected += found.risk_difference.p < 0.05
    assert held >= 46  # of 60 at 90%, and both differences rise and fall together
    if effect == 0:
        assert rejected <= 5


def test_ever_exposed_is_fooled_where_weekly_hazards_are_not():
    sample, _, _ = opportunities(2000, effect=0.0, seed=8)
    from_the_start = sample.with_exposure(np.where(sample.exposed_week < NEVER, -1, NEVER))
    trap, ours = hazards.fit(from_the_start, groups=20).log_odds, hazards.fit(sample, groups=20).log_odds
    assert trap.p < 1e-4
    assert ours.low <= 0 <= ours.high


def test_heart_transplants(real_data):
    """Stanford: "ever transplanted" looks like HR 0.27; with time split the log hazard ratio is 0.127 (se 0.301)."""
    rows = list(csv.DictReader(real_data("oracles", "stanford_heart_jasa.csv").read_text().splitlines()))
    days = np.array([int(r["futime"]) for r in rows])
    wait = np.array([int(float(r["wait.time"])) if r["wait.time"] else NEVER * 7 for r in rows])
    died = np.array([int(r["fustat"]) for r in rows])
    sample = spells(days // 7 + 1, died, wait // 7)
    effect = hazards.fit(sample, may_lose=False).log_odds
    assert effect.value == pytest.approx(0.127, abs=0.2)
    assert effect.se == pytest.approx(0.301, abs=0.08)


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (plenty(event=np.zeros(200)), "only 0 wins"),
        (plenty(event=np.arange(200) % 3 // 2 * 1), "nothing is recorded as lost"),
        (plenty(exposed_week=np.full(200, NEVER)), "0 wins came after exposure"),
        (plenty(exposed_week=np.zeros(200)), "0 wins came without or before exposure"),
        (plenty(group=np.zeros(200)), "only 1 account"),
        (spells([], [], []), "only 0 wins"),
    ],
)
def test_too_little_is_said_in_words(sample, words):
    with pytest.raises(CannotTell, match=words) as told:
        hazards.fit(sample)
    assert told.value.settles


def test_nothing_is_said_beyond_the_follow_up():
    with pytest.raises(CannotTell, match="nobody was followed for 11 weeks"):
        hazards.contrast(hazards.fit(plenty()), horizon_weeks=11)


def test_a_covariate_that_separates_gives_a_number():
    won = np.arange(200) % 3 == 1
    found = hazards.contrast(hazards.fit(plenty(covariates=won[:, None])), horizon_weeks=8)
    assert np.isfinite([found.risk_difference.value, found.risk_difference.se]).all()


def test_observed_curves_by_hand():
    curves = hazards.observed_curves(spells([1, 2, 2, 3], [1, 2, 0, 1], [NEVER] * 4))
    assert [c["share_won"] for c in curves] == pytest.approx([1 / 4, 1 / 4, 3 / 4])
    assert [c["share_lost"] for c in curves] == pytest.approx([0, 1 / 4, 1 / 4])
    assert [c["share_open"] for c in curves] == pytest.approx([3 / 4, 1 / 2, 0])
