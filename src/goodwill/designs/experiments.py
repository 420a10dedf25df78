"""Which experiments there are, and what each question measures in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: What is measured on each unit: whether it happened, days until it did, or what it was worth.
Measure = Literal["chance", "days", "worth"]
Unit = Literal["deal", "company", "subscription"]
Design = Literal["invitation", "staggered", "holdout"]

#: The two arms, as they stand in the file of lots.
TREATED, CONTROL = "treated", "control"
#: A month as a share of the year; files of lots and plans count in these.
MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True)
class Asked:
    """What an experiment on a question measures: of what, by which measure, hoping for which sign.

    ``longer`` times the horizon are its units followed, as the question follows them. ``matters_share`` is the smallest
    effect that matters as a share of the mean, where the question has none in its own unit.
    """

    unit: Unit
    measure: Measure
    hoped: Literal[-1, 1]
    happened: str
    label: str
    longer: int = 1
    matters_share: float | None = None

    @property
    def result_unit(self) -> str:
        """The unit of an effect, as figures name it."""
        return {"chance": "points", "days": "days", "worth": "money"}[self.measure]


#: The questions that dealing companies can settle, and the words in which an experiment answers them.
ASKED: Mapping[str, Asked] = {
    "win_rate": Asked("deal", "chance", 1, "deals won", "difference in the share of deals won within {weeks} weeks"),
    "sales_cycle": Asked("deal", "days", -1, "days to a win", "difference in mean days to a win, up to {weeks} weeks"),
    # a tenth of the mean, as for the question itself, but of what a company brings: chance dealt companies, not deals
    "sales": Asked("company", "worth", 1, "value won per company",
                   "difference in value won per company within {weeks} weeks", matters_share=0.1),
    # contracts are left slowly: they are followed twice as long
    "churn": Asked("subscription", "chance", -1, "subscriptions cancelled",
                   "difference in the share cancelled within {weeks} weeks", longer=2),
    "funnel": Asked("company", "chance", 1, "companies with a win",
                    "difference in the share of companies with a win within {weeks} weeks"),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One design: its name to people, the share of companies treated, and how many do what was dealt.

    ``compliance`` is assumed where nothing better is known: of companies invited, the share that takes it up; of
    companies left alone, the share that would have been touched and is not.
    """

    title: str
    share: float
    compliance: float


DESIGNS: Mapping[str, Kind] = {
    # half and half is the most precise; one company in four is what a personal invitation to several people brings
    "invitation": Kind("invitation test", 0.5, 0.25),
    # feeds are public: what is withheld (messages, replies, mentions, paid reach) is taken for half of all touches
    "staggered": Kind("staggered start", 0.5, 0.5),
    # one company in five left alone costs few contacts and still as much precision as 64 of 100 in equal arms
    "holdout": Kind("holdout", 0.8, 0.5),
}


def plural(unit: str) -> str:
    """Several of a unit.

    Examples
    --------
    >>> plural("company"), plural("deal")
    ('companies', 'deals')
    """
    return "companies" if unit == "company" else f"{unit}s"
