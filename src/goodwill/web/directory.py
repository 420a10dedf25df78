"""Who is in the workspace: every person and company of the last run with what a list shows of them, made once a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goodwill.errors import GoodwillError
from goodwill.warehouse.duckdb_engine import DuckDBTables
from goodwill.web.site import Site

Kind = Literal["person", "account"]
#: Rows of a list on one page.
PAGE = 50
#: What a list shows; what nobody looks at there stays where it is.
_PEOPLE = (
    "person",
    "name",
    "email",
    "company",
    "nodes",
    "accounts",
    "touches",
    "first_at",
    "last_at",
    "venues",
    "kind",
)
_COMPANIES = (
    "account", "name", "domain", "industry", "country", "people", "touches", "first_at", "last_at", "deals",
    "deals_won", "kind",
)  # fmt: skip


#: What a timeline tells of a touch; texts are kept once each, which makes some 40 bytes a touch.
_TOUCHES = {
    "at": '"at"', "place": "coalesce(venue, channel_group, 'other')", "what": "verb", "direction": "direction",
    "campaign": "campaign", "person": "person", "is_social": "is_social", "is_touch": "touch_kind IS NOT NULL",
    "source_file": "source_file", "source_row": "source_row",
}  # fmt: skip
#: Exports that lie in Parquet, where one customer's rows cannot be looked up by place.
_LEADS = "SELECT created_at, person, account, source_file, source_row FROM leads ORDER BY source_file, source_row"
_TICKETS = """SELECT id, created_at, solved_at, status, via, satisfaction, requester, account, source_file, source_row
FROM tickets ORDER BY created_at DESC, id, source_file, source_row"""
#: Where anything happened.
_VENUES = "SELECT DISTINCT coalesce(venue, channel_group, 'other') AS venue FROM timeline ORDER BY venue"


@dataclass(frozen=True)
class Wanted:
    """Of whom a list is wanted; what is empty is not asked. ``named`` is for whoever sees names."""

    named: str = ""
    company: str = ""
    venue: str = ""
    kind: str = ""
    touches: int = 0
    page: int = 1


@dataclass(frozen=True)
class Found:
    """One page of a list, and how many rows there are in all."""

    rows: tuple[dict[str, Any], ...]
    n: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages all rows take."""
        return max(1, -(-self.n // PAGE))


@dataclass(frozen=True)
class Directory:
    """All people and companies of one run, those with the most touches first; ``touches`` in their order in time."""

    people: pa.Table
    companies: pa.Table
    touches: pa.Table
    leads: pa.Table
    tickets: pa.Table
    venues: tuple[str, ...]
    untracked: int
    _place_of: dict[str, int]

    def person(self, person: str) -> dict[str, Any] | None:
        """What is known of one person; None if nobody is called so."""
        return self._row(self.people, person, "p_")

    def company(self, account: str) -> dict[str, Any] | None:
        """What is known of one company; None if none is called so."""
        return self._row(self.companies, account, "a_")

    def _row(self, table: pa.Table, whole: str, begins: str) -> dict[str, Any] | None:
        place = self._place_of.get(whole) if whole.startswith(begins) else None
        if place is None:
            return None
        found: dict[str, Any] = table.slice(place, 1).to_pylist()[0]
        return found


def directory(site: Site) -> Directory:
    """The people and companies of the last run; the first who asks after a run waits until they are listed.

    Raises
    ------
    GoodwillError
        There was no run yet.
    """
    return site.made(("directory", *stamp(site)), lambda: _made(site))


def stamp(site: Site) -> tuple[str, int, int]:
    """Changes whenever the answers or the tables do.

    Raises
    ------
    GoodwillError
        There was no run yet.
    """
    answers = site.answers()
    try:
        found = site.workspace.warehouse.stat()
    except OSError:
        raise GoodwillError("there are no tables yet", remedy="Press Run on the page Data.") from None
    return (answers.stamp, found.st_ino, found.st_mtime_ns)


def _made(site: Site) -> Directory:
    today = dt.date.fromisoformat(site.answers().manifest["as_of"])
    with site.tables() as tables:
        people = tables.arrow(_sql("people"), today=today)
        companies = tables.arrow(_sql("companies"), today=today)
        touches = pa.table({name: _column(tables, said) for name, said in _TOUCHES.items()})
        leads, tickets = tables.arrow(_LEADS), tables.arrow(_TICKETS)
        venues = tables.rows(_VENUES)
        untracked = tables.rows("SELECT count(DISTINCT person) AS n FROM untracked")[0]["n"]
    wholes = (people.column("person").to_pylist(), companies.column("account").to_pylist())
    place_of = {whole: place for listed in wholes for place, whole in enumerate(listed)}
    return Directory(
        people, companies, touches, leads, tickets, tuple(row["venue"] for row in venues), untracked, place_of
    )


def _column(tables: DuckDBTables, said: str) -> Any:
    """One column of all touches, in the order of their places."""
    column = tables.arrow(f"SELECT {said} AS said FROM timeline").column("said").combine_chunks()
    return column.dictionary_encode() if pa.types.is_string(column.type) else column


def _sql(name: str) -> str:
    return (resources.files("goodwill.web") / f"directory_{name}.sql").read_text(encoding="utf-8")


def search(site: Site, whom: Kind, wanted: Wanted) -> Found:
    """One page of the people or companies that are wanted, those with most touches first."""
    there = directory(site)
    table, columns = (there.people, _PEOPLE) if whom == "person" else (there.companies, _COMPANIES)
    asked = tuple(
        said.strip().lower() if isinstance(said, str) else said for said in replace(wanted, page=1).__dict__.values()
    )
    places = site.made(("search", *stamp(site), whom, *asked), lambda: _places(there, table, wanted))
    chosen = places[(wanted.page - 1) * PAGE : wanted.page * PAGE]
    return Found(tuple(table.select(list(columns)).take(chosen).to_pylist()), len(places), wanted.page)


def people_of(there: Directory, account: str) -> list[dict[str, Any]]:
    """The people of one company, those with most touches first."""
    places = np.flatnonzero(_holds_any(there.people, "accounts", pa.array([account])))
    found: list[dict[str, Any]] = there.people.select(list(_PEOPLE)).take(places).to_pylist()
    return found


def leads_of(there: Directory, nodes: Sequence[str]) -> pa.Table:
    """The leads that these people or companies became."""
    return there.leads.filter(pa.array(_is_one(there.leads, "person", nodes) | _is_one(there.leads, "account", nodes)))


def tickets_of(there: Directory, nodes: Sequence[str]) -> pa.Table:
    """What these people or companies asked the service desk, the newest first; nothing of what was said."""
    asked = _is_one(there.tickets, "requester", nodes) | _is_one(there.tickets, "account", nodes)
    return there.tickets.filter(pa.array(asked))


def _is_one(table: pa.Table, name: str, values: Sequence[str]) -> NDArray[np.bool_]:
    return _truth(pc.is_in(table.column(name), value_set=pa.array(values, pa.string())))


def _places(there: Directory, table: pa.Table, wanted: Wanted) -> NDArray[np.int64]:
    """Where the wanted ones stand in their table, whose order is that of the list."""
    named, company = wanted.named.strip().lower(), wanted.company.strip().lower()
    holds = np.ones(table.num_rows, dtype=bool)
    if named:
        holds &= _says(table, "called_so", named)
    if company and table is there.companies:
        holds &= _says(table, "called_so", company)
    elif company:
        called = there.companies.column("account").filter(pa.array(_says(there.companies, "called_so", company)))
        holds &= _holds_any(table, "accounts", called) | _says(table, "company", company)
    if wanted.venue:
        holds &= _holds_any(table, "venues", pa.array([wanted.venue]))
    if wanted.kind:
        holds &= _truth(pc.equal(table.column("kind"), wanted.kind))
    if wanted.touches:
        holds &= _truth(pc.greater_equal(table.column("touches"), wanted.touches))
    return np.flatnonzero(holds)


def _says(table: pa.Table, name: str, text: str) -> NDArray[np.bool_]:
    return _truth(pc.match_substring(table.column(name), text, ignore_case=True))


def _holds_any(table: pa.Table, name: str, values: Any) -> NDArray[np.bool_]:
    """Which rows have one of these values in a column of lists."""
    lists = table.column(name).combine_chunks()
    there = _truth(pc.is_in(pc.list_flatten(lists), value_set=values))
    holds = np.zeros(table.num_rows, dtype=bool)
    holds[pc.list_parent_indices(lists).to_numpy()[there]] = True
    return holds


def _truth(found: Any) -> NDArray[np.bool_]:
    """What is absent is not true."""
    answer: NDArray[np.bool_] = np.asarray(pc.fill_null(found, False), dtype=bool)
    return answer
