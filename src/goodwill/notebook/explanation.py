"""What stands behind a claim, as a tree that a notebook unfolds and a terminal prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from goodwill.claims.branch import Branch
from goodwill.notebook.shown import branch_html


@dataclass(frozen=True, repr=False)
class Explanation:
    """A claim from its sentence down to the files it came from.

    Examples
    --------
    >>> figure = Branch("figure", "share won: 25.1%", ("n = 812",), ())
    >>> Explanation(Branch("claim", "A quarter was won.", (), (figure,)))
    A quarter was won.
      share won: 25.1%
        n = 812
    """

    tree: Branch

    def __repr__(self) -> str:
        return "\n".join(_lines(self.tree, 0))

    def _repr_html_(self) -> str:
        return branch_html(self.tree)


def _lines(branch: Branch, depth: int) -> Iterator[str]:
    yield "  " * depth + branch.title
    yield from ("  " * (depth + 1) + line for line in branch.lines if line)
    for below in branch.branches:
        yield from _lines(below, depth + 1)
