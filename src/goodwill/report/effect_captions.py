"""What to see in each picture of an effect, in one sentence, which is also told to those who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.report.confounders import Balance
from goodwill.report.numbers import axis_number, show_bare, show_change, show_count, show_value
from goodwill.report.phrases import listed, plural
from goodwill.verdicts.verdict import Verdict

Row = Mapping[str, Any]
Rows = Sequence[Row]
#: Who cancels by himself; a contract is cancelled.
THOSE_WHO_ACT = ("customer", "account", "company", "person")
#: A ratio of zero has no logarithm; steps whose product is a hundredth off the total were rounded, no more.
LEAST, SAME = 1e-6, 0.01
#: An arm whose name has one of these words is the one without social.
WITHOUT = ("never", "untouched", "unexposed", "other", "without", "not")


def arms(rows: Rows) -> list[str]:
    """The arms of a table, the one with social first, so that it has the same colour in every picture.

    Examples
    --------
    >>> arms([{"arm": "never touched"}, {"arm": "touched"}])
    ['touched', 'never touched']
    """
    names = list(dict.fromkeys(str(row["arm"]) for row in rows))
    return sorted(names, key=lambda name: any(word in WITHOUT for word in name.split()))


def outcome_of(verdict: Verdict) -> str:
    """What the curves are shares of: "won" unless the facts say another word."""
    rows = verdict.facts.get("curves_of", ())
    return str(rows[0]["outcome"]) if rows else "won"


def happened(verdict: Verdict) -> str:
    """The outcome as a verb.

    Examples
    --------
    >>> happened(Verdict("win_rate", "?", unit="opportunity"))
    'had been won'
    >>> happened(Verdict("funnel", "?", unit="account", facts={"curves_of": [{"outcome": "with an opportunity"}]}))
    'had an opportunity'
    """
    outcome = outcome_of(verdict)
    if outcome.startswith("with "):
        return "had " + outcome.removeprefix("with ")
    if outcome == "cancelled" and verdict.unit in THOSE_WHO_ACT:
        return "had cancelled"
    return f"had been {outcome}"


def curves(verdict: Verdict) -> str:
    """The last point of each cumulative incidence curve."""
    rows = verdict.facts["curves"]
    last = {str(row["arm"]): row for row in sorted(rows, key=lambda row: row["week"])}
    week = round(max(row["week"] for row in rows))
    told = " and ".join(f"{show_value(last[arm]['share'], 'share')} of the {arm}" for arm in arms(rows))
    bands = "; bands show the interval" if any(row.get("low") is not None for row in rows) else ""
    return f"By week {week}, {told} {plural(verdict.unit or 'unit', 2)} {happened(verdict)}{bands}."


def ends(verdict: Verdict) -> str:
    """What became of each arm by the last week."""
    rows = verdict.facts["ends"]
    week = round(max(row["week"] for row in rows))
    told = [f"of the {arm}, {end_of(verdict, arm)}" for arm in arms(rows)]
    return f"What had become of the {plural(verdict.unit or 'unit', 2)} by week {week}: {'; '.join(told)}."


def end_of(verdict: Verdict, arm: str) -> str:
    """What became of one arm by the last week."""
    last = max((row for row in verdict.facts["ends"] if str(row["arm"]) == arm), key=lambda row: row["week"])
    return listed([f"{show_value(last[end], 'share')} {word}" for end, word in ends_of(verdict).items()])


def ends_of(verdict: Verdict) -> dict[str, str]:
    """What can become of a unit, in words: a contract that does not end as asked about is not lost."""
    outcome = outcome_of(verdict)
    words = {"won": outcome, "open": "still open", "lost": "lost" if outcome == "won" else "ended otherwise"}
    known = {end for row in verdict.facts.get("ends", ()) for end in row}
    return {end: word for end, word in words.items() if end in known}


def horizons(rows: Rows, currency: str) -> str:
    """The effect at the shortest and at the longest horizon, of all where all are together."""
    groups = dict.fromkeys(str(row["group"]) for row in rows)
    group = "all" if "all" in groups else next(iter(groups))
    some = sorted((row for row in rows if str(row["group"]) == group), key=lambda row: row["horizon_weeks"])
    told = [
        f"{show_change(r['value'], r['unit'], currency)} at {_weeks(r['horizon_weeks'])}" for r in (some[0], some[-1])
    ]
    of = "" if group == "all" else f" for {group}"
    grown = " and ".join(told) if len(some) > 1 else told[0]
    return f"The effect by how long one waits{of}: {grown}; a bar across the line leaves the direction open."


def subgroups(rows: Rows) -> str:
    """How to read the groups."""
    names = listed([str(row["group"]) for row in rows])
    return f"The effect in each group apart ({names}); a bar across the line leaves the direction open."


def balance(rows: Sequence[Balance], limit: float) -> str:
    """How many covariates are out of balance before and after."""
    before, after = (
        sum(value >= limit for value in values) for values in ([r.before for r in rows], [r.after for r in rows])
    )
    return (
        f"How alike both sides are in what was known of them: {show_count(before)} of {show_count(len(rows))} "
        f"differed by {show_bare(limit, 'ratio')} standard deviations or more before weighting (hollow), "
        f"{show_count(after)} after it (filled)."
    )


def sensitivity(rows: Sequence[tuple[str, float, float]], unit: str, currency: str) -> str:
    """The confounder that mattered most."""
    name, _, move = rows[0]
    return (
        f"How far the answer moves when one thing that was measured is left out: most by {name}, "
        f"{show_change(move, unit, currency)}."
    )


def silent(rows: Rows, unit: str, currency: str) -> str:
    """The corrected effect where least was recorded."""
    least = min(rows, key=lambda row: row["sensitivity"])
    value = least.get("value")
    told = f" {show_change(value, unit, currency)}" if value is not None else ""
    told = (
        told or f" between {show_change(least['low'], unit, currency)} and {show_change(least['high'], unit, currency)}"
    )
    return (
        "Not every touch leaves a trace: the effect if only this share of them was recorded; with "
        f"{axis_number('share')(least['sensitivity'])}% recorded it would be{told}."
    )


def stages(rows: Rows, unit: str) -> str:
    """How many reach the last stage in each arm."""
    last = max(rows, key=lambda row: row["place"])
    found = [row for row in rows if row["stage"] == last["stage"]]
    by_arm = {str(row["arm"]): row for row in found}
    told = " and ".join(f"{show_value(by_arm[arm]['share'], 'share')} of the {arm}" for arm in arms(found))
    eligible = f"eligible {plural(unit or 'account', 2)}"
    return f"The share of all {eligible} that reaches each stage; the last, {last['stage']}, is reached by {told}."


def transitions(rows: Rows, total: Row | None) -> str:
    """The step on which social acts most, and whether the steps multiplied are the total."""
    steps = [row for row in rows if row is not total]
    most = max(steps, key=lambda row: abs(math.log(max(row["ratio"], LEAST))), default=None)
    told = "Touched against not, step by step"
    if most is not None:
        told += f': the step "{most["step"]}" moves most, {times(most["ratio"])}'
    if total is None or most is None:
        return told + "."
    product = math.prod(row["ratio"] for row in steps)
    if math.isclose(product, total["ratio"], rel_tol=SAME):
        return f"{told}; the steps multiplied give the total, {times(total['ratio'])}."
    return f"{told}; the steps multiplied give {times(product)}, the total is {times(total['ratio'])}."


def stuck(rows: Rows) -> str:
    """Where half need longest to get out, and where more than half never do."""
    left = [row for row in rows if row.get("median_days") is not None]
    never = [str(row["stage"]) for row in rows if row.get("median_days") is None]
    parts = []
    if left:
        longest = max(left, key=lambda row: row["median_days"])
        parts.append(
            f"longest in {longest['stage']}, where half have left after {show_value(longest['median_days'], 'days')}"
        )
    if never:
        parts.append(f"in {listed(never)} more than half are still there")
    return f"Time in each stage, those still in it counted: {'; '.join(parts)}."


def times(ratio: float) -> str:
    """A ratio in words.

    Examples
    --------
    >>> times(1.314)
    '1.31 times'
    """
    return f"{show_value(ratio, 'ratio')} times"


def _weeks(number: float) -> str:
    return f"{show_count(round(number))} {plural('week', number)}"
