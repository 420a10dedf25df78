"""What people were to us the instant before a social touch: every class, and every trap on the way to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from canonical import Rows, at
from goodwill.workspace import Workspace
from net_new_rows import Row, carries, classed, contact, joined, profile, touch

OURS = Workspace(Path(), domains=("ours.com",), partners=("reseller.com",), rivals=("Rival.com ",))
JANE = "email:jane@acme.com"
ACME = {"id": "hubspot/company:1", "name": "Acme", "domain": "acme.com"}
#: The CRM knew Jane and her company since 2023, and her touch is of 1 May 2024.
KNOWN: Rows = {
    "people": [contact(1, "2023-01-01 09:00", account="hubspot/company:1")],
    "identifiers": [carries("hubspot/contact:1", JANE, "email")],
    "accounts": [ACME | {"created_at": at("2022-01-01 09:00")}],
}
TOUCHED: Rows = {"interactions": [touch("2024-05-01 10:00", JANE)]}


def touched(rows: Rows) -> list[Row]:
    """The touches with their classes, in order of time."""
    return classed(rows, OURS).rows("SELECT * FROM touch_classes")


def classes(*parts: Rows) -> list[str]:
    """The class of each touch, in order of time."""
    return [row["class"] for row in touched(joined(TOUCHED, *parts))]


def only(*parts: Rows) -> Row:
    (row,) = touched(joined(TOUCHED, *parts))
    return row


def contract(began: str, ended: str | None = None, **more: object) -> Rows:
    row = {"id": f"s {began}", "account": "hubspot/company:1", "started_at": at(began), "mrr": 9.0}
    return {"subscriptions": [row | {"ended_at": ended and at(ended)} | more]}


def deal(opened: str, closed: str | None = None, outcome: str = "open") -> Rows:
    row = {"id": "d1", "account": "hubspot/company:1", "created_at": at(opened), "closed_at": closed and at(closed)}
    role = {"opportunity": "d1", "person": "hubspot/contact:1"}
    return {"opportunities": [row | {"outcome": outcome}], "opportunity_contacts": [role]}


# --- the nine classes -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), "new_person_new_account"),
        (({"accounts": [ACME | {"created_at": at("2023-01-01 09:00")}]},), "new_person_known_account"),
        ((KNOWN,), "known_lead"),
        ((KNOWN, deal("2024-04-01 09:00")), "open_opportunity"),
        ((KNOWN, contract("2024-01-01")), "customer"),
        ((KNOWN, contract("2023-01-01", "2024-03-01")), "ex_customer"),
    ],
)
def test_each_class_as_of_the_touch(parts: tuple[Rows, ...], expected: str) -> None:
    assert classes(*parts) == [expected]


def test_staff_partners_rivals_and_the_unrecognisable() -> None:
    rows = {
        "interactions": [
            touch("2024-05-01 10:00", "email:ann@ours.com"), touch("2024-05-02 10:00", "email:bob@reseller.com"),
            touch("2024-05-03 10:00", "email:eve@rival.com"), touch("2024-05-04 10:00", "linkedin:nobody"),
            touch("2024-05-05 10:00", "site:cookie1", venue="site"), touch("2024-05-06 10:00", None),
        ],
        "people": [profile("nobody", None)],
    }  # fmt: skip
    assert [row["class"] for row in touched(rows)] == [
        "employee", "partner_or_rival", "partner_or_rival", "unresolved", "unresolved", "unresolved",
    ]  # fmt: skip


@pytest.mark.slow
def test_what_the_type_of_a_company_says_makes_a_partner_or_vendor() -> None:
    for lifecycle, is_a in (("Channel Partner", "partner"), ("Competitor", "rival"), ("VENDOR", "vendor")):
        rows = joined(TOUCHED, {"accounts": [ACME | {"lifecycle": lifecycle}]})
        tables = classed(rows, OURS)
        assert tables.rows("SELECT is_a FROM partner_accounts") == [{"is_a": is_a}]
        assert tables.rows("SELECT class FROM touch_classes") == [{"class": "partner_or_rival"}]
    assert classes({"accounts": [ACME | {"lifecycle": "Customer"}]}) == ["new_person_new_account"]


def test_only_inbound_social_touches_are_classed_and_our_own_posts_are_none() -> None:
    rows = {"interactions": [
        touch("2024-05-01 10:00", JANE, channel_group="email"), touch("2024-05-01 10:00", JANE, verb="Send"),
        touch("2024-05-01 10:00", "email:ann@ours.com", direction="outbound"),
    ]}  # fmt: skip
    assert touched(rows) == []


# --- the instant before ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2024-05-01 09:59:59", "known_lead"),
        ("2024-05-01 10:00:00", "new_person_new_account"),  # a tie counts as after
        ("2024-05-01 10:00:01", "new_person_new_account"),
        ("2024-05-01", "new_person_new_account"),  # a day without an hour: it may have come first
        ("2024-04-30", "known_lead"),
        ("2024-12-24 08:00", "new_person_new_account"),
    ],
)
def test_a_record_made_at_the_touch_or_later_makes_nobody_known(created: str, expected: str) -> None:
    rows = {"people": [contact(1, created)], "identifiers": [carries("hubspot/contact:1", JANE, "email")]}
    assert classes(rows) == [expected]


def test_on_a_second_touch_the_record_made_in_between_counts() -> None:
    rows = {
        "interactions": [touch("2024-06-01 10:00", JANE)],
        "people": [contact(1, "2024-05-15 10:00")],
        "identifiers": [carries("hubspot/contact:1", JANE, "email")],
    }
    found = touched(joined(TOUCHED, rows))
    assert [(r["class"], r["is_first"]) for r in found] == [("new_person_new_account", True), ("known_lead", False)]


def test_a_lead_converted_later_was_known_since_it_was_a_lead() -> None:
    rows = {
        "leads": [{"id": "00Q1", "person": "salesforce/lead:00Q1", "created_at": at("2023-02-01 09:00")}],
        "people": [contact(1, "2024-08-01 09:00") | {"id": "salesforce/contact:0031"}],
        "identifiers": [carries("salesforce/contact:0031", JANE, "email"),
                        carries("salesforce/lead:00Q1", "salesforce/contact:0031", "crm_id")],
    }  # fmt: skip
    assert classes(rows) == ["known_lead"]
    assert classes({**rows, "leads": []}) == ["new_person_new_account"]


@pytest.mark.slow
def test_a_subscriber_of_the_mailing_list_is_known_and_so_is_who_sent_a_form_or_a_request() -> None:
    before, after = at("2024-04-01 10:00"), at("2024-05-01 11:00")
    sent = {"verb": "Send", "venue": "email", "channel_group": "email", "direction": "outbound", "actor": JANE}
    form = {"verb": "gw:FormSubmit", "venue": "site", "channel_group": "direct", "direction": "inbound", "actor": JANE}
    member = [{"id": "mailchimp/member:1", "created_at": before}]
    for rows in (
        {"interactions": [sent | {"at": before}]}, {"interactions": [form | {"at": before}]},
        {"tickets": [{"id": "1", "requester": JANE, "created_at": before}]},
        {"people": member, "identifiers": [carries("mailchimp/member:1", JANE, "email")]},
    ):  # fmt: skip
        assert classes(rows) == ["known_lead"]
    assert classes({"interactions": [form | {"at": after}]}) == ["new_person_new_account"]


def test_a_profile_on_a_network_is_no_record_of_ours() -> None:
    rows = {"interactions": [touch("2024-05-01 10:00", "linkedin:jane")],
            "people": [profile("jane") | {"created_at": at("2010-01-01 10:00")}]}  # fmt: skip
    (row,) = touched(rows)
    assert (row["class"], row["is_recognisable"], row["known_at"]) == ("new_person_new_account", True, None)


@pytest.mark.slow
def test_somebody_of_whom_only_an_undated_record_is_known_is_marked_and_not_silently_known() -> None:
    mail = carries("hubspot/contact:1", JANE, "email")
    undated = {"people": [contact(1, None)], "identifiers": [mail]}
    later = {"leads": [{"id": "l", "person": JANE, "created_at": at("2024-09-01 10:00")}]}
    placeholder = {"people": [contact(1, "1970-01-01")], "identifiers": [mail]}
    for rows in (undated, placeholder, joined(undated, later)):
        row = only(rows)
        assert (row["class"], row["is_undated"]) == ("new_person_new_account", True)
    dated = joined(undated, {"leads": [{"id": "l", "person": JANE, "created_at": at("2024-01-01 10:00")}]})
    assert (only(dated)["class"], only(dated)["is_undated"]) == ("known_lead", False)
    assert not only()["is_undated"]


@pytest.mark.slow
def test_a_row_that_names_somebody_is_no_undated_card_and_a_role_is_none_where_a_card_says_since_when() -> None:
    mail = {"identifiers": [carries("hubspot/contact:1", JANE, "email")]}
    here = {"source_file": "desk.csv", "source_row": 7}
    ticket = {"tickets": [{"id": "t", "requester": JANE, "created_at": at("2024-09-01 10:00")} | here]}
    named = {"people": [contact(1, None, **here)]}
    assert only(mail, ticket, {"people": [contact(1, None)]})["is_undated"]
    assert not only(mail, ticket, named)["is_undated"]
    role = {"opportunity_contacts": [{"opportunity": "d1", "person": "hubspot/contact:1"} | here]}
    assert only(mail, role, named)["is_undated"]
    card = {"leads": [{"id": "l", "person": JANE, "created_at": at("2024-09-01 10:00")}]}
    assert not only(mail, role, named, card)["is_undated"]


def test_a_handle_tied_to_a_record_is_known_though_nobody_else_could_be_recognised_by_it() -> None:
    rows = {"interactions": [touch("2024-05-01 10:00", "x:jane", venue="x")],
            "people": [contact(1, "2023-01-01 09:00")],
            "identifiers": [carries("hubspot/contact:1", "x:jane")]}  # fmt: skip
    (row,) = touched(rows)
    assert (row["class"], row["is_recognisable"]) == ("known_lead", False)


# --- customers and deals --------------------------------------------------------------------------


@pytest.mark.slow
def test_a_customer_is_one_from_the_day_after_the_start_to_the_last_day() -> None:
    assert classes(KNOWN, contract("2024-05-01")) == ["known_lead"]
    assert classes(KNOWN, contract("2024-04-30", "2024-05-01")) == ["customer"]
    assert classes(KNOWN, contract("2023-04-30", "2024-04-30")) == ["ex_customer"]
    assert classes(KNOWN, contract("2024-06-01")) == ["known_lead"]  # a customer of today, not of then


@pytest.mark.slow
def test_who_came_back_or_renewed_is_a_customer_and_who_has_left_between_two_contracts_is_not() -> None:
    old = contract("2022-01-01", "2023-12-31")
    assert classes(KNOWN, old, contract("2024-03-01")) == ["customer"]
    assert classes(KNOWN, old, contract("2024-09-01")) == ["ex_customer"]
    assert classes(KNOWN, contract("2023-01-01", "2024-04-20"), contract("2024-05-10")) == ["customer"]  # renewed


@pytest.mark.slow
def test_a_win_or_an_order_makes_a_customer_until_the_contract_that_followed_ends() -> None:
    won = deal("2023-06-01 09:00", "2023-07-01", "won")
    assert classes(KNOWN, won) == ["customer"]
    assert classes(KNOWN, won, contract("2023-07-10", "2024-04-01")) == ["ex_customer"]
    order = {"id": "o", "account": "hubspot/company:1", "value": 5.0}
    assert classes(KNOWN, {"orders": [order | {"at": at("2024-02-02 10:00")}]}) == ["customer"]
    assert classes(KNOWN, {"orders": [order | {"at": at("2024-05-01 09:00")}]}) == ["known_lead"]


def test_a_person_without_a_company_may_be_a_customer_too() -> None:
    order = {"id": "o", "person": "email:sam@gmail.com", "at": at("2024-01-01 10:00"), "value": 5.0}
    rows = {"interactions": [touch("2024-05-01 10:00", "email:sam@gmail.com")], "orders": [order]}
    assert [row["class"] for row in touched(rows)] == ["customer"]


@pytest.mark.slow
def test_an_opportunity_counts_while_it_is_open_and_for_its_contacts_alone() -> None:
    assert classes(KNOWN, deal("2024-05-02 09:00")) == ["known_lead"]
    assert classes(KNOWN, deal("2024-02-01 09:00", "2024-04-30 18:00", "lost")) == ["known_lead"]
    assert classes(KNOWN, deal("2024-02-01 09:00", "2024-05-01", "lost")) == ["open_opportunity"]  # some time that day
    row = only(KNOWN, {"opportunities": deal("2024-04-01 09:00")["opportunities"]})
    assert (row["class"], row["account_was"]) == ("known_lead", "open_opportunity")


def test_a_new_person_at_a_customer_is_new_and_the_company_is_told_beside() -> None:
    row = only({"accounts": [ACME | {"created_at": at("2022-01-01 09:00")}]}, contract("2024-01-01"))
    assert (row["class"], row["account_was"]) == ("new_person_known_account", "customer")


@pytest.mark.slow
def test_a_colleagues_record_makes_the_company_known_and_one_made_later_does_not() -> None:
    for created, expected in (("2023-01-01 09:00", "new_person_known_account"),
                              ("2024-05-01 10:00", "new_person_new_account")):  # fmt: skip
        colleague = {"people": [contact(2, created)],
                     "identifiers": [carries("hubspot/contact:2", "email:joe@acme.com", "email")]}  # fmt: skip
        assert classes(colleague) == [expected]


def test_a_program_and_an_address_that_a_desk_reads_are_nobody() -> None:
    rows = {
        "interactions": [touch("2024-05-01 10:00", "email:noreply@acme.com"),
                         touch("2024-05-02 10:00", "email:info@acme.com"), touch("2024-05-03 10:00", JANE)],
        "people": [contact(1, "2023-01-01", email="info@acme.com")],
    }  # fmt: skip
    assert [row["class"] for row in touched(rows)] == ["unresolved", "unresolved", "new_person_new_account"]
