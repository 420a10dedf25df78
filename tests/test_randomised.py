"""Checks of an experiment: they must let honest draws pass and catch drawn lots that were no lots."""

import math

import numpy as np
import pytest

from goodwill.samples import Covariates, Units
from goodwill.verdicts.randomised import attrition, random_balance, random_split, unproven


def drawn(seed, *, accounts=60, favours=0.0):
    """Units of accounts drawn at random, or with an eye to how keen they are."""
    draw = np.random.default_rng(seed)
    group = np.repeat(np.arange(accounts), draw.integers(1, 6, accounts))
    keen = draw.normal(size=accounts)
    score = draw.normal(size=accounts) + favours * keen
    chosen = score > np.median(score)
    X = np.column_stack([keen[group] + 0.3 * draw.normal(size=len(group)), draw.normal(size=(len(group), 3))])
    names = ("keen", "b", "c", "d")
    n = len(group)
    return Units(np.arange(n), group, chosen[group].astype(np.int64), draw.normal(size=n), Covariates(X, names, names))


def test_honest_draws_pass_and_others_do_not():
    honest = [random_balance(drawn(seed)).figures["p"] for seed in range(60)]
    assert np.mean(np.array(honest) <= 0.1) <= 0.2
    assert np.mean(honest) == pytest.approx(0.5, abs=0.12)
    assert all(random_balance(drawn(seed, favours=1.0)).survived is False for seed in range(5))


def test_balance_of_companies_is_not_judged_by_the_number_of_their_deals():
    """Copies of units add nothing."""
    units = drawn(1)
    twice = np.repeat(np.arange(len(units)), 2)
    copied = Units(twice, units.group[twice], units.treated[twice], units.outcome[twice], units.covariates.take(twice))
    assert random_balance(copied).figures == random_balance(units).figures


def test_columns_that_others_determine_change_nothing():
    units = drawn(2)
    names = (*units.covariates.names, "again")
    values = np.column_stack([units.covariates.values, units.covariates.values[:, 0]])
    again = Units(units.id, units.group, units.treated, units.outcome, Covariates(values, names, names))
    assert random_balance(again).figures["p"] == random_balance(units).figures["p"]


def test_balance_says_where_it_cannot_run():
    units = drawn(3)
    none = Covariates(np.zeros((len(units), 0)), (), ())
    assert random_balance(Units(units.id, units.group, units.treated, units.outcome, none)).survived is None
    split = np.arange(len(units)) % 2
    assert random_balance(Units(units.id, units.group, split, units.outcome, units.covariates)).survived is None
    assert random_balance(drawn(4, accounts=8)).survived is None
    nobody = np.zeros(len(units), dtype=np.int64)
    assert random_balance(Units(units.id, units.group, nobody, units.outcome, units.covariates)).survived is None


@pytest.mark.parametrize(
    ("assigned", "others", "planned", "survived"),
    [
        (500, 500, 0.5, True),
        (460, 540, 0.5, True),  # p = 0.012
        (455, 545, 0.5, False),
        (100, 900, 0.1, True),
        (150, 850, 0.1, False),
        (12, 9, 0.5, None),
        (20, 0, 0.5, False),
        (0, 0, 0.5, None),
    ],
)
def test_random_split(assigned, others, planned, survived):
    assert random_split(assigned, others, planned_share=planned).survived is survived


def test_the_split_test_is_the_exact_binomial_one():
    for assigned, others, planned in ((430, 570, 0.45), (60, 300, 0.2), (90, 300, 0.2), (7, 0, 0.5)):
        n = assigned + others
        chance = [math.comb(n, k) * planned**k * (1 - planned) ** (n - k) for k in range(n + 1)]
        p = min(1.0, 2 * min(sum(chance[: assigned + 1]), sum(chance[assigned:])))
        check = random_split(assigned, others, planned_share=planned)
        if "p" in check.figures:
            assert check.figures["p"] == pytest.approx(p)
        else:
            assert p >= 0.01


@pytest.mark.parametrize(
    ("lost", "survived"),
    [
        ((10, 500, 12, 500), True),
        ((60, 500, 15, 500), False),
        ((0, 40, 0, 40), True),
        ((3, 60, 4, 60), True),  # not a tenth lost in all
        ((15, 60, 15, 60), None),  # a quarter lost, and ten points more could not have been seen
        ((30, 60, 2, 60), False),
        ((0, 0, 1, 60), None),
        ((40, 40, 40, 40), True),
    ],
)
def test_attrition(lost, survived):
    names = ("lost_assigned", "assigned", "lost_others", "others")
    assert attrition(**dict(zip(names, lost, strict=True))).survived is survived


def test_what_is_unproven():
    split, alike = random_split(480, 520), attrition(lost_assigned=5, assigned=480, lost_others=6, others=520)
    assert unproven([split, alike]) == ""
    assert "random" in unproven([alike])
    assert "alike" in unproven([split])
    assert unproven([random_balance(drawn(1)), alike]) == ""
    assert unproven([random_split(12, 9), alike])
