"""Customers month by month: who first engages in a month against who does not, and what service has to do with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from goodwill.designs.compared import About, Compared, Naive, amount_figure
from goodwill.designs.trial_comparison import Wording, comparison
from goodwill.designs.trials import Asked, marks, varying
from goodwill.designs.unrecorded import with_unrecorded
from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, doubly_robust
from goodwill.estimators.trial import emulate
from goodwill.journeys import customer_panel
from goodwill.journeys.customer_panel import SERVICE, CustomerPanel
from goodwill.registry import Terms
from goodwill.samples import Covariates, Panel, Units
from goodwill.verdicts import Evidence, Figure
from goodwill.warehouse import Tables

#: Contracts are left slowly: they are followed twice as long as deals.
LONGER = 2
EVERY = (
    "SELECT DISTINCT s.id, s.account, s.started_at, s.ended_at, s.product, s.source_file, s.source_row "
    "FROM subscriptions AS s"
)
IN_ORDER = "ORDER BY s.id, s.source_file, s.source_row"
ROWS = (
    f"{EVERY} WHERE s.id IN (SELECT m.id FROM subscription_months AS m JOIN subscription_months AS n "
    f"ON n.id = m.id AND n.month = m.month + 1 WHERE m.is_never_touched) {IN_ORDER}"
)
METHOD = (
    "a trial starts in every month in which a customer could first engage on social; chances of leaving, month by "
    "month, weighted for and adjusted for {factors}"
)


def kept(tables: Tables, terms: Terms, *, matters: float) -> Compared:
    """Subscriptions of customers who first engage in a month against those of customers alike who do not."""
    found = customer_panel.subscriptions(tables, terms)
    asked = asked_of(found, terms)
    wording = Wording(
        happened="cancelled",
        treatment="a first social engagement of anyone at the company, none on record before it",
        comparison="no social engagement",
        method=METHOD,
        rows=Evidence("subscription_months", ROWS),
        definition="logo churn",
    )
    told = comparison(
        asked,
        "chance",
        about=About.units("subscriptions watched between {first} and {last}", "subscription", _began(found)),
        wording=wording,
        naive=_naive(found, terms.workspace.level),
        workspace=terms.workspace,
        matters=matters,
        notes=_notes(found),
    )
    told = with_unrecorded(told, tables)
    if asked.is_brief:
        return told
    facts = {name: rows for name, rows in told.facts.items() if name != "ends"}  # a contract ends in one way
    return replace(
        told,
        figures=(*told.figures, *_service(tables, terms, found, asked)),
        facts={**facts, "curves_of": [{"outcome": "cancelled"}]},
    )


def asked_of(found: CustomerPanel, terms: Terms) -> Asked:
    """What is asked of subscriptions."""
    first = np.searchsorted(found.panel.unit, np.arange(len(found.panel.id)))
    return Asked(
        panel=varying(replace(found.panel, eligible=found.panel.eligible & found.never_touched)),
        weeks=4,
        wanted=max(1, LONGER * terms.workspace.horizon_weeks // 4),
        seed=terms.seed,
        level=terms.workspace.level,
        parts=marks(found.segment[first], "segment") | marks(found.product[first], "product"),
        repeats=terms.placebos,
    )


def _service(tables: Tables, terms: Terms, found: CustomerPanel, asked: Asked) -> tuple[Figure, ...]:
    """Is it marketing or the service team? The effect with service left out, and with later service held fixed."""
    try:
        without = asked_of(customer_panel.subscriptions(tables, terms, without=SERVICE), terms).panel
        held = asked_of(replace(found, panel=_holding_service(found)), terms).panel
        pairs = [("not_adjusted_for_service", NOT_ADJUSTED, without), ("service_held_fixed", HELD, held)]
        estimates = [
            (n, label, emulate(p, asked.protocol, seed=terms.seed, level=asked.level)) for n, label, p in pairs
        ]
    except CannotTell:
        return ()
    return tuple(amount_figure(name, label, e.difference, "points") for name, label, e in estimates)


#: The two other looks at service.
NOT_ADJUSTED = "effect if requests for service before were not adjusted for (service as a cause of both)"
HELD = "effect if requests for service in the 13 weeks after were the same (what does not run through service)"


def _holding_service(found: CustomerPanel) -> Panel:
    """The panel adjusted also for requests in the weeks after each month, a step on the way from social to staying."""
    rate = found.service_during / np.maximum(found.service_days, 1.0) * 91
    during = np.round(np.log1p(rate) / 0.25) * 0.25
    known = found.panel.covariates
    more = Covariates(
        np.column_stack([known.values, during]), (*known.names, "service_after"), (*known.factors, "service_after")
    )
    return replace(found.panel, covariates=more)


def _naive(found: CustomerPanel, level: float) -> Naive | None:
    """Share of subscriptions cancelled while watched, those ever engaged against those never."""
    panel, n = found.panel, len(found.panel.id)
    ever, gone = np.zeros(n, dtype=np.int64), np.zeros(n)
    np.maximum.at(ever, panel.unit, panel.exposed.astype(np.int64))
    np.maximum.at(gone, panel.unit, (panel.event == 1).astype(float))
    group = panel.group[np.searchsorted(panel.unit, np.arange(n))]
    units = Units(panel.id, group, ever, gone, Covariates(np.zeros((n, 0)), (), ()))
    try:
        difference: Estimate = doubly_robust.naive_difference(units, level=level)
    except CannotTell:
        return None
    rows = f"{EVERY} WHERE s.id IN (SELECT id FROM subscription_months) {IN_ORDER}"
    return Naive(difference, n, Evidence("subscription_months", rows))


def _began(found: CustomerPanel) -> Any:
    first = np.searchsorted(found.panel.unit, np.arange(len(found.panel.id)))
    return found.began_on[first]


def _notes(found: CustomerPanel) -> tuple[str, ...]:
    return tuple(f"{n:,} subscriptions are left out: {why}." for why, n in found.left_out.items() if n)
