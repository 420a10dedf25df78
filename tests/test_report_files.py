"""The files beside report.html: pictures that stand alone, tables for spreadsheets, whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from goodwill.doors import answer, report_files
from goodwill.errors import GoodwillError
from goodwill.glossary import TERMS
from goodwill.keeping import kept
from goodwill.report import theme
from goodwill.report.figure_files import as_png, figure_files
from goodwill.report.numbers import show
from goodwill.report.pages import Drawn, draw, render
from goodwill.report.table_files import table_files
from goodwill.study import Study
from goodwill.verdicts import Figure, Verdict
from goodwill.workspace import open_workspace
from kept_answers import keep
from stored_verdicts import META, verdicts

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(verdicts(), META.currency)


@pytest.fixture(scope="module")
def svgs(drawn: Drawn) -> dict[str, str]:
    return figure_files(drawn, META)


@pytest.fixture(scope="module")
def tables(drawn: Drawn) -> dict[str, list[dict[str, str]]]:
    return {name: rows_of(text) for name, text in table_files(drawn, META).items()}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def of(question: str) -> Verdict:
    return next(verdict for verdict in verdicts() if verdict.question == question)


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_every_picture_of_the_page_is_a_file(drawn: Drawn, svgs: dict[str, str]) -> None:
    on_page = [it for section in drawn.sections for place in section.shown.values() for it in place]
    assert len(svgs) == len(on_page) + 1
    assert {"all-effects.svg", "win_rate-curves.svg", "cost-by_venue.svg"} <= set(svgs)


def test_a_picture_needs_no_page_around_it(svgs: dict[str, str]) -> None:
    light = {colour.light for colour in theme.COLOURS}
    for name, text in svgs.items():
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg", name
        assert "var(" not in text
        assert "style" not in text
        coloured = re.findall(r'(?:fill|stroke)="(#[^"]*)"', text)
        assert set(coloured) <= light, name
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        ground = root.find(f"{SVG}rect")
        assert ground is not None
        assert (ground.attrib["width"], ground.attrib["fill"]) == (root.attrib["width"], "#ffffff")
        assert root.attrib["viewBox"] == f"0 0 {width:g} {height:g}"


def test_a_picture_says_what_it_shows(drawn: Drawn, svgs: dict[str, str]) -> None:
    root = ElementTree.fromstring(svgs["win_rate-curves.svg"])
    title, told = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    section = next(s for s in drawn.sections if s.verdict.question == "win_rate")
    picture = section.shown["answer"][0].picture
    assert title == f"Win rate. {picture.sees}"
    assert told == f"{picture.panels[0].heading}. {picture.panels[0].told}"
    words = "".join(root.itertext())
    assert picture.panels[0].heading in words
    assert "Acme Hydraulics, as of 2025-12-31" in words


def test_parts_of_a_picture_lie_below_each_other_and_inside(svgs: dict[str, str]) -> None:
    for name, text in svgs.items():
        root = ElementTree.fromstring(text)
        tops = [float(group.attrib["transform"].split(",")[1].rstrip(")")) for group in root.findall(f"{SVG}g")]
        assert tops == sorted(set(tops)), name
        assert tops[-1] < float(root.attrib["height"]), name


@pytest.mark.slow
def test_hostile_words_stay_words() -> None:
    hostile = replace(META, company="<script>alert(1)</script> & Co\x1b")
    for text in figure_files(draw([of("win_rate")], "EUR"), hostile).values():
        root = ElementTree.fromstring(text)
        assert not root.findall(f".//{SVG}script")
        assert "<script>alert(1)</script> & Co" in "".join(root.itertext())


def test_a_png_is_twice_as_large_and_drawn_on_white(svgs: dict[str, str]) -> None:
    text = svgs["win_rate-curves.svg"]
    png = as_png(text)
    assert png.startswith(b"\x89PNG")
    size = [int.from_bytes(png[at : at + 4]) for at in (16, 20)]
    root = ElementTree.fromstring(text)
    assert size == [round(2 * float(root.attrib[side])) for side in ("width", "height")]
    without_words = re.sub(r"<text[^>]*>[^<]*</text>", "", text)
    assert len(png) > len(as_png(without_words)) + 1000, "no letters were drawn"


# --- tables -----------------------------------------------------------------------------------------------------------


def test_every_table_of_the_page_is_a_file(drawn: Drawn, tables: dict[str, list[dict[str, str]]]) -> None:
    for section in drawn.sections:
        question = section.verdict.question
        assert len(tables.get(f"{question}-figures.csv", [])) == len(section.figures)
        assert len(tables.get(f"{question}-checks.csv", [])) == len(section.checks)
        for it in (it for place in section.shown.values() for it in place if it.table):
            assert it.table
            assert len(tables[f"{question}-{it.picture.facts}.csv"]) == len(it.table.rows) + it.table.left_out
    assert [row["question"] for row in tables["all-answers.csv"]] == [v.question for v in verdicts()]
    assert [row["file"] for row in tables["files-read.csv"]] == [part.file for part in META.refused]


def test_figures_are_those_of_the_report(tables: dict[str, list[dict[str, str]]]) -> None:
    for verdict in verdicts():
        rows = tables.get(f"{verdict.question}-figures.csv", [])
        for figure, row in zip(verdict.every_figure(), rows, strict=True):
            assert row["written"] == show(figure, META.currency)
            assert row["value"] == ("" if figure.value is None else str(figure.value))
            assert row["unit"] == figure.unit


def test_numbers_stay_numbers(tables: dict[str, list[dict[str, str]]]) -> None:
    first = of("win_rate").facts["horizons"][0]
    row = tables["win_rate-horizons.csv"][0]
    assert {name: float(row[name]) for name in ("value", "low", "high")} == {
        n: first[n] for n in ("value", "low", "high")
    }
    assert row["unit"] == "points"


def test_names_of_people_do_not_reach_a_table() -> None:
    named = {"covariate": "owner=Jane Roe", "before": 0.4, "after": 0.02}
    verdict = replace(of("win_rate"), facts={"balance": [named]})
    files = table_files(draw([verdict], "EUR"), META)
    assert "owner" in files["win_rate-balance.csv"]
    assert not [name for name, text in files.items() if "Jane" in text]


def test_hidden_counts_stay_hidden() -> None:
    figure = Figure("people", "people who came", 5.0, "few")
    text = table_files(draw([replace(of("cost"), figures=(figure,))], "EUR"), META)["cost-figures.csv"]
    row = rows_of(text)[-1]
    assert (row["value"], row["unit"], row["written"]) == ("< 5", "count", "< 5")


# --- on disk ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = keep(tmp_path_factory.mktemp("report") / "made", (of("funnel"), of("cost")))
    answer.report(folder)
    return folder


@pytest.fixture
def acme(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "acme")


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    paths = [folder / "report.html", *(folder / "figures").iterdir(), *(folder / "tables").iterdir()]
    return {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def again(folder: Path, *, is_new: bool = False) -> None:
    workspace = open_workspace(folder)
    answer.write(workspace, Study(*kept(workspace), (), is_new=is_new))


def test_a_report_comes_with_its_files(acme: Path) -> None:
    assert {"all-effects.svg", "funnel-stages.svg", "cost-by_venue.svg"} <= {
        p.name for p in (acme / "figures").iterdir()
    }
    assert not list((acme / "figures").glob("*.png"))
    read = rows_of((acme / "tables" / "files-read.csv").read_text(encoding="utf-8"))
    assert read[0]["file"] == "'=cmd.csv"
    assert not (acme / ".building").exists()


def test_what_shows_the_answers_is_left_alone(acme: Path) -> None:
    before = state(acme)
    again(acme)
    assert state(acme) == before


@pytest.mark.slow
@pytest.mark.parametrize("spoilt", ["tables/funnel-figures.csv", "figures/funnel-stages.svg", "figures/funnel-old.svg"])
def test_what_was_spoilt_is_written_again(acme: Path, spoilt: str) -> None:
    before = {name: content for name, (_, content) in state(acme).items()}
    (acme / spoilt).write_text("<svg/>", encoding="utf-8")  # altered, or of a former report
    again(acme)
    assert {name: content for name, (_, content) in state(acme).items()} == before
    shutil.rmtree((acme / spoilt).parent)
    again(acme)
    assert {name: content for name, (_, content) in state(acme).items()} == before


def test_files_of_former_answers_vanish_and_own_files_stay(acme: Path) -> None:
    (acme / "figures" / "logo.svg").write_text("<svg/>", encoding="utf-8")
    (acme / "tables" / "by hand").mkdir()
    (acme / "tables" / "by hand" / "notes.csv").write_text("a\n", encoding="utf-8")
    shutil.rmtree(acme / "verdicts")
    keep(acme, (of("cost"),), fingerprint="1" * 32)
    answer.report(acme)
    assert {p.name for p in (acme / "figures").iterdir()} == {"cost-by_venue.svg", "logo.svg"}
    assert {p.name for p in (acme / "tables").iterdir()} == {
        "all-answers.csv", "files-read.csv", "cost-by_venue.csv", "cost-figures.csv", "by hand",
    }  # fmt: skip
    assert (acme / "tables" / "by hand" / "notes.csv").read_text(encoding="utf-8") == "a\n"


def test_png_is_written_where_it_is_wanted_and_goes_with_the_next_report(tmp_path: Path) -> None:
    folder = keep(tmp_path / "acme", (of("cost"),))
    answer.report(folder, has_png=True)
    names = {p.name for p in (folder / "figures").iterdir()}
    assert names == {"cost-by_venue.svg", "cost-by_venue.png"}
    before = state(folder)
    again(folder)
    assert state(folder) == before
    answer.report(folder)
    assert {p.name for p in (folder / "figures").iterdir()} == {"cost-by_venue.svg"}


def test_a_fault_on_the_way_leaves_the_former_files(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(acme)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_files, "replace_folder", fail)
    with pytest.raises(GoodwillError, match="full"):
        again(acme, is_new=True)
    assert state(acme) == before


def test_a_crash_between_two_renames_gives_the_folder_back(acme: Path) -> None:
    (acme / "figures" / "logo.svg").write_text("<svg/>", encoding="utf-8")
    (acme / ".building").mkdir()
    (acme / "figures").rename(acme / ".building" / "former-figures")
    again(acme)
    assert (acme / "figures" / "logo.svg").exists()
    assert (acme / "figures" / "funnel-stages.svg").exists()
    assert not (acme / ".building").exists()


def test_a_file_where_a_folder_belongs_is_told(tmp_path: Path) -> None:
    folder = keep(tmp_path / "acme", (of("cost"),))
    (folder / "tables").write_text("mine", encoding="utf-8")
    with pytest.raises(GoodwillError, match="cannot be written"):
        answer.report(folder)
    assert (folder / "tables").read_text(encoding="utf-8") == "mine"


@pytest.mark.slow
def test_the_page_stays_small_enough_to_send() -> None:
    """Three years of five venues, as the simulated company of the demo has them, for each question that tells weeks."""
    rows = [
        {"week": (dt.date(2023, 1, 2) + dt.timedelta(weeks=week)).isoformat(), "venue": venue}
        | {
            "posts": week % 7,
            "replies": week % 5,
            "comments": 3 * week % 61,
            "people": 40 + week % 9,
            "impressions": 9e4,
        }
        for week in range(157)
        for venue in ("linkedin", "x", "mastodon", "youtube", "site")
    ]
    large = [replace(v, facts=v.facts | {"by_week": rows}) if v.question == "conversation" else v for v in verdicts()]
    assert 300_000 < len(render(large, META, TERMS).encode()) < 3_000_000
