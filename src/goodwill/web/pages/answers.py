"""The answers: the scorecard, a page for each question, the terms, the report and its files."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from goodwill import history
from goodwill.errors import GoodwillError
from goodwill.glossary import TERMS
from goodwill.report import comparisons, words
from goodwill.report.own_money import in_own_money
from goodwill.report.pages import Drawn, outline_of, page_one, section_of
from goodwill.report.pictures import effects
from goodwill.report.value_pictures import cost_and_value
from goodwill.verdicts.verdict import GRADES
from goodwill.web.rendering import Links, make_middle, show, show_made
from goodwill.web.security import Ours
from goodwill.web.site import Answers, Site

ROUTER = APIRouter()
#: The report is a page of its own, whose style stands within it.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@ROUTER.get("/", response_class=HTMLResponse)
def scorecard(request: Request, site: Ours) -> HTMLResponse:
    """All answers on one page; before the first run, how to begin."""
    if not site.has_answers():
        return show(request, "begin.html.j2", exports=_how_many_exports(site))
    answers = site.answers()
    return show_made(request, (answers.stamp,), "scorecard.html.j2", lambda: _scorecard(site, answers))


def _scorecard(site: Site, answers: Answers) -> dict[str, Any]:
    verdicts, currency = answers.verdicts, answers.currency
    outlines = tuple(outline_of(v, currency, n) for n, v in enumerate(verdicts, 1))
    drawn = Drawn(outlines, effects(verdicts, currency), cost_and_value(verdicts, currency))
    earlier, _ = history.readable_before(site.workspace, str(answers.manifest["fingerprint"]))
    former = [(run.label, in_own_money(run.verdicts, run.manifest, answers.meta.currency)) for run in earlier]
    links = {v.question: Links().question(v.question) for v in verdicts}
    return {"meta": answers.meta, **page_one(verdicts, answers.meta, drawn, former, links)}


@ROUTER.get("/questions/{question}", response_class=HTMLResponse)
def question(request: Request, site: Ours, question: str) -> HTMLResponse:
    """One answer with its pictures, its figures and the attempts to break it."""
    answers = site.answers()
    answers.find(question)
    return show_made(request, (answers.stamp, question), "question_page.html.j2", lambda: _question(answers, question))


def _question(answers: Answers, question: str) -> dict[str, Any]:
    section = section_of(answers.find(question), answers.currency, 1)
    order = [v.question for v in answers.verdicts]
    place = order.index(question)
    around = [answers.find(order[n]) for n in (place - 1, (place + 1) % len(order))]
    return {
        "section": section,
        "currency": answers.currency,
        "terms": TERMS,
        "meta": answers.meta,
        "around": around,
    }


def warm(site: Site) -> None:
    """Make the pages that are asked for first, before anybody asks."""
    answers = site.answers()
    make_middle(site, (answers.stamp,), "scorecard.html.j2", lambda: _scorecard(site, answers))
    for name in [v.question for v in answers.verdicts]:
        make_middle(site, (answers.stamp, name), "question_page.html.j2", partial(_question, answers, name))


@ROUTER.get("/terms", response_class=HTMLResponse)
def terms(request: Request) -> HTMLResponse:
    """What the words mean."""

    def make() -> dict[str, Any]:
        return {
            "terms": TERMS, "grades": GRADES, "standings": words.STANDINGS, "readings": comparisons.READINGS_MEAN,
        }  # fmt: skip

    return show_made(request, (), "terms.html.j2", make)


@ROUTER.get("/report", response_class=HTMLResponse)
def report(site: Ours) -> Response:
    """The report as it lies in the workspace, to print, send or save."""
    try:
        html = site.workspace.report.read_bytes()
    except OSError:
        raise GoodwillError("there is no report yet", remedy="Press Run on the page Data.") from None
    return Response(html, media_type="text/html", headers={"content-security-policy": REPORT_POLICY})


def _how_many_exports(site: Site) -> int:
    folder = site.workspace.exports
    return sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
