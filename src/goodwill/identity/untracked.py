"""Keeps out of the journeys who asked not to be tracked: their touches count in totals, and as nobody's."""

from __future__ import annotations

from goodwill.warehouse import Tables

#: People of ours are no customers: what they asked of their own mail program is no wish about journeys, and without
#: them their posts would count as a stranger's.
_UNTRACKED = """
CREATE OR REPLACE TABLE untracked AS
WITH asked AS (
    SELECT DISTINCT r.person
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    WHERE coalesce(p.do_not_track, FALSE) OR coalesce(p.consent = 'withdrawn', FALSE)
),
ours AS (
    SELECT r.person
    FROM resolved AS r
    JOIN setting_own AS o ON o.node = r.node AND o.kind = 'handle'
    UNION
    SELECT r.person
    FROM resolved AS r
    JOIN setting_own AS o ON o.node = 'domain:' || split_part(r.node, '@', 2) AND o.kind = 'domain'
    WHERE r.node LIKE 'email:%@%'
    UNION
    SELECT r.person
    FROM people AS p
    JOIN resolved AS r ON r.node = p.id
    WHERE p.is_employee
)
SELECT r.node, r.person
FROM resolved AS r
JOIN asked AS a ON a.person = r.person
WHERE r.person NOT IN (SELECT person FROM ours)
ORDER BY r.node
"""


def keep_out(tables: Tables, *, is_respected: bool) -> None:
    """Take people who asked for it out of ``resolved``; ``untracked(node, person)`` holds who they were.

    A person is taken out whole: one record that says no speaks for all records of the same person.

    Parameters
    ----------
    tables : engine
        After who is who was resolved.
    is_respected : bool
        The setting ``privacy.respect_do_not_track``; where it is false nobody is taken out.
    """
    tables.execute(_UNTRACKED)
    if not is_respected:
        tables.execute("CREATE OR REPLACE TABLE untracked AS SELECT * FROM untracked WHERE FALSE")
        return
    if tables.rows("SELECT count(*) AS n FROM untracked")[0]["n"]:
        tables.execute(
            "CREATE OR REPLACE TABLE resolved AS SELECT * FROM resolved "
            "WHERE node NOT IN (SELECT node FROM untracked) ORDER BY node"
        )


def share_untracked(tables: Tables) -> float | None:
    """Which share of the people whom a system knows asked not to be tracked; None where nobody did."""
    found = tables.rows(
        """WITH everybody AS (SELECT node, person FROM resolved UNION SELECT node, person FROM untracked),
        known AS (SELECT DISTINCT e.person FROM people AS p JOIN everybody AS e ON e.node = p.id)
        SELECT count(*) AS n, count(*) FILTER (WHERE person IN (SELECT person FROM untracked)) AS without FROM known"""
    )[0]
    return found["without"] / found["n"] if found["without"] else None
