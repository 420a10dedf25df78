"""What people decide of two nodes: taken back without a trace in what counts, safe from crash and hands."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import GoodwillError, NoRoom
from goodwill.identity import decision_lines, decisions
from goodwill.identity.decision_lines import FILE, Decision, Silent, Undo
from goodwill.identity.decisions import Said
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace

NOON = dt.datetime(2026, 1, 5, 12, 30, 15, 99, dt.UTC)
JANE, JOE, ANN = "email:jane@acme.com", "hubspot/contact:17", "x:@ann"


@pytest.fixture
def acme(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def say(workspace: Workspace, a: str, b: str, verdict: str = "same", reason: str = "seen") -> Decision:
    (found,) = decisions.decide(workspace, [Said(a, b, verdict, reason)], by="kim", at=NOON)
    return found


def take_back(workspace: Workspace, number: int) -> Undo:
    return decisions.undo(workspace, number, by="kim", at=NOON)


def file(workspace: Workspace) -> Path:
    return workspace.root / FILE


def stands(workspace: Workspace) -> list[tuple[str, str, str]]:
    return [(d.node_a, d.node_b, d.verdict) for d in decisions.read(workspace).standing]


def test_a_line_says_what_who_when_and_why(acme: Workspace) -> None:
    say(acme, JOE, JANE, reason='met her at the fair, "Jane" as well\nü')
    assert json.loads(file(acme).read_text(encoding="utf-8")) == {
        "number": 1, "verdict": "same", "node_a": JANE, "node_b": JOE, "decided_at": "2026-01-05T12:30:15Z",
        "decided_by": "kim", "reason": 'met her at the fair, "Jane" as well\nü',
    }  # fmt: skip
    assert file(acme).read_bytes().count(b"\n") == 1
    assert file(acme).stat().st_mode & 0o077 == 0


def test_nothing_is_rewritten(acme: Workspace) -> None:
    say(acme, JANE, JOE)
    first = file(acme).read_bytes()
    take_back(acme, 1)
    say(acme, JANE, JOE, "different")
    assert file(acme).read_bytes().startswith(first)


def test_the_latest_decision_of_a_pair_stands_and_its_undo_brings_the_former_back(acme: Workspace) -> None:
    say(acme, JANE, JOE, "same")
    say(acme, JOE, JANE, "different")
    assert stands(acme) == [(JANE, JOE, "different")]
    take_back(acme, 2)
    assert stands(acme) == [(JANE, JOE, "same")]
    take_back(acme, 3)
    assert stands(acme) == [(JANE, JOE, "different")]


def test_what_was_taken_back_counts_for_nothing(acme: Workspace) -> None:
    assert decisions.counted(acme) == []
    say(acme, JANE, JOE)
    assert decisions.counted(acme) == [[JANE, JOE, "same", "2026-01-05T12:30:15+00:00", "kim", "seen"]]
    take_back(acme, 1)
    assert decisions.counted(acme) == []


STEPS = st.lists(st.tuples(st.sampled_from(["same", "different", "unsure", "undo"]), st.integers(1, 12)), max_size=12)


@given(STEPS)
def test_undoing_everything_from_the_last_line_back_leaves_nothing(steps: list[tuple[str, int]]) -> None:
    """A second, naive reading of the rules: a list from which an undo takes a line, replayed from the start."""
    lines: list[decision_lines.Line] = []
    for number, (verdict, which) in enumerate(steps, start=1):
        if verdict != "undo":
            lines.append(Decision(number, "a:1", f"b:{which % 3}", verdict, NOON, "kim", ""))
        elif which < number:
            lines.append(Undo(number, which, NOON, "kim", ""))
        else:
            lines.append(Decision(number, "a:1", "b:9", "same", NOON, "kim", ""))

    def force(line: decision_lines.Line) -> bool:
        return not any(isinstance(u, Undo) and u.undoes == line.number and force(u) for u in lines)

    naive: dict[tuple[str, str], Decision] = {}
    for line in lines:
        if isinstance(line, Decision) and force(line):
            naive[line.node_a, line.node_b] = line
    assert decisions.Ledger(tuple(lines)).standing == tuple(naive[k] for k in sorted(naive))


@pytest.mark.parametrize("number", [0, 2, 9])
def test_only_a_line_that_is_there_can_be_taken_back(acme: Workspace, number: int) -> None:
    say(acme, JANE, JOE)
    with pytest.raises(GoodwillError, match=f"no decision {number}"):
        take_back(acme, number)


def test_a_line_is_taken_back_once(acme: Workspace) -> None:
    say(acme, JANE, JOE)
    take_back(acme, 1)
    with pytest.raises(GoodwillError, match="taken back already, by line 2"):
        take_back(acme, 1)


def test_a_list_of_decisions_can_be_read_twice(acme: Workspace) -> None:
    said = [Said(JANE, JOE, "same", "seen"), Said(JOE, JANE, "same", "seen"), Said(JANE, ANN, "unsure", "")]
    assert len(decisions.decide(acme, said, by="kim", at=NOON)) == 2
    assert decisions.decide(acme, said, by="someone else", at=NOON + dt.timedelta(days=1)) == ()


@pytest.mark.parametrize(
    ("a", "b", "verdict", "problem"),
    [
        (JANE, JANE, "same", "one node"),
        (JANE, "domain:acme.com", "same", "a person and a company"),
        (JANE, "jane", "same", "no node"),
        (JANE, JOE, "maybe", "no verdict"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_written(
    acme: Workspace, a: str, b: str, verdict: str, problem: str
) -> None:
    with pytest.raises(GoodwillError, match=problem):
        decisions.decide(acme, [Said(JANE, JOE, "same", ""), Said(a, b, verdict, "")], by="kim", at=NOON)
    assert not file(acme).exists()


def test_a_contradiction_is_refused_with_the_chain_that_makes_it(acme: Workspace) -> None:
    say(acme, JANE, JOE)
    say(acme, ANN, "x:@zoe")
    say(acme, JOE, ANN)
    with pytest.raises(GoodwillError, match=r"line 4 says .* different, lines 1, 3 say .* the same"):
        say(acme, ANN, JANE, "different")
    assert len(decisions.read(acme).lines) == 3
    take_back(acme, 3)
    say(acme, ANN, JANE, "different")
    with pytest.raises(GoodwillError, match="contradict"):
        take_back(acme, 4)  # would bring the third back


# --- crashes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 2, 20, 60, -1])
def test_a_half_written_last_line_is_told_and_loses_nothing_else(acme: Workspace, cut: int) -> None:
    say(acme, JANE, JOE)
    whole = file(acme).read_bytes()
    say(acme, JANE, ANN, "unsure")
    file(acme).write_bytes(whole + file(acme).read_bytes()[len(whole) :].rstrip(b"\n")[:cut])
    torn = file(acme).read_bytes()
    ledger = decisions.read(acme)
    assert (ledger.torn, stands(acme)) == (2, [(JANE, JOE, "same")])
    assert say(acme, JANE, "x:@zoe", "different").number == 4
    assert file(acme).read_bytes().startswith(torn)
    after = decisions.read(acme)
    assert (after.torn, len(after.standing)) == (None, 2)
    assert [s.why for s in after.lines if isinstance(s, Silent)] == ["unfinished", "note"]
    take_back(acme, 4)
    assert stands(acme) == [(JANE, JOE, "same")]


def test_a_crash_at_any_byte_and_another_one_after_it_lose_no_earlier_line(acme: Workspace) -> None:
    say(acme, JANE, JOE, reason="für immer")
    first = file(acme).read_bytes()
    say(acme, JANE, ANN, "unsure", reason="für jetzt")
    second = file(acme).read_bytes()
    for cut in range(len(first) + 1, len(second), 37):
        file(acme).write_bytes(second[:cut])
        say(acme, JANE, "x:@zoe", "different")
        third = file(acme).read_bytes()
        for again in range(cut + 1, len(third), 41):
            file(acme).write_bytes(third[:again])
            assert stands(acme)[0] == (JANE, JOE, "same")
            number = say(acme, JANE, "x:@bob", "different").number
            assert decisions.read(acme).lines[number - 1].number == number


def test_a_last_line_that_lacks_only_its_end_counts(acme: Workspace) -> None:
    say(acme, JANE, JOE)
    file(acme).write_bytes(file(acme).read_bytes().rstrip(b"\n"))
    assert stands(acme) == [(JANE, JOE, "same")]
    assert say(acme, JANE, ANN, "different").number == 2
    assert len(stands(acme)) == 2


def test_a_full_disk_leaves_the_file_as_it_was(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    say(acme, JANE, JOE)
    before = file(acme).read_bytes()
    real = os.write

    def half(handle: int, text: bytes) -> int:
        if len(text) < 10:
            raise OSError(28, "No space left on device")
        return real(handle, bytes(text)[: len(text) // 2])

    monkeypatch.setattr(decision_lines.os, "write", half)
    with pytest.raises(NoRoom):
        say(acme, JANE, ANN, "different")
    assert file(acme).read_bytes() == before


# --- hands ------------------------------------------------------------------------------------------------------------


def line(**changed: object) -> str:
    said = {"number": 1, "verdict": "same", "node_a": JANE, "node_b": JOE, "decided_at": "2026-01-05T12:30:15Z",
            "decided_by": "kim", "reason": ""}  # fmt: skip
    return json.dumps({k: v for k, v in (said | changed).items() if v is not None}) + "\n"


@pytest.mark.parametrize(
    ("text", "number", "problem"),
    [
        ("same as above\n", 1, "no JSON object"),
        ("[1]\n", 1, "no JSON object"),
        (line() + "\n" + line(number=3), 2, "no JSON object"),
        (line() + line(), 2, "says that it is number 1"),
        (line(number=2), 1, "says that it is number 2"),
        (line(verdict="yes"), 1, '"yes" is no verdict'),
        (line(node_b="joe"), 1, '"joe" is no node'),
        (line(node_b=JANE), 1, "compared with itself"),
        (line(node_b=7), 1, '"node_b" is no text'),
        (line(reason=None), 1, "lacks or should not have: reason"),
        (line(comment="x"), 1, "lacks or should not have: comment"),
        (line(decided_at="yesterday"), 1, '"yesterday" is no moment'),
        (line(decided_at=5), 1, '"5" is no moment'),
        (line() + line(number=2, verdict=None, node_a=None, node_b=None, undoes=2), 2, "takes back line 2"),
        (line() + line(number=2, verdict=None, node_a=None, node_b=None, undoes="1"), 2, "takes back line 1"),
        ("é\n".encode("latin-1").decode("latin-1"), 1, "no JSON object"),
    ],
)
def test_a_line_altered_by_hand_is_refused_with_its_number(
    acme: Workspace, text: str, number: int, problem: str
) -> None:
    file(acme).parent.mkdir()
    file(acme).write_bytes(text.encode("latin-1"))
    with pytest.raises(GoodwillError, match=problem) as refused:
        decisions.read(acme)
    assert f"identity.jsonl, line {number}" in str(refused.value)
    assert refused.value.remedy


def test_an_editors_marks_do_no_harm(acme: Workspace) -> None:
    file(acme).parent.mkdir()
    text = line() + line(number=2, node_a="z:1", node_b="a:1")
    file(acme).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert stands(acme) == [("a:1", "z:1", "same"), (JANE, JOE, "same")]


# --- the table, and forgetting ----------------------------------------------------------------------------------------


def test_the_table_holds_what_stands(acme: Workspace) -> None:
    say(acme, JOE, JANE)
    say(acme, JANE, ANN, "unsure", "too little")
    tables = open_file(None)
    decisions.provide(tables, decisions.read(acme))
    assert tables.rows("SELECT * FROM match_decisions") == [
        {"node_a": JANE, "node_b": JOE, "verdict": "same", "decided_at": dt.datetime(2026, 1, 5, 12, 30, 15),
         "decided_by": "kim", "reason": "seen"},
        {"node_a": JANE, "node_b": ANN, "verdict": "unsure", "decided_at": dt.datetime(2026, 1, 5, 12, 30, 15),
         "decided_by": "kim", "reason": "too little"},
    ]  # fmt: skip
    decisions.provide(tables, decisions.Ledger())
    assert tables.rows("SELECT count(*) AS n FROM match_decisions") == [{"n": 0}]
    kinds = {r["column_name"]: r["data_type"] for r in tables.rows("FROM duckdb_columns()")}
    assert kinds["decided_at"] == "TIMESTAMP"
    tables.close()


def test_who_is_forgotten_leaves_no_word_and_the_others_keep_their_numbers(acme: Workspace) -> None:
    say(acme, JANE, JOE, reason="Jane said so")
    say(acme, ANN, "x:@zoe", reason="JANE told me")
    take_back(acme, 1)
    file(acme).write_bytes(file(acme).read_bytes() + b'{"number": 4, "verdict": "same", "node_a": "email:jane@a')
    assert decisions.forget(acme, [JANE], ["jane"]) == 4
    assert b"jane" not in file(acme).read_bytes().lower()
    assert stands(acme) == [(ANN, "x:@zoe", "same")]
    assert decisions.read(acme).standing[0].reason == "(forgotten) told me"
    assert decisions.read(acme).standing[0].number == 2
    before = file(acme).read_bytes()
    assert decisions.forget(acme, [JANE], ["jane"]) == 0
    assert file(acme).read_bytes() == before
    assert say(acme, ANN, "x:@bob", "different").number == 5
