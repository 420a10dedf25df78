"""Weekly chances and what they add up to, and the two numbers that mean never.

Legend: w week since opening (0 is the first); h_w(w), h_l(w) chance of a win, of a loss, in week w among
those still open; CIF(w) chance of having been won by the end of week w.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: A week later than any follow-up: never touched while open. The same number as in samples.
NEVER = 10**6
#: A day later than any: not decided by the last day.
UNDECIDED = 10**6


def expit(log_odds: Floats) -> Floats:
    """The probability that has these log-odds.

    Examples
    --------
    >>> float(expit(np.array(0.0)))
    0.5
    """
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)


def won_by(h_w: Floats, h_l: Floats) -> Floats:
    """CIF(w) from weekly hazards of two competing ends, each (n, weeks).

    Examples
    --------
    One half is won in the first week, a quarter lost; of the quarter left, half is won in the second.

    >>> won_by(np.array([[0.5, 0.5]]), np.array([[0.25, 0.0]])).tolist()
    [[0.5, 0.625]]
    """
    open_after = np.cumprod(1.0 - h_w - h_l, axis=1)
    open_before = np.column_stack([np.ones(len(h_w)), open_after[:, :-1]])
    return np.cumsum(open_before * h_w, axis=1)


def days_without_win(incidence: Floats) -> Floats:
    """Mean days without a win up to the horizon, per row; a win counts at the end of its week.

    Examples
    --------
    >>> days_without_win(np.array([[0.5, 0.625]])).tolist()
    [10.5]
    """
    return np.asarray(7.0 * (incidence.shape[1] - incidence[:, :-1].sum(axis=1)), dtype=np.float64)
