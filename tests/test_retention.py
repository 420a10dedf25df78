"""Rows about people are kept as long as the settings say; who asked not to be tracked counts in totals only."""

import datetime as dt
import json
from pathlib import Path

import pytest

from goodwill import doctor, study
from goodwill.errors import SettingsError
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import open_workspace
from small_workspaces import digests

HEADER = "Record ID,First Name,Last Name,Email,Phone Number,Company name,Create Date"
ACTS = """
[[mapping]]
file = "acts*"
table = "interactions"
[mapping.columns]
id = "id"
at = "day"
actor = "who"
[mapping.constants]
verb = "Like"
venue = "linkedin"
channel_group = "organic_social"
direction = "inbound"
[mapping.nodes]
actor = "email"
"""


def workspace(folder: Path, settings: str = "", *, header: str = HEADER, ends: tuple[str, ...] = ("", "", "")) -> Path:
    """Three people: one active, one long gone, one old record who still acts."""
    (folder / "exports").mkdir(parents=True)
    (folder / "goodwill.toml").write_text('[company]\nname = "Acme"\n' + settings + ACTS, encoding="utf-8")
    people = [
        "101,Nina,Neu,nina.neu@one.example,+49 30 1111111,One,2025-10-01",
        "102,Otto,Alt,otto.alt@two.example,+49 30 2222222,Two,2019-01-05",
        "103,Runa,Rege,runa.rege@three.example,+49 30 3333333,Three,2019-01-06",
    ]
    lines = [line + end for line, end in zip(people, ends, strict=True)]
    (folder / "exports" / "contacts.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    acts = [f"a{i},2025-{1 + i % 12:02d}-10,{('nina.neu@one', 'runa.rege@three')[i % 2]}.example" for i in range(24)]
    acts += [f"b{i},2020-02-{1 + i:02d},otto.alt@two.example" for i in range(3)]
    (folder / "exports" / "acts.csv").write_text("\n".join(["id,day,who", *acts]) + "\n", encoding="utf-8")
    return folder


def rows(folder: Path, sql: str) -> list[dict[str, object]]:
    tables = open_file(folder / "warehouse.duckdb", read_only=True, root=folder)
    try:
        return tables.rows(sql)
    finally:
        tables.close()


def run(folder: Path) -> dict[str, object]:
    return study.run(open_workspace(folder), only=("conversation",)).manifest


@pytest.mark.slow
def test_everything_is_kept_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    run(workspace(tmp_path / "w"))
    assert rows(tmp_path / "w", "SELECT count(*) AS n FROM interactions")[0]["n"] == 27


@pytest.mark.slow
def test_old_rows_go_and_old_records_of_active_people_stay(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", "[privacy]\nretention_months = 24\n")
    manifest = run(folder)
    assert rows(folder, "SELECT count(*) AS n FROM interactions")[0]["n"] == 24
    assert [r["name"] for r in rows(folder, "SELECT name FROM people ORDER BY id")] == ["Nina Neu", "Runa Rege"]
    told = {t["table"]: t["too_old"] for i in manifest["inputs"] for t in i["tables"] if "too_old" in t}
    assert told == {"interactions": 3, "people": 1, "identifiers": 1}
    places = rows(folder, "SELECT id, source_row FROM people ORDER BY source_row")
    assert [(p["id"], p["source_row"]) for p in places] == [("hubspot/contact:101", 2), ("hubspot/contact:103", 4)]
    for path in sorted((folder / "loaded").rglob("*")):
        assert b"otto" not in (path.read_bytes().lower() if path.is_file() else b"")
    assert not (folder / ".building").exists()


@pytest.mark.slow
def test_one_table_can_have_a_time_of_its_own(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", "[privacy.retention]\ninteractions = 3\n")
    run(folder)
    # the last day is 10 December: what happened on 10 September is three months old to the day, and kept
    assert rows(folder, 'SELECT min("at") AS first FROM interactions')[0]["first"] == dt.datetime(2025, 9, 10)
    assert rows(folder, "SELECT count(*) AS n FROM people")[0]["n"] == 3


@pytest.mark.slow
def test_a_rebuild_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", "[privacy]\nretention_months = 24\n")
    run(folder)
    first = digests(folder / "loaded")
    (folder / "warehouse.duckdb").unlink()
    run(folder)
    assert digests(folder / "loaded") == first


@pytest.mark.parametrize("wrong", ["retention_months = 0", "retention_months = -3", "respect_do_not_track = 1"])
def test_wrong_settings_are_refused(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "goodwill.toml").write_text(f"[privacy]\n{wrong}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="privacy"):
        open_workspace(tmp_path)


WISHES = HEADER + ",Unsubscribed from all email,Do Not Track,Legal basis"
ENDS = (",true,,", ",,yes,", ",,,Freely given consent from contact")


@pytest.mark.slow
def test_what_people_asked_for_is_read(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", header=WISHES, ends=ENDS)
    run(folder)
    said = [tuple(row.values()) for row in rows(folder, "SELECT consent, do_not_track FROM people ORDER BY id")]
    assert said == [("withdrawn", None), ("unknown", True), ("given", None)]


@pytest.mark.slow
def test_who_asked_not_to_be_tracked_counts_in_totals_only(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", header=WISHES, ends=ENDS)
    manifest = run(folder)
    assert manifest["coverage"]["known_people_who_are_not_to_be_tracked"] == pytest.approx(2 / 3)
    touches = rows(folder, "SELECT count(*) AS n, count(person) AS known FROM timeline")[0]
    assert (touches["n"], touches["known"]) == (27, 12)
    assert [f.n for f in doctor.examine(open_workspace(folder)).findings if f.name == "not to be tracked"] == [2]


@pytest.mark.slow
def test_the_wish_can_be_left_aside(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", "[privacy]\nrespect_do_not_track = false\n", header=WISHES, ends=ENDS)
    manifest = run(folder)
    assert "known_people_who_are_not_to_be_tracked" not in json.dumps(manifest)
    assert rows(folder, "SELECT count(person) AS known FROM timeline")[0]["known"] == 27


@pytest.mark.slow
def test_people_of_ours_stay_ours_whatever_they_asked_for(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", 'domains = ["one.example"]\n', header=WISHES, ends=ENDS)
    run(folder)
    assert rows(folder, "SELECT count(*) AS n FROM timeline WHERE is_staff")[0]["n"] == 12
