"""Loading: every row is kept, refused or filtered, and told where it stands; a content is loaded once."""

import csv
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from goodwill import study
from goodwill.errors import EngineError
from goodwill.exports import Cell, Locale, Metric, Relation
from goodwill.registry import sources
from goodwill.sources import cells
from goodwill.sources.opening import line_of, open_export
from goodwill.sources.recognise import recognise
from goodwill.warehouse import Tables, loading
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import open_workspace
from small_workspaces import MAPPING, answers, handmade

FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
#: Texts as cells hold them: right, wrong, absent, quoted, of several lines, beyond every limit.
RIGHT_OR_WRONG = (
    "", " ", "-", "N/A", "NULL", "a", "ü", "2024-01-31", "2024-02-30", "2024-01-31 10:00", "31/01/2024", "29999-01-01",
    "0000-00-00", "5/6/2024 7:08", "1", "-2", "1e400", "1,000.5", "12%", "99999999999999999999", "$5", "true", "won",
    "lost", "Closed Won", "x@a.com", "@h", 'say "x"', "a,b", "two\nlines", "https://a.com/x", "'; DROP TABLE a; --",
)  # fmt: skip
ANY = st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cs"])
TEXTS = st.one_of(st.sampled_from(RIGHT_OR_WRONG), st.text(ANY, max_size=8))
HEADER = ("id", "at", "who", "kind", "money", "end", "note")


def written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    into = io.StringIO()
    csv.writer(into, lineterminator="\n").writerows([header, *rows])
    return into.getvalue()


def relations(sheet: loading.Sheet) -> list[tuple[loading.Sheet, Relation]]:
    """One sheet fills two tables, of the second only the rows that say how they ended."""
    said = {"verb": "as:Like", "venue": "x", "channel_group": "organic_social", "direction": "inbound"}
    touch = {name: cells.constant(value) for name, value in said.items()}
    touch |= {
        "id": cells.text(sheet, "id"),
        "at": cells.moment(sheet, "at"),
        "actor": cells.node(sheet, "email", "who"),
    }
    deal = {
        "id": cells.text(sheet, "id"),
        "created_at": cells.moment(sheet, "at"),
        "amount": cells.number(sheet, "money"),
    }
    deal |= {"outcome": Cell(f"nullif(lower({cells.shown(sheet, 'end')}), 'x')", cells.shown(sheet, "end"), "end")}
    deal["currency"] = cells.constant("EUR")
    where = "coalesce(\"end\", '') <> 'open'"
    return [(sheet, Relation("interactions", touch)), (sheet, Relation("opportunities", deal, where=where))]


@cache
def tables() -> Tables:
    return open_file(None, root=Path("/"))


def loaded(text: str, folder: Path, pairs_of=relations) -> loading.Loaded:  # type: ignore[no-untyped-def]
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8", newline="")
    export = open_export(path, name="table.csv", scratch=folder / "scratch")
    found = loading.load(tables(), export, pairs_of(export.sheets[0]), folder / "loaded")
    loading.publish(tables(), [found], Path("/"))
    return found


@pytest.mark.slow
@FEW
@given(st.lists(st.lists(TEXTS, min_size=len(HEADER), max_size=len(HEADER)), min_size=1, max_size=12))
def test_every_row_is_kept_refused_or_filtered(rows: list[list[str]]) -> None:
    filled = [r for r in rows if any(cell.strip(" ") for cell in r)]
    assume(filled)
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = loaded(written(HEADER, [["i", "2024-01-01", "a@b.c", "k", "1", "won", "n"], *rows]), folder)
        total = 1 + len(filled)
        filtered = sum(row[5] == "open" for row in filled)
        assert found.rows == total
        touches, deals = found.parts
        assert touches.kept + touches.refused == total
        assert deals.kept + deals.refused + filtered == total
        refused = tables().rows("SELECT * FROM refused ORDER BY table_name, source_row")
        assert len(refused) == touches.refused + deals.refused
        assert found.refused == len({row["source_row"] for row in refused})
        for row in refused:
            assert row["source_file"] == "table.csv"
            assert row["column_name"]
            assert row["reason"]
        kept = tables().rows("SELECT id, source_row FROM interactions ORDER BY source_row")
        assert len(kept) == touches.kept
        lines = (folder / "table.csv").read_text(encoding="utf-8").split("\n")
        for row in kept[:3]:  # the line that is named begins with the row's first cell
            line = lines[line_of(folder / "table.csv", row["source_row"]) - 1]
            first = written([row["id"] or ""], []).split("\n", maxsplit=1)[0].split(",")[0].strip('"')
            assert first.split('"')[0] in line


def test_a_row_that_opening_refuses_counts_once_in_every_constellation(tmp_path: Path) -> None:
    """Several tables of one sheet, a filter that would leave it out, and one row for each metric."""
    text = "id,at,end,likes,views\n1,2024-01-01,open,3,4\n2,2024-01-02,won,5,6,7,8\n"
    text += "3,2024-01-03,won,,9\n,,,,\n4,x,won,1,2\n"

    def pairs(sheet: loading.Sheet) -> list[tuple[loading.Sheet, Relation]]:
        value = "TRY_CAST(metric.value AS DOUBLE)"
        figures = {n: cells.constant(v) for n, v in {"venue": "x", "audience": "organic", "period_type": "day"}.items()}
        figures |= {"metric": Cell("metric.name"), "native_metric": Cell("metric.native"), "unit": Cell("metric.unit"),
                    "value": Cell(value, "metric.value"), "period_start": cells.day(sheet, "at")}  # fmt: skip
        each = (Metric("likes", "reactions"), Metric("views", "impressions"))
        wide = Relation("exposures", figures, where="\"end\" = 'won'", each=each)
        deal = {"id": cells.text(sheet, "id"), "created_at": cells.moment(sheet, "at")}
        deal |= {"outcome": cells.text(sheet, "end"), "currency": cells.constant("EUR")}
        return [(sheet, wide), (sheet, Relation("opportunities", deal)), (sheet, wide)]

    found = loaded(text, tmp_path, pairs)
    assert found.rows == 4
    assert found.refused == 2
    refused = tables().rows("SELECT table_name, source_row, column_name FROM refused ORDER BY ALL")
    unreadable = [row for row in refused if row["column_name"] == "(row)"]
    assert [row["source_row"] for row in unreadable] == [3]
    assert [(p.table, p.kept, p.refused) for p in found.parts] == [
        ("exposures", 1, 2), ("opportunities", 2, 1), ("exposures", 1, 1),
    ]  # fmt: skip
    assert [r["source_row"] for r in tables().rows("SELECT source_row FROM opportunities ORDER BY ALL")] == [2, 4]


def test_columns_called_like_our_own(tmp_path: Path) -> None:
    header = ("id", "at", "who", "source_row", "metric", "refused_column", "__blank", "raw_at", "end", "money")
    row = ["7", "2024-01-01", "a@b.c", "x", "m", "r", "b", "ra", "won", "5"]
    found = loaded(written(header, [row]), tmp_path)
    assert [(p.kept, p.refused) for p in found.parts] == [(1, 0), (1, 0)]
    assert tables().rows("SELECT id, source_row FROM interactions") == [{"id": "7", "source_row": 2}]


def test_a_value_beyond_its_type_refuses_its_row_only(tmp_path: Path) -> None:
    def pairs(sheet: loading.Sheet) -> list[tuple[loading.Sheet, Relation]]:
        raw = cells.shown(sheet, "n")
        person = {"id": cells.node(sheet, "email", "who"), "created_at": cells.moment(sheet, "at")}
        person["is_employee"] = Cell(f"TRY_CAST({raw} AS DOUBLE)", raw, "n")
        return [(sheet, Relation("people", person))]

    found = loaded("who,at,n\na@b.c,2024-01-01,1\nd@e.f,2024-01-01,nonsense\n", tmp_path, pairs)
    assert [(p.kept, p.refused) for p in found.parts] == [(1, 1)]


LAYOUTS = [(source.name, layout.name) for source in sources().values() for layout in source.layouts]


@cache
def _place() -> Path:
    return Path(mkdtemp(prefix="goodwill-layouts-"))


@pytest.mark.slow
@pytest.mark.parametrize(("source", "layout"), LAYOUTS)
@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_sheet_of_a_known_layout_breaks_loading(source: str, layout: str, data: st.DataObject) -> None:
    known = next(one for one in sources()[source].layouts if one.name == layout)
    extra = [k for k in known.knows if "*" not in k]
    header = list(
        dict.fromkeys([*known.requires, *data.draw(st.lists(st.sampled_from(extra or ["more"]), max_size=6))])
    )
    header = list({h.casefold(): h for h in header}.values())
    if len(header) == 1:
        header.append("more")
    rows = data.draw(st.lists(st.lists(TEXTS, min_size=len(header), max_size=len(header)), min_size=1, max_size=4))
    rows = [["filled", *row[1:]] for row in rows]
    folder = Path(mkdtemp(dir=_place()))
    path = folder / "sheet.csv"
    path.write_text(written(header, rows), encoding="utf-8", newline="")
    export = open_export(path, name="sheet.csv", scratch=folder / "scratch")
    assume(all(export.sheets[0].has(required) for required in known.requires))
    own = known.relations(export.sheets[0], Locale())
    pairs = [(export.sheets[0], relation) for relation in own]
    if not pairs:
        return  # a layout that is known and knowingly left alone
    found = loading.load(tables(), export, pairs, folder / "loaded")
    loading.publish(tables(), [found], Path("/"))
    assert found.rows >= found.refused
    tables().rows("SELECT * EXCLUDE (source_row) FROM refused")
    shutil.rmtree(folder)


def times(folder: Path) -> dict[str, int]:
    """When each file was loaded, by its name."""
    found = {}
    for record in (folder / "loaded").glob("*/read.json"):
        found[json.loads(record.read_text())["name"]] = record.stat().st_mtime_ns
    return found


def rows_of(folder: Path, table: str) -> int:
    opened = open_file(folder / "warehouse.duckdb", read_only=True, root=folder)
    found = int(opened.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])
    opened.close()
    return found


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    folder = handmade(tmp_path / "acme")
    study.run(open_workspace(folder))
    return folder


@pytest.mark.slow
def test_only_what_changed_is_loaded_again(acme: Path) -> None:
    before = times(acme)
    with (acme / "exports" / "deals.csv").open("a") as file:
        file.write("o99,2024-01-05,2024-03-05,won,7\n")
    study.run(open_workspace(acme))
    after = times(acme)
    assert after["acts.csv"] == before["acts.csv"]
    assert after["deals.csv"] != before["deals.csv"]
    assert (rows_of(acme, "opportunities"), rows_of(acme, "interactions")) == (21, 25)
    assert len(list((acme / "loaded").iterdir())) == 2


@pytest.mark.slow
def test_a_removed_file_takes_its_rows_along(acme: Path) -> None:
    (acme / "exports" / "acts.csv").unlink()
    study.run(open_workspace(acme))
    assert (rows_of(acme, "opportunities"), rows_of(acme, "interactions")) == (20, 0)
    assert len(list((acme / "loaded").iterdir())) == 1


@pytest.mark.slow
def test_the_same_content_under_two_names_counts_once(acme: Path) -> None:
    shutil.copy(acme / "exports" / "acts.csv", acme / "exports" / "acts (1).csv")
    found = study.run(open_workspace(acme))
    assert rows_of(acme, "interactions") == 25
    inputs = {given["file"]: given["same_as"] for given in found.manifest["inputs"]}  # type: ignore[attr-defined]
    assert inputs == {"acts (1).csv": None, "acts.csv": "acts (1).csv", "deals.csv": None}


@pytest.mark.slow
def test_a_changed_mapping_reads_its_file_again(acme: Path) -> None:
    before = times(acme)
    (acme / "goodwill.toml").write_text(MAPPING.replace('venue = "linkedin"', 'venue = "x"'))
    study.run(open_workspace(acme))
    after = times(acme)
    assert after["deals.csv"] == before["deals.csv"]
    assert after["acts.csv"] != before["acts.csv"]
    assert rows_of(acme, "interactions WHERE venue = 'x'") == 25


@pytest.mark.slow
def test_the_warehouse_is_built_again_with_the_same_answers(acme: Path) -> None:
    from goodwill.doors import answer

    answer.run(acme, None, None, (), "csv")
    before, loaded_before = answers(acme), times(acme)
    (acme / "warehouse.duckdb").unlink()
    assert study.run(open_workspace(acme)).is_new
    answer.run(acme, None, None, (), "csv")
    assert answers(acme) == before
    assert times(acme) == loaded_before


@pytest.mark.slow
def test_rows_are_counted_once_however_many_tables_they_fill(tmp_path: Path) -> None:
    more = MAPPING + MAPPING.split("[[mapping]]")[1].join(["\n[[mapping]]", ""])
    acme = handmade(tmp_path / "acme", mapping=more)
    (acme / "exports" / "deals.csv").write_text(
        "id,opened,closed,end,money\n1,2024-01-01,,won,x\n2,2024-01-01,,won,2\n"
    )
    found = study.run(open_workspace(acme))
    deals = next(given for given in found.manifest["inputs"] if given["file"] == "deals.csv")  # type: ignore[attr-defined]
    assert [(t["kept"], t["refused"]) for t in deals["tables"]] == [(1, 1), (1, 1)]
    assert (deals["rows"], deals["refused"]) == (2, 1)


def test_a_failed_load_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,at,who,money,end\n1,2024-01-01,a@b.c,1,won\n")
    export = open_export(path, name="a.csv", scratch=tmp_path / "scratch")
    pairs = relations(export.sheets[0])
    with pytest.raises(EngineError, match="changed or went"):
        loading.load(tables(), replace(export, sha256="0" * 64, modified_ns=0), pairs, tmp_path / "loaded")
    assert not list((tmp_path / "loaded").iterdir())


def test_recognised_sheets_are_those_that_are_loaded(acme: Path) -> None:
    export = open_export(acme / "exports" / "acts.csv", name="acts.csv", scratch=acme / "scratch")
    workspace = open_workspace(acme)
    assert recognise(export, workspace.mappings, workspace.locale)[0].source == "mapped"
