"""Placebos as they are kept: in order, few, rounded, with the real answer in its place; judged as before."""

import json

import numpy as np
import pytest

from goodwill.errors import CannotTell
from goodwill.verdicts.placebos import FEWEST, MOST_KEPT, Placebos, drawn


def test_the_real_answer_stands_among_the_placebos() -> None:
    rows = Placebos("p", "", np.arange(-10.0, 10.0), 20, observed=3.25).rows()
    values = [row["value"] for row in rows]
    assert values == sorted(values)
    assert len(values) == 21
    assert [row["value"] for row in rows if row.get("sample") == "real"] == [3.25]


def test_values_are_rounded_to_four_digits() -> None:
    rows = Placebos("p", "", np.full(20, 0.123456789), 20, observed=-123456.0).rows()
    assert rows[0] == {"check": "p", "value": -123500.0, "sample": "real"}
    assert {row["value"] for row in rows[1:]} == {0.1235}


def test_of_many_a_few_that_are_spread_alike_are_kept() -> None:
    values = np.random.default_rng(1).normal(size=4000)
    kept = np.array([row["value"] for row in Placebos("p", "", values, 4000).rows()])
    assert len(kept) == MOST_KEPT
    assert kept.mean() == pytest.approx(values.mean(), abs=0.02)
    assert np.median(kept) == pytest.approx(np.median(values), abs=0.05)
    assert kept.std() == pytest.approx(values.std(), rel=0.05)
    assert len(json.dumps(Placebos("p", "", values, 4000).rows())) < 2_500


def test_too_few_and_refused_ones_are_not_kept() -> None:
    thin = Placebos("p", "t", np.zeros(FEWEST - 1), 40, observed=1.0)
    assert (thin.rows(), thin.check().survived) == ([], None)
    refused = Placebos("p", "t", np.zeros(40), 40, refused="every unit was exposed")
    assert (refused.rows(), refused.check().result) == ([], "could not run: every unit was exposed")


def test_draws_without_a_number_are_left_out_and_the_real_one_may_be_none() -> None:
    def draw(rng: np.random.Generator) -> float:
        luck = float(rng.random())
        if luck < 0.2:
            raise CannotTell("too thin", settles="more")
        return float("nan") if luck < 0.4 else luck

    found = drawn("p", tried="t", draw=draw, observed=float("nan"), repeats=100, seed=2)
    assert 40 < len(found.values) < 80
    assert np.isfinite(found.values).all()
    assert not any(row.get("sample") for row in found.rows())


def test_the_same_seed_draws_the_same() -> None:
    one, other, third = (drawn("p", tried="t", draw=lambda rng: rng.normal(), seed=seed).rows() for seed in (4, 4, 5))
    assert one == other != third
