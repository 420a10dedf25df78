"""Finds sources, engines and questions: a module in the right folder with one declaration at its bottom."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.metadata
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, cast

from goodwill.errors import CannotTell
from goodwill.exports import Locale, Relation, Sheet
from goodwill.workspace import Workspace

Shared = TypeVar("Shared")


@dataclass(frozen=True)
class Layout:
    """One sheet layout that a source knows.

    A sheet matches if its header has all of ``requires``; ``knows`` are further columns that are
    understood or knowingly left alone (a trailing ``*`` stands for any ending). ``relations`` says
    how the sheet fills canonical tables.
    """

    name: str
    requires: tuple[str, ...]
    relations: Callable[[Sheet, Locale], tuple[Relation, ...]]
    knows: tuple[str, ...] = ()
    ignores: str = ""


@dataclass(frozen=True)
class Source:
    """One vendor's export format.

    ``answers`` says what it is good for, ``how_to_get`` how a user exports it, ``caveats`` what its
    figures do not mean; all three go to the manual.
    """

    name: str
    title: str
    layouts: tuple[Layout, ...]
    answers: str
    how_to_get: str
    caveats: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Terms:
    """On what terms a question is asked: up to which moment, with which seed, at which level.

    ``placebos`` of each kind are drawn to break an answer; 0 where only the answer itself is wanted. What several
    questions share is worked out ``once``.
    """

    workspace: Workspace
    end: dt.datetime
    seed: int
    placebos: int = 40
    _shared: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, make: Callable[[], Shared]) -> Shared:
        """What was made under this name, made now if nobody has; a refusal is remembered too.

        Raises
        ------
        CannotTell
            If making it raised one, each time again.
        """
        if name not in self._shared:
            try:
                self._shared[name] = make()
            except CannotTell as cannot:
                self._shared[name] = cannot
        made = self._shared[name]
        if isinstance(made, CannotTell):
            raise CannotTell(made.missing, settles=made.settles, n=made.n)
        return cast(Shared, made)

    @property
    def parameters(self) -> dict[str, Any]:
        """Named parameters of the SQL models and of questions' own queries."""
        return {
            "end": self.end,
            "history_days": 7 * self.workspace.history_weeks,
            "washout_days": 7 * self.workspace.washout_weeks,
        }


@dataclass(frozen=True)
class Question:
    """One question of the fixed list.

    ``ask(tables, terms)`` returns a ``Verdict`` or raises ``CannotTell``; ``needs`` names the canonical
    tables without which it cannot start. Its answer is pooled over plausible resolutions of who is who unless
    ``is_pooled`` is false, because its own interval holds the errors of matching.
    """

    number: int
    name: str
    asks: str
    ask: Callable[..., Any]
    needs: tuple[str, ...]
    estimand: str
    assumptions: tuple[str, ...]
    falsified_by: tuple[str, ...]
    is_pooled: bool = True
    references: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Engine:
    """One place where tables live; ``open`` returns something that satisfies ``warehouse.Tables``."""

    name: str
    title: str
    open: Callable[..., Any]
    extra: dict[str, str] = field(default_factory=dict)


def _declarations(folder: str, declaration: str) -> dict[str, Any]:
    package = importlib.import_module(f"goodwill.{folder}")
    found = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        module = importlib.import_module(f"goodwill.{folder}.{info.name}")
        thing = getattr(module, declaration, None)
        if thing is not None:
            found[thing.name] = thing
    for entry in importlib.metadata.entry_points(group=f"goodwill.{folder}"):
        thing = entry.load()
        found[thing.name] = thing
    return found


@cache
def sources() -> dict[str, Source]:
    """Every source by name, from ``goodwill/sources/*.py`` and the entry points ``goodwill.sources``."""
    return _declarations("sources", "SOURCE")


@cache
def questions() -> dict[str, Question]:
    """Every question by name, in the order of their numbers."""
    found = _declarations("questions", "QUESTION")
    return dict(sorted(found.items(), key=lambda item: item[1].number))


@cache
def engines() -> dict[str, Engine]:
    """Every engine by name."""
    return _declarations("warehouse", "ENGINE")
