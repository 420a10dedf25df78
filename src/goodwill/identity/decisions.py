"""What people decided of pairs of nodes: what stands, what was taken back, what contradicts; as a table for a run."""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from goodwill.errors import GoodwillError
from goodwill.identity.decision_lines import (
    FILE,
    VERDICTS,
    Decision,
    Line,
    Silent,
    Undo,
    append,
    is_node,
    read_lines,
    rewrite,
)
from goodwill.lock import owned
from goodwill.warehouse import Tables
from goodwill.workspace import Workspace

#: A node that stands for a company; any other stands for a person. As in person_links.sql.
_COMPANY = re.compile(r"domain:|company:|[^:]*/(account|company):")
#: What stands where a word had to be forgotten.
FORGOTTEN = "(forgotten)"


@dataclass(frozen=True)
class Said:
    """What somebody says of two nodes, before it is written down."""

    node_a: str
    node_b: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Ledger:
    """Every line of the file, in its order."""

    lines: tuple[Line, ...] = ()

    @property
    def torn(self) -> int | None:
        """The number of the last line, if a crash left it half written and nobody has decided anything since."""
        last = self.lines[-1] if self.lines else None
        return last.number if isinstance(last, Silent) and last.why == "unfinished" else None

    @cached_property
    def taken_back(self) -> Mapping[int, int]:
        """The number of each line that was taken back, and of the line that did so. An undo can be taken back too."""
        found: dict[int, int] = {}
        for line in reversed(self.lines):
            if isinstance(line, Undo) and line.number not in found:
                found[line.undoes] = line.number
        return found

    @cached_property
    def standing(self) -> tuple[Decision, ...]:
        """The latest decision of each pair that nobody took back, in the order of their nodes."""
        in_force = [d for d in self.lines if isinstance(d, Decision) and d.number not in self.taken_back]
        latest = {(d.node_a, d.node_b): d for d in in_force}
        return tuple(latest[pair] for pair in sorted(latest))

    def state(self, line: Decision | Undo) -> str:
        """What became of a line, in words."""
        if line.number in self.taken_back:
            return f"taken back by line {self.taken_back[line.number]}"
        if isinstance(line, Undo) or line in self.standing:
            return "stands"
        later = next(d for d in self.standing if (d.node_a, d.node_b) == (line.node_a, line.node_b))
        return f"replaced by line {later.number}"


def is_company(node: str) -> bool:
    """Does a node stand for a company?

    Examples
    --------
    >>> is_company("domain:acme.com"), is_company("hubspot/contact:17")
    (True, False)
    """
    return bool(_COMPANY.match(node))


def read(workspace: Workspace) -> Ledger:
    """Every decision of a workspace; an empty ledger where nobody decided anything.

    Raises
    ------
    GoodwillError
        A line was altered by hand and is wrong, with its number; or decisions contradict each other.
    """
    ledger = Ledger(read_lines(_path(workspace)))
    _check(ledger)
    return ledger


def _path(workspace: Workspace) -> Path:
    return workspace.root / FILE


def _check(ledger: Ledger) -> None:
    """Refuse decisions that cannot all be true: two nodes that are different, and yet the same by way of others.

    Raises
    ------
    GoodwillError
        With the lines that say so.
    """
    neighbours: dict[str, list[tuple[str, int]]] = {}
    for decision in ledger.standing:
        if decision.verdict == "same":
            neighbours.setdefault(decision.node_a, []).append((decision.node_b, decision.number))
            neighbours.setdefault(decision.node_b, []).append((decision.node_a, decision.number))
    for decision in ledger.standing:
        if decision.verdict == "different" and (chain := _chain(neighbours, decision.node_a, decision.node_b)):
            said = f"lines {', '.join(map(str, chain))} say" if len(chain) > 1 else f"line {chain[0]} says"
            raise GoodwillError(
                f"decisions contradict each other: line {decision.number} says that {decision.node_a} and "
                f"{decision.node_b} are different, {said} that they are the same",
                where=str(FILE),
                remedy=f"Keep what is right; take the other back first, as with: goodwill review --undo {chain[0]}",
            )


def _chain(neighbours: Mapping[str, Sequence[tuple[str, int]]], start: str, end: str) -> list[int]:
    """The numbers of the fewest decisions that join two nodes; none where none do."""
    behind: dict[str, list[int]] = {start: []}
    waiting = deque([start])
    while waiting and end not in behind:
        here = waiting.popleft()
        for node, number in neighbours.get(here, ()):
            if node not in behind:
                behind[node] = [*behind[here], number]
                waiting.append(node)
    return sorted(behind.get(end, []))


def decide(workspace: Workspace, said: Sequence[Said], *, by: str, at: dt.datetime) -> tuple[Decision, ...]:
    """Write decisions down, all of them or, where one is wrong, none; give those that are new.

    What stands already with the same words is not written again: a list of decisions can be read twice.

    Parameters
    ----------
    workspace : Workspace
    said : sequence of Said
    by : str
        Who decides.
    at : datetime
        When, with its time zone.

    Raises
    ------
    GoodwillError
        A decision is wrong or contradicts another.
    WorkspaceBusy
        A run is at work.
    """
    with owned(workspace):
        former = read(workspace)
        stands = {(d.node_a, d.node_b, d.verdict, d.reason) for d in former.standing}
        asked = dict.fromkeys((*_pair(one), one.verdict, one.reason) for one in said)
        new = tuple(
            Decision(number, node_a, node_b, verdict, _second(at), by, reason)
            for number, (node_a, node_b, verdict, reason) in enumerate(
                (one for one in asked if one not in stands), start=_next_number(former)
            )
        )
        _add(workspace, former, new)
    return new


def undo(workspace: Workspace, number: int, *, by: str, at: dt.datetime, reason: str = "") -> Undo:
    """Take a line back, as if it had never been written; an undo can be taken back too.

    Raises
    ------
    GoodwillError
        There is no such line, it is taken back already, or what stands then contradicts itself.
    """
    with owned(workspace):
        former = read(workspace)
        if not any(line.number == number and not isinstance(line, Silent) for line in former.lines):
            remedy = "See all with: goodwill review --list"
            raise GoodwillError(f"there is no decision {number}", where=str(FILE), remedy=remedy)
        if earlier := former.taken_back.get(number):
            remedy = f"To make it stand again, take that line back: goodwill review --undo {earlier}"
            raise GoodwillError(
                f"line {number} is taken back already, by line {earlier}", where=str(FILE), remedy=remedy
            )
        line = Undo(_next_number(former), number, _second(at), by, reason)
        _add(workspace, former, (line,))
    return line


def _pair(said: Said) -> tuple[str, str]:
    """The two nodes in their order.

    Raises
    ------
    GoodwillError
        They cannot be compared, or nothing that is known is said of them.
    """
    node_a, node_b = sorted((said.node_a, said.node_b))
    for node in (node_a, node_b):
        if not is_node(node):
            raise GoodwillError(f'"{node}" is no node', remedy="Write it as kind:value, such as email:jane@acme.com.")
    if node_a == node_b or is_company(node_a) != is_company(node_b):
        told = "one node" if node_a == node_b else "a person and a company"
        raise GoodwillError(f"{node_a} and {node_b} are {told}", remedy="Name two people, or two companies.")
    if said.verdict not in VERDICTS:
        raise GoodwillError(f'"{said.verdict}" is no verdict', remedy=f"Verdicts: {', '.join(VERDICTS)}.")
    return node_a, node_b


def _next_number(former: Ledger) -> int:
    """The number of the next line; where a crash cut one off, a note of that comes first."""
    return len(former.lines) + (2 if former.torn else 1)


def _add(workspace: Workspace, former: Ledger, new: Sequence[Decision | Undo]) -> None:
    notes = (Silent(former.torn + 1, "note"),) if former.torn else ()
    _check(Ledger((*former.lines, *notes, *new)))
    if new:
        append(_path(workspace), (*notes, *new))


def _second(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(microsecond=0)


def counted(workspace: Workspace) -> list[list[str]]:
    """What a run depends on: the decisions that stand. One that was taken back leaves no trace here."""
    rows = read(workspace).standing
    return [[d.node_a, d.node_b, d.verdict, d.decided_at.isoformat(), d.decided_by, d.reason] for d in rows]


def provide(tables: Tables, ledger: Ledger) -> None:
    """Write the table ``match_decisions``: the decisions that stand."""
    tables.register("decisions_read", as_table(ledger))
    tables.execute("CREATE OR REPLACE TABLE match_decisions AS SELECT * FROM decisions_read ORDER BY node_a, node_b")
    tables.forget("decisions_read")


def as_table(ledger: Ledger) -> pa.Table:
    """The decisions that stand, as rows of ``match_decisions``."""
    texts = ("node_a", "node_b", "verdict", "decided_at", "decided_by", "reason")
    columns = {name: [getattr(d, name) for d in ledger.standing] for name in texts}
    columns["decided_at"] = [at.replace(tzinfo=None) for at in columns["decided_at"]]
    kinds = {"decided_at": pa.timestamp("us")}
    return pa.table({name: pa.array(values, kinds.get(name, pa.string())) for name, values in columns.items()})


def forget(workspace: Workspace, nodes: Collection[str], texts: Collection[str] = ()) -> int:
    """Blank every line that names one of these nodes, and these texts wherever else they stand; give how many changed.

    Nothing else rewrites the file. Lines keep their numbers, and what a crash left of a line is blanked as well.
    """
    with owned(workspace) as building:
        former = read(workspace).lines
        gone: set[int] = set()
        blanked: list[Line] = []
        for line in former:
            named = {line.node_a, line.node_b} if isinstance(line, Decision) else set()
            if isinstance(line, Silent) or named & set(nodes) or (isinstance(line, Undo) and line.undoes in gone):
                gone.add(line.number)
                blanked.append(Silent(line.number, "forgotten"))
            else:
                blanked.append(_without(line, (*nodes, *texts)))
        changed = sum(new != old for new, old in zip(blanked, former, strict=True))
        if changed:
            rewrite(_path(workspace), blanked, building / FILE.name)
    return changed


def _without(line: Decision | Undo, words: Collection[str]) -> Decision | Undo:
    """The line without what must be forgotten in its reason and its author."""
    pattern = re.compile(
        "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word), re.IGNORECASE
    )
    if not pattern.pattern:
        return line
    return replace(line, reason=pattern.sub(FORGOTTEN, line.reason), decided_by=pattern.sub(FORGOTTEN, line.decided_by))
