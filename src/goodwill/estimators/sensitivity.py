"""How strong something unmeasured would have to be to explain an answer away, and how many units would settle it."""

from __future__ import annotations

import math

from scipy import special


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
    linear models): f = (|t| - t_alpha) / sqrt(df), RV = (sqrt(f^4 + 4 f^2) - f^2) / 2.

    Examples
    --------
    >>> round(robustness_value(4.184, 783), 3), round(robustness_value(4.184, 783, alpha=0.05), 3)
    (0.139, 0.076)
    """
    f = abs(t) / math.sqrt(df)
    if alpha is not None:
        f -= float(special.stdtrit(df - 1, 1 - alpha / 2)) / math.sqrt(df - 1)
    return (math.sqrt(f**4 + 4 * f**2) - f**2) / 2 if f > 0 else 0.0


def units_to_settle(se: float, n: int, effect: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Units needed to find ``effect`` with this power, where ``n`` units gave this standard error.

    A standard error shrinks with the root of n, so n is multiplied by (detectable / effect) squared.

    Examples
    --------
    >>> units_to_settle(0.05, 400, 0.05)
    3140
    """
    if effect == 0:
        raise ValueError("no sample is large enough to find an effect of zero")
    reach = float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    return math.ceil(n * (reach * se / effect) ** 2)
