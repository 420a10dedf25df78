"""Deals with social against deals without: by trials where touches are dated, else by channel of entry."""

from __future__ import annotations

from goodwill.designs.by_entry import by_entry
from goodwill.designs.compared import Compared
from goodwill.designs.deal_trials import followed
from goodwill.designs.trials import Measure
from goodwill.designs.unrecorded import with_unrecorded
from goodwill.errors import CannotTell
from goodwill.journeys import deal_sample
from goodwill.registry import Terms
from goodwill.warehouse import Tables

#: Dated touches decide the design if at least so many deals had one; a handful says nothing.
TOUCHED_DEALS = 20


def compare(tables: Tables, terms: Terms, measure: Measure, *, matters: float) -> Compared:
    """The comparison that the data allows.

    Raises
    ------
    CannotTell
        Neither dated touches nor channels of entry tie social to deals, or too few do.
    """
    found = terms.once("deals", lambda: deal_sample.deals(tables, terms))
    if found.unit == "opportunity" and not found.lost.any():  # a lead that came to nothing is not marked as lost
        raise CannotTell(
            "nothing is recorded as lost, and lost opportunities that are not there would pass for none",
            settles="the stages that mean lost, under [stages] in goodwill.toml, or an export that holds them",
            n=len(found),
        )
    touched, entered = int(found.touched.sum()), int(found.entered_by_social.sum())
    if touched >= TOUCHED_DEALS or touched > entered:
        told = followed(tables, terms, found, measure, matters=matters)
        return with_unrecorded(told, tables, is_of_deals=True)
    if entered:
        return with_unrecorded(by_entry(found, terms, measure), tables, is_of_deals=True)
    raise CannotTell(
        f"no social touch is tied to any of {len(found):,} {found.unit} records",
        settles="an export that says which people or companies touched us on social and when, "
        "or the channel through which each lead or opportunity came",
        n=len(found),
    )
