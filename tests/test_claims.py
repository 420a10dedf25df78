"""The tree behind a claim and the rows behind a figure, of a small business whose files are written by hand."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from commands import goodwill
from goodwill import keeping
from goodwill.claims.finding import found
from goodwill.claims.hiding import hidden
from goodwill.claims.rows import rows_behind
from goodwill.claims.tree import Branch, tree
from goodwill.errors import GoodwillError
from goodwill.verdicts import Evidence, Figure, Verdict
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.workspace import Workspace, open_workspace
from small_workspaces import COMMAND, handmade

KINDS = {
    "claim", "figure", "definition", "method", "checks", "assumptions", "settings", "model", "column", "table",
    "rows", "file",
}  # fmt: skip
TOUCHES = Evidence("timeline", 'SELECT * FROM timeline ORDER BY "at", source_file, source_row')
PAID = "[teams.marketing]\nmembers = ['Ann Onym']\nhourly_cost = 50.0\n[windows]\nhistory_weeks = 20\n"


@pytest.fixture(scope="module", name="acme")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = handmade(tmp_path_factory.mktemp("claims") / "acme")
    settings = folder / "goodwill.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + PAID, encoding="utf-8")
    acts = (folder / "exports" / "acts.csv").read_text(encoding="utf-8")
    hostile = '"\x1b]0;x\x07[bold]\n<script>",2024-02-03,"=cmd@a.com"\n'
    (folder / "exports" / "acts.csv").write_text(acts + hostile, encoding="utf-8")
    assert goodwill("run", folder, "--seed", "7").code == 0
    return folder


@pytest.fixture(name="tables")
def opened(acme: Path) -> Iterator[DuckDBTables]:
    tables = open_file(acme / "warehouse.duckdb", read_only=True, root=acme)
    yield tables
    tables.close()


def claimed(acme: Path, claim: str) -> Branch:
    workspace = open_workspace(acme)
    verdicts, manifest = keeping.kept(workspace)
    return tree(*found(claim, verdicts), workspace, manifest, str(manifest["currency"]))


def every(branch: Branch) -> Iterator[Branch]:
    yield branch
    for below in branch.branches:
        yield from every(below)


def of_kind(branch: Branch, kind: str) -> dict[str, Branch]:
    return {b.name or b.title: b for b in every(branch) if b.kind == kind}


# --- which claim ------------------------------------------------------------------------------------------------------

HEADLINE = Figure("effect", "Effect", 0.1, "points")
ANSWERS = (
    Verdict("win_rate", "Does it?", headline=HEADLINE, naive=Figure("naive", "Naive", 0.2, "points")),
    Verdict("cost", "How much?", figures=(Figure("x", "X", 1.0, "money"),)),
    Verdict("churn", "Does it?"),
)


def test_a_claim_names_a_question_or_a_figure() -> None:
    assert found("win_rate", ANSWERS) == (ANSWERS[0], HEADLINE)
    assert found("win_rate.naive", ANSWERS) == (ANSWERS[0], ANSWERS[0].naive)
    assert found("cost", ANSWERS) == (ANSWERS[1], ANSWERS[1].figures[0])
    assert found("churn", ANSWERS) == (ANSWERS[2], None)


@pytest.mark.parametrize(
    ("claim", "near"),
    [("win_rat", "win_rate"), ("win_rate.naiv", "win_rate.naive"), ("cost.y", "cost.x"), ("", None), ("zzz", None)],
)
def test_a_claim_that_is_none_is_refused_with_the_nearest(claim: str, near: str | None) -> None:
    with pytest.raises(GoodwillError, match="there is no claim") as told:
        found(claim, ANSWERS)
    assert (f"Did you mean {near}?" if near else "Claims: win_rate, cost, churn.") in str(told.value)


# --- the tree ---------------------------------------------------------------------------------------------------------


def test_a_tree_leads_from_the_sentence_to_the_files(acme: Path) -> None:
    whole = claimed(acme, "win_rate.win_rate_decided")
    assert {b.kind for b in every(whole)} == KINDS
    assert (whole.kind, whole.name) == ("claim", "win_rate")
    (figure,) = whole.branches
    assert figure.name == "win_rate.win_rate_decided"
    assert figure.title.endswith("50.0%")
    tables = of_kind(whole, "table")
    assert [(f.name, f.lines) for f in tables["opportunities"].branches] == [
        ("deals.csv", ("rows kept: 20; refused: 0",))
    ]
    assert [f.name for f in tables["orders"].branches] == []
    assert tables["opportunities"].title == f"opportunities: {TABLES['opportunities'].row}"
    assert of_kind(whole, "column")["outcome"].lines[0].startswith("made from opportunities.closed_at")


def test_every_model_and_table_on_the_way_stands_once(acme: Path) -> None:
    whole = claimed(acme, "win_rate.won")
    names = [b.name for b in every(whole) if b.kind in ("model", "table")]
    assert len(names) == len(set(names))
    behind = lineage.upstream("deals")
    assert set(names) == {m.name for m in behind}.union(*(m.reads for m in behind))
    models = of_kind(whole, "model")
    assert models["deals"].lines == (f"reads {', '.join(sorted(lineage.models()['deals'].reads))}",)


def test_refused_rows_are_counted_with_their_file(tmp_path: Path) -> None:
    folder = handmade(tmp_path / "w", opportunities="o1,2024-01-01,2024-02-01,won,1\no2,yesterday,2024-02-01,won,1\n")
    goodwill("run", folder, "--question", "win_rate")
    files = of_kind(claimed(folder, "win_rate"), "file")
    assert files["deals.csv"].lines == ("rows kept: 1; refused: 1",)


def test_settings_are_those_that_were_read_with_their_values(acme: Path) -> None:
    (counted,) = of_kind(claimed(acme, "win_rate.won"), "settings").values()
    assert "stages.won = won, closed won, closedwon (default)" in counted.lines
    assert "company.time_zone = UTC (default)" in counted.lines
    assert "analysis.as_of = 2024-03-20 (not set: the last day in the data, or as the run was told)" in counted.lines
    told = " ".join(counted.lines)
    for other in ("windows.history_weeks", "teams.", "analysis.seed", "goals", "company.business_hours", "messages"):
        assert other not in told


def test_what_an_estimate_rests_on_and_what_the_run_was_told(acme: Path) -> None:
    workspace = open_workspace(acme)
    _, manifest = keeping.kept(workspace)
    rows = Evidence("deal_history", "SELECT * FROM deal_history ORDER BY id")
    verdict = Verdict("win_rate", "Does it?", headline=replace(HEADLINE, low=0.0, high=0.2, evidence=rows))
    (told,) = of_kind(tree(verdict, verdict.headline, workspace, manifest, "EUR"), "settings").values()
    for line in (
        "windows.history_weeks = 20 (set)",
        "windows.horizon_weeks = 26 (default)",
        "analysis.seed = 7 (as the run was told; the default is 1)",
        "analysis.draws = 5 (default)",
        "assumptions.hidden_cause = none (default)",
    ):
        assert line in told.lines


def test_members_of_a_team_are_counted_and_not_named(acme: Path) -> None:
    workspace = open_workspace(acme)
    _, manifest = keeping.kept(workspace)
    figure = Figure("x", "X", 1.0, "money", evidence=Evidence("cost_lines", "SELECT * FROM cost_lines ORDER BY ALL"))
    whole = tree(Verdict("cost", "How much?", figures=(figure,)), figure, workspace, manifest, "EUR")
    (told,) = of_kind(whole, "settings").values()
    assert "teams.marketing.members = 1 (set)" in told.lines
    assert "teams.marketing.hourly_cost = 50.0 (set)" in told.lines
    assert "company.currency = EUR (default)" in told.lines
    assert not any("Onym" in line for b in every(whole) for line in (b.title, *b.lines))


def test_a_question_without_a_figure_says_what_is_missing(acme: Path) -> None:
    workspace = Workspace(acme)
    verdict = Verdict("churn", "Does it?", missing="there are no subscriptions", settles="an export of billing")
    whole = tree(verdict, None, workspace, keeping.kept(workspace)[1], "EUR")
    assert whole.branches[0].title == "There is no figure"
    assert "There are no subscriptions" in " ".join(whole.branches[0].lines)
    assert not of_kind(whole, "model")


# --- the rows ---------------------------------------------------------------------------------------------------------


def test_pages_together_are_all_the_rows(acme: Path, tables: DuckDBTables) -> None:
    workspace = open_workspace(acme)
    whole = rows_behind(tables, workspace, TOUCHES, limit=100)
    assert whole.total == len(whole.rows) == 26
    pages = [rows_behind(tables, workspace, TOUCHES, offset=at, limit=7) for at in range(0, 30, 7)]
    assert [row for page in pages for row in page.rows] == list(whole.rows)
    assert [len(page.rows) for page in pages] == [7, 7, 7, 5, 0]
    assert all(page.total == 26 for page in pages)
    assert rows_behind(tables, workspace, TOUCHES, offset=-3, limit=-1).rows == ()


def test_every_row_names_the_line_that_holds_it(acme: Path, tables: DuckDBTables) -> None:
    page = rows_behind(tables, open_workspace(acme), TOUCHES, is_masked=False)
    lines = (acme / "exports" / "acts.csv").read_text(encoding="utf-8").split("\n")
    for row in page.rows:
        assert lines[row["source_line"] - 1].startswith((f"{row['id']},", '"\x1b'))
    assert page.columns[-3:] == ("source_file", "source_row", "source_line")


def test_names_are_hidden_unless_asked_for(acme: Path, tables: DuckDBTables) -> None:
    shown = rows_behind(tables, open_workspace(acme), TOUCHES, is_masked=False).rows
    masked = rows_behind(tables, open_workspace(acme), TOUCHES).rows
    assert {row["actor"] for row in shown} >= {"email:p1@a.com", "email:p2@a.com"}
    assert {row["actor"] for row in masked} <= {"email:p***@a.com", "email:=***@a.com"}
    assert [row["source_line"] for row in masked] == [row["source_line"] for row in shown]


PEOPLE = {
    "interactions": {"actor": "x:jdoe", "url": "https://x.com/jdoe", "object": "https://x.com/jdoe/1"},
    "items": {"author": "linkedin:jane-doe", "title": "Jane Doe joins", "body": "by jane.doe@acme.com"},
    "people": {"id": "crm/contact:jane.doe@acme.com", "name": "Jane Doe", "email": "jane.doe@acme.com",
               "phone": "+49 30 123456", "owner": "Jane Doe"},
    "tickets": {"requester": "email:jane.doe@acme.com", "subject": "From Jane Doe", "assignee": "Jane Doe"},
    "identifiers": {"record": "crm/contact:jane.doe@acme.com", "value": "handle:jdoe"},
    "effort": {"person": "Jane Doe", "description": "Call with Jane Doe"},
    "surveys": {"person": "email:jane.doe@acme.com", "answer": "Jane Doe was kind"},
    "stage_changes": {"by": "Jane Doe"},
}  # fmt: skip


@pytest.mark.parametrize("table", PEOPLE)
@pytest.mark.parametrize("call", ["{0}", "{0} AS something", "lower({0}) AS something", "list({0}) AS something"])
def test_what_tells_who_somebody_is_is_hidden_whatever_a_query_calls_it(table: str, call: str) -> None:
    for column, value in PEOPLE[table].items():
        sql = f"SELECT {call.format(chr(34) + column + chr(34))} FROM {table}"
        name = "something" if "AS" in call else column
        (row,) = hidden([{name: [value] if "list" in call else value}], Evidence(table, sql))
        told = json.dumps(row).lower()
        assert "jane" not in told.replace("j***", "")
        assert "doe" not in told
        assert "123456" not in told


def test_what_tells_nothing_of_people_stays() -> None:
    row = {"id": "006A", "account": "crm/account:17", "outcome": "won", "amount": 3.5, "person": "p_c21d26e92f881bda"}
    assert hidden([row], Evidence("deals", "SELECT * FROM deals")) == [row]


def test_rows_of_a_file_that_has_gone_have_no_line(acme: Path, tables: DuckDBTables, tmp_path: Path) -> None:
    moved = tmp_path / "w"
    (moved / "exports").mkdir(parents=True)
    (moved / "verdicts").symlink_to(acme / "verdicts")
    page = rows_behind(tables, Workspace(moved), TOUCHES, limit=2)
    assert [row["source_line"] for row in page.rows] == [None, None]


# --- the command ------------------------------------------------------------------------------------------------------


def test_explain_is_data_masked_unless_names_are_asked_for(acme: Path) -> None:
    told = goodwill("explain", "win_rate.won", acme, "--format", "json", "--rows", "3").json
    assert told["tree"]["kind"] == "claim"
    assert told["tree"]["title"] == told["claim"]
    assert (len(told["rows"]), told["rows_in_all"]) == (3, 10)
    rows = goodwill("explain", "win_rate.won", acme, "--format", "csv", "--rows", "4").csv
    assert [row["source_line"] for row in rows] == ["3", "13", "15", "17"]
    assert goodwill("explain", "win_rate.won", acme, "--rows", "1", "--names").err.startswith(
        "Names and texts are shown"
    )


def test_in_a_pipe_the_tree_is_indented_text(acme: Path) -> None:
    out = goodwill("explain", "win_rate.won", acme).out
    lines = out.splitlines()
    assert lines[1].startswith("  Does social")
    assert any(line.strip() == "deals.csv" for line in lines)
    assert any(line.startswith("    Settings on the way") for line in lines)
    assert "\x1b" not in out


@pytest.mark.slow
def test_on_a_terminal_it_is_a_tree(acme: Path) -> None:
    leader, follower = pty.openpty()
    words = [*COMMAND, "explain", "win_rate.won", str(acme)]
    here = os.environ | {"NO_COLOR": "1", "COLUMNS": "100"}
    with subprocess.Popen(words, stdout=follower, stderr=subprocess.DEVNULL, env=here) as running:
        os.close(follower)
        out = b""
        while chunk := _read(leader):
            out += chunk
        os.close(leader)
    assert running.returncode == 0
    assert "├── " in out.decode()
    assert "\x1b" not in out.decode()


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 1 << 16)
    except OSError:  # the other end has closed
        return b""
