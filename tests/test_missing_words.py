"""Why an estimate that is there carries no claim, in the words of the rules by which it was judged."""

from __future__ import annotations

from dataclasses import replace

from goodwill.report import captions, words
from goodwill.report.missing_words import missing
from goodwill.verdicts.judge import judge
from goodwill.verdicts.verdict import Check, Figure, Verdict

SURVIVED = (Check("fake dates", "tried", "nothing found", survived=True),)


def asked(question: str, p: float, *, low: float = 0.010, high: float = 0.106) -> Verdict:
    effect = Figure("effect", "Difference", (low + high) / 2, "points", low=low, high=high, p=p)
    return Verdict(question, "?", unit="opportunity", headline=effect, n=1191, checks=SURVIVED, grade="C", matters=0.05)


def test_one_of_many_that_leaves_out_no_effect_says_that_many_were_asked() -> None:
    many = [
        asked("win_rate", 0.047),
        asked("churn", 0.6, low=-0.03, high=0.05),
        asked("sales", 0.7, low=-0.1, high=0.1),
    ]
    verdict = judge(many)[0]
    assert verdict.standing == "cannot tell"
    told = words.sentence(verdict)
    assert "it points to +5.8 points, but several questions were asked at once" in told
    assert "not sure enough (q = 0.14, where 0.05 or less is asked for)" in told
    assert "an effect that matters (5.0 points or more) could have been missed with 1,191 opportunities" in told
    assert words.brief(verdict) in told
    assert words.unknown(verdict)[0][1].startswith("It points to +5.8 points")


def test_an_interval_that_holds_no_effect_points_nowhere() -> None:
    verdict = judge([asked("win_rate", 0.3, low=-0.02, high=0.12)])[0]
    assert missing(verdict).startswith("an effect that matters (5.0 points or more) could have been missed")


def test_one_question_alone_is_not_laid_at_the_door_of_many() -> None:
    told = missing(judge([asked("win_rate", 0.08)])[0])
    assert "several questions" not in told
    assert "chance alone shows as much more often than once in twenty times (p = 0.080)" in told


def test_what_the_interval_still_holds_is_named_too() -> None:
    verdict = judge([replace(asked("win_rate", 0.3, low=-0.01, high=0.055), detectable=0.04)])[0]
    assert missing(verdict) == "the interval still holds an effect that matters (5.0 points or more)"


def test_another_reason_is_left_as_it_is() -> None:
    failed = replace(asked("win_rate", 0.001), checks=(replace(SURVIVED[0], survived=False),))
    assert missing(judge([failed])[0]) == 'the answer did not survive "fake dates": nothing found'


def test_standings_and_the_forest_say_that_questions_are_judged_together() -> None:
    for standing in ("supported", "no effect found", "cannot tell", "contradicted"):
        assert "among all questions asked at once" in words.STANDINGS[standing].means
    assert "several questions were asked at once" in captions.HOW_TO_READ_FOREST


def test_a_claim_says_what_nothing_was_recorded_of() -> None:
    facts = {"not_recorded": [{"factor": "earlier e-mail"}, {"factor": "changes of stage"}]}
    claimed = replace(asked("win_rate", 0.001), facts=facts, standing="supported")
    lacking = "Nothing was recorded of earlier e-mail and changes of stage, so that it is not adjusted for them."
    assert words.sentence(claimed).endswith(lacking)
    assert words.sentence(replace(claimed, standing="contradicted")).endswith(lacking)
    assert lacking not in words.sentence(replace(claimed, standing="no effect found"))
    assert "Nothing was recorded" not in words.sentence(replace(claimed, facts={}))
