"""A verdict: an answer with its uncertainty, the attempts to break it, and where it came from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Grade = Literal["A", "B", "C", "D", "E"]
Standing = Literal["supported", "no effect found", "cannot tell", "contradicted", "described"]

GRADES: dict[str, str] = {
    "A": "randomised or encouragement design",
    "B": "natural experiment, difference-in-differences, synthetic control or interrupted series whose placebos pass",
    "C": "adjusted comparison",
    "D": "credit model",
    "E": "raw description or self-report",
}


@dataclass(frozen=True)
class Evidence:
    """Where a figure came from: the model, and the SQL whose rows carry source_file and source_row."""

    model: str
    rows: str


@dataclass(frozen=True)
class Figure:
    """One number that anybody may open.

    ``unit`` is one of share, points (a difference of shares, as a fraction), days, count, money,
    hours, log_odds, ratio. ``low`` and ``high`` are None where no sampling is involved (a count).
    ``definition`` names a term of the glossary.
    """

    name: str
    label: str
    value: float | None
    unit: str
    n: int | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.90
    p: float | None = None
    definition: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Check:
    """One attempt to break the answer. ``survived`` None means it could not run, which is no pass.

    ``decisive`` checks overturn a claim when they fail; the others lower confidence and are shown.
    """

    name: str
    tried: str
    result: str
    survived: bool | None
    decisive: bool = True
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The answer to one question.

    Attributes
    ----------
    question, asks : str
        Name and wording of the question.
    population, unit, treatment, comparison : str
        Of whom; one what; exposed to what; compared with what.
    period : tuple of str
        First and last day covered, ISO dates.
    headline : Figure or None
        The estimate; None if it cannot be told.
    naive : Figure or None
        What a table of touched against untouched would say.
    figures : tuple of Figure
        Every other number shown.
    n : int
        Units behind the headline; ``n_exposed`` of them exposed.
    coverage : mapping
        Share of what was wanted that was seen: for instance matched identities.
    standing : str
        Set by ``judge`` over all questions.
    missing, settles : str
        What is missing, and what would settle it.
    hoped : int
        The sign that the claim expects of the headline: 1 more, -1 less (days, churn), 0 either.
    matters : float or None
        Smallest effect worth acting on, in the headline's unit; None if nobody said.
    pace_per_month : float or None
        New units per month, to turn a number of units into months.
    detectable : float or None
        Smallest effect that could have been found, in the headline's unit.
    needed : mapping
        Units in all (and months more at the present pace) that would settle it.
    facts : mapping of str to list of rows
        Named tables behind the pictures; each row a mapping.
    notes : tuple of str
        Assumptions and limits in plain words.
    decision : str
        The decision it bears on, in plain words.
    """

    question: str
    asks: str
    population: str = ""
    unit: str = ""
    treatment: str = ""
    comparison: str = ""
    estimand: str = ""
    method: str = ""
    period: tuple[str, str] = ("", "")
    headline: Figure | None = None
    naive: Figure | None = None
    figures: tuple[Figure, ...] = ()
    n: int = 0
    n_exposed: int = 0
    coverage: Mapping[str, float] = field(default_factory=dict)
    grade: Grade = "E"
    standing: Standing = "cannot tell"
    q: float | None = None
    checks: tuple[Check, ...] = ()
    sensitivity: Mapping[str, float] = field(default_factory=dict)
    missing: str = ""
    settles: str = ""
    hoped: Literal[-1, 0, 1] = 1
    matters: float | None = None
    pace_per_month: float | None = None
    detectable: float | None = None
    needed: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    decision: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)

    def every_figure(self) -> tuple[Figure, ...]:
        """Headline, naive and all others, in the order a reader meets them."""
        return tuple(f for f in (self.headline, self.naive, *self.figures) if f is not None)

    def to_json(self) -> str:
        """The verdict as text that is the same for the same verdict: all in its own order, rounded floats."""
        return json.dumps(_rounded(asdict(self)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """The verdict that ``to_json`` wrote."""
        raw = json.loads(text)
        raw["headline"] = _figure(raw["headline"])
        raw["naive"] = _figure(raw["naive"])
        raw["figures"] = tuple(f for f in map(_figure, raw["figures"]) if f is not None)
        raw["checks"] = tuple(Check(**check) for check in raw["checks"])
        raw["period"] = tuple(raw["period"])
        raw["notes"] = tuple(raw["notes"])
        return cls(**raw)


def _figure(raw: dict[str, Any] | None) -> Figure | None:
    if raw is None:
        return None
    evidence = raw.pop("evidence")
    return Figure(**raw, evidence=Evidence(**evidence) if evidence else None)


def _rounded(value: Any) -> Any:
    """Floats to ten significant digits: beyond that, machines differ and no reader cares."""
    if isinstance(value, dict):
        return {str(k): _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    number = float(value)
    return float(f"{number:.10g}") if math.isfinite(number) else None
