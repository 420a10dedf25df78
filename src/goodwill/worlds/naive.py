"""The wrong answers: tables of the touched against the untouched, as everybody makes them from the records."""

from __future__ import annotations

import numpy as np

from goodwill.worlds.arithmetic import NEVER, UNDECIDED, Flags, Floats
from goodwill.worlds.causes import HISTORY_DAYS, HISTORY_WEEKS, SECONDS, TROUGH_WEEKS
from goodwill.worlds.company import Company, contact_roles
from goodwill.worlds.sales import History
from goodwill.worlds.timeline import by_week, count_between, first_since, keyed, sums_before


def naive_tables(company: Company) -> dict[str, float]:
    """What each table says, touched and untouched side by side, and the difference it claims.

    Returns
    -------
    dict
        ``risk_difference`` and ``days_difference``: share won among decided opportunities and days to a win, touched
        while open. ``value_difference``: EUR won per decided opportunity. ``contact_risk_difference``: touched are
        only those whose own contacts were. ``before_risk_difference``: touched are those whose account was in the 26
        weeks before the opening. ``cancel_difference``: share of contracts cancelled, ever touched while they ran.
        ``openings_difference`` and ``wins_difference``: opportunities and wins for each account, ever touched.
        ``activity_change``: activity outside social in the four weeks after a touch over that in the four before,
        less one. Of nothing, every mean is zero.
    """
    history = company.history
    return {
        **_of_deals(history),
        **_of_contacts(company),
        **_of_contracts(history),
        **_of_accounts(history),
        **_before_and_after(history),
    }


def _compare(what: str, touched: Flags, values: Floats, claim: str) -> dict[str, float]:
    """Means of both sides and the difference."""
    sides = float(_mean(values[touched])), float(_mean(values[~touched]))
    return {f"{what}_touched": sides[0], f"{what}_untouched": sides[1], claim: sides[0] - sides[1]}


def _mean(values: Floats) -> float:
    """The mean; of nothing, zero."""
    return float(values.mean()) if len(values) else 0.0


def _of_deals(history: History) -> dict[str, float]:
    sales = history.sales
    ended, touched, won = sales.decided < UNDECIDED, sales.touch_week < NEVER, sales.won.astype(float)
    done = history.market.keys(history.touches)
    before = count_between(done, sales.account, sales.opened - HISTORY_DAYS, sales.opened) > 0
    days = (sales.decided - sales.opened).astype(float)
    return {
        "share_touched": _mean(touched.astype(float)),
        **_compare("share_won", touched[ended], won[ended], "risk_difference"),
        **_compare("days_to_win", touched[sales.won], days[sales.won], "days_difference"),
        **_compare("value", touched[ended], (won * sales.amount)[ended], "value_difference"),
        **_compare("share_won_before", before[ended], won[ended], "before_risk_difference"),
    }


def _of_contacts(company: Company) -> dict[str, float]:
    """Touched is an opportunity one of whose own contacts was touched while it was open."""
    sales, touches = company.history.sales, company.history.touches
    which, person = contact_roles(company)
    done = keyed(touches.person, touches.moment // SECONDS)
    until = np.minimum(sales.decided, company.history.span.last_day)
    met = first_since(done, person, sales.opened[which]) <= until[which]
    touched = np.bincount(which[met], minlength=len(sales)) > 0
    ended = sales.decided < UNDECIDED
    return _compare("share_won_contact", touched[ended], sales.won[ended].astype(float), "contact_risk_difference")


def _of_contracts(history: History) -> dict[str, float]:
    contracts, span = history.contracts, history.span
    done = history.market.keys(history.touches)
    since = first_since(done, contracts.account, np.maximum(contracts.started, span.first_day))
    touched = since <= np.minimum(contracts.ended, span.last_day)
    cancelled = (contracts.ended < UNDECIDED).astype(float)
    return _compare("share_cancelled", touched, cancelled, "cancel_difference")


def _of_accounts(history: History) -> dict[str, float]:
    number, sales = len(history.accounts), history.sales
    touched = np.bincount(history.accounts.person[history.touches.person], minlength=number) > 0
    openings = np.bincount(sales.account, minlength=number).astype(float)
    wins = np.bincount(sales.account[sales.won], minlength=number).astype(float)
    return {
        **_compare("openings", touched, openings, "openings_difference"),
        **_compare("wins", touched, wins, "wins_difference"),
    }


def _before_and_after(history: History) -> dict[str, float]:
    """Activity around the weeks with a touch, where both sides of it were observed."""
    span, touches, weekly = history.span, history.touches, history.market.weekly
    week = span.week_of(touches.moment // SECONDS)
    touched = by_week(history.accounts.person[touches.person], week, (len(history.accounts), span.weeks)) > 0
    before = sums_before(weekly, TROUGH_WEEKS, known=HISTORY_WEEKS)
    week = np.arange(span.weeks)
    after = before[:, np.minimum(week + TROUGH_WEEKS + 1, span.weeks - 1)]
    seen = touched & (week >= HISTORY_WEEKS) & (week + TROUGH_WEEKS + 1 < span.weeks)
    told = {"activity_before": _mean(before[seen]), "activity_after": _mean(after[seen])}
    change = told["activity_after"] / told["activity_before"] - 1 if told["activity_before"] else 0.0
    return {**told, "activity_change": change}
