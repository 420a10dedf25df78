"""Lots as people take them along: one row per company with its arm, and a record of what was planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs.experiments import ASKED, CONTROL, DESIGNS, MONTH_DAYS, TREATED
from goodwill.designs.own_rates import Rates
from goodwill.designs.planned import MONTHS, STEPS, Plan
from goodwill.estimators.lots import dealt, starting_steps
from goodwill.estimators.power import ALPHA, POWER
from goodwill.registry import Terms

#: Columns of the file of lots: those of the canonical table.
COLUMNS = ("experiment", "question", "design", "unit_kind", "unit", "arm", "stratum", "planned_share", "seed",
           "assigned_at", "started_at", "ends_at")  # fmt: skip
#: Companies of which nobody knows the segment are a stratum of their own.
UNKNOWN = "unknown"

Row = dict[str, Any]


@dataclass(frozen=True)
class Dates:
    """When an experiment starts, how long a period of a staggered one is, and the first day that no longer counts."""

    starts: dt.date
    period_days: int
    ends: dt.date


def name_of(question: str, design: str, terms: Terms) -> str:
    """The experiment's name, after the last day that counted when it was planned.

    Examples
    --------
    >>> from pathlib import Path
    >>> from goodwill.workspace import Workspace
    >>> name_of("win_rate", "holdout", Terms(Workspace(Path()), dt.datetime(2025, 1, 1), 1))
    'win_rate-holdout-2024-12-31'
    """
    return f"{question}-{design}-{_as_of(terms)}"


def dates(plan: Plan, rates: Rates, terms: Terms, *, starts: dt.date | None = None) -> Dates:
    """The dates of a plan; it starts on the second Monday after the last day that counts unless told.

    One that would not settle the question in time runs for a year of new units, and tells what it can.
    """
    follow = rates.weeks * 7
    if starts is None:
        monday = _as_of(terms) + dt.timedelta(days=7 - _as_of(terms).weekday())
        starts = monday + dt.timedelta(days=7)  # a week to write the invitations and to tell those who must know
    if plan.design == "staggered":
        period = follow
        if plan.settles and plan.months is not None:
            period = round(plan.months * MONTH_DAYS / (STEPS + 1))
        days = period * (STEPS + 1) + (follow if rates.per_month else 0)
        return Dates(starts, period, starts + dt.timedelta(days=days))
    waiting = plan.months if plan.settles and plan.months is not None else max(MONTHS)
    days = follow + (round(waiting * MONTH_DAYS) if rates.per_month else 0)
    return Dates(starts, 0, starts + dt.timedelta(days=days))


def lots(plan: Plan, companies: Mapping[str, NDArray[Any]], terms: Terms, *, question: str, when: Dates) -> list[Row]:
    """One row per company in the order of their nodes; lots drawn within segment and prospects or customers."""
    name = name_of(question, plan.design, terms)
    common: Row = {
        "experiment": name, "question": question, "design": plan.design, "unit_kind": "company",
        "planned_share": plan.share, "seed": terms.seed, "assigned_at": _as_of(terms) + dt.timedelta(days=1),
        "ends_at": when.ends,
    }  # fmt: skip
    strata, arms, starts = (_in_steps if plan.design == "staggered" else _in_arms)(plan, companies, terms, name, when)
    found = zip(companies["node"].tolist(), strata.tolist(), arms, starts, strict=True)
    rows = [common | {"unit": node, "stratum": s, "arm": a, "started_at": day} for node, s, a, day in found]
    return [{column: row[column] for column in COLUMNS} for row in rows]


def _in_arms(
    plan: Plan, companies: Mapping[str, NDArray[Any]], terms: Terms, name: str, when: Dates
) -> tuple[NDArray[Any], list[str], list[dt.date]]:
    segment = _named(companies["segment"])
    status = np.where(companies["is_customer"].astype(bool), "customer", "prospect")
    strata = np.array([f"{one} / {other}" for one, other in zip(segment, status, strict=True)], dtype=object)
    treated = dealt(strata, share=plan.share, seed=terms.seed, name=name)
    return strata, [TREATED if t else CONTROL for t in treated], [when.starts] * len(strata)


def _in_steps(
    plan: Plan, companies: Mapping[str, NDArray[Any]], terms: Terms, name: str, when: Dates
) -> tuple[NDArray[Any], list[str], list[dt.date]]:
    """Whole groups start together; the first of them a period after the beginning, in which nobody has started."""
    assert plan.part is not None, "without groups there is nothing to stagger"
    group = _named(companies[plan.part.kind])
    groups, place = np.unique(group.astype(str), return_inverse=True)
    steps = starting_steps(len(groups), steps=STEPS, seed=terms.seed, name=name)[place]
    strata = np.array([f"{plan.part.kind}: {label}" for label in group], dtype=object)
    days = [when.starts + dt.timedelta(days=int(step) * when.period_days) for step in steps]
    return strata, [f"step {step}" for step in steps], days


def record(plan: Plan, rates: Rates, rows: list[Row], terms: Terms, *, question: str) -> dict[str, Any]:
    """What was planned, in plain figures: to be compared with what came of it."""
    asked, kind = ASKED[question], DESIGNS[plan.design]
    arms = [row["arm"] for row in rows]
    return {
        "experiment": rows[0]["experiment"],
        "question": question,
        "design": plan.design,
        "title": kind.title,
        "unit": asked.unit,
        "unit_dealt": "company",
        "outcome": asked.happened,
        "horizon_weeks": rates.weeks,
        "planned_effect": plan.effect,
        "effect_unit": asked.result_unit,
        "contrast": plan.contrast,
        "touched_now": rates.touched,
        "alpha": ALPHA,
        "power": POWER,
        "units_needed": plan.units,
        "months_in_all": plan.months_in_all,
        "design_effect": rates.companies.design_effect,
        "outcome_now": {"mean": rates.outcome.mean, "spread": rates.outcome.spread, "n": rates.observed},
        "companies": {arm: arms.count(arm) for arm in sorted(set(arms))},
        "share_treated": plan.share,
        "parted_by": plan.part.kind if plan.part else "segment, and prospect or customer",
        "seed": terms.seed,
        "as_of": _as_of(terms).isoformat(),
        "starts": min(row["started_at"] for row in rows).isoformat(),
        "ends": rows[0]["ends_at"].isoformat(),
    }


def _named(labels: NDArray[Any]) -> NDArray[Any]:
    return np.array([UNKNOWN if label is None else " ".join(str(label).split()) for label in labels], dtype=object)


def _as_of(terms: Terms) -> dt.date:
    return (terms.end - dt.timedelta(days=1)).date()
