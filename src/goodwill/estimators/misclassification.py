"""Shares of classes, corrected for people who were known and not recognised, and for people taken for somebody else.

A person whom matching misses looks new. Of the people known, those recognised by an exact key are counted as they are;
the others are found with a chance that is measured on known pairs whose keys were hidden, so that

    known = by exact key + (found by probability x precision) / recall,    new = all - known,

in every stratum (venue) apart, since recall differs between them, and summed. With no false match this is
t = 1 - (1 - t_obs) / recall, and for two classes the estimator of Rogan and Gladen (1978, "Estimating prevalence from
the results of a screening test", American Journal of Epidemiology 107); ``true_shares`` is its form for any number of
classes (Barron 1977, Biometrics 33). Somebody met under several profiles is counted once (``misclassified_totals``).

The interval is that of simulated draws, since a ratio with a badly known recall is skewed. Whole clusters (companies)
get exponential weights, the Bayesian bootstrap (Rubin 1981, Annals of Statistics 9); recall is drawn from Beta(f + 1/2,
k - f + 1/2) (Jeffreys' prior), or from a Beta of its own interval where pairs were weighted. One person in all, half
known and half new, is added to every draw, as Jeffreys' prior adds it to a share: without it nobody known among twenty
would be taken for certainty.

Legend: n people; C classes of known people; k known pairs, of which f were found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.misclassified_totals import (
    FEWEST_PAIRS,
    Interval,
    Match,
    People,
    chance_between,
    counts_of,
    drawn_shares,
    totals_of,
)
from goodwill.samples import Floats

__all__ = ["FEWEST_PAIRS", "Corrected", "Interval", "Match", "People", "Share", "corrected", "overall", "true_shares"]


@dataclass(frozen=True)
class Share:
    """A share with its interval, all within 0 and 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Corrected:
    """Shares of all people: ``new``, and each class of known people; ``naive_new`` counts everybody missed as new.

    ``n`` people were told apart, ``people`` there are if those met under several profiles count once. ``missed`` is the
    share known and not recognised, ``mistaken`` that recognised as somebody else.
    """

    n: int
    people: float
    new: Share
    classes: tuple[Share, ...]
    naive_new: float
    naive_classes: tuple[float, ...]
    missed: float
    mistaken: float


def corrected(
    people: People, matches: Mapping[int, Match], *, classes: int = 1, level: float = 0.90, seed: int = 0
) -> Corrected:
    """The share of people who are new, and of each class of known people, corrected for what matching misses.

    Parameters
    ----------
    people : People
    matches : mapping of int to Match
        By stratum. A stratum in which somebody could have been missed needs one.
    classes : int
        C, the number of classes of known people.
    level : float
        Coverage of the intervals.
    seed : int

    Raises
    ------
    CannotTell
        If there is nobody, or a stratum whose recall was not measured.

    Examples
    --------
    40 of 100 people are new, and of the 60 known ones 36 are recognised; a report says that 64 are new.

    >>> known_as = np.array([0] * 36 + [-1] * 64)
    >>> everyone = np.arange(100)
    >>> people = People(everyone, 0 * everyone, known_as, np.ones(100), np.zeros(100, dtype=bool), 0 * everyone)
    >>> found = corrected(people, {0: Match(known=1000, found=600)})
    >>> round(found.naive_new, 2), round(found.new.value, 2)
    (0.64, 0.4)
    """
    strata = _strata(people, matches)
    totals = totals_of(people, strata, classes)
    # where all were recognised by an exact key, recall is never used
    recall = np.array([(m.recall if (m := matches.get(s)) else None) or 1.0 for s in strata])
    between = np.array([chance_between(matches.get(s)) or r for s, r in zip(strata, recall.tolist(), strict=True)])
    counts = counts_of(totals.sum(axis=0), recall, np.ones(len(strata)), between)
    value = counts / counts.sum()
    drawn = drawn_shares(totals, [matches.get(s) for s in strata], seed)
    ends = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    shares = tuple(Share(v, min(v, low), max(v, high)) for v, low, high in np.stack([value, *ends], axis=1).tolist())
    naive = [float(np.mean(people.known_as == c)) for c in range(-1, classes)]
    seen = people.known_as >= 0
    mistaken = float(np.where(seen & ~people.is_exact, 1.0 - people.probability, 0.0).mean())
    return Corrected(
        n=len(people),
        people=float(counts.sum()),
        new=shares[0],
        classes=shares[1:],
        naive_new=naive[0],
        naive_classes=tuple(naive[1:]),
        missed=max(0.0, naive[0] + mistaken - shares[0].value),
        mistaken=mistaken,
    )


def overall(new: Share, *, told: int, untold: int) -> tuple[float, float]:
    """Smallest and largest share of new people among all, if nothing is known of ``untold`` of them.

    All of them known, at the lower end of the interval, to all of them new, at the upper end.

    Examples
    --------
    >>> low, high = overall(Share(0.4, 0.3, 0.5), told=60, untold=40)
    >>> round(low, 2), round(high, 2)
    (0.18, 0.7)
    """
    everybody = told + untold
    return new.low * told / everybody, (new.high * told + untold) / everybody


def true_shares(observed: Floats, confusion: Floats) -> Floats:
    """Shares of the true classes behind observed ones: the t within the simplex nearest to t @ confusion = observed.

    Parameters
    ----------
    observed : (k,) float
        Shares as classified.
    confusion : (m, k) float
        Row i: how members of true class i are classified; rows sum to 1.

    Examples
    --------
    >>> true_shares(np.array([0.64, 0.36]), np.array([[1.0, 0.0], [0.4, 0.6]])).round(3).tolist()
    [0.4, 0.6]
    """
    from scipy.optimize import nnls  # slow to import, and seldom needed

    weight = 1e4  # holds the sum to 1 far more tightly than any share is known
    design = np.vstack([confusion.T, np.full((1, len(confusion)), weight)])
    found = nnls(design, np.append(observed, weight))[0]
    return np.asarray(found / found.sum(), dtype=np.float64)


def _strata(people: People, matches: Mapping[int, Match]) -> list[int]:
    if not len(people):
        raise CannotTell(
            "there is nobody whose class could be told", settles="touches by people with a name or address"
        )
    present = sorted(set(people.stratum.tolist()))
    open_ends = set(people.stratum[~people.is_exact].tolist())  # where somebody is new, or was found by probability
    for stratum in present:
        if stratum in open_ends and (stratum not in matches or matches[stratum].recall is None):
            raise CannotTell(
                "nobody measured how many known people are recognised there",
                settles=f"{FEWEST_PAIRS} or more pairs known to be one person",
            )
    return present
