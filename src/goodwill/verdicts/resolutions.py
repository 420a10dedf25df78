"""One answer from several plausible resolutions of who is who: its interval holds the spread between them.

Multiple imputation (Rubin 1987): the answer is the mean over the resolutions, its variance that of sampling within one
plus that between them. Figures, checks and pictures are those of the most likely resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scipy import special

from goodwill.estimators import Estimate
from goodwill.estimators.imputation import pooled
from goodwill.verdicts.verdict import Figure, Verdict

#: One resolution alone says nothing of the spread.
FEWEST = 2


def over_resolutions(verdict: Verdict, drawn: Sequence[Verdict]) -> Verdict:
    """The verdict with its headline pooled over what was found under other plausible resolutions.

    Parameters
    ----------
    verdict : Verdict
        Under the most likely resolution.
    drawn : sequence of Verdict
        The same question under resolutions drawn from the probabilities of the matches; those that could not tell
        are left out, and the verdict says how many.

    Returns
    -------
    Verdict
        With a figure ``as_most_likely`` (the headline before), the table ``resolutions`` behind a picture, and the
        share of the variance that comes from not knowing who is who. The verdict itself where it has no interval.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys; Barnard and Rubin (1999), Biometrika 86.
    """
    told = [v.headline for v in drawn if v.headline is not None and v.headline.low is not None]
    best = verdict.headline
    if best is None or best.low is None or best.high is None or len(told) < FEWEST:
        return verdict
    reach = float(special.ndtri(0.5 + best.level / 2))
    ses = [_width(f) / (2 * reach) for f in told]
    answer = pooled([_value(f) for f in told], ses, level=best.level)
    within = sum(se**2 for se in ses) / len(ses)
    missing = max(0.0, 1.0 - within / answer.se**2) if answer.se > 0 else 0.0
    return replace(
        verdict,
        headline=_headline(best, told, answer),
        figures=(*verdict.figures, replace(best, name="as_most_likely", label=MOST_LIKELY, p=None)),
        detectable=_scaled(verdict.detectable, answer.se, _width(best) / (2 * reach)),
        facts={**verdict.facts, "resolutions": _rows(best, told)},
        notes=(*verdict.notes, _note(len(told), len(drawn), missing)),
    )


#: What the figure of the most likely resolution is called.
MOST_LIKELY = "the same, if the most likely matches of people and companies are taken for certain"


def _headline(best: Figure, told: Sequence[Figure], answer: Estimate) -> Figure:
    """The pooled value, with each side of the interval as far off as within one resolution, stretched alike."""
    below = sum(_value(f) - (f.low or 0.0) for f in told) / len(told)
    above = sum((f.high or 0.0) - _value(f) for f in told) / len(told)
    stretch = (answer.high - answer.low) / max(below + above, 1e-300)
    low, high = answer.value - stretch * below, answer.value + stretch * above
    if best.unit == "share":
        low, high = max(0.0, low), min(1.0, high)
    return replace(best, value=answer.value, low=low, high=high, p=None if best.p is None else answer.p)


def _rows(best: Figure, told: Sequence[Figure]) -> list[dict[str, object]]:
    named = [("most likely", best), *((f"drawn {n}", f) for n, f in enumerate(told, 1))]
    return [{"resolution": name, "value": f.value, "low": f.low, "high": f.high, "unit": f.unit} for name, f in named]


def _note(told: int, drawn: int, missing: float) -> str:
    left = f" In {drawn - told} more it could not be told." if drawn > told else ""
    return (
        f"Who is who is partly a matter of probability: the answer is the mean over {told} plausible resolutions, and "
        f"{missing:.0%} of its variance comes from not knowing which of them is right.{left}"
    )


def _value(figure: Figure) -> float:
    assert figure.value is not None
    return figure.value


def _width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low


def _scaled(detectable: float | None, se: float, before: float) -> float | None:
    return detectable if detectable is None or before <= 0 else detectable * max(1.0, se / before)
