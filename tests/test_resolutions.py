"""An answer pooled over plausible resolutions: its interval holds the spread, and nothing moves where there is none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.report.pictures import pictures
from goodwill.report.tables import table
from goodwill.verdicts import Figure, Verdict
from goodwill.verdicts.resolutions import over_resolutions

REACH = 1.6448536269514722


def found(value: float, se: float = 0.02, unit: str = "points") -> Verdict:
    figure = Figure("effect", "effect", value, unit, n=100, low=value - REACH * se, high=value + REACH * se, p=0.5)
    return Verdict("win_rate", "?", headline=figure, detectable=0.05)


@pytest.mark.slow
def test_by_hand():
    """Rubin: T = 0.02^2 + (1 + 1/2) var(0.04, 0.06) = 0.0004 + 1.5 * 0.0002; df = (1 + 1/r)^2, r = 0.75."""
    told = over_resolutions(found(0.05), [found(0.04), found(0.06)])
    total, df = 0.0007, (1 + 0.0004 / 0.0003) ** 2
    from scipy import stats

    assert told.headline.value == pytest.approx(0.05)
    reach = stats.t.ppf(0.95, df) * math.sqrt(total)
    assert told.headline.high - told.headline.value == pytest.approx(reach)
    assert told.headline.value - told.headline.low == pytest.approx(reach)
    assert told.detectable == pytest.approx(0.05 * math.sqrt(total) / 0.02)
    assert "43% of its variance" in told.notes[-1]


def test_where_all_agree_the_interval_stays():
    told = over_resolutions(found(0.05), [found(0.05)] * 5)
    assert (told.headline.low, told.headline.high) == pytest.approx((0.05 - REACH * 0.02, 0.05 + REACH * 0.02))


def test_the_most_likely_stays_to_be_seen_and_those_that_could_not_tell_are_counted():
    told = over_resolutions(found(0.05), [found(0.04), found(0.07), Verdict("win_rate", "?")])
    assert next(f.value for f in told.figures if f.name == "as_most_likely") == 0.05
    assert [r["value"] for r in told.facts["resolutions"]] == [0.05, 0.04, 0.07]
    assert "In 1 more it could not be told." in told.notes[-1]


@pytest.mark.parametrize("drawn", [[], [found(0.04)]])
def test_one_resolution_says_nothing_of_the_spread(drawn):
    assert over_resolutions(found(0.05), drawn) == found(0.05)


def test_a_share_stays_a_share():
    told = over_resolutions(found(0.97, unit="share"), [found(0.90, unit="share"), found(0.999, unit="share")])
    assert told.headline.high == 1.0


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=9), st.floats(0.001, 0.5))
def test_never_narrower_than_within_one(values, se):
    told = over_resolutions(found(0.0, se), [found(v, se) for v in values])
    assert told.headline.high - told.headline.low >= 2 * REACH * se * (1 - 1e-9)
    assert told.headline.low <= sum(values) / len(values) <= told.headline.high


def test_it_is_drawn_with_words_and_a_table():
    told = over_resolutions(found(0.05), [found(0.04), found(0.07)])
    picture = next(p for p in pictures(told, "EUR") if p.facts == "resolutions")
    assert "between +4.0 and +7.0 points" in picture.sees or "+4.0 points and +7.0 points" in picture.sees
    assert picture.panels[0].told.startswith("all together +5.5 points; most likely +5.0 points")
    assert table(told, "resolutions", "EUR").rows[0][:2] == ("most likely", "+5.0 points")
