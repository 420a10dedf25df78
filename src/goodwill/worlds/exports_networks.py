"""What LinkedIn, X, Mastodon and YouTube export about our own posts: figures per post and per day, never persons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from goodwill.worlds.causes import SECONDS
from goodwill.worlds.company import OWN_HANDLE, OWN_NAME, Company
from goodwill.worlds.posts import Posts
from goodwill.worlds.tables import day_of, listed, moments, number_of, write_csv, write_workbook

METRICS = ("Clicks", "Reactions", "Comments", "Shares")
#: Where these stand in ``Posts.counts``.
ORDER = [3, 0, 1, 2]
#: The two sheets of a LinkedIn page's content export, each with a sentence above its header.
LINKEDIN_DAYS = "Aggregated engagement metrics for all updates and campaigns, including sponsored"
LINKEDIN_POSTS = "Engagement metrics for individual updates and campaigns"
LINKEDIN_POST_COLUMNS = listed(
    "Update title,Update link,Update type,Campaign name,Posted by,Created date,Campaign start date,Campaign end date,"
    "Audience,Impressions,Video views,Clicks,Click through rate (CTR),Likes,Comments,Shares,Follows,Engagement rate"
)
YOUTUBE_COLUMNS = listed(
    "Content,Video title,Video publish time,Duration,Likes,Shares,Views,Watch time (hours),Subscribers,Impressions,"
    "Impressions click-through rate (%)"
)
#: Columns of YouTube's table that the row of totals adds up.
YOUTUBE_SUMS = slice(4, 10)


def write_networks(company: Company, folder: Path, posts: Posts) -> None:
    """Write what each network exports about our own posts, LinkedIn and X a file a year."""
    span = company.history.span
    when = [day_of(m // SECONDS).year for m in posts.moment.tolist()]
    for year in range(day_of(span.first_day).year, day_of(span.last_day).year + 1):
        _write_linkedin(folder, posts, [i for i in posts.of(0) if when[i] == year], year)
        _write_x(folder, posts, [i for i in posts.of(1) if when[i] == year], year)
    _write_mastodon(folder, posts)
    _write_youtube(folder, posts)


def _write_linkedin(folder: Path, posts: Posts, mine: list[int], year: int) -> None:
    split = [f"{m} ({kind})" for m in ("Impressions", *METRICS) for kind in ("organic", "sponsored", "total")]
    split.insert(3, "Unique impressions (organic)")
    rates = [f"Engagement rate ({kind})" for kind in ("organic", "sponsored", "total")]
    sheets: dict[str, list[list[Any]]] = {
        "Update metrics (aggregated)": [[LINKEDIN_DAYS], ["Date", *split, *rates], *_linkedin_days(posts, mine, year)],
        "Update Engagement": [[LINKEDIN_POSTS], LINKEDIN_POST_COLUMNS, *(_linkedin_post(posts, i) for i in mine)],
    }
    write_workbook(folder / f"{OWN_HANDLE}_content_{year}.xlsx", sheets)


def _linkedin_post(posts: Posts, i: int) -> list[Any]:
    reactions, comments, shares, clicks = posts.counts[i].tolist()
    shown, day = int(posts.impressions[i]), day_of(int(posts.moment[i]) // SECONDS)
    link = f"https://www.linkedin.com/feed/update/{posts.identity[i]}"
    rate, engaged = round(clicks / shown, 6), round((reactions + comments + shares + clicks) / shown, 6)
    about = [posts.text[i], link, "Organic", None, OWN_NAME, f"{day:%m/%d/%Y}", None, None, "All followers"]
    return [*about, shown, None, clicks, rate, reactions, comments, shares, 0, engaged]


def _linkedin_days(posts: Posts, mine: list[int], year: int) -> list[list[Any]]:
    """One row per day of the year: the figures of the posts published that day, spent on that day."""
    first, last = number_of(f"{year}-01-01"), number_of(f"{year}-12-31")
    sums = np.zeros((last - first + 1, 1 + len(METRICS)), dtype=np.int64)
    figures = np.column_stack([posts.impressions[mine], posts.counts[mine][:, ORDER]])
    np.add.at(sums, posts.moment[mine] // SECONDS - first, figures)
    rows = []
    for day, (shown, *acts) in zip(range(first, last + 1), sums.tolist(), strict=True):
        rate = round(sum(acts) / shown, 6) if shown else 0
        # organic, sponsored, total: nothing of this is sponsored
        by_audience = [value for count in (shown, *acts) for value in (count, 0, count)]
        by_audience.insert(3, int(shown * 0.8))
        rows.append([f"{day_of(day):%m/%d/%Y}", *by_audience, rate, 0, rate])
    return rows


def _write_x(folder: Path, posts: Posts, mine: list[int], year: int) -> None:
    """The content analytics of X, as the site offers them since 2024."""
    days = [day_of(int(posts.moment[i]) // SECONDS) for i in mine]
    reactions, comments, shares, clicks = ([str(n) for n in posts.counts[mine][:, k].tolist()] for k in range(4))
    columns = {
        "Post id": [posts.identity[i] for i in mine],
        "Date": [f"{d:%a, %b} {d.day}, {d.year}" for d in days],
        "Post text": [posts.text[i] for i in mine],
        "Post Link": [f"https://x.com/{OWN_HANDLE}/status/{posts.identity[i]}" for i in mine],
        "Impressions": [str(n) for n in posts.impressions[mine].tolist()],
        "Likes": reactions,
        "Engagements": [str(n) for n in posts.counts[mine].sum(axis=1).tolist()],
        **dict.fromkeys(("Bookmarks", "Shares", "New follows"), "0"),
        "Replies": comments,
        "Reposts": shares,
        **dict.fromkeys(("Profile visits", "Detail Expands"), "0"),
        "URL Clicks": clicks,
        **dict.fromkeys(("Hashtag Clicks", "Permalink Clicks"), "0"),
    }
    write_csv(folder / f"account_analytics_content_{year}-01-01_{year}-12-31.csv", columns)


def _write_mastodon(folder: Path, posts: Posts) -> None:
    """The outbox of an account archive."""
    mine = posts.of(2)
    published = moments(posts.moment[mine], "%Y-%m-%dT%H:%M:%SZ").to_pylist()
    items = [
        _mastodon_item(posts.identity[i], posts.text[i], at, n)
        for n, (i, at) in enumerate(zip(mine, published, strict=True))
    ]
    outbox = {"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection"}
    text = json.dumps({**outbox, "totalItems": len(items), "orderedItems": items}, indent=0)
    (folder / "outbox.json").write_text(text + "\n", encoding="utf-8")


def _mastodon_item(identity: str, text: str, at: str, number: int) -> dict[str, Any]:
    """One activity; every sixth post answers somebody."""
    actor = f"https://social.example/users/{OWN_HANDLE}"
    address, words = f"{actor}/statuses/{identity}", f"<p>{text}</p>"
    asked = f"https://elsewhere.example/users/asker{number}/statuses/{number}"
    note: dict[str, Any] = {
        "id": address,
        "type": "Note",
        "summary": None,
        "inReplyTo": asked if number % 6 == 5 else None,
        "published": at,
        "url": f"https://social.example/@{OWN_HANDLE}/{identity}",
        "attributedTo": actor,
        "sensitive": False,
        "conversation": f"tag:social.example:objectId={number}:objectType=Conversation",
        "content": words,
        "contentMap": {"en": words},
        "attachment": [],
        "tag": [],
    }
    public, followers = "https://www.w3.org/ns/activitystreams#Public", f"{actor}/followers"
    head = {"id": f"{address}/activity", "type": "Create", "actor": actor, "published": at}
    return {**head, "to": [public], "cc": [followers], "object": note}


def _write_youtube(folder: Path, posts: Posts) -> None:
    """YouTube Studio's table of videos, with its row of totals on top."""
    rows: list[list[Any]] = []
    for i in posts.of(3):
        likes, _, shares, clicks = posts.counts[i].tolist()
        day, shown = day_of(int(posts.moment[i]) // SECONDS), int(posts.impressions[i])
        views = shown // 4  # subscribers and searches count too, so far more than clicks on thumbnails
        about = [posts.identity[i], posts.text[i], f"{day:%b} {day.day}, {day.year}", 60 + 37 * i % 540]
        figures = [
            likes,
            shares,
            views,
            round(views * 60 / 3600, 4),
            likes // 10,
            shown,
            round(100 * clicks / shown, 2),
        ]
        rows.append([*about, *figures])
    sums = [round(sum(column), 4) for column in zip(*(row[YOUTUBE_SUMS] for row in rows), strict=True)]
    rows.insert(0, ["Total", "", "", "", *(sums or [0] * 6), ""])
    columns = {name: [str(row[c]) for row in rows] for c, name in enumerate(YOUTUBE_COLUMNS)}
    write_csv(folder / "Table data.csv", columns)
