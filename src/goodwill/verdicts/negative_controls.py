"""Negative controls: what exposure cannot have caused, and what cannot have caused the outcome, must show nothing.

Lipsitch, Tchetgen Tchetgen and Cohen (2010), "Negative controls: a tool for detecting confounding and bias in
observational studies", Epidemiology 21. If the same pipeline finds an effect where there can be none, whatever
makes that effect may make the headline too.
"""

from __future__ import annotations

from goodwill.estimators.estimate import Estimate
from goodwill.verdicts.could_not_run import CONDEMNS, could_not_run
from goodwill.verdicts.verdict import Check


def negative_outcome(name: str, estimate: Estimate, *, headline: Estimate) -> Check:
    """Does exposure go with an outcome that it cannot move, such as what was decided before it?

    Condemned at 1%. Where nothing is found, that counts only if something could have been: the smallest effect that
    could have been found must not exceed what the headline itself could have found, or found.

    Parameters
    ----------
    name : str
        The outcome that cannot be moved, in words: "orders in the year before".
    estimate, headline : Estimate
        Its effect, which must be about 0, and the answer in question, in the same unit.

    Examples
    --------
    >>> negative_outcome("earlier orders", Estimate(0.01, 0.02), headline=Estimate(0.08, 0.02)).survived
    True
    >>> negative_outcome("earlier orders", Estimate(0.07, 0.02), headline=Estimate(0.08, 0.02)).survived
    False
    >>> print(negative_outcome("earlier orders", Estimate(0.01, 0.09), headline=Estimate(0.08, 0.02)).survived)
    None
    """
    tried = f"the effect of exposure on what it cannot move was estimated: {name}"
    return _nothing(f"negative outcome: {name}", tried, estimate, headline)


def negative_exposure(name: str, estimate: Estimate, *, headline: Estimate) -> Check:
    """Does the outcome go with an exposure that cannot move it, such as a touch after the decision?

    Judged like ``negative_outcome``.
    """
    tried = f"the effect of what cannot move the outcome was estimated: {name}"
    return _nothing(f"negative exposure: {name}", tried, estimate, headline)


def _nothing(name: str, tried: str, estimate: Estimate, headline: Estimate) -> Check:
    if estimate.se <= 0:
        return could_not_run(name, tried, "it does not vary")
    could_find = estimate.detectable(alpha=CONDEMNS)
    enough = max(headline.detectable(alpha=CONDEMNS), abs(headline.value))
    if estimate.p >= CONDEMNS and could_find > enough:
        why = f"only {could_find:.2g} or more could have been found here, and the answer in question is no larger"
        return could_not_run(name, tried, why)
    result = (
        f"{estimate.value:+.3g} (standard error {estimate.se:.2g}, p = {estimate.p:.3f}), "
        f"where {could_find:.2g} could have been found"
    )
    figures = {"value": estimate.value, "se": estimate.se, "p": estimate.p, "detectable": could_find}
    return Check(name, tried, result, estimate.p >= CONDEMNS, True, figures)
