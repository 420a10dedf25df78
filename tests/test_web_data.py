"""The pages Data, Jobs and Check-up: what they show and begin, what happens when it goes wrong, and who may do it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from goodwill.errors import NoRoom
from goodwill.lock import owned
from goodwill.web import exports_there, jobs, set_aside, warming, work
from goodwill.web.check_up import findings_done, items, without_values
from goodwill.web.jobs import FOLDER, Job, scratch_of
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from small_workspaces import answers, digests
from web_site import Visit, ended, with_people, workspace

UNKNOWN = b"Order ID;Order date;Customer;Total\nA-1;2025-03-01;Fern;12,50\nA-2;2025-03-02;Oak;7,25\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path / "acme")


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    made = Site(folder)
    yield made
    made.close()


def keep(folder: Path, kind: str, **found: Any) -> None:
    """What a job of this kind would have found."""
    work.keep(folder, kind, {"exports": exports_there.mark(open_workspace(folder)), **found})


def finding(name: str, n: int = 1, *where: str, hurts: str = "cost", remedy: str = "look") -> dict[str, Any]:
    return {"finding": name, "problem": f"{n} {name}", "n": n, "hurts": hurts, "remedy": remedy, "where": list(where)}


def states(site: Site) -> dict[str, str]:
    return {line.name: line.state for line in exports_there.lines(site)}


def test_every_export_is_shown_with_what_was_made_of_it(site: Site) -> None:
    page = Visit(site).get("/data")
    assert page.status_code == 200
    assert "Your own mapping" in page.text
    assert states(site) == {"acts.csv": "read", "deals.csv": "read"}
    assert "no longer those of the last run" not in page.text


def test_what_changed_since_the_last_run_is_told(site: Site, folder: Path) -> None:
    acts, deals, new = (folder / "exports" / name for name in ("acts.csv", "deals.csv", "new.csv"))
    new.write_bytes(UNKNOWN)
    acts.write_bytes(acts.read_bytes() + b"i99,2024-02-20,p1@a.com\n")
    deals.unlink()
    assert states(site) == {"acts.csv": "changed", "new.csv": "new", "deals.csv": "gone"}
    page = Visit(site).get("/data").text
    assert "no longer those of the last run" in page
    for word in ("changed since the last run", "new since the last run", "gone since the last run"):
        assert word in page


def test_a_touched_file_has_not_changed(site: Site, folder: Path) -> None:
    os.utime(folder / "exports" / "acts.csv", (2e9, 2e9))
    assert states(site)["acts.csv"] == "read"


def test_before_anything_the_page_says_how_to_begin(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "new", is_run=False)
    for export in (folder / "exports").iterdir():
        export.unlink()
    page = Visit(Site(folder)).get("/data")
    assert page.status_code == 200
    assert "There are no exports yet" in page.text


def test_names_of_files_are_no_markup(site: Site, folder: Path) -> None:
    (folder / "exports" / "<img src=x onerror=alert(1)>.csv").write_bytes(b"a,b\n1,2\n")
    assert "<img" not in Visit(site).get("/data").text


@pytest.mark.slow
def test_a_scan_proposes_and_the_proposal_is_put(site: Site, folder: Path) -> None:
    (folder / "exports" / "orders.csv").write_bytes(UNKNOWN)
    (folder / "exports" / "broken.csv").write_bytes(b"")
    visit = Visit(site)
    assert visit.post("/jobs", {"kind": "scan"}).headers["location"] == "/jobs"
    job = ended(site)
    assert (job.state, job.steps) == ("done", (("read", 4, 4),))
    assert visit.get("/jobs.json").json()["goes_to"] == "/data#scan"
    page = visit.get("/data").text
    assert "[[mapping]]" in page
    assert "The file is empty." in page
    at = site.jobs.result("scan")["ended_at"]  # type: ignore[index]
    before = (folder / "goodwill.toml").read_text(encoding="utf-8")
    assert visit.post("/data/proposals", {"number": 0, "at": at}).status_code == 303
    after = (folder / "goodwill.toml").read_text(encoding="utf-8")
    assert after.startswith(before.rstrip("\n"))
    assert "orders.csv" in {m.file for m in open_workspace(folder).mappings}
    assert "A mapping for this file stands in the settings" in visit.get("/data").text
    assert list((folder / FOLDER).glob("scratch*")) == []


def test_a_proposal_that_is_gone_is_refused(site: Site, folder: Path) -> None:
    visit, before = Visit(site), (folder / "goodwill.toml").read_bytes()
    keep(folder, "scan", rows=[], proposals=["# a.csv: no canonical table looks like this", "[[mapping]]\nfile = 1\n"])
    at = site.jobs.result("scan")["ended_at"]  # type: ignore[index]
    for number, when in ((0, at), (1, at), (2, at), (0, "2020-01-01")):
        answer = visit.post("/data/proposals", {"number": number, "at": when})
        assert answer.status_code == 422
        assert "What to do." in answer.text
    assert (folder / "goodwill.toml").read_bytes() == before


@pytest.mark.slow
def test_a_run_changes_the_pages(site: Site, folder: Path) -> None:
    visit = Visit(site)
    assert visit.get("/questions/conversation").status_code == 404
    deals = folder / "exports" / "deals.csv"
    deals.write_text(deals.read_text() + "x1,2024-01-01,2024-02-01,won,5\n")
    (folder / "exports" / "broken.csv").write_bytes(b"%PDF-1.7")
    fields = {"kind": "run", "as_of": "2024-12-31", "seed": "7", "questions": ["cost", "conversation"]}
    assert visit.post("/jobs", fields).status_code == 303
    assert visit.post("/jobs", {"kind": "run"}).status_code == 409
    job = ended(site)
    assert job.state == "done"
    names = [step[0] for step in job.steps]
    assert names[:3] == ["read", "load", "trace"]
    assert names[3:] == ["cost", "conversation", "report"]
    assert visit.get("/questions/conversation").status_code == 200
    manifest = site.answers().manifest
    assert (manifest["as_of"], manifest["seed"]) == ("2024-12-31", 7)
    assert states(site) == {"acts.csv": "read", "deals.csv": "read", "broken.csv": "unread"}
    said = visit.get("/jobs").text
    assert "1 file could not be read" in said
    assert "This is a PDF, not a table." in said


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "everything"}, {}, {"kind": "run", "as_of": "soon"}, {"kind": "run", "as_of": "9999-12-31"},
        {"kind": "run", "seed": "-1"}, {"kind": "run", "seed": "99999999999999999999"},
        {"kind": "run", "questions": ["no_such"]}, {"kind": "run", "questions": ["x" * 100]},
        {"kind": "run", "questions": ["cost"] * 200}, {"kind": "run", "as_of": "2024-01-01\0"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_begins_nothing(site: Site, fields: dict[str, Any]) -> None:
    assert Visit(site).post("/jobs", fields).status_code == 422
    assert site.jobs.current is None


def test_empty_fields_mean_nothing_was_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[Any] = []
    monkeypatch.setattr(site.jobs, "start", lambda kind, **options: began.append((kind, options)))
    assert Visit(site).post("/jobs", {"kind": "run", "as_of": "", "seed": ""}).status_code == 303
    assert began == [("run", {"as_of": None, "seed": None, "only": ()})]


@pytest.mark.slow
def test_the_command_line_at_work_is_told(site: Site, folder: Path) -> None:
    before = digests(folder / "verdicts")
    with owned(open_workspace(folder)):
        site.jobs.start("doctor")
        job = ended(site)
    assert (job.state, job.problem) == ("failed", "another run is at work in this workspace")
    page = Visit(site).get("/jobs").text
    assert "Another run is at work" in page
    assert "Wait until it has ended" in page
    assert digests(folder / "verdicts") == before


def held_up(site: Site) -> int:
    """A job that gets no further, with the workspace as it is at the worst moment; the number of its process."""
    site.jobs.start("run")
    process: int = site.jobs._process.pid
    os.kill(process, signal.SIGSTOP)
    (site.root / ".building").mkdir()
    (site.root / "verdicts").rename(site.root / ".building" / "former-verdicts")
    scratch_of(site.root, process).mkdir(parents=True)
    return process


@pytest.fixture
def stuck(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    monkeypatch.setattr(jobs, "PATIENCE", 0.2)  # what stands still does not hear that it should end
    return lambda: held_up(site)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_stopping_leaves_the_workspace_as_it_was(site: Site, folder: Path, stuck: Callable[[], int]) -> None:
    visit, before = Visit(site), answers(folder)
    process = stuck()
    assert 'http-equiv="refresh"' in visit.get("/jobs").text
    assert visit.post("/jobs/stop", at="/jobs").headers["location"] == "/jobs"
    assert site.jobs.current is not None
    assert site.jobs.current.state == "stopped"
    assert not is_alive(process)
    assert answers(folder) == before
    assert not (folder / ".building").exists()
    assert not scratch_of(folder, process).exists()
    page = visit.get("/jobs").text
    assert "was stopped" in page
    assert 'http-equiv="refresh"' not in page
    assert visit.post("/jobs", {"kind": "scan"}).status_code == 303  # the next one begins
    assert ended(site).state == "done"


def test_a_killed_process_is_a_failure_with_words(site: Site, folder: Path, stuck: Callable[[], int]) -> None:
    before, process = answers(folder), stuck()
    os.kill(process, signal.SIGKILL)
    job = ended(site)
    assert (job.state, job.problem) == ("failed", "the job was ended from outside")
    assert "memory" in job.remedy
    assert answers(folder) == before


def test_the_end_of_the_app_ends_its_job(site: Site, folder: Path, stuck: Callable[[], int]) -> None:
    before, process = answers(folder), stuck()
    site.close()
    assert not is_alive(process)
    assert answers(folder) == before


class Pipe:
    """What a job tells, kept in a list; or a server that has gone."""

    def __init__(self, *, is_gone: bool = False) -> None:
        self.told: list[tuple[str, Any]] = []
        self.is_gone = is_gone

    def send(self, said: tuple[str, Any]) -> None:
        if self.is_gone:
            raise BrokenPipeError
        self.told.append(said)

    def __enter__(self) -> "Pipe":
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (NoRoom("No space left on device"), "the disk or memory is full: No space left on device"),
        (OSError(28, "No space left on device"), "the disk or memory is full: No space left on device"),
        (MemoryError(), "the disk or memory is full: no memory is left"),
        (ZeroDivisionError("x"), "the job met something that was not foreseen (ZeroDivisionError)"),
    ],
)
def test_whatever_goes_wrong_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, problem: str
) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise error

    pipe = Pipe()
    monkeypatch.setitem(work.WORK, "scan", fail)
    work.work("scan", str(folder), {}, pipe)  # type: ignore[arg-type]
    [(what, why)] = pipe.told
    assert (what, why["problem"]) == ("failed", problem)
    assert why["remedy"]
    assert ("Traceback" in capsys.readouterr().err) is ("not foreseen" in problem)
    assert not (folder / FOLDER / "scan.json").exists()


def test_a_result_that_cannot_be_kept_is_a_failure(folder: Path) -> None:
    (folder / FOLDER).mkdir()
    (folder / FOLDER / "scan.json").mkdir()  # where the result must go
    pipe = Pipe()
    work.work("scan", str(folder), {}, pipe)  # type: ignore[arg-type]
    assert pipe.told[-1][0] == "failed"
    assert [p.name for p in (folder / FOLDER).iterdir()] == ["scan.json"]


def test_nobody_listens(folder: Path) -> None:
    work.work("scan", str(folder), {}, Pipe(is_gone=True))  # type: ignore[arg-type]


def test_damaged_results_are_none(site: Site, folder: Path) -> None:
    (folder / FOLDER).mkdir()
    for kind in ("scan", "doctor", "run"):
        (folder / FOLDER / f"{kind}.json").write_text('{"ended_at": ')
    visit = Visit(site)
    assert [visit.get(page).status_code for page in ("/data", "/doctor", "/jobs")] == [200, 200, 200]


def test_steps_stand_once_in_their_order() -> None:
    job = Job(1, "run", "running", "2026-01-01T00:00:00+00:00").stepped("read", 1, 3).stepped("load", 0, 2)
    assert job.stepped("read", 3, 3).steps == (("read", 3, 3), ("load", 0, 2))
    assert job.ended("done").seconds > 0


@pytest.mark.slow
def test_after_a_run_the_pages_are_made_before_anybody_asks(site: Site, folder: Path) -> None:
    warming.keep_warm(site).join(60)
    assert ("page", "scorecard.html.j2", site.answers().stamp) in site._made
    (folder / "exports" / "acts.csv").write_text("id,day,who\ni1,2024-02-01,p1@a.com\n")
    former, done = site.answers().stamp, threading.Event()
    site.jobs.after.append(lambda _: done.set())
    site.jobs.start("run", only=("cost",))
    assert done.wait(60)
    assert site.answers().stamp != former
    assert ("page", "scorecard.html.j2", site.answers().stamp) in site._made
    assert ("page", "question_page.html.j2", site.answers().stamp, "cost") in site._made


def test_warming_waits_for_answers(tmp_path: Path) -> None:
    warming.warm(Site(workspace(tmp_path / "new", is_run=False)))


@pytest.mark.slow
def test_a_check_up_is_a_list_to_work_through(site: Site, folder: Path) -> None:
    visit = Visit(site)
    assert "There was no check-up yet" in visit.get("/doctor").text
    (folder / "exports" / "orders.csv").write_bytes(UNKNOWN)
    assert visit.post("/jobs", {"kind": "doctor"}, at="/doctor").status_code == 303
    job = ended(site)
    assert (job.state, [s[0] for s in job.steps][:2]) == ("done", ["read", "load"])
    page = visit.get("/doctor").text
    assert "1 file is of no known kind" in page
    assert "0 of " in page
    assert "since this check-up" not in page
    (folder / "exports" / "orders.csv").unlink()
    assert "The exports have changed since this check-up." in visit.get("/doctor").text
    visit.post("/jobs", {"kind": "doctor"}, at="/doctor")
    ended(site)
    page = visit.get("/doctor").text
    assert "(done)" in page
    assert "1 of " in page


def test_setting_aside_needs_a_reason_and_holds_for_one_number(site: Site, folder: Path) -> None:
    visit = Visit(site)
    keep(folder, "doctor", findings=[finding("no losses"), finding("contact roles", 5)], recognised=[], done=[])
    fields = {"finding": "contact roles", "n": 5, "wanted": "aside"}
    assert visit.post("/doctor/aside", {**fields, "reason": " \n "}, at="/doctor").status_code == 422
    assert visit.post("/doctor/aside", {**fields, "n": 4, "reason": "x"}, at="/doctor").status_code == 422
    assert visit.post("/doctor/aside", {**fields, "finding": "else", "reason": "x"}, at="/doctor").status_code == 422
    assert visit.post("/doctor/aside", {**fields, "reason": "never \nexported"}, at="/doctor").status_code == 303
    page = visit.get("/doctor").text
    assert "1 of 2 done or set aside." in page
    assert "never exported" in page
    said = set_aside.read(site.workspace)["contact roles"]
    assert (said.n, said.reason, bool(said.by), said.at[:2]) == (5, "never exported", True, "20")
    keep(folder, "doctor", findings=[finding("contact roles", 6)], recognised=[], done=[])
    assert "0 of 1 done or set aside." in visit.get("/doctor").text
    keep(folder, "doctor", findings=[finding("contact roles", 5)], recognised=[], done=[])
    assert visit.post("/doctor/aside", {**fields, "wanted": "open"}, at="/doctor").status_code == 303
    assert "0 of 1 done or set aside." in visit.get("/doctor").text
    assert len((folder / set_aside.FILE).read_text().splitlines()) == 2


def test_a_line_that_a_crash_cut_off_is_passed_over(site: Site, folder: Path) -> None:
    workspace_there = site.workspace
    set_aside.write(workspace_there, "a", 1, "because", "ann")
    path = folder / set_aside.FILE
    path.write_bytes(path.read_bytes() + b'{"finding": "b", "n"')
    set_aside.write(workspace_there, "c", 3, "since", "ann")
    assert set(set_aside.read(workspace_there)) == {"a", "c"}


def test_places_open_and_values_stay_out() -> None:
    found = without_values(
        {"findings": [finding("refused rows", 1, 'a, row 2.csv, row 7: email "ann@acme.com" is no address')]}
    )
    assert found["findings"][0]["where"] == ["a, row 2.csv, row 7: email “…” is no address"]
    [item] = items(found, {}, {"a, row 2.csv"}, {})
    assert (item.where[0].file, item.where[0].row) == ("a, row 2.csv", 7)
    [item] = items(found, {}, {"b.csv"}, {})
    assert (item.where[0].file, item.where[0].row) == ("", 0)


def test_what_is_hurt_leads_to_its_question() -> None:
    found = {
        "findings": [finding("x", hurts="win_rate, sales_cycle; and all about touches"), finding("y", hurts="all")]
    }
    first, second = items(found, {}, (), {"win_rate": "Is it won?"})
    assert first.hurts == (("Is it won?", "win_rate"), (", sales_cycle; and all about touches", ""))
    assert second.hurts == (("every question", ""),)


def test_what_is_no_more_is_done_until_it_comes_back() -> None:
    one, two = finding("unreadable file", 1, "a.csv"), finding("unreadable file", 1, "b.csv")
    assert findings_done(None, {"findings": [one]}) == []
    done = findings_done({"findings": [one, two], "done": []}, {"findings": [two]})
    assert done == [one]
    assert findings_done({"findings": [two], "done": done}, {"findings": []}) == [two, one]
    assert findings_done({"findings": [two], "done": done}, {"findings": [one]}) == [two]


def test_findings_are_no_markup(site: Site, folder: Path) -> None:
    bad = finding("<script>", 1, "<b>.csv, row 1", hurts="<i>", remedy="<u>")
    keep(folder, "doctor", findings=[bad], recognised=[], done=[])
    page = Visit(site).get("/doctor").text
    assert not any(mark in page for mark in ("<script>", "<b>.csv", "<i>", "<u>"))


def test_a_run_after_the_check_up_is_told(site: Site, folder: Path) -> None:
    keep(folder, "doctor", ended_at="2020-01-01T00:00:00+00:00", findings=[], recognised=[], done=[])
    assert "There was a run since this check-up." in Visit(site).get("/doctor").text


@pytest.mark.slow
def test_readers_see_and_do_nothing(folder: Path) -> None:
    site = with_people(folder)
    keep(folder, "doctor", findings=[finding("no losses")], recognised=[], done=[])
    keep(folder, "scan", rows=[], proposals=["[[mapping]]\nfile = 'a'\n"])
    reader, owner, stranger = Visit(site, name="bob"), Visit(site, name="ann"), Visit(site)
    for page in ("/data", "/jobs", "/doctor"):
        assert reader.get(page).status_code == 200
        forms = [f for f in reader.get(page).text.split("<form")[1:] if "/logout" not in f]
        assert forms == []
        assert stranger.get(page).headers["location"] == "/login"
    assert "<form" in owner.get("/data").text
    assert stranger.get("/jobs.json").status_code in (303, 401)
    token = reader.csrf("/data")
    for address, fields in (
        ("/jobs", {"kind": "run"}), ("/jobs/stop", {}), ("/data/proposals", {"number": 0, "at": "x"}),
        ("/doctor/aside", {"finding": "no losses", "n": 1, "wanted": "aside", "reason": "x"}),
    ):  # fmt: skip
        assert reader.client.post(address, data={"csrf": token, **fields}).status_code == 403
        assert owner.client.post(address, data=fields).status_code == 403
    assert site.jobs.current is None


def test_nothing_on_these_pages_runs_or_styles_in_line(site: Site, folder: Path) -> None:
    keep(folder, "doctor", findings=[finding("no losses")], recognised=[], done=[])
    for page in ("/data", "/jobs", "/doctor"):
        text = Visit(site).get(page).text
        assert " style=" not in text
        assert "<style" not in text
        assert "<script>" not in text
        assert " onclick" not in text


@pytest.mark.slow
def test_a_server_that_is_killed_takes_its_job_with_it(folder: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from goodwill.web.site import Site\n"
        "if __name__ == '__main__':\n"
        " s = Site(Path(sys.argv[1])); s.jobs.start('run'); print(s.jobs._process.pid, flush=True); time.sleep(60)\n"
    )
    script = folder.parent / "server.py"
    script.write_text(code)
    (folder / "exports" / "new.csv").write_bytes(UNKNOWN)
    server = subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    job = int(server.stdout.readline())
    server.kill()
    server.wait()
    server.stdout.close()
    until = time.monotonic() + 20
    while is_alive(job) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(job)
    with owned(open_workspace(folder)):
        pass
    json.loads((folder / "verdicts" / "manifest.json").read_text())
