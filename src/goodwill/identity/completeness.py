"""Which share of the true pairs came together at all, estimated without knowing any: what was found says what was not.

Every field of a pair that is one person's either agrees, differs, or is absent on one side. Some patterns of agreement
are found for certain, because a rule that looks for just these fields exists; others are not. From the patterns found
one can tell how often each field differs in true pairs, and whether faults come together; and from that, how many true
pairs have a pattern that nobody would have found. This is capture and recapture with fields in place of occasions:

- faults of one pair are not independent (a record badly written is wrong in many fields; who moved has another city and
  postcode), so the chance of a pattern is log-linear in the differing fields, in their number of pairs (one common
  dependence: Darroch, Fienberg, Glonek and Junker 1993, JASA 88, 1137) and in every pair of fields on its own (Fienberg
  1972, Biometrika 59, 591), the latter drawn towards 0;
- the likelihood is that of a pattern given that it was found for certain (Sanathanan 1972, Annals of Mathematical
  Statistics 43, 142);
- an absent field says nothing: its pattern sums over both things it could have said (missing at random; Little and
  Rubin 2002, chapter 13). How often fields are absent is known from the records, found or not;
- the interval is Laplace's, on the scale of log-odds, widened until it holds what the model without single dependences
  says: a figure that hangs on the model must look like one.

Pairs count with their probabilities, so that no label is needed.

Legend: F fields; d (cells, F) which fields differ, absent ones filled in; T what the log-linear model counts in a cell;
t its weights; p chance of each cell; G (patterns, cells) which cells a pattern may stand for; w expected true pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ABSENT, DIFFERS, AGREES = -1, 0, 1
#: Before anything is seen: the log-odds that a field differs (one time in four, give or take what is plausible at all),
#: and how far dependences may lie from none: the common one by a factor of e, a single one by half that in log-odds.
USUAL, ABOUT_FIELD, ABOUT_COMMON, ABOUT_SINGLE = -1.0, 2.0, 1.0, 0.5
#: True pairs below which nothing is said, and the share that must at least be found for certain.
FEWEST, LEAST_SHARE = 30.0, 0.03
#: z of an interval at 90%.
NINETY = 1.6448536269514722


@dataclass(frozen=True)
class Found:
    """What was found: for each pattern in the order of ``patterns(F)``.

    Attributes
    ----------
    expected : array of 3**F
        True pairs found with each pattern (sums of probabilities).
    is_sure : array of 3**F
        Whether a true pair of this pattern is found for certain.
    absent : array of 2**F
        Share of true pairs in which just these fields are absent; field 0 is the highest bit.
    """

    expected: Floats
    is_sure: Bools
    absent: Floats


@dataclass(frozen=True)
class Completeness:
    """The share of true pairs that came together, its 90% interval, how many were found, and how many there are."""

    share: float
    low: float
    high: float
    found: float
    total: float


@dataclass(frozen=True)
class _Fit:
    sure: float
    low: float
    high: float
    p: Floats


@dataclass(frozen=True)
class _Problem:
    T: Floats
    G: Floats
    w: Floats
    shown: Floats
    spread: Floats
    middle: Floats


def patterns(fields: int) -> Ints:
    """All patterns of agreement, one a row.

    Examples
    --------
    >>> patterns(1).tolist()
    [[-1], [0], [1]]
    """
    return np.array(list(product((ABSENT, DIFFERS, AGREES), repeat=fields)), dtype=np.int64).reshape(-1, fields)


def absent_in_pairs(absent_in_records: Floats) -> Floats:
    """Shares of pairs that lack each set of fields, from those of records: a field is absent if either side lacks it.

    Examples
    --------
    One field, absent in a tenth of the records:

    >>> absent_in_pairs(np.array([0.9, 0.1])).round(2).tolist()
    [0.81, 0.19]
    """
    held = np.flatnonzero(absent_in_records)
    shares = np.zeros(len(absent_in_records))
    for one in held:
        np.add.at(shares, one | held, absent_in_records[one] * absent_in_records[held])
    return shares


def estimate(found: Found) -> Completeness:
    """The share of true pairs that were found.

    Parameters
    ----------
    found : Found

    Raises
    ------
    CannotTell
        Too few pairs, or every way of being found needs the same field, so that nobody knows how often it is wrong.

    Examples
    --------
    Three fields that differ in a fifth of all true pairs, any two of which suffice: 0.8 ** 3 + 3 * 0.8 ** 2 * 0.2.

    >>> seen = patterns(3)
    >>> agreeing = (seen == 1).sum(axis=1)
    >>> chance = np.where((seen >= 0).all(axis=1), 0.8**agreeing * 0.2 ** (3 - agreeing), 0.0)
    >>> sure = agreeing >= 2
    >>> answer = estimate(Found(10_000 * chance * sure, sure, np.eye(8)[0]))
    >>> round(answer.share, 2), answer.low < 0.896 < answer.high
    (0.9, True)
    """
    seen = patterns(round(np.log(len(found.expected)) / np.log(3)))
    _refuse(found, seen)
    single, common = _problem(found, seen, single=True), _problem(found, seen, single=False)
    fit, other = _fitted(single), _fitted(common)
    n_sure = float(found.expected[found.is_sure].sum())
    n = n_sure + _besides(found, seen, fit.p, n_sure / fit.sure)
    # what was found besides adds to what was found for certain; both are shares of the same total
    ends = (fit.sure, min(fit.low, other.sure), max(fit.high, other.sure))
    share, low, high = (min(1.0, max(value, 1e-9) * n / n_sure) for value in ends)
    return Completeness(share, low, high, n, n / share)


def _besides(found: Found, seen: Ints, p: Floats, total: float) -> float:
    """True pairs found with other patterns: as their probabilities say, but not more than there can be.

    Where few fields agree, strangers who have much in common (households) are most easily taken for one person. By
    which fields agree, expected pairs count up to what the model leaves room for.
    """
    n_fields = seen.shape[1]
    bits = 2 ** np.arange(n_fields - 1, -1, -1)
    agreeing = (seen == AGREES) @ bits
    room = total * found.absent[(seen == ABSENT) @ bits] * (_cells(seen) @ p)
    rest = ~found.is_sure
    claimed, there = (np.bincount(agreeing[rest], weights=values[rest]) for values in (found.expected, room))
    return float(np.minimum(claimed, there).sum())


def _refuse(found: Found, seen: Ints) -> None:
    n_sure = float(found.expected[found.is_sure].sum())
    if n_sure < FEWEST:
        raise CannotTell(
            f"only about {n_sure:,.0f} pairs were found in a way that must find every pair like them",
            settles=f"at least {FEWEST:.0f} people who occur twice",
            n=int(n_sure),
        )
    if len(seen.T) and (seen[found.is_sure & (found.expected > 0)] == AGREES).all(axis=0).any():
        raise CannotTell(
            "every pair that was found agrees in the same field, so nobody can tell how often that field is wrong",
            settles="a rule that finds pairs without that field",
            n=int(n_sure),
        )


def _problem(found: Found, seen: Ints, *, single: bool) -> _Problem:
    n_fields = seen.shape[1]
    d = _differing(n_fields)
    many = d.sum(axis=1)
    counted = [*d.T, many * (many - 1) / 2]
    if single:
        counted += [d[:, i] * d[:, j] for i, j in combinations(range(n_fields), 2)]
    bits = 2 ** np.arange(n_fields - 1, -1, -1)
    shown = found.absent[(seen == ABSENT) @ bits]
    live = found.is_sure & ((shown > 0) | (found.expected > 0))
    fits = _cells(seen[live])
    spread = np.array([ABOUT_FIELD] * n_fields + [ABOUT_COMMON] + [ABOUT_SINGLE] * (len(counted) - n_fields - 1))
    middle = np.array([USUAL] * n_fields + [0.0] * (len(counted) - n_fields))
    # a pattern of absence that the records say is impossible was seen all the same: it is at least as rare as that
    rarest = 1.0 / max(found.expected.sum(), 1.0)
    return _Problem(
        np.column_stack(counted), fits, found.expected[live], np.maximum(shown[live], rarest), spread, middle
    )


def _differing(n_fields: int) -> Floats:
    return np.array(list(product((1.0, 0.0), repeat=n_fields))).reshape(-1, n_fields)


def _cells(seen: Ints) -> Floats:
    """Which cells each pattern may stand for, 0 or 1."""
    d = _differing(seen.shape[1])
    fits = np.ones((len(seen), len(d)))
    for field in range(seen.shape[1]):
        value = seen[:, field][:, None]
        fits *= (value == ABSENT) | (value == 1 - d[:, field])
    return fits


def _slope(problem: _Problem, t: Floats) -> tuple[float, Floats, float, Floats]:
    """Minus the penalised log-likelihood of patterns given that they were found, its slope; chance found, its slope."""
    T, G, w = problem.T, problem.G, problem.w
    height = T @ t
    p = np.exp(height - height.max())
    p /= p.sum()
    inside = np.maximum(G @ p, 1e-300)
    apart = (G @ (p[:, None] * T)) / inside[:, None] - p @ T
    chance = problem.shown * inside
    sure = float(chance.sum())
    off = (t - problem.middle) / problem.spread
    value = -(w @ np.log(chance) - w.sum() * np.log(sure) - 0.5 * off @ off)
    slope = -(w @ apart - w.sum() * (chance @ apart) / sure - off / problem.spread)
    return float(value), slope, sure, chance @ apart


def _fitted(problem: _Problem) -> _Fit:
    """The chance of being found for certain, with its 90% interval; and the chance of each cell."""
    from scipy.optimize import minimize  # lazy: slow to import

    n = max(float(problem.w.sum()), 1.0)

    def scaled(t: Floats) -> tuple[float, Floats]:
        value, slope, _, _ = _slope(problem, t)
        return value / n, slope / n

    t = np.asarray(minimize(scaled, problem.middle, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x)
    _, _, sure, ahead = _slope(problem, t)
    p = np.exp(problem.T @ t - (problem.T @ t).max())
    p /= p.sum()
    if 1 - sure < 1 / n:  # less than one pair missed: the rule of three (Hanley and Lippman-Hand 1983, JAMA 249, 1743)
        return _Fit(sure, max(0.0, 1 - 3 / n), 1.0, p)
    # along a direction in which the data say nothing the curvature is the prior's
    heights, ways = np.linalg.eigh(_curvature(problem, t))
    heights = np.maximum(heights, 1 / ABOUT_FIELD**2)
    error = np.sqrt(((ways.T @ (ahead / (sure * (1 - sure)))) ** 2 / heights).sum())
    odds = np.log(sure / (1 - sure))
    # log-odds beyond 30 are certainty in double precision
    low, high = (1 / (1 + np.exp(-np.clip(odds + sign * NINETY * error, -30, 30))) for sign in (-1, 1))
    return _Fit(sure, float(low), float(high), p)


def _curvature(problem: _Problem, t: Floats, step: float = 1e-3) -> Floats:
    """Second derivatives by central differences of the slope."""
    rows = []
    for place in range(len(t)):
        ahead = np.zeros(len(t))
        ahead[place] = step
        rows.append((_slope(problem, t + ahead)[1] - _slope(problem, t - ahead)[1]) / (2 * step))
    whole = np.array(rows)
    return np.asarray((whole + whole.T) / 2)
