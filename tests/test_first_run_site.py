"""The app on a first run: files that gave nothing, proposals that are still open, a check-up that never was."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest

from commands import goodwill
from goodwill.web import exports_there, work
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from web_site import Visit, workspace

OPEN = """[[mapping]]
file = "engagements.csv"
table = "interactions"
[mapping.columns]
at = "Engaged at"
[mapping.constants]    # needed, and no column looks like it:
# verb = ""    # what was done
# venue = ""    # where
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path / "w")


def keep(folder: Path, kind: str, **found: Any) -> None:
    work.keep(folder, kind, {"exports": exports_there.mark(open_workspace(folder)), **found})


def test_a_proposal_that_cannot_work_is_not_put_but_shown_to_copy(folder: Path) -> None:
    keep(folder, "scan", rows=[], proposals=[OPEN, OPEN.replace("# v", "v")])
    site = Site(folder)
    visit, before = Visit(site), (folder / "goodwill.toml").read_bytes()
    page = html.unescape(visit.get("/data").text)
    first, second = page.split('aria-label="Proposal ')[1:]
    assert OPEN in first
    assert "It cannot work yet" in first
    assert "<code>verb</code>, <code>venue</code>" in first
    assert 'href="/settings/file"' in first
    assert "Put it into the settings" not in first
    assert "Put it into the settings" in second
    at = site.jobs.result("scan")["ended_at"]  # type: ignore[index]
    refused = visit.post("/data/proposals", {"number": 0, "at": at})
    assert refused.status_code == 422
    assert "nothing is named for verb, venue" in refused.text
    assert (folder / "goodwill.toml").read_bytes() == before


def test_the_last_check_up_is_offered_only_where_there_was_one(folder: Path) -> None:
    assert "The last check-up" not in Visit(Site(folder)).get("/data").text
    keep(folder, "doctor", findings=[], recognised=[], done=[])
    assert "The last check-up" in Visit(Site(folder)).get("/data").text


def test_a_file_whose_rows_were_all_refused_is_told_above_the_claims_and_under_data(folder: Path) -> None:
    assert "Nothing could be read of" not in Visit(Site(folder)).get("/").text
    (folder / "exports" / "acts.csv").write_text("id,day,who\ni1,soon,p1@a.com\ni2,later,p1@a.com\n", encoding="utf-8")
    assert goodwill("run", folder, "--question", "cost").code in (0, 1)
    visit = Visit(Site(folder))
    scorecard, data = visit.get("/").text, visit.get("/data").text
    assert "Nothing could be read of acts.csv: the answers below are without it." in scorecard
    assert scorecard.index("Nothing could be read of") < scorecard.index("<h2")
    line = next(row for row in data.split("<tr>") if 'scope="row">acts.csv' in row)
    assert "nothing could be read" in line
    assert "All its rows were refused: the check-up says why." in line
