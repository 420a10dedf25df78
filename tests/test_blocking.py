"""Keys: every two fields get one, frequent keys are refined, and nothing frequent is lost in silence."""

import numpy as np
import pyarrow as pa
import pytest

from goodwill.identity import blocking
from goodwill.identity.blocking import CAPPED, Blocks, Rule, choose_rules, freeze, keyed, using
from goodwill.identity.fields import Field, level_names, level_sql
from goodwill.identity.prepared import ROWS, classify, frequencies, prepare
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file

FIELDS = (Field("given", "given"), Field("family", "family"), Field("born", "date"), Field("city", "place"))


def table(rows: list[tuple[str | None, ...]]) -> DuckDBTables:
    tables = open_file(None)
    columns = list(zip(*rows, strict=True))
    names = [field.name for field in FIELDS]
    held = {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    tables.register("people", pa.table({"record": np.arange(len(rows)), **held}))
    prepare(tables, "people", FIELDS)
    return tables


def crowd(n: int) -> list[tuple[str | None, ...]]:
    draw = np.random.default_rng(0)
    given, family = draw.integers(40, size=n), draw.integers(200, size=n)
    return [
        (f"given{g}", f"family{f}", f"19{d:02d}-0{1 + m}-1{m}", f"city{c}")
        for g, f, d, m, c in zip(
            given,
            family,
            draw.integers(10, 99, size=n),
            draw.integers(9, size=n),
            draw.integers(9, size=n),
            strict=True,
        )
    ]


def test_rules_are_few_and_cover_every_field() -> None:
    rules = choose_rules(table(crowd(500)), FIELDS, 500)
    assert {number for rule in rules for number, _ in rule.parts} == {0, 1, 2, 3}
    assert len(rules) <= blocking.MANY_RULES
    assert len({rule.name for rule in rules}) == len(rules)
    assert rules[-1].is_crossed


def test_frequent_key_is_refined_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "AT_LEAST", 1)
    monkeypatch.setattr(blocking, "PER_RECORD", 0)
    # 30 people of one city, of whom two were born on one day, and 3 of another
    rows = [("a", "b", f"19{30 + i // 2 if i < 2 else 30 + i}-01-01", "rome") for i in range(30)]
    rows += [("a", "b", "1999-09-09", "oslo")] * 3
    tables = table(rows)
    blocks = freeze(tables, [Rule("city", ((3, 0),), ((2, 0),))], len(rows))
    assert (blocks.refined, blocks.dropped) == ((1,), (0,))
    using(tables, blocks)
    one = keyed(blocks, 0, "x.id")
    pairs = tables.rows(f"SELECT a.id AS a, b.id AS b FROM {one} AS a JOIN {one} AS b ON a.key = b.key AND a.id < b.id")
    tables.forget(CAPPED)
    assert sorted((pair["a"], pair["b"]) for pair in pairs) == [(0, 1), (30, 31), (30, 32), (31, 32)]


def test_absent_part_makes_no_key() -> None:
    tables = table([("a", None, None, "rome"), ("a", None, None, "rome")])
    blocks = Blocks((Rule("family", ((1, 0),)),), np.zeros(0, np.int64), (0,), (0,))
    using(tables, blocks)
    assert tables.rows(f"SELECT count(key) AS n FROM {keyed(blocks, 0, 'x.id')}") == [{"n": 0}]
    tables.forget(CAPPED)


@pytest.mark.parametrize(
    ("field", "one", "other", "grade"),
    [
        (0, ("robert", "x", None, None), ("robert", "y", None, None), "equal"),
        (0, ("robert", "x", None, None), ("bob", "y", None, None), "nickname"),
        (0, ("r", "x", None, None), ("robert", "y", None, None), "nickname"),
        (0, ("robert", "x", None, None), ("robret", "y", None, None), "slip"),
        (0, ("robert", "lee", None, None), ("lee", "robert", None, None), "swapped"),
        (0, ("robert", "x", None, None), ("zoe", "y", None, None), "different"),
        (1, ("a", "Müller", None, None), ("b", "muller", None, None), "equal"),
        (2, ("a", "x", "1980-02-05", None), ("b", "y", "1980-05-02", None), "slip"),
        (2, ("a", "x", "1980-02-05", None), ("b", "y", "1980-02-06", None), "slip"),
        (2, ("a", "x", "1980-02-05", None), ("b", "y", "1980-02-28", None), "parts"),
        (2, ("a", "x", "1980-02-05", None), ("b", "y", "1971-11-30", None), "different"),
        (3, ("a", "x", None, "london"), ("b", "y", None, "lnodon"), "slip"),
    ],
)
def test_grades(field: int, one: tuple[str | None, ...], other: tuple[str | None, ...], grade: str) -> None:
    tables = table([one, other])
    classify(tables, [frequencies(tables, number) for number in range(len(FIELDS))])
    for a, b in ((0, 1), (1, 0)):
        found = tables.rows(
            f"SELECT {level_sql(FIELDS, field)} AS grade FROM {ROWS} AS a, {ROWS} AS b WHERE a.id = {a} AND b.id = {b}"
        )[0]["grade"]
        names = level_names(FIELDS[field], crossed=field < 2)
        assert names[min(found, len(names)) - 1] == grade
