"""A picture as the page takes it: panels drawn for wide pages and for phones, with words for those who cannot see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from goodwill.report.drawing import NARROW, WIDE
from goodwill.report.numbers import axis_number

#: Where in the section of a question a picture stands: with the answer, with its checks, with its hidden causes.
Place = Literal["answer", "checks", "hidden"]
#: How an axis names each unit.
AXES = {"points": "percentage points", "share": "%", "log_odds": "log-odds", "ratio": "ratio"}
#: Where "no effect" lies on an axis of ratios.
NO_CHANGE = 1.0


@dataclass(frozen=True)
class Panel:
    """One drawing, for wide pages and for phones, with its heading and its text alternative."""

    heading: str
    wide: str
    narrow: str
    told: str


@dataclass(frozen=True)
class Picture:
    """Panels that belong together; ``sees`` says what to see, ``key`` names colours (role, words).

    ``facts`` names the table behind the picture; ``is_grid`` sets small panels side by side.
    """

    sees: str
    panels: tuple[Panel, ...]
    key: tuple[tuple[str, str], ...] = ()
    facts: str = ""
    place: Place = "answer"
    is_grid: bool = False


def drawn_twice(heading: str, told: str, draw: Callable[[int], str]) -> Panel:
    """A panel for wide pages and for phones."""
    return Panel(heading, draw(WIDE), draw(NARROW), told)


def no_effect(unit: str) -> float:
    """Where "no effect" lies in a unit of differences or ratios."""
    return NO_CHANGE if unit == "ratio" else 0.0


def axis_name(unit: str, currency: str) -> str:
    """How the heading of a panel names its unit."""
    return currency if unit == "money" else AXES.get(unit, unit)


def percent(value: float) -> str:
    """A share as the axis of a plot writes it."""
    return axis_number("share")(value) + "%"
