"""The index of records and lines says the same as counting them one by one, whatever the text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodwill.claims import line_index
from goodwill.claims.line_index import LineIndex, index_lines
from goodwill.sources.mending import SPAN_LINES, Record, records

#: Pieces that make every case likely: quoted cells with line breaks, doubled quotes, blank lines, three line ends.
PIECES = st.sampled_from(
    ["a", "ä", "1,2", ",", '"x"', '"x\ny"', '"x\r\ny,z"', '""', '"', '"a""b"', ' "q"', "\n", "\r\n", "\r", "\n\n", " "]
)
ORDERLY = st.sampled_from(["a", "bc", ",", '"x"', '"x\n\ny"', '"x\r\ny"', '""', '"a""b"', "\n", "\r\n", "\n\n"])


def naive(text: str, delimiter: str | None) -> list[Record]:
    """Every record that is not blank, one after the other; bytes stand for characters."""
    lines = text.encode().decode("latin-1")
    whole = _lines(lines)
    if delimiter is None:
        found = [Record(n, line, ()) for n, line in enumerate(whole, start=1)]
        return [r for r in found if not r.is_blank]
    return [r for r in records(whole, delimiter) if not r.is_blank]


def _lines(text: str) -> list[str]:
    found, at = list[str](), 0
    while at < len(text):
        ends = [i + len(end) for end in ("\r\n", "\n", "\r") if (i := text.find(end, at)) >= 0]
        starts = [i for end in ("\r\n", "\n", "\r") if (i := text.find(end, at)) >= 0]
        if not starts:
            return [*found, text[at:]]
        first = min(starts)
        end = first + 2 if text[first : first + 2] == "\r\n" else first + 1
        assert end in ends
        found.append(text[at:end])
        at = end
    return found


def assert_same(path: Path, text: str, delimiter: str | None, mark: bytes = b"") -> LineIndex:
    path.write_bytes(mark + text.encode())
    index, expected = index_lines(path, delimiter=delimiter), naive(text, delimiter)
    assert index.records == len(expected)
    content = path.read_bytes()
    for row, record in enumerate(expected, start=1):
        place = index.place(row)
        assert place is not None
        assert place.line == record.line
        assert content[place.start : place.end].rstrip(b"\r\n").decode("latin-1") == record.text.rstrip("\r\n")
    assert index.place(0) is None
    assert index.place(len(expected) + 1) is None
    return index


@pytest.fixture(params=[3, 4, 7, 1 << 18], ids=lambda n: f"pieces of {n}")
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(line_index, "CHUNK_BYTES", request.param)
    return int(request.param)


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(text=st.one_of(st.lists(PIECES, max_size=30), st.lists(ORDERLY, max_size=40)).map("".join), mark=st.booleans())
@pytest.mark.parametrize("delimiter", [",", None])
@pytest.mark.usefixtures("chunk")
def test_the_index_counts_as_the_slow_reader_does(
    tmp_path: Path, delimiter: str | None, text: str, *, mark: bool
) -> None:
    assert_same(tmp_path / "x.csv", text, delimiter, b"\xef\xbb\xbf" if mark else b"")


@pytest.mark.usefixtures("chunk")
def test_orderly_text_needs_few_checkpoints(tmp_path: Path) -> None:
    text = "".join(f'{i},"line\nbreak",x\n\n' for i in range(300))
    index = assert_same(tmp_path / "x.csv", text, ",")
    assert not index.is_whole
    assert all(a <= b for a, b in pairwise(index.offsets.tolist()))


def test_a_quote_out_of_order_is_counted_record_by_record(tmp_path: Path) -> None:
    assert assert_same(tmp_path / "x.csv", 'a,b\n1,"never closed\n\n2,x\n3,5" wide\n4,y', ",").is_whole


@pytest.mark.parametrize("lines", [SPAN_LINES, SPAN_LINES + 1, SPAN_LINES + 2])
def test_a_cell_of_very_many_lines(tmp_path: Path, lines: int) -> None:
    assert_same(tmp_path / "x.csv", 'a\n"' + "x\n" * lines + '"\nlast\n', ",")


def test_the_first_byte_that_is_no_utf8_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("name\nGröße\n".encode("cp1252"))
    assert index_lines(path, delimiter=",").utf8_error == 7
    path.write_bytes(b"name\nok\n\xc3")
    assert index_lines(path, delimiter=",").utf8_error == 8
    path.write_bytes("name\nGröße\n".encode())
    assert index_lines(path, delimiter=",").utf8_error is None
