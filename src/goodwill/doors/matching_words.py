"""Sentences about pairs: what a decision would move, why two nodes are one, how well the matching does."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

from goodwill.identity.merge_paths import Link
from goodwill.identity.merges import Explanation
from goodwill.identity.review import CLASSES, Stake

#: How the outcome of a deal is said.
_OUTCOMES = {"won": "was won", "lost": "was lost", "open": "is open"}


def effect(stake: Stake, currency: str) -> list[str]:
    """What a decision would move, one clause each.

    Examples
    --------
    >>> one = ("person", "a:1", "b:1", 0.5, False, 14, 0, 2, 1, 1, 0, 40e3, 0, "won", 40e3, "EUR", 0.1)
    >>> effect(Stake(*one), "EUR")
    ['joins 14 social touches of somebody new to a customer', 'ties social to a deal of 40,000 EUR that was won']
    """
    joins, to = ("parts", "from") if stake.is_joined else ("joins", "to")
    ties = "cuts social off from" if stake.is_joined else "ties social to"
    told = []
    if stake.touches:
        touches = counted(stake.touches, "social touch", "social touches")
        told.append(f"{joins} {touches} of {_side(stake, stake.class_from)} {to} {_side(stake, stake.class_to)}")
    if stake.deals:
        told.append(f"{ties} {_deals(stake, currency)}")
    if stake.customers:
        told.append(f"{ties} {counted(stake.customers, 'customer')}")
    return told or ["moves no answer"]


def _side(stake: Stake, place: int) -> str:
    who = "a company" if stake.kind == "account" else "somebody"
    return CLASSES[place] if place == 2 else f"{who} {CLASSES[place]}"


def _deals(stake: Stake, currency: str) -> str:
    outcome = _OUTCOMES.get(stake.largest_outcome or "", "has ended")
    worth = f" of {stake.largest_amount:,.0f} {stake.largest_currency}" if _is_number(stake.largest_amount) else ""
    if stake.deals == 1:
        return f"a deal{worth} that {outcome}"
    money = f", won for {stake.money:,.0f} {currency} in all" if stake.money else ""
    largest = f"; the largest{worth} {outcome}" if worth else ""
    return f"{stake.deals:,} deals ({stake.deals_won:,} won, {stake.deals_open:,} open){money}{largest}"


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)


def counted(n: int, one: str, several: str = "") -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "deal"), counted(1200, "deal")
    ('1 deal', '1,200 deals')
    """
    return f"{n:,} {one if n == 1 else several or one + 's'}"


def verdict(found: Explanation) -> str:
    """Are both nodes one, and by what?"""
    who = "person" if found.kind == "person" else "company"
    if found.is_same:
        return f"They are one {who}, {found.whole_a}."
    said = f"They are two: {found.whole_a} and {found.whole_b}."
    if found.probability is None:
        return f"{said} Nothing that was compared makes them alike."
    return f"{said} The probability that they are one {who} is {found.probability:.2f}."


def step(link: Link) -> str:
    """One link of a chain."""
    where = f" ({'; '.join(link.where)})" if link.where else ""
    return f"{link.node_a} and {link.node_b}: {by(link)}{where}"


def by(link: Link | None) -> str:
    """What a link rests on."""
    if link is None:
        return ""
    if link.by == "key":
        return f"the same key, {link.rule.replace('_', ' ')}"
    if link.by == "decision":
        return f"decided: {link.rule}"
    return f"alike, with probability {link.probability:.2f} (found by {link.rule})"


def times(weight: float | None) -> str:
    """A weight in words: how many times as likely it makes that both are one.

    Examples
    --------
    >>> times(3.0), times(-1.0), times(None)
    ('8 times as likely', '2 times less likely', '')
    """
    if weight is None:
        return ""
    factor = 2 ** min(abs(weight), 60.0)
    shown = f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}"
    return "says nothing" if shown == "1" else f"{shown} times {'as' if weight > 0 else 'less'} likely"


def printable(text: str) -> str:
    """Text without control characters, whatever an export holds."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def share(row: dict[str, Any], name: str) -> str:
    """An estimated share with its interval, as ``0.83 (0.74 to 0.91)``; empty where there is none."""
    value, low, high = row.get(name), row.get(f"{name}_low"), row.get(f"{name}_high")
    if not _is_number(value):
        return ""
    return f"{value:.2f}" + (f" ({low:.2f} to {high:.2f})" if _is_number(low) and _is_number(high) else "")
