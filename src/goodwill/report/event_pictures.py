"""The trend over all venues with the days on which something began, and with the goal that is set for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.report.captions import reply_share
from goodwill.report.charts import Line
from goodwill.report.described_pictures import WEEKLY
from goodwill.report.marked_lines import Goal, Mark, Plot, marked_lines
from goodwill.report.numbers import show_count, show_value
from goodwill.report.panels import Panel, Picture, drawn_twice, percent
from goodwill.report.phrases import listed, plural, venue_name
from goodwill.verdicts.verdict import Verdict

Row = Mapping[str, Any]
#: Weeks that one point of the line sums up: single weeks jump so much that no trend is seen.
SMOOTHED = 4
#: Means from here on are told without decimals.
DECIMALS_BELOW = 10
#: What is measured, in words.
SHARE = "reply_share"
NAMES = {SHARE: "share of what we write that answers somebody"}


def with_events(verdict: Verdict, _currency: str) -> Picture | None:
    """The first thing measured every week, over all venues, with the events of the period and the goals."""
    rows = sorted(verdict.facts["by_week"], key=lambda row: str(row["week"]))
    weeks = _whole(sorted({str(row["week"]) for row in rows}), verdict)
    goals = {str(row["measure"]): row for row in verdict.facts.get("target", ())}
    measures = list(goals) or [name for name in WEEKLY if any(row.get(name) for row in rows)][:1]
    panels = [_panel(verdict, name, weeks, goals.get(name)) for name in measures]
    drawn = tuple(panel for panel in panels if panel is not None)
    if not drawn:
        return None
    return Picture(_sees(verdict, goals), drawn, facts="events" if verdict.facts.get("events") else "target")


def with_target(verdict: Verdict, currency: str) -> Picture | None:
    """The same where there are goals and no events."""
    return None if verdict.facts.get("events") else with_events(verdict, currency)


def _panel(verdict: Verdict, measure: str, weeks: Sequence[str], goal: Row | None) -> Panel | None:
    points = _points(verdict, measure, weeks)
    if len(points) < 2:
        return None
    write = percent if measure == SHARE else show_count
    last = show_value(points[-1][1], "share") if measure == SHARE else show_count(_rounded(points[-1][1]))
    name = NAMES.get(measure, measure)
    line = Line(f"{last}\n{'answers' if measure == SHARE else measure}", tuple((x, y, None, None) for x, y in points))
    marks = tuple(Mark(_place(str(row["day"])), event_name(row)) for row in _within(verdict, points))
    level = Goal(float(goal["target"]), goal_name(goal)) if goal else None
    below = tuple((x, dt.date.fromordinal(round(7 * x)).isoformat()[:7]) for x, _ in (points[0], points[-1]))
    plot = Plot((line,), below, marks, level)
    kind = "over all venues" if measure == SHARE else "a week over all venues"
    told = f"{name[:1].upper()}{name[1:]} {kind}: {last} at the end{_told(marks, level)}."
    return drawn_twice(
        f"{name[:1].upper()}{name[1:]} {kind}, mean of {SMOOTHED} weeks", told,
        lambda width: marked_lines(plot, write=write, width=width),
    )  # fmt: skip


def _whole(weeks: Sequence[str], verdict: Verdict) -> list[str]:
    """Whole weeks: the exports seldom begin on a Monday, and the last week may have some days to come."""
    until = str(verdict.facts["until"][0]["day"]) if verdict.facts.get("until") else weeks[-1]
    return [week for week in weeks[1:] if _place(week) + 1 <= _place(until) + 1 / 7]


def _points(verdict: Verdict, measure: str, weeks: Sequence[str]) -> list[tuple[float, float]]:
    """The mean of the last four weeks at every week that has four; a week without a row is one of nothing."""
    found = []
    for at in range(SMOOTHED - 1, len(weeks)):
        some = set(weeks[at - SMOOTHED + 1 : at + 1])
        rows = [row for row in verdict.facts["by_week"] if str(row["week"]) in some]
        value = _value(verdict, rows, measure)
        if value is not None:
            found.append((_place(weeks[at]), value))
    return found


def _value(verdict: Verdict, rows: Sequence[Row], measure: str) -> float | None:
    if measure == SHARE:  # only venues whose exports hold replies of ours at all
        answered = {row["venue"] for row in verdict.facts["by_week"] if row.get("replies")}
        part = [row for row in rows if row["venue"] in answered]
        return reply_share(Verdict("conversation", "?", facts={"by_week": [dict(row) for row in part]}))
    return float(sum(row.get(measure) or 0 for row in rows)) / SMOOTHED


def _rounded(number: float) -> float:
    """A mean as a reader wants it: small ones keep a decimal."""
    return number if number < DECIMALS_BELOW else float(round(number))


def _within(verdict: Verdict, points: Sequence[tuple[float, float]]) -> list[Row]:
    """The events that lie on the plot."""
    first, last = points[0][0], points[-1][0]
    return [row for row in verdict.facts.get("events", ()) if first <= _place(str(row["day"])) <= last]


def _place(day: str) -> float:
    """A day on the axis, in weeks."""
    return dt.date.fromisoformat(day).toordinal() / 7


def event_name(row: Row) -> str:
    """When it happened, and what: the venue on which we posted first, or the campaign that began.

    Examples
    --------
    >>> event_name({"day": "2024-03-05", "label": "youtube", "kind": "venue"})
    '2024-03: on YouTube'
    """
    what = f"on {venue_name(str(row['label']))}" if row["kind"] == "venue" else str(row["label"])
    return f"{str(row['day'])[:7]}: {what}"


def goal_name(row: Row) -> str:
    """A goal with its level and the day by which it is to be reached.

    Examples
    --------
    >>> goal_name({"measure": "comments", "goal": "talk", "target": 80.0, "by": "2026-06-30"})
    'goal 80\\nby 2026-06-30'
    """
    level = show_value(row["target"], "share") if row["measure"] == SHARE else show_count(row["target"])
    return f"goal {level}" + (f"\nby {row['by']}" if row.get("by") else "")


def _told(marks: Sequence[Mark], goal: Goal | None) -> str:
    parts = [mark.label for mark in marks] + ([goal.label.replace("\n", " ")] if goal else [])
    return "; " + "; ".join(parts) if parts else ""


def _sees(verdict: Verdict, goals: Mapping[str, Row]) -> str:
    events = verdict.facts.get("events", ())
    told = []
    if events:
        told.append(
            f"Upright lines mark {_counted(events)}: what follows one need not be due to it, since seasons and other "
            "causes go on."
        )
    if goals:
        told.append("The band is the goal that is set in goodwill.toml; the line should end within it.")
    return " ".join(told)


def _counted(events: Sequence[Row]) -> str:
    """How many of which kind."""
    kinds = {"venue": "our first posts on {} {}", "campaign": "the beginning of {} {}"}
    numbers = {kind: sum(row["kind"] == kind for row in events) for kind in kinds}
    return listed([kinds[kind].format(n, plural(kind, n)) for kind, n in numbers.items() if n])
