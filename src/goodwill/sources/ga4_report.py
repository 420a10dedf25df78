"""Google Analytics 4, a report downloaded as CSV: figures by page or by channel."""

from __future__ import annotations

from goodwill.exports import Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import shown, sql, text
from goodwill.sources.channels import named_channel
from goodwill.sources.measures import UNDATED, Meaning, measured, metrics, says

FIGURES: dict[str, Meaning] = {
    "Views": ("views", "total", "count"),
    "Active users": ("unique_visitors", "total", "persons"),
    "Users": ("unique_visitors", "total", "persons"),
    "Total users": ("other", "total", "persons"),
    "New users": ("other", "total", "persons"),
    "Sessions": ("other", "total", "count"),
    "Engaged sessions": ("other", "total", "count"),
    "Engagement rate": ("engagement_rate", "total", "fraction"),
    "Event count": ("other", "total", "count"),
    "Conversions": ("other", "total", "count"),
    "Key events": ("other", "total", "count"),
}
_LEFT_ALONE = ("Views per *", "Average engagement time*", "Events per *", "Total revenue", "Bounce rate", "Session *")
#: What the three traffic reports call their first column.
CHANNEL = (
    "Session primary channel group (Default Channel Group)",
    "Session default channel group",
    "First user default channel group",
)


def _pages(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    page = ("Page path and screen class", "Page path")
    cells = UNDATED | {"item": text(sheet, *page)}
    return measured("site", metrics(sheet, FIGURES), cells=cells, where=says(sheet, *page))


def _channels(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    said = shown(sheet, *CHANNEL)
    cells = UNDATED | {"segment": sql(f"'channel: ' || {named_channel(said)} || ' (' || {said} || ')'")}
    return measured("site", metrics(sheet, FIGURES), cells=cells, where=says(sheet, *CHANNEL))


SOURCE = Source(
    name="ga4_report",
    title="Google Analytics 4, downloaded report",
    layouts=(
        Layout("pages", ("Page path and screen class", "Views"), _pages, (*FIGURES, *_LEFT_ALONE)),
        *(Layout(f"traffic: {name}", (name, "Sessions"), _channels, (*FIGURES, *_LEFT_ALONE)) for name in CHANNEL[:2]),
        Layout("traffic: users", (CHANNEL[2], "New users"), _channels, (*FIGURES, *_LEFT_ALONE)),
    ),
    answers="how often each page was seen and how many visits each channel brought, in total",
    how_to_get="GA4, Reports, Engagement: Pages and screens, or Acquisition; share this report, download CSV.",
    caveats="Aggregates only: no visitor can be told from them, and the rows do not say which days they cover. Users "
    "cannot be added over pages or channels.",
    evidence="Layout as documented by a public parser's tests; no real file was at hand.",
)
