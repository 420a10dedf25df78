"""What a plain table of deals would say, touched against untouched, nothing adjusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from goodwill.designs.compared import Naive
from goodwill.errors import CannotTell
from goodwill.estimators import doubly_robust
from goodwill.journeys.deal_sample import Deals
from goodwill.samples import Units, covariates, grouped
from goodwill.verdicts import Evidence


def naive_of(found: Deals, exposed: np.ndarray[Any, Any], measure: str, level: float, rows: str) -> Naive | None:
    """Decided deals for the chance and the worth, won deals for the days.

    Where nothing is recorded as lost, as for leads, all deals stand for the decided ones. None where one side is
    too small for a table: that is no reason to withhold the adjusted answer.

    Parameters
    ----------
    rows : str
        SQL of the rows, with ``{which}`` for those that are counted.
    """
    chosen, which = _table(found, measure)
    outcome = 7.0 * found.rows["weeks_open"]
    if measure != "days":
        outcome = found.won * (found.rows["amount"] if measure == "worth" else 1.0)
    some = found.take(chosen)
    units = Units(
        id=some.rows["id"],
        group=grouped(some.rows["account"]),
        treated=exposed[chosen].astype(np.int64),
        outcome=outcome[chosen],
        covariates=covariates(some.rows, (), ()),
    )
    try:
        difference = doubly_robust.naive_difference(units, level=level)
    except CannotTell:
        return None
    return Naive(difference, len(units), Evidence("deal_history", rows.format(which=which)))


def _table(found: Deals, measure: str) -> tuple[np.ndarray[Any, Any], str]:
    """Which deals a table of this measure holds, and the same as SQL."""
    if measure == "days":
        return found.won, "d.outcome = 'won'"
    if found.lost.any():
        return found.decided, "d.outcome <> 'open'"
    return np.ones(len(found), dtype=bool), "TRUE"
