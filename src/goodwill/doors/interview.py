"""The questions of ``review`` in a terminal: one uncertain pair after the other, side by side, one key each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from goodwill.claims import masking
from goodwill.doors import matching_words as words
from goodwill.doors.showing import console
from goodwill.errors import GoodwillError
from goodwill.identity import decisions
from goodwill.identity.decisions import Said
from goodwill.identity.merges import Explanation, explained
from goodwill.identity.review import Stake
from goodwill.warehouse import Tables
from goodwill.workspace import Workspace

#: What a key decides.
KEYS = {"s": "same", "d": "different", "n": "unsure"}
#: What can be pressed, as it is shown.
HELP = "s same   d different   n not sure   r say why first   u undo the last   space later   q quit"
#: Why, where nobody says more: that somebody looked is a reason.
LOOKED = "seen side by side"


@dataclass(frozen=True)
class Asked:
    """What is asked, of whom, and where the answers go."""

    workspace: Workspace
    tables: Tables
    stakes: tuple[Stake, ...]
    by: str
    now: Callable[[], dt.datetime]
    is_masked: bool = False
    key: Callable[[], str] = typer.getchar
    line: Callable[[str], str] = input


def interview(asked: Asked, paper: Console | None = None) -> int:
    """Ask pair after pair until all are answered or somebody quits; give how many lines were written."""
    paper = paper or console()
    numbers: list[tuple[int, int]] = []  # the line of each decision and the place of its pair
    place = written = 0
    while place < len(asked.stakes):
        _show(asked, place, paper)
        pressed, reason = _pressed(asked, paper)
        if pressed == "q":
            break
        if pressed == "u" and numbers:
            number, place = numbers.pop()
            decisions.undo(asked.workspace, number, by=asked.by, at=asked.now(), reason="taken back at once")
            written += 1
            paper.print(f"Line {number} is taken back.")
        elif pressed in KEYS:
            number = _decided(asked, asked.stakes[place], KEYS[pressed], reason, paper)
            numbers += [(number, place)] if number else []
            written += bool(number)
            place += bool(number)
        elif pressed != "u":
            place += 1
    paper.print("That was the last one." if place >= len(asked.stakes) else "Stopped.")
    return written


def _pressed(asked: Asked, paper: Console) -> tuple[str, str]:
    """A key that means something, and why."""
    reason = LOOKED
    while True:
        try:
            pressed = asked.key().lower()
            if pressed == "r":
                reason = asked.line("Why: ").strip() or LOOKED
                continue
        except (EOFError, KeyboardInterrupt):
            return "q", reason
        if pressed in (*KEYS, "u", "q", " "):
            return pressed, reason
        paper.print(HELP)


def _decided(asked: Asked, stake: Stake, verdict: str, reason: str, paper: Console) -> int:
    """The number of the line written; 0 where the decision contradicts another, which is told."""
    said = Said(stake.node_a, stake.node_b, verdict, reason)
    try:
        new = decisions.decide(asked.workspace, [said], by=asked.by, at=asked.now())
    except GoodwillError as error:
        paper.print(escape(words.printable(str(error))))
        return 0
    paper.print(f"Line {new[0].number}: {verdict}.")
    return new[0].number


def _show(asked: Asked, place: int, paper: Console) -> None:
    stake = asked.stakes[place]
    found = explained(asked.tables, stake.node_a, stake.node_b)
    found = masking.explanation(found) if asked.is_masked else found
    now = "one now" if stake.is_joined else "two now"
    paper.print(f"\n{place + 1} of {len(asked.stakes)}, {now}, probability {stake.probability:.2f}")
    paper.print(_side_by_side(found))
    does = "Different" if stake.is_joined else "Same"
    for clause in words.effect(stake, asked.workspace.currency):
        paper.print(f"{does}: {escape(clause)}")
    paper.print(HELP, style="dim")


def _side_by_side(found: Explanation) -> Table:
    table = Table()
    for heading in ("", found.node_a, found.node_b, "agreement", "makes one of both"):
        table.add_column(escape(words.printable(heading)), overflow="fold")
    for field in found.fields:
        cells = (field.field, field.value_a or "", field.value_b or "", field.level, words.times(field.weight))
        table.add_row(*(escape(words.printable(cell)) for cell in cells))
    return table
