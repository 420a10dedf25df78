"""CRM, e-mail, service and time sources: golden rows for each layout."""

from __future__ import annotations

import datetime as dt

import pytest

from crm_sheets import BERLIN, ENGINE, at, carried, layout_of, loaded, sheet, taken_for
from goodwill.exports import Locale
from goodwill.sources import (
    hubspot_api,
    hubspot_api_email,
    hubspot_export,
    mailchimp_activity,
    salesforce_report,
    timesheets,
    zendesk_tickets,
)

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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_salesforce_opportunities_leave_the_footer_out_and_read_american_dates() -> None:
    found = sheet(
        "Opportunity Owner,Opportunity Name,Account Name,Stage,Amount,Amount Currency,Created Date,Close Date,"
        "Lead Source,Website",
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


@pytest.mark.slow
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


@pytest.mark.slow
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
    record = "mailchimp/member:" + ENGINE.sql("SELECT md5('jane@acme.com')").fetchall()[0][0]
    assert carried(tables) == {(record, "email:jane@acme.com")}
    assert [(r["verb"], r["at"]) for r in tables["interactions"]] == [
        ("Join", at(2024, 3, 1, 9)), ("Leave", at(2024, 4, 2, 8)),
    ]  # fmt: skip


def test_mailchimp_counts_without_times_are_no_touches() -> None:
    found = sheet("Email Address,First Name,Last Name,Opens,Clicks", ("jane@acme.com", "Jane", "Doe", "4", "1"))
    assert set(loaded(mailchimp_activity.SOURCE, "receivers of one campaign", found)) == {"people", "identifiers"}


@pytest.mark.slow
def test_zendesk_tickets_know_when_the_first_reply_came_and_where_was_asked() -> None:
    found = sheet(
        "Id,Requester,Requester id,Requester email,Requester domain,Subject,Via,Created at,Solved at,Organization,"
        "Reopens,First reply time in minutes",
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


@pytest.mark.slow
def test_harvest_hours_have_a_venue_a_kind_and_a_cost_but_never_a_price() -> None:
    found = sheet(
        "Date,Client,Project,Task,Notes,Hours,First Name,Last Name,Roles,Billable Rate,Cost Rate,Currency",
        ("2024-03-01", "Internal", "Social", "LinkedIn posts", "wrote two", "1,5", "Ann", "Lee", "Marketing", "150",
         "60", "US Dollar - USD"),
        ("2024-03-01", "Internal", "Social", "Meeting", "LinkedIn and Facebook", "2", "Ann", "Lee", "Marketing", "150",
         "0", "US Dollar - USD"),
        ("Total", "", "", "", "", "3,5", "", "", "", "", "", ""),
    )  # fmt: skip
    posts, meeting = loaded(timesheets.SOURCE, "Harvest detailed time", found)["effort"]
    assert posts == {
        "on_date": dt.date(2024, 3, 1), "person": "Ann Lee", "team": "Marketing", "venue": "linkedin", "kind": "create",
        "hours": 1.5, "hourly_cost": 60.0, "currency": "USD", "description": "wrote two",
    }  # fmt: skip
    assert (meeting["kind"], meeting.get("venue"), meeting.get("hourly_cost")) == ("coordinate", None, None)
