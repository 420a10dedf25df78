"""Finds the verdict and the figure that a claim names."""

from __future__ import annotations

from collections.abc import Sequence

from goodwill.errors import GoodwillError, nearest
from goodwill.verdicts import Figure, Verdict


def found(claim: str, verdicts: Sequence[Verdict]) -> tuple[Verdict, Figure | None]:
    """The verdict and the figure that a claim names.

    Parameters
    ----------
    claim : str
        A question (``win_rate``: its headline, or its first figure) or one of its figures (``win_rate.naive``).
    verdicts : sequence of Verdict

    Returns
    -------
    tuple of Verdict and Figure
        The figure is None where the question has none.

    Raises
    ------
    GoodwillError
        No question or figure has that name; with the nearest.
    """
    question, _, name = claim.partition(".")
    by_name = {v.question: v for v in verdicts}
    if question not in by_name:
        raise _unknown(claim, list(by_name))
    verdict = by_name[question]
    figures = {f.name: f for f in verdict.every_figure()}
    if name and name not in figures:
        raise _unknown(claim, [f"{question}.{n}" for n in figures])
    return verdict, figures[name] if name else verdict.headline or next(iter(figures.values()), None)


def _unknown(claim: str, known: list[str]) -> GoodwillError:
    close = nearest(claim, known)
    return GoodwillError(
        f'there is no claim "{claim}"', remedy=f"Did you mean {close}?" if close else f"Claims: {', '.join(known)}."
    )
