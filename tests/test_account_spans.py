"""Who belonged to which company when: dated signs part a person's time, and where there are none nothing changes."""

from __future__ import annotations

import datetime as dt
import random
from itertools import pairwise
from typing import Any

import pytest

from canonical import Rows, at, traced

Row = dict[str, Any]
ONE, TWO = "s/account:1", "s/account:2"
ACCOUNTS = [{"id": ONE, "name": "One", "domain": "one.com"}, {"id": TWO, "name": "Two", "domain": "two.com"}]


def act(actor: str, day: str) -> Row:
    told = {"at": at(day), "verb": "Like", "venue": "x", "channel_group": "organic_social", "direction": "inbound"}
    return told | {"actor": actor}


def spans(rows: Rows) -> list[tuple[str, str | None, str | None, str]]:
    """Each stretch as (company's domain, first day, last day, rule)."""
    found = traced({"accounts": ACCOUNTS} | dict(rows)).rows(
        """SELECT a.node, s.date_start, s.date_end, s.rule
        FROM person_account_spans AS s JOIN resolved_accounts AS a ON a.account = s.account AND a.node LIKE 'domain:%'
        ORDER BY s.person, s.date_start NULLS FIRST"""
    )
    return [(row["node"][7:], _day(row["date_start"]), _day(row["date_end"]), row["rule"]) for row in found]


def _day(day: dt.date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"


def job(account: str, start: str | None, end: str | None = None) -> Row:
    days = (at(day).date() if day else None for day in (start, end))
    return {"person": "linkedin:jane", "account": account} | dict(zip(("date_start", "date_end"), days, strict=True))


def test_one_company_without_dates_is_one_stretch_without_end() -> None:
    rows = {"people": [{"id": "s/contact:1", "account": ONE, "created_at": at("2024-01-01")}]}
    assert spans(rows) == [("one.com", None, None, "record")]


def test_two_companies_without_dates_leave_the_present_one() -> None:
    rows = {
        "people": [{"id": "s/contact:1", "account": ONE}],
        "identifiers": [{"record": "s/contact:1", "kind": "email", "value": "email:j@two.com", "is_verified": True}],
    }
    assert spans(rows) == [("one.com", None, None, "record")]


def test_employments_part_the_time_and_leave_gaps() -> None:
    rows = {"employments": [job(ONE, "2020-01-01", "2021-06-30"), job(TWO, "2021-09-01")]}
    assert spans(rows) == [
        ("one.com", "2020-01-01", "2021-06-30", "employment"), ("two.com", "2021-09-01", None, "employment"),
    ]  # fmt: skip


def test_the_later_of_two_employments_at_a_time_counts() -> None:
    rows = {"employments": [job(ONE, "2020-01-01"), job(TWO, "2022-01-01", "2022-12-31")]}
    assert spans(rows) == [
        ("one.com", "2020-01-01", "2021-12-31", "employment"), ("two.com", "2022-01-01", "2022-12-31", "employment"),
        ("one.com", "2023-01-01", None, "employment"),
    ]  # fmt: skip


def test_an_employment_without_beginning_counts_until_its_end() -> None:
    assert spans({"employments": [job(ONE, None, "2021-06-30")]}) == [("one.com", None, "2021-06-30", "employment")]


MOVED = {
    "people": [{"id": "s/contact:1", "name": "Jane Doe"}],
    "identifiers": [
        {"record": "s/contact:1", "kind": "email", "value": f"email:j@{domain}.com", "is_verified": True}
        for domain in ("one", "two")
    ],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        (
            [("one", "2023-01-05"), ("one", "2023-03-01"), ("two", "2023-06-10"), ("two", "2024-01-01")],
            [("one.com", None, "2023-06-09", "domain"), ("two.com", "2023-06-10", None, "domain")],
        ),
        # the old address still opens a newsletter
        (
            [("one", "2023-01-05"), ("two", "2023-06-10"), ("one", "2023-07-01"), ("two", "2024-01-01")],
            [("one.com", None, "2023-06-09", "domain"), ("two.com", "2023-06-10", None, "domain")],
        ),
        # both in use all the time: nobody moved
        ([("one", "2023-01-05"), ("two", "2023-06-10"), ("one", "2024-01-01")], [("one.com", None, None, "domain")]),
        ([("one", "2023-01-05")], [("one.com", None, None, "domain")]),
    ],
)
def test_an_address_that_gives_way_to_another_is_a_change_of_jobs(acts: list[tuple[str, str]], expected: Any) -> None:
    found = spans(MOVED | {"interactions": [act(f"email:j@{domain}.com", day) for domain, day in acts]})
    # where nothing is dated the present company is any of the two, by the smaller name
    assert [(f[1:3], f[3]) for f in found] == [(e[1:3], e[3]) for e in expected]
    assert len(expected) == 1 or [f[0] for f in found] == [e[0] for e in expected]


def test_the_address_in_a_record_says_no_more_than_the_record() -> None:
    rows = {
        "people": [{"id": "s/contact:1", "account": ONE, "email": "j@two.com", "created_at": at("2024-01-01")}],
        "identifiers": [{"record": "s/contact:1", "kind": "email", "value": "email:j@two.com", "is_verified": True}],
        "interactions": [act("email:j@two.com", "2022-01-01"), act("email:j@two.com", "2024-06-01")],
    }
    assert spans(rows) == [("one.com", None, None, "record")]


def test_records_of_two_systems_follow_one_another() -> None:
    rows = {
        "people": [
            {"id": "a/contact:1", "account": ONE, "created_at": at("2020-05-01")},
            {"id": "b/contact:1", "account": TWO, "created_at": at("2022-05-01")},
        ],
        "identifiers": [{"record": "a/contact:1", "kind": "crm_id", "value": "b/contact:1", "is_verified": True}],
    }
    assert spans(rows) == [("one.com", None, "2022-04-30", "record"), ("two.com", "2022-05-01", None, "record")]


def test_a_touch_counts_for_the_company_of_its_day() -> None:
    rows = {
        "accounts": ACCOUNTS,
        "employments": [job(ONE, "2020-01-01", "2021-06-30"), job(TWO, "2021-09-01")],
        "interactions": [act("linkedin:jane", day) for day in ("2021-06-30", "2021-07-15", "2021-09-01")],
    }
    found = traced(rows).rows(
        """SELECT min(n.node) AS node FROM timeline AS t LEFT JOIN resolved_accounts AS n ON n.account = t.account
        GROUP BY t."at" ORDER BY t."at" """
    )
    assert [row["node"] for row in found] == ["company:one", None, "company:two"]


def test_stretches_of_a_person_never_overlap_and_order_changes_nothing() -> None:
    draw = random.Random(2)
    days = [f"20{draw.randint(18, 24)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}" for _ in range(90)]
    jobs = []
    for i in range(45):
        start, end = sorted(days[2 * i : 2 * i + 2])
        jobs.append({**job(f"s/account:{i % 5}", start, draw.choice([None, end])), "person": f"linkedin:p{i % 9}"})
    accounts = [{"id": f"s/account:{i}", "name": f"A{i}"} for i in range(5)]
    query = "FROM person_account_spans ORDER BY person, date_start NULLS FIRST"
    found = traced({"accounts": accounts, "employments": jobs}).rows(query)
    shuffled = draw.sample(jobs, len(jobs))
    assert found == traced({"accounts": accounts, "employments": shuffled}).rows(query)
    assert len(found) > 9
    for one, other in pairwise(found):
        if one["person"] == other["person"]:
            assert one["date_end"] < other["date_start"]
