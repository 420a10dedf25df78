"""A sequence of trials as a comparison: figures, facts, checks and notes that all questions asked of a panel share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from goodwill.designs import trial_facts as facts
from goodwill.designs.compared import About, Compared, Naive, amount_figure, e_values, listed, share_figure
from goodwill.designs.trials import Asked, Measure
from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, silent
from goodwill.verdicts import Check, Evidence, Figure
from goodwill.verdicts.assumptions import declared
from goodwill.workspace import Workspace

#: Bounds are shown for a hidden cause up to so many times as strong as the strongest recorded one (Cinelli and Hazlett
#: 2020 show one to three): records catch a part of what drives people, and its twin is weaker than the whole.
HIDDEN_TIMES = 3.0
#: Units in which a measure is told.
UNITS: dict[Measure, str] = {"chance": "points", "days": "days", "worth": "money"}


@dataclass(frozen=True)
class Wording:
    """What a question says of its trials; ``happened`` as in "won within 26 weeks"."""

    happened: str
    treatment: str
    comparison: str
    method: str
    rows: Evidence
    definition: str = ""


def comparison(
    asked: Asked,
    measure: Measure,
    *,
    about: About,
    wording: Wording,
    naive: Naive | None,
    workspace: Workspace,
    matters: float,
    checks: tuple[Check, ...] = (),
    notes: tuple[str, ...] = (),
) -> Compared:
    """What the trials found by one measure, with everything a reader needs to doubt it."""
    whole = asked.whole
    difference = asked.estimate(whole, measure)
    assert difference is not None
    horizon = asked.protocol.horizon * asked.weeks
    return Compared(
        about=about,
        difference=difference,
        naive=naive,
        horizon_weeks=horizon,
        n=whole.units,
        n_exposed=exposed_units(asked),
        rows=wording.rows,
        method=wording.method.format(factors=listed(asked.panel.covariates.factors)),
        treatment=wording.treatment,
        comparison=wording.comparison,
        checks=() if asked.is_brief else (*asked.checks(measure), *checks),
        figures=() if asked.is_brief else _figures(asked, measure, wording, horizon),
        sensitivity={} if asked.is_brief else _sensitivity(asked, measure, workspace, matters),
        facts={} if asked.is_brief else _facts(asked, measure),
        coverage=_coverage(asked),
        notes=(*notes, *_notes(asked)),
    )


def exposed_units(asked: Asked) -> int:
    """Units that started a trial as exposed."""
    panel = asked.panel
    next_row = np.append(panel.unit[1:] == panel.unit[:-1], False)
    return len(np.unique(panel.unit[panel.eligible & panel.exposed & next_row]))


def share_exposed(asked: Asked) -> float:
    """Share of the units followed that were exposed at any time: what silent exposure would dilute."""
    return exposed_units(asked) / max(1, asked.whole.units)


def _figures(asked: Asked, measure: Measure, wording: Wording, horizon: int) -> tuple[Figure, ...]:
    whole, unit = asked.whole, UNITS[measure]
    happened = f"{wording.happened} within {horizon} weeks"
    found = [
        share_figure("share_exposed", f"{happened}, with social", whole.shares[1], wording.definition),
        share_figure("share_unexposed", f"{happened}, without", whole.shares[0], wording.definition),
    ]
    if measure == "worth":
        found = [amount_figure("worth_exposed", "value won, with social", whole.worths[1], unit),
                 amount_figure("worth_unexposed", "value won, without", whole.worths[0], unit)]  # fmt: skip
    pairs: list[tuple[str, str, Estimate | None]] = [("per_protocol", PER_PROTOCOL, asked.estimate(whole, measure))]
    if asked.intention is not None:
        pairs.append(("intention_to_treat", INTENTION, asked.estimate(asked.intention, measure)))
    pairs += [(_name(group), group, asked.estimate(e, measure)) for group, e in asked.by_group.items()]
    named = {"per_protocol": "per protocol", "intention_to_treat": "intention to treat"}
    found += [
        replace(amount_figure(name, label, e, unit), definition=named.get(name, ""))
        for name, label, e in pairs
        if e is not None
    ]
    return tuple(found)


#: The two ways to count those who are exposed after all, as labels.
PER_PROTOCOL = "effect if those not touched had stayed untouched (per protocol)"
INTENTION = "effect whatever happened later to those not touched at first (intention to treat)"


def _name(group: str) -> str:
    return group.replace(" ", "_")


def _sensitivity(asked: Asked, measure: Measure, workspace: Workspace, matters: float) -> dict[str, float]:
    difference = asked.estimate(asked.whole, measure)
    assert difference is not None
    low, high = asked.hidden(measure, HIDDEN_TIMES)
    told = e_values(asked.whole.log_ratio) | asked.tipping(measure, matters).figures()
    told |= {"hidden_low": low, "hidden_high": high, "hidden_times": HIDDEN_TIMES}
    if workspace.touches_recorded is not None:
        told |= _silent(difference, share_exposed(asked), workspace.touches_recorded)
    if workspace.hidden_cause is not None:
        low, high = asked.hidden(measure, workspace.hidden_cause)
        told |= declared("hidden", low=low, high=high)
    return told


def _silent(observed: Estimate, share: float, recorded: float) -> dict[str, float]:
    """Bounds on the effect if only so small a share of touches was recorded."""
    try:
        bounds = silent.bounds_of(observed, share=share, recording=silent.Recording((recorded, 1.0)))
    except CannotTell:  # more are recorded as touched than could be: what was declared cannot be
        return {}
    return declared("silent", low=bounds.low, high=bounds.high)


def _facts(asked: Asked, measure: Measure) -> dict[str, list[dict[str, Any]]]:
    whole, unit = asked.whole, UNITS[measure]
    difference = asked.estimate(whole, measure)
    assert difference is not None
    groups = {"all": whole, **asked.by_group}
    horizons = facts.horizons(groups, lambda e, periods: asked.estimate(e, measure, periods), asked.weeks, unit)
    named: Mapping[str, list[dict[str, Any]]] = {
        "curves": facts.curves(whole, asked.weeks),
        "ends": facts.ends(whole, asked.weeks),
        "horizons": horizons,
        "subgroups": facts.subgroups(asked.by_group, lambda e, periods: asked.estimate(e, measure, periods), unit),
        "balance": facts.balance(whole),
        "sensitivity": facts.without_factors(asked.of_measure(asked.without_factor, measure)),
        "silent": facts.if_recorded(difference, share_exposed(asked)),
        "placebos": [row for placebos in asked.placebos(measure) for row in placebos.rows()],
        "hidden_causes": facts.twins(asked.twins(measure)),
        "adjusted_for": [{"factor": f} for f in dict.fromkeys(asked.panel.covariates.factors)],
    }
    return {name: rows for name, rows in named.items() if rows}


def _coverage(asked: Asked) -> dict[str, float]:
    """Share of deals whose outcome is known, since open ones say next to nothing; customers and companies all do."""
    if not (asked.panel.event == 2).any():
        return {}
    ended = np.unique(asked.panel.unit[asked.panel.event > 0])
    return {"decided": len(ended) / max(1, len(asked.panel.id))}


def _notes(asked: Asked) -> tuple[str, ...]:
    left = len(asked.panel.id) - asked.whole.units
    thin = [name for name in asked.groups if name not in asked.by_group]
    notes = []
    if left:
        notes.append(
            f"{left:,} of {len(asked.panel.id):,} could not enter: touched shortly before, "
            "or decided or out of sight within their first period."
        )
    notes += [f"Too few {name} to tell them apart." for name in thin]
    return tuple(notes)
