"""Effects that were published, to the digits printed: a training programme, quitting smoking, an e-mail test."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from goodwill.estimators.doubly_robust import adjusted, adjusted_difference, naive_difference
from goodwill.estimators.learners import QUICK
from goodwill.estimators.nuisances import cross_fitted
from goodwill.estimators.ratios import naive_ratio
from goodwill.estimators.regression_sensitivity import LinearModel, linear_effect
from goodwill.estimators.single_model import regression_difference, standardised_difference, weighted_difference
from goodwill.samples import Covariates, Units

TRAINING = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")


def read(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def numbers(rows, name):
    return np.array([float(row[name]) for row in rows])


def units_of(treated, outcome, columns):
    ids, names = np.arange(len(treated)), tuple(columns)
    values = np.column_stack(list(columns.values()))
    return Units(ids, ids, treated.astype(np.int64), outcome.astype(float), Covariates(values, names, names))


def dummies(rows, name):
    """One column per level but the lowest."""
    values = numbers(rows, name)
    return {f"{name}={level:g}": (values == level).astype(float) for level in np.unique(values)[1:]}


def training(rows, extra=()):
    columns = {name: numbers(rows, name) for name in TRAINING}
    columns |= {"age2": columns["age"] ** 2} if "age2" in extra else {}
    for year in ("74", "75") if "jobless" in extra else ():
        columns[f"u{year}"] = (columns[f"re{year}"] == 0).astype(float)
    return units_of(numbers(rows, "treat"), numbers(rows, "re78"), columns)


@pytest.fixture
def experiment(real_data):
    """The randomised sample of Dehejia and Wahba: 185 trained, 260 not."""
    return read(real_data("causal", "nsw_mixtape.csv"))


@pytest.fixture
def survey(real_data, experiment):
    """The trained of the experiment against 15,992 people of a survey, who were never eligible."""
    return [row for row in experiment if row["treat"] == "1"] + read(real_data("causal", "cps_mixtape.csv"))


def test_training_experiment(experiment):
    """1,794.34 with Neyman's standard error 671.0, and adjusting an experiment hardly moves it."""
    units = training(experiment)
    naive = naive_difference(units)
    assert round(naive.value, 2) == 1794.34
    assert round(naive.se, 1) == 671.0
    found = adjusted_difference(units)
    assert abs(found.difference.value - naive.value) < naive.se
    assert found.difference.se == pytest.approx(naive.se, rel=0.15)
    assert found.ratio.value == pytest.approx(naive_ratio(units).value, rel=0.1)


def test_training_against_a_survey_by_table_and_regression(survey):
    """The table says -8,498; least squares on age, its square, schooling, earnings and the rest says 794 (548)."""
    assert len(survey) == 185 + 15992
    assert round(naive_difference(training(survey)).value) == -8498
    units = training(survey, extra=("age2",))
    found = linear_effect(LinearModel(units.outcome, units.treated.astype(float), units.covariates)).effect
    assert (round(found.value), round(found.se)) == (794, 548)
    assert regression_difference(units).value == pytest.approx(found.value)


@pytest.mark.slow
def test_training_against_a_survey_doubly_robust(survey):
    """What the experiment found lies in the intervals for the trained and for those who could have gone either way."""
    units = training(survey, extra=("jobless",))
    guessed = cross_fitted(units, repeats=1)
    for target in ("overlap", "treated"):
        found = adjusted(units, guessed, target=target)
        assert found.difference.low < 1794.34 < found.difference.high
        assert 0 < found.difference.value < 2500
        assert max(map(abs, found.imbalance_after.values())) < 0.1
        assert found.effective_n < 1000  # of 16,177: hardly anybody in the survey is like the trained
    of_all = adjusted(units, guessed)
    assert of_all.share_clipped > 0.5  # and so nothing can be said of all
    assert of_all.difference.se > 3 * found.difference.se


@pytest.fixture
def smokers(real_data):
    rows = [row for row in read(real_data("causal", "NHEFS.csv")) if row["wt82_71"]]
    numeric = {name: numbers(rows, name) for name in ("age", "smokeintensity", "smokeyrs", "wt71")}
    columns = {"sex": numbers(rows, "sex"), "race": numbers(rows, "race")} | numeric
    columns |= {f"{name}^2": values**2 for name, values in numeric.items()}
    for name in ("education", "exercise", "active"):
        columns |= dummies(rows, name)
    return units_of(numbers(rows, "qsmk"), numbers(rows, "wt82_71"), columns)


def limits(found):
    return round(found.low, 2), round(found.high, 2)


def test_weight_gain_by_one_model(smokers):
    """What If, programs 12.1, 12.2, 13.3 and 15.1: 2.5, 3.4, 3.5 and 3.5 kg."""
    assert len(smokers) == 1566
    bare = replace(smokers, covariates=Covariates(np.zeros((1566, 0)), (), ()))
    none = linear_effect(LinearModel(bare.outcome, bare.treated.astype(float), bare.covariates), level=0.95).effect
    assert (round(none.value, 3), *limits(none)) == (2.541, 1.66, 3.43)
    assert round(naive_difference(smokers).value, 3) == 2.541
    weighted = weighted_difference(smokers, level=0.95)
    assert (round(weighted.value, 3), *limits(weighted)) == (3.441, 2.41, 4.47)
    standardised = standardised_difference(smokers, effect_differs_by=("smokeintensity",))
    assert round(standardised.value, 3) == 3.517
    model = LinearModel(smokers.outcome, smokers.treated.astype(float), smokers.covariates)
    regression = linear_effect(model, level=0.95).effect
    assert (round(regression.value, 3), *limits(regression)) == (3.463, 2.60, 4.32)


def test_weight_gain_doubly_robust(smokers):
    """Two models agree with each of one, and with each other over whom the effect is for."""
    plain = [i for i, name in enumerate(smokers.covariates.names) if not name.endswith("^2")]
    names = tuple(smokers.covariates.names[i] for i in plain)
    units = replace(smokers, covariates=Covariates(smokers.covariates.values[:, plain], names, names))
    guessed = cross_fitted(units, repeats=1)
    for target in ("all", "overlap", "treated"):
        found = adjusted(units, guessed, target=target)
        assert 3.1 < found.difference.value < 3.8
        assert found.difference.low > 2.3
        assert found.share_clipped < 0.05
        assert max(map(abs, found.imbalance_after.values())) < 0.05 < max(map(abs, found.imbalance_before.values()))


@pytest.fixture
def mailing(real_data):
    return read(real_data("hillstrom", "hillstrom.csv"))


def mailed(rows, segment, outcome):
    some = [row for row in rows if row["segment"] in (segment, "No E-Mail")]
    columns = {name: numbers(some, name) for name in ("recency", "history", "mens", "womens", "newbie")}
    return units_of(np.array([row["segment"] == segment for row in some]), numbers(some, outcome), columns)


@pytest.mark.parametrize(
    ("outcome", "published"), [("visit", (0.1828, 0.1514, 0.1062)), ("spend", (1.4226, 1.0772, 0.6528))]
)
def test_mailing(mailing, outcome, published):
    """Visits 18.28, 15.14 and 10.62%; spending 1.4226, 1.0772 and 0.6528 a head; the interval is Neyman's."""
    men, women = mailed(mailing, "Mens E-Mail", outcome), mailed(mailing, "Womens E-Mail", outcome)
    mails = [units.outcome[units.treated == 1] for units in (men, women)]
    none = men.outcome[men.treated == 0]
    assert tuple(round(float(y.mean()), 4) for y in (*mails, none)) == published
    assert naive_ratio(men).value == pytest.approx(published[0] / published[2], rel=1e-3)
    found = naive_difference(men, level=0.95)
    assert found.value == pytest.approx(published[0] - published[2], abs=1e-4)
    neyman = np.sqrt(mails[0].var(ddof=1) / len(mails[0]) + none.var(ddof=1) / len(none))
    assert found.se == pytest.approx(neyman)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * neyman, rel=1e-3)


@pytest.mark.parametrize("outcome", ["visit", "spend"])
def test_mailing_needs_no_adjusting(mailing, outcome):
    """The mails were randomised: what is adjusted stays within a standard error, and is no less precise."""
    units = mailed(mailing, "Mens E-Mail", outcome)
    naive, found = naive_difference(units), adjusted_difference(units, learners=QUICK, repeats=1)
    assert abs(found.difference.value - naive.value) < naive.se
    assert found.difference.se == pytest.approx(naive.se, rel=0.05)
    assert max(map(abs, found.imbalance_after.values())) < 0.01
    assert found.ratio.value == pytest.approx(naive_ratio(units).value, rel=0.05)
