"""Deals as samples: followed week by week where touches are dated, or by channel of entry where only that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.registry import Terms
from goodwill.samples import Covariates, Fetches, Units, collect, covariates, grouped
from goodwill.terms import SOCIAL

#: Wins behind each adjusted-for column; fewer and the adjustment is noise (Peduzzi et al. 1996).
WINS_PER_COLUMN = 10
#: A category's level needs so many deals, and this share of all, to be told apart; rarer ones are joined.
DEALS_PER_LEVEL, SHARE_PER_LEVEL = 20, 0.01
#: What is adjusted for, strongest suspects first: as many as the wins can carry.
SUSPECTS = ("engagement", "engagement_recent", "segment", "landing_page", "employees", "social_before", "wins_before",
            "type", "opened_year", "service_before", "deals_before", "opened_quarter", "owner")  # fmt: skip
CATEGORIES = ("segment", "landing_page", "type", "opened_quarter", "owner")

ROWS = """
SELECT d.id, d.unit, d.account, d.outcome, d.channel_group, d.segment, d.landing_page, d.type, d.owner, d.opened_at,
    date_diff('second', d.opened_at, h.until_at) / 604800.0 AS weeks_open,
    date_diff('second', d.opened_at, CAST($end AS TIMESTAMP)) / 604800.0 AS weeks_seen,
    date_diff('second', d.opened_at, h.first_social_at) / 604800.0 AS weeks_to_social,
    h.in_washout, h.social_after,
    CASE WHEN coalesce(d.currency, $currency) = $currency THEN coalesce(d.amount, 0) ELSE 0 END AS amount,
    ln(1 + greatest(coalesce(d.employees, 0), 0)) AS employees,
    ln(1 + h.engagement) AS engagement, ln(1 + h.engagement_recent) AS engagement_recent,
    ln(1 + h.social_before) AS social_before, ln(1 + h.service_before) AS service_before,
    ln(1 + h.wins_before) AS wins_before, ln(1 + h.deals_before) AS deals_before,
    CAST(year(d.opened_at) + month(d.opened_at) / 12.0 AS DOUBLE) AS opened_year,
    'q' || quarter(d.opened_at) AS opened_quarter
FROM deals AS d
JOIN deal_history AS h ON h.id = d.id
ORDER BY d.id
"""


@dataclass(frozen=True)
class Deals:
    """All usable deals as arrays, one entry per deal in the order of their ids; ``unit`` says of what kind."""

    rows: Mapping[str, NDArray[Any]]
    unit: str
    unusable: int

    def __len__(self) -> int:
        return len(self.rows["id"])

    @property
    def won(self) -> NDArray[np.bool_]:
        """Was it won?"""
        return np.asarray(self.rows["outcome"] == "won")

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Was it lost?"""
        return np.asarray(self.rows["outcome"] == "lost")

    @property
    def decided(self) -> NDArray[np.bool_]:
        """Was it won or lost?"""
        return np.asarray(self.rows["outcome"] != "open")

    @property
    def touched(self) -> NDArray[np.bool_]:
        """Was there a social touch while it was open?"""
        return np.asarray(np.isfinite(self.rows["weeks_to_social"]))

    @property
    def entered_by_social(self) -> NDArray[np.bool_]:
        """Does the record say that it came through a social channel?"""
        return np.isin(self.rows["channel_group"].astype(str), SOCIAL)

    @property
    def period(self) -> tuple[str, str]:
        """First and last day on which a deal was opened."""
        opened = self.rows["opened_at"].astype("datetime64[D]")
        return str(opened.min()), str(opened.max())

    def take(self, chosen: NDArray[np.bool_]) -> Deals:
        """Some of the deals."""
        return Deals({k: v[chosen] for k, v in self.rows.items()}, self.unit, self.unusable)


def deals(tables: Fetches, terms: Terms) -> Deals:
    """Every deal with a start, and an end if it was decided.

    Raises
    ------
    CannotTell
        There are none, or none is decided.
    """
    rows = collect(tables, ROWS, currency=terms.workspace.currency, **terms.parameters)
    total = int(collect(tables, "SELECT count(*) AS n FROM deals ORDER BY n")["n"][0])
    if not total:
        raise CannotTell("there are no opportunities and no leads", settles="an export of opportunities from the CRM")
    found = Deals(rows, str(rows["unit"][0]) if len(rows["id"]) else "deal", total - len(rows["id"]))
    if not len(found):
        raise CannotTell(
            "no deal has the dates that are needed: of opening and, once decided, of the decision after it",
            settles="the dates of creation and of closing in the CRM's export",
            n=total,
        )
    if not found.decided.any():
        raise CannotTell(
            "no deal is marked as won or lost",
            settles="the stages that mean won and lost, under [stages] in goodwill.toml",
            n=len(found),
        )
    return found


def by_entry(found: Deals, outcome: NDArray[np.float64], followed: NDArray[np.bool_]) -> Units:
    """Deals as treated (entered by a social channel) or not, for those followed long enough."""
    chosen = found.take(followed)
    return Units(
        id=chosen.rows["id"],
        group=grouped(chosen.rows["account"]),
        treated=chosen.entered_by_social.astype(np.int64),
        outcome=outcome[followed],
        covariates=adjustment(chosen),
    )


def after_decision(found: Deals) -> Units:
    """Decided deals never touched while open: treated if touched within eight weeks after, outcome won."""
    chosen = found.take(found.decided & ~found.touched & ~found.rows["in_washout"].astype(bool))
    return Units(
        id=chosen.rows["id"],
        group=grouped(chosen.rows["account"]),
        treated=chosen.rows["social_after"].astype(np.int64),
        outcome=chosen.won.astype(float),
        covariates=adjustment(chosen),
    )


def adjustment(found: Deals) -> Covariates:
    """What is adjusted for: suspects in order, as many columns as the wins can carry."""
    budget = int(found.won.sum()) // WINS_PER_COLUMN
    chosen: list[str] = []
    for suspect in SUSPECTS:
        trial = _matrix(found, [*chosen, suspect])
        if trial.values.shape[1] <= max(1, budget):
            chosen.append(suspect)
    return _matrix(found, chosen)


def _matrix(found: Deals, names: list[str]) -> Covariates:
    numeric = tuple(n for n in names if n not in CATEGORIES)
    categories = tuple(n for n in names if n in CATEGORIES)
    return covariates(found.rows, numeric, categories, at_least=max(DEALS_PER_LEVEL, int(SHARE_PER_LEVEL * len(found))))
