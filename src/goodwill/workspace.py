"""A folder with goodwill.toml, exports/ and what is derived from them, as one frozen value."""

from __future__ import annotations

import datetime as dt
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goodwill.errors import GoodwillError, Place, SettingsError, nearest
from goodwill.exports import Locale
from goodwill.settings import FILE, RETAINED, SETTINGS, check, line_of
from goodwill.vocabulary import TABLES


@dataclass(frozen=True)
class Team:
    """A team of ours and what an hour of it costs."""

    members: tuple[str, ...] = ()
    hourly_cost: float | None = None


@dataclass(frozen=True)
class Venue:
    """A venue we are on: our accounts there and tools paid for it alone."""

    handles: tuple[str, ...] = ()
    monthly_tools: float = 0.0


@dataclass(frozen=True)
class TableMapping:
    """How an arbitrary table fills a canonical one (a ``[[mapping]]`` of goodwill.toml)."""

    file: str
    table: str
    line: int | None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keep: Mapping[str, list[str]] = field(default_factory=dict)
    drop: Mapping[str, list[str]] = field(default_factory=dict)
    decimal: str = "."


@dataclass(frozen=True)
class Workspace:
    """Everything the user decided, and where things lie.

    ``root`` holds goodwill.toml, exports/ (never altered) and records that no run makes again: decisions/, plans/ and
    history/ (each run's answers). The rest is derived and may go: loaded/, warehouse.duckdb, verdicts/, report.html.
    """

    root: Path
    name: str = ""
    currency: str = "EUR"
    time_zone: str = "UTC"
    business_hours: str = "09:00-17:00"
    gross_margin: float | None = None
    domains: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    level: float = 0.9
    seed: int = 1
    draws: int = 5
    as_of: dt.date | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    horizon_weeks: int = 26
    history_weeks: int = 26
    washout_weeks: int = 4
    harmless_channels: tuple[str, ...] = ()
    touches_recorded: float | None = None
    hidden_cause: float | None = None
    smallest_cell: int = 5
    respect_do_not_track: bool = True
    retention: Mapping[str, int] = field(default_factory=dict)
    goals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    venues: Mapping[str, Venue] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mappings: tuple[TableMapping, ...] = ()

    @property
    def exports(self) -> Path:
        """The user's files."""
        return self.root / "exports"

    @property
    def loaded(self) -> Path:
        """What was read of each file, kept by content."""
        return self.root / "loaded"

    @property
    def warehouse(self) -> Path:
        """The tables; a cache that can be rebuilt."""
        return self.root / "warehouse.duckdb"

    @property
    def verdicts(self) -> Path:
        """The answers."""
        return self.root / "verdicts"

    @property
    def history(self) -> Path:
        """The answers of every run."""
        return self.root / "history"

    @property
    def report(self) -> Path:
        """The report."""
        return self.root / "report.html"

    @property
    def locale(self) -> Locale:
        """What files do not say about themselves."""
        return Locale(time_zone=self.time_zone, currency=self.currency)


def open_workspace(root: Path | str) -> Workspace:
    """Read goodwill.toml of a folder.

    Raises
    ------
    SettingsError
        No such file, not TOML, an unknown setting or a wrong value; with the line.
    """
    root = Path(root)
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows put a mark before the first letter
    except FileNotFoundError:
        remedy = f"Make one with: goodwill init {root}"
        raise SettingsError(f"there is no {FILE} in {root}", where=str(path), remedy=remedy) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{FILE} is not UTF-8 text", where=str(path), remedy="Save it as UTF-8 text.") from None
    except OSError as error:
        remedy = "Allow yourself to read it."
        raise SettingsError(f"{FILE} cannot be read: {error.strerror}", where=str(path), remedy=remedy) from None
    return workspace_of(root, text)


def workspace_of(root: Path, text: str) -> Workspace:
    """The workspace that a text of goodwill.toml makes of a folder, whether it stands there or not; errors as above."""
    try:
        raw = tomllib.loads(text)
        check(raw, text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # brackets within brackets without an end
        line = re.search(r"at line (\d+)", str(error))
        where = Place(str(root / FILE), int(line[1]) if line else len(text.splitlines()))  # else: at its end
        remedy = "Put texts in quotes; close every bracket."
        raise SettingsError(f"{FILE} is not valid TOML: {error}", where=where, remedy=remedy) from None
    return _workspace(root, raw, text)


def _workspace(root: Path, raw: dict[str, Any], text: str) -> Workspace:
    company, analysis = raw.get("company", {}), raw.get("analysis", {})
    stages, windows = raw.get("stages", {}), raw.get("windows", {})

    def given(section: dict[str, Any], prefix: str, *names: str) -> dict[str, Any]:
        defaults = {s.path: s.default for s in SETTINGS}
        values = {n: section.get(n, defaults[f"{prefix}.{n}"]) for n in names}
        return {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}

    _check_stages(stages, text)
    return Workspace(
        root=root,
        **given(company, "company", "name", "currency", "time_zone", "business_hours", "gross_margin"),
        **given(company, "company", "domains", "partners", "rivals"),
        **given(analysis, "analysis", "level", "seed", "draws"),
        as_of=_day(analysis.get("as_of"), text),
        **given(stages, "stages", "won", "lost"),
        **given(windows, "windows", "horizon_weeks", "history_weeks", "washout_weeks"),
        **given(raw.get("checks", {}), "checks", "harmless_channels"),
        **given(raw.get("assumptions", {}), "assumptions", "touches_recorded", "hidden_cause"),
        **given(raw.get("privacy", {}), "privacy", "smallest_cell", "respect_do_not_track"),
        retention=_retention(raw.get("privacy", {})),
        goals=raw.get("goals", {}),
        venues={
            n: Venue(tuple(_handle(n, h) for h in v.get("handles", ())), float(v.get("monthly_tools", 0.0)))
            for n, v in raw.get("venues", {}).items()
        },
        teams={n: Team(tuple(t.get("members", ())), t.get("hourly_cost")) for n, t in raw.get("teams", {}).items()},
        messages={n: tuple(m.get("phrases", ())) for n, m in raw.get("messages", {}).items()},
        mappings=tuple(_mapping(m, i, text) for i, m in enumerate(raw.get("mapping", []))),
    )


def _retention(privacy: dict[str, Any]) -> dict[str, int]:
    """How many months the rows about people of each table are kept; a table that is not named is kept for ever."""
    overall = privacy.get("retention_months")
    of_all: dict[str, int] = {} if overall is None else dict.fromkeys(RETAINED, overall)
    return of_all | dict(privacy.get("retention", {}))


def _check_stages(stages: dict[str, list[str]], text: str) -> None:
    """A stage means one thing; "won" and "lost" always mean what they say."""
    won = {s.strip().lower() for s in stages.get("won", [])} | {"won"}
    lost = {s.strip().lower() for s in stages.get("lost", [])} | {"lost"}
    if both := sorted(won & lost):
        where = Place(FILE, line_of(("stages", "lost" if "lost" in stages else "won"), text))
        remedy = "Take it out of one of the two lists under [stages]."
        raise SettingsError(f'the stage "{both[0]}" cannot mean both won and lost', where=where, remedy=remedy)


def _handle(venue: str, handle: str) -> str:
    """A handle as sources name it: with its venue, without the @.

    Examples
    --------
    >>> _handle("x", "@Acme"), _handle("x", "x:@Acme"), _handle("linkedin", "linkedin:acme")
    ('x:Acme', 'x:Acme', 'linkedin:acme')
    """
    place, _, name = handle.strip().rpartition(":")
    return f"{place or venue}:{name.removeprefix('@')}"


def _day(value: str | None, text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        raise SettingsError(
            f'analysis.as_of is not a day: "{value}"',
            where=Place(FILE, line_of(("analysis", "as_of"), text)),
            remedy='Write it like this: as_of = "2025-12-31"',
        ) from None


def _mapping(raw: dict[str, Any], position: int, text: str) -> TableMapping:
    """A mapping, checked: file and table are given, and every canonical column exists."""
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if line.strip().startswith("[[mapping]]")]
    line = lines[position] if position < len(lines) else None
    for needed in ("file", "table"):
        if not raw.get(needed):
            raise SettingsError(
                f"a [[mapping]] has no {needed}", where=Place(FILE, line), remedy=f"Add {needed} = … below it."
            )
    table = TABLES[raw["table"]]
    for part in ("columns", "constants", "nodes", "formats", "values"):
        for column in raw.get(part, {}):
            if column not in table:
                close = nearest(column, [c.name for c in table.columns])
                raise SettingsError(
                    f'table {table.name} has no column "{column}"',
                    where=Place(FILE, line, column),
                    remedy=f'Did you mean "{close}"?' if close else f"See: goodwill glossary {table.name}",
                )
    return TableMapping(line=line, **raw)


def opened_for_reading(workspace: Workspace) -> list[Path]:
    """Every export in name order; hidden files and editors' leftovers are not exports.

    What can be no export is among them, so that it is told and not passed over: pipes, links that lead nowhere or
    to a folder, folders that cannot be looked into and empty folders called like a file.

    Raises
    ------
    GoodwillError
        The folder is missing, empty or unreadable.
    """
    folder = workspace.exports
    try:
        found = sorted(_below(folder))
        readable = list(folder.iterdir())
    except OSError as error:
        raise GoodwillError(
            f"the folder of exports cannot be read: {error.strerror}",
            where=str(folder),
            remedy="Make the folder, put your exports into it and allow yourself to read it.",
        ) from None
    if not found:
        raise GoodwillError(
            "there are no exports yet" if not readable else "no file in exports/ can be read",
            where=str(folder),
            remedy="Copy your export files into this folder; goodwill never alters them.",
        )
    return found


def _below(folder: Path) -> Iterator[Path]:
    """What lies in a folder and its folders; a folder itself where that is all that can be said of it."""
    closed: list[str] = []
    for name, folders, files in os.walk(folder, onerror=lambda error: closed.append(error.filename)):
        folders[:] = [f for f in folders if not f.startswith((".", "~$"))]
        here = Path(name)
        yield from (here / file for file in files if not file.startswith((".", "~$")))
        yield from (here / f for f in folders if (here / f).is_symlink())
        if here.suffix and here != folder and not files and not folders:
            yield here
    yield from (Path(name) for name in closed if Path(name) != folder)
