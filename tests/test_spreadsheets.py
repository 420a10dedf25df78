"""No cell that Goodwill writes is taken for a formula, and no number is spoilt by that."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.spreadsheets import as_csv, harmless

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "goodwill"
#: What CSV is written for programs of ours, and never for people.
FOR_OURSELVES = {"sources/mending.py", "worlds/tables.py"}


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "＝1+1",
     "＋1", "－1+1", "＠home", "-cmd|' /C calc'!A0", "+49 30 1234", "+4930123", "-2+3", "--1", "-", "=", "-1 points(",
     "-1 =1", "\tplain", "- a list"],
)  # fmt: skip
def test_what_may_be_a_formula_is_text(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell",
    ["", "a", "a=b", "a-b", "12", "-5", "-5.25", "-1,234.5", "-1e-05", "-5%", "+6.1 points", "-12.5 days", "−5 days",
     "'=1", "(=1)", -5, -5.25, 7, None, True],
)  # fmt: skip
def test_what_is_none_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) == cell


@given(st.text())
def test_no_text_reaches_a_spreadsheet_as_a_formula(text: str) -> None:
    told = harmless(text)
    assert told.endswith(text)
    first = told.lstrip("\ufeff \u200b\t\r\n")[:1]
    assert first not in {"=", "@", "＝", "＋", "－", "＠"}
    assert first not in {"+", "-"} or re.fullmatch(r"[+-][\d.,]+([eE][+-]?\d+)?(%| [A-Za-z]+)?", told)


@given(st.lists(st.lists(st.text(st.characters(blacklist_characters="\0")), min_size=2, max_size=2)))
def test_a_table_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    text = as_csv(("a", "b"), rows)
    assert text.endswith("\r\n")
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found == [["a", "b"], *([harmless(cell) for cell in row] for row in rows)]


def test_csv_for_people_is_written_in_one_place() -> None:
    writers = {
        p.relative_to(PACKAGE).as_posix()
        for p in PACKAGE.rglob("*.py")
        if re.search(r"csv\.(Dict)?[wW]riter", p.read_text(encoding="utf-8"))
    }
    assert writers == {"spreadsheets.py", *FOR_OURSELVES}
