"""Pictures of matching: how many known people it finds again, and how true the probabilities are that it states."""

from __future__ import annotations

from typing import Any

from goodwill.report.finite import ends_of, with_numbers
from goodwill.report.forests import Mark, intervals
from goodwill.report.numbers import show_count, show_value
from goodwill.report.panels import Picture, drawn_twice, percent
from goodwill.report.phrases import venue_name
from goodwill.report.planes import Spot, agreement
from goodwill.verdicts.verdict import Verdict

Row = dict[str, Any]


def recall(verdict: Verdict, _currency: str) -> Picture | None:
    """By system or network, the share of known people found again once their key was hidden."""
    rows = with_numbers(verdict.facts["match_recall"], "share")
    if not rows:
        return None
    marks = [Mark(show_value(row["share"], "share"), row["share"], *ends_of(row), name=_name(row)) for row in rows]
    told = "; ".join(f"{mark.name} {mark.label}" for mark in marks)
    panel = drawn_twice(
        "Share of known people found again", told + ".",
        lambda width: intervals([("", marks)], write=percent, zero=0.0, width=width),
    )  # fmt: skip
    best, least = rows[0], min(rows, key=lambda row: row["share"])
    ends = f"{show_value(best['share'], 'share')} on {venue_name(str(best['venue']))}"
    if least["share"] < best["share"]:
        ends += f" and {show_value(least['share'], 'share')} on {venue_name(str(least['venue']))}"
    sees = (
        f"How well people are recognised: of people known elsewhere, with their key hidden, matching finds {ends}. "
        "Whom it misses would pass for new; the answer is corrected for them, venue by venue."
    )
    return Picture(sees, (panel,), facts="match_recall", place="checks")


def calibration(verdict: Verdict, _currency: str) -> Picture | None:
    """By the probability stated, the share of reviewed pairs that is one person's, beside the line of agreement."""
    rows = with_numbers(verdict.facts["match_calibration"], "predicted", "share")
    rows = [row for row in rows if 0 <= row["predicted"] <= 1 and 0 <= row["share"] <= 1]
    if not rows:
        return None
    spots = [Spot(f"{_counted(row)} pairs", row["predicted"], row["share"], *ends_of(row)) for row in rows]
    told = "; ".join(f"stated {percent(round(row['predicted'], 2))}, true {_share(row)}" for row in rows)
    panel = drawn_twice(
        "Reviewed pairs that are one person's, by the probability that matching states", told + ".",
        lambda width: agreement(spots, axes=("probability stated", "share that is one person's"), width=width),
    )  # fmt: skip
    return Picture(_seen(rows), (panel,), facts="match_calibration", place="checks")


def _seen(rows: list[Row]) -> str:
    held = [row for row in rows if (ends := ends_of(row))[0] is not None and ends[0] <= row["predicted"] <= ends[1]]
    return (
        "Of pairs that somebody reviewed, how many are one person's: on the line a probability says what it is worth, "
        f"below it matching claims too much. {show_count(len(held))} of {show_count(len(rows))} bars hold the line; "
        "the probabilities have taken these reviews into account."
    )


def _share(row: Row) -> str:
    return f"{show_value(row['share'], 'share')} of {_counted(row)}"


def _name(row: Row) -> str:
    return f"{venue_name(str(row['venue']))} (n {_counted(row)})"


def _counted(row: Row) -> str:
    n = row.get("n")
    return n if isinstance(n, str) else show_count(n or 0)
