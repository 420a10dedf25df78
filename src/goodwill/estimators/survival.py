"""How long until something ends, and how: survival, cumulative incidence of competing ends, restricted mean, median.

What is still open when last seen counts for as long as it was seen (Kaplan and Meier 1958). Where there are several
kinds of end, each has its share by a time (Aalen and Johansen 1978); one minus Kaplan-Meier, with other ends
counted as still open, would promise more of each than there can be.

Standard errors are Greenwood's (1926), for competing ends by the delta method on the multinomial shares that end
at each time; intervals are on the scale of log(-log), which stays between 0 and 1. Rows that stand for several
alike units count as so many. Weights that make one sample look like another are no counts: a sum of them is worth
(sum w)^2 / sum w^2 units (Xie and Liu 2005). Units of one account are not independent: where that matters, leave
accounts out in turn (``resample.jackknife``).

Legend: T times at which something ended; K kinds of end; Y units at risk just before a time; a share of those at
risk that end at it, a_k by kind; S share still open; F share ended by kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.follow_up import Followed, at_risk, require_unbroken
from goodwill.samples import Floats, Ints

#: Shares are sums of rounded fractions: nearer than this is equal.
ROUNDING = 1e-12
#: exp(700) is near the largest number there is; it stands for "no limit".
NO_LIMIT = 700.0


@dataclass(frozen=True)
class Curves:
    """Shares by time, one row per time at which something ended; between the times they stay as they are.

    Attributes
    ----------
    time, at_risk, effective : (T,)
        The times; the weight at risk just before each; how many units of equal weight that is worth.
    ended : (T, K)
        Weight that ended at each time, by kind 1..K.
    still_open : (T,)
        Share still open after each time, with ``still_open_se``.
    incidence : (T, K)
        Share ended by each time, by kind, with ``incidence_se``.
    last_seen : float
        The latest exit: nothing is known of later times unless all have ended.
    level : float
        Coverage that intervals claim.
    """

    time: Floats
    at_risk: Floats
    effective: Floats
    ended: Floats
    still_open: Floats
    still_open_se: Floats
    incidence: Floats
    incidence_se: Floats
    last_seen: float
    level: float

    def share(self, event: int | None = None) -> tuple[Floats, Floats]:
        """Share ended after each time, of one kind or (None) of any, and its standard error; (T,) each."""
        if event is None:
            return 1 - self.still_open, self.still_open_se
        return _kind(self.incidence, event), _kind(self.incidence_se, event)

    def bounds(self, event: int | None = None) -> tuple[Floats, Floats]:
        """Lower and upper limit of ``share``, (T,) each; the share still open has 1 minus these.

        On the scale of log(-log(1 - share)) (Kalbfleisch and Prentice 1980), which has no room for 0 and 1. While
        nothing has ended the upper limit is the exact binomial one (Clopper and Pearson 1934) of those at
        risk; where all have ended the lower limit is the last one known.
        """
        share, se = self.share(event)
        none, every = share <= 0, share >= 1 - ROUNDING
        left = np.where(none | every, 0.5, 1 - share)
        reach = special.ndtri(0.5 + self.level / 2) * se / (left * -np.log(left))
        factor = np.exp(np.minimum(reach, NO_LIMIT))
        low, high = 1 - left ** (1 / factor), 1 - left**factor
        high = np.where(none, 1 - (0.5 - self.level / 2) ** (1 / self.effective), np.where(every, 1.0, high))
        low = np.where(none | every, 0.0, low)
        return np.where(every, np.maximum.accumulate(low), low), high


def aalen_johansen(sample: Followed, *, level: float = 0.90) -> Curves:
    """Share still open, and share ended by kind, after each time at which something ended.

    S(t) = prod (1 - a(u)) and F_k(t) = sum S(u-) a_k(u), over u <= t. Where units enter late, the shares are those
    of who lasted to the first entry.

    Raises
    ------
    CannotTell
        If nobody is under observation for a while, or all had ended before others came.

    Examples
    --------
    Five units: ends at 1 (kind 1), 2 (kind 2) and 4 (kind 1); still open when last seen at 3 and 5.

    >>> from goodwill.estimators.follow_up import followed
    >>> curves = aalen_johansen(followed(np.array([1, 2, 3, 4, 5]), np.array([1, 2, 0, 1, 0])))
    >>> curves.incidence.round(3).tolist(), curves.still_open.round(3).tolist()
    ([[0.2, 0.0], [0.2, 0.2], [0.5, 0.2]], [0.8, 0.6, 0.3])
    """
    time, ended, ends = _ends(sample)
    rows, Y, effective = at_risk(sample, time)
    all_end = rows == ends
    require_unbroken(sample, time[all_end])
    any_end = ended.sum(axis=1)
    Y = np.where(all_end, any_end, np.maximum(Y, any_end))  # none left, or some, whatever the rounding of weights
    a, a_k = any_end / Y, ended / Y[:, None]
    S = np.cumprod(1 - a)
    before = np.concatenate([[1.0], S])[: len(S), None]
    F = np.cumsum(before * a_k, axis=0)
    return Curves(
        time=time,
        at_risk=Y,
        effective=effective,
        ended=ended,
        still_open=S,
        still_open_se=S * np.sqrt(np.cumsum(_odds(a) / effective)),
        incidence=F,
        incidence_se=_incidence_se(before, a_k, F, effective[:, None]),
        last_seen=float(sample.exit.max()),
        level=level,
    )


def kaplan_meier(sample: Followed, *, level: float = 0.90) -> Curves:
    """Share still open after each time at which something ended, of whatever kind (K = 1).

    Raises
    ------
    CannotTell
        As ``aalen_johansen``.

    Examples
    --------
    >>> from goodwill.estimators.follow_up import followed
    >>> curves = kaplan_meier(followed(np.array([1, 2, 3, 4, 5]), np.array([1, 2, 0, 1, 0])))
    >>> curves.still_open.round(3).tolist(), curves.still_open_se.round(3).tolist()
    ([0.8, 0.6, 0.3], [0.179, 0.219, 0.239])
    """
    return aalen_johansen(replace(sample, event=(sample.event > 0).astype(np.int64)), level=level)


def share_ended(curves: Curves, by: float, *, event: int | None = None) -> Estimate:
    """Share ended by a time, of one kind or (None) of any; 0 without error where none had (see ``Curves.bounds``).

    Raises
    ------
    CannotTell
        If nobody was followed for so long, and not all have ended.
    """
    _require_seen(curves, by)
    share, se = (np.append(0.0, values) for values in curves.share(event))
    row = np.searchsorted(curves.time, by, side="right")
    return Estimate(float(share[row]), float(se[row]), level=curves.level)


def restricted_mean(curves: Curves, horizon: float, *, event: int | None = None) -> Estimate:
    """Mean time up to a horizon without an end of one kind, or (None) of any: what lies above the share ended.

    What ends otherwise never ends so, and counts with the whole horizon (Andersen 2013). For any kind it is the area
    under S (Royston and Parmar 2013), and the variance sum A^2 a / ((1 - a) Y), A the area from a time to the
    horizon; for one kind it is the delta method's, which is the same where there is only one.

    Raises
    ------
    CannotTell
        If nobody was followed to the horizon though not all have ended, or nothing ended so before it.

    Examples
    --------
    >>> from goodwill.estimators.follow_up import followed
    >>> curves = kaplan_meier(followed(np.array([1.0, 2.0, 3.0, 6.0]), np.ones(4, dtype=int)))
    >>> found = restricted_mean(curves, 6)
    >>> found.value, round(found.se, 4)  # the mean, and its standard error, 1.8708 / 2
    (3.0, 0.9354)
    """
    _require_seen(curves, horizon)
    within = curves.time <= horizon
    Y, ended = curves.at_risk[within], curves.ended[within]
    a = ended.sum(axis=1) / Y
    a_k = a if event is None else _kind(ended, event) / Y
    if not a_k.any():
        raise CannotTell(f"nothing of the kind ended by {horizon:g}", settles="more units, or a longer follow-up")
    gain = np.concatenate([[1.0], curves.still_open])[: len(a)] * (horizon - curves.time[within])
    later = (gain * a_k)[::-1].cumsum()[::-1] - gain * a_k  # time lost to ends after each time
    terms = gain**2 * a_k * (1 - a_k) - 2 * gain * later * a_k + later**2 * _odds(a)
    variance = float((terms / curves.effective[within]).sum())
    return Estimate(float(horizon - gain @ a_k), math.sqrt(max(variance, 0.0)), level=curves.level)


@dataclass(frozen=True)
class Reached:
    """When a share had ended, and the interval of that time; None stands for "not in the time followed"."""

    value: float | None
    low: float | None
    high: float | None


def time_until(curves: Curves, share: float = 0.5, *, event: int | None = None) -> Reached:
    """The time by which a share had ended: the median, unless told otherwise.

    Where the curve lies flat at that share, the middle of the flat piece. The interval holds the times at which the
    interval of the curve holds the share (Brookmeyer and Crowley 1982).

    Examples
    --------
    >>> from goodwill.estimators.follow_up import followed
    >>> time_until(kaplan_meier(followed(np.array([1, 2, 3, 4]), np.ones(4, dtype=int)))).value
    2.5
    """
    if not 0 < share < 1:
        raise ValueError(f"a share lies between 0 and 1, not at {share}")
    ended = curves.share(event)[0]
    low, high = curves.bounds(event)
    first, past = (_first(curves.time, ended >= share + shift) for shift in (-ROUNDING, ROUNDING))
    value = first if first is None or past is None else (first + past) / 2
    return Reached(value, _first(curves.time, high >= share - ROUNDING), _first(curves.time, low >= share - ROUNDING))


def _ends(sample: Followed) -> tuple[Floats, Floats, Ints]:
    """Times at which something ended, the weight that did by kind (T, K), and the number of rows that did."""
    some, kinds = sample.event > 0, max(int(sample.event.max()), 1)
    time, place = np.unique(sample.exit[some], return_inverse=True)
    mass = (sample.count * sample.weight)[some]
    ended = np.bincount(place * kinds + sample.event[some] - 1, mass, len(time) * kinds).reshape(-1, kinds)
    return time, np.asarray(ended, dtype=np.float64), np.bincount(place, minlength=len(time))


def _first(time: Floats, reached: NDArray[np.bool_]) -> float | None:
    return float(time[reached.argmax()]) if reached.any() else None


def _kind(values: Floats, event: int) -> Floats:
    """The column of one kind of end; zeros for a kind that never came."""
    if event < 1:
        raise ValueError("kinds of end are numbered from 1; None stands for any")
    return values[:, event - 1] if event <= values.shape[1] else np.zeros(len(values))


def _odds(a: Floats) -> Floats:
    """a / (1 - a); 0 where all end, since nothing that could vary comes after."""
    return np.where(a < 1, a, 0.0) / np.where(a < 1, 1 - a, 1.0)


def _incidence_se(before: Floats, a_k: Floats, F: Floats, effective: Floats) -> Floats:
    """Delta method: the variance sums S(u-)^2 a_k (1 - a_k) - 2 S(u-) D a_k + D^2 a / (1 - a), over Y; D = F(t) - F(u).

    Multiplied out by powers of F(t), so that running sums over u <= t are enough.
    """
    c0, c1 = before**2 * a_k * (1 - a_k) / effective, before * a_k / effective
    c2 = _odds(a_k.sum(axis=1))[:, None] / effective
    sums = [np.cumsum(c, axis=0) for c in (c0 + 2 * c1 * F + c2 * F**2, c1 + c2 * F, c2)]
    return np.asarray(np.sqrt(np.maximum(sums[0] - 2 * F * sums[1] + F**2 * sums[2], 0.0)), dtype=np.float64)


def _require_seen(curves: Curves, time: float) -> None:
    if time > curves.last_seen and not (curves.still_open <= ROUNDING).any():
        raise CannotTell(f"nobody was followed for {time:g}", settles=f"a time of {curves.last_seen:g} or less")
