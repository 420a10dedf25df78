"""How the text of a cell becomes a value: dates, figures, truths and nodes, and what is no value at all."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.exports import ABSENT, Cell, Sheet
from goodwill.sources import cells

ENGINE = duckdb.connect()
ENGINE.execute("SET TimeZone = 'UTC'")
SHEET = Sheet("a.csv", "", ("Value",), 2, ())


def read(cell: Cell, text: str | None) -> Any:
    return ENGINE.execute(f'SELECT {cell.value} FROM (SELECT $1::VARCHAR AS "Value")', [text]).fetchall()[0][0]


def number(text: str | None, decimal: str = ".") -> Any:
    return read(cells.number(SHEET, "Value", decimal=decimal), text)


def moment(text: str | None, *formats: str, zone: str = "UTC") -> Any:
    return read(cells.moment(SHEET, "Value", formats=formats, zone=zone), text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), (" 12 ", 12), ("-3.5", -3.5), ("+4", 4), ("1e3", 1000), (".5", 0.5), ("1,234", 1234),
        ("1,234,567.89", 1234567.89), ("1,00,000", 100_000), ("12%", 0.12), ("-5 %", -0.05), ("1,200%", 12),
        ("(5)", -5), ("($1,200.50)", -1200.5), ("(12%)", -0.12), ("$1,200", 1200), ("-$1,200", -1200), ("€ 9.90", 9.9),
        ("EUR 12", 12), ("12EUR", 12), ("1'234.5", 1234.5), ("1 234", 1234), ("1\u202f234", 1234), ("1\u00a0234", 1234),
        ("\u22125", -5),
    ],
)  # fmt: skip
def test_figures(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,5", 1234.5), ("12,5 %", 0.125), ("(1.000,00)", -1000), ("7", 7), ("1 234,5", 1234.5)]
)
def test_figures_with_a_decimal_comma(text: str, value: float) -> None:
    assert number(text, ",") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [("1,5", "."), ("12,34", "."), ("1,,234", "."), ("1.5", ","), ("1.2.3", "."), ("about 5", "."), ("inf", "."),
     ("1e400", "."), ("0x10", "."), ("5-", "."), ("%", "."), ("()", ".")],
)  # fmt: skip
def test_what_is_no_figure(text: str, decimal: str) -> None:
    assert number(text, decimal) is None


@pytest.mark.slow
@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=25, deadline=None)
def test_a_figure_as_python_writes_it_is_read_as_it_was(x: float) -> None:
    assert number(str(x)) == x
    if abs(x) < 1e15 and "e" not in str(x):
        assert number(str(x).replace(".", ","), ",") == x


@pytest.mark.slow
@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_thousands_may_be_parted_in_either_way(whole: int, cents: int) -> None:
    text = f"{whole:,}.{cents:02}"
    swapped = text.translate(str.maketrans(",.", ".,"))
    assert number(text) == number(swapped, ",") == float(f"{whole}.{cents:02}")


@pytest.mark.slow
@given(st.text(max_size=12))
@settings(max_examples=25, deadline=None)
def test_any_text_is_a_finite_figure_or_none(text: str) -> None:
    text = text.replace("\x00", "")
    value = number(text)
    assert value is None or math.isfinite(value)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-03-05", "2024-03-05T00:00:00"), ("2024-03-05 14:30", "2024-03-05T14:30:00"),
        ("2024-03-05T14:30:15", "2024-03-05T14:30:15"), ("2024-03-05T14:30:15.250Z", "2024-03-05T14:30:15.250000"),
        ("2024-03-05 14:30:00 UTC", "2024-03-05T14:30:00"), ("2024-03-05T14:30:00+02:00", "2024-03-05T12:30:00"),
        ("2024-03-05T14:30:00+0200", "2024-03-05T12:30:00"), ("2024-03-05T14:30:00+02", "2024-03-05T12:30:00"),
        ("2024-03-05 14:30:00 -05:00", "2024-03-05T19:30:00"), ("2024-03-05T14:30:00z", "2024-03-05T14:30:00"),
        ("44008", "2020-06-26T00:00:00"), ("44008.5", "2020-06-26T12:00:00"), ("2024/03/05", "2024-03-05T00:00:00"),
    ],
)  # fmt: skip
def test_moments(text: str, iso: str) -> None:
    assert moment(text) == dt.datetime.fromisoformat(iso)


@pytest.mark.parametrize(
    "text",
    ["2024-13-01", "2024-02-30", "05/03/2024", "soon", "2024", "20240305", "99999", "infinity", "epoch",
     "2024-03-05 10:00 PM", "2024-03-05 10:00 Europe/Berlin", "2024-03-05 25:00"],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    assert moment(text) is None


def test_a_format_comes_first_and_iso_is_understood_beside_it() -> None:
    assert moment("05/03/2024", "%d/%m/%Y") == dt.datetime(2024, 3, 5)
    assert moment("2024-03-05", "%d/%m/%Y") == dt.datetime(2024, 3, 5)
    assert moment("5 Mar 2024 10:05 PM", "%d %b %Y %I:%M %p") == dt.datetime(2024, 3, 5, 22, 5)
    assert moment("Tue Mar 05 10:00:00 -0500 2024", "%a %b %d %H:%M:%S %z %Y") == dt.datetime(2024, 3, 5, 15)


@pytest.mark.parametrize(
    ("text", "utc"),
    [("2024-01-15 12:00", "2024-01-15T11:00"), ("2024-07-15 12:00", "2024-07-15T10:00"),
     ("2024-03-31 01:59", "2024-03-31T00:59"), ("2024-03-31 03:00", "2024-03-31T01:00"),
     ("2024-07-15T12:00:00Z", "2024-07-15T12:00"), ("2024-07-15T12:00:00-04:00", "2024-07-15T16:00")],
)  # fmt: skip
def test_times_without_an_offset_are_in_the_zone_with_its_summer(text: str, utc: str) -> None:
    assert moment(text, zone="Europe/Berlin") == dt.datetime.fromisoformat(utc)


@pytest.mark.slow
@given(st.datetimes(dt.datetime(1995, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(ZoneInfo("America/New_York"))))
@settings(max_examples=20, deadline=None)
def test_an_offset_says_the_same_moment_in_every_zone(when: dt.datetime) -> None:
    utc = when.astimezone(dt.UTC).replace(tzinfo=None)
    assert moment(when.isoformat()) == moment(when.isoformat(), zone="Asia/Tokyo") == utc


def test_a_day_is_the_day_that_the_export_states() -> None:
    assert read(cells.day(SHEET, "Value"), "2024-03-05 23:30") == dt.date(2024, 3, 5)
    assert read(cells.day(SHEET, "Value", formats=("%d.%m.%y",)), "05.03.24") == dt.date(2024, 3, 5)
    assert read(cells.day(SHEET, "Value"), "never") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("Yes", True), ("TRUE", True), ("t", True), ("1", True), ("won", True), ("No", False), ("false", False),
     ("0", False), ("perhaps", None), ("", None)],
)  # fmt: skip
def test_truths(text: str, value: bool | None) -> None:
    assert read(cells.truth(SHEET, "Value"), text) is value


@pytest.mark.slow
@pytest.mark.parametrize("word", [*ABSENT, " N/A ", "NULL", None])
def test_words_for_nothing_are_nothing(word: str | None) -> None:
    for cell in (cells.text(SHEET, "Value"), cells.number(SHEET, "Value"), cells.node(SHEET, "email", "Value")):
        assert read(cell, word) is None
        assert ENGINE.execute(f'SELECT {cell.raw or "NULL"} FROM (SELECT $1 AS "Value")', [word]).fetchall() == [
            (None,)
        ]


def test_a_longer_text_that_begins_like_nothing_says_something() -> None:
    assert read(cells.text(SHEET, "Value"), " None of these ") == "None of these"


def test_nodes_are_lower_case_but_for_the_numbers_of_records() -> None:
    assert read(cells.node(SHEET, "email", "Value"), " Jane@Acme.com") == "email:jane@acme.com"
    assert read(cells.node(SHEET, "x", "Value"), "@Acme") == "x:acme"
    assert read(cells.node(SHEET, "salesforce/account", "Value"), "001aB") == "salesforce/account:001aB"


def test_a_column_that_the_sheet_lacks_gives_an_empty_cell_and_the_first_present_counts() -> None:
    assert read(cells.number(SHEET, "Amount"), "5") is None
    assert read(cells.number(SHEET, "Amount", " VALUE "), "5") == 5
    assert cells.text(SHEET, "Amount").column is None


@pytest.mark.parametrize("text", ["20-10-16", "01-03-17", "1/3/17", "7-3-2"])
def test_a_year_has_four_figures_unless_a_format_says_otherwise(text: str) -> None:
    assert moment(text) is None
    assert read(cells.day(SHEET, "Value"), text) is None
    assert moment("20-10-16", "%d-%m-%y") == dt.datetime(2016, 10, 20)
