"""The horizon of an answer: up to which week its outcome is counted."""

from __future__ import annotations

import math

from goodwill.verdicts.verdict import Verdict

#: Two values are one estimate if they differ by no more than how verdicts are rounded.
SAME = 1e-8


def horizon_weeks(verdict: Verdict) -> int | None:
    """The horizon of the headline: the one whose value it has, else the last week of the curves."""
    figure = verdict.headline
    if figure is not None and figure.value is not None:
        for row in verdict.facts.get("horizons", ()):
            if row.get("value") is not None and math.isclose(row["value"], figure.value, rel_tol=SAME):
                return round(float(row["horizon_weeks"]))
    weeks = [float(row["week"]) for row in verdict.facts.get("curves", ()) if isinstance(row.get("week"), int | float)]
    return round(max(weeks)) if weeks else None
