"""Answers to questions whose truth is nothing: drawn one by one, judged by their centre, kept for the reader to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from goodwill.errors import CannotTell
from goodwill.estimators.resample import generator, permutation_rank
from goodwill.samples import Floats
from goodwill.verdicts.could_not_run import could_not_run
from goodwill.verdicts.verdict import Check

#: Forty placebos cost forty fits. They catch a centre 0.8 spreads off zero nine times in ten (the interval that claims
#: 90% then holds the truth in 79%); a hundred would catch 0.6.
REPEATS = 40
#: A placebo centre this many spreads off zero is let pass: it costs a 90% interval less than a point of coverage.
HARMLESS = 0.2
#: Beyond that, the centre may be off by so many of its own Monte Carlo errors. With forty placebos a pipeline that is
#: centred on zero is condemned once in 1,800 (t with 39 degrees of freedom beyond 2.5 + 0.2 sqrt(40)), so that fifty
#: such checks raise one false alarm in 36 runs; one that is just harmless, once in 120.
ERRORS = 2.5
#: Fewer placebos than this that worked say nothing about their centre.
FEWEST = 20
#: Placebos kept for a picture; of more, the one in the middle of each of so many equal parts stands for its part.
MOST_KEPT = 40
#: A picture is drawn to three digits; a fourth keeps neighbours in their order.
DIGITS = 4
#: What the sample is called in which exposure was left as it happened.
REAL = "real"


@dataclass(frozen=True)
class Placebos:
    """What was drawn: ``values`` are the finite estimates, ``wanted`` how many were tried.

    ``observed`` is what the estimator says of the real sample, None where the two are no like for like; ``refused``
    says why nothing could be drawn at all.
    """

    name: str
    tried: str
    values: Floats
    wanted: int
    observed: float | None = None
    refused: str = ""

    def check(self) -> Check:
        """Are they centred on zero?

        Survives if their mean lies within s (0.2 + 2.5 / sqrt(R)) of zero, s their spread and R their number.
        Where the real estimate ranks among them is reported, and decides nothing: an honest "no effect" ranks in
        the middle.
        """
        if self.refused:
            return could_not_run(self.name, self.tried, self.refused)
        if len(self.values) < FEWEST:
            why = f"only {len(self.values)} of {self.wanted} draws could be estimated"
            return could_not_run(self.name, self.tried, why)
        result, survived, figures = _centre(self.values)
        if self.observed is not None:
            rank = permutation_rank(self.observed, self.values)
            result += f"; the real estimate ranks {rank.place} of {rank.of} in size"
            figures |= {"rank": rank.place, "of": rank.of, "p": rank.p}
        return Check(self.name, self.tried, result, survived, True, figures)

    def rows(self) -> list[dict[str, Any]]:
        """The estimates from the lowest to the highest, the real one (``sample``) in its place; none if too few.

        Examples
        --------
        >>> found = Placebos("coin", "", np.linspace(-0.1, 0.1, 20), 20, observed=0.098765)
        >>> found.rows()[-2:]
        [{'check': 'coin', 'value': 0.09877, 'sample': 'real'}, {'check': 'coin', 'value': 0.1}]
        """
        if self.refused or len(self.values) < FEWEST:
            return []
        told: list[dict[str, Any]] = [{"check": self.name, "value": _rounded(v)} for v in _spread_evenly(self.values)]
        if self.observed is not None and np.isfinite(self.observed):
            told.append({"check": self.name, "value": _rounded(self.observed), "sample": REAL})
        return sorted(told, key=lambda row: float(row["value"]))


def drawn(
    name: str,
    *,
    tried: str,
    draw: Callable[[np.random.Generator], float],
    observed: float | None = None,
    repeats: int = REPEATS,
    seed: int = 0,
) -> Placebos:
    """Estimates of samples in which exposure can do nothing; those too thin to estimate are left out.

    Parameters
    ----------
    name, tried : str
        As on the check; the name also names the random streams, one per repeat.
    draw : callable
        From a random generator to the estimate of such a sample. It may raise CannotTell.
    observed : float, optional
        What the estimator says of the real sample.

    Examples
    --------
    >>> drawn("coin", tried="a coin was thrown", draw=lambda rng: rng.normal(), seed=3).check().survived
    True
    >>> drawn("coin", tried="a coin was thrown", draw=lambda rng: 1 + rng.normal(), seed=3).check().survived
    False
    """
    found = []
    for repeat in range(repeats):
        try:
            found.append(draw(generator(seed, f"{name} {repeat}")))
        except CannotTell:  # a draw too thin to estimate; the check counts what is left
            continue
    values = np.array(found, dtype=np.float64)
    return Placebos(name, tried, values[np.isfinite(values)], repeats, observed)


def _centre(values: Floats) -> tuple[str, bool, dict[str, float]]:
    """Whether placebo estimates are centred on zero, in words and figures."""
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    allowed = spread * (HARMLESS + ERRORS / np.sqrt(len(values)))
    result = f"they average {mean:+.3g}, where up to {allowed:.2g} either way is chance"
    figures = {"mean": mean, "spread": spread, "allowed": allowed, "repeats": float(len(values))}
    return result, bool(abs(mean) <= allowed), figures


def _spread_evenly(values: Floats) -> Floats:
    """At most ``MOST_KEPT`` of them, in order, that are spread as all are."""
    ordered = np.sort(values)
    if len(ordered) <= MOST_KEPT:
        return ordered
    return np.asarray(ordered[((np.arange(MOST_KEPT) + 0.5) * len(ordered) / MOST_KEPT).astype(np.int64)])


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
