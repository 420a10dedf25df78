"""Was the experiment one? What a random draw promises: the planned split, sides alike before, losses alike after.

A randomised answer needs no placebo, since chance made the comparison; but it stands and falls with the draw having
been random and with outcomes being seen alike on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from goodwill.estimators.account_sums import permutation, sums_by_account
from goodwill.estimators.estimate import Estimate
from goodwill.samples import Floats, Units
from goodwill.verdicts.could_not_run import CONDEMNS, could_not_run
from goodwill.verdicts.verdict import Check

SPLIT, BALANCE, ATTRITION = "random split", "random balance", "attrition"
#: Ten points too many on one side move a share by ten points at most: twice the five that matter for a win rate.
#: A test that could not have seen so much says nothing by finding nothing.
MUST_SEE = 0.10


def unproven(checks: Sequence[Check]) -> str:
    """What of a random draw has not been shown, as a clause; empty if split or balance, and attrition, were survived.

    Examples
    --------
    >>> unproven([random_split(490, 510)])
    'that both sides lost alike was not shown'
    """
    survived = {check.name for check in checks if check.survived}
    if not survived & {SPLIT, BALANCE}:
        return "that the draw was random was not shown"
    return "" if ATTRITION in survived else "that both sides lost alike was not shown"


def random_split(assigned: int, others: int, *, planned_share: float = 0.5) -> Check:
    """Were as many assigned as planned? A draw that gave another share lost or favoured somebody on the way.

    Exact binomial test at 1% (Fabijan et al. 2019, "Diagnosing sample ratio mismatch"). Count what was drawn:
    companies, if companies were. Could not run if a share ten points off could have been missed.

    Examples
    --------
    >>> random_split(480, 520).survived, random_split(400, 520).survived, random_split(12, 9).survived
    (True, False, None)
    """
    n = assigned + others
    tried = f"the share assigned was compared with the {planned_share:.0%} planned"
    if n < 1 or not 0 < planned_share < 1:
        return could_not_run(SPLIT, tried, "nobody was drawn, or all were meant to be")
    fewer = float(special.bdtr(assigned, n, planned_share))
    more = float(special.bdtrc(assigned - 1, n, planned_share)) if assigned else 1.0
    p = min(1.0, 2 * min(fewer, more))
    result = f"{assigned / n:.1%} of {n:,} were assigned (p = {p:.3f})"
    could_find = Estimate(0.0, math.sqrt(planned_share * (1 - planned_share) / n)).detectable(alpha=CONDEMNS)
    if p >= CONDEMNS and could_find > MUST_SEE:
        return could_not_run(SPLIT, tried, f"{n} are too few to see a share ten points off")
    return Check(SPLIT, tried, result, p >= CONDEMNS, True, {"share": assigned / n, "p": p})


def random_balance(units: Units, *, seed: int = 0) -> Check:
    """Were both sides alike, as far as chance makes them so, in everything known before?

    All covariates at once: with Z the sum over assigned accounts of the covariates (less their means), the statistic
    is Z' V^-1 Z, V its covariance over all draws of as many accounts (Hansen and Bowers 2008), and its p-value is its
    rank among 999 draws. Not by a fixed limit of standardised differences: in small experiments chance exceeds it.

    Parameters
    ----------
    units : Units
        ``treated`` is what was assigned; ``group`` what was drawn (the company).
    """
    tried = "everything known before was compared between the sides, against what chance does"
    accounts, place = np.unique(units.group, return_inverse=True)
    assigned = np.bincount(place, weights=units.treated) / np.bincount(place)
    G, m = len(accounts), int(assigned.sum())
    if not units.covariates.names:
        return could_not_run(BALANCE, tried, "nothing is known of the time before")
    if not np.isin(assigned, (0.0, 1.0)).all():
        return could_not_run(BALANCE, tried, "some of what was drawn is on both sides")
    if math.comb(min(G, 60), min(m, G - m, 30)) < 2 / CONDEMNS:  # not more than there are: big ones take long to count
        return could_not_run(BALANCE, tried, f"{m} of {G} assigned are too few to tell chance from design")
    z = sums_by_account(units.group, units.covariates.values - units.covariates.values.mean(axis=0))
    inverse = np.linalg.pinv(z.T @ z * m * (G - m) / (G * (G - 1)), hermitian=True)

    def distance(chosen: Floats, _: Floats) -> Floats:
        return np.asarray(np.einsum("...i,ij,...j->...", chosen, inverse, chosen), dtype=np.float64)

    rank = permutation(z, distance, exposed=assigned.astype(np.int64), seed=seed)
    result = f"they differ more than in {1 - rank.p:.0%} of random draws (p = {rank.p:.3f})"
    return Check(BALANCE, tried, result, rank.p >= CONDEMNS, True, {"p": rank.p, "covariates": float(z.shape[1])})


def attrition(*, lost_assigned: int, assigned: int, lost_others: int, others: int) -> Check:
    """Is the outcome missing as often on both sides? What is lost unequally is no longer random.

    Difference of shares, tested at 1% with the pooled standard error. Could not run if ten points
    could have been missed and more than ten points were lost at all.

    Examples
    --------
    >>> attrition(lost_assigned=12, assigned=500, lost_others=15, others=510).survived
    True
    >>> attrition(lost_assigned=60, assigned=500, lost_others=15, others=510).survived
    False
    """
    tried = "the share whose outcome was not seen was compared between the sides"
    if min(assigned, others) < 1 or not 0 <= lost_assigned <= assigned or not 0 <= lost_others <= others:
        return could_not_run(ATTRITION, tried, "there is nobody on one side")
    shares = lost_assigned / assigned, lost_others / others
    result = f"{shares[0]:.1%} of {assigned:,} assigned and {shares[1]:.1%} of {others:,} others were lost"
    figures = {"lost_assigned": shares[0], "lost_others": shares[1]}
    pooled = (lost_assigned + lost_others) / (assigned + others)
    gap = Estimate(shares[0] - shares[1], math.sqrt(pooled * (1 - pooled) * (1 / assigned + 1 / others)))
    if gap.p >= CONDEMNS and min(gap.detectable(alpha=CONDEMNS), max(shares)) > MUST_SEE:
        return could_not_run(ATTRITION, tried, f"{result}; ten points more on one side could not have been seen")
    return Check(ATTRITION, tried, f"{result} (p = {gap.p:.3f})", gap.p >= CONDEMNS, True, {**figures, "p": gap.p})
