"""``review``: decide who is who, take decisions back, list them, or see which pairs are worth a look."""

from __future__ import annotations

import datetime as dt
import getpass
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.claims import masking
from goodwill.doors import matching_words as words
from goodwill.doors.decision_sheets import decisions_in
from goodwill.doors.interview import Asked, interview
from goodwill.doors.kept_warehouse import Kept, opened, read_decisions
from goodwill.doors.matching import names_of
from goodwill.doors.showing import console, say, show
from goodwill.errors import GoodwillError
from goodwill.identity import decisions
from goodwill.identity.decision_lines import Decision, Undo
from goodwill.identity.decisions import Said
from goodwill.identity.merge_paths import known_node
from goodwill.identity.review import Stake, queue
from goodwill.workspace import Workspace, open_workspace

#: What is told of a decision or an undo.
LINE = ("number", "state", "verdict", "node_a", "node_b", "decided_at", "decided_by", "reason")
#: What is told of an uncertain pair; verdict and reason are left empty for whoever decides in a spreadsheet.
QUEUED = (
    "kind", "node_a", "name_a", "node_b", "name_b", "probability", "joined", "score", "touches", "deals", "deals_won",
    "deals_open", "money", "customers", "effect", "verdict", "reason",
)  # fmt: skip
#: What of that a person reads on a screen.
READ_OFF = ("node_a", "name_a", "node_b", "name_b", "probability", "score", "effect")


@dataclass(frozen=True)
class Wanted:
    """What is asked for: at most one decision, an undo, a list, a queue or a file of decisions; else questions."""

    same: tuple[str, str] | None = None
    different: tuple[str, str] | None = None
    unsure: tuple[str, str] | None = None
    undo: int | None = None
    is_list: bool = False
    is_queue: bool = False
    file: str | None = None
    reason: str = ""
    by: str = ""
    limit: int = 20
    is_masked: bool = False

    def things(self) -> list[str]:
        """What of all this was asked for."""
        said = {
            "--same": self.same, "--different": self.different, "--not-sure": self.unsure, "--undo": self.undo,
            "--list": self.is_list or None, "--queue": self.is_queue or None, "--from": self.file,
        }  # fmt: skip
        return [name for name, value in said.items() if value is not None]


def review(folder: Path, wanted: Wanted, form: str) -> int:
    """Do what is asked for; give 0.

    Raises
    ------
    GoodwillError
        Two things were asked for at once, there was no run yet, or a decision is wrong.
    """
    workspace, asked = open_workspace(folder), wanted.things()
    if len(asked) > 1:
        raise GoodwillError(f"{' and '.join(asked)} cannot be done at once", remedy="Ask for one thing at a time.")
    if wanted.is_list:
        show(_lines(read_decisions(workspace), wanted), form, columns=LINE, title="What was decided")
    elif wanted.undo is not None:
        _undo(workspace, wanted, form)
    elif wanted.file or wanted.same or wanted.different or wanted.unsure:
        _decide(workspace, wanted, form)
    else:
        _look(workspace, wanted, form)
    return 0


def _undo(workspace: Workspace, wanted: Wanted, form: str) -> None:
    read_decisions(workspace)
    line = decisions.undo(workspace, wanted.undo or 0, by=_who(wanted), at=_now(), reason=wanted.reason)
    _written(workspace, wanted, form, [line.undoes, line.number])


def _decide(workspace: Workspace, wanted: Wanted, form: str) -> None:
    with opened(workspace) as kept:
        if wanted.file:
            said, left = decisions_in(Path(wanted.file), kept.tables)
            if left:
                say(f"{words.counted(left, 'row')} without a verdict left alone.")
        else:
            said = [_said(kept, wanted)]
    new = decisions.decide(workspace, said, by=_who(wanted), at=_now())
    if len(new) < len(said):
        say(f"{words.counted(len(said) - len(new), 'decision')} stood already.")
    _written(workspace, wanted, form, [line.number for line in new])


def _said(kept: Kept, wanted: Wanted) -> Said:
    given = {"same": wanted.same, "different": wanted.different, "unsure": wanted.unsure}
    verdict, pair = next((name, pair) for name, pair in given.items() if pair)
    if not wanted.reason.strip():
        raise GoodwillError("a decision needs a reason", remedy='Say why: --reason "same photo and employer"')
    return Said(known_node(kept.tables, pair[0]), known_node(kept.tables, pair[1]), verdict, wanted.reason.strip())


def _written(workspace: Workspace, wanted: Wanted, form: str, numbers: list[int]) -> None:
    rows = [row for row in _lines(decisions.read(workspace), wanted) if row["number"] in numbers]
    show(rows, form, columns=LINE)
    if numbers:
        say(_next(workspace))


def _next(workspace: Workspace) -> str:
    return f"It counts from the next run: goodwill run {workspace.root}"


def _lines(ledger: decisions.Ledger, wanted: Wanted) -> list[dict[str, Any]]:
    """Every decision and undo with what became of it."""
    rows = []
    for line in ledger.lines:
        if isinstance(line, Decision):
            said: dict[str, Any] = {"verdict": line.verdict, "node_a": line.node_a, "node_b": line.node_b}
        elif isinstance(line, Undo):
            said = {"verdict": f"takes back line {line.undoes}", "node_a": None, "node_b": None}
        else:
            continue
        said |= {"number": line.number, "state": ledger.state(line), "decided_by": line.decided_by}
        said |= {"decided_at": line.decided_at.strftime("%Y-%m-%d %H:%M"), "reason": line.reason}
        if wanted.is_masked:
            said = masking.record(said) | {"reason": masking.HIDDEN if line.reason else ""}
        rows.append({name: said[name] for name in LINE})
    return rows


def _look(workspace: Workspace, wanted: Wanted, form: str) -> None:
    """The queue, in a terminal as questions."""
    is_watched = console().is_terminal and sys.stdin.isatty()
    with opened(workspace) as kept:
        stakes = queue(kept.tables, kept.terms, limit=wanted.limit)
        if is_watched and not wanted.is_queue:
            asked = Asked(workspace, kept.tables, stakes, _who(wanted), _now, is_masked=wanted.is_masked)
            written = interview(asked)
            if written:
                say(f"{words.counted(written, 'line')} written. {_next(workspace)}")
            return
        rows = _queued(kept, stakes, wanted)
    if form == "table":
        rows = [{name: row[name] for name in READ_OFF} for row in rows]
    show(rows, form, columns=QUEUED, title="Pairs on which a decision would move the answers most")
    if not stakes:
        say("No pair is uncertain.")


def _queued(kept: Kept, stakes: tuple[Stake, ...], wanted: Wanted) -> list[dict[str, Any]]:
    nodes = [node for stake in stakes for node in (stake.node_a, stake.node_b)]
    names = names_of(kept.tables, nodes, is_masked=wanted.is_masked)
    rows = []
    for stake in stakes:
        row = {name: getattr(stake, name, None) for name in QUEUED}
        row |= {"name_a": names.get(stake.node_a, ""), "name_b": names.get(stake.node_b, "")}
        row |= {"probability": round(stake.probability, 4), "score": round(stake.score, 6), "joined": stake.is_joined}
        row |= {"effect": "; ".join(words.effect(stake, kept.terms.workspace.currency)), "verdict": "", "reason": ""}
        if wanted.is_masked:
            row |= {side: masking.node(str(row[side])) for side in ("node_a", "node_b")}
        rows.append(row)
    return rows


def _who(wanted: Wanted) -> str:
    """Who decides: as said, else the name under which one is logged in."""
    if wanted.by.strip():
        return wanted.by.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise GoodwillError("nobody knows who decides", remedy="Say who: --by NAME") from None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
