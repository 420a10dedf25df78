"""``match`` and ``review`` through the command line: what they show, what they write, and that it can be taken back."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from rich.console import Console

from commands import Said, goodwill, rows_in, workspace
from goodwill.doors.interview import Asked, interview
from goodwill.doors.kept_warehouse import opened
from goodwill.identity.decision_lines import FILE
from goodwill.identity.review import queue
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import open_workspace
from small_workspaces import answers

SETTINGS = """[company]
name = "Acme"
[[mapping]]
file = "contacts.csv"
table = "people"
[mapping.columns]
id = "Contact"
name = "Name"
email = "Mail"
company = "Company"
[mapping.nodes]
id = "crm/contact"
[[mapping]]
file = "deals.csv"
table = "opportunities"
[mapping.columns]
id = "Deal"
account = "Company"
created_at = "Opened"
closed_at = "Closed"
outcome = "End"
amount = "Amount"
[mapping.nodes]
account = "company"
[[mapping]]
file = "acts.csv"
table = "interactions"
[mapping.columns]
id = "Id"
at = "Day"
actor = "Who"
[mapping.constants]
verb = "as:Like"
venue = "linkedin"
channel_group = "organic_social"
direction = "inbound"
[mapping.nodes]
actor = "linkedin"
"""
CONTACTS = "Contact,Name,Mail,Company\n1,Jane Doe,jane@bold.com,Bold\n2,Joe Roe,joe@cold.com,Cold\n"
DEALS = (
    "Deal,Company,Opened,Closed,End,Amount\n"
    "D1,bold,2024-01-01,2024-06-01,won,40000\nD2,cold,2024-01-01,2024-06-01,lost,100\n"
)
ACTS = "Id,Day,Who\n" + "".join(f"a{i},2024-02-{1 + i:02d},jane-d\n" for i in range(14)) + "b,2024-02-03,joer\n"
JANE, JANE_D, JOE, JOER = "crm/contact:1", "linkedin:jane-d", "crm/contact:2", "linkedin:joer"
#: What the matching writes into a warehouse, as it would of these files.
MATCHED = (
    """CREATE OR REPLACE TABLE person_records AS
    SELECT v.*, r.person AS exact FROM (VALUES
        ('crm/contact:1', 'crm', 'jane doe', 'jane', 'doe', 'jane@bold.com', 'bold', 'cto', 'contacts.csv', 2),
        ('crm/contact:2', 'crm', 'joe roe', 'joe', 'roe', 'joe@cold.com', 'cold', NULL, 'contacts.csv', 3),
        ('linkedin:jane-d', 'linkedin', 'jane d', 'jane', 'd', NULL, 'bold', NULL, 'acts.csv', 2),
        ('linkedin:joer', 'linkedin', '[b]joer', 'joer', NULL, NULL, NULL, NULL, 'acts.csv', 16)
    ) AS v(node, venue, name, given, family, email, company, title, source_file, source_row)
    JOIN resolved AS r ON r.node = v.node""",
    """CREATE OR REPLACE TABLE account_records AS
    SELECT node, account AS exact, 'crm' AS venue, substr(node, 9) AS name, NULL AS domain, NULL AS country,
        'deals.csv' AS source_file, 2 AS source_row FROM resolved_accounts WHERE node LIKE 'company:%'""",
    """CREATE OR REPLACE TABLE person_pairs AS SELECT * FROM (VALUES
        ('crm/contact:1', 'linkedin:jane-d', CAST(0.6 AS DOUBLE), CAST(3 AS DOUBLE), 'given + start of family'),
        ('crm/contact:2', 'linkedin:joer', CAST(0.5 AS DOUBLE), CAST(2 AS DOUBLE), 'given')
    ) AS v(node_a, node_b, probability, weight, rule)""",
    "CREATE OR REPLACE TABLE account_pairs AS FROM person_pairs LIMIT 0",
    """CREATE OR REPLACE TABLE match_quality AS SELECT 'person' AS kind, 'linkedin' AS venue, 40 AS known_pairs,
        33 AS found, CAST(0.825 AS DOUBLE) AS recall, CAST(0.68 AS DOUBLE) AS recall_low,
        CAST(0.92 AS DOUBLE) AS recall_high, CAST(0.97 AS DOUBLE) AS precision,
        CAST(0.9 AS DOUBLE) AS precision_low, CAST(0.99 AS DOUBLE) AS precision_high""",
    "UPDATE resolved SET person = 'p_one' WHERE node IN ('crm/contact:1', 'linkedin:jane-d')",
    "CREATE OR REPLACE TABLE match_conflicts (kind VARCHAR, node_a VARCHAR, node_b VARCHAR)",
)


@pytest.fixture(scope="module", name="made")
def run_and_matched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match") / "acme"
    workspace(folder, SETTINGS, contacts__csv=CONTACTS, deals__csv=DEALS, acts__csv=ACTS)
    assert goodwill("run", folder, "--question", "conversation").code == 0
    tables = open_file(folder / "warehouse.duckdb", root=folder)
    for statement in MATCHED:
        tables.execute(statement)
    tables.close()
    return folder


@pytest.fixture
def acme(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may write decisions into."""
    return Path(shutil.copytree(made, tmp_path / "acme"))


def well(said: Said) -> Said:
    assert said.code == 0, said.err
    return said


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / FILE).read_text(encoding="utf-8").splitlines()]


# --- match ------------------------------------------------------------------------------------------------------------


def test_match_counts_people_of_records_by_venue_with_what_is_known_of_the_quality(made: Path) -> None:
    found = well(goodwill("match", made, "--format", "json")).json
    people = {row["venue"]: row for row in found["venues"] if row["kind"] == "person"}
    assert [(v, people[v]["records"], people[v]["found"], people[v]["matched"]) for v in people] == [
        ("all", 4, 3, 1), ("crm", 2, 2, 1), ("linkedin", 2, 2, 1)
    ]  # fmt: skip
    assert (people["linkedin"]["recall"], people["crm"]["recall"]) == (0.825, None)
    assert [(p["node_a"], p["name_b"], p["joined"]) for p in found["most_uncertain"]] == [
        (JOE, "[b]joer", False), (JANE, "jane d", True)
    ]  # fmt: skip
    table = well(goodwill("match", made)).out
    assert "0.82 (0.68 to 0.92)" in table
    assert "[b]joer" in table
    assert well(goodwill("match", made, "--format", "csv")).csv[0]["venue"] == "all"


def test_match_explains_a_merge_field_by_field_with_the_chain(made: Path) -> None:
    said = well(goodwill("match", made, "--pair", JANE_D, JANE)).out
    assert "They are one person, p_one." in said
    assert (
        "alike, with probability 0.60 (found by given + start of family) (contacts.csv, row 2; acts.csv, row 2)" in said
    )
    found = well(goodwill("match", made, "--pair", JANE, JANE_D, "--format", "json")).json
    assert [(f["field"], f["level"]) for f in found["fields"][:3]] == [
        ("name", "alike"), ("given", "equal"), ("family", "different")
    ]  # fmt: skip
    assert well(goodwill("match", made, "--pair", JANE, JANE_D, "--format", "csv")).csv[1]["a"] == "jane"


def test_match_shows_every_record_of_a_person(made: Path) -> None:
    rows = well(goodwill("match", made, "--person", "p_one", "--format", "csv")).csv
    assert [row["node"] for row in rows] == [JANE, JANE_D]
    assert rows[1]["joined_by"].startswith("alike, with probability 0.60")


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--person", "p_one"), ("--pair", JANE, JANE_D)])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("verb", ["match", "review"])
def test_masked_tells_no_name(made: Path, verb: str, words: tuple[str, ...], form: str) -> None:
    said = well(goodwill(verb, made, *(words if verb == "match" else ()), "--masked", "--format", form))
    assert not [name for name in ("jane", "doe", "joer", "joe ", "roe") if name in (said.out + said.err).lower()]
    assert "crm/contact" in said.out or form == "csv"


def test_match_before_any_run_says_what_to_do(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "acme")
    for verb in ("match", "review"):
        said = goodwill(verb, folder)
        assert said.code == 2
        assert "goodwill run" in said.err


def test_an_unknown_node_is_refused_with_the_nearest(made: Path) -> None:
    said = goodwill("match", made, "--person", "crm/contact:12")
    assert said.code == 2
    assert "Did you mean crm/contact:1?" in said.err


# --- review -----------------------------------------------------------------------------------------------------------


def test_the_queue_puts_first_what_moves_the_answers(made: Path) -> None:
    rows = well(goodwill("review", made, "--queue", "--format", "json")).json
    assert [row["node_b"] for row in rows] == [JANE_D, JOER]
    assert rows[0]["effect"].startswith("parts 14 social touches of somebody new from a customer; cuts social off from")
    assert "40,000 EUR that was won" in rows[0]["effect"]
    assert "ties social to a deal of 100 EUR that was lost" in rows[1]["effect"]
    assert rows[0]["score"] > rows[1]["score"] > 0


def test_a_decision_is_written_shown_listed_and_taken_back(acme: Path) -> None:
    said = well(
        goodwill("review", acme, "--different", JANE_D, JANE, "--reason", "two", "--by", "kim", "--format", "json")
    )
    assert said.json[0] | {"decided_at": ""} == {
        "number": 1, "state": "stands", "verdict": "different", "node_a": JANE, "node_b": JANE_D, "decided_at": "",
        "decided_by": "kim", "reason": "two",
    }  # fmt: skip
    assert f"goodwill run {acme}" in said.err
    assert [r["node_b"] for r in well(goodwill("review", acme, "--queue", "--format", "json")).json] == [JOER]
    assert "different, decided by kim" in well(goodwill("match", acme, "--pair", JANE, JANE_D)).out
    well(goodwill("review", acme, "--undo", "1", "--by", "ann"))
    listed = well(goodwill("review", acme, "--list", "--format", "csv")).csv
    assert [(r["number"], r["state"], r["decided_by"]) for r in listed] == [
        ("1", "taken back by line 2", "kim"), ("2", "stands", "ann")
    ]  # fmt: skip
    assert len(well(goodwill("review", acme, "--queue", "--format", "json")).json) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--same", JANE, JANE_D), "a decision needs a reason"),
        (("--same", JANE, "crm/contact:17", "--reason", "x"), "no export names"),
        (("--same", JANE, "company:bold", "--reason", "x"), "a person and a company"),
        (("--same", JANE, JANE, "--reason", "x"), "one node"),
        (("--same", JANE, JANE_D, "--different", JANE, JANE_D, "--reason", "x"), "cannot be done at once"),
        (("--undo", "3"), "there is no decision 3"),
        (("--from", "nothing.csv"), "there is no such file"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(made: Path, words: tuple[str, ...], said: str) -> None:
    found = goodwill("review", made, *words)
    assert found.code == 2
    assert said in found.err
    assert not (made / FILE).exists()


def test_a_cut_off_line_is_told(acme: Path) -> None:
    well(goodwill("review", acme, "--not-sure", JANE, JANE_D, "--reason", "dark photo"))
    with (acme / FILE).open("ab") as file:
        file.write(b'{"number": 2, "verd')
    said = well(goodwill("review", acme, "--list", "--format", "json"))
    assert "line 2, was cut off by a crash" in said.err
    assert len(said.json) == 1


# --- decisions from a spreadsheet -------------------------------------------------------------------------------------


def test_the_queue_filled_in_is_read_back(acme: Path, tmp_path: Path) -> None:
    queued = well(goodwill("review", acme, "--queue", "--format", "csv")).out.splitlines()
    assert queued[0].endswith(",verdict,reason")
    filled = [queued[0], queued[1].removesuffix(",") + "D,two of them", queued[2]]
    sheet = tmp_path / "decided.csv"
    sheet.write_text("\n".join(filled), encoding="utf-8")
    said = well(goodwill("review", acme, "--from", sheet, "--by", "kim"))
    assert "1 row without a verdict" in said.err
    assert [(x["node_a"], x["node_b"], x["verdict"], x["reason"]) for x in lines(acme)] == [
        (JANE, JANE_D, "different", "two of them")
    ]  # fmt: skip
    assert "1 decision stood already" in well(goodwill("review", acme, "--from", sheet)).err
    assert len(lines(acme)) == 1


def test_a_workbook_is_read_too(acme: Path, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (("Node_A", "Node_B", "Verdict", "Reason"), (JANE, JANE_D, "not sure", "dark photo")):
        book.active.append(row)
    book.save(tmp_path / "decided.xlsx")
    well(goodwill("review", acme, "--from", tmp_path / "decided.xlsx"))
    assert lines(acme)[0]["verdict"] == "unsure"


def test_every_wrong_line_of_a_sheet_is_named_and_nothing_is_written(acme: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "decided.csv"
    sheet.write_text(
        "node_a;node_b;verdict;reason\n"
        f'{JANE};{JANE_D};same;"good\nreason"\n{JOE};{JOER};smae;seen\n{JOE};{JOER};same;\n{JOE};x:@nobody-at-all;d;seen\n',
        encoding="utf-8",
    )
    said = goodwill("review", acme, "--from", sheet)
    assert said.code == 2
    assert "3 lines are wrong" in said.err
    assert 'line 4: "smae" is no verdict. Did you mean same?' in said.err
    assert "line 5: there is no reason" in said.err
    assert 'line 6: no export names "x:@nobody-at-all"' in said.err
    assert not (acme / FILE).exists()


def test_a_sheet_without_a_column_is_refused(acme: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "decided.csv"
    sheet.write_text(f"node_a,node_b,verdict\n{JANE},{JANE_D},same\n", encoding="utf-8")
    said = goodwill("review", acme, "--from", sheet)
    assert said.code == 2
    assert "the column reason is missing" in said.err


# --- questions in a terminal ------------------------------------------------------------------------------------------


def answer(folder: Path, *keys: str, masked: bool = False, typed: str = "same photo") -> tuple[int, str]:
    """Press keys one after the other; then the keyboard is gone."""
    pressed: Iterator[str] = iter(keys)

    def key() -> str:
        try:
            return next(pressed)
        except StopIteration:
            raise EOFError from None

    paper = Console(file=io.StringIO(), width=160, color_system=None)
    workspace_ = open_workspace(folder)
    with opened(workspace_) as kept:
        stakes = queue(kept.tables, kept.terms, limit=9)
        asked = Asked(
            workspace_, kept.tables, stakes, "kim", lambda: dt.datetime.now(dt.UTC), masked, key, lambda _: typed
        )
        written = interview(asked, paper)
    assert isinstance(paper.file, io.StringIO)
    return written, paper.file.getvalue()


def test_a_key_decides_and_the_effect_is_shown(acme: Path) -> None:
    written, shown = answer(acme, "d", "r", "s")
    assert written == 2
    assert [(x["verdict"], x["reason"]) for x in lines(acme)] == [
        ("different", "seen side by side"), ("same", "same photo")
    ]  # fmt: skip
    assert "1 of 2, one now, probability 0.60" in shown
    assert "Different: parts 14 social touches" in shown
    assert "[b]joer" in shown
    assert "That was the last one." in shown


def test_undo_goes_back_to_the_pair_before(acme: Path) -> None:
    written, shown = answer(acme, "d", "u", "n", "u", "u", " ", "q")
    assert written == 4
    assert [x.get("verdict") or x.get("undoes") for x in lines(acme)] == ["different", 1, "unsure", 3]
    assert shown.count("1 of 2") == 4
    assert shown.rstrip().endswith("Stopped.")


@pytest.mark.parametrize("keys", [("q",), (), ("x", "?", "q")])
def test_leaving_writes_nothing(acme: Path, keys: tuple[str, ...]) -> None:
    assert answer(acme, *keys)[0] == 0
    assert not (acme / FILE).exists()


def test_a_contradiction_is_told_and_the_pair_is_asked_again(acme: Path) -> None:
    for pair in ((JANE_D, JOER), (JANE, JOER)):
        well(goodwill("review", acme, "--same", *pair, "--reason", "x"))
    written, shown = answer(acme, "d", " ", "q")
    assert written == 0
    assert "contradict each other" in shown


def test_masked_questions_tell_no_name(acme: Path) -> None:
    shown = answer(acme, " ", " ", masked=True)[1].lower()
    assert not [name for name in ("jane", "doe", "joe", "roe") if name in shown]


# --- what a run makes of it -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_decision_its_undo_and_a_rebuild_give_the_same_bytes(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "acme", SETTINGS, contacts__csv=CONTACTS, deals__csv=DEALS, acts__csv=ACTS)
    joined = "SELECT count(DISTINCT person) AS n FROM resolved WHERE node IN ('crm/contact:1', 'linkedin:jane-d')"

    def run() -> tuple[dict[str, str], int]:
        well(goodwill("run", folder, "--question", "conversation"))
        return answers(folder), rows_in(folder, joined)[0]["n"]

    first, apart = run()
    well(goodwill("review", folder, "--same", JANE, JANE_D, "--reason", "same photo"))
    second, together = run()
    well(goodwill("review", folder, "--undo", "1"))
    third, apart_again = run()
    assert (apart, together, apart_again) == (2, 1, 2)
    assert second != first
    # page one of the third report says what changed since the second; all else is as it was
    assert {name: digest for name, digest in third.items() if name != "report.html"} == {
        name: digest for name, digest in first.items() if name != "report.html"
    }
