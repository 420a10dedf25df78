"""goodwill.toml: each setting, each way to get it wrong, and what a person is told then."""

from __future__ import annotations

import datetime as dt
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import Place, SettingsError
from goodwill.settings import SETTINGS, check
from goodwill.workspace import Workspace, open_workspace

#: For each kind of setting, values as TOML writes them that are right, and that are wrong.
RIGHT = {
    "text": ['""', '"a"'], "texts": ["[]", '["a", "b"]'], "integer": ["0", "7"], "weeks": ["0", "26", "1040"],
    "number": ["-1", "0.5", "1e9"], "cost": ["0", "49.5"], "share": ["0.1", "0.999"], "zone": ['"Europe/Berlin"'],
    "currency": ['"CHF"'], "table": ['"leads"'], "map": ["{}", '{ id = "Deal" }'],
    "lists": ["{}", '{ Type = ["New"] }'], "mark": ['"."', '","'], "hours": ['"08:30-17:00"'],
    "channels": ["[]", '["press", "event"]'], "truth": ["true", "false"], "months": ["1", "36"],
}  # fmt: skip
WRONG = {
    "text": ["1", "true", "2024-01-01", "[]", "{ a = 1 }"], "texts": ['"a"', "1", '["a", 1]', "{ a = 1 }"],
    "integer": ["-1", "1.0", '"1"', "true", "inf", "nan", "[]"], "weeks": ["-1", "1041", "26.0", '"26"', "inf", "true"],
    "number": ['"1"', "true", "inf", "nan", "[]", "1" + "0" * 400], "cost": ["-1", "nan", "inf", '"9"', "false"],
    "share": ["0", "1", "-0.5", "90", "nan", '"0.9"', "true"], "zone": ['"Mars"', '""', "1", '"../etc"'],
    "currency": ['"eur"', '"EURO"', "1", '""'], "table": ['"deals"', "1"], "map": ['"a"', "1", "{ a = 1 }", "[]"],
    "lists": ['"a"', '{ a = "b" }', "{ a = [1] }"], "mark": ['";"', '""', "1", "[]"],
    "hours": ['"9-17"', '"25:00-26:00"', "9", '""'],
    "channels": ['"press"', '["presse"]', "1", "{ a = 1 }"], "truth": ["1", '"yes"', "[]"],
    "months": ["0", "-1", "1201", "1.5", '"3"', "true"],
}  # fmt: skip
CASES = [(s.path, v) for s in SETTINGS for v in WRONG[s.kind] if not (s.path == "analysis.as_of" and v == "2024-01-01")]


def written(folder: Path, text: str | bytes) -> Path:
    (folder / "goodwill.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def refused(folder: Path, text: str | bytes) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        open_workspace(written(folder, text))
    assert caught.value.remedy
    return caught.value


def placed(path: str, value: str) -> str:
    """A file whose fourth line holds the setting."""
    *section, key = path.replace("*", "mine").split(".")
    head = f"[[{section[0]}]]" if section == ["mapping"] else f"[{'.'.join(section)}]"
    if section[0] == "mapping" and len(section) > 1:
        return f'[[mapping]]\nfile = "a"\n[{".".join(section)}]\n{key} = {value}\n'
    return f"# mine\n\n{head}\n{key} = {value}\n"


@pytest.mark.parametrize(("path", "value"), CASES)
def test_a_wrong_value_is_refused_with_its_line(tmp_path: Path, path: str, value: str) -> None:
    error = refused(tmp_path, placed(path, value))
    assert isinstance(error.where, Place)
    assert (error.where.line, error.where.file) == (4, "goodwill.toml")
    assert path.replace("*", "mine") in error.problem


@pytest.mark.parametrize(("path", "value"), [(s.path, v) for s in SETTINGS for v in RIGHT[s.kind]])
def test_a_right_value_is_taken(path: str, value: str) -> None:
    text = placed(path, value)
    check(tomllib.loads(text), text)


def test_the_examples_of_the_manual_are_right(tmp_path: Path) -> None:
    lines: dict[str, list[str]] = {}
    for setting in SETTINGS:
        section, _, key = setting.path.replace("*", "mine").rpartition(".")
        if section != "mapping.values" and setting.path.split(".")[0] != "mapping":
            lines.setdefault(section, []).append(f"{key} = {setting.example}")
    text = "\n".join(f"[{section}]\n" + "\n".join(rows) for section, rows in lines.items())
    found = open_workspace(written(tmp_path, text))
    assert (found.name, found.as_of, found.gross_margin) == ("Acme", dt.date(2025, 12, 31), 0.7)
    assert found.venues["mine"].handles == ("linkedin:acme",)


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    found = open_workspace(written(tmp_path, ""))
    expected = Workspace(tmp_path, won=("won", "closed won", "closedwon"), lost=("lost", "closed lost", "closedlost"))
    assert found == expected
    assert {s.path: s.default for s in SETTINGS}["analysis.level"] == found.level == 0.9


@pytest.mark.parametrize(
    ("text", "line", "said", "remedy"),
    [
        ('[company]\ncurency = "EUR"', 2, 'no setting "curency" in [company]', '"currency"'),
        ("[compny]\nname = 1", 1, "no section [compny]", "[company]"),
        ("[zzzzzz]\na = 1", 1, "no section [zzzzzz]", "Known sections"),
        ("\n[zzzzzz]", 2, "no section [zzzzzz]", "Known sections"),
        ("colour = 3", 1, "no section [colour]", "Known sections"),
        ("[venues.x]\nhandels = []", 2, 'no setting "handels" in [venues.x]', '"handles"'),
        ("company = 3", 1, "company is a section", "[company]"),
        ("[venues]\nx = 3", 2, "venues.x is a section", "[venues.x]"),
        ("[[company]]\nname = 'a'", 1, "company is a section", "[company]"),
        ("[mapping]\nfile = 'a'", 1, "a mapping is one of several", "[[mapping]]"),
        ("[[mapping]]\nvalues = 'a'", 2, "mapping.values is a section", "[mapping.values]"),
        ("[venues.x.y.z]\na = 1", 1, "nothing below it", "manual"),
        ("[stages]\nwon = ['Done']\nlost = ['x', ' DONE']", 3, '"done" cannot mean both', "Take it out"),
        ("[stages]\nlost = ['won']", 2, '"won" cannot mean both', "Take it out"),
        ("[analysis]\nas_of = '31.12.2025'", 2, "not a day", "2025-12-31"),
        ("[company]\nname = \n", 2, "not valid TOML", "quotes"),
        ("[company]\nname = 'a'\nname = 'b'", 3, "not valid TOML", "quotes"),
        ("[[mapping]]\nfile = 'a'", 1, "has no table", "table = "),
        ("[[mapping]]\ntable = 'leads'", 1, "has no file", "file = "),
    ],
)
def test_what_is_unknown_or_out_of_place_is_refused(
    tmp_path: Path, text: str, line: int, said: str, remedy: str
) -> None:
    error = refused(tmp_path, text)
    assert said in error.problem
    assert remedy in error.remedy
    assert isinstance(error.where, Place)
    assert error.where.line == line


def test_the_line_is_that_of_the_mapping_that_is_wrong(tmp_path: Path) -> None:
    good = '[[mapping]]\nfile = "a"\ntable = "leads"\n[mapping.columns]\nid = "Id"\n'
    error = refused(tmp_path, good + good.replace('id = "Id"', 'ident = "Id"'))
    assert error.where == Place("goodwill.toml", 6, "ident")
    error = refused(tmp_path, good + good.replace('"leads"', '"lead"'))
    assert (error.where, "leads" in error.problem) == (Place("goodwill.toml", 8), True)
    assert [m.line for m in open_workspace(written(tmp_path, good + "\n" + good)).mappings] == [1, 7]


def test_a_file_that_is_not_there_or_not_utf8_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no goodwill"):
        open_workspace(tmp_path)
    assert "not UTF-8" in refused(tmp_path, '[company]\nname = "Müller"'.encode("latin-1")).problem


def test_the_mark_that_windows_puts_first_does_not_matter(tmp_path: Path) -> None:
    assert open_workspace(written(tmp_path, b'\xef\xbb\xbf[company]\r\nname = "Acme"\r\n')).name == "Acme"


def test_handles_are_named_as_sources_name_them(tmp_path: Path) -> None:
    text = '[venues.x]\nhandles = ["@Acme", "acme_de", "x:@acme", "linkedin:acme"]'
    handles = open_workspace(written(tmp_path, text)).venues["x"].handles
    assert handles == ("x:Acme", "x:acme_de", "x:acme", "linkedin:acme")


SECTIONS = {s.path.split(".")[0] for s in SETTINGS}
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=8)
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(words.filter(lambda w: w not in SECTIONS), anything, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_unknown_section_is_refused_and_nothing_crashes(raw: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        check(raw, "")


@given(st.sampled_from(sorted(SECTIONS)), anything)
@settings(max_examples=100, deadline=None)
def test_whatever_a_known_section_holds_is_taken_or_refused(section: str, value: Any) -> None:
    with suppress(SettingsError):  # anything else is a crash
        check({section: value}, "")
