"""Logistic fits on the true variables of a simulated history, with nothing but numpy: is a cause as strong as set?"""

from __future__ import annotations

import numpy as np

from goodwill.worlds.customers import cancelling_of, exposed_from
from goodwill.worlds.sales import History
from goodwill.worlds.truth import UNDECIDED


def logistic(y: np.ndarray, *columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, the intercept first, and their standard errors."""
    x = np.column_stack([np.ones(len(y)), *columns])
    b = np.zeros(x.shape[1])
    b[0] = np.log(y.mean() / (1 - y.mean()))
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ b))
        information = x.T @ (x * (p * (1 - p))[:, None])
        b = b + np.linalg.solve(information, x.T @ (y - p))
    return b, np.sqrt(np.diag(np.linalg.inv(information)))


def deal_weeks(history: History) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Opportunity, week since opening, and whether it was won in it, for every week at risk seen to its end."""
    sales, last = history.sales, history.span.last_day
    ended = sales.decided < UNDECIDED
    # the unfinished last week of those still open is left out
    weeks = np.where(ended, (sales.decided - sales.opened) // 7 + 1, (last + 1 - sales.opened) // 7)
    row = np.repeat(np.arange(len(sales)), weeks)
    week = np.arange(len(row)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    return row, week, sales.won[row] & (week == weeks[row] - 1)


def contract_weeks(history: History) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Contract, week, whether it was cancelled in it, whether it was exposed, and the other log-odds."""
    contracts, span = history.contracts, history.span
    monday = span.first_day + 7 * np.arange(span.weeks)
    runs = (contracts.started[:, None] < monday) & (contracts.ended[:, None] >= monday)
    row, week = np.nonzero(runs)
    exposed = exposed_from(
        history.market, history.market.keys(history.market.acting), contracts.account, contracts.started
    )
    other = cancelling_of(history.market, history.requested).log_odds(
        contracts.account[row], contracts.started[row], week
    )
    return row, week, contracts.ended[row] < monday[week] + 7, exposed[row] <= week, other
