"""Chances by period become shares, times and worth, averaged over whom the trials are about, in both arms.

F(k) = sum over v <= k of P(neither until v) P(event in v), for each start with its own covariates and age, and the mean
over starts: the g-formula for competing ends (Young et al. 2020, Stat Med 39; Hernan and Robins 2020, ch. 13 and 17).

Legend: b (1+G, k) coefficients, row 0 from all groups and row g+1 without group g; T targets; B spans of age;
H horizon in periods; q chances in a period; arm 0 not exposed, 1 exposed; phase 0 not, 1 lately, 2 longer exposed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from goodwill.estimators.trial_cells import Cells, without_each
from goodwill.estimators.worth import LIMIT, worth_without_each
from goodwill.samples import Floats, Ints


@dataclass(frozen=True)
class Standardised:
    """Shares by the end of each period with the event and ended otherwise, (1+G, 2, H), and mean worth, (1+G, 2)."""

    happened: Floats
    otherwise: Floats
    worth: Floats


def standardised(cells: Cells, *, horizon: int, is_resampled: bool = True) -> Standardised:
    """Means over the target in both arms, from all groups and, if resampled, without each.

    Parameters
    ----------
    is_resampled : bool
        False gives the first row only, which is all that placebos need.
    """
    some = cells if is_resampled else cells.joined()
    b_won = without_each(some.X, some.won, some.at_risk, some.group)
    b_lost = without_each(some.X, some.lost, some.at_risk - some.won, some.group)
    b_worth = _worth(some)
    at = len(cells.spans) + 2  # where the coefficients of covariates begin
    told = [b_won[0, at:], b_lost[0, at:], *([b_worth[0, 2:]] if np.isfinite(b_worth[0, 0]) else [])]
    cells = replace(cells, target=cells.target.joined(told))
    place = _places(cells, horizon)
    happened, otherwise, worth = [], [], []
    for g, weight in enumerate(cells.target.shares(is_resampled=is_resampled)):
        shares = _shares((b_won[g], b_lost[g]), cells, weight, place)
        happened.append(shares[0].sum(axis=2))
        otherwise.append(shares[1])
        worth.append(_mean_worth(b_worth[g], cells, shares[0]))
    return Standardised(np.cumsum(happened, axis=2), np.cumsum(otherwise, axis=2), np.array(worth))


def _places(cells: Cells, horizon: int) -> Ints:
    """Where in a table of span by target the chance stands for each period of follow-up: (H, T)."""
    age = cells.target.age
    ages = np.arange(int(age.max()) + horizon + 1)
    span = np.searchsorted(cells.spans, ages, side="right") - 1
    return np.asarray(span[age + 1 + np.arange(horizon)[:, None]] * len(age) + np.arange(len(age)), dtype=np.int64)


def _shares(b: tuple[Floats, Floats], cells: Cells, weight: Floats, place: Ints) -> tuple[Floats, Floats]:
    """Weighted chance of the event in each period by target, (2, H, T), and of the other end, summed, (2, H)."""
    q_won, q_lost = (_chances(c, cells) for c in b)
    happened = np.zeros((2, *place.shape))
    otherwise = np.zeros((2, len(place)))
    for arm in (0, 1):
        still = weight
        for k, at in enumerate(place):
            phase = arm * (1 + (k >= cells.late_from))
            wins = still * q_won[phase].take(at)
            losses = (still - wins) * q_lost[phase].take(at)
            still = still - wins - losses
            happened[arm, k], otherwise[arm, k] = wins, losses.sum()
    return happened, otherwise


def _chances(b: Floats, cells: Cells) -> Floats:
    """Chance in a period by phase, span and target: (3, B, T)."""
    spans = len(cells.spans)
    base = b[0] + np.concatenate([[0.0], b[1:spans]])
    acting = np.array([0.0, b[spans], b[spans] + b[spans + 1]])
    covered = cells.target.values @ b[spans + 2 :]
    return np.asarray(special.expit(acting[:, None, None] + base[None, :, None] + covered), dtype=np.float64)


def _worth(cells: Cells) -> Floats:
    """Coefficients of mean worth per event: intercept, exposed, covariates."""
    spans = len(cells.spans)
    X = np.column_stack([np.ones(len(cells.X)), cells.X[:, spans], cells.X[:, spans + 2 :]])
    return worth_without_each(X, cells.worth, cells.won, cells.group)


def _mean_worth(b: Floats, cells: Cells, happened: Floats) -> Floats:
    """Mean worth of events by the horizon in both arms: chance times worth, target by target."""
    if not np.isfinite(b[0]):
        return np.zeros(2)
    covered = cells.target.values @ b[2:]
    times = [np.exp(np.clip(covered + arm * b[1], -LIMIT, LIMIT)) for arm in (0, 1)]
    worth = np.exp(b[0]) * np.array([happened[arm].sum(axis=0) @ times[arm] for arm in (0, 1)])
    return np.asarray(worth, dtype=np.float64)
