"""goodwill.toml as a form: a field for every setting of ``settings.SETTINGS``, a row for every venue, team and goal."""

from __future__ import annotations

import copy
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from goodwill.errors import SettingsError
from goodwill.settings import SETTINGS, Setting, check
from goodwill.terms import CHANNELS

#: What a form sent: every field with all that was given for it.
Typed = Mapping[str, Sequence[str]]
#: Sections of the form: the first part of the path, the heading, and what it is about.
SECTIONS = (
    ("company", "Your company", "What exports do not say about you."),
    ("stages", "Stages of deals", "Which words in your CRM mean that a deal was won, and which that it was lost."),
    ("analysis", "How questions are answered", "They hold for every question."),
    ("windows", "How far to look", "In weeks."),
    ("checks", "Attempts to break the answers", ""),
    ("assumptions", "What you assume", "Left empty, nothing is assumed."),
    ("privacy", "Privacy", "What is shown of people, and for how long rows about them are kept."),
)
#: Sections whose parts the user names, as tables: heading, what a name is called, and what they are about.
NAMED = (
    ("venues", "Venues", "Venue", "Where you are, under the name that your exports use."),
    ("teams", "Teams", "Team", "Who works on it, and what an hour of it costs."),
    ("goals", "Goals", "Goal", "What the business aims at."),
    ("messages", "Messages", "Message", "What you want to get across, and the wordings that carry it."),
)
#: Kinds of setting that are written as numbers, and those of them without a fraction.
WHOLE = ("integer", "weeks", "months")
NUMBERS = (*WHOLE, "share", "number", "cost")
LISTS = ("texts", "channels")
#: The longest name of a venue, a team, a goal or a message.
LONGEST_NAME = 100
_WHOLE, _NUMBER = re.compile(r"[+-]?[0-9]{1,30}"), re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
SAME_NAME = "Another one has this name."
UNSEEN = "holds a character that cannot be seen: type it anew"


@dataclass(frozen=True)
class Field:
    """One setting in the form: ``given`` as it stands in the field, ``default`` what counts if it is empty."""

    name: str
    setting: Setting
    given: str
    is_set: bool
    wrong: str = ""

    @property
    def label(self) -> str:
        """The setting's own name, as words."""
        return self.setting.path.rpartition(".")[2].replace("_", " ")

    @property
    def default(self) -> str:
        """What counts where nothing is set; empty where that is nothing."""
        return as_text(self.setting.default)

    @property
    def example(self) -> str:
        """An example as it is typed into the field."""
        return as_text(tomllib.loads(f"it = {self.setting.example}")["it"])

    @property
    def choices(self) -> tuple[tuple[str, str, bool], ...]:
        """What can be ticked: the value, what it means, and whether it is."""
        ticked = self.given.splitlines()
        return tuple((name, meaning, name in ticked) for name, meaning in CHANNELS.items())


@dataclass(frozen=True)
class Row:
    """One venue, team, goal or message; the last one of a table is empty, for another."""

    key: str
    was: str
    name: str
    fields: tuple[Field, ...]
    is_removed: bool = False
    wrong: str = ""

    @property
    def called(self) -> str:
        """How a reader finds the row: by its name, else by its place."""
        section, _, number = self.key.partition("/")
        return self.name or f"{section}, row {int(number) + 1}"


def as_text(value: Any) -> str:
    """A value of a setting as the form shows it; a list has a line for each of its texts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def fields(raw: Mapping[str, Any], section: str) -> tuple[Field, ...]:
    """The fields of one section, as the file has them."""
    plain = (s for s in SETTINGS if s.path.startswith(f"{section}.") and "*" not in s.path)
    return tuple(_field(setting.path, setting, _at(raw, setting.path.split("."))) for setting in plain)


def rows(raw: Mapping[str, Any], section: str) -> tuple[Row, ...]:
    """The rows of one table as the file has them, and an empty one."""
    names = [*raw.get(section, {}), ""]
    return tuple(_row(raw.get(section, {}).get(name, {}), section, n, name) for n, name in enumerate(names))


def typed_fields(raw: Mapping[str, Any], section: str, typed: Typed) -> tuple[Field, ...]:
    """The fields of one section as they were filled in, with what is wrong."""
    return tuple(_filled(field, typed) for field in fields(raw, section))


def typed_rows(raw: Mapping[str, Any], section: str, typed: Typed) -> tuple[Row, ...]:
    """The rows of one table as they were filled in, with what is wrong."""
    filled = [_filled_row(row, typed) for row in rows(raw, section)]
    names = [row.name for row in filled if row.name and not row.is_removed]
    return tuple(replace(row, wrong=SAME_NAME) if _is_twice(row, names) else row for row in filled)


def _is_twice(row: Row, names: Sequence[str]) -> bool:
    """Does another row have this name?"""
    return not row.is_removed and names.count(row.name) > 1


def wanted(raw: Mapping[str, Any], typed: Typed) -> dict[str, Any]:
    """What the file is to say after the form, which holds nothing wrong; what the form does not show stays."""
    now: dict[str, Any] = copy.deepcopy(dict(raw))
    for section, *_ in SECTIONS:
        for field in typed_fields(raw, section, typed):
            _set(now, field.name.split("."), value_of(field, raw))
    for section, *_ in NAMED:
        before = raw.get(section, {})
        now[section] = {
            row.name: _named(before.get(row.was, {}), row)
            for row in typed_rows(raw, section, typed) if row.name and not row.is_removed
        }  # fmt: skip
    return now


def value_of(field: Field, raw: Mapping[str, Any]) -> Any:
    """The value that a field means; None for the default; just what the file has where nobody changed it.

    Raises
    ------
    ValueError
        It is no number.
    """
    present = _at(raw, field.name.split("."))
    if field.given == as_text(present):
        return present
    given, kind = field.given.strip(), field.setting.kind
    if not given:
        return None
    if kind in LISTS:
        return [line.strip() for line in given.splitlines() if line.strip()]
    if kind == "truth":
        return {"true": True, "false": False}.get(given, given)
    if kind in NUMBERS:
        return _number(given, kind)
    return given


def _field(name: str, setting: Setting, value: Any) -> Field:
    return Field(name, setting, as_text(value), value is not None)


def _row(values: Mapping[str, Any], section: str, number: int, name: str) -> Row:
    settings = [s for s in SETTINGS if s.path.startswith(f"{section}.*.")]
    key = f"{section}/{number}"
    found = tuple(_field(f"{key}/{_last(s)}", s, values.get(_last(s))) for s in settings)
    return Row(key, name, name, found)


def _filled(field: Field, typed: Typed) -> Field:
    """A field with what was given for it; one that the form did not send stays as it is."""
    if field.name not in typed:
        return field
    given = "\n".join(text for text in typed[field.name] if text).replace("\r\n", "\n")
    if given == field.given:
        return field
    return _judged(replace(field, given=given))


def _judged(field: Field) -> Field:
    """A field with what is wrong with it, if anything."""
    if _has_unseen(field.given.replace("\n", "")):
        return replace(field, wrong=f"This {UNSEEN}.")
    try:
        value = value_of(field, {})
        if value is not None:
            check(_nested(field.setting.path.replace("*", "name").split("."), value), "")
    except ValueError as error:
        return replace(field, wrong=f"This {error}. For instance: {field.example}")
    except SettingsError as error:
        problem = error.problem.removeprefix(f"{field.setting.path.replace('*', 'name')} ")
        return replace(field, wrong=f"This {problem}. For instance: {field.example}")
    return field


def _filled_row(row: Row, typed: Typed) -> Row:
    given = typed.get(f"{row.key}/name", (row.name,))
    name = str(given[0]).strip() if given else ""
    filled = tuple(_filled(field, typed) for field in row.fields)
    wrong = ""
    if not name and (row.was or any(field.given.strip() for field in filled)):
        wrong = "It needs a name."
    elif len(name) > LONGEST_NAME:
        wrong = f"The name is longer than {LONGEST_NAME} characters."
    elif _has_unseen(name):
        wrong = f"The name {UNSEEN}."
    is_removed = bool(typed.get(f"{row.key}/remove"))
    if is_removed:  # what goes may be as it likes
        filled, wrong = tuple(replace(field, wrong="") for field in filled), ""
    return replace(row, name=name, fields=filled, is_removed=is_removed, wrong=wrong)


def _named(before: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """The settings of one row; what the file has and nobody changed stays as it is."""
    now = dict(before)
    for field in row.fields:
        name = _last(field.setting)
        same = field.given == as_text(before.get(name))
        _set(now, [name], before.get(name) if same else value_of(field, {}))
    return now


def wrongs(found: Sequence[Field | Row]) -> Iterator[tuple[str, str, str]]:
    """Everything wrong: the field, what it is called, and what is wrong."""
    for one in found:
        name, called = (f"{one.key}/name", one.called) if isinstance(one, Row) else (one.name, one.label)
        if one.wrong:
            yield name, called, one.wrong
        if isinstance(one, Row):
            yield from wrongs(one.fields)


def _number(text: str, kind: str) -> int | float:
    if _WHOLE.fullmatch(text):
        return int(text)
    if kind not in WHOLE and _NUMBER.fullmatch(text):
        return float(text)
    raise ValueError("must be a whole number" if kind in WHOLE else "must be a number, with a point and no comma")


def _has_unseen(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs", "Cn") for character in text)


def _last(setting: Setting) -> str:
    return setting.path.rpartition(".")[2]


def _at(raw: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = raw
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    return {path[0]: _nested(path[1:], value) if path[1:] else value}


def _set(raw: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set, or remove where there is no value."""
    *sections, name = path
    for section in sections:
        if section not in raw and value is None:
            return
        raw = raw.setdefault(section, {})
    if value is None:
        raw.pop(name, None)
    else:
        raw[name] = value
