"""The resolver under its first name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from goodwill.identity.resolving import resolve
from goodwill.warehouse import Tables


@dataclass(frozen=True)
class Resolver:
    """Fills ``resolved(node, person)`` and ``resolved_accounts(node, account)`` from nodes and links."""

    name: str
    resolve: Callable[[Tables], None]


EXACT = Resolver(name="exact", resolve=resolve)
