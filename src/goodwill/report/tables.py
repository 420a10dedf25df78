"""The numbers behind each picture as a table of text: what its columns are called and how each number is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.report import captions, numbers
from goodwill.report.confounders import balances, moves
from goodwill.report.effect_captions import ends_of, outcome_of
from goodwill.report.phrases import venue_name
from goodwill.report.placebo_pictures import table_rows
from goodwill.report.venue_values import stage_costs
from goodwill.report.words import title
from goodwill.verdicts.verdict import Verdict

#: Rows of a table that are printed; a report is no database.
MOST_ROWS = 400
#: Units of columns in tables without a description of their own; any other number is written as a count.
FACT_UNITS: dict[str, str] = {
    **dict.fromkeys(("share", "low", "high"), "share"),
    **dict.fromkeys((*captions.COSTS, "total"), "money"),
    "hours": "hours",
}


@dataclass(frozen=True)
class Grid:
    """A table as text: a caption, a header, rows of cells; the first cell of a row heads it."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0


@dataclass(frozen=True)
class Columns:
    """A table's subject and its columns: the field, its heading, and its unit.

    ``text`` is written as it is; ``row`` is a change in the unit that the row names, ``answer`` one in that of
    the headline, ``size`` the same without its sign.
    """

    subject: str
    columns: tuple[tuple[str, str, str], ...]


_BOUNDS = (("low", "from", "share"), ("high", "to", "share"))
_CHANGE = (("value", "effect", "row"), ("low", "from", "row"), ("high", "to", "row"))
_NEW = (("n", "people", "count"), ("naive", "as recognised", "share"), ("share", "corrected", "share"), *_BOUNDS)
COLUMNS: dict[str, Columns] = {
    "curves": Columns(
        "share {outcome} by week",
        (("week", "week", "count"), ("arm", "of whom", "text"), ("share", "share {outcome}", "share"), *_BOUNDS),
    ),
    "ends": Columns(
        "what became of whom by week",
        (("week", "week", "count"), ("arm", "of whom", "text"), ("won", "{outcome}", "share"),
         ("lost", "{lost}", "share"), ("open", "still open", "share")),
    ),
    "horizons": Columns(
        "effect by horizon", (("horizon_weeks", "weeks", "count"), ("group", "of", "text"), *_CHANGE)
    ),
    "subgroups": Columns("effect by group", (("group", "group", "text"), *_CHANGE, ("n", "n", "count"))),
    "stages": Columns(
        "share that reaches each stage",
        (("stage", "stage", "text"), ("arm", "of whom", "text"), ("share", "of all", "share"), *_BOUNDS,
         ("of_previous", "of the stage before", "share")),
    ),
    "transitions": Columns(
        "effect on each step, touched against not",
        (("step", "step", "text"), ("ratio", "ratio", "ratio"), ("low", "from", "ratio"), ("high", "to", "ratio")),
    ),
    "stuck": Columns(
        "time in each stage",
        (("stage", "stage", "text"), ("n", "entered", "count"), ("median_days", "half have left after", "wait"),
         ("low_days", "from", "days"), ("high_days", "to", "days"), ("still_there", "still there", "count")),
    ),
    "balance": Columns(
        "differences in standard deviations",
        (("name", "known beforehand", "text"), ("before", "before weighting", "ratio"), ("after", "after", "ratio")),
    ),
    "sensitivity": Columns(
        "the answer without each thing measured",
        (("name", "left out", "text"), ("without", "the answer without it", "answer"), ("move", "moved by", "answer")),
    ),
    "placebos": Columns(
        "answers of samples in which social can do nothing",
        (("check", "check", "text"), ("sample", "sample", "text"), ("value", "effect", "answer")),
    ),
    "hidden_causes": Columns(
        "something hidden as strong as what was measured",
        (("factor", "as strong as", "text"), ("of_touch", "explains of the touch", "share"),
         ("of_outcome", "explains of the outcome", "share"), ("bias", "takes from the answer", "size")),
    ),
    "match_recall": Columns(
        "people known elsewhere whom matching finds again, with their key hidden",
        (("venue", "venue", "text"), ("n", "known people", "count"), ("share", "found again", "share"), *_BOUNDS,
         ("precision", "probability stated of pairs kept", "share")),
    ),
    "match_calibration": Columns(
        "reviewed pairs that are one person's",
        (("predicted", "probability stated", "share"), ("n", "pairs", "count"), ("share", "one person's", "share"),
         *_BOUNDS),
    ),
    "lags": Columns(
        "share {outcome} by week after the first social touch",
        (("week", "week", "count"), ("share", "share {outcome}", "share"), *_BOUNDS),
    ),
    "silent": Columns(
        "effect by the share of touches recorded",
        (("sensitivity", "recorded", "share"), ("value", "effect", "answer"), ("low", "from", "answer"),
         ("high", "to", "answer")),
    ),
    "waterfall": Columns(
        "from all people met on social to those who are new",
        (("step", "step", "text"), ("people", "people", "count")),
    ),
    "new_by_class": Columns("what people were to us the instant before", (("class", "they were", "text"), *_NEW)),
    "new_by_venue": Columns(
        "share of new people by venue",
        (("venue", "venue", "text"), *_NEW, ("recall", "known people recognised there", "share")),
    ),
    "new_by_month": Columns("share of new people by month", (("month", "month", "text"), *_NEW)),
    "new_by_campaign": Columns("share of new people by campaign", (("campaign", "campaign", "text"), *_NEW)),
    "cost_by_stage": Columns(
        "full cost of social for each that it touched and that got so far",
        (("stage", "stage", "text"), ("deals", "got so far", "count"), ("each", "cost of each", "money")),
    ),
    "events": Columns(
        "what began on which day", (("day", "day", "text"), ("kind", "kind", "text"), ("label", "name", "text"))
    ),
    "target": Columns(
        "goals",
        (("goal", "goal", "text"), ("measure", "of", "text"), ("target", "aimed at", "ratio"), ("by", "by", "text")),
    ),
    "resolutions": Columns(
        "the answer under other plausible matches of people and companies",
        (("resolution", "resolution", "text"), ("value", "answer", "answer"), ("low", "from", "answer"),
         ("high", "to", "answer")),
    ),
}  # fmt: skip

Rows = Sequence[Mapping[str, Any]]
#: Tables whose rows are put in order, and cleared of names of people, before anybody sees them.
PREPARED: dict[str, Callable[[Verdict], Rows]] = {
    "cost_by_stage": stage_costs,
    "balance": lambda verdict: [vars(row) for row in balances(verdict)],
    "sensitivity": lambda verdict: [
        {"name": name, "without": without, "move": move} for name, without, move in moves(verdict)
    ],
    "placebos": table_rows,
}


def table(verdict: Verdict, facts: str, currency: str) -> Grid:
    """The table behind one picture.

    Examples
    --------
    >>> rows = [{"step": "lead to opportunity", "ratio": 1.314, "low": 1.1, "high": 1.57}]
    >>> grid = table(Verdict("funnel", "?", facts={"transitions": rows}), "transitions", "EUR")
    >>> grid.header, grid.rows
    (('step', 'ratio', 'from', 'to'), (('lead to opportunity', '1.31', '1.10', '1.57'),))
    """
    known, has, rows = behind(verdict, facts)
    cells = tuple(tuple(_cell(row, column, verdict, currency) for column in has) for row in rows[:MOST_ROWS])
    header = tuple(_named(heading, verdict) for _, heading, _ in has)
    return Grid(f"{title(verdict)}: {_named(known.subject, verdict)}", header, cells, max(0, len(rows) - MOST_ROWS))


def behind(verdict: Verdict, facts: str) -> tuple[Columns, list[tuple[str, str, str]], Rows]:
    """What the table behind a picture is made of: its description, the columns that it has, and its rows."""
    rows = PREPARED[facts](verdict) if facts in PREPARED else verdict.facts[facts]
    known = COLUMNS.get(facts) or _as_they_are(rows)
    return known, [column for column in known.columns if any(column[0] in row for row in rows)], rows


def _named(heading: str, verdict: Verdict) -> str:
    lost = ends_of(verdict).get("lost", "")
    return heading.replace("{outcome}", outcome_of(verdict)).replace("{lost}", lost)


def _as_they_are(rows: Rows) -> Columns:
    names = dict.fromkeys(key for row in rows for key in row)
    return Columns(
        "the numbers behind the picture",
        tuple((name, name.replace("_", " "), FACT_UNITS.get(name, "count")) for name in names),
    )


def _cell(row: Mapping[str, Any], column: tuple[str, str, str], verdict: Verdict, currency: str) -> str:
    name, _, unit = column
    value = row.get(name)
    if value is None:
        return "more than half are still there" if unit == "wait" else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return venue_name(str(value)) if name == "venue" else str(value)
    if unit == "wait":
        return numbers.show_value(value, "days")
    if unit in ("row", "answer", "size"):
        own = row["unit"] if unit == "row" else verdict.headline.unit if verdict.headline else "ratio"
        if unit == "size":
            return numbers.show_size(value, own, currency)
        show = numbers.show_change if numbers.is_difference(own) or unit == "row" else numbers.show_value
        return show(value, own, currency)
    return numbers.show_value(value, unit, currency)
