"""Facebook Page Insights, export by post: the key figures and the six sheets that break them down."""

from __future__ import annotations

from dataclasses import replace

from goodwill.exports import Cell, Locale, Metric, Relation, Sheet, literal
from goodwill.registry import Layout, Source
from goodwill.sources.cells import day, moment, shown, sql, text
from goodwill.sources.measures import Meaning, measured, metrics, over_lifetime, plain_name, published, says, share_of

DATES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%y %I:%M %p", "%m/%d/%Y %H:%M")

KEY_FIGURES: dict[str, Meaning] = {
    "Lifetime Post Total Reach": ("reach", "total", "persons"),
    "Lifetime Post organic reach": ("reach", "organic", "persons"),
    "Lifetime Post Paid Reach": ("reach", "paid", "persons"),
    "Lifetime Post Total Impressions": ("impressions", "total", "count"),
    "Lifetime Post Organic Impressions": ("impressions", "organic", "count"),
    "Lifetime Post Paid Impressions": ("impressions", "paid", "count"),
    "Lifetime Engaged Users": ("engaged_users", "total", "persons"),
    "Lifetime Matched Audience Targeting Consumers on Post": ("other", "total", "persons"),
    "Lifetime Matched Audience Targeting Consumptions on Post": ("clicks", "total", "count"),
    "Lifetime Negative Feedback from Users": ("other", "total", "persons"),
    "Lifetime Negative Feedback": ("negative_feedback", "total", "count"),
    "Lifetime Post Impressions by people who have liked your Page": ("impressions", "total", "count"),
    "Lifetime Post reach by people who like your Page": ("reach", "total", "persons"),
    "Lifetime Post Paid Impressions by people who have liked your Page": ("impressions", "paid", "count"),
    "Lifetime Paid reach of a post by people who like your Page": ("reach", "paid", "persons"),
    "Lifetime People who have liked your Page and engaged with your post": ("engaged_users", "total", "persons"),
    "Lifetime Organic views to 95%": ("other", "organic", "count"),
    "Lifetime Paid views to 95%": ("other", "paid", "count"),
    "Lifetime Organic Video Views": ("views", "organic", "count"),
    "Lifetime Paid Video Views": ("views", "paid", "count"),
    "Lifetime Average time video viewed": ("other", "total", "hours"),
}
#: Canonical names of the actions that the breakdown sheets count. What is not here is a click of some kind.
ACTIONS = {"like": "reactions", "comment": "comments", "share": "shares", "link clicks": "link_clicks"}
#: How Facebook's explanations end where a figure counts people; the others end in "(Total Count)".
COUNTS_PEOPLE = "(unique users)"
#: Facebook states the average time viewed in milliseconds.
MILLISECONDS_PER_HOUR = 3_600_000
POST_COLUMNS = (
    "Post ID",
    "Permalink",
    "Post Message",
    "Type",
    "Countries",
    "Languages",
    "Posted",
    "Audience Targeting",
)


def _key_figures(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    where = says(sheet, "Post ID")  # the row under the header explains the columns and has no post
    kind = f"lower({shown(sheet, 'Type')})"
    posts = published(
        "facebook",
        cells={
            "id": text(sheet, "Post ID"),
            "at": moment(sheet, "Posted", formats=DATES, zone=locale.time_zone),
            # the id begins with the page's id
            "author": sql(f"'facebook:' || NULLIF(regexp_extract({shown(sheet, 'Post ID')}, '^([0-9]+)_', 1), '')"),
            "kind": sql(f"CASE WHEN {kind} LIKE 'shared%' THEN 'share' ELSE COALESCE({kind}, 'post') END"),
            "body": text(sheet, "Post Message"),
            "url": text(sheet, "Permalink"),
        },
        verb=sql(f"CASE WHEN {kind} LIKE 'shared%' THEN 'Announce' ELSE 'Create' END"),
        where=where,
    )
    hours = f"({share_of('metric.value')}) / {MILLISECONDS_PER_HOUR}"
    value = f"CASE WHEN metric.unit = 'hours' THEN {hours} ELSE {share_of('metric.value')} END"
    cells = _lifetime(sheet) | {
        "segment": sql(
            "CASE WHEN metric.native ILIKE '% people who %like% your Page%' THEN 'followers of the page' END"
        ),
        "value": Cell(value, "metric.value"),
    }
    each = tuple(_as_explained(sheet, metric) for metric in metrics(sheet, KEY_FIGURES))
    return (*posts, *measured("facebook", each, cells=cells, where=where))


def _as_explained(sheet: Sheet, metric: Metric) -> Metric:
    """Two video columns share a name; the line under the header says which of them counts people."""
    explained = sheet.sample[0][sheet.header.index(metric.column)] if sheet.sample else None
    if explained and COUNTS_PEOPLE in explained.casefold() and metric.unit == "count":
        return replace(metric, metric="other", unit="persons")
    return metric


def _breakdown(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """One sheet: a figure split by kind of action. What it counts stands in its first cell."""
    explained = next((row[0] for row in sheet.sample if row and row[0]), None) or sheet.name
    counts_people = COUNTS_PEOPLE in explained.casefold()
    is_negative = "negative feedback" in explained.casefold()
    described = {name.casefold() for name in ("Description", *POST_COLUMNS)}
    actions = [c for c in sheet.header if plain_name(c) not in described and not c.startswith("__")]
    each = []
    for action in actions:
        if counts_people:
            name = "other" if is_negative else "engaged_users"
        else:
            name = "negative_feedback" if is_negative else ACTIONS.get(action.casefold(), "clicks")
        each.append(Metric(action, name, "total", "persons" if counts_people else "count"))
    # a part of the whole that "Key Metrics" states, unless the action has a metric of its own
    is_whole = f"metric.name IN ({', '.join(literal(name) for name in ACTIONS.values())})"
    cells = _lifetime(sheet) | {
        "native_metric": sql(f"{literal(sheet.name + ': ')} || metric.native"),
        "segment": sql(f"CASE WHEN NOT {is_whole} THEN 'action: ' || metric.native END"),
    }
    return measured("facebook", tuple(each), cells=cells, where=says(sheet, "Post ID"))


def _lifetime(sheet: Sheet) -> dict[str, Cell]:
    return over_lifetime(day(sheet, "Posted", formats=DATES)) | {"item": text(sheet, "Post ID")}


SOURCE = Source(
    name="facebook_insights",
    title="Facebook Page Insights, by post",
    layouts=(
        Layout(
            "key figures",
            ("Post ID", "Post Message", "Posted", "Lifetime Post Total Reach"),
            _key_figures,
            (*POST_COLUMNS, "Lifetime *"),
        ),
        Layout("breakdown", ("Description", "Post ID", "Post Message", "Posted"), _breakdown, ("*",)),
    ),
    answers="how many people each post reached, organic and paid, and what they did with it",
    how_to_get="Facebook Page, Insights, Export Data, Post data (until 2022); kept files remain readable.",
    caveats="Aggregates only. Lifetime figures go on growing after the export. Reach cannot be added over posts: the "
    "same people see several. Times of posting carry no zone and are read in the workspace's. Parts of a whole carry a "
    "segment.",
    evidence="One real file of a quarter: SpreadsheetML under an .xml name, seven sheets.",
)
