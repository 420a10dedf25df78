"""Which characters a text file is written in, and a UTF-8 copy of it where it is in others."""

from __future__ import annotations

import codecs
from pathlib import Path

from goodwill.errors import ExportError, Place
from goodwill.sources.scanning import CHUNK_BYTES
from goodwill.sources.scratch import fresh

#: Byte-order marks, the longer before the shorter that it begins with.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: Share of NUL bytes at odd (even) places that betrays UTF-16 without a mark: even text half in
#: Chinese has its delimiters, digits and line ends in ASCII.
NUL_SHARE = 0.2

#: Share of control bytes above which a file is no text; random bytes have 11%, real exports next to none. What is
#: UTF-8 throughout is no random rubbish, and may have more.
CONTROL_SHARE, CONTROL_SHARE_IN_UTF8 = 0.05, 0.3

_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1b")


def marked_encoding(head: bytes) -> str | None:
    """The encoding that the first bytes give away, None if they do not (UTF-8 or a code page).

    Examples
    --------
    >>> marked_encoding("Größe;Menge".encode("utf-16")), marked_encoding(b"size,count")
    ('utf-16', None)
    """
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    half = max(len(head) // 2, 1)
    odd, even = head[1::2].count(0) / half, head[0::2].count(0) / half
    if odd > NUL_SHARE and even < NUL_SHARE / 10:
        return "utf-16-le"
    return "utf-16-be" if even > NUL_SHARE and odd < NUL_SHARE / 10 else None


def is_text(head: bytes) -> bool:
    """Could these first bytes be text in UTF-8 or a code page?"""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return controls <= CONTROL_SHARE * len(head)
    return controls <= CONTROL_SHARE_IN_UTF8 * len(head)


def is_damaged_utf8(path: Path, offset: int) -> bool:
    """Is the text around a byte that is not UTF-8 nevertheless UTF-8, with a fault here and there?

    In a code page, letters outside ASCII hardly ever happen to form valid UTF-8.
    """
    with path.open("rb") as file:
        file.seek(max(offset - (1 << 19), 0))
        text = file.read(1 << 20).decode("utf-8", "replace")
    faults = text.count("\ufffd")
    return sum(1 for c in text if c > "\x7f") - faults > 10 * faults


def code_page(path: Path) -> str:
    """The code page of a file that is not UTF-8: Windows-1252, or Latin-1 if it has bytes that 1252 leaves out."""
    undefined = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            if len(chunk.translate(None, undefined)) < len(chunk):
                return "latin-1"
    return "cp1252"


def decoded_head(head: bytes, encoding: str) -> str:
    """The first bytes as text; what cannot be read (a character cut in two at the end) is replaced."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")


def transcode(path: Path, *, encoding: str, into: Path, name: str, errors: str = "strict") -> Path:
    """Write a UTF-8 copy of ``path`` at ``into``, chunk by chunk.

    Raises
    ------
    ExportError
        If the bytes are not what the encoding allows.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    read = 0
    with path.open("rb") as file, into.open("wb") as copy:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise ExportError(
                    f"The text is {encoding.upper()}, but near byte {read + error.start} it is not: {error.reason}.",
                    where=Place(name),
                    remedy="The file seems damaged or cut off; export it again, as CSV in UTF-8 if you can choose.",
                ) from None
            copy.write((text.removeprefix("\ufeff") if read == 0 else text).encode("utf-8"))
            if not chunk:
                return into
            read += len(chunk)


def utf8_copy(path: Path, *, offset: int, name: str, scratch: Path) -> tuple[Path, str]:
    """A UTF-8 copy of a file whose byte at ``offset`` is not UTF-8, and the note that says how it was read."""
    into = fresh(scratch, "utf8")
    if is_damaged_utf8(path, offset):
        transcode(path, encoding="utf-8", into=into, name=name, errors="replace")
        return into, f"Byte {offset} (perhaps others) is not UTF-8; such bytes were replaced by the sign \ufffd."
    page = code_page(path)
    transcode(path, encoding=page, into=into, name=name)
    return into, f"The text is not UTF-8; it was read as {page}. Look at names with accents."
