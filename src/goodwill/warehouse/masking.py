"""Keeps forgotten people out of what is loaded: finds them by their digests, before anything is written.

A first pass over what a sheet says draws every text that could name somebody (addresses, handles, numbers, words that
follow each other), each once, and compares keyed hashes. Only what was found is masked in the second: rows that are
about the person stay as empty places, in others the person is taken out. Where nobody was forgotten, neither pass runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from goodwill.exports import literal, quoted
from goodwill.tombstones import FEWEST_DIGITS, PHONE_DIGITS, SHOWN, WITHOUT_DOTS, Tombstones
from goodwill.vocabulary import Table
from goodwill.warehouse import Tables

#: Stands for the refused column of a row that is left out because of whom it is about; it keeps its place in the file.
FORGOTTEN = "(forgotten)"
#: What stands in a text where a forgotten person was named.
MASK = "[forgotten]"
#: Rows that are about one person: they are left out whole. The columns that say about whom.
WHOLE: Mapping[str, tuple[str, ...]] = {
    "people": ("id",),
    "identifiers": ("record", "value"),
    "employments": ("person",),
    "opportunity_contacts": ("person",),
    "surveys": ("person",),
}
#: Rows that are about more than the person: the columns that name them, and the words of theirs that go with them.
PART: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "interactions": (("actor", "target_actor"), ()),
    "items": (("author",), ("title", "body")),
    "leads": (("person",), ()),
    "tickets": (("requester",), ("subject",)),
    "orders": (("person",), ()),
    "subscriptions": (("person",), ()),
}
#: A record's number that serves as the number of a lead, and the rows to which that applies.
LEADS: Mapping[str, tuple[str, str]] = {"leads": ("id", "TRUE"), "stage_changes": ("object_id", "object_kind = 'lead'")}
#: Columns of a person's own record are another person's if the row is not theirs, whatever they have in common.
OWN = {"people": ("id", "name", "email", "phone"), "identifiers": ("record", "value")}
#: Words in a name: two at least, and hardly more than four.
NAME_WORDS = (2, 3, 4)

# RE2 knows \w for ASCII only
MAIL = r"[\pL\pN_.+-]+(?:@|%40)[\pL\pN_-]+(?:\.[\pL\pN_-]+)+"
PHONE = r"\+?\(?\d[\d ()./-]{5,}\d"
WORDS = r"[\pL\pN]+(?:[''’-][\pL\pN]+)*"


@dataclass(frozen=True)
class Masked:
    """A query whose rows name no forgotten person, and from how many rows that stay somebody was taken out."""

    sql: str
    detached: int = 0


@dataclass(frozen=True)
class Found:
    """What a sheet says of forgotten people, as it says it, by kind of identifier."""

    by_kind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, kind: str) -> tuple[str, ...]:
        return self.by_kind.get(kind, ())


def masked(tables: Tables, query: str, table: Table, tombstones: Tombstones) -> Masked:
    """What ``query`` reads of a sheet (see ``projection``) without forgotten people.

    Parameters
    ----------
    tables : engine
    query : str
        The rows of one canonical table with ``refused_column``, ``refused_value`` and ``refused_reason``.
    table : Table
    tombstones : Tombstones

    Returns
    -------
    Masked
        The query itself where nobody was forgotten or nobody of them is there.
    """
    if not tombstones:
        return Masked(query)
    texts = [c.name for c in table.columns if c.type in ("text", "person", "company")]
    found = search(tables, query, [*texts, "refused_value"], tombstones, pairs=_pairs(table))
    if not found.by_kind:
        return Masked(query)
    theirs = _theirs(table, found)
    columns = ", ".join(f"{_cell(table, name, found, tombstones)} AS {quoted(name)}" for name in _names(table))
    sql = (
        f"WITH projected AS ({query}), judged AS (SELECT *, {theirs} AS __theirs FROM projected) "
        f"SELECT {columns}, source_file, source_row, {_refused(table, found)} FROM judged"
    )
    detached = 0
    if table.name in PART:
        count = f"SELECT count(*) AS n FROM ({query}) WHERE {theirs} AND refused_column IS NULL"
        detached = int(tables.rows(count)[0]["n"])
    return Masked(sql, detached)


def search(tables: Tables, query: str, columns: Iterable[str], tombstones: Tombstones, *, pairs: str = "") -> Found:
    """Every text in these columns by which a forgotten person is known, as it stands there.

    ``pairs`` is SQL for a name with a company, where a row has both.
    """
    listed = ", ".join(quoted(name) for name in columns)
    also = f"UNION ALL SELECT 'with', {pairs}, {pairs} FROM projected" if pairs else ""
    digests = ", ".join(literal(d) for d in tombstones.digests)
    rows = tables.rows(
        f"""WITH projected AS ({query}),
        texts AS (SELECT DISTINCT unnest([{listed}]) AS said FROM projected),
        lists AS (
            SELECT said, regexp_extract_all(said, '{MAIL}') AS mails, regexp_extract_all(said, '{PHONE}') AS phones,
                regexp_extract_all(lower(said), '{WORDS}') AS words,
                list_concat(regexp_extract_all(lower(said), '[\\pL\\pN_.+-]+'),
                    regexp_extract_all(lower(said), '[\\pL\\pN_-]+'),
                    regexp_extract_all(lower(said), '[\\pL\\pN_]+')) AS tokens,
                regexp_extract_all(lower(said), '@[\\pL\\pN_-]+(?:\\.[\\pL\\pN_-]+)*') AS ats
            FROM texts WHERE said IS NOT NULL),
        candidates AS (
            SELECT 'node' AS kind, said AS value, said FROM lists
            UNION ALL SELECT 'lead', said, said FROM lists
            UNION ALL SELECT 'mail', {mail_key("said")}, said FROM (SELECT unnest(mails) AS said FROM lists)
            UNION ALL SELECT 'word', said, said FROM (SELECT DISTINCT unnest(tokens) AS said FROM lists)
            UNION ALL SELECT 'at', said, said FROM (SELECT DISTINCT unnest(ats) AS said FROM lists)
            UNION ALL SELECT 'phone', {phone_key("said")}, said FROM (SELECT unnest(phones) AS said FROM lists)
            UNION ALL SELECT 'name', said, said FROM (SELECT DISTINCT unnest({_runs("words")}) AS said FROM lists)
            {also}),
        once AS (SELECT DISTINCT kind, value, said FROM candidates WHERE value <> '')
        SELECT kind, list(said ORDER BY said) AS said FROM once
        WHERE {keyed("kind || ':' || value", tombstones.key)} IN ({digests}) GROUP BY kind ORDER BY kind"""
    )
    return Found({row["kind"]: tuple(row["said"]) for row in rows})


def keyed(value: str, key: bytes) -> str:
    """SQL for HMAC-SHA256 of a text, cut as ``tombstones`` cuts it (RFC 2104, keys of at most 64 bytes)."""
    block = key.ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C))
    return f"left(sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode({value})))), {SHOWN})"


def text_without(column: str, found: Found) -> str:
    """SQL for a text in which nobody of them is named any more."""
    whole = [_pattern(said) for kind in ("mail", "phone") for said in found[kind]]
    named = [r"[\s,]+".join(map(_pattern, said.split())) for said in found["name"]]
    words = [_pattern(said) for kind in ("word", "at") for said in found[kind]]
    value = _replaced("said", [*whole, *named], r"[^\pL\pN_.+-]", r"[^\pL\pN_]")
    # a word before an @ is the beginning of somebody else's address: their own is among the whole addresses
    value = _replaced(value, words, r"[^\pL\pN_]", r"[^\pL\pN_@%]")
    # to look for a piece is many times as fast as to replace, and hardly a text names anybody
    pieces = " OR ".join(f"contains(lower(said), {literal(piece)})" for piece in _pieces(found))
    # a list of one gives the text a name, else DuckDB would work it out anew wherever it stands
    return f"[CASE WHEN {pieces} THEN {value} ELSE said END FOR said IN [{column}]][1]" if pieces else column


def _pieces(found: Found) -> list[str]:
    """The fewest texts of which each one found has one: of a name its longest word, of the others themselves."""
    texts = {said.lower() for kind in ("mail", "phone", "word", "at") for said in found[kind]}
    texts |= {max(said.split(), key=len) for said in found["name"]}
    return sorted(t for t in texts if not any(other in t for other in texts if other != t))


def _replaced(text: str, patterns: list[str], before: str, after: str) -> str:
    if not patterns:
        return text
    longest_first = "|".join(sorted(patterns, key=lambda p: (-len(p), p)))
    pattern = literal(f"(?i)(^|{before})(?:{longest_first})({after}|$)")
    # twice: of two that share the sign between them the first pass takes only the first
    once = f"regexp_replace({text}, {pattern}, '\\1{MASK}\\2', 'g')"
    return f"regexp_replace({once}, {pattern}, '\\1{MASK}\\2', 'g')"


def _pattern(said: str) -> str:
    """A text as a pattern that matches just it."""
    return re.sub(r"([^\w\s])", r"\\\1", said)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _pairs(table: Table) -> str:
    """SQL for a row's name with its company, as ``tombstones.of_name`` writes it."""
    if table.name != "people":
        return ""
    name, company = (f"array_to_string(regexp_extract_all(lower({c}), '{WORDS}'), ' ')" for c in ("name", "company"))
    return f"{name} || '|' || {company}"


def _theirs(table: Table, found: Found) -> str:
    """SQL: is the row about a forgotten person?"""
    columns = WHOLE.get(table.name) or PART.get(table.name, ((), ()))[0]
    said = [_names_them(column, found) for column in columns]
    if table.name == "people":
        named = f"array_to_string(regexp_extract_all(lower(name), '{WORDS}'), ' ') IN {_listed(found['name'])}"
        said += [
            f"email IN {_listed(found['mail'])}",
            f"{_pairs(table)} IN {_listed(found['with'])}",
            # a name alone is a person's only where nothing else says whose it is
            f"({named} AND (phone IN {_listed(found['phone'])} OR (email IS NULL AND company IS NULL)))",
        ]
    return f"coalesce({' OR '.join(f'coalesce({s}, FALSE)' for s in said) or 'FALSE'}, FALSE)"


def _names_them(column: str, found: Found) -> str:
    mails = [f"email:{said}" for said in found["mail"]]
    return f"{quoted(column)} IN {_listed([*found['node'], *mails])}"


def _listed(values: Iterable[str]) -> str:
    return f"({', '.join(literal(v) for v in values) or 'NULL'})"


def _cell(table: Table, name: str, found: Found, tombstones: Tombstones) -> str:
    """SQL for one canonical value without forgotten people."""
    kind, said = table[name].type, quoted(name)
    if table.name in WHOLE and kind not in ("text", "person", "company"):
        return f"CASE WHEN NOT __theirs THEN {said} END"
    if kind not in ("text", "person", "company"):
        return said
    value = text_without(said, found)
    if name == LEADS.get(table.name, ("", ""))[0]:
        known = f"{LEADS[table.name][1]} AND ({said} IN {_listed(found['lead'])} OR {value} <> {said})"
        value = f"CASE WHEN {known} THEN 'forgotten ' || left({keyed(said, tombstones.key)}, 12) ELSE {said} END"
    if kind == "person" or name in OWN.get(table.name, ()):
        value = f"CASE WHEN {_names_them(name, found)} THEN NULL ELSE {said} END"
    if table.name in WHOLE or name in PART.get(table.name, ((), ()))[1]:
        value = f"CASE WHEN NOT __theirs THEN {value} END"
    return value


def _refused(table: Table, found: Found) -> str:
    value = f"CASE WHEN NOT __theirs THEN {text_without('refused_value', found)} END AS refused_value"
    if table.name not in WHOLE:
        return f"refused_column, {value}, refused_reason"
    column = f"CASE WHEN __theirs THEN {literal(FORGOTTEN)} ELSE refused_column END AS refused_column"
    return f"{column}, {value}, CASE WHEN NOT __theirs THEN refused_reason END AS refused_reason"


def mail_key(said: str) -> str:
    """SQL for ``tombstones.normal_mail``."""
    plain = f"replace(lower({said}), '%40', '@')"
    local, domain = f"split_part(split_part({plain}, '@', 1), '+', 1)", f"split_part({plain}, '@', 2)"
    return f"CASE WHEN {domain} IN {WITHOUT_DOTS} THEN replace({local}, '.', '') ELSE {local} END || '@' || {domain}"


def phone_key(said: str) -> str:
    """SQL for ``tombstones.normal_phone``."""
    digits = f"regexp_replace({said}, '[^0-9]', '', 'g')"
    return f"CASE WHEN strlen({digits}) >= {FEWEST_DIGITS} THEN right({digits}, {PHONE_DIGITS}) END"


def _runs(words: str) -> str:
    """SQL for the runs of as many words as names have."""
    runs = [
        f"list_transform(range(1, greatest(len({words}) - {n - 2}, 1)), "
        f"lambda i: array_to_string({words}[i:i + {n - 1}], ' '))"
        for n in NAME_WORDS
    ]
    return f"list_concat({', '.join(runs)})"
