"""Panels whose truth is known: exposure that may be driven by what changes over time, and two competing ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from goodwill.samples import Covariates, Panel


@dataclass(frozen=True)
class Causes:
    """Log-odds: of exposure and event by what is known; ``drift`` is what changes and drives both."""

    effect: float = 0.0
    confounding: float = 1.0
    drift: float = 0.0
    lag: int = 0
    weeks: int = 60


@dataclass(frozen=True)
class Simulated:
    """A panel, and the truth as a function of the rows in which trials start and the horizon."""

    panel: Panel
    truth: Callable[[np.ndarray, int], tuple[float, float]]
    naive: float


def simulate(seed: int, units: int = 800, causes: Causes | None = None) -> Simulated:
    """Units with a fixed and a drifting covariate, weekly chances of exposure, event and other end."""
    c = causes or Causes()
    draw = np.random.default_rng(seed)
    fixed, drift = draw.normal(size=units), np.zeros((units, c.weeks))
    drift[:, 0] = draw.normal(size=units)
    for week in range(1, c.weeks):
        drift[:, week] = 0.9 * drift[:, week - 1] + np.sqrt(1 - 0.81) * draw.normal(size=units)
    week = np.arange(c.weeks)
    win = -3.6 - 1.0 * np.exp(-week / 3) + c.confounding * fixed[:, None] + c.drift * drift
    lose = -3.0 - 0.3 * fixed[:, None] + 0 * drift
    touched = draw.random((units, c.weeks)) < expit(-3.5 + c.confounding * fixed[:, None] - c.drift * drift)
    first = np.where(touched.any(axis=1), touched.argmax(axis=1), 10**6)
    chance = expit(win + c.effect * (week[None] > first[:, None] + c.lag)), expit(lose)
    u = draw.random((units, c.weeks))
    ended = u < chance[0] + chance[1]
    last = np.where(ended.any(axis=1), ended.argmax(axis=1), c.weeks - 1)
    seen = draw.integers(8, c.weeks, units)
    event = np.where(u[np.arange(units), last] < chance[0][np.arange(units), last], 1, 2)
    event = np.where(ended.any(axis=1) & (last < seen), event, 0)
    length = np.minimum(last + 1, seen)
    unit = np.repeat(np.arange(units), length)
    period = np.concatenate([np.arange(n) for n in length])
    ends = np.zeros(len(unit), dtype=np.int64)
    ends[np.cumsum(length) - 1] = event
    known = np.column_stack([fixed[unit], np.round(drift[unit, period] / 0.25) * 0.25])
    if not c.drift:
        known = known[:, :1]
    names = ("fixed", "drift")[: known.shape[1]]
    panel = Panel(
        unit, unit.copy(), period, period <= first[unit], period == first[unit], ends, (ends == 1) * 100.0,
        Covariates(known, names, names), np.arange(units),
    )  # fmt: skip

    def truth(rows: np.ndarray, horizon: int) -> tuple[float, float]:
        who, start = unit[rows], period[rows]
        told = []
        for arm in (0, 1):
            still, won, waiting = np.ones(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
            for k in range(horizon):
                waiting += 1 - won
                at = np.minimum(start + 1 + k, c.weeks - 1)
                q = expit(win[who, at] + c.effect * arm * (k >= c.lag)), expit(lose[who, at])
                won, still = won + still * q[0], still * (1 - q[0] - q[1])
            told.append((won.mean(), waiting.mean()))
        return told[1][0] - told[0][0], told[1][1] - told[0][1]

    decided, was = event > 0, first < length
    naive = (event[decided & was] == 1).mean() - (event[decided & ~was] == 1).mean()
    return Simulated(panel, truth, float(naive))
