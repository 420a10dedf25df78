"""Plans in words: a row for each design, what they were worked out from, and which one to choose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodwill.designs.experiments import ASKED, DESIGNS, plural
from goodwill.designs.planned import LONGEST_MONTHS, MONTHS, Plan
from goodwill.report.numbers import about, show_count, show_size, show_value
from goodwill.workspace import Workspace

if TYPE_CHECKING:
    from goodwill.doors.planning import Found

#: What is dealt, in a clause.
DOES = {
    "invitation": "a random half of companies is invited to follow or join you",
    "holdout": "a random share of companies is not addressed",
    "staggered": "groups of companies start one after the other, in random order",
}


def rows(found: Found, currency: str) -> list[dict[str, Any]]:
    """One line per design, for people."""
    best = found.recommended
    return [_row(plan, found, currency, is_best=plan is best) for plan in found.plans]


def _row(plan: Plan, found: Found, currency: str, *, is_best: bool) -> dict[str, Any]:
    needed = "no number would do" if plan.units is None else f"{about(plan.units)} {plural(found.rates.unit)}"
    months = plan.why if plan.months_in_all is None else _months(plan.months_in_all)
    unit = ASKED[found.question].result_unit
    finds = {
        f"finds after {m} months": "nothing" if v is None else show_size(v, unit, currency)
        for m, v in ((m, plan.detectable.get(m)) for m in MONTHS)
    }
    title = DESIGNS[plan.design].title
    return {
        "design": f"{title} (recommended)" if is_best else title,
        "needed": needed,
        "takes": months,
        **finds,
        "costs": cost(plan),
    }


def _months(number: float) -> str:
    told = about(number)
    return f"{told} month" if told == "1" else f"{told} months"


def cost(plan: Plan) -> str:
    """What it costs in contacts, in plain words."""
    if plan.design == "invitation":
        return f"no contact is lost; {show_count(plan.treated)} companies have to be invited"
    lost = about(plan.lost_contacts) if plan.lost_contacts >= 1 else "hardly any"
    who = "companies that have not started yet"
    if plan.design == "holdout":
        who = f"{show_count(plan.companies - plan.treated)} companies that you leave alone"
    return f"{lost} contacts a month with {who}"


def records(found: Found) -> list[dict[str, Any]]:
    """The same as figures, for programs."""
    best = found.recommended
    return [
        {
            "design": plan.design,
            "is_recommended": plan is best,
            "effect": plan.effect,
            "effect_unit": ASKED[found.question].result_unit,
            "contrast": plan.contrast,
            "share_treated": plan.share,
            "unit": found.rates.unit,
            "units_needed": plan.units,
            "months_in_all": plan.months_in_all,
            **{f"finds_after_{m}_months": plan.detectable.get(m) for m in MONTHS},
            "companies": plan.companies,
            "lost_contacts_per_month": plan.lost_contacts,
            "why_not": plan.why,
        }
        for plan in found.plans
    ]


def basis(found: Found, currency: str) -> tuple[str, ...]:
    """What was taken from the company's own records, and what was assumed."""
    rates, asked = found.rates, ASKED[found.question]
    level = {"chance": "share", "days": "days", "worth": "money"}[asked.measure]
    mean, units = show_value(rates.outcome.mean, level, currency), plural(rates.unit)
    effect = show_size(found.plans[0].effect, asked.result_unit, currency)
    lines = [
        f"From your records: {asked.happened} {mean} within {rates.weeks} weeks (of {show_count(rates.observed)} "
        f"{units} followed so long); {show_value(rates.touched, 'share')} touched on social in that time; "
        f"{show_count(rates.eligible)} companies can be dealt.",
        _pace(found),
        f"To be found: {effect} of a touch, four times in five, with one false alarm in twenty.",
    ]
    if rates.companies.design_effect > 1.05:
        lines.append(
            f"Deals of one company are alike: {rates.companies.design_effect:.2f} times as many are needed as if they "
            "were not."
        )
    return (*lines, *_assumed(found))


def _pace(found: Found) -> str:
    rates = found.rates
    if rates.per_month:
        return (
            f"Your pace: {rates.at_once:,.0f} {plural(rates.unit)} open now and {rates.per_month:,.1f} new ones a "
            f"month from companies you know already; each is followed for {rates.weeks} weeks."
        )
    return f"There are {rates.at_once:,.0f} {plural(rates.unit)} now; only those dealt at the start count."


def _assumed(found: Found) -> list[str]:
    """How far the arms are assumed to differ in touches."""
    lines = []
    for plan in found.plans:
        if plan.contrast > 0:
            differ = show_value(plan.contrast, "points").lstrip("+")
            lines.append(
                f"Assumed of the {DESIGNS[plan.design].title}: {differ} more are touched in one arm than in the other."
            )
    return [*lines, "If you know better, say it with --compliance."] if lines else []


def advice(found: Found, currency: str) -> tuple[str, ...]:
    """Which design to choose, or why none."""
    best = found.recommended
    if best is not None:
        assert best.months_in_all is not None
        in_time = f"It settles the question in about {_months(best.months_in_all)}."
        return (f"Recommended: {DESIGNS[best.design].title}, {DOES[best.design]}. {in_time}",)
    unit = ASKED[found.question].result_unit
    a_year = [(plan.detectable.get(max(MONTHS)), plan) for plan in found.plans]
    known = [(value, plan) for value, plan in a_year if value is not None]
    none = f"None of these would settle the question within {LONGEST_MONTHS // 12} years."
    if not known:
        return (none, "After a year even the largest possible effect could be missed: there is too little to compare.")
    value, plan = min(known, key=lambda pair: pair[0])
    return (
        none,
        f"What could be found after a year at best is {show_size(value, unit, currency)} or more "
        f"({DESIGNS[plan.design].title}): ask whether so much is to be hoped for.",
    )


def written(paths: Sequence[Path], workspace: Workspace) -> tuple[str, ...]:
    """What to do with the files."""
    if not paths:
        return ()
    return (
        *(f"Written: {path}" for path in paths),
        f"When the experiment starts, copy {paths[0].name} to {workspace.exports} and leave it there: goodwill run "
        "then answers from it once it has ended. Nothing in exports/ was changed.",
    )
