"""Who may be whom: uncertain pairs one at a time, side by side; decisions, and taking them back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from goodwill.claims import masking
from goodwill.doors import matching_words as words
from goodwill.doors.matching import compared, names_of
from goodwill.errors import GoodwillError, WorkspaceBusy
from goodwill.identity import decisions
from goodwill.identity.decision_lines import Decision, Undo
from goodwill.identity.decisions import Said
from goodwill.identity.review import Stake
from goodwill.web import audit
from goodwill.web.access import Visitor
from goodwill.web.deciding import Order, digest_of, key, ledger_of, queue_of, waiting, why
from goodwill.web.directory import PAGE, Found
from goodwill.web.rendering import go, show
from goodwill.web.security import Current, Ours, Owner, Reader
from goodwill.web.site import Site

ROUTER = APIRouter()
#: Reasons at hand; own words count before them.
REASONS = ("same address", "same photo and employer", "same name and employer", "different company")
#: What stands as the reason where none was chosen: that somebody looked at both records.
LOOKED = "as both records say"
#: Seconds that a page waits for the first order of pairs before it says that it is being worked out.
PATIENCE = 0.2
SAID = {"same": "They are the same", "different": "They are different", "unsure": "Not sure"}
#: Numbers of lines in what is said of decisions that contradict each other.
_LINES = re.compile(r"lines? (\d+(?:, \d+)*)")


def warm(site: Site) -> None:
    """Put uncertain pairs in order before anybody asks."""
    queue_of(site).look(digest_of(site))


@ROUTER.get("/review", response_class=HTMLResponse)
def review(request: Request, *, site: Ours, visitor: Reader, session: Current) -> HTMLResponse:
    """The pair on which a decision would move the answers most."""
    return _review(request, site, visitor, is_masked=not site.sessions.shows_names(session))


@ROUTER.get("/review/decided", response_class=HTMLResponse)
def decided(
    request: Request, *, site: Ours, session: Current, page: Annotated[int, Query(ge=1, le=10**6)] = 1
) -> HTMLResponse:
    """Every decision, what became of it, and the way to take it back."""
    is_masked = not site.sessions.shows_names(session)
    ledger = ledger_of(site)
    lines = [line for line in ledger.lines if isinstance(line, Decision | Undo)][::-1]
    chosen = lines[(page - 1) * PAGE : page * PAGE]
    nodes = [node for line in chosen if isinstance(line, Decision) for node in (line.node_a, line.node_b)]
    with site.tables() as tables:
        names = names_of(tables, nodes, is_masked=is_masked)
    rows = [_line(ledger, line, names, is_masked=is_masked) for line in chosen]
    return show(request, "decided.html.j2", found=Found(tuple(rows), len(lines), page), waiting=waiting(site))


@ROUTER.get("/review/{pair}", response_class=HTMLResponse)
def one_pair(request: Request, *, site: Ours, visitor: Reader, session: Current, pair: str) -> HTMLResponse:
    """One pair, side by side."""
    return _review(request, site, visitor, is_masked=not site.sessions.shows_names(session), pair=pair)


def _review(request: Request, site: Site, visitor: Visitor, *, is_masked: bool, pair: str = "") -> HTMLResponse:
    digest, queue, ledger = digest_of(site), queue_of(site), ledger_of(site)
    order = queue.look(digest)
    if order is None:
        queue.wait(PATIENCE)
        order = queue.look(digest)
    about: dict[str, Any] = {"summary": queue.summary or [], "share": words.share, "waiting": waiting(site)}
    if order is None:
        return show(request, "review_wait.html.j2", **about)
    left = order.left(ledger)
    stake = _found(order, pair) if pair else left[0] if left else None
    return show(
        request, "review.html.j2", **about, left=left, stake=stake, is_old=order.digest != digest,
        reasons=REASONS, looked=LOOKED, is_masked=is_masked,
        last=_last(ledger), pair=_pair(site, visitor, stake, left, is_masked=is_masked) if stake else None,
    )  # fmt: skip


def _found(order: Order, pair: str) -> Stake:
    """The pair of this name.

    Raises
    ------
    GoodwillError
        It is in the queue no more.
    """
    stake = order.find(pair)
    if stake is None:
        remedy = "Go to the page Review: the pair that matters most now is there."
        raise GoodwillError("this pair is not in the queue", remedy=remedy)
    return stake


def _last(ledger: decisions.Ledger) -> Decision | None:
    """The last decision that stands."""
    return max(ledger.standing, key=lambda line: line.number, default=None)


def _pair(site: Site, visitor: Visitor, stake: Stake, left: list[Stake], *, is_masked: bool) -> dict[str, Any]:
    """Both records of a pair, why they may be one, and what a decision would move."""
    found = why(site, stake)
    hides = is_masked and stake.kind == "person"
    seen = f"{found.whole_a} {found.whole_b}"
    audit.write(site.workspace, visitor.name, f"saw pair, {'masked' if is_masked else 'with names'}", seen)
    with site.tables() as tables:
        places = tables.rows(
            f"""SELECT node, source_file, source_row FROM {stake.kind}_records
            WHERE node IN ($a, $b) ORDER BY node, source_file, source_row""",
            a=stake.node_a, b=stake.node_b,
        )  # fmt: skip
    keys = [key(one) for one in left]
    place = keys.index(key(stake)) if key(stake) in keys else -1
    shown = masking.explanation(found) if hides else found
    return {
        "key": key(stake), "kind": stake.kind, "probability": stake.probability, "hides": hides,
        "node_a": shown.node_a, "node_b": shown.node_b, "whole_a": found.whole_a, "whole_b": found.whole_b,
        "fields": compared(shown), "verdict": words.verdict(shown), "path": list(map(words.step, shown.path)),
        "effect": words.effect(stake, site.workspace.currency), "places": {row["node"]: row for row in places},
        "nodes": (stake.node_a, stake.node_b), "place": place + 1,
        "before": keys[place - 1] if place > 0 else "", "after": keys[place + 1] if place + 1 < len(keys) else "",
    }  # fmt: skip


def _line(ledger: decisions.Ledger, line: Decision | Undo, names: dict[str, str], *, is_masked: bool) -> dict[str, Any]:
    """A decision or an undo with what became of it."""
    told = {
        "number": line.number, "state": ledger.state(line), "by": line.decided_by,
        "at": line.decided_at.strftime("%Y-%m-%d %H:%M"), "is_taken_back": line.number in ledger.taken_back,
        "reason": masking.HIDDEN if is_masked and line.reason else line.reason,
    }  # fmt: skip
    if isinstance(line, Undo):
        return told | {"said": f"takes back line {line.undoes}", "sides": []}
    sides = [
        {"node": masking.node(node) if is_masked else node, "name": names.get(node, "")}
        for node in (line.node_a, line.node_b)
    ]
    return told | {"said": SAID[line.verdict].lower(), "sides": sides}


@ROUTER.post("/review/decide", response_class=HTMLResponse)
def decide(
    request: Request,
    *,
    site: Ours,
    session: Current,
    owner: Owner,
    pair: Annotated[str, Form(max_length=64)],
    verdict: Annotated[Literal["same", "different", "unsure"], Form()],
    reason: Annotated[str, Form(max_length=200)] = "",
    own: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Write a decision down, and go on to the next pair."""
    order = queue_of(site).look(digest_of(site))
    if order is None:
        raise GoodwillError("the queue is being worked out", remedy="Go back to the page Review in a moment.")
    stake, is_masked = _found(order, pair), not site.sessions.shows_names(session)
    if is_masked and stake.kind == "person":
        remedy = "Go back and show names first."
        raise GoodwillError("nobody can decide on people whose names are hidden", remedy=remedy)
    said = Said(stake.node_a, stake.node_b, verdict, _clean(own) or _clean(reason) or LOOKED)
    following = _following(order, ledger_of(site), pair)
    try:
        new = decisions.decide(site.workspace, [said], by=owner.name, at=_now())
    except WorkspaceBusy:
        raise
    except GoodwillError as error:
        return _contradicted(request, site, error, f"/review/{pair}", is_masked=is_masked)
    found = why(site, stake)
    for line in new:
        what = f"decided: {verdict}, line {line.number}"
        audit.write(site.workspace, owner.name, what, f"{found.whole_a} {found.whole_b}")
    told = f"{SAID[verdict]}: written down." if new else "This was decided already."
    return go(request, f"/review/{following}" if following else "/review", told)


def _following(order: Order, ledger: decisions.Ledger, pair: str) -> str:
    """The next pair on which nobody has decided; empty after the last."""
    names, left = [key(stake) for stake in order.stakes], {key(stake) for stake in order.left(ledger)}
    return next((name for name in names[names.index(pair) + 1 :] if name in left), "")


@ROUTER.post("/review/undo", response_class=HTMLResponse)
def undo(
    request: Request,
    *,
    site: Ours,
    session: Current,
    owner: Owner,
    number: Annotated[int, Form(ge=1, le=10**9)],
    then: Annotated[Literal["/review", "/review/decided"], Form()] = "/review",
) -> Response:
    """Take a line back, whoever wrote it."""
    try:
        line = decisions.undo(site.workspace, number, by=owner.name, at=_now())
    except WorkspaceBusy:
        raise
    except GoodwillError as error:
        is_masked = not site.sessions.shows_names(session)
        return _contradicted(request, site, error, then, is_masked=is_masked)
    audit.write(site.workspace, owner.name, f"took back line {number}, line {line.number}", "")
    return go(request, then, f"Line {number} is taken back.")


def _contradicted(request: Request, site: Site, error: GoodwillError, back: str, *, is_masked: bool) -> HTMLResponse:
    """What is wrong with a decision, and the decisions in its way."""
    ledger, problem = ledger_of(site), error.problem
    if is_masked:
        nodes = {node for line in ledger.lines if isinstance(line, Decision) for node in (line.node_a, line.node_b)}
        for node in sorted(nodes, key=len, reverse=True):
            problem = problem.replace(node, masking.node(node))
    numbers = {int(number) for found in _LINES.findall(problem) for number in found.split(", ")}
    lines = [line for line in ledger.standing if line.number in numbers]
    rows = [_line(ledger, line, {}, is_masked=is_masked) for line in sorted(lines, key=lambda one: one.number)]
    return show(request, "contradicted.html.j2", 422, problem=problem[:1].upper() + problem[1:], rows=rows, back=back)


def _clean(text: str) -> str:
    """A reason on one line, without half characters, which no file can hold."""
    return " ".join(words.printable(text.encode(errors="replace").decode()).split())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
