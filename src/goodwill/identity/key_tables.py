"""Keys as small tables that the models join: every distinct address, domain, company name and profile, normalised once.

Plain spellings, which are nearly all, are normalised in SQL; Python sees the rest. ``raw`` is the text as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa

from goodwill.exports import literal
from goodwill.identity import keys_mail
from goodwill.identity.keys_companies import company_family, company_name
from goodwill.identity.keys_domains import brand_of, company_domain
from goodwill.identity.keys_handles import VENUES, profile_node
from goodwill.identity.keys_mail import mail
from goodwill.identity.keys_places import country_code
from goodwill.vocabulary import TABLES
from goodwill.warehouse import Tables

#: An address that needs nothing but lower case and its provider's rules.
_PLAIN_MAIL = r"[a-z0-9_-]([a-z0-9_.+-]*[a-z0-9_+-])?@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
#: Longer ones may break the limits of RFC 5321, which Python checks.
_PLAIN_LENGTH = 64
#: A profile that is written as its key already is; venues with rules of their own are not among them.
_PLAIN_PROFILE = (
    r"([a-z]+:[a-z0-9]{4,15}|linkedin:[a-z0-9-]{4,60}|x:[a-z0-9_]{4,15}|mastodon:[a-z0-9_]+@[a-z0-9-]+\.[a-z]+)"
)


def fill(tables: Tables) -> None:
    """Write the keys of everything in the canonical tables.

    - ``mail_keys(raw, email, local, domain, is_role, is_free, is_node)``: the mailbox; ``is_node`` where an
      ``email:`` node is written so;
    - ``domain_keys(raw, domain, brand)``: the domain that a company registered;
    - ``company_keys(raw, name, family)``: the name without legal form, and without words for a group;
    - ``country_keys(raw, country)``: ISO 3166-1;
    - ``handle_keys(raw, node)``: profiles that are written in another way than their key.
    """
    tables.execute(f"CREATE OR REPLACE TEMP TABLE said_nodes AS {_nodes()}")
    _mails(tables)
    _domains(tables)
    _companies(tables)
    _countries(tables)
    _profiles(tables)
    tables.execute("DROP TABLE said_nodes")


def _nodes() -> str:
    """SQL: every node that stands anywhere, once."""
    columns = [(t.name, c.name) for t in TABLES.values() for c in t.columns if c.type in ("person", "company")]
    columns += [("identifiers", "record"), ("identifiers", "value"), ("setting_own", "node")]
    parts = " UNION ".join(f"SELECT {column} AS node FROM {table}" for table, column in columns)
    return f"SELECT node FROM ({parts}) WHERE node IS NOT NULL"


def _mails(tables: Tables) -> None:
    tables.execute(
        """CREATE OR REPLACE TEMP TABLE said_mails AS
        SELECT raw, lower(raw) AS low, bool_or(is_node) AS is_node
        FROM (
            SELECT email AS raw, FALSE AS is_node FROM people
            UNION ALL SELECT substr(node, 7), TRUE FROM said_nodes WHERE node LIKE 'email:%'
        )
        WHERE raw <> '' GROUP BY raw"""
    )
    plain = f"(length(raw) <= {_PLAIN_LENGTH} AND regexp_full_match(low, {literal(_PLAIN_MAIL)}))"
    _register(
        tables, "mail_providers", ("raw", "domain", "has_tags", "has_no_dots", "is_free", "is_nowhere"), _providers()
    )
    given = tables.columns(f"SELECT raw FROM said_mails WHERE NOT {plain} ORDER BY raw")["raw"]
    names = ("raw", "email", "local", "domain", "is_role", "is_free")
    _register(tables, "odd_mails", names, ((raw, *_mail_row(raw)) for raw in given))
    roles = ", ".join(literal(role) for role in sorted(keys_mail.ROLES))
    regional = literal(keys_mail.REGIONAL)
    tables.execute(
        f"""CREATE OR REPLACE TABLE mail_keys AS
        WITH parts AS (
            SELECT raw, is_node, split_part(low, '@', 1) AS box, split_part(low, '@', 2) AS host
            FROM said_mails WHERE {plain}
        ),
        ruled AS (
            SELECT s.raw, s.is_node, s.box, coalesce(p.domain, s.host) AS domain,
                coalesce(p.has_tags, FALSE) AS has_tags,
                CASE WHEN p.has_no_dots THEN replace(split_part(s.box, '+', 1), '.', '')
                     ELSE split_part(s.box, '+', 1) END AS local,
                coalesce(p.is_free, FALSE) AS is_free, coalesce(p.is_nowhere, FALSE) AS is_nowhere
            FROM parts AS s LEFT JOIN mail_providers AS p ON p.raw = s.host
        )
        SELECT raw, CASE WHEN has_tags THEN local ELSE box END || '@' || domain AS email, local, domain,
            is_nowhere
                OR regexp_replace(regexp_replace(local, {regional}, ''), '[^a-z]', '', 'g') IN ({roles}) AS is_role,
            is_free, is_node
        FROM ruled
        UNION ALL
        SELECT o.raw, o.email, o.local, o.domain, o.is_role, o.is_free, s.is_node
        FROM odd_mails AS o JOIN said_mails AS s ON s.raw = o.raw
        WHERE o.email IS NOT NULL
        ORDER BY raw"""
    )
    _forget(tables, "mail_providers", "odd_mails", drop=("said_mails",))


def _mail_row(raw: str) -> tuple[Any, ...]:
    found = mail(raw)
    if found is None:
        return (None, None, None, None, None)
    return (found.address, found.local, found.domain, found.is_role, found.is_free)


def _providers() -> list[tuple[str, str, bool, bool, bool, bool]]:
    """What is special about each domain of which something is known."""
    free = frozenset(keys_mail.FREE_MAIL)
    known = free | keys_mail.SAME_PROVIDER.keys() | keys_mail.PLUS_TAGS | keys_mail.NOWHERE
    found = []
    for raw in sorted(known):
        domain = keys_mail.SAME_PROVIDER.get(raw, raw)
        has_tags, has_no_dots = domain in keys_mail.PLUS_TAGS, domain in keys_mail.DOTS_IGNORED
        found.append((raw, domain, has_tags, has_no_dots, domain in free, domain in keys_mail.NOWHERE))
    return found


def _domains(tables: Tables) -> None:
    given = tables.columns(
        """SELECT DISTINCT raw FROM (
            SELECT domain AS raw FROM mail_keys
            UNION ALL SELECT substr(node, 8) FROM said_nodes WHERE node LIKE 'domain:%'
            UNION ALL SELECT domain FROM accounts
        ) WHERE raw <> '' ORDER BY raw"""
    )["raw"]
    found = {raw: domain for raw in given if (domain := company_domain(raw))}
    found |= {domain: domain for domain in found.values()}  # a key is its own key: nodes are named by it
    _keep(tables, "domain_keys", ("raw", "domain", "brand"), ((r, d, brand_of(d)) for r, d in found.items()))


def _companies(tables: Tables) -> None:
    given = tables.columns(
        """SELECT DISTINCT raw FROM (
            SELECT company AS raw FROM people
            UNION ALL SELECT name FROM accounts
            UNION ALL SELECT substr(node, 9) FROM said_nodes WHERE node LIKE 'company:%'
        ) WHERE trim(raw) <> '' ORDER BY raw"""
    )["raw"]
    found = {raw: (name, company_family(raw)) for raw in given if (name := company_name(raw))}
    for raw, known in list(found.items()):  # nodes are written in lower case, and named by the key itself
        found.setdefault(raw.strip().lower(), known)
        found.setdefault(known[0], known)
    _keep(tables, "company_keys", ("raw", "name", "family"), ((raw, *known) for raw, known in found.items()))


def _countries(tables: Tables) -> None:
    given = tables.columns(
        """SELECT DISTINCT raw FROM (SELECT country AS raw FROM people UNION ALL SELECT country FROM accounts)
        WHERE trim(raw) <> '' ORDER BY raw"""
    )["raw"]
    pairs = ((raw, country_code(raw)) for raw in given)
    _keep(tables, "country_keys", ("raw", "country"), (p for p in pairs if p[1]))


def _profiles(tables: Tables) -> None:
    aliases = ", ".join(literal(alias) for alias in sorted(VENUES.keys() - set(VENUES.values()) | {"bluesky"}))
    plain = f"regexp_full_match(node, {literal(_PLAIN_PROFILE)}) AND split_part(node, ':', 1) NOT IN ({aliases})"
    given = tables.columns(
        f"""SELECT node FROM said_nodes
        WHERE contains(node, ':') AND NOT contains(split_part(node, ':', 1), '/')
          AND split_part(node, ':', 1) NOT IN ('email', 'phone', 'domain', 'company') AND NOT ({plain})
        ORDER BY node"""
    )["node"]
    pairs = ((raw, profile_node(raw)) for raw in given)
    _keep(tables, "handle_keys", ("raw", "node"), (p for p in pairs if p[1] and p[0] != p[1]))


def _keep(tables: Tables, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table of texts with its rows in the order given."""
    _register(tables, "keys_found", columns, rows)
    tables.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM keys_found ORDER BY raw")
    tables.forget("keys_found")


_TRUTH = ("is_", "has_")


def _register(tables: Tables, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    given = list(rows)
    arrays = [
        pa.array([row[i] for row in given], pa.bool_() if column.startswith(_TRUTH) else pa.string())
        for i, column in enumerate(columns)
    ]
    tables.register(name, pa.table(arrays, names=list(columns)))


def _forget(tables: Tables, *registered: str, drop: Sequence[str] = ()) -> None:
    for name in registered:
        tables.forget(name)
    for name in drop:
        tables.execute(f"DROP TABLE {name}")


def normalised(tables: Tables, sql: str, into: str, columns: Sequence[str], of: Callable[..., Sequence[Any]]) -> None:
    """Write ``into`` with what ``of`` makes of each row of a query: the query's columns, then those named.

    Examples
    --------
    >>> from goodwill.warehouse.duckdb_engine import open_file
    >>> tables = open_file(None)
    >>> normalised(tables, "SELECT 'Ab' AS raw", "lowered", ("low",), lambda raw: (raw.lower(),))
    >>> tables.rows("FROM lowered")
    [{'raw': 'Ab', 'low': 'ab'}]
    """
    given = tables.columns(sql)
    rows = [(*said, *of(*said)) for said in zip(*given.values(), strict=True)]
    _register(tables, "keys_found", (*given, *columns), rows)
    tables.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT * FROM keys_found")
    tables.forget("keys_found")
