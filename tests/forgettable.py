"""A small workspace in which one person is named in every way that exports have, beside people who resemble them."""

from __future__ import annotations

import json
from pathlib import Path

from goodwill.warehouse.duckdb_engine import open_file

#: Every way in which the person to be forgotten is named; in lower case none of it may be left.
TRACES = (
    "jörg-uwe", "jörg-uwe quastl", "quastl", "jorg.quastl", "jq_mühle77", "5550199", "030 / 555", "5200777",
)  # fmt: skip
MAIL = "jorg.quastl@mill.example"

CONTACTS = """Record ID,First Name,Last Name,Email,Phone Number,Job Title,Company name,Contact owner,Create Date,Became a Lead Date,LinkedIn URL
5200776,Ann,Quast,ann.quast@mill.example,+49 30 5550198,Buyer,Mill AG,Sam Seller,2025-01-05,2025-01-05,
5200777,Jörg-Uwe,Quastl,Jorg.Quastl+crm@Mill.example,+49 30 5550199,Miller,Mill AG,Sam Seller,2025-01-06,2025-01-06,https://www.linkedin.com/in/jq_mühle77
5200778,Eve,Other,eve.other@else.example,+49 30 5550197,Head,Else Ltd,Jörg-Uwe Quastl,2025-01-07,2025-01-07,
"""  # noqa: E501
TICKETS = """id,day,who,about
t1,2025-02-01,jorg.quastl@mill.example,My number is 030 / 5550199
t2,2025-02-02,ann.quast@mill.example,"Quastl, Jörg-Uwe said: jorg.quastl, JORG.QUASTL@mill.example (@jq_mühle77)"
t3,2025-02-03,eve.other@else.example,nothing of the kind
"""
MAPPING = """
[[mapping]]
file = "tickets*"
table = "tickets"
[mapping.columns]
id = "id"
created_at = "day"
requester = "who"
subject = "about"
[mapping.nodes]
requester = "email"

[[mapping]]
file = "acts*"
table = "interactions"
[mapping.columns]
id = "id"
at = "day"
actor = "who"
url = "page"
[mapping.constants]
verb = "Like"
venue = "linkedin"
channel_group = "organic_social"
direction = "inbound"
[mapping.nodes]
actor = "email"
"""


def workspace(folder: Path) -> Path:
    """The exports, and a decision on who is who that names the person."""
    (folder / "exports").mkdir(parents=True)
    (folder / "goodwill.toml").write_text('[company]\nname = "Acme"\n' + MAPPING, encoding="utf-8")
    (folder / "exports" / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    (folder / "exports" / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    people = ("ann.quast@mill.example", "jorg.quastl+li@mill.example", "eve.other@else.example")
    acts = [
        f"a{i},2025-{1 + i % 9:02d}-10,{people[i % 3]},https://acme.example/?e=jorg.quastl%40mill.example&n={i}"
        for i in range(30)
    ]
    (folder / "exports" / "acts.csv").write_text("\n".join(["id,day,who,page", *acts]) + "\n", encoding="utf-8")
    return folder


def decide(folder: Path) -> None:
    """Two decisions: one on a node of the person, one on others with the person in its reason."""
    lines = [
        {"number": 1, "verdict": "same", "node_a": f"email:{MAIL}", "node_b": "hubspot/contact:5200777",
         "decided_at": "2026-01-05T09:00:00Z", "decided_by": "ann", "reason": "one man"},
        {"number": 2, "verdict": "different", "node_a": "hubspot/contact:5200776", "node_b": "hubspot/contact:5200778",
         "decided_at": "2026-01-05T09:00:00Z", "decided_by": "ann", "reason": "Jörg-Uwe Quastl said so"},
    ]  # fmt: skip
    (folder / "decisions").mkdir(exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "decisions" / "identity.jsonl").write_text(text, encoding="utf-8")


def traces(folder: Path) -> list[tuple[str, str]]:
    """Every file of the workspace, and every value in its Parquet and its tables, that still names the person."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        inside = path.relative_to(folder)
        if inside.parts[0] == "exports" or inside.as_posix() == "decisions/forgotten.json":
            continue
        text = path.read_bytes().decode(errors="replace").lower()
        if path.suffix == ".parquet":
            tables = open_file(None)
            text += str(tables.rows(f"SELECT * FROM read_parquet('{path}')")).lower()
            tables.close()
        found += [(inside.as_posix(), trace) for trace in TRACES if trace in text]
    if not (folder / "warehouse.duckdb").exists():
        return found
    tables = open_file(folder / "warehouse.duckdb", read_only=True, root=folder)
    for row in tables.rows("SELECT table_name AS name FROM information_schema.tables ORDER BY ALL"):
        text = str(tables.rows(f'SELECT * FROM "{row["name"]}"')).lower()
        found += [(row["name"], trace) for trace in TRACES if trace in text]
    tables.close()
    return found
