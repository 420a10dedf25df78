"""What changed between two runs in words: a row for every question, as page one and the app show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from goodwill.report import words
from goodwill.report.as_written import counted_otherwise, found, in_another
from goodwill.report.effect_words import EFFECTS
from goodwill.report.numbers import show, show_change, show_interval, show_level
from goodwill.report.own_money import own_currency
from goodwill.report.phrases import label, listed, plural
from goodwill.report.refuted_words import refuted_words
from goodwill.verdicts.changes import CLAIMED, Change, Moved, proved_wrong
from goodwill.verdicts.verdict import Verdict

#: Figures of one answer that are named one by one where there is no headline.
MOST_NAMED = 3
FIRST = "This is the first report of this workspace, so there is nothing to compare it with."
NONE_WRONG = "None of the earlier statements proved wrong."
NOT_ASKED = "Not asked"
#: What a change of standing means, by the standing of before (a claim, or any other) and of now.
TURNED = {
    ("supported", "contradicted"): "The data speak now against what they supported before.",
    ("contradicted", "supported"): "The data support now what they spoke against before.",
    ("claim", "no effect found"): "No effect is found now where one was claimed before.",
    ("no effect found", "claim"): "An effect is found now where none was found before.",
    ("other", "claim"): "An effect can be told now.",
    ("other", "no effect found"): "It can be told now that there is no effect of the size that matters.",
}


@dataclass(frozen=True)
class ComparedRow:
    """One question as a line: what was said before, what is said now, and what the difference means.

    ``kind`` is one of ``verdicts.changes.Kind``; ``anchor`` is where the answer stands on the same page, if it does.
    """

    question: str
    title: str
    kind: str
    before: str
    after: str
    means: str
    anchor: str = ""


@dataclass(frozen=True)
class ComparedPage:
    """Two runs compared, as ``templates/changes.html.j2`` shows them.

    ``rows`` are of every question; ``wrong`` and ``withdrawn`` hold a sentence or more for each earlier statement.
    ``is_first`` where there is no earlier run.
    """

    heading: str
    intro: str
    rows: tuple[ComparedRow, ...] = ()
    wrong: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    is_first: bool = False

    @property
    def changed(self) -> tuple[ComparedRow, ...]:
        """The rows that a reader has to know of."""
        return tuple(row for row in self.rows if row.kind != "unchanged")

    @property
    def unchanged(self) -> str:
        """The other questions in a sentence; empty if there are none, or nothing else."""
        same = [row.title for row in self.rows if row.kind == "unchanged"]
        return f"Unchanged: {listed(same)}." if same and self.changed else ""

    @property
    def none_wrong(self) -> str:
        """What stands in place of statements that proved wrong; empty where there are some."""
        return "" if self.wrong or self.is_first else NONE_WRONG


def compared(
    earlier: Sequence[Verdict], now: Sequence[Verdict], currency: str = "EUR", *, labels: tuple[str, str] = ("", "")
) -> ComparedPage:
    """Any two runs compared.

    Parameters
    ----------
    earlier, now : sequence of Verdict
    currency : str
        ISO 4217 code, for money.
    labels : (str, str)
        What the two runs are called, as ``history.Run.label`` has it.

    Examples
    --------
    >>> compared([], [Verdict("churn", "Does social keep customers?")], labels=("run 1", "run 2")).intro
    'Compared with run 1: 1 of 1 answer changed.'
    """
    before, after = labels
    comma = "," if "," in before else ""
    heading = f"What changed from {before}{comma} to {after}" if before and after else "What changed"
    return _page(heading, [(before or "the earlier run", earlier)], now, currency, {})


def since(
    former: Sequence[tuple[str, Sequence[Verdict]]],
    now: Sequence[Verdict],
    currency: str = "EUR",
    anchors: Mapping[str, str] | None = None,
) -> ComparedPage:
    """What changed since the last report, and which statements of all earlier ones proved wrong.

    Parameters
    ----------
    former : sequence of (str, sequence of Verdict)
        What every earlier run is called, and its verdicts; oldest first.
    now : sequence of Verdict
    currency : str
    anchors : mapping of str to str, optional
        Where the answer to each question stands on the page.

    Examples
    --------
    >>> since([], []).intro == FIRST
    True
    """
    heading = "What changed since the last report"
    if not former:
        return ComparedPage(heading, FIRST, is_first=True)
    return _page(heading, former, now, currency, anchors or {})


def _page(
    heading: str,
    former: Sequence[tuple[str, Sequence[Verdict]]],
    now: Sequence[Verdict],
    currency: str,
    anchors: Mapping[str, str],
) -> ComparedPage:
    name, earlier = former[-1]
    rows = tuple(_row(change, currency, anchors.get(change.question, "")) for change in found(earlier, now))
    refuted = proved_wrong(former, now)
    return ComparedPage(
        heading,
        " ".join((*counted_otherwise(earlier, now, currency), _intro(name, rows))),
        rows,
        wrong=tuple(refuted_words(said, currency) for said in refuted if said.is_wrong),
        withdrawn=tuple(refuted_words(said, currency) for said in refuted if not said.is_wrong),
    )


def _intro(name: str, rows: Sequence[ComparedRow]) -> str:
    changed = sum(row.kind != "unchanged" for row in rows)
    answers = f"{len(rows)} {plural('answer', len(rows))}"
    if not changed:
        return f"Compared with {name}, nothing changed: {answers}, the same as before."
    return f"Compared with {name}: {changed} of {answers} changed."


def _row(change: Change, currency: str, anchor: str) -> ComparedRow:
    either = change.now or change.before
    assert either is not None, "a change is of a question that one of the two runs asked"
    return ComparedRow(
        change.question,
        words.title(either),
        change.kind,
        _cell(change.before, currency),
        _cell(change.now, currency),
        meaning(change, currency),
        anchor if change.now is not None else "",
    )


def _cell(verdict: Verdict | None, currency: str) -> str:
    """A standing, and the headline with its interval."""
    if verdict is None:
        return NOT_ASKED
    standing, figure = words.standing_words(verdict).words, verdict.headline
    if figure is None or figure.value is None:
        return standing
    shown = show_change(figure.value, figure.unit, currency) if verdict.question in EFFECTS else show(figure, currency)
    reach = show_interval(figure, currency)
    between = "; the estimate is " if verdict.standing == "cannot tell" else ": "
    return f"{standing}{between}{shown}" + (f" ({reach})" if reach else "")


def meaning(change: Change, currency: str = "EUR") -> str:
    """What a change means, in one or two sentences."""
    if change.kind == "new":
        return "It is asked for the first time."
    if change.kind == "no longer asked" or change.before is None or change.now is None:
        return "It was not asked this time, so that nothing new is known."
    if change.kind == "unchanged":
        return "Nothing changed."
    if change.kind == "moved":
        return _moved(change, currency)
    turned = _turned(change.before, change.now, currency)
    # an estimate that cannot be told says nothing about the one before it
    return turned if change.now.standing == "cannot tell" else f"{turned} {_moved(change, currency)}".strip()


def _turned(before: Verdict, now: Verdict, currency: str) -> str:
    if before.standing == now.standing:
        return f"The evidence was of grade {before.grade} and is of grade {now.grade} now."
    if now.standing == "cannot tell":
        still = "It no longer stands" if before.standing in CLAIMED else "It cannot be told any more"
        return f"{still}: {words.brief(now, currency)}."
    if now.standing == "described":
        return "It is described now, and claims no cause."
    was, turned = (("claim" if v.standing in CLAIMED else v.standing) for v in (before, now))
    for known in ((before.standing, now.standing), (was, turned), ("other", turned)):
        if known in TURNED:
            return TURNED[known]
    raise AssertionError(f"no words for {before.standing} that became {now.standing}")


def _moved(change: Change, currency: str) -> str:
    if change.before is not None and change.now is not None and _is_in_other_money(change.before, change.now):
        return f"{in_another(own_currency([change.before]), currency)}, so that the figures are not compared."
    if not change.is_comparable:
        return "It measures something else now, so that the two figures cannot be compared."
    before, now = change.before, change.now
    if before is None or now is None:
        return ""
    if (before.headline is None) != (now.headline is None):
        return "There is an estimate now." if now.headline else "There is no estimate any more."
    if now.headline is not None:
        return _estimate(change.figures[0], now, currency) if change.figures else ""
    return _several(change, currency)


def _is_in_other_money(before: Verdict, now: Verdict) -> bool:
    """Is what the answer is told by money, and was it counted in another currency?"""
    if before.headline is not None:
        return bool(own_currency([replace(before, naive=None, figures=())]))
    return now.headline is None and bool(own_currency([before]))


def _estimate(moved: Moved, verdict: Verdict, currency: str) -> str:
    """How far the headline moved, and whether it left its former interval."""
    if not moved.by:
        reach = f"was {show_interval(moved.before, currency)} and is {show_interval(moved.now, currency)}"
        return f"The estimate is the same; its interval {reach} now."
    if verdict.standing == "described":
        return f"The figure moved by {_by(moved, currency)}; it only describes."
    by = f"The estimate moved by {_by(moved, currency)}"
    if verdict.standing == "cannot tell":
        return f"{by}; it still cannot be told."
    if moved.is_inside is None:
        return f"{by}."
    level = show_level(moved.before)
    if moved.is_inside:
        return f"{by} and lies inside the earlier {level} interval: the two do not speak against each other."
    return f"{by} and lies outside the earlier {level} interval: use the earlier figure no more."


def _several(change: Change, currency: str) -> str:
    """Which figures moved, those first that moved most for their size."""
    moved = sorted(change.figures, key=_share, reverse=True)
    if not moved:
        return "Other figures are shown than before."
    several = [
        f"{label(m.now.label)} from {show(m.before, currency)} to {show(m.now, currency)}" for m in moved[:MOST_NAMED]
    ]
    n = len(moved)
    most = ", most of all" if n > MOST_NAMED else ""
    return f"{n} {plural('figure', n)} moved{most}: {'; '.join(several)}."


def _share(moved: Moved) -> float:
    size_before = abs(moved.before.value or 0.0)
    return abs(moved.by or 0.0) / size_before if size_before else float(bool(moved.by))


def _by(moved: Moved, currency: str) -> str:
    return show_change(moved.by, "points" if moved.now.unit == "share" else moved.now.unit, currency)
