"""A small workspace of hostile exports, run once: answers, pairs that wait for a decision."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from goodwill.doors import answer
from goodwill.intake import quiet
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.web import work
from goodwill.workspace import open_workspace
from hostile_exports import (
    ALL,
    FAMILY,
    FILE,
    FORMULA,
    GIVEN,
    MARKUP,
    PEOPLE,
    SUM,
    acts,
    book,
    companies,
    contacts,
    handle,
    handles,
    mail,
    opportunities,
    phone,
    posts,
    roles,
    table,
    tickets,
)  # fmt: skip

SETTINGS = f"""[company]
name = {json.dumps(ALL)}
currency = "EUR"
domains = ["ours.example"]

[venues.linkedin]
handles = ["linkedin:ours"]

[teams.{json.dumps(ALL)}]
members = [{json.dumps("Sam " + MARKUP)}]
hourly_cost = 80.0

[[mapping]]
file = "posts*"
table = "items"
[mapping.columns]
id = "id"
at = "day"
author = "who"
title = "title"
body = "body"
url = "page"
campaign = "campaign"
[mapping.constants]
venue = "linkedin"
kind = "Note"
is_own = "false"
[mapping.nodes]
author = "email"

[[mapping]]
file = "acts*"
table = "interactions"
[mapping.columns]
id = "id"
at = "day"
actor = "who"
object = "post"
url = "page"
campaign = "campaign"
[mapping.constants]
verb = "Create"
venue = "linkedin"
channel_group = "organic_social"
direction = "inbound"
[mapping.nodes]
actor = "email"

[[mapping]]
file = "handles*"
table = "interactions"
[mapping.columns]
id = "id"
at = "day"
actor = "who"
[mapping.constants]
verb = "Like"
venue = "mastodon"
channel_group = "organic_social"
direction = "inbound"
[mapping.nodes]
actor = "mastodon"
"""


def secrets() -> tuple[str, ...]:
    """Everything in the exports that tells who somebody is, in lower case."""
    names = [name.lower() for name in (*GIVEN, *FAMILY)]
    people = range(len(PEOPLE))
    locals_ = [mail(n).partition("@")[0] for n in people]
    return (*names, *locals_, *map(handle, people), *map(phone, people))


def ran(folder: Path) -> Path:
    """A copy of the workspace, with the answers of a run."""
    shutil.copytree(_run_once(), folder)
    return folder


@cache
def _run_once() -> Path:
    folder = written(Path(mkdtemp(prefix="goodwill-hostile-")) / "acme")
    workspace = open_workspace(folder)
    answer.answered(workspace, None, 1, ("cost",), quiet)
    answer.answered(workspace, None, 2, ("cost", "conversation", "win_rate"), quiet)
    _doubt(folder)
    for kind in ("scan", "doctor"):
        work.keep(folder, kind, work.WORK[kind](folder, {}, quiet))
    return folder


def _doubt(folder: Path) -> None:
    """Pairs of records that nobody is sure of."""
    tables = open_file(folder / "warehouse.duckdb", root=folder)
    for n in range(0, len(PEOPLE), 4):
        tables.execute(
            "INSERT INTO person_pairs (node_a, node_b, probability, weight, rule) VALUES ($a, $b, 0.5, 0.0, 'name')",
            a=f"hubspot/contact:{5200000 + n}", b=f"hubspot/contact:{5300000 + n}",
        )  # fmt: skip
    tables.close()


def written(folder: Path) -> Path:
    """The exports and the settings, not run."""
    (folder / "exports").mkdir(parents=True)
    (folder / "goodwill.toml").write_text(SETTINGS, encoding="utf-8")
    for name, content in (
        ("contacts.csv", contacts()), ("companies.csv", companies()), ("Opportunities.csv", opportunities()),
        ("Opportunity Contact Roles.csv", roles()), ("tickets.csv", tickets()), ("posts.csv", posts()),
        ("acts.csv", acts()), ("handles.csv", handles()), (FILE, table(["a", MARKUP], [(FORMULA, ALL)])),
        ("book.xlsx", book()), (SUM, table(["=a", "+b"], [("=1", "@x")])),
        
        ("broken.json", b'{"a": [1, 2' + MARKUP.encode()),
    ):  # fmt: skip
        (folder / "exports" / name).write_bytes(content)
    (folder / "decisions").mkdir()
    line = {"number": 1, "verdict": "different", "node_a": f"email:{mail(0)}", "node_b": f"email:{mail(7)}",
            "decided_at": "2026-01-05T09:00:00Z", "decided_by": MARKUP[:40], "reason": f"{mail(0)} {ALL}"}  # fmt: skip
    (folder / "decisions" / "identity.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    return folder
