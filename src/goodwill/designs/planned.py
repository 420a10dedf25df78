"""What each experiment on a question would take: units, months and contacts, and the smallest effect it would find.

An effect is always that of a touch on somebody touched: what the arms differ by is that effect times the contrast, the
share touched in one arm less that in the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from goodwill.designs.experiments import ASKED, DESIGNS, MONTH_DAYS, Design
from goodwill.designs.own_rates import Part, Rates
from goodwill.errors import CannotTell
from goodwill.estimators import power, stepped_wedge
from goodwill.estimators.power import Arms
from goodwill.estimators.stepped_wedge import schedule

#: Times at which people decide whether an experiment is worth its while.
MONTHS = (3, 6, 12)
#: What takes longer than three years settles nothing for those who ask today.
LONGEST_MONTHS = 36
#: Four steps bring most of what steps can bring, and are as many starts as people can organise.
STEPS = 4


@dataclass(frozen=True)
class Wishes:
    """What is to be found, and what is known better than the custom; ``effect`` has a sign."""

    effect: float
    compliance: float | None = None
    share: float | None = None

    def share_of(self, design: Design) -> float:
        """Share of companies treated."""
        return DESIGNS[design].share if self.share is None else self.share

    def contrast_of(self, design: Design, touched: float) -> float:
        """How many more are touched in one arm than in the other.

        Of those invited only who would not have been touched anyway can take it up; of those left alone only who would
        have been touched can stay untouched.
        """
        compliance = DESIGNS[design].compliance if self.compliance is None else self.compliance
        return compliance * ((1 - touched) if design == "invitation" else touched)


@dataclass(frozen=True)
class Plan:
    """One experiment.

    Attributes
    ----------
    effect, contrast, share : float
        The smallest effect that matters; what the arms differ by in touches; share of companies treated.
    units : int or None
        Needed in all; None where no number would do.
    months, months_in_all : float or None
        Of waiting for so many units, and until the last of them has been followed; None where it would take too long.
    detectable : mapping of months to float or None
        The smallest effect found after so many months of units, each followed to the end.
    companies, treated : int
        How many are dealt, and how many of them are treated; for a staggered start all are, in the end.
    lost_contacts : float
        Social touches that would not happen, a month while it runs.
    part : Part or None
        The groups of a staggered start.
    why : str
        Why it cannot be done, as a clause; empty if it can.
    """

    design: Design
    effect: float
    contrast: float
    share: float
    units: int | None
    months: float | None
    months_in_all: float | None
    detectable: Mapping[int, float | None]
    companies: int
    treated: int
    lost_contacts: float
    part: Part | None = None
    why: str = ""

    @property
    def settles(self) -> bool:
        """Would it find the effect that matters in time?"""
        return self.months_in_all is not None


def plans(
    question: str, *, rates: Rates, wishes: Wishes, later: Mapping[int, Rates | None] | None = None
) -> tuple[Plan, ...]:
    """Every design, the one to be recommended first.

    First whichever settles the question soonest; of two that take as long the one that costs fewer contacts. Where none
    settles it, the one that finds the smallest effect in a year.

    Parameters
    ----------
    later : mapping of months to Rates, optional
        Where all units are there at once, what they are like when followed for so many months; None where nobody was
        followed for so long.

    Examples
    --------
    >>> from goodwill.estimators.power import Companies, Outcome
    >>> outcome, alike = Outcome(0.25, 0.433, is_share=True), Companies(1.5, 0.5, 0.1)
    >>> deals = Rates("deal", 26, outcome, 900, 0.3, alike, (), 400, at_once=90, per_month=60, contacts_per_month=300)
    >>> [(plan.design, plan.settles) for plan in plans("win_rate", rates=deals, wishes=Wishes(effect=0.4))]
    [('invitation', True), ('holdout', False), ('staggered', False)]
    """
    seen = dict.fromkeys(MONTHS, rates) if later is None else later
    found = [_two_arms(question, rates, wishes, design, seen) for design in ("invitation", "holdout")]
    found.append(_staggered(question, rates, wishes))
    return tuple(sorted(found, key=_preference))


def _preference(plan: Plan) -> tuple[float, float, float]:
    a_year = plan.detectable.get(max(MONTHS))
    in_all = math.inf if plan.months_in_all is None else plan.months_in_all
    smallest = math.inf if a_year is None or plan.settles else a_year
    return in_all, smallest, plan.lost_contacts


def _two_arms(question: str, rates: Rates, wishes: Wishes, design: Design, seen: Mapping[int, Rates | None]) -> Plan:
    share, contrast = wishes.share_of(design), wishes.contrast_of(design, rates.touched)
    treated = round(share * rates.eligible)
    plan = Plan(design, wishes.effect, contrast, share, None, None, None, {}, rates.eligible, treated, 0.0)
    if design == "holdout":
        left = (1 - share) * rates.contacts_per_month
        plan = replace(plan, lost_contacts=left * (contrast / rates.touched if rates.touched else 0.0))
    try:
        arms = Arms(share, contrast, rates.companies.design_effect)
    except CannotTell:
        return replace(plan, why=_nothing_to_differ_by(design))
    found = {months: _detectable(question, then, wishes, design, months) for months, then in seen.items()}
    plan = replace(plan, detectable=found)
    try:
        units = power.units_needed(rates.outcome, effect=wishes.effect, arms=arms)
    except CannotTell as cannot:
        return replace(plan, why=cannot.missing)
    waiting, why = _waiting(rates, units)
    follow = rates.weeks * 7 / MONTH_DAYS
    return replace(plan, units=units, months=waiting, why=why, months_in_all=None if why else (waiting or 0.0) + follow)


def _waiting(rates: Rates, units: float) -> tuple[float | None, str]:
    """Months until there are so many units, or why there will not be."""
    missing = units - rates.at_once
    if missing <= 0:
        return 0.0, ""
    if not rates.per_month:
        return None, f"there are only {rates.at_once:,.0f}"
    months = missing / rates.per_month
    return months, "" if months <= LONGEST_MONTHS else f"at your pace it would take {months / 12:,.0f} years"


def _detectable(question: str, rates: Rates | None, wishes: Wishes, design: Design, months: float) -> float | None:
    if rates is None:
        return None
    contrast = wishes.contrast_of(design, rates.touched)
    try:
        arms = Arms(wishes.share_of(design), contrast, rates.companies.design_effect)
        units = rates.units_after(months)
        found = power.detectable(rates.outcome, units=units, arms=arms, sign=ASKED[question].hoped)
    except CannotTell:
        return None
    return found if _is_possible(question, rates, found) else None


def _is_possible(question: str, rates: Rates, effect: float) -> bool:
    """Can the mean of those touched move so far? Nothing falls below 0, and no share rises above 1."""
    if ASKED[question].hoped < 0:
        return effect <= rates.outcome.mean
    return not rates.outcome.is_share or effect <= 1 - rates.outcome.mean


def _nothing_to_differ_by(design: Design) -> str:
    if design == "invitation":
        return "everybody is touched already"
    return "nobody is known to be touched now, so that nothing would change for those left alone"


def _staggered(question: str, rates: Rates, wishes: Wishes) -> Plan:
    """Groups that start one after the other, parted in the way that needs fewest units.

    A period is as long as units are followed, so that those of one period know one state of their group.
    """
    contrast = wishes.contrast_of("staggered", rates.touched)
    plan = Plan("staggered", wishes.effect, contrast, 1.0, None, None, None, {}, rates.eligible, rates.eligible, 0.0)
    waiting = float(1 - schedule(STEPS, steps=STEPS).mean())  # share of companies not yet started, over the whole time
    if rates.touched:
        plan = replace(plan, lost_contacts=waiting * rates.contacts_per_month * contrast / rates.touched)
    if not contrast > 0:
        return replace(plan, why=_nothing_to_differ_by("staggered"))
    parts = [part for part in rates.parts if part.groups >= stepped_wedge.FEWEST]
    if not parts:
        return replace(plan, why=f"fewer than {stepped_wedge.FEWEST} segments, regions or owners are known")
    sized = [(_cell(part, rates, wishes.effect * contrast), part) for part in parts]
    cell, part = min(sized, key=lambda pair: (pair[0] / pair[1].smallest, pair[1].kind))
    found = {months: _in_time(question, part, rates, contrast, months) for months in MONTHS}
    return _timed(replace(plan, part=part, detectable=found), rates, cell)


def _timed(plan: Plan, rates: Rates, cell: float) -> Plan:
    """How long groups take to have so many units in every period."""
    assert plan.part is not None
    period = rates.weeks * 7 / MONTH_DAYS
    each = cell / plan.part.smallest  # units of all groups in one period
    if rates.per_month:
        period = max(period, each / rates.per_month)
    elif each > rates.at_once:
        return replace(plan, units=math.ceil(each), why=f"there are only {rates.at_once:,.0f}")
    months = period * (STEPS + 1)
    follow = rates.weeks * 7 / MONTH_DAYS if rates.per_month else 0.0
    units = math.ceil(each * (STEPS + 1)) if rates.per_month else math.ceil(each)
    if months + follow > LONGEST_MONTHS:
        why = f"{STEPS + 1} periods of {period:,.0f} months would take {months / 12:,.0f} years"
        return replace(plan, units=units, months=months, why=why)
    return replace(plan, units=units, months=months, months_in_all=months + follow)


def _variance(part: Part, rates: Rates, cell: float) -> float:
    """Of the effect of having started, with so many units of a group in a period; spread of a share as it is now."""
    total = rates.outcome.after(0.0)
    within = total * (1 - part.icc) * rates.companies.design_effect / cell
    return stepped_wedge.variance(schedule(part.groups, steps=STEPS), within=within, between=total * part.icc)


def _cell(part: Part, rates: Rates, intended: float) -> float:
    """Units of one group in one period that are needed, by halving; the variance falls with their number to nothing."""
    wanted = (abs(intended) / (power.quantiles(power.POWER, power.ALPHA))) ** 2
    low, high = 0.0, 1.0
    while _variance(part, rates, high) > wanted:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _variance(part, rates, middle) > wanted else (low, middle)
    return high


def _in_time(question: str, part: Part, rates: Rates, contrast: float, months: float) -> float | None:
    """The smallest effect found in so many months; None where periods would be shorter than units are followed."""
    period = months / (STEPS + 1)
    if period < rates.weeks * 7 / MONTH_DAYS:
        return None
    cell = part.smallest * (rates.per_month * period or rates.at_once)
    if cell <= 0:
        return None
    found = power.quantiles(power.POWER, power.ALPHA) * math.sqrt(_variance(part, rates, cell)) / contrast
    return found if _is_possible(question, rates, found) else None


def recommended(found: Sequence[Plan]) -> Plan | None:
    """The first that settles the question, if any does."""
    return next((plan for plan in found if plan.settles), None)
