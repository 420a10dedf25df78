"""Deals week by week as a panel, covariates rounded to a grid so that weeks fall into patterns; and the same as counts.

What is adjusted for is known before the week begins: what changes from week to week is taken anew in every week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.exports import literal
from goodwill.journeys import deal_sample
from goodwill.journeys.deal_sample import DEALS_PER_LEVEL, SHARE_PER_LEVEL, WINS_PER_COLUMN
from goodwill.registry import Terms
from goodwill.samples import Covariates, Fetches, Floats, Ints, Panel, collect

#: Step to which log(1 + count) is rounded. Within a cell of width g a covariate varies by g²/12, here by 0.005, a
#: standard deviation of 0.07. Engagement and size vary by 0.8 or more between deals, so that less than a hundredth of
#: their variance, and about as much of the confounding (Cochran 1968), is left; counts of 0, 1, 2 and 3 stay apart.
GRID = 0.25
#: Groups of accounts for the jackknife: so many give an interval nearly as narrow as more would.
GROUPS = 40
#: Spans of weeks after week 0 with a baseline of their own, as far as each can hold SPAN_ENDS endings.
SPANS, SPAN_ENDS = 8, 10
#: What is adjusted for, strongest suspects first: as many as the wins can carry.
SUSPECTS = ("engagement_history", "engagement_recent", "age", "segment", "landing_page", "engagement", "employees",
            "stage", "social_history", "wins_before", "type", "calendar_year", "service_recent", "deals_before",
            "weeks_in_stage", "quarter", "owner")  # fmt: skip
#: Where in SQL each comes from: counts of deal_weeks w, deal_history h and deals d, and words.
COUNTS = {
    "engagement_history": "w.engagement_history", "engagement_recent": "w.engagement_recent", "age": "w.week",
    "engagement": "h.engagement", "social_history": "w.social_history", "service_recent": "w.service_recent",
    "wins_before": "h.wins_before", "deals_before": "h.deals_before", "weeks_in_stage": "coalesce(w.weeks_in_stage, 0)",
    "employees": "CASE WHEN d.employees > 0 AND d.employees < 1e9 THEN d.employees ELSE 0 END",  # else none or nonsense
}  # fmt: skip
WORDS = {
    "segment": "d.segment", "landing_page": "d.landing_page", "type": "d.type", "stage": "w.stage",
    "quarter": "'q' || quarter(w.begins_on)", "owner": "d.owner",
}  # fmt: skip

_GRIDDED = ", ".join(f"round(ln(1 + {x}) / {GRID}) * {GRID} AS {name}" for name, x in COUNTS.items())
_WORDED = ", ".join(f"coalesce({x}, 'unknown') AS {name}" for name, x in WORDS.items())
WEEKS = f"""
WITH numbered AS (
    SELECT id, dense_rank() OVER (ORDER BY id) - 1 AS unit, dense_rank() OVER (ORDER BY account) - 1 AS company
    FROM deal_weeks
    WHERE week = 0
),
weeks AS (
    SELECT n.unit, n.company, w.week, w.is_untouched, w.is_exposed, w.event,
        d.has_account AND NOT h.in_washout AND coalesce(w.watched_days >= $washout_days, FALSE) AS is_clean,
        CASE WHEN coalesce(d.currency, $currency) = $currency THEN w.amount END AS amount,
        year(w.begins_on) + (quarter(w.begins_on) - 1) / 4.0 AS calendar_year, {_GRIDDED}, {_WORDED}
    FROM deal_weeks AS w
    JOIN numbered AS n ON n.id = w.id
    JOIN deals AS d ON d.id = w.id JOIN deal_history AS h ON h.id = w.id
)
"""
FACTS = """
WITH customers AS (
    SELECT coalesce(a.account, p.account) AS account, min(s.started_at) AS since
    FROM subscriptions AS s
    LEFT JOIN resolved_accounts AS a ON a.node = s.account
    LEFT JOIN resolved AS r ON r.node = s.person LEFT JOIN person_accounts AS p ON p.person = r.person
    GROUP BY 1
),
venues AS (
    SELECT h.id, min(t.venue) AS venue
    FROM deal_history AS h
    JOIN timeline AS t ON t.account = h.account AND t."at" = h.first_social_at AND t.touch_kind = 'social'
    GROUP BY h.id
),
-- of a day that the opening cuts in two the first touch stands for those before it: near enough for windows of weeks
before AS (
    SELECT h.id, max(CASE WHEN s.last_at < h.opened_at THEN s.last_at ELSE s.first_at END) AS last_at
    FROM deal_history AS h
    JOIN account_days AS s ON s.account = h.account AND s.kind = 'social' AND s.first_at < h.opened_at
    GROUP BY h.id
)
SELECT d.id, d.segment, d.owner, h.opened_at, v.venue AS first_venue,
    h.wins_before > 0 OR coalesce(c.since < h.opened_at, FALSE)
        OR coalesce(lower(d.type) LIKE '%exist%' OR lower(d.type) LIKE '%expan%' OR lower(d.type) LIKE '%renew%', FALSE)
        AS is_customer, d.has_account AS has_company,
    date_diff('second', b.last_at, h.opened_at) / 86400.0 AS quiet_days, CAST(w.watched_days AS DOUBLE) AS watched_days
FROM deals AS d JOIN deal_history AS h ON h.id = d.id
JOIN deal_weeks AS w ON w.id = d.id AND w.week = 0
LEFT JOIN customers AS c ON c.account = d.account
LEFT JOIN venues AS v ON v.id = d.id LEFT JOIN before AS b ON b.id = d.id
ORDER BY d.id
"""


@dataclass(frozen=True)
class DealPanel:
    """Deals week by week, and of every deal what tells parts of the business apart.

    Attributes
    ----------
    panel : Panel
        One row per deal and week. Trials may start in deals of known companies whose wash-out is on record and empty.
    facts : mapping of str to (U,) array
        ``segment``, ``owner``, ``opened_at``, ``has_company``; ``first_venue`` of a social touch while open, or None;
        ``is_customer`` at opening: an earlier win, a subscription begun before, or a deal that expands or renews;
        ``quiet_days`` from the last social touch to the opening (inf if none), and ``watched_days`` before the opening
        from which such touches are on record (-inf if none are).
    kind : {"opportunity", "lead"}
    unusable, too_young : int
        Deals left out: without usable dates, and open for less than a week.
    unpriced : int
        Wins of unknown worth, or in another currency than the company's: their ``value`` is 0.
    """

    panel: Panel
    facts: Mapping[str, NDArray[Any]]
    kind: str
    unusable: int
    too_young: int
    unpriced: int

    def take(self, chosen: NDArray[np.bool_]) -> DealPanel:
        """Some of the deals; the counts of what was left out stay those of all."""
        return replace(self, panel=self.panel.take(chosen), facts={k: v[chosen] for k, v in self.facts.items()})

    def with_washout(self, days: int) -> Panel:
        """The panel under another wash-out: what if an older touch still acts, or acts no more?"""
        clean = self.facts["has_company"] & (self.facts["quiet_days"] > days) & (self.facts["watched_days"] >= days)
        touched: Ints = np.cumsum(self.panel.exposed) - self.panel.exposed
        first = np.searchsorted(self.panel.unit, np.arange(len(self.panel.id)))
        is_untouched = np.equal(touched, touched[first][self.panel.unit])
        return replace(self.panel, eligible=clean[self.panel.unit] & is_untouched)


@dataclass(frozen=True)
class GroupedWeeks:
    """Weeks at risk and endings: one row per group of accounts, span of weeks, exposure and pattern, (r,) each.

    ``exposed`` is 1 if a social touch came in an earlier week of the deal; what ended was at risk in the week of its
    end. ``covariates`` are the panel's but for age, in whose place there are spans; ``starts`` holds their first weeks.
    """

    group: Ints
    span: Ints
    exposed: Ints
    weeks: Floats
    won: Floats
    lost: Floats
    covariates: Covariates
    starts: Ints


@dataclass(frozen=True)
class _Factor:
    """One suspect: its SQL, which gives a number or, for words, that of a level; and the columns it becomes."""

    name: str
    sql: str
    columns: tuple[str, ...]

    def values(self, found: NDArray[Any]) -> Floats:
        """(n, columns), one-hot for words: level 0 is the commonest and has no column."""
        if self.name not in WORDS:
            return found.astype(np.float64)[:, None]
        return np.asarray(found[:, None] == np.arange(1, len(self.columns) + 1), dtype=np.float64)


def panel(tables: Fetches, terms: Terms) -> DealPanel:
    """Every usable deal, week by week from its opening, for at most two years.

    Raises
    ------
    CannotTell
        There are no deals, none has usable dates, none is decided, or none was followed for a week.
    """
    found = _usable(tables, terms)
    factors = _chosen(tables, terms)
    wanted = ["unit, company, week, is_clean AND is_untouched AS is_eligible, is_exposed, event"]
    wanted += [
        "coalesce(amount, 0) AS value, amount IS NULL AS is_unpriced",
        *(f"{f.sql} AS {f.name}" for f in factors),
    ]
    rows = _weeks(tables, terms, f"SELECT {', '.join(wanted)} FROM weeks ORDER BY unit, week")
    facts = collect(tables, FACTS, **terms.parameters)
    unit, company, week, event = (rows[name].astype(np.int64) for name in ("unit", "company", "week", "event"))
    eligible, exposed, unpriced = (rows[name].astype(bool) for name in ("is_eligible", "is_exposed", "is_unpriced"))
    value = np.where(event == 1, rows["value"], 0.0)
    covariates = _covariates(factors, rows)
    facts |= {name: facts[name].astype(bool) for name in ("is_customer", "has_company")}
    for name, unknown in (("quiet_days", np.inf), ("watched_days", -np.inf)):
        facts[name] = np.nan_to_num(facts[name].astype(np.float64), nan=unknown)
    return DealPanel(
        Panel(unit, company, week, eligible, exposed, event, value, covariates, id=facts.pop("id")),
        facts,
        kind=found.unit,
        unusable=found.unusable,
        too_young=len(found) - len(facts["owner"]),
        unpriced=int((unpriced & (event == 1)).sum()),
    )


def grouped_rows(tables: Fetches, terms: Terms) -> GroupedWeeks:
    """The weeks of ``panel`` counted inside the engine: hazards fitted to the counts are those fitted to single weeks.

    Only deals in which trials may start count. Companies are dealt to groups by turns. Covariates are those of the
    week, after a first touch as before it: where touches raise engagement, the hazards show what they do beyond that.

    Raises
    ------
    CannotTell
        As ``panel``.
    """
    _usable(tables, terms)
    factors = tuple(f for f in _chosen(tables, terms) if f.name != "age")
    counted = "FROM weeks WHERE is_clean"
    ends = _weeks(tables, terms, f"SELECT week, count(*) AS ends {counted} AND event > 0 GROUP BY week ORDER BY week")
    starts = span_starts(ends["week"], ends["ends"])
    spans = "".join(f" WHEN week < {week} THEN {number}" for number, week in enumerate(starts[1:]))
    keys = [f"company % {GROUPS} AS company_group", f"CASE{spans} ELSE {len(starts) - 1} END AS span"]
    keys += ["CASE WHEN is_untouched THEN 0 ELSE 1 END AS exposed", *(f"{f.sql} AS {f.name}" for f in factors)]
    endings = ", ".join(f"count(*) FILTER (WHERE event = {e}) AS {name}" for e, name in ((1, "won"), (2, "lost")))
    by = ", ".join(str(1 + place) for place in range(len(keys)))
    select = f"SELECT {', '.join(keys)}, count(*) AS weeks, {endings} {counted} GROUP BY {by} ORDER BY {by}"
    rows = _weeks(tables, terms, select)
    group, span, exposed = (rows[name].astype(np.int64) for name in ("company_group", "span", "exposed"))
    weeks, won, lost = (rows[name].astype(np.float64) for name in ("weeks", "won", "lost"))
    return GroupedWeeks(group, span, exposed, weeks, won, lost, _covariates(factors, rows), starts)


def span_starts(week: Ints, ends: Ints) -> Ints:
    """First weeks of the spans: week 0 by itself, since nobody is exposed in it, then equal shares of the endings.

    Examples
    --------
    >>> span_starts(np.array([0, 1, 2, 5, 9]), np.array([7, 10, 5, 5, 10]))
    array([0, 1, 2, 6])
    """
    later = week > 0
    week, reached = week[later], np.cumsum(ends[later])
    total = int(reached[-1]) if len(reached) else 0
    spans = min(SPANS, total // SPAN_ENDS)
    cuts = np.floor(np.arange(1, spans) / spans * (total - 1)) if spans > 1 else np.zeros(0)
    last = week[np.searchsorted(reached, cuts, side="right")]
    return np.unique(np.concatenate([[0, 1], last + 1])).astype(np.int64)


def _weeks(tables: Fetches, terms: Terms, select: str) -> dict[str, NDArray[Any]]:
    return collect(tables, WEEKS + select, currency=terms.workspace.currency, **terms.parameters)


def _usable(tables: Fetches, terms: Terms) -> deal_sample.Deals:
    found = deal_sample.deals(tables, terms)
    if not len(collect(tables, "SELECT id FROM deal_weeks ORDER BY id, week LIMIT 1")["id"]):
        raise CannotTell("no deal was followed for a week", settles="a longer period of deals", n=len(found))
    return found


def _chosen(tables: Fetches, terms: Terms) -> tuple[_Factor, ...]:
    """Suspects in order, as many columns as the wins can carry of deals in which trials may start."""
    numbers = [name for name in SUSPECTS if name not in WORDS]
    of_all = ["count(DISTINCT unit) AS deals", "count(*) FILTER (WHERE event = 1) AS wins"]
    of_all += [f"max({name}) > min({name}) AS {name}" for name in numbers]
    counts = "count(DISTINCT unit) AS deals, count(*) AS weeks"
    of_level = (f"SELECT '{word}' AS factor, {word} AS level, {counts}" for word in WORDS)
    counted = "FROM weeks WHERE is_clean"
    said = _weeks(tables, terms, f"SELECT {', '.join(of_all)} {counted} ORDER BY deals")
    levels = _weeks(tables, terms, " UNION ALL ".join(f"{s} {counted} GROUP BY 2" for s in of_level) + " ORDER BY 1, 2")
    rare = max(DEALS_PER_LEVEL, int(SHARE_PER_LEVEL * said["deals"][0]))
    left, chosen = max(1, int(said["wins"][0]) // WINS_PER_COLUMN), []
    for name in SUSPECTS:
        here = {k: v[levels["factor"] == name] for k, v in levels.items()}
        factor = _worded(name, here, rare) if name in WORDS else _Factor(name, name, (name,) if said[name][0] else ())
        if 0 < len(factor.columns) <= left:
            chosen.append(factor)
            left -= len(factor.columns)
    return tuple(chosen)


def _worded(name: str, found: dict[str, NDArray[Any]], rare: int) -> _Factor:
    """A category as numbers of levels, 0 that with most weeks, then by name; levels of few deals are one, ``other``."""
    weeks: dict[str, int] = {}
    for level, deals, n in zip(found["level"], found["deals"], found["weeks"], strict=True):
        kept = str(level) if deals >= rare else "other"
        weeks[kept] = weeks.get(kept, 0) + int(n)
    ordered = sorted(weeks, key=lambda level: (-weeks[level], level))
    ordered[1:] = sorted(ordered[1:])
    when = "".join(f" WHEN {literal(level)} THEN {number}" for number, level in enumerate(ordered))
    otherwise = ordered.index("other") if "other" in weeks else 0
    sql = f"CASE {name}{when} ELSE {otherwise} END" if ordered else "0"
    return _Factor(name, sql, tuple(f"{name}={level}" for level in ordered[1:]))


def _covariates(factors: tuple[_Factor, ...], rows: dict[str, NDArray[Any]]) -> Covariates:
    n = len(next(iter(rows.values())))
    columns = [(column, f.name) for f in factors for column in f.columns]
    values = np.hstack([np.zeros((n, 0)), *(f.values(rows[f.name]) for f in factors)])
    return Covariates(values, tuple(c[0] for c in columns), tuple(c[1] for c in columns))
