"""What is true in a simulated world, and the arithmetic that turns it into the figures a question would report.

Legend: w week since opening (0 is the first); h_w(w), h_l(w) chance of a win, of a loss, in week w among
those still open; CIF(w) chance of having been won by the end of week w.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import GoodwillError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A week later than any follow-up: never touched while open. The same number as in samples.
NEVER = 10**6
#: A day later than any: not decided by the last day.
UNDECIDED = 10**6


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
    touch_week : array (n,)
        Week of the first social touch while open, NEVER if none; it acts from the week after.
    naive : mapping
        What a table of touched against untouched says: the wrong answer.
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
    naive: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.ids)

    def incidence(
        self, horizon_weeks: int, *, exposed: bool, from_week: int | Ints = 0, ids: Sequence[str] | None = None
    ) -> Floats:
        """Chance that each opportunity is won by the end of each week, if open at ``from_week``.

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

        Returns
        -------
        array (n, horizon_weeks)
        """
        rows = self._rows(ids)
        weeks = np.broadcast_to(np.asarray(from_week), rows.shape)[:, None] + np.arange(horizon_weeks)
        last = len(self.win_baseline) - 1
        acting = self.beta * (np.arange(horizon_weeks) >= 1) * exposed
        h_w = expit(self.win_baseline[np.minimum(weeks, last)] + self.win_offset[rows, None] + acting)
        h_l = expit(self.loss_baseline[np.minimum(weeks, last)] + self.loss_offset[rows, None])
        return won_by(h_w, h_l)

    def risk_difference(
        self, horizon_weeks: int, ids: Sequence[str] | None = None, *, from_week: int | Ints = 0
    ) -> float:
        """Mean difference in the chance of being won by the horizon: touched in the first week against never.

        A fraction, not per cent. It is conditional on each opportunity's engagement, segment and account.
        """
        won = self.incidence(horizon_weeks, exposed=True, from_week=from_week, ids=ids)
        never = self.incidence(horizon_weeks, exposed=False, from_week=from_week, ids=ids)
        return float(np.mean(won[:, -1] - never[:, -1]))

    def restricted_mean_difference(
        self, horizon_weeks: int, ids: Sequence[str] | None = None, *, from_week: int | Ints = 0
    ) -> float:
        """Mean difference in days without a win within the horizon: touched in the first week against never.

        The mean time without a win is 7 (1 - CIF(-1) + ... + 1 - CIF(H-2)) with CIF(-1) = 0: a win counts at the
        end of its week, and a lost opportunity stays without a win up to the horizon. Negative is sooner.
        """
        days = [
            days_without_win(self.incidence(horizon_weeks, exposed=e, from_week=from_week, ids=ids))
            for e in (True, False)
        ]
        return float(np.mean(days[0] - days[1]))

    def _rows(self, ids: Sequence[str] | None) -> Ints:
        if ids is None:
            return np.arange(len(self.ids))
        known = {name: row for row, name in enumerate(self.ids)}
        unknown = [name for name in ids if name not in known]
        if unknown:
            raise GoodwillError(
                f"The simulated world knows no opportunity {unknown[0]!r}.",
                where=self.name,
                remedy="Ask for opportunities that its Opportunities.csv lists and that can have happened.",
            )
        return np.array([known[name] for name in ids], dtype=np.int64)

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
        for name in ("win_baseline", "loss_baseline", "win_offset", "loss_offset"):
            raw[name] = np.array(raw[name], dtype=np.float64)
        for name in ("prior_engagement", "opened", "decided", "touch_week"):
            raw[name] = np.array(raw[name], dtype=np.int64)
        for name in ("ids", "accounts", "outcome"):
            raw[name] = tuple(raw[name])
        return cls(**raw)


def expit(log_odds: Floats) -> Floats:
    """The probability that has these log-odds.

    Examples
    --------
    >>> float(expit(np.array(0.0)))
    0.5
    """
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)


def won_by(h_w: Floats, h_l: Floats) -> Floats:
    """CIF(w) from weekly hazards of two competing ends, each (n, weeks).

    Examples
    --------
    One half is won in the first week, a quarter lost; of the quarter left, half is won in the second.

    >>> won_by(np.array([[0.5, 0.5]]), np.array([[0.25, 0.0]])).tolist()
    [[0.5, 0.625]]
    """
    open_after = np.cumprod(1.0 - h_w - h_l, axis=1)
    open_before = np.column_stack([np.ones(len(h_w)), open_after[:, :-1]])
    return np.cumsum(open_before * h_w, axis=1)


def days_without_win(incidence: Floats) -> Floats:
    """Mean days without a win up to the horizon, per row; a win counts at the end of its week.

    Examples
    --------
    >>> days_without_win(np.array([[0.5, 0.625]])).tolist()
    [10.5]
    """
    return np.asarray(7.0 * (incidence.shape[1] - incidence[:, :-1].sum(axis=1)), dtype=np.float64)
