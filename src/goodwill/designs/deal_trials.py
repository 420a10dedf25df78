"""Deals where touches are dated: in every week an open deal could get its first social touch, a trial starts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from goodwill.designs.compared import About, Compared
from goodwill.designs.deal_lags import lags
from goodwill.designs.deal_naive import naive_of
from goodwill.designs.trial_comparison import Wording, comparison
from goodwill.designs.trials import Asked, Measure, marks
from goodwill.errors import CannotTell
from goodwill.estimators.trial import emulate, with_first_exposure
from goodwill.journeys import deal_panel, deal_sample
from goodwill.journeys.deal_panel import DealPanel
from goodwill.journeys.deal_sample import Deals
from goodwill.registry import Terms
from goodwill.samples import NEVER, collect
from goodwill.verdicts import Check, Evidence, falsify
from goodwill.verdicts.could_not_run import could_not_run
from goodwill.verdicts.negative_controls import negative_exposure
from goodwill.warehouse import Tables

#: Deals that entered a trial: untouched at the start of a week, and still open after it.
ENTERED = (
    "d.has_account AND NOT h.in_washout AND d.id IN (SELECT w.id FROM deal_weeks AS w JOIN deal_weeks AS n "
    "ON n.id = w.id AND n.week = w.week + 1 WHERE w.is_untouched AND w.watched_days >= {days})"
)
#: Deals with what each was exposed to; which of them a figure counts is said behind WHERE.
ROWS = (
    "SELECT d.id, d.account, d.opened_at, h.first_social_at, "
    "CASE WHEN h.first_social_at IS NULL THEN 'never touched while open' ELSE 'touched while open' END AS side, "
    "d.decided_at, d.outcome, date_diff('day', d.opened_at, d.decided_at) AS days_to_decision, d.amount, d.currency, "
    "d.channel_group, d.source_file, d.source_row "
    "FROM deals AS d JOIN deal_history AS h ON h.id = d.id WHERE {which} ORDER BY d.id"
)
#: The first week in which anyone at the company was touched through another channel while the deal was open.
OTHER_TOUCHES = """
SELECT w.id, min(w.week) AS week
FROM deal_weeks AS w
JOIN timeline AS t ON t.account = w.account AND CAST(t."at" AS DATE) >= w.begins_on
    AND CAST(t."at" AS DATE) < w.begins_on + 7
WHERE t.channel_group = $channel AND t.direction = 'inbound'
GROUP BY w.id
ORDER BY w.id
"""
METHOD = (
    "a trial starts in every week in which an open deal could get its first social touch; chances of a win and of a "
    "loss, week by week, weighted for and adjusted for {factors}"
)


def followed(tables: Tables, terms: Terms, found: Deals, measure: Measure, *, matters: float) -> Compared:
    """Deals first touched in a week against deals alike in everything recorded and not touched in it."""
    weeks, asked = terms.once("trials of deals", lambda: asked_of(tables, terms))
    entered = ENTERED.format(days=7 * terms.workspace.washout_weeks)
    unit = found.unit
    wording = Wording(
        happened="won",
        treatment="a first social touch by anyone at the company in a week in which the deal is open",
        comparison="no social touch while open",
        method=METHOD,
        rows=Evidence("deal_weeks", ROWS.format(which=entered)),
        definition="win rate B",
    )
    compared = comparison(
        asked,
        measure,
        about=About.units(f"{unit} records opened between {{first}} and {{last}}", unit, weeks.facts["opened_at"]),
        wording=wording,
        naive=naive_of(found, found.touched, measure, terms.workspace.level, ROWS),
        workspace=terms.workspace,
        matters=matters,
        checks=() if asked.is_brief else _checks(tables, terms, found, measure),
        notes=_notes(weeks, measure),
    )
    if asked.is_brief or measure == "worth":
        return compared
    after = lags(found, level=terms.workspace.level)
    return replace(compared, facts={**compared.facts, "lags": after}) if after else compared


def _checks(tables: Tables, terms: Terms, found: Deals, measure: Measure) -> tuple[Check, ...]:
    """The attempts to break the answer that only deals allow."""
    weeks, asked = terms.once("trials of deals", lambda: asked_of(tables, terms))
    after = falsify.future_exposure(deal_sample.after_decision(found))
    return (after, *harmless(tables, terms, weeks, asked, measure))


def asked_of(tables: Tables, terms: Terms) -> tuple[DealPanel, Asked]:
    """The deals week by week, and what is asked of them."""
    weeks = deal_panel.panel(tables, terms)
    facts, washout = weeks.facts, 7 * terms.workspace.washout_weeks
    parts = {kind: facts[name] for kind, name in (("segment", "segment"), ("owner", "owner"), ("venue", "first_venue"))}
    asked = Asked(
        panel=weeks.panel,
        weeks=1,
        wanted=terms.workspace.horizon_weeks,
        seed=terms.seed,
        level=terms.workspace.level,
        groups={"prospects": ~facts["is_customer"], "existing customers": facts["is_customer"]},
        parts={name: m for kind, labels in parts.items() for name, m in marks(labels, kind).items()},
        windows={"halved": weeks.with_washout(washout // 2), "doubled": weeks.with_washout(washout * 2)},
        repeats=terms.placebos,
    )
    return weeks, asked


def harmless(tables: Tables, terms: Terms, weeks: DealPanel, asked: Asked, measure: Measure) -> tuple[Check, ...]:
    """The same trials of touches that, by the settings, can win nothing: they must show no effect."""
    checks = []
    for channel in terms.workspace.harmless_channels:
        rows = collect(tables, OTHER_TOUCHES, channel=channel)
        number = {str(name): n for n, name in enumerate(weeks.panel.id)}
        first = np.full(len(number), NEVER, dtype=np.int64)
        for name, week in zip(rows["id"], rows["week"], strict=True):
            first[number[str(name)]] = week
        panel = with_first_exposure(weeks.panel, first)
        try:
            estimate = asked.estimate(emulate(panel, asked.protocol, seed=terms.seed, level=asked.level), measure)
        except CannotTell as cannot:
            tried = f"the effect of what cannot move the outcome was estimated: touches by {channel}"
            checks.append(could_not_run(f"negative exposure: {channel}", tried, cannot.missing))
            continue
        headline = asked.estimate(asked.whole, measure)
        assert estimate is not None
        assert headline is not None
        checks.append(negative_exposure(channel, estimate, headline=headline))
    return tuple(checks)


def _notes(weeks: DealPanel, measure: Measure) -> tuple[str, ...]:
    notes = []
    if weeks.unusable:
        notes.append(f"{weeks.unusable:,} deals have no usable dates and are left out; see goodwill doctor.")
    if measure == "worth" and weeks.unpriced:
        notes.append(f"{weeks.unpriced:,} wins have no value in the company's currency and count as nothing.")
    return tuple(notes)
