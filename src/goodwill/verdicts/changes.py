"""What changed between two runs, and which earlier statements proved wrong: two sets of verdicts compared.

A statement is a headline that was *claimed*: its standing is supported or contradicted. Two headlines can be *compared*
where they measure the same: the same figure in the same unit, of the same kind of unit, for the same treatment and
comparison, hoping for the same, up to the same week.

**What changed**, for each question of either run:

- *new*: it was not asked before; *no longer asked*: it was, and is not now;
- *standing changed*: its standing or its grade is another one;
- *moved*: the standing is the same, and the headline's value or interval is not; of a question that has no headline in
  either run, any of its figures, or which of them there are. Figures that describe move whenever data is added: nothing
  follows from it;
- *unchanged*: none of these. Numbers that differ by no more than how verdicts are rounded are the same, and intervals
  of two levels are not compared: what differs there is what was asked for.

Where both headlines can be compared, a change says by how much the estimate moved (now minus before, in its unit) and
whether it lies inside the interval of before.

**What proved wrong**: a statement of any earlier run, held against the verdict of now, if both can be compared and

- *opposite*: the effect claimed now has the other sign; else
- *apart*: both are claimed, and their intervals, of one level, have no value in common;
- *excluded*: no effect is found now, and the interval of now leaves out what was claimed;
- *missed*: no effect was found then, and one is claimed now that is larger than the smallest which the data of then
  was said to be able to find.

**What was withdrawn**: a statement that was claimed then and cannot be told now, for whatever reason. It no longer
stands; nothing speaks against it.

Each statement (a question, its standing and its sign) is told once for each of the two, as the latest run said it that
said what is refuted. A statement of which an earlier run was wrong about the size is told though a later run put it
right. Of every ten right statements with an interval of 90%, one leaves out the truth; but runs share most of their
data, and what they share cannot set them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from goodwill.verdicts.horizon import SAME, horizon_weeks
from goodwill.verdicts.verdict import Figure, Verdict

Kind = Literal["new", "no longer asked", "standing changed", "moved", "unchanged"]
Reason = Literal["opposite", "apart", "excluded", "missed", "withdrawn"]
#: Standings that claim an effect.
CLAIMED = ("supported", "contradicted")


@dataclass(frozen=True)
class Moved:
    """One figure then and now.

    ``by`` is now minus before in the figure's unit; ``is_inside`` says whether the value of now lies inside the
    interval of before. Both are None where there is nothing to say it of.
    """

    before: Figure
    now: Figure
    by: float | None
    is_inside: bool | None


@dataclass(frozen=True)
class Change:
    """What became of one question between two runs.

    ``figures`` are those that moved: the headline where both runs have one that can be compared, else every other
    figure of the same name and unit. ``is_comparable`` is False where both have a headline and they measure two things.
    """

    question: str
    kind: Kind
    before: Verdict | None
    now: Verdict | None
    figures: tuple[Moved, ...] = ()
    is_comparable: bool = True


@dataclass(frozen=True)
class Refuted:
    """A statement of an earlier run that proved wrong, or that was withdrawn.

    ``label`` names the run that said it; ``earlier`` and ``now`` are the verdicts.
    """

    label: str
    earlier: Verdict
    now: Verdict
    reason: Reason

    @property
    def is_wrong(self) -> bool:
        """Did it prove wrong? Else it only no longer stands."""
        return self.reason != "withdrawn"


def is_same(before: Figure, now: Figure) -> bool:
    """Are two figures the same but for how verdicts are rounded, and their intervals if they are of one level?"""
    pairs = [(before.value, now.value)]
    if before.level == now.level:
        pairs += [(before.low, now.low), (before.high, now.high)]
    return all(
        a is b is None or (a is not None and b is not None and math.isclose(a, b, rel_tol=SAME)) for a, b in pairs
    )


def changes(
    earlier: Sequence[Verdict], now: Sequence[Verdict], *, alike: Callable[[Figure, Figure], bool] = is_same
) -> tuple[Change, ...]:
    """What became of every question from one run to another, in the order of now; what is no longer asked comes last.

    Parameters
    ----------
    earlier, now : sequence of Verdict
    alike : callable
        Whether a figure of before and the one of now are the same to who asks: written numbers are sooner.

    Examples
    --------
    >>> before = Verdict("win_rate", "?", headline=Figure("effect", "Effect", 0.06, "points", low=0.01, high=0.11))
    >>> after = Verdict("win_rate", "?", headline=Figure("effect", "Effect", 0.05, "points", low=0.01, high=0.09))
    >>> (found,) = changes([before], [after])
    >>> found.kind, round(found.figures[0].by, 6), found.figures[0].is_inside
    ('moved', -0.01, True)
    """
    was, is_now = {v.question: v for v in earlier}, {v.question: v for v in now}
    asked = [_change(was.get(v.question), v, alike) for v in now]
    return (*asked, *(Change(v.question, "no longer asked", v, None) for v in earlier if v.question not in is_now))


def proved_wrong(former: Sequence[tuple[str, Sequence[Verdict]]], now: Sequence[Verdict]) -> tuple[Refuted, ...]:
    """Earlier statements that proved wrong or were withdrawn, in the order of now's questions, oldest first.

    Parameters
    ----------
    former : sequence of (str, sequence of Verdict)
        What a run is called, and its verdicts; oldest first.
    now : sequence of Verdict

    Examples
    --------
    >>> up = Figure("effect", "Effect", 0.06, "points", low=0.01, high=0.11)
    >>> down = Figure("effect", "Effect", -0.05, "points", low=-0.09, high=-0.01)
    >>> said = Verdict("win_rate", "?", headline=up, standing="supported")
    >>> says = Verdict("win_rate", "?", headline=down, standing="contradicted")
    >>> [(found.label, found.reason) for found in proved_wrong([("run 1", [said]), ("run 2", [said])], [says])]
    [('run 2', 'opposite')]
    """
    return tuple(found for verdict in now for found in _refuted(former, verdict))


def no_effect(figure: Figure) -> float:
    """The value that means "no effect" in a figure's unit."""
    return 1.0 if figure.unit == "ratio" else 0.0


def can_compare(before: Verdict, now: Verdict) -> bool:
    """Do two headlines measure the same thing?"""
    return _measures(before) == _measures(now) is not None


def _measures(verdict: Verdict) -> tuple[object, ...] | None:
    figure = verdict.headline
    if figure is None or figure.value is None:
        return None
    of = (verdict.unit, verdict.treatment, verdict.comparison, verdict.hoped)
    return (figure.name, figure.unit, *of, horizon_weeks(verdict))


def _change(before: Verdict | None, now: Verdict, alike: Callable[[Figure, Figure], bool]) -> Change:
    if before is None:
        return Change(now.question, "new", None, now)
    both_told = _measures(before) is not None and _measures(now) is not None
    is_comparable = can_compare(before, now) if both_told else True
    pairs = _pairs(before, now, both_told=both_told) if is_comparable else []
    moved = tuple(_between(was, is_now) for was, is_now in pairs if not alike(was, is_now))
    has_moved = bool(moved) or not is_comparable or _shown(before) != _shown(now)
    kind: Kind = "moved" if has_moved else "unchanged"
    if (before.standing, before.grade) != (now.standing, now.grade):
        kind = "standing changed"
    return Change(now.question, kind, before, now, moved, is_comparable)


def _has_value(verdict: Verdict) -> bool:
    return _measures(verdict) is not None


def _shown(verdict: Verdict) -> object:
    """Whether there is a headline; where there is none, which other figures there are."""
    return _has_value(verdict) or {(figure.name, figure.unit) for figure in verdict.figures}


def _pairs(before: Verdict, now: Verdict, *, both_told: bool) -> list[tuple[Figure, Figure]]:
    """Both headlines; where there is none in either run, the other figures that both have."""
    if both_told and before.headline is not None and now.headline is not None:
        return [(before.headline, now.headline)]
    if _has_value(before) or _has_value(now):
        return []
    known = {(figure.name, figure.unit): figure for figure in before.figures}
    return [(known[f.name, f.unit], f) for f in now.figures if (f.name, f.unit) in known]


def _between(before: Figure, now: Figure) -> Moved:
    by = None if before.value is None or now.value is None else now.value - before.value
    known = now.value is not None and before.low is not None and before.high is not None
    return Moved(before, now, by, _holds(before, now.value) if known else None)


def _holds(figure: Figure, value: float | None) -> bool:
    return None not in (value, figure.low, figure.high) and figure.low <= value <= figure.high  # type: ignore[operator]


def _refuted(former: Sequence[tuple[str, Sequence[Verdict]]], now: Verdict) -> list[Refuted]:
    """Each statement once: a later run that said the same takes the place of an earlier one."""
    found: dict[tuple[object, ...], Refuted] = {}
    for label, verdicts in former:
        for said in (v for v in verdicts if v.question == now.question):
            if reason := _reason(said, now):
                key = (said.standing, _sign(said) if _is_claimed(said) else 0, reason == "withdrawn")
                found.pop(key, None)
                found[key] = Refuted(label, said, now, reason)
    return list(found.values())


def _reason(said: Verdict, now: Verdict) -> Reason | None:
    if _is_claimed(said) and now.standing == "cannot tell":
        return "withdrawn"
    if not can_compare(said, now) or said.headline is None or now.headline is None:
        return None
    was, is_now = said.headline, now.headline
    if _is_claimed(said) and _is_claimed(now):
        if _sign(said) != _sign(now):
            return "opposite"
        return "apart" if _are_apart(was, is_now) else None
    if _is_claimed(said) and now.standing == "no effect found":
        has_interval = is_now.low is not None and is_now.high is not None
        return "excluded" if has_interval and not _holds(is_now, was.value) else None
    if said.standing == "no effect found" and said.detectable is not None and _is_claimed(now):
        return "missed" if abs((is_now.value or 0.0) - no_effect(is_now)) > said.detectable else None
    return None


def _is_claimed(verdict: Verdict) -> bool:
    return verdict.standing in CLAIMED and _has_value(verdict)


def _sign(verdict: Verdict) -> float:
    figure = verdict.headline
    return 0.0 if figure is None or figure.value is None else math.copysign(1.0, figure.value - no_effect(figure))


def _are_apart(before: Figure, now: Figure) -> bool:
    if before.low is None or before.high is None or now.low is None or now.high is None or before.level != now.level:
        return False
    return before.high < now.low or now.high < before.low
