"""People from scored pairs of records: whoever belongs together by all the evidence, without chaining strangers.

Records are whole numbers 0 .. n - 1. What is certain is joined first; pairs whose probability reaches the bar span
components; inside each, groups merge by average linkage (``linkage``) in which pairs that scored low, or were never
scored, count against the merge, and pairs that must never be together outweigh everything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.identity.certain import certain_groups, connected, rows
from goodwill.identity.linkage import NEVER, UNIT, Apart, Floats, Ints, Pairs, linked

#: Share of true pairs that no scored list holds, because no key led to them or too little was left alike: the
#: probability ratio by which an unscored pair speaks against a merge. Of a million simulated records with faults a
#: union of blocking keys missed 7%, on hard historical data 20%.
MISSED = 0.1
#: Probabilities this near to 0 and 1 count as this near: no score is surer than one in a million.
SUREST = 1e-6
#: Natural log-odds taken off two accounts on one network. Networks allow one a person; Facebook estimates that about
#: one account in ten is somebody's second (annual report for 2018, 11%): ln 0.1.
SAME_NETWORK = 2.3
#: The same for two records of one system, where duplicates are common: ln 0.5.
SAME_SYSTEM = 0.7
#: Venues are bits of one whole number; those beyond the first 63 cost nothing.
VENUES = 63


class Known(TypedDict, total=False):
    """What is known beside the scores.

    Attributes
    ----------
    certain : array of int, pairs in rows
        Pairs that share an exact key; always together, unless that would join what must never be.
    decided : array of int, pairs in rows
        The same for pairs that somebody decided to be one person, who is believed before a key.
    never : array of int, pairs in rows
        Pairs that are not one person; never together.
    venue : array of int
        The venue of each record, -1 where it has none.
    one_per_person : sequence of int
        Venues where one person seldom has two accounts.
    missed : float
        Share of true pairs that were never scored, ``MISSED`` unless told.
    """

    certain: ArrayLike | None
    decided: ArrayLike | None
    never: ArrayLike | None
    venue: ArrayLike | None
    one_per_person: Sequence[int]
    missed: float


@dataclass(frozen=True)
class Scored:
    """Scored pairs between groups that are certain: each pair of groups once, by its likeliest pair of records.

    Attributes
    ----------
    node : array of int
        The group of each record, numbered by smallest record.
    smallest : array of int
        The smallest record of each group.
    a, b : array of int
        The two groups of a pair, ``a < b``.
    probability : array of float
    record_a, record_b : array of int
        The likeliest pair of records.
    never : array of int, pairs in rows
        Groups that must not be together.
    """

    node: Ints
    smallest: Ints
    a: Ints
    b: Ints
    probability: Floats
    record_a: Ints
    record_b: Ints
    never: Ints
    apart: Apart | None
    missed: float


def clusters(
    a: ArrayLike, b: ArrayLike, probability: ArrayLike, n: int, *, threshold: float = 0.5, **known: Unpack[Known]
) -> Ints:
    """The cluster of each record, named by its smallest member.

    Parameters
    ----------
    a, b : array of int
        Scored pairs of records, in any order.
    probability : array of float
        Calibrated probability that both are one person.
    n : int
        Number of records.
    threshold : float
        Only pairs at least so probable bring groups into one component; at 1, only what is certain is joined. Inside,
        two groups merge while their mean log-odds say that one person is likelier than two.
    **known
        See ``Known``.

    Returns
    -------
    array of int

    Examples
    --------
    >>> clusters([0, 1, 3], [1, 2, 4], [0.95, 0.7, 0.9], 6).tolist()
    [0, 0, 2, 3, 3, 5]
    >>> clusters([0, 1, 3], [1, 2, 4], [0.95, 0.7, 0.9], 6, never=[(3, 4)], certain=[(1, 5)]).tolist()
    [0, 0, 2, 3, 4, 0]
    """
    scored = contracted(a, b, probability, n, **known)
    component = _spanned(scored, threshold)
    return _labels(scored, _weights(scored, threshold), component, np.ones(len(component), dtype=bool))


def extended(
    labels: Ints,
    a: ArrayLike,
    b: ArrayLike,
    probability: ArrayLike,
    n: int,
    *,
    touched: ArrayLike,
    threshold: float = 0.5,
    **known: Unpack[Known],
) -> Ints:
    """What ``clusters`` would say now, where only components that hold a touched record are worked out anew.

    Parameters
    ----------
    labels : array of int
        What ``clusters`` said of the first records; later records are new.
    a, b, probability, n, threshold, **known
        All that is known now, as for ``clusters``.
    touched : array of int
        Records with a pair, an exact key, a bar or a venue that is new or changed (one end of it is enough) or that
        has gone (both ends). New records need not be named.

    Returns
    -------
    array of int

    Examples
    --------
    >>> before = clusters([0, 1], [1, 2], [0.95, 0.7], 3)
    >>> extended(before, [0, 1, 1, 2], [1, 2, 3, 3], [0.95, 0.7, 0.9, 0.9], 4, touched=[]).tolist()
    [0, 0, 2, 2]
    """
    scored = contracted(a, b, probability, n, **known)
    is_touched = np.zeros(len(scored.smallest), dtype=bool)
    is_touched[scored.node[len(labels) :]] = True
    is_touched[scored.node[np.asarray(touched, dtype=np.int64)]] = True
    component = _spanned(scored, threshold)
    is_new = np.bincount(component, weights=is_touched)[component] > 0
    is_alone = np.bincount(component)[component] == 1
    found = _labels(scored, _weights(scored, threshold), component, is_new)
    kept = ~(is_new | is_alone)[scored.node]
    found[kept] = labels[np.flatnonzero(kept)]
    return found


def joined(scored: Scored, *, bars: Ints) -> Ints:
    """The cluster of each record where two groups merge if their mean reaches the bar of their likeliest pair.

    A pair that does not reach its own bar joins nobody, however high the mean; bars are in 1/``UNIT`` nats.
    """
    weight = np.rint(log_odds(scored.probability) * UNIT).astype(np.int64)
    keeps = weight >= bars
    component = connected(len(scored.smallest), scored.a[keeps], scored.b[keeps])
    lots = np.where(keeps, bars, -NEVER)
    return _labels(scored, weight, component, np.ones(len(component), dtype=bool), lots)


def _spanned(scored: Scored, threshold: float) -> Ints:
    """The component of each group: what pairs above the threshold connect."""
    joins = (scored.probability >= threshold) & (threshold < 1)
    return connected(len(scored.smallest), scored.a[joins], scored.b[joins])


def _weights(scored: Scored, threshold: float) -> Ints:
    """Log-odds above evens; below one half, the threshold itself is what a merge has to reach."""
    even = min(float(log_odds(np.array([threshold]))[0]), 0.0)
    return np.rint((log_odds(scored.probability) - even) * UNIT).astype(np.int64)


def _labels(
    scored: Scored, weight: Ints, component: Ints, is_asked: NDArray[np.bool_], lots: Ints | None = None
) -> Ints:
    """The label of each record; groups that are not asked for stand alone."""
    at_stake = np.flatnonzero(is_asked & (np.bincount(component)[component] > 1))
    place = np.full(len(component), -1)
    place[at_stake] = np.arange(len(at_stake))
    inside = (component[scored.a] == component[scored.b]) & (place[scored.a] >= 0)
    barred = scored.never[component[scored.never[:, 0]] == component[scored.never[:, 1]]]
    barred = barred[place[barred[:, 0]] >= 0]
    inside &= ~np.isin(_keys(scored.a, scored.b), _keys(barred[:, 0], barred[:, 1])) if len(barred) else True
    likeliest = np.flatnonzero(inside)
    if lots is not None:
        likeliest = likeliest[np.argsort(-scored.probability[likeliest], kind="stable")]
        lots = np.concatenate([lots[likeliest], np.full(len(barred), -NEVER)])
    pairs = Pairs(
        place[np.concatenate([scored.a[likeliest], barred[:, 0]])],
        place[np.concatenate([scored.b[likeliest], barred[:, 1]])],
        np.concatenate([weight[likeliest], np.full(len(barred), NEVER)]),
        component[at_stake],
        round(math.log(scored.missed) * UNIT),
        scored.apart and replace(scored.apart, places=scored.apart.places[at_stake]),
        lots,
    )
    labels = scored.smallest.copy()
    labels[at_stake] = scored.smallest[at_stake[linked(pairs)]]
    return labels[scored.node]


def log_odds(probability: Floats) -> Floats:
    """Natural log-odds, nowhere beyond ``SUREST``."""
    p = np.clip(probability, SUREST, 1 - SUREST)
    found: Floats = np.log(p / (1 - p))
    return found


def contracted(a: ArrayLike, b: ArrayLike, probability: ArrayLike, n: int, **known: Unpack[Known]) -> Scored:
    """Records joined by what is certain, and the scored pairs between the groups that this leaves."""
    never = rows(known.get("never"))
    never = never[never[:, 0] != never[:, 1]]
    node, smallest = certain_groups(n, rows(known.get("decided")), rows(known.get("certain")), never)
    first, second = np.asarray(a, dtype=np.int64), np.asarray(b, dtype=np.int64)
    ends = np.minimum(first, second), np.maximum(first, second)
    p = np.asarray(probability, dtype=np.float64)
    low, high = _sorted(node[first], node[second])
    chosen = _likeliest(_keys(low, high), p, ends, low < high)
    bars = np.unique(np.sort(node[never], axis=1), axis=0)
    return Scored(
        node,
        smallest,
        low[chosen],
        high[chosen],
        p[chosen],
        ends[0][chosen],
        ends[1][chosen],
        bars[bars[:, 0] < bars[:, 1]],
        _apart(node, len(smallest), known),
        known.get("missed", MISSED),
    )


def _likeliest(key: Ints, p: Floats, ends: tuple[Ints, Ints], counts: NDArray[np.bool_]) -> Ints:
    """The rows that count, one for each key: the likeliest, of equally likely ones the smallest pair of records."""
    found = np.flatnonzero(counts)
    order = found[np.argsort(key[found], kind="stable")]
    repeated = np.diff(key[order], append=-1) == 0
    if not repeated.any():
        return order
    order = found[np.lexsort((ends[1][found], ends[0][found], -p[found], key[found]))]
    chosen: Ints = order[np.diff(key[order], prepend=-1) != 0]
    return chosen


def _apart(node: Ints, count: int, known: Known) -> Apart | None:
    venue = known.get("venue")
    if venue is None:
        return None
    code = np.asarray(venue, dtype=np.int64)
    placed = np.flatnonzero((code >= 0) & (code < VENUES))
    places = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(places, node[placed], np.int64(1) << code[placed])
    single = sum(1 << int(v) for v in set(known.get("one_per_person", ())) if 0 <= v < VENUES)
    return Apart(places, single, round(SAME_NETWORK * UNIT), round(SAME_SYSTEM * UNIT))


def _sorted(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    return np.minimum(one, other), np.maximum(one, other)


def _keys(low: Ints, high: Ints) -> Ints:
    """One number a pair; 31 bits are enough for two thousand million records."""
    found: Ints = np.bitwise_or(np.left_shift(low, 31), high)
    return found
