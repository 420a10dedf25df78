"""Exports that are broken, hostile or lied about: refused or taken whole, and nothing else is changed by them."""

from __future__ import annotations

import gc
import gzip
import io
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import hostile_exports
from export_files import SPREADSHEETML, workbook, zipped
from goodwill.doors import inspect
from goodwill.intake import quiet
from goodwill.web.site import Site
from goodwill.web.uploads import FOLDER
from goodwill.workspace import open_workspace
from small_workspaces import digests, handmade
from test_web_fuzz import client_of, token, wrong

pytestmark = pytest.mark.slow

#: What the app itself writes beside exports/.
OWN = ("audit.jsonl", FOLDER, ".app", ".goodwill.lock")
BOOK = workbook([["Id", "At", "Likes"], *[[n, f"2025-01-{1 + n % 28:02d}", n] for n in range(60)]], More=[["a"], ["b"]])
DOCUMENTS = json.dumps(
    [{"id": n, "created_at": "2025-01-01T00:00:00Z", "likes": {"n": [n]}} for n in range(40)]
).encode()
#: One good file of each kind, which is then broken in every way.
GOOD = {
    "contacts.csv": hostile_exports.contacts(), "posts.csv": hostile_exports.posts(), "book.xlsx": BOOK,
    "documents.json": DOCUMENTS, "lines.jsonl": b'{"id": 1}\n' * 50, "old.xls": SPREADSHEETML.encode(),
    "both.zip": zipped({"a.csv": hostile_exports.acts(), "b.xlsx": BOOK}),
    "one.csv.gz": gzip.compress(hostile_exports.acts(), mtime=0),
    "archive.js": b"window.YTD.tweets.part0 = " + DOCUMENTS,
}  # fmt: skip
CODINGS = ("utf-8", "utf-16", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp037", "shift_jis", "utf-8-sig")


def nested(depth: int) -> bytes:
    """An archive in an archive, and so on."""
    content, name = b"id,at\n1,2025-01-01\n", "deep.csv"
    for n in range(depth):
        content, name = zipped({name: content}), f"deep{n}.zip"
    return content


def bomb(megabytes: int) -> bytes:
    """Zeros that are small until somebody unpacks them."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.csv", "w") as file:
        for _ in range(megabytes):
            file.write(b"0" * 2**20)
    return into.getvalue()


def climbing() -> bytes:
    """An archive whose members would lie elsewhere."""
    return zipped(
        {
            "../../../evil.csv": b"a,b\n1,2\n",
            "/goodwill-evil.csv": b"a,b\n",
            "C:\\evil.csv": b"a\n",
            "x/\0.csv": b"a,b\n",
        }
    )


def lying() -> bytes:
    """An archive whose directory says other sizes than there are."""
    content = bytearray(zipped({"a.csv": b"id,at\n" * 100}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 20 : place + 28] = b"\xff\xff\xff\x7f\x01\x00\x00\x00"
    return bytes(content)


MADE = {
    "wide.csv": (",".join(f"c{n}" for n in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n").encode(),
    "wide.xlsx": workbook([[f"c{n}" for n in range(3_000)]]), "cell.csv": b"a,b\n1," + b"x" * 3_000_000 + b"\n",
    "quote.csv": b'a,b\n"' + b"x\n" * 50_000, "ragged.csv": b"a\n" + b"".join(b"1," * n + b"\n" for n in range(300)),
    "empty.csv": b"", "newlines.csv": b"\n" * 10_000, "nul.csv": b"\0" * 10_000, "bom.csv": b"\xef\xbb\xbf",
    "one.csv": b"x", "deep.json": b"[" * 100_000 + b"]" * 100_000, "deeper.json": b'{"a":' * 100_000,
    "numbers.json": b"[" + b"9" * 10_000 + b",1e999,NaN]", "twice.json": b'[{"a": 1, "a": 2, "\\ud800": "\\u0000"}]',
    "surrogate.jsonl": b'{"\\ud800": "\\udfff"}\n', "null.json": b"null", "nested.zip": nested(4),
    "deep.zip": nested(40), "bomb.zip": bomb(64), "climbing.zip": climbing(), "lying.zip": lying(),
    "none.zip": zipped({}),
    "itself.gz": gzip.compress(gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), mtime=0),
    "bomb.csv.gz": gzip.compress(b"0" * 2**26, mtime=0),
    "entities.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY x SYSTEM "file:///etc/passwd">]><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">&b;&x;'
    b"</Workbook>",
    "deep.xml": b'<?xml version="1.0"?>' + b"<Workbook>" * 50_000,
    "sheet.xlsx": zipped({"xl/workbook.xml": b"<a>" * 1000, "[Content_Types].xml": b""}),
    "p.parquet": b"PAR1" + b"\xff" * 200 + b"\xff\xff\x00\x00PAR1", "x.xz": b"\xfd7zXZ\x00" + b"\0" * 50,
    "x.bz2": b"BZh9" + b"\0" * 50, "z.zst": b"\x28\xb5\x2f\xfd" + b"\xff" * 50,
    "o.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000, "b.xlsb": BOOK[:3000],
}  # fmt: skip
NAMES = (
    "../up.csv", "..\\up.csv", "/etc/passwd.csv", "exports/../../up.csv", "%2e%2e%2fup.csv", "a\0.csv", "\ud83d.csv",
    "💩.csv", "\u202evsc.csv", "x" * 5_000 + ".csv", "ä" * 150 + ".csv", ".csv", "..csv", "con.csv", "=cmd.csv",
    '"; x="y.csv', "<img src=x onerror=evil()>.csv", "a\r\nb.csv", "goodwill.toml", "access.json", "a.csv\0.exe",
    "{{7*7}}.csv", "~", "", " ", "a/b/c.csv", "nul", "ａ／ｂ.csv", "x.CSV",
)  # fmt: skip


def broken(content: bytes, chance: random.Random) -> Iterator[bytes]:
    """A file broken in every way that a browser, a disk or an enemy breaks it."""
    yield content[: chance.randrange(1, len(content))]
    yield content[: len(content) // 2] + content[len(content) // 2 + 7 :]
    for share in (0.001, 0.05):
        changed = bytearray(content)
        for _ in range(max(1, int(len(content) * share))):
            changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        yield bytes(changed)
    place = chance.randrange(len(content))
    yield content[:place] + b"\0" * 64 + content[place:]
    yield content[:place] + chance.randbytes(512) + content[place:]
    yield content[:place] + b'"' * 3 + content[place:]
    yield content * 2
    coding = chance.choice(CODINGS)
    yield content.decode("latin-1").encode(coding, "replace")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return handmade(tmp_path / "acme")


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with client_of(Site(folder)) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_else_changes(folder: Path, tmp_path: Path) -> Iterator[None]:
    """Whatever a test sends: what was there stays as it was, and nothing lies where nothing should."""
    before = digests(folder)
    yield
    after = digests(folder)
    assert {name: after.get(name) for name in before} == before
    new = set(after) - set(before)
    assert not [name for name in new if not name.startswith(("exports/", *OWN))]
    assert not [name for name in new if name.startswith("exports/") and name.count("/") > 1]
    assert not list((folder / FOLDER).rglob("*"))
    assert [path.name for path in tmp_path.iterdir()] == ["acme"]
    assert not Path("/goodwill-evil.csv").exists()
    assert not [path for path in (folder / "exports").rglob("*") if path.is_symlink() or path.name.startswith(".")]


def send(client: TestClient, *files: tuple[str, bytes], kind: str = "text/csv") -> list[str]:
    """Send files; give what is wrong with the answer."""
    parts = [("files", (name.encode("utf-8", "replace").decode(), content, kind)) for name, content in files]
    return wrong(client.post("/data/exports", files=parts, headers={"x-csrf-token": token(client)}))


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "exports").iterdir()}


def scan(folder: Path, scratch: Path) -> None:
    """Look at all that was taken, as a run would."""
    scratch.mkdir()
    rows, _ = inspect.scanned(open_workspace(folder), scratch, quiet)
    assert {row["file"] for row in rows} == set(kept(folder))


def test_broken_exports_are_taken_whole_or_not_at_all(client: TestClient, folder: Path) -> None:
    sent, failed = kept(folder), []
    for good, content in GOOD.items():
        chance = random.Random(good)  # the same bytes every time
        for n, bad in enumerate(broken(content, chance)):
            name = f"{n}-{good}"
            sent[name] = bad
            if problems := send(client, (name, bad)):
                failed.append((name, problems))
    assert not failed, failed
    there = kept(folder)
    assert {name: content == sent[name] for name, content in there.items()} == dict.fromkeys(there, True)
    assert len(there) > 10  # some are whole enough
    scan(folder, folder / ".app")


@pytest.mark.parametrize("name", sorted(MADE))
def test_hostile_files_are_taken_whole_or_not_at_all(client: TestClient, folder: Path, name: str) -> None:
    assert not send(client, (name, MADE[name]))
    there = kept(folder)
    assert there.get(name, MADE[name]) == MADE[name]
    assert len(there) <= 3
    if name in there:
        scan(folder, folder / ".app")


def test_no_name_leads_elsewhere(client: TestClient, folder: Path) -> None:
    content, failed = b"id,amount\n1,2\n", []
    for name in NAMES:
        raw = name.encode("utf-8", "surrogatepass")
        for said in (b'filename="' + raw + b'"', b"filename*=utf-8''" + raw, b"filename=" + raw):
            body = (
                b'--x\r\ncontent-disposition: form-data; name="files"; '
                + said
                + b"\r\n\r\n"
                + content
                + b"\r\n--x--\r\n"
            )
            if problems := wrong(post(client, body)):
                failed.append((name[:40], said[:40], problems))
    assert not failed, failed
    there = kept(folder)
    assert {"up.csv", "x.CSV"} <= set(there)
    assert all(raw == content for name, raw in there.items() if name not in ("acts.csv", "deals.csv"))


PART = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.csv"\r\n\r\na,b\n1,2\n\r\n'
BODIES = {
    "nothing": b"", "an end": b"--x--\r\n", "no end": PART, "half a part": PART[:50], "half a header": PART[:20],
    "another boundary": PART.replace(b"--x", b"--y"), "twice": PART + PART + b"--x--\r\n",
    "no name": PART.replace(b'name="files"; ', b"") + b"--x--\r\n", "no header": b"--x\r\n\r\nabc\r\n--x--\r\n",
    "a text": PART.replace(b'; filename="a.csv"', b"") + b"--x--\r\n",
    "many": PART.replace(b"a.csv", b"m.csv") * 1500 + b"--x--\r\n",
    "many fields": b'--x\r\ncontent-disposition: form-data; name="f"\r\n\r\n1\r\n' * 1500 + b"--x--\r\n",
    "a long header": b"--x\r\n" + b"a: " + b"x" * 200_000 + b"\r\n\r\n1\r\n--x--\r\n",
    "a large field": PART.replace(b'; filename="a.csv"', b"") + b"x" * 2**21,
    "line ends": PART.replace(b"\r\n", b"\n"), "nul": PART.replace(b"files", b"fi\0les") + b"--x--\r\n",
    "after the end": b"--x--\r\n" + PART,
    "a coding": PART.replace(b"\r\n\r\n", b"\r\ncontent-transfer-encoding: base64\r\n\r\n") + b"--x--\r\n",
    "no bytes": b"\r\n" * 5000,
}  # fmt: skip


def post(client: TestClient, body: bytes, **headers: str) -> object:
    kind = {"content-type": "multipart/form-data; boundary=x", "x-csrf-token": token(client)}
    return client.post("/data/exports", content=body, headers={**kind, **headers})


# the parser leaves it to the collector to close a part whose end never came
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("body", sorted(BODIES))
def test_no_body_is_an_error(client: TestClient, body: str) -> None:
    assert not wrong(post(client, BODIES[body]))
    assert not wrong(post(client, BODIES[body], **{"x-csrf-token": "wrong"}))
    gc.collect()


@pytest.mark.parametrize("said", ["0", "1", "-1", "99999999999", "x", "", "1, 2"])
def test_a_length_that_lies_is_no_error(client: TestClient, said: str, folder: Path) -> None:
    assert not wrong(post(client, PART + b"--x--\r\n", **{"content-length": said}))
    assert kept(folder).get("a.csv", b"a,b\n1,2\n") == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    "kind", ["text/html", "application/json", "x" * 500, "", "image/png", "application/zip; name=a"]
)
def test_what_a_browser_calls_a_file_does_not_matter(client: TestClient, folder: Path, kind: str) -> None:
    assert not send(client, ("a.csv", b"id,amount\n1,2\n"), kind=kind)
    assert kept(folder)["a.csv"] == b"id,amount\n1,2\n"


def test_no_temporary_file_is_left(
    client: TestClient, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large files are put down while they come; they go again whether they are taken, refused or cut off."""
    place = tmp_path / "acme" / ".app" / "tmp"
    place.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    large = b"id,amount\n" + b"1,2\n" * 600_000
    assert not send(client, ("large.csv", large), ("large.zip", large), ("../up.csv", large))
    whole = PART.replace(b"a,b", large) + b"--x--\r\n"
    assert not wrong(post(client, whole))
    assert not wrong(post(client, whole, **{"x-csrf-token": "wrong"}))
    assert not list(place.rglob("*"))
    assert kept(folder)["large.csv"] == large
