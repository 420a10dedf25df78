"""Verdicts as a finished study would have stored them: one of each standing, for the tests of the report."""

from types import SimpleNamespace

import stored_facts as facts
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


def shuffled(mean: float, spread: float) -> Check:
    """A check as ``falsify`` writes it, with a raw fraction in its result."""
    figures = {"mean": mean, "spread": spread, "repeats": 100.0, "allowed": spread / 2, "rank": 3, "of": 101, "p": 0.03}
    result = f"they average {mean:+.3g}, where up to {spread / 2:.2g} either way is chance"
    return Check("shuffled exposure", "Dealt at random 100 times", result, True, True, figures)


def two_readings(unit: str, value: float, reach: float) -> tuple[Figure, ...]:
    """Per protocol, and diluted by intention to treat."""
    return tuple(
        Figure(name, label, part * value, unit, 812, part * value - reach, part * value + reach)
        for name, label, part in (
            ("per_protocol", "difference, as if those not touched had stayed untouched", 1.0),
            ("intention_to_treat", "difference, whatever happened later", 0.6),
        )
    )


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
        figures=(
            Figure("won", "Won, had all been touched", 0.41, "share", 812, 0.378, 0.442),
            *two_readings("points", 0.0611, 0.0491),
        ),
        n=812,
        n_exposed=401,
        coverage={"identities_matched": 0.812},
        grade="C",
        standing="supported",
        checks=(
            shuffled(0.0023, 0.031),
            Check("seller left out", "Without the busiest seller", "2.4 points", False, decisive=False),
            Check("negative control", "An outcome social cannot move", "No such outcome", None),
        ),
        sensitivity={
            "e_value": 1.82, "e_value_of_limit": 1.31, "risk_ratio": 1.175, "tipping": 1.6, "tipping_of_limit": 0.3,
            "declared_silent_low": 0.008, "declared_silent_high": 0.17,
        },
        facts={
            "curves": facts.curves(),
            "ends": facts.ends(facts.curves()),
            "horizons": facts.horizons("points", 0.0611, 0.0491, ("all", "prospects", "existing customers")),
            "subgroups": facts.subgroups("points", 0.075, 0.06),
            "balance": facts.balance(),
            "sensitivity": facts.sensitivity(0.0611),
            "silent": facts.silent(0.0611, 0.0491),
        },
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


def sales() -> Verdict:
    """Contradicted, in money."""
    return Verdict(
        "sales",
        "Does social increase what customers buy?",
        unit="customer",
        headline=Figure("effect", "Difference in sales per customer", -1240.4, "money", 640, -2210.0, -270.8, p=0.02),
        naive=Figure("naive", "Touched against untouched", 3120.0, "money", 640, 1900.0, 4340.0),
        n=640,
        n_exposed=222,
        grade="C",
        standing="contradicted",
        checks=(shuffled(31.2, 410.0),),
        sensitivity={"robustness_value": 0.139, "robustness_value_of_limit": 0.0, "draws_kept": 0.98},
        facts={
            "horizons": facts.horizons("money", -1240.4, 969.6),
            "subgroups": facts.subgroups("money", -1800.0, 1200.0),
            "sensitivity": facts.sensitivity(-1240.4),
            "silent": facts.silent(-1240.4, 969.6),
        },
    )


def churn() -> Verdict:
    """Supported, where less is hoped for."""
    shares = facts.curves((0.182, 0.131), 52)
    return Verdict(
        "churn",
        "Does social keep customers?",
        unit="contract",
        headline=Figure("effect", "Difference in the share cancelled", -0.051, "points", 1902, -0.082, -0.02, p=0.006),
        naive=Figure("naive", "Touched against untouched", -0.11, "points", 1902, -0.13, -0.09),
        figures=two_readings("points", -0.051, 0.031),
        n=1902,
        n_exposed=611,
        grade="C",
        standing="supported",
        hoped=-1,
        checks=(shuffled(-0.001, 0.02),),
        facts={
            "curves": shares,
            "curves_of": [{"outcome": "cancelled"}],
            "ends": facts.ends(shares, lost=0.1),
            "balance": facts.balance(),
        },
    )


def funnel() -> Verdict:
    """Supported, in points of eligible accounts."""
    return Verdict(
        "funnel",
        "Where in the funnel does social act, and where do leads get stuck?",
        unit="account",
        headline=Figure("effect", "Difference in the share of accounts won", 0.0121, "points", 5210, 0.004, 0.0202),
        naive=Figure("naive", "Touched against untouched", 0.031, "points", 5210, 0.024, 0.038),
        n=5210,
        n_exposed=1210,
        grade="C",
        standing="supported",
        checks=(shuffled(0.0002, 0.004),),
        facts={
            "curves": facts.curves((0.071, 0.102)),
            "curves_of": [{"outcome": "with an opportunity"}],
            "stages": facts.stages(),
            "transitions": facts.transitions(),
            "stuck": facts.stuck(),
        },
    )


def referral() -> Verdict:
    """Cannot tell."""
    return Verdict(
        "referral",
        "Do customers come back, and do they recommend?",
        unit="subscription",
        headline=Figure("effect", "Difference in the chance of coming back", -0.03, "points", 188, -0.104, 0.044),
        n=188,
        missing="only 23 subscriptions ended in the period",
        needed={"units": 1101.0, "months": 14.2},
        detectable=0.118,
    )


def verdicts() -> tuple[Verdict, ...]:
    """One study's verdicts in the order of their questions, read back from what was stored."""
    found = (win_rate(), sales_cycle(), sales(), churn(), funnel(), cost(), conversation(), referral())
    return tuple(Verdict.from_json(verdict.to_json()) for verdict in found)
