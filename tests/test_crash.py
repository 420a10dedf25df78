"""A run killed at any moment loses nothing and leaves nothing half-done; the same input gives the same bytes."""

import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from small_workspaces import COMMAND, answers, command, company, digests, environment, run, unfinished

#: Kills by the clock fall where most time goes; kills by the count of file operations fall anywhere.
BY_CLOCK, BY_OPERATION = 8, 4
#: Moments around the swaps of a first run, and of one that replaces other answers: at most so many, all are tried.
SWAPS, SWAPS_AGAIN = 12, 16
SEED = 20_240_229

#: Kills itself with the n-th change to the file system below a folder; tells how many there were, and which of
#: them put something in its place, if it lives on.
KILLED_AT = """
import os, signal, sys
folder, stop = sys.argv[1], int(sys.argv[2])
count, swaps = 0, []
WRITES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree", "open"}
def watch(event, arguments):
    global count
    if event not in WRITES or not str(arguments[0]).startswith(folder):
        return
    if event == "open" and not (isinstance(arguments[1], str) and set("wax") & set(arguments[1])):
        return
    count += 1
    moved = [os.path.relpath(path, folder) for path in arguments[:2]] if event == "os.rename" else []
    if moved and not any("loaded" in path.split(os.sep) for path in moved):
        swaps.append(count)
    if count == stop:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
sys.argv = ["goodwill", "run", folder]
from goodwill.cli import main
try:
    main()
finally:
    print("operations", count, *swaps)
"""


@dataclass(frozen=True)
class Undisturbed:
    """A run that nothing disturbed: where, its answers, the bytes of its exports, how long it took.

    ``other`` holds the answers to another seed; ``answers_again`` are those of a run after that, whose report compares
    both. ``swaps`` number the operations that put something in its place.
    """

    folder: Path
    other: Path
    answers: dict[str, str]
    answers_again: dict[str, str]
    exports: dict[str, str]
    seconds: float
    operations: int
    swaps: list[int]
    swaps_again: list[int]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = company(tmp_path_factory.mktemp("quiet") / "one")
    exports = digests(folder / "exports")
    begun = time.monotonic()
    assert run(folder).returncode == 0
    seconds = time.monotonic() - begun
    operations, *swaps = counted(company(tmp_path_factory.mktemp("counted") / "two"))
    other = company(tmp_path_factory.mktemp("other") / "three")
    assert run(other, "--seed", "99").returncode == 0
    again = Path(shutil.copytree(other, tmp_path_factory.mktemp("again") / "four"))
    _, *swaps_again = counted(again)
    return Undisturbed(folder, other, answers(folder), answers(again), exports, seconds, operations, swaps, swaps_again)


def counted(folder: Path) -> list[int]:
    """How many operations a run needs, and which of them are swaps."""
    told = killed_by_operation(folder, 0).stdout.rpartition("operations")[2]
    return [int(number) for number in told.split()]


def around(swaps: list[int]) -> list[int]:
    """The moments just before each swap and just after it."""
    return sorted({moment for swap in swaps for moment in (swap, swap + 1)})


def killed_by_operation(folder: Path, number: int) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, "-c", KILLED_AT, str(folder), str(number)]
    return subprocess.run(script, capture_output=True, text=True, check=False, env=environment(), timeout=120)


def killed_by_clock(folder: Path, seconds: float) -> None:
    process = subprocess.Popen([*COMMAND, "run", str(folder)], stdout=-3, stderr=-3, env=environment())
    time.sleep(seconds)
    process.kill()
    process.wait()


def assert_next_run_is_whole(folder: Path, undisturbed: Undisturbed, expected: dict[str, str]) -> None:
    assert digests(folder / "exports") == undisturbed.exports
    ran = run(folder)
    assert ran.returncode == 0, ran.stderr
    assert answers(folder) == expected
    assert digests(folder / "exports") == undisturbed.exports
    assert not unfinished(folder)


def moments() -> list[float]:
    """Shares of a run, one in each equal part of its second half and more: the first third only imports."""
    chance = random.Random(SEED)
    return [0.3 + 0.7 * (i + chance.random()) / BY_CLOCK for i in range(BY_CLOCK)]


@pytest.mark.slow
@pytest.mark.parametrize("share", moments())
def test_killed_by_the_clock(share: float, undisturbed: Undisturbed, tmp_path: Path) -> None:
    folder = company(tmp_path / "killed")
    killed_by_clock(folder, share * undisturbed.seconds)
    assert_next_run_is_whole(folder, undisturbed, undisturbed.answers)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(BY_OPERATION))
def test_killed_at_a_file_operation(part: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    number = random.Random(SEED + part).randrange(1, undisturbed.swaps[0])
    killed_first_run(number, undisturbed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SWAPS))
def test_killed_around_a_swap(part: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """Warehouse, verdicts, history and report: the run is killed just before each is put in its place, and after."""
    killed_first_run(nth(around(undisturbed.swaps), part, SWAPS), undisturbed, tmp_path)


def nth(moments: list[int], part: int, most: int) -> int:
    assert len(moments) <= most, "some swap is not tried"
    if part >= len(moments):
        pytest.skip("there are no more swaps")
    return moments[part]


def killed_first_run(number: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    folder = company(tmp_path / "killed")
    assert killed_by_operation(folder, number).returncode == -signal.SIGKILL
    assert_next_run_is_whole(folder, undisturbed, undisturbed.answers)
    assert len(list((folder / "history").iterdir())) == 1


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SWAPS_AGAIN))
def test_killed_while_replacing_other_answers(part: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """The former answers were made with another seed: old and new ones must never be mixed, and both be kept."""
    folder = Path(shutil.copytree(undisturbed.other, tmp_path / "killed"))
    number = nth(around(undisturbed.swaps_again), part, SWAPS_AGAIN)
    assert killed_by_operation(folder, number).returncode == -signal.SIGKILL
    explained = command("explain", "win_rate", str(folder))
    assert explained.returncode in (0, 2), explained.stderr
    assert "Traceback" not in explained.stderr
    assert_next_run_is_whole(folder, undisturbed, undisturbed.answers_again)
    assert len(list((folder / "history").iterdir())) == 2


@pytest.mark.slow
def test_same_bytes_again_elsewhere_and_from_nothing(undisturbed: Undisturbed, tmp_path: Path) -> None:
    folder = company(tmp_path / "we, [1] 'x' * {a} é")  # names in which programs see patterns and lists
    assert run(folder).returncode == 0
    assert answers(folder) == undisturbed.answers
    again = run(folder)
    assert again.returncode == 0
    assert "Nothing has changed" in again.stderr
    assert answers(folder) == undisturbed.answers
    for derived in ("loaded", "verdicts"):
        shutil.rmtree(folder / derived)
    for derived in ("warehouse.duckdb", "report.html", ".goodwill.lock"):
        (folder / derived).unlink()
    assert run(folder).returncode == 0
    assert answers(folder) == undisturbed.answers


@pytest.mark.slow
def test_a_moved_workspace_explains_itself(undisturbed: Undisturbed, tmp_path: Path) -> None:
    moved = tmp_path / "a, new [place]"
    shutil.copytree(undisturbed.folder, moved)
    here = command("explain", "win_rate", str(undisturbed.folder), "--format", "json")
    there = command("explain", "win_rate", str(moved), "--format", "json")
    assert here.returncode == there.returncode == 0, there.stderr
    assert here.stdout == there.stdout
    assert '"source_line"' in there.stdout
    assert "Nothing has changed" in run(moved).stderr
    assert answers(moved) == undisturbed.answers
