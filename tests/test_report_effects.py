"""Effects in the report: every kind of fact has its picture, its words and its table, in the unit of the answer."""

from dataclasses import replace

import pytest

import stored_facts
from goodwill.report import check_words, comparisons, effect_words, terminal, words
from goodwill.report.pages import render
from goodwill.report.panels import Picture
from goodwill.report.pictures import pictures
from goodwill.report.tables import table
from goodwill.verdicts.verdict import Check, Figure, Verdict
from stored_verdicts import META, churn, funnel, sales, sales_cycle, verdicts, win_rate


def picture(verdict: Verdict, facts: str) -> Picture:
    return next(drawn for drawn in pictures(verdict, "EUR") if drawn.facts == facts)


@pytest.fixture(scope="module")
def html() -> str:
    return render(verdicts(), META, {})


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (sales(), "The opposite of what was hoped for: social touches lowered what a customer buys within 26 weeks by "
                  "1,240 EUR (90% interval −2,210 to −271 EUR; 640 customers, 222 touched)."),
        (churn(), "Social touches lowered the chance that a customer cancels within 52 weeks by 5.1 points (90% "
                  "interval −8.2 to −2.0 points; 1,902 contracts, 611 touched)."),
        (funnel(), "Social touches raised the wins per 100 eligible accounts within 26 weeks by 1.2 (90% interval 0.4 "
                   "to 2.0; 5,210 accounts, 1,210 touched)."),
        (replace(funnel(), standing="no effect found", detectable=0.015),
         "No effect found: the wins per 100 eligible accounts within 26 weeks differed by +1.2 (90% interval 0.4 to "
         "2.0; 5,210 accounts, 1,210 touched). The smallest effect we could have found: 1.5."),
        (replace(sales(), unit="opportunity", standing="supported", facts={}),
         "Social touches lowered what an opportunity brings in by 1,240 EUR"),
        (replace(sales(), headline=Figure("e", "e", 1.2, "ratio"), standing="supported", facts={},
                 treatment="an event"),
         "An event raised what a customer buys to 1.20 times what it would have been"),
    ],
    ids=["sales", "churn", "funnel", "funnel without effect", "opportunity", "ratio"],
)  # fmt: skip
def test_sentences(verdict: Verdict, said: str) -> None:
    assert words.sentence(verdict, "EUR").startswith(said)


def test_money_is_told_in_the_currency_of_the_workspace() -> None:
    told = replace(sales(), standing="no effect found", detectable=900.0)
    assert "USD" in words.brief(sales(), "USD")
    assert words.brief(told, "USD") == "The smallest effect we could have found: 900 USD"
    assert "EUR" not in terminal.as_json((sales(), told), "USD")


def test_the_horizon_of_the_headline_wins_over_the_end_of_the_curves() -> None:
    verdict = win_rate()
    assert effect_words.horizon_weeks(verdict) == 26
    longer = {**verdict.facts, "curves": stored_facts.curves(weeks=52)}
    assert effect_words.horizon_weeks(replace(verdict, facts=longer)) == 26
    assert effect_words.horizon_weeks(replace(verdict, facts={"curves": longer["curves"]})) == 52
    assert effect_words.horizon_weeks(replace(verdict, facts={})) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verdict", "facts", "sees"),
    [
        (win_rate(), "curves", "By week 26, 41.0% of the touched and 34.9% of the never touched opportunities had been "
                               "won; bands show the interval."),
        (churn(), "curves", "By week 52, 13.1% of the touched and 18.2% of the never touched contracts had been "
                            "cancelled; bands show the interval."),
        (replace(churn(), unit="customer"), "curves", "of the never touched customers had cancelled;"),
        (funnel(), "curves", "By week 26, 10.2% of the touched and 7.1% of the never touched accounts had an "
                             "opportunity; bands show the interval."),
        (win_rate(), "ends", "What had become of the opportunities by week 26: of the touched, 41.0% won, 19.0% still "
                             "open and 40.0% lost; of the never touched, 34.9% won, 25.1% still open and 40.0% lost."),
        (churn(), "ends", "of the touched, 13.1% cancelled, 76.9% still open and 10.0% ended otherwise;"),
        (win_rate(), "horizons", "The effect by how long one waits: +1.8 points at 4 weeks and +6.1 points at 26 "
                                 "weeks;"),
        (sales(), "subgroups", "The effect in each group apart (prospects and existing customers);"),
        (win_rate(), "balance", "7 of 9 differed by 0.10 standard deviations or more before weighting (hollow), 0 "
                                "after"),
        (win_rate(), "sensitivity", "most by engagement, +3.8 points."),
        (sales(), "silent", "with 20% recorded it would be −1,923 EUR."),
        (funnel(), "stages", "The share of all eligible accounts that reaches each stage; the last, customer, is "
                             "reached by 3.3% of the touched and 2.1% of the never touched."),
        (funnel(), "transitions", 'the step "to engaged" moves most, 1.50 times; the steps multiplied give the total, '
                                  "1.56 times."),
        (funnel(), "stuck", "longest in opportunity, where half have left after 96.0 days; in qualified lead more than "
                            "half are still there."),
    ],
)  # fmt: skip
def test_captions_say_what_to_see(verdict: Verdict, facts: str, sees: str) -> None:
    assert sees in picture(verdict, facts).sees


def test_a_product_that_is_not_the_total_is_not_called_so() -> None:
    rows = [*stored_facts.transitions()[:-1], {"step": "total", "ratio": 2.0, "low": 1.0, "high": 4.0}]
    told = picture(replace(funnel(), facts={"transitions": rows}), "transitions").sees
    assert "the steps multiplied give 1.56 times, the total is 2.00 times." in told


def test_tables_have_their_own_words_and_units() -> None:
    header = table(funnel(), "stages", "EUR").header
    assert header == ("stage", "of whom", "of all", "from", "to", "of the stage before")
    assert table(funnel(), "stages", "EUR").rows[6] == (
        "lead", "touched", "31.0%", "27.9%", "34.1%", "49.2%"
    )  # fmt: skip
    assert table(funnel(), "stuck", "EUR").rows[2] == (
        "qualified lead", "1,204", "more than half are still there", "210.0 days", "", "733"
    )  # fmt: skip
    assert table(sales(), "subgroups", "USD").rows[0] == (
        "prospects", "−1,800 USD", "−3,000 USD", "−600 USD", "502"
    )  # fmt: skip
    assert table(churn(), "curves", "EUR").caption == "Churn: share cancelled by week"
    assert table(win_rate(), "sensitivity", "EUR").rows[0] == ("engagement", "+9.9 points", "+3.8 points")


def test_the_name_of_an_owner_stands_nowhere(html: str) -> None:
    assert [row for row in win_rate().facts["balance"] if "Jane Roe" in str(row)]
    assert "Jane" not in html
    assert "Mustermann" not in html
    assert table(win_rate(), "balance", "EUR").rows[5][:2] == ("owner", "0.14")


def test_pictures_tables_and_sentences_agree_to_the_digit(html: str) -> None:
    for said in ("+6.1 points", "−1,240 EUR", "−5.1 points", "+1.2 points"):
        assert said in html
    last = table(win_rate(), "horizons", "EUR").rows[2]
    assert last[:3] == ("26", "all", "+6.1 points")
    assert ">+6.1</text>" in picture(win_rate(), "horizons").panels[0].wide
    plain = terminal.plain_scorecard(verdicts(), META)
    for verdict in verdicts():
        for told in (words.sentence(verdict), comparisons.readings(verdict), comparisons.groups(verdict)):
            assert told in plain


def test_results_of_checks_are_told_in_the_unit_of_the_answer(html: str) -> None:
    assert "+0.0023" not in html
    assert "The 100 placebos average +0.2 points, where up to 1.6 points either way is chance" in html
    figures = {"value": -3.2, "se": 1.5, "p": 0.0004, "detectable": 4.4}
    assert check_words.came_out(Check("earlier orders", "", "-3.2", True, True, figures), "days") == (
        "it comes to −3.2 days (standard error 1.5 days, p below 0.001), where 4.4 days could have been found"
    )
    odds = Check("future exposure", "", "log-odds", True, True, {"log_odds": 0.0, "p": 0.5})
    assert check_words.came_out(odds, "points") == (
        "the ratio of odds is 1.00, where 1.00 would be no difference (p = 0.500)"
    )
    spread = Check("fake dates", "", "", True, True, {"mean": 12.0, "spread": 310.0})
    assert check_words.came_out(spread, "money", "USD") == "the placebos average +12.00 USD and spread by 310 USD"
    plain = Check("split", "", "48.0% of 1,000 were assigned (p = 0.220) on 2024-01-05.", True)
    assert check_words.came_out(plain, "points") == "48.0% of 1,000 were assigned (p = 0.220) on 2024-01-05"
    idle = Check("lag", "", "could not run: only +0.05", None, True, {"mean": 1.0, "spread": 1.0})
    assert check_words.came_out(idle, "points") == "could not run: only +0.05"


def test_a_doubt_that_quotes_a_check_is_told_in_the_unit_of_the_answer() -> None:
    failed = replace(win_rate().checks[0], survived=False)
    missing = f'the answer did not survive "{failed.name}": {failed.result}'
    told = words.sentence(replace(win_rate(), standing="cannot tell", missing=missing, checks=(failed,)))
    assert "0.0023" not in told
    assert "the 100 placebos average +0.2 points" in told


def test_both_readings_of_a_touch_and_their_meaning_once(html: str) -> None:
    assert "As if those not touched had stayed untouched (per protocol): +6.1 points (90% interval 1.2 to 11.0" in html
    assert html.count(comparisons.READINGS_MEAN) == 1
    assert comparisons.READINGS_MEAN not in render((sales_cycle(),), META, {})


def test_groups_apart_are_compared_by_their_intervals() -> None:
    assert comparisons.groups(win_rate()).endswith("The intervals overlap: whether the groups differ stays open.")
    apart_rows = stored_facts.subgroups("points", 0.075, 0.01)
    told = comparisons.groups(replace(win_rate(), facts={"subgroups": apart_rows}))
    assert told.endswith("prospects and existing customers do not overlap: the answer is not the same for both.")
    odd = [{**row, "group": f"region {place}"} for place, row in enumerate(apart_rows)]
    assert comparisons.groups_title(replace(win_rate(), facts={"subgroups": odd})) == "By group"
    assert comparisons.groups(sales_cycle()) == ""


def test_hidden_causes_are_told_the_plainest_first() -> None:
    told = words.hidden_cause(win_rate())
    assert told[0] == (
        "Something unmeasured 1.6 times as strong as the strongest thing we measured (engagement) would be enough to "
        "bring the answer to zero."
    )
    assert told[1] == "To let the interval reach zero, 0.3 times as strong would be enough."
    assert "(the E-value)" in told[2]
    assert told[-1].endswith("the answer lies between +0.8 points and +17.0 points.")
    robust = words.hidden_cause(sales())
    assert "explains 13.9% of what is left" in robust[0]
    assert robust[1:] == ("The interval holds no effect as it is: its robustness value is 0.", "Draws kept: 0.98.")
    unknown = replace(win_rate(), sensitivity={"tipping": None, "e_value_of_limit": 1.0}, facts={})
    assert words.hidden_cause(unknown) == ("The interval holds no effect as it is: the E-value of its limit is 1.",)


def horizon(value: float | None) -> list[dict[str, object]]:
    return [{"group": "all", "horizon_weeks": 4, "value": value, "low": value, "high": value, "unit": "days"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("facts", "drawn"),
    [
        ({"curves": [{"week": 1, "arm": "touched", "share": 0.0}]}, 1),
        ({"curves": [{"week": 0, "arm": "touched", "share": 0.1}]}, 0),
        ({"ends": [{"week": week, "arm": "a", "won": 0.0, "open": 1.0} for week in (1, 2)]}, 1),
        ({"horizons": horizon(None)}, 0),
        ({"horizons": horizon(0.0)}, 1),
        ({"subgroups": [{"group": "g" * 90, "value": 1.0, "low": None, "high": None, "unit": "ratio", "n": None}]}, 1),
        ({"balance": [{"covariate": "size", "before": 0.0, "after": 0.0}]}, 1),
        ({"stages": [{"stage": "lead", "place": 1, "arm": "touched", "share": None}]}, 0),
        ({"transitions": [{"step": "total", "ratio": 0.0, "low": None, "high": None}]}, 1),
        ({"transitions": [{"step": "to lead", "ratio": 90.0, "low": 0.0, "high": 9e9}]}, 1),
        ({"stuck": [{"stage": "lead", "place": 1, "n": 3, "median_days": None}]}, 1),
        ({"sensitivity": [{"factor": "size", "value_without": None}]}, 0),
        ({"silent": [{"sensitivity": 0.2, "low": -0.1, "value": None, "high": 0.4}]}, 1),
    ],
)
def test_scant_facts_are_drawn_as_far_as_they_go(facts: dict[str, list[dict[str, object]]], drawn: int) -> None:
    scant = replace(funnel(), facts=facts)
    shown = pictures(scant, "EUR")
    assert len([picture for picture in shown if picture.facts]) == drawn
    assert "NaN" not in "".join(panel.wide + panel.narrow for picture in shown for panel in picture.panels)
    render((scant,), META, {})


def test_an_open_interval_ends_in_an_arrow_and_one_that_nobody_left_in_words() -> None:
    drawn = picture(funnel(), "stuck").panels[0]
    assert "more than half are still there</text>" in drawn.wide
    assert drawn.wide.count('Z"') == 1
    closed = replace(funnel(), facts={"stuck": [{**row, "high_days": 120.0} for row in funnel().facts["stuck"]]})
    assert 'Z"' not in picture(closed, "stuck").panels[0].wide
