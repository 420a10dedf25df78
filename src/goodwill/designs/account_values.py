"""What companies buy in the months after a month in which they were touched or not: value and number of products."""

from __future__ import annotations

from dataclasses import replace

from goodwill.designs.compared import amount_figure
from goodwill.errors import CannotTell
from goodwill.estimators import doubly_robust
from goodwill.journeys.value_periods import value_periods
from goodwill.registry import Terms
from goodwill.verdicts import Figure
from goodwill.warehouse import Tables

#: Half a year of months of four weeks: as long as deals are followed.
FOLLOW_MONTHS = 6


def bought(tables: Tables, terms: Terms) -> tuple[Figure, ...]:
    """Differences per company, doubly robust; none where too little was bought to compare."""
    try:
        found = value_periods(tables, terms, FOLLOW_MONTHS)
    except CannotTell:
        return ()
    when = f"in the {4 * FOLLOW_MONTHS} weeks after a month with a first social touch"
    samples = [
        ("value_per_company", f"more bought by a company {when}", found.units, "money"),
        ("products_per_company", f"more products bought by a company {when}",
         replace(found.units, outcome=found.products), "count"),
    ]  # fmt: skip
    figures = []
    for name, label, units, unit in samples:
        try:
            told = doubly_robust.adjusted_difference(
                units, seed=terms.seed, level=terms.workspace.level, repeats=1, target="overlap"
            )
        except CannotTell:
            continue
        figures.append(replace(amount_figure(name, label, told.difference, unit), n=len(units)))
    return tuple(figures)
