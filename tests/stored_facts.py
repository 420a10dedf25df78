"""Tables behind the pictures of a stored verdict: every kind of fact, made by simple formulas."""

import math
from typing import Any

Row = dict[str, Any]
ARMS = ("never touched", "touched")


def curves(top: tuple[float, float] = (0.349, 0.41), weeks: int = 26, arms: tuple[str, str] = ARMS) -> list[Row]:
    """Cumulative incidence per arm and week; ``top`` are the shares in the last week."""
    rows: list[Row] = []
    for arm, last in zip(arms, top, strict=True):
        for week in range(1, weeks + 1):
            share = last * (1 - math.exp(-week / 9)) / (1 - math.exp(-weeks / 9))
            rows.append({"week": week, "arm": arm, "share": share, "low": share * 0.95, "high": share * 1.05})
    return rows


def ends(of: list[Row], lost: float = 0.4) -> list[Row]:
    """Won, lost and open per arm and week, where ``of`` are the curves of what was won."""
    weeks = max(row["week"] for row in of)
    rows = []
    for row in of:
        gone = lost * (1 - math.exp(-row["week"] / 14)) / (1 - math.exp(-weeks / 14))
        left = {"won": row["share"], "lost": gone, "open": 1 - row["share"] - gone}
        rows.append({"week": row["week"], "arm": row["arm"], **left})
    return rows


def horizons(unit: str, value: float, reach: float, groups: tuple[str, ...] = ("all",)) -> list[Row]:
    """An effect that grows with the horizon; the last one of all is the headline."""
    rows = []
    for place, group in enumerate(groups):
        for weeks, grown in ((4, 0.3), (13, 0.7), (26, 1.0)):
            middle, wide = value * grown / (1 + place), reach * (1 + 0.4 * place)
            rows.append({"group": group, "horizon_weeks": weeks, "value": middle, "low": middle - wide,
                         "high": middle + wide, "unit": unit})  # fmt: skip
    return rows


def subgroups(unit: str, value: float, reach: float) -> list[Row]:
    """The effect is there for prospects and not for customers."""
    return [
        {"group": "prospects", "value": value, "low": value - reach, "high": value + reach, "unit": unit, "n": 502},
        {"group": "existing customers", "value": value / 6, "low": value / 6 - reach, "high": value / 6 + reach,
         "unit": unit, "n": 310},
    ]  # fmt: skip


def balance() -> list[Row]:
    """Standardised differences, with levels of a category and of people."""
    before = {
        "engagement": 0.41, "engagement_recent": 0.33, "segment=Enterprise": 0.18, "segment=Small": -0.12,
        "employees": 0.22, "social_before": 0.15, "owner=Jane Roe": 0.09, "owner=Max Mustermann": -0.14,
        "landing_page=pricing": 0.05, "deals_before": 0.02,
    }  # fmt: skip
    return [
        {"covariate": name, "before": value, "after": 0.04 * math.sin(7 * place)}
        for place, (name, value) in enumerate(before.items())
    ]


def sensitivity(value: float) -> list[Row]:
    """What the answer would be without each measured confounder."""
    moved = {"engagement": 0.62, "employees": 0.08, "segment": -0.15, "owner": 0.03, "service_before": -0.01}
    return [{"factor": name, "value_without": value * (1 + part)} for name, part in moved.items()]


def silent(value: float, reach: float) -> list[Row]:
    """The corrected effect for fewer and fewer recorded touches."""
    return [
        {"sensitivity": seen, "low": (value - reach) * grown, "value": value * grown, "high": (value + reach) * grown}
        for seen, grown in ((1.0, 1.0), (0.8, 1.05), (0.5, 1.2), (0.2, 1.55))
    ]


STAGES = ("engaged", "lead", "qualified lead", "opportunity", "customer")


def stages() -> list[Row]:
    """The share of eligible accounts that reaches each stage."""
    rows = []
    for arm, shares in zip(ARMS, ((0.42, 0.2, 0.12, 0.071, 0.021), (0.63, 0.31, 0.17, 0.102, 0.033)), strict=True):
        previous = 1.0
        for place, (stage, share) in enumerate(zip(STAGES, shares, strict=True), 1):
            rows.append({"stage": stage, "place": place, "arm": arm, "share": share, "low": 0.9 * share,
                         "high": 1.1 * share, "of_previous": share / previous})  # fmt: skip
            previous = share
    return rows


def transitions() -> list[Row]:
    """The effect on each step; the steps multiplied give the total."""
    ratios = [("to engaged", 1.5), ("engaged to lead", 1.03), ("lead to qualified lead", 0.91),
              ("qualified lead to opportunity", 1.02), ("opportunity to customer", 1.09)]  # fmt: skip
    rows: list[Row] = [{"step": step, "ratio": r, "low": r / 1.15, "high": r * 1.15} for step, r in ratios]
    total = math.prod(ratio for _, ratio in ratios)
    return [*rows, {"step": "total", "ratio": total, "low": total / 1.25, "high": total * 1.25}]


def stuck() -> list[Row]:
    """Time in each stage; half never leave the qualified leads, and of opportunities the upper end is unknown."""
    return [
        {"stage": "engaged", "place": 1, "n": 4210, "median_days": 34.0, "low_days": 30.0, "high_days": 41.0,
         "still_there": 1802},
        {"stage": "lead", "place": 2, "n": 2011, "median_days": 12.5, "low_days": 11.0, "high_days": 14.0,
         "still_there": 301},
        {"stage": "qualified lead", "place": 3, "n": 1204, "median_days": None, "low_days": 210.0, "high_days": None,
         "still_there": 733},
        {"stage": "opportunity", "place": 4, "n": 702, "median_days": 96.0, "low_days": 81.0, "high_days": None,
         "still_there": 288},
    ]  # fmt: skip
