"""Samples drawn from known truths, for the tests of estimators and checks."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from goodwill.samples import NEVER, Covariates, Spells, Units


def opportunities(n: int, *, effect: float, seed: int, horizon: int = 26) -> tuple[Spells, float, float]:
    """Spells in which engagement and segment drive both exposure and wins; true share and days differences.

    The truth standardises the true hazards over the same units, exposed from week 1 on or never.
    """
    draw = np.random.default_rng([seed, n, int(effect * 10)])
    account = np.repeat(np.arange(n), draw.integers(1, 4, size=n))[:n]
    engagement = np.log1p(draw.negative_binomial(1, 0.25, size=n))
    segment = (draw.integers(0, 4, size=n)[:, None] == np.arange(1, 4)).astype(float)
    touch = expit(-3.6 + 0.7 * engagement + segment @ [0.4, -0.3, 0.2])
    win = -4.55 + 0.5 * engagement + segment @ [0.3, -0.3, 0.5]
    loss = expit(-3.2)
    until = draw.integers(4, 60, size=n)  # followed until then
    weeks, event, exposed_week = np.ones(n, int), np.zeros(n, int), np.full(n, NEVER)
    still_open = np.ones(n, bool)
    for week in range(60):
        at_risk = still_open & (week < until)
        won = at_risk & (draw.random(n) < expit(win + effect * (exposed_week < week)))
        lost = at_risk & ~won & (draw.random(n) < loss)
        weeks[at_risk], event[won], event[lost] = week + 1, 1, 2
        exposed_week[at_risk & (exposed_week == NEVER) & (draw.random(n) < touch)] = week
        still_open &= ~(won | lost)
    gap = _share_won(win, effect, loss, horizon) - _share_won(win, 0.0, loss, horizon)
    names = ("engagement", "s1", "s2", "s3")
    covariates = Covariates(np.column_stack([engagement, segment]), names, names)
    return Spells(np.arange(n), account, weeks, event, exposed_week, covariates), gap[-1], -7 * gap[:-1].sum()


def _share_won(win: np.ndarray, effect: float, loss: float, horizon: int) -> np.ndarray:
    still_open, won = np.ones(len(win)), np.zeros(horizon)
    for week in range(horizon):
        chance = expit(win + effect * (week > 0))
        won[week] = (still_open * chance).mean()
        still_open = still_open * (1 - chance) * (1 - loss)
    return won.cumsum()


def customers(n: int, *, effect: float, seed: int, binary: bool = False) -> tuple[Units, float]:
    """Units whose engagement drives treatment and outcome through a step and a product; the true mean difference."""
    draw = np.random.default_rng([seed, n, binary])
    account = np.repeat(np.arange(n), draw.integers(1, 4, size=n))[:n]
    X = draw.normal(size=(n, 4))
    X[:, 3] = X[:, 3] > 0
    treated = (draw.random(n) < expit(-0.8 + 1.0 * (X[:, 0] > 0.3) + 0.6 * X[:, 1] * X[:, 3])).astype(int)
    base = 1.5 * (X[:, 0] > 0.3) + X[:, 1] * X[:, 3] + 0.5 * X[:, 2]
    names = ("a", "b", "c", "d")
    covariates = Covariates(X, names, names)
    if binary:
        chance = expit(base - 1.5 + effect * np.array([[0], [1]]))
        outcome = (draw.random(n) < chance[treated, np.arange(n)]).astype(float)
        return Units(np.arange(n), account, treated, outcome, covariates), float((chance[1] - chance[0]).mean())
    noise = draw.normal(size=n) + 0.5 * draw.normal(size=n)[account]
    return Units(np.arange(n), account, treated, base + effect * treated + noise, covariates), effect
