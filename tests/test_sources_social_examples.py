"""The sources of social networks and the site: golden rows of small files, and odd cells."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.exports import Locale
from goodwill.sources import (
    mastodon_outbox,
    meta_business_suite,
    x_archive,
)
from goodwill.sources.cells import ABSENT
from social_examples import EXAMPLES
from social_sheets import (
    Row,
    good,
    in_terms,
    json_sheet,
    loaded,
    matching,
    only,
    refused,
    sheet_of,
)  # fmt: skip


def example(name: str) -> dict[str, list[Row]]:
    source, sheet = EXAMPLES[name]
    return loaded(sheet, source)


def figures(name: str) -> list[tuple[Any, ...]]:
    rows = good(example(name), "exposures")
    return only(rows, "native_metric", "metric", "audience", "value", "segment", "period_start")


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_kept_whole_and_in_terms(name: str) -> None:
    tables = example(name)
    in_terms(tables)
    assert refused(tables) == []


@pytest.mark.slow
def test_linkedin_examples() -> None:
    on = date(2025, 12, 3)
    assert figures("linkedin visitors") == [
        ("Overview page views (mobile)", "views", "total", 4, "page: overview, device: mobile", on),
        ("Total page views (total)", "views", "total", 9, None, on),
        ("Total unique visitors (total)", "unique_visitors", "total", 7, None, on),
    ]
    assert [f[:4] for f in figures("linkedin content")] == [
        ("Impressions (organic)", "impressions", "organic", 1200),
        ("Unique impressions (organic)", "reach", "organic", 800),
        ("Reposts (sponsored)", "shares", "paid", 3),
        ("Engagement rate (total)", "engagement_rate", "total", 0.05),
    ]
    assert figures("linkedin posts")[0] == ("Impressions", "impressions", "paid", 100, None, date(2025, 3, 4))
    assert only(good(example("linkedin posts"), "interactions"), "id", "at", "channel_group", "campaign") == [
        ("urn:li:activity:71", datetime(2025, 3, 4), "paid_social", "Spring")
    ]
    assert [f[2:4] for f in figures("linkedin followers")] == [("paid", 1), ("organic", 2), ("total", 3)]
    assert {f[4] for f in figures("linkedin competitors")} == {"page: Rival Ltd"}


@pytest.mark.slow
def test_x_examples() -> None:
    classic = good(example("x classic posts"), "interactions")
    assert only(classic, "id", "at", "actor", "target_actor") == [
        ("1245678901234567890", datetime(2020, 4, 2, 11, 5), "x:acme", "x:jane")
    ]
    assert [f[:4] for f in figures("x classic posts")] == [
        ("impressions", "impressions", "organic", 50),
        ("url clicks", "link_clicks", "organic", 2),
    ]
    present = only(good(example("x content"), "items"), "id", "at")
    # the first id holds its second, as X's archive of the same post says; the second is no clock
    assert (present[0][0], present[0][1].replace(microsecond=0)) == (
        "1741468498042270064",
        datetime(2023, 12, 31, 14, 36, 59),
    )
    assert present[1] == ("17", datetime(2026, 7, 14))
    assert [f[1] for f in figures("x overview")] == ["impressions", "new_followers", "lost_followers", "posts", "views"]
    assert {f[5] for f in figures("x overview")} == {date(2026, 7, 14)}


@pytest.mark.slow
def test_meta_examples() -> None:
    tables = loaded(EXAMPLES["meta facebook"][1], meta_business_suite.SOURCE, Locale(time_zone="Europe/Berlin"))
    assert only(good(tables, "interactions"), "id", "verb", "at", "actor") == [
        ("122158123", "Announce", datetime(2025, 2, 3, 3, 5), "facebook:42")
    ]
    assert figures("meta facebook")[0] == ("Reach", "reach", "total", 1234, None, date(2025, 2, 3))
    assert only(good(example("meta instagram"), "items"), "id", "kind", "author", "body") == [
        ("18", "ig reel", "instagram:acme", "Look")
    ]


@pytest.mark.slow
def test_ga4_and_youtube_examples() -> None:
    rows = good(example("ga4 bigquery"), "interactions")
    assert only(rows, "verb", "actor", "object", "channel_group", "at") == [
        ("View", "email:jane@acme.com", "/prices", "organic_social", datetime(2024, 9, 10, 12, 35)),
        ("gw:Click", "ga4/pseudo:p1", "/", "site", datetime(2024, 9, 10, 12, 35, 1)),
        ("gw:FormSubmit", None, None, "email", datetime(2024, 9, 10, 12, 35, 2)),
    ]
    assert only(good(example("ga4 bigquery"), "identifiers"), "record", "kind", "value") == [
        ("ga4/user:Jane@Acme.com", "cookie", "ga4/pseudo:p1"),
        ("ga4/user:Jane@Acme.com", "email", "email:jane@acme.com"),
    ]
    assert [f[3] for f in figures("ga4 pages")] == [12]
    assert [f[4] for f in figures("ga4 channels")] == [
        "channel: organic_social (Organic Social)",
        "channel: paid_search (Paid Search)",
    ]
    assert [f[3] for f in figures("youtube")] == [1.5, 0.5]


def test_mastodon_words_and_partners() -> None:
    us, them = "https://here.social/users/us", "https://there.social/@Them"
    public = ["https://www.w3.org/ns/activitystreams#Public"]
    note = {"id": f"{us}/statuses/2", "inReplyTo": f"{them}/1", "conversation": "tag:1", "tag": [],
            "content": "<p>You &amp; me<br>it&#39;s &lt;fine&gt;</p><p>Bye</p>", "contentMap": {"en": "x"}}  # fmt: skip
    own = {**note, "id": f"{us}/statuses/3", "inReplyTo": f"{us}/statuses/2"}
    acts = [
        {"id": "a", "type": "Create", "actor": us, "published": "2025-01-02T03:04:05Z", "to": public, "object": note},
        {"id": "b", "type": "Create", "actor": us, "published": "2025-01-02T03:05:05Z", "to": [them], "object": own},
        {"id": "c", "type": "Announce", "actor": us, "published": "2025-01-02T03:06:05Z", "to": public,
         "object": f"{them}/1"},
        {"id": "d", "type": "Delete", "actor": us, "published": "2025-01-02T03:07:05Z", "to": public, "object": "x"},
    ]  # fmt: skip
    tables = loaded(json_sheet(acts, "orderedItems"), mastodon_outbox.SOURCE)
    assert only(good(tables, "items"), "kind", "body", "language", "conversation") == [
        ("reply", "You & me\nit's <fine>\nBye", "en", "tag:1"),
        ("message", "You & me\nit's <fine>\nBye", "en", "tag:1"),
        ("share", None, None, None),
    ]
    assert only(good(tables, "interactions"), "verb", "actor", "target_actor", "object") == [
        ("Create", "mastodon:us@here.social", "mastodon:them@there.social", f"{us}/statuses/2"),
        ("Create", "mastodon:us@here.social", None, f"{us}/statuses/3"),
        ("Announce", "mastodon:us@here.social", "mastodon:them@there.social", f"{them}/1"),
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_recognised_by_one_source_alone(name: str) -> None:
    source, sheet = EXAMPLES[name]
    assert [found for found, _ in matching(sheet)] == [source.name]


# --- odd cells -------------------------------------------------------------------------------------------------------

ODD = st.one_of(
    st.none(),
    st.sampled_from(("-", "", "12", "1,234", "3.5%", "04/31/2020", "44008", "2020-04-01", "Tue, Jul 14, 2026", "NaN",
                     "1e400", "{", '{"id": 1}', "https://a.b/@c/1", "0:00:21", "::", "9" * 30)),
    st.text(max_size=12).filter(lambda t: "\x00" not in t and not any("\ud800" <= c <= "\udfff" for c in t)),
)  # fmt: skip
WIDE = {
    "linkedin content": ("Date",),
    "linkedin followers": ("Date",),
    "x overview": ("Date",),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*EXAMPLES, "tweets", "outbox"])
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_odd_cells_never_crash_a_projection(name: str, data: st.DataObject) -> None:
    if name in EXAMPLES:
        source, sheet = EXAMPLES[name]
    else:
        source = x_archive.SOURCE if name == "tweets" else mastodon_outbox.SOURCE
        also = ("lang", "favorite_count", "retweet_count", "to", "cc", "in_reply_to_status_id_str")
        sheet = sheet_of((*source.layouts[0].requires, *also), [])
    width = len(sheet.header)
    rows = data.draw(st.lists(st.lists(ODD, min_size=width, max_size=width), min_size=4, max_size=10))
    tables = loaded(sheet_of(sheet.header, rows), source)
    in_terms(tables)
    if name in WIDE:
        cells = [value for row in rows for h, value in zip(sheet.header, row, strict=True) if h not in WIDE[name]]
        absent = sum(value is None or value.strip(" ").lower() in ABSENT for value in cells)
        assert len(tables["exposures"]) == len(cells) - absent
