"""``glossary``: terms, canonical tables and settings, from the same texts that the code is checked against."""

from __future__ import annotations

from typing import Any

from goodwill.doors.showing import show
from goodwill.errors import GoodwillError, nearest
from goodwill.glossary import TERMS
from goodwill.glossary import term as known_term
from goodwill.settings import SETTINGS
from goodwill.terms import spelt_out
from goodwill.vocabulary import TABLES


def glossary(name: str | None, form: str) -> int:
    """Show one term, table or setting, or all terms; give 0.

    Raises
    ------
    GoodwillError
        Nothing has that name; with the nearest.
    """
    show(_rows(name), form, title=name or "Terms")
    return 0


def _rows(name: str | None) -> list[dict[str, Any]]:
    if name is None:
        return [{"term": t.title, "definition": t.definition, "unit": t.unit} for t in TERMS.values()]
    found = known_term(name)
    if found:
        return [{"term": found.title, "definition": found.definition, "unit": found.unit, "caution": found.caution,
                 "source": found.source}]  # fmt: skip
    if name == "tables":
        return [{"table": t.name, "a_row_is": t.row, "columns": [c.name for c in t.columns]} for t in TABLES.values()]
    if name in TABLES:
        return [
            {"column": c.name, "type": c.type, "needed": "yes" if c.required else "", "meaning": spelt_out(c.meaning)}
            for c in TABLES[name].columns
        ]
    settings = [s for s in SETTINGS if s.path == name or s.path.startswith(f"{name}.")]
    if settings:
        return [{"setting": s.path, "type": s.kind, "default": s.default, "meaning": s.meaning, "example": s.example}
                for s in settings]  # fmt: skip
    close = nearest(name, [*TERMS, *TABLES, *(s.path for s in SETTINGS)])
    raise GoodwillError(
        f'nothing is called "{name}"', remedy=f"Did you mean {close}?" if close else "See all with: goodwill glossary"
    )
