"""``scan`` and ``doctor``: what the files are, and what is wrong with what they hold."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from goodwill import doctor as examination
from goodwill import intake
from goodwill.doors.showing import progress, say, show
from goodwill.sources.recognise import Reading, Recognition, as_toml, propose
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.warehouse.projection import projection, readable
from goodwill.workspace import Workspace, open_workspace

#: A time column of a canonical table that tells which days a file covers.
TIMES = ("at", "created_at", "on_date", "period_start", "started_at", "first_seen", "date_start")

#: What stands for the source of a file that cannot be opened.
UNREADABLE = "unreadable"

#: What is told of a finding.
FINDING = ("finding", "problem", "n", "hurts", "remedy", "where")


def scan(folder: Path, form: str) -> int:
    """Show what every sheet is; give 1 if something is not understood."""
    workspace = open_workspace(folder)
    with tempfile.TemporaryDirectory(prefix="goodwill-") as scratch, progress() as told:
        rows, proposals = scanned(workspace, Path(scratch), told)
    show(rows, form, columns=tuple(_line("")), title="What the exports are")
    for text in proposals:
        say("")
        say(text)
    return 1 if proposals or any(row["source"] == UNREADABLE for row in rows) else 0


def scanned(workspace: Workspace, scratch: Path, told: intake.Progress) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for every sheet of every export, and for every sheet that nobody knows a mapping to paste."""
    readings = intake.read(workspace, scratch, told)
    tables = open_file(None)
    rows = [row for reading in readings for row in _described(reading, tables)]
    tables.close()
    return rows, [_proposal(r) for reading in readings for r in reading.recognised if not r.relations]


def _described(reading: Reading, tables: Tables) -> list[dict[str, Any]]:
    if reading.error is not None:
        return [_line(reading.name, source=UNREADABLE, note=f"{reading.error.problem} {reading.error.remedy}")]
    rows = []
    for found in reading.recognised:
        n, first, last, refused = _extent(found, tables)
        notes = list(reading.export.notes) if reading.export else []
        notes += [f"same content as {reading.same_as}: counted once"] if reading.same_as else []
        notes += [f"{refused:,} rows cannot be read"] if refused else []
        rows.append(
            _line(
                reading.name,
                sheet=found.sheet.name,
                source=found.source or "unknown",
                confidence=round(found.confidence, 2),
                rows=n,
                first=first,
                last=last,
                not_understood=list(found.unknown_columns) if found.source else [],
                note="; ".join(notes),
            )
        )
    return rows


def _line(file: str, **known: Any) -> dict[str, Any]:
    blank = {"file": file, "sheet": "", "source": "", "confidence": 0.0, "rows": 0, "first": "", "last": "",
             "not_understood": [], "note": ""}  # fmt: skip
    return blank | known


def _extent(found: Recognition, tables: Tables) -> tuple[int, str, str, int]:
    """Rows of the sheet, first and last day in it, and rows that cannot be read."""
    with readable(tables, found.sheet) as read:
        n = int(tables.rows(f"SELECT count(*) AS n FROM {read}")[0]["n"])
        return n, *_days_and_refused(found, tables, read)


def _days_and_refused(found: Recognition, tables: Tables, read: str) -> tuple[str, str, int]:
    days: list[str] = []
    refused = 0
    for relation in found.relations:
        query = projection(found.sheet, relation, read, found.sheet.file)
        time = next((t for t in TIMES if t in relation.columns), None)
        span = (
            f'CAST(min("{time}") AS DATE) AS low, CAST(max("{time}") AS DATE) AS high'
            if time
            else "NULL AS low, NULL AS high"
        )
        row = tables.rows(f"SELECT {span}, count(refused_column) AS refused FROM ({query})")[0]
        days += [row[k].isoformat()[:10] for k in ("low", "high") if row[k] is not None]
        refused = max(refused, int(row["refused"]))
    return min(days, default=""), max(days, default=""), refused


def _proposal(found: Recognition) -> str:
    guess = propose(found.sheet)
    where = found.sheet.file + (f", sheet {found.sheet.name}" if found.sheet.name else "")
    if guess is None:
        return f"# {where}: no canonical table looks like this; see: goodwill glossary tables"
    return (
        f"# {where}: nobody knows this table. If it is worth reading, paste this into goodwill.toml and correct it:\n"
        + as_toml(guess, found.sheet)
    )


def doctor(folder: Path, form: str, as_of: dt.date | None) -> int:
    """Show what needs a look before any result; give 1 if anything does."""
    workspace = open_workspace(folder)
    with progress() as told:
        found = examination.examine(workspace, as_of=as_of, progress=told)
    rows = _rows(found)
    if form != "table":
        show(rows, form, columns=FINDING)
    elif rows:
        print("\n".join(_in_lines(finding) for finding in found.findings))
    else:
        say("Nothing needs a look.")
    if form == "table" and found.recognised:
        _show_recognised(found)
    return 1 if rows else 0


def examined(workspace: Workspace, as_of: dt.date | None, told: intake.Progress) -> dict[str, Any]:
    """The same as values: ``findings``, and how well each venue is ``recognised``."""
    found = examination.examine(workspace, as_of=as_of, progress=told)
    return {"findings": _rows(found), "recognised": _recognised(found)}


def _rows(found: examination.Examined) -> list[dict[str, Any]]:
    values = [(f.name, f.problem, f.n, f.hurts, f.remedy, list(f.where)) for f in found.findings]
    return [dict(zip(FINDING, row, strict=True)) for row in values]


def _recognised(found: examination.Examined) -> list[dict[str, Any]]:
    """How well each venue's people and companies are recognised, a row each."""
    return [
        {"of": WHO[r.kind], "venue": r.venue, "records": r.records,
         "tied by a key": f"{1 - r.alone:.0%}", "known pairs": r.known,
         "recall": _told(r.recall), "precision": _told(r.precision)}
        for r in found.recognised
    ]  # fmt: skip


def _show_recognised(found: examination.Examined) -> None:
    show(
        [{HEADED.get(name, name): value for name, value in row.items()} for row in _recognised(found)],
        "table",
        title="How well people and companies are recognised where no exact key helps (90% intervals)",
    )
    say(WITHOUT_KEY)
    for kind, share in found.compared.items():
        say(f"Of all pairs of {WHO[kind]} that are one, an estimated {_told(share)} were compared.")


#: How the table heads its shares for people.
HEADED = {"recall": "found again without their key", "precision": "right"}
#: What the shares of the table say, which is nothing of those whom a key ties.
WITHOUT_KEY = (
    "Known pairs are records that an exact key ties for certain; a part of them is matched again with that key hidden, "
    "to see what names, companies and the like would do alone. 0% is to be expected where an export names people by "
    "the key alone: who shares a key with another export is tied all the same, only those without one are not found."
)
WHO = {"person": "people", "account": "companies"}


def _told(share: tuple[float, float, float] | None) -> str:
    return "too few known" if share is None else f"{share[0]:.0%} [{share[1]:.0%}, {share[2]:.0%}]"


def _in_lines(finding: examination.Finding) -> str:
    """One finding for people: what, what to do, what it hurts, where; as wide as its words."""
    where = "".join(f"\n    {place}" for place in finding.where)
    told = f"{finding.name}: {finding.problem}\n  do:    {finding.remedy}\n  hurts: {finding.hurts}"
    return _printable(told + (f"\n  where:{where}" if where else "")) + "\n"


def _printable(text: str) -> str:
    """Text without control characters, whatever an export holds."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
