"""A claim as a tree: from its sentence over the figure, its meaning and its checks down to rows, models and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodwill.claims.branch import Branch
from goodwill.claims.origins import rows_branch, source_branches
from goodwill.claims.settings_read import settings_behind
from goodwill.glossary import term
from goodwill.registry import questions
from goodwill.report import words
from goodwill.report.check_words import came_out, outcome
from goodwill.report.numbers import show, show_count, show_interval, show_level
from goodwill.verdicts import Check, Figure, Verdict
from goodwill.verdicts.verdict import GRADES
from goodwill.workspace import Workspace

__all__ = ["Branch", "tree"]

Branches = tuple[Branch, ...]


def tree(
    verdict: Verdict, figure: Figure | None, workspace: Workspace, manifest: Mapping[str, Any], currency: str
) -> Branch:
    """What stands behind a claim.

    Parameters
    ----------
    verdict : Verdict
    figure : Figure or None
        One of its figures (see ``finding.found``).
    workspace : Workspace
        For the settings.
    manifest : mapping
        What the answers rest on, as ``keeping.kept`` gives it.
    currency : str
        In which money is shown.

    Returns
    -------
    Branch
        Of kind claim; it holds no names of people. The rows themselves are given by ``rows.rows_behind``.
    """
    below = (
        *_definition(figure),
        _method(verdict, currency),
        _checks(verdict, currency),
        _assumptions(verdict, currency),
        Branch("settings", "Settings on the way", settings_behind(verdict, figure, workspace, manifest), ()),
        *_origins(figure, manifest),
    )
    number = _figure(verdict, figure, currency, below)
    return Branch("claim", words.sentence(verdict, currency), (verdict.asks,), (number,), verdict.question)


def _figure(verdict: Verdict, figure: Figure | None, currency: str, below: Branches) -> Branch:
    if figure is None:
        unknown = tuple(f"{heading}: {told}" for heading, told in words.unknown(verdict, currency))
        return Branch("figure", "There is no figure", unknown, below, verdict.question)
    interval = show_interval(figure, currency)
    lines = (
        f"{show_level(figure)} interval: {interval}" if interval else "no interval: nothing was sampled",
        f"n = {show_count(figure.n)}" if figure.n is not None else "",
        _grade(verdict, figure),
    )
    title = f"{figure.label}: {show(figure, currency)}"
    return Branch("figure", title, tuple(filter(None, lines)), below, f"{verdict.question}.{figure.name}")


def _grade(verdict: Verdict, figure: Figure) -> str:
    if figure is verdict.headline:
        return f"grade {verdict.grade}: {GRADES[verdict.grade]}"
    return f"the answer to the question has grade {verdict.grade}: {GRADES[verdict.grade]}"


def _definition(figure: Figure | None) -> Branches:
    found = term(figure.definition) if figure and figure.definition else None
    if found is None:
        return ()
    told = (
        found.definition,
        f"Unit: {found.unit}" if found.unit else "",
        found.caution,
        f"Source: {found.source}" if found.source else "",
    )
    return (Branch("definition", found.title, tuple(filter(None, told)), (), found.name),)


def _method(verdict: Verdict, currency: str) -> Branch:
    about = {
        "Of whom": verdict.population,
        "One unit": verdict.unit,
        "Exposed to": verdict.treatment,
        "Compared with": verdict.comparison,
        "Days covered": " to ".join(verdict.period) if all(verdict.period) else "",
    }
    lines = (
        verdict.estimand,
        verdict.method,
        *(f"{name}: {said}" for name, said in about.items() if said),
        f"Units: {show_count(verdict.n)}{_exposed(verdict)}" if verdict.n else "",
        words.adjusting(verdict, currency),
    )
    return Branch("method", "How it was found", tuple(filter(None, lines)), ())


def _exposed(verdict: Verdict) -> str:
    return f", {show_count(verdict.n_exposed)} of them exposed" if verdict.n_exposed else ""


def _checks(verdict: Verdict, currency: str) -> Branch:
    lines = tuple(_tried(check, verdict, currency) for check in verdict.checks)
    return Branch("checks", "What was tried against it", lines or ("nothing could be tried",), ())


def _tried(check: Check, verdict: Verdict, currency: str) -> str:
    unit = verdict.headline.unit if verdict.headline else ""
    return f"{check.name}: {check.tried}; {came_out(check, unit, currency)} ({outcome(check)[1]})"


def _assumptions(verdict: Verdict, currency: str) -> Branch:
    question = questions().get(verdict.question)
    changed_by = (*(question.falsified_by if question else ()), *words.hidden_cause(verdict, currency))
    change = Branch("assumptions", "What would change it", changed_by, ())
    limits = Branch("assumptions", "Limits", verdict.notes, ())
    below = tuple(branch for branch in (change, limits) if branch.lines)
    return Branch("assumptions", "What it assumes", question.assumptions if question else (), below)


def _origins(figure: Figure | None, manifest: Mapping[str, Any]) -> Branches:
    if figure is None or figure.evidence is None:
        return ()
    return (rows_branch(figure.evidence), *source_branches(figure.evidence, manifest))
