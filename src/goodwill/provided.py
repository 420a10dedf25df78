"""Settings as small tables, so that SQL models can read them."""

from __future__ import annotations

import pyarrow as pa

from goodwill.identity import decisions
from goodwill.identity.keys import FREE_MAIL
from goodwill.warehouse import Tables
from goodwill.warehouse.lineage import PROVIDED
from goodwill.workspace import Workspace

_TYPES = {"VARCHAR": pa.string(), "DOUBLE": pa.float64()}


def provide(tables: Tables, workspace: Workspace) -> None:
    """Write the ``setting_*`` tables that ``lineage.PROVIDED`` promises."""
    rows: dict[str, list[tuple[object, ...]]] = {
        "setting_stages": [
            (stage.strip().lower(), outcome)
            for outcome, stages in (("won", (*workspace.won, "won")), ("lost", (*workspace.lost, "lost")))
            for stage in sorted({s.strip().lower() for s in stages})
        ],
        "setting_own": [
            *((handle.lower(), "handle") for v in workspace.venues.values() for handle in v.handles),
            *((f"domain:{domain.lower()}", "domain") for domain in workspace.domains),
            *((f"domain:{domain.strip().lower()}", "partner") for domain in workspace.partners),
            *((f"domain:{domain.strip().lower()}", "rival") for domain in workspace.rivals),
            *((f"domain:{domain}", "free_mail") for domain in FREE_MAIL),
        ],
        "setting_teams": [
            (name.lower(), member.strip().lower(), team.hourly_cost)
            for name, team in workspace.teams.items()
            for member in (team.members or ("",))
        ],
        "setting_venues": [(name.lower(), venue.monthly_tools) for name, venue in workspace.venues.items()],
    }
    decisions.provide(tables, decisions.read(workspace))
    for name, found in rows.items():
        columns = PROVIDED[name]
        arrays = [pa.array([row[i] for row in found], _TYPES[kind]) for i, kind in enumerate(columns.values())]
        tables.register("setting_rows", pa.table(arrays, names=list(columns)))
        tables.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT DISTINCT * FROM setting_rows ORDER BY ALL")
        tables.forget("setting_rows")
