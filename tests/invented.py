"""Samples drawn from known truths, for the tests of estimators and checks."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from goodwill.samples import Covariates, Units


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
