"""``person export`` and ``person forget``: what is held about one person, handed out or removed for good."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from goodwill import forgetting, keeping, persons, study, tombstones
from goodwill.doors import answer
from goodwill.doors.showing import progress, say, show
from goodwill.errors import GoodwillError
from goodwill.persons import Person
from goodwill.spreadsheets import as_csv
from goodwill.warehouse import Tables
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace, open_workspace

#: Rows of one export that are listed one by one on the screen; the number of all is told.
LISTED = 20
#: The page stands alone: no script, nothing from any network, as wide as what it holds.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What is held about one person</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body {{ font: 16px/1.5 sans-serif; margin: 2rem }} table {{ border-collapse: collapse; margin: 0 0 2rem }}
td, th {{ border: 1px solid #999; padding: .2rem .5rem; text-align: left; vertical-align: top }}</style></head>
<body><h1>What is held about one person</h1>{body}</body></html>
"""


def export(wanted: str, folder: Path, into: Path | None, form: str) -> int:
    """Write everything about one person to a new folder, or with ``--format json`` to stdout; give 0."""
    workspace = open_workspace(folder)
    with _warehouse(workspace) as tables:
        person = persons.find(tables, wanted)
        found = _held(tables, workspace, person)
    text = json.dumps(found, indent=1, ensure_ascii=False, default=str)
    if form == "json":
        print(text)
        return 0
    target = into or Path(f"person-{person.person.removeprefix('p_')}")
    if target.exists():
        raise GoodwillError("there is something of this name already", where=str(target), remedy="Choose with --into.")
    target.mkdir(parents=True)
    (target / "person.json").write_text(text + "\n", encoding="utf-8")
    sections = {**found["rows"], **found["derived"]}
    for name, rows in sections.items():
        _write_csv(target / f"{name}.csv", rows)
    (target / "index.html").write_text(_page(found), encoding="utf-8")
    show([{"table": name, "rows": len(rows)} for name, rows in sections.items()], form, columns=("table", "rows"))
    say(f"Everything that is held about this person: {target}. It is theirs: look where you put it.")
    return 0


@contextmanager
def _warehouse(workspace: Workspace) -> Iterator[Tables]:
    """The tables of the last run.

    Raises
    ------
    GoodwillError
        There was none.
    """
    if not workspace.warehouse.exists():
        remedy = f"Make them with: goodwill run {workspace.root}"
        raise GoodwillError("there are no tables yet", where=str(workspace.warehouse), remedy=remedy)
    tables = open_file(workspace.warehouse, read_only=True, root=workspace.root)
    try:
        if not tables.rows("SELECT 1 AS one FROM duckdb_tables() WHERE table_name = 'untracked'"):
            remedy = f"Make them anew with: goodwill run {workspace.root}"
            raise GoodwillError("the tables are of an older version", where=str(workspace.warehouse), remedy=remedy)
        yield tables
    finally:
        tables.close()


def _held(tables: Tables, workspace: Workspace, person: Person) -> dict[str, Any]:
    return {
        "person": person.person,
        "nodes": list(person.nodes),
        "names": list(person.names),
        "emails": list(person.emails),
        "phones": list(person.phones),
        "companies": list(person.companies),
        "shared_with_others": list(person.kept_back),
        "decisions": persons.decisions(workspace, person),
        "rows": persons.canonical_rows(tables, person),
        "derived": persons.derived_rows(tables, person),
    }


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    text = as_csv(rows[0], (row.values() for row in rows), line_end="\n")
    path.write_text(text, encoding="utf-8", newline="")


def _page(found: Mapping[str, Any]) -> str:
    told = [(k, found[k]) for k in ("person", "nodes", "names", "emails", "phones", "companies", "shared_with_others")]
    listed = "".join(f"<tr><th>{_named(k)}</th><td>{_cell(value)}</td></tr>" for k, value in told if value)
    sections = [("Decisions on who is who", found["decisions"])]
    sections += [(f"From the exports: {_named(n)}", rows) for n, rows in found["rows"].items()]
    sections += [(f"Worked out: {_named(n)}", rows) for n, rows in found["derived"].items()]
    return PAGE.format(body=f"<table>{listed}</table>" + "".join(_section(*section) for section in sections))


def _section(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    names = [
        name for name in dict.fromkeys(k for row in rows for k in row) if any(row.get(name) is not None for row in rows)
    ]
    head = "".join(f"<th>{_named(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_cell(row.get(name))}</td>" for name in names) + "</tr>" for row in rows)
    return f"<h2>{html.escape(title)} ({len(rows):,})</h2><table><tr>{head}</tr>{body}</table>"


def _named(name: str) -> str:
    return html.escape(name.replace("_", " "))


def _cell(value: Any) -> str:
    return html.escape(", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value))


def forget(wanted: str, folder: Path, reason: str, *, is_meant: bool) -> int:
    """Say what would go; with ``--yes`` do it, and prove it. Give 1 where the person is still named anywhere."""
    workspace = open_workspace(folder)
    if is_meant and not reason.strip():
        raise GoodwillError("there is no reason", where="--reason", remedy="Say why, without the person's name.")
    person = _found(workspace, wanted)
    if person is None:
        return 0
    places = forgetting.read_exports(workspace, person)
    _tell(workspace, person)
    if not is_meant:
        _tell_exports(places)
        say("Nothing was changed. To do it, say the same with --reason and --yes; it cannot be taken back.")
        return 0
    at = dt.datetime.now(dt.UTC).date().isoformat()
    forgetting.write_down(workspace, person, at=at, reason=reason.strip())
    forgetting.clean_history(workspace, person)  # before the report, which compares with it
    _rebuild(workspace)
    forgetting.clean_plans(workspace, person)
    forgetting.clean_history(workspace, person)
    proof = forgetting.prove(workspace, person)
    say(
        f"Searched {proof.files:,} files and {proof.tables:,} tables in them; places that name them: {len(proof.left)}."
    )
    for place in proof.left:
        say(f"  still there, and yours to remove: {place.file}{f', {place.sheet}' if place.sheet else ''}")
    _tell_exports(places)
    return 1 if proof.left else 0


def _found(workspace: Workspace, wanted: str) -> Person | None:
    """The person; None, and the reason told, where they were forgotten before."""
    try:
        with _warehouse(workspace) as tables:
            return persons.find(tables, wanted)
    except GoodwillError:
        said = wanted.strip()
        known = tombstones.read(workspace).knows({*tombstones.of_mail(said), *tombstones.of_nodes([said])})
        if known is None:
            raise
        say(f"This person was forgotten on {known.at}: every run leaves them out.")
        return None


def _tell(workspace: Workspace, person: Person) -> None:
    """What would go, as a table on stdout."""
    with _warehouse(workspace) as tables:
        found = {**persons.canonical_rows(tables, person), **persons.derived_rows(tables, person)}
    rows: list[dict[str, Any]] = [{"where": name, "rows": len(rows)} for name, rows in found.items()]
    rows.append({"where": "decisions/identity.jsonl", "rows": len(persons.decisions(workspace, person))})
    show(rows, "table", title=f"What names this person ({', '.join(person.nodes)})")
    for shared in person.kept_back:
        say(f"Not looked for: {shared}.")


def _tell_exports(places: Sequence[forgetting.Place]) -> None:
    """What the user has to do, for exports are never altered."""
    if not places:
        say("No export names them.")
        return
    files = dict.fromkeys(place.file for place in places)
    say(
        f"{len(places):,} rows of {len(files):,} exports name them. Exports are never altered: delete the person where "
    )
    say("each was made, and export again. Until then every run leaves these rows out, or the person out of them:")
    for file in files:
        rows = [str(place.row) for place in places if place.file == file and place.row is not None]
        more = f" and {len(rows) - LISTED:,} more" if len(rows) > LISTED else ""
        say(f"  {file}" + (f": rows {', '.join(rows[:LISTED])}{more}" if rows else ""))


def _rebuild(workspace: Workspace) -> None:
    """Everything worked out anew on the terms of the last run; where that cannot be done, all of it is removed."""
    try:
        manifest = keeping.kept(workspace)[1]
    except GoodwillError:
        manifest = {}
    until = manifest.get("as_of")
    # the last day was chosen, and did not follow from the data: it holds again
    as_of = dt.date.fromisoformat(until) if until and until != manifest["period"][1] else None
    try:
        with progress() as told:
            only = tuple(manifest.get("questions", ()))
            found = study.run(workspace, as_of=as_of, seed=manifest.get("seed"), only=only, progress=told)
            workspace.report.unlink(missing_ok=True)
            answer.write(workspace, found)
    except GoodwillError as error:
        forgetting.remove_derived(workspace)
        say(f"The answers could not be made anew ({error.problem}), so that they were removed.")
        say(f"When that is put right: goodwill run {workspace.root}")
