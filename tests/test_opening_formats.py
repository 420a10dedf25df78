"""Opening workbooks, JSON, archives and Parquet; and every real export at hand."""

import bz2
import datetime as dt
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from export_files import SPREADSHEETML, Opened, open_written, rows_of, workbook, zipped  # noqa: F401
from goodwill.sources.opening import open_export


def test_workbook_under_a_false_name(opened: Opened) -> None:
    grid = [
        ["All dates in UTC"],
        ["Day", "Clicks", "Rate", "Done", None],
        [dt.datetime(2020, 4, 1), 12, 0.5, True],
        [],
        [dt.datetime(2020, 4, 2, 13, 30), None, 1e-7, False],
    ]
    export = opened(workbook(grid, Empty=[], Other=[["x"], [1]]), "report.csv")
    assert (export.kind, [s.name for s in export.sheets]) == ("xlsx", ["First", "Other"])
    assert export.sheets[0].header == ("Day", "Clicks", "Rate", "Done")
    assert rows_of(export.sheets[0]) == [
        (3, "2020-04-01 00:00:00", "12", "0.5", "true", None),
        (4, None, None, None, None, None),
        (5, "2020-04-02 13:30:00", None, "1e-07", "false", None),
    ]


def test_spreadsheetml_keeps_gaps(opened: Opened) -> None:
    export = opened(SPREADSHEETML, "posts.xls")
    assert (export.kind, [s.name for s in export.sheets]) == ("spreadsheetml", ["Posts"])
    assert rows_of(export.sheets[0]) == [
        (2, None, None, None, None),
        (3, "a & b", None, "4", None),
        (4, None, "2020-04-01 12:30:00", "true", None),
    ]


def test_json_in_its_shapes(opened: Opened) -> None:
    records = [{"id": 1, "on": True, "x": None, "deep": {"a": [1, 2]}}, {"id": "zwei", "late": 0.5}]
    expected = [(1, "1", "true", None, '{"a":[1,2]}', None, None), (2, "zwei", None, None, None, "0.5", None)]
    for content in (
        json.dumps(records),
        json.dumps({"ok": [], "few": [{}], "orderedItems": records}),
        '{"orderedItems": [{"q": 1}], "orderedItems": ' + json.dumps(records) + "}",
        "window.YTD.tweets.part0 = " + json.dumps([{"tweet": r} for r in records], indent=2),
    ):
        (sheet,) = opened(content, "x.json").sheets
        assert sheet.header == ("id", "on", "x", "deep", "late")
        assert rows_of(sheet) == expected
    assert sheet.name == "tweets"


def test_json_lines_refuse_a_bad_line_and_know_every_key(opened: Opened) -> None:
    lines = ['{"id": 1, "a/b": {"x": [1, "é"]}}', "", "{bad", "[1]", *['{"id": 2}'] * 60, '{"id": 3, "ID": "late"}']
    export = opened("\n".join(lines), "x.json")
    (sheet,) = export.sheets
    found = rows_of(sheet)
    assert (export.kind, sheet.header) == ("jsonl", ("id", "a/b", "ID (2)"))
    assert found[0] == (1, "1", '{"x":[1,"é"]}', None, None)
    assert [row[0] for row in found if row[-1]] == [2, 3]
    assert found[-1] == (64, "3", None, "late", None)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"])
def test_compressed(opened: Opened, pack: Callable[[bytes], bytes]) -> None:
    export = opened(pack(b"a;b\n1;2\n"), "data")
    assert export.kind.startswith("csv.")
    assert rows_of(export.sheets[0]) == [(2, "1", "2", None)]


def test_an_archive_gives_a_sheet_per_table(opened: Opened) -> None:
    inner = zipped({"x": b"a,b\n1,2\n"})
    content = zipped(
        {
            "data/posts": b"a,b\n1,2\n",
            "book": workbook([["x"], [1]]),
            "__MACOSX/junk": b"x",
            "picture": b"\x89PNG",
            "nested": inner,
        }
    )
    export = opened(content, "all.zip")
    assert [s.name for s in export.sheets] == ["data/posts", "book: First"]
    assert rows_of(export.sheets[0]) == [(2, "1", "2", None)]
    assert [note.split(" was")[0] for note in export.notes] == ["picture", "nested"]


def test_parquet(opened: Opened, tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1, None], "N": [0.5, 1.0]}), tmp_path / "source")
    export = opened((tmp_path / "source").read_bytes(), "x.csv")
    assert export.sheets[0].header == ("n", "N (2)")
    assert rows_of(export.sheets[0]) == [(1, "1", "0.5", None), (2, None, "1.0", None)]


def test_real_exports(real_data: Callable[..., Path], tmp_path: Path) -> None:
    linkedin = open_export(real_data("social_exports", "NPLF LinkedIn Q1.xls"), name="l", scratch=tmp_path)
    by_name = {sheet.name: sheet for sheet in linkedin.sheets}
    assert len(by_name) == 8
    assert by_name["Update Engagement"].header[0] == "Update title"
    assert by_name["Update Engagement"].first_row == 3
    assert len(rows_of(by_name["Update metrics (aggregated)"])) == 91
    facebook = open_export(real_data("social_exports", "Facebook Posts Q1.xml"), name="f", scratch=tmp_path)
    assert (facebook.kind, len(facebook.sheets), facebook.sheets[0].header[0]) == ("spreadsheetml", 7, "Post ID")
    outbox = real_data("export_formats", "mastodon_outbox_excerpt_redacted.json")
    assert open_export(outbox, name="m", scratch=tmp_path).sheets[0].name == "orderedItems"
    tweets = real_data("export_formats", "x_archive_tweets_excerpt_redacted.js")
    assert open_export(tweets, name="x", scratch=tmp_path).sheets[0].has("full_text", "created_at")
    (paths,) = open_export(real_data("journeys", "mta_data.csv.gz"), name="p", scratch=tmp_path).sheets
    assert len(rows_of(paths)) == 10_000
    (posts,) = open_export(
        real_data("facebook_metrics_moro", "dataset_Facebook.csv"), name="s", scratch=tmp_path
    ).sheets
    assert (len(posts.header), len(rows_of(posts))) == (19, 500)


@pytest.mark.slow
def test_every_real_table_opens_without_a_refused_row(real_data: Callable[..., Path], tmp_path: Path) -> None:
    root = real_data("README.md").parent
    files = [
        p for p in sorted(root.rglob("*")) if p.suffix in {".csv", ".xls", ".xlsx", ".xml", ".js", ".gz", ".jsonl"}
    ]
    refused = {}
    for path in files:
        for sheet in open_export(path, name=path.name, scratch=tmp_path / "scratch").sheets:
            refused[path.name, sheet.name] = sum(row[-1] is not None for row in rows_of(sheet))
    assert len(refused) > 100
    assert not {where: count for where, count in refused.items() if count}
