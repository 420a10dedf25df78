"""Pictures of one effect: curves, what became of whom, and how it differs by horizon and by group."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any

from goodwill.report import effect_captions as captions
from goodwill.report.charts import Layer, Line, lines, stacks
from goodwill.report.drawing import NARROW
from goodwill.report.forests import Mark, intervals
from goodwill.report.numbers import axis_number, show_bare_change, show_change, show_count, show_value
from goodwill.report.panels import Panel, Picture, axis_name, drawn_twice, no_effect, percent
from goodwill.report.phrases import label, plural
from goodwill.verdicts.verdict import Verdict

Row = dict[str, Any]
#: Weeks between the labels below a plot, at most four steps: quarters of a year, and their halves and multiples.
STEPS = (1, 2, 4, 13, 26, 52)
#: What becomes of a unit: the field, and its colour. Won grows from the bottom, lost from the top.
BECOMES = {"won": "part1", "open": "part5", "lost": "part2"}


def curves(verdict: Verdict, _currency: str) -> Picture | None:
    """Cumulative incidence: the share that had the outcome by each week, an arm a line."""
    rows = sorted(verdict.facts["curves"], key=lambda row: row["week"])
    series = []
    for arm in captions.arms(rows):
        of_arm = _from_zero([row for row in rows if str(row["arm"]) == arm], share=0.0, low=0.0, high=0.0)
        points = tuple((row["week"], row["share"], row.get("low"), row.get("high")) for row in of_arm)
        series.append(Line(f"{show_value(points[-1][1], 'share')}\n{fill(arm, 15)}", points, _is_weekly(of_arm)))
    if any(len(line.points) < 2 for line in series):
        return None
    sees, below = captions.curves(verdict), weeks_below(rows)
    panel = drawn_twice(
        f"Share {captions.outcome_of(verdict)} since the first week", sees,
        lambda width: lines(series, write=percent, below=below, width=width),
    )  # fmt: skip
    return Picture(sees, (panel,), facts="curves")


def ends(verdict: Verdict, _currency: str) -> Picture | None:
    """What becomes of each arm: won, lost and still open add up to all, week by week."""
    rows = sorted(verdict.facts["ends"], key=lambda row: row["week"])
    below = weeks_below(rows)
    panels = []
    for arm in captions.arms(rows):
        of_arm = _from_zero([row for row in rows if str(row["arm"]) == arm], won=0.0, lost=0.0, open=1.0)
        if len(of_arm) < 2:
            return None
        names = captions.ends_of(verdict)
        layers = [
            Layer(
                f"{show_value(of_arm[-1][end], 'share')}\n{fill(names[end], 12)}",
                role,
                tuple((row["week"], float(row[end])) for row in of_arm),
                _is_weekly(of_arm),
            )
            for end, role in BECOMES.items()
            if end in names
        ]
        drawn = stacks(layers, write=percent, below=below, width=NARROW)
        panels.append(Panel(label(arm), drawn, drawn, f"{captions.end_of(verdict, arm)}."))
    return Picture(captions.ends(verdict), tuple(panels), facts="ends", is_grid=True)


def horizons(verdict: Verdict, currency: str) -> Picture | None:
    """The effect by horizon, a group a block, a panel per unit."""
    rows = [row for row in verdict.facts["horizons"] if row.get("value") is not None]
    panels = []
    for unit in dict.fromkeys(str(row["unit"]) for row in rows):
        some = sorted((row for row in rows if row["unit"] == unit), key=lambda row: row["horizon_weeks"])
        names = list(dict.fromkeys(str(row["group"]) for row in rows if row["unit"] == unit))
        heading = len(names) > 1 or names != ["all"]
        groups = [
            (label(name) if heading else "", [_horizon(row) for row in some if str(row["group"]) == name])
            for name in names
        ]
        told = "; ".join(f"{row['group']}, {_weeks(row)}: {show_change(row['value'], unit, currency)}" for row in some)
        panels.append(effect_panel(groups, unit, currency, told=told))
    return Picture(captions.horizons(rows, currency), tuple(panels), facts="horizons") if panels else None


def subgroups(verdict: Verdict, currency: str) -> Picture | None:
    """The effect by group, unless the horizons show these groups already."""
    rows = [row for row in verdict.facts["subgroups"] if row.get("value") is not None]
    shown = {str(row["group"]) for row in verdict.facts.get("horizons", ())}
    if not rows or {str(row["group"]) for row in rows} <= shown:
        return None
    panels = []
    for unit in dict.fromkeys(str(row["unit"]) for row in rows):
        some = [row for row in rows if row["unit"] == unit]
        marks = [_mark(row, label(str(row["group"]))) for row in some]
        told = "; ".join(f"{row['group']}: {show_change(row['value'], unit, currency)}" for row in some)
        panels.append(effect_panel([("", marks)], unit, currency, told=told))
    return Picture(captions.subgroups(rows), tuple(panels), facts="subgroups")


def effect_panel(groups: Sequence[tuple[str, Sequence[Mark]]], unit: str, currency: str, *, told: str) -> Panel:
    """A forest of effects in one unit."""
    return drawn_twice(
        f"Effect in {axis_name(unit, currency)}", told + ".",
        lambda width: intervals(groups, write=axis_number(unit), zero=no_effect(unit), width=width),
    )  # fmt: skip


def weeks_below(rows: Sequence[Row]) -> list[tuple[float, str]]:
    """The first week, which is 0, the last, and some between them, in words.

    Examples
    --------
    >>> weeks_below([{"week": 1}, {"week": 26}])
    [(0, 'week 0'), (13, '13'), (26, 'week 26')]
    """
    last = max(row["week"] for row in rows)
    step = next((step for step in STEPS if last / step <= 4), max(1, round(last / 4)))
    between = range(step, round(last), step)
    return [(0, "week 0"), *((week, str(week)) for week in between), (last, f"week {round(last)}")]


def _is_weekly(rows: Sequence[Row]) -> bool:
    """Are the steps short enough to be drawn as such? Those of months would hide the last one, which has no width."""
    return len(rows) > 1 and rows[-1]["week"] - rows[-2]["week"] <= 1


def _from_zero(rows: Sequence[Row], **start: float) -> list[Row]:
    """Rows of one arm from time zero on, when nothing had happened yet; bounds only where there are any."""
    if not rows or rows[0]["week"] <= 0:
        return list(rows)
    return [{"week": 0, **{name: value for name, value in start.items() if rows[0].get(name) is not None}}, *rows]


def _horizon(row: Row) -> Mark:
    return _mark(row, _weeks(row))


def _mark(row: Row, name: str) -> Mark:
    return Mark(show_bare_change(row["value"], row["unit"]), row["value"], row.get("low"), row.get("high"), name=name)


def _weeks(row: Row) -> str:
    return f"{show_count(round(row['horizon_weeks']))} {plural('week', row['horizon_weeks'])}"
