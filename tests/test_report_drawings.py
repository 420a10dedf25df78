"""The drawings of the report: their specifications, axes, labels and areas."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.report import drawing
from goodwill.report.drawing import NARROW, PLAIN, WIDE, apart, padded, round_numbers, spaced
from goodwill.report.forests import Mark, intervals
from goodwill.report.funnel_pictures import ratio_ticks
from goodwill.report.pictures import pictures
from goodwill.verdicts.verdict import Verdict
from stored_verdicts import funnel, sales, win_rate


@pytest.mark.slow
@pytest.mark.parametrize("verdict", [win_rate(), funnel(), sales()], ids=lambda v: v.question)
def test_drawings_are_what_the_language_of_charts_allows(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, object]] = []
    monkeypatch.setattr(drawing.vl_convert, "vegalite_to_svg", lambda spec: drawn.append(spec) or "<svg></svg>")
    pictures(verdict, "EUR")
    assert drawn
    for specification in drawn[::2]:  # every other one is for phones, of the same kind
        rows = specification["datasets"]
        assert all(layer["data"]["name"] in rows for layer in specification["layer"])
        alt.LayerChart.from_dict({**specification, "datasets": {}, "config": {}})  # raises where it does not


@pytest.mark.parametrize(("weeks", "corners"), [((1, 2, 3), 6), ((4, 8, 12), 3)])
def test_weeks_are_steps_and_months_are_lines(weeks: tuple[int, ...], corners: int) -> None:
    rows = [{"week": week, "arm": "touched", "share": week / 20} for week in weeks]
    (curves,) = pictures(replace(funnel(), headline=None, facts={"curves": rows}), "EUR")
    (path,) = re.findall(r'<path d="([^"]*)"[^>]*stroke="var\(--first\)"', curves.panels[0].wide)
    assert path.count("L") == corners


def test_stacked_parts_fill_the_plot() -> None:
    """The areas of won, open and lost, by the shoelace formula, add up to the plot."""
    drawn = next(p for p in pictures(win_rate(), "EUR") if p.facts == "ends").panels[0].wide
    corners = [
        [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]
        for path in re.findall(r'<path d="([^"]*)"[^>]*fill="var\(--part\d\)"', drawn)
    ]
    areas = [abs(sum(x * v - u * y for (x, y), (u, v) in pairwise([*path, path[0]]))) / 2 for path in corners]
    wide = max(x for path in corners for x, _ in path)
    assert len(areas) == 3
    assert sum(areas) == pytest.approx(wide * 190, rel=1e-3)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_an_axis_has_a_few_round_numbers_within_its_ends(low: float, size: float) -> None:
    ticks = round_numbers(low, low + size)
    assert 2 <= len(ticks) <= 13
    assert ticks == sorted(set(ticks))
    assert all(low - 1e-6 * size <= tick <= low + size * (1 + 1e-6) for tick in ticks)


@given(st.lists(st.floats(-1e6, 1e6), max_size=5), st.sampled_from([None, 0.0]))
def test_an_axis_shows_everything_and_begins_at_zero_where_nothing_is_below(
    values: list[float], zero: float | None
) -> None:
    low, high = padded(values, zero)
    assert low < high
    assert all(low <= value <= high for value in values)
    if zero is not None and all(value >= 0 for value in values):
        assert low == 0


@given(st.lists(st.floats(0, 190), min_size=1, max_size=4))
def test_end_labels_never_cover_each_other(wanted: list[float]) -> None:
    placed = apart([(at, f"{at}\nname", "ink") for at in wanted], 190)
    centres = [at for at, _, _ in placed]
    assert all(after - before >= 2 * 1.15 * 13 for before, after in pairwise(centres))


@given(st.floats(-3, 0), st.floats(0, 3))
def test_ratios_on_an_axis_lie_within_and_hold_no_change(low: float, high: float) -> None:
    ticks = ratio_ticks(low, high)
    assert 1.0 in ticks
    assert all(low - 0.05 <= math.log(tick) <= high + 0.05 for tick in ticks)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_long_words_leave_room_for_the_plot(width: int) -> None:
    long = Mark("word " * 40, 1.0, 0.5, 1.5, name="name " * 40)
    drawn = intervals([("heading " * 40, [long])], write=str, zero=0.0, width=width)
    assert float(drawn.split('viewBox="0 0 ')[1].split()[0]) == pytest.approx(width, abs=1)
    assert "…" in drawn


@given(st.floats(-1e6, 0), st.floats(1, 1e6), st.integers(40, 600))
def test_labels_below_an_axis_never_touch(low: float, high: float, width: int) -> None:
    ticks = spaced(round_numbers(low, high), (low, high), write=str, width=width, kept=0.0)
    assert 0.0 in ticks
    for left, right in pairwise(ticks):
        gap = (right - left) * width / (high - low)
        assert gap >= PLAIN * (len(str(left)) + len(str(right))) / 2
