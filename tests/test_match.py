"""Linkage as a whole: known worlds, later records, tables without matches, published data sets."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from goodwill.errors import GoodwillError
from goodwill.identity.match import Field, Model, learn, score
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file

FIELDS = [Field("given", "given"), Field("family", "family"), Field("born", "date"), Field("email", "email")]


def people(n: int, *, twins: float = 0.3, seed: int = 0) -> pa.Table:
    """Records of people; a share of them has a second record, in which one field in ten is mistyped or missing."""
    draw = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))

    def words(count: int, size: int) -> list[str]:
        return ["".join(row) for row in letters[draw.integers(26, size=(count, size))]]

    givens, families = words(60, 6), words(300, 7)
    given, family = draw.zipf(1.6, size=n) % 60, draw.zipf(1.4, size=n) % 300
    year, month, day = draw.integers(1940, 2005, size=n), draw.integers(1, 13, size=n), draw.integers(1, 29, size=n)
    rows: list[tuple[str | None, ...]] = [
        (givens[g], families[f], f"{y}-{m:02d}-{d:02d}", f"{givens[g]}.{families[f]}{i}@x.org")
        for i, (g, f, y, m, d) in enumerate(zip(given, family, year, month, day, strict=True))
    ]
    person = list(range(n))
    for i in np.flatnonzero(draw.random(n) < twins):
        fate = draw.random(4)
        rows.append(tuple(_written(v, f, draw) for v, f in zip(rows[i], fate, strict=True)))
        person.append(int(i))
    held = {field.name: pa.array([row[k] for row in rows], pa.string()) for k, field in enumerate(FIELDS)}
    return pa.table({"record": np.arange(len(rows)), **held, "person": person})


def _written(value: str | None, fate: float, draw: np.random.Generator) -> str | None:
    if value is None or fate < 0.1:
        return None
    place = int(draw.integers(len(value) - 1))
    return value[:place] + value[place + 1] + value[place] + value[place + 2 :] if fate < 0.2 else value


def warehouse(table: pa.Table) -> DuckDBTables:
    tables = open_file(None)
    tables.register("given_people", table)
    tables.execute("CREATE TABLE people AS SELECT * FROM given_people")
    return tables


def quality(tables: DuckDBTables, same: str, matches: int) -> tuple[float, float, float]:
    """F1 at one half, expected calibration error, and pairs found."""
    found = tables.columns(
        f"SELECT probability, CAST({same} AS INT) AS same FROM scored_pairs AS s "
        "JOIN people AS a ON a.record = s.record_a JOIN people AS b ON b.record = s.record_b"
    )
    p, same_person = found["probability"], found["same"].astype(float)
    hits = same_person[p >= 0.5].sum()
    cell = np.minimum((p * 10).astype(int), 9)
    error = sum(abs((p - same_person)[cell == i].sum()) for i in range(10)) / max(len(p), 1)
    return 2 * hits / ((p >= 0.5).sum() + matches), error, len(p)


@pytest.mark.slow
def test_known_world_without_labels() -> None:
    table = people(1500)
    tables = warehouse(table)
    score(tables, learn(tables, "people", FIELDS), "people")
    f1, error, _ = quality(tables, "a.person = b.person", table.num_rows - 1500)
    assert f1 > 0.97
    assert error < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_matched_where_nobody_matches(seed: int) -> None:
    tables = warehouse(people(100, twins=0.0, seed=seed))
    score(tables, learn(tables, "people", FIELDS), "people")
    assert tables.rows("SELECT count(*) AS n FROM scored_pairs WHERE probability >= 0.5") == [{"n": 0}]


@pytest.mark.slow
def test_later_records_get_exactly_what_all_together_get() -> None:
    tables = warehouse(people(600))
    tables.execute("CREATE TABLE early AS SELECT * FROM people WHERE record % 7 <> 3")
    tables.execute("CREATE TABLE late AS SELECT record FROM people WHERE record % 7 = 3")
    model = Model.from_json(learn(tables, "early", FIELDS).to_json())
    score(tables, model, "early", into="before")
    score(tables, model, "people", into="added", new="late")
    score(tables, model, "people", into="whole")
    whole = tables.rows("SELECT * FROM whole ORDER BY ALL")
    assert tables.rows("SELECT * FROM (FROM before UNION ALL FROM added) ORDER BY ALL") == whole
    assert tables.rows("SELECT count(*) > 20 AS enough FROM added") == [{"enough": True}]


@pytest.mark.slow
def test_order_of_rows_changes_nothing() -> None:
    table = people(300)
    found = []
    for shuffled in (table, table.take(np.random.default_rng(3).permutation(table.num_rows))):
        tables = warehouse(shuffled)
        model = learn(tables, "people", FIELDS)
        score(tables, model, "people")
        found.append((model.to_json(), tables.rows("FROM scored_pairs")))
    assert found[0] == found[1]


def test_model_survives_json() -> None:
    tables = warehouse(people(80))
    text = learn(tables, "people", FIELDS).to_json()
    assert Model.from_json(text).to_json() == text


def test_only_other_sources_are_linked() -> None:
    table = people(400)
    source = np.where(np.arange(table.num_rows) < 400, "a", "b")
    tables = warehouse(table.append_column("source", pa.array(source)))
    score(tables, learn(tables, "people", FIELDS, sources="source"), "people")
    inside = tables.rows("SELECT count(*) AS n FROM scored_pairs WHERE record_a >= 400 OR record_b < 400")
    assert inside == [{"n": 0}]
    f1, _, _ = quality(tables, "a.person = b.person", table.num_rows - 400)
    assert f1 > 0.97


def test_rules_that_found_a_pair_are_told() -> None:
    tables = warehouse(people(300))
    model = learn(tables, "people", FIELDS)
    score(tables, model, "people")
    told = tables.rows("SELECT rule_a, pairs, matches FROM scored_pairs_found WHERE rule_a = rule_b")
    for rule in told:
        number = [each.name for each in model.blocks.rules].index(rule["rule_a"])
        counted = tables.rows(
            "SELECT count(*) AS n, coalesce(sum(probability), 0) AS p FROM scored_pairs "
            f"WHERE rules >> {number} & 1 = 1"
        )[0]
        assert (rule["pairs"], pytest.approx(rule["matches"], abs=1e-5)) == (counted["n"], counted["p"])
    assert tables.rows("SELECT count(*) AS n FROM scored_pairs WHERE rule = ''") == [{"n": 0}]


@pytest.mark.slow
def test_decisions_are_heard() -> None:
    tables = warehouse(people(300))
    plain = learn(tables, "people", FIELDS)
    score(tables, plain, "people")
    tables.execute(
        "CREATE TABLE labels AS SELECT record_a, record_b, 'different' AS verdict "
        "FROM scored_pairs WHERE probability > 0.5"
    )
    heard = learn(tables, "people", FIELDS, labels="labels")
    assert heard.calibration.shift < plain.calibration.shift == 0.0
    assert heard.weights.prior == plain.weights.prior


def test_unknown_column_and_kind_are_refused() -> None:
    tables = warehouse(people(10))
    with pytest.raises(GoodwillError, match='no column "famly"') as refused:
        learn(tables, "people", [Field("famly", "family")])
    assert "family" in refused.value.remedy
    with pytest.raises(GoodwillError, match="no kind"):
        Field("born", "dat")


@pytest.mark.slow
def test_nothing_at_all_and_one_record() -> None:
    for n in (0, 1):
        tables = warehouse(people(10, twins=0.0).slice(0, n))
        score(tables, learn(tables, "people", FIELDS), "people")
        assert tables.rows("SELECT count(*) AS n FROM scored_pairs") == [{"n": 0}]


FEBRL = [
    Field("given_name", "given"), Field("surname", "family"), Field("street_number", "number"),
    Field("address_1", "text"), Field("address_2", "text"), Field("suburb", "place"), Field("postcode", "code"),
    Field("state", "place"), Field("date_of_birth", "date"), Field("soc_sec_id", "code"),
]  # fmt: skip


def febrl(path: Path) -> str:
    return (
        f"SELECT rec_id AS record, split_part(rec_id, '-', 2) AS person, * FROM read_csv('{path}', all_varchar = true)"
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "matches"), [("dataset1", 500), ("dataset2", 1934), ("dataset3", 6538)])
def test_febrl_duplicates(real_data: Callable[..., Path], name: str, matches: int) -> None:
    tables = open_file(None)
    tables.execute(f"CREATE TABLE people AS {febrl(real_data('identity', 'febrl', name + '.csv'))}")
    score(tables, learn(tables, "people", FEBRL), "people")
    f1, error, _ = quality(tables, "a.person = b.person", matches)
    assert f1 >= 0.999
    assert error < 0.01


@pytest.mark.slow
def test_febrl_two_files(real_data: Callable[..., Path]) -> None:
    tables = open_file(None)
    one, other = (febrl(real_data("identity", "febrl", f"dataset4{half}.csv")) for half in "ab")
    tables.execute(f"CREATE TABLE people AS SELECT *, 'a' AS file FROM ({one}) UNION ALL SELECT *, 'b' FROM ({other})")
    score(tables, learn(tables, "people", FEBRL, sources="file"), "people")
    f1, _, _ = quality(tables, "a.person = b.person", 5000)
    assert f1 >= 0.9996


@pytest.mark.slow
def test_fake_thousand(real_data: Callable[..., Path]) -> None:
    """Splink's own example: very faulty records, many of them with half their fields empty."""
    tables = open_file(None)
    path = real_data("identity", "splink", "fake_1000.csv")
    tables.execute(f"CREATE TABLE people AS SELECT *, unique_id AS record FROM read_csv('{path}', all_varchar = true)")
    fields = [("first_name", "given"), ("surname", "family"), ("dob", "date"), ("city", "place"), ("email", "email")]
    score(tables, learn(tables, "people", [Field(*field) for field in fields]), "people")
    f1, error, _ = quality(tables, "a.cluster = b.cluster", 2031)
    assert f1 > 0.88
    assert error < 0.07
