"""Exports that a browser sends: what is taken, what is refused, and that nothing is ever replaced or half there."""

import bz2
import errno
import gzip
import io
import json
import lzma
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from goodwill.errors import ExportError, GoodwillError
from goodwill.web import audit, uploads
from goodwill.web.site import Site
from goodwill.web.uploads import FOLDER, safe_name, take
from goodwill.workspace import Workspace, open_workspace
from small_workspaces import digests
from web_site import Visit, with_people, workspace

TABLE = b"id,amount\n1,2\n3,4\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path / "acme", is_run=False)


@pytest.fixture
def acme(folder: Path) -> Workspace:
    return open_workspace(folder)


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    made = Site(folder)
    yield made
    made.close()


def zipped(**members: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return into.getvalue()


def test_ordinary_names_are_kept() -> None:
    for name in (
        "Verkäufe 2025 (1).csv",
        "Ελληνικά.xlsx",
        "a.b.c.tsv",
        "顧客.json",
        "50% & more, 'quoted'.csv",
        "x.CSV",
    ):
        assert safe_name(name) == name
    assert safe_name("Verka\u0308ufe.csv") == "Verkäufe.csv"  # composed, as most systems write it


@pytest.mark.parametrize(
    "name",
    ["../../goodwill.toml", "/etc/passwd", "..", ".", "", "/", "..\\..\\x", ".csv", ".hidden.csv", "~$deals.xlsx",
     "a\0.csv", "a\n.csv", "a\x1b[2J.csv", "a\u202evsc.exe.csv", "\ud800.csv", "a\u200b.csv", "a\u2028.csv",
     "con.csv", "NUL.csv", "com1.csv", "aux .csv", "a" * 197 + ".csv", "ä" * 99 + ".csv",
     "..／..／x.csv", "a∕b.csv", "a⧵b.csv", "℀.csv", "․․.csv", " a.csv", "a.csv ", "a.csv.", "x.csv/",
     "deals", "run.exe", "page.html", "x.py", "goodwill.toml"],
)  # fmt: skip
def test_unsafe_names_are_refused(name: str) -> None:
    with pytest.raises(ExportError) as refused:
        safe_name(name)
    assert refused.value.remedy
    assert str(refused.value).isprintable() or "\n" in str(refused.value)


@pytest.mark.parametrize(
    "name", ["../../up.csv", "/tmp/up.csv", "C:\\Users\\ann\\up.csv", "..\\up.csv", "a/../../up.csv"]
)
def test_paths_lead_nowhere(acme: Workspace, name: str) -> None:
    before = digests(acme.root)
    assert take(acme, name, io.BytesIO(TABLE)).name == "up.csv"
    assert set(digests(acme.root)) - set(before) == {"exports/up.csv"}


def test_percent_signs_are_letters(acme: Workspace) -> None:
    with pytest.raises(ExportError):  # ends in no known way
        take(acme, "%2e%2e%2fgoodwill.toml", io.BytesIO(TABLE))
    assert take(acme, "%2e%2e%2fx.csv", io.BytesIO(TABLE)).name == "%2e%2e%2fx.csv"
    assert (acme.exports / "%2e%2e%2fx.csv").is_file()


KINDS: dict[str, Callable[[], bytes]] = {
    "a.csv": lambda: TABLE,
    "a.tsv": lambda: TABLE.replace(b",", b"\t"),
    "a.txt": lambda: TABLE.decode().encode("utf-16"),
    "a.xls": lambda: TABLE,
    "a.json": lambda: b'[{"id": 1}, {"id": 2}]',
    "a.ndjson": lambda: b'{"id": 1}\n{"id": 2}\n',
    "a.csv.gz": lambda: gzip.compress(TABLE, mtime=0),
    "a.bz2": lambda: bz2.compress(TABLE),
    "a.xz": lambda: lzma.compress(TABLE),
    "a.zip": lambda: zipped(deals__csv=TABLE, read__me=b"\0\1\2"),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_can_be_opened_is_taken(acme: Workspace, name: str) -> None:
    content = KINDS[name]()
    assert take(acme, name, io.BytesIO(content)).is_new
    assert (acme.exports / name).read_bytes() == content
    assert list((acme.root / FOLDER).iterdir()) == []


def test_what_it_is_is_said(acme: Workspace) -> None:
    contacts = b"Record ID,Email,First Name\n1,a@b.com,Ann\n"
    assert take(acme, "c.csv", io.BytesIO(contacts)).kinds == ("HubSpot export of contacts, companies or deals",)
    assert take(acme, "x.csv", io.BytesIO(TABLE)).kinds == ()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\x7fELF\x02\x01\x01\0\0\0\0" + bytes(100), "no text"),
        ("a.csv", b"MZ\x90\0\x03\0\0\0" + bytes(200), "no text"),
        ("a.csv", b"<!doctype html><script>alert(1)</script>", "HTML"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        ("a.csv", b"%PDF-1.7 ...", "PDF"),
        ("a.csv", zipped(x__csv=TABLE), "The name says csv"),
        ("a.csv", gzip.compress(TABLE, mtime=0), "The name says csv"),
        ("a.json", TABLE, "The name says json"),
        ("a.zip", TABLE, "The name says zip"),
        ("a.xlsx", TABLE, "The name says xlsx"),
        ("a.zip", b"PK\x03\x04" + bytes(50), "zip container"),
        ("a.zip", zipped(a__zip=zipped(x__csv=TABLE)), "archive within"),
        ("a.gz", gzip.compress(TABLE, mtime=0)[:20], "ends too early"),
        ("a.json", b"[" * 200_000, "JSON"),
    ],
)
def test_what_cannot_be_opened_leaves_nothing(acme: Workspace, name: str, content: bytes, says: str) -> None:
    before = digests(acme.root)
    with pytest.raises(GoodwillError, match=says) as refused:
        take(acme, name, io.BytesIO(content))
    assert name in str(refused.value.where)
    assert refused.value.remedy
    assert str(acme.root) not in str(refused.value)
    assert digests(acme.root) == before
    assert list((acme.root / FOLDER).iterdir()) == []


@pytest.mark.slow
def test_a_bomb_is_refused_before_it_goes_off(acme: Workspace) -> None:
    bomb = gzip.compress(bytes(200 << 20), 9)
    with pytest.raises(ExportError, match="no export shrinks like that"):
        take(acme, "bomb.csv.gz", io.BytesIO(bomb))
    with pytest.raises(ExportError, match="no export shrinks like that"):
        take(acme, "bomb.zip", io.BytesIO(zipped(a__csv=bytes(200 << 20))))
    assert not list(acme.exports.glob("bomb*"))
    assert list((acme.root / FOLDER).iterdir()) == []


def test_nothing_is_replaced(acme: Workspace) -> None:
    assert take(acme, "a.csv", io.BytesIO(TABLE)).is_new
    assert not take(acme, "a.csv", io.BytesIO(TABLE)).is_new
    with pytest.raises(ExportError, match="Another file of this name") as refused:
        take(acme, "a.csv", io.BytesIO(TABLE + b"5,6\n"))
    assert "Rename" in refused.value.remedy
    assert (acme.exports / "a.csv").read_bytes() == TABLE


def test_links_are_not_followed(acme: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(TABLE)
    (acme.exports / "there.csv").symlink_to(outside)
    (acme.exports / "nowhere.csv").symlink_to(tmp_path / "made.csv")
    for name, content in (("there.csv", TABLE), ("there.csv", TABLE + b"5,6\n"), ("nowhere.csv", TABLE)):
        with pytest.raises(ExportError, match="Another file"):
            take(acme, name, io.BytesIO(content))
    assert outside.read_bytes() == TABLE
    assert not (tmp_path / "made.csv").exists()


def test_a_full_disk_leaves_nothing(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = digests(acme.root)
    monkeypatch.setattr(uploads.os, "fsync", full)
    with pytest.raises(GoodwillError, match="disk or memory is full"):
        take(acme, "a.csv", io.BytesIO(TABLE))
    assert digests(acme.root) == before


def test_what_a_crash_left_goes_after_a_day(acme: Workspace) -> None:
    old, young = (acme.root / FOLDER / name for name in ("old", "young"))
    for left in (old, young):
        left.mkdir(parents=True)
        (left / "content").write_bytes(TABLE)
    os.utime(old, (0, 0))
    take(acme, "a.csv", io.BytesIO(TABLE))
    assert [p.name for p in (acme.root / FOLDER).iterdir()] == ["young"]
    assert stat.S_IMODE((acme.root / FOLDER).stat().st_mode) & 0o700


def test_good_ones_are_kept_beside_bad_ones(site: Site) -> None:
    visit = Visit(site)
    answer = visit.add(
        ("a.csv", TABLE), ("b.csv", b"\x7fELF\0\0"), ("../c.csv", TABLE), (".d.csv", TABLE), ("a.csv", b"x,y\n1,2\n")
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/data")
    told = visit.told()
    assert "2 files were added. 3 were refused." in told
    assert "b.csv: This is no text" in told
    assert {p.name for p in site.workspace.exports.iterdir()} == {"acts.csv", "deals.csv", "a.csv", "c.csv"}
    assert [e.of for e in audit.read(site.workspace)] == ["a.csv", "c.csv"]


def test_nothing_good_is_a_refusal(site: Site) -> None:
    visit = Visit(site)
    for answer in (visit.add(("b.exe", TABLE)), visit.add(("", b"")), visit.post("/data/exports")):
        assert answer.status_code == 422
        assert "Nothing was added" in answer.text
        assert "What to do." in answer.text


def test_scripts_are_told_in_json(site: Site) -> None:
    visit = Visit(site)
    headers = {"x-csrf-token": visit.csrf("/data"), "accept": "application/json"}
    files = [("files", ("a.csv", TABLE)), ("files", ("b.csv", b""))]
    answer = visit.client.post("/data/exports", files=files, headers=headers)
    assert answer.status_code == 200
    told = answer.json()
    assert told["taken"] == [{"name": "a.csv", "kinds": [], "is_new": True}]
    assert told["refused"][0]["where"] == "b.csv"
    assert set(told["refused"][0]) == {"problem", "where", "remedy"}
    json.dumps(told)


@pytest.mark.slow
def test_only_owners_with_a_form_of_ours(folder: Path) -> None:
    site = with_people(folder)
    reader, owner, stranger = Visit(site, name="bob"), Visit(site, name="ann"), Visit(site)
    files = [("files", ("a.csv", TABLE))]
    assert reader.client.post("/data/exports", files=files, data={"csrf": reader.csrf("/terms")}).status_code == 403
    assert stranger.client.post("/data/exports", files=files).status_code == 401
    assert owner.client.post("/data/exports", files=files).status_code == 403
    assert owner.client.post("/data/exports", files=files, data={"csrf": "x"}).status_code == 403
    assert not (folder / "exports" / "a.csv").exists()
    assert not (folder / FOLDER).exists()
    assert owner.add(("a.csv", TABLE)).status_code == 303


def test_too_much_is_refused_and_only_here_is_much_taken(folder: Path) -> None:
    visit = Visit(Site(folder, upload_limit=3 << 20))
    assert visit.add(("a.csv", TABLE + b"5,6\n" * 700_000)).status_code == 303  # 2.8 MB
    assert visit.add(("b.csv", TABLE + b"5,6\n" * 900_000)).status_code == 413
    assert visit.post("/jobs", {"kind": "scan"}, files=[("f", ("b.csv", b"x" * (5 << 19)))]).status_code == 413
    assert not (folder / "exports" / "b.csv").exists()


def test_there_is_no_way_to_fetch_or_delete(site: Site) -> None:
    visit = Visit(site)
    for method in ("GET", "DELETE", "PUT", "PATCH"):
        for address in ("/data/exports", "/data/exports/deals.csv", "/exports/deals.csv", "/data/deals.csv"):
            token = {"x-csrf-token": visit.csrf("/data")}
            assert visit.client.request(method, address, headers=token).status_code in (404, 405)
    assert (site.root / "exports" / "deals.csv").exists()
