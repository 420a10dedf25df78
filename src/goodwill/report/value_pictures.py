"""Pictures of cost against value: per venue, over time until it is paid back, and per deal at each stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from goodwill.report import captions, value_words
from goodwill.report.charts import Bar, Line, bars
from goodwill.report.described_pictures import by_venue
from goodwill.report.drawing import WIDE
from goodwill.report.marked_lines import Mark, Plot, marked_lines
from goodwill.report.numbers import axis_number, show_bare, show_count, show_value
from goodwill.report.panels import Picture, drawn_twice
from goodwill.report.phrases import label, plural, venue_name
from goodwill.report.ranges import Range, ranges
from goodwill.report.tables import Grid, table
from goodwill.report.venue_values import Paid, VenueValue, Worth, passed, payback, stage_costs, venue_values, worth_of
from goodwill.verdicts.verdict import Verdict

#: From here on an axis counts thousands: longer numbers leave a phone no room for the plot.
THOUSANDS_FROM = 100_000.0
#: Fewer months make no line, and fewer stages no funnel.
FEWEST = 3
#: Roles of what is shown, with their words.
COST, VALUE = "second", "first"


@dataclass(frozen=True)
class Values:
    """What page one shows of cost and value: pictures with their tables, and on what they rest.

    ``rows`` are the unrounded numbers behind each picture by a name for a file; empty where the cost stands alone.
    """

    shown: tuple[tuple[Picture, Grid], ...] = ()
    rests: tuple[str, ...] = ()
    rows: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)


def cost_and_value(verdicts: Sequence[Verdict], currency: str) -> Values:
    """Cost against value per venue, and the payback; the cost alone, and why, where there is no value."""
    cost = next((verdict for verdict in verdicts if verdict.question == "cost"), None)
    if cost is None or not cost.facts.get("by_venue"):
        return Values()
    worth = worth_of(verdicts)
    if isinstance(worth, str):
        return _cost_alone(cost, worth, currency)
    rows, paid = venue_values(cost, worth), payback(cost, worth)
    if not rows:
        return _cost_alone(cost, "too few deals were touched to be shown", currency)
    shown = [(_venues(rows, worth, currency), _venue_table(rows, worth, currency))]
    kept = {"cost-against-value": tuple(asdict(row) for row in rows)}
    paid = paid if len(paid) >= FEWEST else ()
    if paid:
        shown.append((_payback(paid, worth, currency), _payback_table(paid, worth, currency)))
        kept["payback"] = tuple(asdict(row) for row in paid)
    return Values(tuple(shown), value_words.reckoned(rows, paid, (worth, cost, currency)), kept)


def by_stage(verdict: Verdict, currency: str) -> Picture | None:
    """What social cost in all for each deal it touched that reached a stage, as bars."""
    rows = stage_costs(verdict)
    if len(rows) < FEWEST:
        return None
    unit = str(verdict.facts["valued"][0]["unit"])
    drawn = [
        Bar(
            f"{label(str(row['stage']))} ({show_count(row['deals'])})",
            show_value(row["each"], "money", currency),
            ((VALUE, row["each"]),),
        )
        for row in rows
    ]
    told = "; ".join(f"{bar.label}: {bar.total}" for bar in drawn) + "."
    heading = f"Full cost of social for each {unit} that got so far (how many)"
    panel = drawn_twice(heading, told, lambda width: bars(drawn, width=width))
    return Picture(value_words.stages(rows[0]["deals"], unit), (panel,), facts="cost_by_stage")


def _cost_alone(cost: Verdict, why: str, currency: str) -> Values:
    drawn = by_venue(cost, currency)
    if drawn is None:
        return Values()
    said = f"{value_words.no_value(why)} {captions.by_venue(cost.facts['by_venue'], currency)}"
    return Values(((Picture(said, drawn.panels, drawn.key), table(cost, "by_venue", currency)),))


def _venues(rows: Sequence[VenueValue], worth: Worth, currency: str) -> Picture:
    scale = _scale([end for row in rows for end in (row.cost, row.low, row.high)])
    drawn = {is_wide: [_range(row, worth, scale, is_wide=is_wide) for row in rows] for is_wide in (True, False)}
    heading = f"Cost, and {value_words.KEPT} lost without the venue{_doubt(worth)}, in {_unit(scale, currency)}"
    panel = drawn_twice(
        heading, value_words.told_by_venue(rows, currency),
        lambda width: ranges(drawn[width == WIDE], write=axis_number("money"), width=width),
    )  # fmt: skip
    key = ((COST, "what the venue cost (diamond)"), (VALUE, f"{value_words.KEPT} lost without it (bar, line)"))
    return Picture(value_words.by_venue(rows, worth), (panel,), key)


def _range(row: VenueValue, worth: Worth, scale: float, *, is_wide: bool) -> Range:
    cost, least, most, low, high = (end / scale for end in (row.cost, row.least, row.most, row.low, row.high))
    told = value_words.range_lines(*(show_bare(round(end), "count") for end in (cost, least, most, low, high)))
    words = (" · ".join(told),) if is_wide else told
    return Range(venue_name(row.venue), words, cost, least, most, low, high, is_hollow=not worth.is_established)


def _payback(rows: Sequence[Paid], worth: Worth, currency: str) -> Picture:
    scale = _scale([end for row in rows for end in (row.cost, row.low, row.high)])
    series = (
        Line(
            f"{_short(rows[-1].value, scale)}\n{value_words.KEPT}",
            tuple((_month(row.month), row.value / scale, row.low / scale, row.high / scale) for row in rows),
        ),
        Line(
            f"{_short(rows[-1].cost, scale)}\ncost",
            tuple((_month(row.month), row.cost / scale, None, None) for row in rows),
        ),
    )
    below = tuple((_month(row.month), row.month) for row in _few(rows))
    plot = Plot(series, below, _crossings(rows))
    heading = f"Cost and {value_words.KEPT} so far{_doubt(worth)}, in {_unit(scale, currency)}"
    panel = drawn_twice(
        heading, value_words.told_payback(rows, worth, currency),
        lambda width: marked_lines(plot, write=axis_number("money"), width=width),
    )  # fmt: skip
    return Picture(value_words.payback(rows, worth), (panel,))


def _venue_table(rows: Sequence[VenueValue], worth: Worth, currency: str) -> Grid:
    many = plural(worth.unit, 2)
    header = ("venue", "cost", f"{many} touched", "by it alone", "lost, at least", "at most", "interval from", "to")
    money = _money(currency)
    cells = tuple(
        (venue_name(row.venue), money(row.cost), show_count(row.every),
         "too few to show" if row.alone is None else show_count(row.alone),
         *(money(end) for end in (row.least, row.most, row.low, row.high)))
        for row in rows
    )  # fmt: skip
    return Grid(f"Cost against value: cost, and {value_words.KEPT} lost without each venue", header, cells)


def _payback_table(rows: Sequence[Paid], worth: Worth, currency: str) -> Grid:
    header = ("until", "cost so far", f"{plural(worth.unit, 2)} counted", value_words.KEPT, "from", "to")
    money = _money(currency)
    cells = tuple(
        (row.month, money(row.cost), show_count(row.deals), *(money(end) for end in (row.value, row.low, row.high)))
        for row in rows
    )
    return Grid(f"Payback: cost and {value_words.KEPT} so far", header, cells)


def _money(currency: str) -> Callable[[float], str]:
    return lambda value: show_value(value, "money", currency)


def _doubt(worth: Worth) -> str:
    return "" if worth.is_established else " (not established)"


def _scale(values: Sequence[float]) -> float:
    return 1000.0 if max(abs(value) for value in values) >= THOUSANDS_FROM else 1.0


def _unit(scale: float, currency: str) -> str:
    return currency if scale == 1.0 else f"thousand {currency}"


def _short(value: float, scale: float) -> str:
    return show_bare(round(value / scale), "count")


def _crossings(rows: Sequence[Paid]) -> tuple[Mark, ...]:
    """The months since which the cost is passed: by the middle, and by the whole band."""
    found = ((passed(rows, end), said) for end, said in value_words.PASSED.items())
    return tuple(Mark(_month(since), f"{since}: {said}") for since, said in found if since)


def _month(month: str) -> float:
    """The place of a month: months since the beginning of the calendar."""
    year, _, month = month.partition("-")
    return 12.0 * int(year) + int(month)


def _few(rows: Sequence[Paid]) -> list[Paid]:
    """The first and the last month, and each January between them."""
    return [row for at, row in enumerate(rows) if at in (0, len(rows) - 1) or row.month.endswith("-01")]
