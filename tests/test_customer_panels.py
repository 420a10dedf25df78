"""Subscriptions as a panel: its promises, what is adjusted for, what is left out, and what cannot be told."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from goodwill.errors import CannotTell
from goodwill.journeys import month_panels
from goodwill.journeys.customer_panel import SERVICE, subscriptions
from panel_rows import ANCHOR, Rows, account, check, subscription, terms, touch, traced


def many() -> Rows:
    subs = [subscription(f"s{i:02}", 50 + i, 150 + 6 * i if i % 2 else None, f"company:{i}") for i in range(40)]
    subs = [sub | {"currency": "EUR" if i % 3 else "USD"} for i, sub in enumerate(subs)]
    acts = [touch(7 * n, kind, f"company:{i}") for i in range(40) for n in range(i) for kind in ("email", "service")]
    social = [touch(120 + i, company=f"company:{i}") for i in range(0, 40, 3)]
    return {"subscriptions": subs, "interactions": [ANCHOR, *acts, *social]}


def test_the_panel_holds_the_months_with_covariates_as_the_endings_can_carry() -> None:
    tables = traced(many())
    found = subscriptions(tables, terms())
    check(found.panel)
    lost = int((found.panel.event == 1).sum())
    assert (lost // 10, found.panel.covariates.names) == (1, ("engagement_history",))
    rows = tables.rows("SELECT * FROM subscription_months")
    steps = [round(np.log1p(r["engagement_history"]) * 4) / 4 for r in rows]
    assert found.panel.covariates.values[:, 0].tolist() == steps
    assert found.service_during.tolist() == [r["service_during"] for r in rows]
    foreign = [r for r in rows if r["event"] == 1 and r["currency"] == "USD"]
    assert (found.unpriced, found.panel.value.sum()) == (len(foreign), 100.0 * (lost - len(foreign)))


def test_service_can_be_left_out_and_then_the_next_suspect_has_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month_panels, "EVENTS_PER_COLUMN", 4)
    tables = traced(many())
    assert "service_recent" in subscriptions(tables, terms()).panel.covariates.names
    names = subscriptions(tables, terms(), without=SERVICE).panel.covariates.names
    assert names[:3] == ("engagement_history", "engagement_recent", "touched_before")
    assert not set(SERVICE) & set(names)


def test_columns_that_never_vary_where_trials_start_are_left_out_and_wide_ones_passed_over() -> None:
    flat = month_panels.numeric("flat", np.array([1.0, 1, 1, 2]))
    one = month_panels.numeric("one", np.array([1.0, 2, 3, 4]))
    wide = month_panels.category("wide", np.repeat(["a", "b", "c"], 20).astype(object), np.array([0, 20, 40, 0]))
    among = np.array([True, True, True, False])
    assert month_panels.admitted([flat, wide, one], events=19, among=among).names == ("one",)
    assert month_panels.admitted([flat, wide, one], events=30, among=among).names == ("wide=b", "wide=c", "one")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({}, "no subscriptions"),
        ({"subscriptions": [subscription("s", 40)], "accounts": [account("a")]}, "no dated interaction"),
        ({"subscriptions": [subscription("s", 10, 60)], "interactions": [ANCHOR]}, "not watched for a whole month: 1"),
        ({"subscriptions": [subscription("s", 40)], "interactions": [ANCHOR]}, "lost while it was watched"),
        ({"subscriptions": [subscription("s", 9, 5)], "interactions": [ANCHOR]}, "impossible dates: 1"),
    ],
)
def test_what_cannot_be_told_says_what_is_missing(rows: Rows, told: str) -> None:
    with pytest.raises(CannotTell, match=told) as raised:
        subscriptions(traced(rows), terms())
    assert raised.value.settles


def test_what_has_no_company_or_impossible_dates_is_left_out_and_counted() -> None:
    kept = subscription("kept", 40, 200)
    subs = [kept, subscription("no company", 40, 200, company=None), subscription("ends first", 40, 39),
            kept | {"id": "zero", "started_at": dt.datetime(1970, 1, 1)}, subscription("later", 400),
            subscription("gone", 0, 60), kept | {"source_row": 90, "mrr": 7.0}]  # fmt: skip
    found = subscriptions(traced({"subscriptions": subs, "interactions": [ANCHOR]}), terms())
    assert found.panel.id.tolist() == ["kept"]
    assert found.panel.value.tolist() == [0, 0, 0, 7], "of one exported twice the last counts"
    assert found.left_out == {
        "begun after the last day": 1, "impossible dates": 2, "no company known": 1, "not watched for a whole month": 1,
    }  # fmt: skip
