"""Amounts that are in another currency than the company's: counted and told, never added to those that are in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.errors import CannotTell
from goodwill.exports import literal
from goodwill.warehouse import Tables

_OTHERS = """
SELECT currency, count(*) AS n
FROM {table}
WHERE amount IS NOT NULL AND currency <> $currency
GROUP BY currency
ORDER BY n DESC, currency
"""


def is_ours(currency: str) -> str:
    """SQL that is true of rows whose currency is the company's, or is not named and so taken for it.

    Examples
    --------
    >>> is_ours("EUR")
    "(currency IS NULL OR currency = 'EUR')"
    """
    return f"(currency IS NULL OR currency = {literal(currency)})"


def only_others(tables: Tables, table: str, currency: str) -> CannotTell | None:
    """The refusal where amounts are in the table and those with a currency are not in the company's; None if none are.

    Parameters
    ----------
    table : str
        A table with ``amount`` and ``currency``.
    currency : str
        The company's currency, as its ISO 4217 code.
    """
    rows = tables.rows(_OTHERS.format(table=table), currency=currency)
    if not rows:
        return None
    return CannotTell(
        f"{told(rows)}, and the company's currency is {currency}",
        settles=f"company.currency set to the currency of the exports, or amounts exported in {currency}",
    )


def told(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many amounts are in which currency.

    Examples
    --------
    >>> told([{"currency": "EUR", "n": 2408}, {"currency": "GBP", "n": 1}])
    '2,408 amounts are in EUR, 1 amount is in GBP'
    """
    return ", ".join(
        f"{row['n']:,} {'amount is' if row['n'] == 1 else 'amounts are'} in {row['currency']}" for row in rows
    )
