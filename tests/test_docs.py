"""The manual: generated pages are fresh, links lead somewhere, and what the pages name exists."""

import datetime as dt
import re
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
import typer

from goodwill.cli import app
from goodwill.exports import Locale, Sheet
from goodwill.registry import Question, Source, Terms, questions, sources
from goodwill.settings import SETTINGS
from goodwill.verdicts.judge import judge
from goodwill.vocabulary import TABLES
from goodwill.warehouse.duckdb_engine import open_file
from goodwill.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "goodwill"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


@cache
def generate() -> ModuleType:
    """docs/generate.py as a module."""
    spec = spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["generate"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return frozenset(generate().anchor(line.lstrip("#").strip()) for line in lines if line.startswith("#"))


def links(page: Path) -> list[str]:
    """Where a page links to inside the project; code is no link."""
    found = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    return [target for target in found if "://" not in target]


def example(after: str) -> dict[str, object]:
    """What the example behind a heading of ARCHITECTURE.md declares."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split(f"## {after}")[1]
    declared: dict[str, object] = {}
    exec(text.split("```python\n")[1].split("```")[0], declared)
    return declared


def test_generated_pages_are_fresh() -> None:
    stale = [str(p.relative_to(ROOT)) for p in generate().stale(generate().pages())]
    assert stale == [], "run: python docs/generate.py"


def test_a_stale_page_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("old", encoding="utf-8")
    assert page in generate().stale({page: "new"})
    assert page not in generate().stale({page: "old"})


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in links(page):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (heading and heading not in headings(target)):
            lost.append(link)
    assert lost == []


def test_every_source_question_and_command_has_a_page() -> None:
    commands = typer.main.get_command(app).commands
    groups = {name: command.commands for name, command in commands.items() if hasattr(command, "commands")}
    verbs = {*(commands.keys() - groups), *(f"{name}-{verb}" for name, verbs in groups.items() for verb in verbs)}
    for folder, names in (("sources", sources()), ("questions", questions()), ("commands", verbs)):
        written = {p.stem for p in (ROOT / "docs" / folder).glob("*.md")} - {"README"}
        assert written == set(names)


def test_every_setting_in_the_readme_exists() -> None:
    sections = "|".join(sorted({s.path.split(".")[0] for s in SETTINGS}))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{sections})\.[a-z_.*]+)`", text)
    assert named
    assert set(named) <= {s.path for s in SETTINGS}


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "docs/privacy.md", "docs/calibration.md"])
def test_every_command_that_is_named_exists(name: str) -> None:
    named = re.findall(r"`goodwill ([a-z]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert set(named) <= set(typer.main.get_command(app).commands)


def test_the_readme_answers_the_questions_that_are_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(docs/questions/([a-z_]+)\.md\)", text)) == set(questions())


def test_settings_said_to_be_unused_are_unused() -> None:
    code = [p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py") if p.stem not in ("settings", "workspace")]
    for setting in generate().UNUSED:
        attribute = setting.split(".")[-1]
        assert not any(f"workspace.{attribute}" in text for text in code), f"{setting} is used now"


def test_every_table_and_setting_is_explained() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    tables = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert all(f"`{s.path}`" in settings and s.meaning in settings for s in SETTINGS)
    assert all(f"`{c.name}`" in tables for t in TABLES.values() for c in t.columns)


def test_the_tree_names_what_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for entry in PACKAGE.iterdir():
        if entry.is_dir() and (entry / "__init__.py").exists():
            assert f"{entry.name}/" in text
        elif entry.suffix == ".py" and entry.stem != "__init__":
            assert entry.name in text


def test_the_example_of_a_source_runs() -> None:
    source = example("How to add a source")["SOURCE"]
    assert isinstance(source, Source)
    sheet = Sheet("a.csv", "", ("Post ID", "Posted", "Text"), 2, ())
    (relation,) = source.layouts[0].relations(sheet, Locale())
    assert set(relation.columns) <= {c.name for c in TABLES[relation.table].columns}
    assert {c.name for c in TABLES[relation.table].columns if c.required} <= set(relation.columns)


def test_the_example_of_a_question_runs() -> None:
    question = example("How to add a question")["QUESTION"]
    assert isinstance(question, Question)
    tables = open_file(None)
    tables.execute("CREATE TABLE tickets AS SELECT 'a' AS id, TIMESTAMP '2025-01-01' AS created_at")
    verdict = question.ask(tables, Terms(Workspace(ROOT), dt.datetime(2025, 2, 1), 0))
    tables.close()
    assert verdict.figures[0].value == 1
    assert judge([verdict])[0].standing == "described"


def test_every_python_example_can_be_parsed() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 3
    for code in examples:
        assert len(code.splitlines()) <= 40
        compile(code, "ARCHITECTURE.md", "exec")
