"""Slips of the pen in many texts at once: letters inserted, lost, mistaken, transposed, misread, misheard; wrong dates.

Legend: n texts; p the place of the slip in each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Texts = np.ndarray[Any, np.dtype[np.str_]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Truths = np.ndarray[Any, np.dtype[np.bool_]]

#: What scanners misread and what ears mishear.
MISREAD = (
    ("m", "rn"), ("l", "1"), ("o", "0"), ("cl", "d"), ("i", "l"), ("e", "c"), ("ph", "f"), ("ck", "k"), ("sch", "sh"),
    ("ie", "y"), ("ei", "ie"), ("c", "k"), ("ll", "l"), ("tt", "t"), ("s", "z"), ("ou", "u"), ("ai", "ei"), ("f", "ph"),
)  # fmt: skip
MISREAD_DIGITS = (("1", "7"), ("5", "6"), ("8", "3"), ("0", "8"))
INSERT, LOSE, MISTAKE, TRANSPOSE, MISREAD_ONE = range(5)


def mistyped(draw: np.random.Generator, texts: Texts, wrong: Truths, *, digits: bool = False) -> Texts:
    """The texts with one slip in each of those that are ``wrong``; a slip that would change nothing is another letter.

    Parameters
    ----------
    digits : bool
        Whether the texts are numbers, whose slips are digits.
    """
    rows = np.flatnonzero(wrong & (texts != ""))
    done = texts.astype(f"U{texts.dtype.itemsize // 4 + 2}")
    if not len(rows):
        return done
    kind = draw.integers(5, size=len(rows))
    some = done[rows]
    misread = _misread(draw, some, MISREAD_DIGITS if digits else MISREAD)
    kind = np.where((kind == MISREAD_ONE) & (misread == some), MISTAKE, kind)
    done[rows] = np.where(kind == MISREAD_ONE, misread, _slips(draw, some, kind, digits))
    return done


def _slips(draw: np.random.Generator, texts: Texts, kind: Ints, digits: bool) -> Texts:
    n, width = len(texts), texts.dtype.itemsize // 4
    length = np.strings.str_len(texts)
    kind = np.where((kind == TRANSPOSE) & (length < 2), MISTAKE, kind)
    letters = np.ascontiguousarray(texts).view(np.uint32).reshape(n, width)
    p = (draw.random(n) * (length - (kind == TRANSPOSE))).astype(np.int64)[:, None]
    place = np.broadcast_to(np.arange(width), (n, width))
    k = kind[:, None]
    source = place + ((k == LOSE) & (place >= p)) - ((k == INSERT) & (place > p))
    source = source + ((k == TRANSPOSE) & (place == p)) - ((k == TRANSPOSE) & (place == p + 1))
    slipped = np.take_along_axis(letters, source.clip(0, width - 1), axis=1)
    lost = (k == LOSE) & (place == width - 1)
    first, count = (48, 10) if digits else (97, 26)
    # between one and count - 1 further on in the alphabet: never the letter that was there
    other = first + (letters.astype(np.int64) - first + draw.integers(1, count, size=(n, 1))) % count
    changed = ((k == MISTAKE) | (k == INSERT)) & (place == p)
    final = np.where(changed, other, np.where(lost, 0, slipped)).astype(np.uint32)
    return np.ascontiguousarray(final).view(f"U{width}").reshape(n)


def _misread(draw: np.random.Generator, texts: Texts, pairs: tuple[tuple[str, str], ...]) -> Texts:
    done, which = texts.copy(), draw.integers(len(pairs), size=len(texts))
    for place, (seen, read) in enumerate(pairs):
        rows = which == place
        done[rows] = np.strings.replace(texts[rows], seen, read, 1)
    return done


def misdated(draw: np.random.Generator, days: Ints, wrong: Truths) -> Texts:
    """Days since 1970 as YYYY-MM-DD; wrong ones with another day, month, year or decade, or day and month swapped."""
    dates = days.astype("datetime64[D]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    kind = np.where(wrong, draw.integers(5, size=len(days)), -1)
    kind = np.where((kind == 4) & ((day > 12) | (day == month)), 0, kind)
    swapped = kind == 4
    day, month = np.where(swapped, month, day), np.where(swapped, day, month)
    day = np.where(kind == 0, (day - 1 + draw.integers(1, 28, size=len(days))) % 28 + 1, day)
    month = np.where(kind == 1, (month - 1 + draw.integers(1, 12, size=len(days))) % 12 + 1, month)
    year = year + np.where(kind == 2, draw.choice([-1, 1], size=len(days)), 0)
    year = year + np.where(kind == 3, draw.choice([-10, 10], size=len(days)), 0)
    day = np.where(kind >= 0, np.minimum(day, 28), day)  # the last days do not exist in every month
    parts = [year.astype("U4"), *(np.strings.zfill(part.astype("U2"), 2) for part in (month, day))]
    return np.strings.add(np.strings.add(np.strings.add(parts[0], "-"), np.strings.add(parts[1], "-")), parts[2])
