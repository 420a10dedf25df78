"""Meta Business Suite, content export: posts of a Facebook Page or an Instagram account with their figures."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import day, moment, node, shown, sql, text
from goodwill.sources.measures import UNDATED, Meaning, measured, metrics, over_lifetime, published, whole_id

#: Meta writes American dates, whatever the country.
DATES = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y")

FIGURES: dict[str, Meaning] = {
    "Views": ("views", "total", "count"),
    "Impressions": ("impressions", "total", "count"),
    "Reach": ("reach", "total", "persons"),
    "Viewers": ("reach", "total", "persons"),
    "Likes": ("reactions", "total", "count"),
    "Reactions": ("reactions", "total", "count"),
    "Comments": ("comments", "total", "count"),
    "Shares": ("shares", "total", "count"),
    "Saves": ("saves", "total", "count"),
    "Follows": ("new_followers", "total", "count"),
    "Reactions, Comments and Shares": ("engagements", "total", "count"),
    "Total clicks": ("clicks", "total", "count"),
    "Link Clicks": ("link_clicks", "total", "count"),
    "Other Clicks": ("other", "total", "count"),
    "Negative feedback from users: Hide all": ("negative_feedback", "total", "count"),
}
_LEFT_ALONE = (
    "Page name", "Account ID", "Account name", "Title", "Duration (sec)", "Caption type", "Post type", "Is crosspost",
    "Is share", "Languages", "Custom labels", "Funded content status", "Data comment", "Date", "Estimated *", "Ad *",
    "Seconds viewed", "Average Seconds viewed", "Matched Audience *",
)  # fmt: skip


def _facebook(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    key = whole_id(sheet, "Post ID", link="Permalink", pattern=r"/(?:posts|videos|reel)/(?:[^/]*/)?([0-9]+)")
    return _posts(sheet, locale, "facebook", key=key, author=node(sheet, "facebook", "Page ID"))


def _instagram(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    key = whole_id(sheet, "Post ID", link="Permalink", pattern=r"/(?:p|reel|tv)/([A-Za-z0-9_-]+)")
    return _posts(sheet, locale, "instagram", key=key, author=node(sheet, "instagram", "Account username"))


def _posts(sheet: Sheet, locale: Locale, venue: str, *, key: str, author: Cell) -> tuple[Relation, ...]:
    shared = f"lower(COALESCE({shown(sheet, 'Is share')}, '0')) IN ('1', 'true', 'yes')"
    kind = f"COALESCE(lower({shown(sheet, 'Post type')}), 'post')"
    posts = published(
        venue,
        cells={
            "id": sql(key),
            "at": moment(sheet, "Publish time", formats=DATES, zone=locale.time_zone),
            "author": author,
            "kind": sql(f"CASE WHEN {shared} THEN 'share' ELSE {kind} END"),
            "title": text(sheet, "Title"),
            "body": text(sheet, "Description", "Title"),
            "url": text(sheet, "Permalink"),
        },
        verb=sql(f"CASE WHEN {shared} THEN 'Announce' ELSE 'Create' END"),
    )
    cells = {**UNDATED, **_period(sheet), "item": sql(key)}
    return (*posts, *measured(venue, metrics(sheet, FIGURES), cells=cells))


def _period(sheet: Sheet) -> dict[str, Cell]:
    """The column "Date" says "Lifetime" or names the day a row covers."""
    said = shown(sheet, "Date")
    is_lifetime = f"COALESCE(lower({said}), 'lifetime') = 'lifetime'"
    published_on, covers = day(sheet, "Publish time", formats=DATES), day(sheet, "Date", formats=DATES)
    start = f"CASE WHEN {is_lifetime} THEN {published_on.value} ELSE {covers.value} END"
    return over_lifetime(Cell(start, published_on.raw)) | {
        "period_type": sql(f"CASE WHEN {is_lifetime} THEN 'lifetime' ELSE 'day' END"),
        "period_end": Cell(f"CASE WHEN NOT {is_lifetime} THEN {covers.value} END"),
    }


SOURCE = Source(
    name="meta_business_suite",
    title="Meta Business Suite, content export (Facebook, Instagram)",
    layouts=(
        Layout(
            "facebook posts",
            ("Post ID", "Page ID", "Publish time", "Permalink"),
            _facebook,
            ("Description", *_LEFT_ALONE, *FIGURES),
        ),
        Layout(
            "instagram posts",
            ("Post ID", "Account username", "Publish time", "Permalink"),
            _instagram,
            ("Description", *_LEFT_ALONE, *FIGURES),
        ),
    ),
    answers="what was posted on Facebook and Instagram, whom it reached and what people did with it",
    how_to_get="Meta Business Suite, Insights, Content, Export data: lifetime figures, CSV.",
    caveats="Aggregates only. Spreadsheet programs round the ids; the address then serves instead. Times of posting "
    "carry no zone and are read in the workspace's. Reach cannot be added over posts.",
    evidence="Headers and dates as documented by public parsers; no real file was at hand.",
)
