"""The first two commands of a newcomer: what init writes can be used, and what scan proposes can be pasted."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from commands import ORDERS, goodwill, workspace
from goodwill.settings import SETTINGS
from goodwill.workspace import open_workspace


def test_what_init_writes_is_valid_as_written(tmp_path: Path) -> None:
    folder = tmp_path / 'Acme "and" Söhne'
    said = goodwill("init", folder)
    assert (said.code, said.out) == (0, f"{folder / 'goodwill.toml'}\n")
    assert "goodwill scan" in said.err
    assert (folder / "exports").is_dir()
    opened = open_workspace(folder)
    assert opened.name == folder.name
    (tmp_path / "goodwill.toml").write_text("", encoding="utf-8")
    assert opened == replace(open_workspace(tmp_path), root=folder, name=folder.name), "only the name is set"


def test_every_commented_example_is_an_accepted_setting(tmp_path: Path) -> None:
    goodwill("init", tmp_path)
    lines = (tmp_path / "goodwill.toml").read_text(encoding="utf-8").splitlines()
    in_force = [line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in lines]
    (tmp_path / "goodwill.toml").write_text("\n".join(in_force), encoding="utf-8")
    opened = open_workspace(tmp_path)
    assert opened.as_of is not None
    assert len(opened.mappings) == 1
    said = tomllib.loads("\n".join(in_force))
    for setting in SETTINGS:
        here = said
        for key in setting.path.split("."):
            here = here[0] if isinstance(here, list) else here
            here = next(iter(here.values())) if key == "*" else here[key]
        assert here != {}, setting.path


def test_each_example_alone_is_accepted_in_its_section(tmp_path: Path) -> None:
    goodwill("init", tmp_path)
    path = tmp_path / "goodwill.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    sections = [i for i, line in enumerate(lines) if line.lstrip("#").startswith("[") and "mapping" not in line]
    tried = 0
    for i, line in enumerate(lines):
        before = [s for s in sections if s < i]
        if not line.startswith("#") or line.startswith(("# ", "#[")) or "[[mapping]]" in "".join(lines[:i]):
            continue
        changed = [x.lstrip("#") if n in (i, before[-1]) else x for n, x in enumerate(lines)]
        path.write_text("\n".join(changed), encoding="utf-8")
        open_workspace(tmp_path)
        tried += 1
    assert tried > 15


def test_init_twice_refuses_and_changes_nothing(tmp_path: Path) -> None:
    goodwill("init", tmp_path)
    (tmp_path / "goodwill.toml").write_text("# mine\n")
    said = goodwill("init", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert (tmp_path / "goodwill.toml").read_text() == "# mine\n"


def test_a_new_workspace_without_exports_says_where_to_put_them(tmp_path: Path) -> None:
    goodwill("init", tmp_path)
    said = goodwill("scan", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert str(tmp_path / "exports") in said.err


@pytest.mark.parametrize("name", ["orders.csv", "orders [EU] (1).csv"])
def test_what_scan_proposes_can_be_pasted(tmp_path: Path, name: str) -> None:
    folder = workspace(tmp_path / "w")
    (folder / "exports" / name).write_text(ORDERS, encoding="utf-8")
    said = goodwill("scan", folder, "--format", "json")
    assert said.code == 1, "an unknown table needs a look"
    assert said.json[0]["source"] == "unknown"
    mapping = said.err[said.err.index("[[mapping]]") :]
    assert tomllib.loads(mapping)["mapping"][0]["table"] == "orders"
    mapping = mapping.replace("[[mapping]]", '[[mapping]]\ndecimal = ","')
    with (folder / "goodwill.toml").open("a", encoding="utf-8") as settings:
        settings.write(mapping)
    again = goodwill("scan", folder, "--format", "json")
    assert again.code == 0
    assert again.json[0] | {"note": ""} == {
        "file": name, "sheet": "", "source": "mapped", "confidence": 1.0, "rows": 2, "first": "2025-03-01",
        "last": "2025-03-02", "not_understood": again.json[0]["not_understood"], "note": "",
    }  # fmt: skip


def test_constants_that_a_proposal_names_can_be_filled_in(tmp_path: Path) -> None:
    text = "When,Email,Post ID,Network\n2025-03-01 10:00,ann@fern.example,p1,x\n"
    folder = workspace(tmp_path / "w", touches__csv=text)
    mapping = (said := goodwill("scan", folder).err)[said.index("[[mapping]]") :]
    assert '# verb = ""' in mapping
    for column, value in (("verb", "Like"), ("channel_group", "organic_social"), ("direction", "inbound")):
        mapping = mapping.replace(f'# {column} = ""', f'{column} = "{value}"')
    with (folder / "goodwill.toml").open("a", encoding="utf-8") as settings:
        settings.write(mapping)
    assert [row["source"] for row in goodwill("scan", folder, "--format", "json").json] == ["mapped"]
    assert goodwill("run", folder, "--question", "conversation", "--format", "json").json[0]["standing"] == "described"


def test_a_mapping_that_names_no_file_is_told(tmp_path: Path) -> None:
    settings = '[[mapping]]\nfile = "order.csv"\ntable = "orders"\n'
    folder = workspace(tmp_path / "w", settings, orders__csv=ORDERS)
    found = {row["finding"]: row for row in goodwill("doctor", folder, "--format", "json").json}
    assert found["mapping without a file"]["where"] == ["goodwill.toml, line 1"]
    assert "order.csv" in found["mapping without a file"]["problem"]
