"""Experiments whose lots lie in the exports: which have ended, and which companies were dealt what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs.experiments import DESIGNS, TREATED
from goodwill.exports import literal
from goodwill.registry import Terms
from goodwill.samples import Fetches, collect

#: Exports are made some days before or after an experiment ends: a week early is as good as its end.
GRACE = dt.timedelta(days=7)

EXPERIMENTS = """
SELECT experiment, min(design) AS design, min(started_at) AS starts, max(ends_at) AS ends,
    coalesce(max(planned_share), -1) AS planned_share,
    coalesce(max(planned_share) <> min(planned_share), FALSE) OR min(design) <> max(design) AS is_mixed
FROM assignments
WHERE question = $question AND assigned_at < $end
GROUP BY experiment
ORDER BY starts, experiment
"""
#: Every company dealt, with what it is called by now; absent where no record names it any more.
LOTS = """
SELECT coalesce(r.account, a.unit) AS company, min(r.account) AS account, min(a.arm) AS arm,
    min(a.arm) <> max(a.arm) AS is_torn
FROM assignments AS a
LEFT JOIN resolved_accounts AS r ON r.node = a.unit
WHERE a.experiment = $experiment
GROUP BY coalesce(r.account, a.unit)
ORDER BY company
"""


@dataclass(frozen=True)
class Experiment:
    """One experiment on a question.

    ``until`` is the first moment that no longer counts: its end, or the end of the data. ``is_open`` where no end was
    written down.
    """

    name: str
    question: str
    design: str
    starts: dt.datetime
    until: dt.datetime
    planned_share: float
    is_open: bool
    begins: dt.datetime | None = None

    def assigned(self) -> str:
        """SQL of a step ``assigned``: the companies dealt, as they are called by now; none that stands in two arms.

        Where ``begins`` is set, all are looked at from then on, whenever each starts.
        """
        start = f"TIMESTAMP '{self.begins}'" if self.begins else "min(a.started_at)"
        return f"""assigned AS (
    SELECT r.account, min(a.arm) AS arm, min(a.stratum) AS stratum, {start} AS started_at,
        min(a.source_file) AS source_file, min(a.source_row) AS source_row
    FROM assignments AS a
    JOIN resolved_accounts AS r ON r.node = a.unit
    WHERE a.experiment = {literal(self.name)}
    GROUP BY r.account
    HAVING min(a.arm) = max(a.arm)
)"""


@dataclass(frozen=True)
class Lots:
    """Companies dealt to each arm, those of them that no record names any more, and those that stand in both arms."""

    treated: int
    control: int
    lost_treated: int
    lost_control: int
    torn: int


def experiments(tables: Fetches, terms: Terms, question: str) -> tuple[list[Experiment], list[str]]:
    """Experiments on a question that have ended, the latest first; and what is to be said of the others."""
    found = collect(tables, EXPERIMENTS, question=question, end=terms.end)
    ended, notes = [], []
    for i, name in enumerate(found["experiment"].tolist()):
        starts, ends = _moment(found["starts"][i]) or terms.end, _moment(found["ends"][i])
        if ends is not None and ends > terms.end + GRACE:
            notes.append(f"The experiment {name} runs until {ends:%Y-%m-%d}: it will answer this question then.")
        elif bool(found["is_mixed"][i]):
            notes.append(f"The lots of {name} name several designs or shares: they are not those of one experiment.")
        elif starts < terms.end:
            design, until = str(found["design"][i]), min(ends or terms.end, terms.end)
            planned = float(found["planned_share"][i])
            share = planned if 0 < planned < 1 else DESIGNS[design].share
            ended.append(Experiment(name, question, design, starts, until, share, is_open=ends is None))
    return ended[::-1], notes


def lots(tables: Fetches, experiment: Experiment, *, treated: Collection[str] = (TREATED,)) -> Lots:
    """The lots of an experiment, counted; companies in an arm that is not among ``treated`` are the others."""
    rows = collect(tables, LOTS, experiment=experiment.name)
    torn = rows["is_torn"].astype(bool)
    is_treated = np.isin(rows["arm"].astype(str), list(treated))
    is_lost = np.array([account is None for account in rows["account"]], dtype=bool)

    def count(chosen: NDArray[Any]) -> int:
        return int((chosen & ~torn).sum())

    return Lots(
        treated=count(is_treated),
        control=count(~is_treated),
        lost_treated=count(is_treated & is_lost),
        lost_control=count(~is_treated & is_lost),
        torn=int(torn.sum()),
    )


def _moment(value: np.datetime64) -> dt.datetime | None:
    """A moment as an engine gives it, or None."""
    return None if np.isnat(value) else dt.datetime.fromisoformat(str(value.astype("datetime64[s]")))
