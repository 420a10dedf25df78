"""How long after a deal's first social touch wins come: what happened, and no effect of the touch."""

from __future__ import annotations

from typing import Any

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.follow_up import followed
from goodwill.estimators.survival import Curves, aalen_johansen
from goodwill.journeys.deal_sample import Deals

#: Touched deals below which a curve is noise, and still followed below which it ends.
FEWEST = 20
#: Half a year beyond the usual horizon: later wins have other causes nearer to them.
MOST_WEEKS = 52
WON, LOST = 1, 2


def lags(found: Deals, *, level: float) -> list[dict[str, Any]]:
    """Share of deals won by each week after their first social touch, among those touched while open.

    Time counts from the touch, so that nobody is counted before it (no immortal time). A deal that is still open
    counts for as long as it was seen; one that was lost can no longer be won (Aalen and Johansen 1978).

    Parameters
    ----------
    found : Deals
    level : float
        Of the band.

    Returns
    -------
    list of rows
        ``week``, ``share``, ``low``, ``high``, from week 1 to the last in which ``FEWEST`` deals were still followed;
        none where too few deals were touched, or none was won.
    """
    touched = found.touched
    left = (found.rows["weeks_open"] - found.rows["weeks_to_social"])[touched]
    kinds = np.select([found.won[touched], found.lost[touched]], [WON, LOST], 0)
    sound = np.isfinite(left) & (left >= 0)
    last = _last_week(left[sound])
    if last < 1 or not (kinds[sound] == WON).any():
        return []
    try:
        curves = aalen_johansen(followed(left[sound], kinds[sound]), level=level)
    except CannotTell:
        return []
    return _weekly(curves, last)


def _last_week(left: Any) -> int:
    """The last full week at which enough deals were still followed or had not long ended; 0 where too few were."""
    if len(left) < FEWEST:
        return 0
    return int(min(MOST_WEEKS, np.floor(np.sort(left)[-FEWEST])))


def _weekly(curves: Curves, last: int) -> list[dict[str, Any]]:
    share, (low, high) = curves.share(WON)[0], curves.bounds(WON)
    rows = []
    for week in range(1, last + 1):
        at = int(np.searchsorted(curves.time, week, side="right")) - 1
        values = (share, low, high) if at >= 0 else ()
        told = [float(v[at]) for v in values] or [0.0, 0.0, float(high[0])]
        rows.append({"week": week, **dict(zip(("share", "low", "high"), told, strict=True))})
    return rows
