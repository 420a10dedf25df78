"""The pictures of a report as files of their own, for slides: SVG that needs no page around it, and the same as PNG."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import vl_convert

from goodwill.report.drawing import LINE, NARROW, PLAIN, TEXT, WIDE
from goodwill.report.meta import Meta
from goodwill.report.pages import Drawn
from goodwill.report.panels import Panel, Picture
from goodwill.report.phrases import printable
from goodwill.report.theme import COLOURS

#: The picture of page one; every other is named after its question and its facts.
ALL_EFFECTS = "all-effects"
#: The picture of a question that has no facts but its figures.
FIGURES = "figures"
#: Fonts by name: outside a browser nobody knows what the font of the system is. Liberation Sans comes with the
#: program that makes PNG.
FONTS = "'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
#: Pixels around and between panels, and of the square that shows a colour.
EDGE, GAP, SQUARE = 24, 20, 12
#: PNG for slides: sharp on a wall.
SCALE = 2.0

_LIGHT = {colour.role: colour.light for colour in COLOURS}
_DRAWN = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>(.*)</svg>', re.DOTALL)


@dataclass(frozen=True)
class _Part:
    """A piece of the sheet and how high it is."""

    svg: str
    height: float


def figure_files(drawn: Drawn, meta: Meta) -> dict[str, str]:
    """Every picture of a report as an SVG file, by name.

    Parameters
    ----------
    drawn : Drawn
        What the page shows.
    meta : Meta
        Whose report it is, for the line below each picture.

    Returns
    -------
    dict of str to str
        ``all-effects.svg``, those of cost against value, and ``<question>-<facts>.svg``; the same text for the same
        arguments.
    """
    files = {}
    if drawn.effects is not None:
        files[f"{ALL_EFFECTS}.svg"] = standalone("All effects", drawn.effects, meta)
    for name, (picture, grid) in zip(drawn.values.rows, drawn.values.shown, strict=False):  # no rows: the cost alone
        files[f"all-{name}.svg"] = standalone(grid.caption, picture, meta)
    for section in drawn.sections:
        shown = [it.picture for place in section.shown.values() for it in place]
        for facts, picture in by_facts(shown).items():
            files[f"{section.verdict.question}-{facts}.svg"] = standalone(section.title, picture, meta)
    return files


def by_facts(pictures: Iterable[Picture]) -> dict[str, Picture]:
    """Pictures of one question by the name of their facts; further ones of one name are numbered.

    Examples
    --------
    >>> list(by_facts([Picture("", (), facts="curves"), Picture("", ()), Picture("", (), facts="curves")]))
    ['curves', 'figures', 'curves-2']
    """
    named: dict[str, Picture] = {}
    for picture in pictures:
        facts = picture.facts or FIGURES
        same = sum(name.partition("-")[0] == facts for name in named)
        named[f"{facts}-{same + 1}" if same else facts] = picture
    return named


def standalone(title: str, picture: Picture, meta: Meta) -> str:
    """One picture as a whole SVG document: light colours, a ground, its panels with their headings, and its words."""
    columns = 2 if picture.is_grid and len(picture.panels) > 1 else 1
    head = _Part(_line(title, LINE / 2, weight=600), LINE - GAP / 2)
    parts = [head, *_rows(picture.panels, columns), *([_key(picture)] if picture.key else []), _source(meta)]
    height = sum(part.height for part in parts) + GAP * (len(parts) - 1) + 2 * EDGE
    placed, y = "", float(EDGE)
    for part in parts:
        placed += f'<g transform="translate({EDGE},{y:g})">{part.svg}</g>'
        y += part.height + GAP
    told = " ".join(f"{panel.heading}. {panel.told}" for panel in picture.panels)
    width = WIDE + 2 * EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}" '
        f'role="img" font-family="{FONTS}">'
        f"<title>{_text(f'{title}. {picture.sees}')}</title><desc>{_text(told)}</desc>"
        f'<rect width="{width}" height="{height:g}" fill="{_LIGHT["paper"]}"/>{_in_light(placed)}</svg>\n'
    )


def as_png(svg: str) -> bytes:
    """A standalone SVG as PNG, twice its size, on white."""
    drawn: bytes = vl_convert.svg_to_png(svg, scale=SCALE)
    return drawn


def _rows(panels: tuple[Panel, ...], columns: int) -> list[_Part]:
    """Panels below each other, or two in a row where they are small ones of one kind."""
    return [_row(panels[at : at + columns], columns) for at in range(0, len(panels), columns)]


def _row(panels: tuple[Panel, ...], columns: int) -> _Part:
    svg, highest = "", 0.0
    for place, panel in enumerate(panels):
        inner, height = _inside(panel.wide if columns == 1 else panel.narrow)
        words = _line(panel.heading, LINE / 2, role="soft", weight=600)
        svg += f'<g transform="translate({place * (NARROW + GAP)},0)">{words}<g transform="translate(0,{LINE + 6})">'
        svg += f"{inner}</g></g>"
        highest = max(highest, height + LINE + 6)
    return _Part(svg, highest)


def _inside(svg: str) -> tuple[str, float]:
    """What a panel's drawing holds, and its height; a group is understood where a drawing in a drawing is not."""
    found = _DRAWN.fullmatch(svg)
    assert found, "a panel is one drawing"
    return found[3], float(found[2])


def _key(picture: Picture) -> _Part:
    """What the colours stand for, in as many lines as it takes."""
    svg, x, y = "", 0.0, 0.0
    for role, name in picture.key:
        wide = SQUARE + 8 + PLAIN * len(name) + GAP
        if x and x + wide > WIDE:
            x, y = 0.0, y + LINE
        svg += f'<rect x="{x:g}" y="{y + (LINE - SQUARE) / 2:g}" width="{SQUARE}" height="{SQUARE}" rx="2" '
        svg += f'fill="var(--{role})"/>{_line(name, y + LINE / 2, x=x + SQUARE + 8)}'
        x += wide
    return _Part(svg, y + LINE)


def _source(meta: Meta) -> _Part:
    return _Part(_line(f"{meta.company}, as of {meta.as_of}. Made with Goodwill.", LINE / 2, role="soft"), LINE)


def _line(text: str, middle: float, *, x: float = 0.0, role: str = "ink", weight: int = 400) -> str:
    """A line of text; the baseline is put where its middle is wanted, since not every program centres text."""
    where = f'x="{x:g}" y="{middle + 0.35 * TEXT:g}"'
    return f'<text {where} font-size="{TEXT}px" font-weight="{weight}" fill="var(--{role})">{_text(text)}</text>'


def _in_light(svg: str) -> str:
    return re.sub(r"var\(--(\w+)\)", lambda found: _LIGHT[found[1]], svg)


def _text(text: str) -> str:
    return escape(printable(text), quote=False)
