"""How the text of a cell becomes a canonical value: the small words in which sources are written.

Every function takes the sheet and a column's name (or several, the first present counts) and
returns a ``Cell`` of DuckDB SQL; a column that the sheet lacks gives an empty cell.
"""

from __future__ import annotations

from goodwill.exports import ABSENT, Cell, Sheet, literal, quoted

NOTHING = Cell("NULL")


def shown(sheet: Sheet, *columns: str) -> str:
    """SQL for a column's trimmed text, NULL where the export says nothing; ``NULL`` if the sheet lacks it."""
    column = sheet.column(*columns)
    if column is None:
        return "NULL"
    words, said = ", ".join(literal(word) for word in ABSENT), quoted(column)
    # few cells need trimming, and trim is dear; written once, DuckDB does not work it out for all rows beforehand
    trimmed = f"list_filter([trim({said})], lambda word: lower(word) NOT IN ({words}))[1]"
    return (
        f"CASE WHEN {said} LIKE ' %' OR {said} LIKE '% ' THEN {trimmed} "
        f"WHEN lower({said}) IN ({words}) THEN NULL ELSE {said} END"
    )


def text(sheet: Sheet, *columns: str) -> Cell:
    """The words as they stand, trimmed."""
    return Cell(shown(sheet, *columns), column=sheet.column(*columns))


def node(sheet: Sheet, kind: str, *columns: str) -> Cell:
    """An identifier as ``kind:value``; e-mail addresses, domains and handles in lower case, a leading @ dropped."""
    value = shown(sheet, *columns)
    if "/" not in kind:
        value = f"ltrim(lower({value}), '@')"
    return Cell(f"{literal(kind + ':')} || {value}", column=sheet.column(*columns))


def constant(value: str | None) -> Cell:
    """The same value for every row."""
    return NOTHING if value is None else Cell(literal(value))


def sql(expression: str, raw: str | None = None, column: str | None = None) -> Cell:
    """Any SQL over the sheet's columns; give ``raw`` if the value can be misunderstood."""
    return Cell(expression, raw, column)


def number(sheet: Sheet, *columns: str, decimal: str = ".") -> Cell:
    """A figure: thousands separators, currency signs and blanks are dropped; "12%" becomes 0.12; "(5)" is -5.

    A separator that does not part thousands ("1,5" where the decimal mark is a point) makes it no figure at all:
    most likely the decimal mark is another one, and reading 15 would be a silent error.
    """
    raw = shown(sheet, *columns)
    return Cell(figure(raw, decimal), raw, sheet.column(*columns))


def figure(raw: str, decimal: str = ".") -> str:
    """SQL that reads the text ``raw`` as a number, NULL where it is none."""
    thousands = "," if decimal == "." else "."
    # fast path: most exports hold plain figures, and the general form costs ten times as much
    plain = f"TRY_CAST({raw} AS DOUBLE)" if decimal == "." else "NULL"
    ornament = r"[\s\x{a0}\x{202f}''$€£¥₹%()]|^[A-Z]{3} |[A-Z]{3}$"
    bare = f"regexp_replace(replace(replace({raw}, '{thousands}', ''), '−', '-'), '{ornament}', '', 'g')"
    # groups of two are Indian (1,00,000); the last group always has three
    grouped = rf"^[^\d]*\d{{1,3}}([{thousands}]\d{{2,3}})*[{thousands}]\d{{3}}([{decimal}]\d*)?[^\d]*$"
    is_grouped = f"(NOT contains({raw}, '{thousands}') OR regexp_matches({raw}, '{grouped}'))"
    value = f"CASE WHEN {is_grouped} THEN TRY_CAST(replace({bare}, '{decimal}', '.') AS DOUBLE) END"
    signed = f"CASE WHEN {raw} LIKE '(%)' THEN -({value}) ELSE {value} END"
    scaled = f"CASE WHEN contains({raw}, '%') THEN ({signed}) / 100 ELSE {signed} END"
    finite = f"COALESCE({plain}, {scaled})"
    return f"CASE WHEN isfinite({finite}) THEN {finite} END"


def truth(sheet: Sheet, *columns: str) -> Cell:
    """True, false, yes, no, 1, 0 and the like."""
    raw = shown(sheet, *columns)
    yes, no = "'true','t','yes','y','1','won','x'", "'false','f','no','n','0'"
    return Cell(
        f"CASE WHEN lower({raw}) IN ({yes}) THEN TRUE WHEN lower({raw}) IN ({no}) THEN FALSE END",
        raw,
        sheet.column(*columns),
    )


#: Formats tried in turn when a source names none: ISO and its relatives, never an ambiguous one.
ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d")


def moment(sheet: Sheet, *columns: str, formats: tuple[str, ...] = (), zone: str = "UTC") -> Cell:
    """A point in time, in UTC.

    ISO 8601 is always understood, with or without offset; ``formats`` (strptime) come first where
    given. Excel serial days (44008, 44008.5) are understood between 1990 and 2079. Times without
    an offset are in ``zone``.
    """
    raw = shown(sheet, *columns)
    return Cell(instant(raw, formats, zone), raw, sheet.column(*columns))


def instant(raw: str, formats: tuple[str, ...] = (), zone: str = "UTC") -> str:
    """SQL that reads the text ``raw`` as a moment in UTC, NULL where it is none."""
    local = _parsed(raw, formats)
    joined = rf"regexp_replace(regexp_replace({raw}, ' ?(UTC|z)$', 'Z'), ' ([+-]\d{{2}}:?\d{{2}})$', '\1')"
    offset = f"timezone('UTC', TRY_CAST({joined} AS TIMESTAMPTZ))"
    has_offset = rf"regexp_matches({raw}, '\d{{2}}:\d{{2}}.*([Zz]|UTC|[+-]\d{{2}}(:?\d{{2}})?)$')"
    if any("%z" in f for f in formats):
        marked = [f for f in formats if "%z" in f]
        offset = f"COALESCE({', '.join(_try(raw, f, zoned=True) for f in marked)}, {offset})"
        has_offset = f"({has_offset} OR regexp_matches({raw}, ' [+-][0-9]{{4}}( |$)'))"
    if zone != "UTC":
        local = f"timezone('UTC', timezone({literal(zone)}, {local}))"
    if not formats and zone == "UTC":  # the usual case first: it needs none of the questions
        usual = f"WHEN {_plain(raw)} THEN TRY_CAST({raw} AS TIMESTAMP)"
        return f"CASE {usual} WHEN {has_offset} THEN {offset} ELSE {local} END"
    return f"CASE WHEN NOT {_plain(raw)} AND {has_offset} THEN {offset} ELSE {local} END"


def day(sheet: Sheet, *columns: str, formats: tuple[str, ...] = ()) -> Cell:
    """A calendar day as the export states it, whatever the time zone."""
    raw = shown(sheet, *columns)
    return Cell(f"CAST({_parsed(raw, formats)} AS DATE)", raw, sheet.column(*columns))


def _parsed(raw: str, formats: tuple[str, ...]) -> str:
    given = [_try(raw, f) for f in formats if "%z" not in f]
    days = f"TRY_CAST({raw} AS DOUBLE)"
    serial = (
        f"CASE WHEN {days} BETWEEN 32874 AND 65744 "
        f"THEN TIMESTAMP '1899-12-30' + to_microseconds(CAST(round({days} * 86400) AS BIGINT) * 1000000) END"
    )
    # DuckDB reads 20-10-16 as a day of the year 20: a year has four figures, all else is for formats to explain
    # DuckDB reads "10:00 PM" and "10:00 Europe/Berlin" as ten o'clock: letters are for formats and offsets to explain
    is_iso = f"{raw}[5] IN ('-', '/') AND trim({raw}, '0123456789-/:., T') = ''"
    iso = f"CASE WHEN {_plain(raw)} OR ({is_iso}) THEN TRY_CAST({raw} AS TIMESTAMP) END"
    return f"COALESCE({', '.join([*given, iso, serial])})"


def _plain(raw: str) -> str:
    """SQL: does the text look like 2024-05-31 10:00:00? Most do, and need none of the dearer questions."""
    return f"(strlen({raw}) = 19 AND {raw}[17] = ':' AND {raw} >= '0' AND {raw} < ':')"


def _try(raw: str, strptime: str, *, zoned: bool = False) -> str:
    parsed = f"try_strptime({raw}, {literal(strptime)})"
    return f"timezone('UTC', {parsed})" if zoned else f"CAST({parsed} AS TIMESTAMP)"
