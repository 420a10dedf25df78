"""Names and addresses made unreadable, for a screen that others see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from goodwill.identity.decisions import is_company
from goodwill.identity.merge_paths import Link
from goodwill.identity.merges import Explanation

#: Stands for the letters left out; always as many, so that it does not tell how many there were.
STARS = "***"
#: Stands for a reason, which may name somebody.
HIDDEN = "(hidden)"
#: Fields of a record that tell who somebody is; companies, titles and countries do not by themselves.
TELLING = frozenset({"name", "given", "family", "email", "mail_local", "phone", "handle"})


def text(value: Any) -> Any:
    """The first letter of every word; of an address its domain too.

    Examples
    --------
    >>> text("Jane van Doe"), text("jane.doe@acme.com"), text(None)
    ('J*** v*** D***', 'j***@acme.com', None)
    """
    if not value:
        return value
    local, at, domain = str(value).partition("@")
    if at and local:
        return f"{local[0]}{STARS}@{domain}"
    return " ".join(word[0] + STARS for word in str(value).split())


def node(name: str) -> str:
    """A node that cannot be read back, if it holds an address or a handle; numbers of records and companies stay.

    Examples
    --------
    >>> node("email:jane@acme.com"), node("x:@jdoe"), node("hubspot/contact:17"), node("company:acme")
    ('email:j***@acme.com', 'x:@***', 'hubspot/contact:17', 'company:acme')
    """
    kind, _, value = name.partition(":")
    return name if "/" in kind or is_company(name) else f"{kind}:{text(value)}"


def record(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with what tells who somebody is made unreadable; a column that begins with ``node`` holds a node."""
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if value and name.startswith("node"):
        return node(str(value))
    return text(value) if name in TELLING else value


def explanation(found: Explanation) -> Explanation:
    """An explanation without names, addresses and reasons, which may hold either."""
    hides = text if found.kind == "person" else str
    fields = tuple(
        replace(f, value_a=hides(f.value_a), value_b=hides(f.value_b)) if f.field in TELLING else f
        for f in found.fields
    )
    return replace(
        found,
        node_a=node(found.node_a),
        node_b=node(found.node_b),
        fields=fields,
        path=tuple(link(one) for one in found.path),
        decisions=tuple(HIDDEN for _ in found.decisions),
    )


def link(one: Link) -> Link:
    """A link without names and reasons."""
    rule = HIDDEN if one.by == "decision" else one.rule
    return replace(one, node_a=node(one.node_a), node_b=node(one.node_b), rule=rule)
