"""Which rows of a table can be drawn: those whose cells hold numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def is_finite(value: object) -> bool:
    """Is it a number that has a place on an axis?

    Examples
    --------
    >>> is_finite(0.5), is_finite(None), is_finite(float("nan")), is_finite("< 5"), is_finite(True)
    (True, False, False, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def with_numbers(rows: Sequence[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    """The rows all of whose named cells hold a finite number.

    Examples
    --------
    >>> with_numbers([{"week": 1, "share": 0.2}, {"week": 2, "share": None}], "week", "share")
    [{'week': 1, 'share': 0.2}]
    """
    return [dict(row) for row in rows if all(is_finite(row.get(name)) for name in names)]


def ends_of(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The ends of a row's interval, both or neither."""
    low, high = row.get("low"), row.get("high")
    return (low, high) if is_finite(low) and is_finite(high) else (None, None)
