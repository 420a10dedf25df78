"""Time to an event, on published data: every method must give back what is printed, to the last digit printed."""

import csv

import numpy as np
import pytest
from scipy.special import expit
from threadpoolctl import threadpool_limits

from goodwill.estimators.cox import Intervals, fit_cox
from goodwill.estimators.follow_up import followed
from goodwill.estimators.logistic import fit_logistic, scaled
from goodwill.estimators.person_periods import person_periods, standardised_survival
from goodwill.estimators.shifted_beta_geometric import fit_survivors
from goodwill.estimators.survival import kaplan_meier, restricted_mean, time_until
from goodwill.samples import Covariates

#: Fader and Hardie (2007), table 1: customers still there after 0 to 7 renewals, and (held out) after 12.
REGULAR = np.array([1000, 631, 468, 382, 326, 289, 262, 241])
HIGH_END = np.array([1000, 869, 743, 653, 593, 551, 517, 491])


@pytest.fixture(autouse=True)
def _one_thread():
    with threadpool_limits(limits=1):  # as a study runs
        yield


@pytest.fixture
def table(real_data):
    """The columns of a real file, as text."""

    def read(*parts):
        rows = list(csv.DictReader(real_data(*parts).read_text().splitlines()))
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    return read


def columns(**named):
    matrix = np.column_stack([np.asarray(v, dtype=float) for v in named.values()])
    return Covariates(matrix, tuple(named), tuple(named))


def printed(values, digits):
    return [round(float(v), digits) for v in np.atleast_1d(values)]


# --- Stanford heart transplants (Crowley and Hu 1977; R package survival, data heart) ---


def test_stanford_ever_transplanted_is_the_trap(table):
    heart = table("oracles", "stanford_heart_jasa.csv")
    days = heart["futime"].astype(float)  # one patient died on day 0, so all are at risk from before
    rows = Intervals(
        np.full(len(days), -np.inf), days, heart["fustat"].astype(int), columns(ever=heart["transplant"].astype(float))
    )
    ratio = fit_cox(rows, level=0.95).hazard_ratio("ever")
    assert printed([ratio.value, ratio.low, ratio.high], 3) == [0.266, 0.165, 0.429]


def stanford(table, *names):
    heart = table("oracles", "stanford_heart_intervals.csv")
    values = columns(**{name: heart[name].astype(float) for name in names})
    start, stop = heart["start"].astype(float), heart["stop"].astype(float)
    return fit_cox(Intervals(start, stop, heart["event"].astype(int), values), level=0.95)


def test_stanford_transplant_as_it_happens(table):
    fit = stanford(table, "transplant")
    effect, ratio = fit.effect("transplant"), fit.hazard_ratio("transplant")
    assert printed([effect.value, effect.se, ratio.value, ratio.p], 3) == [0.127, 0.301, 1.136, 0.673]


def test_stanford_adjusted(table):
    fit = stanford(table, "transplant", "age", "year", "surgery")
    assert printed(fit.coefficients, 4) == [-0.0103, 0.0272, -0.1463, -0.6372]
    assert printed(fit.log_likelihood, 3) == [-290.566]


# --- Recidivism (Rossi et al. 1980; Fox and Weisberg, appendix on Cox regression) ---


def test_rossi(table):
    rossi = table("survival", "rossi.csv")
    names = ("fin", "age", "race", "wexp", "mar", "paro", "prio")
    values = columns(**{name: rossi[name].astype(float) for name in names})
    fit = fit_cox(Intervals(np.zeros(432), rossi["week"].astype(float), rossi["arrest"].astype(int), values))
    assert printed(fit.coefficients, 3) == [-0.379, -0.057, 0.314, -0.150, -0.434, -0.085, 0.091]
    assert printed(fit.hazard_ratio("fin").value, 3) == [0.684]
    assert printed(fit.log_likelihood, 3) == [-658.748]


def weekly_employment(rossi, lag):
    """A row for every week in which a man was at risk and his employment ``lag`` weeks before is known."""
    employed = np.column_stack([rossi[f"emp{week}"] == "yes" for week in range(1, 53)])
    last, weeks = rossi["week"].astype(int), np.arange(52)
    man, week = np.nonzero((weeks < last[:, None]) & (weeks >= lag))
    yes = {"fin": "yes", "race": "black", "wexp": "yes", "mar": "married", "paro": "yes"}
    values = {name: (rossi[name] == level)[man] for name, level in yes.items()}
    values |= {name: rossi[name].astype(float)[man] for name in ("age", "prio")}
    values["employed"] = employed[man, week - lag]
    event = (week + 1 == last[man]) & (rossi["arrest"][man] == "1")
    return Intervals(week.astype(float), week + 1.0, event.astype(int), columns(**values))


@pytest.mark.parametrize(
    ("lag", "rows", "log_ratio", "ratio"), [(0, 19_809, -1.328, 0.265), (1, 19_377, -0.787, 0.455)]
)
def test_rossi_employed_in_the_week_of_arrest_or_the_week_before(table, lag, rows, log_ratio, ratio):
    sample = weekly_employment(table("oracles", "rossi_weekly_employment.csv"), lag)
    fit = fit_cox(sample)
    assert len(sample) == rows
    assert printed(fit.effect("employed").value, 3) == [log_ratio]
    assert printed(fit.hazard_ratio("employed").value, 3) == [ratio]


# --- Lung cancer (R package survival, print of survfit with its restricted mean) ---


def test_lung(table):
    lung = table("survival", "lung.csv")
    days = lung["time"].astype(float)
    curves = kaplan_meier(followed(days, lung["status"].astype(int)), level=0.95)
    mean = restricted_mean(curves, days.max())
    assert curves.ended.sum() == 165
    assert time_until(curves).value == 310
    assert printed([mean.value, mean.se], 1) == [376.3, 19.7]


# --- Renewals (Fader and Hardie 2007) ---


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood", "after_12"),
    [(REGULAR, 0.7041, 1.1820, -1680.3, 0.173), (HIGH_END, 0.6681, 3.8061, -1611.2, 0.394)],
)
def test_renewals(survivors, alpha, beta, log_likelihood, after_12):
    fit = fit_survivors(survivors)
    assert printed([fit.alpha, fit.beta], 4) == [alpha, beta]
    assert printed(fit.log_likelihood, 1) == [log_likelihood]
    assert fit.still_there(12).value == pytest.approx(after_12, abs=0.017)  # five years ahead of the data
    constant_rate = (survivors[-1] / survivors[0]) ** (12 / 7)
    assert abs(constant_rate - after_12) > 3 * abs(fit.still_there(12).value - after_12)


# --- Smoking cessation and death (Hernan and Robins, What If, ch. 17), 120 months from January 1983 ---

MONTHS = 120


@pytest.fixture
def nhefs(table):
    data = {name: np.where(v == "", "nan", v).astype(float) for name, v in table("causal", "NHEFS.csv").items()}
    died = data["death"].astype(int)
    months = np.where(died == 1, (data["yrdth"] - 83) * 12 + data["modth"], MONTHS).astype(int)
    return data, data["qsmk"].astype(int), months, died


def squared(data, *names):
    return np.column_stack([data[name] ** power for name in names for power in (1, 2)])


def levels(data, *names):
    return np.column_stack([data[name] == level for name in names for level in np.unique(data[name])[1:]])


def baseline(data):
    return scaled(
        np.column_stack(
            [
                data["sex"],
                data["race"],
                squared(data, "age", "smokeintensity", "smokeyrs", "wt71"),
                levels(data, "education", "exercise", "active"),
            ]
        )
    )


def over_time(arm, month):
    """Intercept, arm, time and its square, and both by arm; in years, and years squared per hundred."""
    t, arm = month / 12, arm * np.ones(len(month))
    return np.column_stack([np.ones(len(month)), arm, t, t**2 / 100, arm * t, arm * t**2 / 100])


def by_arm(quit_smoking, months, died, weight=None):
    """Survival at 120 months (stayed, quit), the hazard ratio without products with time, and the rows."""
    rows = person_periods(months, died, pattern=quit_smoking, weight=weight)
    X = over_time(rows.pattern, rows.period)
    fit = fit_logistic(X, rows.ended, rows.at_risk, ridge=0.0)
    month = np.arange(MONTHS)
    hazard = [fit.probability(over_time(arm, month)) for arm in (0, 1)]
    survival = [standardised_survival(h[None])[-1] for h in hazard]
    ratio = np.exp(fit_logistic(X[:, :4], rows.ended, rows.at_risk, ridge=0.0).coefficients[1])
    return survival, ratio, rows


def test_smoking_crude(nhefs):
    _, quit_smoking, months, died = nhefs
    survival, ratio, rows = by_arm(quit_smoking, months, died)
    assert (rows.at_risk.sum(), rows.ended.sum(), len(rows)) == (176_764, 318, 2 * MONTHS)
    assert printed(ratio, 3) == [1.395]
    assert printed(100 * np.array(survival), 1) == [82.0, 76.2]


def test_smoking_weighted(nhefs):
    """Stabilised weights of the inverse chance of doing what was done."""
    data, quit_smoking, months, died = nhefs
    n = len(died)
    X = np.column_stack([np.ones(n), baseline(data)])
    chance = fit_logistic(X, quit_smoking.astype(float), np.ones(n), ridge=0.0).probability(X)
    share = quit_smoking.mean()
    weight = np.where(quit_smoking == 1, share / chance, (1 - share) / (1 - chance))
    survival, ratio, _ = by_arm(quit_smoking, months, died, weight)
    assert printed(ratio, 3) == [1.001]
    assert printed(100 * np.array(survival), 2) == [80.47, 80.67]


def test_smoking_standardised(nhefs):
    """The g-formula; the published model holds the change in smoking intensity from 1971 to 1982 too."""
    data, quit_smoking, months, died = nhefs
    L = np.column_stack([baseline(data), scaled(data["smkintensity82_71"][:, None])])
    rows = person_periods(months, died, pattern=np.arange(len(died)))
    X = np.column_stack([over_time(quit_smoking[rows.pattern], rows.period), L[rows.pattern]])
    b = fit_logistic(X, rows.ended, rows.at_risk, ridge=0.0).coefficients
    month = np.arange(MONTHS)
    hazard = [expit((L @ b[6:])[:, None] + over_time(arm, month) @ b[:6]) for arm in (0, 1)]
    assert printed([100 * standardised_survival(h)[-1] for h in hazard], 2) == [80.65, 80.39]
