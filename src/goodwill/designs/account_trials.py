"""Companies month by month: who opens an opportunity, how far it gets, who wins one, touched against untouched.

The steps are asked of the same companies, with one jackknife, and the effects of the steps multiply to the effect on
the whole: share winning = share opening x share winning of those that opened. A month in which an opportunity opens
starts a trial of winning, not of opening: what opened in the very month of the touch counts for the second step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from goodwill.designs.compared import About, Compared, Naive
from goodwill.designs.trial_comparison import Wording, comparison
from goodwill.designs.trial_facts import NEVER, TOUCHED, Rows
from goodwill.designs.trials import Asked, varying
from goodwill.designs.unrecorded import with_unrecorded
from goodwill.errors import CannotTell
from goodwill.estimators import Estimate, doubly_robust
from goodwill.estimators.resample import account_groups, jackknife
from goodwill.estimators.trial import Emulated
from goodwill.journeys import account_panel
from goodwill.journeys.account_panel import AccountPanel
from goodwill.registry import Terms
from goodwill.samples import Covariates, Units
from goodwill.verdicts import Evidence
from goodwill.warehouse import Tables

#: Each company once, with the first of its records.
COMPANIES = (
    "SELECT m.account, x.source_file, x.source_row FROM (SELECT DISTINCT account FROM account_months{which}) AS m "
    "LEFT JOIN resolved_accounts AS r ON r.account = m.account LEFT JOIN accounts AS x ON x.id = r.node "
    "QUALIFY row_number() OVER (PARTITION BY m.account ORDER BY x.source_file, x.source_row) = 1 ORDER BY m.account"
)
#: Companies in months in which a trial may start.
ROWS = COMPANIES.format(which=" WHERE is_untouched AND open_deals = 0")
EVER = COMPANIES.format(which="")
METHOD = (
    "a trial starts in every month in which a company without an open opportunity could be touched, none having been "
    "in the weeks of history; chances of a first win, month by month, weighted for and adjusted for {factors}"
)
#: The steps from a company to a win, as told.
OPENED, WON = "opportunity opened", "won"


def won_per_account(tables: Tables, terms: Terms, *, matters: float) -> Compared:
    """Companies touched in a month against companies alike that are not: a first win within the horizon."""
    found = account_panel.accounts(tables, terms, "won")
    asked = asked_of(found, terms)
    wording = Wording(
        happened="first win",
        treatment="a social touch of anyone at the company, none in the weeks of history before, no opportunity open",
        comparison="no social touch",
        method=METHOD,
        rows=Evidence("account_months", ROWS),
        definition="win rate B",
    )
    told = comparison(
        asked,
        "chance",
        about=About.units("companies watched between {first} and {last}", "account", _began(found)),
        wording=wording,
        naive=_naive(found, terms.workspace.level),
        workspace=terms.workspace,
        matters=matters,
        notes=_notes(found),
    )
    told = with_unrecorded(told, tables)
    if asked.is_brief:
        return replace(told, n=_companies(found), n_exposed=_touched(found))
    steps = _steps(tables, terms, asked)
    facts = {name: rows for name, rows in told.facts.items() if name != "ends"}
    told = replace(told, n=_companies(found), n_exposed=_touched(found))
    return replace(told, facts={**facts, "curves_of": [{"outcome": "with a first win"}], **steps})


def asked_of(found: AccountPanel, terms: Terms) -> Asked:
    """What is asked of companies."""
    panel = found.panel
    first = np.searchsorted(panel.unit, np.arange(len(panel.id)))
    is_customer = found.is_customer[first]
    return Asked(
        panel=varying(panel),
        weeks=4,
        wanted=max(1, terms.workspace.horizon_weeks // 4),
        seed=terms.seed,
        level=terms.workspace.level,
        groups={"prospects": ~is_customer, "existing customers": is_customer},
        dealt=account_groups(np.arange(int(panel.group.max()) + 1), seed=terms.seed)[panel.group],
        repeats=terms.placebos,
    )


def _steps(tables: Tables, terms: Terms, won: Asked) -> dict[str, Rows]:
    """The way to a win in both arms, and the effect of each step, whose product is the whole."""
    try:
        opened = asked_of(account_panel.accounts(tables, terms, "opened"), terms)
        opened = replace(opened, wanted=won.protocol.horizon)
        if opened.protocol.horizon != won.protocol.horizon:
            return {}
        pairs = ((OPENED, opened.whole), (WON, won.whole))
    except CannotTell:
        return {}
    return {"stages": _stages(pairs), "transitions": _transitions(pairs, terms.workspace.level)}


def _stages(pairs: tuple[tuple[str, Emulated], ...]) -> Rows:
    rows = []
    for arm, name in enumerate((NEVER, TOUCHED)):
        previous = 1.0
        for place, (stage, found) in enumerate(pairs, 1):
            share = found.shares[arm]
            rows.append({"stage": stage, "place": place, "arm": name, "share": share.value,
                         "low": max(0.0, share.low), "high": min(1.0, share.high),
                         "of_previous": share.value / max(previous, 1e-12)})  # fmt: skip
            previous = share.value
    return rows


def _transitions(pairs: tuple[tuple[str, Emulated], ...], level: float) -> Rows:
    """Ratio of touched to not for each step, from the same groups left out in all of them."""
    logs = [np.log(found.replicates[:, 1] / found.replicates[:, 0]) for _, found in pairs]
    steps = [("opportunities per company", logs[0]), ("wins per opportunity", logs[1] - logs[0]), ("total", logs[1])]
    return [{"step": step, **_as_ratio(jackknife(float(v[0]), v[1:], level=level))} for step, v in steps]


def _as_ratio(log: Estimate) -> dict[str, float]:
    ratio, low, high = (float(np.exp(np.clip(v, -20, 20))) for v in (log.value, log.low, log.high))
    return {"ratio": ratio, "low": low, "high": high}


def _naive(found: AccountPanel, level: float) -> Naive | None:
    """Share of companies that won while watched, those ever touched against those never."""
    panel = found.panel
    n = int(panel.group.max()) + 1
    ever, won = np.zeros(n, dtype=np.int64), np.zeros(n)
    np.maximum.at(ever, panel.group, panel.exposed.astype(np.int64))
    np.maximum.at(won, panel.group, (panel.event == 1).astype(float))
    units = Units(np.arange(n), np.arange(n), ever, won, Covariates(np.zeros((n, 0)), (), ()))
    try:
        return Naive(doubly_robust.naive_difference(units, level=level), n, Evidence("account_months", EVER))
    except CannotTell:
        return None


def _companies(found: AccountPanel) -> int:
    return len(np.unique(found.panel.group[found.panel.eligible]))


def _touched(found: AccountPanel) -> int:
    """Companies touched in a month in which a trial started."""
    panel = found.panel
    followed = np.append(panel.unit[1:] == panel.unit[:-1], False)
    return len(np.unique(panel.group[panel.eligible & panel.exposed & followed]))


def _began(found: AccountPanel) -> Any:
    return found.began_on[np.unique(found.panel.group, return_index=True)[1]]


def _notes(found: AccountPanel) -> tuple[str, ...]:
    return tuple(f"{n:,} companies are left out: {why}." for why, n in found.left_out.items() if n)
