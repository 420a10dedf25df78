"""Parts known people in two, and matches the parts again: what one venue says of them, and what the others do.

Exact keys that both sides share are hidden, as they are where no key helps. A part is matched among all other parts by
the model that matched the records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goodwill.exports import literal
from goodwill.identity.match import score
from goodwill.identity.pairs import companies, people
from goodwill.identity.resolving import NETWORKS
from goodwill.warehouse import Tables

if TYPE_CHECKING:
    from goodwill.identity.match import Model

#: Known records of a venue that are matched again, at most: a share is then known to within four points.
MOST = 500
_NETWORKS = f"({', '.join(literal(name) for name in NETWORKS)})"


@dataclass(frozen=True)
class Kind:
    """The tables of people or of companies; which attributes join for certain; what is compared."""

    name: str
    keys: tuple[str, ...]
    rows: Callable[..., str]
    resolved: str
    column: str


KINDS = (
    Kind("person", ("email", "mail_local", "phone", "handle"), people, "resolved", "person"),
    Kind("account", ("domain", "brand", "name"), companies, "resolved_accounts", "account"),
)


def found_again(
    tables: Tables, kind: Kind, model: Model, *, beside: str, threshold: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which known people are found again, and how many people no key joins, both by venue and by what they carry.

    Parameters
    ----------
    beside : str
        ``records``: beside all that venues other than networks say of the person. ``profiles``: a profile beside one
        profile on another network.
    """
    _choose(tables, kind, beside)
    _part(tables, kind, beside)
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE quality_rows AS {kind.rows('quality_parts', by='part', called='part')}"
    )
    score(tables, model, "quality_rows", into="quality_scored")
    alone = f"(SELECT * FROM {kind.name}_records WHERE exact IN (SELECT exact FROM quality_lone))"
    tables.execute(f"CREATE OR REPLACE TEMP TABLE quality_alone AS {kind.rows(alone)}")
    carried = " + ".join(f"CAST(r.{f.name} IS NOT NULL AS INT) * {1 << n}" for n, f in enumerate(model.fields))
    rows = tables.columns(_FOUND.format(alike=carried), threshold=threshold)
    others = tables.columns(_UNKNOWN.format(alike=carried, kind=kind.name))
    for name in ("parts", "rows", "scored", "scored_found", "lone", "alone", "chosen"):
        tables.execute(f"DROP TABLE IF EXISTS quality_{name}")
    return rows, others


def _choose(tables: Tables, kind: Kind, beside: str) -> None:
    """``quality_chosen``: the known people of each venue; ``quality_lone``: those whom no key joins with another."""
    other = (
        f"o.venue NOT IN {_NETWORKS}" if beside == "records" else f"(r.venue IN {_NETWORKS} AND o.venue IN {_NETWORKS})"
    )
    tables.execute(
        "CREATE OR REPLACE TEMP TABLE quality_chosen AS "
        f"SELECT r.node, r.exact, r.venue, r.venue IN {_NETWORKS} AS is_profile "
        f"FROM {kind.name}_records AS r WHERE EXISTS (SELECT 1 FROM {kind.name}_records AS o WHERE o.exact = r.exact "
        f"AND o.venue <> r.venue AND {other}) "
        "QUALIFY row_number() OVER (PARTITION BY r.exact, r.venue ORDER BY hash(r.node), r.node) = 1 "
        f"AND dense_rank() OVER (PARTITION BY r.venue ORDER BY hash(r.exact), r.exact) <= {MOST} ORDER BY r.node"
    )
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE quality_lone AS SELECT exact, any_value(venue) AS venue "
        f"FROM {kind.name}_records GROUP BY exact HAVING count(DISTINCT venue) = 1 ORDER BY exact"
    )


def _part(tables: Tables, kind: Kind, beside: str) -> None:
    """``quality_parts``: both sides of each known person as records, as if no key joined them.

    A profile is parted from our own systems' records alone, and these from what they say of profiles: those whom no
    key joins have neither. A handle is no key between two networks.
    """
    shared = ", ".join(
        f"CASE WHEN r.{key} IN (SELECT o.{key} FROM {kind.name}_records AS o WHERE o.exact = c.exact "
        f"AND o.venue <> c.venue) THEN NULL ELSE r.{key} END AS {key}"
        for key in kind.keys
        if key != "handle"
    )
    handles = "handle" in kind.keys and beside == "records"
    names = "* REPLACE (CASE WHEN c.is_profile THEN NULL ELSE r.handle END AS handle)" if handles else "*"
    if beside == "records":
        rest = f"AND NOT (c.is_profile AND r.venue IN {_NETWORKS})"
    else:
        one = "row_number() OVER (PARTITION BY c.node ORDER BY hash(r.node), r.node) = 1"
        rest = f"AND r.venue IN {_NETWORKS} QUALIFY {one}"
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE quality_parts AS "
        f"SELECT 'again ' || c.node AS part, r.* REPLACE ({shared}) FROM quality_chosen AS c "
        f"JOIN {kind.name}_records AS r ON r.node = c.node "
        f"UNION ALL (SELECT 'rest ' || c.node, r.{names} FROM quality_chosen AS c "
        f"JOIN {kind.name}_records AS r ON r.exact = c.exact AND r.venue <> c.venue {rest}) ORDER BY part, node"
    )


#: One row per known person and venue: whether the venue's record found the rest.
_FOUND = """
SELECT c.venue, coalesce({alike}, 0) AS alike, s.probability IS NOT NULL AS is_found
FROM quality_chosen AS c
LEFT JOIN quality_rows AS r ON r.record = 'again ' || c.node
LEFT JOIN quality_scored AS s ON s.record_a = 'again ' || c.node AND s.record_b = 'rest ' || c.node
    AND s.probability >= $threshold
ORDER BY c.venue, c.node
"""
#: People of each venue whom no exact key joins with another venue, by which attributes they carry.
_UNKNOWN = """
SELECT l.venue, coalesce({alike}, 0) AS alike, count(*) AS n
FROM quality_lone AS l
LEFT JOIN (
    SELECT q.*, k.exact FROM quality_alone AS q JOIN {kind}_records AS k ON k.node = q.record
) AS r ON r.exact = l.exact
GROUP BY ALL ORDER BY ALL
"""
