"""Which settings bear on a figure: those that the models behind it and the question's own code really read."""

from __future__ import annotations

import ast
import importlib
import inspect
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from goodwill.claims.tables_read import models_behind, tables_behind
from goodwill.registry import questions
from goodwill.settings import FILE, SETTINGS
from goodwill.verdicts import Evidence, Figure, Verdict
from goodwill.workspace import Workspace

#: Settings behind the named parameters of the models, as ``registry.Terms.parameters`` fills them.
PARAMETERS = {
    "end": ("analysis.as_of",),
    "history_days": ("windows.history_weeks",),
    "washout_days": ("windows.washout_weeks",),
}
#: Settings behind the tables that models read, as ``provided`` and ``study.resolve`` fill them.
PROVIDED = {
    "setting_stages": ("stages.won", "stages.lost"),
    "setting_own": ("company.domains", "company.partners", "company.rivals", "venues.*.handles"),
    "setting_teams": ("teams.*.members", "teams.*.hourly_cost"),
    "setting_venues": ("venues.*.monthly_tools",),
    "resolved": ("privacy.respect_do_not_track",),
}
#: Every file is read with this; the seed and the draws stand behind whatever has an interval.
ALWAYS, SAMPLED, POOLED = ("company.time_zone",), ("analysis.level", "analysis.seed"), ("analysis.draws",)
#: Folders whose code a question may call with its settings.
CODE = ("questions", "designs", "journeys", "identity")
#: Settings that hold people's names are counted, not told.
NAMES = ("teams.*.members",)

_ORDER = {setting.path: place for place, setting in enumerate(SETTINGS)}


def settings_behind(
    verdict: Verdict, figure: Figure | None, workspace: Workspace, manifest: Mapping[str, Any]
) -> tuple[str, ...]:
    """The settings on the way to a figure, each with its value and whether it was set, in the order of the manual.

    Figures that were only counted rest on what their models read; what was estimated also on what the question reads.
    """
    wanted = {*ALWAYS, *(_of_models(figure.evidence) if figure and figure.evidence else ())}
    is_estimated = figure is None or figure is verdict.headline or figure.low is not None
    if is_estimated:
        wanted.update(SAMPLED, _of_question(verdict.question))
    if figure is not None and figure.unit == "money":
        wanted.add("company.currency")
    raw = _raw(workspace)
    known = sorted(path for path in wanted if path in _ORDER)
    return tuple(line for path in sorted(known, key=_ORDER.__getitem__) for line in _told(path, raw, manifest))


def _of_models(evidence: Evidence) -> set[str]:
    found = {path for name in tables_behind(evidence) for path in PROVIDED.get(name, ())}
    used = "\n".join([*(m.sql for m in models_behind(evidence)), evidence.rows])
    return found.union(*(paths for name, paths in PARAMETERS.items() if f"${name}" in used))


@cache
def _of_question(name: str) -> frozenset[str]:
    """The settings that a question's code names, wherever in the code of designs and journeys that it calls."""
    question = questions().get(name)
    if question is None:
        return frozenset()
    named = _named_settings(question.ask.__module__)
    found = {path for path in _ORDER if path.split(".")[-1] in named or path.split(".")[0] in named}
    return frozenset(found | set(POOLED if question.is_pooled else ()))


def _named_settings(module: str) -> frozenset[str]:
    """What is read of ``workspace`` in a module and in those it imports."""
    seen, waiting, found = set[str](), [module], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for node in ast.walk(_parsed(current)):
            if isinstance(node, ast.ImportFrom) and node.module:
                waiting.extend(m for m in _modules(node) if m.split(".")[1:2] and m.split(".")[1] in CODE)
            elif isinstance(node, ast.Attribute) and _is_workspace(node.value):
                found.add(node.attr)
    return frozenset(found)


def _modules(node: ast.ImportFrom) -> Iterator[str]:
    assert node.module is not None
    if node.module.startswith("goodwill."):
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_workspace(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "workspace") or (
        isinstance(node, ast.Name) and node.id == "workspace"
    )


def _parsed(module: str) -> ast.Module:
    """A module's code; nothing where the name is no module or its code is not at hand."""
    try:
        return ast.parse(inspect.getsource(importlib.import_module(module)))
    except (ImportError, OSError, TypeError):
        return ast.Module(body=[], type_ignores=[])


def _raw(workspace: Workspace) -> dict[str, Any]:
    return tomllib.loads((workspace.root / FILE).read_text(encoding="utf-8-sig"))


def _told(path: str, raw: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterator[str]:
    """A setting with its value; one that stands for several names, once for each."""
    default = SETTINGS[_ORDER[path]].default
    section, *rest = path.split(".")
    given = raw.get(section, {})
    if rest[0] != "*":
        yield _line(path, _at(given, rest), default, manifest)
        return
    if not given:
        yield f"{path}: nothing is set"
    for name, entry in given.items():
        value = _at(entry, rest[1:])
        shown = len(value) if path in NAMES and value is not None else value
        yield _line(".".join([section, name, *rest[1:]]), shown, default, manifest)


def _at(given: Any, rest: Iterable[str]) -> Any:
    for name in rest:
        given = given.get(name) if isinstance(given, Mapping) else None
    return given


def _line(path: str, value: Any, default: Any, manifest: Mapping[str, Any]) -> str:
    """Path, value, and where it comes from; what a run was told on the command line counts for its answers."""
    ran = {f"analysis.{name}": manifest[name] for name in ("level", "seed", "as_of") if name in manifest}
    if path == "analysis.as_of" and value is None:
        return f"{path} = {ran.get(path, '–')} (not set: the last day in the data, or as the run was told)"
    if path in ran and value is not None and str(ran[path]) != str(value):
        return f"{path} = {ran[path]} (as the run was told; {FILE} says {value})"
    if path in ran and value is None and ran[path] != default:
        return f"{path} = {ran[path]} (as the run was told; the default is {default})"
    return f"{path} = {_shown(default if value is None else value)} ({'default' if value is None else 'set'})"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None or value == "" else str(value)
