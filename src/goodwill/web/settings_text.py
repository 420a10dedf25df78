"""Brings a text of goodwill.toml to say what it should, and leaves its comments, its order and its spaces alone."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from goodwill.errors import SettingsError
from goodwill.settings import FILE

#: A list longer than this has a line for each of its texts.
LONGEST_LIST = 80


def text_saying(text: str, now: Mapping[str, Any]) -> str:
    """The text with just those settings changed that differ from ``now``.

    Raises
    ------
    SettingsError
        The file is laid out in a way that cannot be changed without touching the rest.

    Examples
    --------
    >>> print(text_saying('# ours\\n[company]\\nname = "A"  # for now\\n', {"company": {"name": "B"}}), end="")
    # ours
    [company]
    name = "B"  # for now
    """
    was = tomllib.loads(text)
    if _filled(was) == _filled(now):
        return text
    try:
        document = tomlkit.parse(text)
        _bring(document, was, now)
        made = tomlkit.dumps(document)
        is_right = _filled(tomllib.loads(made)) == _filled(now)
    except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, RecursionError):
        is_right = False
    if not is_right:
        raise SettingsError(
            f"{FILE} is laid out in a way that this form cannot change",
            where=FILE,
            remedy="Make this change in the file as text; nothing was written.",
        )
    return made


def _bring(there: MutableMapping[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for name in was:
        if name not in now:
            del there[name]
    for name, value in now.items():
        former = was.get(name)
        if isinstance(value, Mapping) and isinstance(former, Mapping):
            _bring(there[name], former, value)
        elif isinstance(value, Mapping) and value:
            there[name] = _section(value)
        elif former != value and not isinstance(value, Mapping):
            there[name] = _value(value)


def _section(values: Mapping[str, Any]) -> Any:
    """A new section; one that only holds others has no line of its own."""
    made = tomlkit.table(is_super_table=all(isinstance(value, Mapping) for value in values.values()))
    for name, value in values.items():
        made[name] = _section(value) if isinstance(value, Mapping) else _value(value)
    if not made.is_super_table():
        made.add(tomlkit.nl())
    return made


def _value(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    made = tomlkit.array()
    made.extend(value)
    return made.multiline(sum(len(text) + 4 for text in value) > LONGEST_LIST)


def _filled(raw: Any) -> Any:
    """The same without empty sections: they say nothing."""
    if not isinstance(raw, Mapping):
        return raw
    inside = {name: _filled(value) for name, value in raw.items()}
    return {name: value for name, value in inside.items() if value != {}}
