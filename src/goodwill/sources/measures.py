"""What the sources of the social networks share: wide sheets of metrics, and own posts, as relations."""

from __future__ import annotations

import re
from collections.abc import Mapping

from goodwill.exports import Cell, Metric, Relation, Sheet, folded, literal
from goodwill.sources.cells import NOTHING, constant, figure, shown, sql
from goodwill.vocabulary import TABLES

#: What a native metric is: its canonical name, its audience and its unit.
Meaning = tuple[str, str, str]

#: Files whose period the sheet does not state: figures that cover "the reporting period".
UNDATED = {"period_type": constant("reporting_period")}


def by_day(on: Cell) -> dict[str, Cell]:
    """The period of a figure that covers one day."""
    return {"period_type": constant("day"), "period_start": on, "period_end": on}


def over_lifetime(published_on: Cell) -> dict[str, Cell]:
    """The period of a figure that covers an item's life so far: it starts on the day of publication."""
    return {"period_type": constant("lifetime"), "period_start": published_on}


def share_of(plain: str) -> str:
    """SQL that reads a figure, taking ``12 %`` in a column that is called ``... (%)`` for 0.12.

    Venues that put the sign into the header write bare figures under it.
    """
    value = figure(plain)
    bare = f"metric.native LIKE '%(\\%)%' ESCAPE '\\' AND {plain} NOT LIKE '%\\%' ESCAPE '\\'"
    return f"CASE WHEN {bare} THEN ({value}) / 100 ELSE {value} END"


def metrics(sheet: Sheet, known: Mapping[str, Meaning]) -> tuple[Metric, ...]:
    """The metric columns of the sheet, in the order of its header.

    ``known`` is keyed by native name. A name that the venue gives to two columns, told apart by a
    number when the file was opened, is found under its plain name too.

    Examples
    --------
    >>> sheet = Sheet("a.csv", "", ("Date", "Likes", "Mood"), 2, ())
    >>> [metric.column for metric in metrics(sheet, {"likes": ("reactions", "total", "count")})]
    ['Likes']
    """
    meanings = {folded(name): meaning for name, meaning in known.items()}
    found = []
    for column in sheet.header:
        meaning = meanings.get(folded(column)) or meanings.get(plain_name(column))
        if meaning:
            name, audience, unit = meaning
            found.append(Metric(column, name, audience, unit))
    return tuple(found)


def plain_name(column: str) -> str:
    """A header without the number that tells a repeated column apart.

    Examples
    --------
    >>> plain_name("Video Views (2)"), plain_name("Video Views_2")
    ('video views', 'video views')
    """
    return re.sub(r"( \(\d+\)|[_.#]\d+)$", "", folded(column))


def measured(
    venue: str, each: tuple[Metric, ...], *, cells: Mapping[str, Cell], where: str = "TRUE"
) -> tuple[Relation, ...]:
    """The exposures of a wide sheet: one row per row and metric; nothing if the sheet has no metric.

    ``cells`` adds the item, the period and whatever else the sheet says, or replaces what stands here.
    """
    if not each:
        return ()
    columns = {
        "venue": constant(venue),
        "metric": sql("metric.name"),
        "native_metric": sql("metric.native"),
        "audience": sql("metric.audience"),
        "value": Cell(share_of("metric.value"), "metric.value"),
        "unit": sql("metric.unit"),
    }
    return (Relation("exposures", {**columns, **cells}, where, each),)


def published(
    venue: str, *, cells: Mapping[str, Cell], verb: Cell | None = None, where: str = "TRUE"
) -> tuple[Relation, Relation]:
    """Own posts as items, and the act of publishing them as interactions.

    Parameters
    ----------
    venue : str
        Where they were published.
    cells : mapping of str to Cell
        Columns of ``items``, and of ``interactions`` where they differ (``target_actor``, ``object``,
        ``channel_group``); ``author`` becomes the actor. Without ``object`` the item itself is it.
    verb : Cell, optional
        ``Create`` unless given.
    where : str
        SQL: which rows are posts.
    """
    item = {"venue": constant(venue), "is_own": sql("TRUE"), **cells}
    act = {
        "verb": verb or constant("Create"),
        "channel_group": constant("organic_social"),
        "direction": constant("outbound"),
        "actor": cells.get("author", NOTHING),
        "object": cells["id"],
        **item,
    }
    return _filled("items", item, where), _filled("interactions", act, where)


def _filled(table: str, cells: Mapping[str, Cell], where: str) -> Relation:
    """Of ``cells``, those that the table has and that say something."""
    return Relation(table, {name: cell for name, cell in cells.items() if name in TABLES[table]}, where)


def says(sheet: Sheet, *columns: str) -> str:
    """SQL: does the row say anything in this column?"""
    return f"({shown(sheet, *columns)}) IS NOT NULL"


def whole_id(sheet: Sheet, column: str, *, link: str, pattern: str) -> str:
    """SQL for an item's id, read from its address where a spreadsheet has rounded it to ``1.2E+17``.

    ``pattern`` is a regular expression whose first group is the id inside the address. Where neither
    knows, the address itself is the id.
    """
    said, address = shown(sheet, column), shown(sheet, link)
    is_rounded = f"regexp_matches({said}, '^[0-9.,]+[eE][+][0-9]+$')"
    inside = f"NULLIF(regexp_extract({address}, {literal(pattern)}, 1), '')"
    return f"CASE WHEN {said} IS NULL OR {is_rounded} THEN COALESCE({inside}, {address}) ELSE {said} END"
