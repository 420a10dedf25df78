"""Former runs: a list of them, any two compared, and every answer as it was then."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse

from goodwill import history
from goodwill.errors import GoodwillError
from goodwill.report import words
from goodwill.report.change_words import compared
from goodwill.report.meta import Meta
from goodwill.report.own_money import in_own_money
from goodwill.report.pages import section_of
from goodwill.report.run_differences import differences
from goodwill.report.then_and_now import then_and_now
from goodwill.web.rendering import show_made
from goodwill.web.security import Ours
from goodwill.web.site import Site

ROUTER = APIRouter()
#: Runs on one page of the list.
PAGE = 20
Number = Annotated[int, InPath(ge=1, le=10**9)]
Chosen = Annotated[int, Query(ge=1, le=10**9)]


@dataclass(frozen=True)
class Line:
    """One run in the list; ``standings`` is empty and ``problem`` is not where its answers cannot be read."""

    number: int
    kept_at: str
    as_of: str
    standings: tuple[tuple[str, int], ...]
    differs: tuple[str, ...]
    problem: str = ""


@ROUTER.get("/history", response_class=HTMLResponse)
def runs(request: Request, site: Ours, page: Annotated[int, Query(ge=1, le=10**6)] = 1) -> HTMLResponse:
    """Every run that is kept, the newest first, and what changed before each."""

    def make() -> dict[str, Any]:
        summaries = history.summaries(site.workspace)
        pages = max(1, -(-len(summaries) // PAGE))
        place = min(page, pages)
        last = len(summaries) - (place - 1) * PAGE
        lines = [_line(site, summaries, n) for n in reversed(range(max(0, last - PAGE), last))]
        return {"lines": lines, "page": place, "pages": pages, "total": len(summaries)}

    return show_made(request, (_stamp(site), page), "history.html.j2", make)


@ROUTER.get("/history/compare", response_class=HTMLResponse)
def compare(request: Request, site: Ours, a: Chosen, b: Chosen) -> HTMLResponse:
    """Two runs, question by question, the earlier one first."""
    numbers = (min(a, b), max(a, b))
    if a == b:
        raise GoodwillError("a run is the same as itself", remedy="Choose two runs on the page History.")
    earlier, later = (history.run(site.workspace, number) for number in numbers)

    def make() -> dict[str, Any]:
        currency = Meta.of(later.manifest).currency
        former = in_own_money(earlier.verdicts, earlier.manifest, currency)
        names = (f"run {earlier.number}", f"run {later.number}")
        return {
            "earlier": earlier,
            "later": later,
            "said": compared(former, later.verdicts, currency, labels=(earlier.label, later.label)),
            "picture": then_and_now(former, later.verdicts, currency, names=names),
            "differs": differences(earlier.manifest, later.manifest),
            "in_both": [{v.question for v in run.verdicts} for run in (earlier, later)],
        }

    return show_made(request, (_stamp(site), *numbers), "history_compare.html.j2", make)


@ROUTER.get("/history/{number}", response_class=HTMLResponse)
def run(request: Request, site: Ours, number: Number) -> HTMLResponse:
    """All answers of one run."""
    found = history.run(site.workspace, number)

    def make() -> dict[str, Any]:
        meta = Meta.of(found.manifest)
        sections = [section_of(v, meta.currency, n) for n, v in enumerate(found.verdicts, 1)]
        return {"run": found, "meta": meta, "sections": sections, "currency": meta.currency}

    return show_made(request, (_stamp(site), number), "history_run.html.j2", make)


@ROUTER.get("/history/{number}/questions/{question}", response_class=HTMLResponse)
def question(request: Request, site: Ours, number: Number, question: str) -> HTMLResponse:
    """One answer as it was then. Its tables are gone, so that nothing on it leads to rows."""
    found = history.run(site.workspace, number)
    verdict = next((v for v in found.verdicts if v.question == question), None)
    if verdict is None:
        asked = ", ".join(v.question for v in found.verdicts)
        raise GoodwillError(f'run {number} has no answer to "{question[:80]}"', remedy=f"Its answers: {asked}.")

    def make() -> dict[str, Any]:
        meta = Meta.of(found.manifest)
        section = section_of(verdict, meta.currency, 1)
        is_asked = site.has_answers() and any(v.question == question for v in site.answers().verdicts)
        return {"run": found, "section": section, "currency": meta.currency, "terms": {}, "links": None,
                "is_asked_now": is_asked}  # fmt: skip

    now = site.answers().stamp if site.has_answers() else ""
    return show_made(request, (_stamp(site), now, number, question), "history_question.html.j2", make)


def _line(site: Site, summaries: tuple[history.Summary, ...], place: int) -> Line:
    summary = summaries[place]
    before = summaries[place - 1] if place else None
    differs = differences(before.manifest, summary.manifest) if before and before.manifest and summary.manifest else ()
    try:
        verdicts = history.run(site.workspace, summary.number).verdicts
    except GoodwillError as error:
        return Line(summary.number, _moment(summary.kept_at), summary.as_of, (), differs, error.problem)
    counted = Counter[str](v.standing for v in verdicts)
    standings = tuple((words.STANDINGS[s].words, counted[s]) for s in words.STANDINGS if counted[s])
    return Line(summary.number, _moment(summary.kept_at), summary.as_of, standings, differs)


def _moment(kept_at: str) -> str:
    """A moment as readers read it."""
    return kept_at[:16].replace("T", " ") + " UTC" if kept_at else "not known"


def _stamp(site: Site) -> tuple[int, ...]:
    """Changes whenever a run is added, replaced or removed: each of them renames a folder in history/."""
    try:
        found = site.workspace.history.stat()
    except OSError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)
