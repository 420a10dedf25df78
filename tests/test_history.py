"""The record of runs: each kept once and whole, in order, beside the answers; damage and crashes lose nothing else."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from goodwill import history, keeping, study
from goodwill.doors import answer, histories
from goodwill.errors import GoodwillError
from goodwill.lock import owned
from goodwill.verdicts.verdict import Verdict
from goodwill.workspace import Workspace, open_workspace
from small_workspaces import digests, handmade
from stored_verdicts import verdicts, win_rate


def manifest(fingerprint: str, as_of: str = "2025-12-31") -> dict[str, Any]:
    return {"fingerprint": fingerprint, "company": "Acme", "currency": "EUR", "as_of": as_of, "inputs": []}


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    (tmp_path / "goodwill.toml").write_text('[company]\nname = "Acme"\n', encoding="utf-8")
    return open_workspace(tmp_path)


def keep(space: Workspace, fingerprint: str, some: tuple[Verdict, ...] = (), as_of: str = "2025-12-31") -> None:
    with owned(space):
        history.keep(space, some or verdicts(), manifest(fingerprint, as_of))


def labels(runs: tuple[history.Run, ...]) -> list[str]:
    return [run.label for run in runs]


# --- keeping ----------------------------------------------------------------------------------------------------------


def test_nothing_is_kept_yet(space: Workspace) -> None:
    assert history.runs(space) == history.summaries(space) == history.before(space, "a") == ()
    assert history.mark(space, "a") == ""


def test_a_run_comes_back_as_it_was(space: Workspace) -> None:
    keep(space, "a")
    (run,) = history.runs(space)
    assert run.verdicts == verdicts()
    assert (run.number, run.as_of, run.fingerprint, run.label) == (1, "2025-12-31", "a", "run 1, as of 2025-12-31")
    assert run.kept_at.endswith("Z")
    assert len(run.kept_at) == len("2026-01-01T00:00:00Z")
    assert [s.label for s in history.summaries(space)] == [run.label]
    assert history.run(space, 1) == run


def test_the_latest_is_not_kept_twice_and_an_earlier_one_is(space: Workspace) -> None:
    for fingerprint in "aabbab":
        keep(space, fingerprint)
    assert [run.fingerprint for run in history.runs(space)] == ["a", "b", "a", "b"]


def test_incomplete_answers_are_compared_themselves(space: Workspace) -> None:
    name = f"a{keeping.INCOMPLETE}"
    noted = manifest(name) | {"questions": {}}
    for _ in range(2):
        with owned(space):
            history.keep(space, (), noted)
    assert len(history.runs(space)) == 1
    with owned(space):
        history.keep(space, (win_rate(),), manifest(name) | {"questions": {"win_rate": "another"}})
    assert len(history.runs(space)) == 2


def test_before_is_before_the_latest_of_its_fingerprint(space: Workspace) -> None:
    for n, fingerprint in enumerate("abac", start=1):
        keep(space, fingerprint, as_of=f"2025-0{n}-01")
    assert [run.number for run in history.before(space, "a")] == [1, 2]
    assert [run.number for run in history.before(space, "c")] == [1, 2, 3]
    assert [run.number for run in history.before(space, "not kept")] == [1, 2, 3, 4]
    marks = [history.mark(space, fingerprint) for fingerprint in "bac"]
    assert len(set(marks)) == 3


def test_numbers_go_on_after_one_was_removed_and_beyond_four_digits(space: Workspace) -> None:
    keep(space, "a")
    (space.history / "0001").rename(space.history / "9999")
    (space.history / "notes").mkdir()
    keep(space, "b")
    assert [run.number for run in history.runs(space)] == [9999, 10000]


def test_keeping_leaves_nothing_unfinished(space: Workspace) -> None:
    keep(space, "a")
    assert sorted(p.name for p in space.root.iterdir()) == [".goodwill.lock", "goodwill.toml", "history"]
    assert sorted(p.name for p in space.history.iterdir()) == ["0001"]


# --- damage and crashes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["win_rate.json", "manifest.json"])
def test_a_damaged_run_is_told_of_where_it_is_asked_for_and_stops_nothing_new(what: str, space: Workspace) -> None:
    keep(space, "a")
    keep(space, "b")
    (space.history / "0001" / what).write_text("{}", encoding="utf-8")
    assert history.run(space, 2).fingerprint == "b"
    for ask in (lambda: history.runs(space), lambda: history.run(space, 1), lambda: history.before(space, "b")):
        with pytest.raises(GoodwillError, match="run 1 of the history is damaged"):
            ask()
    keep(space, "c")
    assert [s.number for s in history.summaries(space)] == [1, 2, 3]
    readable, damaged = history.readable_before(space, "c")
    assert labels(readable) == ["run 2, as of 2025-12-31"]
    assert [error.remedy != "" for error in damaged] == [True]


def test_damage_after_a_run_was_read_is_noticed(space: Workspace) -> None:
    keep(space, "a")
    assert history.runs(space)
    path = space.history / "0001" / "cost.json"
    path.write_bytes(path.read_bytes().replace(b"39665", b"39666"))
    with pytest.raises(GoodwillError, match="altered"):
        history.runs(space)


def test_a_damaged_latest_run_is_made_good_by_the_same_answers(space: Workspace) -> None:
    keep(space, "a")
    (whole,) = history.runs(space)
    (space.history / "0001" / "kept_at.txt").write_text("2025-01-01T00:00:00Z\n", encoding="utf-8")
    (space.history / "0001" / "churn.json").unlink()
    keep(space, "a")
    assert history.runs(space) == (replace(whole, kept_at="2025-01-01T00:00:00Z"),)


def test_a_run_without_its_moment_is_whole(space: Workspace) -> None:
    keep(space, "a")
    (space.history / "0001" / "kept_at.txt").write_text("some day", encoding="utf-8")
    assert history.runs(space)[0].kept_at == ""


def test_no_such_run(space: Workspace) -> None:
    keep(space, "a")
    with pytest.raises(GoodwillError, match="no run 7") as told:
        history.run(space, 7)
    assert told.value.remedy == "Runs: 1."


def test_a_file_in_the_way_is_told(space: Workspace) -> None:
    space.history.write_text("something else", encoding="utf-8")
    with pytest.raises(GoodwillError, match="cannot be read"):
        history.runs(space)


@pytest.mark.parametrize("has_new", [True, False])
def test_a_crash_while_a_run_was_replaced(has_new: bool, space: Workspace) -> None:
    keep(space, "a")
    before = history.runs(space)
    shutil.copytree(space.history / "0001", space.history / "0001.former")
    if not has_new:
        shutil.rmtree(space.history / "0001")
    keep(space, "a")
    assert history.runs(space) == before
    assert [p.name for p in space.history.iterdir()] == ["0001"]


def test_answers_that_a_crash_kept_out_are_added(space: Workspace) -> None:
    space.verdicts.mkdir()
    keeping.write_answers(space.verdicts, verdicts(), manifest("a"))
    for _ in range(2):
        with owned(space):
            history.repair(space)
    (run,) = history.runs(space)
    assert (run.verdicts, run.fingerprint) == (verdicts(), "a")
    kept = digests(space.verdicts)
    assert {n: d for n, d in digests(space.history / "0001").items() if n != "kept_at.txt"} == kept


# --- forgetting -------------------------------------------------------------------------------------------------------


def test_redacting_keeps_every_run_whole(space: Workspace) -> None:
    named = replace(win_rate(), notes=("Ann Other asked.",), facts={"Ann Other": [{"seller": "Ann Other", "won": 3}]})
    keep(space, "a", (named,))
    keep(space, "b")
    with owned(space):
        assert history.redact(space, lambda text: text.replace("Ann Other", "[forgotten]")) == 1
    first, second = history.runs(space)
    assert "Ann Other" not in "".join(p.read_text(encoding="utf-8") for p in space.history.rglob("*.*"))
    assert first.verdicts[0].facts == {"[forgotten]": [{"seller": "[forgotten]", "won": 3}]}
    assert (first.fingerprint, second.verdicts) == ("a", verdicts())


def test_redacting_reaches_a_damaged_run(space: Workspace) -> None:
    keep(space, "a")
    path = space.history / "0001" / "cost.json"
    path.write_bytes(b"\xffAnn Other{")
    with owned(space):
        assert history.redact(space, lambda text: text.replace("Ann Other", "[forgotten]")) == 1
    assert path.read_bytes() == b"\xff[forgotten]{"


# --- whole runs -------------------------------------------------------------------------------------------------------


def said(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def crash(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_a_run_is_kept_and_the_next_report_compares_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = handmade(tmp_path / "acme")
    space = open_workspace(folder)
    asked = ("conversation", "cost")
    assert answer.run(folder, None, None, asked, "json") == 0
    first = said(folder)
    assert "This is the first report of this workspace" in first
    assert "proved wrong" not in first

    # unchanged: nothing is added, and the report stays
    before = digests(folder)
    assert answer.run(folder, None, None, asked, "json") == 0
    assert digests(folder) == before

    # a crash before the history knows it, and one before the report does
    monkeypatch.setattr(history, "repair", lambda _: None)
    monkeypatch.setattr(history, "keep", crash)
    with pytest.raises(KeyboardInterrupt):
        study.run(space, seed=7, only=asked)
    monkeypatch.undo()
    assert len(history.summaries(space)) == 1
    answer.report(folder)
    assert [s.number for s in history.summaries(space)] == [1, 2]
    assert "Compared with run 1, as of" in said(folder)
    assert "None of the earlier statements proved wrong." in said(folder)

    # back to the first answers: another run, after both; the report of the first run is not taken for its own
    (folder / "report.html").write_text(first, encoding="utf-8")
    monkeypatch.setattr(answer, "write", lambda *_, **__: None)
    answer.run(folder, None, None, asked, "json")
    monkeypatch.undo()
    answer.run(folder, None, None, asked, "json")
    assert [s.number for s in history.summaries(space)] == [1, 2, 3]
    assert "Compared with run 2, as of" in said(folder)

    # a damaged run is named, and the report is written without it
    (folder / "history" / "0002" / "cost.json").unlink()
    capsys.readouterr()
    answer.report(folder)
    assert "run 2 of the history is damaged" in capsys.readouterr().err
    assert "Compared with run 1, as of" in said(folder)


# --- the command ------------------------------------------------------------------------------------------------------


def test_runs_are_listed(space: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert histories.listed(space.root, "csv") == 0
    told = capsys.readouterr()
    assert told.out.split() == ["run,as_of,kept_at,questions,state"]
    assert "No run is kept yet" in told.err
    keep(space, "a")
    keep(space, "b", as_of="2026-03-31")
    assert histories.listed(space.root, "json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(r["run"], r["as_of"], r["questions"], r["state"]) for r in rows] == [
        (1, "2025-12-31", 8, "whole"), (2, "2026-03-31", 8, "whole")
    ]  # fmt: skip
    assert histories.listed(space.root, "table") == 0
    assert "--compare 1 2" in capsys.readouterr().err
    (space.history / "0001" / "manifest.json").unlink()
    assert histories.listed(space.root, "json") == 1
    assert json.loads(capsys.readouterr().out)[0]["state"] == "damaged"


def test_two_runs_are_compared(space: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    headline = win_rate().headline
    assert headline is not None
    against = replace(
        win_rate(), standing="contradicted", headline=replace(headline, value=-0.05, low=-0.09, high=-0.01), facts={}
    )
    keep(space, "a", (replace(win_rate(), facts={}),))
    keep(space, "b", (against,))
    assert histories.compared(space.root, (1, 2), "json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert tuple(row) == histories.COMPARED
    assert (row["standing_before"], row["standing_now"], row["value_now"]) == ("supported", "contradicted", -0.05)
    assert (row["earlier_statement"], row["is_inside_former_interval"]) == ("proved wrong: opposite", False)
    assert row["moved_by"] == pytest.approx(-0.1111)
    assert histories.compared(space.root, (1, 2), "table") == 0
    told = capsys.readouterr()
    assert "Supported: +6.1 points" in told.out
    assert "Now the opposite is found" in told.err
    assert told.err.startswith("What had changed beforehand: ")
    assert histories.compared(space.root, (2, 2), "csv") == 0
    assert "unchanged" in capsys.readouterr().out
    with pytest.raises(GoodwillError, match="no run 9"):
        histories.compared(space.root, (1, 9), "table")
