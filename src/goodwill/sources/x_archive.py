"""The archive that X gives to an account's owner: every post and reply of ours, with its words and times."""

from __future__ import annotations

from goodwill.exports import Locale, Metric, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources.cells import instant, moment, shown, sql, text
from goodwill.sources.measures import measured, over_lifetime, published

#: "Sun Dec 31 14:36:59 +0000 2023"
DATES = ("%a %b %d %H:%M:%S %z %Y",)
#: How the archive writes a repost: it has no field for it.
REPOST = "^RT @([A-Za-z0-9_]+):"


def _tweets(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    words, answered = shown(sheet, "full_text"), shown(sheet, "in_reply_to_status_id_str", "in_reply_to_status_id")
    shared = f"NULLIF(regexp_extract({words}, '{REPOST}', 1), '')"
    partner = f"COALESCE({shared}, {shown(sheet, 'in_reply_to_screen_name')})"
    posts = published(
        "x",
        cells={
            "id": text(sheet, "id_str", "id"),
            "at": moment(sheet, "created_at", formats=DATES),
            "kind": sql(
                f"CASE WHEN {shared} IS NOT NULL THEN 'share' WHEN {answered} IS NOT NULL THEN 'reply' ELSE 'post' END"
            ),
            # the archive writes its texts as HTML does
            "body": sql(
                f"replace(replace(replace(replace({words}, '&lt;', '<'), '&gt;', '>'), '&quot;', '\"'), '&amp;', '&')"
            ),
            "in_reply_to": sql(answered),
            "target_actor": sql(f"'x:' || lower({partner})"),
            "language": text(sheet, "lang"),
        },
        verb=sql(f"CASE WHEN {shared} IS NOT NULL THEN 'Announce' ELSE 'Create' END"),
    )
    return (*posts, *_figures(sheet, where=f"{shared} IS NULL"))


def _figures(sheet: Sheet, *, where: str) -> tuple[Relation, ...]:
    """Likes and reposts so far; those of a repost would be the other author's."""
    known = {"favorite_count": "reactions", "retweet_count": "shares"}
    each = tuple(Metric(column, known[name]) for name in known if (column := sheet.column(name)))
    raw = shown(sheet, "created_at")
    cells = over_lifetime(sql(f"CAST({instant(raw, DATES)} AS DATE)", raw)) | {"item": text(sheet, "id_str", "id")}
    return measured("x", each, cells=cells, where=where)


SOURCE = Source(
    name="x_archive",
    title="X (Twitter) archive: tweets.js",
    layouts=(
        Layout(
            "tweets",
            ("id_str", "full_text", "created_at"),
            _tweets,
            (
                "id", "lang", "favorite_count", "retweet_count", "in_reply_to_*", "edit_info", "retweeted", "source",
                "entities", "extended_entities", "display_text_range", "truncated", "favorited", "possibly_sensitive",
                "coordinates", "geo", "withheld_*", "contributors", "place", "scopes",
            ),
        ),
    ),
    answers="what we said on X, to whom, and when: posts, replies and reposts of one account",
    how_to_get="X, Settings, Your account, Download an archive of your data; take data/tweets.js from it.",
    caveats="Ours only: nobody else's answers are in it, nor are threads named. The file does not say whose it is. "
    "Likes and reposts are counts up to the day of the archive.",
    evidence="An excerpt of a real archive with names and words replaced.",
)  # fmt: skip
