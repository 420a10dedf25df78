"""Simulated companies: the truth's arithmetic, and that the files say exactly what happened."""

from __future__ import annotations

import hashlib
import tomllib
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from goodwill.errors import GoodwillError
from goodwill.workspace import open_workspace
from goodwill.worlds import WORLDS, Truth, simulate
from goodwill.worlds.truth import NEVER, UNDECIDED, days_without_win, expit, won_by
from world_files import account_of, acts, opportunities, rows, us_day

EPOCH = date(1970, 1, 1)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Truth]]:
    """Each small world once, in full; the demo with fewer accounts."""
    root = tmp_path_factory.mktemp("worlds")
    sizes = {"null": None, "effect": None, "demo": 300}
    return {n: (root / n, simulate(n, root / n, seed=11, accounts=size)) for n, size in sizes.items()}


def drawn(truth: Truth, row: int, *, exposed: bool, weeks: int, draws: int) -> np.ndarray:
    """Week of the win in each of many lives of one opportunity, week by week; ``weeks`` if there is none."""
    rng = np.random.default_rng([row, exposed])
    week_won, alive = np.full(draws, weeks), np.ones(draws, dtype=bool)
    for week in range(weeks):
        win = 1 / (
            1 + np.exp(-(truth.win_baseline[week] + truth.win_offset[row] + truth.beta * (exposed and week >= 1)))
        )
        loss = 1 / (1 + np.exp(-(truth.loss_baseline[week] + truth.loss_offset[row])))
        u = rng.random(draws)
        week_won[alive & (u < win)] = week
        alive &= u >= win + loss
    return week_won


def test_truth_agrees_with_many_lives_drawn_one_week_at_a_time(worlds: dict[str, tuple[Path, Truth]]) -> None:
    truth, weeks, draws = worlds["effect"][1], 26, 200_000
    for row in (3, 250, 700):
        with_touch, without = (drawn(truth, row, exposed=e, weeks=weeks, draws=draws) for e in (True, False))
        shares = [(w < weeks).mean() for w in (with_touch, without)]
        se = np.sqrt(sum(s * (1 - s) for s in shares) / draws)
        assert abs(shares[0] - shares[1] - truth.risk_difference(weeks, [truth.ids[row]])) < 4 * se + 1e-9
        days = [7.0 * np.minimum(w + 1, weeks) for w in (with_touch, without)]  # a win counts at its week's end
        se_days = np.sqrt(sum(d.var() for d in days) / draws)
        told = truth.restricted_mean_difference(weeks, [truth.ids[row]])
        assert abs(days[0].mean() - days[1].mean() - told) < 4 * se_days + 1e-9


def test_following_from_a_later_week_uses_that_weeks_hazards(worlds: dict[str, tuple[Path, Truth]]) -> None:
    truth = worlds["effect"][1]
    later = truth.incidence(1, exposed=True, from_week=9, ids=[truth.ids[5]])
    assert later[0, 0] == pytest.approx(float(expit(truth.win_baseline[9] + truth.win_offset[5])), rel=1e-12)
    each = truth.incidence(4, exposed=True, from_week=np.array([9, 0]), ids=[truth.ids[5], truth.ids[6]])
    assert np.array_equal(each[1], truth.incidence(4, exposed=True, ids=[truth.ids[6]])[0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=30))
def test_wins_and_losses_never_exceed_what_was_open(hazards: list[tuple[float, float]]) -> None:
    h_w, h_l = np.array(hazards).T[:, None, :]
    won, lost = won_by(h_w, h_l), won_by(h_l, h_w)
    assert np.all(np.diff(won) >= 0)
    assert won[0, -1] + lost[0, -1] == pytest.approx(1 - np.prod(1 - h_w - h_l), abs=1e-12)
    assert 0 <= days_without_win(won)[0] <= 7 * len(hazards)


def test_null_world_has_no_effect_and_a_table_that_claims_one(worlds: dict[str, tuple[Path, Truth]]) -> None:
    truth = worlds["null"][1]
    assert truth.risk_difference(26) == 0.0
    assert truth.restricted_mean_difference(26) == 0.0
    assert truth.naive["risk_difference"] > 0.15
    assert truth.naive["days_to_win_touched"] > 1.3 * truth.naive["days_to_win_untouched"]


def test_effect_raises_wins_and_brings_them_sooner(worlds: dict[str, tuple[Path, Truth]]) -> None:
    for name in ("effect", "demo"):
        truth = worlds[name][1]
        assert truth.risk_difference(26) > 0.03
        assert truth.restricted_mean_difference(26) < -1
    unharmed = replace(worlds["effect"][1], beta=0.0)
    assert unharmed.risk_difference(26) == 0.0


@pytest.mark.parametrize("name", ["null", "effect", "demo"])
def test_shares_are_those_of_a_plausible_company(worlds: dict[str, tuple[Path, Truth]], name: str) -> None:
    truth = worlds[name][1]
    won = np.array(truth.outcome) == "won"
    assert 0.25 < won.mean() < 0.42
    assert 0.45 < truth.naive["share_touched"] < 0.62
    ended = truth.decided < UNDECIDED
    assert 7 < np.median(truth.decided[ended] - truth.opened[ended]) / 7 < 13
    assert 0.9 < len(truth) / (WORLDS[name].accounts if name != "demo" else 300) < 1.5


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_same_seed_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate("demo", tmp_path / folder, seed=seed, accounts=40)
    first, again, other = (digests(tmp_path / f) for f in "abc")
    assert first == again
    assert len(first) == 22
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


def weekly_fit(truth: Truth, *known: np.ndarray) -> tuple[float, float]:
    """Log-odds of exposure and its standard error: a logistic fit of weekly wins on what is known of each."""
    ended = truth.decided < UNDECIDED
    # the unfinished last week of those still open is left out
    weeks = np.where(ended, (truth.decided - truth.opened) // 7 + 1, (truth.last_day + 1 - truth.opened) // 7)
    row = np.repeat(np.arange(len(truth)), weeks)
    week = np.arange(len(row)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    won = (np.array(truth.outcome)[row] == "won") & (week == weeks[row] - 1)
    exposed = week > truth.touch_week[row]
    x = np.column_stack([np.ones(len(row)), exposed, truth.win_baseline[week] + 7, *(k[row] for k in known)])
    b = np.zeros(x.shape[1])
    b[0] = np.log(won.mean())
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ b))
        information = x.T @ (x * (p * (1 - p))[:, None])
        b = b + np.linalg.solve(information, x.T @ (won - p))
    return float(b[1]), float(np.sqrt(np.linalg.inv(information)[1, 1]))


@pytest.mark.parametrize("name", ["null", "effect", "demo"])
def test_fit_on_the_true_variables_recovers_beta(worlds: dict[str, tuple[Path, Truth]], name: str) -> None:
    truth = worlds[name][1]
    beta, se = weekly_fit(truth, truth.win_offset - truth.win_offset.mean())
    assert abs(beta - truth.beta) < 3 * se
    # leaving engagement out is what misleads: the estimate is far above the truth
    blind, blind_se = weekly_fit(truth)
    assert blind - truth.beta > 2 * blind_se


def test_truth_survives_its_file(worlds: dict[str, tuple[Path, Truth]]) -> None:
    folder, truth = worlds["demo"]
    loaded = Truth.load(folder)
    assert loaded.to_json() == truth.to_json()
    assert loaded.risk_difference(20, truth.ids[:7]) == truth.risk_difference(20, truth.ids[:7])
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
