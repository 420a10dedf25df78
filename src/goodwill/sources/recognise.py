"""Recognises every sheet of every file: which source, how surely, and what in it is not understood."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rapidfuzz import fuzz, process

from goodwill.errors import GoodwillError
from goodwill.exports import Export, Locale, Relation, Sheet, folded
from goodwill.registry import Layout, Source, sources
from goodwill.settings import as_toml_text
from goodwill.sources import mapped
from goodwill.sources.dates import order_of
from goodwill.terms import spelt_out
from goodwill.vocabulary import TABLES
from goodwill.workspace import TableMapping


@dataclass(frozen=True)
class Recognition:
    """One sheet and what it was taken for; ``source`` is empty where nobody knows it.

    ``confidence`` is 1 for a mapping the user wrote, else the mean of 1 (all needed columns are there) and
    the share of the header that the layout knows.
    """

    sheet: Sheet
    source: str = ""
    layout: str = ""
    confidence: float = 0.0
    relations: tuple[Relation, ...] = ()
    unknown_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One file: what it is and what its sheets were taken for; or the error that kept it from being read."""

    name: str
    export: Export | None = None
    recognised: tuple[Recognition, ...] = ()
    error: GoodwillError | None = None
    same_as: str | None = None


def recognise(export: Export, mappings: tuple[TableMapping, ...], locale: Locale) -> tuple[Recognition, ...]:
    """What each sheet of a file is; the user's own mappings come first.

    Raises
    ------
    SettingsError
        A mapping names a column that the file lacks.
    """
    return tuple(_recognise_sheet(export, sheet, mappings, locale) for sheet in export.sheets)


def _recognise_sheet(export: Export, sheet: Sheet, mappings: tuple[TableMapping, ...], locale: Locale) -> Recognition:
    own = mapped.mappings_for(export, sheet, mappings)
    if own:
        relations = tuple(mapped.relation(sheet, m, locale) for m in own)
        used = {folded(h) for m in own for h in (*m.columns.values(), *m.keep, *m.drop)}
        unknown = tuple(h for h in sheet.header if folded(h) not in used and not h.startswith("__"))
        return Recognition(sheet, mapped.NAME, own[0].table, 1.0, relations, unknown)
    candidates = [
        (confidence(sheet, layout), len(layout.requires), source, layout)
        for source in sources().values()
        for layout in source.layouts
        if sheet.has(*layout.requires)
    ]
    if not candidates:
        return Recognition(sheet, unknown_columns=sheet.header)
    sureness, _, source, layout = max(candidates, key=lambda c: (c[1], c[0], c[2].name, c[3].name))
    return _recognition(sheet, source, layout, sureness, locale)


def _recognition(sheet: Sheet, source: Source, layout: Layout, sureness: float, locale: Locale) -> Recognition:
    relations = layout.relations(sheet, locale)
    return Recognition(sheet, source.name, layout.name, sureness, relations, unknown_columns(sheet, layout))


def confidence(sheet: Sheet, layout: Layout) -> float:
    """How surely a sheet with all needed columns is this layout, 0.5 to 1."""
    known = len(sheet.header) - len(unknown_columns(sheet, layout))
    return 0.5 + 0.5 * known / max(1, len(sheet.header))


def unknown_columns(sheet: Sheet, layout: Layout) -> tuple[str, ...]:
    """Columns that the layout neither needs nor knows."""
    patterns = [folded(k) for k in (*layout.requires, *layout.knows)]
    return tuple(
        h for h in sheet.header
        if not h.startswith("__") and not any(fnmatchcase(folded(h), p.replace("[", "[[]")) for p in patterns)
    )  # fmt: skip


#: Other words under which a canonical column travels, the better ones first; the fuzzy match looks at these too.
ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "lead id", "deal id", "opportunity id", "record id", "order id", "ticket id", "mql id", "number"),
    "at": ("date", "order date", "event date", "time", "timestamp", "occurred at", "event time", "datetime", "when"),
    "created_at": ("created", "create date", "created date", "first contact date", "engage date", "open date"),
    "closed_at": ("closed", "close date", "closed date", "won date"),
    "actor": ("email", "contact email", "email address", "user", "contact", "author", "from", "person", "member",
              "profile"),
    "person": ("email", "contact email", "email address", "contact", "member", "employee", "user", "name"),
    "account": ("account id", "company id", "customer id", "company", "organisation", "organization", "account name",
                "client", "customer"),
    "venue": ("network", "platform", "channel", "site"),
    "verb": ("action", "activity", "event", "type", "interaction"),
    "channel_group": ("origin", "source", "channel", "lead source", "medium"),
    "source": ("origin", "source", "lead source"),
    "amount": ("amount", "value", "close value", "cost", "price", "spend", "total"),
    "value": ("value", "amount", "revenue", "total", "price"),
    "outcome": ("outcome", "deal stage", "status", "result"),
    "stage": ("stage", "deal stage", "status"),
    "owner": ("owner", "sales agent", "rep", "assignee"),
    "on_date": ("date", "day"),
    "period_start": ("date", "month", "day", "start", "from"),
    "period_end": ("end", "to", "until"),
    "ended_at": ("ended", "end date"),
    "body": ("text", "message", "content", "comment"),
}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """A guess how an unknown table could be mapped, for the user to correct."""

    table: str
    columns: dict[str, str]
    score: float


def propose(sheet: Sheet) -> Proposal | None:
    """The canonical table whose columns the header resembles most, or None if nothing is like it."""
    best = max((_propose_for(sheet, name) for name in TABLES), key=lambda p: (p.score, p.table))
    return best if len(best.columns) >= 2 else None


#: A needed column that the header lacks may be a constant of the mapping: it counts a third of one that is there.
ABSENT_COUNTS = 1 / 3
#: Below this similarity (0 to 100) two names are not taken for the same.
ALIKE = 82
#: How alike a header that ends like a time ("Engaged at", "Posted on", "Visit date") is taken to be: any name beats it.
SOUNDS_LIKE_A_TIME = 83
_OF_TIME = re.compile(r".+ (at|on|date|time)")


def _propose_for(sheet: Sheet, table: str) -> Proposal:
    free = {folded(h).replace("_", " "): h for h in sheet.header if not h.startswith("__")}
    columns: dict[str, str] = {}
    total = 0.0
    for score, name, _, header in sorted(_alike(table, list(free)), key=lambda p: (-p[0], *p[1:])):
        if name not in columns and header in free:
            columns[name] = free.pop(header)
            total += score / 100
    needed = [c.name for c in TABLES[table].columns if c.required]
    absent = sum(1 for name in needed if name not in columns)
    return Proposal(table, columns, total - ABSENT_COUNTS * absent)


def _alike(table: str, headers: list[str]) -> Iterator[tuple[float, str, int, str]]:
    """How alike columns and headers are: the score, the column, the place of the word that matched, the header."""
    for column in TABLES[table].columns:
        own = (f"{table.removesuffix('s')} id",) if column.name == "id" else ()
        for place, alias in enumerate((column.name.replace("_", " "), *own, *ALIASES.get(column.name, ()))):
            for header, score, _ in process.extract(alias, headers, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE):
                yield score, column.name, place, header
        if column.required and column.type in ("moment", "date"):
            yield from ((SOUNDS_LIKE_A_TIME, column.name, 99, h) for h in headers if _OF_TIME.fullmatch(h))


def _date_format(sheet: Sheet, kind: str, header: str) -> str | None:
    """The strptime format of a date that is not ISO; None for ISO, or where no format fits all samples."""
    if kind not in ("moment", "date"):
        return None
    place = sheet.header.index(sheet.column(header) or header)
    cells = [row[place] for row in sheet.sample if place < len(row)]
    said = [cell.strip() for cell in cells if cell and cell.strip()]
    return next((form for form in order_of(sheet, header) if said and all(_fits(text, form) for text in said)), None)


def _fits(text: str, form: str) -> bool:
    try:
        dt.datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def as_toml(proposal: Proposal, sheet: Sheet) -> str:
    """A ``[[mapping]]`` to paste into goodwill.toml; what is needed and was not found stands as a comment."""
    lines = ["[[mapping]]", f"file = {as_toml_text(sheet.file)}"]
    lines += [f"sheet = {as_toml_text(sheet.name)}"] if sheet.name else []
    lines += [f'table = "{proposal.table}"', "[mapping.columns]"]
    table = TABLES[proposal.table]
    lines += [
        f"{c.name} = {as_toml_text(proposal.columns[c.name])}    # {spelt_out(c.meaning)}"
        for c in table.columns
        if c.name in proposal.columns
    ]
    formats = {n: f for n, h in proposal.columns.items() if (f := _date_format(sheet, table[n].type, h))}
    if formats:
        lines += ["[mapping.formats]    # what the first rows look like: check it"]
        lines += [f"{name} = {as_toml_text(form)}" for name, form in formats.items()]
    absent = [c for c in table.columns if c.required and c.name not in proposal.columns]
    if absent:
        lines += ["[mapping.constants]    # needed, and no column looks like it:"]
        lines += [f'# {c.name} = ""    # {spelt_out(c.meaning)}' for c in absent]
    return "\n".join(lines) + "\n"


_OPEN = re.compile(r'^# (\w+) = ""', re.MULTILINE)


def still_open(text: str) -> tuple[str, ...]:
    """The needed columns that a proposal, as text, leaves to its reader.

    Examples
    --------
    >>> still_open('[mapping.constants]    # needed\\n# verb = ""    # what was done\\nvenue = "x"\\n')
    ('verb',)
    """
    return tuple(_OPEN.findall(text))
