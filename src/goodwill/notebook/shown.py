"""Answers as rich HTML for notebooks: escaped, without scripts, with a style that touches nothing else on the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from goodwill.claims.branch import Branch
from goodwill.report.meta import Meta
from goodwill.report.pages import environment, section_of
from goodwill.verdicts import Verdict

TEMPLATES = Path(__file__).parent / "templates"


def answer_html(verdict: Verdict, currency: str) -> str:
    """One answer: its standing, its sentence, its first picture, its figures."""
    page = environment(TEMPLATES).get_template("answer.html.j2")
    return page.render(section=section_of(verdict, currency, 1), currency=currency, terms={})


def scorecard_html(verdicts: Sequence[Verdict], meta: Meta) -> str:
    """All answers, a row for each."""
    page = environment(TEMPLATES).get_template("scorecard.html.j2")
    return page.render(verdicts=verdicts, meta=meta, currency=meta.currency, terms={})


def branch_html(tree: Branch) -> str:
    """What stands behind a claim, to be unfolded."""
    return environment(TEMPLATES).get_template("explanation.html.j2").render(tree=tree)
