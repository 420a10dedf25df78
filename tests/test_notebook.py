"""The answers in a notebook: the same digits as everywhere, tables of any kind, HTML that is safe in any page."""

from __future__ import annotations

import builtins
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import goodwill
from goodwill.errors import GoodwillError
from goodwill.notebook import Answers, frames
from goodwill.report import numbers, words
from goodwill.report.terminal import as_rows, plain_scorecard
from kept_answers import keep, warehouse
from small_workspaces import handmade
from stored_verdicts import verdicts, win_rate

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> {{ 7*7 }}'


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return goodwill.open(warehouse(keep(tmp_path_factory.mktemp("notebook") / "acme")))


class Reader(HTMLParser):
    """Tags, their attributes, and the text of a piece of HTML; complains where a tag is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.styles, self.open = "", "", list[str]()
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles += data
        else:
            self.text += data


# --- the mapping ------------------------------------------------------------------------------------------------------


def test_importing_goodwill_loads_nothing_heavy() -> None:
    heavy = {"numpy", "pyarrow", "duckdb", "altair", "scipy", "pandas"}
    code = f"import sys, goodwill; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
    assert set(goodwill.__all__) == {"open", "__version__"}
    assert callable(builtins.open)


def test_it_is_a_mapping_of_questions(study: Answers) -> None:
    names = tuple(verdict.question for verdict in verdicts())
    assert study.questions == tuple(study) == names
    assert len(study) == len(names)
    assert "win_rate" in study
    assert "winrate" not in study
    assert study.get("winrate") is None
    assert [answer.question for answer in study.values()] == list(names)


def test_an_unknown_name_is_told_with_the_nearest(study: Answers) -> None:
    with pytest.raises(GoodwillError, match="winrate") as told:
        study["winrate"]
    assert told.value.remedy == "Did you mean win_rate?"
    assert isinstance(told.value, KeyError)
    for wrong, near in (
        (lambda: study["win_rate"].facts("curve"), "curves"),
        (lambda: study["win_rate"].explain("naiv"), "naive"),
        (lambda: study.table("timelines"), "timeline"),
    ):
        with pytest.raises(GoodwillError) as told:
            wrong()
        assert near in told.value.remedy


def test_no_answers_yet(tmp_path: Path) -> None:
    (tmp_path / "goodwill.toml").write_text('[company]\nname = "Acme"\n', encoding="utf-8")
    with pytest.raises(GoodwillError, match="no answers yet"):
        goodwill.open(tmp_path)
    with pytest.raises(GoodwillError, match=r"no goodwill\.toml"):
        goodwill.open(tmp_path / "nowhere")


# --- the same digits --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("verdict", verdicts(), ids=lambda v: v.question)
def test_every_figure_is_the_one_that_was_kept(study: Answers, verdict: Any) -> None:
    answer = study[verdict.question]
    figure = verdict.headline
    assert answer.verdict == type(verdict).from_json(verdict.to_json())
    assert answer.value == (figure.value if figure else None)
    has_ends = figure is not None and figure.low is not None
    assert answer.interval == ((figure.low, figure.high) if has_ends else None)
    assert (answer.standing, answer.grade) == (verdict.standing, verdict.grade)
    rows = answer.figures().to_pylist()
    assert [row["written"] for row in rows] == [numbers.show(f, "EUR") for f in verdict.every_figure()]
    assert [row["value"] for row in rows] == [f.value for f in verdict.every_figure()]
    shown, told = repr(answer), Reader(answer._repr_html_()).text
    for text in (shown, told):
        assert words.sentence(verdict, "EUR") in text
    for f in verdict.every_figure():
        assert numbers.show(f, "EUR") in told
        assert numbers.show_interval(f, "EUR") in told


def test_the_scorecard_is_that_of_the_terminal(study: Answers) -> None:
    card = study.scorecard()
    assert repr(card) == plain_scorecard(study.verdicts, study.meta)
    assert card.table().column("value").to_pylist() == [row["value"] for row in as_rows(study.verdicts)]
    told = Reader(card._repr_html_()).text
    for verdict in verdicts():
        assert words.title(verdict) in told
        assert words.brief(verdict, "EUR") in told


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_facts_in_every_kind_of_table(study: Answers) -> None:
    answer = study["win_rate"]
    rows = answer.verdict.facts["curves"]
    assert answer.facts("curves").to_pylist() == rows
    arrays = answer.arrays("curves")
    assert arrays["share"].dtype == np.float64
    assert arrays["share"].tolist() == [row["share"] for row in rows]
    assert answer.to_pandas("curves").to_dict("records") == rows
    assert answer.to_polars("curves").to_dicts() == rows
    assert answer.to_pandas()["figure"].tolist() == answer.to_polars()["figure"].to_list()
    assert list(study.scorecard().to_pandas()["question"]) == study.scorecard().to_polars()["question"].to_list()


def test_a_hidden_count_is_absent_and_not_a_number() -> None:
    table = frames.as_table([{"n": 12, "share": None}, {"n": "< 5", "share": 0.25}, {"n": "not shown", "share": None}])
    assert table.column("n").to_pylist() == [12, None, None]
    found = frames.as_arrays(table)
    assert np.isnan(found["n"][1:]).all()
    assert np.isnan(found["share"][[0, 2]]).all()


def test_a_missing_package_is_named(study: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(GoodwillError, match=f"{package} is not installed") as told:
            getattr(study["win_rate"], f"to_{package}")()
        assert f"pip install {package}" in told.value.remedy


def test_queries_read_the_warehouse(study: Answers) -> None:
    assert isinstance(study.table("timeline"), pa.Table)
    assert study.table("timeline").num_rows == 3
    found = study.sql("SELECT venue, count(*) AS n FROM timeline WHERE touch < $most GROUP BY venue", most=3)
    assert found.to_pylist() == [{"venue": "x", "n": 2}]


@pytest.mark.parametrize(
    "query",
    ["DROP TABLE timeline", "SELECT 1; SELECT 2", "COPY timeline TO 'x.csv'", "ATTACH 'y.duckdb'", "", "SELEC 1",
     "SELECT nobody FROM timeline", "INSERT INTO timeline VALUES ('x', 4)"],
)  # fmt: skip
def test_anything_but_one_select_is_refused(study: Answers, query: str) -> None:
    with pytest.raises(GoodwillError) as told:
        study.sql(query)
    assert told.value.remedy
    assert study.table("timeline").num_rows == 3


# --- pictures and HTML ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_charts_are_shown_and_saved(study: Answers, tmp_path: Path) -> None:
    charts = study["win_rate"].charts
    assert [chart.name for chart in charts][:3] == ["curves", "ends", "horizons"]
    assert charts[0].sees in charts[0]._repr_svg_()
    assert charts[0].save(tmp_path / "curves.svg").read_text(encoding="utf-8") == charts[0].svg
    assert charts[0].save(str(tmp_path / "curves.PNG")).read_bytes().startswith(b"\x89PNG")
    with pytest.raises(GoodwillError, match="SVG or PNG"):
        charts[0].save(tmp_path / "curves.gif")
    assert study["sales_cycle"].charts or not study["sales_cycle"].verdict.facts


@pytest.mark.slow
def test_html_is_safe_and_keeps_to_itself(tmp_path: Path) -> None:
    figure = replace(win_rate().headline or win_rate().figures[0], label=HOSTILE)
    hostile = replace(win_rate(), asks=HOSTILE, headline=figure, missing=HOSTILE, notes=(HOSTILE,))
    study = goodwill.open(keep(tmp_path, (hostile,)))
    answer = study["win_rate"]
    for html in (answer._repr_html_(), study._repr_html_(), answer.explain()._repr_html_()):
        page = Reader(html)
        assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
        assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
        assert not [
            a for _, attributes in page.tags for a in attributes.values() if a and "://" in a and "w3.org" not in a
        ]
        rules = [rule.rpartition("}")[2] for rule in page.styles.split("{")[:-1]]
        selectors = [part for rule in rules if not rule.strip().startswith("@") for part in rule.split(",")]
        assert selectors
        assert all(".goodwill-cell" in part for part in selectors if part.strip())
        assert "url(" not in page.styles
    assert HOSTILE in Reader(answer._repr_html_()).text
    assert "49" not in Reader(study._repr_html_()).text.replace("7*7", "")


def test_an_explanation_says_what_stands_behind(study: Answers) -> None:
    answer = study["win_rate"]
    told, of_naive = repr(answer.explain()), repr(answer.explain("naive"))
    assert told.splitlines()[0] == answer.sentence
    assert "+6.1 points" in told
    assert "+14.2 points" in of_naive
    assert "shuffled exposure" in told
    page = Reader(answer.explain()._repr_html_())
    assert [tag for tag, _ in page.tags].count("details") > 4
    assert answer.sentence in page.text


# --- running ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_running_again_gives_new_answers_and_leaves_the_old(tmp_path: Path) -> None:
    folder = handmade(tmp_path / "acme")
    first = goodwill.open(keep(folder, (win_rate(),)))
    second = first.run(only=["cost"])
    assert first.questions == ("win_rate",)
    assert second.questions == ("cost",)
    assert goodwill.open(folder).questions == ("cost",)
    assert second.table("opportunities").num_rows == 20
    with pytest.raises(GoodwillError, match="no question"):
        second.run(only=["costs"])
