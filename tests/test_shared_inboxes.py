"""Addresses that are a desk, identifiers that a crowd shares, and people who are programs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from canonical import END, Rows, at, groups, resolved
from goodwill.warehouse import lineage

Row = dict[str, Any]
NOON = at("2024-03-01T12:00:07")


def carries(record: str, value: str, kind: str = "email") -> Row:
    return {"record": record, "kind": kind, "value": value, "is_verified": True}


def inboxes(rows: Rows) -> dict[str, str]:
    """What is shared, with the rule."""
    return {row["node"]: row["rule"] for row in resolved(rows).rows("FROM shared_inboxes")}


def shared(*names: str | None, value: str = "email:jane@acme.com", systems: str = "a") -> dict[str, str]:
    """What is shared where one value is carried by records of these names, dealt to the systems in turn."""
    nodes = [f"{systems[i % len(systems)]}/contact:{i}" for i in range(len(names))]
    people = [{"id": node, "name": name} for node, name in zip(nodes, names, strict=True)]
    rows = {"people": people, "identifiers": [carries(node, value, value.partition(":")[0]) for node in nodes]}
    return inboxes(rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    "local",
    ["info", "sales", "no-reply", "noreply", "do_not_reply", "sales-uk", "support2", "info+x", "kontakt", "ventas"],
)
def test_a_desk_is_no_person(local: str) -> None:
    assert shared("Jane Smith", value=f"email:{local}@acme.com") == {f"email:{local}@acme.com": "role address"}


@pytest.mark.slow
@pytest.mark.parametrize("local", ["salesman", "jane.sales", "informer", "hr.mueller", "press.smith", "it4all", "h"])
def test_an_address_that_only_resembles_a_desk_is_a_persons(local: str) -> None:
    assert shared("Jane Smith", value=f"email:{local}@acme.com") == {}


def test_three_names_share_what_two_may_be_a_couple_to() -> None:
    assert shared("Jane Smith", "Tom Smith") == {}
    assert shared("Jane Smith", "Tom Smith", "Ann Lee") == {"email:jane@acme.com": "several names"}
    assert shared("Jane Smith", "Tom Smith", "Ann Lee", systems="abc") == {"email:jane@acme.com": "several names"}


def test_one_name_written_in_many_ways_shares_nothing() -> None:
    assert shared("Jane Smith", "SMITH, Jane", "J. Smith", "Jane A. Smith", "  jane   smith ", "Jane Smiht", None) == {}


@pytest.mark.slow
def test_a_persons_own_six_duplicates_are_no_crowd_but_six_nameless_records_are() -> None:
    assert shared(*["Jane Smith"] * 8) == {}
    assert shared(*[None] * 5) == {}
    assert shared(*[None] * 6) == {"email:jane@acme.com": "many records"}
    assert shared(*[None] * 10, systems="ab") == {}
    assert shared("Jane Smith", *[None] * 5) == {"email:jane@acme.com": "many records"}


def test_the_switchboards_number_is_shared() -> None:
    assert shared("A B", "C D", "E F", value="phone:+4930123") == {"phone:+4930123": "several names"}


def test_an_address_in_the_record_itself_counts_and_nonsense_does_not() -> None:
    people = [
        {"id": f"a/contact:{i}", "name": n, "email": "Desk@Acme.com"} for i, n in enumerate(("A B", "C D", "E F"))
    ]
    assert inboxes({"people": people}) == {"email:desk@acme.com": "several names"}
    nobody = [p | {"email": "none"} for p in people]
    assert inboxes({"people": nobody}) == {}


def test_a_company_number_that_many_contacts_carry_is_not_shared() -> None:
    rows = [carries(f"a/contact:{i}", "b/account:1", "crm_id") for i in range(9)]
    assert inboxes({"identifiers": rows}) == {}


def test_a_shared_address_joins_nobody_and_hides_no_other_key() -> None:
    people = [{"id": f"a/contact:{i}", "name": n} for i, n in enumerate(("A B", "C D", "E F"))]
    keys = [carries(f"a/contact:{i}", "email:desk1@acme.com") for i in range(3)]
    keys += [carries("a/contact:0", "email:a@acme.com"), carries("b/contact:0", "email:a@acme.com")]
    assert groups({"people": people, "identifiers": keys}) == {
        "a/contact:0 b/contact:0 email:a@acme.com", "a/contact:1", "a/contact:2",
    }  # fmt: skip


def acts(actor: str, moments: list[dt.datetime], verb: str = "View", **more: Any) -> list[Row]:
    base = {"verb": verb, "venue": "site", "channel_group": "site", "direction": "inbound", "actor": actor}
    return [base | {"at": moment, "object": f"o{i}", "id": f"{actor}{i}"} | more for i, moment in enumerate(moments)]


def bots(rows: dict[str, list[Row]]) -> dict[str, str]:
    """Those who acted or are on record and are programs, with the rule."""
    tables = resolved(rows)
    tables.execute(f"CREATE TABLE bots AS {lineage.models()['bots'].sql}", end=END)
    found = tables.rows(
        "SELECT r.node, b.rule FROM bots AS b JOIN resolved AS r ON r.person = b.person "
        "WHERE r.node IN (SELECT actor FROM interactions UNION SELECT id FROM people)"
    )
    return {row["node"]: row["rule"] for row in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    "node",
    ["email:mailer-daemon@acme.com", "email:no-reply@acme.com", "email:build-bot@acme.com", "x:@news_bot",
     "github:dependabot[bot]", "mastodon:@weather@botsin.space", "reddit:bot_helper", "site:googlebot"],
)  # fmt: skip
def test_a_program_is_known_by_its_name(node: str) -> None:
    assert bots({"interactions": acts(node, [NOON])}) == {node: "name of a program"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "node",
    ["email:jan.bot@acme.nl", "linkedin:jan-bot", "email:talbot@acme.com", "x:@abbot", "x:@robotics", "x:@bothwell",
     "email:jane@acme.com", "linkedin:alerta-gomez"],
)  # fmt: skip
def test_people_with_such_names_are_people(node: str) -> None:
    assert bots({"interactions": acts(node, [NOON])}) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "found"),
    [("Automated Process", True), ("Daily Deals 4711", True), ("Support Bot", True), ("Web Crawler", True),
     ("Jan Bot", False), ("Jane Dealsworth", False), ("Agent 007", False), (None, False)],
)  # fmt: skip
def test_a_program_is_known_by_what_its_record_is_called(name: str | None, found: bool) -> None:
    assert bool(bots({"people": [{"id": "s/contact:1", "name": name}]})) is found


def minutes(count: int, an: int, step: float) -> list[dt.datetime]:
    """So many acts in each of so many minutes, one every few seconds."""
    start = NOON.replace(second=0, microsecond=1)
    return [start + dt.timedelta(minutes=5 * m, seconds=step * i) for m in range(count) for i in range(an)]


def test_who_acts_every_second_for_three_minutes_is_a_program() -> None:
    assert bots({"interactions": acts("x:@fast", minutes(3, 61, 0.9))}) == {"x:@fast": "more than 60 acts a minute"}
    assert bots({"interactions": acts("x:@fast", minutes(2, 61, 0.9))}) == {}
    assert bots({"interactions": acts("x:@fast", minutes(3, 60, 0.9))}) == {}


def test_files_that_know_only_the_day_or_one_moment_accuse_nobody() -> None:
    days = [at(f"2024-03-0{d}") for d in range(1, 6) for _ in range(90)]
    batch = [NOON + dt.timedelta(minutes=m) for m in range(5) for _ in range(90)]
    assert bots({"interactions": acts("x:@a", days) + acts("x:@b", batch)}) == {}


def test_who_never_sleeps_is_a_program() -> None:
    hours = [NOON.replace(hour=0) + dt.timedelta(days=d, hours=h) for d in range(3) for h in range(22)]
    assert bots({"interactions": acts("x:@owl", hours)}) == {"x:@owl": "awake around the clock"}
    assert bots({"interactions": acts("x:@owl", [h for h in hours if h.hour != 3])}) == {}


def mailed(clicks: int, delay: float, node: str = "email:jane@acme.com") -> list[Row]:
    """So many campaigns, each followed after this delay."""
    days = [NOON + dt.timedelta(days=i) for i in range(clicks)]
    mail = {"venue": "email", "channel_group": "email"}
    sent = [{"id": f"s{i}", "at": day, "verb": "Send", "target_actor": node, "direction": "outbound",
             "campaign": f"c{i}"} | mail for i, day in enumerate(days)]  # fmt: skip
    later = [day + dt.timedelta(seconds=delay) for day in days]
    clicked = acts(node, later, "gw:Click", **mail)
    return sent + [row | {"campaign": f"c{i}"} for i, row in enumerate(clicked)]


def test_a_mailbox_whose_links_are_followed_as_mail_arrives_belongs_to_a_filter() -> None:
    rule = {"email:jane@acme.com": "clicks within a second of delivery"}
    assert bots({"interactions": mailed(5, 1.0)}) == rule
    assert bots({"interactions": mailed(4, 1.0)}) == {}
    assert bots({"interactions": mailed(5, 2.0)}) == {}


def test_a_filter_in_front_of_a_person_makes_no_program_of_them() -> None:
    form = acts("email:jane@acme.com", [NOON], "gw:FormSubmit")
    assert bots({"interactions": mailed(9, 0.0) + form}) == {}
    own = acts("email:jane@acme.com", minutes(1, 3, 7.0), "gw:Click", venue="email", channel_group="email")
    assert bots({"interactions": mailed(9, 0.0) + own}) == {}
