"""Figures of a run whose money was another: they keep their own currency, and are compared with none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from goodwill.report.numbers import IN_OWN_CURRENCY
from goodwill.verdicts.verdict import Figure, Verdict


def in_own_money(verdicts: Sequence[Verdict], manifest: Mapping[str, Any], currency: str) -> tuple[Verdict, ...]:
    """A run's verdicts, to be shown beside those of a run that counts money in ``currency``.

    Parameters
    ----------
    verdicts : sequence of Verdict
    manifest : mapping
        What the run noted; its currency is there.
    currency : str
        ISO 4217 code of the other run.

    Examples
    --------
    >>> sales = Verdict("sales", "?", headline=Figure("effect", "Difference", 5.0, "money"))
    >>> [v.headline.unit for v in in_own_money([sales], {"currency": "EUR"}, "USD")]
    ['money in EUR']
    >>> [v.headline.unit for v in in_own_money([sales], {"currency": "USD"}, "USD")]
    ['money']
    """
    own = str(manifest.get("currency", currency))
    return tuple(verdicts) if own == currency else tuple(_in(verdict, own) for verdict in verdicts)


def own_currency(verdicts: Sequence[Verdict]) -> str:
    """The currency that figures carry because it is another than the reader's; empty if none does."""
    units = (figure.unit for verdict in verdicts for figure in verdict.every_figure())
    return next((unit.removeprefix(IN_OWN_CURRENCY) for unit in units if unit.startswith(IN_OWN_CURRENCY)), "")


def _in(verdict: Verdict, own: str) -> Verdict:
    def with_its_own(figure: Figure) -> Figure:
        return replace(figure, unit=f"{IN_OWN_CURRENCY}{own}") if figure.unit == "money" else figure

    return replace(
        verdict,
        headline=with_its_own(verdict.headline) if verdict.headline else None,
        naive=with_its_own(verdict.naive) if verdict.naive else None,
        figures=tuple(with_its_own(figure) for figure in verdict.figures),
    )
