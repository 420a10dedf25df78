"""How many of a venue's people are recognised, and how surely: by hand, by invariants, on people who are known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.identity.match import learn
from goodwill.identity.pairs import PERSON
from goodwill.identity.quality import FEWEST, NOBODY, fill, jeffreys, weighted
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import open_file

GIVEN = "anna bert clara david emma frank greta hugo ines jan klara lars mona nils olga paul rosa sven tina uwe".split
FAMILY = "abel brandt claus dorn engel fuchs graf hahn isler jung kraus lang maier nolte otto pohl rabe sauer".split
COLUMNS = (
    "node", "exact", "venue", "name", "created_at", "given", "family", "email", "mail_local", "phone", "handle",
    "company", "title", "country",
)  # fmt: skip


def test_jeffreys_by_hand() -> None:
    """None of ten: with p = sin(t)^2 the density of Beta(1/2, 10.5) is cos(t)^20; 95% of it end at the top."""
    share = jeffreys(0, 10)
    assert (share.value, share.low) == (0, 0)
    assert share.high is not None
    t = np.linspace(0, np.pi / 2, 200_001)
    area = np.cumsum(np.cos(t) ** 20)
    assert np.interp(np.arcsin(np.sqrt(share.high)), t, area / area[-1]) == pytest.approx(0.95, abs=1e-4)
    turned = jeffreys(10, 10)
    assert (turned.low, turned.high) == (pytest.approx(1 - share.high), 1)


def test_known_people_count_like_those_they_stand_for() -> None:
    is_found = np.array([1.0] * 30 + [0.0] * 10 + [1.0] * 5 + [0.0] * 15)
    alike = np.array([3] * 40 + [1] * 20)
    share = weighted(is_found, alike, {3: 100.0, 1: 300.0})
    assert share.value == pytest.approx((100 * 0.75 + 300 * 0.25) / 400)
    # weights 2.5 and 15: (40 * 2.5 + 20 * 15)^2 / (40 * 2.5^2 + 20 * 15^2) people's worth
    effective = 400**2 / (40 * 2.5**2 + 20 * 15**2)
    expected = jeffreys(share.value * effective, effective)
    assert (share.low, share.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_few_known_people_say_nothing() -> None:
    assert weighted(np.ones(FEWEST - 1), np.zeros(FEWEST - 1, dtype=np.int64), {0: 5.0}) == NOBODY
    # many known people, but only two of the kind that is asked for
    alike = np.array([0] * 50 + [1] * 2)
    assert weighted(np.ones(52), alike, {1: 10.0}) == NOBODY


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=FEWEST, max_size=80))
def test_like_for_like_is_the_plain_share(people: list[tuple[bool, int]]) -> None:
    is_found = np.array([float(found) for found, _ in people])
    alike = np.array([kind for _, kind in people])
    kinds, counts = np.unique(alike, return_counts=True)
    share = weighted(is_found, alike, dict(zip(kinds.tolist(), (7.0 * counts).tolist(), strict=True)))
    assert share.value == pytest.approx(is_found.mean())
    assert share.low is not None
    assert share.high is not None
    assert 0 <= share.low <= share.value <= share.high <= 1


def _records(*, clear: int, bare: int, seed: int = 1) -> list[dict[str, str | None]]:
    """People in a CRM and a newsletter who share an address there: ``clear`` ones give their name to both."""
    draw = np.random.default_rng(seed)
    lines: list[dict[str, str | None]] = []
    for number in range(clear + bare):
        given_name, family = draw.choice(GIVEN()), f"{draw.choice(FAMILY())}{draw.choice(FAMILY())}"
        said = {
            "exact": f"e{number}",
            "given": str(given_name),
            "family": family,
            "email": f"{number}@mail.com",
            "phone": f"+4930{draw.integers(10**7)}",
            "company": f"{draw.choice(FAMILY())} {draw.choice(FAMILY())}",
        }
        lines.append({"node": f"hubspot/contact:{number:04d}", "venue": "hubspot", **said})
        letter = said if number < clear else {"exact": said["exact"], "email": said["email"]}
        lines.append({"node": f"mailchimp/member:{number:04d}", "venue": "mailchimp", **letter})
    return lines


def _tables(lines: list[dict[str, str | None]]) -> Tables:
    tables = open_file(None)
    whole = [{name: line.get(name) for name in COLUMNS} for line in lines]
    tables.register("given", pa.Table.from_pylist(whole, schema=pa.schema([(name, pa.string()) for name in COLUMNS])))
    tables.execute("CREATE TABLE person_records AS FROM given")
    tables.execute("CREATE TABLE account_records (node VARCHAR, exact VARCHAR, venue VARCHAR, name VARCHAR)")
    return tables


def _learnt(tables: Tables) -> dict[str, object]:
    fields = [field for field in PERSON if field.name in ("given", "family", "email", "phone", "company")]
    tables.execute(
        "CREATE TEMP TABLE to_match AS SELECT node AS record, * EXCLUDE (node, exact, venue) FROM person_records"
    )
    return {"person": learn(tables, "to_match", fields), "account": None}


def _quality(tables: Tables) -> dict[str, dict[str, object]]:
    return {str(row["venue"]): row for row in tables.rows("FROM match_quality WHERE kind = 'person' ORDER BY venue")}


@pytest.mark.slow
def test_profiles_of_one_person_are_matched_with_each_other_too() -> None:
    lines = _records(clear=200, bare=0)
    for number in range(60):
        said = lines[2 * number]
        whole = {"exact": said["exact"], "given": said["given"], "family": said["family"], "handle": f"h{number}"}
        lines.append({"node": f"linkedin:h{number:03d}", "venue": "linkedin", "company": said["company"], **whole})
        # on the second network every other one keeps their name to themselves
        short = whole if number % 2 else {"exact": said["exact"], "handle": f"zz{number}"}
        lines.append({"node": f"x:@h{number:03d}", "venue": "x", **short})
    tables = _tables(lines)
    fill(tables, _learnt(tables))  # type: ignore[arg-type]
    rows = {str(row["venue"]): row for row in tables.rows("FROM match_quality WHERE kind = 'profile'")}
    assert set(rows) == {"linkedin", "x"}
    assert rows["linkedin"]["known_pairs"] == 60
    assert 20 <= int(rows["linkedin"]["found"]) <= 30
    assert _quality(tables)["linkedin"]["recall"] > 0.9  # type: ignore[operator]


@pytest.mark.slow
def test_who_says_nothing_but_the_key_is_not_found_again() -> None:
    tables = _tables(_records(clear=300, bare=100))
    fill(tables, _learnt(tables))  # type: ignore[arg-type]
    mail = _quality(tables)["mailchimp"]
    assert mail["known_pairs"] == 400
    # the hundred bare ones have nothing left; of the others the names, companies and telephones tell nearly all
    assert 270 <= int(str(mail["found"])) <= 300
    assert 0.6 < float(str(mail["recall_low"])) < float(str(mail["recall"])) < float(str(mail["recall_high"])) < 0.8


def _decided(tables: Tables, pairs: list[tuple[str, str, float]], verdicts: list[tuple[str, str, str]]) -> None:
    tables.execute("CREATE TABLE person_pairs (node_a VARCHAR, node_b VARCHAR, probability DOUBLE)")
    tables.execute("CREATE TABLE match_decisions (node_a VARCHAR, node_b VARCHAR, verdict VARCHAR)")
    for pair in pairs:
        tables.execute("INSERT INTO person_pairs VALUES ($a, $b, $p)", a=pair[0], b=pair[1], p=pair[2])
    for a, b, verdict in verdicts:
        tables.execute("INSERT INTO match_decisions VALUES ($a, $b, $v)", a=a, b=b, v=verdict)
    tables.execute("CREATE TABLE resolved AS SELECT node, 'p_' || right(node, 4) AS person FROM person_records")


def test_precision_is_the_mean_probability_of_what_was_kept_and_decided() -> None:
    lines = _records(clear=20, bare=0)
    tables = _tables(lines)
    nodes = [f"{number:04d}" for number in range(20)]
    pairs = [(f"hubspot/contact:{n}", f"mailchimp/member:{n}", 0.9) for n in nodes]
    verdicts = [(*pairs[0][:2], "same"), (*pairs[1][:2], "different"), (*pairs[2][:2], "unsure")]
    # a pair that nobody kept says nothing about those that were
    _decided(tables, [*pairs, ("hubspot/contact:0000", "mailchimp/member:0001", 0.8)], verdicts)
    fill(tables, {"person": None})
    row = _quality(tables)["hubspot"]
    assert row["precision"] == pytest.approx((1 + 0 + 18 * 0.9) / 20)
    assert float(str(row["precision_low"])) < float(str(row["precision"])) < float(str(row["precision_high"]))
    assert row["recall"] is None
    assert row["known_pairs"] == 0


def test_two_accounts_on_one_network_are_seldom_one_person() -> None:
    lines: list[dict[str, str | None]] = [
        {"node": f"x:@{name}{n:04d}", "exact": f"{name}{n}", "venue": "x", "handle": f"{name}{n}", "family": "lang"}
        for n in range(12)
        for name in ("a", "b")
    ]
    tables = _tables(lines)
    _decided(tables, [(f"x:@a{n:04d}", f"x:@b{n:04d}", 0.8) for n in range(12)], [])
    fill(tables, {})
    row = _quality(tables)["x"]
    assert row["precision"] == pytest.approx(0.08)


def test_a_few_kept_pairs_say_nothing() -> None:
    tables = _tables(_records(clear=FEWEST - 1, bare=0))
    pairs = [(f"hubspot/contact:{n:04d}", f"mailchimp/member:{n:04d}", 0.9) for n in range(FEWEST - 1)]
    _decided(tables, pairs, [])
    fill(tables, {})
    assert {row["precision"] for row in _quality(tables).values()} == {None}


def test_no_records_no_rows() -> None:
    tables = _tables([])
    fill(tables, {})
    assert tables.rows("SELECT count(*) AS n FROM match_quality") == [{"n": 0}]
