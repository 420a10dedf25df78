"""What was measured beside the touch: how alike it made both sides, and how far each moved the answer."""

from __future__ import annotations

from dataclasses import dataclass

from goodwill.report.phrases import covariate_name
from goodwill.verdicts.verdict import Verdict


@dataclass(frozen=True)
class Balance:
    """A covariate's standardised difference between the sides, without its sign, before and after weighting."""

    name: str
    before: float
    after: float


def balances(verdict: Verdict) -> tuple[Balance, ...]:
    """Every covariate's balance, the most different ones first.

    Levels that may be somebody's name are joined: the worst of them stands for all.

    Examples
    --------
    >>> rows = [{"covariate": f"owner={name}", "before": b, "after": 0.02} for name, b in (("Ann", 0.1), ("Bob", -0.3))]
    >>> balances(Verdict("win_rate", "?", facts={"balance": rows}))
    (Balance(name='owner', before=0.3, after=0.02),)
    """
    worst: dict[str, tuple[float, float]] = {}
    for row in verdict.facts.get("balance", ()):
        name, found = covariate_name(str(row["covariate"])), (abs(row["before"]), abs(row["after"]))
        worst[name] = max(found[0], worst.get(name, found)[0]), max(found[1], worst.get(name, found)[1])
    rows = (Balance(name, before, after) for name, (before, after) in worst.items())
    return tuple(sorted(rows, key=lambda row: (-row.before, row.name)))


def moves(verdict: Verdict) -> tuple[tuple[str, float, float], ...]:
    """Each measured confounder, the answer without it, and how far leaving it out moves the answer; furthest first."""
    if verdict.headline is None or verdict.headline.value is None:
        return ()
    value = verdict.headline.value
    known = [row for row in verdict.facts.get("sensitivity", ()) if row.get("value_without") is not None]
    rows = [
        (covariate_name(str(row["factor"])), float(row["value_without"]), row["value_without"] - value) for row in known
    ]
    return tuple(sorted(rows, key=lambda row: (-abs(row[2]), row[0])))


def strongest(verdict: Verdict) -> str:
    """The measured confounder that moves the answer most; empty if nothing says so."""
    found = moves(verdict)
    return found[0][0] if found else ""
