"""X (Twitter) analytics: by day and by post, in the classic wording and the present one."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import constant, day, instant, shown, sql, text
from goodwill.sources.measures import Meaning, by_day, measured, metrics, over_lifetime, published, says, whole_id

#: The classic files write ISO days and "2020-04-01 13:00 +0000"; the present ones "Tue, Jul 14, 2026".
DATES = ("%a, %b %d, %Y", "%b %d, %Y", "%Y-%m-%d %H:%M %z", "%Y-%m-%d %H:%M:%S %z")
#: The first millisecond of X's own clock, 2010-11-04 01:42:54.657 UTC; an id holds the milliseconds since
#: then above its lowest 22 bits (Twitter's Snowflake, 2010).
SNOWFLAKE_EPOCH_MS = 1288834974657
STATUS = r"/status(?:es)?/([0-9]+)"

#: Native name to canonical name and unit; ``promoted`` columns of the same name are the paid part.
CLASSIC_NAMES = {
    "impressions": ("impressions", "count"),
    "engagements": ("engagements", "count"),
    "engagement rate": ("engagement_rate", "fraction"),
    "retweets": ("shares", "count"),
    "replies": ("comments", "count"),
    "likes": ("reactions", "count"),
    "user profile clicks": ("other", "count"),
    "url clicks": ("link_clicks", "count"),
    "hashtag clicks": ("other", "count"),
    "detail expands": ("other", "count"),
    "permalink clicks": ("other", "count"),
    "app opens": ("other", "count"),
    "app installs": ("other", "count"),
    "follows": ("new_followers", "count"),
    "email tweet": ("other", "count"),
    "dial phone": ("other", "count"),
    "media views": ("other", "count"),
    "media engagements": ("other", "count"),
}
CLASSIC: dict[str, Meaning] = {
    "Tweets published": ("posts", "total", "count"),
    **{name: (metric, "organic", unit) for name, (metric, unit) in CLASSIC_NAMES.items()},
    **{f"promoted {name}": (metric, "paid", unit) for name, (metric, unit) in CLASSIC_NAMES.items()},
}
PRESENT: dict[str, Meaning] = {
    name: (metric, "total", "count")
    for name, metric in {
        "Impressions": "impressions",
        "Likes": "reactions",
        "Engagements": "engagements",
        "Bookmarks": "saves",
        "Shares": "shares",
        "Reposts": "shares",
        "New follows": "new_followers",
        "Unfollows": "lost_followers",
        "Replies": "comments",
        "Profile visits": "other",
        "Detail Expands": "other",
        "URL Clicks": "link_clicks",
        "Hashtag Clicks": "other",
        "Permalink Clicks": "other",
        "Create Post": "posts",
        "Video views": "views",
        "Media views": "other",
    }.items()
}


def _classic_days(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    # one seen sheet has lost the word "Date" over its first column
    dates = sheet.column("Date") or sheet.header[0]
    cells = by_day(day(sheet, dates, formats=DATES)) | {"definition_version": constant("x classic")}
    return measured("x", metrics(sheet, CLASSIC), cells=cells, where=says(sheet, dates))


def _present_days(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    cells = by_day(day(sheet, "Date", formats=DATES)) | {"definition_version": constant("x 2024")}
    return measured("x", metrics(sheet, PRESENT), cells=cells)


def _classic_posts(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    key = whole_id(sheet, "Tweet id", link="Tweet permalink", pattern=STATUS)
    raw = shown(sheet, "time")
    at = Cell(instant(raw, DATES, locale.time_zone), raw, sheet.column("time"))
    cells = over_lifetime(sql(f"CAST({at.value} AS DATE)", raw)) | {"definition_version": constant("x classic")}
    posts = _posts(sheet, key, at, ("Tweet text", "Tweet permalink"))
    return (*posts, *measured("x", metrics(sheet, CLASSIC), cells=cells | {"item": sql(key)}))


def _present_posts(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    key = whole_id(sheet, "Post id", link="Post Link", pattern=STATUS)
    raw = shown(sheet, "Date")
    at = Cell(_exact_time(key, instant(raw, DATES)), raw, sheet.column("Date"))
    on = day(sheet, "Date", formats=DATES)
    cells = over_lifetime(on) | {"item": sql(key), "definition_version": constant("x 2024")}
    posts = _posts(sheet, key, at, ("Post text", "Post Link"))
    return (*posts, *measured("x", metrics(sheet, PRESENT), cells=cells))


def _posts(sheet: Sheet, key: str, at: Cell, columns: tuple[str, str]) -> tuple[Relation, ...]:
    body, link = (shown(sheet, column) for column in columns)
    addressed = f"NULLIF(regexp_extract({body}, '^@([A-Za-z0-9_]+)', 1), '')"
    handle = f"NULLIF(regexp_extract({link}, '(?:twitter|x)\\.com/([A-Za-z0-9_]+)/status', 1), '')"
    return published(
        "x",
        cells={
            "id": sql(key),
            "at": at,
            "author": sql(f"'x:' || lower(NULLIF({handle}, 'i'))"),
            "kind": sql(f"CASE WHEN {addressed} IS NULL THEN 'post' ELSE 'reply' END"),
            "body": text(sheet, columns[0]),
            "url": text(sheet, columns[1]),
            "target_actor": sql(f"'x:' || lower({addressed})"),
        },
    )


def _exact_time(key: str, day_stated: str) -> str:
    """SQL: the time inside the post's id where it falls on the stated day (or its neighbour in another zone)."""
    inside = f"make_timestamp(((TRY_CAST({key} AS UBIGINT) >> 22)::BIGINT + {SNOWFLAKE_EPOCH_MS}) * 1000)"
    is_near = "abs(date_diff('day', post.stated, post.inside)) <= 1"
    # a list of one gives both times a name, so that neither is worked out twice
    both = f"[{{'stated': {day_stated}, 'inside': {inside}}}]"
    return f"list_transform({both}, lambda post: CASE WHEN {is_near} THEN post.inside ELSE post.stated END)[1]"


SOURCE = Source(
    name="x_analytics",
    title="X (Twitter) analytics",
    layouts=(
        Layout("classic, by day", ("Tweets published", "impressions", "retweets"), _classic_days, ("Date", *CLASSIC)),
        Layout(
            "classic, by tweet", ("Tweet id", "Tweet permalink", "Tweet text", "time"), _classic_posts, tuple(CLASSIC)
        ),
        Layout("content", ("Post id", "Date", "Post text", "Impressions"), _present_posts, ("Post Link", *PRESENT)),
        Layout("overview", ("Date", "Impressions", "Unfollows", "Create Post"), _present_days, tuple(PRESENT)),
    ),
    answers="how often posts are shown and answered, by day and by post; which accounts we addressed",
    how_to_get="X Premium, Analytics: Overview and Content, each with the download arrow, a month at a time.",
    caveats="Aggregates, and only our own posts. In the classic files '-' under 'promoted' means that nothing "
    "was promoted. Days are UTC. Classic figures and those since 2024 are not counted alike. In the content file the "
    "hour of a post is read from its id.",
    evidence="A real classic workbook of three months; the other wordings from public parsers' tests.",
)
