"""Kinds of field: how a value is cleaned, how two values are graded, and by which parts of it records are looked up.

A grade (level) is a small integer: 0 = one side is absent (says nothing), 1 = different, the highest = equal.
Everything is SQL text over two rows ``a`` and ``b`` of the prepared table; ``_`` in a template is the field's number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from goodwill.errors import GoodwillError, nearest


@dataclass(frozen=True)
class Field:
    """A column to compare, and what kind of thing stands in it.

    Examples
    --------
    >>> Field("surname", "family").kind
    'family'
    """

    name: str
    kind: str = "text"

    def __post_init__(self) -> None:
        """Refuse a kind that nobody knows how to compare."""
        if self.kind not in KINDS:
            near = nearest(self.kind, KINDS)
            remedy = f"Did you mean {near}?" if near else f"Choose one of {', '.join(sorted(KINDS))}."
            raise GoodwillError(f'there is no kind of field "{self.kind}"', where=self.name, remedy=remedy)


@dataclass(frozen=True)
class Level:
    """One grade between different and equal: its name, when it holds, and how often it holds for one person."""

    name: str
    holds: str
    share: float


@dataclass(frozen=True)
class Kind:
    """How fields of one kind are handled.

    ``clean`` turns the column ``{x}`` into text; ``levels`` are tried from the last to the first, after equality;
    ``equal`` is how often two records of one person agree; ``chance`` how often two strangers do, for tables too
    small to tell; ``parts`` are the values by which records are looked up, the whole value first, then looser and
    looser; ``strength`` orders fields: which of them says most about who somebody is; ``shared_at_most`` is how often
    strangers who share something else (who live or work together) share this too, at most: an address always, a birth
    date hardly ever. Without that bound, one person's records would pass for a class of strangers who share all.
    """

    clean: str
    levels: tuple[Level, ...]
    equal: float
    chance: float
    parts: tuple[tuple[str, str], ...]
    strength: int
    shared_at_most: float = 1.0

    @property
    def is_identity(self) -> bool:
        """Whether it hardly ever changes in a life: stronger than an address, a telephone or a mailbox."""
        return self.strength in (6, 8, 9, 10)


#: Grades from here on mean equal, and how frequent the value is: ``EQUAL`` + its class of frequency (``prepared``).
EQUAL = 16

_WORD = "nullif(trim(lower(strip_accents(CAST({x} AS VARCHAR)))), '')"
_COMPACT = "nullif(translate(lower(CAST({x} AS VARCHAR)), '-/.() +', ''), '')"
#: One slip of the keyboard (Damerau); the slow function only runs where the fast one leaves the question open.
#: A slip leaves the first or the last letter alone; asking that first saves most of the slow comparisons.
_ENDS = "(left(a.v_, 1) = left(b.v_, 1) OR right(a.v_, 1) = right(b.v_, 1))"
_SLIP = (
    f"{_ENDS} AND jaro_winkler_similarity(a.v_, b.v_) >= 0.75 AND (levenshtein(a.v_, b.v_) <= 1 "
    "OR (levenshtein(a.v_, b.v_) = 2 AND damerau_levenshtein(a.v_, b.v_) = 1))"
)
_LIKE = f"{_ENDS} AND jaro_winkler_similarity(a.v_, b.v_) >= 0.85"
_BEGINS = "length(a.v_) >= 3 AND length(b.v_) >= 3 AND (starts_with(a.v_, b.v_) OR starts_with(b.v_, a.v_))"
_INITIAL = "(length(a.v_) = 1 OR length(b.v_) = 1) AND left(a.v_, 1) = left(b.v_, 1)"
_LOCAL = "split_part({side}.v_, '@', 1)"
_A_LOCAL, _B_LOCAL = _LOCAL.format(side="a"), _LOCAL.format(side="b")
_LOCAL_ALIKE = f"left(a.v_, 1) = left(b.v_, 1) AND jaro_winkler_similarity({_A_LOCAL}, {_B_LOCAL}) >= 0.9"
_LOCAL_SAME = f"left(a.v_, 4) = left(b.v_, 4) AND {_A_LOCAL} = {_B_LOCAL} AND length({_A_LOCAL}) >= 4"
#: Consonants in order without doubles: what typing and hearing leave of a name (after Soundex, without its digits).
_SKELETON = (
    "left(v_, 1) || left(regexp_replace(translate(substr(v_, 2), 'aeiouyhw ''-', ''), "
    "'(bb|cc|dd|ff|gg|kk|ll|mm|nn|pp|rr|ss|tt|zz)', '\\1'), 5)"
)
_START, _END = "left(v_, 3)", "'*' || right(v_, 3)"
_LONG_START = "left(v_, 5)"
_TOKENS = "array_to_string(list_sort(string_split(v_, ' ')), ' ')"
_FIRST = "split_part(v_, ' ', 1)"
_LAST = "CASE WHEN contains(v_, ' ') THEN split_part(v_, ' ', -1) END"


def _part(offset: int, length: int, side: str) -> str:
    return f"substr({side}.v_, {offset}, {length})"


_SAME_YEAR, _SAME_MONTH, _SAME_DAY = (
    f"{_part(at, size, 'a')} = {_part(at, size, 'b')}" for at, size in ((1, 4), (5, 2), (7, 2))
)
_TURNED = f"{_part(5, 2, 'a')} = {_part(7, 2, 'b')} AND {_part(7, 2, 'a')} = {_part(5, 2, 'b')} AND {_SAME_YEAR}"
_TWO_OF_THREE = f"CAST({_SAME_YEAR} AS INT) + CAST({_SAME_MONTH} AS INT) + CAST({_SAME_DAY} AS INT) >= 2"

#: Any likeness of two dates leaves the year alone, or month and day.
_HALF = "(left(a.v_, 4) = left(b.v_, 4) OR right(a.v_, 4) = right(b.v_, 4))"
_MONTH, _DAY = "substr(v_, 5, 2)", "substr(v_, 7)"
_DATE_PARTS = (
    ("whole", f"substr(v_, 1, 4) || least({_MONTH}, {_DAY}) || greatest({_MONTH}, {_DAY})"),
    ("year_month", "CASE WHEN length(v_) >= 8 THEN substr(v_, 1, 6) END"),
    ("month_day", "CASE WHEN length(v_) >= 8 THEN '*' || substr(v_, 5, 4) END"),
    ("year_day", "CASE WHEN length(v_) >= 8 THEN substr(v_, 1, 4) || '*' || substr(v_, 7, 2) END"),
)  # fmt: skip
_BEFORE_AT = "split_part(v_, '@', 1)"
_EMAIL_PARTS = (("whole", "v_"), ("local", f"CASE WHEN length({_BEFORE_AT}) >= 4 THEN {_BEFORE_AT} ELSE v_ END"),
                ("start", "left(v_, 5)"), ("end", "'*' || right(split_part(v_, '@', 1), 4)"))  # fmt: skip
_NAME_LEVELS = (Level("alike", _LIKE, 0.03), Level("slip", _SLIP, 0.07))
_TEXT_LEVELS = (
    Level("alike", f"{_BEGINS} OR ({_LIKE})", 0.03),
    Level("slip", f"({_SLIP} OR jaro_winkler_similarity(a.v_, b.v_) >= 0.95)", 0.07),
)
_CODE_LEVELS = (Level("slip", f"length(a.v_) >= 3 AND ({_SLIP})", 0.06),)

KINDS = {
    "given": Kind(
        _WORD,
        (
            Level("alike", f"{_BEGINS} OR ({_LIKE})", 0.03),
            Level("nickname", f"a.n_ = b.n_ OR ({_INITIAL})", 0.06),
            _NAME_LEVELS[1],
        ),
        0.75, 5e-3,
        (("whole", "v_"), ("nickname", "n_"), ("start", _START), ("end", _END)), 6, 0.1,
    ),
    "family": Kind(
        _WORD, _NAME_LEVELS, 0.80, 1e-3,
        (("whole", "v_"), ("skeleton", _SKELETON), ("start", _START), ("end", _END)), 8, 0.6,
    ),
    "name": Kind(
        _WORD,
        (*_NAME_LEVELS, Level("order", f"{_TOKENS.replace('v_', 'a.v_')} = {_TOKENS.replace('v_', 'b.v_')}", 0.02)),
        0.75, 1e-5,
        (("whole", _TOKENS), ("last", _LAST), ("first", _FIRST), ("start", _LONG_START)), 10, 0.05,
    ),
    "date": Kind(
        "nullif(left(translate(CAST({x} AS VARCHAR), '-/. ', ''), 8), '')",
        (
            Level("parts", f"{_HALF} AND {_TWO_OF_THREE}", 0.04),
            Level("slip", f"{_HALF} AND (({_SLIP}) OR ({_TURNED}))", 0.06),
        ),
        0.85, 5e-5, _DATE_PARTS, 9, 0.03,
    ),
    "email": Kind(
        _WORD,
        (
            Level("alike", _LOCAL_ALIKE, 0.06),
            Level("local", _LOCAL_SAME, 0.06),
        ),
        0.70, 1e-7, _EMAIL_PARTS, 7, 0.2,
    ),
    "handle": Kind(
        _WORD, _TEXT_LEVELS, 0.60, 1e-7, (("whole", "v_"), ("start", _LONG_START), ("end", _END)), 7, 0.2,
    ),
    "phone": Kind(
        _COMPACT,
        (Level("slip", _SLIP, 0.05), Level("ending", "length(a.v_) >= 7 AND right(a.v_, 7) = right(b.v_, 7)", 0.03)),
        0.70, 1e-7,
        (("whole", "v_"), ("ending", "'*' || right(v_, 7)"), ("start", "left(v_, 8)")), 7, 0.5,
    ),
    "code": Kind(
        _COMPACT, _CODE_LEVELS, 0.80, 1e-4,
        (("whole", "v_"), ("start", "left(v_, CAST(ceil(length(v_) * 0.6) AS BIGINT))"),
         ("end", "'*' || right(v_, CAST(ceil(length(v_) * 0.6) AS BIGINT))")), 5,
    ),
    "number": Kind(
        _COMPACT, (Level("slip", f"length(a.v_) >= 3 AND ({_SLIP})", 0.06),), 0.75, 1e-2, (("whole", "v_"),), 1,
    ),
    "place": Kind(
        _WORD, _TEXT_LEVELS, 0.75, 1e-2, (("whole", "v_"), ("start", _START), ("end", _END)), 3,
    ),
    "company": Kind(
        _WORD, _TEXT_LEVELS, 0.75, 1e-3, (("whole", "v_"), ("first", _FIRST), ("start", _LONG_START)), 5,
    ),
    "text": Kind(
        _WORD, _TEXT_LEVELS, 0.75, 1e-3, (("whole", "v_"), ("start", _LONG_START), ("last", _LAST)), 4,
    ),
}  # fmt: skip


def level_names(field: Field, *, crossed: bool = False) -> tuple[str, ...]:
    """The grades of a field from different to equal; grade i of a pattern is ``level_names(...)[i - 1]``.

    Examples
    --------
    >>> level_names(Field("surname", "family"))
    ('different', 'alike', 'slip', 'equal')
    """
    between = tuple(level.name for level in KINDS[field.kind].levels)
    return ("different", *(("swapped",) if crossed else ()), *between, "equal")


def level_shares(field: Field, *, crossed: bool = False) -> tuple[float, ...]:
    """How often the grades occur between two records of one person, before any data are seen."""
    kind = KINDS[field.kind]
    between = (*((0.01,) if crossed else ()), *(level.share for level in kind.levels))
    return (1 - kind.equal - sum(between), *between, kind.equal)


def level_sql(fields: Sequence[Field], number: int) -> str:
    """The grade of one field between rows ``a`` and ``b``, as a SQL expression."""
    kind, other = KINDS[fields[number].kind], partner(fields, number)
    graded = [(level.holds, place) for place, level in enumerate(kind.levels, start=2 if other is None else 3)]
    if other is not None:
        graded.insert(0, (f"a.c_ = b.c{other} OR b.c_ = a.c{other}", 2))
    cases = " ".join(f"WHEN {holds} THEN {place}" for holds, place in reversed(graded))
    return numbered(
        f"(CASE WHEN a.c_ = b.c_ THEN {EQUAL} + a.b_ WHEN a.c_ <> b.c_ THEN (CASE {cases} ELSE 1 END) ELSE 0 END)",
        number,
    )


def partner(fields: Sequence[Field], number: int) -> int | None:
    """The field whose values may stand in this one by mistake: given names in place of family names, and back."""
    wanted = {"given": "family", "family": "given"}.get(fields[number].kind)
    return next((place for place, field in enumerate(fields) if field.kind == wanted), None)


def numbered(template: str, number: int) -> str:
    """A template with the field's number for ``_`` after v, c, n, b and e.

    Examples
    --------
    >>> numbered("a.v_ = b.v_", 3)
    'a.v3 = b.v3'
    """
    return re.sub(r"\b([vcnbe])_(?!\w)", rf"\g<1>{number}", template)
