"""LinkedIn Page analytics: visitors, content, posts, followers and competitors, in the old and the new wording."""

from __future__ import annotations

import re

from goodwill.exports import Locale, Metric, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import constant, day, moment, shown, sql, text
from goodwill.sources.measures import UNDATED, Meaning, by_day, measured, metrics, over_lifetime, published, says

#: LinkedIn writes American dates, or Excel's serial days once a spreadsheet program has saved the file.
DATES = ("%m/%d/%Y", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M")
#: How the columns' brackets name the audience.
AUDIENCES = {"organic": "organic", "sponsored": "paid", "total": "total"}
#: The columns that stand once per audience. "Reposts" is the word for "Shares" since 2023.
SPLIT = {
    "Impressions": ("impressions", "count"),
    "Unique impressions": ("reach", "persons"),
    "Clicks": ("clicks", "count"),
    "Reactions": ("reactions", "count"),
    "Comments": ("comments", "count"),
    "Shares": ("shares", "count"),
    "Reposts": ("shares", "count"),
    "Engagement rate": ("engagement_rate", "fraction"),
}
CONTENT: dict[str, Meaning] = {
    f"{name} ({said})": (metric, audience, unit)
    for name, (metric, unit) in SPLIT.items()
    for said, audience in AUDIENCES.items()
}
POSTS: dict[str, Meaning] = {
    "Impressions": ("impressions", "organic", "count"),
    "Video views": ("views", "organic", "count"),
    "Views": ("views", "organic", "count"),
    "Views (excluding offsite video views)": ("views", "organic", "count"),
    "Offsite Views": ("other", "organic", "count"),
    "Clicks": ("clicks", "organic", "count"),
    "Click through rate (CTR)": ("click_through_rate", "organic", "fraction"),
    "Likes": ("reactions", "organic", "count"),
    "Comments": ("comments", "organic", "count"),
    "Shares": ("shares", "organic", "count"),
    "Reposts": ("shares", "organic", "count"),
    "Follows": ("new_followers", "organic", "count"),
    "Engagement rate": ("engagement_rate", "organic", "fraction"),
}
FOLLOWERS: dict[str, Meaning] = {
    "Sponsored followers": ("new_followers", "paid", "count"),
    "Organic followers": ("new_followers", "organic", "count"),
    "Auto-invited followers": ("other", "organic", "count"),
    "Total followers": ("new_followers", "total", "count"),
}
RIVALS: dict[str, Meaning] = {
    "Total Followers": ("followers", "total", "count"),
    "New Followers": ("new_followers", "total", "count"),
    "Total post engagements": ("engagements", "total", "count"),
    "Total posts": ("posts", "total", "count"),
}
#: What the audience sheets break down by.
PARTS = ("Location", "Job function", "Seniority", "Industry", "Company size")
VISITS = re.compile(r"(?P<page>.+) (?P<what>page views|unique visitors) \((?P<device>desktop|mobile|total)\)", re.I)


def _visitors(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Page views by day; only page and device "total" is the whole, the rest are parts of it."""
    kinds = {"page views": ("views", "count"), "unique visitors": ("unique_visitors", "persons")}
    found = [(column, VISITS.fullmatch(column.strip())) for column in sheet.header]
    each = tuple(Metric(c, *(kinds[m["what"].lower()][0], "total", kinds[m["what"].lower()][1])) for c, m in found if m)
    native = "trim(lower(metric.native))"
    page = f"NULLIF(regexp_extract({native}, '^(.+) (page views|unique visitors)', 1), 'total')"
    device = f"NULLIF(regexp_extract({native}, '\\((desktop|mobile|total)\\)$', 1), 'total')"
    segment = f"NULLIF(concat_ws(', ', 'page: ' || {page}, 'device: ' || {device}), '')"
    cells = by_day(day(sheet, "Date", formats=DATES)) | {"segment": sql(segment)}
    return measured("linkedin", each, cells=cells)


def _content(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    cells = by_day(day(sheet, "Date", formats=DATES))
    return measured("linkedin", metrics(sheet, CONTENT), cells=cells)


def _followers(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    cells = by_day(day(sheet, "Date", formats=DATES))
    return measured("linkedin", metrics(sheet, FOLLOWERS), cells=cells)


def _posts(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    link, said = shown(sheet, "Post link", "Update link"), shown(sheet, "Post type", "Update type")
    urn = f"COALESCE(NULLIF(regexp_extract({link}, 'urn:li:[A-Za-z]+:[0-9]+'), ''), {link})"
    is_paid = f"lower({said}) LIKE '%sponsored%'"
    where = says(sheet, "Post link", "Update link")
    posts = published(
        "linkedin",
        cells={
            "id": sql(urn, link),
            "at": moment(sheet, "Created date", formats=DATES),
            "kind": sql(f"COALESCE(lower({shown(sheet, 'Content Type')}), 'post')"),
            "body": text(sheet, "Post title", "Update title"),
            "url": text(sheet, "Post link", "Update link"),
            "campaign": text(sheet, "Campaign name"),
            "channel_group": sql(f"CASE WHEN {is_paid} THEN 'paid_social' ELSE 'organic_social' END"),
        },
        where=where,
    )
    lifetime = over_lifetime(day(sheet, "Created date", formats=DATES))
    audience = sql(f"CASE WHEN {is_paid} THEN 'paid' ELSE metric.audience END")
    cells = lifetime | {"item": sql(urn), "audience": audience}
    return (*posts, *measured("linkedin", metrics(sheet, POSTS), cells=cells, where=where))


def _rivals(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    cells = UNDATED | {"segment": sql(f"'page: ' || {shown(sheet, 'Page')}")}
    return measured("linkedin", metrics(sheet, RIVALS), cells=cells, where=says(sheet, "Page"))


def _parts(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Views or followers by one trait of the audience."""
    part = next(name for name in PARTS if sheet.has(name))
    known: dict[str, Meaning] = {
        "Total views": ("views", "total", "count"),
        "Total followers": ("followers", "total", "count"),
    }
    cells = UNDATED | {"segment": sql(f"'{part.lower()}: ' || {shown(sheet, part)}"), "definition_version": VERSION}
    return measured("linkedin", metrics(sheet, known), cells=cells, where=says(sheet, part))


#: LinkedIn counts people from their profiles, in traits it decides on.
VERSION = constant("linkedin page audience")

_AUDIENCE_SHEETS = tuple(
    Layout(f"{what} by {part.lower()}", (part, f"Total {what}"), _parts)
    for what in ("views", "followers")
    for part in PARTS
)
_POST_COLUMNS = ("Campaign name", "Posted by", "Campaign start date", "Campaign end date", "Audience", "Content Type")

SOURCE = Source(
    name="linkedin_page",
    title="LinkedIn Page analytics",
    layouts=(
        Layout(
            "visitors",
            ("Date", "Total page views (total)"),
            _visitors,
            ("Overview *", "Life *", "Jobs *", "Total *", "About *", "Insights *", "Products *", "People *"),
        ),
        Layout("content", ("Date", "Impressions (organic)", "Engagement rate (total)"), _content, tuple(CONTENT)),
        Layout(
            "posts",
            ("Update title", "Update link", "Created date", "Impressions"),
            _posts,
            ("Update type", *_POST_COLUMNS, *POSTS),
            ignores="Posted by: a colleague's name; the post speaks for the company",
        ),
        Layout(
            "posts, since 2022",
            ("Post title", "Post link", "Created date", "Impressions"),
            _posts,
            ("Post type", *_POST_COLUMNS, *POSTS),
            ignores="Posted by: a colleague's name; the post speaks for the company",
        ),
        Layout("new followers", ("Date", "Organic followers", "Total followers"), _followers, tuple(FOLLOWERS)),
        Layout("competitors", ("Page", "Total Followers", "Total post engagements"), _rivals, tuple(RIVALS)),
        *_AUDIENCE_SHEETS,
    ),
    answers="how often the page and its posts are shown, read and answered, by day and by post; who the readers are",
    how_to_get="LinkedIn Page, admin view, Analytics: Visitors, Content, Followers and Competitors, each with Export.",
    caveats="Aggregates only: no person can be told from them. Figures lag by up to two days; unique visitors cannot "
    "be added over days; audience sheets do not say which days they cover. Parts of a page or device carry a segment.",
    evidence="Two real workbooks of one quarter (nine sheets each); newer wording from public parsers.",
)
