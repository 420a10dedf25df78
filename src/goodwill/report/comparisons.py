"""Paragraphs that put one answer beside another: two readings of a touch, and groups of customers apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.report.numbers import show_change, show_count, show_interval, show_level, show_range
from goodwill.report.phrases import as_sentence, listed, lower_first, plural
from goodwill.verdicts.verdict import Figure, Verdict

#: The two readings of a touch, in plain words; both terms are explained once, where the report explains its words.
READINGS: dict[str, tuple[str, str]] = {
    "per_protocol": ("Per protocol", "as if those not touched had stayed untouched"),
    "intention_to_treat": ("Intention to treat", "whatever happened later"),
}
READINGS_MEAN = (
    "Two readings of the same comparison. Whoever is not touched today may be touched next month: per protocol asks "
    "what a touch does, as if those not touched had stayed untouched; intention to treat counts everybody as they "
    "began, whatever happened later, and is as a rule the smaller of the two."
)
#: How the two groups that a business asks about are called.
PROSPECTS_AND_CUSTOMERS = ("prospects", "existing customers")


def readings(verdict: Verdict, currency: str = "EUR") -> str:
    """What the answer is under each reading of a touch; empty where no figure says so.

    Examples
    --------
    >>> first = Figure("per_protocol", "per protocol", 0.061, "points", low=0.012, high=0.11)
    >>> second = Figure("intention_to_treat", "intention to treat", 0.04, "points", low=0.005, high=0.075)
    >>> readings(Verdict("win_rate", "?", figures=(first, second)))  # doctest: +NORMALIZE_WHITESPACE
    'As if those not touched had stayed untouched (per protocol): +6.1 points (90% interval 1.2 to 11.0 points);
    whatever happened later (intention to treat): +4.0 points (90% interval 0.5 to 7.5 points).'
    """
    known = {figure.name: figure for figure in verdict.figures if figure.value is not None}
    parts = [
        f"{meaning} ({lower_first(term)}): {_with_interval(known[name], currency)}"
        for name, (term, meaning) in READINGS.items()
        if name in known
    ]
    return as_sentence("; ".join(parts)) if parts else ""


def has_readings(verdicts: Sequence[Verdict]) -> bool:
    """Does any verdict tell the two readings apart?"""
    return any(readings(verdict) for verdict in verdicts)


def groups_title(verdict: Verdict) -> str:
    """The heading over the groups."""
    groups = [str(row["group"]) for row in subgroups(verdict)]
    return "Prospects and existing customers" if set(groups) <= set(PROSPECTS_AND_CUSTOMERS) else "By group"


def groups(verdict: Verdict, currency: str = "EUR") -> str:
    """The answer in each group, and whether the groups can be told apart; empty where there are none.

    Examples
    --------
    >>> rows = [{"group": "prospects", "value": 0.07, "low": 0.01, "high": 0.13, "unit": "points", "n": 402},
    ...         {"group": "existing customers", "value": 0.01, "low": -0.04, "high": 0.06, "unit": "points", "n": 410}]
    >>> verdict = Verdict("win_rate", "?", unit="opportunity", facts={"subgroups": rows})
    >>> groups(verdict)  # doctest: +NORMALIZE_WHITESPACE
    'Among prospects: +7.0 points (1.0 to 13.0 points; 402 opportunities); among existing customers: +1.0 points
    (−4.0 to +6.0 points; 410 opportunities). The intervals overlap: whether the groups differ stays open.'
    """
    rows = subgroups(verdict)
    if not rows:
        return ""
    told = as_sentence("; ".join(f"among {row['group']}: {_group(row, verdict, currency)}" for row in rows))
    bounded = [row for row in rows if row.get("low") is not None and row.get("high") is not None]
    if len(rows) < 2 or len(bounded) < len(rows):
        return told
    if max(row["low"] for row in rows) <= min(row["high"] for row in rows):
        return f"{told} The intervals overlap: whether the groups differ stays open."
    apart = [str(end["group"]) for end in (max(rows, key=_value), min(rows, key=_value))]
    return f"{told} The intervals of {listed(apart)} do not overlap: the answer is not the same for both."


def subgroups(verdict: Verdict) -> list[Mapping[str, Any]]:
    """The rows of the groups that could be estimated, in the unit of the answer."""
    rows = [row for row in verdict.facts.get("subgroups", ()) if row.get("value") is not None]
    unit = verdict.headline.unit if verdict.headline else rows[0]["unit"] if rows else ""
    return [row for row in rows if row["unit"] == unit]


def _value(row: Mapping[str, Any]) -> float:
    return float(row["value"])


def _group(row: Mapping[str, Any], verdict: Verdict, currency: str) -> str:
    told = show_change(row["value"], row["unit"], currency)
    n = row.get("n")
    counted = f"{show_count(n)} {plural(verdict.unit or 'unit', n)}" if n else ""
    behind = [part for part in (show_range(row.get("low"), row.get("high"), row["unit"], currency), counted) if part]
    return f"{told} ({'; '.join(behind)})" if behind else told


def _with_interval(figure: Figure, currency: str) -> str:
    told, interval = show_change(figure.value, figure.unit, currency), show_interval(figure, currency)
    return f"{told} ({show_level(figure)} interval {interval})" if interval else told
