"""HubSpot's e-mail, forms and meetings as a warehouse connector pulls them: what people did, event by event."""

from __future__ import annotations

from goodwill.exports import Locale, Relation, Sheet, literal
from goodwill.registry import Layout, Source
from goodwill.sources import records
from goodwill.sources.cells import constant, moment, node, shown, sql, text, truth

#: What an event means. PROCESSED and SENT come before DELIVERED and would count one mail twice; BOUNCE, DEFERRED and
#: DROPPED reached nobody; PRINT and STATUSCHANGE do not say what the receiver wanted.
VERBS = {
    "DELIVERED": "Send",
    "OPEN": "Read",
    "CLICK": "gw:Click",
    "FORWARD": "Announce",
    "SPAMREPORT": "Flag",
}


def email_events(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Deliveries (to the receiver) and what receivers did; events of machines, which HubSpot marks, are left out."""
    kind = f"upper({shown(sheet, 'type')})"
    receiver = records.email(sheet, "recipient").value
    verb = " ".join(f"WHEN {literal(event)} THEN {literal(verb)}" for event, verb in VERBS.items())
    event = {
        "id": text(sheet, "id"),
        "at": moment(sheet, "created"),
        "verb": sql(f"CASE {kind} {verb} END", column="type"),
        "actor": sql(f"CASE WHEN {kind} <> 'DELIVERED' THEN {receiver} END", column="recipient"),
        "target_actor": sql(f"CASE WHEN {kind} = 'DELIVERED' THEN {receiver} END", column="recipient"),
        "object": text(sheet, "email_campaign_id"),
        "venue": constant("email"),
        "channel_group": constant("email"),
        "direction": sql(f"CASE WHEN {kind} = 'DELIVERED' THEN 'outbound' ELSE 'inbound' END"),
        "campaign": text(sheet, "email_campaign_id"),
        "team": sql(f"CASE WHEN {kind} = 'DELIVERED' THEN 'marketing' END"),
    }
    of_people = f"NOT COALESCE({truth(sheet, 'filtered_event').value}, FALSE)"
    known = ", ".join(map(literal, VERBS))
    return (Relation("interactions", event, where=f"COALESCE({kind} IN ({known}), FALSE) AND {of_people}"),)


def email_campaigns(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """E-mail campaigns; when they ran is told by their events."""
    campaign = {
        "id": text(sheet, "id"),
        "name": sql(f"COALESCE({shown(sheet, 'name')}, {shown(sheet, 'subject')})"),
        "venue": constant("email"),
        "channel_group": constant("email"),
    }
    return (Relation("campaigns", campaign),)


def form_submissions(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Forms that contacts sent."""
    sent = {
        "id": text(sheet, "conversion_id"),
        "at": moment(sheet, "timestamp"),
        "verb": constant("gw:FormSubmit"),
        "actor": node(sheet, "hubspot/contact", "contact_id"),
        "object": text(sheet, "form_id"),
        "venue": constant("site"),
        "channel_group": constant("site"),
        "direction": constant("inbound"),
        "campaign": text(sheet, "title"),
        "url": text(sheet, "page_url"),
    }
    return (Relation("interactions", sent),)


def meetings(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Meetings that were not called off; who came stands in the table of engagement contacts."""
    outcome = f"upper({shown(sheet, 'meeting_outcome', 'property_hs_meeting_outcome')})"
    meeting = {
        "id": text(sheet, "engagement_id"),
        "at": moment(sheet, "start_time", "property_hs_meeting_start_time", "property_hs_timestamp"),
        "verb": constant("gw:MeetingBooked"),
        "object": node(sheet, "hubspot/engagement", "engagement_id"),
        "venue": constant("crm"),
        "channel_group": constant("sales"),
        "direction": constant("outbound"),
        "team": constant("sales"),
    }
    took_place = f"COALESCE({outcome} NOT IN ('CANCELED', 'CANCELLED', 'NO_SHOW', 'NO SHOW'), TRUE)"
    return (Relation("interactions", meeting, where=took_place),)


SOURCE = Source(
    name="hubspot_api_email",
    title="HubSpot e-mail events, forms and meetings (warehouse connector)",
    layouts=(
        Layout("e-mail events", ("id", "type", "created", "recipient", "email_campaign_id"), email_events,
               knows=("_fivetran_*", "app_id", "caused_by_*", "obsoleted_by_*", "sent_by_*", "portal_id",
                      "filtered_event")),
        Layout("e-mail campaigns", ("id", "app_id", "content_id", "subject"), email_campaigns,
               knows=("_fivetran_*", "num_*", "type", "sub_type", "app_name", "name")),
        Layout("form submissions", ("form_id", "contact_id", "timestamp"), form_submissions,
               knows=("_fivetran_*", "conversion_id", "page_*", "portal_id", "title")),
        Layout("meetings", ("engagement_id", "start_time"), meetings,
               knows=("_fivetran_*", "created_from_link_id", "end_time", "pre_meeting_*", "source", "source_id",
                      "web_conference_*", "meeting_outcome", "body", "external_url", "title")),
        Layout("meetings, newer", ("engagement_id", "property_hs_meeting_start_time"), meetings,
               knows=("_fivetran_*", "property_*", "type")),
    ),
    answers="whether marketing e-mail, forms and meetings moved people, beside or because of social media",
    how_to_get=(
        "Export the connector's tables email_event, email_campaign, contact_form_submission and engagement_meeting "
        "from the warehouse as CSV with a header row."
    ),
    caveats=(
        "An open may be a mail program loading pictures (Apple Mail does so for everybody): treat opens as weak. "
        "Events that HubSpot marks as filtered (machines, own staff) are left out, as are bounces. The links clicked "
        "stand in another table that is not read. Meetings carry no guest until engagement_contact is loaded."
    ),
    evidence="Fivetran's HubSpot schema and its public test seeds; HubSpot, \"Email Events API\"",
)  # fmt: skip
