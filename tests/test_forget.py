"""A person who is forgotten leaves no trace in the workspace, on this run and on every later one."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from forgettable import MAIL, decide, traces, workspace
from goodwill import forgetting, history, persons, study, tombstones
from goodwill.doors import answer
from goodwill.doors.persons import forget
from goodwill.errors import GoodwillError
from goodwill.lock import owned
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import open_workspace
from small_workspaces import digests

#: Every case runs whole studies.
pytestmark = pytest.mark.slow

ASKED = ("conversation", "cost")


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("answered") / "w")
    answer.run(folder, None, None, ASKED, "json")
    return folder


@pytest.fixture(scope="module")
def forgotten(answered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forgotten") / "w"
    shutil.copytree(answered, folder)
    decide(folder)
    assert forget(MAIL, folder, "Jörg-Uwe Quastl asked for it", is_meant=True) == 0
    return folder


@pytest.fixture
def acme(answered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(answered, tmp_path / "w"))


def rows(folder: Path, sql: str) -> list[dict[str, object]]:
    tables = open_file(folder / "warehouse.duckdb", read_only=True, root=folder)
    try:
        return tables.rows(sql)
    finally:
        tables.close()


def test_the_traces_are_there_before(answered: Path) -> None:
    assert {place for place, _ in traces(answered)} >= {"people", "tickets", "interactions", "resolved", "timeline"}


def test_nothing_but_the_tombstone_is_left(forgotten: Path, answered: Path) -> None:
    assert traces(forgotten) == []
    assert digests(forgotten / "exports") == digests(answered / "exports")
    assert (forgotten / "report.html").exists()
    assert (forgotten / "verdicts" / "manifest.json").exists()


def test_the_tombstone_holds_hashes_only(forgotten: Path) -> None:
    text = (forgotten / "decisions" / "forgotten.json").read_text(encoding="utf-8").lower()
    assert not any(trace in text for trace in ("jörg", "quastl", "5550199", "5200777", "mill"))
    assert json.loads(text)["forgotten"][0]["reason"] == "[forgotten] asked for it"
    assert (forgotten / "decisions" / "forgotten.json").stat().st_mode & 0o077 == 0


def test_others_stay_as_they_were_and_where_they_were(forgotten: Path, answered: Path) -> None:
    everybody = "SELECT id, name, email, phone, source_row FROM people ORDER BY source_row"
    assert rows(forgotten, everybody) == [r for r in rows(answered, everybody) if "5200777" not in str(r["id"])]
    touches = 'SELECT id, "at", actor, source_row FROM interactions ORDER BY source_row'
    before, after = rows(answered, touches), rows(forgotten, touches)
    assert [r | {"actor": None} for r in before if "quastl" in str(r["actor"])] == [r for r in after if not r["actor"]]
    assert [r for r in before if "quastl" not in str(r["actor"])] == [r for r in after if r["actor"]]


def test_texts_of_others_lose_the_person_only(forgotten: Path) -> None:
    said = {row["id"]: row["subject"] for row in rows(forgotten, "SELECT id, subject FROM tickets")}
    assert said["t1"] is None
    assert said["t2"] == "[forgotten] said: [forgotten], [forgotten] ([forgotten])"
    assert said["t3"] == "nothing of the kind"


def test_leads_and_their_stages_keep_together_without_the_number(forgotten: Path) -> None:
    leads = rows(forgotten, "SELECT id, person FROM leads ORDER BY source_row")
    assert [row["person"] for row in leads] == ["hubspot/contact:5200776", None, "hubspot/contact:5200778"]
    assert str(leads[1]["id"]).startswith("forgotten ")


def test_what_was_left_out_is_counted(forgotten: Path) -> None:
    manifest = json.loads((forgotten / "verdicts" / "manifest.json").read_text(encoding="utf-8"))
    by_table = {(i["file"], t["table"]): t for i in manifest["inputs"] for t in i["tables"]}
    assert by_table["contacts.csv", "people"]["forgotten"] == 1
    assert by_table["acts.csv", "interactions"]["detached"] == 10
    assert [i["rows"] for i in manifest["inputs"] if i["file"] == "contacts.csv"] == [3]


def test_decisions_are_blanked(forgotten: Path) -> None:
    lines = (forgotten / "decisions" / "identity.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {"number": 1, "forgotten": True}
    assert json.loads(lines[1])["reason"].strip() in ("[forgotten] said so", "(forgotten) said so")


@pytest.mark.slow
def test_a_rebuild_and_a_changed_export_do_not_bring_them_back(forgotten: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(forgotten, tmp_path / "w"))
    first = digests(folder / "verdicts")
    for derived in ("verdicts", "loaded"):
        shutil.rmtree(folder / derived)
    (folder / "warehouse.duckdb").unlink()
    (folder / "report.html").unlink()
    answer.run(folder, None, None, ASKED, "json")
    assert digests(folder / "verdicts") == first
    later = "id,day,who,about\nt9,2025-03-01,JORG.QUASTL@mill.example,written by Jörg-Uwe Quastl\n"
    (folder / "exports" / "tickets_2.csv").write_text(later, encoding="utf-8")
    answer.run(folder, None, None, ASKED, "json")
    assert traces(folder) == []


def test_nothing_is_done_without_yes(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = digests(acme)
    assert forget(MAIL, acme, "", is_meant=False) == 0
    assert digests(acme) == before
    told = capsys.readouterr()
    assert "Nothing was changed" in told.err
    assert "contacts.csv: rows 3, 4" in told.err
    assert "tickets.csv: rows 2, 3" in told.err
    assert "people" in told.out


def test_a_reason_is_needed(acme: Path) -> None:
    with pytest.raises(GoodwillError, match="no reason"):
        forget(MAIL, acme, " ", is_meant=True)


@pytest.mark.slow
def test_a_crash_after_the_tombstone_is_made_good_by_the_next_run(acme: Path) -> None:
    decide(acme)
    space = open_workspace(acme)
    tables = open_file(space.warehouse, read_only=True, root=acme)
    person = persons.find(tables, MAIL)
    tables.close()
    forgetting.write_down(space, person, at="2026-01-06", reason="asked")
    assert traces(acme)
    answer.run(acme, None, None, ASKED, "json")
    assert traces(acme) == []


@pytest.mark.slow
def test_what_cannot_be_made_anew_is_removed(
    acme: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise GoodwillError("the disk is full")

    monkeypatch.setattr(study, "run", fails)
    assert forget(MAIL, acme, "asked", is_meant=True) == 0
    assert traces(acme) == []
    assert "goodwill run" in capsys.readouterr().err


@pytest.mark.slow
def test_a_file_of_the_users_own_is_named_and_left_alone(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note_in_history(acme)
    (acme / "notes.txt").write_text("call Jörg-Uwe Quastl", encoding="utf-8")
    (acme / "plans").mkdir()
    (acme / "plans" / "lots.csv").write_text("group\nJörg-Uwe Quastl\nSam Seller\n", encoding="utf-8")
    assert forget(MAIL, acme, "asked", is_meant=True) == 1
    assert "notes.txt" in capsys.readouterr().err
    assert (acme / "notes.txt").read_text(encoding="utf-8") == "call Jörg-Uwe Quastl"
    assert (acme / "plans" / "lots.csv").read_text(encoding="utf-8") == "group\n[forgotten]\nSam Seller\n"
    former = history.runs(open_workspace(acme))
    assert [run.number for run in former] == [1, 2, 3, 4]  # the answers that stood, again; and those without the person
    assert former[1].verdicts[0].notes == ("[forgotten] asked.",)
    assert {place for place, _ in traces(acme)} == {"notes.txt"}


def note_in_history(folder: Path) -> None:
    """A run that names the person, which no run makes: verdicts hold nobody's name."""
    kept = history.run(open_workspace(folder), 1)
    named = [replace(v, notes=("Jörg-Uwe Quastl asked.",)) for v in kept.verdicts]
    with owned(open_workspace(folder)):
        history.keep(open_workspace(folder), named, {**kept.manifest, "fingerprint": "named"})
    assert ("history/0002/cost.json", "quastl") in traces(folder)


def test_who_was_forgotten_is_said_to_be(forgotten: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert forget(MAIL.upper(), forgotten, "", is_meant=False) == 0
    assert "was forgotten on" in capsys.readouterr().err


def test_a_damaged_tombstone_stops_a_run(forgotten: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(forgotten, tmp_path / "w"))
    (folder / "decisions" / "forgotten.json").write_text("{", encoding="utf-8")
    with pytest.raises(GoodwillError, match="cannot be read"):
        tombstones.read(open_workspace(folder))
