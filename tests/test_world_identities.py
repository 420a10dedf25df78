"""Worlds of known identity: every node has one owner at a time, and the truth is what the tables say of the owners."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from goodwill import intake
from goodwill.errors import GoodwillError
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.workspace import open_workspace
from goodwill.worlds import identities
from goodwill.worlds.identities import Identities, IdentityTruth, canonical, imagine, save, simulate
from goodwill.worlds.identity_truth import CLASSES, NEW

EPOCH = dt.datetime(1970, 1, 1)
DAY = dt.timedelta(days=1)


def seconds(moment: dt.datetime) -> int:
    return int((moment - EPOCH).total_seconds())


@dataclass(frozen=True)
class Told:
    """A business, its tables as rows, and its truth."""

    business: Identities
    rows: dict[str, list[dict[str, Any]]]

    @property
    def truth(self) -> IdentityTruth:
        return self.business.truth


@pytest.fixture(scope="module", params=[0.0, 0.5, 1.0], ids=lambda d: f"difficulty {d}")
def told(request: pytest.FixtureRequest) -> Told:
    business = imagine(7, difficulty=request.param, people=500)
    return Told(business, {name: table.to_pylist() for name, table in canonical(business).items()})


def people_nodes(rows: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Every node that stands for a person, from all tables that name one."""
    found = {row["id"] for row in rows["people"]} | {row["actor"] for row in rows["interactions"]}
    found |= {row["person"] for name in ("leads", "opportunity_contacts", "subscriptions") for row in rows[name]}
    found |= {row["requester"] for row in rows["tickets"]}
    for row in rows["identifiers"]:
        if row["kind"] in ("email", "handle", "crm_id") and "/account" not in row["value"]:
            found |= {row["record"], row["value"]}
    return found - {None}


def test_every_node_has_one_owner_at_a_time(told: Told) -> None:
    truth = told.truth
    of: dict[str, list[tuple[int, int]]] = {}
    for node, since, until in zip(truth.owner_node, truth.owner_since, truth.owner_until, strict=True):
        of.setdefault(node, []).append((int(since), int(until)))
    for spans in of.values():
        spans.sort()
        assert all(since < until for since, until in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert people_nodes(told.rows) <= set(of)


def test_touches_are_in_the_tables_and_their_node_was_the_persons_then(told: Told) -> None:
    truth = told.truth
    written = Counter((row["actor"], row["venue"], seconds(row["at"])) for row in told.rows["interactions"]
                      if row["channel_group"] == "organic_social")  # fmt: skip
    assert written == Counter(zip(truth.touch_node, truth.touch_venue, truth.touch_at.tolist(), strict=True))
    rows = zip(truth.touch_node, truth.touch_at.tolist(), truth.touch_person.tolist(), strict=True)
    assert all(truth.owner(node, at) == person for node, at, person in list(rows)[::7])


def known_since(told: Told) -> dict[int, int]:
    """The first dated record of each person outside social venues, row by row."""
    truth, first = told.truth, dict[int, int]()
    dated = [(r["id"], r["created_at"]) for r in told.rows["people"]]
    dated += [(r["person"], r["created_at"]) for r in told.rows["leads"]]
    dated += [(r["requester"], r["created_at"]) for r in told.rows["tickets"]]
    dated += [(r["actor"], r["at"]) for r in told.rows["interactions"] if r["channel_group"] != "organic_social"]
    for node, at in dated:
        if at is not None:
            person = truth.owner(node, seconds(at))
            first[person] = min(first.get(person, 2**60), seconds(at))
    return first


def spans(told: Told) -> dict[int, list[tuple[dt.date, dt.date | None]]]:
    """Days on which each company is a customer, by its contracts."""
    company = dict(zip(told.truth.account_node, told.truth.account.tolist(), strict=True))
    found: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
    for row in told.rows["subscriptions"]:
        until = row["ended_at"].date() if row["ended_at"] else None
        found.setdefault(company[row["account"]], []).append((row["started_at"].date(), until))
    return found


def naive_classes(told: Told) -> list[str]:
    """The class of each touch from the tables' rows alone, and from who is who; bots and staff left aside."""
    truth, first, bought = told.truth, known_since(told), spans(told)
    number = dict(zip(truth.account_node, truth.account.tolist(), strict=True))
    kinds = {number[r["id"]]: r["lifecycle"] for r in told.rows["accounts"] if r["lifecycle"]}
    on_record = {number[r["id"]]: seconds(r["created_at"]) for r in told.rows["accounts"] if r["created_at"]}
    deals = {r["id"]: (r["created_at"].date(), r["closed_at"].date()) for r in told.rows["opportunities"]}
    parts: dict[int, list[tuple[dt.date, dt.date]]] = {}
    for row in told.rows["opportunity_contacts"]:
        parts.setdefault(truth.owner(row["person"], 0), []).append(deals[row["opportunity"]])
    found = []
    for at, person, company in zip(truth.touch_at.tolist(), truth.touch_person.tolist(),
                                   truth.touch_account.tolist(), strict=True):  # fmt: skip
        day = (EPOCH + dt.timedelta(seconds=at)).date()
        begun = [until for since, until in bought.get(company, ()) if since < day]
        if kinds.get(company) in ("Partner", "Competitor"):
            found.append("partner_or_rival")
        elif first.get(person, 2**60) >= at:
            known = on_record.get(company, 2**60) < at
            found.append("new_person_known_account" if known else "new_person_new_account")
        elif any(until is None or until >= day for until in begun):
            found.append("customer")
        elif begun:
            found.append("ex_customer")
        elif any(since < day <= until for since, until in parts.get(person, ())):
            found.append("open_opportunity")
        else:
            found.append("known_lead")
    return found


@pytest.mark.slow
def test_classes_are_what_the_tables_say_of_their_owners(told: Told) -> None:
    true = [CLASSES[c] for c in told.truth.touch_class.tolist()]
    naive = naive_classes(told)
    compared = [(t, n) for t, n in zip(true, naive, strict=True) if t not in ("unresolved", "employee")]
    assert [(t, n) for t, n in compared if t != n] == []
    assert {t for t, _ in compared} == set(CLASSES) - {"unresolved", "employee"}


def test_shares_count_everybody_once_by_the_first_touch(told: Told) -> None:
    truth, first = told.truth, dict[int, int]()
    for person, what in zip(truth.touch_person.tolist(), truth.touch_class.tolist(), strict=True):
        first.setdefault(person, what)
    outside = [CLASSES[c] for c in first.values() if CLASSES[c] not in ("unresolved", "employee")]
    new = sum(name.startswith("new_person") for name in outside)
    assert truth.new_share() == pytest.approx(new / len(outside))
    venues = {v: truth.counts("touch", venue=v).sum() for v in set(truth.touch_venue)}
    assert sum(venues.values()) == truth.counts("touch").sum() == len(truth.touch_at)
    assert truth.counts("person")[list(NEW)].sum() == new
    profiles = dict[tuple[int, str], int]()
    for person, venue, what in zip(truth.touch_person.tolist(), truth.touch_venue, truth.touch_class.tolist(),
                                   strict=True):  # fmt: skip
        profiles.setdefault((person, venue), what)
    assert Counter(profiles.values()) == {c: n for c, n in enumerate(truth.counts("profile").tolist()) if n}
    assert truth.counts("profile", venue="x").tolist() == truth.counts("person", venue="x").tolist()


@pytest.fixture
def engine() -> Iterator[Callable[[dict[str, pa.Table]], DuckDBTables]]:
    tables = open_file(None)

    def loaded(given: dict[str, pa.Table]) -> DuckDBTables:
        for name, rows in given.items():
            tables.register("given", rows)
            tables.execute(f"CREATE TABLE {name} AS FROM given")
            tables.forget("given")
        columns = ", ".join(f"{n} {t}" for n, t in lineage.PROVIDED["refused"].items())
        tables.execute(f"CREATE TABLE refused ({columns})")
        return tables

    yield loaded
    tables.close()


@pytest.mark.parametrize(
    ("seed", "difficulty", "people"), [pytest.param(1, 1.0, 250, marks=pytest.mark.slow), (2, 0.0, 3)]
)
def test_straight_tables_say_what_the_readers_say_of_the_files(
    tmp_path: Path, engine: Callable[..., DuckDBTables], seed: int, difficulty: float, people: int
) -> None:
    business = imagine(seed, difficulty=difficulty, people=people)
    save(business, tmp_path)
    straight, workspace = engine(canonical(business)), open_workspace(tmp_path)
    building = tmp_path / "building"
    building.mkdir()
    readings = intake.read(workspace, building / "scratch")
    assert all(r.recognised and all(one.source for one in r.recognised) for r in readings)
    with intake.warehouse(building, workspace) as read:
        files, failed = intake.load(read, readings, workspace)
        assert not failed
        assert not any(file.refused for file in files)
        for name in TABLES:
            order = f"SELECT * FROM {name} ORDER BY ALL"
            assert straight.rows(order) == read.rows(order), name


def test_the_same_seed_gives_the_same_bytes_and_another_another(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    truth = simulate("identities_hard", one, seed=4, people=60)
    simulate("identities_hard", two, seed=4, people=60)
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(files) == 16
    assert all((one / path).read_bytes() == (two / path).read_bytes() for path in files)
    assert truth.touch_node != simulate("identities_hard", two, seed=5, people=60).touch_node


def test_the_truth_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    truth = simulate("identities_easy", tmp_path, seed=1, people=40)
    again = IdentityTruth.load(tmp_path)
    assert again.to_json() == truth.to_json()
    assert again.new_share("touch") == truth.new_share("touch")
    with pytest.raises(KeyError):
        again.owner("x:nobody-at-all", 0)


def test_worlds_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GoodwillError, match="identities_hart") as refused:
        simulate("identities_hart", tmp_path, seed=1)
    assert "identities_hard" in refused.value.remedy
    with pytest.raises(GoodwillError, match="difficulty"):
        imagine(1, difficulty=1.5)
    assert set(identities.IDENTITY_WORLDS.values()) == {0.0, 0.5, 1.0}


def test_addresses_belong_to_one_person_over_many_seeds() -> None:
    """Slips of the hand could make one address of two people's; the truth refuses that."""
    for seed in range(20, 26):
        truth = imagine(seed, difficulty=1.0, people=800).truth
        assert len(set(truth.owner_node)) >= len(truth.owner_node) - 0.02 * truth.people
