"""What a comparison found, and how it becomes the fields of a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, sensitivity
from goodwill.verdicts import Check, Evidence, Figure, Verdict
from goodwill.verdicts.verdict import Grade


@dataclass(frozen=True)
class About:
    """Whom a comparison is about: of whom, one what, from when to when, and how many new ones come a month."""

    population: str
    unit: str
    period: tuple[str, str]
    pace_per_month: float

    @classmethod
    def units(cls, population: str, unit: str, began: Any) -> About:
        """From the days on which the units began; ``population`` may name {first} and {last}."""
        days = np.asarray(began).astype("datetime64[D]")
        first, last = str(days.min()), str(days.max())
        months = max(1.0, (days.max() - days.min()).astype(int) / 30.44)
        return cls(population.format(first=first, last=last), unit, (first, last), len(days) / months)


@dataclass(frozen=True)
class Naive:
    """What a plain table would say, of how many units, and their rows."""

    difference: Estimate
    n: int
    rows: Evidence


@dataclass(frozen=True)
class Compared:
    """What a comparison found, before a question puts it into a verdict; ``rows`` are those it counts."""

    about: About
    difference: Estimate
    naive: Naive | None
    horizon_weeks: int
    n: int
    n_exposed: int
    rows: Evidence
    method: str
    treatment: str
    comparison: str
    checks: tuple[Check, ...]
    figures: tuple[Figure, ...] = ()
    sensitivity: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    coverage: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    grade: Grade = "C"


@dataclass(frozen=True)
class Headline:
    """How a question words what was found; ``label`` may name {weeks}."""

    unit: str
    label: str
    naive: str
    definition: str


@contextmanager
def carrying(figures: tuple[Figure, ...]) -> Iterator[None]:
    """Let whoever cannot tell still show these figures."""
    try:
        yield
    except CannotTell as cannot:
        cannot.figures = (*cannot.figures, *figures)
        raise


def verdict_of(compared: Compared, base: Verdict, headline: Headline) -> Verdict:
    """The verdict of a question on the effect of social, from its own words and what was found."""

    def figure(name: str, label: str, estimate: Estimate, of: tuple[int, Evidence]) -> Figure:
        n, rows = of
        return Figure(
            name, label, estimate.value, headline.unit, n=n, low=estimate.low, high=estimate.high,
            level=estimate.level, p=estimate.p, definition=headline.definition, evidence=rows,
        )  # fmt: skip

    naive, about = compared.naive, compared.about
    return Verdict(
        base.question,
        base.asks,
        population=about.population,
        unit=about.unit,
        treatment=compared.treatment,
        comparison=compared.comparison,
        method=compared.method,
        period=about.period,
        headline=figure("effect", headline.label.format(weeks=compared.horizon_weeks), compared.difference,
                        (compared.n, compared.rows)),
        naive=figure("naive", headline.naive, naive.difference, (naive.n, naive.rows)) if naive else None,
        figures=(*compared.figures, *base.figures),
        n=compared.n,
        n_exposed=compared.n_exposed,
        coverage=compared.coverage,
        grade=compared.grade,
        checks=compared.checks,
        sensitivity=compared.sensitivity,
        detectable=compared.difference.detectable(),
        pace_per_month=about.pace_per_month,
        facts=compared.facts,
        notes=(*base.notes, *compared.notes),
        hoped=base.hoped,
        matters=base.matters,
        decision=base.decision,
    )  # fmt: skip


def share_figure(name: str, label: str, estimate: Estimate, definition: str) -> Figure:
    """An estimated share as a figure, its interval held within 0 and 1."""
    low, high = max(0.0, estimate.low), min(1.0, estimate.high)
    return Figure(name, label, estimate.value, "share", low=low, high=high, level=estimate.level, definition=definition)


def amount_figure(name: str, label: str, estimate: Estimate, unit: str) -> Figure:
    """An estimated amount as a figure."""
    return Figure(name, label, estimate.value, unit, low=estimate.low, high=estimate.high, level=estimate.level)


def e_values(log_ratio: Estimate) -> dict[str, float]:
    """The ratio of shares, its E-value, and that of the limit nearer to no effect."""
    ratio, low, high = (float(np.exp(np.clip(v, -20, 20))) for v in (log_ratio.value, log_ratio.low, log_ratio.high))
    return {
        "risk_ratio": ratio,
        "e_value": sensitivity.e_value(ratio),
        "e_value_of_limit": sensitivity.e_value_of_interval(low, high),
    }


def listed(factors: tuple[str, ...]) -> str:
    """What was adjusted for, in words."""
    words = [f.replace("_", " ") for f in dict.fromkeys(factors)]
    return ", ".join(words) if words else "nothing (too few events)"
