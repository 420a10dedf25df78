"""Our own posts on each venue: when, which words, which purpose, and how they were received."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.worlds.causes import SECONDS, Causes, stream
from goodwill.worlds.company import OWN_DOMAIN, VENUES
from goodwill.worlds.sales import History
from goodwill.worlds.truth import Floats, Ints

#: Posts a week on each venue, in the order of ``company.VENUES``.
PER_WEEK = (3.0, 5.0, 3.0, 0.5)
#: Share of posts that ask for a sale; the rest share something.
ASKING = 0.3
TOPICS = ("planning shifts", "spare parts", "maintenance windows", "supplier data", "energy use", "first-time quality")
SHARING = (
    "What three plants taught us about {topic}: start with the people who do the work.",
    "We collected the best writing on {topic} this month. What did we miss?",
    "A short note on {topic}, and the mistake we made last year.",
    "How do you measure {topic}? We asked forty practitioners.",
    "Thank you to the team at the open day: great questions on {topic}.",
)
ASKS = (
    "Book a demo and see {topic} in one view: https://www.{domain}/contact",
    "Our {topic} package is 15% off until Friday. Sign up today.",
    "Ready to fix {topic}? Talk to our sales team.",
)
#: Median impressions of a post, and what of a thousand impressions becomes reactions, comments, shares and clicks.
IMPRESSIONS = (900.0, 400.0, 150.0, 600.0)
PER_MILLE = ((18.0, 3.0, 2.0, 12.0), (9.0, 2.0, 3.0, 6.0), (25.0, 8.0, 10.0, 8.0), (20.0, 4.0, 1.0, 9.0))


@dataclass(frozen=True, eq=False)
class Posts:
    """Own posts in order of time; ``counts`` is (n, 4): reactions, comments, shares, clicks."""

    venue: Ints
    moment: Ints
    asks: Ints
    text: list[str]
    identity: list[str]
    impressions: Ints
    counts: Ints

    def of(self, venue: int) -> list[int]:
        """Positions of the posts on one venue, in order of time."""
        return [int(i) for i in np.flatnonzero(self.venue == venue)]


def draw_posts(causes: Causes, history: History, seed: int) -> Posts:
    """A few posts a week on each venue from its start on; asking posts are received worse."""
    rng, span = stream(seed, 51), history.span
    starts = 7 * np.asarray(causes.venue_starts)
    numbers = [rng.poisson(PER_WEEK[v] * (len(span.busy) - s) / 7) for v, s in enumerate(starts.tolist())]
    venue = np.repeat(np.arange(len(starts)), numbers)
    day = starts[venue] + (rng.random(len(venue)) * (len(span.busy) - starts[venue])).astype(np.int64)
    moment = (span.first_day + day) * SECONDS + rng.integers(7 * 60, 17 * 60, len(venue)) * 60
    order = np.lexsort((venue, moment))
    venue, moment = venue[order], moment[order]
    asks = (rng.random(len(venue)) < ASKING).astype(np.int64)
    spread = np.exp(0.7 * rng.standard_normal(len(venue)) - 0.25 * asks)
    shown: Floats = np.asarray(IMPRESSIONS)[venue] * spread
    impressions = np.maximum(shown, 1).astype(np.int64)
    rate = np.asarray(PER_MILLE)[venue] / 1000 * np.where(asks, 0.6, 1.0)[:, None]
    text = [
        _words(bool(a), *w) for a, w in zip(asks.tolist(), rng.integers(0, 30, (len(venue), 2)).tolist(), strict=True)
    ]
    identity = [_identity(v, i) for i, v in enumerate(venue.tolist())]
    return Posts(venue, moment, asks, text, identity, impressions, rng.poisson(impressions[:, None] * rate))


def _words(asks: bool, wording: int, topic: int) -> str:
    forms = ASKS if asks else SHARING
    return forms[wording % len(forms)].format(topic=TOPICS[topic % len(TOPICS)], domain=OWN_DOMAIN)


def _identity(venue: int, number: int) -> str:
    """A post's id as the venue would write it, unique over all."""
    if VENUES[venue] == "LinkedIn":
        return f"urn:li:share:{7_000_000_000_000_000_000 + number}"
    if VENUES[venue] == "YouTube":
        return f"qm{number:09d}"
    return str(1_610_000_000_000_000_000 + number if VENUES[venue] == "X" else 109_600_000_000_000_000 + number)
