"""Weights that make two groups comparable: by the chance of treatment, then tilted until both have the same prognosis.

Whose effect is asked decides the weights (Li, Morgan and Zaslavsky 2018): of all units; of those who could have gone
either way, e(1 - e); or of the treated, e. Such weights balance what the model of e got right. What it got wrong
matters only as far as it goes with the outcome, so that the weights are then tilted as little as possible
(in Kullback and Leibler's sense: Hainmueller 2012) until the groups agree in what every learner guesses of the
outcome. An answer weighted so is the same whichever of the learners is believed.

Legend: n units; t treated 0/1; e chance of treatment; h whose effect is asked, as a function of e; B (n, k) columns to
balance; c (k,) tilt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from goodwill.estimators.logistic import scaled
from goodwill.samples import Floats, Ints, Units

#: Whose effect: of all, of those who could have gone either way, of the treated.
Target = Literal["all", "overlap", "treated"]

#: Chances of treatment are held inside these limits, so that no unit's weight stands for more than 50 others: at both
#: ends for all, at the upper for the treated, at neither for the overlap, whose weights are never above 1.
NEAREST = 0.02
LIMITS: dict[Target, tuple[float, float]] = {
    "all": (NEAREST, 1 - NEAREST),
    "overlap": (1e-6, 1 - 1e-6),
    "treated": (1e-6, 1 - NEAREST),
}

#: A tilt along guesses is hardly held back, as they must agree: by this share of the whole weight.
ON_GUESSES = 0.002
#: Along any other column it is held back as by 100 units that ask for none, as balancing many columns exactly costs
#: more than it gains. (30 made intervals a fifth wider where lines are enough; 1,000 left bias where they are not.)
ON_COLUMNS = 100.0
#: Newton's method on a convex function; more steps are only used where no tilt balances.
STEPS = 40
#: No unit's weight is changed by more than e^20 on the way to a solution.
FURTHEST = 20.0
#: A column that varies less than this, by its size, is constant.
CONSTANT = 1e-9


@dataclass(frozen=True)
class Weights:
    """Weights (n,) of the target, and of either arm to stand for it; all three add up to the same.

    ``asked`` is h(e), by which each unit counts towards those asked about; ``clipped`` tells whose chance was held.
    """

    target: Floats
    untreated: Floats
    treated: Floats
    asked: Floats
    clipped: NDArray[np.bool_]

    @property
    def share_clipped(self) -> float:
        """Share of those asked about whose chance of treatment was held at a limit."""
        return float(np.average(self.clipped, weights=self.asked))

    @property
    def both(self) -> Floats:
        """The weight of each unit in its own arm."""
        return self.untreated + self.treated

    @property
    def effective_n(self) -> float:
        """Units that would say as much if all weighed the same (Kish): (sum w)^2 / sum w^2."""
        return float(self.both.sum() ** 2 / (self.both**2).sum())


def weights(t: Ints, e: Floats, *, target: Target) -> Weights:
    """Weights by the chance of treatment, held inside limits; each arm's are divided by their mean (Hajek).

    The target's own weight is h + h'(e)(t - e), whose mean does not change to first order when e is guessed with
    error: 1 for all, (t - e)^2 for the overlap, t for the treated.

    Examples
    --------
    >>> found = weights(np.array([1, 0]), np.array([0.25, 0.25]), target="overlap")
    >>> found.target.tolist(), found.treated.tolist(), found.untreated.tolist()
    ([0.5625, 0.0625], [0.625, 0.0], [0.0, 0.625])
    """
    given, e = e, np.clip(e, *LIMITS[target])
    asked, own = {
        "all": (np.ones(len(e)), np.ones(len(e))),
        "overlap": (e * (1 - e), (t - e) ** 2),
        "treated": (e, t.astype(np.float64)),
    }[target]
    raw = (1 - t) * asked / (1 - e), t * asked / e
    untreated, treated = (w * (own.sum() / w.sum()) for w in raw)
    return Weights(own, untreated, treated, asked, given != e)


def tilted(before: Weights, *, columns: Floats, guesses: Floats) -> Weights:
    """The weights nearest to these under which both arms agree with the target in what is guessed of the outcome.

    Other columns, covariates and what is made of them, are brought nearer as well.
    """
    n = len(columns)
    held = [(_varying(columns), ON_COLUMNS / n), (_varying(guesses), ON_GUESSES)]
    B = np.column_stack([np.ones(n), *(x for x, _ in held)])
    held_back = np.concatenate([[0.0], *(np.full(x.shape[1], share) for x, share in held)])
    wanted, whole = before.target @ B, before.target.sum()
    with threadpool_limits(limits=1):  # as for the learners: small products, for which threads only wait
        arms = [_tilt(w, B, wanted, held_back * whole) for w in (before.untreated, before.treated)]
    untreated, treated = (w * (whole / w.sum()) for w in arms)
    return replace(before, untreated=untreated, treated=treated)


def imbalance(units: Units, weight: Floats) -> dict[str, float]:
    """Difference of weighted means between the arms in pooled unweighted standard deviations, per covariate.

    Above 0.1 is by custom called out of balance (Austin 2009).
    """
    x, t = units.covariates.values, units.treated == 1
    spread = np.sqrt((x[t].var(axis=0) + x[~t].var(axis=0)) / 2)
    gap = np.average(x[t], axis=0, weights=weight[t]) - np.average(x[~t], axis=0, weights=weight[~t])
    ratio = gap / np.where(spread > 0, spread, np.inf)
    return {name: float(v) for name, v in zip(units.covariates.names, ratio, strict=True)}


def _varying(X: Floats) -> Floats:
    """Columns that vary, scaled."""
    return scaled(X[:, X.std(axis=0) > CONSTANT * (1 + np.abs(X.mean(axis=0)))])


def _tilt(w: Floats, B: Floats, wanted: Floats, held_back: Floats) -> Floats:
    """w exp(Bc) with c the minimum of sum w exp(Bc) - wanted c + held_back c^2 / 2, which is convex."""
    used = w > 0
    w_used, B_used = w[used], B[used]

    def tilted_by(c: Floats) -> Floats:
        return np.asarray(w_used * np.exp(np.clip(B_used @ c, -FURTHEST, FURTHEST)), dtype=np.float64)

    def height(c: Floats) -> float:
        return float(tilted_by(c).sum() - wanted @ c + 0.5 * held_back @ c**2)

    c = np.zeros(B.shape[1])
    reached = height(c)
    for _ in range(STEPS):
        now = tilted_by(c)
        slope = wanted - B_used.T @ now - held_back * c
        curvature = B_used.T @ (B_used * now[:, None])
        curvature[np.diag_indices_from(curvature)] += held_back + CONSTANT * now.sum()
        step = np.linalg.solve(curvature, slope)
        if float(slope @ step) < CONSTANT * now.sum():
            break
        share = next((s for s in 0.5 ** np.arange(20) if height(c + s * step) < reached), 0.0)
        if share == 0.0:
            break
        c = c + share * step
        reached = height(c)
    found = np.zeros(len(w))
    found[used] = tilted_by(c)
    return found
