"""What an event is worth on average, as a log-linear model of sums, so that a skewed worth needs no trimming.

The model is of the mean itself (Poisson pseudo maximum likelihood; Gourieroux, Monfort and Trognon 1984; Santos Silva
and Tenreyro 2006): it is right whatever the spread and shape of worth around its mean, and nothing is transformed back.

Legend: c cells; X (c, k) design, first column 1; y summed worth, n number (or weight) of events per cell;
b coefficients; mu mean worth of one event, in units of the overall mean.
"""

from __future__ import annotations

import numpy as np

from goodwill.samples import Floats, Ints

#: Prior precision of coefficients on scaled columns, against the information of one event: a hint, no more.
RIDGE = 0.1
#: Linear predictors are held inside these limits while climbing: e^8 times the mean is no worth to believe in.
LIMIT = 8.0
#: Steps of Newton's method, and the size of a step after which there is nothing to gain.
STEPS, TOLERANCE = 50, 1e-9


def worth_without_each(X: Floats, y: Floats, n: Floats, group: Ints) -> Floats:
    """Coefficients of the log of mean worth over all cells, and without each group: (1+G, k).

    Those without a group are one Newton step from the full fit, as for the chances (see ``trial_cells``).

    Parameters
    ----------
    X : (c, k) array
        First column 1, the others about unit spread.
    y, n : (c,) arrays
        Summed worth and number of events.
    group : (c,) int

    Examples
    --------
    >>> import numpy as np
    >>> X, group = np.array([[1.0, 0.0], [1.0, 1.0]] * 2), np.array([0, 0, 1, 1])
    >>> b = worth_without_each(X, np.array([10.0, 40.0, 10.0, 40.0]), np.ones(4), group)
    >>> np.exp(X[:2] @ b[0]).round(1).tolist()
    [11.5, 38.5]
    """
    groups = int(group.max()) + 1 if len(group) else 0
    kept = n > 0
    X, y, n, group = X[kept], y[kept], n[kept], group[kept]
    total = float(y.sum())
    if total <= 0:
        b = np.zeros((1 + groups, X.shape[1]))
        b[:, 0] = -np.inf
        return b
    scale = total / n.sum()
    penalty = np.append(0.0, np.full(X.shape[1] - 1, RIDGE))
    b = _climbed(X, y / scale, n, penalty)
    mu = n * np.exp(np.clip(X @ b, -LIMIT, LIMIT))
    information = X.T @ (X * mu[:, None]) + np.diag(penalty) + 1e-9 * np.eye(len(b))
    found = [b]
    for g in range(groups):
        here = group == g
        score = X[here].T @ (y[here] / scale - mu[here])
        less = information - X[here].T @ (X[here] * mu[here, None])
        found.append(b - np.linalg.solve(less + 1e-9 * np.eye(len(b)), score))
    coefficients = np.array(found)
    coefficients[:, 0] += np.log(scale)
    return coefficients


def _climbed(X: Floats, y: Floats, n: Floats, penalty: Floats) -> Floats:
    b = np.zeros(X.shape[1])
    reached = -np.inf
    for _ in range(STEPS):
        mu = n * np.exp(np.clip(X @ b, -LIMIT, LIMIT))
        information = X.T @ (X * mu[:, None]) + np.diag(penalty) + 1e-9 * np.eye(len(b))
        step = np.linalg.solve(information, X.T @ (y - mu) - penalty * b)
        for halvings in range(20):
            tried = b + step * 0.5**halvings
            eta = np.clip(X @ tried, -LIMIT, LIMIT)
            objective = float(y @ eta - n @ np.exp(eta) - 0.5 * penalty @ tried**2)
            if objective >= reached:
                break
        b, gained, reached = tried, objective - reached, objective
        if gained < TOLERANCE:
            break
    return b
