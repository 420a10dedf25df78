"""The days that the data covers, whatever typing errors it holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import GoodwillError
from goodwill.samples import Fetches, collect

#: Share of events that may lie later and be typing errors (a deal closed in 2107).
STRAY = 0.001
#: A true last day lies close behind the bulk of events; a quarter is generous for a quiet end.
QUIET_DAYS = 92
#: Few events do not place such a share: one in a hundred, at least one, may be a stray, but only years from the rest.
FEW_STRAY, FAR_DAYS = 0.01, 3 * 365
#: Fewer events than this do not say what is usual among them.
FEWEST = 20


def last_day(tables: Fetches) -> dt.date:
    """The latest day that is not a stray among its kind: at most a quarter after 99.9%, and three years after 99%.

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
    days = collect(tables, "SELECT kind, day, events FROM event_days ORDER BY day, kind")
    if not len(days["day"]):
        raise GoodwillError(
            "nothing in the exports carries a date",
            where="exports/",
            remedy="Look at what was recognised with: goodwill scan",
        )
    day, events = days["day"].astype("datetime64[D]"), days["events"]
    # each kind speaks for itself, so that a large old export does not make strays of a few recent posts
    kinds = [days["kind"] == kind for kind in sorted(set(days["kind"]))]
    usual = [k for k in kinds if events[k].sum() >= FEWEST] or [np.ones(len(day), dtype=bool)]
    spans = [_span(day[k], events[k]) for k in usual]
    first: dt.date = min(first for first, _ in spans).item()
    last: dt.date = max(last for _, last in spans).item()
    return first, last


def _span(day: NDArray[Any], events: NDArray[Any]) -> tuple[Any, Any]:
    """The first and the last day of one kind of event that are not strays; days in order, several entries a day."""
    reached = np.cumsum(events)
    total = int(reached[-1])
    is_inside = _near(day, reached, int(STRAY * total), QUIET_DAYS)
    if total >= FEWEST:
        is_inside &= _near(day, reached, max(1, int(FEW_STRAY * total)), FAR_DAYS)
    return day[is_inside].min(), day[is_inside].max()


def _near(day: NDArray[Any], reached: NDArray[Any], strays: int, days: int) -> NDArray[np.bool_]:
    """Which days lie at most so many days beyond all events but so many at either end."""
    first, last = (day[np.searchsorted(reached, n, side="left")] for n in (strays + 1, reached[-1] - strays))
    reach = np.timedelta64(days, "D")
    return np.asarray((day >= first - reach) & (day <= last + reach))
