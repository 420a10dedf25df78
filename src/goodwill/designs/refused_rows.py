"""Says, beside "none are in the exports", how many rows that may hold some were refused."""

from __future__ import annotations

from goodwill.warehouse import Tables

_REFUSED = """
SELECT count(*) AS n
FROM (SELECT DISTINCT source_file, source_row FROM refused WHERE table_name = $table_name) AS r
"""


def refused_remark(tables: Tables, table: str) -> str:
    """A remark in brackets on the rows of a canonical table that were refused; empty where none were.

    Examples
    --------
    >>> refused_remark(tables, "interactions")  # doctest: +SKIP
    ' (31,505 rows that may hold some were refused; see goodwill doctor)'
    """
    n = int(tables.rows(_REFUSED, table_name=table)[0]["n"])
    rows = "row that may hold some was" if n == 1 else "rows that may hold some were"
    return f" ({n:,} {rows} refused; see goodwill doctor)" if n else ""
