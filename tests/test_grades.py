"""Field by field, what two records say for one person: grades by name, weights that add up to that of the pair."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from goodwill.identity.fields import Field
from goodwill.identity.grades import grades
from goodwill.identity.match import Model, learn, score
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file

FIELDS = (Field("given", "given"), Field("family", "family"), Field("email", "email"), Field("company", "company"))
NAMES = ("jane", "joe", "ann", "bob", "kim", "lee", "max", "zoe", "tom", "eva")
FAMILIES = ("doe", "roe", "smith", "miller", "baker", "mason", "turner", "walker", "fisher", "potter", "carter")


@pytest.fixture(scope="module", name="learned")
def people() -> tuple[DuckDBTables, Model]:
    """60 people of two records each; the second has a typing error here and there."""
    draw = random.Random(5)
    firms = ["".join(draw.choices("bcdfglmnprst", k=7)) for _ in range(25)]
    rows: list[dict[str, str | None]] = []
    for number in range(60):
        given, family, company = draw.choice(NAMES), draw.choice(FAMILIES) + draw.choice("abcdef"), firms[number % 25]
        first = {"given": given, "family": family, "email": f"{given}{number}@{company}.com", "company": company}
        typo = family[:-1] + "x" if draw.random() < 0.3 else family
        second = first | {"family": typo, "email": first["email"] if draw.random() < 0.6 else None}
        rows += [{"record": f"a{number}"} | first, {"record": f"b{number}"} | second]
    tables = open_file(None)
    tables.register("given_rows", pa.Table.from_pylist(rows))
    tables.execute("CREATE TABLE records AS SELECT * FROM given_rows")
    model = learn(tables, "records", FIELDS)
    score(tables, model, "records", into="scored")
    return tables, model


def test_the_weights_of_the_fields_add_up_to_that_of_the_pair(learned: tuple[DuckDBTables, Model]) -> None:
    tables, model = learned
    pairs = tables.rows("SELECT record_a, record_b, weight FROM scored ORDER BY hash(record_a, record_b) LIMIT 4")
    assert len(pairs) == 4
    for pair in pairs:
        told = grades(tables, model, "records", pair["record_a"], pair["record_b"])
        assert sum(weight for _, weight in told.values()) == pytest.approx(pair["weight"], abs=1e-6)


def test_grades_have_their_names_and_absent_fields_are_left_out(learned: tuple[DuckDBTables, Model]) -> None:
    tables, model = learned
    for number in range(5):
        told = grades(tables, model, "records", f"a{number}", f"b{number}")
        a, b = tables.rows(
            "SELECT * FROM records WHERE record IN ($a, $b) ORDER BY record", a=f"a{number}", b=f"b{number}"
        )
        assert set(told) == {f.name for f in FIELDS if a[f.name] and b[f.name]}
        assert {name for name, (level, _) in told.items() if level == "equal"} == {
            name for name in told if a[name] == b[name]
        }  # fmt: skip
        assert told["company"][1] > 0
    told = grades(tables, model, "records", "a0", "b1")
    assert told["company"] == ("different", told["company"][1])
    assert told["company"][1] < 0


def test_a_record_that_is_not_there_has_no_grades(learned: tuple[DuckDBTables, Model]) -> None:
    assert grades(*learned, "records", "a1", "nobody") == {}
