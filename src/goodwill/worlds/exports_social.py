"""Who did what with us on social networks: the table of the company's community tool.

No network exports who reacted. The tool that a company answers with does, as a table of its own making; the
workspace maps it (see ``settings``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.causes import ACTIONS, DAY_LENGTH, DAY_STARTS, SECONDS, stream
from goodwill.worlds.company import VENUES, Company
from goodwill.worlds.exports_email import mixed_case
from goodwill.worlds.posts import Posts
from goodwill.worlds.tables import moments, pick, write_csv

#: What the community tool calls the ten equally likely actions.
WORDS = ("Comment", "Comment", "Reply", "Reply", "Like", "Like", "Like", "Like", "Like", "Share")
#: Touches by people without a known address, for each by somebody known, in a noisy company.
STRANGERS = 0.35
CAMPAIGN = "always-on"
COMMUNITY = "community_engagements.csv"


@dataclass(frozen=True, eq=False)
class Engagements:
    """What people did on venues, in order of time; persons beyond the people are strangers; ``word`` numbers words."""

    person: Ints
    moment: Ints
    venue: Ints
    word: Ints


def engagements(company: Company) -> Engagements:
    """All touches but visits to the site; a noisy company also has strangers and a few rows twice."""
    touches = company.history.touches
    seen = ~touches.by_site
    rows = (touches.person[seen], touches.moment[seen], touches.venue[seen], touches.action[seen])
    person, moment, venue, word = _with_noise(company, rows) if company.is_noisy else rows
    order = np.lexsort((word, venue, person, moment))
    return Engagements(person[order], moment[order], venue[order], word[order])


def _with_noise(company: Company, rows: tuple[Ints, Ints, Ints, Ints]) -> tuple[Ints, Ints, Ints, Ints]:
    (person, moment, venue, word), rng, span = rows, stream(company.seed, 61), company.history.span
    extra = int(len(person) * STRANGERS)
    day = span.first_day + rng.integers(0, 7 * span.weeks, extra)
    at = (day * SECONDS + DAY_STARTS + rng.integers(0, DAY_LENGTH, extra)) // 60 * 60
    twice = rng.integers(0, max(len(person), 1), len(person) // 150)
    strangers = len(company.directory.email) + rng.integers(0, max(extra // 2, 1), extra)
    return (
        np.concatenate([person, person[twice], strangers]),
        np.concatenate([moment, moment[twice], at]),
        np.concatenate([venue, venue[twice], rng.integers(0, 2, extra)]),  # the first two run from the start
        np.concatenate([word, word[twice], rng.integers(0, ACTIONS, extra)]),
    )


def write_community(company: Company, folder: Path, posts: Posts | None) -> None:
    """Write the community tool's table in order of time."""
    done = engagements(company)
    known = done.person < len(company.directory.email)
    strangers = range(int(done.person.max(initial=0)) + 1 - len(company.directory.email))
    handles = [*company.directory.handle, *(f"visitor_{i}" for i in strangers)]
    email = mixed_case(company, np.where(known, done.person, 0), 62)
    columns = {
        "Engaged at": moments(done.moment, "%Y-%m-%d %H:%M"),
        "Network": pick(VENUES, done.venue),
        "Action": pick(WORDS, done.word),
        "Profile": pick(handles, done.person),
        "Contact email": pc.if_else(known, email, None),
        "Post ID": post_ids(posts, done),
        "Campaign": CAMPAIGN,
    }
    write_csv(folder / COMMUNITY, columns)


def post_ids(posts: Posts | None, done: Engagements) -> pa.Array:
    """The latest post on that venue; without posts of ours a running number per venue and week."""
    if posts is None:
        weeks, which = np.unique(done.moment // (7 * SECONDS) * len(VENUES) + done.venue, return_inverse=True)
        pairs = zip((weeks % len(VENUES)).tolist(), (weeks // len(VENUES)).tolist(), strict=True)
        return pick([f"{VENUES[venue].lower()}-{week}" for venue, week in pairs], which)
    number = np.zeros(len(done.venue), dtype=np.int64)
    for v in np.unique(done.venue).tolist():
        of = np.asarray(posts.of(v))
        here = done.venue == v
        number[here] = of[np.maximum(np.searchsorted(posts.moment[of], done.moment[here], side="right") - 1, 0)]
    return pick(posts.identity, number)
