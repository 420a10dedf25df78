"""Time sheets: detailed reports of Harvest, Toggl Track and Clockify become hours by person, venue and kind."""

from __future__ import annotations

import re

from goodwill.exports import Cell, Locale, Relation, Sheet, literal
from goodwill.registry import Layout, Source
from goodwill.sources import records
from goodwill.sources.cells import NOTHING, constant, day, figure, number, shown, sql, text
from goodwill.sources.dates import order_of
from goodwill.sources.figures import decimal_of

DAY = ("Date", "Start Date", "Start date")
HOURS = ("Hours", "Duration (decimal)", "Duration (h)", "Duration")

#: Words by which people name a venue in projects, tasks and tags.
VENUES = {
    "linkedin": "linked ?in",
    "facebook": r"facebook|\bfb\b",
    "instagram": r"instagram|\binsta\b",
    "youtube": "youtube",
    "tiktok": "tik ?tok",
    "mastodon": "mastodon|fediverse",
    "bluesky": "bluesky",
    "threads": r"\bthreads\b",
    "reddit": "reddit",
    "pinterest": "pinterest",
    "xing": r"\bxing\b",
    "x": r"twitter|\bx\b",
    "email": r"newsletter|e-?mail|mailchimp|\bmailing\b",
    "site": r"\bblog|web ?site|landing ?page",
}

#: Words by which people name a kind of work; the first kind that fits decides, so the narrower words stand first.
KINDS = {
    "moderate": "moderat|spam|complain",
    "converse": "convers|repl(y|ies)|answer|comment|engag|respond|communit|customer care|inbox",
    "listen": "listen|monitor|research|watch",
    "report": "report|analy|dashboard|measur|insight",
    "coordinate": r"coordinat|meeting|planning|\bplan\b|stand-?up|sync|brief|approval|review|editorial",
    "create": r"creat|writ|copy|design|video|photo|content|draft|edit|\bpost|publish|produc|record|graphic|\bblog",
    "admin": r"admin|invoic|expens|train|setup|set-up|billing|tool",
}

#: Cost Rate (USD)
_IN_BRACKETS = re.compile(r"\(([A-Z]{3})\)\s*$")


def effort(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """One entry of a time sheet; totals at the end are left out."""
    work = {
        "on_date": day(sheet, *DAY, formats=order_of(sheet, *DAY)),
        "person": _person(sheet),
        "team": text(sheet, "Teams", "Team", "Roles", "Department", "Group"),
        "venue": sql(_venue(sheet)),
        "kind": sql(_kind(sheet)),
        "hours": hours(sheet, *HOURS),
        "hourly_cost": _hourly_cost(sheet),
        "currency": _currency(sheet, locale),
        "description": text(sheet, "Notes", "Description", "Task"),
    }
    return (Relation("effort", work, where=records.is_record(sheet)),)


def hours(sheet: Sheet, *columns: str) -> Cell:
    """Hours from a figure (1.5 or 1,5) or a clock (01:30:00, also beyond 24 hours)."""
    raw = shown(sheet, *columns)
    part = [f"TRY_CAST(nullif(split_part({raw}, ':', {i}), '') AS DOUBLE)" for i in (1, 2, 3)]
    clock = f"{part[0]} + {part[1]} / 60 + COALESCE({part[2]}, 0) / 3600"
    is_clock = rf"regexp_full_match({raw}, '\d+:\d{{1,2}}(:\d{{1,2}})?')"
    plain = figure(raw, decimal_of(sheet, *columns))
    return Cell(f"CASE WHEN {is_clock} THEN {clock} ELSE {plain} END", raw, sheet.column(*columns))


def _person(sheet: Sheet) -> Cell:
    joined = records.full_name(sheet, ("First Name",), ("Last Name",)).value
    return sql(f"COALESCE({joined}, {shown(sheet, 'User', 'Member', 'Email')})")


def _hourly_cost(sheet: Sheet) -> Cell:
    """The cost rate, never the billable rate; 0 is what the programs show where no rate was entered."""
    columns = ("Cost Rate", *records.columns_like(sheet, "Cost Rate ("))
    rate = number(sheet, *columns, decimal=decimal_of(sheet, *columns))
    raw = f"CASE WHEN ({rate.value}) IS DISTINCT FROM 0 THEN {rate.raw} END"
    return Cell(f"nullif({rate.value}, 0)", raw, rate.column) if rate.column else NOTHING


def _currency(sheet: Sheet, locale: Locale) -> Cell:
    """Of the cost: "US Dollar - USD" in a column, or in brackets behind the rate's name."""
    named = [m[1] for c in records.columns_like(sheet, "Cost Rate (") if (m := _IN_BRACKETS.search(c))]
    code = f"nullif(regexp_extract({shown(sheet, 'Currency')}, '([A-Z]{{3}})$', 1), '')"
    return sql(f"COALESCE({code}, {constant(named[0] if named else locale.currency).value})")


def _venue(sheet: Sheet) -> str:
    """SQL: the one venue that project, task and tags name, else the one the notes name; two are none: shared."""
    labels = _fitting(VENUES, _words(sheet, "Project", "Project Code", "Task", "Tags", "Client"))
    notes = _fitting(VENUES, _words(sheet, *NOTES))
    return f"CASE len({labels}) WHEN 1 THEN {labels}[1] WHEN 0 THEN CASE WHEN len({notes}) = 1 THEN {notes}[1] END END"


NOTES = ("Notes", "Description")


def _kind(sheet: Sheet) -> str:
    """SQL: the kind of work by task and tags, then by the notes, then by the project; NULL where no word tells."""
    places = (("Task", "Tags"), NOTES, ("Project",))
    return f"COALESCE({', '.join(f'{_fitting(KINDS, _words(sheet, *columns))}[1]' for columns in places)})"


def _fitting(patterns: dict[str, str], words: str) -> str:
    """SQL: the list of names whose pattern the words fit; a list, so that the words are written only once."""
    pairs = ", ".join(f"{{'name': {literal(n)}, 'pattern': {literal(p)}}}" for n, p in patterns.items())
    return f"[known.name FOR known IN [{pairs}] IF regexp_matches({words}, known.pattern)]"


def _words(sheet: Sheet, *columns: str) -> str:
    return f"lower(concat_ws(' | ', {', '.join(shown(sheet, c) for c in columns)}, ''))"


_COMMON = ("Client", "Project*", "Task", "Tags", "Description", "Notes", "Billable*", "User", "Email", "Group", "Team*")

SOURCE = Source(
    name="timesheets",
    title="Time sheets (Harvest, Toggl Track, Clockify)",
    layouts=(
        Layout("Harvest detailed time", ("Date", "Task", "Hours", "First Name", "Last Name"), effort,
               knows=(*_COMMON, "Hours Rounded", "Invoiced?", "Approved?", "Role*", "Department", "Employee*", "Cost *",
                      "Currency", "External Reference URL")),
        Layout("Toggl Track detailed report", ("User", "Start date", "Start time", "Duration"), effort,
               knows=(*_COMMON, "End date", "End time", "Amount*")),
        Layout("Clockify detailed report", ("User", "Start Date", "Duration (h)"), effort,
               knows=(*_COMMON, "Start Time", "End Date", "End Time", "Duration (decimal)", "Cost *", "Profit *")),
        Layout("Clockify detailed report, decimal", ("User", "Start Date", "Duration (decimal)"), effort,
               knows=(*_COMMON, "Start Time", "End Date", "End Time", "Duration (h)", "Cost *", "Profit *")),
    ),
    answers="what social media costs in hours, by venue and kind of work: the cost that is on no invoice",
    how_to_get=(
        "Harvest: Reports > Detailed time > Export CSV. Toggl Track: Reports > Detailed > Export > CSV. Clockify: "
        "Reports > Detailed > Export > CSV. Filter by the projects of marketing before exporting: every entry counts "
        "as effort."
    ),
    caveats=(
        "Venue and kind are read from the words of project, task, tags and notes: entries that name two venues count "
        "as shared, entries that name none too. A billable rate is a price, not a cost; only a cost rate is read, "
        "and a rate of 0 counts as unknown. Hours nobody wrote down are not there."
    ),
    evidence="Harvest, Toggl Track and Clockify help pages on detailed reports; public readers of the exports",
)  # fmt: skip
