"""YouTube Studio, advanced mode: "Table data.csv", one row per video with columns of the user's choice."""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import moment, shown, sql, text
from goodwill.sources.measures import UNDATED, Meaning, measured, metrics, published, share_of

#: "Mar 15, 2025"
DATES = ("%b %d, %Y",)

FIGURES: dict[str, Meaning] = {
    "Views": ("views", "total", "count"),
    "Engaged views": ("other", "total", "count"),
    "YouTube Premium views": ("other", "total", "count"),
    "Impressions": ("impressions", "organic", "count"),
    "Impressions click-through rate (%)": ("click_through_rate", "organic", "fraction"),
    "Watch time (hours)": ("watch_hours", "total", "hours"),
    "YouTube Premium watch time (hours)": ("other", "total", "hours"),
    "Average view duration": ("other", "total", "hours"),
    "Average percentage viewed (%)": ("other", "total", "fraction"),
    "Stayed to watch (%)": ("other", "total", "fraction"),
    "Likes": ("reactions", "total", "count"),
    "Likes (vs. dislikes) (%)": ("other", "total", "fraction"),
    "Dislikes": ("negative_feedback", "total", "count"),
    "Comments added": ("comments", "total", "count"),
    "Comments": ("comments", "total", "count"),
    "Shares": ("shares", "total", "count"),
    "Subscribers": ("new_followers", "total", "count"),
    "Subscribers gained": ("other", "total", "count"),
    "Subscribers lost": ("lost_followers", "total", "count"),
    "Unique viewers": ("reach", "total", "persons"),
    "New viewers": ("other", "total", "persons"),
    "Returning viewers": ("other", "total", "persons"),
    "Regular viewers": ("other", "total", "persons"),
    "Casual viewers": ("other", "total", "persons"),
    "Average views per viewer": ("other", "total", "count"),
}


def _videos(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    where = f"lower({shown(sheet, 'Content')}) IS DISTINCT FROM 'total' AND {shown(sheet, 'Content')} IS NOT NULL"
    videos = published(
        "youtube",
        cells={
            "id": text(sheet, "Content"),
            "at": moment(sheet, "Video publish time", formats=DATES),
            "kind": sql("'video'"),
            "title": text(sheet, "Video title"),
            "body": text(sheet, "Video title"),
            "url": sql(f"'https://www.youtube.com/watch?v=' || {shown(sheet, 'Content')}"),
        },
        where=where,
    )
    cells = UNDATED | {"item": text(sheet, "Content"), "value": Cell(_figure(), "metric.value")}
    return (*videos, *measured("youtube", metrics(sheet, FIGURES), cells=cells, where=where))


def _figure() -> str:
    """SQL: a figure, or a length of time such as 0:00:21 in hours."""
    clock = "regexp_matches(metric.value, '^[0-9]+:[0-9]{1,2}(:[0-9]{1,2})?$')"
    parts = "string_split(metric.value, ':')"
    seconds = f"list_reduce(list_transform({parts}, lambda p: TRY_CAST(p AS DOUBLE)), lambda total, p: total * 60 + p)"
    return f"CASE WHEN {clock} THEN {seconds} / 3600 ELSE {share_of('metric.value')} END"


SOURCE = Source(
    name="youtube_studio",
    title="YouTube Studio, table of videos",
    layouts=(
        Layout("videos", ("Content", "Video title", "Video publish time"), _videos, ("Duration", *FIGURES)),
    ),
    answers="how often each video was shown and watched, for how long, and what viewers did",
    how_to_get="YouTube Studio, Analytics, Advanced mode, download .csv; take 'Table data.csv' from the zip.",
    caveats="Aggregates only. The file does not say which days it covers. Viewer kinds are empty where YouTube shows "
    "none. Subscribers is gained less lost. A video without a publish time cannot be dated.",
    evidence="A real file of seventy-odd videos.",
)  # fmt: skip
