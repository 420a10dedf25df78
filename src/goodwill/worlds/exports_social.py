"""Who did what with us on social networks: the table of the company's community tool.

No network exports who reacted. The tool that a company answers with does, as a table of its own making; the
workspace maps it (see ``settings``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goodwill.worlds.causes import ACTIONS, DAY_LENGTH, DAY_STARTS, SECONDS, stream
from goodwill.worlds.company import VENUES, Company
from goodwill.worlds.exports_email import mixed_case
from goodwill.worlds.posts import Posts
from goodwill.worlds.tables import moments, pick, write_csv
from goodwill.worlds.truth import Ints

#: What the community tool calls the ten equally likely actions.
WORDS = ("Comment", "Comment", "Reply", "Reply", "Like", "Like", "Like", "Like", "Like", "Share")
#: Touches by people without a known address, for each by somebody known, in a noisy company.
STRANGERS = 0.35


def write_community(company: Company, folder: Path, posts: Posts | None) -> None:
    """Write the community tool's table in order of time; a noisy one also has strangers and a few rows twice."""
    touches = company.history.touches
    seen = ~touches.by_site
    person, moment, venue = touches.person[seen], touches.moment[seen], touches.venue[seen]
    word, rng = touches.action[seen], stream(company.seed, 61)
    if company.is_noisy:
        extra = int(len(person) * STRANGERS)
        span = company.history.span
        day = span.first_day + rng.integers(0, 7 * span.weeks, extra)
        at = (day * SECONDS + DAY_STARTS + rng.integers(0, DAY_LENGTH, extra)) // 60 * 60
        twice = rng.integers(0, max(len(person), 1), len(person) // 150)
        strangers = len(company.directory.email) + rng.integers(0, max(extra // 2, 1), extra)
        person = np.concatenate([person, person[twice], strangers])
        moment = np.concatenate([moment, moment[twice], at])
        venue = np.concatenate([venue, venue[twice], rng.integers(0, 2, extra)])  # the first two run from the start
        word = np.concatenate([word, word[twice], rng.integers(0, ACTIONS, extra)])
    order = np.lexsort((word, venue, person, moment))
    rows = person[order], moment[order], venue[order], word[order]
    _write_rows(company, folder, rows, _post_ids(posts, rows[2], rows[1]))


def _write_rows(company: Company, folder: Path, rows: tuple[Ints, Ints, Ints, Ints], post: pa.Array) -> None:
    person, moment, venue, word = rows
    known = person < len(company.directory.email)
    strangers = range(int(person.max(initial=0)) + 1 - len(company.directory.email))
    handles = [*company.directory.handle, *(f"visitor_{i}" for i in strangers)]
    email = mixed_case(company, np.where(known, person, 0), 62)
    columns = {
        "Engaged at": moments(moment, "%Y-%m-%d %H:%M"),
        "Network": pick(VENUES, venue),
        "Action": pick(WORDS, word),
        "Profile": pick(handles, person),
        "Contact email": pc.if_else(known, email, None),
        "Post ID": post,
        "Campaign": "always-on",
    }
    write_csv(folder / "community_engagements.csv", columns)


def _post_ids(posts: Posts | None, venue: Ints, moment: Ints) -> pa.Array:
    """The latest post on that venue; without posts of ours a running number per venue and week."""
    if posts is None:
        return pa.array(
            [f"{VENUES[v].lower()}-{m // (7 * SECONDS)}" for v, m in zip(venue.tolist(), moment.tolist(), strict=True)]
        )
    number = np.zeros(len(venue), dtype=np.int64)
    for v in np.unique(venue).tolist():
        of = np.asarray(posts.of(v))
        here = venue == v
        number[here] = of[np.maximum(np.searchsorted(posts.moment[of], moment[here], side="right") - 1, 0)]
    return pick(posts.identity, number)
