"""What changed between two runs, and which earlier statements proved wrong: every rule, on invented verdicts."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from goodwill.verdicts.changes import Change, Refuted, can_compare, changes, proved_wrong
from goodwill.verdicts.verdict import Figure, Standing, Verdict


def said(
    standing: Standing, value: float | None = None, low: float | None = None, high: float | None = None, **more: object
) -> Verdict:
    """A verdict on the win rate with this standing and headline, in points unless ``unit`` says otherwise."""
    figure = Figure("effect", "Effect", value, str(more.pop("unit", "points")), low=low, high=high, p=0.01)
    verdict = Verdict("win_rate", "Does it?", unit="opportunity", headline=figure, standing=standing, grade="C")
    return replace(verdict, **more)  # type: ignore[arg-type]


UP = said("supported", 0.06, 0.01, 0.11)
DOWN = said("contradicted", -0.05, -0.09, -0.01)
NOTHING = said("no effect found", 0.01, -0.03, 0.05, detectable=0.04)
UNTOLD = replace(said("cannot tell"), headline=None, missing="too few deals")


def change(before: Verdict, now: Verdict) -> Change:
    (found,) = changes([before], [now])
    return found


def refuted(now: Verdict, *former: Verdict) -> list[tuple[str, str]]:
    """The runs that said what is refuted by now, and why; the runs are numbered from 1."""
    named = [(f"run {n}", [verdict]) for n, verdict in enumerate(former, start=1)]
    return [(found.label, found.reason) for found in proved_wrong(named, [now])]


# --- what changed -----------------------------------------------------------------------------------------------------


def test_new_and_no_longer_asked_in_the_order_of_now() -> None:
    a, b, c = (Verdict(name, "?") for name in "abc")
    found = changes([a, b], [c, b])
    assert [(f.question, f.kind) for f in found] == [("c", "new"), ("b", "unchanged"), ("a", "no longer asked")]
    assert (found[0].before, found[0].now, found[2].before, found[2].now) == (None, c, a, None)


def test_the_same_is_unchanged_to_rounding() -> None:
    assert change(UP, UP).kind == "unchanged"
    assert change(UP, said("supported", 0.06 * (1 + 1e-10), 0.01, 0.11)).kind == "unchanged"
    assert change(UP, said("supported", 0.06 * (1 + 1e-6), 0.01, 0.11)).kind == "moved"


@pytest.mark.parametrize(("value", "is_inside"), [(0.02, True), (0.11, True), (0.12, False), (-0.01, False)])
def test_a_headline_that_moved_says_by_how_much_and_whether_it_left_its_interval(value: float, is_inside: bool) -> None:
    found = change(UP, said("supported", value, value - 0.01, value + 0.01))
    assert found.kind == "moved"
    (moved,) = found.figures
    assert moved.by == pytest.approx(value - 0.06)
    assert moved.is_inside is is_inside


def test_an_interval_that_moved_alone_is_told() -> None:
    found = change(UP, said("supported", 0.06, 0.02, 0.10))
    assert (found.kind, found.figures[0].by, found.figures[0].is_inside) == ("moved", 0.0, True)


def test_without_an_interval_nothing_lies_inside_it() -> None:
    found = change(said("described", 3.0, unit="count"), said("described", 4.0, unit="count"))
    assert (found.kind, found.figures[0].by, found.figures[0].is_inside) == ("moved", 1.0, None)


@pytest.mark.parametrize("now", [DOWN, NOTHING, UNTOLD, replace(UP, grade="B")])
def test_another_standing_or_grade(now: Verdict) -> None:
    assert change(UP, now).kind == "standing changed"


def test_a_standing_that_changed_still_says_how_far_the_estimate_moved() -> None:
    assert change(UP, NOTHING).figures[0].by == pytest.approx(-0.05)
    assert change(UP, UNTOLD).figures == ()


def test_an_estimate_that_comes_or_goes_is_a_move() -> None:
    with_estimate = said("cannot tell", 0.05, -0.02, 0.12)
    assert change(UNTOLD, with_estimate).kind == change(with_estimate, UNTOLD).kind == "moved"


def test_described_figures_are_compared_where_there_is_no_headline() -> None:
    hours, posts, more = (Figure(name, name, 4.0, "hours") for name in ("hours", "posts", "more"))
    before = Verdict("cost", "?", standing="described", figures=(hours, posts))
    assert change(before, before).kind == "unchanged"
    found = change(before, replace(before, figures=(replace(hours, value=6.0), posts)))
    assert found.kind == "moved"
    assert [(m.now.name, m.by) for m in found.figures] == [("hours", 2.0)]
    grown = change(before, replace(before, figures=(hours, posts, more)))
    assert (grown.kind, grown.figures) == ("moved", ())


def test_other_figures_do_not_matter_where_there_is_a_headline() -> None:
    extra = Figure("won", "Won", 0.4, "share")
    assert change(replace(UP, figures=(extra,)), replace(UP, figures=(replace(extra, value=0.5),))).kind == "unchanged"


OTHER_MEASURES = (
    said("supported", 0.06, 0.01, 0.11, unit="money"),
    replace(UP, unit="lead"),
    replace(UP, treatment="an invitation"),
    replace(UP, comparison="no invitation"),
    replace(UP, hoped=-1),
    replace(UP, headline=replace(UP.headline, name="ratio")),  # type: ignore[type-var]
    replace(UP, facts={"curves": [{"week": 52}]}),
)


@pytest.mark.parametrize("other", OTHER_MEASURES)
def test_what_measures_something_else_is_not_compared(other: Verdict) -> None:
    assert can_compare(UP, UP)
    assert not can_compare(UP, other)
    found = change(UP, other)
    assert (found.kind, found.is_comparable, found.figures) == ("moved", False, ())


# --- what proved wrong ------------------------------------------------------------------------------------------------


def test_the_opposite_is_claimed() -> None:
    assert refuted(DOWN, UP) == [("run 1", "opposite")]
    assert refuted(UP, DOWN) == [("run 1", "opposite")]


def test_the_sign_of_a_ratio_turns_at_one() -> None:
    less, more = said("contradicted", 0.8, 0.7, 0.9, unit="ratio"), said("supported", 1.3, 1.1, 1.5, unit="ratio")
    assert refuted(more, less) == [("run 1", "opposite")]
    assert refuted(said("supported", 1.2, 1.05, 1.4, unit="ratio"), more) == []


@pytest.mark.parametrize(
    ("low", "high", "reasons"),
    [(0.12, 0.20, ["apart"]), (0.11, 0.20, []), (0.001, 0.009, ["apart"]), (None, None, [])],
)
def test_intervals_with_no_value_in_common(low: float | None, high: float | None, reasons: list[str]) -> None:
    now = said("supported", 0.15 if low != 0.001 else 0.005, low, high)
    assert [reason for _, reason in refuted(now, UP)] == reasons


def test_intervals_of_two_levels_refute_nothing() -> None:
    small = said("supported", 0.005, 0.001, 0.009)
    figure = small.headline
    assert figure is not None
    assert refuted(UP, small) == [("run 1", "apart")]
    assert refuted(UP, replace(small, headline=replace(figure, level=0.5))) == []


def test_no_effect_now_and_the_interval_leaves_the_claim_out() -> None:
    assert refuted(NOTHING, UP) == [("run 1", "excluded")]
    assert refuted(said("no effect found", 0.02, -0.04, 0.08), UP) == []
    assert refuted(said("no effect found", 0.02), UP) == []


def test_an_effect_that_was_said_not_to_be_there() -> None:
    assert refuted(UP, NOTHING) == [("run 1", "missed")]
    assert refuted(said("supported", 0.03, 0.01, 0.05), NOTHING) == []
    assert refuted(DOWN, NOTHING) == [("run 1", "missed")]
    assert refuted(UP, replace(NOTHING, detectable=None)) == []


def test_what_was_claimed_and_cannot_be_told_is_withdrawn_and_not_wrong() -> None:
    (found,) = proved_wrong([("run 1", [UP])], [UNTOLD])
    assert (found.reason, found.is_wrong) == ("withdrawn", False)
    assert refuted(UNTOLD, NOTHING, replace(UP, standing="described")) == []


def test_what_still_stands_is_not_told() -> None:
    assert refuted(UP, UP, said("supported", 0.09, 0.05, 0.13), UNTOLD) == []
    assert refuted(NOTHING, NOTHING, UNTOLD) == []
    assert proved_wrong([("run 1", [UP])], []) == ()
    assert proved_wrong([], [UP]) == ()


@pytest.mark.parametrize("other", OTHER_MEASURES)
def test_another_measure_refutes_nothing(other: Verdict) -> None:
    headline = replace(other.headline, value=-5.0, low=-6.0, high=-4.0)  # type: ignore[type-var]
    assert refuted(replace(other, headline=headline, standing="contradicted"), UP) == []


def test_each_statement_once_as_the_latest_run_said_it() -> None:
    assert refuted(DOWN, UP, UP, NOTHING, UP) == [("run 3", "missed"), ("run 4", "opposite")]
    assert refuted(UNTOLD, UP, DOWN, UP) == [("run 2", "withdrawn"), ("run 3", "withdrawn")]


def test_a_size_that_was_put_right_later_is_still_told() -> None:
    too_large = said("supported", 0.20, 0.15, 0.25)
    assert refuted(UP, too_large, UP, UP) == [("run 1", "apart")]


def test_questions_are_kept_apart() -> None:
    others = [replace(v, question="churn") for v in (DOWN, UP)]
    found: Sequence[Refuted] = proved_wrong([("run 1", [UP, others[0]])], [UP, others[1]])
    assert [(f.now.question, f.reason) for f in found] == [("churn", "opposite")]
