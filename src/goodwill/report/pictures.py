"""Which pictures show which verdict: those of the facts it carries, curves first, or else the forest of its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from goodwill.report import captions, match_pictures, net_new_pictures
from goodwill.report.comparisons import subgroups
from goodwill.report.described_pictures import by_venue, by_week
from goodwill.report.doubt_pictures import balance, sensitivity, silent
from goodwill.report.effect_pictures import curves, effect_panel, ends, horizons
from goodwill.report.effect_pictures import subgroups as groups_apart
from goodwill.report.event_pictures import with_events, with_target
from goodwill.report.forests import Mark, intervals
from goodwill.report.funnel_pictures import stages, stuck, transitions
from goodwill.report.hidden_pictures import hidden_causes
from goodwill.report.lag_pictures import lags
from goodwill.report.numbers import (
    UNITS,
    axis_number,
    is_difference,
    show_bare,
    show_bare_change,
    show_change,
    show_value,
)
from goodwill.report.panels import NO_CHANGE, Panel, Picture, axis_name, drawn_twice
from goodwill.report.phrases import label
from goodwill.report.placebo_pictures import placebos
from goodwill.report.resolution_pictures import resolutions
from goodwill.report.value_pictures import by_stage
from goodwill.report.words import standing_words, title
from goodwill.verdicts.verdict import Figure, Verdict

#: The pictures in the order in which they are shown, by the facts that they need.
DRAWS: dict[str, Callable[[Verdict, str], Picture | None]] = {
    **net_new_pictures.DRAWS,
    "curves": curves,
    "ends": ends,
    "horizons": horizons,
    "subgroups": groups_apart,
    "lags": lags,
    "stages": stages,
    "transitions": transitions,
    "stuck": stuck,
    "placebos": placebos,
    "match_recall": match_pictures.recall,
    "match_calibration": match_pictures.calibration,
    "balance": balance,
    "hidden_causes": hidden_causes,
    "sensitivity": sensitivity,
    "silent": silent,
    "resolutions": resolutions,
    "by_venue": by_venue,
    "cost_by_stage": by_stage,
    "events": with_events,
    "target": with_target,
    "by_week": by_week,
}
#: Shorter names of groups, for a forest with one line for each.
SHORT = {"existing customers": "customers"}


@dataclass(frozen=True)
class _Shown:
    """One line of the forest of all effects."""

    kind: str
    mark: Mark
    told: str


def effects(verdicts: Sequence[Verdict], currency: str) -> Picture | None:
    """All effects with the naive figure and the groups beside each; one panel per unit, since units share no axis."""
    groups: dict[str, list[tuple[str, list[_Shown]]]] = {}
    for verdict in verdicts:
        figure = verdict.headline
        if verdict.standing == "described" or figure is None or figure.value is None:
            continue
        heading = f"{title(verdict)}: {standing_words(verdict).words.lower()}"
        groups.setdefault(figure.unit, []).append((heading, _lines(verdict, figure, currency)))
    if not groups:
        return None
    panels = tuple(_forest(members, unit, currency) for unit, members in sorted(groups.items(), key=_unit_order))
    has_groups = any(subgroups(verdict) for verdict in verdicts if verdict.standing != "described")
    sees = f"{captions.HOW_TO_READ_FOREST} {captions.HOW_TO_READ_GROUPS}" if has_groups else captions.HOW_TO_READ_FOREST
    return Picture(sees, panels)


def pictures(verdict: Verdict, currency: str) -> tuple[Picture, ...]:
    """The pictures of one question; none where there is nothing to draw."""
    drawn = [draw(verdict, currency) for facts, draw in DRAWS.items() if verdict.facts.get(facts)]
    shown = [picture for picture in drawn if picture is not None]
    if not any(picture.place == "answer" for picture in shown) and (forest := _figures(verdict, currency)):
        shown.insert(0, forest)
    return tuple(shown)


def _lines(verdict: Verdict, figure: Figure, currency: str) -> list[_Shown]:
    """The adjusted answer, the naive one, and the answer in each group."""
    unit, naive = figure.unit, verdict.naive
    rows = [_line("adjusted", (figure.value, figure.low, figure.high), unit, currency)]
    if naive and naive.value is not None and naive.unit == unit:
        rows.append(_line("naive", (naive.value, naive.low, naive.high), unit, currency))
    for row in subgroups(verdict):
        name = str(row["group"])
        bounds = (row["value"], row.get("low"), row.get("high"))
        rows.append(_line(SHORT.get(name, name), bounds, unit, currency))
    return rows


def _line(kind: str, bounds: tuple[float | None, float | None, float | None], unit: str, currency: str) -> _Shown:
    is_minor = kind not in ("adjusted", "naive")
    mark = Mark(f"{show_bare_change(bounds[0], unit)} {kind}", *bounds, is_filled=kind != "naive", is_minor=is_minor)
    return _Shown(kind, mark, f"{kind} {show_change(bounds[0], unit, currency)}")


def _forest(members: list[tuple[str, list[_Shown]]], unit: str, currency: str) -> Panel:
    groups = [(heading, [row.mark for row in rows]) for heading, rows in members]
    told = "; ".join(f"{heading}: {', '.join(row.told for row in rows)}" for heading, rows in members)
    return effect_panel(groups, unit, currency, told=told)


def _figures(verdict: Verdict, currency: str) -> Picture | None:
    """The verdict's figures that have an interval, a panel per unit."""
    shown = [f for f in verdict.every_figure() if f.value is not None and f.low is not None and f.high is not None]
    panels = []
    for unit in sorted({f.unit for f in shown}):
        some = [f for f in shown if f.unit == unit]
        panels.append(_figures_in(some, unit, currency, naive=verdict.naive))
    if not panels:
        return None
    return Picture("Each mark is a figure of the table below; its bar is the interval.", tuple(panels))


def _figures_in(some: list[Figure], unit: str, currency: str, *, naive: Figure | None) -> Panel:
    groups = [(label(f.label), [Mark(show_bare(f.value, unit), f.value, f.low, f.high, f is not naive)]) for f in some]
    zero = NO_CHANGE if unit == "ratio" else 0.0 if is_difference(unit) else None
    told = "; ".join(f"{label(f.label)}: {show_value(f.value, unit, currency)}" for f in some)
    return drawn_twice(
        f"In {axis_name(unit, currency)}", told + ".",
        lambda width: intervals(groups, write=axis_number(unit), zero=zero, width=width),
    )  # fmt: skip


def _unit_order(item: tuple[str, object]) -> int:
    return list(UNITS).index(item[0])
