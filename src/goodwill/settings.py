"""Every setting of goodwill.toml: its type, default, meaning and example; and the check that refuses all others.

The tuple SETTINGS feeds the check, the commented file that ``goodwill init`` writes, and the manual.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from goodwill.errors import Place, SettingsError, nearest
from goodwill.terms import CHANNELS, CURRENCIES
from goodwill.vocabulary import TABLES

FILE = "goodwill.toml"


@dataclass(frozen=True)
class Setting:
    """One setting. ``*`` in the path stands for a name the user chooses.

    ``kind`` is one of the keys of ``_RIGHT``, ``table`` or ``currency``; ``default`` None means that the
    setting may be absent.
    """

    path: str
    kind: str
    default: Any
    meaning: str
    example: str


#: Tables whose rows about people can be kept for a time only.
RETAINED = ("interactions", "items", "leads", "tickets", "surveys", "orders", "subscriptions", "people")

SETTINGS: tuple[Setting, ...] = (
    Setting("company.name", "text", "", "The company's name as it stands on the report.", '"Acme"'),
    Setting("company.currency", "currency", "EUR", "Money is counted in this currency (ISO 4217).", '"EUR"'),
    Setting("company.time_zone", "zone", "UTC", "Zone of times that an export states without one.", '"Europe/Berlin"'),
    Setting("company.business_hours", "hours", "09:00-17:00", "When the service desk is open.", '"09:00-17:00"'),
    Setting("company.gross_margin", "share", None, "Share of revenue that is left after the cost of goods.", "0.7"),
    Setting("company.domains", "texts", (), "Our own e-mail domains: people there are employees.", '["acme.com"]'),
    Setting("company.partners", "texts", (), "Domains of partners, resellers and vendors: they are no new business.",
            '["reseller.com"]'),
    Setting("company.rivals", "texts", (), "Domains of rivals: they are no new business.", '["rival.com"]'),
    Setting("analysis.level", "share", 0.9, "Coverage that every interval claims.", "0.9"),
    Setting("analysis.seed", "integer", 1, "Seed of everything random; same input and seed, same bytes.", "1"),
    Setting("analysis.draws", "integer", 5, "Plausible resolutions of who is who behind an interval; 0 for none.", "5"),
    Setting("analysis.as_of", "text", None, "Last day that counts; else the last day in the data.", '"2025-12-31"'),
    Setting("stages.won", "texts", ("won", "closed won", "closedwon"), "Stages that mean won.", '["Closed Won"]'),
    Setting("stages.lost", "texts", ("lost", "closed lost", "closedlost"), "Stages that mean lost.", '["Closed Lost"]'),
    Setting("windows.horizon_weeks", "weeks", 26, "Wins are counted up to this many weeks after opening.", "26"),
    Setting("windows.history_weeks", "weeks", 26, "How far back earlier engagement is counted.", "26"),
    Setting("windows.washout_weeks", "weeks", 4, "No social touch for so long before a deal may enter.", "4"),
    Setting("checks.harmless_channels", "channels", (), "Channels that cannot win a deal: they must show no effect.",
            '["press"]'),
    Setting("assumptions.touches_recorded", "share", None, "Smallest share of social touches that exports record.",
            "0.5"),
    Setting("assumptions.hidden_cause", "cost", None,
            "A hidden cause may be so many times as strong as the strongest recorded one.", "1.0"),
    Setting("privacy.smallest_cell", "integer", 5, 
            "Counts of people or companies below this are not shown; 0 shows all.", "5"),
    Setting("privacy.respect_do_not_track", "truth", True,
            "People who asked not to be tracked, or withdrew their consent, count in totals only.", "true"),
    Setting("privacy.retention_months", "months", None,
            "Rows about people are kept for so many months before the last day that counts; absent: all.", "36"),
    *(Setting(f"privacy.retention.{name}", "months", None, f"The same for {name} alone.", "24") for name in RETAINED),
    Setting("goals.*.metric", "text", "", "The question or metric the goal is about.", '"win_rate"'),
    Setting("goals.*.target", "number", None, "The value aimed at.", "0.3"),
    Setting("goals.*.by", "text", None, "The day by which.", '"2026-12-31"'),
    Setting("venues.*.handles", "texts", (), "Our own accounts there, as venue:handle.", '["linkedin:acme"]'),
    Setting("venues.*.monthly_tools", "cost", 0.0, "Tools paid for this venue alone, a month.", "49.0"),
    Setting("teams.*.members", "texts", (), "Names or e-mail addresses of the team.", '["Ann Onym"]'),
    Setting("teams.*.hourly_cost", "cost", None, "Loaded cost of an hour of this team.", "62.0"),
    Setting("messages.*.phrases", "texts", (), "Wordings that carry the message.", '["sleep well"]'),
    Setting("mapping.file", "text", "", "Which file, as a pattern under exports/.", '"touches*.csv"'),
    Setting("mapping.sheet", "text", None, "Which sheet, where a file has several.", '"Sheet1"'),
    Setting("mapping.table", "table", "", "The canonical table that the rows fill.", '"interactions"'),
    Setting("mapping.decimal", "mark", ".", "The decimal mark of the file: . or ,", '","'),
    Setting("mapping.columns", "map", (), "Canonical column = header in the file.", 'actor = "Contact email"'),
    Setting("mapping.constants", "map", (), "Canonical column = the same value for every row.", 'venue = "x"'),
    Setting("mapping.nodes", "map", (), "Canonical column = kind of node put before the value.", 'actor = "email"'),
    Setting("mapping.formats", "map", (), "Canonical column = date format (strptime).", 'at = "%d-%m-%Y"'),
    Setting("mapping.keep", "lists", (), "Header = the only values whose rows count.", '"Type" = ["New"]'),
    Setting("mapping.drop", "lists", (), "Header = values whose rows do not count.", '"Test" = ["yes"]'),
    Setting("mapping.values.*", "map", (), "Canonical column: word in the file = value.", '"Comment" = "Create"'),
)  # fmt: skip


def as_toml_text(value: str) -> str:
    """A text as TOML writes it, whatever is in it.

    Examples
    --------
    >>> print(as_toml_text('the "new" one'))
    "the \\"new\\" one"
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # the one control JSON leaves alone


def check(raw: dict[str, Any], text: str) -> None:
    """Refuse unknown settings and wrong values, with the line and the nearest known name.

    Raises
    ------
    SettingsError
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for path, value in _leaves(raw):
        seen[path] += 1
        setting = _known(path)
        if setting is None:
            if value == {} and _is_section(path):
                continue
            raise _misplaced(path, text) if _is_section(path) else _unknown(path, text)
        problem = _wrong(setting.kind, value)
        if problem:
            raise SettingsError(
                f"{'.'.join(path)} {problem}",
                where=Place(FILE, line_of(path, text, occurrence=seen[path] - 1)),
                remedy=f"Write it like this: {path[-1]} = {setting.example}",
            )
    if isinstance(raw.get("mapping"), dict):
        raise _misplaced(("mapping",), text)


def _leaves(raw: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every setting in the file with its path; a section with nothing in it counts as one."""
    if isinstance(raw, dict) and (raw or not path) and _known(path) is None:
        return [leaf for key, value in raw.items() for leaf in _leaves(value, (*path, str(key)))]
    if path == ("mapping",) and isinstance(raw, list) and all(isinstance(item, dict) for item in raw):
        return [leaf for item in raw for leaf in _leaves(item, path)]
    return [(path, raw)]


def _known(path: tuple[str, ...]) -> Setting | None:
    return next((s for s in SETTINGS if len(_parts(s)) == len(path) and _fits(s, path)), None)


def _is_section(path: tuple[str, ...]) -> bool:
    """Do settings lie below this path?"""
    return any(len(_parts(s)) > len(path) and _fits(s, path) for s in SETTINGS)


def _parts(setting: Setting) -> list[str]:
    return setting.path.split(".")


def _fits(setting: Setting, path: tuple[str, ...]) -> bool:
    """Does the setting's path agree with this one as far as both go?"""
    return all(p in ("*", q) for p, q in zip(_parts(setting), path, strict=False))


def _misplaced(path: tuple[str, ...], text: str) -> SettingsError:
    """The error of a section that is written as a value, or [mapping] for [[mapping]]."""
    name = ".".join(path)
    section = "[[mapping]]" if path == ("mapping",) else f"[{name}]"
    return SettingsError(
        f"{name} is a section, not a setting" if section == f"[{name}]" else "a mapping is one of several",
        where=Place(FILE, line_of(path, text)),
        remedy=f"Write {section} on a line of its own, and its settings below it.",
    )


def _unknown(path: tuple[str, ...], text: str) -> SettingsError:
    here = {_parts(s)[len(path) - 1] for s in SETTINGS if len(_parts(s)) >= len(path) and _fits(s, path[:-1])} - {"*"}
    if not here or not path[:-1]:  # the section itself is unknown, or something lies below a setting
        return _unknown_section(path, text)
    everywhere = {p for s in SETTINGS for p in _parts(s)[1:]} - {"*"}
    close = nearest(path[-1], here) or nearest(path[-1], everywhere)
    return SettingsError(
        f'there is no setting "{path[-1]}" in [{".".join(path[:-1])}]',
        where=Place(FILE, line_of(path, text)),
        remedy=f'Did you mean "{close}"?' if close else f"Known here: {', '.join(sorted(here))}.",
    )


def _unknown_section(path: tuple[str, ...], text: str) -> SettingsError:
    sections = {_parts(s)[0] for s in SETTINGS}
    if path[0] in sections:
        shown = next(p for p in (path[:n] for n in range(1, len(path) + 1)) if not _is_section(p))
        problem, remedy = f'"{".".join(shown)}" has nothing below it', "See the manual's page on settings."
        return SettingsError(problem, where=Place(FILE, line_of(shown, text)), remedy=remedy)
    close = nearest(path[0], sections)
    return SettingsError(
        f"there is no section [{path[0]}]",
        where=Place(FILE, line_of(path[:1], text)),
        remedy=f"Did you mean [{close}]?" if close else f"Known sections: {', '.join(sorted(sections))}.",
    )


def _wrong(kind: str, value: Any) -> str:
    """What is wrong with a value, or an empty text."""
    if kind == "table":
        known = isinstance(value, str) and value in TABLES
        return "" if known else f"is not a table; the nearest is {nearest(str(value), TABLES) or 'leads'}"
    if kind == "currency":
        return _wrong_currency(value)
    is_right, problem = _RIGHT[kind]
    return "" if is_right(value) else problem


def _wrong_currency(value: Any) -> str:
    if isinstance(value, str) and value in CURRENCIES:
        return ""
    close = nearest(value.strip().upper(), sorted(CURRENCIES)) if isinstance(value, str) else None
    wrong = 'is not the code of a currency (ISO 4217: three capital letters, such as "EUR")'
    return f'{wrong}; the nearest is "{close}"' if close else wrong


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _is_zone(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ZoneInfo(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


#: No target and no cost is larger; infinity and "not a number" are neither.
LARGEST = 1e15
#: The longest window: twenty years, beyond any sale and within what an engine can add to a date.
MOST_WEEKS = 1_040
#: The longest time that rows are kept if it is limited at all: a hundred years.
MOST_MONTHS = 1_200
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")

#: For each kind of setting, what is right and how else to say so. ``table`` is checked against the vocabulary.
_RIGHT: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (_is_text, "must be a text in quotes"),
    "texts": (_are_texts, "must be a list of texts"),
    "integer": (_is_whole, "must be a whole number, 0 or more"),
    "weeks": (lambda v: _is_whole(v) and v <= MOST_WEEKS, f"must be a whole number from 0 to {MOST_WEEKS}"),
    "months": (lambda v: _is_whole(v) and 0 < v <= MOST_MONTHS, f"must be a whole number from 1 to {MOST_MONTHS}"),
    "truth": (lambda v: isinstance(v, bool), "must be true or false"),
    "number": (_is_number, "must be a number"),
    "cost": (lambda v: _is_number(v) and v >= 0, "must be a number, 0 or more"),
    "channels": (lambda v: _are_texts(v) and set(v) <= set(CHANNELS), f"must be a list of {', '.join(CHANNELS)}"),
    "share": (lambda v: _is_number(v) and 0 < v < 1, "must lie between 0 and 1"),
    "mark": (lambda v: v in (".", ","), 'must be "." or ","'),
    "hours": (lambda v: _is_text(v) and bool(_HOURS.fullmatch(v)), "must be two times of the day"),
    "zone": (_is_zone, "is not a time zone"),
    "map": (lambda v: isinstance(v, dict) and all(map(_is_text, v.values())), "must give texts"),
    "lists": (lambda v: isinstance(v, dict) and all(map(_are_texts, v.values())), "must give lists of texts"),
}


def line_of(path: tuple[str, ...], text: str, *, occurrence: int = 0) -> int | None:
    """The line on which a setting (or a section) stands, or None where it cannot be told.

    Examples
    --------
    >>> line_of(("company", "name"), '# mine\\n[company]\\nname = "Acme"\\n')
    3
    """
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            section = tuple(p.strip().strip("\"'") for p in bare.split("]")[0].strip("[").split("."))
            if section[: len(path)] == path:
                if not occurrence:
                    return number
                occurrence -= 1
        elif "=" in bare and not bare.startswith("#"):
            key = tuple(p.strip().strip("\"'") for p in bare.split("=")[0].split("."))
            if (*section, *key)[: len(path)] == path:
                if not occurrence:
                    return number
                occurrence -= 1
    return None
