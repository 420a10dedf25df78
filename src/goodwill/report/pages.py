"""Verdicts in, one self-contained HTML file out: page one, a section per question, the glossary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from goodwill.report import captions, change_words, check_words, comparisons, numbers, theme, words
from goodwill.report.meta import Meta
from goodwill.report.panels import Panel, Picture, Place
from goodwill.report.phrases import as_sentence, label, plural
from goodwill.report.pictures import effects, pictures
from goodwill.report.tables import Grid, table
from goodwill.report.value_pictures import Values, cost_and_value
from goodwill.verdicts.verdict import GRADES, Check, Figure, Verdict

#: Claims on page one: what a reader takes in at one sitting.
MOST_CLAIMS = 5
#: The order of claims: what can be acted on first, then what must not be claimed.
ORDER = ("supported", "contradicted", "no effect found", "described")


@dataclass(frozen=True)
class FigureRow:
    """One figure as a line of the table of figures."""

    name: str
    label: str
    definition: str
    value: str
    interval: str
    n: str
    role: str


@dataclass(frozen=True)
class Shown:
    """A picture and the table behind it; none where the table of figures is that."""

    picture: Picture
    table: Grid | None


@dataclass(frozen=True)
class CheckRow:
    """One attempt to break the answer as a line of a table."""

    name: str
    is_decisive: bool
    outcome: tuple[str, str, str]
    tried: str
    came_out: str


@dataclass(frozen=True)
class Section:
    """One question as the page shows it: ``shown`` by place, ``beside`` the answer as headings with their text."""

    verdict: Verdict
    title: str
    anchor: str
    big: str
    sentence: str
    adjusting: str
    shown: Mapping[str, tuple[Shown, ...]]
    beside: tuple[tuple[str, str], ...]
    checks: tuple[CheckRow, ...]
    figures: tuple[FigureRow, ...]
    level: str


@dataclass(frozen=True)
class Drawn:
    """What the page shows of all questions, and the picture of all effects; files beside the page show the same."""

    sections: tuple[Section, ...]
    effects: Picture | None
    values: Values


def draw(verdicts: Sequence[Verdict], currency: str) -> Drawn:
    """Every picture and table of the report, once, for the page and for the files beside it."""
    sections = tuple(section_of(verdict, currency, number) for number, verdict in enumerate(verdicts, 1))
    return Drawn(sections, effects(verdicts, currency), cost_and_value(verdicts, currency))


def render(
    verdicts: Sequence[Verdict],
    meta: Meta,
    glossary: Mapping[str, Any],
    former: Sequence[tuple[str, Sequence[Verdict]]] = (),
    *,
    drawn: Drawn | None = None,
) -> str:
    """The report as one HTML file that asks nothing of any network.

    Parameters
    ----------
    verdicts : sequence of Verdict
        In the order of their questions.
    meta : Meta
        Whose report it is, what was refused, and how it can be repeated.
    glossary : mapping of str to term
        Terms by name, each with ``title``, ``definition``, ``unit``, ``caution`` and ``source``. Only the terms
        that a figure names are printed.
    former : sequence of (str, sequence of Verdict)
        What every earlier run is called, and its verdicts; oldest first.
    drawn : Drawn, optional
        What ``draw`` made of these verdicts, where more than the page needs it.

    Returns
    -------
    str
        The same bytes for the same arguments.
    """
    currency = meta.currency
    drawn = drawn or draw(verdicts, currency)
    named = {f.definition for v in verdicts for f in v.every_figure()} | {c.name for v in verdicts for c in v.checks}
    page = environment().get_template("report.html.j2")
    return page.render(
        **page_one(verdicts, meta, drawn, former),
        meta=meta,
        terms={name: glossary[name] for name in sorted(named & set(glossary))},
        grades=GRADES,
        standings=words.STANDINGS,
        readings=comparisons.READINGS_MEAN if comparisons.has_readings(verdicts) else "",
    )


def page_one(
    verdicts: Sequence[Verdict],
    meta: Meta,
    drawn: Drawn,
    former: Sequence[tuple[str, Sequence[Verdict]]],
    links: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the template of page one needs; ``links`` say by question where it stands, else it is on the same page."""
    currency, sections = meta.currency, drawn.sections
    to = links or {s.verdict.question: f"#{s.anchor}" for s in sections}
    return {
        "sections": sections,
        "claims": claims_of(sections),
        "effects": drawn.effects,
        "compared": [section for section in sections if section.adjusting],
        "unknown": [(s, words.unknown(s.verdict, currency)) for s in sections if s.verdict.standing == "cannot tell"],
        "cost": _cost(sections, currency),
        "compared_runs": change_words.since(former, verdicts, currency, to),
        "values": [Shown(*found) for found in drawn.values.shown],
        "values_rest": drawn.values.rests,
        "currency": currency,
    }


def claims_of(sections: Sequence[Section]) -> tuple[Section, ...]:
    """What page one claims: at most five answers, what can be acted on first; none that cannot be told."""
    told = [section for section in sections if section.verdict.standing in ORDER]
    ranked = sorted(told, key=lambda section: ORDER.index(section.verdict.standing))
    return tuple(ranked[:MOST_CLAIMS])


def section_of(verdict: Verdict, currency: str, number: int) -> Section:
    """One verdict as the page shows it; ``number`` makes its anchor."""
    return replace(outline_of(verdict, currency, number), shown=_shown(verdict, currency))


def outline_of(verdict: Verdict, currency: str, number: int) -> Section:
    """The same without its pictures, which take long to draw."""
    levels = [numbers.show_level(f) for f in verdict.every_figure() if numbers.show_interval(f)]
    return Section(
        verdict=verdict,
        title=words.title(verdict),
        anchor=f"question-{number}",
        big=captions.highlight(verdict, currency),
        sentence=words.sentence(verdict, currency),
        adjusting=words.adjusting(verdict, currency),
        shown=dict.fromkeys(get_args(Place), ()),
        beside=_beside(verdict, currency),
        checks=tuple(_check_row(verdict, check, currency) for check in verdict.checks),
        figures=tuple(_figure_row(verdict, figure, currency) for figure in verdict.every_figure()),
        level=levels[0] + " interval" if levels else "Interval",
    )


def _shown(verdict: Verdict, currency: str) -> dict[str, tuple[Shown, ...]]:
    drawn = [
        Shown(picture, table(verdict, picture.facts, currency) if picture.facts else None)
        for picture in pictures(verdict, currency)
    ]
    return {place: tuple(shown for shown in drawn if shown.picture.place == place) for place in get_args(Place)}


def _beside(verdict: Verdict, currency: str) -> tuple[tuple[str, str], ...]:
    """What stands beside the answer, under a heading each; what has nothing to say is left out."""
    told = (
        ("Two readings", comparisons.readings(verdict, currency)),
        (comparisons.groups_title(verdict), comparisons.groups(verdict, currency)),
    )
    return tuple((heading, text) for heading, text in told if text)


def _check_row(verdict: Verdict, check: Check, currency: str) -> CheckRow:
    unit = verdict.headline.unit if verdict.headline else ""
    told = [as_sentence(text) if text else "" for text in (check.tried, check_words.came_out(check, unit, currency))]
    return CheckRow(check.name, check.decisive, check_words.outcome(check), *told)


def _figure_row(verdict: Verdict, figure: Figure, currency: str) -> FigureRow:
    role = "headline" if figure is verdict.headline else "naive" if figure is verdict.naive else ""
    return FigureRow(
        name=figure.name,
        label=label(figure.label),
        definition=figure.definition,
        value=numbers.show(figure, currency),
        interval=numbers.show_interval(figure, currency),
        n="" if figure.n is None else numbers.show_count(figure.n),
        role=role,
    )


def _cost(sections: Sequence[Section], currency: str) -> str:
    found = next((section.verdict for section in sections if section.verdict.question == "cost"), None)
    if found is None:
        return "The cost was not asked about."
    if not found.facts.get("by_venue"):
        return words.sentence(found, currency)
    return captions.cost(found, currency)


def drawing(panel: Panel) -> Markup:
    """A panel's drawings, each an image with a text alternative; the one for phones is left out if it is the same."""
    told = f"{panel.heading}. {panel.told}"
    if panel.wide == panel.narrow:
        return _image(panel.wide, "only", told)
    return _image(panel.wide, "wide", told) + _image(panel.narrow, "narrow", told)


def _image(svg: str, size: str, told: str) -> Markup:
    named = Markup('<svg class="{}" role="img" aria-label="{}" ').format(size, told)
    return named + Markup(svg.removeprefix("<svg "))


@cache
def environment(*folders: Path) -> Environment:
    """Templates of the report, and of further folders that come first; ``links`` tells pages where figures open.

    The report is one file: its links stay inside it.
    """
    made = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent / "templates"]),
        autoescape=True,  # everything a file or a verdict says is text, whatever it looks like
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["drawing"] = drawing
    made.filters["anchor"] = anchor
    made.globals.update(
        words=words,
        resisted=check_words.resisted,
        numbers=numbers,
        plural=plural,
        links=None,
        rank=2,
        roles=tuple(theme.SENTINEL),
        colours={mode: Markup(theme.variables(mode)) for mode in ("light", "dark")},
    )
    return made


def anchor(name: str) -> str:
    """Where a term stands in a list of terms.

    Examples
    --------
    >>> anchor("win_rate_created")
    'term-win-rate-created'
    """
    return "term-" + "".join(c if c.isalnum() else "-" for c in name)
