"""The settings as the app shows and writes them: what was typed is checked, comments survive, nothing is half done."""

from __future__ import annotations

import html
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from goodwill.errors import SettingsError
from goodwill.settings import SETTINGS
from goodwill.web import audit, settings_file
from goodwill.web.settings_text import text_saying
from goodwill.web.site import Site
from goodwill.workspace import Workspace, open_workspace
from web_site import Visit, with_people, workspace

TEXT = """# our company
[company]
name = "Acme"  # as on the letterhead
currency = "EUR"

[teams.sales]  # two people
members = ["Ann", "Bo"]
hourly_cost = 60.0

[venues.x]
handles = ["acme"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace that was never run, with the text above."""
    made = workspace(tmp_path / "acme", is_run=False)
    (made / "goodwill.toml").write_text(TEXT, encoding="utf-8")
    return made


def _former(visit: Visit, at: str = "/settings") -> str:
    found = re.search(r'name="former" value="([0-9a-f]{64})"', visit.get(at).text)
    assert found
    return found[1]


def _save(visit: Visit, fields: Mapping[str, object]) -> object:
    return visit.post("/settings", {"former": _former(visit), **fields}, at="/settings")


def test_reads_and_writes_with_its_own_line_ends_mark_and_mode(folder: Path) -> None:
    path = folder / "goodwill.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    text, digest = settings_file.read(Workspace(folder))
    assert text == TEXT
    settings_file.write(Workspace(folder), TEXT.replace("Acme", "Bcme").replace("\n", "\r\n"), digest)
    assert path.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace("Acme", "Bcme").replace("\n", "\r\n").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (folder / settings_file.BEFORE).read_bytes().decode("utf-8-sig").replace("\r\n", "\n") == TEXT
    assert open_workspace(folder).name == "Bcme"


def test_a_link_stays_a_link(folder: Path, tmp_path: Path) -> None:
    (folder / "goodwill.toml").rename(tmp_path / "elsewhere.toml")
    (folder / "goodwill.toml").symlink_to(tmp_path / "elsewhere.toml")
    text, digest = settings_file.read(Workspace(folder))
    settings_file.write(Workspace(folder), text + "\n[analysis]\nseed = 3\n", digest)
    assert (folder / "goodwill.toml").is_symlink()
    assert "seed" in (tmp_path / "elsewhere.toml").read_text()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[company]\nnmae = 'x'", 2),
        ("[company]\nname = 'x\x00y'", 2),
        ("[company]\nname = '\ud800'", 2),
        ("a = " + "[" * 100_000, None),
        ("[company]\n" + "a." * 60_000 + "b = 1", 2),
        ("[" + "a." * 300 + "b]\nc = 1", 1),
        ("[company]\nname = ", 2),
        ("\x00", 1),
    ],
)  # fmt: skip
def test_nothing_is_written_of_a_text_that_cannot_be(folder: Path, text: str, line: int | None) -> None:
    before = (folder / "goodwill.toml").read_bytes()
    _, digest = settings_file.read(Workspace(folder))
    with pytest.raises(SettingsError) as told:
        settings_file.write(Workspace(folder), text, digest)
    assert told.value.remedy
    if line is not None:
        assert getattr(told.value.where, "line", None) == line
    assert str(folder) not in str(told.value)
    assert (folder / "goodwill.toml").read_bytes() == before
    assert not (folder / settings_file.BEFORE).exists()


def test_a_change_by_somebody_else_is_never_lost(folder: Path) -> None:
    _, digest = settings_file.read(Workspace(folder))
    (folder / "goodwill.toml").write_text(TEXT + "\n[analysis]\nseed = 9\n")
    with pytest.raises(SettingsError, match="has changed since"):
        settings_file.write(Workspace(folder), TEXT.replace("Acme", "Bcme"), digest)
    assert "seed = 9" in (folder / "goodwill.toml").read_text()


def test_a_write_that_fails_leaves_the_former_file_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, digest = settings_file.read(Workspace(folder))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Exception, match="full"):
        settings_file.write(Workspace(folder), TEXT + "\n[analysis]\nseed = 2\n", digest)
    assert (folder / "goodwill.toml").read_text() == TEXT
    assert [p.name for p in folder.iterdir() if p.name.startswith(".goodwill.toml")] == []


def test_comments_and_order_survive_and_only_the_change_is_made() -> None:
    now = tomllib.loads(TEXT)
    now["company"]["name"] = 'A "B" \\ C'
    now["teams"]["sales"]["members"].append("Cy")
    now["privacy"] = {"smallest_cell": 7, "retention": {"tickets": 12}}
    del now["company"]["currency"]
    made = text_saying(TEXT, now)
    assert tomllib.loads(made) == now
    for kept in ("# our company", "# as on the letterhead", "# two people", 'handles = ["acme"]'):
        assert kept in made
    assert made.index("[company]") < made.index("[teams.sales]") < made.index("[venues.x]") < made.index("[privacy]")


def test_a_text_that_says_it_already_stays_as_it_is() -> None:
    odd = TEXT + "\n[messages]\n\n  [goals.a]\nmetric   =   'win_rate'\n"
    assert text_saying(odd, tomllib.loads(odd)) is odd


def test_the_form_shows_every_setting_but_those_of_mappings(folder: Path) -> None:
    page = html.unescape(Visit(Site(folder)).get("/settings").text)
    for setting in SETTINGS:
        if setting.path.startswith("mapping."):
            assert f'"{setting.path}"' not in page
        elif "*" in setting.path:
            section, _, name = setting.path.split(".")
            assert f'name="{section}/0/{name}"' in page
        else:
            assert f'name="{setting.path}"' in page
            assert setting.meaning in page
    assert "default: 26" in page
    assert 'value="Acme"' in page


def test_the_form_writes_every_kind_and_says_what_changed(folder: Path) -> None:
    visit = Visit(Site(folder))
    answer = _save(visit, {
        "company.name": "Bcme", "company.rivals": "a.com\r\n\r\n b.com ", "company.gross_margin": "0.75",
        "company.currency": "", "windows.horizon_weeks": "12", "privacy.respect_do_not_track": "false",
        "privacy.retention.tickets": "24", "checks.harmless_channels": ["", "press", "display"],
        "teams/0/members": "Ann\r\nBo\r\nCy", "venues/1/name": "mastodon", "venues/1/handles": "@acme",
        "goals/0/name": "more", "goals/0/target": "0.3", "messages/0/name": "sleep", "messages/0/phrases": "sleep well",
    })  # fmt: skip
    assert answer.status_code == 303, answer.text
    now = open_workspace(folder)
    assert (now.name, now.rivals, now.gross_margin, now.horizon_weeks) == ("Bcme", ("a.com", "b.com"), 0.75, 12)
    assert now.currency == "EUR"
    assert "currency" not in (folder / "goodwill.toml").read_text()
    assert not now.respect_do_not_track
    assert now.retention == {"tickets": 24}
    assert now.harmless_channels == ("press", "display")
    assert now.teams["sales"].members == ("Ann", "Bo", "Cy")
    assert now.venues["mastodon"].handles == ("mastodon:acme",)
    assert now.goals["more"]["target"] == 0.3
    assert now.messages["sleep"] == ("sleep well",)
    told = visit.told("/settings")
    assert "company.name was Acme and is Bcme now" in told
    assert "counts from the next run" in told
    assert [entry.what for entry in audit.read(now)] == ["changed settings"]


def test_rows_are_renamed_and_removed(folder: Path) -> None:
    visit = Visit(Site(folder))
    assert _save(visit, {"teams/0/name": "field sales", "venues/0/remove": "yes"}).status_code == 303
    now = open_workspace(folder)
    assert list(now.teams) == ["field sales"]
    assert now.teams["field sales"].hourly_cost == 60.0
    assert now.venues == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"company.currency": "Euro"}, "is not the code of a currency"),
        ({"company.time_zone": "Berlin"}, "is not a time zone"),
        ({"company.gross_margin": "0,7"}, "must be a number"),
        ({"company.gross_margin": "7"}, "must lie between 0 and 1"),
        ({"analysis.seed": "1.5"}, "must be a whole number"),
        ({"analysis.as_of": "yesterday"}, "is not a day"),
        ({"windows.history_weeks": "9" * 29}, "must be a whole number from 0 to"),
        ({"checks.harmless_channels": "billboards"}, "must be a list of"),
        ({"company.name": "a\x00b"}, "cannot be seen"),
        ({"company.domains": "a\x07.com"}, "cannot be seen"),
        ({"privacy.respect_do_not_track": "maybe"}, "must be true or false"),
        ({"stages.lost": "Won"}, "cannot mean both won and lost"),
        ({"venues/1/name": "x", "venues/1/handles": "@b"}, "Another one has this name"),
        ({"venues/1/handles": "@b"}, "It needs a name"),
        ({"teams/0/hourly_cost": "-3"}, "must be a number, 0 or more"),
        ({"goals/0/name": "g" * 101}, "longer than 100"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_the_field_with_what_was_typed(
    folder: Path, fields: dict[str, str], said: str
) -> None:
    visit = Visit(Site(folder))
    answer = _save(visit, {"company.domains": "typed.example", **fields})
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert said in page
    assert 'class="wrong"' in page
    assert 'role="alert"' in page
    if "company.domains" not in fields:
        assert "typed.example" in page
    assert (folder / "goodwill.toml").read_text() == TEXT


def test_an_old_form_is_refused(folder: Path) -> None:
    visit = Visit(Site(folder))
    former = _former(visit)
    (folder / "goodwill.toml").write_text(TEXT + "\n[analysis]\nseed = 9\n")
    answer = visit.post("/settings", {"former": former, "company.name": "Bcme"}, at="/settings")
    assert answer.status_code == 422
    assert "has changed since this page was loaded" in answer.text
    assert "seed = 9" in (folder / "goodwill.toml").read_text()


def test_the_text_is_checked_with_its_line_and_comes_back_as_typed(folder: Path) -> None:
    visit = Visit(Site(folder))
    typed = TEXT.replace("currency", "curency").replace("\n", "\r\n")
    fields = {"former": _former(visit, "/settings/file"), "text": typed}
    answer = visit.post("/settings/file", fields, at="/settings/file")
    assert answer.status_code == 422
    assert "Line 4" in answer.text
    assert 'Did you mean "currency"' in html.unescape(answer.text)
    assert "curency = " in html.unescape(answer.text)
    fields["text"] = typed.replace("curency", "currency").replace("Acme", "Bcme")
    assert visit.post("/settings/file", fields, at="/settings/file").status_code == 303
    assert (folder / "goodwill.toml").read_bytes() == TEXT.replace("Acme", "Bcme").encode()


@pytest.mark.parametrize(
    "body", [b"text=%00", b"text=%ED%A0%80", b"text=" + b"%5B" * 50_000, b"", b"text=a%3D1&text=b"]
)
def test_hostile_texts_are_refused_and_never_break_the_app(folder: Path, body: bytes) -> None:
    visit = Visit(Site(folder))
    headers = {"x-csrf-token": visit.csrf("/settings"), "content-type": "application/x-www-form-urlencoded"}
    for address in ("/settings/file", "/settings"):
        answer = visit.client.post(address, content=body + b"&former=x", headers=headers)
        assert answer.status_code == 422
    assert (folder / "goodwill.toml").read_text() == TEXT


def test_a_broken_file_is_shown_as_text_and_can_be_mended(folder: Path) -> None:
    (folder / "goodwill.toml").write_text("[company]\nnmae = 'Acme'\n")
    visit = Visit(Site(folder))
    assert visit.get("/").status_code == 404
    page = visit.get("/settings")
    assert page.status_code == 200
    assert "Line 2" in page.text
    fields = {"former": _former(visit, "/settings/file"), "text": "[company]\nname = 'Acme'\n"}
    assert visit.post("/settings/file", fields, at="/settings/file").status_code == 303
    assert visit.get("/").status_code == 200


def test_readers_see_no_settings_and_change_none(folder: Path) -> None:
    visit = Visit(with_people(folder), name="bob")
    for address in ("/settings", "/settings/file"):
        assert visit.get(address).status_code == 403
        assert visit.post(address, {"former": "x", "text": ""}, at="/terms").status_code == 403
    assert (folder / "goodwill.toml").read_text() == TEXT


def test_a_change_after_the_last_run_is_told_with_a_way_to_run(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "acme")
    os.utime(folder / "goodwill.toml", (1, 1))
    visit = Visit(Site(folder))
    assert "Not in the answers yet" not in visit.get("/settings").text
    assert _save(visit, {"analysis.seed": "2"}).status_code == 303
    page = visit.get("/settings").text
    assert "Not in the answers yet" in page
    assert 'name="kind" value="run"' in page


def test_a_heading_with_nothing_under_it_is_no_change() -> None:
    assert settings_file.changed("", "[analysis]\n") == ()
    assert settings_file.changed("[analysis]\n[stages]\n", "[stages]\n") == ()
    assert settings_file.changed("[analysis]\n", "[analysis]\nlevel = 0.8\n") == (
        "analysis.level is 0.8 now; it was not set",
    )
