"""Rows behind a figure without names: which of their columns tell who somebody is, and what stands there instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from goodwill.claims import masking
from goodwill.claims.columns import columns
from goodwill.verdicts import Evidence
from goodwill.vocabulary import TABLES

#: Columns of free text, which may name anybody.
FREE = frozenset({"title", "body", "subject", "description", "question", "answer", "loss_reason", "reason", "value"})
#: Columns that hold the name or the node of a person, beside those of ``masking.TELLING``.
PEOPLE = frozenset(
    {"actor", "target_actor", "author", "person", "requester", "record", "owner", "assignee", "by", "member", "node"}
)
#: Addresses of pages; a profile's address is as good as its name.
PLACES = frozenset({"id", "url", "landing_page", "object", "item", "in_reply_to", "conversation"})
#: What resolving calls a person or a company: it says nothing about them.
_RESOLVED = re.compile(r"[pa]_[0-9a-f]{16}")
#: How a node begins; a name may hold a colon too, and is none.
_NODE = re.compile(r"[a-z0-9_./-]+:")
_MAIL = re.compile(r"([^\s@:/<>\"'(),;]+)@([^\s@<>\"'(),;]+)")

Mask = Callable[[str], str]


def hidden(rows: Iterable[Mapping[str, Any]], evidence: Evidence) -> list[dict[str, Any]]:
    """Rows with every name, address, handle and free text made unreadable; numbers of records and companies stay.

    A column is known by its own name and by what it was made of: one made of nothing but people's names is hidden
    whatever a query calls it. Addresses are hidden wherever they stand.
    """
    masks = _masks(evidence)
    return [{name: _value(masks.get(name, _mask(name)), value) for name, value in row.items()} for row in rows]


def _value(mask: Mask, value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return [_value(mask, one) for one in value]
    if isinstance(value, dict):
        return {name: _value(mask, one) for name, one in value.items()}
    return value


def _masks(evidence: Evidence) -> dict[str, Mask]:
    """How each column is hidden that is made of nothing but what is hidden."""
    found = {}
    for column in columns(evidence):
        kinds = {_of_canonical(origin) for origin in column.made_from}
        own = _mask(column.name)
        if own is no_mail and kinds and no_mail not in kinds:
            own = kinds.pop() if len(kinds) == 1 else free
        found[column.name] = own
    return found


def _of_canonical(origin: str) -> Mask:
    """How a canonical column is hidden, by its type and its name."""
    table, _, name = origin.partition(".")
    kind = TABLES[table][name].type if table in TABLES and name in TABLES[table] else ""
    if kind == "company" or (table == "accounts" and name == "id"):
        return no_mail
    return who if kind == "person" else _mask(name)


def _mask(name: str) -> Mask:
    """How a column is hidden that is called so."""
    if name in PEOPLE or name in masking.TELLING or name.startswith("node"):
        return who
    if name in FREE:
        return free
    return place if name in PLACES else no_mail


def who(value: str) -> str:
    """A name or a node that cannot be read back.

    Examples
    --------
    >>> who("Jane Doe"), who("x:jdoe"), who("p_c21d26e92f881bda"), who("hubspot/contact:17"), who("Dr: Jane")
    ('J*** D***', 'x:j***', 'p_c21d26e92f881bda', 'hubspot/contact:17', 'D*** J***')
    """
    if _RESOLVED.fullmatch(value):
        return value
    return no_mail(masking.node(value) if _NODE.match(value) else str(masking.text(value)))


def free(value: str) -> str:
    """Nothing of a free text but that there is one.

    Examples
    --------
    >>> free("Jane said so"), free("")
    ('(hidden)', '')
    """
    return masking.HIDDEN if value else value


def place(value: str) -> str:
    """Of an address of a page its host; other names of things stay.

    Examples
    --------
    >>> place("https://x.com/jdoe/status/17"), place("/pricing"), place("qm17")
    ('https://x.com/***', '/pricing', 'qm17')
    """
    scheme, separator, rest = value.partition("://")
    host, slash, _ = rest.partition("/")
    return no_mail(f"{scheme}://{host}/{masking.STARS}" if separator and slash else value)


def no_mail(value: str) -> str:
    """A text in which every e-mail address is masked.

    Examples
    --------
    >>> no_mail("from jane.doe@acme.com")
    'from j***@acme.com'
    """
    return _MAIL.sub(lambda m: f"{m[1][0]}{masking.STARS}@{m[2]}", value) if "@" in value else value
