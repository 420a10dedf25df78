"""Terminal, report, app, notebook and tables agree to the digit, on every figure of every question."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from answer_doors import SAID, SHORT, WHOLE, Written, said_in
from goodwill import keeping
from goodwill.doors import answer
from goodwill.verdicts import Verdict
from goodwill.workspace import open_workspace
from kept_answers import keep
from stored_verdicts import verdicts

DOORS = {**WHOLE, **SHORT}


def disagreements(read: dict[str, Written]) -> list[str]:
    """Where two doors write a figure or a sentence differently; what a door does not show it cannot get wrong."""
    told: list[str] = []
    keys = sorted({key for written in read.values() for key in written})
    for key in keys:
        for part, what in enumerate(("value", "interval")):
            said = {door: written[key][part] for door, written in read.items() if key in written}
            said = {door: text for door, text in said.items() if text is not None}
            if len(set(said.values())) > 1:
                told.append(f"{key} {what}: {said}")
    return told


def written(folder: Path, answers: tuple[Verdict, ...]) -> Path:
    """A workspace that keeps these answers and their report; there are no tables behind them to open."""
    bare = [replace(v, headline=v.headline and replace(v.headline, evidence=None)) for v in answers]
    keep(folder, tuple(bare))
    answer.report(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("agree") / "right", tuple(verdicts()))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with one digit more in a headline and its interval: what a door would show that rounds by itself."""
    planted = []
    for verdict in verdicts():
        figure = verdict.headline
        if verdict.question == "win_rate" and figure and figure.low is not None and figure.high is not None:
            figure = replace(figure, value=figure.value + 0.001, high=figure.high + 0.001)
        planted.append(replace(verdict, headline=figure))
    return written(tmp_path_factory.mktemp("agree") / "other", tuple(planted))


@pytest.fixture(scope="module")
def read(folder: Path) -> dict[str, Written]:
    return {door: look(folder) for door, look in DOORS.items()}


def test_every_figure_is_written_alike_at_every_door(read: dict[str, Written]) -> None:
    assert disagreements(read) == []


@pytest.mark.parametrize("door", WHOLE)
def test_no_door_leaves_a_figure_out(read: dict[str, Written], door: str) -> None:
    every = {(verdict.question, figure.name) for verdict in verdicts() for figure in verdict.every_figure()}
    assert len(every) > 10
    assert {key for key in read[door] if key[1] != SAID} == every


def test_values_and_intervals_are_there(read: dict[str, Written]) -> None:
    """The comparison is of something: as worked by hand from the stored answer."""
    for door in set(DOORS) - {"terminal, text"}:
        assert read[door]["win_rate", "effect"] == ("+6.1 points", "1.2 to 11.0 points"), door


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_one_digit_elsewhere_is_noticed(read: dict[str, Written], other: Path, door: str) -> None:
    found = disagreements({**read, door: DOORS[door](other)})
    assert found
    assert all("win_rate" in told for told in found)


@pytest.mark.slow
def test_a_real_run(tmp_path: Path) -> None:
    """What ``goodwill run`` prints, and all that lies in the workspace and is shown of it afterwards."""
    run, home = str(Path(sys.executable).with_name("goodwill")), tmp_path / "quillmark"
    subprocess.run([run, "simulate", "effect", str(home), "--accounts", "150"], check=True, capture_output=True)
    done = subprocess.run([run, "run", str(home)], check=True, capture_output=True, text=True, timeout=120)
    kept = tuple(keeping.kept(open_workspace(home))[0])
    read = {door: look(home) for door, look in DOORS.items()} | {"goodwill run": said_in(done.stdout, kept)}
    assert disagreements(read) == []
    every = {(verdict.question, figure.name) for verdict in kept for figure in verdict.every_figure()}
    assert len(every) > 30
    assert all({key for key in read[door] if key[1] != SAID} == every for door in WHOLE)
    shutil.rmtree(home)
