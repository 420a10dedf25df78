"""A company straight as canonical tables: the same rows, journeys and verdicts as through its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from goodwill import intake, study
from goodwill.errors import GoodwillError
from goodwill.registry import Terms
from goodwill.verdicts.judge import judge
from goodwill.vocabulary import TABLES
from goodwill.warehouse import lineage
from goodwill.warehouse.duckdb_engine import DuckDBTables, open_file
from goodwill.workspace import Workspace, open_workspace
from goodwill.worlds import WORLDS, Truth, direct, simulate
from goodwill.worlds.company import Company
from goodwill.worlds.exports_billing import PRODUCTS
from goodwill.worlds.truth import UNDECIDED
from world_files import rows

#: Every case runs whole studies.
pytestmark = pytest.mark.slow

ASKED = ("win_rate", "sales_cycle")
EPOCH = dt.date(1970, 1, 1)
DERIVED = ("resolved", "resolved_accounts", "deals", "deal_history", "timeline")


@dataclass(frozen=True)
class Both:
    """One company twice: as its files were read, and straight in an engine."""

    workspace: Workspace
    truth: Truth
    read: DuckDBTables
    company: Company
    straight: DuckDBTables
    terms: Terms


def loaded(canonical: Mapping[str, pa.Table]) -> DuckDBTables:
    """An engine in memory with these tables, and nothing refused."""
    tables = open_file(None)
    for name, given in canonical.items():
        tables.register("given", given)
        tables.execute(f"CREATE TABLE {name} AS FROM given")
        tables.forget("given")
    tables.execute(f"CREATE TABLE refused ({', '.join(f'{n} {t}' for n, t in lineage.PROVIDED['refused'].items())})")
    return tables


def journeyed(tables: DuckDBTables, workspace: Workspace) -> Terms:
    study.resolve(tables, workspace)
    return Terms(workspace, study.trace(tables, workspace, None), workspace.seed)


@contextmanager
def read(workspace: Workspace) -> Iterator[DuckDBTables]:
    """An engine with what the readers say of the workspace's files."""
    building = workspace.root / "building"
    building.mkdir()
    readings = intake.read(workspace, building / "scratch")
    with intake.warehouse(building, workspace) as tables:
        files, failed = intake.load(tables, readings, workspace)
        assert not failed
        assert not any(file.refused for file in files)
        yield tables


TWO_WORLDS = [pytest.param(("null", 7, 240)), pytest.param(("effect", 5, 240), marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=TWO_WORLDS, ids=lambda world: world[0])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    name, seed, accounts = request.param
    folder = tmp_path_factory.mktemp(name)
    truth = simulate(name, folder, seed=seed, accounts=accounts)
    workspace, company = open_workspace(folder), direct.company(name, seed, accounts)
    straight = loaded(direct.canonical(company))
    terms = journeyed(straight, workspace)
    with read(workspace) as tables:
        assert journeyed(tables, workspace).end == terms.end
        yield Both(workspace, truth, tables, company, straight, terms)
    straight.close()


def said(tables: DuckDBTables, name: str) -> list[dict[str, object]]:
    """All rows, in an order that is the same whatever the engine did."""
    return tables.rows(f"SELECT * FROM {name} ORDER BY ALL")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_canonical_tables_say_what_the_readers_say_of_the_files(both: Both, name: str) -> None:
    assert said(both.straight, name) == said(both.read, name)


def test_columns_and_types_are_those_of_the_readers(both: Both) -> None:
    straight = direct.canonical(both.company)
    for name in TABLES:
        columns = f"SELECT column_name, column_type FROM (DESCRIBE {name})"
        assert both.straight.rows(columns) == both.read.rows(columns)
    filled = {name for name, table in straight.items() if table.num_rows}
    assert filled == {
        "interactions", "identifiers", "people", "accounts", "leads", "stage_changes", "opportunities",
        "opportunity_contacts", "subscriptions", "tickets",
    }  # fmt: skip


@pytest.mark.parametrize("name", DERIVED)
def test_journeys_are_the_same(both: Both, name: str) -> None:
    straight = said(both.straight, name)
    assert straight == said(both.read, name)
    assert len(straight) >= len(both.truth)


def test_verdicts_are_those_of_a_run_over_the_files(both: Both) -> None:
    verdicts = judge([study.ask(question, both.straight, both.terms) for question in study.chosen(ASKED)])
    found = study.run(both.workspace, only=ASKED)
    assert not found.errors
    for straight, by_files in zip(verdicts, found.verdicts, strict=True):
        assert straight.headline is not None
        assert by_files.headline is not None
        assert straight.headline.value == pytest.approx(by_files.headline.value, rel=1e-9)
        assert straight.to_json() == by_files.to_json()


def test_contracts_belong_to_the_accounts_that_won(both: Both) -> None:
    """Counted in numpy from what happened, against what identity made of two systems' ids of one company."""
    contracts, sales = both.company.history.contracts, both.company.history.sales
    of_winner = np.isin(contracts.account, sales.account[sales.won])
    joined = both.read.rows(
        """SELECT s.id, bool_or(d.outcome = 'won') AS won FROM subscriptions AS s
        JOIN resolved_accounts AS a ON a.node = s.account JOIN deals AS d ON d.account = a.account
        GROUP BY s.id ORDER BY s.id"""
    )
    assert len(contracts.started) > 5
    assert sum(row["won"] for row in joined) == of_winner.sum()


def test_subscriptions_say_when_each_contract_ran_and_what_it_costs(both: Both) -> None:
    contracts, book = both.company.history.contracts, both.company.directory
    written = rows(both.workspace.root, "subscriptions.csv")
    assert [row["Customer ID"] for row in written] == [book.account_id[a] for a in contracts.account.tolist()]
    assert [row["Plan"] for row in written] == [PRODUCTS[p] for p in contracts.product.tolist()]
    for row, started, ended in zip(written, contracts.started.tolist(), contracts.ended.tolist(), strict=True):
        assert (dt.date.fromisoformat(row["Started"]) - EPOCH).days == started
        assert row["Status"] == ("active" if ended == UNDECIDED else "canceled")
        last = (dt.date.fromisoformat(row["Ended"]) - EPOCH).days if row["Ended"] else UNDECIDED
        assert last == ended
    assert np.allclose([float(row["MRR"]) for row in written], contracts.mrr, rtol=0, atol=0.005)


def test_every_request_is_a_ticket_of_its_requester(both: Both) -> None:
    requests, book = both.company.history.requests, both.company.directory
    happened = sorted(
        (book.email[p], dt.datetime(1970, 1, 1) + dt.timedelta(minutes=m // 60))
        for p, m in zip(requests.person.tolist(), requests.moment.tolist(), strict=True)
    )
    written = rows(both.workspace.root, "zendesk_tickets.csv")
    assert happened == sorted((row["Requester email"], dt.datetime.fromisoformat(row["Created at"])) for row in written)
    for row in written:
        assert bool(row["Solved at"]) == (row["Status"] == "Solved") == bool(row["Full resolution time in minutes"])
        assert row["First reply time in minutes"] or not row["Solved at"]


def same_in_every_table(folder: Path, name: str, seed: int, accounts: int) -> None:
    simulate(name, folder, seed=seed, accounts=accounts)
    straight = loaded(direct.canonical(direct.company(name, seed, accounts)))
    with read(open_workspace(folder)) as tables:
        for table in TABLES:
            assert said(straight, table) == said(tables, table)
    straight.close()


def test_smallest_company_is_the_same_too(tmp_path: Path) -> None:
    """Some of its files have no rows, and its few dates do not say which is the day and which the month."""
    same_in_every_table(tmp_path, "effect", 3, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, world in WORLDS.items() if not world.is_noisy])
def test_every_world_is_the_same_both_ways(tmp_path: Path, name: str) -> None:
    same_in_every_table(tmp_path, name, 2, 60)


def test_the_same_company_twice_and_another_seed_another(both: Both) -> None:
    again = direct.canonical(direct.company(both.company.name, both.company.seed, len(both.company.history.accounts)))
    straight = direct.canonical(both.company)
    assert all(again[name].equals(straight[name]) for name in TABLES)
    other = direct.canonical(direct.company(both.company.name, both.company.seed + 1, 20))
    assert not other["interactions"].equals(straight["interactions"])


def test_noisy_exports_have_to_be_read() -> None:
    with pytest.raises(GoodwillError, match="demo") as refused:
        direct.canonical(direct.company("demo", 1, 3))
    assert "simulate" in refused.value.remedy
    with pytest.raises(GoodwillError, match="efect"):
        direct.company("efect", 1)
