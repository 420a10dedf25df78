"""Compressed files (gzip, bzip2, xz, zstd) and zip archives, unpacked into scratch under limits."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from goodwill.errors import NO_ROOM, ExportError, NoRoom, Place
from goodwill.sources.scratch import fresh

#: What one export may unpack to: larger than any export seen, small enough not to fill a laptop's disk.
MAX_UNPACKED_BYTES = 32 << 30

#: Real exports shrink to between a third and a fiftieth, tables of zeros to a two-hundredth; bombs to a
#: thousandth and less.
MAX_RATIO = 500

#: Below this size a ratio means nothing: a small file of equal rows shrinks without limit and does no harm.
HARMLESS_BYTES = 64 << 20

#: More members than any platform's archive has files with tables.
MAX_MEMBERS = 10_000

#: What operating systems add to archives.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")

MAGIC = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}

_CUT = "Download or export it again: it seems cut off or damaged."


def compression_of(head: bytes) -> str | None:
    """How a file is compressed, from its first bytes.

    Examples
    --------
    >>> compression_of(gzip.compress(b"a,b")), compression_of(b"a,b")
    ('gz', None)
    """
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)


def unpacked(path: Path, *, kind: str, name: str, scratch: Path) -> Path:
    """The decompressed copy of a file.

    Raises
    ------
    ExportError
        If it is cut off, damaged, or unpacks beyond the limits.
    """
    into = fresh(scratch, "unpacked")
    try:
        with stream(path, kind=kind, name=name) as packed:
            _copy(packed, into, packed_bytes=path.stat().st_size, name=name)
    except EOFError:
        raise ExportError("The compressed file ends too early.", where=Place(name), remedy=_CUT) from None
    except (OSError, zlib.error, lzma.LZMAError, ValueError) as error:
        problem = f"The compressed file cannot be unpacked: {error}."
        raise ExportError(problem, where=Place(name), remedy=_CUT) from None
    return into


def stream(path: Path, *, kind: str, name: str) -> IO[bytes]:
    """The decompressed bytes of a file, to be read in order."""
    if kind == "gz":
        return gzip.open(path)  # type: ignore[return-value]
    if kind == "bz2":
        return bz2.open(path)
    if kind == "xz":
        return lzma.open(path)
    return _zstd(path, name)


def _zstd(path: Path, name: str) -> IO[bytes]:
    try:
        zstandard: Any = importlib.import_module("zstandard")
    except ImportError:
        raise ExportError(
            "The file is compressed with zstd, which needs the package zstandard.",
            where=Place(name),
            remedy="Unpack it (zstd -d) and put the unpacked file into exports/.",
        ) from None
    found: IO[bytes] = zstandard.open(path)
    return found


def _copy(packed: IO[bytes], into: Path, *, packed_bytes: int, name: str) -> None:
    written = 0
    with into.open("wb") as copy:
        while chunk := packed.read(1 << 20):
            written += len(chunk)
            check_unpacked(written, packed_bytes, name=name)
            try:
                copy.write(chunk)
            except OSError as error:  # our disk, not their file
                raise NoRoom(error.strerror) if error.errno in NO_ROOM else error from None


def check_unpacked(unpacked_bytes: int, packed_bytes: int, *, name: str) -> None:
    """Refuse what grows without measure.

    Raises
    ------
    ExportError
    """
    swollen = unpacked_bytes > HARMLESS_BYTES and unpacked_bytes > MAX_RATIO * max(packed_bytes, 1)
    if swollen or unpacked_bytes > MAX_UNPACKED_BYTES:
        raise ExportError(
            f"The file unpacks to {unpacked_bytes >> 20:,} MB or more from {packed_bytes >> 10:,} kB: "
            "no export shrinks like that.",
            where=Place(name),
            remedy="If the file is what it should be, unpack it yourself and put the result into exports/.",
        )


def zip_kind(path: Path, *, name: str) -> str:
    """What a zip container holds: ``xlsx``, ``xlsb``, ``ods`` or ``zip`` for an archive of files.

    Raises
    ------
    ExportError
        If the directory of the archive is missing: the end of the file was cut off.
    """
    with opened_zip(path, name=name) as archive:
        names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
        return "xlsx"
    return "ods" if "content.xml" in names and "mimetype" in names else "zip"


def opened_zip(path: Path, *, name: str) -> zipfile.ZipFile:
    """A zip archive whose directory promises no more than the limits.

    Raises
    ------
    ExportError
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        problem = f"The zip container cannot be read: {error}."
        raise ExportError(problem, where=Place(name), remedy=_CUT) from None
    total = sum(member.file_size for member in archive.infolist())
    try:
        check_unpacked(total, path.stat().st_size, name=name)
        if len(archive.infolist()) > MAX_MEMBERS:
            raise ExportError(
                f"The archive holds more than {MAX_MEMBERS:,} files.",
                where=Place(name),
                remedy="Put only the files with tables into exports/.",
            )
    except ExportError:
        archive.close()
        raise
    return archive


def members(path: Path, *, name: str, scratch: Path) -> Iterator[tuple[str, Path | ExportError]]:
    """Each file of an archive, unpacked under a name of our own, or why it could not be.

    The member's own name is never used as a path, so that ``../`` in it has no effect.
    """
    with opened_zip(path, name=name) as archive:
        for info in archive.infolist():
            if info.is_dir() or info.filename.startswith(_LITTER[0]) or info.filename.endswith(_LITTER[1:]):
                continue
            into = fresh(scratch, "member")
            inside = f"{name}/{info.filename}"
            try:
                with archive.open(info) as packed:
                    _copy(packed, into, packed_bytes=info.compress_size, name=inside)
                yield info.filename, into
            except RuntimeError:  # zipfile's word for a missing password
                remedy = "Unpack it with its password and put the files into exports/."
                yield info.filename, ExportError("It is protected by a password.", where=Place(inside), remedy=remedy)
            except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError) as error:
                yield info.filename, ExportError(f"It cannot be unpacked: {error}.", where=Place(inside), remedy=_CUT)
            except ExportError as error:
                yield info.filename, error
