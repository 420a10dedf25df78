"""The house theme: colours that the blind to colour can tell apart, as CSS variables, in light, dark and print.

Charts are drawn once in sentinel colours; ``paint`` puts the variables in their place, so that a
picture follows the reader's light or dark mode without being drawn again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Colour:
    """One role: the sentinel that stands for it while a chart is drawn, and its value per mode."""

    role: str
    sentinel: str
    light: str
    dark: str


#: Blue, vermilion and green after Okabe and Ito (2008), darkened (light mode) or lightened (dark mode)
#: until text in them has a contrast of 4.5 on ``paper`` and on ``tint``; tests compute it. Parts of
#: a whole (part1–part5) run from dark to light so that they still differ in grey print.
COLOURS: tuple[Colour, ...] = (
    Colour("paper", "#010101", "#ffffff", "#14181f"),
    Colour("tint", "#010102", "#f5f6f8", "#1d232c"),
    Colour("ink", "#010103", "#18212c", "#e9ecf1"),
    Colour("soft", "#010104", "#566070", "#a9b4c2"),
    Colour("grid", "#010105", "#dde1e7", "#333c48"),
    Colour("first", "#010106", "#00629b", "#5bb8ec"),
    Colour("second", "#010107", "#ad4500", "#f0a04b"),
    Colour("third", "#010108", "#006e52", "#3cc79f"),
    Colour("fourth", "#010109", "#8b3f76", "#e29ac6"),
    Colour("part1", "#01010a", "#004c79", "#8fd0f5"),
    Colour("part2", "#01010b", "#d5770a", "#e08a2e"),
    Colour("part3", "#01010c", "#5da9d6", "#3f86b3"),
    Colour("part4", "#01010d", "#a7d3c4", "#2c7d66"),
    Colour("part5", "#01010e", "#c9ced6", "#59636f"),
)
SENTINEL: dict[str, str] = {colour.role: colour.sentinel for colour in COLOURS}
#: Lines that share a picture, in order: colour and dash, so that grey print keeps them apart.
LINES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("first", (1, 0)),
    ("second", (7, 4)),
    ("third", (2, 3)),
    ("fourth", (9, 3, 2, 3)),
)
PARTS: tuple[str, ...] = ("part1", "part2", "part3", "part4", "part5")
#: Sentinel font, replaced by the page's own; text is never measured, so no machine's fonts matter.
FONT = "sans-serif"

#: What Vega-Lite draws by itself: nothing but marks.
CONFIG: dict[str, Any] = {
    "aria": False,  # the page gives each picture one text alternative instead of a label per mark
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
}


def variables(mode: str) -> str:
    """The colours of one mode as CSS declarations.

    Examples
    --------
    >>> variables("light").split(";")[0]
    '--paper:#ffffff'
    """
    return ";".join(f"--{colour.role}:{getattr(colour, mode)}" for colour in COLOURS) + ";"


def paint(svg: str) -> str:
    """A chart as drawn, with CSS variables for sentinels, sized by its viewBox and without its own frame.

    Raises
    ------
    ValueError
        If a colour is left that follows no mode, or an id that could clash with another picture's.
    """
    painted = re.sub(
        r'(fill|stroke)="(#0101[0-9a-f]{2})"', lambda found: f'{found[1]}="var(--{_ROLES[found[2]]})"', svg
    )
    painted = re.sub(
        r'\s(?:role|aria-[a-z]+|pointer-events|font-family|xmlns:xlink|version|class)="[^"]*"', "", painted
    )
    painted = re.sub(r'<path(?: d="[^"]*")? display="none"/>', "", painted)
    painted = re.sub(r'<path d="[^"]*"/>', "", painted)  # a group's background: neither fill nor stroke
    painted = re.sub(r"(\d\.\d\d)\d+", r"\1", painted)  # a hundredth of a pixel is enough
    while (thinner := re.sub(r"<g>((?:(?!</?g).)*)</g>", r"\1", painted)) != painted:
        painted = thinner
    if stray := re.search(r'(?:fill|stroke)="(?!none|var\(|transparent)[^"]*"|\sid="[^"]*"', painted):
        raise ValueError(f"a chart has {stray[0]} of its own")
    return painted


_ROLES = {colour.sentinel: colour.role for colour in COLOURS}
