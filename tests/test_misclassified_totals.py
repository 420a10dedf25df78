"""Somebody met under several profiles counts once, however their profiles were tied: worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from goodwill.estimators.misclassification import Match, corrected
from test_misclassification import people, together


def test_two_profiles_are_tied_to_each_other_as_often_as_was_measured_between_profiles() -> None:
    """100 new people, all met twice, 40 of them told to be one: 140 seem to be there, and every link stands for 2.5."""
    one, two = people((40, -1, 0.0, False)), people((120, -1, 0.0, False))
    some = together(replace(one, further=np.ones(40, dtype=np.int64)), two)
    measured = Match(1000, 800, between=(0.4, 0.37, 0.43))
    assert corrected(some, {0: measured}).people == pytest.approx(100)
    assert corrected(some, {0: replace(measured, between=None)}).people == pytest.approx(150)
    # of the links a quarter join strangers
    unsure = replace(some, links=0.75 * some.further)
    assert corrected(unsure, {0: measured}).people == pytest.approx(200 - 30 / 0.4)


def test_a_profile_tied_to_another_profile_only_is_theirs_and_was_not_found() -> None:
    """Of 100 known people met twice, at recall 0.5, 25 are found twice, 50 once and tied to the other profile."""
    twice, once, never = (people((n, what, 1.0, False)) for n, what in ((25, 0), (50, 0), (50, -1)))
    tied = ((twice, 1, 0), (once, 1, 1), (never, 0, 0))
    parts = [replace(p, further=np.full(len(p), f), indirect=np.full(len(p), i)) for p, f, i in tied]
    found = corrected(together(*parts), {0: Match(1000, 500)})
    assert found.classes[0].value == pytest.approx(1.0)
    assert found.people == pytest.approx(100)


def test_partners_are_told_under_each_profile_and_counted_once() -> None:
    """100 partners met twice, 40 told to be one: 160 seem to be there, and none of them is new."""
    some = people((160, 0, 1.0, True))
    links = np.repeat([1, 0], [40, 120])
    some = replace(some, further=links.astype(np.int64), by_company=np.ones(160, dtype=bool))
    found = corrected(some, {0: Match(1000, 800, between=(0.4, 0.37, 0.43))})
    assert (found.people, found.new.value) == (pytest.approx(100), pytest.approx(0.0))
