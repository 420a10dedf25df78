"""How strong something unmeasured would have to be to explain an answer away, and how many units would settle it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import special

from goodwill.errors import CannotTell
from goodwill.estimators.estimate import Estimate


def e_value(risk_ratio: float) -> float:
    """The risk ratio that an unmeasured confounder needs with both exposure and outcome to explain this one away.

    RR + sqrt(RR (RR - 1)) for RR >= 1, by inversion below 1 (VanderWeele and Ding 2017).

    Examples
    --------
    >>> round(e_value(3.9), 3), round(e_value(1.8), 3), e_value(1.0)
    (7.263, 3.0, 1.0)
    """
    if not risk_ratio > 0 or math.isinf(risk_ratio):
        raise ValueError(f"a risk ratio is positive and finite, not {risk_ratio}")
    ratio = max(risk_ratio, 1 / risk_ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))


def e_value_of_interval(low: float, high: float) -> float:
    """The E-value of the limit nearer to 1; exactly 1 where the interval holds 1, as nothing needs explaining.

    Examples
    --------
    >>> round(e_value_of_interval(1.8, 8.7), 3), e_value_of_interval(0.9, 1.4)
    (3.0, 1.0)
    """
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)


def robustness_value(t: float, df: float, *, alpha: float | None = None) -> float:
    """Share of what is left of exposure and of outcome that a confounder must explain to bring an effect to zero.

    With ``alpha``, to bring it to the edge of significance instead (Cinelli and Hazlett 2020, for
    linear models): f = |t| / sqrt(df) - t_alpha / sqrt(df - 1), RV = (sqrt(f^4 + 4 f^2) - f^2) / 2. In samples
    so small that |t| t_alpha / df exceeds about 1, a confounder that explains less of the outcome does more
    harm, as it leaves the standard error large; then RV = (f0^2 - f_alpha^2) / (1 + f0^2).

    Examples
    --------
    >>> round(robustness_value(4.184, 783), 3), round(robustness_value(4.184, 783, alpha=0.05), 3)
    (0.139, 0.076)
    """
    if df < 2:
        raise CannotTell("a robustness value needs two degrees of freedom", settles="more units than covariates")
    found, edge = abs(t) / math.sqrt(df), 0.0
    if alpha is not None:
        edge = float(special.stdtrit(df - 1, 1 - alpha / 2)) / math.sqrt(df - 1)
    f = found - edge
    if f <= 0:
        return 0.0
    if found * edge > 1:
        return (found**2 - edge**2) / (1 + found**2)
    return (math.sqrt(f**4 + 4 * f**2) - f**2) / 2


@dataclass(frozen=True)
class Tipping:
    """How many times the strongest measured factor's bias something hidden must bring to change the decision.

    A bias is imbalance between the arms times association with the outcome: k times the bias is a factor that
    is, for instance, k times as unbalanced, or the root of k times as strong in each. 0 means that nothing hidden is
    needed. None stands for: no measured factor moves the estimate, so that there is no yardstick; and for
    what matters where nobody said it.

    Attributes
    ----------
    strongest : str
        The factor whose absence moves the estimate most; empty without a yardstick.
    bias : float
        By how much, in the estimate's unit, with its sign.
    to_zero, to_matters : float or None
        Multiples that bring the estimate to 0, and to the smallest effect worth acting on.
    limit_to_zero, limit_to_matters : float or None
        The same for the limit of the interval that is nearer to 0.
    """

    strongest: str
    bias: float
    to_zero: float | None
    to_matters: float | None
    limit_to_zero: float | None
    limit_to_matters: float | None

    def figures(self) -> dict[str, float]:
        """As entries of a verdict's ``sensitivity``: those that can be told."""
        named = {
            "tipping": self.to_zero,
            "tipping_of_limit": self.limit_to_zero,
            "tipping_to_what_matters": self.to_matters,
            "tipping_of_limit_to_what_matters": self.limit_to_matters,
        }
        return {name: value for name, value in named.items() if value is not None}


def tipping_point(estimate: Estimate, *, bias: Mapping[str, float], matters: float | None = None) -> Tipping:
    """How strong something hidden must be, in multiples of the strongest thing measured, to change the decision.

    The bias of a measured factor is observed: what the estimate becomes when only that factor is left out of the
    adjustment, minus the estimate. Something hidden may push either way, so that only its size counts. With B
    the largest size, k = (|estimate| - target) / B, for the target 0 and for ``matters``. This is the benchmarking of
    Cinelli and Hazlett (2020) with observed instead of computed bias, so that it serves any estimator.
    Factors that go together stand in for each other when one is left out: group them, as the levels of one column.
    Leaving out is lenient, up to three times too much: prefer ``regression_sensitivity.twin_bias`` where a linear
    model of the same units says about the same.

    Parameters
    ----------
    bias : mapping of factor to float
        In the unit of the estimate.
    matters : float, optional
        Smallest effect worth acting on, as a size.

    Examples
    --------
    >>> found = tipping_point(Estimate(0.08, 0.02), bias={"segment": 0.01, "engagement": -0.04}, matters=0.05)
    >>> found.strongest, found.to_zero, round(found.to_matters, 2), round(found.limit_to_zero, 2)
    ('engagement', 2.0, 0.75, 1.18)
    """
    strongest = max(bias, key=lambda factor: abs(bias[factor]), default="")
    yardstick = abs(bias[strongest]) if strongest else 0.0
    if not math.isfinite(yardstick) or yardstick <= 0:
        return Tipping("", 0.0, None, None, None, None)
    sign = -1.0 if estimate.value < 0 else 1.0
    limit = estimate.high if estimate.value < 0 else estimate.low

    def multiple(of: float, target: float | None) -> float | None:
        return None if target is None else max(0.0, sign * of - abs(target)) / yardstick

    return Tipping(
        strongest=strongest,
        bias=bias[strongest],
        to_zero=multiple(estimate.value, 0.0),
        to_matters=multiple(estimate.value, matters),
        limit_to_zero=multiple(limit, 0.0),
        limit_to_matters=multiple(limit, matters),
    )


def hidden_bounds(estimate: Estimate, *, bias: Mapping[str, float], times: float) -> tuple[float, float]:
    """The interval, widened by something hidden up to ``times`` as strong as the strongest measured factor.

    Examples
    --------
    >>> low, high = hidden_bounds(Estimate(0.08, 0.02), bias={"segment": 0.01, "engagement": -0.04}, times=1.0)
    >>> round(low, 3), round(high, 3)
    (0.007, 0.153)
    """
    if not 0 <= times < math.inf:
        raise ValueError(f"a strength is finite and not negative, not {times}")
    reach = times * max((abs(b) for b in bias.values()), default=0.0)
    return estimate.low - reach, estimate.high + reach
