"""What a comparison of deals found, and how it becomes the fields of a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, doubly_robust, sensitivity
from goodwill.journeys.deal_sample import Deals
from goodwill.samples import Units, covariates, grouped
from goodwill.verdicts import Check, Evidence, Figure, Verdict

#: What is compared: the share won by the horizon, or the days to a win (restricted mean time).
Measure = Literal["chance", "days"]

#: Deals with what each was exposed to; which of them a figure counts is said behind WHERE.
_ROWS = (
    "SELECT d.id, d.account, d.channel_group, d.outcome, h.first_social_at, d.source_file, d.source_row "
    "FROM deals AS d JOIN deal_history AS h ON h.id = d.id WHERE {which} ORDER BY d.id"
)


@dataclass(frozen=True)
class Naive:
    """What a plain table would say, of how many deals, and which (SQL)."""

    difference: Estimate
    n: int
    which: str


@dataclass(frozen=True)
class Compared:
    """What a comparison found, before a question puts it into a verdict; ``which`` deals it counts is SQL."""

    difference: Estimate
    naive: Naive | None
    exposed: Estimate
    unexposed: Estimate
    horizon_weeks: int
    n: int
    n_exposed: int
    which: str
    method: str
    treatment: str
    comparison: str
    checks: tuple[Check, ...]
    figures: tuple[Figure, ...]
    sensitivity: dict[str, float]
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@contextmanager
def carrying(figures: tuple[Figure, ...]) -> Iterator[None]:
    """Let whoever cannot tell still show these figures."""
    try:
        yield
    except CannotTell as cannot:
        cannot.figures = figures
        raise


def verdict_of(compared: Compared, found: Deals, base: Verdict, headline: dict[str, Any]) -> dict[str, Any]:
    """The fields of a verdict that both questions about deals fill alike."""
    months = max(1.0, (np.datetime64(found.period[1]) - np.datetime64(found.period[0])).astype(int) / 30.44)

    def figure(part: Compared | Naive, name: str, label: str) -> Figure:
        estimate, n = part.difference, part.n
        evidence = Evidence("deal_history", _ROWS.format(which=part.which))
        return Figure(
            name, label, estimate.value, headline["unit"], n=n, low=estimate.low, high=estimate.high,
            level=estimate.level, p=estimate.p, definition=headline["definition"], evidence=evidence,
        )  # fmt: skip

    return {
        "question": base.question,
        "asks": base.asks,
        "population": f"{found.unit} records opened between {found.period[0]} and {found.period[1]}",
        "unit": found.unit,
        "treatment": compared.treatment,
        "comparison": compared.comparison,
        "method": compared.method,
        "period": found.period,
        "headline": figure(compared, "effect", headline["label"].format(weeks=compared.horizon_weeks)),
        "naive": compared.naive and figure(compared.naive, "naive", headline["naive"]),
        "n": compared.n,
        "n_exposed": compared.n_exposed,
        "grade": "C",
        "checks": compared.checks,
        "sensitivity": compared.sensitivity,
        "detectable": compared.difference.detectable(),
        "pace_per_month": len(found) / months,
        "facts": compared.facts,
        "notes": compared.notes,
    }


def naive_of(found: Deals, exposed: np.ndarray[Any, Any], measure: Measure, level: float) -> Naive | None:
    """What a table would say: decided deals for the chance, won deals for the days, nothing adjusted.

    Where nothing is recorded as lost, as for leads, all deals stand for the decided ones. None where one side is
    too small for a table: that is no reason to withhold the adjusted answer.
    """
    chosen, which = found.won, "d.outcome = 'won'"
    if measure == "chance" and found.lost.any():
        chosen, which = found.decided, "d.outcome <> 'open'"
    elif measure == "chance":
        chosen, which = np.ones(len(found), dtype=bool), "TRUE"
    outcome = found.won.astype(float) if measure == "chance" else 7.0 * found.rows["weeks_open"]
    some = found.take(chosen)
    units = Units(
        id=some.rows["id"],
        group=grouped(some.rows["account"]),
        treated=exposed[chosen].astype(np.int64),
        outcome=outcome[chosen],
        covariates=covariates(some.rows, (), ()),
    )
    try:
        return Naive(doubly_robust.naive_difference(units, level=level), len(units), which)
    except CannotTell:
        return None


def arms_of(exposed: Estimate, unexposed: Estimate, horizon: int, level: float) -> tuple[Figure, ...]:
    """The share won on either side, as figures."""
    pairs = (("won_exposed", f"won within {horizon} weeks, with social", exposed),
             ("won_unexposed", f"won within {horizon} weeks, without", unexposed))  # fmt: skip
    return tuple(
        Figure(
            name,
            label,
            e.value,
            "share",
            low=max(0.0, e.low),
            high=min(1.0, e.high),
            level=level,
            definition="win rate B",
        )
        for name, label, e in pairs
    )


def sensitivity_of(exposed: Estimate, unexposed: Estimate, difference: Estimate) -> dict[str, float]:
    """E-values of the ratio of shares, and of the limit nearer to no effect."""
    base = max(unexposed.value, 1e-6)
    ratio = max(exposed.value, 1e-6) / base
    low, high = (max(1e-6, (base + limit) / base) for limit in (difference.low, difference.high))
    return {
        "risk_ratio": ratio,
        "e_value": sensitivity.e_value(ratio),
        "e_value_of_limit": sensitivity.e_value_of_interval(low, high),
    }


def left_out(found: Deals, used: int) -> tuple[str, ...]:
    """What of the deals is not in the comparison, in words."""
    notes = []
    if len(found) > used:
        notes.append(
            f"{len(found) - used:,} of {len(found):,} deals are left out: a social touch shortly before opening, "
            "or not followed long enough."
        )
    if found.unusable:
        notes.append(f"{found.unusable:,} deals have no usable dates and are left out; see goodwill doctor.")
    return tuple(notes)


def listed(factors: tuple[str, ...]) -> str:
    """What was adjusted for, in words."""
    words = [f.replace("_", " ") for f in dict.fromkeys(factors)]
    return ", ".join(words) if words else "nothing (too few wins)"
