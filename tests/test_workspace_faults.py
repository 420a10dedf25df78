"""Faults of a workspace: busy, damaged, closed, full, empty. One clear error, and what was there stays as it was."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest

from goodwill import keeping, lock, study
from goodwill.errors import GoodwillError, NoRoom, WorkspaceBusy
from goodwill.workspace import open_workspace
from small_workspaces import COMMAND, answers, command, digests, environment, handmade, run, unfinished

#: Every case runs whole studies.
pytestmark = pytest.mark.slow

#: A user without any right: what "nobody" is on Linux and BSD.
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
#: The command with a limit for the size of any file, in bytes, as its first argument.
LIMITED = (
    "import resource, sys; n = int(sys.argv.pop(1)); resource.setrlimit(resource.RLIMIT_FSIZE, (n, n));"
    "from goodwill.cli import main; main()"
)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = handmade(tmp_path_factory.mktemp("answered") / "acme")
    assert run(folder).returncode == 0
    return folder


@pytest.fixture
def acme(answered: Path, tmp_path: Path) -> Path:
    """A workspace of its own that has its answers."""
    shutil.copytree(answered, tmp_path / "acme")
    return tmp_path / "acme"


def add_deal(folder: Path) -> None:
    """Something new, so that the next run has to work."""
    with (folder / "exports" / "deals.csv").open("a") as file:
        file.write("o99,2024-01-05,2024-03-05,won,7\n")


def assert_told_once(ran: subprocess.CompletedProcess[str], *words: str) -> None:
    """One problem, with a place and a remedy, and exit code 2."""
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.count("goodwill: ") == ran.stderr.count("where:") == ran.stderr.count("remedy:") == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    for word in words:
        assert word in ran.stderr


def test_a_second_run_changes_nothing(acme: Path) -> None:
    add_deal(acme)
    before = digests(acme)
    with (acme / ".goodwill.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ran = run(acme)
        with pytest.raises(WorkspaceBusy):
            study.run(open_workspace(acme))
    assert_told_once(ran, "another run is at work", str(acme))
    assert digests(acme) == before
    assert run(acme).returncode == 0  # the lock was let go of


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00garbage\xff" * 500)


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeros_inside(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3] + bytes(len(whole) // 3) + whole[2 * (len(whole) // 3) :])


def nothing(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES = (garbage, half, nothing, zeros_inside, Path.unlink)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("what", ["loaded/*/*.parquet", "loaded/*/read.json", "verdicts/*.json", "report.html"])
def test_what_a_failing_disk_damaged_is_made_again(
    what: str, damage: Callable[[Path], None], answered: Path, acme: Path
) -> None:
    whole = answers(answered)
    for path in sorted(acme.glob(what)):
        damage(path)
    assert in_this_process(acme) == 0
    assert answers(acme) == whole
    assert not unfinished(acme)
    workspace = open_workspace(acme)
    assert all(keeping.loading.kept(folder) for folder in workspace.loaded.iterdir())


@pytest.mark.parametrize("damage", [garbage, half, nothing, Path.unlink])
def test_the_warehouse_is_only_a_cache(damage: Callable[[Path], None], answered: Path, acme: Path) -> None:
    damage(acme / "warehouse.duckdb")
    told = command("explain", "win_rate", str(acme))
    if damage is not half or told.returncode:  # half of a small warehouse may hold all that is asked for
        assert_told_once(told, "warehouse", "remedy")
    assert in_this_process(acme) == 0
    assert answers(acme) == answers(answered)
    assert command("explain", "win_rate", str(acme)).returncode == 0


def test_a_warehouse_of_other_answers_is_noticed(answered: Path, acme: Path) -> None:
    """A crash between replacing the warehouse and the verdicts, and then the change was taken back."""
    deals = (acme / "exports" / "deals.csv").read_bytes()
    kept = {name: (acme / "verdicts" / name).read_bytes() for name in os.listdir(acme / "verdicts")}
    add_deal(acme)
    assert in_this_process(acme) == 0
    (acme / "exports" / "deals.csv").write_bytes(deals)
    for name, content in kept.items():
        (acme / "verdicts" / name).write_bytes(content)
    shutil.rmtree(acme / "history" / "0002")
    assert study.run(open_workspace(acme)).is_new
    assert in_this_process(acme) == 0
    assert answers(acme) == answers(answered)


def in_this_process(folder: Path) -> int:
    """``goodwill run`` without the second that a process needs to start."""
    from goodwill.doors import answer

    return answer.run(folder, None, None, (), "csv")


@pytest.mark.parametrize("manifest", ["", "[]", "{}", "null", '"text"', '{"questions": ""}', '{"questions": {"a": 1}}'])
def test_damaged_answers_are_not_shown(manifest: str, acme: Path) -> None:
    (acme / "verdicts" / "manifest.json").write_text(manifest)
    with pytest.raises(GoodwillError, match="damaged"):
        keeping.kept(open_workspace(acme))


def test_an_altered_manifest_is_noticed(acme: Path) -> None:
    path = acme / "verdicts" / "manifest.json"
    path.write_text(path.read_text().replace('"rows": 20', '"rows": 2000'))
    with pytest.raises(GoodwillError, match="altered"):
        keeping.kept(open_workspace(acme))


def test_a_crash_between_the_two_renames_of_verdicts(acme: Path) -> None:
    before = digests(acme / "verdicts")
    (acme / ".building").mkdir()
    (acme / "verdicts").rename(acme / ".building" / "former-verdicts")
    with lock.owned(open_workspace(acme)) as building:
        assert digests(acme / "verdicts") == before
        assert not list(building.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("what", ["exports", "exports/deals.csv", "."])
def test_closed_to_us(what: str, acme: Path) -> None:
    """Tests often run as root, whom nothing is closed to: the run is another user's."""
    add_deal(acme)
    before = answers(acme)
    open_to_nobody(acme)
    (acme / what).chmod(0o555 if what == "." else 0o000)
    ran = as_nobody(acme)
    (acme / what).chmod(0o755)
    if what == "exports/deals.csv":
        assert ran.returncode == 1
        assert ran.stderr.count("goodwill: ") == 1
        assert "Permission denied" in ran.stderr
    else:
        assert_told_once(ran, "cannot be read" if what == "exports" else "cannot be written", "ermission denied")
        assert answers(acme) == before


def test_a_folder_inside_exports_that_is_closed(acme: Path) -> None:
    (acme / "exports" / "crm").mkdir()
    shutil.copy(acme / "exports" / "deals.csv", acme / "exports" / "crm")
    open_to_nobody(acme)
    (acme / "exports" / "crm").chmod(0o000)
    ran = as_nobody(acme)
    (acme / "exports" / "crm").chmod(0o755)
    assert ran.returncode == 1
    assert "crm" in ran.stderr
    assert ran.stderr.count("goodwill: ") == ran.stderr.count("remedy:") == 1


def open_to_nobody(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, 65534, 65534)
    for parent in folder.parents:
        if parent.is_relative_to(gettempdir()) and parent != Path(gettempdir()):
            parent.chmod(parent.stat().st_mode | 0o005)


def as_nobody(folder: Path) -> subprocess.CompletedProcess[str]:
    if os.getuid() != 0:
        return run(folder)
    if shutil.which(NOBODY[0]) is None:
        pytest.skip("setpriv is not there to become another user")
    probe = subprocess.run([*NOBODY, sys.executable, "-c", "import goodwill.cli"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("another user cannot read this environment")
    return run(folder, before=NOBODY)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no disk may be mounted here; test_no_file_may_grow tries the same in another way")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_the_disk_is_full(answered: Path, small_disk: Path) -> None:
    folder = small_disk / "acme"
    folder.mkdir()
    for part in ("exports", "verdicts", "loaded"):
        shutil.copytree(answered / part, folder / part)
    for part in ("goodwill.toml", "report.html"):
        shutil.copy(answered / part, folder)
    before = digests(folder)
    add_deal(folder)
    before["exports/deals.csv"] = digests(folder)["exports/deals.csv"]
    (small_disk / "other").write_bytes(bytes((1 << 20) * 5 // 2))
    ran = run(folder)
    assert_told_once(ran, "full", "Free some space")
    after = digests(folder)
    assert {name: after[name] for name in before} == before
    assert not unfinished(folder)
    (small_disk / "other").unlink()
    assert run(folder).returncode in (0, 2)  # three megabytes may be too few for the warehouse itself


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 1_000, 3_100, 20_000, 100_000, 300_000])
def test_no_file_may_grow(limit: int, acme: Path) -> None:
    """Every limit stops the run somewhere else: the lock, a copy, a table, the warehouse, the report."""
    add_deal(acme)
    before = digests(acme)
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), "run", str(acme)],
        capture_output=True, text=True, check=False, env=environment(), timeout=120,
    )  # fmt: skip
    assert_told_once(ran, "full")
    after = digests(acme)
    assert {n: d for n, d in after.items() if not n.startswith("loaded/")} == {
        n: d for n, d in before.items() if not n.startswith("loaded/")
    }
    assert before.items() <= after.items()  # what the former answers rest on is still there
    assert not unfinished(acme)


def test_no_room_for_a_copy_is_no_fault_of_the_file(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    from goodwill.sources import opening

    (acme / "exports" / "more.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(opening, "unpacked", full)
    with pytest.raises(NoRoom, match="No space left"):
        study.run(open_workspace(acme))


@pytest.mark.slow
def test_exports_missing_or_empty(acme: Path) -> None:
    before = answers(acme)
    shutil.rmtree(acme / "exports")
    assert_told_once(run(acme), "exports", "cannot be read")
    (acme / "exports").mkdir()
    assert_told_once(run(acme), "no exports yet")
    (acme / "exports" / ".DS_Store").write_bytes(b"x")
    assert_told_once(run(acme), "exports")
    assert answers(acme) == before


def test_a_verb_that_only_reads_needs_no_lock(acme: Path) -> None:
    with (acme / ".goodwill.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert command("explain", "win_rate", str(acme)).returncode == 0


def test_something_of_ours_in_the_way(acme: Path) -> None:
    (acme / ".building").write_text("a file where a folder belongs")
    assert_told_once(run(acme), "cannot be written")


def test_the_command_is_what_people_call() -> None:
    assert COMMAND[1:] == ("-m", "goodwill.cli")
