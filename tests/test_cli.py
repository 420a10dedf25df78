"""Every verb of the command line on a small simulated business: what it writes, where, and how it ends."""

from __future__ import annotations

import html
import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import Said, goodwill, workspace
from goodwill.report.numbers import show
from goodwill.verdicts import Verdict

#: One order, and the mapping by which it is read.
SAID = "Order ID,Order date,Total\nA-1,2025-03-01,12.50\n"
MAPPED = """[[mapping]]
file = "orders.csv"
table = "orders"
[mapping.columns]
id = "Order ID"
at = "Order date"
value = "Total"
"""
VERBS = ("init", "scan", "doctor", "run", "explain", "report", "history", "simulate", "glossary")


@pytest.fixture(scope="module", name="acme")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated business, small and messy, with its answers."""
    folder = tmp_path_factory.mktemp("acme") / "acme"
    said = goodwill("simulate", "demo", folder, "--accounts", "250")
    assert (said.code, said.out) == (0, f"{folder}\n")
    assert goodwill("run", folder, "--format", "json").code == 0
    return folder


def verdicts(folder: Path) -> list[Verdict]:
    names = json.loads((folder / "verdicts" / "manifest.json").read_text())["questions"]
    return [Verdict.from_json((folder / "verdicts" / f"{name}.json").read_text()) for name in names]


def claims(folder: Path) -> list[str]:
    return [c for v in verdicts(folder) for c in (v.question, *(f"{v.question}.{f.name}" for f in v.every_figure()))]


# --- data on stdout, messages on stderr -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [("scan",), ("doctor",), ("run",), ("explain", "win_rate")], ids=lambda words: words[0]
)
def test_stdout_is_data_only(acme: Path, words: tuple[str, ...]) -> None:
    as_json = goodwill(*words, acme, "--format", "json")
    assert as_json.json
    as_csv = goodwill(*words, acme, "--format", "csv")
    assert as_csv.csv
    assert None not in as_csv.csv[0], "a row is longer than the header"
    assert all(None not in row.values() for row in as_csv.csv), "a row is shorter than the header"
    assert as_json.code == as_csv.code


def test_glossary_is_data_in_every_form() -> None:
    for words in ((), ("tables",), ("interactions",), ("company",), ("win rate A",)):
        assert goodwill("glossary", *words, "--format", "json").json
        assert goodwill("glossary", *words, "--format", "csv").csv
        assert goodwill("glossary", *words).out


@pytest.mark.slow
def test_nothing_found_is_still_data(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", MAPPED, orders__csv=SAID)
    as_json, as_csv = (goodwill("doctor", folder, "--format", form) for form in ("json", "csv"))
    assert (as_json.code, as_json.json) == (0, [])
    assert (as_csv.code, as_csv.out.strip()) == (0, "finding,problem,n,hurts,remedy,where")
    assert goodwill("doctor", folder) == Said(0, "", "Nothing needs a look.\n")
    assert goodwill("run", folder).code == 0
    assert goodwill("explain", "cost", folder, "--format", "csv").out.strip() == "source_file,source_row,source_line"


@pytest.mark.slow
def test_doctor_finds_what_the_messy_world_holds(acme: Path) -> None:
    found = {row["finding"]: row for row in goodwill("doctor", acme, "--format", "json").json}
    assert "refused rows" in found
    assert found["refused rows"]["where"]
    assert goodwill("doctor", acme).code == 1


# --- run, report ------------------------------------------------------------------------------------------------------


def test_a_second_run_says_that_nothing_changed_and_writes_nothing(acme: Path) -> None:
    kept = [acme / "report.html", acme / "warehouse.duckdb", *sorted((acme / "verdicts").iterdir())]
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in kept]
    began = time.perf_counter()
    said = goodwill("run", acme)
    assert said.code == 0
    assert "Nothing has changed" in said.err
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in kept] == before
    assert time.perf_counter() - began < 3


@pytest.mark.slow
def test_report_is_written_again_from_the_answers(acme: Path) -> None:
    page = (acme / "report.html").read_bytes()
    (acme / "report.html").unlink()
    assert goodwill("report", acme) == Said(0, f"{acme / 'report.html'}\n", "")
    assert (acme / "report.html").read_bytes() == page


def test_every_door_shows_the_same_figures(acme: Path) -> None:
    rows = {row["question"]: row for row in goodwill("run", acme, "--format", "json").json}
    terminal = goodwill("run", acme).out
    page = html.unescape(re.sub(r"<[^>]+>", "", (acme / "report.html").read_text(encoding="utf-8")))
    headlines = [(v, v.headline) for v in verdicts(acme) if v.headline]
    assert len(headlines) >= 2, "the world is too small to show anything"
    for verdict, figure in headlines:
        row = rows[verdict.question]
        assert (row["value"], row["low"], row["high"]) == (figure.value, figure.low, figure.high)
        digits = show(figure, "EUR").strip("+−").split()[0]
        for door in (terminal, page, "\n".join(goodwill("explain", verdict.question, acme).out.splitlines())):
            assert digits in door
        assert verdict.naive is not None
        assert show(verdict.naive, "EUR") in terminal
        assert show(verdict.naive, "EUR") in page


def test_only_the_question_asked_is_answered(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", MAPPED, orders__csv=SAID)
    assert [row["question"] for row in goodwill("run", folder, "--question", "cost", "--format", "json").json] == [
        "cost"
    ]


@pytest.mark.slow
def test_a_file_that_cannot_be_read_is_named_and_the_exit_code_is_1(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", MAPPED, orders__csv=SAID, scan__pdf=b"%PDF-1.7 nothing")
    for verb in ("run", "scan", "doctor"):
        said = goodwill(verb, folder)
        assert said.code == 1, verb
        assert "scan.pdf" in said.out + said.err
    assert "a PDF" in goodwill("run", folder).err


# --- explain ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_claim_can_be_explained_down_to_file_and_line(acme: Path) -> None:
    seen = 0
    for claim in claims(acme):
        told = goodwill("explain", claim, acme, "--format", "json", "--rows", "3")
        assert told.code == 0, claim
        for row in told.json["rows"]:
            if row.get("source_file", "").endswith(".csv"):  # in a JSON document the line is the record's number
                lines = (acme / "exports" / row["source_file"]).read_bytes().split(b"\n")
                assert 1 < row["source_line"] <= len(lines), claim
                seen += 1
    assert seen > 50


@pytest.mark.slow
def test_the_line_named_holds_the_row(acme: Path) -> None:
    rows = goodwill("explain", "win_rate.deals", acme, "--format", "json", "--rows", "400").json["rows"]
    assert len(rows) > 100
    for row in rows:
        lines = (acme / "exports" / row["source_file"]).read_text(encoding="utf-8-sig").split("\n")
        assert row["id"] in lines[row["source_line"] - 1]


def test_explain_without_answers_says_how_to_get_them(tmp_path: Path) -> None:
    said = goodwill("explain", "win_rate", workspace(tmp_path / "w", a__csv="x,y\n1,2\n"))
    assert (said.code, said.out) == (2, "")
    assert "goodwill run" in said.err


# --- what cannot be asked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("run", "@", "--question", "win_rat"), "win_rate"),
        (("explain", "win_rte", "@"), "win_rate"),
        (("explain", "win_rate.wno", "@"), "win_rate.won"),
        (("simulate", "dmeo", "@/new"), "demo"),
        (("glossary", "interaction"), "interactions"),
        (("glossary", "company.curency"), "company.currency"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[1],
)
def test_an_unknown_name_is_refused_with_the_nearest(acme: Path, words: tuple[str, ...], names: str) -> None:
    said = goodwill(*(word.replace("@", str(acme)) for word in words))
    assert (said.code, said.out) == (2, "")
    assert f"Did you mean {names}?" in said.err


@pytest.mark.parametrize("day", ["2025-13-01", "yesterday", "", "31.12.2025"])
def test_a_day_that_is_none_is_refused(acme: Path, day: str) -> None:
    for verb in ("run", "doctor"):
        said = goodwill(verb, acme, "--as-of", day)
        assert (said.code, said.out) == (2, "")
        assert "--as-of" in said.err
        assert "2025-12-31" in said.err


@pytest.mark.parametrize("verb", ["scan", "doctor", "run", "report"])
def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path, verb: str) -> None:
    said = goodwill(verb, tmp_path)
    assert (said.code, said.out) == (2, "")
    assert f"goodwill init {tmp_path}" in said.err


def test_an_unknown_setting_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", '# mine\n[company]\nname = "Acme"\ncurency = "EUR"\n', a__csv="x,y\n1,2\n")
    said = goodwill("run", folder)
    assert (said.code, said.out) == (2, "")
    assert "goodwill.toml, line 4" in said.err
    assert '"currency"' in said.err


def test_usage_that_cannot_be_ends_with_code_2() -> None:
    for words in (("fly",), ("run", "--format", "xml"), ("explain",), ("simulate", "demo", "x", "--accounts", "many")):
        said = goodwill(*words)
        assert (said.code, said.out) == (2, ""), words
        assert said.err


def test_simulate_leaves_other_peoples_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    said = goodwill("simulate", "null", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


# --- help, colour, start ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_an_example(verb: str) -> None:
    said = goodwill(verb, "--help")
    assert said.code == 0
    assert re.search(rf"Example: goodwill\s+{verb}\b", said.out)
    assert "\x1b" not in said.out


def test_help_names_every_verb() -> None:
    said = goodwill("--help")
    assert all(re.search(rf"^\s+{verb}\s", said.out, re.MULTILINE) for verb in VERBS)


def on_a_terminal(words: list[str], **environment: str) -> bytes:
    """What a command writes to a terminal, stdout only."""
    ours, theirs = pty.openpty()
    base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    told = subprocess.Popen(
        [sys.executable, "-m", "goodwill.cli", *words],
        stdout=theirs, stderr=subprocess.DEVNULL, env=base | {"TERM": "xterm-256color", "COLUMNS": "160"} | environment,
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # how a terminal says that nobody writes any more
            break
        if not piece:
            break
        written += piece
    os.close(ours)
    assert told.wait() == 0
    return written


def test_no_color_leaves_no_escape_code() -> None:
    words = ["glossary", "interactions"]
    assert b"\x1b[" in on_a_terminal(words), "the terminal was not taken for one"
    plain = on_a_terminal(words, NO_COLOR="1")
    assert b"channel_group" in plain
    assert b"\x1b" not in plain


def test_help_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys; sys.argv = ['goodwill', '--help']\n"
        "from goodwill import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'duckdb', 'pyarrow', 'sklearn', 'scipy', 'altair', 'sqlglot'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
