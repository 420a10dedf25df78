"""One table in every form a file can have, read by one mapping: the canonical rows must be the same."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands import goodwill, rows_in, workspace
from goodwill.errors import SettingsError
from goodwill.sources.mapped import relation
from goodwill.sources.opening import open_export
from goodwill.workspace import open_workspace

HEADER = ("Deal", "Firm; name", "Opened on", "State", "Worth", "Kind")
#: 30 deals, six of them tests and six of no kind; amounts with a decimal comma and a point for thousands.
ROWS = [
    (
        f"D-{i:02}",
        f'Firm {i % 7}; "Söhne"',
        f"{1 + i % 28:02}-0{1 + i % 9}-24",
        ("Gewonnen", "Verloren", "Offen")[i % 3],
        f"{1 + i}.{100 + i},50",
        ("New", "Renewal", "Test", "New", "")[i % 5],
    )
    for i in range(30)
]
MAPPING = """
[[mapping]]
file = "deals.*"
table = "opportunities"
decimal = ","
[mapping.columns]
id = "Deal"
account = "Firm; name"
created_at = "opened ON"
outcome = "State"
amount = "Worth"
type = "Kind"
[mapping.constants]
currency = "CHF"
channel_group = "organic_social"
[mapping.nodes]
account = "company"
[mapping.formats]
created_at = "%d-%m-%y"
[mapping.values.outcome]
"Gewonnen" = "won"
"verloren" = "lost"
"*" = "open"
[mapping.keep]
"Kind" = ["New", "Renewal", "Test"]
[mapping.drop]
"Kind" = ["Test"]
"""


def delimited(delimiter: str) -> bytes:
    into = io.StringIO()
    csv.writer(into, delimiter=delimiter).writerows([HEADER, *ROWS])
    return into.getvalue().encode()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def parquet() -> bytes:
    into = io.BytesIO()
    pq.write_table(pa.table({name: [row[i] for row in ROWS] for i, name in enumerate(HEADER)}), into)
    return into.getvalue()


FORMS: dict[str, Callable[[], bytes]] = {
    "deals.csv": lambda: delimited(","),
    "deals.tsv": lambda: delimited("\t"),
    "deals.semicolon.csv": lambda: delimited(";"),
    "deals.csv.gz": lambda: gzip.compress(delimited(";"), mtime=0),
    "deals.jsonl": lambda: "\n".join(json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS).encode(),
    "deals.parquet": parquet,
    "deals.xlsx": workbook,
}
#: Forms in which no row is the header.
HEADLESS = ("deals.jsonl", "deals.parquet")
#: What the mapping makes of the rows, worked out without it.
EXPECTED = [
    (
        f"D-{i:02}",
        f'company:firm {i % 7}; "söhne"',
        f"2024-0{1 + i % 9}-{1 + i % 28:02} 00:00:00",
        ("won", "lost", "open")[i % 3],
        1000 * (1 + i) + 100 + i + 0.5,
        "CHF",
        ("New", "Renewal", "", "New")[i % 5],
        "organic_social",
    )
    for i in range(30)
    if i % 5 in (0, 1, 3)
]


def opportunities(folder: Path) -> list[tuple[Any, ...]]:
    found = rows_in(
        folder,
        "SELECT id, account, CAST(created_at AS VARCHAR) AS opened, outcome, amount, currency, type, channel_group "
        "FROM opportunities ORDER BY id",
    )
    return [tuple(row.values()) for row in found]


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    folder = workspace(tmp_path / "w", MAPPING)
    (folder / "exports" / name).write_bytes(FORMS[name]())
    said = goodwill("run", folder, "--question", "win_rate", "--format", "json")
    assert said.code == 0, said.err
    assert opportunities(folder) == EXPECTED
    behind = goodwill("explain", "win_rate.deals", folder, "--format", "json").json
    assert behind["rows_in_all"] == len(EXPECTED)
    assert [row["source_row"] for row in behind["rows"][:3]] == [2, 3, 5] if name not in HEADLESS else [1, 2, 4]


@pytest.mark.parametrize(
    ("wrong", "line", "nearest"),
    [
        ('id = "Dael"', 3, "Deal"),
        ('id = "Deal"\naccount = "Firm name"', 3, "Firm; name"),
        ('id = "Deal"\n[mapping.keep]\n"Knd" = ["New"]', 3, "Kind"),
        ('id = "Deal"\n[mapping.drop]\n"Stat" = ["Offen"]', 3, "State"),
    ],
    ids=["columns", "several words", "keep", "drop"],
)
def test_a_wrong_header_is_refused_with_the_nearest_and_the_line(
    tmp_path: Path, wrong: str, line: int, nearest: str
) -> None:
    settings = f'[company]\n\n[[mapping]]\nfile = "deals.csv"\ntable = "opportunities"\n[mapping.columns]\n{wrong}\n'
    folder = workspace(tmp_path / "w", settings, deals__csv=delimited(","))
    opened = open_workspace(folder)
    export = open_export(folder / "exports" / "deals.csv", name="deals.csv", scratch=tmp_path / "scratch")
    with pytest.raises(SettingsError, match=r"deals\.csv has no column") as caught:
        relation(export.sheets[0], opened.mappings[0], opened.locale)
    assert f"goodwill.toml, line {line}" in str(caught.value.where)
    assert f'"{nearest}"' in caught.value.remedy
    said = goodwill("run", folder)
    assert (said.code, said.out) == (2, "")
    assert f'Did you mean "{nearest}"?' in said.err


def test_a_wrong_canonical_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    settings = '[[mapping]]\nfile = "deals.csv"\ntable = "opportunities"\n[mapping.columns]\nacount = "Deal"\n'
    said = goodwill("scan", workspace(tmp_path / "w", settings, deals__csv=delimited(",")))
    assert (said.code, said.out) == (2, "")
    assert "goodwill.toml, line 1" in said.err
    assert '"account"' in said.err
