"""Samples in which exposure can do nothing, because it was made up: what placebos are estimated on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from goodwill.estimators.resample import dealt_among_accounts
from goodwill.samples import Ints, Panel, Units

Sample = TypeVar("Sample", Units, Panel)

#: Half of the never exposed get a made-up exposure, so that both sides of the comparison are as large as can be.
GIVEN = 0.5


def shuffled(sample: Sample, draw: np.random.Generator) -> Sample:
    """The same units and outcomes; accounts have swapped their exposures, in a panel their whole histories.

    See ``resample.dealt_among_accounts`` for why accounts swap whole.
    """
    changed: dict[str, Any]
    if isinstance(sample, Panel):
        group = sample.group[np.unique(sample.unit, return_index=True)[1]]
        changed = _histories(sample, dealt_among_accounts(group, draw))
    else:
        changed = {"treated": sample.treated[dealt_among_accounts(sample.group, draw)]}
    return replace(sample, **changed)


def borrowed(panel: Panel, draw: np.random.Generator) -> Panel:
    """The never exposed units of a panel, half of them with the history of a unit drawn from all."""
    units = len(panel.id)
    exposed = np.bincount(panel.unit[panel.exposed], minlength=units) > 0
    borrows = draw.random(units) < GIVEN
    donor = np.where(borrows, draw.integers(units, size=units), np.arange(units))
    return replace(panel, **_histories(panel, donor.astype(np.int64))).take(~exposed)


def _histories(panel: Panel, donor: Ints) -> dict[str, Any]:
    """What a panel is exposed to and eligible for if each unit has its donor's history, period by period.

    Beyond the donor's own time a unit is not exposed, and as eligible as its donor was at that end. What a unit
    gets so has nothing to do with how it fares, which is all that a placebo needs; to cut those periods would
    throw endings away for nothing.
    """
    first = np.unique(panel.unit, return_index=True)[1]
    length = np.bincount(panel.unit)
    donor_of_row = donor[panel.unit]
    place = panel.period - panel.period[first][donor_of_row]
    row = first[donor_of_row] + np.clip(place, 0, length[donor_of_row] - 1)
    exposed = panel.exposed[row]
    after = place >= length[donor_of_row]
    known = (place >= 0) & ~after
    return {"exposed": known & exposed, "eligible": panel.eligible[row] & ~(after & exposed)}
