"""Models as JSON and back, to the last bit."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def to_json(value: Any) -> str:
    """A frozen dataclass of plain values, arrays and other dataclasses, as text.

    Examples
    --------
    >>> from goodwill.identity.fields import Field
    >>> to_json(Field("surname", "family"))
    '{"is": "Field", "kind": "family", "name": "surname"}'
    """
    return json.dumps(_plain(value), sort_keys=True)


def from_json(text: str, known: Mapping[str, type]) -> Any:
    """What ``to_json`` wrote; ``known`` are the dataclasses that may stand in it, by name.

    Examples
    --------
    >>> from goodwill.identity.fields import Field
    >>> from_json('{"is": "Field", "kind": "family", "name": "surname"}', {"Field": Field})
    Field(name='surname', kind='family')
    """
    return _rebuilt(json.loads(text), known)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {
            field.name: _plain(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        return {"array": little.dtype.str, "bytes": base64.b64encode(little.tobytes()).decode("ascii")}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def _rebuilt(value: Any, known: Mapping[str, type]) -> Any:
    if isinstance(value, list):
        return tuple(_rebuilt(part, known) for part in value)
    if isinstance(value, dict) and "array" in value:
        return np.frombuffer(base64.b64decode(value["bytes"]), dtype=value["array"]).copy()
    if isinstance(value, dict):
        parts = {name: _rebuilt(part, known) for name, part in value.items() if name != "is"}
        return known[value["is"]](**parts)
    return value
