"""Pictures of who social brought: from everybody met, step by step, to the new ones; their share by venue and month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.report.charts import Line, lines
from goodwill.report.forests import Mark, intervals
from goodwill.report.numbers import show_count, show_range, show_value
from goodwill.report.panels import Picture, drawn_twice, percent
from goodwill.report.phrases import label, venue_name
from goodwill.report.waterfalls import Step
from goodwill.report.waterfalls import waterfall as drawn
from goodwill.verdicts.verdict import Verdict

Rows = Sequence[Mapping[str, Any]]
#: Colours of the steps: what is taken away is pale, what matching missed stands out.
ROLES = {"all": "part1", "minus": "part5", "seen": "part3", "missed": "second", "mistaken": "second", "total": "first"}
KEY = (
    ("part5", "whom we had already, or cannot tell"),
    ("part3", "whom nothing recognised"),
    ("second", "the correction"),
    ("first", "new"),
)


def waterfall(verdict: Verdict, _currency: str) -> Picture | None:
    """Everybody met on social, less whom we had already, less whom matching missed: who is new."""
    rows = verdict.facts["waterfall"]
    if not _number(rows[0]["people"]):
        return None
    steps = _steps(rows)
    told = "; ".join(f"{step.label}: {step.total}" for step in steps) + "."
    panel = drawn_twice("People, each counted once", told, lambda width: drawn(steps, width=width))
    return Picture(_seen(rows), (panel,), KEY, "waterfall")


def by_class(verdict: Verdict, _currency: str) -> Picture | None:
    """Each class as recognised (hollow) and corrected (filled)."""
    rows = [row for row in verdict.facts["new_by_class"] if row["n"]]
    return _forest(rows, "class", "new_by_class", "Share of the people met", _classes(rows))


def by_venue(verdict: Verdict, _currency: str) -> Picture | None:
    """The share of new people on each venue, as recognised and corrected."""
    rows = verdict.facts["new_by_venue"]
    return _forest(rows, "venue", "new_by_venue", "Share of new people", _venues(rows))


def by_campaign(verdict: Verdict, _currency: str) -> Picture | None:
    """The share of new people of each campaign, as recognised and corrected."""
    rows = verdict.facts["new_by_campaign"]
    sees = "Hollow marks take everybody not recognised for new, filled ones are corrected; bars are intervals."
    return _forest(rows, "campaign", "new_by_campaign", "Share of new people", sees)


def by_month(verdict: Verdict, _currency: str) -> Picture | None:
    """The share of new people by month of the first touch, as recognised and corrected."""
    rows = sorted(verdict.facts["new_by_month"], key=lambda row: str(row["month"]))
    if len(rows) < 2:
        return None
    naive = tuple((float(at), float(row["naive"]), None, None) for at, row in enumerate(rows))
    known = tuple((float(at), row["share"], row["low"], row["high"]) for at, row in enumerate(rows)
                  if row["share"] is not None)  # fmt: skip
    series = [Line("corrected", known), Line("as recognised", naive)] if known else [Line("as recognised", naive)]
    below = tuple((float(at), str(row["month"])) for at, row in enumerate(rows))
    told = "; ".join(f"{row['month']}: {_told(row)}" for row in rows) + "."
    panel = drawn_twice(
        "Share of new people by month", told,
        lambda width: lines(series, write=percent, below=below, width=width, top=1.0),
    )  # fmt: skip
    return Picture(_months(rows), (panel,), facts="new_by_month")


def _steps(rows: Rows) -> list[Step]:
    """Each step from where the one before has left off; one whose people are hidden takes no room."""
    steps: list[Step] = []
    for row in rows:
        kind, size = str(row["kind"]), _number(row["people"])
        before = steps[-1].end if steps else 0.0
        start, end = {
            "minus": (before, max(0.0, before - size)),
            "missed": (before, max(0.0, before - size)),
            "mistaken": (before, before + size),
        }.get(kind, (0.0, size))
        sign = {"minus": "−", "missed": "−", "mistaken": "+"}.get(kind, "") if size else ""
        steps.append(Step(label(str(row["step"])), sign + _counted(row["people"]), start, end, ROLES[kind]))
    return steps


def _number(people: Any) -> float:
    """How many, or 0 where so few are hidden."""
    return 0.0 if isinstance(people, str) else float(people)


def _counted(people: Any) -> str:
    """How many in words, also where they are hidden."""
    return people if isinstance(people, str) else show_count(people)


def _forest(rows: Rows, name: str, facts: str, heading: str, sees: str) -> Picture | None:
    if not rows:
        return None
    shown = {"venue": venue_name, "class": label}.get(name, str)  # a campaign is called as its owner wrote it
    groups = [(f"{shown(str(row[name]))} (n {_counted(row['n'])})", _marks(row)) for row in rows]
    told = "; ".join(f"{shown(str(row[name]))}: {_told(row)}" for row in rows) + "."
    panel = drawn_twice(heading, told, lambda width: intervals(groups, write=percent, zero=0.0, width=width))
    return Picture(sees, (panel,), facts=facts)


def _marks(row: Mapping[str, Any]) -> list[Mark]:
    naive = Mark(f"{show_value(row['naive'], 'share')} as recognised", row["naive"], None, None, is_filled=False)
    if row["share"] is None:
        return [naive]
    return [Mark(f"{show_value(row['share'], 'share')} corrected", row["share"], row["low"], row["high"]), naive]


def _told(row: Mapping[str, Any]) -> str:
    naive = f"{show_value(row['naive'], 'share')} as recognised"
    if row["share"] is None:
        return naive
    reach = show_range(row["low"], row["high"], "share")
    return f"{naive}, {show_value(row['share'], 'share')} corrected" + (f" ({reach})" if reach else "")


def _seen(rows: Rows) -> str:
    """What to see in the steps: what a plain match would have said, and what is left of it."""
    people = {str(row["kind"]): _counted(row["people"]) for row in rows}
    told = f"Of {people['all']} people met on social, {people['seen']} look new"
    if "mistaken" in people:
        return f"{told}; {people['mistaken']} more were taken for somebody known, which makes {people['total']}."
    if people["missed"] == "0":
        return f"{told}, and matching missed none of those we knew."
    return f"{told}; {people['missed']} of them are known and were not recognised, which leaves {people['total']}."


def _classes(rows: Rows) -> str:
    known = [row for row in rows if row["share"] is not None]
    if not known:
        return "Hollow marks are shares as recognised."
    most = max(known, key=lambda row: float(row["share"]))
    return (
        f"The largest part of the people met, {show_value(most['share'], 'share')}, are {most['class']}; hollow marks "
        "are shares as recognised, filled ones corrected for who was missed."
    )


def _venues(rows: Rows) -> str:
    known = [row for row in rows if row["share"] is not None]
    if not known:
        return "Hollow marks take everybody not recognised for new; no venue has enough to correct that."
    most = max(known, key=lambda row: float(row["share"]))
    return (
        f"{venue_name(str(most['venue']))} brings the largest share of new people, "
        f"{show_value(most['share'], 'share')}; hollow marks take everybody not recognised for new."
    )


def _months(rows: Rows) -> str:
    known = [row for row in rows if row["share"] is not None]
    if len(known) < 2:
        return f"Over {len(rows)} months the share of people whom nothing recognised; too few a month to correct it."
    first, last = known[0], known[-1]
    return (
        f"The corrected share of new people went from {show_value(first['share'], 'share')} in {first['month']} to "
        f"{show_value(last['share'], 'share')} in {last['month']}; bands are intervals."
    )


#: Which facts each picture shows.
DRAWS = {
    "waterfall": waterfall,
    "new_by_class": by_class,
    "new_by_venue": by_venue,
    "new_by_month": by_month,
    "new_by_campaign": by_campaign,
}
