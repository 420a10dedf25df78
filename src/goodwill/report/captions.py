"""What to see in each picture that describes, in one sentence; and the same for those who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goodwill.report.numbers import show, show_count, show_value
from goodwill.report.phrases import as_sentence, label, listed, plural, venue_name
from goodwill.verdicts.verdict import Verdict

Rows = Sequence[Mapping[str, Any]]
#: Parts of the cost of a venue, in the order in which they are stacked and told.
COSTS: dict[str, str] = {
    "labour": "paid work",
    "media": "media",
    "tools": "tools",
    "agency": "agency",
    "content": "content",
    "other": "other costs",
}
#: Figures that stand for a description which has no headline.
FIRST = 3
HOW_TO_READ_FOREST = (
    "Filled marks are the adjusted answers; hollow marks are the naive ones, with social against without. A bar that "
    "crosses the line at no effect leaves the direction open; one that does not may still be no claim, because several "
    "questions were asked at once."
)
HOW_TO_READ_GROUPS = "Thin bars are the adjusted answer in each group apart."


def by_venue(rows: Rows, currency: str) -> str:
    """Who took most, and how much of it was paid work."""
    most = max(rows, key=total)
    everything = sum(total(row) for row in rows)
    told = f"{venue_name(str(most['venue']))} took the most: {show_value(total(most), 'money', currency)}"
    told += f" of {show_value(everything, 'money', currency)}"
    labour = sum(row.get("labour") or 0 for row in rows)
    if everything and labour:
        return f"{told}; paid work is {show_value(labour / everything, 'share')} of the whole."
    return f"{told}."


def by_week(rows: Rows, measures: Sequence[str]) -> str:
    """The venue that leads in the first measure, over all weeks."""
    sums = {venue: [_sum(rows, venue, measure) for measure in measures] for venue in venues(rows)}
    lead = max(sums, key=lambda venue: (sums[venue][0], venue))
    weeks = len({row["week"] for row in rows})
    told = " and ".join(f"{show_count(number)} {measure}" for number, measure in zip(sums[lead], measures, strict=True))
    return f"Over {weeks} weeks, {venue_name(lead)} had the most {measures[0]}: {told}. All panels share one scale."


def described(verdict: Verdict, currency: str) -> str:
    """A description without a headline: told by its facts, else by its first figures; empty if it has none."""
    if verdict.facts.get("by_venue") or verdict.facts.get("other_venues"):
        return cost(verdict, currency)
    if verdict.facts.get("by_week"):
        return conversation(verdict)
    first = [f"{label(figure.label)}: {show(figure, currency)}" for figure in verdict.figures[:FIRST]]
    return as_sentence("; ".join(first)) if first else ""


def highlight(verdict: Verdict, currency: str) -> str:
    """The one number of a verdict; empty if it has none."""
    if verdict.standing == "cannot tell":
        return ""
    if verdict.headline is not None:
        return show(verdict.headline, currency)
    if verdict.facts.get("by_venue"):
        return show_value(full_cost(verdict), "money", currency)
    share = reply_share(verdict) if verdict.facts.get("by_week") else None
    return "" if share is None else show_value(share, "share")


def cost(verdict: Verdict, currency: str) -> str:
    """What social cost in full, when, by kind, and what of it the exports are silent on; from the rows per venue."""
    rows, others = (verdict.facts.get(name) or [] for name in ("by_venue", "other_venues"))
    if not rows:
        elsewhere = show_value(sum(total(row) for row in others), "money", currency)
        return f"No hours and no payments name a social venue; {elsewhere} are of others."
    parts = []
    for kind, name in COSTS.items():
        amount = _spent(rows, kind)
        hours = _spent(rows, "hours") if kind == "labour" else 0
        if amount:
            worked = f" ({show_value(hours, 'hours')})" if hours else ""
            parts.append(f"{show_value(amount, 'money', currency)} for {name}{worked}")
    over = f" over {len(rows)} {plural('venue', len(rows))}{_when(verdict)}"
    told = f"Social cost {show_value(full_cost(verdict), 'money', currency)} in full{over}"
    if parts:
        told += f": {listed(parts)}"
    return f"{told}{_unbilled([*rows, *others])}."


def _when(verdict: Verdict) -> str:
    """The months of the cost, where they are known."""
    first, last = (day[:7] for day in verdict.period)
    if not first or not last:
        return ""
    return f" in {first}" if first == last else f" from {first} to {last}"


def _unbilled(rows: Rows) -> str:
    """Which side of the cost the exports say nothing of."""
    has_work = any(_spent(rows, kind) for kind in ("hours", "labour"))
    has_bills = any(_spent(rows, kind) for kind in COSTS if kind != "labour")
    if has_work and not has_bills:
        return "; paid work only, no bills are in the exports"
    return "; no hours are in the exports" if has_bills and not has_work else ""


def _spent(rows: Rows, kind: str) -> float:
    return float(sum(row.get(kind) or 0 for row in rows))


def conversation(verdict: Verdict) -> str:
    """What we wrote, how much of it answers somebody, and what came back, over all venues and weeks."""
    rows = verdict.facts["by_week"]
    posts, replies = (sum(row.get(name) or 0 for row in rows) for name in ("posts", "replies"))
    weeks = len({row["week"] for row in rows})
    told = f"We wrote {_counted(posts, 'post')} and {_counted(replies, 'reply')} in {_counted(weeks, 'week')}"
    answers = reply_share(verdict)
    if answers is not None:
        told += f"; where the exports hold replies of ours, {show_value(answers, 'share')} of it answers somebody"
    back = [(sum(row.get(f"{name}s") or 0 for row in rows), name) for name in ("comment", "reaction", "share")]
    came = [_counted(number, name) for number, name in back if number]
    return f"{told}. Back came {listed(came)}." if came else f"{told}."


def reply_share(verdict: Verdict) -> float | None:
    """The share of what we wrote that answers somebody, on venues whose exports hold replies; None if none does."""
    answered = {row["venue"] for row in verdict.facts["by_week"] if row.get("replies")}
    rows = [row for row in verdict.facts["by_week"] if row["venue"] in answered]
    posts, replies = (sum(row.get(name) or 0 for row in rows) for name in ("posts", "replies"))
    return replies / (posts + replies) if posts + replies else None


def full_cost(verdict: Verdict) -> float:
    """The full cost over all venues."""
    return sum(total(row) for row in verdict.facts["by_venue"])


def total(row: Mapping[str, Any]) -> float:
    """A venue's full cost: as given, or the sum of its parts."""
    given = row.get("total")
    return float(given) if given is not None else float(sum(row.get(kind) or 0 for kind in COSTS))


def venues(rows: Rows) -> list[str]:
    """The venues in the order of their names."""
    return sorted({str(row["venue"]) for row in rows})


def _counted(number: float, noun: str) -> str:
    return f"{show_count(number)} {plural(noun, number)}"


def _sum(rows: Rows, venue: str, measure: str) -> float:
    return float(sum(row.get(measure) or 0 for row in rows if str(row["venue"]) == venue))
