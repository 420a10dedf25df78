"""What somebody meets who runs this for the first time: few files, another currency, refused rows, open mappings."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from canonical import END, at, traced
from goodwill import doctor
from goodwill.claims.finding import found
from goodwill.designs.deal_figures import deal_figures
from goodwill.doctor import Finding
from goodwill.errors import CannotTell, SettingsError
from goodwill.examinations import EXAMINATIONS, counted
from goodwill.exports import Sheet
from goodwill.questions import conversation, cost, net_new, sales
from goodwill.registry import Terms
from goodwill.report import captions
from goodwill.report.meta import Meta
from goodwill.sources.recognise import as_toml, propose, still_open
from goodwill.terms import CHANNELS, CURRENCIES, METRICS, VERBS, spelt_out
from goodwill.verdicts import Verdict
from goodwill.verdicts.small_cells import hide_small
from goodwill.vocabulary import TABLES
from goodwill.workspace import Workspace, open_workspace

HERE = Workspace(Path())
Rows = dict[str, list[dict[str, Any]]]


def hours(venue: str | None, n: float, currency: str | None = "EUR", rate: float = 50.0) -> dict[str, Any]:
    return {"on_date": dt.date(2024, 1, 8), "hours": n, "hourly_cost": rate, "venue": venue, "currency": currency}


def bill(venue: str | None, amount: float, currency: str | None = "EUR") -> dict[str, Any]:
    day = dt.date(2024, 3, 1)
    return {"period_start": day, "venue": venue, "kind": "media", "amount": amount, "currency": currency}


def asked(rows: Rows, workspace: Workspace = HERE) -> Verdict:
    verdict: Verdict = cost.ask(traced(rows, workspace), Terms(workspace, END, 0))
    return verdict


def test_the_claim_of_the_cost_is_its_total_with_the_lines_that_add_up_to_it() -> None:
    rows: Rows = {
        "effort": [hours("LinkedIn", 2.0), hours(None, 1.0), hours("trade fair", 9.0)],
        "spend": [bill("linkedin", 30.0), bill("x", 7.0, "USD"), bill("x", 5.0, None)],
    }
    verdict = asked(rows)
    _, figure = found("cost", [hide_small(verdict, 5)])
    assert figure is not None
    assert (figure.name, figure.value, figure.n, figure.unit) == ("total", 185.0, 4, "money")
    assert figure.evidence is not None
    lines = traced(rows).rows(figure.evidence.rows)
    assert sum(line["amount"] for line in lines) == figure.value
    assert {(line["source_file"], line["source_row"]) for line in lines} == {
        ("effort.csv", 2), ("effort.csv", 3), ("spend.csv", 2), ("spend.csv", 4)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"effort": [hours("linkedin", 2.0)]},
         "Social cost 100 EUR in full over 1 venue in 2024-01: 100 EUR for paid work (2.0 hours); paid work only, "
         "no bills are in the exports."),
        ({"spend": [bill("linkedin", 300.0)]},
         "Social cost 300 EUR in full over 1 venue in 2024-03: 300 EUR for media; no hours are in the exports."),
        ({"effort": [hours("linkedin", 2.0)], "spend": [bill("newsletter", 30.0)]},
         "Social cost 100 EUR in full over 1 venue from 2024-01 to 2024-03: 100 EUR for paid work (2.0 hours)."),
        ({"effort": [hours("trade fair", 2.0)]},
         "No hours and no payments name a social venue; 100 EUR are of others."),
    ],
    ids=["no bills", "no hours", "both", "nothing social"],
)  # fmt: skip
def test_the_sentence_of_the_cost_is_the_total_however_few_files_there_are(rows: Rows, told: str) -> None:
    assert captions.described(asked(rows), "EUR") == told


def test_the_first_figure_of_a_conversation_is_one_of_the_whole() -> None:
    posts = [
        {"id": i, "at": at("2024-01-08"), "venue": venue, "is_own": True, "in_reply_to": answers}
        for i, venue, answers in (("1", "x", None), ("2", "x", "9"), ("3", "linkedin", None), ("4", "linkedin", None))
    ]
    verdict = conversation.ask(traced({"items": posts}), Terms(HERE, END, 0))
    share, written = verdict.figures[:2]
    assert (share.name, share.value, share.n) == ("reply_share", 0.5, 2)  # only x holds replies of ours
    assert (written.name, written.value) == ("items", 4.0)
    silent = conversation.ask(traced({"items": posts[2:]}), Terms(HERE, END, 0))
    assert (silent.figures[0].name, silent.figures[0].value) == ("items", 2.0)


@pytest.mark.parametrize(("code", "near"), [("EUX", "EUR"), ("usd", "USD"), ("QQQ", ""), ("XAU", "")])
def test_a_currency_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path, code: str, near: str) -> None:
    (tmp_path / "goodwill.toml").write_text(f'[company]\ncurrency = "{code}"\n')
    with pytest.raises(SettingsError, match="is not the code of a currency") as refused:
        open_workspace(tmp_path)
    assert ("the nearest is" in refused.value.problem) is bool(near) or code == "XAU"
    assert near in refused.value.problem


def test_the_codes_of_currencies_are_codes() -> None:
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CURRENCIES)
    assert {"EUR", "USD", "CHF", "JPY", "XOF"} <= CURRENCIES
    assert not CURRENCIES & {"XXX", "XTS", "XYZ", "XDR"}
    assert 150 <= len(CURRENCIES) <= 165


def test_amounts_in_other_currencies_alone_are_told_as_such() -> None:
    usd = replace(HERE, currency="USD")
    rows: Rows = {"effort": [hours("x", 1.0), hours("x", 2.0)], "spend": [bill("x", 1.0, "gbp")]}
    with pytest.raises(CannotTell) as cannot:
        asked(rows, usd)
    assert cannot.value.missing == "2 amounts are in EUR, 1 amount is in GBP, and the company's currency is USD"
    assert "company.currency" in cannot.value.settles
    with pytest.raises(CannotTell, match="no hours and no spending"):
        asked({})


def deal(name: str, currency: str | None, amount: float = 10.0) -> dict[str, Any]:
    days = {"created_at": at("2024-01-01"), "closed_at": at("2024-02-01")}
    return {"id": name, "account": "company:a", "outcome": "won", "amount": amount, "currency": currency} | days


def test_deals_in_another_currency_are_counted_and_not_added() -> None:
    tables = traced({"opportunities": [deal("1", "EUR"), deal("2", " eur "), deal("3", None), deal("4", "USD", 999.0)]})
    figures = {f.name: f for f in deal_figures(tables, "EUR")}
    assert (figures["value_won"].value, figures["value_won"].n) == (30.0, 3)
    other = figures["won_in_other_currencies"]
    assert (other.value, "not in EUR" in other.label) == (1.0, True)
    assert other.evidence is not None
    assert [row["id"] for row in tables.rows(other.evidence.rows)] == ["4"]
    assert figures["won"].value == 4.0


def test_sales_without_any_amount_in_the_currency_says_in_which_they_are() -> None:
    usd = replace(HERE, currency="USD")
    with pytest.raises(CannotTell) as cannot:
        sales.ask(traced({"opportunities": [deal("1", "EUR"), deal("2", "EUR")]}, usd), Terms(usd, END, 0))
    assert cannot.value.missing == "2 amounts are in EUR, and the company's currency is USD"


def test_refused_rows_stand_beside_there_are_none() -> None:
    tables = traced({})
    for row, column in ((2, "at"), (2, "verb"), (3, "at")):
        tables.execute(f"INSERT INTO refused VALUES ('interactions', 'acts.csv', {row}, '{column}', '?', 'no')")
    for question in (net_new, conversation):
        with pytest.raises(CannotTell, match=r"\(2 rows that may hold some were refused; see goodwill doctor\)"):
            question.ask(tables, Terms(HERE, END, 0))
        with pytest.raises(CannotTell) as cannot:
            question.ask(traced({}), Terms(HERE, END, 0))
        assert "refused" not in cannot.value.missing


def test_a_file_of_which_every_row_was_refused_gave_nothing() -> None:
    part = {"table": "interactions", "sheet": "", "kept": 0, "refused": 31505}
    whole = {"file": "a.csv", "source": ["mapped"], "tables": [part], "rows": 31505, "refused": 31505}
    some = whole | {"file": "b.csv", "tables": [part | {"kept": 1}], "rows": 31506}
    bad = {"file": "c.csv", "source": [], "tables": [], "rows": 0, "refused": 0, "error": "it is empty"}
    copy = {"file": "d.csv", "source": [], "tables": [], "rows": 0, "refused": 0, "same_as": "b.csv"}
    meta = Meta.of({"company": "Acme", "as_of": "2025-12-31", "inputs": [whole, some, bad, copy]})
    assert dict(meta.unread) == {
        "a.csv": "all 31,505 rows were refused; goodwill doctor says why",
        "c.csv": "it is empty",
        "d.csv": "the same as b.csv",
    }
    assert meta.lost == ("a.csv", "c.csv")


def engagements() -> Sheet:
    header = ("Engaged at", "Member profile", "Contact email", "Action", "Platform")
    return Sheet("engagements.csv", "", header, 2, (("2024-01-01", "in/a", "a@b.de", "Like", "x"),))


def test_a_proposal_takes_a_header_that_ends_like_a_time_and_an_address_before_a_profile() -> None:
    guess = propose(engagements())
    assert guess is not None
    assert guess.table == "interactions"
    assert guess.columns["at"] == "Engaged at"
    assert guess.columns["actor"] == "Contact email"


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (("Subscription ID", "Customer ID", "Customer", "Started", "Ended", "MRR", "Currency"),
         {"id": "Subscription ID", "account": "Customer ID", "started_at": "Started", "ended_at": "Ended",
          "mrr": "MRR", "currency": "Currency"}),
        (("From", "To", "Venue", "Kind", "Amount", "Currency"),
         {"period_start": "From", "period_end": "To", "venue": "Venue", "kind": "Kind", "amount": "Amount",
          "currency": "Currency"}),
    ],
    ids=["subscriptions", "spend"],
)  # fmt: skip
def test_a_plain_table_of_bills_gets_a_proposal_that_works(header: tuple[str, ...], columns: dict[str, str]) -> None:
    sheet = Sheet("bills.csv", "", header, 2, (tuple("x" for _ in header),))
    guess = propose(sheet)
    assert guess is not None
    assert guess.columns == columns
    assert still_open(as_toml(guess, sheet)) == ()


def test_a_proposal_says_the_words_and_what_is_open() -> None:
    guess = propose(engagements())
    assert guess is not None
    text = as_toml(guess, engagements())
    assert "terms." not in text
    assert f"one of {', '.join(CHANNELS)}" in text
    assert still_open(text) == ("channel_group", "direction")
    assert still_open(text.replace('# channel_group = ""', 'channel_group = "email"')) == ("direction",)
    named = [c.meaning for table in TABLES.values() for c in table.columns if "terms." in c.meaning]
    assert named
    assert all("terms." not in spelt_out(meaning) for meaning in named)
    assert all(word in spelt_out("terms.VERBS terms.METRICS") for word in (*VERBS, *METRICS))


def test_every_finding_speaks_of_one_as_of_one() -> None:
    for examination in EXAMINATIONS:
        one, many = counted(examination.problem, 1), counted(examination.problem, 2000)
        assert "|" not in one + many
        if "{n}" in examination.problem:
            assert one.split(" ", 1)[1] != many.split(" ", 1)[1]
            assert many.split("2,000")[0] == one.split("1")[0]


def test_findings_stand_in_the_order_of_what_they_touch() -> None:
    def finding(name: str, n: int, hurts: str, *, place: str = "a.csv, row 2", do: str = "mend") -> Finding:
        return Finding(name, name, n, (place,) if place else (), hurts, do)

    wanted = [
        finding("unreadable file", 1, "all"),
        finding("no losses", 1, "win_rate, sales_cycle", place=""),
        finding("contact roles", 900, "win_rate, sales_cycle"),
        finding("hours without a rate", 1000, "cost"),
        finding("refused rows", 3, "every question that needs their table"),
        finding("duplicate touches", 9999, "all", do="nothing to do: each is counted once"),
    ]
    assert sorted(wanted[3:] + wanted[:3], key=doctor._weight) == wanted
