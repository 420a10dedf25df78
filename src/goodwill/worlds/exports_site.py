"""What the warehouse copy of GA4 holds of this company: page views, with the columns of Fivetran's event table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goodwill.worlds.arithmetic import Ints
from goodwill.worlds.causes import DAY_LENGTH, DAY_STARTS, PAGE, SECONDS, UNTAGGED, stream
from goodwill.worlds.company import OWN_DOMAIN, VENUES, Company
from goodwill.worlds.exports_email import mixed_case
from goodwill.worlds.tables import listed, moments, pick, write_csv

#: Where visits outside social come from: source, medium and how common. Clicks in newsletters are e-mail's own.
ARRIVALS = (("google", "organic", 0.5), ("(direct)", "(none)", 0.35), ("fachportal.example", "referral", 0.15))
DIRECT = 1
#: Source and medium of a visit by number, and the campaign that a tagged link names.
SOURCES = (*((name, medium) for name, medium, _ in ARRIVALS), *((venue.lower(), "social") for venue in VENUES))
CAMPAIGNS = (*(None for _ in ARRIVALS), *("always-on" for _ in VENUES))
PAGES = ("", "pricing", "product", "docs/start", "docs/connect", "blog/weekly-plan", "case-studies/mill", "contact")
#: Visits by people nobody knows, for each by somebody known.
STRANGERS = 0.3
#: A session ends after half an hour without activity.
SESSION_SECONDS = 1800
SITE = "ga4_event.csv"

#: The columns of Fivetran's table of GA4 events, and one more parameter that GA4 always sends; most stay empty here.
COLUMNS = listed(
    "_fivetran_id,_fivetran_synced,bundle_sequence_id,date,device_category,geo_city,geo_country,geo_region,name,"
    "platform,timestamp,traffic_source_medium,traffic_source_name,traffic_source_source,user_first_touch_timestamp,"
    "user_id,user_pseudo_id,value_in_usd,ecommerce_purchase_revenue_in_usd,ecommerce_refund_value_in_usd,"
    "ecommerce_total_item_quantity,ecommerce_transaction_id,event_dimensions_hostname,param_video_duration,"
    "param_percent_scrolled,param_campaign,param_gclid,param_medium,param_source,param_ga_session_id,"
    "param_ga_session_number,param_engagement_time_msec,param_engaged_session_event,param_session_engaged,"
    "param_page_location"
)


@dataclass(frozen=True, eq=False)
class Visits:
    """Page views in order of time; visitors beyond the people are strangers; ``source`` numbers ``SOURCES``."""

    visitor: Ints
    moment: Ints
    source: Ints
    page: Ints


def visits(company: Company) -> Visits:
    """All page views: of known people, through tagged social links, and of strangers."""
    history = company.history
    page = history.events.kind >= PAGE
    site, touches, rng = history.touches.by_site, history.touches, stream(company.seed, 41)
    known, untagged = int(page.sum()), history.events.kind[page] == UNTAGGED
    cookies, at = _strangers(company, int(known * STRANGERS), rng)
    source = np.concatenate([
        np.where(untagged, DIRECT, rng.choice(3, known, p=[share for _, _, share in ARRIVALS])),
        len(ARRIVALS) + touches.venue[site],
        rng.choice(3 + len(VENUES), len(at), p=[0.4, 0.35, 0.1, 0.07, 0.05, 0.02, 0.01]),
    ])  # fmt: skip
    moment = np.concatenate([history.events.moment[page], touches.moment[site], at])
    # strangers follow the people in the numbering, so that one number names a cookie
    visitor = np.concatenate([history.events.person[page], touches.person[site], cookies])
    order = np.lexsort((source, visitor, moment))
    return Visits(visitor[order], moment[order], source[order], rng.integers(0, len(PAGES), len(order)))


def _strangers(company: Company, visits: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Number and moment of visits by unknown browsers; each comes about twice."""
    span, people = company.history.span, len(company.directory.email)
    cookie = people + rng.integers(0, max(visits // 2, 1), visits)
    day = span.first_day + rng.integers(0, 7 * span.weeks, visits)
    return cookie, day * SECONDS + DAY_STARTS + rng.integers(0, DAY_LENGTH, visits)


def cookies(seen: Visits) -> list[str]:
    """The browser of each visitor, by number."""
    return [
        f"{10**9 + i * 7919 % 899_999_981}.{1_600_000_000 + i}" for i in range(int(seen.visitor.max(initial=0)) + 1)
    ]


def write_site(company: Company, folder: Path) -> None:
    """Write all page views in order of time."""
    seen = visits(company)
    moment, source = seen.moment, seen.source
    filled = {
        "_fivetran_id": [str(i) for i in range(len(moment))],
        "_fivetran_synced": moments(moment, "%Y-%m-%d %H:%M:%S"),
        "date": moments(moment, "%Y-%m-%d"),
        "device_category": pick(("desktop", "mobile", "tablet"), seen.visitor % 5 // 2),
        "name": "page_view",
        "platform": "web",
        "user_id": _known_only(company, seen.visitor, seen.visitor < len(company.directory.email)),
        "user_pseudo_id": pick(cookies(seen), seen.visitor),
        "event_dimensions_hostname": f"www.{OWN_DOMAIN}",
        "param_campaign": pick(CAMPAIGNS, source),
        "param_medium": pick([medium for _, medium in SOURCES], source),
        "param_source": pick([name for name, _ in SOURCES], source),
        "param_ga_session_id": [str(s) for s in (moment // SESSION_SECONDS).tolist()],
        "param_page_location": pick([f"https://www.{OWN_DOMAIN}/{p}" for p in PAGES], seen.page),
    }
    filled["timestamp"] = filled["_fivetran_synced"]
    filled["traffic_source_medium"], filled["traffic_source_source"] = filled["param_medium"], filled["param_source"]
    write_csv(folder / SITE, {c: filled.get(c) for c in COLUMNS})


def _known_only(company: Company, visitor: Ints, known: NDArray[np.bool_]) -> pa.Array:
    """The signed-in user's e-mail address, nothing for strangers."""
    email = mixed_case(company, np.where(known, visitor, 0), 42)
    return pc.if_else(known, email, None)
