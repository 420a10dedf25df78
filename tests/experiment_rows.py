"""A small company before, during and after an experiment: canonical rows in which a touch does what is said."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from goodwill.workspace import Workspace

Row = dict[str, Any]
#: Deals are decided within weeks here, so that a year holds many horizons.
QUICK = Workspace(Path(), horizon_weeks=8, history_weeks=13)
FIRST = dt.datetime(2023, 1, 2)
#: Experiments start here: three quarters of a year of records lie before.
START = dt.datetime(2023, 10, 2)
SEGMENTS, OWNERS = ("retail", "health", "energy"), tuple(f"owner {i}" for i in range(12))


def node(i: int) -> str:
    """What the CRM calls a company."""
    return f"crm/account:{i:04}"


def companies(n: int) -> list[Row]:
    """All known from the first day on."""
    return [
        {"id": node(i), "name": f"Company {i}", "industry": SEGMENTS[i % 3], "employees": 10 + i % 50,
         "country": "DE", "owner": OWNERS[i % 12], "created_at": FIRST}
        for i in range(n)
    ]  # fmt: skip


def business(
    n: int,
    *,
    effect: float = 0.0,
    until: dt.datetime,
    takes_up: Callable[[int, dt.datetime], float] = lambda _i, _at: 0.3,
    seed: int = 1,
) -> dict[str, list[Row]]:
    """Deals of ``n`` companies, about one every two months each, with touches in their first days.

    Parameters
    ----------
    effect : float
        By how much a touch moves the chance of a win within the horizon, which is a quarter without one.
    takes_up : callable
        The chance that a company touches us while a deal opened then is young; by company and moment.
    """
    draw = np.random.default_rng(seed)
    keen = draw.normal(size=n)
    deals, touches = [], []
    days = int((until - FIRST).days)
    for i in range(n):
        for _ in range(draw.poisson(days / 60)):
            opened = FIRST + dt.timedelta(days=float(draw.uniform(0, days)))
            name = f"d{len(deals):05}"
            is_touched = draw.random() < takes_up(i, opened)
            if is_touched:
                touches.append(touch(i, opened + dt.timedelta(hours=6), f"t{name}"))
            is_won = draw.random() < 0.25 + 0.08 * np.tanh(keen[i]) + effect * is_touched
            ended = opened + dt.timedelta(days=float(draw.uniform(3, 50)))
            deals.append(
                {"id": name, "account": node(i), "owner": OWNERS[i % 12], "created_at": opened,
                 "closed_at": ended if ended < until else None, "amount": float(np.exp(draw.normal(8, 0.5))),
                 "outcome": ("won" if is_won else "lost") if ended < until else "open", "currency": "EUR"}
            )  # fmt: skip
    return {"accounts": companies(n), "opportunities": deals, "interactions": touches}


def touch(i: int, at: dt.datetime, name: str) -> Row:
    """Somebody at a company likes one of our posts."""
    base = {"verb": "Like", "venue": "linkedin", "channel_group": "organic_social", "direction": "inbound"}
    return base | {"id": name, "at": at, "account": node(i)}


def lots(rows: list[Row]) -> list[Row]:
    """Rows as ``goodwill plan`` writes them, as canonical ones."""
    days = ("assigned_at", "started_at", "ends_at")
    return [row | {day: dt.datetime.combine(row[day], dt.time()) for day in days} for row in rows]


def takes_what_is_dealt(
    dealt: Mapping[str, str], *, more: float, base: float = 0.2
) -> Callable[[int, dt.datetime], float]:
    """Treated companies touch us more often once the experiment has started."""
    return lambda i, at: base + more * (at >= START and dealt.get(node(i)) == "treated")


#: Settings of a workspace of such a company.
SETTINGS = "[windows]\nhorizon_weeks = 8\nhistory_weeks = 13\n"


def written(folder: Path, rows: Mapping[str, list[Row]]) -> Path:
    """A workspace whose exports hold these rows, each table mapped by the names of its columns."""
    (folder / "exports").mkdir(parents=True, exist_ok=True)
    settings = SETTINGS
    for table, found in rows.items():
        columns = list(found[0])
        path = folder / "exports" / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(found)
        settings += f'[[mapping]]\nfile = "{table}.csv"\ntable = "{table}"\n[mapping.columns]\n'
        settings += "".join(f'{column} = "{column}"\n' for column in columns)
    (folder / "goodwill.toml").write_text(settings, encoding="utf-8")
    return folder
