"""The arbitrary table: any rectangular file, mapped to a canonical table by a ``[[mapping]]`` in goodwill.toml."""

from __future__ import annotations

from fnmatch import fnmatch

from goodwill.errors import Place, SettingsError, nearest
from goodwill.exports import Cell, Export, Locale, Relation, Sheet, literal, quoted
from goodwill.settings import FILE
from goodwill.sources import cells
from goodwill.vocabulary import TABLES, Column
from goodwill.workspace import TableMapping

NAME = "mapped"


def mappings_for(export: Export, sheet: Sheet, mappings: tuple[TableMapping, ...]) -> tuple[TableMapping, ...]:
    """The mappings that name this file and this sheet."""
    return tuple(m for m in mappings if names(m, export.name) and (m.sheet is None or _fits(sheet.name, m.sheet)))


def names(mapping: TableMapping, file: str) -> bool:
    """Does the mapping name this file, as it stands or by a pattern?"""
    return _fits(file, mapping.file)


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatch(name, pattern)  # a name with brackets does not match itself as a pattern


def relation(sheet: Sheet, mapping: TableMapping, locale: Locale) -> Relation:
    """How a sheet fills the mapping's table.

    Raises
    ------
    SettingsError
        The file lacks a column that the mapping names; with the nearest one it has.
    """
    _check_headers(sheet, mapping)
    columns: dict[str, Cell] = {}
    for column in TABLES[mapping.table].columns:
        if column.name in mapping.constants:
            columns[column.name] = cells.constant(mapping.constants[column.name])
        elif column.name in mapping.columns:
            columns[column.name] = _cell(sheet, mapping, column, locale)
    return Relation(mapping.table, columns | _assumed(mapping, columns, locale), where=_where(sheet, mapping))


def _cell(sheet: Sheet, mapping: TableMapping, column: Column, locale: Locale) -> Cell:
    header = mapping.columns[column.name]
    formats = tuple(f for f in [mapping.formats.get(column.name)] if f)
    if column.name in mapping.values:
        return _translated(sheet, header, mapping.values[column.name])
    if column.name in mapping.nodes:
        return cells.node(sheet, mapping.nodes[column.name], header)
    match column.type:
        case "moment":
            return cells.moment(sheet, header, formats=formats, zone=locale.time_zone)
        case "date":
            return cells.day(sheet, header, formats=formats)
        case "number" | "integer":
            return cells.number(sheet, header, decimal=mapping.decimal)
        case "boolean":
            return cells.truth(sheet, header)
        case "person" | "company":
            return _node(sheet, header, column.type)
        case _:
            return cells.text(sheet, header)


def _node(sheet: Sheet, header: str, kind: str) -> Cell:
    """A node where the mapping names no kind, so that a word names the same person or company in every mapped table.

    An address becomes an e-mail node, ``kind:value`` stays as it is, anything else gets ``kind`` put before it.
    """
    raw = cells.shown(sheet, header)
    value = f"lower({raw})" if kind == "company" else raw
    return Cell(
        f"CASE WHEN regexp_matches({raw}, '^[^@:\\s]+@[^@:\\s]+$') THEN 'email:' || lower({raw}) "
        f"WHEN regexp_matches({raw}, '^[a-z_/]+:.') THEN {raw} ELSE '{kind}:' || {value} END",
        column=header,
    )


def _translated(sheet: Sheet, header: str, values: object) -> Cell:
    """Words of the file as canonical words; "*" stands for every other word."""
    assert isinstance(values, dict)
    raw = cells.shown(sheet, header)
    cases = " ".join(f"WHEN {literal(k.casefold())} THEN {literal(v)}" for k, v in values.items() if k != "*")
    other = literal(values["*"]) if "*" in values else raw
    value = f"CASE lower({raw}) {cases} ELSE {other} END" if cases else other
    return Cell(value, raw, header)


def _assumed(mapping: TableMapping, columns: dict[str, Cell], locale: Locale) -> dict[str, Cell]:
    """What a mapping need not say: the workspace's currency, and that a user's own key is verified."""
    assumed = {}
    table = TABLES[mapping.table]
    if "currency" in table and "currency" not in columns:
        assumed["currency"] = cells.constant(locale.currency)
    if mapping.table == "identifiers" and "is_verified" not in columns:
        assumed["is_verified"] = cells.sql("TRUE")
    return assumed


def _where(sheet: Sheet, mapping: TableMapping) -> str:
    clauses = []
    for header, words in mapping.keep.items():
        clauses.append(f"coalesce(trim({quoted(_known(sheet, mapping, header))}), '') IN ({_list(words)})")
    for header, words in mapping.drop.items():
        clauses.append(f"coalesce(trim({quoted(_known(sheet, mapping, header))}), '') NOT IN ({_list(words)})")
    return " AND ".join(clauses) or "TRUE"


def _list(words: list[str]) -> str:
    return ", ".join(literal(w) for w in words) or "NULL"


def _check_headers(sheet: Sheet, mapping: TableMapping) -> None:
    for header in mapping.columns.values():
        _known(sheet, mapping, header)


def _known(sheet: Sheet, mapping: TableMapping, header: str) -> str:
    found = sheet.column(header)
    if found is None:
        close = nearest(header, sheet.header)
        raise SettingsError(
            f'the file {sheet.file} has no column "{header}"',
            where=Place(FILE, mapping.line, header),
            remedy=f'Did you mean "{close}"?' if close else f"It has: {', '.join(sheet.header[:12])}.",
        )
    return found
