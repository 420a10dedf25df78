"""Former runs in the app: listed, compared in the order of time, and read as they were without a way into tables."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from goodwill import history, keeping
from goodwill.report.run_differences import OTHER, SAME, differences
from goodwill.report.then_and_now import then_and_now
from goodwill.verdicts.verdict import Figure, Verdict
from goodwill.web.site import Site
from goodwill.workspace import open_workspace
from web_site import Visit, with_people, workspace

UP = Verdict(
    "win_rate", "Does social raise the chance?", unit="opportunity", standing="supported", grade="C", n=900,
    headline=Figure("effect", "Effect", 0.06, "points", n=900, low=0.01, high=0.11, definition="win_rate_created"),
)  # fmt: skip
DOWN = replace(
    UP, standing="contradicted", headline=Figure("effect", "Effect", -0.05, "points", n=950, low=-0.09, high=-0.01)
)
MANIFEST = {
    "version": "1", "company": "Acme", "currency": "EUR", "as_of": "2024-03-31", "period": ["2024-01-01", "2024-03-31"],
    "seed": 1, "level": 0.9, "coverage": {}, "inputs": [{"file": "a.csv", "sha256": "1", "tables": [], "rows": 3,
    "refused": 0, "same_as": None, "error": None, "notes": [], "unknown_sheets": []}],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A workspace with three runs: an effect, the same again, and its opposite."""
    made = workspace(tmp_path / "acme", is_run=False)
    of = open_workspace(made)
    history.keep(of, [UP], MANIFEST | {"fingerprint": "a"})
    history.keep(
        of, [UP, replace(UP, question="sales<b>", asks="<script>?")], MANIFEST | {"fingerprint": "b", "seed": 2}
    )
    later = [given | {"sha256": "2"} for given in MANIFEST["inputs"]]
    history.keep(of, [DOWN], MANIFEST | {"fingerprint": "c", "as_of": "2024-06-30", "inputs": later})
    return made


def test_without_a_run_the_page_says_so(tmp_path: Path) -> None:
    page = Visit(Site(workspace(tmp_path / "acme", is_run=False))).get("/history")
    assert page.status_code == 200
    assert "No run is kept yet" in page.text


def test_runs_are_listed_newest_first_with_what_had_changed(folder: Path) -> None:
    page = Visit(Site(folder)).get("/history").text
    assert page.index("/history/3") < page.index("/history/2") < page.index("/history/1")
    assert "The last day that counts was 2024-03-31 and is 2024-06-30." in page
    assert "Changed: a.csv." in page
    assert "The seed was 1 and is 2. Asked besides: sales" in page
    assert "1 contradicted" in page


def test_long_lists_have_pages(folder: Path) -> None:
    of = open_workspace(folder)
    for n in range(25):
        history.keep(of, [UP], MANIFEST | {"fingerprint": f"more {n}"})
    visit = Visit(Site(folder))
    assert ">Run 28<" in visit.get("/history").text
    last = visit.get("/history?page=2").text
    assert ">Run 1<" in last
    assert ">Run 28<" not in last
    assert visit.get("/history?page=999").text.count(">Run 1<") == 1


def test_two_runs_are_compared_in_the_order_of_time(folder: Path) -> None:
    visit = Visit(Site(folder))
    page = html.unescape(visit.get("/history/compare?a=3&b=1").text)
    assert page.split("<main")[1] == html.unescape(visit.get("/history/compare?a=1&b=3").text).split("<main")[1]
    assert "What changed from run 1, as of 2024-03-31, to run 3, as of 2024-06-30" in page
    assert "Supported: +6.0 points (1.0 to 11.0 points)" in page
    assert page.index("What had changed beforehand") < page.index("The answers, then and later")
    assert "Contradicted: −5.0 points (−9.0 to −1.0 points)" in page
    assert "Now the opposite is found" in page
    assert 'role="img"' in page
    assert "Changed: a.csv." in page
    assert 'href="/history/1/questions/win_rate"' in page


def test_an_answer_is_shown_as_it_was_and_leads_to_no_rows(folder: Path) -> None:
    visit = Visit(Site(folder))
    page = visit.get("/history/1/questions/win_rate").text
    assert "as it was in run 1, as of 2024-03-31" in page
    assert "+6.0 points" in page
    assert "/claims/" not in page
    assert 'href="#' not in page.replace('href="#main"', "")
    assert "<script>?" not in visit.get("/history/2").text
    assert visit.get("/history/2/questions/sales%3Cb%3E").status_code == 200


def test_a_new_run_is_seen_at_once(folder: Path) -> None:
    visit = Visit(Site(folder))
    assert ">Run 4<" not in visit.get("/history").text
    history.keep(open_workspace(folder), [UP], MANIFEST | {"fingerprint": "d"})
    assert ">Run 4<" in visit.get("/history").text


def test_a_damaged_run_is_told_and_hides_no_other(folder: Path) -> None:
    (folder / "history" / "0002" / "win_rate.json").write_text("{}")
    (folder / "history" / "0001" / keeping.MANIFEST).write_text("nothing")
    visit = Visit(Site(folder))
    page = visit.get("/history")
    assert page.status_code == 200
    assert page.text.count("is damaged") == 2
    assert visit.get("/history/2").status_code == 404
    assert visit.get("/history/3").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/history/9", "/history/0", "/history/x", "/history/1/questions/nothing", "/history/1/questions/%00%ED%A0%80",
        "/history/compare", "/history/compare?a=1&b=1", "/history/compare?a=1&b=99", "/history/compare?a=-1&b=2",
        f"/history/compare?a=1&b={10**30}", "/history?page=0", "/history?page=x", "/history/1e3",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(folder: Path, address: str) -> None:
    assert Visit(Site(folder)).get(address).status_code in (404, 422)


@pytest.mark.slow
def test_readers_may_look(folder: Path) -> None:
    visit = Visit(with_people(folder), name="bob")
    for address in ("/history", "/history/compare?a=1&b=2", "/history/1", "/history/1/questions/win_rate"):
        assert visit.get(address).status_code == 200


def test_differences_name_files_and_what_manifests_cannot_tell() -> None:
    was = MANIFEST | {"fingerprint": "a"}
    many = [{"file": f"{n}.csv", "sha256": "1"} for n in range(8)]
    assert differences(was, was) == (SAME,)
    assert differences(was, was | {"fingerprint": "b"}) == (OTHER,)
    told = differences(was, was | {"inputs": many, "currency": "USD"})
    assert told == ("The currency was EUR and is USD.", "Added: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 3 more files.",
                    "Removed: a.csv.")  # fmt: skip


def test_the_picture_holds_only_what_can_be_compared() -> None:
    other = replace(UP, question="sales", unit="customer", headline=Figure("effect", "Effect", 300.0, "money"))
    picture = then_and_now([UP, other], [DOWN, replace(other, unit="account")], "EUR", names=("run 1", "run 2"))
    assert picture is not None
    assert [panel.heading for panel in picture.panels] == ["In percentage points"]
    told = picture.panels[0].told
    assert told == "Win rate: run 1 +6.0 points (1.0 to 11.0 points); run 2 −5.0 points (−9.0 to −1.0 points)."
    assert then_and_now([UP], [other], "EUR", names=("run 1", "run 2")) is None
