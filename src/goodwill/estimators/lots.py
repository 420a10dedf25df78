"""Draws lots: which companies are treated, and which groups start when; the same seed draws the same again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.estimators.resample import generator
from goodwill.samples import Ints


def dealt(strata: NDArray[Any], *, share: float, seed: int, name: str) -> NDArray[np.bool_]:
    """Which units are treated: each with chance ``share``, and of every stratum that share to within one unit.

    Units are put into a random order within their stratum, one stratum behind the other; then every 1/share-th is taken
    from a random start on (systematic sampling, Cochran 1977, ch. 8), so that no stratum is too small to be dealt.

    Parameters
    ----------
    strata : (n,) array of labels
        Of units in an order that does not depend on chance.
    name : str
        Of the experiment: another experiment draws other lots from the same seed.

    Examples
    --------
    >>> lots = dealt(np.array(["a"] * 6 + ["b"] * 4), share=0.5, seed=1, name="example")
    >>> int(lots[:6].sum()), int(lots[6:].sum())
    (3, 2)
    """
    rng = generator(seed, f"lots of {name}")
    order = np.lexsort((rng.permutation(len(strata)), strata.astype(str)))
    marks = rng.random() + share * np.arange(len(strata) + 1)
    treated = np.empty(len(strata), dtype=bool)
    treated[order] = np.diff(np.floor(marks)) > 0
    return treated


def starting_steps(groups: int, *, steps: int, seed: int, name: str) -> Ints:
    """The step, from 1, in which each group starts: nearly as many groups a step, in random order.

    Examples
    --------
    >>> sorted(starting_steps(5, steps=4, seed=1, name="example").tolist())
    [1, 1, 2, 3, 4]
    """
    order = generator(seed, f"lots of {name}").permutation(groups)
    step = np.empty(groups, dtype=np.int64)
    step[order] = 1 + np.arange(groups) * steps // groups
    return step
