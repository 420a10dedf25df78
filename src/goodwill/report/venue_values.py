"""What cost and sales say together: what would be lost without each venue, and when social has paid for itself.

The one reckoning of the report that joins two verdicts. ``e`` is the effect on one deal first touched while open,
from the headline of ``sales``, times the gross margin: sales are no gain, so without a margin there is no value. A
venue that touched ``a`` deals, ``b`` of them alone, is worth something between ``b e`` and ``a e``, because a deal
that several touched might have been won without any one of them. The interval is that of ``e``, taken at the ends of
that range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.report import captions
from goodwill.verdicts.verdict import Verdict

#: The model behind an effect per deal that is first touched while open; others are per something else.
PER_TOUCHED_DEAL = "deal_weeks"
#: Why there is no value where the settings hold no margin.
NO_MARGIN = "what is gained is gross margin, never revenue, and no margin is set"


@dataclass(frozen=True)
class Worth:
    """The effect on one deal first touched while open, in money, with its interval.

    ``margin`` is the share of sales that is kept. ``standing`` is that of the answer on sales: only a supported or a
    contradicted one is established.
    """

    value: float
    low: float
    high: float
    level: float
    standing: str
    margin: float
    unit: str
    horizon_weeks: int

    @property
    def is_established(self) -> bool:
        """Did the answer on sales come out other than by chance?"""
        return self.standing in ("supported", "contradicted")


@dataclass(frozen=True)
class VenueValue:
    """One venue: its cost, the deals it touched in all and alone, and the value that would be lost without it.

    ``least`` and ``most`` are the ends of what overlap leaves open, ``low`` and ``high`` those of the interval too.
    ``alone`` is None where the count is too small to be shown; it is then counted as none.
    """

    venue: str
    cost: float
    every: int
    alone: int | None
    least: float
    most: float
    low: float
    high: float


@dataclass(frozen=True)
class Paid:
    """How things stood at the end of one month: the cost so far, and the value so far with its interval."""

    month: str
    cost: float
    deals: int
    value: float
    low: float
    high: float


def worth_of(verdicts: Sequence[Verdict]) -> Worth | str:
    """The effect in money on one deal that social touches first while it is open, or why there is none."""
    cost, sales = (_named(verdicts, name) for name in ("cost", "sales"))
    if sales is None:
        return "whether social raises sales was not asked"
    if cost is None or not cost.facts.get("venue_deals"):
        return "no venue is known to have touched a deal while it was open, in the months of which the cost is known"
    figure = sales.headline
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return "whether social raises sales cannot be told"
    if figure.unit != "money" or figure.evidence is None or figure.evidence.model != PER_TOUCHED_DEAL:
        return "the answer on sales is not one per deal that was touched while open"
    valued = cost.facts["valued"][0]
    margin = valued.get("gross_margin")
    if margin is None:
        return NO_MARGIN
    value, low, high = (end * margin for end in (figure.value, figure.low, figure.high))
    terms = (figure.level, sales.standing, margin, str(valued["unit"]), int(valued["horizon_weeks"]))
    return Worth(value, low, high, *terms)


def venue_values(cost: Verdict, worth: Worth) -> tuple[VenueValue, ...]:
    """Every venue that touched deals, the dearest first; one whose count is too small to be shown is left out."""
    found = []
    costs = {str(row["venue"]): captions.total(row) for row in cost.facts["by_venue"]}
    for row in cost.facts["venue_deals"]:
        every, alone = row["all_deals"], row["alone_deals"]
        if isinstance(every, int) and str(row["venue"]) in costs:
            known = alone if isinstance(alone, int) else None
            found.append(_valued(str(row["venue"]), costs[str(row["venue"])], (every, known), worth))
    return tuple(sorted(found, key=lambda row: (-row.cost, row.venue)))


def payback(cost: Verdict, worth: Worth) -> tuple[Paid, ...]:
    """Cost and value so far, month by month: a deal's value counts a full horizon after its first touch.

    The effect is one on what is won within the horizon: only when it has ended is all of it there. Deals whose horizon
    has not ended bring nothing yet, while what was spent on them is counted. Empty where a count cannot be shown.
    """
    rows = cost.facts.get("cost_by_month", ())
    if any(not isinstance(row["due_deals"], int) for row in rows):
        return ()
    spent, deals, found = 0.0, 0, []
    for row in rows:
        spent += float(row["cost"])
        deals += row["due_deals"]
        found.append(Paid(str(row["month"]), spent, deals, deals * worth.value, deals * worth.low, deals * worth.high))
    return tuple(found) if deals and spent else ()


def passed(rows: Sequence[Paid], end: str) -> str:
    """The month since which this end of the value (low, value or high) has stayed at or above the cost; or empty.

    Examples
    --------
    >>> rows = [Paid("2024-01", 5.0, 1, 6.0, 1.0, 9.0), Paid("2024-02", 9.0, 2, 12.0, 2.0, 18.0)]
    >>> passed(rows, "value"), passed(rows, "low")
    ('2024-01', '')
    """
    since = ""
    for row in reversed(rows):
        if getattr(row, end) < row.cost:
            break
        since = row.month
    return since


def _named(verdicts: Sequence[Verdict], name: str) -> Verdict | None:
    return next((verdict for verdict in verdicts if verdict.question == name), None)


def _valued(venue: str, cost: float, deals: tuple[int, int | None], worth: Worth) -> VenueValue:
    every, alone = deals
    ends = (alone or 0, every)
    middle = [count * worth.value for count in ends]
    low, high = min(count * worth.low for count in ends), max(count * worth.high for count in ends)
    return VenueValue(venue, cost, every, alone, min(middle), max(middle), low, high)


def stage_costs(cost: Verdict) -> tuple[Mapping[str, Any], ...]:
    """What social cost in all for each deal it touched that got so far; stages with too few are left out."""
    everything = captions.full_cost(cost)
    rows = [row for row in cost.facts["cost_by_stage"] if isinstance(row["deals"], int) and row["deals"] > 0]
    return tuple({"stage": row["stage"], "deals": row["deals"], "each": everything / row["deals"]} for row in rows)
