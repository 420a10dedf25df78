"""One estimate from several plausible versions of the data: what differs between them is uncertainty, too.

Who is who is not known for sure; a question is answered on several plausible resolutions, and the answers are pooled
by the rules of multiple imputation: Rubin (1987), section 3.3, with the degrees of freedom of Barnard and Rubin
(1999), which never exceed those that the data would have if nothing were uncertain.

Legend: m how many versions · U within, the mean squared standard error · B between, the variance of the estimates ·
T total variance · lam share of T that is between · nu degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from goodwill.estimators.estimate import Estimate


def pooled(values: Sequence[float], ses: Sequence[float], *, df: float = math.inf, level: float = 0.90) -> Estimate:
    """Pool the estimates of one quantity from several plausible versions of the data.

    Parameters
    ----------
    values : sequence of float
        One estimate a version.
    ses : sequence of float
        Their standard errors.
    df : float
        Degrees of freedom that the estimate would have if its data were certain.
    level : float
        Coverage that the interval claims.

    Returns
    -------
    Estimate
        Where all versions agree, the same as of any one of them.

    Raises
    ------
    ValueError
        No estimates, or not one standard error for each.

    Examples
    --------
    >>> together = pooled([0.30, 0.34, 0.32], [0.04, 0.04, 0.04])
    >>> round(together.value, 2), round(together.se, 4), round(together.df)
    (0.32, 0.0462, 32)
    """
    q, s = np.asarray(values, dtype=np.float64), np.asarray(ses, dtype=np.float64)
    if not len(q) or len(q) != len(s):
        raise ValueError(f"{len(q)} estimates with {len(s)} standard errors cannot be pooled")
    m, value, U = len(q), float(q.mean()), float((s**2).mean())
    if (q == q[0]).all():
        return Estimate(float(q[0]), math.sqrt(U), df, level)
    B = float(q.var(ddof=1))
    T = U + (1 + 1 / m) * B
    lam = (1 + 1 / m) * B / T
    return Estimate(value, math.sqrt(T), _degrees(m, lam, df), level)


def _degrees(m: int, lam: float, df: float) -> float:
    """Barnard and Rubin (1999): those of the between part and those of the observed data, as resistors in parallel."""
    inverse = lam**2 / (m - 1)
    if math.isfinite(df) and lam < 1:  # without errors within, only the versions count
        inverse += (df + 3) / ((df + 1) * df * (1 - lam))
    return 1 / inverse if inverse else math.inf
