"""Two runs whose figures look different though nothing moved: other levels, other money, other last digits."""

from __future__ import annotations

from dataclasses import replace

from goodwill.report.change_words import compared
from goodwill.report.own_money import in_own_money
from goodwill.report.run_differences import differences
from goodwill.verdicts.verdict import Figure, Verdict
from stored_verdicts import sales, verdicts, win_rate


def at_level(verdict: Verdict, level: float, *, narrower: float) -> Verdict:
    figure = verdict.headline
    if figure is None or figure.low is None or figure.high is None:
        return verdict
    return replace(
        verdict, headline=replace(figure, level=level, low=figure.low + narrower, high=figure.high - narrower)
    )


def test_another_level_of_intervals_changes_no_answer() -> None:
    page = compared(verdicts(), [at_level(v, 0.8, narrower=0.001) for v in verdicts()], labels=("run 1", "run 2"))
    assert page.intro.startswith(
        "Intervals are stated at 80% now and were at 90%. Compared with run 1, nothing changed"
    )
    assert not page.changed
    assert not page.wrong


def test_a_figure_that_is_written_as_before_did_not_move() -> None:
    was, now = (
        Verdict("conversation", "?", standing="described", figures=(Figure("s", "Share answered", v, "share"),))
        for v in (0.27512, 0.27488)
    )
    assert not compared([was], [now]).changed
    moved = replace(now, figures=(Figure("s", "Share answered", 0.281, "share"),))
    assert "Share answered from 27.5% to 28.1%" in compared([was], [moved]).rows[0].means


def test_an_interval_of_the_same_level_that_is_written_otherwise_moved() -> None:
    page = compared([win_rate()], [at_level(win_rate(), 0.9, narrower=0.01)])
    assert "The estimate is the same; its interval was" in page.rows[0].means


def test_money_of_a_former_run_keeps_its_currency_and_is_compared_with_none() -> None:
    assert sales().headline is not None
    assert sales().headline.unit == "money"  # type: ignore[union-attr]
    earlier = in_own_money([sales(), win_rate()], {"currency": "EUR"}, "USD")
    page = compared(earlier, [sales(), win_rate()], "USD")
    assert page.intro.startswith("Money is counted in USD now and was in EUR: such figures are not compared.")
    of_money, other = page.rows
    assert "EUR" in of_money.before
    assert "USD" not in of_money.before
    assert "USD" in of_money.after
    assert of_money.means == "Money is counted in USD now and was in EUR, so that the figures are not compared."
    assert other.kind == "unchanged"
    assert not page.wrong


def test_a_run_in_the_same_money_is_left_as_it_is() -> None:
    assert in_own_money([sales()], {"currency": "EUR"}, "EUR") == (sales(),)
    assert in_own_money([sales()], {}, "EUR") == (sales(),)


def test_levels_differ_as_readers_write_them() -> None:
    assert differences({"level": 0.9}, {"level": 0.8}) == ("The level of intervals was 90% and is 80%.",)
