"""One sequence of trials put to the data: the answer, the same otherwise, for parts of the business, and checked.

What several questions share (the trials of deals serve the chance, the time and the worth of a win) is worked
out once: an ``Asked`` remembers what it has told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import CannotTell
from goodwill.estimators import Estimate
from goodwill.estimators.regression_sensitivity import Benchmark, LinearModel, twins
from goodwill.estimators.sensitivity import Tipping, hidden_bounds, tipping_point
from goodwill.estimators.trial import Emulated, Protocol, effects, emulate, longest_horizon
from goodwill.estimators.trial_starts import starts
from goodwill.samples import Covariates, Ints, Panel
from goodwill.verdicts import Check, falsify
from goodwill.verdicts.placebos import FEWEST, REPEATS, Placebos
from goodwill.verdicts.stability import leaving_out, other_windows

#: What is compared: the chance of the event by the horizon, the days without it, or what events were worth.
Measure = Literal["chance", "days", "worth"]
#: Place of each measure among what ``trial.effects`` gives.
PLACES: dict[Measure, int] = {"chance": 0, "days": 1, "worth": 2}
#: A horizon of fewer periods says nothing.
SHORTEST = 2
#: Panels of more rows get as few placebos as say something: each costs what the answer costs.
LARGE = 30_000
#: Parts left out one at a time, the largest first: beyond these none is large enough to carry an answer.
MOST_PARTS = 8
Marks = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of a panel.

    Attributes
    ----------
    panel : Panel
    weeks : int
        Weeks to a period.
    wanted : int
        Horizon in periods, as far as both arms were followed.
    groups : mapping of str to (U,) bool
        Parts of the business told apart in the answer, such as prospects.
    parts : mapping of "kind=name" to (U,) bool
        Units that share a segment, an owner, a venue: each is left out in turn.
    windows : mapping of "halved" and "doubled" to Panel
        The panel under another wash-out.
    dealt : (n,) int, optional
        Group of accounts of each row, where several panels are to share them.
    repeats : int
        Placebos of each kind; 0 where only the answer is wanted.
    """

    panel: Panel
    weeks: int
    wanted: int
    seed: int
    level: float
    groups: Mapping[str, Marks] = field(default_factory=dict)
    parts: Mapping[str, Marks] = field(default_factory=dict)
    windows: Mapping[str, Panel] = field(default_factory=dict)
    dealt: Ints | None = None
    repeats: int = REPEATS

    @property
    def is_brief(self) -> bool:
        """Is only the answer wanted, and no attempt to break it?"""
        return self.repeats == 0

    @cached_property
    def protocol(self) -> Protocol:
        """As long a horizon as wanted and followed.

        Raises
        ------
        CannotTell
            Nobody was followed for long enough.
        """
        horizon = longest_horizon(self.panel, self.wanted)
        if horizon < SHORTEST:
            raise CannotTell(
                f"too few were followed for {SHORTEST * self.weeks} weeks after a first touch",
                settles="a longer period, or more people whose touches are known",
                n=len(self.panel.id),
            )
        return Protocol(horizon)

    @cached_property
    def whole(self) -> Emulated:
        """The answer: had those not touched stayed untouched."""
        return emulate(self.panel, self.protocol, seed=self.seed, level=self.level, group=self.dealt)

    @cached_property
    def intention(self) -> Emulated | None:
        """The same, whatever happened later to those not touched at first."""
        return self._otherwise(self.panel, replace(self.protocol, is_per_protocol=False))

    @cached_property
    def by_group(self) -> dict[str, Emulated]:
        """The same within parts of the business, as far as they can tell."""
        found = {name: self._otherwise(self.panel.take(marks), self.protocol) for name, marks in self.groups.items()}
        return {name: e for name, e in found.items() if e is not None}

    @cached_property
    def by_window(self) -> dict[str, Emulated]:
        """The same under other wash-outs."""
        found = {name: self._otherwise(panel, self.protocol) for name, panel in self.windows.items()}
        return {name: e for name, e in found.items() if e is not None}

    @cached_property
    def without_factor(self) -> dict[str, tuple[float, float, float]]:
        """The effects when one measured factor is left out of the adjustment."""
        factors = dict.fromkeys(self.panel.covariates.factors)
        return self._quickly({f: replace(self.panel, covariates=_without(self.panel.covariates, f)) for f in factors})

    @cached_property
    def without_part(self) -> dict[str, tuple[float, float, float]]:
        """The effects when one part of the business is left out."""
        largest = sorted(self.parts, key=lambda part: (-int(self.parts[part].sum()), part))[:MOST_PARTS]
        kept = {part: ~self.parts[part] for part in sorted(largest)}
        return self._quickly({part: self.panel.take(marks) for part, marks in kept.items() if marks.any()})

    @cached_property
    def _told(self) -> dict[bytes, tuple[float, float, float]]:
        return {}

    @cached_property
    def _drawn(self) -> dict[Measure, tuple[Placebos, ...]]:
        return {}

    @cached_property
    def _twins(self) -> dict[Measure, tuple[Benchmark, ...]]:
        return {}

    def estimate(self, found: Emulated, measure: Measure, periods: int | None = None) -> Estimate | None:
        """One measure of what was found, at the horizon or a shorter one; None where it is not known there."""
        at = (periods or len(found.by_period)) - 1
        if measure == "chance":
            return found.by_period[at]
        if measure == "days":
            return in_days(found.periods_by_period[at], self.weeks)
        return found.worth if at + 1 == len(found.by_period) else None

    def placebo(self, measure: Measure) -> Callable[[Panel], float]:
        """The answer of a made-up sample, remembered: the measures share their placebos."""

        def again(panel: Panel) -> float:
            key = hashlib.blake2b(panel.exposed.tobytes() + panel.eligible.tobytes(), digest_size=16).digest()
            if key not in self._told:
                self._told[key] = effects(panel, self.protocol)
            return self._told[key][PLACES[measure]] * (7 * self.weeks if measure == "days" else 1)

        return again

    def placebos(self, measure: Measure) -> tuple[Placebos, ...]:
        """The answers of made-up samples, drawn once; none where only the answer is wanted."""
        if self.is_brief:
            return ()
        if measure not in self._drawn:
            observed, again = self.estimate(self.whole, measure), self.placebo(measure)
            assert observed is not None
            told = {"repeats": self.repeats if len(self.panel) <= LARGE else FEWEST, "seed": self.seed}
            shuffled = falsify.shuffled_treatment(self.panel, again, observed=observed.value, **told)
            self._drawn[measure] = (shuffled, falsify.fake_histories(self.panel, again, **told))
        return self._drawn[measure]

    def checks(self, measure: Measure) -> tuple[Check, ...]:
        """The attempts to break the answer that any panel allows."""
        observed = self.estimate(self.whole, measure)
        assert observed is not None
        others = {n: self.estimate(e, measure) for n, e in self.by_window.items()}
        return (
            *(placebos.check() for placebos in self.placebos(measure)),
            falsify.overlapping(self.whole.share_at_limits, effective_n=self.whole.effective_n, n=self.whole.starts),
            falsify.balanced(self.whole.before, self.whole.after, by_chance=self.whole.by_chance),
            other_windows(observed, halved=others.get("halved"), doubled=others.get("doubled")),
            leaving_out(observed, without=self.of_measure(self.without_part, measure)),
        )

    def of_measure(self, told: Mapping[str, tuple[float, float, float]], measure: Measure) -> dict[str, float]:
        """One measure of several effects, in its unit."""
        scale = 7 * self.weeks if measure == "days" else 1
        return {name: values[PLACES[measure]] * scale for name, values in told.items()}

    def twins(self, measure: Measure) -> tuple[Benchmark, ...]:
        """By how much something hidden would move the answer that is to touch and outcome what a measured factor is.

        Not the move when the factor is left out: others would stand in for it, and its twin would seem harmless.
        """
        if measure not in self._twins:
            found = starts(self.panel, horizon=self.protocol.horizon, is_per_protocol=False, is_weighted=False)
            happened = found.event == 1
            outcome = {
                "chance": happened.astype(float),
                "days": 7.0 * self.weeks * np.where(happened, found.followed, self.protocol.horizon),
                "worth": np.where(happened, self.panel.value[found.stop], 0.0),
            }[measure]
            known = in_families(self.panel.covariates.take(found.row))
            model = LinearModel(outcome, found.treated.astype(float), known)
            self._twins[measure] = twins(model) if len(known.names) else ()
        return self._twins[measure]

    def bias(self, measure: Measure) -> dict[str, float]:
        """By how much a hidden twin of each measured factor would move the answer."""
        return {twin.factor: twin.bias for twin in self.twins(measure)}

    def tipping(self, measure: Measure, matters: float) -> Tipping:
        """How strong something hidden must be to change the decision."""
        observed = self.estimate(self.whole, measure)
        assert observed is not None
        return tipping_point(observed, bias=self.bias(measure), matters=matters)

    def hidden(self, measure: Measure, times: float) -> tuple[float, float]:
        """The interval, widened by something hidden so many times as strong as the strongest measured factor."""
        observed = self.estimate(self.whole, measure)
        assert observed is not None
        return hidden_bounds(observed, bias=self.bias(measure), times=times)

    def _otherwise(self, panel: Panel, protocol: Protocol) -> Emulated | None:
        try:
            return emulate(panel, protocol, seed=self.seed, level=self.level)
        except CannotTell:
            return None

    def _quickly(self, panels: Mapping[str, Panel]) -> dict[str, tuple[float, float, float]]:
        told = {}
        for name, panel in panels.items():
            try:
                told[name] = effects(panel, self.protocol)
            except CannotTell:  # too thin without it: the check names how many were left out
                continue
        return told


#: What measures one thing several times, by the part of the name that is the same.
FAMILIES = {"engagement": "engagement", "service": "service", "social": "earlier touches", "touched": "earlier touches",
            "wins": "earlier deals", "deals": "earlier deals", "value": "earlier deals", "is": "being a customer",
            "age": "age and stage", "stage": "age and stage", "weeks": "age and stage", "tenure": "age and stage",
            "calendar": "the calendar", "quarter": "the calendar", "year": "the calendar"}  # fmt: skip


def in_families(covariates: Covariates) -> Covariates:
    """The same columns, those that measure one thing as one factor: each alone would seem weak beside the others.

    Examples
    --------
    >>> known = Covariates(np.zeros((1, 2)), ("engagement", "engagement_recent"), ("engagement", "engagement_recent"))
    >>> in_families(known).factors
    ('engagement', 'engagement')
    """
    return replace(covariates, factors=tuple(FAMILIES.get(f.split("_")[0], f) for f in covariates.factors))


def varying(panel: Panel) -> Panel:
    """The panel without covariates that are the same wherever a trial may start: nothing is adjusted for by them."""
    some = panel.covariates.values[panel.eligible]
    kept = [n for n in range(panel.covariates.values.shape[1]) if len(some) and np.ptp(some[:, n]) > 0]
    return replace(panel, covariates=_columns(panel.covariates, kept))


def in_days(estimate: Estimate, weeks: int) -> Estimate:
    """An estimate in periods of so many weeks, in days."""
    return replace(estimate, value=7 * weeks * estimate.value, se=7 * weeks * estimate.se)


def marks(labels: NDArray[Any], kind: str) -> dict[str, Marks]:
    """Which units carry each label, as parts to be left out."""
    named = np.array(["" if label is None else str(label) for label in labels], dtype=object)
    return {f"{kind}={name}": np.asarray(named == name) for name in sorted(set(named) - {""})}


def _without(covariates: Covariates, factor: str) -> Covariates:
    return _columns(covariates, [n for n, f in enumerate(covariates.factors) if f != factor])


def _columns(covariates: Covariates, kept: list[int]) -> Covariates:
    return Covariates(
        covariates.values[:, kept],
        tuple(covariates.names[n] for n in kept),
        tuple(covariates.factors[n] for n in kept),
    )
