"""HubSpot's CRM as a warehouse connector pulls it: contacts, companies, deals, stages, links, owners, tickets.

One CSV is one table. Links between records stand in tables of their own; here each becomes a row of
``opportunity_contacts``, which is where links live: a deal's contact plainly, a deal's company as the node
``hubspot/company:..`` with the role ``company``, and the links of tickets and engagements under the "opportunity"
``hubspot/ticket:..`` or ``hubspot/engagement:..``, ids that no deal has. The models join them.
"""

from __future__ import annotations

from goodwill.exports import Cell, Locale, Relation, Sheet
from goodwill.registry import Layout, Source
from goodwill.sources import records
from goodwill.sources.cells import constant, moment, node, number, shown, sql, text, truth
from goodwill.sources.channels import hubspot_channel
from goodwill.sources.consent import wishes

#: Lifecycle stages in which a contact is a lead or more, and the property that says since when.
LIFECYCLE = {
    "marketing qualified": "property_hs_lifecyclestage_marketingqualifiedlead_date",
    "sales qualified": "property_hs_lifecyclestage_salesqualifiedlead_date",
    "opportunity": "property_hs_lifecyclestage_opportunity_date",
    "customer": "property_hs_lifecyclestage_customer_date",
}
LEAD_DATE = "property_hs_lifecyclestage_lead_date"

#: The stages of HubSpot's own sales pipeline that are not decided; a pipeline of one's own has numbers.
OPEN_STAGES = (
    "'appointmentscheduled', 'qualifiedtobuy', 'presentationscheduled', 'decisionmakerboughtin', 'contractsent'"
)


def contacts(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """People, their identifiers, the ids merged into them, and the leads among them."""
    record = node(sheet, "hubspot/contact", "id")
    exists = _exists(sheet)
    merged = sql(f"'hubspot/contact:' || trim(unnest(string_split({shown(sheet, MERGED)}, ';')))", column=MERGED)
    people = {
        "id": record,
        "name": records.full_name(sheet, ("property_firstname",), ("property_lastname",)),
        "email": text(sheet, "property_email"),
        "phone": text(sheet, "property_phone", "property_mobilephone"),
        "title": text(sheet, "property_jobtitle"),
        "account": _company(sheet),
        "company": text(sheet, "property_company"),
        "created_at": moment(sheet, "property_createdate", "property_created_at"),
        "owner": text(sheet, "property_hubspot_owner_id"),
        "lifecycle": text(sheet, "property_lifecyclestage"),
        "source": text(sheet, ORIGIN),
        "channel_group": _channel(sheet),
        "country": text(sheet, "property_country"),
        **wishes(sheet),
    }
    relations = [
        Relation("people", people, where=exists),
        *records.emails(sheet, record, "property_email", "property_work_email"),
        *records.phones(sheet, record, "property_phone", "property_mobilephone"),
        *records.profiles(sheet, record),
        *_salesforce(sheet, record),
    ]
    if sheet.column(MERGED):
        same = records.same(record, "crm_id", merged)
        relations.append(Relation(same.table, same.columns, where=f"{shown(sheet, MERGED)} IS NOT NULL"))
    kept = [relations[0], *(Relation(r.table, r.columns, f"{exists} AND {r.where}") for r in relations[1:])]
    return (*kept, *_leads(sheet, record))


MERGED = "property_hs_merged_object_ids"
ORIGIN = "property_hs_analytics_source"


def _salesforce(sheet: Sheet, record: Cell) -> tuple[Relation, ...]:
    kinds = {"contact": "property_salesforcecontactid", "lead": "property_salesforceleadid"}
    return tuple(
        records.same(record, "crm_id", records.salesforce(sheet, kind, column))
        for kind, column in kinds.items()
        if sheet.column(column)
    )


def _company(sheet: Sheet) -> Cell:
    by_id = node(sheet, "hubspot/company", "property_associatedcompanyid")
    return records.first_known(by_id, records.company(sheet, "property_company"))


def _channel(sheet: Sheet) -> Cell:
    return sql(hubspot_channel(shown(sheet, ORIGIN)), column=sheet.column(ORIGIN))


def _leads(sheet: Sheet, record: Cell) -> tuple[Relation, ...]:
    """Contacts that became leads, and the later stages they reached; nothing where the dates were not pulled."""
    stages = tuple(
        Relation(
            "stage_changes",
            {"object_kind": constant("lead"), "object_id": text(sheet, "id"), "at": moment(sheet, column),
             "stage": constant(stage)},
            where=f"{_exists(sheet)} AND {shown(sheet, column)} IS NOT NULL",
        )
        for stage, column in LIFECYCLE.items()
        if sheet.column(column)
    )  # fmt: skip
    if sheet.column(LEAD_DATE) is None:
        return stages
    lead = {
        "id": text(sheet, "id"),
        "created_at": moment(sheet, LEAD_DATE),
        "person": record,
        "account": _company(sheet),
        "source": text(sheet, ORIGIN),
        "channel_group": _channel(sheet),
        "landing_page": text(sheet, "property_hs_analytics_first_url"),
        "owner": text(sheet, "property_hubspot_owner_id"),
        "status": text(sheet, "property_hs_lead_status", "property_lifecyclestage"),
    }
    return (Relation("leads", lead, where=f"{_exists(sheet)} AND {shown(sheet, LEAD_DATE)} IS NOT NULL"), *stages)


def companies(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Accounts with their domains."""
    record = node(sheet, "hubspot/company", "id")
    account = {
        "id": record,
        "name": text(sheet, "property_name"),
        "domain": records.domain(sheet, "property_domain", "property_website"),
        "industry": text(sheet, "property_industry"),
        "employees": number(sheet, "property_numberofemployees"),
        "country": text(sheet, "property_country"),
        "created_at": moment(sheet, "property_createdate"),
        "owner": text(sheet, "property_hubspot_owner_id"),
        "lifecycle": text(sheet, "property_lifecyclestage"),
    }
    carried = [
        *records.domains(sheet, record, "property_domain", "property_website"),
        *records.profiles(sheet, record),
    ]
    if sheet.column("property_salesforceaccountid"):
        known = records.salesforce(sheet, "account", "property_salesforceaccountid")
        carried.append(records.same(record, "crm_id", known))
    exists = _exists(sheet)
    identifiers = (Relation(r.table, r.columns, f"{exists} AND {r.where}") for r in carried)
    return (Relation("accounts", account, where=exists), *identifiers)


def deals(sheet: Sheet, locale: Locale) -> tuple[Relation, ...]:
    """Opportunities; whether they were won stands here only if the row itself tells."""
    deal = {
        "id": text(sheet, "deal_id"),
        "name": text(sheet, "property_dealname"),
        "owner": text(sheet, "owner_id", "property_hubspot_owner_id"),
        "created_at": moment(sheet, "property_createdate"),
        "closed_at": moment(sheet, "property_closedate"),
        "stage": text(sheet, "deal_pipeline_stage_id", "property_dealstage"),
        "outcome": _outcome(sheet),
        "amount": number(sheet, "property_amount"),
        "currency": sql(f"COALESCE({shown(sheet, 'property_deal_currency_code')}, {constant(locale.currency).value})"),
        "type": records.deal_type(sheet, "property_dealtype"),
        "source": text(sheet, ORIGIN),
        "channel_group": _channel(sheet),
        "loss_reason": text(sheet, "property_closed_lost_reason"),
    }
    return (Relation("opportunities", deal, where=_exists(sheet)),)


def _outcome(sheet: Sheet) -> Cell:
    stage = shown(sheet, "deal_pipeline_stage_id", "property_dealstage")
    won, lost = truth(sheet, "property_hs_is_closed_won"), truth(sheet, "property_hs_is_closed_lost")
    closed = truth(sheet, "property_hs_is_closed")
    return sql(
        f"CASE WHEN {won.value} THEN 'won' WHEN {lost.value} THEN 'lost'"
        f" WHEN {closed.value} AND NOT {won.value} THEN 'lost' WHEN NOT {closed.value} THEN 'open'"
        f" WHEN lower({stage}) IN ({OPEN_STAGES}) THEN 'open' ELSE {records.decided(stage)} END"
    )


def deal_stages(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Every move of a deal; the stage is the pipeline's own id unless its name says won or lost."""
    stage = shown(sheet, "value")
    move = {
        "object_kind": constant("opportunity"),
        "object_id": text(sheet, "deal_id"),
        "at": moment(sheet, "date_entered"),
        "stage": sql(f"COALESCE({records.decided(stage)}, {stage})", column="value"),
        "by": text(sheet, "source_id"),
    }
    return (Relation("stage_changes", move),)


def _links(one: str, other: str) -> Layout:
    """The layout of a table that links deals, tickets or engagements with contacts or companies."""

    def relations(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
        opportunity = text(sheet, "deal_id") if one == "deal" else node(sheet, f"hubspot/{one}", f"{one}_id")
        link = {"opportunity": opportunity, "person": node(sheet, f"hubspot/{other}", f"{other}_id")}
        role = constant("company") if other == "company" else text(sheet, "label")
        return (Relation("opportunity_contacts", {**link, "role": role}),)

    return Layout(f"{one} {other} links", (f"{one}_id", f"{other}_id"), relations, knows=("type_id", "category", "_*"))


def owners(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """The company's own people who use HubSpot."""
    record = node(sheet, "hubspot/owner", "owner_id")
    person = {
        "id": record,
        "name": records.full_name(sheet, ("first_name",), ("last_name",)),
        "email": text(sheet, "email"),
        "created_at": moment(sheet, "created_at"),
        "is_employee": sql("TRUE"),
    }
    return (Relation("people", person), *records.emails(sheet, record, "email"))


def tickets(sheet: Sheet, _: Locale) -> tuple[Relation, ...]:
    """Requests; who asked stands in the table of ticket contacts."""
    opened = moment(sheet, "property_createdate")
    ticket = {
        "id": text(sheet, "id"),
        "created_at": opened,
        "via": text(sheet, "property_source_type"),
        "status": text(sheet, "property_hs_pipeline_stage"),
        "subject": text(sheet, "property_subject"),
        "priority": text(sheet, "property_hs_ticket_priority"),
        "first_reply_at": moment(sheet, "property_first_agent_reply_date"),
        "solved_at": moment(sheet, "property_closed_date"),
        "assignee": text(sheet, "property_hubspot_owner_id"),
    }
    asked = {
        "id": text(sheet, "id"),
        "at": opened,
        "verb": constant("gw:TicketOpened"),
        "object": node(sheet, "hubspot/ticket", "id"),
        "venue": constant("service"),
        "channel_group": constant("service"),
        "direction": constant("inbound"),
    }
    exists = _exists(sheet)
    return (Relation("tickets", ticket, where=exists), Relation("interactions", asked, where=exists))


def _exists(sheet: Sheet) -> str:
    """SQL: is the record still in HubSpot? Deleted and merged-away ones stay in the warehouse, marked."""
    marks = ("is_deleted", "_fivetran_deleted", "is_contact_deleted", "is_deal_deleted")
    return f"NOT COALESCE({truth(sheet, *marks).value}, FALSE)"


def unused(_: Sheet, __: Locale) -> tuple[Relation, ...]:
    """Nothing: the table is known and has no place among the canonical ones."""
    return ()


SOURCE = Source(
    name="hubspot_api",
    title="HubSpot CRM tables (warehouse connector)",
    layouts=(
        Layout("contacts", ("id", "property_email"), contacts, knows=("property_*", "_fivetran_*", "is_deleted")),
        Layout("companies", ("id", "property_name"), companies, knows=("property_*", "_fivetran_*", "is_deleted")),
        Layout("deals", ("deal_id", "property_dealname"), deals,
               knows=("property_*", "_fivetran_*", "is_deleted", "deal_pipeline_id", "portal_id")),
        Layout("deal stage history", ("deal_id", "date_entered", "value"), deal_stages,
               knows=("_fivetran_*", "source", "source_id")),
        *(_links(one, other) for one in ("deal", "ticket", "engagement") for other in ("contact", "company")),
        Layout("owners", ("owner_id", "email", "first_name"), owners,
               knows=("_fivetran_*", "last_name", "type", "portal_id", "active_user_id", "updated_at")),
        Layout("tickets", ("id", "property_subject", "property_hs_pipeline_stage"), tickets,
               knows=("property_*", "_fivetran_*", "is_deleted")),
        Layout("pipeline stages", ("stage_id", "pipeline_id", "label"), unused, knows=("*",),
               ignores="stages are declared under [stages] in goodwill.toml"),
        Layout("pipelines", ("pipeline_id", "label", "display_order"), unused, knows=("*",),
               ignores="a pipeline's name bears on no question"),
    ),
    answers="who is in the CRM since when, which deals were open when, won or lost, and who took part in them",
    how_to_get=(
        "Export the connector's tables (contact, company, deal, deal_stage, deal_contact, deal_company, ticket, "
        "ticket_contact, owner) from the warehouse as CSV with a header row."
    ),
    caveats=(
        "Pipelines of one's own name their stages by number: a deal's outcome is known only from closedwon, "
        "closedlost or hs_is_closed_won; otherwise say in goodwill.toml under [stages] which stage means won and "
        "which lost. Records marked as deleted are left out. Times are UTC."
    ),
    evidence="Fivetran's HubSpot schema and its public test seeds",
)  # fmt: skip
