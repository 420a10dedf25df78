"""Hides counts of so few people or companies that somebody could be recognised in them, in one place: the verdict.

A count from 1 to ``smallest - 1`` is told as "< smallest" (0 is told: nobody is in it), whatever door shows it,
because what is kept of a verdict holds nothing else. A number of units is kept as its bound with a minus, a
figure of unit ``count`` gets the unit ``few``, a cell of a table becomes a text. Where one hidden count could be worked
out by subtraction, a second one is hidden with it: the next smallest of the same column, and the number of units
exposed where those not exposed are few (Willenborg and de Waal 2001, Elements of Statistical Disclosure Control, 5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from goodwill.verdicts.verdict import Check, Figure, Verdict

#: The unit of a figure that is told as "fewer than its value".
FEW = "few"
#: Stands in a table for a count that would give a hidden one away.
NOT_SHOWN = "not shown"
#: Columns of facts and of checks that count people or companies, alone or at the end of a name (``linkedin_people``).
PEOPLE = frozenset({
    "n", "n_exposed", "people", "persons", "contacts", "leads", "customers", "companies", "accounts", "deals", "wins",
    "deals_touched", "wins_touched", "opportunities", "subscriptions", "still_there", "units", "exposed", "cases",
    "treated", "buyers", "members", "employees", "prospects",
})  # fmt: skip
#: What figures count that is no people: acts, things and measures. Any other count is taken for one of people.
THINGS = frozenset({
    "posts", "replies", "comments", "reactions", "shares", "impressions", "actions", "touches", "weeks", "days",
    "months", "hours", "items", "rows", "repeats", "rank", "views", "clicks", "share", "venues", "files", "total",
})  # fmt: skip
#: Units of a verdict that are no people and no companies.
UNITS_OF_THINGS = frozenset({"venue week", "venue", "week", "post", "item", "touch", "thread", "month"})
_NOUNS = "people|persons|companies|customers|deals|accounts|leads|opportunities|contacts|subscriptions|units|groups"
#: "only 3 of 20", "3 companies": how refusals and checks tell how many there were. What would settle it is no count.
_TOLD = re.compile(rf"(?<!at least )\b(only )?(\d[\d,]*)(?= of \d| (?:{_NOUNS})\b)|(?<=\d of )(\d[\d,]*)\b")


def hide_small(verdict: Verdict, smallest: int) -> Verdict:
    """The verdict as it may be shown and kept.

    Parameters
    ----------
    verdict : Verdict
        As it was judged.
    smallest : int
        Counts of people or companies below this are hidden; 0 or 1 hides nothing.

    Examples
    --------
    >>> hidden = hide_small(Verdict("churn", "?", unit="customer", n=20, n_exposed=3), 5)
    >>> hidden.n, hidden.n_exposed
    (20, -5)
    >>> hide_small(Verdict("churn", "?", missing="only 3 of 20 had the outcome"), 5).missing
    'fewer than 5 of 20 had the outcome'
    """
    if smallest <= 1:
        return verdict
    is_of_things = verdict.unit in UNITS_OF_THINGS
    n, exposed = (verdict.n, verdict.n_exposed) if is_of_things else _units(verdict.n, verdict.n_exposed, smallest)
    return replace(
        verdict,
        n=n,
        n_exposed=exposed,
        headline=_figure(verdict.headline, smallest) if verdict.headline else None,
        naive=_figure(verdict.naive, smallest) if verdict.naive else None,
        figures=_figures(verdict.figures, smallest),
        checks=tuple(_check(check, smallest) for check in verdict.checks),
        missing=_text(verdict.missing, smallest),
        notes=tuple(_text(note, smallest) for note in verdict.notes),
        facts={name: _rows(rows, smallest) for name, rows in verdict.facts.items()},
    )


def _is_small(value: object, smallest: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < smallest


def _units(n: int, exposed: int, smallest: int) -> tuple[int, int]:
    """Units and those exposed, where need be as bounds with a minus."""
    if _is_small(n, smallest):
        return -smallest, -smallest if exposed else 0
    if _is_small(exposed, smallest):
        return n, -smallest
    return n, -n if exposed and _is_small(n - exposed, smallest) else exposed


def _last(name: str) -> str:
    return name.rpartition("_")[2]


def _figure(figure: Figure, smallest: int) -> Figure:
    """A figure without small counts; what was worked out from so few says how many they were, and is left out."""
    if _last(figure.name) in THINGS:
        return figure
    if figure.unit == "count" and _is_small(figure.value, smallest):
        figure = replace(figure, value=float(smallest), unit=FEW, low=None, high=None)
    if figure.n is not None and _is_small(figure.n, smallest):
        figure = replace(figure, n=-smallest, low=None, high=None, p=None)
        return figure if figure.unit == FEW else replace(figure, value=None)
    return figure


def _figures(figures: Sequence[Figure], smallest: int) -> tuple[Figure, ...]:
    """Figures without small counts; of those that count the same thing never just one is hidden."""
    found = [_figure(figure, smallest) for figure in figures]
    for last in {_last(f.name) for f in found if f.unit == FEW}:
        same = [i for i, f in enumerate(found) if _last(f.name) == last and f.unit in (FEW, "count")]
        values = [figures[i].value for i in same]
        for place in _hidden_with(values, smallest):
            # a bound that any of them could reach says nothing of this one
            bound = float(10 ** len(str(int(max(v or 0 for v in values)))))
            found[same[place]] = replace(found[same[place]], value=bound, unit=FEW, low=None, high=None)
    return tuple(found)


def _rows(rows: list[dict[str, Any]], smallest: int) -> list[dict[str, Any]]:
    columns = dict.fromkeys(name for row in rows for name in row if name in PEOPLE or _last(name) in PEOPLE)
    new = [dict(row) for row in rows]
    for name in columns:
        values = [row.get(name) for row in rows]
        for place, value in enumerate(values):
            if _is_small(value, smallest):
                new[place][name] = f"< {smallest}"
        for place in _hidden_with(values, smallest):
            new[place][name] = NOT_SHOWN
    # a share of so few says how many they were
    return [
        row for row, old in zip(new, rows, strict=True) if not ("share" in row and _is_small(old.get("n"), smallest))
    ]


def _hidden_with(values: Sequence[Any], smallest: int) -> list[int]:
    """Which further counts are to be hidden so that none of the small ones follows from the others and their sum.

    One hidden count always follows; several do where their sum is the least or the most that so many can have.
    """
    small = [v for v in values if _is_small(v, smallest)]
    if not small:
        return []
    sizes = (len(small), (smallest - 1) * len(small))
    if len(small) > 1 and sum(small) not in sizes:
        return []
    numbers = [(v, i) for i, v in enumerate(values) if isinstance(v, int | float) and v >= smallest]
    return [min(numbers)[1]] if numbers else []


def _check(check: Check, smallest: int) -> Check:
    figures: Mapping[str, float] = {
        name: -float(smallest) if _last(name) in PEOPLE and _is_small(value, smallest) else value
        for name, value in check.figures.items()
    }
    return replace(check, tried=_text(check.tried, smallest), result=_text(check.result, smallest), figures=figures)


def _text(text: str, smallest: int) -> str:
    def told(found: re.Match[str]) -> str:
        number = int((found[2] or found[3]).replace(",", ""))
        return f"fewer than {smallest}" if _is_small(number, smallest) else found[0]

    return _TOLD.sub(told, text)
