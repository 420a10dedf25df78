"""What is said of cost against value: what each picture shows, on what it rests, and when it is no more than an if."""

from __future__ import annotations

from collections.abc import Sequence

from goodwill.report import captions
from goodwill.report.numbers import show_count, show_level, show_range, show_value
from goodwill.report.phrases import indefinite, listed, plural, venue_name
from goodwill.report.venue_values import NO_MARGIN, Paid, VenueValue, Worth, passed
from goodwill.report.words import STANDINGS
from goodwill.verdicts.verdict import Figure, Verdict

#: What the money is.
KEPT = "gross margin"
#: What a margin would show.
SET_MARGIN = "Set company.gross_margin to see what would be lost without a venue, and when social has paid for itself."
#: What is written at the month since which this end of the value has passed the cost.
PASSED = {"value": "passed", "low": "low end too"}


def by_venue(rows: Sequence[VenueValue], worth: Worth) -> str:
    """What to see in the picture of cost against value."""
    condition = "" if worth.is_established else ", if the answer on sales held"
    told = (
        f"Diamonds are what a venue cost, bars the {KEPT} that would be lost without it{condition}; lines take "
        "in the interval too."
    )
    gained = "What lies below zero would be gained." if any(row.low < 0 for row in rows) else ""
    return " ".join(part for part in (told, _seen(rows), gained, unknown(worth)) if part)


def _seen(rows: Sequence[VenueValue]) -> str:
    """The venues whose cost lies below, above and within the whole of the line."""
    below, above = ([r.venue for r in rows if r.cost < r.low], [r.venue for r in rows if r.cost > r.high])
    within = [row.venue for row in rows if row.low <= row.cost <= row.high]
    told = []
    if below:
        told.append(f"{_names(below)} cost less than the least of it")
    if above:
        told.append(f"{_names(above)} cost more than the most of it")
    if within:
        told.append(f"for {_names(within)} it is open which is more")
    said = "; ".join(told)
    return said[:1].upper() + said[1:] + "."


def _names(venues: Sequence[str]) -> str:
    return listed([venue_name(venue) for venue in venues])


def reckoned(rows: Sequence[VenueValue], paid: Sequence[Paid], about: tuple[Worth, Verdict, str]) -> tuple[str, ...]:
    """On what the pictures of cost against value rest, a sentence or two each."""
    worth, cost, currency = about
    shared = sum(captions.total(r) for r in cost.facts["by_venue"] if r["venue"] not in {row.venue for row in rows})
    told = (
        f"One effect is taken for all venues, that of the answer on sales: {_effect(worth, currency)}.",
        f"A bar runs from the {plural(worth.unit, 2)} that the venue alone touched to all that it touched: one that "
        "several touched might have been won without any one of them. Bars overlap and must not be added up.",
        of_margin(worth),
        f"{show_value(shared, 'money', currency)} of the cost belong to no venue shown, and to none of the diamonds."
        if shared else "",
        _counted(paid, worth) if paid else "",
        _before(cost, worth) if paid else "",
    )  # fmt: skip
    return tuple(part for part in told if part)


def _counted(paid: Sequence[Paid], worth: Worth) -> str:
    """When a value counts."""
    return (
        f"Over time, the value of {indefinite(worth.unit)} counts {worth.horizon_weeks} weeks after its first touch, "
        f"the horizon of the answer on sales: {show_count(paid[-1].deals)} are counted, and what was spent on later "
        "ones is in the cost too."
    )


def _effect(worth: Worth, currency: str) -> str:
    """The effect per deal with its interval and what it is made of."""
    interval = show_range(worth.low, worth.high, "money", currency)
    per = f"{show_value(worth.value, 'money', currency)} of {KEPT} per {worth.unit} first touched while open"
    return f"{per} ({level(worth)} interval {interval})"


def level(worth: Worth) -> str:
    """The level of the interval."""
    return show_level(Figure("", "", None, "money", level=worth.level))


def unknown(worth: Worth) -> str:
    """That this is an if; empty where the answer on sales is established."""
    if worth.is_established:
        return ""
    words = STANDINGS[worth.standing].words.lower()
    return (
        f'Not established: on whether social raises sales the answer is "{words}". This is what would follow if that '
        "answer's figure were right, and is no claim."
    )


def of_margin(worth: Worth) -> str:
    """What of the sales is counted."""
    return f"The gross margin is {show_value(worth.margin, 'share')} of sales, as set."


def range_lines(*ends: str) -> tuple[str, ...]:
    """A venue's words beside its bar: the cost, what would be lost, and that with its interval.

    Examples
    --------
    >>> range_lines("249", "161", "794", "23", "1,476")
    ('cost 249', 'lost if dropped: 161 to 794', 'with the interval: 23 to 1,476')
    """
    cost, least, most, low, high = ends
    return f"cost {cost}", f"lost if dropped: {least} to {most}", f"with the interval: {low} to {high}"


def told_by_venue(rows: Sequence[VenueValue], currency: str) -> str:
    """The same for those who cannot see it."""
    told = [
        f"{venue_name(row.venue)}: cost {show_value(row.cost, 'money', currency)}, lost if dropped "
        f"{show_range(row.least, row.most, 'money', currency)}, with the interval "
        f"{show_range(row.low, row.high, 'money', currency)}"
        for row in rows
    ]
    return "; ".join(told) + "."


def no_value(why: str) -> str:
    """Why only the cost is drawn, and how to see more where a setting is all that is missing."""
    told = f"Only the cost is shown, because {why}."
    return f"{told} {SET_MARGIN}" if why == NO_MARGIN else told


def payback(rows: Sequence[Paid], worth: Worth) -> str:
    """What to see in the picture of payback: since when the value has passed the cost, in whole or in part."""
    return f"{_passed(rows, worth)} The band is the {level(worth)} interval."


def _passed(rows: Sequence[Paid], worth: Worth) -> str:
    condition = "" if worth.is_established else "If the answer on sales held, "
    value = f"{condition}{'the' if condition else 'The'} {KEPT} that social brought"
    whole, middle, best = (passed(rows, end) for end in ("low", "value", "high"))
    if whole:
        return f"{value} has passed all that social cost since {whole}, whichever end of the interval is right."
    if middle:
        return f"{value} has passed all that social cost since {middle}; at the low end of the interval it has not."
    if best:
        return f"{value} has not passed what social cost; at the high end of the interval it has, since {best}."
    return f"{value} has not passed what social cost, whichever end of the interval is right."


def _before(cost: Verdict, worth: Worth) -> str:
    """That the first months cost something and could bring nothing, where the CRM begins later."""
    valued = cost.facts["valued"][0]
    if not valued.get("deals_since") or valued["deals_since"] <= valued["first"]:
        return ""
    return (
        f"The first {worth.unit} in the exports was opened in {valued['deals_since']}: what social cost before is "
        "counted, what it brought before cannot be."
    )


def told_payback(rows: Sequence[Paid], worth: Worth, currency: str) -> str:
    """The end of the picture for those who cannot see it."""
    last = rows[-1]
    return (
        f"By {last.month} social had cost {show_value(last.cost, 'money', currency)} and brought "
        f"{show_value(last.value, 'money', currency)} of {KEPT} "
        f"({level(worth)} interval {show_range(last.low, last.high, 'money', currency)})"
        f"{'' if worth.is_established else ', which is not established'}."
    )


def stages(deals: int, unit: str) -> str:
    """What to see in the cost per deal at each stage."""
    return (
        f"All that social cost, divided by those of the {show_count(deals)} {plural(unit, deals)} first touched while "
        "open that got so far. It says what contact cost, not what social caused: some would have got there anyway."
    )
