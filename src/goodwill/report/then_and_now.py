"""A picture of two runs: the headline of each question then (hollow) and later (filled), with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from goodwill.report.drawing import NARROW
from goodwill.report.forests import Mark, intervals
from goodwill.report.numbers import UNITS, axis_number, show, show_bare, show_bare_change, show_interval
from goodwill.report.panels import Panel, Picture, axis_name, drawn_twice, no_effect
from goodwill.report.words import title
from goodwill.verdicts.changes import can_compare
from goodwill.verdicts.verdict import Figure, Verdict

SEES = (
    "Filled: the later run; hollow: the earlier one. Each point is an estimate, each bar its interval. Where a later "
    "estimate lies outside the earlier bar, use the earlier one no more."
)


def then_and_now(
    earlier: Sequence[Verdict], later: Sequence[Verdict], currency: str, *, names: tuple[str, str]
) -> Picture | None:
    """Both headlines of every question whose two headlines measure the same, one panel a unit; None without any.

    Parameters
    ----------
    earlier, later : sequence of Verdict
    currency : str
        ISO 4217 code, for money.
    names : (str, str)
        What the two runs are called, in a word or two.

    Examples
    --------
    >>> then_and_now([], [], "EUR", names=("run 1", "run 2")) is None
    True
    """
    was = {verdict.question: verdict for verdict in earlier}
    by_unit: dict[str, list[tuple[str, Figure, Figure]]] = {}
    for verdict in later:
        before = was.get(verdict.question)
        if before and before.headline and verdict.headline and can_compare(before, verdict):
            pair = (title(verdict), before.headline, verdict.headline)
            by_unit.setdefault(verdict.headline.unit, []).append(pair)
    if not by_unit:
        return None
    order = list(UNITS)
    units = sorted(by_unit, key=order.index)
    return Picture(SEES, tuple(_panel(by_unit[unit], unit, currency, names) for unit in units))


def _panel(pairs: Sequence[tuple[str, Figure, Figure]], unit: str, currency: str, names: tuple[str, str]) -> Panel:
    groups = [
        (heading, [_mark(now, names[1], is_filled=True), _mark(before, names[0], is_filled=False)])
        for heading, before, now in pairs
    ]
    zero = no_effect(unit) if UNITS[unit].is_difference or unit == "ratio" else None
    told = " ".join(
        f"{heading}: {names[0]} {_said(before, currency)}; {names[1]} {_said(now, currency)}."
        for heading, before, now in pairs
    )

    def draw(width: int) -> str:
        shown = groups if width > NARROW else [(h, [_short(mark) for mark in marks]) for h, marks in groups]
        return intervals(shown, write=axis_number(unit), zero=zero, width=width)

    return drawn_twice(f"In {axis_name(unit, currency)}", told, draw)


def _mark(figure: Figure, name: str, *, is_filled: bool) -> Mark:
    write = show_bare_change if UNITS[figure.unit].is_difference else show_bare
    return Mark(f"{write(figure.value, figure.unit)} {name}", figure.value, figure.low, figure.high, is_filled)


def _short(mark: Mark) -> Mark:
    return Mark(mark.label.split(" ")[0], mark.value, mark.low, mark.high, mark.is_filled)


def _said(figure: Figure, currency: str) -> str:
    reach = show_interval(figure, currency)
    return show(figure, currency) + (f" ({reach})" if reach else "")
