"""What the warehouse copy of GA4 holds of this company: page views, with the columns of Fivetran's event table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goodwill.worlds.causes import DAY_LENGTH, DAY_STARTS, PAGE, SECONDS, stream
from goodwill.worlds.company import OWN_DOMAIN, VENUES, Company
from goodwill.worlds.exports_email import mixed_case
from goodwill.worlds.tables import moments, pick, write_csv
from goodwill.worlds.truth import Ints

#: Where visits outside social come from: source, medium and how common. Clicks in newsletters are e-mail's own.
ARRIVALS = (("google", "organic", 0.5), ("(direct)", "(none)", 0.35), ("fachportal.example", "referral", 0.15))
PAGES = ("", "pricing", "product", "docs/start", "docs/connect", "blog/weekly-plan", "case-studies/mill", "contact")
#: Visits by people nobody knows, for each by somebody known.
STRANGERS = 0.3
#: A session ends after half an hour without activity.
SESSION_SECONDS = 1800


def write_site(company: Company, folder: Path) -> None:
    """Write all page views in order of time: of known people, through tagged social links, and of strangers."""
    history = company.history
    page = history.events.kind == PAGE
    site, touches, rng = history.touches.by_site, history.touches, stream(company.seed, 41)
    known = int(page.sum())
    cookies, at = _strangers(company, int(known * STRANGERS), rng)
    source = np.concatenate([
        rng.choice(3, known, p=[share for _, _, share in ARRIVALS]),
        len(ARRIVALS) + touches.venue[site],
        rng.choice(3 + len(VENUES), len(at), p=[0.4, 0.35, 0.1, 0.07, 0.05, 0.02, 0.01]),
    ])  # fmt: skip
    moment = np.concatenate([history.events.moment[page], touches.moment[site], at])
    # strangers follow the people in the numbering, so that one number names a cookie
    visitor = np.concatenate([history.events.person[page], touches.person[site], cookies])
    order = np.lexsort((source, visitor, moment))
    _write(company, folder, (visitor[order], moment[order], source[order], rng.integers(0, len(PAGES), len(order))))


def _strangers(company: Company, visits: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Number and moment of visits by unknown browsers; each comes about twice."""
    span, people = company.history.span, len(company.directory.email)
    cookie = people + rng.integers(0, max(visits // 2, 1), visits)
    day = span.first_day + rng.integers(0, 7 * span.weeks, visits)
    return cookie, day * SECONDS + DAY_STARTS + rng.integers(0, DAY_LENGTH, visits)


def _write(company: Company, folder: Path, visits: tuple[Ints, Ints, Ints, Ints]) -> None:
    visitor, moment, source, page = visits
    people, rows = len(company.directory.email), len(visitor)
    known = visitor < people
    sources = [name for name, _, _ in ARRIVALS] + [v.lower() for v in VENUES]
    mediums = [medium for _, medium, _ in ARRIVALS] + ["social"] * len(VENUES)
    names, ways, at = pick(sources, source), pick(mediums, source), moments(moment, "%Y-%m-%d %H:%M:%S")
    cookies = [
        f"{1_000_000_000 + i * 7919 % 899_999_981}.{1_600_000_000 + i}" for i in range(int(visitor.max(initial=0)) + 1)
    ]
    columns = {
        "_fivetran_id": [str(i) for i in range(rows)],
        "_fivetran_synced": at,
        "bundle_sequence_id": None,
        "date": moments(moment, "%Y-%m-%d"),
        "device_category": pick(("desktop", "mobile", "tablet"), visitor % 5 // 2),
        **dict.fromkeys(("geo_city", "geo_country", "geo_region")),
        "name": "page_view",
        "platform": "web",
        "timestamp": at,
        "traffic_source_medium": ways,
        "traffic_source_name": None,
        "traffic_source_source": names,
        "user_first_touch_timestamp": None,
        "user_id": _known_only(company, visitor, known),
        "user_pseudo_id": pick(cookies, visitor),
        **dict.fromkeys(("value_in_usd", "ecommerce_purchase_revenue_in_usd", "ecommerce_refund_value_in_usd")),
        **dict.fromkeys(("ecommerce_total_item_quantity", "ecommerce_transaction_id")),
        "event_dimensions_hostname": f"www.{OWN_DOMAIN}",
        **dict.fromkeys(("param_video_duration", "param_percent_scrolled")),
        "param_campaign": pick([None] * len(ARRIVALS) + ["always-on"] * len(VENUES), source),
        "param_gclid": None,
        "param_medium": ways,
        "param_source": names,
        "param_ga_session_id": [str(s) for s in (moment // SESSION_SECONDS).tolist()],
        "param_ga_session_number": None,
        "param_engagement_time_msec": None,
        "param_engaged_session_event": None,
        "param_session_engaged": None,
        "param_page_location": pick([f"https://www.{OWN_DOMAIN}/{p}" for p in PAGES], page),
    }
    write_csv(folder / "ga4_event.csv", columns)


def _known_only(company: Company, visitor: Ints, known: NDArray[np.bool_]) -> pa.Array:
    """The signed-in user's e-mail address, nothing for strangers."""
    email = mixed_case(company, np.where(known, visitor, 0), 42)
    return pc.if_else(known, email, None)
