"""A share with its interval."""

from __future__ import annotations

import numpy as np
from scipy import special


def wilson(successes: int, n: int, level: float) -> tuple[float, float, float]:
    """A share with its interval (Wilson 1927), which stays within 0 and 1.

    Examples
    --------
    >>> tuple(round(v, 3) for v in wilson(5, 10, 0.90))
    (0.5, 0.269, 0.731)
    """
    if not n:
        return 0.0, 0.0, 1.0
    z, share = float(special.ndtri(0.5 + level / 2)), successes / n
    middle, reach = share + z * z / (2 * n), z * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return share, (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)
