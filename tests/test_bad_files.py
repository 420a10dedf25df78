"""One bad file among good ones: the others are used, the bad one is told once, by name, with what to do about it."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from goodwill import intake, study
from goodwill.doors import answer
from goodwill.errors import EngineError, ExportError, GoodwillError
from goodwill.sources.opening import open_export
from goodwill.warehouse import loading
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import open_workspace
from small_workspaces import answers, handmade, run


def truncated_gz(path: Path) -> None:
    path.write_bytes(gzip.compress(os.urandom(4000).hex().encode())[:1500])


def protected_workbook(path: Path) -> None:
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )


def rubbish(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def bomb(path: Path) -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as member:
        for _ in range(100):
            member.write(bytes(1 << 20))
    path.write_bytes(into.getvalue())


def empty(path: Path) -> None:
    path.touch()


def blanks(path: Path) -> None:
    path.write_bytes(b" \n\n  \n")


def folder(path: Path) -> None:
    path.mkdir()


def link_to_nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "gone")


def link_to_a_folder(path: Path) -> None:
    path.symlink_to(path.parent.parent)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def cut_character(path: Path) -> None:
    path.write_bytes("a,b\n1,ü".encode()[:-1])


def cut_parquet(path: Path) -> None:
    path.write_bytes(b"PAR1" + bytes(100))


def html(path: Path) -> None:
    path.write_text("<!doctype html><html><body>Please sign in</body></html>")


BAD = {
    "a.csv.gz": truncated_gz, "b.xlsx": protected_workbook, "c.csv": rubbish, "d.zip": bomb, "e.csv": empty,
    "f.csv": blanks, "x.csv": folder, "g.csv": link_to_nowhere, "h": link_to_a_folder, "i.csv": pipe,
    "j.csv": cut_character, "k.parquet": cut_parquet, "l.csv": html, "m.json": cut_character,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BAD))
def test_the_others_are_used_and_it_is_told_once(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    acme = handmade(tmp_path / "acme")
    BAD[name](acme / "exports" / name)
    assert answer.run(acme, None, None, (), "csv") == 1
    told = capsys.readouterr().err
    assert told.count("goodwill: ") == told.count("where:") == told.count("remedy:") == 1
    assert f"where:  {name}" in told
    found = study.run(open_workspace(acme))
    inputs = {given["file"]: given for given in found.manifest["inputs"]}  # type: ignore[attr-defined]
    assert inputs[name]["error"] == found.errors[0].problem
    assert inputs["deals.csv"]["rows"] == 20
    assert name in (acme / "report.html").read_text(encoding="utf-8")
    assert answer.run(acme, None, None, (), "csv") == 1  # told again, although nothing changed
    assert f"where:  {name}" in capsys.readouterr().err


@pytest.mark.slow
def test_all_of_them_at_once_from_the_command_line_and_anywhere(tmp_path: Path) -> None:
    found = []
    for place in ("one", "two"):
        acme = handmade(tmp_path / place)
        for name, make in BAD.items():
            if make is not truncated_gz:  # its bytes are random
                make(acme / "exports" / name)
        (acme / "exports" / "caf\udce9.csv").write_text("a,b\n1,2\n")
        ran = run(acme, timeout_seconds=60)  # a pipe must not make it wait
        assert ran.returncode == 1
        assert ran.stderr.count("goodwill: ") == len(BAD)
        assert "Rename the file" in ran.stderr
        found.append(answers(acme))
    assert found[0] == found[1]


@pytest.mark.slow
def test_only_bad_files_are_no_answer(tmp_path: Path) -> None:
    acme = handmade(tmp_path / "acme")
    for name in ("deals.csv", "acts.csv"):
        (acme / "exports" / name).write_bytes(b"")
    ran = run(acme)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def vanishes(path: Path) -> None:
    path.unlink()


def grows(path: Path) -> None:
    with path.open("a") as file:
        file.write("o77,2024-01-05,2024-03-05,won,7\n")


@pytest.mark.slow
@pytest.mark.parametrize("happens", [vanishes, grows])
def test_a_file_that_goes_or_changes_during_the_run(
    happens: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    acme = handmade(tmp_path / "acme")
    deals = acme / "exports" / "deals.csv"
    before = deals.read_bytes()
    original = intake.load

    def load(*arguments: object, **more: object) -> object:
        happens(deals)
        return original(*arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(study, "load", load)
        assert answer.run(acme, None, None, (), "csv") == 1
    told = capsys.readouterr().err
    assert told.count("goodwill: ") == 1
    assert "where:  deals.csv" in told
    assert str(acme) not in told.replace(f"The report: {acme}", "").replace(f"goodwill serve {acme}", "")
    assert "deals.csv" in (acme / "report.html").read_text(encoding="utf-8")
    deals.write_bytes(before)
    found = study.run(open_workspace(acme))
    assert found.is_new  # the same content as the run was told, yet that run had no answers of it
    assert not found.errors


def test_a_file_that_cannot_be_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine finds out late, while it copies: that is this file's error and nobody else's."""
    acme = handmade(tmp_path / "acme")
    original = loading.load

    def load(tables: object, export: object, *more: object) -> object:
        if export.name == "acts.csv":  # type: ignore[attr-defined]
            export.path.write_bytes(b"id,day,who\n")  # type: ignore[attr-defined]
            raise EngineError("the engine could not read this: IO Error", remedy="Look at it.")
        return original(tables, export, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "load", load)
    found = study.run(open_workspace(acme))
    assert [str(e.where) for e in found.errors] == ["acts.csv"]
    assert isinstance(found.errors[0], ExportError)


def test_what_threads_cannot_share_is_read_by_one(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    row = 'o{},2024-01-01,"two\nlines {}"\n'
    with path.open("w") as file:
        file.write("id,opened,note\n")
        file.writelines(row.format(i, "x" * 120) for i in range(260_000))
    export = open_export(path, name="long.csv", scratch=tmp_path / "scratch")
    assert loading.ALONE in export.sheets[0].relation
    tables = open_file(tmp_path / "w.duckdb", root=tmp_path)

    def count(read: str) -> int:
        return int(tables.rows(f"SELECT count(note) AS n FROM {read}")[0]["n"])

    shared = export.sheets[0].relation.replace(loading.ALONE, loading.SHARED)
    with pytest.raises(EngineError):
        count(shared)
    assert loading._read(tables, _with_relation(export.sheets[0], shared), count) == 260_000
    tables.close()


def _with_relation(sheet: loading.Sheet, relation: str) -> loading.Sheet:
    from dataclasses import replace

    return replace(sheet, relation=relation)


@pytest.mark.parametrize("wrong", ["SELEC 1", "SELECT nothing FROM nowhere", "SELECT 1 + [2]", "SELECT nofunction(1)"])
def test_a_fault_of_ours_crashes_loudly(wrong: str) -> None:
    import duckdb

    tables = open_file(None)
    with pytest.raises(duckdb.Error) as raised:
        tables.execute(wrong)
    assert not isinstance(raised.value, GoodwillError)
    tables.close()


def test_no_twin_hides_a_mapping(tmp_path: Path) -> None:
    """Of two equal files, one that nobody knows comes first by name: the mapping of the other still counts."""
    acme = handmade(tmp_path / "acme")
    copy = acme / "exports" / "a copy of deals.csv"
    copy.write_bytes((acme / "exports" / "deals.csv").read_bytes())
    found = study.run(open_workspace(acme))
    inputs = {given["file"]: given for given in found.manifest["inputs"]}  # type: ignore[attr-defined]
    assert inputs["deals.csv"]["rows"] == 20
    assert inputs[copy.name]["rows"] == 0


def test_what_was_left_out_of_an_archive_is_reported(tmp_path: Path) -> None:
    acme = handmade(tmp_path / "acme")
    with zipfile.ZipFile(acme / "exports" / "deals.zip", "w") as archive:
        archive.writestr("good.csv", (acme / "exports" / "deals.csv").read_text().replace("o1", "z1"))
        archive.writestr("bad.csv", b"")
    (acme / "exports" / "deals.csv").unlink()
    study.run(open_workspace(acme))
    answer.run(acme, None, None, (), "csv")
    assert "bad.csv was left out: The file is empty." in (acme / "report.html").read_text(encoding="utf-8")
