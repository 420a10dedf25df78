"""Weekly chances of winning and losing, exposure counted only after it happened; standardised shares won by week.

A unit contributes every week it is open. Weeks up to and including the first exposure count as
unexposed, whatever happened later: that is what keeps immortal time out. Two logistic models, of a win
in a week and of a loss in a week that brought no win, share a baseline constant within spans of weeks.
As the loss is modelled among weeks without a win, the chances of one week cannot sum to more than 1.
(D'Agostino 1990 for pooled logistic; Young et al. 2020 for the two endings; Hernan and Robins, ch. 17.)

Legend: n units; r rows of counts; P covariate patterns; B spans of weeks; G account groups; H horizon in
weeks; X (r, k) design = intercept, spans 1..B-1, exposed, covariates; b (1+G, k) coefficients, row 0 from
all accounts and row g+1 without group g; arm 0 never exposed, arm 1 exposed from week 1 on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.logistic import fit_logistic
from goodwill.estimators.resample import account_groups, jackknife, jackknife_se
from goodwill.estimators.weeks_at_risk import Patterns, count_weeks
from goodwill.samples import Floats, Ints, Spells

#: Fewer wins than this and an interval would describe the few deals, not the business.
WINS = 10
#: Each arm needs this many wins of its own, or its hazard rests on the prior.
WINS_PER_ARM = 5
#: Fewer accounts than this leave no degrees of freedom to speak of.
ACCOUNTS = 8


@dataclass(frozen=True)
class HazardFit:
    """Both weekly models, on all accounts and without each group of accounts.

    ``starts`` holds the first week of each span, ``followed_weeks`` the longest follow-up. ``log_odds`` is
    the effect of exposure on a win in a week, its standard error by the jackknife.
    """

    starts: Ints
    patterns: Patterns
    won: Floats
    lost: Floats
    log_odds: Estimate
    followed_weeks: int


@dataclass(frozen=True)
class Curve:
    """Share won and lost by the end of a week in one arm; ``low`` and ``high`` bound the share won."""

    week: int
    arm: str
    share_won: float
    low: float
    high: float
    share_lost: float


@dataclass(frozen=True)
class Contrast:
    """First exposure in week 0 (so exposed from week 1 on) against never exposed, over all units.

    ``risk_difference`` is in probability (0.04 is four points) by the horizon. ``days_difference`` is the
    difference of restricted mean times to a win, 7 sum(1 - share won before week w), w = 0..H-1, in days:
    what is lost or still open at the horizon counts as not won. Negative days are faster.
    """

    risk_difference: Estimate
    days_difference: Estimate
    share_won_exposed: Estimate
    share_won_unexposed: Estimate
    curves: tuple[Curve, ...]


def fit(spells: Spells, *, groups: int = 40, seed: int = 0, may_lose: bool = True, level: float = 0.90) -> HazardFit:
    """Fit the weekly chances of a win and of a loss, and again without each of ``groups`` groups of accounts.

    Parameters
    ----------
    may_lose : bool
        False where there is only one ending, as for a cancelled subscription.

    Raises
    ------
    CannotTell
        With fewer than 10 wins, fewer than 5 in an arm, no losses although they may happen, or too few accounts.
    """
    _require_enough(spells, may_lose)
    accounts = len(np.unique(spells.group))
    if accounts < ACCOUNTS:
        raise CannotTell(
            f"the sample has only {_count(accounts, 'account')}",
            settles=f"opportunities of at least {ACCOUNTS} accounts",
            n=len(spells),
        )
    fitted = _fit(spells, account_groups(spells.group, wanted=groups, seed=seed))
    effect = fitted.won[:, len(fitted.starts)]
    log_odds = jackknife(effect[0], effect[1:], level=level)
    return replace(fitted, log_odds=log_odds)


def contrast(fitted: HazardFit, *, horizon_weeks: int) -> Contrast:
    """What the fitted chances mean for shares won and for days, had all units or none been exposed.

    Raises
    ------
    CannotTell
        If nobody was followed for so long: beyond, shares would be guessed (see ``longest_horizon``).
    """
    won, lost = _shares(fitted, horizon_weeks)  # (1+G, 2, H) each
    at_horizon = won[:, :, -1]
    days = 7 * (horizon_weeks - won[:, :, :-1].sum(axis=2))
    level = fitted.log_odds.level
    reach = special.stdtrit(len(won) - 2, 0.5 + level / 2) * jackknife_se(won[0], won[1:])
    curves = tuple(
        Curve(
            week, arm, *(float(v) for v in (won[0, a, week], *_band(won[0, a, week], reach[a, week]), lost[0, a, week]))
        )
        for a, arm in enumerate(("never exposed", "exposed"))
        for week in range(horizon_weeks)
    )
    return Contrast(
        risk_difference=_jackknifed(at_horizon[:, 1] - at_horizon[:, 0], level),
        days_difference=_jackknifed(days[:, 1] - days[:, 0], level),
        share_won_exposed=_jackknifed(at_horizon[:, 1], level),
        share_won_unexposed=_jackknifed(at_horizon[:, 0], level),
        curves=curves,
    )


def differences(spells: Spells, *, horizon_weeks: int) -> tuple[float, float]:
    """Difference in share won and in days to a win, without standard errors: what placebos repeat.

    A draw with few exposed wins is estimated all the same (the ridge keeps it finite): leaving such draws out would
    keep those that happen to hold many, and give placebos an effect.

    Raises
    ------
    CannotTell
        With fewer than 10 wins in all.
    """
    _require_wins(spells)
    won, _ = _shares(_fit(spells, None), horizon_weeks)
    gap = won[0, 1] - won[0, 0]
    return float(gap[-1]), float(-7 * gap[:-1].sum())


def longest_horizon(spells: Spells, *, at_risk: int = 20) -> int:
    """The last week, counted from 1, in which at least ``at_risk`` units were still open; 0 if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.samples import Covariates
    >>> weeks, none = np.array([2, 5, 9]), np.zeros(3, dtype=int)
    >>> spells = Spells(none, none, weeks, none, none, Covariates(np.zeros((3, 0)), (), ()))
    >>> longest_horizon(spells, at_risk=2)
    5
    """
    if len(spells) < at_risk:
        return 0
    return int(np.sort(spells.weeks)[-at_risk])


def observed_curves(spells: Spells) -> list[dict[str, float]]:
    """Share won, lost and still open by the end of each week, whatever the exposure (Aalen and Johansen 1978)."""
    longest = int(spells.weeks.max())
    at_risk = len(spells) - np.concatenate([[0], np.cumsum(np.bincount(spells.weeks, minlength=longest + 1)[1:-1])])
    ended = [np.bincount(spells.weeks[spells.event == e], minlength=longest + 1)[1:] / at_risk for e in (1, 2)]
    still_open = np.cumprod(1 - ended[0] - ended[1])
    before = np.concatenate([[1.0], still_open[:-1]])
    won, lost = np.cumsum(before * ended[0]), np.cumsum(before * ended[1])
    return [
        {"week": w, "share_won": float(won[w]), "share_lost": float(lost[w]), "share_open": float(still_open[w])}
        for w in range(longest)
    ]


def _require_wins(spells: Spells) -> None:
    n, won = len(spells), int((spells.event == 1).sum())
    if won < WINS:
        raise CannotTell(f"only {_count(won, 'win')} among {n}", settles=f"at least {WINS} wins, better 50", n=n)


def _require_enough(spells: Spells, may_lose: bool) -> None:
    n, won = len(spells), spells.event == 1
    exposed = spells.weeks - 1 > spells.exposed_week
    _require_wins(spells)
    if may_lose and not (spells.event == 2).any():
        raise CannotTell("nothing is recorded as lost", settles="an export that holds lost deals too", n=n)
    for wins, arm in ((int((won & exposed).sum()), "after"), (int((won & ~exposed).sum()), "without or before")):
        if wins < WINS_PER_ARM:
            raise CannotTell(
                f"only {_count(wins, 'win')} came {arm} exposure",
                settles=f"at least {WINS_PER_ARM} wins {arm} exposure, better 25",
                n=n,
            )


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _fit(spells: Spells, group: Ints | None) -> HazardFit:
    """Both models for all accounts and, if groups are given, without each of them; ``log_odds`` left without error."""
    counts, patterns, starts = count_weeks(spells, np.zeros(len(spells), dtype=np.int64) if group is None else group)
    kept = np.ones((1, len(counts.group)), dtype=bool)
    if group is not None:
        kept = np.vstack([kept, counts.group != np.arange(group.max() + 1)[:, None]])
    won = _models(counts.X, counts.won, counts.weeks, kept)
    lost = _models(counts.X, counts.lost, counts.weeks - counts.won, kept)
    log_odds = Estimate(float(won[0, len(starts)]), 0.0)
    return HazardFit(starts, patterns, won, lost, log_odds, int(spells.weeks.max()))


def _models(X: Floats, ended: Floats, weeks: Floats, kept: Floats) -> Floats:
    everything = fit_logistic(X, ended, weeks).coefficients
    without = [fit_logistic(X, ended * k, weeks * k, start=everything).coefficients for k in kept[1:]]
    return np.array([everything, *without])


def _shares(fitted: HazardFit, horizon_weeks: int) -> tuple[Floats, Floats]:
    """Shares won and lost by the end of each week, (1+G, 2, H), standardised over the patterns."""
    if horizon_weeks > fitted.followed_weeks:
        raise CannotTell(
            f"nobody was followed for {horizon_weeks} weeks",
            settles=f"a longer follow-up, or a horizon of {fitted.followed_weeks} weeks or less",
            n=int(fitted.patterns.units.sum()),
        )
    spans = len(fitted.starts)
    span_of = np.searchsorted(fitted.starts, np.arange(horizon_weeks), side="right") - 1
    won = np.zeros((len(fitted.won), 2, horizon_weeks))
    lost = np.zeros_like(won)
    for g, coefficients in enumerate(zip(fitted.won, fitted.lost, strict=True)):
        weight = fitted.patterns.units * (fitted.patterns.group != g - 1)
        weight = weight / weight.sum()
        h_won, h_lost = (_hazards(b, fitted.patterns.values, spans) for b in coefficients)
        for arm in (0, 1):
            still_open = weight.copy()
            for week, span in enumerate(span_of):
                exposed = int(arm == 1 and week > 0)
                wins = still_open * h_won[exposed, span]
                losses = (still_open - wins) * h_lost[exposed, span]
                still_open = still_open - wins - losses
                won[g, arm, week], lost[g, arm, week] = wins.sum(), losses.sum()
    return won.cumsum(axis=2), lost.cumsum(axis=2)


def _hazards(b: Floats, values: Floats, spans: int) -> Floats:
    """Weekly chance for exposed 0/1 x span x pattern: (2, B, P)."""
    base = b[0] + np.concatenate([[0.0], b[1:spans]])
    effect = np.array([0.0, b[spans]])
    return np.asarray(
        special.expit(effect[:, None, None] + base[None, :, None] + values @ b[spans + 1 :]), dtype=np.float64
    )


def _jackknifed(values: Floats, level: float) -> Estimate:
    return jackknife(float(values[0]), values[1:], level=level)


def _band(value: float, reach: float) -> tuple[float, float]:
    return max(0.0, value - reach), min(1.0, value + reach)
