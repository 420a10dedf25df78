"""Cost against value: worked numbers of what would be lost without a venue, of the payback, and their pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.report import drawing, theme, value_words
from goodwill.report.charts import Line
from goodwill.report.drawing import NARROW
from goodwill.report.figure_files import figure_files
from goodwill.report.marked_lines import Goal, Mark, Plot, marked_lines
from goodwill.report.pages import draw, render
from goodwill.report.pictures import pictures
from goodwill.report.table_files import table_files
from goodwill.report.tables import table
from goodwill.report.value_pictures import cost_and_value
from goodwill.report.venue_values import NO_MARGIN, Worth, passed, payback, stage_costs, venue_values, worth_of
from goodwill.verdicts.small_cells import hide_small
from goodwill.verdicts.verdict import Evidence, Figure, Verdict
from stored_verdicts import META

MONTHS = [
    {"month": "2024-01", "cost": 1000.0, "first_deals": 10, "due_deals": 0},
    {"month": "2024-02", "cost": 1000.0, "first_deals": 20, "due_deals": 0},
    {"month": "2024-03", "cost": 1000.0, "first_deals": 0, "due_deals": 10},
    {"month": "2024-04", "cost": 1000.0, "first_deals": 0, "due_deals": 20},
]


def cost(margin: float | None = 0.5, **more: list[dict[str, Any]]) -> Verdict:
    """Two venues that overlap, one without deals, and what no venue is named for."""
    costs = {"linkedin": 2000.0, "x": 900.0, "shared": 100.0, "mastodon": 1000.0}
    valued = {"first": "2024-01", "deals_since": "2024-01", "unit": "opportunity", "horizon_weeks": 8}
    facts = {
        "by_venue": [{"venue": name, "labour": total, "total": total} for name, total in costs.items()],
        "venue_deals": [
            {"venue": "linkedin", "all_deals": 25, "alone_deals": 12, "all_wins": 9, "alone_wins": 6},
            {"venue": "x", "all_deals": 18, "alone_deals": 0, "all_wins": 6, "alone_wins": 0},
        ],
        "cost_by_month": MONTHS,
        "cost_by_stage": [
            {"stage": "touched while open", "place": 0, "deals": 30},
            {"stage": "proposal", "place": 1, "deals": 20},
            {"stage": "won", "place": None, "deals": 10},
        ],
        "valued": [valued if margin is None else {**valued, "gross_margin": margin}],
        **more,
    }
    return Verdict("cost", "What does each venue cost?", unit="venue", n=4, standing="described", facts=facts)


def sales(standing: Any = "supported", low: float = 100.0, model: str = "deal_weeks") -> Verdict:
    """200 of sales per opportunity first touched, between ``low`` and 300."""
    rows = Evidence(model, "SELECT 1")
    headline = Figure("effect", "difference in value won", 200.0, "money", 300, low, 300.0, evidence=rows)
    return Verdict(
        "sales", "Does social raise sales?", unit="opportunity", headline=headline, n=300, n_exposed=90, grade="C",
        standing=standing, missing="" if standing != "cannot tell" else "too little is sold",
    )  # fmt: skip


def worth(margin: float = 0.5, **of_sales: Any) -> Worth:
    found = worth_of((sales(**of_sales), cost(margin)))
    assert isinstance(found, Worth)
    return found


def test_what_would_be_lost_lies_between_the_deals_touched_alone_and_all() -> None:
    linkedin, x = venue_values(cost(), worth())
    # 200 a deal, half of it kept: 100, from 50 to 150; 12 alone, 25 in all
    assert (linkedin.least, linkedin.most, linkedin.low, linkedin.high) == (1200.0, 2500.0, 600.0, 3750.0)
    assert (x.cost, x.least, x.most, x.low, x.high) == (900.0, 0.0, 1800.0, 0.0, 2700.0)


@pytest.mark.slow
def test_without_a_margin_the_cost_stands_alone_because_sales_are_no_gain() -> None:
    assert worth_of((sales(), cost(None))) == NO_MARGIN
    ((picture, _),) = cost_and_value((sales(), cost(None)), "EUR").shown
    assert picture.panels[0].heading == "Full cost by venue"
    assert "never revenue" in picture.sees
    assert value_words.SET_MARGIN in picture.sees
    told = render((sales(), cost(None)), META, {})
    assert value_words.SET_MARGIN in told
    assert "would be lost without it" not in told
    assert "Payback" not in told
    kept = render((sales(), cost(0.5)), META, {})
    assert "gross margin that would be lost" in kept
    assert value_words.SET_MARGIN not in kept


@given(
    st.integers(0, 500),
    st.integers(0, 500),
    st.floats(-1e4, 1e4),
    st.floats(0, 1e4),
    st.floats(0.01, 0.99),
)
def test_the_interval_holds_what_overlap_leaves_open_and_scales(
    alone: int, others: int, value: float, reach: float, margin: float
) -> None:
    counts = [{"venue": "x", "all_deals": alone + others, "alone_deals": alone, "all_wins": 0, "alone_wins": 0}]
    verdict = cost(margin, venue_deals=counts)
    known = replace(worth(margin), value=value, low=value - reach, high=value + reach)
    (row,) = venue_values(verdict, known)
    assert row.low <= row.least <= row.most <= row.high
    (twice,) = venue_values(verdict, replace(known, value=2 * value, low=2 * known.low, high=2 * known.high))
    assert twice.high - twice.low == pytest.approx(2 * (row.high - row.low))


@pytest.mark.slow
def test_a_count_too_small_to_be_shown_counts_as_none_alone_and_leaves_a_venue_out_in_all() -> None:
    counts = [
        {"venue": venue, "all_deals": every, "alone_deals": alone}
        for venue, every, alone in (("linkedin", 25, 2), ("x", 3, 0), ("mastodon", 14, 3))
    ]
    hidden = hide_small(cost(venue_deals=counts), 5)
    rows = venue_values(hidden, worth())
    assert [(row.venue, row.alone, row.least) for row in rows] == [
        ("linkedin", None, 0.0)
    ]  # the next goes with one hidden
    assert "too few to show" in render((sales(), hidden), META, {})


def test_the_value_counts_a_horizon_later_and_the_payback_says_which_part_of_the_band_has_passed() -> None:
    rows = payback(cost(), worth())
    assert [row.cost for row in rows] == [1000.0, 2000.0, 3000.0, 4000.0]
    assert [(row.value, row.low, row.high) for row in rows][1:] == [(0, 0, 0), (1000, 500, 1500), (3000, 1500, 4500)]
    assert [passed(rows, end) for end in ("low", "value", "high")] == ["", "", "2024-04"]
    assert "at the high end of the interval it has, since 2024-04" in value_words.payback(rows, worth())
    dear = payback(cost(1.0), worth(1.0))
    assert [passed(dear, end) for end in ("low", "value", "high")] == ["", "2024-04", "2024-03"]
    cheap = payback(cost(cost_by_month=[{**row, "cost": 100.0} for row in MONTHS]), worth())
    assert "since 2024-03, whichever end" in value_words.payback(cheap, worth())
    never = payback(cost(), replace(worth(), value=1.0, low=0.5, high=2.0))
    assert "has not passed what social cost, whichever end" in value_words.payback(never, worth())


def test_a_cost_that_overtakes_the_value_again_is_not_paid_back() -> None:
    rows = payback(cost(cost_by_month=[*MONTHS, {**MONTHS[0], "month": "2024-05", "cost": 9000.0}]), worth(1.0))
    assert passed(rows, "value") == ""


@pytest.mark.slow
@pytest.mark.parametrize("standing", ["cannot tell", "no effect found"])
def test_what_is_not_established_is_hollow_dashed_and_called_an_if(standing: str) -> None:
    values = cost_and_value((sales(standing), cost()), "EUR")
    venues, back = (picture for picture, _ in values.shown)
    assert "Not established" in venues.sees
    assert "is no claim" in venues.sees
    assert all("(not established)" in picture.panels[0].heading for picture in (venues, back))
    assert back.sees.startswith("If the answer on sales held")
    assert "not established" in back.panels[0].told
    assert 'stroke-dasharray="4,3"' in venues.panels[0].wide
    bars = [part for part in venues.panels[0].wide.split("<path") if 'stroke="var(--first)"' in part]
    assert any('fill="var(--paper)"' in part for part in bars)


def test_what_is_established_is_filled_and_no_if() -> None:
    venues, back = (picture for picture, _ in cost_and_value((sales(), cost()), "EUR").shown)
    assert 'stroke-dasharray="4,3"' not in venues.panels[0].wide
    assert "established" not in venues.sees + back.sees + venues.panels[0].heading


@pytest.mark.parametrize(
    ("verdicts", "why"),
    [
        ((cost(),), "whether social raises sales was not asked"),
        ((replace(sales(), headline=None), cost()), "whether social raises sales cannot be told"),
        ((sales(model="deal_history"), cost()), "the answer on sales is not one per deal that was touched"),
        ((sales(), cost(venue_deals=[])), "no venue is known to have touched a deal"),
        ((sales(), cost(venue_deals=[{"venue": "x", "all_deals": "< 5", "alone_deals": 0}])), "too few deals"),
    ],
)
def test_without_a_value_the_cost_stands_alone_and_the_reason_is_told(verdicts: tuple[Verdict, ...], why: str) -> None:
    values = cost_and_value(verdicts, "EUR")
    ((picture, grid),) = values.shown
    assert f"Only the cost is shown, because {why}" in picture.sees
    assert picture.panels[0].heading == "Full cost by venue"
    assert [row[0] for row in grid.rows] == ["LinkedIn", "X", "Shared", "Mastodon"]


def test_without_a_cost_nothing_is_drawn() -> None:
    assert cost_and_value((sales(),), "EUR").shown == ()
    assert cost_and_value((sales(), Verdict("cost", "?", missing="no hours")), "EUR").shown == ()


def test_page_one_has_the_pictures_with_text_alternatives_and_tables() -> None:
    part = render((sales(), cost()), META, {}).split('<h2 id="cost">')[1].split("</section>")[0]
    assert "LinkedIn: cost 2,000 EUR, lost if dropped 1,200 to 2,500 EUR, with the interval 600 to 3,750 EUR" in part
    assert part.count('role="img"') == 4  # two pictures, each for wide pages and for phones
    assert part.count("The numbers behind this picture") == 2
    assert '<th scope="row">LinkedIn</th><td class="num">2,000 EUR</td><td class="num">25</td>' in part
    assert "must not be added up" in part
    assert "1,100 EUR of the cost belong to no venue shown" in part


def test_each_that_got_so_far_cost_the_whole_divided_by_their_number() -> None:
    assert [(row["stage"], row["each"]) for row in stage_costs(cost())] == [
        ("touched while open", pytest.approx(4000 / 30)), ("proposal", 200.0), ("won", 400.0)
    ]  # fmt: skip
    drawn = next(picture for picture in pictures(cost(), "EUR") if picture.facts == "cost_by_stage")
    assert "Won (10): 400 EUR" in drawn.panels[0].told
    assert table(cost(), "cost_by_stage", "EUR").rows[2] == ("won", "10", "400 EUR")
    few = hide_small(
        cost(cost_by_stage=[*cost().facts["cost_by_stage"][:2], {"stage": "won", "place": None, "deals": 3}]), 5
    )
    assert "cost_by_stage" not in [picture.facts for picture in pictures(few, "EUR")]


@pytest.mark.slow
def test_drawings_are_what_the_language_of_charts_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, Any]] = []
    monkeypatch.setattr(drawing.vl_convert, "vegalite_to_svg", lambda spec: drawn.append(spec) or "<svg></svg>")
    cost_and_value((sales(low=-100.0), cost()), "EUR")
    line = Line("9\nposts", ((0.0, 4.0, None, None), (9.0, 9.0, None, None)))
    marked_lines(Plot((line,), ((0.0, "a"),), (Mark(2.0, "Fair"), Mark(8.0, "Show")), Goal(7.0, "goal 7")),
                 write=str, width=NARROW)  # fmt: skip
    assert len(drawn) == 5
    for specification in drawn:
        alt.LayerChart.from_dict({**specification, "datasets": {}, "config": {}})


def test_a_value_below_zero_lies_below_the_line_of_zero() -> None:
    found = cost_and_value((sales(low=-500.0), cost()), "EUR").shown
    assert [("−" in picture.panels[0].wide) for picture, _ in found] == [True, True]
    assert {colour for colour in theme.SENTINEL.values() if colour in found[0][0].panels[0].wide} == set()


@pytest.mark.slow
def test_files_beside_the_report_have_the_pictures_and_their_unrounded_numbers() -> None:
    drawn = draw((sales(), cost()), "EUR")
    files = figure_files(drawn, META) | table_files(drawn, META)
    assert {name for name in files if (name.startswith("all-") and "value" in name) or "payback" in name} == {
        "all-cost-against-value.svg", "all-cost-against-value.csv", "all-payback.svg", "all-payback.csv"
    }  # fmt: skip
    lines = files["all-cost-against-value.csv"].splitlines()
    assert lines[0].lstrip("\ufeff") == "venue,cost,every,alone,least,most,low,high"
    assert lines[1].startswith("linkedin,2000")
    assert "Cost against value" in files["all-cost-against-value.svg"]
    alone = figure_files(draw((cost(),), "EUR"), META)
    assert not any("value" in name for name in alone)
