"""Does the answer hold when what was chosen is chosen otherwise: another window, one part of the business left out?"""

from __future__ import annotations

from collections.abc import Mapping

from goodwill.estimators.estimate import Estimate
from goodwill.verdicts.could_not_run import could_not_run
from goodwill.verdicts.verdict import Check

#: Two estimates from overlapping data differ by no more than their larger standard error if one uses more of the same
#: information (Hausman 1978), by 1.4 times it if they share nothing. Two of the larger is beyond chance in either case,
#: nineteen times in twenty or nearly so.
ERRORS = 2.0
#: Kinds whose names are a company's own terms. All others may be people's names and are told by number.
PRINTABLE = frozenset({"segment", "venue"})


def other_windows(observed: Estimate, *, halved: Estimate | None, doubled: Estimate | None) -> Check:
    """Does the answer hold when the lag or the wash-out is half as long, or twice as long?

    Survives if neither differs by more than twice the larger standard error and, where the answer can be told from
    zero, neither points the other way. Decisive only where the sign turns beyond chance, both intervals
    lying on opposite sides of zero: the window is a choice, and a longer one measures a somewhat different thing.

    Examples
    --------
    >>> other_windows(Estimate(0.08, 0.02), halved=Estimate(0.06, 0.02), doubled=None).survived
    True
    >>> turned = other_windows(Estimate(0.08, 0.02), halved=Estimate(-0.06, 0.02), doubled=None)
    >>> turned.survived, turned.decisive
    (False, True)
    """
    name, tried = "other windows", "the lag or wash-out was halved and doubled and everything redone"
    others = {"halved": halved, "doubled": doubled}
    found = {window: other for window, other in others.items() if other is not None}
    if not found or observed.se <= 0:
        why = (
            "no other window was tried, or none leaves enough to estimate"
            if not found
            else "the answer has no standard error"
        )
        return could_not_run(name, tried, why, decisive=False)
    told = [f"{window} {other.value:+.3g} ({other.low:+.3g} to {other.high:+.3g})" for window, other in found.items()]
    told += [f"{window} could not be estimated" for window in others if window not in found]
    survived = all(_agrees(observed, other) for other in found.values())
    turned = any(_opposite(observed, other) for other in found.values())
    figures = {window: other.value for window, other in found.items()}
    figures["largest_move_in_errors"] = max(
        abs(other.value - observed.value) / max(other.se, observed.se) for other in found.values()
    )
    return Check(name, tried, f"{'; '.join(told)}; as chosen {observed.value:+.3g}", survived, turned, figures)


def leaving_out(observed: Estimate, *, without: Mapping[str, float]) -> Check:
    """Does the answer rest on one segment, one owner, one venue?

    Each is left out in turn. Survives if none moves the estimate by more than two standard errors or, where the answer
    can be told from zero, turns its sign. Not decisive: an effect that one part of the business has alone is
    an effect, though not the one that was claimed of all.

    Parameters
    ----------
    without : mapping of "kind=name" to float
        The estimate without it, such as ``{"segment=smb": 0.07, "owner=Ann Onym": 0.09}``. Only names of segments and
        venues are printed; the others are told by number in the order given.

    Examples
    --------
    >>> found = leaving_out(Estimate(0.08, 0.02), without={"owner=Ann Onym": 0.09, "owner=Bo Gus": -0.01})
    >>> found.survived, found.result
    (False, 'the largest of 2 moves is to -0.01, without owner number 2 among 2; as observed +0.08')
    """
    name, tried = "leaving out one at a time", f"each of {len(without)} parts was left out in turn"
    if not without or observed.se <= 0:
        why = "there is nothing to leave out" if not without else "the answer has no standard error"
        return could_not_run(name, tried, why, decisive=False)
    moves = {part: abs(value - observed.value) for part, value in without.items()}
    most = max(moves, key=lambda part: moves[part])
    turned = [part for part, value in without.items() if _told(observed) and value * observed.value < 0]
    shown = turned[0] if turned and most not in turned else most
    result = f"the largest of {len(without)} moves is to {without[most]:+.3g}, without {_anonymous(most, without)}"
    if shown != most:
        result += f"; the sign turns without {_anonymous(shown, without)} ({without[shown]:+.3g})"
    survived = moves[most] <= ERRORS * observed.se and not turned
    figures = {"largest_move": moves[most], "largest_move_in_errors": moves[most] / observed.se,
               "parts": float(len(without)), "turned": float(len(turned))}  # fmt: skip
    return Check(name, tried, f"{result}; as observed {observed.value:+.3g}", survived, False, figures)


def _anonymous(part: str, without: Mapping[str, float]) -> str:
    """A part as it may be printed: "segment smb", but "owner 3 of 6"."""
    kind, _, name = part.partition("=")
    if kind in PRINTABLE and name:
        return f"{kind} {name}"
    alike = [other for other in without if other.partition("=")[0] == kind]
    if not name:  # a bare name could be anybody's
        return f"part number {list(without).index(part) + 1} among {len(without)}"
    return f"{kind} number {alike.index(part) + 1} among {len(alike)}"


def _told(estimate: Estimate) -> bool:
    """Can it be told from zero?"""
    return estimate.low > 0 or estimate.high < 0


def _agrees(observed: Estimate, other: Estimate) -> bool:
    near = abs(other.value - observed.value) <= ERRORS * max(other.se, observed.se)
    return near and not (_told(observed) and other.value * observed.value < 0)


def _opposite(observed: Estimate, other: Estimate) -> bool:
    """Do both intervals lie beyond zero, on opposite sides?"""
    return _told(observed) and _told(other) and other.value * observed.value < 0
