"""Questions answered by an experiment: companies as chance dealt them, compared as dealt (intention to treat)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from goodwill.designs import drawn, staggered
from goodwill.designs.compared import About, Compared, Headline, Naive, amount_figure, share_figure, verdict_of
from goodwill.designs.dealt_units import Followed, companies_before, followed, undated
from goodwill.designs.drawn import Experiment, Lots
from goodwill.designs.experiments import ASKED, plural
from goodwill.designs.shares import wilson
from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, intention
from goodwill.registry import Terms
from goodwill.samples import Units
from goodwill.verdicts import Check, Evidence, Figure, Verdict, randomised
from goodwill.verdicts.could_not_run import CONDEMNS
from goodwill.warehouse import Tables


@dataclass(frozen=True)
class Arms:
    """What one design does to whom, as people say it."""

    treatment: str
    comparison: str
    names: tuple[str, str]


#: The words of each design with two arms, the treated one first.
ARMS: Mapping[str, Arms] = {
    "invitation": Arms("an invitation to follow or join us on social", "no invitation", ("invited", "not invited")),
    "holdout": Arms("being addressed on social", "not being addressed", ("addressed", "not addressed")),
}
METHOD = "companies drawn at random, compared as drawn (intention to treat), within strata, errors by company"
INTENDED = (
    "The headline is the effect of what was dealt, whoever took it up: chance made this comparison. What a touch did "
    "to those who were touched because of it stands among the figures."
)
#: An effect that matters is one of a touch; the arms differ by it times the contrast. Where hardly anybody did what was
#: dealt, a smaller contrast than this would turn noise into months of waiting.
LEAST_CONTRAST = 0.05
CONTRAST = "contrast"


def experiment_of(tables: Tables, terms: Terms, question: str) -> Compared | None:
    """What the latest experiment on a question that has ended says; None where there is none, or it says too little.

    What is to be said where there is none: ``remarks``.
    """
    return _answered(tables, terms, question)[0]


def remarks(tables: Tables, terms: Terms, question: str) -> tuple[str, ...]:
    """Notes on experiments that do not answer a question: those under way, and those that say too little."""
    return _answered(tables, terms, question)[1]


def verdict(compared: Compared, *, base: Verdict, headline: Headline) -> Verdict:
    """The verdict of a question answered by an experiment; ``base`` and ``headline`` are those of the question.

    The smallest effect that matters is one of a touch. What is dealt changes as many touches as the contrast says, and
    what matters is held against the headline times that.
    """
    asked = ASKED[base.question]
    found = next((f.value for f in compared.figures if f.name == CONTRAST), None)
    contrast = max(LEAST_CONTRAST, min(1.0, found if found is not None else 1.0))
    of_touch = base.matters
    if asked.matters_share is not None:  # its unit here is the company, not that of the question
        without = next((f.value for f in compared.figures if f.name == "worth_unexposed"), None)
        of_touch = asked.matters_share * without if without else None
    matters = of_touch * contrast if of_touch else None
    told = replace(headline, label=asked.label, unit=asked.result_unit)
    return verdict_of(compared, replace(base, matters=matters), told)


def _answered(tables: Tables, terms: Terms, question: str) -> tuple[Compared | None, tuple[str, ...]]:
    return terms.once(f"experiment on {question}", lambda: _looked_for(tables, terms, question))


def _looked_for(tables: Tables, terms: Terms, question: str) -> tuple[Compared | None, tuple[str, ...]]:
    """The first experiment, from the latest back, that can tell; and why the others do not."""
    ended, notes = drawn.experiments(tables, terms, question)
    for experiment in ended:
        tell = staggered.told if experiment.design == "staggered" else _told
        try:
            return tell(tables, terms, experiment), tuple(notes)
        except CannotTell as cannot:
            notes.append(f"The experiment {experiment.name} does not answer this question: {cannot.missing}.")
    return None, tuple(notes)


def _told(tables: Tables, terms: Terms, experiment: Experiment) -> Compared:
    level, arms = terms.workspace.level, ARMS[experiment.design]
    found = followed(tables, terms, experiment)
    effect = intention.difference(found.dealt, level=level)
    lots = drawn.lots(tables, experiment)
    asked = ASKED[experiment.question]
    return Compared(
        about=_about(experiment, found),
        difference=effect,
        naive=_naive(found, level),
        horizon_weeks=found.weeks,
        n=len(found.dealt),
        n_exposed=int(found.dealt.treated.sum()),
        rows=Evidence(found.model, found.query),
        method=METHOD,
        treatment=arms.treatment,
        comparison=arms.comparison,
        checks=_checks(tables, terms, experiment, found, lots),
        figures=_figures(found, experiment, level),
        facts=_facts(found, effect, asked.result_unit, arms.names, level=level),
        coverage={"companies_found": 1 - (lots.lost_treated + lots.lost_control) / max(1, lots.treated + lots.control)},
        notes=(INTENDED, *_notes(experiment, lots)),
        grade="A",
    )


def _about(experiment: Experiment, found: Followed) -> About:
    """Whom it is about; where all units were there at the start, no new ones come."""
    unit = ASKED[experiment.question].unit
    about = About("", unit, (f"{experiment.starts:%Y-%m-%d}", f"{experiment.until:%Y-%m-%d}"), 0.0)
    if unit == "deal":
        about = About.units("", unit, found.rows["began_at"])
    first, last = about.period
    whom = f"{plural(unit)} of the companies of the experiment {experiment.name}, from {first} to {last}"
    return replace(about, population=whom)


def _naive(found: Followed, level: float) -> Naive | None:
    """What a table of touched against untouched would say of the same units, lots put aside."""
    dealt = found.dealt
    try:
        one = replace(dealt, treated=dealt.touched, stratum=np.zeros(len(dealt), dtype=np.int64))
        return Naive(intention.difference(one, level=level), len(dealt), Evidence(found.model, found.query))
    except CannotTell:
        return None


def _figures(found: Followed, experiment: Experiment, level: float) -> tuple[Figure, ...]:
    asked, names = ASKED[experiment.question], ARMS[experiment.design].names
    dealt, within = found.dealt, f"within {found.weeks} weeks"
    figures = []
    for name, is_treated, arm in (("exposed", True, names[0]), ("unexposed", False, names[1])):
        mean = intention.mean_of(dealt, dealt.outcome, treated=is_treated, level=level)
        touched = intention.mean_of(dealt, dealt.touched.astype(np.float64), treated=is_treated, level=level)
        if asked.measure == "chance":
            figures.append(share_figure(f"share_{name}", f"{asked.happened} {within}, {arm}", mean, ""))
        else:
            kind = "days" if asked.measure == "days" else "worth"
            figures.append(
                amount_figure(f"{kind}_{name}", f"{asked.happened} {within}, {arm}", mean, _level_unit(kind))
            )
        figures.append(share_figure(f"touched_{name}", f"touched on social in that time, {arm}", touched, ""))
    more = intention.touched_more(dealt, level=level)
    figures.append(amount_figure(CONTRAST, f"more touched because they were {names[0]}", more, "points"))
    try:
        of_touch = intention.effect_of_touch(dealt, level=level)
    except CannotTell:
        return tuple(figures)
    return (*figures, amount_figure("effect_of_touch", OF_TOUCH, of_touch, asked.result_unit))


OF_TOUCH = "effect of a touch on those touched because of what was dealt (complier average)"


def _level_unit(kind: str) -> str:
    return "money" if kind == "worth" else "days"


def _checks(tables: Tables, terms: Terms, experiment: Experiment, found: Followed, lots: Lots) -> tuple[Check, ...]:
    without_dates = undated(tables, experiment)
    lost = randomised.attrition(
        lost_assigned=min(lots.treated, lots.lost_treated + without_dates.get("treated", 0)),
        assigned=lots.treated,
        lost_others=min(lots.control, lots.lost_control + without_dates.get("control", 0)),
        others=lots.control,
    )
    split = randomised.random_split(lots.treated, lots.control, planned_share=experiment.planned_share)
    companies = companies_before(tables, terms, experiment)
    checks = (split, randomised.random_balance(companies, seed=terms.seed), lost)
    return (*checks, _as_many(found, companies)) if ASKED[experiment.question].unit == "deal" else checks


def _as_many(found: Followed, companies: Units) -> Check:
    """Do companies of both arms have as many deals? Chance dealt companies, and deals only if they are as many."""
    name, tried = "as many deals", "deals per company were compared between the arms"
    have = dict(zip(*np.unique(found.dealt.company.astype(str), return_counts=True), strict=True))
    deals = np.array([have.get(str(account), 0) for account in companies.id], dtype=np.float64)
    one = np.zeros(len(deals))
    try:
        gap = intention.difference(intention.Dealt(deals, companies.treated, companies.treated, companies.id, one))
    except CannotTell as cannot:
        return Check(name, tried, f"could not run: {cannot.missing}", None, False)
    result = (
        f"{deals[companies.treated == 1].mean():.2f} and {deals[companies.treated == 0].mean():.2f} (p = {gap.p:.3f})"
    )
    return Check(name, tried, result, gap.p >= CONDEMNS, False, {"p": gap.p})


def _facts(
    found: Followed, effect: Estimate, unit: str, names: tuple[str, str], *, level: float
) -> dict[str, list[dict[str, Any]]]:
    """The horizon of the headline, and where units are deals the share won by week."""
    told = {"value": effect.value, "low": effect.low, "high": effect.high}
    facts = {"horizons": [{"group": "all", "horizon_weeks": found.weeks, **told, "unit": unit}]}
    if "is_won" not in found.rows or unit == "money":
        return facts
    won = found.rows["is_won"].astype(bool)
    curves = []
    for name, arm in zip(names, (1, 0), strict=True):
        chosen = found.dealt.treated == arm
        for week in range(1, found.weeks + 1):
            happened = int((chosen & won & (found.rows["days"] <= 7 * week)).sum())
            share, low, high = wilson(happened, int(chosen.sum()), level)
            curves.append({"week": week, "arm": name, "share": share, "low": low, "high": high})
    return {"curves": curves, **facts}


def _notes(experiment: Experiment, lots: Lots) -> tuple[str, ...]:
    notes = []
    if experiment.is_open:
        notes.append(
            "The lots name no end (ends_at): whoever looks until the answer pleases takes chance for an effect."
        )
    if gone := lots.lost_treated + lots.lost_control:
        notes.append(f"{gone:,} of {lots.treated + lots.control:,} companies dealt are in no export any more.")
    if lots.torn:
        notes.append(f"{lots.torn:,} companies stand in both arms under different records and are left out.")
    if ASKED[experiment.question].unit == "deal":
        notes.append("Where what was dealt changes how many deals are opened, read the funnel beside this.")
    return tuple(notes)
