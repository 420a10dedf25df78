"""Rows of small companies for the panels of months, and one model of them with what it rests on, built up to a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from canonical import NODES, resolved
from goodwill.registry import Terms
from goodwill.samples import Panel
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.workspace import Workspace

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
#: Ten weeks of history: the wash-out of thirteen is then what has to be known before the first month.
SHORT = Workspace(Path(), history_weeks=10)
HISTORY, WASHOUT, MONTH = 70, 91, 28
FIRST, END = dt.date(2023, 1, 2), dt.date(2024, 1, 1)
MODELS = ("subscription_months", "account_months", "account_facts")


def day(number: int, hour: int = 10) -> dt.datetime:
    """So many days after the first of the data."""
    return dt.datetime.combine(FIRST, dt.time(hour)) + dt.timedelta(days=number)


def on(number: int) -> dt.date:
    """The same without the hour."""
    return FIRST + dt.timedelta(days=number)


def touch(number: int, kind: str = "organic_social", company: str = "company:a", **more: Any) -> Row:
    base = {"at": day(number), "verb": "Like", "account": company, "venue": "x", "channel_group": kind}
    return base | {"direction": "inbound", "id": f"{number} {kind} {company}"} | more


def subscription(name: str, start: int, end: int | None = None, company: str | None = "company:a", **more: Any) -> Row:
    ended = None if end is None else day(end)
    base = {"id": name, "account": company, "started_at": day(start), "ended_at": ended, "mrr": 100.0}
    return base | {"product": f"product of {name}"} | more


def ticket(name: str, number: int, company: str = "company:a") -> Row:
    return {"id": name, "created_at": day(number), "account": company}


def deal(name: str, opened: int | None, decided: int | None = None, outcome: str = "open", **more: Any) -> Row:
    when = {
        "created_at": None if opened is None else day(opened),
        "closed_at": None if decided is None else day(decided),
    }
    return {"id": name, "account": "company:a", "outcome": outcome, "amount": 10.0} | when | more


def account(name: str, known: int | None = 0, **more: Any) -> Row:
    created = None if known is None else day(known)
    return {"id": f"s/account:{name}", "name": name, "created_at": created} | more


def terms(workspace: Workspace = SHORT, end: dt.date = END) -> Terms:
    return Terms(workspace, dt.datetime.combine(end, dt.time()), 0)


def traced(
    rows: Rows, workspace: Workspace = SHORT, end: dt.date = END, models: Sequence[str] = MODELS
) -> DuckDBTables:
    """An engine with some models and all that they rest on, and nothing else."""
    tables = resolved(rows, workspace)
    wanted = {m.name for name in models for m in lineage.upstream(name)} - set(NODES)
    for name, model in lineage.models().items():
        if name in wanted:
            tables.execute(f"CREATE OR REPLACE TABLE {name} AS {model.sql}", **terms(workspace, end).parameters)
    return tables


def built(rows: Rows, model: str, workspace: Workspace = SHORT, end: dt.date = END) -> list[Row]:
    """The rows of one of them, in its own order."""
    return traced(rows, workspace, end, (model,)).rows(f"SELECT * FROM {model}")


def count(days: Sequence[dt.date], before: dt.date, window: int) -> int:
    """How many of the days lie before a day, and at most so far before it."""
    return sum(0 < (before - d).days <= window for d in days)


def days_of(
    company: str, acts: Sequence[Row], tickets: Sequence[Row]
) -> tuple[list[dt.date], list[dt.date], list[dt.date]]:
    """Days of a company's social touches, of its other engagement, and of its requests, each once."""
    once = list({a["id"]: a for a in acts if a["account"] == company}.values())
    social = [a["at"].date() for a in once if a["channel_group"].endswith("social")]
    engaged = [a["at"].date() for a in once if a["channel_group"] == "email"]
    requests = {(a["id"], a["at"]) for a in once if a["channel_group"] == "service"}
    requests |= {(t["id"], t["created_at"]) for t in tickets if t["account"] == company}
    return social, engaged, [moment.date() for _, moment in requests]


def check(panel: Panel) -> None:
    """What every panel promises."""
    last = np.append(panel.unit[1:] != panel.unit[:-1], True)
    assert panel.unit[0] == 0
    assert set(np.diff(panel.unit).tolist()) <= {0, 1}
    assert (np.diff(panel.period)[~last[:-1]] == 1).all()
    assert not panel.event[~last].any()
    assert not panel.value[panel.event != 1].any()
    assert len(panel.id) == panel.unit[-1] + 1 == len(set(panel.id.tolist()))
    assert np.isfinite(panel.covariates.values).all()
    assert panel.eligible.dtype == panel.exposed.dtype == bool


#: What is known from the first day on, so that months are counted from the same day in every example.
ANCHOR = touch(0, "email", "company:anchor")
COMPANIES = st.sampled_from(["company:a", "company:b"])
#: Days cluster where windows of a few months begin and end.
DAYS = st.integers(0, 363)
TOUCHES = st.lists(
    st.builds(touch, DAYS, st.sampled_from(["organic_social", "paid_social", "email", "service"]), COMPANIES),
    max_size=40,
)
TICKETS = st.lists(st.tuples(st.integers(0, 9), DAYS, COMPANIES), max_size=10).map(
    lambda drawn: [ticket(f"t{n}", when, company) for n, when, company in drawn]
)
