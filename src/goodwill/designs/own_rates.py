"""What an experiment can count on, from the records: how many units, how often, how alike, how touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs import eligible
from goodwill.designs.experiments import ASKED, Unit, plural
from goodwill.designs.units_seen import Seen, seen
from goodwill.errors import CannotTell
from goodwill.estimators.power import Companies, Outcome, intraclass_correlation
from goodwill.registry import Terms
from goodwill.samples import Fetches

#: An outcome seen on fewer units says nothing of its rate.
FEWEST_UNITS = 20
#: What companies could be parted by to start one group after the other.
PARTED_BY = ("segment", "region", "owner")


@dataclass(frozen=True)
class Part:
    """A way to part companies into groups that could start one after the other.

    ``smallest`` is the share of all units in a typical group, as the harmonic mean, which uneven groups pull down.
    """

    kind: str
    groups: int
    smallest: float
    icc: float


@dataclass(frozen=True)
class Rates:
    """What an experiment on one question can count on.

    Attributes
    ----------
    outcome : Outcome
        Of one unit, within ``weeks`` of its time zero.
    observed : int
        Units it was seen on.
    touched : float
        Share of them touched on social within the time.
    companies : Companies
        Units of one company, and how alike they are.
    parts : tuple of Part
        Groups for a staggered start.
    eligible : int
        Companies that can be dealt now.
    at_once, per_month : float
        Units of these companies now, and new ones a month.
    contacts_per_month : float
        Social touches a month by all of them, as recorded.
    """

    unit: Unit
    weeks: int
    outcome: Outcome
    observed: int
    touched: float
    companies: Companies
    parts: tuple[Part, ...]
    eligible: int
    at_once: float
    per_month: float
    contacts_per_month: float

    def units_after(self, months: float) -> float:
        """Units of the companies dealt today that there will have been by then."""
        return self.at_once + self.per_month * months


def rates_of(tables: Fetches, terms: Terms, question: str, *, weeks: int | None = None) -> Rates:
    """What an experiment can count on, its units followed for ``weeks`` (else as long as the question follows them).

    Raises
    ------
    CannotTell
        Too few companies, or too few units whose outcome was seen.
    """
    asked = ASKED[question]
    weeks = weeks or asked.longer * terms.workspace.horizon_weeks
    known = eligible.companies(tables, terms, question)
    found = seen(tables, terms, asked, weeks, known)
    if len(found.values) < FEWEST_UNITS:
        raise CannotTell(
            f"only {len(found.values)} {plural(asked.unit)} were followed for {weeks} weeks",
            settles="records over a longer time, or a shorter windows.horizon_weeks",
            n=len(found.values),
        )
    return Rates(
        unit=asked.unit,
        weeks=weeks,
        outcome=Outcome.of(found.values, is_share=asked.measure == "chance"),
        observed=len(found.values),
        touched=float(found.touched.mean()),
        companies=_companies(found),
        parts=_parts(found, known),
        eligible=len(known["node"]),
        at_once=found.at_once,
        per_month=found.per_month,
        contacts_per_month=eligible.contacts_per_month(known),
    )


def _companies(found: Seen) -> Companies:
    sizes = np.unique(found.account.astype(str), return_counts=True)[1].astype(np.float64)
    icc = intraclass_correlation(found.values, group=found.account)
    return Companies(float(sizes.mean()), float(sizes.std() / sizes.mean()), icc)


def _parts(found: Seen, known: Mapping[str, NDArray[Any]]) -> tuple[Part, ...]:
    place = {account: i for i, account in enumerate(known["account"].tolist())}
    rows = np.array([place.get(account, -1) for account in found.account.tolist()], dtype=np.int64)
    told = []
    for kind in PARTED_BY:
        labels, values = known[kind][rows[rows >= 0]], found.values[rows >= 0]
        said = np.array([label is not None for label in labels], dtype=bool)
        sizes = np.unique(labels[said].astype(str), return_counts=True)[1]
        if len(sizes) > 1:
            harmonic = len(sizes) / float((1 / sizes).sum()) / float(sizes.sum())
            told.append(Part(kind, len(sizes), harmonic, intraclass_correlation(values[said], group=labels[said])))
    return tuple(told)
