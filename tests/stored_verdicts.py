"""Verdicts as a finished study would have stored them: one of each standing, for the tests of the report."""

import math
from types import SimpleNamespace

from goodwill.report.meta import Meta, Refused
from goodwill.verdicts.verdict import Check, Evidence, Figure, Verdict

META = Meta(
    "Acme Hydraulics",
    as_of="2025-12-31",
    currency="EUR",
    period=("2024-01-01", "2025-12-31"),
    refused=(Refused("contacts.csv", "people", 18233, 12), Refused("timesheet.csv", "effort", 1904, 31)),
    coverage={"identities_matched": 0.812},
    version="0.1.0",
    seed=1,
)
GLOSSARY = {
    name: SimpleNamespace(
        name=name, title=title, definition="A difference of two shares.", unit="points", caution="No ratio.", source="S"
    )
    for name, title in (("risk_difference", "Risk difference"), ("full_cost", "Full cost"), ("unused", "Unused term"))
}


def curves() -> list[dict[str, object]]:
    """Cumulative incidence per arm and week."""
    rows: list[dict[str, object]] = []
    for arm, top in (("touched", 0.41), ("untouched", 0.349)):
        for week in range(27):
            share = top * (1 - math.exp(-week / 9)) / (1 - math.exp(-26 / 9))
            rows.append({"week": week, "arm": arm, "share": share, "low": share * 0.95, "high": share * 1.05})
    return rows


def win_rate() -> Verdict:
    """Supported, with every part a verdict can have."""
    return Verdict(
        "win_rate",
        "Does social raise the chance that an opportunity is won?",
        unit="opportunity",
        period=("2024-01-01", "2025-12-31"),
        headline=Figure(
            "effect", "Difference in the chance of winning", 0.0611, "points", 812, 0.012, 0.1102, p=0.03,
            definition="risk_difference", evidence=Evidence("trials", "select 1"),
        ),
        naive=Figure("naive", "Touched against untouched", 0.142, "points", 812, 0.09, 0.194),
        figures=(Figure("won", "Won, had all been touched", 0.41, "share", 812, 0.378, 0.442),),
        n=812,
        n_exposed=401,
        coverage={"identities_matched": 0.812},
        grade="C",
        standing="supported",
        checks=(
            Check("shuffled exposure", "Dealt at random 100 times", "Centred on 0.1 points", True),
            Check("seller left out", "Without the busiest seller", "2.4 points", False, decisive=False),
            Check("negative control", "An outcome social cannot move", "No such outcome", None),
        ),
        sensitivity={"e_value": 1.82},
        facts={"curves": curves()},
        notes=("Silent readers count as untouched.",),
        decision="whether social stays part of the sales process",
    )  # fmt: skip


def sales_cycle() -> Verdict:
    """No effect found."""
    return Verdict(
        "sales_cycle",
        "Does social shorten the time to a win?",
        unit="opportunity",
        headline=Figure("effect", "Difference in mean time to a win", 2.1, "days", 812, -4.2, 8.4, p=0.6),
        naive=Figure("naive", "Touched against untouched", 31.2, "days", 812, 24.0, 38.4),
        n=812,
        n_exposed=401,
        grade="C",
        standing="no effect found",
        detectable=7.9,
        hoped=-1,
    )


def cost() -> Verdict:
    """Described, with money per venue."""
    rows = [
        {"venue": "linkedin", "hours": 412.5, "labour": 26812.5, "media": 9000, "tools": 1188, "total": 37000.5},
        {"venue": "mastodon", "hours": 41.0, "labour": 2665.0, "media": 0, "tools": 0, "total": 2665.0},
    ]
    headline = Figure("full_cost", "Full cost of social", 39665.5, "money", definition="full_cost")
    return Verdict(
        "cost", "What does each venue cost in full?", unit="venue-month", headline=headline, n=48,
        standing="described", facts={"by_venue": rows},
    )  # fmt: skip


def conversation() -> Verdict:
    """Described, with weeks per venue."""
    rows = [
        {"week": f"2025-W{week:02d}", "venue": venue, "posts": 2 + week % 3, "replies": (week * step) % 9}
        for venue, step in (("linkedin", 4), ("x", 7))
        for week in range(1, 13)
    ]
    headline = Figure("reply_share", "Share of our items that answer somebody", 0.231, "share", 1412, 0.213, 0.25)
    return Verdict(
        "conversation", "Do we converse, or broadcast?", unit="thread", headline=headline, n=1412,
        standing="described", facts={"by_week": rows},
    )  # fmt: skip


def churn() -> Verdict:
    """Cannot tell."""
    return Verdict(
        "churn",
        "Does social keep customers?",
        unit="subscription",
        headline=Figure("effect", "Difference in the chance of leaving", -0.03, "points", 188, -0.104, 0.044),
        n=188,
        missing="only 23 subscriptions ended in the period",
        needed={"units": 1101.0, "months": 14.2},
        detectable=0.118,
    )


def verdicts() -> tuple[Verdict, ...]:
    """One study's verdicts in the order of their questions, read back from what was stored."""
    found = (win_rate(), sales_cycle(), churn(), cost(), conversation())
    return tuple(Verdict.from_json(verdict.to_json()) for verdict in found)
