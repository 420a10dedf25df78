"""CRM, e-mail, service and time sources: golden rows for each layout, real tables, and cells full of nonsense."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.exports import Export, Locale, Relation, Sheet, literal, quoted
from goodwill.registry import Layout, Source
from goodwill.sources import (
    hubspot_api,
    hubspot_api_email,
    hubspot_export,
    mailchimp_activity,
    records,
    salesforce_report,
    timesheets,
    zendesk_tickets,
)
from goodwill.sources.dates import order_of
from goodwill.sources.figures import decimal_of
from goodwill.sources.recognise import recognise
from goodwill.vocabulary import TABLES
from goodwill.warehouse.loading import projection

SOURCES: tuple[Source, ...] = (
    hubspot_api.SOURCE,
    hubspot_api_email.SOURCE,
    hubspot_export.SOURCE,
    salesforce_report.SOURCE,
    mailchimp_activity.SOURCE,
    zendesk_tickets.SOURCE,
    timesheets.SOURCE,
)
LAYOUTS = [pytest.param(s, layout, id=f"{s.name}: {layout.name}") for s in SOURCES for layout in s.layouts]
BERLIN = Locale(time_zone="Europe/Berlin", currency="EUR")


def sheet(header: str, *rows: tuple[str | None, ...], file: str = "export.csv") -> Sheet:
    """A sheet of text cells; the header's columns are parted by commas."""
    columns = tuple(header.split(","))
    padded = [(*row, *[None] * (len(columns) - len(row))) for row in rows] or [(None,) * len(columns)]
    cells = ", ".join(
        "(" + ", ".join("NULL::VARCHAR" if c is None else literal(c) for c in row) + ")" for row in padded
    )
    relation = f"(VALUES {cells}) AS t({', '.join(map(quoted, columns))})"
    return Sheet(file, "", columns, 2, tuple(padded), relation)


def file_sheet(path: Path) -> Sheet:
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    relation = f"read_csv({literal(str(path))}, header = true, all_varchar = true, delim = ',', quote = '\"')"
    return Sheet(path.name, "", tuple(header), 2, tuple(tuple(r) for r in rows[:100]), relation)


def taken_for(found: Sheet) -> tuple[str, str]:
    export = Export(Path(found.file), found.file, "0" * 64, 1, "csv", (found,))
    (recognition,) = recognise(export, (), BERLIN)
    return recognition.source, recognition.layout


def layout_of(source: Source, name: str) -> Layout:
    return next(layout for layout in source.layouts if layout.name == name)


def rows_of(found: Sheet, relation: Relation) -> list[dict[str, Any]]:
    query = duckdb.connect().sql(projection(found, relation, found.relation, found.file))
    return [dict(zip(query.columns, row, strict=True)) for row in query.fetchall()]


def loaded(source: Source, layout: str, found: Sheet, locale: Locale = BERLIN) -> dict[str, list[dict[str, Any]]]:
    """Every canonical row, refused ones too, by table; absent values left out for readable comparisons."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for relation in layout_of(source, layout).relations(found, locale):
        tables.setdefault(relation.table, []).extend(rows_of(found, relation))
    hidden = ("source_file", "source_row")
    return {
        t: [{k: v for k, v in r.items() if v is not None and k not in hidden} for r in rows]
        for t, rows in tables.items()
    }


def carried(tables: dict[str, list[dict[str, Any]]]) -> set[tuple[str, str]]:
    assert all(row["is_verified"] for row in tables["identifiers"])
    return {(row["record"], row["value"]) for row in tables["identifiers"]}


def at(*when: int) -> dt.datetime:
    return dt.datetime(*when)  # noqa: DTZ001 canonical times are UTC without saying so


# --- every layout ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "layout"), LAYOUTS)
def test_a_layout_is_recognised_by_what_it_requires(source: Source, layout: Layout) -> None:
    assert taken_for(sheet(",".join(layout.requires))) == (source.name, layout.name)


@pytest.mark.parametrize(("source", "layout"), LAYOUTS)
def test_cells_fill_columns_that_exist(source: Source, layout: Layout) -> None:
    found = sheet(",".join(layout.requires), tuple("x" for _ in layout.requires))
    for relation in layout.relations(found, BERLIN):
        assert set(relation.columns) <= {c.name for c in TABLES[relation.table].columns}


NONSENSE = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "-",
            "31/12/2024",
            "2024-02-30",
            "infinity",
            "epoch",
            "1e308",
            "-1e400",
            "nan",
            "25:61",
            "99999:00:00",
            "1;2;;3",
        ]
    ),
)


@pytest.mark.parametrize(("source", "layout"), LAYOUTS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_nonsense_is_kept_refused_or_left_out_but_never_lost(
    source: Source, layout: Layout, data: st.DataObject
) -> None:
    columns = [*layout.requires, *(k for k in layout.knows if "*" not in k and k not in layout.requires)][:16]
    rows = data.draw(st.lists(st.tuples(*(NONSENSE for _ in columns)), min_size=1, max_size=4))
    found = sheet(",".join(columns), *(tuple(c.replace("\0", "") if c else c for c in row) for row in rows))
    for relation in layout.relations(found, BERLIN):
        kept_and_refused = {row["source_row"] for row in rows_of(found, relation)}
        left_out = f"SELECT count(*) FROM {found.relation} WHERE NOT COALESCE({relation.where}, FALSE)"
        (count,) = duckdb.connect().sql(left_out).fetchone()  # type: ignore[misc]
        if not any("unnest" in cell.value for cell in relation.columns.values()):
            assert len(kept_and_refused) + count == len(rows), (source.name, relation.table)


# --- real tables of a HubSpot connector -----------------------------------------------------------

REAL = {
    "contact_data": ("hubspot_api", "contacts", "people"),
    "company_data": ("hubspot_api", "companies", "accounts"),
    "deal_data": ("hubspot_api", "deals", "opportunities"),
    "deal_stage_data": ("hubspot_api", "deal stage history", "stage_changes"),
    "deal_company_data": ("hubspot_api", "deal company links", "opportunity_contacts"),
    "deal_contact_data": ("hubspot_api", "deal contact links", "opportunity_contacts"),
    "ticket_data": ("hubspot_api", "tickets", "tickets"),
    "ticket_contact_data": ("hubspot_api", "ticket contact links", "opportunity_contacts"),
    "ticket_company_data": ("hubspot_api", "ticket company links", "opportunity_contacts"),
    "engagement_contact_data": ("hubspot_api", "engagement contact links", "opportunity_contacts"),
    "engagement_company_data": ("hubspot_api", "engagement company links", "opportunity_contacts"),
    "owner_data": ("hubspot_api", "owners", "people"),
    "email_event_data": ("hubspot_api_email", "e-mail events", "interactions"),
    "email_campaign_data": ("hubspot_api_email", "e-mail campaigns", "campaigns"),
    "contact_form_submission_data": ("hubspot_api_email", "form submissions", "interactions"),
    "engagement_meeting_data": ("hubspot_api_email", "meetings", "interactions"),
}


@pytest.mark.parametrize("table", REAL)
def test_a_real_table_is_recognised_and_no_row_is_lost(table: str, real_data: Callable[..., Path]) -> None:
    path = real_data("api_schema_seeds", "fivetran_hubspot", f"{table}.csv")
    found, (source, layout, canonical) = file_sheet(path), REAL[table]
    assert taken_for(found) == (source, layout)
    first = next(s for s in SOURCES if s.name == source)
    relation = layout_of(first, layout).relations(found, BERLIN)[0]
    rows = rows_of(found, relation)
    with path.open(encoding="utf-8", newline="") as lines:
        expected = sum(1 for row in csv.DictReader(lines) if _counts(table, row))
    assert relation.table == canonical
    assert len(rows) == expected > 0
    assert [r["refused_column"] for r in rows if r["refused_column"]] == []


def _counts(table: str, row: dict[str, str]) -> bool:
    """A second, naive reading of which rows count."""
    if table == "email_event_data":
        return (
            row["type"] in ("OPEN", "CLICK", "DELIVERED", "FORWARD", "SPAMREPORT") and row["filtered_event"] != "true"
        )
    return "true" not in (row.get("is_deleted", "").lower(), row.get("_fivetran_deleted", "").lower())


@pytest.mark.parametrize("table", ["deal_pipeline_data", "deal_pipeline_stage_data", "ticket_pipeline_stage_data"])
def test_pipelines_are_known_and_knowingly_left_alone(table: str, real_data: Callable[..., Path]) -> None:
    found = file_sheet(real_data("api_schema_seeds", "fivetran_hubspot", f"{table}.csv"))
    source, layout = taken_for(found)
    assert source == "hubspot_api"
    assert layout_of(hubspot_api.SOURCE, layout).ignores


def test_merged_contacts_of_a_real_table_become_identifiers(real_data: Callable[..., Path]) -> None:
    found = file_sheet(real_data("api_schema_seeds", "fivetran_hubspot", "contact_data.csv"))
    same = carried(loaded(hubspot_api.SOURCE, "contacts", found))
    assert {v for r, v in same if r == "hubspot/contact:78971951" and v.startswith("hubspot/")} == {
        "hubspot/contact:76340251", "hubspot/contact:46897301", "hubspot/contact:76226001",
    }  # fmt: skip


# --- golden rows ----------------------------------------------------------------------------------


def test_hubspot_api_contacts_become_people_leads_and_stages() -> None:
    found = sheet(
        "id,property_email,property_firstname,property_lastname,property_associatedcompanyid,property_createdate,"
        "property_hs_analytics_source,property_hs_lifecyclestage_lead_date,property_hs_lifecyclestage_customer_date,"
        "property_twitterhandle,_fivetran_deleted",
        ("7", "Jane@Acme.com", "Jane", "Doe", "3", "2024-01-02 03:04:05", "PAID_SOCIAL", "2024-01-03 00:00:00",
         "2024-06-01 00:00:00", "@JaneD", "FALSE"),
        ("8", "gone@acme.com", "", "", "", "2024-01-02", "", "", "", "", "TRUE"),
    )  # fmt: skip
    tables = loaded(hubspot_api.SOURCE, "contacts", found)
    assert tables["people"] == [{
        "id": "hubspot/contact:7", "name": "Jane Doe", "email": "Jane@Acme.com", "account": "hubspot/company:3",
        "created_at": at(2024, 1, 2, 3, 4, 5), "source": "PAID_SOCIAL", "channel_group": "paid_social",
    }]  # fmt: skip
    assert carried(tables) == {("hubspot/contact:7", "email:jane@acme.com"), ("hubspot/contact:7", "x:janed")}
    assert [(r["id"], r["created_at"]) for r in tables["leads"]] == [("7", at(2024, 1, 3))]
    assert [(r["object_id"], r["stage"], r["at"]) for r in tables["stage_changes"]] == [
        ("7", "customer", at(2024, 6, 1))
    ]


def test_hubspot_api_deals_say_an_outcome_only_where_the_row_tells() -> None:
    found = sheet(
        "deal_id,property_dealname,deal_pipeline_stage_id,property_hs_is_closed_won,property_hs_is_closed,property_amount",
        ("1", "a", "closedwon", "", "", "1000.5"),
        ("2", "b", "8814", "", "", "x"),
        ("3", "c", "8815", "false", "true", ""),
        ("4", "d", "contractsent", "", "", ""),
    )
    deals = loaded(hubspot_api.SOURCE, "deals", found)["opportunities"]
    assert [d.get("outcome") for d in deals] == ["won", None, "lost", "open"]
    assert [d.get("refused_column") for d in deals] == [None, "amount", None, None]
    assert deals[0]["currency"] == "EUR"


def test_hubspot_api_links_keep_companies_and_tickets_apart_from_the_contacts_of_deals() -> None:
    company = loaded(hubspot_api.SOURCE, "deal company links", sheet("deal_id,company_id", ("1", "5")))
    ticket = loaded(hubspot_api.SOURCE, "ticket contact links", sheet("ticket_id,contact_id", ("1", "5")))
    assert company["opportunity_contacts"] == [{"opportunity": "1", "person": "hubspot/company:5", "role": "company"}]
    assert ticket["opportunity_contacts"] == [{"opportunity": "hubspot/ticket:1", "person": "hubspot/contact:5"}]


def test_hubspot_email_events_tell_deliveries_from_reactions_and_leave_machines_out() -> None:
    found = sheet(
        "id,type,created,recipient,email_campaign_id,filtered_event",
        ("a", "DELIVERED", "2024-03-01 10:00:00", "Jane@Acme.com", "9", "false"),
        ("b", "OPEN", "2024-03-01 11:00:00", "Jane@Acme.com", "9", "false"),
        ("c", "CLICK", "2024-03-01 11:00:01", "Jane@Acme.com", "9", "true"),
        ("d", "BOUNCE", "2024-03-01 11:00:01", "joe@acme.com", "9", "false"),
        ("e", "CLICK", "soon", "Jane@Acme.com", "9", ""),
    )
    rows = loaded(hubspot_api_email.SOURCE, "e-mail events", found)["interactions"]
    assert [(r["id"], r["verb"], r["direction"]) for r in rows] == [
        ("a", "Send", "outbound"), ("b", "Read", "inbound"), ("e", "gw:Click", "inbound"),
    ]  # fmt: skip
    assert rows[0]["target_actor"] == rows[1]["actor"] == "email:jane@acme.com"
    assert "actor" not in rows[0]
    assert (rows[2]["refused_column"], rows[2]["refused_value"]) == ("at", "soon")


def test_hubspot_export_deals_read_stage_dates_contacts_and_bracketed_pipelines() -> None:
    found = sheet(
        'Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,Associated Company,Associated Contact,Deal Type,'
        'Date entered "Qualified To Buy (Sales Pipeline)",Date entered "Closed Won (Sales Pipeline)"',
        ("11", "Big", "Closed Won (Sales Pipeline)", "1.234,50", "2024-03-01 09:00", "2024-05-01 10:00", "Acme GmbH",
         "Jane Doe (Jane@Acme.com);Bob (bob@acme.com)", "Existing Business", "2024-03-02 08:00", ""),
    )  # fmt: skip
    tables = loaded(hubspot_export.SOURCE, "deals", found)
    (deal,) = tables["opportunities"]
    assert deal == {
        "id": "11", "name": "Big", "account": "company:acme gmbh", "created_at": at(2024, 3, 1, 8),
        "closed_at": at(2024, 5, 1, 8), "stage": "Closed Won (Sales Pipeline)", "outcome": "won", "amount": 1234.5,
        "currency": "EUR", "type": "expansion",
    }  # fmt: skip
    assert [r["person"] for r in tables["opportunity_contacts"]] == ["email:jane@acme.com", "email:bob@acme.com"]
    assert [(r["stage"], r["at"]) for r in tables["stage_changes"]] == [("Qualified To Buy", at(2024, 3, 2, 7))]


def test_hubspot_export_contacts_carry_profiles_and_salesforce_ids() -> None:
    found = sheet(
        "Record ID,First Name,Last Name,Email,Phone Number,LinkedIn URL,Twitter Username,Mastodon,Original Source,"
        "Became a Lead Date,Associated Company,Primary Associated Company ID,Salesforce Contact ID",
        ("5", "Jane", "Doe", "jane@acme.com", "+49 (30) 123-4567", "https://www.linkedin.com/in/Jane-Doe/?x=1",
         "https://twitter.com/JaneD", "https://chaos.example/@Jane", "Organic Social", "2024-03-01", "Acme", "77",
         "0016000000QtXyZAAV"),
        ("6", "Bob", "", "bob@acme.com", "030 123", "loves to ski", "not a handle!", "", "", "", "", "", ""),
    )  # fmt: skip
    tables = loaded(hubspot_export.SOURCE, "contacts", found)
    assert carried(tables) == {
        ("hubspot/contact:5", "email:jane@acme.com"), ("hubspot/contact:6", "email:bob@acme.com"),
        ("hubspot/contact:5", "phone:+49301234567"), ("hubspot/contact:5", "linkedin:jane-doe"),
        ("hubspot/contact:5", "x:janed"), ("hubspot/contact:5", "mastodon:jane@chaos.example"),
        ("hubspot/contact:5", "salesforce/contact:0016000000QtXyZ"),
    }  # fmt: skip
    assert tables["people"][0]["account"] == "hubspot/company:77"
    assert [(r["id"], r["channel_group"]) for r in tables["leads"]] == [("5", "organic_social")]


def test_hubspot_export_companies_have_domains() -> None:
    found = sheet(
        "Record ID,Company name,Company Domain Name,Company owner",
        ("3", "Acme", "https://www.Acme.com/about", "Ann"),
        ("4", "None", "no domain", ""),
    )
    assert taken_for(found)[0] == "hubspot_export"
    tables = loaded(hubspot_export.SOURCE, "companies", found)
    assert carried(tables) == {("hubspot/company:3", "domain:acme.com")}
    assert [a.get("domain") for a in tables["accounts"]] == ["acme.com", None]


SALESFORCE_FOOTER = (
    (None,) * 8,
    ("Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved.",),
    ("Confidential Information - Do Not Distribute",),
    ("Generated By:  Ann Lee  5/13/2024 9:00 AM",),
)


def test_salesforce_opportunities_leave_the_footer_out_and_read_american_dates() -> None:
    found = sheet(
        "Opportunity Owner,Opportunity Name,Account Name,Stage,Amount,Amount Currency,Created Date,Close Date,Lead Source,Website",
        (
            "Ann Lee",
            "Big",
            "Acme",
            "Closed Won",
            "12,000.50",
            "USD",
            "1/5/2024",
            "2/13/2024",
            "Trade Show",
            "www.acme.com",
        ),
        ("Ann Lee", "Small", "Acme", "Proposal", "", "USD", "3/4/2024", "4/5/2024", "", ""),
        *SALESFORCE_FOOTER,
    )
    tables = loaded(salesforce_report.SOURCE, "opportunities", found, Locale())
    won, small = tables["opportunities"]
    assert won == {
        "id": "Big @ Acme", "name": "Big", "account": "company:acme", "owner": "Ann Lee", "created_at": at(2024, 1, 5),
        "closed_at": at(2024, 2, 13), "stage": "Closed Won", "outcome": "won", "amount": 12000.5, "currency": "USD",
        "source": "Trade Show", "channel_group": "event",
    }  # fmt: skip
    assert (small["outcome"], small["created_at"]) == ("open", at(2024, 3, 4))
    assert carried(tables) == {("company:acme", "domain:acme.com")}
    assert {r["id"] for r in tables["accounts"]} == {"company:acme"}


def test_salesforce_history_keeps_moves_only_and_joins_by_id() -> None:
    found = sheet(
        "Opportunity ID,Opportunity Name,From Stage,To Stage,Last Modified,Last Modified By",
        ("0061U00000AbCdE", "Big", "", "Proposal", "13/05/2024 09:00", "Ann"),
        ("0061U00000AbCdE", "Big", "Proposal", "Proposal", "14/05/2024 09:00", "Ann"),
        ("0061U00000AbCdE", "Big", "Proposal", "Closed Lost", "01/06/2024 09:00", "Ann"),
    )
    moves = loaded(salesforce_report.SOURCE, "opportunity history", found, Locale())["stage_changes"]
    assert [(m["object_id"], m["stage"], m.get("from_stage"), m["at"]) for m in moves] == [
        ("0061U00000AbCdE", "Proposal", None, at(2024, 5, 13, 9)),
        ("0061U00000AbCdE", "lost", "Proposal", at(2024, 6, 1, 9)),
    ]


def test_salesforce_field_history_reads_changes_of_the_stage_only() -> None:
    found = sheet(
        "Opportunity Name,Field / Event,Old Value,New Value,Edit Date,Edited By",
        ("Big", "Stage", "Proposal", "Closed Won", "5/13/2024 9:00 AM", "Ann"),
        ("Big", "Amount", "1", "2", "5/13/2024 9:00 AM", "Ann"),
    )
    moves = loaded(salesforce_report.SOURCE, "opportunity field history", found, Locale())["stage_changes"]
    assert [(m["stage"], m["at"]) for m in moves] == [("won", at(2024, 5, 13, 9))]


def test_salesforce_contact_roles_and_leads_name_people() -> None:
    roles = sheet(
        "Opportunity ID,Opportunity Name,Contact ID,Contact Role,First Name,Last Name,Email",
        ("0061U00000AbCdE", "Big", "0031U00000AbCdE", "Decision Maker", "Jane", "Doe", "jane@acme.com"),
    )
    tables = loaded(salesforce_report.SOURCE, "contact roles", roles)
    assert tables["opportunity_contacts"] == [
        {"opportunity": "0061U00000AbCdE", "person": "salesforce/contact:0031U00000AbCdE", "role": "Decision Maker"}
    ]
    assert carried(tables) == {("salesforce/contact:0031U00000AbCdE", "email:jane@acme.com")}
    report = sheet(
        "Lead Owner,First Name,Last Name,Company / Account,Email,Lead Source,Lead Status,Create Date,Converted Date",
        ("Ann", "Jane", "Doe", "Acme", "Jane@Acme.com", "LinkedIn", "Open", "1/31/2024", "2/1/2024"),
        ("Ann", "Bob", "Ray", "Beta", "bob@beta.com", "Web", "Open", "", ""),
    )
    tables = loaded(salesforce_report.SOURCE, "leads by owner", report, Locale())
    assert [(r["id"], r["channel_group"], r.get("refused_column")) for r in tables["leads"]] == [
        ("jane@acme.com", "organic_social", None), ("bob@beta.com", "site", "created_at"),
    ]  # fmt: skip
    assert [(r["object_id"], r["stage"]) for r in tables["stage_changes"]] == [("jane@acme.com", "converted")]


def test_mailchimp_activity_of_the_api_and_of_the_account_export() -> None:
    found = sheet(
        "email_address,action,timestamp,url,campaign_id",
        ("Jane@Acme.com", "sent", "2024-03-01T10:00:00+00:00", "", "c1"),
        ("Jane@Acme.com", "click", "2024-03-01T12:00:00+00:00", "https://acme.com/x", "c1"),
        ("Jane@Acme.com", "bounce", "2024-03-01T12:00:00+00:00", "", "c1"),
    )
    sent, clicked = loaded(mailchimp_activity.SOURCE, "activity", found)["interactions"]
    assert (sent["verb"], sent["target_actor"], sent["direction"]) == ("Send", "email:jane@acme.com", "outbound")
    assert (clicked["verb"], clicked["actor"], clicked["at"]) == ("gw:Click", "email:jane@acme.com", at(2024, 3, 1, 12))
    opened = sheet("Timestamp,Email", ("2024-03-01 10:00:00", "jane@acme.com"), file="opens/123_march-news.csv")
    (row,) = loaded(mailchimp_activity.SOURCE, "opens of one campaign", opened)["interactions"]
    assert (row["verb"], row["campaign"], row["at"]) == ("Read", "123", at(2024, 3, 1, 9))
    assert (
        layout_of(mailchimp_activity.SOURCE, "opens of one campaign").relations(sheet("Timestamp,Email,a,b"), BERLIN)
        == ()
    )


def test_mailchimp_members_join_leave_and_carry_their_hashed_id() -> None:
    found = sheet(
        "Email Address,First Name,Last Name,OPTIN_TIME,UNSUB_TIME",
        ("Jane@Acme.com", "Jane", "Doe", "2024-03-01 10:00:00", "2024-04-02 10:00:00"),
    )
    tables = loaded(mailchimp_activity.SOURCE, "audience", found)
    record = "mailchimp/member:" + duckdb.connect().sql("SELECT md5('jane@acme.com')").fetchall()[0][0]
    assert carried(tables) == {(record, "email:jane@acme.com")}
    assert [(r["verb"], r["at"]) for r in tables["interactions"]] == [
        ("Join", at(2024, 3, 1, 9)), ("Leave", at(2024, 4, 2, 8)),
    ]  # fmt: skip


def test_mailchimp_counts_without_times_are_no_touches() -> None:
    found = sheet("Email Address,First Name,Last Name,Opens,Clicks", ("jane@acme.com", "Jane", "Doe", "4", "1"))
    assert set(loaded(mailchimp_activity.SOURCE, "receivers of one campaign", found)) == {"people", "identifiers"}


def test_zendesk_tickets_know_when_the_first_reply_came_and_where_was_asked() -> None:
    found = sheet(
        "Id,Requester,Requester id,Requester email,Requester domain,Subject,Via,Created at,Solved at,Organization,Reopens,"
        "First reply time in minutes",
        ("1", "Jane", "900", "Jane@Acme.com", "acme.com", "Help", "Twitter DM", "2024-03-01 10:00", "2024-03-02 10:00",
         "Acme", "1", "90"),
        ("2", "Bob", "901", "bob@gmail.com", "gmail.com", "Help", "Mail", "2024-03-01 10:00", "", "Beta", "", "soon"),
    )  # fmt: skip
    tables = loaded(zendesk_tickets.SOURCE, "tickets", found)
    first, second = tables["tickets"]
    assert first["created_at"] == at(2024, 3, 1, 9)
    assert first["first_reply_at"] == at(2024, 3, 1, 10, 30)
    assert (first["reopens"], first["requester"], first["account"]) == (1, "zendesk/user:900", "company:acme")
    assert (second["refused_column"], second["refused_value"]) == ("first_reply_at", "soon")
    assert [(r["venue"], r["channel_group"]) for r in tables["interactions"]] == [
        ("x", "service"),
        ("service", "service"),
    ]
    assert ("company:acme", "domain:acme.com") in carried(tables)
    assert ("company:beta", "domain:gmail.com") not in carried(tables)


def test_harvest_hours_have_a_venue_a_kind_and_a_cost_but_never_a_price() -> None:
    found = sheet(
        "Date,Client,Project,Task,Notes,Hours,First Name,Last Name,Roles,Billable Rate,Cost Rate,Currency",
        ("2024-03-01", "Internal", "Social", "LinkedIn posts", "wrote two", "1,5", "Ann", "Lee", "Marketing", "150", "60",
         "US Dollar - USD"),
        ("2024-03-01", "Internal", "Social", "Meeting", "LinkedIn and Facebook", "2", "Ann", "Lee", "Marketing", "150", "0",
         "US Dollar - USD"),
        ("Total", "", "", "", "", "3,5", "", "", "", "", "", ""),
    )  # fmt: skip
    posts, meeting = loaded(timesheets.SOURCE, "Harvest detailed time", found)["effort"]
    assert posts == {
        "on_date": dt.date(2024, 3, 1), "person": "Ann Lee", "team": "Marketing", "venue": "linkedin", "kind": "create",
        "hours": 1.5, "hourly_cost": 60.0, "currency": "USD", "description": "wrote two",
    }  # fmt: skip
    assert (meeting["kind"], meeting.get("venue"), meeting.get("hourly_cost")) == ("coordinate", None, None)


def test_toggl_and_clockify_durations_are_clocks() -> None:
    toggl = sheet(
        "User,Email,Project,Description,Start date,Start time,End date,End time,Duration,Tags",
        ("Ann", "ann@us.com", "Community", "answered questions", "2024-03-01", "09:00:00", "2024-03-01", "11:30:00",
         "02:30:00", "twitter"),
    )  # fmt: skip
    clockify = sheet(
        "Project,Description,User,Start Date,Duration (h),Cost Rate (USD),Tags",
        ("YouTube", "cut the video", "Ann", "03/25/2024", "26:15:00", "40.00", ""),
    )
    (one,) = loaded(timesheets.SOURCE, "Toggl Track detailed report", toggl)["effort"]
    (two,) = loaded(timesheets.SOURCE, "Clockify detailed report", clockify)["effort"]
    assert (one["hours"], one["venue"], one["kind"]) == (2.5, "x", "converse")
    assert (two["hours"], two["venue"], two["kind"], two["on_date"]) == (
        26.25,
        "youtube",
        "create",
        dt.date(2024, 3, 25),
    )
    assert (two["hourly_cost"], two["currency"]) == (40.0, "USD")


# --- what a sheet says about itself ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (("3/5/2024", "4/6/2024"), "%m/%d/%Y"),
        (("3/5/2024", "13/6/2024"), "%d/%m/%Y"),
        (("3/5/24", "3/25/24"), "%m/%d/%y"),
        (("03.05.2024 10:00",), "%d.%m.%Y"),
        (("5-25-2024",), "%m-%d-%Y"),
        (("2024-05-03", ""), None),
    ],
)
def test_one_sheet_has_one_order_of_dates(dates: tuple[str, ...], first: str | None) -> None:
    formats = order_of(sheet("When,Other", *((d, "13/13/2024") for d in dates)), "When")
    assert (formats[0] if formats else None) == first


@pytest.mark.parametrize(
    ("figures", "mark"),
    [(("1,5",), ","), (("1.234,50",), ","), (("1,234",), "."), (("12,000.50", "7"), "."), (("0,125",), ",")],
)
def test_one_sheet_has_one_decimal_mark(figures: tuple[str, ...], mark: str) -> None:
    assert decimal_of(sheet("Hours", *((f,) for f in figures)), "Hours") == mark


@given(st.text(alphabet="ABCabc012", min_size=15, max_size=15))
@settings(max_examples=30, deadline=None)
def test_both_forms_of_a_salesforce_id_name_one_record(short: str) -> None:
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    bits = [int("".join("01"[c.isupper()] for c in reversed(short[i : i + 5])), 2) for i in (0, 5, 10)]
    long = short + "".join(signs[b] for b in bits)
    said = [duckdb.sql("SELECT " + records.salesforce_id(literal(i))).fetchall()[0][0] for i in (short, long)]
    assert said == [short, short]
