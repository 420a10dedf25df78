"""Weeks at risk, counted: how long units of each kind were open before and after exposure, and how they ended.

Exposure counts from the week after it happened. Rows are counts, so that what follows costs the same for
a long follow-up as for a short one, and less the more units are alike.

Legend: n units; r rows of counts; P covariate patterns; B spans of weeks; X (r, k) design = intercept,
spans 1..B-1, exposed, covariates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.estimators.logistic import scaled
from goodwill.samples import Floats, Ints, Spells

#: Spans of weeks after week 0, as far as each can hold SPAN_ENDS endings.
SPANS, SPAN_ENDS = 8, 10


@dataclass(frozen=True)
class Counts:
    """Weeks at risk and endings, one row per account group, covariate pattern, span of weeks and exposure."""

    X: Floats
    weeks: Floats
    won: Floats
    lost: Floats
    group: Ints


@dataclass(frozen=True)
class Patterns:
    """Distinct scaled covariates, how many units have them, and their account group."""

    values: Floats
    units: Floats
    group: Ints


def count_weeks(spells: Spells, group: Ints) -> tuple[Counts, Patterns, Ints]:
    """Weeks at risk and endings by account group, pattern, span and exposure; the patterns; the spans' first weeks."""
    starts = _span_starts(spells)
    values = scaled(spells.covariates.values)
    unit, span, exposed, weeks = _weeks_at_risk(spells, starts)
    last_span = np.searchsorted(starts, spells.weeks - 1, side="right") - 1
    last_exposed = spells.weeks - 1 > spells.exposed_week
    ends_here = (span == last_span[unit]) & (exposed == last_exposed[unit])
    pattern, place = np.unique(np.column_stack([group, values]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    key = (place[unit] * len(starts) + span) * 2 + exposed
    keys, row = np.unique(key, return_inverse=True)
    event = spells.event[unit]
    won, lost = (_total(row, ends_here & (event == e), len(keys)) for e in (1, 2))
    of, span, exposed = keys // (2 * len(starts)), keys // 2 % len(starts), keys % 2
    spans = (span[:, None] == np.arange(1, len(starts))).astype(float)
    X = np.column_stack([np.ones(len(keys)), spans, exposed, pattern[of, 1:]])
    in_group = pattern[:, 0].astype(np.int64)
    counts = Counts(X, _total(row, weeks, len(keys)), won, lost, in_group[of])
    return counts, Patterns(pattern[:, 1:], np.bincount(place).astype(float), in_group), starts


def _total(row: Ints, values: NDArray[Any], rows: int) -> Floats:
    return np.bincount(row, weights=values, minlength=rows).astype(np.float64)


def _span_starts(spells: Spells) -> Ints:
    """First weeks of the spans: week 0 by itself, since nobody is exposed in it, then equal shares of the endings."""
    ends = spells.weeks[(spells.event > 0) & (spells.weeks > 1)] - 1
    spans = min(SPANS, len(ends) // SPAN_ENDS)
    cuts = np.quantile(ends, np.arange(1, spans) / spans, method="lower") + 1 if spans > 1 else np.zeros(0)
    return np.unique(np.concatenate([[0, 1], cuts])).astype(np.int64)


def _weeks_at_risk(spells: Spells, starts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Weeks each unit spent open in each span, before and after exposure: unit, span, exposed, weeks (> 0).

    Counted by overlap of intervals, which costs the same however long a unit was followed.
    """
    end = np.append(starts[1:], max(int(spells.weeks.max()), int(starts[-1]) + 1))
    switch = np.minimum(spells.weeks, spells.exposed_week + 1)
    from_, to = np.stack([np.zeros_like(switch), switch]), np.stack([switch, spells.weeks])  # (2, n)
    overlap = np.minimum(to[:, :, None], end) - np.maximum(from_[:, :, None], starts)
    exposed, unit, span = np.nonzero(overlap > 0)
    return unit, span, exposed, overlap[exposed, unit, span]
