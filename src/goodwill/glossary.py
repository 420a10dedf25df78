"""The glossary: what every term means that a figure, a check or a question names, with its caution and its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

from goodwill.errors import nearest


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes
    ----------
    name : str
        As figures and questions spell it, such as ``win rate B``.
    title : str
        As a heading.
    definition, caution : str
        What it is, and what it must not be taken for; whole sentences.
    unit : str
        What it is counted in.
    source : str
        Who defined it so.
    """

    name: str
    title: str
    definition: str
    unit: str
    caution: str
    source: str


def _read() -> dict[str, Term]:
    """The terms of glossary.toml by name; a name that stands there twice is a mistake of ours."""
    text = resources.files("goodwill").joinpath("glossary.toml").read_text(encoding="utf-8")
    found = [Term(**raw) for raw in tomllib.loads(text)["term"]]
    by_name = {t.name: t for t in found}
    assert len({folded(name) for name in by_name}) == len(found), "a term is defined twice"
    return by_name


def folded(name: str) -> str:
    """A name as it is looked up: lower case, single spaces.

    Examples
    --------
    >>> folded(" Win  rate A ")
    'win rate a'
    """
    return " ".join(name.casefold().split())


#: Every term by its name as figures, checks and questions spell it.
TERMS: dict[str, Term] = _read()
_FOLDED = {folded(name): found for name, found in TERMS.items()}


def term(name: str) -> Term | None:
    """The term of this name, whatever its case; None if there is none.

    Examples
    --------
    >>> found = term("win RATE b")
    >>> found.name if found else None
    'win rate B'
    >>> term("advertising value") is None
    True
    """
    return _FOLDED.get(folded(name))


def resembling(name: str) -> str | None:
    """The name of the term that looks most like ``name``, for a message; None if none is close.

    Examples
    --------
    >>> resembling("win rat B")
    'win rate B'
    """
    close = nearest(folded(name), _FOLDED)
    return _FOLDED[close].name if close else None
