"""The share of true pairs found, estimated without labels: by hand, by invariants, in worlds whose truth is known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import CannotTell
from goodwill.identity.completeness import AGREES, Bools, Floats, Found, Ints, absent_in_pairs, estimate, patterns
from goodwill.identity.fields import Field
from goodwill.identity.found_patterns import of_pairs
from goodwill.identity.match import learn, score
from goodwill.warehouse.duckdb_engine import open_file

PAIRS = 20_000.0


def _sure(seen: Ints, rules: list[tuple[int, ...]]) -> Bools:
    return np.any([(seen[:, list(rule)] == AGREES).all(axis=1) for rule in rules], axis=0)


def _world(differs: Floats, absent: Floats, rules: list[tuple[int, ...]], drift: float = 0.0) -> tuple[Found, float]:
    """What would be found among ``PAIRS`` true pairs, and the true share; written out cell by cell.

    ``drift`` is how far half of the pairs are worse, and half better, in every field (log-odds).
    """
    n = len(differs)
    seen = patterns(n)
    lacks = np.array([np.prod(np.where(bits, absent, 1 - absent)) for bits in product((0, 1), repeat=n)])
    chance = np.zeros(len(seen))
    for step in (-drift, drift):
        wrong = 1 / (1 + np.exp(-(np.log(differs / (1 - differs)) + step)))
        each = np.where(seen == -1, absent, (1 - absent) * np.where(seen == 0, wrong, 1 - wrong))
        chance += each.prod(axis=1) / 2
    sure = _sure(seen, rules)
    return Found(PAIRS * chance * sure, sure, lacks), float(chance[sure].sum())


def test_two_lists_by_hand() -> None:
    """Two fields, either suffices: Lincoln and Petersen's 60 x 80 / 48 = 100 true pairs, of which 92 were found."""
    seen = patterns(2)
    counts = {(1, 1): 48.0, (1, 0): 12.0, (0, 1): 32.0}
    expected = np.array([counts.get(tuple(pattern), 0.0) for pattern in seen.tolist()])
    # a thousand of such tables, so that the data outweigh what is plausible beforehand
    answer = estimate(Found(1000 * expected, _sure(seen, [(0,), (1,)]), np.array([1.0, 0, 0, 0])))
    assert answer.low < 0.92 < answer.high
    assert answer.found == pytest.approx(92_000)
    # two lists cannot show whether they depend on each other: the interval has to say so
    assert answer.high - answer.low > 0.1


@pytest.mark.parametrize("drift", [0.0, 0.7])
@pytest.mark.parametrize("rules", [[(0, 1), (2,), (3,)], [(0, 1), (2, 3), (0, 2), (1, 3)], [(0, 1, 2), (3,)]])
def test_worlds_with_and_without_careless_people(rules: list[tuple[int, ...]], drift: float) -> None:
    found, truth = _world(np.array([0.3, 0.25, 0.4, 0.35]), np.array([0.05, 0.0, 0.4, 0.3]), rules, drift)
    answer = estimate(found)
    assert 0.3 < truth < 0.95
    assert abs(answer.share - truth) < 0.05
    assert answer.low <= truth <= answer.high


def test_what_no_rule_does_without_cannot_be_told() -> None:
    found, _ = _world(np.array([0.2, 0.2, 0.2]), np.zeros(3), [(0, 1), (0, 2)])
    with pytest.raises(CannotTell, match="same field"):
        estimate(found)


def test_few_pairs_cannot_tell() -> None:
    found, _ = _world(np.array([0.2, 0.2, 0.2]), np.zeros(3), [(0, 1), (2,)])
    with pytest.raises(CannotTell, match="only about 10 pairs"):
        estimate(Found(found.expected / found.expected.sum() * 10, found.is_sure, found.absent))


def test_everything_found_is_one() -> None:
    found, truth = _world(np.array([1e-6, 1e-6, 1e-6]), np.zeros(3), [(0, 1), (1, 2), (0, 2)])
    answer = estimate(found)
    assert truth > 0.9999
    assert answer.share == pytest.approx(1, abs=1e-3)
    assert 0.99 < answer.low <= answer.high == 1


def test_pairs_found_otherwise_count_as_found() -> None:
    """Loose keys find some of what no sure rule finds: the total stays, the share found grows by as much."""
    found, truth = _world(np.array([0.3, 0.3, 0.3]), np.zeros(3), [(0, 1), (1, 2), (0, 2)])
    seen = patterns(3)
    extra = np.where((seen == [0, 0, 1]).all(axis=1), 0.05 * PAIRS, 0.0)
    plain = estimate(found)
    more = estimate(Found(found.expected + extra, found.is_sure, found.absent))
    assert more.total == pytest.approx(plain.total)
    assert more.share == pytest.approx(plain.share * (truth + 0.05) / truth)


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(3)), st.lists(st.floats(0.05, 0.5), min_size=3, max_size=3))
def test_order_of_fields_does_not_matter(order: list[int], differs: list[float]) -> None:
    rules = [(0, 1), (2,)]
    absent = np.array([0.1, 0.2, 0.3])
    one = estimate(_world(np.array(differs), absent, rules)[0])
    place = {field: number for number, field in enumerate(order)}
    turned = [tuple(place[field] for field in rule) for rule in rules]
    other = estimate(_world(np.array(differs)[order], absent[order], turned)[0])
    assert other.share == pytest.approx(one.share, abs=2e-3)
    assert 0 <= one.low <= one.share <= one.high <= 1


@given(st.lists(st.floats(0.01, 1), min_size=8, max_size=8))
def test_absence_in_pairs_is_that_of_two_records(shares: list[float]) -> None:
    records = np.array(shares) / np.sum(shares)
    slow = np.zeros(8)
    for one, other in product(range(8), repeat=2):
        slow[one | other] += records[one] * records[other]
    assert absent_in_pairs(records) == pytest.approx(slow)
    assert absent_in_pairs(records).sum() == pytest.approx(1)


@pytest.mark.slow
def test_of_pairs_in_a_table() -> None:
    """People twice in a table, each field wrong in one record of eight: all the way through learning and scoring."""
    draw = np.random.default_rng(3)
    n = 3_000
    person = np.repeat(np.arange(n), 2)
    columns: dict[str, pa.Array] = {"record": pa.array(np.arange(2 * n))}
    for name, values in (("given", 300), ("family", 2_000), ("city", 100), ("phone", 10**9)):
        value = draw.integers(values, size=n)[person]
        value = np.where(draw.random(2 * n) < 0.125, draw.integers(values, size=2 * n), value)
        letters = np.array(list("bcdfghjklm"))
        texts = ["".join(letters[[int(digit) for digit in f"{code:09d}"]]) for code in value * 104729 % 10**9]
        columns[name] = pa.array(texts, mask=draw.random(2 * n) < 0.1)
    tables = open_file(None)
    tables.register("people", pa.table(columns))
    fields = [Field("given", "given"), Field("family", "family"), Field("city", "place"), Field("phone", "phone")]
    model = learn(tables, "people", fields)
    score(tables, model, "people")
    truth = tables.rows("SELECT count(*) AS n FROM scored_pairs WHERE record_a // 2 = record_b // 2")[0]["n"] / n
    answer = of_pairs(tables, model, "people")
    assert abs(answer.share - truth) < 0.05
    assert (
        tables.rows("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 'completeness_records'")[0]["n"] == 0
    )
