"""Files that are broken, cut off, protected or meant to do harm: each one clear error, or read right."""

import gzip
import io
import json
import os
import random
import struct
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export_files import SPREADSHEETML, Opened, open_written, rows_of, workbook, zipped  # noqa: F401
from goodwill.errors import ExportError
from goodwill.sources import compressed, grids, mending, workbooks
from goodwill.sources.opening import open_export
from goodwill.sources.scanning import scan

RUBBISH = random.Random(7).randbytes(5000)


def book_with_far_cell() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def locked_member() -> bytes:
    """An archive whose one member says that it is encrypted (bit 0 of its flags, in both directories)."""
    content = bytearray(zipped({"a": b"a,b\n1,2\n"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        content[at : at + 2] = struct.pack("<H", 1)
    return bytes(content)


ENCRYPTED_BOOK = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500
)
BILLION_LAUGHS = SPREADSHEETML.replace(
    "<Workbook", '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n<Workbook', 1
).replace("a &amp; b", "&b;")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "nothing but blanks"),
        (RUBBISH, "no known kind"),
        (b"\0" * 4000, "no known kind"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (b'<?xml version="1.0"?><rss/>', "XML of some kind"),
        (ENCRYPTED_BOOK, "protected by a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + RUBBISH, "cut off or damaged"),
        (workbook([["a", "b"], [1, 2]])[:-200], "cannot be read"),
        (book_with_far_cell(), "more than can be held in memory"),
        (gzip.compress(RUBBISH * 10)[:-1000], "ends too early"),
        (gzip.compress(b"a,b\n1,2\n" * 100)[:-8] + b"\0" * 8, "cannot be unpacked"),
        (gzip.compress(b""), "empty"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "archive within an archive"),
        (zipped({"inner.zip": zipped({"a": b"a,b\n1,2\n"})}), "archive within an archive"),
        (zipped({}), "holds no table"),
        (zipped({"a": b"a,b\n1,2\n" * 99})[:-30], "cannot be read"),
        (locked_member(), "protected by a password"),
        (BILLION_LAUGHS.encode(), "document type"),
        (SPREADSHEETML[:-60].encode(), "cut off"),
        (SPREADSHEETML.replace('ss:Index="3"', 'ss:Index="99999999"').encode(), "cannot be"),
        (b'[{"a": 1}, {"a": 2', "cut off"),
        (b'window.YTD.tweets.part0 = [ {"tweet": {"id": "12', "cut off"),
        (b"[" * 100_000, "no table of records"),
        (b"[[1, 2], [3, 4]]", "no list of records"),
        (b'[{"a": "' + b"\xff" * 3 + b'"}]', "not UTF-8"),
        ("a,b\né,".encode() + "é".encode()[:1], "middle of a character"),
        ("a,b\né,é\n".encode("utf-16")[:-1], "damaged or cut off"),
        (b"PAR1" + RUBBISH, "Parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",  # archives hold the hour: no name for a test
)
def test_one_clear_error(opened: Opened, content: bytes, says: str) -> None:
    with pytest.raises(ExportError) as caught:
        opened(content, "report.csv")
    assert says in str(caught.value)
    assert "report.csv" in str(caught.value.where)
    assert caught.value.remedy


def test_a_json_error_names_the_line(opened: Opened) -> None:
    with pytest.raises(ExportError) as caught:
        opened('[\n{"a": 1},\n{"a": 2,}\n]')
    assert getattr(caught.value.where, "line", None) == 3


def test_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "absent"):
        with pytest.raises(ExportError):
            open_export(path, name="x", scratch=tmp_path / "scratch")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # a mode of 000 would not stop root
    with pytest.raises(ExportError, match="Permission denied"):
        open_export(path, name="x.csv", scratch=tmp_path / "scratch")


def test_bombs_are_seen_before_they_burst(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "HARMLESS_BYTES", 1 << 20)
    zeros = b"0" * (4 << 20)
    for content in (gzip.compress(zeros), zipped({"a": zeros})):
        with pytest.raises(ExportError, match="no export shrinks like that"):
            opened(content)
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(ExportError, match="unpacks to more"):
        opened(workbook([["a"], [1]]))


def test_a_directory_that_lies_about_sizes_is_caught_while_unpacking(
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = zipped({"a": b"a,b\n" + b"1,2\n" * 1_000_000})
    at = content.index(b"PK\x01\x02") + 24
    lying = content[:at] + struct.pack("<I", 10) + content[at + 4 :]
    monkeypatch.setattr(compressed, "HARMLESS_BYTES", 1 << 20)
    with pytest.raises(ExportError):
        opened(lying)


def test_names_in_archives_never_become_paths(opened: Opened, tmp_path: Path) -> None:
    export = opened(zipped({"../../evil.csv": b"a,b\n1,2\n", "/etc/evil.csv": b"a,b\n3,4\n"}), "x.zip")
    assert [s.name for s in export.sheets] == ["../../evil.csv", "/etc/evil.csv"]
    assert not list(tmp_path.rglob("evil*"))
    assert not (tmp_path.parent / "evil.csv").exists()


def test_huge_cells_are_loaded(opened: Opened) -> None:
    for cell in ("x" * 10_000_000, "line\n" * 2_000_000):
        (sheet,) = opened(f'a,b\n1,"{cell}"\n2,y\n').sheets
        assert rows_of(sheet) == [(2, "1", cell, None), (3, "2", "y", None)]


def test_a_record_beyond_the_limit_is_refused(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "RECORD_BYTES", 5000)
    monkeypatch.setattr("goodwill.sources.delimited.RECORD_BYTES", 5000)
    first, second = rows_of(opened(f"a,b\n1,{'x' * 6000}\n2,y\n").sheets[0])
    assert (first[0], first[3], len(first[1] or "")) == (2, mending.TOO_LONG, mending.KEPT_CHARACTERS)
    assert second == (3, "2", "y", None)


def test_control_characters_are_text(opened: Opened) -> None:
    (sheet,) = opened("a,b\n" + "1,plain text\n" * 20 + "2,\0\x01x\n").sheets
    assert rows_of(sheet)[-1] == (22, "2", "\0\x01x", None)


def test_mixed_line_ends(opened: Opened) -> None:
    (sheet,) = opened("a,b\r\n1,2\n3,4\r\n\r\n5,6\r7,8").sheets
    assert [row[:3] for row in rows_of(sheet)] == [(2, "1", "2"), (3, "3", "4"), (4, "5", "6"), (5, "7", "8")]


def test_half_a_surrogate_in_json(opened: Opened) -> None:
    (sheet,) = opened('[{"a": "x\\ud83d"}, {"a": "\\ud83d\\ude00"}]').sheets
    assert rows_of(sheet) == [(1, "x\ufffd", None), (2, "😀", None)]


def test_json_entries_that_are_no_records_are_told(opened: Opened) -> None:
    export = opened(json.dumps([{"a": 1}, 5, "x"]))
    assert rows_of(export.sheets[0]) == [(1, "1", None)]
    assert export.notes == ("2 entries of the list are no records and were left out.",)


def test_a_grid_that_is_too_large(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "MAX_CELLS", 3)
    for content in (workbook([["a", "b"], [1, 2]]), SPREADSHEETML.encode(), b'[{"a": 1, "b": 2}, {"c": 1}]'):
        with pytest.raises(ExportError, match="more than can be held"):
            opened(content)


def test_an_archive_of_too_many_files(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "MAX_MEMBERS", 1)
    with pytest.raises(ExportError, match="more than 1 files"):
        opened(zipped({"a": b"x", "b": b"y"}))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(content=st.text(st.sampled_from('",\nab '), max_size=30))
def test_every_line_is_a_row_or_within_one(content: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the quotes: the rows before are untouched, and no letter is lost unless a row was refused."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "x").write_text("k,v\n" + "p,q\n" * 12 + content)
    (sheet,) = open_export(folder / "x", name="x", scratch=folder / "scratch").sheets
    found = rows_of(sheet)
    assert all(row[:-1] == (i, "p", "q") for i, row in enumerate(found[:12], start=2))
    if not any(row[-1] for row in found):
        kept = "".join(cell or "" for row in found[12:] for cell in row[1:-1])
        assert sorted(kept.replace('"', "").replace(" ", "").replace(",", "").replace("\n", "")) == sorted(
            letter for letter in content if letter in "ab"
        )


@settings(max_examples=100, deadline=None)
@given(
    content=st.text(st.sampled_from('",\n\ré'), max_size=40).map(str.encode),
    chunk=st.integers(1, 5),
)
def test_the_scan_does_not_depend_on_its_chunks(
    content: bytes, chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from goodwill.sources import scanning

    path = tmp_path_factory.mktemp("scan") / "x"
    path.write_bytes(content)
    at_once = scan(path, ",")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "CHUNK_BYTES", chunk)
        by_parts = scan(path, ",")
    if at_once.orderly:  # after the first fault, quotes are no longer followed
        assert by_parts == at_once
    else:
        assert not by_parts.orderly


WHOLE = (workbook([["a", "b"], [1, "x"]]), zipped({"a": b"a,b\n1,2\n"}))


@settings(max_examples=60, deadline=None)
@given(
    which=st.integers(0, 1),
    damage=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), min_size=1, max_size=4),
)
def test_damaged_archives_and_books_are_read_or_refused(
    which: int, damage: list[tuple[float, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(WHOLE[which])
    for share, bits in damage:
        content[int(share * len(content))] ^= bits
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "x").write_bytes(content)
    try:
        sheets = open_export(folder / "x", name="x", scratch=folder / "scratch").sheets
    except ExportError:
        return
    assert sheets
