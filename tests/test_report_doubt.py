"""Pictures for those who doubt: placebos, hidden causes, lags and matching, by worked numbers and with absurd facts."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from goodwill.report import drawing
from goodwill.report.drawing import NARROW, PLAIN, WIDE
from goodwill.report.hidden_pictures import hidden_causes, scale
from goodwill.report.panels import Picture
from goodwill.report.pictures import pictures
from goodwill.report.planes import Curve, Spot, contours
from goodwill.report.tables import table
from goodwill.verdicts.small_cells import hide_small
from goodwill.verdicts.verdict import Check, Verdict
from stored_verdicts import funnel, win_rate

Row = dict[str, Any]
NAN = float("nan")
#: What is drawn, and where in the section it stands.
PLACES = {"placebos": "checks", "match_recall": "checks", "match_calibration": "checks", "hidden_causes": "hidden",
          "lags": "answer"}  # fmt: skip
PLACEBOS = [
    *({"check": "shuffled exposure", "value": round(0.004 * (n - 10), 4)} for n in range(21)),
    {"check": "shuffled exposure", "value": 0.0611, "sample": "real"},
    *({"check": "fake dates", "value": round(0.006 * (n - 10), 4)} for n in range(21)),
]
TWINS = [
    {"factor": "engagement", "of_touch": 0.0187, "of_outcome": 0.0538, "bias": 0.0492},
    {"factor": "segment", "of_touch": 0.0025, "of_outcome": 0.0213, "bias": 0.0113},
    {"factor": "earlier touches", "of_touch": 0.0016, "of_outcome": 0.0057, "bias": 0.0047},
]
LAGS = [{"week": n, "share": 0.01 * n, "low": 0.008 * n, "high": 0.012 * n} for n in range(1, 27)]
RECALL = [
    {"venue": "linkedin", "n": 221, "share": 0.857, "low": 0.81, "high": 0.89, "precision": 0.94},
    {"venue": "x", "n": 104, "share": 0.68, "low": 0.59, "high": 0.76},
]
CALIBRATION = [
    {"predicted": 0.18, "share": 0.2, "low": 0.1, "high": 0.35, "n": 26},
    {"predicted": 0.95, "share": 0.8, "low": 0.7, "high": 0.9, "n": 120},
]
FACTS: dict[str, list[Row]] = {
    "placebos": PLACEBOS, "hidden_causes": TWINS, "lags": LAGS, "match_recall": RECALL,
    "match_calibration": CALIBRATION,
}  # fmt: skip


def with_facts(**facts: list[Row]) -> Verdict:
    return replace(win_rate(), facts=facts)


def drawn(verdict: Verdict) -> dict[str, Picture]:
    return {picture.facts: picture for picture in pictures(verdict, "EUR") if picture.facts}


def reach(svg: str) -> list[tuple[str, float, float, float]]:
    """Each text of a drawing with the left and right end of what the widest font makes of it, and its height."""
    found: list[tuple[str, float, float, float]] = []

    def walk(node: ElementTree.Element, x: float, y: float) -> None:
        moved = re.search(r"translate\(([-\d.e]+),([-\d.e]+)\)", node.get("transform", ""))
        if moved:
            x, y = x + float(moved[1]), y + float(moved[2])
        if node.tag == "text":
            parts = [line.text or "" for line in node] or [node.text or ""]
            long = PLAIN * max(len(part) for part in parts)
            begins = {"end": x - long, "middle": x - long / 2}.get(node.get("text-anchor", ""), x)
            found.append((" ".join(parts), begins, begins + long, y))
        for child in node:
            if child.tag != "tspan":
                walk(child, x, y)

    walk(ElementTree.fromstring(svg.replace(' xmlns="http://www.w3.org/2000/svg"', "")), 0.0, 0.0)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("facts", PLACES)
def test_each_picture_has_its_place_its_words_and_its_table(facts: str) -> None:
    verdict = with_facts(**{facts: FACTS[facts]})
    picture = drawn(verdict)[facts]
    assert picture.place == PLACES[facts]
    assert picture.sees.endswith(".")
    assert all(panel.told and panel.wide != panel.narrow for panel in picture.panels)
    grid = table(verdict, facts, "EUR")
    assert len(grid.rows) == len(FACTS[facts])
    assert len(set(grid.header)) == len(grid.header)
    assert facts not in drawn(with_facts(horizons=win_rate().facts["horizons"]))


@pytest.mark.slow
@pytest.mark.parametrize("facts", PLACES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_all_words_stay_inside_the_frame(facts: str, width: int) -> None:
    panel = drawn(with_facts(**{facts: FACTS[facts]}))[facts].panels[0]
    svg = panel.wide if width == WIDE else panel.narrow
    size = [float(number) for number in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]]
    assert size[0] == pytest.approx(width, abs=1)
    words = reach(svg)
    assert words
    for said, left, right, y in words:
        assert left >= -1, said
        assert right <= size[0] + 1, said
        assert 0 <= y <= size[1], said


@pytest.mark.slow
@pytest.mark.parametrize("facts", PLACES)
def test_drawings_are_what_the_language_of_charts_allows(facts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(drawing.vl_convert, "vegalite_to_svg", lambda spec: seen.append(spec) or "<svg></svg>")
    pictures(with_facts(**{facts: FACTS[facts]}), "EUR")
    for specification in seen[::2]:
        alt.LayerChart.from_dict({**specification, "datasets": {}, "config": {}})  # raises where it does not
    assert seen


def test_there_is_a_dot_for_each_placebo_and_one_line_for_the_real_answer() -> None:
    verdict = replace(
        with_facts(placebos=PLACEBOS),
        checks=(Check("shuffled exposure", "", "", True, True, {"rank": 1, "of": 22}),),
    )
    picture = drawn(verdict)["placebos"]
    assert picture.panels[0].wide.count('fill="var(--first)"') == 42
    assert picture.panels[0].wide.count('stroke="var(--second)"') == 1
    assert "The real answer, +6.1 points, is the line: number 1 of 22 in size" in picture.sees
    assert "Fake dates: 21 placebos from −6.0 points to +6.0 points, on average 0.0 points." in picture.panels[0].told
    assert [row[1] for row in table(verdict, "placebos", "EUR").rows].count("the real answer") == 1


@pytest.mark.parametrize(
    ("rows", "is_drawn"),
    [
        ([{"check": "p", "value": 0.1}], True),
        ([{"check": "p", "value": 0.0}] * 40, True),
        ([{"check": "p", "value": 1e12}, {"check": "p", "value": -1e-12}], True),
        ([{"check": "p", "value": NAN}, {"check": "p", "value": None}], False),
        ([{"check": "p", "value": NAN}, {"check": "p", "value": 0.2}], True),
        ([{"check": "p", "value": 0.2, "sample": "real"}], False),
        ([{"check": "a name without end " * 9, "value": -0.2}, {"check": "q", "value": 0.1, "sample": "real"}], True),
    ],
)
def test_absurd_placebos(rows: list[Row], is_drawn: bool) -> None:
    found = drawn(with_facts(placebos=rows))
    assert ("placebos" in found) is is_drawn
    for panel in (panel for picture in found.values() for panel in picture.panels):
        assert "NaN" not in panel.wide + panel.narrow
    assert len(table(with_facts(placebos=rows), "placebos", "EUR").rows) == len(rows)


def test_a_stack_of_placebos_that_all_agree_is_no_tower() -> None:
    panel = drawn(with_facts(placebos=[{"check": "p", "value": 0.1}] * 40))["placebos"].panels[0]
    assert float(re.findall(r'viewBox="0 0 [\d.]+ ([\d.]+)"', panel.wide)[0]) < 220


def test_lines_of_equal_bias_are_those_of_the_formula() -> None:
    """On a line of bias b, s sqrt(x y / (1 - x)) is b at every point (Cinelli and Hazlett 2020)."""
    size = scale(with_facts(hidden_causes=TWINS))
    assert size == pytest.approx(0.0492 / math.sqrt(0.0187 * 0.0538 / (1 - 0.0187)))
    svg = contours(
        [Curve("x", (0.0611 / size) ** 2, "ink", (1, 0))], [Spot("e", 0.03, 0.1)], axes=("a", "b"), width=WIDE
    )
    (path,) = re.findall(r'<path d="(M[^"]*)"[^>]*stroke="var\(--ink\)"', svg)
    corners = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]
    inner, height = 680 - 52 - 12 - 9, 300
    biases = [
        size * math.sqrt((x / inner * 0.039) * ((1 - y / height) * 0.13) / (1 - x / inner * 0.039)) for x, y in corners
    ]
    assert len(biases) == 40
    assert biases == pytest.approx([0.0611] * 40, rel=0.01)


def test_what_the_strongest_twin_takes_is_told() -> None:
    seen = drawn(with_facts(hidden_causes=TWINS))["hidden_causes"].sees
    assert "The twin of engagement, the strongest thing measured, would take 4.9 points of 6.1 points." in seen
    assert "on the dashed one the interval reaches no effect" in seen
    beyond = [{**TWINS[0], "bias": 0.09}]
    assert "would take all of 6.1 points." in drawn(with_facts(hidden_causes=beyond))["hidden_causes"].sees
    wide = replace(with_facts(hidden_causes=TWINS), headline=replace(win_rate().headline, low=-0.01))
    shown = drawn(wide)["hidden_causes"]
    assert "the interval holds no effect as it is" in shown.sees
    assert "interval" not in shown.panels[0].wide
    less = replace(
        with_facts(hidden_causes=TWINS), headline=replace(win_rate().headline, value=-0.06, low=-0.1, high=-0.02)
    )
    assert "interval</" in drawn(less)["hidden_causes"].panels[0].wide


@pytest.mark.parametrize(
    ("rows", "is_drawn"),
    [
        ([{"factor": "a", "of_touch": 0.5, "of_outcome": 1.0, "bias": 0.05}], True),
        ([{"factor": "a", "of_touch": 1e-9, "of_outcome": 1e-9, "bias": 1e-9}], True),
        ([{"factor": "a" * 90, "of_touch": 0.02, "of_outcome": 0.02, "bias": -0.05}] * 9, True),
        ([{"factor": "a", "of_touch": 0.0, "of_outcome": 0.2, "bias": 0.0}], False),
        ([{"factor": "a", "of_touch": NAN, "of_outcome": 0.2, "bias": 0.1}], False),
        ([{"factor": "a", "of_touch": 1.0, "of_outcome": 0.2, "bias": None}], False),
        ([*TWINS, {"factor": "a", "of_touch": 0.9, "of_outcome": NAN, "bias": 0.1}], True),
    ],
)
def test_absurd_twins(rows: list[Row], is_drawn: bool) -> None:
    found = drawn(with_facts(hidden_causes=rows))
    assert ("hidden_causes" in found) is is_drawn
    for panel in (panel for picture in found.values() for panel in picture.panels):
        assert "NaN" not in panel.wide + panel.narrow


@pytest.mark.parametrize("value", [None, 0.0, NAN])
def test_without_an_answer_nothing_can_be_taken_from_it(value: float | None) -> None:
    none = replace(with_facts(hidden_causes=TWINS), headline=replace(win_rate().headline, value=value))
    assert hidden_causes(none, "EUR") is None
    assert "hidden_causes" not in drawn(replace(with_facts(hidden_causes=TWINS), headline=None))


def test_lags_say_when_half_had_come_and_that_they_are_no_effect() -> None:
    picture = drawn(with_facts(lags=LAGS))["lags"]
    assert picture.sees == (
        "Of the opportunities touched, 26.0% had been won 26 weeks after their first social touch, half of these "
        "within 13 weeks; those still open count for as long as they were seen. This tells how long to wait, and no "
        "effect of the touch (grade E: raw description or self-report)."
    )
    assert table(with_facts(lags=LAGS), "lags", "EUR").header == ("week", "share won", "from", "to")


@pytest.mark.parametrize(
    ("rows", "is_drawn"),
    [
        (LAGS[:1], False),
        ([{"week": n, "share": 0.0, "low": None, "high": None} for n in (1, 2)], True),
        ([{"week": n, "share": 0.2, "low": NAN, "high": 0.4} for n in (1, 2)], True),
        ([{"week": n, "share": NAN} for n in (1, 2)], False),
        (LAGS[::-1], True),
    ],
)
def test_absurd_lags(rows: list[Row], is_drawn: bool) -> None:
    found = drawn(replace(funnel(), facts={"lags": rows}))
    assert ("lags" in found) is is_drawn
    for panel in (panel for picture in found.values() for panel in picture.panels):
        assert "NaN" not in panel.wide + panel.narrow


def test_matching_is_told_by_its_best_and_its_worst_venue() -> None:
    found = drawn(with_facts(match_recall=RECALL, match_calibration=CALIBRATION))
    assert "matching finds 85.7% on LinkedIn and 68.0% on X." in found["match_recall"].sees
    assert "1 of 2 bars hold the line" in found["match_calibration"].sees
    assert "stated 95%, true 80.0% of 120" in found["match_calibration"].panels[0].told
    assert found["match_calibration"].panels[0].wide.count(" pairs</text>") == 4, "twice each: on paper"


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", [{"predicted": NAN, "share": 0.5}, {"predicted": 0.5, "share": None}, {"predicted": 7.0, "share": 0.5}]
)
def test_absurd_matching(row: Row) -> None:
    assert "match_calibration" not in drawn(with_facts(match_calibration=[row]))
    kept = drawn(with_facts(match_calibration=[row, {**CALIBRATION[0], "low": NAN}]))["match_calibration"]
    assert "NaN" not in kept.panels[0].wide
    assert "match_recall" not in drawn(with_facts(match_recall=[{"venue": "x", "n": 3, "share": None}]))


def test_small_counts_of_people_are_hidden_with_their_shares() -> None:
    few = [*RECALL, {"venue": "mastodon", "n": 3, "share": 1 / 3, "low": 0.0, "high": 0.9}]
    hidden = hide_small(with_facts(match_recall=few, match_calibration=[{**CALIBRATION[0], "n": 4}, CALIBRATION[1]]), 5)
    assert [row["venue"] for row in hidden.facts["match_recall"]] == ["linkedin", "x"]
    assert hidden.facts["match_recall"][1]["n"] == "not shown"
    assert len(hidden.facts["match_calibration"]) == 1
    for facts in ("match_recall", "match_calibration"):
        assert "not shown" in str(table(hidden, facts, "EUR").rows)
        assert "not shown" in drawn(hidden)[facts].panels[0].wide
