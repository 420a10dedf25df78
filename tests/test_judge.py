"""Standing, grade and false-discovery control: the rules as a table, and what must hold for any verdicts."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.verdicts.assumptions import EXPLAINED_AWAY, LESS_CERTAIN, SETTLES, declared
from goodwill.verdicts.judge import EXPERIMENT, detectable_effect, doubt, grade_of, judge, more_needed, q_values
from goodwill.verdicts.randomised import attrition, random_split
from goodwill.verdicts.verdict import Check, Figure, Verdict

SURVIVED = Check("fake dates", "t", "they average 0", survived=True)
FAILED = Check("future exposure", "t", "log-odds 0.9", survived=False)
IDLE = Check("fake dates", "t", "could not run", survived=None)
ASIDE = Check("overlap", "t", "thin", survived=False, decisive=False)
SPLIT = random_split(480, 520)
LOST_ALIKE = attrition(lost_assigned=12, assigned=480, lost_others=15, others=520)
LOST_UNLIKE = attrition(lost_assigned=60, assigned=480, lost_others=15, others=520)


def verdict(p=0.001, value=0.1, checks=(SURVIVED,), **changed):
    figure = Figure("share_won", "share won", value, "points", low=value - 0.05, high=value + 0.05, p=p)
    return Verdict("win_rate", "?", headline=figure, checks=checks, n=400, **({"grade": "C"} | changed))


@pytest.mark.parametrize(
    ("given_", "standing"),
    [
        (verdict(), "supported"),
        (verdict(checks=(SURVIVED, ASIDE)), "supported"),
        (verdict(value=-0.1), "contradicted"),
        (verdict(value=-3.0, hoped=-1), "supported"),
        (verdict(value=3.0, hoped=-1), "contradicted"),
        (verdict(value=-0.1, hoped=0), "supported"),
        (verdict(checks=(SURVIVED, FAILED)), "cannot tell"),
        (verdict(checks=(IDLE,)), "cannot tell"),
        (verdict(checks=()), "cannot tell"),
        (verdict(checks=(ASIDE,)), "cannot tell"),
        (verdict(missing="half of the accounts are unmatched"), "cannot tell"),
        (verdict(p=0.4), "no effect found"),
        (verdict(p=0.4, matters=0.5), "no effect found"),
        (verdict(p=0.4, matters=0.01), "cannot tell"),
        (verdict(p=0.4, checks=(FAILED,)), "cannot tell"),
        (verdict(p=None), "described"),
        (verdict(grade="A", checks=(SPLIT, LOST_ALIKE)), "supported"),
        (verdict(grade="A", checks=(SPLIT, LOST_UNLIKE)), "cannot tell"),
        (verdict(grade="A", checks=()), "cannot tell"),
        (verdict(sensitivity=declared("silent", low=0.01, high=0.3)), "supported"),
        (verdict(sensitivity=declared("silent", low=-0.01, high=0.3)), "cannot tell"),
        (verdict(sensitivity=declared("hidden", low=-0.01, high=0.3)), "cannot tell"),
        (verdict(value=-0.1, sensitivity=declared("hidden", low=-0.3, high=0.0)), "cannot tell"),
        (verdict(sensitivity={"silent_low": -0.1, "silent_high": 0.4}), "supported"),  # not declared by anybody
        (verdict(p=0.4, value=0.02, matters=0.1), "no effect found"),
        (verdict(p=0.07, value=0.06, matters=0.1), "cannot tell"),  # what matters lies within the interval
        (verdict(p=0.07, value=-0.06, matters=0.1), "no effect found"),  # it does so on the side not hoped for
        (verdict(p=0.07, value=-0.06, matters=0.1, hoped=-1), "cannot tell"),
        (
            verdict(p=0.4, value=0.02, matters=0.1, sensitivity=declared("silent", low=-0.03, high=0.08)),
            "no effect found",
        ),
        (verdict(p=0.4, value=0.02, matters=0.1, sensitivity=declared("silent", low=-0.1, high=0.4)), "cannot tell"),
        (Verdict("q", "?", missing="no closed deals"), "cannot tell"),
        (Verdict("q", "?", standing="described"), "described"),
    ],
)
def test_standing(given_, standing):
    judged = judge([given_])[0]
    assert judged.standing == standing
    assert (standing == "cannot tell") == bool(judged.missing)
    assert judge([judged]) == (judged,)  # judging twice changes nothing


def test_a_failed_check_is_named_with_its_finding():
    missing = judge([verdict(checks=(SURVIVED, FAILED))])[0].missing
    assert "future exposure" in missing
    assert "log-odds 0.9" in missing


def test_what_would_settle_it():
    judged = judge([verdict(p=0.4, detectable=0.10, matters=0.05, pace_per_month=100.0)])[0]
    assert judged.needed == {"units": 1600.0, "months": 12.0}
    assert more_needed(400, 0.10, 0.05, None) == {"units": 1600.0}
    assert more_needed(400, 0.05, 0.05, 10.0) == {"units": 400.0, "months": 0.0}


def test_open_deals_do_not_count_as_what_would_settle_it():
    half_open = verdict(p=0.4, detectable=0.10, matters=0.05, pace_per_month=100.0, coverage={"decided": 0.5})
    # 200 decided deals found 0.10; 800 would find 0.05: 600 more, of which 50 a month are decided
    assert judge([half_open])[0].needed == {"units": 1000.0, "months": 12.0}


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5000), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.05, 1))
def test_the_deals_needed_would_have_found_it(n, detectable, matters, decided):
    more = more_needed(n, detectable, matters, None, decided=decided)["units"] - n
    assert more >= 0
    with_them = detectable * (decided * n / (decided * n + more)) ** 0.5
    assert with_them <= matters * (1 + 1e-6) or more == 0
    assert more == 0 or detectable * (decided * n / (decided * n + more - 1.001)) ** 0.5 > matters * (1 - 1e-6)


def test_what_is_declared_names_itself_and_what_settles_it():
    judged = judge([verdict(sensitivity=declared("silent", low=-0.01, high=0.3))])[0]
    assert "silent exposure" in judged.missing
    assert judged.settles == SETTLES["silent"]
    both = declared("silent", low=0.01, high=0.3) | declared("hidden", low=-0.1, high=0.3)
    assert judge([verdict(sensitivity=both)])[0].settles == SETTLES["hidden"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sensitivity": {"tipping": 0.8, "tipping_of_limit": 0.3}}, EXPLAINED_AWAY),
        ({"sensitivity": {"tipping": 1.0}}, EXPLAINED_AWAY),
        ({"sensitivity": {"tipping": 2.0, "tipping_of_limit": 0.9}}, LESS_CERTAIN),
        ({"sensitivity": {"tipping": 2.0, "tipping_of_limit": 1.4}}, ""),
        ({"sensitivity": {}}, ""),
        ({"sensitivity": {"tipping": 0.2}, "grade": "B"}, ""),
        ({"sensitivity": {"tipping": 0.2}, "p": 0.5}, ""),
        ({"sensitivity": {"tipping": 0.2}, "value": -0.1}, EXPLAINED_AWAY),
    ],
)
def test_a_claim_that_a_hidden_cause_would_explain_away_says_so_once(changed, said):
    judged = judge([verdict(notes=("first",), **changed)])[0]
    assert judged.notes == (("first", said) if said else ("first",))
    assert judge([judged])[0] == judged


def test_what_did_not_stand_up_asks_for_an_experiment():
    assert judge([verdict(checks=(FAILED,))])[0].settles == EXPERIMENT


def test_detectable_effect_from_the_interval():
    # half width 0.05 at 90% is se 0.0304; 0.0304 x (1.960 + 0.842)
    assert detectable_effect(verdict()) == pytest.approx(0.0852, abs=1e-4)
    assert detectable_effect(verdict(detectable=0.3)) == 0.3


def test_many_questions_raise_the_bar():
    nulls = [verdict(p=0.5 + i / 100) for i in range(19)]
    assert judge([verdict(p=0.04)])[0].standing == "supported"
    assert judge([verdict(p=0.04), *nulls])[0].standing == "no effect found"


@pytest.mark.parametrize(
    ("given_", "grade"),
    [
        (verdict(), "C"),
        (verdict(grade="B"), "B"),
        (verdict(grade="B", checks=(IDLE,)), "C"),
        (verdict(grade="A", checks=(SPLIT, LOST_ALIKE)), "A"),
        (verdict(grade="A", checks=(SPLIT,)), "C"),
        (verdict(grade="A", checks=(LOST_ALIKE, SURVIVED)), "C"),
        (verdict(grade="A", checks=()), "C"),
        (replace(verdict(), naive=verdict().headline), "E"),
        (Verdict("q", "?", grade="C"), "E"),
        (Verdict("q", "?", grade="D", standing="described"), "D"),
    ],
)
def test_grade(given_, grade):
    assert grade_of(given_) == grade


P = st.floats(0, 1)


@settings(max_examples=100, deadline=None)
@given(st.lists(P, min_size=1, max_size=30))
def test_q_values_equal_a_naive_implementation_and_keep_order(p):
    naive = [min(*(r * len(p) / sum(s <= r for s in p) for r in p if r >= one), 1.0) for one in p]
    q = q_values(p)
    assert q == pytest.approx(naive)
    assert all(b >= a for a, b in zip(p, q, strict=True))
    ranked = sorted(zip(p, q, strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(ranked))


@settings(max_examples=50, deadline=None)
@given(st.lists(P, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_order_of_questions_is_irrelevant(p, random):
    verdicts = [verdict(p=value) for value in p]
    order = list(range(len(p)))
    random.shuffle(order)
    judged, shuffled = judge(verdicts), judge([verdicts[i] for i in order])
    assert [judged[i] for i in order] == list(shuffled)


@settings(max_examples=50, deadline=None)
@given(P, P, st.lists(P, max_size=5))
def test_a_larger_p_never_supports_more(one, other, rest):
    low, high = sorted((one, other))
    others = [verdict(p=value) for value in rest]
    if judge([verdict(p=high), *others])[0].standing == "supported":
        assert judge([verdict(p=low), *others])[0].standing == "supported"


@settings(max_examples=50, deadline=None)
@given(P, st.sampled_from([SURVIVED, FAILED, IDLE]), st.lists(st.sampled_from([SURVIVED, FAILED, IDLE]), max_size=3))
def test_only_survived_checks_support(p, one, more):
    judged = judge([verdict(p=p, checks=(one, *more))])[0]
    if judged.standing in ("supported", "no effect found"):
        assert not doubt(judged)
        assert FAILED not in judged.checks
        assert SURVIVED in judged.checks


def test_p_must_be_a_probability():
    with pytest.raises(ValueError, match="between 0 and 1"):
        q_values([1.2])


def test_verdicts_survive_json_after_judging():
    judged = judge([verdict(p=0.4, matters=0.01, pace_per_month=5.0, hoped=-1)])[0]
    assert Verdict.from_json(judged.to_json()).to_json() == judged.to_json()
