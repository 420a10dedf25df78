"""How a sheet becomes rows of a canonical table: one query that maps, converts and marks what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from goodwill.exports import ABSENT, Cell, Relation, Sheet, literal, quoted
from goodwill.vocabulary import SQL_TYPES, TABLES, Table
from goodwill.warehouse import Tables

#: The column that opening adds after the header: why a whole row cannot be read, NULL for a good one.
ROW_REFUSED = "__refused"
#: Refused text is shown to people: enough to recognise it, not a ten-megabyte cell.
SHOWN = 200
#: Stands for the refused column of a row without any cell: it keeps its place in the file and is no record.
BLANK = "(blank)"
EMPTY = "''"


@contextmanager
def readable(tables: Tables, sheet: Sheet) -> Iterator[str]:
    """What to write after FROM to read a sheet, wherever its rows are; rows without any cell are passed over."""
    if sheet.rows is None:
        yield sheet.relation
        return
    tables.register("sheet_in_memory", sheet.rows)
    try:
        yield "sheet_in_memory"
    finally:
        tables.forget("sheet_in_memory")


def keeps_every_row(sheet: Sheet, relation: Relation, *, is_first: bool) -> bool:
    """Does each row of the file give just one row of the table? Then a row's place in the result is its number.

    Counting rows with a window makes DuckDB read with one thread; large files are mostly of this kind.
    """
    return is_first and sheet.rows is None and relation.where == "TRUE" and not relation.each


def projection(sheet: Sheet, relation: Relation, read: str, name: str, *, is_first: bool = True) -> str:
    """The one query that maps a sheet to a canonical table and marks what it refuses.

    A row is refused if a required column is empty, if a cell says something that could not be
    understood, or if opening found the whole row unreadable. ``refused_column``, ``refused_value`` and
    ``refused_reason`` are NULL for good rows, ``source_row`` where ``keeps_every_row``. Rows that opening could
    not read are kept by the first relation of a sheet only (``is_first``), so that each is counted once, whatever
    ``where`` says of it.
    """
    table = TABLES[relation.table]
    cells = {c.name: relation.columns.get(c.name, Cell("NULL")) for c in table.columns}
    raws = {name: cell.raw for name, cell in cells.items() if cell.raw}
    values = [f"{_cast(cells[c.name], c.name, SQL_TYPES[c.type])} AS {quoted(c.name)}" for c in table.columns]
    said = "".join(f"{raw} AS __raw_{column}, " for column, raw in raws.items())
    kept = "".join(f", __raw_{column}" for column in raws)
    return f"""
        WITH {_chosen(sheet, relation, read, is_first)},
        said AS (SELECT {said}* FROM chosen),
        typed AS (
            SELECT __row AS source_row, {ROW_REFUSED} AS __row_refused, __blank, {", ".join(values)}{kept} FROM said),
        judged AS (SELECT *, {_refused_column(table, cells)} AS refused_column FROM typed)
        SELECT {names_of(table)}, {literal(name)} AS source_file, source_row,
            refused_column, left({_refused_value(cells)}, {SHOWN}) AS refused_value,
            {_refused_reason(table)} AS refused_reason
        FROM judged"""


def _cast(cell: Cell, column: str, kind: str) -> str:
    """The cell's value in the column's type; the text it reads is named instead of repeated, so it is worked out once.

    A value beyond what the type can hold refuses its row; only constants, which are ours, may fail as a whole.
    """
    if not cell.raw:
        return f"CAST({cell.value} AS {kind})"
    value = cell.value if cell.raw == "NULL" else cell.value.replace(cell.raw, f"__raw_{column}")
    return f"TRY_CAST({value} AS {kind})"


def _chosen(sheet: Sheet, relation: Relation, read: str, is_first: bool) -> str:
    """The steps that number the rows and choose those that count, as ``chosen``.

    Names of our own come first: where a sheet has a column of the same name, ours is meant.
    """
    blank = f"{first_said(sheet)} IS NULL"
    if keeps_every_row(sheet, relation, is_first=is_first):
        return f"chosen AS (SELECT CAST(NULL AS BIGINT) AS __row, {blank} AS __blank, * FROM {read})"
    unreadable = f"OR {ROW_REFUSED} IS NOT NULL" if is_first else f"AND {ROW_REFUSED} IS NULL"
    present = ""
    if relation.each:  # a row that cannot be read is refused once, not once for each of its metrics
        one = f"metric.native = {literal(relation.each[0].column)}"
        present = f" WHERE CASE WHEN {ROW_REFUSED} IS NULL THEN {_says_something('metric.value')} ELSE {one} END"
    return f"""read AS (SELECT row_number() OVER () + {sheet.first_row - 1} AS __row, * FROM {read}),
        wanted AS (
            SELECT {_metrics(relation)}FALSE AS __blank, * FROM read
            WHERE NOT ({blank}) AND (({relation.where}) {unreadable})),
        chosen AS (SELECT * FROM wanted{present})"""


def first_said(sheet: Sheet) -> str:
    """The first thing a row says, as SQL: NULL for a row without any cell, which is no record."""
    # a cell that begins with any sign but a blank says something; only where none does are all of them trimmed
    quick = ", ".join(f"CASE WHEN {quoted(h)} >= '!' THEN {quoted(h)} END" for h in sheet.header)
    slow = ", ".join(f"nullif(trim({quoted(h)}), {EMPTY})" for h in sheet.header)
    return f"coalesce({quick}, {slow}, {ROW_REFUSED})"


def names_of(table: Table) -> str:
    """The columns of a canonical table as SQL."""
    return ", ".join(quoted(c.name) for c in table.columns)


def _metrics(relation: Relation) -> str:
    """One row per metric column, as ``metric``."""
    if not relation.each:
        return ""
    structs = ", ".join(
        f"{{'native': {literal(m.column)}, 'name': {literal(m.metric)}, 'audience': {literal(m.audience)}, "
        f"'unit': {literal(m.unit)}, 'value': {quoted(m.column)}}}"
        for m in relation.each
    )
    return f"unnest([{structs}]) AS metric, "


def _says_something(value: str) -> str:
    return f"lower(trim({value})) NOT IN ({', '.join(literal(word) for word in ABSENT)})"


def _refused_column(table: Table, cells: dict[str, Cell]) -> str:
    cases = ["WHEN __row_refused IS NOT NULL THEN '(row)'", f"WHEN __blank THEN {literal(BLANK)}"]
    cases += [
        f"WHEN __raw_{n} IS NOT NULL AND {quoted(n)} IS NULL THEN {literal(n)}" for n, cell in cells.items() if cell.raw
    ]
    cases += [f"WHEN {quoted(c.name)} IS NULL THEN {literal(c.name)}" for c in table.columns if c.required]
    return f"CASE {' '.join(cases)} END"


def _refused_value(cells: dict[str, Cell]) -> str:
    raws = " ".join(f"WHEN {literal(n)} THEN __raw_{n}" for n, cell in cells.items() if cell.raw)
    return f"CASE refused_column {raws} END" if raws else "CAST(NULL AS VARCHAR)"


#: What a refused cell is told, by the type that was wanted.
REASONS = {
    "moment": "this is not a date and time",
    "date": "this is not a date",
    "number": "this is not a number",
    "integer": "this is not a whole number",
    "boolean": "this is neither yes nor no",
    "text": "this word is not known",
    "person": "this names nobody",
    "company": "this names no company",
}


def _refused_reason(table: Table) -> str:
    said = " ".join(f"WHEN {literal(c.name)} THEN {literal(REASONS[c.type])}" for c in table.columns)
    return (
        "CASE WHEN refused_column IS NULL THEN NULL "
        "WHEN refused_column = '(row)' THEN __row_refused "
        "WHEN refused_value IS NULL THEN 'this value is needed and absent' "
        f"ELSE CASE refused_column {said} END END"
    )
