"""Keyed hashes, what they are taken of, and what is handed out about one person."""

import csv
import hashlib
import hmac
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgettable import MAIL, workspace
from goodwill import persons, tombstones
from goodwill.doors import answer
from goodwill.doors.persons import export
from goodwill.errors import GoodwillError
from goodwill.tombstones import Tombstone, Tombstones
from goodwill.vocabulary import TABLES
from goodwill.warehouse import masking
from goodwill.warehouse.duckdb_engine import open_file

KEY = bytes(range(32))
TABLES_IN_MEMORY = open_file(None)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)


def value(sql: str, **parameters: object) -> object:
    return next(iter(TABLES_IN_MEMORY.rows(f"SELECT {sql} AS v", **parameters)[0].values()))


@given(TEXTS)
def test_the_engine_hashes_as_the_standard_library_does(text: str) -> None:
    whole = hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
    assert value(masking.keyed("$text", KEY), text=text) == whole[: tombstones.SHOWN]
    assert Tombstones(KEY).digest(text) == whole[: tombstones.SHOWN]


@pytest.mark.parametrize("mail", ["Jane.Doe+x@Acme.com", "j.a.ne@gmail.com", "a%40b.example", "x@y.z"])
def test_addresses_are_normal_in_both_languages(mail: str) -> None:
    assert value(masking.mail_key("$mail"), mail=mail) == tombstones.normal_mail(mail)


@pytest.mark.parametrize("phone", ["+49 (30) 300-07919", "030 30007919", "12", "1234567"])
def test_numbers_are_normal_in_both_languages(phone: str) -> None:
    assert (value(masking.phone_key("$phone"), phone=phone) or "") == tombstones.normal_phone(phone)


def stones(*identifiers: str) -> Tombstones:
    known = Tombstones(KEY)
    return Tombstones(KEY, (Tombstone("2026-01-01", "", tuple(sorted(map(known.digest, identifiers)))),))


JANE = stones(*tombstones.of_name("Jane Doe"), *tombstones.of_mail("jane.doe@acme.com", ["Jane Doe"]),
              *tombstones.of_phone("+49 30 1234567"), *tombstones.of_nodes(["x:jdoe"], ["Jane Doe"]))  # fmt: skip


def without(text: str) -> object:
    TABLES_IN_MEMORY.register("said", pa.table({"said": [text]}))
    found = masking.search(TABLES_IN_MEMORY, "SELECT * FROM said", ["said"], JANE)
    TABLES_IN_MEMORY.forget("said")
    return value(masking.text_without("$text", found), text=text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ask JANE DOE, please", "ask [forgotten], please"),
        ("Doe, Jane and Jane  Doe", "[forgotten] and [forgotten]"),
        ("jane.doe+news@acme.com, jane.doe@acme.com.", "[forgotten], [forgotten]."),
        ("jane.doe@other.com is somebody else", "jane.doe@other.com is somebody else"),
        ("Janet Doering, Mary-Jane Doermann", "Janet Doering, Mary-Jane Doermann"),
        ("@jdoe jdoe/jdoe", "[forgotten] [forgotten]/[forgotten]"),
        ("https://x.com/jdoe?m=jane.doe%40acme.com", "https://x.com/[forgotten]?m=[forgotten]"),
        ("call 030 123 45 67 or 1234", "call [forgotten] or 1234"),
        ("nobody's business 2025-01-02", "nobody's business 2025-01-02"),
    ],
)
def test_a_text_loses_the_person_and_nothing_else(text: str, masked: str) -> None:
    assert without(text) == masked


@settings(max_examples=20)
@given(TEXTS)
def test_texts_that_name_nobody_stay_as_they_are(text: str) -> None:
    assert without(text) == text


def test_where_nobody_was_forgotten_nothing_is_read_twice() -> None:
    query = "SELECT * FROM a_table_that_does_not_exist"
    assert masking.masked(TABLES_IN_MEMORY, query, TABLES["people"], Tombstones()).sql == query


def test_two_workspaces_never_share_a_hash() -> None:
    assert Tombstones(b"a" * 32).digest("mail:x@y.z") != Tombstones(b"b" * 32).digest("mail:x@y.z")


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("answered") / "w")
    answer.run(folder, None, None, ("conversation",), "json")
    return folder


@pytest.mark.slow
def test_an_export_holds_every_row_with_its_place(answered: Path, tmp_path: Path) -> None:
    into = tmp_path / "out"
    assert export(MAIL, answered, into, "table") == 0
    found = json.loads((into / "person.json").read_text(encoding="utf-8"))
    assert found["names"] == ["Jörg-Uwe Quastl"]
    assert {"hubspot/contact:5200777", "email:jorg.quastl+crm@mill.example"} <= set(found["nodes"])
    places = {(r["source_file"], r["source_row"]) for rows in found["rows"].values() for r in rows}
    assert {("contacts.csv", 3), ("contacts.csv", 4), ("tickets.csv", 3)} <= places
    assert "timeline" in found["derived"]
    with (into / "people.csv").open(encoding="utf-8", newline="") as file:
        assert "Jörg-Uwe Quastl" in [row["name"] for row in csv.DictReader(file)]
    page = (into / "index.html").read_text(encoding="utf-8")
    assert "Jörg-Uwe Quastl" in page
    assert "<script" not in page


@pytest.mark.slow
def test_a_record_of_the_same_person_is_as_good_as_an_address(
    answered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("hubspot/contact:5200777", answered, None, "json") == 0
    assert json.loads(capsys.readouterr().out)["names"] == ["Jörg-Uwe Quastl"]


@pytest.mark.slow
def test_nothing_is_written_over(answered: Path, tmp_path: Path) -> None:
    with pytest.raises(GoodwillError, match="already"):
        export(MAIL, answered, tmp_path, "table")


def test_nobody_is_told_of_as_nobody(answered: Path) -> None:
    with pytest.raises(GoodwillError, match="nobody is known"):
        export("nobody@nowhere.example", answered, None, "json")


def test_before_a_run_there_is_nothing_to_hand_out(tmp_path: Path) -> None:
    with pytest.raises(GoodwillError, match="no tables"):
        export(MAIL, workspace(tmp_path / "w"), None, "json")


@pytest.mark.slow
def test_what_a_person_shares_with_others_is_not_looked_for(answered: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(answered, tmp_path / "w"))
    contacts = folder / "exports" / "contacts.csv"
    twin = (
        "5200779,Jörg-Uwe,Quastl,other@twin.example,+49 30 5550199,Smith,Twin Ltd,Sam Seller,2025-01-08,2025-01-08,\n"
    )
    contacts.write_text(contacts.read_text(encoding="utf-8") + twin, encoding="utf-8")
    answer.run(folder, None, None, ("conversation",), "json")
    tables = open_file(folder / "warehouse.duckdb", read_only=True, root=folder)
    person = persons.find(tables, "hubspot/contact:5200777")
    tables.close()
    assert person.names == ()
    assert len(person.kept_back) == 2
    assert not any(i.startswith(("name:", "phone:")) for i in person.identifiers)
