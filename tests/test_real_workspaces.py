"""Whole workspaces of real exports, from files to answers: the figures must be the published ones."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest

from commands import goodwill, rows_in
from goodwill.verdicts import Figure, Verdict
from social_sheets import spreadsheet_ml, workbook

RealData = Callable[..., Path]
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def answered(folder: Path, exports: Path, settings: str | Path) -> dict[str, Verdict]:
    """Run a workspace over real exports, which are only read."""
    folder.mkdir()
    (folder / "exports").symlink_to(exports, target_is_directory=True)
    if isinstance(settings, Path):
        shutil.copy(settings, folder / "goodwill.toml")
    else:
        (folder / "goodwill.toml").write_text(settings, encoding="utf-8")
    said = goodwill("run", folder, "--format", "json")
    assert said.code == 0, said.err
    return {
        row["question"]: Verdict.from_json((folder / "verdicts" / f"{row['question']}.json").read_text("utf-8"))
        for row in said.json
    }


def figures(verdict: Verdict) -> dict[str, Figure]:
    return {figure.name: figure for figure in verdict.figures}


def findings(folder: Path) -> dict[str, dict[str, object]]:
    return {row["finding"]: row for row in goodwill("doctor", folder, "--format", "json").json}


def days_to_win(folder: Path) -> list[float]:
    """Days from first contact to the win, of every deal won, straight from the files."""
    with (folder / "olist_marketing_qualified_leads_dataset.csv").open(newline="") as leads:
        met = {r["mql_id"]: datetime.strptime(r["first_contact_date"], "%d-%m-%Y") for r in csv.DictReader(leads)}
    with (folder / "olist_closed_deals_dataset.csv").open(newline="") as deals:
        won = [(r["mql_id"], datetime.fromisoformat(r["won_date"])) for r in csv.DictReader(deals)]
    return [(at - met[lead]).total_seconds() / 86400 for lead, at in won]


@pytest.mark.slow
def test_a_real_funnel_by_channel_of_entry(real_data: RealData, tmp_path: Path) -> None:
    verdicts = answered(tmp_path / "w", real_data("olist_funnel"), EXAMPLES / "olist" / "goodwill.toml")
    found = figures(verdicts["win_rate"])
    counts = {name: found[name].value for name in ("deals", "won", "entered_social", "won_social")}
    assert counts == {"deals": 8000, "won": 842, "entered_social": 1350, "won_social": 75}
    assert found["win_rate_social"].value == pytest.approx(75 / 1350)
    assert found["win_rate_created"].value == pytest.approx(842 / 8000)
    days = days_to_win(real_data("olist_funnel"))
    assert found["median_days_to_win"].n == len(days) == 842, "the usual figure counts a win dated before its lead"
    assert found["median_days_to_win"].value == pytest.approx(median(days))
    assert found["median_days_to_win"].value == pytest.approx(14.65, abs=0.005)
    assert found["median_days_to_win_social"].value == pytest.approx(30.6, abs=0.05)
    for name in ("win_rate", "sales_cycle"):
        verdict = verdicts[name]
        assert verdict.headline is not None
        assert verdict.headline.low is not None
        assert verdict.headline.high is not None
        assert verdict.headline.low < verdict.headline.value < verdict.headline.high
        assert verdict.naive is not None
        assert len(verdict.checks) == 3
        assert any(check.survived is not None for check in verdict.checks)
        assert verdict.grade == "C"
    doubtful = findings(tmp_path / "w")
    assert doubtful["impossible dates"]["n"] == 1
    assert doubtful["impossible dates"]["where"] == ["olist_marketing_qualified_leads_dataset.csv, row 6359"]
    assert "refused rows" not in doubtful


def test_a_crm_without_social_says_that_it_cannot_tell(real_data: RealData, tmp_path: Path) -> None:
    verdicts = answered(tmp_path / "w", real_data("maven_crm"), EXAMPLES / "maven_crm" / "goodwill.toml")
    for name in ("win_rate", "sales_cycle"):
        assert verdicts[name].standing == "cannot tell"
        assert "no social touch is tied to any of" in verdicts[name].missing
        assert verdicts[name].settles
        assert verdicts[name].headline is None
    found = figures(verdicts["win_rate"])
    assert (found["deals"].value, found["decided"].value) == (8800, 6711)
    assert found["win_rate_decided"].value == pytest.approx(0.6315, abs=0.00005)
    assert found["value_won"].value == 10_005_534
    assert found["mean_days_to_win"].value == pytest.approx(51.8, abs=0.05)
    assert found["median_days_to_win"].value == 57
    doubtful = findings(tmp_path / "w")
    assert doubtful["deals without a company"]["n"] == 1425
    assert "refused rows" not in doubtful


def test_the_line_named_of_a_real_deal_holds_it(real_data: RealData, tmp_path: Path) -> None:
    exports = real_data("maven_crm")
    answered(tmp_path / "w", exports, EXAMPLES / "maven_crm" / "goodwill.toml")
    told = goodwill("explain", "win_rate.won", tmp_path / "w", "--format", "json", "--rows", "40").json
    lines = (exports / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines()
    assert told["rows_in_all"] == 4238
    assert all(lines[row["source_line"] - 1].startswith(row["id"] + ",") for row in told["rows"])
    with (exports / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        stated = {row["opportunity_id"]: float(row["close_value"] or 0) for row in csv.DictReader(file)}
    assert all(row["amount"] == stated[row["id"]] for row in told["rows"])


def test_three_networks_without_any_mapping(real_data: RealData, tmp_path: Path) -> None:
    exports, folder = real_data("social_exports"), tmp_path / "w"
    verdicts = answered(folder, exports, '[company]\nname = "A library"\n')
    inputs = json.loads((folder / "verdicts" / "manifest.json").read_text("utf-8"))["inputs"]
    assert sorted(source for entry in inputs for source in entry["source"]) == [
        "facebook_insights", "linkedin_page", "linkedin_page", "x_analytics",
    ]  # fmt: skip
    assert rows_in(folder, "SELECT * FROM refused") == []
    totals = {
        (row["source_file"], row["native_metric"]): row["total"]
        for row in rows_in(
            folder,
            "SELECT source_file, native_metric, sum(value) AS total FROM exposures WHERE segment IS NULL "
            "GROUP BY ALL ORDER BY ALL",
        )
    }
    for name in ("NPLF LinkedIn Q1.xls", "NPLF LinkedIn Q1.xlsx"):
        sheet = workbook(exports / name)["Update metrics (aggregated)"]
        top = next(i for i, row in enumerate(sheet) if "Impressions (total)" in row)
        for column in ("Impressions (total)", "Clicks (total)", "Reactions (total)"):
            place = sheet[top].index(column)
            assert totals[name, column] == pytest.approx(sum(row[place] for row in sheet[top + 1 :]))
    months = workbook(exports / "NPLF Twitter Q1.xls").values()
    x = {c: sum(row[m[0].index(c)] for m in months for row in m[1:]) for c in ("impressions", "likes", "retweets")}
    assert {column: totals["NPLF Twitter Q1.xls", column] for column in x} == pytest.approx(x)
    posts = spreadsheet_ml(exports / "Facebook Posts Q1.xml")["Key Metrics"]
    shown = posts[0].index("Lifetime Post Total Impressions")
    facebook = sum(float(row[shown] or 0) for row in posts[2:])
    assert totals["Facebook Posts Q1.xml", "Lifetime Post Total Impressions"] == facebook
    talk = verdicts["conversation"]
    assert talk.standing == "described"
    counted = {name: figure.value for name, figure in figures(talk).items()}
    assert counted["facebook_posts"] == len(posts) - 2
    assert counted["linkedin_posts"] == 10, "two files tell of the same ten posts"
    assert counted["facebook_impressions"] == facebook
    assert counted["x_impressions"] == pytest.approx(x["impressions"])
