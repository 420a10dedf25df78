"""One customer, all venues, one line of time: everything that happened, which of it is wanted, and its picture."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from goodwill.report.numbers import show_value
from goodwill.report.panels import Picture
from goodwill.report.phrases import as_sentence, venue_name
from goodwill.report.timeline_pictures import Ending, Lane, Span, Story, picture
from goodwill.terms import VERBS
from goodwill.web.directory import PAGE, Found, directory, leads_of, stamp
from goodwill.web.site import Site

#: How places that are no network are called.
PLACES = {
    "site": "Website", "service": "Service desk", "crm": "CRM", "deals": "Deals", "billing": "Billing",
    "email": "E-mail",
}  # fmt: skip
#: Places whose events are drawn as spans, and are no venue.
_SOLD = ("deals", "billing")
#: A line of time is at least so many days long.
SHORTEST = 30


@dataclass(frozen=True)
class Whole:
    """A person or a company: its nodes, its companies, and where its rows stand in three tables.

    Those are ``timeline``, and the records and the exact links of its kind: looked up by place they cost nothing.
    """

    whole: str
    nodes: tuple[str, ...]
    accounts: tuple[str, ...]
    places: tuple[int, ...]
    records: tuple[int, ...]
    links: tuple[int, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any], whole: str) -> Whole:
        """The person or company of a row of the directory."""
        accounts = row.get("accounts", [whole])
        return cls(
            whole, *(tuple(said) for said in (row["nodes"], accounts, row["places"], row["records"], row["links"]))
        )


@dataclass(frozen=True)
class Wanted:
    """Which part of a timeline: a venue, the days from and until, and which page of it."""

    venue: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    page: int = 1


@dataclass(frozen=True)
class Offer:
    """A deal or a subscription, with its outcome in words; ``amount`` is empty where nobody says it."""

    what: str
    began: dt.date
    ended: dt.date | None
    outcome: str
    ending: Ending
    amount: str
    product: str
    source_file: str
    source_row: int


@dataclass(frozen=True)
class Timeline:
    """Everything that happened with one customer, the newest first, and what was offered and sold."""

    events: pa.Table
    deals: tuple[Offer, ...]
    subscriptions: tuple[Offer, ...]

    @property
    def places(self) -> list[str]:
        """Where anything happened, by name."""
        found: list[str] = pc.unique(self.events.column("place")).to_pylist()
        return sorted(found, key=place_name)


def place_name(place: str) -> str:
    """A venue or system as readers know it.

    Examples
    --------
    >>> place_name("site"), place_name("linkedin")
    ('Website', 'LinkedIn')
    """
    return PLACES.get(place) or venue_name(place)


def timeline(site: Site, whole: Whole) -> Timeline:
    """Everything that happened with one person or company; kept until the next run."""
    return site.made(("timeline", *stamp(site), whole.whole), lambda: _timeline(site, whole))


def _timeline(site: Site, whole: Whole) -> Timeline:
    end = dt.datetime.fromisoformat(site.answers().manifest["as_of"]) + dt.timedelta(days=1)
    asked, there = {"accounts": list(whole.accounts)}, directory(site)
    sql = (resources.files("goodwill.web") / "timelines.sql").read_text(encoding="utf-8")
    with site.tables() as tables:
        tables.register("directory_touches", there.touches.take(pa.array(whole.places, pa.int64())))
        tables.register("directory_leads", leads_of(there, whole.nodes))
        events = tables.arrow(sql, end=end, **asked)
        theirs = "WHERE account IN (SELECT unnest($accounts))"
        deals = tables.rows(f"FROM deals {theirs} ORDER BY opened_at DESC, id", **asked)
        held = tables.rows(f"FROM contracts {theirs} AND NOT is_impossible ORDER BY started_on DESC, id", **asked)
    return Timeline(
        events, tuple(_deal(row) for row in deals if row["opened_at"]), tuple(_subscription(row) for row in held)
    )


def _deal(row: dict[str, Any]) -> Offer:
    outcome: Literal["won", "lost", "open"] = row["outcome"] if row["outcome"] in ("won", "lost") else "open"
    ended = row["decided_at"].date() if row["decided_at"] and outcome != "open" else None
    return Offer(
        "Deal", row["opened_at"].date(), ended, outcome, outcome, _money(row["amount"], row["currency"]),
        row["product"] or "", row["source_file"] or "", row["source_row"] or 0,
    )  # fmt: skip


def _subscription(row: dict[str, Any]) -> Offer:
    outcome = "renewed" if row["is_renewed"] else "ended" if row["ended_on"] else "running"
    monthly = _money(row["mrr"], row["currency"])
    return Offer(
        "Subscription", row["started_on"], row["ended_on"], outcome, "over" if row["ended_on"] else "open",
        f"{monthly} a month" if monthly else "", row["product"] or "", row["source_file"] or "", row["source_row"] or 0,
    )  # fmt: skip


def _money(amount: float | None, currency: str | None) -> str:
    return "" if amount is None or math.isnan(amount) else show_value(amount, "money", currency or "").strip()


def page_of(found: Timeline, wanted: Wanted) -> Found:
    """One page of what happened, in words."""
    events = _chosen(found.events, wanted)
    rows = events.slice((wanted.page - 1) * PAGE, PAGE).to_pylist()
    return Found(tuple(map(_told, rows)), events.num_rows, wanted.page)


def _chosen(events: pa.Table, wanted: Wanted) -> pa.Table:
    if wanted.venue:
        events = events.filter(pc.equal(events.column("place"), wanted.venue))
    if wanted.since:
        events = events.filter(pc.greater_equal(events.column("at"), _moment(wanted.since)))
    if wanted.until and wanted.until < dt.date.max:
        events = events.filter(pc.less(events.column("at"), _moment(wanted.until + dt.timedelta(days=1))))
    return events


def _moment(day: dt.date) -> pa.Scalar:
    # dates that no clock in microseconds can hold are as good as its ends
    return pa.scalar(dt.datetime.combine(day, dt.time()), pa.timestamp("us"))


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """An event as people read it."""
    what = VERBS.get(event["what"], event["what"])
    amount = _money(event["amount"], event["currency"])
    direction = {"inbound": "from them", "outbound": "from us"}.get(event["direction"] or "", "")
    said = as_sentence(what.partition(" (")[0] if event["direction"] else what)[:-1]
    return event | {
        "day": event["at"].date(), "where": place_name(event["place"]), "said": said, "amount": amount,
        "direction": direction,
    }  # fmt: skip


def drawn(site: Site, whole: Whole) -> Picture:
    """The picture of one customer; kept until the next run."""
    return site.made(("timeline picture", *stamp(site), whole.whole), lambda: picture(_story(site, whole)))


def _story(site: Site, whole: Whole) -> Story:
    found = timeline(site, whole)
    today = dt.date.fromisoformat(site.answers().manifest["as_of"])
    spans = tuple(
        (heading, tuple(_span(offer, today) for offer in offers))
        for heading, offers in (("Deals", found.deals), ("Subscriptions", found.subscriptions))
        if offers
    )
    days = pc.min(found.events.column("at")).as_py()
    first = min(days.date() if days else today, today - dt.timedelta(days=SHORTEST))
    return Story(_lanes(found.events), spans, first, today)


def _span(offer: Offer, today: dt.date) -> Span:
    product = f" ({offer.product})" if offer.product else ""
    amount = f", {offer.amount}" if offer.amount else ""
    return Span(f"{offer.outcome.capitalize()}{amount}{product}", offer.began, offer.ended or today, offer.ending)


def _lanes(events: pa.Table) -> tuple[Lane, ...]:
    """A lane for each venue with touches, social ones first, then those with most touches."""
    kept = events.filter(events.column("is_touch"))
    days = pc.cast(kept.column("at"), pa.date32())
    by_day = pa.table({"place": kept.column("place"), "is_social": kept.column("is_social"), "day": days})
    rows = by_day.group_by(["place", "is_social", "day"]).aggregate([([], "count_all")]).to_pylist()
    lanes: dict[tuple[str, bool], dict[dt.date, int]] = {}
    for row in rows:
        lane = lanes.setdefault((row["place"], row["is_social"]), {})
        lane[row["day"]] = row["count_all"]
    made = [Lane(_lane_name(*key), key[1], tuple(sorted(lane.items())))
            for key, lane in lanes.items()]  # fmt: skip
    return tuple(sorted(made, key=lambda lane: (not lane.is_social, -lane.touches, lane.name)))


def _lane_name(place: str, is_social: bool) -> str:
    """A venue's name; visits to the website that came from social are a lane of their own."""
    return "Website, from social" if place == "site" and is_social else place_name(place)
