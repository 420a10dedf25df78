"""Whole workspaces of real exports, from files to answers: the figures must be the published ones."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median

import pytest

from commands import goodwill, rows_in
from goodwill.report.numbers import show_change, show_interval
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


@dataclass(frozen=True)
class Lead:
    """A lead straight from the files: days from first contact to the win, if it was won, and what it has sold since."""

    is_social: bool
    days: float | None
    sold: float


def leads_of(folder: Path) -> list[Lead]:
    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    sold = {r["seller_id"]: float(r["revenue"]) for r in rows("derived_seller_performance.csv")}
    deals = {r["mql_id"]: r for r in rows("olist_closed_deals_dataset.csv")}
    found = []
    for lead in rows("olist_marketing_qualified_leads_dataset.csv"):
        met, deal = datetime.strptime(lead["first_contact_date"], "%d-%m-%Y"), deals.get(lead["mql_id"])
        took = (datetime.fromisoformat(deal["won_date"]) - met).total_seconds() / 86400 if deal else None
        found.append(Lead(lead["origin"] == "social", took, sold.get(deal["seller_id"], 0.0) if deal else 0.0))
    return found


#: What is printed of each answer on the real funnel: the estimate, its interval and the naive difference.
PRINTED = {
    "win_rate": ("−3.6 points", "−5.9 to −1.4 points", "−6.0 points"),
    "sales_cycle": ("+6.0 days", "2.8 to 9.2 days", "+13.7 days"),
    "sales": ("−9.79 BRL", "−64.78 to 45.21 BRL", "−61.32 BRL"),
}


@pytest.mark.slow
def test_a_real_funnel_by_channel_of_entry(real_data: RealData, tmp_path: Path) -> None:
    exports, folder = real_data("olist_funnel"), tmp_path / "w"
    verdicts = answered(folder, exports, EXAMPLES / "olist" / "goodwill.toml")
    usual_figures_are_those_of_the_files(verdicts["win_rate"], leads_of(exports))
    a_lead_won_is_worth_what_its_seller_sold(folder, verdicts["sales"], leads_of(exports))
    for name, (value, interval, naive) in PRINTED.items():
        verdict = verdicts[name]
        assert verdict.headline is not None
        assert verdict.naive is not None
        assert show_change(verdict.headline.value, verdict.headline.unit, "BRL") == value
        assert show_interval(verdict.headline, "BRL") == interval
        assert show_change(verdict.naive.value, verdict.naive.unit, "BRL") == naive
        assert (verdict.n, verdict.n_exposed, verdict.grade, verdict.unit) == (7453, 1258, "C", "lead")
        assert "overlap weights" in verdict.method, "some landing pages are of one channel only"
        survived = {check.name: check.survived for check in verdict.checks}
        assert survived == {"shuffled exposure": True, "overlap": True, "balance": True}
        assert verdict.checks[2].figures["largest_before"] > 0.9
        assert verdict.checks[2].figures["largest_after"] < 0.05
    standing = {name: verdict.standing for name, verdict in verdicts.items()}
    assert standing == dict.fromkeys(verdicts, "cannot tell") | dict.fromkeys(
        ("win_rate", "sales_cycle"), "contradicted"
    )
    assert {name: verdicts[name].missing for name in ("churn", "funnel")} == {
        "churn": "there are no subscriptions", "funnel": "no dated interaction of anybody with us is known",
    }  # fmt: skip
    doubtful = findings(folder)
    assert doubtful["impossible dates"]["n"] == 1
    assert doubtful["impossible dates"]["where"] == ["olist_marketing_qualified_leads_dataset.csv, row 6359"]
    assert "refused rows" not in doubtful


def usual_figures_are_those_of_the_files(verdict: Verdict, leads: list[Lead]) -> None:
    found = figures(verdict)
    counts = {name: found[name].value for name in ("deals", "won", "entered_social", "won_social")}
    assert counts == {"deals": 8000, "won": 842, "entered_social": 1350, "won_social": 75}
    assert found["win_rate_social"].value == pytest.approx(75 / 1350)
    assert found["win_rate_created"].value == pytest.approx(842 / 8000)
    days = [lead.days for lead in leads if lead.days is not None]
    assert found["median_days_to_win"].n == len(days) == 842, "the usual figure counts a win dated before its lead"
    assert found["median_days_to_win"].value == pytest.approx(median(days))
    assert found["median_days_to_win"].value == pytest.approx(14.65, abs=0.005)
    assert found["median_days_to_win_social"].value == pytest.approx(30.6, abs=0.05)


def a_lead_won_is_worth_what_its_seller_sold(folder: Path, verdict: Verdict, leads: list[Lead]) -> None:
    """The sum, how many sold anything, and the naive difference, which leaves out the win dated before its lead."""
    (row,) = rows_in(
        folder,
        "SELECT count(*) FILTER (WHERE amount > 0) AS selling, count(*) FILTER (WHERE amount = 0) AS idle, "
        "count(*) FILTER (WHERE amount IS NULL) AS not_won, count(DISTINCT account) AS companies FROM deals",
    )
    assert row == {"selling": 376, "idle": 842 - 376, "not_won": 8000 - 842, "companies": 8000}
    assert figures(verdict)["value_won"].value == pytest.approx(sum(lead.sold for lead in leads)) == 664_858
    usable = [lead for lead in leads if lead.days is None or lead.days >= 0]
    social, other = ([lead.sold for lead in usable if lead.is_social is side] for side in (True, False))
    assert verdict.naive is not None
    assert verdict.naive.n == len(usable) == 7999
    assert verdict.naive.value == pytest.approx(mean(social) - mean(other))
    assert verdict.matters == pytest.approx(0.1 * 664_858 / 8000)


#: What is said of a CRM alone, where nobody is known to have touched anybody: of 8,800 deals 500 have no date.
NOT_TIED = "no social touch is tied to any of 8,300 opportunity records"
WITHOUT_SOCIAL = {
    "churn": "there are no subscriptions", "funnel": "no dated interaction of anybody with us is known",
}  # fmt: skip


def test_a_crm_without_social_says_that_it_cannot_tell(real_data: RealData, tmp_path: Path) -> None:
    verdicts = answered(tmp_path / "w", real_data("maven_crm"), EXAMPLES / "maven_crm" / "goodwill.toml")
    assert {verdict.standing for verdict in verdicts.values()} == {"cannot tell"}
    for name in ("win_rate", "sales_cycle", "sales", "churn", "funnel"):
        assert verdicts[name].missing == WITHOUT_SOCIAL.get(name, NOT_TIED)
        assert verdicts[name].settles
        assert (verdicts[name].headline, verdicts[name].naive) == (None, None)
    for name in ("win_rate", "sales_cycle", "sales"):
        found = figures(verdicts[name])
        assert (found["deals"].value, found["decided"].value, found["won"].value) == (8800, 6711, 4238)
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


NO_COSTS = "no hours and no spending are in the exports"


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
    missing = {name: verdict.missing for name, verdict in verdicts.items() if verdict.standing == "cannot tell"}
    assert missing == dict.fromkeys(("win_rate", "sales_cycle", "sales"), "there are no opportunities and no leads") | {
        "churn": "there are no subscriptions", "funnel": "no company is known", "cost": NO_COSTS,
        "net_new": "no social touch by anybody is in the exports",
    }  # fmt: skip
    talk = verdicts["conversation"]
    assert talk.standing == "described"
    counted = {name: figure.value for name, figure in figures(talk).items()}
    assert counted["facebook_posts"] == len(posts) - 2
    assert counted["linkedin_posts"] == 10, "two files tell of the same ten posts"
    assert counted["facebook_impressions"] == facebook
    assert counted["x_impressions"] == pytest.approx(x["impressions"])
