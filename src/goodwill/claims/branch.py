"""One thing that stands behind a claim, with what stands behind it in turn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Branch:
    """A node of the tree behind a claim.

    Attributes
    ----------
    kind : str
        One of claim, figure, definition, method, checks, assumptions, settings, rows, column, model, table, file.
    title : str
        What it is, in a line.
    lines : tuple of str
        What there is to say of it, one thing each.
    branches : tuple of Branch
        What it rests on.
    name : str
        What programs call it: a claim, a column, a model, a table, or an export as the manifest names it.
    """

    kind: str
    title: str
    lines: tuple[str, ...]
    branches: tuple[Branch, ...]
    name: str = ""
