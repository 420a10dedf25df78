"""The sources of social networks and the site against real files: the totals must be the sheets' own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from goodwill.sources import (
    facebook_insights,
    ga4_events,
    linkedin_page,
    mastodon_outbox,
    x_analytics,
    x_archive,
    youtube_studio,
)
from goodwill.sources.recognise import unknown_columns
from social_sheets import (
    good,
    in_terms,
    loaded,
    matching,
    only,
    opened,
    opened_by_name,
    outbox,
    refused,
    spreadsheet_ml,
    total,
    tweets,
    workbook,
)

RealData = Callable[..., Path]

# --- real files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_linkedin_totals_are_the_sheets_own(real_data: RealData, tmp_path: Path, suffix: str) -> None:
    path = real_data("social_exports", f"NPLF LinkedIn Q1.{suffix}")
    book, sheets = workbook(path), opened_by_name(path, tmp_path)
    for name in ("Visitor metrics", "Update metrics (aggregated)", "Update Engagement"):
        tables = loaded(sheets[name], linkedin_page.SOURCE)
        in_terms(tables)
        assert refused(tables) == []
        header, *rows = book[name][0 if name == "Visitor metrics" else -len(sheets[name].rows) - 1 :]
        for i, column in enumerate(header):
            figures = [row[i] for row in rows if isinstance(row[i], float)]
            if column.endswith(")") or column in ("Impressions", "Clicks", "Likes", "Engagement rate"):
                assert total(good(tables, "exposures"), column) == pytest.approx(sum(figures)), column
    visits = good(loaded(sheets["Visitor metrics"], linkedin_page.SOURCE), "exposures")
    assert {r["period_start"] for r in visits} == {
        date.fromordinal(date(2020, 4, 1).toordinal() + i) for i in range(91)
    }
    whole = [r for r in visits if r["metric"] == "views" and r["segment"] is None]
    assert len(whole) == 91


def test_linkedin_excel_days_are_days(real_data: RealData, tmp_path: Path) -> None:
    sheets = opened_by_name(real_data("social_exports", "NPLF LinkedIn Q1.xls"), tmp_path)
    tables = loaded(sheets["Update Engagement"], linkedin_page.SOURCE)
    days = [row["at"].date() for row in good(tables, "items")]
    assert (len(days), min(days), max(days)) == (10, date(2020, 5, 7), date(2020, 6, 26))
    assert all(row["id"].startswith("urn:li:activity:") for row in good(tables, "items"))
    assert all(row["author"] is None for row in good(tables, "items"))  # whoever pressed the button is left alone


@pytest.mark.parametrize("name", ["Location", "Job function", "Seniority", "Industry", "Company size"])
def test_linkedin_audience_sheets(real_data: RealData, tmp_path: Path, name: str) -> None:
    path = real_data("social_exports", "NPLF LinkedIn Q1.xls")
    sheet = opened_by_name(path, tmp_path)[name]
    rows = good(loaded(sheet, linkedin_page.SOURCE), "exposures")
    assert sum(r["value"] for r in rows) == sum(r[1] for r in workbook(path)[name][1:])
    assert all(r["segment"].startswith(name.lower() + ": ") and r["period_start"] is None for r in rows)


def test_x_impressions_by_month(real_data: RealData, tmp_path: Path) -> None:
    path = real_data("social_exports", "NPLF Twitter Q1.xls")
    book = workbook(path)
    days = set()
    for sheet in opened(path, tmp_path):
        tables = loaded(sheet, x_analytics.SOURCE)
        in_terms(tables)
        rows = good(tables, "exposures")
        for column in ("impressions", "engagements", "Tweets published", "engagement rate", "likes"):
            i = book[sheet.name][0].index(column)
            assert total(rows, column) == pytest.approx(sum(r[i] for r in book[sheet.name][1:]))
        assert refused(tables) == []
        assert not any(r["audience"] == "paid" for r in rows)  # "-" throughout
        days |= {r["period_start"] for r in rows}
    assert (len(days), min(days), max(days)) == (91, date(2020, 4, 1), date(2020, 6, 30))


def test_facebook_key_figures(real_data: RealData, tmp_path: Path) -> None:
    path = real_data("social_exports", "Facebook Posts Q1.xml")
    rows = spreadsheet_ml(path)["Key Metrics"]
    tables = loaded(opened(path, tmp_path)[0], facebook_insights.SOURCE)
    in_terms(tables)
    for column in ("Lifetime Post Total Reach", "Lifetime Post Paid Impressions", "Lifetime Engaged Users"):
        i = rows[0].index(column)
        assert total(good(tables, "exposures"), column) == sum(float(r[i] or 0) for r in rows[2:])
    posts = good(tables, "items")
    assert len(posts) == len(rows) - 2 == 55
    assert len(good(tables, "interactions")) == 55
    assert refused(tables) == []
    stated = sorted(datetime.fromisoformat(r[6] or "") for r in rows[2:])
    assert [row["at"] for row in sorted(posts, key=lambda r: r["at"])] == stated
    # two columns of one name: the line under the header says which of them counts people
    views = {r["native_metric"]: (r["metric"], r["unit"]) for r in good(tables, "exposures")}
    assert views["Lifetime Organic Video Views"] == ("other", "persons")
    assert views["Lifetime Organic Video Views (2)"] == ("views", "count")


def test_facebook_breakdowns(real_data: RealData, tmp_path: Path) -> None:
    path = real_data("social_exports", "Facebook Posts Q1.xml")
    for sheet in opened(path, tmp_path)[1:]:
        tables = loaded(sheet, facebook_insights.SOURCE)
        in_terms(tables)
        rows = spreadsheet_ml(path)[sheet.name]
        stated = sum(float(value) for row in rows[1:] for value in row[9:] if value)
        assert sum(r["value"] for r in good(tables, "exposures")) == stated
        assert refused(tables) == []
    actions = good(loaded(opened(path, tmp_path)[2], facebook_insights.SOURCE), "exposures")
    assert {r["metric"] for r in actions} == {"reactions", "comments", "shares"}
    assert {r["unit"] for r in actions} == {"count"}
    people = good(loaded(opened(path, tmp_path)[1], facebook_insights.SOURCE), "exposures")
    assert {r["unit"] for r in people} == {"persons"}


def test_x_archive(real_data: RealData, tmp_path: Path) -> None:
    path = real_data("export_formats", "x_archive_tweets_excerpt_redacted.js")
    said = tweets(path)
    tables = loaded(opened(path, tmp_path)[0], x_archive.SOURCE)
    in_terms(tables)
    assert refused(tables) == []
    own = [t for t in said if not t["full_text"].startswith("RT @")]
    figures = good(tables, "exposures")
    assert total(figures, "favorite_count") == sum(int(t["favorite_count"]) for t in own)
    assert total(figures, "retweet_count") == sum(int(t["retweet_count"]) for t in own)
    kinds = [row["kind"] for row in good(tables, "items")]
    assert [kinds.count(k) for k in ("share", "reply")] == [
        len(said) - len(own),
        sum("in_reply_to_status_id_str" in t for t in own),
    ]
    times = [datetime.strptime(t["created_at"], "%a %b %d %H:%M:%S %z %Y").replace(tzinfo=None) for t in said]
    assert [row["at"] for row in good(tables, "interactions")] == times


def test_mastodon_outbox(real_data: RealData, tmp_path: Path) -> None:
    path = real_data("export_formats", "mastodon_outbox_excerpt_redacted.json")
    acts = outbox(path)
    tables = loaded(opened(path, tmp_path)[0], mastodon_outbox.SOURCE)
    in_terms(tables)
    assert refused(tables) == []
    assert [r["verb"] for r in good(tables, "interactions")] == [a["type"] for a in acts]
    replies = [a["object"] for a in acts if isinstance(a["object"], dict) and a["object"]["inReplyTo"]]
    assert [r["in_reply_to"] for r in good(tables, "items") if r["in_reply_to"]] == [o["inReplyTo"] for o in replies]
    assert all("<" not in (r["body"] or "") for r in good(tables, "items"))
    actors = {r["actor"] for r in good(tables, "interactions")}
    assert len(actors) == 1
    assert not actors & {r["target_actor"] for r in good(tables, "interactions")}
    shares = [r for r in good(tables, "interactions") if r["verb"] == "Announce"]
    assert [r["object"] for r in shares] == [a["object"] for a in acts if a["type"] == "Announce"]
    assert all(r["target_actor"].startswith("mastodon:") for r in shares)


def test_youtube_rows_add_up_to_its_total_row(real_data: RealData, tmp_path: Path) -> None:
    path = real_data("export_formats", "youtube_studio_Table data.csv")
    sheet = opened(path, tmp_path)[0]
    tables = loaded(sheet, youtube_studio.SOURCE)
    in_terms(tables)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    videos = [r for r in rows if r["Content"] != "Total"]
    for column in ("Views", "Likes", "Impressions", "Watch time (hours)"):
        listed = sum(float(r[column]) for r in videos if r[column])
        assert total(good(tables, "exposures"), column) == pytest.approx(listed)
    dated = [r for r in videos if r["Video publish time"]]
    assert len(good(tables, "items")) == len(dated)
    undated = [(r["source_row"], r["refused_column"]) for r in refused(tables) if "title" in r]
    assert undated == [(i, "at") for i, r in enumerate(rows, start=2) if not r["Video publish time"] and r in videos]
    through = [r for r in good(tables, "exposures") if r["metric"] == "click_through_rate"]
    assert max(r["value"] for r in through) < 1


def test_ga4_events_seed(real_data: RealData, tmp_path: Path) -> None:
    path = real_data("export_formats", "ga4_export_event_fivetran_seed.csv")
    tables = loaded(opened(path, tmp_path)[0], ga4_events.SOURCE)
    in_terms(tables)
    assert refused(tables) == []
    assert only(good(tables, "interactions"), "verb", "actor", "channel_group", "at") == [
        ("gw:Purchase", "ga4/user:user_123", "organic_search", datetime(2024, 9, 10, 12, 35)),
        ("View", "ga4/user:user_789", "organic_social", datetime(2024, 9, 10, 12, 45)),
    ]
    assert only(good(tables, "orders"), "id", "value", "currency", "person") == [
        ("txn_123", 29.99, "USD", "ga4/user:user_123")
    ]
    assert only(good(tables, "identifiers"), "record", "kind", "value", "is_verified") == [
        ("ga4/user:user_123", "cookie", "ga4/pseudo:pseudo_123", True),
        ("ga4/user:user_789", "cookie", "ga4/pseudo:pseudo_789", True),
    ]


def test_each_real_sheet_is_recognised_by_one_source_alone(real_data: RealData, tmp_path: Path) -> None:
    files = {
        "linkedin_page": ("social_exports", "NPLF LinkedIn Q1.xls", 8),
        "x_analytics": ("social_exports", "NPLF Twitter Q1.xls", 3),
        "facebook_insights": ("social_exports", "Facebook Posts Q1.xml", 7),
        "youtube_studio": ("export_formats", "youtube_studio_Table data.csv", 1),
        "ga4_events": ("export_formats", "ga4_export_event_fivetran_seed.csv", 1),
        "x_archive": ("export_formats", "x_archive_tweets_excerpt_redacted.js", 1),
        "mastodon_outbox": ("export_formats", "mastodon_outbox_excerpt_redacted.json", 1),
    }
    for name, (folder, file, number) in files.items():
        sheets = opened(real_data(folder, file), tmp_path)
        assert len(sheets) == number
        for sheet in sheets:
            ((found, layout),) = matching(sheet)
            assert found == name
            assert unknown_columns(sheet, layout) == ()
