"""Names and addresses made unreadable, for a screen that others see."""

from __future__ import annotations

import re
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
TELLING = frozenset({"name", "given", "family", "email", "mail_local", "phone", "handle", "alias"})
#: A domain at the beginning of a text.
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")


def text(value: Any) -> Any:
    """The first letter of every word; of an address its domain too.

    Examples
    --------
    >>> text("Jane van Doe"), text("jane.doe@acme.com"), text(None)
    ('J*** v*** D***', 'j***@acme.com', None)
    >>> text("jane@acme.com called Joe Roe on 030/4711"), text("jane@acme.com/Jane")
    ('j***@acme.com c*** J*** R*** o*** 0***', 'j***@acme.com***')
    """
    return " ".join(map(_word, str(value).split())) if value else value


def _word(word: str) -> str:
    """A word, or an address: of what stands around an address nothing is shown, for it may be a name."""
    local, at, rest = word.partition("@")
    if not (local and at):
        return word[0] + STARS
    domain = _DOMAIN.match(rest)
    shown = domain[0] if domain else ""
    return f"{local[0]}{STARS}@{shown}" + (STARS if shown != rest else "")


def node(name: str) -> str:
    """A node that cannot be read back, if it holds an address or a handle; numbers of records and companies stay.

    Examples
    --------
    >>> node("email:jane@acme.com"), node("x:@jdoe"), node("hubspot/contact:17"), node("company:acme")
    ('email:j***@acme.com', 'x:@***', 'hubspot/contact:17', 'company:acme')
    >>> node("ga4/user:Jane@acme.com")
    'ga4/user:J***@acme.com'
    """
    kind, _, value = name.partition(":")
    is_number = "/" in kind and "@" not in value  # systems may number their records by address
    return name if is_number or is_company(name) else f"{kind}:{text(value)}"


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
