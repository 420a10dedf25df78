"""One small file of every layout without a real file, written by hand after its documented header."""

from __future__ import annotations

from goodwill.exports import Sheet
from goodwill.registry import Source
from goodwill.sources import (
    ga4_events,
    ga4_report,
    linkedin_page,
    meta_business_suite,
    x_analytics,
    youtube_studio,
)
from social_sheets import sheet_of

EXAMPLES: dict[str, tuple[Source, Sheet]] = {
    "linkedin visitors": (
        linkedin_page.SOURCE,
        sheet_of(
            ("Date", "Overview page views (mobile)", "Total page views (total)", "Total unique visitors (total)"),
            [("12/03/2025", "4", "9", "7")],
        ),
    ),
    "linkedin content": (
        linkedin_page.SOURCE,
        sheet_of(
            ("Date", "Impressions (organic)", "Unique impressions (organic)", "Reposts (sponsored)",
             "Engagement rate (total)"),
            [("01/02/2025", "1,200", "800", "3", "0.05")],
        ),
    ),
    "linkedin posts": (
        linkedin_page.SOURCE,
        sheet_of(
            ("Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Impressions",
             "Reposts", "Engagement rate", "Content Type"),
            [("Hello", "https://www.linkedin.com/feed/update/urn:li:activity:71/", "Sponsored", "Spring", "Somebody",
              "03/04/2025", "100", "2", "0.1", "Video")],
        ),
    ),
    "linkedin followers": (
        linkedin_page.SOURCE,
        sheet_of(
            ("Date", "Sponsored followers", "Organic followers", "Total followers"),
            [("03/04/2025", "1", "2", "3")],
        ),
    ),
    "linkedin competitors": (
        linkedin_page.SOURCE,
        sheet_of(
            ("Page", "Total Followers", "New Followers", "Total post engagements", "Total posts"),
            [("Rival Ltd", "10", "1", "20", "3")],
        ),
    ),
    "x classic posts": (
        x_analytics.SOURCE,
        sheet_of(
            ("Tweet id", "Tweet permalink", "Tweet text", "time", "impressions", "url clicks", "promoted impressions"),
            [("1.24567E+18", "https://twitter.com/Acme/status/1245678901234567890", "@Jane thanks",
              "2020-04-02 11:05 +0000", "50.0", "2.0", "-")],
        ),
    ),
    "x content": (
        x_analytics.SOURCE,
        sheet_of(
            ("Post id", "Date", "Post text", "Post Link", "Impressions", "Bookmarks"),
            [("1741468498042270064", "Sun, Dec 31, 2023", "News", "https://x.com/Acme/status/1741468498042270064",
              "1500", "2"),
             ("17", "Tue, Jul 14, 2026", "Odd id", "https://x.com/Acme/status/17", "5", "0")],
        ),
    ),
    "x overview": (
        x_analytics.SOURCE,
        sheet_of(
            ("Date", "Impressions", "New follows", "Unfollows", "Create Post", "Video views"),
            [("Tue, Jul 14, 2026", "70", "2", "1", "3", "9")],
        ),
    ),
    "meta facebook": (
        meta_business_suite.SOURCE,
        sheet_of(
            ("Post ID", "Page ID", "Page name", "Title", "Publish time", "Permalink", "Is share", "Post type", "Date",
             "Reach", "Reactions"),
            [("1.22158E+17", "42", "Acme", "Hi", "02/03/2025 04:05", "https://www.facebook.com/42/posts/122158123", "1",
              "Links", "Lifetime", "1,234", "5")],
        ),
    ),
    "meta instagram": (
        meta_business_suite.SOURCE,
        sheet_of(
            ("Post ID", "Account username", "Description", "Publish time", "Permalink", "Post type", "Date", "Saves"),
            [("18", "Acme", "Look", "02/03/2025 04:05", "https://www.instagram.com/p/Cx_1/", "IG reel", "Lifetime",
              "6")],
        ),
    ),
    "ga4 bigquery": (
        ga4_events.SOURCE,
        sheet_of(
            ("event_name", "event_timestamp", "user_id", "user_pseudo_id", "page_location", "source", "medium",
             "ga_session_number", "traffic_source_source", "traffic_source_medium"),
            [("page_view", "1725971700000000", "Jane@Acme.com", "p1", "https://acme.com/prices?x=1", None, None, "1",
              "linkedin", "social"),
             ("click", "1725971701000000", None, "p1", "https://acme.com", None, None, "2", "linkedin", "social"),
             ("generate_lead", "1725971702000000", None, None, None, "news", "email", "2", None, None)],
        ),
    ),
    "ga4 pages": (ga4_report.SOURCE, sheet_of(("Page path and screen class", "Views"), [("/", "12"), ("", "12")])),
    "ga4 channels": (
        ga4_report.SOURCE,
        sheet_of(
            ("Session primary channel group (Default Channel Group)", "Sessions"),
            [("Organic Social", "7"), ("Paid Search", "2")],
        ),
    ),
    "youtube": (
        youtube_studio.SOURCE,
        sheet_of(
            ("Content", "Video title", "Video publish time", "Average view duration", "Stayed to watch (%)"),
            [("Total", None, None, "0:00:21", "37.69"), (" -Ab", "A film", "Mar 15, 2025", "1:30:00", "50")],
        ),
    ),
}  # fmt: skip
