"""The days that the data covers, whatever typing errors it holds."""

from __future__ import annotations

import datetime as dt

import numpy as np

from goodwill.errors import GoodwillError
from goodwill.samples import Fetches, collect

#: Share of events that may lie later and be typing errors (a deal closed in 2107).
STRAY = 0.001
#: A true last day lies close behind the bulk of events; a quarter is generous for a quiet end.
QUIET_DAYS = 92


def last_day(tables: Fetches) -> dt.date:
    """The latest day that is not a stray: at most a quarter after 99.9% of all events.

    Raises
    ------
    GoodwillError
        Nothing in the exports carries a date.
    """
    return covered(tables)[1]


def covered(tables: Fetches) -> tuple[dt.date, dt.date]:
    """The first and the last day that are not strays.

    Raises
    ------
    GoodwillError
        Nothing in the exports carries a date.
    """
    days = collect(tables, "SELECT day, events FROM event_days ORDER BY day")
    if not len(days["day"]):
        raise GoodwillError(
            "nothing in the exports carries a date",
            where="exports/",
            remedy="Look at what was recognised with: goodwill scan",
        )
    share = np.cumsum(days["events"]) / days["events"].sum()
    early, late = (days["day"][np.searchsorted(share, s)] for s in (STRAY, 1 - STRAY))
    quiet = np.timedelta64(QUIET_DAYS, "D")
    inside = days["day"][(days["day"] >= early - quiet) & (days["day"] <= late + quiet)].astype("datetime64[D]")
    return inside.min().item(), inside.max().item()
