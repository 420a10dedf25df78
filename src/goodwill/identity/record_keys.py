"""Telephone numbers, names and titles of records, every distinct text normalised once.

Plain telephone numbers, which are nearly all, are read in SQL by the plans of ``keys_phone``; Python sees the rest.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from goodwill.exports import literal
from goodwill.identity.key_tables import normalised
from goodwill.identity.keys_names import person_name
from goodwill.identity.keys_phone import OTHER_EXITS, Plan, phone, plan, plan_of_code
from goodwill.identity.keys_titles import job_title
from goodwill.warehouse import Tables

#: Country codes have one digit (1 and 7), two (these), or three.
_TWO_DIGITS = (
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
)  # fmt: skip
#: Digits, and what people put between them; "(0)" means that the prefix is in the way.
_PLAIN_NUMBER = r"[+]?[0-9 ().\-/\x{a0}\x{2010}-\x{2013}]+"


def names(tables: Tables, source: str) -> None:
    """Write ``name_keys(raw, name, given, family)`` for the names in ``source(raw)``."""
    sql = f"SELECT DISTINCT raw FROM {source} WHERE raw <> '' ORDER BY raw"
    normalised(tables, sql, "name_keys", ("name", "given", "family"), _name)


def _name(raw: str) -> tuple[str | None, ...]:
    found = person_name(raw)
    return (None, None, None) if found is None else (found.name, found.given, found.family)


def titles(tables: Tables, source: str) -> None:
    """Write ``title_keys(raw, title, seniority, function)`` for the titles in ``source(raw)``."""
    sql = f"SELECT DISTINCT raw FROM {source} WHERE raw <> '' ORDER BY raw"
    normalised(tables, sql, "title_keys", ("title", "seniority", "function"), _title)


def _title(raw: str) -> tuple[str | None, ...]:
    found = job_title(raw)
    return (None, None, None) if found is None else (found.title, found.seniority, found.function)


def phones(tables: Tables, source: str) -> None:
    """Write ``phone_keys(raw, region, phone)`` for the numbers in ``source(raw, region)``, one row each pair."""
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE said_phones AS
        WITH said AS (SELECT DISTINCT raw, region FROM {source} WHERE raw <> ''),
        digits AS (
            SELECT raw, region, regexp_replace(raw, '[^0-9+]', '', 'g') AS dialled,
                regexp_full_match(raw, {literal(_PLAIN_NUMBER)}) AND NOT contains(raw, '(0)') AS is_plain
            FROM said
        )
        SELECT raw, region, is_plain, dialled,
            CASE WHEN dialled LIKE '+%' THEN substr(dialled, 2)
                 WHEN dialled LIKE '00%' AND coalesce(region, '') NOT IN ({_listed(OTHER_EXITS)})
                     THEN substr(dialled, 3) END AS abroad
        FROM digits"""
    )
    code = (
        f"CASE WHEN abroad[1] IN ('1', '7') THEN abroad[1] WHEN abroad[:2] IN ({_listed(_TWO_DIGITS)}) THEN abroad[:2] "
        "ELSE abroad[:3] END"
    )
    _register_plans(tables, code)
    tables.execute(f"CREATE OR REPLACE TEMP TABLE plain_phones AS {_plainly_read(code)}")
    tables.forget("plans_of_codes")
    tables.forget("plans_of_regions")
    rest = (
        "SELECT s.raw, s.region FROM said_phones AS s LEFT JOIN plain_phones AS p "
        "ON p.raw = s.raw AND p.region IS NOT DISTINCT FROM s.region WHERE p.phone IS NULL ORDER BY s.raw, s.region"
    )
    normalised(tables, rest, "odd_phones", ("phone",), lambda raw, region: (phone(raw, region),))
    tables.execute(
        "CREATE OR REPLACE TEMP TABLE phone_keys AS SELECT raw, region, phone FROM plain_phones "
        "UNION ALL SELECT raw, region, phone FROM odd_phones WHERE phone IS NOT NULL"
    )
    for name in ("said_phones", "plain_phones", "odd_phones"):
        tables.execute(f"DROP TABLE {name}")


def _plainly_read(code: str) -> str:
    """SQL: numbers that a plan explains; what starts with a prefix that does not belong there is left to Python."""
    fits = "list_contains(p.lengths, length({n}))"
    odd = "(p.prefix <> '' AND starts_with({n}, p.prefix)) OR list_bool_or([starts_with({n}, o) FOR o IN p.others])"
    return f"""
        WITH abroad AS (
            SELECT raw, region, abroad, {code} AS code FROM said_phones WHERE is_plain AND length(abroad) > 6
        ),
        split AS (SELECT raw, region, abroad, code, substr(abroad, 1 + length(code)) AS national FROM abroad),
        home AS (
            SELECT s.raw, s.region, p.code,
                CASE WHEN p.prefix <> '' AND starts_with(s.dialled, p.prefix)
                    THEN substr(s.dialled, 1 + length(p.prefix)) ELSE s.dialled END AS national
            FROM said_phones AS s JOIN plans_of_regions AS p ON p.region = s.region
            WHERE s.is_plain AND s.abroad IS NULL AND NOT starts_with(s.dialled, p.code)
              AND NOT coalesce(list_bool_or([starts_with(s.dialled, o) FOR o IN p.others]), FALSE)
        )
        SELECT s.raw, s.region, '+' || s.abroad AS phone
        FROM split AS s JOIN plans_of_codes AS p ON p.code = s.code
        WHERE {fits.format(n="s.national")} AND NOT coalesce({odd.format(n="s.national")}, FALSE)
        UNION ALL
        SELECT h.raw, h.region, '+' || p.code || h.national
        FROM home AS h JOIN plans_of_regions AS p ON p.region = h.region
        WHERE {fits.format(n="h.national")} AND NOT coalesce({odd.format(n="h.national")}, FALSE)"""


def _register_plans(tables: Tables, code: str) -> None:
    regions = tables.columns("SELECT DISTINCT region FROM said_phones WHERE region IS NOT NULL ORDER BY region")[
        "region"
    ]
    codes = tables.columns(f"SELECT DISTINCT {code} AS code FROM said_phones WHERE abroad <> '' ORDER BY code")["code"]
    tables.register("plans_of_regions", _as_table([plan(region) for region in regions]))
    digits = [c for c in codes if c.isdigit()]
    tables.register("plans_of_codes", _as_table([plan_of_code(c) for c in digits]))


def _as_table(plans: list[Plan | None]) -> Any:
    known = [p for p in plans if p is not None]
    columns: dict[str, Any] = {
        "region": pa.array([p.region for p in known], pa.string()),
        "code": pa.array([p.code for p in known], pa.string()),
        "prefix": pa.array([p.prefix or "" for p in known], pa.string()),
        "others": pa.array([list(p.others) for p in known], pa.list_(pa.string())),
        "lengths": pa.array([list(p.lengths) for p in known], pa.list_(pa.int64())),
    }
    return pa.table(columns)


def _listed(words: Any) -> str:
    return ", ".join(literal(word) for word in sorted(words))
