"""Simulated companies: their shares are plausible, and their files say exactly what happened."""

from __future__ import annotations

import hashlib
import tomllib
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from goodwill.errors import GoodwillError
from goodwill.workspace import open_workspace
from goodwill.worlds import WORLDS, Truth, imagine, simulate
from goodwill.worlds.company import contact_roles
from goodwill.worlds.truth import NEVER, UNDECIDED
from world_files import account_of, acts, opportunities, rows, us_day

EPOCH = date(1970, 1, 1)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Truth]]:
    """Each small world once, in full; the demo with fewer accounts."""
    root = tmp_path_factory.mktemp("worlds")
    sizes = {"null": None, "effect": None, "demo": 300}
    return {n: (root / n, simulate(n, root / n, seed=11, accounts=size)) for n, size in sizes.items()}


@pytest.mark.parametrize("name", ["null", "effect", "demo"])
def test_shares_are_those_of_a_plausible_company(worlds: dict[str, tuple[Path, Truth]], name: str) -> None:
    truth = worlds[name][1]
    won = np.array(truth.outcome) == "won"
    assert 0.25 < won.mean() < 0.42
    assert 0.45 < truth.naive["share_touched"] < 0.62
    ended = truth.decided < UNDECIDED
    assert 7 < np.median(truth.decided[ended] - truth.opened[ended]) / 7 < 14
    assert 0.9 < len(truth) / (WORLDS[name].accounts if name != "demo" else 300) < 1.5


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_same_seed_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate("demo", tmp_path / folder, seed=seed, accounts=40)
    first, again, other = (digests(tmp_path / f) for f in "abc")
    assert first == again
    assert len(first) >= 23  # what a company exports, its settings and its truth
    same = {name for name in first if first[name] == other[name]}
    assert same == {"goodwill.toml", "exports/tools_and_media.csv"}


@pytest.mark.parametrize("name", ["null", "effect", "demo"])
def test_report_and_history_say_when_and_how_each_opportunity_ended(
    worlds: dict[str, tuple[Path, Truth]], name: str
) -> None:
    folder, truth = worlds[name]
    report = opportunities(folder, truth)
    moves = {r["Opportunity ID"]: r for r in rows(folder, "Opportunity History.csv")}  # the last of each stays
    assert set(report) == set(moves) == set(truth.ids)
    stages = {"Closed Won": "won", "Closed Lost": "lost"}
    for i, identity in enumerate(truth.ids):
        row, outcome = report[identity], truth.outcome[i]
        assert stages.get(row["Stage"], "open") == outcome
        assert moves[identity]["To Stage"] == row["Stage"]
        assert row["Account ID"] == truth.accounts[i]
        opened, closed = us_day(row["Created Date"]), us_day(row["Close Date"])
        assert opened == EPOCH + timedelta(days=int(truth.opened[i]))
        if outcome == "open":
            assert closed > EPOCH + timedelta(days=truth.last_day)
        else:
            assert (closed - opened).days // 7 == (truth.decided[i] - truth.opened[i]) // 7
            assert us_day(moves[identity]["Last Modified"].split()[0]) == closed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["null", "demo"])
def test_engagement_and_touches_recounted_from_the_files(worlds: dict[str, tuple[Path, Truth]], name: str) -> None:
    folder, truth = worlds[name]
    account = account_of(folder)
    done: dict[bool, dict[str, list[datetime]]] = {True: defaultdict(list), False: defaultdict(list)}
    for address, at, is_social in acts(folder):
        done[is_social][account[address.lower()]].append(at)
    for i, company in enumerate(truth.accounts):
        opened = datetime.combine(EPOCH + timedelta(days=int(truth.opened[i])), datetime.min.time())
        history = [at for at in done[False][company] if opened - timedelta(days=182) <= at < opened]
        assert len(history) == truth.prior_engagement[i]
        last = min(int(truth.decided[i]), truth.last_day)
        while_open = [at for at in done[True][company] if opened <= at and (at.date() - EPOCH).days <= last]
        first = min(((at - opened) // timedelta(days=7) for at in while_open), default=NEVER)
        assert first == truth.touch_week[i]
        # the same week whether the opening is a day or the moment at which its first stage was entered
        assert first == min(
            ((at - opened - timedelta(hours=8)) // timedelta(days=7) for at in while_open), default=NEVER
        )


def test_truth_survives_its_file(worlds: dict[str, tuple[Path, Truth]]) -> None:
    folder, truth = worlds["demo"]
    loaded = Truth.load(folder)
    assert loaded.to_json() == truth.to_json()
    assert loaded.risk_difference(20, truth.ids[:7]) == truth.risk_difference(20, truth.ids[:7])
    assert loaded.cancel_difference(20, from_week=60) == truth.cancel_difference(20, from_week=60) < 0
    assert loaded.account_difference(20, truth.account_ids[:9], from_week=60).opened > 0
    assert not (folder / "exports" / "truth.json").exists()


@pytest.mark.parametrize("name", ["null", "effect", "demo"])
def test_settings_are_accepted_and_map_files_that_are_there(worlds: dict[str, tuple[Path, Truth]], name: str) -> None:
    folder = worlds[name][0]
    workspace = open_workspace(folder)
    assert workspace.name == "Quillmark Systems"
    raw = tomllib.loads((folder / "goodwill.toml").read_text(encoding="utf-8"))
    for mapping in raw["mapping"]:
        header = rows(folder, mapping["file"])[0]
        assert set(mapping["columns"].values()) <= set(header)
        for column, words in mapping.get("values", {}).items():
            used = {r[mapping["columns"][column]] for r in rows(folder, mapping["file"])}
            assert used - {""} <= set(words)


def test_the_contacts_of_an_opportunity_are_those_that_the_truth_went_by(
    worlds: dict[str, tuple[Path, Truth]],
) -> None:
    folder, truth = worlds["null"]
    company = imagine("null", seed=11)[0]
    which, person = contact_roles(company)
    expected = [
        (truth.ids[i], company.directory.contact_id[p]) for i, p in zip(which.tolist(), person.tolist(), strict=True)
    ]
    told = [(r["Opportunity ID"], r["Contact ID"]) for r in rows(folder, "Opportunity Contact Roles.csv")]
    assert told == expected


@pytest.mark.parametrize("name", [n for n in WORLDS if n not in ("demo", "large")])
def test_every_world_becomes_a_workspace_that_opens(tmp_path: Path, name: str) -> None:
    truth = simulate(name, tmp_path, seed=4, accounts=30)
    assert open_workspace(tmp_path).name == "Quillmark Systems"
    assert imagine(name, seed=4, accounts=30)[1].to_json() == truth.to_json()
    amounts = [float(r["Amount"]) for r in opportunities(tmp_path, truth).values()]
    assert (np.array(amounts) > truth.amount).any() == (truth.causes.value_beta > 0)


def test_demo_is_as_messy_as_real_exports(worlds: dict[str, tuple[Path, Truth]]) -> None:
    folder, truth = worlds["demo"]
    contacts = rows(folder, "hubspot-crm-exports-all-contacts.csv")
    addresses = [r["Email"].lower() for r in contacts]
    assert len(addresses) > len(set(addresses))
    assert any(r["Email"] != r["Email"].lower() for r in contacts)
    assert {r["Create Date"][:4] for r in contacts} >= {"1970", "2042", "2091"}
    impossible = [r for r in rows(folder, "Opportunities.csv") if r["Opportunity ID"] not in set(truth.ids)]
    assert len(impossible) == 4
    engaged = [tuple(r.values()) for r in rows(folder, "community_engagements.csv")]
    assert len(engaged) > len(set(engaged))
    assert any(r["Contact email"] == "" for r in rows(folder, "community_engagements.csv"))


def test_linkedin_workbook_has_its_description_above_the_header(worlds: dict[str, tuple[Path, Truth]]) -> None:
    book = load_workbook(worlds["demo"][0] / "exports" / "quillmark_content_2024.xlsx", read_only=True)
    daily = list(book["Update metrics (aggregated)"].iter_rows(values_only=True))
    book.close()
    assert str(daily[0][0]).startswith("Aggregated engagement metrics")
    assert (daily[1][0], daily[1][4], len(daily[1]), len(daily)) == ("Date", "Unique impressions (organic)", 20, 368)
    assert daily[2][0] == "01/01/2024"


@pytest.mark.parametrize("name", ["null", "demo"])
def test_smallest_company_still_has_every_file(tmp_path: Path, name: str) -> None:
    told: list[str] = []
    simulate(name, tmp_path, seed=2, accounts=1, progress=told.append)
    assert (tmp_path / "exports" / "Opportunities.csv").exists()
    assert len(told) >= 6


def test_unknown_names_are_refused_with_the_nearest(tmp_path: Path, worlds: dict[str, tuple[Path, Truth]]) -> None:
    with pytest.raises(GoodwillError, match="efect") as refused:
        simulate("efect", tmp_path, seed=1)
    assert refused.value.remedy == "Did you mean effect?"
    with pytest.raises(GoodwillError, match="0069g"):
        worlds["null"][1].risk_difference(26, ["0069g0000000000"])


@pytest.mark.slow
def test_large_company_is_as_large_as_it_says(tmp_path: Path) -> None:
    truth = simulate("large", tmp_path, seed=1)
    files = ("ga4_event.csv", "mailchimp_email_activity.csv", "community_engagements.csv")
    interactions = sum((tmp_path / "exports" / name).read_bytes().count(b"\n") - 1 for name in files)
    assert interactions > 1_000_000
    assert 4_700 < len(truth) < 5_300
