"""Subscriptions month by month: who was touched, who left, and what was known of them before each month."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.journeys import month_panels as shared
from goodwill.registry import Terms
from goodwill.samples import Covariates, Fetches, Floats, Ints, Panel, collect, grouped

#: What may be adjusted for, strongest suspects first: as many as the endings can carry. Service comes early, since
#: an effect of service is the likeliest to be taken for one of social.
SUSPECTS = ("engagement_history", "engagement_recent", "service_recent", "touched_before", "tenure", "mrr", "segment",
            "product", "employees", "social_history", "service_history", "year", "quarter")  # fmt: skip
#: Left out where service is looked at as a step on the way from social to staying, not as a cause of both.
SERVICE = ("service_recent", "service_history")
COUNTS = ("engagement_history", "engagement_recent", "service_recent", "service_history", "tenure", "mrr", "employees",
          "social_history")  # fmt: skip

ROWS = """
SELECT m.id, m.account, m.month, m.began_on, m.is_exposed, m.is_untouched, m.is_never_touched,
    NOT m.is_never_touched AS touched_before, m.event, m.mrr, m.currency, m.product, m.tenure, m.engagement_history,
    m.engagement_recent, m.social_history, m.service_history, m.service_recent, m.service_during, m.service_days,
    f.industry AS segment, f.employees
FROM subscription_months AS m
LEFT JOIN account_facts AS f ON f.account = m.account
ORDER BY m.id, m.month
"""
LEFT_OUT = """
SELECT count(*) AS begun, count(*) FILTER (WHERE c.is_impossible) AS impossible,
    count(*) FILTER (WHERE NOT c.is_impossible AND NOT c.has_account) AS without_company,
    count(*) FILTER (WHERE NOT c.is_impossible AND c.has_account AND m.id IS NULL) AS unseen
FROM contracts AS c
LEFT JOIN (SELECT DISTINCT id FROM subscription_months) AS m ON m.id = c.id
ORDER BY begun
"""
KNOWN = "SELECT count(DISTINCT id) AS n FROM subscriptions ORDER BY n"


@dataclass(frozen=True)
class CustomerPanel:
    """Subscriptions month by month; every array but those in ``panel.id`` has one entry per row of the panel.

    Attributes
    ----------
    panel : Panel
        Unit is the subscription, period its 28-day month of life; the event 1 is its loss, worth its monthly revenue,
        2 its renewal or change under another number.
    began_on : (n,) datetime64[D]
        First day of the month.
    never_touched : (n,) bool
        No social touch before the month at all, as far back as interactions are known; ``panel.eligible`` asks for the
        13 weeks before it only.
    product, segment : (n,) object
        Of the subscription and of its company; None where unknown.
    service_before : (n,) float
        Requests for service in the history before the month.
    service_during, service_days : (n,) float
        Requests in the 91 days after the month while it ran, and how many of these days were seen.
    left_out : dict of str to int
        Subscriptions that are not in the panel, by the reason.
    unpriced : int
        Lost ones without a known worth in the company's currency, which count as worth nothing.
    """

    panel: Panel
    began_on: NDArray[Any]
    never_touched: NDArray[np.bool_]
    product: NDArray[Any]
    segment: NDArray[Any]
    service_before: Floats
    service_during: Floats
    service_days: Floats
    left_out: Mapping[str, int]
    unpriced: int

    def __len__(self) -> int:
        return len(self.panel)


def subscriptions(tables: Fetches, terms: Terms, *, without: Collection[str] = ()) -> CustomerPanel:
    """Every subscription in every month in which it was watched as a whole.

    Parameters
    ----------
    without : collection of str
        Names of ``SUSPECTS`` that are not adjusted for, such as ``SERVICE``.

    Raises
    ------
    CannotTell
        There are no subscriptions, nothing to watch them by, or none was seen to end.
    """
    assert set(without) <= set(SUSPECTS), "only suspects can be left out"
    rows, left_out = _rows(tables, terms)
    worth = _worth(rows, terms)
    panel = _panel(rows, worth, [s for s in SUSPECTS if s not in without])
    return CustomerPanel(
        panel=panel,
        began_on=rows["began_on"].astype("datetime64[D]"),
        never_touched=shared.truths(rows, "is_never_touched"),
        product=rows["product"],
        segment=rows["segment"],
        service_before=rows["service_history"].astype(np.float64),
        service_during=rows["service_during"].astype(np.float64),
        service_days=rows["service_days"].astype(np.float64),
        left_out=left_out,
        unpriced=int(((panel.event == 1) & np.isnan(worth)).sum()),
    )


def _panel(rows: Mapping[str, NDArray[Any]], worth: Floats, suspects: list[str]) -> Panel:
    first = shared.beginnings(rows["id"])
    unit = shared.numbered(first)
    event = rows["event"].astype(np.int64)
    eligible = shared.truths(rows, "is_untouched")
    blocks = [_block(name, rows, first, unit) for name in suspects]
    return Panel(
        unit=unit,
        group=grouped(rows["account"][first])[unit],
        period=rows["month"].astype(np.int64),
        eligible=eligible,
        exposed=shared.truths(rows, "is_exposed"),
        event=event,
        value=np.where(event == 1, np.nan_to_num(worth), 0.0),
        covariates=shared.admitted(blocks, events=int((event == 1).sum()), among=eligible),
        id=rows["id"][first],
    )


def _rows(tables: Fetches, terms: Terms) -> tuple[dict[str, NDArray[Any]], dict[str, int]]:
    """The months, and how many subscriptions have none and why."""
    known = int(collect(tables, KNOWN)["n"][0])
    if not known:
        settles = "an export of subscriptions with their first day and, once they ended, their last"
        raise CannotTell("there are no subscriptions", settles=settles)
    shared.require_interactions(tables)
    rows = collect(tables, ROWS)
    counted = {name: int(n[0]) for name, n in collect(tables, LEFT_OUT).items()}
    left_out = {
        "begun after the last day": known - counted["begun"],
        "impossible dates": counted["impossible"],
        "no company known": counted["without_company"],
        "not watched for a whole month": counted["unseen"],
    }
    _require(rows, left_out, known, terms)
    return rows, left_out


def _require(rows: Mapping[str, NDArray[Any]], left_out: Mapping[str, int], known: int, terms: Terms) -> None:
    """Refuse to go on where nobody was followed, or nobody left."""
    if not len(rows["id"]):
        why = ", ".join(f"{reason}: {n}" for reason, n in left_out.items() if n)
        raise CannotTell(
            f"no subscription was seen for a whole month after {shared.weeks_before(terms)} weeks of interactions "
            f"({why})",
            settles="interactions from further back, or subscriptions with their dates and companies",
            n=known,
        )
    if not (rows["event"] == 1).any():
        raise CannotTell(
            "no subscription was lost while it was watched",
            settles="the last day of the subscriptions that ended",
            n=int(shared.beginnings(rows["id"]).sum()),
        )


def _worth(rows: Mapping[str, NDArray[Any]], terms: Terms) -> Floats:
    """Monthly revenue in the company's currency, NaN where it is not known in it."""
    ours = (None, terms.workspace.currency)
    is_ours = np.array([c is None or c.strip().upper() in ours for c in rows["currency"]], dtype=bool)
    return np.where(is_ours, np.asarray(rows["mrr"], dtype=np.float64), np.nan)


def _block(name: str, rows: Mapping[str, NDArray[Any]], first: NDArray[np.bool_], unit: Ints) -> Covariates:
    if name in COUNTS:
        return shared.numeric(name, shared.stepped(rows[name]))
    if name == "touched_before":
        return shared.numeric(name, rows[name])
    if name == "year":
        return shared.year(rows["began_on"])
    if name == "quarter":
        return shared.quarter(rows["began_on"])
    return shared.category(name, rows[name][first], unit)
