"""Where a row stands in its file: every kind of export, as slow counting says; hostile names and texts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodwill import keeping
from goodwill.claims import source_lines, source_texts
from goodwill.claims.source_lines import CHANGED, CUT, MORE, SHOWN_CHARACTERS, Excerpt, clean, excerpt, line
from goodwill.errors import GoodwillError
from goodwill.sources.opening import line_of
from goodwill.workspace import Workspace

#: Rows whose cells hold line breaks, quotes and empty lines between them.
ROWS = 'id;note;city\n1;"two\nlines";Köln\n\n2;plain;Zürich\n3;"a ""quoted""\r\n\r\nword";Bern\n4;last;Graz'


def known(root: Path, *files: str, sheets: tuple[str, ...] = ("",)) -> Workspace:
    """A workspace whose answers rest on these exports."""
    workspace = Workspace(root)
    inputs = [
        {
            "file": file,
            "sha256": _sha(workspace.exports / file),
            "tables": [{"table": "items", "sheet": sheet, "kept": 1, "refused": 0} for sheet in sheets],
        }
        for file in files
    ]
    workspace.verdicts.mkdir(exist_ok=True)
    manifest = keeping.sealed({"questions": {}, "inputs": inputs})
    (workspace.verdicts / keeping.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return workspace


def _sha(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def shown(root: Path, content: bytes, row: int, *, name: str = "x.csv", sheet: str = "", around: int = 3) -> Excerpt:
    """One record of a file with this content."""
    (root / "exports").mkdir(exist_ok=True)
    (root / "exports" / name).write_bytes(content)
    return excerpt(known(root, name), name, row, sheet=sheet, around=around)


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


FORMS = {
    "utf-8": ROWS.encode(),
    "with a mark": ROWS.encode("utf-8-sig"),
    "utf-16": ROWS.encode("utf-16"),
    "utf-16 without a mark": ROWS.encode("utf-16-le"),
    "utf-32": ROWS.encode("utf-32"),
    "cp1252": ROWS.encode("cp1252"),
    "gz": gzip.compress(ROWS.encode()),
    "utf-16 in gz": gzip.compress(ROWS.encode("utf-16")),
    "a quote that never closes": ROWS.replace("plain", '"plain').encode(),
    "old line ends": b"id,note\r1,a\r\r2,b\r3,c\r4,d\r",
    "lines of JSON": b'{"id": 1, "city": "K\xc3\xb6ln"}\n\n{"id": 2, "n": [1]}\r\n{"id": 3}\n{"id": 4}\n{"id": 5}',
    "a document": b'[{"id": 1}, {"id": 2},\n {"id": 3}, {"id": 4}, {"id": 5}]',
}


@pytest.mark.parametrize("form", FORMS)
def test_a_line_is_the_one_that_slow_counting_finds(tmp_path: Path, form: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(FORMS[form])
    assert [line(path, row) for row in range(1, 6)] == [line_of(path, row) for row in range(1, 6)]


def test_members_of_an_archive_are_counted_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(a__csv=ROWS.encode(), b__csv=ROWS.encode("utf-16"), c__json=FORMS["a document"]))
    for member in ("a.csv", "b.csv", "c.json", "none.csv"):
        assert [line(path, row, member) for row in range(1, 6)] == [
            line_of(path, row, sheet=member) for row in range(1, 6)
        ]
    assert line(path, 5, "a.csv") == 9


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    cells=st.lists(
        st.lists(st.sampled_from(["a", "ü", "1", "", "x\ny", 'q"q', "a,b"]), min_size=2, max_size=2), max_size=8
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    blank=st.booleans(),
)
def test_any_table_is_counted_alike(tmp_path: Path, cells: list[list[str]], encoding: str, *, blank: bool) -> None:
    rows = [",".join('"' + c.replace('"', '""') + '"' if set(c) & set('",\n') else c for c in row) for row in cells]
    path = tmp_path / "x.csv"
    path.write_bytes("\n".join(["name,note", *rows, *([""] if blank else []), "end,1"]).encode(encoding))
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))  # a file of the same size within one tick of the clock
    source_texts._text_of.cache_clear()
    assert [line(path, n) for n in range(1, len(rows) + 4)] == [line_of(path, n) for n in range(1, len(rows) + 4)]


@pytest.mark.parametrize("form", ["utf-8", "with a mark", "utf-16", "cp1252", "gz", "utf-16 in gz"])
def test_an_excerpt_shows_the_lines_around_and_the_cells(tmp_path: Path, form: str) -> None:
    found = shown(tmp_path, FORMS[form], 3)
    assert (found.header, found.cells) == (("id", "note", "city"), ("2", "plain", "Zürich"))
    assert (found.wanted, found.row, found.remarks) == (5, 3, ())
    assert found.lines == (
        (2, '1;"two'), (3, 'lines";Köln'), (4, ""), (5, "2;plain;Zürich"), (6, '3;"a ""quoted""'), (7, ""),
        (8, 'word";Bern'),
    )  # fmt: skip


def test_a_record_of_several_lines_is_shown_whole(tmp_path: Path) -> None:
    found = shown(tmp_path, ROWS.encode(), 4, around=1)
    assert found.cells == ("3", 'a "quoted"  word', "Bern")
    assert [number for number, _ in found.lines] == [5, 6, 7, 8, 9]


def test_the_first_and_the_last_line_have_nothing_beyond(tmp_path: Path) -> None:
    assert shown(tmp_path, ROWS.encode(), 1, around=2).lines[0] == (1, "id;note;city")
    assert shown(tmp_path, ROWS.encode(), 5).lines[-1] == (9, "4;last;Graz")
    assert len(shown(tmp_path, ROWS.encode(), 5, around=-5).lines) == 1


@pytest.mark.parametrize("row", [0, -1, 6, 10**12])
def test_a_row_that_is_not_there_is_told(tmp_path: Path, row: int) -> None:
    with pytest.raises(GoodwillError, match="there is no row"):
        shown(tmp_path, ROWS.encode(), row)


def test_a_line_of_json_and_a_document(tmp_path: Path) -> None:
    found = shown(tmp_path, FORMS["lines of JSON"], 2, name="x.jsonl")
    assert (found.header, found.cells, found.wanted) == (("id", "n"), ("2", "[1]"), 3)
    outbox = json.dumps({"orderedItems": [{"id": str(i), "object": {"content": "ä"}} for i in range(9)]}).encode()
    found = shown(tmp_path, outbox, 4, name="outbox.json", sheet="orderedItems")
    assert found.cells == ("3", '{"content": "ä"}')
    assert json.loads("\n".join(text for _, text in found.lines)) == {"id": "3", "object": {"content": "ä"}}
    found = shown(tmp_path, zipped(out__json=outbox), 4, name="x.zip", sheet="out.json: orderedItems")
    assert found.cells[0] == "3"


def test_a_row_of_a_workbook_has_its_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Title of the sheet"])
    book.active.append(["Name", "Clicks"])
    for i in range(8):
        book.active.append([f"post {i}", i])
    other = book.create_sheet("Other")
    other.append(["A", "B"])
    other.append(["x\nnew line", 1.5])
    into = io.BytesIO()
    book.save(into)
    found = shown(tmp_path, into.getvalue(), 5, name="b.xlsx", around=1)
    assert (found.sheet, found.header, found.cells) == ("Sheet", ("Name", "Clicks"), ("post 2", "2"))
    assert found.lines == ((4, "post 1 | 1"), (5, "post 2 | 2"), (6, "post 3 | 3"))
    found = shown(tmp_path, into.getvalue(), 2, name="b.xlsx", sheet="Other")
    assert (found.cells, found.wanted) == (("x new line", "1.5"), 2)
    with pytest.raises(GoodwillError, match="there is no row"):
        shown(tmp_path, into.getvalue(), 2, name="b.xlsx", sheet="Nowhere")


def test_a_row_of_a_parquet_file(tmp_path: Path) -> None:
    into = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]}), into)
    found = shown(tmp_path, into.getvalue(), 2, name="x [1].parquet", around=1)
    assert (found.header, found.cells) == (("a", "b"), ("2", ""))
    assert [number for number, _ in found.lines] == [1, 2, 3]


def test_very_long_lines_and_records_are_cut_with_a_remark(tmp_path: Path) -> None:
    content = f"a,b\n1,{'x' * 5_000_000}\n2,y\n".encode()
    found = shown(tmp_path, content, 2)
    assert found.remarks == (CUT,)
    assert all(len(text) <= SHOWN_CHARACTERS + 1 for _, text in found.lines)
    assert shown(tmp_path, content, 3).cells == ("2", "y")
    many = 'a,b\n1,"' + "x\n" * 500 + '"\n2,y\n'
    found = shown(tmp_path, many.encode(), 2)
    assert found.remarks == (MORE,)
    assert len(found.lines) == source_lines.SHOWN_LINES + 1


def test_characters_that_steer_a_terminal_are_replaced(tmp_path: Path) -> None:
    found = shown(tmp_path, "a,b\n\x1b]0;x\x07\x9b,\u202e<script>\n".encode(), 2)
    told = json.dumps([found.cells, found.lines], ensure_ascii=False)
    assert "<script>" in told, "text is raw: the page escapes it"
    assert not set("\x1b\x07\x9b\u202e") & set(told)
    assert clean("a\tb") == "a\tb"


def test_a_file_that_changed_since_says_so(tmp_path: Path) -> None:
    shown(tmp_path, ROWS.encode(), 2)
    (tmp_path / "exports" / "x.csv").write_text(ROWS + "\n5;new;Linz", encoding="utf-8")
    assert excerpt(Workspace(tmp_path), "x.csv", 6).remarks == (CHANGED,)


HOSTILE = [
    "../goodwill.toml", "/etc/passwd", "exports/../../goodwill.toml", "x.csv\0", "", ".", "..", "\x1b[31m", "X.CSV",
    "sub/../x.csv", "x.csv/", "C:\\windows\\win.ini", "..\\goodwill.toml", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_no_export_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "goodwill.toml").write_text("secret")
    shown(tmp_path, ROWS.encode(), 2)
    with pytest.raises(GoodwillError, match="no export called") as told:
        excerpt(Workspace(tmp_path), name, 1)
    assert "\x1b" not in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("name", ["../goodwill.toml", "sub/../../goodwill.toml", "x\0.csv", "."])
def test_a_manifest_that_was_made_up_leads_nowhere_either(tmp_path: Path, name: str) -> None:
    (tmp_path / "exports" / "sub").mkdir(parents=True)
    (tmp_path / "goodwill.toml").write_text("a,b\nsecret,1\n")
    workspace = known(tmp_path, name)
    with pytest.raises(GoodwillError, match=r"does not lie in exports|has gone"):
        excerpt(workspace, name, 1)
    absolute = str(tmp_path / "goodwill.toml")
    with pytest.raises(GoodwillError, match="does not lie in exports"):
        excerpt(known(tmp_path, absolute), absolute, 1)


def test_links_out_of_the_exports_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "w"
    (root / "exports").mkdir(parents=True)
    (tmp_path / "outside.csv").write_text("a,b\nsecret,1\n")
    (root / "exports" / "link.csv").symlink_to(tmp_path / "outside.csv")
    (root / "exports" / "folder").symlink_to(tmp_path)
    (root / "exports" / "circle.csv").symlink_to(root / "exports" / "circle.csv")
    for name in ("link.csv", "folder/outside.csv", "circle.csv"):
        with pytest.raises(GoodwillError, match=r"does not lie in exports|has gone"):
            excerpt(known(root, name), name, 1)


def test_a_workspace_behind_a_link_is_no_link_out(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "w").symlink_to(tmp_path / "real")
    assert shown(tmp_path / "w", ROWS.encode(), 3).cells[0] == "2"


def test_a_file_that_has_gone_is_told(tmp_path: Path) -> None:
    shown(tmp_path, ROWS.encode(), 2)
    (tmp_path / "exports" / "x.csv").unlink()
    with pytest.raises(GoodwillError, match="has gone"):
        excerpt(Workspace(tmp_path), "x.csv", 2)


def test_copies_are_removed_when_they_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(FORMS["gz"])
    source_texts._text_of.cache_clear()
    text = source_texts.text_of(path)
    assert text is not None
    folder = text.index.path
    assert folder.exists()
    source_texts._text_of.cache_clear()
    del text
    assert not folder.exists()
