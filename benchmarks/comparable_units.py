"""Samples of units whose effects are known, in the shapes that real ones take, to try doubly robust answers on.

Legend: n units; X (n, p) covariates; e true chance of treatment; y0, y1 what a unit would do without and with
treatment; m0, m1 the means of that given X.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from goodwill.samples import Covariates, Floats, Ints, Units

#: A population so large that its means differ from the truth by a thousandth of a standard deviation of the outcome.
POPULATION = 1_000_000


@dataclass(frozen=True)
class Drawn:
    """What nobody sees in real data: both outcomes of every unit and its true chance of treatment."""

    X: Floats
    account: Ints
    e: Floats
    m0: Floats
    m1: Floats
    y0: Floats
    y1: Floats


@dataclass(frozen=True)
class Process:
    """One way in which samples come about: its name, the size of a sample, and how to draw one."""

    name: str
    n: int
    draw: Callable[[np.random.Generator, int], Drawn]

    def sample(self, seed: int) -> Units:
        """A sample as an analyst would see it."""
        draw = np.random.default_rng([seed, self.n, len(self.name)])
        d = self.draw(draw, self.n)
        t = (draw.random(self.n) < d.e).astype(np.int64)
        names = tuple(f"x{i}" for i in range(d.X.shape[1]))
        return Units(np.arange(self.n), d.account, t, np.where(t == 1, d.y1, d.y0), Covariates(d.X, names, names))

    def truths(self) -> dict[str, float]:
        """The effect in the population: over all, over those who could have gone either way, and the log ratio."""
        d = self.draw(np.random.default_rng(0), POPULATION)
        either = d.e * (1 - d.e)
        return {
            "all": float((d.m1 - d.m0).mean()),
            "overlap": float(np.average(d.m1 - d.m0, weights=either)),
            "log ratio": float(np.log(d.m1.mean() / d.m0.mean())),
        }


def _chances(draw: np.random.Generator, m: Floats) -> Floats:
    return (draw.random(len(m)) < m).astype(np.float64)


def smooth(draw: np.random.Generator, n: int) -> Drawn:
    """Straight lines on the log-odds scale: what linear learners are made for."""
    X = draw.normal(size=(n, 6)) + 0.6 * draw.normal(size=(n, 1))
    e = expit(-0.3 + 0.6 * X[:, 0] - 0.4 * X[:, 1] + 0.3 * X[:, 2])
    base = -1.0 + 0.8 * X[:, 0] + 0.5 * X[:, 1] - 0.4 * X[:, 3]
    m0, m1 = expit(base), expit(base + 0.5)
    return Drawn(X, np.arange(n), e, m0, m1, _chances(draw, m0), _chances(draw, m1))


def steps(draw: np.random.Generator, n: int) -> Drawn:
    """Thresholds and products drive both exposure and a 0/1 outcome."""
    X = draw.normal(size=(n, 4))
    X[:, 3] = X[:, 3] > 0
    e = expit(-0.8 + 1.0 * (X[:, 0] > 0.3) + 0.6 * X[:, 1] * X[:, 3])
    base = -1.5 + 1.5 * (X[:, 0] > 0.3) + X[:, 1] * X[:, 3] + 0.5 * X[:, 2]
    m0, m1 = expit(base), expit(base + 0.8)
    return Drawn(X, draw.integers(0, n // 2, n), e, m0, m1, _chances(draw, m0), _chances(draw, m1))


def weak(draw: np.random.Generator, n: int) -> Drawn:
    """Many units have hardly any chance of one side, and the outcome bends."""
    X = draw.normal(size=(n, 4))
    e = expit(-0.8 + 1.6 * X[:, 0] + 0.8 * X[:, 1])
    m0 = X[:, 0] + 0.4 * X[:, 1] ** 2 + 0.3 * X[:, 2]
    m1 = m0 + 0.4 + 0.3 * X[:, 0]
    noise = draw.normal(size=n)
    return Drawn(X, np.arange(n), e, m0, m1, m0 + noise, m1 + noise)


def clustered(draw: np.random.Generator, n: int) -> Drawn:
    """Accounts of very unequal size share what nobody recorded, and their engagement."""
    account = np.sort(draw.choice(n // 6, size=n, p=_sizes(n // 6)))
    engaged, hidden = draw.normal(size=(2, n // 6))
    X = np.column_stack([engaged[account], draw.normal(size=(n, 3))])
    e = expit(-0.5 + 0.9 * X[:, 0] + 0.5 * X[:, 1])
    m0 = 0.8 * X[:, 0] + 0.5 * np.maximum(X[:, 1], 0) + 0.5 * hidden[account]
    m1 = m0 + 0.3
    noise = draw.normal(size=n)
    return Drawn(X, account, e, m0, m1, m0 + noise, m1 + noise)


def _sizes(accounts: int) -> Floats:
    share = 1 / np.arange(1, accounts + 1) ** 0.7
    return np.asarray(share / share.sum())


def values(draw: np.random.Generator, n: int) -> Drawn:
    """Deal values: three in four bring nothing, a few bring very much."""
    X = draw.normal(size=(n, 5))
    e = expit(-0.5 + 0.7 * X[:, 0] + 0.4 * (X[:, 1] > 0))
    buys = [expit(-1.5 + 0.7 * X[:, 0] + 0.4 * X[:, 1] + 0.35 * t) for t in (0, 1)]
    size = [5 + 0.4 * X[:, 0] + 0.4 * (X[:, 1] > 0) + 0.3 * X[:, 2] + 0.25 * t for t in (0, 1)]
    m0, m1 = (b * np.exp(s + 1.1**2 / 2) for b, s in zip(buys, size, strict=True))
    y0, y1 = (_chances(draw, b) * np.exp(s + 1.1 * draw.normal(size=n)) for b, s in zip(buys, size, strict=True))
    return Drawn(X, np.arange(n), e, m0, m1, y0, y1)


def many(draw: np.random.Generator, n: int) -> Drawn:
    """Thirty covariates of several kinds, of which a few act, in steps, products and curves."""
    X = draw.normal(size=(n, 30)) + 0.5 * draw.normal(size=(n, 1))
    X[:, 10:20] = X[:, 10:20] > 0.5
    X[:, 20:25] = draw.poisson(np.exp(0.3 * X[:, 20:25]))
    lead = (X[:, 0] > 0.5) + X[:, 10] * X[:, 1]
    e = expit(-1.2 + 0.8 * lead + 0.3 * X[:, 2] - 0.3 * X[:, 20])
    m0 = 1.5 * lead + np.minimum(np.exp(0.6 * X[:, 2]), 5) - 0.5 * X[:, 20] + 0.5 * X[:, 3]
    m1 = m0 + 1.0 + 0.5 * (X[:, 1] > 0)
    noise = 1.5 * draw.normal(size=n)
    return Drawn(X, np.arange(n), e, m0, m1, m0 + noise, m1 + noise)


PROCESSES = (
    Process("smooth", 300, smooth),
    Process("steps", 500, steps),
    Process("weak overlap", 500, weak),
    Process("accounts", 600, clustered),
    Process("deal values", 1000, values),
    Process("many", 1000, many),
)
#: Too few units for so many covariates: no method comes near, and the table should say so.
HARD = (Process("many, few units", 300, many),)
