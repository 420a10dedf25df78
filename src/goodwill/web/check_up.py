"""The findings of a check-up as a list to work through: which stand, which are done, which somebody set aside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.web.set_aside import SetAside

#: Findings of which there is one for each file or mapping; of any other name there is one.
ONE_EACH = frozenset({"unreadable file", "mapping without a file"})
#: Findings that are done are remembered, the latest first, up to so many.
MOST_DONE = 200
_QUOTED = re.compile(r'"[^"\n]*"')
_PLACE = re.compile(r", row (\d{1,18})(?=: |$)")


@dataclass(frozen=True)
class Where:
    """One place of a finding: ``file`` and ``row`` where there is a row to open, and what is said of it."""

    text: str
    file: str = ""
    row: int = 0


@dataclass(frozen=True)
class Item:
    """One finding of the list; ``state`` is open, aside or done."""

    key: str
    name: str
    problem: str
    n: int
    hurts: tuple[tuple[str, str], ...]
    remedy: str
    where: tuple[Where, ...]
    state: str = "open"
    aside: SetAside | None = None


def key_of(finding: Mapping[str, Any]) -> str:
    """What tells a finding from others in this check-up and the next.

    Examples
    --------
    >>> key_of({"finding": "no losses", "problem": "no opportunity is lost", "where": []})
    'no losses'
    >>> key_of({"finding": "unreadable file", "problem": "It is empty.", "where": ["a.csv, line 3"]})
    'unreadable file: a.csv: It is empty.'
    """
    name = str(finding["finding"])
    if name not in ONE_EACH:
        return name
    place = str(finding["where"][0]).split(", line ")[0] if finding["where"] else ""
    return f"{name}: {place}: {finding['problem']}"


def without_values(found: Mapping[str, Any]) -> dict[str, Any]:
    """The check-up without what stands in the cells: it may name people, and nobody would look for it here."""
    findings = [
        {**finding, "where": [_without_value(str(place)) for place in finding["where"]]}
        for finding in found["findings"]
    ]
    return {**found, "findings": findings}


def _without_value(place: str) -> str:
    match = _PLACE.search(place)
    if match is None:
        return place
    return place[: match.end()] + _QUOTED.sub("“…”", place[match.end() :])


def findings_done(former: Mapping[str, Any] | None, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings of earlier check-ups that are no more; the latest first."""
    if former is None:
        return []
    still = {key_of(finding) for finding in found["findings"]}
    gone = {key_of(f): f for f in (*former.get("findings", ()), *former.get("done", ())) if key_of(f) not in still}
    return list(gone.values())[:MOST_DONE]


def items(
    found: Mapping[str, Any], aside: Mapping[str, SetAside], files: Collection[str], asked: Mapping[str, str]
) -> tuple[Item, ...]:
    """The list: what is open, then what was set aside, then what is done.

    Parameters
    ----------
    found : mapping
        What the job of the check-up kept.
    aside : mapping
        What was set aside, by key.
    files : collection of str
        The exports by name: places in them open.
    asked : mapping
        Names of questions and what they ask.
    """
    made = [_item(finding, aside, files, asked) for finding in found["findings"]]
    done = [_item(finding, {}, (), asked, "done") for finding in found.get("done", ())]
    return (*sorted(made, key=lambda item: item.state != "open"), *done)


def _item(
    finding: Mapping[str, Any],
    aside: Mapping[str, SetAside],
    files: Collection[str],
    asked: Mapping[str, str],
    state: str = "",
) -> Item:
    key, n = key_of(finding), int(finding["n"])
    said = aside.get(key)
    if said is not None and said.n != n:  # another number is another finding
        said = None
    return Item(
        key, str(finding["finding"]), str(finding["problem"]), n, tuple(_linked(str(finding["hurts"]), asked)),
        str(finding["remedy"]), tuple(_where(str(place), files) for place in finding["where"]),
        state or ("aside" if said else "open"), said,
    )  # fmt: skip


def _linked(hurts: str, asked: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Pieces of text, each with the question that it names, or with none."""
    if hurts == "all":
        yield "every question", ""
        return
    names = "|".join(map(re.escape, sorted(asked, key=len, reverse=True)))
    pieces: Sequence[str] = re.split(rf"\b({names})\b", hurts) if names else [hurts]
    for piece in filter(None, pieces):
        yield (asked[piece], piece) if piece in asked else (piece, "")


def _where(place: str, files: Collection[str]) -> Where:
    """A place as something to open, if the file is one of the exports; names of files may look like places."""
    for match in _PLACE.finditer(place):
        if place[: match.start()] in files:
            return Where(place, place[: match.start()], int(match[1]))
    return Where(place)
