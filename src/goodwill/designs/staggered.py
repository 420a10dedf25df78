"""Groups of companies that started one after the other: in every period, those that had started against the others."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs import drawn
from goodwill.designs.compared import About, Compared, amount_figure
from goodwill.designs.dealt_units import NUMBERS, Followed, before, followed
from goodwill.designs.drawn import Experiment
from goodwill.designs.experiments import ASKED, plural
from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, intention, stepped_wedge
from goodwill.estimators.stepped_wedge import DRAWS
from goodwill.registry import Terms
from goodwill.samples import Floats, Ints, Units, collect, covariates, grouped
from goodwill.verdicts import Check, Evidence, Figure, randomised
from goodwill.warehouse import Tables

STARTS = """
SELECT coalesce(stratum, '') AS stratum, min(started_at) AS starts, max(started_at) AS latest, min(arm) AS arm
FROM assignments
WHERE experiment = $experiment
GROUP BY coalesce(stratum, '')
ORDER BY stratum
"""
METHOD = (
    "groups of companies started in random order; in each period those that had started against those that had not, by "
    f"generalised least squares, errors from {DRAWS} orders of starting drawn again"
)
INTENDED = (
    "The headline is the effect of a group's having started, whether its companies were touched or not. What changed "
    "for all groups at once is taken out period by period."
)


@dataclass(frozen=True)
class Wedge:
    """Who started when: the groups, the first moments of the periods, and (I, T) whether each had started."""

    groups: NDArray[Any]
    arms: NDArray[Any]
    periods: tuple[dt.datetime, ...]
    X: Ints


def told(tables: Tables, terms: Terms, experiment: Experiment) -> Compared:
    """What an experiment with a staggered start says.

    Raises
    ------
    CannotTell
        Its lots are not those of groups that start one after the other, or too few groups have outcomes.
    """
    level, asked = terms.workspace.level, ASKED[experiment.question]
    wedge = _wedge(tables, experiment)
    found, period = _units(tables, terms, experiment, wedge)
    place = np.searchsorted(wedge.groups.astype(str), found.dealt.stratum.astype(str))
    intention.require_varying(found.dealt.outcome)
    cells = _Cells(place, period, wedge.X, terms.seed, level)
    effect = cells.effect(found.dealt.outcome)
    days = (f"{wedge.periods[0]:%Y-%m-%d}", f"{experiment.until:%Y-%m-%d}")
    whom = f"{plural(asked.unit)} of the companies of the experiment {experiment.name}, from {days[0]} to {days[1]}"
    told_of = {"value": effect.value, "low": effect.low, "high": effect.high, "unit": asked.result_unit}
    return Compared(
        about=About(whom, asked.unit, days, 0.0),
        difference=effect,
        naive=None,
        horizon_weeks=found.weeks,
        n=len(found.dealt),
        n_exposed=int(wedge.X[place, period].sum()),
        rows=Evidence(found.model, found.query),
        method=METHOD,
        treatment="the start of social in a group of companies",
        comparison="no start yet",
        checks=_checks(tables, terms, experiment, wedge),
        figures=_figures(cells, found, effect, asked.result_unit),
        facts={"horizons": [{"group": "all", "horizon_weeks": found.weeks, **told_of}]},
        notes=(INTENDED,),
        grade="A",
    )


def _wedge(tables: Tables, experiment: Experiment) -> Wedge:
    rows = collect(tables, STARTS, experiment=experiment.name)
    starts = rows["starts"].astype("datetime64[s]")
    if (starts != rows["latest"].astype("datetime64[s]")).any():
        raise CannotTell("companies of one group start at different times", settles="lots as they were drawn")
    steps = np.unique(starts)
    if len(steps) < 2:
        raise CannotTell("all groups start at once", settles="groups that start at different times")
    first = steps[0] - (steps[1] - steps[0])  # nobody has started in the period before the first start
    begins = np.append(first, steps)
    X = (begins[None, :] >= starts[:, None]).astype(np.int64)
    return Wedge(rows["stratum"], rows["arm"], tuple(moment.item() for moment in begins), X)


def _units(tables: Tables, terms: Terms, experiment: Experiment, wedge: Wedge) -> tuple[Followed, Ints]:
    """Units with the period of each: deals in that in which they began, all others in every period anew."""
    from_start = replace(experiment, begins=wedge.periods[0], starts=wedge.periods[0])
    if ASKED[experiment.question].unit == "deal":
        found = followed(tables, terms, from_start)
        began = found.rows["began_at"].astype("datetime64[s]")
        period = np.searchsorted(np.array(wedge.periods, dtype="datetime64[s]"), began, side="right") - 1
        return found, period.astype(np.int64)
    ends = (*wedge.periods[1:], experiment.until)
    spans = [(a, b) for a, b in zip(wedge.periods, ends, strict=True) if a < b]
    parts = [followed(tables, terms, replace(experiment, begins=a, starts=a, until=b)) for a, b in spans]
    joined = {name: np.concatenate([getattr(p.dealt, name) for p in parts]) for name in DEALT}
    query = " UNION ALL ".join(f"SELECT * FROM ({part.query})" for part in parts)
    dealt = replace(parts[0].dealt, **joined)
    period = np.repeat(np.arange(len(parts)), [len(part.dealt) for part in parts])
    return Followed(dealt, {}, parts[0].weeks, parts[0].model, query), period


DEALT = ("outcome", "treated", "touched", "company", "stratum")


@dataclass(frozen=True)
class _Cells:
    """Where each unit belongs, and how its cell is compared."""

    group: Ints
    period: Ints
    X: Ints
    seed: int
    level: float

    def effect(self, values: Floats) -> Estimate:
        """The effect of having started on values given for each unit."""
        shape = self.X.shape
        at = self.group * shape[1] + self.period
        units = np.bincount(at, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
        sums = np.bincount(at, weights=values, minlength=shape[0] * shape[1]).reshape(shape)
        y = np.divide(sums, units, out=np.zeros(shape), where=units > 0)
        return stepped_wedge.effect(y, units=units, X=self.X, seed=self.seed, level=self.level)


def _figures(cells: _Cells, found: Followed, effect: Estimate, unit: str) -> tuple[Figure, ...]:
    """How many more were touched after a start; and what a touch did, where that is enough to tell."""
    touched = found.dealt.touched.astype(np.float64)
    try:
        more = cells.effect(touched)
        told_of = (amount_figure("contrast", "more touched because their group had started", more, "points"),)
        if more.value <= 0 or (more.se > 0 and (more.value / more.se) ** 2 < intention.STRONG_F):
            return told_of
        ratio = effect.value / more.value
        rest = cells.effect(found.dealt.outcome - ratio * touched)
    except CannotTell:
        return ()
    of_touch = Estimate(ratio, rest.se / more.value, df=rest.df, level=rest.level)
    label = "effect of a touch on those touched because their group had started (complier average)"
    return (*told_of, amount_figure("effect_of_touch", label, of_touch, unit))


def _checks(tables: Tables, terms: Terms, experiment: Experiment, wedge: Wedge) -> tuple[Check, ...]:
    """Were groups that started early like those that started late, and were as many lost of both?"""
    halfway = (len(wedge.periods) - 1) // 2
    early = {str(arm) for arm, row in zip(wedge.arms, wedge.X, strict=True) if row[halfway]}
    rows = before(tables, terms, replace(experiment, begins=wedge.periods[0]))
    units = Units(
        id=rows["account"],
        group=grouped(np.array(["" if s is None else s for s in rows["stratum"]], dtype=object)),
        treated=np.isin(rows["arm"].astype(str), list(early)).astype(np.int64),
        outcome=np.zeros(len(rows["account"])),
        covariates=covariates(rows, NUMBERS, ()),
    )
    counted = drawn.lots(tables, experiment, treated=early)
    lost = randomised.attrition(
        lost_assigned=counted.lost_treated,
        assigned=counted.treated,
        lost_others=counted.lost_control,
        others=counted.control,
    )
    return (randomised.random_balance(units, seed=terms.seed), lost)
