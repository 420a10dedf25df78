"""What is true in a simulated world, as the figures that a question would report.

Legend: w week since opening (0 is the first); h_w(w), h_l(w) chance of a win, of a loss, in week w among
those still open; CIF(w) chance of having been won by the end of week w.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from goodwill.errors import GoodwillError
from goodwill.worlds import accounts_truth
from goodwill.worlds.accounts_truth import AccountDifference
from goodwill.worlds.arithmetic import NEVER, UNDECIDED, Floats, Ints, days_without_win, expit, won_by
from goodwill.worlds.causes import Causes
from goodwill.worlds.sales import History, happen

__all__ = ["NEVER", "UNDECIDED", "Floats", "Ints", "Truth", "days_without_win", "expit", "won_by"]

#: Attributes of a truth that are arrays, by type; its file holds them as lists.
_FLOATS = ("win_baseline", "loss_baseline", "win_offset", "loss_offset", "amount")
_INTS = ("prior_engagement", "opened", "decided", "touch_week", "acting_touch_week")
_WORDS = ("ids", "accounts", "outcome", "account_ids")


@dataclass(frozen=True, eq=False)
class Truth:
    """The causes behind one simulated company, opportunity by opportunity.

    Attributes
    ----------
    name, seed : str, int
        Which world, and the seed it was drawn with.
    beta : float
        Effect of exposure on the log-odds of a win in each week after the first touch.
    first_day, last_day : int
        Observation, both inclusive, in days since 1970-01-01.
    parameters : mapping
        Every constant of the causal model.
    win_baseline, loss_baseline : array (weeks,)
        Log-odds by week since opening; the last value holds for ever after.
    win_offset, loss_offset : array (n,)
        What prior engagement, segment and the account's own effect add for each opportunity.
    ids, accounts : tuple of str
        Salesforce ids of the opportunities and of their accounts.
    prior_engagement : array (n,)
        Inbound interactions outside social in the 182 days before opening.
    opened, decided : array (n,)
        Days since 1970-01-01; UNDECIDED for those still open on the last day.
    outcome : tuple of str
        won, lost or open.
    touch_week, acting_touch_week : array (n,)
        Week of the first social touch while open that is recorded, and of the first at all; NEVER if none. It acts
        from the week after, or as many weeks later as the lag is long.
    amount : array (n,)
        Value in EUR without any effect of exposure on it.
    account_ids : tuple of str
        Salesforce ids of all companies, by their number.
    naive : mapping
        What tables of touched against untouched say: the wrong answers (see ``worlds.naive``).
    """

    name: str
    seed: int
    beta: float
    first_day: int
    last_day: int
    parameters: Mapping[str, Any]
    win_baseline: Floats
    loss_baseline: Floats
    win_offset: Floats
    loss_offset: Floats
    ids: tuple[str, ...]
    accounts: tuple[str, ...]
    prior_engagement: Ints
    opened: Ints
    decided: Ints
    outcome: tuple[str, ...]
    touch_week: Ints
    acting_touch_week: Ints
    amount: Floats
    account_ids: tuple[str, ...]
    naive: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def causes(self) -> Causes:
        """The constants of the causal model."""
        constants: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in self.parameters.items()}
        return Causes(**constants)

    def history(self) -> History:
        """The years behind this truth, happening again; contracts, requests and touches by number."""
        weeks = (self.last_day - self.first_day + 1) // 7
        return _again(self.causes, len(self.account_ids), self.first_day, weeks, self.seed)

    def incidence(
        self,
        horizon_weeks: int,
        *,
        exposed: bool,
        from_week: int | Ints = 0,
        ids: Sequence[str] | None = None,
        at_once: bool = False,
    ) -> Floats:
        """Chance that each opportunity is won by the end of each week, if open at ``from_week``.

        The state of the week, where a world has one, is left out: it is exact where ``transient_to_win`` is zero.

        Parameters
        ----------
        horizon_weeks : int
            Weeks followed, counted from ``from_week``.
        exposed : bool
            True: first touched in the first of these weeks, thus exposed from the second on; False: never.
        from_week : int or array
            Age of the opportunity when following starts, one for all or one for each of ``ids``; 0 at opening.
        ids : sequence of str, optional
            Of which opportunities; all by default.
        at_once : bool
            First touched in the week before these, thus exposed from the first on. A lag postpones either.

        Returns
        -------
        array (n, horizon_weeks)
        """
        rows = self._rows(ids)
        weeks = np.broadcast_to(np.asarray(from_week), rows.shape)[:, None] + np.arange(horizon_weeks)
        last = len(self.win_baseline) - 1
        acting = self.beta * exposed * self._acts(horizon_weeks, at_once)
        h_w = expit(self.win_baseline[np.minimum(weeks, last)] + self.win_offset[rows, None] + acting)
        h_l = expit(self.loss_baseline[np.minimum(weeks, last)] + self.loss_offset[rows, None])
        return won_by(h_w, h_l)

    def risk_difference(
        self,
        horizon_weeks: int,
        ids: Sequence[str] | None = None,
        *,
        from_week: int | Ints = 0,
        at_once: bool = False,
    ) -> float:
        """Mean difference in the chance of being won by the horizon: touched in the first week against never.

        A fraction, not per cent. It is conditional on each opportunity's engagement, segment and account.
        """
        won, never = self._both(horizon_weeks, ids, from_week, at_once)
        return float(np.mean(won[:, -1] - never[:, -1]))

    def restricted_mean_difference(
        self,
        horizon_weeks: int,
        ids: Sequence[str] | None = None,
        *,
        from_week: int | Ints = 0,
        at_once: bool = False,
    ) -> float:
        """Mean difference in days without a win within the horizon: touched in the first week against never.

        The mean time without a win is 7 (1 - CIF(-1) + ... + 1 - CIF(H-2)) with CIF(-1) = 0: a win counts at the
        end of its week, and a lost opportunity stays without a win up to the horizon. Negative is sooner.
        """
        won, never = self._both(horizon_weeks, ids, from_week, at_once)
        return float(np.mean(days_without_win(won) - days_without_win(never)))

    def value_difference(
        self,
        horizon_weeks: int,
        ids: Sequence[str] | None = None,
        *,
        from_week: int | Ints = 0,
        at_once: bool = False,
    ) -> float:
        """Mean difference in EUR won by the horizon, for each opportunity: touched in the first week against never.

        A win while exposed brings amount times exp(value_beta): with exposure from the first week on it is the mean of
        amount (exp(value_beta) CIF_exposed - CIF_never).
        """
        won, never = self._both(horizon_weeks, ids, from_week, at_once)
        times = np.exp(self.causes.value_beta * self._acts(horizon_weeks, at_once))
        brought = (np.diff(won, axis=1, prepend=0.0) * times - np.diff(never, axis=1, prepend=0.0)).sum(axis=1)
        return float(np.mean(self.amount[self._rows(ids)] * brought))

    def cancel_difference(self, horizon_weeks: int, contracts: Ints | None = None, *, from_week: int | Ints) -> float:
        """Mean difference in the chance of being cancelled by the horizon (``accounts_truth.cancel_difference``)."""
        return accounts_truth.cancel_difference(
            self.history(), horizon_weeks=horizon_weeks, from_week=from_week, contracts=contracts
        )

    def account_difference(
        self, horizon_weeks: int, accounts: Sequence[str] | None = None, *, from_week: int | Ints
    ) -> AccountDifference:
        """Differences in first openings and first wins, of accounts by id (``accounts_truth.account_difference``)."""
        numbers = None if accounts is None else _numbers(accounts, self.account_ids, "company")
        return accounts_truth.account_difference(
            self.history(), horizon_weeks=horizon_weeks, from_week=from_week, accounts=numbers
        )

    def _acts(self, horizon_weeks: int, at_once: bool) -> Floats:
        """1 in the weeks followed in which exposure acts."""
        first = (0 if at_once else 1) + int(self.causes.lag_weeks)
        return np.asarray(np.arange(horizon_weeks) >= first, dtype=np.float64)

    def _both(
        self, horizon_weeks: int, ids: Sequence[str] | None, from_week: int | Ints, at_once: bool
    ) -> tuple[Floats, Floats]:
        """Incidence under exposure and without."""
        with_, without = (
            self.incidence(horizon_weeks, exposed=e, from_week=from_week, ids=ids, at_once=at_once)
            for e in (True, False)
        )
        return with_, without

    def _rows(self, ids: Sequence[str] | None) -> Ints:
        return np.arange(len(self.ids)) if ids is None else _numbers(ids, self.ids, "opportunity")

    def to_json(self) -> str:
        """The truth as one compact line of text, exact to the last bit of each figure."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        listed = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in plain.items()}
        return json.dumps(listed, separators=(",", ":"), sort_keys=True) + "\n"

    def save(self, folder: Path) -> Path:
        """Write ``truth.json`` into the workspace, beside its exports and outside them; return its path."""
        path = folder / "truth.json"
        path.write_text(self.to_json(), encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: Path) -> Truth:
        """The truth that ``save`` wrote into this folder."""
        raw = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        for names, kind in ((_FLOATS, np.float64), (_INTS, np.int64)):
            raw.update({name: np.array(raw[name], dtype=kind) for name in names})
        raw.update({name: tuple(raw[name]) for name in _WORDS})
        return cls(**raw)


def _numbers(wanted: Sequence[str], known: Sequence[str], noun: str) -> Ints:
    """The number of each of these ids."""
    number = {name: row for row, name in enumerate(known)}
    unknown = [name for name in wanted if name not in number]
    if unknown:
        raise GoodwillError(
            f"The simulated world knows no {noun} {unknown[0]!r}.",
            remedy="Ask for what its exports list and what can have happened.",
        )
    return np.array([number[name] for name in wanted], dtype=np.int64)


@lru_cache(maxsize=4)
def _again(causes: Causes, accounts: int, first_day: int, weeks: int, seed: int) -> History:
    return happen(causes, accounts=accounts, first_day=first_day, weeks=weeks, seed=seed)
