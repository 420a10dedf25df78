"""How strong a hidden confounder of a linear model must be, beside each confounder that was measured.

Cinelli and Hazlett (2020), "Making sense of sensitivity: extending omitted variable bias", JRSS B 82. Strengths are
partial R2: the share of what is left of exposure, or of outcome, that a confounder explains once the covariates are in.

Legend: y outcome; d treatment; X covariates; Q orthonormal basis of X; df residual degrees of freedom;
r2d, r2y partial R2 of a confounder with treatment and with outcome; k times as strong as a measured factor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate
from goodwill.estimators.sensitivity import robustness_value
from goodwill.samples import Covariates, Floats, Ints, grouped

#: Less of a variable left than this share of it, and what is left is rounding error.
NOTHING_LEFT = 1e-12


@dataclass(frozen=True)
class LinearModel:
    """Outcome on treatment and covariates, (n,) each; the intercept goes without saying.

    ``absorbed`` (n,), if given, holds the levels of one category with too many levels for columns (villages, owners):
    everything is centred within its levels, which gives the same estimate as a column for each (Frisch and Waugh 1933).
    """

    outcome: Floats
    treatment: Floats
    covariates: Covariates
    absorbed: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.outcome)


@dataclass(frozen=True)
class LinearEffect:
    """The coefficient of treatment and how robust it is.

    ``partial_r2`` is that of treatment with outcome: what a confounder must explain of the treatment, if it explains
    all that is left of the outcome. ``robustness`` is what it must explain of both to bring the estimate to
    0, ``robustness_at_alpha`` to bring it to the edge of significance.
    """

    effect: Estimate
    partial_r2: float
    robustness: float
    robustness_at_alpha: float

    @property
    def t(self) -> float:
        """Estimate in standard errors."""
        return self.effect.value / self.effect.se


@dataclass(frozen=True)
class Benchmark:
    """What a hidden confounder ``times`` as strong as a measured factor could leave of the effect.

    ``r2_treatment`` and ``r2_outcome`` are its partial R2; ``adjusted`` is the effect at its worst, ``bias`` by how
    much the confounder moves it there, with the effect's sign.
    """

    factor: str
    times: float
    r2_treatment: float
    r2_outcome: float
    adjusted: Estimate
    bias: float


def linear_effect(model: LinearModel, *, alpha: float = 0.05, level: float = 0.90) -> LinearEffect:
    """Ordinary least squares: estimate, classical standard error, partial R2 and robustness values.

    Raises
    ------
    CannotTell
        If covariates determine the treatment, or no variation of the outcome is left to judge by.

    Examples
    --------
    >>> none = Covariates(np.zeros((6, 0)), (), ())
    >>> d, y = np.array([0.0, 0, 0, 1, 1, 1]), np.array([1.0, 2, 3, 4, 5, 6])
    >>> found = linear_effect(LinearModel(y, d, none))
    >>> found.effect.value, round(found.effect.se, 4), round(found.t, 4), round(found.partial_r2, 4)
    (3.0, 0.8165, 3.6742, 0.7714)
    """
    left = _residuals(model, np.ones(model.covariates.values.shape[1], dtype=bool))
    effect = _least_squares(left, level)
    t2 = (effect.value / effect.se) ** 2
    return LinearEffect(
        effect=effect,
        partial_r2=t2 / (t2 + left.df),
        robustness=robustness_value(math.sqrt(t2), left.df),
        robustness_at_alpha=robustness_value(math.sqrt(t2), left.df, alpha=alpha),
    )


def benchmark(model: LinearModel, *, factor: str, times: float = 1.0, level: float = 0.90) -> Benchmark:
    """The effect at its worst, if something hidden were ``times`` as strong as this measured factor.

    "As strong" compares partial R2 with treatment given the other covariates, and with outcome given those and the
    treatment; columns of one factor are taken together. The bounds are those of the paper's section 4.4:
    r2d = k a / (1 - a), with a the factor's own partial R2 with treatment; with c its partial R2 with outcome and
    g = k a^2 / ((1 - k a)(1 - a)), r2y = ((sqrt(k) + sqrt(g)) / sqrt(1 - g))^2 c / (1 - c), at most 1. The bias is
    se sqrt(df r2y r2d / (1 - r2d)), the standard error se sqrt((1 - r2y) / (1 - r2d) df / (df - 1)).

    Raises
    ------
    CannotTell
        If nothing can be so strong: it would explain more than all of the treatment.
    ValueError
        If the factor is not among the covariates.
    """
    of_factor = np.array([f == factor for f in model.covariates.factors], dtype=bool)
    if not of_factor.any():
        raise ValueError(f"{factor} is not among the covariates: {', '.join(dict.fromkeys(model.covariates.factors))}")
    everything, without = (_residuals(model, kept) for kept in (np.ones_like(of_factor), ~of_factor))
    effect = _least_squares(everything, level)
    own_d = max(0.0, 1 - float(everything.d @ everything.d / (without.d @ without.d)))
    own_y = max(0.0, 1 - everything.unexplained / without.unexplained)
    r2d, r2y = _as_strong(own_d, own_y, times)
    worst = _worst_case(effect, r2d, r2y)
    return Benchmark(factor, times, r2d, r2y, worst, effect.value - worst.value)


def twin_bias(model: LinearModel) -> dict[str, float]:
    """What a hidden twin of each measured factor could take from the effect: the yardstick for ``tipping_point``.

    The difference between the effect and its benchmark at once the factor's strength. It is more than what leaving
    the factor out shows: while a twin is hidden, the treatment varies more than it would, and the factor's own
    coefficient is pulled down. Where a measured factor and its hidden twin make up a whole effect, leaving out gives a
    tipping point of 3, a twin one of 1, which is the truth.

    Returns
    -------
    dict of factor to float
        In the unit of the outcome, with the effect's sign; without factors of which there can be no twin, since the two
        would explain more than all of the treatment.

    Examples
    --------
    >>> d, x = np.tile([0.0, 0, 0, 1, 1, 1], 4), np.tile([0.0, 0, 1, 0, 1, 1], 4)
    >>> y = 2 * d + x + np.repeat([0.0, 1, 2, 3], 6)
    >>> model = LinearModel(y, d, Covariates(x[:, None], ("x",), ("x",)))
    >>> {factor: round(bias, 3) for factor, bias in twin_bias(model).items()}
    {'x': 0.429}
    """
    return {twin.factor: twin.bias for twin in twins(model)}


def twins(model: LinearModel) -> tuple[Benchmark, ...]:
    """Each measured factor's hidden twin, in the order of the columns, without those of which there can be none.

    Raises
    ------
    CannotTell
        If covariates determine the treatment, or no variation of the outcome is left to judge by.
    """
    linear_effect(model)  # refuses what no factor could be judged by
    found = []
    for factor in dict.fromkeys(model.covariates.factors):
        try:
            found.append(benchmark(model, factor=factor))
        except CannotTell:
            continue
    return tuple(found)


@dataclass(frozen=True)
class _Residuals:
    """What covariates leave of outcome and treatment, and the degrees of freedom left beside the treatment's."""

    y: Floats
    d: Floats
    df: int

    @property
    def unexplained(self) -> float:
        """Sum of squares of the outcome that neither covariates nor treatment explain."""
        rest = self.y - self.d * (self.d @ self.y) / (self.d @ self.d)
        return float(rest @ rest)


def _residuals(model: LinearModel, kept: NDArray[np.bool_]) -> _Residuals:
    level = np.zeros(len(model), dtype=np.int64) if model.absorbed is None else grouped(model.absorbed)
    levels = int(level.max(initial=0)) + 1
    columns = np.column_stack([model.outcome, model.treatment, model.covariates.values[:, kept]]).astype(float)
    centred = _within(columns, level, levels)
    Q = _basis(centred[:, 2:])
    left = centred[:, :2] - Q @ (Q.T @ centred[:, :2])
    df = len(model) - levels - Q.shape[1] - 1
    total = len(model) * columns[:, :2].var(axis=0)
    if df < 2 or (left[:, 1] ** 2).sum() <= NOTHING_LEFT * total[1]:
        raise CannotTell(
            "what is known of the units determines their exposure, so that nothing is left to compare",
            settles="more units, or fewer covariates",
            n=len(model),
        )
    found = _Residuals(left[:, 0], left[:, 1], df)
    if found.unexplained <= NOTHING_LEFT * total[0]:
        raise CannotTell("the outcome does not vary but for what explains it", settles="more units", n=len(model))
    return found


def _within(columns: Floats, level: Ints, levels: int) -> Floats:
    """Columns less their means within each level."""
    means = np.zeros((levels, columns.shape[1]))
    np.add.at(means, level, columns)
    return np.asarray(columns - (means / np.bincount(level)[:, None])[level], dtype=np.float64)


def _basis(columns: Floats) -> Floats:
    """Orthonormal basis of the columns; those that others determine add nothing."""
    size = np.sqrt((columns**2).sum(axis=0))
    columns = columns[:, size > 0] / size[size > 0]
    if not columns.shape[1]:
        return columns
    basis, strength, _ = np.linalg.svd(columns, full_matrices=False)
    tolerance = strength[0] * max(columns.shape) * np.finfo(float).eps
    return np.asarray(basis[:, strength > tolerance], dtype=np.float64)


def _least_squares(left: _Residuals, level: float) -> Estimate:
    spread = left.d @ left.d
    return Estimate(
        float(left.d @ left.y / spread), math.sqrt(left.unexplained / left.df / spread), df=left.df, level=level
    )


def _as_strong(own_d: float, own_y: float, times: float) -> tuple[float, float]:
    """Partial R2 with treatment and outcome of what is ``times`` as strong as a factor with these."""
    if own_d < 1 and times * own_d < 1:
        r2d = times * own_d / (1 - own_d)
        shared = times * own_d**2 / ((1 - times * own_d) * (1 - own_d))
        if r2d < 1 and shared < 1 and own_y < 1:
            grown = (math.sqrt(times) + math.sqrt(shared)) / math.sqrt(1 - shared)
            return r2d, min(1.0, grown**2 * own_y / (1 - own_y))
    raise CannotTell(
        f"nothing can be {times:g} times as strong: it would explain more than all of the exposure",
        settles="a smaller multiple",
    )


def _worst_case(effect: Estimate, r2d: float, r2y: float) -> Estimate:
    bias = effect.se * math.sqrt(effect.df * r2y * r2d / (1 - r2d))
    se = effect.se * math.sqrt((1 - r2y) / (1 - r2d) * effect.df / (effect.df - 1))
    return Estimate(math.copysign(1, effect.value) * (abs(effect.value) - bias), se, effect.df - 1, effect.level)
