"""How long after the first touch wins come: worked by hand, against a naive count, and where too few are seen."""

import numpy as np
import pytest

from goodwill.designs.deal_lags import FEWEST, MOST_WEEKS, lags
from goodwill.journeys.deal_sample import Deals


def deals(after: list[float], outcome: list[str], touched_at: list[float] | None = None) -> Deals:
    """Deals that ended so many weeks after their first touch; NaN: never touched."""
    to_social = np.full(len(after), 3.0) if touched_at is None else np.array(touched_at)
    until = np.where(np.isfinite(to_social), to_social, 0.0) + np.array(after)
    rows = {"id": np.arange(len(after)), "weeks_open": until, "weeks_to_social": to_social,
            "outcome": np.array(outcome, dtype=object)}  # fmt: skip
    return Deals(rows, "opportunity", 0)


def shares(rows: list[dict[str, float]]) -> dict[float, float]:
    return {row["week"]: row["share"] for row in rows}


def test_worked_by_hand() -> None:
    """Of forty, ten are won after a week and a half, ten lost after two and a half; the others are seen for four."""
    found = deals([1.5] * 10 + [2.5] * 10 + [4.0] * 20, ["won"] * 10 + ["lost"] * 10 + ["open"] * 20)
    rows = lags(found, level=0.9)
    assert shares(rows) == {1: 0.0, 2: 0.25, 3: 0.25, 4: 0.25}
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows)


def test_what_is_lost_can_no_longer_be_won_and_what_left_sight_counts_as_long_as_seen() -> None:
    """Half are lost in week 1, half of the rest leave sight in week 2, and half of what is left is won in week 3."""
    after = [0.5] * 40 + [1.5] * 20 + [2.5] * 10 + [6.0] * 20
    rows = lags(deals(after, ["lost"] * 40 + ["open"] * 20 + ["won"] * 10 + ["open"] * 20), level=0.9)
    assert shares(rows)[3] == pytest.approx(50 / 90 * 10 / 30)
    assert [row["week"] for row in rows] == [1, 2, 3, 4, 5, 6]


def test_without_censoring_it_is_the_plain_share() -> None:
    rng = np.random.default_rng(3)
    after, outcome = rng.exponential(12, 400), np.where(rng.random(400) < 0.4, "won", "lost")
    for row in lags(deals(after.tolist(), outcome.tolist()), level=0.9):
        assert row["share"] == pytest.approx(((after <= row["week"]) & (outcome == "won")).mean())


def test_deals_that_nobody_touched_say_nothing() -> None:
    touched = deals([2.0] * 30 + [5.0] * 30, ["won"] * 30 + ["open"] * 30)
    beside = deals([2.0] * 30 + [5.0] * 30 + [1.0] * 99, ["won"] * 30 + ["open"] * 30 + ["won"] * 99,
                   [3.0] * 60 + [float("nan")] * 99)  # fmt: skip
    assert lags(touched, level=0.9) == lags(beside, level=0.9)


def test_the_curve_ends_while_enough_are_followed() -> None:
    rows = lags(deals([1.0] * 30 + [8.0] * FEWEST + [99.0] * (FEWEST - 1), ["won"] * 30 + ["open"] * 39), level=0.9)
    assert rows[-1]["week"] == 8
    long = lags(deals([500.0] * 60 + [3.0] * 20, ["open"] * 60 + ["won"] * 20), level=0.9)
    assert long[-1]["week"] == MOST_WEEKS


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        ([5.0] * (FEWEST - 1), ["won"] * (FEWEST - 1)),  # too few
        ([5.0] * 40, ["lost"] * 40),  # none was won
        ([0.3] * 40, ["won"] * 40),  # over within a week
        ([float("nan")] * 40, ["won"] * 40),  # without dates
    ],
)
def test_nothing_is_told_of_too_little(after: list[float], outcome: list[str]) -> None:
    assert lags(deals(after, outcome), level=0.9) == []
