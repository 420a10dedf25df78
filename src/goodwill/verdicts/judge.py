"""All verdicts judged together: false discoveries held down, and each standing decided by rules that can be read.

The rules, in order. (1) Without a headline nothing is told, unless the question only describes.
(2) A headline without a p-value describes. (3) A decisive check that failed, or none that ran and was
survived, means cannot tell: a check that could not run is no pass. (4) If q <= alpha the claim is
supported, or contradicted where the sign is against the hope; unless what the settings declare of silent exposure or
of hidden causes allows that there is no effect: then it cannot be told. (5) Otherwise no effect was found, if an
effect that matters would have been, under what is declared too; else it cannot be told, and more units
(or, for what is declared, another source) would settle it. (6) A claim of grade C that a hidden cause as strong as the
strongest recorded one would explain away says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from goodwill.verdicts.assumptions import HIDDEN, SETTLES, UNDONE, caution, hides, undoes
from goodwill.verdicts.randomised import unproven
from goodwill.verdicts.verdict import Check, Figure, Grade, Standing, Verdict

#: Power at which "could have been found" is meant, as in Estimate.detectable.
POWER = 0.8
#: One in twenty of the claims supported over all questions may be false.
ALPHA = 0.05
#: Where a verdict's coverage says what share of its units has been decided.
DECIDED = "decided"

#: What settles a comparison that did not stand up to its checks: one that does not share its weakness.
EXPERIMENT = (
    "an experiment, such as inviting a random half of the companies to follow you "
    "or starting regions at different times"
)
#: Why nothing is told where no effect stands out: the first is followed by the units there were.
COULD_BE_MISSED = "an effect that matters could have been missed"
STILL_HELD = "the interval still holds an effect that matters"
#: What settles it where the data could find what matters, and the interval holds it still.
LONGER = "a longer period of the same data, or an experiment"


def judge(verdicts: Sequence[Verdict], *, alpha: float = ALPHA) -> tuple[Verdict, ...]:
    """Give every verdict its q-value, standing, grade and, where it cannot be told, what would settle it.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Of all questions asked, in any order: leaving one out changes the others' q-values.
    alpha : float
        Expected share of false claims among those supported or contradicted.

    Examples
    --------
    >>> from goodwill.verdicts.verdict import Check
    >>> survived = (Check("fake dates", "tried", "nothing found", survived=True),)
    >>> one = Verdict("win_rate", "?", headline=Figure("x", "x", 0.1, "points", p=0.001), checks=survived, grade="C")
    >>> judge([one])[0].standing
    'supported'
    """
    tested = {i: v.headline.p for i, v in enumerate(verdicts) if v.headline is not None and v.headline.p is not None}
    q = dict(zip(tested, q_values(list(tested.values())), strict=True))
    return tuple(_judged(v, q.get(i), alpha) for i, v in enumerate(verdicts))


def q_values(p: Sequence[float]) -> list[float]:
    """Smallest false-discovery rate at which each p-value would count as a discovery (Benjamini and Hochberg 1995).

    Examples
    --------
    >>> [round(q, 6) for q in q_values([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.053333, 0.053333, 0.5]
    """
    values = np.asarray(p, dtype=float)
    if not len(values):
        return []
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("a p-value lies between 0 and 1")
    order = np.argsort(values, kind="stable")
    stretched = values[order] * (len(values) / np.arange(1, len(values) + 1))
    ascending = np.minimum(np.minimum.accumulate(stretched[::-1])[::-1], 1.0)
    q = np.empty(len(values))
    q[order] = ascending
    return [float(v) for v in q]


def doubt(verdict: Verdict) -> str:
    """Why the checks do not carry the answer, as a clause; empty if they do."""
    decisive = [c for c in verdict.checks if c.decisive]
    failed = [c for c in decisive if c.survived is False]
    if failed:
        return f"the answer did not survive {_listed(failed)}: {failed[0].result}"
    if any(c.survived for c in decisive):
        return ""
    if decisive:
        return f"no decisive check could run ({_listed(decisive)}), and a check that could not run is no pass"
    return "no attempt was made that could have overturned the answer"


def effect_found(headline: Figure, q: float, hoped: int, alpha: float) -> Standing | None:
    """supported or contradicted if the effect stands out among all questions, else None."""
    if q > alpha or not headline.value:
        return None
    against = hoped != 0 and math.copysign(1, headline.value) != hoped
    return "contradicted" if against else "supported"


def detectable_effect(verdict: Verdict, alpha: float = ALPHA) -> float | None:
    """Smallest effect that could have been found: as the question says, else from the width of the interval."""
    headline = verdict.headline
    if verdict.detectable is not None or headline is None or headline.low is None or headline.high is None:
        return verdict.detectable
    se = (headline.high - headline.low) / (2 * float(special.ndtri(0.5 + headline.level / 2)))
    return se * float(special.ndtri(1 - alpha / 2) + special.ndtri(POWER))


def more_needed(
    n: int, detectable: float, matters: float, pace_per_month: float | None, *, decided: float = 1.0
) -> dict[str, float]:
    """Units, and months at the present pace, until an effect that matters could be found.

    Precision grows with the root of the number of decided units, so that n decided (detectable / matters)^2 of them are
    needed; those still open say next to nothing. More by so many are added to the n there are.

    Parameters
    ----------
    n : int
        Units behind the estimate, decided or not.
    pace_per_month : float or None
        New units a month; of them the same share is decided.
    decided : float
        Share of the units whose outcome is known.

    Examples
    --------
    >>> more_needed(100, 0.10, 0.05, 50.0)
    {'units': 400.0, 'months': 6.0}
    >>> more_needed(100, 0.10, 0.05, 50.0, decided=0.5)  # 50 decided, 200 needed, 150 more at 25 a month
    {'units': 250.0, 'months': 6.0}
    """
    more = max(0.0, decided * n * ((detectable / matters) ** 2 - 1))
    units = float(n + math.ceil(round(more, 6)))
    if not pace_per_month or pace_per_month <= 0 or decided <= 0:
        return {"units": units}
    return {"units": units, "months": math.ceil(round(10 * (units - n) / (pace_per_month * decided), 6)) / 10}


def grade_of(verdict: Verdict) -> Grade:
    """The grade a question claims, as far as what was done bears it out.

    E if there is a naive figure only; B falls to C unless its placebos passed; A falls to C unless the draw was shown
    to be random and both sides to have lost alike. A needs no placebo: chance made its comparison.
    """
    headline, naive = verdict.headline, verdict.naive
    only_naive = headline is None or (naive is not None and headline.value == naive.value and headline.low == naive.low)
    if only_naive and verdict.standing != "described":
        return "E"
    if verdict.grade == "A" and unproven(verdict.checks):
        return "C"
    return "C" if verdict.grade == "B" and doubt(verdict) else verdict.grade


def _judged(verdict: Verdict, q: float | None, alpha: float) -> Verdict:
    verdict = replace(verdict, grade=grade_of(verdict), q=q)
    headline = verdict.headline
    if headline is None:
        return (
            verdict if verdict.standing == "described" else _untold(verdict, verdict.missing or "there is no estimate")
        )
    if q is None:
        return replace(verdict, standing="described") if not verdict.missing else _untold(verdict, verdict.missing)
    if verdict.missing:
        return _untold(verdict, verdict.missing)
    if doubtful := doubt(verdict):
        return _untold(verdict, doubtful, settles=EXPERIMENT)
    verdict = replace(verdict, detectable=detectable_effect(verdict, alpha))
    standing = effect_found(headline, q, verdict.hoped, alpha)
    return _claimed(verdict, standing) if standing else _without_effect(verdict)


def _claimed(verdict: Verdict, standing: Standing) -> Verdict:
    """An effect that stands out, unless what is declared undoes it; with its caution, once."""
    if (kind := undoes(verdict)) is not None:
        return _untold(verdict, UNDONE[kind], settles=SETTLES[kind])
    said = caution(verdict)
    notes = verdict.notes if not said or said in verdict.notes else (*verdict.notes, said)
    return replace(verdict, standing=standing, notes=notes)


def _without_effect(verdict: Verdict) -> Verdict:
    detectable, matters = verdict.detectable, verdict.matters
    if detectable is None or not matters:
        return replace(verdict, standing="no effect found")
    if detectable <= matters and not _leaves_out(verdict, matters):
        return _untold(verdict, STILL_HELD, settles=LONGER)
    if detectable <= matters:
        kind = hides(verdict, detectable=detectable, matters=matters)
        if kind is None:
            return replace(verdict, standing="no effect found")
        return _untold(verdict, HIDDEN[kind], settles=SETTLES[kind])
    decided = verdict.coverage.get(DECIDED) or 1.0
    needed = more_needed(verdict.n, detectable, matters, verdict.pace_per_month, decided=decided)
    missing = f"{COULD_BE_MISSED} with {verdict.n:,} units"
    return _untold(verdict, missing, needed=needed)


def _leaves_out(verdict: Verdict, matters: float) -> bool:
    """Does the interval leave out every effect that matters, on the side hoped for (on both where nothing is)?"""
    headline = verdict.headline
    if headline is None or headline.low is None or headline.high is None:
        return True
    return (headline.high < matters or verdict.hoped < 0) and (headline.low > -matters or verdict.hoped > 0)


def _untold(verdict: Verdict, missing: str, *, settles: str = "", needed: Mapping[str, float] | None = None) -> Verdict:
    return replace(
        verdict,
        standing="cannot tell",
        missing=missing,
        settles=verdict.settles or settles,
        needed=needed or verdict.needed,
    )


def _listed(checks: Sequence[Check]) -> str:
    return ", ".join(f'"{c.name}"' for c in checks)
