"""Columns of an export's sheet as canonical values: the small words in which its straight reading is written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goodwill.worlds.direct_parts import Part, carried
from goodwill.worlds.identity_sheets import MINUTE, Sheet


def said(sheet: Sheet, header: str) -> pa.Array:
    """One column as text."""
    return pa.array(sheet.columns[header], pa.string())


def named(sheet: Sheet, header: str, kind: str, *, is_lower: bool = False) -> pa.Array:
    """One column as nodes of this kind.

    Examples
    --------
    >>> sheet = Sheet("a.csv", {"Email": ["Ann@x.example", None]}, np.zeros(2), np.zeros(2))
    >>> named(sheet, "Email", "email", is_lower=True).to_pylist()
    ['email:ann@x.example', None]
    """
    words = (w.lower() if w is not None and is_lower else w for w in sheet.columns[header])
    return pa.array([None if w is None else f"{kind}:{w}" for w in words], pa.string())


def when(sheet: Sheet, header: str, form: str = MINUTE) -> pa.Array:
    return pc.strptime(said(sheet, header), format=form, unit="us")


def whole_name(sheet: Sheet) -> pa.Array:
    """First and last name in one text."""
    pairs = zip(sheet.columns["First Name"], sheet.columns["Last Name"], strict=True)
    return pa.array([" ".join(filter(None, pair)) or None for pair in pairs], pa.string())


def every_row(sheet: Sheet) -> np.ndarray:
    return np.arange(len(sheet))


def known(sheet: Sheet, record: pa.Array, kind: str, value: pa.Array, venue: str | None = None) -> Part:
    """The identifiers of the rows that have one."""
    rows = np.flatnonzero(pc.is_valid(value).to_numpy(zero_copy_only=False))
    index = pa.array(rows)
    return carried(sheet.file, record.take(index), kind, value.take(index), venue=venue, rows=rows)


def phones(sheet: Sheet, record: pa.Array, header: str) -> Part:
    digits = [None if p is None else "phone:" + p.replace(" ", "") for p in sheet.columns[header]]
    return known(sheet, record, "phone", pa.array(digits, pa.string()))


def profiles(sheet: Sheet, record: pa.Array) -> Iterator[Part]:
    """The profiles that the records name."""
    pages = [None if u is None else "linkedin:" + u.rsplit("/", 1)[1] for u in sheet.columns["LinkedIn URL"]]
    yield known(sheet, record, "handle", pa.array(pages, pa.string()), "linkedin")
    yield known(sheet, record, "handle", named(sheet, "Twitter Username", "x", is_lower=True), "x")
    far = [None if m is None else f"mastodon:{m.lstrip('@').lower()}" for m in sheet.columns["Mastodon"]]
    yield known(sheet, record, "handle", pa.array(far, pa.string()), "mastodon")
