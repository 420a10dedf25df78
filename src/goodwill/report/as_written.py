"""Two runs as readers see them: a figure that is written as before did not move, and what is counted otherwise now."""

from __future__ import annotations

from collections.abc import Sequence

from goodwill.report.numbers import show, show_interval, show_level
from goodwill.report.own_money import own_currency
from goodwill.verdicts.changes import Change, changes
from goodwill.verdicts.verdict import Figure, Verdict


def found(earlier: Sequence[Verdict], now: Sequence[Verdict]) -> tuple[Change, ...]:
    """What became of every question, where a figure that is written as before did not move.

    Examples
    --------
    >>> was, is_now = (Figure("new", "Share of new people", value, "share") for value in (0.2751, 0.2749))
    >>> before, now = (Verdict("net_new", "?", headline=figure) for figure in (was, is_now))
    >>> [change.kind for change in found([before], [now])]
    ['unchanged']
    """
    return changes(earlier, now, alike=_is_written_alike)


def _is_written_alike(before: Figure, now: Figure) -> bool:
    is_one_level = before.level == now.level
    return show(before) == show(now) and (not is_one_level or show_interval(before) == show_interval(now))


def counted_otherwise(earlier: Sequence[Verdict], now: Sequence[Verdict], currency: str) -> list[str]:
    """What makes all figures of two runs look different though nothing moved: the level of intervals, the currency."""
    told = []
    was, is_now = _levels(earlier), _levels(now)
    if len(was) == len(is_now) == 1 and was != is_now:
        told.append(f"Intervals are stated at {is_now.pop()} now and were at {was.pop()}.")
    if own := own_currency(earlier):
        told.append(f"{in_another(own, currency)}: such figures are not compared.")
    return told


def _levels(verdicts: Sequence[Verdict]) -> set[str]:
    """The levels of all intervals of headlines, as they are written."""
    return {show_level(v.headline) for v in verdicts if v.headline is not None and v.headline.low is not None}


def in_another(own: str, currency: str) -> str:
    """That money was counted otherwise, as a clause."""
    return f"Money is counted in {currency} now and was in {own}"
