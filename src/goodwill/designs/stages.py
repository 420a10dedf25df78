"""Where deals get stuck: the time in each stage, with those still in it counted as what they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from goodwill.estimators import follow_up, survival
from goodwill.registry import Terms
from goodwill.samples import collect
from goodwill.warehouse import Tables

#: A stage that fewer deals entered says nothing of its time.
FEWEST = 5
STAYS = """
SELECT stage, place, date_diff('second', entered_at, coalesce(left_at, CAST($end AS TIMESTAMP))) / 86400.0 AS days,
    left_at IS NOT NULL AS has_left
FROM deal_stages
ORDER BY place, stage, days, has_left, id
"""


def stuck(tables: Tables, terms: Terms) -> list[dict[str, Any]]:
    """Median days in each stage by Kaplan-Meier, with its interval; None where more than half are still there."""
    rows = collect(tables, STAYS, **terms.parameters)
    found = []
    for place in np.unique(rows["place"]) if len(rows["place"]) else ():
        here = rows["place"] == place
        days, left = rows["days"][here].astype(float), rows["has_left"][here].astype(np.int64)
        if here.sum() < FEWEST:
            continue
        curve = survival.kaplan_meier(follow_up.followed(np.maximum(days, 0.0), left), level=terms.workspace.level)
        median = survival.time_until(curve)
        found.append(
            {"stage": str(rows["stage"][here][0]), "place": int(place), "n": int(here.sum()),
             "median_days": median.value, "low_days": median.low, "high_days": median.high,
             "still_there": int((left == 0).sum())}
        )  # fmt: skip
    return found
