"""One row for each node that says something about a person or a company: what is compared to find out who is who.

Everything is normalised (``keys``). An address that belongs to a desk is no one's address and is left out.
"""

from __future__ import annotations

from goodwill.identity import record_keys
from goodwill.identity.keys_handles import VENUES
from goodwill.warehouse import Tables

#: Where a record names several profiles, the first of these speaks: real names are commonest where they stand first.
VENUE_ORDER = ("linkedin", "xing", "x", "mastodon", "bluesky", "github", "instagram", "facebook", "youtube")


def fill(tables: Tables, *, region: str | None = None) -> None:
    """Write ``person_records`` and ``account_records``.

    Parameters
    ----------
    tables : Tables
        With the canonical tables, the keys of ``key_tables.fill``, ``person_nodes`` and ``account_nodes``; and, where
        there is one, ``exact_components(node, exact)``.
    region : str, optional
        Country (ISO 3166-1) of telephone numbers without country code whose record states no country.
    """
    tables.execute(f"CREATE OR REPLACE TEMP TABLE said_people AS {_SAID_PEOPLE}")
    tables.execute("CREATE OR REPLACE TEMP TABLE said_companies AS " + _SAID_COMPANIES)
    tables.execute(f"CREATE OR REPLACE TEMP TABLE carried AS {_carried()}")
    tables.execute(f"CREATE OR REPLACE TEMP TABLE gathered AS {_gathered()}")
    record_keys.names(tables, "(SELECT name AS raw FROM gathered)")
    record_keys.titles(tables, "(SELECT title AS raw FROM gathered)")
    known_region = "coalesce(c.country, $region)" if region else "c.country"
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE said_numbers AS SELECT g.phone AS raw, {known_region} AS region "
        "FROM gathered AS g LEFT JOIN country_keys AS c ON c.raw = g.country",
        region=region,
    )
    record_keys.phones(tables, "said_numbers")
    exact = _exact(tables, "resolved", "person")
    tables.execute(
        f"CREATE OR REPLACE TABLE person_records AS {_PERSON_RECORDS.format(exact=exact, region=known_region)}",
        region=region,
    )
    exact = _exact(tables, "resolved_accounts", "account")
    tables.execute(f"CREATE OR REPLACE TABLE account_records AS {_ACCOUNT_RECORDS.format(exact=exact)}")
    for name in _SCRATCH:
        tables.execute(f"DROP TABLE IF EXISTS {name}")


_SCRATCH = (
    "said_people", "said_companies", "carried", "gathered", "said_numbers", "name_keys", "title_keys",
    "phone_keys",
)  # fmt: skip


def _exact(tables: Tables, resolved: str, column: str) -> str:
    """SQL: a table ``(node, exact)`` of what exact keys join, as far as it is known yet."""
    there = {row["name"] for row in tables.rows("SELECT table_name AS name FROM information_schema.tables")}
    if "exact_components" in there:
        return "SELECT node, exact FROM exact_components"
    return (
        f"SELECT node, {column} AS exact FROM {resolved}" if resolved in there else "SELECT NULL AS node, NULL AS exact"
    )


#: The first known record of a person speaks; where it is silent, the next ones do.
_EARLIEST = "ORDER BY created_at NULLS LAST, source_file, source_row"
_SAID = ("name", "email", "phone", "title", "account", "company", "country")
_FIRSTS = ", ".join(f"first(p.{column} {_EARLIEST}) FILTER (p.{column} <> '')" for column in _SAID)
_SAID_PEOPLE = f"""
    WITH single AS (SELECT id FROM people GROUP BY id HAVING count(*) = 1)
    SELECT p.id AS node, p.name, p.email, p.phone, p.title, p.account, p.company, p.country, p.created_at,
        p.source_file, p.source_row
    FROM people AS p JOIN single AS s ON s.id = p.id
    UNION ALL
    SELECT p.id, {_FIRSTS},
        min(p.created_at), first(p.source_file {_EARLIEST}), first(p.source_row {_EARLIEST})
    FROM people AS p ANTI JOIN single AS s ON s.id = p.id
    GROUP BY p.id"""
#: What a company node is called: its own record, else the name in the node.
_SAID_COMPANIES = """
    SELECT id AS node, first(name ORDER BY created_at NULLS LAST, source_file, source_row) AS name
    FROM accounts WHERE name <> '' GROUP BY id"""
#: What stands before the colon, as a venue or a system is called.
_KIND = "split_part(split_part(node, ':', 1), '/', 1)"
_ALIASES = " ".join(f"WHEN '{alias}' THEN '{venue}'" for alias, venue in VENUES.items())
_VENUE = f"CASE {_KIND} {_ALIASES} ELSE {_KIND} END"


def _carried() -> str:
    """SQL: what identifiers say of a record; what a system vouches for first, then in the order of venues."""
    place = " ".join(f"WHEN '{venue}' THEN '{i}'" for i, venue in enumerate(VENUE_ORDER))
    # one digit for "not verified", one for the venue; the smallest speaks
    ranked = (
        "CASE WHEN is_verified THEN '0' ELSE '1' END || "
        f"CASE split_part(value, ':', 1) {place} ELSE '{len(VENUE_ORDER)}' END || value"
    )
    columns = ", ".join(
        f"substr(min({ranked}) FILTER (kind = '{kind}' AND value LIKE '{like}'), 3) AS {kind}"
        for kind, like in (("email", "email:%"), ("phone", "phone:%"), ("handle", "%:%"))
    )
    return f"""
        SELECT record AS node, {columns}, min(source_file) AS source_file,
            arg_min(source_row, (source_file, source_row)) AS source_row
        FROM identifiers WHERE kind IN ('email', 'phone', 'handle') GROUP BY record"""


def _gathered() -> str:
    """SQL: everything said about each node that stands for a person, as it was written."""
    return """
        WITH first_leads AS (
            SELECT person AS node, min(created_at) AS created_at, min(account) AS account,
                min(source_file) AS source_file, arg_min(source_row, (source_file, source_row)) AS source_row
            FROM leads WHERE person IS NOT NULL GROUP BY person
        ),
        jobs AS (
            SELECT person AS node, account, title
            FROM employments
            QUALIFY row_number() OVER (
                PARTITION BY person ORDER BY date_end DESC NULLS FIRST, date_start DESC NULLS LAST, account, title
            ) = 1
        ),
        acts AS (
            SELECT i.actor AS node, min(i.source_file) AS source_file,
                arg_min(i.source_row, (i.source_file, i.source_row)) AS source_row
            FROM interactions AS i WHERE i.actor IS NOT NULL GROUP BY i.actor
        )
        SELECT n.node, p.name,
            coalesce(p.email, substr(CASE WHEN n.node LIKE 'email:%' THEN n.node ELSE c.email END, 7)) AS email,
            coalesce(p.phone, substr(CASE WHEN n.node LIKE 'phone:%' THEN n.node ELSE c.phone END, 7)) AS phone,
            CASE WHEN NOT contains(split_part(n.node, ':', 1), '/')
                  AND split_part(n.node, ':', 1) NOT IN ('email', 'phone', 'cookie', 'person') THEN n.node
                 ELSE c.handle END AS handle,
            coalesce(p.title, j.title) AS title, coalesce(p.account, j.account, l.account) AS account, p.company,
            p.country, least(p.created_at, l.created_at) AS created_at,
            coalesce(p.source_file, c.source_file, l.source_file, a.source_file) AS source_file,
            CASE WHEN p.source_file IS NOT NULL THEN p.source_row WHEN c.source_file IS NOT NULL THEN c.source_row
                 WHEN l.source_file IS NOT NULL THEN l.source_row ELSE a.source_row END AS source_row
        FROM person_nodes AS n
        LEFT JOIN said_people AS p ON p.node = n.node
        LEFT JOIN carried AS c ON c.node = n.node
        LEFT JOIN first_leads AS l ON l.node = n.node
        LEFT JOIN jobs AS j ON j.node = n.node
        LEFT JOIN acts AS a ON a.node = n.node"""


_PERSON_RECORDS = f"""
    WITH exact AS ({{exact}}),
    named AS (
        SELECT g.node, coalesce(e.exact, g.node) AS exact, {_VENUE.replace("node", "g.node")} AS venue,
            n.name, n.given, n.family,
            CASE WHEN NOT m.is_role THEN m.email END AS email, CASE WHEN NOT m.is_role THEN m.local END AS mail_local,
            coalesce(d.domain, m.domain) AS mail_domain, f.phone,
            -- who is jane@one.example on Mastodon is jane elsewhere
            regexp_extract(coalesce(h.node, g.handle), '^[^:]*:([^@]*)', 1) AS handle,
            coalesce(own.name, kept.name) AS company, t.title, c.country, g.created_at, g.source_file, g.source_row
        FROM gathered AS g
        LEFT JOIN exact AS e ON e.node = g.node
        LEFT JOIN name_keys AS n ON n.raw = g.name
        LEFT JOIN mail_keys AS m ON m.raw = g.email
        LEFT JOIN domain_keys AS d ON d.raw = m.domain
        LEFT JOIN country_keys AS c ON c.raw = g.country
        LEFT JOIN phone_keys AS f ON f.raw = g.phone AND f.region IS NOT DISTINCT FROM {{region}}
        LEFT JOIN handle_keys AS h ON h.raw = g.handle
        LEFT JOIN company_keys AS own ON own.raw = g.company
        LEFT JOIN said_companies AS s ON s.node = g.account
        LEFT JOIN company_keys AS kept
            ON kept.raw = coalesce(s.name, CASE WHEN g.account LIKE 'company:%' THEN substr(g.account, 9) END)
        LEFT JOIN title_keys AS t ON t.raw = g.title
    )
    SELECT node, exact, venue, name, given, family, email, mail_local, mail_domain, phone, handle, company, title,
        country, created_at, source_file, source_row
    FROM named
    WHERE coalesce(name, email, mail_domain, phone, handle, company, title) IS NOT NULL
    ORDER BY node"""

_ACCOUNT_RECORDS = """
    WITH exact AS ({exact}),
    said AS (
        SELECT id AS node, first(name {earliest}) FILTER (name <> '') AS name,
            first(domain {earliest}) FILTER (domain <> '') AS domain,
            first(country {earliest}) FILTER (country <> '') AS country,
            first(source_file {earliest}) AS source_file, first(source_row {earliest}) AS source_row
        FROM accounts GROUP BY id
    ),
    gathered AS (
        SELECT n.node,
            coalesce(s.name, CASE WHEN n.node LIKE 'company:%' THEN substr(n.node, 9) END) AS name,
            coalesce(s.domain, CASE WHEN n.node LIKE 'domain:%' THEN substr(n.node, 8) END) AS domain,
            s.country, s.source_file, s.source_row
        FROM account_nodes AS n LEFT JOIN said AS s ON s.node = n.node
    )
    SELECT g.node, coalesce(e.exact, g.node) AS exact, {venue} AS venue, k.name, d.domain, d.brand, c.country,
        g.source_file, g.source_row
    FROM gathered AS g
    LEFT JOIN exact AS e ON e.node = g.node
    LEFT JOIN company_keys AS k ON k.raw = g.name
    LEFT JOIN domain_keys AS d ON d.raw = g.domain
    LEFT JOIN country_keys AS c ON c.raw = g.country
    WHERE coalesce(k.name, d.domain) IS NOT NULL
    ORDER BY g.node"""
_ACCOUNT_RECORDS = _ACCOUNT_RECORDS.replace("{earliest}", _EARLIEST).replace(
    "{venue}", _VENUE.replace("node", "g.node")
)
